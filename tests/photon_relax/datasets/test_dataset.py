"""Splits settle types and refuse what no network can take; names are found or refused."""

import numpy as np
import pytest

from photon_relax.datasets import ArraySplit, DataError, load_dataset
from photon_relax.datasets.locations import REMOTE_FILES, default_data_dir


def test_a_split_gives_copies_of_its_samples_in_the_asked_order():
    inputs = np.arange(12.0).reshape(4, 3)
    split = ArraySplit(inputs, np.array([3, 1, 0, 2], dtype=np.uint8))
    x, y = split.batch([2, 0])
    assert len(split) == 4
    assert x.dtype == np.float32
    assert y.dtype == np.int64
    np.testing.assert_array_equal(x, inputs[[2, 0]])
    np.testing.assert_array_equal(y, [0, 3])
    x[:] = -1.0
    assert split.inputs.min() == 0.0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_is_refused_with_its_place(bad):
    inputs = np.zeros((5, 3))
    inputs[3, 1] = bad
    with pytest.raises(DataError, match=r"1 NaN or infinite .* first at sample 3, column 1"):
        ArraySplit(inputs, np.zeros(5, dtype=int))


@pytest.mark.parametrize(
    ("inputs", "targets", "message"),
    [
        (np.zeros(5), np.zeros(5, int), r"inputs must have shape \(samples, n_in\); got \(5,\)"),
        (np.zeros((5, 2)), np.zeros(4, int), r"one per input, shape \(5,\); got \(4,\)"),
        (np.zeros((5, 2)), np.zeros((5, 1), int), r"got \(5, 1\)"),
        (np.zeros((2, 2)), np.array([0.5, 1.0]), "whole numbers"),
        (np.zeros((2, 2)), np.array([np.nan, 1.0]), "whole numbers"),
        (np.zeros((2, 2)), np.array([0, -1]), "targets must be >= 0; got -1"),
    ],
)
def test_a_split_of_the_wrong_shape_or_targets_is_refused(inputs, targets, message):
    with pytest.raises(DataError, match=message):
        ArraySplit(inputs, targets)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(DataError, match="unknown data set 'mnist'; there are digits, svhn, shake"):
        load_dataset("mnist")


def test_the_folder_is_the_named_one_or_the_users_own(monkeypatch, tmp_path):
    monkeypatch.setenv("PHOTON_RELAX_DATA", str(tmp_path))
    assert default_data_dir() == tmp_path
    (tmp_path / "input.txt").write_text("to be or not to be, " * 20)
    assert load_dataset("shakespeare", window=2).source == str(tmp_path / "input.txt")
    monkeypatch.delenv("PHOTON_RELAX_DATA")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    assert default_data_dir() == tmp_path / "home" / ".photon_relax" / "data"


def test_every_official_file_has_a_whole_checksum_and_the_published_length():
    files = [file for group in REMOTE_FILES.values() for file in group]
    assert len({file.path for file in files}) == len(files) == 4
    assert all(len(file.md5) == 32 and int(file.md5, 16) for file in files)
    lengths = {file.path: file.size for file in files}
    assert lengths["svhn/extra_32x32.mat"] == 1_329_278_602
