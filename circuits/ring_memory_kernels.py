"""Kernels of rings that remember: what one slot of held light does, whatever its samples.

A ring's stored field is b, in units of what unit input would settle to. While the input A·a_s is
held over sample s,

    b_s = E b_{s−1} + (1 − E) A a_s ,    so    b_s = A B_s + e_s b ,

with b the field at the slot's start, e_s = E^{s+1} and B_s the response to the path a alone. Drop
and through are the fields d₀ b_s and r₁ A a_s + τ b_s, and a plane reads, of one ring,

    Σ_s w_s (Q₁₁ |A a_s|² + Q₂₂ |b_s|² + 2 Re[Q₁₂ (A a_s)* b_s])
        = α A² + β |b|² + 2 A Re(Γ b)

    α = Q₁₁ ⟨a,a⟩ + Q₂₂ ⟨B,B⟩ + 2 Re(Q₁₂ ⟨a,B⟩)
    β = Q₂₂ ⟨e,e⟩ ,    Γ = Q₂₂ ⟨B,e⟩ + Q₁₂ ⟨a,e⟩ ,    ⟨x,y⟩ = Σ_s w_s x_s* y_s .

A slot then costs the same for every number of samples: α is a matrix product, the rest is done
here. Q, in rows of four reals (Q₁₁, Q₂₂, Re Q₁₂, Im Q₁₂), holds everything that is not time.
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

PARTS = 8
"""Shares of the rows whose gradients of the drive are summed apart: the result must not depend on
the number of threads."""

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
    keep: Complexes, rate: complex, paths: Complexes, weights: Reals, energies: Reals,
    forms: Reals, g_matrices: Array, g_rings: Array, g_forms: Reals, gradients: Reals,
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


@kernel()
def _read(c: Array, a: Array, re: Array, im: Array) -> tuple[float, float]:
    """Return what a row reads of stored light: Σ_j β|b|² + 2 A Re Γb of both planes."""
    difference = a[0] - a[0]
    total = difference
    for j in range(a.shape[0]):
        energy = re[j] * re[j] + im[j] * im[j]
        twice_re, twice_im = a[j] * re[j] + a[j] * re[j], a[j] * im[j] + a[j] * im[j]
        difference += (
            c[BETA_DIFFERENCE, j] * energy
            + c[RE_DIFFERENCE, j] * twice_re
            - c[IM_DIFFERENCE, j] * twice_im
        )
        total += c[BETA_SUM, j] * energy + c[RE_SUM, j] * twice_re - c[IM_SUM, j] * twice_im
    return difference, total


@kernel()
def _store_light(c: Array, a: Array, before: Array, after: Array) -> None:
    """Write the fields of a row at the end of a slot, (2, N)."""
    for j in range(a.shape[0]):
        re, im = before[0, j], before[1, j]
        after[0, j] = c[KEEP_RE, j] * re - c[KEEP_IM, j] * im + c[TAKE_RE, j] * a[j]
        after[1, j] = c[KEEP_RE, j] * im + c[KEEP_IM, j] * re + c[TAKE_IM, j] * a[j]


@kernel(parallel=True)
def advance(rings: Array, field: Array, state: Array, planes: Array, after: Array) -> None:
    """Take all rings through one slot.

    Parameters
    ----------
    rings
        Coefficients of the slot's class, (K, N, ROWS, N).
    field
        A of every channel, (G, N).
    state
        Re b and Im b at the slot's start, (K, N, G, 2, N).
    planes
        What is read, (G, 2, N); Σ (β|b|² + 2 A Re Γb) is added.
    after
        b at the slot's end, shaped like ``state``, written.
    """
    banks, n, groups = state.shape[0], state.shape[1], state.shape[2]
    for i in numba.prange(n):
        for k in range(banks):
            for g in range(groups):
                stored = state[k, i, g]
                difference, total = _read(rings[k, i], field[g], stored[0], stored[1])
                planes[g, 0, i] += difference
                planes[g, 1, i] += total
                _store_light(rings[k, i], field[g], stored, after[k, i, g])


# Adjoint. A plane reads β|b|² + 2 A Re(Γ b) and the field becomes F b + A B, so with g_c of plane c
# and g′ = ∂L/∂Re b′ + i ∂L/∂Im b′ of the field at the end
#
#     g_b = Σ_c g_c (2 β_c b + 2 A Γ_c*) + F* g′ ,    g_A = Σ_c 2 g_c Re(Γ_c b) + Re(B* g′) ,
#     g_β_c = g_c |b|² ,    g_Γ_c = 2 g_c A b* ,    g_F = g′ b* ,    g_B = A g′ .


@kernel()
def _retreat_coefficients(
    a: Array, re: Array, im: Array, g_difference: float, g_sum: float, g_re: Array, g_im: Array,
    out: Array,
) -> None:  # fmt: skip
    """Add the gradients of a row's coefficients; two rows a loop keep it in vector registers."""
    n = a.shape[0]
    for j in range(n):
        energy = re[j] * re[j] + im[j] * im[j]
        out[BETA_DIFFERENCE, j] += g_difference * energy
        out[BETA_SUM, j] += g_sum * energy
    for j in range(n):
        two = a[j] * re[j] + a[j] * re[j]
        out[RE_DIFFERENCE, j] += g_difference * two
        out[RE_SUM, j] += g_sum * two
    for j in range(n):
        two = a[j] * im[j] + a[j] * im[j]
        out[IM_DIFFERENCE, j] -= g_difference * two
        out[IM_SUM, j] -= g_sum * two
    for j in range(n):
        out[KEEP_RE, j] += g_re[j] * re[j] + g_im[j] * im[j]
        out[KEEP_IM, j] += g_im[j] * re[j] - g_re[j] * im[j]
    for j in range(n):
        out[TAKE_RE, j] += g_re[j] * a[j]
        out[TAKE_IM, j] += g_im[j] * a[j]


