"""One inference in the loop as a figure: switches, photocurrents, receivers, slot after slot."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from circuits import LoopTrace
from photon_relax.reports.figures import Array, draw_panels
from photon_relax.reports.numbers import scale_of

__all__ = ["SHOWN_SLOTS", "draw_inference"]

SHOWN_SLOTS = 16
"""Slots that are drawn; more would be too narrow to see."""

_LANE_COLOURS = ("series-1", "series-2", "series-3")
_BANK_COLOURS = ("series-4", "series-5", "series-6", "series-7", "series-8")


def draw_inference(trace: LoopTrace, *, currents: bool) -> go.Figure:
    """Return the waveforms of the first slots of a trace, all panels on one time.

    Parameters
    ----------
    trace
        Of up to three lanes.
    currents
        Whether the switches steer currents (an electrical machine), or light.
    """
    slots = min(len(trace.bank), SHOWN_SLOTS)
    kept = slice(0, slots * (len(trace.time) // len(trace.bank)))
    factor, unit = scale_of(trace.slot_duration * slots, "s")
    edges = np.arange(slots + 1) * trace.slot_duration / factor
    marks = [
        (start, end, f"W<sub>{bank}</sub>")
        for (start, end), bank in zip(pairwise(edges.tolist()), trace.bank, strict=False)
    ]
    flow = np.nanmax(np.abs(trace.photocurrent[kept]), initial=1e-15)
    ampere, ampere_unit = scale_of(float(flow), "A")
    panels = [
        (label, _banks(path[kept, :, 0], currents))
        for label, path in zip(_ends(trace, currents), trace.switches, strict=True)
    ]
    panels += [
        (f"current / {ampere_unit}", _lanes(trace, trace.photocurrent[kept] / ampere)),
        ("receiver z", _lanes(trace, trace.receiver[kept])),
        ("f(z)", _lanes(trace, trace.state[kept])),
    ]
    return draw_panels(trace.time[kept] / factor, panels, marks, f"time / {unit}")


def _ends(trace: LoopTrace, currents: bool) -> list[str]:
    if len(trace.switches) == 1:
        return ["switched<br>current" if currents else "switched<br>power"]
    return ["power through<br>switch in front", "power through<br>switch behind"]


def _banks(path: NDArray[np.complex128], currents: bool) -> list[tuple[str, str, Array]]:
    """What passes to each bank, relative to a selected and settled path, on the first lane."""
    through = np.abs(path) if currents else np.abs(path) ** 2
    return [
        (f"to W<sub>{k}</sub>", _BANK_COLOURS[k % len(_BANK_COLOURS)], through[:, k])
        for k in range(through.shape[1])
    ]


def _lanes(trace: LoopTrace, values: Array) -> list[tuple[str, str, Array]]:
    return [
        (f"lane {lane}", colour, values[:, i])
        for i, (lane, colour) in enumerate(zip(trace.lanes, _LANE_COLOURS, strict=False))
    ]
