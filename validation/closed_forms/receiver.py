"""Receivers: detection, its noise, its low-pass; converters.

Agrawal, *Fiber-Optic Communication Systems*: detectors and their noise. Bennett, Bell Syst.
Tech. J. 27, 446 (1948): quantisation. Lipshitz, Wannamaker, Vanderkooy, J. Audio Eng. Soc. 40,
355 (1992): dither. Blachman, IEEE Trans. Inf. Theory 31, 712 (1985): sines through quantisers.
"""

from math import pi

import numpy as np
from numpy.typing import ArrayLike

from validation.closed_forms.light import photon_energy, power_transmission
from validation.closed_forms.values import BOLTZMANN, ELEMENTARY_CHARGE, Complexes, Reals
from validation.closed_forms.values import power as _power
from validation.closed_forms.values import real as _real


def low_pass_step(time: ArrayLike, time_constant: ArrayLike) -> Reals:
    """Step response 1 − e^(−t/τ) of one pole."""
    return _real(-np.expm1(-_real(time) / _real(time_constant)))


def low_pass_response(frequency: ArrayLike, cutoff: ArrayLike) -> Complexes:
    """Response 1/(1 − i f/f_3dB) of one pole to e^{-iωt}: a delay is a positive phase."""
    return np.asarray(1 / (1 - 1j * _real(frequency) / _real(cutoff)))


def low_pass_power(frequency: ArrayLike, cutoff: ArrayLike) -> Reals:
    """Power response 1/(1 + (f/f_3dB)²) of one pole."""
    return _real(1 / (1 + (_real(frequency) / _real(cutoff)) ** 2))


def noise_bandwidth(cutoff: ArrayLike) -> Reals:
    """Equivalent noise bandwidth (π/2) f_3dB of one pole, the integral of its power response."""
    return _real(pi / 2 * _real(cutoff))


def discrete_noise_bandwidth(cutoff: ArrayLike, sample_rate: ArrayLike) -> Reals:
    """Noise bandwidth (f_s/2)(1−p)/(1+p), p = e^(−2πf/f_s), of the pole stepped at rate f_s."""
    p = np.exp(-2 * pi * _real(cutoff) / _real(sample_rate))
    return _real(_real(sample_rate) / 2 * (1 - p) / (1 + p))


def slot_memory(slot_duration: ArrayLike, cutoff: ArrayLike) -> Reals:
    """Share μ = e^(−2πf T_s) of a slot's output that the pole carries into the next."""
    return _real(np.exp(-2 * pi * _real(cutoff) * _real(slot_duration)))


def shot_noise_density(current: ArrayLike) -> Reals:
    """One-sided density 2qI in A²/Hz; 1 mA gives (17.9 pA/√Hz)²; Agrawal, ch. 4."""
    return 2 * ELEMENTARY_CHARGE * _real(current)


def thermal_noise_density(
    resistance: ArrayLike, temperature: ArrayLike, noise_figure_db: ArrayLike = 0.0
) -> Reals:
    """One-sided density 4kT·F/R in A²/Hz; 50 Ω at 300 K give (18.2 pA/√Hz)²; Agrawal, ch. 4."""
    factor = 1 / power_transmission(noise_figure_db)
    return 4 * BOLTZMANN * _real(temperature) * factor / _real(resistance)


def saturated_current(
    power: ArrayLike, responsivity: ArrayLike, saturation: ArrayLike, dark: ArrayLike = 0.0
) -> Reals:
    """Current R·(P ∥ P_sat) + I_d in A of a saturating diode, P ∥ P_sat = 1/(1/P + 1/P_sat).

    Half of the linear current is left at P_sat, and R·P_sat is never exceeded.
    """
    light, full = _real(power), _real(saturation)
    return _real(_real(responsivity) * light * full / (light + full) + _real(dark))


