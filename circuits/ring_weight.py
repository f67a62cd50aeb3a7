"""One ring as a weight: how far a resonance is tuned from its channel, and what is read of it.

A setting x is the distance of the ring's resonance above its channel in half-linewidths, so that
the round-trip phase of the channel is φ = −x FWHM_φ/2, and exactly

    w(x) = T_d − T_p = (T_d0 − ρ − σ²)/(1 + σ²),    σ = sin(x FWHM_φ/4)/sin(FWHM_φ/4)

with T_d0 dropped and ρ passed on resonance: the add-drop ring of PHYSICS §3 (Bogaerts et al., Laser
Photon. Rev. 6, 47 (2012)) with |1 − R e^{iφ}|² = (1 − R)² (1 + σ²). σ → x and w a Lorentzian where
lines are narrow, whatever the ring is.
"""

from dataclasses import dataclass, field, fields
from math import log, pi, sin
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.constants import c as speed_of_light

from devices import AddDropRing

Reals: TypeAlias = NDArray[np.floating[Any]]


def _default_ring() -> AddDropRing:
    """Return a ring for many channels: a finesse of 284 from a radius of 5 µm, typical."""
    return AddDropRing(length=2 * pi * 5e-6, input_self_coupling=0.995, drop_self_coupling=0.995)


@dataclass(frozen=True, kw_only=True)
class RingWeight:
    """A ring whose detuning is a weight, alone on its waveguides.

    Raises
    ------
    ValueError
        Where `ring` is not one add-drop ring with a linewidth.
    """

    ring: AddDropRing = field(default_factory=_default_ring)
    """The ring: all of a bank are alike as designed, each with the resonance of its channel. An
    offset, tuning or temperature moves all resonances together behind the back of the calibration.
    Default: FWHM 8 GHz, FSR 2.3 THz, weights from −1 to 0.83, typical."""

    def __post_init__(self) -> None:
        if not isinstance(self.ring, AddDropRing):
            raise ValueError(
                f"ring must be an AddDropRing (a weight needs its drop port); got {self.ring!r}."
            )
        swept = [e.name for e in fields(self.ring) if np.ndim(getattr(self.ring, e.name))]
        if swept:
            raise ValueError(
                f"ring must be one ring (all of a bank are alike as designed; an array in a field "
                f"is a sweep); got arrays in {', '.join(swept)}. Build one bank per value."
            )
        _ = self.half_linewidth  # refuses a ring that is too lossy to have one
        light = speed_of_light / float(self.ring.resonance_wavelength)
        if not abs(self.drift) < light:
            raise ValueError(
                f"resonance_offset, tuning and temperature_change of the ring must move its "
                f"resonance by less than the frequency of light, {light:g} Hz; got {self.drift:g}."
            )

    @property
    def linewidth_phase(self) -> float:
        """FWHM_φ of the ring in rad."""
        return float(self.ring.linewidth_phase)

    @property
    def half_linewidth(self) -> float:
        """Unit of the settings, FWHM/2 in Hz."""
        return float(self.ring.linewidth) / 2

    @property
    def through_floor(self) -> float:
        """ρ = ((r₁ − r₂ a)/(1 − R))², what a ring passes on resonance."""
        ring = self.ring
        back = ring.drop_self_coupling * ring.round_trip_transmission
        return float(((ring.input_self_coupling - back) / (1.0 - ring.loop_amplitude)) ** 2)

    @property
    def drop_peak(self) -> float:
        """T_d0 = κ₁² κ₂² a/(1 − R)², what a ring drops on resonance."""
        return float(np.abs(self.ring.drop_at_phase(0.0)) ** 2)

    @property
    def weight_limits(self) -> tuple[float, float]:
        """(w_min, w_max): half a spectral range off resonance, σ = 1/sin(FWHM_φ/4), and on it."""
        high = self.drop_peak - self.through_floor
        square = sin(self.linewidth_phase / 4) ** 2
        return (high * square - 1.0) / (square + 1.0), high

    def weights(self, detuning: Reals) -> Reals:
        """Return w(x) of rings alone, elementwise, in the settings' precision."""
        square = np.square(self._sigma(detuning))
        contrast = self.weight_limits[1]
        return np.asarray((contrast - square) / (1.0 + square))

    def weight_slope(self, detuning: Reals) -> Reals:
        """Return ∂w/∂x of rings alone, elementwise: −(1 + T_d0 − ρ)/(1 + σ²)² ∂σ²/∂x."""
        x = np.asarray(detuning)
        quarter = self.linewidth_phase / 4
        rise = np.sin(x * (2 * quarter)) * (quarter / sin(quarter) ** 2)
        square = np.square(self._sigma(x))
        contrast = self.weight_limits[1]
        return np.asarray(-(1.0 + contrast) * rise / np.square(1.0 + square))

    def detuning_for(self, weights: Reals) -> Reals:
        """Return the x ≥ 0 at which rings alone have these weights, in their precision.

        Raises
        ------
        ValueError
            Where a weight is outside `weight_limits`; `program` rescales them.
        """
        given = np.asarray(weights)
        precision = np.result_type(given.dtype, np.float32)
        w = given.astype(np.float64)
        low, high = self.weight_limits
        slack = 8 * np.finfo(precision).eps  # a limit in single precision is still that limit
        outside = ~((w >= low - slack) & (w <= high + slack))
        if np.any(outside):
            raise ValueError(
                f"weights must be within weight_limits, {low:g} to {high:g} (what the ring "
                f"reaches); got {w[outside][0]:g}. `program` finds the gain with which they fit."
            )
        contrast = self.weight_limits[1]
        with np.errstate(divide="ignore"):
            square = np.maximum(contrast - w, 0.0) / (1.0 + w)
        quarter = self.linewidth_phase / 4
        sine = np.minimum(np.sqrt(square) * sin(quarter), 1.0)
        return np.asarray(np.arcsin(sine) / quarter, dtype=precision)

    def _sigma(self, detuning: Reals) -> Reals:
        quarter = self.linewidth_phase / 4
        return np.asarray(np.sin(np.asarray(detuning) * quarter) / sin(quarter))

    @property
    def drift(self) -> float:
        """Shift of all resonances since calibration in Hz: offset, tuning, temperature of `ring`.

        On silicon about −9 GHz a kelvin; at the ring's wavelength, the same for all channels.
        """
        cold = speed_of_light / self.ring.resonance_wavelength
        return float(self.ring.resonance_frequency - cold)

    @property
    def lifetime(self) -> float:
        """Time τ = −T_R/ln R in s in which the stored field falls by e; the photons live τ/2.

        Slots below about 10 τ show it: see `RingMemory`.
        """
        return -float(self.ring.round_trip_time) / log(float(self.ring.loop_amplitude))
