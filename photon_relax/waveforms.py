"""Waveforms by name, and from a table: what enters a port of a circuit in time.

A shape is a level over time, in W where light enters and a plain number where an electrical signal
does; the envelope of light is its root, in √W. What each shape takes, and in which unit, is its
signature below; the first arguments may go without their names, and numbers may have units:
``pulse(1mW, 100ps, 50ps)`` is ``pulse(level=1e-3, start=1e-10, width=5e-11)``.

    FILE.csv    columns time (s) and level, or, of light, time and field: re, im (√W)

A table is held from each of its times to the next.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuits.s_parameter_text import read_text
from photon_relax.quantities import quantity

__all__ = ["SHAPES", "describe_shapes", "waveform"]

Signal = NDArray[np.complex128] | NDArray[np.float64]
_Levels = NDArray[np.float64]


def cw(time: _Levels, level: float) -> _Levels:
    """The level all the time."""
    return np.full_like(time, level)


def step(time: _Levels, level: float, start: float) -> _Levels:
    """From the start on."""
    return np.where(_since(time, start), level, 0.0)


def pulse(time: _Levels, level: float, start: float, width: float) -> _Levels:
    """From the start on, for the width."""
    return np.where(_since(time, start) & ~_since(time, start + width), level, 0.0)


def gauss(time: _Levels, level: float, centre: float, width: float) -> _Levels:
    """A Gaussian; the width is the full one at half of the level."""
    shape: _Levels = level * np.exp(-4 * np.log(2.0) * ((time - centre) / width) ** 2)
    return shape


def train(time: _Levels, level: float, period: float, width: float, start: float = 0.0) -> _Levels:
    """Gaussians, one in the middle of each period from the start on."""
    place = np.mod(time - start, period)
    return np.where(_since(time, start), gauss(place, level, period / 2, width), 0.0)


def bits(
    time: _Levels, level: float, rate: float, seed: int = 1, pattern: str = "", rise: float = 0.0
) -> _Levels:
    """Random bits of a seed, or a pattern of 0 and 1 over and over; edges are half a cosine."""
    if rise * rate > 1.0:
        raise ValueError(f"a rise of {rise:g} s is longer than a bit of {1 / rate:g} s")
    if len(time) > 1 and rate * (time[1] - time[0]) > 1 + 1e-9:
        raise ValueError(f"a bit of {1 / rate:g} s is shorter than a sample")
    number = np.floor(time * rate + 1e-7).astype(np.int64)  # no bit is late by rounding
    count = int(number.max(initial=0)) + 1
    if pattern:
        values = np.resize(np.array(list(pattern), dtype=np.float64), count)
    else:
        values = np.random.default_rng(seed).integers(0, 2, count).astype(np.float64)
    shape: _Levels = values[number]
    if rise > 0.0:
        before = np.where(number > 0, values[number - 1], 0.0)
        way = np.clip((time - number / rate) / rise, 0.0, 1.0)
        shape = before + (shape - before) * (0.5 - 0.5 * np.cos(np.pi * way))
    return level * shape


def sine(
    time: _Levels, level: float, frequency: float, offset: float = 0.0, phase: float = 0.0
) -> _Levels:
    """Offset + level · sin(2π · frequency · time + phase)."""
    shape: _Levels = offset + level * np.sin(2 * np.pi * frequency * time + phase)
    return shape


def _since(time: _Levels, start: float) -> NDArray[np.bool_]:
    """Whether the start is past, a sample that begins with it among them whatever the rounding."""
    return np.asarray(time >= start - 1e-10 * abs(start))


SHAPES: Mapping[str, Callable[..., _Levels]] = MappingProxyType(
    {it.__name__: it for it in (cw, step, pulse, gauss, train, bits, sine)}
)
"""Shapes by name."""

_UNIT = {
    "start": "s", "centre": "s", "width": "s", "period": "s", "rise": "s", "rate": "Hz",
    "frequency": "Hz", "phase": "rad",
}  # fmt: skip
_POSITIVE = ("width", "period", "rate", "frequency")


def describe_shapes() -> list[tuple[str, str]]:
    """Each shape as it is written, and what it is."""
    return [(_call(name), inspect.getdoc(it) or "") for name, it in SHAPES.items()]


def waveform(text: str, time: NDArray[np.float64], domain: str = "optical") -> Signal:
    """Return what a text describes, at times in s.

    Parameters
    ----------
    text
        A shape with its numbers, or the path of a table.
    time
        (samples,) in s.
    domain
        ``"optical"`` for the envelope of light in √W, complex; ``"electrical"`` for a real signal.

    Raises
    ------
    ValueError
        The text is none of the shapes of this module, a number is out of its range, or a table is
        malformed.
    OSError
        The table cannot be read.
    """
    found = re.fullmatch(r"\s*(\w+)\s*\(([^()]*)\)\s*", text)
    if found is None:
        levels: Signal = _tabulated(Path(text), time, domain)
    else:
        name, inside = found[1], found[2]
        if name not in SHAPES:
            raise ValueError(f"there is no waveform {name!r}; write {_choices()}.")
        levels = SHAPES[name](time, **_arguments(name, inside, domain))
    if domain == "electrical" or np.iscomplexobj(levels):
        return levels
    if np.any(levels < 0):
        raise ValueError(f"{text.strip()}: light needs a power ≥ 0 W at all times.")
    return np.asarray(np.sqrt(levels), dtype=np.complex128)


def _call(name: str) -> str:
    """How a shape is written, such as ``bits(level, rate, seed=1, pattern=…, rise=0)``."""
    words = [
        it.name if it.default is it.empty else f"{it.name}={_default(it.default)}"
        for it in _takes(name).values()
    ]
    return f"{name}({', '.join(words)})"


def _default(value: Any) -> str:
    return "…" if value == "" else f"{value:g}"


def _choices() -> str:
    return ", ".join(_call(name) for name in SHAPES) + ", or name a .csv file"


def _takes(name: str) -> dict[str, inspect.Parameter]:
    _, *rest = inspect.signature(SHAPES[name]).parameters.items()
    return dict(rest)


def _arguments(name: str, inside: str, domain: str) -> dict[str, Any]:
    """Read what stands between the parentheses."""
    takes = _takes(name)
    given: dict[str, Any] = {}
    level = "W" if domain == "optical" else ""
    for place, part in enumerate(inside.split(",")):
        key, equals, text = (word.strip() for word in part.partition("="))
        if not equals:
            key, text = next(iter(list(takes)[place:]), ""), key
        if key not in takes or key in given:
            raise ValueError(f"{_call(name)} does not take {part.strip()!r}; got ({inside}).")
        try:
            given[key] = _argument(key, text, level)
        except ValueError as error:
            raise ValueError(f"{_call(name)}: {key} must be {error}; got ({inside}).") from None
    missing = [key for key, it in takes.items() if it.default is it.empty and key not in given]
    if missing:
        raise ValueError(f"{_call(name)} needs {' and '.join(missing)}; got ({inside}).")
    return given


def _argument(key: str, text: str, level: str) -> float | int | str:
    if key == "pattern":
        if re.fullmatch("[01]+", text) is None:
            raise ValueError(f"zeros and ones, not {text!r}")
        return text
    if key == "seed":
        if re.fullmatch("[0-9]{1,18}", text) is None:
            raise ValueError(f"a whole number ≥ 0, not {text!r}")
        return int(text)
    unit = _UNIT.get(key, level)
    try:
        value = quantity(text, unit)
    except ValueError:
        of = f"in {unit}" if unit else "in V or A, or without a unit"
        raise ValueError(f"a number {of}, not {text!r}") from None
    if (key in _POSITIVE and value <= 0) or (key == "rise" and value < 0):
        raise ValueError(f"{'>' if key in _POSITIVE else '≥'} 0 {unit}, not {text!r}")
    return value


def _tabulated(path: Path, time: NDArray[np.float64], domain: str) -> Signal:
    if path.suffix != ".csv":
        raise ValueError(f"{str(path)!r} is no waveform; write {_choices()}.")
    lines = read_text(path).splitlines()
    rows = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if rows and not re.match(r"[-+.\s]*\d", rows[0][1]):
        rows = rows[1:]  # titles
    widths = (2, 3) if domain == "optical" else (2,)
    table = []
    for number, line in rows:
        try:
            table.append([float(part) for part in line.split(",")])
        except ValueError:
            raise ValueError(f"{path}: line {number} is not numbers: {line.strip()!r}") from None
        if len(table[-1]) != len(table[0]) or len(table[-1]) not in widths:
            field = " or three (time, re, im)" if domain == "optical" else ""
            raise ValueError(
                f"{path}: line {number} must have two columns (time, level){field}, all lines "
                f"alike; got {len(table[-1])}."
            )
    if not table:
        raise ValueError(f"{path} holds no rows of numbers.")
    columns = np.array(table).T
    if not np.all(np.isfinite(columns)) or np.any(np.diff(columns[0]) <= 0):
        raise ValueError(f"{path}: times must rise from line to line, and all numbers be finite.")
    levels = columns[1] if len(columns) == 2 else columns[1] + 1j * columns[2]
    place = np.searchsorted(columns[0], time, side="right") - 1
    return np.where(place < 0, 0.0, levels[np.maximum(place, 0)])
