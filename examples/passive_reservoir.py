"""A chip of guides that computes: the passive photonic reservoir on Boolean tasks with memory.

Sixteen nodes of combiners and splitters, four by four, in a swirl of long guides; no power, no
nonlinearity but the photodiode's square law at the read-out (Vandoorne et al., Nature
Communications 5, 3541 (2014), with their delay of 280 ps between nodes)::

    00 → 01 → 02 → 03          light comes in at node 10; a tenth of it leaves every node
    ↑    ↑    ↓    ↓           to a detector of its own
    10 → 11 → 12 → 13
    ↑    ↑    ↓    ↓           phases of the guides are random: whatever the factory gives
    20 ← 21 ← 22 ← 23
    ↑    ↑    ↓    ↓
    30 ← 31 ← 32 ← 33

A bit stream is sent in as light on and off. One weighted sum of the sixteen photocurrents, trained
by ridge regression, answers a question about two bits. No weighted sum of bits is their XOR: the
two must meet at a detector and interfere. Ways between two nodes differ by two delays at least, so
neighbouring bits meet where a bit is longer than that allows, and bits that are farther apart only
in a window: where bits are long, the chip has forgotten the first when the last comes::

    python -m examples.passive_reservoir --out runs/passive_reservoir.png
"""

import argparse
from pathlib import Path

import numpy as np

from circuits import Circuit, load_netlist

SIZE = 4
DELAY = 280e-12
"""Time in s from node to node."""

STEPS_PER_DELAY = 16
LASER = 193.4e12
GROUP_INDEX = 4.2
"""Of a silicon wire, typical."""

TASKS = {
    "AND": lambda now, before, second: now & before,
    "XOR": lambda now, before, second: now ^ before,
    "XOR, 2 bits apart": lambda now, before, second: now ^ second,
}
"""Questions about the bit that is sent, the one before and the one before that."""

SKIPPED = 30
"""Bits until the chip has filled with light."""


def swirl():
    """Return the guides as pairs of nodes: right above, left below, up at the left, and down."""
    half = SIZE // 2
    edges = []
    for row in range(SIZE):
        for column in range(SIZE):
            here = (row, column)
            if column + 1 < SIZE:
                beside = (row, column + 1)
                edges.append((here, beside) if row < half else (beside, here))
            if row + 1 < SIZE:
                below = (row + 1, column)
                edges.append((here, below) if column >= half else (below, here))
    return edges


def reservoir(seed, delay=DELAY, bandwidth=10e9):
    """Return the chip as a netlist in SAX's form, its ports 'in' and 'node00' to 'node33'.

    Light leaves at the nodes where the bandwidth of the detectors is None.
    """
    rng = np.random.default_rng(seed)
    length = delay * 299792458.0 / GROUP_INDEX
    guide = {"length": length, "group_index": GROUP_INDEX, "propagation_loss_db": 60.0}
    instances, connections, entries, exits = {}, {}, {}, {}
    edges = swirl()
    for node in np.ndindex(SIZE, SIZE):
        name = "".join(map(str, node))
        arriving = [edge for edge in edges if edge[1] == node]
        instances[f"tap{name}"] = {"component": "splitter", "settings": {"power_ratio": 0.1}}
        front = f"tap{name},in0"
        entries[node] = [front]
        if len(arriving) == 2 or node == (1, 0):
            # A splitter backwards is a combiner: two come in, half of what does not interfere goes.
            instances[f"join{name}"] = "splitter"
            connections[f"join{name},in0"] = front
            entries[node] = [f"join{name},out0", f"join{name},out1"]
        exits[node] = [f"tap{name},out0"]
        if sum(edge[0] == node for edge in edges) == 2:
            instances[f"part{name}"] = "splitter"
            connections[f"tap{name},out0"] = f"part{name},in0"
            exits[node] = [f"part{name},out0", f"part{name},out1"]
    for i, (start, end) in enumerate(edges):
        phase = {"carrier_phase": rng.uniform(0, 2 * np.pi)}
        instances[f"guide{i}"] = {"component": "waveguide", "settings": guide | phase}
        connections[exits[start].pop(0)] = f"guide{i},in0"
        connections[f"guide{i},out0"] = entries[end].pop(0)
    ports = {"in": entries[1, 0].pop()}
    for row, column in np.ndindex(SIZE, SIZE):
        node = f"{row}{column}"
        ports[f"node{node}"] = f"tap{node},out1"
        if bandwidth is not None:
            detector = {"component": "photodetector", "settings": {"bandwidth": bandwidth}}
            instances[f"detector{node}"] = detector
            connections[f"tap{node},out1"] = f"detector{node},in0"
            ports[f"node{node}"] = f"detector{node},out0"
    return {"instances": instances, "connections": connections, "ports": ports}


