"""Optical sampling: pulses too short for a detector, seen through a gate that comes ever later.

A gate of a few picoseconds opens once a pattern, each time a little later. The detector only has
to count what the gate let pass, so it may be slow: gate after gate the pattern appears, stretched
in time 161 times, blurred by the gate's own width.
"""

import numpy as np

from examples.panels import CARRIER, Curve, Panel, gallery_circuit
from validation.closed_forms import light

SPACING, PULSE, GATE = 100e-12, 12e-12, 5e-12
"""Time in s from pulse to pulse, and full widths at half power."""
POWERS = (1.0e-3, 0.3e-3, 0.7e-3, 0.5e-3)
"""Peaks in W of the pulses of the pattern that repeats."""
PATTERN = SPACING * len(POWERS)
LATER = 2.5e-12
"""Time in s that each gate comes later."""
GATES = 160
RESPONSIVITY = 1.0
"""Of the detector in A/W."""


def panels() -> list[Panel]:
    """Return one gate in real time, and what all of them find."""
    circuit, dt = gallery_circuit("optical_sampling")
    period = round((PATTERN + LATER) / dt)
    time = np.arange(GATES * period) * dt
    # Early in their periods: e^−11 is all that the detector still holds at the end.
    opened = (np.arange(GATES) + 0.1) * period * dt
    light_in = sum(
        np.sqrt(power) * _pulses(time - (i + 0.5) * SPACING, PATTERN, PULSE)
        for i, power in enumerate(POWERS)
    )
    gates = _pulses(time - opened[0], period * dt, GATE)
    result = circuit.transient(
        {"in": light_in, "drive": gates}, dt=dt, frequency=CARRIER, probes=["gate,out0"]
    )
    charges = result.outputs["current"].reshape(GATES, period).sum(axis=1) * dt
    place = opened % PATTERN
    order = np.argsort(place)
    energies = sum(
        power * light.gated_pulse_energy(_around(place - (i + 0.5) * SPACING, PATTERN), PULSE, GATE)
        for i, power in enumerate(POWERS)
    )
    chosen = int(np.argmin(np.abs(place - 2.54 * SPACING)))
    shown = np.abs(time - opened[chosen]) < 20e-12
    now, power = time[shown] * 1e9, light_in[shown] ** 2 * 1e3
    return [
        Panel(
            "a gate on the flank of a pulse", "time (ns)", "power (mW)",
            [Curve("behind the gate", now, result.power("gate,out0")[shown] * 1e3,
                   power * _bell_power(time[shown] - opened[chosen], GATE)),
             Curve("before it", now, None, power)],
            tolerance=1e-11,
        ),
        Panel(
            f"{GATES} gates, each {LATER * 1e12:g} ps later", "time in the pattern (ps)",
            "charge a gate (fC)",
            [Curve("counted", place[order] * 1e12, charges[order] * 1e15,
                   RESPONSIVITY * energies[order] * 1e15)],
            tolerance=1e-5,
        ),
    ]  # fmt: skip


def _around(time, period):
    """Return time counted from the nearest multiple of a period."""
    return (time + period / 2) % period - period / 2


def _bell_power(time, width):
    return 2.0 ** -((2 * time / width) ** 2)


def _pulses(time, period, width):
    """Return the fields of Gaussian pulses once a period, 1 at their peaks."""
    return np.sqrt(_bell_power(_around(time, period), width))
