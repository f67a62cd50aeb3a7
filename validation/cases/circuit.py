"""Netlists in frequency and in time: chains, filters, resonators, and the energy in them."""

from itertools import pairwise
from math import factorial, pi, prod

import numpy as np

from circuits import Circuit
from validation.case import Measurement, case, measured
from validation.cases.sample_circuits import (
    CARRIER,
    DT,
    FAINT,
    amplified_loop,
    equal_lattice,
    guide,
    impulse_spectrum,
    mirrors,
    ring_interferometer,
    rings_in_a_row,
    wired,
)
from validation.cases.sample_rings import MADSEN
from validation.closed_forms import lattice, light, ring

POON = "Poon et al., Opt. Express 12, 90 (2004)"
AIRY = "Born, Wolf, Principles of Optics, ch. 7"


# ------------------------------------------------------------------------------ chains and filters


@case(
    name="circuit-rings-in-a-row",
    title="Five coupled rings with a flat band: what passes and what is dropped",
    formula="through = −M₂₁/M₂₂, drop = 1/M₂₂, M = P₅Q⋯QP₀, P = [[−1, r], [−r, 1]]/iκ",
    source=POON,
    model="circuits.Circuit.scattering",
    tolerance=1e-11,
    why="2e14 Hz round to 0.03 Hz, 4e-13 rad a round trip, of which light makes some ten",
)
def rings() -> Measurement:
    """Butterworth's couplings for a tenth of the free spectral range, 0.05 dB lost a trip."""
    cross = lattice.flat_ring_couplings(5, 0.1)
    circuit = rings_in_a_row(cross, loss_db=0.05)
    offset = np.linspace(-0.1, 0.1, 201) / (2 * DT)
    found = circuit.scattering(frequency=CARRIER + offset)
    amplitude = float(np.sqrt(light.power_transmission(0.05)))
    through, drop = lattice.coupled_rings(4 * pi * offset * DT, amplitude, np.sqrt(1 - cross))
    source = circuit.ports.index("in")
    ports = [found[:, circuit.ports.index(name), source] for name in ("through", "drop")]
    error = max(float(np.max(np.abs(ports[0] - through))), float(np.max(np.abs(ports[1] - drop))))
    return measured(
        np.tile(offset / 1e9, 2), np.abs(np.concatenate([through, drop])) ** 2,
        np.abs(np.concatenate(ports)) ** 2,
        x="offset / GHz", y="power: through, drop", error=error,
    )  # fmt: skip


@case(
    name="circuit-ring-chain-dispersion",
    title="Phase from ring to ring in a chain without end, over its band and beyond",
    formula="cos K = −sin(φ/2)/κ",
    source=POON,
    model="circuits.Circuit.scattering",
    tolerance=1e-11,
    why="2e14 Hz round to 0.03 Hz, 2e-13 rad a trip, over κ = 0.2",
)
def ring_chain_dispersion() -> Measurement:
    """Half the trace of one cell's matrix, ring and coupler, from its four ports."""
    cell = wired(
        {
            "up": guide(1),
            "coupler": {"component": "coupler", "settings": {"power_ratio": 0.04}},
            "down": guide(1),
        },
        {"up,out0": "coupler,in0", "coupler,out0": "down,in0"},
        {"enter": "up,in0", "leave": "down,out0", "on": "coupler,out1", "back": "coupler,in1"},
    )
    offset = np.linspace(-0.3, 0.3, 121) / (2 * pi) / DT / 2
    s = cell.scattering(frequency=CARRIER + offset)
    # Ports in order: on = S₂₀ enter + S₂₃ back, leave = S₁₀ enter + S₁₃ back.
    trace = s[:, 2, 0] - s[:, 2, 3] * s[:, 1, 0] / s[:, 1, 3] + 1 / s[:, 1, 3]
    exact = lattice.crow_bloch_cosine(4 * pi * offset * DT, 0.2)
    return measured(
        offset / 1e9, exact, trace.real / 2, x="offset / GHz", y="cos K",
        error=float(np.max(np.abs(trace / 2 - exact))),
    )  # fmt: skip


