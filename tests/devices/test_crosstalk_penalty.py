import itertools

import numpy as np
import pytest
from scipy.special import ndtr

from devices import crosstalk_penalty_db
from devices.crosstalk_penalty import _exact_tail


@pytest.mark.parametrize(
    ("margin", "swings"),
    [(6.0, [1.0]), (6.0, [5.0]), (20.0, [15.0]), (0.1, [0.2]), (8.0, [3.0, 1.0]), (9.0, [2.0] * 3)],
)
def test_tail_is_the_average_over_the_phases(margin, swings):
    # The midpoint rule over smooth periods converges exponentially.
    n = 4000 if len(swings) == 1 else 60
    cosines = np.cos((np.arange(n) + 0.5) / n * np.pi)
    beats = [
        sum(b * x for b, x in zip(swings, corner, strict=True))
        for corner in itertools.product(cosines, repeat=len(swings))
    ]
    expected = np.mean(ndtr(np.array(beats) - margin))
    sizes, counts = np.unique(swings, return_counts=True)
    assert np.exp(_exact_tail(margin, sizes, counts)) == pytest.approx(expected, rel=1e-11)


def test_printed_values_of_one_interferer():
    got = crosstalk_penalty_db(np.array([1e-3, 3e-3, 1e-2, 3e-2])[:, None])
    np.testing.assert_allclose(got, [0.182, 0.383, 0.825, 1.679], atol=5e-4)  # half a digit


def test_normal_beats_cost_what_takahashi_says():
    total = np.array([1e-4, 1e-3, 3e-3])
    for parts in (1, 4):
        ratios = np.repeat(total[:, None] / parts, parts, axis=1)
        got = crosstalk_penalty_db(ratios, statistics="gaussian")
        np.testing.assert_allclose(got, -10 * np.log10(1 - 72 * total), rtol=1e-12)
        got = crosstalk_penalty_db(ratios, statistics="gaussian", threshold="middle")
        np.testing.assert_allclose(got, -5 * np.log10(1 - 288 * total), rtol=1e-12)


def test_a_few_interferers_cost_less_than_normal_ones_and_many_as_much():
    def cost(parts, statistics="exact"):
        return crosstalk_penalty_db(np.full(parts, 3e-3 / parts), statistics=statistics)

    few = [cost(parts) for parts in (1, 2, 5, 20, 200)]
    assert np.all(np.diff(few) > 0)
    # The kurtosis −3/2M is all that tells M beats from normal ones.
    assert (cost(1, "gaussian") - few[-1]) * 200 == pytest.approx(
        (cost(1, "gaussian") - cost(400)) * 400, rel=0.02
    )


def test_a_quiet_receiver_feels_the_worst_phase():
    penalty = [crosstalk_penalty_db(1e-2, quality=q) for q in (3.0, 6.0, 20.0, 300.0)]
    worst = crosstalk_penalty_db(1e-2, statistics="worst")
    assert worst == pytest.approx(-10 * np.log10(0.8), rel=1e-14)
    assert np.all(np.diff(penalty) > 0)
    assert worst - 1e-3 < penalty[-1] < worst


def test_powers_that_add_cost_little():
    got = crosstalk_penalty_db([1e-2, 2e-2], statistics="incoherent")
    assert got == pytest.approx(-10 * np.log10(0.97), rel=1e-14)


def test_no_crosstalk_costs_nothing_and_an_eye_can_close():
    for statistics in ("exact", "gaussian", "worst", "incoherent"):
        assert crosstalk_penalty_db(0.0, statistics=statistics) == pytest.approx(0.0, abs=1e-12)
    for statistics in ("exact", "gaussian", "worst"):
        assert crosstalk_penalty_db(0.3, statistics=statistics) == np.inf
    assert crosstalk_penalty_db([0.5, 0.6], statistics="incoherent") == np.inf
    assert crosstalk_penalty_db(0.24) < -10 * np.log10(1 - 2 * 0.24**0.5)
    middle = crosstalk_penalty_db(0.01, threshold="middle")
    assert middle > crosstalk_penalty_db(0.01)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: crosstalk_penalty_db(-30.0), r"ratios must be at least 0 and below 1 .*1e-3"),
        (lambda: crosstalk_penalty_db(1e-3, quality=0.0), "quality must be > 0"),
        (lambda: crosstalk_penalty_db(1e-3, statistics="exakt"), "statistics must be one of exact"),
        (lambda: crosstalk_penalty_db(1e-3, threshold="low"), "threshold must be one of optimum"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
