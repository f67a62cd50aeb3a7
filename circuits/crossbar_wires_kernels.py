"""Kernels of a crossbar's wires: from its cells to the currents of its receivers, and back.

All conductances are in units of a wire segment's, γ = G r. A cell (j, o) adds a node to word line
j and one to bit line o:

    w_j,o−1 ─1─ w_jo          a segment of the word line, in front of the cell
                 │γ
                b_jo ─1─ b_j+1,o      a segment of the bit line, behind it

w_j,−1 is the driver of a word line, b_m,o the virtual ground at the end of a bit line. The nodes of
small blocks of cells are eliminated first, then those where two blocks meet, until only drivers and
receivers are left (`crossbar_tree`): a current per volt is the conductance between the two.

A block's matrix of conductances is full in shape, its lower triangle counts. A gradient's has each
edge's gradient in both triangles and a zero diagonal: H. Where nodes were eliminated, an edge from
one of them to a port has the gradient ``Z_xe − ½ W_xx``, one between two of them ``W_xy − ½ W_xx −
½ W_yy``, with V = S⁻¹ C, Z = V H, W = Z Vᵀ: C stands twice in Cᵀ S⁻¹ C, S⁻¹ once, and the diagonal
of S sums both. Edges that were there before keep H.
"""

from typing import Any

import numba
from numpy.typing import NDArray

from circuits.crossbar_elimination_kernels import (
    add_product,
    correlate,
    factorise,
    overlap,
    respond,
)
from devices.compilation import kernel

Array = NDArray[Any]
"""Single or double precision, every floating array of a call the same; or indices of the tree."""


# Blocks that are not halved. Nodes are numbered: ports first, then those to be eliminated, as the
# columns of [C | S].


@kernel()
def _word_node(j: int, o: int, shape: Array, sides: Array) -> Any:
    """Return the node of word line j at cell o; −1 is where the line is fed."""
    n, left, right = shape[3], sides[0], sides[1]
    if o < 0:
        return j
    if right > 0:
        return left + j if o == n - 1 else sides.sum() + j * (n - 1) + o
    return sides.sum() + j * n + o


@kernel()
def _bit_node(j: int, o: int, shape: Array, sides: Array) -> Any:
    """Return the node of bit line o at cell j; behind the last is where the line ends."""
    m, n, left, right, top = shape[2], shape[3], sides[0], sides[1], sides[2]
    if j == m:
        return left + right + top + o
    words = m * n - right
    if top > 0:
        return left + right + o if j == 0 else sides.sum() + words + (j - 1) * n + o
    return sides.sum() + words + j * n + o


@kernel()
def _join(one: int, other: int, g: float, out: Array, ur: Array) -> None:
    """Add a conductance between two nodes."""
    ports = out.shape[0]
    low, high = min(one, other), max(one, other)
    if high < ports:
        out[high, low] += g
        return
    ur[high - ports, high] += g
    if low < ports:
        ur[high - ports, low] += g
    else:
        ur[low - ports, low] += g
        ur[low - ports, high] -= g
        ur[high - ports, low] -= g


@kernel()
def _fill(gamma: Array, shape: Array, sides: Array, out: Array, ur: Array) -> None:
    """Fill [C | S] and the conductances between ports with the cells of a block."""
    first, start, m, n = shape
    one = gamma.dtype.type(1)
    out[:] = 0
    ur[:] = 0
    for j in range(m):
        for o in range(n):
            word, bit = _word_node(j, o, shape, sides), _bit_node(j, o, shape, sides)
            _join(_word_node(j, o - 1, shape, sides), word, one, out, ur)
            _join(word, bit, gamma[first + j, start + o], out, ur)
            _join(bit, _bit_node(j + 1, o, shape, sides), one, out, ur)


@kernel()
def _cell_gradients(
    shape: Array, sides: Array, h: Array, v: Array, z: Array, gradient: Array
) -> None:
    """Fill the gradient of a block's cells."""
    first, start, m, n = shape
    ports = h.shape[0]
    for j in range(m):
        for o in range(n):
            word = _word_node(j, o, shape, sides)
            bit = _bit_node(j, o, shape, sides)
            low, high = min(word, bit), max(word, bit) - ports
            if high < 0:
                value = h[word, bit]
            else:
                value = -overlap(z, high, v, high) / 2
                if low < ports:
                    value += z[high, low]
                else:
                    low -= ports
                    value += overlap(z, high, v, low) - overlap(z, low, v, low) / 2
            gradient[first + j, start + o] = value


# Blocks that are halved.


@kernel()
def _gather(a: Array, b: Array, runs: Array, seam: Array, ur: Array) -> None:
    """Fill [C | S] with the conductances of the ports where two halves meet."""
    p = ur.shape[0]
    ports = ur.shape[1] - p
    for x in range(p):
        ur[x, ports + x] = 0
    for x in range(p):
        for half in range(2):
            block = a if half == 0 else b
            at = seam[half] + x
            for i in range(3):
                first, to, length = runs[half, i, 0], runs[half, i, 1], runs[half, i, 2]
                if first < at:
                    for f in range(length):
                        ur[x, to + f] = block[at, first + f]
                else:
                    for f in range(length):
                        ur[x, to + f] = block[first + f, at]
        total = ur[x, ports + x]
        for f in range(ports):
            total += ur[x, f]
        for y in range(x + 1, p):
            g = a[seam[0] + y, seam[0] + x] + b[seam[1] + y, seam[1] + x]
            ur[x, ports + y] = -g
            ur[y, ports + x] = -g
            ur[y, ports + y] += g
            total += g
        ur[x, ports + x] = total


