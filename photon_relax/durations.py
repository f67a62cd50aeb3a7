"""Lengths of time in the words of a person."""

from __future__ import annotations

__all__ = ["describe_duration"]


def describe_duration(seconds: float) -> str:
    """Seconds as a person says them: 12 s, 3 min 05 s, 2 h 10 min."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
