"""What ``photon-relax validate`` does once its words are understood."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from photon_relax.cli.output import result_console, show_line
from photon_relax.progress_bar import ConsoleBar
from validation.case import Case, chosen
from validation.verdict import Verdict, judge

__all__ = ["ValidationSession"]

REPORT_NAME = "validation.html"


@dataclass(frozen=True, kw_only=True)
class ValidationSession:
    """One call of the command; the fields are its arguments."""

    pattern: str
    as_json: bool
    report: Path | None

    def execute(self) -> bool:
        """Judge the cases, tell the result and draw it; return whether all have passed."""
        import_module("validation.cases")  # registers them
        listed = chosen(self.pattern)
        if self.report is not None:
            _make_folder(self.report)
        began = time.perf_counter()
        verdicts = _judge_all(listed)
        summary = _summary(verdicts, time.perf_counter() - began)
        # The figures first: a report that cannot be written must not take them along.
        if self.as_json:
            print(json.dumps({"cases": [_record(verdict) for verdict in verdicts]}), flush=True)
        else:
            _show(verdicts, summary)
        if self.report is not None:
            from validation.report import write_report

            path = self.report / REPORT_NAME
            write_report(verdicts, path)
            if not self.as_json:
                show_line(path)
        return all(verdict.passed for verdict in verdicts)


def _make_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file; --report needs a folder")
    folder.mkdir(parents=True, exist_ok=True)


def _judge_all(listed: Sequence[Case]) -> list[Verdict]:
    """Judge one case after the other, and tell on standard error how far it is."""
    verdicts = []
    bar = ConsoleBar(Console(stderr=True), "judging")
    bar.say(f"holding models against {_count(len(listed), 'closed form')} …")
    bar.start(0, len(listed), "")
    try:
        for number, case in enumerate(listed):
            bar.move(number, case.name, f"{number} of {len(listed)} done; now {case.name}")
            verdict = judge(case)
            if not verdict.passed:
                bar.say(f"{case.name}: {_complaint(verdict)}")
            verdicts.append(verdict)
    finally:
        bar.stop()
    return verdicts


def _complaint(verdict: Verdict) -> str:
    if verdict.reason:
        return f"broke with {verdict.reason}"
    return f"error {verdict.error:.3g} is above the tolerance {verdict.case.tolerance:.3g}"


def _record(verdict: Verdict) -> dict[str, object]:
    """The figures of one case; JSON has no NaN and no infinity."""
    return {
        "name": verdict.case.name,
        "passed": verdict.passed,
        "error": verdict.error if math.isfinite(verdict.error) else None,
        "tolerance": verdict.case.tolerance,
    }


def _show(verdicts: Sequence[Verdict], summary: str) -> None:
    table = Table(title="Models against closed forms")
    for name in ("name", "what"):
        table.add_column(name, overflow="fold")
    for name in ("error", "tolerance"):
        table.add_column(name, justify="right")
    table.add_column("passed")
    for verdict in verdicts:
        table.add_row(
            Text(verdict.case.name),
            Text(verdict.case.title),
            "" if verdict.reason else f"{verdict.error:.2g}",
            f"{verdict.case.tolerance:.3g}",
            Text("yes", style="green") if verdict.passed else Text("NO", style="bold red"),
        )
    result_console().print(table)
    show_line(summary)


def _summary(verdicts: Sequence[Verdict], seconds: float) -> str:
    failed = [verdict for verdict in verdicts if not verdict.passed]
    took = f"in {seconds:.1f} s"
    if not failed:
        return f"{_count(len(verdicts), 'case')} passed {took}"
    names = ", ".join(verdict.case.name for verdict in failed)
    return f"{len(failed)} of {_count(len(verdicts), 'case')} failed {took}: {names}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
