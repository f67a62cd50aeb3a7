"""From a trained run to programmed chips, and the folder that keeps what came of it.

The folder is known by ``program.json``: what was asked for, and once all is done the figures. It is
there from the start, so that a fine-tuning that was stopped can be gone on with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from photon_relax.assembly import choose_split, demand_same_data, load_data
from photon_relax.atomic_file import write_atomically
from photon_relax.config import TrainingConfig
from photon_relax.hardware import Hardware
from photon_relax.network import BankName
from photon_relax.programming.files import write_tables
from photon_relax.programming.picture import PICTURE_NAME, draw_programming
from photon_relax.programming.pipeline import Pipeline, ProgrammingWatcher
from photon_relax.programming.plan import ProgrammingPlan
from photon_relax.programming.result import Programming
from photon_relax.programming.run_folders import write_chip_runs
from photon_relax.run_file import RUN_FILE_NAME, RunFile
from photon_relax.run_folder import FolderKind, writing_to
from photon_relax.stop_signals import StopRequested, StopSignals
from photon_relax.training import TrainingInterrupted

__all__ = ["PROGRAMMING", "RECORD_NAME", "ProgrammingInterrupted", "program_run"]

RECORD_NAME = "program.json"
PROGRAMMING = FolderKind(RECORD_NAME, "programming", "programming", "--resume")


class ProgrammingInterrupted(Exception):
    """A signal arrived; the fine-tuning so far is kept in the folder, where there is one."""

    def __init__(self, folder: Path | None, signal: int) -> None:
        super().__init__(f"stopped by signal {signal}")
        self.folder = folder
        self.signal = signal


def program_run(
    run: str | Path,
    *,
    hardware: Hardware | None = None,
    out: str | Path | None = None,
    chips: int | Sequence[int] = 3,
    bank: BankName | None = None,
    stages: Sequence[str] | None = None,
    fidelity: Literal["slot", "waveform"] = "slot",
    fine_tune: int = 100,
    fine_tune_on: Literal["chip", "draws"] = "chip",
    learning_rate: float = 2e-3,
    split: str | None = None,
    data_dir: str | Path | None = None,
    resume: bool = False,
    watcher: ProgrammingWatcher | None = None,
) -> Programming:
    """Program a trained run onto chips and say what each stage costs on its task.

    >>> result = program_run("runs/digits-001", chips=2, fine_tune=0)  # doctest: +SKIP
    >>> [(record["stage"], record["accuracy"]) for record in result.summaries]  # doctest: +SKIP

    Parameters
    ----------
    run
        Folder of the run, or its file.
    hardware
        The machine with its tolerances; None: the one of the training.
    out
        Folder for the files, the picture and a run a chip; None: nothing is kept.
    chips
        How many chips, the first with the seed of the hardware; or their seeds.
    bank, stages, fidelity, fine_tune, fine_tune_on, learning_rate
        As in `ProgrammingPlan`.
    split
        'test' or 'validation'; None: test, where there is one.
    data_dir
        Folder of the data sets.
    resume
        Go on with a programming in `out` that was stopped.
    watcher
        Is told how the work goes.

    Raises
    ------
    ValueError
        The run is not trained, it does not fit bank or hardware, or the folder is in use.
    ProgrammingInterrupted
        SIGINT or SIGTERM arrived.
    """
    hardware, source = _read(run, hardware)
    seeds = _seeds(chips, hardware.seed)
    plan = ProgrammingPlan(
        hardware=hardware,
        chips=seeds,
        bank=bank,
        stages=None if stages is None else tuple(stages),
        fidelity=fidelity,
        fine_tune=fine_tune,
        fine_tune_on=fine_tune_on,
        learning_rate=learning_rate,
    )
    config = TrainingConfig.create(
        source.configuration, origins=dict.fromkeys(source.configuration, source.source)
    )
    dataset = load_data(config, data_dir)
    demand_same_data(source, dataset)
    name, samples = choose_split(dataset, split)
    watcher = watcher or ProgrammingWatcher()
    with StopSignals(watcher.stopping) as signals:
        pipeline = Pipeline(source, dataset, samples, plan, watcher=watcher, check=signals.check)
        folder = None if out is None else Path(out)
        with _interruptible(folder):
            if folder is None:
                results = pipeline.execute()
                return Programming(run=source, plan=plan, split=name, results=tuple(results))
            with _kept(folder, _asked(source, plan, name), resume=resume) as record:
                results = pipeline.execute(folder)
                made = Programming(run=source, plan=plan, split=name, results=tuple(results))
                _write(made, folder)
                record["figures"] = made.as_json()
            return made


def _read(run: str | Path, hardware: Hardware | None) -> tuple[Hardware, RunFile]:
    source = RunFile.read(run)
    source.demand_trained()
    return source.build_hardware() if hardware is None else hardware, source


def _seeds(chips: int | Sequence[int], first: int) -> tuple[int, ...]:
    if isinstance(chips, int):
        if chips < 1:
            raise ValueError(f"chips must be at least 1; got {chips}.")
        return tuple(range(first, first + chips))
    return tuple(chips)


def _asked(run: RunFile, plan: ProgrammingPlan, split: str) -> dict[str, Any]:
    """Return what a programming was asked for, by which it is known again."""
    asked = {name: getattr(plan, name) for name in plan.__dataclass_fields__}
    asked |= {"hardware": plan.hardware.to_toml(), "run": run.source, "split": split}
    plain: dict[str, Any] = json.loads(json.dumps(asked))
    return plain


@contextmanager
def _interruptible(folder: Path | None) -> Iterator[None]:
    try:
        yield
    except (StopRequested, TrainingInterrupted) as stop:
        kept = folder if folder is not None and (folder / RECORD_NAME).exists() else None
        raise ProgrammingInterrupted(kept, stop.signal) from None


@contextmanager
def _kept(folder: Path, asked: dict[str, Any], *, resume: bool) -> Iterator[dict[str, Any]]:
    """Hold a folder and its record; give the record back where nothing is left to go on with."""
    if (folder / RUN_FILE_NAME).exists():
        raise ValueError(f"{folder} holds a training run; name another --out for the programming")
    with writing_to(folder, resume=resume, kind=PROGRAMMING):
        path = folder / RECORD_NAME
        if resume:
            _demand_same(path, asked)
        record: dict[str, Any] = {"asked": asked}
        write_atomically(path, json.dumps(record).encode())
        try:
            yield record
        except BaseException:
            if not any(folder.glob(f"*/{RUN_FILE_NAME}")):
                path.unlink(missing_ok=True)
            raise
        write_atomically(path, json.dumps(record).encode())


def _demand_same(path: Path, asked: dict[str, Any]) -> None:
    try:
        before = json.loads(path.read_bytes())["asked"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged: {error}; name another --out") from None
    different = [name for name in asked if before.get(name) != asked[name]]
    if different:
        raise ValueError(
            "a programming can only go on as it was started; what differs: " + ", ".join(different)
        )


def _write(programming: Programming, folder: Path) -> None:
    write_tables(programming, folder)
    write_chip_runs(programming, folder)
    draw_programming(programming, describe(programming), folder / PICTURE_NAME)


def describe(programming: Programming) -> str:
    """Return what was programmed onto what, in a line."""
    told = programming.as_json()
    chips, path = len(told["chips"]), Path(told["run"])
    name = path.parent if path.name == RUN_FILE_NAME else path
    return (
        f"{name}: {told['dataset']}, {told['bank']}, {told['machine']}, "
        f"N = {told['width']}, {told['weight_sets']} weight sets on {chips} "
        f"chip{'s' if chips > 1 else ''}, {told['samples']:,} {told['split']} samples"
    )
