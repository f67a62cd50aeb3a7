"""The current switch: transistors that steer a column's current to one of K read-outs.

              ┌─╱ ── bank 0     I·t
    I ────────┼─╱ ── bank 1     I·t·10^(−X/20)      leakage, no phase
              └─╱ ── bank 2
                 ↑ q_inj                            charge pushed out by the gate

Here amplitudes are currents, so dB are 20 log₁₀ of a current ratio, and leaks add as they are:
currents have a sign but no optical phase. A gate that closes pushes its channel's charge into the
line, q_inj = ½ W L C_ox (V_GS − V_th), a pulse that decays with the switch's own time constant
(Sheu, Hu, IEEE J. Solid-State Circuits 19, 519 (1984)).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices._fields import FINITE, POSITIVE, Real, checked_real, require, require_common_shape
from devices._first_order import remaining
from devices.switch import Switch


@dataclass(frozen=True, kw_only=True, eq=False)
class CurrentSwitch(Switch):
    """A 1×K (or, backwards, K×1) switch of currents in CMOS.

    Raises
    ------
    ValueError
        Where a loss, an isolation or a time has the wrong sign.
    """

    insertion_loss_db: Real = 0.0
    """Loss of the selected current in dB, 20 log₁₀ of the ratio. 0 dB: a steered current has
    nowhere else to go."""

    isolation_db: Real = 40.0
    """Leaked below selected current in dB, 20 log₁₀ of the ratio, as for `FiberSwitch`. 40 dB:
    1 % of the current through an open transistor at speed, typical."""

    time_constant: Real = 5e-11
    """Time constant τ in s of the currents. 50 ps (to 1 ns): on-resistance and the capacitance of
    a line, typical."""

    guard_time: Real = 0.0
    """Time in s at the start of every slot during which nothing is read out."""

    injected_charge: Real = 1e-15
    """Charge q_inj in C that a switching event pushes into the line, either sign. 1 fC: half the
    channel of a minimum-size transistor, typical."""

    def __post_init__(self) -> None:
        self.require_switch()
        require(self, "injected_charge", FINITE, "a charge in C")
        names = ("insertion_loss_db", "time_constant", "guard_time", "injected_charge")
        require_common_shape(self, *names)

    def draw_leakage_phases(
        self, n_ports: int, n_lanes: int, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """Return zeros, shape (K, n_lanes): leaked currents add without a phase."""
        return np.zeros((n_ports, n_lanes))

    def injected_current(self, time: Real, duration: Real) -> Real:
        """Return the mean current in A that charge injection adds over a sample.

        q (e^(−t/τ) − e^(−(t+T)/τ))/T: all samples after a switching carry q together.

        Parameters
        ----------
        time : float or array (s)
            Start t of the sample after the command.
        duration : float or array (s)
            Length T of the sample.
        """
        length = checked_real(duration, "duration", POSITIVE, "a sample in s")
        start = np.asarray(time, dtype=np.float64)
        # An instant switch delivers its charge at once: in the sample that starts at the command.
        before = np.where(start <= 0, 1.0, remaining(start, self.time_constant))
        left = before - remaining(start + length, self.time_constant)
        current: Real = self.injected_charge * left / length
        return current

    def charge_error(self, current: Real, slot_duration: Real) -> Real:
        """Return q/(I T_s), the injected charge over that of a slot (s) at the current I (A)."""
        flow = checked_real(current, "current", POSITIVE, "a full-scale current in A")
        slot = checked_real(slot_duration, "slot_duration", POSITIVE, "a slot in s")
        return self.injected_charge / (flow * slot)
