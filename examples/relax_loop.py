"""The ReLaX loop as a netlist: the general solver beside the specialised one, sample by sample.

Two lanes, two banks of weights, four slots, every part a component of its own (arXiv 2511.00044)::

            ┌── modulator ── switch ══╤═ V†₀ Σ₀ U₀ ═╤══ switch ── balanced ──[G]──[+ b_s]──[tanh]──┐
    laser ──┤                         ├═ V†₁ Σ₁ U₁ ═╡             detector                         │
            └── modulator ── switch ══╧═════════════╧══ switch ── balanced ──[G]──[+ b_s]──[tanh]──┤
                    ↑                                                                              │
                    └──[V_π]──[+ h₀]─────────────────────── cable of one slot ─────────────────────┘

A bank is two interferometers with two attenuators between them; a switch relaxes as its gates do
and leaks; the detectors have 2 GHz. `TimeMultiplexedLoop` compiles all of it into a few matrices;
`Circuit.transient` knows nothing of loops. They agree to rounding, transients included, both where
the drive follows the receiver's waveform and where it is sampled and held::

    python -m examples.relax_loop --out runs/relax_loop.png
"""

import argparse
from pathlib import Path

import numpy as np

from circuits import Circuit, SwitchSchedule, TimeMultiplexedLoop, clements_decompose, load_netlist
from circuits.loop_trace import trace_loop
from devices import FiberSwitch, Laser, Modulator, Photodetector

FREQUENCY = 193.4e12
LANES = BANKS = 2


def hardware(drive="waveform", order=(0, 1, 0, 1), samples=32, **switch):
    """Return a loop of gates that have not quite settled when their slot ends."""
    fields = {"transient": "gate", "time_constant": 0.1e-9, "isolation_db": 20.0}
    switch = FiberSwitch(**fields | {"insertion_loss_db": 2.0} | switch)
    return TimeMultiplexedLoop(
        schedule=SwitchSchedule(weight_sets=BANKS, repetitions=len(order), order=order),
        machine="homodyne",
        fidelity="waveform",
        engine="step",
        laser=Laser(power=0.1),
        modulator=Modulator(linearised=False),
        input_switch=switch,
        output_switch=switch,
        detector=Photodetector(bandwidth=2e9, responsivity=0.9),
        slot_duration=0.5e-9,
        samples_per_slot=samples,
        drive=drive,
        noise=False,
        seed=4,
    )


