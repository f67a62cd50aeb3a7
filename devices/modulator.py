"""The modulator: an electrical number becomes a signed optical field.

    A₀ ──╲    ╱──[+V/2]──╲    ╱── A = A₀ · sin(πV / 2V_π)
          ════            ════
         ╱    ╲──[−V/2]──╱    ╲── (dark port, dumped)

A push-pull Mach-Zehnder biased at its null: no voltage, no light; a negative voltage flips the
sign of the field. The dimensionless drive u has full scale ±1. Driven raw, V = V_π u and the
sine compresses large values. Linearised, a look-up in front of it writes
V = (2V_π/π) asin(u), so the field is u itself and clips at ±1. Transfer function: Wooten et al.,
IEEE J. Sel. Top. Quantum Electron. 6, 69 (2000).
"""

from dataclasses import dataclass
from math import pi
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from devices._fields import (
    POSITIVE,
    Device,
    Real,
    amplitude_of_loss,
    floating,
    require,
    require_common_shape,
    require_flag,
    require_loss,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Modulator(Device):
    """A push-pull Mach-Zehnder modulator at its null.

    Raises
    ------
    ValueError
        Where the loss is negative, the half-wave voltage is not positive, or `linearised` is no
        flag.
    """

    insertion_loss_db: Real = 3.0
    """Loss at full transmission in dB. 3 dB: lithium niobate with fibre pigtails, typical."""

    half_wave_voltage: Real = 3.0
    """Voltage V_π in V from null to full transmission. 3 V: lithium niobate, typical."""

    linearised: bool = True
    """Whether an arcsine look-up in front of the modulator makes the field linear in u."""

    def __post_init__(self) -> None:
        require_loss(self)
        require(self, "half_wave_voltage", POSITIVE, "a half-wave voltage in V")
        require_flag(self, "linearised", "an arcsine look-up before the modulator")
        require_common_shape(self, "insertion_loss_db", "half_wave_voltage")

    @property
    def transmission(self) -> Real:
        """Amplitude transmission 10^(−IL/20) at full drive."""
        return amplitude_of_loss(self.insertion_loss_db)

    def voltage(self, drive: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return the voltage in V across the arms at the drive u."""
        u = floating(drive)
        turn = 2 / pi * np.arcsin(np.clip(u, -1.0, 1.0)) if self.linearised else u
        return np.asarray(self.half_wave_voltage * turn, dtype=u.dtype)

    def field(self, drive: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return the signed field A/A₀ at the drive u, without the insertion loss.

        In the shape and precision of `drive`: u clipped to [−1, 1] when linearised, sin(πu/2)
        when raw.
        """
        u = floating(drive)
        return np.asarray(np.clip(u, -1.0, 1.0) if self.linearised else np.sin(pi / 2 * u))

    def intensity(self, drive: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return the power P/P₀ at the drive u, without the insertion loss.

        For machines that compute with powers, u = 0 … 1: u itself, clipped, when linearised by
        V = (2V_π/π) asin(√u), or sin²(πu/2) when raw.
        """
        u = floating(drive)
        return np.asarray(np.clip(u, 0.0, 1.0) if self.linearised else np.sin(pi / 2 * u) ** 2)

    def intensity_slope(self, drive: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return d intensity / du: 1 within 0 … 1, 0 where clipped, or (π/2) sin(πu) when raw."""
        u = floating(drive)
        if self.linearised:
            return np.asarray((u >= 0.0) & (u <= 1.0), dtype=u.dtype)
        return np.asarray(pi / 2 * np.sin(pi * u))

    def slope(self, drive: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return d field / du: 1 within ±1 and 0 where clipped, or (π/2) cos(πu/2) when raw."""
        u = floating(drive)
        if self.linearised:
            return np.asarray(np.abs(u) <= 1.0, dtype=u.dtype)
        return np.asarray(pi / 2 * np.cos(pi / 2 * u))
