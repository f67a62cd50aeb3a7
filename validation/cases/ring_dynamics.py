"""Rings in time: books of energy, steps of any length, round trips, and light that is strong."""

from math import pi

import numpy as np
from scipy.linalg import expm

from circuits import RingMemory, RingWeightBank
from devices import AddDropRing, RingDynamics, RingNonlinearity, RingState
from validation.case import Measurement, Reals, case, measured
from validation.closed_forms import ring, ring_dynamics
from validation.closed_forms.values import SPEED_OF_LIGHT

BOGAERTS = "Bogaerts et al., Laser Photon. Rev. 6, 47 (2012)"
HAUS = "Haus, Waves and Fields in Optoelectronics (1984)"
LITTLE = "Little et al., J. Lightwave Technol. 15, 998 (1997)"
JOHNSON = "Johnson, Borselli, Painter, Opt. Express 14, 817 (2006)"
DE_CEA = "de Cea, Atabaki, Ram, Opt. Express 27, 24274 (2019)"
SOREF = "Soref, Bennett, IEEE J. Quantum Electron. 23, 123 (1987)"

LENGTH, INDEX, WAVELENGTH = 60e-6, 4.0, 1.55e-6
TRIP = INDEX * LENGTH / SPEED_OF_LIGHT
CARRIER = SPEED_OF_LIGHT / WAVELENGTH
KEPT, FIRST, SECOND = 0.992, 0.98, 0.97
"""a, r₁ and r₂ of the ring of this module: a finesse of 50."""

LOST, INTO, ACROSS = (
    float(ring_dynamics.coupled_mode_rate(x, TRIP)) for x in (KEPT, FIRST, SECOND)
)
"""1/τ₀, 1/τ₁ and 1/τ₂."""

DECAY = LOST + INTO + ACROSS


def _ring(offset: Reals | float = 0.0) -> AddDropRing:
    """The ring, its resonance `offset` (rad/s) above the carrier."""
    return AddDropRing(
        length=LENGTH, group_index=INDEX, propagation_loss_db=-20 * np.log10(KEPT) / LENGTH,
        input_self_coupling=FIRST, drop_self_coupling=SECOND,
        resonance_offset=np.asarray(offset) / (2 * pi),
    )  # fmt: skip


# ------------------------------------------------------------------------------------ linear rings


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
    dynamics, dt = RingDynamics(ring=_ring()), 0.7 / DECAY
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
    dynamics, start, entering, delta = RingDynamics(ring=_ring()), 2e-7 - 1e-7j, 0.1j, -2.2 * DECAY
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
    device = AddDropRing(
        length=LENGTH, group_index=INDEX, propagation_loss_db=0.0,
        input_self_coupling=coupling, drop_self_coupling=coupling,
    )  # fmt: skip
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
    bank, setting, slots, trips = RingWeightBank(ring=_ring()), 1.4, 40, 3
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
    return measured(
        np.tile(time, 2),
        np.concatenate([dropped, passed]),
        np.concatenate([total + difference, total - difference]) / 2,
        x="t / ps", y="power: drop, through",
    )  # fmt: skip


# ------------------------------------------------------------------------------------ strong light

TWO_PHOTON, TWO_PHOTON_SHARE, TWO_PHOTON_VOLUME = 8.4e-12, 0.91, 1.06e-17
MADE_SHARE, MADE_VOLUME, CROSS_SECTION, CARRIERS_LIVE = 0.96, 8.7e-18, 1.45e-21, 1e-10
HEATING_SHARE, HEATED_SHARE, HEATED_VOLUME, HEAT_STAYS = 0.6, 0.65, 1e-17, 4e-10
SILICON = 3.485


def _material(**fields: float) -> RingNonlinearity:
    """Silicon whose heat leaves about as fast as its carriers, so that both soon settle."""
    values = {
        "two_photon_coefficient": TWO_PHOTON,
        "two_photon_confinement": TWO_PHOTON_SHARE,
        "two_photon_volume": TWO_PHOTON_VOLUME,
        "carrier_confinement": MADE_SHARE,
        "carrier_volume": MADE_VOLUME,
        "carrier_cross_section": CROSS_SECTION,
        "carrier_lifetime": CARRIERS_LIVE,
        "absorbed_share": HEATING_SHARE,
        "heat_confinement": HEATED_SHARE,
        "heated_volume": HEATED_VOLUME,
        "thermal_lifetime": HEAT_STAYS,
        "refractive_index": SILICON,
    }
    return RingNonlinearity(**(values | fields))