@kernel()
def _copy(block: Array, runs: Array, out: Array) -> None:
    """Copy the conductances between a half's ports that stay, the lower triangle."""
    for i in range(3):
        first, to, length = runs[i, 0], runs[i, 1], runs[i, 2]
        for e in range(length):
            for k in range(i):
                start, at = runs[k, 0], runs[k, 1]
                for f in range(runs[k, 2]):
                    out[to + e, at + f] = block[first + e, start + f]
            for f in range(e):
                out[to + e, to + f] = block[first + e, first + f]


@kernel()
def _split(runs: Array, first: int, h: Array, z: Array, w: Array, out: Array) -> None:
    """Fill a half's gradient from that of the whole."""
    p = w.shape[0]
    for i in range(3):
        start, at, length = runs[i, 0], runs[i, 1], runs[i, 2]
        for e in range(length):
            for k in range(3):
                begin, where = runs[k, 0], runs[k, 1]
                for f in range(runs[k, 2]):
                    out[start + e, begin + f] = h[at + e, where + f]
        for x in range(p):
            own = w[x, x] / 2
            for e in range(length):
                value = z[x, at + e] - own
                out[first + x, start + e] = value
                out[start + e, first + x] = value
    for x in range(p):
        for y in range(p):
            out[first + x, first + y] = w[x, y] - w[x, x] / 2 - w[y, y] / 2
        out[first + x, first + x] = 0


# Arrays. Blocks live in one row of numbers each array or worker.


@kernel()
def _matrix(row: Array, start: int, rows: int, columns: int) -> Array:
    return row[start : start + rows * columns].reshape(rows, columns)


@kernel(parallel=True)
def solve(
    gamma: Array, cells: Array, sides: Array, halves: Array, runs: Array, seams: Array,
    place: Array, tape: Array, q: Array, blocks: Array, kept: Array, currents: Array,
) -> None:  # fmt: skip
    """Eliminate all nodes of every array but its drivers and receivers.

    Parameters
    ----------
    gamma
        Cell conductances, (arrays, m, n).
    cells, sides, halves, runs, seams, place, tape
        Of the tree.
    q, blocks
        Scratch, (workers, 4, 4) and (workers, place[-1]).
    kept
        Out: [U | R] of every block, (arrays, tape[-1]).
    currents
        Out: current into each receiver per volt and segment conductance, (arrays, m, n).
    """
    arrays, m, n = gamma.shape
    workers, count = q.shape[0], cells.shape[0]
    ports = sides.sum(axis=1)
    for worker in numba.prange(workers):
        own = blocks[worker]
        for array in range(worker, arrays, workers):
            for i in range(count):
                p = seams[i, 2]
                out = _matrix(own, place[i], ports[i], ports[i])
                ur = _matrix(kept[array], tape[i], p, ports[i] + p)
                if halves[i, 0] < 0:
                    _fill(gamma[array], cells[i], sides[i], out, ur)
                else:
                    a = _matrix(own, place[halves[i, 0]], ports[halves[i, 0]], ports[halves[i, 0]])
                    b = _matrix(own, place[halves[i, 1]], ports[halves[i, 1]], ports[halves[i, 1]])
                    _gather(a, b, runs[i], seams[i], ur)
                    out[:] = 0
                    _copy(a, runs[i, 0], out)
                    _copy(b, runs[i, 1], out)
                factorise(ur, q[worker])
                add_product(ur, out, q[worker])
            root = _matrix(own, place[count - 1], m + n, m + n)
            for j in range(m):
                for o in range(n):
                    currents[array, j, o] = root[m + o, j]


@kernel(parallel=True)
def solve_adjoint(
    g_currents: Array, cells: Array, sides: Array, halves: Array, runs: Array, seams: Array,
    place: Array, tape: Array, q: Array, blocks: Array, kept: Array, lines: Array, gradient: Array,
) -> None:  # fmt: skip
    """Fill the gradient of gamma from that of the currents, both (arrays, m, n).

    ``lines`` is scratch for V, Z and W of one block, (workers, 3, most numbers of [U | R]); the
    others are as in `solve`, with ``kept`` from it.
    """
    arrays, m, n = g_currents.shape
    workers, count = q.shape[0], cells.shape[0]
    ports = sides.sum(axis=1)
    for worker in numba.prange(workers):
        own, room = blocks[worker], lines[worker]
        for array in range(worker, arrays, workers):
            root = _matrix(own, place[count - 1], m + n, m + n)
            root[:] = 0
            for j in range(m):
                for o in range(n):
                    root[m + o, j] = g_currents[array, j, o]
                    root[j, m + o] = g_currents[array, j, o]
            for i in range(count - 1, -1, -1):
                p = seams[i, 2]
                h = _matrix(own, place[i], ports[i], ports[i])
                v, z = _matrix(room[0], 0, p, ports[i]), _matrix(room[1], 0, p, ports[i])
                respond(_matrix(kept[array], tape[i], p, ports[i] + p), v, q[worker])
                correlate(v, h, z, q[worker])
                if halves[i, 0] < 0:
                    _cell_gradients(cells[i], sides[i], h, v, z, gradient[array])
                    continue
                w = _matrix(room[2], 0, p, p)
                for x in range(p):
                    for y in range(x + 1):
                        w[x, y] = overlap(z, x, v, y)
                        w[y, x] = w[x, y]
                for half in range(2):
                    part = halves[i, half]
                    out = _matrix(own, place[part], ports[part], ports[part])
                    _split(runs[i, half], seams[i, half], h, z, w, out)
