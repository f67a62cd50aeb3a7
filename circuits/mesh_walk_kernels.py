"""Kernels that take a Hermitian matrix through the columns of a folded mesh, from both sides.

K ← T† K T for every column, from the output to the input; why is told in ``mesh_adjoint_kernels``.

Layout: panels of 16 mode pairs. A row of a panel holds, for one row of K, its even modes (real,
imaginary, each with room for the first mode of the next panel, the *ghost*), then its odd modes.
Pairs are (E[j], O[j]) in even columns and (O[j], E[j+1]) in odd ones, so neither needs a shuffle.
Rows of modes −1 and N pad the matrix, so that every mode has a partner in every column.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from circuits.mesh_fold_kernels import LANES, LIFTS, ULANES, Array, panel_count
from devices.compilation import kernel

EVEN = 20  # 16 modes, the ghost, and what keeps rows a multiple of 32 bytes
ROW = 2 * EVEN + 2 * LANES
EVEN_RE, EVEN_IM, ODD_RE, ODD_IM = 0, EVEN, 2 * EVEN, 2 * EVEN + LANES


def _panel_kernel(odd: bool) -> Callable[..., Any]:
    """Return the kernel that takes row pairs of one panel of Q through one column."""
    if odd:
        top_re, top_im, low_re, low_im = ODD_RE, ODD_IM, EVEN_RE + 1, EVEN_IM + 1
        source, target = LANES, 0
    else:
        top_re, top_im, low_re, low_im = EVEN_RE, EVEN_IM, ODD_RE, ODD_IM
        source, target = 0, LANES
    a_re_at, a_im_at, b_re_at, b_im_at = (np.uint64(at) for at in (top_re, top_im, low_re, low_im))
    c_re_at, c_im_at, d_re_at, d_im_at = (
        np.uint64(ROW + at) for at in (top_re, top_im, low_re, low_im)
    )
    psi_sin_at, tan_at, sin_at = (np.uint64(plane * LANES) for plane in (1, 2, 3))

    @kernel()
    def walk_panel(
        state: Array,
        start: int,
        neighbour: int,
        left: Array,
        lifts: Array,
        cell: int,
        first: int,
        last: int,
    ) -> None:
        right = np.uint64(cell)
        for pair in range(first, last):
            row = start + pair * 2 * ROW
            at = np.uint64(row)
            psi_tan, psi_sin = left[pair, 0], left[pair, 1]
            tan, sin = left[pair, 2], left[pair, 3]
            for j in range(ULANES):
                a_re, a_im = state[at + a_re_at + j], state[at + a_im_at + j]
                b_re, b_im = state[at + b_re_at + j], state[at + b_im_at + j]
                c_re, c_im = state[at + c_re_at + j], state[at + c_im_at + j]
                d_re, d_im = state[at + d_re_at + j], state[at + d_im_at + j]
                # T† from the left: both rows turn back by one angle, the top one by one phase.
                a_re += tan * c_re
                c_re -= sin * a_re
                a_re += tan * c_re
                a_im += tan * c_im
                c_im -= sin * a_im
                a_im += tan * c_im
                b_re += tan * d_re
                d_re -= sin * b_re
                b_re += tan * d_re
                b_im += tan * d_im
                d_im -= sin * b_im
                b_im += tan * d_im
                a_re += psi_tan * a_im
                a_im -= psi_sin * a_re
                a_re += psi_tan * a_im
                b_re += psi_tan * b_im
                b_im -= psi_sin * b_re
                b_re += psi_tan * b_im
                # T from the right: each pair of columns by its own angle and phase.
                t, s = lifts[right + tan_at + j], lifts[right + sin_at + j]
                a_re += t * b_re
                b_re -= s * a_re
                a_re += t * b_re
                a_im += t * b_im
                b_im -= s * a_im
                a_im += t * b_im
                c_re += t * d_re
                d_re -= s * c_re
                c_re += t * d_re
                c_im += t * d_im
                d_im -= s * c_im
                c_im += t * d_im
                t, s = lifts[right + j], lifts[right + psi_sin_at + j]
                a_re -= t * a_im
                a_im += s * a_re
                a_re -= t * a_im
                c_re -= t * c_im
                c_im += s * c_re
                c_re -= t * c_im
                state[at + a_re_at + j], state[at + a_im_at + j] = a_re, a_im
                state[at + b_re_at + j], state[at + b_im_at + j] = b_re, b_im
                state[at + c_re_at + j], state[at + c_im_at + j] = c_re, c_im
                state[at + d_re_at + j], state[at + d_im_at + j] = d_re, d_im
            if neighbour != 0:
                # The mode that two panels share: from the one that changed it to the other.
                for plane in (EVEN_RE, EVEN_IM, ROW + EVEN_RE, ROW + EVEN_IM):
                    state[row + neighbour + plane + target] = state[row + plane + source]

    return walk_panel


_walk_even_panel = _panel_kernel(False)
_walk_odd_panel = _panel_kernel(True)


@kernel()
def load_rows(cross: Array, closed: Array, whole: bool, state: Array) -> None:
    """Fill the panels with K, or with Q where ``whole``, in the phases of the folded mesh.

    For the Hermitian K only the panels on and right of the diagonal matter, down to the row of the
    first mode of the next panel: in odd columns its pair belongs to this one.
    """
    n = cross.shape[0]
    stride = (n + 2) * ROW
    factor = -1j if whole else -0.5j
    state[:] = 0
    for panel in range(panel_count(n)):
        start = 2 * LANES * panel
        for i in range(n if whole else min(n, start + 2 * LANES + 1)):
            turn = closed[i].conjugate() * factor
            for j in range(min(2 * LANES + 1, n - start)):
                value = cross[i, start + j]
                if not whole:
                    value -= cross[start + j, i].conjugate()
                value = turn * value * closed[start + j]
                slot = panel * stride + (i + 1) * ROW + j // 2
                state[slot + (ODD_RE if j % 2 else EVEN_RE)] = value.real
                state[slot + (ODD_IM if j % 2 else EVEN_IM)] = value.imag


@kernel()
def walk_first_mode(state: Array, left: Array) -> None:
    """Take mode 0, which has no partner in odd columns, through T† from the left."""
    for pair in range(left.shape[0] - 1):
        psi_tan, psi_sin, tan, sin = left[pair, 0], left[pair, 1], left[pair, 2], left[pair, 3]
        a, c = 2 * pair * ROW, (2 * pair + 1) * ROW
        for quadrature in (EVEN_RE, EVEN_IM):
            state[a + quadrature] += tan * state[c + quadrature]
            state[c + quadrature] -= sin * state[a + quadrature]
            state[a + quadrature] += tan * state[c + quadrature]
        state[a + EVEN_RE] += psi_tan * state[a + EVEN_IM]
        state[a + EVEN_IM] -= psi_sin * state[a + EVEN_RE]
        state[a + EVEN_RE] += psi_tan * state[a + EVEN_IM]


@kernel()
def attenuate(state: Array, arms: Array, n: int, odd: bool) -> None:
    """Apply the lossy arms of a column: T† multiplies its top rows, T⁻† divides its top columns."""
    stride = (n + 2) * ROW
    parity = 1 if odd else 0
    re, im = (ODD_RE, ODD_IM) if odd else (EVEN_RE, EVEN_IM)
    for panel in range(panel_count(n)):
        for k in range((n - parity) // 2):
            at = panel * stride + (2 * k + parity + 1) * ROW
            for j in range(ROW):
                state[at + j] *= arms[k]
        for i in range(n + 2):
            at = panel * stride + i * ROW
            for j in range(min(LANES, (n - parity) // 2 - panel * LANES)):
                state[at + re + j] /= arms[panel * LANES + j]
                state[at + im + j] /= arms[panel * LANES + j]
            # Every first even mode is the ghost of the panel before.
            if panel > 0:
                state[at - stride + EVEN_RE + LANES] = state[at + EVEN_RE]
                state[at - stride + EVEN_IM + LANES] = state[at + EVEN_IM]


@kernel()
def walk_column(
    state: Array, lifts: Array, cell: int, n: int, odd: bool, whole: bool, reach: int, left: Array
) -> None:
    """Take Q through one column from both sides, as far as columns still to come can see."""
    panels, stride = panel_count(n), (n + 2) * ROW
    parity = 1 if odd else 0
    pairs = (n + parity) // 2 + (n + parity) % 2  # with (−1, 0) in odd columns
    for panel in range(panels):
        start = panel * stride + (1 - parity) * ROW
        column = 2 * LANES * panel
        first = max(0, (column - reach + parity) // 2)
        last = min(pairs, LANES * (panel + 1) + parity)
        if whole:
            last = min(pairs, (column + 2 * LANES + reach + parity) // 2 + 1)
        here = cell + panel * LIFTS
        if odd:
            neighbour = stride if panel + 1 < panels else 0
            _walk_odd_panel(state, start, neighbour, left, lifts, here, first, last)
        else:
            neighbour = -stride if panel > 0 else 0
            _walk_even_panel(state, start, neighbour, left, lifts, here, first, last)
