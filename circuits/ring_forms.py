"""What a row reads of one of its rings, whatever that ring is doing.

While a ring receives s and stores b (in units of what unit input settles to), d₀ b leaves on the
drop waveguide and r₁ s + τ b on the through waveguide, τ = t₀ − r₁. Of its channel the rings before
it have left P↑ and dropped D↑; those behind it pass P↓ and drop D↓ of what comes through, so that
difference and sum of the row's two detectors read

    D↑ |s|² + P↑ (|d₀ b|² + M |r₁ s + τ b|²) ,    M = D↓ ∓ P↓
        = Q₁₁ |s|² + Q₂₂ |b|² + 2 Re(Q₁₂ s* b) ,

    Q₁₁ = D↑ + P↑ M r₁² ,    Q₂₂ = P↑ (|d₀|² + M |τ|²) ,    Q₁₂ = P↑ M r₁ τ .

The neighbours are as they settle: a ring far from a colour stores little of it.
"""

from dataclasses import dataclass
from math import log, pi

import numpy as np
from numpy.typing import NDArray

from circuits.ring_neighbour_kernels import split_gradients, split_rows
from circuits.ring_weight import Reals
from circuits.ring_weight_bank import RingWeightBank

Array = NDArray[np.float64]
Complexes = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True)
class RingForms:
    """All rings of K banks at their settings, (K, N, N) each unless said otherwise."""

    bank: RingWeightBank

    pole: Complexes
    """ln R + iφ of the nearest resonance: what happens to the stored field in a round trip."""

    drop: Array
    """|d₀|²."""

    d_drop: Array
    """Its derivative with respect to the setting x."""

    echo: Complexes
    """τ."""

    d_echo: Complexes
    """Its derivative."""

    before: Array
    """P↑."""

    dropped: Array
    """D↑."""

    behind: Array
    """M of difference and sum, (2, K, N, N)."""

    tables: tuple[Reals, Reals, Reals, Reals]
    """What the kernels of the row take."""

    @classmethod
    def at(cls, bank: RingWeightBank, x: Array) -> "RingForms":
        """Return the rings of a bank where they have settled, x in half-linewidths."""
        loop = float(bank.ring.loop_amplitude)
        phase = -x * (bank.linewidth_phase / 2)
        nearest = phase - 2 * pi * np.round(phase / (2 * pi))
        turn, d_phase = loop * np.exp(1j * phase), -bank.linewidth_phase / 2
        build = 1.0 / (1.0 - turn)
        drop = bank.drop_peak * (1.0 - loop) ** 2 * np.abs(build) ** 2
        # t₀ − r₁ = −κ₁² r₂ a e^{iφ}/(1 − R e^{iφ})
        r1 = float(bank.ring.input_self_coupling)
        echo = ((r1**2 - 1.0) / r1) * turn * build
        tables = bank.tables(x)
        before, dropped, passed, taken = _neighbours(bank, tables, x.shape)
        return cls(
            bank=bank,
            pole=np.asarray(log(loop) + 1j * nearest, dtype=np.complex128),
            drop=drop,
            d_drop=2 * d_phase * drop * np.real(1j * turn * build),
            echo=echo,
            d_echo=1j * d_phase * echo * build,
            before=before,
            dropped=dropped,
            behind=np.stack([taken - passed, taken + passed]),
            tables=tables,
        )

    @property
    def _r1(self) -> float:
        return float(self.bank.ring.input_self_coupling)

    def forms(self) -> Array:
        """Return Q₁₁, Q₂₂, Re Q₁₂ and Im Q₁₂ of difference and sum, (K, N, N, 2, 4)."""
        forms = np.empty((*self.pole.shape, 2, 4))
        for plane, behind in enumerate(self.behind):
            passed = self.before * behind
            forms[..., plane, 0] = self.dropped + passed * self._r1**2
            forms[..., plane, 1] = self.before * self.drop + passed * np.abs(self.echo) ** 2
            forms[..., plane, 2] = passed * self._r1 * self.echo.real
            forms[..., plane, 3] = passed * self._r1 * self.echo.imag
        return forms

    def pull(self, g_forms: Array) -> Array:
        """Return ∂L/∂x through Q, (K, N, N), given ∂L/∂Q, (K, N, N, 2, 4)."""
        g_before, g_x = np.zeros_like(self.before), np.zeros_like(self.before)
        g_behind = []
        echo, d_echo = self.echo, self.d_echo
        planes = np.moveaxis(g_forms, (3, 4), (0, 1))
        for behind, (g11, g22, g_re, g_im) in zip(self.behind, planes, strict=True):
            through = g11 * self._r1**2 + g22 * np.abs(echo) ** 2
            through += self._r1 * (g_re * echo.real + g_im * echo.imag)
            moved = 2 * g22 * np.real(echo.conj() * d_echo)
            moved += self._r1 * (g_re * d_echo.real + g_im * d_echo.imag)
            g_before += g22 * self.drop + behind * through
            g_behind.append(self.before * through)
            g_x += self.before * (g22 * self.d_drop + behind * moved)
        if not self.bank.crosstalk:
            return g_x
        g_difference, g_sum = g_behind
        g_dropped = planes[:, 0].sum(axis=0)
        parts = np.stack([g_before, g_dropped, g_sum - g_difference, g_sum + g_difference], axis=2)
        n = g_x.shape[-1]
        turned = np.empty((len(g_x) * n, n))
        split_gradients(*self.tables, parts.reshape(-1, 4, n), turned)
        return g_x + (self.bank.linewidth_phase / 4) * turned.reshape(g_x.shape)


def _neighbours(
    bank: RingWeightBank, tables: tuple[Reals, Reals, Reals, Reals], shape: tuple[int, ...]
) -> Array:
    """Return P↑, D↑, P↓ and D↓, (4, K, N, N); no other ring touches a channel without crosstalk."""
    if not bank.crosstalk:
        return np.stack([np.ones(shape), np.zeros(shape)] * 2)
    banks, n, _ = shape
    parts = np.empty((banks * n, 4, n))
    split_rows(*tables, parts)
    return np.moveaxis(parts.reshape(banks, n, 4, n), 2, 0)
