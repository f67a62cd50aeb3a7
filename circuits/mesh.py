"""A mesh of Mach-Zehnder interferometers as it was made: splitter errors and losses.

        column 0    1    2    3
    0 ──╲╱───────╲╱─────────── e^{i screen}     every ╲╱ is an interferometer of two phases (θ, φ)
    1 ──╱╲──╲╱───╱╲──╲╱─────── e^{i screen}     between two splitters, 50:50 up to α and β
    2 ──╲╱──╱╲───╲╱──╱╲─────── e^{i screen}
    3 ──╱╲───────╱╲─────────── e^{i screen}

What is programmed (a ``MeshProgram``, or phases in training) is an argument; what was fabricated
is this class. Units, conventions and the closed form of one interferometer are those of PHYSICS §2
(Clements et al., Optica 3, 1460 (2016); Bandyopadhyay, Hamerly, Englund, Optica 8, 1247 (2021)).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from circuits.mesh_correction import correct_program
from circuits.mesh_decomposition import MeshProgram
from circuits.mesh_functions import (
    Complexes,
    FoldedMeshes,
    Layout,
    MeshGradients,
    Reals,
    fold_meshes,
    streaming_pays,
)

Real = float | NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class MachZehnderMesh:
    """A fabricated mesh of N modes.

    Raises
    ------
    ValueError
        Where there are fewer than two modes or no column, a triangle has another depth than 2N − 3,
        errors are not finite or do not fit the columns, or a loss is negative.
    """

    n: int
    """Number of modes N, at least 2."""

    layout: Layout = "clements"
    """'clements' (rectangle, columns filled) or 'reck' (triangle of 2N − 3 columns)."""

    depth: int | None = None
    """Number of columns C; None for N (rectangle) or 2N − 3 (triangle), which make any unitary."""

    alpha: Real = 0.0
    """Error angles of the first splitters in rad, one for all or (C, N//2)."""

    beta: Real = 0.0
    """Error angles of the second splitters in rad, one for all or (C, N//2)."""

    column_loss_db: float = 0.0
    """Loss of each column in dB, positive, on every mode (passed-by modes have dummy devices)."""

    arm_loss_db: Real = 0.0
    """Loss of the θ arms in dB, positive, relative to the other arm; one for all or (C, N//2)."""

    def __post_init__(self) -> None:
        if self.layout not in ("clements", "reck"):
            raise ValueError(f"layout must be 'clements' or 'reck'; got {self.layout!r}.")
        if int(self.n) != self.n or self.n < 2:
            raise ValueError(f"n must be a whole number of at least 2 modes; got {self.n}.")
        full = self.n if self.layout == "clements" else 2 * self.n - 3
        depth = full if self.depth is None else self.depth
        if int(depth) != depth or depth < 1 or (self.layout == "reck" and depth != full):
            wanted = (
                "at least 1 column" if self.layout == "clements" else f"2N − 3 = {full} columns"
            )
            raise ValueError(f"depth must be {wanted} in layout {self.layout!r}; got {depth}.")
        object.__setattr__(self, "depth", int(depth))
        for name in ("alpha", "beta", "arm_loss_db"):
            object.__setattr__(self, name, self._per_cell(name, getattr(self, name)))
        for name in ("column_loss_db", "arm_loss_db"):
            worst = float(np.min(getattr(self, name)))
            if not worst >= 0 or not np.all(np.isfinite(getattr(self, name))):
                hint = f" For {-worst:g} dB of loss write {name}={-worst:g}." if worst < 0 else ""
                raise ValueError(
                    f"{name} must be ≥ 0 and finite (a loss in dB, positive for loss); "
                    f"got {worst:g}.{hint}"
                )

    def _per_cell(self, name: str, value: ArrayLike) -> Real:
        array = np.array(value, dtype=np.float64)
        if array.ndim and array.shape != self.shape:
            raise ValueError(
                f"{name} must be one number or have shape (C, N//2) = {self.shape}; "
                f"got {array.shape}."
            )
        if not np.all(np.isfinite(array)):
            raise ValueError(f"{name} must be finite; it holds NaN or infinity.")
        array.setflags(write=False)
        return array if array.ndim else float(array)

    @property
    def shape(self) -> tuple[int, int]:
        """Shape (C, N//2) of phases and errors."""
        assert self.depth is not None  # set by __post_init__
        return self.depth, self.n // 2

    @property
    def column_transmission(self) -> float:
        """Amplitude that one column passes."""
        return float(10.0 ** (-self.column_loss_db / 20.0))

    def fold(self, theta: Reals, phi: Reals, screen: Reals) -> FoldedMeshes:
        """Return the mesh under these phases, ready for many uses (see ``FoldedMeshes``)."""
        for name, value, shape in (
            ("theta", theta, self.shape), ("phi", phi, self.shape), ("screen", screen, (self.n,))
        ):  # fmt: skip
            if value.shape[value.ndim - len(shape) :] != shape or value.ndim > len(shape) + 1:
                raise ValueError(f"{name} must have shape (..., {shape}); got {value.shape}.")
            if not np.all(np.isfinite(value)):
                raise ValueError(f"{name} must be finite; it holds NaN or infinity.")
        return fold_meshes(
            theta, phi, screen, self.alpha, self.beta,
            10.0 ** (-np.asarray(self.arm_loss_db) / 10.0), layout=self.layout,
        )  # fmt: skip

    def matrix(self, theta: Reals, phi: Reals, screen: Reals) -> Complexes:
        """Return what the mesh does to fields, (N, N), or (K, N, N) for K settings at once.

        Parameters
        ----------
        theta, phi
            Internal and external phases in rad, (C, N//2) or (K, C, N//2).
        screen
            Output phases in rad, (N,) or (K, N).
        """
        return self.fold(theta, phi, screen).matrix(self.column_transmission)

    def realise(self, program: MeshProgram) -> Complexes:
        """Return the matrix that this mesh makes of a program for a perfect one, (N, N)."""
        self._check_layout(program)
        return self.matrix(program.theta, program.phi, program.screen)

    def correct(self, program: MeshProgram) -> MeshProgram:
        """Return the program that makes this mesh, whose α and β are known, do what was asked.

        Exact where every split is within its interferometer's floors, see ``mesh_correction``;
        losses are left as they are.
        """
        self._check_layout(program)
        return correct_program(program, self.alpha, self.beta)

    def _check_layout(self, program: MeshProgram) -> None:
        if program.layout != self.layout:
            raise ValueError(f"the program is for layout {program.layout!r}, not {self.layout!r}.")

    def matrix_adjoint(
        self,
        theta: Reals,
        phi: Reals,
        screen: Reals,
        *,
        matrix: Complexes,
        grad_matrix: Complexes,
    ) -> MeshGradients:
        """Return the gradients of a loss, given its gradient with respect to the matrix.

        Parameters
        ----------
        theta, phi, screen
            As in ``matrix``.
        matrix, grad_matrix
            What ``matrix`` returned and ∂L/∂Re + i ∂L/∂Im of it, (..., N, N).
        """
        cross = grad_matrix @ matrix.conj().swapaxes(-1, -2)
        return self.fold(theta, phi, screen).gradients(cross)

    def propagate(self, x: Complexes, theta: Reals, phi: Reals, screen: Reals) -> Complexes:
        """Return the light that leaves, (batch, N), for light x (batch, N) in sqrt(W)."""
        meshes = self.fold(theta, phi, screen)
        if streaming_pays(self.n, len(x)):
            return meshes.propagate(x, self.column_transmission)
        return x @ meshes.matrix(self.column_transmission).T

    def propagate_adjoint(
        self, x: Complexes, theta: Reals, phi: Reals, screen: Reals, *, grad_output: Complexes
    ) -> tuple[Complexes, MeshGradients]:
        """Return the gradients with respect to the light that enters and to the mesh.

        Parameters
        ----------
        x, theta, phi, screen
            As in ``propagate``.
        grad_output
            ∂L/∂Re + i ∂L/∂Im of the light that leaves, (batch, N).
        """
        meshes = self.fold(theta, phi, screen)
        if streaming_pays(self.n, len(x)):
            output = meshes.propagate(x, self.column_transmission)
            return meshes.propagate_adjoint(output, grad_output, self.column_transmission)
        matrix = meshes.matrix(self.column_transmission)
        cross = grad_output.T @ (x @ matrix.T).conj()
        return grad_output @ matrix.conj(), meshes.gradients(cross)
