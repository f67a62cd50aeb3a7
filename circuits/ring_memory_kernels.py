"""Kernels that take rings with a memory through one slot, forwards and back.

Of a slot that started with the stored field b and held the input A, each ring adds to its row's
reading β |b|² + 2 A Re(Γ b), and b becomes F b + A B: see ``ring_slot_kernels``. Fields are
(K, N, G, 2, N), so that one row of rings passes all G groups with its coefficients at hand, and
real and imaginary parts fill whole vector registers.
"""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from circuits.ring_slot_kernels import (
    BETA_DIFFERENCE,
    BETA_SUM,
    IM_DIFFERENCE,
    IM_SUM,
    KEEP_IM,
    KEEP_RE,
    RE_DIFFERENCE,
    RE_SUM,
    TAKE_IM,
    TAKE_RE,
)
from devices.compilation import kernel

Array = NDArray[np.floating[Any]]

PARTS = 8
"""Shares of the rows whose gradients of the drive are summed apart: the result must not depend on
the number of threads."""


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
