"""A circuit in time: complex envelopes about a carrier, sample by sample.

    A_port(t) = Re{ A[n] e^{−iω₀t} },  n dt ≤ t < (n + 1) dt        √W,  held over a sample

What is memoryless is solved once, exactly, and becomes one map of no time between delays
(`circuits.transient_map`); the delays are ring buffers, with a fraction of a sample by Lagrange's
interpolation (`circuits.transient_delays`). A step costs the same whatever the delays. In
frequency the result is `Circuit.scattering` at ν₀ + Ω/2π: exactly where delays are whole samples,
otherwise within the interpolation's error.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from circuits.circuit_layout import Layout
from circuits.components import CircuitError
from circuits.netlist import near
from circuits.transient_delays import ORDERS
from circuits.transient_kernels import COLUMNS, step_adjoint, step_forward
from circuits.transient_map import Rows
from circuits.transient_network import Gradients, Network, build_network
from devices._fields import POSITIVE, checked_real

Traces = NDArray[np.complexfloating[Any, Any]]

_LEAST_CHUNK = 64


@dataclass(frozen=True)
class Transient:
    """What leaves a circuit over time."""

    time: NDArray[np.float64]
    """(samples,) in s, the beginning of each sample."""

    outputs: Mapping[str, Traces]
    """Envelope in √W by port, (samples,) or (batch, samples) as the inputs."""

    dt: float
    """Length of a sample in s."""

    frequency: float
    """Of the carrier in Hz."""

    def power(self, port: str) -> NDArray[np.floating[Any]]:
        """Return |A|² in W of what leaves a port."""
        return np.asarray(np.abs(self.outputs[port]) ** 2)


@dataclass(frozen=True)
class TransientGradients:
    """Gradients of a real L with respect to what a transient was computed from."""

    inputs: Mapping[str, Traces]
    """∂L/∂Re A + i ∂L/∂Im A by port, shaped as the inputs; torch's convention."""

    parameters: Gradients
    """By instance and name; a dispersion, which exists in frequency only, is left out."""


