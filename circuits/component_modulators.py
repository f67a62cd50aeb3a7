"""The modulators: where a voltage acts on light.

    in0 ════[ A · m(V) ]════ out0         drive: electrical, in V
                  ↑ drive

Light passes both ways; the drive feels nothing. In frequency stands what a modulator does without
a voltage: a Mach-Zehnder at its null is dark, the others pass their light.
"""

from math import pi
from typing import Any

import numpy as np

from circuits.component import Composition
from circuits.component_electrical import alone
from circuits.component_nonlinear import Nonlinear
from circuits.component_settings import NEPERS_PER_DB, number, numbers, values
from circuits.transient_op_kernels import Function, Op
from devices._fields import NON_NEGATIVE, POSITIVE
from devices.electro_absorption_modulator import ElectroAbsorptionModulator
from devices.modulator import Modulator

_DRIVEN = {"in0": "in", "out0": "out", "drive": "drive"}


def modulator(**fields: Any) -> Composition:
    """A push-pull Mach-Zehnder at its null, out0 = 10^(−IL/20) sin(πV/2V_π) in0.

    Fields of `Modulator`; where it is linearised, a look-up in front of it makes the field V/V_π,
    clipped at ±1. The two arms turn against each other, so that the field has no other phase.
    """
    device = Modulator(**fields)
    held = numbers(device, "insertion_loss_db", "half_wave_voltage")
    full = held["half_wave_voltage"]
    of = (Function.HARD_TANH, 1.0 / full) if device.linearised else (Function.SINE, pi / 2 / full)
    transmission = np.exp(-NEPERS_PER_DB * held["insertion_loss_db"])
    return Composition(
        ports=tuple(_DRIVEN),
        parts={
            "bridge": Nonlinear(
                op=Op.FUNCTION,
                function=of[0],
                numbers=values(1.0, of[1], 0.0, 1.0),
                slopes={"half_wave_voltage": values(0.0, -of[1] / full, 0.0, 0.0)},
            ),
            "arms": Nonlinear(
                op=Op.PRODUCT,
                numbers=values(transmission),
                slopes={"insertion_loss_db": values(-NEPERS_PER_DB * transmission)},
            ),
        },
        connections=(("bridge,out", "arms,drive"),),
        exposed=("arms,in", "arms,out", "bridge,in"),
        parameters=held,
    )


def phase_modulator(
    *, half_wave_voltage: float = 3.0, insertion_loss_db: float = 0.0
) -> Composition:
    """A guide whose phase follows the voltage, out0 = 10^(−IL/20) e^{iπV/V_π} in0.

    Parameters
    ----------
    half_wave_voltage : float (V)
        V_π. 3 V: lithium niobate, typical.
    insertion_loss_db : float
    """
    full = number(half_wave_voltage, "half_wave_voltage", POSITIVE, "a half-wave voltage in V")
    loss = number(insertion_loss_db, "insertion_loss_db", NON_NEGATIVE, "a loss in dB")
    turn = 1j * pi / full
    return _exponential(
        turn,
        loss,
        {"half_wave_voltage": values(-turn / full, 0.0)},
        {"half_wave_voltage": full, "insertion_loss_db": loss},
    )


def electro_absorption_modulator(**fields: Any) -> Composition:
    """A guide that a reverse voltage makes dark, √T e^{−i(α_H/2) ln T} in0, T = e^{−(V/V₀)^k}.

    Fields of `ElectroAbsorptionModulator`; a forward voltage (V < 0) does nothing.
    """
    device = ElectroAbsorptionModulator(**fields)
    held = numbers(device, "insertion_loss_db", "absorption_voltage", "exponent", "chirp")
    size = held["absorption_voltage"]
    chirped = -0.5 * (1.0 - 1j * held["chirp"])
    guide = _exponential(chirped, held["insertion_loss_db"], {"chirp": values(0.5j, 0.0)}, {})
    return Composition(
        ports=tuple(_DRIVEN),
        parts={
            "absorption": Nonlinear(
                op=Op.FUNCTION,
                function=Function.POWER,
                numbers=np.array([1.0, 1.0 / size, 0.0, held["exponent"]]),
                slopes={
                    "absorption_voltage": values(0.0, -1.0 / size**2, 0.0, 0.0),
                    "exponent": values(0.0, 0.0, 0.0, 1.0),
                },
            ),
            "guide": guide.parts["part"],
        },
        connections=(("absorption,out", "guide,drive"),),
        exposed=("guide,in", "guide,out", "absorption,in"),
        parameters=held,
    )


def _exponential(
    factor: complex,
    loss_db: float,
    slopes: dict[str, Any],
    parameters: dict[str, float],
) -> Composition:
    """Return the part in0 · e^{factor · drive} with an insertion loss."""
    part = Nonlinear(
        op=Op.EXPONENTIAL,
        numbers=values(factor, -NEPERS_PER_DB * loss_db),
        slopes=slopes | {"insertion_loss_db": values(0.0, -NEPERS_PER_DB)},
    )
    return alone(part, _DRIVEN, parameters)
