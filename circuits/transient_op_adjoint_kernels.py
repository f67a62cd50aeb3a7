"""The nonlinear operations of a circuit in time, backwards.

With v̄ = ∂L/∂v in the bilinear sense, dL = Re Σ v̄ dv, a factor gives x̄ += g v̄ and ḡ += x v̄, and
with it the exponent of g the bar g ḡ. An electrical wave is real: only Re v̄ of it counts, and
|x|² gives x̄ += Re(v̄)·2x*. Noise σξ is drawn again and gives σ̄ = Re(v̄ ξ), with σ = √V and
dσ = dV/2σ. An amplifier's h goes back through the variational equation of its own step.
"""

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from circuits.transient_op_kernels import (
    COUNT,
    FIRST,
    IN_0,
    IN_1,
    IN_2,
    OP,
    OUT_0,
    OUT_1,
    STATE,
    STATE_WAVE,
    STREAM,
    VARIANT,
    Op,
    draw_normals,
    function_of,
    injected_bandwidth,
    level_at,
)
from devices.amplifier_kernels import advance_gain, advance_gain_slopes
from devices.compilation import kernel

Array: TypeAlias = NDArray[Any]


@kernel()
def adjoint_op(
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
    states_bar: Array,
    bar: Array,
    numbers_bar: Array,
) -> None:
    """Apply the transpose of one operation's derivative at sample n.

    Parameters
    ----------
    op, numbers, slots, dt, n, noisy, seed, row, normals
        As of `circuits.transient_op_kernels.apply_op`.
    v
        Waves of the sample.
    states_bar
        ∂L/∂states after the sample.
    bar
        ∂L/∂v: that of what leaves is read, that of what enters and of the state before added to.
    numbers_bar
        ∂L/∂numbers, added to.
    """
    kind, first = op[OP], op[FIRST]
    if noisy:
        draw_normals(kind, seed, op[STREAM], row, n, normals)
    if kind == Op.SQUARE:
        x = v[op[IN_0]]
        of_current = bar[op[OUT_1]].real
        responsivity, s = numbers[first].real, numbers[first + 1].real
        power = x.real * x.real + x.imag * x.imag
        left = 1.0 / (1.0 + s * power)
        current = responsivity * power * left + numbers[first + 2].real
        if noisy:
            density = numbers[first + 3].real * current + numbers[first + 4].real
            if density > 0.0:
                band, fall = injected_bandwidth(numbers[first + 5].real, dt)
                # Of the variance: d√V = dV/(2√V).
                share = of_current * normals[0] / (2.0 * math.sqrt(density * band))
                numbers_bar[first + 3] += share * band * current
                numbers_bar[first + 4] += share * band
                numbers_bar[first + 5] += share * fall * density
                of_current += share * band * numbers[first + 3].real
        numbers_bar[first] += of_current * power * left
        numbers_bar[first + 1] -= of_current * responsivity * (power * left) ** 2
        numbers_bar[first + 2] += of_current
        bar[op[IN_0]] += of_current * responsivity * left * left * 2.0 * np.conj(x)
    elif kind == Op.EXPONENTIAL:
        drive = v[op[IN_2]].real
        gate = np.exp(numbers[first] * drive + numbers[first + 1])
        forth, back = bar[op[OUT_1]] * gate, bar[op[OUT_0]] * gate
        of_exponent = forth * v[op[IN_0]] + back * v[op[IN_1]]
        bar[op[IN_0]] += forth
        bar[op[IN_1]] += back
        bar[op[IN_2]] += (of_exponent * numbers[first]).real
        numbers_bar[first] += of_exponent * drive
        numbers_bar[first + 1] += of_exponent
    elif kind == Op.PRODUCT:
        drive, gain = v[op[IN_2]].real, numbers[first]
        forth, back = bar[op[OUT_1]], bar[op[OUT_0]]
        of_gate = forth * v[op[IN_0]] + back * v[op[IN_1]]
        bar[op[IN_0]] += forth * gain * drive
        bar[op[IN_1]] += back * gain * drive
        bar[op[IN_2]] += (of_gate * gain).real
        numbers_bar[first] += of_gate * drive
    elif kind == Op.FUNCTION:
        x, of_out = v[op[IN_0]].real, bar[op[OUT_1]].real
        scale, slope = numbers[first].real, numbers[first + 1].real
        at = slope * x + numbers[first + 2].real
        f, by_x, by_p = function_of(op[VARIANT], at, numbers[first + 3].real)
        numbers_bar[first] += of_out * f
        numbers_bar[first + 1] += of_out * scale * by_x * x
        numbers_bar[first + 2] += of_out * scale * by_x
        numbers_bar[first + 3] += of_out * scale * by_p
        bar[op[IN_0]] += of_out * scale * by_x * slope
    elif kind == Op.AMPLIFIER:
        _adjoint_amplifier(op, numbers, dt, noisy, normals, v, states_bar, bar, numbers_bar)
    elif kind == Op.SOURCE:
        out = bar[op[OUT_0]]
        numbers_bar[first + 1 + level_at(op[COUNT] - 1, n, slots)] += out
        if noisy and numbers[first].real > 0.0:
            sigma = math.sqrt(numbers[first].real / (2.0 * dt))
            of_sigma = out.real * normals[0]
            if op[VARIANT] == 1:
                of_sigma -= out.imag * normals[1]
            numbers_bar[first] += of_sigma / (4.0 * dt * sigma)


