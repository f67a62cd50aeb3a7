"""The photodetector: a photodiode and the amplifier that listens to it.

    A ~~~~▶|── I = R·|A|² + I_d ──[ τ ]── y
                      ↑ shot noise    ↑ bandwidth f_3dB = 1/(2πτ)
                      └ thermal noise of the load

Square law: the current follows the power, the optical phase is lost. Large power saturates,
I/(1 + P/P_sat). Noise is white with the one-sided density

    S = 2qI + 4kT·F/R_L      (A²/Hz; Agrawal, *Fiber-Optic Communication Systems*, receiver noise)

and the single pole of the receiver lets the variance S/(4τ) = S·(π/2)·f_3dB through: the noise
bandwidth is π/2 wider than the 3-dB bandwidth. A simulation of step dt injects white samples of
variance S·(1/4τ)(1+p)/(1−p), p = e^(−dt/τ), before the pole y ← p y + (1−p) x, so that the
variance behind it is S/(4τ) for every dt (and S/(2 dt) is injected where dt ≪ τ).
"""

from dataclasses import dataclass
from math import pi
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import e as elementary_charge
from scipy.constants import k as boltzmann

from devices._fields import (
    NON_NEGATIVE,
    POSITIVE,
    POSITIVE_OR_INFINITE,
    Device,
    Real,
    checked_real,
    floating,
    require,
    require_common_shape,
    require_flag,
)
from devices._first_order import pole, remaining


