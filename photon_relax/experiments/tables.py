"""The findings of an experiment as tables: for a terminal, and as one CSV file for programs."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table

from photon_relax.experiments.findings import Family, Finding
from photon_relax.experiments.words import (
    change_text,
    estimate_text,
    figure_name,
    name_text,
    place_text,
)
from photon_relax.studies.answer import Estimate

__all__ = ["against_text", "csv_text", "family_rows", "family_table", "point_rows", "point_table"]

_LISTED = 40
"""Points that a terminal is shown; a map has more."""


def point_rows(finding: Finding) -> list[list[str]]:
    """Return each point with its parameters, seeds, mean and interval, as text."""
    rows = zip(
        finding.points,
        finding.planned.hidden_parameters,
        finding.seeds,
        finding.estimates,
        strict=True,
    )
    figure = finding.view.figure
    return [
        [place_text(point), f"{hidden:,}", f"{seeds}", estimate_text(figure, estimate)]
        for point, hidden, seeds, estimate in rows
    ]


def point_table(finding: Finding) -> Table | None:
    """Return the points as a table; None where they are too many to read."""
    rows = point_rows(finding)
    if len(rows) > _LISTED:
        return None
    head = ["", "hidden parameters", "seeds", f"{figure_name(finding.view.figure)}, 95 % interval"]
    return _table(finding.view.title, head, rows)


def against_text(finding: Finding, family: Family) -> str:
    """Say what the points of a family are compared with."""
    told = []
    for name, value in family.table.against.items():
        is_parameter = isinstance(value, str) and value in finding.points[0]
        told.append(
            f"{name_text(name)} = {name_text(value)}" if is_parameter else place_text({name: value})
        )
    return ", ".join(filter(None, told))


def family_rows(finding: Finding, family: Family) -> list[list[str]]:
    """Return each comparison: the point, its change with interval, and whether it is one."""
    return [
        [
            place_text(finding.points[comparison.point]),
            change_text(finding.view.figure, comparison.difference.change),
            f"{comparison.difference.pairs}",
            _probability(comparison.adjusted),
            family.significance(comparison),
        ]
        for comparison in family.comparisons
    ]


def family_table(finding: Finding, family: Family) -> Table:
    """Return the comparisons as a table."""
    change = f"change of {figure_name(finding.view.figure)}, 95 % interval"
    head = ["", change, "pairs", "p (Holm)", ""]
    title = f"Against {against_text(finding, family)}"
    return _table(title, head, family_rows(finding, family))


def _probability(value: float) -> str:
    if math.isnan(value):
        return "–"
    return "< 0.0001" if value < 1e-4 else f"{value:.2g}"


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for name in head:
        numeric = name in ("hidden parameters", "seeds", "pairs", "p (Holm)")
        table.add_column(name, justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*row)
    return table


def csv_text(findings: Sequence[Finding]) -> str:
    """Return all points and all comparisons: a line a point, or a line each of its comparisons."""
    names = list(dict.fromkeys(name for finding in findings for name in finding.points[0]))
    out = io.StringIO()
    writer = csv.DictWriter(out, [*_HEAD, *names, *_FIGURES, *_COMPARED], restval="")
    writer.writeheader()
    for finding in findings:
        writer.writerows(_lines(finding))
    return out.getvalue()


_HEAD = ("study", "figure")
_FIGURES = ("hidden_parameters", "seeds", "mean", "low", "high")
_COMPARED = (
    *("reference", "change", "change_low", "change_high", "pairs", "p", "p_holm"),
    *("comparisons", "significance"),
)


def _lines(finding: Finding) -> Iterator[dict[str, Any]]:
    for number, (point, estimate) in enumerate(zip(finding.points, finding.estimates, strict=True)):
        line = {
            "study": finding.planned.table.name,
            "figure": finding.view.figure,
            **point,
            "hidden_parameters": finding.planned.hidden_parameters[number],
            "seeds": finding.seeds[number],
            **_interval("", estimate),
        }
        compared = [
            {**line, **_compared(finding, family, number)}
            for family in finding.families
            if family.of(number) is not None
        ]
        yield from compared or [line]


def _compared(finding: Finding, family: Family, number: int) -> dict[str, Any]:
    comparison = family.of(number)
    assert comparison is not None
    return {
        "reference": place_text(finding.points[comparison.reference]),
        **_interval("change", comparison.difference.change),
        "pairs": comparison.difference.pairs,
        "p": _number(comparison.difference.probability),
        "p_holm": _number(comparison.adjusted),
        "comparisons": len(family.comparisons),
        "significance": family.significance(comparison),
    }


def _interval(name: str, found: Estimate) -> dict[str, Any]:
    names = ("mean", "low", "high") if not name else (name, f"{name}_low", f"{name}_high")
    values = (found.value, found.low, found.high)
    return {key: _number(value) for key, value in zip(names, values, strict=True)}


def _number(value: float) -> str:
    """Six digits; nothing where it is not known."""
    return "" if math.isnan(value) else f"{value:.6g}"
