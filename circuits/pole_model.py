"""A scattering matrix as poles: what a component remembers, as few complex numbers.

    S(Ω) = D + Σ_k R_k / (−iΩ − p_k),   Ω = 2π(ν − ν₀),   Re p_k < 0

In time, for the envelope A(t) of light A(t) e^{−2πiν₀t}: dx_k/dt = p_k x_k + a(t), and what leaves
is D a + Σ_k R_k x_k. The envelope is complex, so the poles come without their conjugates, and
another carrier only shifts them along the imaginary axis.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from math import pi
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from circuits.component import Matrices
from circuits.s_parameters import Gain
from devices._fields import POSITIVE, checked_real

_RANK = 1e-12
"""Singular value of a residue, of its largest, below which it is rounding and needs no state."""


class States(NamedTuple):
    """dx/dt = poles·x + into a, what leaves = out x + direct a; n states and P ports."""

    poles: NDArray[np.complex128]
    """(n,) in 1/s; those of a residue of rank r occur r times."""

    into: Matrices
    """(n, P)."""

    out: Matrices
    """(P, n)."""

    direct: Matrices
    """(P, P)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PoleModel:
    """Poles and residues of a component, for a simulation of envelopes in time."""

    ports: tuple[str, ...]
    """Names of the ports in the order of rows and columns."""

    reference_frequency: float
    """ν₀ in Hz: the carrier of the envelope."""

    poles: NDArray[np.complex128]
    """p_k in 1/s (rad/s), (K,); all decay."""

    residues: Matrices
    """R_k in 1/s, (K, P, P)."""

    constant: Matrices
    """D, (P, P)."""

    band: tuple[float, float] = (0.0, np.inf)
    """Lowest and highest optical frequency in Hz that were fitted; beyond, the model is a guess."""

    rms_error: float = 0.0
    """Root mean square of |ΔS| over samples and entries of the table."""

    max_error: float = 0.0
    """Largest |ΔS| of a sample."""

    def __post_init__(self) -> None:
        if np.any(np.real(self.poles) >= 0):
            raise ValueError(
                f"poles must have negative real parts (each decays); got "
                f"{self.poles[np.argmax(np.real(self.poles))]:.6g} 1/s."
            )

    def scattering(self, frequency: ArrayLike) -> Matrices:
        """Return S[out, in] at optical frequencies (Hz) of shape (F,): shape (F, P, P)."""
        light = np.atleast_1d(checked_real(frequency, "frequency", POSITIVE, "Hz"))
        return self._at(2 * pi * (light - self.reference_frequency))

    def with_carrier(self, frequency: float) -> "PoleModel":
        """Return the same S for the envelope about another carrier (Hz)."""
        shift = 2j * pi * (frequency - self.reference_frequency)
        return replace(self, reference_frequency=frequency, poles=self.poles + shift)

    def states(self) -> States:
        """Return the equations in time with as few states as the ranks of the residues allow."""
        left, sizes, right = np.linalg.svd(self.residues)
        pole, place = np.nonzero(sizes > _RANK * sizes[:, :1])
        root = np.sqrt(sizes[pole, place])
        return States(
            poles=self.poles[pole],
            into=root[:, None] * right[pole, place],
            out=(root[:, None] * left[pole, :, place]).T,
            direct=self.constant,
        )

    @cached_property
    def worst_gain(self) -> Gain:
        """The largest singular value over all frequencies, to 1e-8, and where it is.

        Not by sampling: a level γ is crossed where a Hamiltonian matrix has imaginary eigenvalues,
        and the largest singular value halfway between two crossings is the next level (Bruinsma
        and Steinbuch, Systems & Control Letters 14, 287 (1990)).
        """
        of = self.states()
        tries = np.concatenate([np.imag(self.poles), [0.0]])
        best, place = float(np.linalg.norm(self.constant, 2)), np.inf
        for _ in range(20):
            gains = np.linalg.norm(self._at(-tries), ord=2, axis=(1, 2))
            if np.max(gains) > best:
                best, place = float(np.max(gains)), float(tries[np.argmax(gains)])
            crossings = _crossings(of, max(best, 1e-6) * (1 + 1e-9))
            if len(crossings) < 2:
                break
            tries = (crossings[1:] + crossings[:-1]) / 2
        return Gain(best, self.reference_frequency - place / (2 * pi))

    def _at(self, omega: NDArray[np.float64]) -> Matrices:
        weight = 1.0 / (-1j * omega[:, None] - self.poles)
        return np.asarray(self.constant + np.tensordot(weight, self.residues, axes=1))


def _crossings(of: States, level: float) -> NDArray[np.float64]:
    """Where a singular value passes the level: ω of e^{iωt}, ascending."""
    scale = float(np.max(np.abs(of.poles), initial=1.0))
    a, b = np.diag(of.poles / scale), of.into / scale**0.5
    c, d = of.out / scale**0.5, of.direct
    identity = np.eye(len(d))
    r = np.linalg.inv(d.conj().T @ d - level**2 * identity)
    s = np.linalg.inv(d @ d.conj().T - level**2 * identity)
    inner = a - b @ r @ d.conj().T @ c
    matrix = np.block(
        [[inner, -level * b @ r @ b.conj().T], [level * c.conj().T @ s @ c, -inner.conj().T]]
    )
    values = np.linalg.eigvals(matrix)
    on_axis = np.abs(values.real) < 1e-7 * np.max(np.abs(values), initial=1e-300)
    return np.sort(values[on_axis].imag) * scale
