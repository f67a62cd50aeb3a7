"""The device of a training. Where there is no GPU, a device without values stands in."""

import contextlib

import numpy as np
import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from photon_relax import Hardware, ReLaXNet
from photon_relax.banks import mesh
from photon_relax.compute_device import choose_device
from photon_relax.functional import banks, loop
from photon_relax.parallel import Processes
from photon_relax.training import Trainer

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA device")


@pytest.mark.parametrize(
    ("device", "fidelity", "present", "chosen"),
    [
        ("auto", "ideal", True, "cuda"),
        ("auto", "slot", True, "cpu"),
        ("auto", "waveform", True, "cpu"),
        ("auto", "ideal", False, "cpu"),
        ("cpu", "ideal", True, "cpu"),
        ("cuda", "slot", True, "cuda"),
    ],
)
def test_the_device_follows_fidelity_and_machine(
    small_config, monkeypatch, device, fidelity, present, chosen
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: present)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: int(present))
    assert choose_device(small_config(device=device, fidelity=fidelity)).type == chosen


def test_each_process_of_a_machine_has_a_gpu_of_its_own(small_config, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    config = small_config(fidelity="ideal")
    # The fourth of four processes is the second on its machine.
    second = Processes(rank=3, count=4, local_rank=1)
    assert choose_device(config, second) == torch.device("cuda", 1)
    third = Processes(rank=2, count=3, local_rank=2)
    with pytest.raises(ValueError, match="CUDA devices for 2 processes, and torchrun started more"):
        choose_device(config, third)


def test_a_device_that_is_not_there_is_refused(small_config, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match=r"torch sees no CUDA device.*use device=cpu, or auto"):
        choose_device(small_config(device="cuda"))


ELSEWHERE = "meta"
"""Tensors there have no values, but torch checks that all of an operation lie there."""

MACHINES = [
    ("dense", "homodyne"),
    ("dense", "square_law"),
    ("dense", "intensity"),
    ("dense", "electrical"),
    ("mzi", "homodyne"),
    ("mzi", "square_law"),
    ("ring", "intensity"),
    ("crossbar", "electrical"),
]


@pytest.fixture
def elsewhere(monkeypatch):
    """Return a function that moves a network; the kernels get values as in `to_numpy` below."""

    def to_numpy(tensor):
        array = np.full(tuple(tensor.shape), 0.1, dtype=str(tensor.dtype).removeprefix("torch."))
        if tensor.is_complex():
            array[:] = np.eye(array.shape[-1])  # what is decomposed into a mesh must be unitary
        return array

    for module in (loop, banks, mesh):
        monkeypatch.setattr(module, "to_numpy", to_numpy)
    mode = contextlib.ExitStack()

    def move(network):
        mode.enter_context(FakeTensorMode(allow_non_fake_inputs=True))
        for module in network.modules():
            for kind in (module._parameters, module._buffers):
                for name, value in kind.items():
                    if value is not None:
                        moved = torch.empty(value.shape, dtype=value.dtype, device=ELSEWHERE)
                        kind[name] = nn.Parameter(moved) if kind is module._parameters else moved
        return network

    with mode:
        yield move


def _network(bank, machine, fidelity, hardware):
    return ReLaXNet(
        5, 6, 3, weight_sets=2, repetitions=3, bank=bank, machine=machine, fidelity=fidelity,
        hardware=hardware,
    )  # fmt: skip


def _demand_one_device(network):
    logits = network(torch.empty(4, 5, device=ELSEWHERE), step=3)
    assert logits.device.type == ELSEWHERE
    logits.square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.device.type == ELSEWHERE, name


@pytest.mark.parametrize("fidelity", ["ideal", "slot", "waveform"])
@pytest.mark.parametrize(("bank", "machine"), MACHINES)
def test_a_step_keeps_every_tensor_on_the_device(elsewhere, bank, machine, fidelity):
    network = elsewhere(_network(bank, machine, fidelity, Hardware()))
    assert network.device.type == ELSEWHERE
    _demand_one_device(network)


@pytest.mark.parametrize(
    ("bank", "fidelity", "changes"),
    [
        ("mzi", "slot", {"mesh.splitter_error": 0.02}),
        ("mzi", "slot", {"mesh.splitter_error": 0.02, "mesh.corrected": True}),
        ("ring", "slot", {"rings.resonance_scatter": 1e9}),
        ("ring", "waveform", {"slot_duration": 1e-10}),  # short: the rings remember
        ("crossbar", "slot", {"crossbar.junction.conductance_spread": 0.02}),
    ],
)
def test_other_chips_stay_on_the_device_too(elsewhere, bank, fidelity, changes):
    hardware = Hardware().with_values(changes)
    _demand_one_device(elsewhere(_network(bank, None, fidelity, hardware)))


def test_a_tensor_left_behind_would_be_found(elsewhere):
    network = elsewhere(_network("dense", None, "ideal", Hardware()))
    network.input_layer.bias = nn.Parameter(torch.empty(6))
    with pytest.raises(RuntimeError, match="found at least two devices"):
        _demand_one_device(network)


@needs_gpu
@pytest.mark.parametrize("fidelity", ["ideal", "slot", "waveform"])
def test_a_gpu_trains_as_the_cpu_does(
    small_config, small_network, small_dataset, tmp_path, fidelity
):
    """The same steps to rounding."""
    runs = {}
    for device in ("cpu", "cuda"):
        config = small_config(device=device, fidelity=fidelity)
        network = small_network(config)
        runs[device] = Trainer(network, small_dataset, config).run(tmp_path / device)
    np.testing.assert_allclose(
        runs["cuda"].metrics["validation"]["loss"],
        runs["cpu"].metrics["validation"]["loss"],
        # float32 products in another order, 20 steps of Adam.
        rtol=1e-3,
    )
