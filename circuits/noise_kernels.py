"""Counter-based Gaussian noise: the number is a pure function of where it is used.

Each normal is a hash of (seed, stream, inference, slot, sample, lane), so that a trace does not
depend on threads, workers or order, and a backward pass regenerates it instead of storing it.
The mixer is the finaliser of splitmix64 (Steele, Lea, Flood, OOPSLA 2014) chained over the keys,
the map to normals Box and Muller's (Ann. Math. Stat. 29, 610, 1958): lanes 2m and 2m+1 share one
pair of uniform numbers.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.compilation import kernel

_WEYL = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_ONE, _TWO = np.uint64(1), np.uint64(2)
_UNIT = 2.0**-53


@kernel()
def mix(state: Any, key: Any) -> Any:
    """Return a 64-bit hash of a 64-bit state and one more key.

    Both are cast: int64 mixed with uint64 would silently become float64.
    """
    z = (np.uint64(state) ^ np.uint64(key)) + _WEYL
    z = (z ^ (z >> _30)) * _MIX_1
    z = (z ^ (z >> _27)) * _MIX_2
    return z ^ (z >> _31)


@kernel()
def noise_key(seed: int, stream: int, inference: int, slot: int, sample: int) -> Any:
    """Return the hash that identifies one sample of one slot of one inference."""
    state = mix(mix(0, seed), stream)
    return mix(mix(mix(state, inference), slot), sample)


@kernel()
def fill_normals(key: Any, out: NDArray[Any]) -> None:
    """Fill ``out`` (N,) with the standard normals of lanes 0 … N-1 under one key."""
    n = out.shape[0]
    for pair in range((n + 1) // 2):
        counter = np.uint64(pair) * _TWO
        # (0, 1]: the logarithm below never sees zero.
        u = (np.float64(mix(key, counter) >> _11) + 1.0) * _UNIT
        v = np.float64(mix(key, counter + _ONE) >> _11) * _UNIT
        radius = np.sqrt(-2.0 * np.log(u))
        angle = 2.0 * np.pi * v
        out[2 * pair] = radius * np.cos(angle)
        if 2 * pair + 1 < n:
            out[2 * pair + 1] = radius * np.sin(angle)
