import csv
import json
import signal

import numpy as np
import pytest
import xarray as xr

from photon_relax.cli import main
from photon_relax.run_file import RunFile

SETTINGS = [
    *("--weight-sets", "2", "--width", "8", "--fidelity", "ideal", "--steps", "12"),
    *("--set", "validate_every=6", "--set", "batch_size=32", "--set", "learning_rate=0.01"),
]
ERRORS = ("--set", "hardware.mesh.splitter_error=0.08")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return the folder of a dense run on the digits."""
    folder = tmp_path_factory.mktemp("runs") / "dense"
    assert main(["train", "digits", "--bank", "dense", *SETTINGS, "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()

    def program(*words):
        status = main([str(word) for word in words])
        return status, *capsys.readouterr()

    return program


def test_the_table_the_files_and_the_run_that_evaluate_opens(run, command, tmp_path, names):
    stages = ("--stage", "naive", "--stage", "corrected")
    words = ("program", run, *ERRORS, *stages, "--chips", 2, "--fine-tune", 2, "--out", "here")
    status, out, _ = command(*words)
    assert status == 0
    for part in ("perfect banks", "naive", "corrected", "fine-tuned", "mesh error", "360 test"):
        assert part in out
    here = tmp_path / "here"
    assert names(here) == [
        *("chip-0", "chip-1", "program.csv", "program.h5", "program.json", "program.png"),
        "stages.csv",
    ]
    figures = json.loads((here / "program.json").read_text())["figures"]
    with (here / "stages.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["stage"] for row in rows].count("naive") == 3
    for stage in figures["stages"]:
        shown = f"{100 * stage['accuracy']:.2f}"
        assert shown in out
        [mean] = [r for r in rows if r["stage"] == stage["stage"]][-1:]
        assert float(mean["accuracy"]) == stage["accuracy"]
    _check_arrays(here, figures)
    _check_settings(here)

    status, out, _ = command("evaluate", "here/chip-1", "--json")
    assert status == 0
    [condition] = json.loads(out)["conditions"]
    assert condition["accuracy"] == figures["stages"][-1]["chips"][1]["accuracy"]
    assert RunFile.read(here / "chip-1").build_hardware().seed == 1


def _check_arrays(here, figures):
    """The arrays hold what the figures say, and matrices that the network realises."""
    with xr.open_dataset(here / "program.h5", engine="h5netcdf") as arrays:
        assert list(arrays.stage.values) == ["naive", "corrected", "fine-tuned"]
        assert arrays.left_theta.dims == ("stage", "chip", "bank", "column", "cell")
        assert arrays.left_theta.attrs["units"] == "rad"
        assert arrays.heater_power.attrs["units"] == "W"
        naive = arrays.sel(stage="naive")
        assert float(naive.accuracy.mean()) == pytest.approx(figures["stages"][2]["accuracy"])
        last = arrays.sel(stage="fine-tuned", chip=1)
        parts = [name for name in arrays if name.endswith("_power") and name != "heater_power"]
        power = sum(float(last[name].sum()) for name in parts)
        assert power == pytest.approx(float(last.heater_power.sum()))
        network = RunFile.read(here / "chip-1").build_network()
        realised, _ = network.bank.realise(network.chip, 0)
        np.testing.assert_allclose(last.realised, realised[:, 0].detach(), atol=1e-6)
        assert "splitter_error = 0.08" in arrays.attrs["hardware"]


def _check_settings(here):
    """The bench's file has a row a heater, at the place where the array has it."""
    with (here / "program.csv").open() as file:
        rows = list(csv.DictReader(file))
    # Two chips of two banks of two meshes: 28 interferometers, 8 outputs; and 8 attenuators.
    assert len(rows) == 2 * 2 * (2 * (2 * 28 + 8) + 8)
    assert {row["stage"] for row in rows} == {"fine-tuned"}
    with xr.open_dataset(here / "program.h5", engine="h5netcdf") as arrays:
        [row] = [
            row for row in rows
            if (row["chip"], row["bank"], row["mesh"], row["element"]) == ("1", "0", "left", "phi")
            and (row["column"], row["row"]) == ("3", "5")
        ]  # fmt: skip
        # Columns of odd number begin at lane 1: the upper lane 5 is that of cell 2.
        there = {"chip": 1, "bank": 0, "column": 3, "cell": 2}
        last = arrays.isel(stage=-1)
        assert float(row["setting"]) == float(last.left_phi.sel(there))
        assert float(row["power (W)"]) == float(last.left_phi_power.sel(there))


