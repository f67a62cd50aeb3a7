"""Modes: states that decay and oscillate and are driven by what enters.

    S(ν) = D + out · diag(1/(−iΩ − p)) · into,      Ω = 2π(ν − ν₀)

For the envelope a about ν₀ that is dx_k/dt = p_k x_k + (into a)_k, what leaves D a + out x. A
coupled-mode ring is one such state, an electrical low-pass another (ν₀ = 0, p = −1/τ, out · into =
1/τ), a measured S-matrix as many as a fit of its poles has.

In time a solver takes samples, z = e^{−iΩ dt}, in one of three ways (`Modes.reading`):

    bilinear   S at the offset (2/dt) tan(Ω dt/2) instead of Ω, exactly: a second-order error,
               |ΔS| ≈ |dS/dΩ| |Ω|³ dt²/12. What is passive stays passive, what is lossless stays
               so, in any feedback. What enters acts at once, a loop through it has no delay.
    held       D + out · diag((e^{p dt} − 1)/p / (z − e^{p dt})) · into: the state before a sample's
               input acts, exact for inputs held over samples. Some dt/2 late, a first-order error,
               S(1 + iΩ dt/2 + …). With D = 0 it breaks a loop.
    settled    the same with z/(z − …): the state after the input has acted, which devices give
               (`Photodetector.advance`). Exact for held inputs, some dt/2 early; acts at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import pi
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuits.component import Component, Domain, Frequencies, Matrices
from circuits.pole_model import PoleModel
from devices._fields import POSITIVE, checked_real


class ModesSlope(NamedTuple):
    """Derivatives of the numbers of `Modes` with respect to one parameter; shapes as there."""

    direct: Any = 0.0
    poles: Any = 0.0
    into: Any = 0.0
    out: Any = 0.0
    reference_frequency: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Modes(Component):
    """A linear component of K states.

    Raises
    ------
    ValueError
        Where shapes do not fit, or a pole grows.
    """

    ports: tuple[str, ...]
    poles: NDArray[np.number[Any]]
    """p in 1/s about the reference frequency, (K,), real parts ≤ 0."""

    into: NDArray[np.number[Any]]
    """What each port's wave drives, (K, P)."""

    out: NDArray[np.number[Any]]
    """What each state sends out, (P, K)."""

    direct: NDArray[np.number[Any]]
    """D, (P, P)."""

    reference_frequency: float = 0.0
    """ν₀ in Hz; 0 for what is electrical."""

    reading: Literal["bilinear", "held", "settled"] = "bilinear"
    """How a solver in time takes samples, see the module."""

    parameters: Mapping[str, float] = field(default_factory=dict)
    slopes: Mapping[str, ModesSlope] = field(default_factory=dict)
    domain: Domain = "optical"

    def __post_init__(self) -> None:
        n, k = len(self.ports), np.size(self.poles)
        shapes = {"poles": (k,), "into": (k, n), "out": (n, k), "direct": (n, n)}
        for name, shape in shapes.items():
            given = np.asarray(getattr(self, name), dtype=np.complex128)
            if given.shape != shape:
                raise ValueError(
                    f"{name} must have the shape {shape} ({k} states, {n} ports); got "
                    f"{given.shape}."
                )
            object.__setattr__(self, name, given)
        if np.any(self.poles.real > 0):
            raise ValueError(
                f"poles must have real parts ≤ 0 (a state that nothing drives does not grow); got "
                f"{self.poles[np.argmax(self.poles.real)]:.6g} 1/s."
            )

    @classmethod
    def of_pole_model(cls, model: PoleModel) -> "Modes":
        """Return the states of a fit, as those of measured S-parameters."""
        states = model.states()
        return cls(
            ports=model.ports,
            poles=states.poles,
            into=states.into,
            out=states.out,
            direct=states.direct,
            reference_frequency=model.reference_frequency,
        )

    def scattering(self, frequency: Frequencies) -> Matrices:
        """Return S, (F, P, P)."""
        return np.asarray(self.direct + self._through(self._weight(frequency)))

    def derivatives(self, frequency: Frequencies) -> dict[str, Matrices]:
        """Return the slopes by the product rule, (F, P, P) each."""
        weight = self._weight(frequency)
        shape = (len(frequency), *self.direct.shape)
        found = {}
        for name, of in self.slopes.items():
            # 1/(−iΩ − p) follows p as its square does, and Ω falls as ν₀ rises.
            shift = np.broadcast_to(of.poles - 2j * pi * of.reference_frequency, self.poles.shape)
            out = np.broadcast_to(of.out, self.out.shape)
            into = np.broadcast_to(of.into, self.into.shape)
            total = self._through(weight**2 * shift) + np.asarray(of.direct)
            total = total + (out * weight[:, None]) @ self.into
            total = total + (self.out * weight[:, None]) @ into
            found[name] = np.array(np.broadcast_to(total, shape))
        return found

    def dispersion(self, frequency: Frequencies) -> Matrices:
        """Return dS/dν: i dΩ does what dp does."""
        return self._through(2j * pi * self._weight(frequency) ** 2)

    @property
    def structure(self) -> NDArray[np.bool_]:
        """Where something passes, by states or directly, or a slope may make it."""
        return np.asarray(self.used("direct") | (self.used("out") @ self.used("into")))

    def used(self, name: Literal["direct", "into", "out"]) -> NDArray[np.bool_]:
        """Return where numbers of that name, or a slope of them, differ from zero."""
        own = getattr(self, name)
        slopes = [np.broadcast_to(getattr(of, name), own.shape) for of in self.slopes.values()]
        return np.asarray(np.any([own, *slopes], axis=0))

    def referred_to(self, frequency: float) -> "Modes":
        """Return the same S for envelopes about another carrier (Hz), slopes and all."""
        shift = 2j * pi * (frequency - self.reference_frequency)
        slopes = {
            name: of._replace(
                poles=of.poles - 2j * pi * of.reference_frequency, reference_frequency=0.0
            )
            for name, of in self.slopes.items()
        }
        return replace(self, poles=self.poles + shift, reference_frequency=frequency, slopes=slopes)

    def _weight(self, frequency: Frequencies) -> Matrices:
        omega = 2 * pi * (frequency - self.reference_frequency)
        return np.asarray(1.0 / (-1j * omega[:, None] - self.poles))

    def _through(self, weight: Matrices) -> Matrices:
        return np.asarray((self.out * weight[:, None]) @ self.into)


