"""Any unitary as a mesh of Mach-Zehnder interferometers: rectangular and triangular.

    U = diag(e^{i screen}) · T_last ⋯ T_first

Every T acts on two neighbouring modes (m, m+1). Nulling the elements below the diagonal of U one
by one leaves a diagonal: from the right alone in a triangle (Reck et al., PRL 73, 58 (1994)), from
both sides in turn in a rectangle of depth N (Clements et al., Optica 3, 1460 (2016)). Steps and
conventions are those of PHYSICS §2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
        return mesh_matrix(self.theta, self.phi, self.screen, layout=self.layout)


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
    n = len(u)
    right: list[tuple[int, float, float]] = []
    left: list[tuple[int, float, float]] = []
    for i in range(1, n):
        if i % 2:
            for j in range(i):
                right.append(_null_from_the_right(u, n - 1 - j, i - 1 - j))
        else:
            for j in range(1, i + 1):
                left.append(_null_from_the_left(u, n - 1 + j - i, j - 1))
    screen = np.diagonal(u).copy()
    # T_left⁻¹ in front of the screen is another T behind it (PHYSICS §2, step 2).
    for m, theta, phi in reversed(left):
        right.append((m, theta, float(np.angle(screen[m] * np.conj(screen[m + 1])))))
        below = screen[m + 1]
        screen[m] = -np.exp(-1j * (theta + phi)) * below
        screen[m + 1] = -np.exp(-1j * theta) * below
    return _program(right, screen, depth=n, layout="clements")


def reck_decompose(unitary: ArrayLike) -> MeshProgram:
    """Return the phases of the triangular mesh of depth 2N − 3.

    Parameters and errors are those of `clements_decompose`.
    """
    u = _checked_unitary(unitary)
    n = len(u)
    cells = [_null_from_the_right(u, r, m) for r in range(n - 1, 0, -1) for m in range(r)]
    return _program(cells, np.diagonal(u).copy(), depth=2 * n - 3, layout="reck")


def _checked_unitary(unitary: ArrayLike) -> Complexes:
    """Return a copy of U as complex128, replaced by its polar factor where it is off by rounding."""
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


def _interferometer(theta: float, phi: float) -> Complexes:
    """Return T(θ, φ) of a perfect interferometer (PHYSICS §2)."""
    s, c = np.sin(theta / 2), np.cos(theta / 2)
    turn = np.exp(1j * phi)
    return 1j * np.exp(0.5j * theta) * np.array([[turn * s, c], [turn * c, -s]])


def _null_from_the_right(u: Complexes, row: int, m: int) -> tuple[int, float, float]:
    """Null u[row, m] by T† on columns m, m+1."""
    one, two = u[row, m], u[row, m + 1]
    theta = 2.0 * np.arctan2(abs(two), abs(one))
    phi = float(np.angle(-one * np.conj(two))) if one != 0 and two != 0 else 0.0
    u[:, m : m + 2] = u[:, m : m + 2] @ _interferometer(theta, phi).conj().T
    u[row, m] = 0.0
    return m, float(theta), phi


def _null_from_the_left(u: Complexes, row: int, column: int) -> tuple[int, float, float]:
    """Null u[row, column] by T on rows row−1, row."""
    m = row - 1
    one, two = u[m, column], u[row, column]
    theta = 2.0 * np.arctan2(abs(one), abs(two))
    phi = float(np.angle(two * np.conj(one))) if one != 0 and two != 0 else 0.0
    u[m : m + 2] = _interferometer(theta, phi) @ u[m : m + 2]
    u[row, column] = 0.0
    return m, float(theta), phi


def _program(
    cells: list[tuple[int, float, float]], screen: Complexes, depth: int, layout: Layout
) -> MeshProgram:
    """Put the interferometers, in the order of the light, into the earliest free columns: always m ≡ c."""
    n = len(screen)
    theta, phi = np.zeros((2, depth, n // 2))
    free = np.zeros(n, dtype=np.int64)
    for m, internal, external in cells:
        column = max(free[m], free[m + 1])
        free[m : m + 2] = column + 1
        theta[column, m // 2] = internal
        phi[column, m // 2] = external % (2 * np.pi)
    return MeshProgram(theta=theta, phi=phi, screen=np.angle(screen) % (2 * np.pi), layout=layout)
