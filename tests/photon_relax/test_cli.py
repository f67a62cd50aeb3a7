import errno
import json
import os
import re
import signal
import subprocess
import sys
import time

import h5py
import pytest
from typer.main import get_command

from photon_relax.cli import app, main
from photon_relax.config import TrainingConfig
from photon_relax.network import ReLaXNet
from photon_relax.run_file import RunFile
from photon_relax.training import Trainer

QUICK = [
    "digits",
    *("--bank", "dense", "--width", "8", "--weight-sets", "2"),
    *("--set", "validate_every=6", "--set", "batch_size=32", "--set", "learning_rate=0.01"),
    *("--steps", "12"),
]


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PHOTON_RELAX_DATA", raising=False)

    def run(*words):
        status = main([str(word) for word in words])
        return status, *capsys.readouterr()

    return run


def _error(answer):
    """The one line of an error, and nothing else anywhere."""
    status, out, err = answer
    assert status == 2
    assert out == ""
    assert err.startswith("photon-relax: error: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def test_train_prints_a_table_and_leaves_a_run(command, tmp_path, names):
    status, out, err = command("train", *QUICK)
    assert status == 0
    for part in ("validation", "test", "95 % interval", "parameters; best after step", "images/s"):
        assert part in out
    assert "1,257 to train on, 180 to validate, 360 to test (images)" in err
    folder = tmp_path / "runs" / "digits-001"
    assert names(folder) == ["run.h5", "training.png"]
    run = RunFile.read(folder)
    shown = re.findall(r"(\d+\.\d+)%", out)
    assert f"{100 * run.results['val_accuracy']:.2f}" in shown
    assert f"{100 * run.results['test_accuracy']:.2f}" in shown


def test_json_is_one_flat_object_and_alone_on_stdout(command, tmp_path):
    status, out, err = command(
        "train", *QUICK, "--json", "--out", "here", "--set", "hardware.switch.isolation_db=17"
    )
    assert status == 0
    assert out.count("\n") == 1
    record = json.loads(out)
    assert "step 12 of 12" in err
    run = RunFile.read(tmp_path / "here")
    for key, value in run.results.items():
        assert record[key] == value
    assert {"val_loss", "val_accuracy", "test_loss", "test_accuracy", "seconds"} <= record.keys()
    assert (record["steps"], record["width"], record["machine"]) == (12, 8, "homodyne")
    assert record["run"] == "here"
    assert TrainingConfig.model_fields.keys() <= record.keys()
    assert all(not isinstance(value, (dict, list)) for value in record.values())
    assert run.build_network().hardware.switch.isolation_db == 17


def test_runs_are_numbered_and_never_written_over(command, tmp_path, names):
    assert command("train", *QUICK)[0] == 0
    assert command("train", *QUICK)[0] == 0
    assert names(tmp_path / "runs") == ["digits-001", "digits-002"]
    before = (tmp_path / "runs/digits-001/run.h5").read_bytes()
    error = _error(command("train", *QUICK, "--out", "runs/digits-001"))
    assert "already holds a run: go on with it by --resume, or name another --out" in error
    assert (tmp_path / "runs/digits-001/run.h5").read_bytes() == before


def test_a_finished_run_is_shown_again_by_resume(command):
    _, first, _ = command("train", *QUICK, "--json", "--out", "here")
    status, again, _ = command("train", "digits", "--out", "here", "--resume", "--json")
    assert status == 0
    assert json.loads(again) == json.loads(first)
    error = _error(command("train", "digits", "--out", "here", "--resume", "--steps", "13"))
    assert "what differs: steps was 12, is 13" in error
    error = _error(command("train", "svhn", "--out", "here", "--resume"))
    assert "what differs: dataset was 'digits', is 'svhn'" in error


def test_evaluate_compares_conditions_and_draws_them(command, tmp_path):
    assert command("train", *QUICK, "--out", "here")[0] == 0
    words = ("--fidelity", "waveform", "--set", "hardware.switch.isolation_db=3")
    status, out, _ = command("evaluate", "here", *words)
    assert status == 0
    for part in ("slot (as trained)", "waveform, switch.isolation_db = 3", "360 test samples"):
        assert part in out
    assert (tmp_path / "here" / "evaluation.png").stat().st_size > 10_000

    (tmp_path / "bad.toml").write_text("[switch]\nisolation_db = 3.0\n")
    status, out, err = command(
        "evaluate", "here/run.h5", "--hardware", "bad.toml", "--split", "validation", "--json"
    )
    assert status == 0
    assert "evaluating slot, bad.toml" in err
    record = json.loads(out)
    assert (record["split"], record["samples"]) == ("validation", 180)
    trained, worse = record["conditions"]
    run = RunFile.read(tmp_path / "here")
    assert trained["loss"] == run.results["val_loss"]
    assert trained["accuracy_change"] == trained["loss_change"] == 0.0
    assert worse["condition"] == "slot, bad.toml"
    assert worse["loss_change"] == worse["loss"] - trained["loss"] > 0
    assert worse["loss_change_low"] <= worse["loss_change"] <= worse["loss_change_high"]
    assert worse["accuracy_low"] <= worse["accuracy"] <= worse["accuracy_high"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("train digit", "'digit' is not one of 'shakespeare', 'svhn', 'digits'"),
        ("train", "Missing argument 'dataset'"),
        ("train digits --bank lens", "'lens' is not one of 'dense', 'mzi', 'ring', 'crossbar'"),
        ("train digits --machine x", "'x' is not one of 'homodyne', 'square_law'"),
        ("train digits --fidelity x", "'x' is not one of 'ideal', 'slot', 'waveform'"),
        ("train digits --weight-sets 5", "weight_sets must be at most repetitions"),
        ("train digits --weight-sets two", "'--weight-sets': Input should be a valid integer"),
        ("train digits --set wdith=4", "unknown key wdith; did you mean width?"),
        ("train digits --set hardware.swich.isolation_db=4", "Did you mean switch?"),
        ("train digits --set hardware.switch.isolation=4", "Did you mean switch.isolation_db?"),
        ("train digits --set hardware.switch.isolation_db=-4", "isolation_db must be ≥ 0"),
        ("train digits --set nonlinearity=tan", "tanh"),
        ("train digits --width 99999", "width should be less than or equal to 4096; got 99999"),
        ("train digits --config absent.toml", "absent.toml: No such file or directory"),
        ("train digits --hardware absent.toml", "absent.toml: No such file or directory"),
        ("train digits --hardware bad.toml", "bad.toml"),
        ("train digits --resume", "--resume needs --out DIR"),
        ("train digits --resume --out absent", "absent holds no run to resume"),
        ("train digits --out bad.toml", "bad.toml is a file; a run needs a folder"),
        ("train svhn --data-dir .", "train_32x32.mat"),
        ("train digits --frobnicate", "No such option: --frobnicate"),
        ("trian digits", "No such command 'trian'"),
        ("evaluate absent", "absent is not a run: no such file or folder"),
        ("evaluate bad.toml", "bad.toml is damaged or not a run file"),
        ("evaluate . --fidelity x", "'x' is not one of 'ideal', 'slot', 'waveform'"),
        ("evaluate . --set steps=3", "only the hardware can change here"),
        ("data fetch digits", "'digits' is not one of 'svhn', 'shakespeare'"),
    ],
)
def test_errors_are_one_clear_line_and_leave_nothing(command, tmp_path, words, message, names):
    (tmp_path / "bad.toml").write_text("[switch\n")
    assert message in _error(command(*words.split()))
    assert names(tmp_path) == ["bad.toml"]


