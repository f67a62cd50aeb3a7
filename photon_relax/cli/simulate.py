"""``photon-relax simulate``: the spectra of a circuit that a netlist describes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photon_relax.cli.options import Json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from circuits import Circuit
    from photon_relax.spectra import Spectra

__all__ = ["simulate"]

_UNITS = {"": 1.0, "m": 1.0, "mm": 1e-3, "um": 1e-6, "µm": 1e-6, "nm": 1e-9}
_MOST = 10_000_000


def simulate(
    netlist: Annotated[
        Path, typer.Argument(metavar="NETLIST", help="SAX netlist or gdsfactory .pic.yml.")
    ],
    wavelength: Annotated[
        str,
        typer.Option(
            "--wavelength",
            metavar="START:STOP:N",
            help="N vacuum wavelengths from START to STOP, in m or as 1540nm:1560nm:2001.",
        ),
    ],
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--from", metavar="PORT", help="Port that light enters in the picture; all by default."
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
    """Simulate a circuit in frequency: what leaves each port of what enters each.

    Feedback is solved exactly. Writes spectrum.h5, which xarray reads, and
    spectrum.png into the folder. Components are the devices of this program,
    their settings in SI units; ports that nothing is connected to are matched.
    """
    grid = _grid(wavelength)
    changes = _changes(assignments or [])

    from circuits import Circuit, load_netlist

    circuit = Circuit(load_netlist(netlist, top=top))
    if changes:
        circuit = circuit.with_parameters(changes)
    sources = source or list(circuit.ports)
    for port in sources:
        if port not in circuit.ports:
            raise ValueError(
                f"--from {port}: the circuit has the ports {', '.join(circuit.ports)}."
            )
    _run(circuit, grid, sources, netlist, out, as_json=as_json)


def _run(
    circuit: Circuit,
    grid: NDArray[np.float64],
    sources: list[str],
    netlist: Path,
    out: Path | None,
    *,
    as_json: bool,
) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from photon_relax.run_folder import next_run_folder, writing_to
    from photon_relax.spectra import compute_spectra

    name = re.sub(r"[^\w-]", "-", netlist.name.split(".")[0]) or "circuit"
    folder = next_run_folder("runs", name) if out is None else out
    if (folder / "spectrum.h5").exists():
        raise ValueError(f"{folder} already holds a spectrum.h5; name another folder by --out")
    with writing_to(folder) as target:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("wavelengths", total=len(grid))
            spectra = compute_spectra(
                circuit, grid, lambda done: progress.update(task, completed=done)
            )
        spectra.write(target / "spectrum.h5")
        spectra.draw(target / "spectrum.png", sources)
    _show(spectra, sources, folder, as_json=as_json)


def _show(spectra: Spectra, sources: list[str], folder: Path, *, as_json: bool) -> None:
    from rich.table import Table

    from photon_relax.cli.output import result_console, show_line

    rows: list[dict[str, Any]] = []
    for source in sources:
        for output in spectra.ports:
            power = spectra.power_db(output, source)
            best = int(power.argmax())
            rows.append(
                {
                    "from": source,
                    "to": output,
                    "highest_db": _number(power.max()),
                    "lowest_db": _number(power.min()),
                    "wavelength_of_highest": float(spectra.wavelength[best]),
                }
            )
    if as_json:
        typer.echo(json.dumps({"folder": str(folder), "paths": rows}))
        return
    table = Table(title=f"{len(spectra.wavelength)} wavelengths, {len(spectra.ports)} ports")
    for column in ("from", "to", "highest (dB)", "at (nm)", "lowest (dB)"):
        table.add_column(column, justify="left" if column in ("from", "to") else "right")
    for row in rows:
        if row["highest_db"] is None:
            continue  # dark
        lowest = "dark" if row["lowest_db"] is None else f"{row['lowest_db']:.2f}"
        table.add_row(
            row["from"], row["to"], f"{row['highest_db']:.2f}",
            f"{row['wavelength_of_highest'] * 1e9:.4f}", lowest,
        )  # fmt: skip
    result_console().print(table)
    show_line(folder / "spectrum.h5")
    show_line(folder / "spectrum.png")


def _number(value: float) -> float | None:
    """JSON has no infinity: None where nothing arrives."""
    return float(value) if value > -1000.0 else None


def _grid(text: str) -> NDArray[np.float64]:
    import numpy as np

    parts = text.split(":")
    try:
        start, stop = (_metres(part) for part in parts[:2])
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


def _metres(text: str) -> float:
    found = re.fullmatch(r"\s*([-+0-9.eE]+)\s*([a-zµ]*)\s*", text)
    if found is None or found[2] not in _UNITS:
        raise ValueError(text)
    return float(found[1]) * _UNITS[found[2]]


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
