"""What a study found, as panels: curves, maps, clouds and the ranking of its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import xarray as xr
from numpy.typing import NDArray

from photon_relax.reports import blocks
from photon_relax.reports.parameter_names import axis_label, short_name, value_text
from photon_relax.reports.study_figures import (
    Bars,
    Curve,
    Reference,
    Swing,
    draw_cloud,
    draw_curves,
    draw_map,
    draw_ranking,
    draw_tornado,
)
from photon_relax.studies.answer import Answer, Effect, Estimate, estimates, figure_words
from photon_relax.studies.design import Design

__all__ = ["response_panels"]

_FEW = 8
"""Values of a parameter up to which each has a curve of its own."""

_CLOUD = 3000
"""Points of a sample that are drawn; more make a page slow."""

_WIDE = 20.0
"""Ratio of the largest to the smallest value from which on an axis is logarithmic."""

Estimates = tuple[xr.DataArray, xr.DataArray, xr.DataArray]


def response_panels(results: xr.Dataset, answer: Answer, design: Design) -> str:
    """Return the panels of the target over the parameters, as HTML."""
    found = estimates(results, answer.target)
    names = _in_order(answer, design)
    panels = []
    if design.kind == "one-at-a-time":
        panels.append(blocks.pair(*(_alone(found, name, answer, design) for name in names)))
    elif design.kind != "grid":
        panels.append(blocks.pair(*(_cloud(found[0], name, answer, design) for name in names)))
    elif len(names) == 1:
        panels.append(_single(found, names[0], answer, design))
    elif len(names) == 2:
        panels += _double(found, answer, design)
    elif design.panels is not None:
        panels += _triple(found, answer, design, *design.panels)
    else:
        panels.append(blocks.pair(*(_marginal(results, name, answer, design) for name in names)))
        panels.append(_strongest(found[0], names, answer))
    if len(answer.effects) > 1:
        panels.append(_ranking(answer))
    return "\n".join(panels)


def _in_order(answer: Answer, design: Design) -> list[str]:
    """Return all parameters, those that matter most first."""
    told = [effect.name for effect in answer.effects]
    return [*told, *(name for name in design.names if name not in told)]


def _alone(found: Estimates, name: str, answer: Answer, design: Design) -> str:
    """Return what one parameter does with all others at the base."""
    own = found[0]["parameter"].values == name
    part: list[xr.DataArray] = [array.isel(point=own) for array in found]
    return _single((part[0], part[1], part[2]), name, answer, design)


def _single(found: Estimates, name: str, answer: Answer, design: Design) -> str:
    figure = draw_curves(
        [_curve("", found, name)], axis_label(name), figure_words(answer.target),
        logarithmic=_is_logarithmic(name, design), percent=_is_share(answer.target),
        reference=_base(answer),
    )  # fmt: skip
    return blocks.panel(f"Over {short_name(name)}", figure, _INTERVALS)


_INTERVALS = "Bands and bars are 95 % intervals."


def _double(found: Estimates, answer: Answer, design: Design) -> list[str]:
    """Return curves, where one of two parameters has few values, and a map."""
    few, many = sorted(design.names, key=lambda name: found[0].sizes[name])
    panels = []
    if found[0].sizes[few] <= _FEW:
        figure = _family(found, many, few, answer, design)
        panels.append(blocks.panel(f"Over {short_name(many)}", figure, _INTERVALS))
    return [*panels, _map(found, many, few, answer, "")]


def _triple(
    found: Estimates, answer: Answer, design: Design, along: str, curves: str, panels: str
) -> list[str]:
    """Return curves over one parameter, a panel for each value of the third, on one scale."""
    shown = []
    ends = [float(f(a)) for f, a in ((np.nanmin, found[1]), (np.nanmax, found[2]))]
    if not np.isfinite(ends).all():
        ends = [float(np.nanmin(found[0])), float(np.nanmax(found[0]))]
    margin = 0.04 * (ends[1] - ends[0])
    for i, value in enumerate(found[0][panels].values.tolist()):
        middle, low, high = (array.isel({panels: i}) for array in found)
        figure = _family((middle, low, high), along, curves, answer, design)
        figure.update_yaxes(range=[ends[0] - margin, ends[1] + margin])
        title = f"Where {short_name(panels)} = {value_text(panels, value)}"
        shown.append(blocks.panel(title, figure, _INTERVALS))
    return [blocks.pair(*shown)]


def _family(found: Estimates, along: str, curves: str, answer: Answer, design: Design) -> go.Figure:
    """Return the curves over one of two parameters, one for each value of the other."""
    drawn = []
    for i, value in enumerate(found[0][curves].values.tolist()):
        middle, low, high = (array.isel({curves: i}) for array in found)
        label = f"{short_name(curves)} = {value_text(curves, value)}"
        drawn.append(_curve(label, (middle, low, high), along))
    return draw_curves(
        drawn,
        axis_label(along),
        figure_words(answer.target),
        logarithmic=_is_logarithmic(along, design),
        percent=_is_share(answer.target),
        reference=_base(answer),
    )


def _map(found: Estimates, across: str, up: str, answer: Answer, explanation: str) -> str:
    middle, low, high = (array.transpose(up, across) for array in found)
    figure = draw_map(
        [value_text(across, value) for value in middle[across].values.tolist()],
        [value_text(up, value) for value in middle[up].values.tolist()],
        middle.values,
        low.values,
        high.values,
        (short_name(across), short_name(up), figure_words(answer.target)),
        percent=_is_share(answer.target),
    )
    return blocks.panel(f"Over {short_name(across)} and {short_name(up)}", figure, explanation)


def _marginal(results: xr.Dataset, name: str, answer: Answer, design: Design) -> str:
    """Return the mean over all other parameters, with its interval over the replicates."""
    values = results[answer.target]
    others = [dim for dim in values.dims if dim not in (name, "replicate")]
    means = xr.Dataset({answer.target: values.mean(others)})
    figure = draw_curves(
        [_curve("", estimates(means, answer.target), name)],
        axis_label(name),
        figure_words(answer.target),
        logarithmic=_is_logarithmic(name, design),
        percent=_is_share(answer.target),
        reference=_base(answer),
    )
    return blocks.panel(f"Over {short_name(name)}", figure, "Means over all other parameters.")


def _strongest(middle: xr.DataArray, names: list[str], answer: Answer) -> str:
    """Return the map over the two parameters that matter most, the others averaged."""
    first, second = names[:2]
    mean = middle.mean([dim for dim in middle.dims if dim not in (first, second)])
    unknown = mean * np.nan
    told = "The two that matter most; means over the others."
    return _map((mean, unknown, unknown), first, second, answer, told)


def _cloud(middle: xr.DataArray, name: str, answer: Answer, design: Design) -> str:
    count = middle.sizes["point"]
    some = np.unique(np.linspace(0, count - 1, min(count, _CLOUD)).astype(int))
    figure = draw_cloud(
        middle[name].values[some],
        middle.values[some],
        axis_label(name),
        figure_words(answer.target),
        logarithmic=_is_logarithmic(name, design),
        percent=_is_share(answer.target),
        reference=_base(answer),
    )
    told = f"{len(some):,} of {count:,} points." if len(some) < count else f"{count:,} points."
    return blocks.panel(f"Over {short_name(name)}", figure, told)


def _ranking(answer: Answer) -> str:
    """Return what matters most: swings about the base, indices, correlations, or ranges."""
    effects, target = answer.effects, figure_words(answer.target)
    names = [short_name(effect.name) for effect in effects]
    kind, share = effects[0].kind, _is_share(answer.target)
    if kind == "swing":
        swings = [_swing(effect) for effect in effects]
        figure = draw_tornado(names, swings, target, percent=share, reference=_base(answer))
    else:
        series = [_bars("total" if kind == "index" else "", [e.size for e in effects])]
        if firsts := [e.first for e in effects if e.first is not None]:
            series.append(_bars("first order", firsts))
        label, _ = _RANKINGS[kind]
        percent = kind == "range" and share
        figure = draw_ranking(names, series, label.format(target), percent=percent)
    return blocks.panel("What matters most", figure, _RANKINGS[kind][1].format(target))


_RANKINGS = {
    "swing": ("{}", "What each parameter makes of the base when it alone moves."),
    "range": ("range of {}", "How far the mean over all others moves; bars are 95 % intervals."),
    "rank": ("rank correlation", "Spearman's correlation with {}; bars are 95 % intervals."),
    "index": (
        "share of the variance of {}",
        "Sobol indices: alone (first order), and with the others (total); bars are 95 % intervals.",
    ),
}


def _swing(effect: Effect) -> Swing:
    (low_at, low), (high_at, high) = effect.ends
    return Swing(_end(effect.name, low_at), low, _end(effect.name, high_at), high)


def _end(name: str, word: str) -> str:
    """Return the value at an end with its unit; words, such as "base", stay."""
    try:
        return value_text(name, float(word))
    except ValueError:
        return word


def _bars(name: str, found: Sequence[Estimate]) -> Bars:
    return Bars(name, [f.value for f in found], [(f.low, f.high) for f in found])


def _curve(label: str, found: Estimates, name: str) -> Curve:
    middle, low, high = found
    return Curve(label, middle[name].values, middle.values, low.values, high.values)


def _base(answer: Answer) -> Reference | None:
    return None if answer.baseline is None else Reference("base", answer.baseline.value)


def _is_logarithmic(name: str, design: Design) -> bool:
    """Whether a parameter grows by factors: it says so, or its list does."""
    values = design.parameters[name]
    if values.kind != "list":
        return values.kind in ("log", "lognormal")
    listed: NDArray[np.float64] = np.sort([v for v in values.content if isinstance(v, int | float)])
    if len(listed) < len(values.content) or len(listed) < 2 or listed[0] <= 0:
        return False
    ratios = [high / low for low, high in pairwise(listed)]
    return bool(listed[-1] > _WIDE * listed[0] and max(ratios) < 5 * min(ratios))


def _is_share(target: str) -> bool:
    return "accuracy" in target
