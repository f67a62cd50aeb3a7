"""The receivers: where light becomes a current.

    in0 ~~~▶|──[ R|A|² + I_d + noise ]──[ τ ]── out0      optical → electrical, in A

A photodetector is a square law, whose white noise follows the current, and one pole behind it, in
time the exact update of held samples (`Photodetector.advance`). Light is not sent back. In
frequency nothing passes: the square of little light is nothing.
"""

from typing import Any

import numpy as np
from scipy.constants import e as elementary_charge

from circuits.component import Component, Composition, Memoryless
from circuits.component_electrical import combined, filtered
from circuits.component_nonlinear import Nonlinear, Numbers
from circuits.component_settings import number, numbers, values
from circuits.transient_op_kernels import Op
from devices._fields import POSITIVE_OR_INFINITE
from devices.photodetector import Photodetector

_REAL = ("responsivity", "dark_current", "load_resistance", "temperature", "noise_figure_db")


def photodetector(**fields: Any) -> Composition:
    """A photodiode with its receiver, in0 (optical) → out0 (electrical, A).

    Fields of `Photodetector`; its noise is that of a run with noise, see `Circuit.transient`.
    """
    device = Photodetector(**fields)
    held = _held(device)
    return Composition(
        ports=("in0", "out0"),
        parts={"diode": _diode(device), "receiver": _receiver(device)},
        connections=(("diode,out", "receiver,in0"),),
        exposed=("diode,in", "receiver,out0"),
        parameters=held,
    )


def balanced_photodetector(**fields: Any) -> Composition:
    """A homodyne receiver, 2R Re(in0 · in1*) → out0 in A; fields of each `Photodetector`.

    Signal and local oscillator meet in a 50/50 coupler and land on two diodes as |A ± LO|²/2, the
    coupler's i being part of the oscillator's phase. The diodes share one amplifier, whose thermal
    noise enters once (`BalancedPhotodetector`).
    """
    device = Photodetector(**fields)
    half = np.sqrt(0.5)
    mixing = np.zeros((4, 4), dtype=np.complex128)
    mixing[2:, :2] = [[half, half], [half, -half]]
    return Composition(
        ports=("in0", "in1", "out0"),
        parts={
            "coupler": Memoryless(("in0", "in1", "out0", "out1"), mixing),
            "plus": _diode(device),
            "minus": _diode(device, thermal=False),
            "difference": combined([1.0, -1.0], [{}, {}]),
            "receiver": _receiver(device),
        },
        connections=(
            ("coupler,out0", "plus,in"),
            ("coupler,out1", "minus,in"),
            ("plus,out", "difference,in0"),
            ("minus,out", "difference,in1"),
            ("difference,out0", "receiver,in0"),
        ),
        exposed=("coupler,in0", "coupler,in1", "receiver,out0"),
        parameters=_held(device),
    )


def _held(device: Photodetector) -> dict[str, float]:
    held = numbers(device, *_REAL)
    for name in ("bandwidth", "saturation_power"):
        value = number(getattr(device, name), name, POSITIVE_OR_INFINITE, "a setting")
        if np.isfinite(value):
            held[name] = value
    return held


def _receiver(device: Photodetector) -> Component:
    return filtered(float(np.asarray(device.bandwidth)))


def _diode(device: Photodetector, *, thermal: bool = True) -> Nonlinear:
    """The square law with its noise, and how its six numbers follow the fields."""
    held = _held(device)
    shot = 2 * elementary_charge if device.shot_noise else 0.0
    density = float(np.asarray(device.thermal_noise_density)) if thermal else 0.0
    time = float(np.asarray(device.time_constant))
    inverse = 1.0 / held["saturation_power"] if "saturation_power" in held else 0.0
    slopes = {
        "responsivity": _along(0, 1.0),
        "dark_current": _along(2, 1.0),
        "load_resistance": _along(4, -density / held["load_resistance"]),
        "noise_figure_db": _along(4, density * np.log(10.0) / 10.0),
    }
    if held["temperature"] > 0:
        slopes["temperature"] = _along(4, density / held["temperature"])
    if inverse:
        slopes["saturation_power"] = _along(1, -(inverse**2))
    if time:
        slopes["bandwidth"] = _along(5, -time / held["bandwidth"])
    return Nonlinear(
        op=Op.SQUARE,
        numbers=values(held["responsivity"], inverse, held["dark_current"], shot, density, time),
        slopes=slopes,
    )


def _along(place: int, slope: float) -> Numbers:
    change: Numbers = np.zeros(6, dtype=np.complex128)
    change[place] = slope
    return change
