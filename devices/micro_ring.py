"""The micro-ring: a waveguide bent into a loop, and what every such loop shares.

             ╭───────────╮
             │   L, a    │      φ = 2π (ν − ν_res) T_R     phase of a round trip
             ╰───────────╯      a = 10^(−αL/20)            amplitude left of one
    ═══════════════[r]═══════   R = a · (couplers)         amplitude left with its couplers

Light that is in phase with itself after a round trip builds up. The group index sets the spacing
of the resonances, FSR = 1/T_R = c/(n_g L); the effective index only says where they lie, and
fabrication scatters that, so each ring carries its own resonance, an offset and a tuning.

    FWHM_φ = 4 asin((1 − R)/(2√R)),  finesse F = 2π/FWHM_φ,  Q = ν_res F T_R

(Bogaerts et al., Laser Photon. Rev. 6, 47 (2012); Yariv, Electron. Lett. 36, 321 (2000)).
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import pi
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.constants import c as speed_of_light

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
)

SELF_COUPLING = Rule("above 0 and below 1", lambda x: (x > 0) & (x < 1))
"""Amplitude r that stays on its waveguide at a coupler; the light that crosses has κ² = 1 − r²."""

_SHARED = (
    "length",
    "group_index",
    "propagation_loss_db",
    "resonance_wavelength",
    "resonance_offset",
    "tuning",
    "temperature_change",
    "thermo_optic_coefficient",
    "free_spectral_range_power",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class MicroRing(Device, ABC):
    """The loop of a ring resonator; `AllPassRing` and `AddDropRing` couple it to waveguides."""

    length: Real = 2 * pi * 10e-6
    """Circumference L in m. 62.8 µm: a radius of 10 µm, typical of silicon."""

    group_index: Real = 4.2
    """Group index n_g of the waveguide. 4.2: a silicon wire of 450 × 220 nm at 1.55 µm, Bogaerts
    et al. (2012), typical."""

    propagation_loss_db: Real = 250.0
    """Loss along the loop in dB per m. 250 dB/m = 2.5 dB/cm: silicon wires, Bogaerts et al.
    (2012), typical."""

    resonance_wavelength: Real = 1.55e-6
    """Vacuum wavelength in m of one resonance of the ring as designed and cold."""

    resonance_offset: Real = 0.0
    """Shift of the resonances in Hz by fabrication, any sign. A thickness error of 1 nm moves a
    silicon ring by about 1 nm, 0.1 THz, typical."""

    tuning: Real = 0.0
    """Shift of the resonances in Hz by the ring's own heater; heat lowers the frequency."""

    temperature_change: Real = 0.0
    """Temperature of the chip above the design's, in K."""

    thermo_optic_coefficient: Real = 1.86e-4
    """Change of the mode's index per K. 1.86e-4: silicon at 1.55 µm, as in de Cea et al., Opt.
    Express 27, 24274 (2019)."""

    free_spectral_range_power: Real = 20e-3
    """Heater power in W that tunes by one free spectral range. 20 mW (5 to 50 mW), typical."""

    def __post_init__(self) -> None:
        require(self, "length", POSITIVE, "a circumference in m")
        require(self, "group_index", POSITIVE, "a group index")
        require(
            self,
            "propagation_loss_db",
            NON_NEGATIVE,
            "a loss in dB per m, positive for loss",
            "For {size} dB/m of loss write propagation_loss_db={size}.",
        )
        require(self, "resonance_wavelength", POSITIVE, "a vacuum wavelength in m")
        require(self, "resonance_offset", FINITE, "a shift in Hz")
        require(self, "tuning", FINITE, "a shift in Hz")
        require(self, "temperature_change", FINITE, "a temperature difference in K")
        require(self, "thermo_optic_coefficient", FINITE, "an index change per K")
        require(self, "free_spectral_range_power", POSITIVE, "a heater power in W")
        couplings = self._couplings()
        for name in couplings:
            require(
                self,
                name,
                SELF_COUPLING,
                "the amplitude that stays at a coupler; a power κ² that crosses is sqrt(1 - κ²)",
            )
        require_common_shape(self, *_SHARED, *couplings)

    @classmethod
    def from_geometry(
        cls, *, effective_index: Real, design_wavelength: Real = 1.55e-6, **fields: Any
    ) -> Self:
        """Return the ring whose resonances follow from its effective index.

        The resonance nearest to `design_wavelength`: φ(ν) = 2π [n_eff L/λ₀ + (ν − ν₀) n_g L/c] is a
        multiple of 2π.

        Parameters
        ----------
        effective_index : float or array
            n_eff at the design wavelength.
        design_wavelength : float or array (m)
            λ₀, where n_eff and the group index hold.
        fields
            All other fields, the length among them.
        """
        if "resonance_wavelength" in fields:
            raise ValueError(
                "resonance_wavelength follows from effective_index; leave out one of them."
            )
        index = checked_real(effective_index, "effective_index", POSITIVE, "a mode's index")
        design = checked_real(design_wavelength, "design_wavelength", POSITIVE, "a wavelength in m")
        plain = cls(**fields)
        turns = index * plain.length / design
        frequency = speed_of_light / design
        frequency = frequency + (np.round(turns) - turns) * plain.free_spectral_range
        return cls(resonance_wavelength=speed_of_light / frequency, **fields)

    # Resonances

    @property
    def round_trip_time(self) -> Real:
        """Time T_R = n_g L/c of one round trip in s."""
        return self.group_index * self.length / speed_of_light

    @property
    def round_trip_transmission(self) -> Real:
        """Amplitude a = 10^(−αL/20) left after one round trip without the couplers."""
        return amplitude_of_loss(self.propagation_loss_db * self.length)

    @property
    def loop_amplitude(self) -> Real:
        """Amplitude R left after one round trip with the couplers."""
        amplitude = self.round_trip_transmission
        for name in self._couplings():
            amplitude = amplitude * getattr(self, name)
        return amplitude

    @property
    def resonance_frequency(self) -> Real:
        """Frequency ν_res in Hz of the resonance, with offset, tuning and temperature.

        A warm mode is longer: dν/ν = −(dn/dT) ΔT/n_g (Bogaerts et al. (2012), thermal tuning).
        """
        warmth = self.thermo_optic_coefficient * self.temperature_change / self.group_index
        cold = speed_of_light / self.resonance_wavelength
        return cold * (1.0 - warmth) + self.resonance_offset + self.tuning

    def round_trip_phase(
        self, frequency: Real | None = None, *, wavelength: Real | None = None
    ) -> Real:
        """Return φ = 2π (ν − ν_res) T_R in rad, 0 on resonance.

        Parameters
        ----------
        frequency, wavelength : float or array
            Either the optical frequency in Hz or the vacuum wavelength in m.
        """
        if (frequency is None) == (wavelength is None):
            raise ValueError(
                "give either frequency (Hz) or wavelength (m), one of them; got "
                f"frequency={frequency!r} and wavelength={wavelength!r}."
            )
        if frequency is None:
            given = checked_real(wavelength, "wavelength", POSITIVE, "a vacuum wavelength in m")
            light = speed_of_light / given
        else:
            light = checked_real(frequency, "frequency", POSITIVE, "an optical frequency in Hz")
        return 2 * pi * (light - self.resonance_frequency) * self.round_trip_time

    @property
    def free_spectral_range(self) -> Real:
        """Spacing 1/T_R = c/(n_g L) of the resonances in Hz; λ²/(n_g L) in wavelength."""
        return 1.0 / self.round_trip_time

    @property
    def linewidth_phase(self) -> Real:
        """Full width FWHM_φ = 4 asin((1−R)/(2√R)) of a resonance at half its depth, in rad.

        Raises
        ------
        ValueError
            Where the couplers take so much that the response never falls to one half.
        """
        loop = np.asarray(self.loop_amplitude)
        sine = (1.0 - loop) / (2.0 * np.sqrt(loop))
        if np.any(sine > 1.0):
            raise ValueError(
                "the loop amplitude must be above 3 - 2√2 = 0.1716 for a linewidth (below it the "
                f"response never falls to one half); got {float(np.min(loop)):g}."
            )
        width: Real = (4.0 * np.arcsin(sine))[()]
        return width

    @property
    def linewidth(self) -> Real:
        """Full width at half depth FWHM of a resonance in Hz, exact."""
        return self.linewidth_phase / (2 * pi * self.round_trip_time)

    @property
    def approximate_linewidth(self) -> Real:
        """The narrow-line form (1 − R)/(π √R T_R) of the linewidth in Hz."""
        loop = self.loop_amplitude
        width: Real = (1.0 - loop) / (pi * np.sqrt(loop) * self.round_trip_time)
        return width

    @property
    def finesse(self) -> Real:
        """Finesse F = FSR/FWHM = 2π/FWHM_φ; π√R/(1−R) for narrow lines."""
        return 2 * pi / self.linewidth_phase

    @property
    def quality_factor(self) -> Real:
        """Loaded quality factor Q = ν_res/FWHM."""
        return self.resonance_frequency / self.linewidth

    # Heater

    def heater_power(self) -> Real:
        """Return the smallest power ≥ 0 (W) that gives the tuning modulo one spectral range."""
        turns = np.mod(-np.asarray(self.tuning) / self.free_spectral_range, 1.0)
        turns = np.where(turns >= 1.0, 0.0, turns)  # a rounding below zero wraps to 1 itself
        power: Real = (turns * self.free_spectral_range_power)[()]
        return power

    def tuning_at_power(self, power: Real) -> Real:
        """Return the shift −FSR·P/P_FSR in Hz at the heater power P (W, ≥ 0)."""
        heat = checked_real(power, "power", NON_NEGATIVE, "a heater only heats; W")
        return -self.free_spectral_range * heat / self.free_spectral_range_power

    @property
    def wavelength_per_kelvin(self) -> Real:
        """Drift λ (dn/dT)/n_g of the resonance in m/K; about 70 pm/K for silicon."""
        return self.resonance_wavelength * self.thermo_optic_coefficient / self.group_index

    # What the couplers make of it

    @abstractmethod
    def through_at_phase(self, phase: Real) -> NDArray[np.complex128]:
        """Return the field that stays on the input waveguide, at the round-trip phase (rad)."""

    def through(
        self, frequency: Real | None = None, *, wavelength: Real | None = None
    ) -> NDArray[np.complex128]:
        """Return the field that stays on the input waveguide, per field that enters.

        Parameters
        ----------
        frequency, wavelength : float or array
            Either the optical frequency in Hz or the vacuum wavelength in m; it broadcasts
            against the fields.
        """
        return self.through_at_phase(self.round_trip_phase(frequency, wavelength=wavelength))

    @abstractmethod
    def _couplings(self) -> tuple[str, ...]:
        """Names of the self-coupling fields."""


