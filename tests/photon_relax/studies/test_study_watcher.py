import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from photon_relax.studies.journal import Outcome
from photon_relax.studies.study_watcher import ConsoleStudyWatcher


@pytest.fixture
def clock(monkeypatch):
    """The time, in a list of one."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def test_a_log_gets_a_line_now_and_then_with_the_time_that_is_left(clock):
    text = io.StringIO()
    watcher = ConsoleStudyWatcher(Console(file=text, width=200), "isolation: 10 points")
    states = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0], dtype=np.uint8)
    watcher.damaged(Path("s/journal.jsonl"), 3, "its checksum does not fit its content")
    watcher.doubtful(2, 10, "isolation_db must be ≥ 0; got -1")
    watcher.started(states)
    for i in range(2, 7):
        clock[0] += 2.0
        states[i] = 2 if i == 3 else 1
        outcome = Outcome(i, 2.0, None if i == 3 else {"a": 1.0}, "dark" if i == 3 else None)
        watcher.progressed(states, [outcome])
    watcher.ended()
    assert text.getvalue().splitlines() == [
        "s/journal.jsonl, line 3: its checksum does not fit its content; its point is measured "
        "again",
        "2 of 10 points looked at cannot be measured and will fail: isolation_db must be ≥ 0; "
        "got -1",
        "isolation: 10 points; 2 are there already",
        "a point failed: dark",
        # The first line more than 5 s after the last: 4 came in 8 s, 3 are left.
        "7 of 10: 6 s left, 1 failed",
    ]


def test_many_errors_are_counted_but_not_told(clock):
    text = io.StringIO()
    watcher = ConsoleStudyWatcher(Console(file=text, width=200), "isolation: 10 points")
    states = np.full(10, 2, dtype=np.uint8)
    watcher.started(np.zeros(10, dtype=np.uint8))
    watcher.progressed(states, [Outcome(i, 0.0, error=f"dark {i}") for i in range(10)])
    lines = text.getvalue().splitlines()
    assert lines[1:] == [
        *(f"a point failed: dark {i}" for i in range(4)),
        "a point failed: dark 4; further errors are only counted",
    ]
