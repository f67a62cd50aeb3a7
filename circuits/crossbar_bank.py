"""Tunnel-junction crossbars as a weight bank: what the receivers make of the programmed weights.

    V_0 ──⊏G⁺⊐─⊏G⁻⊐──    w = (G⁺ − G⁻)/(n (G_P − G_AP)) of every cell, |w| ≤ 1
    V_1 ──⊏G⁺⊐─⊏G⁻⊐──
            ↓    ↓        I_o = Σ_j (G⁺ − G⁻)_oj V_j
           I⁺ − I⁻ = I

Between the programmed and the effective weights stand the levels of the junctions, errors of
writing, the scatter of the junctions and the resistance of the wires, in this order. Conductances
are in units of the n(G_P − G_AP) that a weight of 1 makes; the positive and the negative cells have
lines of their own (`crossbar_wires`).
"""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.constants import k as boltzmann

from circuits.crossbar_wires import WiredArrays
from circuits.crossbar_writing import conductances, draw_junctions, nearest_pattern
from devices import TunnelJunctionCrossbar

Real = NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class CrossbarErrors:
    """The errors of the K crossbars of one chip, standard normal numbers."""

    write: NDArray[np.float64]
    """Of the programmed weight of every cell, (K, N, N)."""

    scatter: NDArray[np.float64]
    """Of the positive and the negative conductance of every cell, (2, K, N, N)."""

    junctions: NDArray[np.float64] | None = None
    """Conductance of every junction relative to the design's, (2, K, N, N, n), where cells are
    verified."""

    read: NDArray[np.float64] | None = None
    """The same as it was read."""


