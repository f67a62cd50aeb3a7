"""The parts that give light: amplifiers that tire, and lasers.

    in0 ───▶[ √G e^{−iαh/2}, h = ln G ]───▶ out0        light, both ways through one gain; an erbium
                                                        amplifier between isolators
    [ √P(1 + δ/2) e^{iφ} ]───▶ out0                     light at the carrier

Small signals of no dynamics are the `amplifier` of `circuits.component_primitives`. Noise is that
of a run with noise, see `Circuit.transient`.
"""

from math import pi
from typing import Any

import numpy as np
from scipy.constants import c as speed_of_light
from scipy.constants import h as planck

from circuits.component import Component, Composition
from circuits.component_electrical import alone
from circuits.component_modes import Modes
from circuits.component_nonlinear import Nonlinear
from circuits.component_primitives import TWO_PORTS, isolator
from circuits.component_settings import number, numbers, values
from circuits.transient_op_kernels import Op
from devices._fields import FINITE, NON_NEGATIVE
from devices.amplifier import Amplifier
from devices.laser import Laser

_LOG_PER_DB = np.log(10.0) / 10.0
_FIELDS = (
    "small_signal_gain_db",
    "saturation_power",
    "noise_figure_db",
    "time_constant",
    "linewidth_enhancement",
    "wavelength",
)


def semiconductor_amplifier(*, emission: bool = True, **fields: Any) -> Composition:
    """An amplifier whose gain follows its light, in0 ↔ out0; it starts unsaturated.

    In frequency the small signal √G₀ e^{−iα ln(G₀)/2} both ways.

    Parameters
    ----------
    emission : bool
        Whether it has spontaneous emission.
    fields
        Of `Amplifier`, whose kind is 'soa'.
    """
    device = Amplifier(**{"kind": "soa"} | fields)
    _refuse_other(device, "soa", "erbium_amplifier")
    part = _gain(device, 0.0, emission)
    return alone(part, {"in0": "in", "out0": "out"}, numbers(device, *_FIELDS))


def erbium_amplifier(
    *, average_power: float = 0.0, emission: bool = True, **fields: Any
) -> Composition:
    """A fibre amplifier between isolators, in0 → out0, whose gain feels the average power.

    Milliseconds are longer than most runs, so that the gain starts where the average power holds
    it; from there it follows the light, slowly. In frequency it is the gain at the start.

    Parameters
    ----------
    average_power : float (W)
        Power at its input before the run.
    emission : bool
        Whether it has spontaneous emission.
    fields
        Of `Amplifier`, with the defaults of `Amplifier.edfa`.
    """
    device = Amplifier.edfa(**fields)
    _refuse_other(device, "edfa", "semiconductor_amplifier")
    power = number(average_power, "average_power", NON_NEGATIVE, "the power in W at its input")
    held = numbers(device, *_FIELDS) | {"average_power": power}
    guard = isolator()
    return Composition(
        ports=TWO_PORTS,
        parts={"entrance": guard, "fiber": _gain(device, power, emission), "exit": guard},
        connections=(("entrance,out0", "fiber,in"), ("fiber,out", "exit,in0")),
        exposed=("entrance,in0", "exit,out0"),
        parameters=held,
    )


