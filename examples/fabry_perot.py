"""A Fabry–Perot resonator of two mirrors: Airy's lines, and how it rings down.

What passes in frequency follows from what is left after each round trip in time: R²a² of the
energy, a straight line on a logarithmic scale.
"""

from math import pi

import numpy as np

from examples.panels import CARRIER, Curve, Panel, gallery_circuit, powers
from validation.closed_forms import light, ring

LENGTH, INDEX, LOSS_DB, MIRROR = 1e-3, 4.2, 20.0, 0.9


def panels() -> list[Panel]:
    """Return what passes and comes back over the frequency, and the light after it goes off."""
    circuit, dt = gallery_circuit("fabry_perot")
    spacing = float(ring.ring_spectral_range(2 * LENGTH, INDEX))
    offset = np.linspace(-1.2 * spacing, 1.2 * spacing, 1201)
    found = powers(circuit, "in", offset)
    trip = float(np.sqrt(light.power_transmission(LOSS_DB * 2 * LENGTH)))
    fields = ring.mirror_pair_fields(2 * pi * offset / spacing, MIRROR, trip)
    spectra = [
        Curve(label, offset / 1e9, found[port], np.abs(field) ** 2)
        for label, port, field in zip(("comes back", "passes"), ("in", "out"), fields, strict=True)
    ]
    return [
        Panel(
            "carrier on resonance",
            "offset from 1550 nm (GHz)",
            "power from in",
            spectra,
            tolerance=1e-10,
        ),
        _ring_down(circuit, dt, trip),
    ]


def _ring_down(circuit, dt, trip) -> Panel:
    on, after = 600, 120
    pulse = np.zeros(on + after)
    pulse[:on] = 1.0
    trace = circuit.transient({"in": pulse}, dt=dt, frequency=CARRIER)
    shown = slice(on - 10, None)
    # The first light to be missed is that which would have passed at once, a sample later.
    steady = np.abs(ring.mirror_pair_fields(0.0, MIRROR, trip)[1]) ** 2
    trips = np.maximum(0, (np.arange(on + after) - on + 1) // 2)
    left = steady * (MIRROR * trip) ** (2.0 * trips)
    time = (trace.time - on * dt) * 1e9
    return Panel(
        "light of 1 W on resonance goes off", "time (ns)", "power at out (dBW)",
        [Curve("out", time[shown], trace.power("out")[shown], left[shown])],
        decibels=True, steps=True,
    )  # fmt: skip
