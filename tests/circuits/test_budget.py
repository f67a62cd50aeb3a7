"""The budget of a loop, figure by figure, against sums by hand and against the simulated loop."""

from dataclasses import replace
from math import exp, log, log10, pi, sqrt

import numpy as np
import pytest
from scipy.stats import unitary_group

from circuits import (
    Budget,
    BudgetAssumptions,
    CrossbarBank,
    ProgrammedBanks,
    RingWeightBank,
    SwitchSchedule,
    TimeMultiplexedLoop,
)
from circuits.budget_banks import mesh_phases
from devices import (
    CurrentSwitch,
    ElectricalNonlinearity,
    FiberSwitch,
    Laser,
    MirrorArray,
    Modulator,
    Photodetector,
    Quantizer,
    TunnelJunctionCrossbar,
)
from devices.library import load_entry

CHARGE, BOLTZMANN = 1.602176634e-19, 1.380649e-23  # C, J/K, exact since 2019
BANKS = {"homodyne": "mzi", "square_law": "mzi", "intensity": "ring", "electrical": "crossbar"}


def make(machine="homodyne", *, sets=4, layers=12, threads=1, lanes=16, changes=None, **parts):
    electrical = machine == "electrical"
    settings = {
        "laser": Laser(power=0.1),
        "modulator": Modulator(insertion_loss_db=3.0),
        "input_switch": CurrentSwitch(insertion_loss_db=1.0)
        if electrical
        else FiberSwitch(insertion_loss_db=2.0, isolation_db=20.0),
        "output_switch": FiberSwitch(insertion_loss_db=1.5, isolation_db=15.0),
        "detector": Photodetector(responsivity=0.8, bandwidth=1e9, dark_current=2e-8),
        "bank_transmission": 10 ** (-4.0 / 20),
        "rings": RingWeightBank() if machine == "intensity" else None,
        "nonlinearity": ElectricalNonlinearity(
            function="clipped_relu" if machine == "intensity" else "hard_tanh"
        ),
        "local_oscillator_power": 2e-3,
    }
    loop = TimeMultiplexedLoop(
        schedule=SwitchSchedule(weight_sets=sets, repetitions=layers, interleaved=threads),
        machine=machine,
        **(settings | (changes or {})),
    )
    return Budget(loop=loop, lanes=lanes, **({"bank": BANKS[machine]} | parts))


def share(budget, name):
    return next(part for part in (*budget.power, *budget.area) if part.name == name)


def check(budget, start):
    return next(found for found in budget.checks if found.name.startswith(start))


# ------------------------------------------------------------------------------------------- power


def test_heaters_of_the_specification():
    # PHYSICS §8: 1984 heaters, 49.14 W, 192 pJ a multiply-accumulate; screens excluded.
    budget = make()
    heaters = share(budget, "heaters, mesh"), share(budget, "heaters, attenuators")
    assert sum(part.count for part in heaters) == 1984
    power = sum(part.total for part in heaters)
    assert power == pytest.approx(49.14, abs=0.005)
    assert budget.latency == pytest.approx(12e-9)
    energy = power / budget.throughput / budget.macs
    assert energy == pytest.approx(192e-12, abs=0.5e-12)
    assert budget.energy_per_mac == pytest.approx(energy * budget.total_power / power)


def test_power_is_the_sum_of_its_parts():
    budget = make(inputs=10, outputs=3, threads=2)
    by_hand = {
        "laser": 0.1 / 0.1,
        "local oscillator": 16 * 2e-3 / 0.1,
        "heaters, mesh": 4 * 2 * 16 * 15 * 24.77e-3,
        "heaters, attenuators": 4 * 16 * 24.77e-3,
        "heaters, screens": 4 * 2 * 16 * 24.77e-3,
        "switches": 2 * 16 * 0.2,
        "DAC": 16 * 1e-12 / 1e-9,
        "modulators": 16 * 10e-15 / 1e-9,
        "receivers": 16 * 0.3e-12 / 1e-9,
        "ADC, 8 bit": 16 * 50e-15 * 256 / 1e-9,
    }
    assert {part.name: part.total for part in budget.power} == pytest.approx(by_hand, rel=1e-12)
    assert budget.total_power == pytest.approx(sum(by_hand.values()), rel=1e-12)
    moving = {"DAC", "modulators", "receivers", "ADC, 8 bit"}
    static = sum(power for name, power in by_hand.items() if name not in moving)
    assert budget.static_power == pytest.approx(static, rel=1e-12)
    # Two inferences in 24 slots; the digital layers stand apart.
    digital = {part.name: part.total for part in budget.digital_power}
    rate = 2 / 24e-9
    assert digital == pytest.approx(
        {"input layer": 160 * 4.6e-12 * rate, "output layer": 48 * 4.6e-12 * rate}
    )
    assert make().digital_power == ()
    assert budget.energy_per_inference == pytest.approx(budget.total_power * 24e-9 / 2, rel=1e-12)