@case(
    name="circuit-ring-chain-delay",
    title="Slow light: the delay of sixty equal rings, between edges that match them",
    formula="dK/dφ = cos(φ/2)/(2√(κ² − sin²(φ/2))) a ring, 1/(2κ) amid the band",
    source=POON,
    model="circuits.Circuit.group_delay",
    tolerance=0.01,
    why="rings between unequal couplers count as between their mean; the ends reflect a little",
)
def ring_chain_delay() -> Measurement:
    """Twelve couplings at each end go over from κ² = 0.04 to all, as an apodised grating does."""
    n, taper, kappa = 60, 12, 0.2
    angle = np.full(n + 1, np.arcsin(kappa))
    edge = np.arcsin(kappa) + (pi / 2.2 - np.arcsin(kappa)) * np.linspace(1, 0, taper) ** 2
    angle[:taper], angle[-taper:] = edge, edge[::-1]
    circuit = rings_in_a_row(np.sin(angle) ** 2)
    offset = np.linspace(-0.1, 0.1, 81) / (4 * pi * DT)
    found = circuit.group_delay("drop", "in", frequency=CARRIER + offset) / (2 * DT)
    phase = 4 * pi * offset * DT
    exact = sum(lattice.crow_delay(phase, np.sin((a + b) / 2)) for a, b in pairwise(angle))
    return measured(offset / 1e9, exact, found, x="offset / GHz", y="delay / round trips")


@case(
    name="circuit-lattice",
    title="Four interferometers in a row, from their five echoes of an impulse",
    formula="N ifft(h) = i sin η U₄(cos η cos(φ/2)) e^{6iφ}",
    source="Evans, J. Opt. Soc. Am. 48, 142 (1958); Jinguji, Kawachi, JLT 13, 73 (1995)",
    model="circuits.Circuit.transient",
    tolerance=1e-13,
    why="rounding of a transform of nine samples that are not zero",
)
def equal_interferometers() -> Measurement:
    """Arms of two samples and one: 1½ samples a stage on average, six in all."""
    offset, found = impulse_spectrum(equal_lattice(pi / 10, 4), "cross", 256)
    phase = 2 * pi * offset * DT
    exact = lattice.equal_lattice_cross(phase, pi / 10, 4) * np.exp(6j * phase)
    return measured(
        offset / 1e9, np.abs(exact) ** 2, np.abs(found) ** 2, x="offset / GHz", y="power across",
        error=float(np.max(np.abs(found - exact))),
    )  # fmt: skip


@case(
    name="circuit-flat-interferometer",
    title="A ring on one arm makes the bands of an interferometer flat",
    formula="|H|² = 1/(1 + cot⁶(φ/2)) at r = 1/3",
    source=MADSEN,
    model="circuits.Circuit.transient",
    tolerance=1e-12,
    why="rounding of a transform; (1/3)^512 is left",
)
def flat_interferometer() -> Measurement:
    """From an impulse that goes round the ring."""
    offset, found = impulse_spectrum(ring_interferometer(1 / 3), "bar", 1024)
    exact = lattice.flat_interferometer_power(2 * pi * offset * DT)
    return measured(offset / 1e9, exact, np.abs(found) ** 2, x="offset / GHz", y="power in bar")


# -------------------------------------------------------------------------------------- resonators


