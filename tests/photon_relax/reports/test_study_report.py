import json
import re
from html import unescape

import numpy as np
import pytest

from photon_relax.hardware import Hardware
from photon_relax.reports.study_report import StudyMaterial, render_study_report
from photon_relax.reports.study_text import study_text
from photon_relax.studies import Study
from photon_relax.studies.measures import NetworkMeasure
from photon_relax.studies.solve import Goal
from photon_relax.studies.specification import Specification
from photon_relax.studies.study_file import read_study_file

ISOLATION = "hardware.switch.isolation_db"
PARAMETERS = {ISOLATION: {"log": [1.0, 100.0, 5]}, "width": [2, 4, 8]}


def _saturating(values, seed):
    """Better with isolation and width, a little noisy; nothing at 13 lanes and more."""
    width = values.get("width", 4)
    if width > 12:
        raise ValueError("no such <chip>")
    good = 1 - 0.5 / values.get(ISOLATION, 30.0) - 0.3 / width + 1e-4 * (seed % 100)
    return {"test_accuracy": 0.9 * good, "test_loss": 1 - good}


@pytest.fixture
def done(tmp_path):
    """Return a function that does a study in this process: its folder."""

    def do(parameters=None, **changes):
        folder = tmp_path / "study"
        study = Study(_saturating, parameters or PARAMETERS, **changes)
        study.run(folder, workers=0)
        return folder

    return do


def _page(folder):
    return render_study_report(StudyMaterial.gather(folder))


def _text(page):
    bare = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", bare)).split())


def _figures(page):
    found = re.findall(r'<script type="application/json">(.*?)</script>', page, flags=re.DOTALL)
    return [json.loads(data) for data in found]


def test_a_curve_of_one_parameter_with_its_band_and_its_base(done):
    folder = done({ISOLATION: PARAMETERS[ISOLATION]}, replicates=3, question="How <much>?",
                  baseline={ISOLATION: 20.0})  # fmt: skip
    page = _page(folder)
    assert "<h1>How &lt;much&gt;?</h1>" in page
    verdict = unescape(re.search(r'class="verdict">(.*?)</p>', page)[1])
    material = StudyMaterial.gather(folder)
    best = material.answer.best
    assert verdict.startswith(
        f"Test accuracy is {100 * best.value:.2f} % (95 % interval {100 * best.low:.2f} … "
        f"{100 * best.high:.2f} %) at best, where switch.isolation_db = 100 dB, and "
    )
    assert "; the base gives " in verdict
    (figure,) = _figures(page)
    assert [trace["mode"] for trace in figure["data"]] == ["none", "lines+markers"]
    assert figure["layout"]["xaxis"]["type"] == "log"
    assert figure["layout"]["xaxis"]["ticktext"] == ["1", "2", "5", "10", "20", "50", "100"]
    assert figure["layout"]["xaxis"]["title"]["text"] == "switch.isolation_db / dB"


def test_two_parameters_are_curves_a_map_and_a_ranking(done):
    page = _page(done(replicates=2))
    curves, map_, ranking = _figures(page)
    lines = [trace for trace in curves["data"] if trace["mode"] == "lines+markers"]
    assert [line["name"] for line in lines] == ["width = 2", "width = 4", "width = 8"]
    assert map_["data"][0]["x"] == ["1 dB", "3.162 dB", "10 dB", "31.62 dB", "100 dB"]
    assert map_["data"][0]["y"] == ["2", "4", "8"]
    assert ranking["layout"]["yaxis"]["ticktext"] == ["switch.isolation_db", "width"]
    assert "switch.isolation_db matters most" in _text(page)


def test_three_parameters_are_means_and_the_map_of_the_strongest(done):
    folder = done(PARAMETERS | {"bank": ["a", "b", "c", "d", "e"], "width": [1, 2, 3, 4, 5, 6, 7]})
    figures = _figures(_page(folder))
    assert [f["data"][-1]["type"] for f in figures] == ["scatter"] * 3 + ["heatmap", "bar"]
    assert "at best, and" in _text(_page(folder))


