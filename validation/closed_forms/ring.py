"""Resonators: rings, coupled modes, delay loops, mirrors.

Round-trip phase φ, round-trip amplitude a, self-couplings r; powers as Bogaerts et al. (2012)
print them, which holds in either sign convention of time.

Bogaerts et al., Laser Photon. Rev. 6, 47 (2012); Yariv, Electron. Lett. 36, 321 (2000): rings.
Haus, *Waves and Fields in Optoelectronics* (1984); Little et al., J. Lightwave Technol. 15, 998
(1997): coupled modes. Soref, Bennett, IEEE J. Quantum Electron. 23, 123 (1987): carriers' index.
Tait et al., J. Lightwave Technol. 32, 4029 (2014): rings as weights. Mortimore, J. Lightwave
Technol. 6, 1217 (1988): the Sagnac mirror. Madsen, Zhao, *Optical Filter Design and Analysis*
(1999): delay loops.
"""

from math import pi

import numpy as np
from numpy.typing import ArrayLike

from validation.closed_forms.light import photon_energy
from validation.closed_forms.values import SPEED_OF_LIGHT, Complexes, Reals
from validation.closed_forms.values import real as _real


def all_pass_power(phase: ArrayLike, transmission: ArrayLike, coupling: ArrayLike) -> Reals:
    """Power (a² − 2ra cosφ + r²)/(1 − 2ra cosφ + r²a²) that passes a ring."""
    cosine, a, r = np.cos(_real(phase)), _real(transmission), _real(coupling)
    return _real((a**2 - 2 * r * a * cosine + r**2) / (1 - 2 * r * a * cosine + (r * a) ** 2))


def add_drop_powers(
    phase: ArrayLike, transmission: ArrayLike, first: ArrayLike, second: ArrayLike
) -> tuple[Reals, Reals]:
    """Powers (through, drop) of a ring between two waveguides with self-couplings r₁, r₂."""
    cosine, a = np.cos(_real(phase)), _real(transmission)
    r1, r2 = _real(first), _real(second)
    denominator = 1 - 2 * r1 * r2 * a * cosine + (r1 * r2 * a) ** 2
    through = (r2**2 * a**2 - 2 * r1 * r2 * a * cosine + r1**2) / denominator
    drop = (1 - r1**2) * (1 - r2**2) * a / denominator
    return _real(through), _real(drop)


def all_pass_resonance_power(transmission: ArrayLike, coupling: ArrayLike) -> Reals:
    """Floor ((a − r)/(1 − ra))² of the dip on resonance; Yariv (2000)."""
    a, r = _real(transmission), _real(coupling)
    return _real(((a - r) / (1 - r * a)) ** 2)


def lossless_ring_delay(coupling: ArrayLike) -> Reals:
    """Group delay (1+r)/(1−r) on resonance of a lossless all-pass ring, in round trips."""
    return _real((1 + _real(coupling)) / (1 - _real(coupling)))


def ring_spectral_range(length: ArrayLike, group_index: ArrayLike) -> Reals:
    """Free spectral range c/(n_g L) in Hz."""
    return SPEED_OF_LIGHT / (_real(group_index) * _real(length))


def ring_linewidth_phase(loop: ArrayLike) -> Reals:
    """Exact full width 4 asin((1−R)/(2√R)) at half depth, in rad, of loop amplitude R."""
    amplitude = _real(loop)
    return _real(4 * np.arcsin((1 - amplitude) / (2 * np.sqrt(amplitude))))


def ring_finesse(loop: ArrayLike) -> Reals:
    """Finesse π√R/(1−R) in the limit of narrow lines; Bogaerts et al. (2012)."""
    amplitude = _real(loop)
    return _real(pi * np.sqrt(amplitude) / (1 - amplitude))


def ring_quality_factor(
    loop: ArrayLike, length: ArrayLike, group_index: ArrayLike, wavelength: ArrayLike
) -> Reals:
    """Quality factor πn_gL√R/(λ(1−R)) in the limit of narrow lines; Bogaerts et al. (2012)."""
    return _real(ring_finesse(loop) * _real(group_index) * _real(length) / _real(wavelength))


def ring_thermal_drift(
    wavelength: ArrayLike, group_index: ArrayLike, index_per_kelvin: ArrayLike
) -> Reals:
    """Drift λ (dn/dT)/n_g of a resonance in m/K; Bogaerts et al. (2012)."""
    return _real(wavelength) * _real(index_per_kelvin) / _real(group_index)


