"""One step of `Modes` over a sample, and what its numbers' gradients are for those of the modes.

    ξ[n + 1] = E ξ[n] + B a[n],      b[n] = C ξ[n] + D' a[n]

with E diagonal. With z = p dt, φ(z) = (e^z − 1)/z and g = 1/(1 − z/2),

    held       E = e^z          B = dt φ into     C = out      D' = D
    settled    E = e^z          B = dt φ into     C = out E    D' = D + out B
    bilinear   E = (1 + z/2) g  B = dt g² into    C = out      D' = D + (dt/2) out g into

The first two are exact for inputs held over a sample, with the state read before and after it.
The third is the trapezoidal rule x[n+1] = x[n] + (dt/2)(ẋ[n] + ẋ[n+1]) for the state
ξ[n] = x[n] − (dt/2) g into a[n], which needs the present input only.
"""

from math import factorial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuits.component import Matrices
from circuits.component_modes import Modes, ModesSlope

Numbers = NDArray[np.complex128]

_SMALL = 0.1
"""|z| below which φ' is a series of ten terms: (0.1)¹⁰/12! of error."""


class Step(NamedTuple):
    """The numbers of a step, or ∂L/∂ of them."""

    keep: Numbers
    """E, (K,)."""

    into: Matrices
    """B, (K, P)."""

    out: Matrices
    """C, (P, K)."""

    direct: Matrices
    """D', (P, P)."""


def step_of(modes: Modes, dt: float) -> Step:
    """Return the step of modes, described at the carrier, over a sample of dt (s)."""
    z = np.asarray(modes.poles * dt)
    if modes.reading == "bilinear":
        g = 1.0 / (1.0 - z / 2)
        driven = g[:, None] * modes.into
        direct = modes.direct + dt / 2 * (modes.out @ driven)
        return _step((1.0 + z / 2) * g, dt * g[:, None] * driven, modes.out, direct)
    keep, into = np.exp(z), dt * _phi(z)[:, None] * modes.into
    if modes.reading == "held":
        return _step(keep, into, modes.out, modes.direct)
    return _step(keep, into, modes.out * keep, modes.direct + modes.out @ into)


def _step(*arrays: NDArray[Any]) -> Step:
    return Step(*(np.asarray(it, dtype=np.complex128) for it in arrays))


class Pattern(NamedTuple):
    """Where B, C and D', or their slopes, can differ from zero."""

    into: NDArray[np.bool_]
    out: NDArray[np.bool_]
    direct: NDArray[np.bool_]


def pattern_of(modes: Modes) -> Pattern:
    """Return where a step has numbers: one read before it acts passes nothing by its states."""
    direct = modes.used("direct")
    if modes.reading != "held":
        direct = direct | (modes.used("out") @ modes.used("into"))
    return Pattern(modes.used("into"), modes.used("out"), direct)


def pulled_back(modes: Modes, dt: float, bars: Step) -> ModesSlope:
    """Return ∂L/∂ of the numbers of modes, bilinear, from those of their step."""
    z = np.asarray(modes.poles * dt)
    keep_bar, into_bar, out_bar, direct_bar = bars
    if modes.reading == "bilinear":
        g = (1.0 / (1.0 - z / 2))[:, None]
        of_driven = dt / 2 * (modes.out.T @ direct_bar)
        g_bar = np.sum((2 * dt * g * into_bar + of_driven) * modes.into, axis=1)
        # dg/dz = g²/2 and dE/dz = g².
        z_bar = g[:, 0] ** 2 * (keep_bar + g_bar / 2)
        out_bar = out_bar + dt / 2 * direct_bar @ (g * modes.into).T
        return ModesSlope(direct_bar, dt * z_bar, dt * g**2 * into_bar + g * of_driven, out_bar)
    keep, held = np.exp(z), dt * _phi(z)[:, None]
    if modes.reading == "settled":
        keep_bar = keep_bar + np.sum(out_bar * modes.out, axis=0)
        out_bar = out_bar * keep + direct_bar @ (held * modes.into).T
        into_bar = into_bar + modes.out.T @ direct_bar
    z_bar = keep * keep_bar + dt * _phi_slope(z) * np.sum(into_bar * modes.into, axis=1)
    return ModesSlope(direct_bar, dt * z_bar, held * into_bar, out_bar)


def parameter_changes(modes: Modes, bars: ModesSlope) -> dict[str, float]:
    """Return ∂L/∂parameter from ∂L/∂ of the numbers of modes at the carrier."""

    def share(bar: Any, slope: Any) -> float:
        return float(np.sum(bar * slope).real)

    return {
        name: sum(share(bar, change) for bar, change in zip(bars[:4], of[:4], strict=True))
        for name, of in modes.slopes.items()
    }


def _phi(z: Numbers) -> Numbers:
    still = z == 0
    return np.asarray(np.where(still, 1.0, np.expm1(z) / np.where(still, 1.0, z)))


def _phi_slope(z: Numbers) -> Numbers:
    """dφ/dz = (e^z − φ)/z = Σ (k + 1) z^k/(k + 2)!."""
    small = np.abs(z) < _SMALL
    series = sum((k + 1) / factorial(k + 2) * z**k for k in range(10))
    return np.asarray(np.where(small, series, (np.exp(z) - _phi(z)) / np.where(small, 1.0, z)))
