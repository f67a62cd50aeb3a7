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


def johnson_variance(conductance: ArrayLike, temperature: ArrayLike, bandwidth: ArrayLike) -> Reals:
    """Variance 4kTB·G in A² of the current through a conductance; Johnson (1928)."""
    return 4 * BOLTZMANN * _real(temperature) * _real(bandwidth) * _real(conductance)


def ladder_voltages(n: int, shunt: float, series: float) -> Reals:
    """Voltages v_i, i = 1…n, along a line fed with 1 V through n equal cells, far end open.

    v_i = cosh((n−i+½)μ)/cosh((n+½)μ) with 2 sinh(μ/2) = √(gr): series resistance r in front of
    each shunt conductance g.
    """
    mu = 2 * np.arcsinh(np.sqrt(shunt * series) / 2)
    place = np.arange(1, n + 1)
    return _real(np.cosh((n - place + 0.5) * mu) / np.cosh((n + 0.5) * mu))
