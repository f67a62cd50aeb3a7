"""Tensors as numpy arrays for the kernels, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = ["to_numpy", "to_tensor"]


def to_numpy(tensor: Tensor) -> Any:
    """Return a contiguous CPU view (a copy only where the tensor is neither)."""
    return tensor.detach().cpu().contiguous().numpy()


def to_tensor(array: Any, like: Tensor) -> Tensor:
    """Return an array as a tensor of the device and dtype of another."""
    return torch.from_numpy(np.ascontiguousarray(array)).to(like.device, like.dtype)
