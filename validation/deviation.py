"""How far a statistic is from its expectation, in its own standard errors.

Every statistical case runs its experiment several times over with fresh random numbers. The spread
of the runs is the uncertainty of their mean, whatever the law behind it, and no formula for it has
to be trusted.
"""

import numpy as np

from validation.case import Reals

FOUR_SIGMA = (
    "statistical, seeded: 4 standard errors at the worst point and of all points together; normal "
    "deviations stay within them with 99.99 % confidence at each"
)


def standard_errors(runs: Reals, expected: Reals) -> float:
    """Return the largest deviation of the means of runs from their expectations.

    In standard errors, as the runs' own spread gives them: the largest of each point's deviation
    and of that of all points together, which sees a small common factor that no point shows.

    Parameters
    ----------
    runs
        Independent results, (points, runs), some 30 runs or more.
    expected
        Their expectations, (points,).
    """
    count = runs.shape[1]
    error = runs.std(axis=1, ddof=1) / np.sqrt(count)
    deviation = (runs.mean(axis=1) - expected) / error
    together = deviation.sum() / np.sqrt(len(expected))
    return float(max(np.max(np.abs(deviation)), abs(together)))
