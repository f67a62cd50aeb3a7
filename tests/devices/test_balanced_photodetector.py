import numpy as np
import pytest
from scipy.signal import lfilter

from devices import BalancedPhotodetector, DirectionalCoupler, Photodetector
from validation import closed_forms

RNG = np.random.default_rng(4)
SIGNAL = 1e-2 * (RNG.normal(size=50) + 1j * RNG.normal(size=50))


def test_current_is_signed_and_linear_in_the_field():
    receiver = BalancedPhotodetector(local_oscillator_power=4e-3)
    lo = np.sqrt(4e-3)
    np.testing.assert_allclose(
        receiver.photocurrent(SIGNAL),
        closed_forms.receiver.homodyne_current(SIGNAL, lo),
        atol=1e-17,
    )
    np.testing.assert_allclose(receiver.photocurrent(-SIGNAL), -receiver.photocurrent(SIGNAL))


def test_the_oscillators_phase_chooses_the_quadrature():
    receiver = BalancedPhotodetector()
    lo = 0.03 * np.exp(0.7j)
    np.testing.assert_allclose(
        receiver.photocurrent(SIGNAL, lo),
        closed_forms.receiver.homodyne_current(SIGNAL, lo),
        atol=1e-17,
    )
    np.testing.assert_allclose(
        receiver.photocurrent(SIGNAL, 0.03j), 2 * 0.03 * SIGNAL.imag, atol=1e-17
    )


@pytest.mark.parametrize("saturation_power", [np.inf, 2e-3])
def test_receiver_is_a_coupler_and_two_diodes(saturation_power):
    diode = Photodetector(responsivity=0.9, saturation_power=saturation_power)
    receiver, lo = BalancedPhotodetector(photodiode=diode), np.sqrt(1e-3)
    # The coupler adds i to what crosses; the oscillator comes in turned back by it.
    ports = DirectionalCoupler().transfer_matrix() @ np.array(
        [SIGNAL, np.full_like(SIGNAL, -1j * lo)]
    )
    plus, minus = diode.photocurrent(np.abs(ports) ** 2)
    # Differences of currents of 1 mA, each good to 1e-16 of it.
    np.testing.assert_allclose(receiver.photocurrent(SIGNAL), plus - minus, atol=1e-17)
    density = closed_forms.receiver.shot_noise_density(
        plus
    ) + closed_forms.receiver.shot_noise_density(minus)
    density = density + closed_forms.receiver.thermal_noise_density(50, 300, 3.0)
    np.testing.assert_allclose(receiver.noise_density(SIGNAL), density, rtol=1e-13)


def test_saturation_bends_the_difference():
    bent = BalancedPhotodetector(photodiode=Photodetector(saturation_power=1e-2))
    straight = BalancedPhotodetector()
    weak, strong = 1e-5, 5e-2
    # A strong oscillator saturates both diodes by P_LO/P_sat ≈ 5 % each, twice in the slope.
    assert bent.photocurrent(weak) / straight.photocurrent(weak) == pytest.approx(0.907, rel=1e-2)
    assert bent.photocurrent(strong) < 0.8 * straight.photocurrent(strong)


def test_shot_noise_adds_where_the_signal_subtracts():
    receiver = BalancedPhotodetector(
        photodiode=Photodetector(responsivity=0.7, dark_current=2e-8, thermal_noise=False)
    )
    lo = np.sqrt(1e-3)
    current = closed_forms.receiver.homodyne_shot_current(SIGNAL, lo, 0.7) + 2 * 2e-8
    np.testing.assert_allclose(
        receiver.noise_density(SIGNAL),
        closed_forms.receiver.shot_noise_density(current),
        rtol=1e-13,
    )
    assert receiver.noise_density(0.0) > 0  # the oscillator alone is noisy


def test_one_amplifier_one_thermal_noise():
    diode = Photodetector(shot_noise=False)
    pair = BalancedPhotodetector(photodiode=diode)
    np.testing.assert_allclose(pair.noise_density(SIGNAL), diode.noise_density(0.0), rtol=1e-15)


@pytest.mark.parametrize("samples_per_time_constant", [0.5, 10.0])
def test_injected_noise_leaves_the_stated_variance(samples_per_time_constant):
    receiver, n = BalancedPhotodetector(), 200_000
    dt = receiver.photodiode.time_constant / samples_per_time_constant
    p = receiver.photodiode.pole(dt)
    sigma = np.sqrt(receiver.injected_variance(5e-3 + 2e-3j, dt))
    record = lfilter([1 - p], [1, -p], np.random.default_rng(8).normal(0, sigma, n))[200:]
    allowed = 4 * np.sqrt(2 / n * (1 + p * p) / (1 - p * p))
    assert abs(record.var() / receiver.noise_variance(5e-3 + 2e-3j) - 1) < allowed


def test_shot_noise_is_that_of_electrons_counted_in_both_diodes():
    diode = Photodetector(thermal_noise=False, dark_current=0.0)
    receiver, field, dt, n = (
        BalancedPhotodetector(photodiode=diode, local_oscillator_power=1e-6),
        5e-4,
        5e-12,
        400_000,
    )
    lo, charge = np.sqrt(1e-6), closed_forms.values.ELEMENTARY_CHARGE
    powers = np.array([[(field + lo) ** 2 / 2], [(field - lo) ** 2 / 2]])
    counts = np.random.default_rng(9).poisson(powers * dt / charge, (2, n))
    p = diode.pole(dt)
    record = lfilter([1 - p], [1, -p], (counts[0] - counts[1]) * charge / dt)[200:]
    allowed = 4 * np.sqrt(2 / n * (1 + p * p) / (1 - p * p))
    assert abs(record.var() / receiver.noise_variance(field) - 1) < allowed
    assert record.mean() == pytest.approx(float(receiver.photocurrent(field)), rel=0.01)


def test_infinite_bandwidth_with_noise_on_is_an_error():
    receiver = BalancedPhotodetector(photodiode=Photodetector(bandwidth=np.inf))
    with pytest.raises(ValueError, match="infinite bandwidth with noise on"):
        receiver.noise_variance(1e-2)


def test_bad_fields_are_refused():
    with pytest.raises(ValueError, match=r"photodiode must be a Photodetector .*got 1\.0"):
        BalancedPhotodetector(photodiode=1.0)
    with pytest.raises(ValueError, match="local_oscillator_power must be > 0 and finite"):
        BalancedPhotodetector(local_oscillator_power=0.0)
