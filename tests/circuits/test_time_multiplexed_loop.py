from dataclasses import replace

import numba
import numpy as np
import pytest

from circuits import SwitchSchedule, TimeMultiplexedLoop
from circuits.loop_engine import run_forward
from devices import ElectricalNonlinearity, FiberSwitch, Laser, Modulator, Photodetector, Quantizer
from tests import naive
from validation import closed_forms

K_BOLTZMANN = 1.380649e-23


def hardware(**changes):
    """A machine in which everything that can go wrong does so visibly."""
    settings = {
        "laser": Laser(power=2e-3),
        "modulator": Modulator(insertion_loss_db=2.0),
        "input_switch": FiberSwitch(
            insertion_loss_db=1.0, isolation_db=14.0, transient="gate", time_constant=0.3e-9
        ),
        "output_switch": FiberSwitch(
            insertion_loss_db=2.0, isolation_db=18.0, transient="mzi", time_constant=0.2e-9
        ),
        "detector": Photodetector(
            responsivity=0.8, dark_current=2e-7, bandwidth=0.5e9, load_resistance=2e3,
            noise_figure_db=0.0,
        ),
        "local_oscillator_power": 1e-3,
        "bank_transmission": 0.9,
        "samples_per_slot": 4,
        "noise": False,
        "seed": 5,
    }  # fmt: skip
    layers = changes.pop("layers", 3)
    schedule = SwitchSchedule(
        weight_sets=min(2, layers), repetitions=layers, interleaved=changes.pop("J", 1)
    )
    return TimeMultiplexedLoop(schedule=schedule, **(settings | changes))


def network(loop, n=3, batch=5, seed=0, gain=1.7):
    rng = np.random.default_rng(seed)
    banks = loop.schedule.weight_sets
    constants, exponents = loop.link_levels(n)
    return {
        "state": np.tanh(rng.normal(size=(batch, n))),
        "matrices": rng.normal(size=(banks, 2, n, n)) / np.sqrt(n),
        "bias": 0.1 * rng.normal(size=(banks, n)),
        "levels": constants * gain**exponents,
        "background": 0.3 * rng.normal(size=(banks, 2, n))
        if loop.machine == "square_law"
        else None,
    }


def in_watts(loop, net, gain=1.7, keys=(0, 0)):
    """The same machine as plain numbers for the oracle."""
    n = net["state"].shape[1]
    phases = loop.leakage_phases(n)
    detector = loop.detector
    loss_db = 2.0 + 1.0 + 2.0
    background = net["background"]
    return {
        "machine": loop.machine,
        "layers": loop.schedule.banks.tolist(),
        "J": loop.schedule.interleaved,
        "S": loop.samples,
        "T_s": loop.slot_duration,
        "laser_power": 2e-3,
        "lo_power": 1e-3,
        "loss": 10 ** (-loss_db / 10) * 0.9**2,
        "responsivity": 0.8,
        "dark_current": 2e-7,
        "saturation": float(detector.saturation_power),
        "tau": 1 / (2 * np.pi * 0.5e9),
        "thermal": 4 * K_BOLTZMANN * 300.0 / 2e3,
        "noise": (loop.seed, *keys) if loop.noise else None,
        "guard": loop.guard_time,
        "ends": [
            {"isolation_db": db, "transient": kind, "tau": tau, "phases": phase.tolist()}
            for db, kind, tau, phase in [
                (14.0, "gate", 0.3e-9, phases[0]),
                (18.0, "mzi", 0.2e-9, phases[1]),
            ]
        ],
        "W": (net["matrices"][:, 0] + 1j * net["matrices"][:, 1]).tolist(),
        "b": net["bias"].tolist(),
        "c": None if background is None else (background[:, 0] + 1j * background[:, 1]).tolist(),
        "gain": gain,
        "f": np.tanh,
        "fed": loop.fed,
        "settled": loop.fidelity == "slot",
    }


