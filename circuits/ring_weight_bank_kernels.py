"""Kernels of the ring weight bank: light that passes a row of rings, colour by colour, and back.

In a row the rings stand one behind the other on two waveguides. On its way past ring k channel j
splits by σ_jk = sin(φ_jk/2)/sin(FWHM_φ/4), which is ±1 at the half-width points of the peak:

    q = 1/(1 + σ²),    T_d = T_d0 q,    T_p = (ρ + σ²) q = 1 − (1 − ρ) q

with T_d0 dropped and ρ passed on resonance: the exact response of the add-drop ring, of which
σ = detuning in half-linewidths is the Lorentzian. Half a round-trip phase is φ/2 = A_{j−k} − B_k,
grid minus tuning, so that sines and cosines are needed of 2N − 1 distances and of N rings only:

    σ_jk = sA_{j−k} cos B_k − cA_{j−k} sin B_k ,    (sA, cA) = (sin A, cos A)/sin(FWHM_φ/4)

The half angle keeps single precision alive: on its own channel A = 0, and nothing cancels.
Channels lie side by side in memory, so that the inner loops fill whole vector registers.
"""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from devices.compilation import kernel

Array = NDArray[np.floating[Any]]

WIDTH = 64
"""Channels whose passage past all rings is kept at once on the way back: within the L2 cache."""

PAD = 16
"""Numbers between the rows of what is kept: rows a power of two apart would share cache lines."""


@kernel()
def _pass_row(
    cos: Array, sin: Array, grid: Array, response: Array, difference: Array, total: Array
) -> None:
    """Send all channels past the rings of one row; see ``pass_rows``."""
    n = cos.shape[0]
    one, floor, peak = response[0], response[1], response[2]
    through, drop = difference, total
    through[:] = one
    drop[:] = 0
    for k in range(n):
        c, s = cos[k], sin[k]
        grid_sin, grid_cos = grid[0, n - 1 - k : 2 * n - 1 - k], grid[1, n - 1 - k : 2 * n - 1 - k]
        for j in range(n):
            sigma = grid_sin[j] * c - grid_cos[j] * s
            square = sigma * sigma
            left = through[j] / (one + square)
            drop[j] += peak * left
            through[j] = (floor + square) * left
    for j in range(n):
        passed, dropped = through[j], drop[j]
        difference[j] = dropped - passed
        total[j] = dropped + passed


@kernel()
def pass_rows(cos: Array, sin: Array, grid: Array, response: Array, planes: Array) -> None:
    """Fill difference T_d − T_p and sum T_d + T_p of every channel behind every row.

    Parameters
    ----------
    cos, sin
        cos B and sin B of every ring, (K N, N).
    grid
        sA and cA over the distances j − k = −(N−1) … N−1, (2, 2N − 1).
    response
        1, ρ and T_d0, so that constants have the arrays' precision, (3,).
    planes
        (K, 2, N, N), written.
    """
    n = cos.shape[1]
    for row in range(cos.shape[0]):
        bank, i = row // n, row % n
        _pass_row(cos[row], sin[row], grid, response, planes[bank, 0, i], planes[bank, 1, i])


@kernel(parallel=True)
def pass_rows_threaded(cos: Array, sin: Array, grid: Array, response: Array, planes: Array) -> None:
    """Do the same as ``pass_rows``, one row at a time to a thread."""
    n = cos.shape[1]
    for row in numba.prange(cos.shape[0]):
        bank, i = row // n, row % n
        _pass_row(cos[row], sin[row], grid, response, planes[bank, 0, i], planes[bank, 1, i])


# Adjoint. Past ring k the light that is left and the light that was dropped become
#
#     P_{k+1} = P_k T_p,k ,    D_{k+1} = D_k + P_k T_d,k .
#
# With G_{k+1} = ∂L/∂P_{k+1}, and ∂L/∂D the same at all rings (what is dropped leaves),
#
#     G_k = G_{k+1} T_p,k + ∂L/∂D T_d,k ,
#     ∂L/∂q_k = P_k (T_d0 ∂L/∂D − (1 − ρ) G_{k+1}) .
#
# P comes from a walk forwards, G from one backwards: a ring that passes nothing (critical
# coupling, T_p = 0) is no division by zero. From φ/2 = A − B with B = x FWHM_φ/4,
#
#     ∂q/∂B = 2 q² σ γ ,    γ_jk = cos(φ_jk/2)/sin(FWHM_φ/4) = cA cos B + sA sin B .
#
# The planes are D ∓ P, so ∂L/∂D = g₀ + g₁ and ∂L/∂P = g₁ − g₀.


# A tile of channels is walked three times (a loop that stores to more arrays is not vectorised).
# Of every ring k is kept q_k and, before it, P_k and G_k: a walk is (N + 1, 3 WIDTH + PAD). With
# ``apart`` each channel's own ring is left out, and what comes behind it starts anew from P = 1:
# the neighbours of a ring with a memory of its own (``ring_neighbour_kernels``).


