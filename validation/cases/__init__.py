"""The validation cases, one module a topic; importing this registers them all."""

from validation.cases import (
    amplifier,
    converter,
    crossbar,
    crosstalk,
    loop,
    mesh,
    modulator,
    receiver,
    switch,
)

__all__ = [
    "amplifier",
    "converter",
    "crossbar",
    "crosstalk",
    "loop",
    "mesh",
    "modulator",
    "receiver",
    "switch",
]
