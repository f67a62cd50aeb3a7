"""The figure of an experiment: a panel a view."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator

from photon_relax.experiments.findings import Finding
from photon_relax.experiments.tables import against_text
from photon_relax.experiments.words import (
    figure_name,
    is_share,
    name_text,
    network_kind,
    place_text,
    scale_of,
)
from photon_relax.gradient_flow import plot_layers
from photon_relax.pictures import new_figure, save_figure

__all__ = ["draw_findings"]

# Okabe and Ito's colours, which the colour-blind tell apart; each with a marker of its own.
_STYLES = (
    ("#0072B2", "o"), ("#D55E00", "s"), ("#009E73", "^"), ("#CC79A7", "D"), ("#E69F00", "v"),
    ("#56B4E9", "P"), ("#000000", "X"),
)  # fmt: skip
_GREY = "#6b6b6b"


def draw_findings(findings: Sequence[Finding], title: str, path: str | Path) -> None:
    """Draw every view in a panel of its own, two a row but for maps, and write them as one PNG."""
    rows = _laid_out(findings)
    columns = max(len(row) for row in rows)
    heights = [max(_height(finding) for finding in row) for row in rows]
    figure = new_figure(6.6 * columns if columns > 1 else 7.6, sum(heights) + 0.5)
    grid = figure.add_gridspec(len(rows), columns, height_ratios=heights)
    for i, row in enumerate(rows):
        for j, finding in enumerate(row):
            axes = figure.add_subplot(grid[i, :] if len(row) == 1 else grid[i, j])
            _DRAWN[finding.view.picture](figure, axes, finding)
            axes.set_title(_symbols(finding.view.title), fontsize=10, loc="left")
    figure.suptitle(_symbols(title), fontsize=12)
    save_figure(figure, path)


def _laid_out(findings: Sequence[Finding]) -> list[list[Finding]]:
    rows: list[list[Finding]] = []
    for finding in findings:
        alone = finding.view.picture == "map"
        if alone or not rows or len(rows[-1]) == 2 or rows[-1][0].view.picture == "map":
            rows.append([finding])
        else:
            rows[-1].append(finding)
    return rows


def _height(finding: Finding) -> float:
    if finding.view.picture != "points":
        return 4.4
    rows, _ = _rows(finding)
    return max(1.9 + 0.36 * len(rows), 3.2)


def _draw_curve(figure: Figure, axes: Axes, finding: Finding) -> None:
    """Draw the figure over one parameter, a curve for each value of the others."""
    along = finding.view.along or next(iter(finding.points[0]))
    curves: dict[str, list[int]] = {}
    for number, point in enumerate(finding.points):
        rest = {name: value for name, value in point.items() if name != along}
        curves.setdefault(place_text(rest), []).append(number)
    for (label, numbers), style in zip(curves.items(), _STYLES, strict=False):
        places = [finding.points[number][along] for number in numbers]
        axes.plot(places, _scaled(finding)[0][numbers], color=style[0], linewidth=1.4)
        _draw_marks(axes, places, numbers, finding, style, _symbols(label))
    values = list(dict.fromkeys(point[along] for point in finding.points))
    axes.set_xticks(values)
    axes.set_xlabel(_symbol(along))
    axes.set_ylabel(figure_name(finding.view.figure))
    axes.grid(axis="y", alpha=0.25)
    if len(curves) == 1:
        _draw_reference(axes, finding, axes.axhline)
    if finding.view.footprint:
        _draw_footprint(axes, finding, along)
    _draw_legend(axes, finding)


def _draw_marks(
    axes: Axes,
    places: Sequence[Any],
    numbers: Sequence[int],
    finding: Finding,
    style: tuple[str, str],
    label: str,
    *,
    upright: bool = True,
) -> None:
    """Draw means with their intervals, full where a comparison is significant."""
    colour, marker = style
    middle, halves = _scaled(finding)
    for place, number in zip(places, numbers, strict=True):
        half = halves[number]
        x, y = (place, middle[number]) if upright else (middle[number], place)
        error = None if math.isnan(half) else half
        axes.errorbar(
            x,
            y,
            yerr=error if upright else None,
            xerr=None if upright else error,
            fmt=marker,
            color=colour,
            markerfacecolor=colour if _is_different(finding, number) else "white",
            markersize=6,
            capsize=3,
            linewidth=1.1,
            zorder=3,
        )
    if label:
        # Hollow in the legend, whatever is significant.
        axes.scatter([], [], marker=marker, facecolors="white", edgecolors=colour, label=label)


def _scaled(finding: Finding) -> tuple[Any, Any]:
    """Return the means and the halves of their intervals in the unit of the figure."""
    factor = scale_of(finding.view.figure)
    found = finding.estimates
    middle = np.array([factor * estimate.value for estimate in found])
    return middle, np.array([factor * (estimate.high - estimate.value) for estimate in found])


def _is_different(finding: Finding, number: int) -> bool:
    """Say whether a point differs from its reference among the first comparisons of the view."""
    compared = finding.families[0].of(number) if finding.families else None
    return compared is not None and compared.is_significant


def _draw_reference(axes: Axes, finding: Finding, line: Any) -> None:
    """Draw the point that all others are compared with, if there is one."""
    if not finding.families:
        return
    references = {comparison.reference for comparison in finding.families[0].comparisons}
    if len(references) > 1:
        return
    (number,) = references
    told = _symbols(place_text(finding.points[number]))
    line(_scaled(finding)[0][number], color=_GREY, linestyle="--", linewidth=1.1, label=told)


def _draw_legend(axes: Axes, finding: Finding) -> None:
    """Name the marks, and say what a full one means."""
    if finding.families:
        against = _symbols(against_text(finding, finding.families[0]))
        note = f"full marks: significantly different from {against}"
        axes.set_xlabel(f"{axes.get_xlabel()}\n{note}", fontsize=9)
    handles = axes.get_legend_handles_labels()[1]
    if handles and finding.view.picture == "points":
        # Below, for marks may be anywhere.
        axes.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.62 / _height(finding) - 0.08),
            ncols=len(handles), fontsize=8, frameon=False,
        )  # fmt: skip
    elif handles:
        axes.legend(fontsize=8, framealpha=0.8, edgecolor="none")


def _draw_footprint(axes: Axes, finding: Finding, along: str) -> None:
    """Draw the hidden parameters on a second axis."""
    hidden = dict(
        zip((p[along] for p in finding.points), finding.planned.hidden_parameters, strict=True)
    )
    other = axes.twinx()
    other.bar(
        list(hidden), list(hidden.values()), width=0.35, color=_GREY, alpha=0.22, zorder=0,
    )  # fmt: skip
    # Low, so that they do not stand behind the curve.
    other.set_ylim(0, 1.6 * max(hidden.values()))
    other.set_ylabel("hidden parameters $L_W(N^2+N)$ (bars)", color=_GREY)
    other.tick_params(axis="y", colors=_GREY)
    other.yaxis.set_major_formatter(EngFormatter())
    axes.set_zorder(other.get_zorder() + 1)
    axes.patch.set_visible(False)


def _draw_points(figure: Figure, axes: Axes, finding: Finding) -> None:
    """Draw a row a point, and a colour for each value of the series."""
    rows, series = _rows(finding)
    for i, (value, style) in enumerate(zip(series, _STYLES, strict=False)):
        numbers = [row[value] for row in rows.values() if value in row]
        shift = 0.16 * (i - 0.5 * (len(series) - 1)) if finding.view.series else 0.0
        places = [place + shift for place, row in enumerate(rows.values()) if value in row]
        _draw_marks(axes, places, numbers, finding, style, _symbols(value), upright=False)
    axes.set_yticks(range(len(rows)), [_symbols(label) or "all" for label in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel(figure_name(finding.view.figure))
    axes.grid(axis="x", alpha=0.25)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    if finding.view.series is None:
        _draw_reference(axes, finding, axes.axvline)
    _draw_legend(axes, finding)


def _rows(finding: Finding) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Return the rows by their labels, each with the point of every series; and the series.

    Where the file names none, the kinds of networks are the series.
    """
    series = finding.view.series
    rows: dict[str, dict[str, int]] = {}
    for number, point in enumerate(finding.points):
        rest = {name: value for name, value in point.items() if name != series}
        value = network_kind(point) if series is None else place_text({series: point[series]})
        rows.setdefault(place_text(rest), {})[value] = number
    return rows, list(dict.fromkeys(value for row in rows.values() for value in row))


