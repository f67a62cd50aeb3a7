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
from photon_relax.parallel import ALONE, Processes

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
    processes
        Among which each batch is divided.

    Raises
    ------
    ValueError
        A batch has nothing for some process.
    """

    def __init__(
        self,
        network: ReLaXNet,
        optimiser: torch.optim.Optimizer,
        split: Split,
        config: TrainingConfig,
        processes: Processes = ALONE,
    ) -> None:
        self.network = network
        self.optimiser = optimiser
        self.split = split
        self.config = config
        self.processes = processes
        interleaved = network.hardware.interleaved_inferences
        if config.batch_size <= interleaved * (processes.count - 1):
            raise ValueError(
                f"batch_size must be more than {interleaved * (processes.count - 1)} for each of "
                f"{processes.count} processes to have a part of it; got {config.batch_size}"
            )
        self._part = processes.part(config.batch_size, interleaved)
        self._model = processes.wrap(network)
        self._order = BatchOrder(len(split), config.batch_size, config.seed)

    def take(self, step: int) -> BatchResult:
        """Take the step of this number, counted from 0.

        Raises
        ------
        NotFinite
            Before anything is changed.
        """
        inputs, targets = self.split.batch(self._order.indices(step)[self._part])
        device = self.network.device
        expected = torch.from_numpy(targets).to(device)
        self.network.train()
        self.optimiser.zero_grad(set_to_none=True)
        with torch.autocast(
            device.type, torch.bfloat16, enabled=self.config.precision == "bfloat16"
        ):
            logits = self._model(
                torch.from_numpy(inputs).to(device), step=step, first_sample=self._part.start
            )
        # The gradient will be the mean over the processes, whose parts may differ in size.
        weight = len(targets) * self.processes.count / self.config.batch_size
        loss = weight * functional.cross_entropy(logits.float(), expected)
        correct = (logits.detach().argmax(dim=1) == expected).sum()
        losses, right = self.processes.sum(np.array([loss.item(), correct.item()]))
        mean = float(losses) / self.processes.count
        self._demand_finite("loss", mean, inputs)
        torch.autograd.backward(loss)
        self._update(step, inputs)
        return BatchResult(mean, int(right), self.config.batch_size)

    def _update(self, step: int, inputs: NDArray[Any]) -> None:
        """Check and clip the gradient, then let the optimiser use it."""
        parameters = [p for p in self.network.parameters() if p.grad is not None]
        norm = nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
        self._demand_finite("norm of the gradient", norm.item(), inputs)
        if self.config.gradient_clip is not None:
            nn.utils.clip_grads_with_norm_(parameters, self.config.gradient_clip, norm)
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.config, step)
        self.optimiser.step()

    def _demand_finite(self, what: str, value: float, inputs: NDArray[Any]) -> None:
        if math.isfinite(value):
            return
        cause = "try a lower learning_rate or a gradient_clip"
        if self.processes.largest(int(not np.isfinite(inputs).all())):
            cause = "the training data holds numbers that are not finite"
        raise NotFinite(f"the {what} is {value} ({cause})")
