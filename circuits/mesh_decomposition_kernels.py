"""Kernels that null a unitary element by element, with the steps of PHYSICS §2.

Each interferometer costs O(N), the whole mesh O(N³): loops of Python would take seconds at N = 128.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.compilation import kernel

Array = NDArray[Any]


@kernel()
def _phases(one: complex, two: complex, sign: float) -> tuple[float, float]:
    """Return θ = 2 atan2(|two|, |one|) and φ = arg(±one two*), 0 where one of them vanishes."""
    theta = 2.0 * np.arctan2(abs(two), abs(one))
    phi = 0.0
    if one != 0 and two != 0:
        phi = np.angle(sign * one * np.conj(two))
    return theta, phi


@kernel()
def null_from_the_right(u: Array, row: int, m: int) -> tuple[float, float]:
    """Null u[row, m] by T† on columns m, m+1, in place; return θ and φ."""
    theta, phi = _phases(u[row, m], u[row, m + 1], -1.0)
    s, c = np.sin(theta / 2), np.cos(theta / 2)
    common = -1j * np.exp(-0.5j * theta)
    turn = np.exp(-1j * phi)
    for r in range(u.shape[0]):
        one, two = u[r, m], u[r, m + 1]
        u[r, m] = common * (turn * s * one + c * two)
        u[r, m + 1] = common * (turn * c * one - s * two)
    u[row, m] = 0
    return theta, phi


@kernel()
def null_from_the_left(u: Array, row: int, column: int) -> tuple[float, float]:
    """Null u[row, column] by T on rows row−1, row, in place; return θ and φ."""
    m = row - 1
    theta, phi = _phases(u[row, column], u[m, column], 1.0)
    s, c = np.sin(theta / 2), np.cos(theta / 2)
    common = 1j * np.exp(0.5j * theta)
    turn = np.exp(1j * phi)
    for k in range(u.shape[1]):
        one, two = u[m, k], u[row, k]
        u[m, k] = common * (turn * s * one + c * two)
        u[row, k] = common * (turn * c * one - s * two)
    u[row, column] = 0
    return theta, phi


@kernel()
def null_triangle(u: Array, modes: Array, theta: Array, phi: Array) -> None:
    """Leave only the diagonal of u; fill (M,) modes and phases in the order of the light."""
    cell = 0
    for row in range(u.shape[0] - 1, 0, -1):
        for m in range(row):
            modes[cell] = m
            theta[cell], phi[cell] = null_from_the_right(u, row, m)
            cell += 1


@kernel()
def null_rectangle(u: Array, modes: Array, theta: Array, phi: Array) -> None:
    """Leave only the diagonal of u, which becomes the output screen; fill (M,) as above.

    Interferometers nulled from the left stand in front of the screen as T⁻¹ and are pushed through
    it: each becomes another T behind a new screen (PHYSICS §2, step 2).
    """
    n, total = u.shape[0], modes.shape[0]
    first, last = 0, total - 1
    for i in range(1, n):
        if i % 2:
            for j in range(i):
                modes[first] = i - 1 - j
                theta[first], phi[first] = null_from_the_right(u, n - 1 - j, i - 1 - j)
                first += 1
        else:
            # The last one nulled is pushed through first: fill from the end, so that the light
            # meets them in reversed order.
            for j in range(1, i + 1):
                modes[last] = n - 2 + j - i
                theta[last], phi[last] = null_from_the_left(u, n - 1 + j - i, j - 1)
                last -= 1
    for cell in range(first, total):
        m = modes[cell]
        above, below = u[m, m], u[m + 1, m + 1]
        old = phi[cell]
        phi[cell] = np.angle(above * np.conj(below))
        u[m, m] = -np.exp(-1j * (theta[cell] + old)) * below
        u[m + 1, m + 1] = -np.exp(-1j * theta[cell]) * below
