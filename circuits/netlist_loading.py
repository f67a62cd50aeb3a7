"""Load a netlist: SAX's, a hierarchy of cells, or gdsfactory's ``.pic.yml``, made flat.

    top_level ┬ a: mzi ┬ left: coupler            a.left     coupler
              │        └ right: coupler     →     a.right    coupler
              └ b: coupler                        b          coupler

An instance whose component is a cell of the same file becomes that cell's instances, their names
joined by dots. Cells take settings in the two ways in use: a name of the cell's own ``settings``
replaces the value that ``${settings.name}`` puts in (gdsfactory), and the name of an instance of
the cell with a mapping replaces settings of that instance (SAX). A cell without any ``${…}`` was
written for settings already chosen (as gdsfactory exports it), so others are passed over there.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from circuits.netlist import Connection, Instance, Netlist, PortRef, near
from circuits.netlist_cell import MAX_INSTANCES, MAX_NAME, Cell, read_cell, section
from circuits.netlist_settings import filled, uses_settings
from circuits.netlist_text import read_document
from circuits.plain_data import Budget, plain

MAX_HIERARCHY = 32
"""Levels of cells in one another."""

_WHOLE = "netlist"
"""What errors call a netlist that is not a file."""

_TOP = "top_level"
"""The cell that SAX begins with wherever it stands."""


def load_netlist(
    source: str | PathLike[str] | Mapping[str, Any],
    *,
    top: str | None = None,
    components: Collection[str] = (),
) -> Netlist:
    """Load a netlist and write out its hierarchy and arrays.

    Parameters
    ----------
    source
        A file (``.json``, otherwise YAML such as ``.pic.yml``) or the same as a dictionary: one
        netlist (instances, connections, nets, routes, ports, settings, info) or cells
        ``{name: netlist}``. Placements and the rest of a layout are passed over; routes are
        wires of no length.
    top
        The cell to load; by default ``top_level`` or, where there is none, the first.
    components
        Names that stay components although a cell of that name is there, because a model
        describes it better than its parts. Cells without instances always do.

    Raises
    ------
    OSError
        Where the file cannot be read.
    ValueError
        Naming the file, the instance and the port, for anything that makes no circuit: see
        `circuits.netlist.Netlist`; a cell that contains itself; more than 100,000 instances.
    """
    document, origin, stem = _document(source)
    budget = Budget()
    document = plain(document, origin if origin == _WHOLE else f"{origin}: {_WHOLE}", budget)
    if not isinstance(document, dict) or not document:
        raise ValueError(
            f"{origin}: must be a netlist, a mapping with instances, connections and ports; "
            f"got {'nothing' if not document else type(document).__name__}."
        )
    if "instances" in document:
        cells = {"": document}
        name = document.get("name") or stem
    else:
        cells = document
        name = _top(cells, top, origin)
        top = name
    if "" in cells and top not in (None, document.get("name")):
        raise ValueError(
            f"{origin}: there is no cell {top!r}, only one netlist without cells. Leave out top."
        )
    if not isinstance(name, str):
        raise ValueError(f"{origin}: name must be text; got {name!r}.")
    library = _Library(cells, origin, frozenset(components), budget)
    return library.flat("" if "" in cells else name, name)


def _document(source: str | PathLike[str] | Mapping[str, Any]) -> tuple[Any, str, str]:
    """Content, name for errors, and name for the circuit."""
    if isinstance(source, Mapping):
        return source, _WHOLE, ""
    if isinstance(source, str) and "\n" in source:
        raise ValueError(
            "source must be a file or a dictionary; got a text of several lines. "
            "For a netlist in YAML write it to a file."
        )
    if not isinstance(source, (str, PathLike)):
        raise ValueError(
            f"source must be a file or a dictionary; got {type(source).__name__}. "
            f"For a gdsfactory component write load_netlist(component.get_netlist())."
        )
    path = Path(source)
    return read_document(path), str(path), path.name.removesuffix(path.suffix).removesuffix(".pic")


def _top(cells: Mapping[str, Any], top: str | None, origin: str) -> str:
    if not any(isinstance(cell, dict) and "instances" in cell for cell in cells.values()):
        raise ValueError(
            f"{origin}: must have instances, or be cells that have them; got the keys "
            f"{', '.join(map(repr, list(cells)[:8]))}."
        )
    if top is None:
        return _TOP if _TOP in cells else next(iter(cells))
    if top not in cells:
        raise ValueError(f"{origin}: there is no cell {top!r}.{near(top, cells)}")
    return top


@dataclass
class _Flat:
    """The circuit as it grows."""

    instances: dict[str, Instance] = field(default_factory=dict)
    connections: list[Connection] = field(default_factory=list)


class _Library:
    """The cells of one file, and the circuit that comes of putting them into each other."""

    def __init__(
        self, cells: Mapping[str, Any], origin: str, components: frozenset[str], budget: Budget
    ) -> None:
        self._documents = cells
        self._origin = origin
        self._components = components
        self._budget = budget
        self._size = Budget()
        self._read: dict[str, Cell] = {}

    def flat(self, top: str, name: str) -> Netlist:
        cell = self._cell(top, {})
        flat = _Flat()
        ports = self._place(cell, "", (top,), flat)
        return Netlist(
            instances=flat.instances,
            connections=tuple(flat.connections),
            ports=ports,
            name=name,
            settings=cell.settings,
            info=cell.info,
            source=self._origin,
        )

    def _place(
        self, cell: Cell, prefix: str, chain: tuple[str, ...], flat: _Flat
    ) -> dict[str, PortRef]:
        """Add a cell's content to ``flat``; return where its ports are."""
        size = len(cell.instances) + len(cell.connections) + len(cell.ports)
        self._size.spend(size, self._origin)
        inner: dict[str, dict[str, PortRef]] = {}
        for name, instance in cell.instances.items():
            full = prefix + name
            if self._is_cell(instance.component):
                below = self._below(full, instance, chain)
                inner[name] = self._place(below, f"{full}.", (*chain, instance.component), flat)
            elif full in flat.instances:
                raise ValueError(
                    f"{self._origin}: instance {full!r} is there twice, by itself and in a cell "
                    f"(names of a hierarchy are joined by dots). Rename one."
                )
            else:
                self._make_room(flat)
                flat.instances[full] = instance

        def found(ref: PortRef) -> PortRef:
            name, port = ref
            if name not in inner:
                return prefix + name, port
            if port not in inner[name]:
                raise ValueError(
                    f"{self._where(chain[-1])}instance {name!r}: its cell "
                    f"{cell.instances[name].component!r} has no port {port!r}."
                    f"{near(port, inner[name])}"
                )
            return inner[name][port]

        flat.connections += [(found(a), found(b)) for a, b in cell.connections]
        return {port: found(ref) for port, ref in cell.ports.items()}

    def _below(self, full: str, instance: Instance, chain: tuple[str, ...]) -> Cell:
        if instance.component in chain:
            circle = " → ".join((*chain[chain.index(instance.component) :], instance.component))
            raise ValueError(
                f"{self._origin}: instance {full!r}: a cell contains itself: {circle}."
            )
        if len(chain) >= MAX_HIERARCHY:
            raise ValueError(
                f"{self._origin}: instance {full[:MAX_NAME]!r}: cells are more than "
                f"{MAX_HIERARCHY} deep in one another."
            )
        return self._cell(instance.component, instance.settings)

    def _is_cell(self, component: str) -> bool:
        if component in self._components or component not in self._documents:
            return False
        document = self._documents[component]
        return isinstance(document, dict) and bool(document.get("instances"))

    def _cell(self, name: str, settings: Mapping[str, Any]) -> Cell:
        """Read a cell, once for all of its instances that change nothing in it."""
        where = self._where(name)
        document = self._documents[name]
        if not isinstance(document, dict):
            raise ValueError(f"{where}must be a netlist, a mapping with instances and ports.")
        changed = self._changed(document, settings, where)
        if changed is None and name in self._read:
            return self._read[name]
        cell = read_cell(self._filled(changed or document, where), where)
        if changed is None:
            self._read[name] = cell
        return cell

    def _changed(
        self, document: dict[str, Any], settings: Mapping[str, Any], where: str
    ) -> dict[str, Any] | None:
        """Return the cell with the settings of one of its instances, None if that is the same."""
        own = section(document, "settings", where)
        parts = section(document, "instances", where)
        inside = {
            key: value
            for key, value in settings.items()
            if key in parts and isinstance(value, Mapping)
        }
        outside = {key: value for key, value in settings.items() if key not in inside}
        replaced = {key: value for key, value in outside.items() if key in own}
        strangers = [key for key in outside if key not in own]
        if strangers and uses_settings(document):
            raise ValueError(
                f"{where}there is no setting {strangers[0]!r} to replace."
                f"{near(strangers[0], list(own))}"
            )
        if not inside and all(own[key] == value for key, value in replaced.items()):
            return None
        # A copy of the cell is made and read for this instance: it is counted like the first.
        plain(document, where.rstrip(": "), self._budget)
        instances = {
            key: _with_settings(part, inside.get(key), f"{where}instance {key!r}: ")
            for key, part in parts.items()
        }
        return {**document, "settings": {**own, **replaced}, "instances": instances}

    def _filled(self, document: dict[str, Any], where: str) -> dict[str, Any]:
        if not uses_settings(document):
            return document
        own = section(document, "settings", where)
        done: dict[str, Any] = filled(document, own, where, self._budget)
        return done

    def _make_room(self, flat: _Flat) -> None:
        if len(flat.instances) >= MAX_INSTANCES:
            raise ValueError(
                f"{self._origin}: more than {MAX_INSTANCES:,} instances once the hierarchy is "
                f"written out (a limit against runaway arrays and hierarchies)."
            )

    def _where(self, cell: str) -> str:
        return f"{self._origin}: cell {cell!r}: " if cell else f"{self._origin}: "


def _with_settings(part: Any, settings: Any, where: str) -> Any:
    if settings is None:
        return part
    if isinstance(part, str):
        part = {"component": part}
    return {**part, "settings": _merged(section(part, "settings", where), settings)}


def _merged(old: dict[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Replace what ``new`` names, mapping within mapping."""
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        both = isinstance(before, dict) and isinstance(value, Mapping)
        merged[key] = _merged(before, value) if both and before is not None else value
    return merged
