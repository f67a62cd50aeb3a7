"""What happens in a loop during one inference, sample by sample: switches, currents, receivers.

The stepping engine keeps the receiver's y after every sample. The current that it has listened to
follows from undoing the low-pass, ``x[s] = (y[s] − p·y[s−1])/(1 − e^{−t/τ})``: signal and noise as
they arrive, in amperes once the receiver's gain is undone too (`link_levels`). The dark current is
not part of it, for the receiver subtracts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from circuits.link_levels import current_per_signal
from circuits.loop_engine import Batch, Tape
from circuits.switch_schedule import lane_coefficients

if TYPE_CHECKING:
    from circuits.time_multiplexed_loop import TimeMultiplexedLoop

Array = NDArray[np.float64]
Real = NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class LoopTrace:
    """One group of J inferences in the loop: U slots of S samples, some of its lanes."""

    time: Array
    """End of each sample in s, (U·S,)."""

    slot_duration: float
    """T_s in s."""

    bank: NDArray[np.int64]
    """Bank selected in each slot, (U,)."""

    lanes: tuple[int, ...]
    """Which lanes, L of them."""

    switches: tuple[NDArray[np.complex128], ...]
    """Amplitude of every path relative to a selected, settled one, (U·S, L_W, L); one array for
    each switch that the machine has, in the order of the light."""

    photocurrent: Array
    """Current in A that the receiver listens to, its mean over each sample, (U·S, L). Balanced
    detectors: the difference. NaN in the guard time, when nothing is read."""

    receiver: Array
    """z = G·y + b, dimensionless, (U·S, L): what f would see if it were sampled then. With gains of
    slots and gain control, where there are."""

    state: Array
    """h: f(z) and what a skip adds, likewise. The last sample of a slot drives the next one of the
    same inference."""


def trace_loop(
    loop: TimeMultiplexedLoop,
    state: Real,
    matrices: Real,
    bias: Real,
    levels: Real,
    background: Real | None = None,
    slot_gain: Real | None = None,
    *,
    gain: float,
    lanes: Sequence[int],
    first_sample: int = 0,
) -> LoopTrace:
    """Circulate one group of inferences and keep what every sample does.

    Parameters
    ----------
    state, matrices, bias, levels, background, slot_gain
        As in `TimeMultiplexedLoop.forward`; at most J inferences, those that share the loop.
    gain
        g, which serves all banks.
    lanes
        Which lanes to keep, L of N.
    first_sample
        Key of the noise: index of the first inference.

    Raises
    ------
    ValueError
        More inferences than share the loop, a lane that there is not, or rings that remember.
    """
    if len(state) > loop.schedule.interleaved:
        raise ValueError(
            f"state must hold at most the {loop.schedule.interleaved} inferences that share the "
            f"loop; got {len(state)}."
        )
    if strangers := sorted(set(lanes) - set(range(state.shape[1]))):
        raise ValueError(f"lanes must be among 0 … {state.shape[1] - 1}; got {strangers}.")
    _, tape = loop.forward(
        state, matrices, bias, levels, background, slot_gain=slot_gain, first_sample=first_sample,
        record=True,
    )  # fmt: skip
    assert isinstance(tape, Tape)
    kept = list(lanes)
    slots, samples = loop.schedule.n_slots, loop.samples
    bank = np.repeat(loop.schedule.banks, loop.schedule.interleaved)
    y = _lanes(tape.waveform, kept)
    batch = Batch(loop, state, levels, background, (0, first_sample))
    electrical = [
        tape.states.follow(batch, slot, waveform) for slot, waveform in enumerate(tape.waveform)
    ]
    return LoopTrace(
        time=np.arange(1.0, slots * samples + 1) * (loop.slot_duration / samples),
        slot_duration=loop.slot_duration,
        bank=bank,
        lanes=tuple(kept),
        switches=tuple(
            lane_coefficients(path.reshape(slots * samples, -1, 2), phases[:, kept])
            for path, phases in zip(
                loop.path_coefficients, loop.leakage_phases(state.shape[1]), strict=False
            )
        ),
        photocurrent=_current_behind(loop, y) * current_per_signal(loop, state.shape[1], gain),
        receiver=_lanes([z for z, _ in electrical], kept),
        state=_lanes([h for _, h in electrical], kept),
    )


def _lanes(waveforms: Sequence[Real], kept: list[int]) -> Array:
    """Return some lanes of the waveforms of all slots, (1, S, N) each, as (U·S, L)."""
    return np.concatenate([waveform[0] for waveform in waveforms])[:, kept].astype(np.float64)


def _current_behind(loop: TimeMultiplexedLoop, y: Array) -> Array:
    """Return what the low-pass was given for its output y, (U·S, L), in units of y."""
    before = np.concatenate([np.zeros_like(y[:1]), y[:-1]])
    gain = np.tile(loop.readout.signal_gain, len(y) // loop.samples)[:, None]
    fresh = y - loop.readout.pole * before
    return np.divide(fresh, gain, out=np.full_like(y, np.nan), where=gain > 0)
