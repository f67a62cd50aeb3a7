"""The progress of a training run on a terminal, or as plain lines in a log."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from photon_relax.durations import describe_duration
from photon_relax.evaluation import Evaluation
from photon_relax.progress_bar import ConsoleBar
from photon_relax.training import Watcher

__all__ = ["ConsoleWatcher"]

_SMOOTHING = 0.05


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
        self._bar = ConsoleBar(console, "training")

    def started(self, step: int, steps: int) -> None:
        """Say what is trained, and show the bar."""
        self._steps = steps
        self._bar.say(self.headline + (f"; going on after step {step}" if step else ""))
        self._bar.start(step, steps, "preparing the first step …")

    def stepped(self, step: int, loss: float, accuracy: float, rate: float, left: float) -> None:
        """Move the bar, or write a line if the last one is some seconds old."""
        if self._loss is None:
            self._loss, self._accuracy = loss, accuracy
        self._loss += _SMOOTHING * (loss - self._loss)
        self._accuracy += _SMOOTHING * (accuracy - self._accuracy)
        state = f"loss {self._loss:.3f}, accuracy {self._accuracy:.1%}"
        if rate:
            state += f", {rate:,.0f} {self.unit}/s, {describe_duration(left)} left"
        self._bar.move(step, state, f"step {step} of {self._steps}: {state}")

    def validated(self, step: int, result: Evaluation, *, best: bool) -> None:
        """Write a line that stays, unless the last one is only seconds old."""
        if step < self._steps and not self._bar.quiet:
            return
        mark = " (best so far)" if best else ""
        self._bar.say(
            f"step {step} of {self._steps}: validation loss {result.loss:.4f}, "
            f"accuracy {result.accuracy:.2%}{mark}"
        )

    def stopping(self) -> None:
        """Tell why nothing seems to happen for the length of a step."""
        self._bar.stopping()

    def ended(self) -> None:
        """Take the bar away."""
        self._bar.stop()
