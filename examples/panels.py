"""What the gallery's pictures are made of: closed forms as lines, simulations as points."""

import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.constants import c as speed_of_light

from circuits import Circuit, load_netlist
from photon_relax.atomic_file import write_atomically

CARRIER = speed_of_light / 1.55e-6
"""Frequency in Hz that the gallery's envelopes are about."""

COLOURS = ("#1f5a94", "#c05a1c", "#3f7f4f", "#7d4a9c", "#8a6d1d")
_MARKERS = 70


@dataclass(frozen=True)
class Curve:
    """One quantity, simulated and in closed form."""

    label: str
    x: NDArray[np.float64]
    simulated: NDArray[np.float64] | None
    """None for what the simulation is given."""
    closed: NDArray[np.float64] | None
    """None where there is no formula; the simulation is a line then."""


@dataclass(frozen=True)
class Panel:
    """Axes with a few curves."""

    title: str
    x_label: str
    y_label: str
    curves: list[Curve]
    decibels: bool = False
    """Whether values are powers to be drawn in dB."""
    floor: float | None = None
    """Lowest value drawn."""
    steps: bool = False
    """Whether a value holds until the next."""
    tolerance: float = 1e-12
    """How far the simulation may be off, as a share of the largest value."""
    marks: dict[str, float] = field(default_factory=dict)
    """Places on the x axis, by what they are."""


def gallery_circuit(name: str) -> tuple[Circuit, float]:
    """Return a circuit of the gallery, and the sample in s that its delays are multiples of."""
    netlist = load_netlist(netlist_path(name))
    return Circuit(netlist), float(netlist.info["dt"])


def netlist_path(name: str) -> Path:
    """Return where a netlist of the gallery is."""
    return Path(__file__).parent / "circuits" / f"{name}.pic.yml"


def powers(
    circuit: Circuit, source: str, offset: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Return the power at every port per power into one, at offsets (Hz) from the carrier."""
    found = circuit.scattering(frequency=CARRIER + offset)[:, :, circuit.ports.index(source)]
    return {name: np.abs(found[:, i]) ** 2 for i, name in enumerate(circuit.ports)}


def draw_panels(panels: list[Panel], title: str, path: Path) -> None:
    """Draw all panels below one another."""
    figure = Figure(figsize=(8.4, 0.9 + 3.1 * len(panels)), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(f"{title}\nlines: closed form, circles: simulation", fontsize=11)
    rows = figure.subplots(len(panels), 1, squeeze=False)[:, 0]
    for axes, panel in zip(rows, panels, strict=True):
        for curve, colour in zip(panel.curves, COLOURS, strict=False):
            _draw_curve(axes, panel, curve, colour)
        axes.set_title(panel.title, fontsize=10, loc="left")
        axes.set_xlabel(panel.x_label)
        axes.set_ylabel(panel.y_label)
        if panel.floor is not None:
            top = max(line.get_ydata().max() for line in axes.lines)
            room = 0.15 if panel.marks else 0.06
            axes.set_ylim(panel.floor, top + room * (top - panel.floor))
        for label, place in panel.marks.items():
            _draw_mark(axes, label, place)
        axes.grid(alpha=0.25)
        axes.legend(frameon=False, fontsize=8, loc="best")
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=140)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, image.getvalue())


def _draw_curve(axes: Axes, panel: Panel, curve: Curve, colour: str) -> None:
    line = curve.simulated if curve.closed is None else curve.closed
    axes.plot(
        curve.x, _shown(line, panel), color=colour, linewidth=1.3, label=curve.label,
        drawstyle="steps-post" if panel.steps else "default",
    )  # fmt: skip
    if curve.simulated is None or curve.closed is None:
        return
    every = 1 if len(curve.x) <= 2.5 * _MARKERS else -(-len(curve.x) // _MARKERS)
    points = _shown(curve.simulated, panel)
    axes.plot(
        curve.x[::every], points[::every], "o", color=colour, markersize=4.0,
        markerfacecolor="white", markeredgewidth=0.9,
    )  # fmt: skip


def _draw_mark(axes: Axes, label: str, place: float) -> None:
    axes.axvline(place, color="0.45", linewidth=0.8, linestyle=":")
    left = place > np.mean(axes.get_xlim())
    axes.annotate(
        label, (place, 1.0), xycoords=("data", "axes fraction"), xytext=(-3 if left else 3, -3),
        textcoords="offset points", ha="right" if left else "left", va="top", fontsize=8,
        color="0.3",
    )  # fmt: skip


def _shown(values: NDArray[np.float64], panel: Panel) -> NDArray[np.float64]:
    if not panel.decibels:
        return values
    with np.errstate(divide="ignore"):
        return np.maximum(10 * np.log10(values), -200.0)
