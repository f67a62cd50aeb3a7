"""Which samples a training step sees, as a function of the step alone."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["BatchOrder"]


class BatchOrder:
    """Endless passes over a data set, each in a shuffled order of its own, cut into batches.

    The passes follow one another without a gap: a batch may hold the end of one and the start of
    the next, so every sample is seen once a pass and every batch is full. The order of a pass comes
    from a counter-based generator keyed by the seed and the number of the pass, so a resumed run
    needs nothing but the number of its step.

    Parameters
    ----------
    samples
        Size of the data set, at least 1.
    batch_size
        Samples in a batch, at least 1; may exceed the size of the data set.
    seed
        The same seed gives the same batches, on every machine.
    """

    def __init__(self, samples: int, batch_size: int, seed: int) -> None:
        if samples < 1:
            raise ValueError("samples must be at least 1 (an empty data set trains nothing); got 0")
        self.samples = samples
        self.batch_size = batch_size
        self.seed = seed
        # A batch touches one pass, or two neighbours; more only where it exceeds the data set.
        self._pass = lru_cache(maxsize=2)(self._shuffled)

    def indices(self, step: int) -> NDArray[np.int64]:
        """Samples of the batch of one step (counted from 0), shape (batch_size,)."""
        positions = np.arange(step * self.batch_size, (step + 1) * self.batch_size)
        passes, offsets = np.divmod(positions, self.samples)
        return np.concatenate(
            [self._pass(int(number))[offsets[passes == number]] for number in np.unique(passes)]
        )

    def _shuffled(self, number: int) -> NDArray[np.int64]:
        generator = np.random.Generator(np.random.Philox(key=[self.seed, number]))
        return generator.permutation(self.samples)
