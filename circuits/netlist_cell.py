"""One cell of a netlist as its file writes it: SAX's form or gdsfactory's, parts and wires.

    instances:                        connections:            ports:
      ring: {component: ring}           ring,o2: wg<0.0>,o1     in: ring,o1
      wg:
        component: straight           nets:                   routes:
        settings: {length: 1.0e-5}      - p1: wg<0.0>,o2        bundle:
        array: {columns: 2, rows: 1}      p2: wg<1.0>,o1          links: {…: …}

Connections, nets and the links of routes say the same: two ports are joined. What a layout adds
(placements, the width of a route) is not simulated and is not kept.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from circuits.netlist import Connection, Instance, PortRef, check_name, check_wiring, near
from circuits.netlist_arrays import element_names

MAX_INSTANCES = 100_000
"""Instances of one flat circuit, the elements of arrays counted."""

MAX_CONNECTIONS = 1_000_000
"""Connections of one cell, the ports of a link counted."""

MAX_NAME = 200
"""Characters of a name that a file gives; a hierarchy joins some of them."""

_SECTIONS = ("name", "instances", "connections", "nets", "routes", "ports", "settings", "info")
_LAYOUT = ("placements", "pdk", "warnings", "schema", "schema_version", "labels")
_INSTANCE = ("component", "settings", "info", "array", "na", "nb")
_INSTANCE_LAYOUT = ("virtual", "dax", "day", "dbx", "dby")
_COLUMNS = ("columns", "num_a", "na")
_ROWS = ("rows", "num_b", "nb")
_PITCH = ("column_pitch", "row_pitch", "pitch_a", "pitch_b", "pitch", "spacing")
_RANGE = re.compile(r"(?P<stem>[^:]*):(?P<first>\d{1,4}):(?P<last>\d{1,4})")


@dataclass(frozen=True)
class Cell:
    """A circuit that may still contain other circuits."""

    instances: Mapping[str, Instance]
    """By name, the elements of arrays one by one."""

    connections: tuple[Connection, ...]
    ports: Mapping[str, PortRef]
    settings: Mapping[str, Any] = field(default_factory=dict)
    info: Mapping[str, Any] = field(default_factory=dict)


def read_cell(document: Mapping[str, Any], where: str) -> Cell:
    """Read and validate one cell; ``where`` (file and cell, a colon) begins the errors."""
    _only(document, (*_SECTIONS, *_LAYOUT), f"{where}section")
    instances: dict[str, Instance] = {}
    for name, written in section(document, "instances", where).items():
        check_name(name, f"{where}instance")
        if len(name) > MAX_NAME:
            raise ValueError(f"{where}instance {name[:20]!r}… has more than {MAX_NAME} letters.")
        for element, instance in _elements(name, written, f"{where}instance {name!r}"):
            if element in instances:
                raise ValueError(
                    f"{where}instance {element!r} is there twice, by itself and in an array. "
                    f"Rename one."
                )
            instances[element] = instance
        _limit(len(instances), where)
    if not instances:
        raise ValueError(f"{where}has no instances (a circuit is made of them).")
    connections = tuple(islice(_connections(document, where), MAX_CONNECTIONS + 1))
    if len(connections) > MAX_CONNECTIONS:
        raise ValueError(f"{where}has more than {MAX_CONNECTIONS:,} connections.")
    ports = {
        port: port_ref(ref, f"{where}port {port!r}")
        for port, ref in section(document, "ports", where).items()
    }
    check_wiring(instances, connections, ports, where)
    return Cell(
        instances,
        connections,
        ports,
        section(document, "settings", where),
        section(document, "info", where),
    )


def section(document: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    """Return a mapping under ``key``, empty where there is none; ValueError for anything else."""
    value = document.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{where}{key} must be a mapping (name: …); got {_shown(value)}.")
    return value


def port_ref(text: Any, where: str) -> PortRef:
    """Split "instance,port"; ``where`` begins the error."""
    parts = [part.strip() for part in text.split(",")] if isinstance(text, str) else []
    if len(parts) != 2 or not all(parts):
        raise ValueError(f'{where}: must be written "instance,port"; got {_shown(text)}.')
    return (parts[0], parts[1])


def _elements(name: str, written: Any, where: str) -> Iterator[tuple[str, Instance]]:
    if isinstance(written, str):
        written = {"component": written}
    if not isinstance(written, dict):
        raise ValueError(
            f"{where} must be the name of a component, or a mapping with component and settings; "
            f"got {_shown(written)}."
        )
    _only(written, (*_INSTANCE, *_INSTANCE_LAYOUT), f"{where}: entry")
    component = written.get("component")
    if not isinstance(component, str):
        raise ValueError(
            f"{where}: component must be the name of a component; got {_shown(component)}."
        )
    settings, info = (section(written, key, f"{where}: ") for key in ("settings", "info"))
    try:
        instance = Instance(component=component, settings=settings, info=info)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    shape = _shape(written, where)
    if shape is None:
        yield name, instance
    else:
        _limit(shape[0] * shape[1], f"{where}: ")
        for element in element_names(name, *shape):
            yield element, instance


def _shape(written: Mapping[str, Any], where: str) -> tuple[int, int] | None:
    """Columns and rows of an array, None for a single instance."""
    array = written.get("array")
    if array is None:
        # gdsfactory before arrays: na and nb beside the component, 1 for a single instance.
        array = {key: written[key] for key in ("na", "nb") if written.get(key, 1) != 1}
        if not array:
            return None
    if not isinstance(array, dict):
        raise ValueError(f"{where}: array must be a mapping; got {_shown(array)}.")
    _only(array, (*_COLUMNS, *_ROWS, *_PITCH), f"{where}: array: entry")
    return _count(array, _COLUMNS, where), _count(array, _ROWS, where)


def _count(array: Mapping[str, Any], keys: tuple[str, ...], where: str) -> int:
    given = [array[key] for key in keys if key in array]
    count = given[0] if given else 1
    if type(count) is not int or count < 1 or len(given) > 1:
        raise ValueError(
            f"{where}: array: {keys[0]} must be one whole number of at least 1; got "
            f"{', '.join(map(_shown, given))}. For example write {keys[0]}: 2."
        )
    return count


def _connections(document: Mapping[str, Any], where: str) -> Iterator[Connection]:
    for a, b in section(document, "connections", where).items():
        yield port_ref(a, f"{where}connection"), port_ref(b, f"{where}connection from {a!r}")
    nets = document.get("nets") or []
    if not isinstance(nets, list):
        raise ValueError(f"{where}nets must be a list of p1 and p2; got {_shown(nets)}.")
    for index, net in enumerate(nets):
        if not isinstance(net, dict) or not {"p1", "p2"} <= net.keys():
            raise ValueError(f"{where}nets[{index}] must have p1 and p2; got {_shown(net)}.")
        yield (
            port_ref(net["p1"], f"{where}nets[{index}].p1"),
            port_ref(net["p2"], f"{where}nets[{index}].p2"),
        )
    for bundle, route in section(document, "routes", where).items():
        at = f"{where}route {bundle!r}"
        if not isinstance(route, dict) or "links" not in route:
            raise ValueError(f"{at} must have links; got {_shown(route)}.")
        for a, b in section(route, "links", f"{at}: ").items():
            yield from _link(port_ref(a, f"{at}: link"), port_ref(b, f"{at}: link {a!r}"), at)


def _link(a: PortRef, b: PortRef, where: str) -> Iterator[Connection]:
    """Connections of a link, one for each port of ``o:1:3`` (gdsfactory: o1, o2, o3)."""
    ports = [_port_range(port) for _, port in (a, b)]
    if len(ports[0]) != len(ports[1]):
        raise ValueError(
            f"{where}: link '{a[0]},{a[1]}' has {len(ports[0])} ports and '{b[0]},{b[1]}' has "
            f"{len(ports[1])}; a link joins them one to one."
        )
    for start, end in zip(*ports, strict=True):
        yield (a[0], start), (b[0], end)


def _port_range(port: str) -> list[str]:
    match = _RANGE.fullmatch(port)
    if match is None:
        return [port]
    first, last = int(match["first"]), int(match["last"])
    step = 1 if last >= first else -1
    return [f"{match['stem']}{index}" for index in range(first, last + step, step)]


def _only(written: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in written:
        if key not in known:
            raise ValueError(f"{where} {key!r} is not known.{near(key, known)}")


def _limit(instances: int, where: str) -> None:
    if instances > MAX_INSTANCES:
        raise ValueError(
            f"{where}more than {MAX_INSTANCES:,} instances (a limit against runaway arrays and "
            f"hierarchies); got {instances:,} or more."
        )


def _shown(value: Any) -> str:
    """A value in an error, not longer than a line; collections by their kind."""
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
