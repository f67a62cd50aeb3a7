"""What the fields of a dataclass mean: the docstrings below them, and the unit that they name."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from dataclasses import fields
from typing import Any, NamedTuple

__all__ = ["FieldNote", "field_notes"]

_UNIT = re.compile(r"(?:\bin|,) (dB per m|dB per Hz|A/W|dB|Hz|rad|W|A|V|s|m|K|Ω|S|F|C|J)(?![\w/²])")
_SENTENCE = re.compile(r"(?<=\.) (?=[A-Z0-9−])")


class FieldNote(NamedTuple):
    """One field."""

    meaning: str
    """The first sentence of its docstring."""

    source: str
    """The rest: where the default comes from."""

    unit: str
    """The unit that the meaning names, or empty."""


def field_notes(owner: type[Any]) -> dict[str, FieldNote]:
    """Return the notes of a dataclass's fields, those of its bases too, in their order."""
    found: dict[str, str] = {}
    for base in reversed(owner.__mro__[:-1]):
        found.update(_documented(base))
    return {entry.name: _note(found.get(entry.name, "")) for entry in fields(owner)}


def _documented(owner: type[Any]) -> dict[str, str]:
    """Return the strings that stand below the annotated names of a class."""
    try:
        body = ast.parse(textwrap.dedent(inspect.getsource(owner))).body[0]
    except (OSError, TypeError):  # made without a source file
        return {}
    assert isinstance(body, ast.ClassDef)
    notes = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            notes[field.target.id] = " ".join(below.value.value.split())
    return notes


def _note(text: str) -> FieldNote:
    meaning, *source = _SENTENCE.split(text, maxsplit=1)
    unit = _UNIT.search(meaning)
    return FieldNote(meaning=meaning, source=" ".join(source), unit=unit[1] if unit else "")
