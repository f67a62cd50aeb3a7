"""The calls that a study consists of: every replicate of every point, each with its own seed.

Task number = point · replicates + replicate. The base of comparison, where a study has one, is a
point of its own behind the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photon_relax.studies.bench import Task
from photon_relax.studies.design import Design
from photon_relax.studies.journal import read_journal

__all__ = ["DONE", "FAILED", "PENDING", "TaskList"]

PENDING, DONE, FAILED = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class TaskList:
    """All tasks of a study."""

    design: Design
    """The points."""
    baseline: Mapping[str, Any] | None
    """Values at the point of comparison, and of what a point leaves out; None: there is none."""
    replicates: int
    """Calls a point."""
    seed: int
    """Of the study."""
    paired: bool
    """Whether a replicate has the same seed at every point."""

    @property
    def points(self) -> int:
        """Points, with the one of comparison."""
        return len(self.design) + (self.baseline is not None)

    def __len__(self) -> int:
        return self.points * self.replicates

    def task(self, number: int) -> Task:
        """Make one task."""
        point, replicate = divmod(number, self.replicates)
        is_base = point == len(self.design) and self.baseline is not None
        values = {} if is_base else self.design.point(point)
        return Task(number, {**(self.baseline or {}), **values}, self.seed_of(point, replicate))

    def seed_of(self, point: int, replicate: int) -> int:
        """Seed of one task, a function of its place alone.

        Independent for every task (`numpy.random.SeedSequence`, spawned by point, then by
        replicate); with `paired` by replicate only, so that points differ by their parameters and
        not by their luck.
        """
        place = (replicate,) if self.paired else (point, replicate)
        words = np.random.SeedSequence(self.seed, spawn_key=place).generate_state(1, np.uint64)
        return int(words[0]) >> 1

    def unfinished(self, states: NDArray[np.uint8], *, retry_failed: bool) -> Iterator[Task]:
        """Give the tasks that are to be done, one by one: whole replicates after each other.

        The comparison comes first: a study that cannot work shows it there.
        """
        order = np.arange(self.points)
        if self.baseline is not None:
            order = np.roll(order, 1)
        for replicate in range(self.replicates):
            for point in order:
                number = int(point) * self.replicates + replicate
                if states[number] == PENDING or (retry_failed and states[number] == FAILED):
                    yield self.task(number)

    def states(self, journal: Path) -> tuple[NDArray[np.uint8], list[tuple[int, str]]]:
        """Read which tasks are pending, done and failed; and which lines are damaged, and how."""
        states = np.zeros(len(self), dtype=np.uint8)
        damaged: list[tuple[int, str]] = []
        for outcome in read_journal(journal, lambda *fault: damaged.append(fault)):
            if not 0 <= outcome.task < len(self):
                raise ValueError(f"{journal} belongs to another study: it has task {outcome.task}")
            if outcome.measured is not None:
                states[outcome.task] = DONE
            elif states[outcome.task] == PENDING:
                states[outcome.task] = FAILED
        return states, damaged
