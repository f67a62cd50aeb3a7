from math import pi

import numpy as np
import pytest

from devices import AddDropRing, AllPassRing
from validation import closed_forms

RINGS = [AllPassRing, AddDropRing]


def phases(n=4001):
    return np.linspace(-pi, pi, n)


# Where the resonances lie


def test_spectral_range_and_round_trip():
    ring = AllPassRing(length=[50e-6, 100e-6], group_index=4.3)
    expected = closed_forms.ring.ring_spectral_range([50e-6, 100e-6], 4.3)
    np.testing.assert_allclose(ring.free_spectral_range, expected, rtol=1e-15)
    near = ring.resonance_frequency + ring.free_spectral_range
    # A phase near 2π from a frequency of 200 THz: 2e14·1e-16 Hz of rounding over a range of 1 THz.
    np.testing.assert_allclose(ring.round_trip_phase(near), 2 * pi, rtol=1e-12)


def test_frequency_and_wavelength_are_two_names_of_one_colour():
    ring = AddDropRing()
    wavelength = np.array([1.5495e-6, 1.55e-6, 1.5504e-6])
    by_wavelength = ring.drop(wavelength=wavelength)
    np.testing.assert_array_equal(by_wavelength, ring.drop(299792458.0 / wavelength))
    assert abs(ring.through(wavelength=1.55e-6)) ** 2 < 0.01  # on resonance it has gone over


@pytest.mark.parametrize("given", [{}, {"frequency": 2e14, "wavelength": 1.5e-6}])
def test_one_name_of_the_colour_is_needed(given):
    with pytest.raises(ValueError, match=r"give either frequency \(Hz\) or wavelength \(m\)"):
        AllPassRing().through(**given)


@pytest.mark.parametrize("wrong", [{"frequency": -2e14}, {"wavelength": 0.0}])
def test_light_has_a_positive_frequency(wrong):
    with pytest.raises(ValueError, match="must be > 0 and finite"):
        AllPassRing().through(**wrong)


def test_geometry_gives_the_resonance_nearest_to_the_design():
    ring = AllPassRing.from_geometry(
        length=60e-6, effective_index=[2.4, 2.41, 2.42], group_index=4.2, design_wavelength=1.55e-6
    )
    design = 299792458.0 / 1.55e-6
    assert np.all(np.abs(ring.resonance_frequency - design) <= ring.free_spectral_range / 2)
    # At the resonance n_eff(ν) L ν/c is whole, n_eff(ν) ν to first order about the design.
    waves = (np.array([2.4, 2.41, 2.42]) * design + 4.2 * (ring.resonance_frequency - design)) * (
        60e-6 / 299792458.0
    )
    np.testing.assert_allclose(waves, np.round(waves), rtol=1e-13)


def test_geometry_and_resonance_cannot_both_be_given():
    with pytest.raises(ValueError, match="resonance_wavelength follows from effective_index"):
        AllPassRing.from_geometry(effective_index=2.4, resonance_wavelength=1.55e-6)


def test_offset_tuning_and_temperature_move_the_resonance():
    cold = AllPassRing()
    moved = AllPassRing(resonance_offset=3e10, tuning=-1e10)
    assert moved.resonance_frequency - cold.resonance_frequency == pytest.approx(2e10, rel=1e-9)
    warm = AllPassRing(temperature_change=2.0)
    drift = closed_forms.ring.ring_thermal_drift(1.55e-6, 4.2, 1.86e-4)
    assert cold.wavelength_per_kelvin == pytest.approx(float(drift), rel=1e-15)
    seen = 299792458.0 / warm.resonance_frequency - 1.55e-6
    assert seen == pytest.approx(2 * drift, rel=2e-4)  # λ and ν differ in second order, ΔT dn/n_g


# How sharp they are


