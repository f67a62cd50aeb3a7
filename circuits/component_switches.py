"""The switches: gates and 1×2 or 2×2 switches that a signal sets, and that take their time.

              ┌── out0      control 0        weights w₀, w₁ of the two ways by the drive x, which
    in0 ──[1×2]             ↓                follows the control, held to 0 … 1, exponentially:
              └── out1      control 1        'gate'  w₁ = x,            w₀ = 1 − x
                                             'mzi'   w₁ = sin(πx/2),    w₀ = cos(πx/2)

Each output has its own weight and, X dB below it, that of the other, 10^(−IL/20)(w + 10^(−X/20) w')
(`devices.switch`). Light passes both ways. At time zero a switch rests at control 0, and in
frequency it stays there. In time the drive is the exact update of held samples, x at the end of
each. A `SwitchSchedule` begins each transient with what the switch transmits then; a 'mzi' switch
here goes on from its angle instead, which is the same where it has settled.
"""

from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuits.component import Component, Composition, Memoryless
from circuits.component_electrical import combined
from circuits.component_modes import low_pass
from circuits.component_nonlinear import Nonlinear
from circuits.component_settings import NEPERS_PER_DB, number, numbers, values
from circuits.transient_op_kernels import Function, Op
from devices._fields import FINITE, NON_NEGATIVE_OR_INFINITE
from devices.fiber_switch import FiberSwitch

Ways = NDArray[np.complex128]
"""Amplitudes from inputs to outputs, (outputs, inputs)."""


def gate(**fields: Any) -> Composition:
    """One path, shut at control 0 but for its leak and open at 1; fields of `FiberSwitch`.

    out0 = 10^(−IL/20)(ℓ + (1 − ℓ) w₁) in0, ℓ = 10^(−X/20); its family is 'gate' unless told
    otherwise.
    """
    device = FiberSwitch(**{"transient": "gate"} | fields)
    one, none = values(1.0)[:, None], values(0.0)[:, None]
    return _driven(device, (none, one), (one, -one), falling=False)


def switch(
    *, leakage_phase0: float = 0.0, leakage_phase1: float = 0.0, **fields: Any
) -> Composition:
    """One guide into one of two, in0 → out0 at control 0, → out1 at 1; fields of `FiberSwitch`.

    Parameters
    ----------
    leakage_phase0, leakage_phase1 : float (rad)
        ϑ by which the leak into each output differs from its own light, 10^(−X/20) e^{iϑ}.
    fields
        Of `FiberSwitch`.
    """
    phases = {
        name: number(value, name, FINITE, "the phase of a leak in rad")
        for name, value in (("leakage_phase0", leakage_phase0), ("leakage_phase1", leakage_phase1))
    }
    straight, across = values(1.0, 0.0)[:, None], values(0.0, 1.0)[:, None]
    return _driven(FiberSwitch(**fields), (straight, across), (across, straight), phases)


def switch2x2(**fields: Any) -> Composition:
    """Two guides that exchange their light at control 1, crossing with i; fields of `FiberSwitch`.

    An interferometer only: four gates would need splitters, whose loss a netlist should show.
    """
    device = FiberSwitch(**fields)
    if device.transient != "mzi":
        raise ValueError(
            "transient must be 'mzi' in a 2×2 switch (an interferometer exchanges all light); got "
            f"{device.transient!r}. Build one of gates from splitters and 'gate'."
        )
    straight = np.eye(2).astype(np.complex128)
    across = 1j * straight[::-1]
    return _driven(device, (straight, across), (across, straight))


def _driven(
    device: FiberSwitch,
    own: tuple[Ways, Ways],
    leaked: tuple[Ways, Ways],
    phases: dict[str, float] | None = None,
    *,
    falling: bool = True,
) -> Composition:
    """Wire guides through products with the drive.

    What leaves is (D + D v₀ + R v₁) in, so that v₀ = w₀ − 1 and v₁ = w₁ are zero at rest; D and R
    are the ways of control 0 and 1, each its own one and, by the isolation, its leak.
    """
    _refuse_foreign(device)
    held = _held(device) | (phases or {})
    arms = [
        f"{kind}{i}"
        for kind in (("fall", "rise") if falling else ("rise",))
        for i in range(own[0].shape[1])
    ]
    guides = _guides(held, own, leaked, arms)
    light = tuple(port for port in guides.ports if port[:2] in ("in", "ou"))
    parts: dict[str, Component] = {
        "guides": guides,
        "limit": Nonlinear(
            op=Op.FUNCTION, function=Function.CLIPPED_RELU, numbers=values(1.0, 1.0, 0.0, 1.0)
        ),
        "edge": _edge(held["time_constant"]),
        "fan": _fan(arms),
    }
    joined = [("limit,out", "edge,in0"), ("edge,out0", "fan,in0")]
    for arm in arms:
        parts[f"{arm}_weight"] = weight = _weight(arm, device.transient)
        parts[arm] = Nonlinear(op=Op.PRODUCT, numbers=values(1.0))
        first, last = weight.ports
        joined += [
            (f"fan,{arm}", f"{arm}_weight,{first}"),
            (f"{arm}_weight,{last}", f"{arm},drive"),
            (f"guides,to_{arm}", f"{arm},in"),
            (f"{arm},out", f"guides,from_{arm}"),
        ]
    return Composition(
        ports=(*light, "control"),
        parts=parts,
        connections=tuple(joined),
        exposed=(*(f"guides,{port}" for port in light), "limit,in"),
        parameters=held,
    )


