"""Seeded netlists of any topology, feedback and all, from the registered components."""

import numpy as np

from circuits.components import MODELS, build_component
from circuits.netlist import Instance, Netlist

LOSSLESS = {
    "directional_coupler": lambda rng: {"power_ratio": rng.uniform(0.1, 0.9)},
    "phase_shifter": lambda rng: {"phase": rng.uniform(-3, 3)},
    "mirror": lambda rng: {"reflectivity": rng.uniform(0.1, 0.9)},
    "mach_zehnder": lambda rng: dict(
        zip(("theta", "phi", "alpha", "beta"), rng.normal(size=4), strict=True)
    ),
    "waveguide": lambda rng: {
        "length": rng.uniform(1e-5, 2e-4),
        "propagation_loss_db": 0.0,
        "effective_index": rng.uniform(2.0, 3.0),
    },
    "all_pass_ring": lambda rng: {
        "self_coupling": rng.uniform(0.5, 0.95),
        "propagation_loss_db": 0.0,
    },
    "add_drop_ring": lambda rng: {
        "input_self_coupling": rng.uniform(0.5, 0.95),
        "drop_self_coupling": rng.uniform(0.5, 0.95),
        "propagation_loss_db": 0.0,
        "tuning": rng.normal() * 1e11,
    },
    "fabry_perot": lambda rng: {
        "length": 1e-4,
        "reflectivity": rng.uniform(0.2, 0.8),
        "propagation_loss_db": 0.0,
    },
}

ALL = LOSSLESS | {
    "splitter": lambda rng: {"power_ratio": rng.uniform(0.1, 0.9), "insertion_loss_db": 0.2},
    "attenuator": lambda rng: {"loss_db": rng.uniform(0.5, 4)},
    # Without loss a circulator joined to itself would catch light.
    "circulator": lambda rng: {"insertion_loss_db": 0.4, "isolation_db": rng.uniform(5, 30)},
    "isolator": lambda rng: {"insertion_loss_db": 0.5, "isolation_db": rng.uniform(5, 30)},
    "terminator": lambda rng: {"reflectivity": rng.uniform(0.1, 0.5), "phase": rng.normal()},
    "amplifier": lambda rng: {"small_signal_gain_db": rng.uniform(0.1, 1), "noise_figure_db": 7.0},
    "fiber": lambda rng: {"length": rng.uniform(1e-4, 1e-3), "effective_index": 1.45},
}


def random_netlist(seed, n, kinds=ALL, *, open_share=0.1, n_external=4):
    """`n` components whose ports are joined at random, some left outside, some left open."""
    rng = np.random.default_rng(seed)
    names = list(kinds)
    instances, free = {}, []
    for i in range(n):
        name = names[rng.integers(len(names))]
        settings = {key: float(value) for key, value in kinds[name](rng).items()}
        instances[f"u{i}"] = Instance(component=name, settings=settings)
        ports = build_component(f"u{i}", name, settings, MODELS).ports
        free += [(f"u{i}", port) for port in ports]
    free = [free[i] for i in rng.permutation(len(free))]
    external, free = free[:n_external], free[n_external:]
    free = free[: len(free) - int(open_share * len(free))]
    if open_share == 0.0 and len(free) % 2:
        external, free = [*external, free[0]], free[1:]
    pairs = tuple(zip(free[0 : len(free) - 1 : 2], free[1::2], strict=True))
    ports = {f"p{i}": place for i, place in enumerate(external)}
    return Netlist(instances=instances, connections=pairs, ports=ports)
