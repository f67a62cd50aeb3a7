"""Power and footprint of a budget, component by component (PHYSICS §8).

    P = P_laser/η_wp + Σ heaters + switches + (N/T_s)(E_DAC + E_mod + E_receiver + E_ADC)

The heaters of all L_W banks stay powered, whichever is selected, and so do the junctions of all
crossbars, whose columns are driven together. An abstract bank, 'dense', is no device and needs
nothing here.
"""

from math import pi
from typing import TYPE_CHECKING

import numpy as np

from circuits.budget_assumptions import Origin
from circuits.budget_figures import Share
from devices import CurrentSwitch, MirrorArray, PhaseShifter

if TYPE_CHECKING:
    from circuits.budget import Budget

__all__ = ["areas", "digital_layers", "powers", "weight_counts"]


def weight_counts(budget: "Budget") -> dict[str, int]:
    """Return how many settings all banks hold, by the part that holds them."""
    n, banks = budget.lanes, budget.loop.schedule.weight_sets
    if budget.bank == "mzi":
        return {
            "mesh": banks * 2 * n * (n - 1),
            "attenuators": banks * n,
            "screens": banks * 2 * n,
        }
    planes = 2 if budget.bank == "dense" and budget.loop.machine == "square_law" else 1
    return {_WEIGHTS[budget.bank]: planes * banks * n * n}


_WEIGHTS = {"dense": "elements", "ring": "rings", "crossbar": "cells"}


def powers(budget: "Budget") -> tuple[Share, ...]:
    """Return the electrical power in W of every component."""
    static = [*_light(budget), *_weights(budget), *_switches(budget)]
    return (*static, *_conversions(budget))


def _assume(
    budget: "Budget",
    name: str,
    count: float,
    key: str,
    factor: float = 1.0,
    *,
    static: bool = False,
) -> Share:
    """One share whose size is an assumption times a factor."""
    told = budget.assumptions
    return Share(
        name=name,
        count=count,
        each=factor * getattr(told, key),
        unit="W",
        origin=told.origin(key),
        source=f"{key}: {told.source(key)}",
        static=static,
    )


def _light(budget: "Budget") -> list[Share]:
    if budget.electrical:
        return []
    told = budget.assumptions
    shares = [("laser", 1, float(budget.loop.laser.power), "laser.power")]
    if budget.loop.machine == "homodyne":
        power = budget.loop.local_oscillator_power
        shares.append(("local oscillator", budget.lanes, power, "local_oscillator_power"))
    return [
        Share(
            name=name,
            count=count,
            each=power / told.laser_efficiency,
            unit="W",
            origin=told.origin("laser_efficiency"),
            source=f"{source} / laser_efficiency: {told.source('laser_efficiency')}",
            static=True,
        )
        for name, count, power, source in shares
    ]


def _weights(budget: "Budget") -> list[Share]:
    kinds = {"mzi": _mesh_heaters, "ring": _ring_heaters, "crossbar": _cells}
    return kinds[budget.bank](budget) if budget.bank in kinds else []


def _mesh_heaters(budget: "Budget") -> list[Share]:
    told, phases = budget.assumptions, budget.banks.phases
    shares = []
    for part, count in weight_counts(budget).items():
        if phases is None:
            each = told.half_wave_power * told.mean_phase / pi
            origin = told.origin("mean_phase")
            words = f"mean_phase: {told.source('mean_phase')}"
        else:
            heaters = PhaseShifter(phase=phases[part], half_wave_power=told.half_wave_power)
            each, origin, words = float(np.mean(heaters.heater_power())), "programmed", "trained"
        source = f"{words}; half_wave_power: {told.source('half_wave_power')}"
        shares.append(_static(f"heaters, {part}", count, each, origin, source))
    return shares


def _ring_heaters(budget: "Budget") -> list[Share]:
    count = weight_counts(budget)["rings"]
    power = budget.banks.tuning_power
    if power is not None:
        words = "trained detunings on this chip; rings.ring.free_spectral_range_power"
        return [_static("ring heaters", count, float(np.mean(power)), "programmed", words)]
    assert budget.loop.rings is not None
    each = 0.5 * float(budget.loop.rings.ring.free_spectral_range_power)
    words = "half a free spectral range on average; rings.ring.free_spectral_range_power"
    return [_static("ring heaters", count, each, "assumed", words)]


