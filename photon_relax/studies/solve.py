"""Search of a specification: the loosest value of a parameter that is still good enough.

The figure is taken to be monotone in the parameter between the two ends of its range. The ends are
measured first; the better one says which way is tighter. Then the range is halved again and again
by what a value is: good enough, not good enough, or not decided by the replicates that a probe may
have. Where noise leaves a stretch undecided, it is closed in from both sides, so that the answer is
an interval: below it surely not enough, above it surely enough.

A verdict is Student's test of the replicates against the threshold. Probes begin with few
replicates and take more until they are decided, and the level of each look is Bonferroni's share of
5 % (Wald, Annals of Mathematical Statistics 16, 117 (1945) has the idea of looking as one goes).
Against the better end the differences of equal seeds are tested, in which the luck cancels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from photon_relax.studies.ranges import Range

__all__ = ["Goal", "Measure", "Probe", "Scale", "Solution", "search"]

Verdict = Literal["good", "bad", "undecided"]
Array = NDArray[np.float64]

_LEVEL = 0.95
_STEPS = 100
"""Of the range: the tolerance where none is given."""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What is good enough, and how closely it is to be found; one of the first three."""

    within: float | None = None
    """Figure at most so much worse than at the better end."""
    at_least: float | None = None
    """Figure at least this."""
    at_most: float | None = None
    """Figure at most this."""
    tolerance: float | None = None
    """How closely the value is wanted: in its own unit, or as a ratio less one over a log range;
    by default a hundredth of the range."""
    most_replicates: int = 32
    """Replicates that one value may take before it stays undecided."""

    def __post_init__(self) -> None:
        told = [
            name for name in ("within", "at_least", "at_most") if getattr(self, name) is not None
        ]
        if len(told) != 1:
            raise ValueError(
                "solve needs one of within, at_least and at_most, such as within = 0.01; "
                f"got {', '.join(told) or 'none'}"
            )
        if self.within is not None and self.within < 0:
            raise ValueError(f"solve.within must be ≥ 0; got {self.within}")
        if self.tolerance is not None and not self.tolerance > 0:
            raise ValueError(f"solve.tolerance must be > 0; got {self.tolerance}")

    def describe(self) -> dict[str, Any]:
        """Give it as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Scale:
    """The range of the parameter as a line on which halves are taken."""

    range: Range
    """linear, log or integers."""

    def __post_init__(self) -> None:
        if self.range.kind not in ("linear", "log", "integers"):
            raise ValueError(
                f"solve needs one parameter over linear, log or integers; got {self.range.kind}"
            )

    @property
    def ends(self) -> tuple[float, float]:
        """Places of both ends."""
        low, high = (float(end) for end in self.range.content[:2])
        return (math.log(low), math.log(high)) if self.range.kind == "log" else (low, high)

    def value(self, place: float) -> float | int:
        """Give the value at a place."""
        if self.range.kind == "integers":
            return round(place)
        if self.range.kind == "linear":
            return place
        # The ends are what was written, not what the logarithm makes of it.
        exact = dict(zip(self.ends, self.range.content, strict=False))
        return float(exact.get(place, math.exp(place)))

    def middle(self, one: float, other: float) -> float:
        """Halve a stretch; whole numbers stay whole, nearer to the lower end."""
        half = 0.5 * (one + other)
        return float(math.floor(half)) if self.range.kind == "integers" else half

    def tolerance(self, wanted: float | None) -> float:
        """Give the length below which a stretch is left alone."""
        if self.range.kind == "integers":
            return 1.0
        low, high = self.ends
        if wanted is None:
            return (high - low) / _STEPS
        return math.log1p(wanted) if self.range.kind == "log" else wanted


@dataclass(frozen=True)
class Probe:
    """What is known at one value."""

    value: float | int
    """The value."""
    figures: tuple[float, ...]
    """The figure, a replicate each."""
    verdict: Verdict
    """What it is."""


@dataclass(frozen=True, kw_only=True)
class Solution:
    """What the search found."""

    good: float | int | None
    """The loosest value that is surely enough; None where not even the better end is."""
    bad: float | int | None
    """The tightest value that is surely not enough; None where even the looser end may be."""
    estimate: float | None
    """Where the mean crosses the threshold, between the probes; None where it does not."""
    threshold: float
    """What the mean was held against."""
    probes: tuple[Probe, ...]
    """All values tried, rising."""


Measure = Callable[[float | int, int], Sequence[float]]
"""Gives the first so many replicates of the figure at a value."""


def search(
    scale: Scale,
    goal: Goal,
    measure: Measure,
    *,
    least: int,
    smaller_is_better: bool,
    tell: Callable[[Probe], None],
) -> Solution:
    """Find the loosest value that is good enough.

    Parameters
    ----------
    scale
        The range.
    goal
        What is good enough.
    measure
        Asked again for the same value, it is to give the same replicates and more.
    least
        Replicates that a probe begins with; with 1 the figure is taken to be free of noise.
    smaller_is_better
        Whether the figure is a loss.
    tell
        Is told of every probe.
    """
    return _Search(scale, goal, measure, least, -1.0 if smaller_is_better else 1.0, tell).solve()


class _Search:
    def __init__(
        self,
        scale: Scale,
        goal: Goal,
        measure: Measure,
        least: int,
        sign: float,
        tell: Callable[[Probe], None],
    ) -> None:
        self.scale, self.goal, self.measure, self.tell = scale, goal, measure, tell
        self.least, self.sign = least, sign
        self.most = max(goal.most_replicates, least) if least > 1 else 1
        self.looks = 1 + math.ceil(math.log2(self.most / least))
        self.probes: dict[float, Probe] = {}
        self.tight = self.loose = 0.0

    def solve(self) -> Solution:
        means = {end: float(np.mean(self._figures(end, self.least))) for end in self.scale.ends}
        self.tight = max(means, key=lambda end: self.sign * means[end])
        (self.loose,) = set(means) - {self.tight}
        enough, short = self._probe(self.tight), self._probe(self.loose)
        if enough == "bad":
            return self._solution(None, self.tight)
        if short == "good":
            return self._solution(self.loose, None)
        good = self.tight if enough == "good" else None
        bad = self.loose if short == "bad" else None
        doubt = [end for end, v in ((self.loose, short), (self.tight, enough)) if v == "undecided"]
        return self._solution(*self._close_in(good, bad, doubt))

    def _close_in(
        self, good: float | None, bad: float | None, doubt: list[float]
    ) -> tuple[float | None, float | None]:
        """Halve the longer of the stretches between what is known, until all are short."""
        tolerance = self.scale.tolerance(self.goal.tolerance) * (1 + 1e-9)
        while True:
            stretches = [(bad, doubt[0]), (doubt[-1], good)] if doubt else [(bad, good)]
            known = [(a, b) for a, b in stretches if a is not None and b is not None]
            longest = max(known, key=lambda stretch: abs(stretch[0] - stretch[1]), default=(0, 0))
            if abs(longest[0] - longest[1]) <= tolerance:
                return good, bad
            place = self.scale.middle(*longest)
            verdict = self._probe(place)
            if verdict == "undecided":
                doubt = sorted([*doubt, place], key=lambda p: abs(p - self.loose))
                continue
            if verdict == "good":
                good = place
            else:
                bad = place
            # What lies on the far side of a clear verdict is no longer in doubt.
            doubt = [p for p in doubt if self._between(p, bad, good)]

    def _between(self, place: float, bad: float | None, good: float | None) -> bool:
        away = abs(place - self.loose)
        return (bad is None or away > abs(bad - self.loose)) and (
            good is None or away < abs(good - self.loose)
        )

    def _probe(self, place: float) -> Verdict:
        """Measure until it is decided, or may take no more."""
        count = self.least
        while True:
            margins = self._margins(place, count)
            verdict = _verdict(margins, 1.0 - (1.0 - _LEVEL) / self.looks)
            if verdict != "undecided" or count >= self.most:
                break
            count = min(2 * count, self.most)
        figures = tuple(self._figures(place, count).tolist())
        self.probes[place] = Probe(self.scale.value(place), figures, verdict)
        self.tell(self.probes[place])
        return verdict

    def _margins(self, place: float, count: int) -> Array:
        """How much better than the threshold every replicate is."""
        goal = self.goal
        figures = self._figures(place, count)
        if goal.within is not None:
            return self.sign * (figures - self._figures(self.tight, count)) + goal.within
        if goal.at_least is not None:
            return figures - goal.at_least
        assert goal.at_most is not None
        return goal.at_most - figures

    def _figures(self, place: float, count: int) -> Array:
        return np.asarray(self.measure(self.scale.value(place), count), dtype=np.float64)

    def _solution(self, good: float | None, bad: float | None) -> Solution:
        value = self.scale.value
        ordered = sorted(self.probes)
        return Solution(
            good=None if good is None else value(good),
            bad=None if bad is None else value(bad),
            estimate=self._crossing(),
            threshold=self._threshold(),
            probes=tuple(self.probes[place] for place in ordered),
        )

    def _threshold(self) -> float:
        goal = self.goal
        if goal.within is not None:
            best = float(np.mean(self.probes[self.tight].figures))
            return best - self.sign * goal.within
        return float(goal.at_least if goal.at_least is not None else goal.at_most or 0.0)

    def _crossing(self) -> float | None:
        """Where the mean margin, linear between the probes, last changes from too little."""
        places = sorted(self.probes, key=lambda place: abs(place - self.loose))
        margins = [
            float(self._margins(place, len(self.probes[place].figures)).mean()) for place in places
        ]
        for i in range(len(places) - 1, 0, -1):
            before, after = margins[i - 1], margins[i]
            if before < 0 <= after:
                share = before / (before - after)
                place = places[i - 1] + share * (places[i] - places[i - 1])
                return math.exp(place) if self.scale.range.kind == "log" else place
        return None


def _verdict(margins: Array, level: float) -> Verdict:
    if len(margins) == 1 or np.ptp(margins) == 0:
        return "good" if margins[0] >= 0 else "bad"
    half = stats.t.ppf(0.5 + level / 2, len(margins) - 1) * stats.sem(margins)
    if abs(margins.mean()) <= half:
        return "undecided"
    return "good" if margins.mean() > 0 else "bad"
