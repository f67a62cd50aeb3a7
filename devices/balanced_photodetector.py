"""The balanced photodetector: two diodes, one difference, and the sign of the light.

    A ──╲     ╱──▶|── I₊ ─┐
         ═════            ├─ I₊ − I₋ = 2R Re(A·LO*) ──[ τ ]── y
    LO ─╱     ╲──▶|── I₋ ─┘

Signal and local oscillator meet in a 50/50 coupler and land on two equal diodes as
|A ± LO|²/2 (the coupler's i is part of the oscillator's phase). The difference keeps the
interference, which is linear in the field and signed, and drops everything common: the powers
and both dark currents. Shot noise does not cancel, it adds: R(|A|² + |LO|²) + 2I_d. The two
diodes share one amplifier, so thermal noise enters once (Yuen, Chan, Opt. Lett. 8, 177 (1983)).
"""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from devices._fields import POSITIVE, Complex, Device, Real, require
from devices.photodetector import Photodetector


@dataclass(frozen=True, kw_only=True, eq=False)
class BalancedPhotodetector(Device):
    """A homodyne receiver: 50/50 coupler, two equal photodiodes, one amplifier.

    Raises
    ------
    ValueError
        Where the photodiode is no `Photodetector` or the oscillator power is not positive.
    """

    photodiode: Photodetector = dataclass_field(default_factory=Photodetector)
    """Each of the two diodes, and the amplifier they share."""

    local_oscillator_power: Real = 1e-3
    """Power of the local oscillator in W, per receiver. 1 mW, typical."""

    def __post_init__(self) -> None:
        if not isinstance(self.photodiode, Photodetector):
            raise ValueError(
                f"photodiode must be a Photodetector (each diode of the pair); got "
                f"{self.photodiode!r}."
            )
        require(self, "local_oscillator_power", POSITIVE, "an optical power in W")

    @property
    def local_oscillator_field(self) -> Real:
        """Amplitude of the local oscillator in √W, phase 0: it reads the real quadrature."""
        amplitude: Real = np.sqrt(self.local_oscillator_power)
        return amplitude

    def photocurrent(
        self, signal_field: ArrayLike, lo_field: Complex | None = None
    ) -> NDArray[np.floating[Any]]:
        """Return the difference current in A, 2R Re(A·LO*) where nothing saturates.

        Parameters
        ----------
        signal_field : array of complex (√W)
            Signal A at the coupler.
        lo_field : complex or array, optional (√W)
            Local oscillator; √P_LO with phase 0 where left out.
        """
        signal, oscillator = np.asarray(signal_field), self._oscillator(lo_field)
        if np.all(np.isinf(self.photodiode.saturation_power)):
            beat = np.real(signal * np.conj(oscillator))
            return np.asarray(2 * self.photodiode.responsivity * beat)
        plus, minus = self._diode_currents(signal, oscillator)
        return np.asarray(plus - minus)

    def noise_density(self, signal_field: ArrayLike, lo_field: Complex | None = None) -> Real:
        """Return the one-sided density in A²/Hz: 2q(I₊ + I₋) and one amplifier's thermal noise.

        Without saturation I₊ + I₋ = R(|A|² + |LO|²) + 2I_d.
        """
        signal, oscillator = np.asarray(signal_field), self._oscillator(lo_field)
        plus, minus = self._diode_currents(signal, oscillator)
        return self.photodiode.noise_density(plus + minus)

    def noise_variance(self, signal_field: ArrayLike, lo_field: Complex | None = None) -> Real:
        """Return the variance S/(4τ) in A² behind the receiver's pole."""
        return self.photodiode.variance_behind_pole(self.noise_density(signal_field, lo_field))

    def injected_variance(
        self, signal_field: ArrayLike, dt: Real, lo_field: Complex | None = None
    ) -> Real:
        """Return the variance in A² of the white samples, dt (s) apart, to add before the pole."""
        density = self.noise_density(signal_field, lo_field)
        return self.photodiode.variance_before_pole(density, dt)

    def _oscillator(self, lo_field: Complex | None) -> NDArray[Any]:
        return np.asarray(self.local_oscillator_field if lo_field is None else lo_field)

    def _diode_currents(
        self, signal: NDArray[Any], oscillator: NDArray[Any]
    ) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
        plus, minus = np.abs(signal + oscillator), np.abs(signal - oscillator)
        diode = self.photodiode
        return diode.photocurrent(plus**2 / 2), diode.photocurrent(minus**2 / 2)
