"""The figures of a report, from plain arrays. Colours are names: the page knows the theme.

A trace carries the name of its colour in ``meta`` and a shape in ``name``, see `html_page`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray
from plotly.subplots import make_subplots

__all__ = [
    "draw_bars",
    "draw_confusion",
    "draw_intervals",
    "draw_learning",
    "draw_panels",
    "draw_steps",
    "fold_label",
    "name_rows",
    "new_figure",
]

Array = NDArray[np.float64]
Interval = tuple[float, float]

_LABEL_LENGTH = 24
"""Letters of a condition that fit beside its row."""

_ROW = 52
"""Height of a row of intervals in pixels; 84 more hold the axis."""

_PANEL = 170
"""Height of one of several panels in pixels."""


def new_figure(
    x_label: str, y_label: str, *, percent_x: bool = False, percent_y: bool = False, **layout: Any
) -> go.Figure:
    """Return an empty figure with the look that all have."""
    figure = go.Figure()
    _dress(figure, **layout)
    figure.update_xaxes(title_text=x_label, tickformat="~%" if percent_x else None)
    figure.update_yaxes(title_text=y_label, tickformat="~%" if percent_y else None)
    return figure


def _dress(figure: go.Figure, **layout: Any) -> None:
    figure.update_layout(
        template="none",
        margin={"l": 8, "r": 12, "t": 30, "b": 8},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hovermode="closest",
        **layout,
    )
    figure.update_xaxes(exponentformat="power", automargin=True, zeroline=False)
    figure.update_yaxes(exponentformat="power", automargin=True, zeroline=False)


def draw_learning(
    training: tuple[ArrayLike, ArrayLike],
    validation: tuple[ArrayLike, ArrayLike],
    best_step: int | None,
    label: str,
    *,
    percent: bool = False,
) -> go.Figure:
    """Return how a quantity developed over the steps of a training.

    Parameters
    ----------
    training, validation
        Steps and values.
    best_step
        The step whose parameters were kept.
    """
    form = ".1%" if percent else ".4f"
    figure = new_figure("optimiser step", label, percent_y=percent)
    for name, role, (steps, values) in (
        ("training", "series-8", training),
        ("validation", "series-1", validation),
    ):
        figure.add_scatter(
            x=np.asarray(steps), y=np.asarray(values), name=name, meta=role,
            mode="lines+markers" if len(np.asarray(steps)) < 60 else "lines",
            marker={"size": 4}, line={"width": 2 if name == "validation" else 1.3},
            hovertemplate=f"{name}, step %{{x}}: %{{y:{form}}}<extra></extra>",
        )  # fmt: skip
    if best_step is not None:
        figure.add_vline(x=best_step, line={"width": 1, "dash": "dot"}, name="series-2")
        figure.add_annotation(
            x=best_step, y=1, yref="paper", text=f"best, {best_step}", showarrow=False,
            xanchor="right", yanchor="top", xshift=-4,
        )  # fmt: skip
    return figure


def draw_intervals(
    labels: Sequence[str],
    values: Sequence[float],
    intervals: Sequence[Interval],
    label: str,
    *,
    percent: bool = False,
) -> go.Figure:
    """Return a row for each condition: its value, and its interval as a bar.

    The first condition is the reference; a line carries its value down to the others.
    """
    form = ".2%" if percent else ".4f"
    rows = [f"{i}" for i in range(len(labels))]
    figure = new_figure(label, "", percent_x=percent, height=84 + _ROW * len(labels))
    for role, chosen in (("series-1", slice(0, 1)), ("series-2", slice(1, None))):
        ends = np.array(intervals[chosen], dtype=np.float64).reshape(-1, 2)
        middle = np.array(values[chosen], dtype=np.float64)
        figure.add_scatter(
            x=middle, y=rows[chosen], mode="markers", meta=role, showlegend=False,
            marker={"size": 9}, customdata=ends,
            error_x={
                "type": "data", "array": ends[:, 1] - middle, "arrayminus": middle - ends[:, 0],
                "thickness": 2, "width": 5,
            },
            hovertemplate=(
                f"%{{x:{form}}}, 95 % interval %{{customdata[0]:{form}}} … "
                f"%{{customdata[1]:{form}}}<extra></extra>"
            ),
        )  # fmt: skip
    figure.add_vline(x=values[0], line={"width": 1, "dash": "dot"}, name="series-1")
    name_rows(figure, labels)
    return figure


def draw_bars(
    labels: Sequence[str], values: Sequence[float], notes: Sequence[str], label: str
) -> go.Figure:
    """Return a bar for each label, from the first down, with a note at its end and on hover."""
    rows = [f"{i}" for i in range(len(labels))]
    figure = new_figure(label, "", height=84 + 34 * len(labels))
    long = 0.6 * max(values, default=0.0)
    places = ["inside" if value > long else "outside" for value in values]
    figure.add_bar(
        x=np.asarray(values), y=rows, orientation="h", meta="series-1", showlegend=False,
        text=list(notes), textposition=places, customdata=list(labels),
        hovertemplate="%{customdata}: %{text}<extra></extra>",
    )  # fmt: skip
    name_rows(figure, labels)
    return figure


def draw_steps(
    labels: Sequence[str], levels: Sequence[float], notes: Sequence[str], label: str
) -> go.Figure:
    """Return levels one below the other, as they change from step to step."""
    rows = [f"{i}" for i in range(len(labels))]
    figure = new_figure(label, "", height=84 + 40 * len(labels))
    figure.add_scatter(
        x=np.asarray(levels), y=rows, mode="lines+markers", meta="series-1", showlegend=False,
        marker={"size": 9}, line={"width": 2, "shape": "vh"}, customdata=list(notes),
        hovertemplate="%{x:.2f}: %{customdata}<extra></extra>",
    )  # fmt: skip
    name_rows(figure, labels)
    return figure


def name_rows(figure: go.Figure, labels: Sequence[str]) -> None:
    """Name rows "0", "1" … from the top; labels that are alike stay two rows."""
    figure.update_yaxes(
        type="category", tickvals=[f"{i}" for i in range(len(labels))],
        ticktext=[fold_label(label) for label in labels], autorange="reversed",
    )  # fmt: skip


def draw_confusion(table: NDArray[np.int64]) -> go.Figure:
    """Return a confusion matrix [true class, class named], shaded by the share of the true."""
    classes = [str(i) for i in range(len(table))]
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    figure = new_figure("class named", "true class", height=430)
    figure.add_heatmap(
        x=classes, y=classes, z=shares, zmin=0, zmax=1, showscale=False, meta="series-1",
        text=np.where(table > 0, table.astype(str), ""), texttemplate="%{text}",
        customdata=table, xgap=1, ygap=1,
        hovertemplate=(
            "true %{y}, named %{x}: %{customdata} samples, %{z:.1%} of the true"
            "<extra></extra>"
        ),
    )  # fmt: skip
    figure.update_xaxes(type="category", showgrid=False)
    figure.update_yaxes(type="category", showgrid=False, autorange="reversed")
    return figure


def draw_panels(
    time: Array,
    panels: Sequence[tuple[str, Sequence[tuple[str, str, Array]]]],
    marks: Sequence[tuple[float, float, str]],
    time_label: str,
) -> go.Figure:
    """Return waveforms one panel above the other on a common time, with the slots marked.

    Parameters
    ----------
    time
        End of each sample, (T,).
    panels
        For each its label and its waveforms: name, colour and values (T,). Waveforms of one name
        share a colour and one entry of the legend.
    marks
        Beginning, end and name of each slot.
    """
    figure = make_subplots(rows=len(panels), cols=1, shared_xaxes=True, vertical_spacing=0.035)
    _dress(figure, height=70 + _PANEL * len(panels))
    named: set[str] = set()
    for row, (label, waves) in enumerate(panels, start=1):
        for name, role, values in waves:
            figure.add_scatter(
                x=time, y=values, name=name, legendgroup=name, meta=role, mode="lines",
                showlegend=name not in named, line={"width": 1.6},
                hovertemplate=f"{name}: %{{y:.4g}} at %{{x:.4g}}<extra></extra>", row=row, col=1,
            )  # fmt: skip
            named.add(name)
        figure.update_yaxes(title_text=label, nticks=5, row=row, col=1)
    figure.update_xaxes(title_text=time_label, row=len(panels), col=1)
    figure.update_xaxes(showgrid=False, range=[marks[0][0], marks[-1][1]])
    for start, end, name in marks:
        figure.add_shape(
            type="line", x0=start, x1=start, y0=0, y1=1, xref="x", yref="paper", layer="below",
            line={"width": 1, "dash": "dot"}, name="faint",
        )  # fmt: skip
        figure.add_annotation(
            x=(start + end) / 2, y=1, xref="x", yref="paper", text=name, showarrow=False,
            yanchor="bottom",
        )  # fmt: skip
    # Above the names of the slots.
    figure.update_layout(legend={"y": 1 + 24 / (_PANEL * len(panels))})
    return figure


def fold_label(label: str) -> str:
    """Return a label in lines that fit beside a row; a dotted name breaks behind its dots."""
    words = [
        re.sub(r"(?<=[a-z])\.(?=[a-z])", ".\0 ", word) if len(word) > _LABEL_LENGTH else word
        for word in label.split()
    ]
    lines = wrap(" ".join(words), _LABEL_LENGTH, break_long_words=False)
    return "<br>".join(line.replace("\0 ", "").replace("\0", "") for line in lines)
