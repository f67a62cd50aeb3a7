"""Lumerical INTERCONNECT's file of an optical N-port (.dat, .sparam).

    [2,2]                        how many ports are left and right, or
    ["port 1","LEFT"]            each port with its side, or neither
    ("port 2","TE",1,"port 1",1,"transmission"[,group delay])
    (201, 3)                     out, mode's name and number; in, mode's number; then the block:
    1.93e+14 0.7 -1.2            frequency (Hz), |S|, phase (rad)

The phase rises with frequency for a delay, as in this house (e^{-iωt}), so nothing is conjugated.
Where a block states a group delay τ, its phase column lacks 2πτ(f − f_c) with the middle
f_c = (f_first + f_last)/2 of the block's first and last frequency; reading adds that once, and
writing takes it out again (Ansys, "S-parameter file formats", INTERCONNECT reference). Blocks that
a file leaves out are zero. Files of sweeps and of modulators are refused.
"""

import re
from collections.abc import Mapping, Sequence
from math import pi
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuits.netlist import near
from circuits.s_parameter_text import MAX_PORTS, read_text, write_text
from circuits.s_parameters import Mode, SParameters

_FIELD = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^,"'\s]+))\s*(?:,|$)""")
_SIDES = ("LEFT", "RIGHT", "TOP", "BOTTOM", "")
_EXAMPLE = '("port 2","mode 1",1,"port 1",1,"transmission")'

Slot = tuple[str, int]
"""A port and the number of a mode."""


class _Block(NamedTuple):
    line: int
    out: Slot
    into: Slot
    label: str
    """Name of the mode that leaves."""

    delay: float | None
    frequency: NDArray[np.float64]
    value: NDArray[np.complex128]


def read_lumerical(path: str | Path) -> SParameters:
    """Read an N-port of Lumerical INTERCONNECT.

    Ports are in the order of the header, or, without one, in the order of the numbers in their
    names. Where a port has more than one mode there is a port ``port@mode`` for each. Blocks may
    run up or down in frequency.

    Raises
    ------
    ValueError
        Naming file, line, and what would be right.
    OSError
        Where the file cannot be read.
    """
    return _Reader(path).read()


def write_lumerical(
    s: SParameters, path: str | Path, *, sides: Mapping[str, str] | None = None
) -> None:
    """Write an N-port for Lumerical INTERCONNECT, in one step: the old file or the new one.

    Parameters
    ----------
    s : SParameters
        Its group delays, where it has them, are stated and their phase left out of the column.
    path : str or Path
        The file, which is replaced.
    sides : mapping, optional
        LEFT, RIGHT, TOP or BOTTOM by port (without its mode); where the symbol shows it.
    """
    slots = _slots(s)
    names = list(dict.fromkeys(port for port, _ in slots))
    sides = {} if sides is None else sides
    for port, side in sides.items():
        if port not in names or side not in _SIDES:
            raise ValueError(
                f"sides must give LEFT, RIGHT, TOP or BOTTOM to ports among {names}; got "
                f"{port!r}: {side!r}."
            )
    bad = [text for text in (*names, *(mode.name for mode in s.modes)) if '"' in text]
    if bad:
        raise ValueError(f"names cannot hold double quotes in this format; got {bad[0]!r}.")
    lines = [f'["{port}","{sides.get(port, "")}"]' for port in names]
    for column, into in enumerate(slots):
        for row, out in enumerate(slots):
            label = s.modes[row].name if s.modes else f"mode {out[1]}"
            lines += _written(s, row, column, out, into, label)
    write_text(path, "\n".join(lines) + "\n")


def _slots(s: SParameters) -> list[Slot]:
    """Port without its mode, and number of the mode, of each row."""
    if not s.modes:
        return [(port, 1) for port in s.ports]
    slots = [
        (port.rpartition("@")[0] or port, mode.number)
        for port, mode in zip(s.ports, s.modes, strict=True)
    ]
    if len(set(slots)) < len(slots):
        raise ValueError(f"each mode of a port needs a number of its own; got {slots}.")
    return slots


