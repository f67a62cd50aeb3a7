"""Closed forms of the literature, the references that devices and circuits are held against.

Nothing here imports the packages it judges: numpy alone, formulas written out as their sources
print them, constants as digits of the 2019 SI. Units are SI, matrices are [out, in], fields in √W
in the e^{-iωt} convention, as everywhere in the house. A function takes floats or arrays that
broadcast.

Sources
-------
Henry, IEEE J. Quantum Electron. 18, 259 (1982): the linewidth of a laser.
Bandyopadhyay, Hamerly, Englund, Optica 8, 1247 (2021): the imperfect interferometer.
Hamerly, Bandyopadhyay, Englund, Phys. Rev. Applied 18, 024018 (2022): errors of a whole mesh.
Goldstein, Eskildsen, Elrefaie, IEEE Photon. Technol. Lett. 6, 657 (1994): coherent crosstalk.
Takahashi, Oda, Toba, J. Lightwave Technol. 14, 1097 (1996): many interferers.
Agrawal, *Fiber-Optic Communication Systems*: fibres, detectors and their noise.
Agrawal, Olsson, IEEE J. Quantum Electron. 25, 2297 (1989): amplifiers that saturate.
Koyama, Iga, J. Lightwave Technol. 6, 87 (1988): chirp.
Johnson, Phys. Rev. 32, 97 (1928): thermal noise of a conductance.
Bennett, Bell Syst. Tech. J. 27, 446 (1948): quantisation.
Bogaerts et al., Laser Photon. Rev. 6, 47 (2012); Yariv, Electron. Lett. 36, 321 (2000): rings.
Haus, *Waves and Fields in Optoelectronics* (1984); Little et al., J. Lightwave Technol. 15, 998
(1997): coupled modes. Soref, Bennett, IEEE J. Quantum Electron. 23, 123 (1987): carriers' index.
Tait et al., J. Lightwave Technol. 32, 4029 (2014): rings as weights.
Mortimore, J. Lightwave Technol. 6, 1217 (1988): the Sagnac mirror.
Madsen, Zhao, *Optical Filter Design and Analysis* (1999): delay loops.
"""

from math import pi
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Reals: TypeAlias = NDArray[np.float64]
Complexes: TypeAlias = NDArray[np.complex128]

SPEED_OF_LIGHT = 299792458.0  # m/s, exact
PLANCK = 6.62607015e-34  # J s, exact
ELEMENTARY_CHARGE = 1.602176634e-19  # C, exact
BOLTZMANN = 1.380649e-23  # J/K, exact


def _real(value: ArrayLike) -> Reals:
    return np.asarray(value, dtype=np.float64)


def _power(field: Any) -> Reals:
    return _real(np.abs(field) ** 2)


# Light


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


# Guide


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


# Interferometer


def mach_zehnder_matrix(
    theta: ArrayLike, phi: ArrayLike, alpha: ArrayLike = 0.0, beta: ArrayLike = 0.0
) -> Complexes:
    """Matrix of a lossless interferometer with splitter errors, shape (..., 2, 2).

    With s = sin(θ/2), c = cos(θ/2)::

        T = i e^{iθ/2} [[ e^{iφ}( s cos(α−β) + i c sin(α+β)),   c cos(α+β) + i s sin(α−β) ],
                        [ e^{iφ}( c cos(α+β) − i s sin(α−β)),  −s cos(α−β) + i c sin(α+β) ]]

    Bandyopadhyay, Hamerly, Englund (2021).
    """
    th, ph, a, b = np.broadcast_arrays(*(_real(x) for x in (theta, phi, alpha, beta)))
    s, c = np.sin(th / 2), np.cos(th / 2)
    matrix = np.empty((*th.shape, 2, 2), dtype=np.complex128)
    matrix[..., 0, 0] = np.exp(1j * ph) * (s * np.cos(a - b) + 1j * c * np.sin(a + b))
    matrix[..., 0, 1] = c * np.cos(a + b) + 1j * s * np.sin(a - b)
    matrix[..., 1, 0] = np.exp(1j * ph) * (c * np.cos(a + b) - 1j * s * np.sin(a - b))
    matrix[..., 1, 1] = -s * np.cos(a - b) + 1j * c * np.sin(a + b)
    return matrix * (1j * np.exp(1j * th / 2))[..., None, None]


def ideal_bar_power(theta: ArrayLike) -> Reals:
    """Power sin²(θ/2) that stays on its line; the rest, cos²(θ/2), crosses."""
    return _real(np.sin(_real(theta) / 2) ** 2)


def darkest_bar_power(alpha: ArrayLike, beta: ArrayLike) -> Reals:
    """Least bar power sin²(α+β), reached at θ = 0; Bandyopadhyay, Hamerly, Englund (2021)."""
    return _real(np.sin(_real(alpha) + _real(beta)) ** 2)


def darkest_cross_power(alpha: ArrayLike, beta: ArrayLike) -> Reals:
    """Least cross power sin²(α−β), reached at θ = π; Bandyopadhyay, Hamerly, Englund (2021)."""
    return _real(np.sin(_real(alpha) - _real(beta)) ** 2)


def lossy_arm_extinction(arm_transmission: ArrayLike) -> Reals:
    """Extinction ratio ((1+√L₁)/(1−√L₁))² of ideal splitters and one arm of transmission L₁."""
    amplitude = np.sqrt(_real(arm_transmission))
    return _real(((1 + amplitude) / (1 - amplitude)) ** 2)


# Ring
#
# Round-trip phase φ, round-trip amplitude a, self-couplings r; powers as Bogaerts et al. (2012)
# print them, which holds in either sign convention of time.


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


