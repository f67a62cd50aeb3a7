"""Rings as weights: one alone, a row of them, a bank and its heaters, rings that remember."""

from dataclasses import replace
from math import pi

import numpy as np

from circuits import RingMemory, RingWeightBank
from devices import AddDropRing
from validation.case import Measurement, Reals, case, measured
from validation.cases.sample_rings import (
    BOGAERTS,
    FIRST,
    INDEX,
    KEPT,
    LENGTH,
    SECOND,
    TRIP,
    add_drop_ring,
    frequencies,
    loss_for,
    sample_ring,
)
from validation.closed_forms import ring, ring_dynamics
from validation.deviation import FOUR_SIGMA, standard_errors

TAIT = "Tait et al., J. Lightwave Technol. 32, 4029 (2014)"


# ----------------------------------------------------------------------------------------- one ring


@case(
    name="ring-weight-extremes",
    title="Largest weight of a ring between two waveguides, over its loss",
    formula="w_max = (κ⁴a − r²(1−a)²)/(1 − r²a)²; 0.8843 and 0.6031 at a = 0.995 and 0.98",
    source=TAIT,
    model="devices.AddDropRing.weight_limits, circuits.RingWeightBank.weight_limits",
    tolerance=1e-12,
    why="rounding, magnified by 1/(1 − r²a)² = 500",
)
def weight_extremes() -> Measurement:
    """R = 0.96; the device and the bank; their lowest weights, at φ = π, count as well."""
    transmission = np.sort(np.append(np.linspace(0.9, 0.999, 38), [0.98, 0.995]))
    made = [add_drop_ring(a, 0.96, 0.96) for a in transmission]
    device = np.array([each.weight_limits for each in made], dtype=np.float64)
    bank = np.array([RingWeightBank(ring=each).weight_limits for each in made])
    low = ring.ring_weight(pi, transmission, 0.96, 0.96)
    high = ring.symmetric_ring_weight_limit(transmission, 0.96)
    errors = [limits - np.stack([low, high], axis=1) for limits in (device, bank)]
    return measured(
        np.tile(transmission, 2), np.tile(high, 2), np.concatenate([device[:, 1], bank[:, 1]]),
        x="a", y="w_max", error=float(np.max(np.abs(errors))),
    )  # fmt: skip


@case(
    name="ring-weight",
    title="Weight of a ring over its detuning, lossy",
    formula="w = T_d − T_p",
    source=TAIT,
    model="devices.AddDropRing.weight, circuits.RingWeightBank.weights",
    tolerance=1e-11,
    why="the device's φ from 2e14 Hz less 2e14 Hz is good to 1e-13, on a slope of 25",
)
def weight() -> Measurement:
    """Device by frequency, bank by its setting in half-linewidths."""
    device = add_drop_ring(0.99, 0.96, 0.96)
    half = float(ring.ring_linewidth_phase(0.99 * 0.96**2)) / 2
    x = np.linspace(-8, 8, 101)
    exact = ring.ring_weight(x * half, 0.99, 0.96, 0.96)
    told = device.weight(frequencies(device, x * half))
    bank = RingWeightBank(ring=device).weights(x)
    limits = np.array([float(np.asarray(limit)) for limit in device.weight_limits])
    ends = ring.ring_weight(np.array([pi, 0.0]), 0.99, 0.96, 0.96)
    return measured(
        np.concatenate([x, x, [8.0, 0.0]]),
        np.concatenate([exact, exact, ends]),
        np.concatenate([told, bank, limits]),
        x="detuning / half linewidths",
        y="w",
    )


@case(
    name="ring-weight-tuning",
    title="Tuning that makes a weight, and back",
    formula="cosφ = (1 + r⁴ − 2κ⁴/(1+w))/(2r²), lossless",
    source=TAIT,
    model="devices.AddDropRing.phase_for_weight, circuits.RingWeightBank.detuning_for",
    tolerance=1e-12,
    why="rounding of a cosine near 1, magnified by 1/φ of its arccosine; φ down to 0.02 rad",
)
def weight_tuning() -> Measurement:
    """Phases of device and bank, between resonances and on one."""
    w = np.linspace(-0.99, 0.9, 64)
    device = add_drop_ring(1.0, 0.96, 0.96)
    half = float(ring.ring_linewidth_phase(0.96**2)) / 2
    told = device.phase_for_weight(w)
    bank = RingWeightBank(ring=device).detuning_for(w) * half
    exact = np.arccos(ring.lossless_weight_cosine(w, 0.96))
    return measured(
        np.tile(w, 2), np.tile(exact, 2), np.concatenate([told, bank]), x="w", y="φ / rad"
    )


