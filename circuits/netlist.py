"""A flat netlist: which components there are, which ports are joined, which lead outside.

    in ──o1┌────┐o2 ─── o1┌────┐o2── out      instances    {wg1: straight, wg2: straight}
           │wg1 │         │wg2 │              connections  ((wg1, o2), (wg2, o1))
           └────┘         └────┘              ports        {in: (wg1, o1), out: (wg2, o2)}

A port joins one other port or leads outside; light that goes two ways needs a coupler. Hierarchy
and arrays are already written out: ``ring.coupler`` is the coupler inside ``ring``, ``wg<2.0>``
the element of column 2 and row 0 of the array ``wg``. Files are read by
`circuits.netlist_loading.load_netlist`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Any

from circuits.netlist_arrays import gathered
from circuits.plain_data import plain

PortRef = tuple[str, str]
"""The port of an instance: (instance, port)."""

Connection = tuple[PortRef, PortRef]


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One use of a component, with its settings."""

    component: str
    """Name of the component; what it is, is known to whoever simulates the netlist."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    """Values of the component's parameters, plain data (NumPy arrays become lists)."""

    info: Mapping[str, Any] = field(default_factory=dict)
    """What a layout tool noted about the instance (gdsfactory); kept, not simulated."""

    def __post_init__(self) -> None:
        component: Any = self.component
        if not isinstance(component, str) or not component.strip():
            raise ValueError(
                f"component must be the name of a component; got {component!r}. "
                f'For example write component="Waveguide".'
            )
        for name in ("settings", "info"):
            value = getattr(self, name)
            if not isinstance(value, Mapping):
                raise ValueError(f"{name} must map names to values; got {value!r}.")
            object.__setattr__(self, name, plain(value, name))