def _settled(offset: Reals, power: Reals, material: RingNonlinearity, time: float) -> RingState:
    """What rings store after `time` in steady light, one ring a point, from empty and cold."""
    dynamics = RingDynamics(ring=_ring(offset), nonlinearity=material)
    return dynamics.propagate(np.sqrt(power)[None], CARRIER, time).state


@case(
    name="ring-strong-light",
    title="Power that holds a silicon ring's energy: pairs, carriers and heat at once",
    formula="P = U((δ−Δω)² + γ²/4)τ₁/2, γ = 2/τ + Γβc²U/(n_g²V) + σcN/n_g, "
    "N = τ_fc Γβc²U²/(2hν n_g²V²), Δω = −(ω/n)(dn/dT ΔT + Δn(N))",
    source=f"{JOHNSON}; {DE_CEA}",
    model="devices.RingDynamics.propagate",
    tolerance=1e-9,
    why="30 lifetimes of the heat, e^{−30} = 1e-13, which near the bend relaxes a third as fast",
)
def strong_light() -> Measurement:
    """Up to 80 mW at half a linewidth below resonance; the formula of the energy that settled."""
    power = np.linspace(1e-3, 80e-3, 40)
    delta = -0.8 * DECAY
    state = _settled(np.full(40, -delta), power, _material(), 30 * HEAT_STAYS)
    energy = np.abs(state.amplitude) ** 2
    pairs = ring_dynamics.two_photon_rate(
        energy, TWO_PHOTON, TWO_PHOTON_SHARE, TWO_PHOTON_VOLUME, INDEX
    )
    carriers = ring_dynamics.steady_carriers(
        energy, CARRIERS_LIVE, TWO_PHOTON, MADE_SHARE, MADE_VOLUME, INDEX, WAVELENGTH
    )
    absorbed = ring_dynamics.carrier_rate(carriers, CROSS_SECTION, INDEX)
    heat = (2 * LOST * HEATING_SHARE + pairs + absorbed) * energy
    warmth = ring_dynamics.steady_warmth(heat, HEAT_STAYS, HEATED_SHARE, HEATED_VOLUME)
    shift = ring_dynamics.silicon_shift(carriers, warmth, WAVELENGTH, SILICON)
    holding = ring_dynamics.holding_power(energy, delta - shift, 2 * DECAY + pairs + absorbed, INTO)
    return measured(energy * 1e15, holding * 1e3, power * 1e3, x="U / fJ", y="P / mW")


@case(
    name="ring-thermal-tilt",
    title="A resonance that its own light warms leans towards the red",
    formula="U((δ + ηU)² + 1/τ²) = 2P/τ₁, η = (ω/n)(dn/dT) τ_th Γ γ_abs/(ρ c_p V)",
    source=DE_CEA,
    model="devices.RingDynamics.propagate",
    tolerance=1e-9,
    why="80 lifetimes of the heat, which on the steep side relaxes at a third of its rate: e^{−27}",
)
def thermal_tilt() -> Measurement:
    """Linear absorption alone, at two thirds of the power at which the cubic has three roots."""
    material = _material(two_photon_coefficient=0.0, carrier_cross_section=0.0)
    per_energy = ring_dynamics.steady_warmth(
        2 * LOST * HEATING_SHARE, HEAT_STAYS, HEATED_SHARE, HEATED_VOLUME
    )
    tilt = -float(ring_dynamics.silicon_shift(0.0, per_energy, WAVELENGTH, SILICON))
    power = 1.0 * DECAY**3 / (2 * INTO * tilt)  # from 8/√27 = 1.54 on there are three roots
    detuning = np.linspace(-5, 4, 61) * DECAY
    expected = ring_dynamics.tilted_energy(detuning, tilt, 2 * DECAY, INTO, power)
    state = _settled(-detuning, np.full(61, power), material, 80 * HEAT_STAYS)
    return measured(
        detuning / DECAY, expected * 1e15, np.abs(state.amplitude) ** 2 * 1e15,
        x="δτ", y="U / fJ",
    )  # fmt: skip


