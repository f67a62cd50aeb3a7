"""Street view house numbers, format 2: photos of one digit, 32 x 32 pixels in colour.

Y. Netzer et al., "Reading digits in natural images with unsupervised feature learning", NIPS
workshop on deep learning (2011). The images stay as they lie on disk, uint8, and become network
inputs when a batch first holds them: a vector, at most 2 KB, is kept beside its image of 3 KB. All
604,388 images to train on take 1.9 GB and their vectors 1.2 GB more.

Validation is the last tenth of ``train_32x32.mat`` by position: crops of one photo follow each
other in the file, so at most one photo lies on both sides. ``extra_32x32.mat`` only ever trains.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photon_relax.datasets.dataset import DataError, Dataset
from photon_relax.datasets.gradients import grey, oriented_gradients, standardise
from photon_relax.datasets.mat_file import read_cropped_digits

TRAIN_FILE, TEST_FILE, EXTRA_FILE = "train_32x32.mat", "test_32x32.mat", "extra_32x32.mat"

_POOL = 2

# Images made into inputs at a time where all are asked for: bounds the working memory.
_CHUNK = 1024

Images = NDArray[np.uint8]


def pooled_pixels(images: Images) -> NDArray[np.float32]:
    """Return grey images (b, 32, 32, 3) averaged to 16 x 16, each of zero mean, unit variance."""
    luma = grey(images)
    batch, side, _ = luma.shape
    small = side // _POOL
    blocks = luma.reshape(batch, small, _POOL, small, _POOL).mean(axis=(2, 4))
    return standardise(blocks.reshape(batch, -1))


FEATURES: dict[str, Callable[[Images], NDArray[np.float32]]] = {
    "gradients": oriented_gradients,
    "pixels": pooled_pixels,
}


@dataclass(frozen=True)
class ImageSplit:
    """Images of one or several files, kept as uint8 and turned into vectors once, on demand."""

    parts: tuple[Images, ...]
    """Images of each file, (n_k, 32, 32, 3). Never joined: that would double the memory."""

    targets: NDArray[np.int64]
    """Digits of all parts in order, (n,)."""

    features: Callable[[Images], NDArray[np.float32]]
    """Turns images (b, 32, 32, 3) into network inputs (b, n_in)."""

    @cached_property
    def n_in(self) -> int:
        """Length of an input vector."""
        return len(self.features(self.parts[0][:1])[0])

    @cached_property
    def _vectors(self) -> NDArray[np.float32]:
        """Vectors of the images that were in a batch; no memory is touched for the others."""
        return np.empty((len(self), self.n_in), dtype=np.float32)

    @cached_property
    def _made(self) -> NDArray[np.bool_]:
        """Which of the vectors are there."""
        return np.zeros(len(self), dtype=bool)

    @property
    def inputs(self) -> NDArray[np.float32]:
        """All inputs, (n, n_in) float32."""
        for start in range(0, len(self), _CHUNK):
            self._make(np.arange(start, min(start + _CHUNK, len(self))))
        return self._vectors

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.targets)

    def batch(self, indices: ArrayLike) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return inputs (b, n_in) float32 and digits (b,) of the images ``indices`` (b,)."""
        chosen = np.arange(len(self))[np.asarray(indices)]  # negative, out of range
        self._make(chosen)
        return self._vectors[chosen], self.targets[chosen]

    def _make(self, chosen: NDArray[np.int64]) -> None:
        """Turn those of the images into vectors that are not yet; the bits depend on no batch."""
        new = np.unique(chosen[~self._made[chosen]])
        if not new.size:
            return
        images = np.empty((len(new), *self.parts[0].shape[1:]), dtype=np.uint8)
        start = 0
        for part in self.parts:
            here = (new >= start) & (new < start + len(part))
            images[here] = part[new[here] - start]
            start += len(part)
        self._vectors[new] = self.features(images)
        self._made[new] = True


def load_svhn(folder: Path, *, extra: bool = False, features: str = "gradients") -> Dataset:
    """Return the house numbers of the ``.mat`` files in a folder.

    Parameters
    ----------
    folder
        Folder that holds ``train_32x32.mat`` and ``test_32x32.mat``, directly or in a subfolder
        ``svhn`` or another that starts with ``svhn``.
    extra
        Whether ``extra_32x32.mat`` is trained on too.
    features
        ``"gradients"``: 512 histograms of oriented gradients. ``"pixels"``: 16 x 16 grey pixels,
        256 of them. Both standardised per image. On the 853 + 230 crops of the small subset a
        plain network of width 128 and depth 12 reads 73 % of the test digits from gradients,
        whatever its weight sets, and 23 to 35 % (1 to 12 weight sets) from pixels.

    Raises
    ------
    DataError
        If a file is missing, damaged or of another layout.
    """
    if features not in FEATURES:
        raise DataError(f"features must be one of {', '.join(FEATURES)}; got {features!r}")
    place = _find_folder(folder, (TRAIN_FILE, TEST_FILE, *([EXTRA_FILE] if extra else [])))
    images, digits = read_cropped_digits(place / TRAIN_FILE)
    if len(digits) < 2:
        raise DataError(f"{place / TRAIN_FILE} has {len(digits)} images: none to validate on")
    training = len(digits) - max(1, len(digits) // 10)
    parts, targets = [images[:training]], [digits[:training]]
    if extra:
        more_images, more_digits = read_cropped_digits(place / EXTRA_FILE)
        parts.append(more_images)
        targets.append(more_digits)
    test_images, test_digits = read_cropped_digits(place / TEST_FILE)

    make = FEATURES[features]
    train = ImageSplit(tuple(parts), np.concatenate(targets), make)
    return Dataset(
        name="svhn",
        task="classification",
        train=train,
        validation=ImageSplit((images[training:],), digits[training:], make),
        test=ImageSplit((test_images,), test_digits, make),
        n_in=train.n_in,
        n_classes=10,
        source=str(place),
    )


def _find_folder(folder: Path, names: tuple[str, ...]) -> Path:
    """Return the folder, or its first subfolder svhn*, that holds all the files."""
    places = [folder, *sorted(path for path in folder.glob("svhn*") if path.is_dir())]
    for place in places:
        if all((place / name).is_file() for name in names):
            return place
    best = max(places, key=lambda place: sum((place / name).is_file() for name in names))
    missing = [name for name in names if not (best / name).is_file()]
    option = " --extra" if EXTRA_FILE in missing else ""
    raise DataError(
        f"SVHN is not complete in {best}: {' and '.join(missing)} missing. Get them with "
        f"'photon-relax data fetch svhn{option}', or name the folder that has them, directly or "
        "in a subfolder svhn, with PHOTON_RELAX_DATA"
    )
