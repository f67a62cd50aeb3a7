"""The quantizer: an analogue-to-digital or digital-to-analogue converter of b bits.

      out │          ┌──
          │       ┌──┘        2^b levels a step Δ = FS/2^b apart,
          │    ┌──┘           at ±Δ/2, ±3Δ/2 … ±(FS−Δ)/2
    ──────┼─┌──┘────── in
          ┌─┘ │
       ┌──┘   │

Mid-rise: the levels lie symmetrically about zero and none lies on it, so every one of the 2^b
codes is used, no input within the range ±FS/2 errs by more than Δ/2, and an odd signal stays
odd. The error of a busy signal is uniform, of variance Δ²/12, and a full-scale sine has
10 log₁₀(1.5·4^b) = 6.02 b + 1.76 dB over it (Bennett, Bell Syst. Tech. J. 27, 446 (1948)).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from devices._fields import (
    POSITIVE,
    Device,
    Real,
    Rule,
    floating,
    require,
    require_common_shape,
    store,
)

_BITS = Rule("a whole number from 1 to 32", lambda b: (b >= 1) & (b <= 32) & (b == np.floor(b)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Quantizer(Device):
    """A uniform mid-rise converter that clips at ± half its full scale.

    Raises
    ------
    ValueError
        Where bits is no whole number from 1 to 32 or the full scale is not positive.
    """

    bits: int | NDArray[np.integer[Any]] = 8
    """Resolution b in bits: 2^b levels."""

    full_scale: Real = 2.0
    """Whole input range FS, from −FS/2 to FS/2, in the unit of the signal. 2: the loop's ±1."""

    def __post_init__(self) -> None:
        require(self, "bits", _BITS, "the converter's resolution")
        whole = np.asarray(self.bits, dtype=np.int64)
        whole.setflags(write=False)
        store(self, "bits", whole if whole.ndim else int(whole))
        require(self, "full_scale", POSITIVE, "the whole range, from −FS/2 to FS/2")
        require_common_shape(self, "bits", "full_scale")

    @property
    def step(self) -> Real:
        """Step Δ = FS/2^b between levels."""
        step: Real = np.ldexp(self.full_scale, -np.asarray(self.bits))
        return step

    def quantise(self, signal: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return the level nearest to `signal` after clipping, in its shape and precision.

        (⌊x/Δ⌋ + ½) Δ within ±(FS − Δ)/2; 0 goes to +Δ/2. Beyond 24 bits the levels of a float32
        signal are finer than its own precision.
        """
        x = floating(signal)
        highest = (np.asarray(self.full_scale) - self.step) / 2
        level = (np.floor(x / self.step) + 0.5) * self.step
        return np.asarray(np.clip(level, -highest, highest), dtype=x.dtype)

    def passes(self, signal: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return the straight-through slope: 1 within ±FS/2, 0 where the signal is clipped."""
        x = floating(signal)
        return np.asarray(np.abs(x) <= np.asarray(self.full_scale) / 2, dtype=x.dtype)

    @property
    def noise_variance(self) -> Real:
        """Variance Δ²/12 of the quantisation error, in the square of the signal's unit."""
        return self.step**2 / 12

    @property
    def sqnr_db(self) -> Real:
        """Signal to quantisation noise of a full-scale sine, 10 log₁₀(1.5·4^b) dB."""
        ratio: Real = 10 * np.log10(1.5) + 20 * np.log10(2.0) * np.asarray(self.bits)
        return ratio