def ideal_responsivity(wavelength: ArrayLike) -> Reals:
    """Responsivity q/hν in A/W of a diode that turns every photon into an electron."""
    return ELEMENTARY_CHARGE / photon_energy(wavelength)


def homodyne_current(
    signal: ArrayLike, oscillator: ArrayLike, responsivity: ArrayLike = 1.0
) -> Reals:
    """Signed current 2R|A||LO| cos(arg A − arg LO) of a balanced pair, in A."""
    a, lo = np.asarray(signal), np.asarray(oscillator)
    phase = np.angle(a) - np.angle(lo)
    return _real(2 * _real(responsivity) * np.abs(a) * np.abs(lo) * np.cos(phase))


def homodyne_shot_current(
    signal: ArrayLike, oscillator: ArrayLike, responsivity: ArrayLike = 1.0
) -> Reals:
    """Photocurrent R(|A|² + |LO|²) in A, whose shot noise a balanced pair shows."""
    return _real(responsivity) * (_power(np.asarray(signal)) + _power(np.asarray(oscillator)))


def tanh_rail(current: ArrayLike, transimpedance: ArrayLike, rail: ArrayLike) -> Reals:
    """Voltage v_sat tanh(ZI/v_sat), written with exponentials."""
    twice = np.exp(2 * _real(transimpedance) * _real(current) / _real(rail))
    return _real(_real(rail) * (twice - 1) / (twice + 1))


def sine_sqnr_db(bits: ArrayLike) -> Reals:
    """Signal to quantisation noise 6.02 b + 1.76 dB of a full-scale sine; Bennett (1948)."""
    return _real(6.0206 * _real(bits) + 1.7609)


def sine_quantisation_variance(amplitude: ArrayLike, step: ArrayLike) -> Reals:
    """Variance Δ²(1/12 + Σ_k J₀(2πka/Δ)/(πk)²) of a sine's error in a mid-rise quantiser.

    Exact, without clipping: the error's square is a Fourier series in the signal, the average of
    each term over a sine a Bessel function; Blachman (1985). J₀ by Hankel's expansion for large
    arguments, good to 1e-6 from a = Δ on.
    """
    harmonic = np.arange(1, 2001)
    z = 2 * pi * harmonic * (_real(amplitude) / _real(step))[..., None]
    even, odd = 1 - 9 / (128 * z**2), -1 / (8 * z) + 75 / (1024 * z**3)
    bessel = np.sqrt(2 / (pi * z)) * (even * np.cos(z - pi / 4) - odd * np.sin(z - pi / 4))
    ripple = np.sum(bessel / (pi * harmonic) ** 2, axis=-1)
    return _real(_real(step) ** 2 * (1 / 12 + ripple))


def quantisation_variance(bits: ArrayLike, full_scale: ArrayLike) -> Reals:
    """Variance (FS/2^b)²/12 of a uniform quantisation error; Bennett (1948)."""
    return _real((_real(full_scale) / 2.0 ** _real(bits)) ** 2 / 12)


def uniform_dither_variance(signal: ArrayLike, step: ArrayLike) -> Reals:
    """Variance Δ²·r(1 − r) of a quantiser's output with a uniform dither one step wide.

    The dither is added and stays in (non-subtractive). The signal lies the fraction r of a step
    above a level, x = (k + ½ + r)Δ in a mid-rise quantiser, and goes up with the probability r: no
    error on the mean, but a noise that the signal modulates; Lipshitz et al. (1992).
    """
    fraction = np.mod(_real(signal) / _real(step) - 0.5, 1.0)
    return _real(_real(step) ** 2 * fraction * (1 - fraction))


def triangular_dither_variance(step: ArrayLike) -> Reals:
    """Variance Δ²/4 of the error with a triangular dither two steps wide, whatever the signal.

    Δ²/12 of the quantiser and Δ²/6 of the dither, uncorrelated; Lipshitz et al. (1992).
    """
    return _real(_real(step) ** 2 / 4)
