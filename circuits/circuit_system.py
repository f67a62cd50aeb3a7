"""A laid-out circuit as a system of waves: solved at all frequencies, and differentiated."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.constants import c as speed_of_light

from circuits.circuit_elimination import Elimination, Indices, eliminate
from circuits.circuit_entries import Entries, Values
from circuits.circuit_kernels import circuit_adjoint, circuit_forward
from circuits.circuit_layout import Layout
from circuits.circuit_pivoted import Caught, Solved, solve_pivoted
from circuits.component import Component, Composition, Frequencies, Matrices
from circuits.components import CircuitError

_LEAST_PIVOT = 1e-10
"""|1 − loop| below which a frequency is solved again with pivoting, and judged."""

_GREATEST_FACTOR = 1e4
"""Growth above which the fixed order has lost four digits; only gain can bring it about."""

_BLOCK_BYTES = 1 << 22
"""Size of a block of entries that stays in the shared cache: longer rows gain more than the first
caches lose."""

_CHUNK_ENTRIES = 1 << 22
"""Entries (64 MiB) that are evaluated at a time."""


class System:
    """The waves of a circuit: how they are solved, and how S changes with every entry.

    Parameters
    ----------
    layout : Layout
        The parts and their wiring.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.entries = Entries(layout)
        self.elimination = self._planned()

    def _planned(self) -> Elimination:
        of = self.entries
        return eliminate(of.rows, of.columns, of.n_unknowns, of.n_external)

    def with_components(self, components: Mapping[str, Component]) -> "System":
        """Return the system with the components of some instances exchanged for their like.

        The order of elimination is kept where the same entries occur.
        """
        parts = {
            (part.instance, part.name): part._replace(component=component)
            for part in self.layout.parts
            if (new := components.get(part.instance)) is not None
            for component in [new.parts[part.name] if isinstance(new, Composition) else new]
        }
        other = object.__new__(System)
        other.layout = self.layout.with_parts(parts)
        other.entries = self.entries.with_parts(parts, self.layout)
        same = other.entries.rows is self.entries.rows
        other.elimination = self.elimination if same else other._planned()
        return other

    def _chunks(self, frequency: Frequencies) -> Iterator[slice]:
        step = max(1, _CHUNK_ENTRIES // max(1, self.entries.n_varying))
        for start in range(0, len(frequency), step):
            yield slice(start, min(start + step, len(frequency)))

    # Forward

    def scattering(self, frequency: Frequencies) -> Matrices:
        """Return the scattering matrices (F, E, E)."""
        if self.entries.n_varying == 0 and len(frequency) > 1:
            one = self.scattering(frequency[:1])
            return np.broadcast_to(one, (len(frequency), *one.shape[1:])).copy()
        total = np.empty((len(frequency), self.entries.n_external**2), dtype=np.complex128)
        for chunk in self._chunks(frequency):
            light = frequency[chunk]
            n = len(light)
            varying = self.entries.at(light)
            health = _Health(n)
            circuit_forward(
                self.entries.constants, varying, n, self._block(n), *self._steps(),
                total[chunk], health.weakest, health.largest,
            )  # fmt: skip
            for f in health.doubtful():
                total[chunk][f] = self._pivoted(varying[:, f], light[f]).total.ravel()
        return total.reshape(len(frequency), self.entries.n_external, self.entries.n_external)

    # Adjoint

    def entry_adjoints(
        self, frequency: Frequencies, total_bar: Matrices
    ) -> Iterator[tuple[slice, Values, Values]]:
        """Yield, chunk by chunk, ∂L/∂M of the constant entries, summed, and of the varying ones.

        Parameters
        ----------
        frequency : (F,)
            Optical frequencies in Hz.
        total_bar : (F, E, E) complex
            ∂L/∂S in the bilinear sense, dL = Re Σ total_bar · dS.
        """
        bars = total_bar.reshape(len(frequency), -1)
        if self.entries.n_varying == 0 and len(frequency) > 1:
            frequency, bars = frequency[:1], bars.sum(axis=0, keepdims=True)
        for chunk in self._chunks(frequency):
            light, bar = frequency[chunk], np.ascontiguousarray(bars[chunk])
            varying = self.entries.at(light)
            constant_bar, varying_bar, doubtful = self._eliminated_adjoint(varying, bar)
            if len(doubtful):
                # A doubtful frequency has spoilt the sums of all: the others once more, alone.
                good = np.delete(np.arange(len(light)), doubtful)
                constant_bar, varying_bar[:, good], _ = self._eliminated_adjoint(
                    np.ascontiguousarray(varying[:, good]), bar[good]
                )
            for f in doubtful:
                entry = self._pivoted_adjoint(varying[:, f], light[f], bar[f])
                constant_bar += entry[: len(constant_bar)]
                varying_bar[:, f] = entry[len(constant_bar) :]
            yield chunk, constant_bar, varying_bar

    def _eliminated_adjoint(
        self, varying: Values, bar: Values
    ) -> tuple[Values, Values, NDArray[np.intp]]:
        """∂L/∂M of the constant entries, summed, of the varying ones, and doubtful frequencies."""
        n = varying.shape[1]
        block = self._block(n)
        sums = np.empty((-(-n // block), len(self.entries.constants)), dtype=np.complex128)
        varying_bar = np.empty_like(varying)
        health = _Health(n)
        circuit_adjoint(
            self.entries.constants, varying, n, block, *self._steps(), bar, health.weakest,
            health.largest, sums, varying_bar,
        )  # fmt: skip
        return sums.sum(axis=0), varying_bar, health.doubtful()

    # With pivoting

    def _pivoted_adjoint(self, varying: Values, light: float, bar: Values) -> Values:
        """∂L/∂M of all entries at one frequency: m̄ = Yᵀ Ḡ Xᵀ where entries are."""
        of = self.entries
        solved = self._pivoted(varying, light)
        carried = solved.leaving.T @ bar.reshape(of.n_external, of.n_external)
        return np.asarray(np.sum(carried[of.rows] * solved.entering[of.columns], axis=1))

    def _pivoted(self, varying: Values, light: float) -> Solved:
        of = self.entries
        values = np.concatenate([of.constants, varying])
        try:
            return solve_pivoted(values, of.rows, of.columns, of.n_unknowns, of.n_external)
        except Caught as caught:
            joined = np.flatnonzero(self.layout.wiring.partner >= 0)
            owner = self.layout.owner(int(joined[caught.unknown]))
            raise CircuitError(
                f"{self.layout.where}the circuit has a resonance without loss at {light:.9g} Hz "
                f"({speed_of_light / light:.9g} m), through instance {owner!r} (light on it never "
                f"leaves, so no steady state exists). Give the loop a loss or a way out, or leave "
                f"out that wavelength."
            ) from caught

    def _steps(self) -> tuple[int | Indices | NDArray[np.int64], ...]:
        plan = self.elimination
        return (
            plan.n_places, plan.pivots, plan.left_start, plan.left, plan.right_start, plan.right,
            plan.target_start, plan.target, plan.result,
        )  # fmt: skip

    def _block(self, n_frequencies: int) -> int:
        fitting = _BLOCK_BYTES // (16 * max(1, self.elimination.n_places))
        return min(max(1, n_frequencies), int(np.clip(fitting, 16, 64)))


class _Health:
    """What the elimination reports of each frequency."""

    def __init__(self, n: int) -> None:
        self.weakest = np.empty(n)
        self.largest = np.empty(n)

    def doubtful(self) -> NDArray[np.intp]:
        """Frequencies at which a pivot vanished or numbers grew; a NaN is one of them."""
        fine = (self.weakest >= _LEAST_PIVOT**2) & (self.largest <= _GREATEST_FACTOR**2)
        return np.flatnonzero(~fine)
