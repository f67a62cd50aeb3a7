"""Waveforms by name, and from a table: what enters a port of a circuit in time.

    cw(1e-3)                    1 mW all the time
    step(1e-3, 1e-10)           1 mW from 0.1 ns on
    pulse(1e-3, 1e-10, 5e-11)   1 mW from 0.1 ns on, for 50 ps
    gauss(1e-3, 2e-10, 5e-11)   a Gaussian around 0.2 ns, full width at half power 50 ps
    FILE.csv                    columns time (s) and power (W), or time and field: re, im (√W)

Powers in W, times in s. A table is held from each of its times to the next.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["SHAPES", "waveform"]

Envelope = NDArray[np.complex128]

SHAPES = {
    "cw": "power",
    "step": "power, start",
    "pulse": "power, start, width",
    "gauss": "power, centre, width",
}
"""Waveforms and what they take."""


def waveform(text: str, time: NDArray[np.float64]) -> Envelope:
    """Return the envelope in √W that a text describes, at times in s.

    Raises
    ------
    ValueError
        The text is none of the shapes of this module, or a table is malformed.
    OSError
        The table cannot be read.
    """
    found = re.fullmatch(r"\s*(\w+)\s*\(([^()]*)\)\s*", text)
    if found is None:
        return _tabulated(Path(text), time)
    name, inside = found[1], found[2]
    if name not in SHAPES:
        shapes = ", ".join(f"{shape}({takes})" for shape, takes in SHAPES.items())
        raise ValueError(f"there is no waveform {name!r}; write {shapes}, or name a .csv file.")
    try:
        numbers = [float(part) for part in inside.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != SHAPES[name].count(",") + 1 or not np.all(np.isfinite(numbers)):
        raise ValueError(f"{name} takes ({SHAPES[name]}) as numbers in W and s; got ({inside}).")
    power, *times = numbers
    if power < 0 or (name in ("pulse", "gauss") and times[1] <= 0):
        raise ValueError(f"{name} needs a power ≥ 0 W and a width > 0 s; got ({inside}).")
    field: Envelope = np.sqrt(power) * _shape(name, time, *times).astype(np.complex128)
    return field


def _shape(
    name: str, time: NDArray[np.float64], start: float = 0.0, width: float = 0.0
) -> NDArray[np.float64]:
    """Return the field relative to its highest."""
    if name == "cw":
        return np.ones_like(time)
    if name == "gauss":
        # Of power: half at ± width/2; the field is its root.
        return np.asarray(np.exp(-2 * np.log(2.0) * ((time - start) / width) ** 2))
    on = time >= start
    return np.asarray(on if name == "step" else on & (time < start + width), dtype=np.float64)


def _tabulated(path: Path, time: NDArray[np.float64]) -> Envelope:
    if path.suffix != ".csv":
        shapes = ", ".join(f"{shape}({takes})" for shape, takes in SHAPES.items())
        raise ValueError(f"{str(path)!r} is no waveform; write {shapes}, or name a .csv file.")
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if rows and not rows[0][1].lstrip()[0].isdigit():
        rows = rows[1:]  # titles
    table = []
    for number, line in rows:
        try:
            table.append([float(part) for part in line.split(",")])
        except ValueError:
            raise ValueError(f"{path}: line {number} is not numbers: {line.strip()!r}") from None
        if len(table[-1]) != len(table[0]) or len(table[-1]) not in (2, 3):
            raise ValueError(
                f"{path}: line {number} must have two columns (time, power) or three (time, re, "
                f"im), all lines alike; got {len(table[-1])}."
            )
    if not table:
        raise ValueError(f"{path} holds no rows of numbers.")
    columns = np.array(table).T
    if not np.all(np.isfinite(columns)) or np.any(np.diff(columns[0]) <= 0):
        raise ValueError(f"{path}: times must rise from line to line, and all numbers be finite.")
    if len(columns) == 2 and np.any(columns[1] < 0):
        raise ValueError(f"{path}: powers must be ≥ 0 W; for fields write two columns re, im.")
    field = np.sqrt(columns[1]) + 0j if len(columns) == 2 else columns[1] + 1j * columns[2]
    place = np.searchsorted(columns[0], time, side="right") - 1
    return np.where(place < 0, 0.0, field[np.maximum(place, 0)])
