"""The states of a batch in the loop: what the electronics make of the receivers, slot after slot.

What the light does between two states is the engines' affair (`loop_engine`, `ring_engine`); here
is the other half of the way round, and its adjoint.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from circuits.electronics import Real

if TYPE_CHECKING:
    from circuits.loop_engine import Batch


@dataclass(frozen=True, kw_only=True)
class States:
    """What is kept of the electronics on the way forwards; h itself only where it is mixed."""

    start: Real
    """h[0] of each thread, (J, G, N)."""

    bias: Real
    """(L_W, N)."""

    gain: Real | None
    """γ of each layer, (L_T,); None: 1."""

    receiver: list[Real] = field(default_factory=list)
    """z of every slot, (G, N), or (G, S, N) where it drives the next slot as a waveform."""

    outputs: list[Real] = field(default_factory=list)
    """y of every slot, where an amplifier makes more of it than z − b."""

    mixed: list[Real] = field(default_factory=list)
    """h behind every slot, where there is a skip."""

    def receive(self, batch: Batch, slot: int, y: Real) -> Real:
        """Return h behind a slot for the receivers' output y, (G, N) or (G, S, N); keep it."""
        z, h = self.follow(batch, slot, y)
        if self.gain is not None or batch.electronics.level:
            self.outputs.append(y.copy())
        self.receiver.append(z)
        if batch.electronics.skip:
            self.mixed.append(h)
        return h

    def follow(self, batch: Batch, slot: int, y: Real) -> tuple[Real, Real]:
        """Return z and h for the receivers' output y in a slot, (G, N) or (G, S, N)."""
        electronics = batch.electronics
        bias = self.bias[batch.program.bank[slot]]
        z = electronics.amplify(y, self.gain_of(batch, slot), bias)
        h = electronics.activate(z)
        return z, electronics.mix(h, self.before(batch, slot)) if electronics.skip else h

    def gain_of(self, batch: Batch, slot: int) -> Any:
        """Return γ of a slot, or None."""
        return None if self.gain is None else self.gain[slot // batch.threads]

    def before(self, batch: Batch, slot: int) -> Real:
        """Return h that drives a slot, from one round trip before."""
        earlier = slot - batch.threads
        if earlier < 0:
            first: Real = self.start[slot]
            return first
        if batch.electronics.skip:
            return self.mixed[earlier]
        return batch.electronics.activate(self.receiver[earlier])


class StateGradients:
    """The way back through the electronics, slot after slot: `receive`, `drive`, then `send`."""

    def __init__(self, batch: Batch, states: States, gradient: Real, *, record: bool) -> None:
        self.batch, self.states = batch, states
        self.bias = np.zeros_like(states.bias)
        self.gain = None if states.gain is None else np.zeros_like(states.gain)
        last = batch.grouped(gradient)
        self._pending = list(_at_the_end(last, batch.samples) if batch.loop.fed else last)
        self._after: list[Real | None] = [None] * batch.threads
        self._record = [last] if record else []

    def receive(self, slot: int) -> Real:
        """Return ∂L/∂y of a slot."""
        batch, states, electronics = self.batch, self.states, self.batch.electronics
        thread, z = slot % batch.threads, states.receiver[slot]
        h = self._after[thread]
        # Without a skip the state behind is f(z), which has been worked out as the next drive.
        f = electronics.activate(z) if h is None or electronics.skip else h
        g_z = electronics.activation_slope(z, f)
        g_z *= self._pending[thread]
        if electronics.skip:
            g_z *= 1.0 - electronics.skip
        bank = batch.program.bank[slot]
        self.bias[bank] += g_z.reshape(-1, batch.lanes).sum(axis=0)
        if not states.outputs:
            return g_z
        g_y, g_gain = electronics.amplify_adjoint(
            states.outputs[slot], states.gain_of(batch, slot), g_z
        )
        if self.gain is not None:
            self.gain[slot // batch.threads] += g_gain
        return g_y

    def drive(self, slot: int) -> Real:
        """Return the drive of a slot again."""
        h = self.states.before(self.batch, slot)
        self._after[slot % self.batch.threads] = h
        return self.batch.drive(h, slot)

    def send(self, slot: int, g_drive: Real) -> None:
        """Take ∂L of the drive of a slot on to the state before it, and what the skip adds."""
        batch, electronics, thread = self.batch, self.batch.electronics, slot % self.batch.threads
        h = self._after[thread]
        assert h is not None
        g_h = electronics.modulation_slope(h) * batch.darken(g_drive, thread)
        if electronics.skip:
            passed = electronics.skip * self._pending[thread]
            g_h += passed if passed.ndim == g_h.ndim else passed.sum(axis=1)
        self._pending[thread] = g_h
        if self._record and thread == 0:
            self._record.append(np.stack([_held(g) for g in self._pending]))

    @property
    def start(self) -> Real:
        """∂L/∂h[0], (B, N)."""
        return np.ascontiguousarray(self.batch.ungrouped(np.stack(self._pending)))

    @property
    def layers(self) -> Real | None:
        """∂L/∂h[t], t = 0 … L_T, (L_T+1, B, N), where recorded; summed over samples."""
        if not self._record:
            return None
        return np.stack([self.batch.ungrouped(g) for g in reversed(self._record)])


def _at_the_end(gradient: Real, samples: int) -> Real:
    """Return the gradient of waveforms (…, S, N) that are read in their last sample, (…, N)."""
    waveform = np.zeros((*gradient.shape[:-1], samples, gradient.shape[-1]), gradient.dtype)
    waveform[..., -1, :] = gradient
    return waveform


def _held(gradient: Real) -> Real:
    """Return the gradient of all samples of a waveform alike, (G, N)."""
    return gradient if gradient.ndim == 2 else gradient.sum(axis=1)
