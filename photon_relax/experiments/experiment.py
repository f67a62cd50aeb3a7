"""An experiment at a scale: its studies, ready to be measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from photon_relax.experiments.experiment_file import (
    ComparisonTable,
    ExperimentFile,
    ScaleName,
    ScaleTable,
    StudyTable,
    ViewTable,
    read_experiment,
)
from photon_relax.studies.measures import NetworkMeasure
from photon_relax.studies.study import Study
from photon_relax.studies.study_file import StudyFile, build_study

__all__ = ["Experiment", "PlannedStudy"]

Point = Mapping[str, Any]


@dataclass(frozen=True)
class PlannedStudy:
    """A study of an experiment, and how it is looked at."""

    table: StudyTable
    """What the file says."""
    study: Study
    """What is measured."""

    @cached_property
    def points(self) -> list[dict[str, Any]]:
        """The values of the parameters at each point."""
        return list(self.study.tasks.design)

    @property
    def measure(self) -> NetworkMeasure:
        """What trains."""
        assert isinstance(self.study.function, NetworkMeasure)
        return self.study.function

    @cached_property
    def hidden_parameters(self) -> list[int]:
        """Weights and biases of the hidden layers at each point: L_W (N² + N), L_T of gains."""
        configs = (self.measure.configure(point)[0] for point in self.points)
        return [
            c.weight_sets * (c.width**2 + c.width) + c.slot_gain * c.repetitions for c in configs
        ]

    def pairs(self, comparison: ComparisonTable) -> list[tuple[int, int]]:
        """Give the numbers of the points that are compared, each with that of its reference.

        Raises
        ------
        ValueError
            A parameter is unknown, a reference is no point of the study, or nothing is compared.
        """
        names = self.study.tasks.design.names
        for name in (*comparison.against, *comparison.where):
            if name not in names:
                raise ValueError(f"{name} is no parameter of {self.table.name}")
        found = []
        for number, point in enumerate(self.points):
            if any(point[name] not in values for name, values in comparison.where.items()):
                continue
            # A word that is a parameter stands for its value.
            own = {k: point.get(v, v) if isinstance(v, str) else v
                   for k, v in comparison.against.items()}  # fmt: skip
            reference = {**point, **own}
            if reference == point:
                continue
            if reference not in self.points:
                told = ", ".join(f"{name} = {value}" for name, value in reference.items())
                raise ValueError(f"{self.table.name} compares with {told}, which is no point of it")
            found.append((number, self.points.index(reference)))
        if not found:
            raise ValueError(f"{self.table.name} compares nothing with {comparison.against}")
        return found

    def check(self) -> None:
        """Build every point and every comparison.

        Raises
        ------
        ValueError
            A point cannot be measured, or a comparison has no reference.
        """
        for point in self.points:
            self.measure.check(point)
        for view in self.table.views:
            self._check_view(view)

    def _check_view(self, view: ViewTable) -> None:
        for name in (view.along, view.series):
            if name is not None and name not in self.study.tasks.design.names:
                raise ValueError(f"{view.title}: {name} is no parameter of {self.table.name}")
        for comparison in view.comparisons:
            self.pairs(comparison)
            if (comparison.expect == "same") != (comparison.within is not None):
                raise ValueError(f'{view.title}: expect = "same" and within need each other')


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One of the experiments that ship, at a scale."""

    name: str
    """By which `read_experiment` knows it."""
    scale: ScaleName
    """'smoke': does it run; 'subset': on the data at hand, in minutes; 'full': all of SVHN."""
    seeds: int | None = None
    """Times each network is trained; left out, what the file says for the scale."""
    data_dir: str | Path | None = None
    """Where the data sets are."""

    @cached_property
    def file(self) -> ExperimentFile:
        """What the file says."""
        return read_experiment(self.name)

    @property
    def size(self) -> ScaleTable:
        """What the file says about the scale."""
        return self.file.scales[self.scale]

    @property
    def replicates(self) -> int:
        """Seeds of each point."""
        return self.size.replicates if self.seeds is None else self.seeds

    @property
    def command(self) -> str:
        """What reproduces it."""
        seeds = "" if self.seeds is None else f" --seeds {self.seeds}"
        return f"photon-relax reproduce {self.name} --scale {self.scale}{seeds}"

    @cached_property
    def studies(self) -> list[PlannedStudy]:
        """Its studies, in the order of the file.

        Raises
        ------
        ValueError
            A setting is unknown or out of range.
        """
        return [PlannedStudy(table, self._study(table)) for table in self.file.studies]

    def _study(self, table: StudyTable) -> Study:
        base, parameters = dict(table.base), dict(table.parameters)
        base |= self.size.base
        if (changes := table.at.get(self.scale)) is not None:
            base |= changes.base
            parameters |= changes.parameters
        told = {
            "question": self.file.question,
            "measure": table.measure,
            "base": base,
            "parameters": parameters,
            "design": table.design,
            "replicates": self.replicates,
            # The same seeds at all points, so that they compare without luck.
            "paired": True,
            "baseline": False,
        }
        return build_study(StudyFile.model_validate(told), self.data_dir)
