"""Programming the interferometer banks of one chip: from matrices to phases and heater powers.

    W_k = g · U_k diag(t_k) V_k†      two meshes a bank, N attenuators between, one gain g for all

Methods differ in what is known of the chip:

``naive``
    Nothing: the phases are those of perfect parts.
``corrected``
    The error of every splitter, as if measured (`correct_program`); phase errors stay.

Whether heater powers go around each other's warmth is the chip's own affair (`MeshHeaters`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from circuits.mesh_correction import correct_attenuators, correct_program
from circuits.mesh_decomposition import MeshProgram
from circuits.mesh_fabrication import MeshErrors
from circuits.mesh_functions import mesh_matrix
from circuits.mesh_heaters import HeaterValues
from circuits.svd_processor import SvdProcessor
from devices import MachZehnder

__all__ = ["METHODS", "ProgrammedProcessors", "ProgrammingMethod", "program_processors"]

Array = NDArray[np.float64]
Complexes = NDArray[np.complex128]
ProgrammingMethod: TypeAlias = Literal["naive", "corrected"]


@dataclass(frozen=True, kw_only=True)
class ProgrammedProcessors:
    """L banks as programmed on one chip, and what the chip makes of them."""

    theta: Array
    """Internal phases of the meshes in rad, (L, 2, N, N//2): U first, then V†."""

    phi: Array
    """Their external phases in rad, (L, 2, N, N//2)."""

    screen: Array
    """Their output phases in rad, (L, 2, N)."""

    attenuator: Array
    """Internal phases θ of the attenuators in rad, (L, N). Their φ is −θ/2 − π/2, which would make
    a perfect one real; the phases of imperfect ones are part of the screen of V†."""

    gain: float
    """g: the optics realise W/g."""

    powers: HeaterValues
    """Power in W of every heater of the 2L meshes, ordered as the phases."""

    matrices: Complexes
    """What the banks then do, the gain included, (L, N, N)."""

    error: Array
    """‖W' − W‖_F/‖W‖_F of every bank, (L,); of a bank that is to be dark ‖W'‖_F."""

    overlap: Array
    """|tr W†W'|²/(tr W†W · tr W'†W') of every bank, (L,): 1 where W' is W up to a factor, 0 where
    one of them is dark."""

    mesh_error: Array
    """‖U' − U‖_F/√N of every mesh alone, (L, 2)."""


def program_processors(
    matrices: ArrayLike,
    chip: MeshErrors,
    method: ProgrammingMethod = "naive",
    *,
    gain: float | None = None,
) -> ProgrammedProcessors:
    """Program banks on a chip.

    Parameters
    ----------
    matrices
        Wanted matrices, (L, N, N), real or complex.
    chip
        Errors of 2L meshes of N columns, U and V† of every bank in turn, see
        `MeshFabrication.draw`. Its ``corrected`` is left aside: `method` says what is done.
    method
        One of `METHODS`.
    gain
        g; None: the largest singular value of all banks, the smallest gain that will do.

    Raises
    ------
    ValueError
        The matrices are not finite or not of this chip, the gain is too small, or there is no such
        method.
    """
    wanted = np.asarray(matrices)
    if wanted.ndim != 3 or wanted.shape[1] != wanted.shape[2]:
        raise ValueError(f"matrices must have the shape (L, N, N) of L banks; got {wanted.shape}.")
    banks, n, _ = wanted.shape
    if chip.screen.shape != (2 * banks, n):
        raise ValueError(
            f"the chip must have 2L = {2 * banks} meshes of {n} modes; got {chip.screen.shape}. "
            f"Write chip=MeshFabrication(...).draw({2 * banks}, {n}, {n}, seed)."
        )
    if method not in _METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}; got {method!r}.")
    processors = [SvdProcessor.program(matrix) for matrix in wanted]
    largest = max(processor.gain for processor in processors)
    gain = (largest or 1.0) if gain is None else gain
    # A gain that has been through single precision still serves.
    if not (largest <= gain * (1 + 1e-6) and 0 < gain < np.inf):
        raise ValueError(
            f"gain must be at least the largest singular value of the banks, {largest:.6g} (an "
            f"attenuator passes no more than it gets); got {gain:.6g}."
        )
    parts = [
        _METHODS[method](processor, np.minimum(processor.attenuation * processor.gain / gain, 1.0),
                         _BankErrors.of(chip, k))
        for k, processor in enumerate(processors)
    ]  # fmt: skip
    return _on_chip(wanted, processors, parts, float(gain), chip)


