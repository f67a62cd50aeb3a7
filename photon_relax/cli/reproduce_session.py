"""What ``photon-relax reproduce`` does once its words are understood."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import xarray as xr
from rich.console import Console
from rich.table import Table

from photon_relax.atomic_file import write_atomically
from photon_relax.cli.output import result_console, show_line
from photon_relax.cli.study_session import told_how_to_go_on
from photon_relax.durations import describe_duration
from photon_relax.experiments.experiment import Experiment, PlannedStudy
from photon_relax.experiments.findings import Finding, Verdict, find
from photon_relax.experiments.picture import draw_findings
from photon_relax.experiments.tables import csv_text, family_table, point_table
from photon_relax.experiments.timing import Timing, time_experiment
from photon_relax.reports.experiment_report import render_experiment_report
from photon_relax.studies.study_folder import STUDY, StudyRecord
from photon_relax.studies.study_watcher import ConsoleStudyWatcher
from photon_relax.studies.tasks import DONE

__all__ = ["ReproduceSession"]

_EXPERIMENTS = Path("experiments")


@dataclass(frozen=True, kw_only=True)
class ReproduceSession:
    """One call of the command; the fields are its options."""

    experiment: Experiment
    workers: int | None
    scheduler: str | None
    as_json: bool

    def estimate(self) -> None:
        """Time a few steps of each kind of training, and say how long all of them would take."""
        self._prepare()
        timings = list(time_experiment(self.experiment))
        if self.as_json:
            listed = [{**asdict(timing), "seconds": timing.seconds} for timing in timings]
            told = {"experiment": self.experiment.name, "scale": self.experiment.scale}
            seconds = sum(timing.seconds for timing in timings)
            print(json.dumps({**told, "core_seconds": seconds, "kinds": listed}), flush=True)
        else:
            result_console().print(_timing_table(timings))
            show_line(self._total(timings))

    def run(self, out: Path | None) -> None:
        """Measure what is not measured yet, and write table, figure and report."""
        folder = out or self._default_folder()
        self._prepare()
        self._demand_samples()
        left = self._left(folder)
        if left and self.experiment.scale != "smoke":
            self._say(self._total(list(time_experiment(self.experiment))) + f"; folder {folder}")
        findings = []
        with self._crew(left) as crew:
            for planned in self.experiment.studies:
                findings += find(planned, self._measure(planned, folder, crew))
        self._report(findings, folder)

    def _default_folder(self) -> Path:
        seeds = self.experiment.seeds
        end = "" if seeds is None else f"-{seeds}-seed{'s' if seeds > 1 else ''}"
        return _EXPERIMENTS / f"{self.experiment.name}-{self.experiment.scale}{end}"

    def _prepare(self) -> None:
        for planned in self.experiment.studies:
            planned.check()
            planned.measure.prepare()

    def _demand_samples(self) -> None:
        """Refuse a scale that needs more data than there are."""
        for planned in self.experiment.studies:
            config = planned.measure.base[0]
            wanted = self.experiment.size.samples.get(config.dataset, 0)
            there = len(planned.measure.dataset(config).train)
            if there < wanted:
                raise ValueError(
                    f"scale {self.experiment.scale} needs the whole of {config.dataset}, "
                    f"{wanted:,} training samples, and there are {there:,}: get the files with "
                    f"'photon-relax data fetch {config.dataset}', or name their folder with "
                    "--data-dir; --estimate tells how long it would take, --scale subset takes "
                    "what is there"
                )

    def _left(self, folder: Path) -> int:
        """Count what is not measured yet, and refuse a folder that holds something else."""
        left = 0
        for planned in self.experiment.studies:
            path = folder / planned.table.name
            if (path / STUDY.file).exists():
                try:
                    StudyRecord.read(path).demand_same(planned.study.record, path)
                except ValueError as error:
                    raise ValueError(f"{error}; name another folder with --out") from None
            states, _ = planned.study.tasks.states(StudyRecord.journal(path))
            left += int((states != DONE).sum())
        return left

    @contextmanager
    def _crew(self, left: int) -> Iterator[dict[str, Any]]:
        """Start one cluster for all studies, if there is work for it."""
        from photon_relax.studies.engine import connect

        alone = self.workers is None and self.experiment.scale == "smoke"
        if self.scheduler is not None or alone or self.workers == 0 or not left:
            yield {"workers": 0 if alone else self.workers, "scheduler": self.scheduler}
        else:
            with connect(workers=self.workers) as client:
                yield {"workers": None, "scheduler": client.scheduler_info()["address"]}

    def _measure(self, planned: PlannedStudy, folder: Path, crew: dict[str, Any]) -> xr.Dataset:
        path = folder / planned.table.name
        tasks = planned.study.tasks
        seeds = f"{tasks.replicates} seed{'s' if tasks.replicates > 1 else ''} each"
        headline = f"{planned.table.name}: {len(tasks.design):,} points, {seeds}"
        with told_how_to_go_on(path, f"go on with: {self._command(folder)}"):
            return planned.study.run(
                path,
                resume=(path / STUDY.file).exists(),
                retry_failed=True,
                watcher=ConsoleStudyWatcher(Console(stderr=True), headline),
                **crew,
            )

    def _command(self, folder: Path) -> str:
        """Return the words that go on in a folder as it was begun."""
        told = {
            "--out": None if folder == self._default_folder() else folder,
            "--data-dir": self.experiment.data_dir,
            "--workers": self.workers,
            "--scheduler": self.scheduler,
        }
        words = [f"{name} {shlex.quote(str(v))}" for name, v in told.items() if v is not None]
        return " ".join([self.experiment.command, *words])

    def _report(self, findings: list[Finding], folder: Path) -> None:
        table, picture = folder / "table.csv", folder / "figure.png"
        page = folder / "report.html"
        write_atomically(table, csv_text(findings).encode())
        # The figures first: a picture that cannot be written must not take them along.
        if self.as_json:
            print(json.dumps(self._record(findings, folder), allow_nan=False), flush=True)
        else:
            self._show(findings, folder)
        draw_findings(findings, self.experiment.file.question, picture)
        text = render_experiment_report(self.experiment, findings, picture)
        write_atomically(page, text.encode())
        if not self.as_json:
            for path in (table, picture, page):
                show_line(path)

    def _show(self, findings: list[Finding], folder: Path) -> None:
        console = result_console()
        for finding in findings:
            points = point_table(finding)
            if points is not None:
                console.print(points)
            show_line(f"{finding.view.title}: {finding.best_text}")
            for family in finding.families:
                console.print(family_table(finding, family))
        show_line(self.experiment.file.question)
        for verdict in _verdicts(findings):
            show_line(verdict.sentence)
        missing = sum(int(finding.values.size) - sum(finding.seeds) for finding in findings)
        if missing:
            show_line(
                f"{missing} figures are missing: photon-relax study status of the folders in "
                f"{folder} tells why; to try again: {self._command(folder)}"
            )

    def _record(self, findings: list[Finding], folder: Path) -> dict[str, Any]:
        return {
            "experiment": self.experiment.name,
            "scale": self.experiment.scale,
            "seeds": self.experiment.replicates,
            "question": self.experiment.file.question,
            "verdicts": [asdict(verdict) for verdict in _verdicts(findings)],
            "table": str(folder / "table.csv"),
            "picture": str(folder / "figure.png"),
            "report": str(folder / "report.html"),
        }

    def _total(self, timings: list[Timing]) -> str:
        trainings = sum(timing.trainings for timing in timings)
        seconds = sum(timing.seconds for timing in timings)
        cores = self.workers or os.cpu_count() or 1
        return (
            f"{self.experiment.name} at scale {self.experiment.scale}: {trainings:,} trainings, "
            f"about {describe_duration(seconds / cores)} on {cores} cores"
        )

    def _say(self, text: str) -> None:
        Console(stderr=True).print(text, highlight=False, markup=False, soft_wrap=True)


def _verdicts(findings: list[Finding]) -> list[Verdict]:
    return [
        family.verdict
        for finding in findings
        for family in finding.families
        if family.verdict is not None
    ]


def _timing_table(timings: list[Timing]) -> Table:
    table = Table(title="Timed on a few steps, one core", title_justify="left")
    for name in ("study", "fidelity", "trainings", "a step", "a training", "all"):
        table.add_column(name, justify="left" if name in ("study", "fidelity") else "right")
    for timing in timings:
        table.add_row(
            timing.study,
            timing.fidelity,
            f"{timing.trainings:,}",
            f"{1e3 * timing.step_seconds:.1f} ms",
            f"{timing.training_seconds:.1f} s",
            describe_duration(timing.seconds),
        )
    return table
