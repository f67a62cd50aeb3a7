"""Text as windows: every window of each part, none across the border, no copies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photon_relax.datasets import DataError, load_dataset
from photon_relax.datasets.shakespeare import _encode, _opening, _windows


def write(folder, text, name="tinyshakespeare.txt"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def decode(codes, dataset):
    return "".join(dataset.vocabulary[code] for code in codes)


def test_every_window_and_its_next_character(tmp_path):
    text = "To be, or not to be: that is the question. " * 5
    dataset = load_dataset("shakespeare", write(tmp_path, text), window=4)
    border = len(text) * 9 // 10
    for split, part in ((dataset.train, text[:border]), (dataset.validation, text[border:])):
        # The oracle slices the string itself.
        expected = [(part[i : i + 4], part[i + 4]) for i in range(len(part) - 4)]
        x, y = split.batch(np.arange(len(split)))
        ours = [
            (decode(row, dataset), dataset.vocabulary[next_])
            for row, next_ in zip(x, y, strict=True)
        ]
        assert ours == expected
    assert dataset.test is None
    assert dataset.vocabulary == "".join(sorted(set(text)))
    assert (dataset.n_in, dataset.n_classes) == (4, len(set(text)))


def test_windows_are_a_view_of_the_text(tmp_path):
    dataset = load_dataset("shakespeare", write(tmp_path, "abcdefghij" * 30), window=16)
    inputs = dataset.train.inputs
    assert inputs.dtype == np.int64
    assert inputs.strides == (8, 8)
    assert np.shares_memory(inputs, dataset.train.targets)


@pytest.mark.parametrize(
    ("text", "window", "opening"),
    [
        ("To be,\nor not.\n\nThat is", 9, "or not.\n\n"),
        ("To be.\n\nThat is", 9, "To be.\n\nT"),
        ("To be.\n\nThat\nis", 9, "e.\n\nThat\n"),
        ("\nTo be", 1, "\n"),
        ("To be or not", 5, "To be"),
    ],
)
def test_the_opening_is_a_windowful_up_to_the_end_of_a_paragraph_or_line(text, window, opening):
    found = _opening(text, window)
    assert (found, len(found)) == (opening, window)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=3, max_size=60))
def test_any_text_survives_encoding(text):
    vocabulary, codes = _encode(text)
    assert "".join(vocabulary[code] for code in codes) == text
    assert list(vocabulary) == sorted(set(text))
    assert len(_windows(codes, 2)) == len(text) - 2


def test_line_ends_and_letters_of_other_languages_are_kept(tmp_path):
    text = "Übel\r\nπ\n" * 20
    dataset = load_dataset("shakespeare", write(tmp_path, text, "input.txt"), window=1)
    assert dataset.vocabulary == "".join(sorted(set("Übel\r\nπ")))
    assert dataset.source.endswith("input.txt")


def test_the_file_may_lie_in_a_subfolder_of_its_own(tmp_path):
    write(tmp_path / "shakespeare", "abc" * 30, "input.txt")
    dataset = load_dataset("shakespeare", tmp_path, window=2)
    assert dataset.source == str(tmp_path / "shakespeare" / "input.txt")


def test_a_text_too_short_for_one_validation_window_is_refused(tmp_path):
    folder = write(tmp_path, "ab" * 85)  # 170 characters: 17 to validate on
    assert len(load_dataset("shakespeare", folder, window=16).validation) == 1
    with pytest.raises(DataError, match="170 characters: .* too short .* at least 180 char"):
        load_dataset("shakespeare", folder, window=17)


@pytest.mark.parametrize("window", [0, -3])
def test_a_window_must_show_something(tmp_path, window):
    with pytest.raises(DataError, match=f"window must be >= 1 .* got {window}"):
        load_dataset("shakespeare", tmp_path, window=window)


@pytest.mark.parametrize("text", ["", "aaaaaaaaaaaaaaaaaaaa"])
def test_a_text_with_nothing_to_guess_is_refused(tmp_path, text):
    with pytest.raises(DataError, match="fewer than two distinct characters"):
        load_dataset("shakespeare", write(tmp_path, text), window=1)


def test_bytes_that_are_not_text_are_refused_with_their_place(tmp_path):
    folder = write(tmp_path, b"To be\xff\xfe or not")
    with pytest.raises(DataError, match=r"not UTF-8 text \(byte 5: invalid start byte\)"):
        load_dataset("shakespeare", folder)


def test_a_missing_text_says_how_to_get_it(tmp_path):
    with pytest.raises(DataError, match="must hold tinyshakespeare.txt .*data fetch shakespeare"):
        load_dataset("shakespeare", tmp_path)


def test_the_real_corpus(data_dir):
    dataset = load_dataset("shakespeare", data_dir)
    assert dataset.n_classes == 65
    assert len(dataset.train) == 1_003_854 - 16
    assert len(dataset.validation) == 111_540 - 16
    x, y = dataset.train.batch([0])
    assert decode(x[0], dataset) + dataset.vocabulary[y[0]] == "First Citizen:\nBe"
