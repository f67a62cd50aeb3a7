"""What the studies of an experiment found: figures, differences, and whether the claims hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from photon_relax.experiments.experiment import PlannedStudy, Point
from photon_relax.experiments.experiment_file import ComparisonTable, ViewTable
from photon_relax.experiments.significance import (
    LEVEL,
    Difference,
    holm,
    paired_difference,
    student,
)
from photon_relax.experiments.words import (
    estimate_text,
    figure_name,
    margin_text,
    place_text,
)
from photon_relax.studies.answer import Estimate, smaller_is_better

__all__ = ["Comparison", "Family", "Finding", "Verdict", "find"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A point against its reference."""

    point: int
    """Its number."""
    reference: int
    """The number of the point of reference."""
    difference: Difference
    """Point minus reference, paired by seed."""
    adjusted: float
    """Probability after Holm, over the comparisons of the family."""

    @property
    def is_significant(self) -> bool:
        """Whether there is a difference, as far as these seeds tell."""
        return self.adjusted < LEVEL


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a claim holds."""

    claim: str
    """In the words of the file."""
    outcome: str
    """'confirmed', 'confirmed in part' (of every point some, and none opposed), 'not confirmed' or
    'not decided'."""
    reason: str
    """What was counted."""

    @property
    def sentence(self) -> str:
        """All that as one line."""
        return f"{self.claim} {self.outcome.capitalize()}: {self.reason}."


@dataclass(frozen=True, kw_only=True)
class Family:
    """Comparisons that are judged together."""

    table: ComparisonTable
    """What the file says."""
    comparisons: list[Comparison]
    """In the order of the points."""
    verdict: Verdict | None
    """On the claim; None where there is none."""

    def of(self, point: int) -> Comparison | None:
        """Find the comparison of a point."""
        return next((c for c in self.comparisons if c.point == point), None)

    def significance(self, comparison: Comparison) -> str:
        """Say in words whether a difference is one."""
        if math.isnan(comparison.adjusted):
            told = "one seed has no interval" if comparison.difference.pairs else "not measured"
            return f"unknown: {told}"
        word = "significant" if comparison.is_significant else "not significant"
        count = len(self.comparisons)
        return f"{word} at {100 * LEVEL:g} % (Holm, {count} comparison{'s' if count > 1 else ''})"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One view of one study."""

    planned: PlannedStudy
    """The study."""
    view: ViewTable
    """The view."""
    values: Array
    """The figure, (points, seeds); NaN where nothing was measured."""
    families: list[Family]
    """The comparisons."""
    layers: list[Array] | None = None
    """Where the picture is of layers: the norm at each, a geometric mean over the seeds, of every
    point, (L_T+1,)."""

    @property
    def points(self) -> list[dict[str, Any]]:
        """The values of the parameters at each point."""
        return self.planned.points

    @property
    def estimates(self) -> list[Estimate]:
        """Mean and 95 % interval over the seeds at each point."""
        return [student(row)[0] for row in self.values]

    @property
    def seeds(self) -> list[int]:
        """Seeds that were measured at each point."""
        counts: list[int] = np.isfinite(self.values).sum(axis=1).tolist()
        return counts

    @property
    def best(self) -> int | None:
        """The number of the point with the best mean; None where nothing was measured."""
        sign = 1 if smaller_is_better(self.view.figure) else -1
        means = np.array([sign * estimate.value for estimate in self.estimates])
        return int(np.nanargmin(means)) if np.isfinite(means).any() else None

    @property
    def best_text(self) -> str:
        """Say which point has the best mean, and how good it is."""
        if self.best is None:
            return "nothing was measured"
        figure = self.view.figure
        found = estimate_text(figure, self.estimates[self.best])
        return f"best {figure_name(figure)}: {found} at {place_text(self.points[self.best])}"

    def at(self, point: Point) -> Array:
        """Give the values at a point."""
        row: Array = self.values[self.points.index(dict(point))]
        return row


def find(planned: PlannedStudy, results: xr.Dataset) -> list[Finding]:
    """Draw the conclusions of a study, a finding a view.

    Raises
    ------
    ValueError
        A view asks for a figure that was not measured.
    """
    return [_finding(planned, view, results) for view in planned.table.views]


def _finding(planned: PlannedStudy, view: ViewTable, results: xr.Dataset) -> Finding:
    values = _figure(results, view.figure).reshape(len(planned.points), -1)
    families = [_family(planned, view, table, values) for table in view.comparisons]
    layers = _layers(view, results) if view.picture == "layers" else None
    return Finding(planned=planned, view=view, values=values, families=families, layers=layers)


