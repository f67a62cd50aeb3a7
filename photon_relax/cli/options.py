"""Options that several commands share, and the help texts that come from the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

from photon_relax.config import DATASET_DEFAULTS, FidelityName, TrainingConfig

__all__ = [
    "DataDirectory",
    "Fidelities",
    "HardwareChanges",
    "HardwareFiles",
    "Json",
    "Run",
    "Scheduler",
    "Split",
    "Workers",
    "describe_setting",
    "fidelities_of",
    "list_settings",
]

DataDirectory = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        help="Folder with the data sets; by default what PHOTON_RELAX_DATA names, or a folder of "
        "your own (photon-relax data list shows it).",
    ),
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run, or its run.h5.")]
Split = Annotated[
    Literal["test", "validation"] | None,
    typer.Option("--split", help="Samples to answer; by default test, where there is one."),
]


# A list of literals is beyond typer, so the names are checked here.
_FIDELITIES: dict[str, FidelityName] = {name: name for name in get_args(FidelityName)}


def _known_fidelities(names: list[str] | None) -> list[str] | None:
    for name in names or []:
        if name not in _FIDELITIES:
            known = ", ".join(repr(known) for known in _FIDELITIES)
            raise typer.BadParameter(f"{name!r} is not one of {known}.")
    return names


def fidelities_of(names: list[str] | None) -> list[FidelityName]:
    """Return the fidelities that the option `Fidelities` names, none where it was not given."""
    return [_FIDELITIES[name] for name in names or []]


Fidelities = Annotated[
    list[str] | None,
    typer.Option(
        "--fidelity",
        metavar=f"[{'|'.join(_FIDELITIES)}]",
        callback=_known_fidelities,
        help="Depth of physics to try; may be given again.",
    ),
]
HardwareFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--hardware", metavar="FILE", help="TOML file of hardware to try; may be given again."
    ),
]
HardwareChanges = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="hardware.KEY=VALUE",
        help="Change the hardware, such as hardware.switch.isolation_db=10; several changes "
        "are made together.",
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json",
        metavar="",
        help="Print one JSON object on standard output, and nothing else there.",
    ),
]

Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="COUNT",
        min=0,
        help="Processes, one thread each; by default one a core; 0: no cluster, this process.",
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Dask scheduler to use instead, such as tcp://host:8786; its workers need "
        "--nthreads 1 and the same installation.",
    ),
]


def describe_setting(key: str) -> str:
    """Help text of one setting, with its default and where data sets differ from it."""
    setting = TrainingConfig.model_fields[key]
    text = setting.description or ""
    if setting.is_required() or setting.default is None:
        return text
    special = [f"{name} {own[key]}" for name, own in DATASET_DEFAULTS.items() if key in own]
    if len(special) == len(DATASET_DEFAULTS):
        return f"{text} (default {', '.join(special)})"
    return f"{text} (default {', '.join([_word(setting.default), *special])})"


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def list_settings(without: set[str]) -> str:
    """The remaining settings, a line each, for the end of a help text."""
    keys = [key for key in TrainingConfig.model_fields if key not in without]
    return "\n".join(f"  {key}: {describe_setting(key)}" for key in keys)