def low_pass(
    time_constant: float,
    *,
    ports: tuple[str, str] = ("in0", "out0"),
    gain: float = 1.0,
    reading: Literal["bilinear", "held", "settled"] = "settled",
    parameters: Mapping[str, float] | None = None,
    time_slopes: Mapping[str, float] | None = None,
    gain_slopes: Mapping[str, float] | None = None,
) -> Modes:
    """Return an electrical low-pass gain/(1 − iωτ) from the first port to the second, one way.

    Parameters
    ----------
    time_constant : float (s)
        τ = 1/(2π f_3dB), > 0.
    ports : pair of str
    gain : float
        At zero frequency.
    reading : str
        See the module; "settled" as the devices, "held" where it shall break a loop.
    parameters, time_slopes, gain_slopes : mapping, optional
        Parameters of the device, and ∂τ and ∂gain with respect to them.
    """
    tau = float(np.asarray(checked_real(time_constant, "time_constant", POSITIVE, "τ in s")))
    rates, gains = time_slopes or {}, gain_slopes or {}
    into = np.array([[1.0 / tau, 0.0]])
    slopes = {
        name: ModesSlope(
            poles=np.array([rates.get(name, 0.0) / tau**2]),
            into=-into * rates.get(name, 0.0) / tau,
            out=np.array([[0.0], [gains.get(name, 0.0)]]),
        )
        for name in {**rates, **gains}
    }
    return Modes(
        ports=ports,
        poles=np.array([-1.0 / tau]),
        into=into,
        out=np.array([[0.0], [gain]]),
        direct=np.zeros((2, 2)),
        reading=reading,
        parameters=parameters or {},
        slopes=slopes,
        domain="electrical",
    )
