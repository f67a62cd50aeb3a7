"""How well a network does on a whole split, and how sure that figure is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from photon_relax.datasets import Dataset, Split
from photon_relax.network import ReLaXNet
from photon_relax.parallel import ALONE, Processes

__all__ = ["Evaluation", "bootstrap_interval", "evaluate", "sample_block"]

Interval = tuple[float, float]


@dataclass(frozen=True)
class Evaluation:
    """The answers of a network to every sample of a split, in the order of the split."""

    losses: NDArray[np.float64]
    """Cross-entropy of each sample, in nats."""
    predictions: NDArray[np.int64]
    """The class with the largest output."""
    targets: NDArray[np.int64]
    """The true class."""
    block: int = 1
    """Neighbours that are drawn together in a bootstrap, because they resemble each other."""

    @property
    def loss(self) -> float:
        """Mean cross-entropy, in nats."""
        return float(self.losses.mean())

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Which samples are answered right."""
        return np.equal(self.predictions, self.targets)

    @property
    def accuracy(self) -> float:
        """Fraction of the samples that are answered right."""
        return float(self.correct.mean())

    @cached_property
    def accuracy_interval(self) -> Interval:
        """95 % bootstrap interval of the accuracy."""
        return bootstrap_interval(self.correct, block=self.block)

    @cached_property
    def loss_interval(self) -> Interval:
        """95 % bootstrap interval of the loss, in nats."""
        return bootstrap_interval(self.losses, block=self.block)

    def loss_change_interval(self, reference: Evaluation) -> Interval:
        """95 % bootstrap interval of the loss less that of `reference`, in nats.

        Both must have answered the same samples: the pairs are drawn together, so what makes a
        sample hard for either cancels, and a small difference is seen that the two separate
        intervals would hide.
        """
        self._demand_same_samples(reference)
        return bootstrap_interval(self.losses - reference.losses, block=self.block)

    def accuracy_change_interval(self, reference: Evaluation) -> Interval:
        """95 % bootstrap interval of the accuracy less that of `reference`, drawn in pairs too."""
        self._demand_same_samples(reference)
        difference = self.correct.astype(np.int64) - reference.correct
        return bootstrap_interval(difference, block=self.block)

    def _demand_same_samples(self, reference: Evaluation) -> None:
        if not np.array_equal(self.targets, reference.targets):
            raise ValueError("the evaluations compared must be of the same samples")

    def confusion(self, n_classes: int) -> NDArray[np.int64]:
        """Samples by [true class, class named], shape (n_classes, n_classes)."""
        table = np.zeros((n_classes, n_classes), dtype=np.int64)
        np.add.at(table, (self.targets, self.predictions), 1)
        return table


def evaluate(
    network: ReLaXNet,
    split: Split,
    *,
    batch_size: int = 4096,
    block: int = 1,
    check: Callable[[], None] | None = None,
    processes: Processes = ALONE,
) -> Evaluation:
    """Let a network answer a whole split, without gradients and in evaluation mode.

    Parameters
    ----------
    network
        Answers at its fidelity, on its hardware and on the torch device that it lies on.
    split
        The samples, in their order.
    batch_size
        Samples at a time, about: bounds the memory and does not change the answers, for no group
        of inferences that share the loop is cut.
    block
        Neighbours that a bootstrap draws together; see `sample_block`.
    check
        Called between batches; may raise to give up.
    processes
        Among which each batch is divided; every one of them hears all the answers.

    Raises
    ------
    ValueError
        The split is empty.
    """
    if len(split) == 0:
        raise ValueError("an empty split cannot be evaluated")
    interleaved = network.hardware.interleaved_inferences
    batch_size = max(batch_size // interleaved, 1) * interleaved
    losses = np.zeros(len(split))
    predictions = np.zeros(len(split), dtype=np.int64)
    was_training = network.training
    network.eval()
    try:
        with torch.no_grad():
            for start in range(0, len(split), batch_size):
                if check is not None:
                    check()
                part = processes.part(min(batch_size, len(split) - start), interleaved)
                rows = np.arange(start + part.start, start + part.stop)
                if len(rows) == 0:
                    continue
                x, y = split.batch(rows)
                inputs = torch.from_numpy(x).to(network.device)
                logits = network(inputs, first_sample=int(rows[0])).cpu()
                loss = functional.cross_entropy(logits, torch.from_numpy(y), reduction="none")
                losses[rows] = loss.numpy()
                predictions[rows] = logits.argmax(dim=1).numpy()
    finally:
        network.train(was_training)
    losses, predictions = processes.sum(losses), processes.sum(predictions)
    return Evaluation(losses, predictions, split.targets, block)


def sample_block(dataset: Dataset) -> int:
    """Neighbouring samples of a data set that a bootstrap has to draw together.

    Windows of a text overlap and share their scene, so they are not independent draws: they are
    drawn as passages of 256 characters, a few lines of a play. Pictures stand alone.
    """
    return 256 if dataset.task == "characters" else 1


def bootstrap_interval(
    values: NDArray[np.generic],
    *,
    block: int = 1,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Percentile bootstrap interval of a mean.

    Source: Efron, Annals of Statistics 7, 1 (1979); drawn in blocks of neighbours after Künsch,
    Annals of Statistics 17, 1217 (1989), with blocks that do not overlap.

    Parameters
    ----------
    values
        One value a sample, shape (n,), n >= 1.
    block
        Neighbours drawn together; 1 for independent samples.
    level
        Probability that the interval is to cover, in (0, 1).
    resamples
        Data sets drawn; the ends then carry a statistical error of a few per cent of the width.
    seed
        The same seed gives the same interval.

    Returns
    -------
    tuple
        The lower and the upper end. Values that are all equal give an interval of no width.
    """
    numbers = np.asarray(values, dtype=np.float64)
    starts = np.arange(0, len(numbers), block)
    sums = np.add.reduceat(numbers, starts)
    sizes = np.diff(np.append(starts, len(numbers)))
    generator = np.random.default_rng(seed)
    means = np.empty(resamples)
    for i in range(resamples):
        drawn = generator.integers(len(starts), size=len(starts))
        means[i] = sums[drawn].sum() / sizes[drawn].sum()
    tail = 50.0 * (1.0 - level)
    low, high = np.percentile(means, [tail, 100.0 - tail])
    return float(low), float(high)
