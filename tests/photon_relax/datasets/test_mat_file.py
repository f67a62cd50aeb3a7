"""Files of SVHN format 2 are read whole or refused with one clear line, whatever is wrong."""

import numpy as np
import pytest

from photon_relax.datasets import DataError
from photon_relax.datasets.mat_file import read_cropped_digits


def test_images_and_digits_come_out_as_they_went_in(tmp_path, write_mat):
    images, labels = write_mat(tmp_path / "a.mat", 30)
    read, digits = read_cropped_digits(tmp_path / "a.mat")
    np.testing.assert_array_equal(read, images)
    np.testing.assert_array_equal(digits, np.where(labels == 10, 0, labels))
    assert 10 in labels
    assert digits.dtype == np.int64


def test_an_image_is_one_block_of_memory(tmp_path, write_mat):
    write_mat(tmp_path / "a.mat", 5)
    read, _ = read_cropped_digits(tmp_path / "a.mat")
    assert read.strides[0] == 32 * 32 * 3
    assert read.base is not None


def test_a_single_image_may_have_lost_its_last_axis(tmp_path, write_mat):
    one = np.arange(3072, dtype=np.int64).reshape(32, 32, 3).astype(np.uint8)
    write_mat(tmp_path / "a.mat", 1, X=one)
    read, digits = read_cropped_digits(tmp_path / "a.mat")
    np.testing.assert_array_equal(read, one[np.newaxis])
    assert digits.shape == (1,)


def test_labels_may_be_the_doubles_that_matlab_makes(tmp_path, write_mat):
    write_mat(tmp_path / "a.mat", 4, y=np.array([[10.0], [1.0], [9.0], [0.0]]))
    _, digits = read_cropped_digits(tmp_path / "a.mat")
    np.testing.assert_array_equal(digits, [0, 1, 9, 0])


WRONG = {
    "no images": ({"X": None}, r"it has the variables \['y'\]"),
    "no labels": ({"y": None}, r"it has the variables \['X'\]"),
    "grey": ({"X": np.zeros((32, 32, 4), np.uint8)}, r"X is \(32, 32, 4, 1\) uint8"),
    "large": ({"X": np.zeros((64, 64, 3, 4), np.uint8)}, r"X is \(64, 64, 3, 4\)"),
    "images first": ({"X": np.zeros((4, 32, 32, 3), np.uint8)}, r"X is \(4, 32, 32, 3\)"),
    "float": ({"X": np.full((32, 32, 3, 4), np.nan)}, r"X is \(32, 32, 3, 4\) float64"),
    "counts": ({"y": np.ones((3, 1), np.uint8)}, "X has 4 images but y 3 labels"),
    "label 11": ({"y": np.array([[1], [11], [2], [3]])}, "y holds 11"),
    "label nan": ({"y": np.array([[1], [np.nan], [2], [3]])}, "y holds nan"),
    "label text": ({"y": np.array(list("abcd"))}, "y holds|labels"),
}


@pytest.mark.parametrize("case", WRONG)
def test_another_layout_is_refused_with_what_was_found(tmp_path, write_mat, case):
    replaced, found = WRONG[case]
    path = tmp_path / "train_32x32.mat"
    write_mat(path, 4, **replaced)
    with pytest.raises(DataError, match=found) as caught:
        read_cropped_digits(path)
    assert str(path) in str(caught.value)
    assert "it must hold X (32, 32, 3, n) uint8" in str(caught.value)


@pytest.mark.parametrize("kept", [0, 1, 50, 127, 128, 131, 136, 200, 0.3, 0.7, 0.95, -1])
def test_a_file_cut_short_anywhere_is_refused_in_one_line(tmp_path, write_mat, kept):
    path = tmp_path / "test_32x32.mat"
    write_mat(path, 12)
    whole = path.read_bytes()
    length = int(kept * len(whole)) if isinstance(kept, float) else kept
    path.write_bytes(whole[:length])
    with pytest.raises(DataError, match="test_32x32.mat") as caught:
        read_cropped_digits(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_file_is_refused_or_reads_as_the_layout(tmp_path, write_mat, seed):
    path = tmp_path / "a.mat"
    write_mat(path, 6)
    contents = bytearray(path.read_bytes())
    rng = np.random.default_rng(seed)
    where = rng.integers(128, len(contents), 200)
    for place, value in zip(where, rng.integers(0, 256, 200), strict=True):
        contents[place] = value
    path.write_bytes(bytes(contents))
    # The compressed blocks carry checksums, so 200 changed bytes cannot go unnoticed.
    with pytest.raises(DataError, match="damaged, cut short or no MATLAB v5 file"):
        read_cropped_digits(path)


@pytest.mark.parametrize(
    "contents", [b"<html>404 Not Found</html>" * 20, b"\x89HDF\r\n\x1a\n" * 99]
)
def test_a_web_page_or_another_format_is_refused(tmp_path, contents):
    path = tmp_path / "train_32x32.mat"
    path.write_bytes(contents)
    with pytest.raises(DataError, match=r"no MATLAB v5 file .*photon-relax data fetch svhn"):
        read_cropped_digits(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(DataError, match=r"a\.mat is missing; it must hold X"):
        read_cropped_digits(tmp_path / "a.mat")
    (tmp_path / "b.mat").mkdir()
    with pytest.raises(DataError, match=r"b\.mat cannot be read: Is a directory"):
        read_cropped_digits(tmp_path / "b.mat")
