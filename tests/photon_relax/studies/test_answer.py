import math
import re

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from photon_relax.studies import Study
from photon_relax.studies.answer import conclude, estimates
from photon_relax.studies.results import replicate_interval


def _grid(accuracy, **more):
    """Results over a = 1, 2, 3 and b = x, y from an array (3, 2, replicates)."""
    accuracy = np.asarray(accuracy, dtype=float)
    dims = ("a", "b", "replicate")
    return xr.Dataset(
        {
            "accuracy": (dims, accuracy),
            "seconds": (dims, np.ones_like(accuracy)),
            "status": (dims, np.ones(accuracy.shape, dtype=np.int8)),
            **more,
        },
        coords={"a": [1, 2, 3], "b": ["x", "y"]},
    )


def test_the_interval_of_replicates_is_students():
    values = np.array([[0.1, 0.4, 0.35], [1.0, np.nan, 2.0], [3.0, np.nan, np.nan]])
    mean, low, high = replicate_interval(xr.DataArray(values, dims=("point", "replicate")))
    for row in (0, 1):
        known = values[row][~np.isnan(values[row])]
        expected = stats.t.interval(0.95, len(known) - 1, known.mean(), stats.sem(known))
        assert (float(low[row]), float(high[row])) == pytest.approx(expected, rel=1e-12)
        assert float(mean[row]) == pytest.approx(known.mean(), rel=1e-15)
    assert float(mean[2]) == 3.0
    assert np.isnan([low[2], high[2]]).all()


def test_best_worst_and_effects_of_a_grid():
    rng = np.random.default_rng(4)
    truth = np.array([[0.5, 0.6], [0.7, 0.8], [0.8, 0.9]])
    accuracy = truth[:, :, None] + 0.001 * rng.standard_normal((3, 2, 4))
    base = ("replicate", np.array([0.91, 0.92, 0.93, 0.92]))
    answer = conclude(_grid(accuracy, accuracy_baseline=base))
    assert (dict(answer.best_at), dict(answer.worst_at)) == ({"a": 3, "b": "y"}, {"a": 1, "b": "x"})
    assert answer.best.low < 0.9 < answer.best.high
    assert answer.baseline.value == pytest.approx(0.92)
    assert [effect.name for effect in answer.effects] == ["a", "b"]
    curve = accuracy.mean(axis=1)
    change = curve[2] - curve[0]
    size = answer.effects[0].size
    assert size.value == pytest.approx(change.mean(), rel=1e-12)
    expected = stats.t.interval(0.95, 3, change.mean(), stats.sem(change))
    assert (size.low, size.high) == pytest.approx(expected, rel=1e-12)
    assert answer.effects[1].size.value == pytest.approx(0.1, abs=0.002)
    assert answer.sentence.startswith("accuracy is best, 89.97 % (89.89 … 90.05), at a = 3")
    assert "at a = 3, b = y, and worst, " in answer.sentence
    assert "; what matters most: a (changes it by 29.97 (" in answer.sentence


def test_the_interval_of_a_share_stays_within_it():
    values = np.array([[[0.0, 0.1, 0.2]], [[0.9, 1.0, 1.0]], [[0.5, 0.5, 0.6]]])
    table = _grid(np.concatenate([values, values], axis=1))
    answer = conclude(table)
    assert (answer.worst.low, answer.best.high) == (0.0, 1.0)
    assert answer.worst.high == replicate_interval(table["accuracy"])[2][0, 0]
    # A change may be negative, and a loss more than 1.
    assert conclude(table.rename(accuracy="loss")).best.low < 0


def test_a_loss_is_best_where_it_is_least():
    results = _grid(np.arange(6.0).reshape(3, 2, 1)).rename(accuracy="loss")
    answer = conclude(results)
    assert (answer.best.value, answer.worst.value) == (0.0, 5.0)
    assert math.isnan(answer.best.low)
    assert answer.sentence.startswith("loss is best, 0, at a = 1, b = x, and worst, 5, at a = 3")


def test_one_measurement_brings_its_own_interval():
    accuracy = np.arange(6.0).reshape(3, 2, 1) / 10
    dims = ("a", "b", "replicate")
    results = _grid(
        accuracy,
        accuracy_low=(dims, accuracy - 0.05),
        accuracy_high=(dims, accuracy + 0.02),
        accuracy_baseline=("replicate", [0.9]),
        accuracy_low_baseline=("replicate", [0.8]),
        accuracy_high_baseline=("replicate", [1.0]),
    )
    answer = conclude(results)
    assert answer.target == "accuracy"
    assert (answer.best.low, answer.best.high) == pytest.approx((0.45, 0.52))
    assert (answer.baseline.low, answer.baseline.high) == (0.8, 1.0)
    assert "is best, 50.00 % (45.00 … 52.00)" in answer.sentence