@dataclass(frozen=True, kw_only=True)
class CrossbarBank:
    """The design and the tolerances of a bank of crossbars; one chip is one draw."""

    junction: TunnelJunctionCrossbar = field(default_factory=TunnelJunctionCrossbar)
    """Cells and wires."""

    quantised: bool = True
    """Whether weights are rounded to the 2n + 1 levels of n junctions."""

    write_error: float = 0.0
    """Standard deviation of every written weight. 0: written and verified until it is right."""

    verified: bool = False
    """Whether junctions are read one by one and the combination nearest to each weight is written,
    pulse after pulse until it is (`crossbar_writing`)."""

    reading_error: float = 1e-3
    """Relative standard deviation of a junction's reading. 1e-3: ten bits, typical."""

    def __post_init__(self) -> None:
        if not isinstance(self.junction, TunnelJunctionCrossbar):
            raise ValueError(
                f"junction must be a TunnelJunctionCrossbar (the cells of the bank); got "
                f"{self.junction!r}."
            )
        for name, why in (
            ("quantised", "round weights to the junctions' levels"),
            ("verified", "read junctions and write what comes nearest"),
        ):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(
                    f"{name} must be true or false ({why}); got {getattr(self, name)!r}."
                )
        swept = [f.name for f in fields(self.junction) if np.ndim(getattr(self.junction, f.name))]
        if swept:
            raise ValueError(
                f"junction must be one device, with one number a field (a field with more is a "
                f"sweep); got arrays in {', '.join(swept)}. Build one bank per value."
            )
        for name, what in (
            ("write_error", "a standard deviation of weights within ±1"),
            ("reading_error", "a share of a junction's conductance"),
        ):
            value: Any = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1:
                raise ValueError(f"{name} must be a number ≥ 0 and < 1 ({what}); got {value!r}.")
            object.__setattr__(self, name, float(value))

    @property
    def exact(self) -> bool:
        """Whether every chip is alike, with the conductances that it is programmed to."""
        if self.verified:
            return not (self.quantised and float(self.junction.conductance_spread))
        return not (self.write_error or float(self.junction.conductance_spread))

    @property
    def full_scale_current(self) -> float:
        """Current n(G_P − G_AP)·V in A of a weight of 1 at the read voltage."""
        return self._span * float(self.junction.read_voltage)

    @property
    def thermal_density(self) -> float:
        """One-sided noise density 4kT·n(G_P − G_AP) in A²/Hz per unit of conductance."""
        return 4.0 * boltzmann * float(self.junction.temperature) * self._span

    @property
    def _span(self) -> float:
        return float(self.junction.weight_conductance())

    # Drive

    def drive(self, h: Real) -> Real:
        """Return the current of a weight at the drive h, per that of h = 1 without a bend.

        h (1 + TMR₀)/(1 + TMR₀ + (hV/V_h)²), clipped to |h| ≤ 1, in shape and precision of h: the
        contrast G_P − G_AP(V) of every cell on a word line falls with its voltage alike.
        """
        u, contrast, bend = self._bend(h)
        return np.asarray(u * (contrast / (contrast + bend * u * u)), dtype=h.dtype)

    def drive_slope(self, h: Real) -> Real:
        """Return d drive/dh, 0 where clipped."""
        u, contrast, bend = self._bend(h)
        square = bend * u * u
        slope = contrast * (contrast - square) / (contrast + square) ** 2
        return np.asarray(slope * (np.abs(h) <= 1), dtype=h.dtype)

    def _bend(self, h: Real) -> tuple[Real, float, float]:
        """Return the clipped drive, 1 + TMR₀ and (V/V_h)²."""
        ratio = float(self.junction.read_voltage) / float(self.junction.half_voltage)
        return np.clip(h, -1, 1), 1.0 + float(self.junction.magnetoresistance), ratio**2

    # Weights

    def draw(self, banks: int, n: int, seed: int) -> CrossbarErrors:
        """Draw one chip of K crossbars of N×N cells; the same seed gives the same chip."""
        rng = np.random.default_rng([seed, banks, n])
        shape = (banks, n, n)
        write, scatter = rng.normal(size=shape), rng.normal(size=(2, *shape))
        if not self.verified:
            return CrossbarErrors(write=write, scatter=scatter)
        junctions = draw_junctions(self.junction, scatter, seed)
        missed = 1.0 + self.reading_error * rng.normal(size=junctions.shape)
        return CrossbarErrors(
            write=write, scatter=scatter, junctions=junctions, read=junctions * missed
        )

    def realise(self, weights: Real, errors: CrossbarErrors | None = None) -> "RealisedCrossbar":
        """Return the crossbars that programmed weights make.

        Parameters
        ----------
        weights
            (K, outputs, inputs), of single or double precision; clipped to ±1.
        errors
            Of one chip, or None where all cells are what they are programmed to.
        """
        if weights.ndim != 3 or 0 in weights.shape:
            raise ValueError(
                f"weights must have shape (K, outputs, inputs), not empty; got {weights.shape}."
            )
        if weights.dtype not in (np.float32, np.float64):
            raise ValueError(f"weights must be float32 or float64; got {weights.dtype}.")
        if errors is not None and errors.write.shape != weights.shape:
            raise ValueError(
                f"errors must be drawn for weights of shape {weights.shape}; "
                f"got those of {errors.write.shape}."
            )
        junction = self.junction
        written = junction.quantise(weights) if self.quantised else np.clip(weights, -1, 1)
        passes = junction.passes(weights)
        if errors is not None and self.write_error and not self.verified:
            missed = (written + self.write_error * errors.write).astype(weights.dtype)
            passes, written = passes * junction.passes(missed), np.clip(missed, -1, 1)
        # What is rounded to zero grows to the side on which it was programmed.
        positive = np.where(written == 0, weights, written) >= 0
        cells, slopes = self._cells(written, positive, None if errors is None else errors.scatter)
        slopes = slopes * passes
        if self.verified and self.quantised and errors is not None:
            cells = self._nearest(weights, errors)
        resistance = self._span * float(junction.line_resistance)
        wires = WiredArrays.solve(_lines(cells * resistance)) if resistance else None
        return RealisedCrossbar(cells=cells, slopes=slopes, resistance=resistance, wires=wires)

    def _cells(
        self, w: Real, positive: NDArray[np.bool_], scatter: NDArray[np.float64] | None
    ) -> tuple[Real, Real]:
        """Return G⁺ and G⁻, and their slopes with w, (2, K, outputs, inputs) each.

        ``positive`` tells which of the two follows w. A share s = max(±w, 0) of the junctions is
        parallel. They scatter on their own, relative to their conductances, so that n of them vary
        by spread·√(n (s G_P² + (1 − s) G_AP²)).
        """
        sign = np.array([1.0, -1.0], dtype=w.dtype)[:, None, None, None]
        share = np.maximum(sign * w, 0)
        low = 1.0 / float(self.junction.magnetoresistance)
        cells, slopes = low + share, np.stack([positive, ~positive]) * sign
        spread = float(self.junction.conductance_spread)
        if scatter is not None and spread and not self.verified:
            count = int(self.junction.junctions)
            square = (share * ((1 + low) ** 2 - low**2) + low**2) / count
            shift = spread * scatter.astype(w.dtype) * np.sqrt(square)
            slopes = slopes * (1 + shift / (2 * square) * ((1 + low) ** 2 - low**2) / count)
            slopes = slopes * (cells + shift > 0)
            cells = np.maximum(cells + shift, 0)
        return cells.astype(w.dtype), slopes.astype(w.dtype)

    def _nearest(self, weights: Real, errors: CrossbarErrors) -> Real:
        """Return G⁺ and G⁻ of the junctions that were read and come nearest to the weights."""
        if errors.junctions is None or errors.read is None:
            raise ValueError(
                "errors must hold the junctions of a chip whose cells are verified. Draw them of "
                "the bank with verified=True."
            )
        aims = np.clip(weights, -1, 1).astype(np.float64)
        pattern = nearest_pattern(self.junction, aims, errors.read)
        return conductances(self.junction, pattern, errors.junctions).astype(weights.dtype)


