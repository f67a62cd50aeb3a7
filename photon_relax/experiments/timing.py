"""How long an experiment will take: one training of each kind, a few steps long, extrapolated."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from photon_relax.config import TrainingConfig
from photon_relax.experiments.experiment import Experiment, PlannedStudy
from photon_relax.studies.bench import Bench, Task

__all__ = ["Timing", "time_experiment"]

_FEW, _MORE = 2, 12
"""Steps of the two trainings whose times differ by that of the steps between."""


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
        kinds: dict[str, list[tuple[dict[str, Any], TrainingConfig]]] = {}
        for point in planned.points:
            config = planned.measure.configure(point)[0]
            kinds.setdefault(config.fidelity, []).append((point, config))
        bench = Bench(planned.measure)
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

    def seconds(steps: int) -> float:
        # A run that is not one of the steps measured validates only at its end.
        few = {"steps": steps, "validate_every": steps, "warmup_steps": 0}
        outcome = bench(Task(0, {**point, **few}, planned.study.tasks.seed_of(0, 0)))
        if outcome.error is not None:
            raise ValueError(f"{planned.table.name} cannot be trained: {outcome.error}")
        return outcome.seconds

    seconds(1)  # loads the data and compiles
    few, more = seconds(_FEW), seconds(_MORE)
    step = max(more - few, 0.0) / (_MORE - _FEW)
    validations = 1 + math.ceil(config.steps / config.validate_every)
    own = max(few - _FEW * step, 0.0) / 2 * _growth(planned, experiment, config)
    return Timing(
        study=planned.table.name,
        fidelity=kind,
        trainings=len(members) * planned.study.replicates,
        step_seconds=step,
        training_seconds=config.steps * step + validations * own,
    )


def _growth(planned: PlannedStudy, experiment: Experiment, config: TrainingConfig) -> float:
    wanted = experiment.size.samples.get(config.dataset)
    if wanted is None:
        return 1.0
    return max(wanted / planned.measure.training_samples(config), 1.0)
