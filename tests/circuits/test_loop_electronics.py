"""Gains of slots, gain control and the skip: the oracle, closed forms, gradients, refusals."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from circuits import trace_loop
from circuits.electronics import LARGEST_GAIN
from devices import ElectricalNonlinearity
from photon_relax.functional import circulate
from tests import naive
from tests.circuits.test_time_multiplexed_loop import hardware, in_watts, network
from tests.photon_relax.test_functional import inputs, loop

GAINS = np.array([0.7, 1.6, 1.1])
EVERYTHING = {"skip": 0.3, "level": 0.8}


@pytest.mark.parametrize("machine", ["homodyne", "square_law"])
@pytest.mark.parametrize(
    "changes",
    [
        {"fidelity": "slot"},
        {"fidelity": "waveform", "J": 2},
        {"fidelity": "waveform", "drive": "waveform", "J": 2},
        {"fidelity": "waveform", "engine": "step"},
    ],
    ids=["slot", "waveform interleaved", "fed interleaved", "stepped"],
)
def test_electronics_equal_the_oracle(machine, changes):
    machine_made = hardware(machine=machine, **changes, **EVERYTHING)
    net = network(machine_made) | {"slot_gain": GAINS}
    final, _ = machine_made.forward(**net)
    told = in_watts(machine_made, net) | EVERYTHING | {"slot_gain": GAINS.tolist()}
    expected = naive.time_multiplexed_loop(told, net["state"].tolist())
    # Rounding through 3 layers of sums of some 100 terms of order 1.
    np.testing.assert_allclose(final, expected, atol=2e-13)


def test_control_holds_the_rms_whatever_comes():
    # 40 dB of gain: a thousandth of the level comes out a hundred times larger, no more.
    electronics = hardware(level=0.8).electronics
    y = np.random.default_rng(0).normal(size=(4, 6))
    y *= 1 / np.sqrt(np.mean(y * y, axis=1, keepdims=True))
    for scale, expected in ((20.0, 0.8), (0.8, 0.8), (8e-5, LARGEST_GAIN * 8e-5)):
        z = electronics.amplify(scale * y, None, np.zeros(6))
        # (level/100)² beside ⟨y²⟩, and the other way round: 1e-4 of each, halved by the root.
        np.testing.assert_allclose(np.sqrt(np.mean(z * z, axis=1)), expected, rtol=6e-5)


def test_a_gain_of_one_no_skip_and_no_control_change_no_bit():
    machine = hardware(fidelity="waveform", noise=True)
    net = network(machine)
    plain, tape = machine.forward(**net, step=3)
    same, other_tape = machine.forward(**net, slot_gain=np.ones(3), step=3)
    np.testing.assert_array_equal(same, plain)
    one, other = machine.adjoint(tape, plain), machine.adjoint(other_tape, plain)
    np.testing.assert_array_equal(other.matrices, one.matrices)
    np.testing.assert_array_equal(other.state, one.state)
    assert one.slot_gain is None
    assert other.slot_gain.shape == (3,)


@pytest.mark.parametrize("machine", ["homodyne", "square_law", "intensity", "electrical"])
@pytest.mark.parametrize(
    "changes",
    [{}, {"drive": "waveform", "fidelity": "waveform"}, {"engine": "step"}],
    ids=["slot", "fed", "stepped"],
)
def test_gradcheck(machine, changes):
    run = loop(machine, **({"fidelity": "slot"} | changes | EVERYTHING))
    gains = torch.tensor(GAINS, requires_grad=True)
    given = (*inputs(machine, 3), None, gains)
    assert torch.autograd.gradcheck(lambda *t: circulate(run, *t, step=2), given)


@pytest.mark.parametrize("name", ["skip", "level"])
def test_gradcheck_of_each_alone_with_interleaving(name):
    schedule = replace(loop("homodyne", "slot").schedule, interleaved=2)
    run = loop("homodyne", "waveform", schedule=schedule, **{name: EVERYTHING[name]})
    assert torch.autograd.gradcheck(lambda *t: circulate(run, *t), inputs("homodyne", 3))


@pytest.mark.parametrize("drive", ["held", "waveform"])
def test_gradients_of_the_layers_are_those_of_the_loop_from_there_on(drive):
    # Without memory in the receiver, layers t … L_T are a shorter loop that starts at h[t].
    fast = {"bandwidth": np.inf}
    whole = hardware(fidelity="waveform", drive=drive, **EVERYTHING)
    whole = replace(whole, detector=replace(whole.detector, **fast))
    switch = replace(whole.input_switch, time_constant=0.0)
    whole = replace(whole, input_switch=switch, output_switch=switch)
    net = network(whole)
    final, tape = whole.forward(**net, slot_gain=GAINS)
    g = np.random.default_rng(1).normal(size=final.shape)
    layers = whole.adjoint(tape, g, layers=True).layers
    assert layers.shape == (4, 5, 3)
    np.testing.assert_array_equal(layers[3], g)
    np.testing.assert_array_equal(layers[0], whole.adjoint(tape, g).state)
    rest = replace(whole, schedule=replace(whole.schedule, repetitions=2, order=(1, 0)))
    middle = tape.states.mixed[0]
    middle = middle[:, -1] if drive == "waveform" else middle
    again, rest_tape = rest.forward(**(net | {"state": middle}), slot_gain=GAINS[1:])
    np.testing.assert_allclose(again, final, atol=1e-14)
    np.testing.assert_allclose(rest.adjoint(rest_tape, g).state, layers[1], atol=1e-14)


def test_linear_layers_of_orthogonal_banks_scale_gradients_by_their_scale():
    # hard_tanh far from its corners is the identity: ‖∂L/∂h[t]‖ = s^(L_T−t) ‖g‖, exactly.
    fast = hardware(
        fidelity="slot", layers=6, nonlinearity=ElectricalNonlinearity(function="hard_tanh")
    )
    fast = replace(fast, detector=replace(fast.detector, bandwidth=np.inf))
    perfect = replace(fast.input_switch, isolation_db=np.inf)
    fast = replace(fast, input_switch=perfect, output_switch=perfect)
    net = network(fast, n=4)
    q, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(2, 4, 4)))
    net |= {"state": 1e-3 * net["state"], "matrices": 0.8 * q[:, None], "bias": np.zeros((2, 4))}
    final, tape = fast.forward(**net)
    g = np.random.default_rng(1).normal(size=final.shape)
    norms = np.linalg.norm(fast.adjoint(tape, g, layers=True).layers, axis=2)
    expected = 0.8 ** np.arange(6, -1, -1.0)[:, None] * np.linalg.norm(g, axis=1)
    np.testing.assert_allclose(norms, expected, rtol=1e-13)


@pytest.mark.parametrize("drive", ["held", "waveform"])
def test_a_trace_shows_the_electronics(drive):
    machine = hardware(fidelity="waveform", drive=drive, J=2, **EVERYTHING)
    net = network(machine, batch=2)
    final, _ = machine.forward(**net, slot_gain=GAINS)
    trace = trace_loop(machine, **net, slot_gain=GAINS, gain=1.7, lanes=[2, 0])
    ends = trace.state.reshape(6, 4, 2)[:, -1]
    # The trace is stepped, the loop summed in closed form.
    np.testing.assert_allclose(ends[-2:], final[:, [2, 0]], atol=1e-13)
    fresh = np.tanh(trace.receiver.reshape(6, 4, 2)[:, -1])
    np.testing.assert_allclose(ends[2:], 0.7 * fresh[2:] + 0.3 * ends[:-2], atol=1e-14)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"skip": 1.0}, "skip must be a share from 0 .* got 1.0"),
        ({"skip": -0.1}, "skip must be a share from 0"),
        ({"level": -0.5}, "the level of the gain control, must be finite and ≥ 0"),
        ({"level": np.inf}, "the level of the gain control, must be finite"),
    ],
)
def test_impossible_electronics_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        hardware(**changes)


@pytest.mark.parametrize("gains", [np.ones(2), np.ones(3, np.float32)])
def test_gains_of_another_shape_or_precision_are_refused(gains):
    machine = hardware()
    with pytest.raises(ValueError, match=r"slot_gain must be float64 of shape \(L_T,\) = \(3,\)"):
        machine.forward(**network(machine), slot_gain=gains)
