"""Crosstalk between fields: what one leak does to a signal, and what it costs a link."""

import numpy as np

from devices import FiberSwitch, crosstalk_penalty_db
from validation.case import Measurement, Reals, case, measured
from validation.closed_forms import switch
from validation.deviation import FOUR_SIGMA, standard_errors

GOLDSTEIN = "Goldstein, Eskildsen, Elrefaie, IEEE Photon. Technol. Lett. 6, 657 (1994)"
TAKAHASHI = "Takahashi, Oda, Toba, J. Lightwave Technol. 14, 1097 (1996)"


def _beating_power(isolation: float, lanes: int, seed: int) -> Reals:
    """Power of a unit signal with one leak, over lanes whose phases the switch draws.

    The signal's own phase is none of those that a lazy draw would favour.
    """
    device = FiberSwitch(isolation_db=isolation)
    phase = device.draw_leakage_phases(2, lanes, np.random.default_rng([29, seed]))[1]
    leak = device.leakage_amplitudes(2)[0, 1]
    return np.asarray(np.abs(np.exp(1.1j) + leak * np.exp(1j * phase)) ** 2)


@case(
    name="crosstalk-extremes",
    title="Brightest and darkest a signal becomes by one coherent leak",
    formula="P = (1 ± √ε)²",
    source=GOLDSTEIN,
    model="devices.FiberSwitch.leakage_amplitudes",
    tolerance=3e-7,
    why="the nearest of 20 000 random phases misses an extreme by some δ = 2e-4 rad, by √ε·δ² of "
    "the power at √ε = 0.3; the unluckiest of 82 extremes by 5 δ",
)
def extremes() -> Measurement:
    """A leak of −40 dB moves the power by ±2 %, not by 1e-4."""
    isolation = np.linspace(10, 50, 41)
    powers = [_beating_power(x, 20_000, seed) for seed, x in enumerate(isolation)]
    bright = np.array([power.max() for power in powers])
    dark = np.array([power.min() for power in powers])
    least, most = switch.coherent_crosstalk_extremes(10 ** (-isolation / 10))
    return measured(
        isolation, most, bright, x="X / dB", y="brightest P",
        error=float(max(np.max(np.abs(bright - most)), np.max(np.abs(dark - least)))),
    )  # fmt: skip


