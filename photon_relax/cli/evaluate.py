"""``photon-relax evaluate``: how a trained network bears deeper physics and worse hardware."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer

from photon_relax.cli.options import DataDirectory, Json, Run, Split
from photon_relax.config import FidelityName, hardware_changes

__all__ = ["evaluate"]

# A list of literals is beyond typer, so the names are checked here.
_FIDELITIES: dict[str, FidelityName] = {name: name for name in get_args(FidelityName)}


def _known_fidelities(names: list[str] | None) -> list[str] | None:
    for name in names or []:
        if name not in _FIDELITIES:
            known = ", ".join(repr(known) for known in _FIDELITIES)
            raise typer.BadParameter(f"{name!r} is not one of {known}.")
    return names


def evaluate(
    run: Run,
    fidelity: Annotated[
        list[str] | None,
        typer.Option(
            "--fidelity",
            metavar=f"[{'|'.join(_FIDELITIES)}]",
            callback=_known_fidelities,
            help="Depth of physics to try; may be given again.",
        ),
    ] = None,
    hardware: Annotated[
        list[Path] | None,
        typer.Option(
            "--hardware", metavar="FILE", help="TOML file of hardware to try; may be given again."
        ),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="hardware.KEY=VALUE",
            help="Change the hardware, such as hardware.switch.isolation_db=10; several changes "
            "are made together.",
        ),
    ] = None,
    split: Split = None,
    data_dir: DataDirectory = None,
    as_json: Json = False,
) -> None:
    """Evaluate a trained network under other conditions than it was trained under.

    Every fidelity meets every hardware, the trained ones among them.
    The table shows loss and accuracy and their change against the training
    conditions, with 95 % intervals; evaluation.png in the run folder shows
    them as bars.
    """
    changes = hardware_changes(assignments or [])

    from photon_relax.cli.evaluation_session import EvaluationSession

    session = EvaluationSession(
        run=run,
        fidelities=[_FIDELITIES[name] for name in fidelity or []],
        hardware_files=hardware or [],
        changes=changes,
        split=split,
        data_dir=data_dir,
        as_json=as_json,
    )
    session.execute()
