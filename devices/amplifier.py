"""The optical amplifier: gain that tires, and light of its own.

    A ───▶[ G, F ]───▶ √G · e^{−iα h/2} A + spontaneous emission,     h = ln G

A semiconductor amplifier (SOA) tires within a fraction of a nanosecond, so that each bit feels the
one before it,

    τ ḣ = h₀ − h − (P_in/P_sat)(e^h − 1)            (Agrawal, Olsson, IEEE J. Quantum Electron. 25,
                                                    2297 (1989), with P_sat = E_sat/τ)

and its index follows its carriers: more gain, less phase (factor α). An erbium fibre (EDFA) takes
milliseconds and feels only the average power. Both rest where G = G₀ exp(−(G−1)P/P_sat).
Spontaneous emission adds noise of density S = n_sp hν (G−1) = (FG−1) hν/2 per polarisation, F the
noise figure, which a chain of amplifiers collects as Friis says (Proc. IRE 32, 419 (1944)).
"""

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import c as speed_of_light
from scipy.constants import h as planck

from devices._fields import (
    FINITE,
    NON_NEGATIVE,
    POSITIVE,
    Device,
    Real,
    checked_real,
    floating,
    require,
    require_choice,
    require_common_shape,
)

_NEWTON_STEPS = 200
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Amplifier(Device):
    """An optical amplifier with saturation and spontaneous emission; the defaults are an SOA.

    Raises
    ------
    ValueError
        Where the gain is negative, a power or time not positive, or the noise figure below the
        quantum limit 2 − 1/G₀.
    """

    kind: Literal["soa", "edfa"] = "soa"
    """'soa': the gain follows the power; 'edfa': it follows the average of the whole signal."""

    small_signal_gain_db: Real = 20.0
    """Gain G₀ in dB without saturation. 20 dB, typical of both kinds."""

    saturation_power: Real = 10e-3
    """P_sat = E_sat/τ in W. 10 mW, typical of both kinds."""

    noise_figure_db: Real = 7.0
    """Noise figure F in dB. 7 dB (6 to 9 dB): an SOA with its coupling loss, typical."""

    time_constant: Real = 2e-10
    """Carrier lifetime τ in s. 0.2 ns, typical of an SOA under bias."""

    linewidth_enhancement: Real = 5.0
    """Factor α by which the phase follows the gain. 5 (3 to 8), typical of an SOA."""

    wavelength: Real = 1.55e-6
    """Vacuum wavelength in m of the light, for the energy of its photons."""

    def __post_init__(self) -> None:
        require_choice(self, "kind", ("soa", "edfa"), "what the gain follows")
        require(
            self,
            "small_signal_gain_db",
            NON_NEGATIVE,
            "an amplifier amplifies; a loss is a Waveguide's or a switch's",
        )
        require(self, "saturation_power", POSITIVE, "an optical power in W")
        require(self, "noise_figure_db", FINITE, "a noise figure in dB")
        require(self, "time_constant", POSITIVE, "a lifetime in s")
        require(self, "linewidth_enhancement", FINITE, "a phase per log gain")
        require(self, "wavelength", POSITIVE, "a vacuum wavelength in m")
        require_common_shape(
            self,
            "small_signal_gain_db",
            "saturation_power",
            "noise_figure_db",
            "time_constant",
            "linewidth_enhancement",
            "wavelength",
        )
        limit = 2.0 - 1.0 / np.asarray(self.small_signal_gain)
        if np.any(np.asarray(self.noise_factor) < limit * (1 - _ROUNDING)):
            raise ValueError(
                f"noise_figure_db must be at least 10 log10(2 - 1/G) = "
                f"{10 * np.log10(np.max(limit)):.3g} dB at this gain (no amplifier adds less than "
                f"half a photon to each quadrature); got {np.min(self.noise_figure_db):g}."
            )

    @classmethod
    def edfa(cls, **fields: Any) -> Self:
        """Return an erbium amplifier: F = 5 dB (4 to 6 dB), 10 ms, no phase, typical numbers."""
        numbers: dict[str, Any] = {
            "kind": "edfa",
            "noise_figure_db": 5.0,
            "time_constant": 1e-2,
            "linewidth_enhancement": 0.0,
        }
        return cls(**(numbers | fields))

    # Gain

    @property
    def small_signal_gain(self) -> Real:
        """Power gain G₀ without saturation."""
        gain: Real = np.power(10.0, np.asarray(self.small_signal_gain_db) / 10.0)[()]
        return gain

    @property
    def saturation_energy(self) -> Real:
        """E_sat = P_sat τ in J."""
        return self.saturation_power * self.time_constant

    @property
    def output_saturation_power(self) -> Real:
        """Output power in W at which the gain has halved, P_sat G₀ ln2/(G₀ − 2); inf for G₀ ≤ 2.

        Agrawal, Olsson (1989).
        """
        full = np.asarray(self.small_signal_gain)
        safe = np.where(full > 2.0, full - 2.0, 1.0)
        power: Real = np.where(
            full > 2.0, self.saturation_power * full * np.log(2.0) / safe, np.inf
        )[()]
        return power

    def gain(self, power: Real) -> Real:
        """Return the steady gain G = G₀ exp(−(G−1)P/P_sat) at the input power P (W, ≥ 0).

        By Newton's method on h = ln G, which falls monotonically onto the root from h₀.
        """
        light = checked_real(power, "power", NON_NEGATIVE, "an optical power in W")
        full = np.log(self.small_signal_gain)
        x = np.asarray(light / self.saturation_power)
        h = np.asarray(full + 0.0 * x)
        for _ in range(_NEWTON_STEPS):
            step = (h - full + x * np.expm1(h)) / (1.0 + x * np.exp(h))
            h = h - step
            if np.all(np.abs(step) <= 1e-15 * np.maximum(h, 1.0)):
                break
        steady: Real = np.exp(h)[()]
        return steady

    def gain_trace(
        self, power: ArrayLike, dt: float, initial_gain: Real | None = None
    ) -> NDArray[np.float64]:
        """Return the gain at the end of each sample.

        Parameters
        ----------
        power : array (W)
            Input power, (..., samples), held over each sample of dt; leading axes broadcast
            against the fields.
        dt : float (s)
            Length of a sample.
        initial_gain : float or array, optional
            Gain at the start; the unsaturated one where left out. An EDFA takes no notice.

        Raises
        ------
        ValueError
            Where a power is negative, or dt or the initial gain not positive.
        """
        step = checked_real(dt, "dt", POSITIVE, "a time step in s")
        light = np.asarray(floating(power), dtype=np.float64)
        if light.ndim == 0 or np.any(light < 0):
            raise ValueError("power must be samples in time, each ≥ 0 (an optical power in W).")
        if self.kind == "edfa":
            steady = np.asarray(self.gain(light.mean(axis=-1)))
            return np.broadcast_to(steady[..., None], (*steady.shape, light.shape[-1])).copy()
        return self._follow(light, step / np.asarray(self.time_constant), initial_gain)

    def _follow(
        self, light: NDArray[np.float64], step: NDArray[np.float64], initial_gain: Real | None
    ) -> NDArray[np.float64]:
        from devices.amplifier_kernels import follow_gain  # compiles; `import devices` stays light

        start = self.small_signal_gain if initial_gain is None else initial_gain
        start = np.log(checked_real(start, "initial_gain", POSITIVE, "a power gain"))
        full = np.log(self.small_signal_gain)
        x = light / np.asarray(self.saturation_power)[..., None]
        lead = np.broadcast_shapes(x.shape[:-1], *(np.shape(part) for part in (start, full, step)))
        signals = np.broadcast_to(x, (*lead, x.shape[-1])).reshape(-1, x.shape[-1]).copy()
        full, step, h = (
            np.array(np.broadcast_to(part, lead), dtype=np.float64).reshape(-1)
            for part in (full, step, start)
        )
        trace = np.empty_like(signals)
        follow_gain(signals, full, step, h, trace)
        return np.exp(trace).reshape(*lead, x.shape[-1])

    def amplify(
        self,
        field: ArrayLike,
        dt: float,
        rng: np.random.Generator | None = None,
        initial_gain: Real | None = None,
    ) -> NDArray[np.complex128]:
        """Return the amplified envelope √G e^{−iα ln(G)/2} A in √W.

        Parameters
        ----------
        field : array of complex (√W)
            Samples (..., n), dt (s) apart.
        rng : numpy generator, optional
            Draws the spontaneous emission; none where left out.
        """
        signal = np.asarray(field, dtype=np.complex128)
        gain = self.gain_trace(np.abs(signal) ** 2, dt, initial_gain)
        turn = np.asarray(self.linewidth_enhancement)[..., None] * np.log(gain) / 2
        amplified = np.sqrt(gain) * np.exp(-1j * turn) * signal
        if rng is None:
            return np.asarray(amplified)
        variance = np.asarray(self.emission_density(gain, axis=True)) / dt
        noise = rng.normal(size=(2, *amplified.shape))
        return np.asarray(amplified + np.sqrt(variance / 2) * (noise[0] + 1j * noise[1]))

    # Noise

    @property
    def noise_factor(self) -> Real:
        """Noise figure F as a ratio."""
        factor: Real = np.power(10.0, np.asarray(self.noise_figure_db) / 10.0)[()]
        return factor

    def emission_density(self, gain: Real, *, axis: bool = False) -> Real:
        """Return the density S = (FG − 1) hν/2 in W/Hz of one polarisation's emission.

        A sampled envelope has the complex variance S·f_s, half of it in each quadrature.

        Parameters
        ----------
        gain : float or array
            Power gain G; at a gain that has all but gone, FG < 1, nothing is emitted.
        axis : bool
            Whether the gain has a time axis behind those of the fields.
        """
        factor, photon = np.asarray(self.noise_factor), planck * speed_of_light / self.wavelength
        if axis:
            factor, photon = factor[..., None], np.asarray(photon)[..., None]
        density: Real = np.maximum(factor * gain - 1.0, 0.0) * photon / 2
        return density

    def inversion_factor(self, gain: Real) -> Real:
        """Return n_sp = (FG − 1)/(2(G − 1)), 1 for a perfect amplifier, at a gain above 1."""
        return (self.noise_factor * gain - 1.0) / (2.0 * (gain - 1.0))


