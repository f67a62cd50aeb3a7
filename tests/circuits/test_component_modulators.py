"""Modulators in netlists: what their devices make of a voltage, both ways, and at rest."""

import numpy as np
import pytest

from devices import ElectroAbsorptionModulator, Modulator
from tests.circuits.active_settings import CARRIER, alone, run

DT = 1e-12
VOLTS = np.linspace(-4.0, 4.0, 33)


@pytest.mark.parametrize("linearised", [True, False])
def test_a_mach_zehnder_makes_a_signed_field(linearised):
    settings = {"linearised": linearised, "half_wave_voltage": 3.2, "insertion_loss_db": 2.5}
    device = Modulator(**settings)
    light = np.full(33, 0.1 * np.exp(0.3j))
    found = run("modulator", {"in0": light, "drive": VOLTS}, DT, **settings)["out0"]
    expected = light * device.transmission * device.field(VOLTS / 3.2)
    np.testing.assert_allclose(found, expected, atol=1e-16)
    if not linearised:
        power = 0.01 * 10**-0.25 * np.sin(np.pi * VOLTS / (2 * 3.2)) ** 2
        np.testing.assert_allclose(np.abs(found) ** 2, power, atol=1e-17)


def test_a_phase_modulator_turns_and_keeps_its_light():
    settings = {"half_wave_voltage": 2.0, "insertion_loss_db": 1.0}
    found = run("phase_modulator", {"in0": np.ones(33), "drive": VOLTS}, DT, **settings)["out0"]
    np.testing.assert_allclose(found, 10**-0.05 * np.exp(1j * np.pi * VOLTS / 2), rtol=1e-13)


def test_electro_absorption_is_the_device():
    device = ElectroAbsorptionModulator(chirp=0.7, exponent=1.7)
    settings = {"chirp": 0.7, "exponent": 1.7}
    light = {"in0": np.ones(33), "drive": VOLTS}
    found = run("electro_absorption_modulator", light, DT, **settings)["out0"]
    expected = device.transmission * device.field(np.maximum(VOLTS, 0.0))
    np.testing.assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize("name", ["modulator", "phase_modulator", "electro_absorption_modulator"])
def test_light_passes_both_ways(name):
    forward = run(name, {"in0": np.ones(33), "drive": VOLTS}, DT)["out0"]
    backward = run(name, {"out0": np.ones(33), "drive": VOLTS}, DT)["in0"]
    np.testing.assert_array_equal(forward, backward)


def test_at_rest_a_mach_zehnder_is_dark_and_the_others_pass():
    passing = {
        name: alone(name).scattering(frequency=[CARRIER])[0, 1, 0]
        for name in ("modulator", "phase_modulator", "electro_absorption_modulator")
    }
    assert passing["modulator"] == 0
    assert passing["phase_modulator"] == 1
    assert passing["electro_absorption_modulator"] == pytest.approx(10**-0.2)
