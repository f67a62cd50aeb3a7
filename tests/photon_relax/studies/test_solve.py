import math

import numpy as np
import pytest

from photon_relax.studies.ranges import read_range
from photon_relax.studies.solve import Goal, Scale, search


def _search(function, description, goal, *, least=1, smaller_is_better=False, noise=0.0):
    """Search by a function, with noise that is the same at all values; count what was asked."""
    asked = {}

    def measure(value, count):
        draws = noise * np.random.default_rng(7).standard_normal(64)
        asked[value] = max(count, asked.get(value, 0))
        return [function(value) + draw for draw in draws[:count]]

    told = []
    scale = Scale(read_range("x", description))
    solution = search(
        scale,
        goal,
        measure,
        least=least,
        smaller_is_better=smaller_is_better,
        tell=told.append,
    )
    assert sorted(told, key=lambda probe: probe.value) == list(solution.probes)
    return solution, asked


@pytest.mark.parametrize(
    ("description", "tolerance", "width"),
    [
        ({"linear": [0.0, 20.0]}, None, 0.2),
        ({"linear": [0.0, 20.0]}, 1.5, 1.5),
        ({"log": [1.0, 100.0]}, 0.05, 0.05 * 7.2),
        ({"integers": [0, 40]}, None, 1),
    ],
)
def test_without_noise_the_threshold_is_closed_in(description, tolerance, width):
    truth = 7.2
    goal = Goal(at_least=truth, tolerance=tolerance)
    solution, asked = _search(float, description, goal)
    assert solution.bad < truth <= solution.good
    assert solution.good - solution.bad <= width
    assert solution.estimate == pytest.approx(truth, abs=0.35 if "log" in description else 1e-9)
    assert set(asked.values()) == {1}
    assert len(asked) <= 2 + math.ceil(math.log2(100))
    assert all(
        isinstance(p.value, int if "integers" in description else float) for p in solution.probes
    )


def test_the_ends_are_what_was_written():
    scale = Scale(read_range("x", {"log": [3.0, 70.0]}))
    assert [scale.value(end) for end in scale.ends] == [3.0, 70.0]


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("loss", [False, True])
def test_it_finds_which_way_is_tighter(falling, loss):
    def function(x):
        margin = (3.0 - x) if falling else (x - 3.0)
        return -margin if loss else margin

    goal = Goal(at_most=0.0) if loss else Goal(at_least=0.0)
    solution, _ = _search(function, {"linear": [0, 10]}, goal, smaller_is_better=loss)
    assert solution.estimate == pytest.approx(3.0)
    assert abs(solution.good - 3.0) <= 0.1 >= abs(solution.bad - 3.0)
    assert (solution.good < solution.bad) is falling


def test_within_is_held_against_the_better_end_without_its_luck():
    """Noise of 1 in each, but the same at equal seeds: their differences have none."""
    goal = Goal(within=0.25, tolerance=0.01)
    solution, asked = _search(float, {"linear": [0.0, 1.0]}, goal, least=3, noise=1.0)
    assert solution.bad < 0.75 <= solution.good
    assert solution.good - solution.bad <= 0.01
    assert set(asked.values()) == {3}


def test_noise_leaves_an_interval_and_takes_replicates_where_it_is_close():
    goal = Goal(at_least=5.0, tolerance=0.02, most_replicates=16)
    solution, asked = _search(float, {"linear": [0.0, 10.0]}, goal, least=4, noise=1.0)
    mean = np.random.default_rng(7).standard_normal(16).mean()
    # The draws are the same at every value, so the means of 16 cross where they are shifted to.
    assert solution.estimate == pytest.approx(5.0 - mean, abs=0.35)
    assert solution.bad < 5.0 - mean < solution.good
    assert 0.1 < solution.good - solution.bad < 6.0
    assert (asked[0.0], asked[10.0]) == (4, 4)
    assert max(asked.values()) == 16
    verdicts = [probe.verdict for probe in solution.probes]
    assert verdicts == sorted(verdicts, key=["bad", "undecided", "good"].index)


def test_where_no_value_or_every_value_is_enough():
    solution, asked = _search(float, {"linear": [0, 1]}, Goal(at_least=2.0))
    assert (solution.good, solution.bad, solution.estimate) == (None, 1.0, None)
    assert len(asked) == 2
    solution, _ = _search(float, {"linear": [0, 1]}, Goal(at_least=-2.0))
    assert (solution.good, solution.bad, solution.estimate) == (0.0, None, None)
    # The better end itself is in doubt: not enough is known of what is above it.
    goal = Goal(at_least=1.0, most_replicates=8)
    solution, _ = _search(float, {"linear": [0, 1]}, goal, least=4, noise=1.0)
    assert solution.good is None


def _verdict_at_the_threshold(draws):
    figures = {0: -100.0 + draws, 1: draws}
    solution = search(
        Scale(read_range("x", {"integers": [0, 1]})),
        Goal(at_least=0.0),
        lambda value, count: figures[value][:count],
        least=4,
        smaller_is_better=False,
        tell=lambda probe: None,
    )
    return solution.probes[-1].verdict


def test_a_verdict_is_wrong_as_rarely_as_it_says():
    """At the threshold itself every clear verdict is wrong: at most 5 % of them, over all looks."""
    rng = np.random.default_rng(3)
    wrong, trials = 0, 200
    for _ in range(trials):
        wrong += _verdict_at_the_threshold(rng.standard_normal(32)) != "undecided"
    # 10 are expected at most; 20 are three standard deviations more.
    assert wrong <= 20


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "solve needs one of within, at_least and at_most.*got none"),
        ({"within": 0.1, "at_least": 0.5}, "got within, at_least"),
        ({"within": -0.1}, "solve.within must be ≥ 0"),
        ({"at_most": 1.0, "tolerance": 0.0}, "solve.tolerance must be > 0"),
    ],
)
def test_what_makes_no_goal_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Goal(**values)


def test_a_list_is_no_range():
    with pytest.raises(ValueError, match="over linear, log or integers; got list"):
        Scale(read_range("x", [1, 2]))
