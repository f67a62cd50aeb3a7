"""Detectors in netlists: their devices' step response, square law, saturation and noise."""

import numpy as np
import pytest

from circuits import CircuitError
from devices import BalancedPhotodetector, Photodetector
from tests.circuits.active_settings import CARRIER, alone, run

DT = 2e-12
QUIET = {"dark_current": 0.0, "shot_noise": False, "thermal_noise": False}


def test_a_step_of_light_comes_out_as_the_device_says():
    device = Photodetector(bandwidth=10e9, responsivity=0.8, dark_current=1e-6)
    settings = {"bandwidth": 10e9, "responsivity": 0.8, "dark_current": 1e-6}
    current = run("photodetector", {"in0": np.full(200, 0.1)}, DT, **settings)["out0"]
    assert current.dtype == np.float64
    end = DT * np.arange(1, 201)  # of each sample
    expected = device.photocurrent(0.01) * device.step_response(end)
    np.testing.assert_allclose(current, expected, rtol=1e-12)


@pytest.mark.parametrize("saturation_power", [np.inf, 2e-3])
def test_the_square_law_saturates(saturation_power):
    light = np.sqrt(np.array([0.0, 1e-3, 2e-3, 5e-2])) * np.exp(1.3j)
    settings = {"bandwidth": np.inf, "saturation_power": saturation_power}
    current = run("photodetector", {"in0": light}, DT, **settings)["out0"]
    device = Photodetector(**settings)
    np.testing.assert_allclose(current, device.photocurrent(np.abs(light) ** 2), rtol=1e-13)


def test_balanced_diodes_read_a_quadrature():
    rng = np.random.default_rng(0)
    signal = 0.01 * (rng.normal(size=50) + 1j * rng.normal(size=50))
    oscillator = np.full(50, 0.03 * np.exp(0.4j))
    settings = {"bandwidth": np.inf, "responsivity": 0.9, "saturation_power": 1e-2}
    found = run("balanced_photodetector", {"in0": signal, "in1": oscillator}, DT, **settings)
    device = BalancedPhotodetector(photodiode=Photodetector(**settings))
    expected = device.photocurrent(signal, oscillator)
    # A difference of two currents of 1 mA, rounded to 1e-19 A.
    np.testing.assert_allclose(found["out0"], expected, atol=1e-17)


@pytest.mark.parametrize("name", ["photodetector", "balanced_photodetector"])
def test_noise_is_the_devices(name):
    settings = {"bandwidth": 20e9, "responsivity": 0.9}
    n, rows = 20_000, 8
    light = {"in0": np.full((rows, n), 0.05)}
    device = Photodetector(**settings)
    expected = device.noise_variance(device.photocurrent(0.05**2))
    mean = device.photocurrent(0.05**2)
    if name == "balanced_photodetector":
        light["in1"] = np.full((rows, n), 0.03)
        device = BalancedPhotodetector(photodiode=device)
        expected = device.noise_variance(0.05, 0.03)
        mean = device.photocurrent(0.05, 0.03)
    found = run(name, light, DT, seed=5, **settings)["out0"][:, 100:]
    # Samples forget one another in τ = 4 dt: √((1 + p²)/(1 − p²)) ≈ 2 wider than white ones.
    independent = rows * n / 4
    assert np.var(found) == pytest.approx(expected, rel=4 * np.sqrt(2 / independent))
    assert np.mean(found) == pytest.approx(mean, abs=4 * np.sqrt(2 * expected / independent))
    np.testing.assert_array_equal(found, run(name, light, DT, seed=5, **settings)["out0"][:, 100:])


def test_a_detector_sends_no_light_back():
    built = alone("photodetector")
    scattering = built.scattering(frequency=[CARRIER])
    np.testing.assert_array_equal(scattering, 0.0)


def test_noise_of_an_instant_detector_is_refused():
    light = {"in0": np.ones(4)}
    assert np.all(run("photodetector", light, DT, bandwidth=np.inf)["out0"] > 0)
    with pytest.raises(CircuitError, match="must have a finite bandwidth where noise is on"):
        run("photodetector", light, DT, seed=0, bandwidth=np.inf)
    quiet = run("photodetector", light, DT, seed=0, bandwidth=np.inf, **QUIET)
    np.testing.assert_allclose(quiet["out0"], 1.0)