class SteppedCircuit:
    """A circuit compiled for one carrier and one length of sample.

    Parameters
    ----------
    layout : Layout
        The circuit, taken apart.
    ports : sequence of str
        Names of its ports.
    inputs : sequence of str
        Ports that light enters; what only the others would reach is left out.
    outputs : sequence of str, optional
        Ports to be seen; all of them unless given.
    dt : float (s)
        Length of a sample.
    frequency : float (Hz)
        Of the carrier: phases are those of the lines there, never of rounded delays.
    order : int
        Odd order p of the fractional delays. A delay of d samples, d not whole, needs
        d ≥ (p + 1)/2 and errs by at most C_p (Ω dt)^{p+1}, C = 0.125, 0.0234, 0.00488 for p = 1,
        3, 5; a resonator multiplies that by the round trips that its light makes.

    Raises
    ------
    CircuitError
        Where a part exists in frequency only, a delay is too short for its method, or a loop
        without delay returns all of its light.
    """

    def __init__(
        self,
        layout: Layout,
        ports: Sequence[str],
        inputs: Sequence[str],
        outputs: Sequence[str] | None = None,
        *,
        dt: float,
        frequency: float,
        order: int = 5,
    ) -> None:
        self.dt = _positive(dt, "dt", "the length of a sample in s")
        self.frequency = _positive(frequency, "frequency", "the carrier's in Hz")
        if order not in ORDERS:
            raise ValueError(f"order must be one of {ORDERS} (odd orders are stable); got {order}.")
        self._where = layout.where
        self._ports = tuple(ports)
        self._seen = self._ports if outputs is None else tuple(outputs)
        self._lit = tuple(inputs)
        if not self._lit:
            raise ValueError('inputs must name a port with light, as {"in": samples}; got none.')
        self.network = build_network(
            layout,
            dt=self.dt,
            frequency=self.frequency,
            order=order,
            lit=[self._port(name) for name in self._lit],
            wanted=[self._port(name) for name in self._seen],
        )
        self._program = _Program(self.network)

    def _port(self, name: str) -> int:
        if name not in self._ports:
            raise CircuitError(
                f"{self._where}the circuit has no port {name!r}.{near(name, self._ports)}"
            )
        return self._ports.index(name)

    def run(self, inputs: Mapping[str, ArrayLike]) -> Transient:
        """Step through all samples from the dark.

        Parameters
        ----------
        inputs : mapping of str to (samples,) or (batch, samples)
            Envelope in √W that enters each port; complex64 stays so, all else is complex128.
            Ports that are not named are dark.
        """
        light, batched = self._packed(inputs)
        run = _Run(self._program, light)
        run.forward(slice(0, light.shape[2]))
        return self._transient(run, batched)

    def gradients(
        self, inputs: Mapping[str, ArrayLike], cotangents: Mapping[str, ArrayLike]
    ) -> TransientGradients:
        """Return gradients of a real L by inputs and parameters.

        The samples are stepped twice forwards and once back; what is kept is the state of the
        delays at about √samples moments and all waves of one stretch between two of them.

        Parameters
        ----------
        inputs : mapping
            As of `run`.
        cotangents : mapping of str to array
            ∂L/∂Re A + i ∂L/∂Im A of what leaves each port, shaped as `run` returns it; ports that
            are not named do not count.
        """
        light, batched = self._packed(inputs)
        bars = np.zeros((light.shape[0], len(self._program.exits), light.shape[2]), light.dtype)
        shape = (light.shape[0], light.shape[2]) if batched else light.shape[2:]
        for name, given in cotangents.items():
            if self._port(name) not in map(self._port, self._seen) or np.shape(given) != shape:
                raise ValueError(
                    f"the cotangent of port {name!r} must have the shape {shape} of what leaves "
                    f"it; got {np.shape(given)}."
                )
            place = self._program.output_places.get(self._port(name))
            if place is not None:
                bars[:, place] = np.conj(np.asarray(given))
        run = _Run(self._program, light)
        entering = run.backward(bars)
        traces = {}
        for name in self._lit:
            place = self._program.input_places.get(self._port(name))
            own = np.zeros_like(light[:, 0]) if place is None else np.conj(entering[:, place])
            traces[name] = own if batched else own[0]
        parameters = self.network.parameter_gradients(
            self._program.rows_of(run.coefficients_bar.sum(axis=0)),
            run.delays_bar.sum(axis=0).tolist(),
        )
        return TransientGradients(traces, parameters)

    def _packed(self, inputs: Mapping[str, ArrayLike]) -> tuple[Traces, bool]:
        """Inputs as (batch, lit ports, samples), and whether they have a batch."""
        if set(inputs) != set(self._lit):
            raise ValueError(
                f"inputs must be of the ports {sorted(self._lit)} that the circuit was compiled "
                f"for; got {sorted(inputs)}."
            )
        given = {name: np.asarray(it) for name, it in inputs.items()}
        for name, it in given.items():
            if it.ndim not in (1, 2) or it.shape[-1] == 0 or it.dtype.kind not in "fciu":
                raise ValueError(
                    f"the input of port {name!r} must be numbers of the shape (samples,) or "
                    f"(batch, samples); got {it.dtype} of the shape {it.shape}."
                )
        try:
            shape = np.broadcast_shapes(*(it.shape for it in given.values()))
        except ValueError:
            shape = ()
        if not shape or any(it.shape[-1] != shape[-1] for it in given.values()):
            shapes = {name: it.shape for name, it in given.items()}
            raise ValueError(f"inputs must have one number of samples and batch; got {shapes}.")
        kind = np.result_type(np.complex64, *given.values())
        batch = shape[0] if len(shape) == 2 else 1
        light = np.zeros((batch, len(self._program.input_places), shape[-1]), kind)
        for name, it in given.items():
            place = self._program.input_places.get(self._port(name))
            if place is not None:
                light[:, place] = it
        return light, len(shape) == 2

    def _transient(self, run: "_Run", batched: bool) -> Transient:
        dark = np.zeros((run.light.shape[0], run.light.shape[2]), run.light.dtype)
        outputs = {}
        for name in self._seen:
            place = self._program.output_places.get(self._port(name))
            trace = dark if place is None else run.outputs[:, place]
            outputs[name] = trace if batched else trace[0]
        time = self.dt * np.arange(run.light.shape[2], dtype=np.float64)
        return Transient(np.asarray(time), outputs, self.dt, self.frequency)


class _Program:
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


class _Run:
    """The state of one batch on its way through the samples."""

    def __init__(self, program: _Program, light: Traces) -> None:
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


def _positive(value: float, name: str, why: str) -> float:
    checked = checked_real(value, name, POSITIVE, why)
    if not isinstance(checked, float):
        raise ValueError(f"{name} must be one number ({why}); got {value!r}.")
    return checked
