"""A circuit taken apart: its parts, their ports numbered, what joins them.

Compositions fall into their parts here, so that the solvers never meet one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from circuits.component import Component, Composition, Domain
from circuits.component_wiring import Wiring
from circuits.components import CircuitError
from circuits.netlist import PortRef, near


class Part(NamedTuple):
    """One part of a circuit."""

    instance: str
    """The instance it belongs to."""

    name: str
    """Its name within a composition, empty where the instance is one part."""

    component: Component
    first_port: int
    """Number of its first port; the others follow."""


@dataclass(frozen=True)
class Layout:
    """All parts of a circuit and their wiring."""

    parts: tuple[Part, ...]
    wiring: Wiring
    places: Mapping[PortRef, int]
    """Number of each port of each instance."""

    where: str = ""
    """Beginning of errors, see `Netlist.where`."""

    def with_parts(self, parts: Mapping[tuple[str, str], Part]) -> "Layout":
        """Return the layout with some parts, by instance and name, exchanged."""
        exchanged = tuple(parts.get((it.instance, it.name), it) for it in self.parts)
        return replace(self, parts=exchanged)

    def place(self, instance: str, port: str, use: str) -> int:
        """Return the number of the port of an instance, which ``use`` names."""
        return _number(self.places, (instance, port), use, self.where)

    @property
    def domains(self) -> tuple[Domain, ...]:
        """What the waves at each numbered port are."""
        return tuple(domain for part in self.parts for domain in part.component.domains)

    def owner(self, port: int) -> str:
        """Return the instance that a numbered port belongs to, for messages."""
        last = [part for part in self.parts if part.first_port <= port][-1]
        return last.instance


def lay_out(
    components: Mapping[str, Component],
    connections: Sequence[tuple[PortRef, PortRef]],
    ports: Sequence[tuple[str, PortRef]],
    where: str = "",
) -> Layout:
    """Number the parts of all components and join them.

    Parameters
    ----------
    components : mapping
        The component of each instance.
    connections : sequence of pairs of (instance, port)
        Joined ports.
    ports : sequence of (name, (instance, port))
        Ports of the circuit, in order.
    where : str
        Beginning of errors, see `Netlist.where`.

    Raises
    ------
    CircuitError
        Where an instance or a port does not exist, a port is used twice, or what is joined is an
        optical and an electrical port, two inputs or two outputs.
    """
    parts: list[Part] = []
    pairs: list[tuple[int, int]] = []
    numbers: dict[PortRef, int] = {}
    count = 0
    for instance, component in components.items():
        if isinstance(component, Composition):
            inner = component.wiring
            parts += [
                Part(instance, name, part, count + start)
                for (name, part), start in zip(
                    component.parts.items(), component.starts, strict=True
                )
            ]
            pairs += [
                (count + int(port), count + int(other))
                for port, other in enumerate(inner.partner)
                if port < other
            ]
            exposed = inner.external.tolist()
            size = inner.n_ports
        else:
            parts.append(Part(instance, "", component, count))
            size = len(component.ports)
            exposed = list(range(size))
        for port, number in zip(component.ports, exposed, strict=True):
            numbers[instance, port] = count + number
        count += size

    directions = [way for part in parts for way in part.component.directions.T.tolist()]
    uses: dict[int, str] = {}

    def take(place: PortRef, use: str) -> int:
        number = _number(numbers, place, use, where)
        if number in uses:
            raise CircuitError(
                f"{where}port {place[1]!r} of instance {place[0]!r} is used twice, by "
                f"{uses[number]} and by {use} (a port may have two names). Join light with a "
                f"coupler or a splitter."
            )
        uses[number] = use
        return number

    for first, second in connections:
        use = f"the connection of '{','.join(first)}' and '{','.join(second)}'"
        pairs.append((take(first, use), take(second, use)))
        kinds = [_domain(components[instance], port) for instance, port in (first, second)]
        if kinds[0] != kinds[1]:
            raise CircuitError(
                f"{where}{use} joins an {kinds[0]} port to an {kinds[1]} one (light is no "
                f"voltage). Put a detector or a modulator between them."
            )
        _check_ends([directions[numbers[it]] for it in (first, second)], f"{where}{use}")
    external = [take(place, f"the circuit's port {name!r}") for name, place in ports]
    return Layout(tuple(parts), Wiring.of(count, pairs, external), numbers, where)


def _number(places: Mapping[PortRef, int], place: PortRef, use: str, where: str) -> int:
    if place in places:
        return places[place]
    instance, port = place
    known = [it for owner, it in places if owner == instance]
    if not known:
        instances = dict.fromkeys(owner for owner, _ in places)
        raise CircuitError(
            f"{where}there is no instance {instance!r}, which {use} names."
            f"{near(instance, instances)}"
        )
    raise CircuitError(
        f"{where}instance {instance!r} has no port {port!r}, which {use} names.{near(port, known)}"
    )


def _check_ends(directions: list[tuple[bool, bool]], connection: str) -> None:
    """Refuse a connection from which nothing comes, or in which everything is lost."""
    if not all(any(ends) for ends in directions):  # an absorber is meant to
        return
    takes, sends = (any(way) for way in zip(*directions, strict=True))
    if not sends:
        raise CircuitError(
            f"{connection} joins two inputs (nothing ever comes out of either). Put the output of "
            f"a part between them, or name the inputs as ports of the circuit."
        )
    if not takes:
        raise CircuitError(
            f"{connection} joins two outputs (neither takes what the other sends). Add signals by "
            f"an 'adder', light by a 'coupler', or turn one of them round."
        )


def _domain(component: Component, port: str) -> Domain:
    return component.domains[component.ports.index(port)]


def alike(first: Component, second: Component) -> bool:
    """Whether two components have the same ports, and parts wired in the same way."""
    if first.ports != second.ports or type(first) is not type(second):
        return False
    if isinstance(first, Composition) and isinstance(second, Composition):
        return (
            first.connections == second.connections
            and first.exposed == second.exposed
            and list(first.parts) == list(second.parts)
            and all(alike(first.parts[name], second.parts[name]) for name in first.parts)
        )
    return True
