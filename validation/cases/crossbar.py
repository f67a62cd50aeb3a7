"""Crossbars of magnetic tunnel junctions: cells, levels, noise, and wires that resist."""

from typing import Any

import numpy as np

from circuits import CrossbarBank, SwitchSchedule, TimeMultiplexedLoop
from devices import CurrentSwitch, ElectricalNonlinearity, Photodetector, TunnelJunctionCrossbar
from validation.case import Measurement, Reals, case, measured
from validation.closed_forms import crossbar, receiver
from validation.deviation import FOUR_SIGMA, standard_errors

ZHANG = "Zhang, White, J. Appl. Phys. 83, 6512 (1998), approximate law"
JOHNSON = "Johnson, Phys. Rev. 32, 97 (1928)"
LADDER = "uniform ladder network, far end open: difference equation of Kirchhoff's laws"


@case(
    name="crossbar-magnetoresistance",
    title="Magnetoresistance of a junction over the voltage across it",
    formula="TMR = TMR₀/(1 + (V/V_h)²)",
    source=ZHANG,
    model="devices.TunnelJunctionCrossbar.magnetoresistance_at",
    tolerance=1e-14,
    why="rounding",
)
def magnetoresistance() -> Measurement:
    """Half is left at V_h; the conductances follow, G_AP = G_P/(1 + TMR)."""
    device = TunnelJunctionCrossbar(magnetoresistance=1.8, half_voltage=0.4)
    volts = np.linspace(-1, 1, 41)
    reference = crossbar.tunnel_magnetoresistance(1.8, volts, 0.4)
    found = np.asarray(device.magnetoresistance_at(volts))
    low = np.asarray(device.antiparallel_conductance(volts)) * (1 + reference)
    error = max(np.max(np.abs(found / reference - 1)), np.max(np.abs(low / 1e-4 - 1)))
    return measured(volts, reference, found, x="V / V", y="TMR", error=float(error))


@case(
    name="crossbar-drive",
    title="Current of a full weight over its drive, bent by the falling magnetoresistance",
    formula="I = n G_P V·TMR₀/(1 + TMR₀ + (V/V_h)²)",
    source=ZHANG,
    model="devices.TunnelJunctionCrossbar.drive_current",
    tolerance=1e-13,
    why="rounding of the difference of two conductances",
)
def drive() -> Measurement:
    """The bank's relative drive is the same curve, 1 for a straight one at full scale."""
    device = TunnelJunctionCrossbar(magnetoresistance=1.8, half_voltage=0.4, read_voltage=0.6)
    share = np.linspace(-1, 1, 41)
    reference = crossbar.bent_current(0.6 * share, 7e-4, 1.8, 0.4)
    found = np.asarray(device.drive_current(0.6 * share))
    bank = CrossbarBank(junction=device)
    relative = bank.drive(share) * bank.full_scale_current
    error = max(np.max(np.abs(found - reference)), np.max(np.abs(relative - reference)))
    return measured(
        0.6 * share, reference * 1e6, found * 1e6, x="V / V", y="I / µA",
        error=float(error / np.max(reference)),
    )  # fmt: skip


@case(
    name="crossbar-drive-slope",
    title="Slope of the drive that the falling magnetoresistance bends",
    formula="du/dh = (1 + TMR₀)(1 + TMR₀ − x)/(1 + TMR₀ + x)², x = (hV/V_h)²",
    source=ZHANG,
    model="circuits.CrossbarBank.drive_slope",
    tolerance=1e-9,
    why="central differences of the closed form: second order in 2·10⁻⁵, rounding over 2·10⁻⁵",
)
def drive_slope() -> Measurement:
    """A read voltage of a volt and a half folds the drive back; beyond ±1 it is clipped."""
    device = TunnelJunctionCrossbar(magnetoresistance=1.8, half_voltage=0.4, read_voltage=1.5)
    share, h = np.linspace(-1.19, 1.21, 61), 1e-5
    ends = [crossbar.bent_current(1.5 * (share + step), 1.0, 1.8, 0.4) for step in (-h, h)]
    straight = 1.5 * 1.8 / 2.8
    reference = (ends[1] - ends[0]) / (2 * h) / straight * (np.abs(share) <= 1)
    found = CrossbarBank(junction=device).drive_slope(share)
    return measured(share, reference, found, x="h", y="du/dh")


