"""The delay reservoir: its circuit against plain python, its task, its read-out."""

import math

import numpy as np
import pytest

from examples import delay_reservoir as example
from examples.delay_reservoir import LARGE, SMALL, narma10, normalised_error, reservoir, states


@pytest.mark.parametrize("how", [SMALL, LARGE])
def test_the_circuit_is_its_equation(how):
    """One step after the other: light, fibre, detector, bias, node, inertia."""
    nodes, inputs = 7, np.random.default_rng(0).uniform(0, 0.5, 12)
    found = states(how, inputs, nodes, np.random.default_rng(1))
    mask = np.random.default_rng(1).choice([-how.swing, how.swing], nodes)
    dt = example.THETA / example.STEPS
    length = nodes * example.THETA * 299792458.0 / example.GROUP_INDEX
    passing = 10 ** (-(3.0 + 0.2e-3 * length) / 10)
    mean = 0.5 * example.POWER * passing
    slow = math.exp(-dt / example.NODE_TIME)
    fast = math.exp(-2 * math.pi * example.BANDWIDTH * dt)
    fiber = [0.0] * (nodes * example.STEPS)
    x = current = 0.0
    expected = []
    for value in inputs:
        for weight in mask:
            for _ in range(example.STEPS):
                current = fast * current + (1 - fast) * fiber.pop(0)
                v = (current - mean) * how.scale / mean + value * weight + how.offset
                f = how.feedback * v / (1 + abs(v) ** how.exponent)
                x = slow * x + (1 - slow) * f
                share = min(max(0.5 * (1 + x / how.scale), 0.0), 1.0)
                fiber.append(example.POWER * passing * share)
            expected.append(x)
    # The mean of the light is taken away from what is a part of it: a digit or two.
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-10, atol=1e-12 * how.scale)


def test_the_series_is_narma10():
    u, y = narma10(60, np.random.default_rng(0))
    assert np.all((u >= 0) & (u <= 0.5))
    for k in range(10, 59):
        total = sum(y[k - 1 - i] for i in range(10) if k - 1 - i >= 0)
        expected = 0.3 * y[k - 1] + 0.05 * y[k - 1] * total + 1.5 * u[k] * u[k - 9] + 0.1
        assert y[k] == pytest.approx(expected, rel=1e-12)


def test_the_read_out_finds_a_weighted_sum_and_invents_none():
    rng = np.random.default_rng(2)
    features = rng.normal(size=(1500, 12))
    answer, error = normalised_error(features, features @ np.arange(12.0) + 3.0, 900)
    assert error < 1e-10
    np.testing.assert_allclose(answer, features @ np.arange(12.0) + 3.0, atol=1e-8)
    _, nothing = normalised_error(features, rng.normal(size=1500), 900)
    # Twelve weights of 860 samples cost √(12/860) more than the mean does.
    assert nothing == pytest.approx(1.0, abs=0.03)


def test_without_noise_it_beats_a_shift_register_and_with_noise_it_does_not():
    _, answers, errors = example.run(1, nodes=100, n_train=700, n_test=300)
    assert all(answer.shape == (1000,) for answer in answers.values())
    assert errors["small, noise-free"] < 0.9 * errors["shift register"]
    assert errors["small, with noise"] > 1.3 * errors["shift register"]
    assert errors["large, with noise"] < errors["small, with noise"]


def test_masks_are_those_of_the_generator_and_noise_of_its_seed():
    inputs = np.full(20, 0.3)

    def drawn(seed):
        return states(LARGE, inputs, 5, np.random.default_rng(1), seed)

    np.testing.assert_array_equal(drawn(4), drawn(4))
    assert not np.array_equal(drawn(4), drawn(5))
    assert 0 < np.max(np.abs(drawn(4) - drawn(None))) < 1e-3 * LARGE.scale


def test_the_fibre_is_as_long_as_its_nodes():
    described = reservoir(400, SMALL)["instances"]["fiber"]["settings"]
    delay = described["length"] * described["group_index"] / 299792458.0
    assert delay == pytest.approx(400 * 0.2 * example.NODE_TIME, rel=1e-12)


def test_the_example_prints_and_draws(tmp_path, capsys):
    out = tmp_path / "a" / "delay.png"
    small = ["--nodes", "10", "--train", "200", "--test", "120", "--seeds", "1"]
    example.main(["--out", str(out), *small])
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("seed 0: NRMSE small, noise-free 0.")
    assert len(printed) == 6
    assert out.read_bytes().startswith(b"\x89PNG")
