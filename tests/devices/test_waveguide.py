from math import pi

import numpy as np
import pytest

from devices import Waveguide
from validation import closed_forms


def test_loss_delay_and_phase():
    guide = Waveguide(length=[1e-3, 4e-3], propagation_loss_db=300.0, carrier_phase=0.3)
    loss = closed_forms.light.power_transmission(300.0 * np.array([1e-3, 4e-3]))
    np.testing.assert_allclose(np.abs(guide.transfer()) ** 2, loss, rtol=1e-14)
    np.testing.assert_allclose(np.angle(guide.transfer()), 0.3, rtol=1e-14)
    np.testing.assert_allclose(guide.delay, 4.2 * np.array([1e-3, 4e-3]) / 299792458.0, rtol=1e-15)


def test_a_delay_comes_later():
    """A pulse moves to later samples, whole ones exactly: the sign of the whole convention."""
    dt, shift = 1e-12, 7
    guide = Waveguide(
        length=shift * dt * 299792458.0 / 4.2, propagation_loss_db=0.0, carrier_phase=0.9
    )
    pulse = np.zeros(64)
    pulse[5] = 1.0
    got = guide.propagate(pulse, dt)
    expected = np.roll(pulse, shift) * np.exp(0.9j)
    np.testing.assert_allclose(got, expected, atol=1e-13)


def test_group_delay_is_the_slope_of_the_phase():
    guide = Waveguide(length=0.1, group_velocity_dispersion=2e-24)
    offset, step = np.array([-1e11, 0.0, 2e11]), 1e6
    turn = guide.frequency_response(offset + step) / guide.frequency_response(offset - step)
    slope = np.angle(turn) / (4 * pi * step)
    expected = guide.delay + 2e-24 * 0.1 * 2 * pi * offset
    np.testing.assert_allclose(slope, expected, rtol=1e-9)  # exact for a parabola; angles cancel


@pytest.mark.parametrize("dispersion", [-2e-24, 2e-24])
def test_dispersion_spreads_a_gaussian_as_in_the_textbook(dispersion):
    width, length, n, dt = 2e-12, 3.0, 1024, 0.1e-12
    time = dt * (np.arange(n) - n // 2)
    guide = Waveguide(length=length, propagation_loss_db=0.0, group_velocity_dispersion=dispersion)
    got = guide.propagate(np.exp(-(time**2) / (2 * width**2)), dt, delayed=False)
    expected = closed_forms.light.dispersed_gaussian(time, length, dispersion, width)
    # The pulse is 1e-40 at the edge of the window, and spectrally complete at 10 THz.
    np.testing.assert_allclose(got, expected, atol=1e-12)
    power = np.abs(got) ** 2
    spread = np.sqrt(2 * np.sum(time**2 * power) / np.sum(power)) / width
    factor = closed_forms.light.gaussian_broadening(length, dispersion, width)
    assert spread == pytest.approx(float(factor), rel=1e-9)
    assert factor > 1.5


def test_propagation_filters_the_last_axis():
    rng = np.random.default_rng(0)
    signals = rng.normal(size=(2, 3, 32)) + 1j * rng.normal(size=(2, 3, 32))
    guide = Waveguide(length=0.02, group_velocity_dispersion=1e-24)
    together = guide.propagate(signals, 1e-12)
    np.testing.assert_array_equal(together[1, 2], guide.propagate(signals[1, 2], 1e-12))


def test_carrier_phase_of_a_geometry():
    guide = Waveguide.from_index(effective_index=2.4, length=[1.55e-6 / 2.4, 1.55e-6 / 2.4 * 1.25])
    np.testing.assert_allclose(np.exp(1j * guide.carrier_phase), [1, 1j], atol=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Waveguide(length=-1.0), "length must be ≥ 0"),
        (lambda: Waveguide(propagation_loss_db=-3.0), "For 3 dB/m of loss write"),
        (lambda: Waveguide(group_index=0.0), "group_index must be > 0"),
        (lambda: Waveguide(group_velocity_dispersion=np.inf), "dispersion must be finite"),
        (lambda: Waveguide.from_index(effective_index=-2.0), "effective_index must be > 0"),
        (lambda: Waveguide().propagate(np.ones(4), 0.0), "dt must be > 0"),
        (lambda: Waveguide().propagate(1.0, 1e-12), "envelope must be samples in time"),
        (
            lambda: Waveguide(length=[1.0, 2.0]).propagate(np.ones(8), 1e-12),
            "one guide at a time; got fields of shape",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
