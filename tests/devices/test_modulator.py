from math import pi

import numpy as np
import pytest

from devices import Modulator
from validation import closed_forms

DRIVE = np.linspace(-1.5, 1.5, 61)


def test_linearised_field_is_the_drive_clipped_to_full_scale():
    np.testing.assert_array_equal(Modulator().field(DRIVE), np.clip(DRIVE, -1, 1))


def test_raw_field_is_the_sine_of_the_transfer_function():
    np.testing.assert_allclose(
        Modulator(linearised=False).field(DRIVE), np.sin(pi * DRIVE / 2), atol=1e-15
    )


@pytest.mark.parametrize("linearised", [True, False])
def test_the_voltage_drives_the_same_interferometer_to_the_field(linearised):
    modulator = Modulator(linearised=linearised, half_wave_voltage=4.2)
    volts = modulator.voltage(DRIVE)
    # asin is steep at ±1: half the digits may go there, none elsewhere.
    np.testing.assert_allclose(
        np.sin(pi * volts / (2 * 4.2)), modulator.field(DRIVE), rtol=0, atol=1e-15
    )


@pytest.mark.parametrize("linearised", [True, False])
def test_slope_is_the_derivative_of_the_field(linearised):
    modulator, step = Modulator(linearised=linearised), 1e-6
    drive = DRIVE[np.abs(np.abs(DRIVE) - 1) > 1e-3]
    numeric = (modulator.field(drive + step) - modulator.field(drive - step)) / (2 * step)
    # Central difference: error step²·π³/48 plus 1e-16/step.
    np.testing.assert_allclose(modulator.slope(drive), numeric, atol=1e-9)


def test_slope_passes_at_full_scale_and_stops_beyond():
    got = Modulator().slope(np.array([-1.0, 1.0, np.nextafter(1.0, 2.0), -1.1]))
    np.testing.assert_array_equal(got, [1, 1, 0, 0])


@pytest.mark.parametrize("linearised", [True, False])
@pytest.mark.parametrize("method", ["field", "slope", "voltage"])
def test_single_precision_stays_single(method, linearised):
    call = getattr(Modulator(linearised=linearised), method)
    single = call(DRIVE.astype(np.float32))
    assert single.dtype == np.float32
    # float32 carries 6e-8; the arcsine near ±1 amplifies the rounding of u itself.
    np.testing.assert_allclose(single, call(DRIVE), atol=2e-3 if method == "voltage" else 3e-7)
    assert call([0, 1]).dtype == np.float64


def test_transmission_is_an_amplitude():
    got = Modulator(insertion_loss_db=[0.0, 3.0, 6.0]).transmission
    np.testing.assert_allclose(
        got**2, closed_forms.light.power_transmission([0.0, 3.0, 6.0]), rtol=1e-15
    )


def test_linearised_is_a_flag_and_nothing_else():
    with pytest.raises(ValueError, match=r"linearised must be true or false .*got 1"):
        Modulator(linearised=1)


def test_wrong_signs_are_refused():
    with pytest.raises(ValueError, match="For 3 dB of loss write insertion_loss_db=3"):
        Modulator(insertion_loss_db=-3.0)
    with pytest.raises(ValueError, match="half_wave_voltage must be > 0 and finite"):
        Modulator(half_wave_voltage=0.0)
