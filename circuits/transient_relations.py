"""The waves of a laid-out circuit and how they follow one another, part by part.

Waves are numbered by what they do at port p: enter it; leave it for outside, or for a probe; come
out there of a delay or of a nonlinear part; enter one there. Behind those of ports stand the states
of modes: each is a source, and a row is what drives it. The complex gain of a line, its loss and
its carrier's phase, is the entry from the delay's end to where its light goes, so that gains reduce
with the memoryless parts.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuits.circuit_layout import Layout, Part
from circuits.component import Line, Matrices, Memoryless
from circuits.component_modes import Modes
from circuits.component_nonlinear import Nonlinear
from circuits.transient_map import Rows
from circuits.transient_modes import pattern_of, step_of
from circuits.transient_op_kernels import Op


class Entry(NamedTuple):
    """Which number of which part an entry of the map is."""

    part: int
    of: Literal["direct", "into", "out"]
    """An entry of S or of D, of B, of C."""

    row: int
    column: int


class Ways(NamedTuple):
    """How the ports of an operation feed one another."""

    light: tuple[tuple[int, int], ...]
    """(in, out) where something leaves only if something enters."""

    needs: tuple[tuple[int, int], ...]
    """(in, out) where what leaves depends on what enters."""


_GATE = Ways(((0, 1), (1, 0)), ((0, 1), (1, 0), (2, 1), (2, 0)))
WAYS: Mapping[Op, Ways] = MappingProxyType(
    {
        Op.SQUARE: Ways(((0, 1),), ((0, 1),)),
        Op.EXPONENTIAL: _GATE,
        Op.PRODUCT: _GATE,
        Op.FUNCTION: Ways(((0, 1),), ((0, 1),)),
        Op.AMPLIFIER: Ways(((0, 1), (1, 0)), ((0, 1), (1, 0), (0, 0), (1, 1))),
        Op.SOURCE: Ways((), ()),
    }
)


def emitting(component: Nonlinear) -> tuple[int, ...]:
    """Ports that something may leave though nothing enters."""
    if component.op is Op.SOURCE:
        return (0,)
    if component.op is Op.AMPLIFIER:
        return (0, 1) if component.numbers[4] != 0 else ()
    return (1,) if component.op in (Op.SQUARE, Op.FUNCTION) else ()


class Waves:
    """Numbers of the waves; what enters port p is p itself."""

    def __init__(self, layout: Layout, wanted: Sequence[int]) -> None:
        wiring = layout.wiring
        self._partner = wiring.partner.tolist()
        self._external = set(wiring.external.tolist())
        self._ends = self._external | set(wanted)
        self.n_ports = wiring.n_ports
        self.between = [port for port, other in enumerate(self._partner) if other >= 0]

    def lit(self, port: int) -> bool:
        """Whether anything can enter a port."""
        return self._partner[port] >= 0 or port in self._external

    def leaving(self, port: int) -> int | None:
        """What leaves a port: enters the partner, leaves the circuit, or is gone unseen."""
        if self._partner[port] >= 0:
            return int(self._partner[port])
        return self.end(port) if port in self._ends else None

    def end(self, port: int) -> int:
        """What leaves a port as seen from outside."""
        return self.n_ports + port

    def made(self, port: int) -> int:
        """What comes out of a part's memory, or of its operation."""
        return 2 * self.n_ports + port

    def entry(self, port: int) -> int:
        """What enters a part's memory, or its operation."""
        return 3 * self.n_ports + port

    def state(self, number: int) -> int:
        """The state of a numbered mode."""
        return 4 * self.n_ports + 2 * number

    def drive(self, number: int) -> int:
        """What drives the state of a numbered mode."""
        return self.state(number) + 1


