"""What a study tells while it works; a terminal shows a bar, a log gets a line now and then."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from photon_relax.durations import describe_duration
from photon_relax.progress_bar import ConsoleBar
from photon_relax.studies.journal import Outcome
from photon_relax.studies.solve import Probe
from photon_relax.studies.tasks import FAILED, PENDING

__all__ = ["ConsoleStudyWatcher", "StudyWatcher"]

_ERRORS_TOLD = 5


class StudyWatcher:
    """Listens and says nothing."""

    def doubtful(self, count: int, of: int, reason: str) -> None:
        """Hear that some of the points looked at cannot be measured, and why the first cannot."""

    def damaged(self, journal: Path, line: int, reason: str) -> None:
        """Hear that a line of the journal is damaged; its point is measured again."""

    def started(self, states: NDArray[np.uint8]) -> None:
        """Hear that the work starts, and the state of every task."""

    def progressed(self, states: NDArray[np.uint8], outcomes: Sequence[Outcome]) -> None:
        """Hear what came, and the state of every task after it."""

    def probed(self, name: str, probe: Probe) -> None:
        """Hear what a search found at one value of its parameter."""

    def stopping(self) -> None:
        """Hear that the study was asked to stop and will."""

    def ended(self) -> None:
        """Hear that no more will come."""


class ConsoleStudyWatcher(StudyWatcher):
    """A live bar where the console is a terminal, and a line now and then where it is not.

    Parameters
    ----------
    console
        Where to write; meant to be standard error.
    headline
        What is about to be measured.
    """

    def __init__(self, console: Console, headline: str) -> None:
        self.console = console
        self.headline = headline
        self._began: float | None = None
        self._came = 0
        self._errors = 0
        self._bar = ConsoleBar(console, "measuring")

    def doubtful(self, count: int, of: int, reason: str) -> None:
        """Say so, once."""
        self._bar.say(
            f"{count} of {of} points looked at cannot be measured and will fail: {reason}"
        )

    def damaged(self, journal: Path, line: int, reason: str) -> None:
        """Say so, a line each."""
        self._bar.say(f"{journal}, line {line}: {reason}; its point is measured again")

    def started(self, states: NDArray[np.uint8]) -> None:
        """Say what is measured, and show the bar."""
        known = int((states != PENDING).sum())
        self._bar.say(self.headline + (f"; {known:,} are there already" if known else ""))
        self._bar.start(known, len(states), "starting …")

    def progressed(self, states: NDArray[np.uint8], outcomes: Sequence[Outcome]) -> None:
        """Move the bar; write a line if the last one is some seconds old."""
        for outcome in outcomes:
            if outcome.error is not None:
                self._tell_error(outcome.error)
        known = int((states != PENDING).sum())
        failed = int((states == FAILED).sum())
        state = self._time_left(len(outcomes), len(states) - known)
        state += f", {failed:,} failed" if failed else ""
        self._bar.move(known, state, f"{known:,} of {len(states):,}: {state}")

    def _time_left(self, came: int, left: int) -> str:
        """Tell the time left; the first outcomes waited for imports and compilers and say nothing.

        So the clock starts with them.
        """
        if self._began is None:
            self._began = time.monotonic()
            return "the first are there"
        self._came += came
        seconds = left * (time.monotonic() - self._began) / self._came
        return f"{describe_duration(seconds)} left"

    def probed(self, name: str, probe: Probe) -> None:
        """Write a line a value."""
        value = f"{probe.value:.4g}" if isinstance(probe.value, float) else str(probe.value)
        words = {"good": "enough", "bad": "not enough", "undecided": "not decided"}
        mean = sum(probe.figures) / len(probe.figures)
        times = f" ({len(probe.figures)} times)" if len(probe.figures) > 1 else ""
        self._bar.say(f"{name} = {value}: {mean:.4g}{times}, {words[probe.verdict]}")

    def _tell_error(self, error: str) -> None:
        self._errors += 1
        if self._errors <= _ERRORS_TOLD:
            more = "; further errors are only counted" if self._errors == _ERRORS_TOLD else ""
            self._bar.say(f"a point failed: {error}{more}")

    def stopping(self) -> None:
        """Tell why the bar still stands."""
        self._bar.stopping()

    def ended(self) -> None:
        """Take the bar away."""
        self._bar.stop()
