"""Where results are shown."""

from __future__ import annotations

from rich.console import Console

__all__ = ["result_console"]

_WIDTH_OF_FILES = 120


def result_console() -> Console:
    """Standard output: as wide as the terminal, or wide enough for a table in a file."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH_OF_FILES)
