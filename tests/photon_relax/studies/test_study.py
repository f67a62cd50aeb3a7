import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pytest
import xarray as xr

from photon_relax.studies import Study, StudyInterrupted
from photon_relax.studies.journal import read_journal
from photon_relax.studies.study_folder import StudyRecord
from photon_relax.studies.study_watcher import StudyWatcher

GRID = {"a": {"linear": [0.0, 1.0, 5]}, "b": ["x", "y"]}


def _measure(values, seed):
    noise = np.random.default_rng(seed).normal()
    return {"accuracy": values["a"] + (values["b"] == "y"), "noise": noise}


def _study(function=_measure, parameters=GRID, **options):
    return Study(function, parameters, **{"replicates": 2, **options})


def _without_times(results):
    return results.drop_vars([name for name in results if str(name).startswith("seconds")])


class Listener(StudyWatcher):
    """Keeps what it hears; may stop the study after some outcomes."""

    def __init__(self, stop_after=None):
        self.heard, self.came, self.stop_after = [], 0, stop_after

    def doubtful(self, count, of, reason):
        self.heard.append(("doubtful", count, of, reason))

    def damaged(self, journal, line, reason):
        self.heard.append(("damaged", line, reason))

    def progressed(self, states, outcomes):
        self.came += len(outcomes)
        if self.came == self.stop_after:
            os.kill(os.getpid(), signal.SIGTERM)


def test_results_lie_along_the_parameters_and_replicates(tmp_path):
    results = _study(baseline={"a": 7.0, "b": "x"}).run(tmp_path / "s", workers=0)
    assert results["accuracy"].dims == ("a", "b", "replicate")
    assert results["accuracy"].shape == (5, 2, 2)
    assert results["accuracy"].sel(a=0.25, b="y").values.tolist() == [1.25, 1.25]
    assert results["accuracy_baseline"].values.tolist() == [7.0, 7.0]
    assert (results["status"] == 1).all()
    # 20 points and replicates and 2 of the baseline: independent draws, so no two are the same.
    noise = [*results["noise"].values.ravel(), *results["noise_baseline"].values]
    assert len(set(noise)) == 22
    with xr.open_dataset(tmp_path / "s" / "results.h5", engine="h5netcdf") as written:
        assert written.identical(results)


def test_a_sample_lies_along_its_points(tmp_path):
    parameters = {"a": {"uniform": [0.0, 1.0]}, "b": ["x", "y"]}
    study = _study(parameters=parameters, design="sobol", points=8, question="why?")
    results = study.run(tmp_path / "s", workers=0)
    assert results["accuracy"].dims == ("point", "replicate")
    expected = results["a"] + (results["b"] == "y")
    assert (results["accuracy"].isel(replicate=0) == expected).all()
    assert results.attrs["question"] == "why?"
    assert json.loads(results.attrs["definition"])["design"] == "sobol"


def test_seeds_depend_on_the_place_alone():
    tasks = _study().tasks
    assert tasks.task(7).seed == tasks.seed_of(3, 1) == _study(replicates=9).tasks.seed_of(3, 1)
    seeds = {tasks.seed_of(point, replicate) for point in range(100) for replicate in range(100)}
    assert len(seeds) == 10_000
    assert all(0 <= seed < 2**63 for seed in seeds)
    spawned = np.random.SeedSequence(0).spawn(4)[3].spawn(2)[1].generate_state(1, np.uint64)
    assert tasks.seed_of(3, 1) == int(spawned[0]) >> 1
    assert _study(seed=1).tasks.seed_of(3, 1) != tasks.seed_of(3, 1)


def test_paired_replicates_share_their_seeds(tmp_path):
    results = _study(paired=True).run(tmp_path / "s", workers=0)
    noise = results["noise"].values.reshape(-1, 2)
    assert (noise == noise[0]).all()
    assert noise[0, 0] != noise[0, 1]


