import csv
import io

import numpy as np
import pytest

from photon_relax.experiments.findings import find
from photon_relax.experiments.picture import draw_findings
from photon_relax.experiments.tables import csv_text, family_rows, family_table, point_table

COMPARISON = {"against": {"weight_sets": 1}, "claim": "More is better."}
VIEW = {
    "title": "Own",
    "figure": "test_error",
    "picture": "curve",
    "along": "weight_sets",
    "footprint": True,
    "comparisons": [COMPARISON],
}
NOISE = np.array([0.0, 0.01, -0.01, 0.02, -0.02])


def _accuracies(*changes):
    """Accuracies that follow those of the first point, seed by seed, but for noise of their own."""
    rng = np.random.default_rng(4)
    luck = rng.normal(0.6, 0.1, 5)
    return np.stack([luck + change + NOISE * 0.1 * i for i, change in enumerate(changes)])


@pytest.fixture
def finding(planned, measured):
    """Return a function from changes of the accuracy by the weight sets to what is found."""

    def make(*changes, values=None, **comparison):
        view = VIEW | {"comparisons": [COMPARISON | comparison]}
        values = _accuracies(0.0, *changes) if values is None else values
        count = len(values)
        study = planned([view], {"weight_sets": [1, 2, 3, 4][:count]}, replicates=values.shape[1])
        (found,) = find(study, measured(study, test_accuracy=values))
        return found

    return make


def test_differences_are_paired_so_that_the_luck_of_the_seeds_does_not_count(finding):
    found = finding(0.05, 0.0)
    better, equal = found.families[0].comparisons
    # The seeds scatter by 0.1; the differences by a hundredth of it.
    assert found.estimates[0].high - found.estimates[0].low > 0.1
    assert better.difference.change.value == pytest.approx(-0.05, abs=1e-12)
    assert better.is_significant
    assert not equal.is_significant
    assert found.best_text.endswith(" at L_W = 2")
    assert found.best_text.startswith("best test error (%): ")
    assert found.at({"weight_sets": 2}) == pytest.approx(1 - _accuracies(0, 0.05)[1])


@pytest.mark.parametrize(
    ("changes", "comparison", "outcome", "reason"),
    [
        ((0.05, 0.06), {}, "confirmed", "2 of 2 are significantly lower"),
        ((0.05, 0.0), {}, "confirmed in part", "1 of 2 are significantly lower"),
        ((0.05, -0.05), {}, "not confirmed", "lower, 1 significantly higher (L_W = 3)"),
        ((0.0, 0.0), {}, "not confirmed", "0 of 2 are significantly lower"),
        ((0.05, 0.0), {"at": "some"}, "confirmed", "1 of 2 are significantly lower"),
        ((-0.05, 0.0), {"at": "some"}, "not confirmed", "1 significantly higher (L_W = 2)"),
        ((0.05, 0.06), {"expect": "higher"}, "not confirmed", "2 significantly lower (L_W = 2; "),
        ((0.001, 0.0), {"expect": "same", "within": 0.01}, "confirmed", "2 of 2 are the same to"),
        (
            (0.05, 0.0),
            {"expect": "same", "within": 0.01},
            "not confirmed",
            "1 of 2 are the same to within 1 points, 1 significantly different (L_W = 2)",
        ),
    ],
)
def test_a_verdict_is_counted_from_the_intervals(finding, changes, comparison, outcome, reason):
    verdict = finding(*changes, **comparison).families[0].verdict
    assert verdict.outcome == outcome
    assert reason in verdict.reason
    assert verdict.sentence.startswith(f"More is better. {outcome.capitalize()}: ")


def test_one_seed_decides_nothing_and_says_so(finding):
    found = finding(values=_accuracies(0.0, 0.05)[:, :1])
    (family,) = found.families
    assert family.verdict.outcome == "not decided"
    assert family_rows(found, family)[0][1:] == [
        *("−5.00", "1", "–", "unknown: one seed has no interval")
    ]


def test_what_was_not_measured_decides_nothing_and_says_so(finding):
    values = _accuracies(0.0, 0.05, 0.05)
    values[2] = np.nan
    found = finding(values=values)
    (family,) = found.families
    assert family.verdict.reason == (
        "1 of 2 have fewer than two seeds, so that nothing can be said"
    )
    assert family_rows(found, family)[1][1:] == [
        *("not measured", "0", "–", "unknown: not measured")
    ]


def test_a_seed_that_failed_leaves_the_others(finding):
    values = _accuracies(0.0, 0.05)
    values[1, 2] = np.nan
    found = finding(values=values)
    assert found.seeds == [5, 4]
    assert found.families[0].comparisons[0].difference.pairs == 4


def test_a_figure_that_is_not_measured_is_refused(planned, measured):
    study = planned([VIEW | {"figure": "gain"}], {"weight_sets": [1, 2]})
    with pytest.raises(ValueError, match="measures val_loss, status, but no gain"):
        find(study, measured(study, val_loss=np.ones((2, 5))))


def test_tables_say_how_many_seeds_and_whether_a_difference_is_one(finding):
    found = finding(0.05, 0.0)
    (family,) = found.families
    first, second = family_rows(found, family)
    assert first[0] == "L_W = 2"
    assert first[1].startswith("−5.00 (−5.")
    assert first[2:] == ["5", first[3], "significant at 5 % (Holm, 2 comparisons)"]
    assert second[-1] == "not significant at 5 % (Holm, 2 comparisons)"
    assert family_table(found, family).title == "Against L_W = 1"
    assert [column.header for column in point_table(found).columns] == [
        *("", "hidden parameters", "seeds", "test error (%), 95 % interval")
    ]


