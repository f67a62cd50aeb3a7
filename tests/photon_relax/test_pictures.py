"""The pictures are checked for what is on them; how they look is for the eye."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.image import imread

from photon_relax.evaluation import Evaluation
from photon_relax.pictures import draw_evaluation, draw_training
from photon_relax.run_file import RunFile


@pytest.fixture
def run(small_config):
    steps = np.array([10, 20, 30])
    table = {
        "step": steps,
        "loss": np.array([1.0, 0.4, 0.6]),
        "accuracy": np.array([0.5, 0.9, 0.8]),
    }
    return RunFile(
        configuration=small_config().model_dump(),
        network={},
        hardware="",
        environment={},
        progress={"best_step": 20},
        metrics={"training": table, "validation": table},
        parameters={},
        results={"test_loss": 0.5},
        confusion=np.array([[5, 1], [0, 4]]),
    )


def test_training_shows_both_curves_the_best_step_and_the_confusion(run, drawn, tmp_path):
    draw_training(run, tmp_path / "training.png")
    loss, accuracy, confusion = drawn[0].axes
    assert loss.get_ylabel() == "cross-entropy (nats)"
    for axes, quantity, best in ((loss, "loss", "0.400"), (accuracy, "accuracy", "90.0%")):
        assert axes.get_xlabel() == "optimiser step"
        training, validation = axes.lines[:2]
        np.testing.assert_array_equal(training.get_ydata(), run.metrics["training"][quantity])
        np.testing.assert_array_equal(validation.get_ydata(), run.metrics["validation"][quantity])
        labels = [text.get_text() for text in axes.get_legend().get_texts()]
        assert labels == ["training", "validation", f"best: {best} at 20"]
    assert [text.get_text() for text in confusion.texts] == ["5", "1", "4"]
    assert confusion.get_title() == "10 test samples"
    assert imread(tmp_path / "training.png").shape[1] > 1500


def test_text_has_no_confusion_and_its_own_unit(run, drawn, tmp_path):
    config = {**run.configuration, "dataset": "shakespeare"}
    draw_training(replace(run, confusion=None, configuration=config), tmp_path / "training.png")
    assert len(drawn[0].axes) == 2
    assert drawn[0].axes[0].get_ylabel() == "cross-entropy (nats per character)"


def test_evaluation_shows_bars_with_their_intervals(drawn, tmp_path):
    rng = np.random.default_rng(0)
    targets = np.zeros(200, dtype=np.int64)
    results = [
        Evaluation(rng.random(200), (rng.random(200) < wrong).astype(np.int64), targets)
        for wrong in (0.1, 0.5)
    ]
    labels = ["slot (as trained)", "waveform"]
    draw_evaluation(labels, results, "a title", "nats", tmp_path / "evaluation.png")
    accuracy, loss = drawn[0].axes
    assert [text.get_text() for text in accuracy.get_yticklabels()] == labels
    assert [bar.get_width() for bar in accuracy.patches] == pytest.approx(
        [100 * result.accuracy for result in results]
    )
    assert [bar.get_width() for bar in loss.patches] == pytest.approx([r.loss for r in results])
    (segments,) = (c.get_segments() for c in accuracy.collections)
    for segment, result in zip(segments, results, strict=True):
        low, high = result.accuracy_interval
        assert segment[:, 0].tolist() == pytest.approx([100 * low, 100 * high])
    assert (tmp_path / "evaluation.png").stat().st_size > 10_000
