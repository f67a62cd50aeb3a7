"""The example studies: every file is read by the real reader, every point is within its limits."""

import re
from pathlib import Path

import pytest

from photon_relax.cli import main
from photon_relax.studies.specification import Specification
from photon_relax.studies.study_file import read_study_file

FILES = sorted((Path(__file__).parents[2] / "examples" / "studies").glob("*.toml"))

_TRAINED = {
    "shakespeare": "--bank dense",
    "digits-mzi": "--bank mzi --fidelity ideal --width {}",
    "digits": "--bank dense --weight-sets {}",
}


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory):
    """Return what gives runs that are trained a little, to stand in for those that files name."""
    folder = tmp_path_factory.mktemp("runs")

    def train(match):
        name, number = match.groups()
        run = folder / f"{name}-{number}"
        if not run.exists():
            words = f"train digits --width 6 {_TRAINED[name].format(number)} --steps 2 --json --out"
            assert main([*words.split(), str(run)]) == 0
        return str(run)

    return train


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_study_can_be_done(file, stand_in, tmp_path, capsys):
    # The commands that train are comments: what they name must be what the study evaluates.
    text = file.read_text(encoding="utf-8")
    runs = r"runs/(shakespeare|digits-mzi|digits)(?:-(\d+))?-\d+"
    (tmp_path / file.name).write_text(re.sub(f'(?<="){runs}(?=")', stand_in, text))
    study = read_study_file(tmp_path / file.name)
    order = "run"
    if isinstance(study, Specification):
        study, order = study.study, "solve"
    else:
        for point in study.tasks.design:
            study.function.check(point)
    assert study.question.endswith("?")
    assert f"photon-relax study {order} examples/studies/{file.name}" in text


def test_there_are_study_files():
    assert len(FILES) >= 4