def loop_amplitude_of(linewidth: Real, round_trip_time: Real) -> Real:
    """Loop amplitude R of a measured linewidth (Hz), from sin(FWHM_φ/4) = (1−R)/(2√R).

    Raises
    ------
    ValueError
        Where the linewidth fills the free spectral range.
    """
    width = checked_real(linewidth, "linewidth", POSITIVE, "a full width at half depth in Hz")
    phase = 2 * pi * np.asarray(width) * round_trip_time
    if np.any(phase >= 2 * pi):
        raise ValueError(
            f"linewidth must be below the free spectral range of {np.min(1 / round_trip_time):g} Hz"
            f" (a ring has resonances apart); got {np.max(width):g}."
        )
    sine = np.sin(phase / 4)
    # √R solves y² + 2 s y − 1 = 0; the form without cancellation.
    loop: Real = (1.0 / (sine + np.hypot(1.0, sine)) ** 2)[()]
    return loop


def linewidth_of(quality_factor: Real, resonance_wavelength: Real) -> Real:
    """Linewidth ν_res/Q in Hz of a measured quality factor."""
    quality = checked_real(quality_factor, "quality_factor", POSITIVE, "a loaded quality factor")
    return speed_of_light / resonance_wavelength / quality


def loss_of(transmission: Real, length: Real) -> Real:
    """Propagation loss in dB per m that leaves the amplitude `transmission` after `length` (m)."""
    # A measured linewidth may leave 1 + 1e-16 of a lossless ring.
    loss: Real = -20.0 * np.log10(np.minimum(transmission, 1.0)) / length + 0.0
    return loss
