"""Kernels of a crossbar's wires: the voltages of all nodes, for many drives at once.

All conductances are in units of a wire segment's, γ = G r. Word line j runs from its driver past
the cells of all bit lines o and ends open; bit line o collects from all word lines and ends in the
virtual ground of its receiver:

    driver ─1─ w_j0 ─1─ w_j1 ─ … ─1─ w_j,n−1         (2 + γ) w_jo − w_j,o−1 − w_j,o+1 = γ b_jo
                │γ       │γ                          first: w_j,−1 = V_j; last: diagonal 1 + γ
               b_j0     b_j1                         (2 + γ) b_jo − b_j−1,o − b_j+1,o = γ w_jo
                │1       │1                          first: diagonal 1 + γ; last: b_m,o = 0
               ground at the end of the bit line

With the word lines eliminated, S b = D W⁻¹ v with S = B − D W⁻¹ D: symmetric, positive definite,
and close to B, whose bit lines are tridiagonal like the word lines of W. Conjugate gradients with
B as preconditioner need few steps: M⁻¹S has the eigenvalues 1 − ρ, ρ the product of what a line
takes from its neighbours, which is small but for smooth fields (Hestenes, Stiefel, J. Res. NBS 49,
409 (1952)). Many drives are solved side by side, one in each lane of the innermost vectors.
"""

from typing import Any

import numba
from numpy.typing import NDArray

from devices.compilation import kernel

Array = NDArray[Any]
"""Single or double precision; every array of a call has the same."""

FIELDS = 5
"""Scratch of a solution: p, S p, residual, preconditioned residual, solution."""


@kernel()
def factorise(gamma: Array, word: Array, bit: Array) -> None:
    """Fill the inverse pivots of all word lines and of all bit lines, (m, n) each.

    Of a tridiagonal matrix with −1 beside the diagonal: pivot_i = diagonal_i − 1/pivot_{i−1}.
    """
    m, n = gamma.shape
    one = gamma.dtype.type(1)
    for j in range(m):
        for o in range(n):
            neighbours = one if o == n - 1 else one + one
            before = word[j, o - 1] if o > 0 else one - one
            word[j, o] = one / (neighbours + gamma[j, o] - before)
    for j in range(m):
        for o in range(n):
            neighbours = one if j == 0 else one + one
            before = bit[j - 1, o] if j > 0 else one - one
            bit[j, o] = one / (neighbours + gamma[j, o] - before)


# Rows of drives are sliced out before the innermost loops, so that these run over plain vectors
# whose indices count from zero. A step of conjugate gradients walks over the lines three
# times: what it needs of a line is then in the nearest cache.


@kernel()
def _solve_word(gamma: Array, word: Array, b: Array, w: Array) -> None:
    """Fill w = W⁻¹ D b of one word line, (n, lanes)."""
    n, lanes = b.shape
    for o in range(n):
        g, source, line = gamma[o], b[o], w[o]
        if o == 0:
            for c in range(lanes):
                line[c] = g * source[c]
        else:
            share, before = word[o - 1], w[o - 1]
            for c in range(lanes):
                line[c] = g * source[c] + share * before[c]
    last = w[n - 1]
    for c in range(lanes):
        last[c] *= word[n - 1]
    for back in range(n - 1):
        o = n - 2 - back
        share, line, after = word[o], w[o], w[o + 1]
        for c in range(lanes):
            line[c] = share * (line[c] + after[c])


@kernel()
def _direct(z: Array, beta: Array, p: Array) -> None:
    """Turn p into z + β p, a line's new direction, (n, lanes)."""
    n, lanes = p.shape
    for o in range(n):
        along, steepest = p[o], z[o]
        for c in range(lanes):
            along[c] = steepest[c] + beta[c] * along[c]


