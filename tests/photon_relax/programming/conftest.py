"""A network trained on a few clouds of points, and what programs it."""

import pytest

from photon_relax.programming.pipeline import Pipeline
from photon_relax.programming.plan import ProgrammingPlan
from photon_relax.training import Trainer


@pytest.fixture
def trained(small_dataset, small_config, small_network, tmp_path):
    """Return a function that trains a run with changes to the settings."""

    def make(**changes):
        config = small_config(**{"fidelity": "ideal", **changes})
        network = small_network(config)
        return Trainer(network, small_dataset, config).run(
            tmp_path / f"run-{len(list(tmp_path.iterdir()))}"
        )

    return make


@pytest.fixture
def pipeline(small_dataset):
    """Return a function that makes the pipeline of a run by its plan."""

    def make(run, **plan):
        plan = {"fine_tune": 0, "chips": (3, 4), **plan}
        return Pipeline(run, small_dataset, small_dataset.test, ProgrammingPlan(**plan))

    return make
