"""Handwritten digits, 8 x 8 pixels: the data set that is always there.

1,797 images of the UCI optical recognition set (Alpaydin and Kaynak, 1998), bundled with
scikit-learn. They are split once and for all, every class in the same proportion: 20 % test,
10 % validation, the rest training.
"""

from __future__ import annotations

import numpy as np

from photon_relax.datasets.dataset import ArraySplit, Dataset

# Brightest pixel of the 4 x 4 block counts that the images are made of.
_FULL_SCALE = 16.0

# The split is part of the data set, not of a run, so its seed is fixed here.
_SPLIT_SEED = 1998


def load_digits() -> Dataset:
    """Return the digits: 64 pixels in [0, 1], 10 classes; 1,257 / 180 / 360 samples."""
    # Imported here: scikit-learn takes a second to load, and only this data set needs it.
    from sklearn.datasets import load_digits as load_bundled_digits
    from sklearn.model_selection import train_test_split

    pixels, labels = load_bundled_digits(return_X_y=True)
    inputs = (pixels / _FULL_SCALE).astype(np.float32)
    targets = labels.astype(np.int64)

    rest, test = train_test_split(
        np.arange(len(targets)), test_size=0.2, stratify=targets, random_state=_SPLIT_SEED
    )
    train, validation = train_test_split(
        rest, test_size=0.125, stratify=targets[rest], random_state=_SPLIT_SEED
    )
    return Dataset(
        name="digits",
        task="classification",
        train=ArraySplit(inputs[train], targets[train]),
        validation=ArraySplit(inputs[validation], targets[validation]),
        test=ArraySplit(inputs[test], targets[test]),
        n_in=inputs.shape[1],
        n_classes=10,
        source="digits bundled with scikit-learn",
    )