def test_without_fine_tuning_the_chips_are_runs_of_the_last_stage(run, command, tmp_path):
    words = ("program", run, *ERRORS, "--chip", 7, "--fine-tune", 0, "--out", "here", "--json")
    status, out, _ = command(*words)
    assert status == 0
    record = json.loads(out)
    assert record["chips"] == [7]
    assert [stage["stage"] for stage in record["stages"]][-1] == "self-configured"
    status, out, _ = command("evaluate", "here/chip-7", "--json")
    [condition] = json.loads(out)["conditions"]
    assert condition["loss"] == pytest.approx(record["stages"][-1]["loss"], abs=1e-6)
    # What was made once is not written over.
    status, _, err = command(*words)
    assert status == 2
    assert "here already holds a programming: go on with it by --resume, or name another" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--bank", "ring"), "of a homodyne machine go onto the bank mzi, not ring"),
        (("--chips", "2", "--chip", "1"), "keep one of them"),
        (("--resume",), "--resume needs --out DIR"),
        (("--out", "{run}"), "holds a training run; name another --out for the programming"),
        (("--stage", "best"), "stages must be among naive, corrected"),
        (("--set", "steps=5"), "only the hardware can change here"),
        (("--set", "hardware.mesh.splitter=5"), "Did you mean mesh.splitter_error?"),
        (("--hardware", "none.toml"), "none.toml: No such file or directory"),
    ],
)
def test_a_wrong_word_is_one_line_and_leaves_nothing(run, command, tmp_path, names, words, message):
    status, out, err = command("program", run, *(word.format(run=run) for word in words))
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert message in err
    assert names(tmp_path) == []


def test_a_run_that_is_not_trained_is_refused(run, command, tmp_path):
    source = RunFile.read(run)
    source.progress["best_step"] = None
    source.write(tmp_path / "run.h5")
    status, _, err = command("program", "run.h5")
    assert status == 2
    assert "has not come to its first validation yet" in err


def test_a_stopped_fine_tuning_is_kept_and_gone_on_with(run, command, tmp_path, monkeypatch):
    from photon_relax.programming import pipeline

    tune = pipeline.fine_tune

    def interrupted(network, dataset, config, folder, watcher):
        if folder.name == "chip-1":
            signal.raise_signal(signal.SIGINT)
        return tune(network, dataset, config, folder, watcher)

    short = ("--stage", "naive", "--chips", 2)
    words = ("program", run, *ERRORS, *short, "--fine-tune", 3, "--out", "here")
    monkeypatch.setattr(pipeline, "fine_tune", interrupted)
    status, _, err = command(*words)
    assert status == 130
    assert "the fine-tuning so far is kept; go on with the same words and --resume" in err
    monkeypatch.setattr(pipeline, "fine_tune", tune)
    status, _, err = command(*words)
    assert status == 2
    assert "go on with it by --resume" in err
    status, _, err = command(*words[:-3], 4, "--out", "here", "--resume")
    assert status == 2
    assert "what differs: fine_tune" in err
    assert command(*words, "--resume")[0] == 0
    assert command(*words[:-1], "whole")[0] == 0
    figures = [
        json.loads((tmp_path / folder / "program.json").read_text())["figures"]["stages"][-1]
        for folder in ("here", "whole")
    ]
    assert figures[0] == figures[1]


def test_a_programming_that_is_stopped_early_leaves_nothing(
    run, command, tmp_path, monkeypatch, names
):
    from photon_relax.programming import pipeline

    def stopped(*_, check, **__):
        signal.raise_signal(signal.SIGTERM)
        check()

    monkeypatch.setattr(pipeline, "evaluate", stopped)
    status, _, err = command("program", run, "--out", "here")
    assert status == 143
    assert "stopped; nothing is kept" in err
    assert names(tmp_path) == []
