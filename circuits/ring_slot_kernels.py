"""Kernels that compile slots of rings with a memory: what held light does, whatever the samples.

A ring's stored field is b, in units of what unit input would settle to. While the input A·a_s is
held over sample s,

    b_s = E b_{s−1} + (1 − E) A a_s ,    so    b_s = A B_s + e_s b ,

with b the field at the slot's start, e_s = E^{s+1} and B_s the response to the path a alone. Drop
and through are the fields d₀ b_s and r₁ A a_s + τ b_s, and a plane reads, of one ring,

    Σ_s w_s (Q₁₁ |A a_s|² + Q₂₂ |b_s|² + 2 Re[Q₁₂ (A a_s)* b_s])
        = α A² + β |b|² + 2 A Re(Γ b)

    α = Q₁₁ ⟨a,a⟩ + Q₂₂ ⟨B,B⟩ + 2 Re(Q₁₂ ⟨a,B⟩)
    β = Q₂₂ ⟨e,e⟩ ,    Γ = Q₂₂ ⟨B,e⟩ + Q₁₂ ⟨a,e⟩ ,    ⟨x,y⟩ = Σ_s w_s x_s* y_s .

A slot then costs the same for every number of samples: α is a matrix product, ``advance`` of
``ring_memory_kernels`` the rest. Q holds everything that is not time (``ring_forms``).
"""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from devices.compilation import kernel

Array = NDArray[np.floating[Any]]
Reals = NDArray[np.float64]
Complexes = NDArray[np.complex128]

# Rows of the coefficients of a ring that remembers, (ROWS, N): of the difference T_d − T_p and of
# the sum T_d + T_p.
(
    BETA_DIFFERENCE,
    BETA_SUM,
    RE_DIFFERENCE,  # Re Γ
    IM_DIFFERENCE,
    RE_SUM,
    IM_SUM,
    KEEP_RE,  # F = E^S: what is left of b at the end of a slot
    KEEP_IM,
    TAKE_RE,  # B_{S−1}: what A adds to it
    TAKE_IM,
    ROWS,
) = range(11)

_DARK = 1e-30
"""Coefficients below are zero: single precision would hold them as slow denormal numbers."""


@kernel()
def _gram(
    keep: complex, path: Complexes, weights: Reals, channel: int, grams: Complexes
) -> tuple[complex, complex]:
    """Fill ⟨B,B⟩, ⟨e,e⟩, ⟨a,B⟩, ⟨B,e⟩, ⟨a,e⟩ of both planes, (2, 5); return e and B at the end."""
    at = 0 if path.shape[1] == 1 else channel
    grams[:] = 0
    left, taken = 1.0 + 0.0j, 0.0j
    for s in range(path.shape[0]):
        a = path[s, at]
        left *= keep
        taken = keep * taken + (1.0 - keep) * a
        for plane in range(2):
            w = weights[plane, s]
            grams[plane, 0] += w * (taken.real**2 + taken.imag**2)
            grams[plane, 1] += w * (left.real**2 + left.imag**2)
            grams[plane, 2] += w * a.conjugate() * taken
            grams[plane, 3] += w * taken.conjugate() * left
            grams[plane, 4] += w * a.conjugate() * left
    return left, taken


@kernel()
def _gram_slopes(
    keep: complex, rate: complex, path: Complexes, weights: Reals, channel: int, slopes: Complexes
) -> tuple[complex, complex]:
    """Do as ``_gram`` for the derivatives where ∂E = rate·E."""
    at = 0 if path.shape[1] == 1 else channel
    slopes[:] = 0
    left, taken, d_left, d_taken = 1.0 + 0.0j, 0.0j, 0.0j, 0.0j
    d_keep = rate * keep
    for s in range(path.shape[0]):
        a = path[s, at]
        d_left = d_keep * left + keep * d_left
        d_taken = d_keep * (taken - a) + keep * d_taken
        left *= keep
        taken = keep * taken + (1.0 - keep) * a
        for plane in range(2):
            w = weights[plane, s]
            slopes[plane, 0] += 2 * w * (taken.conjugate() * d_taken).real
            slopes[plane, 1] += 2 * w * (left.conjugate() * d_left).real
            slopes[plane, 2] += w * a.conjugate() * d_taken
            slopes[plane, 3] += w * (d_taken.conjugate() * left + taken.conjugate() * d_left)
            slopes[plane, 4] += w * a.conjugate() * d_left
    return d_left, d_taken


@kernel()
def _lit(value: float) -> float:
    lit: float = value if abs(value) > _DARK else 0.0
    return lit


@kernel()
def _store(
    form: Reals, grams: Complexes, energy: Reals, left: complex, taken: complex, ring: Array, j: int
) -> tuple[float, float]:
    """Write the coefficients of one ring and return its α in both planes; ``form`` is Q, (2, 4)."""
    difference, total = 0.0, 0.0
    for plane in range(2):
        q11, q22 = form[plane, 0], form[plane, 1]
        q12 = complex(form[plane, 2], form[plane, 3])
        taken_square, left_square = grams[plane, 0].real, grams[plane, 1].real
        alpha = q11 * energy[plane] + q22 * taken_square + 2 * (q12 * grams[plane, 2]).real
        gamma = q22 * grams[plane, 3] + q12 * grams[plane, 4]
        ring[BETA_DIFFERENCE + plane, j] = _lit(q22 * left_square)
        ring[RE_DIFFERENCE + 2 * plane, j] = _lit(gamma.real)
        ring[IM_DIFFERENCE + 2 * plane, j] = _lit(gamma.imag)
        if plane == 0:
            difference = alpha
        else:
            total = alpha
    ring[KEEP_RE, j], ring[KEEP_IM, j] = _lit(left.real), _lit(left.imag)
    ring[TAKE_RE, j], ring[TAKE_IM, j] = taken.real, taken.imag
    return difference, total


