"""Rings that remember: a weight bank whose slots are not much longer than its photons live.

A ring fills and empties at E = (R e^{iφ})^{dt/T_R} a sample. With b the stored field in units of
what unit input would settle to,

    b ← E b + (1 − E) s ,    drop = d₀ b ,    through = r₁ s + (t₀ − r₁) b

is the sum over round trips itself at whole numbers of them, and in between coupled-mode theory with
the pole λ = (ln R + iφ)/T_R (Little et al., J. Lightwave Technol. 15, 998 (1997)); it settles to
the exact response (d₀, t₀), and an empty ring passes what its coupler does, r₁. The other rings of
the row are quasi-static: each channel moves one ring, its own, and sees the others as they settle.

The light of a slot is held: power p a channel, in one bank or another by the paths a_s of the
switch. Then a slot is a quadratic form in (√p, b), the same work for any number of samples
(``ring_memory_kernels``). The slope of √p is singular in the dark, so what is stored and interferes
is A = p/√(p + ε): dark stays dark, and settled light is exact (PHYSICS §5 has √(p + ε)).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from circuits.ring_forms import RingForms
from circuits.ring_memory_kernels import PARTS, advance, advance_adjoint
from circuits.ring_slot_kernels import ROWS, compile_slots, compile_slots_adjoint
from circuits.ring_weight import Reals
from circuits.ring_weight_bank import RingErrors, RingWeightBank

Complexes: TypeAlias = NDArray[np.complex128]


@dataclass(frozen=True)
class RingSlots:
    """What slots of each class do, compiled from the settings; or gradients of that."""

    matrices: Reals
    """Of the light of the slot itself: T_d − T_p and T_d + T_p, all banks, (C, 2, N, N)."""

    rings: Reals
    """Of the light that was stored, (C, K, N, ROWS, N)."""

    def zeros(self) -> "RingSlots":
        """Return a place to add gradients up in."""
        return RingSlots(np.zeros_like(self.matrices), np.zeros_like(self.rings))

    def dark(self, groups: int) -> Reals:
        """Return the fields of rings without light, (K, N, G, 2, N): real and imaginary parts."""
        _, banks, n, _, _ = self.rings.shape
        return np.zeros((banks, n, groups, 2, n), dtype=self.rings.dtype)


@dataclass(frozen=True, kw_only=True, eq=False)
class RingMemory:
    """Banks of rings, and the slots that they go through.

    Raises
    ------
    ValueError
        Where a field is not what its docstring says.
    """

    bank: RingWeightBank
    """The rings."""

    dt: float
    """Length of a sample in s."""

    paths: Complexes
    """a: field that bank k receives in every sample of every class of slots, relative to a selected
    and settled one, (C, K, S), or (C, K, S, N) where channels differ."""

    weights: NDArray[np.float64]
    """w: share of every sample in what is read of T_d − T_p and of T_d + T_p, (2, S)."""

    smoothing: float = 1e-6
    """ε in the unit of the powers."""

    def __post_init__(self) -> None:
        paths = np.array(self.paths, dtype=np.complex128, ndmin=3)
        if paths.ndim == 3:
            paths = paths[..., None]
        weights = np.array(self.weights, dtype=np.float64)
        if paths.ndim != 4 or 0 in paths.shape or not np.all(np.isfinite(paths)):
            raise ValueError(
                f"paths must be finite fields of the shape (classes, banks, samples) or (classes, "
                f"banks, samples, N); got {np.shape(self.paths)}."
            )
        if weights.shape != (2, paths.shape[2]) or not np.all(np.isfinite(weights)):
            raise ValueError(
                f"weights must be finite, of the shape (2, samples) = (2, {paths.shape[2]}) (of "
                f"difference and sum); got {weights.shape}."
            )
        for name in ("dt", "smoothing"):
            value: Any = getattr(self, name)
            if not 0 < value < np.inf:
                raise ValueError(f"{name} must be > 0 and finite; got {value}.")
        object.__setattr__(self, "paths", paths)
        object.__setattr__(self, "weights", weights)

    # Compiling

    def slots(self, detuning: Reals, errors: RingErrors | None = None) -> RingSlots:
        """Return what every class of slots does, in the settings' precision.

        Parameters
        ----------
        detuning, errors
            As in `RingWeightBank.matrices`.
        """
        rings = self._at(detuning, errors)
        (banks, n, _), classes = rings.pole.shape, len(self.paths)
        dtype = np.asarray(detuning).dtype
        slots = RingSlots(
            np.empty((classes, 2, n, n), dtype), np.empty((classes, banks, n, ROWS, n), dtype)
        )
        compile_slots(*self._held(rings), rings.forms(), slots.matrices, slots.rings)
        return slots

    def gradients(
        self, detuning: Reals, gradient: RingSlots, errors: RingErrors | None = None
    ) -> Reals:
        """Return ∂L/∂x, (K, N, N), given ∂L/∂slots."""
        rings = self._at(detuning, errors)
        forms = rings.forms()
        g_forms, g_x = np.empty_like(forms), np.empty(rings.pole.shape)
        # E = e^{trips·pole}, and the pole turns with the phase of a round trip.
        rate = -0.5j * self.bank.linewidth_phase * self._trips
        compile_slots_adjoint(
            *self._held(rings), forms, rate, gradient.matrices, gradient.rings, g_forms, g_x
        )
        return np.asarray(g_x + rings.pull(g_forms), dtype=np.asarray(detuning).dtype)

    def _at(self, detuning: Reals, errors: RingErrors | None) -> RingForms:
        x = self.bank.settled(detuning, errors)
        banks, channels = self.paths.shape[1], self.paths.shape[-1]
        if len(x) != banks or channels not in (1, x.shape[-1]):
            raise ValueError(
                f"detuning must be of as many banks and channels as paths, K = {banks} and N = "
                f"{channels if channels > 1 else 'any'}; got {x.shape}."
            )
        return RingForms.at(self.bank, x.astype(np.float64))

    def _held(self, rings: RingForms) -> tuple[NDArray[Any], ...]:
        """Return E, paths, weights and ⟨a,a⟩ as both kernels take them."""
        return np.exp(self._trips * rings.pole), self.paths, self.weights, self._energies

    @cached_property
    def _energies(self) -> NDArray[np.float64]:
        """⟨a,a⟩ of both planes, (C, K, 2, N or 1)."""
        return np.ascontiguousarray(
            np.einsum("ps,cksn->ckpn", self.weights, np.abs(self.paths) ** 2)
        )

    @property
    def _trips(self) -> float:
        """Round trips in a sample."""
        return self.dt / float(self.bank.ring.round_trip_time)

    # Going through slots

    def field(self, power: Reals) -> Reals:
        """Return A = p/√(p + ε), what a power stores."""
        return np.asarray(power / np.sqrt(power + power.dtype.type(self.smoothing)))

    def advance(
        self,
        slots: RingSlots,
        kind: int,
        power: Reals,
        state: Reals,
        after: Reals | None = None,
    ) -> tuple[Reals, Reals]:
        """Take all rings through one slot.

        Parameters
        ----------
        slots
            From `slots`.
        kind
            Class of the slot.
        power
            p of every channel, ≥ 0, (G, N), of the slots' precision.
        state
            Fields at the slot's start, (K, N, G, 2, N); `RingSlots.dark` at first. Kept.
        after
            Memory for those at its end: fresh pages cost more than the arithmetic on them.

        Returns
        -------
        What the slot reads, Σ_s w_s (T_d ∓ T_p) over all banks, (G, 2, N), and the fields at its
        end.
        """
        groups, n = power.shape
        planes = (power @ slots.matrices[kind].reshape(-1, n).T).reshape(groups, 2, n)
        after = np.empty_like(state) if after is None else after
        advance(slots.rings[kind], self.field(power), state, planes, after)
        return planes, after

    def retreat(
        self,
        slots: RingSlots,
        kind: int,
        power: Reals,
        state: Reals,
        g_planes: Reals,
        g_state: Reals,
        gradient: RingSlots,
    ) -> Reals:
        """Take gradients back through one slot.

        Parameters
        ----------
        slots, kind, power, state
            As in `advance`.
        g_planes
            ∂L/∂planes, (G, 2, N).
        g_state
            ∂L/∂ the fields at the slot's end; overwritten by that at its start.
        gradient
            ∂L/∂slots, added to.

        Returns
        -------
        ∂L/∂p, (G, N).
        """
        groups, n = power.shape
        flat = np.ascontiguousarray(g_planes, dtype=power.dtype).reshape(groups, 2 * n)
        gradient.matrices[kind] += (flat.T @ power).reshape(2, n, n)
        g_fields = np.empty((PARTS, groups, n), dtype=power.dtype)
        advance_adjoint(
            slots.rings[kind], self.field(power), state, flat.reshape(groups, 2, n), g_state,
            gradient.rings[kind], g_fields,
        )  # fmt: skip
        smooth = power + power.dtype.type(self.smoothing)
        slope = (0.5 * power + power.dtype.type(self.smoothing)) / (smooth * np.sqrt(smooth))
        return np.asarray(
            flat @ slots.matrices[kind].reshape(2 * n, n) + g_fields.sum(axis=0) * slope
        )


def slot_classes(paths: Complexes) -> tuple[Complexes, NDArray[np.int64]]:
    """Return the different slots among many and the class of each.

    Parameters
    ----------
    paths
        a of every slot, (U, K, S) or (U, K, S, N).

    Returns
    -------
    ``paths`` of `RingMemory`, and the class of every slot, (U,).
    """
    kinds: list[int] = []
    index = np.empty(len(paths), dtype=np.int64)
    for slot, path in enumerate(paths):
        for kind, known in enumerate(kinds):
            if np.max(np.abs(paths[known] - path)) <= 4 * np.finfo(float).eps:
                index[slot] = kind
                break
        else:
            index[slot] = len(kinds)
            kinds.append(slot)
    return paths[kinds], index
