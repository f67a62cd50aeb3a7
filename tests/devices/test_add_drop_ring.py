from math import pi

import numpy as np
import pytest

from devices import AddDropRing
from validation import closed_forms

LENGTH = 62.8e-6


def ring_of(transmission, first, second, **fields):
    loss = -20 * np.log10(transmission) / LENGTH
    return AddDropRing(
        length=LENGTH,
        propagation_loss_db=loss + 0.0,
        input_self_coupling=first,
        drop_self_coupling=second,
        **fields,
    )


@pytest.mark.parametrize("transmission", [1.0, 0.98, 0.7])
@pytest.mark.parametrize(("first", "second"), [(0.96, 0.96), (0.9, 0.95), (0.5, 0.3)])
def test_responses_against_the_published_powers(transmission, first, second):
    phase = np.linspace(-pi, 3 * pi, 501)
    ring = ring_of(transmission, first, second)
    through, drop = closed_forms.ring.add_drop_powers(phase, transmission, first, second)
    # 1 − R cancels to 0.08, its square to 6e-3.
    np.testing.assert_allclose(
        np.abs(ring.through_at_phase(phase)) ** 2, through, rtol=1e-11, atol=1e-14
    )
    np.testing.assert_allclose(np.abs(ring.drop_at_phase(phase)) ** 2, drop, rtol=1e-12)


def test_without_loss_what_is_not_dropped_passes():
    phase = np.linspace(-pi, pi, 101)
    ring = ring_of(1.0, 0.9, 0.8)
    total = np.abs(ring.through_at_phase(phase)) ** 2 + np.abs(ring.drop_at_phase(phase)) ** 2
    np.testing.assert_allclose(total, 1.0, rtol=1e-13)


def test_fabry_perot_is_a_symmetric_lossless_ring():
    phase, reflectivity = np.linspace(-pi, pi, 201), 0.8
    ring = ring_of(1.0, np.sqrt(reflectivity), np.sqrt(reflectivity))
    expected = closed_forms.ring.fabry_perot_power(phase, reflectivity)
    np.testing.assert_allclose(np.abs(ring.drop_at_phase(phase)) ** 2, expected, rtol=1e-12)


def test_responses_as_the_sum_over_round_trips():
    """Each round trip adds a term; the sum is the closed form, phases included."""
    a, r1, r2, phase = 0.9, 0.7, 0.8, 0.4
    k1, k2 = np.sqrt(1 - r1**2), np.sqrt(1 - r2**2)
    half = np.sqrt(a) * np.exp(0.5j * phase)
    inside, through, drop = 1j * k1, r1, 0.0
    for _ in range(400):  # (r1 r2 a)^400 = 2e-119
        drop += 1j * k2 * half * inside
        back = r2 * half * half * inside
        through += 1j * k1 * back
        inside = r1 * back
    ring = ring_of(a, r1, r2)
    np.testing.assert_allclose(ring.through_at_phase(phase), through, rtol=1e-13)
    np.testing.assert_allclose(ring.drop_at_phase(phase), drop, rtol=1e-13)


def test_critical_coupling_balances_input_against_drop_and_loss():
    ring = AddDropRing(drop_self_coupling=0.97)
    critical = AddDropRing(
        drop_self_coupling=0.97, input_self_coupling=0.97 * ring.round_trip_transmission
    )
    assert abs(critical.through_at_phase(0.0)) < 1e-14
    assert critical.extinction_db == np.inf


def test_extinctions_and_loss_are_what_the_extremes_show():
    ring = ring_of(0.98, 0.9, 0.95)
    through = np.abs(ring.through_at_phase(np.array([pi, 0.0]))) ** 2
    drop = np.abs(ring.drop_at_phase(np.array([0.0, pi]))) ** 2
    assert ring.extinction_db == pytest.approx(10 * np.log10(through[0] / through[1]), rel=1e-12)
    assert ring.drop_extinction_db == pytest.approx(10 * np.log10(drop[0] / drop[1]), rel=1e-12)
    assert ring.drop_loss_db == pytest.approx(-10 * np.log10(drop[0]), rel=1e-12)


def test_drop_delay_is_the_slope_of_its_phase():
    ring = ring_of(0.98, 0.9, 0.95)
    frequency = ring.resonance_frequency + np.array([-0.3, -0.01, 0.0]) * ring.free_spectral_range
    step = 1e7
    slope = np.angle(ring.drop(frequency + step) / ring.drop(frequency - step)) / (4 * pi * step)
    # Central difference over 1e-5 of a spectral range; 200 THz leave 0.03 Hz of 1e7.
    np.testing.assert_allclose(ring.group_delay(frequency), slope, rtol=1e-6)


