import numpy as np
import pytest
import torch

from circuits import MeshFabrication, SwitchSchedule, TimeMultiplexedLoop
from devices import (
    CurrentSwitch,
    ElectricalNonlinearity,
    FiberSwitch,
    MachZehnder,
    Photodetector,
)
from photon_relax.functional import circulate, mesh_matrices, mesh_propagate

MACHINES = ["homodyne", "square_law", "intensity", "electrical"]


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
    if machine == "electrical":
        settings["input_switch"] = CurrentSwitch(
            isolation_db=12.0, time_constant=0.3e-9, injected_charge=1e-10
        )
    if machine == "intensity":
        settings["nonlinearity"] = ElectricalNonlinearity(function="sigmoid")
    return TimeMultiplexedLoop(machine=machine, fidelity=fidelity, **(settings | changes))


def inputs(machine, n, dtype=torch.float64, batch=3, quadratures=2):
    generator = torch.Generator().manual_seed(n)

    def draw(*shape):
        values = torch.randn(*shape, generator=generator, dtype=dtype)
        return values.requires_grad_()

    state, matrices, bias = draw(batch, n), draw(2, quadratures, n, n), draw(2, n)
    # ρ, ℓ, v₀, v₁ of a noisy receiver.
    levels = torch.tensor([0.05, 1.5, 0.02, 0.01], dtype=dtype).requires_grad_()
    background = draw(2, 2, n) if machine in ("square_law", "electrical") else None
    if machine == "electrical":
        matrices = draw(2, 1, n, n)
        background = background.detach().abs().requires_grad_()
    if machine == "intensity":
        # Powers, and the sum of two detectors beyond their difference.
        state = torch.sigmoid(state).detach().requires_grad_()
        matrices = matrices.detach()
        matrices[:, 1] = matrices[:, 0].abs() + matrices[:, 1].abs()
        matrices.requires_grad_()
    return state, matrices, bias, levels, background


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("fidelity", ["slot", "waveform"])
@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_gradcheck_with_everything_on(machine, fidelity, n):
    tensors = inputs(machine, n)
    run = loop(machine, fidelity)
    assert torch.autograd.gradcheck(lambda *t: circulate(run, *t, step=2, first_sample=5), tensors)


@pytest.mark.parametrize("machine", MACHINES)
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


def phases(n, meshes=2, dtype=torch.float64):
    generator = torch.Generator().manual_seed(n)
    shapes = [(meshes, n, n // 2), (meshes, n, n // 2), (meshes, n)]
    return [
        (6.0 * torch.rand(shape, generator=generator, dtype=dtype)).requires_grad_()
        for shape in shapes
    ]


CHIPS = {
    "perfect": None,
    "imperfect": MeshFabrication(splitter_error=0.1, phase_error=0.1, arm_loss_db=0.3),
}


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_gradcheck_of_meshes(chip, n):
    fabrication = CHIPS[chip]
    errors = None if fabrication is None else fabrication.draw(2, n, n, seed=1)
    assert torch.autograd.gradcheck(lambda *t: mesh_matrices(*t, errors), phases(n))


def test_mesh_matrices_are_the_product_of_their_interferometers():
    n = 5
    errors = CHIPS["imperfect"].draw(2, n, n, seed=3)
    theta, phi, screen = phases(n)
    expected = torch.eye(n, dtype=torch.complex128).repeat(2, 1, 1)
    for mesh in range(2):
        for column in range(n):
            for k in range((n - column % 2) // 2):
                m = 2 * k + column % 2
                at = (mesh, column, k)
                part = MachZehnder(
                    theta=theta[at].item() + errors.theta[at],
                    phi=phi[at].item() + errors.phi[at],
                    alpha=errors.alpha[at],
                    beta=errors.beta[at],
                    arm_transmission=errors.arm_transmission,
                ).transfer_matrix()
                rows = slice(m, m + 2)
                expected[mesh, rows] = torch.from_numpy(part) @ expected[mesh, rows].clone()
    expected = torch.exp(1j * (screen + torch.from_numpy(errors.screen)))[..., None] * expected
    # Rounding of five columns.
    torch.testing.assert_close(
        mesh_matrices(theta, phi, screen, errors), expected, rtol=0, atol=1e-14
    )


def test_single_precision_meshes_follow_double():
    double = mesh_matrices(*phases(16))
    single = mesh_matrices(*(p.float() for p in phases(16)))
    assert single.dtype == torch.complex64
    # Phases of up to 6 rad have a rounding of 2e-7 each, 16 columns of them.
    torch.testing.assert_close(single.to(torch.complex128), double, rtol=0, atol=5e-6)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_light_goes_through_the_matrix_of_its_mesh(n):
    theta, phi, screen = (p[0].detach().requires_grad_() for p in phases(n))
    light = torch.randn(4, n, dtype=torch.complex128, generator=torch.Generator().manual_seed(1))
    light.requires_grad_()
    (matrix,) = mesh_matrices(theta[None], phi[None], screen[None])
    torch.testing.assert_close(
        mesh_propagate(light, theta, phi, screen), light @ matrix.T, rtol=0, atol=1e-14
    )
    assert torch.autograd.gradcheck(mesh_propagate, (light, theta, phi, screen))
