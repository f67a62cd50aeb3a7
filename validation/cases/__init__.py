"""The validation cases, one module a topic; importing this registers them all."""

from validation.cases import (
    amplifier,
    converter,
    crossbar,
    crosstalk,
    light,
    loop,
    mesh,
    modulator,
    receiver,
    ring,
    ring_dynamics,
    switch,
)

__all__ = [
    "amplifier",
    "converter",
    "crossbar",
    "crosstalk",
    "light",
    "loop",
    "mesh",
    "modulator",
    "receiver",
    "ring",
    "ring_dynamics",
    "switch",
]