@kernel()
def pass_tile(
    cos: Array, sin: Array, grid: Array, response: Array, first: int, width: int, apart: bool,
    walk: Array,
) -> None:  # fmt: skip
    """Send channels ``first`` … ``first + width − 1`` past the rings; keep q_k and P_k."""
    n = cos.shape[0]
    one, floor = response[0], response[1]
    walk[0, :width] = one
    for k in range(n):
        c, s = cos[k], sin[k]
        at = n - 1 - k + first
        grid_sin, grid_cos = grid[0, at : at + width], grid[1, at : at + width]
        light, after, quality = walk[k, :WIDTH], walk[k + 1, :WIDTH], walk[k, WIDTH : 2 * WIDTH]
        for j in range(width):
            sigma = grid_sin[j] * c - grid_cos[j] * s
            square = sigma * sigma
            q = one / (one + square)
            quality[j] = q
            after[j] = light[j] * (floor + square) * q
        if apart and first <= k < first + width:
            quality[k - first] = 0
            after[k - first] = one


@kernel()
def return_tile(
    response: Array, g_drop: Array, first: int, apart: bool, g_own: Array, walk: Array
) -> None:
    """Take G_n back past the rings; keep G_k. ``g_drop`` is T_d0 ∂L/∂D.

    With ``apart`` G and ``g_drop`` become those of ``g_own``, (2, N), in front of the own ring.
    """
    taken = response[0] - response[1]
    for k in range(walk.shape[0] - 2, -1, -1):
        before, after = walk[k, 2 * WIDTH : 3 * WIDTH], walk[k + 1, 2 * WIDTH : 3 * WIDTH]
        quality = walk[k, WIDTH : 2 * WIDTH]
        for j in range(g_drop.shape[0]):
            before[j] = after[j] + quality[j] * (g_drop[j] - taken * after[j])
        if apart and first <= k < first + g_drop.shape[0]:
            before[k - first] = g_own[0, k]
            g_drop[k - first] = response[2] * g_own[1, k]


@kernel()
def collect_tile(
    cos: Array, sin: Array, grid: Array, response: Array, first: int, g_drop: Array, apart: bool,
    g_behind: Array, walk: Array, gradients: Array,
) -> None:  # fmt: skip
    """Add up ∂L/∂B of every ring over the channels of a tile.

    With ``apart`` ``g_drop`` becomes that of ``g_behind``, (N,), behind the own ring.
    """
    n, width = cos.shape[0], g_drop.shape[0]
    taken = response[0] - response[1]
    for k in range(n):
        c, s = cos[k], sin[k]
        at = n - 1 - k + first
        grid_sin, grid_cos = grid[0, at : at + width], grid[1, at : at + width]
        light, quality = walk[k, :WIDTH], walk[k, WIDTH : 2 * WIDTH]
        after = walk[k + 1, 2 * WIDTH : 3 * WIDTH]
        total = taken - taken
        for j in range(width):
            q = quality[j]
            sigma = grid_sin[j] * c - grid_cos[j] * s
            gamma = grid_cos[j] * c + grid_sin[j] * s
            total += light[j] * (g_drop[j] - taken * after[j]) * (q * q) * (sigma * gamma)
        gradients[k] += total + total
        if apart and first <= k < first + width:
            g_drop[k - first] = response[2] * g_behind[k]


@kernel()
def _row_gradients(
    cos: Array, sin: Array, grid: Array, response: Array, g_planes: Array, gradients: Array
) -> None:
    """Walk the channels past the rings of one row and back; see ``row_gradients``."""
    n = cos.shape[0]
    peak = response[2]
    walk = np.empty((n + 1, 3 * WIDTH + PAD), cos.dtype)
    buffer = np.empty(WIDTH, cos.dtype)
    gradients[:] = 0
    for first in range(0, n, WIDTH):
        width = min(WIDTH, n - first)
        g_drop = buffer[:width]
        pass_tile(cos, sin, grid, response, first, width, False, walk)
        for j in range(width):
            g_difference, g_total = g_planes[0, first + j], g_planes[1, first + j]
            g_drop[j] = peak * (g_total + g_difference)
            walk[n, 2 * WIDTH + j] = g_total - g_difference
        return_tile(response, g_drop, first, False, g_planes, walk)
        collect_tile(cos, sin, grid, response, first, g_drop, False, g_drop, walk, gradients)


@kernel()
def row_gradients(
    cos: Array, sin: Array, grid: Array, response: Array, g_planes: Array, gradients: Array
) -> None:
    """Fill ∂L/∂B of every ring, (K N, N), given ∂L/∂planes, (K, 2, N, N); see ``pass_rows``."""
    n = cos.shape[1]
    for row in range(cos.shape[0]):
        g_row = g_planes[row // n, :, row % n]
        _row_gradients(cos[row], sin[row], grid, response, g_row, gradients[row])


@kernel(parallel=True)
def row_gradients_threaded(
    cos: Array, sin: Array, grid: Array, response: Array, g_planes: Array, gradients: Array
) -> None:
    """Do the same as ``row_gradients``, one row at a time to a thread."""
    n = cos.shape[1]
    for row in numba.prange(cos.shape[0]):
        g_row = g_planes[row // n, :, row % n]
        _row_gradients(cos[row], sin[row], grid, response, g_row, gradients[row])
