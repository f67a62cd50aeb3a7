"""What crosstalk costs an on-off keyed link, in decibels of signal power.

    mark   P (1 + 2Σ√ε_i cos φ_i) ─┐
                                   ├─ + thermal noise σ ─── threshold ─── 0 or 1
    space  0 ──────────────────────┘

A leak of power ε beats with the light that it lands on: its field is √ε, so one of −40 dB moves a
mark by ±2 %, not by 1e-4. The phases φ_i wander, uniform and independent of each other, and the
marks spread. The power that each leak adds is common to marks and spaces and moves the threshold
only. The penalty is the signal power that buys the error rate of the clean link back, in which
both symbols err with ½erfc(Q/√2), σ = 1/(2Q).

One beat has an arcsine law, many together are normal by the central limit, which is what
Takahashi, Oda, Toba, J. Lightwave Technol. 14, 1097 (1996) assume; the tail of a few is shorter,
and a normal law over-estimates them (Buckman et al., IEEE Photon. Technol. Lett. 9 (1997)). Here
the exact law is summed numerically: a mark errs with

    P(n + Σ b_i cos φ_i > m) = (1/2πi) ∫ e^{s²/2 − sm} Π I₀(b_i s) ds/s

(the inverse Laplace transform of its moment generating function) along the vertical line through
the saddle point, where the integrand neither oscillates nor cancels.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
import scipy  # its parts load when they are used: `import devices` stays light
from numpy.typing import ArrayLike, NDArray

from devices._fields import POSITIVE, Real, Rule, checked_real

Reals = NDArray[np.float64]
Counts = NDArray[np.int64]
Statistics = Literal["exact", "gaussian", "worst", "incoherent"]
Threshold = Literal["optimum", "middle"]

_RATIO = Rule("at least 0 and below 1", lambda x: (x >= 0) & (x < 1))
_MOST_POWER = 100.0
"""Signal power, relative to the clean link's, at which a link is given up: 20 dB."""


def crosstalk_penalty_db(
    ratios: ArrayLike,
    *,
    quality: float = 6.0,
    statistics: Statistics = "exact",
    threshold: Threshold = "optimum",
) -> Real:
    """Return the power penalty in dB of coherent or incoherent crosstalk; inf for a closed eye.

    Parameters
    ----------
    ratios : array (..., interferers)
        Power of each leak relative to the signal, a ratio: −30 dB is 1e-3. A single number is one
        interferer; a sweep of one interferer is a column, ``ratios[:, None]``.
    quality : float
        Q of the clean link: 6 is an error rate of 1e-9.
    statistics
        'exact': random phases, as they are; 'gaussian': random phases as normal noise of variance
        2Σε; 'worst': all fields against the mark, −10 log₁₀(1 − 2Σ√ε); 'incoherent': powers add,
        to the spaces at worst, −10 log₁₀(1 − Σε) (Goldstein, Eskildsen, Elrefaie, IEEE Photon.
        Technol. Lett. 6, 657 (1994)).
    threshold
        'optimum': where marks and spaces err alike; 'middle': halfway, where marks err the more.
        Nothing spreads in 'worst' and 'incoherent', where both are one.

    Returns
    -------
    float or array (...)
        More than 20 dB count as inf: the eye is closed, or all but closed.

    Raises
    ------
    ValueError
        Where a ratio is not within [0, 1), the quality not positive, or a choice unknown.
    """
    given = checked_real(ratios, "ratios", _RATIO, "leaked over signal power; −30 dB is 1e-3")
    q = float(checked_real(quality, "quality", POSITIVE, "Q of the clean link; 6 is 1e-9"))
    for name, choice, known in (
        ("statistics", statistics, ("exact", "gaussian", "worst", "incoherent")),
        ("threshold", threshold, ("optimum", "middle")),
    ):
        if choice not in known:
            raise ValueError(f"{name} must be one of {', '.join(known)}; got {choice!r}.")
    leaks = np.atleast_1d(given)
    powers = np.array(
        [_power(row, q, statistics, threshold) for row in leaks.reshape(-1, leaks.shape[-1])]
    )
    with np.errstate(divide="ignore"):
        penalty: Real = (10 * np.log10(powers)).reshape(leaks.shape[:-1])[()]
    return penalty


