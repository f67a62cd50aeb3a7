import errno
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import h5py
import numpy as np
import pytest
import torch

from photon_relax.datasets import ArraySplit
from photon_relax.evaluation import evaluate
from photon_relax.hardware import Hardware
from photon_relax.optimisation import learning_rate
from photon_relax.run_file import RunFile
from photon_relax.training import Trainer, TrainingDiverged, TrainingInterrupted, Watcher
from tests.same_training import assert_same_training


class Stopper(Watcher):
    """Sends this process a signal after a step, or counts what it hears."""

    def __init__(self, step=None, number=signal.SIGINT):
        self.step, self.number = step, number
        self.heard = []

    def started(self, step, steps):
        self.heard.append(("started", step))

    def stepped(self, step, loss, accuracy, rate, left):
        self.heard.append(("stepped", step))
        if step == self.step:
            os.kill(os.getpid(), self.number)

    def validated(self, step, result, *, best):
        self.heard.append(("validated", step))

    def ended(self):
        self.heard.append(("ended",))


@pytest.fixture
def train(small_config, small_network, small_dataset):
    """Return a function that trains a fresh network in a folder."""

    def run(folder, *, resume=False, watcher=None, dataset=None, hardware=None, **changes):
        config = small_config(**changes)
        network = small_network(config, hardware)
        trainer = Trainer(network, dataset or small_dataset, config, watcher=watcher)
        return trainer.run(folder, resume=resume)

    return run


def _assert_same_run(one, other):
    """Every number that does not measure time is the same, bit for bit."""
    assert_same_training(one, other)
    timed = {"seconds", "samples_per_second"}
    assert {k: v for k, v in one.results.items() if k not in timed} == {
        k: v for k, v in other.results.items() if k not in timed
    }
    np.testing.assert_array_equal(other.confusion, one.confusion)


def test_a_network_learns_and_the_best_parameters_are_measured(
    train, tmp_path, small_dataset, small_network, small_config
):
    run = train(tmp_path, steps=60)
    validation = run.metrics["validation"]
    assert validation["step"].tolist() == list(range(6, 61, 6))
    # The clouds overlap, so the loss has a floor of its own well above zero.
    assert validation["loss"].min() < 0.7 * validation["loss"][0]
    best = int(np.argmin(validation["loss"]))
    assert run.results["best_step"] == validation["step"][best]
    assert run.results["val_loss"] == validation["loss"][best]
    network = run.build_network()
    test = evaluate(network, small_dataset.test)
    assert (run.results["test_loss"], run.results["test_accuracy"]) == (test.loss, test.accuracy)
    assert run.confusion.sum() == len(small_dataset.test)
    assert np.trace(run.confusion) == test.correct.sum()
    low, high = run.results["test_accuracy_low"], run.results["test_accuracy_high"]
    assert low < test.accuracy < high
    total = sum(p.numel() for p in network.parameters())
    assert run.results["parameters"] == total
    assert run.finished


