"""The functions f of one electrical signal that a circuit may hold: value and slope, for frequency.

They are written for complex numbers near the real axis, so that a step along the imaginary one
gives derivatives of slopes to rounding (Squire, Trapp, SIAM Rev. 40, 110 (1998)). The kernels have
their own, of real numbers, in `circuits.transient_op_kernels`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from circuits.transient_op_kernels import Function

_Slope = Callable[[Any, Any], Any]


def _between(x: Any, low: float, high: float) -> float:
    return 1.0 if low <= x.real <= high else 0.0


def _mackey_glass(x: Any, p: Any) -> Any:
    size = x if x.real >= 0 else -x
    power = size**p if x != 0 else 0.0
    return (1.0 + (1.0 - p) * power) / (1.0 + power) ** 2


SLOPES: Mapping[int, _Slope] = MappingProxyType(
    {
        Function.TANH: lambda x, p: 1.0 / np.cosh(x) ** 2,
        Function.HARD_TANH: lambda x, p: _between(x, -1.0, 1.0),
        Function.SIGMOID: lambda x, p: 0.25 / np.cosh(x / 2) ** 2,
        Function.CLIPPED_RELU: lambda x, p: 0.0 if x.real == 0 else _between(x, 0.0, 1.0),
        Function.RELU: lambda x, p: 1.0 if x.real > 0 else 0.0,
        Function.SINE: lambda x, p: np.cos(x),
        Function.SINE_SQUARED: lambda x, p: np.sin(2 * x),
        Function.MACKEY_GLASS: _mackey_glass,
        Function.POWER: lambda x, p: p * x ** (p - 1.0) if x.real > 0 else 0.0 * p,
        Function.ARCSINE: lambda x, p: 2 / np.pi / np.sqrt(1 - x**2) if abs(x.real) < 1 else 0.0,
    }
)
"""df/dx at (x, exponent), by function."""
