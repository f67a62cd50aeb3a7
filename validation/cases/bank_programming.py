"""Rings and junctions as they are programmed onto one chip: calibration, feedback, wires, range."""

from math import pi

import numpy as np

from circuits import (
    CrossbarBank,
    RingBench,
    RingWeightBank,
    compensate_wires,
    find_resonances,
    program_crossbar,
    program_rings,
    rescale_weights,
    solve_detunings,
    trim_detunings,
)
from circuits.ring_calibration import turns_for
from devices import TunnelJunctionCrossbar
from validation.case import Measurement, Reals, case, measured
from validation.cases.sample_rings import TRIP, add_drop_ring
from validation.closed_forms import crossbar, ring
from validation.deviation import FOUR_SIGMA, standard_errors

TAIT = "Tait et al., Opt. Express 24, 8895 (2016); 26, 26422 (2018)"

_KEPT, _COUPLING = 0.99, 0.96
_HALF_LINEWIDTH = float(ring.ring_linewidth_phase(_KEPT * _COUPLING**2)) / 2
"""Of the round-trip phase, in rad."""


_DEVICE = add_drop_ring(_KEPT, _COUPLING, _COUPLING)
_RINGS = RingWeightBank(ring=_DEVICE, tuning_error=0.0)


def _fabricated(shape: tuple[int, ...], seed: int) -> Reals:
    """Resonances of a chip in Hz, scattered by a tenth of a spectral range."""
    return np.asarray(np.random.default_rng(seed).normal(size=shape) * 0.1 / TRIP)


def _by_turns(turns: Reals) -> Reals:
    """What rings so many spectral ranges above their channels do to powers, row by row."""
    n = turns.shape[-1]
    grid = 2 * pi * (np.arange(n)[:, None] - np.arange(n)) / n
    rows = [
        np.subtract(*ring.weight_row(grid - 2 * pi * row, _KEPT, _COUPLING))
        for row in turns.reshape(-1, n)
    ]
    return np.reshape(rows, turns.shape)


# -------------------------------------------------------------------------------------------- rings