def test_a_stopped_study_goes_on_where_it_was(tmp_path):
    whole = _study().run(tmp_path / "whole", workers=0)
    calls = []

    def counted(values, seed):
        calls.append(seed)
        return _measure(values, seed)

    with pytest.raises(StudyInterrupted, match="stopped with 7 of 20 measured") as stopped:
        _study(counted).run(tmp_path / "s", workers=0, watcher=Listener(stop_after=7))
    assert (stopped.value.folder, stopped.value.signal) == (tmp_path / "s", signal.SIGTERM)
    with xr.open_dataset(tmp_path / "s" / "results.h5") as partly:
        assert (partly["status"] == 1).sum() == 7
    again = _study(counted).run(tmp_path / "s", resume=True, workers=0)
    assert _without_times(again).equals(_without_times(whole))
    tasks = [outcome.task for outcome in read_journal(StudyRecord.journal(tmp_path / "s"))]
    assert sorted(tasks) == list(range(20))
    assert len(calls) == 20


def test_a_damaged_line_is_told_and_only_its_point_is_measured_again(tmp_path):
    whole = _study().run(tmp_path / "s", workers=0)
    journal = StudyRecord.journal(tmp_path / "s")
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[4] = lines[4].replace(b"accuracy", b"accuracx")
    journal.write_bytes(b"".join(lines)[:-5])
    listener = Listener()
    again = _study().run(tmp_path / "s", resume=True, workers=0, watcher=listener)
    assert listener.heard == [("damaged", 5, "its checksum does not fit its content")]
    assert listener.came == 2
    assert _without_times(again).identical(_without_times(whole))


def test_failures_are_kept_and_tried_again_on_demand(tmp_path):
    trouble = tmp_path / "trouble"
    trouble.touch()

    def measure(values, seed, trouble=trouble):
        if trouble.exists() and values["a"] == 0.5:
            raise ValueError("too bright")
        return values["a"]

    study = _study(measure)
    first = study.run(tmp_path / "s", workers=0)
    failed = first.sel(a=0.5)
    assert (failed["status"] == 2).all()
    assert failed["value"].isnull().all()
    assert set(failed["error"].values.ravel()) == {"ValueError: too bright"}
    assert (first["status"] == 1).sum() == 16
    with xr.open_dataset(tmp_path / "s" / "results.h5") as written:
        assert written["error"].sel(a=0.5, b="x", replicate=0) == "ValueError: too bright"
    trouble.unlink()
    assert study.run(tmp_path / "s", resume=True, workers=0).identical(first)
    listener = Listener()
    again = study.run(tmp_path / "s", resume=True, retry_failed=True, workers=0, watcher=listener)
    assert listener.came == 4
    assert (again["status"] == 1).all()
    assert "error" not in again


def test_points_are_looked_at_before_the_work(tmp_path):
    class Measure:
        def __init__(self, limit):
            self.limit = limit

        def __call__(self, values, seed):
            return values["a"]

        def check(self, values):
            if values["a"] > self.limit:
                raise ValueError(f"a must be ≤ {self.limit}; got {values['a']}")

    listener = Listener()
    _study(Measure(0.3)).run(tmp_path / "s", workers=0, watcher=listener)
    assert listener.heard == [("doubtful", 6, 10, "a must be ≤ 0.3; got 0.5")]
    with pytest.raises(ValueError, match="no point of the study can be measured: a must be ≤ -1"):
        _study(Measure(-1.0)).run(tmp_path / "t", workers=0)
    assert not (tmp_path / "t").exists()


def test_a_target_that_is_not_measured_is_told_at_the_first_point(tmp_path):
    listener = Listener()
    with pytest.raises(ValueError, match="the study measures accuracy, noise, but no loss"):
        _study(target="loss").run(tmp_path / "s", workers=0, watcher=listener)
    assert listener.came == 0


def test_another_study_does_not_go_on_in_the_folder(tmp_path):
    _study().run(tmp_path / "s", workers=0)
    with pytest.raises(ValueError, match="already holds a study: go on with it by photon-relax st"):
        _study().run(tmp_path / "s", workers=0)
    with pytest.raises(ValueError, match="what differs: replicates was 2, is 3; seed was 0, is 1"):
        _study(replicates=3, seed=1).run(tmp_path / "s", resume=True, workers=0)
    path = tmp_path / "s" / "study.json"
    text = path.read_text()
    path.write_text(re.sub(r'(digest": ")\w{4}', r"\1beef", text))
    with pytest.raises(ValueError, match="drew other points from the same seed"):
        _study().run(tmp_path / "s", resume=True, workers=0)
    path.write_text(text.replace('"version": 1', '"version": 9'))
    with pytest.raises(ValueError, match="version 9; this photon_relax reads"):
        _study().run(tmp_path / "s", resume=True, workers=0)
    path.write_text(text[:100])
    with pytest.raises(ValueError, match=r"study\.json is damaged or of no study"):
        _study().run(tmp_path / "s", resume=True, workers=0)
    with pytest.raises(ValueError, match="holds no study to resume"):
        _study().run(tmp_path / "none", resume=True, workers=0)


