"""A study that was done, as the file that would begin it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from photon_relax.hardware_table import toml_value
from photon_relax.studies.study_folder import StudyRecord

__all__ = ["study_text"]

HARDWARE_FILE = "hardware.toml"
_TOP = ("design", "points", "replicates", "seed", "paired", "target")


def study_text(record: StudyRecord) -> str:
    """Return the TOML of a study; of a function only what varies, for the function is Python.

    Hardware that was read from a file is named as ``hardware.toml``.
    """
    told = record.definition
    lines = [f"question = {toml_value(record.question)}"] if record.question else []
    lines += [f"{key} = {toml_value(told[key])}" for key in _TOP if told[key] is not None]
    if "kind" in told["measure"]:
        lines.append(f"baseline = {toml_value(told['baseline'] is not None)}")
        lines += _measure(told["measure"])
    for name in ("wafers", "solve"):
        if told.get(name) is not None:
            lines += _table(name, told[name])
    ranges = {name: _inline(values) for name, values in told["parameters"].items()}
    lines += ["", "[parameters]", *(f"{name} = {text}" for name, text in ranges.items())]
    return "\n".join([*lines, ""])


def _measure(measure: Mapping[str, Any]) -> list[str]:
    """Return what is measured at each point, and the base that it starts from."""
    settings = dict(measure["settings"])
    told = {key: measure[key] for key in ("kind", "run", "split", "chip")}
    if measure["kind"] == "fine-tune":
        told["steps"] = settings.pop("steps")
    base = settings | {f"hardware.{name}": value for name, value in measure["changes"].items()}
    if measure["hardware"] is not None:
        base["hardware_file"] = HARDWARE_FILE
    return [*_table("measure", told), *(_table("base", base) if base else [])]


def _table(name: str, content: Mapping[str, Any]) -> list[str]:
    entries = [f"{key} = {_value(value)}" for key, value in content.items() if value is not None]
    return ["", f"[{name}]", *entries]


def _value(value: Any) -> str:
    return _inline(value) if isinstance(value, Mapping) else toml_value(value)


def _inline(table: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{key} = {_value(value)}" for key, value in table.items()) + "}"