@kernel(parallel=True)
def compile_slots(
    keep: Complexes, paths: Complexes, weights: Reals, energies: Reals, forms: Reals,
    matrices: Array, rings: Array,
) -> None:  # fmt: skip
    """Fill what each class of slots does.

    Parameters
    ----------
    keep
        E of every ring, (K, N, N).
    paths
        a of every class, (C, K, S, N or 1).
    weights
        w of both planes, (2, S).
    energies
        ⟨a,a⟩, (C, K, 2, N or 1).
    forms
        Q of every ring in both planes, (K, N, N, 2, 4).
    matrices
        Σ_k α, (C, 2, N, N), written.
    rings
        (C, K, N, ROWS, N), written.
    """
    classes, banks, n = paths.shape[0], keep.shape[0], keep.shape[1]
    for i in numba.prange(n):
        grams = np.empty((2, 5), np.complex128)
        for c in range(classes):
            matrices[c, :, i] = 0
            for k in range(banks):
                shared = energies.shape[3] == 1
                for j in range(n):
                    left, taken = _gram(keep[k, i, j], paths[c, k], weights, j, grams)
                    energy = energies[c, k, :, 0 if shared else j]
                    difference, total = _store(
                        forms[k, i, j], grams, energy, left, taken, rings[c, k, i], j
                    )
                    matrices[c, 0, i, j] += difference
                    matrices[c, 1, i, j] += total


# Adjoint. Everything is linear in Q, and in the five ⟨·,·⟩, F and B, whose derivatives with respect
# to the ring's own setting are carried along: ∂E/∂x = rate E. With g for ∂L/∂ of a real number and
# ∂L/∂Re + i ∂L/∂Im of a complex one,
#
#     g_Q₁₁ = g_α ⟨a,a⟩ ,    g_Q₂₂ = g_α ⟨B,B⟩ + g_β ⟨e,e⟩ + Re(g_Γ* ⟨B,e⟩) ,
#     g_Q₁₂ = 2 g_α ⟨a,B⟩* + g_Γ ⟨a,e⟩* ,
#     g_x  += g_α (Q₂₂ ∂⟨B,B⟩ + 2 Re[Q₁₂ ∂⟨a,B⟩]) + g_β Q₂₂ ∂⟨e,e⟩
#             + Re(g_Γ* [Q₂₂ ∂⟨B,e⟩ + Q₁₂ ∂⟨a,e⟩]) + Re(g_F* ∂F + g_B* ∂B) .


@kernel()
def _pull(
    form: Reals, grams: Complexes, slopes: Complexes, energy: Reals, g_matrices: Array,
    g_ring: Array, i: int, j: int, g_form: Reals,
) -> float:  # fmt: skip
    """Add ∂L/∂Q of one ring in one class, (2, 4); return ∂L/∂x through the five products."""
    gradient = 0.0
    for plane in range(2):
        q22, q12 = form[plane, 1], complex(form[plane, 2], form[plane, 3])
        g_alpha, g_beta = float(g_matrices[plane, i, j]), float(g_ring[BETA_DIFFERENCE + plane, j])
        g_gamma = complex(
            g_ring[RE_DIFFERENCE + 2 * plane, j], -g_ring[IM_DIFFERENCE + 2 * plane, j]
        )  # conjugate
        g_form[plane, 0] += g_alpha * energy[plane]
        g_form[plane, 1] += g_alpha * grams[plane, 0].real + g_beta * grams[plane, 1].real
        g_form[plane, 1] += (g_gamma * grams[plane, 3]).real
        cross = 2 * g_alpha * grams[plane, 2] + g_gamma * grams[plane, 4]  # conjugate
        g_form[plane, 2] += cross.real
        g_form[plane, 3] -= cross.imag
        gradient += g_alpha * (q22 * slopes[plane, 0].real + 2 * (q12 * slopes[plane, 2]).real)
        gradient += g_beta * q22 * slopes[plane, 1].real
        gradient += (g_gamma * (q22 * slopes[plane, 3] + q12 * slopes[plane, 4])).real
    return gradient


@kernel(parallel=True)
def compile_slots_adjoint(
    keep: Complexes, paths: Complexes, weights: Reals, energies: Reals, forms: Reals,
    rate: complex, g_matrices: Array, g_rings: Array, g_forms: Reals, gradients: Reals,
) -> None:  # fmt: skip
    """Fill ∂L/∂Q, shaped like ``forms``, and ∂L/∂x at fixed Q, (K, N, N); see ``compile_slots``."""
    classes, banks, n = paths.shape[0], keep.shape[0], keep.shape[1]
    for i in numba.prange(n):
        grams, slopes = np.empty((2, 2, 5), np.complex128)
        for k in range(banks):
            g_forms[k, i] = 0
            for j in range(n):
                total, e = 0.0, keep[k, i, j]
                for c in range(classes):
                    energy = energies[c, k, :, 0 if energies.shape[3] == 1 else j]
                    _gram(e, paths[c, k], weights, j, grams)
                    d_left, d_taken = _gram_slopes(e, rate, paths[c, k], weights, j, slopes)
                    g = g_rings[c, k, i]
                    total += _pull(
                        forms[k, i, j], grams, slopes, energy, g_matrices[c], g, i, j,
                        g_forms[k, i, j],
                    )  # fmt: skip
                    total += g[KEEP_RE, j] * d_left.real + g[KEEP_IM, j] * d_left.imag
                    total += g[TAKE_RE, j] * d_taken.real + g[TAKE_IM, j] * d_taken.imag
                gradients[k, i, j] = total
