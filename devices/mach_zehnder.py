"""The Mach-Zehnder interferometer: two splitters, two phases, any 2×2 unitary.

    in 0 ──[φ]──╲     ╱──[θ]──╲     ╱── out 0
                 S(α)          S(β)
    in 1 ───────╱     ╲───────╱     ╲── out 1

    T = S(β) · diag(√L₁ e^{iθ}, 1) · S(α) · diag(e^{iφ}, 1)

Light meets the rightmost factor first. Ideal splitters send sin²(θ/2) straight on: **θ = 0 is
cross, θ = π is bar**. Splitter errors α, β bound how dark a port can get, sin²(α+β) for bar and
sin²(α−β) for cross, and so does a lossy θ arm of power transmission L₁ (Bandyopadhyay, Hamerly,
Englund, Optica 8, 1247 (2021)).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices._fields import (
    FINITE,
    Device,
    Real,
    Rule,
    amplitude_of_loss,
    require,
    require_common_shape,
    require_loss,
)
from devices.directional_coupler import DirectionalCoupler

_TRANSMISSION = Rule("above 0 and at most 1", lambda x: (x > 0) & (x <= 1))


@dataclass(frozen=True, kw_only=True, eq=False)
class MachZehnder(Device):
    """A programmable 2×2 interferometer with its fabrication errors.

    Raises
    ------
    ValueError
        Where an angle is not finite, the arm transmission is outside (0, 1] or the loss is
        negative.
    """

    theta: Real
    """Internal phase θ in rad, on the top arm: 0 is cross, π is bar."""

    phi: Real = 0.0
    """External phase φ in rad, on the top input."""

    alpha: Real = 0.0
    """Error angle of the first splitter in rad (0.01 to 0.03 in fabrication, typical)."""

    beta: Real = 0.0
    """Error angle of the second splitter in rad."""

    arm_transmission: Real = 1.0
    """Power transmission L₁ of the θ arm relative to the other arm, in (0, 1]."""

    insertion_loss_db: Real = 0.0
    """Loss of the whole device in dB, common to both paths."""

    def __post_init__(self) -> None:
        angles = ("theta", "phi", "alpha", "beta")
        for name in angles:
            require(self, name, FINITE, "an angle in rad")
        require(
            self,
            "arm_transmission",
            _TRANSMISSION,
            "a power ratio; a loss of L dB in the arm is 10**(-L/10)",
        )
        require_loss(self)
        require_common_shape(self, *angles, "arm_transmission", "insertion_loss_db")

    def transfer_matrix(self) -> NDArray[np.complex128]:
        """Return T[out, in] on fields, shape (..., 2, 2) over the broadcast fields.

        Built as the product of its parts, as light meets them.
        """
        arm = np.sqrt(self.arm_transmission) * np.exp(1j * np.asarray(self.theta))
        first = DirectionalCoupler(error_angle=self.alpha).transfer_matrix()
        second = DirectionalCoupler(error_angle=self.beta).transfer_matrix()
        parts = second @ _on_top(arm) @ first @ _on_top(np.exp(1j * np.asarray(self.phi)))
        loss = np.asarray(amplitude_of_loss(self.insertion_loss_db))[..., None, None]
        return np.asarray(parts * loss, dtype=np.complex128)

    @property
    def bar_power(self) -> Real:
        """Power that stays on its line, |T[0, 0]|², per unit of power into port 0."""
        power: Real = np.abs(self.transfer_matrix()[..., 0, 0]) ** 2
        return power

    @property
    def cross_power(self) -> Real:
        """Power that changes line, |T[1, 0]|², per unit of power into port 0."""
        power: Real = np.abs(self.transfer_matrix()[..., 1, 0]) ** 2
        return power

    @property
    def extinction_ratio_db(self) -> Real:
        """Brightest over darkest bar power as θ turns, in dB; inf for ideal splitters and arms.

        The bar field is √L₁ e^{iθ} cosα' cosβ' − sinα' sinβ' with α' = π/4+α, β' = π/4+β. Ideal
        splitters give ((1+√L₁)/(1−√L₁))², equal arms cos²(α−β)/sin²(α+β).
        """
        upper, lower = _arm_amplitudes(np.asarray(self.alpha), np.asarray(self.beta))
        return _ratio_db(np.sqrt(self.arm_transmission) * upper, lower)

    @property
    def cross_extinction_ratio_db(self) -> Real:
        """Brightest over darkest cross power as θ turns, in dB: equal arms cos²(α+β)/sin²(α−β)."""
        # Light that crosses meets the second splitter's other leg: β' → π/2 − β', so β → −β.
        upper, lower = _arm_amplitudes(np.asarray(self.alpha), -np.asarray(self.beta))
        return _ratio_db(np.sqrt(self.arm_transmission) * upper, lower)


def _on_top(factor: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Matrix diag(factor, 1), shape (..., 2, 2)."""
    matrix = np.zeros((*factor.shape, 2, 2), dtype=np.complex128)
    matrix[..., 0, 0] = factor
    matrix[..., 1, 1] = 1.0
    return matrix


def _arm_amplitudes(alpha: Real, beta: Real) -> tuple[Real, Real]:
    """Amplitudes cosα' cosβ' and sinα' sinβ' of the two interfering paths.

    Written as sums of cos(α−β) and sin(α+β), which are exactly equal for ideal splitters: the
    products of cosines of π/4 differ by rounding and would report 300 dB for a perfect null.
    """
    mean, half_difference = np.cos(alpha - beta) / 2, np.sin(alpha + beta) / 2
    return mean - half_difference, mean + half_difference


def _ratio_db(first: Real, second: Real) -> Real:
    """Contrast of two interfering amplitudes in dB, inf where they can cancel exactly."""
    total, difference = np.abs(first + second), np.abs(first - second)
    bright, dark = np.maximum(total, difference), np.minimum(total, difference)
    with np.errstate(divide="ignore"):
        ratio: Real = 20 * np.log10(bright / dark)
    return ratio
