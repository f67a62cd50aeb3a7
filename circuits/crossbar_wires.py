"""The wires of a crossbar: what its receivers see of its drivers through lines that resist.

    V_0 ─r─┬───r──┬───r──┬          word lines, open at their ends
           ⊏G⊐    ⊏G⊐    ⊏G⊐
    V_1 ─r─┼─┬─r──┼─┬─r──┼─┬
           │ ⊏G⊐  │ ⊏G⊐  │ ⊏G⊐      segments of r between neighbouring cells, before the first
           ├─┘    ├─┘    ├─┘        cell of a word line and behind the last one of a bit line
           r      r      r
           ↓ I_0  ↓ I_1  ↓ I_2      virtual grounds

Solved as what it is, a network of 2mn nodes (Kirchhoff), for all drives at once: nodes are
eliminated until only drivers and receivers are left, small blocks first, then pairs of blocks
(`crossbar_tree`). That costs some 20 N³ operations an array, against N⁴ line by line.
"""

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from circuits.crossbar_tree import CrossbarTree, crossbar_tree
from circuits.crossbar_wires_kernels import solve, solve_adjoint

Real = NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class WiredArrays:
    """Solved arrays of cells, for the currents and for their gradients."""

    kept: Real
    """What the gradient needs of every block, (arrays, numbers on the tree's tape)."""

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
        gamma = np.ascontiguousarray(gamma)
        tree = crossbar_tree(*gamma.shape[1:])
        kept = np.empty((len(gamma), tree.tape[-1]), gamma.dtype)
        currents = np.empty_like(gamma)
        solve(gamma, *_tables(tree), *_scratch(tree, gamma), kept, currents)
        return cls(kept=kept, currents=currents)

    def gradients(self, g_currents: Real) -> Real:
        """Return the gradient of gamma from that of the currents, both (arrays, m, n)."""
        gradient = np.empty_like(self.currents)
        tree = crossbar_tree(*gradient.shape[1:])
        longest = np.max(np.diff(tree.tape))
        lines = np.empty((numba.get_num_threads(), 3, longest), gradient.dtype)
        g_currents = np.ascontiguousarray(g_currents, gradient.dtype)
        solve_adjoint(
            g_currents, *_tables(tree), *_scratch(tree, gradient), self.kept, lines, gradient
        )  # fmt: skip
        return gradient


def _tables(tree: CrossbarTree) -> tuple[NDArray[np.int64], ...]:
    """Return the tree in the order in which the kernels take it."""
    return tree.cells, tree.sides, tree.halves, tree.runs, tree.seams, tree.place, tree.tape


def _scratch(tree: CrossbarTree, like: Real) -> tuple[Real, Real]:
    """Return room for coefficients and for the blocks of an array, for each worker."""
    workers = min(numba.get_num_threads(), len(like))
    return (
        np.empty((workers, 4, 4), like.dtype),
        np.empty((workers, tree.place[-1]), like.dtype),
    )
