"""``photon-relax report``: a run as one page of HTML, to read and to send to a colleague."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photon_relax.cli.options import DataDirectory

__all__ = ["REPORT_NAME", "report"]

REPORT_NAME = "report.html"


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run, or its run.h5.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Page to write; by default report.html beside the run."
        ),
    ] = None,
    data_dir: DataDirectory = None,
) -> None:
    """Write a run as one page of HTML that needs no network.

    It holds the question and the answer with its interval, the training, the
    last evaluation, the waveforms of one inference, the hardware with its
    sources, and how to reproduce it all.
    """
    from photon_relax.atomic_file import write_atomically
    from photon_relax.cli.output import show_line
    from photon_relax.reports.run_report import RunMaterial, render_run_report
    from photon_relax.run_file import run_file_path

    path = out or run_file_path(run).with_name(REPORT_NAME)
    write_atomically(path, render_run_report(RunMaterial.gather(run, data_dir)).encode())
    show_line(path)
