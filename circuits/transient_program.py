"""A network of delays as arrays for the kernels, and a batch on its way through the samples.

The way back needs every wave of every sample. Kept are the delays' contents at some moments and,
stretch by stretch from the last, the waves between two of them, stepped once more: a stretch of
√(N T/V) samples, of N in all, with T samples inside the delays and V waves, takes as much memory as
the moments do, together 2 √(N T V) numbers a row of the batch.
"""

from collections.abc import Iterator
from math import isqrt
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from circuits.transient_kernels import COLUMNS, step_adjoint, step_forward
from circuits.transient_map import Rows
from circuits.transient_network import Network

Traces: TypeAlias = NDArray[np.complexfloating[Any, Any]]

_LEAST_CHUNK = 64
"""Samples below which a stretch would cost more in calls than in steps."""

_PRODUCTS_A_STRETCH = 1 << 24
"""Products that take some 50 ms."""


class Program:
    """A network as the arrays of the kernels."""

    def __init__(self, network: Network) -> None:
        rows = network.map.rows
        delays = network.delays
        order = [delay.source for delay in delays] + list(network.inputs.values())
        self.index = {wave: i for i, wave in enumerate([*order, *rows])}
        self.entries = [(row, source) for row, of in rows.items() for source in of]
        self.sources = np.array([self.index[it] for _, it in self.entries], dtype=np.int64)
        self.row_start = np.cumsum([0, *map(len, rows.values())])
        self.coefficients = np.array([rows[r][c] for r, c in self.entries], dtype=np.complex128)
        self.input_places = {port: i for i, port in enumerate(network.inputs)}
        self.output_places = {port: i for i, port in enumerate(network.outputs)}
        self.exits = np.array([self.index[it] for it in network.outputs.values()], dtype=np.int64)
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

    def rows_of(self, coefficients: Traces) -> Rows:
        """Return numbers, one per entry, as rows."""
        rows: Rows = {}
        for (row, source), value in zip(self.entries, coefficients.tolist(), strict=True):
            rows.setdefault(row, {})[source] = value
        return rows


class Run:
    """The state of one batch on its way through the samples."""

    def __init__(self, program: Program, light: Traces) -> None:
        self._program = program
        self.light = light
        self._batch, _, self._n = light.shape
        kind, real = light.dtype, light.real.dtype
        self._fixed = (program.lines, program.taps.astype(real))
        self._slope_taps = program.slope_taps.astype(real)
        self._map = (program.row_start, program.sources, program.coefficients.astype(kind))
        self._n_lines, self._n_values = len(program.lines), len(program.index)
        self._buffers = np.zeros((self._batch, program.total), kind)
        self._places = np.zeros((self._batch, self._n_lines), np.int64)
        self.outputs = np.zeros((self._batch, len(program.exits), self._n), kind)
        self.coefficients_bar = np.zeros((self._batch, len(program.coefficients)), kind)
        self.delays_bar = np.zeros((self._batch, self._n_lines), kind)

    def forward(self, span: slice, *, keep: bool = False) -> tuple[Traces, Traces]:
        """Step through some samples; return all waves and slopes of each where kept."""
        n = span.stop - span.start if keep else 1
        values = np.zeros((self._batch, n, self._n_values), self.light.dtype)
        slopes = np.zeros((self._batch, n, self._n_lines), self.light.dtype)
        step_forward(
            *self._fixed, self._slope_taps, *self._map, self._program.exits, keep, span.start,
            span.stop, self.light, self._buffers, self._places, values, slopes, self.outputs,
        )  # fmt: skip
        return values, slopes

    def stretches(self) -> Iterator[slice]:
        """Stretches of all samples after each of which somebody may be told, or stop."""
        work = self._batch * (self._n_values + len(self._program.coefficients))
        chunk = max(_LEAST_CHUNK, _PRODUCTS_A_STRETCH // max(1, work))
        for start in range(0, self._n, chunk):
            yield slice(start, min(start + chunk, self._n))

    def backward(self, bars: Traces) -> Traces:
        """Return ∂L/∂inputs, bilinear, and add up those of coefficients and delays."""
        starts = []
        for span in self._spans():
            starts.append((span, self._buffers.copy()))
            self.forward(span)
        entering = np.zeros_like(self.light)
        buffers_bar = np.zeros_like(self._buffers)
        scratch = np.zeros((self._batch, self._n_values), self.light.dtype)
        while starts:
            span, self._buffers = starts.pop()
            values, slopes = self.forward(span, keep=True)
            step_adjoint(
                *self._fixed, *self._map, self._program.exits, span.start, span.stop,
                values, slopes, bars, buffers_bar, self._places, scratch, entering,
                self.coefficients_bar, self.delays_bar,
            )  # fmt: skip
        return entering

    def _spans(self) -> Iterator[slice]:
        """Stretches whose waves take as much memory as the states between them."""
        each = self._n_values + self._n_lines
        chunk = max(_LEAST_CHUNK, isqrt(self._n * max(1, self._program.total) // each))
        for start in range(0, self._n, chunk):
            yield slice(start, min(start + chunk, self._n))
