"""Kernels of Mach-Zehnder meshes: phases folded into rotations, and rotations into a matrix.

**A mesh is plane rotations and one output screen.** With s = sin(θ/2), c = cos(θ/2), and

    A = s cos(α−β) + i c sin(α+β) = |A| a        B = c cos(α+β) + i s sin(α−β) = |B| b

the interferometer of PHYSICS §2 (Bandyopadhyay, Hamerly, Englund, Optica 8, 1247 (2021)) is

    T = −h diag(b, a*) · R · diag(−e^{iφ} a b*, 1),   h = i e^{iθ/2},   R = [[|A|, −|B|], [|B|, |A|]]

The phases at its outputs are pushed through to the next column, whose cells see only the
difference on their two inputs; the common phase travels on. What light meets in each cell is then
one phase ψ on the top input and one real rotation γ, however wrong the splitters are, and the
phases that are left stand in an output screen. Phases are folded in float64 whatever the signals
are, so that single precision does not accumulate along the mesh.

**A rotation is three shears** (Press et al. call it lifting): x −= t y, y += s x, x −= t y with
t = tan(γ/2), s = sin γ costs three fused operations in place of four products, and exactly undoes
itself backwards. It needs |γ|, |ψ| ≤ π/2; a phase beyond is turned by π, which moves through the
rotation as R(γ) diag(−1, 1) = diag(−1, 1) R(−γ). All-zero lifts are a cell that is not there.

**Unequal loss** (a lossy θ arm) leaves no rotation, but S(η) = diag(1, i) R(π/4+η) diag(1, −i)
always is one, so such a mesh is folded splitter by splitter into 2C half-columns with an amplitude
on the top input of every second one:

    T = diag(1, i) · R(π/4+β) · diag(√L₁ e^{iθ}, 1) · R(π/4+α) · diag(e^{iφ}, −i)

Layout: cells come in panels of 16, the lanes of one vector register, entry k of column c joining
modes m = 2k + c mod 2 and m+1. Loops over lanes have a constant length and constant offsets into
one array, which is what lets the compiler prove that they may run side by side.
"""

import math

import numba
import numpy as np

from devices.compilation import kernel

LANES = 16
LIFTS = 4 * LANES
"""Numbers per panel of lifts: tan(ψ/2), sin ψ, tan(γ/2), sin γ of 16 cells each."""

TURNS = 2 * LANES
"""Numbers per panel of turns: e^{i(p₀−p₁)} of the folded output phases, real and imaginary."""

WIDTH = 32
"""Columns of the matrix that are built together: more would visit more cells in the dark."""

_HALF_PI_HIGH, _HALF_PI_MIDDLE, _HALF_PI_LOW = (
    1.5707963267341256,
    6.077100506303966e-11,
    2.0222662487959506e-21,
)


