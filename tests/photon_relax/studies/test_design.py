import itertools

import numpy as np
import pytest
from scipy import stats

from photon_relax.studies.design import Design, Wafers
from photon_relax.studies.ranges import Range, read_range


def _design(parameters, **options):
    ranges = {name: read_range(name, description) for name, description in parameters.items()}
    return Design(parameters=ranges, **options)


UNIT = {"a": {"uniform": [0.0, 1.0]}, "b": {"uniform": [0.0, 1.0]}}


def _values(design):
    return np.array([list(point.values()) for point in design])


def test_a_grid_is_every_combination_the_last_parameter_fastest():
    design = _design({"a": [1, 2], "b": ["x", "y", "z"]})
    assert [tuple(point.values()) for point in design] == list(itertools.product([1, 2], "xyz"))
    assert (len(design), design.shape, design.names) == (6, (2, 3), ("a", "b"))
    assert design.point(4) == {"a": 2, "b": "y"}


def test_a_latin_hypercube_puts_one_point_into_every_slice():
    values = _values(_design(UNIT, kind="latin-hypercube", points=50, seed=3))
    slices = np.sort((values * 50).astype(int), axis=0)
    assert (slices == np.arange(50)[:, None]).all()


def test_a_sobol_sequence_puts_one_point_into_every_elementary_box():
    values = _values(_design(UNIT, kind="sobol", points=64, seed=3))
    for columns in (1, 2, 4, 8, 16, 32, 64):
        boxes = (values * [columns, 64 // columns]).astype(int)
        assert len(np.unique(boxes, axis=0)) == 64


def test_one_at_a_time_leaves_the_others_at_the_base():
    design = _design({"a": [1, 2], "b": {"linear": [0.0, 1.0, 3]}}, kind="one-at-a-time")
    assert list(design) == [{"a": 1}, {"a": 2}, {"b": 0.0}, {"b": 0.5}, {"b": 1.0}]
    assert (len(design), design.shape) == (5, (5,))


def test_a_list_takes_the_values_of_all_parameters_in_step():
    design = _design({"a": [1, 1, 2], "b": ["x", "y", "x"]}, kind="list")
    assert list(design) == [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}]
    assert (len(design), design.shape) == (3, (3,))


def test_a_saltelli_sample_changes_one_parameter_of_its_first_point_at_a_time():
    values = _values(_design(UNIT, kind="saltelli", points=8, seed=3)).reshape(8, 4, 2)
    first, other, last = values[:, 0], values[:, 1:3], values[:, 3]
    for i in range(2):
        assert (other[:, i, i] == last[:, i]).all()
        assert (other[:, i, 1 - i] == first[:, 1 - i]).all()
    assert (first != last).all()


def test_monte_carlo_follows_its_distributions():
    design = _design(
        {"a": {"normal": [2.0, 0.5]}, "b": {"lognormal": [1.0, 0.4]}},
        kind="monte-carlo",
        points=4000,
        seed=1,
    )
    values = _values(design)
    # Seeded; a Kolmogorov-Smirnov test of the right distribution passes 99.9 % of seeds.
    assert stats.kstest(values[:, 0], stats.norm(2.0, 0.5).cdf).pvalue > 1e-3
    assert stats.kstest(values[:, 1], stats.lognorm(0.4).cdf).pvalue > 1e-3
    # The correlation of 4,000 independent pairs has a standard error of 0.016.
    assert abs(np.corrcoef(values.T)[0, 1]) < 4 * 0.016


def test_chips_of_a_wafer_share_the_part_of_the_variance_that_they_are_told_to():
    chips, share = 4, 0.7
    design = _design(
        {"a": {"normal": [2.0, 0.5]}},
        kind="monte-carlo",
        points=8000,
        seed=2,
        wafers=Wafers(chips=chips, share=share),
    )
    values = _values(design)[:, 0].reshape(-1, chips)
    assert values.std() == pytest.approx(0.5, rel=0.05)
    same = np.corrcoef(values[:, 0], values[:, 1])[0, 1]
    other = np.corrcoef(values[:-1, 0], values[1:, 1])[0, 1]
    # 2,000 pairs: standard errors (1 − ρ²)/√2000 = 0.011 and 0.022.
    assert same == pytest.approx(share, abs=4 * 0.011)
    assert other == pytest.approx(0.0, abs=4 * 0.022)


@pytest.mark.parametrize("kind", ["latin-hypercube", "sobol", "monte-carlo", "saltelli"])
def test_a_sample_is_fixed_by_its_seed_and_its_digest_tells_it(kind):
    one, same, other = (_design(UNIT, kind=kind, points=16, seed=s) for s in (5, 5, 6))
    assert one.digest() == same.digest() != other.digest()
    assert one.point(7) == same.point(7) != other.point(7)
    assert len(one) == one.shape[0] == (64 if kind == "saltelli" else 16)


def test_the_digest_of_a_grid_tells_its_values():
    assert _design({"a": [1, 2]}).digest() != _design({"a": [1, 3]}).digest()


@pytest.mark.parametrize(
    ("parameters", "options", "message"),
    [
        ({}, {}, "at least one parameter"),
        ({"replicate": [1]}, {}, "a parameter needs a name of its own"),
        ({"a/b": [1]}, {}, "a parameter needs a name of its own, without a slash"),
        ({"a": [1, 1]}, {}, "a: list names a value twice"),
        ({"a": [1, 1]}, {"kind": "sobol", "points": 4}, "a: list names a value twice"),
        ({"a": [1, 2], "b": [3]}, {"kind": "list"}, "value of every parameter; a has 2, b has 1"),
        ({"a": [1, 1], "b": [3, 3]}, {"kind": "list"}, "the point a = 1, b = 3 twice"),
        (UNIT, {"kind": "list"}, "a: uniform is a distribution"),
        (UNIT, {}, "a: uniform is a distribution, which a grid cannot take"),
        ({"a": [1]}, {"points": 4}, "a grid design has the points it has"),
        ({"a": {"integers": [0, 99999]}, "b": {"integers": [0, 999]}}, {}, "100,000,000 points"),
        (UNIT, {"kind": "sobol"}, "sobol needs to know how many points"),
        (UNIT, {"kind": "sobol", "points": 100}, "write 64 or 128"),
        (UNIT, {"kind": "monte-carlo", "points": 0}, "points must be a whole number"),
        (UNIT, {"kind": "saltelli", "points": 12}, "write 8 or 16"),
        (UNIT, {"kind": "one-at-a-time"}, "a: uniform is a distribution"),
        (UNIT, {"kind": "random"}, "design must be one of grid, list, one-at-a-time, latin-h"),
        (
            UNIT,
            {"kind": "sobol", "points": 4, "wafers": Wafers(chips=2, share=0.5)},
            "wafers need design",
        ),
    ],
)
def test_what_makes_no_design_is_refused(parameters, options, message):
    with pytest.raises(ValueError, match=message):
        _design(parameters, **options)


@pytest.mark.parametrize(
    ("chips", "share", "message"),
    [
        (1, 0.5, "chips must be"),
        (2.0, 0.5, "chips must be"),
        (2, 1.5, "share must be a number within 0 and 1"),
    ],
)
def test_what_makes_no_wafer_is_refused(chips, share, message):
    with pytest.raises(ValueError, match=message):
        Wafers(chips=chips, share=share)


def test_a_grid_of_three_is_seen_in_panels_where_two_have_few_values():
    sizes = {"a": 2, "b": 9, "c": 6}
    ranges = {name: Range("list", tuple(range(size))) for name, size in sizes.items()}
    assert Design(parameters=ranges).panels == ("b", "c", "a")
    assert Design(parameters=ranges | {"a": Range("list", tuple(range(5)))}).panels is None
    assert Design(parameters={"a": ranges["a"], "b": ranges["b"]}).panels is None
    assert Design(parameters=ranges, kind="one-at-a-time").panels is None
