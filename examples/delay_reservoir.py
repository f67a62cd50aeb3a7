"""One nonlinear node and a fibre that remembers: the delay reservoir on NARMA10.

A single node of Mackey and Glass, fed back through a long delay, stands for hundreds: the signal
in the delay is cut into intervals θ, shorter than the node's own time T, and each is a virtual
node (Appeltant et al., Nature Communications 2, 468 (2011), with their 400 nodes of θ = 0.2 T)::

    mask × u(n) ──▶(+)──[ η v/(1 + |v|^p) ]──[ low-pass T ]──●── x(t), read at the end of every θ
                    ↑                                        │
                    └──[ gain ]── detector ═══ fibre ═══ modulator ══ laser
                                             400 θ

Here the delay is light in a fibre: the modulator writes the power ½(1 + x/s), the detector reads it
with its noise, and a bias takes the mean away. The task is to foretell a nonlinear moving average
of ten steps from its input alone; one weighted sum of all virtual nodes answers, trained by least
squares. A weighted sum of the last inputs, a shift register, is what it has to beat. Without noise
it does by far; the detector's noise drowns what is long ago, and then the shift register wins::

    python -m examples.delay_reservoir --out runs/delay_reservoir.png
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np

from circuits import Circuit, load_netlist

FREQUENCY = 193.4e12
NODE_TIME = 10e-9
"""T in s: 16 MHz, slow electronics."""

THETA = 0.2 * NODE_TIME
STEPS = 2
"""Samples in one θ."""

GROUP_INDEX = 1.468
POWER = 20e-3
"""Of the laser in W."""

BANDWIDTH = 100e6
"""Of the detector in Hz."""


class Node(NamedTuple):
    """How the node is driven."""

    feedback: float
    """η."""

    exponent: float
    """p."""

    offset: float
    """Of v."""

    swing: float
    """What an input of 1 adds to v or takes from it."""

    scale: float
    """s: what the modulator takes as its full scale of x."""


SMALL = Node(0.57, 1.0, 6e-3, 1e-3, 0.02)
"""Small signals on a nearly linear node: what was long ago is in digits that noise would drown."""

LARGE = Node(1.19, 1.0, 0.0, 0.2, 0.35)
"""As large as memory allows: best with the noise of the detector."""

RIDGES = 10.0 ** np.arange(-16, -1)
"""Of the read-out, relative to the greatest singular value of the states."""

FORGOTTEN = 40
"""Steps of the task until the reservoir has forgotten how it began."""


def reservoir(nodes, how):
    """Return the circuit as a netlist in SAX's form, with the port 'drive' for mask × input."""
    volts, responsivity, loss_db, fiber_loss_db = 3.0, 1.0, 3.0, 0.2e-3
    length = nodes * THETA * 299792458.0 / GROUP_INDEX
    mean = 0.5 * responsivity * POWER * 10 ** (-(loss_db + fiber_loss_db * length) / 10)
    node = {"scale": how.feedback, "offset": how.offset, "exponent": how.exponent}
    # The look-up before the modulator: a field √(½(1 + x/s)).
    lookup = {"function": "power", "exponent": 0.5, "slope": 0.5 / how.scale, "offset": 0.5}
    parts = {
        "sum": ("adder", {}),
        "node": ("nonlinearity", node | {"function": "mackey_glass"}),
        "inertia": ("low_pass", {"bandwidth": 1 / (2 * np.pi * NODE_TIME)}),
        "tap": ("fanout", {}),
        "lookup": ("nonlinearity", lookup | {"scale": volts}),
        "laser": ("laser", {"power": POWER}),
        "modulator": ("modulator", {"half_wave_voltage": volts, "insertion_loss_db": loss_db}),
        "fiber": (
            "fiber",
            {
                "length": length,
                "group_index": GROUP_INDEX,
                "group_velocity_dispersion": 0.0,
                "propagation_loss_db": fiber_loss_db,
            },
        ),
        "detector": (
            "photodetector",
            {"responsivity": responsivity, "bandwidth": BANDWIDTH, "dark_current": 0.0},
        ),
        "mean": ("bias", {"level": -mean}),
        "gain": ("electrical_gain", {"gain": how.scale / mean}),
    }
    return {
        "instances": {
            name: {"component": component, "settings": settings}
            for name, (component, settings) in parts.items()
        },
        "connections": {
            "sum,out0": "node,in0",
            "node,out0": "inertia,in0",
            "inertia,out0": "tap,in0",
            "tap,out0": "lookup,in0",
            "lookup,out0": "modulator,drive",
            "laser,out0": "modulator,in0",
            "modulator,out0": "fiber,in0",
            "fiber,out0": "detector,in0",
            "detector,out0": "mean,in0",
            "mean,out0": "gain,in0",
            "gain,out0": "sum,in0",
        },
        "ports": {"drive": "sum,in1", "state": "tap,out1"},
    }


