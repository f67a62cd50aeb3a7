"""From settings to objects, and back: the data set, the hardware and the network of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from photon_relax.config import TrainingConfig
from photon_relax.datasets import Dataset, Split, load_dataset
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet
from photon_relax.run_file import RunFile

__all__ = [
    "build_hardware",
    "build_network",
    "choose_split",
    "demand_same_data",
    "load_data",
    "network_arguments",
]


def load_data(config: TrainingConfig, data_dir: str | Path | None = None) -> Dataset:
    """Load the data set of a configuration.

    Raises
    ------
    ValueError
        A file is missing or damaged; the message says which.
    """
    return load_dataset(
        config.dataset,
        data_dir,
        window=config.window,
        extra=config.extra,
        features=config.features,
    )


def build_hardware(file: str | Path | None, changes: Mapping[str, Any]) -> Hardware:
    """Read the hardware of a file, or take the default one, and change single values by name.

    Raises
    ------
    ValueError
        A key or a value is wrong.
    OSError
        The file cannot be read.
    """
    hardware = Hardware() if file is None else Hardware.from_toml(file)
    return hardware.with_values(changes)


def build_network(config: TrainingConfig, dataset: Dataset, hardware: Hardware) -> ReLaXNet:
    """Make the untrained network of a configuration for the inputs and classes of a data set.

    Raises
    ------
    ValueError
        The settings contradict each other or the hardware.
    """
    return ReLaXNet(
        dataset.n_in,
        config.width,
        dataset.n_classes,
        weight_sets=config.weight_sets,
        repetitions=config.repetitions,
        bank=config.bank,
        machine=config.machine,
        fidelity=config.fidelity,
        hardware=hardware,
        nonlinearity=config.nonlinearity,
        vocabulary=None if dataset.vocabulary is None else len(dataset.vocabulary),
        embedding_size=config.embedding_size,
        start=config.start,
        start_scale=config.start_scale,
        slot_gain=config.slot_gain,
        skip=config.skip,
        normalise=config.normalise,
        seed=config.seed,
    )


def network_arguments(network: ReLaXNet) -> dict[str, Any]:
    """Give the arguments that make such a network again, but for hardware and start values."""
    embedding = network.embedding
    characters = (
        {
            "vocabulary": embedding.num_embeddings,
            "embedding_size": embedding.embedding_dim,
        }
        if embedding is not None
        else {}
    )
    return {
        "n_in": network.n_in,
        "n_hidden": network.n_hidden,
        "n_out": network.n_out,
        "weight_sets": network.weight_sets,
        "repetitions": network.repetitions,
        "bank": network.bank_name,
        "machine": network.machine,
        "fidelity": network.fidelity,
        "nonlinearity": network.nonlinearity.function,
        "slot_gain": network.slot_gain is not None,
        "skip": network.skip,
        "normalise": network.normalise,
        **characters,
    }


def demand_same_data(run: RunFile, dataset: Dataset) -> None:
    """Refuse a data set of another size than that which a run was trained on.

    Raises
    ------
    ValueError
        The message gives both sizes.
    """
    told = run.environment["samples"].get("training_samples", 0)
    if told != len(dataset.train):
        raise ValueError(
            f"the run was trained on {told:,} samples and the data set here has "
            f"{len(dataset.train):,}: this is other data; name the folder with --data-dir"
        )


def choose_split(
    dataset: Dataset, wanted: str | None
) -> tuple[Literal["test", "validation"], Split]:
    """Return the split to answer and its name: the one wanted, or else test where there is one.

    Raises
    ------
    ValueError
        There is no test split, and it is wanted.
    """
    if wanted == "validation" or (wanted is None and dataset.test is None):
        return "validation", dataset.validation
    if dataset.test is None:
        raise ValueError(f"{dataset.name} has no test split; use --split validation")
    return "test", dataset.test
