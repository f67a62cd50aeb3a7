import numpy as np
import pytest

from devices import Laser
from validation import closed_forms


def test_photon_energy_at_1550_nm_is_the_tabulated_value():
    # 1.2816e-19 J to the digits printed.
    assert Laser().photon_energy == pytest.approx(1.2816e-19, rel=1e-4)
    # The constants are exact on both sides: rounding of two products.
    np.testing.assert_allclose(
        Laser(wavelength=[1.31e-6, 1.55e-6]).photon_energy,
        closed_forms.photon_energy([1.31e-6, 1.55e-6]),
        rtol=1e-15,
    )


def test_frequency_times_wavelength_is_the_speed_of_light():
    laser = Laser(wavelength=[1.3e-6, 1.55e-6])
    np.testing.assert_allclose(laser.frequency * laser.wavelength, 299792458.0, rtol=1e-15)


def test_squared_field_is_the_power():
    laser = Laser(power=[1e-3, 0.1])
    np.testing.assert_allclose(np.abs(laser.field) ** 2, laser.power, rtol=1e-15)


@pytest.mark.parametrize("power", [0.0, -1e-3, np.inf])
def test_a_laser_without_light_is_refused(power):
    with pytest.raises(ValueError, match=r"power must be > 0 and finite \(an optical power in W\)"):
        Laser(power=power)


def test_a_wavelength_must_be_positive():
    with pytest.raises(ValueError, match="wavelength must be > 0 and finite"):
        Laser(wavelength=-1.55e-6)