# Weight


@pytest.mark.parametrize(("transmission", "printed"), [(0.995, 0.8843), (0.98, 0.6031)])
def test_greatest_weight_with_loss(transmission, printed):
    ring = ring_of(transmission, 0.96, 0.96)
    high = ring.weight_limits[1]
    assert high == pytest.approx(printed, abs=5e-5)  # four printed digits
    expected = closed_forms.ring.symmetric_ring_weight_limit(transmission, 0.96)
    assert high == pytest.approx(float(expected), rel=1e-12)


def test_limits_are_the_extremes_of_the_weight():
    ring = ring_of(0.97, 0.9, 0.93)
    offset = np.linspace(-0.5, 0.5, 2001) * ring.free_spectral_range
    weight = ring.weight(ring.resonance_frequency + offset)
    # The grid meets both extremes up to the rounding of 200 THz, second order in the phase.
    np.testing.assert_allclose((weight.min(), weight.max()), ring.weight_limits, rtol=1e-9)


def test_lossless_weight_against_the_literature():
    weight = np.linspace(-0.98, 1.0, 34)
    ring = ring_of(1.0, 0.96, 0.96)
    cosine = closed_forms.ring.lossless_weight_cosine(weight, 0.96)
    np.testing.assert_allclose(np.cos(ring.phase_for_weight(weight)), cosine, rtol=1e-12)


@pytest.mark.parametrize("transmission", [1.0, 0.98, 0.9])
def test_weight_is_recovered_from_its_phase(transmission):
    ring = ring_of(transmission, 0.9, 0.93)
    low, high = ring.weight_limits
    weight = np.linspace(low, high, 41)
    phase = ring.phase_for_weight(weight)
    got = np.abs(ring.drop_at_phase(phase)) ** 2 - np.abs(ring.through_at_phase(phase)) ** 2
    np.testing.assert_allclose(got, weight, atol=1e-13)
    assert phase[0] == pytest.approx(pi, abs=1e-6)
    assert phase[-1] == pytest.approx(0.0, abs=1e-6)


def test_a_bank_of_rings_finds_all_its_phases_at_once():
    ring = AddDropRing(input_self_coupling=[0.9, 0.95, 0.97])
    phase = ring.phase_for_weight(np.array([[0.1], [-0.5]]))
    assert phase.shape == (2, 3)
    got = np.abs(ring.drop_at_phase(phase)) ** 2 - np.abs(ring.through_at_phase(phase)) ** 2
    np.testing.assert_allclose(got, [[0.1] * 3, [-0.5] * 3], atol=1e-13)


@pytest.mark.parametrize("weight", [0.95, -1.0])
def test_a_weight_beyond_the_limits_is_refused(weight):
    ring = AddDropRing(input_self_coupling=[0.9, 0.95, 0.97])
    with pytest.raises(ValueError, match=r"weight must be within weight_limits \(a ring reaches"):
        ring.phase_for_weight(weight)


# Measurements


@pytest.mark.parametrize(("coupling", "loss"), [(0.96, 250.0), (0.9, 3000.0), (0.96, 0.0)])
def test_a_ring_is_recovered_from_its_peak(coupling, loss):
    ring = AddDropRing(
        input_self_coupling=coupling, drop_self_coupling=coupling, propagation_loss_db=loss
    )
    again = AddDropRing.from_linewidth(ring.linewidth, abs(ring.drop_loss_db))
    assert again.input_self_coupling == pytest.approx(coupling, rel=1e-12)
    assert again.drop_self_coupling == again.input_self_coupling
    # 1 − a from two measurements near 1: 1e-16 of each is 1e-10 dB/m on 63 µm.
    assert again.propagation_loss_db == pytest.approx(loss, rel=1e-9, abs=1e-8)
    by_quality = AddDropRing.from_quality_factor(ring.quality_factor, abs(ring.drop_loss_db))
    assert by_quality.input_self_coupling == pytest.approx(coupling, rel=1e-12)


def test_a_peak_above_unity_is_refused():
    with pytest.raises(ValueError, match="drop_loss_db must be ≥ 0"):
        AddDropRing.from_linewidth(2e10, -1.0)