def test_a_damaged_run_and_other_data_are_errors(command, tmp_path):
    assert command("train", *QUICK, "--out", "here")[0] == 0
    with h5py.File(tmp_path / "here" / "run.h5", "a") as file:
        environment = json.loads(file.attrs["environment"])
        environment["samples"]["training_samples"] = 5
        file.attrs["environment"] = json.dumps(environment)
    assert "trained on 5 samples and the data set here has 1,257" in _error(
        command("evaluate", "here")
    )
    content = (tmp_path / "here" / "run.h5").read_bytes()
    (tmp_path / "here" / "run.h5").write_bytes(content[:-1000])
    assert "run.h5 is damaged" in _error(command("evaluate", "here"))
    assert "run.h5 is damaged" in _error(command("train", "digits", "--out", "here", "--resume"))


def test_a_full_disk_is_one_line(command, tmp_path, monkeypatch, names):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    status, out, err = command("train", *QUICK)
    assert (status, out) == (2, "")
    assert err == "photon-relax: error: runs/digits-001/run.h5: No space left on device\n"
    assert names(tmp_path) == []


def test_a_disk_that_fills_up_later_keeps_the_checkpoint(command, tmp_path, monkeypatch, names):
    calls = []
    sync = os.fsync

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) > 4:  # the checkpoints of steps 0 and 6 each sync their file and its folder
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    status, out, err = command("train", *QUICK, "--out", "here")
    assert (status, out) == (2, "")
    assert err.splitlines()[-1] == (
        "photon-relax: error: here/run.h5: No space left on device; the last checkpoint is kept; "
        "go on with: photon-relax train digits --out here --resume"
    )
    assert names(tmp_path / "here") == ["run.h5"]


