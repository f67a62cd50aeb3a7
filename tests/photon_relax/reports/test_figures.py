import json

import numpy as np
import pytest

from photon_relax.reports.figures import (
    draw_bars,
    draw_confusion,
    draw_intervals,
    draw_learning,
    draw_panels,
    draw_steps,
)


def test_learning_shows_both_curves_and_the_step_that_was_kept():
    figure = draw_learning(([1, 2, 3], [3.0, 2.0, 1.0]), ([2], [2.5]), 2, "loss / nats")
    training, validation = figure.data
    assert (training.name, validation.name) == ("training", "validation")
    np.testing.assert_array_equal(training.y, [3, 2, 1])
    np.testing.assert_array_equal(validation.x, [2])
    assert figure.layout.shapes[0].x0 == 2
    assert figure.layout.annotations[0].text == "best, 2"
    assert figure.layout.yaxis.title.text == "loss / nats"
    assert figure.layout.yaxis.tickformat is None
    unfinished = draw_learning(([1], [0.5]), ([], []), None, "right", percent=True)
    assert not unfinished.layout.shapes
    assert unfinished.layout.yaxis.tickformat == "~%"  # 96.5 % beside 97 %


def test_intervals_are_bars_about_their_values_with_the_first_as_reference():
    long = "waveform, switch.isolation_db = 3"
    figure = draw_intervals(["slot", long], [0.9, 0.7], [(0.85, 0.94), (0.6, 0.78)], "right")
    first, others = figure.data
    assert first.meta != others.meta
    assert (first.x[0], others.x[0]) == (0.9, 0.7)
    assert first.error_x.array[0] == pytest.approx(0.04)
    assert others.error_x.arrayminus[0] == pytest.approx(0.1)
    assert figure.layout.shapes[0].x0 == 0.9
    assert figure.layout.yaxis.ticktext == ("slot", "waveform,<br>switch.isolation_db = 3")
    assert figure.layout.height > draw_intervals(["a"], [1], [(1, 1)], "").layout.height


def test_bars_and_steps_keep_their_order_also_where_labels_are_alike():
    figure = draw_bars(["a", "a", "b"], [3.0, 0.0, 1.0], ["3 W", "0 W", "1 W"], "power / W")
    bar = figure.data[0]
    assert (list(bar.x), list(bar.y)) == ([3, 0, 1], ["0", "1", "2"])
    assert figure.layout.yaxis.ticktext == ("a", "a", "b")
    assert list(bar.textposition) == ["inside", "outside", "outside"]
    steps = draw_steps(["laser", "switch"], [20.0, 17.0], ["x", "y"], "level / dBm")
    assert list(steps.data[0].x) == [20, 17]
    assert steps.layout.yaxis.autorange == "reversed"


def test_confusion_shows_counts_and_shades_by_share_of_the_true_class():
    figure = draw_confusion(np.array([[3, 1, 0], [0, 4, 0], [0, 0, 0]]))
    heat = figure.data[0]
    np.testing.assert_allclose(heat.z, [[0.75, 0.25, 0], [0, 1, 0], [0, 0, 0]])
    assert heat.text.tolist() == [["3", "1", ""], ["", "4", ""], ["", "", ""]]
    assert figure.layout.yaxis.autorange == "reversed"


def test_panels_share_their_time_and_their_legend_and_mark_the_slots():
    time = np.array([0.5, 1.0, 1.5, 2.0])
    waves = [("lane 0", "series-1", time**2), ("lane 1", "series-2", -time)]
    marks = [(0.0, 1.0, "W<sub>0</sub>"), (1.0, 2.0, "W<sub>1</sub>")]
    figure = draw_panels(time, [("z", waves), ("f(z)", waves)], marks, "time / ns")
    assert [trace.showlegend for trace in figure.data] == [True, True, False, False]
    assert figure.layout.xaxis.matches == "x2"
    assert figure.layout.xaxis2.title.text == "time / ns"
    assert [shape.x0 for shape in figure.layout.shapes] == [0, 1]
    assert [(note.x, note.text) for note in figure.layout.annotations] == [
        (0.5, "W<sub>0</sub>"), (1.5, "W<sub>1</sub>")
    ]  # fmt: skip
    assert len(json.loads(figure.to_json())["data"]) == 4
