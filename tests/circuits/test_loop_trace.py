from dataclasses import replace

import numpy as np
import pytest

from circuits import (
    Budget,
    ProgrammedBanks,
    RingWeightBank,
    SwitchSchedule,
    TimeMultiplexedLoop,
    trace_loop,
)
from circuits.link_levels import current_per_signal
from devices import (
    CurrentSwitch,
    ElectricalNonlinearity,
    FiberSwitch,
    Laser,
    Modulator,
    Photodetector,
)

N, GAIN, POWER = 3, 1.7, 6e-3
SWITCH = FiberSwitch(isolation_db=20.0, transient="gate", time_constant=0.2e-9)


def _loop(machine="homodyne", *, J=1, repetitions=4, **changes):
    electrical, powers = machine == "electrical", machine == "intensity"
    settings = {
        "laser": Laser(power=POWER),
        "modulator": Modulator(insertion_loss_db=3.0),
        "input_switch": CurrentSwitch() if electrical else SWITCH,
        "output_switch": SWITCH,
        "detector": Photodetector(responsivity=0.8, bandwidth=0.7e9),
        "nonlinearity": ElectricalNonlinearity(function="clipped_relu" if powers else "tanh"),
        "samples_per_slot": 5,
        "noise": False,
    }
    schedule = SwitchSchedule(weight_sets=2, repetitions=repetitions, interleaved=J)
    return TimeMultiplexedLoop(
        schedule=schedule, machine=machine, fidelity="waveform", **(settings | changes)
    )


def _inputs(loop, matrices=None, rows=1):
    rng = np.random.default_rng(3)
    planes = {"intensity": 2, "electrical": 1}.get(loop.machine, 2)
    constants, exponents = loop.link_levels(N)
    return {
        "state": rng.uniform(0.1, 0.9, size=(rows, N)),
        "matrices": rng.normal(size=(2, planes, N, N)) / 2 if matrices is None else matrices,
        "bias": 0.1 * rng.normal(size=(2, N)),
        "levels": constants * GAIN**exponents,
        "background": 0.3 * rng.normal(size=(2, 2, N)) if loop.machine == "square_law" else None,
    }


@pytest.mark.parametrize("machine", ["homodyne", "square_law", "intensity", "electrical"])
def test_the_last_samples_are_what_the_loop_computes(machine):
    loop = _loop(machine)
    inputs = _inputs(loop)
    final, tape = loop.forward(**inputs)
    trace = trace_loop(loop, **inputs, gain=GAIN, lanes=[2, 0])
    ends = trace.receiver.reshape(4, 5, 2)[:, -1]
    # The loop sums a slot in closed form, the trace steps it: rounding of a few operations.
    np.testing.assert_allclose(ends, np.stack(tape.receiver)[:, 0][:, [2, 0]], atol=1e-13)
    np.testing.assert_allclose(trace.state[-1], final[0, [2, 0]], atol=1e-13)
    np.testing.assert_allclose(trace.time, 0.2e-9 * np.arange(1, 21), rtol=1e-15)
    np.testing.assert_array_equal(trace.bank, [0, 1, 0, 1])


