"""What meshes of Mach-Zehnder interferometers do to light, and the adjoint: plain functions.

    y = W x,    W = t_col^C · diag(e^{i screen}) · T_C ⋯ T_1

Column c holds interferometers on modes (m, m+1) with m = 2k + c mod 2; entry k of its phases
belongs to the k-th. Everything takes one mesh, phases (C, N//2), or K meshes at once, phases
(K, C, N//2); imperfections are shared or each mesh has its own. Gradients are
∂L/∂Re + i ∂L/∂Im (PHYSICS §6).

A batch of vectors best goes through the N×N matrix, not through the columns: building it costs at
most 9/2 N³ fused operations and a product 4 N² a vector at the speed of a BLAS, against 9/2 N² for
every vector streamed through the columns, each way. Small meshes and few vectors are streamed. On
the way back the batch enters once, as the matrix M = Σ g y† (see ``mesh_adjoint_kernels``).
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from circuits.mesh_adjoint_kernels import mesh_gradients, mesh_gradients_threaded
from circuits.mesh_fold_kernels import LIFTS, TURNS, fold_banks, panel_count
from circuits.mesh_kernels import build_matrices, build_matrices_threaded
from circuits.mesh_light_kernels import cross_product, stream, stream_back

Reals: TypeAlias = NDArray[np.floating[Any]]
Complexes: TypeAlias = NDArray[np.complexfloating[Any, Any]]
Layout: TypeAlias = Literal["clements", "reck"]

# Meshes × N³ from which a second thread gains more than the 0.1 ms that starting it may cost.
_BUILD_WORTH_THREADS = 6e6
_WALK_WORTH_THREADS = 3e6

_PERFECT = np.empty((1, 0, 0))
"""Stands for an imperfection that no cell has."""


class MeshGradients(NamedTuple):
    """Gradients of a real loss with respect to the settings and the splitters of meshes."""

    theta: Reals
    """(..., C, N//2), zero where there is no interferometer."""

    phi: Reals
    screen: Reals
    alpha: Reals
    beta: Reals


@dataclass(frozen=True)
class FoldedMeshes:
    """K meshes ready to be turned into matrices and to be walked back; see ``fold_meshes``."""

    theta: Reals
    alpha: NDArray[np.float64]
    beta: NDArray[np.float64]
    arms: NDArray[np.float64]
    cells: NDArray[np.int64]
    halves: int
    lifts: Reals
    turns: Reals
    closed: Complexes
    banked: bool

    def matrix(self, column_transmission: float = 1.0) -> Complexes:
        """Return W, (N, N) or (K, N, N), given the amplitude that every column passes."""
        banks, n = self.closed.shape
        matrices = np.empty((banks, n, n), dtype=self.closed.dtype)
        amplitude = self.lifts.dtype.type(column_transmission ** self.theta.shape[1])
        threads_pay = banks * n**3 > _BUILD_WORTH_THREADS and numba.get_num_threads() > 1
        build = build_matrices_threaded if threads_pay else build_matrices
        build(self.lifts, self.arms, self.halves, self.closed, amplitude, matrices)
        return matrices if self.banked else matrices[0]

    def gradients(self, cross: Complexes) -> MeshGradients:
        """Return the gradients, given M = Σ g y† of the light that leaves, (..., N, N).

        For vectors in rows, g and y of shape (batch, N), M is ``g.T @ y.conj()``; for a gradient G
        of the matrix W itself it is ``G @ W.conj().T``.
        """
        banks, n = self.closed.shape
        cross = np.ascontiguousarray(cross, dtype=self.closed.dtype).reshape(banks, n, n)
        gradients = np.zeros((banks, 4, *self.theta.shape[1:]), dtype=self.theta.dtype)
        threads_pay = banks * n**3 > _WALK_WORTH_THREADS and min(banks, numba.get_num_threads()) > 1
        walk = mesh_gradients_threaded if threads_pay else mesh_gradients
        walk(
            self.theta, self.alpha, self.beta, self.arms, self.cells, self.halves,
            self.lifts, self.turns, self.closed, cross, gradients,
        )  # fmt: skip
        # The screen stands last: its generator is 1 on its own mode.
        screen = cross.reshape(banks, -1)[:, :: n + 1].imag.copy()
        if not self.banked:
            gradients, screen = gradients[0], screen[0]
        theta, phi, alpha, beta = (gradients[..., kind, :, :] for kind in range(4))
        return MeshGradients(theta, phi, screen, alpha, beta)

    def propagate(self, x: Complexes, column_transmission: float = 1.0) -> Complexes:
        """Return the light y = W x that leaves one mesh, streamed through its columns.

        Parameters
        ----------
        x
            Light that enters, (batch, N).
        column_transmission
            Amplitude that every column passes.
        """
        y = np.empty(x.shape, dtype=self.closed.dtype)
        stream(*self._columns(column_transmission), self._light(x), y)
        return y

    def propagate_adjoint(
        self, output: Complexes, grad_output: Complexes, column_transmission: float = 1.0
    ) -> tuple[Complexes, MeshGradients]:
        """Return the gradients with respect to the light that enters and to the mesh.

        Parameters
        ----------
        output, grad_output
            Light that left, y = W x, and ∂L/∂Re y + i ∂L/∂Im y, (batch, N).
        column_transmission
            As in ``propagate``.
        """
        g = self._light(grad_output)
        g_x, cross = np.empty_like(g), np.empty((g.shape[1], g.shape[1]), dtype=g.dtype)
        stream_back(*self._columns(column_transmission), g, g_x)
        cross_product(g, self._light(output), self.lifts, cross)
        return g_x, self.gradients(cross)

    def _columns(self, column_transmission: float) -> tuple[Any, ...]:
        """Return the one mesh in the order in which the kernels take it."""
        amplitude = self.lifts.dtype.type(column_transmission ** self.theta.shape[1])
        return self.lifts[0], self.arms[0], self.halves, self.closed[0], amplitude

    def _light(self, x: Complexes) -> Complexes:
        return np.ascontiguousarray(x, dtype=self.closed.dtype)


def streaming_pays(n: int, batch: int) -> bool:
    """Return whether light had better be streamed than multiplied by the mesh's matrix.

    Waking a second thread for a product costs more than a small product; and a matrix is not worth
    building for a few vectors.
    """
    return n <= 32 or 4 * batch <= n


def fold_meshes(
    theta: Reals,
    phi: Reals,
    screen: Reals,
    alpha: Reals | float = 0.0,
    beta: Reals | float = 0.0,
    arm_transmission: Reals | float = 1.0,
    *,
    layout: Layout = "clements",
) -> FoldedMeshes:
    """Return meshes ready for use, forwards and backwards.

    Parameters
    ----------
    theta, phi
        Internal and external phases in rad, (..., C, N//2), float32 or float64.
    screen
        Output phases in rad, (..., N).
    alpha, beta
        Errors of the first and second splitter in rad: numbers, (C, N//2) or (K, C, N//2).
    arm_transmission
        Power L₁ that the θ arms pass relative to the other arm, of the same shapes. Unequal loss
        costs four times the work, and rounding grows by the spread of the losses on the way back.
    layout
        ``clements``: columns filled. ``reck``: the triangle of 2N − 3 columns.
    """
    banked, n = theta.ndim == 3, screen.shape[-1]
    theta = np.ascontiguousarray(theta).reshape(-1, *theta.shape[-2:])
    banks, depth, _ = theta.shape
    phi = np.ascontiguousarray(phi).reshape(theta.shape)
    screen = np.ascontiguousarray(screen).reshape(banks, n)
    cells = cells_per_column(n, depth, layout)
    alpha, beta = _spread(alpha, 0.0, theta.shape), _spread(beta, 0.0, theta.shape)
    if alpha.shape != beta.shape:
        alpha, beta = (_everywhere(error, theta.shape) for error in (alpha, beta))
    arms, halves = _spread(arm_transmission, 1.0, theta.shape), 1
    if arms.size:
        arms, halves = np.sqrt(arms), 2
        arms[:, np.arange(n // 2) >= cells[:, None]] = 1.0
    rows = depth * halves * panel_count(n)
    lifts = np.zeros((banks, rows * LIFTS), dtype=theta.dtype)
    turns = np.zeros((banks, rows * TURNS), dtype=theta.dtype)
    closed = np.empty((banks, n), dtype=np.result_type(theta.dtype, np.complex64))
    fold_banks(theta, phi, alpha, beta, cells, halves, screen, lifts, turns, closed)
    return FoldedMeshes(theta, alpha, beta, arms, cells, halves, lifts, turns, closed, banked)


def cells_per_column(n: int, depth: int, layout: Layout = "clements") -> NDArray[np.int64]:
    """Return how many interferometers each column holds, (depth,).

    The rectangle fills its columns; the triangle's column c holds modes m ≤ min(c, 2N − 4 − c).
    """
    columns = np.arange(depth)
    if layout == "clements":
        return (n - columns % 2) // 2
    last = np.minimum(columns, 2 * n - 4 - columns)
    return np.maximum((last - columns % 2) // 2 + 1, 0)


def mesh_matrix(
    theta: Reals,
    phi: Reals,
    screen: Reals,
    alpha: Reals | float = 0.0,
    beta: Reals | float = 0.0,
    column_transmission: float = 1.0,
    arm_transmission: Reals | float = 1.0,
    *,
    layout: Layout = "clements",
) -> Complexes:
    """Return the matrix of one mesh (N, N) or of K meshes (K, N, N).

    Parameters
    ----------
    theta, phi, screen, alpha, beta, arm_transmission, layout
        As in ``fold_meshes``.
    column_transmission
        Amplitude that each column passes, on every mode (also those without an interferometer).

    Returns
    -------
    complex64 for float32 phases, complex128 for float64.
    """
    meshes = fold_meshes(theta, phi, screen, alpha, beta, arm_transmission, layout=layout)
    return meshes.matrix(column_transmission)


def mesh_matrix_adjoint(
    theta: Reals,
    phi: Reals,
    screen: Reals,
    alpha: Reals | float = 0.0,
    beta: Reals | float = 0.0,
    arm_transmission: Reals | float = 1.0,
    *,
    matrix: Complexes,
    grad_matrix: Complexes,
    layout: Layout = "clements",
) -> MeshGradients:
    """Return the gradients of a loss, given its gradient with respect to the matrix.

    Parameters
    ----------
    theta, phi, screen, alpha, beta, arm_transmission, layout
        As in ``fold_meshes``. The column loss cancels.
    matrix
        What ``mesh_matrix`` returned, (..., N, N).
    grad_matrix
        ∂L/∂Re W + i ∂L/∂Im W, (..., N, N).
    """
    meshes = fold_meshes(theta, phi, screen, alpha, beta, arm_transmission, layout=layout)
    return meshes.gradients(grad_matrix @ matrix.conj().swapaxes(-1, -2))


def _spread(value: Reals | float, neutral: float, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return an imperfection for every cell of one or of K meshes, (1 or K, C, N//2)."""
    if isinstance(value, float) and value == neutral:
        return _PERFECT
    array = np.asarray(value, dtype=np.float64)
    if np.all(array == neutral):
        return _PERFECT
    return _everywhere(array, shape if array.ndim == 3 else (1, *shape[1:]))


def _everywhere(error: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return an array of this shape, zeros where there is no error at all."""
    return np.ascontiguousarray(np.broadcast_to(error if error.size else np.float64(0.0), shape))
