from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices import DirectionalCoupler, MachZehnder, PhaseShifter
from validation import closed_forms

# A 2×2 product of four factors: some ten roundings of 1.1e-16 on entries of at most 1.
ROUNDING = 1e-14

angles = st.floats(-10.0, 10.0)
errors = st.floats(-0.3, 0.3)


def test_theta_zero_is_cross_and_pi_is_bar():
    cross, bar = MachZehnder(theta=[0.0, pi]).transfer_matrix()
    np.testing.assert_allclose(np.abs(cross) ** 2, [[0, 1], [1, 0]], atol=ROUNDING)
    np.testing.assert_allclose(np.abs(bar) ** 2, [[1, 0], [0, 1]], atol=ROUNDING)


def test_ideal_powers():
    theta = np.linspace(-4, 8, 101)
    device = MachZehnder(theta=theta, phi=0.7)
    np.testing.assert_allclose(
        device.bar_power, closed_forms.interferometer.ideal_bar_power(theta), atol=ROUNDING
    )
    np.testing.assert_allclose(
        device.cross_power, 1 - closed_forms.interferometer.ideal_bar_power(theta), atol=ROUNDING
    )


@settings(max_examples=100, derandomize=True, deadline=None)
@given(angles, angles, errors, errors)
def test_imperfect_matrix_equals_the_published_closed_form(theta, phi, alpha, beta):
    device = MachZehnder(theta=theta, phi=phi, alpha=alpha, beta=beta)
    expected = closed_forms.interferometer.mach_zehnder_matrix(theta, phi, alpha, beta)
    np.testing.assert_allclose(device.transfer_matrix(), expected, rtol=0, atol=ROUNDING)


def test_matrix_is_the_light_path_through_the_parts():
    light = np.array([0.3 - 0.2j, 0.5j])
    theta, phi, alpha, beta, arm = 1.1, -0.4, 0.03, -0.02, 0.9
    walk = light * [PhaseShifter(phase=phi).transfer(), 1]
    walk = DirectionalCoupler(error_angle=alpha).transfer_matrix() @ walk
    walk = walk * [PhaseShifter(phase=theta, insertion_loss_db=-10 * np.log10(arm)).transfer(), 1]
    walk = DirectionalCoupler(error_angle=beta).transfer_matrix() @ walk
    device = MachZehnder(theta=theta, phi=phi, alpha=alpha, beta=beta, arm_transmission=arm)
    np.testing.assert_allclose(device.transfer_matrix() @ light, walk, atol=ROUNDING)


def test_bar_and_cross_share_all_the_power_that_the_losses_leave():
    device = MachZehnder(theta=[0.2, 1.3], alpha=0.02, beta=0.01, insertion_loss_db=0.5)
    np.testing.assert_allclose(
        device.bar_power + device.cross_power,
        closed_forms.light.power_transmission(0.5),
        rtol=ROUNDING,
    )


def test_darkest_ports():
    alpha, beta = np.array([0.02, 0.03, -0.05]), np.array([0.01, -0.03, 0.02])
    bar = MachZehnder(theta=0.0, alpha=alpha, beta=beta).bar_power
    cross = MachZehnder(theta=pi, alpha=alpha, beta=beta).cross_power
    # Powers of 1e-3 from amplitudes good to 1e-16: relative 1e-12 leaves room.
    np.testing.assert_allclose(
        bar, closed_forms.interferometer.darkest_bar_power(alpha, beta), rtol=1e-12, atol=1e-30
    )
    np.testing.assert_allclose(
        cross, closed_forms.interferometer.darkest_cross_power(alpha, beta), rtol=1e-12, atol=1e-30
    )


@pytest.mark.parametrize("port", ["bar", "cross"])
@pytest.mark.parametrize(
    ("alpha", "beta", "arm"),
    [(0.02, 0.01, 1.0), (0.03, -0.01, 0.95), (-0.1, -0.05, 0.9), (-0.5, -0.4, 0.8)],
)
def test_extinction_is_brightest_over_darkest_of_a_scan(port, alpha, beta, arm):
    theta = np.linspace(0, 2 * pi, 4097)
    device = MachZehnder(theta=theta, alpha=alpha, beta=beta, arm_transmission=arm)
    power = device.bar_power if port == "bar" else device.cross_power
    ratio_db = 10 * np.log10(power.max() / power.min())
    got = device.extinction_ratio_db if port == "bar" else device.cross_extinction_ratio_db
    # θ = 0 and π, where the extremes lie, are on the grid.
    assert got == pytest.approx(ratio_db, rel=1e-10)


def test_extinction_of_a_lossy_arm_and_of_a_perfect_device():
    arm = np.array([0.5, 0.9, 0.99])
    got = MachZehnder(theta=0.0, arm_transmission=arm)
    expected = 10 * np.log10(closed_forms.interferometer.lossy_arm_extinction(arm))
    np.testing.assert_allclose(got.extinction_ratio_db, expected, rtol=1e-12)
    np.testing.assert_allclose(got.cross_extinction_ratio_db, expected, rtol=1e-12)
    assert MachZehnder(theta=0.0).extinction_ratio_db == np.inf
    assert MachZehnder(theta=0.0).cross_extinction_ratio_db == np.inf
    # α = −β keeps the bar perfectly dark, α = β the cross.
    assert MachZehnder(theta=0.0, alpha=0.02, beta=-0.02).extinction_ratio_db == np.inf
    assert MachZehnder(theta=0.0, alpha=0.02, beta=0.02).cross_extinction_ratio_db == np.inf


def test_fields_broadcast_to_the_leading_axes():
    device = MachZehnder(theta=np.zeros((5, 1)), phi=0.1, alpha=[0.0, 0.01, 0.02])
    assert device.transfer_matrix().shape == (5, 3, 2, 2)
    one = MachZehnder(theta=0.0, phi=0.1, alpha=0.02).transfer_matrix()
    np.testing.assert_array_equal(device.transfer_matrix()[3, 2], one)


@pytest.mark.parametrize("value", [0.0, 1.5, -0.5])
def test_arm_transmission_is_a_power_ratio(value):
    with pytest.raises(ValueError, match=r"arm_transmission must be above 0 and at most 1 .*dB"):
        MachZehnder(theta=0.0, arm_transmission=value)


def test_angles_must_be_finite():
    with pytest.raises(ValueError, match="theta must be finite"):
        MachZehnder(theta=np.inf)
