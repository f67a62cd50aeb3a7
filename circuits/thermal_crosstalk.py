"""Heaters that warm each other: from powers to phases, and back.

    φ = (π/P_π) (I + X) P,    X_ij = x₀ e^{−d_ij/d₀}  (i ≠ j)

Every heater of a chip, internal and external, warms the waveguides around it by a share that falls
off with the distance (Jacques et al., Opt. Express 27, 10456 (2019)). The matrix is known, so the
crosstalk can be programmed around: the powers follow from its inverse. A heater only heats, so the
phases, which matter modulo 2π, are taken up by as few turns as make every power ≥ 0.

Warmth reaches tens of heaters, not thousands: the matrix is sparse, and as the others warm a heater
by less than itself, P ← P + φ − (I + X) P converges by at least that factor a step.
"""

from dataclasses import dataclass
from functools import cached_property
from math import log, pi
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.spatial import KDTree

__all__ = ["ThermalCrosstalk"]

Array = NDArray[np.float64]

_NEGLIGIBLE = 1e-16
"""Share of a heater's own warmth below which that of another is left out: a rounding."""

_ROUNDS = 1000
"""Rounds of adding turns; couplings up to 0.9 of a heater's own warmth were seen to need 7."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ThermalCrosstalk:
    """The heaters of one chip.

    Raises
    ------
    ValueError
        Positions are not (n, axes), a number has the wrong sign, or the heaters couple
        so strongly that a neighbourhood warms one of them as much as it warms itself.
    """

    positions: Array
    """Places of the heaters in m, (n, axes)."""

    strength: float = 0.02
    """x₀, the share that a heater infinitely near would add; 0.01 to 0.05, typical."""

    decay_length: float = 50e-6
    """d₀ in m over which the share falls by e; 50 µm, typical."""

    half_wave_power: float = 24.77e-3
    """P_π in W that a heater needs for a phase of π by itself; Harris et al., Opt. Express 22,
    10487 (2014)."""

    def __post_init__(self) -> None:
        places = np.array(self.positions, dtype=np.float64)
        if places.ndim != 2 or 0 in places.shape or not np.all(np.isfinite(places)):
            raise ValueError(
                f"positions must be finite places in m of shape (n, axes); got {places.shape}. "
                "For heaters along a line write positions=x[:, None]."
            )
        places.setflags(write=False)
        object.__setattr__(self, "positions", places)
        if not 0 <= self.strength < 1:
            raise ValueError(
                f"strength must be in 0 … 1 (a share of its own warmth); got {self.strength}."
            )
        for name in ("decay_length", "half_wave_power"):
            if not 0 < getattr(self, name) < np.inf:
                raise ValueError(f"{name} must be > 0 and finite; got {getattr(self, name)}.")
        if self.warmest >= 1:
            raise ValueError(
                f"the other heaters must warm a heater by less than itself; they add "
                f"{self.warmest:.3g} of it. Take a smaller strength or decay_length (m), or "
                "positions further apart."
            )

    @cached_property
    def matrix(self) -> Any:
        """I + X: phase at place i per heater power at place j, relative to its own.

        (n, n), a sparse array of what is not negligible.
        """
        places, n = self.positions, len(self.positions)
        row, column, share = np.arange(n), np.arange(n), np.ones(n)
        if self.strength > _NEGLIGIBLE:
            reach = self.decay_length * log(self.strength / _NEGLIGIBLE)
            pairs = KDTree(places).query_pairs(reach, output_type="ndarray")
            one, other = pairs.T
            distance = np.linalg.norm(places[one] - places[other], axis=-1)
            coupling = self.strength * np.exp(-distance / self.decay_length)
            row, column = np.concatenate([row, one, other]), np.concatenate([column, other, one])
            share = np.concatenate([share, coupling, coupling])
        return csr_array((share, (row, column)), shape=(n, n))

    @cached_property
    def warmest(self) -> float:
        """What all others add to the warmth of a heater at the same power, in the worst place."""
        return float(np.max(self.matrix.sum(axis=1))) - 1.0

    def phases(self, power: ArrayLike) -> Array:
        """Return the phases in rad, (..., n), under heater powers ≥ 0 in W, (..., n)."""
        heat = self._checked("power", power)
        if np.any(heat < 0):
            raise ValueError(f"power must be ≥ 0 (a heater only heats; W); got {heat.min():g}.")
        return pi / self.half_wave_power * self._warmed(heat)

    def heater_powers(self, phase: ArrayLike, used: ArrayLike = True) -> Array:
        """Return powers ≥ 0 in W that give the phases modulo 2π, (..., n).

        Turns are added only where a power would be negative, and one after the other, so that no
        heater is hotter than the others force it to be: with weak coupling below 2 P_π each.

        Parameters
        ----------
        phase
            Wanted in rad, (..., n).
        used
            Which heaters may be used, of a shape that fits; the others stay cold.
        """
        some = np.asarray(used, np.bool_)
        wanted = np.where(some, np.mod(self._checked("phase", phase), 2 * pi), 0.0)
        # A phase that rounding left just below zero wraps to 2π itself, two P_π too hot.
        wanted = np.where(wanted >= 2 * pi, 0.0, wanted)
        negligible = -1e-12 * pi
        alone = wanted
        for _ in range(_ROUNDS):
            alone = self._alone(wanted, alone, some)
            cold = alone < negligible
            if not np.any(cold):
                return np.asarray(self.half_wave_power / pi * np.maximum(alone, 0.0))
            wanted, alone = wanted + 2 * pi * cold, alone + 2 * pi * cold
        raise ValueError(
            f"no heater powers ≥ 0 were found within {_ROUNDS} turns; take a smaller strength."
        )

    def _warmed(self, own: Array) -> Array:
        """Return what is warmed by itself and by all others, (..., n)."""
        flat = own.reshape(-1, own.shape[-1])
        return np.asarray((self.matrix @ flat.T).T).reshape(own.shape)

    def _alone(self, wanted: Array, start: Array, used: NDArray[np.bool_]) -> Array:
        """Return the phases that heaters must make by themselves for those wanted, (..., n)."""
        alone, rounding = start, float(np.finfo(np.float64).eps)
        steps = 2 if self.warmest < rounding else 2 + int(log(rounding) / log(self.warmest))
        for _ in range(steps):
            missing = used * (wanted - self._warmed(alone))
            alone = alone + missing
            if np.max(np.abs(missing), initial=0.0) <= rounding * pi:
                break
        return alone

    def _checked(self, name: str, values: ArrayLike) -> Array:
        array = np.asarray(values, dtype=np.float64)
        n = len(self.positions)
        if array.ndim < 1 or array.shape[-1] != n:
            raise ValueError(f"{name} must have shape (..., n) with n = {n}; got {array.shape}.")
        if not np.all(np.isfinite(array)):
            raise ValueError(f"{name} must be finite; it holds NaN or infinity.")
        return array
