"""One optimiser step on one batch: forward, loss, gradient, update, or nothing at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from photon_relax.batch_order import BatchOrder
from photon_relax.config import TrainingConfig
from photon_relax.datasets import Split
from photon_relax.network import ReLaXNet
from photon_relax.optimisation import learning_rate

__all__ = ["BatchResult", "NotFinite", "TrainingStep"]


class NotFinite(ArithmeticError):
    """A loss or a gradient is no finite number; the message says which, and what may help."""


@dataclass(frozen=True)
class BatchResult:
    """How a batch went, before the step that it led to."""

    loss: float
    """Mean cross-entropy, in nats."""
    correct: int
    """Samples answered right."""
    samples: int
    """Samples in the batch."""


class TrainingStep:
    """Takes the steps of one run, each a function of its number and of what the last one left.

    Parameters
    ----------
    network, optimiser
        Changed by every step.
    split
        The samples to train on.
    config
        The settings of the run.
    """

    def __init__(
        self,
        network: ReLaXNet,
        optimiser: torch.optim.Optimizer,
        split: Split,
        config: TrainingConfig,
    ) -> None:
        self.network = network
        self.optimiser = optimiser
        self.split = split
        self.config = config
        self._order = BatchOrder(len(split), config.batch_size, config.seed)

    def take(self, step: int) -> BatchResult:
        """Take the step of this number, counted from 0.

        Raises
        ------
        NotFinite
            Before anything is changed.
        """
        inputs, targets = self.split.batch(self._order.indices(step))
        device = self.network.device
        expected = torch.from_numpy(targets).to(device)
        self.network.train()
        self.optimiser.zero_grad(set_to_none=True)
        with torch.autocast(
            device.type, torch.bfloat16, enabled=self.config.precision == "bfloat16"
        ):
            logits = self.network(torch.from_numpy(inputs).to(device), step=step)
        loss = functional.cross_entropy(logits.float(), expected)
        _demand_finite("loss", loss.item(), inputs)
        torch.autograd.backward(loss)
        self._update(step, inputs)
        correct = int((logits.detach().argmax(dim=1) == expected).sum())
        return BatchResult(loss.item(), correct, len(targets))

    def _update(self, step: int, inputs: NDArray[Any]) -> None:
        """Check and clip the gradient, then let the optimiser use it."""
        parameters = [p for p in self.network.parameters() if p.grad is not None]
        norm = nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
        _demand_finite("norm of the gradient", norm.item(), inputs)
        if self.config.gradient_clip is not None:
            nn.utils.clip_grads_with_norm_(parameters, self.config.gradient_clip, norm)
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.config, step)
        self.optimiser.step()


def _demand_finite(what: str, value: float, inputs: NDArray[Any]) -> None:
    if math.isfinite(value):
        return
    cause = "try a lower learning_rate or a gradient_clip"
    if not np.isfinite(inputs).all():
        cause = "the training data holds numbers that are not finite"
    raise NotFinite(f"the {what} is {value} ({cause})")
