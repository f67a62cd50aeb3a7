"""Where the rings of a chip are, found on the bench, and the detunings that make a matrix.

One heater after the other is swept over a free spectral range while the other rings of its row
stay where they are. What its own colour then reads is a line of the ring's own shape on a ground
that the others make,

    y(t) = c + a w(x),    x = (o − t FSR)/(FWHM/2) ,

whose place o is fitted. Rings that are not found yet stand anywhere and may shadow a colour, so a
ring whose line is weak is swept again when the others are known and parked halfway between two
channels. With P readings spaced by h half-linewidths across a line of height A and a reading's
noise σ, the fit's standard deviation is (Cramér, Rao; ∫ 4x²/(1 + x²)⁴ dx = π/4)

    σ_x = (σ/A) √(4 h/π) .

Then the detunings: rings alone have a closed form, and what the neighbours do to a colour is small,
so that asking for what is missing on top converges: w′ ← w′ + (W/g − w). The same rounds on what is
read instead of what is computed are a feedback control (Tait et al., Opt. Express 24, 8895 (2016);
26, 26422 (2018)). The first three take out all that is missing, those behind a half, a third, …,
so that R rounds leave the mean of the last R − 2 readings: a weight's error is σ/√(R − 2).
"""

from math import ceil

import numpy as np

from circuits.ring_bench import RingBench
from circuits.ring_weight import Reals
from circuits.ring_weight_bank import RingWeightBank

_FINE = 12
"""Readings to either side of the highest one, and to a linewidth."""

_WEAK = 0.2
"""Height of a line, of that of a ring alone, below which it counts as shadowed."""

_PASSES = 6
"""Passes over all rings; three were seen to do for 128 rings a row, scattered by five channels."""

_SETTLING = 2
"""Rounds of feedback that only bring weights near; their noise is forgotten."""


def find_resonances(bench: RingBench) -> Reals:
    """Return the resonances of all rings above their channels in Hz, within ±FSR/2, (K, N, N).

    Raises
    ------
    ValueError
        Where the heaters step over the lines, or a line stays too weak to be found.
    """
    width = 2.0 / bench.linewidths  # FWHM in turns
    if bench.step > width:
        raise ValueError(
            f"heater_bits must be at least {ceil(-np.log2(width))} to find resonances (a step "
            f"within the linewidth, FSR/FWHM = {1 / width:.0f}); got {bench.heater_bits}."
        )
    place, known = np.zeros(bench.shape), np.zeros(bench.shape, dtype=bool)
    channel = bench.design.spacing(bench.shape[-1]) / bench.spectral_range
    for attempt in range(_PASSES):
        for ring in range(bench.shape[-1]):
            if np.all(known[..., ring]):
                continue
            parked = np.where(known, place - channel / 2, attempt * channel / 4)
            found, height = _find(bench, parked, ring)
            new = ~known[..., ring] & (height > _WEAK)
            place[..., ring] = np.where(new, found, place[..., ring])
            known[..., ring] |= new
        if np.all(known):
            return (np.mod(place + 0.5, 1.0) - 0.5) * bench.spectral_range
    raise ValueError(
        f"{np.sum(~known)} of {known.size} rings were not found: their lines stay below "
        f"{_WEAK:.0%} of a ring's. Take channels further apart or fewer of them."
    )


def solve_detunings(rings: RingWeightBank, weights: Reals, *, rounds: int = 60) -> Reals:
    """Return the detunings with which exact rings have these weights, neighbours included.

    Parameters
    ----------
    rings
        Without errors, `exact_rings`.
    weights
        T_d − T_p that is wanted of every ring, (K, N, N); beyond `reach` as near as it gets.
    rounds
        At most; fewer where 1e-12 is reached.
    """
    low, high = reach(rings, weights.shape[-1])
    x = rings.detuning_for(np.clip(weights, low, high))
    for _ in range(rounds):
        missing = weights - rings.matrices(x)[:, 0]
        if np.max(np.abs(missing)) < 1e-12:
            break
        x = rings.detuning_for(np.clip(rings.weights(x) + missing, low, high))
    return x