@case(
    name="circuit-fabry-perot",
    title="Two mirrors: reflected and passed fields from the echoes of an impulse",
    formula="√R − (1−R)√R a e^{iφ}/(1 − Ra e^{iφ}), −(1−R)√a e^{iφ/2}/(1 − Ra e^{iφ})",
    source=AIRY,
    model="circuits.Circuit.transient",
    tolerance=1e-12,
    why="rounding of a transform; 0.8^682 is left",
)
def fabry_perot() -> Measurement:
    """Three samples from mirror to mirror; the error is one of fields."""
    circuit = mirrors(0.8, 3, loss_db=0.05, phase=0.35)
    offset, passed = impulse_spectrum(circuit, "out", 4096)
    _, back = impulse_spectrum(circuit, "in", 4096)
    amplitude = float(np.sqrt(light.power_transmission(0.1)))
    phase = 2 * (0.35 + 2 * pi * offset * 3 * DT)
    exact_back, exact_passed = ring.mirror_pair_fields(phase, 0.8, amplitude)
    error = max(
        float(np.max(np.abs(back - exact_back))), float(np.max(np.abs(passed - exact_passed)))
    )
    shown = slice(None, None, 16)
    return measured(
        np.tile(offset[shown] / 1e9, 2),
        np.abs(np.concatenate([exact_back[shown], exact_passed[shown]])) ** 2,
        np.abs(np.concatenate([back[shown], passed[shown]])) ** 2,
        x="offset / GHz", y="power: reflected, passed", error=error,
    )  # fmt: skip


@case(
    name="circuit-ring-down",
    title="Light between two mirrors after the laser went off",
    formula="P(n) = P₀ (Ra)^{2n} after n round trips",
    source=AIRY,
    model="circuits.Circuit.transient",
    tolerance=1e-10,
    why="the steady state is reached to 0.9^300 = 2e-14, relative after as much decay again",
)
def ring_down() -> Measurement:
    """The error is relative at every sample."""
    samples, trips, on = 4, 120, 2400
    circuit = mirrors(0.9, samples, loss_db=0.01, phase=pi)
    pulse = np.zeros(on + 2 * samples * trips)
    pulse[:on] = 1.0
    result = circuit.transient({"in": pulse}, dt=DT, frequency=CARRIER)
    amplitude = float(np.sqrt(light.power_transmission(0.02)))
    # The first light that is missed passes the guide once.
    left = result.power("out")[on + samples :: 2 * samples][: trips - 1]
    steady = np.abs(ring.mirror_pair_fields(0.0, 0.9, amplitude)[1]) ** 2
    exact = steady * (0.9 * amplitude) ** (2.0 * np.arange(1, trips))
    return measured(
        np.arange(1, trips), exact, left, x="round trips", y="power / W",
        error=float(np.max(np.abs(left / exact - 1))),
    )  # fmt: skip


@case(
    name="circuit-comb",
    title="A loop with an amplifier below threshold: its comb past the coupler",
    formula="(t − g e^{iϕ})/(1 − gt e^{iϕ}), g² = 10^{(G−L)/10}",
    source=MADSEN,
    model="circuits.Circuit.transient",
    tolerance=1e-11,
    why="rounding of 16384 samples; (gt)^1638 = 1e-21 is left",
)
def comb() -> Measurement:
    """Ten samples around, a gain of 3 dB against losses of 3.1 dB and the coupler's 10 %."""
    circuit = amplified_loop(0.1, 10, loss_db=3.1, gain_db=3.0)
    offset, found = impulse_spectrum(circuit, "out", 16384)
    gain = float(np.sqrt(light.power_transmission(0.1)))
    exact, _ = ring.recirculating_loop(20 * pi * offset * DT, np.sqrt(0.9), gain)
    shown = slice(None, None, 32)
    return measured(
        offset[shown] / 1e9, np.abs(exact[shown]) ** 2, np.abs(found[shown]) ** 2,
        x="offset / GHz", y="power past the coupler",
        error=float(np.max(np.abs(found - exact))),
    )  # fmt: skip


