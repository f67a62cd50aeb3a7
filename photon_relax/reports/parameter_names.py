"""Parameters of a study as a reader sees them: short names, and values with their units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from photon_relax.hardware import Hardware
from photon_relax.hardware_table import part_classes
from photon_relax.reports.field_notes import field_notes
from photon_relax.reports.numbers import plain_with_unit

__all__ = ["axis_label", "place", "short_name", "value_text"]

_HARDWARE = "hardware."


def short_name(name: str) -> str:
    """Return a parameter without the word that all hardware begins with."""
    return name.removeprefix(_HARDWARE)


def axis_label(name: str) -> str:
    """Return the name with its unit, ``switch.isolation_db / dB``."""
    unit = _unit(name)
    return f"{short_name(name)} / {unit}" if unit else short_name(name)


def value_text(name: str, value: Any) -> str:
    """Return a value of a parameter with its unit: 300 MHz."""
    if isinstance(value, bool | str):
        return str(value)
    return plain_with_unit(float(value), _unit(name))


def place(values: Mapping[str, Any]) -> str:
    """Return where a point lies: ``switch.isolation_db = 3 dB, detector.bandwidth = 1 GHz``."""
    return ", ".join(f"{short_name(name)} = {value_text(name, v)}" for name, v in values.items())


def _unit(name: str) -> str:
    """Return the unit of a value of the hardware, as its docstring names it, or nothing."""
    if not name.startswith(_HARDWARE):
        return ""
    *path, field = short_name(name).split(".")
    owners: tuple[type[Any], ...] = (Hardware,)
    for part in path:
        owners = tuple(kind for owner in owners for kind in part_classes(owner).get(part, ()))
    notes = (field_notes(owner).get(field) for owner in owners)
    return next((note.unit for note in notes if note is not None), "")
