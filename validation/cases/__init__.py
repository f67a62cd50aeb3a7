"""The validation cases, one module a topic; importing this registers them all."""

from validation.cases import (
    amplifier,
    converter,
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
    "crosstalk",
    "loop",
    "mesh",
    "modulator",
    "receiver",
    "switch",
]
