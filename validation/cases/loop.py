"""The time-multiplexed loop: limits, memory, budget, crosstalk, transients, noise, gradients."""

from dataclasses import replace
from math import pi
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from circuits import SwitchSchedule, TimeMultiplexedLoop
from circuits.noise_kernels import fill_normals, noise_key
from devices import ElectricalNonlinearity, FiberSwitch, Laser, Modulator, Photodetector
from validation.case import Measurement, case, measured
from validation.closed_forms import light, receiver
from validation.closed_forms.values import Complexes, Reals
from validation.deviation import FOUR_SIGMA, standard_errors

TSUCHIYAMA = "Tsuchiyama, Röhm, Mihana, Horisaki, arXiv 2511.00044 (2025)"
AGRAWAL = "Agrawal, Fiber-Optic Communication Systems, ch. 4"

INSTANT = FiberSwitch(insertion_loss_db=0.0, isolation_db=np.inf, time_constant=0.0)
SILENT = Photodetector(bandwidth=np.inf, dark_current=0.0, shot_noise=False, thermal_noise=False)
TRANSIENT, SAMPLES = 0.25e-9, 64
LINEAR = ElectricalNonlinearity(function="hard_tanh")  # z itself within ±1


def _loop(
    weight_sets: int, repetitions: int, threads: int = 1, **parts: Any
) -> TimeMultiplexedLoop:
    """A loop without any loss, leak, delay or noise, apart from `parts`."""
    perfect: dict[str, Any] = {
        "laser": Laser(power=1e-2),
        "modulator": Modulator(insertion_loss_db=0.0),
        "input_switch": INSTANT,
        "output_switch": INSTANT,
        "detector": SILENT,
        "nonlinearity": LINEAR,
        "noise": False,
    }
    schedule = SwitchSchedule(weight_sets=weight_sets, repetitions=repetitions, interleaved=threads)
    return TimeMultiplexedLoop(schedule=schedule, **(perfect | parts))


def _run(
    loop: TimeMultiplexedLoop,
    state: NDArray[Any],
    matrices: NDArray[Any],
    bias: Reals | None = None,
    coherent: NDArray[Any] | None = None,
    **options: Any,
) -> tuple[Reals, Any]:
    """Run a loop on complex matrices (L_W, N, N) of gain 1; return h and the tape."""
    banks, n = matrices.shape[:2]
    planes = np.stack([matrices.real, matrices.imag], axis=1).astype(np.float64)
    constants, _ = loop.link_levels(n)
    background = None
    if coherent is not None:
        background = np.stack([coherent.real, coherent.imag], axis=1).astype(np.float64)
    bias = np.zeros((banks, n)) if bias is None else bias
    h, tape = loop.forward(state, planes, bias, constants, background, **options)
    return np.asarray(h, np.float64), tape


def _random_banks(rng: np.random.Generator, banks: int, n: int) -> Complexes:
    parts = rng.normal(size=(2, banks, n, n)) / np.sqrt(2 * n)
    return np.asarray(parts[0] + 1j * parts[1])


# ------------------------------------------------------------------------------------------ limits


@case(
    name="loop-ideal-square-law",
    title="Perfect devices: the network's own equations, detected by square law",
    formula="h ← tanh(|W_s h + c_s|² + b_s), s = t mod L_W",
    source=TSUCHIYAMA,
    model="circuits.TimeMultiplexedLoop, machine 'square_law'",
    tolerance=1e-12,
    why="rounding of seven layers",
)
def ideal_square_law() -> Measurement:
    """Three complex banks, seven layers, slot and waveform."""
    rng = np.random.default_rng(41)
    banks, bias = _random_banks(rng, 3, 8), 0.2 * rng.normal(size=(3, 8))
    coherent = 0.3 * (rng.normal(size=(3, 8)) + 1j * rng.normal(size=(3, 8)))
    state = rng.uniform(-1, 1, (6, 8))
    expected = state
    for layer in range(7):
        field = expected @ banks[layer % 3].T + coherent[layer % 3]
        expected = np.tanh(np.abs(field) ** 2 + bias[layer % 3])
    tanh = ElectricalNonlinearity(function="tanh")
    found = [
        _run(_loop(3, 7, machine="square_law", nonlinearity=tanh, fidelity=fidelity),
             state, banks, bias, coherent)[0]
        for fidelity in ("slot", "waveform")
    ]  # fmt: skip
    return _compare_states(expected, found)