@case(
    name="ring-weight-slope",
    title="How fast a weight changes with its ring's tuning",
    formula="dw/dφ = −2R sinφ (1 + R² + K)/(1 + R² − 2R cosφ)², K = κ₁²κ₂²a − r₁² − r₂²a²",
    source=f"{TAIT}; the weight, differentiated",
    model="circuits.RingWeightBank.weight_slope",
    tolerance=1e-12,
    why="rounding, magnified by 1/(1 − R)² = 180",
)
def weight_slope() -> Measurement:
    """Per half-linewidth, a lossy ring with unlike couplers."""
    device = add_drop_ring(0.99, 0.97, 0.96)
    half = float(ring.ring_linewidth_phase(0.99 * 0.97 * 0.96)) / 2
    x = np.linspace(-8, 8, 101)
    exact = half * ring.ring_weight_slope(x * half, 0.99, 0.97, 0.96)
    told = RingWeightBank(ring=device).weight_slope(x)
    return measured(x, exact, told, x="detuning / half linewidths", y="dw/dx")


# ----------------------------------------------------------------------------------- rows and banks


@case(
    name="ring-neighbour",
    title="Light that a ring takes from a neighbouring channel",
    formula="T_d(Δf)/T_d(0) ≈ 1/(1 + (2Δf/FWHM)²)",
    source=TAIT,
    model="devices.AddDropRing.drop_at_phase",
    tolerance=2e-5,
    why="the Lorentzian misses sin²(φ/2) by φ²/12 of itself: 1e-5 of the peak ten widths away",
)
def neighbour() -> Measurement:
    """Up to ten linewidths away, relative to the peak."""
    device = RingWeightBank().ring
    width = float(np.asarray(device.linewidth_phase))
    distance = np.linspace(0, 10, 101)
    drop = np.abs(device.drop_at_phase(distance * width)) ** 2
    peak = float(np.abs(device.drop_at_phase(0.0)) ** 2)
    return measured(
        distance, 1 / (1 + (2 * distance) ** 2), drop / peak, x="Δf / FWHM", y="drop over its peak"
    )


@case(
    name="ring-bank-crosstalk",
    title="Weights of a row of rings, every channel past every ring",
    formula="T_p = ∏_k T_{p,k}, T_d = Σ_k (∏_{l<k} T_{p,l}) T_{d,k}",
    source=TAIT,
    model="circuits.RingWeightBank.matrices",
    tolerance=1e-11,
    why="rounding of products of 16 ratios, magnified by 1/(1 − R)² = 1e4 on resonance",
)
def bank_crosstalk() -> Measurement:
    """Sixteen channels, random settings; difference and sum of the two detectors."""
    n, count = 16, 4
    device = AddDropRing(
        length=LENGTH,
        group_index=INDEX,
        propagation_loss_db=loss_for(0.998),
        input_self_coupling=0.99,
        drop_self_coupling=0.99,
    )
    bank = RingWeightBank(ring=device, tuning_error=0.0)
    x = np.random.default_rng(3).uniform(-6, 6, size=(1, n, n))
    half = float(ring.ring_linewidth_phase(0.998 * 0.99**2)) / 2
    channel = np.arange(n)
    grid = 2 * pi * (channel[:, None] - channel[None, :]) / n
    exact = []
    for row in x[0, :count]:
        dropped, passed = ring.weight_row(grid - row[None, :] * half, 0.998, 0.99)
        exact.append([dropped - passed, dropped + passed])
    told = bank.matrices(x)[0, :, :count].swapaxes(0, 1)
    return measured(
        np.arange(2 * n * count),
        np.ravel(exact),
        told.ravel(),
        x="channel, row by row",
        y="T_d ∓ T_p",
    )


@case(
    name="ring-bank-drift",
    title="Weights of a bank whose rings have all moved since they were calibrated",
    formula="w(φ − 2π Δν T_R): a resonance Δν higher is a channel that lies lower",
    source=TAIT,
    model="circuits.RingWeightBank.settled, half_linewidth",
    tolerance=1e-9,
    why="the drift is 2e14 Hz less 2e14 Hz, good to 0.03 Hz of 5 GHz, on a slope of 1",
)
def bank_drift() -> Measurement:
    """Programmed to zero detuning, then moved by up to two linewidths."""
    width = float(ring.ring_linewidth_phase(0.99 * 0.96**2))
    moved = np.linspace(-2, 2, 41) * width / (2 * pi * TRIP)
    told = []
    for offset in moved:
        device = add_drop_ring(0.99, 0.96, 0.96, resonance_offset=offset)
        bank = RingWeightBank(ring=device, crosstalk=False, tuning_error=0.0)
        told.append(bank.matrices(np.full((1, 1, 1), 0.5))[0, 0, 0, 0])
    exact = ring.ring_weight(-0.25 * width - 2 * pi * moved * TRIP, 0.99, 0.96, 0.96)
    return measured(moved / 1e9, exact, told, x="Δν / GHz", y="w")


