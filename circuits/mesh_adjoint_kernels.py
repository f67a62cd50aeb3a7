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

Phases folded out of the cells (``mesh_kernels``) are frames: they turn K by known angles and cost
the gradients nothing, so no derivative of the fold is needed.

Layout: panels of 16 mode pairs. A row of a panel holds, for one row of K, its even modes (real,
imaginary, each with room for the first mode of the next panel, the *ghost*), then its odd modes.
Pairs are (E[j], O[j]) in even columns and (O[j], E[j+1]) in odd ones, so neither needs a shuffle.
Rows of modes −1 and N pad the matrix, so that every mode has a partner in every column.
"""

import numba
import numpy as np

from circuits.mesh_kernels import LANES, LIFTS, TURNS, copy_lanes, panel_count, sine_cosine
from devices.compilation import kernel

_EVEN = 20  # 16 modes, the ghost, and space that keeps rows a multiple of 32 bytes
_ROW = 2 * _EVEN + 2 * LANES
_EVEN_RE, _EVEN_IM, _ODD_RE, _ODD_IM = 0, _EVEN, 2 * _EVEN, 2 * _EVEN + LANES

READINGS = 4 * LANES
"""Numbers per panel read from K: K₀₀, K₁₁ and K₀₁ (real, imaginary) of 16 blocks."""


def _row_kernel(odd):
    """Return the kernel that takes two rows of Q through one column of even or odd parity."""
    if odd:
        top_re, top_im, low_re, low_im = _ODD_RE, _ODD_IM, _EVEN_RE + 1, _EVEN_IM + 1
    else:
        top_re, top_im, low_re, low_im = _EVEN_RE, _EVEN_IM, _ODD_RE, _ODD_IM

    @kernel()
    def walk_rows(
        state, row, stride, lifts, column, panels, first, last, psi_tan, psi_sin, tan, sin
    ):
        for panel in range(first, last):
            at = panel * stride + row
            cell = (column * panels + panel) * LIFTS
            if at < 0 or cell < 0:  # tells the compiler that no index below wraps around
                return
            for j in range(LANES):
                a_re, a_im = state[at + top_re + j], state[at + top_im + j]
                b_re, b_im = state[at + low_re + j], state[at + low_im + j]
                c_re, c_im = state[at + _ROW + top_re + j], state[at + _ROW + top_im + j]
                d_re, d_im = state[at + _ROW + low_re + j], state[at + _ROW + low_im + j]
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
                t, s = lifts[cell + 2 * LANES + j], lifts[cell + 3 * LANES + j]
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
                t, s = lifts[cell + j], lifts[cell + LANES + j]
                a_re -= t * a_im
                a_im += s * a_re
                a_re -= t * a_im
                c_re -= t * c_im
                c_im += s * c_re
                c_re -= t * c_im
                state[at + top_re + j], state[at + top_im + j] = a_re, a_im
                state[at + low_re + j], state[at + low_im + j] = b_re, b_im
                state[at + _ROW + top_re + j], state[at + _ROW + top_im + j] = c_re, c_im
                state[at + _ROW + low_re + j], state[at + _ROW + low_im + j] = d_re, d_im

    return walk_rows


_walk_even_rows = _row_kernel(False)
_walk_odd_rows = _row_kernel(True)


@kernel()
def _pass_ghosts(state, row, stride, panels, first, last, odd):
    """Copy the mode that two panels share from the panel that changed it to the other."""
    for panel in range(first, last):
        other = panel + 1 if odd else panel - 1
        if 0 <= other < panels:
            here, there = panel * stride + row, other * stride + row
            source, target = (LANES, 0) if odd else (0, LANES)
            for start in (_EVEN_RE, _EVEN_IM, _ROW + _EVEN_RE, _ROW + _EVEN_IM):
                state[there + start + target] = state[here + start + source]


@kernel()
def load_rows(cross, closed, whole, state):
    """Fill the panels with K, or with Q where ``whole``, in the phases of the folded mesh.

    For the Hermitian K only the panels on and right of the diagonal matter.
    """
    n = cross.shape[0]
    stride = (n + 2) * _ROW
    factor = -1j if whole else -0.5j
    state[:] = 0
    for panel in range(panel_count(n)):
        start = 2 * LANES * panel
        for i in range(n if whole else min(n, start + 2 * LANES)):
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
def _read_block(state, at, lane, odd, whole, readings, slot):
    """Read K from the block of one cell; complete the block where only its upper part is kept."""
    if odd:
        top, low, top_im, low_im = at + _ODD_RE, at + _EVEN_RE + 1, LANES, _EVEN
    else:
        top, low, top_im, low_im = at + _EVEN_RE, at + _ODD_RE, _EVEN, LANES
    top, low = top + lane, low + lane
    re, im = state[low], state[low + low_im]
    if whole:
        re = (re + state[top + _ROW]) / 2
        im = (im - state[top + _ROW + top_im]) / 2
    else:
        state[top + _ROW], state[top + _ROW + top_im] = re, -im
    readings[slot], readings[slot + LANES] = state[top], state[low + _ROW]
    readings[slot + 2 * LANES], readings[slot + 3 * LANES] = re, im


@kernel()
def _walk_first_mode(state, row, psi_tan, psi_sin, tan, sin):
    """Take mode 0 of two rows, which has no partner in odd columns, through T† from the left."""
    a_re, a_im = state[row + _EVEN_RE], state[row + _EVEN_IM]
    c_re, c_im = state[row + _ROW + _EVEN_RE], state[row + _ROW + _EVEN_IM]
    a_re += tan * c_re
    c_re -= sin * a_re
    a_re += tan * c_re
    a_im += tan * c_im
    c_im -= sin * a_im
    a_im += tan * c_im
    a_re += psi_tan * a_im
    a_im -= psi_sin * a_re
    a_re += psi_tan * a_im
    state[row + _EVEN_RE], state[row + _EVEN_IM] = a_re, a_im
    state[row + _ROW + _EVEN_RE], state[row + _ROW + _EVEN_IM] = c_re, c_im


@kernel()
def _attenuate_rows(state, row, stride, arms, top_arm, first, last, odd):
    """Apply lossy arms to two rows: T† multiplies the top row, T⁻† divides the top columns."""
    for panel in range(first, last):
        at = panel * stride + row
        for j in range(_ROW):
            state[at + j] *= top_arm
        re, im = (_ODD_RE, _ODD_IM) if odd else (_EVEN_RE, _EVEN_IM)
        for j in range(min(LANES, arms.shape[0] - panel * LANES)):
            for start in (at, at + _ROW):
                state[start + re + j] /= arms[panel * LANES + j]
                state[start + im + j] /= arms[panel * LANES + j]


@kernel()
def walk_back(lifts, arms, halves, n, state, readings):
    """Walk K (or Q, where there are lossy arms) from the output to the input, reading each cell.

    Parameters
    ----------
    lifts
        Of the folded mesh, flat: (C·halves, panels, LIFTS).
    arms
        Amplitudes of the θ arms, (C, N//2); (0, 0) for a mesh without unequal loss.
    halves
        1, or 2 half-columns per column.
    state
        In and scratch: the panels that ``load_rows`` filled.
    readings
        Out, flat: (C·halves, panels, READINGS).
    """
    panels = panel_count(n)
    whole = arms.shape[0] > 0
    stride = (n + 2) * _ROW
    zero = state.dtype.type(0)
    for column in range(lifts.shape[0] // (panels * LIFTS) - 1, -1, -1):
        odd = column // halves % 2 == 1
        parity = 1 if odd else 0
        for pair in range(-parity, (n - parity - 1) // 2 + 1):
            mode = 2 * pair + parity
            row = (mode + 1) * _ROW
            reach = 2 * column + 2
            first, lane = max(pair, 0) // LANES, pair % LANES
            last = min(panels, (mode + reach) // 2 // LANES + 1)
            psi_tan, psi_sin, tan, sin = zero, zero, zero, zero
            if pair >= 0:
                cell = (column * panels + first) * LIFTS + lane
                psi_tan, psi_sin = lifts[cell], lifts[cell + LANES]
                tan, sin = lifts[cell + 2 * LANES], lifts[cell + 3 * LANES]
                slot = (column * panels + first) * READINGS + lane
                _read_block(state, first * stride + row, lane, odd, whole, readings, slot)
            if whole:
                first = max(0, mode - reach) // 2 // LANES
                if odd and first == 0:
                    _walk_first_mode(state, row, psi_tan, psi_sin, tan, sin)
            if odd:
                _walk_odd_rows(
                    state,
                    row,
                    stride,
                    lifts,
                    column,
                    panels,
                    first,
                    last,
                    psi_tan,
                    psi_sin,
                    tan,
                    sin,
                )
            else:
                _walk_even_rows(
                    state,
                    row,
                    stride,
                    lifts,
                    column,
                    panels,
                    first,
                    last,
                    psi_tan,
                    psi_sin,
                    tan,
                    sin,
                )
            if whole and column % 2 == 1:
                loss = arms[column // 2]
                arm = loss[pair] if 0 <= pair < loss.shape[0] else 1.0
                _attenuate_rows(state, row, stride, loss, arm, first, last, odd)
            _pass_ghosts(state, row, stride, panels, first, last, odd)


# Planes of the scratch block in which 16 cells' readings become gradients, all in float64.
_THETA, _ALPHA, _BETA = 0, LANES, 2 * LANES
_TURNS, _SECOND_TURNS, _READ, _SECOND_READ = 3 * LANES, 5 * LANES, 7 * LANES, 11 * LANES
_GRADIENTS = 15 * LANES
_SCRATCH = 19 * LANES


@kernel()
def _bloch(block, turns, read, j):
    """Return k₀, k_x, k_y, k_z of one block in the phases that light has there."""
    k00, k11 = block[read + j], block[read + LANES + j]
    re, im = block[read + 2 * LANES + j], block[read + 3 * LANES + j]
    turn_re, turn_im = block[turns + j], block[turns + LANES + j]
    k_x = turn_re * re - turn_im * im
    k_y = -(turn_re * im + turn_im * re)
    return 0.5 * (k00 + k11), k_x, k_y, 0.5 * (k00 - k11)


@kernel()
def read_cells(block, halves):
    """Turn the readings of 16 cells into g_θ, g_φ, g_α, g_β."""
    for j in range(LANES):
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
def read_gradients(theta, alpha, beta, cells, halves, turns, readings, gradients):
    """Fill ``gradients`` (4, C, N//2) with g_θ, g_φ, g_α, g_β from the readings of one mesh."""
    block = np.zeros(_SCRATCH)
    panels = turns.shape[0] // (theta.shape[0] * halves * TURNS)
    for column in range(theta.shape[0]):
        for panel in range((cells[column] + LANES - 1) // LANES):
            k = panel * LANES
            count = min(LANES, cells[column] - k)
            copy_lanes(theta[column], k, block, _THETA, count)
            if alpha.shape[0] > 0:
                copy_lanes(alpha[column], k, block, _ALPHA, count)
                copy_lanes(beta[column], k, block, _BETA, count)
            for half in range(halves):
                at = (column * halves + half) * panels + panel
                for plane in range(2):
                    start = (2 * half + plane) * LANES
                    copy_lanes(turns, at * TURNS + plane * LANES, block, _TURNS + start, LANES)
                for plane in range(4):
                    start = (4 * half + plane) * LANES
                    copy_lanes(readings, at * READINGS + plane * LANES, block, _READ + start, LANES)
            read_cells(block, halves)
            for kind in range(4):
                copy_lanes(block, _GRADIENTS + kind * LANES, gradients[kind, column], k, count)


@kernel()
def _bank_gradients(
    bank, theta, alpha, beta, arms, cells, halves, lifts, turns, closed, cross, gradients
):
    n = cross.shape[1]
    chip, loss = bank % alpha.shape[0], arms[bank % arms.shape[0]]
    state = np.empty(panel_count(n) * (n + 2) * _ROW, dtype=lifts.dtype)
    readings = np.zeros(lifts.shape[1] // LIFTS * READINGS, dtype=lifts.dtype)
    load_rows(cross[bank], closed[bank], loss.shape[0] > 0, state)
    walk_back(lifts[bank], loss, halves, n, state, readings)
    read_gradients(
        theta[bank], alpha[chip], beta[chip], cells, halves, turns[bank], readings, gradients[bank]
    )


@kernel()
def mesh_gradients(theta, alpha, beta, arms, cells, halves, lifts, turns, closed, cross, gradients):
    """Fill the gradients (K, 4, C, N//2) of K meshes from their cross products M (K, N, N)."""
    for bank in range(theta.shape[0]):
        _bank_gradients(
            bank, theta, alpha, beta, arms, cells, halves, lifts, turns, closed, cross, gradients
        )


@kernel(parallel=True)
def mesh_gradients_threaded(
    theta, alpha, beta, arms, cells, halves, lifts, turns, closed, cross, gradients
):
    """Do the same as ``mesh_gradients``, a bank to a thread."""
    for bank in numba.prange(theta.shape[0]):
        _bank_gradients(
            bank, theta, alpha, beta, arms, cells, halves, lifts, turns, closed, cross, gradients
        )
