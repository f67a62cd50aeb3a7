"""Circuits: against SAX in frequency, against a plain torch loop in time, and how costs grow.

SAX's sparse backend (KLU) runs as it is fastest here: a compiled function of one wavelength, mapped
over all of them. Compiling the function of 1,000 wavelengths takes minutes for this mesh, its dense
backend (Filipsson's) longer still, and the one for light that only goes forward misses those paths
through a mesh that are longer than others. Both of us get the same netlist, and must agree.

In time every ring is a coupler and a guide of 10 samples. The circuit simulators in torch that we
know take about as long a sample as the loop of `benchmarks.torch_circuit`; one of them was measured
at `KNOWN` steps a second, forwards and with gradients, on one ring.
"""

import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import sax
import torch
from scipy.constants import c as speed_of_light

from benchmarks.timing import interleaved, show
from benchmarks.torch_circuit import step_rings
from circuits import Circuit
from circuits.netlist_loading import load_netlist

jax.config.update("jax_enable_x64", True)

Netlist = dict[str, dict]
Rows = list[dict[str, object]]

WAVELENGTHS = np.linspace(1.54e-6, 1.56e-6, 1000)
PORTS = 16
DT, RING_SAMPLES = 1e-12, 10
KNOWN = {"forward": 5.9e3, "forward + backward": 2e3}
TIMED_STEPS, TORCH_STEPS = 10_000, 500
LINEAR, FLAT = 1.5, 1.5
"""How much more than proportional, or constant, a cost may be: caches end somewhere."""


# The same parts for SAX, which has wavelengths in µm


def _coupler(wl=1.55, power_ratio=0.5):
    bar = (1 - power_ratio) ** 0.5 * jnp.ones_like(wl, dtype=complex)
    cross = 1j * power_ratio**0.5 * jnp.ones_like(wl, dtype=complex)
    paths = {("in0", "out0"): bar, ("in0", "out1"): cross, ("in1", "out0"): cross}
    return sax.reciprocal(paths | {("in1", "out1"): bar})


def _phase_shifter(wl=1.55, phase=0.0):
    return sax.reciprocal({("in0", "out0"): jnp.exp(1j * phase) * jnp.ones_like(wl)})


def _waveguide(wl=1.55, length=1e-4, effective_index=2.4):
    turns = effective_index / 1.55 + 4.2 * (1 / wl - 1 / 1.55)
    loss = 10 ** (-250.0 * length / 20)
    return sax.reciprocal({("in0", "out0"): loss * jnp.exp(2e6j * jnp.pi * turns * length)})


def _mach_zehnder(wl=1.55, theta=0.0, phi=0.0):
    one, half = jnp.ones_like(wl, dtype=complex), jnp.exp(1j * theta)
    bar, cross = 0.5 * (half - 1) * one, 0.5j * (half + 1) * one
    turn = jnp.exp(1j * phi)
    paths = {("in0", "out0"): bar * turn, ("in0", "out1"): cross * turn}
    return sax.reciprocal(paths | {("in1", "out0"): cross, ("in1", "out1"): -bar})


MODELS = {
    "coupler": _coupler,
    "mach_zehnder": _mach_zehnder,
    "phase_shifter": _phase_shifter,
    "waveguide": _waveguide,
}


# Netlists


def part(component: str, **settings: float) -> dict:
    """An instance of a netlist."""
    return {"component": component, "settings": settings}


def guide(index: float = 2.4) -> dict:
    """A waveguide of 0.1 mm."""
    return part("waveguide", length=1e-4, effective_index=index)


def mesh(n: int, *, whole: bool) -> Netlist:
    """A rectangular mesh of n ports: interferometers as one part each, and guides between them, or
    each of two couplers, a guide in either arm and a phase in front."""
    rng = np.random.default_rng(0)
    instances: Netlist = {}
    connections, ports, last = {}, {}, dict.fromkeys(range(n))

    def lead(mode: int, port: str, onward: str) -> None:
        if last[mode] is None:
            ports[f"in{mode}"] = port
        else:
            connections[last[mode]] = port
        last[mode] = onward

    for column in range(n):
        for top in range(column % 2, n - 1, 2):
            name = f"_{column}_{top}"
            near, far, phase, upper, lower = (f"{it}{name}" for it in "abpul")
            instances[upper] = guide(2.4 + 1e-3 * rng.random())
            instances[lower] = guide()
            if whole:
                theta, phi = 6 * rng.random(2)
                instances[near] = part("mach_zehnder", theta=theta, phi=phi)
                connections |= {f"{upper},out0": f"{near},in0", f"{lower},out0": f"{near},in1"}
                lead(top, f"{upper},in0", f"{near},out0")
                lead(top + 1, f"{lower},in0", f"{near},out1")
                continue
            instances[near] = part("coupler", power_ratio=0.5 + 0.02 * rng.normal())
            instances[far] = part("coupler", power_ratio=0.5 + 0.02 * rng.normal())
            instances[phase] = part("phase_shifter", phase=6 * rng.random())
            connections |= {
                f"{phase},out0": f"{near},in0",
                f"{near},out0": f"{upper},in0", f"{upper},out0": f"{far},in0",
                f"{near},out1": f"{lower},in0", f"{lower},out0": f"{far},in1",
            }  # fmt: skip
            lead(top, f"{phase},in0", f"{far},out0")
            lead(top + 1, f"{near},in1", f"{far},out1")
    ports |= {f"out{mode}": place for mode, place in last.items()}
    return {"instances": instances, "connections": connections, "ports": ports}


