"""Whole training steps of the default networks against a training loop written in plain torch.

A step is batch, forward, loss, backward and Adam, with the learning rate of a cosine; so is one of
the reference, whose network is the ideal one of the same size. The samples are random, of the
shapes of SVHN and of Shakespeare. Photos have become vectors before, as in any pass over the data
but the first, which has to make them too (the last row of svhn).
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch import nn

from benchmarks.timing import interleaved, show
from photon_relax.assembly import build_network
from photon_relax.config import TrainingConfig
from photon_relax.datasets import ArraySplit, Dataset
from photon_relax.datasets.gradients import oriented_gradients
from photon_relax.datasets.svhn import ImageSplit
from photon_relax.hardware import Hardware
from photon_relax.optimisation import build_optimiser
from photon_relax.training_step import TrainingStep

STEPS = 5
PHOTOS, TEXT, ALPHABET = 1000, 100_000, 65
BOUND = 1.0 / 0.95
"""An ideal step may take so much of the reference's: 0.95 of its throughput."""


def photos() -> Dataset:
    """Random photos of ten classes."""
    rng = np.random.default_rng(0)
    images = rng.integers(256, size=(PHOTOS, 32, 32, 3), dtype=np.uint8)
    split = ImageSplit((images,), rng.integers(10, size=PHOTOS), oriented_gradients)
    return Dataset(
        name="svhn", task="classification", train=split, validation=split, test=None,
        n_in=split.n_in, n_classes=10,
    )  # fmt: skip


def characters(window: int) -> Dataset:
    """Random characters."""
    text = np.random.default_rng(0).integers(ALPHABET, size=TEXT)
    split = ArraySplit(sliding_window_view(text[:-1], window), text[window:])
    return Dataset(
        name="shakespeare", task="characters", train=split, validation=split, test=None,
        n_in=window, n_classes=ALPHABET, vocabulary="".join(map(chr, range(ALPHABET))),
    )  # fmt: skip


class PlainNetwork(nn.Module):
    """The ideal network as one would write it by hand."""

    def __init__(self, config: TrainingConfig, dataset: Dataset) -> None:
        super().__init__()
        features = dataset.n_in
        self.embedding = None
        if dataset.vocabulary is not None:
            self.embedding = nn.Embedding(dataset.n_classes, config.embedding_size)
            features *= config.embedding_size
        self.first = nn.Linear(features, config.width)
        self.hidden = nn.ModuleList(
            nn.Linear(config.width, config.width) for _ in range(config.weight_sets)
        )
        self.last = nn.Linear(config.width, dataset.n_classes)
        self.repetitions = config.repetitions

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.embedding is not None:
            x = self.embedding(x).flatten(1)
        state = torch.tanh(self.first(x))
        for t in range(self.repetitions):
            state = torch.tanh(self.hidden[t % len(self.hidden)](state))
        return self.last(state)


def torch_steps(config: TrainingConfig, dataset: Dataset) -> Callable[[], None]:
    """A few steps of a loop in plain torch, the samples in one tensor."""
    inputs = torch.tensor(dataset.train.inputs)
    targets = torch.tensor(dataset.train.targets)
    network = PlainNetwork(config, dataset)
    optimiser = torch.optim.Adam(network.parameters(), lr=config.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, config.steps)

    def run() -> None:
        for _ in range(STEPS):
            rows = torch.randint(len(targets), (config.batch_size,))
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(network(inputs[rows]), targets[rows])
            loss.backward()
            optimiser.step()
            schedule.step()
            loss.item()

    return run


def our_steps(config: TrainingConfig, dataset: Dataset) -> Callable[[], None]:
    """As many steps of a `Trainer`."""
    network = build_network(config, dataset, Hardware())
    steps = TrainingStep(network, build_optimiser(config, network), dataset.train, config)
    taken = 0

    def run() -> None:
        nonlocal taken
        for _ in range(STEPS):
            steps.take(taken)
            taken += 1

    return run


def vectors(split: ImageSplit, batch: int) -> Callable[[], None]:
    """What the first pass over the photos does besides."""

    def run() -> None:
        for _ in range(STEPS):
            split.features(split.parts[0][:batch])

    return run


def run(rounds: int = 20) -> list[dict[str, object]]:
    """Return one row a data set and fidelity: seconds a step, their ratio, samples a second."""
    torch.manual_seed(0)
    rows: list[dict[str, object]] = []
    for name in ("svhn", "shakespeare"):
        config = TrainingConfig.create({"dataset": name})
        dataset = photos() if name == "svhn" else characters(config.window)
        _ = dataset.train.inputs
        candidates = {"reference": torch_steps(config, dataset)}
        for fidelity in ("ideal", "slot", "waveform"):
            candidates[fidelity] = our_steps(
                config.model_copy(update={"fidelity": fidelity}), dataset
            )
        if isinstance(dataset.train, ImageSplit):
            candidates["photos made vectors"] = vectors(dataset.train, config.batch_size)
        seconds = {key: s / STEPS for key, s in interleaved(candidates, rounds).items()}
        reference = seconds.pop("reference")
        for fidelity, value in seconds.items():
            bound = BOUND if fidelity == "ideal" else None
            rows.append(
                {
                    "name": f"{name} {fidelity}",
                    "ours": value,
                    "reference": reference,
                    "ratio": value / reference,
                    "bound": f"≤ {bound:.3g}×" if bound else None,
                    "holds": value / reference <= bound if bound else None,
                    "rate": f"{config.batch_size / value:,.0f}/s",
                }
            )
    return rows


if __name__ == "__main__":
    show("whole training steps, against a loop in plain torch", run())
