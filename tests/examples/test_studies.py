"""The example studies: every file is read by the real reader, every point is within its limits."""

from pathlib import Path

import numpy as np
import pytest

from examples.studies.splitter_error import programmed
from photon_relax.cli import main
from photon_relax.studies.study_file import read_study_file

FILES = sorted((Path(__file__).parents[2] / "examples" / "studies").glob("*.toml"))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run that is trained a little, to stand in for those that the files name."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    words = "train digits --bank dense --width 6 --weight-sets 2 --steps 2 --json --out"
    assert main([*words.split(), str(folder)]) == 0
    return folder


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_study_can_be_done(file, run, tmp_path, capsys):
    text = file.read_text(encoding="utf-8")
    for named in ("runs/shakespeare", "runs/digits"):
        text = text.replace(named, str(run))
    (tmp_path / file.name).write_text(text)
    study = read_study_file(tmp_path / file.name)
    for point in study.tasks.design:
        study.function.check(point)
    assert study.question.endswith("?")


def test_there_are_study_files():
    assert len(FILES) >= 3


def test_correction_brings_a_mesh_nearer_to_its_matrix():
    matrix = np.random.default_rng(1).standard_normal((8, 8))

    def error(size, corrected):
        made = programmed(matrix, size, corrected, np.random.default_rng(2))
        return np.linalg.norm(made - matrix) / np.linalg.norm(matrix)

    # Small errors leave every split within reach, and then a correction is exact.
    assert error(0.0, False) < 1e-12
    assert error(0.005, True) < 1e-12 < 1e-4 < error(0.005, False)
