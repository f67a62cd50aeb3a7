"""Characters of a text: from a window of C characters, guess the next.

The first 90 % of the text are for training, the last 10 % for validation, by position, so that
no validation character was ever seen in training. Validation is every window that lies in its
part. There is no test split: the customary figure of this corpus is the validation loss.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from photon_relax.datasets.dataset import ArraySplit, DataError, Dataset

FILE_NAMES = ("tinyshakespeare.txt", "input.txt")

_TRAINING_TENTHS = 9


def load_shakespeare(folder: Path, *, window: int = 16) -> Dataset:
    """Return a text as windows of characters: ``window`` characters in, the next one out.

    Parameters
    ----------
    folder
        Folder that holds ``tinyshakespeare.txt`` or ``input.txt`` (any UTF-8 text), directly or
        in its subfolder ``shakespeare``.
    window
        Characters shown, >= 1.

    Raises
    ------
    DataError
        If the text is missing, not UTF-8, or too short for the window.
    """
    if window < 1:
        raise DataError(f"window must be >= 1 (characters shown before the guess); got {window}")
    path = _find_text(folder)
    text = _read_text(path)
    vocabulary, characters = _encode(text)
    if len(vocabulary) < 2:
        raise DataError(f"{path} has fewer than two distinct characters: there is nothing to guess")
    training = len(characters) * _TRAINING_TENTHS // 10
    if len(characters) - training < window + 1:
        raise DataError(
            f"{path} has {len(characters)} characters: its last tenth is too short for one window "
            f"of {window} characters and the next. Use a text of at least {10 * (window + 1)} "
            "characters or a shorter window"
        )
    return Dataset(
        name="shakespeare",
        task="characters",
        train=_windows(characters[:training], window),
        validation=_windows(characters[training:], window),
        test=None,
        n_in=window,
        n_classes=len(vocabulary),
        vocabulary=vocabulary,
        opening=_opening(text[:training], window),
        source=str(path),
    )


def _windows(characters: NDArray[np.int64], window: int) -> ArraySplit:
    """Return every window and the character after it; the windows are a view, not copies."""
    return ArraySplit(sliding_window_view(characters[:-1], window), characters[window:])


def _opening(text: str, window: int) -> str:
    """Return a windowful of text up to the end of a paragraph, or else of a line, or any."""
    for mark in ("\n\n", "\n"):
        found = text.find(mark, max(window - len(mark), 0))
        if found >= 0:
            end = found + len(mark)
            return text[end - window : end]
    return text[:window]


def _encode(text: str) -> tuple[str, NDArray[np.int64]]:
    """Return the sorted alphabet of a text and the text as positions in it."""
    code_points = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    alphabet, positions = np.unique(code_points, return_inverse=True)
    return "".join(map(chr, alphabet)), positions.astype(np.int64, copy=False)


def _read_text(path: Path) -> str:
    try:
        # Not read_text(): it would turn line ends of other systems into others of its own.
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not UTF-8 text (byte {error.start}: {error.reason}). Convert it to UTF-8"
        ) from None


def _find_text(folder: Path) -> Path:
    for place in (folder, folder / "shakespeare"):
        for name in FILE_NAMES:
            if (place / name).is_file():
                return place / name
    raise DataError(
        f"no Shakespeare text in {folder}: it must hold tinyshakespeare.txt or input.txt. "
        "Get it with 'photon-relax data fetch shakespeare', or name the folder that has it with "
        "PHOTON_RELAX_DATA"
    )
