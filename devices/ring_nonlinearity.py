"""What strong light does to a silicon ring: absorption in pairs, free carriers, heat.

    two photons ──▶ electron + hole ──▶ absorb light, lower the index (blue shift)
        │                  │
        └──────── heat ◀───┘  ──▶ raises the index (red shift), outlives the carriers

With the stored energy U = |a|², energy rates γ, carrier pairs N per volume and the warmth ΔT:

    γ     = γ_linear + Γ_T βc²U/(n_g² V_T) + σ c N/n_g
    Ṅ     = −N/τ_fc + Γ_F βc²U²/(2ħω n_g² V_F²)
    ΔṪ    = −ΔT/τ_th + Γ_h P_abs/(ρ c_p V),     P_abs = (γ_absorbed + γ_TPA + γ_FCA) U
    Δω    = −(ω/n_Si)(1.86e-4 ΔT − 8.8e-22 N_cm − 8.5e-18 N_cm^0.8),    N_cm in cm⁻³

(Johnson, Borselli, Painter, Opt. Express 14, 817 (2006); Van Vaerenbergh et al., Opt. Express 20,
20292 (2012); de Cea, Atabaki, Ram, Opt. Express 27, 24274 (2019) and their published code; index of
carriers: Soref, Bennett, IEEE J. Quantum Electron. 23, 123 (1987)).
"""

from dataclasses import dataclass, fields
from math import pi

import numpy as np
from scipy.constants import c as speed_of_light
from scipy.constants import hbar

from devices._fields import (
    FRACTION,
    NON_NEGATIVE,
    POSITIVE,
    Device,
    Real,
    require,
    require_common_shape,
)

_PER_CUBIC_CENTIMETRE = 1e-6
"""Carriers per cm³ in one carrier per m³: the unit of Soref and Bennett's fit."""

_SOREF_ELECTRONS, _SOREF_HOLES, _HOLE_POWER = 8.8e-22, 8.5e-18, 0.8


