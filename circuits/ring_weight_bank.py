"""The ring weight bank: one colour an input, one ring a weight (broadcast and weight).

    λ_0 … λ_{N−1} ═══○═══○═══ ⋯ ═══○═══ through ──┐
                     │   │         │              ⊖── z_i = Σ_j (T_d − T_p)_ij h_j
                  ═══╧═══╧══ ⋯ ════╧═══ drop ─────┘
                     0   1        N−1

All inputs travel on one waveguide, each as the power of its own colour. Row i of a bank is N rings
on a copy of that light; ring j is tuned to a distance from channel j and so drops a share of it,
and a balanced pair of photodiodes reads drop minus through: a weight of either sign (Tait et al.,
J. Lightwave Technol. 32, 4029 (2014); Sci. Rep. 7, 7430 (2017)). Settings are detunings x in
half-linewidths (`RingWeight`). Every colour passes all rings of its row,

    T_p = ∏_k T_p,k ,    T_d = Σ_k (∏_{l<k} T_p,l) T_d,k ;

what the drop waveguide couples back is neglected (PHYSICS §3).
"""

from dataclasses import dataclass
from math import isfinite, pi, sin
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from circuits.ring_weight import Reals, RingWeight
from circuits.ring_weight_bank_kernels import (
    pass_rows,
    pass_rows_threaded,
    row_gradients,
    row_gradients_threaded,
)

# Passages of a channel past a ring from which a second thread gains more than the 0.1 ms that
# starting it may cost.
_WORTH_THREADS = 4e6


@dataclass(frozen=True)
class RingProgram:
    """Settings of K banks and the one gain that serves them all."""

    detuning: Reals
    """x of every ring in half-linewidths, ≥ 0, (K, N, N)."""

    gain: float
    """g: the banks realise W/g."""


@dataclass(frozen=True, kw_only=True)
class RingErrors:
    """The rings of one chip, (K, N, N) each."""

    detuning: NDArray[np.float64]
    """What calibration leaves, in half-linewidths."""

    offset: NDArray[np.float64]
    """Resonance as fabricated above the design's, in Hz; the heaters make up for it."""


