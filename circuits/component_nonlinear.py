"""Nonlinear and active parts: one operation each, of a closed set that the time solver knows.

    in ──▶[ |·|² ]──▶ out     in ◀──[ e^{cu} ]──▶ out     …     see `Op` for all of them
                                        ▲ drive u

Devices are compositions of these and of linear parts: a detector is a SQUARE and a low-pass, a
Mach-Zehnder modulator two couplers and two EXPONENTIALs. A solver in frequency sees what such a
part does to little light when every drive is zero: its linear response at rest, which is constant.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuits.component import Component, Domain, Frequencies, Matrices
from circuits.nonlinear_functions import SLOPES
from circuits.transient_op_kernels import Function, Op

Numbers = NDArray[np.complex128]

_STEP = 1e-30
"""Of derivatives along the imaginary axis: its square is nothing beside any number."""


class OpForm(NamedTuple):
    """What an operation has, beside its numbers."""

    ports: tuple[str, ...]
    domains: tuple[Domain | None, ...]
    """Of each port; None where the component says it."""

    n_numbers: int
    """How many, at least."""

    varying: bool = False
    """Whether there may be more numbers."""


_GATE = ("in", "out", "drive")
FORMS: Mapping[Op, OpForm] = {
    Op.SQUARE: OpForm(("in", "out"), ("optical", "electrical"), 6),
    Op.EXPONENTIAL: OpForm(_GATE, ("optical", "optical", "electrical"), 2),
    Op.PRODUCT: OpForm(_GATE, (None, None, "electrical"), 1),
    Op.FUNCTION: OpForm(("in", "out"), ("electrical", "electrical"), 4),
    Op.AMPLIFIER: OpForm(("in", "out"), ("optical", "optical"), 7),
    Op.SOURCE: OpForm(("out",), (None,), 2, varying=True),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Nonlinear(Component):
    """One operation; its ports are those of `FORMS`, in their order.

    Raises
    ------
    ValueError
        Where the numbers are not those of the operation.
    """

    op: Op
    numbers: Numbers
    """In the order that `Op` states, (N,)."""

    function: Function = Function.TANH
    """f of a FUNCTION."""

    slot: float = np.inf
    """Duration of one level of a SOURCE in s."""

    domain: Domain = "optical"
    """Of a SOURCE and of what a PRODUCT multiplies."""

    parameters: Mapping[str, float] = field(default_factory=dict)
    slopes: Mapping[str, Numbers] = field(default_factory=dict)
    """∂numbers/∂parameter, (N,) each, by name."""

    ports: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        form = FORMS[self.op]
        numbers = np.array(self.numbers, dtype=np.complex128)
        few, many = numbers.size < form.n_numbers, numbers.size > form.n_numbers
        if numbers.ndim != 1 or few or (many and not form.varying):
            raise ValueError(
                f"numbers of {self.op.name} must be {form.n_numbers}"
                f"{' or more' if form.varying else ''} (see Op); got the shape {numbers.shape}."
            )
        if not np.all(np.isfinite(numbers)):
            raise ValueError(f"numbers of {self.op.name} must be finite; got {numbers}.")
        for name, slope in self.slopes.items():
            if np.shape(slope) != numbers.shape:
                raise ValueError(
                    f"the slope of {name!r} must have the shape {numbers.shape} of the numbers; "
                    f"got {np.shape(slope)}."
                )
        if not self.slot > 0:
            raise ValueError(f"slot must be > 0 (the duration of a level in s); got {self.slot}.")
        object.__setattr__(self, "numbers", numbers)
        object.__setattr__(self, "ports", form.ports)

    @property
    def domains(self) -> tuple[Domain, ...]:
        """Those of the operation, and the component's own where that leaves it open."""
        return tuple(self.domain if it is None else it for it in FORMS[self.op].domains)

    @property
    def at_rest(self) -> Matrices:
        """What it does to little light when every drive is zero, (P, P)."""
        return self._rest(self.numbers)

    def scattering(self, frequency: Frequencies) -> Matrices:
        """Return the response at rest, (F, P, P), read-only."""
        return np.broadcast_to(self.at_rest, (len(frequency), *self.at_rest.shape))

    def derivatives(self, frequency: Frequencies) -> dict[str, Matrices]:
        """Return the slopes of the response at rest, (F, P, P) each, read-only."""
        shape = (len(frequency), *self.at_rest.shape)
        found = {}
        for name, slope in self.slopes.items():
            change = self._rest_slope(np.asarray(slope, dtype=np.complex128))
            found[name] = np.broadcast_to(change, shape)
        return found

    def dispersion(self, frequency: Frequencies) -> Matrices:
        """Return zeros: the response is constant."""
        return np.zeros((len(frequency), *self.at_rest.shape), dtype=np.complex128)

    @property
    def structure(self) -> NDArray[np.bool_]:
        """Where light may pass at rest."""
        way = _WAYS[self.op]
        passing = np.zeros((len(self.ports),) * 2, dtype=bool)
        if way is not None:
            passing[1, 0], passing[0, 1] = True, way.both
        return passing

    @property
    def directions(self) -> NDArray[np.bool_]:
        """Light passes gates and amplifiers both ways, all else goes one way."""
        gated = self.op in (Op.EXPONENTIAL, Op.PRODUCT, Op.AMPLIFIER)
        both = gated and self.domain == "optical"
        takes = [port != "out" or both for port in self.ports]
        sends = [port == "out" or (port == "in" and both) for port in self.ports]
        return np.array([takes, sends])

    def _rest(self, numbers: Numbers) -> Matrices:
        way = _WAYS[self.op]
        factor = 0.0 if way is None else way.factor(numbers, self.function)
        return np.asarray(np.where(self.structure, factor, 0.0), dtype=np.complex128)

    def _rest_slope(self, change: Numbers) -> Matrices:
        if self.op is Op.FUNCTION:
            beside = self._rest(self.numbers.real + 1j * _STEP * change.real)
            return np.asarray(beside.imag / _STEP, dtype=np.complex128)
        way = _WAYS[self.op]
        factor = 0.0 if way is None else way.log_slope(self.numbers, change)
        return self._rest(self.numbers) * factor


class _Way(NamedTuple):
    """How light passes at rest."""

    both: bool
    factor: Callable[[Numbers, Function], complex]
    log_slope: Callable[[Numbers, Numbers], complex]


def _electrical_slope(of: Numbers, function: Function) -> complex:
    scale, slope, offset, exponent = of
    return complex(scale * slope * SLOPES[function](offset, exponent))


def _log_gain_slope(of: Numbers, change: Numbers) -> complex:
    return complex((1 - 1j * of[2]) * change[6] - 1j * change[2] * of[6]) / 2


_WAYS: Mapping[Op, _Way | None] = {
    Op.SQUARE: None,
    Op.EXPONENTIAL: _Way(True, lambda of, _: complex(np.exp(of[1])), lambda _, by: complex(by[1])),
    Op.PRODUCT: None,
    Op.FUNCTION: _Way(False, _electrical_slope, lambda _, by: 0.0),
    Op.AMPLIFIER: _Way(
        True, lambda of, _: complex(np.exp((1 - 1j * of[2]) * of[6] / 2)), _log_gain_slope
    ),
    Op.SOURCE: None,
}
