"""Kernels that eliminate nodes of a network of conductances, and the way back.

With C the conductances from p nodes to E ports, and S the symmetric matrix of the p nodes with
−g_xy beside its diagonal and the sum of all that hangs on x on it, the nodes are gone after

    g_ef ← g_ef + (Cᵀ S⁻¹ C)_ef = g_ef + (Uᵀ U)_ef,    S = Rᵀ R,  U = R⁻ᵀ C   (Cholesky)

the star-mesh transformation of many nodes at once (Rosen, J. IEE 62, 916 (1924)). Nothing beside
the diagonal of S is positive, so that nothing of R⁻ᵀ and U is negative: but for the diagonal of R
nothing is ever subtracted. Conductances keep their last digits, in single precision too, however
small they are against those of the wires.

Four rows at a time take four rows at a time: each number loaded serves four products, which is
what runs at the processor's speed, for small matrices too.
"""

import math
from typing import Any

from numpy.typing import NDArray

from devices.compilation import kernel

Array = NDArray[Any]
"""Single or double precision; every array of a call has the same."""


@kernel()
def _add_rows(to: Array, into: int, source: Array, of: int, q: Array, count: int) -> None:
    """Add Σ_k q[i, k] source[of + k] to the rows ``into + i``, i, k = 0 … 3, the first columns.

    Rows beyond the last are left alone or not taken; their q must be 0.
    """
    last = source.shape[0] - 1
    a, b, c, d = of, min(of + 1, last), min(of + 2, last), min(of + 3, last)
    if into + 3 < to.shape[0]:
        wa, wb, wc, wd = q[0, 0], q[0, 1], q[0, 2], q[0, 3]
        xa, xb, xc, xd = q[1, 0], q[1, 1], q[1, 2], q[1, 3]
        ya, yb, yc, yd = q[2, 0], q[2, 1], q[2, 2], q[2, 3]
        za, zb, zc, zd = q[3, 0], q[3, 1], q[3, 2], q[3, 3]
        for f in range(count):
            af, bf, cf, df = source[a, f], source[b, f], source[c, f], source[d, f]
            to[into, f] += wa * af + wb * bf + wc * cf + wd * df
            to[into + 1, f] += xa * af + xb * bf + xc * cf + xd * df
            to[into + 2, f] += ya * af + yb * bf + yc * cf + yd * df
            to[into + 3, f] += za * af + zb * bf + zc * cf + zd * df
    else:
        for i in range(to.shape[0] - into):
            wa, wb, wc, wd = q[i, 0], q[i, 1], q[i, 2], q[i, 3]
            for f in range(count):
                af, bf, cf, df = source[a, f], source[b, f], source[c, f], source[d, f]
                to[into + i, f] += wa * af + wb * bf + wc * cf + wd * df


@kernel()
def factorise(ur: Array, q: Array) -> None:
    """Turn [C | S], (p, E + p), into [U | R], in place; below the diagonal of R stands rounding.

    ``q`` is scratch, (4, 4), here and everywhere.
    """
    p, width = ur.shape
    ports = width - p
    for x in range(0, p, 4):
        rows = min(4, p - x)
        for k in range(0, x, 4):
            for i in range(rows):
                for c in range(4):
                    q[i, c] = -ur[k + c, ports + x + i]
            _add_rows(ur, x, ur, k, q, width)
        for i in range(x, x + rows):
            for k in range(x, i):
                factor = ur[k, ports + i]
                for f in range(width):
                    ur[i, f] -= factor * ur[k, f]
            scale = 1 / math.sqrt(ur[i, ports + i])
            for f in range(width):
                ur[i, f] *= scale


@kernel()
def add_product(ur: Array, out: Array, q: Array) -> None:
    """Add Uᵀ U to the lower triangle of ``out``, (E, E)."""
    p, ports = ur.shape[0], out.shape[0]
    zero = ur.dtype.type(0)
    for e in range(0, ports, 4):
        rows = min(4, ports - e)
        for k in range(0, p, 4):
            for i in range(rows):
                for c in range(4):
                    q[i, c] = ur[k + c, e + i] if k + c < p else zero
            _add_rows(out, e, ur, k, q, e + rows)


@kernel()
def respond(ur: Array, v: Array, q: Array) -> None:
    """Fill V = S⁻¹ C = R⁻¹ U, (p, E): the nodes' voltages, for unit ones at the ports."""
    p, ports = v.shape
    zero = v.dtype.type(0)
    for x in range((p - 1) // 4 * 4, -1, -4):
        rows = min(4, p - x)
        for i in range(x, x + rows):
            for f in range(ports):
                v[i, f] = ur[i, f]
        for k in range(x + 4, p, 4):
            for i in range(rows):
                for c in range(4):
                    q[i, c] = -ur[x + i, ports + k + c] if k + c < p else zero
            _add_rows(v, x, v, k, q, ports)
        for i in range(x + rows - 1, x - 1, -1):
            for k in range(i + 1, x + rows):
                factor = ur[i, ports + k]
                for f in range(ports):
                    v[i, f] -= factor * v[k, f]
            scale = 1 / ur[i, ports + i]
            for f in range(ports):
                v[i, f] *= scale


@kernel()
def correlate(v: Array, h: Array, z: Array, q: Array) -> None:
    """Fill Z = V H, (p, E)."""
    p, ports = v.shape
    zero = v.dtype.type(0)
    z[:] = 0
    for x in range(0, p, 4):
        rows = min(4, p - x)
        for k in range(0, ports, 4):
            for i in range(rows):
                for c in range(4):
                    q[i, c] = v[x + i, k + c] if k + c < ports else zero
            _add_rows(z, x, h, k, q, ports)


@kernel()
def overlap(z: Array, x: int, v: Array, y: int) -> Any:
    """Return (Z Vᵀ)_xy."""
    total = z.dtype.type(0)
    for f in range(v.shape[1]):
        total += z[x, f] * v[y, f]
    return total
