"""How far a parameter may go: where a curve of a study stays within 1 % of its best point."""

from __future__ import annotations

from html import escape
from itertools import product
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from photon_relax.reports import blocks
from photon_relax.reports.parameter_names import place, short_name, value_text
from photon_relax.studies.answer import describe_value, figure_words, smaller_is_better
from photon_relax.studies.design import Design

__all__ = ["nearly_best", "tolerance_table"]

_LOST = 0.01
_MOST_ROWS = 24


def tolerance_table(middle: xr.DataArray, target: str, design: Design) -> str:
    """Return a row for each curve of a grid, or nothing where there are none.

    Parameters
    ----------
    middle
        Means of the target over the replicates.
    """
    along = _along(design)
    if along is None or len(design) > _MOST_ROWS * middle.sizes[along]:
        return ""
    others = [name for name in design.names if name != along]
    rows: list[list[blocks.Cell]] = []
    for values in product(*(middle[name].values.tolist() for name in others)):
        where = dict(zip(others, values, strict=True))
        curve = middle.sel(where)
        if not np.isfinite(curve).any():
            continue
        kept = nearly_best(curve.values, target)
        first, last = (value_text(along, value) for value in curve[along].values[kept][[0, -1]])
        best = curve.min() if smaller_is_better(target) else curve.max()
        rows.append(
            [
                escape(place(where)),
                ("number", describe_value(target, float(best))),
                escape("every value" if kept.all() else f"{first} … {last}"),
            ]
        )
    allowed = "1 point" if "accuracy" in target else "1 %"
    head = ["", f"best {figure_words(target)}", f"{short_name(along)} that loses at most {allowed}"]
    told = "Of the values that were measured, by their means, as far as no value between is worse."
    return blocks.table(head, {"": rows}) + blocks.note(told)


def nearly_best(curve: NDArray[Any], target: str) -> NDArray[np.bool_]:
    """Return where a curve is good enough without a gap from its best point, (n,)."""
    loss = curve if smaller_is_better(target) else -curve
    best = int(np.nanargmin(loss))
    allowed = _LOST * (1.0 if "accuracy" in target else abs(float(loss[best])))
    # Exactly 1 % is enough, whatever rounding says.
    enough = loss - loss[best] <= allowed * (1 + 1e-9)
    gaps = np.flatnonzero(~enough)
    first = gaps[gaps < best].max(initial=-1) + 1
    last = gaps[gaps > best].min(initial=len(curve))
    index = np.arange(len(curve))
    return np.asarray((index >= first) & (index < last))


def _along(design: Design) -> str | None:
    """Return the parameter of numbers with the most values, of a grid of up to three."""
    if design.kind != "grid" or len(design.names) > 3:
        return None
    numbers = {
        name: len(axis)
        for name, axis in zip(design.names, design.axes, strict=True)
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in axis)
        and list(axis) == sorted(axis)
    }
    return max(numbers, key=lambda name: numbers[name]) if numbers else None
