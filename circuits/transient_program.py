"""Networks as arrays for the kernels, and a batch on its way through the samples.

The way back needs every wave of every sample. Kept are the contents of delays and states at some
moments and, stretch by stretch from the last, the waves between two of them, stepped once more: a
stretch of √(N T/V) samples, of N in all, with T samples inside the delays and V waves, takes as
much memory as the moments do, together 2 √(N T V) numbers a row of the batch.
"""

from collections.abc import Iterator, Sequence
from math import isqrt
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from circuits.component_nonlinear import Nonlinear
from circuits.transient_kernels import COLUMNS, step_adjoint, step_forward
from circuits.transient_map import Rows
from circuits.transient_network import Network, Operation
from circuits.transient_op_kernels import COLUMNS as OP_COLUMNS
from circuits.transient_op_kernels import Op
from circuits.transient_parameters import Bars, Gradients, add_gradients

Traces: TypeAlias = NDArray[np.complexfloating[Any, Any]]

_LEAST_CHUNK = 64
"""Samples below which a stretch would cost more in calls than in steps."""

_NUMBERS_A_CALL = 1 << 17
"""Waves to keep (2 MiB) below which a call, of threads to be woken, costs more than its steps."""

_PRODUCTS_A_STRETCH = 1 << 24
"""Products that take some 50 ms."""

_START = 6
"""Place of an amplifier's first state among its numbers."""


