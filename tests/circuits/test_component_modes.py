"""Modes in frequency: closed forms, slopes against differences, other carriers, fits."""

import numpy as np
import pytest

from circuits import PoleModel
from circuits.component_modes import Modes, ModesSlope, low_pass

CENTRE = 193.1e12
LIGHT = CENTRE + np.linspace(-20e9, 20e9, 7)


def two_modes(**changes):
    rng = np.random.default_rng(3)

    def draw(*shape):
        return rng.normal(size=shape) + 1j * rng.normal(size=shape)

    numbers = {
        "poles": np.array([-2e10 + 1e10j, -5e10]),
        "into": 1e5 * draw(2, 3),
        "out": 1e5 * draw(3, 2),
        "direct": draw(3, 3),
        "reference_frequency": CENTRE,
    }
    slopes = {name: ModesSlope(**{name: 1.0}) for name in numbers}
    return Modes(ports=("a", "b", "c"), **(numbers | changes), parameters={"x": 0.0}, slopes=slopes)


def test_one_mode_is_a_lorentzian():
    tau, mu = 3e-11, np.sqrt(2 / 3e-11)
    ring = Modes(
        ports=("in", "out"),
        poles=np.array([-1 / tau]),
        into=np.array([[1j * mu, 0]]),
        out=np.array([[0], [1j * mu]]),
        direct=np.array([[0, 0], [1, 0]]),
        reference_frequency=CENTRE,
    )
    x = 2 * np.pi * (LIGHT - CENTRE) * tau
    # 1 − (2/τ)/(1/τ − iΩ): the all-pass of a lossless ring.
    np.testing.assert_allclose(ring.scattering(LIGHT)[:, 1, 0], (-1 - 1j * x) / (1 - 1j * x))
    assert np.array_equal(ring.structure, [[False, False], [True, False]])


@pytest.mark.parametrize("name", ModesSlope._fields)
def test_slopes_of_modes(name):
    value = getattr(two_modes(), name)
    # A carrier of 2e14 Hz is spaced by 1/32 Hz.
    step = {"reference_frequency": 2.0**16, "poles": 1e5, "direct": 1e-5}.get(name, 1.0)
    upper, lower = (two_modes(**{name: value + s}).scattering(LIGHT) for s in (step, -step))
    expected = (upper - lower) / (2 * step)
    slope = two_modes().derivatives(LIGHT)[name]
    np.testing.assert_allclose(slope, expected, rtol=1e-5, atol=1e-6 * np.abs(slope).max())


def test_dispersion_of_modes():
    step = 2.0**16
    upper, lower = (two_modes().scattering(LIGHT + s) for s in (step, -step))
    expected = (upper - lower) / (2 * step)
    found = two_modes().dispersion(LIGHT)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6 * np.abs(found).max())


def test_another_carrier_is_the_same_component():
    moved = two_modes().referred_to(CENTRE + 7e9)
    assert moved.reference_frequency == CENTRE + 7e9
    np.testing.assert_allclose(moved.scattering(LIGHT), two_modes().scattering(LIGHT), rtol=1e-9)
    before, after = two_modes().derivatives(LIGHT), moved.derivatives(LIGHT)
    for name, slope in before.items():
        np.testing.assert_allclose(after[name], slope, rtol=1e-9, err_msg=name)


def test_a_low_pass_has_no_carrier():
    built = low_pass(
        2e-10,
        gain=3.0,
        parameters={"tau": 2e-10, "gain": 3.0},
        time_slopes={"tau": 1.0},
        gain_slopes={"gain": 1.0},
    )
    f = np.array([1e6, 1e9, 2e14])
    x = 1 - 2j * np.pi * f * 2e-10
    np.testing.assert_allclose(built.scattering(f)[:, 1, 0], 3 / x, rtol=1e-12)
    slopes = built.derivatives(f)
    np.testing.assert_allclose(slopes["gain"][:, 1, 0], 1 / x, rtol=1e-12)
    by_tau = 3 / x**2 * 2j * np.pi * f
    np.testing.assert_allclose(slopes["tau"][:, 1, 0], by_tau, rtol=1e-9)
    assert built.domains == ("electrical", "electrical")


def test_states_of_a_fit():
    rng = np.random.default_rng(1)
    model = PoleModel(
        ports=("a", "b"),
        reference_frequency=CENTRE,
        poles=np.array([-1e10, -3e10 + 2e10j]),
        residues=1e9 * (rng.normal(size=(2, 2, 2)) + 1j * rng.normal(size=(2, 2, 2))),
        constant=np.eye(2) + 0j,
    )
    built = Modes.of_pole_model(model)
    np.testing.assert_allclose(built.scattering(LIGHT), model.scattering(LIGHT), rtol=1e-12)
    assert built.derivatives(LIGHT) == {}


def test_refuses_what_does_not_fit_or_grows():
    with pytest.raises(ValueError, match=r"into must have the shape \(2, 3\) .* got \(2, 2\)"):
        two_modes(into=np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"poles must have real parts ≤ 0 .* got 1\+0j"):
        two_modes(poles=np.array([1.0, -1.0]))
    with pytest.raises(ValueError, match="time_constant must be"):
        low_pass(0.0)
