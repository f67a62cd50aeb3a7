from math import pi

import numpy as np
import pytest
from scipy.signal import hilbert

from devices import AllPassRing
from validation import closed_forms

LENGTH = 62.8e-6


def ring_of(transmission, coupling, **fields):
    loss = -20 * np.log10(transmission) / LENGTH
    return AllPassRing(
        length=LENGTH, propagation_loss_db=loss + 0.0, self_coupling=coupling, **fields
    )


@pytest.mark.parametrize("transmission", [1.0, 0.98, 0.7])
@pytest.mark.parametrize("coupling", [0.5, 0.9, 0.98])
def test_response_against_the_published_power(transmission, coupling):
    phase = np.linspace(-pi, 3 * pi, 501)
    power = np.abs(ring_of(transmission, coupling).through_at_phase(phase)) ** 2
    expected = closed_forms.ring.all_pass_power(phase, transmission, coupling)
    # Near resonance 1 − ra cancels to 0.02 at worst, its square to 4e-4: 1e-16 becomes 1e-12.
    np.testing.assert_allclose(power, expected, rtol=1e-11, atol=1e-14)


def test_without_loss_all_light_passes():
    phase = np.linspace(-pi, pi, 101)
    power = np.abs(ring_of(1.0, 0.95).through_at_phase(phase)) ** 2
    np.testing.assert_allclose(power, 1.0, rtol=1e-13)


def test_critical_coupling_lets_nothing_pass():
    ring = AllPassRing()
    critical = AllPassRing(self_coupling=ring.round_trip_transmission)
    assert abs(critical.through_at_phase(0.0)) < 1e-14
    assert critical.extinction_db == np.inf


def test_depth_of_the_dip():
    transmission, coupling = np.array([0.9, 0.98, 0.99]), 0.95
    ring = ring_of(transmission, coupling)
    floor = np.abs(ring.through_at_phase(0.0)) ** 2
    expected = closed_forms.ring.all_pass_resonance_power(transmission, coupling)
    np.testing.assert_allclose(floor, expected, rtol=1e-12)
    top = closed_forms.ring.all_pass_power(pi, transmission, coupling)
    np.testing.assert_allclose(ring.extinction_db, 10 * np.log10(top / expected), rtol=1e-12)


# Delay


def test_resonance_delays_a_lossless_ring_by_the_known_factor():
    for coupling in (0.5, 0.9, 0.99):
        ring = ring_of(1.0, coupling)
        delay = ring.group_delay(ring.resonance_frequency) / ring.round_trip_time
        assert delay == pytest.approx(
            float(closed_forms.ring.lossless_ring_delay(coupling)), rel=1e-12
        )


@pytest.mark.parametrize(("transmission", "coupling", "turns"), [(0.97, 0.9, 1), (0.9, 0.97, 0)])
def test_mean_delay_counts_how_often_the_phase_winds(transmission, coupling, turns):
    ring = ring_of(transmission, coupling)
    step = (
        ring.free_spectral_range / 512
    )  # a periodic analytic function: the mean converges at once
    delay = ring.group_delay(ring.resonance_frequency + step * np.arange(512))
    assert delay.mean() / ring.round_trip_time == pytest.approx(turns, abs=1e-9)


@pytest.mark.parametrize(("transmission", "coupling"), [(0.97, 0.9), (0.9, 0.97)])
def test_delay_is_the_slope_of_the_phase(transmission, coupling):
    ring = ring_of(transmission, coupling)
    frequency = ring.resonance_frequency + np.array([-0.3, -0.01, 0.02]) * ring.free_spectral_range
    step = 1e7
    turn = ring.through(frequency + step) / ring.through(frequency - step)
    slope = np.angle(turn) / (2 * pi * 2 * step)
    # Central difference over 1e-5 of a spectral range; 200 THz leave 0.03 Hz of 1e7.
    np.testing.assert_allclose(ring.group_delay(frequency), slope, rtol=1e-6)


