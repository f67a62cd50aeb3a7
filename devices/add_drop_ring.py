"""The add-drop ring: two waveguides, and a loop that carries one colour across.

    drop ═════════[r₂]═════════
             ╭───────────╮           through = (r₁ − r₂ a e^{iφ})/D
             │           │           drop    = −κ₁ κ₂ √a e^{iφ/2}/D
             ╰───────────╯           D       = 1 − r₁ r₂ a e^{iφ}
    in ═══════════[r₁]═════════ through

On resonance the light leaves on the other waveguide, half a round trip later. Read by a balanced
pair of detectors, drop minus through is a signed weight on the power that enters,

    w = T_d − T_p ∈ [w_min, w_max],   cos φ = (w(1 + R²) − K)/(2R(1 + w)),  R = r₁ r₂ a,
    K = κ₁² κ₂² a − r₁² − r₂² a²

(Bogaerts et al., Laser Photon. Rev. 6, 47 (2012); Tait et al., J. Lightwave Technol. 32, 4029
(2014)).
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from devices._fields import NON_NEGATIVE, Real, Rule, amplitude_of_loss, as_floats, checked_real
from devices.micro_ring import MicroRing, linewidth_of, loop_amplitude_of, loss_of


@dataclass(frozen=True, kw_only=True, eq=False)
class AddDropRing(MicroRing):
    """A ring resonator between two waveguides.

    Raises
    ------
    ValueError
        Where a length, index, loss or wavelength has the wrong sign, or a coupling is outside
        (0, 1).
    """

    input_self_coupling: Real = 0.96
    """Amplitude r₁ that stays on the input waveguide, κ₁² = 1 − r₁² crosses. 0.96: 8 % of the
    power, a linewidth of about 30 GHz on the default loop; a weight bank's, typical."""

    drop_self_coupling: Real = 0.96
    """Amplitude r₂ that stays in the ring at the drop waveguide. Equal to r₁ drops the most."""

    def _couplings(self) -> tuple[str, ...]:
        return ("input_self_coupling", "drop_self_coupling")

    @classmethod
    def from_linewidth(cls, linewidth: Real, drop_loss_db: Real, **fields: Any) -> Self:
        """Return the symmetric ring of a measured drop peak.

        Parameters
        ----------
        linewidth : float or array (Hz)
            Full width at half the peak's height.
        drop_loss_db : float or array (dB)
            Loss from input to drop on resonance, ≥ 0.
        fields
            All other fields; couplings and loss follow from the measurement.
        """
        plain = cls(**fields)
        loop = loop_amplitude_of(linewidth, plain.round_trip_time)
        loss = checked_real(drop_loss_db, "drop_loss_db", NON_NEGATIVE, "a loss in dB")
        # κ² √a/(1 − R) = peak with κ² = 1 − R/a: √a solves b² − peak (1 − R) b − R = 0.
        half = amplitude_of_loss(loss) * (1.0 - loop) / 2
        transmission = (half + np.sqrt(half**2 + loop)) ** 2
        coupling = np.sqrt(loop / transmission)
        fields["propagation_loss_db"] = loss_of(transmission, plain.length)
        return cls(input_self_coupling=coupling, drop_self_coupling=coupling, **fields)

    @classmethod
    def from_quality_factor(cls, quality_factor: Real, drop_loss_db: Real, **fields: Any) -> Self:
        """Return the symmetric ring of a measured loaded Q; see `from_linewidth`."""
        linewidth = linewidth_of(quality_factor, cls(**fields).resonance_wavelength)
        return cls.from_linewidth(linewidth, drop_loss_db, **fields)

    # Response

    def through_at_phase(self, phase: Real) -> NDArray[np.complex128]:
        """Return (r₁ − r₂ a e^{iφ})/D at the round-trip phase φ (rad)."""
        turn = self.round_trip_transmission * np.exp(1j * np.asarray(phase))
        r1, r2 = self.input_self_coupling, self.drop_self_coupling
        return np.asarray((r1 - r2 * turn) / (1.0 - r1 * r2 * turn))

    def drop_at_phase(self, phase: Real) -> NDArray[np.complex128]:
        """Return −κ₁ κ₂ √a e^{iφ/2}/D at the round-trip phase φ (rad)."""
        half_turn = np.sqrt(self.round_trip_transmission) * np.exp(0.5j * np.asarray(phase))
        r1, r2 = self.input_self_coupling, self.drop_self_coupling
        crossing = np.sqrt((1.0 - np.square(r1)) * (1.0 - np.square(r2)))
        return np.asarray(-crossing * half_turn / (1.0 - r1 * r2 * half_turn**2))

    def drop(
        self, frequency: Real | None = None, *, wavelength: Real | None = None
    ) -> NDArray[np.complex128]:
        """Return the field that leaves on the drop waveguide, per field that enters.

        Parameters
        ----------
        frequency, wavelength : float or array
            Either the optical frequency in Hz or the vacuum wavelength in m.
        """
        return self.drop_at_phase(self.round_trip_phase(frequency, wavelength=wavelength))

    def group_delay(
        self, frequency: Real | None = None, *, wavelength: Real | None = None
    ) -> NDArray[np.float64]:
        """Return the delay d arg(drop)/dω in s: T_R [½ + Re(R e^{iφ}/(1 − R e^{iφ}))]."""
        phase = self.round_trip_phase(frequency, wavelength=wavelength)
        turn = self.loop_amplitude * np.exp(1j * np.asarray(phase))
        return np.asarray(self.round_trip_time * (0.5 + np.real(turn / (1.0 - turn))))

    @property
    def extinction_db(self) -> Real:
        """Highest over lowest power on the through waveguide in dB; inf where r₁ = r₂ a."""
        r1, loop = self.input_self_coupling, self.loop_amplitude
        back = self.drop_self_coupling * self.round_trip_transmission
        with np.errstate(divide="ignore"):
            ratio: Real = 20 * np.log10((r1 + back) / (1 + loop) * (1 - loop) / np.abs(r1 - back))
        return ratio

    @property
    def drop_extinction_db(self) -> Real:
        """Highest over lowest power on the drop waveguide in dB, ((1+R)/(1−R))²."""
        loop = self.loop_amplitude
        ratio: Real = 20 * np.log10((1.0 + loop) / (1.0 - loop))
        return ratio

    @property
    def drop_loss_db(self) -> Real:
        """Loss from input to drop on resonance in dB."""
        loss: Real = -20 * np.log10(np.abs(self.drop_at_phase(0.0)))
        return loss

    # Weight

    def weight(
        self, frequency: Real | None = None, *, wavelength: Real | None = None
    ) -> NDArray[np.float64]:
        """Return w = T_d − T_p, what a balanced pair on drop and through reads of unit power."""
        phase = self.round_trip_phase(frequency, wavelength=wavelength)
        drop, through = self.drop_at_phase(phase), self.through_at_phase(phase)
        return np.asarray(np.abs(drop) ** 2 - np.abs(through) ** 2)

    @property
    def weight_limits(self) -> tuple[Real, Real]:
        """(w_min, w_max) = ((K−2R)/(1+R)², (K+2R)/(1−R)²): between and on the resonances."""
        contrast, loop = self._contrast(), self.loop_amplitude
        return (contrast - 2 * loop) / (1 + loop) ** 2, (contrast + 2 * loop) / (1 - loop) ** 2

    def phase_for_weight(self, weight: Real) -> NDArray[np.float64]:
        """Return the round-trip phase in [0, π] at which the ring has a weight.

        Raises
        ------
        ValueError
            Where the weight is outside the limits; clip or rescale it first.
        """
        low, high = self.weight_limits
        given = as_floats(weight, "weight", "a signed power ratio T_d − T_p")
        w = np.broadcast_to(given, np.broadcast_shapes(given.shape, np.shape(low)))
        slack = 1e-12  # a weight clipped to a limit by another formula is still that limit
        inside = Rule("within weight_limits", lambda w: (w >= low - slack) & (w <= high + slack))
        checked_real(w, "weight", inside, f"a ring reaches {np.min(low):g} to {np.max(high):g}")
        loop = self.loop_amplitude
        cosine = (w * (1.0 + loop**2) - self._contrast()) / (2 * loop * (1.0 + w))
        return np.asarray(np.arccos(np.clip(cosine, -1.0, 1.0)))

    def _contrast(self) -> Real:
        """K = κ₁² κ₂² a − r₁² − r₂² a²; (K + 2R cos φ)/|D|² is the weight."""
        a = self.round_trip_transmission
        r1, r2 = np.square(self.input_self_coupling), np.square(self.drop_self_coupling)
        contrast: Real = (1.0 - r1) * (1.0 - r2) * a - r1 - r2 * np.square(a)
        return contrast
