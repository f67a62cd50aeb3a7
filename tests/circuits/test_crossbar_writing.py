"""Junctions read and written one by one, against all combinations and the statistics of pulses."""

import itertools

import numpy as np
import pytest

from circuits import CrossbarBank
from circuits.crossbar_writing import (
    conductances,
    draw_junctions,
    level_pattern,
    nearest_pattern,
)
from devices import TunnelJunctionCrossbar


def device(**changes):
    return TunnelJunctionCrossbar(line_resistance=0.0, **changes)


def differences(junction, pattern, junctions):
    positive, negative = conductances(junction, pattern, junctions)
    return positive - negative


def test_junctions_add_up_to_the_chip_they_belong_to():
    junction = device(conductance_spread=0.1, junctions=5)
    crossbar = CrossbarBank(junction=junction)
    errors = crossbar.draw(2, 30, seed=1)
    junctions = draw_junctions(junction, errors.scatter, 2)
    full = np.stack([np.ones((2, 30, 30)), np.zeros((2, 30, 30))])  # all of G⁺, none of G⁻
    cells = conductances(junction, np.repeat(full[..., None], 5, axis=-1) > 0, junctions)
    np.testing.assert_allclose(cells, crossbar.realise(full[0], errors).cells, atol=1e-13)
    # Each scatters on its own, 18,000 of them: 4σ of a standard deviation and of a correlation.
    assert np.std(junctions) == pytest.approx(0.1, rel=4 / np.sqrt(2 * junctions.size))
    pair = np.mean((junctions[..., 0] - 1) * (junctions[..., 1] - 1)) / 0.01
    assert abs(pair) < 4 / np.sqrt(junctions[..., 0].size)


def test_levels_count_their_junctions():
    junction = device(junctions=3)
    weights = np.array([[[1.0, -0.7], [0.1, 0.2]]])
    pattern = level_pattern(junction, weights)
    np.testing.assert_array_equal(pattern.sum(axis=-1)[0], [[[3, 0], [0, 1]]])
    np.testing.assert_array_equal(pattern.sum(axis=-1)[1], [[[0, 2], [0, 0]]])
    found = differences(junction, pattern, np.ones(pattern.shape))
    np.testing.assert_allclose(found, junction.quantise(weights), atol=1e-15)


def test_the_nearest_combination_comes_near_the_best_of_all():
    junction = device(conductance_spread=0.1, junctions=4)
    scatter = np.random.default_rng(3).normal(size=(2, 1, 12, 12))
    junctions = draw_junctions(junction, scatter, 4)
    weights = np.random.default_rng(5).uniform(-0.9, 0.9, size=(1, 12, 12))
    pattern = nearest_pattern(junction, weights, junctions)
    assert np.min(pattern.sum(axis=-1), axis=0).max() <= 1  # one at most against the weight
    off = np.abs(differences(junction, pattern, junctions) - weights)
    blind = np.abs(differences(junction, level_pattern(junction, weights), junctions) - weights)
    assert np.all(off <= blind + 1e-15)
    choices = [p for p in itertools.product([False, True], repeat=8)
               if min(sum(p[:4]), sum(p[4:])) <= 1]  # fmt: skip
    best = np.full(weights.shape, np.inf)
    for choice in choices:
        one = np.broadcast_to(np.reshape(choice, (2, 1, 1, 1, 4)), junctions.shape)
        best = np.minimum(best, np.abs(differences(junction, one, junctions) - weights))
    assert np.all(off >= best - 1e-12)
    # Exchanging two at a time finds the best of 112 combinations for most weights.
    assert np.mean(off <= best + 1e-12) > 0.6
    assert np.sqrt(np.mean(off**2)) < 1.2 * np.sqrt(np.mean(best**2))
    assert np.sqrt(np.mean(off**2)) < 0.5 * np.sqrt(np.mean(blind**2))


def test_without_scatter_nothing_is_nearer_than_the_level():
    junction = device()
    weights = np.random.default_rng(6).uniform(-1, 1, size=(2, 70, 70))  # more than one chunk
    pattern = nearest_pattern(junction, weights, np.ones((2, *weights.shape, 7)))
    found = differences(junction, pattern, np.ones(pattern.shape))
    np.testing.assert_allclose(found, junction.quantise(weights), atol=1e-12)
    off = np.std(found - weights)
    # Δ/√12 with Δ = 1/7, from 9,800 weights: kurtosis 1.8, so a standard deviation to 0.45 %.
    assert off == pytest.approx(1 / 7 / np.sqrt(12), rel=0.02)
