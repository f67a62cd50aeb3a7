"""Hardware as tables: TOML to devices and back, and single values by dotted name.

A field that is a device, or a bank with a device inside, is a table of its own fields. Where a
field may hold one of several devices, ``class`` says which; ``library`` starts from a named piece
of hardware instead of the defaults (`devices.library`)::

    [switch]
    library = "silicon-mems"
    isolation_db = 40.0

TOML has no null, so the word "none" takes away what may be left out.
"""

import difflib
import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, get_args, get_type_hints

import numpy as np

from devices.library import load_entry

Owner = TypeVar("Owner")

_CHOICE_KEYS = ("class", "library")


def part_classes(owner: type[Any]) -> dict[str, tuple[type[Any], ...]]:
    """Return the classes that each device field of a dataclass may hold."""
    parts = {}
    for name, hint in get_type_hints(owner).items():
        options = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
        classes = tuple(o for o in options if isinstance(o, type) and is_dataclass(o))
        if classes:
            parts[name] = classes
    return parts


def build(owner: type[Owner], table: Mapping[str, Any], where: str = "") -> Owner:
    """Return a dataclass from a table of its fields.

    Parameters
    ----------
    where
        Dotted name of the table, empty for the whole.

    Raises
    ------
    ValueError
        A key or a value is wrong; the message says where.
    """
    made: Owner = _checked(where, owner, **_values(owner, table, where, {}))
    return made


def changed(value: Owner, changes: Mapping[str, Any], where: str = "") -> Owner:
    """Return a copy of a dataclass with values changed by dotted name, all of them together."""
    nested: dict[str, Any] = {}
    parts = part_classes(type(value))
    for name, change in changes.items():
        head, _, tail = name.partition(".")
        _refuse_unknown([head], type(value), where)
        if not tail:
            nested[head] = change
        elif head not in parts:
            raise ValueError(f"{where}{head} is a plain setting; write {where}{head}, not {name}.")
        else:
            nested.setdefault(head, {})[tail] = change
    present = {entry.name: getattr(value, entry.name) for entry in fields(value)}  # type: ignore[arg-type]
    made: Owner = _checked(where, replace, value, **_values(type(value), nested, where, present))
    return made


def to_toml(value: Any, where: str = "") -> list[str]:
    """Return the lines of a dataclass as TOML, complete: plain settings, then tables."""
    top, tables = [], []
    parts = part_classes(type(value))
    for entry in fields(value):
        content = getattr(value, entry.name)
        if content is None:
            continue
        if entry.name not in parts:
            top.append(f"{entry.name} = {toml_value(content)}")
            continue
        tables += ["", f"[{where}{entry.name}]"]
        if len(parts[entry.name]) > 1:
            tables.append(f'class = "{type(content).__name__}"')
        tables += to_toml(content, f"{where}{entry.name}.")
    return [*top, *tables]


def _values(
    owner: type[Any], table: Mapping[str, Any], where: str, present: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields that a table gives, devices built; `present` are those to start from."""
    _refuse_unknown(table, owner, where)
    parts, hints = part_classes(owner), get_type_hints(owner)
    values: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, str) and value == "none" and types.NoneType in get_args(hints[name]):
            values[name] = None
        elif name in parts:
            values[name] = _part(value, parts[name], f"{where}{name}", present.get(name))
        else:
            values[name] = value
    return values


def _part(value: Any, classes: tuple[type[Any], ...], name: str, present: Any) -> Any:
    """Return a device from its table, on top of the present one where it is of the same class."""
    if isinstance(value, classes):
        return value
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is a device: write a table [{name}]; got {value!r}.")
    table = {key: content for key, content in value.items() if key not in _CHOICE_KEYS}
    start = _start(value, classes, name, present)
    return changed(start, table, f"{name}.")


def _start(
    value: Mapping[str, Any], classes: tuple[type[Any], ...], name: str, present: Any
) -> Any:
    """Return the device that a table's fields change."""
    words = " or ".join(option.__name__ for option in classes)
    wanted = value.get("class")
    if wanted is not None and wanted not in [option.__name__ for option in classes]:
        raise ValueError(f"[{name}] class must be {words}; got {wanted!r}.")
    if "library" in value:
        entry = load_entry(str(value["library"]))
        for role in entry.parts:
            device = entry.build(role)
            if isinstance(device, classes) and wanted in (None, type(device).__name__):
                return device
        inside = [
            f" Write [{name}.{part}]."
            for option in classes
            for part, parts in part_classes(option).items()
            if any(isinstance(entry.build(role), parts) for role in entry.parts)
        ]
        raise ValueError(
            f"[{name}] takes a {wanted or words}, and {entry.name} holds none.{''.join(inside)}"
        )
    if wanted is not None and type(present).__name__ != wanted:
        return {option.__name__: option for option in classes}[wanted]()
    return classes[0]() if present is None else present


def _checked(where: str, make: Any, *arguments: Any, **values: Any) -> Any:
    try:
        return make(*arguments, **values)
    except ValueError as error:
        raise ValueError(f"[{where.rstrip('.')}] {error}" if where else str(error)) from error


def _refuse_unknown(names: Any, owner: type[Any], where: str) -> None:
    known = [entry.name for entry in fields(owner)]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {where}{near[0]}?" if near else f"Known: {', '.join(known)}."
            raise ValueError(f"unknown hardware key {where}{name}. {hint}")


def toml_value(value: Any) -> str:
    """Return a plain value, or a list of them, as TOML."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(toml_value(entry) for entry in value)}]"
    return repr(value)
