"""The figures of a study, from plain arrays: curves, maps, clouds of points, and rankings.

Colours are names, see `photon_relax.reports.figures`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from photon_relax.reports.figures import Interval, name_rows, new_figure
from photon_relax.reports.numbers import scale_of

__all__ = [
    "Bars",
    "Curve",
    "Reference",
    "Swing",
    "draw_cloud",
    "draw_curves",
    "draw_map",
    "draw_ranking",
    "draw_search",
    "draw_tornado",
]

Array = NDArray[np.float64]

_COLOURS = tuple(f"series-{i}" for i in range(1, 9))
_WRITTEN = 60
"""Cells of a map up to which each shows its figure."""

_MANY = 400
"""Points of a cloud from which on they are drawn small."""


class Curve(NamedTuple):
    """A figure over one parameter."""

    name: str
    """For the legend; empty where it is the only one."""
    x: NDArray[Any]
    """Numbers or words, (n,)."""
    middle: Array
    """(n,), NaN where nothing was measured."""
    low: Array
    """Lower end of the interval, (n,); NaN where there is none."""
    high: Array
    """Upper end, likewise."""


class Reference(NamedTuple):
    """A value to compare with, drawn across."""

    name: str
    value: float


def draw_curves(
    curves: Sequence[Curve],
    x_label: str,
    y_label: str,
    *,
    logarithmic: bool = False,
    percent: bool = False,
    reference: Reference | None = None,
) -> go.Figure:
    """Return response curves, each with its interval as a band."""
    figure = new_figure(x_label, y_label, percent_y=percent)
    _scale_x(figure, curves[0].x, logarithmic)
    for i, curve in enumerate(curves):
        role = _COLOURS[i % len(_COLOURS)]
        for stretch in _stretches(curve):
            x = curve.x[stretch]
            figure.add_scatter(
                x=np.concatenate([x, x[::-1]]),
                y=np.concatenate([curve.high[stretch], curve.low[stretch][::-1]]),
                fill="toself", mode="none", meta=role, hoverinfo="skip", showlegend=False,
                legendgroup=curve.name,
            )  # fmt: skip
        figure.add_scatter(
            x=_plain(curve.x), y=curve.middle, name=curve.name, legendgroup=curve.name, meta=role,
            mode="lines+markers", line={"width": 2}, marker={"size": 7},
            showlegend=len(curves) > 1, customdata=_told(curve, percent),
            error_y=_bars(curve),
            hovertemplate="%{customdata}<br>" + x_label + " = %{x}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    _add_reference(figure, reference, percent)
    return figure


def _scale_x(figure: go.Figure, x: NDArray[Any], logarithmic: bool) -> None:
    if x.dtype.kind not in "iuf":
        figure.update_xaxes(type="category")
        return
    size = np.abs(x[x != 0])
    plain = not size.size or (size.min() >= 1e-3 and size.max() < 1e5)
    # 100, or 10G where numbers are long.
    form = "~g" if plain else "~s"
    figure.update_xaxes(tickformat=form, hoverformat=f".4{form}")
    if logarithmic:
        figure.update_xaxes(type="log", **_decade_ticks(float(x.min()), float(x.max()), plain))


def _decade_ticks(low: float, high: float, plain: bool) -> dict[str, Any]:
    """Return ticks at 1, 2 and 5 of each decade, or at decades where there are many."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    few = last - first <= 3
    steps = (1, 2, 5) if few else (1,)
    every = 1 if few else -(-(last - first) // 6)
    ticks = [step * 10.0**k for k in range(first, last + 1, every) for step in steps]
    ticks = [tick for tick in ticks if 0.99 * low <= tick <= 1.01 * high]
    if len(ticks) < 2:
        return {}
    return {"tickvals": ticks, "ticktext": [_short(tick, plain) for tick in ticks]}


def _short(value: float, plain: bool) -> str:
    if plain:
        return f"{value:g}"
    factor, prefix = scale_of(value, "")
    return f"{value / factor:.4g}{prefix}"


def _stretches(curve: Curve) -> list[slice]:
    """Return where a curve over numbers has its interval, two points and more at a time."""
    if curve.x.dtype.kind not in "iuf":
        return []
    known = np.isfinite(curve.low) & np.isfinite(curve.high)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(int)))
    return [slice(start, stop) for start, stop in edges.reshape(-1, 2) if stop - start > 1]