def symmetric_ring_weight_limit(transmission: ArrayLike, coupling: ArrayLike) -> Reals:
    """Greatest weight (κ⁴a − r²(1−a)²)/(1 − r²a)² of drop minus through, r₁ = r₂ = r."""
    a, r2 = _real(transmission), _real(coupling) ** 2
    return _real(((1 - r2) ** 2 * a - r2 * (1 - a) ** 2) / (1 - r2 * a) ** 2)


def lossless_weight_cosine(weight: ArrayLike, coupling: ArrayLike) -> Reals:
    """cosφ = (1 + r⁴ − 2κ⁴/(1+w))/(2r²) at which a lossless symmetric ring weighs w."""
    r2 = _real(coupling) ** 2
    return _real((1 + r2**2 - 2 * (1 - r2) ** 2 / (1 + _real(weight))) / (2 * r2))


def coupled_mode_powers(
    detuning: ArrayLike, intrinsic: ArrayLike, first: ArrayLike, second: ArrayLike
) -> tuple[Reals, Reals]:
    """Powers (through, drop) of a mode with amplitude rates 1/τ₀, 1/τ₁, 1/τ₂; Little et al. (1997).

    With 1/τ their sum and detuning δ: drop 4/(τ₁τ₂)/(δ² + 1/τ²), through
    (δ² + (1/τ − 2/τ₁)²)/(δ² + 1/τ²).
    """
    delta, r0, r1, r2 = _real(detuning), _real(intrinsic), _real(first), _real(second)
    total = r0 + r1 + r2
    denominator = delta**2 + total**2
    return (delta**2 + (total - 2 * r1) ** 2) / denominator, 4 * r1 * r2 / denominator


def coupled_mode_phase(
    detuning: ArrayLike, intrinsic: ArrayLike, first: ArrayLike, second: ArrayLike
) -> Reals:
    """Phase arctan(δτ) in rad by which a mode of these amplitude rates turns what it holds.

    In the e^{-iωt} convention: what comes later turns forwards; Haus (1984).
    """
    return np.arctan(_real(detuning) / (_real(intrinsic) + _real(first) + _real(second)))


def photon_lifetime(loop: ArrayLike, round_trip_time: ArrayLike) -> Reals:
    """Energy lifetime −T_R/(2 ln R) of a ring that keeps the amplitude R of each round trip."""
    return _real(-_real(round_trip_time) / (2 * np.log(_real(loop))))


def soref_bennett_index(carriers: ArrayLike) -> Reals:
    """Index change −8.8e-22 N − 8.5e-18 N^0.8 of N pairs per cm³ in silicon at 1.55 µm."""
    count = _real(carriers)
    return _real(-8.8e-22 * count - 8.5e-18 * count**0.8)


def two_photon_carrier_generation(
    power: ArrayLike, volume: ArrayLike, wavelength: ArrayLike
) -> Reals:
    """Pairs P/(2hν V) made per volume and time where the power P is absorbed two by two."""
    return _real(_real(power) / (2 * photon_energy(wavelength) * _real(volume)))


def fabry_perot_power(phase: ArrayLike, reflectivity: ArrayLike) -> Reals:
    """Airy's (1−R)²/((1−R)² + 4R sin²(φ/2)), transmission of two mirrors of power R."""
    mirror = _real(reflectivity)
    return _real(
        (1 - mirror) ** 2 / ((1 - mirror) ** 2 + 4 * mirror * np.sin(_real(phase) / 2) ** 2)
    )


def mirror_pair_fields(
    phase: ArrayLike, reflectivity: float, transmission: ArrayLike
) -> tuple[Complexes, Complexes]:
    """Fields (reflected, passed) of two mirrors, √R back and i√(1−R) on; Airy's sums.

    Phase φ and amplitude a of a round trip, summed over them: √R − (1−R)√R a e^{iφ} Σ(R a e^{iφ})ⁿ
    and −(1−R) √a e^{iφ/2} Σ(R a e^{iφ})ⁿ. Born, Wolf, ch. 7.
    """
    once = np.sqrt(_real(transmission)) * np.exp(0.5j * _real(phase))
    trips = 1 / (1 - reflectivity * once**2)
    back = np.sqrt(reflectivity) * (1 - (1 - reflectivity) * once**2 * trips)
    return np.asarray(back), np.asarray(-(1 - reflectivity) * once * trips)


