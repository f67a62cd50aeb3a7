"""What a component of a circuit is: named ports, a scattering matrix, its slopes, its memory.

    in0 ──┐         ┌── out0        b = S(ν) a,   S[out, in],   e^{-iωt}: a delay is e^{+iωτ}
          │    S    │
    in1 ──┘         └── out1

A few kinds make every circuit, and each says what it remembers, so that one description serves a
solver in frequency and one in time:

- `Memoryless`: a constant S; what leaves depends on what enters at the same instant.
- `Line`: two ports, one delay, a loss, a phase of the carrier, a little dispersion.
- `circuits.component_modes.Modes`: states that decay and oscillate, as a filter or a resonance.
- `circuits.component_nonlinear.Nonlinear`: one operation of a closed set, as a square law.
- `Composition`: parts of these kinds wired together, as a ring is.

A component that is none of these (measured S-parameters) derives from `Component` itself. The
real numbers that a component was built from are its parameters; each kind holds the slopes of its
own description with respect to them, from which `derivatives` follows without differences.

Electrical signals are waves too, on ports of their own: real, in V, A or dimensionless, without a
carrier. What is electrical takes the frequency ν of `scattering` for its own, so that an amplifier
of 1 GHz passes nothing at optical frequencies.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from math import pi
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from circuits.component_wiring import Closed, Wiring, close

Frequencies = NDArray[np.float64]
Matrices = NDArray[np.complex128]
Domain: TypeAlias = Literal["optical", "electrical"]


class Component(ABC):
    """A part with named ports; see the module for the kinds."""

    ports: tuple[str, ...]
    """Names of the ports in the order of rows and columns of S."""

    parameters: Mapping[str, float]
    """The real numbers it was built from and with respect to which `derivatives` differentiates."""

    domain: Domain = "optical"
    """What the waves at its ports are, where all are alike."""

    @abstractmethod
    def scattering(self, frequency: Frequencies) -> Matrices:
        """Return S[out, in] at optical frequencies (Hz) of shape (F,): shape (F, P, P)."""

    @abstractmethod
    def derivatives(self, frequency: Frequencies) -> dict[str, Matrices]:
        """Return ∂S/∂parameter, (F, P, P) each, by name."""

    @abstractmethod
    def dispersion(self, frequency: Frequencies) -> Matrices:
        """Return dS/dν in 1/Hz, (F, P, P)."""

    @property
    def domains(self) -> tuple[Domain, ...]:
        """What the waves at each port are; only ports of one domain can be joined."""
        return (self.domain,) * len(self.ports)

    @property
    def structure(self) -> NDArray[np.bool_]:
        """Where S or one of its slopes can differ from zero, (P, P)."""
        return np.ones((len(self.ports), len(self.ports)), dtype=bool)

    @property
    def directions(self) -> NDArray[np.bool_]:
        """Whether each port takes what enters it, and whether it sends anything, (2, P)."""
        structure = self.structure
        return np.array([structure.any(axis=0), structure.any(axis=1)])


@dataclass(frozen=True, eq=False)
class Memoryless(Component):
    """A component of constant S."""

    ports: tuple[str, ...]
    matrix: Matrices
    """S[out, in], (P, P)."""

    parameters: Mapping[str, float] = field(default_factory=dict)
    slopes: Mapping[str, Matrices] = field(default_factory=dict)
    """∂S/∂parameter, (P, P) each, by name."""

    domain: Domain = "optical"

    def scattering(self, frequency: Frequencies) -> Matrices:
        """Return the constant S, (F, P, P), read-only."""
        return _repeated(self.matrix, frequency)

    def derivatives(self, frequency: Frequencies) -> dict[str, Matrices]:
        """Return the slopes, (F, P, P) each, read-only."""
        return {name: _repeated(slope, frequency) for name, slope in self.slopes.items()}

    def dispersion(self, frequency: Frequencies) -> Matrices:
        """Return zeros: S is constant."""
        return np.zeros((len(frequency), *self.matrix.shape), dtype=np.complex128)

    @property
    def structure(self) -> NDArray[np.bool_]:
        """Where S or a slope differs from zero."""
        return np.asarray(np.any([self.matrix, *self.slopes.values()], axis=0))


class LineSlope(NamedTuple):
    """Derivatives of the five numbers of a `Line` with respect to one parameter."""

    attenuation: float = 0.0
    phase: float = 0.0
    delay: float = 0.0
    bend: float = 0.0
    reference_frequency: float = 0.0


@dataclass(frozen=True, eq=False)
class Line(Component):
    """A delay between two ports, the same in both directions.

    S[1, 0] = S[0, 1] = exp(−attenuation + i(phase + Ωτ + ½ bend Ω²)), Ω = 2π(ν − ν₀)
    """

    ports: tuple[str, ...]
    attenuation: float = 0.0
    """Loss of amplitude in nepers, ≥ 0; L dB are L ln(10)/20."""

    phase: float = 0.0
    """Phase in rad at the reference frequency; it never follows from a rounded delay."""

    delay: float = 0.0
    """Group delay τ in s at the reference frequency."""

    bend: float = 0.0
    """Dispersion β₂L in s²."""

    reference_frequency: float = 0.0
    """Frequency ν₀ in Hz at which phase and delay hold."""

    parameters: Mapping[str, float] = field(default_factory=dict)
    slopes: Mapping[str, LineSlope] = field(default_factory=dict)
    domain: Domain = "optical"
    """Electrical for a cable, whose signal has no carrier: phase and delay hold at ν₀ = 0."""

    def transfer(self, frequency: Frequencies) -> Matrices:
        """Return the factor from port to port, (F,)."""
        angle = self._offset(frequency)
        phase = self.phase + angle * (self.delay + 0.5 * self.bend * angle)
        return np.asarray(np.exp(-self.attenuation + 1j * phase))

    def scattering(self, frequency: Frequencies) -> Matrices:
        """Return S with the transfer factor off its diagonal, (F, 2, 2)."""
        return _crossed(self.transfer(frequency))

    def derivatives(self, frequency: Frequencies) -> dict[str, Matrices]:
        """Return S times the slopes of its logarithm, (F, 2, 2) each."""
        angle, through = self._offset(frequency), self.transfer(frequency)
        return {
            name: _crossed(through * self._log_slope(slope, angle))
            for name, slope in self.slopes.items()
        }

    def dispersion(self, frequency: Frequencies) -> Matrices:
        """Return S times 2πi the delay at each frequency, (F, 2, 2)."""
        angle = self._offset(frequency)
        return _crossed(self.transfer(frequency) * 2j * pi * (self.delay + self.bend * angle))

    @property
    def structure(self) -> NDArray[np.bool_]:
        """A line reflects nothing."""
        return ~np.eye(2, dtype=bool)

    def referred_to(self, frequency: float) -> "Line":
        """Return the same line described at another reference frequency (Hz), slopes and all.

        What a solver in time needs: its carrier's phase and the group delay there.
        """
        angle = 2 * pi * (frequency - self.reference_frequency)
        delay = self.delay + angle * self.bend
        slopes = {}
        for name, of in self.slopes.items():
            turn = -2 * pi * of.reference_frequency
            slopes[name] = LineSlope(
                attenuation=of.attenuation,
                phase=of.phase + angle * (of.delay + 0.5 * angle * of.bend) + turn * delay,
                delay=of.delay + angle * of.bend + turn * self.bend,
                bend=of.bend,
            )
        return replace(
            self,
            phase=self.phase + angle * (self.delay + 0.5 * angle * self.bend),
            delay=delay,
            reference_frequency=frequency,
            slopes=slopes,
        )

    def _offset(self, frequency: Frequencies) -> Frequencies:
        return 2 * pi * (frequency - self.reference_frequency)

    def _log_slope(self, of: LineSlope, angle: Frequencies) -> Matrices:
        """Derivative of ln S[1, 0] at the angular offsets Ω."""
        turn = of.phase + angle * (of.delay + 0.5 * angle * of.bend)
        shift = -2 * pi * of.reference_frequency * (self.delay + self.bend * angle)
        return np.asarray(-of.attenuation + 1j * (turn + shift))


@dataclass(frozen=True, eq=False)
class Composition(Component):
    """Parts wired together: a small circuit with the parameters of one device.

    The slopes of the parts carry the names of the composition's parameters, so that one parameter
    may act on several parts. Solvers of circuits take the parts; the methods here serve the
    composition alone.
    """

    ports: tuple[str, ...]
    parts: Mapping[str, Component]
    """The parts by name, no compositions among them."""

    connections: tuple[tuple[str, str], ...]
    """Joined ports, each written 'part,port'."""

    exposed: tuple[str, ...]
    """For each port of the composition the 'part,port' that it is."""

    parameters: Mapping[str, float] = field(default_factory=dict)

    def scattering(self, frequency: Frequencies) -> Matrices:
        """Return S of the wired parts, (F, P, P)."""
        return self._closed(frequency).total

    def derivatives(self, frequency: Frequencies) -> dict[str, Matrices]:
        """Return the slopes of the parts as they reach the ports, (F, P, P) each."""
        closed = self._closed(frequency)
        slopes = {part: it.derivatives(frequency) for part, it in self.parts.items()}
        totals = {}
        for name in self.parameters:
            total = np.zeros_like(closed.total)
            for part, of in slopes.items():
                if name in of:
                    total += _carried(closed, self._span(part), of[name])
            totals[name] = total
        return totals

    def dispersion(self, frequency: Frequencies) -> Matrices:
        """Return the dispersion of the parts as it reaches the ports, (F, P, P)."""
        closed = self._closed(frequency)
        total = np.zeros_like(closed.total)
        for part, it in self.parts.items():
            total += _carried(closed, self._span(part), it.dispersion(frequency))
        return total

    @property
    def domains(self) -> tuple[Domain, ...]:
        """Those of the parts' exposed ports."""
        inner = [domain for part in self.parts.values() for domain in part.domains]
        return tuple(inner[self._number(port)] for port in self.exposed)

    @property
    def directions(self) -> NDArray[np.bool_]:
        """Those of the parts' exposed ports."""
        inner = np.concatenate([part.directions for part in self.parts.values()], axis=1)
        return np.asarray(inner[:, [self._number(port) for port in self.exposed]])

    @cached_property
    def wiring(self) -> Wiring:
        """The ports of all parts, numbered part by part, and what joins them."""
        pairs = [(self._number(a), self._number(b)) for a, b in self.connections]
        inner = [domain for part in self.parts.values() for domain in part.domains]
        for (a, b), ends in zip(pairs, self.connections, strict=True):
            if inner[a] != inner[b]:
                raise ValueError(
                    f"{ends[0]!r} is {inner[a]} and {ends[1]!r} is {inner[b]} (light is no "
                    f"voltage). Put a detector or a modulator between them."
                )
        n_ports = sum(len(part.ports) for part in self.parts.values())
        return Wiring.of(n_ports, pairs, [self._number(port) for port in self.exposed])

    def _closed(self, frequency: Frequencies) -> Closed:
        n_ports = self.wiring.n_ports
        whole = np.zeros((len(frequency), n_ports, n_ports), dtype=np.complex128)
        for name, part in self.parts.items():
            span = self._span(name)
            whole[:, span, span] = part.scattering(frequency)
        return close(whole, self.wiring)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Number of the first port of each part."""
        counts = [len(part.ports) for part in self.parts.values()]
        return tuple(accumulate(counts[:-1], initial=0))

    def _span(self, name: str) -> slice:
        start = self.starts[list(self.parts).index(name)]
        return slice(start, start + len(self.parts[name].ports))

    def _number(self, place: str) -> int:
        part, port = place.split(",")
        return int(self._span(part).start) + self.parts[part].ports.index(port)


def _carried(closed: Closed, span: slice, change: Matrices) -> Matrices:
    """Change of the whole that a change of the part at `span` makes."""
    return np.asarray(closed.leaving[:, :, span] @ change @ closed.entering[:, span])


def _repeated(matrix: Matrices, frequency: Frequencies) -> Matrices:
    """The same matrix at every frequency, (F, P, P), read-only."""
    return np.broadcast_to(matrix, (len(frequency), *matrix.shape))


def _crossed(through: Matrices) -> Matrices:
    """Matrices (F, 2, 2) of a reflectionless two-port with a factor (F,)."""
    matrix = np.zeros((len(through), 2, 2), dtype=np.complex128)
    matrix[:, 0, 1] = matrix[:, 1, 0] = through
    return matrix
