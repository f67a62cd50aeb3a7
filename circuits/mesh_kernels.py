"""Kernels that build the matrix of a folded mesh from unit vectors.

WIDTH unit vectors run through the columns together, side by side in memory: row m of the state
holds the real, then the imaginary parts of mode m. See ``mesh_fold_kernels`` for the rotations.
"""

import numba
import numpy as np

from circuits.mesh_fold_kernels import LANES, LIFTS, Array, panel_count
from devices.compilation import kernel

WIDTH = 32
"""Columns of the matrix that are built together; more would visit more cells in the dark."""

_UWIDTH = np.uint64(WIDTH)
_LOW_RE, _LOW_IM = np.uint64(2 * WIDTH), np.uint64(3 * WIDTH)


@kernel()
def turn_column(state: Array, lifts: Array, start: int, parity: int, first: int, last: int) -> None:
    """Send WIDTH vectors through cells ``first`` … ``last − 1``: phase on top, then rotation."""
    for k in range(first, last):
        at = np.uint64((2 * k + parity) * 2 * WIDTH)
        cell = start + k // LANES * LIFTS + k % LANES
        psi_tan, psi_sin = lifts[cell], lifts[cell + LANES]
        tan, sin = lifts[cell + 2 * LANES], lifts[cell + 3 * LANES]
        for j in range(_UWIDTH):
            re, im = state[at + j], state[at + _UWIDTH + j]
            low_re, low_im = state[at + _LOW_RE + j], state[at + _LOW_IM + j]
            re -= psi_tan * im
            im += psi_sin * re
            re -= psi_tan * im
            re -= tan * low_re
            low_re += sin * re
            re -= tan * low_re
            im -= tan * low_im
            low_im += sin * im
            im -= tan * low_im
            state[at + j], state[at + _UWIDTH + j] = re, im
            state[at + _LOW_RE + j], state[at + _LOW_IM + j] = low_re, low_im


@kernel()
def attenuate_column(state: Array, arms: Array, parity: int, first: int, last: int) -> None:
    """Apply the lossy arms to the top modes of cells ``first`` … ``last − 1``."""
    for k in range(first, min(last, arms.shape[0])):
        at = (2 * k + parity) * 2 * WIDTH
        for j in range(2 * WIDTH):
            state[at + j] *= arms[k]


@kernel()
def matrix_columns(
    lifts: Array,
    arms: Array,
    halves: int,
    closed: Array,
    amplitude: float,
    first: int,
    matrix: Array,
) -> None:
    """Fill columns ``first`` … ``first + WIDTH − 1`` of a mesh's matrix from unit vectors.

    Light spreads by one mode a column, so only the cells inside the light cone of these unit
    vectors are visited: a third fewer for a square mesh.
    """
    n = matrix.shape[0]
    last = min(first + WIDTH, n)
    panels = panel_count(n)
    state = np.zeros(n * 2 * WIDTH, dtype=lifts.dtype)
    for mode in range(first, last):
        state[mode * 2 * WIDTH + mode - first] = 1
    for column in range(lifts.shape[0] // (panels * LIFTS)):
        parity = column // halves % 2
        top = max(0, first - column - 2) // 2
        end = min((n - parity) // 2, (last + column) // 2 + 1)
        if arms.shape[0] > 0 and column % 2 == 1:
            attenuate_column(state, arms[column // 2], parity, top, end)
        turn_column(state, lifts, column * panels * LIFTS, parity, top, end)
    for mode in range(n):
        at = mode * 2 * WIDTH
        out = closed[mode] * amplitude
        for j in range(last - first):
            matrix[mode, first + j] = out * complex(state[at + j], state[at + WIDTH + j])


@kernel()
def _bank_columns(
    bank: int,
    lifts: Array,
    arms: Array,
    halves: int,
    closed: Array,
    amplitude: float,
    first: int,
    matrices: Array,
) -> None:
    loss = arms[bank % arms.shape[0]]
    matrix_columns(lifts[bank], loss, halves, closed[bank], amplitude, first, matrices[bank])


@kernel()
def build_matrices(
    lifts: Array, arms: Array, halves: int, closed: Array, amplitude: float, matrices: Array
) -> None:
    """Fill the matrices of K folded meshes, (K, N, N)."""
    banks, n, _ = matrices.shape
    for bank in range(banks):
        for first in range(0, n, WIDTH):
            _bank_columns(bank, lifts, arms, halves, closed, amplitude, first, matrices)


@kernel(parallel=True)
def build_matrices_threaded(
    lifts: Array, arms: Array, halves: int, closed: Array, amplitude: float, matrices: Array
) -> None:
    """Do the same as ``build_matrices``, WIDTH columns of one bank at a time to a thread."""
    banks, n, _ = matrices.shape
    parts = (n + WIDTH - 1) // WIDTH
    for task in numba.prange(banks * parts):
        bank, first = task // parts, task % parts * WIDTH
        _bank_columns(bank, lifts, arms, halves, closed, amplitude, first, matrices)
