import numpy as np
import pytest
import torch

from devices import FiberSwitch
from photon_relax.gradient_flow import draw_gradient_flow, gradient_flow
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet


def network(n=8, **settings):
    defaults = {"weight_sets": 2, "repetitions": 6, "hardware": Hardware.perfect()}
    return ReLaXNet(5, n, 3, **(defaults | settings)).double()


def batch(rows=7, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, 5)), rng.integers(3, size=rows)


@pytest.mark.parametrize("start", ["orthogonal", "identity"])
def test_linear_layers_scale_gradients_by_the_scale_of_their_banks(start):
    net = network(nonlinearity="linear", start=start, start_scale=0.7)
    flow = gradient_flow(net, *batch())
    # Banks are orthogonal to single precision, in which they start.
    np.testing.assert_allclose(flow.layers / flow.layers[-1], 0.7 ** np.arange(6, -1, -1.0), 1e-6)
    assert flow.ratio == pytest.approx(0.7**6, rel=1e-6)


def test_a_skip_keeps_gradients_between_its_powers():
    # (1 − p) s Q + p has singular values between p − (1 − p)s and p + (1 − p)s.
    net = network(nonlinearity="linear", start_scale=0.5, skip=0.6)
    ratios = gradient_flow(net, *batch()).layers
    steps = ratios[:-1] / ratios[1:]
    assert np.all(steps >= 0.6 - 0.4 * 0.5)
    assert np.all(steps <= 0.6 + 0.4 * 0.5)


def test_the_start_that_goes_with_a_skip_keeps_the_mean_square_of_gradients():
    # E‖((1−p)s Q + p) g‖² = ((1−p)²s² + p²)‖g‖² over Q, which s² = (1+p)/(1−p) makes ‖g‖².
    p = 0.7
    settings = {"nonlinearity": "linear", "skip": p, "repetitions": 8, "weight_sets": 8}
    net = network(n=200, start_scale=((1 + p) / (1 - p)) ** 0.5, **settings)
    layers = gradient_flow(net, *batch(rows=50)).layers
    # ‖g‖² wanders by 2 p(1−p)s √(2/N) or so a layer and inference: 5 % of the norm in 8 layers.
    np.testing.assert_allclose(layers / layers[-1], 1.0, atol=0.1)


@pytest.mark.parametrize("fidelity", ["ideal", "slot", "waveform"])
def test_norms_are_those_of_differences_of_the_loss(fidelity):
    leaky = Hardware(switch=FiberSwitch(isolation_db=15.0), noise=False)
    net = network(fidelity=fidelity, hardware=leaky, slot_gain=True, skip=0.2, normalise=0.8)
    x, y = batch(rows=3)
    flow = gradient_flow(net, x, y)
    state = net.first_state(torch.from_numpy(x)).detach()

    @torch.no_grad()
    def losses(h):
        logits = net.output_layer(net.hidden(h))
        return torch.nn.functional.cross_entropy(logits, torch.from_numpy(y), reduction="none")

    step = 1e-6
    differences = [
        (losses(state + step * row) - losses(state - step * row)) / (2 * step)
        for row in torch.eye(8, dtype=torch.float64)
    ]
    expected = torch.stack(differences).square().sum(dim=0).mean().sqrt().item()
    # Central differences: step² of the curvature, and rounding over the step.
    assert flow.layers[0] == pytest.approx(expected, rel=1e-7)


def test_weight_sets_have_the_norms_of_their_gradients():
    net = network(bank="mzi", fidelity="slot")
    x, y = batch()
    net.train()
    net(torch.from_numpy(x[:1])).sum().backward()
    kept = [None if p.grad is None else p.grad.clone() for p in net.parameters()]
    flow = gradient_flow(net, x, y)
    assert net.training
    for parameter, before in zip(net.parameters(), kept, strict=True):
        torch.testing.assert_close(parameter.grad, before, rtol=0, atol=0)
    net.eval().zero_grad()
    torch.nn.functional.cross_entropy(net(torch.from_numpy(x)), torch.from_numpy(y)).backward()
    programmed = (net.bank.theta, net.bank.phi, net.bank.screen, net.bank.attenuator)
    for k in range(2):
        expected = np.sqrt(sum(p.grad[k].square().sum().item() for p in programmed))
        assert flow.weight_sets[k] == pytest.approx(expected, rel=1e-12)


def test_the_picture_shows_every_network(drawn, tmp_path):
    flows = {f"L_W = {sets}": gradient_flow(network(weight_sets=sets), *batch()) for sets in (1, 3)}
    draw_gradient_flow(flows, "at the start", tmp_path / "flow.png")
    layers, sets = drawn[0].axes
    for line, flow in zip(layers.lines, flows.values(), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), flow.layers)
    assert [len(line.get_xdata()) for line in sets.lines] == [1, 3]
    assert [text.get_text() for text in layers.get_legend().texts] == list(flows)
    assert (tmp_path / "flow.png").stat().st_size > 0
