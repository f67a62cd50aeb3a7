"""Ctrl-C and a polite kill, turned into a request that a long loop can answer in its own time."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

__all__ = ["StopRequested", "StopSignals"]


class StopRequested(Exception):
    """The user or the system asked the process to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.signal = number
        """Number of the signal, SIGINT or SIGTERM."""


class StopSignals:
    """While it is entered, SIGINT and SIGTERM are noted instead of ending the process.

    Only the first one is: from then on the signals do again what they did before, so a second
    Ctrl-C stops at once. Outside the main thread, where Python allows no handlers, nothing changes.

    Parameters
    ----------
    announce
        Called once, from the handler, when the first signal arrives.
    agree
        Makes of the signal's number, or 0, the one that several processes act upon together.
    """

    def __init__(
        self,
        announce: Callable[[], None] | None = None,
        agree: Callable[[int], int] = int,
    ) -> None:
        self.received: int | None = None
        self._announce = announce
        self._agree = agree
        self._earlier: dict[int, Any] = {}

    def check(self) -> None:
        """Raise `StopRequested` if a signal has arrived."""
        number = self._agree(self.received or 0)
        if number:
            raise StopRequested(number)

    def __enter__(self) -> Self:
        """Install the handlers."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._earlier[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the earlier handlers back."""
        self._restore()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received = number
        self._restore()
        if self._announce is not None:
            self._announce()

    def _restore(self) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)
        self._earlier.clear()
