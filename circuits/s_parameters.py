"""Measured or computed scattering matrices: a table over frequency, and what it says in between.

    ν₁  S(ν₁)        between the samples  S[o, i](ν) = R[o, i](ν) e^{2πiτ[o, i](ν − ν_c)}
    ν₂  S(ν₂)        with a delay τ that takes the turning of the phase away, and a cubic
    …                spline R through what is left, which is slow

S[out, in] in e^{-iωt}: a delay turns the phase up with frequency. Files are read and written by
`circuits.lumerical_file` and `circuits.touchstone_file`; `circuits.vector_fit` makes the poles
that a simulation in time needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import pi
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import BSpline, make_interp_spline

from circuits.component import Component, Frequencies, Matrices
from circuits.netlist import check_name
from devices._fields import FINITE, POSITIVE, checked_real

if TYPE_CHECKING:
    from circuits.pole_model import PoleModel

_ROUNDING = 1e-12
"""Relative distance from the last sample that is rounding (c/λ and back), not extrapolation."""

_LEAST_COHERENCE = 0.5
"""Correlation of neighbouring samples below which nothing is known between them."""

_LEAST_SHARE = 1e-2
"""Amplitude, of the largest, below which an entry may be noise and is not asked for coherence."""


class Mode(NamedTuple):
    """A mode of a port."""

    name: str
    """What a simulator calls it, as ``TE`` or ``mode 1``."""

    number: int
    """Its number at the port, from 1."""


class Gain(NamedTuple):
    """The largest amplification of a field by a scattering matrix."""

    gain: float
    """Largest singular value; above 1 the matrix gives more power than it takes."""

    frequency: float
    """Where, in Hz."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SParameters(Component):
    """A component that is known by its scattering matrix at some frequencies.

    It has no parameters; gradients pass through it to the parts around it.
    """

    frequency: Frequencies
    """Optical frequencies in Hz, ascending, (F,)."""

    matrix: Matrices
    """S[out, in] at each of them, (F, P, P), in e^{-iωt}."""

    ports: tuple[str, ...]
    """Names of the ports; where a port has several modes, ``port@mode`` for each of them."""

    modes: tuple[Mode, ...] = ()
    """The mode of each port; empty where nothing is known of modes."""

    group_delay: NDArray[np.float64] | None = None
    """Delays in s, (P, P), that a file stated. The phase of `matrix` contains them already; they
    start the search for τ, so that a phase which turns by more than π a sample is not mistaken."""

    source: str = ""
    """Where it was read, for errors."""

    parameters: Mapping[str, float] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        light = np.atleast_1d(
            checked_real(self.frequency, f"{self.where}frequency", POSITIVE, "Hz of each sample")
        )
        if light.ndim != 1 or np.any(np.diff(light) <= 0):
            raise ValueError(
                f"{self.where}frequency must be one ascending list (each sample has one place). "
                f"Sort the samples, for example with numpy.argsort, and leave out repeated ones."
            )
        object.__setattr__(self, "frequency", light)
        self._check_ports()
        shape = (len(light), len(self.ports), len(self.ports))
        matrix = np.array(self.matrix, dtype=np.complex128)
        if matrix.shape != shape:
            raise ValueError(
                f"{self.where}matrix must have the shape {shape} of (frequencies, ports out, "
                f"ports in); got {matrix.shape}."
            )
        if not np.all(np.isfinite(matrix)):
            bad = np.argwhere(~np.isfinite(matrix))[0]
            raise ValueError(
                f"{self.where}matrix must be finite; S[{self.ports[bad[1]]!r}, "
                f"{self.ports[bad[2]]!r}] at {light[bad[0]]:.9g} Hz is {matrix[tuple(bad)]}."
            )
        matrix.setflags(write=False)
        object.__setattr__(self, "matrix", matrix)
        self._check_delay(shape[1:])

    def _check_ports(self) -> None:
        object.__setattr__(self, "ports", tuple(self.ports))
        for port in self.ports:
            check_name(port, f"{self.where}port")
        if not self.ports or len(set(self.ports)) < len(self.ports):
            raise ValueError(
                f"{self.where}ports must be names that differ, at least one; got {self.ports!r}."
            )
        object.__setattr__(self, "modes", tuple(Mode(*mode) for mode in self.modes))
        if self.modes and len(self.modes) != len(self.ports):
            raise ValueError(
                f"{self.where}modes must be one for each of the {len(self.ports)} ports, or none; "
                f"got {len(self.modes)}."
            )

    def _check_delay(self, shape: tuple[int, ...]) -> None:
        if self.group_delay is None:
            return
        delay = np.asarray(checked_real(self.group_delay, f"{self.where}group_delay", FINITE, "s"))
        if delay.shape != shape:
            raise ValueError(
                f"{self.where}group_delay must have the shape {shape} of (ports out, ports in); "
                f"got {delay.shape}."
            )
        object.__setattr__(self, "group_delay", delay)

    @property
    def where(self) -> str:
        """Beginning of an error about this table: its source and a colon."""
        return f"{self.source}: " if self.source else ""

    # What passes

    def scattering(self, frequency: ArrayLike) -> Matrices:
        """Return S[out, in] at optical frequencies (Hz) of shape (F,): shape (F, P, P).

        Raises
        ------
        ValueError
            Outside the samples, where nothing is known; and between samples of which the phases
            turn so fast that they say nothing about each other.
        """
        light = self._inside(frequency)
        return np.asarray(self._between.spline(self._place(light)) * self._turn(light))

    def dispersion(self, frequency: ArrayLike) -> Matrices:
        """Return dS/dν in 1/Hz, (F, P, P), of the interpolation."""
        light = self._inside(frequency)
        between, place = self._between, self._place(light)
        slope = between.spline(place, 1) / self._scale
        turned = 2j * pi * between.delay * between.spline(place)
        return np.asarray((slope + turned) * self._turn(light))

    def derivatives(self, frequency: ArrayLike) -> dict[str, Matrices]:
        """Return nothing: a table has no parameters."""
        return {}

    @property
    def structure(self) -> NDArray[np.bool_]:
        """Where S differs from zero at any sample."""
        return np.asarray(np.any(self.matrix != 0, axis=0))

    @cached_property
    def interpolation_error(self) -> float:
        """Largest |ΔS| of a spline through every second sample at the samples left out.

        An upper estimate: through all samples the error of a resolved spectrum is some 2⁴ times
        smaller. NaN below seven samples.
        """
        if len(self.frequency) < 7:
            return float("nan")
        coarse = replace(self, frequency=self.frequency[::2], matrix=self.matrix[::2])
        left_out = slice(1, len(coarse.frequency) * 2 - 1, 2)
        light = self.frequency[left_out]
        guess = coarse._between.spline(coarse._place(light)) * coarse._turn(light)
        return float(np.max(np.abs(guess - self.matrix[left_out])))

    @cached_property
    def pole_model(self) -> "PoleModel":
        """The poles that a simulation in time takes for the table, see `circuits.vector_fit.fit`.

        Raises
        ------
        ValueError
            Where no few poles describe the table to 1e-3.
        """
        from circuits.vector_fit import fit  # which imports this module

        return fit(self, passive=self.is_passive(1e-3))

    # What holds of it

    @cached_property
    def worst_gain(self) -> Gain:
        """The largest singular value over the samples, and where it is."""
        gains = np.linalg.norm(self.matrix, ord=2, axis=(1, 2))
        at = int(np.argmax(gains))
        return Gain(float(gains[at]), float(self.frequency[at]))

    def is_passive(self, tolerance: float = 1e-9) -> bool:
        """Whether no sample has a singular value above 1 + tolerance."""
        return self.worst_gain.gain <= 1.0 + tolerance

    @property
    def reciprocity_error(self) -> float:
        """Largest |S[o, i] − S[i, o]|; zero without magnets, modulation or an isolator."""
        return float(np.max(np.abs(self.matrix - self.matrix.swapaxes(1, 2))))

    # Between the samples

    @cached_property
    def _between(self) -> "_Between":
        return _interpolation(self)

    @property
    def _centre(self) -> float:
        return float(self.frequency[0] + self.frequency[-1]) / 2

    @property
    def _scale(self) -> float:
        return float(self.frequency[-1] - self.frequency[0]) or 1.0

    def _place(self, light: Frequencies) -> Frequencies:
        return (light - self._centre) / self._scale

    def _turn(self, light: Frequencies) -> Matrices:
        angle = 2 * pi * self._between.delay * (light - self._centre)[:, None, None]
        return np.asarray(np.exp(1j * angle))

    def _inside(self, frequency: ArrayLike) -> Frequencies:
        """Return the frequencies, held to the range and to what the samples can tell."""
        light = np.atleast_1d(checked_real(frequency, "frequency", POSITIVE, "Hz"))
        low, high = self.frequency[0], self.frequency[-1]
        outside = (light < low * (1 - _ROUNDING)) | (light > high * (1 + _ROUNDING))
        if np.any(outside):
            raise ValueError(
                f"{self.where}S-parameters are known from {low:.9g} Hz to {high:.9g} Hz (nothing "
                f"is known beyond); got {light[np.argmax(outside)]:.9g} Hz. Stay inside, or "
                f"measure a wider band."
            )
        apart = self._between.incoherent
        if apart is not None and not np.all(np.isin(light, self.frequency)):
            raise ValueError(
                f"{self.where}S[{self.ports[apart[0]]!r}, {self.ports[apart[1]]!r}] turns too fast "
                f"for its samples (neighbours are not alike, even without their mean delay). "
                f"Sample at least four times in a turn, or state group_delay."
            )
        return np.asarray(np.clip(light, low, high))


