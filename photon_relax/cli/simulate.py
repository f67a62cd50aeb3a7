"""``photon-relax simulate``: a circuit that a netlist describes, in frequency or in time."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photon_relax.cli.options import Json
from photon_relax.quantities import quantity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SIMULATE_EPILOG", "simulate"]

SIMULATE_EPILOG = """\
Waveforms of --input, over time; a level is a power in W, at electrical ports a plain number:
  cw(level): all the time
  step(level, start): from the start on
  pulse(level, start, width): from the start on, for the width
  gauss(level, centre, width): a Gaussian of that full width at half of the level
  train(level, period, width, start=0): Gaussians, one in the middle of each period
  bits(level, rate, seed=1, pattern=…, rise=0): random bits, or a pattern such as pattern=0110
  sine(level, frequency, offset=0, phase=0): offset + level · sin
  FILE.csv: columns time and level, or of light time, re, im; each line holds to the next
Numbers may have units: pulse(1mW, 100ps, 50ps), bits(1mW, 25GHz, rise=10ps)."""
_MOST = 10_000_000
_MOST_CARRIERS = 1000


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
    carriers: Annotated[
        list[str] | None,
        typer.Option(
            "--carrier",
            metavar="WAVELENGTH",
            help="Carrier of the light in time (default 1550nm); several, or START:STOP:N, know "
            "nothing of one another.",
        ),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="PORT=WAVEFORM",
            help="What enters a port in time, see below; other ports are dark.",
        ),
    ] = None,
    probes: Annotated[
        list[str] | None,
        typer.Option(
            "--probe",
            metavar="INSTANCE,PORT",
            help="See in time what leaves a port inside as well.",
        ),
    ] = None,
    eye: Annotated[
        str | None,
        typer.Option(
            "--eye", metavar="PERIOD", help="Draw eyes, cut by a period such as 100ps, too."
        ),
    ] = None,
    order: Annotated[
        int,
        typer.Option(
            "--order",
            metavar="ODD",
            help="Order of the interpolation where a delay is not of whole samples.",
        ),
    ] = 5,
    seed: Annotated[
        int | None,
        typer.Option(
            "--noise-seed",
            metavar="SEED",
            min=0,
            help="Simulate noise in time, of this seed; by default there is none.",
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
    sample; transient.h5, transient.png and eye.png go there. xarray reads the
    files with engine="h5netcdf".
    Components are the devices of this program, their settings in SI units;
    ports that nothing is connected to are matched.
    """
    if (wavelength is None) == (time is None):
        raise ValueError(
            "give either --wavelength START:STOP:N for spectra or --time DURATION for time"
        )
    grid = None if wavelength is None else _grid(wavelength)
    clock = None if time is None else _clock(time, dt)
    period = None if eye is None else _period(eye)
    light = _carriers(carriers or ["1550nm"])
    changes = _changes(assignments or [])
    waves = _waves(inputs or [])
    if grid is not None and waves:
        raise ValueError("--input goes with --time; for spectra name the ports by --from")
    if grid is not None and (probes or eye or carriers or seed is not None):
        raise ValueError("--probe, --eye, --carrier and --noise-seed go with --time")

    from circuits import Circuit, load_netlist
    from circuits.netlist import near

    circuit = Circuit(load_netlist(netlist, top=top))
    if changes:
        circuit = circuit.with_parameters(changes)
    for option, ports in (("--from", source or []), ("--input", list(waves))):
        for port in ports:
            if port not in circuit.ports:
                raise ValueError(
                    f"{option} {port}: the circuit has no such port.{near(port, circuit.ports)}"
                )
    lit = source or [port for port in circuit.ports if circuit.domain(port) == "optical"]
    if grid is not None and not lit:
        raise ValueError("the circuit has electrical ports only, so no light gets in; use --time")
    if clock is not None and not waves and not circuit.has_sources:
        raise ValueError("--time needs light: --input PORT=WAVEFORM, such as in=step(1mW,100ps)")

    from photon_relax.cli.simulation_session import SimulationSession

    name = re.sub(r"[^\w-]", "-", netlist.name.split(".")[0]) or "circuit"
    session = SimulationSession(circuit=circuit, name=name, out=out, as_json=as_json)
    if grid is not None:
        session.spectra(grid, lit)
    elif clock is not None:
        session.traces(
            *clock,
            light,
            waves,
            probes=_distinct(probes or []),
            period=period,
            order=order,
            seed=seed,
        )


def _grid(text: str, option: str = "--wavelength") -> NDArray[np.float64]:
    import numpy as np

    parts = text.split(":")
    try:
        start, stop = (quantity(part, "m") for part in parts[:2])
        count = int(parts[2])
    except (ValueError, IndexError):
        raise ValueError(
            f"{option} takes START:STOP:N, such as 1540nm:1560nm:2001; got {text!r}"
        ) from None
    if len(parts) != 3 or not 0 < start < stop < 1 or not 1 < count <= _MOST:
        raise ValueError(
            f"{option} needs 0 < START < STOP < 1 m and 2 to {_MOST:,} points; got {text!r}"
        )
    return np.linspace(start, stop, count)


def _clock(time: str, dt: str | None) -> tuple[int, float]:
    """Return the number of samples and the length of one in s."""
    try:
        duration = quantity(time, "s")
        step = duration / 4096 if dt is None else quantity(dt, "s")
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


def _carriers(texts: list[str]) -> list[float]:
    """Return vacuum wavelengths in m."""
    found: list[float] = []
    for text in texts:
        try:
            value = 0.0 if ":" in text else quantity(text, "m")
        except ValueError:
            value = -1.0
        if ":" in text:
            found += _grid(text, "--carrier").tolist()
        elif 0 < value < 1:
            found.append(value)
        else:
            raise ValueError(f"--carrier takes a vacuum wavelength, such as 1550nm; got {text!r}")
    if len(found) > _MOST_CARRIERS:
        raise ValueError(f"at most {_MOST_CARRIERS} carriers go into one run; got {len(found)}")
    return found


def _period(text: str) -> float:
    try:
        value = quantity(text, "s")
    except ValueError:
        value = 0.0
    if value <= 0:
        raise ValueError(f"--eye takes a time > 0, such as 100ps; got {text!r}")
    return value


def _distinct(probes: list[str]) -> list[str]:
    return list(dict.fromkeys(probe.strip() for probe in probes))


def _waves(inputs: list[str]) -> dict[str, str]:
    waves: dict[str, str] = {}
    for text in inputs:
        port, separator, wave = text.partition("=")
        if not separator or not port.strip() or not wave.strip():
            raise ValueError(
                f"--input takes PORT=WAVEFORM, such as in=step(1mW,100ps); got {text!r}"
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
