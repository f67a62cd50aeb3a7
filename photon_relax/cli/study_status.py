"""What ``photon-relax study status`` shows: how far a study is, and what went wrong."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from photon_relax.cli.output import show_line
from photon_relax.durations import describe_duration
from photon_relax.studies.journal import read_journal
from photon_relax.studies.study import Study
from photon_relax.studies.study_folder import StudyRecord
from photon_relax.studies.tasks import DONE, FAILED

__all__ = ["show_status"]

_ERRORS_SHOWN = 5


def show_status(folder: Path, *, as_json: bool) -> None:
    """Read the folder, which may be written to meanwhile, and show its state."""
    record = StudyRecord.read(folder)
    tasks = Study.from_record(record, _absent).tasks
    journal = StudyRecord.journal(folder)
    states, damaged = tasks.states(journal)
    last = {o.task: o for o in read_journal(journal) if states[o.task] == FAILED}
    errors = Counter(str(outcome.error) for outcome in last.values())
    told = {
        "study": str(folder),
        "question": record.question,
        "tasks": len(states),
        "done": int((states == DONE).sum()),
        "failed": int((states == FAILED).sum()),
        "seconds_since_last": max(time.time() - journal.stat().st_mtime, 0.0)
        if journal.exists()
        else None,
        "damaged_lines": [line for line, _ in damaged],
        "errors": dict(errors.most_common()),
    }
    if as_json:
        print(json.dumps(told), flush=True)
    else:
        _show(told)


def _show(told: dict[str, Any]) -> None:
    if told["question"]:
        show_line(told["question"])
    left = told["tasks"] - told["done"] - told["failed"]
    text = (
        f"{told['done']:,} of {told['tasks']:,} measured, {told['failed']:,} failed, {left:,} to go"
    )
    if told["seconds_since_last"] is not None:
        text += f"; the last came {describe_duration(told['seconds_since_last'])} ago"
    show_line(text)
    errors = told["errors"]
    for error, count in list(errors.items())[:_ERRORS_SHOWN]:
        show_line(f"{count:,} × {error}")
    if len(errors) > _ERRORS_SHOWN:
        show_line(f"and {len(errors) - _ERRORS_SHOWN:,} other errors")
    for line in told["damaged_lines"]:
        show_line(f"line {line} of the journal is damaged; its point is to be measured again")


def _absent(values: Any, seed: int) -> float:
    """Stand in for the function, which a status does not need."""
    raise NotImplementedError(f"no function for {values}")
