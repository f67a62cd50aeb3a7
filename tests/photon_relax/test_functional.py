import numpy as np
import pytest
import torch

from circuits import SwitchSchedule, TimeMultiplexedLoop
from devices import FiberSwitch, Photodetector
from photon_relax.functional import circulate


def loop(machine, fidelity, **changes):
    """Crosstalk, loss, bandwidth and noise large enough to matter in every gradient."""
    settings = {
        "schedule": SwitchSchedule(weight_sets=2, repetitions=3),
        "input_switch": FiberSwitch(isolation_db=12.0, transient="gate", time_constant=0.3e-9),
        "output_switch": FiberSwitch(isolation_db=15.0, transient="mzi", time_constant=0.2e-9),
        "detector": Photodetector(bandwidth=0.4e9, dark_current=1e-7),
        "local_oscillator_power": 1e-5,
        "samples_per_slot": 3,
        "noise": True,
        "seed": 3,
    }
    return TimeMultiplexedLoop(machine=machine, fidelity=fidelity, **(settings | changes))


def inputs(machine, n, dtype=torch.float64, batch=3, quadratures=2):
    generator = torch.Generator().manual_seed(n)

    def draw(*shape):
        values = torch.randn(*shape, generator=generator, dtype=dtype)
        return values.requires_grad_()

    state, matrices, bias = draw(batch, n), draw(2, quadratures, n, n), draw(2, n)
    # ρ, ℓ, v₀, v₁ of a noisy receiver.
    levels = torch.tensor([0.05, 1.5, 0.02, 0.01], dtype=dtype).requires_grad_()
    coherent = draw(2, 2, n) if machine == "square_law" else None
    return state, matrices, bias, levels, coherent


@pytest.mark.parametrize("machine", ["homodyne", "square_law"])
@pytest.mark.parametrize("fidelity", ["slot", "waveform"])
@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_gradcheck_with_everything_on(machine, fidelity, n):
    tensors = inputs(machine, n)
    run = loop(machine, fidelity)
    assert torch.autograd.gradcheck(
        lambda *t: circulate(run, *t, step=2, first_sample=5), tensors
    )


@pytest.mark.parametrize("machine", ["homodyne", "square_law"])
@pytest.mark.parametrize(
    "changes",
    [
        {"engine": "step"},
        {"drive": "waveform"},
        {"detector": Photodetector(bandwidth=0.4e9, saturation_power=1.0)},
        {"noise": False},
        {"schedule": SwitchSchedule(weight_sets=2, repetitions=2, interleaved=2)},
    ],
    ids=["step", "fed", "saturation", "noiseless", "interleaved"],
)
def test_gradcheck_of_every_engine(machine, changes):
    tensors = inputs(machine, 3)
    run = loop(machine, "waveform", **changes)
    assert torch.autograd.gradcheck(lambda *t: circulate(run, *t), tensors)


def test_gradcheck_of_real_banks():
    run = loop("homodyne", "waveform")
    assert torch.autograd.gradcheck(
        lambda *t: circulate(run, *t), inputs("homodyne", 3, quadratures=1)
    )


def test_single_precision_in_single_precision_out():
    run = loop("square_law", "slot")
    tensors = inputs("square_law", 4, dtype=torch.float32)
    final = circulate(run, *tensors)
    final.sum().backward()
    assert final.dtype == torch.float32
    assert {t.grad.dtype for t in tensors} == {torch.float32}


def test_second_derivatives_are_refused_not_wrong():
    tensors = inputs("homodyne", 2)
    final = circulate(loop("homodyne", "slot"), *tensors)
    (first,) = torch.autograd.grad(final.square().sum(), tensors[0], create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        first.sum().backward()


def test_inputs_are_left_alone():
    tensors = inputs("square_law", 3)
    before = [t.detach().clone() for t in tensors]
    circulate(loop("square_law", "waveform"), *tensors).sum().backward()
    for tensor, copy in zip(tensors, before, strict=True):
        np.testing.assert_array_equal(tensor.detach().numpy(), copy.numpy())
