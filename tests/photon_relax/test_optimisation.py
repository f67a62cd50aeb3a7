import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from photon_relax.optimisation import build_optimiser, learning_rate, load_memory, optimiser_memory


def test_cosine_falls_from_the_full_rate_to_nearly_zero(small_config):
    config = small_config(steps=100, learning_rate=0.5)
    rates = [learning_rate(config, step) for step in range(100)]
    assert rates[0] == 0.5
    assert rates[50] == pytest.approx(0.25, rel=1e-12)
    # One step before zero: 0.5·(1 − cos(π/100))/2.
    assert rates[-1] == pytest.approx(0.25 * (1 - math.cos(math.pi / 100)), rel=1e-9)
    assert all(later < earlier for earlier, later in pairwise(rates))


def test_warm_up_rises_linearly_and_ends_at_the_full_rate(small_config):
    config = small_config(steps=20, warmup_steps=4, learning_rate=1.0, schedule="constant")
    rates = [learning_rate(config, step) for step in range(7)]
    assert rates == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 1.0, 1.0], rel=1e-12)


@pytest.mark.parametrize("kind", ["adam", "adamw"])
def test_memory_carries_the_optimiser_over_exactly(small_config, kind):
    """Three steps in one go end with the same bits as two, a transfer, and one."""
    config = small_config(optimiser=kind, weight_decay=0.1)
    start = torch.nn.Linear(3, 2)
    inputs = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))

    def twin():
        other = torch.nn.Linear(3, 2)
        other.load_state_dict(start.state_dict())
        return other

    def step(network, optimiser):
        optimiser.zero_grad()
        torch.autograd.backward(network(inputs).square().sum())
        optimiser.step()

    whole, first = twin(), twin()
    optimiser, first_optimiser = build_optimiser(config, whole), build_optimiser(config, first)
    for _ in range(3):
        step(whole, optimiser)
    for _ in range(2):
        step(first, first_optimiser)
    memory = optimiser_memory(first_optimiser, first)
    second = torch.nn.Linear(3, 2)
    second.load_state_dict(first.state_dict())
    second_optimiser = build_optimiser(config, second)
    load_memory(second_optimiser, second, memory)
    step(second, second_optimiser)
    np.testing.assert_array_equal(second.weight.detach(), whole.weight.detach())
    np.testing.assert_array_equal(second.bias.detach(), whole.bias.detach())


def test_memory_goes_where_its_parameters_lie():
    """That of a fused optimiser must, the count of the steps too."""
    there = torch.nn.Linear(3, 2, device="meta")
    optimiser = torch.optim.Adam(there.parameters())
    memory = {"weight": {"step": np.ones(()), "exp_avg": np.ones((2, 3), dtype=np.float32)}}
    load_memory(optimiser, there, memory)
    kept = optimiser.state[there.weight]
    assert {name: value.device.type for name, value in kept.items()} == {
        "step": "meta",
        "exp_avg": "meta",
    }


def test_memory_of_another_network_is_refused(small_config):
    network = torch.nn.Linear(3, 2)
    with pytest.raises(ValueError, match="unknown here.*coupling"):
        load_memory(
            build_optimiser(small_config(), network), network, {"coupling": {"step": np.ones(())}}
        )
