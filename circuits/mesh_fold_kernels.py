"""Kernels that fold the phases of a Mach-Zehnder mesh into rotations.

**A mesh is plane rotations and one output screen.** With s = sin(θ/2), c = cos(θ/2), and

    A = s cos(α−β) + i c sin(α+β) = |A| a        B = c cos(α+β) + i s sin(α−β) = |B| b

the interferometer of PHYSICS §2 (Bandyopadhyay, Hamerly, Englund, Optica 8, 1247 (2021)) is

    T = −h diag(b, a*) R diag(−e^{iφ} a b*, 1),   h = i e^{iθ/2},   R = [[|A|, −|B|], [|B|, |A|]]

The phases at its outputs are pushed through to the next column, whose cells see only the
difference on their two inputs; the common phase travels on. What light meets in each cell is then
one phase ψ on the top input and one real rotation γ, however wrong the splitters are, and the
phases that are left stand in an output screen. Phases are folded in float64 whatever the signals
are, so that single precision does not accumulate along the mesh.

**A rotation is three shears** (lifting; Daubechies, Sweldens, J. Fourier Anal. Appl. 4, 247
(1998)): x −= t y, y += s x, x −= t y with t = tan(γ/2), s = sin γ costs three fused operations in
place of four products. It needs |γ|, |ψ| ≤ π/2; a phase beyond is turned by π, which moves through
the rotation as R(γ) diag(−1, 1) = diag(−1, 1) R(−γ). All-zero lifts are a cell that is not there.

**Unequal loss** (a lossy θ arm) leaves no rotation, but S(η) = diag(1, i) R(π/4+η) diag(1, −i)
always is one, so such a mesh is folded splitter by splitter into 2C half-columns with an amplitude
on the top input of every second one:

    T = diag(1, i) · R(π/4+β) · diag(√L₁ e^{iθ}, 1) · R(π/4+α) · diag(e^{iφ}, −i)

Layout: cells come in panels of 16, the lanes of one vector register; entry k of column c joins
modes m = 2k + c mod 2 and m+1. Loops over lanes have a constant length, and their indices are
unsigned (they cannot wrap around) at constant distances in one array: that is how the compiler
sees that the lanes may run side by side.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.compilation import kernel

Array = NDArray[Any]
"""Single or double precision, real or complex; the arrays of a call agree."""

LANES = 16
LIFTS = 4 * LANES
"""Numbers per panel of lifts: tan(ψ/2), sin ψ, tan(γ/2), sin γ of 16 cells each."""

TURNS = 2 * LANES
"""Numbers per panel of turns: e^{i(p₀−p₁)} of the folded output phases, real and imaginary."""

ULANES = np.uint64(LANES)

# Planes of the block in which the phases of one panel are folded.
_THETA, _PHI, _ALPHA, _BETA = 0, LANES, 2 * LANES, 3 * LANES
_TOP_RE, _TOP_IM, _LOW_RE, _LOW_IM = 4 * LANES, 5 * LANES, 6 * LANES, 7 * LANES
_LIFTS, _TURNS = 8 * LANES, 12 * LANES
_BLOCK = 14 * LANES


@kernel()
def panel_count(n: int) -> int:
    """Return how many panels of 16 mode pairs hold N modes."""
    return ((n + 1) // 2 + LANES - 1) // LANES


@kernel()
def sine_cosine(x: float) -> tuple[float, float]:
    """Return sin x and cos x in arithmetic that runs on all lanes at once.

    The error is that of moving x by one unit in its last place, and two of the result's: the
    quadrant is taken off in one step, because steps of several constants would be merged by the
    compiler anyway. The polynomials are those of fdlibm (Sun Microsystems, 1993: k_sin, k_cos).
    """
    n = math.floor(x * (2.0 / math.pi) + 0.5)
    r = x - n * (math.pi / 2.0)
    z = r * r
    p = -2.50507602534068634195e-08 + z * 1.58969099521155010221e-10
    p = -1.98412698298579493134e-04 + z * (2.75573137070700676789e-06 + z * p)
    s = r + r * z * (-1.66666666666666324348e-01 + z * (8.33333333332248946124e-03 + z * p))
    p = 2.08757232129817482790e-09 + z * -1.13596475577881948265e-11
    p = 2.48015872894767294178e-05 + z * (-2.75573143513906633035e-07 + z * p)
    p = 4.16666666666666019037e-02 + z * (-1.38888888888741095749e-03 + z * p)
    c = 1.0 - 0.5 * z + z * z * p
    quadrant = np.int64(n)
    if quadrant & 1:
        s, c = c, -s
    if quadrant & 2:
        s, c = -s, -c
    return s, c


@kernel()
def gather(source: Array, start: int, count: int, blocks: Array, size: int, plane: int) -> None:
    """Copy ``count`` neighbouring numbers into one plane of as many blocks as they fill."""
    full = count // LANES
    for panel in range(full):
        here, there = np.uint64(start + panel * LANES), np.uint64(panel * size + plane)
        for j in range(ULANES):
            blocks[there + j] = source[here + j]
    for j in range(count - full * LANES):
        blocks[full * size + plane + j] = source[start + full * LANES + j]


@kernel()
def scatter(
    blocks: Array, size: int, plane: int, target: Array, start: int, step: int, count: int
) -> None:
    """Copy one plane of blocks to 16 numbers at a time, ``step`` apart."""
    full = count // LANES
    for panel in range(full):
        here, there = np.uint64(panel * size + plane), np.uint64(start + panel * step)
        for j in range(ULANES):
            target[there + j] = blocks[here + j]
    for j in range(count - full * LANES):
        target[start + full * step + j] = blocks[full * size + plane + j]


def _cell_kernel(perfect: bool) -> Callable[..., Any]:
    """Return the kernel that folds interferometers, of ideal splitters or of any.

    Settings and input phases in; lifts, turns and output phases out.
    """

    @kernel()
    def fold_cells(blocks: Array, panels: int) -> None:
        for panel in range(panels):
            at = np.uint64(panel * _BLOCK)
            block = blocks[at : at + np.uint64(_BLOCK)]
            for j in range(LANES):
                s, c = sine_cosine(0.5 * block[_THETA + j])
                phi_s, phi_c = sine_cosine(block[_PHI + j])
                if perfect:
                    bar, cross = abs(s), abs(c)
                    a_re, a_im = 1.0 if s >= 0.0 else -1.0, 0.0
                    b_re, b_im = 1.0 if c >= 0.0 else -1.0, 0.0
                else:
                    sum_s, sum_c = sine_cosine(block[_ALPHA + j] + block[_BETA + j])
                    gap_s, gap_c = sine_cosine(block[_ALPHA + j] - block[_BETA + j])
                    a_re, a_im, b_re, b_im = s * gap_c, c * sum_s, c * sum_c, s * gap_s
                    bar = math.sqrt(a_re * a_re + a_im * a_im)
                    cross = math.sqrt(b_re * b_re + b_im * b_im)
                    # A dark port has no phase of its own; any will do, as no light carries it.
                    a_re = a_re / bar if bar > 0.0 else 1.0
                    a_im = a_im / bar if bar > 0.0 else 0.0
                    b_re = b_re / cross if cross > 0.0 else 1.0
                    b_im = b_im / cross if cross > 0.0 else 0.0
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

    return fold_cells


fold_perfect_cells = _cell_kernel(True)
fold_cells = _cell_kernel(False)


@kernel()
def fold_splitters(blocks: Array, panels: int, second: bool) -> None:
    """Fold splitters and the phase before them: φ and α, or (``second``) θ and β."""
    half = math.sqrt(0.5)
    for panel in range(panels):
        at = np.uint64(panel * _BLOCK)
        block = blocks[at : at + np.uint64(_BLOCK)]
        for j in range(LANES):
            phase_s, phase_c = sine_cosine(block[_THETA + j] if second else block[_PHI + j])
            error_s, error_c = sine_cosine(block[_BETA + j] if second else block[_ALPHA + j])
            c, s = half * (error_c - error_s), half * (error_c + error_s)
            top_re, top_im = block[_TOP_RE + j], block[_TOP_IM + j]
            low_re, low_im = block[_LOW_RE + j], block[_LOW_IM + j]
            if not second:
                low_re, low_im = low_im, -low_re
            # w = e^{i phase} P₀ P₁*, where P₁ includes the −i of diag(e^{iφ}, −i)
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
            if second:
                low_re, low_im = -low_im, low_re
            block[_LOW_RE + j], block[_LOW_IM + j] = low_re, low_im


@kernel()
def fold_mesh(
    theta: Array,
    phi: Array,
    alpha: Array,
    beta: Array,
    cells: Array,
    halves: int,
    lifts: Array,
    turns: Array,
    frame: Array,
) -> None:
    """Fold one mesh, column by column in the order of the light.

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
    panels = (frame.shape[2] - 1) // LANES
    blocks = np.zeros(panels * _BLOCK)
    perfect = alpha.shape[0] == 0
    frame[:, 0] = 1.0
    frame[:, 1] = 0.0
    for column in range(theta.shape[0]):
        parity, count = column % 2, cells[column]
        used = (count + LANES - 1) // LANES
        gather(theta[column], 0, count, blocks, _BLOCK, _THETA)
        gather(phi[column], 0, count, blocks, _BLOCK, _PHI)
        if not perfect:
            gather(alpha[column], 0, count, blocks, _BLOCK, _ALPHA)
            gather(beta[column], 0, count, blocks, _BLOCK, _BETA)
        for quadrature in range(2):
            plane = quadrature * LANES
            gather(frame[parity, quadrature], 0, count, blocks, _BLOCK, _TOP_RE + plane)
            gather(frame[1 - parity, quadrature], parity, count, blocks, _BLOCK, _LOW_RE + plane)
        for half in range(halves):
            if halves == 2:
                fold_splitters(blocks, used, half == 1)
            elif perfect:
                fold_perfect_cells(blocks, used)
            else:
                fold_cells(blocks, used)
            at = (column * halves + half) * panels
            for plane in range(0, LIFTS, LANES):
                scatter(blocks, _BLOCK, _LIFTS + plane, lifts, at * LIFTS + plane, LIFTS, count)
            for plane in range(0, TURNS, LANES):
                scatter(blocks, _BLOCK, _TURNS + plane, turns, at * TURNS + plane, TURNS, count)
        for quadrature in range(2):
            plane = quadrature * LANES
            scatter(blocks, _BLOCK, _TOP_RE + plane, frame[parity, quadrature], 0, LANES, count)
            scatter(
                blocks, _BLOCK, _LOW_RE + plane, frame[1 - parity, quadrature], parity, LANES, count
            )


@kernel()
def close_frame(frame: Array, screen: Array, closed: Array) -> None:
    """Fill ``closed`` (N,) complex with the output phases of the fold times the screen's."""
    for m in range(screen.shape[0]):
        re, im = frame[m % 2, 0, m // 2], frame[m % 2, 1, m // 2]
        s, c = sine_cosine(np.float64(screen[m]))
        closed[m] = complex(re * c - im * s, re * s + im * c)


@kernel()
def fold_banks(
    theta: Array,
    phi: Array,
    alpha: Array,
    beta: Array,
    cells: Array,
    halves: int,
    screen: Array,
    lifts: Array,
    turns: Array,
    closed: Array,
) -> None:
    """Fold K meshes; arrays as in ``fold_mesh`` with K in front, or 1 where errors are shared."""
    frame = np.zeros((2, 2, LANES * panel_count(screen.shape[1]) + 1))
    for bank in range(theta.shape[0]):
        chip = bank % alpha.shape[0]
        fold_mesh(
            theta[bank], phi[bank], alpha[chip], beta[chip], cells, halves,
            lifts[bank], turns[bank], frame,
        )  # fmt: skip
        close_frame(frame, screen[bank], closed[bank])
