"""``photon-relax report``: a run or a study as one page of HTML, to read and to send on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photon_relax.cli.options import DataDirectory

__all__ = ["REPORT_NAME", "report"]

REPORT_NAME = "report.html"


def report(
    subject: Annotated[
        Path, typer.Argument(metavar="RUN|STUDY", help="Folder of a run or of a study.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Page to write; by default report.html in the folder."
        ),
    ] = None,
    data_dir: DataDirectory = None,
) -> None:
    """Write a run or a study as one page of HTML that needs no network.

    Of a run: the question and the answer with its interval, the training, the
    last evaluation, the waveforms of one inference, the hardware with its
    sources, and how to reproduce it all. Of a study: the answer, response
    curves and maps, what matters most, what failed, and the same.
    """
    from photon_relax.atomic_file import write_atomically
    from photon_relax.cli.output import show_line

    folder, page = _study(subject) if _is_study(subject) else _run(subject, data_dir)
    path = out or folder / REPORT_NAME
    write_atomically(path, page.encode())
    show_line(path)


def _is_study(subject: Path) -> bool:
    from photon_relax.studies.study_folder import STUDY

    return (subject / STUDY.file).exists()


def _study(folder: Path) -> tuple[Path, str]:
    from photon_relax.reports.study_report import StudyMaterial, render_study_report

    return folder, render_study_report(StudyMaterial.gather(folder))


def _run(subject: Path, data_dir: Path | None) -> tuple[Path, str]:
    from photon_relax.reports.run_report import RunMaterial, render_run_report
    from photon_relax.run_file import run_file_path

    folder = run_file_path(subject).parent
    return folder, render_run_report(RunMaterial.gather(subject, data_dir))
