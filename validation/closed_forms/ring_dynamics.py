"""Resonators in time and in strong light: round trips, a mode's decay, pairs, carriers, heat.

Haus, *Waves and Fields in Optoelectronics* (1984); Little et al., J. Lightwave Technol. 15, 998
(1997): coupled modes. Johnson, Borselli, Painter, Opt. Express 14, 817 (2006); de Cea, Atabaki,
Ram, Opt. Express 27, 24274 (2019): silicon. Energies U in J, energy rates γ = 2/τ in 1/s.
"""

from math import pi

import numpy as np
from numpy.typing import ArrayLike

from validation.closed_forms.light import photon_energy
from validation.closed_forms.ring import soref_bennett_index
from validation.closed_forms.values import SPEED_OF_LIGHT, Complexes, Reals
from validation.closed_forms.values import real as _real

THERMO_OPTIC = 1.86e-4  # index of silicon per K; de Cea et al. (2019)


def coupled_mode_rate(amplitude: ArrayLike, round_trip_time: ArrayLike) -> Reals:
    """Amplitude rate −ln r/T_R in 1/s of what keeps the amplitude r of each round trip."""
    return _real(-np.log(_real(amplitude)) / _real(round_trip_time))


def coupled_mode_excess(detuning: ArrayLike, finesse: ArrayLike) -> Reals:
    """Drop of a coupled mode above that of a lossless symmetric ring, to leading order in 1/F.

    The ring drops sinh²u/(sinh²u + sin²θ), u = −ln r, θ = φ/2, the mode u²/(u² + θ²). With
    sinh²u = u²(1 + u²/3), sin²θ = θ²(1 − θ²/3) and u = π/2F the ring has more by (π²/12F²)
    z/(1+z), z = θ²/u², the detuning in half-linewidths squared.
    """
    z = _real(detuning) ** 2
    return _real(-(pi**2) / (12 * _real(finesse) ** 2) * z / (1 + z))


def light_by_trips(
    drive: ArrayLike, phase: float, transmission: float, first: float, second: float
) -> tuple[Complexes, Complexes]:
    """Fields (through, drop) of a ring after each round trip, given what enters during it.

    Behind the input coupler circulates c ← iκ₁ s + r₁r₂a e^{iφ} c; through r₁ s + iκ₁ r₂a e^{iφ} c,
    drop iκ₂ √a e^{iφ/2} c: the sum over round trips, one at a time. Bogaerts et al., Laser Photon.
    Rev. 6, 47 (2012).
    """
    cross_in, cross_out = 1j * np.sqrt(1 - first**2), 1j * np.sqrt(1 - second**2)
    turn = transmission * np.exp(1j * phase)
    circulating, through, drop = 0j, [], []
    for entering in np.asarray(drive, dtype=np.complex128):
        circulating = cross_in * entering + first * second * turn * circulating
        through.append(first * entering + cross_in * second * turn * circulating)
        drop.append(cross_out * np.sqrt(transmission) * np.exp(0.5j * phase) * circulating)
    return np.array(through), np.array(drop)


# ------------------------------------------------------------------------------------ strong light


def two_photon_rate(
    energy: ArrayLike, coefficient: float, confinement: float, volume: float, group_index: float
) -> Reals:
    """Energy rate Γβc²U/(n_g²V) in 1/s of absorption in pairs; Johnson et al. (2006)."""
    intensity = SPEED_OF_LIGHT**2 * _real(energy) / (group_index**2 * volume)
    return _real(confinement * coefficient * intensity)


def two_photon_ring_down(time: ArrayLike, energy: float, rate: float, per_energy: float) -> Reals:
    """Energy γU₀e^{−γt}/(γ + γ₂U₀(1 − e^{−γt})) in J left of U₀: U̇ = −γU − γ₂U², Bernoulli's."""
    left = np.exp(-rate * _real(time))
    return _real(rate * energy * left / (rate + per_energy * energy * (1 - left)))


def steady_carriers(
    energy: ArrayLike,
    lifetime: float,
    coefficient: float,
    confinement: float,
    volume: float,
    group_index: float,
    wavelength: float,
) -> Reals:
    """Pairs per m³, τ_fc Γβc²U²/(2hν n_g²V²), that two-photon absorption sustains."""
    rate = two_photon_rate(energy, coefficient, confinement, volume, group_index)
    return _real(lifetime * rate * _real(energy) / (2 * photon_energy(wavelength) * volume))


def carrier_rate(carriers: ArrayLike, cross_section: float, group_index: float) -> Reals:
    """Energy rate σcN/n_g in 1/s of absorption by N pairs per m³."""
    return _real(cross_section * SPEED_OF_LIGHT * _real(carriers) / group_index)


def steady_warmth(power: ArrayLike, lifetime: float, confinement: float, volume: float) -> Reals:
    """Warming τ_th Γ P/(ρ c_p V) in K of silicon, 2330 kg/m³ and 714 J/(kg K), by a power."""
    return _real(lifetime * confinement * _real(power) / (2330.0 * 714.0 * volume))


def silicon_shift(carriers: ArrayLike, warmth: ArrayLike, wavelength: float, index: float) -> Reals:
    """Shift −(ω/n)Δn of a resonance in rad/s by pairs per m³ and by warmth in K."""
    change = soref_bennett_index(_real(carriers) * 1e-6) + THERMO_OPTIC * _real(warmth)
    return _real(-2 * pi * SPEED_OF_LIGHT / wavelength / index * change)


def holding_power(
    energy: ArrayLike, offset: ArrayLike, energy_rate: ArrayLike, input_rate: float
) -> Reals:
    """Input power U((δ−Δω)² + γ²/4)τ₁/2 in W that holds an energy; Haus (1984).

    ``offset`` is δ − Δω in rad/s, ``input_rate`` the amplitude rate 1/τ₁.
    """
    return _real(
        _real(energy) * (_real(offset) ** 2 + _real(energy_rate) ** 2 / 4) / (2 * input_rate)
    )


def tilted_energy(
    detuning: ArrayLike, tilt: float, energy_rate: float, input_rate: float, power: float
) -> Reals:
    """Energy in J of a mode whose resonance yields by −tilt·U (rad/s), where there is one only.

    The root of U((δ + tilt·U)² + γ²/4) = 2P/τ₁, a cubic; in units of the peak energy 8P/(γ²τ₁).
    """
    peak = 8 * power * input_rate / energy_rate**2
    push = 2 * tilt * peak / energy_rate
    energies = []
    for delta in 2 * _real(detuning) / energy_rate:
        roots = np.roots([push**2, 2 * push * delta, 1 + delta**2, -1.0])
        energies.append(peak * roots.real[np.argmin(np.abs(roots.imag))])
    return np.array(energies)