class Relations:
    """Rows of waves, and what parts do with them beyond rows.

    Parameters
    ----------
    parts : sequence of Part
        Described at the carrier.
    waves : Waves
    dt : float (s)
        Length of a sample.
    """

    def __init__(self, parts: Sequence[Part], waves: Waves, dt: float) -> None:
        self.waves = waves
        self.rows: Rows = {}
        self.origins: dict[tuple[int, int], Entry] = {}
        self.delays: list[tuple[int, int, int]] = []
        """(part, entry, source) of each line in one direction."""
        self.modes: list[tuple[int, int, complex]] = []
        """(part, number within it, E) of each mode, in order of their numbers."""
        self.owners: dict[int, int] = {}
        """Part of each drive of a mode."""
        self._light: list[tuple[int, int]] = []
        self._needs: list[tuple[int, int]] = []
        self._emitters: list[int] = []
        for number, part in enumerate(parts):
            component = part.component
            if isinstance(component, Line) and component.delay > 0.0:
                self._add_line(number, part.first_port, component)
            elif isinstance(component, Memoryless | Line):
                used = component.structure
                self._add_direct(number, part.first_port, used, instant_matrix(component))
            elif isinstance(component, Modes):
                self._add_modes(number, part.first_port, component, dt)
            elif isinstance(component, Nonlinear):
                self._add_operation(part.first_port, component)

    def _add(self, row: int | None, source: int, value: complex, origin: Entry) -> None:
        if row is not None:
            self.rows.setdefault(row, {})[source] = complex(value)
            self.origins[row, source] = origin

    def _add_direct(
        self, number: int, first: int, used: NDArray[np.bool_], matrix: Matrices
    ) -> None:
        for out, into in np.argwhere(used).tolist():
            if self.waves.lit(first + into):
                row = self.waves.leaving(first + out)
                self._add(row, first + into, matrix[out, into], Entry(number, "direct", out, into))

    def _add_line(self, number: int, first: int, line: Line) -> None:
        gain = instant_matrix(line)
        for out, into in ((0, 1), (1, 0)):
            row, port = self.waves.leaving(first + out), first + into
            if row is not None and self.waves.lit(port):
                entry, source = self.waves.entry(port), self.waves.made(port)
                self.rows[entry] = {port: 1.0}
                self.delays.append((number, entry, source))
                self._join(entry, source)
                self._add(row, source, gain[out, into], Entry(number, "direct", out, into))

    def _add_modes(self, number: int, first: int, modes: Modes, dt: float) -> None:
        step, used = step_of(modes, dt), pattern_of(modes)
        self._add_direct(number, first, used.direct, step.direct)
        start = len(self.modes)
        for k, keep in enumerate(step.keep.tolist()):
            self.modes.append((number, k, keep))
            self.owners[self.waves.drive(start + k)] = number
            self._join(self.waves.drive(start + k), self.waves.state(start + k))
        for k, into in np.argwhere(used.into).tolist():
            if self.waves.lit(first + into):
                drive = self.waves.drive(start + k)
                self._add(drive, first + into, step.into[k, into], Entry(number, "into", k, into))
        for out, k in np.argwhere(used.out).tolist():
            row, state = self.waves.leaving(first + out), self.waves.state(start + k)
            self._add(row, state, step.out[out, k], Entry(number, "out", out, k))

    def _add_operation(self, first: int, component: Nonlinear) -> None:
        waves, ways = self.waves, WAYS[component.op]
        for port in {into for into, _ in ways.needs}:
            if waves.lit(first + port):
                self.rows[waves.entry(first + port)] = {first + port: 1.0}
        for port in {out for _, out in ways.needs} | set(emitting(component)):
            row = waves.leaving(first + port)
            if row is not None:
                self.rows.setdefault(row, {})[waves.made(first + port)] = 1.0
        for pairs, known in ((ways.light, self._light), (ways.needs, self._needs)):
            known += [(waves.entry(first + i), waves.made(first + o)) for i, o in pairs]
        self._emitters += [waves.made(first + port) for port in emitting(component)]

    def _join(self, entry: int, source: int) -> None:
        self._light.append((entry, source))
        self._needs.append((entry, source))

    def kept(self, lit: Iterable[int], wanted: Iterable[int]) -> set[int]:
        """Waves that light reaches, or that parts send of their own, and that reach wanted ones."""
        of_rows = [(source, row) for row, of in self.rows.items() for source in of]
        lighted = _reached([*of_rows, *self._light], [*lit, *self._emitters])
        return lighted & _reached([(b, a) for a, b in [*of_rows, *self._needs]], wanted)


def instant_matrix(component: Memoryless | Line) -> Matrices:
    """S of a memoryless part, or the gain of a line without its delay."""
    if isinstance(component, Memoryless):
        return component.matrix
    gain = np.exp(-component.attenuation + 1j * component.phase)
    return np.asarray(gain * (1.0 - np.eye(2)), dtype=np.complex128)


def _reached(arrows: Iterable[tuple[int, int]], start: Iterable[int]) -> set[int]:
    ahead: dict[int, list[int]] = {}
    for first, second in arrows:
        ahead.setdefault(first, []).append(second)
    waiting = list(start)
    seen = set(waiting)
    while waiting:
        for it in ahead.get(waiting.pop(), ()):
            if it not in seen:
                seen.add(it)
                waiting.append(it)
    return seen
