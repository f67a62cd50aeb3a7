import numpy as np
import pytest

from devices import ElectroAbsorptionModulator
from validation import closed_forms


def test_absorption_and_its_inverse():
    device = ElectroAbsorptionModulator(absorption_voltage=1.2, exponent=[1.0, 2.0, 3.0])
    assert np.all(device.power(0.0) == 1.0)
    np.testing.assert_allclose(device.power(1.2), np.exp(-1.0), rtol=1e-14)
    np.testing.assert_allclose(device.power(2.4), np.exp(-(2.0 ** np.array([1, 2, 3]))), rtol=1e-14)
    np.testing.assert_allclose(device.power(device.voltage(0.07)), 0.07, rtol=1e-13)
    assert np.all(device.voltage(1.0) == 0.0)
    # 10 log₁₀ e dB for each natural unit.
    np.testing.assert_allclose(device.extinction_db(2.4)[0], 2 * 4.342944819, rtol=1e-9)


def test_field_has_the_power():
    device = ElectroAbsorptionModulator()
    volts = np.linspace(0.0, 3.0, 7)
    np.testing.assert_allclose(np.abs(device.field(volts)) ** 2, device.power(volts), rtol=1e-14)
    loss = closed_forms.light.power_transmission(4.0)
    assert device.transmission**2 == pytest.approx(float(loss), rel=1e-14)


def test_a_rising_edge_is_blue_where_the_chirp_is_positive():
    """Frequency above the carrier is −dφ/dt in e^{-iωt}: (α_H/2) d ln P/dt, Koyama, Iga (1988)."""
    time = np.linspace(0.0, 1e-11, 1001)
    volts = 2.0 * (1.0 - time / 1e-11)
    device = ElectroAbsorptionModulator(chirp=0.8)
    field = device.field(volts)
    shift = -np.gradient(np.unwrap(np.angle(field)), time)
    expected = 0.4 * np.gradient(np.log(np.abs(field) ** 2), time)
    np.testing.assert_allclose(shift, expected, rtol=1e-9)
    assert np.all(shift[:-1] > 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ElectroAbsorptionModulator(insertion_loss_db=-4.0), "For 4 dB of loss"),
        (lambda: ElectroAbsorptionModulator(absorption_voltage=0.0), "must be > 0"),
        (lambda: ElectroAbsorptionModulator(exponent=0.0), "exponent must be > 0"),
        (lambda: ElectroAbsorptionModulator(chirp=np.inf), "chirp must be finite"),
        (lambda: ElectroAbsorptionModulator().power(-1.0), "voltage must be ≥ 0"),
        (lambda: ElectroAbsorptionModulator().field([-1.0]), "voltage must be ≥ 0"),
        (lambda: ElectroAbsorptionModulator().voltage(1.1), "power must be above 0 and at most 1"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
