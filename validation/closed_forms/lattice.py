"""Coupled resonators and interferometers in a row: chains of one cell over and over.

Light that passes N equal cells is the cell's 2×2 matrix to the power N, and where its determinant
is 1 Chebyshev's polynomials of half its trace are that power (Born, Wolf, *Principles of Optics*,
1.6.5). Fields in the e^{-iωt} convention, couplers cross with +i.

Poon, Scheuer, Mookherjea, Paloczi, Huang, Yariv, Opt. Express 12, 90 (2004): coupled rings by
matrices, and their dispersion. Little, Chu, Haus, Foresi, Laine, J. Lightwave Technol. 15, 998
(1997): couplings of a flat filter. Jinguji, Kawachi, J. Lightwave Technol. 13, 73 (1995): lattices
of interferometers. Evans, J. Opt. Soc. Am. 48, 142 (1958): the same filter of Šolc, of crystals.
Madsen, Zhao, *Optical Filter Design and Analysis* (1999): an interferometer with a ring.
"""

from math import pi

import numpy as np
from numpy.typing import ArrayLike

from validation.closed_forms.values import Complexes, Reals
from validation.closed_forms.values import real as _real

# ------------------------------------------------------------------------------------ coupled rings


def coupled_rings(
    phase: ArrayLike, transmission: float, self_couplings: ArrayLike
) -> tuple[Complexes, Complexes]:
    """Fields (through, drop) of N equal rings in a row between two waveguides.

    Round-trip phase φ and amplitude a of each ring, N + 1 self-couplings r. A coupler takes what
    (arrives at, leaves) it on one side to what (leaves, arrives) on the other, half a ring takes
    that to the next coupler:

        P = [[−1, r], [−r, 1]]/(iκ),   Q = diag(h, 1/h),   h = √a e^{iφ/2}

    With M = P_N Q … Q P_0 and no light from the far side, through = −M₂₁/M₂₂, drop = 1/M₂₂;
    Poon et al. (2004).
    """
    half = np.sqrt(transmission) * np.exp(0.5j * _real(phase))
    first, *others = _real(self_couplings)
    matrix = np.broadcast_to(_over_coupler(first), (*half.shape, 2, 2))
    turn = np.zeros((*half.shape, 2, 2), dtype=np.complex128)
    turn[..., 0, 0], turn[..., 1, 1] = half, 1 / half
    for coupling in others:
        matrix = _over_coupler(coupling) @ turn @ matrix
    return (
        np.asarray(-matrix[..., 1, 0] / matrix[..., 1, 1]),
        np.asarray(1 / matrix[..., 1, 1]),
    )


def _over_coupler(coupling: float) -> Complexes:
    across = np.sqrt(1 - coupling**2)
    return np.asarray(np.array([[-1.0, coupling], [-coupling, 1.0]]) / (1j * across))


def crow_bloch_cosine(phase: ArrayLike, cross: ArrayLike) -> Reals:
    """Cosine of the phase K from ring to ring, −sin(φ/2)/κ, of lossless rings without end.

    Half the trace of QP. Where it exceeds 1 no wave travels: the band is |sin(φ/2)| ≤ κ; Poon et
    al. (2004).
    """
    return _real(-np.sin(_real(phase) / 2) / _real(cross))


def crow_delay(phase: ArrayLike, cross: ArrayLike) -> Reals:
    """Group delay dK/dφ = cos(φ/2)/(2√(κ² − sin²(φ/2))) a ring in round trips, in the band.

    1/(2κ) amid the band: the slow light of a chain.
    """
    half = _real(phase) / 2
    return _real(np.cos(half) / (2 * np.sqrt(_real(cross) ** 2 - np.sin(half) ** 2)))


def flat_ring_couplings(count: int, band: float) -> Reals:
    """Power couplings κ² of N + 1 couplers for a maximally flat band, `band` a share of the FSR.

    Butterworth's g_k = 2 sin((2k−1)π/2N) ask for the amplitude to leave through an end at the rate
    x/(2g₁) a round trip, x = 2π band, and for neighbours to beat at x/(2√(g_k g_{k+1})); a coupler
    does so where −ln r and asin κ are these numbers. For narrow bands; Little et al. (1997).
    """
    width = 2 * pi * band
    ladder = 2 * np.sin((2 * np.arange(1, count + 1) - 1) * pi / (2 * count))
    end = 1 - np.exp(-width / ladder[0])
    inner = np.sin(width / 2 / np.sqrt(ladder[:-1] * ladder[1:])) ** 2
    return _real([end, *inner, end])


# -------------------------------------------------------------------------------- interferometers


def equal_lattice_cross(phase: ArrayLike, angle: float, stages: int) -> Complexes:
    """Field that crosses N stages between N + 1 equal couplers, i sin η U_N(cos η cos(φ/2)).

    φ is the phase between the arms of a stage, sin²η the share that crosses a coupler; the arms'
    mean phase, Nφ/2 and more, is left out. U_N is Chebyshev's polynomial, sin((N+1)Θ)/sin Θ at
    cos Θ = cos η cos(φ/2). Evans (1958).
    """
    cosine = np.cos(angle) * np.cos(_real(phase) / 2)
    turn = np.arccos(cosine)
    return np.asarray(1j * np.sin(angle) * np.sin((stages + 1) * turn) / np.sin(turn))


def equal_lattice_zeros(angle: float, stages: int) -> Reals:
    """Phases 2 acos(cos(mπ/(N+1))/cos η) of the N zeros on the unit circle, those that are there.

    U_N vanishes at cos(mπ/(N+1)), m = 1 … N; Evans (1958).
    """
    cosine = np.cos(np.arange(1, stages + 1) * pi / (stages + 1)) / np.cos(angle)
    return _real(2 * np.arccos(cosine[np.abs(cosine) <= 1]))


def equal_lattice_taps(angle: float, stages: int) -> Complexes:
    """Impulse response of the same at delays 0 … N of the longer arm: N + 1 taps.

    i sin η z^N U_N with x = cos η (z + 1/z)/2, z² the delay, by U_{n+1} = 2x U_n − U_{n−1}: the
    polynomials z^n U_n obey V_{n+1} = cos η (z² + 1) V_n − z² V_{n−1}. Jinguji, Kawachi (1995).
    """
    before, now = np.zeros(1), np.ones(1)
    for _ in range(stages):
        following = np.cos(angle) * np.convolve([1.0, 1.0], now)
        following[1 : 1 + len(before)] -= before
        before, now = now, following
    return np.asarray(1j * np.sin(angle) * now)


def ring_interferometer_power(phase: ArrayLike, coupling: float) -> Reals:
    """Power ¼|A − e^{iφ}|² through an interferometer with a ring on one arm, lossless.

    The other arm is longer by φ, the ring 2φ + π around: A = (r + e^{2iφ})/(1 + r e^{2iφ}) is half
    of a half-band filter. Madsen, Zhao (1999).
    """
    turn = np.exp(1j * _real(phase))
    ring = (coupling + turn**2) / (1 + coupling * turn**2)
    return _real(np.abs(ring - turn) ** 2 / 4)


def flat_interferometer_power(phase: ArrayLike) -> Reals:
    """The same at r = 1/3: 1/(1 + cot⁶(φ/2)), Butterworth's response of third order.

    Six derivatives vanish where all and where nothing passes; a bare interferometer has
    1/(1 + cot²(φ/2)) = sin²(φ/2).
    """
    half = _real(phase) / 2
    even, odd = np.cos(half) ** 6, np.sin(half) ** 6
    return _real(odd / (odd + even))
