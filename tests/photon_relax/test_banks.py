import numpy as np
import pytest
import torch

from circuits import RingWeightBank, program_crossbar, program_rings
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet

MACHINES = [
    ("dense", "square_law"),
    ("mzi", "homodyne"),
    ("mzi", "square_law"),
    ("ring", "intensity"),
    ("crossbar", "electrical"),
]


@pytest.mark.parametrize(("bank", "machine"), MACHINES)
def test_a_bank_is_written_with_any_matrices_and_the_smallest_gain(bank, machine):
    network = ReLaXNet(3, 5, 2, weight_sets=2, bank=bank, machine=machine)
    generator = torch.Generator().manual_seed(7)
    quadratures = 1 if machine in ("intensity", "electrical") else 2
    wanted = torch.randn(2, quadratures, 5, 5, generator=generator, dtype=torch.float64)
    hardware = Hardware()
    network.bank.write(wanted, hardware)
    # Settings are of single precision; rings are steep, where a detuning of 1e-7 is 1e-6 of w.
    torch.testing.assert_close(
        network.bank.ideal(hardware).double().detach(), wanted, atol=1e-5, rtol=0
    )
    if bank == "mzi":
        gain = torch.linalg.matrix_norm(torch.complex(*wanted.unbind(1)), ord=2).max()
    elif bank == "ring":
        low, high = hardware.rings.weight_limits
        gain = max(wanted.max() / high, wanted.min() / low)
    else:
        gain = wanted.abs().max()
    if bank != "dense":
        assert float(network.bank.gain(0).detach()) == pytest.approx(float(gain), rel=1e-6)


def random_matrices():
    return np.random.default_rng(8).normal(size=(2, 5, 5))


@torch.no_grad()
def matrices_on_chip(bank, machine, hardware, settings, gain):
    """What a network's chip makes of settings that a programming has found."""
    network = ReLaXNet(3, 5, 2, weight_sets=2, bank=bank, machine=machine)
    name = {"ring": "detuning", "crossbar": "conductance"}[bank]
    getattr(network.bank, name).copy_(torch.from_numpy(settings))
    network.bank.log_gain.copy_(torch.tensor(gain).log())
    network = network.at("slot", hardware)
    return network.bank.realise(network.chip, 0)[0][:, 0].double().numpy()


@pytest.mark.parametrize("method", ["naive", "calibrated", "feedback"])
@pytest.mark.parametrize("bits", [None, 12])
def test_programmed_rings_are_those_of_the_networks_chip(method, bits):
    hardware = Hardware(rings=RingWeightBank(heater_bits=bits), seed=4)
    done = program_rings(hardware.rings, random_matrices(), hardware.seed, method)
    found = matrices_on_chip("ring", "intensity", hardware, done.detuning, done.gain)
    # Single precision of up to 284 half-linewidths, on a slope of 1.
    np.testing.assert_allclose(found, done.matrices, atol=1e-4)


@pytest.mark.parametrize("method", ["naive", "verified", "compensated"])
def test_programmed_junctions_are_those_of_the_networks_chip(method):
    hardware = Hardware(seed=4).with_values(
        {"crossbar.junction.library": "mtj-crossbar", "crossbar.verified": method != "naive"}
    )
    done = program_crossbar(hardware.crossbar, random_matrices(), hardware.seed, method)
    found = matrices_on_chip("crossbar", "electrical", hardware, done.conductance, done.gain)
    np.testing.assert_allclose(found, done.matrices, atol=1e-5)
