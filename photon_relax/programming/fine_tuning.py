"""Training with the hardware in the loop: on the chip itself, or on ever new ones.

On the chip: the gradients are those at the settings and errors that the chip has, its noise
included, so that the network learns around them. On draws: every step sees another chip of the
same tolerances, so that the network learns what works on chips that it never saw; these are then
set without any correction.
"""

from __future__ import annotations

from pathlib import Path

from photon_relax.config import FidelityName, TrainingConfig
from photon_relax.datasets import Dataset
from photon_relax.network import ReLaXNet
from photon_relax.run_file import RUN_FILE_NAME, RunFile
from photon_relax.training import Trainer, Watcher

__all__ = ["chip_folder", "fine_tune", "fine_tuning_config"]


def chip_folder(folder: Path, chip: int) -> Path:
    """Return where the run of a chip is kept."""
    return folder / f"chip-{chip}"


def fine_tuning_config(
    trained: TrainingConfig,
    network: ReLaXNet,
    *,
    fidelity: FidelityName,
    steps: int,
    learning_rate: float,
) -> TrainingConfig:
    """Return the settings of a fine-tuning: those of the training, with another end."""
    return TrainingConfig.create(
        {
            **trained.model_dump(),
            "bank": network.bank_name,
            "machine": network.machine,
            "fidelity": fidelity,
            "steps": steps,
            "warmup_steps": 0,
            "learning_rate": learning_rate,
            "validate_every": max(1, -(-steps // _VALIDATIONS)),
        }
    )


def fine_tune(
    network: ReLaXNet,
    dataset: Dataset,
    config: TrainingConfig,
    folder: Path,
    watcher: Watcher,
) -> RunFile:
    """Train a programmed network in place and leave its run in a folder.

    Where no training makes the validation loss lower, it stays as it was programmed. A run that is
    there already is gone on with; a finished one is taken as it is.

    Raises
    ------
    TrainingInterrupted
        A signal arrived; the checkpoint is kept.
    ValueError
        The folder holds a run of other settings, or training diverged.
    """
    resume = (folder / RUN_FILE_NAME).exists()
    trainer = Trainer(network, dataset, config, watcher=watcher, from_start=True)
    return trainer.run(folder, resume=resume)


_VALIDATIONS = 5
"""How often a fine-tuning looks whether it is better than before."""
