"""The result of a programming: all its stages, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from photon_relax.programming.meshes import random_mesh_error
from photon_relax.programming.plan import ProgrammingPlan
from photon_relax.programming.stages import StageResult, Summary, mean_interval
from photon_relax.run_file import RunFile

__all__ = ["Programming"]


@dataclass(frozen=True, kw_only=True)
class Programming:
    """What became of a trained run on chips."""

    run: RunFile
    """As it was trained."""

    plan: ProgrammingPlan
    """What was asked for."""

    split: str
    """Which samples were answered, 'test' or 'validation'."""

    results: tuple[StageResult, ...]
    """Every stage on every chip."""

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages, in order."""
        return tuple(dict.fromkeys(result.stage for result in self.results))

    @property
    def last(self) -> str:
        """The stage that is to be used."""
        return self.stages[-1]

    def of(self, stage: str) -> tuple[StageResult, ...]:
        """Return one stage, a result a chip."""
        return tuple(result for result in self.results if result.stage == stage)

    @cached_property
    def summaries(self) -> list[dict[str, Any]]:
        """One record a stage: means over chips with their 95 % intervals, and every chip.

        Changes are against the stage before, sample by sample.
        """
        before: tuple[StageResult, ...] = ()
        records = []
        for stage in self.stages:
            here = self.of(stage)
            records.append(
                {
                    "stage": stage,
                    **_answers(here, before),
                    **self._banks(here),
                    "chips": [
                        {"chip": result.chip, **_answers([result], _same_chip(before, result))}
                        | self._banks([result])
                        for result in here
                    ],
                }
            )
            before = here
        return records

    def _banks(self, results: Sequence[StageResult]) -> dict[str, Any]:
        """Return what became of the banks; nothing where none was programmed."""
        banks = [bank for result in results for bank in result.banks]
        if not banks:
            return {}
        first = results[0]
        known: dict[str, Any] = {}
        if first.banks[0].mesh_errors:
            spread = first.hardware.mesh.splitter_error
            known = {
                "mesh_error": _rms([bank.mesh_errors for bank in banks]),
                "mesh_error_expected": _rms([bank.expected_errors for bank in banks]),
                "mesh_error_random": random_mesh_error(first.stage, first.network.n_hidden, spread),
            }
        each = [
            np.mean([result.banks[k].fidelity for result in results])
            for k in range(len(first.banks))
        ]
        return {
            "bank_fidelity": [float(fidelity) for fidelity in each],
            "bank_error": float(np.mean([bank.error for bank in banks])),
            **known,
            "heater_power": float(np.mean([result.heater_power for result in results])),
            "heaters": sum(bank.heaters for bank in first.banks),
            "snr_lost_db": float(np.mean([result.snr_lost_db for result in results])),
        }

    def as_json(self) -> dict[str, Any]:
        """Return what was asked for and what came of it, as plain values."""
        network = self.results[-1].network
        return {
            "run": self.run.source,
            "dataset": self.run.configuration["dataset"],
            "split": self.split,
            "samples": len(self.results[0].evaluation.losses),
            "bank": network.bank_name,
            "machine": network.machine,
            "width": network.n_hidden,
            "weight_sets": network.weight_sets,
            "fidelity": self.plan.fidelity,
            "chips": list(self.plan.chips),
            "fine_tune": self.plan.fine_tune,
            "fine_tune_on": self.plan.fine_tune_on,
            "stages": self.summaries,
        }


def _answers(results: Sequence[StageResult], before: Sequence[StageResult]) -> dict[str, float]:
    """Return accuracy and loss, flat, and their changes where there is a stage before."""
    block = results[0].evaluation.block
    figures: dict[str, float] = {}
    for name, attribute in (("accuracy", "correct"), ("loss", "losses")):
        values = [getattr(result.evaluation, attribute) for result in results]
        figures |= _flat(name, mean_interval(values, block))
        if before:
            reference = [getattr(result.evaluation, attribute) for result in before]
            figures |= _flat(f"{name}_change", mean_interval(values, block, reference))
    return figures


def _rms(values: Sequence[Sequence[float]]) -> float | None:
    """Return the root mean square, None of nothing."""
    numbers = np.concatenate([np.asarray(row, np.float64) for row in values])
    return float(np.sqrt(np.mean(numbers**2))) if numbers.size else None


def _flat(name: str, summary: Summary) -> dict[str, float]:
    return {name: summary.mean, f"{name}_low": summary.low, f"{name}_high": summary.high}


def _same_chip(results: Sequence[StageResult], here: StageResult) -> list[StageResult]:
    """Return the result of the chip, or the one that holds for all of them."""
    return [result for result in results if result.chip in (None, here.chip)]
