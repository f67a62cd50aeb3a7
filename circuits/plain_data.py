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

MAX_ITEMS = 2_000_000
"""Values of one netlist, every use of a shared part counted; an instance has about ten."""


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
    return _Copier(where, Budget() if budget is None else budget).copy(value)


class _Copier:
    def __init__(self, where: str, budget: Budget) -> None:
        self._where = where
        self._budget = budget
        self._path: list[str | int] = []
        # Spelled only in errors: a text for every value would take longer than the copying.

    def copy(self, value: object) -> Any:
        self._budget.spend(1, self._where)
        if value is None or type(value) in (bool, int, float, complex, str):
            return value
        if len(self._path) > MAX_DEPTH:
            raise ValueError(
                f"{self._where} is nested more than {MAX_DEPTH} levels deep (perhaps it contains "
                f"itself)."
            )
        if isinstance(value, (list, tuple)):
            return [self._inner(index, item) for index, item in enumerate(value)]
        if isinstance(value, Mapping):
            return {self._key(key): self._inner(key, item) for key, item in value.items()}
        if isinstance(value, (np.generic, np.ndarray)):
            self._budget.spend(value.size, self._where)
            return self.copy(value.tolist())
        raise ValueError(
            f"{self._here()} must be plain data: numbers, text, true or false, lists and "
            f"mappings; got {type(value).__name__}."
        )

    def _inner(self, key: str | int, value: object) -> Any:
        self._path.append(key)
        copied = self.copy(value)
        self._path.pop()
        return copied

    def _key(self, key: object) -> str:
        if not isinstance(key, str):
            raise ValueError(f"{self._here()}: a key must be text (it is a name); got {key!r}.")
        return str(key)

    def _here(self) -> str:
        steps = (f"[{step}]" if isinstance(step, int) else f".{step[:40]}" for step in self._path)
        return self._where + "".join(steps)
