"""What a study says: best and worst point, what each parameter does, and one sentence.

Every figure comes with a 95 % interval: Student's over the replicates where there are several,
else that of the one measurement, where it has one. What a parameter of a grid does is the range of
the mean over all others; in a sample it is Spearman's rank correlation with Fisher's interval
(standard error of the transform 1.03/√(n − 3); Fieller, Hartley and Pearson, Biometrika 44, 470
(1957)).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy import stats

from photon_relax.studies.results import BASELINE, replicate_interval

__all__ = ["Answer", "Effect", "Estimate", "conclude", "describe_value", "estimates"]

_NORMAL_95 = 1.959963984540054
_OWN = ("seconds", "status", "error")
_ENDS = ("_low", "_high")


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval; the ends are NaN where nothing tells them."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """What one parameter does to the figure."""

    name: str
    """The parameter."""
    size: Estimate
    """Range of the means over the others, or the rank correlation."""
    rank: bool
    """Whether it is a correlation."""


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


def conclude(results: xr.Dataset, target: str | None = None) -> Answer | None:
    """Say what the results say; None where nothing was measured.

    Raises
    ------
    ValueError
        The target is no figure of the study.
    """
    name = _target(results, target)
    if name is None or not np.isfinite(results[name]).any():
        return None
    middle, low, high = estimates(results, name)
    better = -1 if _smaller_is_better(name) else 1
    order = (better * middle).values
    best, worst = int(np.nanargmax(order)), int(np.nanargmin(order))
    return Answer(
        target=name,
        best=_pick(middle, low, high, best),
        best_at=_place(middle, best),
        worst=_pick(middle, low, high, worst),
        worst_at=_place(middle, worst),
        baseline=_baseline(results, name),
        effects=_effects(results, name, middle),
    )


def estimates(results: xr.Dataset, name: str) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Give mean, lower and upper end of a figure at every point; ends are NaN where unknown."""
    values = results[name]
    if values.sizes["replicate"] > 1:
        return replicate_interval(values)
    own = [results.get(f"{name}{end}", values * np.nan) for end in _ENDS]
    if name.endswith(BASELINE):
        stem = name.removesuffix(BASELINE)
        own = [results.get(f"{stem}{end}{BASELINE}", values * np.nan) for end in _ENDS]
    middle, low, high = (array.isel(replicate=0) for array in (values, *own))
    return middle, low, high


def describe_value(name: str, value: float) -> str:
    """Write a figure: an accuracy in per cent, anything else to four digits."""
    return f"{100 * value:.2f} %" if "accuracy" in name else f"{value:.4g}"


def _target(results: xr.Dataset, wanted: str | None) -> str | None:
    figures = [
        str(name)
        for name in results
        if not str(name).endswith((*_ENDS, BASELINE)) and name not in _OWN
    ]
    if wanted is not None and figures:
        if wanted not in figures:
            raise ValueError(f"the study measures {', '.join(figures)}, but no {wanted}")
        return wanted
    liked = ("test_accuracy", "val_accuracy", "accuracy", *sorted(figures))
    return next((name for name in liked if name in figures), None)


def _smaller_is_better(name: str) -> bool:
    return any(word in name for word in ("loss", "error", "power", "energy"))


def _pick(middle: xr.DataArray, low: xr.DataArray, high: xr.DataArray, place: int) -> Estimate:
    return Estimate(*(float(array.values.ravel()[place]) for array in (middle, low, high)))


def _place(middle: xr.DataArray, place: int) -> dict[str, Any]:
    """Give the parameters at a place of the flattened points."""
    index = np.unravel_index(place, middle.shape)
    there = middle.isel(dict(zip(middle.dims, map(int, index), strict=True)))
    return {str(name): there[name].item() for name in there.coords}


def _baseline(results: xr.Dataset, name: str) -> Estimate | None:
    if f"{name}{BASELINE}" not in results:
        return None
    found = Estimate(*(float(array) for array in estimates(results, f"{name}{BASELINE}")))
    return found if math.isfinite(found.value) else None


def _effects(results: xr.Dataset, name: str, middle: xr.DataArray) -> tuple[Effect, ...]:
    measure = _rank_effect if "point" in middle.dims else _grid_effect
    found = [measure(results, name, middle, str(parameter)) for parameter in middle.coords]
    kept = [effect for effect in found if effect is not None]
    return tuple(sorted(kept, key=lambda effect: -abs(effect.size.value)))


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
    return Effect(parameter, Estimate(mean, low, high), rank=False)


def _rank_effect(
    results: xr.Dataset, name: str, middle: xr.DataArray, parameter: str
) -> Effect | None:
    values = middle[parameter]
    known = np.isfinite(middle.values)
    n = int(known.sum())
    if values.dtype.kind not in "fiu" or n < 4 or len(np.unique(values.values[known])) < 2:
        return None
    if len(np.unique(middle.values[known])) < 2:
        return Effect(parameter, Estimate(0.0, math.nan, math.nan), rank=True)
    rho = float(stats.spearmanr(values.values[known], middle.values[known]).statistic)
    score, spread = math.atanh(np.clip(rho, -1 + 1e-12, 1 - 1e-12)), 1.03 / math.sqrt(n - 3)
    ends = (math.tanh(score + sign * _NORMAL_95 * spread) for sign in (-1, 1))
    return Effect(parameter, Estimate(rho, *ends), rank=True)


def _tell_effect(target: str, effect: Effect) -> str:
    size = effect.size
    if effect.rank:
        ends = "" if math.isnan(size.low) else f" ({size.low:+.2f} … {size.high:+.2f})"
        return f"{effect.name} (rank correlation {size.value:+.2f}{ends})"
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
    return ", ".join(
        f"{name} = {value:.4g}" if isinstance(value, float) else f"{name} = {value}"
        for name, value in place.items()
    )
