"""A circuit in time: complex envelopes about a carrier, sample by sample.

    A_port(t) = Re{ A[n] e^{−iω₀t} },  n dt ≤ t < (n + 1) dt        √W,  held over a sample

What is memoryless is solved once, exactly, and becomes one map of no time between delays
(`circuits.transient_map`); the delays are ring buffers, with a fraction of a sample by Lagrange's
interpolation (`circuits.transient_delays`). A step costs the same whatever the delays. In
frequency the result is `Circuit.scattering` at ν₀ + Ω/2π: exactly where delays are whole samples,
otherwise within the interpolation's error. States of modes are stepped as each says
(`circuits.component_modes`), nonlinear parts are applied sample by sample
(`circuits.transient_op_kernels`). Electrical signals are real, without a carrier.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import index
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from circuits.circuit_layout import Layout
from circuits.components import CircuitError
from circuits.netlist import PortRef, near
from circuits.transient_delays import ORDERS
from circuits.transient_network import build_network
from circuits.transient_op_kernels import Op
from circuits.transient_parameters import Gradients
from circuits.transient_program import Program, Run, Traces
from devices._fields import POSITIVE, checked_real

Seen: TypeAlias = NDArray[np.inexact[Any]]
"""Samples, complex of light and real of electrical signals."""


@dataclass(frozen=True)
class Transient:
    """What leaves a circuit over time."""

    time: NDArray[np.float64]
    """(samples,) in s, the beginning of each sample."""

    outputs: Mapping[str, Seen]
    """Envelope in √W by port, (samples,) or (batch, samples) as the inputs; real where the port is
    electrical."""

    probes: Mapping[str, Seen]
    """What leaves probed ports of instances, likewise."""

    dt: float
    """Length of a sample in s."""

    frequency: float | NDArray[np.float64]
    """Of the carrier in Hz, or of that of each row of the batch, (batch,)."""

    def power(self, port: str) -> NDArray[np.floating[Any]]:
        """Return |A|² in W of what leaves a port, or a probed port of an instance."""
        seen = self.outputs[port] if port in self.outputs else self.probes[port]
        return np.asarray(np.abs(seen) ** 2)


@dataclass(frozen=True)
class TransientGradients:
    """Gradients of a real L with respect to what a transient was computed from."""

    inputs: Mapping[str, Seen]
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
    probes : mapping of str to (instance, port)
        Ports of instances to be seen too, by a name for each: what leaves the port, whatever it
        leads to. What enters it is what leaves the port that it is joined to.
    dt : float (s)
        Length of a sample.
    frequency : float or (batch,) (Hz)
        Of the carrier: phases are those of the lines there, never of rounded delays. With one for
        each row of the batch the rows are wavelengths that share the circuit and know nothing of
        one another, not even in a detector or an amplifier.
    order : int
        Odd order p of the fractional delays. A delay of d samples, d not whole, needs
        d ≥ (p + 1)/2 and errs by at most C_p (Ω dt)^{p+1}, C = 0.125, 0.0234, 0.00488 for p = 1,
        3, 5; a resonator multiplies that by the round trips that its light makes.

    Raises
    ------
    CircuitError
        Where a part exists in frequency only, a delay is too short for its method, or a loop
        without delay returns all of its light or leads through a nonlinear part.
    """

    def __init__(
        self,
        layout: Layout,
        ports: Sequence[str],
        inputs: Sequence[str],
        outputs: Sequence[str] | None = None,
        probes: Mapping[str, PortRef] = MappingProxyType({}),
        *,
        dt: float,
        frequency: ArrayLike,
        order: int = 5,
    ) -> None:
        self.dt = _positive(dt, "dt", "the length of a sample in s")
        self.frequency = _carriers(frequency)
        if order not in ORDERS:
            raise ValueError(f"order must be one of {ORDERS} (odd orders are stable); got {order}.")
        self._where = layout.where
        external: list[int] = layout.wiring.external.tolist()
        self._ports = dict(zip(ports, external, strict=True))
        self._lit = tuple(inputs)
        self._seen = {name: self._port(name) for name in (ports if outputs is None else outputs)}
        self._probes = {name: layout.place(*it, f"probe {name!r}") for name, it in probes.items()}
        if not self._lit:
            raise ValueError('inputs must name a port with light, as {"in": samples}; got none.')
        light, self._carriers = np.unique(self.frequency, return_inverse=True)
        self.networks = [
            build_network(
                layout,
                dt=self.dt,
                frequency=carrier,
                order=order,
                lit=[self._port(name) for name in self._lit],
                wanted=[*self._seen.values(), *self._probes.values()],
            )
            for carrier in light.tolist()
        ]
        self._electrical = {
            port for port, domain in enumerate(layout.domains) if domain == "electrical"
        }
        ways = np.concatenate([part.component.directions for part in layout.parts], axis=1)
        self._deaf = {port for port in self._electrical if not ways[0, port]}
        self._program = Program(self.networks)

    def _port(self, name: str) -> int:
        if name not in self._ports:
            raise CircuitError(
                f"{self._where}the circuit has no port {name!r}.{near(name, self._ports)}"
            )
        return self._ports[name]

    def run(
        self,
        inputs: Mapping[str, ArrayLike],
        *,
        seed: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Transient:
        """Step through all samples from the dark.

        Parameters
        ----------
        inputs : mapping of str to (samples,) or (batch, samples)
            Envelope in √W that enters each port, real for an electrical one; single precision
            stays so, all else is double. Ports that are not named are dark.
        seed : int, optional
            Of the noise of detectors, amplifiers and sources, none without it. The same seed gives
            the same noise, row by row of the batch, for any number of threads.
        progress : callable, optional
            Told now and then how many samples are done.

        Raises
        ------
        CircuitError
            Where something grows until its power is no number; told is when.
        """
        light, batched = self._packed(inputs)
        run = self._run(light, seed)
        for span in run.stretches():
            run.forward(span)
            self._check_overflow(run.beyond(span), len(light))
            if progress is not None:
                progress(span.stop)
        return self._transient(run, batched)

    def gradients(
        self,
        inputs: Mapping[str, ArrayLike],
        cotangents: Mapping[str, ArrayLike],
        *,
        seed: int | None = None,
    ) -> TransientGradients:
        """Return gradients of a real L by inputs and parameters.

        The samples are stepped twice forwards and once back; what is kept is the state of the
        delays at about √samples moments and all waves of one stretch between two of them.

        Parameters
        ----------
        inputs : mapping
            As of `run`.
        cotangents : mapping of str to array
            ∂L/∂Re A + i ∂L/∂Im A of what leaves each port, or probed port, shaped as `run` returns
            it; ports that are not named do not count.
        """
        light, batched = self._packed(inputs)
        bars = np.zeros((light.shape[0], len(self._program.exits), light.shape[2]), light.dtype)
        shape = (light.shape[0], light.shape[2]) if batched else light.shape[2:]
        for name, given in cotangents.items():
            seen = {**self._probes, **self._seen}
            if name not in seen or np.shape(given) != shape:
                raise ValueError(
                    f"the cotangent of port {name!r} must have the shape {shape} of what leaves "
                    f"it, and it be one of {list(seen)}; got {np.shape(given)}."
                )
            place = self._program.output_places.get(seen[name])
            if place is not None:
                bars[:, place] += np.conj(np.asarray(given))
        entering, parameters = self._run(light, seed).backward(bars)
        dark = np.zeros((light.shape[0], light.shape[2]), light.dtype)
        traces: dict[str, Seen] = {}
        for name in self._lit:
            place = self._program.input_places.get(self._port(name))
            own = dark if place is None else np.conj(entering[:, place])
            traces[name] = self._shown(self._port(name), own if batched else own[0])
        return TransientGradients(traces, parameters)

    def _run(self, light: Traces, seed: int | None) -> Run:
        if seed is not None:
            seed = _whole(seed)
            self._check_noise()
        carriers = np.broadcast_to(self._carriers.reshape(-1), light.shape[:1])
        return Run(self._program, light, carriers.copy(), seed)

    def _check_overflow(self, beyond: tuple[int, int, int] | None, rows: int) -> None:
        if beyond is None:
            return
        row, output, sample = beyond
        places = {place: port for port, place in self._program.output_places.items()}
        seen = {port: name for name, port in {**self._probes, **self._seen}.items()}
        of = f" in row {row} of the batch" if rows > 1 else ""
        raise CircuitError(
            f"{self._where}what leaves {seen[places[output]]!r} is beyond all numbers{of} from "
            f"t = {sample * self.dt:.6g} s on (what gains more than it loses on its way round a "
            f"loop grows without bound). Lower the gain, add a loss, stop earlier, or take an "
            f"amplifier that saturates."
        )

    def _check_noise(self) -> None:
        for it in self.networks[0].operations:
            numbers = it.component.numbers.real
            if it.component.op is Op.SQUARE and np.any(numbers[3:5] > 0) and numbers[5] <= 0:
                instance = self.networks[0].parts[it.part].instance
                raise CircuitError(
                    f"{self._where}instance {instance!r} must have a finite bandwidth where noise "
                    f"is on (white noise through an infinite bandwidth has an infinite variance). "
                    f"Give it a bandwidth, or switch its noise off."
                )

    def _shown(self, port: int, trace: Traces) -> Seen:
        return trace.real.copy() if port in self._electrical else trace

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
            if not np.all(np.isfinite(it)):
                raise ValueError(f"the input of port {name!r} must be finite; got nan or inf.")
            if self._port(name) in self._deaf and np.any(it):
                raise CircuitError(
                    f"{self._where}port {name!r} takes nothing in (it is an output, the input "
                    f"would be lost). Leave it out."
                )
            if self._port(name) in self._electrical and np.any(it.imag):
                raise ValueError(
                    f"the input of port {name!r} must be real (it is electrical, a voltage or a "
                    f"current without a carrier); got complex numbers."
                )
        try:
            shape = np.broadcast_shapes(*(it.shape for it in given.values()))
        except ValueError:
            shape = ()
        if not shape or any(it.shape[-1] != shape[-1] for it in given.values()):
            shapes = {name: it.shape for name, it in given.items()}
            raise ValueError(f"inputs must have one number of samples and batch; got {shapes}.")
        if self._carriers.ndim and shape[:-1] not in ((), self._carriers.shape):
            raise ValueError(
                f"frequency must be one number or one for each row of the batch; got "
                f"{len(self._carriers)} for {shape[0]} rows."
            )
        shape = (*self._carriers.shape, shape[-1]) if self._carriers.ndim else shape
        kind = np.result_type(np.complex64, *given.values())
        batch = shape[0] if len(shape) == 2 else 1
        light = np.zeros((batch, len(self._program.input_places), shape[-1]), kind)
        for name, it in given.items():
            place = self._program.input_places.get(self._port(name))
            if place is not None:
                light[:, place] = it
        return light, len(shape) == 2

    def _transient(self, run: Run, batched: bool) -> Transient:
        dark = np.zeros((run.light.shape[0], run.light.shape[2]), run.light.dtype)

        def trace(port: int) -> Seen:
            place = self._program.output_places.get(port)
            rows = dark if place is None else run.outputs[:, place]
            return self._shown(port, rows if batched else rows[0])

        outputs = {name: trace(port) for name, port in self._seen.items()}
        probes = {name: trace(port) for name, port in self._probes.items()}
        time = self.dt * np.arange(run.light.shape[2], dtype=np.float64)
        return Transient(np.asarray(time), outputs, probes, self.dt, self.frequency)


def _carriers(frequency: ArrayLike) -> float | NDArray[np.float64]:
    checked = checked_real(frequency, "frequency", POSITIVE, "the carrier's in Hz")
    if np.ndim(checked) > 1 or np.size(checked) == 0:
        raise ValueError(
            f"frequency must be one number, or one for each row of the batch; got the shape "
            f"{np.shape(checked)}."
        )
    return checked if isinstance(checked, float) else np.asarray(checked)


def _whole(seed: int) -> int:
    try:
        number = index(seed)
    except TypeError:
        number = -1
    if isinstance(seed, bool) or not 0 <= number < 1 << 63:
        raise ValueError(f"seed must be a whole number from 0 to 2^63 - 1; got {seed!r}.")
    return number


def _positive(value: float, name: str, why: str) -> float:
    checked = checked_real(value, name, POSITIVE, why)
    if not isinstance(checked, float):
        raise ValueError(f"{name} must be one number ({why}); got {value!r}.")
    return checked