def test_a_sample_is_ranked_by_correlation():
    rng = np.random.default_rng(1)
    a, b = rng.random(200), rng.random(200)
    value = np.exp(5 * a) + 0.5 * b
    results = xr.Dataset(
        {"value": (("point", "replicate"), value[:, None])},
        coords={"a": ("point", a), "b": ("point", b), "c": ("point", ["w"] * 200)},
    )
    answer = conclude(results)
    assert [effect.name for effect in answer.effects] == ["a", "b"]
    strong, weak = answer.effects
    assert strong.kind == "rank"
    assert strong.size.low < 1.0
    assert strong.size.value > 0.99
    rho = stats.spearmanr(b, value).statistic
    assert weak.size.value == pytest.approx(rho)
    low, high = np.tanh(np.arctanh(rho) + np.array([-1, 1]) * 1.959964 * 1.03 / math.sqrt(197))
    assert (weak.size.low, weak.size.high) == pytest.approx((low, high), rel=1e-6)


def test_one_at_a_time_gives_swings_with_the_base_among_them(tmp_path):
    def measure(values, seed):
        noise = 0.01 * np.random.default_rng(seed).normal()
        return {"loss": values["a"] ** 2 + 0.1 * len(values["b"]) + noise}

    study = Study(
        measure,
        {"a": [1.0, 3.0], "b": ["x", "xyz"], "c": [1, 2]},
        design="one-at-a-time",
        baseline={"a": 2.0, "b": "xyzuv", "c": 0},
        replicates=3,
        paired=True,
    )
    results = study.run(tmp_path / "s", workers=0)
    assert results["parameter"].values.tolist() == ["a", "a", "b", "b", "c", "c"]
    assert np.isnan(results["a"].values[2:]).all()
    answer = study.answer(results)
    assert [effect.name for effect in answer.effects] == ["a", "b", "c"]
    a, b, c = answer.effects
    # Paired, so that the noise cancels.
    assert (a.size.value, a.size.low, a.size.high) == pytest.approx((8.0, 8.0, 8.0))
    assert [label for label, _ in a.ends] == ["1", "3"]
    assert b.size.value == pytest.approx(0.4)
    assert [label for label, _ in b.ends] == ["x", "base"]
    assert c.size.value == pytest.approx(0.0, abs=1e-12)
    assert (dict(answer.best_at), dict(answer.worst_at)) == ({"a": 1.0}, {"a": 3.0})
    assert "a (changes it by 8 (8 … 8))" in answer.sentence


def test_a_saltelli_sample_gives_indices(tmp_path):
    study = Study(
        lambda values, seed: values["a"] + 2 * values["b"],
        {"a": {"uniform": [0.0, 1.0]}, "b": {"uniform": [0.0, 1.0]}},
        design="saltelli",
        points=256,
    )
    answer = study.answer(study.run(tmp_path / "s", workers=0))
    assert [effect.name for effect in answer.effects] == ["b", "a"]
    for effect, share in zip(answer.effects, (0.8, 0.2), strict=True):
        assert effect.kind == "index"
        assert effect.size.low < share < effect.size.high
        assert effect.first.low < share < effect.first.high
    assert re.search(r"matters most: b \(total index \+0\.[78]\d \(", answer.sentence)


def test_failed_points_are_left_out():
    accuracy = np.arange(6.0).reshape(3, 2, 1)
    accuracy[2, 1] = accuracy[0, 0] = np.nan
    answer = conclude(_grid(accuracy))
    assert (answer.best.value, answer.worst.value) == (4.0, 1.0)
    assert conclude(_grid(np.full((3, 2, 1), np.nan))) is None
    assert conclude(xr.Dataset({"seconds": ("point", [1.0])})) is None


def test_the_target_is_a_figure_of_the_study():
    results = _grid(np.zeros((3, 2, 1)), test_loss=(("a", "b", "replicate"), np.ones((3, 2, 1))))
    assert conclude(results).target == "accuracy"
    assert conclude(results, "test_loss").target == "test_loss"
    with pytest.raises(ValueError, match="measures accuracy, test_loss, but no test_accuracy"):
        conclude(results, "test_accuracy")
    assert estimates(results, "accuracy")[0].shape == (3, 2)
