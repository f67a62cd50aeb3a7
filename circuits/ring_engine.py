"""Running a batch through a loop whose rings remember, forwards and backwards.

Slots are taken as in `loop_engine`, but what a slot reads depends on the light that is still stored
from those before it (`ring_memory`). The stored fields of all rings are the largest thing here, so
a batch goes in chunks, and on the way back each chunk is run again instead of being kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from circuits.loop_engine import Batch, LoopGradients, Real
from circuits.loop_kernels import add_slot_noise, add_slot_noise_adjoint
from circuits.ring_memory import RingSlots

if TYPE_CHECKING:
    from circuits.time_multiplexed_loop import TimeMultiplexedLoop

_CHUNK_BYTES = 2**28
"""Memory that the stored fields of a chunk may take."""


@dataclass(frozen=True, kw_only=True)
class RingTape:
    """What a forward pass keeps for its adjoint: its inputs."""

    state: Real
    """h[0], (B, N)."""

    slots: RingSlots
    """What the classes of slots do, in units of the network's weights."""

    bias: Real
    """(L_W, N)."""

    levels: Real
    """(4,)."""

    step: int
    """Optimiser step, a key of the noise."""

    first_sample: int
    """Index of the batch's first inference, a key of the noise."""


def run_forward_remembering(loop: TimeMultiplexedLoop, tape: RingTape) -> Real:
    """Circulate a batch, see `TimeMultiplexedLoop.forward`."""
    final = np.empty_like(tape.state)
    for rows, batch in _chunks(loop, tape):
        final[rows] = _Passage(batch, tape, rows, keep=False).final
    return final


def run_adjoint_remembering(
    loop: TimeMultiplexedLoop, tape: RingTape, gradient: Real
) -> LoopGradients:
    """Run the batch backwards, see `TimeMultiplexedLoop.adjoint`."""
    g_slots, g_state = tape.slots.zeros(), np.empty_like(tape.state)
    g_bias, g_levels = np.zeros_like(tape.bias), np.zeros_like(tape.levels)
    for rows, batch in _chunks(loop, tape):
        passage = _Passage(batch, tape, rows, keep=True)
        g_state[rows] = passage.back(gradient[rows], g_slots, g_bias, g_levels)
    return LoopGradients(
        state=g_state,
        matrices=g_slots.matrices,
        bias=g_bias,
        levels=g_levels,
        background=None,
        stored=g_slots.rings,
    )


def _chunks(loop: TimeMultiplexedLoop, tape: RingTape) -> Iterator[tuple[slice, Batch]]:
    """Yield the inferences of each chunk, whole groups of J."""
    per_group = tape.slots.dark(1).nbytes * (loop.schedule.n_slots + 1)
    rows = max(1, _CHUNK_BYTES // per_group) * loop.schedule.interleaved
    for start in range(0, len(tape.state), rows):
        chunk = slice(start, start + rows)
        keys = (tape.step, tape.first_sample + start)
        yield chunk, Batch(loop, tape.state[chunk], tape.levels, None, keys)


class _Passage:
    """One chunk on its way through the slots."""

    def __init__(self, batch: Batch, tape: RingTape, rows: slice, *, keep: bool) -> None:
        self.batch, self.tape, self.start = batch, tape, batch.grouped(tape.state[rows])
        self.memory, self.kinds = batch.loop.ring_memory(batch.lanes)
        self.electronics = batch.loop.electronics
        self.fields: list[Real] = []
        self.stored: list[Real] = []
        self.receiver: list[Real] = []
        drives = [self._modulated(rows, thread) for thread, rows in enumerate(self.start)]
        final = np.empty_like(self.start)
        rings = tape.slots.dark(batch.groups)
        y = np.zeros((batch.groups, batch.lanes), batch.dtype)
        for slot in range(batch.program.n_slots):
            thread = slot % batch.threads
            planes, after = self.memory.advance(
                tape.slots, int(self.kinds[slot]), drives[thread], rings
            )
            y = batch.memory * y + planes[:, 0]
            if batch.loop.noise:
                add_slot_noise(
                    planes[:, None], *self._noise_form, batch.levels, *batch.noise_keys(slot),
                    batch.scratch, y,
                )  # fmt: skip
            z = y + tape.bias[batch.program.bank[slot]]
            if keep:
                self.stored.append(rings)
                self.fields.append(planes[:, None])
                self.receiver.append(z)
            rings = after
            h = self.electronics.activate(z)
            if slot >= batch.program.n_slots - batch.threads:
                final[thread] = h
            else:
                drives[thread] = self._modulated(h, thread)
        self.final = batch.ungrouped(final)

    @property
    def _noise_form(self) -> tuple[Real, Real, Real]:
        """Form, sums and floor of `add_slot_noise`: the second plane is weighted for the noise."""
        dtype = self.batch.dtype
        floor: Any = dtype.type(self.batch.noise_weights.sum())
        return np.zeros((1, 1), dtype), np.ones(1, dtype), floor

    def _modulated(self, h: Real, thread: int) -> Real:
        return self.batch.darken(np.array(self.electronics.modulate(h)), thread)

    def back(self, gradient: Real, g_slots: RingSlots, g_bias: Real, g_levels: Real) -> Real:
        """Return ∂L/∂h[0] of the chunk; add the other gradients up."""
        batch, slots = self.batch, self.batch.program.n_slots
        g_final = batch.grouped(gradient)
        g_y = np.zeros((batch.groups, batch.lanes), batch.dtype)
        g_rings = self.tape.slots.dark(batch.groups)
        g_noise = np.zeros((batch.groups, 4), batch.dtype)
        g_drive = [g_y] * batch.threads
        for slot in reversed(range(slots)):
            thread = slot % batch.threads
            z = self.receiver[slot]
            h = self.electronics.activate(z)
            g_z = self.electronics.activation_slope(z, h)
            if slot >= slots - batch.threads:
                g_z *= g_final[thread]
            else:
                g_z *= self.electronics.modulation_slope(h)
                g_z *= batch.darken(g_drive[thread], thread)
            g_bias[batch.program.bank[slot]] += g_z.sum(axis=0)
            g_y += g_z
            g_planes = np.zeros((batch.groups, 1, 2, batch.lanes), batch.dtype)
            g_planes[:, 0, 0] = g_y
            if batch.loop.noise:
                add_slot_noise_adjoint(
                    self.fields[slot], *self._noise_form, batch.levels, *batch.noise_keys(slot),
                    batch.scratch, g_y, g_planes, g_noise,
                )  # fmt: skip
            g_drive[thread] = self.memory.retreat(
                self.tape.slots, int(self.kinds[slot]), self._drive_of(slot), self.stored[slot],
                g_planes[:, 0], g_rings, g_slots,
            )  # fmt: skip
            g_y *= batch.memory
        g_levels += g_noise.sum(axis=0)
        g_first = [batch.darken(g, thread) for thread, g in enumerate(g_drive)]
        return batch.ungrouped(np.stack(g_first) * self.electronics.modulation_slope(self.start))

    def _drive_of(self, slot: int) -> Real:
        """Return the drive of a slot again, from the receiver's z one round trip before."""
        thread, before = slot % self.batch.threads, slot - self.batch.threads
        if before < 0:
            return self._modulated(self.start[thread], thread)
        return self._modulated(self.electronics.activate(self.receiver[before]), thread)