def recirculating_loop(
    phase: ArrayLike, coupling: ArrayLike, gain: ArrayLike
) -> tuple[Complexes, Reals]:
    """Through field (t − ge^{iϕ})/(1 − gte^{iϕ}) and tap power κ²/(1 + g²t² − 2gt cosϕ).

    A coupler of self-coupling t closes a loop of amplitude g on itself; the tap is what circulates
    behind the coupler. Madsen, Zhao (1999).
    """
    t, g, angle = _real(coupling), _real(gain), _real(phase)
    turn = g * np.exp(1j * angle)
    tap = (1 - t**2) / (1 + g**2 * t**2 - 2 * g * t * np.cos(angle))
    return np.asarray((t - turn) / (1 - t * turn)), _real(tap)


def sagnac_powers(cross: ArrayLike) -> tuple[Reals, Reals]:
    """(Reflected, transmitted) power 4κ²(1−κ²), (1−2κ²)² of a looped coupler; Mortimore (1988)."""
    power = _real(cross)
    return 4 * power * (1 - power), _real((1 - 2 * power) ** 2)


def all_pass_field(phase: ArrayLike, transmission: ArrayLike, coupling: ArrayLike) -> Complexes:
    """Field Σ over trips: r − κ² a e^{iφ} Σ_n (r a e^{iφ})ⁿ, summed; Bogaerts et al. (2012)."""
    a, r = _real(transmission), _real(coupling)
    turn = a * np.exp(1j * _real(phase))
    return np.asarray(r - (1 - r**2) * turn / (1 - r * turn))


def add_drop_fields(
    phase: ArrayLike, transmission: ArrayLike, first: ArrayLike, second: ArrayLike
) -> tuple[Complexes, Complexes]:
    """Fields (through, drop) Σ over trips, each crossing of a coupler iκ; Bogaerts et al. (2012).

    With e = a e^{iφ}: r₁ + (iκ₁)² r₂ e Σ_n (r₁r₂e)ⁿ and (iκ₁)(iκ₂) √a e^{iφ/2} Σ_n (r₁r₂e)ⁿ.
    """
    a, r1, r2 = _real(transmission), _real(first), _real(second)
    half_turn = np.sqrt(a) * np.exp(0.5j * _real(phase))
    trips = 1 / (1 - r1 * r2 * half_turn**2)
    crossing = np.sqrt((1 - r1**2) * (1 - r2**2))
    through = r1 - (1 - r1**2) * r2 * half_turn**2 * trips
    return np.asarray(through), np.asarray(-crossing * half_turn * trips)


def all_pass_delay(phase: ArrayLike, transmission: ArrayLike, coupling: ArrayLike) -> Reals:
    """Group delay in round trips of any all-pass ring, over its round-trip phase.

    d arg H/dφ from the quotient H = (r − e)/(1 − re), e = a e^{iφ}; with d arg(u)/dφ =
    Im(u′/u): a (a − r cosφ)/(r² + a² − 2ra cosφ) + ra (cosφ − ra)/(1 + r²a² − 2ra cosφ).
    """
    cosine, a, r = np.cos(_real(phase)), _real(transmission), _real(coupling)
    front = a * (a - r * cosine) / (r**2 + a**2 - 2 * r * a * cosine)
    loop = r * a * (cosine - r * a) / (1 + (r * a) ** 2 - 2 * r * a * cosine)
    return _real(front + loop)


def all_pass_extinction_db(transmission: ArrayLike, coupling: ArrayLike) -> Reals:
    """Highest over lowest power ((a+r)(1−ra)/((1+ra)(a−r)))² in dB; Bogaerts et al. (2012)."""
    highest = all_pass_power(pi, transmission, coupling)
    return 10 * np.log10(highest / all_pass_resonance_power(transmission, coupling))


def ring_weight(
    phase: ArrayLike, transmission: ArrayLike, first: ArrayLike, second: ArrayLike
) -> Reals:
    """Weight drop − through of a ring between two waveguides; Tait et al. (2014)."""
    through, drop = add_drop_powers(phase, transmission, first, second)
    return _real(drop - through)


