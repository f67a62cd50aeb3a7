"""A trained run, small enough that a point of a study takes a moment."""

import pytest

from photon_relax.assembly import build_network, load_data
from photon_relax.config import TrainingConfig
from photon_relax.hardware import Hardware
from photon_relax.training import Trainer


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """Folder of a run on the embedded digits, good for some 80 %."""
    config = TrainingConfig.create(
        {
            "dataset": "digits",
            "bank": "dense",
            "width": 8,
            "weight_sets": 2,
            "steps": 40,
            "batch_size": 64,
            "learning_rate": 0.02,
            "validate_every": 20,
            "seed": 3,
        }
    )
    dataset = load_data(config)
    folder = tmp_path_factory.mktemp("runs") / "digits"
    hardware = Hardware().with_values({"switch.isolation_db": 30.0, "seed": 7})
    Trainer(build_network(config, dataset, hardware), dataset, config).run(folder)
    return folder
