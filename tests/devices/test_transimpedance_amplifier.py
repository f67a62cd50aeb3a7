import numpy as np
import pytest

from devices import TransimpedanceAmplifier
from validation import closed_forms


def test_small_currents_see_the_transimpedance_and_large_ones_the_rail():
    device = TransimpedanceAmplifier()
    current = np.array([-1.0, -2e-3, -1e-9, 0.0, 1e-9, 1e-4, 1e-3])
    expected = closed_forms.receiver.tanh_rail(current[1:], 1e3, 0.5)
    np.testing.assert_allclose(device.voltage(current)[1:], expected, rtol=1e-9, atol=1e-15)
    assert device.voltage(-1.0) == -0.5
    assert device.overload_current == pytest.approx(0.5e-3)


def test_slope_is_the_derivative():
    device = TransimpedanceAmplifier()
    current = np.linspace(-1e-3, 1e-3, 9)
    step = 1e-8
    numeric = (device.voltage(current + step) - device.voltage(current - step)) / (2 * step)
    # Second order in step over overload, (2e-5)²; 1e-16 V over 2e-8 A.
    np.testing.assert_allclose(device.slope(current), numeric, rtol=1e-7)


def test_without_a_rail_it_is_linear():
    rails = TransimpedanceAmplifier(saturation_voltage=[np.inf, 0.5])
    np.testing.assert_allclose(rails.voltage(1.0), [1e3, 0.5])
    linear = TransimpedanceAmplifier(saturation_voltage=np.inf)
    np.testing.assert_allclose(linear.voltage([1.0, -2.0]), [1e3, -2e3])
    np.testing.assert_allclose(linear.slope([1.0, 0.0]), [1e3, 1e3])


def test_precision_is_kept():
    device = TransimpedanceAmplifier()
    current = np.array([1e-4], dtype=np.float32)
    assert device.voltage(current).dtype == device.slope(current).dtype == np.float32


def test_dynamics_and_noise_are_those_of_one_pole():
    device = TransimpedanceAmplifier(bandwidth=[1e9, 1e10])
    time = 3e-11
    expected = closed_forms.receiver.low_pass_step(time, device.time_constant)
    np.testing.assert_allclose(device.step_response(time), expected, rtol=1e-13)
    np.testing.assert_allclose(1 - device.pole(time), expected, rtol=1e-13)
    band = closed_forms.receiver.noise_bandwidth([1e9, 1e10])
    np.testing.assert_allclose(device.noise_variance, (15e-12) ** 2 * band, rtol=1e-13)
    assert TransimpedanceAmplifier(bandwidth=np.inf, input_noise=0.0).noise_variance == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: TransimpedanceAmplifier(transimpedance=0.0), "transimpedance must be > 0"),
        (lambda: TransimpedanceAmplifier(saturation_voltage=-1.0), "must be > 0 or inf"),
        (lambda: TransimpedanceAmplifier(input_noise=-1.0), "input_noise must be ≥ 0"),
        (
            lambda: TransimpedanceAmplifier(bandwidth=np.inf).noise_variance,
            "bandwidth must be finite where noise is on",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
