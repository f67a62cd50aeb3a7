"""Closed forms of rings and light: printed numbers, limits, and one another."""

import numpy as np
import pytest
from scipy.special import jv

from validation.closed_forms import light, modulator, ring


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


def test_the_fields_of_an_add_drop_ring_have_the_printed_powers():
    phase = np.linspace(-4, 4, 81)
    fields = ring.add_drop_fields(phase, 0.93, 0.9, 0.8)
    for field, power in zip(fields, ring.add_drop_powers(phase, 0.93, 0.9, 0.8), strict=True):
        np.testing.assert_allclose(np.abs(field) ** 2, power, atol=1e-14)
    # Without a drop coupler it is a ring on one waveguide.
    through, drop = ring.add_drop_fields(phase, 0.93, 0.9, 1.0)
    np.testing.assert_allclose(through, ring.all_pass_field(phase, 0.93, 0.9), atol=1e-14)
    np.testing.assert_array_equal(np.abs(drop), 0.0)


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
        # (1 + R)/(2(1 − R)) on peak, its inverse's quarter between peaks.
        (ring.drop_delay(0.0, 0.8), 4.5, 1e-12),
        (ring.drop_delay(np.pi, 0.8), 1 / 18, 1e-12),
        # Half a round trip on average, as the way from input to drop is.
        (np.mean(ring.drop_delay(2 * np.pi * np.arange(512) / 512, 0.8)), 0.5, 1e-12),
        (ring.recirculating_contrast(0.9, 1.0), 361.0, 1e-12),
        # 2.7 · 62 µm/1.55 µm = 108 waves at the design, one more a spectral range further up.
        (ring.ring_turns(299792458 / 1.55e-6, 62e-6, 2.7, 4.2, 1.55e-6), 108.0, 1e-12),
        (
            ring.ring_turns(
                299792458 * (1 / 1.55e-6 + 1 / (4.2 * 62e-6)), 62e-6, 2.7, 4.2, 1.55e-6
            ),
            109.0,
            1e-12,
        ),
        (light.guide_turns(310e-6, 2.5, 1.55e-6), 500.0, 1e-12),
        # 17 ps/(nm km) over 10 km: a nanometre to the red, 124.8 GHz lower, is 170 ps later.
        (light.colour_delay(-124.784e9, 10e3, 17e-6, 1.55e-6), 170e-12, 1e-5),
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


def test_a_sampled_line_is_lorentzian_where_steps_are_short_and_records_long():
    offset = np.linspace(-3e6, 3e6, 31)
    # 1/(2πΔν N dt) = 1e-5 of the record's ends, (Δν dt)² = 1e-6 of the steps, both at the peak.
    sampled = light.sampled_laser_line(offset, 1e6, 1e-9, 16_000_000)
    np.testing.assert_allclose(sampled, light.laser_line(offset, 1e6), rtol=2e-4)


def test_a_sampled_line_is_the_sum_over_lags():
    lag, samples, dt = np.arange(-7, 8), 8, 2e-8
    terms = (1 - np.abs(lag) / samples) * np.exp(-np.pi * 1e6 * np.abs(lag) * dt)
    summed = np.sum(terms * np.cos(2 * np.pi * 3e6 * lag * dt)) * dt
    assert light.sampled_laser_line(3e6, 1e6, dt, samples) == pytest.approx(summed, rel=1e-12)
    # All the power is somewhere in the band.
    offset = np.arange(samples) / (samples * dt)
    assert np.sum(light.sampled_laser_line(offset, 1e6, dt, samples)) / (
        samples * dt
    ) == pytest.approx(1.0, rel=1e-12)


def test_what_passes_a_gate_is_the_integral_of_both():
    time, pulse, gate = np.linspace(-60, 60, 4001), 12.0, 5.0
    delay = np.array([0.0, 3.0, -8.0])
    powers = 2.0 ** -((2 * time / pulse) ** 2 + (2 * (time - delay[:, None]) / gate) ** 2)
    found = light.gated_pulse_energy(delay, pulse, gate)
    # Gaussians that are sampled well integrate by their sum.
    np.testing.assert_allclose(found, powers.sum(axis=1) * 0.03, rtol=1e-13)


def test_lines_of_turned_light_are_bessel_functions():
    orders = np.arange(-8, 9)
    found = modulator.sideband_powers(orders, 2.4)
    np.testing.assert_allclose(found, jv(orders, 2.4) ** 2, atol=1e-15)
    assert found.sum() == pytest.approx(1.0, abs=1e-9)  # J_9(2.4)² is 6e-13