def test_the_current_through_the_low_pass_is_the_receivers_output():
    loop = _loop("square_law", noise=True)
    inputs = _inputs(loop)
    trace = trace_loop(loop, **inputs, gain=GAIN, lanes=range(N))
    scale = 0.8 * (POWER / N) * loop.modulator.transmission**2 * SWITCH.transmission**4 / GAIN**2
    y, pole = np.zeros(N), np.exp(-0.2e-9 / loop.detector.time_constant)
    for sample, current in enumerate(trace.photocurrent):
        y = pole * y + (1 - pole) * current / scale
        z = y + inputs["bias"][trace.bank[sample // 5]]
        np.testing.assert_allclose(z, trace.receiver[sample], rtol=1e-12, atol=1e-12)


def test_currents_of_a_settled_machine_are_those_of_its_light():
    # One bank for all slots, so that switches rest; W = g 1, with which a mesh passes all light.
    settled = SwitchSchedule(weight_sets=1, repetitions=1)
    eye = np.zeros((1, 2, N, N))
    eye[0, 0] = GAIN * np.eye(N)
    path = 10 ** (-3 / 20) * float(SWITCH.transmission) ** 2
    field = np.sqrt(POWER / N) * path
    for machine, current in {
        "homodyne": lambda u: 2 * 0.8 * np.sqrt(1e-3) * field * u,
        "square_law": lambda u: 0.8 * (field * u) ** 2,
    }.items():
        loop = replace(_loop(machine), schedule=settled)
        inputs = _inputs(loop, eye)
        inputs |= {"bias": np.zeros((1, N)), "background": None}
        trace = trace_loop(loop, **inputs, gain=GAIN, lanes=range(N))
        expected = np.tile(current(inputs["state"]), (5, 1))
        np.testing.assert_allclose(trace.photocurrent, expected, rtol=1e-12)


@pytest.mark.parametrize("machine", ["homodyne", "square_law", "intensity", "electrical"])
def test_the_budget_knows_the_same_current_of_a_signal_of_one(machine):
    loop = _loop(machine)
    budget = Budget(loop=loop, lanes=N, bank="dense", banks=ProgrammedBanks(gain=GAIN))
    assert current_per_signal(loop, N, GAIN) == pytest.approx(budget.signal_current, rel=1e-12)


def test_currents_of_powers_and_of_crossbars():
    settled = SwitchSchedule(weight_sets=1, repetitions=1)
    loop = replace(_loop("intensity"), schedule=settled)
    eye = GAIN * np.tile(np.eye(N), (1, 2, 1, 1))
    inputs = _inputs(loop, eye) | {"bias": np.zeros((1, N))}
    trace = trace_loop(loop, **inputs, gain=GAIN, lanes=range(N))
    power = POWER / N * 10 ** (-3 / 10) * float(SWITCH.transmission) ** 2
    np.testing.assert_allclose(trace.photocurrent[-1], 0.8 * power * inputs["state"][0], rtol=1e-12)
    switch = CurrentSwitch(insertion_loss_db=0.5, injected_charge=0.0)
    loop = replace(_loop("electrical", input_switch=switch), schedule=settled)
    inputs = _inputs(loop, eye[:, :1]) | {"bias": np.zeros((1, N))}
    trace = trace_loop(loop, **inputs, gain=GAIN, lanes=range(N))
    full = loop.crossbar.full_scale_current * 10 ** (-0.5 / 20)
    drive = loop.crossbar.drive(inputs["state"][0])
    np.testing.assert_allclose(trace.photocurrent[-1], full * drive, rtol=1e-12)


def test_switches_start_settled_and_then_turn_over():
    trace = trace_loop(_loop(), **_inputs(_loop()), gain=GAIN, lanes=[1])
    leak = 10 ** (-20 / 20)
    assert len(trace.switches) == 2
    for path in trace.switches:
        assert path.shape == (20, 2, 1)
        # The first slot rests on bank 0: it passes, the other leaks.
        np.testing.assert_allclose(np.abs(path[:5, :, 0]), [[1.0, leak]] * 5, rtol=1e-12)
        # A gate of 0.2 ns at samples of 0.2 ns: the new path has 1 − 1/e of the way behind it.
        q = np.exp(-1.0)
        alpha, light = 1 - q, q * leak
        assert abs(path[5, 1, 0]) == pytest.approx(
            abs(alpha + light * np.exp(1j * np.angle(path[0, 1, 0]))), rel=1e-12
        )


def test_nothing_is_read_in_the_guard_time():
    guarded = replace(SWITCH, guard_time=0.4e-9)
    loop = _loop(input_switch=guarded)
    trace = trace_loop(loop, **_inputs(loop), gain=GAIN, lanes=[0])
    blank = np.isnan(trace.photocurrent.reshape(4, 5))
    np.testing.assert_array_equal(blank, [[True, True, False, False, False]] * 4)
    assert np.all(np.isfinite(trace.receiver))


def test_interleaved_inferences_fill_their_own_slots():
    loop = _loop(J=2)
    inputs = _inputs(loop, rows=2)
    trace = trace_loop(loop, **inputs, gain=GAIN, lanes=[0, 1, 2])
    final, _ = loop.forward(**inputs)
    ends = trace.state.reshape(8, 5, N)[:, -1]
    np.testing.assert_allclose(ends[-2:], final, atol=1e-13)
    np.testing.assert_array_equal(trace.bank, [0, 0, 1, 1, 0, 0, 1, 1])


def test_what_cannot_be_traced_is_refused():
    loop = _loop()
    inputs = _inputs(loop, rows=2)
    with pytest.raises(ValueError, match="at most the 1 inferences that share the loop; got 2"):
        trace_loop(loop, **inputs, gain=GAIN, lanes=[0])
    inputs = _inputs(loop)
    with pytest.raises(ValueError, match=r"lanes must be among 0 … 2; got \[3\]"):
        trace_loop(loop, **inputs, gain=GAIN, lanes=[0, 3])
    rings = _loop("intensity", rings=RingWeightBank(), slot_duration=1e-11)
    assert rings.remembers
    with pytest.raises(ValueError, match="not stepped"):
        trace_loop(rings, **_inputs(rings), gain=GAIN, lanes=[0])
