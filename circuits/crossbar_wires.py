"""The wires of a crossbar: what its receivers see of its drivers through lines that resist.

    V_0 ─r─┬───r──┬───r──┬          word lines, open at their ends
           ⊏G⊐    ⊏G⊐    ⊏G⊐
    V_1 ─r─┼─┬─r──┼─┬─r──┼─┬
           │ ⊏G⊐  │ ⊏G⊐  │ ⊏G⊐      segments of r between neighbouring cells, before the first
           ├─┘    ├─┘    ├─┘        cell of a word line and behind the last one of a bit line
           r      r      r
           ↓ I_0  ↓ I_1  ↓ I_2      virtual grounds

Solved as what it is, a network of 2mn nodes (Kirchhoff), for all drives at once.
"""

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from circuits.crossbar_wires_kernels import (
    FIELDS,
    factorise,
    solve_adjoint,
    solve_drives,
)

Real = NDArray[np.floating[Any]]

_LANE_BYTES = 256
"""Length of the vectors of drives that are solved side by side, one in each place."""

_TOLERANCE = {"float32": 1e-7, "float64": 1e-14}
"""Relative error of the solutions: rounding."""


@dataclass(frozen=True, kw_only=True)
class WiredArrays:
    """Solved arrays of cells, for the currents and for their gradients."""

    gamma: Real
    """Conductance of each cell times the resistance of a segment, (arrays, m, n)."""

    word: Real
    """Inverse pivots of the word lines, (arrays, m, n)."""

    bit: Real
    """Inverse pivots of the bit lines, (arrays, m, n)."""

    drops: Real
    """Voltage across each cell for a unit drive of each word line, by chunks of drives,
    (arrays, chunks, m, n, lanes)."""

    currents: Real
    """Current times segment resistance into receiver o per volt at driver j, (arrays, m, n)."""

    @classmethod
    def solve(cls, gamma: Real) -> "WiredArrays":
        """Solve arrays of m word lines and n bit lines.

        Parameters
        ----------
        gamma
            G·r of each cell, (arrays, m, n), of single or double precision.
        """
        arrays, m, n = gamma.shape
        gamma = np.ascontiguousarray(gamma)
        word, bit = np.empty_like(gamma), np.empty_like(gamma)
        for cells, words, bits in zip(gamma, word, bit, strict=True):
            factorise(cells, words, bits)
        lanes = _lanes(gamma)
        drops = np.empty((arrays, -(-m // lanes), m, n, lanes), gamma.dtype)
        currents = np.empty_like(gamma)
        solve_drives(
            gamma, word, bit, _tolerance(gamma), *_scratch(gamma), drops, currents
        )  # fmt: skip
        return cls(gamma=gamma, word=word, bit=bit, drops=drops, currents=currents)

    def gradients(self, g_currents: Real) -> Real:
        """Return the gradient of gamma from that of the currents, both (arrays, m, n)."""
        scratch = _scratch(self.gamma)
        partial = np.empty((len(scratch[0]), *self.gamma.shape), self.gamma.dtype)
        solve_adjoint(
            self.gamma, self.word, self.bit, _tolerance(self.gamma), *scratch, self.drops,
            np.ascontiguousarray(g_currents), partial,
        )  # fmt: skip
        total: Real = partial.sum(axis=0)
        return total


def _tolerance(gamma: Real) -> Any:
    return gamma.dtype.type(_TOLERANCE[gamma.dtype.name])


def _lanes(gamma: Real) -> int:
    """Return the number of drives solved side by side."""
    return min(int(gamma.shape[1]), _LANE_BYTES // int(gamma.dtype.itemsize))


def _scratch(gamma: Real) -> tuple[Real, Real, Real]:
    workers = numba.get_num_threads()
    _, m, n = gamma.shape
    lanes = _lanes(gamma)
    shapes = (FIELDS, m, n, lanes), (n, lanes), (4, lanes)
    fields, lines, sums = (np.empty((workers, *shape), gamma.dtype) for shape in shapes)
    return fields, lines, sums
