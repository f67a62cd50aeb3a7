"""Read the text of a netlist, YAML or JSON, into plain data and nothing else.

YAML is taken apart into events by PyYAML's safe parser and put together here, because its own
loader does what a netlist must not: a key written twice overwrites silently, ``10e-6`` and dates
are not the numbers and text that they look like, merge keys and deep nesting can exhaust memory
and stack. What is read is YAML 1.2's core schema without tags: text, numbers, true and false,
null, lists, mappings; a key is a name and always text. Aliases stay shared, so they cost nothing
here; who walks the data counts them (`circuits.plain_data`).
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from circuits.plain_data import MAX_DEPTH

MAX_BYTES = 32 * 2**20
"""Size of the largest file that is read: some 300,000 instances."""

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **{sign + inf: float(sign + "inf") for sign in ("", "+", "-") for inf in (".inf", ".Inf")},
}
_INTEGER = re.compile(r"[-+]?[0-9]{1,400}")
_BASED = re.compile(r"0o[0-7]{1,400}|0x[0-9a-fA-F]{1,400}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def read_document(path: Path) -> Any:
    """Return the plain data of a YAML file, or of a JSON file where its name ends so.

    Raises OSError where it cannot be read and ValueError naming the file, and the line where it
    is known, for anything that is not one bounded document of plain data.
    """
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(
            f"{path}: is larger than {MAX_BYTES // 2**20} MiB, the most that a netlist may have."
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: is not text in UTF-8 (byte {error.start}).") from error
    return parse_json(text, str(path)) if path.suffix == ".json" else parse_yaml(text, str(path))


def parse_json(text: str, source: str) -> Any:
    """Plain data of JSON; ``source`` begins the errors."""
    try:
        return json.loads(text, object_pairs_hook=_distinct)
    except RecursionError as error:
        raise ValueError(f"{source}: is nested too deep.") from error
    except ValueError as error:
        raise ValueError(f"{source}: is not a JSON netlist: {error}") from error


def parse_yaml(text: str, source: str) -> Any:
    """Plain data of one YAML document; ``source`` begins the errors."""
    try:
        # The parser in C where PyYAML has it: the same events, twenty times as fast.
        return _Document(source).read(
            yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        )
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"{source}{line}: is not YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise ValueError(f"{source}: is not YAML: {' '.join(str(error).split())}.") from error


class _Document:
    """Puts events together, without recursion and without making any object but plain data."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._line = 0
        self._anchors: dict[str, Any] = {}
        self._documents = _List(None)
        self._open: list[_Mapping | _List] = [self._documents]

    def read(self, events: Iterable[Any]) -> Any:
        for event in events:
            self._line = event.start_mark.line + 1
            match event:
                case yaml.ScalarEvent():
                    self._scalar(event)
                case yaml.AliasEvent():
                    self._alias(event.anchor)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._start(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    done = self._open.pop()
                    self._put(done.items, done.anchor)
                case yaml.DocumentStartEvent() if self._documents.items:
                    raise self._error("begins a second document; a netlist is one")
        return self._documents.items[0] if self._documents.items else None

    def _scalar(self, event: Any) -> None:
        if event.tag is not None:
            raise self._error(f"the tag {event.tag!r} is not read (a netlist is plain data)")
        plain = event.implicit[0]
        here = self._open[-1]
        if not isinstance(here, _Mapping) or here.key is not None:
            self._put(self._value(event.value) if plain else event.value, event.anchor)
        elif plain and event.value == "<<":
            raise self._error("merge keys (<<) are not read. Write the entries out")
        elif event.value in here.items:
            raise self._error(
                f"{event.value!r} is there twice (the first would be lost; a port joins one other)"
            )
        else:
            here.key = event.value

    def _start(self, event: Any) -> None:
        if event.tag is not None:
            raise self._error(f"the tag {event.tag!r} is not read (a netlist is plain data)")
        self._refuse_as_key()
        if len(self._open) > MAX_DEPTH:
            raise self._error(f"is nested more than {MAX_DEPTH} levels deep")
        mapping = isinstance(event, yaml.MappingStartEvent)
        self._open.append(_Mapping(event.anchor) if mapping else _List(event.anchor))

    def _alias(self, anchor: str | None) -> None:
        self._refuse_as_key()
        if anchor is None or anchor not in self._anchors:
            raise self._error(f"the alias *{anchor} names nothing that is complete above it")
        self._put(self._anchors[anchor], None)

    def _put(self, value: Any, anchor: str | None) -> None:
        here = self._open[-1]
        if isinstance(here, _Mapping) and here.key is not None:
            here.items[here.key] = value
            here.key = None
        elif isinstance(here, _List):
            here.items.append(value)
        if anchor is not None:
            self._anchors[anchor] = value

    def _refuse_as_key(self) -> None:
        here = self._open[-1]
        if isinstance(here, _Mapping) and here.key is None:
            raise self._error(
                "a key must be text. For a value from the settings write ${settings.name}; "
                "templates in {{ }} are not read"
            )

    def _value(self, text: str) -> Any:
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        if _BASED.fullmatch(text):
            return int(text, 0)
        return float(text) if _FLOAT.fullmatch(text) else text

    def _error(self, message: str) -> ValueError:
        return ValueError(f"{self._source}, line {self._line}: {message}.")


class _Mapping:
    def __init__(self, anchor: str | None) -> None:
        self.anchor = anchor
        self.key: str | None = None
        self.items: dict[str, Any] = {}


class _List:
    def __init__(self, anchor: str | None) -> None:
        self.anchor = anchor
        self.items: list[Any] = []


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(
                f"{key!r} is there twice (the first would be lost; a port joins one other)."
            )
        found[key] = value
    return found
