"""Closed forms of the literature, the references that devices and circuits are held against.

Nothing here imports the packages it judges: numpy alone, formulas written out as their sources
print them, constants as digits of the 2019 SI. Units are SI, matrices are [out, in], fields in √W
in the e^{-iωt} convention, as everywhere in the house. A function takes floats or arrays that
broadcast.
"""

from validation.closed_forms import (
    amplifier,
    crossbar,
    interferometer,
    lattice,
    light,
    modulator,
    receiver,
    ring,
    ring_dynamics,
    switch,
)

__all__ = [
    "amplifier",
    "crossbar",
    "interferometer",
    "lattice",
    "light",
    "modulator",
    "receiver",
    "ring",
    "ring_dynamics",
    "switch",
]
