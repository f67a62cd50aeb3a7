import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
import xarray as xr

from photon_relax.assembly import load_data
from photon_relax.cli import main
from photon_relax.config import TrainingConfig
from photon_relax.run_file import RunFile
from photon_relax.studies.hardware_gradient import hardware_gradient
from photon_relax.studies.journal import read_journal

STUDY = """
question = "How much isolation?"
[measure]
kind = "evaluate"
run = "run"
[base]
fidelity = "waveform"
[parameters]
hardware.switch.isolation_db = [3.0, 6.0, 20.0]
"""


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command line in a folder with a trained run and a study."""
    monkeypatch.chdir(tmp_path)
    train = "train digits --bank dense --width 8 --weight-sets 2 --steps 8 --out run --json"
    assert main([*train.split(), "--set", "learning_rate=0.02", "--set", "batch_size=64"]) == 0
    capsys.readouterr()
    (tmp_path / "isolation.toml").write_text(STUDY)

    def run(words):
        status = main(["study", *words.split()])
        return status, *capsys.readouterr()

    return run


def _evaluate(folder, capsys, *words):
    """What evaluate finds for the run of the study, at its fidelity and on changed hardware."""
    assert main(["evaluate", str(folder / "run"), "--fidelity", "waveform", "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)["conditions"][-1]


def test_a_study_from_question_to_picture(command, tmp_path, capsys, names):
    status, out, err = command("run isolation.toml --workers 1")
    assert status == 0, err
    assert "3 points, and the base; study folder studies/isolation-001" in err
    lines = out.splitlines()
    assert lines[0] == "How much isolation?"
    assert re.match(
        r"test_accuracy is best, [\d.]+ % \([\d.]+ … [\d.]+\), at hardware\.sw", lines[1]
    )
    folder = tmp_path / "studies" / "isolation-001"
    assert lines[2:] == [f"studies/isolation-001/{n}" for n in ("results.h5", "response.png")]
    assert names(folder) == ["journal.jsonl", "response.png", "results.h5", "study.json"]
    with xr.open_dataset(folder / "results.h5") as results:
        assert results["test_accuracy"].dims == ("hardware.switch.isolation_db", "replicate")
        worse = _evaluate(tmp_path, capsys, "--set", "hardware.switch.isolation_db=6.0")
        there = results.sel({"hardware.switch.isolation_db": 6.0}).isel(replicate=0)
        for figure in ("loss", "accuracy", "loss_low", "accuracy_high"):
            assert float(there[f"test_{figure}"]) == worse[figure]

    # The same in this process, and with everything that is there already.
    status, out, _ = command("run isolation.toml --workers 0 --json --out again")
    assert status == 0
    record = json.loads(out)
    assert (record["study"], record["tasks"], record["failed"]) == ("again", 4, 0)
    assert record["sentence"] == lines[1]
    assert record["best"]["value"] >= record["worst"]["value"]
    status, out, _ = command("resume again --json")
    assert json.loads(out) == record


def test_the_loosest_value_that_is_enough(command, tmp_path, names):
    search = STUDY.replace("[3.0, 6.0, 20.0]", "{linear = [0.0, 40.0]}")
    (tmp_path / "isolation.toml").write_text(search + "[solve]\nwithin = 0.01\ntolerance = 4.0\n")
    status, out, err = command("solve isolation.toml --workers 0 --out s")
    assert status == 0, err
    assert re.search(r"hardware.switch.isolation_db = 40: 0\.\d+, enough", err)
    lines = out.splitlines()
    assert lines[0] == "How much isolation?"
    assert re.match(
        r"hardware.switch.isolation_db = [\d.]+ is enough for test_accuracy of", lines[1]
    )
    assert names(tmp_path / "s") == ["journal.jsonl", "response.png", "results.h5", "study.json"]
    size = (tmp_path / "s" / "journal.jsonl").stat().st_size
    record = json.loads(command("resume s --workers 0 --json")[1])
    assert record["sentence"] == lines[1]
    assert 0 < record["good"] - record["bad"] <= 4.0
    assert (tmp_path / "s" / "journal.jsonl").stat().st_size == size
    assert f"{len(record['probes'])} measured, 0 failed" in command("status s")[1]


def test_the_gradient_ranks_the_hardware(command, tmp_path, names):
    status, out, _ = command("gradient run --set hardware.switch.isolation_db=6")
    assert status == 0
    assert re.search(r"switch.isolation_db .* 6 .* -0\.\d+", out)
    assert re.search(r"\d+ more change nothing here\nrun/gradient.png", out)
    assert "gradient.png" in names(tmp_path / "run")
    words = "gradient run --by hardware.switch.isolation_db --by laser.power --fidelity waveform"
    record = json.loads(command(f"{words} --split validation --json")[1])
    assert (record["split"], record["fidelity"]) == ("validation", "waveform")
    told = [slope["name"] for slope in record["slopes"]]
    assert sorted(told) == ["hardware.laser.power", "hardware.switch.isolation_db"]
    run = RunFile.read(tmp_path / "run")
    network = run.build_network().at("waveform")
    dataset = load_data(TrainingConfig.create(run.configuration))
    loss, slopes = hardware_gradient(network, dataset.validation, ["laser.power"])
    found = next(slope for slope in record["slopes"] if slope["name"] == "hardware.laser.power")
    assert (record["loss"], found["slope"]) == pytest.approx((loss, slopes[0].slope), rel=1e-12)


def test_failures_are_told_counted_and_tried_again(command, tmp_path):
    (tmp_path / "isolation.toml").write_text(STUDY.replace("3.0, 6.0", "-3.0, -6.0"))
    status, out, err = command("run isolation.toml --workers 0 --out s")
    assert status == 0
    assert "2 of 3 points looked at cannot be measured and will fail: [switch] isolation_db" in err
    assert "a point failed: ValueError: [switch] isolation_db must be ≥ 0" in err
    assert (
        "2 failed (photon-relax study status s tells why); to try them again, go on with: " in out
    )
    status, out, _ = command("status s")
    assert status == 0
    assert "2 of 4 measured, 2 failed, 0 to go; the last came " in out
    assert re.search(r"1 × ValueError: \[switch\] isolation_db must be ≥ 0.*got -3", out)
    record = json.loads(command("status s --json")[1])
    assert (record["done"], record["failed"], len(record["errors"])) == (2, 2, 2)
    assert command("resume s --workers 0")[0] == 0
    assert len(list(read_journal(tmp_path / "s" / "journal.jsonl"))) == 4
    assert command("resume s --retry-failed --workers 0")[0] == 0
    assert len(list(read_journal(tmp_path / "s" / "journal.jsonl"))) == 6


def test_a_signal_stops_it_and_resume_finishes(command, tmp_path, pytestconfig):
    many = STUDY.replace("[3.0, 6.0, 20.0]", "{linear = [3.0, 30.0, 30]}")
    (tmp_path / "isolation.toml").write_text(many)
    words = ["study", "run", "isolation.toml", "--out", "s", "--workers", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "photon_relax", *words],
        env={**os.environ, "PYTHONPATH": str(pytestconfig.rootpath)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    journal = tmp_path / "s" / "journal.jsonl"
    try:
        deadline = time.monotonic() + 120
        while not journal.exists() or journal.read_bytes().count(b"\n") < 3:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        # A terminal sends it to the client and all workers.
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, out) == (130, "")
    last = err.splitlines()[-1]
    found = re.fullmatch(
        r"photon-relax: stopped with (\d+) of 31 measured; all of them are kept; go on with: "
        r"photon-relax study resume s",
        last,
    )
    assert found, err
    assert "Traceback" not in err
    assert int(found[1]) == journal.read_bytes().count(b"\n") < 31
    assert f"{found[1]} of 31 measured, 0 failed" in command("status s")[1]
    assert command("resume s --workers 0")[0] == 0
    assert sorted(o.task for o in read_journal(journal)) == list(range(31))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("run absent.toml", "absent.toml: No such file or directory"),
        ("run bad.toml", "no point of the study can be measured: unknown hardware key sw"),
        ("run isolation.toml --out run.toml", "run.toml is a file; a study needs a folder"),
        ("run isolation.toml --scheduler tcp://127.0.0.1:9", "no Dask scheduler answers at tcp://"),
        ("solve isolation.toml", "isolation.toml does not say what is enough; add a table [solve]"),
        ("run search.toml", "search.toml asks for a search: photon-relax study solve search.toml"),
        ("gradient run --by laser.pwer", "unknown hardware key laser.pwer. Did you mean laser.pow"),
        ("gradient run --set steps=3", "only the hardware can change here"),
        ("gradient isolation.toml", "isolation.toml is damaged or not a run file"),
        ("resume run", "run holds no study to resume (no study.json in it)"),
        ("status absent", "absent holds no study to resume"),
        ("frobnicate", "No such command 'frobnicate'"),
    ],
)
def test_errors_are_one_line_and_leave_nothing(
    command, tmp_path, monkeypatch, words, message, names
):
    monkeypatch.setattr("photon_relax.studies.engine._ANSWER_SECONDS", 0.3)
    (tmp_path / "bad.toml").write_text(STUDY.replace("isolation_db", "isolation"))
    (tmp_path / "run.toml").touch()
    search = STUDY.replace("[3.0, 6.0, 20.0]", "{linear = [0.0, 40.0]}")
    (tmp_path / "search.toml").write_text(search + "[solve]\nwithin = 0.01\n")
    before = names(tmp_path)
    status, out, err = command(words)
    assert (status, out) == (2, "")
    assert err.startswith("photon-relax: error: ")
    assert err.count("\n") == 1
    assert message in err
    assert names(tmp_path) == before
