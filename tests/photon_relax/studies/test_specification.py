import os
import signal

import numpy as np
import pytest
import xarray as xr

from photon_relax.studies import Study, StudyInterrupted
from photon_relax.studies.journal import read_journal
from photon_relax.studies.solve import Goal
from photon_relax.studies.specification import Specification
from photon_relax.studies.study_folder import StudyRecord
from photon_relax.studies.study_watcher import StudyWatcher


def _measure(values, seed):
    noise = 0.02 * np.random.default_rng(seed).normal()
    return {"accuracy": 1 / (1 + np.exp(5 - values["x"])) + noise + values["shift"]}


def _specification(function=_measure, **goal):
    study = Study(function, {"x": {"linear": [0.0, 20.0]}}, replicates=4, baseline={"shift": 0.0})
    return Specification(study, Goal(**(goal or {"at_least": 0.9})))


class StopAfter(StudyWatcher):
    """Stops the search after some values."""

    def __init__(self, count):
        self.count = count

    def probed(self, name, probe):
        self.count -= 1
        if self.count == 0:
            os.kill(os.getpid(), signal.SIGINT)


def test_a_search_finds_its_value_and_says_so(tmp_path):
    specification = _specification()
    solution, target, results = specification.run(tmp_path / "s", workers=0)
    truth = 5 + np.log(9)
    assert solution.bad < truth < solution.good
    assert solution.estimate == pytest.approx(truth, abs=0.3)
    assert target == "accuracy"
    sentence = specification.sentence(solution, target)
    assert sentence.startswith(
        f"x = {solution.good:.4g} is enough for accuracy of at least 90.00 %"
    )
    assert (
        f"; {solution.bad:.4g} is not, and the mean crosses it at {solution.estimate:.4g}."
        in sentence
    )
    values = results["x"].values
    assert (np.diff(values) > 0).all()
    for probe in solution.probes:
        figures = results["accuracy"].sel(x=probe.value).values
        assert tuple(figures[: len(probe.figures)]) == probe.figures
        assert np.isnan(figures[len(probe.figures) :]).all()
    with xr.open_dataset(tmp_path / "s" / "results.h5") as written:
        assert written.identical(results)
    specification.draw(solution, target, tmp_path / "p.png")
    assert (tmp_path / "p.png").stat().st_size > 10_000


def test_what_was_found_is_recalled_from_the_journal_alone(tmp_path):
    solution, target, _ = _specification().run(tmp_path / "s", workers=0)
    assert _specification(_broken).recall(tmp_path / "s") == (solution, target)
    with pytest.raises(StudyInterrupted):
        _specification().run(tmp_path / "half", workers=0, watcher=StopAfter(4))
    assert _specification(_broken).recall(tmp_path / "half") is None


def _broken(values, seed):
    raise AssertionError("nothing is to be measured")


def test_a_search_that_was_stopped_measures_nothing_twice(tmp_path):
    whole, _, _ = _specification().run(tmp_path / "whole", workers=0)
    with pytest.raises(StudyInterrupted, match="stopped with \\d+ measured; all of them are kept"):
        _specification().run(tmp_path / "s", workers=0, watcher=StopAfter(4))
    kept = len(list(read_journal(StudyRecord.journal(tmp_path / "s"))))
    again, _, _ = _specification().run(tmp_path / "s", resume=True, workers=0)
    assert again == whole
    tasks = [outcome.task for outcome in read_journal(StudyRecord.journal(tmp_path / "s"))]
    assert len(set(tasks)) == len(tasks) > kept >= 12
    with pytest.raises(ValueError, match="what differs: solve was"):
        _specification(at_least=0.5).run(tmp_path / "s", resume=True, workers=0)


def test_a_cluster_finds_the_same(tmp_path):
    here, _, _ = _specification(within=0.05).run(tmp_path / "here", workers=0)
    there, _, _ = _specification(within=0.05).run(tmp_path / "there", workers=2)
    assert there == here
    assert here.threshold == pytest.approx(0.95, abs=0.05)


def test_a_value_that_cannot_be_measured_ends_the_search(tmp_path):
    def measure(values, seed):
        if values["x"] == 10.0:
            raise ValueError("too bright")
        return {"accuracy": values["x"]}

    with pytest.raises(ValueError, match="x = 10 cannot be measured: ValueError: too bright"):
        _specification(measure).run(tmp_path / "s", workers=0)


def test_one_parameter_is_searched():
    study = Study(_measure, {"x": {"linear": [0, 1]}, "y": [1, 2]})
    with pytest.raises(ValueError, match="solve searches one parameter; got x, y"):
        Specification(study, Goal(at_least=1.0))


@pytest.mark.parametrize(
    ("shift", "message"),
    [
        (-1.0, "no x between 0 and 20 is surely enough for accuracy of at least 90.00 %."),
        (1.0, "x = 0 is enough for .*; so is the loosest of the range, or it is not decided."),
    ],
)
def test_what_is_said_where_no_value_or_every_value_is_enough(tmp_path, shift, message):
    study = Study(_measure, {"x": {"linear": [0, 20]}}, replicates=4, baseline={"shift": shift})
    specification = Specification(study, Goal(at_least=0.9))
    solution, target, _ = specification.run(tmp_path / "s", workers=0)
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(specification.sentence(solution, target))
