import re
from html import unescape

import numpy as np
import pytest
import xarray as xr

from photon_relax.experiments.experiment import Experiment
from photon_relax.experiments.findings import find
from photon_relax.experiments.picture import draw_findings
from photon_relax.reports.experiment_report import render_experiment_report


@pytest.fixture
def page(tmp_path):
    """The page of an experiment whose results are made up: from gradients more is better."""
    experiment = Experiment(name="figure-5", scale="subset")
    findings = []
    for planned in experiment.studies:
        errors = np.linspace(0.6, 0.3, 6)[:, None] + 0.001 * np.arange(5) * np.arange(6)[:, None]
        if planned.table.name == "pixels":
            errors = 0.9 - errors
        dims = ("weight_sets", "replicate")
        results = xr.Dataset({"test_accuracy": (dims, 1 - errors)})
        findings += find(planned, results)
    draw_findings(findings, "Why?", tmp_path / "figure.png")
    return render_experiment_report(experiment, findings, tmp_path / "figure.png")


def test_the_page_has_question_verdicts_figure_tables_and_command(page):
    text = unescape(page)
    assert "<h1>Do more weight sets at the same depth read house numbers better?</h1>" in text
    verdict = re.search(r'class="verdict">(.*?)</p>', text, re.DOTALL)[1]
    assert "From gradients, more weight sets at the same depth make fewer errors than one. " in text
    assert verdict.count("Confirmed: 5 of 5") == 1
    assert verdict.count("Not confirmed: 0 of 5") == 1
    assert 'src="data:image/png;base64,' in page
    assert "significant at 5 % (Holm, 5 comparisons)" in text
    assert "trained 5 times, the same seeds at every point" in text
    assert "photon-relax reproduce figure-5 --scale subset" in text
    assert "853 photos" in text


def test_the_page_carries_no_program_that_it_does_not_need(page):
    # plotly would make it 4.9 MB.
    assert len(page) < 1_000_000
    assert "<script" not in page
