import json

import numpy as np
import pytest

from validation.case import Curve
from validation.figure import draw_curve, tolerance_band


def _curve(x, reference, simulated=None):
    x, reference = np.asarray(x, float), np.asarray(reference, float)
    simulated = reference if simulated is None else np.asarray(simulated, float)
    return Curve(x=x, reference=reference, simulated=simulated, x_label="x / s", y_label="y / W")


def _traces(figure):
    return {trace.meta: trace for trace in figure.data}


def test_formula_is_a_line_simulation_points_and_their_difference_below():
    curve = _curve([0, 1, 2], [1, 2, 4], [1.5, 2, 3])
    figure = draw_curve(curve)
    traces = _traces(figure)
    assert set(traces) == {"formula", "model", "residual"}
    line, points, below = traces["formula"], traces["model"], traces["residual"]
    assert (line.mode, points.mode, below.mode) == ("lines", "markers", "markers")
    np.testing.assert_array_equal(line.y, [1, 2, 4])
    np.testing.assert_array_equal(points.y, [1.5, 2, 3])
    np.testing.assert_array_equal(below.y, [0.5, 0, -1])
    assert line.yaxis == points.yaxis != below.yaxis
    assert figure.layout.xaxis.matches == "x2"
    assert figure.layout.xaxis2.title.text == "x / s"
    assert figure.layout.yaxis.title.text == "y / W"
    assert figure.layout.yaxis2.title.text == "model − formula"


def test_decades_are_drawn_on_logarithmic_axes_and_compared_by_ratio():
    x = np.logspace(0, 5, 21)
    figure = draw_curve(_curve(x, x**2, 1.1 * x**2))
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
    np.testing.assert_allclose(_traces(figure)["residual"].y, 0.1)
    assert figure.layout.yaxis2.title.text == "model / formula − 1"
    figure = draw_curve(_curve(np.arange(1, 6), [1, 2, 3, 4, 5]))
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("linear", "linear")


def test_a_tail_that_drowns_in_rounding_errors_stays_on_a_linear_axis():
    x = np.linspace(-9, 9, 51)
    pulse = np.exp(-(x**2))
    figure = draw_curve(_curve(x, pulse, pulse + 1e-17))
    assert figure.layout.yaxis.type == "linear"
    assert figure.layout.yaxis2.title.text == "model − formula"


def test_families_of_curves_do_not_run_together():
    figure = draw_curve(_curve([0, 1, 2, 0, 1, 2], [0, 1, 2, 3, 4, 5]))
    line = _traces(figure)["formula"]
    np.testing.assert_array_equal(line.x, [0, 1, 2, np.nan, 0, 1, 2])
    np.testing.assert_array_equal(line.y, [0, 1, 2, np.nan, 3, 4, 5])
    falling = _traces(draw_curve(_curve([3, 2, 1, 3, 2, 1], [0, 1, 2, 3, 4, 5])))["formula"]
    np.testing.assert_array_equal(falling.x, [3, 2, 1, np.nan, 3, 2, 1])
    families = np.tile(np.logspace(0, 2, 5), 2)
    assert draw_curve(_curve(families, np.ones(10))).layout.xaxis.type == "log"


def test_without_an_order_of_x_the_formula_is_dashes():
    x = np.random.default_rng(0).uniform(size=40)
    formula = _traces(draw_curve(_curve(x, x)))["formula"]
    assert (formula.mode, formula.marker.symbol) == ("markers", "line-ew-open")
    np.testing.assert_array_equal(formula.y, x)


def test_elements_of_a_matrix_are_steps_and_curves_are_not():
    rng = np.random.default_rng(0)
    assert (
        _traces(draw_curve(_curve(range(50), rng.normal(size=50))))["formula"].line.shape == "hvh"
    )
    wave = np.sin(np.linspace(0, 20, 50))
    assert _traces(draw_curve(_curve(range(50), wave)))["formula"].line.shape == "linear"


@pytest.mark.parametrize(("count", "name"), [(120, "simulation"), (121, "2nd"), (1300, "11th")])
def test_many_points_are_thinned_and_the_picture_says_so(count, name):
    x = np.linspace(0, 1, count)
    traces = _traces(draw_curve(_curve(x, x)))
    assert name in traces["model"].name
    assert len(traces["model"].x) <= 120
    assert len(traces["residual"].x) == len(traces["formula"].x) == count


def test_rounding_errors_do_not_make_the_upper_axis():
    figure = draw_curve(_curve([0, 1], [1, 1], [1 + 2e-16, 1]))
    assert figure.layout.yaxis.range == pytest.approx((0.9, 1.1))
    figure = draw_curve(_curve([0, 1], [0, 0], [0, 0]))
    assert figure.layout.yaxis.range == pytest.approx((-1, 1))


def test_the_tolerance_is_drawn_where_it_is_near_and_told_where_it_is_far():
    curve = _curve([0, 1, 2], [1, 2, 3], [1.002, 2, 3])
    near = draw_curve(curve, band=0.004)
    assert {shape.y0 for shape in near.layout.shapes} == {0, 0.004, -0.004}
    assert near.layout.yaxis2.range == pytest.approx((-0.0048, 0.0048))
    far = draw_curve(curve, band=0.5)
    assert {shape.y0 for shape in far.layout.shapes} == {0}
    assert far.layout.annotations[0].text == "tolerance ±0.5, off this scale"
    assert {shape.y0 for shape in draw_curve(curve).layout.shapes} == {0}
    # Beyond the tolerance: the picture shows the points that are.
    assert draw_curve(curve, band=0.001).layout.yaxis2.range == pytest.approx((-0.0024, 0.0024))


def test_which_distance_an_error_is_shows_in_its_value():
    curve = _curve([0, 1, 2], [1, 2, 4], [1.2, 2, 4.4])
    assert tolerance_band(curve, 0.1, 0.3) == pytest.approx(1.2)  # relative to the largest
    assert tolerance_band(curve, 0.4, 0.3) == pytest.approx(0.3)  # absolute
    assert tolerance_band(curve, 1.7, 4.0) is None  # standard errors
    assert tolerance_band(curve, 0.0, 1.0) is None
    decades = _curve([0, 1], [1e-4, 1.0], [1.2e-4, 1.0])
    assert tolerance_band(decades, 0.2, 0.3) == pytest.approx(0.3)
    assert tolerance_band(decades, 2e-5, 0.3) is None


def test_labels_are_folded_and_escaped_and_the_data_is_json():
    curve = Curve(
        x=np.arange(3.0), reference=np.arange(3.0), simulated=np.arange(3.0),
        x_label="a_1 < b", y_label="a long label of an axis that would not fit beside it / W",
    )  # fmt: skip
    figure = draw_curve(curve)
    assert figure.layout.xaxis2.title.text == "a<sub>1</sub> &lt; b"
    assert figure.layout.yaxis.title.text.count("<br>") == 1
    assert len(json.loads(figure.to_json())["data"]) == 3