@case(
    name="circuit-pulse-train",
    title="A pulse in that loop below, at and above threshold: one echo a round trip",
    formula="E(n) = κ⁴ g² (tg)^{2(n−1)}, growing where tg > 1",
    source=MADSEN,
    model="circuits.Circuit.transient",
    tolerance=1e-12,
    why="rounding of a hundred round trips",
)
def pulse_train() -> Measurement:
    """Gains of 3.2 dB, of the threshold and of 3.6 dB; the error is relative."""
    trips, threshold = 100, 3.1 - 10 * np.log10(0.9)
    pulse = np.zeros(10 * (trips + 1))
    pulse[0] = FAINT
    found, exact = [], []
    for gain_db in (3.2, threshold, 3.6):
        circuit = amplified_loop(0.1, 10, loss_db=3.1, gain_db=gain_db)
        result = circuit.transient({"in": pulse}, dt=DT, frequency=CARRIER)
        found.append(result.power("out")[10::10] / FAINT**2)
        gain = float(light.power_transmission(3.1 - gain_db))
        exact.append(0.1**2 * gain * (0.9 * gain) ** np.arange(trips))
    return measured(
        np.tile(np.arange(1, trips + 1), 3), np.concatenate(exact), np.concatenate(found),
        x="round trips", y="energy of the echo",
        error=float(np.max(np.abs(np.divide(found, exact) - 1))),
    )  # fmt: skip


# ------------------------------------------------------------------------------- energy and delays


@case(
    name="circuit-energy",
    title="A lossless chain of rings through 10⁵ samples of noise: no energy is lost or made",
    formula="energy in = energy out + Σ |A|² on the way along all guides",
    source="Haus, Waves and Fields in Optoelectronics (1984), ch. 3",
    model="circuits.Circuit.transient",
    tolerance=1e-10,
    why="rounding of 10⁵ steps, relative to what has entered by then",
)
def energy() -> Measurement:
    """Noise enters at both ends; drawn at a hundred moments."""
    circuit = rings_in_a_row(lattice.flat_ring_couplings(4, 0.1))
    rng = np.random.default_rng(7)
    samples = 100_000
    noise = {name: rng.normal(size=(samples, 2)) @ [1.0, 1.0j] for name in ("in", "add")}
    # What is in a guide of one sample is what left the coupler before it a sample ago.
    ends = [f"coupler{k},out1" for k in range(4)] + [f"coupler{k},out0" for k in range(1, 5)]
    result = circuit.transient(noise, dt=DT, frequency=CARRIER, probes=ends)
    inside = sum(result.power(name) for name in ends)
    entered = np.cumsum(sum(np.abs(trace) ** 2 for trace in noise.values()))
    left = np.cumsum(result.power("through") + result.power("drop"))
    shown = slice(samples // 100 - 1, None, samples // 100)
    return measured(
        result.time[shown] * 1e9, entered[shown], (left + inside)[shown],
        x="time / ns", y="energy in, out and inside / (W dt)",
        error=float(np.max(np.abs((left + inside) / entered - 1))),
    )  # fmt: skip


@case(
    name="circuit-fractional-delay",
    title="A delay of 12.3 samples: the interpolation's error over frequency",
    formula="|H − e^{iΩτ}| = (Ω dt)⁶ Π|δ − j|/6!, leading order",
    source="Laakso et al., IEEE Signal Process. Mag. 13(1), 30 (1996)",
    model="circuits.Circuit.transient",
    tolerance=0.05,
    why="the next order is less by (Ω dt)²/2 ≤ 0.05, the error relative",
)
def fractional_delay() -> Measurement:
    """Order five, from an impulse; offsets up to a twentieth of the sampling rate."""
    circuit: Circuit = wired({"it": guide(12.3)}, {}, {"in": "it,in0", "out": "it,out0"})
    offset, found = impulse_spectrum(circuit, "out", 1024)
    angle = 2 * pi * offset * DT
    chosen = (angle > 0.05) & (angle < 0.3)
    error = np.abs(found - np.exp(12.3j * angle))[chosen]
    exact = angle[chosen] ** 6 * prod(abs(2.3 - j) for j in range(6)) / factorial(6)
    return measured(
        angle[chosen], exact, error, x="Ω dt / rad", y="error of the field",
        error=float(np.max(np.abs(error / exact - 1))),
    )  # fmt: skip
