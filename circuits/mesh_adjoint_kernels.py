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
"""

import numba
import numpy as np

from circuits.mesh_fold_kernels import (
    LANES,
    LIFTS,
    TURNS,
    Array,
    gather,
    panel_count,
    scatter,
    sine_cosine,
)
from circuits.mesh_walk_kernels import (
    EVEN,
    EVEN_RE,
    ODD_RE,
    ROW,
    attenuate,
    load_rows,
    walk_column,
    walk_first_mode,
)
from devices.compilation import kernel

# Planes of the block in which the readings of one panel become gradients. The second turns and
# readings are those of the second half-column, where splitters are folded one by one.
_THETA, _ALPHA, _BETA = 0, LANES, 2 * LANES
_TURNS, _SECOND_TURNS, _READ, _SECOND_READ = 3 * LANES, 5 * LANES, 7 * LANES, 11 * LANES
_GRADIENTS = 15 * LANES
_BLOCK = 19 * LANES


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
    stride = (n + 2) * ROW
    parity = 1 if odd else 0
    top_at, top_im = (ODD_RE, LANES) if odd else (EVEN_RE, EVEN)
    low_at, low_im = (EVEN_RE + 1, EVEN) if odd else (ODD_RE, LANES)
    for pair in range((n - parity + 1) // 2):
        panel, lane = pair // LANES, pair % LANES
        own = cell + panel * LIFTS + lane
        left[pair + parity, 0], left[pair + parity, 1] = lifts[own], lifts[own + LANES]
        left[pair + parity, 2] = lifts[own + 2 * LANES]
        left[pair + parity, 3] = lifts[own + 3 * LANES]
        at = panel * stride + (2 * pair + parity + 1) * ROW + lane
        top, low = at + top_at, at + low_at
        re, im = state[low], state[low + low_im]
        if whole:
            re = (re + state[top + ROW]) / 2
            im = (im - state[top + ROW + top_im]) / 2
        else:
            state[top + ROW], state[top + ROW + top_im] = re, -im
        slot = panel * _BLOCK + plane + lane
        blocks[slot], blocks[slot + LANES] = state[top], state[low + ROW]
        blocks[slot + 2 * LANES], blocks[slot + 3 * LANES] = re, im


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
    state = np.empty(panels * (n + 2) * ROW, dtype=lifts.dtype)
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
                walk_first_mode(state, left)
            walk_column(state, lifts, at * LIFTS, n, odd, whole, 2 * step + 2, left)
            if half == 1:
                attenuate(state, arms[column], n, odd)
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
