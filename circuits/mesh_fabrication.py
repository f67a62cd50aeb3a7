"""How well interferometer meshes are made: tolerances, and one draw of a chip.

Splitters miss 50:50 by a random angle, phase shifters miss their phase, every column loses light
and the heated arms may lose more (PHYSICS §2; Bandyopadhyay, Hamerly, Englund, Optica 8, 1247
(2021)). Tolerances are standard deviations of independent Gaussian errors.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuits.mesh_heaters import MeshHeaters

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class MeshErrors:
    """The errors of M meshes of one chip, all in rad, for C columns of N//2 interferometers."""

    alpha: Array
    """Error angle of every first splitter, (M, C, N//2)."""

    beta: Array
    """Error angle of every second splitter, (M, C, N//2)."""

    theta: Array
    """Error of every internal phase, (M, C, N//2)."""

    phi: Array
    """Error of every external phase, (M, C, N//2)."""

    screen: Array
    """Error of every output phase, (M, N)."""

    attenuators: Array
    """Errors (α, β, θ, φ) of one column of N attenuators behind every mesh, (M, 4, N)."""

    arm_transmission: float
    """Power that the heated arms pass relative to the others."""

    heaters: MeshHeaters
    """What sets the phases of every mesh."""

    corrected: bool = False
    """Whether what is programmed goes around α and β, see `mesh_correction`."""


@dataclass(frozen=True, kw_only=True)
class MeshFabrication:
    """Tolerances of the interferometer meshes; one chip is one draw."""

    splitter_error: float = 0.01
    """Standard deviation of every splitter's error angle, rad. 0.01 to 0.03 is typical."""

    phase_error: float = 0.0
    """Standard deviation of every programmed phase, rad."""

    column_loss_db: float = 0.05
    """Insertion loss of each column in dB, positive; typical of silicon."""

    arm_loss_db: float = 0.0
    """Excess loss of the heated arm of every interferometer in dB, positive."""

    corrected: bool = False
    """Whether the splitter errors of a chip are measured and its phases programmed around them
    (Bandyopadhyay, Hamerly, Englund, Optica 8, 1247 (2021))."""

    half_wave_power: float = 24.77e-3
    """P_π, power in W of a heater for a phase of π; Harris et al., Opt. Express 22, 10487 (2014).
    Undercut: 1 to 5 mW, typical."""

    thermal_crosstalk: float = 0.0
    """x₀, share of its warmth that a heater gives to one infinitely near, 0 … 1. 0.01 to 0.05 is
    typical; 0: none."""

    thermal_decay_length: float = 50e-6
    """d₀ in m over which that share falls by e; typical."""

    heater_spacing: float = 100e-6
    """Pitch in m of the heaters along the light, two a column, and of the lanes; typical, around
    heaters of 61.6 µm (Harris et al., Opt. Express 22, 10487 (2014))."""

    heater_bits: int | None = None
    """Bits of the converter that sets a heater's power: steps of 2 P_π/2^b. None: analogue."""

    compensated: bool = False
    """Whether the powers are programmed around the thermal crosstalk, which is then known."""

    def __post_init__(self) -> None:
        for name in _FLAGS:
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} must be true or false; got {getattr(self, name)!r}.")
        bits: Any = self.heater_bits
        if bits is not None and (
            isinstance(bits, bool) or not isinstance(bits, (int, np.integer)) or not 1 <= bits <= 32
        ):
            raise ValueError(
                f"heater_bits must be a whole number from 1 to 32, or None (analogue); got "
                f"{bits!r}."
            )
        for entry in fields(self):
            if entry.name in (*_FLAGS, "heater_bits"):
                continue
            value = getattr(self, entry.name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ValueError(f"{entry.name} must be a number; got {value!r}.")
            if entry.name in _POSITIVE and value == 0:
                raise ValueError(f"{entry.name} must be > 0 and finite; got 0.")
            if not 0 <= value < np.inf:
                loss = entry.name.endswith("_db") and value < 0
                hint = f" For {-value:g} dB of loss write {entry.name}={-value:g}." if loss else ""
                raise ValueError(f"{entry.name} must be ≥ 0 and finite; got {value}.{hint}")
            object.__setattr__(self, entry.name, float(value))
        self.heaters(1, 2)  # refuses a crosstalk that is no share

    @property
    def exact(self) -> bool:
        """Whether a mesh comes out as programmed, up to its uniform loss."""
        made_well = not (self.splitter_error or self.phase_error or self.arm_loss_db)
        return made_well and self.heaters(1, 2).exact

    def heaters(self, columns: int, n: int) -> MeshHeaters:
        """Return the heaters of each mesh of C columns and N modes."""
        return MeshHeaters(
            n=n,
            columns=columns,
            **{
                name: getattr(self, name)
                for name in (*_POSITIVE, "thermal_crosstalk", "heater_bits", "compensated")
            },
        )

    def processor_transmission(self, n: int) -> float:
        """Return the amplitude behind the 2N + 1 columns of two meshes and the attenuators."""
        return float(10.0 ** (-self.column_loss_db * (2 * n + 1) / 20.0))

    def draw(self, meshes: int, columns: int, n: int, seed: int) -> MeshErrors:
        """Draw one chip of M meshes; the same seed gives the same chip."""
        rng = np.random.default_rng([seed, meshes, columns, n])
        shape = (4, meshes, columns, n // 2)
        alpha, beta, theta, phi = rng.normal(size=shape)
        screen = rng.normal(size=(meshes, n))
        splitter, phase = self.splitter_error, self.phase_error
        scale = np.array([splitter, splitter, phase, phase])[:, None]
        attenuators = scale * rng.normal(size=(meshes, 4, n))
        return MeshErrors(
            alpha=self.splitter_error * alpha,
            beta=self.splitter_error * beta,
            theta=self.phase_error * theta,
            phi=self.phase_error * phi,
            screen=self.phase_error * screen,
            attenuators=attenuators,
            arm_transmission=10.0 ** (-self.arm_loss_db / 10.0),
            corrected=self.corrected,
            heaters=self.heaters(columns, n),
        )


_FLAGS = ("corrected", "compensated")
_POSITIVE = ("half_wave_power", "thermal_decay_length", "heater_spacing")