@case(
    name="ring-calibration",
    title="Scatter of resonances found by a sweep, over the noise of its readings",
    formula="σ_x² = σ²/Σ (∂w/∂x)², 25 readings across two linewidths",
    source="Cramér-Rao bound of a line whose height and ground are fitted, too; " + TAIT,
    model="circuits.find_resonances",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def calibration() -> Measurement:
    """Chips of 2 × 3 × 3 rings; the line is even, its slope odd, and nothing else mixes in."""
    noise, runs = np.array([1e-4, 3e-4, 1e-3, 3e-3]), 40
    alone = RingWeightBank(ring=_DEVICE, tuning_error=0.0, crosstalk=False)
    place = np.arange(-12, 13) / 6
    slope = ring.ring_weight_slope(place * _HALF_LINEWIDTH, _KEPT, _COUPLING, _COUPLING)
    exact = noise / np.sqrt(np.sum((slope * _HALF_LINEWIDTH) ** 2))
    found = np.empty((len(noise), runs))
    for (row, run), _ in np.ndenumerate(found):
        offset = _fabricated((2, 3, 3), run)
        bench = RingBench(alone, offset, reading_noise=float(noise[row]), seed=runs * row + run)
        turns = np.mod((find_resonances(bench) - offset) * TRIP + 0.5, 1.0) - 0.5
        found[row, run] = np.mean((turns * 2 * pi / _HALF_LINEWIDTH) ** 2)
    return measured(
        noise * 1e3, exact * 1e3, np.sqrt(found.mean(axis=1)) * 1e3,
        x="noise of a reading / 10^{−3}", y="σ_x / 10^{−3} half linewidths",
        error=standard_errors(found / exact[:, None] ** 2, np.ones(len(noise))),
    )  # fmt: skip


@case(
    name="ring-bank-solved",
    title="Weights of rings whose detunings are solved with all neighbours",
    formula="(T_d − T_p)_j = W_ij/g of the whole row",
    source="Tait et al., J. Lightwave Technol. 32, 4029 (2014)",
    model="circuits.solve_detunings",
    tolerance=1e-10,
    why="rounds end at 1e-12 of the model's weights; rounding over 1 − R, 0.09",
)
def solved() -> Measurement:
    """Six channels an FSR/6 apart; alone, the same rings are off by up to 0.1."""
    wanted = np.random.default_rng(21).uniform(-0.7, 0.5, size=(2, 6, 6))
    x = solve_detunings(_RINGS, wanted)
    made = _by_turns(np.asarray(x, dtype=np.float64) * _HALF_LINEWIDTH / (2 * pi))
    order = np.argsort(wanted, axis=None)
    return measured(
        wanted.ravel()[order], wanted.ravel()[order], made.ravel()[order], x="w wanted", y="w made"
    )


@case(
    name="ring-feedback",
    title="Error of weights behind a feedback control, over its rounds",
    formula="σ_w = σ/√(R − 2)",
    source="mean of the last R − 2 readings; " + TAIT,
    model="circuits.trim_detunings",
    tolerance=4.0,
    why=FOUR_SIGMA + "; what neighbours leave of the first round is 1e-3 of σ",
)
def feedback() -> Measurement:
    """All resonances have moved by a fiftieth of a linewidth since the calibration."""
    rounds, runs, noise = np.array([4, 6, 11, 18]), 40, 1e-3
    wanted = np.random.default_rng(22).uniform(-0.6, 0.4, size=(1, 6, 6))
    start = solve_detunings(_RINGS, wanted)
    found = np.empty((len(rounds), runs))
    for (row, run), _ in np.ndenumerate(found):
        offset = _fabricated(wanted.shape, run)
        moved = offset + 0.04 * _HALF_LINEWIDTH / (2 * pi * TRIP)
        bench = RingBench(_RINGS, moved, reading_noise=noise, seed=100 * row + run)
        x = trim_detunings(bench, wanted, start, offset, rounds=int(rounds[row]))
        made = _by_turns(moved * TRIP - turns_for(bench, x, offset))
        found[row, run] = np.mean((made - wanted) ** 2)
    exact = noise / np.sqrt(rounds - 2)
    return measured(
        rounds, exact * 1e3, np.sqrt(found.mean(axis=1)) * 1e3, x="R", y="σ_w / 10^{−3}",
        error=standard_errors(found / exact[:, None] ** 2, np.ones(len(rounds))),
    )  # fmt: skip


@case(
    name="ring-range",
    title="Signal-to-noise ratio that the range of rings costs, over their loss",
    formula="−20 log₁₀ w_max dB, w_max = (κ⁴a − r²(1−a)²)/(1 − r²a)²",
    source="noise comes out multiplied by g = max W/w_max",
    model="circuits.rescale_weights, program_rings",
    tolerance=1e-11,
    why="rounding, magnified by 1/(1 − r²a)² = 500",
)
def ring_range() -> Measurement:
    """Against rings that reach 1; set blindly, so that neighbours are not counted."""
    transmission = np.linspace(0.97, 0.999, 30)
    wanted = np.array([[[0.8, -0.1], [0.3, 0.2]]])
    reference = -20 * np.log10(ring.symmetric_ring_weight_limit(transmission, 0.96))
    banks = [RingWeightBank(ring=add_drop_ring(a, 0.96, 0.96)) for a in transmission]
    lost = [rescale_weights(wanted, *bank.weight_limits).lost_snr_db for bank in banks]
    told = [program_rings(bank, wanted, 0, "naive").wanted.lost_snr_db for bank in banks]
    return measured(
        np.tile(transmission, 2), np.tile(reference, 2), np.array(lost + told), x="a", y="lost / dB"
    )


# ---------------------------------------------------------------------------------------- crossbars


def _blind(count: int, runs: int) -> tuple[Reals, float]:
    """Mean squares of what blindly written weights are off by, run by run, and what is expected."""
    device = TunnelJunctionCrossbar(
        conductance_spread=0.05, line_resistance=0.0, junctions=count, switching_probability=1.0
    )
    wanted = np.random.default_rng(count).uniform(-1, 1, size=(1, 24, 24))
    wanted[0, 0, 0] = 1.0  # the gain is 1
    up = np.abs(crossbar.nearest_level(wanted, count)) * count
    squares = sum(
        crossbar.parallel_spread(0.05, 1.0, 1 / 2.5, k, count) ** 2 for k in (up, np.zeros(1))
    )
    scatter = np.mean(squares) / (count * 1.5 / 2.5) ** 2
    rounded = np.mean((crossbar.nearest_level(wanted, count) - wanted) ** 2)
    made = [
        program_crossbar(CrossbarBank(junction=device), wanted, seed, "naive").matrices
        for seed in range(runs)
    ]
    off = np.mean((np.array(made) - wanted) ** 2, axis=(1, 2, 3))
    return off, float(scatter + rounded)


@case(
    name="crossbar-blind",
    title="Error of weights written blindly, over the junctions of a conductance",
    formula="σ_w² = Δ²/12 + s² Σ g²/(n(G_P − G_AP))², Δ = 1/n",
    source="uniform rounding (Bennett, Bell Syst. Tech. J. 27, 446 (1948)); independent junctions",
    model="circuits.program_crossbar",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def blind() -> Measurement:
    """Curve: the closed form for uniform weights. Judged against the rounding of those drawn."""
    count, runs = np.array([1, 2, 3, 5, 7, 11, 15]), 40
    found, exact = zip(*[_blind(int(n), runs) for n in count], strict=True)
    share = np.linspace(0, 1, 1001)
    squares = np.mean(share + (2 - share) / 2.5**2)
    closed = np.sqrt(1 / (12 * count**2) + 0.05**2 * squares / (count * 0.6**2))
    return measured(
        count, closed, np.sqrt(np.mean(found, axis=1)), x="n", y="σ_w",
        error=standard_errors(np.array(found), np.array(exact)),
    )  # fmt: skip


@case(
    name="crossbar-compensated",
    title="Weights behind wires that were made up for",
    formula="Σ of Kirchhoff's currents per volt = W_oj",
    source="nodal analysis of all 2mn nodes in one dense matrix",
    model="circuits.compensate_wires",
    tolerance=1e-9,
    why="rounds end at 1e-10 of a full weight",
)
def compensated() -> Measurement:
    """Twelve by twelve cells; uncompensated, the farthest lose a third."""
    bank = CrossbarBank(junction=TunnelJunctionCrossbar(line_resistance=8.0))
    wanted = np.random.default_rng(23).uniform(-1, 1, size=(1, 12, 12))
    raised, weights = compensate_wires(bank, rescale_weights(wanted))
    span = 7e-4 * 1.5 / 2.5
    currents = [
        crossbar.receiver_currents((7e-4 / 2.5 + np.maximum(w, 0) * span).T, 8.0)
        for w in (weights[0], -weights[0])
    ]
    made = (raised.gain * (currents[0] - currents[1]) / span).ravel()
    order = np.argsort(wanted, axis=None)
    return measured(
        wanted.ravel()[order], wanted.ravel()[order], made[order], x="W wanted", y="W made"
    )
