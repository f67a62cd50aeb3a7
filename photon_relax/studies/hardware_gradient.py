"""Gradients of the loss with respect to the hardware: all parameters from one backward pass.

A loop is made of few numbers that its devices decide (`open_loop`), and one backward pass gives the
derivative of the loss by each of them. What a parameter of a device does to those numbers takes no
batch and no loop: central differences of two recompiled machines give it to some nine digits,

    dL/dp = Σ_a (∂L/∂a) · (a(p + δ) − a(p − δ)) / 2δ ,

and the noise goes along, its normals held (gradients go through σ(I), DESIGN §4).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch

from photon_relax.datasets import Split
from photon_relax.hardware import Hardware
from photon_relax.hardware_table import part_classes
from photon_relax.network import ReLaXNet
from photon_relax.studies.open_loop import compile_machine, open_loop, open_loss

__all__ = ["Slope", "hardware_gradient", "hardware_numbers"]

_STEP = 1e-4
"""Relative step of the differences: their error is its square, rounding's 1e-16 over it."""


@dataclass(frozen=True)
class Slope:
    """How the loss follows one number of the hardware."""

    name: str
    """Dotted name within the hardware."""
    value: float
    """Where it stands."""
    slope: float
    """dL/dp, in nats per unit of the parameter."""

    @property
    def per_cent(self) -> float:
        """Change of the loss in nats when the parameter grows by 1 %."""
        return 0.01 * self.value * self.slope


def hardware_numbers(hardware: Hardware) -> list[str]:
    """Name every number of the hardware that can move a little to either side, dotted."""
    return [name for name in _numbers(hardware, "") if _can_move(hardware, name)]


def _can_move(hardware: Hardware, name: str) -> bool:
    value = _value(hardware, name)
    try:
        for sign in (1, -1):
            hardware.with_values({name: value * (1 + sign * _STEP)})
    except ValueError:
        return False
    return True


def _numbers(value: Any, where: str) -> Iterator[str]:
    parts = part_classes(type(value))
    for entry in fields(value):
        content = getattr(value, entry.name)
        if entry.name in parts:
            if content is not None:
                yield from _numbers(content, f"{where}{entry.name}.")
        elif isinstance(content, float) and math.isfinite(content) and content != 0:
            yield f"{where}{entry.name}"


def hardware_gradient(
    network: ReLaXNet, split: Split, names: Sequence[str], *, batch_size: int = 64
) -> tuple[float, list[Slope]]:
    """Differentiate the mean loss of a split by numbers of the hardware.

    Parameters
    ----------
    network
        At `slot` or `waveform`; its noise is that of an evaluation.
    split
        The samples.
    names
        Dotted names within the hardware, such as switch.isolation_db.

    Returns
    -------
    The loss in nats, and a slope for each name.

    Raises
    ------
    ValueError
        The network is ideal; the loop is stepped, interleaved or made of rings that remember; or
        a name is not that of a number that can change.
    """
    loop = open_loop(network)
    numbers = {name: _number(network.hardware, name) for name in names}
    network = copy.deepcopy(network).double().eval()
    machine = compile_machine(network).leaves()
    total = 0.0
    for start in range(0, len(split), batch_size):
        rows = np.arange(start, min(start + batch_size, len(split)))
        x, y = split.batch(rows)
        inputs = torch.from_numpy(x)
        if network.embedding is None:
            inputs = inputs.double()
        loss = open_loss(network, loop, machine, inputs, torch.from_numpy(y), first_sample=start)
        loss = loss / len(split)
        torch.autograd.backward(loss)
        total += loss.item()
    slopes = []
    for name, value in numbers.items():
        step = _STEP * abs(value)
        above, below = (
            compile_machine(_moved(network, name, moved)) for moved in (value + step, value - step)
        )
        slopes.append(Slope(name, value, machine.slope(above, below) / (2 * step)))
    return total, slopes


def _moved(network: ReLaXNet, name: str, value: float) -> ReLaXNet:
    return network.at(network.fidelity, network.hardware.with_values({name: value}))


def _number(hardware: Hardware, name: str) -> float:
    hardware.with_values({name: _value(hardware, name)})
    value = _value(hardware, name)
    if (
        isinstance(value, bool)
        or not isinstance(value, float)
        or not math.isfinite(value)
        or not value
    ):
        raise ValueError(
            f"hardware.{name} must be a finite number other than 0 to differentiate by; "
            f"got {value!r}"
        )
    return value


def _value(hardware: Any, name: str) -> Any:
    found = hardware
    for part in name.split("."):
        found = getattr(found, part, None)
    return found