class Program:
    """One circuit about some carriers, each a network of the same shape, as arrays for kernels."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self.networks = tuple(networks)
        network = networks[0]
        kept = [op for op in network.operations if op.component.op is Op.AMPLIFIER]
        self._index_waves(network, len(kept))
        self.entries = [
            (row, source)
            for stage in network.stages
            for row in stage
            for source in network.map.rows[row]
        ]
        sizes = [len(network.map.rows[row]) for stage in network.stages for row in stage]
        self.sources = np.array([self.index[it] for _, it in self.entries], dtype=np.int64)
        self.row_start = np.cumsum([0, *sizes])
        self.coefficients = np.array(
            [[it.map.rows[r][c] for r, c in self.entries] for it in networks], dtype=np.complex128
        )
        self.keeps = np.array([[s.keep for s in it.states] for it in networks], np.complex128)
        self.drives = np.array([self.index[it.drive] for it in network.states], dtype=np.int64)
        self.input_places = {port: i for i, port in enumerate(network.inputs)}
        self.output_places = {port: i for i, port in enumerate(network.outputs)}
        self.exits = np.array([self.index[it] for it in network.outputs.values()], dtype=np.int64)
        self._tabulate_delays(network)
        self._tabulate_operations(network)

    def _index_waves(self, network: Network, n_kept: int) -> None:
        """Give every wave its place in v, see `circuits.transient_kernels`."""
        memories = [*(it.source for it in network.delays), *(it.source for it in network.states)]
        made = [it for op in network.operations for it in op.sources if it is not None]
        rows = [row for stage in network.stages for row in stage]
        self.index = {wave: i for i, wave in enumerate(memories)}
        count = len(memories) + n_kept
        others = [*network.inputs.values(), *made]
        self.index |= {wave: count + i for i, wave in enumerate(others)}
        count += len(others)
        self._dark = count
        count += 2 if network.operations else 0
        self.index |= {wave: count + i for i, wave in enumerate(rows)}
        self.n_values = count + len(rows)
        self.n_states = len(network.states) + n_kept

    def _tabulate_delays(self, network: Network) -> None:
        delays = network.delays
        self.lines = np.zeros((len(delays), COLUMNS), dtype=np.int64)
        width = max((len(it.taps.slope) for it in delays), default=1)
        self.taps, self.slope_taps = np.zeros((2, len(delays), width))
        self.total = 0
        for i, delay in enumerate(delays):
            taps, length = delay.taps, delay.taps.longest + 1
            reading = (taps.first, len(taps.weights), taps.slope_first)
            self.lines[i] = (self.total, length, *reading, self.index[delay.entry])
            self.taps[i, : len(taps.weights)] = taps.weights
            self.slope_taps[i] = taps.slope
            self.total += length

    def _tabulate_operations(self, network: Network) -> None:
        self.ops = np.zeros((len(network.operations), OP_COLUMNS), dtype=np.int64)
        self.slots = np.array([network.dt / it.component.slot for it in network.operations])
        self.first_states = np.zeros(self.n_states)
        self.starts: list[tuple[int, int]] = []
        """(state, place among the numbers) of what states of operations begin with."""
        first, rows, state = 0, 0, len(network.states)
        for i, (op, stage) in enumerate(zip(network.operations, network.stages, strict=False)):
            rows += len(stage)
            row = self._operation(op, first, rows)
            if op.component.op is Op.AMPLIFIER:
                row[9:11] = state, len(network.delays) + state
                self.first_states[state] = op.component.numbers[_START].real
                self.starts.append((state, first + _START))
                state += 1
            self.ops[i] = row
            first += len(op.component.numbers)
        none = np.zeros(0, np.complex128)
        self.numbers = np.concatenate([none, *(it.component.numbers for it in network.operations)])

    def _operation(self, op: Operation, first: int, rows: int) -> list[int]:
        """Return its row in the table, without its state."""
        component = op.component
        entries = [self._dark if it is None else self.index[it] for it in op.entries]
        sources = [self._dark + 1 if it is None else self.index[it] for it in op.sources]
        numbers = (first, len(component.numbers))
        return [
            component.op, _variant(component), *numbers, *entries, *sources, 0, 0, op.part, rows
        ]  # fmt: skip

    def rows_of(self, coefficients: Traces) -> Rows:
        """Return numbers, one per entry, as rows."""
        rows: Rows = {}
        for (row, source), value in zip(self.entries, coefficients.tolist(), strict=True):
            rows.setdefault(row, {})[source] = value
        return rows


def _variant(component: Nonlinear) -> int:
    if component.op is Op.FUNCTION:
        return int(component.function)
    return int(component.domain == "optical")


class Run:
    """The state of one batch on its way through the samples.

    Parameters
    ----------
    program : Program
    light : (B, I, samples) complex
        What enters.
    carriers : (B,)
        Which network of the program each row of the batch has.
    seed : int, optional
        Of the noise; none without it.
    """

    def __init__(
        self, program: Program, light: Traces, carriers: NDArray[np.int64], seed: int | None
    ) -> None:
        self._program = program
        self.light = light
        self._batch, _, self._n = light.shape
        self._carriers = carriers
        kind, real = light.dtype, light.real.dtype
        self._slope_taps = program.slope_taps.astype(real)
        self._lines = (program.lines, program.taps.astype(real))
        self._rest = (
            program.row_start, program.sources, program.coefficients.astype(kind),
            program.keeps.astype(kind), program.drives, carriers, program.ops, program.numbers,
            program.slots, program.exits, program.networks[0].dt, seed is not None, seed or 0,
        )  # fmt: skip
        self._buffers = np.zeros((self._batch, program.total), kind)
        self._states = np.zeros((self._batch, program.n_states), kind)
        self._states[:] = program.first_states
        self._places = np.zeros((self._batch, len(program.lines)), np.int64)
        self._normals = np.zeros((self._batch, 4))
        self.outputs = np.zeros((self._batch, len(program.exits), self._n), kind)

    def forward(self, span: slice, *, keep: bool = False) -> tuple[Traces, Traces]:
        """Step through some samples; return all waves and slopes of each where kept."""
        n = span.stop - span.start if keep else 1
        values = np.zeros((self._batch, n, self._program.n_values), self.light.dtype)
        slopes = np.zeros((self._batch, n, len(self._program.lines)), self.light.dtype)
        step_forward(
            *self._lines, self._slope_taps, *self._rest, keep, span.start, span.stop, self.light,
            self._buffers, self._states, self._places, self._normals, values, slopes, self.outputs,
        )  # fmt: skip
        return values, slopes

    def beyond(self, span: slice) -> tuple[int, int, int] | None:
        """Return (row, output, sample) of the first wave whose power is no number, if any is."""
        seen = self.outputs[..., span]
        # A power, and the sum of two, must be a number, too.
        bound = np.sqrt(np.finfo(seen.dtype).max) / 2
        if np.abs(seen.view(seen.real.dtype)).max(initial=0.0) <= bound:
            return None
        fine = (np.abs(seen.real) <= bound) & (np.abs(seen.imag) <= bound)
        sample = int(np.argmin(fine.all(axis=(0, 1))))
        row, output = np.argwhere(~fine[..., sample])[0].tolist()
        return row, output, span.start + sample

    def stretches(self) -> Iterator[slice]:
        """Stretches of all samples after each of which somebody may be told, or stop."""
        work = self._batch * (self._program.n_values + len(self._program.entries))
        chunk = max(_LEAST_CHUNK, _PRODUCTS_A_STRETCH // max(1, work))
        for start in range(0, self._n, chunk):
            yield slice(start, min(start + chunk, self._n))

    def backward(self, bars: Traces) -> tuple[Traces, Gradients]:
        """Return ∂L/∂inputs, bilinear, and ∂L/∂parameter by instance and name."""
        starts = []
        for span in self._spans():
            starts.append((span, self._buffers.copy(), self._states.copy()))
            self.forward(span)
        program, kind = self._program, self.light.dtype
        entering = np.zeros_like(self.light)
        buffers_bar, states_bar = np.zeros_like(self._buffers), np.zeros_like(self._states)
        scratch = np.zeros((self._batch, program.n_values), kind)
        sizes = (program.coefficients.shape[1], len(program.lines), program.keeps.shape[1])
        sums = [np.zeros((self._batch, size), kind) for size in sizes]
        sums.append(np.zeros((self._batch, len(program.numbers)), np.complex128))
        while starts:
            span, self._buffers, self._states = starts.pop()
            values, slopes = self.forward(span, keep=True)
            step_adjoint(
                *self._lines, *self._rest, span.start, span.stop, values, slopes, bars,
                buffers_bar, states_bar, self._places, self._normals, scratch, entering, *sums,
            )  # fmt: skip
        for state, place in program.starts:
            sums[3][:, place] += states_bar[:, state]
        return entering, self._gradients(*sums)

    def _gradients(
        self, coefficients: Traces, delays: Traces, keeps: Traces, numbers: Traces
    ) -> Gradients:
        totals: Gradients = {}
        program = self._program
        cuts = program.ops[1:, 2]
        for i, network in enumerate(program.networks):
            rows = self._carriers == i
            bars = Bars(
                program.rows_of(coefficients[rows].sum(axis=0)),
                delays[rows].sum(axis=0),
                keeps[rows].sum(axis=0),
                np.split(numbers[rows].sum(axis=0), cuts) if len(program.ops) else [],
            )
            add_gradients(totals, network, bars)
        return totals

    def _spans(self) -> Iterator[slice]:
        """Stretches whose waves take as much memory as the states between them."""
        each = self._program.n_values + len(self._program.lines)
        held = max(1, self._program.total + self._program.n_states)
        least = max(_LEAST_CHUNK, _NUMBERS_A_CALL // (self._batch * each))
        chunk = max(least, isqrt(self._n * held // each))
        for start in range(0, self._n, chunk):
            yield slice(start, min(start + chunk, self._n))
