"""Amplifiers that tire and lasers: the devices' dynamics, energy and noise."""

import numpy as np
import pytest

from circuits import CircuitError
from devices import Amplifier, Laser
from tests.circuits.active_settings import CARRIER, alone, run

DT = 5e-12
SOA = {"small_signal_gain_db": 15.0, "saturation_power": 5e-3, "time_constant": 2e-10}


def test_a_semiconductor_amplifier_is_the_device():
    rng = np.random.default_rng(0)
    light = np.sqrt(2e-3 * np.repeat(rng.integers(0, 2, 20), 10)) * np.exp(0.3j)
    found = run("semiconductor_amplifier", {"in0": light}, DT, **SOA)["out0"]
    np.testing.assert_allclose(found, Amplifier(**SOA).amplify(light, DT), rtol=1e-12)


def test_its_gain_comes_back_in_a_lifetime():
    """Behind a strong pulse ln G₀ − ln G falls by e in τ, as τ ḣ = h₀ − h says."""
    power = np.where(np.arange(400) < 10, 0.2, 1e-15)
    found = run("semiconductor_amplifier", {"in0": np.sqrt(power)}, DT, **SOA)["out0"]
    missing = np.log(Amplifier(**SOA).small_signal_gain) - np.log(np.abs(found) ** 2 / power)
    after = missing[20:200]
    rate = -np.polyfit(DT * np.arange(180), np.log(after), 1)[0]
    assert missing[9] > 2.0
    # Light that probes a hundred-billionth of P_sat, steps of the fourth order.
    assert rate == pytest.approx(1 / SOA["time_constant"], rel=1e-6)


def test_light_that_is_added_is_stored_energy_that_is_lost():
    """P_sat (τ ḣ − h₀ + h) = −(G − 1) P, summed over time."""
    light = np.sqrt(np.where(np.arange(4000) % 100 < 50, 3e-3, 0.0))
    fine = DT / 10
    found = run("semiconductor_amplifier", {"in0": light}, fine, **SOA)["out0"]
    device = Amplifier(**SOA)
    h = np.log(device.gain_trace(light**2, fine))
    full = np.log(device.small_signal_gain)
    gained = fine * np.sum(np.abs(found) ** 2 - light**2)
    stored = SOA["saturation_power"] * (
        SOA["time_constant"] * (full - h[-1]) + fine * np.sum(full - h)
    )
    # Sums by rectangles of τ/400: a first-order error of that size.
    assert gained == pytest.approx(stored, rel=5e-3)


def test_both_directions_share_one_gain():
    light = np.full(400, np.sqrt(2e-3))
    alone_gain = run("semiconductor_amplifier", {"in0": light}, DT, **SOA)["out0"]
    shared = run("semiconductor_amplifier", {"in0": light, "out0": light}, DT, **SOA)
    np.testing.assert_allclose(shared["out0"], shared["in0"], rtol=1e-14)
    expected = Amplifier(**SOA).gain(4e-3)
    assert np.abs(shared["out0"][-1]) ** 2 / 2e-3 == pytest.approx(expected, rel=1e-4)
    assert np.abs(alone_gain[-1]) > np.abs(shared["out0"][-1])


def test_spontaneous_emission_has_the_devices_density():
    settings = SOA | {"noise_figure_db": 6.0}
    dark = {"in0": np.zeros((4, 10_000))}
    found = run("semiconductor_amplifier", dark, DT, seed=3, **settings)["out0"]
    device = Amplifier(**settings)
    expected = device.emission_density(device.small_signal_gain) / DT
    # Mean of 40,000 exponentially distributed powers.
    assert np.mean(np.abs(found) ** 2) == pytest.approx(expected, rel=4 / np.sqrt(40_000))
    silent = run("semiconductor_amplifier", dark, DT, seed=3, emission=False, **settings)
    assert not silent["out0"].any()


def test_an_erbium_amplifier_rests_where_the_average_power_holds_it():
    settings = {"small_signal_gain_db": 25.0, "saturation_power": 8e-3}
    device = Amplifier.edfa(**settings)
    bits = np.sqrt(np.repeat([0.0, 2e-3] * 20, 5))  # 1 mW on average
    found = run("erbium_amplifier", {"in0": bits}, DT, average_power=1e-3, **settings)
    # The gain moves by dt/τ = 5e-10 of itself a sample.
    expected = np.sqrt(device.gain(1e-3)) * bits
    np.testing.assert_allclose(found["out0"], expected, rtol=1e-6)
    np.testing.assert_array_equal(found["in0"], 0.0)
    backward = run("erbium_amplifier", {"out0": bits}, DT, average_power=1e-3, **settings)
    assert not backward["in0"].any()
    matrix = alone("erbium_amplifier", average_power=1e-3, **settings).scattering(
        frequency=[CARRIER]
    )
    assert np.abs(matrix[0, 1, 0]) ** 2 == pytest.approx(device.gain(1e-3), rel=1e-12)


def shine(n, seed=None, rows=1, **settings):
    dark = {"out0": np.zeros((rows, n))}
    return run("laser", dark, DT, seed=seed, **settings)["out0"]


def test_a_laser_is_steady_without_noise():
    found = shine(5, power=2e-3, phase=0.7, linewidth=1e9, rin_db=-120.0)
    np.testing.assert_allclose(found, np.sqrt(2e-3) * np.exp(0.7j), rtol=1e-14)


def test_a_lasers_phase_walks_as_its_linewidth_says():
    linewidth, n = 1e8, 20_000
    phase = np.unwrap(np.angle(shine(n, seed=2, rows=4, linewidth=linewidth)))
    steps = np.diff(phase)
    expected = Laser(linewidth=linewidth).phase_variance(DT)
    assert np.var(steps) == pytest.approx(expected, rel=4 * np.sqrt(2 / steps.size))
    # A walk: steps know nothing of one another.
    along = np.mean(steps[:, 1:] * steps[:, :-1]) / expected
    assert abs(along) < 4 / np.sqrt(steps.size)


def test_a_lasers_power_flickers_by_its_rin():
    n = 40_000
    power = np.abs(shine(n, seed=2, power=3e-3, rin_db=-130.0)) ** 2
    expected = Laser(rin_db=-130.0).intensity_variance(1 / DT)  # 0.01: first order does
    assert np.var(power / 3e-3) == pytest.approx(expected, rel=4 * np.sqrt(2 / n) + expected)


@pytest.mark.parametrize(
    ("name", "settings", "match"),
    [
        ("semiconductor_amplifier", {"kind": "edfa"}, "kind must be 'soa' .*'erbium_amplifier'"),
        ("erbium_amplifier", {"kind": "soa"}, "kind must be 'edfa' .*'semiconductor_amplifier'"),
        ("erbium_amplifier", {"average_power": -1.0}, "average_power must be ≥ 0"),
        ("laser", {"power": 0.0}, "power must be > 0"),
    ],
)
def test_errors_name_what_would_be_right(name, settings, match):
    with pytest.raises(CircuitError, match=match):
        alone(name, **settings)
