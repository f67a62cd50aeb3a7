"""What all devices share: the types of a field, its checks, and equality of frozen devices.

A device is a frozen dataclass. Its numbers may be scalars or arrays (an array is a parameter
sweep) and may arrive from a configuration file as integers or lists. Each check here converts
the value once, to a float or to a read-only float64 array, and refuses what is not physical with
a message that says what, why, and what to write instead.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Real: TypeAlias = float | NDArray[np.floating[Any]]
"""A real number or an array of them."""

Complex: TypeAlias = complex | NDArray[np.complexfloating[Any, Any]]
"""A complex number or an array of them."""


class Device:
    """Base of every device: equality and hashing that understand array fields.

    Two devices are equal when they are of one class and every field is equal, arrays element by
    element and of the same shape. The generated comparison of dataclasses would raise on arrays.
    """

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return _contents(self) == _contents(other)

    def __hash__(self) -> int:
        return hash((type(self), _contents(self)))


def _contents(device: Any) -> tuple[object, ...]:
    """Field values in order, arrays as (shape, numbers), so that they compare and hash."""
    values = (getattr(device, field.name) for field in fields(device))
    return tuple(
        (value.shape, tuple(value.ravel().tolist())) if isinstance(value, np.ndarray) else value
        for value in values
    )


class Rule(NamedTuple):
    """A condition on numbers and its wording; NaN fails every one of them."""

    wording: str
    holds: Callable[[Any], Any]
    """Truth of each number of a float or an array."""


FINITE = Rule("finite", np.isfinite)
POSITIVE = Rule("> 0 and finite", lambda x: (x > 0) & np.isfinite(x))
POSITIVE_OR_INFINITE = Rule("> 0 or inf", lambda x: x > 0)
NON_NEGATIVE = Rule("≥ 0 and finite", lambda x: (x >= 0) & np.isfinite(x))
NON_NEGATIVE_OR_INFINITE = Rule("≥ 0 or inf", lambda x: x >= 0)
FRACTION = Rule("between 0 and 1", lambda x: (x >= 0) & (x <= 1))


def checked_real(value: Any, name: str, rule: Rule, why: str, sign_hint: str = "") -> Real:
    """Return `value` as a float or a read-only float64 array, held to a rule.

    Parameters
    ----------
    value : number, sequence of numbers, or array
        What the user wrote.
    name : str
        The name of the field or argument, for the message.
    rule : Rule
        The condition that every element must meet.
    why : str
        What the number is; it stands in brackets in the message.
    sign_hint : str
        What to write instead where the sign is wrong; ``{size}`` becomes the magnitude.

    Raises
    ------
    ValueError
        Where the value is no real number, is empty, or breaks the rule.
    """
    if type(value) is float and rule.holds(value):  # what most fields of large circuits are
        return value
    array = as_floats(value, name, why)
    good = rule.holds(array)
    if not np.all(good):
        where = np.unravel_index(int(np.argmin(good)), array.shape)
        bad = float(array[where])
        place = f" at index {tuple(int(i) for i in where)}" if array.ndim else ""
        hint = " " + sign_hint.format(size=f"{-bad:g}") if sign_hint and -np.inf < bad < 0 else ""
        raise ValueError(f"{name} must be {rule.wording} ({why}); got {bad:g}{place}.{hint}")
    if array.ndim == 0:
        return float(array)
    array.setflags(write=False)
    return array


def as_floats(value: Any, name: str, why: str) -> NDArray[np.float64]:
    """Return a float64 copy of `value`; flags, words and ragged lists are no real numbers."""
    message = f"{name} must be a real number or an array of them ({why}); got {value!r}."
    try:
        array = np.asarray(value)
    except ValueError as error:  # a ragged list
        raise ValueError(message) from error
    if array.dtype.kind not in "iuf" or array.size == 0:
        raise ValueError(message)
    return array.astype(np.float64)


def require(device: Device, name: str, rule: Rule, why: str, sign_hint: str = "") -> None:
    """Convert the field `name` of a frozen device in place and hold it to a rule."""
    store(device, name, checked_real(getattr(device, name), name, rule, why, sign_hint))


def require_common_shape(device: Device, *names: str) -> None:
    """Hold the named fields to shapes that broadcast: one sweep, not two that contradict."""
    shapes = {name: np.shape(getattr(device, name)) for name in names}
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError as error:
        given = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
        raise ValueError(
            f"the fields of {type(device).__name__} must broadcast to one shape (an array is a "
            f"parameter sweep); got shapes {given}. To sweep two of them on a grid write one as a "
            f"column, x[:, None]."
        ) from error


def require_loss(device: Device, name: str = "insertion_loss_db") -> None:
    """Hold a loss in dB to the house's sign: positive for loss."""
    require(
        device,
        name,
        NON_NEGATIVE,
        "a loss in dB, positive for loss",
        f"For {{size}} dB of loss write {name}={{size}}.",
    )


def require_flag(device: Device, name: str, why: str) -> None:
    """Hold the field `name` to a plain true or false."""
    value = getattr(device, name)
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{name} must be true or false ({why}); got {value!r}.")
    store(device, name, bool(value))


def require_choice(device: Device, name: str, choices: Sequence[str], why: str) -> None:
    """Hold the field `name` to one of a few words."""
    value = getattr(device, name)
    if not isinstance(value, str) or value not in choices:
        words = ", ".join(f"'{choice}'" for choice in choices)
        raise ValueError(f"{name} must be one of {words} ({why}); got {value!r}.")


def store(device: Device, name: str, value: object) -> None:
    """Set a field of a frozen device, for use in ``__post_init__`` only."""
    object.__setattr__(device, name, value)


def amplitude_of_loss(loss_db: Real) -> Real:
    """Amplitude transmission 10^(−L/20) of a loss of L dB; inf gives 0."""
    amplitude: Real = np.power(10.0, -np.asarray(loss_db) / 20.0)[()]
    return amplitude


def floating(values: ArrayLike) -> NDArray[np.floating[Any]]:
    """Return a signal as an array in its own floating precision, integers as float64."""
    array = np.asarray(values)
    if np.issubdtype(array.dtype, np.floating):
        return array
    return array.astype(np.float64)