@case(
    name="crosstalk-variance",
    title="Variance of a signal's power by one coherent leak",
    formula="σ² = 2ε",
    source=TAKAHASHI,
    model="devices.FiberSwitch.draw_leakage_phases",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def variance() -> Measurement:
    """Fields add, so the spread is √(2ε): 20 dB more isolation buys 10 dB."""
    isolation = np.linspace(10, 50, 41)
    runs = np.stack(
        [
            np.var(_beating_power(x, 20_000, 100 + seed).reshape(40, 500), axis=1, ddof=1)
            for seed, x in enumerate(isolation)
        ]
    )
    expected = switch.coherent_crosstalk_variance(10 ** (-isolation / 10))
    return measured(
        isolation, 5 * np.log10(expected), 5 * np.log10(runs.mean(axis=1)),
        x="X / dB", y="10 log₁₀ σ", error=standard_errors(runs, expected),
    )  # fmt: skip


@case(
    name="crosstalk-penalty",
    title="Power penalty of one leak with a random phase: 0.182, 0.383, 0.825, 1.679 dB",
    formula="⟨½erfc((2QP(1 + 2√ε cos φ) − Q)/√2)⟩ = ½erfc(Q/√2), Q = 6; penalty 10 log₁₀ P",
    source="arcsine law of a beat: " + TAKAHASHI,
    model="devices.crosstalk_penalty_db",
    tolerance=1e-10,
    why="rounding: the Taylor series of the reference cancels 1e4 of its terms at the largest ε",
)
def penalty() -> Measurement:
    """A contour integral against a Taylor series; the printed values to their last digit."""
    ratio = np.concatenate([np.logspace(-4, -1.5, 36), [1e-3, 3e-3, 1e-2, 3e-2]])
    ratio.sort()
    reference = switch.single_crosstalk_penalty_db(ratio, 6.0)
    got = np.asarray(crosstalk_penalty_db(ratio[:, None]))
    printed = {1e-3: 0.182, 3e-3: 0.383, 1e-2: 0.825, 3e-2: 1.679}
    beyond_the_digit = max(
        float(np.max(np.abs(got[ratio == e] - value))) - 5e-4 for e, value in printed.items()
    )
    error = max(float(np.max(np.abs(got / reference - 1))), beyond_the_digit)
    return measured(10 * np.log10(ratio), reference, got, x="ε / dB", y="penalty / dB", error=error)


@case(
    name="crosstalk-penalty-normal",
    title="Power penalty of normal beats, threshold at the optimum and in the middle",
    formula="−10 log₁₀(1 − 2XQ²), −5 log₁₀(1 − 8XQ²), X = Σε, Q = 6",
    source=TAKAHASHI,
    model="devices.crosstalk_penalty_db",
    tolerance=1e-10,
    why="rounding, at a root found to 1e-13 of the power; the smallest penalty is 9e-3 dB",
)
def normal_penalty() -> Measurement:
    """Five leaks, unequal ones; only their sum counts."""
    total = np.geomspace(3e-5, 3e-3, 40)
    ratios = total[:, None] * np.array([0.4, 0.3, 0.15, 0.1, 0.05])
    optimum = np.asarray(crosstalk_penalty_db(ratios, statistics="gaussian"))
    middle = np.asarray(crosstalk_penalty_db(ratios, statistics="gaussian", threshold="middle"))
    expected = switch.many_crosstalk_penalty_db(total, 6.0)
    expected_middle = switch.many_crosstalk_middle_penalty_db(total, 6.0)
    error = max(
        np.max(np.abs(optimum / expected - 1)), np.max(np.abs(middle / expected_middle - 1))
    )
    return measured(
        10 * np.log10(total), expected_middle, middle,
        x="X / dB", y="penalty in the middle / dB", error=float(error),
    )  # fmt: skip


@case(
    name="crosstalk-penalty-many",
    title="Exact penalty of ten thousand leaks: beats become normal",
    formula="−10 log₁₀(1 − 2XQ²)",
    source=TAKAHASHI,
    model="devices.crosstalk_penalty_db",
    tolerance=1e-3,
    why="what is left of the kurtosis −3/2M of M = 10⁴ beats: 3.4e-4 here, ten times that at 10³",
)
def many_penalty() -> Measurement:
    """The exact law, as for one; a factor of 2 in the variance would show."""
    total = np.geomspace(1e-4, 4e-3, 30)
    ratios = np.broadcast_to(total[:, None] / 1e4, (30, 10_000))
    got = np.asarray(crosstalk_penalty_db(ratios))
    expected = switch.many_crosstalk_penalty_db(total, 6.0)
    return measured(10 * np.log10(total), expected, got, x="X / dB", y="penalty / dB")


@case(
    name="crosstalk-penalty-worst",
    title="Exact penalty in a receiver without noise: the worst phase decides",
    formula="−10 log₁₀(1 − 2√ε); powers that add, −10 log₁₀(1 − ε)",
    source=GOLDSTEIN,
    model="devices.crosstalk_penalty_db",
    tolerance=5e-4,
    why="dB: at Q = 300 the marks that err are some ln Q/Q² off the worst phase, 3e-4 dB",
)
def worst_penalty() -> Measurement:
    """The exact law at Q = 300 tends to the closed eye; the stated limits agree to rounding."""
    ratio = np.logspace(-4, -1, 31)
    got = np.asarray(crosstalk_penalty_db(ratio[:, None], quality=300.0))
    expected = switch.coherent_crosstalk_penalty_db(ratio)
    stated = (
        np.asarray(crosstalk_penalty_db(ratio[:, None], statistics="worst")) - expected,
        np.asarray(crosstalk_penalty_db(ratio[:, None], statistics="incoherent"))
        - switch.incoherent_crosstalk_penalty_db(ratio),
    )
    error = max(np.max(np.abs(got - expected)), 1e9 * np.max(np.abs(stated)))
    return measured(
        10 * np.log10(ratio), expected, got, x="ε / dB", y="penalty / dB", error=float(error)
    )