@case(
    name="loop-ideal-homodyne",
    title="Perfect devices: the network's own equations, detected by homodyne",
    formula="h ← tanh(Re(W_s) h + b_s), s = t mod L_W",
    source=TSUCHIYAMA,
    model="circuits.TimeMultiplexedLoop, machine 'homodyne'",
    tolerance=1e-12,
    why="rounding of seven layers",
)
def ideal_homodyne() -> Measurement:
    """Three complex banks, seven layers, slot and waveform."""
    rng = np.random.default_rng(42)
    banks, bias = 2 * _random_banks(rng, 3, 8), 0.2 * rng.normal(size=(3, 8))
    state = rng.uniform(-1, 1, (6, 8))
    expected = state
    for layer in range(7):
        expected = np.tanh(expected @ banks[layer % 3].real.T + bias[layer % 3])
    tanh = ElectricalNonlinearity(function="tanh")
    found = [
        _run(_loop(3, 7, nonlinearity=tanh, fidelity=fidelity), state, banks, bias)[0]
        for fidelity in ("slot", "waveform")
    ]
    return _compare_states(expected, found)


def _compare_states(expected: Reals, found: list[Reals]) -> Measurement:
    count = expected.size
    return measured(
        np.tile(np.arange(count), len(found)),
        np.tile(expected.ravel(), len(found)),
        np.concatenate([h.ravel() for h in found]),
        x="lane of each inference in turn, per slot and per sample",
        y="h behind the last layer",
    )