@dataclass(frozen=True, kw_only=True)
class Netlist:
    """A flat circuit; validated, and equal to another one of the same content."""

    instances: Mapping[str, Instance]
    """The components by name, in order."""

    connections: tuple[Connection, ...] = ()
    """Pairs of joined ports. A connection is a wire of no length and no loss."""

    ports: Mapping[str, PortRef] = field(default_factory=dict)
    """The circuit's own ports by name, in order, and the port of an instance that each is."""

    name: str = ""
    """Name of the circuit."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    """The circuit's own settings, already put in where the instances' settings use them."""

    info: Mapping[str, Any] = field(default_factory=dict)
    """Notes on the circuit; kept, not simulated."""

    source: str = field(default="", compare=False)
    """Where it was read, for errors."""

    def __post_init__(self) -> None:
        for name in ("instances", "ports"):
            if not isinstance(getattr(self, name), Mapping):
                raise ValueError(f"{self.where}{name} must be a mapping with names as keys.")
            object.__setattr__(self, name, dict(getattr(self, name)))
        for name in ("settings", "info"):
            object.__setattr__(self, name, plain(getattr(self, name), f"{self.where}{name}"))
        for name, instance in self.instances.items():
            check_name(name, f"{self.where}instance")
            if not isinstance(instance, Instance):
                raise ValueError(
                    f"{self.where}instance {name!r} must be an Instance; got "
                    f"{type(instance).__name__}. For a SAX netlist write load_netlist(...)."
                )
        pairs = tuple((_ref(a, self.where), _ref(b, self.where)) for a, b in self.connections)
        object.__setattr__(self, "connections", pairs)
        ports = {port: _ref(ref, self.where) for port, ref in self.ports.items()}
        object.__setattr__(self, "ports", ports)
        check_wiring(self.instances, pairs, ports, self.where)

    @property
    def where(self) -> str:
        """Beginning of an error about this netlist: its source, or its name, and a colon."""
        return f"{self.source or self.name or 'netlist'}: "

    def check(self, ports_of: Callable[[Instance], Collection[str]]) -> None:
        """Hold every port that is connected or exported against the ports a component has.

        Parameters
        ----------
        ports_of
            Gives the names of an instance's ports. Its ValueError (an unknown component, a
            setting out of range) is passed on with the file and the instance named.

        Raises
        ------
        ValueError
            Naming the file, the instance, the port, and the ports that are near.
        """
        has = {name: self._ports(name, ports_of) for name in self.instances}
        for instance, port in self._used():
            if port not in has[instance]:
                raise ValueError(
                    f"{self.where}instance {instance!r} ({self.instances[instance].component}) "
                    f"has no port {port!r}.{near(port, has[instance])}"
                )

    def to_netlist(self) -> dict[str, Any]:
        """Write SAX's form: a new dictionary of plain data, which YAML and JSON can hold.

        Complete arrays are written as arrays, as SAX expects them. ``load_netlist`` of the result
        equals this netlist, in the same order.
        SAX's own ``circuit`` takes instance names as Python keywords; for it, write
        something else for the dots that join the names of a hierarchy.
        """
        written: dict[str, Any] = {"name": self.name} if self.name else {}
        for name in ("settings", "info"):
            if getattr(self, name):
                written[name] = plain(getattr(self, name), name)
        written["instances"] = {
            name: _written(instance, shape)
            for name, (instance, shape) in gathered(self.instances).items()
        }
        written["connections"] = {",".join(a): ",".join(b) for a, b in self.connections}
        written["ports"] = {port: ",".join(ref) for port, ref in self.ports.items()}
        return written

    def _used(self) -> Iterable[PortRef]:
        for pair in self.connections:
            yield from pair
        yield from self.ports.values()

    def _ports(self, name: str, ports_of: Callable[[Instance], Collection[str]]) -> Collection[str]:
        try:
            return ports_of(self.instances[name])
        except ValueError as error:
            raise ValueError(f"{self.where}instance {name!r}: {error}") from error


def check_wiring(
    instances: Collection[str],
    connections: Iterable[Connection],
    ports: Mapping[str, PortRef],
    where: str,
) -> None:
    """Refuse ports of instances that do not exist and ports that are used twice.

    ``where`` begins the error; see `Netlist.where`.
    """
    used: dict[PortRef, str] = {}
    for a, b in connections:
        if a == b:
            raise ValueError(
                f"{where}port {_text(a)} is connected to itself (a wire has two ends). "
                f"For a mirror write an instance of a mirror."
            )
        for end, other in ((a, b), (b, a)):
            _check_instance(end, instances, where, f"connection {_text(a)} to {_text(b)}")
            if end in used:
                raise ValueError(
                    f"{where}port {_text(end)} is connected twice, {used[end]} and to "
                    f"{_text(other)} (light cannot go both ways). Put a coupler between them."
                )
            used[end] = f"to {_text(other)}"
    for port, ref in ports.items():
        check_name(port, f"{where}port")
        _check_instance(ref, instances, where, f"port {port!r}")
        if ref in used:
            both = "exported twice" if used[ref].startswith("as") else "connected and exported"
            raise ValueError(
                f"{where}port {_text(ref)} is {both}: {used[ref]} and as {port!r} (a port leads "
                f"to one place). To look inside a circuit put a coupler or a probe there."
            )
        used[ref] = f"as {port!r}"


def check_name(name: object, what: str) -> None:
    """Refuse a name that could not be written as "instance,port"; ``what`` begins the error."""
    if not isinstance(name, str) or not name or name != name.strip() or "," in name:
        raise ValueError(
            f"{what} names must be text without commas and without blanks at the ends "
            f'("instance,port" is how a port is written); got {name!r}.'
        )


def near(name: str, known: Collection[str]) -> str:
    """End of an error about a name that is not known: the near ones, or all of a few."""
    close = get_close_matches(name, islice(known, 2000), n=3)  # slow: a millisecond for fifty
    if close:
        return f" Near: {', '.join(map(repr, close))}."
    if not known:
        return " There are none."
    some = list(known)[:12]
    more = f" and {len(known) - len(some)} more" if len(known) > len(some) else ""
    return f" There are {', '.join(map(repr, some))}{more}."


def _check_instance(ref: PortRef, instances: Collection[str], where: str, use: str) -> None:
    if ref[0] in instances:
        return
    if f"{ref[0]}<0.0>" in instances:
        raise ValueError(
            f"{where}{use}: instance {ref[0]!r} is an array (its elements have the ports). "
            f"Write '{ref[0]}<0.0>,{ref[1]}' for the element of column 0 and row 0."
        )
    raise ValueError(
        f"{where}{use}: there is no instance {ref[0]!r} that could have port {ref[1]!r}."
        f"{near(ref[0], instances)}"
    )


def _ref(ref: Any, where: str) -> PortRef:
    if isinstance(ref, str) or len(ref) != 2:
        raise ValueError(
            f"{where}a port must be a pair (instance, port); got {ref!r}. "
            f"For SAX's form write load_netlist(...)."
        )
    for part in ref:
        check_name(part, f"{where}instance and port")
    return (ref[0], ref[1])


def _text(ref: PortRef) -> str:
    return f"'{ref[0]},{ref[1]}'"


def _written(instance: Instance, shape: tuple[int, int] | None) -> dict[str, Any]:
    written: dict[str, Any] = {"component": instance.component}
    for name in ("settings", "info"):
        if getattr(instance, name):
            written[name] = plain(getattr(instance, name), name)
    if shape is not None:
        written["array"] = {"columns": shape[0], "rows": shape[1]}
    return written