def test_a_folder_has_one_client(tmp_path):
    refused = []

    def intrude(values, seed):
        try:
            _study().run(tmp_path / "s", resume=True, workers=0)
        except ValueError as error:
            refused.append(str(error))
        return 0.0

    _study(intrude).run(tmp_path / "s", workers=0)
    assert set(refused) == {f"another process is at work in {tmp_path / 's'}"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"replicates": 0}, "replicates must be a whole number, 1 to 100,000; got 0"),
        ({"replicates": 2.0}, "replicates must be a whole number"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"parameters": {"a": {"normal": [1, 2]}}}, "a: normal is a distribution, which a grid"),
        ({"design": "sobol"}, "sobol needs to know how many points"),
    ],
)
def test_what_makes_no_study_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        _study(**options)


def test_memory_stays_flat(tmp_path):
    count = 5_000
    study = Study(lambda values, seed: values["a"], {"a": {"integers": [1, count]}})
    memory = []

    class Memory(StudyWatcher):
        def started(self, states):
            tracemalloc.start()

        def ended(self):
            # Of this package alone: threads of other tests' clusters may still be at work.
            ours = tracemalloc.Filter(True, "*/photon_relax/*")
            held = tracemalloc.take_snapshot().filter_traces([ours]).statistics("filename")
            memory.append(sum(file.size for file in held))
            tracemalloc.stop()

    results = study.run(tmp_path / "s", workers=0, watcher=Memory())
    assert (results["value"].values.ravel() == np.arange(1, count + 1)).all()
    # The outcomes, were they kept, would take 2.5 MB; what is held is a state of a byte a point.
    assert 0 < memory[0] < 500_000


KILLED = """
import sys, time
from photon_relax.studies import Study

def measure(values, seed):
    import os
    import numpy as np
    # The names of the calls, for the count of what was done twice.
    os.write(os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND), b"%d\\n" % values["a"])
    time.sleep(0.01)
    return np.random.default_rng(seed).normal()

if __name__ == "__main__":
    study = Study(measure, {"a": {"integers": [1, 120]}})
    study.run(sys.argv[1], resume=sys.argv[3] == "resume", workers=int(sys.argv[4]))
"""


def test_a_study_that_is_killed_again_and_again_loses_only_what_was_in_flight(
    tmp_path, pytestconfig
):
    workers = 1
    script, calls, folder = tmp_path / "study.py", tmp_path / "calls", tmp_path / "s"
    script.write_text(KILLED)
    calls.touch()
    rng = random.Random(workers)
    environment = {**os.environ, "PYTHONPATH": str(pytestconfig.rootpath)}

    def start(mode):
        words = [sys.executable, script, folder, calls, mode, str(workers)]
        return subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True)

    def lines():
        journal = StudyRecord.journal(folder)
        return journal.read_bytes().count(b"\n") if journal.exists() else 0

    kills = 2
    for kill in range(kills):
        before = lines()
        process = start("resume" if kill else "new")
        deadline = time.monotonic() + 120
        while lines() < before + rng.randrange(5, 40):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
        process.kill()
        process.communicate()
    process = start("resume")
    assert process.wait(120) == 0, process.stderr.read()
    process.stderr.close()
    done = [outcome.task for outcome in read_journal(StudyRecord.journal(folder))]
    assert sorted(done) == list(range(120))
    # What a dead client's workers are at, they may finish unheard: one point each, and one behind.
    called = len(calls.read_text().splitlines())
    assert 120 <= called <= 120 + kills * max(1, 2 * workers)
    with xr.open_dataset(folder / "results.h5") as results:
        seeds = [Study(len, {"a": {"integers": [1, 120]}}).tasks.seed_of(i, 0) for i in range(120)]
        expected = [np.random.default_rng(seed).normal() for seed in seeds]
        assert results["value"].values.ravel().tolist() == expected
