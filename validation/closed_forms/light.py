"""Light and its guides: photons, loss, the noise of a laser, dispersion.

Henry, IEEE J. Quantum Electron. 18, 259 (1982): the linewidth of a laser. Agrawal, *Fiber-Optic
Communication Systems*: fibres.
"""

from math import pi

import numpy as np
from numpy.typing import ArrayLike

from validation.closed_forms.values import PLANCK, SPEED_OF_LIGHT, Complexes, Reals
from validation.closed_forms.values import real as _real


def photon_energy(wavelength: ArrayLike) -> Reals:
    """Energy hc/λ of a photon in J, at a vacuum wavelength in m."""
    return PLANCK * SPEED_OF_LIGHT / _real(wavelength)


def power_transmission(loss_db: ArrayLike) -> Reals:
    """Power ratio 10^(−L/10) of a loss of L dB."""
    return _real(np.exp(-_real(loss_db) * np.log(10.0) / 10.0))


def laser_line(offset: ArrayLike, linewidth: ArrayLike) -> Reals:
    """Lorentzian (2/πΔν)/(1 + (2f/Δν)²) in 1/Hz, the line of a phase that walks; Henry (1982)."""
    width = _real(linewidth)
    return _real(2 / (pi * width) / (1 + (2 * _real(offset) / width) ** 2))


def phase_walk_coherence(time: ArrayLike, linewidth: ArrayLike) -> Reals:
    """Mean of e^{iΔφ} after a time t, e^(−πΔν t); Henry (1982)."""
    return _real(np.exp(-pi * _real(linewidth) * _real(time)))


def intensity_noise_density(current: ArrayLike, rin_db: ArrayLike) -> Reals:
    """One-sided density RIN·I² in A²/Hz of a photocurrent; Agrawal, ch. 4."""
    return _real(_real(current) ** 2 * np.exp(_real(rin_db) * np.log(10.0) / 10.0))


def dispersion_of(curvature: ArrayLike, wavelength: ArrayLike) -> Reals:
    """D = −2πc β₂/λ² in s/m² of a curvature β₂ in s²/m; Agrawal, ch. 2."""
    return _real(-2 * pi * SPEED_OF_LIGHT * _real(curvature) / _real(wavelength) ** 2)


def gaussian_broadening(length: ArrayLike, curvature: ArrayLike, width: ArrayLike) -> Reals:
    """Factor √(1 + (β₂L/T₀²)²) by which a Gaussian e^(−t²/2T₀²) widens; Agrawal, ch. 2."""
    return np.sqrt(1 + (_real(curvature) * _real(length) / _real(width) ** 2) ** 2)


def dispersed_gaussian(
    time: ArrayLike, length: ArrayLike, curvature: ArrayLike, width: ArrayLike
) -> Complexes:
    """Field T₀/√(T₀² − iβ₂L) e^(−t²/(2(T₀² − iβ₂L))) behind L, in time with the pulse.

    Agrawal, ch. 2, whose fields vary as e^{-iωt} too.
    """
    spread = _real(width) ** 2 - 1j * _real(curvature) * _real(length)
    return np.asarray(_real(width) / np.sqrt(spread) * np.exp(-(_real(time) ** 2) / (2 * spread)))


def phase_walk_variance(time: ArrayLike, linewidth: ArrayLike) -> Reals:
    """Variance 2πΔν t in rad² of a phase that walks for a time t; Henry (1982)."""
    return _real(2 * pi * _real(linewidth) * _real(time))


def quadrature_intensity_variance(delay: ArrayLike, linewidth: ArrayLike) -> Reals:
    """Variance of I/I₀ behind an unbalanced interferometer at quadrature, I = (1 + sin Δφ)/2·I₀.

    With Δφ normal of variance v = 2πΔν Δτ: ⟨sin²Δφ⟩ = (1 − e^{−2v})/2, so (1 − e^{−2v})/8;
    v/4 where it is small. Moslehi, J. Lightwave Technol. 4, 1334 (1986).
    """
    return _real((1 - np.exp(-2 * phase_walk_variance(delay, linewidth))) / 8)


def guide_delay(length: ArrayLike, group_index: ArrayLike) -> Reals:
    """Group delay n_g L/c in s."""
    return _real(_real(group_index) * _real(length) / SPEED_OF_LIGHT)


def guide_turns(length: ArrayLike, index: ArrayLike, wavelength: ArrayLike) -> Reals:
    """Phase of the carrier n_eff L/λ in turns."""
    return _real(_real(index) * _real(length) / _real(wavelength))


def colour_delay(
    offset: ArrayLike, length: ArrayLike, dispersion: ArrayLike, wavelength: ArrayLike
) -> Reals:
    """Delay D L Δλ in s, Δλ = −λ² Δν/c, of light Δν (Hz) above the carrier; Agrawal, ch. 2."""
    shift = -(_real(wavelength) ** 2) * _real(offset) / SPEED_OF_LIGHT
    return _real(_real(dispersion) * _real(length) * shift)


def sampled_laser_line(offset: ArrayLike, linewidth: ArrayLike, dt: float, samples: int) -> Reals:
    """Mean periodogram in 1/Hz of N samples of a unit field whose phase walks.

    Σ_m (1 − |m|/N) p^|m| e^{iΩ m dt} dt with p = e^{−πΔν dt}, summed as a geometric series in
    z = p e^{iΩdt}: Re{(1+z)/(1−z) − 2z(1 − z^N)/(N(1−z)²)} dt. `laser_line` in the limit of short
    steps and long records. Percival, Walden, *Spectral Analysis for Physical Applications* (1993).
    """
    z = np.exp((2j * pi * _real(offset) - pi * _real(linewidth)) * dt)
    endless = (1 + z) / (1 - z)
    cut = 2 * z * (1 - z**samples) / (samples * (1 - z) ** 2)
    return _real(np.real(endless - cut) * dt)


def two_arm_powers(phase: ArrayLike, first: ArrayLike, second: ArrayLike) -> tuple[Reals, Reals]:
    """Powers (bar, cross) ¼(T₁ + T₂ ∓ 2√(T₁T₂) cos Δ) of two arms between even splitters.

    Powers T₁, T₂ pass the arms, Δ is their difference in phase. Born, Wolf, *Principles of
    Optics*, ch. 7; both couplers turn what crosses by i, so arms alike send all of it across.
    """
    mean = (_real(first) + _real(second)) / 4
    beat = np.sqrt(_real(first) * _real(second)) * np.cos(_real(phase)) / 2
    return _real(mean - beat), _real(mean + beat)


def gated_pulse_energy(delay: ArrayLike, pulse: ArrayLike, gate: ArrayLike) -> Reals:
    """Energy in J per W that a gate lets pass of a pulse, its middle `delay` (s) from the pulse's.

    Both Gaussian in power with full widths (s) at half of it: the product of Gaussians integrates
    to √(π/(4 ln 2)) w₁w₂/w e^(−4 ln 2 (t/w)²) with w² = w₁² + w₂², the pulse as the gate blurs it.
    """
    first, second, rate = _real(pulse), _real(gate), 4 * np.log(2.0)
    both = first**2 + second**2
    height = np.sqrt(pi / rate / both) * first * second
    return _real(height * np.exp(-rate * _real(delay) ** 2 / both))
