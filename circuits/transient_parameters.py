"""Gradients of a circuit in time, from the numbers of its steps back to its parameters."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuits.component import Component, Line, Matrices, Memoryless
from circuits.component_modes import Modes
from circuits.component_nonlinear import Nonlinear
from circuits.transient_map import Rows
from circuits.transient_modes import Step, parameter_changes, pulled_back
from circuits.transient_network import Network
from circuits.transient_relations import instant_matrix

Gradients = dict[str, dict[str, float]]
Numbers = NDArray[np.complexfloating[Any, Any]]


class Bars(NamedTuple):
    """∂L/∂ of what a network's steps are made of, bilinear: dL = Re Σ bar · d number."""

    rows: Rows
    """Of the entries of the reduced map."""

    delays: Numbers
    """Of each delay in samples; real parts are meant."""

    keeps: Numbers
    """Of E of each state."""

    numbers: Iterable[Numbers]
    """Of the numbers of each operation."""


def add_gradients(totals: Gradients, network: Network, bars: Bars) -> None:
    """Add ∂L/∂parameter by instance and name to `totals`."""
    steps = _steps(network, bars)
    numbers: dict[int, Numbers] = {}
    for it, bar_of in zip(network.operations, bars.numbers, strict=True):
        numbers[it.part] = numbers.get(it.part, 0.0) + bar_of
    delays = np.zeros(len(network.parts))
    for delay, bar in zip(network.delays, bars.delays.tolist(), strict=True):
        delays[delay.part] += bar.real / network.dt
    for i, part in enumerate(network.parts):
        component = part.component
        total = totals.setdefault(part.instance, {})
        step = steps.get(i, _empty(component))
        changes: dict[str, float] = {}
        if isinstance(component, Memoryless):
            changes = _sums(step.direct, component.slopes)
        elif isinstance(component, Line):
            changes = _of_line(component, step.direct, float(delays[i]))
        elif isinstance(component, Modes):
            changes = parameter_changes(component, pulled_back(component, network.dt, step))
        elif isinstance(component, Nonlinear):
            changes = _sums(numbers.get(i, 0.0 * component.numbers), component.slopes)
        for name, change in changes.items():
            total[name] = total.get(name, 0.0) + change


def _steps(network: Network, bars: Bars) -> dict[int, Step]:
    """∂L/∂ of the step of each part that has one; that of a memoryless part is all direct."""
    found: dict[int, Step] = {}
    full = network.map.pulled_back(bars.rows)
    for (row, source), entry in network.origins.items():
        if entry.part not in found:
            found[entry.part] = _empty(network.parts[entry.part].component)
        array = getattr(found[entry.part], entry.of)
        array[entry.row, entry.column] = full.get(row, {}).get(source, 0.0)
    for state, bar in zip(network.states, bars.keeps.tolist(), strict=True):
        found[state.part].keep[state.number] = bar
    return found


def _empty(component: Component) -> Step:
    states, ports = np.size(getattr(component, "poles", ())), len(component.ports)
    shapes = ((states,), (states, ports), (ports, states), (ports, ports))
    return Step(*(np.zeros(shape, dtype=np.complex128) for shape in shapes))


def _sums(bar: Numbers, slopes: Mapping[str, Numbers]) -> dict[str, float]:
    return {name: float(np.sum(bar * slope).real) for name, slope in slopes.items()}


def _of_line(line: Line, direct: Matrices, delay_bar: float) -> dict[str, float]:
    """The gain is e^{−attenuation + i phase}; dispersion has no slope here."""
    weight = complex(np.sum(direct * instant_matrix(line)))
    return {
        name: -weight.real * of.attenuation - weight.imag * of.phase + delay_bar * of.delay
        for name, of in line.slopes.items()
        if of.bend == 0.0
    }
