"""What ``photon-relax budget`` does once its words are understood."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import typer

from circuits import Budget, BudgetAssumptions
from devices.library import load_entry
from photon_relax.budget_record import budget_record
from photon_relax.budget_tables import tables
from photon_relax.cli.output import result_console, show_line
from photon_relax.config import parse_assignments
from photon_relax.design_budget import Design, design_of_library, network_budget
from photon_relax.hardware import Hardware
from photon_relax.physical_networks import describe_place
from photon_relax.run_file import RunFile, run_file_path

__all__ = ["BudgetSession"]

_PICTURES = ("budget.png", "networks.png")
_DESIGN = tuple(entry.name for entry in fields(Design) if entry.name != "hardware")
_GROUPS = ("hardware", "assume")


@dataclass(frozen=True, kw_only=True)
class BudgetSession:
    """One call of the command; the fields are its arguments."""

    subject: str
    assignments: Sequence[str]
    out: Path | None
    as_json: bool

    def execute(self) -> None:
        """Compute the budget, show it and draw it."""
        design, hardware, assumed = _sorted_changes(self.assignments)
        assumptions = _assumptions(assumed)
        budget, folder = self._budget(design, hardware, assumptions)
        pictures: list[Path] = []
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            pictures = [folder / name for name in _PICTURES]
        # The figures first: a picture that cannot be written must not take them along.
        if self.as_json:
            record = {
                "subject": self.subject,
                **budget_record(budget),
                "place": describe_place(budget.parameters),
                "pictures": [str(picture) for picture in pictures],
            }
            typer.echo(json.dumps(record, ensure_ascii=False))
        else:
            self._show(budget)
        if pictures:
            from photon_relax.budget_pictures import draw_budget, draw_networks

            draw_budget(budget, f"{self.subject}: {_describe(budget)}", pictures[0])
            draw_networks(budget.parameters, pictures[1])
        if not self.as_json:
            for picture in pictures:
                show_line(picture)

    def _budget(
        self,
        design: Mapping[str, Any],
        hardware: Mapping[str, Any],
        assumptions: BudgetAssumptions,
    ) -> tuple[Budget, Path | None]:
        """Return the budget of what was named, and the folder for its pictures."""
        path = Path(self.subject)
        if path.is_dir() or path.suffix == ".h5":
            if design:
                raise ValueError(
                    f"{self.subject} is a run, whose network is what it is; --set takes "
                    f"hardware.KEY and assume.KEY here, got {', '.join(design)}"
                )
            network = RunFile.read(path).build_network()
            if hardware:
                network = network.at("slot", network.hardware.with_values(hardware))
            folder = run_file_path(path).parent if self.out is None else self.out
            return network_budget(network, assumptions), folder
        made, bank = self._hardware(path)
        chosen = {"bank": bank, **design}
        return Design(hardware=made.with_values(hardware), **chosen).budget(assumptions), self.out

    def _hardware(self, path: Path) -> tuple[Hardware, str]:
        """Return the hardware of a file, or of a name of the library, and a bank that uses it."""
        if path.exists():
            return Hardware.from_toml(path), "mzi"
        try:
            entry = load_entry(self.subject)
        except ValueError as error:
            raise ValueError(
                f"there is no run or hardware file {self.subject}, and {error}"
            ) from None
        table, bank = design_of_library(entry)
        return Hardware.from_mapping(table), bank

    def _show(self, budget: Budget) -> None:
        console = result_console()
        console.print(f"[bold]{self.subject}[/bold]: {_describe(budget)}", highlight=False)
        for table in tables(budget):
            console.print(table, highlight=False)
        show_line(describe_place(budget.parameters))


def _sorted_changes(
    assignments: Sequence[str],
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Separate the keys of the design, of the hardware and of the assumptions."""
    design: dict[str, Any] = {}
    grouped: dict[str, dict[str, Any]] = {group: {} for group in _GROUPS}
    for key, value in parse_assignments(assignments).items():
        group, _, name = key.partition(".")
        if name and group in grouped:
            grouped[group][name] = value
        elif key in _DESIGN:
            design[key] = value
        else:
            near = get_close_matches(key, _DESIGN, n=1)
            hint = f"did you mean {near[0]}?" if near else (
                f"the keys are {', '.join(_DESIGN)}, hardware.KEY and assume.KEY"
            )  # fmt: skip
            raise ValueError(f"unknown key {key}; {hint}")
    return design, grouped["hardware"], grouped["assume"]


def _assumptions(values: Mapping[str, Any]) -> BudgetAssumptions:
    known = [entry.name for entry in fields(BudgetAssumptions)]
    for name in values:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean assume.{near[0]}?" if near else f"known: {', '.join(known)}."
            raise ValueError(f"unknown assumption assume.{name}; {hint}")
    return BudgetAssumptions(**values)


def _describe(budget: Budget) -> str:
    schedule = budget.loop.schedule
    return (
        f"{budget.bank} bank, {budget.loop.machine.replace('_', ' ')} machine, N = {budget.lanes}, "
        f"L_W = {schedule.weight_sets}, L_T = {schedule.repetitions}, J = {schedule.interleaved}, "
        f"slots of {budget.loop.slot_duration * 1e9:g} ns"
    )
