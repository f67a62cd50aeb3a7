"""What a data set is to a network: three splits of inputs and targets, and their meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray


class DataError(ValueError):
    """Data that is missing, damaged or of another layout; the message says what would be right."""


class Split(Protocol):
    """One part of a data set: n samples, each an input vector and a target."""

    @property
    def inputs(self) -> NDArray[Any]:
        """All inputs, (n, n_in): float32 vectors or int64 characters. May be computed on demand."""

    @property
    def targets(self) -> NDArray[np.int64]:
        """All targets, (n,): the class, or the next character."""

    def __len__(self) -> int:
        """Return the number of samples n."""

    def batch(self, indices: ArrayLike) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return inputs (b, n_in) and targets (b,) of the samples ``indices`` (b,), as copies."""


@dataclass(frozen=True)
class ArraySplit:
    """A split that lies in memory, or is a strided view of what lies in memory."""

    inputs: NDArray[Any]
    """Inputs, (n, n_in): floating point, finite (kept as float32), or integer characters."""

    targets: NDArray[np.int64]
    """Targets, (n,): non-negative integers."""

    def __post_init__(self) -> None:
        """Check shapes and values, and settle the types that a network takes."""
        object.__setattr__(self, "inputs", _network_type(self.inputs))
        object.__setattr__(self, "targets", checked_targets(self.targets, len(self.inputs)))

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.targets)

    def batch(self, indices: ArrayLike) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Return inputs (b, n_in) and targets (b,) of the samples ``indices`` (b,), as copies."""
        chosen = np.asarray(indices)
        return self.inputs[chosen], self.targets[chosen]


def _network_type(inputs: NDArray[Any]) -> NDArray[Any]:
    """Return float32 or int64 inputs, without a copy where they are so already."""
    if inputs.ndim != 2:
        raise DataError(f"inputs must have shape (samples, n_in); got {inputs.shape}")
    if np.issubdtype(inputs.dtype, np.integer):
        return inputs.astype(np.int64, copy=False)
    finite = np.isfinite(inputs)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise DataError(
            f"inputs must be finite; got {np.count_nonzero(~finite)} NaN or infinite values, the "
            f"first at sample {row}, column {column}. Remove or repair these samples"
        )
    return inputs.astype(np.float32, copy=False)


def checked_targets(targets: NDArray[Any], n_samples: int) -> NDArray[np.int64]:
    """Return the targets as int64, or raise DataError where they cannot be class numbers."""
    if targets.shape != (n_samples,):
        raise DataError(f"targets must be one per input, shape ({n_samples},); got {targets.shape}")
    if not np.isfinite(targets).all() or (targets != np.floor(targets)).any():
        raise DataError("targets must be whole numbers; got NaN or fractions")
    if n_samples and targets.min() < 0:
        raise DataError(f"targets must be >= 0; got {targets.min()}")
    return targets.astype(np.int64, copy=False)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A task with its training, validation and (where there is one) test samples."""

    name: str
    """``"digits"``, ``"svhn"``, ``"shakespeare"``, or the name of a user's own data."""

    task: Literal["classification", "characters"]
    """What a target is: the class of the input, or the character after the window."""

    train: Split
    """Samples to train on."""

    validation: Split
    """Samples that choose the checkpoint; never trained on."""

    test: Split | None
    """Samples for the final figure only; None where validation is all there is."""

    n_in: int
    """Length of an input vector; the window, in characters, of a character task."""

    n_classes: int
    """Number of classes; the size of the alphabet of a character task."""

    vocabulary: str | None = None
    """The alphabet of a character task: input and target k stand for ``vocabulary[k]``."""

    opening: str | None = None
    """Of a character task: a windowful of the text trained on, up to the end of a paragraph."""

    source: str = ""
    """Where the data came from, for the record of a run."""