def test_steps_equal_a_plain_torch_loop(
    train, tmp_path, small_config, small_dataset, small_network
):
    """The same batches, rates and noise keys through a loop written out here."""
    run = train(tmp_path, steps=10, gradient_clip=0.5)
    config = small_config(steps=10, gradient_clip=0.5)
    network = small_network(config)
    # Fused: the same update in one pass, which rounds otherwise.
    optimiser = torch.optim.Adam(network.parameters(), fused=True)
    losses = []
    for step in range(10):
        rows = []
        for position in range(step * 16, step * 16 + 16):
            order = np.random.Generator(np.random.Philox(key=[0, position // 97])).permutation(97)
            rows.append(order[position % 97])
        x, y = (torch.from_numpy(a) for a in small_dataset.train.batch(rows))
        loss = torch.nn.functional.cross_entropy(network(x, step=step), y)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 0.5)
        optimiser.param_groups[0]["lr"] = learning_rate(config, step)
        optimiser.step()
        losses.append(loss.item())
    for name, value in network.state_dict().items():
        np.testing.assert_array_equal(run.parameters["latest"][name], value.numpy())
    assert run.metrics["training"]["loss"].tolist() == pytest.approx(
        [np.mean(losses[:6]), np.mean(losses[6:])], rel=1e-12
    )


@pytest.mark.parametrize(
    ("stop_at", "changes"),
    [
        (1, {"machine": "square_law"}),
        (6, {"fidelity": "waveform"}),
        (8, {"bank": "mzi"}),
        (20, {"fidelity": "ideal"}),
    ],
)
def test_a_stopped_and_resumed_run_ends_with_the_same_bits(train, tmp_path, stop_at, changes):
    """Stopped before, at and after a validation, and at the last step."""
    whole = train(tmp_path / "whole", **changes)
    with pytest.raises(TrainingInterrupted) as stopped:
        train(tmp_path / "parts", watcher=Stopper(stop_at), **changes)
    assert (stopped.value.step, stopped.value.signal) == (stop_at, signal.SIGINT)
    assert not RunFile.read(tmp_path / "parts").finished
    watcher = Stopper()
    resumed = train(tmp_path / "parts", resume=True, watcher=watcher, **changes)
    assert watcher.heard[0] == ("started", stop_at)
    _assert_same_run(whole, resumed)
    _assert_same_run(whole, RunFile.read(tmp_path / "parts"))


def test_sigterm_keeps_a_checkpoint_too(train, tmp_path):
    with pytest.raises(TrainingInterrupted, match="stopped after step 3") as stopped:
        train(tmp_path, watcher=Stopper(3, signal.SIGTERM))
    assert stopped.value.signal == signal.SIGTERM
    assert RunFile.read(tmp_path).progress["step"] == 3
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("evaluation", [1, 3, 4, 6])
def test_a_signal_during_an_evaluation_is_answered_at_its_next_batch(
    train, tmp_path, monkeypatch, evaluation
):
    """In the first and the third validation, and in those that measure the finished run."""
    begun, batches = [], []
    batch = ArraySplit.batch

    def count(split, indices):
        # Those of the training hold 16 samples, those of an evaluation 15 or the rest.
        if len(indices) != 16:
            batches.append(len(indices))
            if indices[0] == 0:
                begun.append(len(batches))
                if len(begun) == evaluation:
                    os.kill(os.getpid(), signal.SIGTERM)
        return batch(split, indices)

    whole = train(tmp_path / "whole", evaluation_batch=15)
    monkeypatch.setattr(ArraySplit, "batch", count)
    with pytest.raises(TrainingInterrupted):
        train(tmp_path / "parts", evaluation_batch=15)
    assert len(begun) == evaluation
    assert len(batches) == begun[-1]
    monkeypatch.undo()
    _assert_same_run(whole, train(tmp_path / "parts", resume=True, evaluation_batch=15))


def test_a_second_ctrl_c_stops_at_once(train, tmp_path, names):
    class Impatient(Stopper):
        def stopping(self):
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, watcher=Impatient(5), checkpoint_steps=2)
    assert RunFile.read(tmp_path).progress["step"] == 4
    assert names(tmp_path) == ["run.h5"]


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
import pytest
from photon_relax.training import Trainer

step = Trainer._step
def kill_at_13(trainer):
    step(trainer)
    if trainer.state.progress.step == 13:
        os.kill(os.getpid(), signal.SIGKILL)
Trainer._step = kill_at_13
pytest.main(["-q", "-p", "no:cacheprovider", f"--basetemp={sys.argv[1]}",
             f"{sys.argv[2]}/tests/photon_relax/test_training.py::test_whole_run"])
"""


def test_whole_run(train, tmp_path):
    """Runs by itself, and inside the process that the next test kills."""
    run = train(tmp_path / "run", checkpoint_steps=4)
    assert run.results["steps"] == 20


def test_a_killed_run_resumes_at_its_last_checkpoint_and_ends_with_the_same_bits(
    train, tmp_path, pytestconfig
):
    victim = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path / "killed", pytestconfig.rootpath],
        cwd=pytestconfig.rootpath,
        capture_output=True,
        check=False,
    )
    assert victim.returncode == -signal.SIGKILL, victim.stdout
    (file,) = (tmp_path / "killed").rglob("run.h5")
    assert RunFile.read(file).progress["step"] == 12
    resumed = train(file.parent, resume=True, checkpoint_steps=4)
    _assert_same_run(train(tmp_path / "whole", checkpoint_steps=4), resumed)


def test_resuming_a_finished_run_gives_it_back(train, tmp_path):
    first = train(tmp_path)
    changed = (tmp_path / "run.h5").stat().st_mtime_ns
    watcher = Stopper()
    _assert_same_run(first, train(tmp_path, resume=True, watcher=watcher))
    assert watcher.heard == []
    assert (tmp_path / "run.h5").stat().st_mtime_ns == changed


def test_a_run_goes_on_only_as_it_was_started(train, tmp_path, small_dataset):
    train(tmp_path)
    with pytest.raises(ValueError, match="what differs: learning_rate was 0.02, is 0.01"):
        train(tmp_path, resume=True, learning_rate=0.01)
    hardware = Hardware().with_values({"switch.isolation_db": 10.0})
    with pytest.raises(ValueError, match="what differs: the hardware"):
        train(tmp_path, resume=True, hardware=hardware)
    other = replace(small_dataset, train=small_dataset.test)
    with pytest.raises(ValueError, match="what differs: training_samples was 97, is 50"):
        train(tmp_path, resume=True, dataset=other)


def test_a_run_keeps_its_alphabet_and_goes_on_with_no_other(train, tmp_path, small_dataset):
    text = replace(small_dataset, vocabulary="abc", opening="ca")
    run = train(tmp_path, dataset=text)
    assert (run.vocabulary, run.opening) == ("abc", "ca")
    with pytest.raises(ValueError, match="what differs: vocabulary was 'abc', is 'abd'"):
        train(tmp_path, resume=True, dataset=replace(text, vocabulary="abd"))


def test_a_checkpoint_that_lacks_a_parameter_is_named(train, tmp_path):
    with pytest.raises(TrainingInterrupted):
        train(tmp_path, watcher=Stopper(3))
    with h5py.File(tmp_path / "run.h5", "a") as file:
        del file["parameters/latest"][next(iter(file["parameters/latest"]))]
    with pytest.raises(ValueError, match=r"run\.h5 is damaged, it cannot go on: "):
        train(tmp_path, resume=True)


def test_a_network_other_than_the_settings_is_refused(small_config, small_network, small_dataset):
    network = small_network(small_config(width=7))
    with pytest.raises(ValueError, match="says width 6, the network has 7"):
        Trainer(network, small_dataset, small_config())


def test_a_diverging_run_keeps_its_last_good_checkpoint(train, tmp_path):
    with pytest.raises(TrainingDiverged, match=r"the loss is (nan|inf) .*lower learning_rate"):
        train(tmp_path, optimiser="adamw", learning_rate=1.0, weight_decay=1e5, checkpoint_steps=1)
    kept = RunFile.read(tmp_path)
    assert all(np.isfinite(a).all() for a in kept.parameters["latest"].values())


def test_bad_data_are_named_as_the_cause(train, tmp_path, small_dataset, names):
    class Broken(ArraySplit):
        def batch(self, indices):
            x, y = super().batch(indices)
            x[0, 0] = np.nan
            return x, y

    split = Broken(small_dataset.train.inputs, small_dataset.train.targets)
    message = "training data holds numbers that are not finite.; no checkpoint was due yet"
    with pytest.raises(TrainingDiverged, match=message):
        train(tmp_path, dataset=replace(small_dataset, train=split))
    assert names(tmp_path) == []


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, KeyboardInterrupt])
def test_a_start_that_fails_leaves_its_folder_free(train, tmp_path, monkeypatch, names, error):
    with monkeypatch.context() as patch:

        def fail(trainer):
            raise error("the first step")

        patch.setattr(Trainer, "_step", fail)
        with pytest.raises(error, match="the first step"):
            train(tmp_path / "new")
        assert not (tmp_path / "new").exists()
        with pytest.raises(error, match="the first step"):
            train(tmp_path)
    assert names(tmp_path) == []
    assert train(tmp_path).finished


def test_a_failure_before_the_first_checkpoint_leaves_no_run(train, tmp_path, names):
    class Failing(Watcher):
        def stepped(self, step, loss, accuracy, rate, left):
            if step == 5:
                raise MemoryError("after step 5")

    with pytest.raises(MemoryError, match="after step 5"):
        train(tmp_path, watcher=Failing())
    assert names(tmp_path) == []
    with pytest.raises(MemoryError, match="after step 5"):
        train(tmp_path, watcher=Failing(), checkpoint_steps=4)
    assert RunFile.read(tmp_path).progress["step"] == 4


def test_a_resumed_run_that_fails_keeps_even_its_empty_file(train, tmp_path, monkeypatch):
    class Early(Watcher):
        def started(self, step, steps):
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(TrainingInterrupted, match="stopped after step 0"):
        train(tmp_path, watcher=Early())

    def fail(trainer):
        raise RuntimeError("the first step")

    monkeypatch.setattr(Trainer, "_step", fail)
    with pytest.raises(RuntimeError, match="the first step"):
        train(tmp_path, resume=True)
    assert RunFile.read(tmp_path).progress["step"] == 0


@pytest.mark.parametrize("fails_at", [1, 3])
def test_a_full_disk_ends_the_run_and_keeps_the_earlier_file(
    train, tmp_path, monkeypatch, fails_at, names
):
    calls = []
    sync = os.fsync

    def full(descriptor):
        calls.append(descriptor)
        # Each write syncs the file and then its folder.
        if len(calls) == 2 * fails_at - 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: .*run\.h5"):
        train(tmp_path / "run", checkpoint_steps=5)
    if fails_at == 1:
        assert not (tmp_path / "run").exists()
    else:
        assert names(tmp_path / "run") == ["run.h5"]
        assert RunFile.read(tmp_path / "run").progress["step"] == 5


def test_checkpoints_follow_steps_and_seconds(train, tmp_path, monkeypatch):
    written = []
    write = RunFile.write

    def note(run, path):
        written.append(run.progress["step"])
        write(run, path)

    monkeypatch.setattr(RunFile, "write", note)
    train(tmp_path / "steps", steps=9, validate_every=9, checkpoint_steps=4)
    # The start, every fourth step, the validation that is the best, the end.
    assert written == [0, 4, 8, 9, 9]
    written.clear()
    train(tmp_path / "seconds", steps=3, validate_every=3, checkpoint_seconds=0.0)
    assert written == [0, 1, 2, 3, 3, 3]


def test_a_running_file_can_be_read(train, tmp_path):
    seen = []

    class Reader(Watcher):
        def stepped(self, step, loss, accuracy, rate, left):
            seen.append(RunFile.read(tmp_path).progress["step"])

    train(tmp_path, steps=6, watcher=Reader(), checkpoint_steps=2)
    assert seen == [0, 0, 2, 2, 4, 4]


def test_without_a_test_split_its_figures_are_none(train, tmp_path, small_dataset):
    run = train(tmp_path, dataset=replace(small_dataset, test=None))
    assert run.results["test_loss"] is None
    assert run.results["test_accuracy"] is None
    assert run.results["val_accuracy"] > 0
    assert run.confusion.sum() == len(small_dataset.validation)


def test_the_watcher_hears_everything_in_order(train, tmp_path):
    watcher = Stopper()
    train(tmp_path, steps=7, watcher=watcher)
    steps = [("stepped", step) for step in range(1, 8)]
    assert watcher.heard == [
        ("started", 0),
        *steps[:6],
        ("validated", 6),
        steps[6],
        ("validated", 7),
        ("ended",),
    ]


def test_the_environment_tells_what_it_ran_on(train, tmp_path):
    environment = train(tmp_path, steps=1).environment
    assert torch.__version__.startswith(environment["torch"].partition("+")[0])
    assert environment["python"].count(".") == 2
    assert environment["torch_threads"] == torch.get_num_threads()
    assert environment["samples"]["training_samples"] == 97
    for key in ("numpy", "numba", "h5py", "photon_relax", "platform", "numba_threads", "commit"):
        assert key in environment


def test_seconds_add_up_over_sessions(train, tmp_path):
    with pytest.raises(TrainingInterrupted):
        train(tmp_path, watcher=Stopper(10))
    before = RunFile.read(tmp_path).progress["seconds"]
    began = time.perf_counter()
    run = train(tmp_path, resume=True)
    session = time.perf_counter() - began
    assert before < run.results["seconds"] < before + session
