"""Whether a machine can work at all: its times and drifts against one another.

switches settle within a slot, and much faster than weights could be written anew (PHYSICS §4);
the loop returns within its J slots, J·T_s ≥ delays (PHYSICS §6);
the detector follows the slot, μ = e^{−T_s/τ} (PHYSICS §6), and so do rings;
what drifts moves less than what is left to be seen.
"""

from math import ceil, inf, log, log10, pi
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.constants import c as speed_of_light

from circuits.budget_figures import Check, Delay
from circuits.budget_link import diode_power
from devices import Fiber, MirrorArray, Switch

if TYPE_CHECKING:
    from circuits.budget import Budget

__all__ = ["checks", "delays", "weight_time"]

_LINEWIDTHS = 10.0
"""Lifetimes of the stored field within a slot, from which a ring has settled (PHYSICS §3)."""

_ONE_BIT_DB = 10 * log10(1.5 * 4)
"""Signal to noise of one effective bit: no less can be of use."""

_PHASE = 0.1
"""Phase error in rad of a local oscillator: 1 − cos 0.1 = 0.5 % of the signal."""


def delays(budget: "Budget") -> tuple[Delay, ...]:
    """Return how long the signal takes around the loop, part by part."""
    loop, told = budget.loop, budget.assumptions
    parts: list[Delay] = []

    def assume(name: str, key: str, factor: float = 1.0) -> None:
        time = factor * getattr(told, key)
        source = f"{key}: {told.source(key)}"
        parts.append(Delay(name=name, time=time, origin=told.origin(key), source=source))

    if not budget.electrical:
        assume("fibre", "fiber_length", float(Fiber().group_index) / speed_of_light)
    if budget.bank == "mzi":
        assume("mesh", "column_delay", 2 * budget.lanes + 1)
    elif budget.bank == "ring" and loop.rings is not None:
        source = "lifetime of the stored field, rings"
        parts.append(Delay(name="rings", time=loop.rings.lifetime, origin="device", source=source))
    tau = float(loop.detector.time_constant)
    parts.append(Delay(name="detector", time=tau, origin="device", source="τ, detector.bandwidth"))
    assume("electronics", "electronics_delay")
    return tuple(parts)


def weight_time(budget: "Budget") -> float | None:
    """Return how long it takes in s to write a bank anew; None where that is not known."""
    told = budget.assumptions
    return {
        "mzi": told.heater_time,
        "ring": told.ring_heater_time,
        "crossbar": told.junction_write_time * budget.lanes,
    }.get(budget.bank)


def checks(budget: "Budget") -> tuple[Check, ...]:
    """Return the conditions that apply to this machine."""
    found = [_loop_delay(budget), _detector(budget), _hearing(budget)]
    if budget.loop.schedule.weight_sets > 1:
        found = [*_switching(budget), *found]
    if not budget.electrical and np.isfinite(float(budget.loop.detector.saturation_power)):
        found.append(_saturation(budget))
    if budget.bank == "ring":
        found += [_ring_filling(budget), _ring_drift(budget)]
    if budget.loop.machine == "homodyne":
        found.append(_oscillator_drift(budget))
    return tuple(found)


def _check(
    name: str, value: float, relation: Literal["≤", "≥"], limit: float, unit: str, advice: str
) -> Check:
    # A bound that is met up to rounding is met.
    slack = 1e-9 * abs(limit) if np.isfinite(limit) else 0.0
    passed = value <= limit + slack if relation == "≤" else value >= limit - slack
    return Check(
        name=name, passed=bool(passed), value=value, limit=limit, unit=unit,
        relation=relation, advice=advice,
    )  # fmt: skip


def _switching(budget: "Budget") -> list[Check]:
    told, slot = budget.assumptions, budget.loop.slot_duration
    settling = max(
        float(switch.guard_time_for(told.settled_amplitude)) for switch in budget.loop.switches
    )
    found = [
        _check(
            "switch settles within a slot", settling, "≤", slot, "s",
            f"slot_duration ≥ {settling:.3g} s, or a faster switch",
        )
    ]  # fmt: skip
    slowest = max(_period(switch, settling) for switch in budget.loop.switches)
    if slowest > settling:
        interval = slot * budget.loop.schedule.interleaved
        found.append(
            _check(
                "pattern of the mirrors between switchings", slowest, "≤", interval, "s",
                f"J·slot_duration ≥ {slowest:.3g} s: {_least_slots(slowest, slot)} interleaved",
            )
        )  # fmt: skip
    writing = weight_time(budget)
    if writing is not None:
        # Where weights can be written as fast as slots follow, one bank would do.
        found.append(
            _check(
                "slots faster than writing weights", writing / max(slowest, slot), "≥",
                told.separation, "1",
                f"slots and switch within {writing / told.separation:.3g} s; weights take "
                f"{writing:.3g} s to write",
            )
        )  # fmt: skip
    return found


