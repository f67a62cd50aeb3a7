"""What a mesh of Mach-Zehnder interferometers does to light, and the adjoint: plain functions.

    y = t_col^C · diag(e^{i screen}) · T_C ⋯ T_1 · x

Column c holds interferometers on modes (m, m+1) with m = 2k + c mod 2; entry k of its phases
belongs to the k-th. Every function takes one mesh, phases (C, N//2), or K meshes,
phases (K, C, N//2), whose imperfections are shared or their own. Gradients are ∂L/∂Re + i ∂L/∂Im (PHYSICS §6).

A batch of vectors goes through the N×N matrix, not through the columns: building it costs 9 N³
fused operations at most and the product 4 N² a vector at the speed of a BLAS, against 9 N² for
every vector streamed through the columns. In the backward direction the batch enters once, as the
N×N matrix Σ g y† (see ``mesh_adjoint_kernels``).
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from circuits.mesh_adjoint_kernels import mesh_gradients, mesh_gradients_threaded
from circuits.mesh_kernels import (
    LANES,
    LIFTS,
    TURNS,
    build_matrices,
    build_matrices_threaded,
    fold_banks,
    fold_banks_threaded,
)

Reals: TypeAlias = NDArray[np.floating[Any]]
Complexes: TypeAlias = NDArray[np.complexfloating[Any, Any]]
Layout: TypeAlias = Literal["clements", "reck"]

# Starting threads costs about 0.1 ms: below these sizes (banks × N³) one thread is as fast.
_BUILD_THREADED = 4e6
_WALK_THREADED = 2e6


class MeshGradients(NamedTuple):
    """Gradients of a real loss with respect to the settings and splitters of a mesh."""

    theta: Reals
    phi: Reals
    screen: Reals
    alpha: Reals
    beta: Reals


def cells_per_column(n: int, depth: int, layout: Layout = "clements") -> NDArray[np.int64]:
    """Return how many interferometers each column holds, (depth,).

    The rectangle fills its columns; the triangle's column c holds modes m ≤ min(c, 2N−4−c).
    """
    columns = np.arange(depth)
    parity = columns % 2
    if layout == "clements":
        return (n - parity) // 2
    last = np.minimum(columns, 2 * n - 4 - columns)
    return np.maximum((last - parity) // 2 + 1, 0)


@dataclass(frozen=True)
class _FoldedMeshes:
    """K meshes as lifts, with what is needed to come back to their gradients."""

    theta: Reals
    alpha: NDArray[np.float64]
    beta: NDArray[np.float64]
    arms: NDArray[np.float64]
    cells: NDArray[np.int64]
    halves: int
    lifts: Reals
    turns: Reals
    closed: Complexes


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
    theta, phi
        Internal and external phases in rad, (..., C, N//2), float32 or float64.
    screen
        Output phases in rad, (..., N).
    alpha, beta
        Errors of the first and second splitter in rad: numbers, (C, N//2) or (K, C, N//2).
    column_transmission
        Amplitude that each column passes, on every mode (also those without an interferometer).
    arm_transmission
        Power L₁ that the θ arms pass relative to the other arm, of the same shapes.
    layout
        ``clements``: columns filled. ``reck``: the triangle of 2N−3 columns.

    Returns
    -------
    complex64 for float32 phases, complex128 for float64.
    """
    banked = theta.ndim == 3
    meshes = _fold(theta, phi, screen, alpha, beta, arm_transmission, layout)
    banks, n = meshes.closed.shape
    matrices = np.empty((banks, n, n), dtype=meshes.closed.dtype)
    amplitude = meshes.lifts.dtype.type(column_transmission ** meshes.theta.shape[1])
    build = build_matrices_threaded if _threaded(banks * n**3, _BUILD_THREADED) else build_matrices
    build(meshes.lifts, meshes.arms, meshes.halves, meshes.closed, amplitude, matrices)
    return matrices if banked else matrices[0]


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
    """Return the gradients of a loss from its gradient with respect to the matrix.

    Parameters
    ----------
    theta, phi, screen, alpha, beta, arm_transmission, layout
        As in ``mesh_matrix``. The column loss cancels.
    matrix
        What ``mesh_matrix`` returned, (..., N, N).
    grad_matrix
        ∂L/∂Re W + i ∂L/∂Im W, (..., N, N).
    """
    cross = grad_matrix @ matrix.conj().swapaxes(-1, -2)
    return _gradients(theta, phi, screen, alpha, beta, arm_transmission, layout, cross)


def mesh_propagate(x: Complexes, matrix: Complexes) -> Complexes:
    """Return the light that leaves a mesh, (batch, N), for light x (batch, N) that enters."""
    return x @ matrix.T


