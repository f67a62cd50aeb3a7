"""A bar on a terminal, and in a log a line now and then: what every long work tells through."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

__all__ = ["ConsoleBar"]

_LINE_SECONDS = 5.0


class ConsoleBar:
    """A live bar where the console is a terminal; its owner says how far the work is.

    Parameters
    ----------
    console
        Where to write; meant to be standard error, so that standard output carries the results.
    description
        What is being done, before the bar.
    """

    def __init__(self, console: Console, description: str) -> None:
        self.console = console
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
        self._task = self._bar.add_task(description, total=None, state="")

    @property
    def quiet(self) -> bool:
        """Whether the last line is some seconds old."""
        return time.monotonic() - self._spoken > _LINE_SECONDS

    def start(self, completed: int, total: int, state: str) -> None:
        """Show the bar."""
        self._bar.update(self._task, total=total, completed=completed, state=state)
        self._bar.start()

    def move(self, completed: int, state: str, line: str) -> None:
        """Move the bar; in a log, write a line if the last one is some seconds old."""
        self._bar.update(self._task, completed=completed, state=state)
        if not self.console.is_terminal and self.quiet:
            self.say(line)

    def stopping(self) -> None:
        """Tell why nothing seems to happen until the work has come to a place to stop at."""
        # Called inside a signal handler, where writing may meet a half-done write: the bar's own
        # thread shows the text.
        self._bar.update(self._task, description="stopping (Ctrl-C again: at once)")

    def stop(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def say(self, text: str) -> None:
        """Write a line that stays."""
        self._spoken = time.monotonic()
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)
