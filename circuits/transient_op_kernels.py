"""The nonlinear operations of a circuit in time: their names, and one sample of each.

An operation reads waves and writes waves of a sample, v, and may keep one real state from sample to
sample. Noise is a function of its keys (`circuits.noise_kernels`). What is no number stays none.
"""

import math
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from circuits.noise_kernels import fill_normals, noise_key
from devices.amplifier_kernels import advance_gain
from devices.compilation import kernel

Array: TypeAlias = NDArray[Any]

# Columns of the table of operations.
(
    OP,  # which of `Op`
    VARIANT,  # of a FUNCTION which of `Function`; of a SOURCE 1 where it is optical
    FIRST,  # where its numbers begin among all of them
    COUNT,  # how many it has
    IN_0,  # index in v of what enters its ports
    IN_1,
    IN_2,
    OUT_0,  # index in v of what leaves its ports
    OUT_1,
    STATE,  # index in the states, behind those of modes; v holds them as they were before
    STATE_WAVE,  # index in v of the state before the sample
    STREAM,  # of its noise
    ROWS,  # how many rows come before it
    COLUMNS,
) = range(14)


class Op(IntEnum):
    """The operations that a circuit in time knows beside linear ones; P = |in|², u = Re drive.

    Numbers of each, in order, complex where stated, are in brackets.
    """

    SQUARE = 0
    """in (optical) → out (electrical) = I + √(V) ξ, I = R P/(1 + s P) + I_d,
    V = (q₂ I + S₀) B, B = 1/(4τ tanh(dt/2τ)), as `Photodetector` injects before its pole τ.
    [R, s = 1/P_sat, I_d, q₂ = 2q or 0, S₀ in A²/Hz, τ]"""

    EXPONENTIAL = 1
    """in ↔ out (optical), drive (electrical): out = in · exp(c u + c₀). [c, c₀, both complex]"""

    PRODUCT = 2
    """in ↔ out, drive (electrical): out = g · in · u. [g, complex]"""

    FUNCTION = 3
    """in → out (electrical): out = scale · f(slope · in + offset). [scale, slope, offset,
    exponent of f]"""

    AMPLIFIER = 4
    """in ↔ out (optical), both ways of one gain: out = in · exp((1 − iα)h/2) + ASE,
    τ ḣ = h₀ − h − (e^h − 1) Σ P/P_sat, h at the end of the sample; ASE of the complex variance
    (F e^h − 1)(hν/2)/dt, where positive. [h₀, 1/P_sat, α, τ, F, hν in J, h at the start]"""

    SOURCE = 5
    """→ out: the level of the slot, levels[⌊t/slot⌋ mod their number], and white noise of the
    density S: real of the variance S/(2dt) (electrical, one-sided S), complex of S/dt (optical).
    [S, levels…, complex]"""


class Function(IntEnum):
    """f of the operation FUNCTION, p its exponent."""

    TANH = 0
    HARD_TANH = 1
    """Clipped to −1 … 1."""
    SIGMOID = 2
    """1/(1 + e^{−x})."""
    CLIPPED_RELU = 3
    """Clipped to 0 … 1."""
    RELU = 4
    SINE = 5
    SINE_SQUARED = 6
    MACKEY_GLASS = 7
    """x/(1 + |x|^p): Mackey, Glass, Science 197, 287 (1977)."""
    POWER = 8
    """max(x, 0)^p."""
    ARCSINE = 9
    """(2/π) asin of x clipped to ±1: the look-up that makes a Mach-Zehnder linear."""


@kernel()
def function_of(function: int, x: float, p: float) -> tuple[float, float, float]:
    """Return f, ∂f/∂x and ∂f/∂p; at corners as `ElectricalNonlinearity` has it."""
    if function == Function.TANH:
        f = math.tanh(x)
        return f, 1.0 - f * f, 0.0
    if function == Function.HARD_TANH:
        return min(max(x, -1.0), 1.0), 1.0 if abs(x) <= 1.0 else 0.0, 0.0
    if function == Function.SIGMOID:
        f = (1.0 + math.tanh(0.5 * x)) / 2.0
        return f, f * (1.0 - f), 0.0
    if function == Function.CLIPPED_RELU:
        return min(max(x, 0.0), 1.0), 1.0 if 0.0 < x <= 1.0 else 0.0, 0.0
    if function == Function.RELU:
        return max(x, 0.0), 1.0 if x > 0.0 else 0.0, 0.0
    if function == Function.SINE:
        return math.sin(x), math.cos(x), 0.0
    if function == Function.SINE_SQUARED:
        f = math.sin(x)
        return f * f, math.sin(2.0 * x), 0.0
    if function == Function.MACKEY_GLASS:
        size = abs(x)
        if size == 0.0:
            return 0.0, 1.0, 0.0
        power = size**p
        f = 1.0 / (1.0 + power)
        return x * f, (1.0 + (1.0 - p) * power) * f * f, -x * power * math.log(size) * f * f
    if function == Function.POWER:
        if not x > 0.0:
            return 0.0 * x, 0.0, 0.0
        f = x**p
        return f, p * f / x, f * math.log(x)
    within = min(max(x, -1.0), 1.0)
    slope = 2.0 / math.pi / math.sqrt(1.0 - x * x) if abs(x) < 1.0 else 0.0
    return 2.0 / math.pi * math.asin(within), slope, 0.0


