"""Closed forms of rings in time and in strong light: printed numbers, limits, and one another."""

import numpy as np
import pytest

from validation.closed_forms import light, ring
from validation.closed_forms import ring_dynamics as forms


@pytest.mark.parametrize(
    ("got", "printed", "digits"),
    [
        (forms.coupled_mode_rate(np.exp(-0.02), 1e-12), 2e10, 1e-12),
        # 10¹⁷ pairs per cm³ absorb 1.45 per cm: 8.5 + 6.0, as Soref and Bennett print it.
        (forms.carrier_rate(1e23, 1.45e-21, 1.0) / 299792458.0, 145.0, 1e-12),
        # βI of a plane wave of 1 GW/cm² in silicon: 0.84 per cm.
        (forms.two_photon_rate(1e13 / 299792458.0, 8.4e-12, 1, 1, 1) / 299792458.0, 84.0, 1e-12),
        (forms.steady_warmth(1e-3, 1.0, 1.0, 1e-9), 1e6 / (2330 * 714), 1e-12),
        # A kelvin moves silicon by −10.3 GHz at 193.4 THz, carriers the other way.
        (forms.silicon_shift(0.0, 1.0, 1.55e-6, 3.485) / (2 * np.pi), -10.32e9, 1e-3),
        (forms.silicon_shift(1e23, 0.0, 1.55e-6, 3.485) / (2 * np.pi), 23.9e9, 0.05),
        (forms.coupled_mode_excess(1.0, 28.0), -(np.pi**2) / 24 / 28**2, 1e-12),
    ],
)
def test_printed_numbers(got, printed, digits):
    assert float(got) == pytest.approx(printed, rel=digits)


def test_light_that_has_gone_round_often_is_the_steady_ring():
    through, drop = forms.light_by_trips(np.ones(400), 0.3, 0.98, 0.95, 0.9)
    powers = ring.add_drop_powers(0.3, 0.98, 0.95, 0.9)
    # 0.838⁴⁰⁰ = 2e-31 is left of the start.
    assert abs(through[-1]) ** 2 == pytest.approx(float(powers[0]), rel=1e-13)
    assert abs(drop[-1]) ** 2 == pytest.approx(float(powers[1]), rel=1e-13)
    # Nothing has come round yet but the first trip: coupled twice.
    assert abs(drop[0]) == pytest.approx(np.sqrt((1 - 0.95**2) * (1 - 0.9**2) * 0.98), rel=1e-14)


def test_fields_of_an_add_drop_ring_have_its_powers_and_keep_all_light():
    phase = np.linspace(-4, 4, 81)
    fields = ring.add_drop_fields(phase, 0.98, 0.95, 0.9)
    powers = ring.add_drop_powers(phase, 0.98, 0.95, 0.9)
    np.testing.assert_allclose(np.abs(fields) ** 2, powers, atol=1e-14)
    # Without loss light is kept, and through and drop are at right angles for a symmetric ring.
    through, drop = ring.add_drop_fields(phase, 1.0, 0.9, 0.9)
    np.testing.assert_allclose(np.abs(through) ** 2 + np.abs(drop) ** 2, 1.0, rtol=1e-14)
    np.testing.assert_allclose(np.real(through * drop.conj()), 0.0, atol=1e-14)


def test_pairs_make_half_as_many_carriers_as_photons_are_lost():
    energy, volume = 3e-14, 9e-18
    lost = forms.two_photon_rate(energy, 8.4e-12, 1.0, volume, 4.2) * energy
    made = forms.steady_carriers(energy, 1.0, 8.4e-12, 1.0, volume, 4.2, 1.55e-6)
    expected = ring.two_photon_carrier_generation(lost, volume, 1.55e-6)
    assert float(made) == pytest.approx(float(expected), rel=1e-14)


def test_two_photon_ring_down_solves_its_equation():
    time, step = np.linspace(0.1, 3.0, 13), 1e-5
    up, down = (forms.two_photon_ring_down(time + h, 5.0, 1.0, 0.8) for h in (step, -step))
    energy = forms.two_photon_ring_down(time, 5.0, 1.0, 0.8)
    # Central differences: second order in 1e-5, rounding 1e-16/1e-5.
    np.testing.assert_allclose((up - down) / (2 * step), -energy - 0.8 * energy**2, rtol=1e-8)
    assert forms.two_photon_ring_down(0.0, 5.0, 1.0, 0.8) == 5.0


def test_a_tilted_energy_is_held_by_its_power():
    delta, rate, input_rate, power, tilt = np.linspace(-4, 3, 15) * 1e10, 3e10, 5e9, 1e-3, 4e23
    energy = forms.tilted_energy(delta, tilt, rate, input_rate, power)
    holding = forms.holding_power(energy, delta + tilt * energy, rate, input_rate)
    np.testing.assert_allclose(holding, power, rtol=1e-12)
    # It leans: more energy below resonance than above.
    assert np.all(energy[:7] > forms.tilted_energy(-delta[:7], tilt, rate, input_rate, power))


def test_what_a_mode_misses_is_of_second_order_in_the_finesse():
    errors, z = [], 3.0
    for finesse in (50.0, 100.0, 200.0):
        u = np.arcsinh(np.sin(np.pi / (2 * finesse)))  # −ln r of that finesse
        theta = z**0.5 * u
        exact = np.sinh(u) ** 2 / (np.sinh(u) ** 2 + np.sin(theta) ** 2)
        errors.append(1 / (1 + z) - exact - forms.coupled_mode_excess(z**0.5, finesse))
    # What is left is of the fourth order: a sixteenth for twice the finesse.
    np.testing.assert_allclose(np.divide(errors[:-1], errors[1:]), 16, rtol=0.05)


def test_slope_of_a_weight_is_its_derivative():
    phase, step = np.linspace(-3, 3, 25), 1e-5
    up, down = (ring.ring_weight(phase + s, 0.98, 0.95, 0.9) for s in (step, -step))
    # Second order in 1e-5, times a third derivative of 1e4; rounding 1e-16/1e-5.
    np.testing.assert_allclose(
        ring.ring_weight_slope(phase, 0.98, 0.95, 0.9), (up - down) / (2 * step), atol=1e-6
    )


def test_two_arms_without_loss_keep_all_light():
    bar, cross = light.two_arm_powers(np.linspace(-4, 4, 9), 1.0, 1.0)
    np.testing.assert_allclose(bar + cross, 1.0, rtol=1e-15)
    assert cross[4] == 1.0
    # ((1+√½)/(1−√½))² of contrast where an arm loses half its power.
    bar, cross = light.two_arm_powers(0.0, 1.0, 0.5)
    assert float(cross / bar) == pytest.approx(33.97, rel=1e-4)