@case(
    name="ring-bank-heaters",
    title="Heater power of a bank's ring over the weight that it holds",
    formula="P = P_FSR (1 − φ/2π), cosφ = (1 + r⁴ − 2κ⁴/(1+w))/(2r²)",
    source=f"{TAIT}; heat only lowers a resonance: it comes from the next one above",
    model="circuits.RingWeightBank.detuning_for, heater_powers",
    tolerance=1e-11,
    why="rounding of an arccos, whose slope is 1/φ; φ down to 2e-3",
)
def bank_heaters() -> Measurement:
    """A lossless ring, as it was fabricated on its channel."""
    bank = RingWeightBank(
        ring=add_drop_ring(1.0, 0.96, 0.96), tuning_error=0.0, resonance_scatter=0.0
    )
    low, high = ring.ring_weight(np.array([pi, 0.0]), 1.0, 0.96, 0.96)
    share = np.sin(np.linspace(0.03, pi / 2 - 0.03, 81)) ** 2  # dense at both ends
    weight = low + (high - low) * share
    power = bank.heater_powers(bank.detuning_for(weight.reshape(1, 9, 9)))
    phase = np.arccos(ring.lossless_weight_cosine(weight, 0.96))
    exact = ring.ring_tuning_power(phase / (2 * pi), 1.0, 20e-3)
    return measured(
        weight, exact * 1e3, power.ravel() * 1e3, x="weight", y="power of the heater / mW"
    )


@case(
    name="ring-bank-program",
    title="Matrix that a bank makes of the settings for it, times their gain",
    formula="g w(x_ij) = W_ij, g = max(W/w_max, W/w_min)",
    source=TAIT,
    model="circuits.RingWeightBank.program",
    tolerance=1e-12,
    why="rounding of an arcsine, on a slope of a weight of 1 a half-linewidth",
)
def bank_program() -> Measurement:
    """Random weights of both signs, beyond what a ring reaches; the smallest gain for them."""
    device = add_drop_ring(0.99, 0.96, 0.96)
    low, high = ring.ring_weight(np.array([pi, 0.0]), 0.99, 0.96, 0.96)
    wanted = 2.5 * np.random.default_rng(6).normal(size=(2, 6, 6))
    program = RingWeightBank(ring=device).program(wanted)
    phase = program.detuning * float(ring.ring_linewidth_phase(0.99 * 0.96**2)) / 2
    made = (program.gain * ring.ring_weight(phase, 0.99, 0.96, 0.96)).ravel()
    gain = max(float(np.max(wanted / high)), float(np.max(wanted / low)))
    order = np.argsort(wanted, axis=None)
    exact = wanted.ravel()[order]
    error = max(
        np.max(np.abs(made[order] - exact)) / np.max(np.abs(exact)), program.gain / gain - 1
    )
    return measured(exact, exact, made[order], x="W wanted", y="W made", error=float(error))


@case(
    name="ring-bank-gradient",
    title="Gradient of a row of rings: each setting moves all channels that pass its ring",
    formula="∂/∂x_k Σ_j (G⁻_j (T_d − T_p)_j + G⁺_j (T_d + T_p)_j)",
    source="five-point differences of the closed form of the row",
    model="circuits.RingWeightBank.gradients",
    tolerance=1e-9,
    why="fourth order in steps of 2·10⁻³: 5e-13 of a fifth derivative of some 2·5!",
)
def bank_gradient() -> Measurement:
    """Six rings a row so close that they overlap; random G."""
    n, step = 6, 2e-3
    bank = RingWeightBank(ring=add_drop_ring(0.99, 0.95, 0.95), channel_spacing=1.2e11)
    rng = np.random.default_rng(12)
    x, given = rng.uniform(-3, 3, size=(1, n, n)), rng.normal(size=(1, 2, n, n))
    half = float(ring.ring_linewidth_phase(0.99 * 0.95**2)) / 2
    grid = 2 * pi * TRIP * 1.2e11 * (np.arange(n)[:, None] - np.arange(n))

    def loss(row: int, settings: Reals) -> float:
        dropped, passed = ring.weight_row(grid - settings * half, 0.99, 0.95)
        difference, total = given[0, :, row]
        return float(difference @ (dropped - passed) + total @ (dropped + passed))

    exact = np.empty((n, n))
    for row, moved in np.ndindex(n, n):
        near, far = (
            loss(row, x[0, row] + s * step * np.eye(n)[moved])
            - loss(row, x[0, row] - s * step * np.eye(n)[moved])
            for s in (1, 2)
        )
        exact[row, moved] = (8 * near - far) / (12 * step)
    told = bank.gradients(x, given)[0]
    order = np.argsort(exact, axis=None)
    return measured(
        np.arange(n * n), exact.ravel()[order], told.ravel()[order],
        x="ring, by its gradient", y="∂L/∂x",
    )  # fmt: skip