def weights(seed):
    """Return the banks (L_W, N, N) and their biases (L_W, N)."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(BANKS, LANES, LANES)), rng.normal(size=(BANKS, LANES)) / 3


def specialised(loop, banks, bias, state):
    """Return the trace of `TimeMultiplexedLoop`."""
    gain = float(np.linalg.norm(banks, 2, axis=(1, 2)).max())
    constants, exponents = loop.link_levels(LANES)
    return trace_loop(
        loop,
        state[None],
        banks[:, None],
        bias,
        constants * gain**exponents,
        gain=gain,
        lanes=range(LANES),
    )


def general(loop, banks, bias, state):
    """Return z and h of every sample, (samples, lanes), from the netlist in time."""
    dt = loop.slot_duration / loop.samples_per_slot
    n = loop.schedule.repetitions * loop.samples_per_slot
    circuit = Circuit(load_netlist(netlist(loop, banks, bias)))
    inputs = {
        f"state{i}": np.where(np.arange(n) < loop.samples_per_slot, state[i], 0.0)
        for i in range(LANES)
    }
    seen = [f"{part}{i},out0" for part in ("bias", "tanh") for i in range(LANES)]
    trace = circuit.transient(inputs, dt=dt, frequency=FREQUENCY, probes=seen)
    waves = np.stack([trace.probes[name] for name in seen], axis=1)
    return waves[:, :LANES], waves[:, LANES:]


def netlist(loop, banks, bias):
    """Return the loop as a netlist in SAX's form, its ports 'state0' and 'state1' electrical."""
    instances, joined = {}, {}

    def add(name, component, **settings):
        instances[name] = {"component": component, "settings": settings}

    detector, modulator = loop.detector, loop.modulator
    full = float(modulator.half_wave_voltage)
    gain = float(np.linalg.norm(banks, 2, axis=(1, 2)).max())
    lost = modulator.transmission * loop.input_switch.transmission * loop.output_switch.transmission
    beat = np.sqrt(loop.laser.power / LANES * loop.local_oscillator_power)
    receiver = float(gain / (2 * detector.responsivity * beat * lost))
    add("laser", "laser", power=loop.laser.power)
    add("lanes", "splitter")
    joined["laser,out0"] = "lanes,in0"
    for i in range(LANES):
        add(f"modulator{i}", "modulator", **chosen(modulator, "linearised", "half_wave_voltage"))
        add(f"oscillator{i}", "laser", power=loop.local_oscillator_power)
        add(
            f"detector{i}",
            "balanced_photodetector",
            **chosen(detector, "responsivity", "bandwidth"),
        )
        add(f"receiver{i}", "electrical_gain", gain=receiver)
        add(f"bias{i}", "adder")
        levels = [float(bias[bank, i]) for bank in loop.schedule.banks]
        add(f"set{i}", "electrical_source", levels=levels, slot_duration=loop.slot_duration)
        add(f"tanh{i}", "nonlinearity", function="tanh")
        add(f"state{i}", "adder")
        add(f"driver{i}", "electrical_gain", gain=full)
        joined |= {
            f"lanes,out{i}": f"modulator{i},in0",
            f"modulator{i},out0": f"first{i},in0",
            f"last{i},in0": f"detector{i},in0",
            f"oscillator{i},out0": f"detector{i},in1",
            f"detector{i},out0": f"receiver{i},in0",
            f"receiver{i},out0": f"bias{i},in0",
            f"set{i},out0": f"bias{i},in1",
            f"bias{i},out0": f"tanh{i},in0",
            f"tanh{i},out0": f"{'cable' if loop.fed else 'hold'}{i},in0",
            f"state{i},out0": f"driver{i},in0",
            f"driver{i},out0": f"modulator{i},drive",
        }
        if loop.fed:
            add(f"cable{i}", "cable", delay=loop.slot_duration)
            joined[f"cable{i},out0"] = f"state{i},in0"
        else:
            hold(add, joined, i, loop)
    for end, switch in (("first", loop.input_switch), ("last", loop.output_switch)):
        add_switches(add, joined, loop, end, switch)
    for k, bank in enumerate(banks):
        add_bank(add, joined, k, bank / gain)
    ports = {f"state{i}": f"state{i},in1" for i in range(LANES)}
    return {"instances": instances, "connections": joined, "ports": ports}


def add_switches(add, joined, loop, end, switch):
    """Add the 1×2 switches of all lanes at one end of the banks, and what sets them."""
    phases = loop.leakage_phases(LANES)[end == "last"]
    for i in range(LANES):
        leaks = {f"leakage_phase{k}": float(phases[k, i]) for k in range(BANKS)}
        fields = chosen(switch, "transient", "time_constant", "isolation_db", "insertion_loss_db")
        add(f"{end}{i}", "switch", **fields, **leaks)
        order = [float(bank) for bank in loop.schedule.banks]
        add(f"{end}_set{i}", "electrical_source", levels=order, slot_duration=loop.slot_duration)
        joined[f"{end}_set{i},out0"] = f"{end}{i},control"
        for k in range(BANKS):
            bank = f"enter{k},in{i}" if end == "first" else f"screen{k}{i},out0"
            joined[f"{end}{i},out{k}"] = bank


def add_bank(add, joined, k, matrix):
    """Add W = U Σ V† of norm ≤ 1 as two interferometers, their phases, and two attenuators."""
    left, sizes, right = np.linalg.svd(matrix)
    for name, unitary in (("enter", right), ("leave", left)):
        mesh = clements_decompose(unitary)
        add(f"{name}{k}", "mach_zehnder", theta=float(mesh.theta[0, 0]), phi=float(mesh.phi[0, 0]))
        for i in range(LANES):
            kind = "middle" if name == "enter" else "screen"
            add(f"{kind}{k}{i}", "phase_shifter", phase=float(mesh.screen[i]))
            joined[f"{name}{k},out{i}"] = f"{kind}{k}{i},in0"
    for i in range(LANES):
        add(f"size{k}{i}", "attenuator", loss_db=max(0.0, float(-20 * np.log10(sizes[i]))))
        joined[f"middle{k}{i},out0"] = f"size{k}{i},in0"
        joined[f"size{k}{i},out0"] = f"leave{k},in{i}"