@kernel()
def _retreat_fields(
    c: Array, a: Array, re: Array, im: Array, g_difference: float, g_sum: float, g_re: Array,
    g_im: Array, g_field: Array,
) -> None:  # fmt: skip
    """Add ∂L/∂A of a row, and take ∂L/∂b from the slot's end to its start, in place."""
    n = a.shape[0]
    d, t = g_difference + g_difference, g_sum + g_sum
    for j in range(n):
        g_field[j] += (
            d * (c[RE_DIFFERENCE, j] * re[j] - c[IM_DIFFERENCE, j] * im[j])
            + t * (c[RE_SUM, j] * re[j] - c[IM_SUM, j] * im[j])
            + c[TAKE_RE, j] * g_re[j]
            + c[TAKE_IM, j] * g_im[j]
        )
    for j in range(n):
        stored = d * c[BETA_DIFFERENCE, j] + t * c[BETA_SUM, j]
        cross_re = d * c[RE_DIFFERENCE, j] + t * c[RE_SUM, j]
        cross_im = d * c[IM_DIFFERENCE, j] + t * c[IM_SUM, j]
        end_re, end_im = g_re[j], g_im[j]
        keep_re, keep_im = c[KEEP_RE, j], c[KEEP_IM, j]
        g_re[j] = stored * re[j] + a[j] * cross_re + keep_re * end_re + keep_im * end_im
        g_im[j] = stored * im[j] - a[j] * cross_im + keep_re * end_im - keep_im * end_re


@kernel(parallel=True)
def advance_adjoint(
    rings: Array, field: Array, state: Array, g_planes: Array, g_state: Array, g_rings: Array,
    g_fields: Array,
) -> None:  # fmt: skip
    """Take gradients back through one slot; see ``advance``.

    Parameters
    ----------
    g_planes
        ∂L/∂planes, (G, 2, N).
    g_state
        ∂L/∂b at the slot's end, shaped like ``state``; overwritten by that at its start.
    g_rings
        ∂L/∂rings, added to.
    g_fields
        ∂L/∂A in PARTS shares, (PARTS, G, N), written.
    """
    banks, n, groups = state.shape[0], state.shape[1], state.shape[2]
    for part in numba.prange(PARTS):
        g_fields[part] = 0
        for i in range(part * n // PARTS, (part + 1) * n // PARTS):
            for k in range(banks):
                for g in range(groups):
                    re, im, a = state[k, i, g, 0], state[k, i, g, 1], field[g]
                    g_re, g_im = g_state[k, i, g, 0], g_state[k, i, g, 1]
                    g_difference, g_sum = g_planes[g, 0, i], g_planes[g, 1, i]
                    _retreat_coefficients(a, re, im, g_difference, g_sum, g_re, g_im, g_rings[k, i])
                    _retreat_fields(
                        rings[k, i], a, re, im, g_difference, g_sum, g_re, g_im,
                        g_fields[part, g],
                    )  # fmt: skip
