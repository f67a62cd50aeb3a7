"""The electrical parts: cables, filters, gain, functions of a signal, and what makes a signal.

    in0 ──[ ×G ]──[ + ]──[ f ]──[ τ ]──╮        real waves in V, A or dimensionless, one way
               bias ↑                  │        (a cable: both ways); what a number means is the
    out0 ◀───────────[ cable ]─────────╯        circuit's own affair

Signals do not load one another: a part passes its signal on and feels nothing of what follows.
"""

from collections.abc import Sequence
from math import pi

import numpy as np

from circuits.component import Component, Composition, Line, LineSlope, Matrices, Memoryless
from circuits.component_modes import Modes
from circuits.component_modes import low_pass as low_pass_of
from circuits.component_nonlinear import Nonlinear
from circuits.component_primitives import TWO_PORTS
from circuits.component_settings import NEPERS_PER_DB, number, values
from circuits.transient_op_kernels import Function, Op
from devices._fields import FINITE, NON_NEGATIVE, POSITIVE_OR_INFINITE

FUNCTIONS = {it.name.lower(): it for it in Function}
"""Functions of `nonlinearity` by name; 'linear' beside them."""


def cable(*, delay: float = 1e-9, loss_db: float = 0.0) -> Line:
    """A delay without a carrier, in0 ↔ out0.

    Parameters
    ----------
    delay : float (s)
    loss_db : float
        Loss of the signal in dB, 20 log₁₀ of its ratio.
    """
    time = number(delay, "delay", NON_NEGATIVE, "the time in s that a signal takes")
    loss = number(loss_db, "loss_db", NON_NEGATIVE, "a loss in dB")
    return Line(
        ports=TWO_PORTS,
        attenuation=NEPERS_PER_DB * loss,
        delay=time,
        parameters={"delay": time, "loss_db": loss},
        slopes={"delay": LineSlope(delay=1.0), "loss_db": LineSlope(attenuation=NEPERS_PER_DB)},
        domain="electrical",
    )


def low_pass(*, bandwidth: float = 1e9) -> Component:
    """One pole, in0 → out0: 1/(1 − if/f_3dB); in time the exact update of held samples.

    Parameters
    ----------
    bandwidth : float (Hz)
        f_3dB; inf passes everything.
    """
    edge = number(bandwidth, "bandwidth", POSITIVE_OR_INFINITE, "a 3-dB bandwidth in Hz")
    return filtered(edge, {"bandwidth": edge})


def filtered(bandwidth: float, parameters: dict[str, float] | None = None) -> Component:
    """Return the one pole of a device whose parameter is its bandwidth, or a wire for inf."""
    if np.isinf(bandwidth):
        return combined([1.0], [{}])
    constant = 1.0 / (2 * pi * bandwidth)
    return low_pass_of(
        constant, parameters=parameters, time_slopes={"bandwidth": -constant / bandwidth}
    )


def electrical_gain(*, gain: float = 1.0) -> Memoryless:
    """An amplifier of infinite bandwidth, in0 → out0, also inverting."""
    factor = number(gain, "gain", FINITE, "what the signal is multiplied by")
    return combined([factor], [{"gain": 1.0}], {"gain": factor})


def adder(*, gain0: float = 1.0, gain1: float = 1.0) -> Memoryless:
    """The sum gain0·in0 + gain1·in1 → out0; gain1 = −1 subtracts."""
    gains = {
        name: number(value, name, FINITE, "what a signal is multiplied by")
        for name, value in (("gain0", gain0), ("gain1", gain1))
    }
    return combined(list(gains.values()), [{"gain0": 1.0}, {"gain1": 1.0}], gains)


def fanout(*, gain: float = 1.0) -> Memoryless:
    """One signal twice, gain·in0 → out0 and out1."""
    factor = number(gain, "gain", FINITE, "what the signal is multiplied by")
    ways = np.zeros((3, 3), dtype=np.complex128)
    ways[1:, 0] = 1.0
    return Memoryless(
        ("in0", "out0", "out1"), factor * ways, {"gain": factor}, {"gain": ways}, "electrical"
    )


def mixer(*, gain: float = 1.0) -> Composition:
    """The product gain·in0·in1 → out0; at rest nothing passes."""
    factor = number(gain, "gain", FINITE, "what the product is multiplied by")
    product = Nonlinear(
        op=Op.PRODUCT,
        numbers=values(factor),
        domain="electrical",
        slopes={"gain": values(1.0)},
    )
    return alone(product, {"in0": "in", "in1": "drive", "out0": "out"}, {"gain": factor})


