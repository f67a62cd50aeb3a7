import re
import shlex
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from circuits import BudgetAssumptions
from photon_relax.cli import main
from photon_relax.config import load_settings
from photon_relax.design_budget import network_budget
from photon_relax.hardware import Hardware
from photon_relax.reports.numbers import with_unit
from photon_relax.reports.run_report import RunMaterial, render_run_report

QUICK = [
    *("digits", "--bank", "dense", "--width", "8", "--weight-sets", "2", "--steps", "12"),
    *("--set", "validate_every=6", "--set", "batch_size=32", "--set", "learning_rate=0.01"),
    *("--set", "hardware.switch.library=silicon-mems", "--set", "hardware.switch.isolation_db=33"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished run with an evaluation, by the commands that a user types."""
    folder = tmp_path_factory.mktemp("runs") / "a & b"
    assert main(["train", *QUICK, "--out", str(folder)]) == 0
    changes = ["--fidelity", "waveform", "--set", "hardware.switch.isolation_db=9"]
    assert main(["evaluate", str(folder), *changes]) == 0
    return folder


@pytest.fixture(scope="module")
def material(folder):
    return RunMaterial.gather(folder)


@pytest.fixture(scope="module")
def page(material):
    return render_run_report(material)


def _text(page):
    """What a reader sees."""
    bare = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", bare)).split())


def test_question_and_answer_stand_first_with_their_interval(page, material):
    results, evaluation = material.run.results, material.evaluation
    text = _text(page)
    assert "How well does a network of ideal matrices read digits?" in text
    share = f"{100 * results['test_accuracy']:.1f} %"
    ends = f"{100 * results['test_accuracy_low']:.1f} … {100 * results['test_accuracy_high']:.1f} %"
    assert f"It gets {share} of 360 test digits right (95 % interval {ends})" in text
    last = evaluation.conditions[-1]
    assert last.condition == "waveform, switch.isolation_db = 9"
    assert f"{last.condition} it is {100 * last.accuracy:.1f} %" in text
    assert "<title>photon_relax: a &amp; b</title>" in page


def test_all_sections_are_there(page):
    assert re.findall(r"<h2>(.*?)</h2>", page) == [
        "How it learnt", "Under other conditions", "What it confuses",
        "One inference, sample by sample", "What the machine needs", "Hardware",
        "How to reproduce it",
    ]  # fmt: skip
    # Two curves, two rows of intervals, the confusion, the waveforms, the link and the power.
    assert page.count('<script type="application/json">') == 8
    assert "Seok et al., Optica 3, 64 (2016)" in _text(page)


def test_the_commands_and_files_of_the_page_make_the_same_run(page, material, tmp_path):
    blocks = [unescape(text) for text in re.findall(r"<pre><code>(.*?)</code>", page, re.DOTALL)]
    commands, settings, hardware = blocks
    (tmp_path / "settings.toml").write_text(settings)
    train, evaluate, _ = (shlex.split(line) for line in commands.splitlines())
    told = load_settings({"dataset": train[2]}, config_file=tmp_path / "settings.toml")
    assert told.config.model_dump() == material.run.configuration
    assert Hardware.from_toml_text(hardware) == material.network.hardware
    assert evaluate == [
        "photon-relax", "evaluate", "again", "--fidelity", "waveform",
        "--set", "hardware.switch.isolation_db=9",
    ]  # fmt: skip


def test_the_inference_is_that_of_the_first_test_sample(material):
    trace = material.trace
    assert trace.lanes == (0, 3, 7)
    assert trace.state.shape == (4 * 16, 3)
    assert np.ptp(trace.receiver) > 0.1


def test_inferences_that_take_turns_are_told(page, material):
    assert "take turns" not in page
    shared = material.network.hardware.with_values({"interleaved_inferences": 2})
    network = material.network.at("slot", shared)
    assert "; 2 inferences share the loop" in render_run_report(replace(material, network=network))


def test_the_budget_is_that_of_the_trained_network(page, material):
    budget = network_budget(material.network, BudgetAssumptions())
    assert with_unit(budget.total_power, "W") in page
    assert f"{budget.snr_db:.1f} dB" in page
    # Mirrors of microseconds in slots of a nanosecond do not fit, and the page says so.
    assert not all(check.passed for check in budget.checks)
    assert "does not fit" in page


def test_an_older_evaluation_is_not_shown_and_a_missing_trace_says_why(material):
    bare = replace(material, evaluation=None, trace=None, without_trace="no <data> here")
    page = render_run_report(bare)
    assert "Under other conditions" not in page
    assert "Not drawn: no &lt;data&gt; here" in page
    assert "it is" not in re.search(r'class="verdict">(.*?)</p>', page)[1]


def test_a_run_that_goes_on_has_no_answer_yet(material):
    run = replace(
        material.run, progress=material.run.progress | {"finished": False, "step": 6}, results={},
        confusion=None,
    )  # fmt: skip
    page = render_run_report(replace(material, run=run, evaluation=None))
    assert "Not known yet after 6 of 12 steps: best validation loss" in _text(page)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_the_page_is_drawn_and_answers_the_pointer(browser, page, tmp_path, width, dark):
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    browser.show(path, width=width, dark=dark)
    assert browser.run("document.documentElement.scrollWidth") <= width
    browser.run("document.querySelectorAll('details').forEach(part => { part.open = true })")
    assert browser.run("document.documentElement.scrollWidth") <= width
    for i in range(8):
        place = f"document.querySelectorAll('.figure')[{i}]"
        browser.run(f"{place}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
        browser.wait(f"{place}.querySelector('.js-line, .point, .hm image, .heatmaplayer image')")
    browser.point(*browser.middle(".point:nth-child(1)"))
    assert re.search(r"step 6: \d", browser.hover_text())
    assert browser.complaints() == []
    assert browser.strangers() == []
