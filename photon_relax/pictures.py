"""The pictures of a run: how it learnt, what it confuses, and how it bears worse hardware.

They are drawn on figures of their own, without pyplot's global state, so they work without a
display, in threads, and beside a notebook.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from photon_relax.atomic_file import write_atomically
from photon_relax.evaluation import Evaluation, Interval
from photon_relax.run_file import RunFile

__all__ = ["draw_evaluation", "draw_training", "new_figure", "save_figure"]

_TRAINING, _VALIDATION, _REFERENCE = "#7f9fbf", "#1f4e79", "#b3552d"
_RESOLUTION = 150  # dots per inch


def draw_training(run: RunFile, path: str | Path) -> None:
    """Draw the loss and the accuracy over the steps, and the confusion matrix if there is one."""
    figure = new_figure(13.5 if run.confusion is not None else 9.5, 4.2)
    columns = 2 if run.confusion is None else 3
    loss, accuracy, *rest = figure.subplots(1, columns)
    _draw_curves(loss, run, "loss")
    loss.set_ylabel(f"cross-entropy (nats{_per_character(run)})")
    loss.set_title("Loss")
    _draw_curves(accuracy, run, "accuracy")
    accuracy.set_ylabel("answered right")
    accuracy.yaxis.set_major_formatter(PercentFormatter(1.0))
    accuracy.set_title("Accuracy")
    if run.confusion is not None:
        split = "validation" if run.results.get("test_loss") is None else "test"
        _draw_confusion(rest[0], run.confusion, split)
    figure.suptitle(_describe(run), fontsize=11)
    save_figure(figure, path)


def _draw_curves(axes: Axes, run: RunFile, quantity: str) -> None:
    training, validation = run.metrics["training"], run.metrics["validation"]
    style: dict[str, Any] = {"marker": "o", "markersize": 2.5} if len(training["step"]) < 60 else {}
    axes.plot(training["step"], training[quantity], color=_TRAINING, label="training", **style)
    axes.plot(
        validation["step"], validation[quantity], color=_VALIDATION, label="validation", **style
    )
    best = run.progress["best_step"]
    if best is not None:
        value = float(validation[quantity][validation["step"] == best][0])
        text = f"{value:.1%}" if quantity == "accuracy" else f"{value:.3f}"
        axes.axvline(
            best, color=_REFERENCE, linewidth=1, linestyle=":", label=f"best: {text} at {best}"
        )
    axes.set_xlabel("optimiser step")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=8)


def _draw_confusion(axes: Axes, table: NDArray[np.int64], split: str) -> None:
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    for (row, column), count in np.ndenumerate(table):
        if count:
            shade = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=shade, fontsize=7)
    classes = np.arange(len(table))
    axes.set_xticks(classes)
    axes.set_yticks(classes)
    axes.set_xlabel("class named by the network")
    axes.set_ylabel("true class")
    axes.set_title(f"{table.sum():,} {split} samples")


def draw_evaluation(
    labels: Sequence[str],
    results: Sequence[Evaluation],
    title: str,
    loss_unit: str,
    path: str | Path,
) -> None:
    """Draw the accuracy and the loss under each condition, with their 95 % intervals.

    The first condition is the one the network was trained under; a line carries its figures down
    to the others.
    """
    figure = new_figure(10.5, 1.7 + 0.5 * len(labels))
    accuracy, loss = figure.subplots(1, 2, sharey=True)
    percent = [(100 * low, 100 * high) for low, high in (r.accuracy_interval for r in results)]
    _draw_bars(accuracy, [100 * result.accuracy for result in results], percent, "{:.1f} %")
    accuracy.set_xlabel("answered right (%)")
    accuracy.set_yticks(np.arange(len(labels)), labels)
    accuracy.invert_yaxis()
    _draw_bars(loss, [r.loss for r in results], [r.loss_interval for r in results], "{:.3f}")
    loss.set_xlabel(f"cross-entropy ({loss_unit})")
    figure.suptitle(title, fontsize=11)
    save_figure(figure, path)


def _draw_bars(
    axes: Axes, values: Sequence[float], intervals: Sequence[Interval], form: str
) -> None:
    places = np.arange(len(values))
    colours = [_VALIDATION if i == 0 else _TRAINING for i in range(len(values))]
    spread = np.array(
        [[v - low, high - v] for v, (low, high) in zip(values, intervals, strict=True)]
    )
    axes.barh(places, values, height=0.6, color=colours)
    axes.errorbar(
        values, places, xerr=spread.T.clip(0), fmt="none", ecolor="black", capsize=3, linewidth=1
    )
    axes.axvline(values[0], color=_REFERENCE, linewidth=1, linestyle=":")
    for place, value, (_, high) in zip(places, values, intervals, strict=True):
        axes.annotate(
            form.format(value),
            (max(value, high), place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    # Room for the figures on the right, whatever the scale.
    axes.set_xlim(0, 1.2 * max(high for _, high in intervals) or 1.0)
    axes.grid(axis="x", alpha=0.25)
    axes.set_axisbelow(True)


def _describe(run: RunFile) -> str:
    told = run.configuration
    return (
        f"{told['dataset']}: {told['bank']} bank, {told['fidelity']} fidelity, "
        f"$L_W$ = {told['weight_sets']}, $L_T$ = {told['repetitions']}, "
        f"N = {told['width']}, seed {told['seed']}"
    )


def _per_character(run: RunFile) -> str:
    return " per character" if run.configuration["dataset"] == "shakespeare" else ""


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a width and a height in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure as PNG in one step."""
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=_RESOLUTION)
    write_atomically(path, image.getvalue())
