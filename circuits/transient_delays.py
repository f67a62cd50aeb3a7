"""Delays in samples: a whole part, and a fractional rest by Lagrange's interpolation.

    u[n] = Σ_{k=0}^{p} h_k x[n − m − k],   h_k = Π_{j≠k} (δ − j)/(k − j),   d = τ/dt = m + δ

A delay of whole samples is one tap and exact. Otherwise the p + 1 taps of odd order p lie about d
as evenly as they can, (p − 1)/2 ≤ δ ≤ (p + 1)/2, where |H| ≤ 1 at every frequency, so that no
passive loop becomes unstable (Laakso, Välimäki, Karjalainen, Laine, "Splitting the unit delay",
IEEE Signal Process. Mag. 13(1), 30 (1996)). The error is that of interpolating e^{iΩt},

    |H(Ω) − e^{iΩτ}| ≤ (|Ω| dt)^{p+1} Π_j |δ − j| / (p + 1)!  ≤  C_p (|Ω| dt)^{p+1},

with C_1 = 1/8, C_3 = 0.0234, C_5 = 0.00488, C_7 = 0.00107 half-way between samples.
"""

from math import factorial, prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ORDERS = (1, 3, 5, 7, 9)
"""Orders of the interpolation that may be asked for."""

_WHOLE = 1e-12
"""Relative difference below which a delay is one of whole samples: what its digits can say."""


class Taps(NamedTuple):
    """One delay as a filter of a few taps."""

    first: int
    """Delay m of the first tap in samples."""

    weights: NDArray[np.float64]
    """h, (1,) for whole samples, otherwise (p + 1,)."""

    slope_first: int
    slope: NDArray[np.float64]
    """∂h/∂d, (p + 1,), from the tap `slope_first` on."""

    constant: float
    """Π_j |δ − j|/(p + 1)!, so that the error is at most this times (|Ω| dt)^(p + 1)."""

    @property
    def longest(self) -> int:
        """The longest delay of any tap."""
        return max(self.first + len(self.weights), self.slope_first + len(self.slope)) - 1

    def response(self, angle: NDArray[np.float64]) -> NDArray[np.complex128]:
        """Return H at angles Ω dt per sample."""
        taps = self.first + np.arange(len(self.weights))
        return np.asarray(np.exp(1j * np.multiply.outer(angle, taps)) @ self.weights)


def is_whole(samples: float) -> bool:
    """Whether a delay is one of whole samples."""
    return abs(samples - round(samples)) <= _WHOLE * max(1.0, samples)


def shortest(samples: float, order: int) -> float:
    """Return the least delay in samples that the method can have, for one like this."""
    return 1.0 if is_whole(samples) and round(samples) >= 1 else (order + 1) / 2


def taps_of(samples: float, order: int) -> Taps:
    """Return the taps of a delay d ≥ `shortest` in samples."""
    nearest = round(samples)
    if is_whole(samples):
        begin = max(1, nearest - order // 2)
        return Taps(nearest, np.ones(1), begin, _slopes(nearest - begin, order), 0.0)
    begin = int(np.floor(samples)) - order // 2
    rest = samples - begin
    constant = prod(abs(rest - j) for j in range(order + 1)) / factorial(order + 1)
    return Taps(begin, _weights(rest, order), begin, _slopes(rest, order), constant)


def _weights(rest: float, order: int) -> NDArray[np.float64]:
    nodes = range(order + 1)
    return np.array([prod((rest - j) / (k - j) for j in nodes if j != k) for k in nodes])


def _slopes(rest: float, order: int) -> NDArray[np.float64]:
    """∂h_k/∂δ by the product rule, one left-out factor after the other."""
    nodes = range(order + 1)

    def without(k: int, left_out: int) -> float:
        others = (j for j in nodes if j not in (k, left_out))
        return prod((rest - j) / (k - j) for j in others) / (k - left_out)

    return np.array([sum(without(k, i) for i in nodes if i != k) for k in nodes])
