"""What every 1×K switch shares, whatever it is made of.

                 ┌──── bank 0      c = t            (selected)
    lane ──[1×K]─┼──── bank 1      c = t·10^(−X/20)
                 └──── bank 2      c = t·10^(−X/20)

The selected path passes with amplitude t = 10^(−IL/20). Every other path still leaks, X dB below
it. Switching takes time. Two families of switch differ in how the amplitude gets there:

    'gate'  absorbers, mirrors, transistors: each amplitude relaxes on its own, c_new ∝ 1 − q and
            c_old ∝ q;
    'mzi'   interferometers (lithium niobate, silicon): the drive angle x turns from old to new,
            c_new ∝ sin(πx/2) and c_old ∝ cos(πx/2), power conserved.

The edge of the drive is exponential, q = 1 − x = e^(−t/τ), or, for an interferometer with a
shaped driver, the raised cosine x = ½(1 − cos πt/T_r).
"""

from math import pi
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from devices._fields import (
    NON_NEGATIVE,
    NON_NEGATIVE_OR_INFINITE,
    POSITIVE,
    Device,
    Real,
    Rule,
    amplitude_of_loss,
    as_floats,
    checked_real,
    require,
    require_loss,
    store,
)
from devices._first_order import remaining

_RESIDUE = Rule("above 0 and below 1", lambda x: (x > 0) & (x < 1))