@dataclass(frozen=True, kw_only=True, eq=False)
class RingNonlinearity(Device):
    """Two-photon absorption, free carriers and heating of a silicon ring.

    Raises
    ------
    ValueError
        Where a coefficient is negative or a volume, index or lifetime is not positive.
    """

    two_photon_coefficient: Real = 8.4e-12
    """β in m/W. 8.4e-12: silicon at 1.55 µm, de Cea et al. (2019)."""

    two_photon_confinement: Real = 0.90967
    """Γ_T, share of the mode that two-photon absorption sees. De Cea et al. (2019)."""

    two_photon_volume: Real = 10.62978e-18
    """Effective volume V_T in m³ of two-photon absorption. De Cea et al. (2019)."""

    carrier_confinement: Real = 0.9621118
    """Γ_F, share of the mode where carriers are made. De Cea et al. (2019)."""

    carrier_volume: Real = 8.67e-18
    """Effective volume V_F in m³ of the carriers. De Cea et al. (2019)."""

    carrier_cross_section: Real = 1.45e-21
    """Absorption σ in m² of an electron and a hole together. De Cea et al. (2019), from Soref and
    Bennett (1987)."""

    carrier_lifetime: Real = 1e-10
    """Lifetime τ_fc in s. 0.1 ns: a junction under reverse bias, de Cea et al. (2019); without
    bias about 1 ns, typical."""

    absorbed_share: Real = 1.9 / 3.0
    """Share of the linear loss that heats instead of scattering away, 0 to 1. 1.9/(1.9+1.1): the
    rates of de Cea et al. (2019)."""

    heat_confinement: Real = 0.6515
    """Γ_h, share of the mode in the heated core. De Cea et al. (2019)."""

    heated_volume: Real = 1e-17
    """Volume V in m³ that warms. 10 µm³, typical: de Cea et al. (2019) do not publish theirs."""

    thermal_lifetime: Real = 1.0 / 2.4e6
    """Time τ_th in s in which heat leaves. 1/(2.4e6 s⁻¹): de Cea et al. (2019)."""

    density: Real = 2330.0
    """ρ of silicon in kg/m³. De Cea et al. (2019)."""

    heat_capacity: Real = 714.0
    """c_p of silicon in J/(kg K). 714 (714.5 in de Cea et al. (2019))."""

    refractive_index: Real = 3.485
    """Index n_Si that the index changes are relative to. De Cea et al. (2019)."""

    thermo_optic_coefficient: Real = 1.86e-4
    """Index change of silicon per K. De Cea et al. (2019)."""

    def __post_init__(self) -> None:
        names = [field.name for field in fields(self)]
        shares = {name for name in names if name.endswith(("share", "confinement"))}
        linear = {"two_photon_coefficient", "carrier_cross_section", "thermo_optic_coefficient"}
        for name in names:
            if name in shares:
                require(self, name, FRACTION, "a share")
            elif name in linear:
                require(self, name, NON_NEGATIVE, "a material's coefficient in SI units")
            else:
                require(self, name, POSITIVE, "a volume, lifetime or material constant, SI")
        require_common_shape(self, *names)

    # Rates of one ring: group index n_g, laser frequency ν

    def two_photon_rate(self, energy: Real, group_index: Real) -> Real:
        """Return the energy loss rate γ_TPA in 1/s at the stored energy U (J)."""
        return self.two_photon_rate_per_energy(group_index) * energy

    def two_photon_rate_per_energy(self, group_index: Real) -> Real:
        """Return γ_TPA/U = Γ_T βc²/(n_g² V_T) in 1/(s J)."""
        intensity = speed_of_light**2 / np.square(group_index) / self.two_photon_volume
        rate: Real = self.two_photon_confinement * self.two_photon_coefficient * intensity
        return rate

    def carrier_rate_per_density(self, group_index: Real) -> Real:
        """Return γ_FCA/N = σ c/n_g in m³/s."""
        return self.carrier_cross_section * speed_of_light / group_index

    def carrier_generation(self, energy: Real, group_index: Real, frequency: Real) -> Real:
        """Return the carrier pairs made per volume and time, in 1/(m³ s), at the energy U (J)."""
        return self.generation_per_energy_squared(group_index, frequency) * np.square(energy)

    def generation_per_energy_squared(self, group_index: Real, frequency: Real) -> Real:
        """Return the generation over U², Γ_F βc²/(2ħω n_g² V_F²), in 1/(m³ s J²)."""
        photons = 2 * hbar * 2 * pi * frequency * np.square(self.carrier_volume)
        squared = np.square(speed_of_light / group_index)
        made: Real = self.carrier_confinement * self.two_photon_coefficient * squared / photons
        return made

    @property
    def heating_per_power(self) -> Real:
        """Warming Γ_h/(ρ c_p V) in K/s per W absorbed."""
        return self.heat_confinement / (self.density * self.heat_capacity * self.heated_volume)

    # Shifts of the resonance

    def thermal_shift(self, temperature: Real, frequency: Real) -> Real:
        """Return Δω in rad/s of a ring that is `temperature` (K) warmer; heat makes it red."""
        angular = 2 * pi * frequency
        return -angular / self.refractive_index * self.thermo_optic_coefficient * temperature

    def carrier_shift(self, density: Real, frequency: Real) -> Real:
        """Return Δω in rad/s of `density` (1/m³) electron-hole pairs; carriers make it blue."""
        count = np.asarray(density) * _PER_CUBIC_CENTIMETRE
        index = _SOREF_ELECTRONS * count + _SOREF_HOLES * count**_HOLE_POWER
        shift: Real = 2 * pi * frequency / self.refractive_index * index
        return shift

    def carrier_shift_factors(self, frequency: Real) -> tuple[Real, Real]:
        """Return (s₁, s₂) of the shift s₁ N + s₂ N^0.8 in rad/s, N in 1/m³."""
        scale = 2 * pi * frequency / self.refractive_index
        return (
            scale * _SOREF_ELECTRONS * _PER_CUBIC_CENTIMETRE,
            scale * _SOREF_HOLES * _PER_CUBIC_CENTIMETRE**_HOLE_POWER,
        )
