"""What ``photon-relax evaluate`` does once its words are understood."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from photon_relax.assembly import load_data
from photon_relax.cli.output import result_console
from photon_relax.comparison import Condition, compare, conditions, hardware_variants
from photon_relax.config import FidelityName, TrainingConfig
from photon_relax.datasets import Dataset, Split
from photon_relax.evaluation import Evaluation, sample_block
from photon_relax.pictures import draw_evaluation
from photon_relax.run_file import RunFile, run_file_path

__all__ = ["EvaluationSession"]

PICTURE_NAME = "evaluation.png"


@dataclass(frozen=True, kw_only=True)
class EvaluationSession:
    """One call of the command; the fields are its arguments."""

    run: Path
    fidelities: Sequence[FidelityName]
    hardware_files: Sequence[Path]
    changes: Mapping[str, Any]
    split: str | None
    data_dir: Path | None
    as_json: bool

    def execute(self) -> None:
        """Evaluate under every condition, draw and report."""
        console = Console(stderr=True)
        run = RunFile.read(self.run)
        _demand_trained(run, self.run)
        config = TrainingConfig.create(run.configuration)
        network = run.build_network()
        listed = conditions(
            network.fidelity,
            network.hardware,
            self.fidelities,
            hardware_variants(network.hardware, self.hardware_files, self.changes),
        )
        dataset = load_data(config, self.data_dir)
        _demand_same_data(run, dataset)
        name, split = self._choose_split(dataset)
        results = compare(
            network,
            split,
            listed,
            batch_size=config.evaluation_batch,
            block=sample_block(dataset),
            announce=lambda condition: console.print(
                f"evaluating {condition.label} …", highlight=False, markup=False
            ),
        )
        picture = run_file_path(self.run).with_name(PICTURE_NAME)
        rows = [_row(c, r, results[0]) for c, r in zip(listed, results, strict=True)]
        title = f"{self.run}: {config.dataset}, {len(split):,} {name} samples, with 95 % intervals"
        unit = "nats per character" if dataset.task == "characters" else "nats"
        draw_evaluation([c.label for c in listed], results, title, unit, picture)
        if self.as_json:
            record = {
                "run": str(self.run),
                "split": name,
                "samples": len(split),
                "step": run.progress["best_step"],
                "picture": str(picture),
                "conditions": rows,
            }
            print(json.dumps(record))
        else:
            _show(rows, title, unit, picture)

    def _choose_split(self, dataset: Dataset) -> tuple[str, Split]:
        if self.split == "validation" or (self.split is None and dataset.test is None):
            return "validation", dataset.validation
        if dataset.test is None:
            raise ValueError(f"{dataset.name} has no test split; use --split validation")
        return "test", dataset.test


def _demand_trained(run: RunFile, path: Path) -> None:
    if run.progress["best_step"] is None:
        raise ValueError(f"{path} has not come to its first validation yet; train it further")


def _demand_same_data(run: RunFile, dataset: Dataset) -> None:
    told = run.environment["samples"]["training_samples"]
    if told != len(dataset.train):
        raise ValueError(
            f"the run was trained on {told:,} samples and the data set here has "
            f"{len(dataset.train):,}: this is other data; name the folder with --data-dir"
        )


def _row(condition: Condition, result: Evaluation, trained: Evaluation) -> dict[str, Any]:
    """The figures of one condition, flat."""
    low, high = result.accuracy_change_interval(trained)
    return {
        "condition": condition.label,
        "fidelity": condition.fidelity,
        "loss": result.loss,
        "loss_low": result.loss_interval[0],
        "loss_high": result.loss_interval[1],
        "accuracy": result.accuracy,
        "accuracy_low": result.accuracy_interval[0],
        "accuracy_high": result.accuracy_interval[1],
        "accuracy_change": result.accuracy - trained.accuracy,
        "accuracy_change_low": low,
        "accuracy_change_high": high,
    }


def _show(rows: Sequence[Mapping[str, Any]], title: str, unit: str, picture: Path) -> None:
    table = Table(title=title)
    table.add_column("condition", overflow="fold")
    for name in (
        f"loss\n({unit})",
        "accuracy\n(%)",
        "95 %\ninterval",
        "change\n(points)",
        "95 %\ninterval",
    ):
        table.add_column(name, justify="right", no_wrap=True)

    for i, row in enumerate(rows):
        value, low, high = (100 * row[f"accuracy{part}"] for part in ("", "_low", "_high"))
        cells = [row["condition"], f"{row['loss']:.4f}", f"{value:.2f}", f"{low:.2f} … {high:.2f}"]
        if i:
            change, low, high = (
                100 * row[f"accuracy_change{part}"] for part in ("", "_low", "_high")
            )
            cells += [f"{change:+.2f}", f"{low:+.2f} … {high:+.2f}"]
        table.add_row(*cells)
    console = result_console()
    console.print(table)
    console.print(str(picture), highlight=False, markup=False, soft_wrap=True)
