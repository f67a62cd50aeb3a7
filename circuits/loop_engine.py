"""Running a batch through the time-multiplexed loop, forwards and backwards.

The forward pass keeps the receiver's z of every slot; light, detection and noise are recomputed on
the way back (only a slot with a single field per lane, as cheap to keep as z, is kept). Each slot
is one BLAS product of the drive with the effective matrices of its class, then one kernel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from circuits.electronics import Real
from circuits.loop_kernels import (
    BALANCED,
    HOMODYNE,
    SQUARE_LAW,
    add_slot_noise,
    add_slot_noise_adjoint,
    combine_banks,
    combine_banks_adjoint,
    detect_slot,
    detect_slot_adjoint,
    step_slot,
    step_slot_adjoint,
)
from circuits.loop_states import StateGradients, States

if TYPE_CHECKING:
    from circuits.time_multiplexed_loop import TimeMultiplexedLoop


@dataclass(frozen=True, kw_only=True)
class Tape:
    """What a forward pass keeps for its adjoint."""

    state: Real
    """h[0], (B, N)."""

    matrices: Real
    """Banks, (L_W, Q, N, N)."""

    background: Real | None
    """Backgrounds, (L_W, 2, N)."""

    levels: Real
    """Link levels, (4,)."""

    combined: Real
    """Effective matrices, (P, Q', N, N)."""

    states: States
    """What the electronics did."""

    kept: list[Real | None]
    """Fields of the slots that keep them."""

    waveform: list[Real]
    """y after every sample of every slot, (G, S, N), where recorded."""

    step: int
    """Optimiser step, a key of the noise."""

    first_sample: int
    """Index of the batch's first inference, a key of the noise."""

    @property
    def receiver(self) -> list[Real]:
        """The receiver's z of every slot, (G, N) or (G, S, N)."""
        return self.states.receiver


@dataclass(frozen=True, kw_only=True)
class LoopGradients:
    """Gradients of a scalar with respect to the inputs of the loop, each in its input's shape."""

    state: Real
    """(B, N)."""

    matrices: Real
    """(L_W, Q, N, N)."""

    bias: Real
    """(L_W, N)."""

    levels: Real
    """(4,)."""

    background: Real | None
    """(L_W, 2, N), where there is a background."""

    stored: Real | None = None
    """Of the light that rings have stored, where they remember."""

    slot_gain: Real | None = None
    """(L_T,), where there is a gain per slot."""

    layers: Real | None = None
    """Of the states h[0] … h[L_T] on the way, (L_T+1, B, N), where they are asked for."""


_DETECTION = {
    "homodyne": HOMODYNE,
    "square_law": SQUARE_LAW,
    "intensity": BALANCED,
    "electrical": BALANCED,
}


class Batch:
    """One batch in the loop: its grouping into threads, and the constants in its precision."""

    def __init__(
        self,
        loop: TimeMultiplexedLoop,
        state: Real,
        levels: Real,
        background: Real | None,
        keys: tuple[int, int],
    ) -> None:
        self.loop, self.dtype = loop, state.dtype
        self.size, self.lanes = len(state), int(state.shape[1])
        self.threads = loop.schedule.interleaved
        self.groups = -(-self.size // self.threads)
        self.step, self.first_sample = keys
        self.samples = loop.samples
        self.program = loop.program
        self.electronics = loop.electronics
        self.quadratures = 1 if loop.real_only else 2
        self.background = background
        self.levels = levels
        self.scratch = np.empty((self.groups, 3, self.lanes), self.dtype)
        readout = loop.readout
        cast = self._cast
        self.memory, self.pole = cast(readout.memory), cast(readout.pole)
        self.signal_gain, self.noise_gain = cast(readout.signal_gain), cast(readout.noise_gain)
        self.mixing, self.bias_share = cast(self.program.mixing), cast(self.program.bias_share)
        self.noise_weights = readout.noise_weights
        self.injected = None if loop.injected is None else cast(loop.injected)
        self.weights = readout.weights
        self._no_light = np.zeros((2, self.lanes), self.dtype)
        self.no_trace = np.empty((self.groups, 0, self.lanes), self.dtype)
        self._buffers: dict[tuple[str, int], Real] = {}

    def _cast(self, value: Any) -> Any:
        """Return a number or an array in the batch's precision."""
        return np.asarray(value, dtype=self.dtype)[()]

    # ------------------------------------------------------------------------------- inferences

    def grouped(self, rows: Real) -> Real:
        """Return (B, N) as (J, G, N): thread j of group g is inference g·J + j."""
        missing = self.groups * self.threads - self.size
        padded = np.concatenate([rows, np.zeros((missing, self.lanes), self.dtype)])
        return np.ascontiguousarray(
            padded.reshape(self.groups, self.threads, self.lanes).swapaxes(0, 1)
        )

    def ungrouped(self, grouped: Real) -> Real:
        """Return (J, G, N) as (B, N), without the padding."""
        return grouped.swapaxes(0, 1).reshape(-1, self.lanes)[: self.size]

    def darken(self, drive: Real, thread: int) -> Real:
        """Set the drive of the inferences that only fill up the last group to zero, in place."""
        drive[(self.size - thread + self.threads - 1) // self.threads :] = 0
        return drive

    def drive(self, h: Real, slot: int) -> Real:
        """Return what the states h, (G, N) or (G, S, N), send into the banks in a slot."""
        return self.darken(self.electronics.modulate(h), slot % self.threads)

    def noise_keys(self, slot: int) -> tuple[int, int, int, int, int]:
        """Return seed, step, first inference, stride and slot."""
        first = self.first_sample + slot % self.threads
        return self.loop.seed, self.step, first, self.threads, slot

    # ------------------------------------------------------------------------------------ light

    def buffer(self, name: str, size: int) -> Real:
        """Return reusable memory: fresh pages cost as much as the arithmetic on them."""
        key = (name, size)
        if key not in self._buffers:
            self._buffers[key] = np.empty(size, self.dtype)
        return self._buffers[key]

    def matrix(self, combined: Real, slot: int) -> Real:
        """Return the effective matrices of a slot stacked, (R·Q'·N, N)."""
        return combined[self.program.fields(slot)].reshape(-1, self.lanes)

    def fields(self, drive: Real, matrix: Real, out: Real | None = None) -> Real:
        """Return the fields of a slot, (G, S', R, Q', N), for a drive (G, N) or (G, S, N)."""
        flat = drive.reshape(-1, self.lanes)
        if out is None:
            out = self.buffer("fields", flat.shape[0] * matrix.shape[0])
        out = out.reshape(flat.shape[0], matrix.shape[0])
        np.matmul(flat, matrix.T, out=out)
        return out.reshape(self.groups, -1, self._n_fields(matrix), self.quadratures, self.lanes)

    def _n_fields(self, matrix: Real) -> int:
        return len(matrix) // (self.quadratures * self.lanes)

    def bias_fields(self, slot: int) -> Real:
        """Return the background of the selected bank, (Q', N)."""
        if self.background is None:
            return self._no_light[: self.quadratures]
        light: Real = self.background[self.program.bank[slot]]
        return light

    # -------------------------------------------------------------------------------- detection

    def sums(self, slot: int) -> tuple[Real, Real, Real]:
        """Return bias share, linear and quadratic weight of each field of a slot, (R,) each."""
        fields = self.program.fields(slot)
        share = self.bias_share[fields]
        if self.loop.machine == "square_law":
            return share, np.zeros_like(share), np.ones_like(share)
        if self.loop.real_only:
            return share, np.ones_like(share), np.zeros_like(share)
        linear = self._cast(self.weights @ self.program.mixing[:, fields])
        return share, linear, np.zeros_like(share)

    def noise_form(self, slot: int) -> tuple[Real, Real, Real]:
        """Return form, sums and floor of a slot's noise, see `add_slot_noise`."""
        floor = self._cast(self.noise_weights.sum())
        fields = self.program.fields(slot)
        n = fields.stop - fields.start
        form, sums = np.zeros((n, n)), np.zeros(n)
        if self.quadratures == 2:
            # Shot noise follows |E|² where fields add, the second plane where powers do.
            mixing = self.program.mixing[:, fields]
            if self.loop.adds_fields:
                form = mixing.T @ (self.noise_weights[:, None] * mixing)
            else:
                sums = self.noise_weights @ mixing
        return self._cast(form), self._cast(sums), floor

    def closed_levels(self) -> Real:
        """Return the levels as the closed sums use them: the oscillator's shot noise in v₀."""
        if self.loop.machine != "homodyne":
            return self.levels
        rho, lo, floor, slope = self.levels
        return np.array([rho, lo, floor + slope * lo * lo, slope], self.dtype)

    def open_levels(self, gradient: Real) -> Real:
        """Return the gradient of the levels from that of `closed_levels`."""
        if self.loop.machine != "homodyne":
            return gradient
        _, lo, _, slope = self.levels
        rho, _, g_floor, g_slope = gradient
        g_lo = 2 * lo * slope * g_floor
        return np.array([rho, g_lo, g_floor, g_slope + lo * lo * g_floor], self.dtype)

    # ------------------------------------------------------------------------- charge injection

    def inject(self, slot: int, y: Real, trace: Real) -> None:
        """Add what the current switch pushes into the lines to y (G, N) and its trace (G, S, N)."""
        if self.injected is not None:
            level = self.levels[1]
            y += level * self.injected[slot, -1]
            if trace.shape[1]:
                trace += level * self.injected[slot][:, None]

    def inject_adjoint(self, slot: int, g_y: Real, g_trace: Real, g_levels: Real) -> None:
        """Add the share of `inject` to the gradient of the levels (G, 4)."""
        if self.injected is not None:
            g_levels[:, 1] += self.injected[slot, -1] * g_y.sum(axis=1)
            if g_trace.shape[1]:
                g_levels[:, 1] += g_trace.sum(axis=2) @ self.injected[slot]

    def stepping(self, slot: int) -> tuple[Any, ...]:
        """Return the arguments that both stepping kernels share, from `mixing` on."""
        return (
            np.ascontiguousarray(self.mixing[:, self.program.fields(slot)]),
            self.bias_fields(slot),
            _DETECTION[self.loop.machine],
            self.levels,
            self.loop.noise,
            self.pole,
            self.signal_gain,
            self.noise_gain,
            *self.noise_keys(slot),
            self.scratch,
        )


def _phasors(loop: TimeMultiplexedLoop, lanes: int, dtype: Any) -> tuple[Real, Real, Real]:
    """Return the crosstalk phasors of both ends (L_W, 2, N) and the program's combination.

    Powers add with the real part of the phasor alone: the two planes do not mix.
    """
    first, last = (
        np.stack([np.cos(phase), loop.adds_fields * np.sin(phase)], axis=1).astype(dtype)
        for phase in loop.leakage_phases(lanes)
    )
    return first, last, loop.program.combination.astype(dtype)


def run_forward(
    loop: TimeMultiplexedLoop,
    state: Real,
    matrices: Real,
    bias: Real,
    levels: Real,
    background: Real | None,
    step: int,
    first_sample: int,
    record: bool,
    slot_gain: Real | None = None,
) -> tuple[Real, Tape]:
    """Circulate a batch, see `TimeMultiplexedLoop.forward`."""
    batch = Batch(loop, state, levels, background, (step, first_sample))
    combined = np.empty(
        (len(batch.program.combination), batch.quadratures, batch.lanes, batch.lanes), state.dtype
    )
    combine_banks(matrices, *_phasors(loop, batch.lanes, state.dtype), combined)
    states = States(start=batch.grouped(state), bias=bias, gain=slot_gain)
    drives = [batch.drive(rows, thread) for thread, rows in enumerate(states.start)]
    final = np.empty((batch.threads, batch.groups, batch.lanes), state.dtype)
    y = np.zeros((batch.groups, batch.lanes), state.dtype)
    tape = Tape(
        state=state, matrices=matrices, background=background, levels=levels, combined=combined,
        states=states, kept=[], waveform=[], step=step, first_sample=first_sample,
    )  # fmt: skip
    for slot in range(batch.program.n_slots):
        thread = slot % batch.threads
        if loop.stepped:
            trace = _step_forward(batch, drives[thread], combined, slot, y, record)
            if record:
                tape.waveform.append(trace)
            tape.kept.append(None)
            h = states.receive(batch, slot, trace if loop.fed else y)
        else:
            tape.kept.append(_sum_forward(batch, drives[thread], combined, slot, y))
            h = states.receive(batch, slot, y)
        if slot >= batch.program.n_slots - batch.threads:
            final[thread] = h[:, -1] if loop.fed else h
        else:
            drives[thread] = batch.drive(h, slot)
    return np.ascontiguousarray(batch.ungrouped(final)), tape


def _sum_forward(batch: Batch, drive: Real, combined: Real, slot: int, y: Real) -> Real | None:
    """Advance y by one slot in closed form; return the fields where they are worth keeping."""
    matrix = batch.matrix(combined, slot)
    keep = batch.loop.machine == "square_law" and len(matrix) == 2 * batch.lanes
    fresh = np.empty(len(drive) * len(matrix), batch.dtype) if keep else None
    field = batch.fields(drive, matrix, fresh)[:, 0]
    share, linear, quadratic = batch.sums(slot)
    detect_slot(field, share, batch.bias_fields(slot), linear, quadratic, batch.memory, y)
    if batch.loop.noise:
        add_slot_noise(
            field, *batch.noise_form(slot), batch.closed_levels(), *batch.noise_keys(slot),
            batch.scratch, y,
        )  # fmt: skip
    batch.inject(slot, y, batch.no_trace)
    return field if keep else None


def _step_forward(
    batch: Batch, drive: Real, combined: Real, slot: int, y: Real, record: bool
) -> Real:
    """Advance y by one slot sample by sample; return the waveform, or an empty array."""
    field = batch.fields(drive, batch.matrix(combined, slot))
    traced = record or batch.loop.fed
    shape = (batch.groups, batch.samples, batch.lanes)
    trace = np.empty(shape, batch.dtype) if traced else batch.no_trace
    step_slot(field, *batch.stepping(slot), y, trace)
    batch.inject(slot, y, trace)
    return trace


def run_adjoint(
    loop: TimeMultiplexedLoop, tape: Tape, gradient: Real, layers: bool
) -> LoopGradients:
    """Run the batch backwards, see `TimeMultiplexedLoop.adjoint`.

    λ, the gradient of y at the end of a slot, gets a share from the receiver's z of that slot and
    μ times (or, stepped, pole^S times) the λ of the next one.
    """
    batch = Batch(loop, tape.state, tape.levels, tape.background, (tape.step, tape.first_sample))
    back = StateGradients(batch, tape.states, gradient, record=layers)
    g_combined = np.zeros_like(tape.combined)
    g_background = None if tape.background is None else np.zeros_like(tape.background)
    g_levels = np.zeros((batch.groups, 4), batch.dtype)
    g_y = np.zeros((batch.groups, batch.lanes), batch.dtype)
    through_light = _step_backward if loop.stepped else _sum_backward
    for slot in reversed(range(batch.program.n_slots)):
        fresh = back.receive(slot)
        drive = back.drive(slot)
        matrix = batch.matrix(tape.combined, slot)
        g_field, g_light = through_light(batch, tape, drive, matrix, slot, fresh, g_y, g_levels)
        if g_background is not None:
            g_background[batch.program.bank[slot]] += g_light
        flat = g_field.reshape(-1, len(matrix))
        product = batch.buffer("matrix", matrix.size).reshape(matrix.shape)
        np.matmul(flat.T, drive.reshape(-1, batch.lanes), out=product)
        g_combined[batch.program.fields(slot)] += product.reshape(
            -1, batch.quadratures, batch.lanes, batch.lanes
        )
        back.send(slot, (flat @ matrix).reshape(drive.shape))
    g_matrices = np.empty_like(tape.matrices)
    first, last, combination = _phasors(loop, batch.lanes, batch.dtype)
    combine_banks_adjoint(g_combined, first, last, combination, g_matrices)
    g_all = g_levels.sum(axis=0)
    return LoopGradients(
        state=back.start,
        matrices=g_matrices,
        bias=back.bias,
        levels=g_all if loop.stepped else batch.open_levels(g_all),
        background=g_background,
        slot_gain=back.gain,
        layers=back.layers,
    )


def _sum_backward(
    batch: Batch, tape: Tape, drive: Real, matrix: Real, slot: int, fresh: Real, g_y: Real,
    g_levels: Real,
) -> tuple[Real, Real | None]:  # fmt: skip
    """Return the gradients of a slot's fields and of its background; take g_y one slot back.

    `fresh` is what the electronics of this slot add to g_y.
    """
    g_y += fresh
    batch.inject_adjoint(slot, g_y, batch.no_trace, g_levels)
    if batch.loop.real_only:
        g_field = g_y.copy()
        g_y *= batch.memory
        return g_field, None
    share, linear, quadratic = batch.sums(slot)
    field = tape.kept[slot]
    if field is None:
        field = batch.fields(drive, matrix)[:, 0]
        field += share[:, None, None] * batch.bias_fields(slot)
    g_field = batch.buffer("g_fields", field.size).reshape(field.shape)
    detect_slot_adjoint(field, linear, quadratic, g_y, g_field)
    if batch.loop.noise:
        add_slot_noise_adjoint(
            field, *batch.noise_form(slot), batch.closed_levels(), *batch.noise_keys(slot),
            batch.scratch, g_y, g_field, g_levels,
        )  # fmt: skip
    g_y *= batch.memory
    if tape.background is None:
        return g_field, None
    return g_field, np.tensordot(share, g_field.sum(axis=0), axes=(0, 0))


def _step_backward(
    batch: Batch, tape: Tape, drive: Real, matrix: Real, slot: int, fresh: Real, g_y: Real,
    g_levels: Real,
) -> tuple[Real, Real | None]:  # fmt: skip
    """Return the gradients of a slot's fields and of its background; take g_y one slot back.

    `fresh` is what the electronics of this slot add to g_y.
    """
    field = batch.fields(drive, matrix)
    g_field = batch.buffer("g_fields", field.size).reshape(field.shape)
    g_light = np.empty((batch.groups, batch.quadratures, batch.lanes), batch.dtype)
    g_trace = fresh if batch.loop.fed else batch.no_trace
    if not batch.loop.fed:
        g_y += fresh
    batch.inject_adjoint(slot, g_y, g_trace, g_levels)
    step_slot_adjoint(field, *batch.stepping(slot), g_trace, g_y, g_field, g_light, g_levels)
    return g_field, None if tape.background is None else g_light.sum(axis=0)
