"""Elimination of a circuit's joined ports at many frequencies at once, and its adjoint.

The steps are those of `circuits.circuit_elimination`; frequencies lie innermost, in blocks that
stay in the cache, real and imaginary parts apart.
"""

from typing import Any, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from devices.compilation import kernel

Array: TypeAlias = NDArray[Any]


@kernel()
def _load(
    re: Array,
    im: Array,
    constant: Array,
    varying: Array,
    start: int,
    width: int,
) -> None:
    """Fill the places of a block with the given entries, constants first, and zeros."""
    n_constant = constant.shape[0]
    for place in range(n_constant):
        for f in range(width):
            re[place, f] = constant[place].real
            im[place, f] = constant[place].imag
    for i in range(varying.shape[0]):
        for f in range(width):
            re[n_constant + i, f] = varying[i, start + f].real
            im[n_constant + i, f] = varying[i, start + f].imag
    for place in range(n_constant + varying.shape[0], re.shape[0]):
        for f in range(width):
            re[place, f] = 0.0
            im[place, f] = 0.0


@kernel()
def _eliminate(
    re: Array,
    im: Array,
    width: int,
    pivots: Array,
    left_start: Array,
    left: Array,
    right_start: Array,
    right: Array,
    target_start: Array,
    target: Array,
    weakest: Array,
    largest: Array,
) -> None:
    """Run all steps on a block of entries, in place.

    Afterwards a pivot's place holds 1/(1 − M[k, k]) and the left places M[r, k]/(1 − M[k, k]).
    `weakest` (width,) gets the least |1 − M[k, k]|², `largest` the greatest |M|² among the factors.
    """
    for f in range(width):
        weakest[f] = 1.0
        largest[f] = 0.0
    for k in range(pivots.shape[0]):
        pivot = pivots[k]
        if pivot >= 0:
            for f in range(width):
                x = 1.0 - re[pivot, f]
                y = -im[pivot, f]
                size = x * x + y * y
                weakest[f] = min(weakest[f], size)
                re[pivot, f] = x / size
                im[pivot, f] = -y / size
            for i in range(left_start[k], left_start[k + 1]):
                a = left[i]
                for f in range(width):
                    x = re[a, f] * re[pivot, f] - im[a, f] * im[pivot, f]
                    im[a, f] = re[a, f] * im[pivot, f] + im[a, f] * re[pivot, f]
                    re[a, f] = x
                for f in range(width):
                    size = re[a, f] * re[a, f] + im[a, f] * im[a, f]
                    largest[f] = max(largest[f], size)
        for j in range(right_start[k], right_start[k + 1]):
            b = right[j]
            for f in range(width):
                size = re[b, f] * re[b, f] + im[b, f] * im[b, f]
                largest[f] = max(largest[f], size)
        t = target_start[k]
        for i in range(left_start[k], left_start[k + 1]):
            a = left[i]
            for j in range(right_start[k], right_start[k + 1]):
                b = right[j]
                c = target[t]
                t += 1
                for f in range(width):
                    re[c, f] += re[a, f] * re[b, f] - im[a, f] * im[b, f]
                    im[c, f] += re[a, f] * im[b, f] + im[a, f] * re[b, f]


@kernel(parallel=True)
def circuit_forward(
    constant: Array,
    varying: Array,
    n_frequencies: int,
    block: int,
    n_places: int,
    pivots: Array,
    left_start: Array,
    left: Array,
    right_start: Array,
    right: Array,
    target_start: Array,
    target: Array,
    result: Array,
    total: Array,
    weakest: Array,
    largest: Array,
) -> None:
    """Scattering matrices of a circuit.

    Parameters
    ----------
    constant : (n_constant,) complex; varying : (n_varying, F) complex
        The given entries of M, those that do not depend on frequency first.
    block : int
        Frequencies a block.
    n_places, pivots, …, result
        The elimination.
    total : (F, E²) complex
        Output: the external entries.
    weakest, largest : (F,)
        Output: least |pivot|² and greatest |factor|².
    """
    n_blocks = (n_frequencies + block - 1) // block
    for chunk in numba.prange(n_blocks):
        start = chunk * block
        width = min(block, n_frequencies - start)
        stop = start + width
        re = np.empty((n_places, block))
        im = np.empty((n_places, block))
        _load(re, im, constant, varying, start, width)
        _eliminate(
            re, im, width, pivots, left_start, left, right_start, right, target_start, target,
            weakest[start:stop], largest[start:stop],
        )  # fmt: skip
        for e in range(result.shape[0]):
            place = result[e]
            for f in range(width):
                if place >= 0:
                    total[start + f, e] = complex(re[place, f], im[place, f])
                else:
                    total[start + f, e] = 0.0


