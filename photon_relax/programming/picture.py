"""The picture of a programming: what each stage costs on the task, and makes of the banks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FormatStrFormatter, LogLocator, NullFormatter, PercentFormatter
from numpy.typing import NDArray

from photon_relax.pictures import new_figure, save_figure
from photon_relax.programming.result import Programming

__all__ = ["PICTURE_NAME", "draw_programming"]

PICTURE_NAME = "program.png"
_MEAN, _CHIP, _FORM, _SECOND = "#1f4e79", "#7f9fbf", "#b3552d", "#8a7a2f"
_OFFSET = 0.06
"""Distance between neighbouring chips, of that between two stages."""


def draw_programming(programming: Programming, title: str, path: str | Path) -> None:
    """Draw accuracy and errors of the banks against the stages, and write them as PNG."""
    records = programming.summaries
    meshes = any("mesh_error" in record for record in records)
    figure = new_figure(13.5 if meshes else 9.5, 4.6)
    accuracy, banks, *rest = figure.subplots(1, 3 if meshes else 2)
    _draw_accuracy(accuracy, records)
    _draw_banks(banks, programming)
    if meshes:
        _draw_meshes(rest[0], programming)
    figure.suptitle(title, fontsize=11)
    save_figure(figure, path)


def _draw_accuracy(axes: Axes, records: Sequence[dict[str, Any]]) -> None:
    """Draw every chip with its interval, and the mean with that over chips and samples."""
    for place, record in enumerate(records):
        chips = record["chips"] if len(record["chips"]) > 1 else []
        for at, chip in zip(_beside(len(chips)), chips, strict=True):
            _bar(axes, place + at, chip, color=_CHIP, markersize=3, linewidth=0.8)
    means = [record["accuracy"] for record in records]
    axes.plot(range(len(records)), means, color=_MEAN, linewidth=1.2, zorder=3)
    for place, record in enumerate(records):
        _bar(axes, place, record, color=_MEAN, markersize=6, linewidth=1.6, capsize=4, zorder=4)
        lowest = min(row["accuracy_low"] for row in [record, *record["chips"]])
        axes.annotate(
            f"{record['accuracy']:.1%}", (place, lowest), xytext=(0, -4),
            textcoords="offset points", ha="center", va="top", fontsize=8, color=_MEAN,
        )  # fmt: skip
    _name_stages(axes, [record["stage"] for record in records])
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.12 * (high - low), high)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_ylabel("answered right")
    axes.set_title("Accuracy, 95 % intervals" + (", and every chip" if chips else ""), fontsize=10)


def _draw_banks(axes: Axes, programming: Programming) -> None:
    """Draw the distance of every bank from what was wanted of it."""
    stages = [stage for stage in programming.stages if programming.of(stage)[0].banks]
    for place, stage in enumerate(stages):
        results = programming.of(stage)
        _dots(axes, place, [np.array([bank.error for bank in r.banks]) for r in results])
    _scale(axes)
    axes.set_ylabel("‖R − W‖ / ‖W‖")
    axes.set_title("Error of each bank on each chip", fontsize=10)
    _name_stages(axes, stages)


def _draw_meshes(axes: Axes, programming: Programming) -> None:
    """Draw the distance of every unitary mesh from its aim, with what is expected of it."""
    records = [record for record in programming.summaries if "mesh_error" in record]
    expected = "expected of these splits"
    for place, record in enumerate(records):
        results = programming.of(record["stage"])
        _dots(axes, place, [np.ravel([bank.mesh_errors for bank in r.banks]) for r in results])
        random = f"{_FORMS.get(record['stage'], '')}, random unitaries"
        for name, line, label in (
            ("mesh_error_random", ":", random),
            ("mesh_error_expected", "-", expected),
        ):
            if record[name]:
                axes.hlines(
                    record[name],
                    place - 0.4,
                    place + 0.4,
                    color=_FORM if record["stage"] == "naive" else _SECOND,
                    linewidth=1.6,
                    linestyle=line,
                    label=label,
                )
                expected = "" if label == expected else expected
    axes.set_ylabel("‖ΔU‖ / √N")
    axes.set_title("Error of each unitary mesh", fontsize=10)
    _scale(axes)
    if records and records[0]["mesh_error_random"]:
        axes.legend(framealpha=0.9, edgecolor="none", fontsize=8)
    _name_stages(axes, [record["stage"] for record in records])


_FORMS = {"naive": r"$\sigma\sqrt{2(N-1)}$", "corrected": r"$\sqrt{2/3}\,N\sigma^2$"}


def _bar(axes: Axes, place: float, record: dict[str, Any], **style: Any) -> None:
    value = record["accuracy"]
    spread = [[value - record["accuracy_low"]], [record["accuracy_high"] - value]]
    axes.errorbar(place, value, yerr=np.clip(spread, 0.0, None), fmt="o", **style)


def _dots(axes: Axes, place: int, values: Sequence[NDArray[np.float64]]) -> None:
    """Draw rows of values, a row a chip, and their root mean square."""
    for at, row in zip(_beside(len(values)), values, strict=True):
        axes.plot(np.full(len(row), place + at), row, "o", color=_CHIP, markersize=3.5)
    axes.plot(place, np.sqrt(np.mean(np.square(values))), "D", color=_MEAN, markersize=6)


def _scale(axes: Axes) -> None:
    """Take a logarithmic axis with plain numbers, also where it spans less than a decade."""
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.set_ylim(low / 1.15, high * 1.15)
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FormatStrFormatter("%g"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _beside(count: int) -> NDArray[np.float64]:
    """Return where chips stand about the place of their stage."""
    return np.asarray(_OFFSET * (np.arange(count) - (count - 1) / 2), np.float64)


def _name_stages(axes: Axes, stages: Sequence[str]) -> None:
    axes.set_xticks(range(len(stages)), stages, rotation=20, ha="right", fontsize=9)
    axes.set_xlim(-0.5, len(stages) - 0.5)
    axes.grid(axis="y", alpha=0.25)
    axes.set_axisbelow(True)
