"""Kernels of the time-multiplexed loop: combining banks, detecting a slot, and their adjoints.

Complex arrays travel as quadratures, an axis of length 2 (real, imaginary), or of length 1 where
only the real part matters: the loops over lanes then run over contiguous real rows. Names and
formulas are those of ``slot_program``; gradients are ``∂L/∂Re + i ∂L/∂Im`` (PHYSICS §6). Threads
share out the batch (or the rows of the matrices) and nothing is summed across them, so results do
not depend on their number.
"""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from circuits.noise_kernels import fill_normals, noise_key
from devices.compilation import kernel

SQUARE_LAW, HOMODYNE, BALANCED = 0, 1, 2

Array = NDArray[Any]
"""Single or double precision; every array of a call has the same."""


@kernel(parallel=True)
def combine_banks(
    matrices: Array, input_phase: Array, output_phase: Array, combination: Array, combined: Array
) -> None:
    """Fill the effective matrices ``combined[p] = Σ_k Σ_v V[p,k,v] W_k^v``.

    The four variants of element (i, j) differ by the factors 1, z_j, o_i and o_i z_j, where z and o
    are the crosstalk phasors of the input and of the output switch, so that their sum is one
    complex factor ``A + B z_j`` for a whole row.

    Parameters
    ----------
    matrices
        Banks, quadratures (L_W, Q, N, N).
    input_phase, output_phase
        Phasors e^{iϑ} as quadratures, (L_W, 2, N).
    combination
        V, (P, L_W, 4).
    combined
        Out: (P, Q', N, N); with Q' = 1 only the real part.
    """
    n_banks, quadratures, n, _ = matrices.shape
    wanted = combined.shape[1]
    for i in numba.prange(n):
        combined[:, :, i, :] = 0
        for p in range(combination.shape[0]):
            for k in range(n_banks):
                v = combination[p, k]
                if v[0] == 0 and v[1] == 0 and v[2] == 0 and v[3] == 0:
                    continue
                o_re, o_im = output_phase[k, 0, i], output_phase[k, 1, i]
                a_re, a_im = v[0] + v[2] * o_re, v[2] * o_im
                b_re, b_im = v[1] + v[3] * o_re, v[3] * o_im
                z_re, z_im = input_phase[k, 0], input_phase[k, 1]
                w_re, w_im = matrices[k, 0, i], matrices[k, quadratures - 1, i]
                m_re, m_im = combined[p, 0, i], combined[p, wanted - 1, i]
                if quadratures == 2 and wanted == 2:
                    for j in range(n):
                        f_re = a_re + b_re * z_re[j] - b_im * z_im[j]
                        f_im = a_im + b_re * z_im[j] + b_im * z_re[j]
                        m_re[j] += w_re[j] * f_re - w_im[j] * f_im
                        m_im[j] += w_re[j] * f_im + w_im[j] * f_re
                elif quadratures == 2:
                    for j in range(n):
                        f_re = a_re + b_re * z_re[j] - b_im * z_im[j]
                        f_im = a_im + b_re * z_im[j] + b_im * z_re[j]
                        m_re[j] += w_re[j] * f_re - w_im[j] * f_im
                else:
                    for j in range(n):
                        m_re[j] += w_re[j] * (a_re + b_re * z_re[j] - b_im * z_im[j])
                    if wanted == 2:
                        for j in range(n):
                            m_im[j] += w_re[j] * (a_im + b_re * z_im[j] + b_im * z_re[j])


