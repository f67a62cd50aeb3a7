"""Where results are shown, and how a command says that it was stopped."""

from __future__ import annotations

from rich.console import Console

__all__ = ["Stopped", "result_console", "show_line"]

_WIDTH_OF_FILES = 140


def result_console() -> Console:
    """Standard output: as wide as the terminal, or wide enough for a table in a file."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH_OF_FILES)


def show_line(content: object) -> None:
    """Write one line as it is: a path is neither broken nor coloured."""
    result_console().print(str(content), highlight=False, markup=False, soft_wrap=True)


class Stopped(Exception):
    """The command was stopped by a signal; the message says what is kept."""

    def __init__(self, message: str, signal: int) -> None:
        super().__init__(message)
        self.status = 128 + signal
        """Exit status that tells a shell which signal it was."""
