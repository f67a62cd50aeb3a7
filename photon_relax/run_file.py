"""A training run in one HDF5 file, complete at every moment it exists.

Layout of ``run.h5`` (no pickles; any HDF5 reader opens it)::

    /                          attributes: format, version, and as JSON text configuration,
                               network, environment, progress, results, vocabulary, opening
    /hardware                  TOML text
    /metrics/training/*        step, loss, accuracy, learning_rate, rate, seconds
    /metrics/validation/*      step, loss, accuracy, seconds
    /parameters/latest/*       the state dictionary after the last step
    /parameters/best/*         the one of the lowest validation loss
    /optimiser/PARAMETER/*     what the optimiser remembers of that parameter
    /confusion                 test samples by [true class, class named], of a finished run

Losses are in nats, rates in samples per second, seconds are those spent training so far.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import NDArray

from photon_relax.atomic_file import write_atomically

if TYPE_CHECKING:
    from photon_relax.hardware import Hardware
    from photon_relax.network import ReLaXNet

__all__ = ["RUN_FILE_NAME", "RunFile", "run_file_path"]

RUN_FILE_NAME = "run.h5"
_FORMAT = "photon_relax run"
_VERSION = 1
_LIBRARY = ("v110", "v110")
"""HDF5's file format since 1.10: the first that carries checksums of its own structure."""

Arrays = dict[str, NDArray[Any]]


def run_file_path(path: str | Path) -> Path:
    """Find the run file that a user means by its own path or by that of its folder.

    Raises
    ------
    ValueError
        There is no such file.
    """
    path = Path(path)
    found = path / RUN_FILE_NAME if path.is_dir() else path
    if not found.is_file():
        reason = f"no {RUN_FILE_NAME} in it" if path.is_dir() else "no such file or folder"
        raise ValueError(f"{path} is not a run: {reason}")
    return found


@dataclass(frozen=True, kw_only=True)
class RunFile:
    """What one training run was told, what it did and what it learnt."""

    configuration: dict[str, Any]
    """The settings, by the names of `TrainingConfig`."""
    network: dict[str, Any]
    """Arguments of the network, all but the hardware and the seed."""
    hardware: str
    """The machine it was trained on, as TOML."""
    environment: dict[str, Any]
    """Versions, platform, threads and the commit, of the session that wrote the file."""
    progress: dict[str, Any]
    """Where the run stands: step, seconds, best_step, best_loss, finished, and running sums."""
    metrics: dict[str, Arrays]
    """``training`` and ``validation``: equally long columns, a row an evaluation."""
    parameters: dict[str, Arrays]
    """``latest`` and ``best``: state dictionaries."""
    optimiser: dict[str, Arrays] = field(default_factory=dict)
    """What the optimiser remembers, by the name of the parameter."""
    results: dict[str, Any] = field(default_factory=dict)
    """The final figures, measured on the best parameters; empty until the run has finished."""
    confusion: NDArray[np.int64] | None = None
    """Test samples by [true class, class named]; None where the task has no such picture."""
    vocabulary: str | None = None
    """The alphabet of a character task; None of another, and in files that did not keep it yet."""
    opening: str | None = None
    """A windowful of the text trained on, which stands before prompts; None where vocabulary is."""
    source: str = field(default="the run", compare=False)
    """Where it was read from, for the messages about it."""

    @property
    def finished(self) -> bool:
        """Whether all steps were taken and the final figures measured."""
        return bool(self.progress.get("finished", False))

    def demand_trained(self) -> None:
        """Refuse a run that has no best parameters yet.

        Raises
        ------
        ValueError
            The run has not come to its first validation.
        """
        if self.progress["best_step"] is None:
            raise ValueError(
                f"{self.source} has not come to its first validation yet; train it further"
            )

    def build_hardware(self) -> Hardware:
        """Make the hardware that the network was trained on.

        Raises
        ------
        ValueError
            The text in the file describes none; the message names the file.
        """
        from photon_relax.hardware import Hardware

        try:
            return Hardware.from_toml_text(self.hardware)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{self.source} describes no hardware: {error}") from error

    def build_network(self, which: str = "best") -> ReLaXNet:
        """Make the trained network, on the hardware and at the fidelity it was trained with.

        Raises
        ------
        ValueError
            What the file holds makes no network; the message names the file and what is wrong.
        """
        import torch

        from photon_relax.network import ReLaXNet

        hardware = self.build_hardware()
        try:
            network = ReLaXNet(**self.network, hardware=hardware)
        except (TypeError, ValueError, RuntimeError) as error:
            raise ValueError(f"{self.source} describes no network: {error}") from error
        arrays = self.parameters[which]
        expected = {name: tuple(value.shape) for name, value in network.state_dict().items()}
        if faults := _compare_shapes(arrays, expected):
            raise ValueError(
                f"{self.source} is damaged: parameters/{which} does not fit its network: "
                + "; ".join(faults)
            )
        network.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
        return network

    def write(self, path: str | Path) -> None:
        """Write the file in one step; a reader or a crash never meets half of it.

        The HDF5 image is made in memory and goes to the disk as plain bytes, so that a full disk
        is an ordinary OSError and not a library left with a file it cannot close.
        """
        with h5py.File("image", "w", driver="core", backing_store=False, libver=_LIBRARY) as file:
            self._fill(file)
            file.flush()
            image = file.id.get_file_image()
        write_atomically(path, image)

    def _fill(self, file: h5py.File) -> None:
        file.attrs["format"] = _FORMAT
        file.attrs["version"] = _VERSION
        for name in _JSON_FIELDS:
            file.attrs[name] = json.dumps(getattr(self, name), allow_nan=False)
        # As JSON, for HDF5's own texts end at a character of number zero.
        file.attrs["vocabulary"] = json.dumps(self.vocabulary)
        file.attrs["opening"] = json.dumps(self.opening)
        file.create_dataset("hardware", data=self.hardware)
        for name in _TABLES:
            _write_tables(file.create_group(name), getattr(self, name))
        if self.confusion is not None:
            _write_array(file, "confusion", self.confusion)

    @classmethod
    def read(cls, path: str | Path) -> RunFile:
        """Read a run from its file or its folder, also while the run goes on.

        Raises
        ------
        ValueError
            There is no run, or the file is damaged, foreign, or of a later version.
        OSError
            The file may not be read.
        """
        path = run_file_path(path)
        # What the operating system refuses is not damage; find that out before HDF5 does.
        with path.open("rb"):
            pass
        try:
            with h5py.File(path, "r", locking=False) as file:
                _demand_own_format(path, file)
                run = cls._from_file(path, file)
        except _ForeignFile:
            raise
        except (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError) as error:
            # A KeyError prints its text in quotes.
            reason = error.args[0] if isinstance(error, KeyError) and error.args else error
            raise ValueError(f"{path} is damaged or not a run file: {reason}") from error
        if missing := _missing_parts(run):
            raise ValueError(f"{path} is damaged, for it lacks {', '.join(missing)}")
        return run

    @classmethod
    def _from_file(cls, path: Path, file: h5py.File) -> RunFile:
        return cls(
            hardware=file["hardware"].asstr()[()],
            confusion=file["confusion"][()] if "confusion" in file else None,
            vocabulary=_read_text(file, "vocabulary"),
            opening=_read_text(file, "opening"),
            source=str(path),
            **{name: _read_json(file, name) for name in _JSON_FIELDS},
            **{name: _read_tables(file[name]) for name in _TABLES},
        )


