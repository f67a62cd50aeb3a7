"""What ``photon-relax program`` does once its words are understood."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from photon_relax.cli.output import Stopped, result_console, show_line
from photon_relax.hardware import Hardware
from photon_relax.programming import (
    Programming,
    ProgrammingInterrupted,
    ProgrammingWatcher,
    program_run,
)
from photon_relax.programming.work import PROGRAMMING, describe
from photon_relax.progress_bar import ConsoleBar
from photon_relax.run_file import RunFile
from photon_relax.run_folder import check_run_folder, next_run_folder

__all__ = ["ProgramSession"]

_RUNS = Path("runs")


@dataclass(frozen=True, kw_only=True)
class ProgramSession:
    """One call of the command; the fields are its arguments."""

    run: Path
    hardware_file: Path | None
    changes: Mapping[str, Any]
    folder: Path | None
    chips: int | Sequence[int]
    resume: bool
    as_json: bool
    options: Mapping[str, Any]
    """The other arguments of `program_run`."""

    def execute(self) -> None:
        """Program, report and draw."""
        if self.folder is not None:
            check_run_folder(self.folder, resume=self.resume, kind=PROGRAMMING)
        run = RunFile.read(self.run)
        run.demand_trained()
        hardware = (
            run.build_hardware()
            if self.hardware_file is None
            else Hardware.from_toml(self.hardware_file)
        ).with_values(self.changes)
        name = f"{run.configuration['dataset']}-programmed"
        folder = self.folder or next_run_folder(_RUNS, name)
        try:
            made = program_run(
                self.run,
                hardware=hardware,
                out=folder,
                chips=self.chips,
                resume=self.resume,
                watcher=_ConsoleWatcher(),
                **self.options,
            )
        except ProgrammingInterrupted as stop:
            kept = "nothing is kept"
            if stop.folder is not None:
                kept = (
                    f"the fine-tuning so far is kept; go on with the same words and --resume "
                    f"--out {stop.folder}"
                )
            raise Stopped(f"stopped; {kept}", stop.signal) from None
        if self.as_json:
            print(json.dumps({"folder": str(folder), **made.as_json()}), flush=True)
        else:
            _show(made, folder)


class _ConsoleWatcher(ProgrammingWatcher):
    """A bar over all evaluations and all steps of fine-tuning."""

    def __init__(self) -> None:
        self._bar = ConsoleBar(Console(stderr=True), "programming")
        self._done, self._told, self._step, self._began = 0, "", 0, False

    def began(self, evaluations: int, steps: int) -> None:
        """Show the bar."""
        self._bar.start(0, evaluations + steps, "")

    def evaluating(self, stage: str, chip: int | None) -> None:
        """Move the bar by one evaluation."""
        self._move(1, stage if chip is None else f"{stage}, chip {chip}")

    def started(self, step: int, steps: int) -> None:
        """Count the steps that a fine-tuning has behind it."""
        self._step = 0
        self._fine_tuned(step, f"fine-tuning, {step} of {steps}")

    def stepped(self, step: int, loss: float, accuracy: float, rate: float, left: float) -> None:
        """Move the bar by one step."""
        self._fine_tuned(step, f"fine-tuning, step {step}, loss {loss:.3f}")

    def stopping(self) -> None:
        """Tell why nothing seems to happen."""
        self._bar.stopping()

    def finished(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def _fine_tuned(self, step: int, state: str) -> None:
        self._move(step - self._step, state)
        self._step = step

    def _move(self, by: int, state: str) -> None:
        self._done += by
        self._bar.move(self._done, state, state)


def _show(made: Programming, folder: Path) -> None:
    """Print the table, what it is of, and where the files are."""
    show_line(f"{describe(made)}, 95 % intervals")
    table = Table()
    records = made.summaries
    meshes = any("mesh_error" in record for record in records)
    table.add_column("stage")
    for name in ("accuracy (%)", "change (points)", "loss (nats)", "bank fidelity"):
        table.add_column(name, justify="right")
    if meshes:
        table.add_column("mesh error (expected, random)", justify="right")
    heated = records[-1]["heaters"] > 0
    if heated:
        table.add_column("heaters (W)", justify="right")
    for record in records:
        row = [
            record["stage"],
            _interval(record, "accuracy", "{:.2f}", 100),
            _interval(record, "accuracy_change", "{:+.2f}", 100),
            f"{record['loss']:.4f}",
            _mean(record.get("bank_fidelity"), "{:.4f}"),
        ]
        if meshes:
            row.append(_mesh_error(record))
        if heated:
            row.append(_mean(record.get("heater_power"), "{:.3g}"))
        table.add_row(*row)
    result_console().print(table)
    last = records[-1]
    heaters = f"{last['heaters']:,} heaters a chip; " if heated else ""
    show_line(
        f"{heaters}the range of the banks costs {last['snr_lost_db']:.1f} dB of the receivers' "
        "signal-to-noise ratio"
    )
    show_line(folder)


def _interval(record: Mapping[str, Any], name: str, form: str, scale: float) -> str:
    if name not in record:
        return ""
    value, low, high = (form.format(scale * record[name + end]) for end in ("", "_low", "_high"))
    return f"{value} ({low} … {high})"


def _mean(value: float | Sequence[float] | None, form: str) -> str:
    if value is None:
        return ""
    values = [value] if isinstance(value, float) else list(value)
    return form.format(sum(values) / len(values))


def _mesh_error(record: Mapping[str, Any]) -> str:
    if "mesh_error" not in record:
        return ""
    forms = (record["mesh_error_expected"], record["mesh_error_random"])
    told = ", ".join("–" if form is None else f"{form:.4f}" for form in forms)
    return f"{record['mesh_error']:.4f} ({told})"
