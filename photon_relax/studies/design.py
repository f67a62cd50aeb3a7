"""Where in the space of its parameters a study measures: a grid, a list, or a sample of points.

Every point has a number, and its place follows from the design and the number alone, so that
neither the order of work nor a pause in it changes anything.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from photon_relax.studies.bench import demand_name
from photon_relax.studies.indices import draw_saltelli
from photon_relax.studies.ranges import Range

__all__ = ["COUNTED", "Design", "DesignName", "Wafers"]

DesignName = Literal[
    "grid", "list", "one-at-a-time", "latin-hypercube", "sobol", "monte-carlo", "saltelli"
]

COUNTED = ("grid", "list", "one-at-a-time")
"""Designs that take the values as they are listed; the others draw them."""

_MOST_POINTS = 10_000_000
_MOST_CURVES, _MOST_PANELS = 6, 4


@dataclass(frozen=True, kw_only=True)
class Wafers:
    """Chips of one wafer resemble each other.

    Each parameter's normal score is √share · z(wafer) + √(1 − share) · z(chip): the variance
    within wafers and between them adds up to that of the parameter's distribution, which stays as
    it is (a one-way random-effects model under a normal copula; for wafer-level and die-level
    parts of silicon photonics see Bogaerts, Xing and Khan, IEEE JSTQE 25, 6100413 (2019)).
    """

    chips: int
    """Chips, one a point, that come from the same wafer, at least 2."""
    share: float
    """Part of the variance that the chips of a wafer have in common, in [0, 1]."""

    def __post_init__(self) -> None:
        chips: Any = self.chips
        share: Any = self.share
        if isinstance(chips, bool) or not isinstance(chips, int) or chips < 2:
            raise ValueError(f"wafers.chips must be a whole number ≥ 2; got {chips!r}")
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise ValueError(f"wafers.share must be a number within 0 and 1; got {share!r}")


@dataclass(frozen=True, kw_only=True)
class Design:
    """The points of a study.

    Raises
    ------
    ValueError
        The parts do not fit together; the message says what would be right.
    """

    parameters: Mapping[str, Range]
    """The values of each parameter, by its name; at least one."""
    kind: DesignName = "grid"
    """'grid': every combination, the last parameter changing fastest; 'list': the first value of
    every parameter, then the second of every parameter, and so on; 'one-at-a-time': every value
    of each parameter with the others at the base; 'latin-hypercube': every parameter evenly covered
    (McKay, Beckman and Conover, Technometrics 21, 239 (1979)); 'sobol': a scrambled Sobol sequence
    (Owen, J. Complexity 14, 466 (1998)); 'monte-carlo': independent; 'saltelli': what indices of
    sensitivity are estimated from, ``points`` times the number of parameters plus two (Saltelli et
    al., Computer Physics Communications 181, 259 (2010))."""
    points: int | None = None
    """Points of a sampled design; a grid has as many as it has."""
    seed: int = 0
    """Of the sample."""
    wafers: Wafers | None = None
    """How the points of 'monte-carlo' resemble each other, if they do."""

    def __post_init__(self) -> None:
        if self.kind not in get_args(DesignName):
            known = ", ".join(get_args(DesignName))
            raise ValueError(f"design must be one of {known}; got {self.kind!r}")
        if not self.parameters:
            raise ValueError("a study needs at least one parameter to vary")
        name: Any
        for name, values in self.parameters.items():
            demand_name("a parameter", name)
            if self.kind != "list":
                values.demand_distinct(name)
        if self.wafers is not None and self.kind != "monte-carlo":
            raise ValueError(f'wafers need design = "monte-carlo"; got {self.kind!r}')
        if self.kind in COUNTED:
            self._check_counted()
        else:
            self._check_sample()

    def _check_counted(self) -> None:
        if self.points is not None:
            raise ValueError(
                f"a {self.kind} design has the points it has; leave out points = {self.points}"
            )
        if self.kind == "list":
            self._check_list()
        if len(self) > _MOST_POINTS:
            raise ValueError(f"the grid has {len(self):,} points, more than {_MOST_POINTS:,}")

    def _check_list(self) -> None:
        lengths = {name: len(axis) for name, axis in zip(self.names, self.axes, strict=True)}
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
            raise ValueError(f"the points of a list need a value of every parameter; {told}")
        points = list(zip(*self.axes, strict=True))
        if twice := next((point for point in points if points.count(point) > 1), None):
            told = ", ".join(f"{n} = {v}" for n, v in zip(self.names, twice, strict=True))
            raise ValueError(f"the list names the point {told} twice; replicates repeat points")

    def _check_sample(self) -> None:
        n: Any = self.points
        if n is None:
            raise ValueError(f"{self.kind} needs to know how many points: points = 64")
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= _MOST_POINTS:
            raise ValueError(f"points must be a whole number, 1 to {_MOST_POINTS:,}; got {n!r}")
        if self.kind in ("sobol", "saltelli") and n & (n - 1):
            lower = 1 << (n.bit_length() - 1)
            raise ValueError(
                f"a Sobol sequence is even only where its length is a power of two; "
                f"got points = {n}, write {lower} or {2 * lower}"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in their order."""
        return tuple(self.parameters)

    @cached_property
    def axes(self) -> tuple[tuple[Any, ...], ...]:
        """The values of each parameter, where they are listed."""
        axes = []
        for name, values in self.parameters.items():
            try:
                axes.append(values.grid())
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        return tuple(axes)

    @property
    def panels(self) -> tuple[str, str, str] | None:
        """How a grid of three is best seen: along what, a curve each, and a panel each; or None.

        Along the parameter of the most values, if the others have few.
        """
        if self.kind != "grid" or len(self.names) != 3:
            return None
        sizes = dict(zip(self.names, self.shape, strict=True))
        along = max(self.names, key=lambda name: sizes[name])
        one, other = (name for name in self.names if name != along)
        for curves, panels in ((one, other), (other, one)):
            if sizes[curves] <= _MOST_CURVES and sizes[panels] <= _MOST_PANELS:
                return along, curves, panels
        return None

    @property
    def shape(self) -> tuple[int, ...]:
        """Points along each parameter of a grid; all other designs have one axis."""
        if self.kind == "grid":
            return tuple(len(axis) for axis in self.axes)
        if self.kind == "list":
            return (len(self.axes[0]),)
        if self.kind == "one-at-a-time":
            return (sum(len(axis) for axis in self.axes),)
        assert self.points is not None
        return (self.points * (len(self.parameters) + 2 if self.kind == "saltelli" else 1),)

    def __len__(self) -> int:
        return math.prod(self.shape)

    def point(self, number: int) -> dict[str, Any]:
        """Give the values of the parameters at one point; what is left out is at the base."""
        if self.kind == "grid":
            places = np.unravel_index(number, self.shape)
            return {
                name: axis[int(place)]
                for name, axis, place in zip(self.names, self.axes, places, strict=True)
            }
        if self.kind == "list":
            return {n: axis[number] for n, axis in zip(self.names, self.axes, strict=True)}
        if self.kind == "one-at-a-time":
            for name, axis in zip(self.names, self.axes, strict=True):
                if number < len(axis):
                    return {name: axis[number]}
                number -= len(axis)
        shares = self._sample[number].tolist()
        return {
            name: values.quantile(share)
            for (name, values), share in zip(self.parameters.items(), shares, strict=True)
        }

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self.point(number) for number in range(len(self)))

    @cached_property
    def _sample(self) -> NDArray[np.float64]:
        """Probabilities in [0, 1), shape (points, parameters)."""
        # Here, for it takes half a second to load, and a grid needs none of it.
        from scipy.stats import qmc

        generator = np.random.default_rng(self.seed)
        n, d = self.shape[0], len(self.parameters)
        if self.kind == "saltelli":
            return draw_saltelli(self.names, n // (d + 2), int(generator.integers(1, 2**31)))
        if self.kind == "latin-hypercube":
            return qmc.LatinHypercube(d, rng=generator).random(n)
        if self.kind == "sobol":
            return qmc.Sobol(d, rng=generator).random(n)
        if self.wafers is None:
            return generator.random((n, d))
        of_wafer = generator.standard_normal((-(-n // self.wafers.chips), d))
        of_chip = generator.standard_normal((n, d))
        wafer = np.arange(n) // self.wafers.chips
        share = self.wafers.share
        score = np.sqrt(share) * of_wafer[wafer] + np.sqrt(1.0 - share) * of_chip
        return np.asarray(ndtr(score), dtype=np.float64)

    def digest(self) -> str:
        """Digest of every value of every point: two installations that agree draw the same."""
        sha = hashlib.sha256()
        # A grid is its axes; walking through it would only repeat them.
        for row in self.axes if self.kind in COUNTED else self:
            sha.update(json.dumps(row, sort_keys=True).encode())
        return sha.hexdigest()
