from math import pi

import numpy as np
import pytest

from devices import RingNonlinearity
from validation import closed_forms

FREQUENCY = 299792458.0 / 1.55e-6


def test_two_photons_make_one_pair():
    """P_TPA = 2ħω · V · generation where confinements are 1 and the volumes equal."""
    volume = 9e-18
    material = RingNonlinearity(
        two_photon_confinement=1.0,
        carrier_confinement=1.0,
        two_photon_volume=volume,
        carrier_volume=volume,
    )
    energy = np.array([1e-15, 1e-14, 1e-13])
    power = material.two_photon_rate(energy, 4.2) * energy
    expected = closed_forms.ring.two_photon_carrier_generation(power, volume, 1.55e-6)
    got = material.carrier_generation(energy, 4.2, FREQUENCY)
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_two_photon_rate_follows_the_intensity_in_the_mode():
    """A plane wave of intensity I loses βI per metre: c/n_g · β · I a second, I = c U/(n_g V)."""
    material = RingNonlinearity(two_photon_confinement=1.0)
    speed = 299792458.0 / 4.2
    intensity = speed * 1e-14 / material.two_photon_volume
    assert material.two_photon_rate(1e-14, 4.2) == pytest.approx(8.4e-12 * intensity * speed)


def test_carriers_shift_and_absorb_as_soref_and_bennett_measured():
    material = RingNonlinearity()
    density = np.array([1e20, 1e22, 1e24])
    index = closed_forms.ring.soref_bennett_index(density * 1e-6)
    shift = material.carrier_shift(density, FREQUENCY)
    np.testing.assert_allclose(shift, -2 * pi * FREQUENCY / 3.485 * index, rtol=1e-13)
    electrons, holes = material.carrier_shift_factors(FREQUENCY)
    np.testing.assert_allclose(electrons * density + holes * density**0.8, shift, rtol=1e-13)
    # 1e17 pairs per cm³ absorb 1.45 per cm.
    assert material.carrier_rate_per_density(4.2) * 1e23 == pytest.approx(145.0 * 299792458.0 / 4.2)


def test_a_warm_ring_drifts_by_its_material():
    shift = RingNonlinearity().thermal_shift(1.0, FREQUENCY)
    assert shift / (2 * pi * FREQUENCY) == pytest.approx(-1.86e-4 / 3.485, rel=1e-14)


def test_heat_warms_the_volume():
    material = RingNonlinearity(heat_confinement=1.0, heated_volume=2e-17)
    joules_per_kelvin = 2330.0 * 714.0 * 2e-17
    assert material.heating_per_power == pytest.approx(1 / joules_per_kelvin, rel=1e-14)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"absorbed_share": 1.5}, "absorbed_share must be between 0 and 1"),
        ({"two_photon_confinement": -0.1}, "two_photon_confinement must be between 0 and 1"),
        ({"two_photon_coefficient": -1.0}, "two_photon_coefficient must be ≥ 0"),
        ({"carrier_lifetime": 0.0}, "carrier_lifetime must be > 0"),
        ({"density": [1, 2], "heat_capacity": [1, 2, 3]}, "must broadcast to one shape"),
    ],
)
def test_bad_fields_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        RingNonlinearity(**fields)
