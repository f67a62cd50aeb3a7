"""Who does the tasks of a study: this process, a local cluster, or any Dask scheduler.

Tasks come from a generator and outcomes leave as they arrive, with a bounded number between, so
that a study of any length needs the same memory. A task that ends with its worker process is tried
once more, at the end and alone, for it may only have stood beside the culprit or met a machine that
went down; a second death is its own, and it fails.
"""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any
from uuid import uuid4

import cloudpickle
import dask
import distributed
from distributed import Client, Future, LocalCluster
from distributed.comm.addressing import resolve_address

from photon_relax.studies.bench import Bench, Task, one_line
from photon_relax.studies.journal import Outcome

__all__ = ["ClusterLost", "connect", "run_here", "run_on", "send"]

_IN_FLIGHT = 16  # tasks submitted for each worker, so that none waits for the next
_WAIT_SECONDS = 0.2
_ANSWER_SECONDS = 10
_WORKER_SECONDS = 30
_LOST_SECONDS = 5.0
_COUNT_SECONDS = 2.0

_LOCAL_SETTINGS = {
    # One death is enough: the task is tried once more alone.
    "distributed.scheduler.allowed-failures": 0,
    # One task a worker at a time: whoever dies with it is the culprit.
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.work-stealing": False,
    "distributed.worker.preload": ["photon_relax.studies.worker_setup"],
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "10s",
    # What the scheduler remembers for a dashboard would grow with the study.
    "distributed.admin.log-length": 100,
    "distributed.admin.low-level-log-length": 100,
    "distributed.diagnostics.computations.max-history": 1,
    "distributed.nanny.environ": {"NUMBA_NUM_THREADS": 1, "OMP_WAIT_POLICY": "PASSIVE"},
}


class ClusterLost(ValueError):
    """The scheduler does not answer any more."""


def run_here(
    function: Callable[..., Any], tasks: Iterable[Task], check: Callable[[], None]
) -> Iterator[list[Outcome]]:
    """Do the tasks one after the other in this process; `check` may raise between two."""
    bench = Bench(function)
    try:
        for task in tasks:
            check()
            yield [bench(task)]
    finally:
        bench.leave()


@contextmanager
def connect(scheduler: str | None = None, workers: int | None = None) -> Iterator[Client]:
    """Start a cluster of one-threaded processes here, or join the one at an address.

    Parameters
    ----------
    scheduler
        Address, such as tcp://host:8786.
    workers
        Processes of the local cluster; by default one a core.

    Raises
    ------
    ValueError
        Nobody answers at the address, or has no workers.
    """
    with ExitStack() as stack:
        if scheduler is None:
            stack.enter_context(_own_environment())
            stack.enter_context(dask.config.set(_LOCAL_SETTINGS))
            cluster: Any = stack.enter_context(
                LocalCluster(
                    n_workers=workers or os.cpu_count(),
                    threads_per_worker=1,
                    processes=True,
                    # The system decides who is too large, by what is really used.
                    memory_limit=None,
                    # Any free port, of this machine only; None would insist on 8787.
                    dashboard_address="127.0.0.1:0",
                    silence_logs=logging.CRITICAL,
                )
            )
        else:
            cluster = scheduler
        try:
            if scheduler is not None:
                # A client that cannot read its address complains again when it is collected.
                resolve_address(scheduler)
            # Not for others in this process, who may have a client of their own.
            client = stack.enter_context(
                Client(cluster, timeout=f"{_ANSWER_SECONDS} s", set_as_default=False)
            )
        except (OSError, ValueError) as error:
            raise ValueError(
                f"no Dask scheduler answers at {scheduler} ({one_line(error)}); start one with "
                f"dask scheduler, and workers with dask worker {scheduler} --nthreads 1"
            ) from None
        try:
            client.wait_for_workers(1, timeout=_WORKER_SECONDS)
        except TimeoutError:
            raise ValueError(
                f"no worker has joined the scheduler at {scheduler} in {_WORKER_SECONDS} s; start "
                f"some with dask worker {scheduler} --nthreads 1"
            ) from None
        except OSError as error:
            raise ValueError(
                f"the scheduler at {scheduler} went away ({one_line(error)})"
            ) from None
        yield client


