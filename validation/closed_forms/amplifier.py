"""Optical amplifiers.

Agrawal, Olsson, IEEE J. Quantum Electron. 25, 2297 (1989): amplifiers that saturate. Friis, Proc.
IRE 32, 419 (1944): noise of a chain.
"""

import numpy as np
from numpy.typing import ArrayLike

from validation.closed_forms.light import photon_energy
from validation.closed_forms.receiver import discrete_noise_bandwidth
from validation.closed_forms.values import Reals
from validation.closed_forms.values import real as _real


def saturated_input_power(gain: ArrayLike, small_signal: ArrayLike, saturation: ArrayLike) -> Reals:
    """Input power P_sat ln(G₀/G)/(G−1) in W at which the gain has fallen to G; Agrawal, Olsson.

    The steady state G = G₀ exp(−(G−1)P/P_sat), solved for the power instead of the gain.
    """
    g, full = _real(gain), _real(small_signal)
    return _real(_real(saturation) * np.log(full / g) / (g - 1))


def saturated_gain(power: ArrayLike, small_signal: ArrayLike, saturation: ArrayLike) -> Reals:
    """Gain G = G₀ exp(−(G−1)P/P_sat) at the input power P, by bisection; Agrawal, Olsson (1989)."""
    light, full = _real(power) / _real(saturation), _real(small_signal)
    low, high = np.broadcast_arrays(np.ones_like(light + full), full + 0 * light)
    for _ in range(100):
        gain = (low + high) / 2
        beyond = gain > full * np.exp(-(gain - 1) * light)
        low, high = np.where(beyond, low, gain), np.where(beyond, gain, high)
    return _real((low + high) / 2)


def recovering_gain(
    time: ArrayLike, initial: ArrayLike, small_signal: ArrayLike, lifetime: ArrayLike
) -> Reals:
    """Gain G₀ (G_i/G₀)^(e^(−t/τ)) in the dark, G_i at t = 0: decibels relax exponentially.

    Agrawal, Olsson (1989), without light.
    """
    full = _real(small_signal)
    return _real(full * (_real(initial) / full) ** np.exp(-_real(time) / _real(lifetime)))


def output_saturation_power(small_signal: ArrayLike, saturation: ArrayLike) -> Reals:
    """Output power P_sat G₀ ln2/(G₀−2) in W where half the gain is left; Agrawal, Olsson (1989)."""
    full = _real(small_signal)
    return _real(full * np.log(2.0) / (full - 2) * _real(saturation))


def short_pulse_gain(energy: ArrayLike, small_signal: ArrayLike, saturation: ArrayLike) -> Reals:
    """Gain 1/(1 − (1 − 1/G₀) e^(−U/E_sat)) behind a pulse of energy U; Agrawal, Olsson (1989).

    Of a pulse far shorter than the carrier lifetime.
    """
    ratio = _real(energy) / _real(saturation)
    return _real(1 / (1 - (1 - 1 / _real(small_signal)) * np.exp(-ratio)))


def spontaneous_emission_density(
    inversion: ArrayLike, gain: ArrayLike, wavelength: ArrayLike
) -> Reals:
    """Density n_sp hν (G−1) in W/Hz of one polarisation; Agrawal, ch. 7."""
    return _real(inversion) * photon_energy(wavelength) * (_real(gain) - 1)


def amplifier_noise_factor(inversion: ArrayLike, gain: ArrayLike) -> Reals:
    """Noise factor 2n_sp(G−1)/G + 1/G; Agrawal, ch. 7."""
    g = _real(gain)
    return _real(2 * _real(inversion) * (g - 1) / g + 1 / g)


def friis_factor(noise_factors: ArrayLike, gains: ArrayLike) -> Reals:
    """Noise factor F₁ + (F₂−1)/G₁ + (F₃−1)/(G₁G₂) + … of a chain, stages on axis 0; Friis (1944).

    From the last stage to the first: F = F_first + (F_rest − 1)/G_first.
    """
    factors, powers = _real(noise_factors), _real(gains)
    total = factors[-1]
    for factor, power in zip(factors[-2::-1], powers[len(factors) - 2 :: -1], strict=True):
        total = factor + (total - 1) / power
    return _real(total)


def emission_beat_variance(
    responsivity: ArrayLike,
    power: ArrayLike,
    density: ArrayLike,
    cutoff: ArrayLike,
    sample_rate: ArrayLike,
) -> Reals:
    """Variance in A² of a detected carrier P in sampled emission S, behind one pole.

    Signal with emission 4R²P S B, emission with itself R²(S f_s)²(1−p)/(1+p), with the discrete
    noise bandwidth B; Agrawal, ch. 7, for one polarisation.
    """
    rate = _real(sample_rate)
    band = discrete_noise_bandwidth(cutoff, rate)
    own = (_real(density) * rate) ** 2 * band / (rate / 2)
    return _real(_real(responsivity) ** 2 * (4 * _real(power) * _real(density) * band + own))
