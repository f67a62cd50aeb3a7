"""The optimiser of a run: its kind, its learning rate over time, and its memory as plain arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from numpy.typing import NDArray
from torch import nn

from photon_relax.config import TrainingConfig

__all__ = ["build_optimiser", "learning_rate", "load_memory", "optimiser_memory"]

_KINDS: dict[str, type[torch.optim.Adam]] = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


def build_optimiser(config: TrainingConfig, network: nn.Module) -> torch.optim.Optimizer:
    """Adam (Kingma and Ba, ICLR 2015) or AdamW (Loshchilov and Hutter, ICLR 2019)."""
    return _KINDS[config.optimiser](
        network.parameters(),
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
        fused=True,  # one pass over a parameter, where the default makes one for every operation
    )


def learning_rate(config: TrainingConfig, step: int) -> float:
    """Learning rate of one step, counted from 0: a function of the step, so it needs no memory.

    It rises linearly over `warmup_steps`; then it stays, or falls along half a cosine that would
    reach zero one step after the last (Loshchilov and Hutter, ICLR 2017, without restarts).
    """
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / (config.warmup_steps + 1)
    if config.schedule == "constant":
        return config.learning_rate
    progress = (step - config.warmup_steps) / (config.steps - config.warmup_steps)
    return config.learning_rate * 0.5 * (1.0 + math.cos(math.pi * progress))


def optimiser_memory(
    optimiser: torch.optim.Optimizer, network: nn.Module
) -> dict[str, dict[str, NDArray[Any]]]:
    """What the optimiser remembers, by the name of the parameter; empty before the first step."""
    return {
        name: {key: value.cpu().numpy() for key, value in optimiser.state[parameter].items()}
        for name, parameter in network.named_parameters()
        if parameter in optimiser.state
    }


def load_memory(
    optimiser: torch.optim.Optimizer,
    network: nn.Module,
    memory: Mapping[str, Mapping[str, NDArray[Any]]],
) -> None:
    """Give a new optimiser the memory of an earlier one.

    Raises
    ------
    ValueError
        The memory is of another network.
    """
    parameters = dict(network.named_parameters())
    strange = memory.keys() - parameters.keys()
    if strange:
        raise ValueError(f"the optimiser remembers parameters unknown here: {sorted(strange)}")
    for name, values in memory.items():
        parameter = parameters[name]
        optimiser.state[parameter] = {
            key: torch.from_numpy(value.copy()).to(parameter.device)
            for key, value in values.items()
        }
