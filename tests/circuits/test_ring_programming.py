"""Matrices on one chip's rings: errors against slopes, steps and noise, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from circuits import RingWeightBank, program_rings
from devices import AddDropRing

RING = AddDropRing(length=2 * np.pi * 5e-6, input_self_coupling=0.95, drop_self_coupling=0.95)
EXACT = RingWeightBank(ring=RING, tuning_error=0.0)
QUIET = {"reading_noise": 0.0}


def matrices(n=8, banks=3, seed=0):
    return np.random.default_rng(seed).normal(size=(banks, n, n)) / np.sqrt(n)


def test_a_calibrated_chip_does_what_is_wanted():
    wanted = matrices()
    done = program_rings(EXACT, wanted, 1, "calibrated", **QUIET)
    np.testing.assert_allclose(done.matrices, wanted, atol=1e-8)
    low, high = EXACT.weight_limits
    alone = max(wanted.max() / high, wanted.min() / low)
    # Neighbours eight half-linewidths away take a few per cent each, and bound what is negative.
    assert alone <= done.gain < 1.4 * alone
    assert done.wanted.gain == done.gain
    assert done.readings > 0


@pytest.mark.parametrize("method", ["naive", "calibrated", "feedback"])
@pytest.mark.parametrize("bits", [None, 9])
def test_settings_are_what_a_network_on_this_chip_needs(method, bits):
    rings = replace(EXACT, heater_bits=bits, tuning_error=1e8)
    done = program_rings(rings, matrices(4), 2, method)
    single = rings.matrices(done.detuning.astype(np.float32), rings.draw(3, 4, 2))[:, 0]
    np.testing.assert_allclose(done.gain * single, done.matrices, atol=2e-5)
    np.testing.assert_allclose(
        rings.heater_powers(done.detuning, done.errors), done.heater_powers, atol=1e-12
    )


def test_set_blindly_rings_are_off_by_their_scatter():
    done = program_rings(EXACT, matrices(4), 3, "naive")
    program = EXACT.program(matrices(4))
    x = program.detuning + done.errors.offset / EXACT.half_linewidth
    np.testing.assert_allclose(done.matrices, program.gain * EXACT.matrices(x)[:, 0], atol=1e-10)
    assert (done.gain, done.readings) == (program.gain, 0)


def test_what_moves_after_the_calibration_costs_slope_times_move():
    rings = replace(EXACT, tuning_error=1e-3 * EXACT.half_linewidth, crosstalk=False)
    done = program_rings(rings, matrices(16), 4, "calibrated", **QUIET)
    slopes = rings.weight_slope(rings.detuning_for(done.wanted.matrices / done.gain))
    # 768 rings: to 2.6 % (one sigma).
    assert done.weight_error == pytest.approx(1e-3 * np.sqrt(np.mean(slopes**2)), rel=0.1)
    trimmed = program_rings(rings, matrices(16), 4, "feedback", **QUIET)
    assert trimmed.weight_error < 1e-3 * done.weight_error


def test_heaters_steps_leave_their_share_of_a_step():
    rings = replace(EXACT, heater_bits=12, crosstalk=False)
    done = program_rings(rings, matrices(16), 5, "calibrated", **QUIET)
    step = float(RING.free_spectral_range) / 2**12 / rings.half_linewidth
    slopes = rings.weight_slope(rings.detuning_for(done.wanted.matrices / done.gain))
    floor = step / np.sqrt(12) * np.sqrt(np.mean(slopes**2))
    assert done.weight_error == pytest.approx(floor, rel=0.1)
    # Feedback knows the steps and does not wander between two of them.
    trimmed = program_rings(rings, matrices(16), 5, "feedback", **QUIET)
    assert trimmed.weight_error == pytest.approx(floor, rel=0.1)


def test_feedback_takes_out_a_drift():
    warm = replace(EXACT, ring=replace(RING, temperature_change=0.2))
    drifted, trimmed = (
        program_rings(warm, matrices(), 6, method, **QUIET).weight_error
        for method in ("calibrated", "feedback")
    )
    assert drifted > 0.02
    assert trimmed < 1e-3 * drifted


def test_a_seed_is_a_chip():
    one, again, other = (program_rings(EXACT, matrices(3), seed) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one.heater_powers, again.heater_powers)
    assert np.max(np.abs(one.heater_powers - other.heater_powers)) > 1e-3


def test_clipping_trades_gain_for_error():
    wanted = matrices()
    wanted[0, 1, 1] = 5.0
    whole, clipped = (
        program_rings(EXACT, wanted, 9, clip_share=share, **QUIET) for share in (0.0, 0.01)
    )
    assert clipped.gain < 0.5 * whole.gain
    assert clipped.wanted.clipped == 1
    np.testing.assert_allclose(clipped.matrices, clipped.wanted.matrices, atol=1e-8)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "lucky"}, "method must be one of .* got 'lucky'"),
        ({"matrices": np.ones((2, 3))}, r"shape .K, N, N. of K banks"),
        ({"matrices": np.full((1, 2, 2), np.inf)}, "wanted must be finite"),
        (
            {"rings": replace(EXACT, channel_spacing=6e10)},
            "channel_spacing leaves no weights of both signs to 2 rings",
        ),
    ],
)
def test_what_cannot_be_programmed_is_refused(changes, message):
    call = {"rings": EXACT, "matrices": matrices(2), "seed": 0, "method": "calibrated"} | changes
    with pytest.raises(ValueError, match=message):
        program_rings(**call)
