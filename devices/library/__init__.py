"""The hardware library: real switches and weights, every number with where it comes from.

An entry is a TOML file beside this module. Its ``[devices.ROLE]`` tables name a device class and
its fields, ``[facts]`` holds what belongs to no single device; each number carries its unit, its
source and whether it is measured by that source or only typical::

    [devices.switch]
    class = "FiberSwitch"

    [devices.switch.insertion_loss_db]
    value = 3.7
    unit = "dB"
    source = "Seok et al., Optica 3, 64 (2016)"
    typical = false

>>> load_entry("silicon-mems").build("switch").insertion_loss_db
3.7
"""

import difflib
import inspect
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

import devices
from devices._fields import Device

__all__ = ["LibraryEntry", "LibraryPart", "SourcedValue", "entries", "load_entry", "parse_entry"]

_KINDS = ("weights", "switch")
_SUFFIX = ".toml"


@dataclass(frozen=True, kw_only=True)
class SourcedValue:
    """A value and where it comes from."""

    value: float | int | bool | str
    """Number, flag or word, in SI units."""

    unit: str
    """Unit; "1" for a plain number, empty for a word or a flag."""

    source: str
    """Who measured it, or what is typical about it."""

    typical: bool
    """Whether it is only typical; false where it is, or follows from, what the source gives."""


@dataclass(frozen=True, kw_only=True)
class LibraryPart:
    """One device of an entry: its class and the fields that the library sets."""

    device_class: str
    """Name of the class in `devices`."""

    fields: Mapping[str, SourcedValue]
    """The fields that are not left at the class's own defaults."""

    def build(self, **changes: Any) -> Device:
        """Return the device; ``changes`` replace single fields."""
        values = {name: entry.value for name, entry in self.fields.items()}
        device: Device = getattr(devices, self.device_class)(**(values | changes))
        return device


@dataclass(frozen=True, kw_only=True)
class LibraryEntry:
    """A piece of hardware that can be bought or has been built."""

    name: str
    """Name by which it is loaded."""

    title: str
    """What it is."""

    kind: Literal["weights", "switch"]
    """Whether it holds weights or chooses among them."""

    summary: str
    """What to expect of it, in one line."""

    parts: Mapping[str, LibraryPart]
    """Its devices by role."""

    facts: Mapping[str, SourcedValue]
    """Numbers that belong to no single device: areas, spreads, powers."""

    def build(self, role: str | None = None, **changes: Any) -> Device:
        """Return one of its devices.

        Parameters
        ----------
        role
            Which; may be left out where there is only one.
        changes
            Fields to replace.

        Raises
        ------
        ValueError
            Where there is no such part, or more than one to choose from.
        """
        known = ", ".join(self.parts)
        if role is None and len(self.parts) == 1:
            role = known
        if role is None or role not in self.parts:
            raise ValueError(f"{self.name} has the parts {known}; name one, got {role!r}.")
        return self.parts[role].build(**changes)


def entries(kind: Literal["weights", "switch"] | None = None) -> tuple[LibraryEntry, ...]:
    """Return all entries, weights first, by name; or those of one kind."""
    found = [load_entry(name) for name in _names()]
    wanted = [entry for entry in found if kind in (None, entry.kind)]
    return tuple(sorted(wanted, key=lambda entry: (_KINDS.index(entry.kind), entry.name)))


def load_entry(name: str) -> LibraryEntry:
    """Return the entry of a name.

    Raises
    ------
    ValueError
        Where there is none; the message names the nearest.
    """
    known = _names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
        raise ValueError(f"there is no hardware named {name!r} in the library. {hint}")
    text = (files(__name__) / f"{name}{_SUFFIX}").read_text(encoding="utf-8")
    return parse_entry(name, text)


def parse_entry(name: str, text: str) -> LibraryEntry:
    """Return the entry that a TOML text describes.

    Raises
    ------
    ValueError
        Where the text is not TOML, a device or field does not exist, or a number lacks its unit,
        source or mark.
    """
    try:
        table = tomllib.loads(text)
        _require_keys(table, {"title", "kind", "summary", "devices"}, {"facts"}, "the entry")
        if table["kind"] not in _KINDS:
            raise ValueError(f"kind must be one of {', '.join(_KINDS)}; got {table['kind']!r}.")
        return LibraryEntry(
            name=name,
            title=table["title"],
            kind=table["kind"],
            summary=table["summary"],
            parts={role: _part(role, part) for role, part in table["devices"].items()},
            facts={key: _sourced(key, fact) for key, fact in table.get("facts", {}).items()},
        )
    except ValueError as error:
        raise ValueError(f"library entry {name}: {error}") from error


def _names() -> list[str]:
    found = (item.name for item in files(__name__).iterdir())
    return sorted(item.removesuffix(_SUFFIX) for item in found if item.endswith(_SUFFIX))


def _part(role: str, table: Mapping[str, Any]) -> LibraryPart:
    name = table.get("class", "")
    device = getattr(devices, name, None) if name in devices.__all__ else None
    if not (isinstance(device, type) and issubclass(device, Device)):
        raise ValueError(f"devices.{role}: class must name a device; got {name!r}.")
    known = set(inspect.signature(device).parameters)
    for key in table.keys() - {"class"} - known:
        raise ValueError(f"devices.{role}: {name} has no field {key}; known: {sorted(known)}.")
    values = {
        key: _sourced(f"devices.{role}.{key}", value)
        for key, value in table.items()
        if key != "class"
    }
    part = LibraryPart(device_class=name, fields=values)
    part.build()  # a value that the device refuses is an error of the entry
    return part


def _sourced(key: str, table: Any) -> SourcedValue:
    wanted = {"value", "unit", "source", "typical"}
    if not isinstance(table, Mapping):
        raise ValueError(f"{key} must be a table of {', '.join(sorted(wanted))}; got {table!r}.")
    _require_keys(table, wanted, set(), key)
    if not isinstance(table["source"], str) or not table["source"].strip():
        raise ValueError(f"{key}: source must say where the value comes from; got nothing.")
    if not isinstance(table["typical"], bool):
        raise ValueError(f"{key}: typical must be true or false; got {table['typical']!r}.")
    return SourcedValue(**table)


def _require_keys(table: Mapping[str, Any], wanted: set[str], more: set[str], where: str) -> None:
    missing, unknown = wanted - table.keys(), table.keys() - wanted - more
    if missing or unknown:
        lacks = f"lacks {', '.join(sorted(missing))}" if missing else ""
        adds = f"has the unknown {', '.join(sorted(unknown))}" if unknown else ""
        raise ValueError(f"{where} {' and '.join(filter(None, (lacks, adds)))}.")
