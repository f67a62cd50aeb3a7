"""The link budget of a loop as its kernels use it: four levels, each a power of the banks' gain.

Level j is ``constant[j]·g**exponent[j]``, where g is the gain that serves all banks:

    ρ   inverse saturation power of a photodiode
    ℓ   amplitude of the local oscillator (homodyne), or signal per ampere (electrical)
    v₀  variance of the receiver's output noise without light
    v₁  its increase per detected power, or per conductance (electrical)

all in units of W h: of the field that a bank gives (homodyne, square law), of its power
(intensity) or of its current (electrical). A relative field of 1 is ``s = √(P/N) t_L / g`` in √W,
a relative power ``(P/N) t_L² / g`` in W, a relative current ``n(G_P − G_AP) V t / g`` in A, and the
receiver's gain G = 1/(2R|LO|s), 1/(R s²), g/(R (P/N) t_L²) or g/I undoes them (PHYSICS §6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from circuits.time_multiplexed_loop import TimeMultiplexedLoop

Array = NDArray[np.float64]

_EXPONENTS = {
    "homodyne": (-2.0, 1.0, 2.0, 0.0),
    "square_law": (-2.0, 0.0, 4.0, 2.0),
    "intensity": (-1.0, 0.0, 2.0, 1.0),
    "electrical": (0.0, 1.0, 2.0, 2.0),
}


_LARGEST = 1e30
"""Levels that single precision still holds, with their powers of the gain."""


def link_levels(loop: TimeMultiplexedLoop, n_lanes: int) -> tuple[Array, Array]:
    """Return the constants and the exponents of the levels, (4,) each.

    Raises
    ------
    ValueError
        Where nothing is left of the signal, or there is more of it than numbers hold.
    """
    electrical = loop.machine == "electrical"
    try:
        levels = _electrical(loop) if electrical else _optical(loop, n_lanes)
    except (ZeroDivisionError, OverflowError):
        levels = [np.inf]
    # Also false where a level is not a number.
    if not np.all(np.abs(levels) < _LARGEST):
        causes = (
            "current_switch.insertion_loss_db, and crossbar.junction.parallel_conductance and "
            "read_voltage"
            if electrical
            else "laser.power and the losses of modulator, switches and banks"
        )
        raise ValueError(
            f"the signal that arrives at the receiver is too weak or too strong to be computed; "
            f"look at {causes}."
        )
    return np.array(levels, dtype=np.float64), np.array(_EXPONENTS[loop.machine])


def current_per_signal(loop: TimeMultiplexedLoop, n_lanes: int, gain: float) -> float:
    """Return the current in A that a signal of 1 in units of W h makes, 1/G at the gain g."""
    if loop.machine == "electrical":
        receiver = _crossbar_receiver(loop)
    else:
        receiver = _optical_receiver(loop, *_arriving(loop, n_lanes))
    # G goes with half the power of g that its square, in the floor of the noise, goes with.
    return float(gain ** -(_EXPONENTS[loop.machine][2] / 2) / receiver)


def _arriving(loop: TimeMultiplexedLoop, n_lanes: int) -> tuple[float, float]:
    """Return the power in W that a field of 1 carries, and the local oscillator's amplitude."""
    power = float(
        loop.laser.power
        / n_lanes
        * (loop.modulator.transmission * loop.input_switch.transmission * loop.bank_transmission)
        ** 2
    )
    if loop.adds_fields:
        power *= float(loop.output_switch.transmission) ** 2
    homodyne = loop.machine == "homodyne"
    return power, float(np.sqrt(loop.local_oscillator_power / power)) if homodyne else 0.0


def _optical_receiver(loop: TimeMultiplexedLoop, power: float, oscillator: float) -> float:
    """Return the signal per ampere at g = 1."""
    beat = 2.0 * oscillator if loop.machine == "homodyne" else 1.0
    return 1.0 / (float(loop.detector.responsivity) * beat * power)


def _optical(loop: TimeMultiplexedLoop, n_lanes: int) -> list[float]:
    power, oscillator = _arriving(loop, n_lanes)
    receiver = _optical_receiver(loop, power, oscillator)
    responsivity = float(loop.detector.responsivity)
    floor, per_ampere = 0.0, 0.0
    if _band(loop):
        # Every bank of an intensity machine has its own pair of diodes.
        diodes = {"homodyne": 2, "square_law": 1, "intensity": 2 * loop.schedule.weight_sets}
        dark = diodes[loop.machine] * loop.detector.dark_current
        floor = _band(loop) * float(loop.detector.noise_density(dark))
        light = loop.detector.noise_density(1.0) - loop.detector.noise_density(0.0)
        per_ampere = _band(loop) * float(light)
    return [
        power / float(loop.detector.saturation_power),
        oscillator,
        floor * receiver**2,
        per_ampere * responsivity * power * receiver**2,
    ]


def _electrical(loop: TimeMultiplexedLoop) -> list[float]:
    """Of a crossbar: the receiver is that of the detector without its light and its diode."""
    full_scale = float(loop.crossbar.full_scale_current)
    receiver = _crossbar_receiver(loop)
    floor = float(loop.detector.noise_density(0.0)) if _band(loop) else 0.0
    junctions = _band(loop) * float(loop.crossbar.thermal_density)
    return [0.0, receiver, _band(loop) * floor * receiver**2, junctions / full_scale**2]


def _crossbar_receiver(loop: TimeMultiplexedLoop) -> float:
    return 1.0 / float(loop.crossbar.full_scale_current * loop.input_switch.transmission)


def _band(loop: TimeMultiplexedLoop) -> float:
    """Return the noise bandwidth 1/4τ in Hz, 0 without noise."""
    if not loop.noise or loop.detector.time_constant == 0:
        return 0.0
    return 1.0 / (4.0 * float(loop.detector.time_constant))
