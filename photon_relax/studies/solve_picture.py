"""The picture of a search: the values tried, the threshold, and the stretch that is left."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from matplotlib.ticker import PercentFormatter
from scipy import stats

from photon_relax.pictures import new_figure, save_figure
from photon_relax.studies.answer import describe_value, figure_words
from photon_relax.studies.solve import Probe, Scale, Solution

__all__ = ["draw_solution"]

_COLOURS = {"good": "#1f4e79", "bad": "#b3552d", "undecided": "#888888"}
_WORDS = {"good": "enough", "bad": "not enough", "undecided": "not decided"}


def draw_solution(
    solution: Solution, scale: Scale, name: str, target: str, title: str, path: str | Path
) -> None:
    """Draw every probe with its 95 % interval, coloured by its verdict."""
    figure = new_figure(7.5, 4.6)
    axes = figure.subplots()
    axes.plot(
        [probe.value for probe in solution.probes],
        [np.mean(probe.figures) for probe in solution.probes],
        color="#cccccc",
        linewidth=1,
        zorder=0,
    )
    for verdict, colour in _COLOURS.items():
        probes = [probe for probe in solution.probes if probe.verdict == verdict]
        if probes:
            axes.errorbar(
                [probe.value for probe in probes],
                [float(np.mean(probe.figures)) for probe in probes],
                yerr=np.transpose([_widths(probe, target) for probe in probes]),
                fmt="o",
                markersize=4,
                capsize=3,
                color=colour,
                label=_WORDS[verdict],
            )
    told = f"threshold: {describe_value(target, solution.threshold)}"
    axes.axhline(solution.threshold, color="#444444", linestyle=":", linewidth=1.2, label=told)
    if solution.good is not None and solution.bad is not None:
        axes.axvspan(solution.bad, solution.good, color="#7f9fbf", alpha=0.2, linewidth=0)
    if scale.range.kind == "log":
        axes.set_xscale("log")
    axes.set_xlabel(name)
    axes.set_ylabel(figure_words(target))
    if "accuracy" in target:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=8)
    figure.suptitle(title, fontsize=11)
    save_figure(figure, path)


def _widths(probe: Probe, target: str) -> tuple[float, float]:
    """Student's 95 % interval below and above the mean; that of a share stays within 0 … 1."""
    n, mean = len(probe.figures), float(np.mean(probe.figures))
    if n < 2:
        return 0.0, 0.0
    half = float(stats.t.ppf(0.975, n - 1) * np.std(probe.figures, ddof=1) / math.sqrt(n))
    if "accuracy" in target and 0.0 <= mean <= 1.0:
        return min(half, mean), min(half, 1.0 - mean)
    return half, half
