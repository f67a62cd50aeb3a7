"""Weights that a bank cannot reach: rescaled, or clipped, and what that costs.

Devices realise W/g and the receiver multiplies by g, one gain for all banks of a machine, so that
its noise comes out multiplied by g (PHYSICS §6). A weight beyond the range raises g for all, and
the signal-to-noise ratio falls by

    20 log₁₀(g/g₀)  dB

against a bank that would do with g₀. Or the few largest are left at what the bank reaches, and
the error is theirs.
"""

from dataclasses import dataclass
from math import log10
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrices: TypeAlias = NDArray[Any]
"""Real or complex."""


@dataclass(frozen=True, kw_only=True)
class RescaledWeights:
    """Matrices within the range of their bank, by a common gain."""

    matrices: Matrices
    """What g times the bank is to be, (K, N, N): the wanted ones, clipped where that was asked."""

    gain: float
    """The smallest g with which all of them fit."""

    lost_snr_db: float
    """Signal-to-noise ratio lost to the range, in dB, positive for a loss."""

    limiting: tuple[int, ...]
    """Where the weight is that sets the gain: (bank, output, input), or (bank, singular value)."""

    clipped: int
    """Number of weights (meshes: of singular values) that were clipped."""

    clipping_error: float
    """‖clipped − wanted‖_F/‖wanted‖_F."""


def rescale_weights(
    wanted: Matrices, low: float = -1.0, high: float = 1.0, *, clip_share: float = 0.0
) -> RescaledWeights:
    """Fit matrices into a bank whose elements reach from ``low`` to ``high``.

    The lost signal-to-noise ratio is that against a bank that reaches −1 … 1, g₀ = max|W|.

    Parameters
    ----------
    wanted
        W, (K, N, N) real, finite.
    low, high
        What an element reaches, low < 0 < high.
    clip_share
        Share of the weights, the worst ones, that are clipped instead of rescaling all: 0.001.

    Raises
    ------
    ValueError
        Where the matrices are not (K, N, N), real and finite, the limits do not hold 0 between
        them, or the share is not within 0 … 1 (without 1).
    """
    _check(wanted, clip_share)
    if np.iscomplexobj(wanted):
        raise ValueError("wanted must be real: elements of a range have no phase; got complex.")
    if not low < 0 < high:
        raise ValueError(
            f"low and high must lie on both sides of 0 (weights of both signs); got {low:g} and "
            f"{high:g}."
        )
    needed = np.maximum(wanted / high, wanted / low)
    gain, at = _gain(needed, clip_share)
    over = needed > gain
    matrices = np.where(over, np.clip(wanted, gain * low, gain * high), wanted)
    reference = float(np.max(np.abs(matrices))) or 1.0
    return _rescaled(wanted, matrices, gain, reference, at, int(np.sum(over)))


def rescale_singular_values(
    wanted: Matrices, reference_gain: float | None = None, *, clip_share: float = 0.0
) -> RescaledWeights:
    """Fit matrices into meshes, which only pass light on: no singular value beyond the gain.

    Parameters
    ----------
    wanted
        W, (K, N, N) real or complex, finite.
    reference_gain
        g₀ against which the lost signal-to-noise ratio counts: that of the training. None: the
        root mean square of the singular values, the gain of a unitary bank of the same norm.
    clip_share
        Share of the singular values, the largest ones, that are clipped instead.

    Raises
    ------
    ValueError
        As for `rescale_weights`, or where ``reference_gain`` is not above 0.
    """
    _check(wanted, clip_share)
    if reference_gain is not None and not 0 < reference_gain < np.inf:
        raise ValueError(f"reference_gain must be > 0 and finite; got {reference_gain:g}.")
    left, values, right = np.linalg.svd(wanted)
    gain, at = _gain(values, clip_share)
    over = values > gain
    matrices = wanted
    if np.any(over):
        matrices = ((left * np.minimum(values, gain)[:, None]) @ right).astype(wanted.dtype)
    mean = float(np.sqrt(np.mean(np.minimum(values, gain) ** 2))) or 1.0
    reference = mean if reference_gain is None else reference_gain
    return _rescaled(wanted, matrices, gain, reference, at, int(np.sum(over)))


def lost_snr_db(gain: float, reference_gain: float) -> float:
    """Return 20 log₁₀(g/g₀), what the receiver's noise gains in dB when g takes the place of g₀."""
    if not (gain > 0 and reference_gain > 0):
        raise ValueError(f"gains must be > 0; got {gain:g} and {reference_gain:g}.")
    return 20.0 * log10(gain / reference_gain)


def _check(wanted: Matrices, clip_share: float) -> None:
    if wanted.ndim != 3 or wanted.shape[1] != wanted.shape[2] or wanted.size == 0:
        raise ValueError(
            f"wanted must have the shape (K, N, N) of K banks, not empty; got {wanted.shape}."
        )
    if not np.all(np.isfinite(wanted)):
        raise ValueError("wanted must be finite; got nan or inf. The training diverged.")
    if not 0 <= clip_share < 1:
        raise ValueError(
            f"clip_share must be within 0 … 1, below 1 (a share of the weights: 0.001 for the "
            f"largest 0.1 %); got {clip_share:g}."
        )


def _gain(needed: NDArray[np.floating[Any]], share: float) -> tuple[float, tuple[int, ...]]:
    """Return the largest gain needed behind a share that is given up, and where it is needed."""
    given_up = int(share * needed.size)
    order = np.argpartition(needed, needed.size - 1 - given_up, axis=None)
    at = np.unravel_index(order[needed.size - 1 - given_up], needed.shape)
    return float(needed[at]) or 1.0, tuple(int(i) for i in at)


def _rescaled(
    wanted: Matrices, matrices: Matrices, gain: float, reference: float, at: tuple[int, ...],
    clipped: int,
) -> RescaledWeights:  # fmt: skip
    norm = float(np.linalg.norm(wanted)) or 1.0
    return RescaledWeights(
        matrices=matrices,
        gain=gain,
        lost_snr_db=lost_snr_db(gain, reference),
        limiting=at,
        clipped=clipped,
        clipping_error=float(np.linalg.norm(matrices - wanted)) / norm,
    )
