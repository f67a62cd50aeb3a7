"""Rings in time: coupled modes, books of energy, steps of any length."""

from math import pi

import numpy as np
from scipy.linalg import expm

from devices import RingDynamics
from validation.case import Measurement, case, measured
from validation.cases.sample_rings import (
    DECAY,
    HAUS,
    INTO,
    LITTLE,
    LOST,
    TRIP,
    add_drop_ring,
    sample_ring,
)
from validation.closed_forms import ring, ring_dynamics
from validation.closed_forms.values import SPEED_OF_LIGHT

# ------------------------------------------------------------------------------------- steady light


@case(
    name="ring-coupled-mode",
    title="Coupled modes against the exact ring, drop and through",
    formula="1/τ_k = −ln r_k/T_R; power error < 2/F² of the peak",
    source=f"{LITTLE}; {HAUS}",
    model="devices.RingDynamics.steady_amplitude, outputs",
    tolerance=1.0,
    why="error in units of 2/F², what the expansion about a resonance leaves of the peak",
)
def coupled_mode() -> Measurement:
    """Within two linewidths, over the finesse; the worst point of both ports."""
    coupling = np.linspace(0.75, 0.97, 30)
    errors, finesse = [], []
    for r in coupling:
        device = add_drop_ring(0.995, r, r)
        dynamics = RingDynamics(ring=device)
        phase = np.linspace(-1, 1, 101) * float(device.linewidth_phase)
        detuning = phase / TRIP
        fields = dynamics.outputs(dynamics.steady_amplitude(1.0, detuning), 1.0)
        exact = ring.add_drop_powers(phase, 0.995, r, r)
        worst = max(
            float(np.max(np.abs(np.abs(field) ** 2 - power)))
            for field, power in zip(fields, exact, strict=True)
        )
        errors.append(worst)
        finesse.append(2 * pi / float(ring.ring_linewidth_phase(0.995 * r**2)))
    bound = 2 / np.array(finesse) ** 2
    ratio = float(np.max(np.array(errors) / bound))
    return measured(
        finesse, bound, errors, x="finesse", y="power error, and its bound", error=ratio
    )


@case(
    name="ring-coupled-mode-excess",
    title="What a coupled mode misses of a ring, of the order 1/F²",
    formula="T_d(mode) − T_d(ring) = −(π²/12F²) z/(1+z), z = (2Δf/FWHM)²",
    source=f"{LITTLE}, expanded about the limit of narrow lines",
    model="devices.RingDynamics.steady_amplitude, outputs",
    tolerance=0.01,
    why="the next order, (π/2F)²(1 + z)/3 of it: 0.9 % at F = 50 and z = 25",
)
def coupled_mode_excess() -> Measurement:
    """A lossless symmetric ring of F = 50; the common map κ²/2T_R would miss by 0.7/F."""
    coupling = float(np.exp(-np.arcsinh(np.sin(pi / 100))))  # F = 50
    device = add_drop_ring(1.0, coupling, coupling)
    half_widths = np.linspace(-5, 5, 81)
    phase = half_widths * float(ring.ring_linewidth_phase(coupling**2)) / 2
    dynamics = RingDynamics(ring=device)
    through, drop = dynamics.outputs(dynamics.steady_amplitude(1.0, phase / TRIP), 1.0)
    passed, dropped = ring.add_drop_powers(phase, 1.0, coupling, coupling)
    excess = ring_dynamics.coupled_mode_excess(half_widths, 50.0)
    return measured(
        np.tile(half_widths, 2),
        np.concatenate([excess, -excess]),
        np.concatenate([np.abs(drop) ** 2 - dropped, np.abs(through) ** 2 - passed]),
        x="detuning / half-linewidths", y="power, mode − ring (drop below, through above 0)",
    )  # fmt: skip


@case(
    name="ring-coupled-powers",
    title="Coupled modes in steady light, over the detuning",
    formula="T_d = (4/τ₁τ₂)/(δ² + 1/τ²), T_p = (δ² + (1/τ − 2/τ₁)²)/(δ² + 1/τ²)",
    source=LITTLE,
    model="devices.RingDynamics.propagate",
    tolerance=1e-12,
    why="rounding; after 40 lifetimes e^{−40} = 4e-18 is left of the start",
)
def coupled_powers() -> Measurement:
    """Settled from the dark, one step of 40 lifetimes."""
    rates = [-np.log(x) / TRIP for x in (0.98, 0.95, 0.9)]
    total = sum(rates)
    detuning = np.linspace(-4, 4, 81) * total
    device = add_drop_ring(0.98, 0.95, 0.9, resonance_offset=-detuning / (2 * pi))
    cold = SPEED_OF_LIGHT / 1.55e-6
    trace = RingDynamics(ring=device).propagate(np.ones(1), cold, 40 / total)
    through, drop = ring.coupled_mode_powers(detuning, *rates)
    error = np.abs(np.concatenate([trace.through[0], trace.drop[0]])) ** 2
    return measured(
        np.tile(detuning / total, 2),
        np.concatenate([through, drop]),
        error,
        x="δτ",
        y="power: through, drop",
    )


