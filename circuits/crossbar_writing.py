"""Junctions of a crossbar one by one: which of them to write, told from what was read.

A conductance of the crossbar is n junctions side by side that are parallel or not, and in
fabrication each of them scatters on its own. Written blindly, a weight is off by the rounding to
levels of 1/n and by the scatter of all its junctions,

    var w = 1/(12 n²) + σ² Σ g² ,   g = (1 + 1/TMR)/n parallel, 1/(TMR n) antiparallel, σ = ΔG/G .

Read junction by junction, the scatter helps: the pairs of conductances that n and n junctions make
lie far closer together than the levels, and the combination nearest to the weight can be chosen.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices import TunnelJunctionCrossbar

Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]

_AGAINST = 1
"""Junctions that may be parallel in the conductance that works against the weight. More of them
come a little nearer, but all that conducts is noisy and loads the wires."""

_CHUNK = 2048
"""Pairs whose combinations are tried at once."""


def draw_junctions(junction: TunnelJunctionCrossbar, scatter: Reals, seed: int) -> Reals:
    """Return every junction's conductance relative to the design's, (…, n).

    Junctions of one cell scatter so that they add up to the cell's ``scatter``, (…), a standard
    normal number, when all of them are alike.
    """
    count = int(junction.junctions)
    rng = np.random.default_rng([seed, *scatter.shape, count])
    own = rng.normal(size=(*scatter.shape, count))
    own += (scatter / np.sqrt(count) - own.mean(axis=-1))[..., None]
    return np.asarray(1.0 + float(junction.conductance_spread) * own)


def conductances(junction: TunnelJunctionCrossbar, parallel: Flags, junctions: Reals) -> Reals:
    """Return conductances in units of a full weight, (…).

    Parameters
    ----------
    parallel
        Which junctions are parallel, (…, n).
    junctions
        From `draw_junctions`.
    """
    low = 1.0 / float(junction.magnetoresistance)
    return np.asarray(np.mean((low + parallel) * junctions, axis=-1))


def level_pattern(junction: TunnelJunctionCrossbar, weights: Reals) -> Flags:
    """Return the junctions of (G⁺, G⁻) that the nearest levels set parallel, (2, K, N, N, n)."""
    level = np.round(np.clip(weights, -1, 1) * junction.junctions)
    return np.asarray(np.arange(junction.junctions) < np.stack([level, -level])[..., None])


def nearest_pattern(junction: TunnelJunctionCrossbar, weights: Reals, junctions: Reals) -> Flags:
    """Return the junctions whose conductances come nearest to weights, (2, K, N, N, n).

    From the nearest levels one or two junctions are switched at a time, whichever helps most,
    until none helps.

    Parameters
    ----------
    weights
        G⁺ − G⁻ that is wanted, in units of a full weight, (K, N, N).
    junctions
        As they were read, in the form of `draw_junctions`, (2, K, N, N, n).
    """
    start = level_pattern(junction, weights)
    cells = conductances(junction, start, junctions)
    off = (weights - (cells[0] - cells[1])).ravel()
    count = start.shape[-1]
    # Pairs of cells side by side: what switching a junction to parallel adds to the difference.
    sign = np.array([1.0, -1.0])[:, None, None, None, None]
    adds = np.moveaxis(sign * junctions / count, 0, -2).reshape(-1, 2 * count)
    state = np.moveaxis(start, 0, -2).reshape(-1, 2 * count).copy()
    for first in range(0, len(off), _CHUNK):
        chunk = slice(first, first + _CHUNK)
        _improve(state[chunk], adds[chunk], off[chunk])
    return np.moveaxis(state.reshape(*weights.shape, 2, count), -2, 0)


def _improve(state: Flags, adds: Reals, off: Reals) -> None:
    """Switch junctions of pairs in place while that brings what is ``off`` nearer to nothing."""
    rows, width = np.arange(len(off)), state.shape[1]
    one, other = np.triu_indices(width)  # a junction with itself: it alone
    pair = one != other
    positive = np.arange(width) < width // 2
    while True:
        turns = np.where(state, -1, 1)
        moves = _of_moves(turns * adds, one, other, pair)
        counts = [
            np.sum(state & side, axis=1)[:, None] + _of_moves(turns * side, one, other, pair)
            for side in (positive, ~positive)
        ]
        distance = np.abs(off[:, None] - moves)
        distance[np.minimum(*counts) > _AGAINST] = np.inf
        best = np.argmin(distance, axis=1)
        better = distance[rows, best] < np.abs(off) * (1.0 - 1e-9)
        if not np.any(better):
            return
        at, move = rows[better], best[better]
        off[at] -= moves[at, move]
        state[at, one[move]] ^= True
        state[at[pair[move]], other[move][pair[move]]] ^= True


def _of_moves(junction: NDArray[Any], one: Any, other: Any, pair: Flags) -> NDArray[Any]:
    """Return what moves of one junction or two add up to, (pairs of cells, moves)."""
    return np.asarray(junction[:, one] + pair * junction[:, other])
