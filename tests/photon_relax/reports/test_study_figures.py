import json

import numpy as np
import pytest

from photon_relax.reports.figures import fold_label
from photon_relax.reports.study_figures import (
    Bars,
    Curve,
    Reference,
    Swing,
    draw_cloud,
    draw_curves,
    draw_map,
    draw_ranking,
    draw_tornado,
)

X = np.array([1.0, 10.0, 100.0, 1000.0])
MIDDLE = np.array([0.1, 0.5, np.nan, 0.9])


def _curve(name="", x=X, low=MIDDLE - 0.05, high=MIDDLE + 0.05):
    return Curve(name, x, MIDDLE, np.asarray(low), np.asarray(high))


def test_a_curve_has_its_interval_as_a_band_where_there_is_one():
    figure = draw_curves([_curve()], "isolation", "accuracy", logarithmic=True, percent=True)
    band, line = figure.data
    # The point that was not measured parts the band; one point alone makes none.
    assert list(band.x) == [1, 10, 10, 1]
    np.testing.assert_allclose(band.y, [0.15, 0.55, 0.45, 0.05])
    np.testing.assert_array_equal(line.y, MIDDLE)
    assert list(line.customdata[:2]) == [
        "10.00 % (5.00 % … 15.00 %)",
        "50.00 % (45.00 % … 55.00 %)",
    ]
    assert (figure.layout.xaxis.type, figure.layout.xaxis.tickformat) == ("log", "~g")
    assert not line.showlegend
    json.loads(figure.to_json())


def test_several_curves_have_names_and_colours_and_a_line_to_compare_with():
    curves = [_curve(f"L_W = {k}") for k in range(3)]
    figure = draw_curves(curves, "x", "y", reference=Reference("base", 0.4))
    lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert [line.name for line in lines] == ["L_W = 0", "L_W = 1", "L_W = 2"]
    assert len({line.meta for line in lines}) == 3
    assert figure.layout.shapes[0].y0 == 0.4
    assert figure.layout.annotations[0].text == "base: 0.4"


def test_words_are_categories_with_bars():
    words = np.array(["mzi", "ring", "dense", "crossbar"])
    (line,) = draw_curves([_curve(x=words)], "bank", "y").data
    assert list(line.x) == words.tolist()
    np.testing.assert_allclose(line.error_y.array[:2], 0.05)
    nothing = np.full(4, np.nan)
    (line,) = draw_curves([_curve(low=nothing, high=nothing)], "x", "y").data
    assert line.error_y.array is None
    assert line.customdata[0] == "0.1"


def test_long_numbers_take_prefixes():
    figure = draw_curves([_curve(x=X * 1e9)], "bandwidth", "y")
    assert figure.layout.xaxis.tickformat == "~s"
    assert draw_curves([_curve(x=X * 0)], "x", "y").layout.xaxis.tickformat == "~g"


def test_a_map_has_a_cell_a_point_and_tells_its_interval():
    z = np.array([[0.1, 0.2], [0.3, np.nan], [0.5, 0.6]])
    labels = ("x", "y", "accuracy")
    figure = draw_map(
        ["1", "2.5"], ["yes", "no", "maybe"], z, z - 0.1, z + 0.1, labels,
        percent=True,
    )  # fmt: skip
    heat = figure.data[0]
    assert (list(heat.x), list(heat.y)) == (["1", "2.5"], ["yes", "no", "maybe"])
    assert heat.customdata[0][0] == "10.00 % (0.00 % … 20.00 %)"
    assert list(heat.text[1]) == ["30.0", ""]
    big = np.zeros((10, 10))
    many = draw_map("abcdefghij", "abcdefghij", big, big, big, labels)
    assert heat.texttemplate == "%{text}"
    assert many.data[0].texttemplate is None


def test_a_cloud_shows_every_point():
    figure = draw_cloud(X, MIDDLE, "x", "y", logarithmic=True, reference=Reference("base", 1))
    (points,) = figure.data
    np.testing.assert_array_equal(points.y, MIDDLE)
    assert figure.layout.xaxis.type == "log"
    assert (
        draw_cloud(np.zeros(500), np.zeros(500), "x", "y").data[0].marker.size < points.marker.size
    )


def test_a_ranking_keeps_its_order_and_signs():
    one = Bars("", [0.6, -0.3], [(0.5, 0.7), (np.nan, np.nan)])
    figure = draw_ranking(["a.b", "c"], [one], "rank correlation")
    (bars,) = figure.data
    assert list(bars.x) == [0.6, -0.3]
    assert bars.error_x.array[0] == pytest.approx(0.1)
    assert np.isnan(bars.error_x.array[1])
    assert list(bars.customdata) == ["a.b: 0.6 (0.5 … 0.7)", "c: -0.3"]
    assert not bars.showlegend
    both = draw_ranking(["a.b", "c"], [one, one._replace(name="first")], "share")
    assert [bars.showlegend for bars in both.data] == [True, True]


def test_a_tornado_swings_about_the_base_or_from_its_least():
    swings = [Swing("1 dB", 0.4, "9 dB", 0.9), Swing("base", 0.7, "x", 0.75)]
    figure = draw_tornado(["a", "b"], swings, "accuracy", reference=Reference("base", 0.7))
    low, high = figure.data
    np.testing.assert_allclose(low.x, [-0.3, 0.0], atol=1e-15)
    np.testing.assert_allclose(high.x, [0.2, 0.05], atol=1e-15)
    assert list(high.base) == [0.7, 0.7]
    assert list(low.customdata) == ["a at 1 dB: 0.4", "b at base: 0.7"]
    bare = draw_tornado(["a", "b"], swings, "accuracy", percent=True)
    np.testing.assert_allclose(bare.data[1].x, [0.5, 0.05])
    assert not bare.layout.shapes


@pytest.mark.parametrize(
    ("x", "ticks"),
    [
        ([3.0, 60.0], ["5", "10", "20", "50"]),
        ([3e8, 3e9], ["500M", "1G", "2G"]),
        ([1e-6, 1.0], ["1µ", "10µ", "100µ", "1m", "10m", "100m", "1"]),
    ],
)
def test_decades_have_few_ticks(x, ticks):
    x = np.array(x)
    figure = draw_cloud(x, x, "x", "y", logarithmic=True)
    assert list(figure.layout.xaxis.ticktext) == ticks
    assert draw_cloud(x[:1], x[:1], "x", "y", logarithmic=True).layout.xaxis.tickvals is None


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("slot", "slot"),
        ("waveform, isolation_db = 3.5", "waveform, isolation_db =<br>3.5"),
        ("hardware.switch.isolation_db", "hardware.switch.<br>isolation_db"),
        ("a_word_that_is_longer_than_the_line", "a_word_that_is_longer_than_the_line"),
    ],
)
def test_labels_are_folded_at_spaces_and_behind_dots(label, lines):
    assert fold_label(label) == lines