def nonlinearity(
    *,
    function: str = "tanh",
    scale: float = 1.0,
    slope: float = 1.0,
    offset: float = 0.0,
    exponent: float = 1.0,
) -> Component:
    """A function of the signal without memory, out0 = scale · f(slope · in0 + offset).

    In frequency its slope at rest, scale · slope · f'(offset).

    Parameters
    ----------
    function : str
        f: those of `ElectricalNonlinearity` (tanh, hard_tanh, sigmoid, clipped_relu, relu,
        linear), or sine, sine_squared, arcsine ((2/π) asin), power (max(x, 0)^p), mackey_glass
        (x/(1 + |x|^p); Mackey, Glass, Science 197, 287 (1977)).
    scale, slope, offset : float
    exponent : float
        p, of a power and of Mackey and Glass.
    """
    given = {"scale": scale, "slope": slope, "offset": offset, "exponent": exponent}
    held = {
        name: number(value, name, FINITE, "a number of the function")
        for name, value in given.items()
    }
    if function == "linear":
        return _linear(held)
    if function not in FUNCTIONS:
        raise ValueError(
            f"function must be one of {', '.join(sorted([*FUNCTIONS, 'linear']))}; got "
            f"{function!r}."
        )
    applied = Nonlinear(
        op=Op.FUNCTION,
        numbers=values(*held.values()),
        function=FUNCTIONS[function],
        slopes=dict(zip(held, np.eye(4), strict=True)),
    )
    return alone(applied, {"in0": "in", "out0": "out"}, held)


def bias(*, level: float = 0.0) -> Composition:
    """A constant added to the signal, in0 + level → out0."""
    constant = number(level, "level", FINITE, "what is added")
    source = Nonlinear(
        op=Op.SOURCE,
        numbers=values(0.0, constant),
        domain="electrical",
        slopes={"level": values(0.0, 1.0)},
    )
    return Composition(
        ports=TWO_PORTS,
        parts={"sum": combined([1.0, 1.0], [{}, {}]), "source": source},
        connections=(("source,out", "sum,in1"),),
        exposed=("sum,in0", "sum,out0"),
        parameters={"level": constant},
    )


def electrical_source(
    *,
    levels: float | Sequence[float] = 1.0,
    slot_duration: float = np.inf,
    noise_density: float = 0.0,
) -> Composition:
    """A generator at out0: levels one after the other, over and over, and white noise.

    Parameters
    ----------
    levels : float or sequence of float
    slot_duration : float (s)
        Of each level.
    noise_density : float
        One-sided density in units of the signal squared per Hz.
    """
    slot = number(slot_duration, "slot_duration", POSITIVE_OR_INFINITE, "the time in s of a level")
    noise = number(noise_density, "noise_density", NON_NEGATIVE, "a one-sided density")
    source = Nonlinear(
        op=Op.SOURCE,
        numbers=values(noise, *_levels(levels)),
        slot=slot,
        domain="electrical",
    )
    return alone(source, {"out0": "out"}, {})


def combined(
    gains: Sequence[float],
    slopes: Sequence[dict[str, float]],
    parameters: dict[str, float] | None = None,
) -> Memoryless:
    """Return Σ gain_k in_k → out0 with the slopes of each gain by parameter."""
    n = len(gains)
    matrix = np.zeros((n + 1, n + 1), dtype=np.complex128)
    matrix[n, :n] = gains
    by_name: dict[str, Matrices] = {}
    for k, own in enumerate(slopes):
        for name, value in own.items():
            by_name.setdefault(name, np.zeros_like(matrix))[n, k] = value
    ports = (*(f"in{k}" for k in range(n)), "out0")
    return Memoryless(ports, matrix, parameters or {}, by_name, "electrical")


def alone(
    part: Nonlinear | Modes, names: dict[str, str], parameters: dict[str, float]
) -> Composition:
    """Return a part under other names of its ports: name → the part's."""
    return Composition(
        ports=tuple(names),
        parts={"part": part},
        connections=(),
        exposed=tuple(f"part,{port}" for port in names.values()),
        parameters=parameters,
    )


def _linear(held: dict[str, float]) -> Memoryless:
    if held["offset"] != 0.0:
        raise ValueError(
            f"offset must be 0 for function='linear'; got {held['offset']:g}. Put a 'bias' behind "
            f"an 'electrical_gain' instead."
        )
    scale, slope = held["scale"], held["slope"]
    own = {"scale": scale, "slope": slope}
    return combined([scale * slope], [{"scale": slope, "slope": scale}], own)


def _levels(levels: float | Sequence[float]) -> list[float]:
    listed = np.atleast_1d(np.asarray(levels, dtype=np.float64))
    if listed.ndim != 1 or listed.size == 0 or not np.all(np.isfinite(listed)):
        raise ValueError(f"levels must be one finite number or a list of them; got {levels!r}.")
    return list(listed)
