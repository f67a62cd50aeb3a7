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
from math import log, pi
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from circuits.ring_memory_kernels import (
    PARTS,
    ROWS,
    advance,
    advance_adjoint,
    compile_slots,
    compile_slots_adjoint,
)
from circuits.ring_neighbour_kernels import split_gradients, split_rows
from circuits.ring_weight_bank import RingErrors, RingWeightBank

Reals: TypeAlias = NDArray[np.floating[Any]]
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


class _Rings(NamedTuple):
    """All rings of K banks at their settings, (K, N, N) each unless said otherwise."""

    keep: Complexes
    """E."""

    drop: NDArray[np.float64]
    """|d₀|²."""

    d_drop: NDArray[np.float64]
    """Its derivative with respect to x."""

    echo: Complexes
    """τ = t₀ − r₁."""

    d_echo: Complexes
    """Its derivative."""

    before: NDArray[np.float64]
    """P↑: power that the rings before leave."""

    dropped: NDArray[np.float64]
    """D↑: power that they have dropped."""

    behind: NDArray[np.float64]
    """M = D↓ ∓ P↓ of the rings behind, (2, K, N, N)."""

    tables: tuple[Reals, Reals, Reals, Reals]
    """What the kernels of the row take."""


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
        rings = self._rings(detuning, errors)
        (banks, n, _), classes = rings.keep.shape, len(self.paths)
        dtype = np.asarray(detuning).dtype
        slots = RingSlots(
            np.empty((classes, 2, n, n), dtype), np.empty((classes, banks, n, ROWS, n), dtype)
        )
        compile_slots(
            rings.keep, self.paths, self.weights, self._energies, self._forms(rings),
            slots.matrices, slots.rings,
        )  # fmt: skip
        return slots

    def gradients(
        self, detuning: Reals, gradient: RingSlots, errors: RingErrors | None = None
    ) -> Reals:
        """Return ∂L/∂x, (K, N, N), given ∂L/∂slots."""
        rings = self._rings(detuning, errors)
        forms = self._forms(rings)
        g_forms, g_x = np.empty_like(forms), np.empty(rings.keep.shape)
        compile_slots_adjoint(
            rings.keep, self._rate, self.paths, self.weights, self._energies, forms,
            gradient.matrices, gradient.rings, g_forms, g_x,
        )  # fmt: skip
        g_parts = self._pull_forms(rings, np.moveaxis(g_forms, (3, 4), (0, 1)), g_x)
        if self.bank.crosstalk:
            n = rings.keep.shape[-1]
            rows = np.ascontiguousarray(np.moveaxis(g_parts, 0, 2)).reshape(-1, 4, n)
            turned = np.empty((len(rows), n))
            split_gradients(*rings.tables, rows, turned)
            g_x += (self.bank.linewidth_phase / 4) * turned.reshape(g_x.shape)
        return g_x.astype(np.asarray(detuning).dtype)

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

    @property
    def _rate(self) -> complex:
        """∂E/∂x over E."""
        return -0.5j * self.bank.linewidth_phase * self._trips

    def _rings(self, detuning: Reals, errors: RingErrors | None) -> _Rings:
        bank, ring = self.bank, self.bank.ring
        x = bank.settled(detuning, errors).astype(np.float64)
        banks, channels = self.paths.shape[1], self.paths.shape[-1]
        if len(x) != banks or channels not in (1, x.shape[-1]):
            raise ValueError(
                f"detuning must be of as many banks and channels as paths, K = {banks} and N = "
                f"{channels if channels > 1 else 'any'}; got {x.shape}."
            )
        loop, r1 = float(ring.loop_amplitude), float(ring.input_self_coupling)
        phase = -x * (bank.linewidth_phase / 2)
        nearest = phase - 2 * pi * np.round(phase / (2 * pi))
        turn = loop * np.exp(1j * phase)
        build = 1.0 / (1.0 - turn)
        d_turn = -0.5j * bank.linewidth_phase * turn
        drop = bank.drop_peak * (1.0 - loop) ** 2 * np.abs(build) ** 2
        echo = (-(1.0 - r1**2) / r1) * turn * build
        d_echo = (-(1.0 - r1**2) / r1) * d_turn * build**2
        before, dropped, passed, taken = self._neighbours(x, tables := bank.tables(x))
        return _Rings(
            keep=np.exp(self._trips * (log(loop) + 1j * nearest)),
            drop=drop,
            d_drop=2 * drop * np.real(d_turn * build),
            echo=echo,
            d_echo=d_echo,
            before=before,
            dropped=dropped,
            behind=np.stack([taken - passed, taken + passed]),
            tables=tables,
        )

    def _neighbours(
        self, x: NDArray[np.float64], tables: tuple[Reals, Reals, Reals, Reals]
    ) -> NDArray[np.float64]:
        """Return (P↑, D↑, P↓, D↓), (4, K, N, N)."""
        banks, n, _ = x.shape
        if not self.bank.crosstalk:
            return np.stack([np.ones_like(x), np.zeros_like(x)] * 2)
        parts = np.empty((banks * n, 4, n))
        split_rows(*tables, parts)
        return np.moveaxis(parts.reshape(banks, n, 4, n), 2, 0)

    def _forms(self, rings: _Rings) -> NDArray[np.float64]:
        """Return Q of both planes, (K, N, N, 2, 4): what a row reads of one of its rings.

        D↑ |s|² + P↑ (|drop|² + M |through|²), with s the input and through = r₁ s + τ b.
        """
        r1 = float(self.bank.ring.input_self_coupling)
        forms = np.empty((*rings.keep.shape, 2, 4))
        for plane, behind in enumerate(rings.behind):
            passed = rings.before * behind
            forms[..., plane, 0] = rings.dropped + passed * r1**2
            forms[..., plane, 1] = rings.before * rings.drop + passed * np.abs(rings.echo) ** 2
            forms[..., plane, 2] = passed * r1 * rings.echo.real
            forms[..., plane, 3] = passed * r1 * rings.echo.imag
        return forms

    def _pull_forms(
        self, rings: _Rings, g_forms: NDArray[np.float64], g_x: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return ∂L/∂(P↑, D↑, P↓, D↓), (4, K, N, N), and add to ∂L/∂x; ``g_forms`` is (2, 4, …)."""
        r1 = float(self.bank.ring.input_self_coupling)
        echo, d_echo, up = rings.echo, rings.d_echo, rings.before
        g_before, g_behind = np.zeros_like(up), []
        for behind, (g11, g22, g_re, g_im) in zip(rings.behind, g_forms, strict=True):
            through = g11 * r1**2 + g22 * np.abs(echo) ** 2
            through += r1 * (g_re * echo.real + g_im * echo.imag)
            g_before += g22 * rings.drop + behind * through
            g_behind.append(up * through)
            moved = 2 * g22 * np.real(echo.conj() * d_echo)
            moved += r1 * (g_re * d_echo.real + g_im * d_echo.imag)
            g_x += up * (g22 * rings.d_drop + behind * moved)
        g_difference, g_sum = g_behind
        return np.stack(
            [g_before, g_forms[0, 0] + g_forms[1, 0], g_sum - g_difference, g_sum + g_difference]
        )

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