def _refuse_foreign(device: FiberSwitch) -> None:
    if device.edge != "exponential":
        raise ValueError(
            f"edge must be 'exponential' in a circuit (the drive follows the control by one "
            f"pole); got {device.edge!r}. Shape the control, and write time_constant=0.0."
        )
    if np.any(np.asarray(device.guard_time) != 0.0):
        raise ValueError(
            f"guard_time must be 0 in a circuit (which has no slots to pause in); got "
            f"{device.guard_time}."
        )


def _held(device: FiberSwitch) -> dict[str, float]:
    held = numbers(device, "insertion_loss_db", "time_constant")
    isolation = number(
        device.isolation_db, "isolation_db", NON_NEGATIVE_OR_INFINITE, "a leak in dB below"
    )
    return held | {"isolation_db": isolation}


def _guides(
    held: dict[str, float], own: tuple[Ways, Ways], leaked: tuple[Ways, Ways], arms: list[str]
) -> Memoryless:
    """Return the guides between the ports and the products, and their slopes."""
    n_out, n_in = own[0].shape
    leak = np.exp(-NEPERS_PER_DB * held["isolation_db"])
    transmission = np.exp(-NEPERS_PER_DB * held["insertion_loss_db"])
    ports = [f"in{i}" for i in range(n_in)] + [f"out{o}" for o in range(n_out)]
    ports += [f"{end}_{arm}" for arm in arms for end in ("to", "from")]
    direct, leaking, entrance = np.zeros((3, len(ports), len(ports)), dtype=np.complex128)
    places = [(f"in{i}", i, 0) for i in range(n_in)]
    places += [(f"from_{arm}", int(arm[4:]), int(arm.startswith("rise"))) for arm in arms]
    for port, i, control in places:
        for o in range(n_out):
            place = ports.index(f"out{o}"), ports.index(port)
            turn = np.exp(1j * held.get(f"leakage_phase{o}", 0.0))
            direct[place] = transmission * own[control][o, i]
            leaking[place] = transmission * leak * turn * leaked[control][o, i]
    for arm in arms:
        entrance[ports.index(f"to_{arm}"), ports.index(f"in{arm[4:]}")] = 1.0
    changes = {"insertion_loss_db": -NEPERS_PER_DB * (direct + leaking)}
    if leak > 0:
        changes["isolation_db"] = -NEPERS_PER_DB * leaking
    for o in range(n_out):
        if f"leakage_phase{o}" in held:
            rows = np.arange(len(ports))[:, None] == ports.index(f"out{o}")
            changes[f"leakage_phase{o}"] = 1j * leaking * rows
    whole = direct + leaking + entrance
    slopes = {name: change + change.T for name, change in changes.items()}
    return Memoryless(tuple(ports), whole + whole.T, {}, slopes)


def _edge(time_constant: float) -> Component:
    if time_constant == 0.0:
        return combined([1.0], [{}])
    return low_pass(time_constant, time_slopes={"time_constant": 1.0})


def _fan(arms: list[str]) -> Memoryless:
    matrix = np.zeros((len(arms) + 1,) * 2, dtype=np.complex128)
    matrix[1:, 0] = 1.0
    return Memoryless(("in0", *arms), matrix, domain="electrical")


def _weight(arm: str, transient: str) -> Component:
    """Return v₀ or v₁ of the drive x: −x or x, or −2 sin²(πx/4) or sin(πx/2)."""
    if transient == "gate":
        return combined([-1.0 if arm.startswith("fall") else 1.0], [{}])
    if arm.startswith("fall"):
        function, numbers_of = Function.SINE_SQUARED, [-2.0, pi / 4, 0.0, 1.0]
    else:
        function, numbers_of = Function.SINE, [1.0, pi / 2, 0.0, 1.0]
    return Nonlinear(op=Op.FUNCTION, function=function, numbers=np.array(numbers_of))