@case(
    name="crossbar-column",
    title="Current of a column over the drive of all its cells",
    formula="I = Σ_j w_j n G_P V_j·TMR₀/(1 + TMR₀ + (V_j/V_h)²)",
    source=f"Kirchhoff's sum of currents; {ZHANG}",
    model="devices.TunnelJunctionCrossbar.column_current",
    tolerance=1e-13,
    why="rounding of a sum of twelve terms",
)
def column() -> Measurement:
    """Random weights and drives of both signs, all of them turned up together."""
    rng = np.random.default_rng(8)
    weights, volts = rng.uniform(-1, 1, size=12), rng.uniform(-0.5, 0.5, size=12)
    scale = np.linspace(0, 1, 41)
    cells = crossbar.bent_current(scale[:, None] * volts, 7e-4, 1.5, 0.5)
    reference = cells @ weights
    found = TunnelJunctionCrossbar().column_current(weights[None], scale[:, None] * volts)[:, 0]
    return measured(scale, reference * 1e6, found * 1e6, x="drive", y="I / µA")


@case(
    name="crossbar-levels",
    title="Weights that three junctions a side can store",
    formula="w = k/n, k = −n … n, the nearest",
    source="parallel binary cells: 2n + 1 levels",
    model="devices.TunnelJunctionCrossbar.quantise",
    tolerance=1e-15,
    why="rounding of a quotient",
)
def levels() -> Measurement:
    """Found by search among all of them; clipped beyond ±1."""
    weight = np.linspace(-1.31, 1.29, 201)
    reference, device = crossbar.nearest_level(weight, 3), TunnelJunctionCrossbar(junctions=3)
    found = device.quantise(weight)
    error = max(
        float(np.max(np.abs(found - reference))),
        float(np.max(np.abs(device.passes(weight) - (np.abs(weight) <= 1)))),
        float(abs(device.levels - len(np.unique(reference)))),
    )
    return measured(weight, reference, found, x="w wanted", y="w stored", error=error)


@case(
    name="crossbar-pair",
    title="Conductances of the pair that is a weight, at the read voltage",
    formula="G⁺ − G⁻ = w n G_P TMR/(1 + TMR), G⁺ + G⁻ = n(2G_AP + |w|(G_P − G_AP))",
    source=f"two cells of binary junctions; {ZHANG}",
    model="devices.TunnelJunctionCrossbar.conductance_pair",
    tolerance=1e-13,
    why="rounding of the difference of two conductances",
)
def pair() -> Measurement:
    """The sum is what the column's noise and power come from."""
    device = TunnelJunctionCrossbar(junctions=5, read_voltage=0.3)
    weight, volts = np.linspace(-1, 1, 41), 0.3
    contrast = float(crossbar.tunnel_magnetoresistance(1.5, volts, 0.5))
    span = 5e-4 * contrast / (1 + contrast)
    positive, negative = (np.asarray(g) for g in device.conductance_pair(weight, volts))
    sums = 2 * 5e-4 / (1 + contrast) + np.abs(weight) * span
    burnt = device.column_power(weight[:, None], np.array([volts]))
    error = max(
        np.max(np.abs(positive - negative - weight * span)) / span,
        np.max(np.abs((positive + negative) / sums - 1)),
        np.max(np.abs(burnt / (sums * volts**2) - 1)),
    )
    return measured(
        weight, weight * span * 1e6, (positive - negative) * 1e6,
        x="w", y="G⁺ − G⁻ / µS", error=float(error),
    )  # fmt: skip


@case(
    name="crossbar-equipartition",
    title="Johnson noise of a column on a capacitor, its own resistance the only one",
    formula="⟨V²⟩ = 4kT ΣG·B/(ΣG)², B = ΣG/4C, is kT/C",
    source=f"{JOHNSON}; equipartition",
    model="devices.TunnelJunctionCrossbar.noise_variance",
    tolerance=1e-13,
    why="rounding, and Boltzmann's constant to its digits",
)
def equipartition() -> Measurement:
    """64 µV on a picofarad, whatever is stored: parallel and antiparallel cells are all noisy."""
    device = TunnelJunctionCrossbar(temperature=290.0)
    capacitance = np.logspace(-15, -11, 41)
    weights = np.random.default_rng(4).uniform(-1, 1, size=(41, 8))
    total = 7e-4 * (2 * 8 / 2.5 + np.sum(np.abs(weights), axis=1) * 1.5 / 2.5)
    band = total / (4 * capacitance)
    variance = [
        float(device.noise_variance(row[None], width)[0])
        for row, width in zip(weights, band, strict=True)
    ] / total**2
    expected = crossbar.capacitor_variance(capacitance, 290.0)
    return measured(
        np.log10(capacitance), 5 * np.log10(expected * 1e12), 5 * np.log10(variance * 1e12),
        x="log₁₀(C / F)", y="10 log₁₀(σ / µV)",
        error=float(np.max(np.abs(variance / expected - 1))),
    )  # fmt: skip


