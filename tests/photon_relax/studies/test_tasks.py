import numpy as np
import pytest

from photon_relax.studies.design import Design
from photon_relax.studies.journal import Journal, Outcome
from photon_relax.studies.ranges import read_range
from photon_relax.studies.tasks import DONE, FAILED, PENDING, TaskList


def _tasks(**options):
    design = Design(parameters={"a": read_range("a", [10, 20, 30])})
    told = {"baseline": None, "replicates": 2, "seed": 0, "paired": False, **options}
    return TaskList(design=design, **told)


def test_tasks_are_points_times_replicates_and_the_base():
    tasks = _tasks(baseline={"a": 5, "b": 6})
    assert (tasks.points, len(tasks)) == (4, 8)
    assert tasks.task(3).values == {"a": 20, "b": 6}
    assert tasks.task(7).values == {"a": 5, "b": 6}
    assert len({tasks.task(number).seed for number in range(8)}) == 8


def test_whole_replicates_are_done_after_each_other_the_base_first():
    tasks = _tasks(baseline={"a": 5})
    states = np.zeros(8, dtype=np.uint8)
    assert [t.number for t in tasks.unfinished(states, retry_failed=False)] == [
        *(6, 0, 2, 4),
        *(7, 1, 3, 5),
    ]
    states[[0, 7]] = DONE
    states[[2, 3]] = FAILED
    assert [t.number for t in tasks.unfinished(states, retry_failed=False)] == [6, 4, 1, 5]
    assert [t.number for t in tasks.unfinished(states, retry_failed=True)] == [6, 2, 4, 1, 3, 5]


def test_a_success_outweighs_every_failure(tmp_path):
    with Journal(tmp_path / "j") as journal:
        for outcome in (
            Outcome(0, 1.0, error="dark"),
            Outcome(1, 1.0, error="dark"),
            Outcome(1, 1.0, {"v": 1.0}),
            Outcome(2, 1.0, {"v": 1.0}),
            Outcome(2, 1.0, error="dark"),
        ):
            journal.append(outcome)
    states, damaged = _tasks().states(tmp_path / "j")
    assert states.tolist() == [FAILED, DONE, DONE, PENDING, PENDING, PENDING]
    assert damaged == []


def test_the_journal_of_another_study_is_refused(tmp_path):
    with Journal(tmp_path / "j") as journal:
        journal.append(Outcome(6, 1.0, {"v": 1.0}))
    with pytest.raises(ValueError, match="belongs to another study: it has task 6"):
        _tasks().states(tmp_path / "j")