CASES = {
    "slot": {"fidelity": "slot"},
    "slot interleaved": {"fidelity": "slot", "J": 2},
    "waveform": {"fidelity": "waveform"},
    "waveform interleaved": {"fidelity": "waveform", "J": 3},
    "guard": {
        "fidelity": "waveform",
        "input_switch": FiberSwitch(
            insertion_loss_db=1.0, isolation_db=14.0, transient="gate", time_constant=0.3e-9,
            guard_time=0.5e-9,
        ),
    },
    "fed": {"fidelity": "waveform", "drive": "waveform"},
    "fed interleaved": {"fidelity": "waveform", "drive": "waveform", "J": 2},
    "noise": {"fidelity": "waveform", "noise": True, "engine": "step"},
    "noise interleaved": {"fidelity": "waveform", "noise": True, "engine": "step", "J": 2},
    "saturation": {"fidelity": "waveform", "saturation": 1e-4},
    "saturation and noise": {"fidelity": "waveform", "saturation": 1e-4, "noise": True},
}  # fmt: skip


@pytest.mark.parametrize("machine", ["homodyne", "square_law"])
@pytest.mark.parametrize("case", CASES)
def test_loop_equals_the_oracle_in_watts_and_amperes(case, machine):
    changes = dict(CASES[case])
    saturation = changes.pop("saturation", np.inf)
    loop = hardware(machine=machine, **changes)
    loop = replace(loop, detector=replace(loop.detector, saturation_power=saturation))
    net = network(loop)
    final, _ = loop.forward(**net, step=7, first_sample=20)
    expected = naive.time_multiplexed_loop(in_watts(loop, net, keys=(7, 20)), net["state"].tolist())
    # Rounding through 3 layers of sums of some 100 terms of order 1; homodyne with saturation is a
    # difference of two currents.
    np.testing.assert_allclose(final, expected, atol=2e-13)


@pytest.mark.parametrize("machine", ["homodyne", "square_law"])
@pytest.mark.parametrize("threads", [1, 3])
def test_stepping_equals_the_closed_sums(machine, threads):
    # S beyond the rank of the transients, and a slot that does not settle.
    loop = hardware(machine=machine, fidelity="waveform", samples_per_slot=11, J=threads, layers=5)
    net = network(loop, n=4)
    (fast, fast_tape), (step, step_tape) = (
        engine.forward(**net) for engine in (loop, replace(loop, engine="step"))
    )
    np.testing.assert_allclose(fast, step, atol=1e-13)
    g = np.random.default_rng(1).normal(size=fast.shape)
    one, other = loop.adjoint(fast_tape, g), replace(loop, engine="step").adjoint(step_tape, g)
    for name in ("state", "matrices", "bias", "background"):
        if getattr(one, name) is not None:
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-12)


@pytest.mark.parametrize("machine", ["homodyne", "square_law"])
@pytest.mark.parametrize("bandwidth", [0.1e9, 3e9, np.inf])
@pytest.mark.parametrize("guard_time", [0.0, 0.3e-9])
def test_instant_switches_make_waveform_equal_slot(machine, bandwidth, guard_time):
    switch = FiberSwitch(isolation_db=12.0, time_constant=0.0, guard_time=guard_time)
    loop = hardware(
        machine=machine, input_switch=switch, output_switch=switch,
        detector=Photodetector(bandwidth=bandwidth),
    )  # fmt: skip
    net = network(loop)
    slot, slot_tape = loop.forward(**net)
    waved = replace(loop, fidelity="waveform", samples_per_slot=7)
    waveform, wave_tape = waved.forward(**net)
    np.testing.assert_allclose(waveform, slot, atol=1e-14)
    one, other = loop.adjoint(slot_tape, slot), waved.adjoint(wave_tape, slot)
    np.testing.assert_allclose(one.matrices, other.matrices, atol=1e-13)
    np.testing.assert_allclose(one.state, other.state, atol=1e-13)


def test_perfect_square_law_machine_is_the_closed_form():
    perfect = FiberSwitch(insertion_loss_db=0.0, isolation_db=np.inf, time_constant=0.0)
    loop = hardware(
        machine="square_law", input_switch=perfect, output_switch=perfect,
        detector=Photodetector(bandwidth=np.inf),
    )  # fmt: skip
    net = network(loop)
    final, _ = loop.forward(**net)
    h = net["state"]
    for k in loop.schedule.banks:
        w = net["matrices"][k, 0] + 1j * net["matrices"][k, 1]
        c = net["background"][k, 0] + 1j * net["background"][k, 1]
        h = np.tanh(np.abs(h @ w.T + c) ** 2 + net["bias"][k])
    np.testing.assert_allclose(final, h, atol=1e-14)