# Causality


def test_a_delay_line_closed_on_itself_has_this_response():
    """Impulse through coupler and loop, one sample a round trip; spectra are N·ifft here."""
    transmission, coupling, n = 0.9, 0.8, 512
    kappa = np.sqrt(1 - coupling**2)
    impulse, inside = np.zeros(n), 0.0
    impulse[0] = 1.0
    through = np.zeros(n, dtype=complex)
    for sample in range(n):
        back = transmission * inside
        through[sample] = coupling * impulse[sample] + 1j * kappa * back
        inside = 1j * kappa * impulse[sample] + coupling * back
    spectrum = n * np.fft.ifft(through)
    phase = 2 * pi * np.fft.fftfreq(n)
    # (ra)^512 = 5e-74 of the impulse is cut off.
    response = ring_of(transmission, coupling).through_at_phase(phase)
    np.testing.assert_allclose(spectrum, response, rtol=1e-12)


def test_phase_follows_from_power_where_the_coupling_is_under():
    """Kramers and Kronig: a minimum-phase response, r > a, has arg H = Im hilbert(ln|H|)."""
    phase = 2 * pi * np.arange(4096) / 4096
    response = ring_of(0.9, 0.97).through_at_phase(phase)
    reconstructed = np.imag(hilbert(np.log(np.abs(response))))
    np.testing.assert_allclose(np.angle(response), reconstructed, atol=1e-10)


def test_recirculating_loop_is_the_same_device():
    phase = np.linspace(-pi, pi, 301)
    through, tap = closed_forms.ring.recirculating_loop(phase, 0.8, 0.9)
    ring = ring_of(0.9, 0.8)
    np.testing.assert_allclose(ring.through_at_phase(phase), through, rtol=1e-12)
    # What the loop loses is what circulates, times 1 − g².
    absorbed = 1 - np.abs(ring.through_at_phase(phase)) ** 2
    np.testing.assert_allclose(absorbed, tap * (1 - 0.9**2), rtol=1e-12)


# Measurements


@pytest.mark.parametrize(("coupling", "loss"), [(0.98, 400.0), (0.9, 400.0), (0.97, 2000.0)])
def test_a_ring_is_recovered_from_its_dip(coupling, loss):
    ring = AllPassRing(self_coupling=coupling, propagation_loss_db=loss)
    regime = "under" if coupling > ring.round_trip_transmission else "over"
    again = AllPassRing.from_linewidth(ring.linewidth, ring.extinction_db, regime)
    # The loss is a logarithm of 1 − a: 1e-16 of a becomes 1e-13 of it, and the dip's depth is a
    # difference of a and r.
    assert again.self_coupling == pytest.approx(coupling, rel=1e-11)
    assert again.propagation_loss_db == pytest.approx(loss, rel=1e-8)
    by_quality = AllPassRing.from_quality_factor(ring.quality_factor, ring.extinction_db, regime)
    assert by_quality.self_coupling == pytest.approx(coupling, rel=1e-11)


def test_infinite_extinction_is_critical_coupling():
    ring = AllPassRing.from_linewidth(2e10, np.inf)
    assert ring.self_coupling == pytest.approx(ring.round_trip_transmission, rel=1e-12)
    assert ring.linewidth == pytest.approx(2e10, rel=1e-12)


def test_the_regime_has_a_name():
    with pytest.raises(ValueError, match="coupling must be one of 'under', 'over'"):
        AllPassRing.from_linewidth(2e10, 10.0, "critical")
    with pytest.raises(ValueError, match="extinction_db must be ≥ 0"):
        AllPassRing.from_linewidth(2e10, -10.0)


@pytest.mark.parametrize("coupling", [0.0, 1.0, -0.5, 1.2])
def test_a_coupler_passes_some_and_keeps_some(coupling):
    with pytest.raises(ValueError, match=r"self_coupling must be above 0 and below 1 .*κ²"):
        AllPassRing(self_coupling=coupling)