@kernel()
def _apply(
    gamma: Array, word: Array, z: Array, beta: Array, line: Array, p: Array, q: Array, out: Array
) -> None:
    """Renew p ← z + β p, fill q = S p = B p − D W⁻¹ D p, and ``out`` with p·q of every lane."""
    m, n, lanes = p.shape
    one = gamma.dtype.type(1)
    out[:] = 0
    _direct(z[0], beta, p[0])
    for j in range(m):
        if j < m - 1:
            _direct(z[j + 1], beta, p[j + 1])
        _solve_word(gamma[j], word[j], p[j], line)
        neighbours = one if j == 0 else one + one
        up, down = one if j > 0 else one - one, one if j < m - 1 else one - one
        above, below = p[max(j - 1, 0)], p[min(j + 1, m - 1)]
        for o in range(n):
            g, here, wire, image = gamma[j, o], p[j, o], line[o], q[j, o]
            own, over, under = neighbours + g, above[o], below[o]
            for c in range(lanes):
                value = own * here[c] - g * wire[c] - up * over[c] - down * under[c]
                image[c] = value
                out[c] += here[c] * value


@kernel()
def _move(
    bit: Array, alpha: Array, p: Array, q: Array, r: Array, z: Array, b: Array, out: Array
) -> None:
    """Move b += α p and r −= α q; fill z = B⁻¹ r, and ``out`` with r·z of every lane."""
    m, n, lanes = b.shape
    for j in range(m):
        for o in range(n):
            to, along, left, image, fresh = b[j, o], p[j, o], r[j, o], q[j, o], z[j, o]
            for c in range(lanes):
                to[c] += alpha[c] * along[c]
                left[c] -= alpha[c] * image[c]
                fresh[c] = left[c]
            if j > 0:
                share, before = bit[j - 1, o], z[j - 1, o]
                for c in range(lanes):
                    fresh[c] += share * before[c]
    out[:] = 0
    for back in range(m):
        j = m - 1 - back
        for o in range(n):
            share, fresh, left = bit[j, o], z[j, o], r[j, o]
            if back > 0:
                after = z[j + 1, o]
                for c in range(lanes):
                    fresh[c] += after[c]
            for c in range(lanes):
                fresh[c] *= share
                out[c] += left[c] * fresh[c]


@kernel()
def _conjugate_gradients(
    gamma: Array, word: Array, bit: Array, tolerance: float, scratch: Array, sums: Array,
    line: Array,
) -> None:  # fmt: skip
    """Solve S b = f for all lanes: f stands in ``scratch[2]``, b will in ``scratch[4]``.

    Ends where every lane's residual, measured as r·B⁻¹r, has fallen by the square of `tolerance`,
    or after as many steps as there are unknowns, which exact arithmetic would not exceed.
    """
    m, n = gamma.shape
    lanes = sums.shape[1]
    p, q, r, z, b = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4]
    rho, first, factor, curvature = sums[0], sums[1], sums[2], sums[3]
    p[:], q[:], b[:], factor[:] = 0, 0, 0, 0
    _move(bit, factor, p, q, r, z, b, rho)
    first[:] = rho
    for _ in range(m * n):
        left = False
        for c in range(lanes):
            left = left or rho[c] > tolerance * tolerance * first[c]
        if not left:
            return
        _apply(gamma, word, z, factor, line, p, q, curvature)
        # A lane that is done, or dark, rests.
        for c in range(lanes):
            factor[c] = rho[c] / curvature[c] if curvature[c] > 0 else curvature[c] - curvature[c]
        curvature[:] = rho
        _move(bit, factor, p, q, r, z, b, rho)
        for c in range(lanes):
            before = curvature[c]
            factor[c] = rho[c] / before if before > 0 else before - before


@kernel()
def _drive_response(gamma: Array, word: Array, first: int, f: Array) -> None:
    """Fill f = D W⁻¹ v, for a unit drive of word line ``first + c`` in lane c."""
    m, n, lanes = f.shape
    f[:] = 0
    for c in range(min(lanes, m - first)):
        j = first + c
        f[j, 0, c] = 1
        _solve_driven(word[j], c, f[j])
        for o in range(n):
            f[j, o, c] *= gamma[j, o]


@kernel()
def _solve_driven(word: Array, c: int, w: Array) -> None:
    """Turn a unit source at the start of a word line into the line's voltages, in place."""
    n = word.shape[0]
    for o in range(1, n):
        w[o, c] = word[o - 1] * w[o - 1, c]
    w[n - 1, c] *= word[n - 1]
    for back in range(n - 1):
        o = n - 2 - back
        w[o, c] = word[o] * (w[o, c] + w[o + 1, c])