def test_slot_to_slot_memory_is_the_closed_form():
    # One lane, W = 1, dark from the second slot on: the detector's tail is all that is left.
    perfect = FiberSwitch(insertion_loss_db=0.0, isolation_db=np.inf, time_constant=0.0)
    loop = hardware(
        J=2, layers=1, input_switch=perfect, output_switch=perfect,
        nonlinearity=ElectricalNonlinearity(function="hard_tanh"),
    )  # fmt: skip
    mu = float(closed_forms.receiver.slot_memory(loop.slot_duration, 0.5e9))
    levels = np.array([0.0, 1.0, 0.0, 0.0])
    final, _ = loop.forward(
        np.array([[0.5], [0.0]]), np.ones((1, 1, 1, 1)), np.zeros((1, 1)), levels
    )
    # Thread 1 sees thread 0's light through the receiver: y₀ = (1 − μ)x, y₁ = μ y₀.
    np.testing.assert_allclose(final[:, 0], [0.5 * (1 - mu), 0.5 * (1 - mu) * mu], rtol=1e-13)


def test_switch_pair_leakage_is_the_closed_form():
    # W_eff − W_s of Haar banks has relative norm √(L_W−1)·10^(−(X_in+X_out)/20) (PHYSICS §4).
    rng = np.random.default_rng(8)
    n, banks = 64, 4
    schedule = SwitchSchedule(weight_sets=banks, repetitions=banks)
    loop = TimeMultiplexedLoop(
        schedule=schedule, noise=False, machine="square_law",
        input_switch=FiberSwitch(isolation_db=20.0), output_switch=FiberSwitch(isolation_db=15.0),
    )  # fmt: skip
    haar = np.linalg.qr(rng.normal(size=(banks, n, n)) + 1j * rng.normal(size=(banks, n, n)))[0]
    _, tape = run_forward(
        loop, np.zeros((1, n)), np.stack([haar.real, haar.imag], axis=1), np.zeros((banks, n)),
        np.array([0.0, 0.0, 0.0, 0.0]), None, 0, 0, False,
    )  # fmt: skip
    errors = []
    for slot in range(banks):
        (only,) = range(*loop.program.fields(slot).indices(banks))
        quadratures = loop.program.mixing[0, only] * tape.combined[only]
        error = quadratures[0] + 1j * quadratures[1] - haar[slot]
        errors.append(np.linalg.norm(error) / np.linalg.norm(haar[slot]))
    expected = closed_forms.switch.switch_pair_leakage(banks, 20.0, 15.0)
    # The cross terms of random banks average out like 1/n.
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("machine", ["homodyne", "square_law"])
def test_slot_and_waveform_make_the_same_output_noise(machine):
    # S/4τ behind the pole, whatever the number of samples (DESIGN §4); Monte Carlo, 4σ.
    perfect = FiberSwitch(insertion_loss_db=0.0, isolation_db=np.inf, time_constant=0.0)
    loop = hardware(
        machine=machine, layers=1, noise=True, input_switch=perfect, output_switch=perfect,
        nonlinearity=ElectricalNonlinearity(function="hard_tanh"),
        detector=Photodetector(bandwidth=2e9, load_resistance=2e3),
    )  # fmt: skip
    batch, n = 4000, 4
    constants, exponents = loop.link_levels(n)
    state, matrices = np.full((batch, n), 0.5), np.eye(n)[None, None]
    levels = constants * 1.2**exponents
    x = 0.25 if machine == "square_law" else 0.5
    tau = float(loop.detector.time_constant)
    signal = loop.laser.power / n * 10 ** (-0.2) * 0.81 / 1.2**2
    current = loop.detector.responsivity * signal * 0.25
    if machine == "homodyne":
        total = current + loop.detector.responsivity * 1e-3 + 2 * loop.detector.dark_current
        scale = x / (2 * loop.detector.responsivity * np.sqrt(signal * 0.25 * 1e-3))
    else:
        total, scale = current + loop.detector.dark_current, x / current
    mu = np.exp(-loop.slot_duration / tau)
    density = float(loop.detector.noise_density(total))
    expected = density / (4 * tau) * scale**2 * (1 - mu**2)
    for fidelity, engine in [("slot", "auto"), ("waveform", "auto"), ("waveform", "step")]:
        noisy = replace(loop, fidelity=fidelity, engine=engine, samples_per_slot=5)
        final, _ = noisy.forward(state, matrices, np.zeros((1, n)), levels, step=1)
        count = final.size
        assert abs(final.mean() - x * (1 - mu)) < 4 * np.sqrt(expected / count)
        assert abs(final.var() / expected - 1) < 4 * np.sqrt(2 / count)