def test_three_parameters_of_few_values_are_panels_of_curves_on_one_scale(done):
    *panels, ranking = _figures(_page(done(PARAMETERS | {"bank": ["mzi", "ring"]}, replicates=2)))
    lines = [t["name"] for t in panels[0]["data"] if t["mode"] == "lines+markers"]
    assert lines == ["width = 2", "width = 4", "width = 8"]
    assert len(panels) == 2
    assert panels[0]["layout"]["yaxis"]["range"] == panels[1]["layout"]["yaxis"]["range"]
    assert ranking["data"][0]["type"] == "bar"


def test_one_at_a_time_is_a_tornado(done):
    page = _page(done(design="one-at-a-time", baseline={}))
    *curves, tornado = _figures(page)
    assert len(curves) == 2
    low, high = tornado["data"]
    # Isolations of 1 and 100 dB about 30 dB; widths of 2 and 8 about 4.
    assert low["text"] == ["1 dB", "2"]
    assert high["text"] == ["100 dB", "8"]


def test_samples_are_clouds_and_their_indices_bars(done):
    ranges = {ISOLATION: {"log": [1.0, 100.0]}, "width": {"uniform": [2.0, 8.0]}}
    page = _page(done(ranges, design="saltelli", points=32))
    first, second, bars = _figures(page)
    assert first["data"][0]["mode"] == second["data"][0]["mode"] == "markers"
    assert [trace["name"] for trace in bars["data"]] == ["total", "first order"]
    assert "Sobol indices" in _text(page)


def _noisy(values, seed):
    noise = 0.02 * np.random.default_rng(seed).normal()
    return {"accuracy": 1 / (1 + np.exp(5 - values[ISOLATION] / 2)) + noise}


@pytest.mark.parametrize(
    ("goal", "verdict", "colours"),
    [
        (
            {"at_least": 0.9},
            r"switch.isolation_db has to be about 1\d.* dB, surely between .* dB and .* dB "
            r"\(95 %\) for accuracy of at least 90.00 %\.",
            {"enough", "not enough"},
        ),
        (
            {"at_least": 2.0},
            "No switch.isolation_db of the range is surely enough for accuracy",
            {"not enough"},
        ),
        (
            {"at_least": -1.0},
            "switch.isolation_db = 1 dB is enough for .*; none of the range is surely too little",
            {"enough"},
        ),
    ],
)
def test_a_search_is_answered_by_its_interval(goal, verdict, colours, tmp_path):
    study = Study(_noisy, {ISOLATION: {"linear": [1.0, 40.0]}}, replicates=4)
    Specification(study, Goal(**goal)).run(tmp_path / "s", workers=0)
    page = _page(tmp_path / "s")
    told = unescape(re.search(r'class="verdict">(.*?)</p>', page)[1])
    assert re.match(verdict, told)
    (figure,) = _figures(page)
    assert colours <= {trace["name"] for trace in figure["data"]}
    assert any(note["text"].startswith("threshold") for note in figure["layout"]["annotations"])
    shaded = [s for s in figure["layout"]["shapes"] if s["type"] == "rect"]
    assert len(shaded) == ("between" in told)


def test_a_search_that_goes_on_has_no_answer_yet(tmp_path):
    study = Study(_noisy, {ISOLATION: {"linear": [1.0, 40.0]}}, replicates=4)
    Specification(study, Goal(at_least=0.9)).record.write(tmp_path)
    assert "Not known yet: the search goes on." in _text(_page(tmp_path))


def test_what_failed_is_counted_and_listed(done):
    page = _page(done({"width": [4, 8, 13, 14]}, replicates=2))
    text = _text(page)
    assert "What failed 4 calls failed" in text
    assert "4 × ValueError: no such <chip>" in text
    assert "width = 13 1 ValueError" in text