@kernel(parallel=True)
def combine_banks_adjoint(
    g_combined: Array,
    input_phase: Array,
    output_phase: Array,
    combination: Array,
    g_matrices: Array,
) -> None:
    """Fill the gradient of the banks, ``g_W[k] = Σ_p conj(A + B z)·g_M[p]``.

    Matrix products and phasors are linear in W, so the adjoint of the product with a complex
    factor is the product with its conjugate (PHYSICS §6: y = c x gives g_x = c* g_y).
    """
    n_banks, quadratures, n, _ = g_matrices.shape
    given = g_combined.shape[1]
    for i in numba.prange(n):
        g_matrices[:, :, i, :] = 0
        for k in range(n_banks):
            o_re, o_im = output_phase[k, 0, i], output_phase[k, 1, i]
            z_re, z_im = input_phase[k, 0], input_phase[k, 1]
            w_re, w_im = g_matrices[k, 0, i], g_matrices[k, quadratures - 1, i]
            for p in range(combination.shape[0]):
                v = combination[p, k]
                if v[0] == 0 and v[1] == 0 and v[2] == 0 and v[3] == 0:
                    continue
                a_re, a_im = v[0] + v[2] * o_re, v[2] * o_im
                b_re, b_im = v[1] + v[3] * o_re, v[3] * o_im
                m_re, m_im = g_combined[p, 0, i], g_combined[p, given - 1, i]
                if given == 2:
                    for j in range(n):
                        f_re = a_re + b_re * z_re[j] - b_im * z_im[j]
                        f_im = a_im + b_re * z_im[j] + b_im * z_re[j]
                        w_re[j] += f_re * m_re[j] + f_im * m_im[j]
                        if quadratures == 2:
                            w_im[j] += f_re * m_im[j] - f_im * m_re[j]
                else:
                    for j in range(n):
                        w_re[j] += (a_re + b_re * z_re[j] - b_im * z_im[j]) * m_re[j]
                    if quadratures == 2:
                        for j in range(n):
                            w_im[j] -= (a_im + b_re * z_im[j] + b_im * z_re[j]) * m_re[j]


@kernel(parallel=True)
def detect_slot(
    field: Array,
    bias_share: Array,
    background: Array,
    linear: Array,
    quadratic: Array,
    memory: float,
    y: Array,
) -> None:
    """Detect one slot of held drive: ``y ← μ y + Σ_r linear_r Re F_r + quadratic_r |F_r|²``.

    Parameters
    ----------
    field
        In: products of the effective matrices with the drive, (B, R, Q, N). Out: the background
        added, F.
    bias_share, linear, quadratic
        (R,) each.
    background
        Background of the selected bank: its coherent bias, quadratures (Q, N).
    memory
        μ = e^{−T_s/τ}.
    y
        In and out: detector output, (B, N).
    """
    batch, fields, quadratures, n = field.shape
    zero = field.dtype.type(0)
    for b in numba.prange(batch):
        row = y[b]
        for i in range(n):
            row[i] *= memory
        for r in range(fields):
            for q in range(quadratures):
                part, bias = field[b, r, q], background[q]
                share, square = bias_share[r], quadratic[r]
                slope = linear[r] if q == 0 else zero
                for i in range(n):
                    value = part[i] + share * bias[i]
                    part[i] = value
                    row[i] += (slope + square * value) * value


@kernel(parallel=True)
def detect_slot_adjoint(
    field: Array, linear: Array, quadratic: Array, g_y: Array, g_field: Array
) -> None:
    """Fill the gradient of the fields, ``g_F = g_y (linear_r + 2 quadratic_r F_r)``."""
    batch, fields, quadratures, n = field.shape
    zero = field.dtype.type(0)
    for b in numba.prange(batch):
        for r in range(fields):
            for q in range(quadratures):
                twice = quadratic[r] + quadratic[r]
                slope = linear[r] if q == 0 else zero
                for i in range(n):
                    g_field[b, r, q, i] = g_y[b, i] * (slope + twice * field[b, r, q, i])


@kernel(parallel=True)
def add_slot_noise(
    field: Array,
    form: Array,
    sums: Array,
    floor: float,
    levels: Array,
    seed: int,
    step: int,
    first: int,
    stride: int,
    slot: int,
    scratch: Array,
    y: Array,
) -> None:
    """Add the noise that one slot leaves in the detector's output.

    ``y += √V ξ, V = floor·levels[2] + levels[3] (Σ_rr' form_rr' Re(F_r F_r'*) + Σ_r sums_r P_r)``:
    the sum over the samples of the independent variances, shot noise following the light (PHYSICS
    §5), which is |E|² of a field or, in an incoherent machine, the power P in the second plane.

    Parameters
    ----------
    field
        F, (B, R, Q, N).
    form, sums, floor
        Σ_s w²_s Γ_sr Γ_sr' (R, R), Σ_s w²_s Γ_sr (R,) and Σ_s w²_s, w² the noise weights of the
        read-out. Coherent machines have no sums, incoherent ones no form.
    levels
        Link levels, see ``time_multiplexed_loop``; [2] signal-free variance, [3] its slope.
    seed, step, first, stride, slot
        Keys of the noise; row b is inference ``first + stride·b``.
    scratch
        (B, 3, N).
    """
    batch, n = y.shape
    for b in numba.prange(batch):
        variance, normal = scratch[b, 0], scratch[b, 1]
        _slot_variance(field[b], form, sums, floor, levels, variance)
        fill_normals(noise_key(seed, step, first + stride * b, slot, 0), normal)
        for i in range(n):
            y[b, i] += np.sqrt(variance[i]) * normal[i]


