"""What a study says: best and worst point, what each parameter does, and one sentence.

Every figure comes with a 95 % interval: Student's over the replicates where there are several,
else that of the one measurement, where it has one. What a parameter does is, by the design,

- the range of the mean over all others, in a grid;
- the range over its values with the others at the base, one at a time;
- its total Sobol index, beside the first-order one, in a Saltelli sample (`indices`);
- Spearman's rank correlation with Fisher's interval in any other sample (standard error of the
  transform 1.03/√(n − 3); Fieller, Hartley and Pearson, Biometrika 44, 470 (1957)).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import xarray as xr
from scipy import stats

from photon_relax.studies.design import DesignName
from photon_relax.studies.indices import sobol_indices
from photon_relax.studies.results import BASELINE, replicate_interval

__all__ = [
    "Answer",
    "Effect",
    "Estimate",
    "choose_target",
    "conclude",
    "describe_value",
    "estimates",
    "figure_words",
    "smaller_is_better",
]

_NORMAL_95 = 1.959963984540054
_OWN = ("seconds", "status", "error")
_ENDS = ("_low", "_high")


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval; the ends are NaN where nothing tells them."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What one parameter does to the figure."""

    name: str
    """The parameter."""
    kind: Literal["range", "swing", "rank", "index"]
    """A range of means over the others, or with the others at the base; a rank correlation; a
    total index."""
    size: Estimate
    """How much it is."""
    first: Estimate | None = None
    """The first-order index beside the total one."""
    ends: tuple[tuple[str, float], ...] = ()
    """Of a swing: the values with the least and the greatest figure, and the figures."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a study says about its target."""

    target: str
    """The figure."""
    best: Estimate
    """The best mean over replicates."""
    best_at: Mapping[str, Any]
    """The parameters there."""
    worst: Estimate
    """The worst mean over replicates."""
    worst_at: Mapping[str, Any]
    """The parameters there."""
    baseline: Estimate | None
    """At the point of comparison."""
    effects: tuple[Effect, ...]
    """Of each parameter, the strongest first."""

    @property
    def sentence(self) -> str:
        """All that in words."""
        name = self.target
        text = (
            f"{name} is best, {_with_interval(name, self.best)}, at {_at(self.best_at)}, and "
            f"worst, {_with_interval(name, self.worst)}, at {_at(self.worst_at)}"
        )
        if self.baseline is not None:
            text += f"; the base gives {_with_interval(name, self.baseline)}"
        if len(self.effects) > 1:
            told = ", ".join(_tell_effect(name, effect) for effect in self.effects)
            text += f"; what matters most: {told}"
        return f"{text}."


def conclude(
    results: xr.Dataset, target: str | None = None, design: DesignName | None = None
) -> Answer | None:
    """Say what the results say; None where nothing was measured.

    Parameters
    ----------
    results
        Of a study.
    target
        The figure; by default an accuracy, or the first by name.
    design
        Where its points lie; by default a grid or a plain sample, by the axes of the results.

    Raises
    ------
    ValueError
        The target is no figure of the study.
    """
    name = choose_target((str(name) for name in results), target)
    if name is None or not np.isfinite(results[name]).any():
        return None
    middle, low, high = estimates(results, name)
    better = -1 if smaller_is_better(name) else 1
    order = (better * middle).values
    best, worst = int(np.nanargmax(order)), int(np.nanargmin(order))
    return Answer(
        target=name,
        best=_pick(middle, low, high, best),
        best_at=_place(middle, best),
        worst=_pick(middle, low, high, worst),
        worst_at=_place(middle, worst),
        baseline=_baseline(results, name),
        effects=_effects(results, name, middle, design),
    )


