"""The heaters of interferometer meshes: what is programmed, at what power, and what comes of it.

         φ   θ           φ   θ           s   a      φ, θ  of the interferometers, on their upper
    0 ───▇───▇───────────▇───▇─── ⋯ ─────▇───▇──          lanes, column after column
    1 ───────────▇───▇─────────── ⋯ ─────▇───▇──    s     output phases (screen)
    2 ───▇───▇───────────▇───▇─── ⋯ ─────▇───▇──    a     θ of a column of attenuators behind the
    3 ─────────────────────────── ⋯ ─────▇───▇──          mesh, whose φ and the screen are one

Every heater of a mesh warms all others of it (`ThermalCrosstalk`); meshes are apart. They stand on
a grid of one pitch, along the light and across it. A converter sets each power to one of 2^b levels
from 0 in steps of 2 P_π/2^b, so that half a turn is one of them. A phase modulo 2π needs no more by
itself; what programming around the warmth of others needs beyond is clipped: the last step, and a
share of a turn of the size of the square of the coupling.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from circuits.mesh_functions import Layout, cells_per_column
from circuits.thermal_crosstalk import ThermalCrosstalk

__all__ = ["Heated", "HeaterValues", "MeshHeaters"]

Array = NDArray[np.float64]


class HeaterValues(NamedTuple):
    """One number for every heater of M meshes: a phase in rad, or a power in W."""

    theta: Array
    """Internal, (M, C, N//2)."""

    phi: Array
    """External, (M, C, N//2)."""

    screen: Array
    """At the outputs, (M, N)."""

    attenuators: Array
    """Internal, of the attenuators behind, (M, N). Phases are NaN where a mesh has none."""

    @classmethod
    def of_banks(
        cls,
        theta: ArrayLike,
        phi: ArrayLike,
        screen: ArrayLike,
        attenuator: ArrayLike,
        attenuator_phi: ArrayLike,
    ) -> Self:
        """Return those of K processors of two meshes, left first, with attenuators between.

        Parameters
        ----------
        theta, phi, screen
            Phases of 2K meshes, (K, 2, C, N//2) or (2K, C, N//2), and the same for N.
        attenuator, attenuator_phi
            Phases θ and φ of the attenuators behind every second mesh, (K, N); φ becomes part of
            that mesh's screen.
        """
        theta, phi, outputs = (np.array(phases, np.float64) for phases in (theta, phi, screen))
        outputs = outputs.reshape(-1, outputs.shape[-1])
        between = np.full_like(outputs, np.nan)
        outputs[1::2] += np.asarray(attenuator_phi, np.float64)
        between[1::2] = attenuator
        cells = (len(outputs), *theta.shape[-2:])
        return cls(theta.reshape(cells), phi.reshape(cells), outputs, between)


class Heated(NamedTuple):
    """What programmed phases come to."""

    powers: HeaterValues
    """Of the heaters in W, ≥ 0; 0 where there is no interferometer."""

    phases: HeaterValues
    """That the chip then has in rad, each on the turn nearest to what was asked for."""


@dataclass(frozen=True, kw_only=True)
class MeshHeaters:
    """The heaters of a mesh of N modes and C columns; see `MeshFabrication` for the numbers.

    Raises
    ------
    ValueError
        They warm each other so much that none is master of its own phase.
    """

    n: int
    columns: int
    half_wave_power: float
    thermal_crosstalk: float
    thermal_decay_length: float
    heater_spacing: float
    heater_bits: int | None
    compensated: bool
    layout: Layout = "clements"

    def __post_init__(self) -> None:
        _ = self.thermal  # refuses what warms its neighbourhood too much

    @property
    def exact(self) -> bool:
        """Whether the phases come out as programmed."""
        return self.heater_bits is None and (self.compensated or not self.thermal_crosstalk)

    @cached_property
    def thermal(self) -> ThermalCrosstalk:
        """All heaters of one mesh: φ, θ, screen, attenuators, each in its order."""
        column, cell = self._cells
        y = 2 * cell + column % 2
        lane = np.arange(self.n)
        behind = np.full(self.n, 2 * self.columns)
        along = np.concatenate([2 * column, 2 * column + 1, behind, behind + 1])
        across = np.concatenate([y, y, lane, lane])
        try:
            return ThermalCrosstalk(
                positions=self.heater_spacing * np.stack([along, across], axis=-1),
                strength=self.thermal_crosstalk,
                decay_length=self.thermal_decay_length,
                half_wave_power=self.half_wave_power,
            )
        except ValueError as error:
            raise ValueError(
                f"thermal_crosstalk {self.thermal_crosstalk:g} over thermal_decay_length "
                f"{self.thermal_decay_length:g} m at heater_spacing {self.heater_spacing:g} m: "
                f"{error}"
            ) from error

    def settle(self, wanted: HeaterValues) -> Heated:
        """Return the heater powers that are set for the phases wanted, and the phases they make.

        Raises
        ------
        ValueError
            The phases are not finite or not of this mesh.
        """
        phase = self._flat(wanted)
        # What is not there stays cold; a NaN that is nobody's attenuator is a mistake.
        used = np.ones(phase.shape, dtype=np.bool_)
        used[:, -self.n :] = ~np.isnan(wanted.attenuators)
        powers = self._converted(self._powers(np.where(used, phase, 0.0), used))
        deviation = self.thermal.phases(powers) - phase
        deviation -= 2 * np.pi * np.round(deviation / (2 * np.pi))
        nothing = HeaterValues(*(np.zeros_like(values) for values in wanted))
        return Heated(self._spread(powers, nothing), self._spread(phase + deviation, wanted))

    def phases(self, wanted: HeaterValues) -> HeaterValues:
        """Return the phases that the chip then has, see `settle`."""
        return wanted if self.exact else self.settle(wanted).phases

    def _powers(self, phase: Array, used: NDArray[np.bool_]) -> Array:
        if self.compensated:
            return self.thermal.heater_powers(phase, used)
        # A phase that rounding left just below zero wraps to 2π itself.
        own = np.mod(phase, 2 * np.pi) % (2 * np.pi)
        return self.half_wave_power / np.pi * own

    def _converted(self, powers: Array) -> Array:
        if self.heater_bits is None:
            return powers
        levels = 2**self.heater_bits
        step = 2 * self.half_wave_power / levels
        level = np.round(powers / step)
        # A whole turn is as good as none, where its warmth is not counted on.
        return np.asarray(
            step * (np.minimum(level, levels - 1) if self.compensated else level % levels)
        )

    @cached_property
    def _cells(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Column and place k of every interferometer."""
        cells = cells_per_column(self.n, self.columns, self.layout)
        column, cell = np.nonzero(np.arange(self.n // 2) < cells[:, None])
        return column, cell

    def _flat(self, values: HeaterValues) -> Array:
        meshes = len(values.screen)
        grid, lanes = (meshes, self.columns, self.n // 2), (meshes, self.n)
        for name, part, shape in zip(
            HeaterValues._fields, values, (grid, grid, lanes, lanes), strict=True
        ):
            if part.shape != shape:
                raise ValueError(f"{name} must have shape {shape}; got {part.shape}.")
        return np.concatenate(
            [
                values.phi[:, *self._cells],
                values.theta[:, *self._cells],
                values.screen,
                values.attenuators,
            ],
            axis=1,
        )

    def _spread(self, flat: Array, rest: HeaterValues) -> HeaterValues:
        """Undo `_flat`; entries without an interferometer stay those of `rest`."""
        interferometers = len(self._cells[0])
        ends = np.cumsum([interferometers, interferometers, self.n])
        of_phi, of_theta, screen, attenuators = np.split(flat, ends, axis=1)
        theta, phi = rest.theta.copy(), rest.phi.copy()
        theta[:, *self._cells], phi[:, *self._cells] = of_theta, of_phi
        return HeaterValues(theta, phi, screen, attenuators)
