"""The example trainings: every file is read by the real command, and says how to run it."""

from pathlib import Path

import pytest

from photon_relax.cli import main
from photon_relax.run_file import RunFile

FILES = sorted((Path(__file__).parents[2] / "examples" / "training").glob("*.toml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_training_can_be_done(file, tmp_path, capsys):
    (tmp_path / "input.txt").write_text("To be, or not to be: that is the question.\n" * 20)
    dataset, fidelity = file.stem.split("-")
    # Fewer and smaller steps than the file's, on a smaller text.
    less = ["--width", "8", "--steps", "2", "--set", "warmup_steps=1", "--set", "validate_every=2"]
    words = ["train", dataset, "--config", file, *less, "--out", tmp_path / "run"]
    assert main([*map(str, words), "--data-dir", str(tmp_path), "--json"]) == 0
    run = RunFile.read(tmp_path / "run")
    assert run.network["fidelity"] == fidelity
    header = "".join(line[1:] for line in file.read_text().splitlines(True) if line[:1] == "#")
    command = f"photon-relax train {dataset} --config examples/training/{file.name}"
    assert command in header


def test_there_are_training_files():
    assert {file.stem.split("-")[1] for file in FILES} == {"ideal", "slot", "waveform"}
