"""The hardware of a machine as a table: every value with what it is and where it comes from.

A value is a default of its device, which says where it comes from in its docstring; or that of a
piece of hardware in the library, which names its source; or it was set for this machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Literal, NamedTuple

import numpy as np

from devices.library import LibraryPart, entries
from photon_relax.hardware import Hardware, unused_parts
from photon_relax.hardware_table import part_classes
from photon_relax.reports.field_notes import field_notes
from photon_relax.reports.numbers import figures, with_unit

__all__ = ["HardwareRow", "hardware_rows"]

Origin = Literal["default", "library", "set"]


class HardwareRow(NamedTuple):
    """One value."""

    group: str
    """The device that it belongs to, with its class, and its name in the library."""

    name: str
    """Dotted name, as ``--set hardware.NAME`` takes it."""

    value: str
    """HTML, with its unit."""

    meaning: str
    """What it is."""

    origin: Origin
    """Where it comes from, in a word."""

    source: str
    """The same in full; may be empty."""


def hardware_rows(hardware: Hardware, machine: str, bank: str) -> list[HardwareRow]:
    """Return the values that matter to a machine with these banks, its own first."""
    own: list[str] = []
    parts: list[HardwareRow] = []
    classes = part_classes(Hardware)
    unused = unused_parts(machine, bank)
    for entry in fields(Hardware):
        value = getattr(hardware, entry.name)
        if entry.name in unused or value is None:
            continue
        if entry.name in classes:
            parts += _device(value, entry.name)
        else:
            own.append(entry.name)
    rows = list(_values(hardware, Hardware(), own, "machine", "", None))
    return rows + parts


def _device(device: Any, name: str) -> Iterator[HardwareRow]:
    """Return the rows of a device, and of those inside it."""
    inside = part_classes(type(device))
    plain = [entry.name for entry in fields(device) if entry.name not in inside]
    library, part = _library_part(device)
    group = f"{name}: {type(device).__name__}" + (f", {library} of the library" if part else "")
    yield from _values(device, type(device)(), plain, group, f"{name}.", part)
    for entry in inside:
        if getattr(device, entry) is not None:
            yield from _device(getattr(device, entry), f"{name}.{entry}")


def _values(
    owner: Any, usual: Any, names: list[str], group: str, where: str, part: LibraryPart | None
) -> Iterator[HardwareRow]:
    notes = field_notes(type(owner))
    for name in names:
        value, note = getattr(owner, name), notes[name]
        origin: Origin
        if part is not None and name in part.fields and _equal(value, part.fields[name].value):
            entry = part.fields[name]
            origin, source = "library", entry.source + (", typical" if entry.typical else "")
        elif _equal(value, getattr(usual, name)):
            origin, source = "default", note.source
        else:
            origin, source = "set", "for this machine"
        shown = _shown(value, note.unit)
        yield HardwareRow(group, where + name, shown, note.meaning, origin, source)


def _library_part(device: Any) -> tuple[str, LibraryPart | None]:
    """Return the piece of the library that a device started from: most of its own values agree."""
    usual = type(device)()
    best: tuple[str, LibraryPart | None, int] = ("", None, 1)
    for entry in entries():
        for part in entry.parts.values():
            if part.device_class != type(device).__name__:
                continue
            agreeing = sum(
                _equal(getattr(device, name), sourced.value)
                and not _equal(sourced.value, getattr(usual, name))
                for name, sourced in part.fields.items()
            )
            # A single value may be the same by chance.
            if agreeing > best[2]:
                best = (entry.name, part, agreeing)
    return best[0], best[1]


def _equal(one: Any, other: Any) -> bool:
    return bool(np.array_equal(one, other))


def _shown(value: Any, unit: str) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, (tuple, list, np.ndarray)):
        return (
            f"{', '.join(_shown(entry, '') for entry in np.ravel(value).tolist())} {unit}".rstrip()
        )
    if isinstance(value, (int, np.integer)) and not unit:
        return f"{value}"
    return with_unit(float(value), unit) if unit else figures(float(value), 4)
