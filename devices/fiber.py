"""The fibre: kilometres of almost nothing, and the delay of a loop.

    ──────◯◯◯◯──────     0.2 dB/km,  4.90 ns/m,  D = 17 ps/(nm km)

A waveguide in all but its numbers. Its dispersion is quoted per wavelength,

    D = dτ/dλ per length = −2πc β₂/λ²

(Agrawal, *Fiber-Optic Communication Systems*, ch. 2). A kelvin changes the phase of a metre by
about 40 rad, so an all-optical loop must be locked; a loop that detects and modulates anew starts
each round with a fresh phase.
"""

from dataclasses import dataclass
from math import pi
from typing import Any, Self

import numpy as np
from scipy.constants import c as speed_of_light

from devices._fields import FINITE, POSITIVE, Real, checked_real
from devices.waveguide import Waveguide


@dataclass(frozen=True, kw_only=True, eq=False)
class Fiber(Waveguide):
    """A length of standard single-mode fibre."""

    length: Real = 1.0
    """Length L in m. 1 m: the shortest patch cord, typical."""

    propagation_loss_db: Real = 0.2e-3
    """Loss in dB per m. 0.2 dB/km: standard single-mode fibre at 1.55 µm (ITU-T G.652), typical."""

    group_index: Real = 1.4682
    """Group index n_g. 1.4682: Corning SMF-28 at 1.55 µm, data sheet; 4.90 ns/m."""

    group_velocity_dispersion: Real = -21.7e-27
    """β₂ in s²/m. −21.7 ps²/km: D = 17 ps/(nm km) at 1.55 µm, ITU-T G.652, typical."""

    carrier_phase: Real = 0.0
    """Phase ψ in rad that the carrier gains; it drifts by about 40 rad per metre and kelvin,
    typical."""

    @classmethod
    def from_dispersion(
        cls, *, dispersion: Real, wavelength: Real = 1.55e-6, **fields: Any
    ) -> Self:
        """Return the fibre of a dispersion D in s/m² (17 ps/(nm km) is 17e-6) at a wavelength."""
        given = checked_real(dispersion, "dispersion", FINITE, "D in s/m²; 1 ps/(nm km) is 1e-6")
        light = checked_real(wavelength, "wavelength", POSITIVE, "a vacuum wavelength in m")
        bend = -given * np.square(light) / (2 * pi * speed_of_light)
        return cls(group_velocity_dispersion=bend, **fields)

    def dispersion(self, wavelength: Real = 1.55e-6) -> Real:
        """Return D = −2πc β₂/λ² in s/m² at a vacuum wavelength (m)."""
        light = checked_real(wavelength, "wavelength", POSITIVE, "a vacuum wavelength in m")
        return -2 * pi * speed_of_light * self.group_velocity_dispersion / np.square(light)