@dataclass(frozen=True, kw_only=True, eq=False)
class Photodetector(Device):
    """A photodiode with its receiver: square law, one pole, shot and thermal noise.

    Raises
    ------
    ValueError
        Where a field has the wrong sign or is not finite (bandwidth and saturation power may be
        inf).
    """

    responsivity: Real = 1.0
    """Current per power R = ηq/hν in A/W. 1.0: an InGaAs diode of 80 % quantum efficiency at
    1.55 µm (a perfect one has 1.25 A/W), typical."""

    dark_current: Real = 1e-8
    """Current I_d in A without light. 10 nA, typical."""

    bandwidth: Real = 1e9
    """3-dB bandwidth of the receiver in Hz; inf for an instant one (only without noise)."""

    load_resistance: Real = 50.0
    """Resistance R_L in Ω whose thermal noise enters: 50 Ω at 300 K gives 18.2 pA/√Hz."""

    temperature: Real = 300.0
    """Temperature of the load in K."""

    noise_figure_db: Real = 3.0
    """Noise figure F of the amplifier in dB, ≥ 0; multiplies the thermal noise. 3 dB, typical."""

    saturation_power: Real = np.inf
    """Optical power P_sat in W at which the current falls to half its linear value; inf for
    none. Some 10 mW, typical."""

    shot_noise: bool = True
    """Whether the current's own graininess is counted."""

    thermal_noise: bool = True
    """Whether the load's thermal noise is counted."""

    def __post_init__(self) -> None:
        require(self, "responsivity", POSITIVE, "a current per power in A/W")
        require(self, "dark_current", NON_NEGATIVE, "a current in A")
        require(self, "bandwidth", POSITIVE_OR_INFINITE, "a 3-dB bandwidth in Hz")
        require(self, "load_resistance", POSITIVE, "a resistance in Ω")
        require(self, "temperature", NON_NEGATIVE, "a temperature in K")
        require(
            self,
            "noise_figure_db",
            NON_NEGATIVE,
            "no amplifier removes noise",
            "For a noise figure of {size} dB write noise_figure_db={size}.",
        )
        require(self, "saturation_power", POSITIVE_OR_INFINITE, "an optical power in W")
        require_flag(self, "shot_noise", "count the shot noise or not")
        require_flag(self, "thermal_noise", "count the thermal noise or not")
        require_common_shape(
            self,
            "responsivity",
            "dark_current",
            "bandwidth",
            "load_resistance",
            "temperature",
            "noise_figure_db",
            "saturation_power",
        )

    # Response

    def photocurrent(self, power: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return the mean current R·P/(1 + P/P_sat) + I_d in A, at the optical power P in W."""
        light = floating(power)
        if np.any(light < 0):
            raise ValueError(
                f"power must be ≥ 0 (an optical power |A|² in W); got {np.min(light):g}."
            )
        return np.asarray(
            self.responsivity * light / (1.0 + light / self.saturation_power) + self.dark_current
        )

    # Dynamics

    @property
    def time_constant(self) -> Real:
        """Time constant τ = 1/(2π f_3dB) in s; 0 for an infinite bandwidth."""
        return 1.0 / (2 * pi * self.bandwidth)

    def pole(self, dt: Real) -> Real:
        """Return p = e^(−dt/τ) of the exact update over dt (s); 0 for an infinite bandwidth."""
        return pole(dt, self.time_constant)

    def advance(self, output: Real, current: Real, dt: Real) -> Real:
        """Return the receiver's output dt (s) later, for a current (A) held meanwhile."""
        p = self.pole(dt)
        return p * output + (1.0 - p) * current

    def step_response(self, time: Real) -> Real:
        """Return the share 1 − e^(−t/τ) of a step of current that has come out after `time` (s)."""
        return 1.0 - remaining(time, self.time_constant)

    def frequency_response(self, frequency: Real) -> NDArray[np.complex128]:
        """Return 1/(1 − 2πi f τ) at `frequency` (Hz), in the e^{-iωt} convention."""
        return np.asarray(1.0 / (1.0 - 2j * pi * np.asarray(frequency) * self.time_constant))

    # Noise

    @property
    def noise_bandwidth(self) -> Real:
        """Equivalent noise bandwidth 1/(4τ) = (π/2) f_3dB in Hz."""
        return pi / 2 * self.bandwidth

    @property
    def thermal_noise_density(self) -> Real:
        """One-sided density 4kT·F/R_L in A²/Hz; 0 where thermal noise is off."""
        if not self.thermal_noise:
            return 0.0
        factor = 10.0 ** (self.noise_figure_db / 10.0)
        return 4 * boltzmann * self.temperature * factor / self.load_resistance

    def shot_noise_density(self, current: Real) -> Real:
        """Return the one-sided density 2qI in A²/Hz; 0 where shot noise is off.

        Parameters
        ----------
        current : float or array (A)
            Total current through the diode, the dark current included.
        """
        flow = checked_real(
            current, "current", NON_NEGATIVE, "the current through one diode in A, dark included"
        )
        return 2 * elementary_charge * flow if self.shot_noise else 0.0 * flow

    def noise_density(self, current: Real) -> Real:
        """Return the one-sided density S = 2qI + 4kT·F/R_L in A²/Hz at the current I (A)."""
        return self.shot_noise_density(current) + self.thermal_noise_density

    def noise_variance(self, current: Real) -> Real:
        """Return the variance S/(4τ) in A² behind the receiver's pole, at the current I (A)."""
        return self.variance_behind_pole(self.noise_density(current))

    def injected_variance(self, current: Real, dt: Real) -> Real:
        """Return the variance in A² of the white samples, dt (s) apart, to add before the pole."""
        return self.variance_before_pole(self.noise_density(current), dt)

    def variance_behind_pole(self, density: Real) -> Real:
        """Return the variance S/(4τ) in A² that white noise of density S (A²/Hz) leaves.

        Raises
        ------
        ValueError
            For infinite bandwidth with noise on: the variance would be infinite.
        """
        if not np.any(density):
            return 0.0 * density
        if np.any(np.isinf(self.bandwidth)):
            raise ValueError(
                "bandwidth must be finite where noise is on (white noise through an infinite "
                "bandwidth has an infinite variance); got infinite bandwidth with noise on. "
                "Write a bandwidth in Hz, or shot_noise=False and thermal_noise=False."
            )
        return density * self.noise_bandwidth

    def variance_before_pole(self, density: Real, dt: Real) -> Real:
        """Return S·(1/4τ)(1+p)/(1−p) in A², injected every dt (s) for S/(4τ) behind the pole."""
        behind = self.variance_behind_pole(density)
        if not np.any(behind):
            return behind
        # (1 + p)/(1 − p) = 1/tanh(dt/2τ), without the cancellation of 1 − p at small dt.
        step = checked_real(dt, "dt", POSITIVE, "a time step in s")
        before: Real = behind / np.tanh(step / (2 * self.time_constant))
        return before
