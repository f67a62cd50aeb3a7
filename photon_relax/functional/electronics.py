"""The electronics of the loop in torch: what `circuits.electronics.Electronics` does to arrays."""

from __future__ import annotations

import torch
from torch import Tensor

from circuits.electronics import LARGEST_GAIN

__all__ = ["amplify", "mix"]


def amplify(y: Tensor, gain: Tensor | None, bias: Tensor, level: float) -> Tensor:
    """Return z = γ a(y) y + b for the receivers' output y, (B, N); see `Electronics.amplify`."""
    if level:
        square = y.square().mean(dim=-1, keepdim=True) + (level / LARGEST_GAIN) ** 2
        y = y * (level * square.rsqrt())
    return (y if gain is None else gain * y) + bias


def mix(fresh: Tensor, before: Tensor, skip: float) -> Tensor:
    """Return h = (1 − s) f + s h one round trip before, (B, N)."""
    return torch.lerp(fresh, before, skip) if skip else fresh