def photocurrents(circuit, bits, steps_per_bit, power, seed):
    """Return what the sixteen detectors say at every step, (16, steps), in A, noise included."""
    light = np.sqrt(power) * np.repeat(bits, steps_per_bit)
    trace = circuit.transient({"in": light}, dt=DELAY / STEPS_PER_DELAY, frequency=LASER, seed=seed)
    return np.array([trace.outputs[name] for name in circuit.ports if name != "in"])


def error_rate(currents, wanted, steps_per_bit, ridge=1e-6):
    """Train the read-out on a half of the bits and return its error rate on the other half.

    The moment of reading is chosen on the training bits: up to two bits after the bit began.
    """
    n = len(wanted)
    train, test = slice(SKIPPED, n // 2), slice(n // 2, n - 2)
    best = (np.inf, 1.0)
    for moment in np.unique(np.linspace(0, 2 * steps_per_bit - 1, 16).astype(int)):
        states = currents[:, moment::steps_per_bit][:, :n].T
        states = (states - states[train].mean(0)) / (states[train].std(0) + 1e-300)
        states = np.column_stack([states, np.ones(len(states))])
        aim = wanted[: len(states)] - 0.5
        known = states[train]
        gram = known.T @ known + ridge * len(known) * np.eye(known.shape[1])
        weights = np.linalg.solve(gram, known.T @ aim[train])
        missed = np.mean((known @ weights - aim[train]) ** 2)
        wrong = np.mean((states[test] @ weights > 0) != (aim[test] > 0))
        best = min(best, (missed, wrong))
    return best[1]


def study(steps_per_bit, chips, n_bits, power=0.05):
    """Return the error rates (task, chip, bit rate) of chips that differ in their phases."""
    rates = np.zeros((len(TASKS), chips, len(steps_per_bit)))
    for chip in range(chips):
        circuit = Circuit(load_netlist(reservoir(chip)))
        bits = np.random.default_rng((1, chip)).integers(0, 2, n_bits)
        history = bits, np.roll(bits, 1), np.roll(bits, 2)
        for j, steps in enumerate(steps_per_bit):
            currents = photocurrents(circuit, bits, steps, power, seed=chip)
            for i, task in enumerate(TASKS.values()):
                rates[i, chip, j] = error_rate(currents, task(*history), steps)
    return rates


def draw(path, steps_per_bit, rates, n_bits):
    """Draw the error rate against the length of a bit over the delay between nodes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4.6), layout="constrained")
    axes = figure.subplots()
    length = np.array(steps_per_bit) / STEPS_PER_DELAY
    least = 2 / n_bits
    for task, of_task in zip(TASKS, rates, strict=True):
        shown = np.maximum(of_task, least)
        (line,) = axes.plot(length, np.median(shown, axis=0), "o-", ms=4, label=task)
        axes.fill_between(
            length, *np.quantile(shown, [0.25, 0.75], axis=0), color=line.get_color(), alpha=0.15
        )
    axes.axhline(least, color="0.6", lw=0.8, ls=":")
    axes.text(length[0], least * 1.08, "one error in all test bits", fontsize=8, color="0.4")
    axes.set(xscale="log", yscale="log", ylabel="share of wrong answers")
    axes.set_xlabel("length of a bit / delay between nodes")
    ticks = [it for it in (0.25, 0.5, 1, 2, 4, 8) if length[0] <= it <= length[-1]]
    axes.set_xticks(ticks, [f"{it:g}" for it in ticks])
    axes.minorticks_off()
    top = axes.twiny()
    top.set(xscale="log", xlim=axes.get_xlim(), xlabel="bit rate in Gbit/s (280 ps between nodes)")
    top.set_xticks(ticks, [f"{1 / (it * DELAY * 1e9):.2g}" for it in ticks])
    top.minorticks_off()
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=150)


def main(arguments=None):
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.passive_reservoir", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--out", type=Path, default=Path("runs/passive_reservoir.png"))
    parser.add_argument("--bits", type=int, default=4000, help="half to train, half to test")
    parser.add_argument("--chips", type=int, default=8, help="chips of other random phases")
    parser.add_argument("--steps", type=int, nargs="+", help="lengths of a bit in 17.5 ps")
    options = parser.parse_args(arguments)
    steps = options.steps or [4, 8, 12, 16, 18, 20, 24, 28, 32, 48, 64, 96]
    rates = study(steps, options.chips, options.bits)
    print("bit / delay  " + "  ".join(f"{task:>9}" for task in TASKS))
    for j, length in enumerate(steps):
        medians = np.median(rates[:, :, j], axis=1)
        line = "  ".join(
            f"{rate:{max(9, len(task))}.4f}" for rate, task in zip(medians, TASKS, strict=True)
        )
        print(f"{length / STEPS_PER_DELAY:11.3f}  {line}")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    draw(options.out, steps, rates, options.bits)
    print(options.out)


if __name__ == "__main__":
    main()