@kernel(parallel=True)
def solve_drives(
    gamma: Array,
    word: Array,
    bit: Array,
    tolerance: float,
    scratch: Array,
    lines: Array,
    sums: Array,
    drops: Array,
    currents: Array,
) -> None:
    """Solve every array for a unit voltage at each of its word lines in turn.

    Parameters
    ----------
    gamma
        Cell conductances, (arrays, m, n).
    word, bit
        Of `factorise`, (arrays, m, n).
    tolerance
        Relative error of the solution.
    scratch, lines, sums
        (workers, FIELDS, m, n, lanes), (workers, n, lanes) and (workers, 4, lanes).
    drops
        Out: voltage across each cell, (arrays, chunks, m, n, lanes).
    currents
        Out: current into each receiver per volt and segment conductance, (arrays, m, n).
    """
    arrays, m, n = gamma.shape
    chunks, lanes = drops.shape[1], drops.shape[4]
    workers = scratch.shape[0]
    for worker in numba.prange(workers):
        own, b = scratch[worker], scratch[worker, 4]
        for task in range(worker, arrays * chunks, workers):
            a, chunk = task // chunks, task % chunks
            g, drop, first = gamma[a], drops[a, chunk], chunk * lanes
            _drive_response(g, word[a], first, own[2])
            _conjugate_gradients(
                g, word[a], bit[a], tolerance, own, sums[worker], lines[worker]
            )  # fmt: skip
            for j in range(m):
                _solve_word(g[j], word[a, j], b[j], drop[j])
            for c in range(min(lanes, m - first)):
                # The drive's own share of its word line, W⁻¹ v, in a line of its own.
                line = lines[worker]
                line[:] = 0
                line[0, c] = 1
                _solve_driven(word[a, first + c], c, line)
                for o in range(n):
                    drop[first + c, o, c] += line[o, c]
                    currents[a, first + c, o] = b[m - 1, o, c]
            for j in range(m):
                for o in range(n):
                    wire, node = drop[j, o], b[j, o]
                    for c in range(lanes):
                        wire[c] -= node[c]


@kernel(parallel=True)
def solve_adjoint(
    gamma: Array,
    word: Array,
    bit: Array,
    tolerance: float,
    scratch: Array,
    lines: Array,
    sums: Array,
    drops: Array,
    g_currents: Array,
    partial: Array,
) -> None:
    """Fill the gradient of the cells from that of the currents, (workers, arrays, m, n).

    The nodal matrix K is symmetric, I_o = q_oᵀ K⁻¹ v_j, and ∂K/∂γ of a cell couples its two nodes
    as (+1, −1; −1, +1), so that ``∂I_o/∂γ = −(y_w − y_b)(x_w − x_b)``: the voltage across the cell
    when its word line is driven, times that when its receiver is. For each drive the receivers are
    driven by all their gradients at once.
    """
    arrays, m, n = gamma.shape
    chunks, lanes = drops.shape[1], drops.shape[4]
    workers = scratch.shape[0]
    for worker in numba.prange(workers):
        own, b, line = scratch[worker], scratch[worker, 4], lines[worker]
        partial[worker] = 0
        for task in range(worker, arrays * chunks, workers):
            a, chunk = task // chunks, task % chunks
            g, drop, first = gamma[a], drops[a, chunk], chunk * lanes
            own[2] = 0
            for c in range(min(lanes, m - first)):
                for o in range(n):
                    own[2, m - 1, o, c] = g_currents[a, first + c, o]
            _conjugate_gradients(g, word[a], bit[a], tolerance, own, sums[worker], line)
            for j in range(m):
                _solve_word(g[j], word[a, j], b[j], line)
                for o in range(n):
                    wire, node, across = line[o], b[j, o], drop[j, o]
                    total = partial[worker, a, j, o]
                    for c in range(lanes):
                        total -= (wire[c] - node[c]) * across[c]
                    partial[worker, a, j, o] = total
