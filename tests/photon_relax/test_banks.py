import pytest
import torch

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
