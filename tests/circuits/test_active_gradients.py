"""Gradients in time with respect to every setting of the active components, by differences."""

import numpy as np
import pytest

from tests.circuits.active_settings import ACTIVE, CARRIER, alone

DT = 2e-12
SAMPLES = 12
LARGE = {
    "cable": {"delay": 7e-12},
    "erbium_amplifier": {"time_constant": 5e-11},
    "laser": {"linewidth": 1e9, "rin_db": -120.0},
    "photodetector": {"bandwidth": 2e10, "dark_current": 1e-3},
    "balanced_photodetector": {"bandwidth": 2e10},
}
"""What a dozen samples show."""


def run(name, settings, light, seed=None):
    return alone(name, **settings).transient(light, dt=DT, frequency=CARRIER, order=3, seed=seed)


@pytest.mark.parametrize("name", ACTIVE)
def test_gradients_are_differences(name):
    settings = ACTIVE[name] | LARGE.get(name, {})
    built = alone(name, **settings)
    rng = np.random.default_rng(0)
    domains = dict(zip(built.ports, built.components["u"].domains, strict=True))
    light = {}
    for port, domain in domains.items():
        turn = 0.0 if domain == "electrical" else 0.05j
        # Controls and drives stay between the corners of their limits.
        light[port] = 0.2 + 0.05 * rng.uniform(size=SAMPLES) + turn * rng.normal(size=SAMPLES)
        if domain == "electrical" and port.startswith("out"):
            light[port] = np.zeros(SAMPLES)  # nothing may enter there
    seed = 3 if name in ("laser", "photodetector") else None
    trace = run(name, settings, light, seed).outputs
    bars = {
        port: rng.normal(size=SAMPLES)
        + (0.0 if domains[port] == "electrical" else 1j * rng.normal(size=SAMPLES))
        for port in trace
    }
    stepped = built.stepped(tuple(light), dt=DT, frequency=CARRIER, order=3)
    found = stepped.gradients(light, bars, seed=seed).parameters["u"]

    def loss(**changed):
        outputs = run(name, settings | changed, light, seed).outputs
        return sum(np.sum((np.conj(bars[port]) * outputs[port]).real) for port in bars)

    parameters = built.components["u"].parameters
    assert parameters or name == "electrical_source"
    for parameter, value in parameters.items():
        # Truncation 1e-10 of what a parameter's own size does, rounding 1e-16/1e-5 of the loss.
        step = 1e-5 * (abs(value) or 1.0)
        if parameter == "resonance_wavelength":  # 1e-5 of which is 2 GHz
            step *= 1e-3
        slope = (loss(**{parameter: value + step}) - loss(**{parameter: value - step})) / (2 * step)
        scale = max(abs(slope), abs(loss()) / (abs(value) or 1.0))
        assert found[parameter] == pytest.approx(slope, abs=5e-7 * scale), parameter