@contextmanager
def _own_environment() -> Iterator[None]:
    """Take back what Dask leaves in the environment of the process that starts workers."""
    names = [*dask.config.get("distributed.nanny.pre-spawn-environ"), "PYTHONHASHSEED"]
    before = {name: os.environ.get(name) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def send(client: Client, function: Callable[..., Any]) -> Future[Any]:
    """Give the workers a bench for a function, which they keep as long as the result is held."""
    packed = cloudpickle.dumps(function)
    sent: Future[Any] = client.submit(Bench.unpack, packed, key=f"bench-{uuid4().hex}", pure=False)
    return sent


def run_on(
    client: Client,
    bench: Future[Any],
    tasks: Iterable[Task],
    check: Callable[[], None],
) -> Iterator[list[Outcome]]:
    """Do the tasks on a cluster; outcomes come in the order in which they are finished.

    Parameters
    ----------
    bench
        The function, by `send`.
    check
        Called some times a second; may raise to give up, which cancels what is in flight.

    Raises
    ------
    ValueError
        The workers cannot run the function at all, or have more than one thread.
    ClusterLost
        The scheduler is gone.
    """
    flight = _Flight(client, bench)
    waiting = iter(tasks)
    try:
        while True:
            check()
            flight.launch(list(islice(waiting, flight.room())))
            if not flight.aloft and not flight.launch_suspect():
                return
            if outcomes := flight.land():
                yield outcomes
    finally:
        flight.abandon()


class _Flight:
    """The tasks that were submitted and have not come back."""

    def __init__(self, client: Client, bench: Future[Any]) -> None:
        self.client = client
        self.aloft: dict[Any, tuple[Future[Any], Task]] = {}
        self._name = f"study-{uuid4().hex}"
        self._bench = bench
        self._landed: SimpleQueue[Future[Any]] = SimpleQueue()
        self._suspects: list[Task] = []
        self._launched = 0
        self._capacity = 0
        self._counted = -math.inf
        self._seen_running = time.monotonic()

    def room(self) -> int:
        """Say how many tasks to submit now: none until half of them are back, then all at once."""
        if time.monotonic() - self._counted > _COUNT_SECONDS:
            self._capacity = _IN_FLIGHT * max(self._count_workers(), 1)
            self._counted = time.monotonic()
        return self._capacity - len(self.aloft) if 2 * len(self.aloft) <= self._capacity else 0

    def _count_workers(self) -> int:
        threads = self._ask(self.client.nthreads)
        if wide := [address for address, count in threads.items() if count != 1]:
            raise ValueError(
                f"the workers of a study must have one thread each, and {wide[0]} has "
                f"{threads[wide[0]]}; start them with dask worker --nthreads 1"
            )
        return len(threads)

    def launch(self, tasks: list[Task]) -> None:
        """Submit tasks."""
        if not tasks:
            return
        keys = [(self._name, self._launched + i) for i in range(len(tasks))]
        self._launched += len(tasks)
        futures = self.client.map(
            _measure, tasks, bench=self._bench, key=keys, pure=False, batch_size=len(tasks)
        )
        for future, task in zip(futures, tasks, strict=True):
            self.aloft[future.key] = future, task
            future.add_done_callback(self._landed.put)

    def launch_suspect(self) -> bool:
        """Submit one of the tasks that took workers with them, alone; say whether there is one."""
        if not self._suspects:
            return False
        self.launch([self._suspects[-1]])
        return True

    def land(self) -> list[Outcome]:
        """Wait a moment for tasks to come back, and give what came of them."""
        try:
            landed = [self._landed.get(timeout=_WAIT_SECONDS)]
        except Empty:
            self._demand_scheduler()
            return []
        while not self._landed.empty():
            landed.append(self._landed.get())
        self._seen_running = time.monotonic()
        finished = [future for future in landed if future.status == "finished"]
        outcomes = self._ask(lambda: self.client.gather(finished)) if finished else []
        for future in landed:
            _, task = self.aloft.pop(future.key)
            if future.status != "finished":
                outcomes += self._judge(future, task)
            elif task in self._suspects:
                self._suspects.remove(task)
        return list(outcomes)

    def _judge(self, future: Future[Any], task: Task) -> list[Outcome]:
        """Find out why a task did not come back with an outcome of its own."""
        if future.status != "error":
            raise ClusterLost("the scheduler went away")
        error = future.exception()
        if not isinstance(error, distributed.KilledWorker):
            raise ValueError(f"the workers cannot run this study: {one_line(error)}")
        if task not in self._suspects:
            self._suspects.append(task)
            return []
        self._suspects.remove(task)
        told = "WorkerDied: each process that took up this point ended (memory, or a crash)"
        return [Outcome(task.number, 0.0, error=told)]

    def _demand_scheduler(self) -> None:
        if self.client.status == "running":
            self._seen_running = time.monotonic()
        elif time.monotonic() - self._seen_running > _LOST_SECONDS:
            raise ClusterLost("the scheduler went away")

    def _ask(self, question: Callable[[], Any]) -> Any:
        try:
            return question()
        except (OSError, distributed.client.FutureCancelledError) as error:
            raise ClusterLost(f"the scheduler went away ({one_line(error)})") from None

    def abandon(self) -> None:
        """Cancel what is in flight."""
        if self.aloft:
            with suppress(Exception):
                self.client.cancel([future for future, _ in self.aloft.values()])


def _measure(task: Task, bench: Bench) -> Outcome:
    return bench(task)
