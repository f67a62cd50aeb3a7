"""The kernel that lets a semiconductor amplifier's gain follow its light."""

import math

import numpy as np
from numpy.typing import NDArray

from devices.compilation import kernel

Reals = NDArray[np.float64]

_RESOLUTION = 0.1
"""Share of the fastest relaxation that one fourth-order step may take: an error of some 1e-7."""

_MOST_ENERGY = 1e4
"""Energy of a sample, in units of E_sat, up to which it is stepped: some 10⁵ steps."""


@kernel()
def _slope(h: float, unsaturated: float, light: float) -> float:
    """Return τ ḣ = h₀ − h − (P/P_sat)(e^h − 1)."""
    slope: float = unsaturated - h - light * math.expm1(h)
    return slope


@kernel()
def _stride(h: float, unsaturated: float, light: float, left: float) -> float:
    """Return how far one step goes, in units of τ.

    Depletion relaxes the faster the higher the gain, which in a step of at most the resolution
    rises by no more than that share of what is missing.
    """
    highest = h + _RESOLUTION * max(unsaturated - h, 0.0)
    stride: float = min(left, _RESOLUTION / (1.0 + light * math.exp(highest)))
    return stride


@kernel()
def advance_gain(h: float, unsaturated: float, light: float, length: float) -> float:
    """Return h = ln G after a sample.

    Parameters
    ----------
    h
        At its start.
    unsaturated
        h₀.
    light
        P/P_sat, held; where it is no number, or more energy than steps could take, h is no number
        either.
    length
        Of the sample in units of τ.
    """
    if not light * length <= _MOST_ENERGY:
        return math.nan
    left = length
    while left > 0.0:
        d = _stride(h, unsaturated, light, left)
        k1 = _slope(h, unsaturated, light)
        k2 = _slope(h + 0.5 * d * k1, unsaturated, light)
        k3 = _slope(h + 0.5 * d * k2, unsaturated, light)
        k4 = _slope(h + d * k3, unsaturated, light)
        h += d / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        left -= d
    return h


@kernel()
def advance_gain_slopes(
    h: float, unsaturated: float, light: float, length: float
) -> tuple[float, float, float, float]:
    """Return ∂h/∂ of the four arguments of `advance_gain` after a sample.

    The variational equation of the flow along with the steps: with J = ∂(τ ḣ)/∂h = −1 − x e^h,
    τ ṡ = J s + ∂(τ ḣ)/∂(argument), one stage of the same method after the other; and by the
    length of the sample, τ ḣ at its end.
    """
    by_h, by_top, by_light = 1.0, 0.0, 0.0
    left = length
    while left > 0.0 and light * length <= _MOST_ENERGY:
        d = _stride(h, unsaturated, light, left)
        total = total_h = total_top = total_light = 0.0
        k = k_h = k_top = k_light = 0.0
        for stage in range(4):
            reach = 0.0 if stage == 0 else (d if stage == 3 else 0.5 * d)
            weight = d / 6.0 if stage == 0 or stage == 3 else d / 3.0
            at = h + reach * k
            pull = -1.0 - light * math.exp(at)
            k_h = pull * (by_h + reach * k_h)
            k_top = pull * (by_top + reach * k_top) + 1.0
            k_light = pull * (by_light + reach * k_light) - math.expm1(at)
            k = _slope(at, unsaturated, light)
            total += weight * k
            total_h += weight * k_h
            total_top += weight * k_top
            total_light += weight * k_light
        h += total
        by_h += total_h
        by_top += total_top
        by_light += total_light
        left -= d
    return by_h, by_top, by_light, _slope(h, unsaturated, light)


@kernel()
def follow_gain(
    light: Reals, unsaturated: Reals, step: Reals, log_gain: Reals, trace: Reals
) -> None:
    """Write h = ln G at the end of every sample.

    Parameters
    ----------
    light
        P/P_sat held over each sample, (signals, samples).
    unsaturated
        h₀ of each signal's amplifier, (signals,).
    step
        Length of a sample in units of τ, (signals,).
    log_gain
        h at the start, (signals,), overwritten with h at the end.
    trace
        h at the end of each sample, (signals, samples), written.
    """
    for signal in range(light.shape[0]):
        h, top, length = log_gain[signal], unsaturated[signal], step[signal]
        for sample in range(light.shape[1]):
            h = advance_gain(h, top, light[signal, sample], length)
            trace[signal, sample] = h
        log_gain[signal] = h
