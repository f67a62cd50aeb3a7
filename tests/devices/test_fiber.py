import numpy as np
import pytest

from devices import Fiber
from validation import closed_forms


def test_a_metre_takes_4_90_ns():
    assert Fiber().delay == pytest.approx(4.90e-9, abs=5e-12)  # three printed digits


def test_a_hundred_kilometres_lose_20_db():
    assert Fiber(length=100e3).transmission == pytest.approx(0.1, rel=1e-12)


def test_dispersion_is_quoted_per_wavelength():
    fiber = Fiber()
    expected = closed_forms.light.dispersion_of(-21.7e-27, 1.55e-6)
    assert fiber.dispersion() == pytest.approx(float(expected), rel=1e-14)
    assert fiber.dispersion() == pytest.approx(17e-6, rel=3e-3)  # 17 ps/(nm km)
    again = Fiber.from_dispersion(dispersion=[17e-6, -80e-6], length=2.0, wavelength=1.31e-6)
    np.testing.assert_allclose(again.dispersion(1.31e-6), [17e-6, -80e-6], rtol=1e-14)
    assert again.length == 2.0


def test_longer_waves_arrive_later_where_the_dispersion_is_positive():
    fiber = Fiber(length=1e4)
    step = 1e6
    red, blue = (
        np.angle(fiber.frequency_response(f + step) / fiber.frequency_response(f - step))
        for f in (-1e9, 1e9)
    )
    turn = np.angle(np.exp(1j * (red - blue)))  # group delays differ by far less than a turn
    assert turn > 0
    difference = turn / (4 * np.pi * step)
    # D·L·Δλ for 2 GHz: Δλ = λ²/c·2e9.
    expected = fiber.dispersion() * 1e4 * (1.55e-6) ** 2 / 299792458.0 * 2e9
    assert difference == pytest.approx(expected, rel=1e-3)  # 1e-12 rad of 3e-5 rad, phases of 3e5


def test_a_dispersion_is_finite():
    with pytest.raises(ValueError, match=r"dispersion must be finite \(D in s/m²"):
        Fiber.from_dispersion(dispersion=np.nan)