def _bars(curve: Curve) -> dict[str, Any] | None:
    """Return the intervals as bars, where there is no band: over words, and at single points."""
    if _stretches(curve) or not np.isfinite(curve.low).any():
        return None
    return {
        "type": "data",
        "array": curve.high - curve.middle,
        "arrayminus": curve.middle - curve.low,
        "thickness": 1.5,
        "width": 5,
    }


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    """Words and flags as words, for they are categories."""
    return values if values.dtype.kind in "iuf" else values.astype(str).astype(object)


def _told(curve: Curve, percent: bool) -> list[str]:
    return [
        _with_interval(*ends, percent)
        for ends in zip(curve.middle, curve.low, curve.high, strict=True)
    ]


def _with_interval(value: float, low: float, high: float, percent: bool) -> str:
    text = _written(value, percent)
    if not np.isfinite([low, high]).all():
        return text
    return f"{text} ({_written(low, percent)} … {_written(high, percent)})"


def _written(value: float, percent: bool) -> str:
    return f"{100 * value:.2f} %" if percent else f"{value:.4g}"


def _add_reference(figure: go.Figure, reference: Reference | None, percent: bool) -> None:
    if reference is None:
        return
    figure.add_hline(y=reference.value, line={"width": 1.2, "dash": "dot"}, name="series-2")
    figure.add_annotation(
        x=0, xref="paper", y=reference.value, xanchor="left", yanchor="bottom", showarrow=False,
        text=f"{reference.name}: {_written(reference.value, percent)}",
    )  # fmt: skip


def draw_map(
    x: Sequence[str],
    y: Sequence[str],
    middle: Array,
    low: Array,
    high: Array,
    labels: tuple[str, str, str],
    *,
    percent: bool = False,
) -> go.Figure:
    """Return a figure over two parameters, a cell a point.

    Parameters
    ----------
    x, y
        Values of both in words, n and m.
    middle, low, high
        The figure and its interval, (m, n), NaN where there is none.
    labels
        Of x, y and the figure.
    """
    told = [
        [_with_interval(*ends, percent) for ends in zip(*line, strict=True)]
        for line in zip(middle, low, high, strict=True)
    ]
    short = [
        ["" if np.isnan(v) else f"{100 * v:.1f}" if percent else f"{v:.3g}" for v in line]
        for line in middle
    ]
    figure = new_figure(labels[0], labels[1], height=max(360, min(110 + 34 * len(y), 720)))
    figure.add_heatmap(
        x=list(x), y=list(y), z=middle, customdata=told, meta="series-1", xgap=1, ygap=1,
        text=short, texttemplate="%{text}" if middle.size <= _WRITTEN else None,
        colorbar={"thickness": 12, "tickformat": "~%" if percent else None},
        hovertemplate=(
            f"%{{customdata}}<br>{labels[0]} = %{{x}}<br>{labels[1]} = %{{y}}<extra></extra>"
        ),
    )  # fmt: skip
    figure.update_xaxes(type="category", showgrid=False)
    figure.update_yaxes(type="category", showgrid=False)
    return figure


def draw_cloud(
    x: NDArray[Any],
    y: Array,
    x_label: str,
    y_label: str,
    *,
    logarithmic: bool = False,
    percent: bool = False,
    reference: Reference | None = None,
) -> go.Figure:
    """Return every point of a sample over one of its parameters."""
    figure = new_figure(x_label, y_label, percent_y=percent)
    _scale_x(figure, x, logarithmic)
    figure.add_scatter(
        x=_plain(x), y=y, mode="markers", meta="series-1", showlegend=False, opacity=0.7,
        marker={"size": 4 if len(x) > _MANY else 6},
        customdata=[_written(value, percent) for value in y],
        hovertemplate="%{customdata}<br>" + x_label + " = %{x}<extra></extra>",
    )  # fmt: skip
    _add_reference(figure, reference, percent)
    return figure


