"""What a budget asks of programmed weight banks, or what it takes of banks that are not yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ProgrammedBanks", "mesh_phases"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ProgrammedBanks:
    """The settings of all banks, in sums; a None is not known and is assumed.

    Raises
    ------
    ValueError
        The gain is not positive.
    """

    gain: float = 1.0
    """g: the banks realise W/g, the receiver makes up for it. 1: banks of norm one."""

    phases: Mapping[str, Array] | None = None
    """Phases in rad of all heaters of interferometer banks, by what they are part of: 'mesh',
    'attenuators' and 'screens'."""

    tuning_power: Array | None = None
    """Power in W of every heater of ring banks."""

    conductance: float | None = None
    """Mean Σ(G⁺ + G⁻) of an output of a crossbar, in units of a full weight's n(G_P − G_AP)."""

    light: float | None = None
    """Mean Σ_j g(T_d + T_p)_ij of a row of an intensity bank: detected light per drive."""

    row_norm: float | None = None
    """Mean Σ_j |W_ij|² of a row of the network's weights; homodyne: of their real part."""

    def __post_init__(self) -> None:
        if not 0 < self.gain < np.inf:
            raise ValueError(
                f"gain must be > 0 and finite (the banks realise W/g); got {self.gain}."
            )


def mesh_phases(
    theta: NDArray[np.floating[Any]],
    phi: NDArray[np.floating[Any]],
    screen: NDArray[np.floating[Any]],
    attenuator: NDArray[np.floating[Any]],
) -> dict[str, Array]:
    """Return the phases of the heaters of SVD banks, without those that no interferometer has.

    An attenuator's external phase −θ/2 − π/2 (PHYSICS §2) and the output phase of the mesh in front
    of it are one heater.

    Parameters
    ----------
    theta, phi
        Phases of the two meshes of every bank, left first, (L_W, 2, C, N//2).
    screen
        Their output phases, (L_W, 2, N).
    attenuator
        Angles θ of the attenuators between them, (L_W, N).
    """
    columns, half = theta.shape[-2:]
    n = screen.shape[-1]
    # Every other column of a mesh joins lanes 1 to N−2 only.
    real = np.arange(half) < ((n - np.arange(columns) % 2) // 2)[:, None]
    screens = screen.astype(np.float64).copy()
    screens[:, 1] -= attenuator / 2 + np.pi / 2
    return {
        "mesh": np.concatenate([theta[..., real].ravel(), phi[..., real].ravel()]).astype(float),
        "attenuators": attenuator.astype(np.float64).ravel(),
        "screens": screens.ravel(),
    }
