"""Budgets: light along the link, heaters, noise by formula and by the simulated loop, bits."""

from dataclasses import replace
from typing import Any

import numpy as np

from circuits import (
    Budget,
    BudgetAssumptions,
    ProgrammedBanks,
    RingWeightBank,
    SwitchSchedule,
    TimeMultiplexedLoop,
)
from devices import (
    CurrentSwitch,
    ElectricalNonlinearity,
    FiberSwitch,
    Laser,
    Modulator,
    Photodetector,
    Quantizer,
)
from validation.case import Measurement, case, measured
from validation.closed_forms import receiver
from validation.closed_forms.values import Reals
from validation.deviation import FOUR_SIGMA, standard_errors

AGRAWAL = "Agrawal, Fiber-Optic Communication Systems"
BANKS: dict[str, Any] = {
    "homodyne": "mzi",
    "square_law": "mzi",
    "intensity": "ring",
    "electrical": "crossbar",
}


def _budget(machine: Any, lanes: int, *, layers: int = 3, threads: int = 1, **parts: Any) -> Budget:
    """A budget of a loop of default devices, one bank, apart from its `parts`."""
    own = {key: parts.pop(key) for key in ("banks", "assumptions") if key in parts}
    low = machine == "intensity"
    switch = CurrentSwitch(isolation_db=np.inf) if machine == "electrical" else FiberSwitch()
    made: dict[str, Any] = {
        "input_switch": replace(switch, insertion_loss_db=0.0),
        "rings": RingWeightBank() if low else None,
        "nonlinearity": ElectricalNonlinearity(function="clipped_relu" if low else "hard_tanh"),
    }
    schedule = SwitchSchedule(
        weight_sets=parts.pop("sets", 1), repetitions=layers, interleaved=threads
    )
    loop = TimeMultiplexedLoop(schedule=schedule, machine=machine, **(made | parts))
    return Budget(loop=loop, lanes=lanes, bank=BANKS[machine], **own)


@case(
    name="budget-link",
    title="Light at the receiver for a signal of one: losses in dB add",
    formula="P = P_laser − 10 log₁₀N − ΣL − 20 log₁₀g (powers: 10 log₁₀g) (dBm, dB)",
    source=f"{AGRAWAL}, ch. 5",
    model="circuits.Budget.link",
    tolerance=1e-10,
    why="dB; rounding of six factors",
)
def link() -> Measurement:
    """Random losses of every part and gains of the banks, three machines."""
    rng = np.random.default_rng(1)
    expected, found = [], []
    for machine in ("homodyne", "square_law", "intensity"):
        for _ in range(12):
            laser, modulator, first, bank, last, gain = rng.uniform(0.5, 6.0, 6)
            lanes = int(rng.integers(2, 300))
            budget = _budget(
                machine, lanes,
                laser=Laser(power=1e-3 * 10 ** (laser / 10)),
                modulator=Modulator(insertion_loss_db=modulator),
                input_switch=FiberSwitch(insertion_loss_db=first),
                output_switch=FiberSwitch(insertion_loss_db=last),
                bank_transmission=10 ** (-bank / 20),
                banks=ProgrammedBanks(gain=gain),
            )  # fmt: skip
            powers = machine == "intensity"
            losses = modulator + first + bank + (0.0 if powers else last)
            decade = 10.0 if powers else 20.0
            expected.append(laser - 10 * np.log10(lanes) - losses - decade * np.log10(gain))
            found.append(budget.link[-1].level_db)
    return measured(
        np.arange(len(found)), expected, found, x="draw, three machines in turn",
        y="signal of one / dBm", error=float(np.max(np.abs(np.subtract(found, expected)))),
    )  # fmt: skip


@case(
    name="budget-heaters",
    title="Energy of the heaters of L_W meshes for each multiply-accumulate",
    formula="E = T_inf L_W (2N(N−1) + N) P_π/(J N² L_T), ⟨φ⟩ = π; N = 16, L_W = 4, 1 ns: 192 pJ",
    source="counting: Clements et al., Optica 3, 1460 (2016); Harris et al., Opt. Express 22, "
    "10487 (2014)",
    model="circuits.Budget.power, throughput and macs",
    tolerance=1e-12,
    why="rounding of a few products",
)
def heaters() -> Measurement:
    """Two to 64 lanes, three interleaved inferences; screens excluded."""
    lanes, found = np.array([2, 3, 8, 16, 33, 64]), []
    for n in lanes:
        budget = _budget("homodyne", int(n), sets=4, layers=12, threads=3)
        shares = {share.name: share.total for share in budget.power}
        power = shares["heaters, mesh"] + shares["heaters, attenuators"]
        found.append(power / budget.total_power * budget.energy_per_mac)
    expected = 1e-9 * 4 * (2 * lanes * (lanes - 1) + lanes) * 24.77e-3 / lanes**2
    return measured(lanes, expected, found, x="N", y="heaters' energy / J per multiply-accumulate")


