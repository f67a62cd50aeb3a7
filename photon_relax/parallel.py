"""Several processes that train one network together, started by torchrun.

Each process holds the whole network and takes its part of every batch; the gradients are averaged
over all of them (DistributedDataParallel), so that together they do what one process does with the
whole batch. Only the first one writes files and speaks. One process alone needs none of this: then
every method here hands back what it is given.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import nn

    Number = TypeVar("Number", bound=np.generic)

__all__ = ["ALONE", "Processes", "joined", "launched", "one_voice"]


@dataclass(frozen=True)
class Processes:
    """The processes of one training, seen from one of them.

    All must call the methods that exchange something in the same order.
    """

    rank: int = 0
    """Number of this process, from 0."""
    count: int = 1
    """Processes in all, on all machines."""
    local_rank: int = 0
    """Number of this process among those on its machine: that of its CUDA device."""

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return self.rank == 0

    def part(self, samples: int, group: int = 1) -> slice:
        """Return this process's part of a batch: contiguous, and no group of samples is cut.

        Parts differ by at most one group, and are empty where there are fewer groups than
        processes.
        """
        groups = -(-samples // group)
        start, stop = (groups * rank // self.count * group for rank in (self.rank, self.rank + 1))
        return slice(min(start, samples), min(stop, samples))

    def sum(self, array: NDArray[Number]) -> NDArray[Number]:
        """Return the sum over the processes, elementwise, the same bits on each."""
        return self._reduced(array, "SUM")

    def largest(self, number: int) -> int:
        """Return the largest of the processes' numbers."""
        if self.count == 1:
            return number
        import numpy as np

        return int(self._reduced(np.array(number), "MAX"))

    def word(self, text: str) -> str:
        """Return the text that the first process has."""
        import numpy as np

        letters = np.frombuffer(text.encode(), dtype=np.uint8)
        heard = np.zeros(self.largest(len(letters) if self.first else 0), dtype=np.int64)
        if self.first:
            heard[:] = letters
        return bytes(self.sum(heard).tolist()).decode()

    def wait(self) -> None:
        """Wait until all processes have come here."""
        self.largest(0)

    def wrap(self, network: nn.Module) -> nn.Module:
        """Return what calls a network so that its gradients are the mean over the processes.

        All networks take the parameters and buffers of the first process's.
        """
        if self.count == 1:
            return network
        from torch.nn.parallel import DistributedDataParallel

        device = next(network.parameters()).device
        return DistributedDataParallel(
            network,
            device_ids=[device.index] if device.type == "cuda" else None,
            # Otherwise the first step would choose in which order gradients travel together, and
            # among three processes or more that order is that of additions: a resumed run would
            # end with other bits.
            find_unused_parameters=True,
        )

    def _reduced(self, array: NDArray[Number], how: str) -> NDArray[Number]:
        if self.count == 1:
            return array
        import torch
        from torch import distributed

        reduced = torch.tensor(array)
        distributed.all_reduce(reduced, getattr(distributed.ReduceOp, how))
        result: NDArray[Number] = reduced.numpy()
        return result


ALONE = Processes()


def launched() -> Processes:
    """Return what torchrun says that this process is, or one process alone without it."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return ALONE
    rank, count, local = (int(os.environ[n]) for n in ("RANK", "WORLD_SIZE", "LOCAL_RANK"))
    return Processes(rank, count, local)


@contextmanager
def joined() -> Iterator[Processes]:
    """Meet the other processes that torchrun started; by gloo on the CPU, by nccl on GPUs.

    Where they have met already, it changes nothing.

    Raises
    ------
    ValueError
        Another process has ended although this one had not finished.
    """
    processes = launched()
    if processes.count == 1:
        yield processes
        return
    import torch
    from torch import distributed

    if distributed.is_initialized():
        yield processes
        return
    distributed.init_process_group(
        "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "cpu:gloo"
    )
    try:
        yield processes
    except RuntimeError as error:
        if not _LOST.search(str(error)):
            raise
        raise ValueError(
            "another process of this training has ended, so this one cannot go on; the last "
            "checkpoint, if there was one, is kept"
        ) from error
    # Not after an error: the others would hear of the lost connection before the reason is told.
    distributed.destroy_process_group()


_LOST = re.compile(r"gloo|nccl|connection (closed|reset)|socket", re.IGNORECASE)


@contextmanager
def one_voice() -> Iterator[None]:
    """Let one process alone tell why all of them end: the first that comes here with an error.

    The others end with the same status and without a word.
    """
    try:
        yield
    except Exception as error:
        if launched().count > 1 and not _speaks_first():
            raise SystemExit(getattr(error, "status", 2)) from error
        raise


def _speaks_first() -> bool:
    """Ask the store of torchrun, which outlives each of its processes."""
    from datetime import timedelta

    from torch.distributed.rendezvous import rendezvous

    try:
        store, *_ = next(rendezvous("env://", timeout=timedelta(seconds=10)))
        return int(store.add(f"photon_relax/{os.environ['TORCHELASTIC_RUN_ID']}", 1)) == 1
    except RuntimeError:
        # Better said twice than never.
        return True
