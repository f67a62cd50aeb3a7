"""A validation case: one model held against one formula, with the picture of both.

A case is a function that measures; the decorator says what is measured, against what, and how far
it may be off and why::

    @case(
        name="mzi-powers",
        title="Bar power of an interferometer",
        formula="|T_11|² = sin²(θ/2)",
        source="Bandyopadhyay, Hamerly, Englund, Optica 8, 1247 (2021)",
        model="devices.MachZehnder.transfer_matrix",
        tolerance=1e-14,
        why="rounding of a dozen operations on numbers of size 1",
    )
    def mzi_powers() -> Measurement:
        theta = np.linspace(0, 2 * pi, 101)
        bar = np.abs(MachZehnder(theta=theta, phi=0.3).transfer_matrix()[:, 0, 0]) ** 2
        return measured(theta, closed_forms.interferometer.ideal_bar_power(theta), bar,
                        x="θ / rad", y="bar power")
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Reals = NDArray[np.float64]

_registry: dict[str, "Case"] = {}
CASES: Mapping[str, "Case"] = MappingProxyType(_registry)
"""All cases by name, in the order in which they are defined."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What is drawn: a closed form as a line, the simulation as points, real arrays (n,)."""

    x: Reals
    """Abscissa."""

    reference: Reals
    """Closed form at every x."""

    simulated: Reals
    """Model at every x."""

    x_label: str
    """Quantity and unit of x."""

    y_label: str
    """Quantity and unit of the values."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What a case found."""

    error: float
    """Distance of model and reference, in the measure that the case's tolerance is stated for."""

    curve: Curve
    """Model and reference side by side."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One model, one formula, one tolerance."""

    name: str
    """Short name in lower case with hyphens, the model's topic first: ``ring-finesse``."""

    title: str
    """What is compared, in one line."""

    formula: str
    """The closed form, in Unicode."""

    source: str
    """Who derived or printed it."""

    model: str
    """The public name that is judged."""

    tolerance: float
    """Largest error that passes."""

    why: str
    """Why not less: rounding, grid step, order of an expansion, confidence of a statistic."""

    measure: Callable[[], Measurement]
    """Runs model and reference."""


def case(**facts: Any) -> Callable[[Callable[[], Measurement]], Callable[[], Measurement]]:
    """Register the decorated function as the measure of a `Case` with these facts.

    Raises
    ------
    ValueError
        A name is used twice.
    """

    def register(measure: Callable[[], Measurement]) -> Callable[[], Measurement]:
        entry = Case(measure=measure, **facts)
        if entry.name in _registry:
            raise ValueError(f"there are two validation cases named {entry.name!r}; rename one.")
        _registry[entry.name] = entry
        return measure

    return register


def measured(
    at: ArrayLike,
    reference: ArrayLike,
    simulated: ArrayLike,
    *,
    x: str,
    y: str,
    error: float | None = None,
) -> Measurement:
    """Return the measurement of a curve, its error max |simulated − reference| / max |reference|.

    Parameters
    ----------
    at, reference, simulated
        Abscissa, closed form and model, of one shape (flattened to draw).
    x, y
        Labels with units.
    error
        The error where another measure is meant: an absolute one, a deviation in standard errors.
    """
    shape = np.broadcast_shapes(np.shape(at), np.shape(reference), np.shape(simulated))
    line, points, axis = (
        np.array(np.broadcast_to(np.asarray(v, dtype=np.float64), shape)).ravel()
        for v in (reference, simulated, at)
    )
    if error is None:
        error = float(np.max(np.abs(points - line)) / np.max(np.abs(line)))
    curve = Curve(x=axis, reference=line, simulated=points, x_label=x, y_label=y)
    return Measurement(error=float(error), curve=curve)


def chosen(pattern: str = "*") -> list[Case]:
    """Return the cases whose name fits a shell pattern.

    Raises
    ------
    ValueError
        No name fits.
    """
    found = [entry for name, entry in CASES.items() if fnmatchcase(name, pattern)]
    if not found:
        raise ValueError(
            f"no validation case is named {pattern!r}. Give a pattern such as 'ring-*'; "
            f"the topics are {', '.join(sorted({name.split('-')[0] for name in CASES}))}."
        )
    return found