def _written(s: SParameters, row: int, column: int, out: Slot, into: Slot, label: str) -> list[str]:
    value = s.matrix[:, row, column]
    stated = ""
    phase = np.angle(value)
    if s.group_delay is not None:
        delay = float(s.group_delay[row, column])
        stated = f",{delay!r}"
        phase = np.angle(value * np.exp(-1j * _turn(delay, s.frequency)))
    table = np.stack([s.frequency, np.abs(value), np.unwrap(phase)], axis=1).tolist()
    return [
        f'("{out[0]}","{label}",{out[1]},"{into[0]}",{into[1]},"transmission"{stated})',
        f"({len(table)}, 3)",
        *(" ".join(map(repr, numbers)) for numbers in table),
    ]


def _turn(delay: float, frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """Phase of a group delay about the middle of the frequencies."""
    return np.asarray(2 * pi * delay * (frequency - (frequency[0] + frequency[-1]) / 2))


class _Reader:
    def __init__(self, path: str | Path) -> None:
        self._path = path
        self._lines = read_text(path).splitlines()
        self._at = 0
        self._names: list[str] = []
        self._counted: int | None = None

    def read(self) -> SParameters:
        self._read_header()
        blocks: dict[tuple[Slot, Slot], _Block] = {}
        while self._skip_blank():
            block = self._read_block()
            if (before := blocks.get((block.out, block.into))) is not None:
                raise self._wrong(block.line, f"the block stands on line {before.line} already")
            blocks[block.out, block.into] = block
        if not blocks:
            raise self._wrong(self._at + 1, f"there are no blocks. A block begins {_EXAMPLE}")
        return self._gathered(list(blocks.values()))

    # Lines

    def _wrong(self, line: int, what: str) -> ValueError:
        return ValueError(f"{self._path}, line {line}: {what}.")

    def _skip_blank(self) -> bool:
        while self._at < len(self._lines) and not self._lines[self._at].strip():
            self._at += 1
        return self._at < len(self._lines)

    def _fields(self, opening: str, expected: str) -> list[str]:
        """Return the fields of the next line, which begins with a bracket."""
        if not self._skip_blank():
            raise self._wrong(self._at, f"the file ends where {expected} should follow")
        text = self._lines[self._at].strip()
        self._at += 1
        closing = {"(": ")", "[": "]"}[opening]
        if not (text.startswith(opening) and text.endswith(closing)):
            raise self._wrong(self._at, f"expected {expected}; got {text[:60]!r}")
        fields, place, body = [], 0, text[1:-1]
        while place < len(body):
            match = _FIELD.match(body, place)
            if match is None:
                raise self._wrong(self._at, f"expected {expected}; got {text[:60]!r}")
            fields.append(next((it for it in match.groups() if it is not None), ""))
            place = match.end()
        return fields

    def _read_header(self) -> None:
        while self._skip_blank() and self._lines[self._at].strip().startswith("["):
            fields = self._fields("[", '["port 1","LEFT"] or [2,2]')
            if len(fields) != 2 or self._counted is not None:
                raise self._wrong(self._at, 'a header is lines ["port 1","LEFT"] or one [2,2]')
            name, side = fields[0].strip(), fields[1].strip()
            if not self._names and name.isdecimal() and side.isdecimal():
                self._counted = int(name[:9]) + int(side[:9])
                continue
            if side.upper() not in _SIDES:
                raise self._wrong(self._at, f"a side is LEFT, RIGHT, TOP or BOTTOM; got {side!r}")
            if name in self._names:
                raise self._wrong(self._at, f"port {name!r} is listed twice")
            self._names.append(name)
            if len(self._names) > MAX_PORTS:
                raise self._wrong(self._at, f"more than {MAX_PORTS} ports (a limit)")

    def _read_block(self) -> _Block:
        expected = f"a block that begins {_EXAMPLE}"
        fields = self._fields("(", expected)
        line = self._at
        if len(fields) not in (6, 7) or fields[5].lower() != "transmission":
            raise self._wrong(
                line,
                f"expected {expected}, perhaps with a group delay in s at its end (sweeps and "
                f"modulators are not read); got {len(fields)} fields: {', '.join(fields)[:80]}",
            )
        out = (self._port(fields[0]), self._whole(fields[2], "a mode's number"))
        into = (self._port(fields[3]), self._whole(fields[4], "a mode's number"))
        delay = None if len(fields) == 6 else self._number(fields[6])
        shape = self._fields("(", "the shape of the block, as (201, 3)")
        if len(shape) != 2 or shape[1] != "3":
            raise self._wrong(
                self._at,
                "the shape of a block must be (samples, 3): frequency, magnitude and phase; got "
                f"({', '.join(shape)})",
            )
        table = self._table(self._whole(shape[0], "the number of samples"))
        value = table[:, 1] * np.exp(1j * table[:, 2])
        if delay is not None:
            value = value * np.exp(1j * _turn(delay, table[:, 0]))
        if table[0, 0] > table[-1, 0]:
            table, value = table[::-1], value[::-1]
        return _Block(line, out, into, fields[1].strip(), delay, table[:, 0], value)

    def _port(self, text: str) -> str:
        port = text.strip()
        if self._names and port not in self._names:
            raise self._wrong(
                self._at, f"port {port!r} is not in the header.{near(port, self._names)}"[:-1]
            )
        if not port:
            raise self._wrong(self._at, f"a port needs a name, as in {_EXAMPLE}")
        return port

    def _whole(self, text: str, what: str) -> int:
        if not (text.isdecimal() and 0 < len(text) < 10 and int(text) > 0):
            raise self._wrong(self._at, f"{what} must be a whole number from 1; got {text!r}")
        return int(text)

    def _number(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not np.isfinite(value):
            raise self._wrong(self._at, f"a group delay must be a number in s; got {text!r}")
        return value

    def _table(self, rows: int) -> NDArray[np.float64]:
        first = self._at
        numbers = self._lines[first : first + rows]
        self._at += len(numbers)
        table = np.empty((len(numbers), 3))
        for i, text in enumerate(numbers):
            try:
                table[i] = [float(it) for it in text.replace(",", " ").split()]
            except ValueError:
                table[i] = np.nan
            if not np.all(np.isfinite(table[i])):
                raise self._wrong(
                    first + i + 1,
                    f"expected frequency, magnitude and phase, row {i + 1} of {rows}; got "
                    f"{text[:60]!r}",
                )
        if len(numbers) < rows:
            raise self._wrong(
                len(self._lines), f"the file ends after {len(numbers)} of {rows} rows of a block"
            )
        return table

    # The whole

    def _gathered(self, blocks: Sequence[_Block]) -> SParameters:
        labels = {block.into: f"mode {block.into[1]}" for block in blocks}
        labels |= {block.out: block.label or f"mode {block.out[1]}" for block in blocks}
        used = {port for port, _ in labels}
        names = self._names or sorted(used, key=_natural)
        if self._counted not in (None, len(names)):
            raise self._wrong(
                1, f"the header counts {self._counted} ports, the blocks name {len(names)}: {names}"
            )
        labels |= {(name, 1): "mode 1" for name in names if name not in used}
        slots = [slot for name in names for slot in sorted(it for it in labels if it[0] == name)]
        if len(slots) > MAX_PORTS:
            raise self._wrong(1, f"more than {MAX_PORTS} ports and modes (a limit)")
        number = {slot: i for i, slot in enumerate(slots)}
        light = blocks[0].frequency
        matrix = np.zeros((len(light), len(slots), len(slots)), dtype=np.complex128)
        delay = np.zeros(matrix.shape[1:])
        for block in blocks:
            if not np.array_equal(block.frequency, light):
                raise self._wrong(
                    block.line,
                    f"the frequencies of the block differ from those of the block on line "
                    f"{blocks[0].line} (one table has one list). Export them together",
                )
            place = number[block.out], number[block.into]
            matrix[:, *place] = block.value
            delay[place] = block.delay or 0.0
        stated = any(block.delay is not None for block in blocks)
        return SParameters(
            frequency=light,
            matrix=matrix,
            ports=_port_names(slots, labels),
            modes=tuple(Mode(labels[slot], slot[1]) for slot in slots),
            group_delay=delay if stated else None,
            source=str(self._path),
        )


def _port_names(slots: Sequence[Slot], labels: Mapping[Slot, str]) -> tuple[str, ...]:
    """Name each port, with its mode where the port has several."""
    names = []
    for slot in slots:
        of_port = [labels[it] for it in slots if it[0] == slot[0]]
        label = labels[slot]
        if of_port.count(label) > 1:
            label = f"{label}{slot[1]}"
        names.append(slot[0] if len(of_port) == 1 else f"{slot[0]}@{label}")
    return tuple(names)


def _natural(name: str) -> list[tuple[int, str]]:
    """Key that sorts port 2 before port 10."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,9})", name)
    ]
