"""One ``photon-relax simulate``: compute, keep, draw, tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from scipy.constants import c as speed_of_light

from circuits import Circuit
from photon_relax.cli.output import result_console, show_line
from photon_relax.run_folder import next_run_folder, writing_to
from photon_relax.spectra import Spectra, compute_spectra
from photon_relax.traces import Traces, compute_traces
from photon_relax.waveforms import waveform

__all__ = ["SimulationSession"]


@dataclass(frozen=True, kw_only=True)
class SimulationSession:
    """A circuit, and where its results go."""

    circuit: Circuit
    name: str
    out: Path | None
    as_json: bool

    def spectra(self, wavelength: NDArray[np.float64], sources: list[str]) -> None:
        """Compute spectra, with a progress bar on standard error."""
        folder = self._folder("spectrum.h5")
        with writing_to(folder) as target:
            with Progress(console=Console(stderr=True), transient=True) as progress:
                task = progress.add_task("wavelengths", total=len(wavelength))
                spectra = compute_spectra(
                    self.circuit, wavelength, lambda done: progress.update(task, completed=done)
                )
            spectra.write(target / "spectrum.h5")
            spectra.draw(target / "spectrum.png", sources)
        self._tell(_paths(spectra, sources), folder, "spectrum", len(wavelength))

    def traces(self, samples: int, dt: float, carrier: float, waves: Mapping[str, str]) -> None:
        """Step through time; ``waves`` are waveforms by port, ``carrier`` a wavelength in m."""
        time = np.arange(samples, dtype=np.float64) * float(dt)
        inputs = {port: waveform(text, time) for port, text in waves.items()}
        folder = self._folder("transient.h5")
        with writing_to(folder) as target:
            traces = compute_traces(self.circuit, inputs, dt=dt, frequency=speed_of_light / carrier)
            traces.write(target / "transient.h5")
            traces.draw(target / "transient.png")
        self._tell(_energies(traces, dt), folder, "transient", samples)

    def _folder(self, result: str) -> Path:
        folder = next_run_folder("runs", self.name) if self.out is None else self.out
        if (folder / result).exists():
            raise ValueError(f"{folder} already holds a {result}; name another folder by --out")
        return folder

    def _tell(self, rows: list[dict[str, Any]], folder: Path, result: str, count: int) -> None:
        if self.as_json:
            typer.echo(json.dumps({"folder": str(folder), "paths": rows}))
            return
        what = "wavelengths" if result == "spectrum" else "samples"
        table = Table(title=f"{count} {what}, {len(self.circuit.ports)} ports")
        for column in rows[0]:
            table.add_column(column.replace("_", " "), justify="right")
        for row in rows:
            if not all(value is None for value in list(row.values())[2:]):
                table.add_row(*(_shown(value) for value in row.values()))
        result_console().print(table)
        show_line(folder / f"{result}.h5")
        show_line(folder / f"{result}.png")


def _paths(spectra: Spectra, sources: list[str]) -> list[dict[str, Any]]:
    rows = []
    for source in sources:
        for output in spectra.ports:
            power = spectra.power_db(output, source)
            highest = _finite(power.max())
            rows.append(
                {
                    "from": source,
                    "to": output,
                    "highest_dB": highest,
                    "at_nm": None
                    if highest is None
                    else float(spectra.wavelength[power.argmax()] * 1e9),
                    "lowest_dB": _finite(power.min()),
                }
            )
    return rows


def _energies(traces: Traces, dt: float) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for port, entering, leaving in zip(traces.ports, traces.entering, traces.leaving, strict=True):
        power_in, power_out = np.abs(entering) ** 2, np.abs(leaving) ** 2
        rows.append(
            {
                "port": port,
                "last_power_mW": float(power_out[-1] * 1e3),
                "highest_power_mW": float(power_out.max() * 1e3),
                "at_ns": float(traces.time[power_out.argmax()] * 1e9),
                "energy_in_pJ": float(power_in.sum() * dt * 1e12),
                "energy_out_pJ": float(power_out.sum() * dt * 1e12),
            }
        )
    return rows


def _finite(value: float) -> float | None:
    """JSON has no infinity: None where nothing arrives."""
    return float(value) if value > -1000.0 else None


def _shown(value: Any) -> str:
    if value is None:
        return "dark"
    return value if isinstance(value, str) else f"{value:.6g}"
