"""``photon-relax budget``: what a machine needs, how well it hears, and whether its times fit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photon_relax.cli.options import Json

__all__ = ["BUDGET_EPILOG", "budget"]

BUDGET_EPILOG = (
    "Keys for --set:\n"
    "  width, weight_sets, repetitions, bank, machine: the network, where RUN is none "
    "(N = 64, L_W = L_T = 4)\n"
    "  inputs, outputs: sizes of the digital layers, where RUN is none (not counted)\n"
    "  hardware.DEVICE.FIELD: a value of the hardware, such as hardware.slot_duration=2e-9\n"
    "  assume.NAME: a number that no device says, such as assume.laser_efficiency=0.2 (--json "
    "lists them)"
)


def budget(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="RUN|HARDWARE",
            help="Folder of a run, a TOML file of hardware, or a name of the hardware library.",
        ),
    ],
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change the design, the hardware or an assumption; may be given again.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder for budget.png and networks.png; by default that of the run, if it is "
            "one.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the budget of a trained network's machine, or of hardware alone.

    Light along the link, noise and effective bits, latency and throughput,
    power, energy and area by component, and what does not fit together. What
    no device says is assumed, and marked so. networks.png places the design
    among published networks.
    """
    from photon_relax.cli.budget_session import BudgetSession

    session = BudgetSession(
        subject=subject, assignments=assignments or [], out=out, as_json=as_json
    )
    session.execute()
