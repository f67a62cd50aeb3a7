"""The circuits that the cases measure: netlists whose delays are whole samples."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from circuits import Circuit, load_netlist
from validation.case import Reals
from validation.closed_forms.values import SPEED_OF_LIGHT, Complexes

CARRIER = SPEED_OF_LIGHT / 1.55e-6
DT = 1e-12
"""Length of a sample in s."""

FAINT = 2.0**-30
"""Field in √W of impulses: it tires no amplifier, and as a power of two rounds nothing."""

_INDEX = 4.2
SAMPLE = DT * SPEED_OF_LIGHT / _INDEX
"""Length in m of a guide that delays by one sample."""


def guide(samples: float, loss_db: float = 0.0, phase: float = 0.0) -> dict[str, Any]:
    """Return a guide of a delay in samples, a loss in dB and a phase of the carrier in rad."""
    settings = {
        "length": samples * SAMPLE,
        "group_index": _INDEX,
        "propagation_loss_db": loss_db / (samples * SAMPLE),
        "carrier_phase": phase,
    }
    return {"component": "waveguide", "settings": settings}


def coupler(cross: float) -> dict[str, Any]:
    """Return a coupler that a share of the power crosses."""
    return {"component": "coupler", "settings": {"power_ratio": float(cross)}}


def wired(
    instances: dict[str, dict[str, Any]], connections: dict[str, str], ports: dict[str, str]
) -> Circuit:
    """Return the circuit of a netlist."""
    netlist = {"instances": instances, "connections": connections, "ports": ports}
    return Circuit(load_netlist(netlist))


def rings_in_a_row(cross: Sequence[float] | Reals, loss_db: float = 0.0) -> Circuit:
    """Return N rings of two samples between N + 1 couplers of given power shares.

    Half a ring leads up from the second side of a coupler to the first side of the next, half a
    ring back down.
    """
    parts = {f"coupler{k}": coupler(share) for k, share in enumerate(cross)}
    wires = {}
    for k in range(1, len(parts)):
        parts |= {f"up{k}": guide(1, loss_db / 2), f"down{k}": guide(1, loss_db / 2)}
        wires[f"coupler{k - 1},out1"] = f"up{k},in0"
        wires[f"up{k},out0"] = f"coupler{k},in0"
        wires[f"coupler{k},out0"] = f"down{k},in0"
        wires[f"down{k},out0"] = f"coupler{k - 1},in1"
    last = f"coupler{len(cross) - 1}"
    ends = {"in": "coupler0,in0", "through": "coupler0,out0", "add": f"{last},in1"}
    return wired(parts, wires, ends | {"drop": f"{last},out1"})


def equal_lattice(angle: float, stages: int) -> Circuit:
    """Return interferometers in a row, arms of two and one samples, between equal couplers."""
    parts = {f"coupler{k}": coupler(np.sin(angle) ** 2) for k in range(stages + 1)}
    wires = {}
    for k in range(1, stages + 1):
        for i, samples in enumerate((2, 1)):
            parts[f"arm{k}{i}"] = guide(samples)
            wires[f"coupler{k - 1},out{i}"] = f"arm{k}{i},in0"
            wires[f"arm{k}{i},out0"] = f"coupler{k},in{i}"
    return wired(parts, wires, {"in": "coupler0,in0", "cross": f"coupler{stages},out1"})


def ring_interferometer(coupling: float) -> Circuit:
    """Return an interferometer, one arm a sample long, a ring of two on the other, turned by π."""
    parts = {
        "split": coupler(0.5),
        "bus": coupler(1 - coupling**2),
        "ring": guide(2, phase=np.pi),
        "arm": guide(1),
        "join": coupler(0.5),
    }
    wires = {
        "split,out0": "bus,in0",
        "bus,out1": "ring,in0",
        "ring,out0": "bus,in1",
        "bus,out0": "join,in0",
        "split,out1": "arm,in0",
        "arm,out0": "join,in1",
    }
    return wired(parts, wires, {"in": "split,in0", "bar": "join,out0"})


def mirrors(reflectivity: float, samples: int, loss_db: float, phase: float) -> Circuit:
    """Return two mirrors and a guide; loss and phase are of one way through it."""
    mirror = {"component": "mirror", "settings": {"reflectivity": reflectivity}}
    return wired(
        {"front": mirror, "guide": guide(samples, loss_db, phase), "back": mirror},
        {"front,out0": "guide,in0", "guide,out0": "back,in0"},
        {"in": "front,in0", "out": "back,out0"},
    )


def amplified_loop(cross: float, samples: int, loss_db: float, gain_db: float) -> Circuit:
    """Return a coupler and a loop of a fibre, a loss and an erbium amplifier."""
    edfa = {"kind": "edfa", "small_signal_gain_db": gain_db}
    return wired(
        {
            "coupler": coupler(cross),
            "fibre": guide(samples),
            "loss": {"component": "attenuator", "settings": {"loss_db": loss_db}},
            "edfa": {"component": "amplifier", "settings": edfa},
        },
        {
            "coupler,out1": "fibre,in0",
            "fibre,out0": "loss,in0",
            "loss,out0": "edfa,in0",
            "edfa,out0": "coupler,in1",
        },
        {"in": "coupler,in0", "out": "coupler,out0"},
    )


def impulse_spectrum(circuit: Circuit, output: str, samples: int) -> tuple[Reals, Complexes]:
    """Return N ifft of what leaves after a unit impulse at "in", by ascending offset in Hz."""
    pulse = np.zeros(samples)
    pulse[0] = FAINT
    response = circuit.transient({"in": pulse}, dt=DT, frequency=CARRIER).outputs[output] / FAINT
    offset = np.fft.fftshift(np.fft.fftfreq(samples, DT))
    return offset, np.asarray(np.fft.fftshift(samples * np.fft.ifft(response)))
