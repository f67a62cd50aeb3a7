"""The files of a programming: settings for the bench, arrays for analysis, figures for a table.

``program.h5`` is labelled as xarray reads it: every setting, heater power and matrix of every
stage, chip and bank. ``program.csv`` has a row a heater, ring or cell of the stage that is to be
used. ``stages.csv`` has a row a stage and chip, and a row a stage with the means over the chips.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from photon_relax.atomic_file import write_atomically
from photon_relax.environment import describe_environment
from photon_relax.labelled_file import Labelled, write_labelled
from photon_relax.programming.result import Programming
from photon_relax.programming.stages import Elements, StageResult

__all__ = ["ARRAYS_NAME", "SETTINGS_NAME", "STAGES_NAME", "write_tables"]

ARRAYS_NAME, SETTINGS_NAME, STAGES_NAME = "program.h5", "program.csv", "stages.csv"

_HEADER = (
    *("chip", "stage", "bank", "mesh", "element", "column", "row"),
    *("setting", "unit", "power (W)"),
)


def write_tables(programming: Programming, folder: Path) -> None:
    """Write the three files into a folder, each in one step.

    Raises
    ------
    OSError
        One cannot be written.
    """
    _write_csv(folder / STAGES_NAME, _stage_rows(programming))
    _write_csv(folder / SETTINGS_NAME, _setting_rows(programming.of(programming.last)))
    _write_arrays(programming, folder / ARRAYS_NAME)


def _write_csv(path: Path, rows: Iterable[Sequence[Any]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    write_atomically(path, text.getvalue().encode())


def _stage_rows(programming: Programming) -> Iterator[Sequence[Any]]:
    """Give a header, then the figures of each stage: of every chip, then the mean."""
    listed = []
    for record in programming.summaries:
        chips = record["chips"]
        for row in [*chips, *([{**record, "chip": "mean"}] if len(chips) > 1 else [])]:
            figures = {key: value for key, value in row.items() if key not in ("chips", "stage")}
            for bank, fidelity in enumerate(figures.pop("bank_fidelity", [])):
                figures[f"fidelity of bank {bank}"] = fidelity
            listed.append({"stage": record["stage"], **figures})
    columns = list(dict.fromkeys(name for row in listed for name in row))
    yield columns
    for row in listed:
        yield [row.get(name, "") for name in columns]


def _setting_rows(results: Sequence[StageResult]) -> Iterator[Sequence[Any]]:
    yield _HEADER
    for result in results:
        for number, bank in enumerate(result.banks):
            for elements in bank.elements:
                for place, setting, power in _placed(elements):
                    yield (
                        *(result.chip, result.stage, number, elements.mesh, elements.element),
                        *(*place, setting, elements.unit, power),
                    )


def _placed(elements: Elements) -> Iterator[tuple[tuple[Any, Any], float, Any]]:
    """Give (column, row), setting and power of each element that there is.

    The row of an interferometer is the upper of its lanes, that of a matrix element its output.
    """
    for at in zip(*np.nonzero(np.isfinite(elements.values)), strict=True):
        index = tuple(int(i) for i in at)
        places: dict[str, Any] = dict(zip(elements.dimensions, index, strict=True))
        if "cell" in places:
            places["row"] = 2 * places["cell"] + places["column"] % 2
        elif "lane" in places:
            places |= {"column": "", "row": places["lane"]}
        power = "" if elements.power is None else float(elements.power[index])
        yield (places["column"], places["row"]), float(elements.values[index]), power


def _write_arrays(programming: Programming, path: Path) -> None:
    programmed = [stage for stage in programming.stages if programming.of(stage)[0].banks]
    grid = [programming.of(stage) for stage in programmed]
    variables = {
        **_figures(grid),
        **_matrices(grid),
        **_settings(grid),
    }
    axes = {
        name: size
        for variable in variables.values()
        for name, size in zip(variable.dimensions, np.shape(variable.values), strict=True)
    }
    variables |= {
        **{name: Labelled((name,), np.arange(size)) for name, size in axes.items()},
        "stage": Labelled(("stage",), programmed),
        "chip": Labelled(("chip",), np.array(programming.plan.chips), "", "seed of the chip"),
    }
    record = programming.as_json()
    del record["stages"]
    attributes = {
        "title": "a trained network programmed onto chips",
        **record,
        "hardware": programming.plan.hardware.to_toml(),
        "training": programming.run.configuration,
        "environment": describe_environment(),
    }
    write_labelled(path, variables, attributes)


def _figures(grid: Sequence[Sequence[StageResult]]) -> dict[str, Labelled]:
    """Return accuracy and loss of every stage and chip, and what each bank came to."""
    axes = ("stage", "chip")

    def of(name: str, values: Any, units: str, text: str) -> tuple[str, Labelled]:
        array = np.array([[values(result) for result in row] for row in grid])
        return name, Labelled(axes if array.ndim == 2 else (*axes, "bank"), array, units, text)

    return dict(
        (
            of("accuracy", lambda r: r.evaluation.accuracy, "1", "share answered right"),
            of("loss", lambda r: r.evaluation.loss, "nat", "mean cross-entropy"),
            of("snr_lost", lambda r: r.snr_lost_db, "dB", "signal-to-noise ratio lost to the gain"),
            of("fidelity", lambda r: [b.fidelity for b in r.banks], "1", "overlap with the wanted"),
            of("error", lambda r: [b.error for b in r.banks], "1", "‖R − W‖_F/‖W‖_F"),
            of("heater_power", lambda r: [b.heater_power for b in r.banks], "W", "all heaters"),
        )
    )


def _matrices(grid: Sequence[Sequence[StageResult]]) -> dict[str, Labelled]:
    wanted = np.array([bank.wanted for bank in grid[0][0].banks])
    realised = np.array([[[b.realised for b in r.banks] for r in row] for row in grid])
    return {
        "wanted": Labelled(("bank", "output", "input"), wanted, "1", "trained matrices"),
        "realised": Labelled(
            ("stage", "chip", "bank", "output", "input"), realised, "1", "matrices of the chip"
        ),
    }


def _settings(grid: Sequence[Sequence[StageResult]]) -> dict[str, Labelled]:
    variables = {}
    kinds: Sequence[Elements] = grid[0][0].banks[0].elements
    for i, kind in enumerate(kinds):
        name = f"{kind.mesh}_{kind.element}" if kind.mesh else kind.element
        axes = ("stage", "chip", "bank", *kind.dimensions)

        def stacked(read: Any, number: int = i) -> Any:
            return np.array(
                [[[read(b.elements[number]) for b in r.banks] for r in row] for row in grid]
            )

        variables[name] = Labelled(axes, stacked(_value), kind.unit, "as programmed")
        if kind.power is not None:
            power = stacked(_power)
            variables[f"{name}_power"] = Labelled(axes, power, "W", "of the heater")
    return variables


def _value(elements: Elements) -> Any:
    return elements.values


def _power(elements: Elements) -> Any:
    return elements.power