def test_the_csv_has_a_line_a_comparison_and_one_for_points_without(finding):
    lines = list(csv.DictReader(io.StringIO(csv_text([finding(0.05, 0.0)]))))
    assert [line["weight_sets"] for line in lines] == ["1", "2", "3"]
    assert (lines[0]["reference"], lines[0]["change"]) == ("", "")
    assert lines[1]["reference"] == "L_W = 1"
    assert float(lines[1]["change"]) == pytest.approx(-0.05, rel=1e-5)
    assert float(lines[1]["p_holm"]) < 0.05 < float(lines[2]["p_holm"])
    assert (lines[2]["hidden_parameters"], lines[2]["seeds"]) == ("126", "5")


def test_a_curve_has_its_reference_and_the_parameters_on_a_second_axis(finding, drawn, tmp_path):
    draw_findings([finding(0.05, 0.0)], "Why?", tmp_path / "figure.png")
    axes, second = drawn[0].axes
    assert [bar.get_height() for bar in second.patches] == [42, 84, 126]
    (curve, *_), dashed = axes.lines, [line for line in axes.lines if line.get_linestyle() == "--"]
    assert curve.get_xdata().tolist() == [1, 2, 3]
    assert dashed[0].get_ydata()[0] == pytest.approx(100 * (1 - _accuracies(0)[0].mean()))
    # Full where the difference is significant.
    marks = [line for line in axes.lines if line.get_marker() == "o"]
    assert [m.get_markerfacecolor() for m in marks] == ["white", "#0072B2", "white"]


def test_a_map_has_the_best_of_every_row_marked(planned, measured, drawn, tmp_path):
    view = {"title": "Own", "figure": "val_loss", "picture": "map", "along": "repetitions"}
    lists = {"weight_sets": [1, 1, 2], "repetitions": [1, 2, 2]}
    study = planned([view], lists, "list", replicates=2)
    values = np.array([[1.0, 1.2], [0.5, 0.7], [2.0, 2.2]])
    draw_findings(find(study, measured(study, val_loss=values)), "Why?", tmp_path / "figure.png")
    axes = drawn[0].axes[0]
    shades = axes.images[0].get_array().filled(np.nan)
    assert shades == pytest.approx(np.array([[1.1, 0.6], [np.nan, 2.1]]), nan_ok=True)
    assert [line.get_xydata().tolist() for line in axes.lines] == [[[1, 0]], [[1, 1]]]
    assert [text.get_text() for text in axes.texts] == ["1.10", "0.60", "2.10"]


def test_points_stand_in_rows_with_a_colour_for_each_of_the_series(
    planned, measured, drawn, tmp_path
):
    view = {"title": "Own", "figure": "val_loss", "picture": "points", "series": "fidelity"}
    study = planned([view], {"weight_sets": [1, 2], "fidelity": ["ideal", "slot"]}, replicates=2)
    values = np.arange(8.0).reshape(4, 2)
    draw_findings(find(study, measured(study, val_loss=values)), "Why?", tmp_path / "figure.png")
    axes = drawn[0].axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["$L_W$ = 1", "$L_W$ = 2"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["ideal", "slot"]
    for handle in axes.get_legend().legend_handles:
        np.testing.assert_array_equal(handle.get_facecolor(), [[1, 1, 1, 1]])


def test_layers_are_geometric_means_over_the_seeds(planned, measured, drawn, tmp_path):
    view = {"title": "Own", "figure": "gradient_decades", "picture": "layers"}
    lists = {"repetitions": [4, 5], "skip": [0.0, 0.5]}
    study = planned([view], lists, "list", replicates=2)
    norms = {
        "gradient_0": [[0.1, 0.4], [1.0, 4.0]],
        "gradient_1": [[1.0, 1.0], [2.0, 2.0]],
        "gradient_2": [[np.nan, np.nan], [3.0, 3.0]],
    }
    results = measured(study, gradient_decades=[[-1.0, -0.4], [-0.4, 0.1]], **norms)
    (found,) = find(study, results)
    draw_findings([found], "Why?", tmp_path / "figure.png")
    (axes,) = drawn[0].axes
    shallow, deep = axes.lines
    np.testing.assert_allclose(shallow.get_ydata(), [0.2, 1.0], rtol=1e-12)
    np.testing.assert_allclose(deep.get_ydata(), [2.0, 2.0, 3.0], rtol=1e-12)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    # What is not there is not said.
    assert labels == ["$L_T$ = 4", "$L_T$ = 5, skip = 0.5"]


def test_a_reference_without_remedies_is_named_by_what_it_has(planned, measured):
    none = {"start": "normal", "slot_gain": False, "skip": 0.0, "normalise": 0.0}
    view = VIEW | {"footprint": False, "along": "skip", "figure": "gradient_decades"}
    view["comparisons"] = [{"against": none}]
    lists = {"start": ["normal", "normal"], "slot_gain": [False, True]}
    lists |= {"skip": [0.0, 0.0], "normalise": [0.0, 0.8]}
    study = planned([view], lists, "list", replicates=2)
    values = np.array([[-3.0, -3.1], [0.1, 0.2]])
    (found,) = find(study, measured(study, gradient_decades=values))
    table = family_table(found, found.families[0])
    assert table.title == "Against normal"
    assert "first over last gradient, after training" in table.columns[1].header
    (row,) = family_rows(found, found.families[0])
    assert row[0] == "normal, slot gain = true, normalise = 0.8"
    # A gain of each of the four layers more.
    assert np.diff(study.hidden_parameters).tolist() == [4]
