"""Closed forms of rings and light: printed numbers, limits, and one another."""

import numpy as np
import pytest

from validation.closed_forms import light, ring


def test_the_field_past_a_ring_has_the_printed_power():
    phase = np.linspace(-4, 4, 81)
    np.testing.assert_allclose(
        np.abs(ring.all_pass_field(phase, 0.93, 0.9)) ** 2,
        ring.all_pass_power(phase, 0.93, 0.9),
        atol=1e-14,
    )
    # Summed by hand: r − κ² e Σ (re)ⁿ.
    turn = 0.93 * np.exp(0.7j)
    trips = sum((0.9 * turn) ** n for n in range(400))
    assert ring.all_pass_field(0.7, 0.93, 0.9) == pytest.approx(
        0.9 - 0.19 * turn * trips, abs=1e-14
    )


def test_delay_is_the_slope_of_the_phase():
    phase, step = np.linspace(-2, 2, 41), 1e-5
    up, down = (ring.all_pass_field(phase + s, 0.93, 0.9) for s in (step, -step))
    slope = np.angle(up / down) / (2 * step)
    # Second order in 1e-5, rounding 1e-16/1e-5.
    np.testing.assert_allclose(ring.all_pass_delay(phase, 0.93, 0.9), slope, atol=1e-7)
    assert ring.all_pass_delay(0.0, 1.0, 0.9) == pytest.approx(19.0, rel=1e-12)


def test_a_row_of_one_ring_is_that_ring():
    phase = np.linspace(-3, 3, 13)
    dropped, passed = ring.weight_row(phase[:, None], 0.98, 0.96)
    through, drop = ring.add_drop_powers(phase, 0.98, 0.96, 0.96)
    np.testing.assert_allclose(dropped, drop, rtol=1e-15)
    np.testing.assert_allclose(passed, through, rtol=1e-15)
    np.testing.assert_allclose(ring.ring_weight(phase, 0.98, 0.96, 0.96), drop - through)


def test_two_rings_in_a_row_by_hand():
    dropped, passed = ring.weight_row(np.array([[0.1, -0.3]]), 0.98, 0.96)
    (p1, p2), (d1, d2) = ring.add_drop_powers(np.array([0.1, -0.3]), 0.98, 0.96, 0.96)
    assert dropped[0] == pytest.approx(d1 + p1 * d2, rel=1e-15)
    assert passed[0] == pytest.approx(p1 * p2, rel=1e-15)


@pytest.mark.parametrize(
    ("got", "expected", "digits"),
    [
        # (1.85 · 0.145/(1.855 · 0.05))² by hand.
        (ring.all_pass_extinction_db(0.9, 0.95), 10 * np.log10(8.364724), 1e-6),
        (ring.ring_tuning_power(-0.25, 1.0, 20e-3), 5e-3, 1e-12),
        (ring.ring_tuning_power(0.25, 1.0, 20e-3), 15e-3, 1e-12),
        # A kelvin moves silicon by −10.3 GHz at 193.4 THz.
        (ring.heated_ring_shift(1.0, 193.4e12, 3.485) / (2 * np.pi), -10.32e9, 1e-3),
        (ring.ring_thermal_drift(1.55e-6, 4.2, 1.86e-4), 68.6e-12, 1e-3),
        (light.phase_walk_variance(1e-9, 1e6), 2 * np.pi * 1e-3, 1e-12),
        (light.quadrature_intensity_variance(1e-9, 1e6), 2 * np.pi * 1e-3 / 4, 1e-2),
        (light.quadrature_intensity_variance(1.0, 1e6), 1 / 8, 1e-12),
        (light.guide_delay(1.0, 1.4682), 4.897e-9, 1e-3),  # 4.90 ns/m
    ],
)  # fmt: skip
def test_numbers(got, expected, digits):
    assert float(got) == pytest.approx(expected, rel=digits)


def test_a_mode_that_fills_settles_and_starts_as_it_should():
    rate, coupling = 1e11, 3e10
    late = ring.filling_mode(1e-9, 2e10, rate, coupling, 1e-3)
    settled = 1j * np.sqrt(2 * coupling * 1e-3) / (rate - 2e10j)
    assert complex(late) == pytest.approx(settled, rel=1e-12)
    early = ring.filling_mode(1e-16, 2e10, rate, coupling, 1e-3)
    assert complex(early) == pytest.approx(1j * np.sqrt(2 * coupling * 1e-3) * 1e-16, rel=1e-4)