def friis_noise_factor(noise_factors: ArrayLike, gains: ArrayLike) -> Real:
    """Return the noise factor F₁ + (F₂−1)/G₁ + (F₃−1)/(G₁G₂) + … of a chain; Friis (1944).

    Parameters
    ----------
    noise_factors, gains : arrays
        Ratios, not dB, in the order that light meets them along the last axis; a passive loss L
        has the gain 1/L and the factor L. The last gain may be left out.

    Raises
    ------
    ValueError
        Where a factor is below 1 or a gain not positive, or their numbers do not fit.
    """
    factors = np.asarray(floating(noise_factors))
    power = np.asarray(floating(gains))
    if np.any(factors < 1.0):
        raise ValueError(f"noise_factors must be ≥ 1 (ratios, not dB); got {np.min(factors):g}.")
    if np.any(power <= 0.0):
        raise ValueError(f"gains must be > 0 (ratios, not dB); got {np.min(power):g}.")
    stages = factors.shape[-1]
    if power.shape[-1] not in (stages, stages - 1):
        raise ValueError(
            f"gains must be one a stage, or one fewer; got {power.shape[-1]} for {stages} stages."
        )
    before = np.cumprod(power[..., : stages - 1], axis=-1)
    total: Real = factors[..., 0] + np.sum((factors[..., 1:] - 1.0) / before, axis=-1)
    return total