@case(
    name="loop-homodyne-sign",
    title="Homodyne reads the sign: the field's part in phase with the oscillator",
    formula="z = |W| h cos(arg W)",
    source="Yuen, Chan, Opt. Lett. 8, 177 (1983): 2R Re(A LO*) behind a balanced pair",
    model="circuits.TimeMultiplexedLoop, machine 'homodyne'",
    tolerance=1e-14,
    why="rounding of a few operations on numbers of size 1",
)
def homodyne_sign() -> Measurement:
    """One lane, a phase shifter as its bank, turned once; drives +0.8 and −0.8."""
    phase = np.linspace(0, 2 * pi, 61)
    found = []
    for drive in (0.8, -0.8):
        runs = [
            _run(_loop(1, 1), np.array([[drive]]), np.full((1, 1, 1), 0.9 * np.exp(1j * turn)))
            for turn in phase
        ]
        found.append([h[0, 0] for h, _ in runs])
    expected = [0.9 * drive * np.cos(phase) for drive in (0.8, -0.8)]
    return measured(
        np.tile(phase, 2), np.concatenate(expected), np.concatenate(found),
        x="arg W / rad", y="z, for h = 0.8 and −0.8",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------- power


@case(
    name="loop-link-budget",
    title="Power on a photodiode: the budget of the whole link",
    formula="P = P_laser − 10 log₁₀N − L_mod − L_in − L_bank − L_out (dBm, dB)",
    source="Agrawal, Fiber-Optic Communication Systems, ch. 5: losses in dB add",
    model="circuits.TimeMultiplexedLoop.link_levels and its kernel",
    tolerance=1e-10,
    why="dB; rounding of the saturated current that tells the power, at P_sat/30 … 30 P_sat",
)
def link_budget() -> Measurement:
    """A diode that saturates tells the power: y = 1/(1 + P/P_sat) of what a linear one reads.

    The losses of the four parts grow one after the other; the laser of 10 dBm feeds four lanes.
    """
    n, saturation_dbm = 4, -8.0
    steps = np.linspace(0.0, 6.0, 9)
    losses = [tuple(np.where(np.arange(4) < part, 6.0, 0.0) + step * (np.arange(4) == part))
              for part in range(4) for step in steps]  # fmt: skip
    found = []
    for modulator, first, bank, last in losses:
        loop = _loop(
            1, 1, machine="square_law",
            modulator=Modulator(insertion_loss_db=modulator),
            input_switch=replace(INSTANT, insertion_loss_db=first),
            output_switch=replace(INSTANT, insertion_loss_db=last),
            bank_transmission=float(np.sqrt(light.power_transmission(bank))),
            detector=replace(SILENT, saturation_power=1e-3 * 10 ** (saturation_dbm / 10)),
        )  # fmt: skip
        h, _ = _run(loop, np.ones((1, n)), np.eye(n)[None] + 0j)
        found.append(saturation_dbm + 10 * np.log10(1 / h[0, 0] - 1))
    total = np.sum(losses, axis=1)
    expected = 10.0 - 10 * np.log10(n) - total
    return measured(
        total, expected, found, x="loss of the parts together / dB", y="power on a diode / dBm",
        error=float(np.max(np.abs(np.array(found) - expected))),
    )  # fmt: skip


@case(
    name="loop-crosstalk",
    title="Leaks of both switches add as fields",
    formula="y = |Σ_k C_{out,k} W_k C_{in,k} h|², C = 1 or 10^(−X/20) e^{iϑ_k}",
    source="Goldstein, Eskildsen, Elrefaie, IEEE Photon. Technol. Lett. 6, 657 (1994)",
    model="circuits.TimeMultiplexedLoop",
    tolerance=1e-13,
    why="rounding of sums over four banks",
)
def crosstalk() -> Measurement:
    """Four banks of eight lanes, 17 dB in front and 23 dB behind, the loop's own phases ϑ."""
    rng = np.random.default_rng(29)
    banks = 1.7 * _random_banks(rng, 4, 8)
    state = rng.uniform(-1, 1, (4, 8))
    loop = _loop(
        4, 4, machine="square_law", seed=3,
        input_switch=replace(INSTANT, isolation_db=17.0),
        output_switch=replace(INSTANT, isolation_db=23.0),
    )  # fmt: skip
    phases = loop.leakage_phases(8)
    leaks = [
        np.sqrt(light.power_transmission(isolation)) * np.exp(1j * phase)
        for isolation, phase in zip((17.0, 23.0), phases, strict=True)
    ]
    _, tape = _run(loop, state, banks)
    expected, h = [], state
    for selected in range(4):
        first, last = (np.where(np.arange(4)[:, None] == selected, 1.0, leak) for leak in leaks)
        field = sum(last[k] * ((first[k] * h) @ banks[k].T) for k in range(4))
        expected.append(np.abs(field) ** 2)
        h = np.clip(expected[-1], -1, 1)
    reference, found = np.array(expected), np.array(tape.receiver)
    return measured(
        np.arange(reference.size), reference.ravel(), found.ravel(),
        x="lane of each inference and layer in turn", y="detected power",
    )  # fmt: skip


# ---------------------------------------------------------------------------------------- dynamics


@case(
    name="loop-slot-memory",
    title="What a slot leaves in the slots behind it",
    formula="y_u = (1−μ) x_u + μ y_{u−1}, μ = e^(−T_s/τ)",
    source="the impulse response of one pole, sampled once a slot",
    model="circuits.TimeMultiplexedLoop, slot and waveform",
    tolerance=1e-13,
    why="rounding of twelve multiplications",
)
def slot_memory() -> Measurement:
    """Twelve threads share the loop and only the first is lit: receivers of 0.05 … 0.4 GHz."""
    slots, cutoffs = np.arange(12), np.array([0.05e9, 0.1e9, 0.2e9, 0.4e9])
    expected, found = [], []
    for fidelity in ("slot", "waveform"):
        for cutoff in cutoffs:
            detector = replace(SILENT, bandwidth=cutoff)
            loop = _loop(1, 1, 12, detector=detector, fidelity=fidelity, slot_duration=1e-9)
            _, tape = _run(loop, np.array([[0.9]]), np.ones((1, 1, 1)) + 0j)
            found.append([z[0, 0] for z in tape.receiver])
            memory = receiver.slot_memory(1e-9, cutoff)
            expected.append(0.9 * (1 - memory) * memory**slots)
    return measured(
        np.tile(slots, len(expected)), np.concatenate(expected), np.concatenate(found),
        x="slots behind the lit one", y="y, four bandwidths",
    )  # fmt: skip


@case(
    name="loop-gate-transient",
    title="A slot behind two gates that take their time",
    formula="field (1−q)² W_new + q² W_old, q = e^(−t/τ)",
    source="amplitudes of gates relax; the ends in front and behind multiply",
    model="circuits.TimeMultiplexedLoop, waveform",
    tolerance=1e-13,
    why="rounding of a dozen operations",
)
def gate_transient() -> Measurement:
    """The field of the new bank rises, that of the old one falls, through a zero."""
    gate = replace(INSTANT, transient="gate", time_constant=TRANSIENT)
    share = receiver.low_pass_step(_sample_times(), TRANSIENT)
    return _transient(gate, share**2, (1 - share) ** 2)


@case(
    name="loop-interferometer-transient",
    title="A slot behind two interferometric switches that take their time",
    formula="field sin²(πx/2) W_new + cos²(πx/2) W_old, x = 1 − e^(−t/τ)",
    source="a switch that turns light over by an angle of π/2; the ends multiply",
    model="circuits.TimeMultiplexedLoop, waveform",
    tolerance=1e-13,
    why="rounding of a dozen operations",
)
def interferometer_transient() -> Measurement:
    """The field of the new bank rises, that of the old one falls, through a zero."""
    turning = replace(INSTANT, transient="mzi", time_constant=TRANSIENT)
    angle = pi / 2 * receiver.low_pass_step(_sample_times(), TRANSIENT)
    return _transient(turning, np.sin(angle) ** 2, np.cos(angle) ** 2)


def _sample_times() -> Reals:
    """Ends of the samples of a slot of 1 ns."""
    return np.asarray((np.arange(SAMPLES) + 1) * (1e-9 / SAMPLES))


def _transient(end: FiberSwitch, new: Reals, old: Reals) -> Measurement:
    """From bank 0 (weight −0.9) to bank 1 (weight 0.6), read sample by sample by homodyne."""
    loop = _loop(
        2, 2, input_switch=end, output_switch=end, fidelity="waveform", samples_per_slot=SAMPLES
    )
    weights = np.array([-0.9, 0.6])
    _, tape = _run(loop, np.array([[1.0]]), weights[:, None, None] + 0j, record=True)
    drive = weights[0]  # what slot 0, settled on bank 0, made of h = 1
    return measured(
        _sample_times() / 1e-9,
        drive * (new * weights[1] + old * weights[0]),
        tape.waveform[1][0, :, 0],
        x="time in the slot / ns",
        y="field in phase",
    )


# ------------------------------------------------------------------------------------------- noise


@case(
    name="loop-noise-variance",
    title="Noise of the loop's receiver, slot by slot from a dark start",
    formula="σ² = (S/4τ)(1 − μ^{2(u+1)})/G², S = 2q(R(|A|²+|LO|²) + 2I_d) + 4kTF/R_L",
    source=f"{AGRAWAL}; the pole forgets its dark start by μ = e^(−T_s/τ) a slot",
    model="circuits.TimeMultiplexedLoop.link_levels and its noise, slot and waveform",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def noise_variance() -> Measurement:
    """Eight threads of steady light: 1500 runs of 16 lanes a slot, in 60 groups."""
    threads, n, groups, power = 8, 16, 60, 5e-3
    detector = Photodetector(
        responsivity=0.8, dark_current=3e-7, bandwidth=5e7, load_resistance=5e3,
        temperature=290.0, noise_figure_db=2.0,
    )  # fmt: skip
    signal = power / n * light.power_transmission(2.0 + 1.0 + 1.5) * 0.5**2
    density = (
        receiver.shot_noise_density(receiver.homodyne_shot_current(signal**0.5, 1e-3**0.5, 0.8))
        + 2 * receiver.shot_noise_density(3e-7)
        + receiver.thermal_noise_density(5e3, 290.0, 2.0)
    )
    per_unit = receiver.homodyne_current(signal**0.5 / 0.5, 1e-3**0.5, 0.8)  # A for W h = 1
    memory = receiver.slot_memory(1e-9, 5e7)
    settled = density * receiver.noise_bandwidth(5e7) / per_unit**2
    law = settled * (1 - memory ** (2 * (np.arange(threads) + 1)))
    runs = []
    for fidelity in ("slot", "waveform"):
        loop = _loop(
            1, 1, threads, laser=Laser(power=power), modulator=Modulator(insertion_loss_db=2.0),
            input_switch=replace(INSTANT, insertion_loss_db=1.0),
            output_switch=replace(INSTANT, insertion_loss_db=1.5),
            detector=detector, noise=True, fidelity=fidelity, samples_per_slot=5, seed=26,
        )  # fmt: skip
        state = np.full((25 * groups * threads, n), 0.5)
        _, tape = _run(loop, state, np.eye(n)[None] + 0j)
        levels = 0.5 * (1 - memory ** (np.arange(threads) + 1))
        noise = np.array(tape.receiver) - levels[:, None, None]
        runs.append(np.mean(noise.reshape(threads, groups, -1) ** 2, axis=-1))
    expected = np.tile(law, 2)
    squares = np.concatenate(runs)
    # Slots remember each other: each by itself, and their mean, whose spread knows of that.
    ratios = squares / expected[:, None]
    one = np.ones(1)
    error = max(standard_errors(row[None], one) for row in [*ratios, ratios.mean(axis=0)])
    return measured(
        np.tile(np.arange(threads), 2), expected, squares.mean(axis=1),
        x="slot u, per slot and per sample", y="variance of z", error=error,
    )  # fmt: skip


@case(
    name="loop-noise-normal",
    title="The loop's random numbers are normal",
    formula="F(x) = ½(1 + erf(x/√2))",
    source="Kolmogorov, Giorn. Ist. Ital. Attuari 4, 83 (1933): √n max|F_n − F| < 1.95",
    model="circuits.noise_kernels.fill_normals",
    tolerance=1.95,
    why="statistical, seeded: exceeded by one sample in a thousand",
)
def noise_normal() -> Measurement:
    """200 000 numbers: 25 lanes of 200 samples of ten slots of four inferences."""
    numbers = np.sort(_normals(200, 10, 4, 25).ravel())
    count = len(numbers)
    exact = ndtr(numbers)
    above = np.max(np.arange(1, count + 1) / count - exact)
    below = np.max(exact - np.arange(count) / count)
    seen = np.linspace(-3, 3, 61)
    return measured(
        seen, ndtr(seen), np.searchsorted(numbers, seen) / count,
        x="x", y="share of numbers below x", error=float(np.sqrt(count) * max(above, below)),
    )  # fmt: skip


@case(
    name="loop-noise-independent",
    title="The loop's random numbers do not know their neighbours",
    formula="⟨ξξ'⟩ = 0 and ⟨(ξ²−1)(ξ'²−1)⟩ = 0 for shifts of sample, slot, inference and lane",
    source="independent normals: a mean of n such products scatters by 1/√n, by 2/√n",
    model="circuits.noise_kernels.noise_key, fill_normals",
    tolerance=4.5,
    why="statistical, seeded: 4.5 standard errors, which one set of 70 means in 2000 exceeds",
)
def noise_independent() -> Measurement:
    """All neighbours within two samples and slots, one inference and lane."""
    numbers = _normals(200, 10, 4, 26)
    deviation = []
    for shift in np.ndindex(3, 3, 2, 2):
        if not any(shift):
            continue
        steps = list(zip(shift, numbers.shape, strict=True))
        here = numbers[tuple(slice(step, None) for step, _ in steps)].ravel()
        there = numbers[tuple(slice(None, size - step) for step, size in steps)].ravel()
        root = np.sqrt(len(here))
        deviation.append(np.mean(here * there) * root)
        deviation.append(np.mean((here**2 - 1) * (there**2 - 1)) * root / 2)
    return measured(
        np.arange(len(deviation)), np.zeros(len(deviation)), deviation,
        x="shift: of the numbers and of their squares in turn", y="mean / standard errors",
        error=float(np.max(np.abs(deviation))),
    )  # fmt: skip


def _normals(samples: int, slots: int, inferences: int, lanes: int) -> Reals:
    numbers = np.empty((samples, slots, inferences, lanes))
    for sample, slot, inference in np.ndindex(samples, slots, inferences):
        # A plain integer beyond 2^63 would not find its way back into the kernel.
        key = np.uint64(noise_key(40, 0, inference, slot, sample))
        fill_normals(key, numbers[sample, slot, inference])
    return numbers


@case(
    name="loop-noise-threads",
    title="A noisy trace is the same on one thread and on two",
    formula="y(1 thread) = y(2 threads), bit for bit",
    source="Salmon et al., SC11: a counter-based number is a function of its place alone",
    model="circuits.TimeMultiplexedLoop, all its kernels",
    tolerance=0.0,
    why="identical bits (on a machine of one core the second run has one thread too)",
)
def noise_threads() -> Measurement:
    """A noisy waveform of 19 inferences through five layers, stepped sample by sample."""
    rng = np.random.default_rng(40)
    loop = _loop(
        2, 5, detector=Photodetector(bandwidth=5e8), noise=True, machine="square_law",
        fidelity="waveform", engine="step", samples_per_slot=8,
        input_switch=replace(INSTANT, time_constant=2e-10, isolation_db=15.0),
    )  # fmt: skip
    state, banks = rng.uniform(-1, 1, (19, 6)), 1.6 * _random_banks(rng, 2, 6)
    before, seen = numba.get_num_threads(), []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            _, tape = _run(loop, state, banks, step=3, first_sample=5)
            seen.append(np.array(tape.receiver))
    finally:
        numba.set_num_threads(before)
    one, two = (z[:, 0].ravel() for z in seen)
    return measured(
        np.arange(one.size), one, two, x="lane of each layer in turn", y="z of one inference",
        error=float(np.max(np.abs(seen[0] - seen[1]))),
    )  # fmt: skip


# --------------------------------------------------------------------------------------- gradients


@case(
    name="loop-gradient-torch",
    title="Gradients of the loop against automatic differentiation of its equations",
    formula="E = Σ_k C_{out,k} W_k C_{in,k} h + c_s; y ← (1−μ)|E|² + μy; h = tanh(y + b_s)",
    source="the equations written in torch, differentiated by torch.autograd",
    model="circuits.TimeMultiplexedLoop.adjoint",
    tolerance=1e-12,
    why="rounding of four layers, forwards and backwards",
)
def gradient_torch() -> Measurement:
    """Every gradient of a leaking, remembering square-law machine; drawn, those of the banks."""
    import torch

    rng = np.random.default_rng(39)
    n, banks, layers = 5, 2, 4
    tanh = ElectricalNonlinearity(function="tanh")
    loop = _loop(
        banks, layers, machine="square_law", nonlinearity=tanh, seed=4,
        detector=replace(SILENT, bandwidth=1.5e8),
        input_switch=replace(INSTANT, isolation_db=9.0),
        output_switch=replace(INSTANT, isolation_db=13.0),
    )  # fmt: skip
    planes = 1.3 * rng.normal(size=(banks, 2, n, n)) / np.sqrt(n)
    bias, coherent = 0.2 * rng.normal(size=(banks, n)), 0.4 * rng.normal(size=(banks, 2, n))
    state, seed = rng.uniform(-0.9, 0.9, (3, n)), rng.normal(size=(3, n))
    constants, _ = loop.link_levels(n)
    _, tape = loop.forward(state, planes, bias, constants, coherent)
    gradients = loop.adjoint(tape, seed)

    leaks = [
        torch.tensor(np.sqrt(light.power_transmission(isolation)) * np.exp(1j * phase))
        for isolation, phase in zip((9.0, 13.0), loop.leakage_phases(n), strict=True)
    ]
    memory = float(receiver.slot_memory(1e-9, 1.5e8))
    leaves = [torch.tensor(a, requires_grad=True) for a in (planes, bias, coherent, state)]
    weights, constant, injected, h = leaves
    y = torch.zeros_like(h)
    for layer in range(layers):
        selected = layer % banks
        field = torch.complex(injected[selected, 0], injected[selected, 1])
        for k in range(banks):
            first, last = (1.0 if k == selected else leak[k] for leak in leaks)
            matrix = torch.complex(weights[k, 0], weights[k, 1])
            field = field + last * ((first * h).to(matrix.dtype) @ matrix.T)
        y = (1 - memory) * field.abs() ** 2 + memory * y
        h = torch.tanh(y + constant[selected])
    expected = torch.autograd.grad((h * torch.tensor(seed)).sum(), leaves)
    found = gradients.matrices, gradients.bias, gradients.background, gradients.state
    errors = [
        np.max(np.abs(ours - theirs.numpy())) / np.max(np.abs(theirs.numpy()))
        for ours, theirs in zip(found, expected, strict=True)
    ]
    return measured(
        np.arange(planes.size), expected[0].numpy().ravel(), gradients.matrices.ravel(),
        x="element of both banks, real and imaginary", y="∂L/∂W", error=float(max(errors)),
    )  # fmt: skip


@case(
    name="loop-gradient-differences",
    title="Gradients of a noisy network of meshes, in its phases",
    formula="∂L/∂p = (L(p+ε) − L(p−ε))/2ε",
    source="central differences; the noise is the same at both ends, a function of its place",
    model="photon_relax.ReLaXNet, bank 'mzi', fidelity 'waveform'",
    tolerance=1e-6,
    why="ε²/6 times a third derivative of size 1, at ε = 1e-5, is 2e-11; rounding 1e-16/ε, 1e-11; "
    "of gradients down to 1e-4",
)
def gradient_differences() -> Measurement:
    """Every seventh parameter of a small square-law network with everything that disturbs it."""
    import torch

    from photon_relax import Hardware, ReLaXNet

    hardware = Hardware(slot_duration=1e-9, samples_per_slot=4).with_values(
        {"detector.bandwidth": 4e8, "switch.isolation_db": 12.0, "mesh.splitter_error": 0.05}
    )
    network = ReLaXNet(
        5, 6, 3, weight_sets=2, repetitions=3, bank="mzi", machine="square_law",
        fidelity="waveform", hardware=hardware,
    ).double()  # fmt: skip
    inputs = torch.tensor(np.random.default_rng(0).normal(size=(4, 5)))
    answers = torch.tensor([0, 2, 1, 0])

    def loss() -> Any:
        return torch.nn.functional.cross_entropy(network(inputs, step=3), answers)

    loss().backward()
    found, expected = [], []
    with torch.no_grad():
        for parameter in network.parameters():
            values = parameter.view(-1)
            gradient = parameter.grad
            for index in range(0, len(values), 7):
                kept, ends = values[index].item(), []
                for step in (1e-5, -1e-5):
                    values[index] = kept + step
                    ends.append(loss().item())
                values[index] = kept
                found.append(0.0 if gradient is None else gradient.view(-1)[index].item())
                expected.append((ends[0] - ends[1]) / 2e-5)
    return measured(np.arange(len(found)), expected, found, x="parameter, every seventh", y="∂L/∂p")
