"""A laid-out circuit as a system of waves: its entries by frequency, solved, and differentiated."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.constants import c as speed_of_light

from circuits.circuit_elimination import Elimination, Indices, eliminate
from circuits.circuit_kernels import circuit_adjoint, circuit_forward
from circuits.circuit_layout import Layout
from circuits.circuit_pivoted import Caught, solve_pivoted
from circuits.component import Component, Frequencies, Matrices, Memoryless
from circuits.components import CircuitError

_LEAST_PIVOT = 1e-10
"""|1 − loop| below which a frequency is solved again with pivoting, and judged."""

_GREATEST_FACTOR = 1e4
"""Growth above which the fixed order has lost four digits; only gain can bring it about."""

_BLOCK_BYTES = 1 << 19
"""Size of a block of entries that stays in the cache."""

_CHUNK_ENTRIES = 1 << 22
"""Entries (64 MiB) that are evaluated at a time."""


class _Share(NamedTuple):
    """Entries of M that one part gives."""

    instance: str
    component: Component
    outputs: NDArray[np.int64]
    """Rows of its S."""

    inputs: NDArray[np.int64]
    """Columns of its S."""

    span: slice
    """Where its entries stand among the constant or the varying ones."""


class System:
    """The waves of a circuit: which entries M has, how it is solved, how it changes.

    Parameters
    ----------
    layout : Layout
        The parts and their wiring.
    like : System, optional
        A system of the same wiring, whose elimination is taken over where the same entries occur.
    """

    def __init__(self, layout: Layout, like: "System | None" = None) -> None:
        self.layout = layout
        wiring = layout.wiring
        joined = np.flatnonzero(wiring.partner >= 0)
        self.joined = joined
        self.n_external = len(wiring.external)
        into = np.full(wiring.n_ports, -1, dtype=np.int64)
        into[joined] = np.arange(len(joined))
        into[wiring.external] = len(joined) + np.arange(self.n_external)
        # A wave that leaves a joined port enters its partner; one that leaves an open port is gone.
        out = np.where(wiring.partner >= 0, into[wiring.partner], into)
        self.constant, self.varying = [], []
        rows: dict[bool, list[int]] = {True: [], False: []}
        columns: dict[bool, list[int]] = {True: [], False: []}
        for part in layout.parts:
            is_constant = isinstance(part.component, Memoryless)
            used = part.component.structure
            span = slice(part.first_port, part.first_port + len(used))
            kept = used & (out[span, None] >= 0) & (into[None, span] >= 0)
            outputs, inputs = np.nonzero(kept)
            start = len(rows[is_constant])
            rows[is_constant] += out[span][outputs].tolist()
            columns[is_constant] += into[span][inputs].tolist()
            share = _Share(
                part.instance, part.component, outputs, inputs, slice(start, start + len(outputs))
            )
            (self.constant if is_constant else self.varying).append(share)
        self.n_constant, self.n_varying = len(rows[True]), len(rows[False])
        self.rows = np.array(rows[True] + rows[False], dtype=np.int32)
        self.columns = np.array(columns[True] + columns[False], dtype=np.int32)
        self.elimination = self._planned(like)
        self.constants = self._constants()

    constant: list[_Share]
    varying: list[_Share]

    def _planned(self, like: "System | None") -> Elimination:
        if (
            like is not None
            and like.n_constant == self.n_constant
            and np.array_equal(like.rows, self.rows)
            and np.array_equal(like.columns, self.columns)
        ):
            return like.elimination
        return eliminate(self.rows, self.columns, len(self.joined), self.n_external)

    def _constants(self) -> NDArray[np.complex128]:
        values = np.empty(self.n_constant, dtype=np.complex128)
        for share in self.constant:
            matrix = share.component.scattering(np.zeros(1))[0]
            values[share.span] = matrix[share.outputs, share.inputs]
        return values

    def _evaluated(self, frequency: Frequencies) -> NDArray[np.complex128]:
        """Return the varying entries, (n_varying, F)."""
        values = np.empty((self.n_varying, len(frequency)), dtype=np.complex128)
        for share in self.varying:
            matrix = share.component.scattering(frequency)
            values[share.span] = matrix[:, share.outputs, share.inputs].T
        return values

    def _chunks(self, frequency: Frequencies) -> Iterator[slice]:
        step = max(1, _CHUNK_ENTRIES // max(1, self.n_varying))
        for start in range(0, len(frequency), step):
            yield slice(start, min(start + step, len(frequency)))

    # Forward

    def scattering(self, frequency: Frequencies) -> Matrices:
        """Return the scattering matrices (F, E, E)."""
        if self.n_varying == 0 and len(frequency) > 1:
            return np.repeat(self.scattering(frequency[:1]), len(frequency), axis=0)
        total = np.empty((len(frequency), self.n_external**2), dtype=np.complex128)
        for chunk in self._chunks(frequency):
            light = frequency[chunk]
            varying = self._evaluated(light)
            health = _Health(len(light))
            circuit_forward(
                self.constants, varying, len(light), self._block(), *self._steps(),
                total[chunk], health.weakest, health.worst, health.largest,
            )  # fmt: skip
            for f in health.doubtful():
                total[chunk][f] = self._pivoted(varying[:, f], light[f])[0].ravel()
        return total.reshape(len(frequency), self.n_external, self.n_external)

    # Adjoint

    def entry_adjoints(
        self, frequency: Frequencies, total_bar: Matrices
    ) -> Iterator[tuple[slice, NDArray[np.complex128], NDArray[np.complex128]]]:
        """Yield, chunk by chunk, ∂L/∂M of the constant entries, summed, and of the varying ones.

        Parameters
        ----------
        frequency : (F,)
            Optical frequencies in Hz.
        total_bar : (F, E, E) complex
            ∂L/∂S in the bilinear sense, dL = Re Σ total_bar · dS.
        """
        bars = total_bar.reshape(len(frequency), -1)
        if self.n_varying == 0 and len(frequency) > 1:
            frequency, bars = frequency[:1], bars.sum(axis=0, keepdims=True)
        block = self._block()
        for chunk in self._chunks(frequency):
            light, bar = frequency[chunk], np.ascontiguousarray(bars[chunk])
            varying = self._evaluated(light)
            health = _Health(len(light))
            # Frequencies that need pivoting are taken out of the sums by a zero adjoint.
            circuit_forward(
                self.constants, varying, len(light), block, *self._steps(),
                np.empty_like(bar), health.weakest, health.worst, health.largest,
            )  # fmt: skip
            doubtful = health.doubtful()
            good = np.delete(np.arange(len(light)), doubtful)
            constant_bar = np.zeros(self.n_constant, dtype=np.complex128)
            varying_bar = np.empty((self.n_varying, len(light)), dtype=np.complex128)
            if len(good):
                some = len(good) < len(light)
                sums = np.empty((-(-len(good) // block), self.n_constant), dtype=np.complex128)
                part = np.empty((self.n_varying, len(good)), dtype=np.complex128)
                circuit_adjoint(
                    self.constants, varying[:, good] if some else varying, len(good), block,
                    *self._steps(), bar[good] if some else bar, health.weakest, health.worst,
                    health.largest, sums, part,
                )  # fmt: skip
                constant_bar += sums.sum(axis=0)
                varying_bar[:, good] = part
            for f in doubtful:
                entry = self._pivoted_adjoint(varying[:, f], light[f], bar[f])
                constant_bar += entry[: self.n_constant]
                varying_bar[:, f] = entry[self.n_constant :]
            yield chunk, constant_bar, varying_bar

    def _pivoted_adjoint(
        self, varying: NDArray[np.complex128], light: float, bar: NDArray[np.complex128]
    ) -> NDArray[np.complex128]:
        """∂L/∂M of all entries at one frequency: m̄ = Yᵀ Ḡ Xᵀ where entries are."""
        _, entering, leaving = self._pivoted(varying, light)
        carried = leaving.T @ bar.reshape(self.n_external, self.n_external)
        return np.asarray(np.sum(carried[self.rows] * entering[self.columns], axis=1))

    def _pivoted(
        self, varying: NDArray[np.complex128], light: float
    ) -> tuple[Matrices, Matrices, Matrices]:
        values = np.concatenate([self.constants, varying])
        try:
            return solve_pivoted(values, self.rows, self.columns, len(self.joined), self.n_external)
        except Caught as caught:
            owner = self.layout.owner(int(self.joined[caught.unknown]))
            raise CircuitError(
                f"{self.layout.where}the circuit has a resonance without loss at {light:.9g} Hz "
                f"({speed_of_light / light:.9g} m), through instance '{owner}': light on it never "
                f"leaves, so no steady state exists. Give the loop a loss or a way out, or leave "
                f"out that wavelength."
            ) from caught

    def _steps(self) -> tuple[int | Indices | NDArray[np.int64], ...]:
        plan = self.elimination
        return (
            plan.n_places, plan.pivots, plan.left_start, plan.left, plan.right_start, plan.right,
            plan.target_start, plan.target, plan.result,
        )  # fmt: skip

    def _block(self) -> int:
        return int(np.clip(_BLOCK_BYTES // (16 * max(1, self.elimination.n_places)), 8, 64))


class _Health:
    """What the elimination reports of each frequency."""

    def __init__(self, n: int) -> None:
        self.weakest = np.empty(n)
        self.worst = np.empty(n, dtype=np.int64)
        self.largest = np.empty(n)

    def doubtful(self) -> NDArray[np.intp]:
        """Frequencies at which a pivot vanished or numbers grew; a NaN is one of them."""
        fine = (self.weakest >= _LEAST_PIVOT**2) & (self.largest <= _GREATEST_FACTOR**2)
        return np.flatnonzero(~fine)
