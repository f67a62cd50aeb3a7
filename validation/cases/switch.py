"""Switches: leakage, edges, what their guard time leaves, mirrors and transistors."""

import numpy as np

from circuits import SwitchSchedule
from circuits.switch_schedule import lane_coefficients
from devices import CurrentSwitch, FiberSwitch, MirrorArray
from validation.case import Measurement, Reals, case, measured
from validation.closed_forms import light, switch
from validation.deviation import FOUR_SIGMA, standard_errors

FIRST_ORDER = "first-order relaxation of the amplitude; squared for the power"
WOOTEN = "Wooten et al., IEEE J. Sel. Top. Quantum Electron. 6, 69 (2000)"
GOLDSTEIN = "fields add: Goldstein et al., IEEE Photon. Technol. Lett. 6, 657 (1994)"
TEXAS = "Texas Instruments, DLP7000 data sheet"


def _haar_banks(shape: tuple[int, ...], size: int, rng: np.random.Generator) -> np.ndarray:
    """Unitary matrices of Haar measure, (*shape, size, size); Mezzadri, Not. AMS 54, 592 (2007)."""
    real, imaginary = rng.normal(size=(2, *shape, size, size))
    q, r = np.linalg.qr(real + 1j * imaginary)
    diagonal = np.diagonal(r, axis1=-2, axis2=-1)
    return np.asarray(q * (diagonal / np.abs(diagonal))[..., None, :])


def _leakage_runs(ends: tuple[FiberSwitch, FiberSwitch], banks: int, seed: int) -> Reals:
    """Squared relative error of the selected bank in 40 fabrications, (40,)."""
    rng, size = np.random.default_rng([31, seed]), 12
    schedule = SwitchSchedule(weight_sets=banks, repetitions=banks)
    matrices, errors = _haar_banks((40, banks), size, rng), []
    for bank in matrices:
        first, last = (
            lane_coefficients(
                schedule.settled_coefficients(end)[0], end.draw_leakage_phases(banks, size, rng)
            )
            for end in ends
        )
        passed = np.sum(last[:, :, None] * bank * first[:, None, :], axis=0)
        errors.append(np.linalg.norm(passed - bank[0]) ** 2 / size)
    return np.array(errors)