@case(
    name="budget-noise",
    title="Noise of a signal of one at receivers of light",
    formula="σ² = (2q(I + 2I_d) + 4kTF/R)/(4τ I₁²), I₁ = 2R√(P P_LO); RP and one diode squared",
    source=f"{AGRAWAL}, ch. 4; Yuen, Chan, Opt. Lett. 8, 177 (1983)",
    model="circuits.Budget.receiver_variance",
    tolerance=1e-12,
    why="rounding of sums of four positive terms",
)
def noise() -> Measurement:
    """Lasers of 0.1 mW to 1 W on eight lanes, homodyne and squared."""
    power = np.logspace(-4, 0, 13)
    arrived = power / 8 * 10 ** (-0.6)  # modulator and switch behind, 3 dB each
    thermal = receiver.thermal_noise_density(50.0, 300.0, 3.0)
    band = receiver.noise_bandwidth(1e9)
    currents = {
        "homodyne": (2 * np.sqrt(arrived * 2e-3), arrived + 2e-3 + 2e-8),
        "square_law": (arrived, arrived + 1e-8),
    }
    expected, found = [], []
    for machine, (signal, total) in currents.items():
        shot = receiver.shot_noise_density(total)
        expected.append((shot + thermal) * band / signal**2)
        for watt in power:
            budget = _budget(
                machine, 8, laser=Laser(power=watt), local_oscillator_power=2e-3,
                detector=Photodetector(),
            )  # fmt: skip
            found.append(budget.receiver_variance)
    reference, ours = np.concatenate(expected), np.array(found)
    return measured(
        np.tile(power, 2), np.log10(reference), np.log10(ours), x="laser / W",
        y="log₁₀ σ², homodyne and squared",
        error=float(np.max(np.abs(ours / reference - 1))),
    )  # fmt: skip


@case(
    name="budget-noise-simulated",
    title="Noise of the budget, and of the simulated loop",
    formula="σ² of the receivers, settled in the last of many slots",
    source=f"{AGRAWAL}, ch. 4; 4kT ΣG of junctions: Johnson, Phys. Rev. 32, 97 (1928)",
    model="circuits.Budget.receiver_variance, circuits.TimeMultiplexedLoop, 'slot', all machines",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def noise_simulated() -> Measurement:
    """Four machines, two gains of the banks; biases hold every h at 1, so that no noise returns."""
    expected, runs = [], []
    for machine in BANKS:
        for gain in (0.7, 1.6):
            one, several = _simulated_noise(machine, gain)
            expected.append(one)
            runs.append(several)
    reference, seen = np.array(expected), np.array(runs)
    return measured(
        np.arange(len(reference)), np.ones(len(reference)), seen.mean(axis=1) / reference,
        x="machine and gain in turn", y="simulated over budgeted variance",
        error=standard_errors(seen, reference),
    )  # fmt: skip


def _simulated_noise(machine: str, gain: float) -> tuple[float, Reals]:
    """The budget's variance of z, and that of 36 runs of the loop."""
    n, each, runs = 4, 100, 36
    planes, background = np.eye(n)[None, None], None
    if machine == "intensity":
        planes = np.concatenate([planes, np.full((1, 1, n, n), 0.5)], axis=1)
    if machine == "electrical":
        background = np.stack([np.zeros((1, n)), np.full((1, n), 9.0)], axis=1)
    budget = _budget(
        machine, n, layers=5, detector=Photodetector(bandwidth=4e8),
        banks=ProgrammedBanks(gain=gain, light=0.5 * n, conductance=9.0),
        assumptions=BudgetAssumptions(mean_drive=1.0),
    )  # fmt: skip
    constants, exponents = budget.loop.link_levels(n)
    tape: Any
    _, tape = budget.loop.forward(
        np.ones((each * runs, n)), planes, np.full((1, n), 100.0),
        constants * gain**exponents, background, step=1,
    )  # fmt: skip
    last = np.asarray(tape.receiver)[-1].reshape(runs, -1)
    # What the first slot began without: μ¹⁰ = 1e-11 of it is left.
    return budget.receiver_variance, np.asarray(last.var(axis=1, ddof=1))


@case(
    name="budget-bits",
    title="Effective bits of a converter alone, and of one behind a noisy receiver",
    formula="b_eff = b − ½ log₂(1 + 12σ²/Δ²)",
    source="Bennett, Bell Syst. Tech. J. 27, 446 (1948); noises of independent sources add",
    model="circuits.Budget.effective_bits",
    tolerance=1e-12,
    why="rounding of a logarithm",
)
def bits() -> Measurement:
    """Three to twelve bits of the range ±1."""
    count, found, expected = np.arange(3, 13), [], []
    noisy = _budget("homodyne", 8)
    for b in count:
        step = 2.0 / 2.0**b
        for budget in (_budget("homodyne", 8, noise=False), noisy):
            loop = replace(budget.loop, adc=Quantizer(bits=int(b)))
            found.append(replace(budget, loop=loop).effective_bits)
            expected.append(b - np.log2(1 + 12 * budget.variance / step**2) / 2)
    return measured(
        np.repeat(count, 2), expected, found, x="bits of the converter", y="effective bits"
    )
