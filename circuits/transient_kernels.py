"""Kernels that step a circuit's envelopes through time, and back.

One step of a circuit of L delays (one per line and direction):

    u_l[n] = Σ_k h_lk x_l[n − m_l − k]           what comes out of each delay, m_l ≥ 1
    v_i    = Σ_j c_ij v_j                        one instantaneous map, v = (u, inputs, rows)
    x_l[n] = v of the row that enters the delay  kept in a ring buffer

A step costs the taps and the coefficients, whatever the delays. `lines` has a row per delay with
the columns below.
"""

from typing import Any, TypeAlias

import numba
from numpy.typing import NDArray

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
def _map_instant(row_start: Array, sources: Array, coefficients: Array, v: Array, n: int) -> None:
    """Fill the rows of v, which begin at n, in their order."""
    for i in range(row_start.shape[0] - 1):
        first = row_start[i]
        total = coefficients[first] * v[sources[first]]
        for j in range(first + 1, row_start[i + 1]):
            total += coefficients[j] * v[sources[j]]
        v[n + i] = total


@kernel(parallel=True)
def step_forward(
    lines: Array,
    taps: Array,
    slope_taps: Array,
    row_start: Array,
    sources: Array,
    coefficients: Array,
    exits: Array,
    keep: bool,
    first: int,
    stop: int,
    inputs: Array,
    buffers: Array,
    places: Array,
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
        The instantaneous map, row by row: entries row_start[i] to row_start[i + 1].
    exits
        Index in v of each output, (O,).
    keep
        Whether `values` and `slopes` keep every sample, for the adjoint.
    inputs
        (B, I, samples).
    buffers, places
        (B, total), what is inside the delays, read and written; (B, L) scratch.
    values, slopes
        v, (B, N, V), and Σ_k h'_k x[n − m − k], (B, N, L), from `first` on; N = 1 unless kept.
    outputs
        (B, O, samples), written.
    """
    n_lines = lines.shape[0]
    n_inputs = inputs.shape[1]
    for b in numba.prange(inputs.shape[0]):
        place, buffer = places[b], buffers[b]
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
            for i in range(n_inputs):
                v[n_lines + i] = inputs[b, i, n]
            _map_instant(row_start, sources, coefficients, v, n_lines + n_inputs)
            for line in range(n_lines):
                buffer[place[line]] = v[lines[line, ENTRY]]
                place[line] += 1
                if place[line] == lines[line, OFFSET] + lines[line, LENGTH]:
                    place[line] = lines[line, OFFSET]
            for o in range(exits.shape[0]):
                outputs[b, o, n] = v[exits[o]]


@kernel(parallel=True)
def step_adjoint(
    lines: Array,
    taps: Array,
    row_start: Array,
    sources: Array,
    coefficients: Array,
    exits: Array,
    first: int,
    stop: int,
    values: Array,
    slopes: Array,
    outputs_bar: Array,
    buffers_bar: Array,
    places: Array,
    v_bar: Array,
    inputs_bar: Array,
    coefficients_bar: Array,
    delays_bar: Array,
) -> None:
    """Run the samples of one `step_forward`, kept, backwards.

    With v̄ = ∂L/∂v in the bilinear sense, dL = Re Σ v̄ dv, a step transposed is

        v̄_row     = Ō at outputs,  += Σ_k h_k ū[n + m + k] at rows that enter a delay
        v̄_j      += c_ij v̄_i,   c̄_ij += v̄_i v_j     rows from the last to the first
        ū_l[n]    = v̄_l,         d̄_l  += v̄_l Σ_k h'_k x[n − m − k]

    Parameters
    ----------
    values, slopes
        Kept by `step_forward`, (B, N, V) and (B, N, L).
    outputs_bar
        ∂L/∂outputs, (B, O, samples).
    buffers_bar, places, v_bar
        (B, total), ū of later samples, read and written; (B, L) and (B, V) scratch.
    inputs_bar
        (B, I, samples), written.
    coefficients_bar, delays_bar
        (B, C) and (B, L), added to; the real part of the latter is meant, per sample of delay.
    """
    n_lines = lines.shape[0]
    n_inputs = inputs_bar.shape[1]
    n_rows = row_start.shape[0] - 1
    for b in numba.prange(inputs_bar.shape[0]):
        place, buffer, bar = places[b], buffers_bar[b], v_bar[b]
        for line in range(n_lines):
            length = lines[line, LENGTH]
            place[line] = lines[line, OFFSET] + (stop - 1) % length
        for n in range(stop - 1, first - 1, -1):
            v = values[b, n - first]
            bar[:] = 0.0
            for o in range(exits.shape[0]):
                bar[exits[o]] = outputs_bar[b, o, n]
            for line in range(n_lines):
                low = lines[line, OFFSET]
                high = low + lines[line, LENGTH]
                start = place[line] + lines[line, FIRST]
                bar[lines[line, ENTRY]] += _read_ahead(
                    buffer, taps[line], lines[line, TAPS], start, low, high
                )
            for i in range(n_rows - 1, -1, -1):
                of_row = bar[n_lines + n_inputs + i]
                for j in range(row_start[i], row_start[i + 1]):
                    bar[sources[j]] += coefficients[j] * of_row
                    coefficients_bar[b, j] += of_row * v[sources[j]]
            for line in range(n_lines):
                buffer[place[line]] = bar[line]
                delays_bar[b, line] += bar[line] * slopes[b, n - first, line]
                place[line] -= 1
                if place[line] < lines[line, OFFSET]:
                    place[line] += lines[line, LENGTH]
            for i in range(n_inputs):
                inputs_bar[b, i, n] = bar[n_lines + i]
