import matplotlib.image
import numpy as np
import pytest
from matplotlib.text import Text

from photon_relax.studies import Study


def _measure(values, seed):
    noise = 0.01 * np.random.default_rng(seed).normal()
    return {"accuracy": sum(float(v) for v in values.values()) / 10 + noise}


A, B, C = {"log": [0.1, 3.0, 4]}, {"linear": [0.0, 1.0, 7]}, [1, 2, 30]


@pytest.mark.parametrize(
    ("parameters", "options", "panels"),
    [
        ({"a": A}, {"replicates": 3}, 1),
        ({"a": A}, {"baseline": {"a": 1.0}}, 1),
        ({"a": ["1", "2"]}, {}, 1),
        ({"a": A, "b": C}, {"replicates": 2}, 1),
        ({"a": A, "b": B}, {}, 2),
        ({"a": A, "b": B, "c": C}, {"replicates": 2}, 3),
        ({"a": A, "b": B, "c": C, "d": [1, 2]}, {}, 4),
        ({"a": A, "b": B}, {"design": "sobol", "points": 16}, 2),
        ({"a": A, "b": B}, {"design": "saltelli", "points": 8}, 1),
        ({"a": A, "b": B}, {"design": "one-at-a-time", "baseline": {"a": 1.0, "b": 1.0}}, 1),
    ],
)
def test_every_kind_of_study_has_a_picture(tmp_path, monkeypatch, parameters, options, panels):
    drawn = []
    monkeypatch.setattr(
        "photon_relax.studies.response_picture.save_figure",
        lambda figure, path: drawn.append((figure, path)),
    )
    study = Study(_measure, parameters, question="why?", **options)
    results = study.run(tmp_path / "s", workers=0)
    study.draw(results, tmp_path / "p.png")
    ((figure, path),) = drawn
    assert path == tmp_path / "p.png"
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert len(shown) == panels
    assert figure.get_suptitle() == "why?"
    figure.canvas.draw()
    written = {text.get_text().split(" = ")[0] for text in figure.findobj(Text)}
    assert {*parameters} <= written
    assert any("accuracy" in text for text in written)


def test_a_tornado_has_room_on_both_sides_of_the_base(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "photon_relax.studies.response_picture.save_figure",
        lambda figure, path: drawn.append(figure),
    )
    options = {"design": "one-at-a-time", "baseline": {"a": 1.0, "b": 1.0}}
    study = Study(lambda values, seed: -values["a"], {"a": [1.0, 2.0, 3.0]}, **options)
    study.draw(study.run(tmp_path / "s", workers=0), tmp_path / "p.png")
    (axes,) = drawn[0].axes
    left, right = axes.get_xlim()
    # From −3 to the base at −1, and a fifth of that on either side.
    assert (left, right) == pytest.approx((-3.44, -0.56))


def test_the_curve_shows_the_figures(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "photon_relax.studies.response_picture.save_figure",
        lambda figure, path: drawn.append(figure),
    )
    study = Study(_measure, {"a": A}, replicates=3)
    results = study.run(tmp_path / "s", workers=0)
    study.draw(results, tmp_path / "p.png")
    (axes,) = drawn[0].axes
    assert axes.get_xscale() == "log"
    assert axes.lines[0].get_xdata() == pytest.approx(results["a"].values)
    assert axes.lines[0].get_ydata() == pytest.approx(results["accuracy"].mean("replicate").values)


def test_the_file_is_a_picture(tmp_path):
    study = Study(_measure, {"a": A})
    study.draw(study.run(tmp_path / "s", workers=0), tmp_path / "p.png")
    image = matplotlib.image.imread(tmp_path / "p.png")
    assert image.shape[0] > 300
    assert image.std() > 0.05
