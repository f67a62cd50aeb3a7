"""The Mach-Zehnder interferometer and meshes of it.

Bandyopadhyay, Hamerly, Englund, Optica 8, 1247 (2021): the imperfect interferometer. Hamerly,
Bandyopadhyay, Englund, Phys. Rev. Applied 18, 024018 (2022): errors of a whole mesh.
"""

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