def _period(switch: Switch, settling: float) -> float:
    """Shortest time from one setting to the next."""
    if isinstance(switch, MirrorArray):
        return max(float(switch.shortest_period), settling)
    return settling


def _least_slots(time: float, slot: float) -> int:
    return max(1, ceil(time / slot * (1 - 1e-9)))


def _loop_delay(budget: "Budget") -> Check:
    around, slot = budget.path_delay, budget.loop.slot_duration
    return _check(
        "loop returns within J slots", around, "≤", budget.loop_delay, "s",
        f"J ≥ {_least_slots(around, slot)} at slots of {slot:.3g} s",
    )  # fmt: skip


def _detector(budget: "Budget") -> Check:
    left, slot = budget.assumptions.settled_amplitude, budget.loop.slot_duration
    bandwidth = log(1 / left) / (2 * pi * slot)
    return _check(
        "detector forgets the last slot", budget.slot_memory, "≤", left, "1",
        f"detector.bandwidth ≥ {bandwidth:.3g} Hz, or slot_duration ≥ "
        f"{slot * bandwidth / float(budget.loop.detector.bandwidth):.3g} s",
    )  # fmt: skip


def _hearing(budget: "Budget") -> Check:
    missing = max(0.0, _ONE_BIT_DB - budget.snr_db)
    return _check(
        "signal above the noise", budget.snr_db, "≥", _ONE_BIT_DB, "dB",
        f"{missing:.1f} dB more: laser.power, losses, detector",
    )  # fmt: skip


def _saturation(budget: "Budget") -> Check:
    # Half the linear current is left at P_sat, 99 % at a hundredth of it.
    limit = budget.assumptions.settled_amplitude * float(budget.loop.detector.saturation_power)
    power = diode_power(budget)
    return _check(
        "diode far from saturation", power, "≤", limit, "W",
        f"less light, or detector.saturation_power ≥ "
        f"{power / budget.assumptions.settled_amplitude:.3g} W",
    )  # fmt: skip


def _ring_filling(budget: "Budget") -> Check:
    rings = budget.loop.rings
    assert rings is not None
    least = _LINEWIDTHS * rings.lifetime
    return _check(
        "rings fill within a slot", budget.loop.slot_duration, "≥", least, "s",
        f"slot_duration ≥ {least:.3g} s, or rings that couple more",
    )  # fmt: skip


def _ring_drift(budget: "Budget") -> Check:
    """Weights change by at most max|dw/dx| ≈ 3√3/8 (1 + w_max) a half-linewidth (Lorentzian)."""
    rings, told = budget.loop.rings, budget.assumptions
    assert rings is not None
    ring = rings.ring
    light = speed_of_light / float(ring.resonance_wavelength)
    per_kelvin = light * float(ring.thermo_optic_coefficient) / float(ring.group_index)
    shift = abs(rings.drift) + per_kelvin * told.temperature_drift
    slope = 3 * 3**0.5 / 8 * (1 + rings.weight_limits[1])
    error = slope * shift / rings.half_linewidth
    most = told.settled_amplitude
    kelvin = most / slope * rings.half_linewidth / per_kelvin
    return _check(
        "weights of rings under drift", error, "≤", most, "1",
        f"temperature to {kelvin:.2g} K, or rings of a wider line",
    )  # fmt: skip


def _oscillator_drift(budget: "Budget") -> Check:
    told = budget.assumptions
    phase = told.fiber_phase * told.fiber_length * told.temperature_drift
    length = _PHASE / (told.fiber_phase * told.temperature_drift or inf)
    return _check(
        "phase of the local oscillator under drift", phase, "≤", _PHASE, "rad",
        f"at most {length:.3g} m of fibre that the oscillator does not share, or a phase lock",
    )  # fmt: skip
