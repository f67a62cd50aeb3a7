"""Where one point is measured: the function of a study, called on one thread, errors caught.

A process that works for a study holds one bench. It calls the function with the threads of BLAS,
OpenMP, torch and numba pinned to one: sums over several threads round in another order, and then a
study would depend on the machine that it ran on.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import cloudpickle
from threadpoolctl import threadpool_limits

from photon_relax.stop_signals import StopRequested
from photon_relax.studies.journal import Outcome

__all__ = ["Bench", "Function", "Measured", "Task", "demand_name", "one_line"]

Measured = float | Mapping[str, float]
Function = Callable[[Mapping[str, Any], int], Measured]
"""Called with the values of the parameters by name, and a seed; returns figures."""

_RESERVED = frozenset({"seconds", "status", "error", "point", "replicate", "parameter"})
"""Names that the results give to something else."""

_LONGEST = 500


@dataclass(frozen=True)
class Task:
    """One call of the function."""

    number: int
    """Within the study."""
    values: dict[str, Any]
    """The parameters."""
    seed: int
    """In [0, 2⁶³)."""


class Bench:
    """The function of a study, ready to be called in this process.

    Parameters
    ----------
    function
        What is called.
    packed
        The function by cloudpickle. A bench travels between processes as these bytes, so what the
        function has loaded in one process stays there.
    """

    def __init__(self, function: Function, packed: bytes = b"") -> None:
        self._function = function
        self._packed = packed
        self._earlier: dict[str, int] = {}
        # First, for torch counts the threads of OpenMP, which threadpoolctl sets too.
        self._pin_threads()
        self._limits = threadpool_limits(limits=1)

    @classmethod
    def unpack(cls, packed: bytes) -> Bench:
        """Make a bench of what the study's own client packed; nothing else is ever unpacked."""
        return cls(cloudpickle.loads(packed), packed)

    def __reduce__(self) -> tuple[Callable[[bytes], Bench], tuple[bytes]]:
        """Give what makes the same bench elsewhere."""
        return Bench.unpack, (self._packed,)

    def __call__(self, task: Task) -> Outcome:
        """Measure one point; an error of the function becomes part of the outcome."""
        self._pin_threads()
        began = time.perf_counter()
        try:
            measured = _figures(self._function(dict(task.values), task.seed), task.values)
        except StopRequested:
            raise
        except Exception as error:
            return Outcome(task.number, time.perf_counter() - began, error=one_line(error))
        return Outcome(task.number, time.perf_counter() - began, measured)

    def _pin_threads(self) -> None:
        """Pin torch and numba, once they are loaded, in the calling thread, as both count them."""
        for name in ("torch", "numba"):
            if (library := sys.modules.get(name)) is not None:
                self._earlier.setdefault(name, library.get_num_threads())
                library.set_num_threads(1)

    def leave(self) -> None:
        """Give all libraries their threads back."""
        self._limits.restore_original_limits()
        for name, threads in self._earlier.items():
            sys.modules[name].set_num_threads(threads)


def one_line(error: BaseException) -> str:
    """Give the kind of an error and its message without line breaks, cut where it is long."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def demand_name(what: str, name: Any, taken: Collection[str] = ()) -> None:
    """Refuse a name that the results cannot give to a parameter or a figure.

    Raises
    ------
    ValueError
        The message says which names are taken.
    """
    if not isinstance(name, str) or not name or "/" in name or name in {*_RESERVED, *taken}:
        others = ", ".join(sorted({*_RESERVED, *taken}))
        raise ValueError(
            f"{what} needs a name of its own, without a slash, and other than {others}; "
            f"got {name!r}"
        )


def _figures(measured: Measured, parameters: Collection[str]) -> dict[str, float]:
    if not isinstance(measured, Mapping):
        measured = {"value": measured}
    if not measured:
        raise ValueError("the function of a study must return a number or numbers by name; got {}")
    for name in measured:
        demand_name("a figure", name, parameters)
    return {name: float(value) for name, value in measured.items()}
