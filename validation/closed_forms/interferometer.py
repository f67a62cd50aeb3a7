"""The Mach-Zehnder interferometer and meshes of it.

Bandyopadhyay, Hamerly, Englund, Optica 8, 1247 (2021): the imperfect interferometer. Hamerly,
Bandyopadhyay, Englund, Phys. Rev. Applied 18, 024018 (2022): errors of a whole mesh. Reck et al.,
PRL 73, 58 (1994); Clements et al., Optica 3, 1460 (2016): meshes that make any unitary.
"""

from math import pi

import numpy as np
from numpy.typing import ArrayLike

from validation.closed_forms.values import Complexes, Reals
from validation.closed_forms.values import real as _real


def mach_zehnder_matrix(
    theta: ArrayLike, phi: ArrayLike, alpha: ArrayLike = 0.0, beta: ArrayLike = 0.0
) -> Complexes:
    """Matrix of a lossless interferometer with splitter errors, shape (..., 2, 2).

    With s = sin(θ/2), c = cos(θ/2)::

        T = i e^{iθ/2} [[ e^{iφ}( s cos(α−β) + i c sin(α+β)),   c cos(α+β) + i s sin(α−β) ],
                        [ e^{iφ}( c cos(α+β) − i s sin(α−β)),  −s cos(α−β) + i c sin(α+β) ]]

    Bandyopadhyay, Hamerly, Englund (2021).
    """
    th, ph, a, b = np.broadcast_arrays(*(_real(x) for x in (theta, phi, alpha, beta)))
    s, c = np.sin(th / 2), np.cos(th / 2)
    matrix = np.empty((*th.shape, 2, 2), dtype=np.complex128)
    matrix[..., 0, 0] = np.exp(1j * ph) * (s * np.cos(a - b) + 1j * c * np.sin(a + b))
    matrix[..., 0, 1] = c * np.cos(a + b) + 1j * s * np.sin(a - b)
    matrix[..., 1, 0] = np.exp(1j * ph) * (c * np.cos(a + b) - 1j * s * np.sin(a - b))
    matrix[..., 1, 1] = -s * np.cos(a - b) + 1j * c * np.sin(a + b)
    return matrix * (1j * np.exp(1j * th / 2))[..., None, None]


def cross_share(error: ArrayLike) -> Reals:
    """Power share sin²(π/4+η) = (1 + sin 2η)/2 that crosses a splitter with the error angle η."""
    return _real((1 + np.sin(2 * _real(error))) / 2)


def ideal_bar_power(theta: ArrayLike) -> Reals:
    """Power sin²(θ/2) that stays on its line; the rest, cos²(θ/2), crosses."""
    return _real(np.sin(_real(theta) / 2) ** 2)


def darkest_bar_power(alpha: ArrayLike, beta: ArrayLike) -> Reals:
    """Least bar power sin²(α+β), reached at θ = 0; Bandyopadhyay, Hamerly, Englund (2021)."""
    return _real(np.sin(_real(alpha) + _real(beta)) ** 2)


def darkest_cross_power(alpha: ArrayLike, beta: ArrayLike) -> Reals:
    """Least cross power sin²(α−β), reached at θ = π; Bandyopadhyay, Hamerly, Englund (2021)."""
    return _real(np.sin(_real(alpha) - _real(beta)) ** 2)


def lossy_arm_extinction(arm_transmission: ArrayLike) -> Reals:
    """Extinction ratio ((1+√L₁)/(1−√L₁))² of ideal splitters and one arm of transmission L₁."""
    amplitude = np.sqrt(_real(arm_transmission))
    return _real(((1 + amplitude) / (1 - amplitude)) ** 2)


def brightest_bar_power(alpha: ArrayLike, beta: ArrayLike) -> Reals:
    """Greatest bar power cos²(α−β), reached at θ = π: what does not cross there."""
    return _real(np.cos(_real(alpha) - _real(beta)) ** 2)


def mesh_of_interferometers(cells: list[tuple[int, Complexes]], screen: ArrayLike) -> Complexes:
    """Matrix diag(e^{i screen}) T_last ⋯ T_first of 2×2 matrices on modes (m, m+1), (N, N).

    The cells (m, T) come in the order in which light meets them; Clements et al. (2016).
    """
    phases = _real(screen)
    matrix = np.eye(len(phases), dtype=np.complex128)
    for mode, cell in cells:
        matrix[mode : mode + 2] = cell @ matrix[mode : mode + 2]
    return np.asarray(np.exp(1j * phases)[:, None] * matrix)


