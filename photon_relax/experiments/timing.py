"""How long an experiment will take: one training of each kind, a few steps long, extrapolated."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from photon_relax.assembly import build_network
from photon_relax.config import TrainingConfig
from photon_relax.evaluation import Evaluation
from photon_relax.experiments.experiment import Experiment, PlannedStudy
from photon_relax.studies.bench import Bench, Task
from photon_relax.studies.measures import NetworkMeasure
from photon_relax.training import Trainer, Watcher

__all__ = ["Timing", "time_experiment"]

_STEPS = 12


@dataclass(frozen=True, kw_only=True)
class Timing:
    """One kind of training of a study."""

    study: str
    """The study."""
    fidelity: str
    """The kind: depth of physics."""
    trainings: int
    """How many there are."""
    step_seconds: float
    """One step of a network of middling size, s."""
    training_seconds: float
    """One whole training of it, with its validations, s."""

    @property
    def seconds(self) -> float:
        """All of them on one core, s."""
        return self.trainings * self.training_seconds


def time_experiment(experiment: Experiment) -> Iterator[Timing]:
    """Time every kind of training; the times are those of one thread, as in a study.

    Validations are timed on the samples at hand and grow with those that the scale demands.

    Raises
    ------
    ValueError
        A training fails.
    """
    for planned in experiment.studies:
        if planned.measure.kind == "start":
            continue  # nothing is trained
        kinds: dict[str, list[tuple[dict[str, Any], TrainingConfig]]] = {}
        for point in planned.points:
            config = planned.measure.configure(point)[0]
            kinds.setdefault(config.fidelity, []).append((point, config))
        bench = Bench(partial(_train_shortly, planned.measure))
        try:
            for kind, members in kinds.items():
                yield _time(planned, experiment, kind, members, bench)
        finally:
            bench.leave()


def _time(
    planned: PlannedStudy,
    experiment: Experiment,
    kind: str,
    members: list[tuple[dict[str, Any], TrainingConfig]],
    bench: Bench,
) -> Timing:
    """Time the training whose work is nearest to the mean."""
    works = [config.repetitions * config.width**2 for _, config in members]
    mean = sum(works) / len(works)
    point, config = members[min(range(len(works)), key=lambda i: abs(works[i] - mean))]
    outcome = bench(Task(0, point, planned.study.tasks.seed_of(0, 0)))
    if outcome.measured is None:
        raise ValueError(f"{planned.table.name} cannot be trained: {outcome.error}")
    step, validation, rest = (outcome.measured[name] for name in ("step", "validation", "rest"))
    validations = math.ceil(config.steps / config.validate_every)
    answering = (validations * validation + rest) * _growth(planned, experiment, config)
    return Timing(
        study=planned.table.name,
        fidelity=kind,
        trainings=len(members) * planned.study.replicates,
        step_seconds=step,
        training_seconds=config.steps * step + answering,
    )


class _Stopwatch(Watcher):
    """Notes when each step was done, and how long the validation behind the last one took."""

    def __init__(self) -> None:
        self.steps: list[float] = []
        self.validation = 0.0

    def stepped(self, step: int, loss: float, accuracy: float, rate: float, left: float) -> None:
        self.steps.append(time.perf_counter())

    def validated(self, step: int, result: Evaluation, *, best: bool) -> None:
        if self.steps:
            self.validation = time.perf_counter() - self.steps[-1]


def _train_shortly(
    measure: NetworkMeasure, values: Mapping[str, Any], seed: int
) -> dict[str, float]:
    """Train a point for a few steps; return the seconds of a step, a validation and the rest."""
    config, hardware = measure.configure(values)
    dataset = measure.dataset(config)
    few = {"steps": _STEPS, "validate_every": _STEPS, "warmup_steps": 0, "checkpoint_seconds": 1e9}
    config = config.model_copy(update=few)
    watch = _Stopwatch()
    network = build_network(config, dataset, hardware)
    with tempfile.TemporaryDirectory() as folder:
        Trainer(network, dataset, config, watcher=watch).run(folder)
    rest = time.perf_counter() - watch.steps[-1] - watch.validation
    # The median: the first step compiles, and another program may have interrupted one.
    step = float(np.median(np.diff(watch.steps)))
    return {"step": step, "validation": watch.validation, "rest": rest}


def _growth(planned: PlannedStudy, experiment: Experiment, config: TrainingConfig) -> float:
    wanted = experiment.size.samples.get(config.dataset)
    if wanted is None:
        return 1.0
    return max(wanted / len(planned.measure.dataset(config).train), 1.0)
