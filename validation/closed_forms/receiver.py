"""Receivers: detection, its noise, its low-pass; converters.

Agrawal, *Fiber-Optic Communication Systems*: detectors and their noise. Bennett, Bell Syst.
Tech. J. 27, 446 (1948): quantisation. Koyama, Iga, J. Lightwave Technol. 6, 87 (1988): chirp.
"""

from math import pi

import numpy as np
from numpy.typing import ArrayLike

from validation.closed_forms.light import photon_energy, power_transmission
from validation.closed_forms.values import BOLTZMANN, ELEMENTARY_CHARGE, Reals
from validation.closed_forms.values import power as _power
from validation.closed_forms.values import real as _real


def low_pass_step(time: ArrayLike, time_constant: ArrayLike) -> Reals:
    """Step response 1 − e^(−t/τ) of one pole."""
    return _real(-np.expm1(-_real(time) / _real(time_constant)))


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


def quantisation_variance(bits: ArrayLike, full_scale: ArrayLike) -> Reals:
    """Variance (FS/2^b)²/12 of a uniform quantisation error; Bennett (1948)."""
    return _real((_real(full_scale) / 2.0 ** _real(bits)) ** 2 / 12)