class _BankErrors(NamedTuple):
    """What one bank of a chip was made as."""

    alpha: Array
    beta: Array
    attenuators: Array

    @classmethod
    def of(cls, chip: MeshErrors, bank: int) -> Self:
        meshes = slice(2 * bank, 2 * bank + 2)
        return cls(chip.alpha[meshes], chip.beta[meshes], chip.attenuators[2 * bank + 1])


class _Settings(NamedTuple):
    """Phases of one bank."""

    left: MeshProgram
    right: MeshProgram
    attenuator: Array
    offset: Array
    """What the attenuators' own phases ask of the screen of the mesh in front of them, (N,)."""


_BETWEEN = ("attenuator", "offset")


def _naive(processor: SvdProcessor, opening: Array, errors: _BankErrors) -> _Settings:
    theta = 2 * np.arcsin(opening)
    return _Settings(processor.left, processor.right, theta, np.zeros_like(theta))


def _corrected(processor: SvdProcessor, opening: Array, errors: _BankErrors) -> _Settings:
    left, right = (
        correct_program(program, alpha, beta)
        for program, alpha, beta in zip(
            (processor.left, processor.right), errors.alpha, errors.beta, strict=True
        )
    )
    theta, phi = correct_attenuators(opening, *errors.attenuators[:2])
    return _Settings(left, right, theta, phi - _perfect_phi(theta))


_METHODS: dict[str, Callable[[SvdProcessor, Array, _BankErrors], _Settings]] = {
    "naive": _naive,
    "corrected": _corrected,
}

METHODS: tuple[str, ...] = tuple(_METHODS)
"""Ways of programming, the simplest first."""


def _perfect_phi(theta: Array) -> Array:
    """Return the external phase that makes the bar element of a perfect interferometer real."""
    return -theta / 2 - np.pi / 2


def _on_chip(
    wanted: NDArray[np.inexact[Any]],
    processors: list[SvdProcessor],
    parts: list[_Settings],
    gain: float,
    chip: MeshErrors,
) -> ProgrammedProcessors:
    """Return the phases with what this chip makes of them."""
    theta, phi, screen = (
        np.array([[getattr(mesh, name) for mesh in (part.left, part.right)] for part in parts])
        for name in ("theta", "phi", "screen")
    )
    attenuator, offset = (np.array([getattr(part, n) for part in parts]) for n in _BETWEEN)
    screen[:, 1] += offset
    powers, real = chip.heaters.settle(
        HeaterValues.of_banks(theta, phi, screen, attenuator, _perfect_phi(attenuator))
    )
    meshes, passed = _realised(real, chip)
    matrices = gain * (meshes[::2] * passed[:, None]) @ meshes[1::2]
    # What the screen of V† does for the attenuators is not V†.
    meshes[1::2] *= np.exp(-1j * (offset + _perfect_phi(attenuator)))[..., None]
    asked = [
        mesh.matrix() for processor in processors for mesh in (processor.left, processor.right)
    ]
    deviation = np.linalg.norm(meshes - asked, axis=(-2, -1)) / np.sqrt(wanted.shape[1])
    error, overlap = _fidelity(matrices, wanted)
    return ProgrammedProcessors(
        theta=theta, phi=phi, screen=screen, attenuator=attenuator, gain=gain, powers=powers,
        matrices=matrices, error=error, overlap=overlap, mesh_error=deviation.reshape(-1, 2),
    )  # fmt: skip


def _realised(real: HeaterValues, chip: MeshErrors) -> tuple[Complexes, Complexes]:
    """Return the meshes (2L, N, N) and the attenuators (L, N) that a chip makes of real phases."""
    meshes = mesh_matrix(
        real.theta + chip.theta,
        real.phi + chip.phi,
        real.screen + chip.screen,
        chip.alpha,
        chip.beta,
        arm_transmission=chip.arm_transmission,
    )
    alpha, beta, theta_error, phi_error = chip.attenuators[1::2].swapaxes(0, 1)
    # Their programmed external phases are part of the screen in front.
    attenuators = MachZehnder(
        theta=real.attenuators[1::2] + theta_error, phi=phi_error, alpha=alpha, beta=beta
    )
    return np.asarray(meshes, np.complex128), attenuators.transfer_matrix()[..., 0, 0]


def _fidelity(made: Complexes, wanted: NDArray[np.inexact[Any]]) -> tuple[Array, Array]:
    """Return relative error and overlap of matrices, (L,) each."""
    size, found = (np.linalg.norm(matrix, axis=(-2, -1)) for matrix in (wanted, made))
    common = np.abs(np.sum(wanted.conj() * made, axis=(-2, -1)))
    scale = np.where(size > 0, size, 1.0)
    error = np.linalg.norm(made - wanted, axis=(-2, -1)) / scale
    return error, (common / np.where(found > 0, scale * found, 1.0)) ** 2
