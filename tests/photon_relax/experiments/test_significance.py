import math

import numpy as np
import pytest
from scipy import stats

from photon_relax.experiments.significance import holm, paired_difference, student


def test_means_come_with_students_interval_and_test():
    values = np.array([1.0, 2.0, 4.0, 3.0, np.nan])
    estimate, probability = student(values)
    expected = stats.ttest_1samp(values[:4], 0.0)
    interval = expected.confidence_interval(0.95)
    # The same sums in another order.
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx(
        (2.5, interval.low, interval.high), rel=1e-12
    )
    assert probability == pytest.approx(expected.pvalue, rel=1e-12)


def test_one_value_has_no_interval_and_none_no_mean():
    one, none = (student(np.array(values)) for values in ([2.0], [np.nan]))
    assert one[0].value == 2.0
    assert np.isnan([one[0].low, one[0].high, one[1], none[0].value, none[1]]).all()


def test_differences_that_are_the_same_at_every_seed_are_sure_unless_they_are_none():
    reference = np.array([0.25, 0.5, 0.75])
    sure = paired_difference(reference - 0.25, reference)
    assert (sure.change.value, sure.change.low, sure.probability) == (-0.25, -0.25, 0.0)
    assert paired_difference(reference, reference).probability == 1.0


def test_pairs_are_seeds_that_both_have():
    found = paired_difference(np.array([1.0, 2.0, np.nan, 5.0]), np.array([0.0, np.nan, 1.0, 3.0]))
    assert found.pairs == 2
    assert found.change.value == 1.5


def test_holm_multiplies_by_what_is_left_and_never_falls():
    # By hand: 0.01 · 4, 0.02 · 3, then 0.022 · 2 < 0.06 stays 0.06, and 0.4 · 1.
    adjusted = holm(np.array([0.4, 0.01, 0.022, 0.02]))
    assert adjusted == pytest.approx([0.4, 0.04, 0.06, 0.06], rel=1e-12)
    assert holm(np.array([0.7, 0.9])) == pytest.approx([1.0, 1.0])
    with_unknown = holm(np.array([math.nan, 0.01]))
    assert with_unknown[1] == pytest.approx(0.02)
    assert math.isnan(with_unknown[0])
