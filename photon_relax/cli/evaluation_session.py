"""What ``photon-relax evaluate`` does once its words are understood."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from photon_relax.assembly import choose_split, demand_same_data, load_data
from photon_relax.cli.output import Stopped, result_console, show_line
from photon_relax.comparison import Condition, compare, conditions, hardware_variants
from photon_relax.config import FidelityName, TrainingConfig
from photon_relax.datasets import Dataset, Split
from photon_relax.evaluation import Evaluation, Interval, sample_block
from photon_relax.evaluation_file import ConditionRecord, EvaluationRecord
from photon_relax.hardware_table import toml_value
from photon_relax.network import ReLaXNet
from photon_relax.pictures import draw_evaluation
from photon_relax.run_file import RunFile, run_file_path
from photon_relax.stop_signals import StopRequested, StopSignals

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
        """Evaluate under every condition, report and draw."""
        run = RunFile.read(self.run)
        run.demand_trained()
        config = TrainingConfig.create(
            run.configuration, origins=dict.fromkeys(run.configuration, run.source)
        )
        network = run.build_network()
        listed = conditions(
            network.fidelity,
            network.hardware,
            self.fidelities,
            hardware_variants(network.hardware, self.hardware_files, self.changes),
        )
        dataset = load_data(config, self.data_dir)
        demand_same_data(run, dataset)
        name, split = choose_split(dataset, self.split)
        results = self._compare(network, split, listed, config.evaluation_batch, dataset)
        picture = run_file_path(self.run).with_name(PICTURE_NAME)
        rows = [_row(c, r, results[0]) for c, r in zip(listed, results, strict=True)]
        title = f"{self.run}: {config.dataset}, {len(split):,} {name} samples, 95 % intervals"
        unit = "nats per character" if dataset.task == "characters" else "nats"
        record = EvaluationRecord(
            run=str(self.run),
            split=name,
            samples=len(split),
            step=run.progress["best_step"],
            picture=str(picture),
            options=self._options(),
            conditions=rows,
        )
        # The figures first: a file that cannot be written must not take them along.
        if self.as_json:
            print(json.dumps(record.as_json()), flush=True)
        else:
            _show(rows, title, unit)
        record.write(picture.parent)
        draw_evaluation([c.label for c in listed], results, title, unit, picture)
        if not self.as_json:
            show_line(picture)

    def _compare(
        self,
        network: ReLaXNet,
        split: Split,
        listed: Sequence[Condition],
        batch_size: int,
        dataset: Dataset,
    ) -> list[Evaluation]:
        console = Console(stderr=True)
        try:
            with StopSignals() as signals:
                return compare(
                    network,
                    split,
                    listed,
                    batch_size=batch_size,
                    block=sample_block(dataset),
                    announce=lambda condition: console.print(
                        f"evaluating {condition.label} …", highlight=False, markup=False
                    ),
                    check=signals.check,
                )
        except StopRequested as request:
            raise Stopped("stopped; the run is as it was", request.signal) from None

    def _options(self) -> list[str]:
        """Return the words that ask for the same conditions again."""
        words = [word for name in self.fidelities for word in ("--fidelity", name)]
        words += [word for file in self.hardware_files for word in ("--hardware", str(file))]
        for key, value in self.changes.items():
            words += ["--set", f"hardware.{key}={toml_value(value)}"]
        return words + ([] if self.split is None else ["--split", self.split])


def _row(condition: Condition, result: Evaluation, trained: Evaluation) -> ConditionRecord:
    """The figures of one condition, flat."""
    return ConditionRecord(
        condition=condition.label,
        fidelity=condition.fidelity,
        **_with_interval("loss", result.loss, result.loss_interval),
        **_with_interval(
            "loss_change", result.loss - trained.loss, result.loss_change_interval(trained)
        ),
        **_with_interval("accuracy", result.accuracy, result.accuracy_interval),
        **_with_interval(
            "accuracy_change",
            result.accuracy - trained.accuracy,
            result.accuracy_change_interval(trained),
        ),
    )


def _with_interval(name: str, value: float, interval: Interval) -> dict[str, float]:
    return {name: value, f"{name}_low": interval[0], f"{name}_high": interval[1]}


def _show(rows: Sequence[ConditionRecord], title: str, unit: str) -> None:
    table = Table(title=title)
    table.add_column("condition", overflow="fold")
    for name in (f"loss ({unit})", "change", "accuracy (%)", "change (points)"):
        table.add_column(name, justify="right")
    for i, row in enumerate(rows):
        table.add_row(
            row.condition,
            f"{row.loss:.4f}",
            _change(row, "loss_change", 1, 4) if i else "",
            f"{100 * row.accuracy:.2f} "
            f"({100 * row.accuracy_low:.2f} … {100 * row.accuracy_high:.2f})",
            _change(row, "accuracy_change", 100, 2) if i else "",
        )
    result_console().print(table)


def _change(row: ConditionRecord, name: str, scale: float, digits: int) -> str:
    value, low, high = (
        f"{scale * getattr(row, name + end):+.{digits}f}" for end in ("", "_low", "_high")
    )
    return f"{value} ({low} … {high})"
