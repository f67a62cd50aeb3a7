"""The parts that every report is made of: panels, tables, facts, and how to reproduce it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from photon_relax.hardware_table import toml_value
from photon_relax.reports.hardware_rows import HardwareRow
from photon_relax.reports.html_page import figure_block
from photon_relax.reports.typeset import typeset

__all__ = [
    "Cell",
    "code_block",
    "facts",
    "folded",
    "hardware_table",
    "note",
    "pair",
    "panel",
    "settings_text",
    "table",
    "versions_table",
]

Cell = str | tuple[str, str]
"""HTML of a cell, or the class of the cell and its HTML."""


def panel(title: str, figure: go.Figure, explanation: str = "") -> str:
    """Return a figure in its frame with its title; title and explanation are plain text."""
    below = f"<small>{escape(explanation)}</small>" if explanation else ""
    label = f"{title}. {explanation}".strip()
    return (
        f'<figure class="panel"><figcaption>{escape(title)}{below}</figcaption>'
        f"{figure_block(figure, label)}</figure>"
    )


def pair(*panels: str) -> str:
    """Return panels side by side where there is room."""
    return f'<div class="pair">{"".join(panels)}</div>'


def note(text: str) -> str:
    """Return a paragraph of explanation, from HTML."""
    return f'<p class="note">{text}</p>'


def facts(entries: Mapping[str, str]) -> str:
    """Return names (plain text) and values (HTML) in a row."""
    listed = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in entries.items()
    )
    return f'<dl class="facts">{listed}</dl>'


def table(head: Sequence[str], groups: Mapping[str, Sequence[Sequence[Cell]]]) -> str:
    """Return a table whose rows stand in groups; a group without a name has no heading.

    Beyond the first column, a narrow screen shows each cell with the name of its column.
    """
    first = next(iter(groups.values()))[0]
    titles = "".join(
        f'<th scope="col"{_class(cell)}>{escape(name)}</th>'
        for name, cell in zip(head, first, strict=True)
    )
    bodies = []
    for group, rows in groups.items():
        title = (
            f'<tr><th colspan="{len(head)}" scope="rowgroup">{escape(group)}</th></tr>'
            if group
            else ""
        )
        lines = "".join(f"<tr>{_cells(head, row)}</tr>" for row in rows)
        bodies.append(f"<tbody>{title}{lines}</tbody>")
    return f"<table><thead><tr>{titles}</tr></thead>{''.join(bodies)}</table>"


def _cells(head: Sequence[str], row: Sequence[Cell]) -> str:
    out = []
    for i, (name, cell) in enumerate(zip(head, row, strict=True)):
        label = f' data-label="{escape(name)}"' if i and name else ""
        out.append(f"<td{_class(cell)}{label}>{cell if isinstance(cell, str) else cell[1]}</td>")
    return "".join(out)


def _class(cell: Cell) -> str:
    return "" if isinstance(cell, str) else f' class="{cell[0]}"'


def hardware_table(rows: Sequence[HardwareRow]) -> str:
    """Return the hardware with where each value comes from."""
    groups: dict[str, list[Sequence[Cell]]] = {}
    for row in rows:
        source = " · ".join(filter(None, [row.origin, typeset(row.source)]))
        groups.setdefault(row.group, []).append(
            [
                f"<code>{_breakable(row.name)}</code>",
                f"<strong>{row.value}</strong>",
                typeset(row.meaning),
                (row.origin, source),
            ]
        )
    return table(["name", "value", "", "from"], groups)


def _breakable(name: str) -> str:
    """A dotted name that a narrow column may break behind its dots and underscores."""
    return escape(name).replace(".", ".<wbr>").replace("_", "_<wbr>")


def code_block(text: str) -> str:
    """Return text as it would be typed."""
    return f"<pre><code>{escape(text.strip())}</code></pre>"


def folded(title: str, block: str) -> str:
    """Return a block that opens by its title."""
    return f"<details><summary>{escape(title)}</summary>{block}</details>"


def settings_text(settings: Mapping[str, Any]) -> str:
    """Return flat settings as TOML; None is the word none."""
    return "".join(
        f"{key} = {toml_value('none' if value is None else value)}\n"
        for key, value in settings.items()
    )


def versions_table(environment: Mapping[str, Any]) -> str:
    """Return what a result was computed with."""
    rows = [
        [escape(name.replace("_", " ")), escape(str(value))]
        for name, value in environment.items()
        if not isinstance(value, Mapping) and value is not None
    ]
    return table(["", ""], {"": rows})
