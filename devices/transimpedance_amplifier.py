"""The transimpedance amplifier: a current becomes a voltage, up to a rail.

    I ──▶[ Z ]── v = v_sat tanh(Z·I/v_sat) ──[ τ ]── out

Small currents see the transimpedance Z; large ones run into the rail, which is the nonlinearity
that a receiver has for nothing. Noise is quoted at the input, as the density i_n in A/√Hz that a
noiseless amplifier would have to be fed; the single pole f_3dB = 1/(2πτ) lets i_n² · (π/2) f_3dB
through (Säckinger, *Broadband Circuits for Optical Fiber Communication*).
"""

from dataclasses import dataclass
from math import pi
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from devices._fields import (
    NON_NEGATIVE,
    POSITIVE,
    POSITIVE_OR_INFINITE,
    Device,
    Real,
    floating,
    require,
    require_common_shape,
)
from devices._first_order import pole, remaining


@dataclass(frozen=True, kw_only=True, eq=False)
class TransimpedanceAmplifier(Device):
    """A current amplifier with one pole and a soft rail.

    Raises
    ------
    ValueError
        Where a field has the wrong sign or is not finite (rail and bandwidth may be inf).
    """

    transimpedance: Real = 1e3
    """Z in Ω at small currents. 1 kΩ, typical at 10 GHz."""

    saturation_voltage: Real = 0.5
    """Rail v_sat in V that the output tends to; inf for none. 0.5 V, typical."""

    bandwidth: Real = 1e10
    """3-dB bandwidth in Hz; inf for an instant one. 10 GHz, typical."""

    input_noise: Real = 15e-12
    """Input-referred noise density i_n in A/√Hz. 15 pA/√Hz, typical at 10 GHz."""

    def __post_init__(self) -> None:
        require(self, "transimpedance", POSITIVE, "an output voltage per input current in Ω")
        require(self, "saturation_voltage", POSITIVE_OR_INFINITE, "a rail in V")
        require(self, "bandwidth", POSITIVE_OR_INFINITE, "a 3-dB bandwidth in Hz")
        require(self, "input_noise", NON_NEGATIVE, "a density in A/√Hz")
        names = ("transimpedance", "saturation_voltage", "bandwidth", "input_noise")
        require_common_shape(self, *names)

    def voltage(self, current: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return v_sat tanh(Z·I/v_sat) in V at the current I (A), in the precision of `current`."""
        drive = floating(current)
        linear = np.asarray(self.transimpedance) * drive
        if np.all(np.isinf(self.saturation_voltage)):
            return np.asarray(linear, dtype=drive.dtype)
        # An infinite rail among finite ones: tanh(0) · inf would be NaN.
        rail = np.asarray(self.saturation_voltage)
        finite = np.where(np.isinf(rail), 1.0, rail)
        bent = np.where(np.isinf(rail), linear, finite * np.tanh(linear / finite))
        return np.asarray(bent, dtype=drive.dtype)

    def slope(self, current: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return dv/dI = Z (1 − (v/v_sat)²) in Ω at the current I (A)."""
        drive = floating(current)
        bend = 1.0 - (self.voltage(drive) / np.asarray(self.saturation_voltage)) ** 2
        return np.asarray(self.transimpedance * bend, dtype=drive.dtype)

    @property
    def overload_current(self) -> Real:
        """Current v_sat/Z in A at which the linear output would reach the rail."""
        return self.saturation_voltage / self.transimpedance

    @property
    def time_constant(self) -> Real:
        """Time constant τ = 1/(2π f_3dB) in s; 0 for an infinite bandwidth."""
        return 1.0 / (2 * pi * self.bandwidth)

    def pole(self, dt: Real) -> Real:
        """Return p = e^(−dt/τ) of the exact update over dt (s)."""
        return pole(dt, self.time_constant)

    def step_response(self, time: Real) -> Real:
        """Return the share 1 − e^(−t/τ) of a step of voltage that has come out after `time` (s)."""
        return 1.0 - remaining(time, self.time_constant)

    @property
    def noise_density(self) -> Real:
        """One-sided density i_n² in A²/Hz at the input."""
        return np.square(self.input_noise)

    @property
    def noise_variance(self) -> Real:
        """Variance i_n² (π/2) f_3dB in A² at the input, as the pole lets it through.

        Raises
        ------
        ValueError
            For infinite bandwidth with noise on: the variance would be infinite.
        """
        if np.any(np.isinf(self.bandwidth) & (np.asarray(self.input_noise) > 0)):
            raise ValueError(
                "bandwidth must be finite where noise is on (its variance would be infinite); "
                "write a bandwidth in Hz, or input_noise=0."
            )
        band = np.where(np.isinf(self.bandwidth), 0.0, self.bandwidth)
        variance: Real = (self.noise_density * pi / 2 * band)[()]
        return variance
