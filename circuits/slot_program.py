"""What one time slot does to the fields of the banks, reduced to a few effective matrices.

With the drive held over a slot, the field on lane i at sample s is

    E_i(s) = Σ_k Σ_v C[s,k,v] (W_k^v u)_i + c_i ,

where ``W_k^v`` is bank k with no crosstalk phases (v = 0), with those of the input switch (1), of
the output switch (2) or of both (3), and c is the coherent bias. The real matrix [C | 1] has few
independent columns in time, {1, q, q²} for two equal gates: its singular value decomposition,

    √w_s [C | 1]_s = Σ_r √w_s Γ_sr V_r ,
    E(s) = Σ_r Γ_sr F_r ,    F_r = (Σ_kv V_rkv W_k^v) u + V_r1 c

leaves R ≤ 4 effective matrices, and the number of samples drops out of the matrix products. With
the weights w_s of a low-pass read at the end of the slot, √w Γ has orthonormal columns, so that
the square law needs no cross terms: ``Σ_s w_s |E(s)|² = Σ_r |F_r|²``. Slots that do the same (the
steady state repeats with period L_W) share one class.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Readout:
    """The detector's first-order low-pass over one slot, sampled S times.

    ``y[s] = pole·y[s−1] + signal_gain[s]·x[s] + noise_gain[s]·σ[s]·ξ[s]``: x is the current that
    the light of sample s makes, σ² the variance that stationary noise would have at the *output*,
    S/4τ (DESIGN §4), so that any number of samples gives the same output noise.
    """

    pole: float
    """e^{−dt/τ}, the memory from one sample to the next."""

    signal_gain: Array
    """1 − e^{−t/τ} for the time t of each sample that is counted, (S,)."""

    noise_gain: Array
    """√(1 − e^{−2t/τ}) likewise, (S,)."""

    @classmethod
    def sampled(
        cls, slot_duration: float, samples: int, time_constant: float, guard_time: float
    ) -> "Readout":
        """Return the read-out of S samples a slot, the first ``guard_time`` seconds blanked.

        A sample that the guard time cuts counts from the cut on, which makes the sum over a slot
        independent of S.
        """
        dt = slot_duration / samples
        counted = np.clip((np.arange(samples) + 1) * dt - guard_time, 0.0, dt)
        with np.errstate(divide="ignore", invalid="ignore"):
            decay = np.where(counted > 0, np.exp(-counted / np.float64(time_constant)), 1.0)
            pole = float(np.exp(-dt / np.float64(time_constant)))
        return cls(pole=pole, signal_gain=1.0 - decay, noise_gain=np.sqrt(1.0 - decay**2))

    @property
    def samples(self) -> int:
        """S, samples per slot."""
        return len(self.signal_gain)

    @property
    def memory(self) -> float:
        """Slot-to-slot memory μ = e^{−T_s/τ} (PHYSICS §6)."""
        return float(self.pole**self.samples)

    @property
    def weights(self) -> Array:
        """Weight of each sample's current in the value read at the end of the slot, (S,)."""
        return self.signal_gain * self._fading

    @property
    def noise_weights(self) -> Array:
        """Weight of each sample's noise variance in that value, (S,)."""
        return (self.noise_gain * self._fading) ** 2

    def filtered(self, current: Array) -> Array:
        """Return what the currents of a slot's samples, (..., S), leave after each of them."""
        output = np.zeros_like(current)
        y = np.zeros(current.shape[:-1])
        for s, gain in enumerate(self.signal_gain):
            y = self.pole * y + gain * current[..., s]
            output[..., s] = y
        return output

    @property
    def _fading(self) -> Array:
        return self.pole ** np.arange(self.samples - 1, -1, -1, dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class SlotProgram:
    """The slots of one inference group, compiled. P = ΣR counts the fields of all classes."""

    bank: NDArray[np.int64]
    """Bank selected in each slot, (U,)."""

    slot_class: NDArray[np.int64]
    """Class of each slot, (U,)."""

    offset: NDArray[np.int64]
    """Fields of class c are offset[c] … offset[c+1]−1, (classes + 1,)."""

    combination: Array
    """V: share of each variant of each bank in each effective matrix, (P, L_W, 4)."""

    bias_share: Array
    """Share of the coherent bias in each field, (P,)."""

    mixing: Array
    """Γ: the fields' coefficients at every sample, (S, P)."""

    @property
    def n_slots(self) -> int:
        """Number of slots U."""
        return len(self.bank)

    def fields(self, slot: int) -> slice:
        """Return the range of fields that belong to a slot's class."""
        kind = self.slot_class[slot]
        return slice(int(self.offset[kind]), int(self.offset[kind + 1]))


def variant_coefficients(input_path: Array, output_path: Array) -> Array:
    """Return the coefficients C of the four variants of each bank, (U, S, L_W, 4).

    Parameters
    ----------
    input_path, output_path
        (α, λ) of the paths before and behind the banks, (U, S, L_W, 2) each.
    """
    product = output_path[..., :, None] * input_path[..., None, :]
    return product.reshape(*product.shape[:-2], 4)


def power_coefficients(input_path: Array) -> Array:
    """Return the coefficients of banks behind one switch of light, (U, S, L_W, 4).

    Each bank has its own detectors, so that powers add: |α + λe^{iϑ}|² = α² + λ² + 2αλ cos ϑ. The
    last term belongs to the real part of the variant with the input switch's phase.
    """
    alpha, leak = input_path[..., 0], input_path[..., 1]
    nothing = np.zeros_like(alpha)
    return np.stack([alpha**2 + leak**2, 2 * alpha * leak, nothing, nothing], axis=-1)


def current_coefficients(input_path: Array) -> Array:
    """Return the coefficients of banks at one switch of currents, (U, S, L_W, 4).

    Currents have no phase: what leaks adds to what is switched, α + λ.
    """
    total = input_path.sum(axis=-1)
    nothing = np.zeros_like(total)
    return np.stack([total, nothing, nothing, nothing], axis=-1)


def _factorise(samples: Array, weights: Array) -> tuple[Array, Array]:
    """Return Γ (S, R) and V (R, D) with ``samples = Γ V`` wherever the weight is not zero."""
    # What has faded below rounding is left out: 1/√w would overflow single precision.
    counted = np.where(weights > np.finfo(float).eps * weights.max(), weights, 0.0)
    root = np.sqrt(counted)[:, None]
    left, sigma, right = np.linalg.svd(root * samples, full_matrices=False)
    rank = max(1, int(np.sum(sigma > sigma[0] * max(samples.shape) * np.finfo(float).eps)))
    mixing = np.divide(left[:, :rank], root, out=np.zeros_like(left[:, :rank]), where=root > 0)
    return mixing, sigma[:rank, None] * right[:rank]


def compile_slots(bank: NDArray[np.int64], coefficients: Array, weights: Array) -> SlotProgram:
    """Reduce every slot to its effective matrices.

    Parameters
    ----------
    bank
        Bank selected in each slot, (U,).
    coefficients
        C of every slot, (U, S, L_W, 4).
    weights
        Weight of each sample in what is read at the end of the slot, (S,); ones where all
        samples matter alike.
    """
    n_slots, n_samples, n_banks, _ = coefficients.shape
    classes: list[Array] = []
    slot_class = np.empty(n_slots, dtype=np.int64)
    tolerance = 4 * np.finfo(float).eps
    for slot, samples in enumerate(coefficients):
        for kind, known in enumerate(classes):
            if np.max(np.abs(known - samples)) <= tolerance:
                slot_class[slot] = kind
                break
        else:
            slot_class[slot] = len(classes)
            classes.append(samples)
    ones = np.ones((n_samples, 1))
    parts = [
        _factorise(np.hstack([samples.reshape(n_samples, -1), ones]), weights)
        for samples in classes
    ]
    rows = np.concatenate([right for _, right in parts])
    return SlotProgram(
        bank=bank,
        slot_class=slot_class,
        offset=np.cumsum([0] + [len(right) for _, right in parts]),
        combination=np.ascontiguousarray(rows[:, :-1]).reshape(-1, n_banks, 4),
        bias_share=np.ascontiguousarray(rows[:, -1]),
        mixing=np.ascontiguousarray(np.concatenate([left for left, _ in parts], axis=1)),
    )


def collapse_linear(program: SlotProgram, weights: Array) -> SlotProgram:
    """Return the program whose slots hold one field each, the weighted sum over the samples.

    Exact where the read-out is linear in the field (homodyne without noise).
    """
    share = weights @ program.mixing
    summed = np.add.reduceat(
        share[:, None, None] * program.combination, program.offset[:-1], axis=0
    )
    classes = len(program.offset) - 1
    return SlotProgram(
        bank=program.bank,
        slot_class=program.slot_class,
        offset=np.arange(classes + 1),
        combination=summed,
        bias_share=np.add.reduceat(share * program.bias_share, program.offset[:-1]),
        mixing=np.ones((1, classes)),
    )
