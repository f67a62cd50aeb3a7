"""Variance-based indices: how much of a figure's variance each parameter makes, by SALib.

The first-order index is the share of the variance that would go if the parameter were known; the
total index is the share that would stay if all others were, so it counts what the parameter does
together with them (Sobol, Mathematics and Computers in Simulation 55, 271 (2001); estimators of
Saltelli et al., Computer Physics Communications 181, 259 (2010)).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["draw_saltelli", "sobol_indices"]

Array = NDArray[np.float64]


def draw_saltelli(names: Sequence[str], points: int, seed: int) -> Array:
    """Draw probabilities, (points · (parameters + 2), parameters), block by block."""
    from SALib.sample import sobol

    drawn = sobol.sample(_problem(names), points, calc_second_order=False, seed=seed)
    return np.asarray(drawn, dtype=np.float64)


def sobol_indices(names: Sequence[str], values: Array) -> dict[str, Array]:
    """Estimate the indices from the values at such points.

    Parameters
    ----------
    names
        The parameters.
    values
        A value a point, (points · (parameters + 2),); a block of which one is NaN is left out.

    Returns
    -------
    dict
        For each parameter the first-order and the total index with the half widths of their 95 %
        bootstrap intervals, (2, 2). Nothing where less than two blocks are whole, or all values
        are the same.
    """
    from SALib.analyze import sobol

    blocks = values.reshape(-1, len(names) + 2)
    whole = blocks[np.isfinite(blocks).all(axis=1)]
    if len(whole) < 2 or np.ptp(whole) == 0:
        return {}
    # SALib takes a seed of 0 for none.
    found = sobol.analyze(
        _problem(names), whole.ravel(), calc_second_order=False, conf_level=0.95, seed=1
    )
    columns = [[found["S1"], found["S1_conf"]], [found["ST"], found["ST_conf"]]]
    table = np.asarray(columns, dtype=np.float64)
    return {name: table[:, :, i] for i, name in enumerate(names)}


def _problem(names: Sequence[str]) -> dict[str, Any]:
    bounds = [[0.0, 1.0]] * len(names)
    return {"num_vars": len(names), "names": list(names), "bounds": bounds}
