"""The validation cases, one module a topic; importing this registers them all."""

from validation.cases import (
    amplifier,
    converter,
    crossbar,
    crosstalk,
    delay_line,
    light,
    loop,
    mesh,
    modulator,
    receiver,
    ring,
    ring_bank,
    ring_design,
    ring_dynamics,
    strong_light,
    switch,
)

__all__ = [
    "amplifier",
    "converter",
    "crossbar",
    "crosstalk",
    "delay_line",
    "light",
    "loop",
    "mesh",
    "modulator",
    "receiver",
    "ring",
    "ring_bank",
    "ring_design",
    "ring_dynamics",
    "strong_light",
    "switch",
]