@case(
    name="ring-coupled-phase",
    title="Phase of the light that coupled modes drop: later, the higher its frequency",
    formula="s_drop/s = −√T_d e^{i arctan δτ}",
    source=HAUS,
    model="devices.RingDynamics.steady_amplitude, outputs",
    tolerance=1e-12,
    why="rounding",
)
def coupled_phase() -> Measurement:
    """The error is one of fields, relative to that on resonance; drawn, their phase."""
    rates = [-np.log(x) / TRIP for x in (0.98, 0.95, 0.9)]
    detuning = np.linspace(-6, 6, 81) * sum(rates)
    device = RingDynamics(ring=add_drop_ring(0.98, 0.95, 0.9))
    _, drop = device.outputs(device.steady_amplitude(0.3, detuning), 0.3)
    phase = ring.coupled_mode_phase(detuning, *rates)
    _, power = ring.coupled_mode_powers(detuning, *rates)
    expected = -0.3 * np.sqrt(power) * np.exp(1j * phase)
    return measured(
        detuning / sum(rates),
        phase,
        np.angle(-drop),
        x="δτ",
        y="phase / rad",
        error=float(np.max(np.abs(drop - expected)) / np.max(np.abs(expected))),
    )


@case(
    name="ring-settled",
    title="Amplitude that a ring settles to, over the detuning of the light",
    formula="a = iμ₁ s/(1/τ − iδ)",
    source=HAUS,
    model="devices.RingDynamics.steady_amplitude",
    tolerance=1e-13,
    why="rounding; a mode filled for 60 lifetimes lacks e^{−60}",
)
def settled() -> Measurement:
    """Real and imaginary part: light above the resonance leads it, below it lags."""
    dynamics = RingDynamics(ring=add_drop_ring(0.98, 0.95, 0.9))
    rates = [-np.log(x) / TRIP for x in (0.98, 0.95, 0.9)]
    detuning = np.linspace(-4, 4, 81) * sum(rates)
    exact = ring.filling_mode(60 / sum(rates), detuning, sum(rates), rates[1], 2e-3)
    told = dynamics.steady_amplitude(np.sqrt(2e-3), detuning)
    scale = np.max(np.abs(exact))
    return measured(
        np.tile(detuning / sum(rates), 2),
        np.concatenate([exact.real, exact.imag]) / scale,
        np.concatenate([told.real, told.imag]) / scale,
        x="δτ",
        y="a over its peak: real, imaginary",
    )


# ------------------------------------------------------------------------------------------ in time


@case(
    name="ring-filling",
    title="Stored amplitude while a ring fills, in steps of any length",
    formula="a = iμ₁ s (e^{λt} − 1)/λ, λ = iδ − 1/τ, μ₁ = √(2/τ₁)",
    source=HAUS,
    model="devices.RingDynamics.advance",
    tolerance=1e-12,
    why="rounding of 60 exact steps",
)
def filling() -> Measurement:
    """Detuned by a linewidth, so that it rings; steps from a hundredth of a lifetime to one."""
    device = add_drop_ring(0.98, 0.95, 0.9)
    dynamics = RingDynamics(ring=device)
    rates = [-np.log(x) / TRIP for x in (0.98, 0.95, 0.9)]
    detuning = 2 * sum(rates)
    time, amplitude, state = [], [], 0j
    now = 0.0
    for dt in np.geomspace(0.01, 1.0, 60) / sum(rates) * 0.5:
        state = complex(dynamics.advance(state, np.sqrt(2e-3), detuning, dt))
        now += dt
        time.append(now)
        amplitude.append(state)
    exact = ring.filling_mode(np.array(time), detuning, sum(rates), rates[1], 2e-3)
    seen = np.array(amplitude)
    scale = np.max(np.abs(exact))
    return measured(
        np.tile(np.array(time) * 1e12, 2),
        np.concatenate([exact.real, exact.imag]) / scale,
        np.concatenate([seen.real, seen.imag]) / scale,
        x="time / ps",
        y="a over its peak: real, imaginary",
    )


@case(
    name="ring-step-exponential",
    title="One step of any length against the exponential of the mode's matrix",
    formula="(a, 1) ← exp([[iδ − 1/τ, iμ₁s], [0, 0]] dt) (a, 1)",
    source=HAUS,
    model="devices.RingDynamics.advance",
    tolerance=1e-13,
    why="rounding of the squarings behind the matrix exponential",
)
def step_exponential() -> Measurement:
    """From a thousandth of a lifetime to thirty, from a state that is not at rest."""
    dynamics, start, entering, delta = (
        RingDynamics(ring=sample_ring()),
        2e-7 - 1e-7j,
        0.1j,
        -2.2 * DECAY,
    )
    steps = np.geomspace(1e-3, 30, 46) / DECAY
    generator = np.array([[1j * delta - DECAY, 1j * np.sqrt(2 * INTO) * entering], [0, 0]])
    exact = np.array([(expm(generator * dt) @ [start, 1.0])[0] for dt in steps])
    found = np.asarray(dynamics.advance(start, entering, delta, steps))
    return measured(
        steps * DECAY, np.abs(exact) ** 2 * 1e15, np.abs(found) ** 2 * 1e15,
        x="dt / τ", y="|a|² / fJ",
        error=float(np.max(np.abs(found - exact)) / np.max(np.abs(exact))),
    )  # fmt: skip


