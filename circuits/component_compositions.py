"""Resonators as what they are made of: couplers or mirrors, and a line that closes on itself.

A solver in frequency finds the closed forms of the devices again; one in time finds their memory.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.constants import c as speed_of_light

from circuits.component import Composition, Line, LineSlope
from circuits.component_lines import line_of
from circuits.component_primitives import TWO_PORTS, coupler_of_amplitude, mirror
from circuits.component_settings import NEPERS_PER_DB, numbers
from devices.add_drop_ring import AddDropRing
from devices.all_pass_ring import AllPassRing
from devices.micro_ring import MicroRing
from devices.waveguide import Waveguide

LOOP = (
    "length",
    "group_index",
    "propagation_loss_db",
    "resonance_wavelength",
    "resonance_offset",
    "tuning",
    "temperature_change",
    "thermo_optic_coefficient",
)


def all_pass_ring(**fields: Any) -> Composition:
    """A ring on one guide, in0 → out0; fields of `AllPassRing`."""
    device = AllPassRing(**fields)
    held = numbers(device, *LOOP, "self_coupling")
    return Composition(
        ports=TWO_PORTS,
        parts={
            "coupler": coupler_of_amplitude(held["self_coupling"], "self_coupling"),
            "loop": loop(device, 1.0),
        },
        connections=(("coupler,out1", "loop,in0"), ("loop,out0", "coupler,in1")),
        exposed=("coupler,in0", "coupler,out0"),
        parameters=held,
    )


def add_drop_ring(**fields: Any) -> Composition:
    """A ring between two guides; fields of `AddDropRing`.

    drop ══════[r₂]══════ add        in → through, on resonance in → drop,
          ╭───────────╮              half a round trip between the couplers
          ╰───────────╯
    in ════════[r₁]══════ through
    """
    device = AddDropRing(**fields)
    couplings = ("input_self_coupling", "drop_self_coupling")
    held = numbers(device, *LOOP, *couplings)
    near, far = (coupler_of_amplitude(held[name], name) for name in couplings)
    half = loop(device, 0.5)
    return Composition(
        ports=("in", "through", "add", "drop"),
        parts={"near": near, "far": far, "up": half, "down": half},
        connections=(
            ("near,out1", "up,in0"),
            ("up,out0", "far,in1"),
            ("far,out1", "down,in0"),
            ("down,out0", "near,in1"),
        ),
        exposed=("near,in0", "near,out0", "far,in0", "far,out0"),
        parameters=held,
    )


def fabry_perot(
    *,
    reflectivity: float = 0.9,
    wavelength: float = 1.55e-6,
    effective_index: float | None = None,
    **fields: Any,
) -> Composition:
    """Two mirrors with the power reflectivity R and a guide between them, in0 | out0.

    The settings are those of `mirror` and `waveguide`; on a round trip the light gains twice the
    guide's phase.
    """
    guide = line_of(Waveguide(**fields), wavelength, effective_index)
    both = mirror(reflectivity=reflectivity)
    own = {name: it for name, it in both.parameters.items() if name == "reflectivity"}
    both = replace(both, parameters=own, slopes={name: both.slopes[name] for name in own})
    return Composition(
        ports=TWO_PORTS,
        parts={"front": both, "guide": guide, "back": both},
        connections=(("front,out0", "guide,in0"), ("guide,out0", "back,in0")),
        exposed=("front,in0", "back,out0"),
        parameters={**guide.parameters, **own},
    )


def loop(ring: MicroRing, share: float) -> Line:
    """A share of a ring's loop: phase and delay about its resonance, and how they follow fields."""
    held = numbers(ring, *LOOP)
    loss, length, group = held["propagation_loss_db"], held["length"], held["group_index"]
    cold = speed_of_light / held["resonance_wavelength"]
    # ν_res = cold (1 − κ ΔT/n_g) + offset + tuning, as MicroRing.resonance_frequency has it.
    per_index = held["thermo_optic_coefficient"] / group
    warmth = per_index * held["temperature_change"]
    slopes = {
        "length": LineSlope(
            attenuation=share * NEPERS_PER_DB * loss, delay=share * group / speed_of_light
        ),
        "group_index": LineSlope(
            delay=share * length / speed_of_light, reference_frequency=cold * warmth / group
        ),
        "propagation_loss_db": LineSlope(attenuation=share * NEPERS_PER_DB * length),
        "resonance_wavelength": LineSlope(
            reference_frequency=-cold * (1 - warmth) / held["resonance_wavelength"]
        ),
        "resonance_offset": LineSlope(reference_frequency=1.0),
        "tuning": LineSlope(reference_frequency=1.0),
        "temperature_change": LineSlope(reference_frequency=-cold * per_index),
        "thermo_optic_coefficient": LineSlope(
            reference_frequency=-cold * held["temperature_change"] / group
        ),
    }
    return Line(
        ports=TWO_PORTS,
        attenuation=share * NEPERS_PER_DB * loss * length,
        delay=share * group * length / speed_of_light,
        reference_frequency=float(np.asarray(ring.resonance_frequency)),
        parameters=held,
        slopes=slopes,
    )