def _power(leaks: Reals, q: float, statistics: str, threshold: str) -> float:
    """Signal power relative to the clean link's that restores its error rate."""
    if statistics in ("worst", "incoherent"):
        closure = 2 * np.sum(np.sqrt(leaks)) if statistics == "worst" else np.sum(leaks)
        return float(1 / (1 - closure)) if closure < 1 else np.inf
    tail = _exact_tail if statistics == "exact" else _normal_tail
    sizes, counts = np.unique(leaks, return_counts=True)
    return _restoring_power(tail, 2 * np.sqrt(sizes), counts, q, threshold)


def _restoring_power(
    tail: Callable[[float, Reals, Counts], float],
    swings: Reals,
    counts: Counts,
    q: float,
    threshold: str,
) -> float:
    """Power at which the marks err with ½erfc(Q/√2), swings relative to the mark, each so often.

    At the optimum threshold the spaces do so too, which puts it where it was: Qσ above them.
    """
    target = float(scipy.special.log_ndtr(-q))

    def excess(power: float) -> float:
        level = power / 2 if threshold == "middle" else 0.5
        return tail(2 * q * (power - level), 2 * q * power * swings, counts) - target

    if excess(1.0) <= 0:  # no crosstalk, or none beyond rounding
        return 1.0
    above = 2.0
    while excess(above) > 0:
        if above >= _MOST_POWER:
            return np.inf
        above = min(2 * above, _MOST_POWER)
    return float(scipy.optimize.brentq(excess, 1.0, above, xtol=1e-13))


def _normal_tail(margin: float, swings: Reals, counts: Counts) -> float:
    """Log probability that noise and normal beats together exceed the margin, all in σ."""
    return float(scipy.special.log_ndtr(-margin / np.sqrt(1 + np.sum(counts * swings**2) / 2)))


def _exact_tail(margin: float, swings: Reals, counts: Counts) -> float:
    """Log probability that noise and beats Σ b cos φ together exceed the margin > 0, all in σ."""
    c, curvature = _saddle_point(margin, swings, counts)
    # The trapezoidal rule converges as e^{−2πd/h} with the distance d to the pole at s = 0; the
    # integrand falls as e^{−t²/2} at least, and faster by its curvature in the middle.
    step = 0.3 / np.sqrt(curvature)
    s = c + 1j * np.arange(0.0, 9.0 + step, step)
    exponent = s**2 / 2 - s * margin
    arguments = swings[:, None] * s
    exponent += counts @ (np.log(scipy.special.ive(0, arguments)) + arguments.real)
    peak = exponent[0].real
    values = np.real(np.exp(exponent - peak) / s)
    values[0] /= 2
    return float(peak + np.log(step / np.pi * np.sum(values)))


def _saddle_point(margin: float, swings: Reals, counts: Counts) -> tuple[float, float]:
    """Place c > 0 on the real axis where the integrand is least, and its curvature there."""
    c = margin
    for _ in range(30):
        ratio = scipy.special.ive(1, swings * c) / scipy.special.ive(0, swings * c)
        slope = c + np.sum(counts * swings * ratio) - 1 / c - margin
        # d(I₁/I₀)/dx = 1 − I₁/(x I₀) − (I₁/I₀)², which tends to ½ at x = 0.
        bend = np.where(swings * c > 1e-6, 1 - ratio / np.maximum(swings * c, 1e-6) - ratio**2, 0.5)
        curvature = float(1 + np.sum(counts * swings**2 * bend) + 1 / c**2)
        # Newton's method, which may not leave the positive axis.
        c = max(c - slope / curvature, c / 4)
    return c, curvature