def ring_weight_slope(
    phase: ArrayLike, transmission: ArrayLike, first: ArrayLike, second: ArrayLike
) -> Reals:
    """Slope of the weight over the round-trip phase, per rad.

    w = (K + 2R cosφ)/(1 + R² − 2R cosφ), K = κ₁²κ₂²a − r₁² − r₂²a², differentiated:
    −2R sinφ (1 + R² + K)/(1 + R² − 2R cosφ)².
    """
    a, r1, r2 = _real(transmission), _real(first), _real(second)
    loop = r1 * r2 * a
    contrast = (1 - r1**2) * (1 - r2**2) * a - r1**2 - (r2 * a) ** 2
    denominator = 1 + loop**2 - 2 * loop * np.cos(_real(phase))
    return _real(-2 * loop * np.sin(_real(phase)) * (1 + loop**2 + contrast) / denominator**2)


def weight_row(phases: ArrayLike, transmission: float, coupling: float) -> tuple[Reals, Reals]:
    """Powers (dropped, passed) by a row of rings, one round-trip phase a channel and ring.

    Channel j passes ring after ring: T_p = ∏_k T_p,k and T_d = Σ_k (∏_{l<k} T_p,l) T_d,k; what the
    drop waveguide couples back is neglected. ``phases`` is (channels, rings) in their order.
    """
    left = np.ones(np.shape(phases)[0])
    dropped = np.zeros_like(left)
    for phase in np.moveaxis(_real(phases), 1, 0):
        through, drop = add_drop_powers(phase, transmission, coupling, coupling)
        dropped = dropped + left * drop
        left = left * through
    return dropped, left


def ring_tuning_power(shift: ArrayLike, spectral_range: ArrayLike, per_range: ArrayLike) -> Reals:
    """Heater power in W that moves a resonance by −shift (Hz), modulo a spectral range."""
    turns = -_real(shift) / _real(spectral_range)
    return _real((turns - np.floor(turns)) * _real(per_range))


def heated_ring_shift(warmth: ArrayLike, frequency: ArrayLike, index: ArrayLike) -> Reals:
    """Shift −(ω/n) 1.86e-4 ΔT in rad/s of silicon that is ΔT (K) warmer; de Cea et al. (2019)."""
    return _real(-2 * pi * _real(frequency) / _real(index) * 1.86e-4 * _real(warmth))


def filling_mode(
    time: ArrayLike, detuning: ArrayLike, rate: float, coupling_rate: float, power: float
) -> Complexes:
    """Amplitude in √J of a mode that light of a power enters from t = 0; Haus (1984).

    a = iμ√P (e^{λt} − 1)/λ with λ = iδ − 1/τ and μ = √(2/τ₁).
    """
    pole = 1j * _real(detuning) - rate
    drive = 1j * np.sqrt(2 * coupling_rate * power)
    return np.asarray(drive * (np.exp(pole * _real(time)) - 1) / pole)


def drop_delay(phase: ArrayLike, loop: ArrayLike) -> Reals:
    """Group delay (1 − R²)/(2(1 − 2R cosφ + R²)) of the dropped light, in round trips.

    Half a trip times Poisson's kernel, whose mean is 1: from input to drop is half a trip on
    average. Madsen, Zhao (1999).
    """
    amplitude = _real(loop)
    denominator = 1 - 2 * amplitude * np.cos(_real(phase)) + amplitude**2
    return _real((1 - amplitude**2) / (2 * denominator))


def recirculating_contrast(coupling: ArrayLike, gain: ArrayLike) -> Reals:
    """Highest over lowest tap power ((1+gt)/(1−gt))² of a recirculating loop."""
    turn = _real(coupling) * _real(gain)
    return _real(((1 + turn) / (1 - turn)) ** 2)


def ring_turns(
    frequency: ArrayLike,
    length: ArrayLike,
    effective_index: ArrayLike,
    group_index: ArrayLike,
    design: ArrayLike,
) -> Reals:
    """Round-trip phase in turns, n_eff L/λ₀ + (ν − c/λ₀) n_g L/c; Bogaerts et al. (2012)."""
    offset = _real(frequency) - SPEED_OF_LIGHT / _real(design)
    delay = _real(group_index) * _real(length) / SPEED_OF_LIGHT
    return _real(_real(effective_index) * _real(length) / _real(design) + offset * delay)
