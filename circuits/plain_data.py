"""Settings as plain data: what a netlist may hold, copied, counted and bounded.

A netlist comes from a file or from a stranger's dictionary. What is kept of it is text, numbers,
truth values, None, lists and mappings with text keys, so that it can be written down again and
compared exactly. Shared parts (YAML's aliases, one list used twice) are copied apart, and a
budget counts the copies: nine aliases of nine aliases of … would otherwise fill any memory.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

MAX_DEPTH = 64
"""Levels of lists and mappings in one another; netlists seen in use have fewer than ten."""

MAX_ITEMS = 4_000_000
"""Values of one netlist, every use of a shared part counted: some 200 for each instance."""


class Budget:
    """Counts down the values that may still be made of one netlist."""

    def __init__(self, items: int = MAX_ITEMS) -> None:
        self._left = items
        self._given = items

    def spend(self, items: int, where: str) -> None:
        """Take off ``items``; ValueError naming ``where`` once nothing is left."""
        self._left -= items
        if self._left < 0:
            raise ValueError(
                f"{where} holds more than {self._given:,} values once aliases, settings and "
                f"hierarchy are written out (a limit against runaway files). Split it up."
            )


def plain(value: object, where: str, budget: Budget | None = None) -> Any:
    """Copy ``value`` as plain data, NumPy numbers and arrays as numbers and lists.

    ``where`` names the value in errors. Raises ValueError for anything else than plain data, for
    keys that are not text, beyond `MAX_DEPTH` (a structure that contains itself included) and
    beyond the budget.
    """
    return _copied(value, where, Budget() if budget is None else budget, MAX_DEPTH)


def _copied(value: object, where: str, budget: Budget, depth: int) -> Any:
    budget.spend(1, where)
    if value is None or type(value) in (bool, int, float, complex, str):
        return value
    if depth == 0:
        raise ValueError(
            f"{where} is nested more than {MAX_DEPTH} levels deep (perhaps it contains itself)."
        )
    if isinstance(value, Mapping):
        return {
            _key(key, where): _copied(item, f"{where}.{key}", budget, depth - 1)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [
            _copied(item, f"{where}[{index}]", budget, depth - 1)
            for index, item in enumerate(value)
        ]
    if isinstance(value, (np.generic, np.ndarray)):
        budget.spend(value.size, where)
        return _copied(value.tolist(), where, budget, depth - 1)
    raise ValueError(
        f"{where} must be plain data: numbers, text, true or false, lists and mappings; "
        f"got {type(value).__name__}."
    )


def _key(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise ValueError(f"{where}: a key must be text (it is a name); got {key!r}.")
    return str(key)
