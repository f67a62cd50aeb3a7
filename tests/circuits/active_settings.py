"""The active components one by one: settings of each, and one alone as a circuit."""

from circuits import Circuit, load_netlist
from circuits.components import build_component

CARRIER = 193.4e12

DETECTOR = {"saturation_power": 0.02, "bandwidth": 5e9, "responsivity": 0.8}
SWITCH = {"isolation_db": 17.0, "insertion_loss_db": 1.5}
ACTIVE = {
    "adder": {"gain0": 0.7, "gain1": -1.2},
    "balanced_photodetector": DETECTOR,
    "bias": {"level": 0.3},
    "cable": {"delay": 1e-12, "loss_db": 0.3},
    "coupled_mode_all_pass_ring": {
        "temperature_change": 3.0,
        "tuning": 2e10,
        "propagation_loss_db": 2e3,
    },
    "coupled_mode_ring": {
        "temperature_change": 3.0,
        "tuning": 2e10,
        "resonance_offset": 1e9,
        "propagation_loss_db": 2e3,
        "drop_self_coupling": 0.8,
    },
    "electrical_gain": {"gain": -2.0},
    "electrical_source": {"levels": [1.0, -0.5], "slot_duration": 1e-9},
    "electro_absorption_modulator": {"chirp": 0.8},
    "erbium_amplifier": {"average_power": 2e-3},
    "fanout": {"gain": 0.8},
    "gate": SWITCH,
    "laser": {"power": 2e-3, "phase": 0.3, "linewidth": 1e6, "rin_db": -140.0},
    "low_pass": {"bandwidth": 2e9},
    "mixer": {"gain": 1.5},
    "modulator": {"insertion_loss_db": 2.0},
    "nonlinearity": {"function": "tanh", "scale": 1.2, "slope": 0.7, "offset": 0.4},
    "phase_modulator": {"insertion_loss_db": 2.0},
    "photodetector": DETECTOR,
    "semiconductor_amplifier": {"small_signal_gain_db": 7.0},
    "switch": SWITCH | {"leakage_phase0": 0.7, "leakage_phase1": -1.1},
    "switch2x2": SWITCH,
}
"""Settings with every parameter away from where a slope vanishes."""


def alone(name, **settings):
    """One component as a circuit, its ports those of the circuit."""
    ports = build_component("u", name, settings).ports
    return Circuit(
        load_netlist(
            {
                "instances": {"u": {"component": name, "settings": settings}},
                "connections": {},
                "ports": {port: f"u,{port}" for port in ports},
            }
        )
    )


def run(name, inputs, dt, *, seed=None, **settings):
    """What leaves one component of what enters it."""
    built = alone(name, **settings)
    return built.transient(inputs, dt=dt, frequency=CARRIER, seed=seed).outputs
