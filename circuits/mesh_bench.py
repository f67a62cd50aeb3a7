"""Optics on the bench: they can be programmed, lit and read, not looked into.

             ┌──────────────┐     ⊕── local oscillator r
    field ══▶│ θ, φ, screen │══▶  │
             └──────────────┘   ▷ power |y + r|² of every output

Whoever calibrates a chip has its heaters, a coherent field at its inputs and a power meter at every
output, where a local oscillator of known phase may be added: the receivers of a homodyne machine.
That is all that `Bench` offers. `SimulatedBench` plays such a chip and keeps its errors to itself.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from circuits.mesh_fabrication import MeshErrors
from circuits.mesh_functions import fold_meshes
from circuits.mesh_heaters import HeaterValues
from devices import MachZehnder

__all__ = ["Bench", "SimulatedBench"]

Array = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Seed: TypeAlias = int | Sequence[int]
Optics: TypeAlias = Callable[[Complexes], Complexes]


class Bench(Protocol):
    """N inputs, N outputs, and heaters between."""

    @property
    def n(self) -> int:
        """Number of inputs and of outputs."""

    def program(self, *phases: Array) -> None:
        """Set all heaters, in rad.

        Of a mesh θ, φ (C, N//2) and screen (N,); of a column of attenuators θ and φ (N,).
        """

    def powers(self, field: ArrayLike, references: ArrayLike) -> Array:
        """Return powers in W behind every output, (R, N), one reading for each reference.

        Parameters
        ----------
        field
            Light at the inputs in √W, (N,).
        references
            Field of the local oscillator at every output in √W, one for each reading, (R,); 0: the
            light alone.
        """


class SimulatedBench:
    """A `Bench` that simulates one part of a chip.

    Raises
    ------
    ValueError
        The noise is negative.
    """

    def __init__(
        self, n: int, optics: Callable[..., Optics], *, noise: float = 0.0, seed: Seed = 0
    ) -> None:
        """Put optics on the bench.

        Parameters
        ----------
        n
            Number of inputs and outputs.
        optics
            Takes the phases that are programmed, returns what then happens to a field.
        noise
            Standard deviation of every reading, W.
        seed
            Of the noise.
        """
        if not 0 <= noise < np.inf:
            raise ValueError(f"noise must be ≥ 0 and finite (W of every reading); got {noise}.")
        self.n, self.noise = n, noise
        self.readings = 0
        self._optics = optics
        self._rng = np.random.default_rng(seed)
        self._through: Optics | None = None

    @classmethod
    def of_mesh(cls, chip: MeshErrors, mesh: int, *, noise: float = 0.0, seed: Seed = 0) -> Self:
        """Return the bench with one of the meshes of a chip, read right behind its screen."""

        def optics(theta: Array, phi: Array, screen: Array) -> Optics:
            real = chip.heaters.phases(
                HeaterValues(
                    theta[None], phi[None], screen[None], np.full((1, len(screen)), np.nan)
                )
            )
            meshes = fold_meshes(
                real.theta[0] + chip.theta[mesh],
                real.phi[0] + chip.phi[mesh],
                real.screen[0] + chip.screen[mesh],
                chip.alpha[mesh],
                chip.beta[mesh],
                chip.arm_transmission,
            )
            return lambda field: np.asarray(meshes.propagate(field[None])[0], np.complex128)

        return cls(chip.screen.shape[1], optics, noise=noise, seed=seed)

    @classmethod
    def of_attenuators(
        cls, chip: MeshErrors, mesh: int, *, noise: float = 0.0, seed: Seed = 0
    ) -> Self:
        """Return the bench with the attenuators behind one of the meshes, read behind them."""
        alpha, beta, theta_error, phi_error = chip.attenuators[mesh]
        grid = np.zeros((1, *chip.theta.shape[1:]))

        def optics(theta: Array, phi: Array) -> Optics:
            real = chip.heaters.phases(HeaterValues(grid, grid, phi[None], theta[None]))
            device = MachZehnder(
                theta=real.attenuators[0] + theta_error,
                phi=real.screen[0] + phi_error,
                alpha=alpha,
                beta=beta,
            )
            bar = device.transfer_matrix()[..., 0, 0]
            return lambda field: bar * field

        return cls(chip.screen.shape[1], optics, noise=noise, seed=seed)

    def program(self, *phases: Array) -> None:
        """Set all heaters, see `Bench`."""
        self._through = self._optics(*phases)

    def powers(self, field: ArrayLike, references: ArrayLike) -> Array:
        """Return powers behind every output, see `Bench`.

        Raises
        ------
        ValueError
            Nothing is programmed yet, or the field is not of N inputs.
        """
        light = np.asarray(field, np.complex128)
        if self._through is None:
            raise ValueError("the heaters must be set before light is read; call program first.")
        if light.shape != (self.n,):
            raise ValueError(f"field must have shape (N,) = ({self.n},); got {light.shape}.")
        oscillator = np.atleast_1d(np.asarray(references, np.complex128))
        power = np.abs(self._through(light) + oscillator[:, None]) ** 2
        self.readings += power.size
        if self.noise:
            power += self.noise * self._rng.standard_normal(power.shape)
        return power