def mesh_propagate_adjoint(
    theta: Reals,
    phi: Reals,
    screen: Reals,
    alpha: Reals | float = 0.0,
    beta: Reals | float = 0.0,
    arm_transmission: Reals | float = 1.0,
    *,
    matrix: Complexes,
    output: Complexes,
    grad_output: Complexes,
    layout: Layout = "clements",
) -> tuple[Complexes, MeshGradients]:
    """Return the gradients with respect to the light that enters and to one mesh.

    Parameters
    ----------
    theta, phi, screen, alpha, beta, arm_transmission, layout
        As in ``mesh_matrix``.
    matrix
        What ``mesh_matrix`` returned, (N, N).
    output, grad_output
        Light that left, y = W x, and its gradient, (batch, N).
    """
    g_x = grad_output @ matrix.conj()
    cross = grad_output.T @ output.conj()
    return g_x, _gradients(theta, phi, screen, alpha, beta, arm_transmission, layout, cross)


def _threaded(size: float, worthwhile: float) -> bool:
    return size > worthwhile and numba.get_num_threads() > 1


def _spread(value: Reals | float, neutral: float, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return an imperfection for every cell of one or of K meshes, (1 or K, C, N//2).

    Where all cells are perfect the last two axes are empty.
    """
    array = np.asarray(value, dtype=np.float64)
    if np.all(array == neutral):
        return np.empty((1, 0, 0))
    banks = shape[:1] if array.ndim == 3 else (1,)
    return np.ascontiguousarray(np.broadcast_to(array, (*banks, *shape[1:])))


def _fold(
    theta: Reals,
    phi: Reals,
    screen: Reals,
    alpha: Reals | float,
    beta: Reals | float,
    arm_transmission: Reals | float,
    layout: Layout,
) -> _FoldedMeshes:
    n = screen.shape[-1]
    theta, phi, screen = (
        np.ascontiguousarray(value).reshape(-1, *value.shape[value.ndim - axes :])
        for value, axes in ((theta, 2), (phi, 2), (screen, 1))
    )
    banks, depth, half = theta.shape
    cells = cells_per_column(n, depth, layout)
    alpha, beta = _spread(alpha, 0.0, theta.shape), _spread(beta, 0.0, theta.shape)
    if alpha.shape != beta.shape:
        alpha, beta = (
            np.resize(e, theta.shape) if e.size else np.zeros(theta.shape) for e in (alpha, beta)
        )
    arms = np.sqrt(_spread(arm_transmission, 1.0, theta.shape))
    if arms.size:
        arms[:, np.arange(half) >= cells[:, None]] = 1.0
    halves = 2 if arms.size else 1
    panels = ((n + 1) // 2 + LANES - 1) // LANES
    lifts = np.zeros((banks, depth * halves * panels * LIFTS), dtype=theta.dtype)
    turns = np.zeros((banks, depth * halves * panels * TURNS), dtype=theta.dtype)
    closed = np.empty((banks, n), dtype=np.result_type(theta.dtype, np.complex64))
    fold = (
        fold_banks_threaded if _threaded(banks * n**3, _WALK_THREADED) and banks > 1 else fold_banks
    )
    fold(theta, phi, alpha, beta, cells, halves, screen, lifts, turns, closed)
    return _FoldedMeshes(theta, alpha, beta, arms, cells, halves, lifts, turns, closed)


def _gradients(
    theta: Reals,
    phi: Reals,
    screen: Reals,
    alpha: Reals | float,
    beta: Reals | float,
    arm_transmission: Reals | float,
    layout: Layout,
    cross: Complexes,
) -> MeshGradients:
    banked = theta.ndim == 3
    meshes = _fold(theta, phi, screen, alpha, beta, arm_transmission, layout)
    banks, n = meshes.closed.shape
    cross = np.ascontiguousarray(cross, dtype=meshes.closed.dtype).reshape(banks, n, n)
    gradients = np.zeros((banks, 4, *meshes.theta.shape[1:]), dtype=meshes.theta.dtype)
    threaded = banks > 1 and _threaded(banks * n**3, _WALK_THREADED)
    walk = mesh_gradients_threaded if threaded else mesh_gradients
    walk(
        meshes.theta, meshes.alpha, meshes.beta, meshes.arms, meshes.cells, meshes.halves,
        meshes.lifts, meshes.turns, meshes.closed, cross, gradients,
    )  # fmt: skip
    # The screen stands last: G = diag(1) on its own mode.
    g_screen = np.diagonal(cross, axis1=1, axis2=2).imag.copy()
    if not banked:
        gradients, g_screen = gradients[0], g_screen[0]
    g_theta, g_phi, g_alpha, g_beta = np.moveaxis(gradients, -3, 0)
    return MeshGradients(g_theta, g_phi, g_screen, g_alpha, g_beta)
