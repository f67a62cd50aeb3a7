"""The pictures of a budget: where light and power go, and where a design stands among others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter

from circuits import Budget
from photon_relax.physical_networks import physical_networks
from photon_relax.pictures import new_figure, save_figure
from photon_relax.reports.numbers import with_unit

__all__ = ["draw_budget", "draw_networks"]

_LEVEL, _LOSS, _REST, _MARK = "#1f4e79", "#7f9fbf", "#b9b9b9", "#b3552d"
_KINDS = {"photonic": (_LEVEL, "o"), "electronic": (_LOSS, "s"), "digital": (_REST, "^")}


def draw_budget(budget: Budget, title: str, path: str | Path) -> None:
    """Draw the level of the signal along the link, and the power of every component."""
    figure = new_figure(13.5, 5.2)
    link, power = figure.subplots(1, 2, width_ratios=(1.0, 1.1))
    _draw_link(link, budget)
    _draw_power(power, budget)
    figure.suptitle(title, fontsize=11)
    save_figure(figure, path)


def _draw_link(axes: Axes, budget: Budget) -> None:
    """Bars hang from the level in front of a step to that behind it."""
    steps = budget.link
    levels = np.array([step.level_db for step in steps])
    places = np.arange(len(steps))
    before = np.concatenate([levels[:1], levels[:-1]])
    unit = "dBm" if steps[0].unit == "W" else "dB over 1 µA"
    axes.bar(places[1:], levels[1:] - before[1:], bottom=before[1:], width=0.62, color=_LOSS)
    axes.hlines(levels, places - 0.31, places + 0.31, color=_LEVEL, linewidth=2.5)
    for place in places[:-1]:
        level = [levels[place]] * 2
        axes.plot([place + 0.31, place + 0.69], level, color=_LEVEL, linewidth=0.8, linestyle=":")
    for place, step in enumerate(steps):
        text = _signed(step.level_db if place == 0 else step.change_db, place > 0)
        axes.annotate(
            text, (place, max(levels[place], before[place])), xytext=(0, 5),
            textcoords="offset points", ha="center", fontsize=8,
        )  # fmt: skip
    axes.annotate(
        f"{_signed(levels[-1], False)} {unit}\n{with_unit(steps[-1].level, steps[-1].unit)}",
        (places[-1], min(levels[-1], before[-1])), xytext=(0, -6), textcoords="offset points",
        ha="center", va="top", fontsize=9, color=_MARK,
    )  # fmt: skip
    axes.set_xticks(places, [step.name for step in steps], rotation=28, ha="right", fontsize=9)
    axes.set_ylabel(f"level ({unit})")
    span = max(float(np.ptp(levels)), 10.0)
    axes.set_ylim(levels.min() - 0.25 * span, levels.max() + 0.14 * span)
    axes.grid(axis="y", alpha=0.25)
    axes.set_axisbelow(True)
    axes.set_title("Along the link, to a signal of one")


def _signed(level: float, change: bool) -> str:
    """A level, or a change of it in dB, with a minus as printers set it."""
    text = f"{level + 0.0:+.1f} dB" if change else f"{level:.1f}"
    return text.replace("-", "−")


def _draw_power(axes: Axes, budget: Budget) -> None:
    parts = sorted((part for part in budget.power if part.total > 0), key=lambda part: part.total)
    places = np.arange(len(parts))
    totals = [part.total for part in parts]
    colours = [_REST if part.origin == "assumed" else _LEVEL for part in parts]
    axes.barh(places, totals, height=0.65, color=colours)
    axes.set_xscale("log")
    axes.set_xlim(min(totals) / 3, max(totals) * 60)
    for place, part in zip(places, parts, strict=True):
        share = 100 * part.total / budget.total_power
        text = f"{with_unit(part.total, 'W')}, {share:.1f} %" if share >= 0.05 else (
            with_unit(part.total, "W")
        )  # fmt: skip
        axes.annotate(
            text, (part.total, place), xytext=(5, 0), textcoords="offset points", va="center",
            fontsize=9,
        )  # fmt: skip
    axes.set_yticks(places, [part.name for part in parts])
    axes.xaxis.set_major_formatter(EngFormatter("W", sep=" "))
    axes.set_xlabel("electrical power")
    axes.grid(axis="x", alpha=0.25)
    axes.set_axisbelow(True)
    axes.set_title(
        f"{with_unit(budget.total_power, 'W')} together, "
        f"{with_unit(budget.energy_per_mac, 'J')} a multiply-accumulate"
    )
    axes.bar(0, 0, color=_LEVEL, label="from the hardware, trained or given")
    axes.bar(0, 0, color=_REST, label="rests on an assumption")
    axes.legend(frameon=False, fontsize=8, loc="lower right")


def draw_networks(parameters: int, path: str | Path) -> None:
    """Draw published networks by year and by what they hold, with a design's parameters among them.

    What is counted differs from one to the next, as the labels say.
    """
    figure = new_figure(10.5, 5.4)
    axes = figure.subplots()
    networks = physical_networks()
    for kind, (colour, marker) in _KINDS.items():
        chosen = [network for network in networks if network.kind == kind]
        points = [n.year for n in chosen], [n.count for n in chosen]
        label = f"{kind} computer, for comparison" if kind == "digital" else f"{kind}, analogue"
        axes.scatter(*points, color=colour, marker=marker, s=45, label=label, zorder=3)
    years = [network.year for network in networks]
    middle = (min(years) + max(years)) / 2
    for order, network in enumerate(networks):
        # On the right the words go to the left of their point.
        side = 1 if network.year < middle + 2 else -1
        axes.annotate(
            f"{network.name}: {network.counted}", (network.year, network.count),
            xytext=(7 * side, 4 if order else -11), textcoords="offset points", fontsize=8,
            ha="left" if side > 0 else "right",
            # The line of the design may pass behind the words.
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )  # fmt: skip
    axes.axhline(parameters, color=_MARK, linestyle="--", linewidth=1.2)
    axes.annotate(
        f"this design: {parameters:,} parameters", (0.01, parameters),
        xycoords=("axes fraction", "data"), xytext=(0, 4), textcoords="offset points",
        color=_MARK, fontsize=9,
    )  # fmt: skip
    axes.set_yscale("log")
    axes.set_xlim(min(years) - 1.5, max(years) + 1.5)
    axes.set_xlabel("year of publication")
    axes.set_ylabel("held (see labels)")
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    axes.set_title("Networks by year and size: only counts that a publication's abstract states")
    save_figure(figure, path)
