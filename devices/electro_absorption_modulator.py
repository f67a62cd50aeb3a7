"""The electro-absorption modulator: a voltage makes the guide dark.

    A ═══[ −V ]═══ A·√T(V)·e^{−i(α_H/2) ln T},      T(V) = e^{−(V/V₀)^k}

A field across the junction shifts the absorption edge into the light. It is small and fast and
needs no interference, but it knows only intensities, and with the absorption goes the index: the
light is chirped by the factor α_H = dφ/d(½ ln P) of Koyama, Iga, J. Lightwave Technol. 6, 87
(1988), who write fields as e^{+iωt}. In the house's e^{−iωt} the phase has the other sign, so that
for α_H > 0 a rising edge is blue in both.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from devices._fields import (
    FINITE,
    NON_NEGATIVE,
    POSITIVE,
    Device,
    Real,
    Rule,
    amplitude_of_loss,
    checked_real,
    require,
    require_common_shape,
    require_loss,
)

_TRANSMISSION = Rule("above 0 and at most 1", lambda x: (x > 0) & (x <= 1))


@dataclass(frozen=True, kw_only=True, eq=False)
class ElectroAbsorptionModulator(Device):
    """An intensity modulator that absorbs.

    Raises
    ------
    ValueError
        Where the loss is negative or the voltage or the exponent not positive.
    """

    insertion_loss_db: Real = 4.0
    """Loss in dB without a voltage. 4 dB: a germanium-silicon device with its couplers, typical."""

    absorption_voltage: Real = 1.5
    """Reverse voltage V₀ in V at which the power has fallen by e. 1.5 V, typical."""

    exponent: Real = 2.0
    """Exponent k of the voltage. 2: quantum wells, typical; 1 for a bulk Franz-Keldysh device."""

    chirp: Real = 1.0
    """Chirp factor α_H. 1 (0 to 2), typical of a small bias."""

    def __post_init__(self) -> None:
        require_loss(self)
        require(self, "absorption_voltage", POSITIVE, "a reverse voltage in V")
        require(self, "exponent", POSITIVE, "a power of the voltage")
        require(self, "chirp", FINITE, "a phase per log power")
        names = ("insertion_loss_db", "absorption_voltage", "exponent", "chirp")
        require_common_shape(self, *names)

    @property
    def transmission(self) -> Real:
        """Amplitude transmission 10^(−IL/20) without a voltage."""
        return amplitude_of_loss(self.insertion_loss_db)

    def power(self, voltage: Real) -> Real:
        """Return T(V) = e^{−(V/V₀)^k} at the reverse voltage V (V, ≥ 0), without the loss."""
        volts = checked_real(voltage, "voltage", NON_NEGATIVE, "a reverse voltage in V")
        power: Real = np.exp(-np.power(volts / self.absorption_voltage, self.exponent))
        return power

    def voltage(self, power: Real) -> Real:
        """Return the reverse voltage V₀ (−ln T)^{1/k} in V for the power T between 0 and 1."""
        share = checked_real(power, "power", _TRANSMISSION, "a transmitted share of the power")
        volts: Real = self.absorption_voltage * np.power(-np.log(share) + 0.0, 1.0 / self.exponent)
        return volts

    def field(self, voltage: ArrayLike) -> NDArray[np.complex128]:
        """Return the complex amplitude √T e^{−i(α_H/2) ln T} at a reverse voltage (V)."""
        volts = checked_real(voltage, "voltage", NON_NEGATIVE, "a reverse voltage in V")
        log_power = -np.power(volts / self.absorption_voltage, self.exponent)
        return np.asarray(np.exp(log_power / 2 * (1.0 - 1j * np.asarray(self.chirp))))

    def extinction_db(self, swing: Real) -> Real:
        """Return 10 log₁₀(T(0)/T(V)) in dB at the voltage swing V (V) from zero."""
        ratio: Real = -10 * np.log10(self.power(swing)) + 0.0
        return ratio
