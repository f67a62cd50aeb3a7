import json
import re
from html import unescape

import numpy as np
import pytest

from validation.case import CASES, chosen
from validation.report import render_report, write_report
from validation.verdict import judge


@pytest.fixture
def verdicts(own_cases):
    own_cases("ring-good", error=4e-4, title="Rings & <b>things</b>", formula="e^{iφ} < 1")
    own_cases("ring-bad", error=0.5, tolerance=0.0)
    own_cases("mesh-broken", raises=RuntimeError("no </script> light"))
    return [judge(case) for case in chosen()]


@pytest.fixture
def page(verdicts):
    return render_report(verdicts)


def _without_programs(page):
    return re.sub(r"<script[^>]*>.*?</script>", "", page, flags=re.DOTALL)


def test_every_case_stands_there_with_its_facts(page, verdicts):
    for verdict in verdicts:
        assert f'<article id="{verdict.case.name}"' in page
        assert f'href="#{verdict.case.name}"' in page
    text = _without_programs(page)
    for part in ("y = x", "who", "devices.<wbr>X", "because", "4·10<sup>−4</sup>", "0.001"):
        assert part in text
    assert "2 of 3 cases fail" in text
    assert [text.count(f">{word}</span>") for word in ("passed", "failed", "broke")] == [2, 2, 2]


def test_text_is_escaped(page):
    assert "Rings &amp; &lt;b&gt;things&lt;/b&gt;" in page
    assert "<b>things</b>" not in page
    assert "e<sup>iφ</sup> &lt; 1" in page
    assert "RuntimeError: no &lt;/script&gt; light" in page


def test_the_page_needs_nothing_but_itself(page):
    assert page.count("<script") == page.count("</script>") == 2 + 2  # plotly, ours, two figures
    assert not re.search(r"<script[^>]*\ssrc\s*=", page)
    assert not re.search(r"<(link|img|iframe|object|embed|base)\b", page)
    text = _without_programs(page)
    assert not re.search(r"@import|url\(|https?://", text)
    assert "plotly.js v" in page


def test_each_figure_is_data_of_its_own(page):
    found = re.findall(r'<script type="application/json">(.*?)</script>', page, flags=re.DOTALL)
    assert len(found) == 2
    for data in found:
        assert [trace["meta"] for trace in json.loads(data)["data"]] == [
            "formula", "model", "residual"
        ]  # fmt: skip
    labels = [unescape(label) for label in re.findall(r'aria-label="([^"]*)"', page)]
    assert labels == ["y / W against x / m: closed form, simulation, difference"] * 2


def test_topics_are_the_modules_of_the_cases():
    listed = [CASES["mesh-size"], CASES["loop-slot-memory"]]
    page = render_report([judge(case) for case in listed])
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["mesh", "loop"]
    assert "All 2 cases pass" in page


def test_the_file_replaces_an_older_one_in_one_step(verdicts, tmp_path):
    path = tmp_path / "validation.html"
    path.write_text("old")
    write_report(verdicts[:1], path)
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "The one case passes" in page
    assert [file.name for file in tmp_path.iterdir()] == ["validation.html"]


@pytest.mark.parametrize("error", [np.inf, np.nan, 0.0])
def test_any_error_can_be_shown(own_cases, error):
    own_cases("a-b", error=error)
    page = render_report([judge(chosen()[0])])
    assert f"<strong>{error:.2g}</strong>" in page