@kernel()
def _slot_variance(
    field: Array, form: Array, sums: Array, floor: float, levels: Array, variance: Array
) -> None:
    fields, quadratures, n = field.shape
    variance[:] = floor * levels[2]
    for r in range(fields):
        if sums[r] != 0:
            weight = levels[3] * sums[r]
            for i in range(n):
                variance[i] += weight * field[r, quadratures - 1, i]
        for s in range(fields):
            weight = levels[3] * form[r, s]
            for q in range(quadratures):
                for i in range(n):
                    variance[i] += weight * field[r, q, i] * field[s, q, i]
    for i in range(n):
        # Powers cannot be negative; rounding alone can leave a trace below zero.
        variance[i] = max(variance[i], variance.dtype.type(0))


@kernel(parallel=True)
def add_slot_noise_adjoint(
    field: Array,
    form: Array,
    sums: Array,
    floor: float,
    levels: Array,
    seed: int,
    step: int,
    first: int,
    stride: int,
    slot: int,
    scratch: Array,
    g_y: Array,
    g_field: Array,
    g_levels: Array,
) -> None:
    """Add the noise's share to the gradients of the fields and of the levels (B, 4).

    From y = √V ξ: ``g_V = g_y ξ / 2√V``; then ``g_F_r = 2 g_V levels[3] Σ_s form_rs F_s`` and
    ``g_P_r = g_V levels[3] sums_r``. Where V is exactly zero there is no noise and its gradient is
    taken as zero.
    """
    batch, fields, quadratures, n = field.shape
    for b in numba.prange(batch):
        variance, normal = scratch[b, 0], scratch[b, 1]
        _slot_variance(field[b], form, sums, floor, levels, variance)
        fill_normals(noise_key(seed, step, first + stride * b, slot, 0), normal)
        g_floor, g_slope = 0.0, 0.0
        for i in range(n):
            g_variance = 0.0
            if variance[i] > 0:
                g_variance = g_y[b, i] * normal[i] / (2 * np.sqrt(variance[i]))
            g_floor += g_variance * floor
            normal[i] = g_variance
        for r in range(fields):
            if sums[r] != 0:
                weight = levels[3] * sums[r]
                for i in range(n):
                    g_slope += normal[i] * sums[r] * field[b, r, quadratures - 1, i]
                    g_field[b, r, quadratures - 1, i] += weight * normal[i]
            for s in range(fields):
                for q in range(quadratures):
                    weight = (levels[3] + levels[3]) * form[r, s]
                    for i in range(n):
                        pull = normal[i] * form[r, s] * field[b, s, q, i]
                        g_slope += pull * field[b, r, q, i]
                        g_field[b, r, q, i] += weight * normal[i] * field[b, s, q, i]
        g_levels[b, 2] += g_floor
        g_levels[b, 3] += g_slope


@kernel()
def _sample_field(field: Array, mixing: Array, sample: int, background: Array, out: Array) -> None:
    """Fill ``out`` (Q, N) with E(s) = Σ_r Γ_sr F_r + c; the fields may be held or sampled."""
    drives, fields, quadratures, n = field.shape
    held = min(sample, drives - 1)
    for q in range(quadratures):
        for i in range(n):
            out[q, i] = background[q, i]
        for r in range(fields):
            share = mixing[sample, r]
            for i in range(n):
                out[q, i] += share * field[held, r, q, i]


@kernel()
def _photocurrent(
    re: float, im: float, detection: int, rho: float, lo: float, half: float
) -> tuple[float, float]:
    """Return the detected signal x and the detected power d of one sample of one lane.

    SQUARE_LAW: p = |E|², x = d = p/(1 + ρp). HOMODYNE, two photodiodes behind a 50/50 coupler:
    p± = |E ± ℓ|²/2, u± = p±/(1 + ρp±), x = (u₊ − u₋)/2ℓ, d = u₊ + u₋; x = Re E without
    saturation (PHYSICS §5). BALANCED, two photodiodes with powers p± = (P ± z)/2, where z and P
    are the two planes: x = u₊ − u₋, d = u₊ + u₋.
    """
    one = half + half
    if detection == BALANCED:
        if rho == 0:
            return re, im
        up, down = half * (im + re), half * (im - re)
        up /= one + rho * up
        down /= one + rho * down
        return up - down, up + down
    p = re * re + im * im
    if detection == SQUARE_LAW:
        u = p / (one + rho * p)
        return u, u
    if rho == 0:
        return re, p + lo * lo
    up = half * ((re + lo) * (re + lo) + im * im)
    down = half * ((re - lo) * (re - lo) + im * im)
    up /= one + rho * up
    down /= one + rho * down
    return (up - down) / (lo + lo), up + down


@kernel()
def _photocurrent_adjoint(
    re: float,
    im: float,
    detection: int,
    rho: float,
    lo: float,
    half: float,
    g_x: float,
    g_d: float,
) -> tuple[float, float, float, float]:
    """Return the gradients of Re E, Im E, ρ and ℓ.

    Through u = p/(1 + ρp): ∂u/∂p = 1/(1 + ρp)² and ∂u/∂ρ = −u².
    """
    one, two = half + half, half + half + half + half
    if detection == BALANCED:
        if rho == 0:
            return g_x, g_d, half - half, half - half
        up, down = half * (im + re), half * (im - re)
        u_up, u_down = up / (one + rho * up), down / (one + rho * down)
        g_up, g_down = g_d + g_x, g_d - g_x
        g_rho = -(g_up * u_up * u_up + g_down * u_down * u_down)
        g_up /= (one + rho * up) * (one + rho * up)
        g_down /= (one + rho * down) * (one + rho * down)
        return half * (g_up - g_down), half * (g_up + g_down), g_rho, half - half
    p = re * re + im * im
    if detection == SQUARE_LAW:
        u, g_u = p / (one + rho * p), g_x + g_d
        g_p = g_u / ((one + rho * p) * (one + rho * p))
        return two * re * g_p, two * im * g_p, -g_u * u * u, half - half
    if rho == 0:
        return g_x + two * re * g_d, two * im * g_d, half - half, two * lo * g_d
    up = half * ((re + lo) * (re + lo) + im * im)
    down = half * ((re - lo) * (re - lo) + im * im)
    u_up, u_down = up / (one + rho * up), down / (one + rho * down)
    g_up, g_down = g_d + g_x / (two * lo), g_d - g_x / (two * lo)
    g_rho = -(g_up * u_up * u_up + g_down * u_down * u_down)
    g_up /= (one + rho * up) * (one + rho * up)
    g_down /= (one + rho * down) * (one + rho * down)
    g_lo = g_up * (re + lo) - g_down * (re - lo) - g_x * (u_up - u_down) / (two * lo * lo)
    return g_up * (re + lo) + g_down * (re - lo), (g_up + g_down) * im, g_rho, g_lo


@kernel(parallel=True)
def step_slot(
    field: Array,
    mixing: Array,
    background: Array,
    detection: int,
    levels: Array,
    noisy: bool,
    pole: float,
    signal_gain: Array,
    noise_gain: Array,
    seed: int,
    step: int,
    first: int,
    stride: int,
    slot: int,
    scratch: Array,
    y: Array,
    trace: Array,
) -> None:
    """Step one slot sample by sample: switch mixing, detection with saturation, noise, low-pass.

    ``y ← pole·y + signal_gain[s] x + noise_gain[s] √(v₀ + v₁d) ξ`` (DESIGN §4), with x and d from
    `_photocurrent`.

    Parameters
    ----------
    field
        F of each drive sample, (B, S', R, Q, N); S' = 1 for a held drive, else S.
    mixing
        Γ, (S, R).
    background
        What the selected bank adds to every sample, (Q, N): a coherent bias, a noise power.
    levels
        ρ, ℓ, v₀, v₁.
    scratch
        (B, 3, N).
    y
        In and out: detector output, (B, N).
    trace
        Out: y after every sample, (B, S, N), or (B, 0, N) where it is not wanted.
    """
    batch, n = y.shape
    quadratures = field.shape[3]
    rho, lo, floor, slope = levels
    # A double literal would turn single-precision arithmetic into double.
    zero, half = y.dtype.type(0), y.dtype.type(0.5)
    for b in numba.prange(batch):
        e, normal = scratch[b, :quadratures], scratch[b, 2]
        row = y[b]
        for s in range(mixing.shape[0]):
            _sample_field(field[b], mixing, s, background, e)
            if noisy:
                fill_normals(noise_key(seed, step, first + stride * b, slot, 1 + s), normal)
            gain, shake = signal_gain[s], noise_gain[s]
            for i in range(n):
                im = e[1, i] if quadratures == 2 else zero
                x, d = _photocurrent(e[0, i], im, detection, rho, lo, half)
                value = pole * row[i] + gain * x
                if noisy:
                    value += shake * np.sqrt(floor + slope * d) * normal[i]
                row[i] = value
            if trace.shape[1] > 0:
                trace[b, s] = row


