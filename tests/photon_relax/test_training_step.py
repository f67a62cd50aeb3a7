import numpy as np
import pytest
import torch

from photon_relax.evaluation import evaluate
from photon_relax.optimisation import build_optimiser
from photon_relax.training import Trainer
from photon_relax.training_step import NotFinite, TrainingStep


@pytest.fixture
def step(small_config, small_network, small_dataset):
    """Return a function that makes the steps of a fresh network."""

    def make(**changes):
        config = small_config(**changes)
        network = small_network(config)
        optimiser = build_optimiser(config, network)
        return TrainingStep(network, optimiser, small_dataset.train, config)

    return make


def test_bfloat16_changes_a_step_by_its_rounding_and_nothing_else(step):
    exact, rounded = step(fidelity="ideal"), step(fidelity="ideal", precision="bfloat16")
    one, other = exact.take(0), rounded.take(0)
    assert one.samples == other.samples == 16
    # Eight bits: numbers of order one are off by up to 2⁻⁹, through five layers and 16 samples.
    assert other.loss == pytest.approx(one.loss, abs=0.02)
    assert other.loss != one.loss
    for name, parameter in rounded.network.named_parameters():
        assert parameter.dtype == torch.float32
        assert parameter.grad.dtype == torch.float32
        theirs = exact.network.get_parameter(name).grad
        assert torch.dist(parameter.grad, theirs) < 0.05 * theirs.norm()


def test_the_loss_of_bfloat16_outputs_is_taken_in_float32(step, monkeypatch):
    seen = []
    loss = torch.nn.functional.cross_entropy

    def note(logits, targets):
        seen.append(logits.dtype)
        return loss(logits, targets)

    monkeypatch.setattr("photon_relax.training_step.functional.cross_entropy", note)
    rounded = step(fidelity="ideal", precision="bfloat16")
    forward = type(rounded.network).forward

    def outputs(*args, **kwargs):
        logits = forward(*args, **kwargs)
        seen.append(logits.dtype)
        return logits

    monkeypatch.setattr(type(rounded.network), "forward", outputs)
    rounded.take(0)
    assert seen == [torch.bfloat16, torch.float32]


def test_a_run_in_bfloat16_is_measured_in_float32(
    small_config, small_network, small_dataset, tmp_path
):
    config = small_config(fidelity="ideal", precision="bfloat16")
    run = Trainer(small_network(config), small_dataset, config).run(tmp_path)
    assert run.results["val_loss"] == evaluate(run.build_network(), small_dataset.validation).loss


def test_a_step_without_a_finite_loss_changes_nothing(step):
    steps = step()
    with torch.no_grad():
        steps.network.output_layer.bias[0] = np.inf
    before = {name: p.clone() for name, p in steps.network.named_parameters()}
    with pytest.raises(NotFinite, match=r"the loss is nan \(try a lower learning_rate"):
        steps.take(0)
    for name, parameter in steps.network.named_parameters():
        assert torch.equal(parameter, before[name])
