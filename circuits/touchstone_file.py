"""Touchstone files (.s2p, .ts; versions 1 and 2), through scikit-rf.

Touchstone has its signals in e^{+jωt}, where a delay turns the phase down with frequency; this
house has e^{-iωt}. The matrix is conjugated once in reading and once in writing. The reference
resistance that the format asks for means nothing to light: it is ignored in reading (unless the
file holds impedances or the like, which scikit-rf turns into S with it) and written as 50.
Names of ports stand in comments, ``! Port[1] = in``, as most tools write them.
"""

import io
import re
import warnings
from math import isfinite
from pathlib import Path
from typing import Any, Literal

import numpy as np

from circuits.s_parameter_text import MAX_PORTS, read_text, write_text
from circuits.s_parameters import SParameters

_MAX_LINE = 1 << 16

_OTHER_LAYOUT = (
    "a Touchstone file has the option line '# HZ S RI R 50', then for each frequency the frequency "
    "and two numbers for each entry of the matrix"
)


def read_touchstone(path: str | Path) -> SParameters:
    """Read a Touchstone file.

    Parameters
    ----------
    path : str or Path
        Named ``.sNp`` for N ports (version 1) or ``.ts`` (version 2).

    Raises
    ------
    ValueError
        Naming the file, the line where it is known, and what would be right.
    OSError
        Where the file cannot be read.
    """
    text = read_text(path)
    lines = text.splitlines()
    n_ports = _n_ports(path, lines)
    _check_numbers(path, lines)
    _check_reference(path, lines, n_ports)
    parsed = _parsed(path, text)
    if parsed.s.shape[1:] != (n_ports, n_ports) or not len(parsed.f):
        raise ValueError(f"{path}: no matrices of {n_ports} ports were found; {_OTHER_LAYOUT}.")
    names = [name.strip() for name in parsed.port_names or []]
    if not all(names) or len(set(names)) != n_ports:
        names = [f"port {i}" for i in range(1, n_ports + 1)]
    return SParameters(
        frequency=parsed.f,
        matrix=np.conj(parsed.s),
        ports=tuple(names),
        source=str(path),
    )


def write_touchstone(s: SParameters, path: str | Path, *, version: Literal[1, 2] = 1) -> None:
    """Write a Touchstone file, in one step: the old file or the new one.

    Real and imaginary parts in full precision, so that reading gives the same numbers. Modes and
    group delays have no place in the format: the phase contains the delays, and a port's mode
    stays in its name.

    Parameters
    ----------
    s : SParameters
        What to write.
    path : str or Path
        Named ``.sNp`` with the number of ports in version 1, ``.ts`` in version 2.
    version : 1 or 2
        Of the format (1.0 or 2.0).
    """
    from skrf import Frequency, Network  # a fifth of a second, only where it is needed

    n_ports = len(s.ports)
    right = f".s{n_ports}p" if version == 1 else ".ts"
    if version not in (1, 2):
        raise ValueError(f"version must be 1 or 2; got {version!r}.")
    if Path(path).suffix.lower() != right:
        raise ValueError(
            f"{path}: the name of a Touchstone file of version {version} with {n_ports} ports must "
            f"end in {right} (readers go by it). Rename it."
        )
    network = Network(
        frequency=Frequency.from_f(s.frequency, unit="hz"), s=np.conj(s.matrix), z0=50.0, name="s"
    )
    network.port_names = list(s.ports)
    text = network.write_touchstone(
        return_string=True, skrf_comment=False, form="ri", version=f"{version}.0"
    )
    write_text(path, text)


def _parsed(path: str | Path, text: str) -> Any:
    from skrf.io.touchstone import Touchstone  # a fifth of a second, only where it is needed

    file = io.StringIO(text)
    file.name = str(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Touchstone(file)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: {error}; {_OTHER_LAYOUT}.") from error


def _n_ports(path: str | Path, lines: list[str]) -> int:
    """Number of ports by the file's name or its keyword, bounded before anything is allocated."""
    match = re.fullmatch(r"\.s(\d{1,6})p", Path(path).suffix.lower())
    said, where = (int(match[1]), "") if match else (0, "")
    keywords = [
        (number, found)
        for number, line in enumerate(lines, start=1)
        if (found := re.match(r"\s*\[number of ports\]\s*(\d{1,6})\b", line.lower()))
    ]
    if keywords:
        said, where = int(keywords[0][1][1]), f", line {keywords[0][0]}"
    if len(keywords) > 1:
        raise ValueError(
            f"{path}, line {keywords[1][0]}: [Number of Ports] stands{where} already. Leave out "
            f"one of the two."
        )
    if not 1 <= said <= MAX_PORTS:
        raise ValueError(
            f"{path}{where}: a Touchstone file has from 1 to {MAX_PORTS} ports and says how many "
            f"in its name (.s2p) or as [Number of Ports]; got {said or 'neither'}."
        )
    return said


def _check_numbers(path: str | Path, lines: list[str]) -> None:
    """Refuse data that are no numbers, with their line; the parser would not name it."""
    for number, line in enumerate(lines, start=1):
        text = line.partition("!")[0].strip()
        if not text or text[0] in "#[":
            continue
        try:
            good = all(isfinite(float(it)) for it in text.split())
        except ValueError:
            good = False
        if not good or len(line) > _MAX_LINE:
            raise ValueError(
                f"{path}, line {number}: expected numbers; got {text[:60]!r}. Comments begin with "
                f"'!', options with '#', keywords with '['."
            )


def _check_reference(path: str | Path, lines: list[str], n_ports: int) -> None:
    """Hold the resistances of version 2 to one a port; the parser would look on without end."""
    ports_known = False
    for number, line in enumerate(lines, start=1):
        word = line.strip().lower()
        ports_known |= word.startswith("[number of ports]")
        if not word.startswith("[reference]"):
            continue
        found = word.partition("!")[0].partition("]")[2].split()
        for more in lines[number:]:
            if more.strip().startswith(("[", "#")):
                break
            found += more.partition("!")[0].split()
        if len(found) != n_ports or not ports_known:
            raise ValueError(
                f"{path}, line {number}: [Reference] must come after [Number of Ports] and give "
                f"one resistance for each of the {n_ports} ports, for example 50; got "
                f"{len(found)}."
            )