def trim_detunings(
    bench: RingBench, weights: Reals, detuning: Reals, offset: Reals, *, rounds: int = 8
) -> Reals:
    """Return detunings trimmed by what the bench reads of the weights, (K, N, N).

    Parameters
    ----------
    weights
        T_d − T_p that is wanted, (K, N, N).
    detuning
        Where the rings are to begin with, from `solve_detunings`.
    offset
        Resonances in Hz as calibrated, from `find_resonances`: what turns detunings to heat.
    rounds
        R, one reading of every weight each.
    """
    low, high = reach(bench.design, weights.shape[-1])
    x = detuning
    for number in range(1, rounds + 1):
        turns = turns_for(bench, x, offset)
        missing = (weights - bench.read(turns)) / max(1, number - _SETTLING)
        # From where the converters' steps have put them: less than half a step changes nothing.
        x = detunings_at(bench, turns, offset)
        x = bench.design.detuning_for(np.clip(bench.design.weights(x) + missing, low, high))
    return x


def turns_for(bench: RingBench, detuning: Reals, offset: Reals) -> Reals:
    """Return the heaters' turns, (K, N, N), that bring rings from ``offset`` (Hz) to x."""
    return bench.applied(offset / bench.spectral_range - detuning / bench.linewidths)


def detunings_at(bench: RingBench, turns: Reals, offset: Reals) -> Reals:
    """Return x, (K, N, N), of rings from ``offset`` (Hz) whose heaters are at ``turns``."""
    return bench.detuning(offset / bench.spectral_range - turns)


def reach(rings: RingWeightBank, n: int) -> tuple[float, float]:
    """Return the range of weights of rings that stay at their channels.

    A ring tuned further than halfway to the next channel would drop that one.
    """
    low, high = rings.weight_limits
    if rings.crosstalk and n > 1:
        halfway = np.array(rings.spacing(n) / 2 / rings.half_linewidth)
        low = float(rings.weights(halfway))
    return low, high


def _find(bench: RingBench, turns: Reals, ring: int) -> tuple[Reals, Reals]:
    """Return the place (turns) and the relative height of a ring's line in every row, (K, N)."""
    coarse = np.linspace(0.0, 1.0, ceil(bench.linewidths / 2), endpoint=False)[:, None, None]
    at = coarse[np.argmax(bench.sweep(turns, ring, coarse), axis=0), 0, 0]
    step = max(2.0 / bench.linewidths / _FINE, bench.step)
    points = bench.applied(at + step * np.arange(-_FINE, _FINE + 1)[:, None, None])
    values = bench.sweep(turns, ring, points)
    return _fit_line(bench, points, values)


def _fit_line(bench: RingBench, points: Reals, values: Reals) -> tuple[Reals, Reals]:
    """Fit c + a w(x) to readings, (P, K, N), by Gauss-Newton; return o in turns, and a."""
    design, scale = bench.design, bench.linewidths
    best = np.argmax(values, axis=0)[None]
    place = np.take_along_axis(points, best, axis=0)[0]
    height = (values.max(axis=0) - values.min(axis=0)) / (1.0 + design.weight_limits[1])
    for _ in range(20):
        x = bench.detuning(place - points)
        slopes = [np.ones_like(x), design.weights(x), height * design.weight_slope(x)]
        jacobian = np.stack(slopes, axis=-1)
        normal = np.einsum("p...i,p...j->...ij", jacobian, jacobian)
        right = np.einsum("p...i,p...->...i", jacobian, values)
        # c and a are found anew, x moves; a line of no height (shadowed) has no slope.
        solved = np.linalg.solve(normal + 1e-12 * np.eye(3), right[..., None])[..., 0]
        height, move = solved[..., 1], np.clip(solved[..., 2], -0.5, 0.5)
        place = place + move / scale
        if np.max(np.abs(move)) < 1e-11:
            break
    return place, height