@pytest.mark.parametrize("fails_at", [0, 7])
def test_a_full_disk_below_the_kernel_cache_is_explained(command, monkeypatch, fails_at):
    """The cache of numba writes without naming its file, at the first call of a kernel."""
    step = Trainer._step

    def full(trainer):
        if trainer.state.progress.step == fails_at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        step(trainer)

    monkeypatch.setattr(Trainer, "_step", full)
    status, out, err = command("train", *QUICK, "--out", "here")
    assert (status, out) == (2, "")
    kept = (
        "; the last checkpoint is kept; go on with: photon-relax train digits --out here --resume"
    )
    assert err.splitlines()[-1] == (
        "photon-relax: error: No space left on device (no file is named; it may be the cache of "
        "compiled kernels, for which NUMBA_CACHE_DIR names another folder)"
        + (kept if fails_at else "")
    )
    monkeypatch.setattr(Trainer, "_step", step)
    resume = ["--resume"] if fails_at else []
    assert command("train", *QUICK, "--out", "here", *resume)[0] == 0


@pytest.mark.parametrize("as_json", [False, True])
def test_results_are_shown_although_the_picture_cannot_be_written(command, tmp_path, as_json):
    form = ["--json"] if as_json else []
    for picture in ("training.png", "evaluation.png"):
        (tmp_path / "here" / picture).mkdir(parents=True)
    status, out, err = command("train", *QUICK, "--out", "here", *form)
    assert status == 2
    assert err.splitlines()[-1] == "photon-relax: error: here/training.png: Is a directory"
    assert json.loads(out)["val_loss"] > 0 if as_json else "best after step" in out
    assert "training.png" not in out or as_json
    status, out, err = command("evaluate", "here", *form)
    assert status == 2
    assert err.splitlines()[-1] == "photon-relax: error: here/evaluation.png: Is a directory"
    assert json.loads(out)["conditions"] if as_json else "slot (as trained)" in out