def laser(
    *, power: float = 0.1, phase: float = 0.0, linewidth: float = 0.0, rin_db: float = -np.inf
) -> Composition:
    """Light at the carrier of the run, √P e^{iφ} out of out0; nothing comes back.

    Parameters
    ----------
    power, linewidth, rin_db
        As of `Laser`. The phase walks by 2πΔν dt in variance a sample; the power flickers by the
        density RIN, to first order, δA/A = δP/2P.
    phase : float (rad)
        At the start.
    """
    device = Laser(power=power, linewidth=linewidth, rin_db=rin_db)
    angle = number(phase, "phase", FINITE, "the phase of the light in rad")
    held = numbers(device, "power", "linewidth")
    field = np.sqrt(held["power"]) * np.exp(1j * angle)
    parts: dict[str, Component] = {
        "light": Nonlinear(
            op=Op.SOURCE,
            numbers=values(0.0, field),
            slopes={
                "power": np.array([0.0, field / (2 * held["power"])]),
                "phase": values(0.0, 1j * field),
            },
        )
    }
    joined: list[tuple[str, str]] = []
    last = "light,out"
    density = float(np.asarray(device.rin_density))
    if density > 0:
        parts["flicker"] = _noise(density / 4, level=1.0)
        parts["intensity"] = Nonlinear(op=Op.PRODUCT, numbers=values(1.0))
        joined += [(last, "intensity,in"), ("flicker,out", "intensity,drive")]
        last = "intensity,out"
    if held["linewidth"] > 0:
        # White frequency noise S summed over a step gives S dt/2: that is 2πΔν dt.
        parts["wander"] = _noise(4 * pi * held["linewidth"], along=4 * pi)
        parts["walk"] = _integrator()
        parts["turn"] = Nonlinear(op=Op.EXPONENTIAL, numbers=values(1j, 0.0))
        joined += [(last, "turn,in"), ("wander,out", "walk,in0"), ("walk,out0", "turn,drive")]
        last = "turn,out"
    return Composition(
        ports=("out0",),
        parts=parts,
        connections=tuple(joined),
        exposed=(last,),
        parameters=held | {"phase": angle},
    )


def _refuse_other(device: Amplifier, kind: str, other: str) -> None:
    if device.kind != kind:
        raise ValueError(
            f"kind must be {kind!r} here; got {device.kind!r}. That one is the component {other!r}."
        )


def _gain(device: Amplifier, average_power: float, emission: bool) -> Nonlinear:
    """Return the gain with its seven numbers; it starts where the average power holds it."""
    held = numbers(device, *_FIELDS)
    full = float(np.log(np.asarray(device.small_signal_gain)))
    factor = float(np.asarray(device.noise_factor)) if emission else 0.0
    photon = planck * speed_of_light / held["wavelength"]
    inverse = 1.0 / held["saturation_power"]
    gain = float(np.asarray(device.gain(average_power)))
    # Of h = h₀ − (e^h − 1) P/P_sat at the start.
    follows = 1.0 / (1.0 + gain * average_power * inverse)
    depletes = (gain - 1.0) * inverse * follows
    rows = {
        "small_signal_gain_db": {0: _LOG_PER_DB, 6: _LOG_PER_DB * follows},
        "saturation_power": {1: -(inverse**2), 6: depletes * average_power * inverse},
        "linewidth_enhancement": {2: 1.0},
        "time_constant": {3: 1.0},
        "noise_figure_db": {4: _LOG_PER_DB * factor},
        "wavelength": {5: -photon / held["wavelength"]},
        "average_power": {6: -depletes},
    }
    slopes = {name: values(*(row.get(k, 0.0) for k in range(7))) for name, row in rows.items()}
    told = [held["linewidth_enhancement"], held["time_constant"], factor, photon, np.log(gain)]
    return Nonlinear(op=Op.AMPLIFIER, numbers=values(full, inverse, *told), slopes=slopes)


def _noise(density: float, *, level: float = 0.0, along: float = 0.0) -> Nonlinear:
    """White noise about a level; `along` is the slope of its density in the linewidth."""
    return Nonlinear(
        op=Op.SOURCE,
        numbers=values(density, level),
        domain="electrical",
        slopes={"linewidth": values(along, 0.0)} if along else {},
    )


def _integrator() -> Modes:
    return Modes(
        ports=TWO_PORTS,
        poles=np.zeros(1),
        into=np.array([[1.0, 0.0]]),
        out=np.array([[0.0], [1.0]]),
        direct=np.zeros((2, 2)),
        reading="settled",
        domain="electrical",
    )
