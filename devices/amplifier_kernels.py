"""The kernel that lets a semiconductor amplifier's gain follow its light."""

import math

import numpy as np
from numpy.typing import NDArray

from devices.compilation import kernel

Reals = NDArray[np.float64]

_RESOLUTION = 0.1
"""Share of the fastest relaxation that one fourth-order step may take: an error of some 1e-7."""


@kernel()
def _slope(h: float, unsaturated: float, light: float) -> float:
    """Return τ ḣ = h₀ − h − (P/P_sat)(e^h − 1)."""
    slope: float = unsaturated - h - light * math.expm1(h)
    return slope


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
            x = light[signal, sample]
            left = length
            while left > 0.0:
                # Depletion relaxes the faster the higher the gain, which in a step of at most the
                # resolution rises by no more than that share of what is missing.
                highest = h + _RESOLUTION * max(top - h, 0.0)
                d = min(left, _RESOLUTION / (1.0 + x * math.exp(highest)))
                k1 = _slope(h, top, x)
                k2 = _slope(h + 0.5 * d * k1, top, x)
                k3 = _slope(h + 0.5 * d * k2, top, x)
                k4 = _slope(h + d * k3, top, x)
                h += d / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
                left -= d
            trace[signal, sample] = h
        log_gain[signal] = h
