"""Coupled-mode rings: ring-down, energy, and the ring of couplers and lines near resonance."""

import numpy as np
import pytest

from circuits.components import build_component
from devices import AddDropRing, AllPassRing, RingDynamics
from tests.circuits.active_settings import alone

COUPLED = {"input_self_coupling": 0.98, "drop_self_coupling": 0.985, "propagation_loss_db": 500.0}
PAIRS = [
    ("coupled_mode_ring", "add_drop_ring", AddDropRing, COUPLED),
    ("coupled_mode_all_pass_ring", "all_pass_ring", AllPassRing, {"self_coupling": 0.97}),
]


@pytest.mark.parametrize(("name", "exact", "device", "settings"), PAIRS)
def test_near_resonance_it_is_the_ring_of_couplers(name, exact, device, settings):
    ring = device(**settings)
    rate = RingDynamics(ring=ring).decay_rate
    trip = ring.round_trip_time
    offset = np.linspace(-3, 3, 61) * rate  # rad/s, three half-widths either way
    light = ring.resonance_frequency + offset / (2 * np.pi)
    mode = build_component("u", name, settings).scattering(light)
    whole = build_component("u", exact, settings).scattering(light)
    error = np.abs(mode - whole).max(axis=(1, 2))
    # Of the round trips' 1/(1 − e^{−x}) = 1/x + 1/2 + x/12 …, x = (γ − iδ) T_R, it has the first.
    assert np.all(error < ((rate + np.abs(offset)) * trip) ** 2 / 12)
    assert np.ptp(np.abs(whole[:, 1, 0])) > 0.1


@pytest.mark.parametrize(("name", "exact", "device", "settings"), PAIRS)
def test_ports_and_directions_are_those_of_the_composition(name, exact, device, settings):
    mode, whole = (build_component("u", it, settings) for it in (name, exact))
    assert mode.ports == whole.ports
    light = np.array([device(**settings).resonance_frequency])
    np.testing.assert_array_equal(mode.scattering(light) != 0, whole.scattering(light) != 0)
    assert mode.parameters == whole.parameters


def test_a_ring_rings_down_in_its_lifetime():
    settings = COUPLED | {"tuning": 3e9}
    ring = AddDropRing(**settings)
    dynamics = RingDynamics(ring=ring)
    lifetime = dynamics.photon_lifetime
    dt = lifetime / 200
    light = np.where(np.arange(2000) < 1000, 1.0, 0.0)
    frequency = float(ring.resonance_frequency)
    trace = alone("coupled_mode_ring", **settings).transient(
        {"in": light}, dt=dt, frequency=frequency
    )
    power = trace.power("drop")
    falling = -np.polyfit(dt * np.arange(900), np.log(power[1001:1901]), 1)[0]
    # Bilinear samples of e^{−γ dt}, γ dt = 1/400: (γ dt)²/12 = 5e-7.
    assert 1 / falling == pytest.approx(lifetime, rel=1e-6)
    through, drop = dynamics.outputs(dynamics.steady_amplitude(1.0, 0.0), 1.0)
    filled = 1 - np.exp(-999.5 * dt * dynamics.decay_rate)  # a sample acts over its length
    assert trace.outputs["drop"][999] == pytest.approx(drop * filled, rel=1e-6)
    assert trace.outputs["through"][999] == pytest.approx(1 - (1 - through) * filled, rel=1e-6)


def test_a_lossless_ring_keeps_all_energy():
    """What goes in comes out by all ports, over 10⁴ samples of a burst and its ring-down."""
    settings = COUPLED | {"propagation_loss_db": 0.0}
    ring = AddDropRing(**settings)
    dt = RingDynamics(ring=ring).photon_lifetime / 20
    rng = np.random.default_rng(0)
    light = np.zeros(10_000, dtype=complex)
    light[:2000] = rng.normal(size=2000) + 1j * rng.normal(size=2000)
    trace = alone("coupled_mode_ring", **settings).transient(
        {"in": light}, dt=dt, frequency=float(ring.resonance_frequency)
    )
    out = sum(np.sum(trace.power(port)) for port in ("through", "drop"))
    assert out == pytest.approx(np.sum(np.abs(light) ** 2), rel=1e-12)
