"""Kernels of a row of rings as one of its rings sees it: what stands before, what behind.

Channel j meets ring j of its row at P↑ of its power, when D↑ has been dropped already; behind it
the other rings pass P↓ and drop D↓ of what is left. These are the walks of
``ring_weight_bank_kernels``, broken at each channel's own ring.
"""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from circuits.ring_weight_bank_kernels import PAD, WIDTH, collect_tile, pass_tile, return_tile
from devices.compilation import kernel

Array = NDArray[np.floating[Any]]


@kernel()
def _split_row(cos: Array, sin: Array, grid: Array, response: Array, parts: Array) -> None:
    """Fill (P↑, D↑, P↓, D↓) of one row, (4, N)."""
    n = cos.shape[0]
    one, floor, peak = response[0], response[1], response[2]
    through, drop = parts[2], parts[3]
    through[:] = one
    drop[:] = 0
    for k in range(n):
        parts[0, k], parts[1, k] = through[k], drop[k]
        c, s = cos[k], sin[k]
        grid_sin, grid_cos = grid[0, n - 1 - k : 2 * n - 1 - k], grid[1, n - 1 - k : 2 * n - 1 - k]
        for j in range(n):
            sigma = grid_sin[j] * c - grid_cos[j] * s
            square = sigma * sigma
            left = through[j] / (one + square)
            drop[j] += peak * left
            through[j] = (floor + square) * left
        through[k], drop[k] = one, 0


@kernel(parallel=True)
def split_rows(cos: Array, sin: Array, grid: Array, response: Array, parts: Array) -> None:
    """Fill (P↑, D↑, P↓, D↓) of every channel in every row, (K N, 4, N).

    The other arguments are those of ``pass_rows``.
    """
    for row in numba.prange(cos.shape[0]):
        _split_row(cos[row], sin[row], grid, response, parts[row])


@kernel()
def _row_gradients(
    cos: Array, sin: Array, grid: Array, response: Array, g_parts: Array, gradients: Array
) -> None:
    """Walk the channels past the rings of one row and back; see ``split_gradients``."""
    n = cos.shape[0]
    peak = response[2]
    walk = np.empty((n + 1, 3 * WIDTH + PAD), cos.dtype)
    buffer = np.empty(WIDTH, cos.dtype)
    gradients[:] = 0
    for first in range(0, n, WIDTH):
        width = min(WIDTH, n - first)
        g_drop = buffer[:width]
        pass_tile(cos, sin, grid, response, first, width, True, walk)
        for j in range(width):
            g_drop[j] = peak * g_parts[3, first + j]
            walk[n, 2 * WIDTH + j] = g_parts[2, first + j]
        return_tile(response, g_drop, first, True, g_parts[:2], walk)
        collect_tile(cos, sin, grid, response, first, g_drop, True, g_parts[3], walk, gradients)


@kernel(parallel=True)
def split_gradients(
    cos: Array, sin: Array, grid: Array, response: Array, g_parts: Array, gradients: Array
) -> None:
    """Fill ∂L/∂B of every ring, (K N, N), given ∂L/∂parts, (K N, 4, N); see ``split_rows``.

    The adjoint is that of ``ring_weight_bank_kernels``, with both recursions started anew at each
    channel's own ring, which itself takes no part.
    """
    for row in numba.prange(cos.shape[0]):
        _row_gradients(cos[row], sin[row], grid, response, g_parts[row], gradients[row])
