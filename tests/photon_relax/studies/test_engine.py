"""What the engine does with points, workers and schedulers that misbehave.

Functions are defined inside tests, so that they travel to the workers whole.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import numba
import pytest
import torch
from distributed import Client, LocalCluster
from distributed.comm import CommClosedError

from photon_relax.stop_signals import StopRequested
from photon_relax.studies.bench import Task
from photon_relax.studies.engine import ClusterLost, connect, run_here, run_on, send


def _tasks(count):
    return [Task(number, {"x": float(number)}, number) for number in range(count)]


def _first(values, seed):
    return values["x"]


def _nothing():
    pass


def _all(batches):
    return sorted((o for batch in batches for o in batch), key=lambda outcome: outcome.task)


@pytest.fixture(scope="module")
def client():
    with connect(workers=2) as client:
        yield client


@contextmanager
def dask_processes(folder, root):
    """A scheduler and two workers in processes of their own; gives the address and the former."""
    contact = ("--scheduler-file", folder / "scheduler.json")
    port = ("--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0")
    lone = ("--no-nanny", "--nthreads", "1", "--no-dashboard")
    with (folder / "dask.log").open("wb") as log:
        started = [
            subprocess.Popen(
                [sys.executable, "-m", "dask", *words, *contact], stdout=log, stderr=log, cwd=root
            )
            for words in (("scheduler", *port), ("worker", *lone), ("worker", *lone))
        ]
        try:
            deadline = time.monotonic() + 60
            while not contact[1].exists() or not contact[1].stat().st_size:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            with Client(scheduler_file=str(contact[1]), timeout="30 s") as client:
                client.wait_for_workers(2, timeout=60)
                address = client.scheduler.address
            yield address, started[0]
        finally:
            for process in started:
                process.kill()
                process.wait(30)


def test_a_cluster_gives_the_bits_of_a_plain_loop(client):
    def measure(values, seed):
        import numpy as np

        matrix = np.random.default_rng(seed).normal(size=(200, 200)) + values["x"]
        return {"trace": np.trace(np.linalg.inv(matrix)), "sum": (matrix @ matrix).sum()}

    here = _all(run_here(measure, _tasks(20), _nothing))
    there = _all(run_on(client, send(client, measure), iter(_tasks(20)), _nothing))
    assert [outcome.measured for outcome in there] == [outcome.measured for outcome in here]
    assert len({outcome.measured["sum"] for outcome in here}) == 20


def test_every_library_computes_on_one_thread_and_gets_its_threads_back(client):
    def count(values, seed):
        import numba
        import torch
        from threadpoolctl import threadpool_info

        return {
            "torch": torch.get_num_threads(),
            "numba": numba.get_num_threads(),
            "blas": max(pool["num_threads"] for pool in threadpool_info()),
        }

    before = torch.get_num_threads(), numba.get_num_threads()
    assert before == (min(2, os.cpu_count()),) * 2
    one = {"torch": 1, "numba": 1, "blas": 1}
    assert [o.measured for o in _all(run_here(count, _tasks(2), _nothing))] == [one, one]
    assert (torch.get_num_threads(), numba.get_num_threads()) == before
    # The first call of a worker loads the libraries, the second finds them.
    for outcome in _all(run_on(client, send(client, count), iter(_tasks(6)), _nothing)):
        assert outcome.measured == one


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ({}, "ValueError: the function of a study must return a number or numbers by name; got {}"),
        ({"seconds": 1.0}, "ValueError: a figure needs a name of its own"),
        ({"a/b": 1.0}, "ValueError: a figure needs a name of its own"),
        ({"x": 1.0}, "ValueError: a figure needs a name of its own"),
        ({3: 1.0}, "ValueError: a figure needs a name of its own"),
        ("text", "ValueError: could not convert string to float: 'text'"),
        (None, "TypeError: float() argument must be"),
    ],
)
def test_what_is_no_figure_is_an_error_of_the_point(returned, message):
    (outcome,) = _all(run_here(lambda values, seed: returned, _tasks(1), _nothing))
    assert outcome.measured is None
    assert outcome.error.startswith(message)
    assert "\n" not in outcome.error


def test_starting_workers_leaves_the_environment_as_it_was():
    before = dict(os.environ)
    with connect(workers=1):
        pass
    assert dict(os.environ) == before


def test_an_error_stays_with_its_point(client):
    def measure(values, seed):
        if values["x"] == 3:
            raise RuntimeError("no light\nat all")
        return values["x"]

    outcomes = _all(run_on(client, send(client, measure), iter(_tasks(8)), _nothing))
    assert [o.task for o in outcomes if o.error is None] == [0, 1, 2, 4, 5, 6, 7]
    assert outcomes[3].error == "RuntimeError: no light at all"


def test_a_point_that_kills_its_worker_fails_alone(client):
    def measure(values, seed):
        if values["x"] == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return values["x"]

    outcomes = _all(run_on(client, send(client, measure), iter(_tasks(12)), _nothing))
    assert [o.task for o in outcomes] == list(range(12))
    assert [o.task for o in outcomes if o.error is not None] == [3]
    assert outcomes[3].error.startswith("WorkerDied: each process that took up this point ended")


def test_a_worker_that_dies_once_costs_nothing(client, tmp_path):
    def measure(values, seed, mark=tmp_path / "killed"):
        if values["x"] == 3 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return values["x"]

    outcomes = _all(run_on(client, send(client, measure), iter(_tasks(12)), _nothing))
    assert (tmp_path / "killed").exists()
    assert [o.measured for o in outcomes] == [{"value": float(i)} for i in range(12)]


def test_a_function_that_cannot_be_unpacked_is_refused(client):
    class Broken:
        def __reduce__(self):
            return int, ("no number",)

    with pytest.raises(ValueError, match="the workers cannot run this study: ValueError: invalid"):
        _all(run_on(client, send(client, Broken()), iter(_tasks(3)), _nothing))


def test_few_tasks_are_taken_before_their_turn(client):
    taken = []

    def tasks():
        for task in _tasks(150):
            taken.append(task)
            yield task

    behind = []
    came = 0
    for batch in run_on(client, send(client, _first), tasks(), _nothing):
        came += len(batch)
        behind.append(len(taken) - came)
    assert came == 150
    assert max(behind) <= 32


def test_a_request_to_stop_is_heard_while_a_point_goes_on(client):
    def check():
        if time.monotonic() - began > 0.3:
            raise StopRequested(signal.SIGINT)

    def sleep(values, seed):
        time.sleep(1.5)
        return 0.0

    began = time.monotonic()
    with pytest.raises(StopRequested):
        _all(run_on(client, send(client, sleep), iter(_tasks(4)), check))
    assert time.monotonic() - began < 1.2


def test_an_address_where_nobody_answers(monkeypatch):
    monkeypatch.setattr("photon_relax.studies.engine._ANSWER_SECONDS", 0.3)
    message = "no Dask scheduler answers at tcp://127.0.0.1:9 .*; start one with dask scheduler"
    with pytest.raises(ValueError, match=message), connect("tcp://127.0.0.1:9"):
        pass


def test_an_address_without_a_port_is_refused_before_anyone_is_asked(monkeypatch):
    monkeypatch.delattr("photon_relax.studies.engine.Client")
    with pytest.raises(ValueError, match="answers at foo .*missing port"), connect("foo"):
        pass


def test_a_scheduler_without_workers(monkeypatch):
    monkeypatch.setattr("photon_relax.studies.engine._WORKER_SECONDS", 0.2)
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as cluster,
        pytest.raises(ValueError, match="no worker has joined the scheduler at .* in 0.2 s"),
        connect(cluster.scheduler_address),
    ):
        pass


def test_a_scheduler_that_goes_away_at_once(monkeypatch):
    def lose(client, count, timeout):
        raise CommClosedError("closed")

    monkeypatch.setattr("distributed.Client.wait_for_workers", lose)
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as cluster,
        pytest.raises(ValueError, match="the scheduler at .* went away .CommClosedError: closed"),
        connect(cluster.scheduler_address),
    ):
        pass


def test_a_long_error_is_cut():
    def fail(values, seed):
        raise ValueError("x" * 10_000)

    (outcome,) = _all(run_here(fail, _tasks(1), _nothing))
    assert outcome.error.endswith("xxx …")
    assert len(outcome.error) == 502


def test_another_scheduler_gives_the_same_and_its_death_is_told(tmp_path, pytestconfig):
    def measure(values, seed):
        import numpy as np

        time.sleep(0.01)
        return np.random.default_rng(seed).normal(size=1000).std()

    with dask_processes(tmp_path, pytestconfig.rootpath) as (address, scheduler):
        with connect(address) as client:
            there = _all(run_on(client, send(client, measure), iter(_tasks(20)), _nothing))
        here = _all(run_here(measure, _tasks(20), _nothing))
        assert [outcome.measured for outcome in there] == [outcome.measured for outcome in here]

        def lose_the_scheduler():
            with connect(address) as client:
                for batch in run_on(client, send(client, measure), iter(_tasks(10_000)), _nothing):
                    came.extend(batch)
                    if len(came) > 20:
                        scheduler.kill()

        came = []
        with pytest.raises(ClusterLost, match="the scheduler went away"):
            lose_the_scheduler()
    assert 20 < len(came) < 10_000


def test_workers_with_several_threads_are_refused():
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
        pytest.raises(ValueError, match="must have one thread each.*--nthreads 1"),
    ):
        _all(run_on(client, send(client, _first), iter(_tasks(3)), _nothing))
