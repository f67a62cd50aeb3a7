"""Component names of netlists and what they stand for.

A netlist names a component and its settings; the settings are the fields of the device, in SI
units. Beside the house's names (`waveguide`, `Waveguide`) stand the few that SAX and gdsfactory
use for the same parts (`straight`, `mmi1x2`, …), and beside the house's ports their o1, o2, …
The settings keep the house's names and units under either name: a `straight` has a length in m.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from types import MappingProxyType
from typing import Any

from circuits import component_active as active
from circuits import component_compositions as compositions
from circuits import component_coupled_mode as coupled_mode
from circuits import component_electrical as electrical
from circuits import component_lines as lines
from circuits import component_modulators as modulators
from circuits import component_primitives as primitives
from circuits import component_receivers as receivers
from circuits import component_switches as switches
from circuits.component import Component
from circuits.netlist import near
from circuits.s_parameter_reading import s_parameters_of_file
from devices.add_drop_ring import AddDropRing
from devices.all_pass_ring import AllPassRing
from devices.amplifier import Amplifier
from devices.electro_absorption_modulator import ElectroAbsorptionModulator
from devices.fiber import Fiber
from devices.fiber_switch import FiberSwitch
from devices.mach_zehnder import MachZehnder
from devices.modulator import Modulator
from devices.phase_shifter import PhaseShifter
from devices.photodetector import Photodetector
from devices.waveguide import Waveguide


class CircuitError(ValueError):
    """A netlist that is no circuit, with the instance and what would be right."""


@dataclass(frozen=True)
class Model:
    """How a component of a netlist is built, and what its ports are called elsewhere."""

    build: Callable[..., Component]
    """Function of settings by keyword."""

    device: type | None = None
    """The device whose fields are settings too, beside the arguments of `build`."""

    port_aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names of ports: alias → name."""

    @cached_property
    def settings(self) -> tuple[str, ...]:
        """Names of all settings, empty where the function takes any."""
        arguments = inspect.signature(self.build).parameters.values()
        named = [it.name for it in arguments if it.kind is it.KEYWORD_ONLY]
        if self.device is not None:
            named += [it.name for it in fields(self.device) if it.init]
        return tuple(dict.fromkeys(named))


def _optical(*ports: str) -> dict[str, str]:
    """Names o1, o2, … of gdsfactory for ports clockwise from the lower left."""
    return {f"o{i}": port for i, port in enumerate(ports, start=1)}


_TWO = _optical("in0", "out0")
_FOUR = _optical("in0", "in1", "out1", "out0")
_RING = _optical("in", "drop", "add", "through") | {
    "in0": "in",
    "out0": "through",
    "in1": "add",
    "out1": "drop",
}
_GUIDE = Model(lines.waveguide, Waveguide, _TWO)
_COUPLER = Model(primitives.directional_coupler, None, _FOUR)
_SPLITTER = Model(primitives.splitter, None, _optical("in0", "out1", "out0"))
_MIRROR = Model(primitives.mirror, None, _TWO)

MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "adder": Model(electrical.adder),
        "add_drop_ring": Model(compositions.add_drop_ring, AddDropRing, _RING),
        "all_pass_ring": Model(compositions.all_pass_ring, AllPassRing, _TWO),
        "amplifier": Model(primitives.amplifier, Amplifier, _TWO),
        "attenuator": Model(primitives.attenuator, None, _TWO),
        "balanced_photodetector": Model(
            receivers.balanced_photodetector, Photodetector, _optical("in0", "in1")
        ),
        "bias": Model(electrical.bias),
        "cable": Model(electrical.cable),
        "circulator": Model(primitives.circulator, None, _optical("port0", "port1", "port2")),
        "coupled_mode_all_pass_ring": Model(
            coupled_mode.coupled_mode_all_pass_ring, AllPassRing, _TWO
        ),
        "coupled_mode_ring": Model(coupled_mode.coupled_mode_ring, AddDropRing, _RING),
        "coupler": _COUPLER,
        "directional_coupler": _COUPLER,
        "electrical_gain": Model(electrical.electrical_gain),
        "electrical_source": Model(electrical.electrical_source),
        "electro_absorption_modulator": Model(
            modulators.electro_absorption_modulator, ElectroAbsorptionModulator, _TWO
        ),
        "erbium_amplifier": Model(active.erbium_amplifier, Amplifier, _TWO),
        "fabry_perot": Model(compositions.fabry_perot, Waveguide, _TWO),
        "fanout": Model(electrical.fanout),
        "fiber": Model(lines.fiber, Fiber, _TWO),
        "gate": Model(switches.gate, FiberSwitch, _TWO),
        "isolator": Model(primitives.isolator, None, _TWO),
        "laser": Model(active.laser, None, _optical("out0")),
        "low_pass": Model(electrical.low_pass),
        "mach_zehnder": Model(primitives.mach_zehnder, MachZehnder, _FOUR),
        "mirror": _MIRROR,
        "mixer": Model(electrical.mixer),
        "mmi1x2": _SPLITTER,
        "mmi2x2": _COUPLER,
        "modulator": Model(modulators.modulator, Modulator, _TWO),
        "nonlinearity": Model(electrical.nonlinearity),
        "phase_modulator": Model(modulators.phase_modulator, None, _TWO),
        "phase_shifter": Model(primitives.phase_shifter, PhaseShifter, _TWO),
        "photodetector": Model(receivers.photodetector, Photodetector, _optical("in0")),
        "reflector": _MIRROR,
        "ring_double": Model(compositions.add_drop_ring, AddDropRing, _RING),
        "ring_single": Model(compositions.all_pass_ring, AllPassRing, _TWO),
        "s_parameters": Model(s_parameters_of_file),
        "semiconductor_amplifier": Model(active.semiconductor_amplifier, Amplifier, _TWO),
        "splitter": _SPLITTER,
        "straight": Model(lines.straight, Waveguide, _TWO),
        "switch": Model(switches.switch, FiberSwitch, _optical("in0", "out1", "out0")),
        "switch2x2": Model(switches.switch2x2, FiberSwitch, _FOUR),
        "terminator": Model(primitives.terminator, None, _optical("in0")),
        "waveguide": _GUIDE,
    }
)
"""The components by name; a device's class name (`AddDropRing`) is understood too."""


def build_component(
    instance: str,
    name: str,
    settings: Mapping[str, Any],
    models: Mapping[str, Model] = MODELS,
    where: str = "",
) -> Component:
    """Return the component of an instance.

    Parameters
    ----------
    instance : str
        Its name in the netlist, for errors.
    name : str
        The component's name.
    settings : mapping
        Settings by name.
    models : mapping
        What names stand for; `MODELS` and whatever a user adds.
    where : str
        Beginning of errors, see `Netlist.where`.

    Raises
    ------
    CircuitError
        Where the name or a setting is unknown, or a setting's value is refused.
    """
    model = model_of(instance, name, models, where)
    here = f"{where}instance {instance!r} ({name})"
    known = model.settings
    for setting in settings:
        if known and setting not in known:
            raise CircuitError(f"{here} has no setting {setting!r}.{near(setting, known)}")
    try:
        return model.build(**settings)
    except ValueError as error:
        raise CircuitError(f"{here}: {error}") from error
    except OSError as error:
        raise CircuitError(f"{here}: {error.filename}: {error.strerror}") from error


def model_of(
    instance: str, name: str, models: Mapping[str, Model] = MODELS, where: str = ""
) -> Model:
    """Return what a component name stands for, or an error with the names that come near."""
    for spelling in (name, re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()):
        if spelling in models:
            return models[spelling]
    raise CircuitError(
        f"{where}instance {instance!r}: there is no component {name!r}.{near(name, sorted(models))}"
    )
