"""Programming the interferometer banks of one chip: from matrices to phases and heater powers.

    W_k = g · U_k diag(t_k) V_k†      two meshes a bank, N attenuators between, one gain g for all

Methods differ in what is known of the chip:

``naive``
    Nothing: the phases are those of perfect parts.
``corrected``
    The error of every splitter, as if measured (`correct_program`); phase errors stay.
``self-configured``
    Nothing: every mesh is set by nulling (`self_configure`) and every attenuator by a sweep
    (`calibrate_attenuators`), one by one, lit and read at the spare ports of the attenuators.

Whether heater powers go around each other's warmth is the chip's own affair (`MeshHeaters`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from circuits.mesh_bench import SimulatedBench
from circuits.mesh_correction import correct_attenuators, correct_program
from circuits.mesh_decomposition import MeshProgram
from circuits.mesh_fabrication import MeshErrors
from circuits.mesh_functions import mesh_matrix
from circuits.mesh_heaters import HeaterValues
from circuits.mesh_self_configuration import calibrate_attenuators, self_configure
from circuits.svd_processor import SvdProcessor
from devices import MachZehnder

__all__ = ["METHODS", "ProgrammedProcessors", "ProgrammingMethod", "program_processors"]

Array = NDArray[np.float64]
Complexes = NDArray[np.complex128]
ProgrammingMethod: TypeAlias = Literal["naive", "corrected", "self-configured"]


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

    readings: int
    """Powers that were read on the chip."""


def program_processors(
    matrices: ArrayLike,
    chip: MeshErrors,
    method: ProgrammingMethod = "naive",
    *,
    gain: float | None = None,
    noise: float = 0.0,
    seed: int = 0,
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
    noise
        Standard deviation in W of every power that is read, of inputs of 1 W and local oscillators
        of 1 W.
    seed
        Of that noise.

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
    parts = []
    for bank, processor in enumerate(processors):
        opening = np.minimum(processor.attenuation * processor.gain / gain, 1.0)
        parts.append(_METHODS[method](_Task(processor, opening, chip, bank, noise, seed)))
    return _on_chip(wanted, processors, parts, float(gain), chip)


class _Task(NamedTuple):
    """One bank to be programmed."""

    processor: SvdProcessor
    opening: Array
    """Amplitudes that the attenuators shall pass, (N,)."""

    chip: MeshErrors
    bank: int
    noise: float
    seed: int

    def bench(self, part: int) -> SimulatedBench:
        """Return the bench with U (0), V† (1) or the attenuators between them (2)."""
        put = SimulatedBench.of_attenuators if part == 2 else SimulatedBench.of_mesh
        mesh = 2 * self.bank + min(part, 1)
        return put(self.chip, mesh, noise=self.noise, seed=(self.seed, self.bank, part))


class _Settings(NamedTuple):
    """Phases of one bank."""

    left: MeshProgram
    right: MeshProgram
    attenuator: Array
    offset: Array
    """What the attenuators' own phases ask of the screen of the mesh in front of them, (N,)."""

    readings: int = 0


_BETWEEN = ("attenuator", "offset")


def _naive(task: _Task) -> _Settings:
    theta = 2 * np.arcsin(task.opening)
    return _Settings(task.processor.left, task.processor.right, theta, np.zeros_like(theta))


def _corrected(task: _Task) -> _Settings:
    chip, first = task.chip, 2 * task.bank
    left, right = (
        correct_program(program, chip.alpha[first + part], chip.beta[first + part])
        for part, program in enumerate((task.processor.left, task.processor.right))
    )
    theta, phi = correct_attenuators(task.opening, *chip.attenuators[first + 1, :2])
    return _Settings(left, right, theta, phi - _perfect_phi(theta))


def _self_configured(task: _Task) -> _Settings:
    benches = [task.bench(part) for part in range(3)]
    left, right = (
        self_configure(program.matrix(), bench)
        for program, bench in zip(
            (task.processor.left, task.processor.right), benches[:2], strict=True
        )
    )
    theta, phase = calibrate_attenuators(task.opening, benches[2])
    readings = sum(bench.readings for bench in benches)
    return _Settings(left, right, theta, -phase, readings)


_METHODS: dict[str, Callable[[_Task], _Settings]] = {
    "naive": _naive,
    "corrected": _corrected,
    "self-configured": _self_configured,
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
        readings=sum(part.readings for part in parts),
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
