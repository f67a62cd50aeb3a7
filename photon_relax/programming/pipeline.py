"""Trained weights onto imperfect chips, stage by stage, and what each stage costs on the task."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from photon_relax.config import TrainingConfig
from photon_relax.datasets import Dataset, Split
from photon_relax.evaluation import Evaluation, evaluate, sample_block
from photon_relax.network import BankName, ReLaXNet
from photon_relax.programming.carrying import bank_for
from photon_relax.programming.crossbars import CrossbarTechnique
from photon_relax.programming.fine_tuning import chip_folder, fine_tune, fine_tuning_config
from photon_relax.programming.meshes import MeshTechnique
from photon_relax.programming.plan import ProgrammingPlan
from photon_relax.programming.rings import RingTechnique
from photon_relax.programming.stages import StageResult
from photon_relax.programming.technique import Programmed, Technique
from photon_relax.run_file import RunFile
from photon_relax.training import Watcher

__all__ = ["Pipeline", "ProgrammingWatcher"]

_TECHNIQUES: dict[BankName, type[Technique]] = {
    "mzi": MeshTechnique,
    "ring": RingTechnique,
    "crossbar": CrossbarTechnique,
}


class ProgrammingWatcher(Watcher):
    """What a programming tells while it works; this one listens and says nothing."""

    def began(self, evaluations: int, steps: int) -> None:
        """Hear how many evaluations and how many steps of fine-tuning there will be."""

    def evaluating(self, stage: str, chip: int | None) -> None:
        """Hear what is programmed and evaluated next."""

    def finished(self) -> None:
        """Hear that nothing follows, for whatever reason."""


class Pipeline:
    """One trained network on its way onto chips.

    Parameters
    ----------
    run
        The trained run.
    dataset
        That it was trained on.
    split
        The samples that every stage answers.
    plan
        What is to be done.
    watcher
        Is told of every stage and of every step of a fine-tuning.
    check
        Called now and then; may raise to give up.

    Raises
    ------
    ValueError
        The run is not trained, or its bank cannot be programmed onto this hardware.
    """

    def __init__(
        self,
        run: RunFile,
        dataset: Dataset,
        split: Split,
        plan: ProgrammingPlan,
        *,
        watcher: ProgrammingWatcher | None = None,
        check: Callable[[], None] | None = None,
    ) -> None:
        run.demand_trained()
        self.dataset, self.split, self.plan = dataset, split, plan
        self.watcher = watcher or ProgrammingWatcher()
        self.config = TrainingConfig.create(
            run.configuration, origins=dict.fromkeys(run.configuration, run.source)
        )
        self.trained = run.build_network()
        kind = _TECHNIQUES[bank_for(self.trained, plan.bank)]
        self.stages = _chosen(kind, plan.stages)
        self.technique = kind(self.trained, plan.hardware)
        self._check = check
        # What does not fit the network is refused before any time is spent.
        _ = self.technique.perfect.at(plan.fidelity, plan.hardware)
        if plan.fine_tune:
            self._tuning(self.technique.settings)

    def execute(self, folder: Path | None = None) -> list[StageResult]:
        """Program and evaluate every stage on every chip.

        Parameters
        ----------
        folder
            Where the runs of fine-tunings go, a folder a chip; those that are there are taken up.
            None: they are not kept.

        Raises
        ------
        TrainingInterrupted
            A fine-tuning was stopped; its checkpoint is in the folder.
        """
        plan = self.plan
        trainings = len(plan.chips) if plan.fine_tune_on == "chip" else 1
        self.watcher.began(
            1 + len(plan.chips) * (1 + len(self.stages) + bool(plan.fine_tune)),
            plan.fine_tune * trainings,
        )
        try:
            return self._execute(folder)
        finally:
            self.watcher.finished()

    def _execute(self, folder: Path | None) -> list[StageResult]:
        plan = self.plan
        name = "trained" if self.trained.fidelity != "ideal" else "ideal"
        results = [self._evaluated(name, None, self.trained)]
        last: dict[int, Programmed] = {}
        for chip in plan.chips:
            hardware = replace(plan.hardware, seed=chip)
            perfect = self.technique.perfect.at(
                plan.fidelity, self.technique.without_errors(hardware)
            )
            results.append(self._evaluated("perfect banks", chip, perfect))
            for stage in self.stages:
                last[chip] = self.technique.program(stage, hardware)
                results.append(self._programmed(stage, chip, last[chip]))
        if plan.fine_tune:
            with ExitStack() as stack:
                if folder is None:
                    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                tune = {"draws": self._tune_on_draws, "chip": self._tune_on_chips}[
                    plan.fine_tune_on
                ]
                results += tune(folder, last)
        return results

    def _tune_on_chips(self, folder: Path, last: dict[int, Programmed]) -> list[StageResult]:
        results = []
        for chip, programmed in last.items():
            network = copy.deepcopy(programmed.network)
            network = network.at(self.plan.fidelity, programmed.hardware)
            self._tune(network, chip_folder(folder, chip))
            results.append(self._recorded("fine-tuned", chip, network, Programmed.of(network)))
        return results

    def _tune_on_draws(self, folder: Path, last: dict[int, Programmed]) -> list[StageResult]:
        blind = self.technique.blind(self.plan.hardware)
        network = copy.deepcopy(blind.network).at(self.plan.fidelity, blind.hardware)
        network.fresh_chips = True
        self._tune(network, folder / "draws")
        results = []
        for chip in last:
            on_chip = network.at(self.plan.fidelity, replace(blind.hardware, seed=chip))
            results.append(self._recorded("fine-tuned", chip, on_chip, Programmed.of(on_chip)))
        return results

    def _tune(self, network: ReLaXNet, folder: Path) -> None:
        fine_tune(network, self.dataset, self._tuning(network), folder, self.watcher)

    def _tuning(self, network: ReLaXNet) -> TrainingConfig:
        return fine_tuning_config(
            self.config,
            network,
            fidelity=self.plan.fidelity,
            steps=self.plan.fine_tune,
            learning_rate=self.plan.learning_rate,
        )

    def _programmed(self, stage: str, chip: int, programmed: Programmed) -> StageResult:
        network = programmed.network.at(self.plan.fidelity, programmed.hardware)
        return self._recorded(stage, chip, network, programmed)

    def _recorded(
        self, stage: str, chip: int, network: ReLaXNet, programmed: Programmed
    ) -> StageResult:
        result = self._evaluated(stage, chip, network)
        return replace(
            result,
            banks=self.technique.record(network, programmed),
            snr_lost_db=self.technique.snr_lost_db(network),
        )

    def _evaluated(self, stage: str, chip: int | None, network: ReLaXNet) -> StageResult:
        self.watcher.evaluating(stage, chip)
        answers: Evaluation = evaluate(
            network,
            self.split,
            batch_size=self.config.evaluation_batch,
            block=sample_block(self.dataset),
            check=self._check,
        )
        return StageResult(stage=stage, chip=chip, network=network, evaluation=answers)


def _chosen(kind: type[Technique], wanted: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the stages that are wanted, in their own order."""
    if wanted is None:
        return kind.stages
    for name in wanted:
        if name not in kind.stages:
            raise ValueError(f"stages must be among {', '.join(kind.stages)}; got {name!r}.")
    return tuple(name for name in kind.stages if name in wanted)
