"""The electronics of the loop: from the receiver's output y to the drive of the next slot.

    y ──[ a(y) ]──[ γ_t ]──(+ b)── z ──[ ADC ]──[ f ]──(1−s)──(+)── h ──[ DAC ]──[ transmitter ]── m
                                                             ↑
                                 h one round trip before ──(s)

Converters, gains and the skip may be absent, and are by default. The gain γ_t is a programmable
amplifier's, set anew in every slot. The automatic gain control is fed forward: it measures the
total of all lanes, Σ y², in the slot that it corrects. The skip is an electrical delay line as
long as the loop, whose end is added in front of the transmitter's driver; the sum of shares 1 − s
and s stays within its range. Gradients pass a converter straight through and stop where it clips
(PHYSICS §5).
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
    """Maps on real arrays (…, N) of any shape, dtype kept, each with its slope.

    All are elementwise but the gain control.
    """

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

    level: float = 0.0
    """Rms over the lanes at which automatic gain control holds y; 0: no such control."""

    skip: float = 0.0
    """s, the share of the state one round trip before that is in the new one."""

    def amplify(self, y: Real, gain: Any, bias: Real) -> Real:
        """Return z = γ a(y) y + b, with γ = ``gain`` or, for None, 1.

        a = level / √(⟨y²⟩ + (level/100)²), the mean over the lanes: the control's own gain reaches
        40 dB at most.
        """
        if self.level:
            y = y * self._control(y)[0]
        return (y if gain is None else gain * y) + bias

    def amplify_adjoint(self, y: Real, gain: Any, g_z: Real) -> tuple[Real, Any]:
        """Return the gradients of y and of γ (None where there is none), given that of z.

        With q = ⟨y²⟩ + (level/100)² and u = a y: ∂a/∂y_j = −a y_j/(n q), so that
        ``g_y = a (g_u − y ⟨g_u y⟩/q)``.
        """
        g_u = g_z if gain is None else gain * g_z
        if not self.level:
            return g_u, None if gain is None else np.sum(g_z * y)
        a, q = self._control(y)
        g_gain = None if gain is None else np.sum(g_z * (a * y))
        return a * (g_u - y * (np.mean(g_u * y, axis=-1, keepdims=True) / q)), g_gain

    def _control(self, y: Real) -> tuple[Real, Real]:
        q = np.mean(y * y, axis=-1, keepdims=True) + (self.level / LARGEST_GAIN) ** 2
        return self.level / np.sqrt(q), q

    def activate(self, z: Real) -> Real:
        """Return f(ADC(z)), which is h where there is no skip."""
        return self.nonlinearity.apply(_quantised(self.adc, z))

    def mix(self, fresh: Real, before: Real) -> Real:
        """Return h = (1 − s) f + s h one round trip before, which may be (…, N) for (…, S, N)."""
        held = before if before.ndim == fresh.ndim else before[:, None]
        return (1.0 - self.skip) * fresh + self.skip * held

    def activation_slope(self, z: Real, h: Real) -> Real:
        """Return ∂f/∂z, given h = activate(z)."""
        slope = self.nonlinearity.derivative(_quantised(self.adc, z), h)
        return slope if self.adc is None else slope * self.adc.passes(z)

    def modulate(self, h: Real) -> Real:
        """Return m(DAC(h)), −1 … 1 (powers: 0 … 1)."""
        return self.transmit(_quantised(self.dac, h))

    def modulation_slope(self, h: Real) -> Real:
        """Return ∂m/∂h."""
        slope = self.transmit_slope(_quantised(self.dac, h))
        return slope if self.dac is None else slope * self.dac.passes(h)


def check_electronics(skip: float, level: float) -> None:
    """Refuse a skip or a level of the gain control that no electronics have.

    Raises
    ------
    ValueError
        The message says what would be right.
    """
    if not 0 <= skip < 1:
        raise ValueError(
            f"skip must be a share from 0 (none) to less than 1 (nothing new); got {skip}."
        )
    if not 0 <= level < np.inf:
        raise ValueError(
            f"normalise, the level of the gain control, must be finite and ≥ 0, such as 0.8, or 0 "
            f"for no such control; got {level}."
        )


LARGEST_GAIN = 100.0
"""Of the automatic gain control, 40 dB of voltage."""


def _quantised(converter: Quantizer | None, signal: Real) -> Real:
    return signal if converter is None else converter.quantise(signal)
