"""The thermo-optic phase shifter: a heater above a waveguide.

         ┌─ heater, power P ─┐
    ─────┴───────────────────┴─────   A → A · e^{iφ},  φ = πP/P_π

Heat raises the index of silicon, which delays the light: a positive phase in the e^{-iωt}
convention. A heater only heats, so a phase is reached modulo 2π with the smallest power ≥ 0. The
waveguide follows its heater as a first-order system, τ dφ/dt = φ_ss − φ. Reference device:
Harris et al., Opt. Express 22, 10487 (2014).
"""

from dataclasses import dataclass
from math import pi
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from devices._fields import (
    FINITE,
    NON_NEGATIVE,
    POSITIVE,
    Device,
    Real,
    amplitude_of_loss,
    checked_real,
    require,
    require_common_shape,
    require_loss,
)
from devices._first_order import cutoff, pole, remaining


@dataclass(frozen=True, kw_only=True, eq=False)
class PhaseShifter(Device):
    """A heated waveguide that holds a phase.

    Raises
    ------
    ValueError
        Where a field is not finite or has the wrong sign.
    """

    phase: Real = 0.0
    """Phase φ in rad that the light gains; any real number."""

    half_wave_power: Real = 24.77e-3
    """Heater power P_π in W for a phase of π. 24.77 mW: Harris et al. (2014). An undercut heater
    needs 1 to 5 mW and is slower, typical."""

    time_constant: Real = 1.2e-6
    """Thermal time constant τ in s. 1.2 µs: the 130 kHz of Harris et al. (2014) by
    f = 1/(2πτ). 0 is an instant heater."""

    insertion_loss_db: Real = 0.0
    """Loss of the heated section in dB. Harris et al. (2014) measured 0.23 dB; 0 by default
    because a mesh counts its losses by column."""

    def __post_init__(self) -> None:
        require(self, "phase", FINITE, "a phase in rad")
        require(self, "half_wave_power", POSITIVE, "the heater power for a phase of π, in W")
        require(self, "time_constant", NON_NEGATIVE, "a thermal time constant in s")
        require_loss(self)
        require_common_shape(self, "phase", "half_wave_power", "time_constant", "insertion_loss_db")

    @classmethod
    def from_power(cls, power: Real, **fields: Any) -> Self:
        """Return the shifter whose heater burns `power` (W, ≥ 0); other fields by keyword."""
        return cls(phase=cls(**fields).phase_at_power(power), **fields)

    def phase_at_power(self, power: Real) -> Real:
        """Return the steady phase πP/P_π in rad at the heater power P (W, ≥ 0)."""
        heat = checked_real(power, "power", NON_NEGATIVE, "a heater only heats; W")
        return pi * heat / self.half_wave_power

    def heater_power(self) -> Real:
        """Return the smallest power ≥ 0 (W) that gives the phase modulo 2π: below 2 P_π."""
        turn = np.mod(self.phase, 2 * pi)
        # A phase that rounding left just below zero wraps to 2π itself, two P_π too hot.
        turn = np.where(turn >= 2 * pi, 0.0, turn)
        power: Real = (turn / pi * self.half_wave_power)[()]
        return power

    def transfer(self) -> NDArray[np.complex128]:
        """Return the field's factor 10^(−IL/20) e^{iφ}, in the shape of the broadcast fields."""
        return np.asarray(
            amplitude_of_loss(self.insertion_loss_db) * np.exp(1j * np.asarray(self.phase))
        )

    @property
    def bandwidth(self) -> Real:
        """3-dB frequency 1/(2πτ) of the thermal response, in Hz; inf for an instant heater."""
        return cutoff(self.time_constant)

    def step_response(self, time: Real) -> Real:
        """Return the share 1 − e^(−t/τ) of a phase step reached `time` (s) after the command."""
        return 1.0 - remaining(time, self.time_constant)

    def pole(self, dt: Real) -> Real:
        """Return p = e^(−dt/τ) of the exact step φ ← p φ + (1 − p) φ_ss over dt (s)."""
        return pole(dt, self.time_constant)