def estimates(results: xr.Dataset, name: str) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Give mean, lower and upper end of a figure at every point; ends are NaN where unknown."""
    values = results[name]
    if values.sizes["replicate"] > 1:
        middle, low, high = replicate_interval(values)
        if "accuracy" in name and not bool(((middle < 0) | (middle > 1)).any()):
            # A share does not leave 0 … 1, whatever Student's interval does.
            return middle, low.clip(0, 1), high.clip(0, 1)
        return middle, low, high
    own = [results.get(f"{name}{end}", values * np.nan) for end in _ENDS]
    if name.endswith(BASELINE):
        stem = name.removesuffix(BASELINE)
        own = [results.get(f"{stem}{end}{BASELINE}", values * np.nan) for end in _ENDS]
    middle, low, high = (array.isel(replicate=0) for array in (values, *own))
    return middle, low, high


def describe_value(name: str, value: float) -> str:
    """Write a figure: an accuracy in per cent, anything else to four digits."""
    return f"{100 * value:.2f} %" if "accuracy" in name else f"{value:.4g}"


def figure_words(name: str) -> str:
    """Write the name of a figure as words: validation loss for val_loss."""
    return name.replace("_", " ").replace("val ", "validation ")


def choose_target(names: Iterable[str], wanted: str | None) -> str | None:
    """Choose the figure that answers; None where there is none.

    Raises
    ------
    ValueError
        The wanted one is not among them.
    """
    figures = [name for name in names if not name.endswith((*_ENDS, BASELINE)) and name not in _OWN]
    if wanted is not None and figures:
        if wanted not in figures:
            raise ValueError(f"the study measures {', '.join(figures)}, but no {wanted}")
        return wanted
    liked = ("test_accuracy", "val_accuracy", "accuracy", *sorted(figures))
    return next((name for name in liked if name in figures), None)


def smaller_is_better(name: str) -> bool:
    """Say whether a figure is better where it is smaller, by its name."""
    return any(word in name for word in ("loss", "error", "power", "energy"))


def _pick(middle: xr.DataArray, low: xr.DataArray, high: xr.DataArray, place: int) -> Estimate:
    return Estimate(*(float(array.values.ravel()[place]) for array in (middle, low, high)))


def _place(middle: xr.DataArray, place: int) -> dict[str, Any]:
    """Give the parameters at a place of the flattened points."""
    index = np.unravel_index(place, middle.shape)
    there = middle.isel(dict(zip(middle.dims, map(int, index), strict=True)))
    found = {str(name): there[name].item() for name in there.coords}
    varied = found.pop("parameter", None)
    return found if varied is None else {varied: found[varied]}


def _baseline(results: xr.Dataset, name: str) -> Estimate | None:
    if f"{name}{BASELINE}" not in results:
        return None
    found = Estimate(*(float(array) for array in estimates(results, f"{name}{BASELINE}")))
    return found if math.isfinite(found.value) else None


def _effects(
    results: xr.Dataset, name: str, middle: xr.DataArray, design: DesignName | None
) -> tuple[Effect, ...]:
    if design == "saltelli":
        found: list[Effect | None] = [*_index_effects(middle)]
    else:
        sampled = _swing_effect if design == "one-at-a-time" else _rank_effect
        measure = sampled if "point" in middle.dims else _grid_effect
        names = [str(coordinate) for coordinate in middle.coords if coordinate != "parameter"]
        found = [measure(results, name, middle, parameter) for parameter in names]
    kept = [effect for effect in found if effect is not None]
    return tuple(sorted(kept, key=lambda effect: -abs(effect.size.value)))


def _index_effects(middle: xr.DataArray) -> Iterator[Effect]:
    indices = sobol_indices([str(name) for name in middle.coords], middle.values)
    for parameter, table in indices.items():
        first, total = (Estimate(v, v - half, v + half) for v, half in table.tolist())
        yield Effect(name=parameter, kind="index", size=total, first=first)


def _swing_effect(
    results: xr.Dataset, name: str, middle: xr.DataArray, parameter: str
) -> Effect | None:
    """Range over the values of a parameter, those of the base among them."""
    own = np.flatnonzero(middle["parameter"].values == parameter)
    labels = [_word(middle[parameter].values[i].item()) for i in own]
    curves = list(results[name].values[own])
    if f"{name}{BASELINE}" in results:
        labels.append("base")
        curves.append(results[f"{name}{BASELINE}"].values)
    means = np.array([curve.mean() for curve in curves])
    if np.isfinite(means).sum() < 2:
        return None
    top, bottom = int(np.nanargmax(means)), int(np.nanargmin(means))
    difference = xr.DataArray(curves[top] - curves[bottom], dims="replicate")
    size = Estimate(*(float(array) for array in replicate_interval(difference)))
    ends = ((labels[bottom], float(means[bottom])), (labels[top], float(means[top])))
    return Effect(name=parameter, kind="swing", size=size, ends=ends)


def _grid_effect(
    results: xr.Dataset, name: str, middle: xr.DataArray, parameter: str
) -> Effect | None:
    """Range of the means over all other parameters; its interval is Student's over replicates."""
    others = [d for d in middle.dims if d != parameter]
    curve = middle.mean(others)
    if curve.sizes[parameter] < 2 or not np.isfinite(curve).any():
        return None
    top, bottom = int(np.nanargmax(curve)), int(np.nanargmin(curve))
    per_replicate = results[name].mean(others)
    difference = per_replicate.isel({parameter: top}) - per_replicate.isel({parameter: bottom})
    mean, low, high = (float(array) for array in replicate_interval(difference))
    return Effect(name=parameter, kind="range", size=Estimate(mean, low, high))


def _rank_effect(
    results: xr.Dataset, name: str, middle: xr.DataArray, parameter: str
) -> Effect | None:
    values = middle[parameter]
    known = np.isfinite(middle.values)
    n = int(known.sum())
    if values.dtype.kind not in "fiu" or n < 4 or len(np.unique(values.values[known])) < 2:
        return None
    if len(np.unique(middle.values[known])) < 2:
        return Effect(name=parameter, kind="rank", size=Estimate(0.0, math.nan, math.nan))
    rho = float(stats.spearmanr(values.values[known], middle.values[known]).statistic)
    score, spread = math.atanh(np.clip(rho, -1 + 1e-12, 1 - 1e-12)), 1.03 / math.sqrt(n - 3)
    ends = (math.tanh(score + sign * _NORMAL_95 * spread) for sign in (-1, 1))
    return Effect(name=parameter, kind="rank", size=Estimate(rho, *ends))


def _tell_effect(target: str, effect: Effect) -> str:
    size = effect.size
    if effect.kind in ("rank", "index"):
        ends = "" if math.isnan(size.low) else f" ({size.low:+.2f} … {size.high:+.2f})"
        word = "rank correlation" if effect.kind == "rank" else "total index"
        return f"{effect.name} ({word} {size.value:+.2f}{ends})"
    if "accuracy" in target:
        points = Estimate(*(100.0 * value for value in (size.value, size.low, size.high)))
        return f"{effect.name} (changes it by {_with_interval('points', points)} points)"
    return f"{effect.name} (changes it by {_with_interval(target, size)})"


def _with_interval(target: str, estimate: Estimate) -> str:
    value = describe_value(target, estimate.value)
    if math.isnan(estimate.low):
        return value
    low, high = (describe_value(target, end) for end in (estimate.low, estimate.high))
    return f"{value} ({low.removesuffix(' %')} … {high.removesuffix(' %')})"


def _at(place: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {_word(value)}" for name, value in place.items())


def _word(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
