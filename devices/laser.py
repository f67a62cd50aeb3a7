"""The laser: a continuous wave that feeds every lane of the machine.

      ┌───────┐
      │ laser ├──── A = √P · e^{-iω₀t}
      └───────┘

The complex envelope A is in √W, |A|² is the power, and ω₀ = 2πc/λ is the carrier that the
envelope is taken against. One photon carries hν, the yardstick of shot noise: power P arrives
as P/hν photons a second.
"""

from dataclasses import dataclass

import numpy as np
from scipy.constants import c as speed_of_light
from scipy.constants import h as planck

from devices._fields import POSITIVE, Device, Real, require, require_common_shape


@dataclass(frozen=True, kw_only=True, eq=False)
class Laser(Device):
    """A continuous-wave laser.

    Raises
    ------
    ValueError
        Where power or wavelength is not positive and finite.
    """

    power: Real = 0.1
    """Optical power in W, for all lanes together. 0.1 W = 20 dBm: a high-power
    distributed-feedback laser, typical."""

    wavelength: Real = 1.55e-6
    """Vacuum wavelength in m. 1.55 µm: the minimum of fibre loss, hν = 1.2816e-19 J."""

    def __post_init__(self) -> None:
        require(self, "power", POSITIVE, "an optical power in W")
        require(self, "wavelength", POSITIVE, "a vacuum wavelength in m")
        require_common_shape(self, "power", "wavelength")

    @property
    def frequency(self) -> Real:
        """Optical frequency ν = c/λ in Hz."""
        return speed_of_light / self.wavelength

    @property
    def photon_energy(self) -> Real:
        """Energy hν of one photon in J."""
        return planck * self.frequency

    @property
    def field(self) -> Real:
        """Amplitude √P of the envelope in √W."""
        amplitude: Real = np.sqrt(self.power)
        return amplitude