def _cells(budget: "Budget") -> list[Share]:
    """Power V² ΣG of the cells: Σ over all outputs of their conductance at the mean drive."""
    told, junction = budget.assumptions, budget.loop.crossbar.junction
    count = weight_counts(budget)["cells"]
    span = float(junction.weight_conductance())
    square = float(junction.read_voltage) ** 2 * told.mean_square_drive
    each = square * span * budget.detected / budget.lanes
    origin: Origin = "assumed" if budget.banks.conductance is None else "programmed"
    words = "V² ΣG at the mean square drive; crossbar.junction"
    return [_static("crossbar cells", count, each, origin, words)]


def _static(name: str, count: float, each: float, origin: Origin, source: str) -> Share:
    return Share(
        name=name, count=count, each=each, unit="W", origin=origin, source=source, static=True
    )


def _switches(budget: "Budget") -> list[Share]:
    switch = budget.loop.input_switch
    if isinstance(switch, CurrentSwitch):
        return [_steered(budget, switch)] if budget.loop.schedule.weight_sets > 1 else []
    mirrors, others = _light_switches(budget)
    counts = [
        ("mirror arrays", mirrors, "mirror_array_power"),
        ("switches", others, "switch_power"),
    ]
    return [_assume(budget, *named, static=True) for named in counts if named[1]]


def _light_switches(budget: "Budget") -> tuple[int, int]:
    """Return how many mirror arrays there are, and how many other 1×L_W switches of light."""
    if budget.loop.schedule.weight_sets == 1 or budget.electrical:
        return 0, 0
    # One switch of the bus serves all colours; a mirror array all lanes.
    lanes = 1 if budget.loop.machine == "intensity" else budget.lanes
    mirrors = sum(isinstance(switch, MirrorArray) for switch in budget.loop.switches)
    return mirrors, lanes * (len(budget.loop.switches) - mirrors)


def _steered(budget: "Budget", switch: CurrentSwitch) -> Share:
    """A channel of charge 2 q_inj is filled at every change of bank."""
    charge = 2 * abs(float(switch.injected_charge))
    return _assume(
        budget, "current switches", budget.lanes, "gate_voltage", charge * budget.switching_rate
    )


def _conversions(budget: "Budget") -> list[Share]:
    told, n = budget.assumptions, budget.lanes
    rate = 1.0 / budget.loop.slot_duration
    shares = []
    if budget.loop.dac is not None or told.converter_bits:
        shares.append(_assume(budget, "DAC", n, "dac_energy", rate))
    if not budget.electrical:
        shares.append(_assume(budget, "modulators", n, "modulator_energy", rate))
    shares.append(_assume(budget, "receivers", n, "receiver_energy", rate))
    adc = budget.loop.adc
    if adc is not None or told.converter_bits:
        bits = told.converter_bits if adc is None else float(adc.bits)
        shares.append(
            _assume(budget, f"ADC, {bits:g} bit", n, "adc_figure_of_merit", rate * 2.0**bits)
        )
    return shares


def digital_layers(budget: "Budget") -> tuple[Share, ...]:
    """Return the power in W of the digital input and output layers, which stand apart."""
    macs = {"input layer": budget.inputs, "output layer": budget.outputs}
    return tuple(
        _assume(budget, name, size * budget.lanes, "digital_energy", budget.throughput)
        for name, size in macs.items()
        if size
    )


def areas(budget: "Budget") -> tuple[Share, ...]:
    """Return the footprint in m² of banks and switches; electronics are not counted."""
    told, n, banks = budget.assumptions, budget.lanes, budget.loop.schedule.weight_sets
    shares = []

    def add(name: str, count: float, key: str, factor: float = 1.0) -> None:
        if count:
            source = f"{key}: {told.source(key)}"
            each = factor * getattr(told, key)
            shares.append(
                Share(
                    name=name,
                    count=count,
                    each=each,
                    unit="m²",
                    origin=told.origin(key),
                    source=source,
                )
            )

    if budget.bank == "mzi":
        add("interferometers", banks * n * (n - 1), "interferometer_area")
        add("attenuators", banks * n, "interferometer_area")
    elif budget.bank == "ring":
        add("rings", banks * n * n, "ring_area")
    elif budget.bank == "crossbar":
        junctions = 2 * int(budget.loop.crossbar.junction.junctions)
        add("cells", banks * n * n, "junction_area", junctions)
    mirrors, trees = _light_switches(budget)
    add("mirror arrays", mirrors, "mirror_array_area")
    add("switches, trees of 2×2", trees * (banks - 1), "interferometer_area")
    return tuple(shares)
