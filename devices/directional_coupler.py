"""The directional coupler: two waveguides that meet and share their light.

    in 0 ────╲     ╱──── out 0
              ═════
    in 1 ────╱     ╲──── out 1

Light that crosses over gains a factor +i (the e^{-iωt} convention). A splitter built a little too
long or too short misses one half by an error angle η:

    S(η) = [[ cos(π/4+η),  i sin(π/4+η) ],
            [ i sin(π/4+η),  cos(π/4+η) ]]

with the power ratio sin²(π/4+η) across (Bandyopadhyay, Hamerly, Englund, Optica 8, 1247 (2021)).
A multimode interferometer is the same with its excess loss.
"""

from dataclasses import dataclass
from math import pi
from typing import Self

import numpy as np
from numpy.typing import NDArray

from devices._fields import (
    FINITE,
    FRACTION,
    Device,
    Real,
    amplitude_of_loss,
    checked_real,
    require,
    require_common_shape,
    require_loss,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class DirectionalCoupler(Device):
    """A 2×2 splitter, one half unless told otherwise.

    Raises
    ------
    ValueError
        Where the error angle is not finite or the loss is negative.
    """

    error_angle: Real = 0.0
    """Deviation η from the 50/50 angle π/4, in rad. Fabricated splitters scatter by 0.01 to
    0.03 rad, typical."""

    insertion_loss_db: Real = 0.0
    """Excess loss in dB, the same for both outputs. 0 for a coupler; a multimode interferometer
    loses about 0.1 dB, typical."""

    def __post_init__(self) -> None:
        require(self, "error_angle", FINITE, "a splitter error in rad")
        require_loss(self)
        require_common_shape(self, "error_angle", "insertion_loss_db")

    @classmethod
    def from_power_ratio(cls, ratio: Real, *, insertion_loss_db: Real = 0.0) -> Self:
        """Return the coupler that sends the share `ratio` (0 to 1) of the power across."""
        share = checked_real(ratio, "ratio", FRACTION, "the share of power that crosses over")
        angle = np.arcsin(np.sqrt(share)) - pi / 4
        return cls(error_angle=angle, insertion_loss_db=insertion_loss_db)

    @property
    def power_ratio(self) -> Real:
        """Share of the emerging power that crosses over, sin²(π/4+η)."""
        ratio: Real = np.sin(pi / 4 + self.error_angle) ** 2
        return ratio

    def transfer_matrix(self) -> NDArray[np.complex128]:
        """Return S[out, in] on fields, shape (..., 2, 2) over the broadcast fields."""
        angle = pi / 4 + np.asarray(self.error_angle)
        straight, across = np.cos(angle) + 0j, 1j * np.sin(angle)
        rows = [[straight, across], [across, straight]]
        splitter = np.moveaxis(np.array(rows), (0, 1), (-2, -1))
        loss = np.asarray(amplitude_of_loss(self.insertion_loss_db))[..., None, None]
        return np.asarray(splitter * loss, dtype=np.complex128)
