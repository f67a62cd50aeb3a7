"""Electrical parts: each does what its one line says."""

import numpy as np
import pytest

from circuits import CircuitError
from devices import ElectricalNonlinearity
from tests.circuits.active_settings import alone, run

DT = 1e-11
X = np.linspace(-2.0, 2.0, 41)


def test_a_cable_delays_without_a_phase():
    found = run("cable", {"in0": X}, DT, delay=5 * DT, loss_db=6.0)["out0"]
    assert found.dtype == np.float64
    np.testing.assert_allclose(found[5:], 10**-0.3 * X[:-5], rtol=1e-14)
    np.testing.assert_array_equal(found[:5], 0.0)


def test_a_low_pass_answers_a_step_and_a_sine():
    edge = 2e9
    step = run("low_pass", {"in0": np.ones(41)}, DT, bandwidth=edge)["out0"]
    end = DT * np.arange(1, 42)
    np.testing.assert_allclose(step, 1 - np.exp(-2 * np.pi * edge * end), rtol=1e-13)
    response = alone("low_pass", bandwidth=edge).scattering(frequency=[1e3, edge])[:, 1, 0]
    np.testing.assert_allclose(response, [1.0, 1 / (1 - 1j)], rtol=1e-6)
    np.testing.assert_array_equal(run("low_pass", {"in0": X}, DT, bandwidth=np.inf)["out0"], X)


def test_gain_sum_product_bias_and_two_ways():
    assert np.array_equal(run("electrical_gain", {"in0": X}, DT, gain=-2.0)["out0"], -2 * X)
    total = run("adder", {"in0": X, "in1": X**2}, DT, gain0=0.5, gain1=-1.0)["out0"]
    np.testing.assert_allclose(total, 0.5 * X - X**2, rtol=1e-14)
    product = run("mixer", {"in0": X, "in1": X[::-1]}, DT, gain=3.0)["out0"]
    np.testing.assert_allclose(product, 3 * X * X[::-1], rtol=1e-14)
    np.testing.assert_array_equal(run("bias", {"in0": X}, DT, level=0.25)["out0"], X + 0.25)
    both = run("fanout", {"in0": X}, DT, gain=0.5)
    np.testing.assert_array_equal([both["out0"], both["out1"]], [X / 2, X / 2])


@pytest.mark.parametrize(
    "function", ["tanh", "hard_tanh", "sigmoid", "clipped_relu", "relu", "linear"]
)
def test_the_devices_functions(function):
    found = run("nonlinearity", {"in0": X}, DT, function=function, scale=1.5, slope=0.7)["out0"]
    expected = 1.5 * ElectricalNonlinearity(function=function).apply(0.7 * X)
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize(
    ("function", "f"),
    [
        ("mackey_glass", lambda v: v / (1 + np.abs(v) ** 3)),
        ("sine_squared", lambda v: np.sin(v) ** 2),
        ("power", lambda v: np.maximum(v, 0) ** 3),
    ],
)
def test_functions_of_their_own(function, f):
    settings = {"scale": 1.5, "slope": 0.7, "offset": 0.2, "exponent": 3.0}
    found = run("nonlinearity", {"in0": X}, DT, function=function, **settings)["out0"]
    np.testing.assert_allclose(found, 1.5 * f(0.7 * X + 0.2), rtol=1e-13, atol=1e-16)


def test_a_source_repeats_its_levels():
    circuit = alone("electrical_source", levels=[1.0, -0.5, 2.0], slot_duration=2 * DT)
    found = circuit.transient({"out0": np.zeros(8)}, dt=DT, frequency=2e14).outputs["out0"]
    np.testing.assert_array_equal(found, [1, 1, -0.5, -0.5, 2, 2, 1, 1])


def test_a_sources_noise_has_its_density():
    density, n = 4e-12, 40_000
    circuit = alone("electrical_source", levels=0.5, noise_density=density)
    found = circuit.transient({"out0": np.zeros(n)}, dt=DT, frequency=2e14, seed=1).outputs["out0"]
    assert np.var(found) == pytest.approx(density / (2 * DT), rel=4 * np.sqrt(2 / n))
    assert np.mean(found) == pytest.approx(0.5, abs=4 * np.sqrt(density / (2 * DT) / n))


@pytest.mark.parametrize(
    ("name", "settings", "match"),
    [
        ("nonlinearity", {"function": "cube"}, "function must be one of arcsine, .* got 'cube'"),
        ("nonlinearity", {"function": "linear", "offset": 0.1}, "offset must be 0 for .*'bias'"),
        ("electrical_source", {"levels": []}, "levels must be one finite number or a list"),
        ("electrical_source", {"levels": [np.nan]}, "levels must be one finite number or a list"),
        ("cable", {"delay": -1e-9}, "delay must be ≥ 0"),
        ("low_pass", {"bandwidth": 0.0}, "bandwidth must be > 0"),
    ],
)
def test_errors_say_what_would_be_right(name, settings, match):
    with pytest.raises(CircuitError, match=match):
        alone(name, **settings)