def draw_search(
    curves: Sequence[tuple[Curve, str]],
    x_label: str,
    y_label: str,
    threshold: Reference,
    left: tuple[float, float] | None,
    *,
    logarithmic: bool = False,
    percent: bool = False,
) -> go.Figure:
    """Return the values that a search tried, by verdict.

    Parameters
    ----------
    curves
        Points with their intervals, and the name of the colour of each verdict.
    threshold
        What they were held against.
    left
        The stretch that was not decided at the end, or None.
    """
    figure = new_figure(x_label, y_label, percent_y=percent)
    tried = np.concatenate([curve.x for curve, _ in curves]).astype(np.float64)
    _scale_x(figure, tried, logarithmic)
    for curve, role in curves:
        figure.add_scatter(
            x=curve.x, y=curve.middle, name=curve.name, meta=role, mode="markers",
            marker={"size": 8}, customdata=_told(curve, percent),
            error_y={
                "type": "data", "array": curve.high - curve.middle,
                "arrayminus": curve.middle - curve.low, "thickness": 1.5, "width": 5,
            },
            hovertemplate="%{customdata}<br>" + x_label + " = %{x}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    if left is not None:
        figure.add_shape(
            type="rect", x0=left[0], x1=left[1], y0=0, y1=1, yref="paper", layer="below",
            line={"width": 0}, fillcolor="grey", name="series-1",
        )  # fmt: skip
    _add_reference(figure, threshold, percent)
    return figure


class Bars(NamedTuple):
    """One bar for each parameter."""

    name: str
    """For the legend; empty where it is the only one."""
    sizes: Sequence[float]
    """Signed."""
    intervals: Sequence[Interval]
    """Their ends; NaN where they are not known."""


def draw_ranking(
    names: Sequence[str], series: Sequence[Bars], label: str, *, percent: bool = False
) -> go.Figure:
    """Return how much each parameter does as bars with their intervals, as they are ordered."""
    rows = [f"{i}" for i in range(len(names))]
    figure = new_figure(label, "", percent_x=percent, height=84 + 48 * len(names))
    for bars, role in zip(series, ("series-1", "series-8"), strict=False):
        middle = np.asarray(bars.sizes)
        ends = np.asarray(bars.intervals, dtype=np.float64).reshape(-1, 2)
        figure.add_bar(
            x=middle, y=rows, orientation="h", meta=role, name=bars.name,
            showlegend=len(series) > 1,
            error_x={
                "type": "data", "array": ends[:, 1] - middle, "arrayminus": middle - ends[:, 0],
                "thickness": 1.5, "width": 5,
            },
            customdata=[
                f"{name}{bars.name and ', ' + bars.name}: "
                f"{_with_interval(size, pair[0], pair[1], percent)}"
                for name, size, pair in zip(names, middle, ends, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    figure.add_vline(x=0, line={"width": 1}, name="faint")
    name_rows(figure, names)
    figure.update_layout(barmode="group", bargap=0.35)
    return figure


class Swing(NamedTuple):
    """What a figure becomes while one parameter alone moves."""

    low_at: str
    """Value with the least figure, in words."""
    low: float
    """That figure."""
    high_at: str
    """Value with the greatest."""
    high: float
    """That figure."""


def draw_tornado(
    names: Sequence[str],
    swings: Sequence[Swing],
    label: str,
    *,
    percent: bool = False,
    reference: Reference | None = None,
) -> go.Figure:
    """Return the swing of each parameter about the base, as they are ordered.

    Without a base each bar begins at its own least figure.
    """
    rows = [f"{i}" for i in range(len(names))]
    figure = new_figure(label, "", percent_x=percent, height=100 + 48 * len(names))
    starts = [swing.low if reference is None else reference.value for swing in swings]
    for side, role in (("low", "series-2"), ("high", "series-1")):
        ends = [getattr(swing, side) for swing in swings]
        words = [getattr(swing, f"{side}_at") for swing in swings]
        figure.add_bar(
            x=np.subtract(ends, starts), base=starts, y=rows, orientation="h", meta=role,
            showlegend=False, width=0.55, text=words, textposition="auto",
            customdata=[
                f"{name} at {word}: {_written(end, percent)}"
                for name, word, end in zip(names, words, ends, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    if reference is not None:
        figure.add_vline(x=reference.value, line={"width": 1, "dash": "dot"}, name="faint")
        figure.add_annotation(
            x=reference.value, y=1, yref="paper", yanchor="bottom", showarrow=False,
            text=f"{reference.name}: {_written(reference.value, percent)}",
        )  # fmt: skip
    name_rows(figure, names)
    figure.update_layout(barmode="overlay")
    return figure
