"""A lattice of four equal interferometers: a filter of five taps and four zeros.

Light in phase turns by the same angle at every coupler and crosses altogether. In time an impulse
comes out as five, in proportions that make the zeros of a polynomial lie on the unit circle.
"""

from math import pi

import numpy as np

from examples.panels import CARRIER, Curve, Panel, gallery_circuit, powers
from validation.closed_forms import lattice, ring

LONGER, INDEX, STAGES, ANGLE = 1.02e-3, 1.47, 4, pi / 10


def panels() -> list[Panel]:
    """Return the spectra with the zeros marked, and the impulse response."""
    circuit, dt = gallery_circuit("lattice_filter")
    spacing = float(ring.ring_spectral_range(LONGER, INDEX))
    offset = np.linspace(-spacing / 2, spacing / 2, 1001)
    found = powers(circuit, "in", offset)
    cross = np.abs(lattice.equal_lattice_cross(2 * pi * offset / spacing, ANGLE, STAGES)) ** 2
    spectra = [
        Curve(name, offset / 1e9, found[name], power)
        for name, power in (("cross", cross), ("bar", 1 - cross))
    ]
    zeros = np.angle(np.exp(1j * lattice.equal_lattice_zeros(ANGLE, STAGES)))
    zeros = zeros / (2 * pi) * spacing / 1e9
    pulse = np.zeros(STAGES * 3)
    pulse[0] = 1.0
    trace = circuit.transient({"in": pulse}, dt=dt, frequency=CARRIER)
    taps = np.zeros(len(pulse))
    # The shorter arms delay by one sample each.
    taps[STAGES : 2 * STAGES + 1] = lattice.equal_lattice_taps(ANGLE, STAGES).imag
    impulse = Curve("cross", trace.time * 1e12, trace.outputs["cross"].imag, taps)
    return [
        Panel("spectra", "offset from 1550 nm (GHz)", "power from in (dB)", spectra, decibels=True,
              floor=-50.0, tolerance=1e-11,
              marks={f"zero {n}": at for n, at in enumerate(sorted(zeros), 1)}),
        Panel("an impulse of one sample", "time (ps)", "Im field at cross (√W)", [impulse],
              steps=True),
    ]  # fmt: skip