@case(
    name="ring-bank-precision",
    title="Scatter of weights where calibration leaves the rings a little off",
    formula="σ_w = |dw/dν| σ_ν",
    source=f"{TAIT}; linear propagation of errors",
    model="circuits.RingWeightBank.draw, matrices",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def bank_precision() -> Measurement:
    """One setting a row; a thousandth of a half-linewidth, so that curvature adds 1e-6."""
    settings, columns, runs = np.linspace(0.1, 5.0, 31), 31, 40
    ideal = RingWeightBank(ring=add_drop_ring(0.99, 0.96, 0.96), crosstalk=False)
    scatter = 1e-3 * float(ring.ring_linewidth_phase(0.99 * 0.96**2)) / (4 * pi * TRIP)
    bank = replace(ideal, tuning_error=scatter)
    x = np.broadcast_to(settings[:, None], (runs, 31, columns)).copy()
    off = bank.matrices(x, bank.draw(runs, 31, seed=35))[:, 0] - ideal.matrices(x)[:, 0]
    phase = settings * float(ring.ring_linewidth_phase(0.99 * 0.96**2)) / 2
    exact = np.abs(ring.ring_weight_slope(phase, 0.99, 0.96, 0.96)) * 2 * pi * TRIP * scatter
    found = np.mean(off**2, axis=2).T
    return measured(
        settings, exact * 1e3, np.sqrt(found.mean(axis=1)) * 1e3,
        x="detuning / half linewidths", y="σ_w / 10^{−3}",
        error=standard_errors(found / exact[:, None] ** 2, np.ones(31)),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------- memory


@case(
    name="ring-slot-memory",
    title="A ring of a weight bank fills and empties, a few round trips a slot",
    formula="c ← iκ₁ s + r₁r₂a e^{iφ} c each round trip; T_d = |κ₂√a c|², "
    "T_p = |r₁s + iκ₁r₂a e^{iφ} c|²",
    source=BOGAERTS,
    model="circuits.RingMemory.advance",
    tolerance=1e-12,
    why="rounding of 40 steps and of 1 − R e^{iφ}, 0.06 on resonance",
)
def slot_memory() -> Measurement:
    """Slots of three round trips: lit for twenty, then dark; both detectors at each slot's end."""
    bank, setting, slots, trips = RingWeightBank(ring=sample_ring()), 1.4, 40, 3
    memory = RingMemory(
        bank=bank, dt=trips * TRIP, paths=np.ones((1, 1, 1), dtype=np.complex128),
        weights=np.ones((2, 1)), smoothing=1e-18,
    )  # fmt: skip
    compiled = memory.slots(np.full((1, 1, 1), setting))
    state, read = compiled.dark(1), []
    for slot in range(slots):
        power = np.array([[1.0 if slot < slots // 2 else 0.0]])
        planes, state = memory.advance(compiled, 0, power, state)
        read.append(planes[0, :, 0])
    difference, total = np.array(read).T
    phase = -setting * float(ring.ring_linewidth_phase(KEPT * FIRST * SECOND)) / 2
    drive = np.repeat(np.arange(slots) < slots // 2, trips)
    fields = ring_dynamics.light_by_trips(drive, phase, KEPT, FIRST, SECOND)
    passed, dropped = (np.abs(field[trips - 1 :: trips]) ** 2 for field in fields)
    time = trips * TRIP * np.arange(1, slots + 1) * 1e12
    expected = np.concatenate([dropped, passed])
    found = np.concatenate([total + difference, total - difference]) / 2
    lifetime = 2 * float(ring.photon_lifetime(KEPT * FIRST * SECOND, TRIP))
    error = max(float(np.max(np.abs(found - expected))), abs(bank.lifetime / lifetime - 1))
    return measured(
        np.tile(time, 2), expected, found, error=error,
        x="t / ps", y="power: drop, through",
    )  # fmt: skip
