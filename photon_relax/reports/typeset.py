"""Formulas in one line of Unicode, set with raised and lowered parts for a page."""

from __future__ import annotations

import re
from html import escape

__all__ = ["typeset"]

_CLOSING = {"{": "}", "(": ")"}
_WORD = re.compile(r"[−+-]?[0-9A-Za-zΑ-Ωα-ω½′]+(?:\.[0-9]+)?")


def typeset(formula: str) -> str:
    """Return a formula as HTML: ``e^{iθ}``, ``e^(−t/τ)``, ``x^2`` raised, ``P_π`` lowered.

    Braces and round brackets right behind the mark go away; within them the same holds again.
    Everything else is kept, and escaped.
    """
    out, place = [], 0
    while place < len(formula):
        sign = formula[place]
        part, after = _operand(formula, place + 1) if sign in "^_" else ("", place)
        if part:
            tag = "sup" if sign == "^" else "sub"
            out.append(f"<{tag}>{typeset(part)}</{tag}>")
            place = after
        else:
            out.append(escape(sign))
            place += 1
    return "".join(out)


def _operand(formula: str, start: int) -> tuple[str, int]:
    """What is raised or lowered from `start` on, without its brackets, and where it ends."""
    if (opening := formula[start : start + 1]) in _CLOSING:
        depth = 0
        for place in range(start, len(formula)):
            depth += (formula[place] == opening) - (formula[place] == _CLOSING[opening])
            if depth == 0:
                return formula[start + 1 : place], place + 1
        return "", start
    word = _WORD.match(formula, start)
    return (word[0], word.end()) if word else ("", start)
