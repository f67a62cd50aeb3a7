"""What a study of a network measures at a point: it is evaluated, fine-tuned, or trained anew.

A parameter ``hardware.DEVICE.FIELD`` changes the hardware, any other name is a setting of the
training (`TrainingConfig`). A seed of the study becomes two: that of the chip, which is everything
random in the hardware, and that of the training.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from photon_relax.assembly import build_network, demand_same_data, load_data
from photon_relax.config import TrainingConfig, split_settings
from photon_relax.datasets import Dataset
from photon_relax.evaluation import Evaluation, evaluate, sample_block
from photon_relax.hardware import Hardware, unused_parts
from photon_relax.network import ReLaXNet, machine_of
from photon_relax.run_file import RunFile, run_file_path
from photon_relax.stop_signals import StopRequested
from photon_relax.training import Trainer, TrainingInterrupted

__all__ = ["KINDS", "NetworkMeasure"]

Kind = Literal["evaluate", "retrain", "fine-tune"]
KINDS: tuple[Kind, ...] = ("evaluate", "retrain", "fine-tune")

_OF_EVALUATION = frozenset({"fidelity", "evaluation_batch"})
_OF_NETWORK = frozenset(
    {
        *("dataset", "window", "features", "extra", "weight_sets", "repetitions", "bank"),
        *("machine", "width", "nonlinearity", "embedding_size"),
    }
)
_FIGURES = ("loss", "accuracy", "accuracy_low", "accuracy_high")


@dataclass(frozen=True, kw_only=True)
class NetworkMeasure:
    """Loss and accuracy of a network under the settings and on the hardware of a point.

    Raises
    ------
    ValueError
        The parts contradict each other, or the run is not there or has changed.
    """

    kind: Kind
    """'evaluate' a trained run; 'fine-tune' it for some steps first; 'retrain' from scratch."""
    run: str | None = None
    """The trained run, by its folder or file; none where there is nothing trained."""
    settings: Mapping[str, Any]
    """Settings of `TrainingConfig` at every point, on top of the run's."""
    hardware: str | None = None
    """The hardware as TOML text; left out, the run's, or the default one."""
    changes: Mapping[str, Any]
    """Changes to the hardware at every point, by dotted name."""
    split: Literal["test", "validation", "both"] | None = None
    """Samples to answer; by default test, where there is one. Training answers both anyway."""
    chip: Literal["same", "new"] = "new"
    """Whether the hardware keeps its own seed, or each replicate is another chip."""
    data_dir: str | None = None
    """Where the data sets are."""
    run_digest: str | None = None
    """SHA-256 of the run file, by which a study that goes on knows it again."""

    def __post_init__(self) -> None:
        if (self.run is None) != (self.kind == "retrain"):
            needs = "starts from nothing, so leave out" if self.run else "needs a trained run:"
            raise ValueError(f"{self.kind} {needs} run")
        self._refuse(self.settings)
        digest = None if self.run is None else _digest(self.run)
        if self.run_digest not in (None, digest):
            raise ValueError(f"{self.run} has changed since the study began with it")
        object.__setattr__(self, "run_digest", digest)
        _ = self._trained_run, self.base

    def describe(self) -> dict[str, Any]:
        """Give the arguments that make it again, and nothing else, as plain data."""
        return {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in vars(self).items()
            if name in self.__dataclass_fields__
        }

    def __getstate__(self) -> dict[str, Any]:
        """Travel with the run, for a worker may not see its file, but without data and network."""
        kept = {*self.__dataclass_fields__, "_trained_run", "base"}
        return {name: value for name, value in vars(self).items() if name in kept}

    @cached_property
    def _trained_run(self) -> RunFile | None:
        """The run without what only its own training needs."""
        if self.run is None:
            return None
        run = RunFile.read(self.run)
        run.demand_trained()
        return replace(run, optimiser={}, parameters={"best": run.parameters["best"]})

    @cached_property
    def base(self) -> tuple[TrainingConfig, Hardware]:
        """Settings and hardware where no parameter says otherwise."""
        run = self._trained_run
        told = {} if run is None else dict(run.configuration)
        if self.kind == "fine-tune":
            told["warmup_steps"] = 0
        config = TrainingConfig.create({**told, **self.settings})
        if self.hardware is not None:
            hardware = Hardware.from_toml_text(self.hardware)
        else:
            hardware = Hardware() if run is None else run.build_hardware()
        return config, hardware.with_values(self.changes)

    def configure(self, values: Mapping[str, Any]) -> tuple[TrainingConfig, Hardware]:
        """Give the settings and the hardware of a point.

        Raises
        ------
        ValueError
            A name is unknown, or a value is out of range.
        """
        settings, changes = split_settings(values)
        self._refuse(settings)
        config, hardware = self.base
        if settings:
            told = config.model_dump()
            if "dataset" in settings:
                # Another data set has other defaults.
                told = dict(self.settings)
            config = TrainingConfig.create({**told, **settings})
        changed = hardware.with_values(changes)
        if not {"bank", "machine", "fidelity"} & settings.keys():
            self._refuse_idle(changes, config)
        return config, changed

    check = configure

    def _refuse(self, settings: Mapping[str, Any]) -> None:
        """Refuse settings that would change nothing."""
        for name in settings:
            if name not in TrainingConfig.model_fields:
                continue  # refused with its nearest neighbour elsewhere
            if self.kind == "evaluate" and name not in _OF_EVALUATION:
                raise ValueError(
                    f"{name} is of the training, which is over where a run is evaluated; "
                    'kind = "fine-tune" or "retrain" can vary it'
                    if name not in _OF_NETWORK
                    else f'{name} is fixed by the run; kind = "retrain" can vary it'
                )
            if self.kind == "fine-tune" and name in _OF_NETWORK:
                raise ValueError(f'{name} is fixed by the run; kind = "retrain" can vary it')

    def _refuse_idle(self, changes: Mapping[str, Any], config: TrainingConfig) -> None:
        """Refuse hardware that is not there, for it would seem not to matter."""
        run = self._trained_run
        bank = str(config.bank if run is None else run.network["bank"])
        machine = machine_of(bank, config.machine) if run is None else str(run.network["machine"])
        for name in changes:
            if config.fidelity == "ideal":
                raise ValueError(
                    f"hardware.{name} changes nothing at fidelity ideal, which has no devices; "
                    'write fidelity = "slot" or "waveform" in [base]'
                )
            if name.split(".")[0] in unused_parts(machine, bank):
                raise ValueError(
                    f"hardware.{name} changes nothing: a machine {machine} with banks {bank} has "
                    "no such part"
                )

    def prepare(self) -> None:
        """Find out before the work whether data and network can be made at all.

        Raises
        ------
        ValueError
            Data are missing, or the settings contradict each other.
        """
        config, hardware = self.base
        dataset = self._load(config)
        self._splits(dataset)
        if self._trained_run is None:
            build_network(config, dataset, hardware)
        else:
            demand_same_data(self._trained_run, dataset)
            _ = self._network.at(config.fidelity, hardware)

    def __call__(self, values: Mapping[str, Any], seed: int) -> dict[str, float]:
        """Measure one point."""
        config, hardware = self.configure(values)
        chip, training = np.random.SeedSequence(seed).generate_state(2, np.uint64).tolist()
        if self.chip == "new" and "hardware.seed" not in values:
            hardware = replace(hardware, seed=chip >> 1)
        dataset = self._load(config)
        if self.kind == "evaluate":
            return self._evaluate(self._network.at(config.fidelity, hardware), config, dataset)
        if "seed" not in values:
            config = config.model_copy(update={"seed": training >> 1})
        return self._train(config, hardware, dataset)

    @cached_property
    def _network(self) -> ReLaXNet:
        assert self._trained_run is not None
        return self._trained_run.build_network()

    def _load(self, config: TrainingConfig) -> Dataset:
        """Load the data set, unless it is the one that the last point needed."""
        key = (config.dataset, config.window, config.extra, config.features)
        if self.__dict__.get("_loaded_key") != key:
            vars(self).update(_loaded_key=key, _loaded=load_data(config, self.data_dir))
        loaded: Dataset = vars(self)["_loaded"]
        return loaded

    def _splits(self, dataset: Dataset) -> dict[str, Any]:
        """Give the splits to answer, by the names that a run gives them."""
        if dataset.test is None and self.split in ("test", "both"):
            raise ValueError(f'{dataset.name} has no test split; use split = "validation"')
        splits = {"val": dataset.validation, "test": dataset.test}
        wanted = {"test": ["test"], "validation": ["val"], "both": ["val", "test"]}
        default = "validation" if dataset.test is None else "test"
        return {name: splits[name] for name in wanted[self.split or default]}

    def _evaluate(
        self, network: ReLaXNet, config: TrainingConfig, dataset: Dataset
    ) -> dict[str, float]:
        figures = {}
        for name, split in self._splits(dataset).items():
            result = evaluate(
                network, split, batch_size=config.evaluation_batch, block=sample_block(dataset)
            )
            figures.update(_figures(name, result))
        return figures

    def _train(
        self, config: TrainingConfig, hardware: Hardware, dataset: Dataset
    ) -> dict[str, float]:
        if self._trained_run is None:
            network = build_network(config, dataset, hardware)
        else:
            network = self._trained_run.build_network().at(config.fidelity, hardware)
        # What is kept of a point is in the journal.
        config = config.model_copy(update={"checkpoint_seconds": 1e9, "checkpoint_steps": None})
        with tempfile.TemporaryDirectory() as folder:
            try:
                run = Trainer(network, dataset, config).run(folder)
            except TrainingInterrupted as stop:
                raise StopRequested(stop.signal) from None
        return {
            name: run.results[name]
            for split in ("val", "test")
            for figure in _FIGURES
            if run.results.get(name := f"{split}_{figure}") is not None
        }


def _figures(split: str, result: Evaluation) -> dict[str, float]:
    figures = {f"{split}_loss": result.loss, f"{split}_accuracy": result.accuracy}
    for name, interval in (("loss", result.loss_interval), ("accuracy", result.accuracy_interval)):
        figures[f"{split}_{name}_low"], figures[f"{split}_{name}_high"] = interval
    return figures


def _digest(run: str) -> str:
    return hashlib.sha256(Path(run_file_path(run)).read_bytes()).hexdigest()
