"""One ``photon-relax simulate``: compute, keep, draw, tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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
from photon_relax.cli.output import Stopped, result_console, show_line
from photon_relax.run_folder import next_run_folder, writing_to
from photon_relax.spectra import Spectra, compute_spectra
from photon_relax.stop_signals import StopRequested, StopSignals
from photon_relax.trace_pictures import draw_eyes, draw_traces, periods_of
from photon_relax.traces import Traces, compute_traces
from photon_relax.waveforms import waveform

__all__ = ["SimulationSession"]

_MOST_NUMBERS = 100_000_000


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
        with writing_to(folder) as target, _watched("wavelengths", len(wavelength)) as progress:
            spectra = compute_spectra(self.circuit, wavelength, progress)
            spectra.draw(target / "spectrum.png", sources)
            spectra.write(target / "spectrum.h5")
        title = f"{len(wavelength)} wavelengths, {len(self.circuit.ports)} ports"
        self._tell(_paths(spectra, sources), title, folder, ["spectrum.h5", "spectrum.png"])

    def traces(
        self,
        samples: int,
        dt: float,
        carriers: list[float],
        waves: Mapping[str, str],
        *,
        probes: list[str],
        period: float | None,
        order: int,
        seed: int | None,
    ) -> None:
        """Step through time.

        Parameters
        ----------
        samples, dt
            How many, and the length of one in s.
        carriers
            Wavelengths in m.
        waves
            Waveforms by port.
        probes
            ``INSTANCE,PORT`` each.
        period
            Of the eyes in s; None draws none.
        order
            Of the fractional delays.
        seed
            Of the noise; None leaves it off.
        """
        numbers = samples * len(carriers) * (len(self.circuit.ports) + len(probes))
        if numbers > _MOST_NUMBERS:
            raise ValueError(
                f"the signals would be {numbers:,} numbers of 16 bytes, more than "
                f"{_MOST_NUMBERS:,}; use a longer --dt, a shorter --time or fewer carriers"
            )
        if period is not None:
            periods_of(samples, dt, period)  # refuses now what could not be drawn after the run
        time = np.arange(samples, dtype=np.float64) * float(dt)
        inputs = {
            port: waveform(text, time, self.circuit.domain(port)) for port, text in waves.items()
        } or {self.circuit.ports[0]: np.zeros_like(time)}  # all that shines is inside
        folder = self._folder("transient.h5")
        with (
            writing_to(folder) as target,
            _watched("samples", samples) as progress,
        ):
            traces = compute_traces(
                self.circuit,
                inputs,
                dt=dt,
                frequency=[speed_of_light / it for it in carriers],
                probes=probes,
                order=order,
                seed=seed,
                progress=progress,
            )
            files = ["transient.h5", "transient.png"]
            draw_traces(traces, target / "transient.png")
            if period is not None:
                draw_eyes(traces, period, target / "eye.png")
                files.append("eye.png")
            traces.write(target / "transient.h5")
        self._tell(_rows(traces), f"{samples} samples of {dt:.4g} s", folder, files)

    def _folder(self, result: str) -> Path:
        folder = next_run_folder("runs", self.name) if self.out is None else self.out
        if (folder / result).exists():
            raise ValueError(f"{folder} already holds a {result}; name another folder by --out")
        return folder

    def _tell(self, rows: list[dict[str, Any]], title: str, folder: Path, files: list[str]) -> None:
        if self.as_json:
            typer.echo(json.dumps({"folder": str(folder), "paths": rows}))
            return
        table = Table(title=title)
        columns = [key for key in rows[0] if any(row[key] is not None for row in rows)]
        for column in columns:
            table.add_column(column.replace("_", " "), justify="right")
        for row in rows:
            if not all(value is None for value in list(row.values())[2:]):
                table.add_row(*(_shown(row[column]) for column in columns))
        result_console().print(table)
        for file in files:
            show_line(folder / file)


@contextmanager
def _watched(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error, and let Ctrl-C end the command between two stretches."""
    console = Console(stderr=True)
    with (
        StopSignals() as signals,
        Progress(console=console, transient=True, disable=not console.is_terminal) as bar,
    ):
        task = bar.add_task(what, total=total)

        def progress(done: int) -> None:
            bar.update(task, completed=done)
            signals.check()

        try:
            yield progress
        except StopRequested as request:
            raise Stopped("stopped; nothing is written", request.signal) from None


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


def _rows(traces: Traces) -> list[dict[str, Any]]:
    """What leaves each port and probe about each carrier, None where a column says nothing."""
    dt = traces.dt
    entered = {
        name: float(traces.entering.levels(place).sum() * dt * 1e12)
        for place, name in enumerate(traces.entering.names)
        if traces.entering.domains[place] == "optical"
    }
    rows: list[dict[str, Any]] = []
    for signals in (traces.leaving, traces.probed):
        for place, port in enumerate(signals.names):
            light = signals.domains[place] == "optical"
            for frequency, levels in zip(traces.frequency, signals.levels(place), strict=True):
                highest, last = float(levels.max()), float(levels[-1])
                rows.append(
                    {
                        "port": port,
                        "carrier_nm": float(speed_of_light / frequency * 1e9),
                        "last_power_mW": last * 1e3 if light else None,
                        "highest_power_mW": highest * 1e3 if light else None,
                        "last_signal": None if light else last,
                        "highest_signal": None if light else highest,
                        "at_ns": float(traces.time[levels.argmax()] * 1e9),
                        "energy_in_pJ": entered.get(port, 0.0) if light else None,
                        "energy_out_pJ": float(levels.sum() * dt * 1e12) if light else None,
                    }
                )
    return rows


def _finite(value: float) -> float | None:
    """JSON has no infinity: None where nothing arrives."""
    return float(value) if value > -1000.0 else None


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else f"{value:.6g}"