def _draw_map(figure: Figure, axes: Axes, finding: Finding) -> None:
    """Draw the figure as shades over two parameters, with its values; a ring marks each best."""
    across = finding.view.along or list(finding.points[0])[-1]
    up = next(name for name in finding.points[0] if name != across)
    columns = sorted({point[across] for point in finding.points})
    rows = sorted({point[up] for point in finding.points})
    table = np.full((len(rows), len(columns)), np.nan)
    for point, value in zip(finding.points, _scaled(finding)[0], strict=True):
        table[rows.index(point[up]), columns.index(point[across])] = value
    image = axes.imshow(table, origin="lower", aspect="auto", cmap="viridis_r")
    figure.colorbar(image, ax=axes, label=figure_name(finding.view.figure))
    _write_values(axes, table, is_share(finding.view.figure))
    axes.set_xticks(range(len(columns)), [str(value) for value in columns])
    axes.set_yticks(range(len(rows)), [str(value) for value in rows])
    axes.set_xlabel(_symbol(across))
    axes.set_ylabel(_symbol(up))


def _write_values(axes: Axes, table: Any, share: bool) -> None:
    centre = 0.5 * (np.nanmin(table) + np.nanmax(table))
    for row, line in enumerate(np.asarray(table, dtype=np.float64)):
        known = np.isfinite(line)
        best = int(np.nanargmin(line)) if known.any() else None
        for column in np.flatnonzero(known).tolist():
            value = line[column]
            text = f"{value:.1f}" if share else f"{value:.2f}"
            axes.text(
                column, row, text, ha="center", va="center", fontsize=7,
                color="white" if value > centre else "black",
                fontweight="bold" if column == best else "normal",
            )  # fmt: skip
        if best is not None:
            axes.plot(best, row, "s", markersize=17, markerfacecolor="none", color="#D55E00")


def _symbols(text: str) -> str:
    """Set the symbols of the paper in a text."""
    return re.sub(r"\bL_[WT]\b", r"$\g<0>$", text)


def _symbol(name: str) -> str:
    """Return a parameter as an axis names it."""
    return {
        "weight_sets": "weight sets $L_W$",
        "repetitions": "depth $L_T$",
        "width": "width $N$",
    }.get(name, name_text(name))


def _draw_layers(figure: Figure, axes: Axes, finding: Finding) -> None:
    """Draw the norm of the gradient over the layers, a line a point."""
    labels = [_symbols(place_text(point)) for point in finding.points]
    plot_layers(axes, dict(zip(labels, finding.layers or [], strict=False)))
    for number, line in enumerate(axes.lines):
        colour, marker = _STYLES[number % len(_STYLES)]
        line.set(color=colour, marker=marker, linestyle="-" if number < len(_STYLES) else ":")
    axes.legend(frameon=False, fontsize=8)


_DRAWN: Mapping[str, Any] = {
    "curve": _draw_curve,
    "points": _draw_points,
    "map": _draw_map,
    "layers": _draw_layers,
}
