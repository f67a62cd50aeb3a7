"""HDF5 files of labelled arrays, as xarray reads them through h5netcdf.

Every dimension is a variable of its own name, attached to the arrays as HDF5's dimension scales
are; a complex array is two of real numbers, ``NAME_real`` and ``NAME_imag``, for netCDF has none.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from photon_relax.atomic_file import write_atomically
from photon_relax.version import __version__

__all__ = ["Labelled", "write_labelled"]

_LEAST_COMPRESSED = 1024  # numbers; below, a chunk costs more than it saves


class Labelled(NamedTuple):
    """An array, or a list of names, and what it is."""

    dimensions: tuple[str, ...]
    values: NDArray[Any] | list[str]
    units: str = ""
    long_name: str = ""


def write_labelled(
    path: str | Path, variables: Mapping[str, Labelled], attributes: Mapping[str, Any]
) -> None:
    """Write variables and attributes of the file, in one step.

    Parameters
    ----------
    path
        The file; one that is there is replaced.
    variables
        By name; one whose only dimension has its name labels that dimension.
    attributes
        Numbers and texts; all else is written as JSON.
    """
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        file.attrs["program"] = f"photon_relax {__version__}"
        for name, value in attributes.items():
            plain = isinstance(value, (str, int, float))
            file.attrs[name] = value if plain else json.dumps(value)
        for name in _scales(variables):
            _store(file, name, variables[name])
            file[name].make_scale(name)
        for name, variable in variables.items():
            if name not in file:
                for part, real in _real_parts(name, variable):
                    data = _store(file, part, real)
                    for axis, dimension in enumerate(variable.dimensions):
                        data.dims[axis].attach_scale(file[dimension])
    write_atomically(path, memory.getvalue())


def _scales(variables: Mapping[str, Labelled]) -> list[str]:
    return [name for name, it in variables.items() if it.dimensions == (name,)]


def _real_parts(name: str, variable: Labelled) -> list[tuple[str, Labelled]]:
    values = variable.values
    if not np.iscomplexobj(values):
        return [(name, variable)]
    array = np.asarray(values)
    return [
        (f"{name}_real", variable._replace(values=array.real)),
        (f"{name}_imag", variable._replace(values=array.imag)),
    ]


def _store(file: Any, name: str, variable: Labelled) -> Any:
    values = variable.values
    if isinstance(values, list):
        data = file.create_dataset(name, data=values, dtype=h5py.string_dtype())
    elif values.size >= _LEAST_COMPRESSED:
        data = file.create_dataset(name, data=values, compression="gzip", shuffle=True)
    else:
        data = file.create_dataset(name, data=values)
    for key in ("units", "long_name"):
        if getattr(variable, key):
            data.attrs[key] = getattr(variable, key)
    return data
