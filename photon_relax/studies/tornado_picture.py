"""Tornado charts: the parameters as bars, the one that matters most at the top."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from photon_relax.pictures import new_figure, save_figure
from photon_relax.studies.answer import Answer, Effect, describe_value, figure_words
from photon_relax.studies.hardware_gradient import Slope

__all__ = ["draw_indices", "draw_slopes", "draw_tornado"]

_LOW, _HIGH, _TOTAL, _FIRST, _REFERENCE = "#b3552d", "#1f4e79", "#1f4e79", "#7f9fbf", "#444444"


def draw_tornado(axes: Axes, answer: Answer) -> None:
    """Draw what each parameter makes of the base when it alone moves, from least to most."""
    middle = math.nan if answer.baseline is None else answer.baseline.value
    for place, effect in enumerate(answer.effects):
        _draw_swing(axes, place, effect, middle)
    if math.isfinite(middle):
        told = f"base: {describe_value(answer.target, middle)}"
        axes.axvline(middle, color=_REFERENCE, linewidth=1, label=told)
        axes.legend(frameon=False, fontsize=8)
    _name_bars(axes, answer.effects)
    axes.set_xlabel(figure_words(answer.target))
    if "accuracy" in answer.target:
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    # Room for the values beside the bars, also where all go to one side of the base.
    axes.use_sticky_edges = False
    axes.margins(x=0.22)


def _draw_swing(axes: Axes, place: int, effect: Effect, middle: float) -> None:
    (low_at, low), (high_at, high) = effect.ends
    start = middle if math.isfinite(middle) else low
    axes.barh(place, low - start, left=start, height=0.6, color=_LOW)
    axes.barh(place, high - start, left=start, height=0.6, color=_HIGH)
    for value, label, side, shift in ((low, low_at, "right", -4), (high, high_at, "left", 4)):
        if label != "base":
            axes.annotate(
                label,
                (value, place),
                xytext=(shift, 0),
                textcoords="offset points",
                ha=side,
                va="center",
                fontsize=8,
            )


def draw_indices(axes: Axes, answer: Answer) -> None:
    """Draw the total and the first-order index of each parameter with their intervals."""
    places = np.arange(len(answer.effects))
    totals = [effect.size for effect in answer.effects]
    firsts = [effect.first for effect in answer.effects if effect.first is not None]
    for shift, colour, name, estimates in (
        (-0.19, _TOTAL, "total", totals),
        (0.19, _FIRST, "first order", firsts),
    ):
        values = np.array([estimate.value for estimate in estimates])
        halves = values - np.array([estimate.low for estimate in estimates])
        axes.barh(places + shift, values, height=0.36, color=colour, label=name)
        axes.errorbar(
            values, places + shift, xerr=halves, fmt="none", ecolor="black", capsize=3, linewidth=1
        )
    _name_bars(axes, answer.effects)
    axes.axvline(0.0, color=_REFERENCE, linewidth=0.8)
    axes.set_xlabel(f"share of the variance of {answer.target.replace('_', ' ')}")
    axes.legend(frameon=False, fontsize=8, loc="lower right")


def _name_bars(axes: Axes, effects: tuple[Effect, ...]) -> None:
    axes.set_yticks(np.arange(len(effects)), [effect.name for effect in effects])
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.25)
    axes.set_axisbelow(True)


def draw_slopes(slopes: Sequence[Slope], title: str, path: str | Path) -> None:
    """Draw what 1 % more of each number of the hardware does to the loss, and write it as PNG."""
    moving = [slope for slope in slopes if slope.slope]
    figure = new_figure(8.5, 1.6 + 0.32 * max(len(moving), 1))
    axes = figure.subplots()
    values = [slope.per_cent for slope in moving]
    places = np.arange(len(moving))
    axes.barh(places, values, height=0.65, color=[_HIGH if v < 0 else _LOW for v in values])
    axes.axvline(0.0, color=_REFERENCE, linewidth=0.8)
    axes.set_yticks(places, [f"{slope.name} = {slope.value:.3g}" for slope in moving])
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.25)
    axes.set_axisbelow(True)
    axes.set_xlabel("change of the loss when the value grows by 1 % (nats)")
    figure.suptitle(title, fontsize=10)
    save_figure(figure, path)