def resonators(n: int) -> Netlist:
    """A chain of n coupled rings, of three parts each."""
    instances: Netlist = {}
    connections = {}
    for i in range(n + 1):
        instances[f"c{i}"] = part("coupler", power_ratio=0.3)
    for i in range(n):
        instances[f"u{i}"] = instances[f"d{i}"] = guide()
        connections |= {
            f"c{i},out1": f"u{i},in0", f"u{i},out0": f"c{i + 1},in0",
            f"c{i + 1},out0": f"d{i},in0", f"d{i},out0": f"c{i},in1",
        }  # fmt: skip
    ports = {"in": "c0,in0", "through": "c0,out0", "drop": f"c{n},out1"}
    return {"instances": instances, "connections": connections, "ports": ports}


def rings(n: int, samples: int = RING_SAMPLES) -> Netlist:
    """n rings along one guide, each a coupler and a guide that delays by `samples` of DT."""
    length = samples * DT * speed_of_light / 4.2
    instances: Netlist = {}
    connections = {}
    for i in range(n):
        instances[f"c{i}"] = part("coupler", power_ratio=0.2)
        instances[f"l{i}"] = part("waveguide", length=length, propagation_loss_db=0.5 / length)
        connections |= {f"c{i},out1": f"l{i},in0", f"l{i},out0": f"c{i},in1"}
        if i:
            connections[f"c{i - 1},out0"] = f"c{i},in0"
    ports = {"in": "c0,in0", "out": f"c{n - 1},out0"}
    return {"instances": instances, "connections": connections, "ports": ports}


# Frequency


def row(name: str, ours: float, reference: float, bound: float | None = None) -> dict[str, object]:
    """One line of the table; the bound is on ours over the reference."""
    told: dict[str, object] = {"name": name, "ours": ours, "reference": reference}
    told["ratio"] = ours / reference
    if bound is not None:
        told["bound"] = f"≤ {bound:g}×" if bound >= 1 else f"≤ 1/{1 / bound:g}"
        told["holds"] = ours / reference <= bound
    return told


def timed(run: Callable[[], object]) -> tuple[float, object]:
    """Seconds that one call takes, and what it returns."""
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def against_sax(name: str, netlist: Netlist, rounds: int) -> Rows:
    """Time both from the netlist on, and once more when everything is compiled."""
    light = jnp.asarray(WAVELENGTHS * 1e6)

    def compiled() -> Callable[[], np.ndarray]:
        circuit, _ = sax.circuit(netlist, MODELS, backend="klu", return_type="SDense")
        every = jax.jit(jax.vmap(lambda wl: circuit(wl=wl)[0]))
        return lambda: np.asarray(every(light))

    def built() -> Callable[[], np.ndarray]:
        circuit = Circuit(load_netlist(netlist))
        return lambda: circuit.scattering(WAVELENGTHS)

    Circuit(load_netlist(mesh(2, whole=False))).scattering(1.55e-6)  # loads machine code
    runs, first, results = {}, {}, {}
    for who, prepare in (("ours", built), ("SAX", compiled)):
        preparing, runs[who] = timed(prepare)
        running, results[who] = timed(runs[who])
        first[who] = preparing + running
    names = sax.circuit(netlist, MODELS, return_type="SDense")[0](wl=1.55)[1]
    order = np.array([names[port] for port in netlist["ports"]])
    theirs = results["SAX"][:, order[:, None], order].swapaxes(1, 2)
    assert np.max(np.abs(results["ours"] - theirs)) < 1e-9
    again = interleaved(runs, rounds)
    return [
        row(f"{name}, compiled", again["ours"], again["SAX"], 1.0),
        row(f"{name}, from the netlist on", first["ours"], first["SAX"], 1.0),
    ]


def growth(
    name: str, small: Netlist, large: Netlist, rounds: int, bound: float | None = None
) -> Rows:
    """Time two netlists; the smaller one's cost, times how many times fewer parts it has, is the
    reference."""
    sizes = {"small": small, "large": large}
    loaded = {size: load_netlist(it) for size, it in sizes.items()}
    built = {size: Circuit(it) for size, it in loaded.items()}
    spectra = {size: it.scattering(WAVELENGTHS) for size, it in built.items()}
    factor = len(large["instances"]) / len(small["instances"])
    tasks = {
        "building": lambda size: Circuit(loaded[size]),
        "1,000 wavelengths": lambda size: built[size].scattering(WAVELENGTHS),
        "gradients of those": lambda size: built[size].gradients(spectra[size], WAVELENGTHS),
    }
    rows = []
    for task, run in tasks.items():
        seconds = interleaved({size: lambda s=size, r=run: r(s) for size in sizes}, rounds)
        title = f"{name}, {len(large['instances'])} parts: {task}"
        rows.append(row(title, seconds["large"], factor * seconds["small"], bound))
    return rows


