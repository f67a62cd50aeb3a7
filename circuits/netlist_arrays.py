"""Arrays of instances, as SAX and gdsfactory name them: ``name<column.row>``.

name<0.1>  name<1.1>  name<2.1>
name<0.0>  name<1.0>  name<2.0>      columns: 3, rows: 2; column by column in a netlist
"""

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")

_FIRST = re.compile(r"(?P<name>.*\S)<0\.0>")


def element_names(name: str, columns: int, rows: int) -> Iterator[str]:
    """Names of the elements, column by column (SAX's order)."""
    return (f"{name}<{column}.{row}>" for column in range(columns) for row in range(rows))


def gathered(elements: Mapping[str, T]) -> dict[str, tuple[T, tuple[int, int] | None]]:
    """Put complete arrays together again: name to (element, (columns, rows) or None).

    An array is complete where its elements stand one after another, in order, and are equal.
    Expanding the result gives ``elements`` in the same order.
    """
    names = list(elements)
    found: dict[str, tuple[T, tuple[int, int] | None]] = {}
    at = 0
    while at < len(names):
        first = _FIRST.fullmatch(names[at])
        if first is None or first["name"] in elements:
            found[names[at]] = (elements[names[at]], None)
            at += 1
        else:
            columns, rows = _shape(first["name"], names, at, elements)
            found[first["name"]] = (elements[names[at]], (columns, rows))
            at += columns * rows
    return found


def _shape(name: str, names: list[str], at: int, elements: Mapping[str, T]) -> tuple[int, int]:
    """Columns and rows of the longest array that begins with element 0.0 at ``at``."""

    def continues(offset: int, column: int, row: int) -> bool:
        index = at + offset
        return (
            index < len(names)
            and names[index] == f"{name}<{column}.{row}>"
            and elements[names[index]] == elements[names[at]]
        )

    rows = 1
    while continues(rows, 0, rows):
        rows += 1
    columns = 1
    while all(continues(columns * rows + row, columns, row) for row in range(rows)):
        columns += 1
    return columns, rows