def _program(*words, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "photon_relax", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_a_checkpoint_and_says_how_to_go_on(
    command, tmp_path, pytestconfig, number, status, names
):
    folder = tmp_path / "stopped at"
    process = _program(
        *("train", *QUICK[:-2], "--steps", "1000000", "--set", "checkpoint_steps=20"),
        *("--out", str(folder)),
        cwd=pytestconfig.rootpath,
    )
    try:
        deadline = time.monotonic() + 120
        while not (folder / "run.h5").exists() or RunFile.read(folder).progress["step"] < 20:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, out) == (status, "")
    last = err.splitlines()[-1]
    found = re.fullmatch(
        r"photon-relax: stopped after step (\d+), the checkpoint is kept; go on with: "
        r"photon-relax (train digits --out '.*stopped at' --resume)",
        last,
    )
    assert found, err
    assert "Traceback" not in err
    assert RunFile.read(folder).progress["step"] == int(found[1]) >= 20
    assert names(folder) == ["run.h5"]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_an_evaluation_at_the_next_batch(
    command, tmp_path, monkeypatch, number, status, names
):
    words = (*QUICK, "--set", "evaluation_batch=50")
    assert command("train", *words, "--out", "here")[0] == 0
    calls = []
    forward = ReLaXNet.forward

    def signal_at_the_second_batch(network, *arguments, **options):
        calls.append(network)
        if len(calls) == 2:
            os.kill(os.getpid(), number)
        return forward(network, *arguments, **options)

    monkeypatch.setattr(ReLaXNet, "forward", signal_at_the_second_batch)
    ended, out, err = command("evaluate", "here", "--fidelity", "waveform")
    assert (ended, out) == (status, "")
    assert err.splitlines()[-1] == "photon-relax: stopped; the run is as it was"
    assert len(calls) == 2
    assert names(tmp_path / "here") == ["run.h5", "training.png"]


def test_help_is_quick_and_needs_no_torch(pytestconfig):
    code = (
        "import sys, photon_relax.cli as c; status = c.main(sys.argv[1:]);"
        "assert not {'torch', 'numba', 'numpy', 'h5py', 'plotly'} & set(sys.modules);"
        "sys.exit(status)"
    )
    calls = (
        "",
        "--help",
        "train --help",
        "evaluate -h",
        "sample -h",
        "data --help",
        "study run -h",
        "validate -h",
    )
    for words in (call.split() for call in calls):
        began = time.monotonic()
        answer = subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=pytestconfig.rootpath,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        assert "Usage: photon-relax" in answer.stdout
        # 0.4 s on two cores; the bound only has to tell it from loading torch on a busy machine.
        assert time.monotonic() - began < 2.5


def test_every_setting_is_in_the_help(command):
    _, out, _ = command("train", "--help")
    for key in TrainingConfig.model_fields:
        assert key in out or f"--{key.replace('_', '-')}" in out


def test_only_commands_that_exist_are_offered():
    names = [
        "budget",
        "data",
        "devices",
        "evaluate",
        "program",
        "report",
        "reproduce",
        "sample",
        "simulate",
        "study",
        "train",
        "validate",
    ]
    assert sorted(get_command(app).commands) == names


def test_version_is_that_of_the_package(command):
    from photon_relax import __version__

    assert command("--version") == (0, f"photon-relax {__version__}\n", "")


def test_data_list_shows_what_is_here_and_what_is_missing(command):
    status, out, _ = command("data", "list", "--data-dir", ".")
    assert status == 0
    assert "digits" in out
    assert "1,257, 180, 360" in out
    assert "photon-relax data fetch svhn" in re.sub(r"[\s│]+", " ", out)


def test_shakespeare_trains_on_the_real_text(command, data_dir):
    status, out, _ = command(
        *("train", "shakespeare", "--data-dir", data_dir, "--json", "--fidelity", "ideal"),
        *("--width", "16", "--steps", "40", "--set", "learning_rate=0.01"),
    )
    assert status == 0
    record = json.loads(out)
    # Knowing nothing is ln 65 = 4.17; the frequency of each character gives about 3.3.
    assert record["val_loss"] < 3.3
    assert (record["test_loss"], record["test_accuracy"]) == (None, None)
    status, out, _ = command("evaluate", record["run"], "--data-dir", data_dir, "--json")
    assert status == 0
    assert json.loads(out)["samples"] > 111_000
    assert "shakespeare has no test split" in _error(
        command("evaluate", record["run"], "--data-dir", data_dir, "--split", "test")
    )


def test_svhn_trains_on_real_photos(command, data_dir):
    status, out, _ = command(
        *("train", "svhn", "--data-dir", data_dir, "--json", "--fidelity", "ideal"),
        *("--width", "16", "--steps", "5", "--set", "validate_every=5"),
    )
    assert status == 0
    record = json.loads(out)
    assert record["repetitions"] == 12
    assert 0 <= record["test_accuracy"] <= 1
