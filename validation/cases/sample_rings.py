"""The rings that the cases measure."""

from math import pi
from typing import Any

import numpy as np

from devices import AddDropRing, AllPassRing
from validation.case import Reals
from validation.closed_forms import ring_dynamics
from validation.closed_forms.values import SPEED_OF_LIGHT

BOGAERTS = "Bogaerts et al., Laser Photon. Rev. 6, 47 (2012)"
HAUS = "Haus, Waves and Fields in Optoelectronics (1984)"
LITTLE = "Little et al., J. Lightwave Technol. 15, 998 (1997)"
MADSEN = "Madsen, Zhao, Optical Filter Design and Analysis (1999)"

LENGTH, INDEX, WAVELENGTH = 60e-6, 4.0, 1.55e-6
TRIP = INDEX * LENGTH / SPEED_OF_LIGHT
CARRIER = SPEED_OF_LIGHT / WAVELENGTH

KEPT, FIRST, SECOND = 0.992, 0.98, 0.97
"""a, r₁ and r₂ of `sample_ring`: a finesse of 50."""

LOST, INTO, ACROSS = (
    float(rate) for rate in ring_dynamics.coupled_mode_rate([KEPT, FIRST, SECOND], TRIP)
)
"""1/τ₀, 1/τ₁ and 1/τ₂ of it."""

DECAY = LOST + INTO + ACROSS


def loss_for(transmission: float) -> float:
    """Return the loss in dB/m that leaves the amplitude `transmission` of a round trip."""
    return float(-20 * np.log10(transmission) / LENGTH)


def all_pass_ring(transmission: float, coupling: float | Reals, **fields: Any) -> AllPassRing:
    """Return a ring of round-trip amplitude a and self-coupling r."""
    return AllPassRing(
        length=LENGTH,
        group_index=INDEX,
        propagation_loss_db=loss_for(transmission),
        self_coupling=coupling,
        **fields,
    )


def add_drop_ring(
    transmission: float, first: float | Reals, second: float | Reals, **fields: Any
) -> AddDropRing:
    """Return a ring of round-trip amplitude a and self-couplings r₁, r₂."""
    return AddDropRing(
        length=LENGTH,
        group_index=INDEX,
        propagation_loss_db=loss_for(transmission),
        input_self_coupling=first,
        drop_self_coupling=second,
        **fields,
    )


def sample_ring(offset: Reals | float = 0.0) -> AddDropRing:
    """Return the ring of a, r₁, r₂ above, its resonance `offset` (rad/s) above the carrier."""
    return add_drop_ring(KEPT, FIRST, SECOND, resonance_offset=np.asarray(offset) / (2 * pi))


def frequencies(device: AllPassRing | AddDropRing, phase: Reals) -> Reals:
    """Return the optical frequencies at which a round trip has these phases."""
    return np.asarray(device.resonance_frequency + phase / (2 * pi * TRIP))
