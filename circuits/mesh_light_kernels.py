"""Kernels that stream a batch of light through the columns of one folded mesh, and back.

For small meshes this is quicker than building the matrix and multiplying by it: no other thread has
to be woken for the product. WIDTH vectors run together, as in ``mesh_kernels``; on the way back the
batch leaves its trace in one N×N matrix, M = Σ g y†, which ``mesh_adjoint_kernels`` walks on.
"""

import numpy as np

from circuits.mesh_fold_kernels import LANES, LIFTS, ULANES, Array, panel_count
from circuits.mesh_kernels import WIDTH, attenuate_column, turn_column
from devices.compilation import kernel

_UWIDTH = np.uint64(WIDTH)
_LOW_RE, _LOW_IM = np.uint64(2 * WIDTH), np.uint64(3 * WIDTH)

_VECTORS = 8
"""Vectors that are added to M together, so that it is read and written once for all of them."""

_PAIR = 2 * LANES
_Y0, _Y1, _Y2, _Y3, _Y4, _Y5, _Y6, _Y7 = (np.uint64(v * _PAIR) for v in range(_VECTORS))


@kernel()
def _turn_column_back(state: Array, lifts: Array, start: int, parity: int, cells: int) -> None:
    """Send WIDTH vectors back through T† of a column: the rotation, then the phase on top."""
    for k in range(cells):
        at = np.uint64((2 * k + parity) * 2 * WIDTH)
        cell = start + k // LANES * LIFTS + k % LANES
        psi_tan, psi_sin = lifts[cell], lifts[cell + LANES]
        tan, sin = lifts[cell + 2 * LANES], lifts[cell + 3 * LANES]
        for j in range(_UWIDTH):
            re, im = state[at + j], state[at + _UWIDTH + j]
            low_re, low_im = state[at + _LOW_RE + j], state[at + _LOW_IM + j]
            re += tan * low_re
            low_re -= sin * re
            re += tan * low_re
            im += tan * low_im
            low_im -= sin * im
            im += tan * low_im
            re += psi_tan * im
            im -= psi_sin * re
            re += psi_tan * im
            state[at + j], state[at + _UWIDTH + j] = re, im
            state[at + _LOW_RE + j], state[at + _LOW_IM + j] = low_re, low_im


@kernel()
def _load(light: Array, first: int, count: int, state: Array) -> None:
    """Lay out vectors side by side, mode by mode."""
    for mode in range(light.shape[1]):
        at = mode * 2 * WIDTH
        for j in range(count):
            value = light[first + j, mode]
            state[at + j], state[at + WIDTH + j] = value.real, value.imag


@kernel()
def _store(state: Array, first: int, count: int, light: Array) -> None:
    for mode in range(light.shape[1]):
        at = mode * 2 * WIDTH
        for j in range(count):
            light[first + j, mode] = complex(state[at + j], state[at + WIDTH + j])


@kernel()
def _turn_modes(state: Array, closed: Array, amplitude: float, sign: int) -> None:
    """Multiply every mode by its output phase (``sign`` −1: its conjugate) and the amplitude."""
    for mode in range(closed.shape[0]):
        at = np.uint64(mode * 2 * WIDTH)
        c, s = amplitude * closed[mode].real, sign * amplitude * closed[mode].imag
        for j in range(_UWIDTH):
            re, im = state[at + j], state[at + _UWIDTH + j]
            state[at + j], state[at + _UWIDTH + j] = c * re - s * im, c * im + s * re


