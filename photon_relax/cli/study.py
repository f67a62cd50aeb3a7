"""``photon-relax study``: measure a network over the parameters of its devices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from photon_relax.cli.options import (
    DataDirectory,
    HardwareChanges,
    Json,
    Run,
    Scheduler,
    Split,
    Workers,
)
from photon_relax.config import hardware_changes

__all__ = ["study"]

study = typer.Typer(help="Measure over the parameters of devices, network and training.")

_Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the study.")]
_File = Annotated[Path, typer.Argument(metavar="FILE", help="TOML file of the study.")]
_Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Folder of the study; by default the next free number, studies/FILE-001 and so on.",
    ),
]


@study.command()
def run(
    file: _File,
    out: _Out = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    data_dir: DataDirectory = None,
    as_json: Json = False,
) -> None:
    """Do the study of a file.

    The folder receives study.json (what was asked), journal.jsonl (a line a
    point, as they come), results.h5 and response.png. Ctrl-C, or a crash of
    any part, loses at most the points in flight; study resume goes on.
    """
    from photon_relax.cli.study_session import StudySession

    StudySession(workers=workers, scheduler=scheduler, as_json=as_json).run(file, out, data_dir)


@study.command()
def solve(
    file: _File,
    out: _Out = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    data_dir: DataDirectory = None,
    as_json: Json = False,
) -> None:
    """Search the loosest value of a parameter that is still good enough.

    The file is that of a study with one parameter, its range, and a table
    [solve] that says what is enough: within = 0.01 (of the best end),
    at_least = 0.95 or at_most = 0.3.
    """
    from photon_relax.cli.study_session import StudySession

    StudySession(workers=workers, scheduler=scheduler, as_json=as_json).solve(file, out, data_dir)


@study.command()
def resume(
    folder: _Folder,
    retry_failed: Annotated[
        bool,
        typer.Option("--retry-failed", metavar="", help="Measure those again that failed."),
    ] = False,
    workers: Workers = None,
    scheduler: Scheduler = None,
    as_json: Json = False,
) -> None:
    """Go on with a study: what is measured is not measured again."""
    from photon_relax.cli.study_session import StudySession

    session = StudySession(workers=workers, scheduler=scheduler, as_json=as_json)
    session.resume(folder, retry_failed=retry_failed)


@study.command()
def status(folder: _Folder, as_json: Json = False) -> None:
    """Show how far a study is, also while it goes on, and what went wrong."""
    from photon_relax.cli.study_status import show_status

    show_status(folder, as_json=as_json)


@study.command()
def gradient(
    run: Run,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            metavar="hardware.KEY",
            help="Number of the hardware to differentiate by; may be given again; by default all.",
        ),
    ] = None,
    fidelity: Annotated[
        Literal["slot", "waveform"] | None,
        typer.Option("--fidelity", help="Depth of physics; by default that of the training."),
    ] = None,
    assignments: HardwareChanges = None,
    split: Split = None,
    data_dir: DataDirectory = None,
    as_json: Json = False,
) -> None:
    """Rank the numbers of the hardware by what they do to the loss.

    One backward pass through the loop gives the derivative by all of them.
    gradient.png in the run folder shows the strongest as a tornado chart.
    """
    changes = hardware_changes(assignments or [])

    from photon_relax.cli.gradient_session import GradientSession

    session = GradientSession(
        run=run,
        by=by or [],
        fidelity=fidelity,
        changes=changes,
        split=split,
        data_dir=data_dir,
        as_json=as_json,
    )
    session.execute()
