"""What ``photon-relax study gradient`` does once its words are understood."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from photon_relax.assembly import demand_same_data, load_data
from photon_relax.cli.output import result_console, show_line
from photon_relax.config import FidelityName, TrainingConfig
from photon_relax.datasets import Dataset, Split
from photon_relax.hardware import Hardware
from photon_relax.run_file import RunFile, run_file_path
from photon_relax.studies.hardware_gradient import Slope, hardware_gradient, hardware_numbers
from photon_relax.studies.tornado_picture import draw_slopes

__all__ = ["GradientSession"]

PICTURE_NAME = "gradient.png"
_SHOWN = 15


@dataclass(frozen=True, kw_only=True)
class GradientSession:
    """One call of the command; the fields are its arguments."""

    run: Path
    by: Sequence[str]
    fidelity: FidelityName | None
    changes: Mapping[str, Any]
    split: str | None
    data_dir: Path | None
    as_json: bool

    def execute(self) -> None:
        """Differentiate, report and draw."""
        run = RunFile.read(self.run)
        run.demand_trained()
        network = run.build_network()
        hardware = network.hardware.with_values(self.changes)
        network = network.at(self.fidelity or network.fidelity, hardware)
        dataset = load_data(TrainingConfig.create(run.configuration), self.data_dir)
        demand_same_data(run, dataset)
        name, split = self._choose_split(dataset)
        loss, slopes = hardware_gradient(network, split, self._names(hardware))
        slopes.sort(key=lambda slope: -abs(slope.per_cent))
        picture = run_file_path(self.run).with_name(PICTURE_NAME)
        title = f"{self.run}: {network.fidelity}, {len(split):,} {name} samples, loss {loss:.4f}"
        if self.as_json:
            rows = [
                {
                    "name": f"hardware.{s.name}",
                    "value": s.value,
                    "slope": s.slope,
                    "per_cent": s.per_cent,
                }
                for s in slopes
            ]
            told = {"run": str(self.run), "split": name, "fidelity": network.fidelity}
            print(json.dumps({**told, "loss": loss, "slopes": rows}), flush=True)
        else:
            _show(slopes, title)
        draw_slopes(slopes[:_SHOWN], title, picture)
        if not self.as_json:
            show_line(picture)

    def _names(self, hardware: Hardware) -> list[str]:
        """Give the names asked for, or all that have a gradient here."""
        if self.by:
            return [name.removeprefix("hardware.") for name in self.by]
        return hardware_numbers(hardware)

    def _choose_split(self, dataset: Dataset) -> tuple[str, Split]:
        if self.split == "validation" or (self.split is None and dataset.test is None):
            return "validation", dataset.validation
        if dataset.test is None:
            raise ValueError(f"{dataset.name} has no test split; use --split validation")
        return "test", dataset.test


def _show(slopes: Sequence[Slope], title: str) -> None:
    table = Table(title=title)
    table.add_column("hardware", overflow="fold")
    for name in ("value", "dL/dvalue (nats)", "loss for 1 % more (nats)"):
        table.add_column(name, justify="right")
    moving = [slope for slope in slopes if slope.slope]
    for slope in moving[:_SHOWN]:
        table.add_row(
            slope.name, f"{slope.value:.4g}", f"{slope.slope:+.4g}", f"{slope.per_cent:+.3g}"
        )
    result_console().print(table)
    rest = len(moving) - _SHOWN
    if rest > 0:
        show_line(f"and {rest} that matter less; --json tells all")
    if still := len(slopes) - len(moving):
        show_line(f"{still} more change nothing here")
