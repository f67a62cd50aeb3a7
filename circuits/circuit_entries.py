"""The entries of a circuit's system of waves: where they stand, their values, whose they are.

Entry M[r, c] is what the wave c, which enters a joined or external port, adds to the wave r, which
enters the port's partner or gets outside. Each is one entry of the S of one part. Those of
memoryless parts and of nonlinear ones, at rest, stand first, being constant; then those of lines,
evaluated all at once; then those of other components.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from circuits.circuit_layout import Layout, Part
from circuits.circuit_lines import Lines
from circuits.component import Component, Frequencies, Line, Matrices, Memoryless
from circuits.component_nonlinear import Nonlinear

Values = NDArray[np.complex128]
Gradients = dict[str, dict[str, float]]

_KINDS = 3  # constant, lines, others


class Share(NamedTuple):
    """Entries of one part."""

    instance: str
    name: str
    """Name of the part within the instance, as `Part` has it."""

    component: Component
    outputs: NDArray[np.int64]
    """Rows of its S."""

    inputs: NDArray[np.int64]
    """Columns of its S."""

    span: slice
    """Where its entries stand among those of its kind."""

    def of(self, matrices: Matrices) -> Values:
        """Return the entries of matrices (F, P, P), (n, F)."""
        return matrices[:, self.outputs, self.inputs].T


class Entries:
    """All entries of a laid-out circuit."""

    def __init__(self, layout: Layout) -> None:
        into, out, self.n_unknowns = _numbered(layout)
        self.n_external = len(layout.wiring.external)
        self.shares: tuple[list[Share], ...] = tuple([] for _ in range(_KINDS))
        rows: list[list[int]] = [[] for _ in range(_KINDS)]
        columns: list[list[int]] = [[] for _ in range(_KINDS)]
        for part in layout.parts:
            kind = _kind(part.component)
            used = part.component.structure
            span = slice(part.first_port, part.first_port + len(used))
            outputs, inputs = np.nonzero(used & (out[span, None] >= 0) & (into[None, span] >= 0))
            place = slice(len(rows[kind]), len(rows[kind]) + len(outputs))
            rows[kind] += out[span][outputs].tolist()
            columns[kind] += into[span][inputs].tolist()
            self.shares[kind].append(Share(*part[:3], outputs, inputs, place))
        self.counts = tuple(len(of) for of in rows)
        self.rows = np.array([*chain(*rows)], dtype=np.int32)
        self.columns = np.array([*chain(*columns)], dtype=np.int32)
        self._prepare(self.shares)

    def _prepare(self, shares: tuple[list[Share], ...]) -> None:
        self.shares = shares
        self.constants = np.empty(self.counts[0], dtype=np.complex128)
        for share in shares[0]:
            matrix = share.component.scattering(np.zeros(1))
            self.constants[share.span] = share.of(matrix)[:, 0]
        self._lines = Lines([it.component for it in shares[1] if isinstance(it.component, Line)])
        sizes = [len(share.outputs) for share in shares[1]]
        self._line_of = np.repeat(np.arange(len(sizes)), sizes)
        ones = np.ones(len(self._line_of))
        place = np.arange(len(ones))
        self._sum_of_line = csr_array((ones, (self._line_of, place)), shape=(len(sizes), len(ones)))

    def with_parts(self, parts: Mapping[tuple[str, str], Part], layout: Layout) -> "Entries":
        """Return the entries with some parts of `layout` exchanged, or all anew where they differ.

        `parts` are the exchanged ones by instance and name.
        """
        old = {(it.instance, it.name): it.component for it in layout.parts}
        for key, part in parts.items():
            before = old[key]
            if _kind(before) != _kind(part.component) or not np.array_equal(
                before.structure, part.component.structure
            ):
                return Entries(layout.with_parts(parts))
        other = object.__new__(Entries)
        other.__dict__.update(self.__dict__)
        other._prepare(
            tuple(
                [
                    share._replace(component=parts[share.instance, share.name].component)
                    if (share.instance, share.name) in parts
                    else share
                    for share in kind
                ]
                for kind in self.shares
            )
        )
        return other

    @property
    def n_varying(self) -> int:
        """Number of entries that depend on frequency."""
        return self.counts[1] + self.counts[2]

    def at(self, frequency: Frequencies) -> Values:
        """Return the varying entries at optical frequencies (F,): (n_varying, F)."""
        values = np.empty((self.n_varying, len(frequency)), dtype=np.complex128)
        lines, others = self._parted(values)
        np.take(self._lines.transfer(frequency), self._line_of, axis=0, out=lines)
        for share in self.shares[2]:
            others[share.span] = share.of(share.component.scattering(frequency))
        return values

    def dispersion(self, frequency: Frequencies) -> Values:
        """Return the derivatives of the varying entries in frequency, (n_varying, F), in 1/Hz."""
        values = np.empty((self.n_varying, len(frequency)), dtype=np.complex128)
        lines, others = self._parted(values)
        slope = self._lines.transfer(frequency) * self._lines.dispersion(frequency)
        np.take(slope, self._line_of, axis=0, out=lines)
        for share in self.shares[2]:
            others[share.span] = share.of(share.component.dispersion(frequency))
        return values

    def add_gradients(
        self, totals: Gradients, frequency: Frequencies, constant_bar: Values, varying_bar: Values
    ) -> None:
        """Add ∂L/∂parameter of all parts to `totals`, from ∂L/∂entry with dL = Re Σ bar · d entry.

        Parameters
        ----------
        totals : mapping
            By instance and parameter, added to.
        frequency : (F,)
            Optical frequencies in Hz.
        constant_bar : (n_constant,)
            Summed over the frequencies.
        varying_bar : (n_varying, F)
            At each frequency.
        """
        for share in self.shares[0]:
            bar = constant_bar[share.span]
            slopes = share.component.derivatives(np.zeros(1))
            _add(totals[share.instance], share, slopes, bar[:, None])
        lines, others = self._parted(varying_bar)
        weight = np.asarray(self._sum_of_line @ lines) * self._lines.transfer(frequency)
        for share, by_number in zip(
            self.shares[1], self._lines.slopes(frequency, weight).tolist(), strict=True
        ):
            if isinstance(share.component, Line):
                total = totals[share.instance]
                for name, slope in share.component.slopes.items():
                    total[name] += sum(a * b for a, b in zip(by_number, slope, strict=True))
        for share in self.shares[2]:
            slopes = share.component.derivatives(frequency)
            _add(totals[share.instance], share, slopes, others[share.span])

    def _parted(self, values: Values) -> tuple[Values, Values]:
        """The varying entries of lines and those of other components, as views."""
        return values[: self.counts[1]], values[self.counts[1] :]


def _kind(component: Component) -> int:
    if isinstance(component, Memoryless | Nonlinear):
        return 0
    return 1 if isinstance(component, Line) else 2


def _numbered(layout: Layout) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Numbers of the waves into and out of each port, −1 where none, and how many are unknown."""
    wiring = layout.wiring
    joined = np.flatnonzero(wiring.partner >= 0)
    into = np.full(wiring.n_ports, -1, dtype=np.int64)
    into[joined] = np.arange(len(joined))
    into[wiring.external] = len(joined) + np.arange(len(wiring.external))
    # What leaves a joined port enters its partner; what leaves an open port is gone.
    out = np.where(wiring.partner >= 0, into[wiring.partner], into)
    return into, out, len(joined)


def _add(
    total: dict[str, float], share: Share, slopes: Mapping[str, Matrices], bar: Values
) -> None:
    for name, slope in slopes.items():
        total[name] += float(np.sum((bar * share.of(slope)).real))


def all_zero(components: Iterable[tuple[str, Component]]) -> Gradients:
    """Return zeros for every parameter of named components."""
    return {name: dict.fromkeys(it.parameters, 0.0) for name, it in components}
