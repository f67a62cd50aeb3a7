"""Switches: leakage, crosstalk penalties, transients.

Goldstein, Eskildsen, Elrefaie, IEEE Photon. Technol. Lett. 6, 657 (1994): coherent crosstalk.
Takahashi, Oda, Toba, J. Lightwave Technol. 14, 1097 (1996): many interferers. Sheu, Hu, IEEE J.
Solid-State Circuits 19, 519 (1984): charge injection.
"""

from math import erfc, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike

from validation.closed_forms.light import power_transmission
from validation.closed_forms.values import Reals
from validation.closed_forms.values import real as _real


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


def many_crosstalk_penalty_db(total: ArrayLike, quality: ArrayLike) -> Reals:
    """Power penalty −10 log₁₀(1 − 2XQ²) dB of normal beats, X = Σε, at the optimum threshold.

    Takahashi, Oda, Toba (1996).
    """
    return _real(-10 * np.log10(1 - 2 * _real(total) * _real(quality) ** 2))


def many_crosstalk_middle_penalty_db(total: ArrayLike, quality: ArrayLike) -> Reals:
    """Power penalty −5 log₁₀(1 − 8XQ²) dB of normal beats, threshold in the middle.

    Takahashi, Oda, Toba (1996).
    """
    return _real(-5 * np.log10(1 - 8 * _real(total) * _real(quality) ** 2))


def single_crosstalk_penalty_db(ratio: ArrayLike, quality: float) -> Reals:
    """Power penalty in dB of one beat 2√ε cos φ, φ uniform: the arcsine law, optimum threshold.

    The threshold that spaces cross with ½erfc(Q/√2) lies Qσ above them; the penalty is the power P
    at which marks fall below it as often, ⟨½erfc((2QP(1 + 2√ε cos φ) − Q)/√2)⟩ over φ. By
    bisection.
    """
    field, clean = np.sqrt(_real(ratio)), 0.5 * erfc(quality / sqrt(2))
    low, high = np.broadcast_arrays(np.ones_like(field), 1 / (1 - 2 * field))
    for _ in range(50):
        power = (low + high) / 2
        late = arcsine_tail(2 * quality * power - quality, 4 * quality * power * field) > clean
        low, high = np.where(late, power, low), np.where(late, high, power)
    return _real(10 * np.log10((low + high) / 2))


def arcsine_tail(margin: ArrayLike, swing: ArrayLike) -> Reals:
    """Probability that x + b cos φ exceeds m, with x standard normal and φ uniform.

    The Taylor series of ½erfc about m with ⟨cos²ᵏφ⟩ = (2k)!/(4ᵏ k!²):
    ½erfc(m/√2) + Σ_{k≥1} (b²/4)ᵏ/k!² · He_{2k−1}(m) e^(−m²/2)/√(2π). Hermite polynomials by their
    recurrence He_{n+1} = m He_n − n He_{n−1}, each divided by √n! to stay finite; terms of the
    size e^(b²/2 − m²/4) cancel.
    """
    m, quarter = _real(margin), _real(swing) ** 2 / 4
    clean = np.vectorize(erfc, otypes=[np.float64])(m / sqrt(2)) / 2
    even, odd = np.ones_like(m), m
    coefficient = quarter * np.exp(-(m**2) / 2) / sqrt(2 * pi)
    total = clean + coefficient * odd
    for k in range(1, 200):
        even = (m * odd - sqrt(2 * k - 1) * even) / sqrt(2 * k)
        odd = (m * even - sqrt(2 * k) * odd) / sqrt(2 * k + 1)
        coefficient = coefficient * quarter * sqrt(2 * k * (2 * k + 1)) / (k + 1) ** 2
        total = total + coefficient * odd
    return _real(total)


def gate_rise_time(time_constant: ArrayLike) -> Reals:
    """10–90 % power rise of an amplitude 1 − e^(−t/τ): τ ln((1−√0.1)/(1−√0.9)) = 2.590 τ."""
    return _real(_real(time_constant) * np.log((1 - np.sqrt(0.1)) / (1 - np.sqrt(0.9))))


def gate_fall_time(time_constant: ArrayLike) -> Reals:
    """90–10 % power fall of an amplitude e^(−t/τ): τ ln(9)/2 = 1.099 τ."""
    return _real(_real(time_constant) * np.log(9.0) / 2)


def gate_guard_time(time_constant: ArrayLike, residue: ArrayLike) -> Reals:
    """Wait τ ln(1/ε) until an amplitude e^(−t/τ) has fallen to ε."""
    return _real(time_constant) * np.log(1 / _real(residue))


def interferometer_power(drive: ArrayLike) -> Reals:
    """Power (1 − cos πx)/2 of the new path at the drive x between 0 and 1."""
    return _real((1 - np.cos(pi * _real(drive))) / 2)


def raised_cosine(time: ArrayLike, duration: ArrayLike) -> Reals:
    """Drive sin²(πt/2T) that rises from 0 to 1 within T."""
    return _real(np.sin(pi / 2 * np.clip(_real(time) / _real(duration), 0, 1)) ** 2)


def shaped_rise_time(duration: ArrayLike) -> Reals:
    """10–90 % power rise of an interferometer whose drive is a raised cosine of duration T.

    The drive stands at (2/π) asin √P when the power is P, which sin²(πt/2T) reaches at
    t = (2T/π) asin √x: 0.4020 T from a tenth to nine tenths.
    """
    drive = 2 / pi * np.arcsin(np.sqrt([0.1, 0.9]))
    start, end = 2 / pi * np.arcsin(np.sqrt(drive))
    return _real(_real(duration) * (end - start))


def turned_rise_time(time_constant: ArrayLike) -> Reals:
    """10–90 % power rise of an interferometer whose drive 1 − e^(−t/τ) lags: 1.356 τ.

    τ ln(acos √0.1/acos √0.9), and as long falls the old path, from 90 to 10 %.
    """
    return _real(_real(time_constant) * np.log(np.arccos(np.sqrt(0.1)) / np.arccos(np.sqrt(0.9))))


def interferometer_guard_time(time_constant: ArrayLike, residue: ArrayLike) -> Reals:
    """Wait τ ln(π/(2 asin ε)) until an old path cos(π/2 · (1 − e^(−t/τ))) has fallen to ε."""
    return _real(_real(time_constant) * np.log(pi / 2 / np.arcsin(_real(residue))))


def slot_efficiency(
    slot_duration: ArrayLike, time_constant: ArrayLike, residue: ArrayLike
) -> Reals:
    """Share 1 − (τ/T_s) ln(1/ε) of a slot that is left when a gate's residue ε is waited for."""
    return _real(1 + _real(time_constant) / _real(slot_duration) * np.log(_real(residue)))


def injected_charge(time: ArrayLike, charge: ArrayLike, time_constant: ArrayLike) -> Reals:
    """Charge q(1 − e^(−t/τ)) in C that has come out of a switched gate; Sheu, Hu (1984)."""
    return _real(_real(charge) * -np.expm1(-_real(time) / _real(time_constant)))


def pattern_rate(rows: ArrayLike, settling: ArrayLike = 0.0) -> Reals:
    """Patterns a second of a micromirror array that loads rows of 16 clocks at 400 MHz.

    32 552 Hz with 768 rows, as Texas Instruments prints for the DLP7000.
    """
    return _real(1 / (_real(rows) * 16 / 400e6 + _real(settling)))
