"""The electrical nonlinearity: what the receiver's electronics make of the current.

    z ──[ f ]── h = f(z)

The optics are linear up to the detector, so depth needs a nonlinearity, and an amplifier has one
for nothing: driven hard it saturates as v = v_sat tanh(Z·I/v_sat). Others are a comparator's clip,
a diode's rectifier or a digital table. Signals are dimensionless, ±1 at full scale; the modulator
of the next slot takes no more than that, so only a bounded f closes the loop.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from devices._fields import Device, floating, require_choice

Signal: TypeAlias = NDArray[np.floating[Any]]
"""A real signal of any floating precision."""


class _Function(NamedTuple):
    """f, its derivative from (z, h = f(z)), and its range."""

    apply: Callable[[Signal], Any]
    derivative: Callable[[Signal, Signal], Any]
    low: float
    high: float


# The logistic function through tanh overflows for no argument, exp(−z) would.
_FUNCTIONS = {
    "tanh": _Function(np.tanh, lambda z, h: 1 - h * h, -1.0, 1.0),
    "hard_tanh": _Function(lambda z: np.clip(z, -1, 1), lambda z, h: np.abs(z) <= 1, -1.0, 1.0),
    "sigmoid": _Function(lambda z: (1 + np.tanh(z / 2)) / 2, lambda z, h: h * (1 - h), 0.0, 1.0),
    "clipped_relu": _Function(
        lambda z: np.clip(z, 0, 1), lambda z, h: (z > 0) & (z <= 1), 0.0, 1.0
    ),
    "relu": _Function(lambda z: np.maximum(z, 0), lambda z, h: z > 0, 0.0, np.inf),
    "linear": _Function(lambda z: z.copy(), lambda z, h: np.ones_like(z), -np.inf, np.inf),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class ElectricalNonlinearity(Device):
    """A memoryless function between receiver and modulator.

    Raises
    ------
    ValueError
        Where the function is none of the six.
    """

    function: Literal["tanh", "hard_tanh", "sigmoid", "clipped_relu", "relu", "linear"] = "tanh"
    """Name of f: tanh (a saturating amplifier), hard_tanh (clip to ±1), sigmoid 1/(1+e^{−z}),
    clipped_relu (clip to 0…1), relu, linear."""

    def __post_init__(self) -> None:
        require_choice(self, "function", tuple(_FUNCTIONS), "the receiver's nonlinearity")

    def apply(self, z: ArrayLike) -> Signal:
        """Return h = f(z), in the shape and precision of `z`."""
        signal = floating(z)
        return np.asarray(_FUNCTIONS[self.function].apply(signal), dtype=signal.dtype)

    def derivative(self, z: ArrayLike, h: ArrayLike) -> Signal:
        """Return df/dz at `z`, given `h` = f(z), in the shape and precision of `z`.

        At a corner: hard_tanh passes the gradient at ±1 as a clip does; the rectifiers pass none
        at 0, so a dark lane stays still.
        """
        signal, output = floating(z), floating(h)
        return np.asarray(_FUNCTIONS[self.function].derivative(signal, output), signal.dtype)

    @property
    def output_range(self) -> tuple[float, float]:
        """Least and greatest value of f, (low, high); infinite where unbounded."""
        chosen = _FUNCTIONS[self.function]
        return chosen.low, chosen.high

    @property
    def bounded(self) -> bool:
        """Whether f stays within ±1, as the modulator of the next slot requires."""
        low, high = self.output_range
        return low >= -1.0 and high <= 1.0
