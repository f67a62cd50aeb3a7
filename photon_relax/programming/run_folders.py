"""A programmed chip as a run of its own, which evaluate, budget and report open like any other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from photon_relax.assembly import network_arguments
from photon_relax.programming.fine_tuning import chip_folder
from photon_relax.programming.result import Programming
from photon_relax.programming.stages import StageResult
from photon_relax.run_file import RUN_FILE_NAME, RunFile

__all__ = ["write_chip_runs"]


def write_chip_runs(programming: Programming, folder: Path) -> None:
    """Write the run of every chip at the last stage, unless a fine-tuning has left it.

    Raises
    ------
    OSError
        One cannot be written.
    """
    for result in programming.of(programming.last):
        assert result.chip is not None
        home = chip_folder(folder, result.chip)
        if not (home / RUN_FILE_NAME).exists():
            home.mkdir(exist_ok=True)
            _as_run(programming, result).write(home / RUN_FILE_NAME)


def _as_run(programming: Programming, result: StageResult) -> RunFile:
    """Return the trained run with the settings and the hardware of a chip in place of its own."""
    run, network, answers = programming.run, result.network, result.evaluation
    parameters = {name: value.numpy().copy() for name, value in network.state_dict().items()}
    split = "test" if programming.split == "test" else "val"
    other = {"test": "val", "val": "test"}[split]
    low, high = answers.accuracy_interval
    figures = {
        f"{split}_loss": answers.loss,
        f"{split}_accuracy": answers.accuracy,
        f"{split}_accuracy_low": low,
        f"{split}_accuracy_high": high,
        **{f"{other}_{name}": None for name in _FIGURES},
    }
    told = {"bank": network.bank_name, "machine": network.machine, "fidelity": network.fidelity}
    return replace(
        run,
        configuration={**run.configuration, **told},
        network=network_arguments(network),
        hardware=network.hardware.to_toml(),
        parameters={"latest": parameters, "best": parameters},
        optimiser={},
        results={**run.results, **figures},
        confusion=None if run.confusion is None else answers.confusion(len(run.confusion)),
    )


_FIGURES = ("loss", "accuracy", "accuracy_low", "accuracy_high")