class _Between(NamedTuple):
    """What is needed between samples."""

    delay: NDArray[np.float64]
    """τ, (P, P)."""

    spline: BSpline
    """R over (ν − ν_c)/span."""

    incoherent: tuple[int, int] | None
    """(out, in) of which neighbouring samples are not alike, if there is one."""


def _interpolation(of: SParameters) -> _Between:
    hint = np.zeros(of.matrix.shape[1:]) if of.group_delay is None else of.group_delay
    delay = _mean_delay(of.frequency, of.matrix, hint)
    angle = 2 * pi * delay * (of.frequency - of._centre)[:, None, None]
    slow = of.matrix * np.exp(-1j * angle)
    power = np.sum(np.abs(slow) ** 2, axis=0)
    alike = np.abs(np.sum(np.conj(slow[:-1]) * slow[1:], axis=0))
    loud = power > _LEAST_SHARE**2 * np.max(power)
    worst = np.where(loud, alike - _LEAST_COHERENCE * power, np.inf)
    apart = np.unravel_index(int(np.argmin(worst)), worst.shape)
    # Three samples tell too little of a resonance that one of them may have met.
    known = len(slow) < 4 or worst[apart] >= 0
    degree = min(3, len(slow) - 1)
    spline = make_interp_spline(of._place(of.frequency), slow, k=degree)
    return _Between(delay, spline, None if known else (int(apart[0]), int(apart[1])))


def _mean_delay(
    frequency: Frequencies, matrix: Matrices, hint: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the delay of each entry that its samples agree on best, near the hint.

    The phase from sample to sample, weighted with the power there: the first pass takes the mean
    step of frequency, further ones fit what is left on steps that differ.
    """
    steps = np.diff(frequency)[:, None, None]
    if not len(steps):
        return hint
    pairs = np.conj(matrix[:-1]) * matrix[1:]
    weight = np.abs(pairs)
    total = np.sum(weight * steps**2, axis=0)
    turned = np.sum(pairs * np.exp(-2j * pi * hint * steps), axis=0)
    delay = hint + np.angle(turned) / (2 * pi * np.mean(steps))
    for _ in range(3):
        left = np.angle(pairs * np.exp(-2j * pi * delay * steps))
        slope = np.sum(weight * left * steps, axis=0)
        delay = delay + slope / (2 * pi * np.where(total > 0, total, 1.0))
    return np.asarray(delay)