class _ForeignFile(ValueError):
    """Not damaged, but not ours to read either."""


_JSON_FIELDS = ("configuration", "network", "environment", "progress", "results")
_TABLES = ("metrics", "parameters", "optimiser")
_REQUIRED: dict[str, tuple[str, ...]] = {
    "configuration": ("dataset",),
    "network": ("n_in", "n_hidden", "n_out"),
    "environment": ("samples",),
    "progress": (
        *("step", "seconds", "best_step", "best_loss"),
        *("loss_sum", "correct", "seen", "finished"),
    ),
    "metrics": ("training", "validation"),
    "parameters": ("latest", "best"),
}
_COLUMNS = {
    "training": ("step", "loss", "accuracy", "learning_rate", "rate", "seconds"),
    "validation": ("step", "loss", "accuracy", "seconds"),
}


def _demand_own_format(path: Path, file: h5py.File) -> None:
    if file.attrs.get("format") != _FORMAT:
        raise _ForeignFile(f"{path} is an HDF5 file, but not a run of photon_relax")
    version = file.attrs.get("version")
    if not isinstance(version, int | np.integer) or version < 1:
        raise _ForeignFile(f"{path} is damaged: the version of its format is {version!r}")
    if version > _VERSION:
        raise _ForeignFile(
            f"{path} was written by a later photon_relax (run format {version}; this one "
            f"reads up to {_VERSION}); update photon_relax"
        )


def _missing_parts(run: RunFile) -> list[str]:
    """Name the entries without which the rest cannot be used, as group/entry."""
    missing = [
        f"{part}/{name}"
        for part, names in _REQUIRED.items()
        for name in names
        if name not in getattr(run, part)
    ]
    return missing or [
        f"metrics/{table}/{name}"
        for table, names in _COLUMNS.items()
        for name in names
        if name not in run.metrics[table]
    ]


def _compare_shapes(arrays: Arrays, expected: Mapping[str, tuple[int, ...]]) -> list[str]:
    """Say what is missing, strange, or of another shape than `expected`."""
    return [
        *(f"{name} is missing" for name in expected if name not in arrays),
        *(f"{name} is not of this network" for name in arrays if name not in expected),
        *(
            f"{name} has the shape {arrays[name].shape}, not {shape}"
            for name, shape in expected.items()
            if name in arrays and arrays[name].shape != shape
        ),
    ]


def _read_json(file: h5py.File, name: str) -> dict[str, Any]:
    if name not in file.attrs:
        raise KeyError(f"it has no attribute {name!r}")
    try:
        value = json.loads(file.attrs[name])
    except ValueError as error:
        raise ValueError(f"its {name} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise TypeError(f"its {name} is not a table of names and values")
    return value


def _read_text(file: h5py.File, name: str) -> str | None:
    value = json.loads(file.attrs.get(name, "null"))
    if value is not None and not isinstance(value, str):
        raise TypeError(f"its {name} is no text")
    return value


def _write_tables(group: h5py.Group, tables: Mapping[str, Mapping[str, NDArray[Any]]]) -> None:
    for name, columns in tables.items():
        table = group.create_group(name)
        for key, array in columns.items():
            _write_array(table, key, array)


def _write_array(group: h5py.Group, name: str, array: NDArray[Any]) -> None:
    # A checksum needs chunks, and chunks need at least one element and one axis.
    group.create_dataset(name, data=array, fletcher32=array.ndim > 0 and array.size > 0)


def _read_tables(group: h5py.Group) -> dict[str, Arrays]:
    return {
        name: {key: np.asarray(array[()]) for key, array in table.items()}
        for name, table in group.items()
    }