@dataclass(frozen=True, kw_only=True)
class RealisedCrossbar:
    """Crossbars as fabricated and programmed."""

    cells: Real
    """G⁺ and G⁻ in units of a full weight's n(G_P − G_AP), (2, K, outputs, inputs)."""

    slopes: Real
    """Their derivatives with the programmed weights, straight through the levels."""

    resistance: float
    """Resistance of a wire segment times n(G_P − G_AP)."""

    wires: WiredArrays | None
    """The solved network, None where the wires do not resist."""

    def matrix(self) -> Real:
        """Return the effective weights, differential current per voltage, (K, outputs, inputs)."""
        seen = self.cells if self.wires is None else self._seen(self.wires.currents)
        return np.asarray(seen[0] - seen[1])

    def transmission(self) -> Real:
        """Return the share of a cell's current that the wires leave of it, (K, outputs, inputs)."""
        if self.wires is None:
            return np.ones_like(self.cells[0])
        seen = self._seen(self.wires.currents)
        return np.asarray(seen.sum(axis=0) / self.cells.sum(axis=0))

    def conductance(self) -> Real:
        """Return Σ (G⁺ + G⁻) of each output, (K, outputs): what its thermal noise comes from."""
        return np.asarray(self.cells.sum(axis=(0, 3)))

    def gradients(self, g_matrix: Real, g_conductance: Real | None = None) -> Real:
        """Return the gradient of the programmed weights from those of both results.

        Straight through the levels; 0 where a weight, or what a writing error makes of it, is
        beyond ±1 and where a junction would conduct less than nothing.
        """
        g_seen = np.stack([g_matrix, -g_matrix])
        if self.wires is not None:
            g_seen = _columns(self.wires.gradients(_lines(g_seen)), self.cells.shape)
        if g_conductance is not None:
            g_seen = g_seen + g_conductance[..., None]
        total: Real = (self.slopes * g_seen).sum(axis=0)
        return total

    def _seen(self, currents: Real) -> Real:
        """Return currents per volt in units of a full weight, from those of the wires."""
        resistance = self.cells.dtype.type(self.resistance)
        return np.asarray(_columns(currents, self.cells.shape) / resistance)


def _lines(cells: Real) -> Real:
    """Return (2, K, outputs, inputs) as arrays of word and bit lines, (2K, inputs, outputs)."""
    return np.ascontiguousarray(cells.reshape(-1, *cells.shape[2:]).swapaxes(1, 2))


def _columns(lines: Real, shape: tuple[int, ...]) -> Real:
    """Return the inverse of `_lines`."""
    return lines.swapaxes(1, 2).reshape(shape)
