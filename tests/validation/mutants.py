"""Mistakes planted into the models on purpose, and whether the validation notices them.

Each mutant is one change of one method or function such as people make: a lost factor 2, dB of
power taken for dB of amplitude, a wrong sign, a forgotten loss. It is killed by a case whose error
rises above its tolerance; a case that breaks down does not count. What survives is a case that the
registry lacks.

The table:  python -m tests.validation.mutants [PATTERN]
"""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from importlib import import_module
from math import pi
from typing import Any

import numpy as np

import validation.cases
from validation.case import CASES, Case
from validation.verdict import judge

assert validation.cases  # it registers the cases

Change = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True)
class Mutant:
    """One planted mistake."""

    place: str
    """What is changed: package, then the dotted name that a reader would import."""

    mistake: str
    """The mistake, in words; with the place the mutant's name."""

    change: Change
    """From the right function to the wrong one. Of a property: from its getter."""

    topics: tuple[str, ...]
    """Modules of cases that ought to notice."""

    users: str = ""
    """A public name that stands on the place, where that is private: its cases are asked first."""

    @property
    def name(self) -> str:
        """Short name of the place and the mistake."""
        return f"{'.'.join(self.place.split('.')[-2:])}: {self.mistake}"


# ------------------------------------------------------------------------------ ways to be mistaken


def times(factor: complex) -> Change:
    """A lost or an added factor; of a tuple, in each part."""
    return result(
        lambda r: tuple(factor * part for part in r) if isinstance(r, tuple) else factor * r
    )


def result(alter: Callable[[Any], Any]) -> Change:
    """Another result."""
    return lambda right: functools.wraps(right)(lambda *a, **k: alter(right(*a, **k)))


def instead(wrong: Callable[..., Any]) -> Change:
    """Another function altogether."""
    return lambda right: functools.wraps(right)(lambda *a, **k: wrong(*a, **k))


def fields(**values: Any) -> Change:
    """The right function of a device with other fields; a value may be a function of the old."""

    def of(device: Any) -> Any:
        new = {
            name: value(getattr(device, name)) if callable(value) else value
            for name, value in values.items()
        }
        return replace(device, **new)

    return lambda right: functools.wraps(right)(lambda self, *a, **k: right(of(self), *a, **k))


