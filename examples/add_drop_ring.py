"""An add-drop ring: what passes, what is dropped, and how it fills.

Light on resonance goes around until it leaves by the other guide; in time the ring fills by one
round trip after another, as a geometric series.
"""

from math import pi

import numpy as np

from examples.panels import CARRIER, Curve, Panel, gallery_circuit, powers
from validation.closed_forms import light, ring
from validation.closed_forms.values import SPEED_OF_LIGHT

LENGTH, INDEX, CROSS = 62.8318e-6, 4.2, 0.08


def panels() -> list[Panel]:
    """Return powers over the frequency, and the field that fills the ring over time."""
    circuit, dt = gallery_circuit("add_drop_ring")
    spacing = float(ring.ring_spectral_range(LENGTH, INDEX))
    offset = np.linspace(-0.6 * spacing, 0.6 * spacing, 1201)
    found = powers(circuit, "in", offset)
    amplitude = float(np.sqrt(light.power_transmission(250.0 * LENGTH)))
    stay = float(np.sqrt(1 - CROSS))
    phase = 2 * pi * offset / spacing
    exact = ring.add_drop_powers(phase, amplitude, stay, stay)
    spectra = [
        Curve(name, offset / 1e9, found[name], power)
        for name, power in zip(("through", "drop"), exact, strict=True)
    ]
    width = float(ring.ring_linewidth_phase(stay**2 * amplitude)) / (2 * pi) * spacing
    return [
        Panel(
            f"carrier on resonance, full width {width / 1e9:.3g} GHz",
            "offset from 1550 nm (GHz)", "power from in (dB)", spectra, decibels=True,
            tolerance=1e-11,
        ),
        _filling(circuit, dt, amplitude, stay),
    ]  # fmt: skip


def _filling(circuit, dt, amplitude, stay) -> Panel:
    """Light switched on: after n round trips the drop has Σ (r²a)^k of its terms."""
    samples = 160
    trace = circuit.transient({"in": np.ones(samples)}, dt=dt, frequency=CARRIER)
    loop = stay**2 * amplitude
    # Half a round trip is one sample: dropped light comes from the first on, past ones two later.
    trips = (np.arange(samples) + 1) // 2
    dropped = CROSS * np.sqrt(amplitude) * (1 - loop**trips) / (1 - loop)
    around = np.arange(samples) // 2
    past = stay - CROSS * stay * amplitude * (1 - loop**around) / (1 - loop)
    time = trace.time * 1e12
    assert abs(dt - INDEX * LENGTH / SPEED_OF_LIGHT / 2) < 1e-9 * dt
    return Panel(
        "light of 1 W switched on, on resonance", "time (ps)", "power (W)",
        [
            Curve("through", time, trace.power("through"), past**2),
            Curve("drop", time, trace.power("drop"), dropped**2),
        ],
        steps=True,
    )  # fmt: skip