def narma10(n, rng):
    """Return n inputs u in 0 … 0.5 and the series y they make, y[k + 1] following u[k]."""
    u = rng.uniform(0.0, 0.5, n)
    y = np.zeros(n + 1)
    for k in range(9, n):
        y[k + 1] = 0.3 * y[k] + 0.05 * y[k] * y[k - 9 : k + 1].sum() + 1.5 * u[k] * u[k - 9] + 0.1
    return u, y[1:]


def states(how, inputs, nodes, rng, seed=None):
    """Return the virtual nodes after each input, (steps, nodes)."""
    circuit = Circuit(load_netlist(reservoir(nodes, how)))
    mask = rng.choice([-how.swing, how.swing], nodes)
    drive = np.repeat(np.outer(inputs, mask).ravel(), STEPS)
    trace = circuit.transient({"drive": drive}, dt=THETA / STEPS, frequency=FREQUENCY, seed=seed)
    return trace.outputs["state"][STEPS - 1 :: STEPS].reshape(len(inputs), nodes)


def shift_register(inputs, taps):
    """Return the last inputs of each step, (steps, taps)."""
    padded = np.concatenate([np.zeros(taps - 1), inputs])
    return np.lib.stride_tricks.sliding_window_view(padded, taps)


def normalised_error(features, wanted, n_train):
    """Train on the first steps; return what is foretold of all, and the NRMSE of the rest.

    How small a singular value the read-out trusts is chosen on the last fifth of the training.
    """
    train, test = slice(FORGOTTEN, n_train), slice(n_train, None)
    centre, spread = features[train].mean(0), features[train].std(0) + 1e-300
    scaled = np.column_stack([(features - centre) / spread, np.ones(len(features))])
    check = slice(n_train - (n_train - FORGOTTEN) // 5, n_train)

    def answers(known):
        left, sizes, right = np.linalg.svd(scaled[known], full_matrices=False)
        damped = sizes[:, None] / (sizes[:, None] ** 2 + (sizes[0] * RIDGES) ** 2)
        return scaled @ (right.T @ (damped * (left.T @ wanted[known])[:, None]))

    def errors(found, of):
        return np.sqrt(np.mean((found[of].T - wanted[of]) ** 2, axis=1) / np.var(wanted[of]))

    best = np.argmin(errors(answers(slice(FORGOTTEN, check.start)), check))
    answer = answers(train)[:, best]
    return answer, float(errors(answer[:, None], test)[0])


METHODS = {
    "small, noise-free": (SMALL, False),
    "small, with noise": (SMALL, True),
    "large, with noise": (LARGE, True),
}


def run(seed, nodes, n_train, n_test):
    """Return what a run with a seed gives: wanted and foretold series, and NRMSEs by method."""
    inputs, wanted = narma10(n_train + n_test, np.random.default_rng(seed))
    answers, errors = {}, {}
    for name, (how, noisy) in METHODS.items():
        rng = np.random.default_rng((seed, 1))
        found = states(how, inputs, nodes, rng, seed=seed if noisy else None)
        answers[name], errors[name] = normalised_error(found, wanted, n_train)
    registers = [normalised_error(shift_register(inputs, n), wanted, n_train) for n in (10, 20, 40)]
    answers["shift register"], errors["shift register"] = min(registers, key=lambda it: it[1])
    return wanted, answers, errors


def draw(path, wanted, answers, errors, n_train):
    """Draw 100 steps of the test, and the errors of all seeds."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5.6), layout="constrained")
    series, points = figure.subplots(2, 1, height_ratios=[2, 1])
    shown = slice(n_train, n_train + 100)
    series.plot(wanted[shown], color="0.2", lw=2, label="NARMA10")
    for i, (name, answer) in enumerate(answers.items()):
        series.plot(answer[shown], color=f"C{i}", lw=1, label=name)
        points.plot([it[name] for it in errors], [i] * len(errors), "o", color=f"C{i}", alpha=0.6)
    series.set(xlabel="step of the test", ylabel="y")
    series.legend(fontsize=8, ncols=5, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    points.set_yticks(range(len(answers)), list(answers))
    points.set(xlabel="NRMSE of one seed (mask, input and noise)", xlim=(0, None))
    points.invert_yaxis()
    figure.savefig(path, dpi=150)


def main(arguments=None):
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.delay_reservoir", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--out", type=Path, default=Path("runs/delay_reservoir.png"))
    parser.add_argument("--nodes", type=int, default=400, help="virtual nodes")
    parser.add_argument("--train", type=int, default=2000, help="steps to train")
    parser.add_argument("--test", type=int, default=1000, help="steps to test")
    parser.add_argument("--seeds", type=int, default=5, help="runs of other masks and inputs")
    options = parser.parse_args(arguments)
    errors = []
    for seed in range(options.seeds):
        wanted, answers, found = run(seed, options.nodes, options.train, options.test)
        errors.append(found)
        text = "   ".join(f"{name} {error:.3f}" for name, error in found.items())
        print(f"seed {seed}: NRMSE {text}", flush=True)
    for name in errors[0]:
        values = [it[name] for it in errors]
        print(f"{name:22} {np.mean(values):.3f} ± {np.std(values):.3f}")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    draw(options.out, wanted, answers, errors, options.train)
    print(options.out)


if __name__ == "__main__":
    main()
