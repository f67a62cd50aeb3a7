"""Small files of the layout of SVHN format 2."""

import numpy as np
import pytest
from scipy.io import savemat


@pytest.fixture
def write_mat():
    """Write a .mat file of n random crops; returns the images (n, 32, 32, 3) and the labels."""

    def write(path, n, seed=0, **replaced):
        rng = np.random.default_rng(seed)
        stored = {
            "X": rng.integers(0, 256, (32, 32, 3, n), dtype=np.uint8),
            "y": rng.integers(1, 11, (n, 1), dtype=np.uint8),
        } | replaced
        path.parent.mkdir(parents=True, exist_ok=True)
        contents = {name: value for name, value in stored.items() if value is not None}
        savemat(path, contents, do_compression=True)
        if len(contents) < 2:
            return None
        return np.moveaxis(np.asarray(stored["X"]), -1, 0), np.ravel(stored["y"])

    return write