# The adjoint. Let L be the loss and m̄ = ∂L/∂M in the bilinear sense, dL = Re Σ m̄ dM. A step
# with p = 1/(1 − M[k, k]), y_r = M[r, k] p and M'[r, c] = M[r, c] + y_r M[k, c] has
#
#     M̄[k, c] += Σ_r m̄[r, c] y_r       ȳ_r = Σ_c m̄[r, c] M[k, c]       M̄[r, k] = ȳ_r p
#     M̄[k, k]  = Σ_r ȳ_r M[r, k] p² = Σ_r ȳ_r y_r p
#
# No entry of row or column k is written after step k, so the entries that the elimination leaves
# behind are those that each step saw: the reverse pass needs no tape. Its result is that of the
# one adjoint solve m̄_ii = Yᵀ Ḡ Xᵀ, with X = (I − M_ii)⁻¹ M_ie what enters and
# Y = M_ei (I − M_ii)⁻¹ what leaves, restricted to the entries that occur.
@kernel()
def _reverse(
    re: Array,
    im: Array,
    bar_re: Array,
    bar_im: Array,
    width: int,
    pivots: Array,
    left_start: Array,
    left: Array,
    right_start: Array,
    right: Array,
    target_start: Array,
    target: Array,
    sum_re: Array,
    sum_im: Array,
) -> None:
    """Run all steps backwards on the adjoints of a block, after `_eliminate` has run on it."""
    for k in range(pivots.shape[0] - 1, -1, -1):
        pivot = pivots[k]
        if pivot >= 0:
            for f in range(width):
                bar_re[pivot, f] = 0.0
                bar_im[pivot, f] = 0.0
        t = target_start[k]
        for i in range(left_start[k], left_start[k + 1]):
            a = left[i]
            for f in range(width):
                sum_re[f] = 0.0
                sum_im[f] = 0.0
            for j in range(right_start[k], right_start[k + 1]):
                b = right[j]
                c = target[t]
                t += 1
                for f in range(width):
                    x = bar_re[c, f]
                    y = bar_im[c, f]
                    bar_re[b, f] += x * re[a, f] - y * im[a, f]
                    bar_im[b, f] += x * im[a, f] + y * re[a, f]
                    sum_re[f] += x * re[b, f] - y * im[b, f]
                    sum_im[f] += x * im[b, f] + y * re[b, f]
            if pivot >= 0:
                for f in range(width):
                    x = sum_re[f] * re[pivot, f] - sum_im[f] * im[pivot, f]
                    y = sum_re[f] * im[pivot, f] + sum_im[f] * re[pivot, f]
                    bar_re[a, f] = x
                    bar_im[a, f] = y
                    bar_re[pivot, f] += x * re[a, f] - y * im[a, f]
                    bar_im[pivot, f] += x * im[a, f] + y * re[a, f]
            else:
                for f in range(width):
                    bar_re[a, f] = sum_re[f]
                    bar_im[a, f] = sum_im[f]


@kernel(parallel=True)
def circuit_adjoint(
    constant: Array,
    varying: Array,
    n_frequencies: int,
    block: int,
    n_places: int,
    pivots: Array,
    left_start: Array,
    left: Array,
    right_start: Array,
    right: Array,
    target_start: Array,
    target: Array,
    result: Array,
    total_bar: Array,
    weakest: Array,
    largest: Array,
    constant_bar: Array,
    varying_bar: Array,
) -> None:
    """Adjoint of `circuit_forward`: ∂L/∂ each given entry, dL = Re Σ bar · d(entry).

    Parameters
    ----------
    constant, …, result
        As of `circuit_forward`.
    total_bar : (F, E²) complex
        ∂L/∂total in the same bilinear sense.
    weakest, largest : (F,)
        Output as there, since the elimination is run anew, block by block.
    constant_bar : (n_blocks, n_constant) complex
        Output, summed over the frequencies of each block.
    varying_bar : (n_varying, F) complex
        Output.
    """
    n_blocks = (n_frequencies + block - 1) // block
    n_constant = constant.shape[0]
    for chunk in numba.prange(n_blocks):
        start = chunk * block
        width = min(block, n_frequencies - start)
        stop = start + width
        re = np.empty((n_places, block))
        im = np.empty((n_places, block))
        bar_re = np.zeros((n_places, block))
        bar_im = np.zeros((n_places, block))
        sum_re = np.empty(block)
        sum_im = np.empty(block)
        _load(re, im, constant, varying, start, width)
        _eliminate(
            re, im, width, pivots, left_start, left, right_start, right, target_start, target,
            weakest[start:stop], largest[start:stop],
        )  # fmt: skip
        for e in range(result.shape[0]):
            place = result[e]
            if place >= 0:
                for f in range(width):
                    bar_re[place, f] = total_bar[start + f, e].real
                    bar_im[place, f] = total_bar[start + f, e].imag
        _reverse(
            re, im, bar_re, bar_im, width, pivots, left_start, left, right_start, right,
            target_start, target, sum_re, sum_im,
        )  # fmt: skip
        for place in range(n_constant):
            x = 0.0
            y = 0.0
            for f in range(width):
                x += bar_re[place, f]
                y += bar_im[place, f]
            constant_bar[chunk, place] = complex(x, y)
        for i in range(varying.shape[0]):
            for f in range(width):
                varying_bar[i, start + f] = complex(
                    bar_re[n_constant + i, f], bar_im[n_constant + i, f]
                )
