"""A data set, a network and settings small enough to train in a second."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from photon_relax.assembly import build_network
from photon_relax.config import TrainingConfig
from photon_relax.datasets import ArraySplit, Dataset
from photon_relax.hardware import Hardware

CLASSES, FEATURES = 3, 5


def _split(rng, centres, samples):
    targets = rng.integers(CLASSES, size=samples)
    inputs = centres[targets] + 0.7 * rng.standard_normal((samples, FEATURES))
    return ArraySplit(inputs, targets)


@pytest.fixture
def names():
    """Return a function that lists the names in a folder, hidden ones too."""
    return lambda folder: sorted(path.name for path in folder.iterdir())


@pytest.fixture
def small_dataset():
    """Three overlapping clouds of points; 97 is no multiple of any batch size used here."""
    rng = np.random.default_rng(5)
    centres = rng.standard_normal((CLASSES, FEATURES))
    return Dataset(
        name="clouds",
        task="classification",
        train=_split(rng, centres, 97),
        validation=_split(rng, centres, 40),
        test=_split(rng, centres, 50),
        n_in=FEATURES,
        n_classes=CLASSES,
    )


@pytest.fixture
def small_config():
    """Return settings, with changes: a noisy slot machine, so that noise is part of every test."""

    def make(**changes):
        values = {
            "dataset": "digits",
            "bank": "dense",
            "fidelity": "slot",
            "width": 6,
            "weight_sets": 2,
            "repetitions": 3,
            "steps": 20,
            "batch_size": 16,
            "learning_rate": 0.02,
            "validate_every": 6,
        }
        return TrainingConfig.create({**values, **changes})

    return make


@pytest.fixture
def small_network(small_dataset):
    """Return the untrained network of a configuration, on default (noisy, leaky) hardware."""

    def make(config, hardware=None):
        return build_network(config, small_dataset, hardware or Hardware())

    return make


@pytest.fixture
def drawn(monkeypatch):
    """Collect the figures that are saved, as well as their files."""
    figures = []
    save = Figure.savefig

    def note(figure, *args, **kwargs):
        figures.append(figure)
        save(figure, *args, **kwargs)

    monkeypatch.setattr(Figure, "savefig", note)
    return figures
