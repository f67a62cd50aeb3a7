"""The trained runs of a study, and which of them a point takes.

A point takes the run that has its settings; where runs differ in nothing but their training, such
as its seed, the seed of the study draws one of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from photon_relax.run_file import RunFile, run_file_path

__all__ = ["OF_NETWORK", "choose_run", "distinguishing", "listed", "read_trained", "run_digest"]

OF_NETWORK = frozenset(
    {
        *("dataset", "window", "features", "extra", "weight_sets", "repetitions", "bank"),
        *("machine", "width", "nonlinearity", "embedding_size"),
        *("slot_gain", "skip", "normalise"),
    }
)
"""Settings that a network has for good."""


def listed(told: str | Sequence[str] | None) -> list[str]:
    """Return one, several or none as a list."""
    if told is None:
        return []
    return [told] if isinstance(told, str) else list(told)


def run_digest(path: str) -> str:
    """Return the SHA-256 of a run file.

    Raises
    ------
    ValueError
        There is no such run.
    """
    return hashlib.sha256(Path(run_file_path(path)).read_bytes()).hexdigest()


def read_trained(path: str) -> RunFile:
    """Read a run without what only its own training needs.

    Raises
    ------
    ValueError
        It is no run, or not trained yet.
    """
    run = RunFile.read(path)
    run.demand_trained()
    return replace(run, optimiser={}, parameters={"best": run.parameters["best"]})


def distinguishing(runs: Sequence[RunFile]) -> tuple[str, ...]:
    """Name the settings in which the networks of runs differ: parameters choose among them."""
    told = [run.configuration for run in runs]
    return tuple(
        name
        for name in sorted(OF_NETWORK)
        if any(one.get(name) != told[0].get(name) for one in told)
    )


def choose_run(
    runs: Sequence[RunFile], names: Sequence[str], values: Mapping[str, Any], draw: int
) -> RunFile:
    """Choose the run of a point; `draw` is any whole number.

    Raises
    ------
    ValueError
        The point leaves open which network it means, or none is like that.
    """
    open_ = [name for name in names if name not in values]
    if open_:
        raise ValueError(
            f"the runs differ in {', '.join(open_)}: make that a parameter, or name only runs that "
            "agree in it"
        )
    found = [
        run for run in runs if all(run.configuration.get(name) == values[name] for name in names)
    ]
    if not found:
        told = ", ".join(f"{name} = {values[name]}" for name in names)
        raise ValueError(f"none of the {len(runs)} runs has {told}")
    return found[draw % len(found)]
