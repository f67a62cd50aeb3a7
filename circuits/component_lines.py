"""The parts that remember: guides and fibres as lines about a carrier."""

from math import pi
from typing import Any

import numpy as np
from scipy.constants import c as speed_of_light

from circuits.component import Line, LineSlope
from circuits.component_settings import NEPERS_PER_DB, number, numbers
from devices._fields import POSITIVE
from devices.fiber import Fiber
from devices.waveguide import Waveguide


def waveguide(
    *, wavelength: float = 1.55e-6, effective_index: float | None = None, **fields: Any
) -> Line:
    """A length of guide; fields of `Waveguide`.

    Parameters
    ----------
    wavelength : float (m)
        Vacuum wavelength at which the carrier's phase, the delay and the index hold.
    effective_index : float, optional
        Index of the mode there; the phase is then 2π n L/λ beside `carrier_phase`.
    fields
        Fields of `Waveguide`.
    """
    return line_of(Waveguide(**fields), wavelength, effective_index)


def straight(
    *, wavelength: float = 1.55e-6, effective_index: float | None = None, **fields: Any
) -> Line:
    """A guide on a chip, under the name of layout tools, whose lengths are in µm.

    Raises
    ------
    ValueError
        Where it is 10 cm long or longer: no chip has room for that, the length is in µm.
    """
    guide = waveguide(wavelength=wavelength, effective_index=effective_index, **fields)
    length = guide.parameters["length"]
    if length >= _LONGEST_STRAIGHT:
        raise ValueError(
            f"length must be below {_LONGEST_STRAIGHT:g} m (a straight guide on a chip; lengths "
            f"are in m here, in µm in layout tools); got {length:g}. For {length:g} µm write "
            f"length={length * 1e-6:g}, for a guide that is so long take a 'waveguide'."
        )
    return guide


_LONGEST_STRAIGHT = 0.1


def fiber(
    *, wavelength: float = 1.55e-6, effective_index: float | None = None, **fields: Any
) -> Line:
    """A length of fibre; fields of `Fiber`, the others as of `waveguide`."""
    return line_of(Fiber(**fields), wavelength, effective_index)


def line_of(device: Waveguide, wavelength: float, effective_index: float | None) -> Line:
    """Return the line that a guide is about the carrier at `wavelength`, in every field."""
    light = number(wavelength, "wavelength", POSITIVE, "a vacuum wavelength in m")
    names = ("length", "propagation_loss_db", "group_index", "group_velocity_dispersion")
    held = numbers(device, *names, "carrier_phase")
    length, loss, group, bend = (held[name] for name in names)
    index = 0.0
    slopes = {
        "propagation_loss_db": LineSlope(attenuation=NEPERS_PER_DB * length),
        "group_index": LineSlope(delay=length / speed_of_light),
        "group_velocity_dispersion": LineSlope(bend=length),
        "carrier_phase": LineSlope(phase=1.0),
    }
    if effective_index is not None:
        index = number(effective_index, "effective_index", POSITIVE, "a mode's index")
        held["effective_index"] = index
        slopes["effective_index"] = LineSlope(phase=2 * pi * length / light)
    slopes["length"] = LineSlope(
        attenuation=NEPERS_PER_DB * loss,
        phase=2 * pi * index / light,
        delay=group / speed_of_light,
        bend=bend,
    )
    return Line(
        ports=("in0", "out0"),
        attenuation=NEPERS_PER_DB * loss * length,
        # Whole turns are dropped before they cost digits: a fibre has millions of them.
        phase=held["carrier_phase"] + 2 * pi * float(np.mod(index * length / light, 1.0)),
        delay=group * length / speed_of_light,
        bend=bend * length,
        reference_frequency=speed_of_light / light,
        parameters=held,
        slopes=slopes,
    )
