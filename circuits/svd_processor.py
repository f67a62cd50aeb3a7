"""Any matrix in optics: mesh, attenuators, mesh, and one gain.

    x ──[ mesh V† ]──[ t_1 … t_N ]──[ mesh U ]── y        W = g · U diag(t) V†

The singular value decomposition needs factors above one nowhere in the optics: the attenuators
realise s_k/s_max ≤ 1, each by the bar port of an interferometer, and g = s_max is an electronic
gain (Miller, Photon. Res. 1, 1 (2013); PHYSICS §2). The path is 2N + 1 columns deep.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from circuits.mesh_decomposition import MeshProgram, clements_decompose


@dataclass(frozen=True, kw_only=True)
class SvdProcessor:
    """A programmed processor for one matrix."""

    shape: tuple[int, int]
    """Outputs and inputs of the matrix; the meshes have N = max of the two modes."""

    left: MeshProgram
    """Mesh U, crossed last."""

    attenuation: NDArray[np.float64]
    """Amplitudes t of the attenuators, 0 … 1, (N,)."""

    right: MeshProgram
    """Mesh V†, crossed first."""

    gain: float
    """g, the largest singular value."""

    @classmethod
    def program(cls, matrix: ArrayLike) -> Self:
        """Return the processor that realises a real or complex matrix.

        Raises
        ------
        ValueError
            It is not a matrix of at least two rows or columns, or not finite.
        """
        w = np.asarray(matrix)
        if w.ndim != 2 or min(w.shape) < 1 or max(w.shape) < 2:
            raise ValueError(
                f"matrix must have two axes, one of them of length ≥ 2; got shape {w.shape}."
            )
        if not np.all(np.isfinite(w)):
            raise ValueError("matrix must be finite; it holds NaN or infinity.")
        outputs, inputs = w.shape
        n = max(w.shape)
        square = np.pad(w.astype(np.complex128), ((0, n - outputs), (0, n - inputs)))
        left, sigma, right = np.linalg.svd(square)
        gain = float(sigma[0])
        return cls(
            shape=(outputs, inputs),
            left=clements_decompose(left),
            attenuation=sigma / gain if gain > 0 else np.zeros_like(sigma),
            right=clements_decompose(right),
            gain=gain,
        )

    @property
    def attenuator_phases(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Phases (θ, φ) of the attenuators' interferometers in rad, (N,) each.

        θ = 2 asin t and φ = −θ/2 − π/2 make the bar element exactly t (PHYSICS §2).
        """
        theta = 2.0 * np.arcsin(self.attenuation)
        return theta, -theta / 2 - np.pi / 2

    @property
    def depth(self) -> int:
        """Columns on the path of the light, 2N + 1."""
        return self.left.depth + self.right.depth + 1

    def matrix(self) -> NDArray[np.complex128]:
        """Return the matrix that perfect meshes realise, the gain included."""
        optics = (self.left.matrix() * self.attenuation) @ self.right.matrix()
        outputs, inputs = self.shape
        return self.gain * optics[:outputs, :inputs]
