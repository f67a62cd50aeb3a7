"""The picture of a case: closed form as a line, simulation as points, their difference below."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from photon_relax.reports.typeset import typeset
from validation.case import Curve, Reals

__all__ = ["draw_curve", "tolerance_band"]

_MARKERS = 120
"""Points beyond this many are drawn every so often: they would hide the line."""

_NEAR = 0.1
"""Share of the tolerance from which on a difference is drawn on the tolerance's scale."""

_LABEL_LENGTH = 32
"""Letters that fit on the upright axis."""

_DECADES = 1e3
"""Values that span more than this are drawn on a logarithmic axis."""


def draw_curve(curve: Curve, band: float | None = None) -> go.Figure:
    """Return the figure of a curve, the two panels above one another on a common x.

    Colours are left to the page (light or dark): each trace names its role in ``meta``.

    Parameters
    ----------
    curve
        Model and reference.
    band
        Half width of the tolerance in the lower panel, see `tolerance_band`; None for no band.
    """
    logarithmic = _spans_decades(curve)
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.68, 0.32], vertical_spacing=0.06
    )
    figure.add_trace(_line(curve), row=1, col=1)
    figure.add_trace(_points(curve), row=1, col=1)
    residual = _residual(curve, logarithmic)
    figure.add_trace(_residual_points(curve.x, residual), row=2, col=1)
    axis: dict[str, Any] = {"exponentformat": "power", "automargin": True, "zeroline": False}
    figure.update_xaxes(type="log" if _is_geometric(curve.x) else "linear", **axis)
    figure.update_xaxes(title_text=typeset(curve.x_label), row=2, col=1)
    figure.update_yaxes(
        title_text=_folded(curve.y_label),
        type="log" if logarithmic else "linear",
        row=1,
        col=1,
        **axis,
    )
    below = "model / formula − 1" if logarithmic else "model − formula"
    figure.update_yaxes(title_text=below, nticks=5, row=2, col=1, **axis)
    if not logarithmic and (room := _room_around_a_constant(curve)) is not None:
        figure.update_yaxes(range=room, row=1, col=1)
    _mark_band(figure, residual, band)
    figure.update_layout(
        template="none",
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        hovermode="closest",
    )
    return figure


def tolerance_band(curve: Curve, error: float, tolerance: float) -> float | None:
    """Return the tolerance as a distance in the lower panel, where the error is one of distances.

    The error of a case may be relative to the largest reference, absolute, or relative point by
    point; which of them it was shows in its value. None where it is another measure, such as
    standard errors.
    """
    if not 0 < error < np.inf:
        return None
    difference = np.abs(curve.simulated - curve.reference)
    largest = float(np.max(np.abs(curve.reference)))
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = float(np.max(difference / np.abs(curve.reference)))
    # The lower panel is relative too where the upper one is logarithmic.
    scales = {1.0: relative} if _spans_decades(curve) else {
        largest: float(np.max(difference)) / largest if largest else np.nan,
        1.0: float(np.max(difference)),
    }  # fmt: skip
    for scale, measure in scales.items():
        if np.isclose(error, measure, rtol=1e-6, atol=0.0):
            return tolerance * scale
    return None


def _line(curve: Curve) -> go.Scatter:
    """The closed form; a new line wherever x turns back, so that families do not run together.

    Dashes, one a point, where x has no order at all.
    """
    back = _starts(curve.x)
    name = {"name": "closed form", "meta": "formula"}
    if len(back) > len(curve.x) / 5:
        dash = {"symbol": "line-ew-open", "size": 14, "line": {"width": 2}}
        return go.Scatter(x=curve.x, y=curve.reference, mode="markers", marker=dash, **name)
    x, y = (np.insert(values, back, np.nan) for values in (curve.x, curve.reference))
    line = {"width": 2, "shape": "hvh" if _is_jagged(curve.reference) else "linear"}
    return go.Scatter(x=x, y=y, mode="lines", line=line, **name)


def _points(curve: Curve) -> go.Scatter:
    every = -(-len(curve.x) // _MARKERS)
    name = "simulation" if every == 1 else f"simulation (every {_ordinal(every)} point)"
    return go.Scatter(
        x=curve.x[::every], y=curve.simulated[::every], mode="markers", name=name, meta="model",
        marker={"size": 6, "symbol": "circle-open", "line": {"width": 1.4}},
    )  # fmt: skip


def _residual_points(x: Reals, residual: Reals) -> go.Scatter:
    return go.Scatter(
        x=x, y=residual, mode="markers", name="difference", meta="residual", showlegend=False,
        marker={"size": 4},
    )  # fmt: skip


def _residual(curve: Curve, relative: bool) -> Reals:
    difference = curve.simulated - curve.reference
    return difference / curve.reference if relative else difference


def _mark_band(figure: go.Figure, residual: Reals, band: float | None) -> None:
    """Draw the zero, and the tolerance where the points come near it; else say that it is far."""
    figure.add_hline(y=0, line={"width": 1}, row=2, col=1)
    if band is None:
        return
    finite = residual[np.isfinite(residual)]
    largest = float(np.max(np.abs(finite))) if finite.size else 0.0
    if largest < _NEAR * band:
        figure.add_annotation(
            text=f"tolerance ±{band:.1g}, off this scale", showarrow=False,
            xref="x2 domain", yref="y2 domain", x=1, y=1, xanchor="right", yanchor="bottom",
        )  # fmt: skip
        return
    for edge in (-band, band):
        figure.add_hline(y=edge, line={"width": 1, "dash": "dot"}, row=2, col=1)
    reach = 1.2 * max(band, largest)
    figure.update_yaxes(range=[-reach, reach], row=2)


def _folded(label: str) -> str:
    """A label of the upright axis in lines that fit beside it."""
    return "<br>".join(typeset(line) for line in wrap(label, _LABEL_LENGTH))


def _spans_decades(curve: Curve) -> bool:
    """Whether model and reference follow one another over decades, not into rounding errors."""
    low, high = float(np.min(curve.reference)), float(np.max(curve.reference))
    if not (low > 0 and high / low > _DECADES):
        return False
    return bool(np.all(np.abs(curve.simulated / curve.reference - 1) < 0.9))


def _is_geometric(x: Reals) -> bool:
    """Whether x grows by a constant factor, over a decade at least."""
    if len(x) < 4 or np.min(x) <= 0 or np.max(x) < 10 * np.min(x):
        return False
    steps = np.diff(np.log(np.split(x, _starts(x))[0]))
    return len(steps) > 2 and bool(np.ptp(steps) < 0.05 * np.abs(np.mean(steps)))


def _starts(x: Reals) -> NDArray[np.intp]:
    """Where a family of curves begins anew: x turns back against the way that it mostly goes."""
    steps = np.diff(x)
    onwards = np.sum(steps > 0) >= np.sum(steps < 0)
    return np.flatnonzero(steps < 0 if onwards else steps > 0) + 1


def _is_jagged(reference: Reals) -> bool:
    """Whether neighbours have nothing to do with each other, as the elements of a matrix."""
    steps = np.sign(np.diff(reference))
    turns = np.sum(steps[1:] * steps[:-1] < 0)
    return len(reference) > 8 and bool(turns > 0.4 * len(reference))


def _room_around_a_constant(curve: Curve) -> list[float] | None:
    """A range for values that all but agree: an axis made of rounding errors shows nothing."""
    both = np.concatenate([curve.reference, curve.simulated])
    low, high = float(np.min(both)), float(np.max(both))
    size = max(abs(low), abs(high))
    if high - low > 1e-6 * size:
        return None
    room = 0.1 * size or 1.0
    return [low - room, high + room]


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"
