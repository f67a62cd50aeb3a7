import copy

import numpy as np
import pytest
import torch

from photon_relax.datasets import ArraySplit
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet
from photon_relax.studies.hardware_gradient import (
    Slope,
    hardware_gradient,
    hardware_numbers,
)

# Noise, leaks, memory and transients, each large enough to matter.
ROUGH = {
    "switch.isolation_db": 9.0,
    "switch.time_constant": 2e-10,
    "switch.extinction_db": 25.0,
    "detector.bandwidth": 4e8,
    "laser.power": 1e-4,
    "local_oscillator_power": 1e-5,
    "samples_per_slot": 5,
    "seed": 3,
}
OPTICAL = ["switch.isolation_db", "switch.time_constant", "detector.bandwidth", "laser.power"]
ELECTRICAL = ["current_switch.isolation_db", "current_switch.time_constant", "detector.bandwidth"]


@pytest.fixture
def split():
    rng = np.random.default_rng(1)
    return ArraySplit(rng.standard_normal((13, 5)), rng.integers(3, size=13))


def _network(machine, fidelity, noise=True, bank="dense"):
    changes = {key: value for key, value in ROUGH.items() if _has(key)}
    hardware = Hardware().with_values({**changes, "noise": noise})
    return ReLaXNet(
        *(5, 6, 3),
        weight_sets=2,
        repetitions=3,
        bank=bank,
        machine=machine,
        fidelity=fidelity,
        hardware=hardware,
        seed=2,
    )


def _has(name):
    """Say whether the default hardware has a value of that name."""
    found = Hardware()
    for part in name.split("."):
        if not hasattr(found, part):
            return False
        found = getattr(found, part)
    return True


def _loss(network, split, hardware=None):
    """The loss by the kernels, in double precision."""
    network = copy.deepcopy(network).double().eval()
    network = network.at(network.fidelity, hardware)
    x, y = split.batch(np.arange(len(split)))
    with torch.no_grad():
        logits = network(torch.from_numpy(x).double())
    return float(torch.nn.functional.cross_entropy(logits, torch.from_numpy(y)))


CASES = [
    ("homodyne", "slot", "dense"),
    ("homodyne", "waveform", "mzi"),
    ("square_law", "slot", "dense"),
    ("square_law", "waveform", "mzi"),
    ("intensity", "slot", "dense"),
    ("intensity", "waveform", "dense"),
    ("electrical", "slot", "crossbar"),
    ("electrical", "waveform", "dense"),
]


@pytest.mark.parametrize("noise", [False, True])
@pytest.mark.parametrize(("machine", "fidelity", "bank"), CASES)
def test_slopes_are_those_of_the_kernels_by_finite_differences(
    split, machine, fidelity, bank, noise
):
    network = _network(machine, fidelity, noise, bank)
    names = ELECTRICAL if machine == "electrical" else OPTICAL
    loss, slopes = hardware_gradient(network, split, names, batch_size=5)
    # The same sums in another order.
    assert loss == pytest.approx(_loss(network, split), rel=1e-12)
    assert [slope.name for slope in slopes] == names
    for slope in slopes:
        step = 1e-4 * slope.value
        above, below = (
            _loss(network, split, network.hardware.with_values({slope.name: slope.value + sign}))
            for sign in (step, -step)
        )
        expected = (above - below) / (2 * step)
        # Rounding of the loss, 1e-16 over a step of 1e-4, and the square of the step.
        scale = 1e-11 / abs(slope.value)
        assert slope.slope == pytest.approx(expected, rel=1e-5, abs=scale)
    assert slopes[0].slope != 0


def test_fabrication_and_noise_have_slopes_too(split):
    network = _network("homodyne", "slot", True, "mzi")
    names = ["mesh.splitter_error", "mesh.column_loss_db", "local_oscillator_power"]
    _, slopes = hardware_gradient(network, split, names)
    for slope in slopes:
        step = 1e-4 * slope.value
        above, below = (
            _loss(network, split, network.hardware.with_values({slope.name: slope.value + sign}))
            for sign in (step, -step)
        )
        expected = (above - below) / (2 * step)
        assert expected != 0
        assert slope.slope == pytest.approx(expected, rel=1e-5)
        assert slope.per_cent == pytest.approx(0.01 * slope.value * expected, rel=1e-5)


def test_the_numbers_of_the_hardware():
    names = hardware_numbers(Hardware())
    assert {"switch.isolation_db", "detector.bandwidth", "laser.power", "slot_duration"} <= {*names}
    assert not {"seed", "noise", "samples_per_slot", "engine"} & {*names}
    assert len(names) == len(set(names))
    # 0 dB cannot become less, and has no relative step.
    lossless = Hardware().with_values({"switch.insertion_loss_db": 0.0})
    assert {*names} - {*hardware_numbers(lossless)} == {"switch.insertion_loss_db"}


def test_reading_characters_works_too():
    hardware = Hardware().with_values({"seed": 1})
    network = ReLaXNet(
        4, 6, 7, vocabulary=7, embedding_size=3, fidelity="slot", hardware=hardware, seed=1
    )
    rng = np.random.default_rng(1)
    split = ArraySplit(rng.integers(7, size=(9, 4)), rng.integers(7, size=9))
    loss, (slope,) = hardware_gradient(network, split, ["laser.power"])
    assert loss > 0
    assert isinstance(slope, Slope)
    assert slope.slope != 0


@pytest.mark.parametrize(
    ("changes", "fidelity", "message"),
    [
        ({}, "ideal", "the fidelity ideal has no devices"),
        ({"engine": "step"}, "slot", "no gradients by its devices: its photodiodes saturate, or"),
        ({"interleaved_inferences": 2}, "slot", "it interleaves inferences"),
    ],
)
def test_loops_that_have_no_gradients_say_so(split, changes, fidelity, message):
    network = _network("homodyne", "slot")
    network = network.at(fidelity, network.hardware.with_values(changes))
    with pytest.raises(ValueError, match=message):
        hardware_gradient(network, split, ["laser.power"])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("laser.pwer", r"unknown hardware key laser.pwer. Did you mean laser.power\?"),
        ("noise", "hardware.noise must be a finite number other than 0"),
        ("samples_per_slot", "hardware.samples_per_slot must be a finite number"),
    ],
)
def test_names_that_are_no_numbers_are_refused(split, name, message):
    with pytest.raises(ValueError, match=message):
        hardware_gradient(_network("homodyne", "slot"), split, [name])
