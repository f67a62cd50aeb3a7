"""The fibre switch: one lane, K banks, and light that does not quite obey.

                 ┌──── bank 0      c = t            (selected)
    lane ──[1×K]─┼──── bank 1      c = t·10^(−X/20) e^{iϑ}
                 └──── bank 2      c = t·10^(−X/20) e^{iϑ}

The selected path passes with amplitude t = 10^(−IL/20). Every other path still leaks, X dB below
it, with an optical phase ϑ of its own; as long as the paths match within the coherence length,
fields add, not powers (Goldstein et al., IEEE Photon. Technol. Lett. 6, 657 (1994)).

Transients and what they cost are those of every `Switch`; both families exist in fibre.
"""

from dataclasses import dataclass
from typing import Literal

from devices._fields import Real, require_choice, require_common_shape
from devices.switch import Switch


@dataclass(frozen=True, kw_only=True, eq=False)
class FiberSwitch(Switch):
    """A 1×K (or, backwards, K×1) optical switch.

    Raises
    ------
    ValueError
        Where a loss, an isolation or a time has the wrong sign, the isolation is neither a
        number, a row nor a square matrix, or a gate is given a raised-cosine edge.
    """

    insertion_loss_db: Real = 3.0
    """Loss of the selected path in dB. 3 dB: a fibre-pigtailed lithium-niobate 1×K, typical
    (a 4×4 matrix measured 4 to 7 dB: Hoffmann et al., JSAC 6, 1232 (1988))."""

    isolation_db: Real = 25.0
    """Leaked power below the selected path in dB, positive; inf for none. A number for all
    ports, K numbers one per leaking port, or K×K as [selected, leaking] with its diagonal
    ignored. 20 to 30 dB for lithium niobate, typical."""

    transient: Literal["gate", "mzi"] = "mzi"
    """Family of the switch: amplitudes that relax ('gate') or an angle that turns ('mzi')."""

    edge: Literal["exponential", "raised_cosine"] = "exponential"
    """Shape of the drive's edge; the raised cosine belongs to 'mzi'."""

    time_constant: Real = 1e-10
    """Time in s: τ of the exponential edge, T_r of the raised cosine; 0 switches at once.
    0.1 ns: the fast end of lithium niobate's 0.1 to 10 ns, typical."""

    guard_time: Real = 0.0
    """Time in s at the start of every slot during which nothing is read out."""

    def __post_init__(self) -> None:
        self.require_switch()
        require_choice(self, "transient", ("gate", "mzi"), "the family of the switch")
        require_choice(self, "edge", ("exponential", "raised_cosine"), "the drive's shape")
        if self.transient == "gate" and self.edge == "raised_cosine":
            raise ValueError(
                "edge must be 'exponential' for transient='gate' (a gate's amplitude relaxes, it "
                "has no drive angle to shape); got 'raised_cosine'. For a shaped edge write "
                "transient='mzi'."
            )
        require_common_shape(self, "insertion_loss_db", "time_constant", "guard_time")