def _layers(view: ViewTable, results: xr.Dataset) -> list[Array]:
    """Give the norms of each point; a network of fewer layers has none of the later ones."""
    stem = view.figure.removesuffix("_decades")
    rows: list[Array] = []
    while (name := f"{stem}_{len(rows)}") in results:
        norms = xr.apply_ufunc(np.log, results[name])
        rows.append(np.exp(norms.mean("replicate").values).ravel())
    return [norms[np.isfinite(norms)] for norms in np.transpose(rows)]


def _figure(results: xr.Dataset, name: str) -> Array:
    """Give a figure at every point and seed; an error is what is missing from an accuracy."""
    stem = name.removesuffix("_error")
    if stem != name and name not in results and f"{stem}_accuracy" in results:
        return 1.0 - np.asarray(results[f"{stem}_accuracy"].values, dtype=np.float64)
    if name not in results:
        if not (results["status"].values == 1).any():
            return np.full(results["status"].shape, np.nan)
        known = ", ".join(map(str, results))
        raise ValueError(f"the study measures {known}, but no {name}")
    return np.asarray(results[name].values, dtype=np.float64)


def _family(
    planned: PlannedStudy, view: ViewTable, table: ComparisonTable, values: Array
) -> Family:
    pairs = planned.pairs(table)
    differences = [paired_difference(values[p], values[r]) for p, r in pairs]
    adjusted = holm(np.array([d.probability for d in differences]))
    comparisons = [
        Comparison(point=p, reference=r, difference=d, adjusted=float(a))
        for (p, r), d, a in zip(pairs, differences, adjusted, strict=True)
    ]
    verdict = _judge(view.figure, table, comparisons, planned.points) if table.claim else None
    return Family(table=table, comparisons=comparisons, verdict=verdict)


def _judge(
    figure: str, table: ComparisonTable, comparisons: list[Comparison], points: list[dict[str, Any]]
) -> Verdict:
    """Say whether the differences are as the claim says."""
    unknown = [c for c in comparisons if math.isnan(c.adjusted)]
    if unknown:
        told = "one seed has no interval"
        if any(c.difference.pairs != 1 for c in comparisons):
            told = f"{len(unknown)} of {len(comparisons)} have fewer than two seeds"
        told += ", so that nothing can be said"
        return Verdict(claim=table.claim, outcome="not decided", reason=told)
    hits = [c for c in comparisons if _is_as_expected(table, c)]
    against = [c for c in comparisons if _is_the_opposite(table, c)]
    wanted = len(comparisons) if table.at == "every" else 1
    reason = f"{len(hits)} of {len(comparisons)} are {_EXPECTED[table.expect]}"
    if table.within is not None:
        reason += f" to within {margin_text(figure, table.within)}"
    if against:
        where = "; ".join(place_text(points[c.point]) for c in against[:_TOLD])
        more = f" and {len(against) - _TOLD} more" if len(against) > _TOLD else ""
        reason += f", {len(against)} significantly {_OPPOSITE[table.expect]} ({where}{more})"
    outcome = "confirmed" if len(hits) >= wanted else "not confirmed"
    if 0 < len(hits) < wanted and not against:
        outcome = "confirmed in part"
    return Verdict(claim=table.claim, outcome=outcome, reason=reason)


_TOLD = 3
_EXPECTED = {"lower": "significantly lower", "higher": "significantly higher", "same": "the same"}
_OPPOSITE: Mapping[str, str] = {"lower": "higher", "higher": "lower", "same": "different"}


def _is_as_expected(table: ComparisonTable, comparison: Comparison) -> bool:
    """Say whether a difference is what the claim says.

    The same within a margin is what has its whole 95 % interval there: a test of equivalence
    (Schuirmann, J. Pharmacokinet. Biopharm. 15, 657 (1987)) at 2.5 % a side.
    """
    change = comparison.difference.change
    if table.within is not None:
        return -table.within < change.low and change.high < table.within
    is_lower = change.value < 0
    return comparison.is_significant and is_lower == (table.expect == "lower")


def _is_the_opposite(table: ComparisonTable, comparison: Comparison) -> bool:
    if not comparison.is_significant or _is_as_expected(table, comparison):
        return False
    if table.within is not None:
        return abs(comparison.difference.change.value) > table.within
    return True
