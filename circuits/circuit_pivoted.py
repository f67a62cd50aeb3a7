"""The joined ports of a circuit solved at one frequency with pivoting: slower, and never fooled.

`circuits.circuit_elimination` takes its pivots in one fixed order, which is safe without gain. With
gain a part of the circuit can oscillate although the whole does not; such frequencies come here,
and so do those at which light seems caught.
"""

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csc_array, eye_array
from scipy.sparse.linalg import MatrixRankWarning, splu

_SINGULAR = 1e-13
"""Least over greatest pivot below which no digit of a solution would be left."""

Vector = NDArray[np.complex128]


class Caught(Exception):
    """The unknown whose wave never leaves."""

    def __init__(self, unknown: int) -> None:
        super().__init__(unknown)
        self.unknown = unknown


class Solved(NamedTuple):
    """Scattering matrix and what enters and leaves, of one frequency."""

    total: Vector
    """(E, E)."""

    entering: Vector
    """(n + E, E): waves into joined and external ports per unit wave from outside."""

    leaving: Vector
    """(E, n + E): waves outside per unit wave added to those."""


def solve_pivoted(
    values: Vector,
    rows: NDArray[np.int32],
    columns: NDArray[np.int32],
    n_unknowns: int,
    n_external: int,
) -> Solved:
    """Solve x = M_ii x + M_ie a for M with `values` at (rows, columns), externals last.

    Raises
    ------
    Caught
        Where I − M_ii is singular.
    """
    size = n_unknowns + n_external
    whole = csc_array(coo_array((values, (rows, columns)), shape=(size, size)))
    inner, outer = slice(0, n_unknowns), slice(n_unknowns, size)
    entering = np.zeros((size, n_external), dtype=np.complex128)
    leaving = np.zeros((n_external, size), dtype=np.complex128)
    entering[outer] = leaving[:, outer] = np.eye(n_external)
    if n_unknowns:
        system = csc_array(eye_array(n_unknowns, dtype=np.complex128) - whole[inner, inner])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MatrixRankWarning)
            try:
                factors: Any = splu(system)  # whose stubs lack `trans`
            except RuntimeError as error:  # a pivot is exactly zero
                raise Caught(_null_unknown(system)) from error
        pivots = np.abs(factors.U.diagonal())
        if pivots.min() < _SINGULAR * pivots.max():
            place = int(np.argmin(pivots))
            raise Caught(int(np.flatnonzero(factors.perm_c == place)[0]))
        entering[inner] = factors.solve(whole[inner, outer].toarray())
        out = whole[outer, inner].toarray()
        leaving[:, inner] = factors.solve(np.ascontiguousarray(out.T), trans="T").T
    total = whole[outer, :].toarray() @ entering
    return Solved(total, entering, leaving)


def _null_unknown(system: csc_array) -> int:
    """Return where a matrix that cannot be factored has its null vector, nearly."""
    tilted = csc_array(system + 1e-9 * eye_array(system.shape[0]))
    start = np.exp(1j * np.arange(system.shape[0]))
    return int(np.argmax(np.abs(splu(tilted).solve(start))))