def mesh_run_backwards(cells: list[tuple[int, Complexes]], screen: ArrayLike) -> Complexes:
    """Matrix T_firstᵀ ⋯ T_lastᵀ diag(e^{i screen}) of the same mesh lit from behind, (N, N).

    Reciprocity: a lossless or lossy linear part without magnetism is transposed when light runs
    the other way, and the light meets the parts in the opposite order.
    """
    matrix = np.diag(np.exp(1j * _real(screen)))
    for mode, cell in reversed(cells):
        matrix[mode : mode + 2] = cell.T @ matrix[mode : mode + 2]
    return matrix


def rectangle_depth(n: ArrayLike) -> Reals:
    """Columns N of the rectangular mesh; Clements et al. (2016)."""
    return _real(n)


def triangle_depth(n: ArrayLike) -> Reals:
    """Columns 2N − 3 of the triangular mesh; Reck et al. (1994)."""
    return 2 * _real(n) - 3


def interferometers_of_unitary(n: ArrayLike) -> Reals:
    """Number N(N−1)/2 of interferometers that make any unitary; Reck et al. (1994)."""
    return _real(n) * (_real(n) - 1) / 2


def splitter_error_of_mesh(n: ArrayLike, sigma: ArrayLike) -> Reals:
    """Relative error ‖ΔU‖_F/√N = σ√(2(N−1)) from independent splitter errors σ (rad).

    Leading order; Hamerly, Bandyopadhyay, Englund (2022) print it as √(2N) σ.
    """
    return _real(sigma) * np.sqrt(2 * (_real(n) - 1))


def phase_error_of_mesh(n: ArrayLike, sigma: ArrayLike) -> Reals:
    """Relative error σ√N from independent errors σ (rad) of every θ, φ and screen phase.

    Leading order: each light path collects about N phases.
    """
    return _real(sigma) * np.sqrt(_real(n))


def clamped_cells_of_mesh(n: int, sigma: float) -> float:
    """Expected number of interferometers beyond a floor, over Haar unitaries and errors σ (rad).

    N − k of them (k = 1 … N−1) have bar powers x with the density k(1−x)^(k−1) (Russell et al.,
    New J. Phys. 19, 033007 (2017)); x < sin²(α+β) happens to 1 − ⟨e^{−k(α+β)²}⟩ =
    1 − (1+4kσ²)^(−½) of them, and 1 − x < sin²(α−β) to 2σ² of those with k = 1. Leading order
    N(N²−1)σ²/3: Hamerly, Bandyopadhyay, Englund (2022).
    """
    rank = np.arange(1, n)
    low = (n - rank) * (1 - 1 / np.sqrt(1 + 4 * rank * sigma**2))
    return float(np.sum(low) + (n - 1) * 2 * sigma**2)


def corrected_error_of_mesh(n: ArrayLike, sigma: ArrayLike) -> Reals:
    """Relative error √(2/3) N σ² that is left where floors stop the correction, Haar unitaries.

    Leading order in Nσ; Hamerly, Bandyopadhyay, Englund (2022).
    """
    return _real(np.sqrt(2.0 / 3.0) * _real(n) * _real(sigma) ** 2)


def heated_phase(power: ArrayLike, half_wave: ArrayLike) -> Reals:
    """Phase πP/P_π in rad of a heater that burns P."""
    return pi * _real(power) / _real(half_wave)


def heater_pair_powers(
    first: ArrayLike, second: ArrayLike, half_wave: ArrayLike, coupling: ArrayLike
) -> tuple[Reals, Reals]:
    """Powers (P_π/π)(φ₁ − xφ₂)/(1 − x²) and its like of two heaters that warm each other by x.

    The inverse of φ₁ = (π/P_π)(P₁ + xP₂) and its like, by Cramer's rule; Jacques et al., Opt.
    Express 27, 10456 (2019).
    """
    a, b, x = _real(first), _real(second), _real(coupling)
    scale = _real(half_wave) / (pi * (1 - x**2))
    return _real(scale * (a - x * b)), _real(scale * (b - x * a))
