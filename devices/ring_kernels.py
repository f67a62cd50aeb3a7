"""Kernels that step many rings through time: coupled modes, exact for held inputs.

Arrays are (samples, rings), contiguous; an input with one ring in it is shared by all. The linear
ring is a complex one-pole, a ← E a + K s. The nonlinear ring has rates that follow its state: a
step is taken with the rates at its start, then again with the mean of the rates at both ends.
With averaged rates the exponential is second order in the step (Magnus), and the fast decay of the
light never limits it.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from devices.compilation import kernel

Complexes = NDArray[np.complex128]
Reals = NDArray[np.float64]

CHUNK = 256
"""Rings that a thread steps together: their state stays in the nearest cache."""

# Rows of the coefficients of nonlinear rings, (ROWS, rings).
(
    DETUNING,  # rad/s, laser above resonance
    DECAY,  # 1/s, amplitude: 1/τ
    COUPLING,  # √(1/s), μ₁
    ABSORPTION,  # 1/s, energy: the part of the linear loss that heats
    TWO_PHOTON,  # 1/(s J), energy rate per stored energy
    CARRIER,  # m³/s, energy rate per carrier density
    ELECTRON_SHIFT,  # rad m³/s
    HOLE_SHIFT,  # rad m^2.4/s, times N^0.8
    THERMAL_SHIFT,  # rad/(s K)
    GENERATION,  # 1/(m³ s J²)
    RECOMBINATION,  # 1/s
    HEATING,  # K/J
    COOLING,  # 1/s
    ROWS,
) = range(14)


@kernel(parallel=True)
def step_linear(
    field: Complexes,
    keep: Reals,
    take: Reals,
    coupling: Reals,
    every: int,
    amplitude: Reals,
    outputs: Complexes,
) -> None:
    """Step linear rings, a ← E a + K s, and write through and drop at ends of samples.

    Real and imaginary parts are rows of their own: their products then fill whole vector registers.

    Parameters
    ----------
    field
        Input s, (samples, rings) or (samples, 1).
    keep, take
        E and K of each ring, (2, rings).
    coupling
        μ₁ and μ₂, (2, rings).
    every
        Samples to one that is written.
    amplitude
        State a of each ring, (2, rings), overwritten.
    outputs
        s + iμ₁ a and iμ₂ a, (2, samples // every, rings), written.
    """
    rings = amplitude.shape[1]
    shared = field.shape[1] == 1
    for chunk in numba.prange((rings + CHUNK - 1) // CHUNK):
        first = chunk * CHUNK
        last = min(rings, first + CHUNK)
        # Slices, whose indices count from zero: a sign that is not known would cost the vectors.
        e_re, e_im = keep[0, first:last], keep[1, first:last]
        k_re, k_im = take[0, first:last], take[1, first:last]
        a_re, a_im = amplitude[0, first:last], amplitude[1, first:last]
        for sample in range(field.shape[0]):
            if shared:
                s = field[sample, 0]
                s_re, s_im = s.real, s.imag
                for ring in range(last - first):
                    re, im = a_re[ring], a_im[ring]
                    a_re[ring] = (e_re[ring] * re - e_im[ring] * im) + (
                        k_re[ring] * s_re - k_im[ring] * s_im
                    )
                    a_im[ring] = (e_re[ring] * im + e_im[ring] * re) + (
                        k_re[ring] * s_im + k_im[ring] * s_re
                    )
            else:
                own = field[sample, first:last]
                for ring in range(last - first):
                    s = own[ring]
                    re, im = a_re[ring], a_im[ring]
                    a_re[ring] = (e_re[ring] * re - e_im[ring] * im) + (
                        k_re[ring] * s.real - k_im[ring] * s.imag
                    )
                    a_im[ring] = (e_re[ring] * im + e_im[ring] * re) + (
                        k_re[ring] * s.imag + k_im[ring] * s.real
                    )
            if (sample + 1) % every:
                continue
            row = sample // every
            for ring in range(first, last):
                s = field[sample, 0 if shared else ring]
                turned = complex(-amplitude[1, ring], amplitude[0, ring])
                outputs[0, row, ring] = s + coupling[0, ring] * turned
                outputs[1, row, ring] = coupling[1, ring] * turned


@kernel()
def _advance_light(a: complex, s: complex, rate: complex, mu: float, dt: float) -> complex:
    """Return a after dt of ȧ = −rate·a + iμ s with everything held."""
    e = np.exp(-rate * dt)
    after: complex = e * a + (1.0 - e) / rate * (1j * mu) * s
    return after


@kernel()
def _light_rate(c: Reals, ring: int, energy: float, carriers: float, warmth: float) -> complex:
    """Return 1/τ − i(δ − Δω) at a state."""
    loss = c[DECAY, ring] + 0.5 * (c[TWO_PHOTON, ring] * energy + c[CARRIER, ring] * carriers)
    shift = (
        c[ELECTRON_SHIFT, ring] * carriers
        + c[HOLE_SHIFT, ring] * max(carriers, 0.0) ** 0.8
        + c[THERMAL_SHIFT, ring] * warmth
    )
    rate: complex = loss - 1j * (c[DETUNING, ring] - shift)
    return rate


@kernel()
def _relax(value: float, rate: float, source: float, dt: float) -> float:
    """Return the value after dt of ẋ = −rate·x + source."""
    e = np.exp(-rate * dt)
    after: float = e * value + (1.0 - e) / rate * source
    return after


@kernel()
def _advance_ring(
    c: Reals, ring: int, s: complex, dt: float, a: complex, carriers: float, warmth: float
) -> tuple[complex, float, float]:
    """Return (a, N, ΔT) of one ring after a step: predicted, then with the mean of both ends."""
    before = a.real**2 + a.imag**2
    first = _light_rate(c, ring, before, carriers, warmth)
    rate, mean_carriers = first, carriers
    new_a, new_carriers, new_warmth = a, carriers, warmth
    for _ in range(2):
        new_a = _advance_light(a, s, rate, c[COUPLING, ring], dt)
        after = new_a.real**2 + new_a.imag**2
        energy, squared = 0.5 * (before + after), 0.5 * (before**2 + after**2)
        made = c[GENERATION, ring] * squared
        new_carriers = _relax(carriers, c[RECOMBINATION, ring], made, dt)
        mean_carriers = 0.5 * (carriers + new_carriers)
        heat = (c[ABSORPTION, ring] + c[CARRIER, ring] * mean_carriers) * energy
        heat += c[TWO_PHOTON, ring] * squared
        new_warmth = _relax(warmth, c[COOLING, ring], c[HEATING, ring] * heat, dt)
        rate = 0.5 * (first + _light_rate(c, ring, after, new_carriers, new_warmth))
    return new_a, new_carriers, new_warmth


@kernel(parallel=True)
def step_nonlinear(
    field: Complexes,
    coefficients: Reals,
    drop_coupling: Reals,
    dt: float,
    substeps: int,
    every: int,
    amplitude: Complexes,
    carriers: Reals,
    warmth: Reals,
    outputs: Complexes,
) -> None:
    """Step nonlinear rings through samples of length dt, `substeps` steps to a sample.

    ``coefficients`` is (ROWS, rings), ``drop_coupling`` μ₂; the state (amplitude, carriers, warmth)
    is overwritten; outputs as in `step_linear`.
    """
    stride = 0 if field.shape[1] == 1 else 1
    short = dt / substeps
    for ring in numba.prange(amplitude.shape[0]):
        a, n, t = amplitude[ring], carriers[ring], warmth[ring]
        for sample in range(field.shape[0]):
            s = field[sample, ring * stride]
            for _ in range(substeps):
                a, n, t = _advance_ring(coefficients, ring, s, short, a, n, t)
            if (sample + 1) % every == 0:
                row = sample // every
                outputs[0, row, ring] = s + 1j * coefficients[COUPLING, ring] * a
                outputs[1, row, ring] = 1j * drop_coupling[ring] * a
        amplitude[ring], carriers[ring], warmth[ring] = a, n, t