@kernel()
def stream(
    lifts: Array, arms: Array, halves: int, closed: Array, amplitude: float, x: Array, y: Array
) -> None:
    """Fill y = W x for vectors in rows.

    Parameters
    ----------
    lifts, arms, halves, closed
        Of the folded mesh, see ``fold_mesh`` and ``walk_back``.
    amplitude
        What all columns together pass, in the precision of the lifts.
    x, y
        In and out, (batch, N) complex.
    """
    batch, n = x.shape
    panels = panel_count(n)
    state = np.zeros(n * 2 * WIDTH, dtype=lifts.dtype)
    for first in range(0, batch, WIDTH):
        count = min(WIDTH, batch - first)
        _load(x, first, count, state)
        for column in range(lifts.shape[0] // (panels * LIFTS)):
            parity = column // halves % 2
            cells = (n - parity) // 2
            if arms.shape[0] > 0 and column % 2 == 1:
                attenuate_column(state, arms[column // 2], parity, 0, cells)
            turn_column(state, lifts, column * panels * LIFTS, parity, 0, cells)
        _turn_modes(state, closed, amplitude, 1)
        _store(state, first, count, y)


@kernel()
def stream_back(
    lifts: Array, arms: Array, halves: int, closed: Array, amplitude: float, g: Array, g_x: Array
) -> None:
    """Fill the gradient of the light that enters, g_x = W† g; arguments as in ``stream``."""
    batch, n = g.shape
    panels = panel_count(n)
    state = np.zeros(n * 2 * WIDTH, dtype=lifts.dtype)
    for first in range(0, batch, WIDTH):
        count = min(WIDTH, batch - first)
        _load(g, first, count, state)
        _turn_modes(state, closed, amplitude, -1)
        for column in range(lifts.shape[0] // (panels * LIFTS) - 1, -1, -1):
            parity = column // halves % 2
            cells = (n - parity) // 2
            _turn_column_back(state, lifts, column * panels * LIFTS, parity, cells)
            if arms.shape[0] > 0 and column % 2 == 1:
                attenuate_column(state, arms[column // 2], parity, 0, cells)
        _store(state, first, count, g_x)


@kernel()
def _pack(light: Array, first: int, panels: int, real: Array) -> None:
    """Lay out 8 vectors by panels of 16 modes: real parts, imaginary parts, vector after vector."""
    batch, n = light.shape
    for panel in range(panels):
        for v in range(_VECTORS):
            at = (panel * _VECTORS + v) * _PAIR
            for j in range(min(LANES, n - panel * LANES)):
                value = light[first + v, panel * LANES + j] if first + v < batch else 0j
                real[at + j], real[at + LANES + j] = value.real, value.imag


@kernel()
def _add_products(sums: Array, start: int, y: Array, panel: int, g: Array, n: int) -> None:
    """Add Σ g_i y_j* of 8 vectors to all rows of one panel of M."""
    of_panel = np.uint64(panel * _VECTORS * _PAIR)
    for i in range(n):
        at = np.uint64(start + i * _PAIR)
        mine = i // LANES * _VECTORS * _PAIR + i % LANES
        re0, im0 = g[mine], g[mine + LANES]
        re1, im1 = g[mine + _PAIR], g[mine + _PAIR + LANES]
        re2, im2 = g[mine + 2 * _PAIR], g[mine + 2 * _PAIR + LANES]
        re3, im3 = g[mine + 3 * _PAIR], g[mine + 3 * _PAIR + LANES]
        re4, im4 = g[mine + 4 * _PAIR], g[mine + 4 * _PAIR + LANES]
        re5, im5 = g[mine + 5 * _PAIR], g[mine + 5 * _PAIR + LANES]
        re6, im6 = g[mine + 6 * _PAIR], g[mine + 6 * _PAIR + LANES]
        re7, im7 = g[mine + 7 * _PAIR], g[mine + 7 * _PAIR + LANES]
        for j in range(ULANES):
            re, im = sums[at + j], sums[at + ULANES + j]
            here = of_panel + j
            a, b = y[here], y[here + ULANES]
            re, im = re + re0 * a + im0 * b, im + im0 * a - re0 * b
            a, b = y[here + _Y1], y[here + _Y1 + ULANES]
            re, im = re + re1 * a + im1 * b, im + im1 * a - re1 * b
            a, b = y[here + _Y2], y[here + _Y2 + ULANES]
            re, im = re + re2 * a + im2 * b, im + im2 * a - re2 * b
            a, b = y[here + _Y3], y[here + _Y3 + ULANES]
            re, im = re + re3 * a + im3 * b, im + im3 * a - re3 * b
            a, b = y[here + _Y4], y[here + _Y4 + ULANES]
            re, im = re + re4 * a + im4 * b, im + im4 * a - re4 * b
            a, b = y[here + _Y5], y[here + _Y5 + ULANES]
            re, im = re + re5 * a + im5 * b, im + im5 * a - re5 * b
            a, b = y[here + _Y6], y[here + _Y6 + ULANES]
            re, im = re + re6 * a + im6 * b, im + im6 * a - re6 * b
            a, b = y[here + _Y7], y[here + _Y7 + ULANES]
            re, im = re + re7 * a + im7 * b, im + im7 * a - re7 * b
            sums[at + j], sums[at + ULANES + j] = re, im


@kernel()
def cross_product(g: Array, y: Array, real: Array, cross: Array) -> None:
    """Fill M = Σ g y† of vectors in rows, (N, N) complex; ``real`` only gives the precision."""
    batch, n = g.shape
    panels = (n + LANES - 1) // LANES
    sums = np.zeros(panels * n * _PAIR, dtype=real.dtype)
    g_block = np.zeros(panels * _VECTORS * _PAIR, dtype=real.dtype)
    y_block = np.zeros(panels * _VECTORS * _PAIR, dtype=real.dtype)
    for first in range(0, batch, _VECTORS):
        _pack(g, first, panels, g_block)
        _pack(y, first, panels, y_block)
        for panel in range(panels):
            _add_products(sums, panel * n * _PAIR, y_block, panel, g_block, n)
    for i in range(n):
        for j in range(n):
            at = (j // LANES * n + i) * _PAIR + j % LANES
            cross[i, j] = complex(sums[at], sums[at + LANES])