@dataclass(frozen=True, kw_only=True)
class RingWeightBank(RingWeight):
    """K banks of N × N add-drop rings behind N channels of equal spacing.

    Raises
    ------
    ValueError
        Where a field is not what its docstring says.
    """

    channel_spacing: float | None = None
    """Spacing of the channels in Hz. None: FSR/N, the widest for which no ring sees two of them on
    its resonances."""

    crosstalk: bool = True
    """Whether channels pass the rings of other channels too; False: each ring is alone."""

    tuning_error: float = 20e6
    """Standard deviation in Hz of the resonance after calibration. 20 MHz of an FWHM of 8 GHz is a
    precision of about 8.5 bits, W. Zhang et al., Optica (2022), arXiv 2104.01164."""

    resonance_scatter: float = 1e11
    """Standard deviation in Hz of the resonance as fabricated, which costs heater power. 0.1 THz:
    1 nm of thickness, typical."""

    heater_bits: int | None = None
    """Bits of the heaters' setting over one free spectral range. None: analogue."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.channel_spacing is not None and _number(self, "channel_spacing") <= 0:
            raise ValueError(
                f"channel_spacing must be > 0 Hz; got {self.channel_spacing:g}. For the widest "
                f"that fits write channel_spacing=None."
            )
        for name in ("tuning_error", "resonance_scatter"):
            if _number(self, name) < 0:
                raise ValueError(
                    f"{name} must be ≥ 0 (a standard deviation in Hz); got {getattr(self, name):g}."
                )
        if self.tuning_error > float(self.ring.free_spectral_range):
            raise ValueError(
                f"tuning_error must be at most the free spectral range of "
                f"{float(self.ring.free_spectral_range):g} Hz (after which resonances repeat); got "
                f"{self.tuning_error:g}."
            )
        if not isinstance(self.crosstalk, (bool, np.bool_)):
            raise ValueError(
                f"crosstalk must be true or false (whether channels pass the rings of others); "
                f"got {self.crosstalk!r}."
            )
        bits: Any = self.heater_bits
        if bits is not None and (
            isinstance(bits, bool) or not isinstance(bits, (int, np.integer)) or not 1 <= bits <= 52
        ):
            raise ValueError(
                f"heater_bits must be a whole number from 1 to 52, or None (analogue); got "
                f"{bits!r}."
            )

    # Banks

    def program(self, matrices: Reals) -> RingProgram:
        """Return the settings that give matrices, with the smallest gain for which all fit.

        Rings alone: crosstalk is what the settings do not know.

        Parameters
        ----------
        matrices
            W, (K, N, N) real.

        Raises
        ------
        ValueError
            Where the shape is not (K, N, N), or weights of a sign are asked for that the ring
            does not reach.
        """
        given = self._banks("matrices", matrices)
        low, high = self.weight_limits
        if not low < 0 < high:
            raise ValueError(
                f"the ring must reach weights of both signs for a matrix; got weight_limits "
                f"{low:g} to {high:g}. Lower propagation_loss_db or couple it more strongly."
            )
        gain = float(max(np.max(given) / high, np.min(given) / low))
        if gain == 0.0:
            gain = 1.0
        w = np.clip(given.astype(np.float64) / gain, low, high)
        return RingProgram(self.detuning_for(w).astype(given.dtype), gain)

    def matrices(self, detuning: Reals, errors: RingErrors | None = None) -> Reals:
        """Return what the bank does to powers, in the settings' precision.

        Parameters
        ----------
        detuning
            x of every ring, (K, N, N).
        errors
            The chip; None for one as designed.

        Returns
        -------
        T_d − T_p, the signed weights, and T_d + T_p, the power on both detectors, (K, 2, N, N).
        """
        x = self.settled(detuning, errors)
        banks, n, _ = x.shape
        planes = np.empty((banks, 2, n, n), dtype=x.dtype)
        if not self.crosstalk:
            square = np.square(self._sigma(x))
            planes[:, 0] = self.weights(x)
            planes[:, 1] = (self.drop_peak + self.through_floor + square) / (1.0 + square)
            return planes
        run = pass_rows_threaded if self._threads_pay(banks, n) else pass_rows
        run(*self.tables(x), planes)
        return planes

    def gradients(
        self, detuning: Reals, gradient: Reals, errors: RingErrors | None = None
    ) -> Reals:
        """Return ∂L/∂x, (K, N, N), given ∂L/∂matrices, (K, 2, N, N).

        Straight through the quantised heaters: the slope where they really are.
        """
        x = self.settled(detuning, errors)
        banks, n, _ = x.shape
        if np.shape(gradient) != (banks, 2, n, n):
            raise ValueError(
                f"gradient must have the shape (K, 2, N, N) = {(banks, 2, n, n)} of the matrices; "
                f"got {np.shape(gradient)}."
            )
        if not self.crosstalk:
            # T_d + T_p = 1 − (1 − ρ − T_d0) q where T_d − T_p = (1 + T_d0 − ρ) q − 1.
            lost = 1.0 - self.through_floor - self.drop_peak
            ratio = -lost / (1.0 + self.drop_peak - self.through_floor)
            slope = self.weight_slope(x)
            return np.asarray(slope * (gradient[:, 0] + ratio * gradient[:, 1]), dtype=x.dtype)
        out = np.empty((banks * n, n), dtype=x.dtype)
        run = row_gradients_threaded if self._threads_pay(banks, n) else row_gradients
        run(*self.tables(x), np.ascontiguousarray(gradient, dtype=x.dtype), out)
        out *= self.linewidth_phase / 4
        return out.reshape(banks, n, n)

    def tables(self, x: Reals) -> tuple[Reals, Reals, Reals, Reals]:
        """Return (cos, sin, grid, response) of settled rings as the kernels take them."""
        n = x.shape[-1]
        quarter = self.linewidth_phase / 4
        spacing = self.spacing(n) / float(self.ring.free_spectral_range)
        half_phase = pi * spacing * np.arange(1 - n, n)
        grid = np.stack([np.sin(half_phase), np.cos(half_phase)]) / sin(quarter)
        response = np.array([1.0, self.through_floor, self.drop_peak], dtype=x.dtype)
        angle = x.reshape(-1, n) * x.dtype.type(quarter)
        return np.cos(angle), np.sin(angle), grid.astype(x.dtype), response

    def spacing(self, n: int) -> float:
        """Return the distance of N channels from one another in Hz.

        Raises
        ------
        ValueError
            Where they do not fit into one free spectral range.
        """
        spectral_range = float(self.ring.free_spectral_range)
        if self.channel_spacing is None:
            return spectral_range / n
        if n * self.channel_spacing > spectral_range * (1.0 + 1e-9):
            raise ValueError(
                f"channel_spacing must be ≤ FSR/N = {spectral_range / n:g} Hz for N = {n} (a ring "
                f"repeats after FSR = {spectral_range:g} Hz); got {self.channel_spacing:g}. Write "
                f"channel_spacing=None for the widest that fits, or shorten the ring."
            )
        return float(self.channel_spacing)

    @staticmethod
    def _threads_pay(banks: int, n: int) -> bool:
        return banks * n**3 > _WORTH_THREADS and numba.get_num_threads() > 1

    # Chips and heaters

    @property
    def exact(self) -> bool:
        """Whether rings settle where they are told."""
        return not self.tuning_error and self.heater_bits is None and not self.drift

    def draw(self, banks: int, n: int, seed: int) -> RingErrors:
        """Draw one chip of K banks of N × N rings; the same seed gives the same chip."""
        rng = np.random.default_rng([seed, banks, n])
        residue, offset = rng.normal(size=(2, banks, n, n))
        return RingErrors(
            detuning=self.tuning_error / self.half_linewidth * residue,
            offset=self.resonance_scatter * offset,
        )

    def settled(self, detuning: Reals, errors: RingErrors | None = None) -> Reals:
        """Return where the rings are: x after the heaters' steps, calibration's rest and drift.

        Parameters
        ----------
        detuning, errors
            As in `matrices`.
        """
        x = self._banks("detuning", detuning)
        shift: Any = self.drift / self.half_linewidth
        if errors is not None:
            if errors.detuning.shape != x.shape:
                raise ValueError(
                    f"errors must be those of as many rings as detuning has, {x.shape}; got "
                    f"{errors.detuning.shape}. Write errors=bank.draw{(*x.shape[:2],)} with a seed."
                )
            shift = shift + errors.detuning
        if self.heater_bits is not None:
            offset: Any = 0.0 if errors is None else errors.offset
            turns = self._heater_turns(x, errors)
            shift = shift - turns * (float(self.ring.free_spectral_range) / self.half_linewidth)
            return np.asarray(shift + offset / self.half_linewidth, dtype=x.dtype)
        return x if np.ndim(shift) == 0 and shift == 0 else np.asarray(x + shift, dtype=x.dtype)

    def heater_powers(
        self, detuning: Reals, errors: RingErrors | None = None
    ) -> NDArray[np.float64]:
        """Return the power in W of every heater, (K, N, N).

        Heat only lowers a resonance, so a heater tunes from where its ring was fabricated down to
        the next resonance that will do: on average half a free spectral range.

        Parameters
        ----------
        detuning, errors
            As in `matrices`.
        """
        x = self._banks("detuning", detuning)
        turns = np.mod(self._heater_turns(x, errors), 1.0)
        turns = np.where(turns >= 1.0, 0.0, turns)  # a rounding below zero wraps to 1 itself
        return np.asarray(turns * self.ring.free_spectral_range_power)

    def _heater_turns(self, x: Reals, errors: RingErrors | None) -> NDArray[np.float64]:
        """Return the heaters' shift down in free spectral ranges, quantised, not wrapped."""
        offset: Any = 0.0 if errors is None else errors.offset
        up = x.astype(np.float64) * self.half_linewidth - offset
        turns = -up / float(self.ring.free_spectral_range)
        if self.heater_bits is None:
            return np.asarray(turns)
        steps = 2.0**self.heater_bits
        return np.asarray(np.round(turns * steps) / steps)

    @staticmethod
    def _banks(name: str, values: Reals) -> Reals:
        """Return values as a floating array (K, N, N), not empty."""
        array = np.asarray(values)
        if array.ndim != 3 or array.shape[1] != array.shape[2] or array.size == 0:
            raise ValueError(
                f"{name} must have the shape (K, N, N) of K banks, not empty; got {array.shape}."
            )
        if array.dtype not in (np.float32, np.float64):
            raise ValueError(f"{name} must be float32 or float64; got {array.dtype}.")
        return np.ascontiguousarray(array)


def _number(bank: RingWeightBank, name: str) -> float:
    """Convert the field `name` to a float in place and return it."""
    value = getattr(bank, name)
    real = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not real or not isfinite(value):
        raise ValueError(f"{name} must be a finite number in Hz; got {value!r}.")
    object.__setattr__(bank, name, float(value))
    return float(value)
