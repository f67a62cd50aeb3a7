"""What a study of a network measures at a point: it is evaluated, fine-tuned, or trained anew.

Or, untrained, nothing but how gradients pass its layers (`gradient_flow`): ``start``.

A parameter ``hardware.DEVICE.FIELD`` changes the hardware, any other name is a setting of the
training (`TrainingConfig`). A seed of the study becomes two: that of the chip, which is everything
random in the hardware, and that of the training.
Of several runs `trained_runs` chooses.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from photon_relax.assembly import build_network, demand_same_data, load_data
from photon_relax.config import TrainingConfig, split_settings
from photon_relax.datasets import Dataset
from photon_relax.evaluation import Evaluation, evaluate, sample_block
from photon_relax.hardware import Hardware, unused_parts
from photon_relax.network import ReLaXNet, machine_of
from photon_relax.run_file import RunFile
from photon_relax.stop_signals import StopRequested
from photon_relax.studies.trained_runs import (
    OF_NETWORK,
    choose_run,
    distinguishing,
    listed,
    read_trained,
    run_digest,
)
from photon_relax.training import Trainer, TrainingInterrupted

__all__ = ["KINDS", "NetworkMeasure"]

Kind = Literal["evaluate", "retrain", "fine-tune", "start"]
KINDS: tuple[Kind, ...] = ("evaluate", "retrain", "fine-tune", "start")

_OF_EVALUATION = frozenset({"fidelity", "evaluation_batch"})
_FROM_NOTHING = ("retrain", "start")
_GRADIENT_SAMPLES = 512
"""Samples of the validation split that gradients are measured on, evenly spaced."""

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
    """'evaluate' a trained run; 'fine-tune' it for some steps first; 'retrain' from scratch; or
    'start': the gradients of the untrained network alone."""
    run: str | Sequence[str] | None = None
    """The trained run or runs, by folder or file; none where there is nothing trained."""
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
    gradients: bool = False
    """Whether a training also measures how gradients pass the layers, before and after it."""
    data_dir: str | None = None
    """Where the data sets are."""
    run_digest: str | Sequence[str] | None = None
    """SHA-256 of the run files, by which a study that goes on knows them again."""

    def __post_init__(self) -> None:
        if (self.run is None) != (self.kind in _FROM_NOTHING):
            needs = "starts from nothing, so leave out" if self.run else "needs a trained run:"
            raise ValueError(f"{self.kind} {needs} run")
        if self.gradients and self.kind in ("evaluate", "start"):
            raise ValueError(
                "gradients = true is for kinds that train; start measures them anyway"
                if self.kind == "start"
                else "gradients = true is for kinds that train, not for evaluate"
            )
        self._refuse(self.settings)
        paths = listed(self.run)
        digests = [run_digest(path) for path in paths]
        for path, now, then in zip(paths, digests, listed(self.run_digest), strict=False):
            if now != then:
                raise ValueError(f"{path} has changed since the study began with it")
        if self.run is not None:
            known = digests[0] if isinstance(self.run, str) else digests
            object.__setattr__(self, "run_digest", known)
        _ = self._runs, self.base

    def describe(self) -> dict[str, Any]:
        """Give the arguments that make it again, and nothing else, as plain data."""
        return {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in vars(self).items()
            # A study that was begun before there were gradients says nothing of them.
            if name in self.__dataclass_fields__ and (name != "gradients" or value)
        }

    def __getstate__(self) -> dict[str, Any]:
        """Travel with the runs, for a worker may not see them, but without data and network."""
        kept = {*self.__dataclass_fields__, "_runs"}
        return {name: value for name, value in vars(self).items() if name in kept}

    @cached_property
    def _runs(self) -> list[RunFile]:
        return [read_trained(path) for path in listed(self.run)]

    @cached_property
    def chosen(self) -> tuple[str, ...]:
        """The settings in which the runs' networks differ; each must be a parameter."""
        return distinguishing(self._runs)

    @property
    def base(self) -> tuple[TrainingConfig, Hardware]:
        """Settings and hardware where no parameter says otherwise; of several runs, the first's."""
        return self._base(self._runs[0] if self._runs else None)

    def _base(self, run: RunFile | None) -> tuple[TrainingConfig, Hardware]:
        made: dict[int, Any] = vars(self).setdefault("_bases", {})
        if id(run) not in made:
            made[id(run)] = self._made_base(run)
        base: tuple[TrainingConfig, Hardware] = made[id(run)]
        return base

    def _made_base(self, run: RunFile | None) -> tuple[TrainingConfig, Hardware]:
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
        return self._configure(values, self._choose(values))

    check = configure

    def _choose(self, values: Mapping[str, Any], draw: int = 0) -> RunFile | None:
        return choose_run(self._runs, self.chosen, values, draw) if self._runs else None

    def _configure(
        self, values: Mapping[str, Any], run: RunFile | None
    ) -> tuple[TrainingConfig, Hardware]:
        settings, changes = split_settings(values)
        settings = {name: value for name, value in settings.items() if name not in self.chosen}
        self._refuse(settings)
        config, hardware = self._base(run)
        if settings:
            told = config.model_dump()
            if "dataset" in settings:
                # Another data set has other defaults.
                told = dict(self.settings)
            config = TrainingConfig.create({**told, **settings})
        changed = hardware.with_values(changes)
        if not {"bank", "machine", "fidelity"} & settings.keys():
            self._refuse_idle(changes, config, run)
        return config, changed

    def _refuse(self, settings: Mapping[str, Any]) -> None:
        """Refuse settings that would change nothing."""
        for name in settings:
            if name not in TrainingConfig.model_fields:
                continue  # refused with its nearest neighbour elsewhere
            if self.kind == "evaluate" and name not in _OF_EVALUATION:
                raise ValueError(
                    f"{name} is of the training, which is over where a run is evaluated; "
                    'kind = "fine-tune" or "retrain" can vary it'
                    if name not in OF_NETWORK
                    else f'{name} is fixed by the run; kind = "retrain" can vary it'
                )
            if self.kind == "fine-tune" and name in OF_NETWORK:
                raise ValueError(f'{name} is fixed by the run; kind = "retrain" can vary it')

    @staticmethod
    def _refuse_idle(
        changes: Mapping[str, Any], config: TrainingConfig, run: RunFile | None
    ) -> None:
        """Refuse hardware that is not there, for it would seem not to matter."""
        bank = str(config.bank if run is None else run.network["bank"])
        machine = machine_of(bank, config.machine) if run is None else str(run.network["machine"])
        for name in changes:
            # In which order the banks are used is of the network, not of a device.
            if config.fidelity == "ideal" and name != "order":
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
        if not self._runs:
            build_network(config, dataset, hardware)
        for run in self._runs:
            config, hardware = self._base(run)
            demand_same_data(run, self._load(config))
            _ = self._network(run).at(config.fidelity, hardware)

    def __call__(self, values: Mapping[str, Any], seed: int) -> dict[str, float]:
        """Measure one point."""
        chip, training = np.random.SeedSequence(seed).generate_state(2, np.uint64).tolist()
        run = self._choose(values, training)
        config, hardware = self._configure(values, run)
        if self.chip == "new" and "hardware.seed" not in values:
            hardware = replace(hardware, seed=chip >> 1)
        dataset = self._load(config)
        if run is not None and self.kind == "evaluate":
            return self._evaluate(self._network(run).at(config.fidelity, hardware), config, dataset)
        if "seed" not in values:
            config = config.model_copy(update={"seed": training >> 1})
        if self.kind == "start":
            return _gradients("start_gradient", build_network(config, dataset, hardware), dataset)
        return self._train(run, config, hardware, dataset)

    def _network(self, run: RunFile) -> ReLaXNet:
        """Build the network of a run, once."""
        built: dict[int, ReLaXNet] = vars(self).setdefault("_built", {})
        if id(run) not in built:
            built[id(run)] = run.build_network()
        return built[id(run)]

    def _load(self, config: TrainingConfig) -> Dataset:
        """Load the data set, unless it is the one that the last point needed."""
        key = (config.dataset, config.window, config.extra, config.features)
        if self.__dict__.get("_loaded_key") != key:
            vars(self).update(_loaded_key=key, _loaded=load_data(config, self.data_dir))
        loaded: Dataset = vars(self)["_loaded"]
        return loaded

    def dataset(self, config: TrainingConfig) -> Dataset:
        """Return the data set of a configuration.

        Raises
        ------
        ValueError
            Data are missing.
        """
        return self._load(config)

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
        self, run: RunFile | None, config: TrainingConfig, hardware: Hardware, dataset: Dataset
    ) -> dict[str, float]:
        if run is None:
            network = build_network(config, dataset, hardware)
        else:
            network = run.build_network().at(config.fidelity, hardware)
        # What is kept of a point is in the journal.
        config = config.model_copy(update={"checkpoint_seconds": 1e9, "checkpoint_steps": None})
        figures = _gradients("start_gradient", network, dataset) if self.gradients else {}
        with tempfile.TemporaryDirectory() as folder:
            try:
                run = Trainer(network, dataset, config).run(folder)
            except TrainingInterrupted as stop:
                raise StopRequested(stop.signal) from None
        if self.gradients:
            figures |= _gradients("gradient", network, dataset)
        return figures | {
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


def _gradients(name: str, network: ReLaXNet, dataset: Dataset) -> dict[str, float]:
    """Measure the norm of the gradient at every layer, and log₁₀ of the first over the last."""
    from photon_relax.gradient_flow import gradient_flow

    split = dataset.validation
    chosen = np.linspace(0, len(split) - 1, min(_GRADIENT_SAMPLES, len(split))).astype(np.int64)
    flow = gradient_flow(network, *split.batch(chosen))
    layers = {f"{name}_{t}": float(norm) for t, norm in enumerate(flow.layers)}
    return {f"{name}_decades": float(np.log10(flow.ratio)), **layers}
