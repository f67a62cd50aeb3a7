"""``photon-relax reproduce``: the experiments of the ReLaX-Net paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from photon_relax.cli.options import DataDirectory, Json, Scheduler, Workers

__all__ = ["REPRODUCE_EPILOG", "reproduce"]


def _epilog() -> str:
    from photon_relax.experiments.catalogue import experiment_summaries

    listed = "\n".join(f"  {name}: {told}" for name, told in experiment_summaries().items())
    return f"\b\nThe experiments:\n{listed}"


REPRODUCE_EPILOG = _epilog()


def reproduce(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="The experiment; without one, they are listed."),
    ] = None,
    scale: Annotated[
        Literal["smoke", "subset", "full"],
        typer.Option(
            "--scale",
            help="smoke: does it run, in seconds; subset: the data at hand, in minutes; full: the "
            "whole of SVHN, in hours.",
        ),
    ] = "subset",
    seeds: Annotated[
        int | None,
        typer.Option(
            "--seeds",
            metavar="COUNT",
            min=1,
            max=1000,
            help="Times each network is trained; by default 5, at smoke once.",
        ),
    ] = None,
    estimate: Annotated[
        bool,
        typer.Option(
            "--estimate", metavar="", help="Only time a few steps of each kind of training."
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Folder; by default experiments/NAME-SCALE and so on."
        ),
    ] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    data_dir: DataDirectory = None,
    as_json: Json = False,
) -> None:
    """Rerun an experiment of the paper (arXiv 2511.00044) and say what is confirmed.

    The folder receives table.csv, figure.png, report.html and a study for
    each part, with its results.h5. Where it holds a part of the same
    experiment already, the rest is measured: Ctrl-C, or a crash, loses at
    most the trainings in flight, and the same command goes on.
    """
    if name is None:
        from photon_relax.cli.output import show_line
        from photon_relax.experiments.catalogue import experiment_summaries

        for known, told in experiment_summaries().items():
            show_line(f"{known}: {told}")
        return
    from photon_relax.cli.reproduce_session import ReproduceSession
    from photon_relax.experiments.experiment import Experiment

    experiment = Experiment(name=name, scale=scale, seeds=seeds, data_dir=data_dir)
    session = ReproduceSession(
        experiment=experiment, workers=workers, scheduler=scheduler, as_json=as_json
    )
    if estimate:
        session.estimate()
    else:
        session.run(out)
