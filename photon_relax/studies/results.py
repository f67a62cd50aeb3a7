"""The results of a study as one labelled data set, made of its journal alone.

Along the axes of a grid, or along ``point`` for a sample, and along ``replicate``: every figure
that the function returned, ``seconds``, ``status`` (0 pending, 1 done, 2 failed) and, where points
failed, ``error``. The figures of the point of comparison stand beside them as ``NAME_baseline``.
What is not there is NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dask
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from photon_relax.atomic_file import write_atomically
from photon_relax.studies.design import Design
from photon_relax.studies.journal import read_journal
from photon_relax.studies.tasks import DONE, FAILED, TaskList

__all__ = ["BASELINE", "collect", "replicate_interval", "write_results"]

BASELINE = "_baseline"


def collect(tasks: TaskList, journal: Path) -> xr.Dataset:
    """Read the journal into a data set; the memory it takes is that of the figures."""
    figures: dict[str, NDArray[np.float64]] = {}
    seconds = np.full(len(tasks), np.nan)
    status = np.zeros(len(tasks), dtype=np.int8)
    errors: dict[int, str] = {}
    for outcome in read_journal(journal):
        number = outcome.task
        # A point that was tried again counts by its success.
        if status[number] == DONE:
            continue
        seconds[number] = outcome.seconds
        if outcome.measured is None:
            status[number] = FAILED
            errors[number] = outcome.error or ""
            continue
        status[number] = DONE
        errors.pop(number, None)
        for name, value in outcome.measured.items():
            if name not in figures:
                figures[name] = np.full(len(tasks), np.nan)
            figures[name][number] = value
    columns: dict[str, NDArray[Any]] = {
        **dict(sorted(figures.items())),
        "seconds": seconds,
        "status": status,
    }
    if errors:
        columns["error"] = np.full(len(tasks), "", dtype=object)
        columns["error"][list(errors)] = list(errors.values())
    return xr.Dataset(_variables(tasks, columns), coords=_coordinates(tasks.design))


def _variables(tasks: TaskList, columns: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """Fold a column a task into the axes of the study, the point of comparison apart."""
    dims, shape = _axes(tasks)
    variables: dict[str, Any] = {}
    for name, column in columns.items():
        table = column.reshape(tasks.points, tasks.replicates)
        if tasks.baseline is not None:
            variables[f"{name}{BASELINE}"] = (("replicate",), table[-1])
            table = table[:-1]
        variables[name] = (dims, table.reshape(shape))
    return variables


def _axes(tasks: TaskList) -> tuple[tuple[str, ...], tuple[int, ...]]:
    design = tasks.design
    along = design.names if design.kind == "grid" else ("point",)
    return (*along, "replicate"), (*design.shape, tasks.replicates)


def _coordinates(design: Design) -> dict[str, Any]:
    if design.kind == "grid":
        return {
            name: (name, np.array(a)) for name, a in zip(design.names, design.axes, strict=True)
        }
    columns: dict[str, list[Any]] = {name: [] for name in design.names}
    varied: list[str] = []
    for point in design:
        varied.append(next(iter(point)))
        for name, column in columns.items():
            column.append(point.get(name))
    if design.kind == "one-at-a-time":
        columns = {"parameter": varied, **{n: _filled(c) for n, c in columns.items()}}
    return {name: ("point", np.array(column)) for name, column in columns.items()}


def _filled(column: list[Any]) -> list[Any]:
    """Put NaN, or no word, where a parameter is at the base; NaN would make numbers of flags."""
    words = any(isinstance(value, str | bool) for value in column)
    filled = [("" if words else np.nan) if value is None else value for value in column]
    return [str(value).lower() if isinstance(value, bool) else value for value in filled]


def write_results(results: xr.Dataset, path: str | Path) -> None:
    """Write a data set as HDF5 (netCDF-4 conventions) in one step."""
    # Where the process has a Dask client, xarray would ask its cluster for a lock.
    with dask.config.set(scheduler="synchronous"):
        image = bytes(results.to_netcdf(engine="h5netcdf"))
    write_atomically(path, image)


def replicate_interval(
    values: xr.DataArray, level: float = 0.95
) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Mean over the replicates, and Student's interval of it; NaN where fewer than two are there.

    Source: Student, Biometrika 6, 1 (1908).
    """
    count = values.count("replicate")
    mean = values.mean("replicate")
    error = values.std("replicate", ddof=1) / np.sqrt(count)
    factor = xr.apply_ufunc(lambda n: stats.t.ppf(0.5 + level / 2, np.maximum(n - 1, 1)), count)
    half = (factor * error).where(count > 1)
    return mean, mean - half, mean + half