@case(
    name="switch-pair-leakage",
    title="Error of a bank among four behind leaking switches at both ends",
    formula="E = √(K−1)·10^(−(X_in+X_out)/20)",
    source=GOLDSTEIN,
    model="circuits.SwitchSchedule.settled_coefficients",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def pair_leakage() -> Measurement:
    """Haar banks; the two ends leak differently."""
    isolation = np.linspace(5, 35, 31)
    runs = np.stack(
        [
            _leakage_runs((FiberSwitch(isolation_db=x), FiberSwitch(isolation_db=20.0)), 4, seed)
            for seed, x in enumerate(isolation)
        ]
    )
    expected = switch.switch_pair_leakage(4, isolation, 20.0)
    return measured(
        isolation, 20 * np.log10(expected), 10 * np.log10(runs.mean(axis=1)),
        x="X_in / dB", y="E / dB", error=standard_errors(runs, expected**2),
    )  # fmt: skip


@case(
    name="switch-bank-leakage",
    title="Error of a bank over the number of banks that leak into it",
    formula="E = √(K−1)·10^(−X/20), leaking at one end",
    source=GOLDSTEIN,
    model="circuits.SwitchSchedule.settled_coefficients",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def bank_leakage() -> Measurement:
    """An open splitter at the one end, X = 25 dB at the other: only X counts."""
    banks = np.arange(2, 17)
    ends = (FiberSwitch(isolation_db=0.0), FiberSwitch(isolation_db=25.0))
    runs = np.stack([_leakage_runs(ends, int(k), 100 + int(k)) for k in banks])
    expected = switch.switch_pair_leakage(banks, 0.0, 25.0)
    return measured(
        banks, expected, np.sqrt(runs.mean(axis=1)), x="K", y="E",
        error=standard_errors(runs, expected**2),
    )  # fmt: skip


def _crossing(time: Reals, value: Reals, level: float) -> float:
    """Time at which a monotone trace passes a level, between samples in a straight line."""
    order = np.argsort(value)
    return float(np.interp(level, value[order], time[order]))


def _edge_errors(device: FiberSwitch, span: float, rise: float, fall: float) -> list[float]:
    """Relative errors of the edges that a transient shows, and of those that are stated."""
    time = span * np.arange(8001) / 8000
    new, old = (np.asarray(weight) ** 2 for weight in device.transient_weights(time))
    found = [
        _crossing(time, new, 0.9) - _crossing(time, new, 0.1),
        _crossing(time, old, 0.1) - _crossing(time, old, 0.9),
        float(device.rise_time()),
        float(device.fall_time()),
    ]
    return [abs(got / want - 1) for got, want in zip(found, (rise, fall) * 2, strict=True)]


@case(
    name="switch-gate-edges",
    title="Rise and fall of a gate's power, read off its transient",
    formula="t_rise = τ ln((1−√0.1)/(1−√0.9)) = 2.590 τ, t_fall = τ ln(9)/2 = 1.099 τ",
    source=FIRST_ORDER,
    model="devices.FiberSwitch.rise_time, fall_time, transient_weights",
    tolerance=1e-6,
    why="straight lines between samples τ/2000 apart: (1/2000)²/8 of the time constant",
)
def gate_edges() -> Measurement:
    """10 to 90 % of the new path, 90 to 10 % of the old one; the stated times must agree."""
    constants = np.logspace(-12, -3, 31)
    rise, fall = switch.gate_rise_time(constants), switch.gate_fall_time(constants)
    found, worst = [], 0.0
    for tau, up, down in zip(constants, rise, fall, strict=True):
        gate = FiberSwitch(transient="gate", time_constant=tau)
        worst = max(worst, *_edge_errors(gate, 4 * tau, up, down))
        found.append(float(gate.rise_time()))
    return measured(
        np.log10(constants), np.log10(rise), np.log10(found),
        x="log₁₀(τ / s)", y="log₁₀(t_rise / s)", error=worst,
    )  # fmt: skip


@case(
    name="switch-turned-edges",
    title="Rise and fall of an interferometer's power, read off its transient",
    formula="1.356 τ behind an exponential edge, 0.402 T behind a raised cosine",
    source=WOOTEN,
    model="devices.FiberSwitch.rise_time, fall_time, transient_weights",
    tolerance=1e-6,
    why="straight lines between 8000 samples of the edge, bent by some (1/8000)²·10",
)
def turned_edges() -> Measurement:
    """The old path falls as the new one rises: power is conserved."""
    constants = np.logspace(-12, -3, 31)
    slow, shaped = switch.turned_rise_time(constants), switch.shaped_rise_time(constants)
    found, worst = [], 0.0
    for tau, lag, rise in zip(constants, slow, shaped, strict=True):
        lagging = FiberSwitch(transient="mzi", time_constant=tau)
        driven = FiberSwitch(transient="mzi", edge="raised_cosine", time_constant=tau)
        errors = _edge_errors(lagging, 4 * tau, lag, lag) + _edge_errors(driven, tau, rise, rise)
        worst = max(worst, *errors)
        found.append(float(driven.rise_time()))
    return measured(
        np.log10(constants), np.log10(shaped), np.log10(found),
        x="log₁₀(T / s)", y="log₁₀(t_rise / s)", error=worst,
    )  # fmt: skip


@case(
    name="switch-interferometer-edge",
    title="Power of an interferometer's new and old paths while its drive rises",
    formula="P_new = ½(1 − cos πx), P_old = ½(1 + cos πx), x = 1 − e^(−t/τ)",
    source=WOOTEN,
    model="devices.FiberSwitch.transient_weights",
    tolerance=1e-14,
    why="rounding of a sine",
)
def interferometer_edge() -> Measurement:
    """Power is conserved, the new path lags the drive."""
    time = np.linspace(0, 6, 61)
    device = FiberSwitch(transient="mzi", time_constant=1e-9)
    new, old = (np.asarray(weight) ** 2 for weight in device.transient_weights(time * 1e-9))
    reference = switch.interferometer_power(1 - np.exp(-time))
    error = max(np.max(np.abs(new - reference)), np.max(np.abs(old - (1 - reference))))
    return measured(time, reference, new, x="t / τ", y="P_new", error=float(error))


@case(
    name="switch-raised-cosine",
    title="Power of an interferometer's new path with a shaped driver",
    formula="P_new = ½(1 − cos πx), x = sin²(πt/2T)",
    source="raised-cosine edge of the driver",
    model="devices.FiberSwitch.response",
    tolerance=1e-14,
    why="rounding of a sine of a cosine",
)
def shaped_edge() -> Measurement:
    """Nothing before the command, everything after T."""
    time = np.linspace(-0.2, 1.2, 57)
    device = FiberSwitch(transient="mzi", edge="raised_cosine", time_constant=2e-10)
    reference = switch.interferometer_power(switch.raised_cosine(time, 1.0))
    return measured(time, reference, device.response(time * 2e-10), x="t / T", y="P_new")


@case(
    name="switch-guard-time",
    title="Wait until the old path has faded to a residue",
    formula="T_g = τ ln(1/ε) of a gate, τ ln(π/(2 asin ε)) of an interferometer",
    source=FIRST_ORDER,
    model="devices.FiberSwitch.guard_time_for",
    tolerance=1e-13,
    why="rounding; 1e-16 of ε is 1e-16/ε of the residue that is left after the wait",
)
def guard_time() -> Measurement:
    """Waiting as long as stated leaves the residue that was asked for."""
    residue = np.logspace(-4, -0.1, 40)
    gate = FiberSwitch(transient="gate", time_constant=3e-9)
    turning = FiberSwitch(transient="mzi", time_constant=3e-9)
    waits = [np.asarray(device.guard_time_for(residue)) for device in (gate, turning)]
    expected = [
        switch.gate_guard_time(3e-9, residue),
        switch.interferometer_guard_time(3e-9, residue),
    ]
    left = [
        np.asarray(device.transient_weights(wait)[1])
        for device, wait in zip((gate, turning), expected, strict=True)
    ]
    error = max(
        *(np.max(np.abs(got / want - 1)) for got, want in zip(waits, expected, strict=True)),
        *(np.max(np.abs(kept / residue - 1)) for kept in left),
    )
    return measured(
        np.log10(residue), expected[0] * 1e9, waits[0] * 1e9,
        x="log₁₀ ε", y="T_g / ns", error=float(error),
    )  # fmt: skip


@case(
    name="switch-slot-efficiency",
    title="Share of a slot that a gate's guard time leaves, 1 % residue",
    formula="1 − (τ/T_s) ln(1/ε)",
    source=FIRST_ORDER,
    model="devices.FiberSwitch.slot_efficiency",
    tolerance=1e-14,
    why="rounding",
)
def efficiency() -> Measurement:
    """A gate of 1 ns serves slots from 5 ns on."""
    wait = FiberSwitch(transient="gate", time_constant=1e-9).guard_time_for(0.01)
    device = FiberSwitch(transient="gate", time_constant=1e-9, guard_time=wait)
    slot = np.geomspace(5e-9, 1e-6, 40)
    reference = switch.slot_efficiency(slot, 1e-9, 0.01)
    share = device.slot_efficiency(slot)
    return measured(np.log10(slot), reference, share, x="log₁₀(T_s / s)", y="efficiency")


@case(
    name="mirror-extinction",
    title="Light that a micromirror scatters to the wrong bank, and to the right one",
    formula="P_right = 10^(−IL/10), P_wrong = 10^(−(IL+X)/10)",
    source=TEXAS,
    model="devices.MirrorArray.leakage_amplitudes",
    tolerance=1e-13,
    why="rounding of powers of ten",
)
def extinction() -> Measurement:
    """Amplitudes squared: decibels of power."""
    isolation, loss = np.linspace(10, 60, 51), np.linspace(0, 5, 51)
    wrong, right = np.empty(51), np.empty(51)
    for at, (x, il) in enumerate(zip(isolation, loss, strict=True)):
        array = MirrorArray(isolation_db=x, insertion_loss_db=il)
        amplitudes = array.leakage_amplitudes(3) * array.transmission
        wrong[at], right[at] = amplitudes[0, 2] ** 2, amplitudes[1, 1] ** 2
    error = max(
        np.max(np.abs(wrong / light.power_transmission(isolation + loss) - 1)),
        np.max(np.abs(right / light.power_transmission(loss) - 1)),
    )
    return measured(
        isolation, -(isolation + loss), 10 * np.log10(wrong),
        x="X / dB, IL = 0 … 5 dB", y="P_wrong / dB", error=float(error),
    )  # fmt: skip


@case(
    name="mirror-settling",
    title="Mirrors on their way: the amplitude of the old bank",
    formula="c_old = e^(−t/2.8 µs), 1 % after the 13 µs that a DLP7000 takes to settle",
    source=TEXAS,
    model="devices.MirrorArray.transient_weights",
    tolerance=1e-14,
    why="rounding; and the 1 % to its digit, half a percent at the settling time",
)
def settling() -> Measurement:
    """The default time constant belongs to the data sheet's settling time."""
    time, device = np.linspace(0, 20, 41) * 1e-6, MirrorArray()
    old = np.asarray(device.transient_weights(time)[1])
    reference = np.exp(-time / 2.8e-6)
    left = float(np.asarray(device.transient_weights(13e-6)[1]))
    beyond_the_digit = max(abs(left - 0.01) - 0.005, 0.0)
    error = max(float(np.max(np.abs(old - reference))), beyond_the_digit)
    return measured(time * 1e6, reference, old, x="t / µs", y="c_old", error=error)


@case(
    name="mirror-timing",
    title="Patterns a second of a micromirror array over the rows that it loads",
    formula="f = 1/(rows·16/400 MHz) block by block, 32 552 Hz at 768 rows; plus 13 µs globally",
    source=TEXAS,
    model="devices.MirrorArray.pattern_rate",
    tolerance=1e-5,
    why="the data sheet prints whole hertz",
)
def timing() -> Measurement:
    """The defaults are all 768 rows; fewer of them load faster."""
    rows = np.linspace(24, 768, 32)
    load = rows / 768 * MirrorArray().load_time
    together = MirrorArray(load_time=load)
    blocks = MirrorArray(load_time=load, global_reset=False)
    expected = switch.pattern_rate(rows, 13e-6)
    error = max(
        np.max(np.abs(np.asarray(together.pattern_rate) / expected - 1)),
        np.max(np.abs(np.asarray(blocks.pattern_rate) / switch.pattern_rate(rows) - 1)),
        abs(float(MirrorArray(global_reset=False).pattern_rate) / 32552 - 1),
    )
    return measured(
        rows, expected / 1e3, np.asarray(together.pattern_rate) / 1e3,
        x="rows", y="patterns / kHz", error=float(error),
    )  # fmt: skip


@case(
    name="current-switch-charge",
    title="Charge that a closing gate has pushed into the line",
    formula="Q(t) = q(1 − e^(−t/τ)), q in all",
    source="Sheu, Hu, IEEE J. Solid-State Circuits 19, 519 (1984)",
    model="devices.CurrentSwitch.injected_current",
    tolerance=1e-13,
    why="rounding of 60 sums",
)
def charge() -> Measurement:
    """Mean currents of unequal samples, summed; all that is injected is q."""
    device = CurrentSwitch(time_constant=5e-11, injected_charge=-2e-15)
    edges = 4e-10 * np.linspace(0, 1, 61) ** 2
    length = np.diff(edges)
    total = np.cumsum(np.asarray(device.injected_current(edges[:-1], length)) * length)
    reference = switch.injected_charge(edges[1:], -2e-15, 5e-11)
    everything = float(np.asarray(device.injected_current(0.0, 1e-6))) * 1e-6
    share = float(np.asarray(device.charge_error(1e-5, 1e-9)))  # of the 10 fC of a slot
    error = max(
        float(np.max(np.abs(total - reference))) / 2e-15,
        abs(everything / -2e-15 - 1),
        abs(share / -0.2 - 1),
    )
    return measured(
        edges[1:] * 1e12, reference * 1e15, total * 1e15, x="t / ps", y="Q / fC", error=error
    )


@case(
    name="current-switch-leakage",
    title="Current that leaks past an open transistor",
    formula="I_leak/I = 10^(−X/20), in phase",
    source="definition: decibels of currents are 20 log₁₀ of their ratio",
    model="devices.CurrentSwitch.leakage_amplitudes",
    tolerance=1e-13,
    why="rounding of a power of ten",
)
def current_leakage() -> Measurement:
    """Leaks have no optical phase: all of them add to the selected current."""
    isolation = np.linspace(10, 60, 51)
    rng, total = np.random.default_rng(0), []
    for x in isolation:
        device = CurrentSwitch(isolation_db=x)
        phase = device.draw_leakage_phases(4, 1, rng)[:, 0]
        total.append(np.abs(np.sum(device.leakage_amplitudes(4)[0] * np.exp(1j * phase))))
    reference = 1 + 3 * np.sqrt(light.power_transmission(isolation))
    return measured(isolation, reference, total, x="X / dB", y="sum of four currents / I")
