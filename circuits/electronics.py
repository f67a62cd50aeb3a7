"""The electronics of the loop: from the receiver's z to the drive of the next slot.

    z ──[ ADC ]──[ f ]── h ──[ DAC ]──[ transmitter ]── m

Both converters may be absent. Gradients pass a converter straight through and stop where it
clips (PHYSICS §5).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from devices import ElectricalNonlinearity, Quantizer

Real = NDArray[np.floating[Any]]
Map: TypeAlias = Callable[[Real], Real]
"""An elementwise map that keeps shape and dtype."""


@dataclass(frozen=True, kw_only=True)
class Electronics:
    """Elementwise maps on real arrays of any shape, dtype kept, each with its slope."""

    nonlinearity: ElectricalNonlinearity
    """f."""

    transmit: Map
    """m, from the drive to what enters the banks: a relative field, power or voltage."""

    transmit_slope: Map
    """dm / dh."""

    adc: Quantizer | None = None
    """In front of f."""

    dac: Quantizer | None = None
    """In front of the transmitter."""

    def activate(self, z: Real) -> Real:
        """Return h = f(ADC(z))."""
        return self.nonlinearity.apply(_quantised(self.adc, z))

    def activation_slope(self, z: Real, h: Real) -> Real:
        """Return ∂h/∂z, given h = activate(z)."""
        slope = self.nonlinearity.derivative(_quantised(self.adc, z), h)
        return slope if self.adc is None else slope * self.adc.passes(z)

    def modulate(self, h: Real) -> Real:
        """Return m(DAC(h)), −1 … 1 (powers: 0 … 1)."""
        return self.transmit(_quantised(self.dac, h))

    def modulation_slope(self, h: Real) -> Real:
        """Return ∂m/∂h."""
        slope = self.transmit_slope(_quantised(self.dac, h))
        return slope if self.dac is None else slope * self.dac.passes(h)


def _quantised(converter: Quantizer | None, signal: Real) -> Real:
    return signal if converter is None else converter.quantise(signal)
