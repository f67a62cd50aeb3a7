"""Pictures of a circuit in time: signals over time, and eyes.

An eye is a signal cut into pieces of one period that lie on top of each other, as an oscilloscope
triggered by the clock shows bits: where many traces pass is bright. What stays dark in the middle
is what a decision can go wrong by.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.constants import c as speed_of_light
from scipy.ndimage import gaussian_filter

from photon_relax.atomic_file import write_atomically
from photon_relax.traces import Signals, Traces

__all__ = ["draw_eyes", "draw_traces", "eye_density", "periods_of", "thinned"]

_RESOLUTION = 150  # dots per inch
_COLUMNS = 2000  # of a line over time: more than a picture has dots
_NAMED = 14  # lines that a legend can name
_EYE = (320, 240)  # columns and rows of an eye
_FINE = 8  # points of a trace in each column: edges leave no gaps
_TRACED = 2000  # periods that fill an eye
_MOST_EYES = 12

_Line = NDArray[np.float64]


class _Named(NamedTuple):
    name: str
    levels: _Line


def draw_traces(traces: Traces, path: str | Path) -> None:
    """Draw power, and electrical signals, over time: what enters, leaves, and is probed."""
    panels = [
        (what, domain, lines)
        for signals, what in (
            (traces.entering, "enters"),
            (traces.leaving, "leaves"),
            (traces.probed, "leaves, inside"),
        )
        for domain in ("optical", "electrical")
        if (lines := list(_lines(traces, signals, domain, dark=signals is traces.entering)))
    ]
    figure = Figure(figsize=(10.0, 1.0 + 2.6 * len(panels)), layout="constrained")
    FigureCanvasAgg(figure)
    prefix, scale = _prefix(traces.time[-1])
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for panel, (what, domain, lines) in zip(axes, panels, strict=True):
        unit, size = _unit(domain, max(float(np.abs(line.levels).max()) for line in lines))
        for line in lines:
            time, levels = thinned(traces.time / scale, line.levels / size)
            dense = len(time) < len(traces.time)
            style = {"linewidth": 0.6, "alpha": 0.75} if dense else {"linewidth": 1.2}
            panel.plot(time, levels, label=line.name, **style)
        panel.set_ylabel(f"{what}\n({unit})")
        panel.grid(alpha=0.3)
        panel.margins(x=0.01)
        if domain == "optical":
            panel.set_ylim(bottom=0.0)
        if len(lines) <= _NAMED:
            panel.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    axes[-1].set_xlabel(f"time ({prefix}s)")
    _save(figure, path)


def draw_eyes(traces: Traces, period: float, path: str | Path) -> None:
    """Draw the eyes of ports and probes that anything leaves, two periods wide, a dozen at most.

    Raises
    ------
    ValueError
        As of `periods_of`, or nothing leaves any port.
    """
    lines = [
        (domain, line)
        for signals in (traces.leaving, traces.probed)
        for domain in ("optical", "electrical")
        for line in _lines(traces, signals, domain)
    ][:_MOST_EYES]
    if not lines:
        raise ValueError("nothing leaves any port, so there is no eye to draw")
    across = min(len(lines), 3)
    down = -(-len(lines) // across)
    figure = Figure(figsize=(0.8 + 4.0 * across, 0.4 + 3.2 * down), layout="constrained")
    FigureCanvasAgg(figure)
    prefix, scale = _prefix(period)
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for panel, (domain, line) in zip(panels, lines, strict=False):
        unit, size = _unit(domain, float(np.abs(line.levels).max()))
        _draw_eye(panel, line.levels / size, traces.dt, period, scale)
        panel.set_title(line.name, fontsize=10)
        panel.set_ylabel(unit)
        panel.set_xlabel(f"time ({prefix}s)")
    for panel in panels[len(lines) :]:
        panel.remove()
    _save(figure, path)


def _draw_eye(panel: Axes, levels: _Line, dt: float, period: float, scale: float) -> None:
    density, low, high = eye_density(levels, dt, period)
    twice = np.hstack([density, density])
    panel.set_facecolor("black")
    panel.imshow(
        np.ma.masked_less(twice, 1e-3 * twice.max()),
        extent=(0.0, 2 * period / scale, low, high),
        origin="lower",
        aspect="auto",
        cmap="inferno",
        norm=LogNorm(),
        interpolation="bilinear",
    )


def periods_of(samples: int, dt: float, period: float) -> int:
    """Return how many whole periods (s) a run of samples (s each) has, for its eyes.

    Raises
    ------
    ValueError
        The run is shorter than two periods, or a period shorter than two samples.
    """
    count = int((samples - 1 + 1e-6) * dt / period)
    if count < 2 or period < 2 * dt * (1 - 1e-9):
        raise ValueError(
            f"an eye of {period:.6g} s needs two periods of two samples at least; the run has "
            f"{samples} samples of {dt:.6g} s."
        )
    return count


def eye_density(levels: _Line, dt: float, period: float) -> tuple[_Line, float, float]:
    """Return how often a signal passes each level at each moment of its period.

    Parameters
    ----------
    levels
        (samples,), with straight lines between them.
    dt
        Length of a sample in s.
    period
        Length of a piece in s. Pieces begin at multiples of it, the last ones count.

    Returns
    -------
    density
        (rows from low to high, columns over the period), smoothed by a row and a column; the sum
        of a column is that of any other.
    low, high
        Levels of the lower and the upper edge.

    Raises
    ------
    ValueError
        As of `periods_of`.
    """
    count = periods_of(len(levels), dt, period)
    columns, rows = _EYE
    width = columns * _FINE
    first = max(0, count - _TRACED)
    moments = period / dt * (first + np.arange((count - first) * width) / width)
    seen = np.interp(moments, np.arange(len(levels)), levels)
    spread = max(float(np.ptp(seen)), 1e-12 * max(1.0, float(np.abs(seen).max())))
    low, high = float(seen.min()) - 0.08 * spread, float(seen.max()) + 0.08 * spread
    row = np.minimum(((seen - low) / (high - low) * rows).astype(np.int64), rows - 1)
    column = np.tile(np.repeat(np.arange(columns), _FINE), count - first)
    counts = np.bincount(row * columns + column, minlength=rows * columns)
    density = counts.reshape(rows, columns).astype(np.float64)
    smooth: _Line = gaussian_filter(density, 0.7, mode=("constant", "wrap"))
    return smooth, low, high


def _lines(
    traces: Traces, signals: Signals, domain: str, *, dark: bool = False
) -> Iterator[_Named]:
    """Signals of a domain; what is dark all the time only if wanted."""
    for place, name in enumerate(signals.names):
        if signals.domains[place] != domain:
            continue
        levels = signals.levels(place)
        for row, frequency in zip(levels, traces.frequency, strict=False):
            if dark or np.any(row):
                carrier = f", {speed_of_light / frequency * 1e9:.2f} nm"
                yield _Named(name + (carrier if len(levels) > 1 else ""), row)


def thinned(time: _Line, levels: _Line) -> tuple[_Line, _Line]:
    """Return at most some thousand points that look like all: ends of every column."""
    each = len(time) // _COLUMNS
    if each < 3:
        return time, levels
    columns = np.pad(levels, (0, -len(levels) % each), mode="edge").reshape(-1, each)
    ends = np.stack([columns.min(axis=1), columns.max(axis=1)], axis=1).ravel()
    return np.repeat(time[::each], 2), ends


def _unit(domain: str, largest: float) -> tuple[str, float]:
    """Return the unit that suits a level, and its size in W, or in V or A."""
    prefix, size = _prefix(largest)
    return (f"{prefix}W" if domain == "optical" else f"{prefix}V or {prefix}A"), size


def _prefix(largest: float) -> tuple[str, float]:
    for prefix, size in (("", 1.0), ("m", 1e-3), ("µ", 1e-6), ("n", 1e-9), ("p", 1e-12)):
        if largest >= size:
            return prefix, size
    return "", 1.0


def _save(figure: Figure, path: str | Path) -> None:
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=_RESOLUTION)
    write_atomically(path, image.getvalue())