def hold(add, joined, i, loop):
    """Add a sampler: h of a slot's last sample, kept over the next by a loop of one sample."""
    dt = loop.slot_duration / loop.samples_per_slot
    follow = [1.0] + [0.0] * (loop.samples_per_slot - 1)
    add(f"hold{i}", "cable", delay=dt)
    add(f"kept{i}", "cable", delay=dt)
    add(f"held{i}", "adder")
    add(f"fork{i}", "fanout")
    for name, levels in (("follow", follow), ("keep", [1.0 - it for it in follow])):
        add(f"{name}{i}", "mixer")
        add(f"{name}_clock{i}", "electrical_source", levels=levels, slot_duration=dt)
        joined[f"{name}_clock{i},out0"] = f"{name}{i},in1"
    joined |= {
        f"hold{i},out0": f"follow{i},in0",
        f"kept{i},out0": f"keep{i},in0",
        f"follow{i},out0": f"held{i},in0",
        f"keep{i},out0": f"held{i},in1",
        f"held{i},out0": f"fork{i},in0",
        f"fork{i},out0": f"state{i},in0",
        f"fork{i},out1": f"kept{i},in0",
    }


def chosen(device, *names):
    """Return fields of a device as settings."""
    return {name: getattr(device, name) for name in names}


def compare(seed=0, **options):
    """Return the loop, both traces of z and h, and their largest relative difference."""
    loop = hardware(**options)
    banks, bias = weights(seed)
    state = np.tanh(np.random.default_rng((seed, 1)).normal(size=LANES))
    trace = specialised(loop, banks, bias, state)
    z, h = general(loop, banks, bias, state)
    difference = max(
        np.max(np.abs(z - trace.receiver)) / np.max(np.abs(trace.receiver)),
        np.max(np.abs(h - trace.state)) / np.max(np.abs(trace.state)),
    )
    return loop, trace, z, h, difference


def draw(path, found):
    """Draw what the receivers see: both solvers, with a waveform-fed and with a held drive."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6.4), layout="constrained")
    panels = figure.subplots(len(found), 1, sharex=True)
    for panel, (drive, (loop, trace, z, _, difference)) in zip(panels, found.items(), strict=True):
        for i in range(LANES):
            panel.plot(trace.time * 1e9, trace.receiver[:, i], color=f"C{i}", lw=3, alpha=0.35)
            label = f"lane {i}, netlist (line: TimeMultiplexedLoop)"
            panel.plot(trace.time * 1e9, z[:, i], ".", color=f"C{i}", ms=3, label=label)
        for slot, bank in enumerate(loop.schedule.banks):
            edge = slot * loop.slot_duration * 1e9
            panel.axvline(edge, color="0.8", lw=0.8, zorder=0)
            panel.annotate(
                f"bank {bank}", (edge, 1.0), (4, -4), xycoords=("data", "axes fraction"),
                textcoords="offset points", va="top", fontsize=8, color="0.4",
            )  # fmt: skip
        panel.margins(y=0.15)
        panel.set(ylabel="receiver z", title=f"{drive} drive: largest difference {difference:.1e}")
    panels[-1].set_xlabel("time in ns")
    panels[0].legend(fontsize=8, loc="lower left")
    figure.savefig(path, dpi=150)


def main(arguments=None):
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.relax_loop", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--out", type=Path, default=Path("runs/relax_loop.png"))
    parser.add_argument("--seed", type=int, default=0, help="of weights and state")
    options = parser.parse_args(arguments)
    found = {drive: compare(options.seed, drive=drive) for drive in ("waveform", "held")}
    print("drive     h after 4 slots, netlist      TimeMultiplexedLoop           difference")
    for drive, (_, trace, _, h, difference) in found.items():
        states = "   ".join(
            " ".join(f"{it:+.9f}" for it in side) for side in (h[-1], trace.state[-1])
        )
        print(f"{drive:8}  {states}   {difference:.1e}")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    draw(options.out, found)
    print(options.out)


if __name__ == "__main__":
    main()
