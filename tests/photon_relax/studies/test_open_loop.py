import numpy as np
import pytest
import torch

from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet
from photon_relax.studies.open_loop import compile_machine, open_loop, open_loss


@pytest.mark.parametrize("machine", ["homodyne", "square_law", "intensity", "electrical"])
@pytest.mark.parametrize("fidelity", ["slot", "waveform"])
def test_the_open_loop_is_the_loop(machine, fidelity):
    """With noise, leaks, memory, converters and a cut batch: the logits of the kernels."""
    changes = {
        "switch.isolation_db": 8.0,
        "current_switch.isolation_db": 8.0,
        "detector.bandwidth": 3e8,
        "laser.power": 1e-4,
        "samples_per_slot": 4,
        "adc": {"bits": 5, "full_scale": 3.0},
        "dac": {"bits": 6},
    }
    network = ReLaXNet(
        *(5, 6, 3),
        weight_sets=2,
        repetitions=3,
        machine=machine,
        fidelity=fidelity,
        hardware=Hardware().with_values(changes),
        slot_gain=True,
        skip=0.2,
        normalise=0.8,
        seed=2,
    )
    network = network.double().eval()
    rng = np.random.default_rng(1)
    x = torch.from_numpy(rng.standard_normal((7, 5)))
    y = torch.from_numpy(rng.integers(3, size=7))
    machine_numbers = compile_machine(network)
    with torch.no_grad():
        expected = torch.nn.functional.cross_entropy(network(x, first_sample=4), y, reduction="sum")
        found = open_loss(network, open_loop(network), machine_numbers, x, y, first_sample=4)
    # Sums of some hundred products in another order.
    assert found.item() == pytest.approx(expected.item(), rel=1e-12)