def test_a_study_of_which_nothing_is_known_says_so(done):
    page = _page(done({"width": [13, 14]}))
    assert "Not known yet: nothing was measured." in _text(page)
    assert "What does width do to the network?" in page
    assert not _figures(page)


def test_a_function_is_named_for_there_is_no_file_of_it(done):
    text = _text(_page(done({"width": [4, 8]})))
    assert "test_study_report:_saturating" in text
    assert "Hardware of the base" not in text
    assert "What does width do to test accuracy?" in text


@pytest.mark.parametrize(
    ("measure", "changes"),
    [
        ({"settings": {"dataset": "digits", "steps": 3}}, {"replicates": 2, "paired": True}),
        (
            {"settings": {"dataset": "digits"}}, {"replicates": 2, "solve": {"within": 0.01}},
        ),
        (
            {"settings": {"dataset": "digits", "bank": "mzi"}, "split": "both",
             "hardware": Hardware().to_toml(), "changes": {"switch.isolation_db": 12.0}},
            {"design": "monte-carlo", "points": 4, "target": "test_loss", "question": 'a "b"?',
             "baseline": {}},
        ),
    ],
)  # fmt: skip
def test_the_file_of_the_page_is_the_same_study(measure, changes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    measure = NetworkMeasure(kind="retrain", **({"changes": {}} | measure))
    ranges = {"hardware.laser.power": {"log": [0.1, 1.0, 2]}, "seed": {"integers": [1, 4, 3]}}
    if goal := changes.get("solve"):
        changes = {"baseline": None} | {k: v for k, v in changes.items() if k != "solve"}
        ranges.pop("seed")
    study = Study(measure, ranges, **({"baseline": {}} | changes))
    if goal:
        study = Specification(study, Goal(**goal))
    text = study_text(study.record)
    (tmp_path / "study.toml").write_text(text)
    if measure.hardware is not None:
        (tmp_path / "hardware.toml").write_text(measure.hardware)
    again = read_study_file("study.toml")
    assert again.record.definition == study.record.definition
    assert again.record == study.record


def test_the_hardware_of_a_network_is_listed_with_its_commands(tmp_path):
    measure = NetworkMeasure(
        kind="retrain", settings={"dataset": "digits", "bank": "mzi"},
        changes={"switch.isolation_db": 12.0},
    )  # fmt: skip
    study = Study(measure, {"steps": [1, 2]})
    study.record.write(tmp_path)
    page = _page(tmp_path)
    assert "photon-relax study run study.toml" in page
    assert "12 dB" in page
    assert "mesh.<wbr>splitter_<wbr>error" in page


def test_a_run_that_is_gone_takes_its_hardware_along(tmp_path):
    definition = {
        "measure": {"kind": "evaluate", "run": str(tmp_path / "gone"), "settings": {},
                    "hardware": None, "changes": {}, "split": None, "chip": "same",
                    "data_dir": None, "run_digest": "0"},
    }  # fmt: skip
    study = Study(_saturating, {"width": [4, 8]})
    study.run(tmp_path / "study", workers=0)
    path = tmp_path / "study" / "study.json"
    content = json.loads(path.read_text())
    content["definition"] |= definition
    path.write_text(json.dumps(content))
    assert "is not here any more" in _text(_page(tmp_path / "study"))


def test_the_page_is_drawn_and_answers_the_pointer(browser, done, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(_page(done(replicates=2, question="Is it?")), encoding="utf-8")
    browser.show(path, width=360, dark=True)
    assert browser.run("document.documentElement.scrollWidth") <= 360
    for i in range(3):
        place = f"document.querySelectorAll('.figure')[{i}]"
        browser.run(f"{place}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
        browser.wait(f"{place}.querySelector('.js-line, .point, .heatmaplayer image')")
    assert browser.run("document.querySelectorAll('.js-line').length") >= 3
    browser.point(*browser.middle(".heatmaplayer image"))
    assert re.search(r"\d % \(.* … .*\)", browser.hover_text())
    assert browser.complaints() == []
    assert browser.strangers() == []
