"""Tunnel junctions and crossbars of them.

Johnson, Phys. Rev. 32, 97 (1928): thermal noise of a conductance.
"""

import numpy as np
from numpy.typing import ArrayLike

from validation.closed_forms.values import BOLTZMANN, Reals
from validation.closed_forms.values import real as _real


def tunnel_magnetoresistance(small: ArrayLike, voltage: ArrayLike, half: ArrayLike) -> Reals:
    """TMR₀/(1 + (V/V_h)²), half of TMR₀ at V_h."""
    return _real(_real(small) / (1 + (_real(voltage) / _real(half)) ** 2))


def bent_current(
    voltage: ArrayLike, conductance: ArrayLike, small: ArrayLike, half: ArrayLike
) -> Reals:
    """Current G_P V·TMR/(1 + TMR) in A that a pair of opposite junctions makes, with TMR(V).

    With TMR₀ and V_h written out: G_P V·TMR₀/(1 + TMR₀ + (V/V_h)²).
    """
    volts, contrast = _real(voltage), _real(small)
    bend = 1 + contrast + (volts / _real(half)) ** 2
    return _real(_real(conductance) * volts * contrast / bend)


def nearest_level(weight: ArrayLike, junctions: int) -> Reals:
    """The nearest of the 2n + 1 weights −1 … 1 that n junctions on either side can store."""
    levels = np.linspace(-1, 1, 2 * junctions + 1)
    return _real(levels[np.argmin(np.abs(_real(weight)[..., None] - levels), axis=-1)])


def parallel_spread(
    spread: ArrayLike, parallel: ArrayLike, antiparallel: ArrayLike, up: ArrayLike, of: ArrayLike
) -> Reals:
    """Standard deviation in S of n junctions side by side, k of them parallel: s√(kG_P² + (n−k)G²).

    Each scatters by the share s of its own conductance, independently.
    """
    high, low = _real(up) * _real(parallel) ** 2, (_real(of) - _real(up)) * _real(antiparallel) ** 2
    return _real(_real(spread) * np.sqrt(high + low))


def johnson_variance(conductance: ArrayLike, temperature: ArrayLike, bandwidth: ArrayLike) -> Reals:
    """Variance 4kTB·G in A² of the current through a conductance; Johnson (1928)."""
    return 4 * BOLTZMANN * _real(temperature) * _real(bandwidth) * _real(conductance)


def capacitor_variance(capacitance: ArrayLike, temperature: ArrayLike) -> Reals:
    """Variance kT/C in V² of a capacitor at rest with any conductance across it: equipartition.

    What Johnson noise 4kTG amounts to in its own bandwidth G/4C, G having dropped out.
    """
    return BOLTZMANN * _real(temperature) / _real(capacitance)


def ladder_voltages(n: int, shunt: float, series: float) -> Reals:
    """Voltages v_i, i = 1…n, along a line fed with 1 V through n equal cells, far end open.

    v_i = cosh((n−i+½)μ)/cosh((n+½)μ) with 2 sinh(μ/2) = √(gr): series resistance r in front of
    each shunt conductance g.
    """
    mu = 2 * np.arcsinh(np.sqrt(shunt * series) / 2)
    place = np.arange(1, n + 1)
    return _real(np.cosh((n - place + 0.5) * mu) / np.cosh((n + 0.5) * mu))


def receiver_currents(conductance: ArrayLike, series: float) -> Reals:
    """Current in A into each receiver per volt at each driver, [receiver, driver], by Kirchhoff.

    Of cells (drivers, receivers) between word lines, fed at their first cell, and bit lines,
    grounded behind their last one, with a segment of the series resistance in front of every cell
    of a word line and behind every cell of a bit line. All 2mn nodes in one dense matrix.
    """
    cells = _real(conductance)
    m, n = cells.shape
    word = np.arange(m * n).reshape(m, n)
    bit = word + m * n
    matrix = np.zeros((2 * m * n, 2 * m * n))
    segment = 1 / series
    branches = [
        (word.ravel(), bit.ravel(), cells.ravel()),
        (word[:, :-1].ravel(), word[:, 1:].ravel(), np.full(m * (n - 1), segment)),
        (bit[:-1].ravel(), bit[1:].ravel(), np.full((m - 1) * n, segment)),
    ]
    for one, other, value in branches:
        np.add.at(matrix, (one, one), value)
        np.add.at(matrix, (other, other), value)
        np.add.at(matrix, (one, other), -value)
        np.add.at(matrix, (other, one), -value)
    drives = np.zeros((2 * m * n, m))
    drives[word[:, 0], np.arange(m)] = segment
    matrix[word[:, 0], word[:, 0]] += segment
    matrix[bit[-1], bit[-1]] += segment
    return _real(np.linalg.solve(matrix, drives)[bit[-1]] * segment)