@kernel()
def panel_count(n):
    """Return how many panels of 16 mode pairs hold N modes."""
    return ((n + 1) // 2 + LANES - 1) // LANES


@kernel()
def sine_cosine(x):
    """Return sin x and cos x to 2 ulp for |x| < 1e5, in arithmetic that runs 8 or 16 at a time.

    Cody and Waite's reduction by π/2 in three parts and the minimax polynomials of fdlibm
    (Sun Microsystems, 1993: k_sin.c and k_cos.c).
    """
    n = math.floor(x * 0.6366197723675814 + 0.5)
    r = ((x - n * _HALF_PI_HIGH) - n * _HALF_PI_MIDDLE) - n * _HALF_PI_LOW
    z = r * r
    p = -2.50507602534068634195e-08 + z * 1.58969099521155010221e-10
    p = -1.98412698298579493134e-04 + z * (2.75573137070700676789e-06 + z * p)
    s = r + r * z * (-1.66666666666666324348e-01 + z * (8.33333333332248946124e-03 + z * p))
    p = 2.08757232129817482790e-09 + z * -1.13596475577881948265e-11
    p = 2.48015872894767294178e-05 + z * (-2.75573143513906633035e-07 + z * p)
    c = (
        1.0
        - 0.5 * z
        + z * z * (4.16666666666666019037e-02 + z * (-1.38888888888741095749e-03 + z * p))
    )
    quadrant = np.int64(n)
    if quadrant & 1:
        s, c = c, -s
    if quadrant & 2:
        s, c = -s, -c
    return s, c


# Planes of the scratch block of 16 cells in which phases are folded, all in float64.
_THETA, _PHI, _ALPHA, _BETA = 0, LANES, 2 * LANES, 3 * LANES
_TOP_RE, _TOP_IM, _LOW_RE, _LOW_IM = 4 * LANES, 5 * LANES, 6 * LANES, 7 * LANES
_LIFTS, _TURNS = 8 * LANES, 12 * LANES
_SCRATCH = 14 * LANES


@kernel()
def fold_cells(block, perfect):
    """Fold 16 interferometers: settings and input phases in; lifts, turns, output phases out."""
    for j in range(LANES):
        s, c = sine_cosine(0.5 * block[_THETA + j])
        phi_s, phi_c = sine_cosine(block[_PHI + j])
        if perfect:
            bar_re, bar_im, cross_re, cross_im = s, 0.0, c, 0.0
        else:
            sum_s, sum_c = sine_cosine(block[_ALPHA + j] + block[_BETA + j])
            diff_s, diff_c = sine_cosine(block[_ALPHA + j] - block[_BETA + j])
            bar_re, bar_im, cross_re, cross_im = s * diff_c, c * sum_s, c * sum_c, s * diff_s
        bar = math.sqrt(bar_re * bar_re + bar_im * bar_im)
        cross = math.sqrt(cross_re * cross_re + cross_im * cross_im)
        # A dark port has no phase of its own; any will do, since no light carries it.
        a_re, a_im = (bar_re / bar, bar_im / bar) if bar > 0.0 else (1.0, 0.0)
        b_re, b_im = (cross_re / cross, cross_im / cross) if cross > 0.0 else (1.0, 0.0)
        top_re, top_im = block[_TOP_RE + j], block[_TOP_IM + j]
        low_re, low_im = block[_LOW_RE + j], block[_LOW_IM + j]
        # w = −e^{iφ} a b* P₀ P₁*
        x_re, x_im = phi_s * a_im - phi_c * a_re, -phi_c * a_im - phi_s * a_re
        x_re, x_im = x_re * b_re + x_im * b_im, x_im * b_re - x_re * b_im
        y_re, y_im = top_re * low_re + top_im * low_im, top_im * low_re - top_re * low_im
        w_re, w_im = x_re * y_re - x_im * y_im, x_re * y_im + x_im * y_re
        sign = 1.0 if w_re >= 0.0 else -1.0
        block[_LIFTS + j] = sign * w_im / (1.0 + sign * w_re)
        block[_LIFTS + LANES + j] = sign * w_im
        block[_LIFTS + 2 * LANES + j] = sign * cross / (1.0 + bar)
        block[_LIFTS + 3 * LANES + j] = sign * cross
        block[_TURNS + j] = sign * (a_re * b_re - a_im * b_im)
        block[_TURNS + LANES + j] = sign * (a_re * b_im + a_im * b_re)
        # −h P₁ with −h = s − i c, then b (and the sign) on top, a* below
        x_re, x_im = s * low_re + c * low_im, s * low_im - c * low_re
        block[_TOP_RE + j] = sign * (x_re * b_re - x_im * b_im)
        block[_TOP_IM + j] = sign * (x_re * b_im + x_im * b_re)
        block[_LOW_RE + j] = x_re * a_re + x_im * a_im
        block[_LOW_IM + j] = x_im * a_re - x_re * a_im


@kernel()
def fold_splitters(block, second):
    """Fold 16 splitters with the phase before them: φ and α, or (``second``) θ and β."""
    for j in range(LANES):
        phase = block[_THETA + j] if second else block[_PHI + j]
        error = block[_BETA + j] if second else block[_ALPHA + j]
        phase_s, phase_c = sine_cosine(phase)
        error_s, error_c = sine_cosine(error)
        half = math.sqrt(0.5)
        c, s = half * (error_c - error_s), half * (error_c + error_s)
        top_re, top_im = block[_TOP_RE + j], block[_TOP_IM + j]
        low_re, low_im = block[_LOW_RE + j], block[_LOW_IM + j]
        if not second:
            low_re, low_im = low_im, -low_re
        # w = e^{i phase} P₀ P₁*, the −i below being part of P₁
        y_re, y_im = top_re * low_re + top_im * low_im, top_im * low_re - top_re * low_im
        w_re, w_im = phase_c * y_re - phase_s * y_im, phase_c * y_im + phase_s * y_re
        sign = 1.0 if w_re >= 0.0 else -1.0
        # A rotation beyond π/2 is a smaller one and a common sign.
        flip = 1.0 if c >= 0.0 else -1.0
        low_re, low_im = flip * low_re, flip * low_im
        block[_LIFTS + j] = sign * w_im / (1.0 + sign * w_re)
        block[_LIFTS + LANES + j] = sign * w_im
        block[_LIFTS + 2 * LANES + j] = sign * flip * s / (1.0 + flip * c)
        block[_LIFTS + 3 * LANES + j] = sign * flip * s
        block[_TURNS + j] = 0.0
        block[_TURNS + LANES + j] = -sign
        block[_TOP_RE + j], block[_TOP_IM + j] = sign * low_re, sign * low_im
        block[_LOW_RE + j], block[_LOW_IM + j] = low_re, low_im
        if second:
            block[_LOW_RE + j], block[_LOW_IM + j] = -low_im, low_re


@kernel()
def copy_lanes(source, start, target, offset, count):
    """Copy up to 16 neighbouring numbers of one vector to another."""
    if start < 0 or offset < 0:  # tells the compiler that no index below wraps around
        return
    if count == LANES:
        for j in range(LANES):
            target[offset + j] = source[start + j]
    else:
        for j in range(count):
            target[offset + j] = source[start + j]


@kernel()
def fold_mesh(theta, phi, alpha, beta, cells, halves, lifts, turns, frame):
    """Fold one mesh, column by column in light order.

    Parameters
    ----------
    theta, phi
        Phases in rad, (C, N//2).
    alpha, beta
        Splitter errors in rad, (C, N//2); (0, 0) for ideal splitters.
    cells
        Number of interferometers in each column, (C,); the first entries are used.
    halves
        1 to fold whole interferometers, 2 to fold them splitter by splitter.
    lifts, turns
        Out, zero on entry, flat: (C·halves, panels, LIFTS) and (C·halves, panels, TURNS).
    frame
        Out: output phases (parity of the mode, quadrature, 16·panels + 1).
    """
    block = np.zeros(_SCRATCH)
    perfect = alpha.shape[0] == 0
    panels = (frame.shape[2] - 1) // LANES
    frame[:, 0] = 1.0
    frame[:, 1] = 0.0
    for column in range(theta.shape[0]):
        parity = column % 2
        theta_row, phi_row = theta[column], phi[column]
        top_re, top_im = frame[parity, 0], frame[parity, 1]
        low_re, low_im = frame[1 - parity, 0], frame[1 - parity, 1]
        for panel in range((cells[column] + LANES - 1) // LANES):
            k = panel * LANES
            count = min(LANES, cells[column] - k)
            copy_lanes(theta_row, k, block, _THETA, count)
            copy_lanes(phi_row, k, block, _PHI, count)
            if not perfect:
                copy_lanes(alpha[column], k, block, _ALPHA, count)
                copy_lanes(beta[column], k, block, _BETA, count)
            copy_lanes(top_re, k, block, _TOP_RE, count)
            copy_lanes(top_im, k, block, _TOP_IM, count)
            copy_lanes(low_re, k + parity, block, _LOW_RE, count)
            copy_lanes(low_im, k + parity, block, _LOW_IM, count)
            for half in range(halves):
                if halves == 1:
                    fold_cells(block, perfect)
                else:
                    fold_splitters(block, half == 1)
                at = (column * halves + half) * panels + panel
                for start in range(0, LIFTS, LANES):
                    copy_lanes(block, _LIFTS + start, lifts, at * LIFTS + start, count)
                for start in range(0, TURNS, LANES):
                    copy_lanes(block, _TURNS + start, turns, at * TURNS + start, count)
            copy_lanes(block, _TOP_RE, top_re, k, count)
            copy_lanes(block, _TOP_IM, top_im, k, count)
            copy_lanes(block, _LOW_RE, low_re, k + parity, count)
            copy_lanes(block, _LOW_IM, low_im, k + parity, count)


@kernel()
def close_frame(frame, screen, closed):
    """Fill ``closed`` (N,) complex with the output phases of the fold times the screen's."""
    for m in range(screen.shape[0]):
        re, im = frame[m % 2, 0, m // 2], frame[m % 2, 1, m // 2]
        s, c = sine_cosine(np.float64(screen[m]))
        closed[m] = complex(re * c - im * s, re * s + im * c)


@kernel()
def _turn_column(state, lifts, start, parity, first, last):
    """Send WIDTH vectors through cells ``first`` … ``last − 1``: phase on top, then rotation."""
    for k in range(first, last):
        at = (2 * k + parity) * 2 * WIDTH
        cell = start + k // LANES * LIFTS + k % LANES
        if at < 0 or cell < 0:  # tells the compiler that no index below wraps around
            return
        psi_tan, psi_sin = lifts[cell], lifts[cell + LANES]
        tan, sin = lifts[cell + 2 * LANES], lifts[cell + 3 * LANES]
        for j in range(WIDTH):
            re, im = state[at + j], state[at + WIDTH + j]
            low_re, low_im = state[at + 2 * WIDTH + j], state[at + 3 * WIDTH + j]
            re -= psi_tan * im
            im += psi_sin * re
            re -= psi_tan * im
            re -= tan * low_re
            low_re += sin * re
            re -= tan * low_re
            im -= tan * low_im
            low_im += sin * im
            im -= tan * low_im
            state[at + j], state[at + WIDTH + j] = re, im
            state[at + 2 * WIDTH + j], state[at + 3 * WIDTH + j] = low_re, low_im


@kernel()
def _attenuate_column(state, arms, parity, first, last):
    """Apply the lossy arms to the top modes of cells ``first`` … ``last − 1``."""
    for k in range(first, last):
        at = (2 * k + parity) * 2 * WIDTH
        for j in range(2 * WIDTH):
            state[at + j] *= arms[k]


@kernel()
def matrix_columns(lifts, arms, halves, closed, amplitude, first, matrix):
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
            _attenuate_column(state, arms[column // 2], parity, top, end)
        _turn_column(state, lifts, column * panels * LIFTS, parity, top, end)
    for mode in range(n):
        at = mode * 2 * WIDTH
        out = closed[mode] * amplitude
        for j in range(last - first):
            matrix[mode, first + j] = out * complex(state[at + j], state[at + WIDTH + j])


@kernel()
def _fold_bank(bank, theta, phi, alpha, beta, cells, halves, screen, lifts, turns, closed):
    frame = np.zeros((2, 2, LANES * panel_count(screen.shape[1]) + 1))
    chip = bank % alpha.shape[0]
    fold_mesh(
        theta[bank], phi[bank], alpha[chip], beta[chip], cells, halves,
        lifts[bank], turns[bank], frame,
    )  # fmt: skip
    close_frame(frame, screen[bank], closed[bank])


@kernel()
def fold_banks(theta, phi, alpha, beta, cells, halves, screen, lifts, turns, closed):
    """Fold K meshes; arrays as in ``fold_mesh`` with K in front, or 1 where errors are shared."""
    for bank in range(theta.shape[0]):
        _fold_bank(bank, theta, phi, alpha, beta, cells, halves, screen, lifts, turns, closed)


@kernel(parallel=True)
def fold_banks_threaded(theta, phi, alpha, beta, cells, halves, screen, lifts, turns, closed):
    """Do the same as ``fold_banks``, a bank to a thread."""
    for bank in numba.prange(theta.shape[0]):
        _fold_bank(bank, theta, phi, alpha, beta, cells, halves, screen, lifts, turns, closed)


@kernel()
def _bank_columns(bank, lifts, arms, halves, closed, amplitude, first, matrices):
    loss = arms[bank % arms.shape[0]]
    matrix_columns(lifts[bank], loss, halves, closed[bank], amplitude, first, matrices[bank])


@kernel()
def build_matrices(lifts, arms, halves, closed, amplitude, matrices):
    """Fill the matrices of K folded meshes, (K, N, N)."""
    banks, n, _ = matrices.shape
    for bank in range(banks):
        for first in range(0, n, WIDTH):
            _bank_columns(bank, lifts, arms, halves, closed, amplitude, first, matrices)


@kernel(parallel=True)
def build_matrices_threaded(lifts, arms, halves, closed, amplitude, matrices):
    """Do the same as ``build_matrices``, WIDTH columns of one bank at a time to a thread."""
    banks, n, _ = matrices.shape
    parts = (n + WIDTH - 1) // WIDTH
    for task in numba.prange(banks * parts):
        bank, first = task // parts, task % parts * WIDTH
        _bank_columns(bank, lifts, arms, halves, closed, amplitude, first, matrices)
