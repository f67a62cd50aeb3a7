"""Machines that add powers (rings) or currents (crossbars) against the oracle in watts."""

from dataclasses import replace

import numpy as np
import pytest

from circuits import CrossbarBank, SwitchSchedule, TimeMultiplexedLoop
from devices import (
    CurrentSwitch,
    ElectricalNonlinearity,
    FiberSwitch,
    Laser,
    MirrorArray,
    Modulator,
    Photodetector,
    TunnelJunctionCrossbar,
)
from tests import naive

K_BOLTZMANN = 1.380649e-23
F = {
    "intensity": ("clipped_relu", lambda z: min(max(z, 0.0), 1.0)),
    "electrical": ("tanh", np.tanh),
}


def hardware(machine, **changes):
    """A machine in which everything that can go wrong does so visibly."""
    switch = {
        "intensity": FiberSwitch(
            insertion_loss_db=1.0, isolation_db=9.0, transient="mzi", time_constant=0.3e-9
        ),
        "electrical": CurrentSwitch(
            insertion_loss_db=1.0, isolation_db=18.0, time_constant=0.3e-9, injected_charge=3e-15
        ),
    }
    settings = {
        "machine": machine,
        "laser": Laser(power=2e-3),
        "modulator": Modulator(insertion_loss_db=2.0),
        "input_switch": switch[machine],
        "detector": Photodetector(
            responsivity=0.8, dark_current=2e-7, bandwidth=0.5e9, load_resistance=2e3,
            noise_figure_db=0.0,
        ),
        "crossbar": CrossbarBank(
            junction=TunnelJunctionCrossbar(
                parallel_conductance=2e-5, magnetoresistance=1.5, junctions=2, read_voltage=0.2,
                half_voltage=np.inf, temperature=310.0,
            )
        ),
        "bank_transmission": 0.9 if machine == "intensity" else 1.0,
        "nonlinearity": ElectricalNonlinearity(function=F[machine][0]),
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
    difference = rng.uniform(-1.0, 1.0, size=(banks, 1, n, n))
    powers = loop.machine == "intensity"
    sums = np.maximum(np.abs(difference), rng.uniform(0.5, 1.2, size=difference.shape))
    conductance = rng.uniform(3.0, 5.0, size=(banks, 1, n))
    return {
        "state": rng.uniform(0.0 if powers else -1.0, 1.0, size=(batch, n)),
        "matrices": np.concatenate([difference, sums], axis=1) if powers else difference,
        "bias": 0.3 + 0.1 * rng.normal(size=(banks, n)),
        "levels": constants * gain**exponents,
        "background": None
        if powers
        else np.concatenate([np.zeros_like(conductance), conductance], axis=1),
    }


def in_watts(loop, net, gain=1.7, keys=(0, 0)):
    """The same machine as plain numbers for the oracle."""
    powers = loop.machine == "intensity"
    phases, _ = loop.leakage_phases(net["state"].shape[1])
    span = 2 * (2e-5 - 2e-5 / 2.5)
    return {
        "machine": loop.machine,
        "layers": loop.schedule.banks.tolist(),
        "J": loop.schedule.interleaved,
        "S": loop.samples,
        "T_s": loop.slot_duration,
        "laser_power": 2e-3,
        "loss": 10 ** (-0.3) * 0.9**2 if powers else 10 ** (-0.1),
        "responsivity": 0.8,
        "dark_current": 2e-7,
        "saturation": float(loop.detector.saturation_power),
        "tau": 1 / (2 * np.pi * 0.5e9),
        "thermal": 4 * K_BOLTZMANN * 300.0 / 2e3,
        "full_scale": span * 0.2,
        "junction_noise": 4 * K_BOLTZMANN * 310.0 * span,
        "conductance": None if powers else net["background"][:, 1].tolist(),
        "charge": 0.0 if powers or loop.fidelity == "slot" else 3e-15,
        "noise": (loop.seed, *keys) if loop.noise else None,
        "guard": loop.guard_time,
        "end": {
            "isolation_db": 9.0 if powers else 18.0,
            "transient": "mzi" if powers else "gate",
            "tau": 0.3e-9,
            "phases": phases.tolist(),
        },
        "W": net["matrices"][:, 0].tolist(),
        "sums": net["matrices"][:, -1].tolist(),
        "b": net["bias"].tolist(),
        "gain": gain,
        "f": F[loop.machine][1],
        "fed": loop.fed,
        "settled": loop.fidelity == "slot",
    }


CASES = {
    "slot": {"fidelity": "slot"},
    "waveform": {"fidelity": "waveform"},
    "waveform interleaved": {"fidelity": "waveform", "J": 3},
    "guard": {"fidelity": "waveform", "guard": 0.5e-9},
    "fed": {"fidelity": "waveform", "drive": "waveform"},
    "fed interleaved": {"fidelity": "waveform", "drive": "waveform", "J": 2},
    "noise": {"fidelity": "waveform", "noise": True, "engine": "step"},
    "noise interleaved": {"fidelity": "waveform", "noise": True, "engine": "step", "J": 2},
    "saturation and noise": {"fidelity": "waveform", "saturation": 1e-4, "noise": True},
}


@pytest.mark.parametrize("machine", F)
@pytest.mark.parametrize("case", CASES)
def test_loop_equals_the_oracle_in_watts_and_amperes(case, machine):
    changes = dict(CASES[case])
    saturation, guard = changes.pop("saturation", np.inf), changes.pop("guard", 0.0)
    if machine == "electrical" and np.isfinite(saturation):
        changes["engine"] = "step"  # no light, nothing to saturate
    loop = hardware(machine, **changes)
    loop = replace(
        loop,
        detector=replace(loop.detector, saturation_power=saturation),
        input_switch=replace(loop.input_switch, guard_time=guard),
    )
    net = network(loop)
    final, _ = loop.forward(**net, step=7, first_sample=20)
    expected = naive.incoherent_loop(in_watts(loop, net, keys=(7, 20)), net["state"].tolist())
    assert np.std(final) > 0.02  # the corners of f hide nothing
    # Rounding through 3 layers of sums of some 20 terms of order 1.
    np.testing.assert_allclose(final, expected, atol=2e-13)


@pytest.mark.parametrize("machine", F)
@pytest.mark.parametrize("threads", [1, 3])
def test_stepping_equals_the_closed_sums(machine, threads):
    # S beyond the rank of the transients, and a slot that does not settle.
    loop = hardware(machine, fidelity="waveform", samples_per_slot=11, J=threads, layers=5)
    net = network(loop, n=4)
    stepped = replace(loop, engine="step")
    (fast, fast_tape), (step, step_tape) = (e.forward(**net) for e in (loop, stepped))
    np.testing.assert_allclose(fast, step, atol=1e-13)
    g = np.random.default_rng(1).normal(size=fast.shape)
    one, other = loop.adjoint(fast_tape, g), stepped.adjoint(step_tape, g)
    for name in ("state", "matrices", "bias", "levels"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-12)


@pytest.mark.parametrize("machine", F)
@pytest.mark.parametrize("bandwidth", [0.1e9, 3e9, np.inf])
def test_instant_switches_make_waveform_equal_slot(machine, bandwidth):
    loop = hardware(machine, detector=Photodetector(bandwidth=bandwidth))
    changes = {"injected_charge": 0.0} if machine == "electrical" else {}
    switch = replace(loop.input_switch, time_constant=0.0, guard_time=0.3e-9, **changes)
    loop = replace(loop, input_switch=switch)
    net = network(loop)
    slot, slot_tape = loop.forward(**net)
    waved = replace(loop, fidelity="waveform", samples_per_slot=7)
    waveform, wave_tape = waved.forward(**net)
    np.testing.assert_allclose(waveform, slot, atol=1e-14)
    one, other = loop.adjoint(slot_tape, slot), waved.adjoint(wave_tape, slot)
    np.testing.assert_allclose(one.matrices, other.matrices, atol=1e-13)
    np.testing.assert_allclose(one.state, other.state, atol=1e-13)


@pytest.mark.parametrize("machine", F)
def test_slot_and_waveform_make_the_same_output_noise(machine):
    # S/4τ behind the pole, whatever the number of samples (DESIGN §4); Monte Carlo, 4σ.
    loop = hardware(machine, layers=1, noise=True)
    detector = Photodetector(bandwidth=2e9, load_resistance=2e3, dark_current=2e-7)
    changes = {"injected_charge": 0.0} if machine == "electrical" else {}
    switch = replace(loop.input_switch, time_constant=0.0, **changes)
    loop = replace(loop, detector=detector, input_switch=switch)
    batch, n = 4000, 4
    net = network(loop, n=n, batch=batch)
    net["state"][:] = 0.5
    net["matrices"][:] = np.eye(n)
    net["bias"][:] = 0.1
    if machine == "electrical":
        net["background"][:, 1] = 7.0
    tau = float(detector.time_constant)
    thermal = 4 * K_BOLTZMANN * 300.0 * 10**0.3 / 2e3
    if machine == "intensity":
        unit = 2e-3 / n * 10 ** (-0.3) * 0.81 / 1.7
        shot = 2 * 1.602176634e-19 * (detector.responsivity * 0.5 * unit + 2 * 2e-7)
        density, scale = shot + thermal, 1 / (detector.responsivity * unit)
    else:
        span, loss = 2 * (2e-5 - 2e-5 / 2.5), 10 ** (-0.1)
        density = thermal + 4 * K_BOLTZMANN * 310.0 * span * 7.0 * loss
        scale = 1.7 / (span * 0.2 * np.sqrt(loss))
    mu = np.exp(-loop.slot_duration / tau)
    expected = density / (4 * tau) * scale**2 * (1 - mu**2)
    for fidelity, engine in [("slot", "auto"), ("waveform", "auto"), ("waveform", "step")]:
        noisy = replace(loop, fidelity=fidelity, engine=engine, samples_per_slot=5)
        final, _ = noisy.forward(**net, step=1)
        z = final if machine == "intensity" else np.arctanh(final)
        assert abs(z.mean() - 0.1 - 0.5 * (1 - mu)) < 4 * np.sqrt(expected / z.size)
        assert abs(z.var() / expected - 1) < 4 * np.sqrt(2 / z.size)


@pytest.mark.parametrize("machine", F)
@pytest.mark.parametrize("noise", [False, True])
def test_single_precision_follows_double(machine, noise):
    loop = hardware(machine, fidelity="waveform", noise=noise)
    net = network(loop)
    short = {k: None if v is None else v.astype(np.float32) for k, v in net.items()}
    (double, tape), (single, short_tape) = loop.forward(**net), loop.forward(**short)
    assert single.dtype == np.float32
    # 3 layers of single-precision sums: some 10 ulp of 6e-8.
    np.testing.assert_allclose(single, double, atol=2e-6)
    one, other = loop.adjoint(tape, double), loop.adjoint(short_tape, single)
    np.testing.assert_allclose(other.matrices, one.matrices, atol=2e-5)
    np.testing.assert_allclose(other.levels, one.levels, rtol=1e-3, atol=2e-5)


def test_charge_injection_is_what_the_switch_pushes_into_the_line():
    # Nothing is driven: the whole charge passes a slow detector as q/(I T) · T/τ e^{−…}.
    loop = hardware("electrical", fidelity="waveform", samples_per_slot=400, layers=2)
    loop = replace(loop, detector=replace(loop.detector, bandwidth=1e6))
    net = network(loop, gain=1.0)
    net["state"][:], net["bias"][:] = 0.0, 0.0
    final, _ = loop.forward(**net)
    tau, switch_tau = float(loop.detector.time_constant), 0.3e-9
    current = float(loop.crossbar.full_scale_current) * 10 ** (-0.05)
    # Two first-order responses in a row, at the end of the slot that follows the switching.
    share = (np.exp(-1e-9 / tau) - np.exp(-1e-9 / switch_tau)) / (tau - switch_tau)
    # A sample's mean current instead of its course: second order in dt/τ_switch, 8e-3 squared.
    np.testing.assert_allclose(np.arctanh(final), 3e-15 * share / current, rtol=1e-4)


def test_mirrors_are_not_asked_for_more_patterns_than_they_can_show():
    mirrors = MirrorArray()
    with pytest.raises(ValueError, match=r"at least the 4\.372e-05 s that a mirror array needs"):
        hardware("intensity", fidelity="waveform", input_switch=mirrors)
    # Settled slots have no time, a single bank no patterns, and J threads share a pattern.
    hardware("intensity", fidelity="slot", input_switch=mirrors)
    hardware("intensity", fidelity="waveform", input_switch=mirrors, layers=1)
    period = float(mirrors.shortest_period)
    slow = {"fidelity": "waveform", "input_switch": mirrors, "slot_duration": period / 3}
    hardware("intensity", J=3, **slow)
    with pytest.raises(ValueError, match="mirror array"):
        hardware("intensity", J=2, **slow)


def test_leaked_power_has_the_interference_of_its_own_transient():
    # One input, two banks: behind the switch bank 1 has |α + λe^{iϑ}|² of the light.
    loop = hardware("intensity", fidelity="waveform", layers=2, samples_per_slot=3)
    loop = replace(loop, detector=Photodetector(bandwidth=np.inf))
    net = network(loop, n=1, batch=1)
    net["state"][:] = 0.5
    net["matrices"][:] = np.array([0.0, 1.0])[:, None, None, None]
    net["bias"][:] = [[0.5], [0.0]]
    final, _ = loop.forward(**net)
    phase = loop.leakage_phases(1)[0][1, 0]
    x = 1 - np.exp(-1 / 0.3)
    leak = 10 ** (-9.0 / 20)
    field = np.sin(np.pi * x / 2) + np.cos(np.pi * x / 2) * leak * np.exp(1j * phase)
    drive = 0.5 + 0.5 * leak**2  # bank 1 is not quite dark in the slot of bank 0
    np.testing.assert_allclose(final[0, 0], drive * abs(field) ** 2, rtol=1e-13)


@pytest.mark.parametrize(
    ("machine", "changes", "message"),
    [
        ("intensity", {"nonlinearity": ElectricalNonlinearity()}, r"range \[0, 1\]; got 'tanh'"),
        ("electrical", {"input_switch": FiberSwitch()}, "must be a CurrentSwitch in an elec"),
        ("intensity", {"input_switch": CurrentSwitch()}, "got a CurrentSwitch for 'intensity'"),
    ],
)
def test_impossible_machines_are_refused(machine, changes, message):
    with pytest.raises(ValueError, match=message):
        hardware(machine, **changes)


@pytest.mark.parametrize(
    ("machine", "changes", "message"),
    [
        ("intensity", {"matrices": np.zeros((2, 1, 3, 3))}, r"= \(2, 2, 3, 3\); got"),
        ("electrical", {"matrices": np.zeros((2, 2, 3, 3))}, r"= \(2, 1, 3, 3\); got"),
        ("intensity", {"background": np.zeros((2, 2, 3))}, "background must be None for machine"),
        ("electrical", {"background": None}, "must hold the conductances"),
    ],
)
def test_inputs_that_kernels_would_read_wrong_are_refused(machine, changes, message):
    loop = hardware(machine, noise=True)
    with pytest.raises(ValueError, match=message):
        loop.forward(**(network(loop) | changes))


@pytest.mark.parametrize(("machine", "changes", "message"), [
    ("intensity", {"laser": Laser(power=1e-300)}, "look at laser.power and the losses"),
    ("intensity", {"input_switch": FiberSwitch(insertion_loss_db=1e5)}, "too weak or too strong"),
    ("electrical", {"input_switch": CurrentSwitch(insertion_loss_db=1e5)}, "look at current_s"),
    (
        "electrical",
        {"crossbar": CrossbarBank(junction=TunnelJunctionCrossbar(read_voltage=1e-200))},
        "crossbar.junction.parallel_conductance and read_voltage",
    ),
    (
        "electrical",
        {"crossbar": CrossbarBank(junction=TunnelJunctionCrossbar(parallel_conductance=1e300))},
        "too weak or too strong",
    ),
])  # fmt: skip
def test_signals_beyond_all_numbers_are_refused(machine, changes, message):
    with pytest.raises(ValueError, match=message):
        hardware(machine, **(changes | {"noise": True})).link_levels(4)
