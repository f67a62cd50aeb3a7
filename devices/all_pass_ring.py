"""The all-pass ring: one waveguide, one loop beside it.

             ╭───────────╮
             │           │
             ╰───────────╯
    in ═══════════[r]═════════ through    H = (r − a e^{iφ})/(1 − r a e^{iφ})

Light that went round interferes with light that passed by. Without loss all of it comes out, only
later (hence the name); with loss the resonance is a dip, down to nothing where r = a: critical
coupling (Yariv, Electron. Lett. 36, 321 (2000); Bogaerts et al., Laser Photon. Rev. 6, 47 (2012),
in the e^{-iωt} convention).
"""

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from devices._fields import NON_NEGATIVE_OR_INFINITE, Real, checked_real
from devices.micro_ring import MicroRing, linewidth_of, loop_amplitude_of, loss_of


@dataclass(frozen=True, kw_only=True, eq=False)
class AllPassRing(MicroRing):
    """A ring resonator on one waveguide.

    Raises
    ------
    ValueError
        Where a length, index, loss or wavelength has the wrong sign, or the coupling is outside
        (0, 1).
    """

    self_coupling: Real = 0.98
    """Amplitude r that stays on the waveguide at the coupler, κ² = 1 − r² crosses. 0.98: 4 % of
    the power, typical of a gap of 200 nm."""

    def _couplings(self) -> tuple[str, ...]:
        return ("self_coupling",)

    @classmethod
    def from_linewidth(
        cls,
        linewidth: Real,
        extinction_db: Real,
        coupling: Literal["under", "over"] = "under",
        **fields: Any,
    ) -> Self:
        """Return the ring of a measured dip.

        Parameters
        ----------
        linewidth : float or array (Hz)
            Full width at half depth.
        extinction_db : float or array (dB)
            Highest over lowest transmission; inf for critical coupling.
        coupling : {'under', 'over'}
            Whether the loop loses more than the coupler brings (r > a) or less (r < a): power
            alone cannot tell, the phase or a second ring can.
        fields
            All other fields; coupling and loss follow from the measurement.
        """
        if coupling not in ("under", "over"):
            raise ValueError(
                f"coupling must be one of 'under', 'over' (r above or below a); got {coupling!r}."
            )
        plain = cls(**fields)
        loop = loop_amplitude_of(linewidth, plain.round_trip_time)
        depth = checked_real(
            extinction_db, "extinction_db", NON_NEGATIVE_OR_INFINITE, "a ratio in dB"
        )
        # |a − r|/(a + r) from the ratio of the extremes |a ∓ r|/(1 ∓ R).
        skew = np.power(10.0, -np.asarray(depth) / 20) * (1.0 - loop) / (1.0 + loop)
        skew = skew if coupling == "over" else -skew
        ratio = np.sqrt((1.0 + skew) / (1.0 - skew))
        transmission, self_coupling = np.sqrt(loop) * ratio, np.sqrt(loop) / ratio
        fields["propagation_loss_db"] = loss_of(transmission, plain.length)
        return cls(self_coupling=self_coupling, **fields)

    @classmethod
    def from_quality_factor(
        cls,
        quality_factor: Real,
        extinction_db: Real,
        coupling: Literal["under", "over"] = "under",
        **fields: Any,
    ) -> Self:
        """Return the ring of a measured loaded Q; see `from_linewidth`."""
        linewidth = linewidth_of(quality_factor, cls(**fields).resonance_wavelength)
        return cls.from_linewidth(linewidth, extinction_db, coupling, **fields)

    def through_at_phase(self, phase: Real) -> NDArray[np.complex128]:
        """Return H = (r − a e^{iφ})/(1 − r a e^{iφ}) at the round-trip phase φ (rad)."""
        turn = self.round_trip_transmission * np.exp(1j * np.asarray(phase))
        r = self.self_coupling
        return np.asarray((r - turn) / (1.0 - r * turn))

    def group_delay(
        self, frequency: Real | None = None, *, wavelength: Real | None = None
    ) -> NDArray[np.float64]:
        """Return d arg H/dω in s: T_R Re[−e/(r−e) + re/(1−re)], e = a e^{iφ}.

        Its mean over a spectral range is T_R where the coupling is over (r < a), 0 where it is
        under; it diverges at critical coupling on resonance, where nothing comes out.
        """
        phase = self.round_trip_phase(frequency, wavelength=wavelength)
        turn = self.round_trip_transmission * np.exp(1j * np.asarray(phase))
        r = self.self_coupling
        return np.asarray(
            self.round_trip_time * np.real(-turn / (r - turn) + r * turn / (1.0 - r * turn))
        )

    @property
    def extinction_db(self) -> Real:
        """Highest over lowest transmission in dB; inf at critical coupling, 0 without loss."""
        a, r, loop = self.round_trip_transmission, self.self_coupling, self.loop_amplitude
        with np.errstate(divide="ignore"):
            ratio: Real = 20 * np.log10((a + r) / (1.0 + loop) * (1.0 - loop) / np.abs(a - r))
        return ratio
