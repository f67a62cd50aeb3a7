"""The electronics of the loop: from the receiver's z to the light of the next slot.

    z ──[ ADC ]──[ f ]── h ──[ DAC ]──[ modulator ]── m

Both converters may be absent. Gradients pass a converter straight through and stop where it
clips (PHYSICS §5).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices import ElectricalNonlinearity, Modulator, Quantizer

Real = NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class Electronics:
    """Elementwise maps on real arrays of any shape, dtype kept, each with its slope."""

    nonlinearity: ElectricalNonlinearity
    """f."""

    modulator: Modulator
    """Drive to field."""

    adc: Quantizer | None = None
    """In front of f."""

    dac: Quantizer | None = None
    """In front of the modulator."""

    def activate(self, z: Real) -> Real:
        """Return h = f(ADC(z))."""
        return self.nonlinearity.apply(_quantised(self.adc, z))

    def activation_slope(self, z: Real, h: Real) -> Real:
        """Return ∂h/∂z, given h = activate(z)."""
        slope = self.nonlinearity.derivative(_quantised(self.adc, z), h)
        return slope if self.adc is None else slope * self.adc.passes(z)

    def modulate(self, h: Real) -> Real:
        """Return the relative field m(DAC(h)), −1 … 1."""
        return self.modulator.field(_quantised(self.dac, h))

    def modulation_slope(self, h: Real) -> Real:
        """Return ∂m/∂h."""
        slope = self.modulator.slope(_quantised(self.dac, h))
        return slope if self.dac is None else slope * self.dac.passes(h)


def _quantised(converter: Quantizer | None, signal: Real) -> Real:
    return signal if converter is None else converter.quantise(signal)
