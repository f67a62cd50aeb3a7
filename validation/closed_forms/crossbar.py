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
