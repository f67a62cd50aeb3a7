"""A laid-out circuit as delays and one instantaneous map between them.

Waves are numbered by what they do at port p: enter it; leave it for outside, or for a probe; come
out of the delay that p leads into; enter that delay. The complex gain of a line, its loss and its
carrier's phase, is the entry from the delay's end to where its light goes, so that gains reduce
with the memoryless parts. What no lit port reaches, and what reaches no wanted port, is left out:
it is dark, or unseen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from circuits.circuit_layout import Layout, Part
from circuits.component import Line, Matrices, Memoryless
from circuits.components import CircuitError
from circuits.transient_delays import Taps, shortest, taps_of
from circuits.transient_map import InstantMap, Rows, SingularLoopError, reduce_rows

Gradients = dict[str, dict[str, float]]


class Delay(NamedTuple):
    """A line in one direction."""

    part: int
    source: int
    """What comes out of it, as a wave."""

    entry: int
    """The row that goes into it."""

    taps: Taps


class _Entry(NamedTuple):
    part: int
    output: int
    input: int


@dataclass(frozen=True)
class Network:
    """Delays and the map between them, of one circuit about one carrier."""

    parts: tuple[Part, ...]
    """All parts; lines are described at the carrier."""

    dt: float
    delays: tuple[Delay, ...]
    inputs: dict[int, int]
    """Each lit port → source."""

    outputs: dict[int, int]
    """Each wanted port that light leaves → row."""

    map: InstantMap
    origins: Mapping[tuple[int, int], _Entry]
    """Which entry of which part each entry of the unreduced map is."""

    def parameter_gradients(self, bars: Rows, delay_bars: Iterable[complex]) -> Gradients:
        """Return ∂L/∂parameter by instance and name.

        Parameters
        ----------
        bars : rows
            ∂L/∂(entry of the reduced map), bilinear: dL = Re Σ bar · d entry.
        delay_bars : iterable
            ∂L/∂(samples of delay) of each delay; real parts are meant.
        """
        totals: Gradients = {}
        of_part: dict[int, Matrices] = {}
        full = self.map.pulled_back(bars)
        for (row, source), (owner, out, into) in self.origins.items():
            size = len(self.parts[owner].component.ports)
            of_part.setdefault(owner, np.zeros((size, size), dtype=np.complex128))[out, into] = (
                full.get(row, {}).get(source, 0.0)
            )
        by_delay = [0.0] * len(self.parts)
        for delay, bar in zip(self.delays, delay_bars, strict=True):
            by_delay[delay.part] += bar.real / self.dt
        for i, part in enumerate(self.parts):
            component = part.component
            shape = (len(component.ports),) * 2
            matrix_bar = of_part.get(i, np.zeros(shape, dtype=np.complex128))
            total = totals.setdefault(part.instance, {})
            if isinstance(component, Memoryless):
                changes = {
                    name: float(np.sum(matrix_bar * slope).real)
                    for name, slope in component.slopes.items()
                }
            elif isinstance(component, Line):
                changes = _of_line(component, matrix_bar, by_delay[i])
            for name, change in changes.items():
                total[name] = total.get(name, 0.0) + change
        return totals


def _of_line(line: Line, matrix_bar: Matrices, delay_bar: float) -> dict[str, float]:
    """The gain is e^{−attenuation + i phase}; dispersion has no slope here."""
    weight = complex(np.sum(matrix_bar * _gain(line)))
    return {
        name: -weight.real * of.attenuation - weight.imag * of.phase + delay_bar * of.delay
        for name, of in line.slopes.items()
        if of.bend == 0.0
    }


def _gain(line: Line) -> complex:
    return complex(np.exp(-line.attenuation + 1j * line.phase))


def build_network(
    layout: Layout,
    *,
    dt: float,
    frequency: float,
    order: int,
    lit: Sequence[int],
    wanted: Sequence[int],
) -> Network:
    """Reduce a layout to delays and a map.

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
        Where a part exists in frequency only, a delay is too short, or a loop without delay
        returns all of its light.
    """
    parts = tuple(_at_carrier(part, frequency, layout.where) for part in layout.parts)
    waves = _Waves(layout, wanted)
    rows: Rows = {}
    origins: dict[tuple[int, int], _Entry] = {}
    links: dict[int, int] = {}
    for number, part in enumerate(parts):
        component, first = part.component, part.first_port
        instant = isinstance(component, Memoryless)
        if isinstance(component, Line):
            instant = component.delay == 0.0
        matrix = _matrix(component)
        for out, into in np.argwhere(component.structure).tolist():
            row, source = waves.leaving(first + out), first + into
            if row is None or not waves.lit(source):
                continue
            if not instant:
                rows[waves.entry(source)] = {source: 1.0}
                links[waves.entry(source)] = source = waves.delayed(source)
            rows.setdefault(row, {})[source] = complex(matrix[out, into])
            origins[row, source] = _Entry(number, out, into)
    ends = {port: waves.end(port) for port in wanted}
    for port, end in ends.items():
        inner = waves.leaving(port)
        if inner is not None and inner != end:  # a probe of light that goes on to another part
            rows[end] = {inner: 1.0}
    kept = _kept(rows, links, lit, ends.values())
    rows = {
        row: {source: value for source, value in of.items() if source in kept}
        for row, of in rows.items()
        if row in kept
    }
    owner = {waves.delayed(part.first_port + i): n for n, part in enumerate(parts) for i in (0, 1)}
    delays = tuple(
        Delay(owner[source], source, entry, _taps(parts[owner[source]], dt, order, layout.where))
        for entry, source in links.items()
        if entry in kept
    )
    try:
        reduced = reduce_rows(rows, waves.between)
    except SingularLoopError as caught:
        owners = ", ".join(dict.fromkeys(repr(layout.owner(port)) for port in caught.members))
        raise CircuitError(
            f"{layout.where}a loop without delay through {owners} returns all of its light (its "
            f"fields have no value, in no time they would grow without bound). Give the loop a "
            f"loss, a way out, or a line with a delay."
        ) from caught
    return Network(
        parts=parts,
        dt=dt,
        delays=delays,
        inputs={port: port for port in lit if port in kept},
        outputs={port: end for port, end in ends.items() if end in reduced.rows},
        map=reduced,
        origins=origins,
    )


class _Waves:
    """Numbers of the waves of each port; what enters port p is p itself."""

    def __init__(self, layout: Layout, wanted: Sequence[int]) -> None:
        wiring = layout.wiring
        self._partner = wiring.partner.tolist()
        self._external = set(wiring.external.tolist())
        self._ends = self._external | set(wanted)
        self._n = wiring.n_ports
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
        return self._n + port

    def delayed(self, port: int) -> int:
        return 2 * self._n + port

    def entry(self, port: int) -> int:
        return 3 * self._n + port


def _at_carrier(part: Part, frequency: float, where: str) -> Part:
    component = part.component
    here = f"{where}instance {part.instance!r}"
    if isinstance(component, Line):
        if component.bend != 0.0:
            raise CircuitError(
                f"{here} is dispersive (β₂L = {component.bend:.6g} s²), which exists in frequency "
                f"only: a delay in time is the same at all frequencies. Set "
                f"group_velocity_dispersion=0.0, or use Circuit.scattering."
            )
        if component.delay < 0.0:
            raise CircuitError(f"{here} has a negative delay of {component.delay:.6g} s.")
        return part._replace(component=component.referred_to(frequency))
    if not isinstance(component, Memoryless):
        raise CircuitError(
            f"{here} is a {type(component).__name__}, which exists in frequency only: it says "
            f"nothing of what it remembers. Build it of Memoryless parts, Lines and Compositions, "
            f"or use Circuit.scattering."
        )
    return part


def _matrix(component: object) -> Matrices:
    """S of a memoryless part, or the gain of a line without its delay."""
    if isinstance(component, Memoryless):
        return component.matrix
    assert isinstance(component, Line)
    return _gain(component) * (1.0 - np.eye(2)).astype(np.complex128)


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
    return taps_of(samples, order)


def _kept(rows: Rows, links: dict[int, int], lit: Iterable[int], wanted: Iterable[int]) -> set[int]:
    """Waves that light reaches and that reach a wanted one."""
    feeds: dict[int, list[int]] = {}
    fed: dict[int, list[int]] = {row: list(of) for row, of in rows.items()}
    for entry, source in links.items():
        fed[source] = [entry]
    for row, of in fed.items():
        for source in of:
            feeds.setdefault(source, []).append(row)
    return _reached(feeds, lit) & _reached(fed, wanted)


def _reached(neighbours: dict[int, list[int]], start: Iterable[int]) -> set[int]:
    waiting = list(start)
    seen = set(waiting)
    while waiting:
        for it in neighbours.get(waiting.pop(), ()):
            if it not in seen:
                seen.add(it)
                waiting.append(it)
    return seen
