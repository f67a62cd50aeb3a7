"""The laser: a continuous wave that feeds every lane of the machine.

      ┌───────┐
      │ laser ├──── A = √P · e^{-iω₀t}
      └───────┘

The complex envelope A is in √W, |A|² is the power, and ω₀ = 2πc/λ is the carrier that the
envelope is taken against. One photon carries hν, the yardstick of shot noise: power P arrives
as P/hν photons a second.

A real laser wanders. Its phase is a random walk of 2πΔν dt per step, which makes a Lorentzian line
of full width Δν; its power flickers with the relative intensity noise RIN, a one-sided density of
(δP/P)² (Henry, IEEE J. Quantum Electron. 18, 259 (1982); Agrawal, *Fiber-Optic Communication
Systems*). A receiver that compares two paths sees the phase only by their difference in delay.
"""

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray
from scipy.constants import c as speed_of_light
from scipy.constants import h as planck

from devices._fields import (
    NON_NEGATIVE,
    POSITIVE,
    Device,
    Real,
    Rule,
    checked_real,
    require,
    require_common_shape,
)

_RIN = Rule("< 0 or -inf", lambda x: x < 0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Laser(Device):
    """A continuous-wave laser.

    Raises
    ------
    ValueError
        Where power or wavelength is not positive and finite, the linewidth is negative or the
        intensity noise not a ratio below 0 dB.
    """

    power: Real = 0.1
    """Optical power in W, for all lanes together. 0.1 W = 20 dBm: a high-power
    distributed-feedback laser, typical."""

    wavelength: Real = 1.55e-6
    """Vacuum wavelength in m. 1.55 µm: the minimum of fibre loss, hν = 1.2816e-19 J."""

    linewidth: Real = 0.0
    """Full width Δν of the line in Hz at half its height; 0 for a steady phase. 100 kHz to 1 MHz:
    distributed-feedback lasers, typical."""

    rin_db: Real = -np.inf
    """Relative intensity noise in dB per Hz, negative; −inf for none. −155: a quiet
    distributed-feedback laser, typical."""

    def __post_init__(self) -> None:
        require(self, "power", POSITIVE, "an optical power in W")
        require(self, "wavelength", POSITIVE, "a vacuum wavelength in m")
        require(self, "linewidth", NON_NEGATIVE, "a full width in Hz")
        require(self, "rin_db", _RIN, "noise relative to the power, dB per Hz; -155 is typical")
        require_common_shape(self, "power", "wavelength", "linewidth", "rin_db")

    @property
    def frequency(self) -> Real:
        """Optical frequency ν = c/λ in Hz."""
        return speed_of_light / self.wavelength

    @property
    def photon_energy(self) -> Real:
        """Energy hν of one photon in J."""
        return planck * self.frequency

    @property
    def field(self) -> Real:
        """Amplitude √P of the envelope in √W."""
        amplitude: Real = np.sqrt(self.power)
        return amplitude

    # Phase

    @property
    def coherence_time(self) -> Real:
        """Time 1/(πΔν) in s in which the field forgets its phase by e; inf for a steady one."""
        width = np.asarray(self.linewidth)
        with np.errstate(divide="ignore"):
            time: Real = (1.0 / (pi * width))[()]
        return time

    def phase_variance(self, time: Real) -> Real:
        """Return the variance 2πΔν t in rad² of the phase gained in `time` (s).

        Also what a receiver sees that compares two paths which differ by that delay.
        """
        wait = checked_real(time, "time", NON_NEGATIVE, "a duration or a delay in s")
        return 2 * pi * self.linewidth * wait

    def draw_phase(
        self, n_samples: int, dt: float, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """Draw a walk of the phase in rad, shape (*fields, n_samples), starting at 0."""
        spread = np.sqrt(self.phase_variance(checked_real(dt, "dt", POSITIVE, "a time step in s")))
        shape = np.broadcast_shapes(np.shape(spread), np.shape(self.power))
        steps = rng.normal(size=(*shape, n_samples)) * np.asarray(spread)[..., None]
        steps[..., :1] = 0.0
        return np.cumsum(steps, axis=-1)

    # Power

    @property
    def rin_density(self) -> Real:
        """One-sided density of (δP/P)² in 1/Hz."""
        density: Real = np.power(10.0, np.asarray(self.rin_db) / 10.0)[()]
        return density

    def intensity_variance(self, sample_rate: Real) -> Real:
        """Return the variance RIN·f_s/2 of δP/P in white samples at the rate f_s (Hz)."""
        rate = checked_real(sample_rate, "sample_rate", POSITIVE, "samples a second")
        return self.rin_density * rate / 2

    def current_noise_density(self, current: Real) -> Real:
        """Return the one-sided density RIN·I² in A²/Hz that a photocurrent I (A) inherits."""
        return self.rin_density * np.square(current)

    def draw_field(
        self, n_samples: int, dt: float, rng: np.random.Generator
    ) -> NDArray[np.complex128]:
        """Draw the envelope √(P(1+δ)) e^{iφ} in √W, shape (*fields, n_samples).

        Both noises in one; a power that noise would make negative is 0.
        """
        phase = self.draw_phase(n_samples, dt, rng)
        spread = np.asarray(np.sqrt(self.intensity_variance(1.0 / dt)))[..., None]
        power = np.asarray(self.power)[..., None] * (1.0 + spread * rng.normal(size=phase.shape))
        return np.asarray(np.sqrt(np.maximum(power, 0.0)) * np.exp(1j * phase))
