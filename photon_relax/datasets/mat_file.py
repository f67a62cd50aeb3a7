"""The ``.mat`` files of SVHN format 2: ``X`` (32, 32, 3, n) uint8 and ``y`` (n, 1), 10 for digit 0.

MATLAB stores the first index fastest, so an image is one block of memory, and the view (n, 32,
32, 3) that is returned costs no copy: loading takes the memory of the array, once.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from photon_relax.datasets.dataset import DataError

LAYOUT = "X (32, 32, 3, n) uint8 and y (n, 1) with digits 1 to 9 and 10 for 0, MATLAB v5 format"


def read_cropped_digits(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the images (n, 32, 32, 3) uint8, a view, and the digits (n,) of one file.

    Raises
    ------
    DataError
        If the file is not a whole ``.mat`` file of the layout of SVHN format 2.
    """
    variables = _read_variables(path)
    images, labels = variables.get("X"), variables.get("y")
    if not isinstance(images, np.ndarray) or not isinstance(labels, np.ndarray):
        raise _wrong_layout(path, f"it has the variables {sorted(variables) or 'none'}")
    if images.ndim == 3:  # MATLAB drops a last axis of length one: a single image
        images = images[..., np.newaxis]
    if images.dtype != np.uint8 or images.shape[:-1] != (32, 32, 3):
        raise _wrong_layout(path, f"X is {images.shape} {images.dtype}")
    if labels.size != images.shape[-1]:
        raise _wrong_layout(path, f"X has {images.shape[-1]} images but y {labels.size} labels")
    return np.moveaxis(images, -1, 0), _digits(path, labels.ravel())


def _digits(path: Path, labels: NDArray[Any]) -> NDArray[np.int64]:
    """Return labels 1 … 10 as digits 1 … 9, 0."""
    if not np.issubdtype(labels.dtype, np.number) or not np.isin(labels, np.arange(11)).all():
        strange = labels[~np.isin(labels, np.arange(11))]
        raise _wrong_layout(path, f"y holds {strange[0] if strange.size else labels.dtype}")
    return labels.astype(np.int64) % 10


def _read_variables(path: Path) -> dict[str, Any]:
    try:
        path.open("rb").close()  # scipy's own complaint would hide why it cannot be opened
    except FileNotFoundError:
        raise DataError(f"{path} is missing; it must hold {LAYOUT}") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # scipy warns, and reads on, where a file is damaged
            found = loadmat(path, variable_names=("X", "y"))
    except MemoryError:
        raise
    # A damaged file fails wherever the damage meets the parser: zlib, struct, numpy, scipy.
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DataError(
            f"{path} ({path.stat().st_size:,} bytes) is damaged, cut short or no MATLAB v5 file "
            f"({reason}). Get it anew with 'photon-relax data fetch svhn'; it must hold {LAYOUT}"
        ) from None
    return {name: value for name, value in found.items() if not name.startswith("__")}


def _wrong_layout(path: Path, found: str) -> DataError:
    return DataError(
        f"{path} is not of the layout of SVHN format 2: {found}; it must hold {LAYOUT}"
    )
