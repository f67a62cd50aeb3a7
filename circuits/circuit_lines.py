"""All lines of a circuit at once: their factors at all frequencies, and the way back.

A circuit of a thousand components has mostly lines; evaluated one by one they would cost more
than the solution. See `circuits.component.Line` for the formula.
"""

from collections.abc import Sequence
from math import pi

import numpy as np
from numpy.typing import NDArray

from circuits.component import Frequencies, Line, LineSlope, Matrices


class Lines:
    """The numbers of some lines as columns."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._numbers = np.array(
            [[getattr(line, name) for name in LineSlope._fields] for line in lines], dtype=float
        ).reshape(len(lines), len(LineSlope._fields))

    def transfer(self, frequency: Frequencies) -> Matrices:
        """Return the factors of the lines, (n, F)."""
        attenuation, phase, delay, bend, _ = self._columns()
        angle = self._offset(frequency)
        turn = 0.5 * bend * angle
        turn += delay
        turn *= angle
        turn += phase
        return np.asarray(np.exp(1j * turn) * np.exp(-attenuation))

    def dispersion(self, frequency: Frequencies) -> Matrices:
        """Return the derivative of the logarithm of the factors in frequency, (n, F), in 1/Hz."""
        _, _, delay, bend, _ = self._columns()
        return np.asarray(2j * pi * (delay + bend * self._offset(frequency)))

    def slopes(self, frequency: Frequencies, weight: Matrices) -> NDArray[np.float64]:
        """Return dL by the five numbers of each line, (n, 5), in the order of `LineSlope`.

        Parameters
        ----------
        frequency : (F,)
            Optical frequencies in Hz.
        weight : (n, F) complex
            w = ∂L/∂H · H, so that dL = Re Σ w d ln H with
            d ln H = −d attenuation + i(d phase + Ω d delay + ½ Ω² d bend − 2π (τ + bend Ω) dν₀).
        """
        _, _, delay, bend, _ = self._columns()
        angle = self._offset(frequency)
        turned = -weight.imag  # Re(i w)
        steady, linear = turned.sum(axis=1), (turned * angle).sum(axis=1)
        square = (turned * angle * angle).sum(axis=1)
        shift = -2 * pi * (delay[:, 0] * steady + bend[:, 0] * linear)
        return np.stack([-weight.real.sum(axis=1), steady, linear, 0.5 * square, shift], axis=1)

    def _columns(self) -> NDArray[np.float64]:
        return self._numbers.T[:, :, None]

    def _offset(self, frequency: Frequencies) -> NDArray[np.float64]:
        return np.asarray(2 * pi * (frequency - self._columns()[4]))
