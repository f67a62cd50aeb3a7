"""A laid-out circuit as what remembers, what is nonlinear, and the linear map between them.

What the circuit remembers (delays, states of modes) and what its operations give are sources, as
its inputs are; in no time they make what leaves and what enters memories and operations
(`circuits.transient_relations`, `circuits.transient_map`). An operation waits for what enters it,
so rows and operations have an order; a loop without delay through an operation has none and is
refused. What no light reaches, and what reaches no wanted port, is left out: it is dark, or unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from circuits.circuit_layout import Layout, Part
from circuits.component import Line, Memoryless
from circuits.component_modes import Modes
from circuits.component_nonlinear import Nonlinear
from circuits.components import CircuitError
from circuits.s_parameters import SParameters
from circuits.transient_delays import Taps, shortest, taps_of
from circuits.transient_map import InstantMap, SingularLoopError, reduce_rows
from circuits.transient_op_kernels import Op
from circuits.transient_relations import WAYS, Entry, Relations, Waves, emitting

_LONGEST = 10**8
"""Samples in one line, 1.6 GB a row of the batch."""


class Delay(NamedTuple):
    """A line in one direction."""

    part: int
    source: int
    """What comes out of it, as a wave."""

    entry: int
    """The row that goes into it."""

    taps: Taps


class State(NamedTuple):
    """A mode: ξ[n + 1] = keep ξ[n] + drive[n]."""

    part: int
    number: int
    """Within the part."""

    source: int
    drive: int
    """The row that drives it."""

    keep: complex


class Operation(NamedTuple):
    """A nonlinear part, or one direction of it.

    Its waves are given by port, None where there is no light or nobody looks.
    """

    part: int
    component: Nonlinear
    entries: tuple[int | None, ...]
    sources: tuple[int | None, ...]


@dataclass(frozen=True)
class Network:
    """Memories, operations and the map between them, of one circuit about one carrier."""

    parts: tuple[Part, ...]
    """All parts, described at the carrier."""

    dt: float
    delays: tuple[Delay, ...]
    states: tuple[State, ...]
    operations: tuple[Operation, ...]
    inputs: dict[int, int]
    """Each lit port → source."""

    outputs: dict[int, int]
    """Each wanted port that light leaves → row."""

    map: InstantMap
    stages: tuple[tuple[int, ...], ...]
    """Rows in order: those that the first operation needs, the second, …, and the rest."""

    origins: dict[tuple[int, int], Entry]
    """Which number of which part each entry of the unreduced map is."""


def build_network(
    layout: Layout,
    *,
    dt: float,
    frequency: float,
    order: int,
    lit: Sequence[int],
    wanted: Sequence[int],
) -> Network:
    """Reduce a layout to memories, operations and a map.

    Parameters
    ----------
    layout : Layout
    dt : float (s)
        Length of a sample.
    frequency : float (Hz)
        Of the carrier.
    order : int
        Of the fractional delays, see `circuits.transient_delays`.
    lit : sequence of int
        Numbers of the circuit's ports with light.
    wanted : sequence of int
        Numbers of ports of any part; what leaves them is to be seen.

    Raises
    ------
    CircuitError
        Where a part exists in frequency only, a delay is too short, a loop without delay returns
        all of its light or leads through a nonlinear part.
    """
    parts = tuple(_at_carrier(part, frequency, layout.where) for part in layout.parts)
    waves = Waves(layout, wanted)
    relations = Relations(parts, waves, dt)
    rows = relations.rows
    ends = {port: waves.end(port) for port in wanted}
    for port, end in ends.items():
        inner = waves.leaving(port)
        if inner is not None and inner != end:  # a probe of light that goes on to another part
            rows[end] = {inner: 1.0}
    kept = relations.kept(lit, ends.values())
    rows = {
        row: {source: value for source, value in of.items() if source in kept}
        for row, of in rows.items()
        if row in kept
    }
    try:
        reduced = reduce_rows(rows, waves.between)
    except SingularLoopError as caught:
        owners = ", ".join(dict.fromkeys(repr(layout.owner(port)) for port in caught.members))
        raise CircuitError(
            f"{layout.where}a loop without delay through {owners} returns all of its light (its "
            f"fields have no value, in no time they would grow without bound). Give the loop a "
            f"loss, a way out, or a line with a delay."
        ) from caught
    operations, stages = _ordered(_operations(parts, waves, kept), reduced, layout)
    return Network(
        parts=parts,
        dt=dt,
        delays=tuple(
            Delay(part, source, entry, _taps(parts[part], dt, order, layout.where))
            for part, entry, source in relations.delays
            if entry in kept
        ),
        states=tuple(
            State(part, number, waves.state(i), waves.drive(i), keep)
            for i, (part, number, keep) in enumerate(relations.modes)
            if waves.drive(i) in kept
        ),
        operations=operations,
        inputs={port: port for port in lit if port in kept},
        outputs={port: end for port, end in ends.items() if end in reduced.rows},
        map=reduced,
        stages=stages,
        origins=relations.origins,
    )


def _operations(parts: Sequence[Part], waves: Waves, kept: set[int]) -> list[Operation]:
    found = []
    for number, part in enumerate(parts):
        if isinstance(part.component, Nonlinear):
            for into, out in _shares(part.component):
                entries = [
                    waves.entry(part.first_port + i) if i in into else None for i in range(3)
                ]
                sources = [waves.made(part.first_port + i) if i in out else None for i in range(2)]
                entries = [it if it in kept else None for it in entries]
                sources = [it if it in kept else None for it in sources]
                if any(it is not None for it in sources):
                    share = Operation(number, part.component, tuple(entries), tuple(sources))
                    found.append(share)
    return found


def _shares(component: Nonlinear) -> list[tuple[set[int], set[int]]]:
    """Ports (in, out) of what can be applied one after the other.

    A gate treats each direction by itself, so that what a mirror behind it returns is no loop.
    """
    if component.op in (Op.EXPONENTIAL, Op.PRODUCT):
        return [({0, 2}, {1}), ({1, 2}, {0})]
    needs = WAYS[component.op].needs
    return [({into for into, _ in needs}, {out for _, out in needs} | set(emitting(component)))]


def _ordered(
    operations: list[Operation], reduced: InstantMap, layout: Layout
) -> tuple[tuple[Operation, ...], tuple[tuple[int, ...], ...]]:
    """Operations in an order in which each has what it needs, and the rows before each."""
    rows = reduced.rows
    if not operations:
        return (), (tuple(rows),)
    maker = {source: -1 - i for i, it in enumerate(operations) for source in it.sources}
    graph = {
        row: [maker.get(source, source) for source in of if source in maker or source in rows]
        for row, of in rows.items()
    }
    graph |= {
        -1 - i: [it for it in op.entries if it is not None] for i, op in enumerate(operations)
    }
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as caught:
        ring = [operations[-1 - it] for it in caught.args[1] if it < 0]
        names = ", ".join(dict.fromkeys(repr(layout.parts[it.part].instance) for it in ring))
        raise CircuitError(
            f"{layout.where}a loop without delay leads through {names} (what a nonlinear part "
            f"sends would depend on itself in no time, which may have no solution, or many). Put "
            f"a line with a delay into the loop, or a finite bandwidth that is read before it "
            f"acts, as Modes of reading='held'."
        ) from caught
    found, stages = [], []
    stage: list[int] = []
    for it in order:
        if it >= 0:
            stage.append(it)
        else:
            found.append(operations[-1 - it])
            stages.append(tuple(stage))
            stage = []
    return tuple(found), (*stages, tuple(stage))


def _at_carrier(part: Part, frequency: float, where: str) -> Part:
    component = part.component
    here = f"{where}instance {part.instance!r}"
    carrier = frequency if component.domain == "optical" else 0.0
    if isinstance(component, Line):
        if component.bend != 0.0:
            raise CircuitError(
                f"{here} is dispersive (β₂L = {component.bend:.6g} s²), which exists in frequency "
                f"only: a delay in time is the same at all frequencies. Set "
                f"group_velocity_dispersion=0.0, or use Circuit.scattering."
            )
        if component.delay < 0.0:
            raise CircuitError(f"{here} has a negative delay of {component.delay:.6g} s.")
        return part._replace(component=component.referred_to(carrier))
    if isinstance(component, Modes):
        return part._replace(component=component.referred_to(carrier))
    if isinstance(component, SParameters):
        return part._replace(component=_fitted(component, carrier, here))
    if not isinstance(component, Memoryless | Nonlinear):
        raise CircuitError(
            f"{here} is a {type(component).__name__}, which exists in frequency only: it says "
            f"nothing of what it remembers. Build it of Memoryless parts, Lines, Modes and "
            f"Compositions, or use Circuit.scattering."
        )
    return part


def _fitted(table: SParameters, carrier: float, here: str) -> Modes:
    try:
        model = table.pole_model
    except ValueError as error:
        raise CircuitError(
            f"{here} has S-parameters that exist in frequency only: {error}"
        ) from error
    low, high = model.band
    if not low <= carrier <= high:
        raise CircuitError(
            f"{here} has S-parameters from {low:.9g} Hz to {high:.9g} Hz (nothing is known "
            f"beyond); the carrier is {carrier:.9g} Hz. Choose one inside, or measure a wider band."
        )
    return Modes.of_pole_model(model).referred_to(carrier)


def _taps(part: Part, dt: float, order: int, where: str) -> Taps:
    assert isinstance(part.component, Line)
    delay = part.component.delay
    samples, least = delay / dt, shortest(delay / dt, order)
    # A quotient that should be whole may fall short of it by its rounding.
    if samples < least * (1 - 1e-12):
        lower = [it for it in (1, 3, 5, 7) if it < order and (it + 1) / 2 <= samples]
        other = f", or order={lower[-1]}" if lower else ""
        raise CircuitError(
            f"{where}instance {part.instance!r} delays by {delay:.6g} s, which is {samples:.4g} "
            f"samples of dt={dt:.6g} s (a fractional delay of order {order} needs {least:g}). "
            f"Use dt ≤ {delay / ((order + 1) / 2):.6g}{other}."
        )
    if samples > _LONGEST:
        raise CircuitError(
            f"{where}instance {part.instance!r} delays by {delay:.6g} s, which is {samples:.4g} "
            f"samples of dt={dt:.6g} s, more than {_LONGEST:,} (all that is in it is kept). Use a "
            f"longer dt or a shorter line; lengths are in m."
        )
    return taps_of(samples, order)
