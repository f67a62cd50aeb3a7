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

__all__ = ["show_status"]

_ERRORS_SHOWN = 5


def show_status(folder: Path, *, as_json: bool) -> None:
    """Read the folder, which may be written to meanwhile, and show its state."""
    record = StudyRecord.read(folder)
    journal = StudyRecord.journal(folder)
    damaged: list[int] = []
    last: dict[int, str | None] = {}
    for outcome in read_journal(journal, lambda line, reason: damaged.append(line)):
        # A point that was tried again counts by its success.
        if last.get(outcome.task, "") is not None:
            last[outcome.task] = outcome.error
    errors = Counter(error for error in last.values() if error is not None)
    # How many a search will take shows at its end.
    searches = "solve" in record.definition
    told = {
        "study": str(folder),
        "question": record.question,
        "tasks": None if searches else len(Study.from_record(record).tasks),
        "done": len(last) - errors.total(),
        "failed": errors.total(),
        "seconds_since_last": max(time.time() - journal.stat().st_mtime, 0.0)
        if journal.exists()
        else None,
        "damaged_lines": damaged,
        "errors": dict(errors.most_common()),
    }
    if as_json:
        print(json.dumps(told), flush=True)
    else:
        _show(told)


def _show(told: dict[str, Any]) -> None:
    if told["question"]:
        show_line(told["question"])
    text = f"{told['done']:,} measured, {told['failed']:,} failed"
    if told["tasks"] is not None:
        left = told["tasks"] - told["done"] - told["failed"]
        text = (
            f"{told['done']:,} of {told['tasks']:,} measured, {told['failed']:,} failed, "
            f"{left:,} to go"
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
