"""The picture of a study: a curve, a map, or what each parameter does.

One parameter: the figure with its intervals. Two in a grid: a map, or curves where one of them has
few values. Three of which two have few: panels of curves. More, or a sample: a panel a parameter.
One at a time, or indices: a tornado chart.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, PercentFormatter
from numpy.typing import NDArray

from photon_relax.pictures import new_figure, save_figure
from photon_relax.studies.answer import Answer, describe_value, estimates, figure_words
from photon_relax.studies.design import Design
from photon_relax.studies.tornado_picture import draw_indices, draw_tornado

__all__ = ["draw_response"]

_LINE, _REFERENCE = "#1f4e79", "#b3552d"
_FEW = 5
_ANNOTATED = 80
_COLUMNS = 3


def draw_response(
    results: xr.Dataset, answer: Answer, design: Design, question: str, path: str | Path
) -> None:
    """Draw the target over the parameters, with its intervals, and write it as PNG."""
    middle = estimates(results, answer.target)[0]
    if design.kind == "grid" and len(design.names) == 1:
        figure = new_figure(7.5, 4.6)
        axes = figure.subplots()
        _draw_curve(axes, estimates(results, answer.target), design.names[0], design)
        _finish(axes, answer)
    elif design.kind == "grid" and len(design.names) == 2:
        figure = _draw_two(results, answer, design)
    elif design.panels is not None:
        figure = _draw_three(results, answer, design, *design.panels)
    elif design.kind in ("one-at-a-time", "saltelli") and answer.effects:
        figure = new_figure(8.5, 1.6 + 0.55 * len(answer.effects))
        bars = draw_tornado if design.kind == "one-at-a-time" else draw_indices
        bars(figure.subplots(), answer)
    else:
        figure = _draw_panels(middle, answer, design)
    figure.suptitle(question or f"{answer.target} over {', '.join(design.names)}", fontsize=11)
    save_figure(figure, path)


def _draw_curve(
    axes: Axes,
    curve: tuple[xr.DataArray, xr.DataArray, xr.DataArray],
    name: str,
    design: Design,
    colour: str = _LINE,
    label: str | None = None,
) -> None:
    """Draw mean and interval over one parameter."""
    middle, low, high = curve
    places = _places(middle[name].values)
    if np.isfinite(low).any():
        axes.fill_between(places, low, high, color=colour, alpha=0.18, linewidth=0)
    axes.plot(places, middle, marker="o", markersize=4, color=colour, label=label)
    _label_axis(axes, name, design)


def _finish(axes: Axes, answer: Answer) -> None:
    """Add what all panels of curves share."""
    if answer.baseline is not None:
        axes.axhline(
            answer.baseline.value,
            color=_REFERENCE,
            linestyle=":",
            linewidth=1.2,
            label=f"base: {describe_value(answer.target, answer.baseline.value)}",
        )
        axes.legend(frameon=False, fontsize=8)
    axes.set_ylabel(figure_words(answer.target))
    if "accuracy" in answer.target:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(alpha=0.25)


def _draw_two(results: xr.Dataset, answer: Answer, design: Design) -> Figure:
    """Draw curves where the second parameter has few values, else a map."""
    middle, low, high = estimates(results, answer.target)
    first, second = design.names
    if middle.sizes[second] > _FEW:
        figure = new_figure(8.5, 5.6)
        _draw_map(figure, figure.subplots(), middle, answer, design)
        return figure
    figure = new_figure(8.5, 4.8)
    axes = figure.subplots()
    shades = [f"C{i}" for i in range(_FEW)]
    for i, shade in zip(range(middle.sizes[second]), shades, strict=False):
        row = (middle.isel({second: i}), low.isel({second: i}), high.isel({second: i}))
        label = f"{second} = {_word(middle[second].values[i])}"
        _draw_curve(axes, row, first, design, shade, label)
    _finish(axes, answer)
    axes.legend(frameon=False, fontsize=8)
    return figure


def _draw_three(
    results: xr.Dataset, answer: Answer, design: Design, along: str, curves: str, panels: str
) -> Figure:
    """Draw curves side by side, a panel for each value of the third parameter."""
    found = estimates(results, answer.target)
    count = found[0].sizes[panels]
    figure = new_figure(max(3.6 * count, 8.0), 4.6)
    for i, axes in enumerate(np.ravel(figure.subplots(1, count, sharey=True, squeeze=False))):
        for j, value in enumerate(found[0][curves].values):
            middle, low, high = (array.isel({panels: i, curves: j}) for array in found)
            label = f"{curves} = {_word(value)}"
            _draw_curve(axes, (middle, low, high), along, design, f"C{j}", label)
        _finish(axes, answer)
        axes.set_title(f"{panels} = {_word(found[0][panels].values[i])}", fontsize=9)
        axes.set_xlabel(along, fontsize=9)
        axes.label_outer()
        legend = axes.get_legend()
        if legend is not None:
            legend.remove()
    axes.legend(frameon=False, fontsize=8)
    return figure


def _draw_map(
    figure: Figure, axes: Axes, middle: xr.DataArray, answer: Answer, design: Design
) -> None:
    first, second = design.names
    table = middle.transpose(first, second).values
    image = axes.imshow(table, origin="lower", aspect="auto", cmap="viridis")
    for setter, name in ((axes.set_yticks, first), (axes.set_xticks, second)):
        values = middle[name].values
        some = np.unique(np.linspace(0, len(values) - 1, min(len(values), 10)).astype(int))
        setter(some, [_word(values[i]) for i in some])
    axes.set_xlabel(second)
    axes.set_ylabel(first)
    bar = figure.colorbar(image, ax=axes, label=figure_words(answer.target))
    accuracy = "accuracy" in answer.target
    if accuracy:
        bar.ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    if table.size <= _ANNOTATED:
        centre = 0.5 * (np.nanmin(table) + np.nanmax(table))
        for (row, column), value in np.ndenumerate(table):
            if np.isfinite(value):
                text = f"{100 * value:.1f}" if accuracy else f"{value:.3g}"
                shade = "black" if value > centre else "white"
                axes.text(column, row, text, ha="center", va="center", color=shade, fontsize=7)


def _draw_panels(middle: xr.DataArray, answer: Answer, design: Design) -> Figure:
    """Draw a panel a parameter, the strongest first: means over the others, or every point."""
    told = [effect.name for effect in answer.effects]
    names = [*told, *(name for name in design.names if name not in told)]
    columns = min(len(names), _COLUMNS)
    rows = -(-len(names) // columns)
    figure = new_figure(4.2 * columns, 3.5 * rows + 0.4)
    panels = np.atleast_1d(figure.subplots(rows, columns, sharey=True)).ravel()
    for axes, name in zip(panels, names, strict=False):
        if design.kind == "grid":
            curve = middle.mean([d for d in middle.dims if d != name])
            _draw_curve(axes, (curve, curve * np.nan, curve * np.nan), name, design)
        else:
            axes.plot(_places(middle[name].values), middle, ".", color=_LINE, alpha=0.5)
            _label_axis(axes, name, design)
        _finish(axes, answer)
        axes.label_outer()
        axes.xaxis.set_tick_params(labelbottom=True)
        axes.set_xlabel(name, fontsize=9)
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    return figure


def _places(values: NDArray[Any]) -> NDArray[Any]:
    """Where values lie on an axis; words are their own places."""
    return values if values.dtype.kind in "fiu" else np.array([_word(v) for v in values])


def _label_axis(axes: Axes, name: str, design: Design) -> None:
    axes.set_xlabel(name)
    values = design.parameters[name]
    listed = values.kind == "list" and _is_wide(values.content)
    if values.kind in ("log", "lognormal") or listed:
        axes.set_xscale("log")


def _is_wide(content: tuple[Any, ...]) -> bool:
    """Say whether listed numbers span so much that only a logarithmic axis shows them all."""
    numbers = [v for v in content if isinstance(v, int | float) and not isinstance(v, bool)]
    return (
        len(numbers) == len(content) > 2 and min(numbers) > 0 and max(numbers) > 30 * min(numbers)
    )


def _word(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    # Three digits and a prefix, for a bandwidth has nine zeros.
    return EngFormatter()(float(f"{value:.3g}")).strip()
