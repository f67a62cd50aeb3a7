import math

import numpy as np
import pytest
from scipy import stats

from photon_relax.studies.ranges import read_range


@pytest.mark.parametrize(
    ("description", "values"),
    [
        ([3, 1, 2], (3, 1, 2)),
        ({"list": ["gate", "mzi"]}, ("gate", "mzi")),
        ({"integers": [1, 4]}, (1, 2, 3, 4)),
        ({"integers": [2, 9, 3]}, (2, 5, 8)),
        ({"linear": [0.0, 1.0, 5]}, (0.0, 0.25, 0.5, 0.75, 1.0)),
        ({"log": [1, 100, 3]}, (1.0, 10.0, 100.0)),
        ({"log": [1, 100]}, (1.0, 100.0)),
    ],
)
def test_the_values_of_a_grid(description, values):
    grid = read_range("x", description).grid()
    assert grid == (pytest.approx(values, rel=1e-15) if isinstance(values[0], float) else values)
    assert [type(value) for value in grid] == [type(value) for value in values]
    assert read_range("x", read_range("x", description).describe()).grid() == grid


@pytest.mark.parametrize(
    ("description", "reference"),
    [
        ({"linear": [2.0, 6.0]}, stats.uniform(2, 4)),
        ({"linear": [2.0, 6.0, 9]}, stats.uniform(2, 4)),
        ({"uniform": [2.0, 6.0]}, stats.uniform(2, 4)),
        ({"log": [1e-3, 10.0]}, stats.loguniform(1e-3, 10)),
        ({"normal": [0.02, 0.005]}, stats.norm(0.02, 0.005)),
        ({"lognormal": [1e9, 0.3]}, stats.lognorm(0.3, scale=1e9)),
        ({"normal": [1.0, 2.0], "within": [0.0, 4.0]}, stats.truncnorm(-0.5, 1.5, 1, 2)),
    ],
)
def test_quantiles_are_those_of_scipy(description, reference):
    values = read_range("x", description)
    for share in (1e-12, 0.1, 0.5, 0.9, 1 - 1e-12):
        # scipy goes through other formulas; both keep some 1e-14 of the distribution's width.
        assert values.quantile(share) == pytest.approx(reference.ppf(share), rel=1e-11)


def test_quantiles_of_values_that_can_be_counted_share_the_line_evenly():
    values = read_range("x", [10, 20, 30, 40])
    assert [values.quantile(share) for share in (0.0, 0.249, 0.25, 0.76, 1.0)] == [
        *(10, 10, 20, 40, 40)
    ]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_no_quantile_is_infinite_or_beyond_a_cut(share):
    assert math.isfinite(read_range("x", {"normal": [0, 1]}).quantile(share))
    cut = read_range("x", {"lognormal": [1.0, 2.0], "within": [0.5, 3.0]})
    assert 0.5 <= cut.quantile(share) <= 3.0
    assert np.isclose(cut.quantile(share), 3.0 if share else 0.5, rtol=1e-12)


@pytest.mark.parametrize(
    ("description", "message"),
    [
        (3.0, "x needs its values, such as [10, 20]"),
        ({}, "x needs one of list, integers"),
        ({"log": [1, 2], "list": [3]}, "x needs one of list.*got log, list"),
        ({"linaer": [1, 2, 3]}, "unknown kind of range linaer; did you mean linear?"),
        ([], "x: list holds no value"),
        ([1, "a"], "x: list mixes words and numbers"),
        ([[1]], "x: list takes numbers, words, true and false"),
        ([1.0, math.nan], "x: list takes numbers, words, true and false; got nan"),
        ({"log": [0, 1, 3]}, "x: log needs numbers > 0; got 0"),
        ({"linear": [1, 0, 3]}, "x: linear must rise"),
        ({"linear": [0, 1, 1]}, "x: linear takes as its third number how many"),
        ({"linear": [0, 1, 2.5]}, "x: linear takes as its third number how many"),
        ({"linear": [0, math.inf, 3]}, "x: linear takes from and to, and how many"),
        ({"linear": 3}, "x: linear takes a list of values in brackets"),
        ({"integers": [1.0, 3]}, "x: integers takes two or three whole numbers"),
        ({"integers": [1, 5, 0]}, "x: integers needs a step of at least 1"),
        ({"normal": [0, 0]}, "x: normal needs a standard deviation > 0"),
        ({"normal": [0, 1], "within": [1]}, "x: within takes two numbers"),
        ({"normal": [0, 1], "within": [90, 91]}, "holds nothing of normal"),
        ({"log": [1, 2], "within": [1, 2]}, "x: within cuts off uniform, normal, lognormal"),
    ],
)
def test_what_makes_no_range_is_refused(description, message):
    with pytest.raises(ValueError, match=message.replace("[", r"\[").replace("?", r"\?")):
        read_range("x", description)


def test_a_distribution_has_no_grid():
    with pytest.raises(ValueError, match="normal is a distribution, which a grid cannot take"):
        read_range("x", {"normal": [0, 1]}).grid()
