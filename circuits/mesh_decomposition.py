"""Any unitary as a mesh of Mach-Zehnder interferometers: rectangular and triangular.

    U = diag(e^{i screen}) · T_last ⋯ T_first

Every T acts on two neighbouring modes (m, m+1). Nulling the elements below the diagonal of U one
by one leaves a diagonal: from the right alone in a triangle (Reck et al., PRL 73, 58 (1994)), from
both sides in turn in a rectangle of depth N (Clements et al., Optica 3, 1460 (2016)). Steps and
conventions are those of PHYSICS §2.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from circuits.mesh_decomposition_kernels import null_rectangle, null_triangle
from circuits.mesh_functions import Layout, cells_per_column, mesh_matrix

Array = NDArray[np.float64]
Complexes = NDArray[np.complex128]

_UNITARY_TOLERANCE = 1e-6
"""A deviation ‖U†U − I‖₂ beyond this is a mistake, not rounding (single precision has 1e-7·N)."""


@dataclass(frozen=True, kw_only=True)
class MeshProgram:
    """The phases of one mesh, column by column."""

    theta: Array
    """Internal phases in rad, 0 … π, (C, N//2). Entry k of column c belongs to modes
    (2k + c mod 2, 2k + 1 + c mod 2); entries without an interferometer are 0."""

    phi: Array
    """External phases in rad, 0 … 2π, (C, N//2)."""

    screen: Array
    """Output phases in rad, 0 … 2π, (N,)."""

    layout: Layout = "clements"
    """'clements' (rectangle, C = N) or 'reck' (triangle, C = 2N − 3)."""

    @property
    def n(self) -> int:
        """Number of modes N."""
        return len(self.screen)

    @property
    def depth(self) -> int:
        """Number of columns C."""
        return len(self.theta)

    @property
    def n_interferometers(self) -> int:
        """Number of interferometers, N(N−1)/2."""
        return int(cells_per_column(self.n, self.depth, self.layout).sum())

    def matrix(self) -> Complexes:
        """Return the unitary that a perfect mesh makes of these phases, (N, N)."""
        return np.asarray(
            mesh_matrix(self.theta, self.phi, self.screen, layout=self.layout), np.complex128
        )


def clements_decompose(unitary: ArrayLike) -> MeshProgram:
    """Return the phases of the rectangular mesh of depth N.

    Parameters
    ----------
    unitary
        (N, N), N ≥ 2; rounding errors of its unitarity are removed by its polar factor.

    Raises
    ------
    ValueError
        It is not square, not finite, or not unitary; the message gives the deviation.
    """
    u = _checked_unitary(unitary)
    return _program(u, null_rectangle, depth=len(u), layout="clements")


def reck_decompose(unitary: ArrayLike) -> MeshProgram:
    """Return the phases of the triangular mesh of depth 2N − 3.

    Parameters and errors are those of `clements_decompose`.
    """
    u = _checked_unitary(unitary)
    return _program(u, null_triangle, depth=2 * len(u) - 3, layout="reck")


def _checked_unitary(unitary: ArrayLike) -> Complexes:
    """Return a copy of U as complex128, or its polar factor where rounding has spoilt it."""
    u = np.array(unitary, dtype=np.complex128)
    if u.ndim != 2 or u.shape[0] != u.shape[1] or len(u) < 2:
        raise ValueError(f"unitary must be a square matrix of at least 2×2; got shape {u.shape}.")
    if not np.all(np.isfinite(u)):
        raise ValueError("unitary must be finite; it holds NaN or infinity.")
    deviation = float(np.linalg.norm(u.conj().T @ u - np.eye(len(u)), ord=2))
    if deviation > _UNITARY_TOLERANCE:
        raise ValueError(
            f"unitary must satisfy U†U = I (a lossless mesh makes nothing else); "
            f"‖U†U − I‖₂ = {deviation:.3g}. For any other matrix use SvdProcessor."
        )
    if deviation > 1e-10:
        left, _, right = np.linalg.svd(u)
        u = left @ right
    return u


def _program(u: Complexes, null: Callable[..., None], depth: int, layout: Layout) -> MeshProgram:
    """Null U and put the interferometers, in the order of the light, into the first free columns.

    The modes of column c always come out as m ≡ c (mod 2).
    """
    n = len(u)
    modes = np.empty(n * (n - 1) // 2, dtype=np.int64)
    internal, external = np.empty((2, len(modes)))
    null(u, modes, internal, external)
    theta, phi = np.zeros((2, depth, n // 2))
    free = [0] * n
    for m, cell_theta, cell_phi in zip(modes.tolist(), internal, external, strict=True):
        column = max(free[m], free[m + 1])
        free[m] = free[m + 1] = column + 1
        theta[column, m // 2] = cell_theta
        phi[column, m // 2] = cell_phi % (2 * np.pi)
    screen = np.angle(np.diagonal(u)) % (2 * np.pi)
    return MeshProgram(theta=theta, phi=phi, screen=screen, layout=layout)
