"""A fibre loop with an erbium amplifier: a comb, and the pulses that it stands for.

A pulse goes round and round, weaker by the same factor each time; the fewer the losses the longer
it lasts and the narrower the lines of the comb. Where gain and losses are equal it would last for
ever, and above that it grows: the loop oscillates, in spikes at first, until the light has taken so
much of the gain that it is what is lost.
"""

from math import pi

import numpy as np

from examples.panels import CARRIER, Curve, Panel, gallery_circuit, powers
from validation.closed_forms import amplifier, light, ring

LENGTH, INDEX, CROSS, TAP = 2.0, 1.4682, 0.1, 0.01
LOSSES_DB = 3.0 + LENGTH * 0.2e-3
"""In dB a round trip, beside what both couplers take out."""
GAINS_DB = (3.2, 1.5, 3.6)
FAINT = 2.0**-20
"""Field in √W of the pulse: a picowatt tires no amplifier."""
OSCILLATING_DB, LIFETIME, SATURATION = 4.0, 5e-6, 10e-3
"""Gain of the loop as a laser, and the amplifier's lifetime in s and P_sat in W.

Erbium takes 10 ms; two thousand times less shows the same in as many fewer round trips.
"""


def loop_amplitude(gain_db: float) -> float:
    """Return what is left of a field after one round trip."""
    kept = light.power_transmission(LOSSES_DB - gain_db) * (1 - TAP) * (1 - CROSS)
    return float(np.sqrt(kept))


def threshold_db() -> float:
    """Return the gain in dB at which nothing is lost."""
    return float(-20 * np.log10(loop_amplitude(0.0)))


def panels() -> list[Panel]:
    """Return the comb, one of its lines, and the pulses of three gains."""
    circuit, dt = gallery_circuit("recirculating_loop")
    spacing = float(ring.ring_spectral_range(LENGTH, INDEX))
    wide = np.linspace(-2.4 * spacing, 2.4 * spacing, 2401)
    width = float(ring.ring_linewidth_phase(loop_amplitude(GAINS_DB[0]))) / (2 * pi) * spacing
    near = np.linspace(-4 * width, 4 * width, 401)
    gains = GAINS_DB[:2]
    return [
        Panel(
            f"a line every {spacing / 1e6:.1f} MHz", "offset from 1550 nm (MHz)",
            "power at tap from in (dB)",
            [_comb(circuit, gain, wide, spacing, 1e6) for gain in gains], decibels=True,
            tolerance=3e-7,
        ),
        Panel(
            f"a line at {GAINS_DB[0]} dB: full width {width / 1e3:.0f} kHz, finesse "
            f"{spacing / width:.0f}",
            "offset from 1550 nm (kHz)", "power at tap from in",
            [_comb(circuit, GAINS_DB[0], near, spacing, 1e3)],
            tolerance=3e-7, marks={"half": -width / 2e3, "half ": width / 2e3},
        ),
        Panel(
            f"a pulse goes round; threshold at {threshold_db():.2f} dB", "time (µs)",
            "energy at tap (dB of what enters)",
            [_pulses(circuit, dt, gain) for gain in GAINS_DB], decibels=True, floor=-70.0,
        ),
        _oscillation(circuit, 32 * dt),
    ]  # fmt: skip


def _comb(circuit, gain_db, offset, spacing, unit) -> Curve:
    amplified = circuit.with_parameters({"edfa": {"small_signal_gain_db": gain_db}})
    found = powers(amplified, "in", offset)["tap"]
    kept, around = loop_amplitude(gain_db), np.sqrt((1 - TAP) * (1 - CROSS))
    # The tap sees what circulates behind the coupler, on its way round.
    _, circulating = ring.recirculating_loop(
        2 * pi * offset / spacing, np.sqrt(1 - CROSS), kept / np.sqrt(1 - CROSS)
    )
    power = circulating * (kept / around) ** 2 * TAP
    return Curve(f"gain {gain_db} dB", offset / unit, found, power)


def _pulses(circuit, dt, gain_db) -> Curve:
    """Energies of the pulses at the tap, one a round trip of 32 samples."""
    trips, trip, width = 60, 32, 4
    amplified = circuit.with_parameters({"edfa": {"small_signal_gain_db": gain_db}})
    pulse = np.zeros(trips * trip)
    pulse[:width] = FAINT
    trace = amplified.transient({"in": pulse}, dt=dt, frequency=CARRIER)
    energies = trace.power("tap")[trip:].reshape(-1, trip).sum(axis=1) / (width * FAINT**2)
    kept, around = loop_amplitude(gain_db), np.sqrt((1 - TAP) * (1 - CROSS))
    exact = CROSS * (kept / around) ** 2 * TAP * kept ** (2 * np.arange(len(energies)))
    time = (1 + np.arange(len(energies))) * trip * dt * 1e6
    return Curve(f"gain {gain_db} dB", time, energies, exact)


def _oscillation(circuit, trip) -> Panel:
    """One sample a round trip, from a pulse of a microwatt."""
    trips, last = 12_000, 1_000
    settings = {"small_signal_gain_db": OSCILLATING_DB, "time_constant": LIFETIME}
    pulse = np.zeros(trips)
    pulse[0] = 1e-3
    lasing = circuit.with_parameters({"edfa": settings})
    trace = lasing.transient({"in": pulse}, dt=trip, frequency=CARRIER)
    power, time = trace.power("tap") * 1e3, trace.time * 1e6
    # What enters the amplifier where G₀ exp(−(G−1)P/P_sat) is the gain at threshold.
    full, left = (1 / light.power_transmission([OSCILLATING_DB, threshold_db()])).tolist()
    entering = float(amplifier.saturated_input_power(left, full, SATURATION))
    rest = np.full(last, left * entering * TAP * 1e3)
    return Panel(
        f"above threshold: {OSCILLATING_DB:g} dB, a lifetime of {LIFETIME * 1e6:g} µs", "time (µs)",
        "power at tap (dBm)",
        [
            Curve("oscillation", time, power, None),
            Curve("gain equals losses", time[-last:], power[-last:], rest),
        ],
        decibels=True, floor=-60.0, tolerance=1e-4,
    )  # fmt: skip