def test_converters_of_the_hardware_are_those_that_are_counted():
    budget = make(changes={"adc": Quantizer(bits=5)})
    assert share(budget, "ADC, 5 bit").total == pytest.approx(16 * 50e-15 * 32 / 1e-9)
    none = replace(budget, assumptions=BudgetAssumptions(converter_bits=0))
    assert "DAC" not in {part.name for part in none.power}
    assert share(none, "ADC, 5 bit").total == share(budget, "ADC, 5 bit").total


def test_power_of_trained_phases_is_taken_modulo_a_turn():
    phases = {
        "mesh": np.array([0.5 * pi, -0.5 * pi]),  # P_π/2 and 3P_π/2
        "attenuators": np.array([2 * pi]),
        "screens": np.array([pi, 3 * pi]),
    }
    budget = make(banks=ProgrammedBanks(phases=phases), programmed=True)
    each = {part.name: part.each for part in budget.power if part.origin == "programmed"}
    by_hand = {"heaters, mesh": 1.0, "heaters, attenuators": 0.0, "heaters, screens": 1.0}
    assert each == pytest.approx({k: v * 24.77e-3 for k, v in by_hand.items()}, abs=1e-15)


def test_phases_of_a_mesh_are_counted_once():
    # Three lanes: columns of one interferometer; four: of two and of one.
    for n, count in ((3, 3), (4, 6)):
        shape = (2, 2, n, n // 2)
        theta, phi = np.full(shape, 0.25), np.full(shape, 0.5)
        screen, attenuator = np.full((2, 2, n), 1.0), np.full((2, n), 0.6)
        phases = mesh_phases(theta, phi, screen, attenuator)
        assert len(phases["mesh"]) == 2 * 2 * 2 * count == 2 * 2 * n * (n - 1)
        assert phases["mesh"].sum() == pytest.approx(2 * 2 * count * 0.75)
        assert phases["attenuators"].shape == (2 * n,)
        # Those between mesh and attenuators take up the attenuator's own external phase.
        expected = 2 * n * 1.0 + 2 * n * (1.0 - 0.3 - pi / 2)
        assert phases["screens"].sum() == pytest.approx(expected)


def test_rings_and_their_bus_switch():
    budget = make("intensity")
    assert share(budget, "ring heaters").total == pytest.approx(4 * 256 * 20e-3 / 2)
    assert share(budget, "switches").total == pytest.approx(0.2)  # one, on the bus
    known = replace(budget, banks=ProgrammedBanks(tuning_power=np.full((4, 16, 16), 3e-3)))
    assert share(known, "ring heaters").total == pytest.approx(4 * 256 * 3e-3)


def test_crossbars_burn_what_their_cells_conduct():
    junction = TunnelJunctionCrossbar(
        parallel_conductance=1e-4, magnetoresistance=1.0, junctions=3, read_voltage=0.2
    )
    budget = make("electrical", changes={"crossbar": CrossbarBank(junction=junction)})
    # Three pairs of junctions: 2·3·50 µS always, and 3·50 µS times |w| = 1/2; V² = 0.04/3.
    cell = (2 * 3 * 50e-6 + 0.5 * 3 * 50e-6) * 0.04 / 3
    assert share(budget, "crossbar cells").total == pytest.approx(4 * 256 * cell)
    names = {part.name for part in budget.power}
    assert not names & {"laser", "modulators", "local oscillator", "switches"}
    # Each of 12 changes in 12 ns draws 2 fC at 1 V on every lane.
    assert share(budget, "current switches").total == pytest.approx(16 * 2e-15 * 12 / 12e-9)
    known = replace(budget, banks=ProgrammedBanks(conductance=20.0))
    assert share(known, "crossbar cells").total == pytest.approx(
        4 * 16 * 20.0 * 150e-6 * 0.04 / 3
    )  # 64 outputs of 20 full weights


def test_crossbar_power_is_that_of_the_junctions_themselves():
    # Drives and weights that have the assumed means: |w| = 1/2, h = 1/√3.
    budget = make("electrical", lanes=8, sets=1)
    junction = budget.loop.crossbar.junction
    weights = 0.5 * np.where(np.indices((8, 8)).sum(axis=0) % 2, 1.0, -1.0)
    # At a tenth of V_h the contrast has not fallen by more than a few per cent.
    volts = np.full(8, float(junction.read_voltage) / sqrt(3))
    assert share(budget, "crossbar cells").total == pytest.approx(
        junction.column_power(weights, volts).sum(), rel=0.02
    )


def test_one_bank_needs_no_switch():
    budget = make(sets=1, changes={})
    names = {part.name for part in (*budget.power, *budget.area)}
    assert not {name for name in names if "switch" in name}
    assert budget.crosstalk == 0.0
    assert not [found for found in budget.checks if "switch" in found.name]


def test_mirror_arrays_switch_all_lanes():
    budget = make(changes={"input_switch": MirrorArray(), "output_switch": MirrorArray()})
    assert share(budget, "mirror arrays").total == pytest.approx(10.0)
    area = next(part for part in budget.area if part.name == "mirror arrays")
    assert area.total == pytest.approx(2 * 1024 * 768 * 13.68e-6**2)
    mixed = make(changes={"input_switch": MirrorArray()})
    assert share(mixed, "mirror arrays").total == pytest.approx(5.0)
    assert share(mixed, "switches").total == pytest.approx(16 * 0.2)


def test_footprint():
    mesh, ring, crossbar = (make(machine) for machine in ("homodyne", "intensity", "electrical"))
    # 0.01 mm² an interferometer: 240 a bank and 16 attenuators; three 2×2 switches a tree.
    assert mesh.total_area == pytest.approx((4 * 240 + 4 * 16 + 2 * 16 * 3) * 1e-8)
    assert ring.total_area == pytest.approx(4 * 256 * 6e-10 + 3 * 1e-8)
    assert crossbar.total_area == pytest.approx(4 * 256 * 14 * 5e-14)


def test_assumptions_agree_with_the_library():
    told = BudgetAssumptions()
    mesh, ring = load_entry("thermo-optic-mesh"), load_entry("micro-ring-bank")
    assert told.half_wave_power == mesh.build("phase_shifter").half_wave_power
    assert told.heater_time == mesh.build("phase_shifter").time_constant
    assert told.ring_heater_time == pytest.approx(
        ring.build("nonlinearity").thermal_lifetime, rel=1e-3
    )
    assert told.interferometer_area == mesh.facts["cell_area"].value
    assert told.column_delay == mesh.facts["column_delay"].value
    assert told.ring_area == ring.facts["cell_area"].value
    assert told.mirror_array_power == load_entry("dmd").facts["power"].value
    assert told.switch_power == load_entry("soa-gate").facts["power"].value


# -------------------------------------------------------------------------------------------- link


@pytest.mark.parametrize(
    ("machine", "losses", "decade"),
    [
        ("homodyne", [10 * log10(16), 3.0, 2.0, 4.0, 1.5], 20),
        ("square_law", [10 * log10(16), 3.0, 2.0, 4.0, 1.5], 20),
        ("intensity", [10 * log10(16), 3.0, 2.0, 4.0], 10),
    ],
)
def test_link_of_light_is_a_sum_of_decibels(machine, losses, decade):
    budget = make(machine, banks=ProgrammedBanks(gain=1.3))
    changes = [0.0, *(-loss for loss in losses), -decade * log10(1.3)]
    assert [step.change_db for step in budget.link] == pytest.approx(changes, abs=1e-12)
    levels = [step.level_db for step in budget.link]
    assert levels == pytest.approx(20.0 + np.cumsum(changes), abs=1e-10)


def test_link_of_currents():
    budget = make("electrical", banks=ProgrammedBanks(gain=2.0))
    # Seven junctions of 100 µS and a TMR of 1.5, at 0.1 V: 42 µA.
    assert [step.level for step in budget.link] == pytest.approx(
        [42e-6, 42e-6 * 10**-0.05, 21e-6 * 10**-0.05], rel=1e-12
    )
    assert budget.link[0].level_db == pytest.approx(20 * log10(42))
    assert budget.signal_current == budget.link[-1].level


def test_current_of_a_signal_of_one():
    power = 0.1 / 16 * 10 ** (-(3 + 2 + 4 + 1.5) / 10)
    assert make().signal_current == pytest.approx(2 * 0.8 * sqrt(power * 2e-3), rel=1e-12)
    assert make("square_law").signal_current == pytest.approx(0.8 * power, rel=1e-12)


# ------------------------------------------------------------------------------------------- noise


def test_noise_of_a_homodyne_receiver_by_hand():
    budget = make()
    power = 0.1 / 16 * 10 ** (-(3 + 2 + 4 + 1.5) / 10)
    unit = pi / 2 * 1e9 / (4 * 0.8**2 * power * 2e-3)  # bandwidth over I²
    by_hand = {
        "shot, signal": 2 * CHARGE * 0.8 * power * unit,
        "shot, local oscillator": 2 * CHARGE * 0.8 * 2e-3 * unit,
        "shot, dark": 2 * CHARGE * 4e-8 * unit,
        "thermal": 4 * BOLTZMANN * 300 * 10**0.3 / 50 * unit,
    }
    assert {noise.name: noise.variance for noise in budget.noise} == pytest.approx(
        by_hand, rel=1e-12
    )
    snr = 10 * log10(0.5 / sum(by_hand.values()))  # a sine of full scale
    assert budget.snr_db == pytest.approx(snr, rel=1e-12)
    assert budget.effective_bits == pytest.approx((snr - 10 * log10(1.5)) / (20 * log10(2)))


def test_a_converter_alone_has_the_effective_bits_that_it_has():
    silent = Photodetector(shot_noise=False, thermal_noise=False)
    for machine, scale in (("homodyne", 2.0), ("square_law", 1.0)):
        adc = Quantizer(bits=6, full_scale=scale)
        budget = make(machine, changes={"detector": silent, "adc": adc})
        assert budget.effective_bits == pytest.approx(6.0, abs=1e-12)
        assert budget.snr_db == pytest.approx(adc.sqnr_db, abs=1e-12)
    perfect = make(changes={"detector": silent})
    assert perfect.effective_bits == perfect.snr_db == np.inf


def test_laser_noise_where_it_is_told():
    budget = make(assumptions=BudgetAssumptions(rin_db=-155.0))
    noise = next(noise for noise in budget.noise if noise.name == "laser intensity")
    assert noise.variance == pytest.approx(10**-15.5 * pi / 2 * 1e9, rel=1e-12)
    assert not noise.simulated
    assert "laser intensity" not in {
        noise.name for noise in make("electrical", assumptions=budget.assumptions).noise
    }


def test_no_noise_where_the_loop_makes_none():
    assert make(changes={"noise": False}).receiver_variance == 0.0


@pytest.mark.parametrize("machine", list(BANKS))
@pytest.mark.parametrize("gain", [1.0, 1.7])
def test_noise_is_that_of_the_levels_of_the_kernels(machine, gain):
    banks = ProgrammedBanks(gain=gain, light=5.0, conductance=11.0)
    budget = make(machine, banks=banks)
    constants, exponents = budget.loop.link_levels(16)
    _, oscillator, floor, slope = constants * gain**exponents
    detected = {
        "homodyne": 1.0 + oscillator**2,
        "square_law": 1.0,
        "intensity": 5.0 * 0.5,
        "electrical": 11.0,
    }[machine]
    assert budget.receiver_variance == pytest.approx(floor + slope * detected, rel=1e-12)


def quiet(loop, layers=6):
    """The loop without leaks, and slow enough a detector to remember the last slot."""
    closed = {"isolation_db": np.inf}
    return replace(
        loop,
        schedule=SwitchSchedule(weight_sets=1, repetitions=layers),
        input_switch=replace(loop.input_switch, **closed),
        output_switch=replace(loop.output_switch, **closed),
        detector=replace(loop.detector, bandwidth=2.5e8),
    )


@pytest.mark.parametrize("machine", list(BANKS))
def test_simulated_noise_is_that_of_the_budget(machine):
    # Monte Carlo at slot fidelity: biases so large that every h is 1, so that each slot's noise is
    # its own; the last of six slots, where μ⁶ = 8e-5 of the start is left. 4 standard errors.
    n, batch, gain = 4, 5000, 1.5
    matrices, background, light, conductance = np.eye(n)[None, None], None, None, None
    if machine == "intensity":
        light = 2.0
        matrices = np.concatenate([matrices, np.full((1, 1, n, n), light / n)], axis=1)
    if machine == "electrical":
        conductance = 9.0
        background = np.stack([np.zeros((1, n)), np.full((1, n), conductance)], axis=1)
    banks = ProgrammedBanks(gain=gain, light=light, conductance=conductance)
    made = make(machine, lanes=n, banks=banks, assumptions=BudgetAssumptions(mean_drive=1.0))
    budget = replace(made, loop=quiet(made.loop))
    constants, exponents = budget.loop.link_levels(n)
    _, tape = budget.loop.forward(
        np.ones((batch, n)), matrices, np.full((1, n), 100.0), constants * gain**exponents,
        background, step=1,
    )  # fmt: skip
    read = np.asarray(tape.receiver)[-1]
    assert read.shape == (batch, n)
    memory = exp(-2 * pi * 0.25)
    assert budget.slot_memory == pytest.approx(memory, rel=1e-12)
    error = sqrt(2 / read.size)
    expected = budget.receiver_variance * (1 - memory**12)
    assert abs(read.var() / expected - 1) < 4 * error


@pytest.mark.parametrize("machine", ["homodyne", "square_law"])
def test_converters_disturb_as_much_as_the_budget_says(machine):
    # Uniform h and a full W spread the errors of a DAC; of an ADC, whatever is read of them. 6 %:
    # 64,000 values scatter by less than 1 %, and the phases of E and W_ij know of each other by
    # Σ_j |W_ij|⁴ = 2/(N + 1), 3 %.
    rng = np.random.default_rng(5)
    n, batch = 64, 1000
    unitary = unitary_group.rvs(n, random_state=rng)
    planes = np.stack([unitary.real, unitary.imag])[None]
    planes = planes if machine == "square_law" else planes[:, :1]
    square = float((planes**2).sum(axis=(1, 3)).mean())
    parts = {"dac": Quantizer(bits=6), "adc": Quantizer(bits=7, full_scale=40.0)}
    banks = ProgrammedBanks(row_norm=square)
    made = make(machine, lanes=n, banks=banks, changes={"noise": False})
    loop = replace(quiet(made.loop, layers=1), noise=False, detector=Photodetector(bandwidth=1e12))
    budget = replace(made, loop=replace(loop, **parts))
    state = rng.uniform(-1, 1, (batch, n))
    constants, _ = loop.link_levels(n)
    zero = np.zeros((1, n))
    exact = np.asarray(loop.forward(state, planes, zero, constants)[1].receiver)[0]
    coarse = np.asarray(budget.loop.forward(state, planes, zero, constants)[1].receiver)[0]
    noise = {part.name: part.variance for part in budget.noise if not part.simulated}
    # A squared field is disturbed in proportion to itself: the budget states a signal of one.
    scale = exact.mean() if machine == "square_law" else 1.0
    assert (coarse - exact).var() == pytest.approx(noise["DAC"] * scale, rel=0.06)
    read = parts["adc"].quantise(exact) - exact
    assert read.var() == pytest.approx(noise["ADC"], rel=0.06)


def test_crosstalk_of_both_switches():
    assert make().crosstalk == pytest.approx(sqrt(3) * 10 ** (-35 / 20), rel=1e-12)
    # One switch of the bus, where powers add; one of currents, whose dB are of amplitudes.
    assert make("intensity").crosstalk == pytest.approx(sqrt(3) * 10 ** (-20 / 10), rel=1e-12)
    assert make("electrical").crosstalk == pytest.approx(sqrt(3) * 10 ** (-40 / 20), rel=1e-12)


# -------------------------------------------------------------------------------------------- time


@pytest.mark.parametrize("threads", [1, 3])
def test_times_are_those_of_the_loop(threads):
    budget = make(threads=threads, layers=5, assumptions=BudgetAssumptions(layer_time=2e-9))
    assert budget.latency == pytest.approx(5 * threads * 1e-9 + 2e-9, rel=1e-12)
    assert budget.loop.program.n_slots * 1e-9 == pytest.approx(budget.latency - 2e-9, rel=1e-12)
    assert budget.loop_delay == pytest.approx(threads * 1e-9)
    assert budget.throughput == pytest.approx(threads / budget.latency)
    # Banks 0 1 2 3 0, and the next inference starts at 0 again.
    assert budget.switching_rate == pytest.approx(4 / budget.latency)


def test_delays_around_the_loop():
    told = BudgetAssumptions(fiber_length=2.0, electronics_delay=3e-9)
    budget = make(assumptions=told, threads=13)
    delay = 2 * 1.4682 / 299792458 + 33 * 4.2e-12 + 1 / (2 * pi * 1e9) + 3e-9
    assert budget.path_delay == pytest.approx(delay, rel=1e-12)
    found = check(budget, "loop returns")
    assert not found.passed  # 13.09 ns
    assert found.advice.startswith("J ≥ 14 ")
    assert check(make(assumptions=told, threads=14), "loop returns").passed


# ------------------------------------------------------------------------------------- feasibility


def test_switches_have_to_settle():
    gate = FiberSwitch(transient="gate", time_constant=3e-10)
    budget = make(changes={"input_switch": gate})
    found = check(budget, "switch settles")
    assert found.value == pytest.approx(3e-10 * log(100), rel=1e-9)
    assert not found.passed
    assert found.advice.startswith("slot_duration ≥ 1.38e-09 s")
    slower = make(changes={"input_switch": gate, "slot_duration": 1.4e-9})
    assert check(slower, "switch settles").passed


def test_slots_have_to_be_faster_than_weights():
    # A mirror array needs 43.72 µs a pattern, heaters 1.2 µs.
    budget = make(changes={"input_switch": MirrorArray(), "slot_duration": 5e-5})
    found = check(budget, "slots faster")
    assert found.value == pytest.approx(1.2e-6 / 5e-5)
    assert not found.passed
    assert check(make(), "slots faster").value == pytest.approx(1.2e-6 / 1e-9)
    rows = check(make("electrical"), "slots faster")
    assert rows.value == pytest.approx(16 * 10e-9 / 1e-9)


def test_mirrors_have_to_show_a_pattern_before_the_next():
    mirrors = {"input_switch": MirrorArray(), "output_switch": MirrorArray()}
    budget = make(changes={**mirrors, "slot_duration": 2e-5})
    found = check(budget, "pattern")
    assert found.value == pytest.approx(768 * 16 / 400e6 + 13e-6)
    assert not found.passed
    assert found.advice.endswith(": 3 interleaved")
    assert check(make(threads=3, changes={**mirrors, "slot_duration": 2e-5}), "pattern").passed


def test_detectors_have_to_forget():
    budget = make(changes={"detector": Photodetector(bandwidth=5e8)})
    found = check(budget, "detector")
    assert found.value == pytest.approx(exp(-pi), rel=1e-12)
    assert not found.passed
    enough = log(100) / (2 * pi * 1e-9)
    assert found.advice.startswith(f"detector.bandwidth ≥ {enough:.3g} Hz")
    assert check(make(changes={"detector": Photodetector(bandwidth=enough)}), "detector").passed


def test_diodes_have_to_stay_linear():
    lasting = Photodetector(responsivity=0.8, saturation_power=0.1)
    power = 0.1 / 16 * 10 ** (-(3 + 2 + 4 + 1.5) / 10)
    found = check(make("square_law", changes={"detector": lasting}), "diode")
    assert found.value == pytest.approx(power, rel=1e-12)
    assert found.passed
    pair = check(make(changes={"detector": lasting}), "diode")
    assert pair.value == pytest.approx((sqrt(power) + sqrt(2e-3)) ** 2 / 2, rel=1e-12)
    assert not pair.passed
    assert not [found for found in make().checks if found.name.startswith("diode")]


def test_signals_have_to_be_heard():
    faint = make("square_law", changes={"laser": Laser(power=2e-6)})
    found = check(faint, "signal above")
    assert found.value == faint.snr_db < 0
    assert not found.passed
    assert faint.effective_bits == 0.0
    assert found.limit == pytest.approx(10 * log10(6))
    # Squared, thermal noise falls by 20 dB for 10 dB of light.
    missing = float(found.advice.split()[0])
    assert missing == pytest.approx(10 * log10(6) - faint.snr_db, abs=0.051)
    enough = make("square_law", changes={"laser": Laser(power=2e-6 * 10 ** (missing / 20 + 0.01))})
    assert check(enough, "signal above").passed
    assert enough.effective_bits == pytest.approx(1.0, abs=0.05)


def test_signals_too_weak_for_numbers_are_refused():
    with pytest.raises(ValueError, match="too weak or too strong to be computed"):
        make(changes={"bank_transmission": 0.0})


def test_rings_have_to_fill_and_to_stay():
    budget = make("intensity")
    rings = budget.loop.rings
    filling = check(budget, "rings fill")
    assert filling.limit == pytest.approx(10 * rings.lifetime)
    # 10 mK of 1.86e-4/4.2 of 193.4 THz a kelvin, on the steepest flank of a Lorentzian.
    found = check(budget, "weights of rings")
    kelvin = 299792458 / float(rings.ring.resonance_wavelength) * 1.86e-4 / 4.2
    x = np.linspace(0, 2, 2001)
    steepest = float(np.max(np.abs(rings.weight_slope(x))))
    error = steepest * 0.01 * kelvin / rings.half_linewidth
    # The Lorentzian's slope, for rings whose lines are narrow: 1e-3 of theirs.
    assert found.value == pytest.approx(error, rel=1e-3)
    assert found.passed == (error <= 0.01)


def test_fibre_turns_the_phase_of_the_oscillator():
    told = BudgetAssumptions(fiber_length=1.0)
    found = check(make(assumptions=told), "phase")
    assert found.value == pytest.approx(0.4)
    assert not found.passed
    assert "0.25 m" in found.advice
    assert not [c for c in make("square_law", assumptions=told).checks if "phase" in c.name]


# ------------------------------------------------------------------------------------------ errors


def test_numbers_that_are_given_are_no_assumptions():
    told = BudgetAssumptions(laser_efficiency=0.2)
    assert (told.origin("laser_efficiency"), told.source("laser_efficiency")) == ("given", "given")
    assert told.origin("dac_energy") == "assumed"
    assert "typical" in told.source("dac_energy")
    assert told.unit("dac_energy") == "J"
    assert share(make(assumptions=told), "laser").total == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"laser_efficiency": 0.0}, "laser_efficiency must be > 0 and finite"),
        ({"laser_efficiency": 1.5}, "laser_efficiency must be at most 1"),
        ({"dac_energy": -1.0}, r"dac_energy must be ≥ 0 and finite \(J\)"),
        ({"fiber_length": float("nan")}, "fiber_length must be ≥ 0"),
        ({"rin_db": 0.0}, "rin_db must be < 0 or -inf"),
        ({"switch_power": "much"}, "switch_power must be a number"),
    ],
)
def test_impossible_assumptions_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        BudgetAssumptions(**values)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"bank": "ring"}, "bank must be dense or mzi in the machine 'homodyne'; got 'ring'"),
        ({"lanes": 0}, "lanes must be a whole number ≥ 1; got 0"),
        ({"inputs": -1}, "inputs must be a whole number ≥ 0"),
    ],
)
def test_impossible_budgets_are_refused(parts, message):
    with pytest.raises(ValueError, match=message):
        make(**parts)


def test_rings_are_asked_for():
    with pytest.raises(ValueError, match="needs a loop with rings"):
        make("intensity", changes={"rings": None})


def test_gains_are_positive():
    with pytest.raises(ValueError, match="gain must be > 0"):
        ProgrammedBanks(gain=0.0)