# Mesh


def splitter_error_of_mesh(n: ArrayLike, sigma: ArrayLike) -> Reals:
    """Relative error ‖ΔU‖_F/√N = σ√(2(N−1)) from independent splitter errors σ (rad).

    Leading order; Hamerly, Bandyopadhyay, Englund (2022) print it as √(2N) σ.
    """
    return _real(sigma) * np.sqrt(2 * (_real(n) - 1))


def phase_error_of_mesh(n: ArrayLike, sigma: ArrayLike) -> Reals:
    """Relative error σ√N from independent errors σ (rad) of every θ, φ and screen phase.

    Leading order: each light path collects about N phases.
    """
    return _real(sigma) * np.sqrt(_real(n))


# Switch


def switch_pair_leakage(
    n_banks: ArrayLike, isolation_in_db: ArrayLike, isolation_out_db: ArrayLike
) -> Reals:
    """RMS error √(K−1) 10^(−(X_in+X_out)/20) of a switched bank, relative to it.

    Both ends leak, so a bank that is not selected enters twice attenuated; its random phase makes
    the K − 1 of them add in power.
    """
    total_db = _real(isolation_in_db) + _real(isolation_out_db)
    return np.sqrt(_real(n_banks) - 1) * np.sqrt(power_transmission(total_db))


def coherent_crosstalk_extremes(ratio: ArrayLike) -> tuple[Reals, Reals]:
    """Least and greatest power (1 ∓ √ε)² of a unit signal with an interferer of power ε."""
    amplitude = np.sqrt(_real(ratio))
    return _real((1 - amplitude) ** 2), _real((1 + amplitude) ** 2)


def coherent_crosstalk_variance(ratio: ArrayLike) -> Reals:
    """Variance 2ε of that power over a uniform phase; Takahashi, Oda, Toba (1996)."""
    return 2 * _real(ratio)


def coherent_crosstalk_penalty_db(ratio: ArrayLike) -> Reals:
    """Worst-case power penalty −10 log₁₀(1 − 2√ε) dB; Goldstein et al. (1994)."""
    return _real(-10 * np.log10(1 - 2 * np.sqrt(_real(ratio))))


def incoherent_crosstalk_penalty_db(ratio: ArrayLike) -> Reals:
    """Power penalty −10 log₁₀(1 − ε) dB where powers add; Goldstein et al. (1994)."""
    return _real(-10 * np.log10(1 - _real(ratio)))


def gate_rise_time(time_constant: ArrayLike) -> Reals:
    """10–90 % power rise of an amplitude 1 − e^(−t/τ): τ ln((1−√0.1)/(1−√0.9)) = 2.590 τ."""
    return _real(_real(time_constant) * np.log((1 - np.sqrt(0.1)) / (1 - np.sqrt(0.9))))


def gate_fall_time(time_constant: ArrayLike) -> Reals:
    """90–10 % power fall of an amplitude e^(−t/τ): τ ln(9)/2 = 1.099 τ."""
    return _real(_real(time_constant) * np.log(9.0) / 2)


def gate_guard_time(time_constant: ArrayLike, residue: ArrayLike) -> Reals:
    """Wait τ ln(1/ε) until an amplitude e^(−t/τ) has fallen to ε."""
    return _real(time_constant) * np.log(1 / _real(residue))


# Receiver


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


# Amplifier


def saturated_input_power(gain: ArrayLike, small_signal: ArrayLike, saturation: ArrayLike) -> Reals:
    """Input power P_sat ln(G₀/G)/(G−1) in W at which the gain has fallen to G; Agrawal, Olsson.

    The steady state G = G₀ exp(−(G−1)P/P_sat), solved for the power instead of the gain.
    """
    g, full = _real(gain), _real(small_signal)
    return _real(_real(saturation) * np.log(full / g) / (g - 1))


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


# Crossbar


def tunnel_magnetoresistance(small: ArrayLike, voltage: ArrayLike, half: ArrayLike) -> Reals:
    """TMR₀/(1 + (V/V_h)²), half of TMR₀ at V_h."""
    return _real(_real(small) / (1 + (_real(voltage) / _real(half)) ** 2))


def johnson_variance(conductance: ArrayLike, temperature: ArrayLike, bandwidth: ArrayLike) -> Reals:
    """Variance 4kTB·G in A² of the current through a conductance; Johnson (1928)."""
    return 4 * BOLTZMANN * _real(temperature) * _real(bandwidth) * _real(conductance)


def ladder_voltages(n: int, shunt: float, series: float) -> Reals:
    """Voltages v_i, i = 1…n, along a line fed with 1 V through n equal cells, far end open.

    v_i = cosh((n−i+½)μ)/cosh((n+½)μ) with 2 sinh(μ/2) = √(gr): series resistance r in front of
    each shunt conductance g.
    """
    mu = 2 * np.arcsinh(np.sqrt(shunt * series) / 2)
    place = np.arange(1, n + 1)
    return _real(np.cosh((n - place + 0.5) * mu) / np.cosh((n + 0.5) * mu))


# Converter


def sine_sqnr_db(bits: ArrayLike) -> Reals:
    """Signal to quantisation noise 6.02 b + 1.76 dB of a full-scale sine; Bennett (1948)."""
    return _real(6.0206 * _real(bits) + 1.7609)


def quantisation_variance(bits: ArrayLike, full_scale: ArrayLike) -> Reals:
    """Variance (FS/2^b)²/12 of a uniform quantisation error; Bennett (1948)."""
    return _real((_real(full_scale) / 2.0 ** _real(bits)) ** 2 / 12)
