"""Matrices on one chip's crossbars: errors against levels, scatter and wires, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from circuits import CrossbarBank, program_crossbar
from devices import TunnelJunctionCrossbar


def bank(quantised=True, write_error=0.0, **changes):
    junction = TunnelJunctionCrossbar(**({"line_resistance": 0.0} | changes))
    return CrossbarBank(junction=junction, quantised=quantised, write_error=write_error)


def matrices(n=24, banks=2, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, size=(banks, n, n))


@pytest.mark.parametrize("method", ["naive", "verified", "compensated"])
@pytest.mark.parametrize("quantised", [True, False])
def test_settings_are_what_a_network_on_this_chip_needs(method, quantised):
    crossbar = bank(
        quantised, 0.02, conductance_spread=0.05, switching_probability=0.9, line_resistance=5.0
    )
    done = program_crossbar(crossbar, matrices(6), 1, method)
    assert done.crossbar == replace(crossbar, verified=method != "naive")
    chip = done.crossbar.draw(2, 6, 1)
    single = done.crossbar.realise(done.conductance.astype(np.float32), chip).matrix()
    np.testing.assert_allclose(done.gain * single, done.matrices, atol=3e-6)


def test_written_blindly_weights_are_off_by_levels_and_scatter():
    spread = 0.05
    crossbar = bank(conductance_spread=spread)
    done = program_crossbar(crossbar, matrices(60), 2, "naive")
    low, aims = 1 / 1.5, done.wanted.matrices / done.gain
    levels = crossbar.junction.quantise(aims)
    share = np.abs(levels)
    squares = (share * (1 + low) ** 2 + (2 - share) * low**2) / 7
    expected = np.sqrt(np.mean((levels - aims) ** 2 + spread**2 * squares))
    # 7,200 weights: to 0.8 % (one sigma).
    assert done.weight_error == pytest.approx(expected, rel=0.04)
    # Uniform weights are rounded by Δ/√12, Δ = 1/7.
    closed = np.sqrt(1 / (12 * 49) + spread**2 * np.mean(squares))
    assert done.weight_error == pytest.approx(closed, rel=0.05)
    assert done.pulses == np.sum(share * 7).round()
    assert done.readings == 0


def test_verified_weights_are_nearer_than_levels_allow():
    crossbar = bank(conductance_spread=0.05)
    done = program_crossbar(crossbar, matrices(40), 3)
    assert done.weight_error < 0.7 / 7 / np.sqrt(12)
    exact = program_crossbar(bank(), matrices(40), 3)
    assert exact.weight_error == pytest.approx(1 / 7 / np.sqrt(12), rel=0.04)
    assert done.readings == 2 * done.matrices.size * 7 + done.pulses


def test_readings_that_err_cost_what_they_err_by():
    crossbar = bank(conductance_spread=0.1)
    errors = [
        program_crossbar(replace(crossbar, reading_error=e), matrices(40), 4).weight_error
        for e in (0.0, 0.02)
    ]
    done = program_crossbar(crossbar, matrices(40), 4)
    share = np.abs(done.wanted.matrices / done.gain)
    squares = (share * (1 + 1 / 1.5) ** 2 + (2 - share) / 1.5**2) / 7
    added = 0.02 * np.sqrt(np.mean(squares))
    assert errors[1] == pytest.approx(np.hypot(errors[0], added), rel=0.05)


def test_pulses_that_fail_leave_weights_small_until_verified():
    crossbar = bank(switching_probability=0.8)
    wanted = np.full((1, 40, 40), 1.0)
    blind, sure = (program_crossbar(crossbar, wanted, 5, m) for m in ("naive", "verified"))
    # 11,200 junctions: p to 0.4 % (one sigma).
    assert blind.matrices.mean() == pytest.approx(0.8, abs=0.016)
    assert blind.pulses == 11_200
    np.testing.assert_allclose(sure.matrices, 1.0, atol=1e-15)
    # A geometric law: mean 1/p, variance (1 − p)/p².
    assert sure.pulses == pytest.approx(11_200 / 0.8, abs=4 * np.sqrt(11_200 * 0.2) / 0.8)


def test_known_wires_are_made_up_for():
    crossbar = bank(quantised=False, line_resistance=2.0)
    wanted = matrices(16)
    plain, done = (program_crossbar(crossbar, wanted, 6, m) for m in ("verified", "compensated"))
    assert plain.weight_error > 0.02
    np.testing.assert_allclose(done.matrices, wanted, atol=3e-7)  # of single precision
    assert np.max(np.abs(done.conductance)) == pytest.approx(1.0, abs=1e-7)
    lost = 20 * np.log10(done.gain / plain.gain)
    assert done.wanted.lost_snr_db == pytest.approx(lost, abs=1e-12)
    assert 0.3 < lost < 6.0


def test_without_wires_there_is_nothing_to_make_up_for():
    crossbar = bank(conductance_spread=0.05)
    plain, done = (
        program_crossbar(crossbar, matrices(8), 7, m) for m in ("verified", "compensated")
    )
    np.testing.assert_array_equal(done.matrices, plain.matrices)
    assert done.wanted.lost_snr_db == 0.0


def test_cells_of_any_conductance_are_exact_when_verified():
    crossbar = bank(quantised=False, write_error=0.05, conductance_spread=0.1)
    blind, done = (program_crossbar(crossbar, matrices(6), 8, m) for m in ("naive", "verified"))
    np.testing.assert_allclose(done.matrices, matrices(6), atol=1e-7)  # of single precision
    again = crossbar.realise(matrices(6) / done.gain, crossbar.draw(2, 6, 8)).matrix()
    np.testing.assert_allclose(blind.matrices, done.gain * again, atol=3e-7)


def test_clipping_trades_gain_for_error():
    wanted = matrices(10)
    wanted[1, 2, 3] = -9.0
    clipped = program_crossbar(bank(), wanted, 9, clip_share=0.005)
    assert clipped.gain < 1.0
    assert clipped.wanted.clipped == 1
    assert clipped.matrices[1, 2, 3] == pytest.approx(-clipped.gain, rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "lucky"}, "method must be one of .* got 'lucky'"),
        ({"matrices": np.ones((2, 3))}, r"shape .K, N, N. of K banks"),
    ],
)
def test_what_cannot_be_programmed_is_refused(changes, message):
    call = {"crossbar": bank(), "matrices": matrices(3), "seed": 0} | changes
    with pytest.raises(ValueError, match=message):
        program_crossbar(**call)


def test_a_seed_is_a_chip():
    crossbar = replace(bank(conductance_spread=0.05), write_error=0.01)
    one, again, other = (program_crossbar(crossbar, matrices(5), seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.matrices, again.matrices)
    assert np.max(np.abs(one.matrices - other.matrices)) > 1e-3