@kernel()
def _adjoint_amplifier(
    op: Array,
    numbers: Array,
    dt: float,
    noisy: bool,
    normals: Array,
    v: Array,
    states_bar: Array,
    bar: Array,
    numbers_bar: Array,
) -> None:
    """Apply the transpose for an amplifier: both its outputs and its next state follow h."""
    first = op[FIRST]
    top, per_power = numbers[first].real, numbers[first + 1].real
    alpha, tau = numbers[first + 2].real, numbers[first + 3].real
    a, b = v[op[IN_0]], v[op[IN_1]]
    power = a.real * a.real + a.imag * a.imag + b.real * b.real + b.imag * b.imag
    before, light, length = v[op[STATE_WAVE]].real, power * per_power, dt / tau
    h = advance_gain(before, top, light, length)
    gain = np.exp((1.0 - 1j * alpha) * (h / 2.0))
    forth, back = bar[op[OUT_1]], bar[op[OUT_0]]
    of_exponent = (forth * a + back * b) * gain
    of_h = states_bar[op[STATE]].real + (of_exponent * (1.0 - 1j * alpha)).real / 2.0
    numbers_bar[first + 2] += (of_exponent * -1j).real * h / 2.0
    if noisy:
        factor, photon = numbers[first + 4].real, numbers[first + 5].real
        surplus = factor * math.exp(h) - 1.0
        if surplus * photon > 0.0:
            of_sigma = forth.real * normals[0] - forth.imag * normals[1]
            of_sigma += back.real * normals[2] - back.imag * normals[3]
            share = of_sigma / (8.0 * dt * math.sqrt(surplus * photon / (4.0 * dt)))
            of_h += share * photon * factor * math.exp(h)
            numbers_bar[first + 4] += share * photon * math.exp(h)
            numbers_bar[first + 5] += share * surplus
    by_h, by_top, by_light, by_length = advance_gain_slopes(before, top, light, length)
    bar[op[STATE_WAVE]] += of_h * by_h
    numbers_bar[first] += of_h * by_top
    numbers_bar[first + 1] += of_h * by_light * power
    numbers_bar[first + 3] -= of_h * by_length * length / tau
    of_power = 2.0 * of_h * by_light * per_power
    bar[op[IN_0]] += forth * gain + of_power * np.conj(a)
    bar[op[IN_1]] += back * gain + of_power * np.conj(b)