def argument(place: int, alter: Callable[[Any], Any]) -> Change:
    """The right function of another argument, counted with ``self``."""

    def changed(right: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(right)
        def wrong(*a: Any, **k: Any) -> Any:
            return right(*(alter(x) if i == place else x for i, x in enumerate(a)), **k)

        return wrong

    return changed


def of_numbers(place: int, factor: float) -> Change:
    """One of a nonlinear part's numbers off by a factor."""
    return result(
        lambda part: replace(
            part, numbers=np.where(np.arange(part.numbers.size) == place, factor, 1) * part.numbers
        )
    )


NEGATED, HALVED, DOUBLED = times(-1.0), times(0.5), times(2.0)
SQUARED = result(lambda r: r**2)  # 10^(−L/10) for 10^(−L/20)
ROOTED = result(np.sqrt)
CONJUGATED = result(np.conj)  # e^{+iωt} for e^{−iωt}
SWAPPED = result(lambda r: r[::-1])


def _without_screen(program: Any) -> Any:
    return replace(program, screen=np.zeros_like(program.screen))


def _no_output_switch(right: Callable[..., Any]) -> Callable[..., Any]:
    def wrong(loop: Any, lanes: int) -> Any:
        lossless = replace(loop.output_switch, insertion_loss_db=0.0)
        return right(replace(loop, output_switch=lossless), lanes)

    return wrong


def _relaxing_interferometer(right: Callable[..., Any]) -> Callable[..., Any]:
    """The transient of a gate, whatever the switch is."""
    return lambda self, time: (1.0 - self._left_to_go(time), np.asarray(self._left_to_go(time)))


def _wrong_way_transform(guide: Any, envelope: Any, dt: float, *, delayed: bool = True) -> Any:
    response = guide.frequency_response(np.fft.fftfreq(len(envelope), dt), delayed=delayed)
    return np.fft.ifft(np.fft.fft(envelope) * response)


def _even_levels(right: Callable[..., Any]) -> Callable[..., Any]:
    """2n levels without the zero, as of a bipolar converter."""
    return lambda self, w: right(self, w + 0.5 / self.junctions) - 0.5 / self.junctions


# ------------------------------------------------------------------------------------- the mutants

MESH, LOOP, LIGHT = ("mesh",), ("loop",), ("light", "delay_line")
RING = "ring", "ring_bank", "ring_design", "ring_dynamics", "strong_light", "delay_line"
RECEIVER, SWITCH = ("receiver", "converter", "modulator"), ("switch", "crosstalk")
AMPLIFIER, CROSSBAR, CIRCUIT = ("amplifier",), ("crossbar",), ("circuit",)
ACTIVE = ("circuit_active",)
BUDGET = ("budget",)
PROGRAMMING = ("bank_programming",)

MUTANTS = [
    # interferometers and meshes
    Mutant("devices.DirectionalCoupler.transfer_matrix", "crosses with −i", CONJUGATED, MESH),
    Mutant(
        "devices.DirectionalCoupler.transfer_matrix", "error angle halved",
        fields(error_angle=lambda x: x / 2), MESH,
    ),
    Mutant(
        "devices.MachZehnder.transfer_matrix", "θ/2 for θ", fields(theta=lambda x: x / 2), MESH
    ),
    Mutant(
        "devices.MachZehnder.transfer_matrix", "φ on the output",
        result(lambda t: np.swapaxes(t, -1, -2)), MESH,
    ),
    Mutant(
        "devices.MachZehnder.transfer_matrix", "arm loss dropped",
        fields(arm_transmission=np.ones_like), MESH,
    ),
    Mutant(
        "devices.MachZehnder.transfer_matrix", "arm transmission as amplitude",
        fields(arm_transmission=np.square), MESH,
    ),
    Mutant("devices.MachZehnder.extinction_ratio_db", "10 log for 20 log", HALVED, MESH),
    Mutant("devices.PhaseShifter.phase_at_power", "2π per P_π", DOUBLED, MESH),
    Mutant("devices.PhaseShifter.step_response", "what is left", result(lambda r: 1 - r), MESH),
    Mutant("devices.PhaseShifter.bandwidth", "1/τ", times(2 * pi), MESH),
    Mutant("devices.PhaseShifter.transfer", "heat turns back", CONJUGATED, MESH),
    Mutant("devices.PhaseShifter.transfer", "loss as power", result(lambda r: r * abs(r)), MESH),
    Mutant("circuits.MachZehnderMesh.column_transmission", "loss as power", SQUARED, MESH),
    Mutant(
        "circuits.mesh_decomposition._program", "screen forgotten", result(_without_screen), MESH,
        users="clements_decompose",
    ),
    Mutant(
        "circuits.mesh_correction._port_phases", "phases of the ports swapped", SWAPPED, MESH,
        users="correct_program",
    ),
    Mutant(
        "circuits.mesh_correction._reachable_theta", "split left as it was",
        instead(lambda theta, alpha, beta: theta), MESH, users="correct_program",
    ),
    Mutant(
        "circuits.mesh_correction.unreachable_splits", "floor of the fields, not the powers",
        fields(theta=lambda x: x / 2), MESH,
    ),
    Mutant("circuits.SvdProcessor.attenuator_phases", "asin t for 2 asin t", HALVED, MESH),
    Mutant("circuits.SvdProcessor.matrix", "gain forgotten", fields(gain=1.0), MESH),
    Mutant(
        "circuits.ThermalCrosstalk.matrix", "no crosstalk",
        result(lambda m: np.eye(m.shape[0])), MESH,
    ),
    Mutant("circuits.ThermalCrosstalk.matrix", "decay of the power", SQUARED, MESH),
    Mutant(
        "circuits.mesh_self_configuration._darkest", "θ of the other sense of time",
        result(lambda r: (-r[0], r[1])), MESH, users="self_configure",
    ),
    Mutant(
        "circuits.MeshHeaters.thermal", "heaters twice as far apart",
        result(lambda h: replace(h, positions=2 * h.positions)), MESH, users="MeshHeaters",
    ),
    # budgets
    Mutant("circuits.budget_link._db", "20 log of powers", DOUBLED, BUDGET, users="Budget"),
    Mutant("circuits.budget_link.signal_current", "2 of the beat lost", HALVED, BUDGET),
    Mutant("circuits.Budget.noise_bandwidth", "f_3dB", times(2 / pi), BUDGET),
    Mutant("circuits.Budget.detected", "what arrives, twice", DOUBLED, BUDGET),
    Mutant("circuits.Budget.effective_bits", "log of powers", DOUBLED, BUDGET),
    Mutant("circuits.Budget.throughput", "J forgotten", times(1 / 3), BUDGET),
    Mutant("circuits.Budget.macs", "both meshes", DOUBLED, BUDGET),
    Mutant(
        "circuits.budget_power.weight_counts", "an interferometer a heater",
        result(lambda counts: {part: count / 2 for part, count in counts.items()}), BUDGET,
    ),
    # the loop
    Mutant("circuits.link_levels._optical", "switch loss counted once", _no_output_switch, LOOP),
    Mutant("circuits.link_levels._band", "1/2τ for 1/4τ", DOUBLED, LOOP),
    Mutant("circuits.slot_program.Readout.memory", "half the slot", ROOTED, LOOP),
    Mutant(
        "circuits.SwitchSchedule.settled_coefficients", "leak as power", SQUARED, LOOP
    ),
    Mutant("circuits.SwitchSchedule.banks", "banks in reverse", SWAPPED, LOOP),
    Mutant(
        "circuits.loop_engine._phasors", "leaks turn back",
        result(lambda r: (r[0] * [[1.0], [-1.0]], r[1] * [[1.0], [-1.0]], r[2])), LOOP,
    ),
    Mutant("circuits.electronics.Electronics.activation_slope", "factor 2", DOUBLED, LOOP),
    Mutant("circuits.electronics.Electronics.modulate", "sign of h lost", result(abs), LOOP),
    # light
    Mutant("devices.Laser.photon_energy", "ħ for h", times(0.5 / pi), LIGHT),
    Mutant("devices.Laser.phase_variance", "πΔν for 2πΔν", HALVED, LIGHT),
    Mutant("devices.Laser.coherence_time", "1/2πΔν", HALVED, LIGHT),
    Mutant("devices.Laser.rin_density", "dB as amplitude", ROOTED, LIGHT),
    Mutant("devices.Laser.intensity_variance", "two-sided density", DOUBLED, LIGHT),
    Mutant("devices.Waveguide.transmission", "loss as power", SQUARED, LIGHT),
    Mutant("devices.Waveguide.transfer", "carrier turns back", CONJUGATED, LIGHT),
    Mutant("devices.Waveguide.delay", "group index forgotten", times(1 / 1.5), LIGHT),
    Mutant(
        "devices.Waveguide.propagate", "fft for ifft", instead(_wrong_way_transform), LIGHT
    ),
    Mutant("devices.Fiber.dispersion", "sign of D", NEGATED, LIGHT),
    Mutant(
        "devices.Fiber.frequency_response", "β₂ for β₂/2",
        fields(group_velocity_dispersion=lambda b: 2 * b), LIGHT,
    ),
    # rings
    Mutant("devices.AllPassRing.through_at_phase", "e^{+iωt}", CONJUGATED, RING),
    Mutant(
        "devices.AllPassRing.through_at_phase", "loss dropped",
        fields(propagation_loss_db=0.0), RING,
    ),
    Mutant("devices.AllPassRing.group_delay", "advance", NEGATED, RING),
    Mutant("devices.AllPassRing.extinction_db", "10 log for 20 log", HALVED, RING),
    Mutant(
        "devices.AddDropRing.through_at_phase", "couplers swapped",
        lambda right: lambda self, phase: right(
            replace(
                self, input_self_coupling=self.drop_self_coupling,
                drop_self_coupling=self.input_self_coupling,
            ),
            phase,
        ), RING,
    ),
    Mutant(
        "devices.AddDropRing.drop_at_phase", "√a dropped",
        lambda right: lambda self, phase: right(self, phase) / self.round_trip_transmission**0.5,
        RING,
    ),
    Mutant("devices.AddDropRing.weight", "through minus drop", NEGATED, RING),
    Mutant("devices.AddDropRing.weight_limits", "limits swapped", SWAPPED, RING),
    Mutant("devices.AddDropRing.phase_for_weight", "half the phase", HALVED, RING),
    Mutant("devices.micro_ring.MicroRing.linewidth_phase", "half width", HALVED, RING),
    Mutant("devices.micro_ring.MicroRing.quality_factor", "of the amplitude", DOUBLED, RING),
    Mutant("devices.micro_ring.MicroRing.wavelength_per_kelvin", "blue when warm", NEGATED, RING),
    Mutant("devices.micro_ring.MicroRing.free_spectral_range", "of two trips", HALVED, RING),
    Mutant("devices.RingDynamics.photon_lifetime", "of the amplitude", DOUBLED, RING),
    Mutant("devices.RingDynamics.decay_rate", "two of three losses", times(0.66), RING),
    Mutant("devices.RingDynamics._coupling", "√(1/τ)", times(0.5**0.5), RING),
    Mutant(
        "devices.RingDynamics.steady_amplitude", "detuning's sign", argument(2, np.negative), RING
    ),
    Mutant("devices.RingDynamics._update", "detuning's sign", argument(1, np.negative), RING),
    Mutant("devices.RingNonlinearity.carrier_generation", "ħω for 2ħω", DOUBLED, RING),
    Mutant("devices.RingNonlinearity.thermal_shift", "blue when warm", NEGATED, RING),
    Mutant("devices.RingNonlinearity.carrier_shift", "red with carriers", NEGATED, RING),
    # receivers, converters, modulators
    Mutant("devices.Photodetector.shot_noise_density", "qI for 2qI", HALVED, RECEIVER),
    Mutant("devices.Photodetector.thermal_noise_density", "2kT for 4kT", HALVED, RECEIVER),
    Mutant("devices.Photodetector.noise_bandwidth", "f_3dB", times(2 / pi), RECEIVER),
    Mutant(
        "devices.Photodetector.variance_before_pole", "variance of behind",
        instead(lambda self, density, dt: self.variance_behind_pole(density)), RECEIVER,
    ),
    Mutant("devices.Photodetector.time_constant", "1/f_3dB", times(2 * pi), RECEIVER),
    Mutant("devices.Photodetector.frequency_response", "of the power", SQUARED, RECEIVER),
    Mutant(
        "devices.BalancedPhotodetector.photocurrent", "one diode of two", HALVED, RECEIVER
    ),
    Mutant(
        "devices.BalancedPhotodetector._oscillator", "LO for LO*", CONJUGATED, RECEIVER
    ),
    Mutant("devices.TransimpedanceAmplifier.voltage", "inverted", NEGATED, RECEIVER),
    Mutant("devices.TransimpedanceAmplifier.noise_variance", "f_3dB", times(2 / pi), RECEIVER),
    Mutant("devices.TransimpedanceAmplifier.slope", "factor 2", DOUBLED, RECEIVER),
    Mutant("devices.Quantizer.step", "one bit less", DOUBLED, RECEIVER),
    Mutant("devices.Quantizer.noise_variance", "Δ²/6", DOUBLED, RECEIVER),
    Mutant(
        "devices.Quantizer.quantise", "cut off, not rounded",
        lambda right: lambda self, x: right(self, x) - self.step / 2, RECEIVER,
    ),
    Mutant("devices.Modulator.field", "power for field", SQUARED, RECEIVER),
    Mutant("devices.Modulator.transmission", "loss as power", SQUARED, RECEIVER + LOOP),
    Mutant("devices.Modulator.voltage", "V_π/2", HALVED, RECEIVER),
    Mutant("devices.ElectroAbsorptionModulator.field", "chirp's sign", CONJUGATED, RECEIVER),
    Mutant("devices.ElectroAbsorptionModulator.power", "amplitude for power", ROOTED, RECEIVER),
    Mutant("devices.ElectricalNonlinearity.derivative", "factor 2", DOUBLED, RECEIVER + LOOP),
    # switches
    Mutant("devices.switch.Switch.transmission", "loss as power", SQUARED, SWITCH + LOOP),
    Mutant("devices.switch.Switch.leakage_amplitudes", "isolation as power", SQUARED, SWITCH),
    Mutant("devices.switch.Switch.transient_weights", "old and new swapped", SWAPPED, SWITCH),
    Mutant(
        "devices.switch.Switch.transient_weights", "interferometer as a gate",
        _relaxing_interferometer, SWITCH + LOOP,
    ),
    Mutant("devices.switch.Switch.rise_time", "of the amplitude", times(2.197 / 2.590), SWITCH),
    Mutant("devices.switch.Switch.fall_time", "of the amplitude", DOUBLED, SWITCH),
    Mutant("devices.switch.Switch.guard_time_for", "of the power", HALVED, SWITCH),
    Mutant("devices.switch.Switch.slot_efficiency", "share lost", result(lambda r: 1 - r), SWITCH),
    Mutant("devices.CurrentSwitch.injected_current", "charge twice", DOUBLED, SWITCH),
    Mutant(
        "devices.MirrorArray.shortest_period", "mirrors' rest forgotten",
        instead(lambda self: self.load_time), SWITCH,
    ),
    Mutant(
        "devices.crosstalk_penalty.crosstalk_penalty_db", "10 log for 5 log", DOUBLED, SWITCH
    ),
    # amplifiers
    Mutant(
        "devices.Amplifier.gain", "no saturation",
        instead(lambda self, power: self.small_signal_gain + 0 * np.asarray(power)), AMPLIFIER,
    ),
    Mutant("devices.Amplifier.small_signal_gain", "dB as amplitude", ROOTED, AMPLIFIER),
    Mutant("devices.Amplifier.output_saturation_power", "1/ln 2 off", times(1.4427), AMPLIFIER),
    Mutant("devices.Amplifier.emission_density", "both polarisations", DOUBLED, AMPLIFIER),
    Mutant("devices.Amplifier.inversion_factor", "factor 2", DOUBLED, AMPLIFIER),
    Mutant(
        "devices.Amplifier.amplify", "chirp's sign",
        fields(linewidth_enhancement=np.negative), AMPLIFIER,
    ),
    Mutant(
        "devices.friis_noise_factor", "stages in reverse",
        lambda right: lambda factors, gains: right(factors[::-1], gains[::-1]), AMPLIFIER,
    ),
    # tunnel junctions
    Mutant(
        "devices.TunnelJunctionCrossbar.magnetoresistance_at", "V/V_h not squared",
        instead(lambda d, v=0.0: d.magnetoresistance / (1 + np.abs(v) / d.half_voltage)), CROSSBAR,
    ),
    Mutant("devices.TunnelJunctionCrossbar.conductance_pair", "signs swapped", SWAPPED, CROSSBAR),
    Mutant("devices.TunnelJunctionCrossbar.noise_density", "2kT for 4kT", HALVED, CROSSBAR),
    Mutant("devices.TunnelJunctionCrossbar.column_conductance", "one of a pair", HALVED, CROSSBAR),
    Mutant(
        "devices.TunnelJunctionCrossbar.antiparallel_conductance", "TMR lost", DOUBLED, CROSSBAR
    ),
    Mutant("devices.TunnelJunctionCrossbar.drive_current", "becomes even", result(abs), CROSSBAR),
    Mutant("devices.TunnelJunctionCrossbar.column_power", "factor 2", DOUBLED, CROSSBAR),
    Mutant("devices.TunnelJunctionCrossbar.quantise", "an even number", _even_levels, CROSSBAR),
    Mutant(
        "circuits.CrossbarBank.realise", "wires do not resist",
        lambda right: lambda self, *a: right(
            replace(self, junction=replace(self.junction, line_resistance=0.0)), *a
        ), CROSSBAR,
    ),
    Mutant(
        "circuits.CrossbarBank.thermal_density", "2kT for 4kT", HALVED, CROSSBAR,
        users="electrical",
    ),
    Mutant("circuits.RingWeightBank.matrices", "no crosstalk", fields(crosstalk=False), RING),
    Mutant("circuits.ring_weight.RingWeight.drop_peak", "of the field", ROOTED, RING),
    Mutant(
        "circuits.ring_weight.RingWeight.half_linewidth", "whole width", DOUBLED, RING,
        users="RingWeightBank heater_powers",
    ),
    # programming banks
    Mutant("circuits.weight_range.lost_snr_db", "of power", HALVED, PROGRAMMING),
    Mutant("circuits.RingBench.applied", "heaters cool", NEGATED, PROGRAMMING),
    Mutant(
        "circuits.RingWeightBank.spacing", "a channel too few", result(lambda f: f * 0.9),
        PROGRAMMING,
    ),
    Mutant(
        "circuits.CrossbarBank.realise", "cells do not scatter",
        lambda right: lambda self, w, errors=None: right(self, w), PROGRAMMING,
    ),
    Mutant(
        "circuits.crossbar_bank.RealisedCrossbar.matrix", "both cells added",
        lambda right: lambda self: right(self) + 2 * self.cells[1], PROGRAMMING,
        users="compensate_wires",
    ),
    # netlists
    Mutant("circuits.circuit_lines.Lines.transfer", "e^{+iωt}", CONJUGATED, CIRCUIT),
    Mutant("circuits.Circuit.group_delay", "advance", NEGATED, CIRCUIT),
    Mutant(
        "circuits.component.Line.referred_to", "carrier's phase forgotten",
        result(lambda line: replace(line, phase=0.0)), CIRCUIT,
    ),
    Mutant("circuits.transient_relations.instant_matrix", "e^{+iωt}", CONJUGATED, CIRCUIT),
    Mutant("circuits.component_primitives._amplitude", "loss as power", SQUARED, CIRCUIT),
    Mutant(
        "circuits.transient_delays.taps_of", "a sample late",
        result(lambda taps: taps._replace(first=taps.first + 1)), CIRCUIT,
    ),
    Mutant("circuits.transient_delays._weights", "taps in reverse", SWAPPED, CIRCUIT),
    Mutant("circuits.component_active._gain", "1/P_sat doubled", of_numbers(1, 2.0), ACTIVE),
    Mutant("circuits.component_receivers._diode", "half the light", of_numbers(0, 0.5), ACTIVE),
    Mutant(
        "circuits.component_modulators._exponential", "2π per V_π", argument(0, lambda x: 2 * x),
        ACTIVE,
    ),
]  # fmt: skip


# ---------------------------------------------------------------------------------------- planting


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """While it is entered, the model is wrong; also where others have imported it by name."""
    owner, name = _owner(mutant.place)
    right: Any = owner.__dict__.get(name)
    if right is None:  # inherited: wrong in this class alone
        right = getattr(owner, name)
    wrong = _wrong(right, mutant.change)
    places = [owner] if isinstance(owner, type) else _holders(right, name)
    before = [(place, place.__dict__.get(name)) for place in places]
    for place in places:
        setattr(place, name, wrong)
    try:
        yield
    finally:
        for place, value in before:
            if value is None:
                delattr(place, name)
            else:
                setattr(place, name, value)


def _owner(place: str) -> tuple[Any, str]:
    """The class or module that holds the thing, and its name there."""
    *path, name = place.split(".")
    owner: Any = import_module(path[0])
    for part in path[1:]:
        if not hasattr(owner, part):
            import_module(f"{owner.__name__}.{part}")
        owner = getattr(owner, part)
    return owner, name


def _wrong(right: Any, change: Change) -> Any:
    if isinstance(right, property):
        return property(change(right.fget))
    if isinstance(right, functools.cached_property):
        # Not cached, so that no device keeps a wrong value for later.
        return property(change(right.func))
    if isinstance(right, staticmethod):
        return staticmethod(change(right.__func__))
    return change(right)


def _holders(function: Any, name: str) -> list[Any]:
    """All modules that have the function under its name."""
    return [
        module
        for module in list(sys.modules.values())
        if getattr(module, "__dict__", {}).get(name) is function
    ]


@functools.cache
def killer(mutant: Mutant) -> tuple[Case, float] | None:
    """The first case that notices, with its error; None where the mutant survives."""
    with planted(mutant), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in _suspects(mutant):
            verdict = judge(case)
            if verdict.error > case.tolerance:
                return case, verdict.error
    return None


def _suspects(mutant: Mutant) -> list[Case]:
    """The cases of the topics, first those that name the model in question."""
    names = [*mutant.place.split(".")[-2:], *mutant.users.split()]

    def strange(case: Case) -> int:
        return -sum(name in case.model for name in names)

    found = [
        case for case in CASES.values() if case.measure.__module__.split(".")[-1] in mutant.topics
    ]
    return sorted(found, key=strange)


def table(found: dict[Mutant, tuple[Case, float] | None]) -> str:
    """Which mutants were killed by what; the survivors are told apart."""
    rows = [
        (mutant.name, "SURVIVES" if by is None else f"{by[0].name} ({by[1]:.2g}, {_over(by)})")
        for mutant, by in found.items()
    ]
    width = max(len(name) for name, _ in rows)
    dead = sum(by is not None for by in found.values())
    lines = [f"{name:{width}}  {fate}" for name, fate in rows]
    return "\n".join([*lines, f"{dead} of {len(found)} mutants killed"])


def _over(by: tuple[Case, float]) -> str:
    case, error = by
    return f"{error / case.tolerance:.1g} × tolerance" if case.tolerance else "tolerance 0"


if __name__ == "__main__":
    pattern = sys.argv[1] if len(sys.argv) > 1 else "*"
    chosen = [mutant for mutant in MUTANTS if fnmatchcase(mutant.name, pattern)]
    print(table({mutant: killer(mutant) for mutant in chosen}))