def _column_noise(weights: Reals, bank: CrossbarBank, detector: Photodetector) -> Reals:
    """Squares of the noise current in A of an electrical loop in the dark, (columns, 40 runs)."""
    n = len(weights)
    switch = CurrentSwitch(insertion_loss_db=0.0, isolation_db=np.inf, injected_charge=0.0)
    loop = TimeMultiplexedLoop(
        schedule=SwitchSchedule(weight_sets=1, repetitions=1), machine="electrical",
        crossbar=bank, detector=detector, input_switch=switch, slot_duration=5e-9, seed=3,
        nonlinearity=ElectricalNonlinearity(function="tanh"),
    )  # fmt: skip
    real = bank.realise(weights[None])
    background = np.stack([np.zeros((1, n)), real.conductance()], axis=1)
    constants, _ = loop.link_levels(n)
    tape: Any
    _, tape = loop.forward(
        np.zeros((4000, n)), real.matrix()[:, None], np.zeros((1, n)), constants, background
    )
    current = np.array(tape.receiver).reshape(40, 100, n) * bank.full_scale_current
    return np.asarray(np.mean(current**2, axis=1).T)


@case(
    name="crossbar-noise",
    title="Noise of columns in the loop over the conductance that hangs on them",
    formula="σ² = (4kT ΣG + 4kTF/R_L)·(π/2) f_3dB",
    source=JOHNSON,
    model="circuits.TimeMultiplexedLoop, machine 'electrical'",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def noise() -> Measurement:
    """Column k holds k full weights; the slots are long, so that no one remembers another."""
    n = 31
    junction = TunnelJunctionCrossbar(line_resistance=0.0, temperature=320.0)
    detector = Photodetector(
        bandwidth=2e9, load_resistance=200.0, noise_figure_db=1.0, temperature=290.0
    )
    weights = np.tril(np.ones((n, n)), -1)
    runs = _column_noise(weights, CrossbarBank(junction=junction), detector)
    total = 7e-4 * (2 * n / 2.5 + np.arange(n) * 1.5 / 2.5)
    band = receiver.noise_bandwidth(2e9)
    expected = crossbar.johnson_variance(total, 320.0, band)
    expected = expected + receiver.thermal_noise_density(200.0, 290.0, 1.0) * band
    return measured(
        total * 1e3, np.sqrt(expected) * 1e6, np.sqrt(runs.mean(axis=1)) * 1e6,
        x="ΣG / mS", y="σ / µA", error=standard_errors(runs, expected),
    )  # fmt: skip


def _scattered(device: TunnelJunctionCrossbar, weight: float, seed: int) -> tuple[Reals, Reals]:
    """Variances of G⁺ and G⁻ in S², of the device and of a bank, (2, 64 runs of 64) each."""
    weights = np.full((64, 64), weight)
    drawn = np.stack(device.draw_conductances(weights, np.random.default_rng([6, seed])))
    bank = CrossbarBank(junction=device)
    chip = bank.realise(weights[None], bank.draw(1, 64, seed))
    fabricated = chip.cells[:, 0] * float(np.asarray(device.weight_conductance()))
    positive, negative = np.var(np.stack([drawn, fabricated], axis=1), axis=-1, ddof=1)
    return positive, negative


@case(
    name="crossbar-scatter",
    title="Scatter of a conductance of seven junctions over those that are parallel",
    formula="σ = s √(k G_P² + (n−k) G_AP²)",
    source="sum of independent junctions",
    model="devices.TunnelJunctionCrossbar.draw_conductances",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def scatter() -> Measurement:
    """Positive and negative cells, of the device and of the bank, 4096 of each."""
    device = TunnelJunctionCrossbar(conductance_spread=0.05, line_resistance=0.0)
    up = np.arange(-7, 8)
    rows = [_scattered(device, k / 7, seed) for seed, k in enumerate(up)]
    positive, negative = (np.concatenate(part) for part in zip(*rows, strict=True))
    of_each = np.repeat(up, 2)
    spread, other = (
        crossbar.parallel_spread(0.05, 1e-4, 1e-4 / 2.5, np.maximum(k, 0), 7)
        for k in (of_each, -of_each)
    )
    error = max(standard_errors(positive, spread**2), standard_errors(negative, other**2))
    return measured(
        of_each, spread * 1e6, np.sqrt(positive.mean(axis=1)) * 1e6,
        x="junctions of G⁺ that are parallel, or −those of G⁻", y="σ(G⁺) / µS", error=error,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------- wires

_RESISTANCE = 5.0
_JUNCTION = TunnelJunctionCrossbar(line_resistance=_RESISTANCE)
_SPAN = 7e-4 * 1.5 / 2.5


def _line_weights(weight: float, cells: int) -> Reals:
    """Effective weights along a single resisting line of equal cells, by the ladder's voltages."""
    currents = []
    for cell in (7e-4 / 2.5 + weight * _SPAN, 7e-4 / 2.5):
        shunt = 1 / (1 / cell + _RESISTANCE)  # a cell and the one segment of its other line
        currents.append(shunt * crossbar.ladder_voltages(cells, shunt, _RESISTANCE))
    return np.asarray((currents[0] - currents[1]) / _SPAN)


@case(
    name="crossbar-word-line",
    title="Weights along a word line that resists, 48 equal cells",
    formula="v_i = cosh((n−i+½)µ)/cosh((n+½)µ), 2 sinh(µ/2) = √(g r)",
    source=LADDER,
    model="circuits.CrossbarBank.realise",
    tolerance=1e-12,
    why="rounding of a solution of 96 nodes",
)
def word_line() -> Measurement:
    """One driver, far cells see less; positive and negative cells drop by what they conduct."""
    bank = CrossbarBank(junction=_JUNCTION)
    found = bank.realise(np.full((1, 48, 1), 1.0)).matrix()[0, :, 0]
    reference = _line_weights(1.0, 48)
    return measured(np.arange(1, 49), reference, found, x="cell i", y="effective weight")


@case(
    name="crossbar-bit-line",
    title="Weights along a bit line that resists, 48 equal cells",
    formula="currents of v_i = cosh((i−½)µ)/cosh((n+½)µ), 2 sinh(µ/2) = √(g r), by reciprocity",
    source=LADDER,
    model="circuits.CrossbarBank.realise",
    tolerance=1e-12,
    why="rounding of a solution of 96 nodes",
)
def bit_line() -> Measurement:
    """One receiver behind the last cell, which sees it best."""
    bank = CrossbarBank(junction=_JUNCTION)
    found = bank.realise(np.full((1, 1, 48), 1.0)).matrix()[0, 0]
    reference = _line_weights(1.0, 48)[::-1]
    return measured(np.arange(1, 49), reference, found, x="cell i", y="effective weight")


@case(
    name="crossbar-wires",
    title="Effective weights of a random crossbar whose wires resist",
    formula="Kirchhoff's laws at all 2mn nodes of G⁺ and of G⁻",
    source="nodal analysis, one dense matrix",
    model="circuits.CrossbarBank.realise",
    tolerance=1e-12,
    why="rounding: the condition of the network, some 1e3, in both solutions",
)
def wires() -> Measurement:
    """Seven outputs, nine inputs, wires a hundred times worse than those of a chip."""
    weights = np.random.default_rng(36).uniform(-1, 1, size=(7, 9))
    junction = TunnelJunctionCrossbar(line_resistance=100.0)
    found = CrossbarBank(junction=junction, quantised=False).realise(weights[None]).matrix()[0]
    positive, negative = (
        crossbar.receiver_currents(7e-4 / 2.5 + np.maximum(sign * weights.T, 0) * _SPAN, 100.0)
        for sign in (1, -1)
    )
    reference = ((positive - negative) / _SPAN).ravel()
    order = np.argsort(reference)
    reference, found = reference[order], found.ravel()[order]
    return measured(
        reference, reference, found, x="effective weight, by Kirchhoff", y="effective weight"
    )