@pytest.mark.parametrize("family", RINGS)
def test_linewidth_is_the_width_the_response_shows(family):
    ring = family()
    grid = ring.resonance_frequency + np.linspace(-1, 1, 200_001) * ring.linewidth
    power = np.abs(ring.through(grid)) ** 2
    top = np.abs(ring.through_at_phase(pi)) ** 2
    # The dip is Airy's: 1 − |H|² halves; its own off-resonance value is above its floor.
    depth = 1 - power if family is AllPassRing else np.abs(ring.drop(grid)) ** 2
    inside = grid[depth >= depth.max() / 2]
    step = grid[1] - grid[0]
    assert inside[-1] - inside[0] == pytest.approx(ring.linewidth, abs=2 * step)
    assert top > power.min()


@pytest.mark.parametrize("loop", [0.2, 0.5, 0.9, 0.99])
def test_linewidth_finesse_and_quality(loop):
    ring = AllPassRing(self_coupling=loop, propagation_loss_db=0.0)
    assert ring.loop_amplitude == pytest.approx(loop, rel=1e-15)
    exact = closed_forms.ring.ring_linewidth_phase(loop)
    assert ring.linewidth_phase == pytest.approx(float(exact), rel=1e-14)
    assert ring.linewidth == pytest.approx(ring.free_spectral_range * exact / (2 * pi), rel=1e-14)
    narrow = float(closed_forms.ring.ring_finesse(loop))
    # asin(s) = s(1 + s²/6 …): the two differ by a sixth of the squared sine, and less than a half.
    tolerance = ((1 - loop) / (2 * np.sqrt(loop))) ** 2 / 2
    assert ring.finesse == pytest.approx(narrow, rel=tolerance)
    quality = closed_forms.ring.ring_quality_factor(loop, ring.length, 4.2, 1.55e-6)
    assert ring.quality_factor == pytest.approx(float(quality), rel=tolerance)
    approximate = ring.free_spectral_range / narrow
    assert ring.approximate_linewidth == pytest.approx(approximate, rel=1e-13)


def test_a_ring_that_never_falls_to_one_half_has_no_linewidth():
    with pytest.raises(ValueError, match=r"loop amplitude must be above .*0\.1716.*got 0\.1"):
        _ = AllPassRing(self_coupling=0.1, propagation_loss_db=0.0).linewidth


@pytest.mark.parametrize("family", RINGS)
def test_a_linewidth_wider_than_the_spectral_range_is_refused(family):
    with pytest.raises(ValueError, match="linewidth must be below the free spectral range"):
        family.from_linewidth(2e12, 10.0)
    with pytest.raises(ValueError, match="linewidth must be > 0"):
        family.from_linewidth(-1e9, 10.0)


# Heater


def test_heater_reaches_any_tuning_within_one_spectral_range():
    span = AllPassRing().free_spectral_range
    tuning = np.array([0.0, -0.25, 0.25, -1.5]) * span
    power = AllPassRing(tuning=tuning).heater_power()
    np.testing.assert_allclose(power, np.array([0, 0.25, 0.75, 0.5]) * 20e-3, atol=1e-15)
    shift = AllPassRing().tuning_at_power(power)
    np.testing.assert_allclose(np.mod((shift - tuning) / span + 0.5, 1.0), 0.5, atol=1e-12)
    assert AllPassRing(tuning=1e-8).heater_power() < 20e-3  # a rounding above zero is no full turn
    with pytest.raises(ValueError, match=r"power must be ≥ 0 .*a heater only heats"):
        AllPassRing().tuning_at_power(-1e-3)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"length": 0.0}, "length must be > 0"),
        ({"propagation_loss_db": -250}, "For 250 dB/m of loss write propagation_loss_db=250"),
        ({"tuning": np.inf}, "tuning must be finite"),
        ({"length": [1e-5, 2e-5], "tuning": [0, 0, 0]}, "fields of A.* must broadcast"),
    ],
)
@pytest.mark.parametrize("family", RINGS)
def test_bad_fields_are_refused(family, fields, message):
    with pytest.raises(ValueError, match=message):
        family(**fields)
