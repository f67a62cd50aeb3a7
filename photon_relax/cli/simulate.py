"""``photon-relax simulate``: a circuit that a netlist describes, in frequency or in time."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photon_relax.cli.options import Json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["simulate"]

_UNITS = {
    "m": {"": 1.0, "m": 1.0, "mm": 1e-3, "um": 1e-6, "µm": 1e-6, "nm": 1e-9},
    "s": {"": 1.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "ps": 1e-12,
          "fs": 1e-15},
}  # fmt: skip
_MOST = 10_000_000


def simulate(
    netlist: Annotated[
        Path, typer.Argument(metavar="NETLIST", help="SAX netlist or gdsfactory .pic.yml.")
    ],
    wavelength: Annotated[
        str | None,
        typer.Option(
            "--wavelength",
            metavar="START:STOP:N",
            help="Spectra at N vacuum wavelengths from START to STOP, in m or as "
            "1540nm:1560nm:2001.",
        ),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--from", metavar="PORT", help="Port that light enters in the picture; all by default."
        ),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option("--time", metavar="DURATION", help="Time to step through, such as 2ns."),
    ] = None,
    dt: Annotated[
        str | None,
        typer.Option("--dt", metavar="STEP", help="Length of a sample; DURATION/4096 by default."),
    ] = None,
    carrier: Annotated[
        str, typer.Option("--carrier", metavar="WAVELENGTH", help="Carrier of the light in time.")
    ] = "1550nm",
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="PORT=WAVEFORM",
            help="Light in time: cw(power), step(power,start), pulse(power,start,width), "
            "gauss(power,centre,width) in W and s, or a .csv of time and power or re, im.",
        ),
    ] = None,
    top: Annotated[
        str | None, typer.Option("--top", metavar="CELL", help="Cell of the file to simulate.")
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="INSTANCE.SETTING=VALUE",
            help="Change a number of an instance, such as ring.propagation_loss_db=100.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FOLDER", help="Folder of the results; by default runs/NAME-001."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Simulate a circuit in frequency (--wavelength) or in time (--time).

    In frequency, feedback is solved exactly; spectrum.h5 and spectrum.png go
    into the folder. In time, fields about the carrier are stepped sample by
    sample; transient.h5 and transient.png go there. xarray reads the files.
    Components are the devices of this program, their settings in SI units;
    ports that nothing is connected to are matched.
    """
    if (wavelength is None) == (time is None):
        raise ValueError(
            "give either --wavelength START:STOP:N for spectra or --time DURATION for time"
        )
    grid = None if wavelength is None else _grid(wavelength)
    clock = None if time is None else _clock(time, dt)
    light = _length(carrier, "--carrier")
    changes = _changes(assignments or [])
    waves = _waves(inputs or [])
    if grid is not None and waves:
        raise ValueError("--input goes with --time; for spectra name the ports by --from")
    if clock is not None and not waves:
        raise ValueError("--time needs light: --input PORT=WAVEFORM, such as in=step(1e-3,1e-10)")

    from circuits import Circuit, load_netlist

    circuit = Circuit(load_netlist(netlist, top=top))
    if changes:
        circuit = circuit.with_parameters(changes)
    for option, ports in (("--from", source or []), ("--input", list(waves))):
        for port in ports:
            if port not in circuit.ports:
                known = ", ".join(circuit.ports)
                raise ValueError(f"{option} {port}: the circuit has the ports {known}.")

    from photon_relax.cli.simulation_session import SimulationSession

    name = re.sub(r"[^\w-]", "-", netlist.name.split(".")[0]) or "circuit"
    session = SimulationSession(circuit=circuit, name=name, out=out, as_json=as_json)
    if grid is not None:
        session.spectra(grid, source or list(circuit.ports))
    elif clock is not None:
        session.traces(*clock, light, waves)


def _grid(text: str) -> NDArray[np.float64]:
    import numpy as np

    parts = text.split(":")
    try:
        start, stop = (_number(part, "m") for part in parts[:2])
        count = int(parts[2])
    except (ValueError, IndexError):
        raise ValueError(
            f"--wavelength takes START:STOP:N, such as 1540nm:1560nm:2001; got {text!r}"
        ) from None
    if len(parts) != 3 or not 0 < start < stop < 1 or not 1 < count <= _MOST:
        raise ValueError(
            f"--wavelength needs 0 < START < STOP < 1 m and 2 to {_MOST:,} points; got {text!r}"
        )
    return np.linspace(start, stop, count)


def _clock(time: str, dt: str | None) -> tuple[int, float]:
    """Return the number of samples and the length of one in s."""
    try:
        duration = _number(time, "s")
        step = duration / 4096 if dt is None else _number(dt, "s")
    except ValueError:
        raise ValueError(
            f"--time and --dt take a time, such as 2ns or 2e-9; got {time!r} and {dt!r}"
        ) from None
    if not 0 < step <= duration < float("inf") or duration / step > _MOST:
        raise ValueError(
            f"--time needs 0 < STEP ≤ DURATION and at most {_MOST:,} samples; got {time!r} and "
            f"{dt!r}"
        )
    return round(duration / step), step


def _length(text: str, option: str) -> float:
    try:
        value = _number(text, "m")
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise ValueError(f"{option} takes a vacuum wavelength, such as 1550nm; got {text!r}")
    return value


def _number(text: str, unit: str) -> float:
    """Return a number in metres or seconds."""
    found = re.fullmatch(r"\s*([-+0-9.]+(?:[eE][-+]?\d+)?)\s*([a-zµ]*)\s*", text)
    if found is None or found[2] not in _UNITS[unit]:
        raise ValueError(text)
    return float(found[1]) * _UNITS[unit][found[2]]


def _waves(inputs: list[str]) -> dict[str, str]:
    waves: dict[str, str] = {}
    for text in inputs:
        port, separator, wave = text.partition("=")
        if not separator or not port.strip() or not wave.strip():
            raise ValueError(
                f"--input takes PORT=WAVEFORM, such as in=step(1e-3,1e-10); got {text!r}"
            )
        if port.strip() in waves:
            raise ValueError(f"--input {port.strip()} is given twice; keep one of them")
        waves[port.strip()] = wave.strip()
    return waves


def _changes(assignments: list[str]) -> dict[str, dict[str, float]]:
    from photon_relax.config import parse_assignments

    changes: dict[str, dict[str, float]] = {}
    for name, value in parse_assignments(assignments).items():
        instance, _, setting = name.rpartition(".")
        if not instance or isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(
                f"--set takes INSTANCE.SETTING=NUMBER, such as ring.tuning=1e9; got {name}={value}"
            )
        changes.setdefault(instance, {})[setting] = float(value)
    return changes