@kernel()
def injected_bandwidth(tau: float, dt: float) -> tuple[float, float]:
    """Return B = 1/(4τ tanh(dt/2τ)) and dB/dτ: what a pole τ turns into 1/(4τ) behind it."""
    y = dt / (2.0 * tau)
    coth = 1.0 / math.tanh(y)
    # Beyond 300, sinh² is beyond numbers.
    fall = y / math.sinh(y) ** 2 if y < 300.0 else 0.0
    return y * coth / (2.0 * dt), -(coth - fall) * y / (2.0 * dt * tau)


@kernel()
def level_at(count: int, n: int, slots: float) -> int:
    """Return which level a source has at sample n, of `slots` slots a sample."""
    # A slot that begins with a sample may begin a rounding later.
    return math.floor(n * slots * (1.0 + 1e-14) + 1e-9) % count


@kernel()
def draw_normals(kind: int, seed: int, stream: int, row: int, n: int, normals: Array) -> None:
    """Draw as many normals as an operation needs at sample n."""
    if kind == Op.AMPLIFIER:
        fill_normals(noise_key(seed, stream, row, 0, n), normals)
    elif kind == Op.SQUARE or kind == Op.SOURCE:
        fill_normals(noise_key(seed, stream, row, 0, n), normals[:2])


@kernel()
def apply_op(
    op: Array,
    numbers: Array,
    slots: float,
    dt: float,
    n: int,
    noisy: bool,
    seed: int,
    row: int,
    normals: Array,
    v: Array,
    states: Array,
) -> None:
    """Apply one operation to sample n.

    Parameters
    ----------
    op
        Its row in the table, (COLUMNS,).
    numbers
        Those of all operations, complex.
    slots
        Slots of a source in one sample.
    noisy, seed, row
        Whether there is noise, and its keys.
    normals
        (4,) real, scratch.
    v
        Waves, read and written; the last but one is always 0, the last never read.
    states
        States, that of the operation written.
    """
    kind, first = op[OP], op[FIRST]
    if noisy:
        draw_normals(kind, seed, op[STREAM], row, n, normals)
    if kind == Op.SQUARE:
        x = v[op[IN_0]]
        power = x.real * x.real + x.imag * x.imag
        current = numbers[first].real * power / (1.0 + numbers[first + 1].real * power)
        current += numbers[first + 2].real
        if noisy:
            density = numbers[first + 3].real * current + numbers[first + 4].real
            if density > 0.0:
                band, _ = injected_bandwidth(numbers[first + 5].real, dt)
                current += math.sqrt(density * band) * normals[0]
        v[op[OUT_1]] = current
    elif kind == Op.EXPONENTIAL:
        gate = np.exp(numbers[first] * v[op[IN_2]].real + numbers[first + 1])
        v[op[OUT_1]] = v[op[IN_0]] * gate
        v[op[OUT_0]] = v[op[IN_1]] * gate
    elif kind == Op.PRODUCT:
        gate = numbers[first] * v[op[IN_2]].real
        v[op[OUT_1]] = v[op[IN_0]] * gate
        v[op[OUT_0]] = v[op[IN_1]] * gate
    elif kind == Op.FUNCTION:
        x = numbers[first + 1].real * v[op[IN_0]].real + numbers[first + 2].real
        f, _, _ = function_of(op[VARIANT], x, numbers[first + 3].real)
        v[op[OUT_1]] = numbers[first].real * f
    elif kind == Op.AMPLIFIER:
        a, b = v[op[IN_0]], v[op[IN_1]]
        power = a.real * a.real + a.imag * a.imag + b.real * b.real + b.imag * b.imag
        h = advance_gain(
            v[op[STATE_WAVE]].real, numbers[first].real, power * numbers[first + 1].real,
            dt / numbers[first + 3].real,
        )  # fmt: skip
        states[op[STATE]] = h
        gain = np.exp((1.0 - 1j * numbers[first + 2].real) * (h / 2.0))
        a, b = a * gain, b * gain
        if noisy:
            variance = (numbers[first + 4].real * math.exp(h) - 1.0) * numbers[first + 5].real
            sigma = math.sqrt(max(variance, 0.0) / (4.0 * dt))
            a += sigma * (normals[0] + 1j * normals[1])
            b += sigma * (normals[2] + 1j * normals[3])
        v[op[OUT_1]], v[op[OUT_0]] = a, b
    elif kind == Op.SOURCE:
        level = numbers[first + 1 + level_at(op[COUNT] - 1, n, slots)]
        if noisy:
            sigma = math.sqrt(max(numbers[first].real, 0.0) / (2.0 * dt))
            level += sigma * normals[0]
            if op[VARIANT] == 1:
                level += sigma * 1j * normals[1]
        v[op[OUT_0]] = level
