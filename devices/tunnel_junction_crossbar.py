"""The tunnel-junction crossbar: magnets that remember a weight as two conductances.

    V_j ──┬────────────┬─────
         ⊏G⁺⊐         ⊏G⁻⊐       w = (G⁺ − G⁻)/(n (G_P − G_AP))
          │            │
        I⁺ = ΣG⁺V    I⁻ = ΣG⁻V   I = I⁺ − I⁻

A magnetic tunnel junction conducts well with its two magnets parallel, G_P, and less with them
antiparallel, G_AP = G_P/(1 + TMR). It knows nothing in between, so a conductance of several levels
is n junctions side by side, and a weight of either sign is a pair of those: 2n + 1 levels. The
contrast falls with the voltage across it, TMR(V) = TMR₀/(1 + (V/V_h)²) (approximate: Zhang,
White, J. Appl. Phys. 83, 6512 (1998) measure such a fall), which bends large drives. Every
conductance on a column is noisy, on or off: 4kTB ΣG (Johnson, Phys. Rev. 32, 97 (1928)).
Junctions of MRAM conduct so well that the wires count (Jung et al., Nature 601, 211 (2022)).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import k as boltzmann

from devices._fields import (
    NON_NEGATIVE,
    POSITIVE,
    POSITIVE_OR_INFINITE,
    Device,
    Real,
    Rule,
    checked_real,
    floating,
    require,
    require_common_shape,
)

_PROBABILITY = Rule("above 0 and at most 1", lambda p: (p > 0) & (p <= 1))
_WEIGHT = Rule("between -1 and 1", lambda w: np.abs(w) <= 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class TunnelJunctionCrossbar(Device):
    """The cells of a crossbar: junctions in pairs, and the wire between them.

    Raises
    ------
    ValueError
        Where a conductance, ratio, voltage or count is not positive, or a spread or resistance
        negative.
    """

    parallel_conductance: Real = 1e-4
    """G_P in S of one junction. 1e-4: 10 kΩ, typical of MRAM."""

    magnetoresistance: Real = 1.5
    """TMR₀ = G_P/G_AP − 1 at small voltages. 1.5 (1 to 2): magnesium oxide barriers at room
    temperature, typical."""

    half_voltage: Real = 0.5
    """Voltage V_h in V at which half the TMR is left; inf for a TMR that stays. 0.5 V, typical."""

    read_voltage: Real = 0.1
    """Voltage in V of a full-scale drive. 0.1 V: far below writing, typical."""

    junctions: int = 7
    """Junctions n side by side in each conductance, n + 1 levels. 7: three bits and a sign."""

    conductance_spread: Real = 0.0
    """Relative standard deviation of a junction's conductance in fabrication. 0.05, typical; 0 by
    default, because the bank counts its errors."""

    switching_probability: Real = 1.0
    """Probability that a pulse switches the junction it is for, above 0 to 1. 1: strong pulses of
    10 ns fail less than once in 10⁶, typical; short or gentle ones reach 0.9 and less."""

    line_resistance: Real = 1.0
    """Resistance in Ω of the wire from one cell to the next. 1 Ω: a dense metal level, typical."""

    temperature: Real = 300.0
    """Temperature in K. 300 K: a warm room."""

    def __post_init__(self) -> None:
        require(self, "parallel_conductance", POSITIVE, "a conductance in S")
        require(self, "magnetoresistance", POSITIVE, "G_P/G_AP − 1, a ratio; 150 % is 1.5")
        require(self, "half_voltage", POSITIVE_OR_INFINITE, "a voltage in V")
        require(self, "read_voltage", POSITIVE, "a voltage in V")
        count: Any = self.junctions
        if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 1:
            raise ValueError(
                f"junctions must be a whole number ≥ 1 (side by side in a conductance); got "
                f"{count!r}."
            )
        require(self, "conductance_spread", NON_NEGATIVE, "a relative standard deviation")
        require(self, "switching_probability", _PROBABILITY, "a probability for each pulse")
        require(self, "line_resistance", NON_NEGATIVE, "a resistance in Ω from cell to cell")
        require(self, "temperature", NON_NEGATIVE, "a temperature in K")
        require_common_shape(
            self,
            "parallel_conductance",
            "magnetoresistance",
            "half_voltage",
            "read_voltage",
            "conductance_spread",
            "switching_probability",
            "line_resistance",
            "temperature",
        )

    # Junction

    def magnetoresistance_at(self, voltage: Real) -> Real:
        """Return TMR(V) = TMR₀/(1 + (V/V_h)²) at the voltage V (V), either sign."""
        return self.magnetoresistance / (1.0 + np.square(np.asarray(voltage) / self.half_voltage))

    def antiparallel_conductance(self, voltage: Real = 0.0) -> Real:
        """Return G_AP = G_P/(1 + TMR(V)) in S of one junction at the voltage V (V)."""
        return self.parallel_conductance / (1.0 + self.magnetoresistance_at(voltage))

    def weight_conductance(self, voltage: Real = 0.0) -> Real:
        """Return n (G_P − G_AP(V)) in S, the difference that a weight of 1 makes."""
        return self.junctions * (self.parallel_conductance - self.antiparallel_conductance(voltage))

    # Weight

    @property
    def levels(self) -> int:
        """Number 2n + 1 of weights that can be stored."""
        return 2 * self.junctions + 1

    def quantise(self, weight: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return the nearest storable weight k/n after clipping to ±1, in precision and shape."""
        w = floating(weight)
        return np.asarray(np.round(np.clip(w, -1, 1) * self.junctions) / self.junctions, w.dtype)

    def passes(self, weight: ArrayLike) -> NDArray[np.floating[Any]]:
        """Return the straight-through slope of `quantise`: 1 within ±1, 0 where clipped."""
        w = floating(weight)
        return np.asarray(np.abs(w) <= 1, dtype=w.dtype)

    def conductance_pair(self, weight: Real, voltage: Real = 0.0) -> tuple[Real, Real]:
        """Return (G⁺, G⁻) in S of a weight, at the voltage V (V) across the cell.

        The one of the weight's sign carries it, the other is all antiparallel; between the
        storable levels in proportion.

        Raises
        ------
        ValueError
            Where a weight is beyond ±1: rescale the matrix first.
        """
        w = checked_real(weight, "weight", _WEIGHT, "rescale a matrix by its largest entry first")
        floor = self.junctions * self.antiparallel_conductance(voltage)
        span = self.weight_conductance(voltage)
        return floor + np.maximum(w, 0.0) * span, floor + np.maximum(-w, 0.0) * span

    def draw_conductances(
        self, weight: Real, rng: np.random.Generator
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Draw (G⁺, G⁻) in S of a fabricated array at small voltages.

        Every junction scatters by the spread on its own, so n of them scatter by Σg²: relatively
        less, by about √n.
        """
        w = checked_real(weight, "weight", _WEIGHT, "rescale a matrix by its largest entry first")
        high, low = self.parallel_conductance, self.antiparallel_conductance()
        drawn = []
        for share in (np.maximum(w, 0.0), np.maximum(-w, 0.0)):
            mean = self.junctions * (low + share * (high - low))
            squares = self.junctions * (share * np.square(high) + (1 - share) * np.square(low))
            spread = self.conductance_spread * np.sqrt(squares)
            noise = rng.normal(size=np.broadcast_shapes(np.shape(mean), np.shape(spread)))
            drawn.append(np.maximum(mean + spread * noise, 0.0))
        return drawn[0], drawn[1]

    # Column

    def drive_current(self, voltage: Real) -> Real:
        """Return n (G_P − G_AP(V)) V in A, the current of a weight of 1 at the voltage V (V).

        Odd in V; TMR(V) bends it.
        """
        return self.weight_conductance(voltage) * np.asarray(voltage)

    def column_current(self, weights: Real, voltages: Real) -> NDArray[np.float64]:
        """Return the differential currents I = Σ_j (G⁺ − G⁻)_ij V_j in A, without wires.

        Parameters
        ----------
        weights : array (..., outputs, inputs)
            Weights within ±1.
        voltages : array (..., inputs)
            Drives in V.
        """
        w = checked_real(weights, "weights", _WEIGHT, "rescale a matrix by its largest entry first")
        return np.asarray(np.einsum("...ij,...j->...i", w, self.drive_current(voltages)))

    def column_conductance(self, weights: Real) -> NDArray[np.float64]:
        """Return ΣG = Σ_j (G⁺ + G⁻)_ij in S, shape (..., outputs), at small voltages."""
        positive, negative = self.conductance_pair(weights)
        return np.asarray(np.sum(positive + negative, axis=-1))

    def noise_density(self, weights: Real) -> NDArray[np.float64]:
        """Return the one-sided density 4kT ΣG in A²/Hz of each column's differential current."""
        heat = 4 * boltzmann * np.asarray(self.temperature)
        return np.asarray(heat * self.column_conductance(weights))

    def noise_variance(self, weights: Real, bandwidth: Real) -> NDArray[np.float64]:
        """Return 4kTB ΣG in A² in the noise bandwidth B (Hz)."""
        band = checked_real(bandwidth, "bandwidth", POSITIVE, "a noise bandwidth in Hz")
        return np.asarray(self.noise_density(weights) * band)

    def column_power(self, weights: Real, voltages: Real) -> NDArray[np.float64]:
        """Return the power Σ_j (G⁺ + G⁻)_ij V_j² in W that a column burns, (..., outputs)."""
        volts = np.asarray(voltages)[..., None, :]
        positive, negative = self.conductance_pair(weights, volts)
        return np.asarray(np.sum((positive + negative) * np.square(volts), axis=-1))
