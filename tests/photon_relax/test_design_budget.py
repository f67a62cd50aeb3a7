"""From hardware or a trained network to a budget."""

import numpy as np
import pytest
import torch

from circuits import BudgetAssumptions
from devices import PhaseShifter
from devices.library import entries, load_entry
from photon_relax import Hardware, ReLaXNet
from photon_relax.design_budget import Design, design_of_library, network_budget

TOLD = BudgetAssumptions()


def network(bank, machine=None, hardware=None, **changes):
    settings = {"weight_sets": 2, "repetitions": 3, "seed": 4} | changes
    return ReLaXNet(5, 6, 3, bank=bank, machine=machine, hardware=hardware, **settings)


def share(budget, name):
    return next(part for part in budget.power if part.name == name)


@pytest.mark.parametrize(
    ("bank", "machine"),
    [
        ("mzi", "homodyne"),
        ("mzi", "square_law"),
        ("ring", "intensity"),
        ("crossbar", "electrical"),
        ("dense", "homodyne"),
        ("dense", "square_law"),
        ("dense", "intensity"),
        ("dense", "electrical"),
    ],
)
def test_a_network_and_its_design_have_the_same_link_and_times(bank, machine):
    net = network(bank, machine)
    trained = network_budget(net, TOLD)
    assert net.bank.training
    design = Design(
        hardware=Hardware(), bank=bank, machine=machine, width=6, weight_sets=2, repetitions=3
    ).budget(TOLD)
    assert trained.link[:-1] == design.link[:-1]
    with torch.no_grad():
        gain = float(net.eval().bank.gain(0))
    decibels = 10.0 if machine == "intensity" else 20.0
    assert trained.link[-1].change_db == pytest.approx(-decibels * np.log10(gain), abs=1e-12)
    # All but how the signal is heard, which depends on the gain.
    first, second = ([c for c in b.checks if c.unit != "dB"] for b in (trained, design))
    assert first == second
    assert len(first) == len(trained.checks) - 1
    assert trained.latency == design.latency
    assert [part.name for part in trained.power] == [part.name for part in design.power]
    assert trained.area == design.area
    assert (trained.inputs, trained.outputs) == (5, 3)
    assert trained.parameters == design.parameters


@pytest.mark.parametrize("bank", ["mzi", "ring", "crossbar", "dense"])
def test_noise_is_that_of_the_network(bank):
    # The levels that the network's own loop computes with, at the network's own gain.
    net = network(bank, hardware=Hardware(seed=3)).eval()
    budget = network_budget(net, TOLD)
    settled = net.at("slot")
    constants, exponents = settled.loop.link_levels(6)
    with torch.no_grad():
        gain = float(settled.bank.gain(0))
        matrices, background = settled.bank.realise(settled.chip, 0)
    _, oscillator, floor, slope = constants * gain**exponents
    detected = 1 + oscillator**2
    if bank == "ring":
        detected = 0.5 * float(matrices.detach()[:, 1].sum(dim=-1).mean())
    if bank == "crossbar":
        detected = float(background.detach()[:, 1].mean())
    assert budget.receiver_variance == pytest.approx(floor + slope * detected, rel=1e-5)


def test_heaters_of_a_trained_mesh():
    net = network("mzi")
    with torch.no_grad():
        net.bank.theta.fill_(0.5)
        net.bank.phi.fill_(-0.5)
        net.bank.screen.fill_(0.25)
        net.bank.attenuator.fill_(1.5)
    budget = network_budget(net, TOLD)
    watt = 24.77e-3 / np.pi
    mesh = share(budget, "heaters, mesh")
    assert mesh.count == 2 * 2 * 6 * 5
    assert mesh.total == pytest.approx(mesh.count / 2 * (0.5 + 2 * np.pi - 0.5) * watt, rel=1e-6)
    assert share(budget, "heaters, attenuators").total == pytest.approx(2 * 6 * 1.5 * watt)
    inner = PhaseShifter(phase=0.25 - 0.75 - np.pi / 2).heater_power()
    screens = 2 * 6 * (0.25 * watt + inner)
    assert share(budget, "heaters, screens").total == pytest.approx(screens, rel=1e-6)


def test_heaters_of_the_hardware_are_counted_unless_others_are_given():
    undercut = Hardware().with_values({"mesh.half_wave_power": 2e-3})
    design = Design(hardware=undercut, bank="mzi", width=8)
    each = share(design.budget(BudgetAssumptions()), "heaters, mesh").each
    assert each == pytest.approx(2e-3)  # at a mean phase of π
    told = BudgetAssumptions(half_wave_power=5e-3)
    assert share(design.budget(told), "heaters, mesh").each == pytest.approx(5e-3)
    trained = network_budget(network("mzi", hardware=undercut), BudgetAssumptions())
    usual = network_budget(network("mzi"), BudgetAssumptions())
    ratio = share(trained, "heaters, screens").total / share(usual, "heaters, screens").total
    assert ratio == pytest.approx(2e-3 / 24.77e-3)


def test_heaters_of_trained_rings_are_those_of_the_chip():
    net = network("ring", hardware=Hardware(seed=8))
    rings = net.hardware.rings
    errors = rings.draw(2, 6, 8)
    power = rings.heater_powers(net.bank.detuning.detach().numpy(), errors)
    heaters = share(network_budget(net, TOLD), "ring heaters")
    assert heaters.total == pytest.approx(power.sum(), rel=1e-12)
    assert heaters.origin == "programmed"


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.name)
def test_every_piece_of_the_library_has_a_budget(entry):
    table, bank = design_of_library(entry)
    hardware = Hardware.from_mapping(table)
    budget = Design(hardware=hardware, bank=bank, width=8).budget(TOLD)
    assert budget.total_power > 0
    devices = [entry.build(role) for role in entry.parts]
    held = (
        hardware.switch,
        hardware.current_switch,
        hardware.rings.ring,
        hardware.crossbar.junction,
    )
    assert any(device in held for device in devices) or entry.name == "thermo-optic-mesh"


def test_a_mesh_of_the_library_loses_what_its_parts_lose():
    table, bank = design_of_library(load_entry("thermo-optic-mesh"))
    assert bank == "mzi"
    assert table == {"mesh": {"column_loss_db": pytest.approx(2 * 0.23 + 2 * 0.1)}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width": 0}, "width must be a whole number ≥ 1"),
        ({"width": 2.5}, "width must be a whole number ≥ 1"),
        ({"bank": "tape"}, "bank must be one of dense, mzi, ring, crossbar"),
        ({"bank": "ring", "machine": "homodyne"}, "bank must be dense or mzi in the machine"),
        ({"weight_sets": 5}, "weight_sets must be ≤ repetitions"),
    ],
)
def test_impossible_designs_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Design(hardware=Hardware(), **changes).budget(TOLD)
