"""Modulators: what a voltage does to light.

Wooten et al., IEEE J. Sel. Top. Quantum Electron. 6, 69 (2000): Mach-Zehnder. Koyama, Iga,
J. Lightwave Technol. 6, 87 (1988): chirp.
"""

from math import factorial, pi

import numpy as np
from numpy.typing import ArrayLike

from validation.closed_forms.values import Reals
from validation.closed_forms.values import real as _real


def push_pull_field(voltage: ArrayLike, half_wave_voltage: ArrayLike) -> Reals:
    """Field (e^{iδ} − e^{−iδ})/2i, δ = πV/2V_π, of a push-pull interferometer at its null.

    Two arms in opposite phase: signed, and all light passes at V_π; Wooten et al. (2000).
    """
    delta = pi / 2 * _real(voltage) / _real(half_wave_voltage)
    return np.imag(np.exp(1j * delta))


def absorption_power(voltage: ArrayLike, scale: ArrayLike, exponent: ArrayLike) -> Reals:
    """Transmitted power e^(−(V/V₀)^k); Koyama, Iga (1988) draw its logarithm."""
    return _real(np.exp(-((_real(voltage) / _real(scale)) ** _real(exponent))))


def chirp_frequency(log_power_rate: ArrayLike, chirp: ArrayLike) -> Reals:
    """Frequency shift (α_H/4π) d ln P/dt in Hz; Koyama, Iga (1988), eq. 3.

    Blue on a rising edge where α_H > 0, whatever the sign convention of fields.
    """
    return _real(_real(chirp) / (4 * pi) * _real(log_power_rate))


def sideband_powers(orders: ArrayLike, index: float) -> Reals:
    """Powers J_n(β)² of the lines of light whose phase is β sin(Ωt); Jacobi, Anger.

    Bessel's functions by their series Σ (−1)^k (β/2)^{2k+|n|}/(k! (k+|n|)!).
    """
    lines = [
        sum(
            (-1) ** k * (index / 2) ** (2 * k + n) / (factorial(k) * factorial(k + n))
            for k in range(40)
        )
        for n in np.abs(np.asarray(orders, dtype=int)).tolist()
    ]
    return _real(np.square(lines))
