import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from photon_relax import parallel
from photon_relax.cli import main
from photon_relax.parallel import ALONE, Processes, joined, launched
from photon_relax.run_file import RunFile
from tests import two_processes
from tests.same_training import assert_same_training


def _torchrun(root, *words, **options):
    return subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
         *words],
        cwd=root, capture_output=True, text=True, check=False, timeout=400, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def together(tmp_path_factory, pytestconfig):
    """The folder in which two processes have done all of `tests.two_processes`."""
    folder = tmp_path_factory.mktemp("together")
    ended = _torchrun(pytestconfig.rootpath, "-m", "tests.two_processes", str(folder))
    assert ended.returncode == 0, ended.stderr
    return folder


@pytest.fixture(scope="module")
def told(together):
    """What each process heard."""
    return [json.loads((together / f"told-{rank}.json").read_text()) for rank in (0, 1)]


def _assert_equal_to_rounding(one, other):
    """The same curves and answers.

    Sums of float32 in another order differ by some 1e-7; over 18 steps Adam, which divides each
    gradient by its own size, makes little more of it (seen: 1e-7).
    """
    for table in ("training", "validation"):
        for name in ("step", "loss", "accuracy", "learning_rate"):
            if name in one.metrics[table]:
                np.testing.assert_allclose(
                    one.metrics[table][name], other.metrics[table][name], rtol=2e-6
                )
    np.testing.assert_array_equal(one.confusion, other.confusion)
    assert one.results["test_loss"] == pytest.approx(other.results["test_loss"], rel=2e-6)


@pytest.mark.parametrize("case", two_processes.CASES)
def test_two_processes_train_as_one_does(together, tmp_path, case):
    run = RunFile.read(together / case)
    alone = two_processes.train(tmp_path, case)
    assert (run.environment["processes"], alone.environment["processes"]) == (2, 1)
    assert run.parameters["latest"].keys() == alone.parameters["latest"].keys()
    _assert_equal_to_rounding(run, alone)


def test_a_signal_to_one_process_stops_both_and_resumed_they_end_with_the_same_bits(together, told):
    assert [each["stopped"] for each in told] == [
        f"stopped after step 10; the checkpoint is {together}/stopped/run.h5"
    ] * 2
    assert RunFile.read(together / "copied").progress["step"] == 10
    whole, resumed = (RunFile.read(together / name) for name in (two_processes.STOPPED, "stopped"))
    assert_same_training(whole, resumed)


def test_one_process_may_go_on_with_the_run_of_two(together, tmp_path):
    (tmp_path / "run.h5").write_bytes((together / "copied/run.h5").read_bytes())
    resumed = two_processes.train(tmp_path, two_processes.STOPPED, resume=True)
    _assert_equal_to_rounding(resumed, RunFile.read(together / two_processes.STOPPED))


def test_bad_data_of_one_process_end_both_at_the_same_step(together, told):
    for each in told:
        assert each["spoilt"] == (
            "training stopped at step 10: the loss is nan (the training data holds numbers that "
            "are not finite); the checkpoint of step 6 is kept"
        )
    assert RunFile.read(together / "spoilt").progress["step"] == 6


def test_parts_are_of_whole_groups_and_each_process_has_one(told):
    """Five groups of three samples: two to the first process, three to the second."""
    assert [each["parts"] for each in told] == [[6, 6], [9, 9]]
    for each in told:
        assert each["small"] == (
            "batch_size must be more than 3 for each of 2 processes to have a part of it; got 3"
        )


def test_one_process_alone_reports(together, told, tmp_path, capsys):
    assert [each["status"] for each in told] == [0, 0]
    assert (together / "digits-1.json").read_text() == ""
    record = json.loads((together / "digits-0.json").read_text())
    assert (together / "digits/training.png").is_file()
    assert main([*two_processes.DIGITS, "--out", str(tmp_path)]) == 0
    assert record["test_loss"] == pytest.approx(
        json.loads(capsys.readouterr().out)["test_loss"], rel=2e-6
    )
    _assert_equal_to_rounding(RunFile.read(together / "digits"), RunFile.read(tmp_path))


def test_a_failure_is_told_once(pytestconfig, tmp_path):
    """From the command line, with nothing left hanging; threads are as torchrun sets them."""
    ended = _torchrun(
        pytestconfig.rootpath,
        *("-m", "photon_relax", "train", "digits", "--width", "8", "--out", str(tmp_path)),
        *("--set", "checkpoint_steps=1"),
        *("--set", "optimiser=adamw", "--set", "learning_rate=100", "--set", "weight_decay=1e9"),
    )
    assert ended.returncode != 0
    (told,) = [line for line in ended.stderr.splitlines() if line.startswith("photon-relax: ")]
    assert "training stopped at step 2" in told
    assert "the checkpoint of step 1 is kept" in told
    assert "exitcode  : 2" in ended.stderr
    assert "reducer.cpp" not in ended.stderr
    environment = RunFile.read(tmp_path).environment
    assert (environment["torch_threads"], environment["numba_threads"]) == (1, 1)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize(("samples", "group"), [(256, 1), (10, 4), (5, 1), (13, 3)])
def test_parts_cover_a_batch_in_order(count, samples, group):
    parts = [Processes(rank, count).part(samples, group) for rank in range(count)]
    rows = [list(range(samples))[part] for part in parts]
    assert [row for part in rows for row in part] == list(range(samples))
    assert all(part.start % group == 0 for part in parts if part.start < samples)
    groups = [-(-len(part) // group) for part in rows]
    assert max(groups) - min(groups) <= 1


def test_one_process_hears_itself():
    array = np.array([1.5, 2.5])
    assert ALONE.sum(array) is array
    assert ALONE.largest(7) == 7
    assert ALONE.word("runs/Größe-001") == "runs/Größe-001"
    assert ALONE.first


@pytest.fixture
def second_of_two(monkeypatch):
    """Let torchrun have started this process."""
    for name, value in {
        "TORCHELASTIC_RUN_ID": "test", "RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1",
        "NUMBA_NUM_THREADS": "2", "TORCH_CPP_LOG_LEVEL": "ERROR",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


def test_torchrun_tells_a_process_its_place(second_of_two):
    assert launched() == Processes(rank=1, count=2, local_rank=1)
    assert not launched().first


@pytest.mark.parametrize(
    ("message", "kind", "told"),
    [
        ("gloo/transport/tcp/pair.cc: Connection closed by peer", ValueError, "another process"),
        ("shapes do not match", RuntimeError, "shapes do not match"),
    ],
)
def test_a_lost_process_is_an_error_of_the_user_s_world(
    second_of_two, monkeypatch, message, kind, told
):
    monkeypatch.setattr(torch.distributed, "init_process_group", lambda backends: None)
    with pytest.raises(kind, match=told), joined():
        raise RuntimeError(message)


@pytest.mark.parametrize("first", [True, False])
def test_the_first_to_fail_speaks_and_the_others_end_as_it_does(
    second_of_two, monkeypatch, capsys, first
):
    monkeypatch.setattr(parallel, "_speaks_first", lambda: first)
    if first:
        assert main(["evaluate", "runs/digits-001"]) == 2
        assert "torchrun starts several processes of the command train alone" in (
            capsys.readouterr().err
        )
    else:
        with pytest.raises(SystemExit) as end:
            main(["evaluate", "runs/digits-001"])
        assert end.value.code == 2
        assert capsys.readouterr().err == ""
