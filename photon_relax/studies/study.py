"""A study: a function measured over a space of parameters, so that nothing measured is lost.

    study = Study(function, {"hardware.switch.isolation_db": {"log": [1, 100, 7]}}, replicates=3)
    results = study.run("studies/isolation")

The function is called with the values of the parameters by name and a seed, and returns a number
or numbers by name. It runs in processes of its own, so a script that calls `run` needs the usual
``if __name__ == "__main__":``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import KW_ONLY, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from photon_relax.run_folder import next_run_folder, writing_to
from photon_relax.stop_signals import StopRequested, StopSignals
from photon_relax.studies.bench import Function, Task
from photon_relax.studies.design import Design, DesignName, Wafers
from photon_relax.studies.journal import Journal, Outcome
from photon_relax.studies.ranges import read_range
from photon_relax.studies.study_folder import STUDY, StudyRecord
from photon_relax.studies.study_watcher import StudyWatcher
from photon_relax.studies.tasks import DONE, FAILED, PENDING, TaskList

if TYPE_CHECKING:
    import xarray as xr

    from photon_relax.studies.answer import Answer

__all__ = ["Crew", "Study", "StudyInterrupted"]

Crew = Callable[[Iterator[Task], Callable[[], None]], Iterator[list[Outcome]]]

_CHECKED_POINTS = 200


class StudyInterrupted(Exception):
    """The study was asked to stop; what was measured is kept."""

    def __init__(self, folder: Path, done: int, total: int | None, signal: int) -> None:
        of = "" if total is None else f" of {total:,}"
        super().__init__(f"stopped with {done:,}{of} measured; all of them are kept")
        self.folder = folder
        self.signal = signal


@dataclass(frozen=True)
class Study:
    """What is measured, where, and how often.

    Raises
    ------
    ValueError
        The parts do not fit together; the message says what would be right.
    """

    function: Function
    """Called for every point with the values by name and a seed; may be any callable that
    cloudpickle takes. Where it has a method ``check(values)``, that is asked before the work."""
    parameters: Mapping[str, Any]
    """What each parameter takes, see `photon_relax.studies.ranges`."""
    _: KW_ONLY
    question: str = ""
    """What the study is to answer."""
    design: DesignName = "grid"
    """'grid', 'list', 'latin-hypercube', 'sobol' or 'monte-carlo', see `Design`."""
    points: int | None = None
    """Points of a sampled design."""
    wafers: Wafers | None = None
    """How the points of 'monte-carlo' resemble each other."""
    replicates: int = 1
    """Calls a point, each with its own seed."""
    seed: int = 0
    """Of the sample and of all seeds."""
    paired: bool = False
    """Whether a replicate has the same seed at all points, so that they compare without luck."""
    baseline: Mapping[str, Any] | None = None
    """Values at a point of comparison that is measured too, and of what points leave out."""
    target: str | None = None
    """The figure that answers the question; by default an accuracy, or the first by name."""

    def __post_init__(self) -> None:
        _demand_whole("replicates", self.replicates, 1, 100_000)
        _demand_whole("seed", self.seed, 0, 2**63 - 1)
        _ = self.tasks

    @cached_property
    def tasks(self) -> TaskList:
        """The calls that the study consists of."""
        design = Design(
            parameters={name: read_range(name, text) for name, text in self.parameters.items()},
            kind=self.design,
            points=self.points,
            seed=self.seed,
            wafers=self.wafers,
        )
        return TaskList(
            design=design,
            baseline=self.baseline,
            replicates=self.replicates,
            seed=self.seed,
            paired=self.paired,
        )

    @cached_property
    def record(self) -> StudyRecord:
        """What the folder of the study says about it."""
        design = self.tasks.design
        definition = {
            "measure": _describe(self.function),
            "parameters": {name: r.describe() for name, r in design.parameters.items()},
            "design": self.design,
            "points": self.points,
            "wafers": vars(self.wafers) if self.wafers else None,
            "replicates": self.replicates,
            "seed": self.seed,
            "paired": self.paired,
            "baseline": None if self.baseline is None else dict(self.baseline),
            "target": self.target,
        }
        return StudyRecord(
            question=self.question,
            # As it will be read back: tuples are lists there.
            definition=json.loads(json.dumps(definition)),
            points_digest=design.digest(),
        )

    @classmethod
    def from_record(cls, record: StudyRecord, function: Function | None = None) -> Study:
        """Make the study of a folder again, around its function; without one it is only read."""
        own = {"measure", "solve"}
        told = {name: value for name, value in record.definition.items() if name not in own}
        if told["wafers"] is not None:
            told["wafers"] = Wafers(**told["wafers"])
        return cls(function or _only_read, question=record.question, **told)

    def run(
        self,
        folder: str | Path | None = None,
        *,
        resume: bool = False,
        retry_failed: bool = False,
        workers: int | None = None,
        scheduler: str | None = None,
        watcher: StudyWatcher | None = None,
    ) -> xr.Dataset:
        """Measure what is not measured yet, and return all results.

        Parameters
        ----------
        folder
            Where everything goes; by default the next free studies/study-001.
        resume
            Go on with the study in the folder; a point that is there is never measured again.
        retry_failed
            Measure those again that failed.
        workers
            Processes of a local cluster, by default one a core; 0: no cluster, but this process.
        scheduler
            Address of a Dask scheduler to use instead.
        watcher
            Is told how it goes.

        Raises
        ------
        ValueError
            The folder is in use, or holds another study; no point lies within what devices allow;
            the scheduler cannot be reached, or was lost. What was measured is kept.
        StudyInterrupted
            SIGINT or SIGTERM arrived. What was measured is kept.
        OSError
            The journal cannot be written, as on a full disk. What it held is kept.
        """
        target = Path(folder) if folder is not None else next_run_folder("studies", "study")
        watcher = watcher or StudyWatcher()
        with writing_to(target, resume=resume, kind=STUDY) as path:
            if resume:
                StudyRecord.read(path).demand_same(self.record, path)
            else:
                self._check_points(watcher)
            states, damaged = self.tasks.states(StudyRecord.journal(path))
            for line, reason in damaged:
                watcher.damaged(StudyRecord.journal(path), line, reason)
            wanted = (states == PENDING) | (retry_failed & (states == FAILED))
            if wanted.any():
                with self.crew(workers, scheduler) as crew:
                    if not resume:
                        self.record.write(path)
                    try:
                        self._work(path, states, retry_failed, crew, watcher)
                    except Exception:
                        # What there is can be looked at; a full disk has told its reason already.
                        with suppress(OSError):
                            self._conclude(path)
                        raise
            return self._conclude(path)

    def answer(self, results: xr.Dataset) -> Answer | None:
        """Say in a sentence what results of this study say; None where nothing was measured.

        Raises
        ------
        ValueError
            The target is no figure of the study.
        """
        from photon_relax.studies.answer import conclude

        return conclude(results, self.target, self.design)

    def draw(self, results: xr.Dataset, path: str | Path) -> None:
        """Draw results of this study as PNG, if anything was measured."""
        from photon_relax.studies.response_picture import draw_response

        answer = self.answer(results)
        if answer is not None:
            draw_response(results, answer, self.tasks.design, self.question, path)

    def _check_points(self, watcher: StudyWatcher) -> None:
        """Ask the function about some points; refuse the study where all of them are impossible."""
        check = getattr(self.function, "check", None)
        if check is None:
            return
        count = len(self.tasks.design)
        some = np.unique(np.linspace(0, count - 1, _CHECKED_POINTS).astype(int))
        faults = []
        for number in some:
            try:
                check(self.tasks.design.point(int(number)))
            except (ValueError, TypeError) as error:
                faults.append(str(error))
        if len(faults) == len(some):
            raise ValueError(f"no point of the study can be measured: {faults[0]}")
        if faults:
            watcher.doubtful(len(faults), len(some), faults[0])

    @contextmanager
    def crew(self, workers: int | None = None, scheduler: str | None = None) -> Iterator[Crew]:
        """Give what does tasks: called with tasks and a check, it yields outcomes as they come.

        Raises
        ------
        ValueError
            The scheduler cannot be reached.
        """
        from photon_relax.studies import engine

        if workers == 0 and scheduler is None:
            yield partial(engine.run_here, self.function)
        else:
            with engine.connect(scheduler, workers) as client:
                yield partial(engine.run_on, client, engine.send(client, self.function))

    def _work(
        self,
        path: Path,
        states: NDArray[np.uint8],
        retry_failed: bool,
        crew: Crew,
        watcher: StudyWatcher,
    ) -> None:
        """Have the tasks done and note what comes of them."""
        from photon_relax.studies.answer import choose_target

        # The generator reads the states while they change; a copy keeps it to what was wanted.
        todo = self.tasks.unfinished(states.copy(), retry_failed=retry_failed)
        with Journal(StudyRecord.journal(path)) as journal, StopSignals(watcher.stopping) as stop:
            watcher.started(states)
            try:
                for outcomes in crew(todo, stop.check):
                    for outcome in outcomes:
                        journal.append(outcome)
                        if self.target is not None and outcome.measured is not None:
                            # At the first point already, rather than after the last.
                            choose_target(outcome.measured, self.target)
                        states[outcome.task] = DONE if outcome.error is None else FAILED
                    watcher.progressed(states, outcomes)
            except StopRequested as request:
                done = int((states == DONE).sum())
                raise StudyInterrupted(path, done, len(states), request.signal) from None
            finally:
                watcher.ended()

    def _conclude(self, path: Path) -> xr.Dataset:
        """Make the data set of the journal and write it."""
        from photon_relax.studies.results import collect, write_results

        results = collect(self.tasks, StudyRecord.journal(path))
        results.attrs = {
            "question": self.question,
            "definition": json.dumps(self.record.definition),
        }
        write_results(results, StudyRecord.results(path))
        return results


def _describe(function: Function) -> Any:
    describe = getattr(function, "describe", None)
    if describe is not None:
        return describe()
    named = function if hasattr(function, "__qualname__") else type(function)
    return {"function": f"{named.__module__}:{named.__qualname__}"}


def _demand_whole(name: str, value: Any, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(f"{name} must be a whole number, {least} to {most:,}; got {value!r}")


def _only_read(values: Mapping[str, Any], seed: int) -> float:
    raise ValueError(
        "this study was opened without its function, to be read; to measure, make it of the same "
        "parameters around the function."
    )
