"""Differences between points that were measured with the same seeds, and which of them are real.

Paired by seed: the difference at each seed, its mean, Student's interval of that and Student's
test (Student, Biometrika 6, 1 (1908)). Of several comparisons the probabilities are adjusted by
Holm's method (Scand. J. Statist. 6, 65 (1979)), which keeps the chance of one or more false
findings among all of them below the level, whatever depends on what.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from photon_relax.studies.answer import Estimate

__all__ = ["LEVEL", "Difference", "holm", "paired_difference", "student"]

LEVEL = 0.05
"""Chance of a false finding that is taken."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """A mean of paired differences."""

    change: Estimate
    """Its value with the 95 % interval; the ends are NaN where there are fewer than two pairs."""
    pairs: int
    """Seeds that both points were measured with."""
    probability: float
    """Of so large a difference, either way, where there is none; NaN with fewer than two pairs."""


def student(values: Array) -> tuple[Estimate, float]:
    """Return mean and 95 % interval of independent values, and the two-sided probability of zero.

    Values that are not finite are left out.
    """
    known = values[np.isfinite(values)]
    n = len(known)
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan), math.nan
    mean = float(known.mean())
    if n == 1:
        return Estimate(mean, math.nan, math.nan), math.nan
    error = float(known.std(ddof=1)) / math.sqrt(n)
    half = float(stats.t.ppf(1 - LEVEL / 2, n - 1)) * error
    # Shares of few samples may differ by the same at every seed.
    ratio = mean / error if error else math.copysign(math.inf, mean) if mean else 0.0
    return Estimate(mean, mean - half, mean + half), float(2 * stats.t.sf(abs(ratio), n - 1))


def paired_difference(values: Array, reference: Array) -> Difference:
    """Compare a point with a reference, (seeds,) each, seed by seed."""
    differences = values - reference
    change, probability = student(differences)
    return Difference(change, int(np.isfinite(differences).sum()), probability)


def holm(probabilities: Array) -> Array:
    """Adjust the probabilities of several comparisons, (m,); a NaN stays, and is counted."""
    count = len(probabilities)
    order = np.argsort(probabilities)
    steps = probabilities[order] * np.arange(count, 0, -1)
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted
