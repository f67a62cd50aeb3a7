"""Kernels that step a circuit's envelopes through time, and back.

One step of a circuit of L delays (one per line and direction) and K states of modes:

    u_l[n] = Σ_k h_lk x_l[n − m_l − k]           what comes out of each delay, m_l ≥ 1
    v_i    = Σ_j c_ij v_j                        one instantaneous map, v = (u, ξ, inputs, …, rows)
    x_l[n] = v of the row that enters the delay  kept in a ring buffer
    ξ[n+1] = E ξ[n] + v of the row that drives   the state of each mode

Where there are nonlinear operations, each is applied after the rows that it needs
(`circuits.transient_op_kernels`); what it gives is among the sources of later rows. A step costs
the taps and the coefficients, whatever the delays. `lines` has a row per delay with the columns
below; v holds, in this order, what leaves delays, the states of modes and then those of
operations, inputs, what operations give, a zero and a place that is never read where there are
operations, and the rows.
"""

from typing import Any, TypeAlias

import numba
from numpy.typing import NDArray

from circuits.transient_op_adjoint_kernels import adjoint_op
from circuits.transient_op_kernels import ROWS, apply_op
from devices.compilation import kernel

Array: TypeAlias = NDArray[Any]

OFFSET = 0
"""Where the delay's ring buffer begins among all of them."""

LENGTH = 1
"""Length of its ring buffer: more than its longest tap."""

FIRST = 2
"""Delay m of its first tap in samples."""

TAPS = 3
"""Number of its taps."""

SLOPE_FIRST = 4
"""Delay of the first tap of its slope in the delay."""

ENTRY = 5
"""Index in v of the row that enters the delay."""

COLUMNS = 6


@kernel()
def _read(buffer: Array, weights: Array, count: int, start: int, low: int, high: int) -> Any:
    """Return Σ_k weights[k] · buffer[start − k], wrapped into [low, high)."""
    place = start if start >= low else start + (high - low)
    total = weights[0] * buffer[place]
    for k in range(1, count):
        place -= 1
        if place < low:
            place += high - low
        total += weights[k] * buffer[place]
    return total


@kernel()
def _read_ahead(buffer: Array, weights: Array, count: int, start: int, low: int, high: int) -> Any:
    """Return Σ_k weights[k] · buffer[start + k], wrapped into [low, high)."""
    place = start if start < high else start - (high - low)
    total = weights[0] * buffer[place]
    for k in range(1, count):
        place += 1
        if place >= high:
            place -= high - low
        total += weights[k] * buffer[place]
    return total


@kernel()
def _map_instant(
    row_start: Array, sources: Array, coefficients: Array, v: Array, n: int, first: int, stop: int
) -> None:
    """Fill the rows of v, which begin at n, from `first` to before `stop`, in their order."""
    for i in range(first, stop):
        begin = row_start[i]
        total = coefficients[begin] * v[sources[begin]]
        for j in range(begin + 1, row_start[i + 1]):
            total += coefficients[j] * v[sources[j]]
        v[n + i] = total


@kernel()
def _unmap_instant(
    row_start: Array,
    sources: Array,
    coefficients: Array,
    v: Array,
    bar: Array,
    coefficients_bar: Array,
    n: int,
    first: int,
    stop: int,
) -> None:
    """Take v̄ of some rows to their sources, from the last to the first."""
    for i in range(stop - 1, first - 1, -1):
        of_row = bar[n + i]
        for j in range(row_start[i], row_start[i + 1]):
            bar[sources[j]] += coefficients[j] * of_row
            coefficients_bar[j] += of_row * v[sources[j]]


@kernel(parallel=True)
def step_forward(
    lines: Array,
    taps: Array,
    slope_taps: Array,
    row_start: Array,
    sources: Array,
    coefficients: Array,
    keeps: Array,
    drives: Array,
    carriers: Array,
    ops: Array,
    numbers: Array,
    slots: Array,
    exits: Array,
    dt: float,
    noisy: bool,
    seed: int,
    keep: bool,
    first: int,
    stop: int,
    inputs: Array,
    buffers: Array,
    states: Array,
    places: Array,
    normals: Array,
    values: Array,
    slopes: Array,
    outputs: Array,
) -> None:
    """Take the samples from `first` to before `stop`, in all rows of a batch.

    Parameters
    ----------
    lines, taps, slope_taps
        (L, COLUMNS) integers; h and ∂h/∂(delay in samples), (L, K) real.
    row_start, sources, coefficients
        The instantaneous map, row by row: entries row_start[i] to row_start[i + 1];
        `coefficients` (carriers, entries).
    keeps, drives
        E of each state, (carriers, K), and the index in v of what drives it, (K,).
    carriers
        Which carrier each row of the batch has, (B,).
    ops, numbers, slots
        Table of operations in their order, all their numbers, complex, and slots of sources in
        one sample, (operations,).
    exits
        Index in v of each output, (O,).
    dt, noisy, seed
        Length of a sample in s; whether there is noise, and its seed.
    keep
        Whether `values` and `slopes` keep every sample, for the adjoint.
    first, stop
        Samples to take.
    inputs
        (B, I, samples) complex.
    buffers, states
        Ring buffers of all delays, (B, total), and states of modes and operations, (B, K + …), of
        the sample before, updated.
    places, normals
        Scratch, (B, L) and (B, 4).
    values, slopes
        v and Σ_k h'_k x[n − m − k] of each sample, (B, stop − first, V) and (B, stop − first, L);
        a middle axis of 1 where not kept.
    outputs
        (B, O, samples), written.
    """
    n_lines, n_rows, n_ops = lines.shape[0], row_start.shape[0] - 1, ops.shape[0]
    n_inputs, n_states, n_modes = inputs.shape[1], states.shape[1], drives.shape[0]
    n_sources = values.shape[2] - n_rows
    for b in numba.prange(inputs.shape[0]):
        place, buffer, state = places[b], buffers[b], states[b]
        factors, keeping = coefficients[carriers[b]], keeps[carriers[b]]
        for line in range(n_lines):
            place[line] = lines[line, OFFSET] + first % lines[line, LENGTH]
        for n in range(first, stop):
            v = values[b, n - first if keep else 0]
            for line in range(n_lines):
                low = lines[line, OFFSET]
                high = low + lines[line, LENGTH]
                start = place[line] - lines[line, FIRST]
                v[line] = _read(buffer, taps[line], lines[line, TAPS], start, low, high)
                if keep:
                    start = place[line] - lines[line, SLOPE_FIRST]
                    slopes[b, n - first, line] = _read(
                        buffer, slope_taps[line], slope_taps.shape[1], start, low, high
                    )
            for k in range(n_states):
                v[n_lines + k] = state[k]
            for i in range(n_inputs):
                v[n_lines + n_states + i] = inputs[b, i, n]
            row = 0
            for o in range(n_ops):
                _map_instant(row_start, sources, factors, v, n_sources, row, ops[o, ROWS])
                row = ops[o, ROWS]
                apply_op(
                    ops[o], numbers, slots[o], dt, n, noisy, seed, b, normals[b], v, state
                )  # fmt: skip
            _map_instant(row_start, sources, factors, v, n_sources, row, n_rows)
            for line in range(n_lines):
                buffer[place[line]] = v[lines[line, ENTRY]]
                place[line] += 1
                if place[line] == lines[line, OFFSET] + lines[line, LENGTH]:
                    place[line] = lines[line, OFFSET]
            for k in range(n_modes):
                state[k] = keeping[k] * state[k] + v[drives[k]]
            for o in range(exits.shape[0]):
                outputs[b, o, n] = v[exits[o]]


@kernel(parallel=True)
def step_adjoint(
    lines: Array,
    taps: Array,
    row_start: Array,
    sources: Array,
    coefficients: Array,
    keeps: Array,
    drives: Array,
    carriers: Array,
    ops: Array,
    numbers: Array,
    slots: Array,
    exits: Array,
    dt: float,
    noisy: bool,
    seed: int,
    first: int,
    stop: int,
    values: Array,
    slopes: Array,
    outputs_bar: Array,
    buffers_bar: Array,
    states_bar: Array,
    places: Array,
    normals: Array,
    v_bar: Array,
    inputs_bar: Array,
    coefficients_bar: Array,
    delays_bar: Array,
    keeps_bar: Array,
    numbers_bar: Array,
) -> None:
    """Run the samples of one `step_forward`, kept, backwards.

    With v̄ = ∂L/∂v in the bilinear sense, dL = Re Σ v̄ dv, a step transposed is

        v̄_row     = Ō at outputs,  += Σ_k h_k ū[n + m + k] at rows that enter a delay,
                                    += ξ̄[n + 1] at rows that drive a state
        v̄_j      += c_ij v̄_i,   c̄_ij += v̄_i v_j     rows from the last to the first, operations
                                                     between them as they lay
        ū_l[n]    = v̄_l,         d̄_l  += v̄_l Σ_k h'_k x[n − m − k]
        ξ̄[n]      = v̄_ξ + E ξ̄[n + 1],   Ē += ξ̄[n + 1] ξ[n]

    Parameters
    ----------
    values, slopes
        Kept by `step_forward`, (B, N, V) and (B, N, L).
    outputs_bar
        ∂L/∂outputs, (B, O, samples).
    buffers_bar, states_bar
        (B, total), ū of later samples, and ∂L/∂states after the last, read and written.
    places, normals, v_bar
        (B, L), (B, 4) and (B, V) scratch.
    inputs_bar
        (B, I, samples), written.
    coefficients_bar, delays_bar, keeps_bar, numbers_bar
        (B, C), (B, L), (B, K) and (B, N), added to; the real part of the second is meant, per
        sample of delay.
    """
    n_lines, n_rows, n_ops = lines.shape[0], row_start.shape[0] - 1, ops.shape[0]
    n_inputs, n_states, n_modes = inputs_bar.shape[1], states_bar.shape[1], drives.shape[0]
    n_sources = values.shape[2] - n_rows
    for b in numba.prange(inputs_bar.shape[0]):
        place, buffer, state, bar = places[b], buffers_bar[b], states_bar[b], v_bar[b]
        factors, keeping = coefficients[carriers[b]], keeps[carriers[b]]
        of_factors, of_keeping = coefficients_bar[b], keeps_bar[b]
        for line in range(n_lines):
            length = lines[line, LENGTH]
            place[line] = lines[line, OFFSET] + (stop - 1) % length
        for n in range(stop - 1, first - 1, -1):
            v = values[b, n - first]
            bar[:] = 0.0
            for o in range(exits.shape[0]):
                bar[exits[o]] = outputs_bar[b, o, n]
            for k in range(n_modes):
                bar[drives[k]] += state[k]
                bar[n_lines + k] += keeping[k] * state[k]
                of_keeping[k] += state[k] * v[n_lines + k]
            for line in range(n_lines):
                low = lines[line, OFFSET]
                high = low + lines[line, LENGTH]
                start = place[line] + lines[line, FIRST]
                bar[lines[line, ENTRY]] += _read_ahead(
                    buffer, taps[line], lines[line, TAPS], start, low, high
                )
            row = n_rows
            for o in range(n_ops - 1, -1, -1):
                _unmap_instant(
                    row_start, sources, factors, v, bar, of_factors, n_sources, ops[o, ROWS], row
                )
                row = ops[o, ROWS]
                adjoint_op(
                    ops[o], numbers, slots[o], dt, n, noisy, seed, b, normals[b], v, state, bar,
                    numbers_bar[b],
                )  # fmt: skip
            _unmap_instant(row_start, sources, factors, v, bar, of_factors, n_sources, 0, row)
            for line in range(n_lines):
                buffer[place[line]] = bar[line]
                delays_bar[b, line] += bar[line] * slopes[b, n - first, line]
                place[line] -= 1
                if place[line] < lines[line, OFFSET]:
                    place[line] += lines[line, LENGTH]
            for k in range(n_states):
                state[k] = bar[n_lines + k]
            for i in range(n_inputs):
                inputs_bar[b, i, n] = bar[n_lines + n_states + i]