@pytest.mark.parametrize("machine", ["homodyne", "square_law"])
@pytest.mark.parametrize("engine", ["auto", "step"])
def test_noise_and_kernels_are_the_same_for_one_and_two_threads(machine, engine):
    if numba.config.NUMBA_NUM_THREADS < 2:
        pytest.skip("one core")
    loop = hardware(machine=machine, fidelity="waveform", noise=True, engine=engine)
    net = network(loop, batch=9)
    seen = []
    for threads in (1, 2):
        numba.set_num_threads(threads)
        final, tape = loop.forward(**net, step=3)
        gradients = loop.adjoint(tape, final)
        seen.append((final, gradients.matrices, gradients.state, gradients.levels))
    for one, two in zip(*seen, strict=True):
        # Products this small are not split by the BLAS, so even they agree bit for bit.
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("machine", ["homodyne", "square_law"])
@pytest.mark.parametrize("noise", [False, True])
def test_single_precision_follows_double(machine, noise):
    loop = hardware(machine=machine, fidelity="waveform", noise=noise)
    net = network(loop)
    short = {k: None if v is None else v.astype(np.float32) for k, v in net.items()}
    (double, tape), (single, short_tape) = loop.forward(**net), loop.forward(**short)
    assert single.dtype == np.float32
    # 3 layers of single-precision sums: some 10 ulp of 6e-8.
    np.testing.assert_allclose(single, double, atol=2e-6)
    one, other = loop.adjoint(tape, double), loop.adjoint(short_tape, single)
    assert other.matrices.dtype == np.float32
    np.testing.assert_allclose(other.matrices, one.matrices, atol=2e-5)
    np.testing.assert_allclose(other.state, one.state, atol=2e-5)


def test_noise_belongs_to_the_inference_not_to_the_batch():
    loop = hardware(noise=True)
    net = network(loop, batch=6)
    whole, _ = loop.forward(**net, step=2, first_sample=100)
    again, _ = loop.forward(**(net | {"state": net["state"][4:]}), step=2, first_sample=104)
    np.testing.assert_allclose(again, whole[4:], atol=1e-15)
    other, _ = loop.forward(**net, step=3, first_sample=100)
    assert np.max(np.abs(other - whole)) > 1e-6


def test_incomplete_group_is_padded_dark():
    loop = hardware(J=3)
    net = network(loop, batch=6)
    dark = net["state"].copy()
    dark[4:] = 0.0
    padded, tape = loop.forward(**(net | {"state": dark[:4]}))
    assert padded.shape == (4, 3)
    # Thread 0 of the second group sees its two dark neighbours: zero drive in every slot. (The
    # oracle knows the padding as threads without a wave.)
    expected = naive.time_multiplexed_loop(in_watts(loop, net), dark[:4].tolist())
    np.testing.assert_allclose(padded, expected, atol=1e-13)
    assert loop.adjoint(tape, padded).state.shape == (4, 3)


