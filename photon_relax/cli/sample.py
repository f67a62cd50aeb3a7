"""``photon-relax sample``: text that a trained network writes, on its own hardware and on worse."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from photon_relax.cli.options import (
    DataDirectory,
    Fidelities,
    HardwareChanges,
    HardwareFiles,
    Json,
    Run,
    fidelities_of,
)
from photon_relax.config import hardware_changes

__all__ = ["sample"]


def sample(
    run: Run,
    prompt: Annotated[
        str,
        typer.Option(
            "--prompt",
            metavar="TEXT",
            help="Text to continue; - reads it from standard input; left out, a paragraph begins.",
            show_default=False,
        ),
    ] = "",
    length: Annotated[
        int, typer.Option("--length", metavar="COUNT", help="Characters to write.")
    ] = 500,
    count: Annotated[
        int, typer.Option("--count", metavar="COUNT", help="Texts to write, side by side.")
    ] = 1,
    temperature: Annotated[
        float,
        typer.Option(
            "--temperature",
            metavar="T",
            help="Draw from softmax(logits/T): below 1 more careful, 0 the likeliest character.",
        ),
    ] = 1.0,
    top_k: Annotated[
        int | None,
        typer.Option("--top-k", metavar="K", help="Draw from the K likeliest characters alone."),
    ] = None,
    seed: Annotated[
        int,
        typer.Option("--seed", metavar="NUMBER", help="Seed of the draws and of the noise."),
    ] = 0,
    fidelity: Fidelities = None,
    hardware: HardwareFiles = None,
    assignments: HardwareChanges = None,
    data_dir: DataDirectory = None,
    as_json: Json = False,
) -> None:
    """Let a network that was trained on characters write on from a prompt.

    It sees as many characters as its window holds; before a prompt that is
    shorter stands a paragraph of the text it was trained on. With other
    fidelities or hardware, each writes after the trained one, with the same
    draws: the texts part where the hardware changes what is drawn.
    """
    changes = hardware_changes(assignments or [])

    from photon_relax.cli.sampling_session import SamplingSession

    session = SamplingSession(
        run=run,
        prompt=sys.stdin.read() if prompt == "-" else prompt,
        length=length,
        count=count,
        temperature=temperature,
        top_k=top_k,
        seed=seed,
        fidelities=fidelities_of(fidelity),
        hardware_files=hardware or [],
        changes=changes,
        data_dir=data_dir,
        as_json=as_json,
    )
    session.execute()
