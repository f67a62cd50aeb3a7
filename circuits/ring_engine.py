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

from circuits.electronics import Real
from circuits.loop_engine import Batch, LoopGradients
from circuits.loop_kernels import add_slot_noise, add_slot_noise_adjoint
from circuits.loop_states import StateGradients, States
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

    slot_gain: Real | None
    """γ, (L_T,)."""

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
    loop: TimeMultiplexedLoop, tape: RingTape, gradient: Real, layers: bool
) -> LoopGradients:
    """Run the batch backwards, see `TimeMultiplexedLoop.adjoint`."""
    g_slots, g_levels = tape.slots.zeros(), np.zeros_like(tape.levels)
    parts = []
    for rows, batch in _chunks(loop, tape):
        passage = _Passage(batch, tape, rows, keep=True)
        parts.append(passage.back(gradient[rows], g_slots, g_levels, layers=layers))
    gains = [part.gain for part in parts if part.gain is not None]
    recorded = [part.layers for part in parts if part.layers is not None]
    return LoopGradients(
        state=np.concatenate([part.start for part in parts]),
        matrices=g_slots.matrices,
        bias=np.sum([part.bias for part in parts], axis=0),
        levels=g_levels,
        background=None,
        stored=g_slots.rings,
        slot_gain=np.sum(gains, axis=0) if gains else None,
        layers=np.concatenate(recorded, axis=1) if recorded else None,
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
        self.batch, self.tape = batch, tape
        self.memory, self.kinds = batch.loop.ring_memory(batch.lanes)
        self.states = States(
            start=batch.grouped(tape.state[rows]), bias=tape.bias, gain=tape.slot_gain
        )
        self.fields: list[Real] = []
        self.stored: list[Real] = []
        drives = [batch.drive(rows, thread) for thread, rows in enumerate(self.states.start)]
        final = np.empty_like(self.states.start)
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
            if keep:
                self.stored.append(rings)
                self.fields.append(planes[:, None])
            rings = after
            h = self.states.receive(batch, slot, y)
            if slot >= batch.program.n_slots - batch.threads:
                final[thread] = h
            else:
                drives[thread] = batch.drive(h, slot)
        self.final = batch.ungrouped(final)

    @property
    def _noise_form(self) -> tuple[Real, Real, Real]:
        """Form, sums and floor of `add_slot_noise`: the second plane is weighted for the noise."""
        dtype = self.batch.dtype
        floor: Any = dtype.type(self.batch.noise_weights.sum())
        return np.zeros((1, 1), dtype), np.ones(1, dtype), floor

    def back(
        self, gradient: Real, g_slots: RingSlots, g_levels: Real, *, layers: bool
    ) -> StateGradients:
        """Return the gradients of states and electronics of the chunk; add the others up."""
        batch = self.batch
        back = StateGradients(batch, self.states, gradient, record=layers)
        g_y = np.zeros((batch.groups, batch.lanes), batch.dtype)
        g_rings = self.tape.slots.dark(batch.groups)
        g_noise = np.zeros((batch.groups, 4), batch.dtype)
        for slot in reversed(range(batch.program.n_slots)):
            g_y += back.receive(slot)
            g_planes = np.zeros((batch.groups, 1, 2, batch.lanes), batch.dtype)
            g_planes[:, 0, 0] = g_y
            if batch.loop.noise:
                add_slot_noise_adjoint(
                    self.fields[slot], *self._noise_form, batch.levels, *batch.noise_keys(slot),
                    batch.scratch, g_y, g_planes, g_noise,
                )  # fmt: skip
            g_drive = self.memory.retreat(
                self.tape.slots, int(self.kinds[slot]), back.drive(slot), self.stored[slot],
                g_planes[:, 0], g_rings, g_slots,
            )  # fmt: skip
            back.send(slot, g_drive)
            g_y *= batch.memory
        g_levels += g_noise.sum(axis=0)
        return back
