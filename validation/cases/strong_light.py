"""Light that changes the ring it is in: absorption in pairs, free carriers, heat."""

from math import pi

import numpy as np

from devices import RingDynamics, RingNonlinearity, RingState
from validation.case import Measurement, Reals, case, measured
from validation.cases.sample_rings import (
    ACROSS,
    CARRIER,
    DECAY,
    INDEX,
    INTO,
    LOST,
    WAVELENGTH,
    sample_ring,
)
from validation.closed_forms import ring, ring_dynamics
from validation.closed_forms.values import SPEED_OF_LIGHT

JOHNSON = "Johnson, Borselli, Painter, Opt. Express 14, 817 (2006)"
DE_CEA = "de Cea, Atabaki, Ram, Opt. Express 27, 24274 (2019)"
SOREF = "Soref, Bennett, IEEE J. Quantum Electron. 23, 123 (1987)"

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
    dynamics = RingDynamics(ring=sample_ring(offset), nonlinearity=material)
    return dynamics.propagate(np.sqrt(power)[None], CARRIER, time).state


# ----------------------------------------------------------------------------- what a material does


@case(
    name="ring-two-photon",
    title="Two-photon absorption: every pair of photons lost is a pair of carriers",
    formula="P_TPA = 2hν · V · dN/dt (Γ = 1, one volume)",
    source="Johnson et al., Opt. Express 14, 817 (2006)",
    model="devices.RingNonlinearity.two_photon_rate, carrier_generation",
    tolerance=1e-12,
    why="rounding of a dozen products",
)
def two_photon() -> Measurement:
    """From the energy that is lost to the carriers that are made."""
    material = RingNonlinearity(
        two_photon_confinement=1.0,
        carrier_confinement=1.0,
        two_photon_volume=5e-18,
        carrier_volume=5e-18,
    )
    energy = np.geomspace(1e-15, 1e-12, 40)
    lost = np.asarray(material.two_photon_rate(energy, 4.2)) * energy
    exact = ring.two_photon_carrier_generation(lost, 5e-18, 1.55e-6)
    made = material.carrier_generation(energy, 4.2, SPEED_OF_LIGHT / 1.55e-6)
    return measured(
        energy * 1e15, exact, np.asarray(made), x="stored energy / fJ", y="pairs / (m³ s)"
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
    count = np.geomspace(1e15, 4e18, 31)
    per_metre = (8.5e-18 + 6.0e-18) * count * 100
    expected = per_metre * SPEED_OF_LIGHT / INDEX
    rate = RingNonlinearity().carrier_rate_per_density(INDEX) * count * 1e6
    return measured(count, expected / 1e9, rate / 1e9, x="N / cm^{−3}", y="γ / 10^9 s^{−1}")


@case(
    name="ring-carrier-shift",
    title="Shift of a ring by free carriers",
    formula="Δω = (ω/n_Si)(8.8e-22 N + 8.5e-18 N^0.8), N per cm³",
    source="Soref, Bennett, IEEE J. Quantum Electron. 23, 123 (1987)",
    model="devices.RingNonlinearity.carrier_shift",
    tolerance=1e-13,
    why="rounding of a power and three products",
)
def carrier_shift() -> Measurement:
    """Blue with carriers, from 10¹⁴ to 10¹⁹ pairs per cm³."""
    count = np.geomspace(1e14, 1e19, 41)
    shift = RingNonlinearity().carrier_shift(count * 1e6, 1.934e14)
    index = ring.soref_bennett_index(count)
    exact = -2 * pi * 1.934e14 / 3.485 * index
    return measured(
        np.log10(count), exact / 1e9, np.asarray(shift) / 1e9, x="log₁₀ N·cm³", y="Δω / (Grad/s)",
        error=float(np.max(np.abs(shift / exact - 1))),
    )  # fmt: skip


@case(
    name="ring-warm-core",
    title="Shift of a ring that its own light warms",
    formula="Δω = −(ω/n_Si)·1.86e-4·ΔT",
    source=DE_CEA,
    model="devices.RingNonlinearity.thermal_shift",
    tolerance=1e-13,
    why="rounding of three products",
)
def warm_core() -> Measurement:
    """Red with heat."""
    warmth = np.linspace(0, 30, 31)
    shift = RingNonlinearity().thermal_shift(warmth, 1.934e14)
    exact = ring.heated_ring_shift(warmth, 1.934e14, 3.485)
    return measured(warmth, exact / 1e9, np.asarray(shift) / 1e9, x="ΔT / K", y="Δω / (Grad/s)")


# ------------------------------------------------------------------------- what becomes of the ring


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
    dynamics = RingDynamics(ring=sample_ring(), nonlinearity=material)
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
    dynamics, dt = RingDynamics(ring=sample_ring(), nonlinearity=_material()), 2e-11
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
