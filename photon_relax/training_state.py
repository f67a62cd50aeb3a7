"""All that a training run is between two steps, and its way into a run file and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from photon_relax.assembly import network_arguments
from photon_relax.config import TrainingConfig
from photon_relax.environment import describe_environment
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet
from photon_relax.optimisation import build_optimiser, load_memory, optimiser_memory
from photon_relax.run_file import Arrays, RunFile

__all__ = ["Progress", "TrainingState", "demand_same_settings"]

_COLUMNS = {
    "training": ("step", "loss", "accuracy", "learning_rate", "rate", "seconds"),
    "validation": ("step", "loss", "accuracy", "seconds"),
}


@dataclass
class Progress:
    """The numbers of a run's state; the run file keeps them under these names."""

    step: int = 0
    """Optimiser steps taken."""
    seconds: float = 0.0
    """Seconds (s) spent, over all sessions."""
    best_step: int | None = None
    """Step after which the validation loss was lowest; None before the first validation."""
    best_loss: float | None = None
    """That loss, in nats."""
    loss_sum: float = 0.0
    """Sum of the losses (nats) of the samples seen since the last validation."""
    correct: int = 0
    """Samples answered right since then."""
    seen: int = 0
    """Samples seen since then."""
    finished: bool = False
    """Whether the final figures are measured."""


@dataclass
class TrainingState:
    """Network, optimiser, best parameters and metrics of one run.

    Parameters
    ----------
    network
        Trained in place.
    config
        The settings of the run.
    samples
        Sizes of the splits, by which a resumed run knows its data set again.
    vocabulary, opening
        Of a character task, see `Dataset`: kept for those who let the run write.
    processes
        How many train together, for the record.
    """

    network: ReLaXNet
    config: TrainingConfig
    samples: dict[str, int]
    vocabulary: str | None = None
    opening: str | None = None
    processes: int = 1
    progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        _check_network(self.network, self.config)
        self.optimiser = build_optimiser(self.config, self.network)
        self.best: Arrays = {}
        self.metrics: dict[str, dict[str, list[float]]] = {
            table: {name: [] for name in names} for table, names in _COLUMNS.items()
        }
        self._environment = {
            **describe_environment(),
            "device": self.network.device.type,
            "processes": self.processes,
            "samples": self.samples,
        }

    @property
    def last_validation(self) -> int:
        """Step of the last validation; 0 before the first."""
        steps = self.metrics["validation"]["step"]
        return int(steps[-1]) if steps else 0

    def note(self, table: str, **values: float) -> None:
        """Add a row to the metrics."""
        for name, column in self.metrics[table].items():
            column.append(values[name])

    def parameters(self) -> Arrays:
        """Copy the network's state dictionary as it is now."""
        return {
            name: value.cpu().numpy().copy() for name, value in self.network.state_dict().items()
        }

    def load(self, arrays: Arrays) -> None:
        """Put a copy of such arrays into the network."""
        self.network.load_state_dict(
            {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
        )

    def snapshot(
        self,
        latest: Arrays | None = None,
        results: dict[str, Any] | None = None,
        confusion: NDArray[np.int64] | None = None,
    ) -> RunFile:
        """Gather the run file of this moment; `latest` stands in for the network's parameters."""
        latest = self.parameters() if latest is None else latest
        return RunFile(
            configuration=self.config.model_dump(),
            network=network_arguments(self.network),
            hardware=self.network.hardware.to_toml(),
            environment=self._environment,
            progress=asdict(self.progress),
            metrics={
                name: {key: np.asarray(column) for key, column in table.items()}
                for name, table in self.metrics.items()
            },
            parameters={"latest": latest, "best": self.best or latest},
            optimiser=optimiser_memory(self.optimiser, self.network),
            results=results or {},
            confusion=confusion,
            vocabulary=self.vocabulary,
            opening=self.opening,
        )

    def restore(self, run: RunFile) -> None:
        """Take up a run where its file left it; a finished one gives its best parameters.

        Raises
        ------
        ValueError
            The run was started with other settings, another machine or other data.
        """
        self._check_same(run)
        self.progress = Progress(**run.progress)
        self.metrics = {
            name: {key: column.tolist() for key, column in table.items()}
            for name, table in run.metrics.items()
        }
        self.best = run.parameters["best"] if self.progress.best_step is not None else {}
        self.load(run.parameters["best" if run.finished else "latest"])
        load_memory(self.optimiser, self.network, run.optimiser)

    def _check_same(self, run: RunFile) -> None:
        demand_same_settings(run, self.config, self.network.hardware)
        _demand_same(run.environment["samples"], self.samples)
        if run.vocabulary is not None:
            _demand_same({"vocabulary": run.vocabulary}, {"vocabulary": self.vocabulary})


def demand_same_settings(run: RunFile, config: TrainingConfig, hardware: Hardware) -> None:
    """Refuse to go on with a run under other settings or on other hardware than it began with.

    On another torch device it may: that is where it computes, not what.

    Raises
    ------
    ValueError
        The message names what differs.
    """
    earlier = TrainingConfig.create(run.configuration)
    elsewhere = earlier.model_copy(update={"device": config.device})
    _demand_same(elsewhere.model_dump(), config.model_dump())
    if run.hardware != hardware.to_toml():
        raise ValueError(f"{_SAME}the hardware")


_SAME = "a run can only go on as it was started; what differs: "


def _demand_same(there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    different = [
        f"{key} was {there.get(key)!r}, is {value!r}"
        for key, value in here.items()
        if there.get(key) != value
    ]
    if different:
        raise ValueError(_SAME + ", ".join(different))


def _check_network(network: ReLaXNet, config: TrainingConfig) -> None:
    """Refuse a network other than the settings say: the run file would tell of another."""
    arguments = network_arguments(network)
    arguments["width"] = arguments.pop("n_hidden")
    for key, value in arguments.items():
        told = getattr(config, key, None)
        if told is not None and told != value:
            raise ValueError(f"the configuration says {key} {told!r}, the network has {value!r}")
