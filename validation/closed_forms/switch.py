"""Switches: leakage, crosstalk penalties, transients.

Goldstein, Eskildsen, Elrefaie, IEEE Photon. Technol. Lett. 6, 657 (1994): coherent crosstalk.
Takahashi, Oda, Toba, J. Lightwave Technol. 14, 1097 (1996): many interferers.
"""

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


def gate_rise_time(time_constant: ArrayLike) -> Reals:
    """10–90 % power rise of an amplitude 1 − e^(−t/τ): τ ln((1−√0.1)/(1−√0.9)) = 2.590 τ."""
    return _real(_real(time_constant) * np.log((1 - np.sqrt(0.1)) / (1 - np.sqrt(0.9))))


def gate_fall_time(time_constant: ArrayLike) -> Reals:
    """90–10 % power fall of an amplitude e^(−t/τ): τ ln(9)/2 = 1.099 τ."""
    return _real(_real(time_constant) * np.log(9.0) / 2)


def gate_guard_time(time_constant: ArrayLike, residue: ArrayLike) -> Reals:
    """Wait τ ln(1/ε) until an amplitude e^(−t/τ) has fallen to ε."""
    return _real(time_constant) * np.log(1 / _real(residue))
