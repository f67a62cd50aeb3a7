"""The adjoint of a mesh: one Hermitian matrix walked back through the columns.

**Derivation.** Let g = ∂L/∂Re y + i ∂L/∂Im y (PHYSICS §6). If a parameter p turns the light right
after some column as dU = i G U dp with a Hermitian generator G, then

    dL/dp = Σ Re g† (i G) y = tr(G K),      K = (M − M†) / 2i,      M = Σ_b g_b y_b†

where g and y are gradient and light *at that place*. Both pass a column T backwards as y ← T⁻¹ y
and g ← T† g, so for a lossless column K ← T† K T: the batch has disappeared. It enters once, as
the N×N product M at the output, and what remains costs the same for any batch. K is Hermitian, and
only what reaches its 2×2 diagonal blocks in the columns still to come is needed: |i−j| ≤ 2c + 1
before column c. Uniform loss cancels between g and y. With unequal loss T† ≠ T⁻¹, and the whole
matrix Q = −iM is walked as Q ← T† Q T⁻†; then K = (Q + Q†)/2 is read from its blocks.

**Reading.** Write the block of K at an interferometer's output, in the phases that light has there,
as k₀ + k·σ. S(η) = exp(i(π/4+η)σ_x), so ∂/∂β is G = σ_x, passing S backwards turns (k_y, k_z) by
π/2+2η, and a phase on the top arm is G = (1+σ_z)/2:

    g_β = 2k_x   → back through S(β) →   g_θ = k₀ + k_z   → turn (k_x, k_y) by θ →
    g_α = 2k_x   → back through S(α) →   g_φ = k₀ + k_z

Phases folded out of the cells are frames: they turn K by known angles and cost the gradients
nothing, so no derivative of the fold is needed.

Layout: panels of 16 mode pairs. A row of a panel holds, for one row of K, its even modes (real,
imaginary, each with room for the first mode of the next panel, the *ghost*), then its odd modes.
Pairs are (E[j], O[j]) in even columns and (O[j], E[j+1]) in odd ones, so neither needs a shuffle.
Rows of modes −1 and N pad the matrix, so that every mode has a partner in every column.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from circuits.mesh_fold_kernels import (
    LANES,
    LIFTS,
    TURNS,
    ULANES,
    Array,
    gather,
    panel_count,
    scatter,
    sine_cosine,
)
from devices.compilation import kernel

_EVEN = 20  # 16 modes, the ghost, and what keeps rows a multiple of 32 bytes
_ROW = 2 * _EVEN + 2 * LANES
_EVEN_RE, _EVEN_IM, _ODD_RE, _ODD_IM = 0, _EVEN, 2 * _EVEN, 2 * _EVEN + LANES

# Planes of the block in which the readings of one panel become gradients. The second turns and
# readings are those of the second half-column, where splitters are folded one by one.
_THETA, _ALPHA, _BETA = 0, LANES, 2 * LANES
_TURNS, _SECOND_TURNS, _READ, _SECOND_READ = 3 * LANES, 5 * LANES, 7 * LANES, 11 * LANES
_GRADIENTS = 15 * LANES
_BLOCK = 19 * LANES


def _panel_kernel(odd: bool) -> Callable[..., Any]:
    """Return the kernel that takes row pairs of one panel of Q through one column."""
    if odd:
        top_re, top_im, low_re, low_im = _ODD_RE, _ODD_IM, _EVEN_RE + 1, _EVEN_IM + 1
        source, target = LANES, 0
    else:
        top_re, top_im, low_re, low_im = _EVEN_RE, _EVEN_IM, _ODD_RE, _ODD_IM
        source, target = 0, LANES
    a_re_at, a_im_at, b_re_at, b_im_at = (np.uint64(at) for at in (top_re, top_im, low_re, low_im))
    c_re_at, c_im_at, d_re_at, d_im_at = (
        np.uint64(_ROW + at) for at in (top_re, top_im, low_re, low_im)
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
            row = start + pair * 2 * _ROW
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
                for plane in (_EVEN_RE, _EVEN_IM, _ROW + _EVEN_RE, _ROW + _EVEN_IM):
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
    stride = (n + 2) * _ROW
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
                slot = panel * stride + (i + 1) * _ROW + j // 2
                state[slot + (_ODD_RE if j % 2 else _EVEN_RE)] = value.real
                state[slot + (_ODD_IM if j % 2 else _EVEN_IM)] = value.imag


@kernel()
def _read_column(
    state: Array,
    lifts: Array,
    cell: int,
    n: int,
    odd: bool,
    whole: bool,
    left: Array,
    blocks: Array,
    plane: int,
) -> None:
    """Read K at every cell of a column into blocks, and copy the cells' lifts for the left side.

    Where only the upper part of K is kept, the block on the diagonal is completed here.
    """
    stride = (n + 2) * _ROW
    parity = 1 if odd else 0
    top_at, top_im = (_ODD_RE, LANES) if odd else (_EVEN_RE, _EVEN)
    low_at, low_im = (_EVEN_RE + 1, _EVEN) if odd else (_ODD_RE, LANES)
    for pair in range((n - parity + 1) // 2):
        panel, lane = pair // LANES, pair % LANES
        own = cell + panel * LIFTS + lane
        left[pair + parity, 0], left[pair + parity, 1] = lifts[own], lifts[own + LANES]
        left[pair + parity, 2] = lifts[own + 2 * LANES]
        left[pair + parity, 3] = lifts[own + 3 * LANES]
        at = panel * stride + (2 * pair + parity + 1) * _ROW + lane
        top, low = at + top_at, at + low_at
        re, im = state[low], state[low + low_im]
        if whole:
            re = (re + state[top + _ROW]) / 2
            im = (im - state[top + _ROW + top_im]) / 2
        else:
            state[top + _ROW], state[top + _ROW + top_im] = re, -im
        slot = panel * _BLOCK + plane + lane
        blocks[slot], blocks[slot + LANES] = state[top], state[low + _ROW]
        blocks[slot + 2 * LANES], blocks[slot + 3 * LANES] = re, im


@kernel()
def _walk_first_mode(state: Array, left: Array) -> None:
    """Take mode 0, which has no partner in odd columns, through T† from the left."""
    for pair in range(left.shape[0] - 1):
        psi_tan, psi_sin, tan, sin = left[pair, 0], left[pair, 1], left[pair, 2], left[pair, 3]
        a, c = 2 * pair * _ROW, (2 * pair + 1) * _ROW
        for quadrature in (_EVEN_RE, _EVEN_IM):
            state[a + quadrature] += tan * state[c + quadrature]
            state[c + quadrature] -= sin * state[a + quadrature]
            state[a + quadrature] += tan * state[c + quadrature]
        state[a + _EVEN_RE] += psi_tan * state[a + _EVEN_IM]
        state[a + _EVEN_IM] -= psi_sin * state[a + _EVEN_RE]
        state[a + _EVEN_RE] += psi_tan * state[a + _EVEN_IM]


@kernel()
def _attenuate(state: Array, arms: Array, n: int, odd: bool) -> None:
    """Apply the lossy arms of a column: T† multiplies its top rows, T⁻† divides its top columns."""
    stride = (n + 2) * _ROW
    parity = 1 if odd else 0
    re, im = (_ODD_RE, _ODD_IM) if odd else (_EVEN_RE, _EVEN_IM)
    for panel in range(panel_count(n)):
        for k in range((n - parity) // 2):
            at = panel * stride + (2 * k + parity + 1) * _ROW
            for j in range(_ROW):
                state[at + j] *= arms[k]
        for i in range(n + 2):
            at = panel * stride + i * _ROW
            for j in range(min(LANES, (n - parity) // 2 - panel * LANES)):
                state[at + re + j] /= arms[panel * LANES + j]
                state[at + im + j] /= arms[panel * LANES + j]
            # Every first even mode is the ghost of the panel before.
            if panel > 0:
                state[at - stride + _EVEN_RE + LANES] = state[at + _EVEN_RE]
                state[at - stride + _EVEN_IM + LANES] = state[at + _EVEN_IM]


@kernel()
def _walk_column(
    state: Array, lifts: Array, cell: int, n: int, odd: bool, whole: bool, reach: int, left: Array
) -> None:
    """Take Q through one column from both sides, as far as columns still to come can see."""
    panels, stride = panel_count(n), (n + 2) * _ROW
    parity = 1 if odd else 0
    pairs = (n + parity) // 2 + (n + parity) % 2  # with (−1, 0) in odd columns
    for panel in range(panels):
        start = panel * stride + (1 - parity) * _ROW
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


@kernel()
def _bloch(blocks: Array, turns: int, read: int, j: int) -> tuple[float, float, float, float]:
    """Return k₀, k_x, k_y, k_z of one block of K in the phases that light has there."""
    k00, k11 = blocks[read + j], blocks[read + LANES + j]
    re, im = blocks[read + 2 * LANES + j], blocks[read + 3 * LANES + j]
    turn_re, turn_im = blocks[turns + j], blocks[turns + LANES + j]
    k_x = turn_re * re - turn_im * im
    k_y = -(turn_re * im + turn_im * re)
    return 0.5 * (k00 + k11), k_x, k_y, 0.5 * (k00 - k11)


@kernel()
def read_cells(blocks: Array, panels: int, halves: int, perfect: bool) -> None:
    """Turn readings into g_θ, g_φ, g_α, g_β."""
    for panel in range(panels):
        at = np.uint64(panel * _BLOCK)
        block = blocks[at : at + np.uint64(_BLOCK)]
        for j in range(LANES):
            alpha_s, alpha_c, beta_s, beta_c = 0.0, 1.0, 0.0, 1.0
            if not perfect:
                alpha_s, alpha_c = sine_cosine(2.0 * block[_ALPHA + j])
                beta_s, beta_c = sine_cosine(2.0 * block[_BETA + j])
            k_0, k_x, k_y, k_z = _bloch(block, _TURNS, _READ, j)
            if halves == 2:
                k_0, k_x, k_y, k_z = _bloch(block, _SECOND_TURNS, _SECOND_READ, j)
            block[_GRADIENTS + 3 * LANES + j] = 2.0 * k_x
            k_z, k_y = k_y * beta_c - k_z * beta_s, -k_z * beta_c - k_y * beta_s
            block[_GRADIENTS + j] = k_0 + k_z
            if halves == 2:
                k_0, k_x, k_y, k_z = _bloch(block, _TURNS, _READ, j)
            else:
                theta_s, theta_c = sine_cosine(block[_THETA + j])
                k_x, k_y = k_x * theta_c - k_y * theta_s, k_y * theta_c + k_x * theta_s
            block[_GRADIENTS + 2 * LANES + j] = 2.0 * k_x
            block[_GRADIENTS + LANES + j] = k_0 + k_y * alpha_c - k_z * alpha_s


@kernel()
def walk_back(
    theta: Array,
    alpha: Array,
    beta: Array,
    arms: Array,
    cells: Array,
    halves: int,
    lifts: Array,
    turns: Array,
    closed: Array,
    cross: Array,
    gradients: Array,
) -> None:
    """Walk K (Q where arms are lossy) from the output to the input of one mesh.

    Parameters
    ----------
    theta, alpha, beta, cells, halves, lifts, turns
        As in ``fold_mesh``.
    arms
        Amplitudes of the θ arms, (C, N//2); (0, 0) for a mesh without unequal loss.
    closed
        Output phases with the screen, (N,) complex.
    cross
        M = Σ g y† at the output, (N, N) complex.
    gradients
        Out: g_θ, g_φ, g_α, g_β, (4, C, N//2).
    """
    n = cross.shape[0]
    panels, whole, perfect = panel_count(n), arms.shape[0] > 0, alpha.shape[0] == 0
    state = np.empty(panels * (n + 2) * _ROW, dtype=lifts.dtype)
    left = np.zeros((n // 2 + 2, 4), dtype=lifts.dtype)
    blocks = np.zeros(panels * _BLOCK)
    load_rows(cross, closed, whole, state)
    for column in range(theta.shape[0] - 1, -1, -1):
        odd, count = column % 2 == 1, cells[column]
        for half in range(halves - 1, -1, -1):
            step = column * halves + half
            at = step * panels
            left[:] = 0
            read = _SECOND_READ if half else _READ
            _read_column(state, lifts, at * LIFTS, n, odd, whole, left, blocks, read)
            for plane in range(0, TURNS, LANES):
                where = (_SECOND_TURNS if half else _TURNS) + plane
                begin = at * TURNS + plane
                scatter(turns, TURNS, begin, blocks, where, _BLOCK, panels * LANES)
            if whole and odd:
                _walk_first_mode(state, left)
            _walk_column(state, lifts, at * LIFTS, n, odd, whole, 2 * step + 2, left)
            if half == 1:
                _attenuate(state, arms[column], n, odd)
        gather(theta[column], 0, count, blocks, _BLOCK, _THETA)
        if not perfect:
            gather(alpha[column], 0, count, blocks, _BLOCK, _ALPHA)
            gather(beta[column], 0, count, blocks, _BLOCK, _BETA)
        read_cells(blocks, panels, halves, perfect)
        for kind in range(4):
            plane = _GRADIENTS + kind * LANES
            scatter(blocks, _BLOCK, plane, gradients[kind, column], 0, LANES, count)


@kernel()
def _bank_gradients(
    bank: int,
    theta: Array,
    alpha: Array,
    beta: Array,
    arms: Array,
    cells: Array,
    halves: int,
    lifts: Array,
    turns: Array,
    closed: Array,
    cross: Array,
    gradients: Array,
) -> None:
    chip, loss = bank % alpha.shape[0], bank % arms.shape[0]
    walk_back(
        theta[bank], alpha[chip], beta[chip], arms[loss], cells, halves,
        lifts[bank], turns[bank], closed[bank], cross[bank], gradients[bank],
    )  # fmt: skip


@kernel()
def mesh_gradients(
    theta: Array,
    alpha: Array,
    beta: Array,
    arms: Array,
    cells: Array,
    halves: int,
    lifts: Array,
    turns: Array,
    closed: Array,
    cross: Array,
    gradients: Array,
) -> None:
    """Fill the gradients of K meshes; arrays as in ``walk_back`` with K (or 1) in front."""
    for bank in range(theta.shape[0]):
        _bank_gradients(
            bank, theta, alpha, beta, arms, cells, halves, lifts, turns, closed, cross, gradients
        )


@kernel(parallel=True)
def mesh_gradients_threaded(
    theta: Array,
    alpha: Array,
    beta: Array,
    arms: Array,
    cells: Array,
    halves: int,
    lifts: Array,
    turns: Array,
    closed: Array,
    cross: Array,
    gradients: Array,
) -> None:
    """Do the same as ``mesh_gradients``, a bank to a thread."""
    for bank in numba.prange(theta.shape[0]):
        _bank_gradients(
            bank, theta, alpha, beta, arms, cells, halves, lifts, turns, closed, cross, gradients
        )