@kernel(parallel=True)
def step_slot_adjoint(
    field: Array,
    mixing: Array,
    background: Array,
    detection: int,
    levels: Array,
    noisy: bool,
    pole: float,
    signal_gain: Array,
    noise_gain: Array,
    seed: int,
    step: int,
    first: int,
    stride: int,
    slot: int,
    scratch: Array,
    g_trace: Array,
    g_y: Array,
    g_field: Array,
    g_background: Array,
    g_levels: Array,
) -> None:
    """Run a slot backwards: fields are recomputed, noise is regenerated.

    The low-pass is linear, so λ[s] = g_y[s] + pole·λ[s+1] and g_x[s] = signal_gain λ[s] (PHYSICS
    §6). With V = v₀ + v₁d: g_V = noise_gain λ ξ/2√V and g_d = v₁ g_V.

    Parameters
    ----------
    g_trace
        Gradient of y after every sample, (B, S, N), or (B, 0, N).
    g_y
        In: gradient of y at the end of the slot; out: of y before it, (B, N).
    g_field
        Out: (B, S', R, Q, N).
    g_background
        Out: per inference, (B, Q, N).
    g_levels
        Added to: (B, 4).
    """
    batch, n = g_y.shape
    drives, fields, quadratures = field.shape[1:4]
    samples = mixing.shape[0]
    rho, lo, floor, slope = levels
    zero, half = g_y.dtype.type(0), g_y.dtype.type(0.5)
    for b in numba.prange(batch):
        e, normal = scratch[b, :quadratures], scratch[b, 2]
        g_field[b] = 0
        g_background[b] = 0
        row = g_y[b]
        g_rho, g_lo, g_floor, g_slope = 0.0, 0.0, 0.0, 0.0
        for back in range(samples):
            s = samples - 1 - back
            if g_trace.shape[1] > 0:
                for i in range(n):
                    row[i] += g_trace[b, s, i]
            _sample_field(field[b], mixing, s, background, e)
            if noisy:
                fill_normals(noise_key(seed, step, first + stride * b, slot, 1 + s), normal)
            gain, shake = signal_gain[s], noise_gain[s]
            for i in range(n):
                re = e[0, i]
                im = e[1, i] if quadratures == 2 else zero
                g_d = zero
                if noisy:
                    _, d = _photocurrent(re, im, detection, rho, lo, half)
                    variance = floor + slope * d
                    if variance > 0:
                        g_v = half * shake * row[i] * normal[i] / np.sqrt(variance)
                        g_floor += g_v
                        g_slope += g_v * d
                        g_d = g_v * slope
                g_re, g_im, to_rho, to_lo = _photocurrent_adjoint(
                    re, im, detection, rho, lo, half, gain * row[i], g_d
                )
                g_rho += to_rho
                g_lo += to_lo
                e[0, i] = g_re
                if quadratures == 2:
                    e[1, i] = g_im
                row[i] *= pole
            held = min(s, drives - 1)
            for q in range(quadratures):
                for i in range(n):
                    g_background[b, q, i] += e[q, i]
                for r in range(fields):
                    share = mixing[s, r]
                    for i in range(n):
                        g_field[b, held, r, q, i] += share * e[q, i]
        g_levels[b, 0] += g_rho
        g_levels[b, 1] += g_lo
        g_levels[b, 2] += g_floor
        g_levels[b, 3] += g_slope