@case(
    name="ring-down",
    title="Energy of a ring in the dark",
    formula="|a|² = |a₀|² e^{−2t/τ}: lifetime τ/2 = −T_R/(2 ln R)",
    source=HAUS,
    model="devices.RingDynamics.propagate, photon_lifetime",
    tolerance=1e-10,
    why="200 exact steps, each to 1e-16",
)
def ring_down() -> Measurement:
    """Filled, then dark; and what the device tells of its lifetime."""
    device = add_drop_ring(0.99, 0.95, 0.93)
    dynamics = RingDynamics(ring=device)
    lifetime = float(ring.photon_lifetime(0.99 * 0.95 * 0.93, TRIP))
    filled = dynamics.propagate(np.ones(1), device.resonance_frequency, 50 * lifetime).state
    dt = lifetime / 20
    drop = dynamics.propagate(np.zeros(60), device.resonance_frequency, dt, filled).drop
    power = np.abs(drop) ** 2
    power = power / power[0]
    time = np.arange(60) * dt
    told = np.exp(-time / float(np.asarray(dynamics.photon_lifetime)))
    return measured(
        np.tile(time / lifetime, 2),
        np.tile(np.exp(-time / lifetime), 2),
        np.concatenate([power, told]),
        x="time over the photon lifetime",
        y="energy over that at the start",
    )


@case(
    name="ring-energy-balance",
    title="Energy balance of a ring that fills",
    formula="d|a|²/dt = |s|² − |s_thru|² − |s_drop|² − (2/τ₀)|a|²",
    source=HAUS,
    model="devices.RingDynamics.outputs",
    tolerance=1e-12,
    why="rounding; ȧ is that of the filling mode, differentiated by hand",
)
def energy_balance() -> Measurement:
    """The state of a filling ring and its slope in closed form, the outputs of the device."""
    device = add_drop_ring(0.98, 0.95, 0.9)
    rates = [-np.log(x) / TRIP for x in (0.98, 0.95, 0.9)]
    detuning, total = 1.5 * sum(rates), sum(rates)
    time = np.linspace(0.02, 6, 60) / total
    a = ring.filling_mode(time, detuning, total, rates[1], 1.0)
    slope = 1j * np.sqrt(2 * rates[1]) * np.exp((1j * detuning - total) * time)
    through, drop = RingDynamics(ring=device).outputs(a, 1.0)
    budget = 1.0 - np.abs(through) ** 2 - np.abs(drop) ** 2 - 2 * rates[0] * np.abs(a) ** 2
    return measured(
        time * total, 2 * np.real(a.conj() * slope), budget, x="time / τ", y="d|a|²/dt / W"
    )


@case(
    name="ring-energy-books",
    title="Stored energy, and the books of all that came and went",
    formula="|a(t)|² = ∫ (|s|² − |s_thru|² − |s_drop|² − (2/τ₀)|a|²) dt",
    source=HAUS,
    model="devices.RingDynamics.advance, outputs",
    tolerance=1e-12,
    why="rounding of 40 steps; Gauss's rule of 12 points is exact to 1e-20 on them",
)
def energy_books() -> Measurement:
    """A detuned ring under an input that jumps at random from step to step."""
    dynamics, dt = RingDynamics(ring=sample_ring()), 0.7 / DECAY
    rng = np.random.default_rng(19)
    drive = 0.03 * (rng.normal(size=40) + 1j * rng.normal(size=40))
    nodes, weights = np.polynomial.legendre.leggauss(12)
    amplitude, booked, stored, books = 0j, 0.0, [], []
    for entering in drive:
        inside = dynamics.advance(amplitude, entering, 1.3 * DECAY, dt * (1 + nodes) / 2)
        through, drop = dynamics.outputs(inside, entering)
        kept = np.abs(entering) ** 2 - np.abs(through) ** 2 - np.abs(drop) ** 2
        booked += dt / 2 * float(weights @ (kept - 2 * LOST * np.abs(inside) ** 2))
        amplitude = complex(dynamics.advance(amplitude, entering, 1.3 * DECAY, dt))
        books.append(booked)
        stored.append(abs(amplitude) ** 2)
    time = dt * np.arange(1, 41)
    return measured(
        time * 1e12, np.array(books) * 1e15, np.array(stored) * 1e15, x="t / ps", y="|a|² / fJ"
    )