def test_converters_quantise_and_pass_gradients_straight_through():
    fine = Quantizer(bits=24, full_scale=8.0)
    coarse = hardware(adc=Quantizer(bits=4, full_scale=4.0), dac=Quantizer(bits=3))
    smooth = hardware(adc=fine, dac=fine)
    net = network(smooth)
    plain, tape = hardware().forward(**net)
    close, close_tape = smooth.forward(**net)
    # 24 bits over ±4: half a step is 2.4e-7, a few layers of it.
    np.testing.assert_allclose(close, plain, atol=3e-6)
    g = np.ones_like(plain)
    np.testing.assert_allclose(
        smooth.adjoint(close_tape, g).matrices, hardware().adjoint(tape, g).matrices, atol=1e-5
    )
    rough, _ = coarse.forward(**net)
    levels = np.tanh((np.arange(16) - 7.5) / 4)
    assert np.max(np.min(np.abs(rough[..., None] - levels), axis=-1)) < 1e-15


def test_recorded_waveform_ends_at_the_receiver():
    loop = hardware(fidelity="waveform")
    net = network(loop)
    final, tape = loop.forward(**net, record=True)
    assert [trace.shape for trace in tape.waveform] == [(5, 4, 3)] * 3
    last = np.tanh(tape.waveform[-1][:, -1] + net["bias"][loop.schedule.banks[-1]])
    np.testing.assert_allclose(final, last, atol=1e-15)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"machine": "heterodyne"}, "machine must be one of homodyne, square_law"),
        ({"fidelity": "ideal"}, "fidelity must be one of slot, waveform"),
        ({"nonlinearity": ElectricalNonlinearity(function="relu")}, "stays within"),
        ({"slot_duration": 0.0}, "slot_duration must be > 0"),
        ({"laser": Laser(linewidth=1e5)}, "are not simulated in a loop"),
        ({"laser": Laser(rin_db=-140.0)}, "are not simulated in a loop"),
        ({"samples_per_slot": 0}, "samples_per_slot must be a whole number"),
        ({"input_switch": FiberSwitch(guard_time=1e-9)}, "guard_time must be shorter than a slot"),
        ({"local_oscillator_power": 0.0}, "local_oscillator_power must be > 0"),
        ({"detector": Photodetector(bandwidth=np.inf), "noise": True}, "infinite bandwidth"),
        ({"detector": Photodetector(bandwidth=[1e9, 2e9])}, "must be one number in a loop"),
        ({"output_switch": FiberSwitch(time_constant=[0.0, 1e-10])}, "must be one number in a"),
    ],
)
def test_impossible_machines_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        hardware(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"state": np.zeros((0, 3))}, "state must have shape"),
        ({"state": np.zeros(3)}, "state must have shape"),
        ({"matrices": np.zeros((2, 1, 64, 64))}, r"matrices must have shape .*\(2, 1 or 2, 3, 3\)"),
        ({"matrices": np.zeros((1, 2, 3, 3))}, "matrices must have shape"),
        ({"bias": np.zeros((2, 4))}, r"bias must have shape \(2, 3\)"),
        ({"levels": np.zeros(3)}, r"levels must have shape \(4,\)"),
        ({"background": np.zeros((2, 2, 3))}, "only the square law has a coherent bias"),
        ({"matrices": np.zeros((2, 1, 3, 3), np.float32)}, "both float32 or both float64"),
    ],
)
def test_inputs_that_kernels_would_read_wrong_are_refused(changes, message):
    loop = hardware()
    with pytest.raises(ValueError, match=message):
        loop.forward(**(network(loop) | changes))


def test_gradients_of_another_shape_are_refused():
    loop = hardware()
    _, tape = loop.forward(**network(loop))
    with pytest.raises(ValueError, match=r"gradient must be float64 of shape \(5, 3\)"):
        loop.adjoint(tape, np.ones((4, 3)))


@pytest.mark.parametrize("machine", ["homodyne", "square_law"])
def test_a_fast_detector_is_no_trouble_in_single_precision(machine):
    # e^(−dt/τ) = 1e-17 a sample: what has faded must not be divided by its weight.
    loop = hardware(
        machine=machine, fidelity="waveform", samples_per_slot=16, noise=True,
        detector=Photodetector(bandwidth=1e11),
    )  # fmt: skip
    short = {k: None if v is None else v.astype(np.float32) for k, v in network(loop).items()}
    double, _ = loop.forward(**network(loop))
    single, _ = loop.forward(**short)
    np.testing.assert_allclose(single, double, atol=2e-6)
