"""A search of a specification that survives what a study survives.

Its folder is that of a study, and its journal too: replicate r of the n-th value tried is task
n · most_replicates + r. The values follow from the figures, so a search that goes on tries the same
ones in the same order and finds what it measured before.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from photon_relax.run_folder import next_run_folder, writing_to
from photon_relax.stop_signals import StopRequested, StopSignals
from photon_relax.studies.answer import choose_target, describe_value, smaller_is_better
from photon_relax.studies.bench import Task
from photon_relax.studies.design import Design
from photon_relax.studies.journal import Journal, read_journal
from photon_relax.studies.ranges import Range, read_range
from photon_relax.studies.solve import Goal, Measure, Scale, Solution, search
from photon_relax.studies.study import Crew, Study, StudyInterrupted
from photon_relax.studies.study_folder import STUDY, StudyRecord
from photon_relax.studies.study_watcher import StudyWatcher
from photon_relax.studies.tasks import TaskList

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Specification"]


@dataclass(frozen=True)
class Specification:
    """A study of one parameter, and what is good enough.

    Raises
    ------
    ValueError
        The study has more than one parameter, or one that is not a range.
    """

    study: Study
    """The function and its parameter; its replicates are those that each value begins with."""
    goal: Goal
    """What is good enough."""

    def __post_init__(self) -> None:
        if len(self.study.parameters) != 1:
            raise ValueError(
                f"solve searches one parameter; got {', '.join(self.study.parameters)}"
            )
        _ = self.scale

    @property
    def name(self) -> str:
        """The parameter."""
        return next(iter(self.study.parameters))

    @cached_property
    def scale(self) -> Scale:
        """The range that is searched."""
        return Scale(read_range(self.name, self.study.parameters[self.name]))

    @property
    def most(self) -> int:
        """Replicates that a value may have."""
        return max(self.goal.most_replicates, self.study.replicates)

    @cached_property
    def record(self) -> StudyRecord:
        """What the folder says about it."""
        own = self.study.record
        return replace(own, definition={**own.definition, "solve": self.goal.describe()})

    def tasks(self, values: Sequence[float | int]) -> TaskList:
        """The tasks of the values tried so far; replicates share their seeds at all values."""
        design = Design(parameters={self.name: Range("list", tuple(values))})
        return TaskList(
            design=design,
            baseline=self.study.baseline,
            replicates=self.most,
            seed=self.study.seed,
            paired=True,
        )

    def run(
        self,
        folder: str | Path | None = None,
        *,
        resume: bool = False,
        workers: int | None = None,
        scheduler: str | None = None,
        watcher: StudyWatcher | None = None,
    ) -> tuple[Solution, str, xr.Dataset]:
        """Search; return what was found, the figure that was searched by, and all measurements.

        The arguments are those of `Study.run`.

        Raises
        ------
        ValueError
            As for a study; or a value cannot be measured.
        StudyInterrupted
            SIGINT or SIGTERM arrived. What was measured is kept.
        """
        target = Path(folder) if folder is not None else next_run_folder("studies", "solve")
        with writing_to(target, resume=resume, kind=STUDY) as path:
            if resume:
                StudyRecord.read(path).demand_same(self.record, path)
            with self.study.crew(workers, scheduler) as crew:
                if not resume:
                    self.record.write(path)
                effort = _Effort(self, path, watcher or StudyWatcher())
                solution = effort.search(crew)
            return solution, effort.target, self._write(path, effort.values)

    def recall(self, folder: Path) -> tuple[Solution, str] | None:
        """Return what a search in a folder found, from its journal; None where it is not done."""
        effort = _Effort(self, folder, StudyWatcher())
        solution = effort.recall()
        return None if solution is None else (solution, effort.target)

    def _write(self, path: Path, values: Sequence[float | int]) -> xr.Dataset:
        from photon_relax.studies.results import collect, write_results

        tasks = replace(self.tasks(values), baseline=None)
        results = collect(tasks, StudyRecord.journal(path)).sortby(self.name)
        used = int((results["status"] != 0).any(self.name).sum())
        results = results.isel(replicate=slice(0, used))
        results.attrs = {
            "question": self.study.question,
            "definition": json.dumps(self.record.definition),
        }
        write_results(results, StudyRecord.results(path))
        return results

    def sentence(self, solution: Solution, target: str) -> str:
        """Say what was found."""
        name, goal = self.name, self.goal
        threshold = describe_value(target, solution.threshold)
        side = "most" if smaller_is_better(target) else "least"
        wish = f"{target} of at {side} {threshold}"
        if goal.within is not None:
            lost = f"{100 * goal.within:g} %" if "accuracy" in target else f"{goal.within:g}"
            wish += f" ({lost} less than at the best end)"
        if solution.good is None:
            return f"no {name} between {self._range()} is surely enough for {wish}."
        text = f"{name} = {_word(solution.good)} is enough for {wish}"
        if solution.bad is None:
            return f"{text}; so is the loosest of the range, or it is not decided."
        text += f"; {_word(solution.bad)} is not"
        if solution.estimate is not None:
            text += f", and the mean crosses it at {solution.estimate:.4g}"
        return f"{text}."

    def draw(self, solution: Solution, target: str, path: str | Path) -> None:
        """Draw what was measured and found as PNG."""
        from photon_relax.studies.solve_picture import draw_solution

        title = self.study.question or f"{target} over {self.name}"
        draw_solution(solution, self.scale, self.name, target, title, path)

    def _range(self) -> str:
        low, high = self.scale.range.content[:2]
        return f"{_word(low)} and {_word(high)}"


class _NotKnown(Exception):
    """A value is wanted that has not been measured yet."""


class _Effort:
    """One session of a search: its journal, and what is known."""

    def __init__(self, specification: Specification, path: Path, watcher: StudyWatcher) -> None:
        self.specification, self.path, self.watcher = specification, path, watcher
        self.values: list[float | int] = []
        journal = StudyRecord.journal(path)
        self.known = {
            outcome.task: dict(outcome.measured)
            for outcome in read_journal(journal, partial(watcher.damaged, journal))
            if outcome.measured is not None
        }

    def search(self, crew: Crew) -> Solution:
        specification = self.specification
        journal = StudyRecord.journal(self.path)
        with Journal(journal) as kept, StopSignals(self.watcher.stopping) as stop:

            def measure(value: float | int, count: int) -> list[float]:
                wanted = self._numbers(value, count)
                tasks = specification.tasks(self.values)
                missing = [tasks.task(number) for number in wanted if number not in self.known]
                self._do(missing, crew, kept, stop)
                return [self._figure(number) for number in wanted]

            try:
                return self._search(measure)
            except StopRequested as request:
                raise StudyInterrupted(self.path, len(self.known), None, request.signal) from None

    def recall(self) -> Solution | None:
        """Search among what is known."""

        def measure(value: float | int, count: int) -> list[float]:
            wanted = self._numbers(value, count)
            if any(number not in self.known for number in wanted):
                raise _NotKnown
            return [self._figure(number) for number in wanted]

        try:
            return self._search(measure)
        except _NotKnown:
            return None

    def _search(self, measure: Measure) -> Solution:
        specification = self.specification
        study = specification.study
        # Which figure it is shows at the first value; it is asked for again at once.
        measure(specification.scale.value(specification.scale.ends[0]), study.replicates)
        return search(
            specification.scale,
            specification.goal,
            measure,
            least=study.replicates,
            smaller_is_better=smaller_is_better(self.target),
            tell=partial(self.watcher.probed, specification.name),
        )

    def _numbers(self, value: float | int, count: int) -> range:
        if value not in self.values:
            self.values.append(value)
        start = self.values.index(value) * self.specification.most
        return range(start, start + count)

    def _do(self, tasks: list[Task], crew: Crew, kept: Journal, stop: StopSignals) -> None:
        for outcomes in crew(iter(tasks), stop.check):
            for outcome in outcomes:
                kept.append(outcome)
                if outcome.measured is None:
                    task = next(task for task in tasks if task.number == outcome.task)
                    value = task.values[self.specification.name]
                    raise ValueError(
                        f"{self.specification.name} = {_word(value)} cannot be measured: "
                        f"{outcome.error}"
                    )
                self.known[outcome.task] = dict(outcome.measured)

    @cached_property
    def target(self) -> str:
        """The figure that is searched by."""
        measured = next(iter(self.known.values()))
        found = choose_target(measured, self.specification.study.target)
        if found is None:
            raise ValueError(f"nothing to search by among {', '.join(measured)}")
        return found

    def _figure(self, number: int) -> float:
        return self.known[number][self.target]


def _word(value: float | int) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