@case(
    name="ring-two-photon-decay",
    title="Ring-down that starts by absorption in pairs",
    formula="U = γU₀e^{−γt}/(γ + γ₂U₀(1 − e^{−γt})), γ₂ = Γβc²/(n_g²V)",
    source=JOHNSON,
    model="devices.RingDynamics.propagate",
    tolerance=2e-7,
    why="second order in steps of a thousandth of the fastest lifetime: 1e-6/12, twice",
)
def two_photon_decay() -> Measurement:
    """At first two pairs are lost for each photon that leaks."""
    material = _material(carrier_cross_section=0.0)
    per_energy = float(
        ring_dynamics.two_photon_rate(1.0, TWO_PHOTON, TWO_PHOTON_SHARE, TWO_PHOTON_VOLUME, INDEX)
    )
    energy = 3 * 2 * DECAY / per_energy
    dt = 0.05 / (2 * DECAY)
    start = RingState(np.array(np.sqrt(energy) + 0j), np.array(0.0), np.array(0.0))
    dynamics = RingDynamics(ring=_ring(), nonlinearity=material)
    trace = dynamics.propagate(np.zeros(60), CARRIER, dt, start, substeps=200)
    time = dt * np.arange(1, 61)
    expected = ring_dynamics.two_photon_ring_down(time, energy, 2 * DECAY, per_energy)
    stored = np.abs(trace.drop) ** 2 / (2 * ACROSS)
    return measured(
        time * 1e12, expected * 1e12, stored * 1e12, x="t / ps", y="U / pJ",
        error=float(np.max(np.abs(stored / expected - 1))),
    )  # fmt: skip


@case(
    name="ring-dark-relaxation",
    title="Carriers and heat that light has left behind",
    formula="N = N₀e^{−t/τ_fc}, ΔT = T₀e^{−t/τ_th}",
    source=DE_CEA,
    model="devices.RingDynamics.propagate",
    tolerance=1e-12,
    why="rounding of 800 exact steps",
)
def dark_relaxation() -> Measurement:
    """In the dark they know nothing of each other; each over its start."""
    dynamics, dt = RingDynamics(ring=_ring(), nonlinearity=_material()), 2e-11
    state = RingState(np.array(0j), np.array(3e22), np.array(2.5))
    time, carriers, warmth = dt * np.arange(1, 41), [], []
    for _ in time:
        state = dynamics.propagate(np.zeros(1), CARRIER, dt, state).state
        carriers.append(float(state.carriers) / 3e22)
        warmth.append(float(state.warmth) / 2.5)
    expected = np.concatenate([np.exp(-time / CARRIERS_LIVE), np.exp(-time / HEAT_STAYS)])
    return measured(
        np.tile(time * 1e9, 2), expected, carriers + warmth, x="t / ns", y="N/N₀, ΔT/T₀"
    )


@case(
    name="ring-carrier-absorption",
    title="Loss of a ring that is full of carriers",
    formula="γ = Δα c/n_g, Δα = (8.5 + 6.0)·10⁻¹⁸ N per cm, N per cm³",
    source=SOREF,
    model="devices.RingNonlinearity.carrier_rate_per_density",
    tolerance=1e-13,
    why="rounding of four products",
)
def carrier_absorption() -> Measurement:
    """What the published fits absorb per length, at the speed of the light in the ring."""
    count = np.geomspace(1e15, 1e18, 31)
    per_metre = (8.5e-18 + 6.0e-18) * count * 100
    expected = per_metre * SPEED_OF_LIGHT / INDEX
    rate = RingNonlinearity().carrier_rate_per_density(INDEX) * count * 1e6
    return measured(count, expected / 1e9, rate / 1e9, x="N / cm^{−3}", y="γ / 10^9 s^{−1}")
