"""The waveguide: light goes in, and comes out later, weaker, and a little blurred.

    in ════════════════ out      H(Ω) = 10^(−αL/20) · e^{iψ} · e^{i(β₁Ω + β₂Ω²/2)L}
              L

Ω is the offset from the carrier, β₁ = n_g/c the group delay per length, β₂ the dispersion of the
group velocity (Agrawal, *Fiber-Optic Communication Systems*, ch. 2; signs of the e^{-iωt}
convention, in which a delay τ is e^{+iΩτ}). The carrier's own phase ψ is a parameter: a millionth
of the length would turn it about, so it never follows from a rounded delay.
"""

from dataclasses import dataclass
from math import pi
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import c as speed_of_light

from devices._fields import (
    FINITE,
    NON_NEGATIVE,
    POSITIVE,
    Device,
    Real,
    amplitude_of_loss,
    checked_real,
    require,
    require_common_shape,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Waveguide(Device):
    """A length of waveguide in one polarisation and one mode.

    Raises
    ------
    ValueError
        Where the length or the loss is negative, or the group index not positive.
    """

    length: Real = 1e-3
    """Length L in m. 1 mm: from one side of a chip to its middle."""

    propagation_loss_db: Real = 250.0
    """Loss in dB per m. 250 dB/m = 2.5 dB/cm: silicon wires, Bogaerts et al., Laser Photon. Rev.
    6, 47 (2012), typical."""

    group_index: Real = 4.2
    """Group index n_g. 4.2: a silicon wire of 450 × 220 nm at 1.55 µm, typical."""

    group_velocity_dispersion: Real = 0.0
    """β₂ = d²β/dω² in s²/m, negative where short waves are faster. A silicon wire has some
    ±1e-24 s²/m, typical, which counts only for picoseconds over centimetres."""

    carrier_phase: Real = 0.0
    """Phase ψ in rad that the carrier gains."""

    def __post_init__(self) -> None:
        require(self, "length", NON_NEGATIVE, "a length in m")
        require(
            self,
            "propagation_loss_db",
            NON_NEGATIVE,
            "a loss in dB per m, positive for loss",
            "For {size} dB/m of loss write propagation_loss_db={size}.",
        )
        require(self, "group_index", POSITIVE, "a group index")
        require(self, "group_velocity_dispersion", FINITE, "a dispersion in s²/m")
        require(self, "carrier_phase", FINITE, "a phase in rad")
        require_common_shape(
            self,
            "length",
            "propagation_loss_db",
            "group_index",
            "group_velocity_dispersion",
            "carrier_phase",
        )

    @classmethod
    def from_index(
        cls, *, effective_index: Real, wavelength: Real = 1.55e-6, **fields: Any
    ) -> Self:
        """Return the guide whose carrier phase is 2π n_eff L/λ modulo 2π; other fields by name."""
        index = checked_real(effective_index, "effective_index", POSITIVE, "a mode's index")
        light = checked_real(wavelength, "wavelength", POSITIVE, "a vacuum wavelength in m")
        turns = index * cls(**fields).length / light
        return cls(carrier_phase=2 * pi * np.mod(turns, 1.0), **fields)

    @property
    def transmission(self) -> Real:
        """Amplitude transmission 10^(−αL/20)."""
        return amplitude_of_loss(self.propagation_loss_db * self.length)

    @property
    def delay(self) -> Real:
        """Group delay n_g L/c in s."""
        return self.group_index * self.length / speed_of_light

    def transfer(self) -> NDArray[np.complex128]:
        """Return the factor 10^(−αL/20) e^{iψ} on the carrier."""
        turn = np.exp(1j * np.asarray(self.carrier_phase))
        return np.asarray(self.transmission * turn, dtype=np.complex128)

    def frequency_response(self, offset: Real, *, delayed: bool = True) -> NDArray[np.complex128]:
        """Return H at `offset` (Hz) from the carrier.

        Parameters
        ----------
        offset : float or array (Hz)
            Optical frequency minus the carrier's, Ω/2π.
        delayed : bool
            Whether the group delay is part of it; without, time runs along with the pulse.
        """
        angular = 2 * pi * np.asarray(offset, dtype=np.float64)
        bend = self.group_velocity_dispersion * self.length / 2 * angular**2
        phase = bend + self.delay * angular if delayed else bend
        return np.asarray(self.transfer() * np.exp(1j * phase))

    def propagate(
        self, envelope: ArrayLike, dt: float, *, delayed: bool = True
    ) -> NDArray[np.complex128]:
        """Return the envelope behind the guide, filtered along its last axis.

        The filter is exact for a periodic signal: what leaves the end of the window comes in at
        its start, so pad a pulse, or leave the delay out.

        Parameters
        ----------
        envelope : array of complex (√W)
            Samples (..., n) about the carrier.
        dt : float (s)
            Distance of the samples.
        delayed : bool
            As in `frequency_response`.

        Raises
        ------
        ValueError
            Where dt is not positive or a field is an array: one guide at a time.
        """
        step = checked_real(dt, "dt", POSITIVE, "a time step in s")
        samples = np.asarray(envelope, dtype=np.complex128)
        if samples.ndim == 0:
            raise ValueError("envelope must be samples in time; got a single number.")
        shape = np.shape(self.transfer())
        if shape:
            raise ValueError(f"propagate takes one guide at a time; got fields of shape {shape}.")
        offset = np.fft.fftfreq(samples.shape[-1], step)
        response = self.frequency_response(offset, delayed=delayed)
        # Spectra are N·ifft here: e^{+iΩt} analyses a signal of e^{−iΩt}; N cancels.
        return np.asarray(np.fft.fft(np.fft.ifft(samples) * response))
