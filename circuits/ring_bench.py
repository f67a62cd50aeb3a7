"""A chip of ring weight banks on the bench: heaters to be set, balanced currents to be read.

Where the rings were fabricated is the chip's secret. What a bench can do is what a laboratory can:
set every heater, in steps of its converter, and read the difference current drop minus through of
a colour behind a row, with the noise of a reading. All rows are read at once; each has detectors
of its own.

Heaters are set in turns t, 0 … 1: shares of the power that tunes a ring down by one free spectral
range. A ring whose resonance was fabricated at o above its channel's then is at

    x = (o − t FSR)/(FWHM/2)

half-linewidths above its channel, modulo one free spectral range.
"""

from dataclasses import replace
from math import isfinite, pi, sin

import numpy as np

from circuits.ring_weight import Reals
from circuits.ring_weight_bank import RingWeightBank


class RingBench:
    """K banks of N × N rings whose resonances nobody knows yet.

    Parameters
    ----------
    rings
        The design.
    offset
        Resonances of the rings as fabricated above the design's in Hz, (K, N, N); kept hidden.
    reading_noise
        Standard deviation of one reading, as a share of the light of a colour, 0 … 0.1.
    seed
        Of the noise.

    Raises
    ------
    ValueError
        Where the shape or the noise are not as said, or the channels do not fit.
    """

    readings: int = 0
    """Currents read so far, one a colour and a row."""

    def __init__(
        self, rings: RingWeightBank, offset: Reals, *, reading_noise: float = 0.0, seed: int = 0
    ) -> None:
        if not (isfinite(reading_noise) and 0 <= reading_noise <= 0.1):
            raise ValueError(
                f"reading_noise must be within 0 … 0.1 (of the light of a colour; 1e-3 is ten bits "
                f"of a reading); got {reading_noise:g}."
            )
        self.design = exact_rings(rings)
        self.design.spacing(offset.shape[-1])  # refuses more channels than fit
        self.shape: tuple[int, ...] = offset.shape
        self.reading_noise = reading_noise
        self.heater_bits = rings.heater_bits
        self._turns = offset / self.spectral_range
        self._rng = np.random.default_rng([seed, *offset.shape])

    @property
    def spectral_range(self) -> float:
        """FSR in Hz."""
        return float(self.design.ring.free_spectral_range)

    @property
    def linewidths(self) -> float:
        """Half-linewidths to a free spectral range: x per turn."""
        return self.spectral_range / self.design.half_linewidth

    @property
    def step(self) -> float:
        """Step of the heaters' converters in turns, 0 where they are analogue."""
        return 0.0 if self.heater_bits is None else 2.0**-self.heater_bits

    def applied(self, turns: Reals) -> Reals:
        """Return what the converters make of turns: rounded to their steps, within 0 … 1."""
        rounded = np.round(turns / self.step) * self.step if self.step else turns
        wrapped = np.mod(rounded, 1.0)
        return np.where(wrapped >= 1.0, 0.0, wrapped)  # a rounding below zero wraps to 1 itself

    def read(self, turns: Reals) -> Reals:
        """Return T_d − T_p of every colour behind every row, (K, N, N), with all heaters set."""
        x = self.detuning(self._turns - self.applied(turns))
        return self._noisy(self.design.matrices(x)[:, 0])

    def sweep(self, turns: Reals, ring: int, points: Reals) -> Reals:
        """Return T_d − T_p of colour ``ring`` while ring ``ring`` of every row is swept.

        Parameters
        ----------
        turns
            Of all heaters, (K, N, N); the swept one's do not count.
        ring
            Column of the ring and of its colour.
        points
            Turns of the swept heater, (P, 1, 1) or (P, K, N).

        Returns
        -------
        (P, K, N).
        """
        sine = sin(self.design.linewidth_phase / 4)
        n = self.shape[-1]
        distance = self.design.spacing(n) / self.spectral_range * (ring - np.arange(n))
        half_phase = pi * (distance - self._turns + self.applied(turns))
        share = self.design.crosstalk / (1.0 + np.square(np.sin(half_phase) / sine))
        before, light = self._past(share[..., :ring])
        behind, left = self._past(share[..., ring + 1 :])
        own = np.sin(pi * (self._turns[..., ring] - self.applied(points))) / sine
        peak = 1.0 / (1.0 + np.square(own))
        passed = 1.0 - (1.0 - self.design.through_floor) * peak
        dropped = self.design.drop_peak * peak
        return self._noisy(before + light * (dropped + passed * (behind - left)))

    def _past(self, share: Reals) -> tuple[Reals, Reals]:
        """Return what rings drop and what they pass of a colour, at shares q of their peaks."""
        start = np.ones((*share.shape[:-1], 1))
        passed = 1.0 - (1.0 - self.design.through_floor) * share
        light = np.cumprod(np.concatenate([start, passed], axis=-1), axis=-1)
        dropped = self.design.drop_peak * np.sum(share * light[..., :-1], axis=-1)
        return dropped, light[..., -1]

    def detuning(self, turns: Reals) -> Reals:
        """Return x of rings so many turns above their channels, within half a spectral range."""
        return np.asarray((np.mod(turns + 0.5, 1.0) - 0.5) * self.linewidths)

    def _noisy(self, current: Reals) -> Reals:
        self.readings += current.size
        if not self.reading_noise:
            return current
        return current + self.reading_noise * self._rng.normal(size=current.shape)


def exact_rings(rings: RingWeightBank) -> RingWeightBank:
    """Return the same rings without any error: each goes where it is told, and stays there."""
    ring = replace(rings.ring, resonance_offset=0.0, tuning=0.0, temperature_change=0.0)
    return replace(rings, ring=ring, tuning_error=0.0, heater_bits=None)