# Time


def in_time(n: int, rounds: int) -> Rows:
    """Step n rings by ours and by torch; seconds of `TIMED_STEPS` steps."""
    netlist = rings(n)
    stepped = Circuit(load_netlist(netlist)).stepped(
        ["in"], ["out"], dt=DT, frequency=speed_of_light / 1.55e-6
    )
    steps = 100 * TIMED_STEPS // n
    rng = np.random.default_rng(0)
    light = rng.normal(size=steps) + 1j * rng.normal(size=steps)
    matrix = torch.tensor(ring_matrix(netlist), requires_grad=True)
    signal = torch.tensor(light[:TORCH_STEPS])

    def backward() -> None:
        step_rings(matrix, signal, RING_SAMPLES).abs().square().sum().backward()

    candidates = {
        "forward": lambda: stepped.run({"in": light}),
        "forward + backward": lambda: stepped.gradients({"in": light}, {"out": light}),
        "torch forward": lambda: step_rings(matrix, signal, RING_SAMPLES),
        "torch forward + backward": backward,
    }
    ours, theirs = candidates["forward"]().outputs["out"], candidates["torch forward"]()
    np.testing.assert_allclose(ours[:TORCH_STEPS], theirs.detach().numpy(), atol=1e-9)
    seconds = interleaved(candidates, rounds)
    rows = []
    for task, known in KNOWN.items():
        own = seconds[task] / steps * TIMED_STEPS
        torchs = seconds[f"torch {task}"] / TORCH_STEPS * TIMED_STEPS
        title = f"{n} in time, {task}: {n * TIMED_STEPS / own:.2g} ring steps/s"
        rows.append(row(f"{title}, torch loop", own, torchs))
        if n == 1:
            rows.append(row(f"{title}, as known", own, TIMED_STEPS / known, 1 / 500))
    return rows


def ring_matrix(netlist: Netlist) -> np.ndarray:
    """What leaves, and what enters the guides, of what enters and leaves them, loss and phase."""
    n = len(netlist["instances"]) // 2
    couplers = {name: it for name, it in netlist["instances"].items() if name.startswith("c")}
    joints = {a: b for a, b in netlist["connections"].items() if a[0] == b[0] == "c"}
    ports = dict(netlist["ports"])
    ports |= {f"from{i}": f"c{i},in1" for i in range(n)} | {
        f"to{i}": f"c{i},out1" for i in range(n)
    }
    cut = Circuit(load_netlist({"instances": couplers, "connections": joints, "ports": ports}))
    matrix = cut.scattering(1.55e-6)[0]
    into = [0, *range(2, 2 + n)]
    out = [1, *range(2 + n, 2 + 2 * n)]
    gain = np.ones(1 + n)
    gain[1:] = 10 ** (-0.5 / 20)
    return matrix[np.ix_(out, into)] * gain


def over_delays(rounds: int) -> Rows:
    """Step one ring of longer and longer delays; the shortest is the reference."""
    steps = 100 * TIMED_STEPS
    light = np.random.default_rng(0).normal(size=steps) + 0j
    delays = (10, 100, 1_000, 10_000, 100_000)
    compiled = {
        delay: Circuit(load_netlist(rings(1, delay))).stepped(
            ["in"], ["out"], dt=DT, frequency=speed_of_light / 1.55e-6
        )
        for delay in delays
    }
    tasks = {
        "forward": lambda it: it.run({"in": light}),
        "forward + backward": lambda it: it.gradients({"in": light}, {"out": light}),
    }
    rows = []
    for task, run in tasks.items():
        candidates = {str(d): lambda it=it, r=run: r(it) for d, it in compiled.items()}
        seconds = interleaved(candidates, rounds)
        rows += [
            row(f"a delay of {d:,} samples, {task}", seconds[str(d)], seconds["10"], FLAT)
            for d in delays[1:]
        ]
    return rows


def run(rounds: int = 3) -> Rows:
    """Return a row of each comparison."""
    rows = []
    for whole in (True, False):
        netlist = mesh(PORTS, whole=whole)
        what = "interferometers" if whole else "couplers, phases"
        title = f"{PORTS} × {PORTS} mesh, {len(netlist['instances'])} {what} and guides"
        rows += against_sax(title, netlist, rounds)
    rows += growth("coupled rings", resonators(33), resonators(333), rounds, LINEAR)
    # Not proportional: four times the parts also have twice the ports, which all see each other.
    rows += growth("mesh", mesh(16, whole=False), mesh(32, whole=False), rounds)
    for n in (1, 10, 100):
        rows += in_time(n, rounds)
    return rows + over_delays(rounds)


if __name__ == "__main__":
    show("circuits, against SAX, torch, and themselves at another size", run())
