"""A ring on one arm of an interferometer: fringes become flat bands.

The ring delays the middle of each band more than its edges, just so that with κ² = 8/9 all
derivatives up to the fifth vanish: Butterworth's response of third order, of an interleaver that
parts channels 50 GHz from one another.
"""

from math import pi

import numpy as np

from examples.panels import Curve, Panel, gallery_circuit, powers
from validation.closed_forms import lattice, ring

LONGER, INDEX = 2.04e-3, 1.47


def panels() -> list[Panel]:
    """Return the bands in dB and their tops, with the bare interferometer beside them."""
    circuit, _ = gallery_circuit("ring_loaded_mzi")
    spacing = float(ring.ring_spectral_range(LONGER, INDEX))
    offset = np.linspace(-spacing, spacing, 1001)
    phase = 2 * pi * offset / spacing
    found = powers(circuit, "in", offset)
    exact = {"bar": lattice.flat_interferometer_power(phase)}
    exact["cross"] = lattice.flat_interferometer_power(phase + pi)
    bands = [Curve(name, offset / 1e9, found[name], exact[name]) for name in ("bar", "cross")]
    # A coupler that crosses nothing takes the ring off the arm; what is in it must have an end.
    alone = {"bus": {"power_ratio": 0.0}, "ring": {"propagation_loss_db": 1e3}}
    bare = powers(circuit.with_parameters(alone), "in", offset)["cross"]
    near = np.abs(offset) < 0.3 * spacing
    tops = [
        Curve("cross", offset[near] / 1e9, found["cross"][near], exact["cross"][near]),
        Curve("cross, without the ring", offset[near] / 1e9, bare[near],
              np.cos(phase[near] / 2) ** 2),
    ]  # fmt: skip
    x = "offset from 1550 nm (GHz)"
    return [
        Panel(
            "two outputs, interleaved",
            x,
            "power from in (dB)",
            bands,
            decibels=True,
            floor=-60,
            tolerance=1e-11,
        ),
        Panel("the top of a band", x, "power from in", tops, floor=0.0, tolerance=1e-11),
    ]
