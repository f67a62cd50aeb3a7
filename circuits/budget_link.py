"""The link of a budget: what becomes of the signal of one lane on its way to the receiver.

Fields (homodyne, square law) and powers (intensity) lose light step by step,

    P = P_laser/N · L_mod · L_in · L_bank · L_out / g²     (intensity: no L_out, 1/g)

until what is left stands for a signal of one; losses in dB add (Agrawal, *Fiber-Optic Communication
Systems*, ch. 5). An electrical machine has no light: the current of one full cell passes a switch.
"""

from typing import TYPE_CHECKING, Literal

import numpy as np

from circuits.budget_figures import LinkStep

if TYPE_CHECKING:
    from circuits.budget import Budget

__all__ = ["diode_power", "link_steps", "signal_current"]


def link_steps(budget: "Budget") -> tuple[LinkStep, ...]:
    """Return the steps from the source to the receiver, the last with a signal of one's level."""
    losses = _currents(budget) if budget.electrical else _light(budget)
    unit: Literal["W", "A"] = "A" if budget.electrical else "W"
    loop = budget.loop
    level = loop.crossbar.full_scale_current if budget.electrical else float(loop.laser.power)
    steps = []
    for name, change_db, source in losses:
        # 20 dB a decade of current, 10 dB a decade of power.
        level *= 10.0 ** (change_db / (20.0 if unit == "A" else 10.0))
        step = LinkStep(name=name, change_db=change_db, level=level, unit=unit, source=source)
        steps.append(step)
    return tuple(steps)


def _light(budget: "Budget") -> list[tuple[str, float, str]]:
    loop, n = budget.loop, budget.lanes
    fields = loop.adds_fields
    steps = [
        ("laser", 0.0, "laser.power, of all lanes together"),
        (f"1/{n} to each {'lane' if fields else 'colour'}", -_db(n), "N"),
        ("modulator", -float(loop.modulator.insertion_loss_db), "modulator, fully open"),
        ("switch in front", -float(loop.input_switch.insertion_loss_db), "switch, selected path"),
        ("bank", 2 * _db(loop.bank_transmission), _BANKS[budget.bank]),
    ]
    if fields:
        loss = float(loop.output_switch.insertion_loss_db)
        steps.append(("switch behind", -loss, "output_switch, selected path"))
    return [*steps, _weights(budget, 20.0 if fields else 10.0)]


def _currents(budget: "Budget") -> list[tuple[str, float, str]]:
    junction = budget.loop.crossbar.junction
    volts = f"n (G_P − G_AP) at {float(junction.read_voltage):g} V"
    loss = float(budget.loop.input_switch.insertion_loss_db)
    return [
        ("full cell", 0.0, volts),
        ("current switch", -loss, "current_switch, selected path"),
        _weights(budget, 20.0),
    ]


def _weights(budget: "Budget", decade: float) -> tuple[str, float, str]:
    gain = budget.banks.gain
    source = "gain of the trained banks" if budget.programmed else "banks of norm one, assumed"
    return ("weights W/g, signal of one", -decade * float(np.log10(gain)), source)


_BANKS = {
    "mzi": "mesh.column_loss_db of 2N + 1 columns",
    "ring": "the light of a bus, split for N rows",
    "dense": "any matrix, without loss",
    "crossbar": "",
}


def _db(ratio: float) -> float:
    return float(10.0 * np.log10(ratio))


def signal_current(budget: "Budget") -> float:
    """Return the current in A at the receiver that a signal of one makes."""
    level = budget.link[-1].level
    responsivity = float(budget.loop.detector.responsivity)
    if budget.electrical:
        return level
    if budget.loop.machine == "homodyne":
        return float(2 * responsivity * np.sqrt(level * budget.loop.local_oscillator_power))
    return responsivity * level


def diode_power(budget: "Budget") -> float:
    """Return the optical power in W on one photodiode, at a signal of one."""
    signal = budget.link[-1].level
    if budget.loop.machine == "homodyne":
        # A balanced pair in phase: |A + LO|²/2 on the brighter diode.
        return float((np.sqrt(signal) + np.sqrt(budget.loop.local_oscillator_power)) ** 2 / 2)
    return signal * budget.detected
