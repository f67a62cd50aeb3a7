"""The mirror array: a digital micromirror device (DMD) that throws each lane to one of K banks.

    lane ─────▶ ╱ ╱ ╱ ─────▶ bank s        t
               tilt ±12°
                      - - -▶ bank k        t·10^(−X/20) e^{iϑ}    scattered light

Thousands of lanes switch at once and nothing is absorbed on purpose, but mirrors have mass. A
pattern is loaded while the last one is shown, then all mirrors are reset together and settle:

    T_min = load + settle = 768 rows · 16 clocks / 400 MHz + 13 µs = 30.7 µs + 13 µs

with a global reset, or the load alone, 32 552 patterns a second, where blocks of mirrors are
reset in turn (Texas Instruments, DLP7000 data sheet; E2E forum, thread 462931). While mirrors
move, the old amplitude fades and the new one grows, each on its own: a 'gate'.
"""

from dataclasses import dataclass

import numpy as np

from devices._fields import NON_NEGATIVE, Real, require, require_common_shape, require_flag
from devices.switch import Switch


@dataclass(frozen=True, kw_only=True, eq=False)
class MirrorArray(Switch):
    """A 1×K switch of micromirrors; the defaults are a DLP7000.

    Raises
    ------
    ValueError
        Where a loss, an isolation or a time has the wrong sign.
    """

    insertion_loss_db: Real = 3.0
    """Loss of the selected path in dB. 3 dB (2 to 4 dB): window, reflectivity, gaps between the
    mirrors and light diffracted elsewhere, typical."""

    isolation_db: Real = 27.0
    """Leaked power below the selected path in dB, as for `FiberSwitch`. 27 dB (25 to 30 dB):
    light scattered by edges and hinges, typical."""

    time_constant: Real = 2.8e-6
    """Time constant τ in s of the amplitudes while mirrors move. 2.8 µs: 1 % is left after the
    13 µs that a DLP7000 takes to settle."""

    guard_time: Real = 0.0
    """Time in s at the start of every slot during which nothing is read out."""

    load_time: Real = 768 * 16 / 400e6
    """Time in s to load a pattern. 30.72 µs: 768 rows of 16 clocks at 400 MHz, DLP7000."""

    settling_time: Real = 13e-6
    """Time in s from the reset until all mirrors rest. 13 µs: DLP7000."""

    global_reset: bool = True
    """Whether all mirrors are reset together and must rest before the next load."""

    def __post_init__(self) -> None:
        self.require_switch()
        require(self, "load_time", NON_NEGATIVE, "the time to load a pattern in s")
        require(self, "settling_time", NON_NEGATIVE, "the time until mirrors rest in s")
        require_flag(self, "global_reset", "reset all mirrors together or block by block")
        times = ("time_constant", "guard_time", "load_time", "settling_time")
        require_common_shape(self, "insertion_loss_db", *times)

    @property
    def shortest_period(self) -> Real:
        """Shortest time in s between two patterns: load, and with a global reset settling too."""
        return self.load_time + self.settling_time if self.global_reset else self.load_time

    @property
    def pattern_rate(self) -> Real:
        """Patterns a second, 1/shortest_period; 32 552 Hz where the load alone counts."""
        period = np.asarray(self.shortest_period)
        with np.errstate(divide="ignore"):
            rate: Real = (1.0 / period)[()]
        return rate
