"""Resonances found and weights solved, against hidden truths and the statistics of a fit."""

import numpy as np
import pytest

from circuits import RingBench, RingWeightBank, find_resonances, solve_detunings, trim_detunings
from circuits.ring_calibration import reach, turns_for
from devices import AddDropRing
from tests import naive

# A finesse of 30, so that neighbours are felt and sweeps are short.
RING = AddDropRing(
    length=2 * np.pi * 5e-6, input_self_coupling=0.95, drop_self_coupling=0.95
)  # fmt: skip
RINGS = RingWeightBank(ring=RING)
FSR = float(RING.free_spectral_range)


def fabricated(shape, seed=0, spread=FSR / 10):
    return spread * np.random.default_rng(seed).normal(size=shape)


def wrapped(frequency):
    return np.mod(frequency / FSR + 0.5, 1.0) - 0.5


def test_resonances_are_found_wherever_they_were_fabricated():
    # Spread over more than a channel of FSR/6, so that rings stand on one another's colours.
    offset = fabricated((2, 6, 6), spread=FSR / 4)
    bench = RingBench(RINGS, offset)
    found = find_resonances(bench)
    assert np.max(np.abs(found)) <= FSR / 2
    # Newton's steps end at 1e-11 half-linewidths, of some 60 to a spectral range.
    np.testing.assert_allclose(wrapped(found - offset), 0.0, atol=1e-10)


def test_two_rings_that_shadow_each_other_are_found():
    offset = np.zeros((1, 2, 2))
    offset[0, 0] = FSR / 2, -FSR / 2  # each on the other's colour, unheated
    found = find_resonances(RingBench(RINGS, offset))
    np.testing.assert_allclose(wrapped(found - offset), 0.0, atol=1e-10)


def test_steps_of_the_heaters_do_not_hide_resonances():
    rings = RingWeightBank(ring=RING, heater_bits=6)  # a step of half a linewidth
    offset = fabricated((1, 4, 4), seed=1)
    found = find_resonances(RingBench(rings, offset))
    np.testing.assert_allclose(wrapped(found - offset), 0.0, atol=1e-9)


def test_noise_moves_what_is_found_by_the_bound_of_cramer_and_rao():
    noise, offset = 2e-3, fabricated((40, 3, 3), seed=2)
    rings = RingWeightBank(ring=RING, crosstalk=False)
    bench = RingBench(rings, offset, reading_noise=noise, seed=3)
    off = wrapped(find_resonances(bench) - offset) * bench.linewidths
    # 25 readings, a twelfth of a linewidth apart, across lines of the height 1 + w_max.
    height, spacing = 1 + rings.weight_limits[1], 2 / 12
    x = np.arange(-12, 13) * spacing
    slope = -2 * x / (1 + x**2) ** 2
    sum_of_squares = np.sum(slope**2)
    assert sum_of_squares == pytest.approx(np.pi / 4 / spacing, rel=0.08)  # the tails are cut
    expected = noise / height / np.sqrt(sum_of_squares)
    # 360 rings: a standard deviation to 3.7 % (one sigma).
    assert np.std(off) == pytest.approx(expected, rel=0.15)


def test_heaters_that_step_over_lines_are_refused():
    rings = RingWeightBank(ring=RING, heater_bits=4)
    with pytest.raises(ValueError, match="heater_bits must be at least 5 to find .* got 4"):
        find_resonances(RingBench(rings, fabricated((1, 2, 2))))


def test_lines_that_no_sweep_shows_are_an_error():
    rings = RingWeightBank(ring=RING, channel_spacing=1e9)  # an eightieth of a linewidth
    with pytest.raises(ValueError, match="of 9 rings were not found: their lines stay below 20%"):
        find_resonances(RingBench(rings, np.zeros((1, 3, 3))))


def test_solved_detunings_make_the_weights_with_neighbours():
    low, high = reach(RINGS, 4)
    wanted = np.random.default_rng(4).uniform(0.6 * low, 0.6 * high, size=(2, 4, 4))
    x = solve_detunings(RINGS, wanted)
    loss, kept = RING.round_trip_transmission, 0.95
    for rows, aim in zip(x.tolist(), wanted, strict=True):
        planes = naive.ring_bank(rows, RINGS.spacing(4), FSR, loss, kept, kept, True)
        np.testing.assert_allclose(planes[0], aim, atol=1e-11)
    alone = RINGS.matrices(RINGS.detuning_for(wanted))[:, 0]
    assert np.max(np.abs(alone - wanted)) > 0.01  # what neighbours do otherwise


def test_no_ring_goes_to_another_rings_channel():
    x = solve_detunings(RINGS, np.full((1, 4, 4), -1.0), rounds=3)
    assert np.max(x) <= RINGS.spacing(4) / 2 / RINGS.half_linewidth * (1 + 1e-12)
    assert reach(RINGS, 1) == RINGS.weight_limits


def test_feedback_leaves_the_mean_of_its_last_readings():
    noise, rounds = 1e-3, 6
    wanted = np.random.default_rng(6).uniform(-0.6, 0.5, size=(6, 8, 8))
    offset = fabricated(wanted.shape, seed=7)
    moved = RingBench(
        RINGS, offset + 0.02 * RINGS.half_linewidth, reading_noise=noise, seed=8
    )  # fmt: skip
    x = trim_detunings(moved, wanted, solve_detunings(RINGS, wanted), offset, rounds=rounds)
    assert moved.readings == rounds * wanted.size
    truth = RingBench(RINGS, offset + 0.02 * RINGS.half_linewidth)
    off = truth.read(turns_for(truth, x, offset)) - wanted
    # 384 weights: to 3.6 % (one sigma); of the shift of 0.02 neighbours leave nothing to speak of.
    assert np.std(off) == pytest.approx(noise / np.sqrt(rounds - 2), rel=0.15)
