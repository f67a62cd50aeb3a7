"""Settings of components as single numbers: a circuit is one point of a sweep."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices._fields import FINITE, Rule, checked_real

NEPERS_PER_DB = np.log(10.0) / 20.0
"""Nepers of amplitude per dB."""


def number(value: Any, name: str, rule: Rule, why: str) -> float:
    """Return a setting as one float, held to a rule: a circuit is one point of a sweep."""
    checked = checked_real(value, name, rule, why)
    if not isinstance(checked, float):
        raise ValueError(
            f"{name} must be one number ({why}; a circuit is one point of a sweep); got an array "
            f"of shape {np.shape(checked)}."
        )
    return checked


def numbers(device: Any, *names: str) -> dict[str, float]:
    """Return the named fields of a device as floats."""
    return {name: number(getattr(device, name), name, FINITE, "a setting") for name in names}


def values(*given: complex) -> NDArray[np.complex128]:
    """Return the numbers of a part, or their slopes, as one array."""
    return np.array(given, dtype=np.complex128)
