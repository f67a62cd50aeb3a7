"""The progress of a training run on a terminal, or as plain lines in a log."""

from __future__ import annotations

import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from photon_relax.durations import describe_duration
from photon_relax.evaluation import Evaluation
from photon_relax.training import Watcher

__all__ = ["ConsoleWatcher"]

_SMOOTHING = 0.05
_LINE_SECONDS = 5.0


class ConsoleWatcher(Watcher):
    """A live bar where the console is a terminal, and a line now and then where it is not.

    Parameters
    ----------
    console
        Where to write; meant to be standard error, so that standard output carries the results.
    unit
        What a sample is, in the plural: images or characters.
    headline
        What is about to be trained on what.
    """

    def __init__(self, console: Console, unit: str, headline: str) -> None:
        self.console = console
        self.unit = unit
        self.headline = headline
        self._steps = 0
        self._loss: float | None = None
        self._accuracy = 0.0
        self._latest: dict[str, Any] = {}
        self._spoken = time.monotonic()
        self._bar = Progress(
            TextColumn("[progress.description]{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("training", total=None, state="")

    def started(self, step: int, steps: int) -> None:
        """Say what is trained, and show the bar."""
        self._steps = steps
        self._say(self.headline + (f"; going on after step {step}" if step else ""))
        self._bar.update(
            self._task, total=steps, completed=step, state="preparing the first step …"
        )
        self._bar.start()

    def stepped(self, step: int, loss: float, accuracy: float, rate: float, left: float) -> None:
        """Move the bar, or write a line if the last one is some seconds old."""
        if self._loss is None:
            self._loss, self._accuracy = loss, accuracy
        self._loss += _SMOOTHING * (loss - self._loss)
        self._accuracy += _SMOOTHING * (accuracy - self._accuracy)
        state = f"loss {self._loss:.3f}, accuracy {self._accuracy:.1%}"
        if rate:
            state += f", {rate:,.0f} {self.unit}/s, {describe_duration(left)} left"
        self._bar.update(self._task, completed=step, state=state)
        if not self.console.is_terminal and time.monotonic() - self._spoken > _LINE_SECONDS:
            self._say(f"step {step} of {self._steps}: {state}")

    def validated(self, step: int, result: Evaluation, *, best: bool) -> None:
        """Write a line that stays, unless the last one is only seconds old."""
        if step < self._steps and time.monotonic() - self._spoken < _LINE_SECONDS:
            return
        mark = " (best so far)" if best else ""
        self._say(
            f"step {step} of {self._steps}: validation loss {result.loss:.4f}, "
            f"accuracy {result.accuracy:.2%}{mark}"
        )

    def stopping(self) -> None:
        """Tell why nothing seems to happen for the length of a step."""
        # Called inside a signal handler, where writing may meet a half-done write: the bar's own
        # thread shows the text.
        self._bar.update(self._task, description="stopping (Ctrl-C again: at once)")

    def ended(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def _say(self, text: str) -> None:
        self._spoken = time.monotonic()
        self.console.print(text, highlight=False, soft_wrap=True)
