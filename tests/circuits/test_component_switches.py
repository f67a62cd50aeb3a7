"""Switches in netlists: the transients, losses and leaks of their devices, and what is refused."""

import numpy as np
import pytest

from circuits import CircuitError, SwitchSchedule
from circuits.switch_schedule import lane_coefficients
from devices import FiberSwitch
from tests.circuits.active_settings import CARRIER, alone, run

DT = 5e-12
TAU = 40e-12
FIELDS = {"time_constant": TAU, "isolation_db": 17.0, "insertion_loss_db": 1.5}
LEAK, PASS = 10**-0.85, 10**-0.075
END = DT * np.arange(1, 301)
ON = np.ones(300)


@pytest.mark.parametrize("transient", ["gate", "mzi"])
def test_a_switch_is_the_device(transient):
    """Thrown once, it gives the transient weights of both paths and their leaks."""
    settings = FIELDS | {"transient": transient}
    phases = {"leakage_phase0": 0.6, "leakage_phase1": -1.0}
    found = run("switch", {"in0": ON, "control": ON}, DT, **settings, **phases)
    new, old = FiberSwitch(**settings).transient_weights(END)
    np.testing.assert_allclose(
        found["out1"], PASS * (new + LEAK * np.exp(-1j) * old), rtol=1e-13, atol=1e-15
    )
    np.testing.assert_allclose(
        found["out0"], PASS * (old + LEAK * np.exp(0.6j) * new), rtol=1e-13, atol=1e-15
    )


def test_gates_follow_a_schedule_whose_slots_they_do_not_settle_in():
    device = FiberSwitch(transient="gate", **FIELDS)
    schedule = SwitchSchedule(weight_sets=2, repetitions=6)
    samples, phases = 12, np.array([0.6, -1.0])
    path = schedule.sampled_coefficients(device, samples * DT, samples).reshape(72, 2, 2)
    expected = PASS * lane_coefficients(path, phases[:, None])[..., 0]
    found = run(
        "switch",
        {"in0": np.ones(72), "control": np.repeat(schedule.banks, samples)},
        DT,
        leakage_phase0=0.6,
        leakage_phase1=-1.0,
        transient="gate",
        **FIELDS,
    )
    for bank in (0, 1):
        np.testing.assert_allclose(found[f"out{bank}"], expected[:, bank], rtol=1e-13)


def test_a_gate_opens_and_shuts():
    control = np.repeat([1.0, 0.0], 150)
    found = run("gate", {"in0": ON, "control": control}, DT, **FIELDS)["out0"]
    opened = 1 - np.exp(-END[:150] / TAU)
    shutting = opened[-1] * np.exp(-END[:150] / TAU)
    weight = np.concatenate([opened, shutting])
    np.testing.assert_allclose(found, PASS * (LEAK + (1 - LEAK) * weight), rtol=1e-13)


def test_a_2x2_exchanges_its_light_and_keeps_its_power():
    light = {"in0": ON, "in1": 0.5j * ON, "control": ON}
    fields = {"isolation_db": np.inf, "insertion_loss_db": 0.0, "time_constant": TAU}
    found = run("switch2x2", light, DT, **fields)
    x = 1 - np.exp(-END / TAU)
    across, along = 1j * np.sin(np.pi / 2 * x), np.cos(np.pi / 2 * x)
    np.testing.assert_allclose(found["out0"], along + across * 0.5j, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(found["out1"], across + along * 0.5j, rtol=1e-12, atol=1e-14)
    power = np.abs(found["out0"]) ** 2 + np.abs(found["out1"]) ** 2
    np.testing.assert_allclose(power, 1.25, rtol=1e-13)


@pytest.mark.parametrize("name", ["gate", "switch", "switch2x2"])
def test_light_passes_both_ways_and_the_control_is_held_to_its_range(name):
    control = np.linspace(-0.5, 1.5, 300)
    ports = [port for port in alone(name).ports if port != "control"]
    for first in (port for port in ports if port.startswith("in")):
        forward = run(name, {first: ON, "control": control}, DT)
        held = run(name, {first: ON, "control": np.clip(control, 0, 1)}, DT)
        for last in (port for port in ports if port.startswith("out")):
            backward = run(name, {last: ON, "control": control}, DT)
            np.testing.assert_allclose(forward[last], backward[first], rtol=1e-14)
            np.testing.assert_array_equal(forward[last], held[last])


def test_an_instant_switch_needs_no_time():
    found = run("switch", {"in0": ON, "control": ON}, DT, time_constant=0.0, isolation_db=np.inf)
    np.testing.assert_allclose(found["out1"], 10**-0.15, rtol=1e-14)
    np.testing.assert_allclose(found["out0"], 0.0, atol=1e-15)


def test_in_frequency_a_switch_rests_at_control_zero():
    matrix = alone("switch", **FIELDS).scattering(frequency=[CARRIER])[0]
    np.testing.assert_allclose(matrix[1:3, 0], [PASS, PASS * LEAK], rtol=1e-14)
    shut = alone("gate", **FIELDS).scattering(frequency=[CARRIER])[0]
    assert shut[1, 0] == pytest.approx(PASS * LEAK)


@pytest.mark.parametrize(
    ("name", "settings", "match"),
    [
        ("switch", {"edge": "raised_cosine"}, "edge must be 'exponential' in a circuit"),
        ("gate", {"guard_time": 1e-9}, "guard_time must be 0 in a circuit"),
        ("switch2x2", {"transient": "gate"}, "transient must be 'mzi' in a 2×2 switch"),
        ("switch", {"isolation_db": [20.0, 30.0]}, "isolation_db must be one number"),
        ("switch", {"leakage_phase0": np.inf}, "leakage_phase0 must be finite"),
    ],
)
def test_what_a_circuit_cannot_have_is_refused(name, settings, match):
    with pytest.raises(CircuitError, match=match):
        alone(name, **settings)
