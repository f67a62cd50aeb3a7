"""What ``photon-relax train`` does once its words are understood."""

from __future__ import annotations

import errno
import json
import shlex
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from photon_relax.assembly import build_hardware, build_network, load_data
from photon_relax.cli.failures import describe_os_error
from photon_relax.cli.output import Stopped, result_console, show_line
from photon_relax.config import TrainingConfig, load_settings
from photon_relax.datasets import Dataset
from photon_relax.durations import describe_duration
from photon_relax.hardware import Hardware
from photon_relax.parallel import Processes, joined
from photon_relax.pictures import draw_training
from photon_relax.run_file import RUN_FILE_NAME, RunFile
from photon_relax.run_folder import next_run_folder
from photon_relax.training import Trainer, TrainingInterrupted
from photon_relax.training_state import demand_same_settings
from photon_relax.watching import ConsoleWatcher

__all__ = ["TrainingSession"]

PICTURE_NAME = "training.png"
_RUNS = Path("runs")
_UNITS = {"classification": "images", "characters": "characters"}


@dataclass(frozen=True, kw_only=True)
class TrainingSession:
    """One call of the command; the fields are its options."""

    options: Mapping[str, Any]
    config_file: Path | None
    hardware_file: Path | None
    assignments: Sequence[str]
    folder: Path | None
    resume: bool
    data_dir: Path | None
    as_json: bool

    def execute(self) -> None:
        """Train, report and draw."""
        with joined() as processes:
            self._execute(processes)

    def _execute(self, processes: Processes) -> None:
        earlier = RunFile.read(self.folder) if self.resume and self.folder else None
        config, hardware = self._settings(earlier)
        dataset = load_data(config, self.data_dir)
        network = build_network(config, dataset, hardware)
        folder = self.folder or Path(processes.word(str(next_run_folder(_RUNS, config.dataset))))
        unit = _UNITS[dataset.task]
        headline = _headline(dataset, unit, folder, processes)
        watcher = ConsoleWatcher(Console(stderr=True), unit, headline)
        trainer = Trainer(network, dataset, config, watcher=watcher, processes=processes)
        try:
            run = trainer.run(folder, resume=self.resume)
        except TrainingInterrupted as stop:
            told = f"stopped after step {stop.step}, the checkpoint is kept"
            raise Stopped(self._add_how_to_resume(told, folder, processes), stop.signal) from None
        except KeyboardInterrupt:
            if not (folder / RUN_FILE_NAME).exists():
                raise
            told = "stopped at once, the last checkpoint is kept"
            told = self._add_how_to_resume(told, folder, processes)
            raise Stopped(told, signal.SIGINT) from None
        except OSError as error:
            # A reader of our output that went away has nothing to do with the checkpoint.
            if error.errno == errno.EPIPE or not (folder / RUN_FILE_NAME).exists():
                raise
            told = f"{describe_os_error(error)}; the last checkpoint is kept"
            raise ValueError(self._add_how_to_resume(told, folder, processes)) from error
        if processes.first:
            self._report(run, folder, unit)

    def _report(self, run: RunFile, folder: Path, unit: str) -> None:
        # The figures first: a picture that cannot be written must not take them along.
        if self.as_json:
            print(json.dumps(_record(run, folder)), flush=True)
        else:
            _show(run, folder, unit)
        draw_training(run, folder / PICTURE_NAME)
        if not self.as_json:
            show_line(folder / PICTURE_NAME)

    def _settings(self, earlier: RunFile | None) -> tuple[TrainingConfig, Hardware]:
        """Settings and hardware, those of an earlier session where nothing else is said."""
        settings = load_settings(
            self.options,
            config_file=self.config_file,
            assignments=self.assignments,
            base=earlier.configuration if earlier else None,
        )
        if earlier and self.hardware_file is None:
            hardware = earlier.build_hardware().with_values(settings.hardware)
        else:
            hardware = build_hardware(self.hardware_file, settings.hardware)
        if earlier:
            # Before the data are loaded, which may be large, or those of another task.
            demand_same_settings(earlier, settings.config, hardware)
        return settings.config, hardware

    def _add_how_to_resume(self, told: str, folder: Path, processes: Processes) -> str:
        words = ["photon-relax"]
        if processes.count > 1:
            words = f"torchrun --nproc-per-node {processes.count} -m photon_relax".split()
        words += ["train", self.options["dataset"], "--out", str(folder), "--resume"]
        if self.data_dir is not None:
            words += ["--data-dir", str(self.data_dir)]
        if self.as_json:
            words.append("--json")
        return f"{told}; go on with: {shlex.join(words)}"


def _headline(dataset: Dataset, unit: str, folder: Path, processes: Processes) -> str:
    sizes = [f"{len(dataset.train):,} to train on", f"{len(dataset.validation):,} to validate"]
    if dataset.test is not None:
        sizes.append(f"{len(dataset.test):,} to test")
    crew = f"{processes.count} processes; " if processes.count > 1 else ""
    return f"{dataset.name}: {', '.join(sizes)} ({unit}); {crew}run folder {folder}"


def _record(run: RunFile, folder: Path) -> dict[str, Any]:
    """The measured figures and the settings, flat."""
    return {
        "run": str(folder),
        "picture": str(folder / PICTURE_NAME),
        **run.results,
        **{key: value for key, value in run.configuration.items() if key not in run.results},
        "machine": run.network["machine"],
    }


def _show(run: RunFile, folder: Path, unit: str) -> None:
    """Print the result table and where things are."""
    results = run.results
    table = Table(title=f"{run.configuration['dataset']}, best parameters")
    for name in ("split", "loss (nats)", "accuracy", "95 % interval"):
        table.add_column(name, justify="left" if name == "split" else "right")
    for split, name in (("val", "validation"), ("test", "test")):
        if results[f"{split}_loss"] is not None:
            low, high = results[f"{split}_accuracy_low"], results[f"{split}_accuracy_high"]
            table.add_row(
                name,
                f"{results[f'{split}_loss']:.4f}",
                f"{results[f'{split}_accuracy']:.2%}",
                f"{low:.2%} … {high:.2%}",
            )
    console = result_console()
    console.print(table)
    show_line(
        f"{results['parameters']:,} parameters; best after step {results['best_step']} of "
        f"{results['steps']}; {describe_duration(results['seconds'])}, "
        f"{results['samples_per_second']:,.0f} {unit}/s"
    )
    show_line(folder / RUN_FILE_NAME)