class Switch(Device):
    """Base of the switches that a time-multiplexed loop may hold; a subclass adds the fields."""

    insertion_loss_db: Real
    isolation_db: Real
    time_constant: Real
    guard_time: Real
    transient: Literal["gate", "mzi"] = "gate"
    edge: Literal["exponential", "raised_cosine"] = "exponential"

    def require_switch(self) -> None:
        """Hold the four fields of every switch to their ranges."""
        require_loss(self)
        self._require_isolation()
        require(self, "time_constant", NON_NEGATIVE, "a switching time in s; 0 is instant")
        require(self, "guard_time", NON_NEGATIVE, "a read-out pause in s")

    def _require_isolation(self) -> None:
        """Check shape and sign, with the unused diagonal set to the selected path's own 0 dB."""
        why = "leaked power in dB below the selected path"
        isolation = as_floats(self.isolation_db, "isolation_db", why)
        shape = isolation.shape
        if isolation.ndim > 2 or (isolation.ndim == 2 and shape[0] != shape[1]):
            raise ValueError(
                f"isolation_db must be one number, K numbers or K×K as [selected, leaking] "
                f"({why}); got shape {shape}."
            )
        if isolation.ndim == 2:
            np.fill_diagonal(isolation, 0.0)
        store(self, "isolation_db", isolation)
        hint = "For {size} dB of isolation write isolation_db={size}."
        require(self, "isolation_db", NON_NEGATIVE_OR_INFINITE, why, hint)

    @property
    def transmission(self) -> Real:
        """Amplitude transmission 10^(−IL/20) of the selected path."""
        return amplitude_of_loss(self.insertion_loss_db)

    def leakage_amplitudes(self, n_ports: int) -> NDArray[np.float64]:
        """Return amplitudes relative to the selected path, shape (K, K) as [selected, leaking].

        10^(−X/20) off the diagonal, 1 on it.

        Raises
        ------
        ValueError
            Where the given isolation is for another number of ports.
        """
        isolation = np.asarray(self.isolation_db, dtype=np.float64)
        if n_ports < 1:
            raise ValueError(f"n_ports must be at least 1 (a switch has ports); got {n_ports}.")
        if isolation.ndim and isolation.shape[-1] != n_ports:
            raise ValueError(
                f"isolation_db must fit {n_ports} ports (one bank each); got shape "
                f"{isolation.shape}. Write one number for all ports, {n_ports} numbers, or "
                f"{n_ports}×{n_ports} as [selected, leaking]."
            )
        amplitudes = np.array(
            np.broadcast_to(amplitude_of_loss(isolation), (n_ports, n_ports)), dtype=np.float64
        )
        np.fill_diagonal(amplitudes, 1.0)
        return amplitudes

    def draw_leakage_phases(
        self, n_ports: int, n_lanes: int, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """Draw the phase of each path in rad, uniform over [0, 2π), shape (K, n_lanes).

        A path's phase is fixed by its length, so one draw holds for the life of the hardware.
        """
        return rng.uniform(0.0, 2 * pi, size=(n_ports, n_lanes))

    def transient_weights(self, time: Real) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the weights (new, old) of the two settled states, `time` (s) after the command.

        The coefficient of a path is ``new * c_new + old * c_old``: (1 − q, q) for a gate,
        (sin(πx/2), cos(πx/2)) for an interferometer; (0, 1) before the command. Shape of `time`
        broadcast with the time constant.
        """
        left = np.asarray(self._left_to_go(time))
        if self.transient == "gate":
            return 1.0 - left, left
        # cos(πx/2) as sin(πq/2), q = 1 − x: exactly 0 when the edge is over, which cos is not.
        return np.sin(pi / 2 * (1.0 - left)), np.sin(pi / 2 * left)

    def response(self, time: Real) -> NDArray[np.float64]:
        """Return the power of the new path relative to settled, `time` (s) after the command."""
        new, _ = self.transient_weights(time)
        return new**2

    def rise_time(self) -> Real:
        """Return the 10–90 % power rise of the new path in s; 2.590 τ for a gate."""
        return self._time_at(self._left_at_new_power(0.9)) - self._time_at(
            self._left_at_new_power(0.1)
        )

    def fall_time(self) -> Real:
        """Return the 90–10 % power fall of the old path in s; τ ln(9)/2 = 1.099 τ for a gate."""
        return self._time_at(self._left_at_old_amplitude(np.sqrt(0.1))) - self._time_at(
            self._left_at_old_amplitude(np.sqrt(0.9))
        )

    def guard_time_for(self, residue: Real) -> Real:
        """Return the wait in s until the old path's amplitude has fallen to `residue`.

        τ ln(1/ε) for a gate; an interferometer's sine adds about τ ln(π/2).

        Parameters
        ----------
        residue : float or array
            Amplitude ε between 0 and 1.
        """
        epsilon = checked_real(residue, "residue", _RESIDUE, "an amplitude left of the old path")
        return self._time_at(self._left_at_old_amplitude(epsilon))

    def slot_efficiency(self, slot_duration: Real) -> Real:
        """Return the share 1 − T_g/T_s of a slot of `slot_duration` (s) that is read out.

        Raises
        ------
        ValueError
            Where the guard time fills the slot.
        """
        slot = checked_real(slot_duration, "slot_duration", POSITIVE, "a slot in s")
        if np.any(np.asarray(self.guard_time) >= slot):
            raise ValueError(
                f"guard_time must be below the slot_duration (nothing would be read out); got "
                f"guard_time={self.guard_time} and slot_duration={slot}."
            )
        return 1.0 - self.guard_time / slot

    def _left_to_go(self, time: Real) -> Real:
        """Share q = 1 − x of the drive's edge still to come."""
        if self.edge == "exponential":
            return remaining(time, self.time_constant)
        t, rise = np.asarray(time, dtype=np.float64), np.asarray(self.time_constant)
        done = np.where(t >= rise, 1.0, np.maximum(t, 0.0) / np.where(rise > 0, rise, 1.0))
        left: Real = np.where(t < 0, 1.0, 0.5 * (1.0 + np.cos(pi * np.minimum(done, 1.0))))[()]
        return left

    def _time_at(self, left: Real) -> Real:
        """Time in s at which the share q is still to come; the inverse of the edge."""
        share = np.asarray(left)
        exponential = self.edge == "exponential"
        scaled = -np.log(share) if exponential else np.arccos(2.0 * share - 1.0) / pi
        time: Real = self.time_constant * scaled
        return time

    def _left_at_new_power(self, power: float) -> Real:
        """Share q at which the new path carries `power`."""
        amplitude = np.sqrt(power)
        left: Real = 1.0 - amplitude if self.transient == "gate" else 2 / pi * np.arccos(amplitude)
        return left

    def _left_at_old_amplitude(self, amplitude: Real) -> Real:
        """Share q at which the old path has `amplitude`."""
        left: Real = amplitude if self.transient == "gate" else 2 / pi * np.arcsin(amplitude)
        return left
