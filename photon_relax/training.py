"""Train a network so that nothing is lost: not by a kill, not by a full disk, not by a bad step.

All that a run is lies in a `RunFile`, and a step depends on nothing else but its own number: the
batch, the learning rate and the noise are functions of the seed and the step. So a run that is
resumed from its last checkpoint does the same arithmetic as one that was never interrupted, and
ends, on the same machine with the same number of threads, with the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from photon_relax.compute_device import choose_device
from photon_relax.config import TrainingConfig
from photon_relax.evaluation import Evaluation, evaluate, sample_block
from photon_relax.network import ReLaXNet
from photon_relax.optimisation import learning_rate
from photon_relax.parallel import ALONE, Processes
from photon_relax.run_file import RUN_FILE_NAME, RunFile
from photon_relax.run_folder import writing_to
from photon_relax.stop_signals import StopRequested, StopSignals
from photon_relax.training_clock import TrainingClock
from photon_relax.training_state import TrainingState
from photon_relax.training_step import NotFinite, TrainingStep

if TYPE_CHECKING:
    from photon_relax.datasets import Dataset, Split

__all__ = ["Trainer", "TrainingDiverged", "TrainingInterrupted", "Watcher"]


class TrainingDiverged(ValueError):
    """The loss or its gradient is no longer a finite number."""


class TrainingInterrupted(Exception):
    """The run was asked to stop and left a checkpoint of all it had done."""

    def __init__(self, folder: Path, step: int, signal: int) -> None:
        super().__init__(f"stopped after step {step}; the checkpoint is {folder / RUN_FILE_NAME}")
        self.folder = folder
        self.step = step
        self.signal = signal


class Watcher:
    """What a `Trainer` tells while it works; this one listens and says nothing."""

    def started(self, step: int, steps: int) -> None:
        """Hear that training starts, or goes on, after `step` of `steps` steps."""

    def stepped(self, step: int, loss: float, accuracy: float, rate: float, left: float) -> None:
        """Hear how a batch went, with the rate (samples per second) and the seconds left.

        Both are 0 after the first step of a session, which tells nothing about the others.
        """

    def validated(self, step: int, result: Evaluation, *, best: bool) -> None:
        """Hear how the validation after `step` went, and whether it is the best so far."""

    def stopping(self) -> None:
        """Hear that the run was asked to stop and will, after the step it is at."""

    def ended(self) -> None:
        """Hear that no further step follows, for whatever reason."""


class Trainer:
    """Trains one network on one data set by one configuration.

    Parameters
    ----------
    network
        As the configuration describes it. It is moved to the configured device, trained in place,
        and holds the best parameters at the end.
    dataset
        Training, validation and, if there is one, test split.
    config
        All settings of the run.
    watcher
        Is told of every step, in the first process.
    processes
        That train together. All of them read the run file of a run that goes on; only the first
        writes.
    from_start
        Validate before the first step too: a network that was trained before may stay as it is.
    """

    def __init__(
        self,
        network: ReLaXNet,
        dataset: Dataset,
        config: TrainingConfig,
        *,
        watcher: Watcher | None = None,
        processes: Processes = ALONE,
        from_start: bool = False,
    ) -> None:
        self.network = network.to(choose_device(config, processes))
        self.dataset = dataset
        self.config = config
        self.watcher = watcher if watcher is not None and processes.first else Watcher()
        self.processes = processes
        self.state = TrainingState(
            network,
            config,
            {
                "training_samples": len(dataset.train),
                "validation_samples": len(dataset.validation),
                "test_samples": 0 if dataset.test is None else len(dataset.test),
            },
            dataset.vocabulary,
            dataset.opening,
            processes.count,
        )
        self._steps = TrainingStep(network, self.state.optimiser, dataset.train, config, processes)
        self._clock = TrainingClock(config)
        self._from_start = from_start

    def run(self, folder: str | Path, *, resume: bool = False) -> RunFile:
        """Train to the last step, measure the best parameters, and return the finished run.

        Parameters
        ----------
        folder
            Where the run file goes; made if need be. It must not hold a run yet.
        resume
            Go on from the checkpoint in `folder` instead. A finished run is returned as it is.

        Raises
        ------
        ValueError
            The folder is in use, holds a run (or, with `resume`, none, or one of other settings).
        TrainingDiverged
            A loss or gradient is not finite; the last good checkpoint is kept. A new run that
            fails before its first checkpoint, for this or any other reason, leaves no run file.
        TrainingInterrupted
            SIGINT or SIGTERM arrived; a checkpoint was written first.
        OSError
            A checkpoint cannot be written, as on a full disk; the earlier one is kept.
        """
        try:
            return self._run(Path(folder), resume=resume)
        except (TrainingDiverged, TrainingInterrupted):
            # All come here; none ends before the first has left the folder in order.
            self.processes.wait()
            raise

    def _run(self, folder: Path, *, resume: bool) -> RunFile:
        with self._holding(folder, resume=resume):
            target = folder / RUN_FILE_NAME
            if resume:
                earlier = RunFile.read(target)
                self._restore(earlier)
                if earlier.finished:
                    return earlier
            progress = self.state.progress
            self._clock = TrainingClock(self.config, progress.step, progress.seconds)
            with (
                self._leaving_no_empty_run(target, resume=resume),
                StopSignals(self.watcher.stopping, self.processes.largest) as signals,
            ):
                # At once, so that a folder that cannot be written is found before the work.
                self._save(target)
                try:
                    with self._watched():
                        self._train(target, signals)
                    return self._finish(target, signals)
                except StopRequested as request:
                    self._save(target)
                    raise TrainingInterrupted(folder, progress.step, request.signal) from None

    def _holding(self, folder: Path, *, resume: bool) -> AbstractContextManager[object]:
        """Hold the folder, for this process or, where it is not the first, not at all."""
        return writing_to(folder, resume=resume) if self.processes.first else nullcontext()

    def _restore(self, earlier: RunFile) -> None:
        try:
            self.state.restore(earlier)
        except (KeyError, TypeError, RuntimeError) as error:
            raise ValueError(f"{earlier.source} is damaged, it cannot go on: {error}") from error

    @contextmanager
    def _leaving_no_empty_run(self, target: Path, *, resume: bool) -> Iterator[None]:
        """Take a new run file away again if the run fails before the file holds a step.

        Nothing is lost with it, and it would stand in the way of a second, corrected try.
        """
        try:
            yield
        except TrainingInterrupted:
            raise
        except BaseException:
            if self.processes.first and not resume and self._clock.saved_step == 0:
                target.unlink(missing_ok=True)
            raise

    @contextmanager
    def _watched(self) -> Iterator[None]:
        self.watcher.started(self.state.progress.step, self.config.steps)
        try:
            yield
        finally:
            self.watcher.ended()

    def _train(self, target: Path, signals: StopSignals) -> None:
        """Take the steps that are left, with the validations and checkpoints between them."""
        progress = self.state.progress
        while True:
            if self._validation_is_due() and self._validate(signals):
                self._save(target)
            if progress.step == self.config.steps:
                return
            signals.check()
            self._step()
            if self._clock.checkpoint_is_due(progress.step):
                self._save(target)

    def _step(self) -> None:
        """Take one step on one batch, or raise before anything is changed."""
        progress = self.state.progress
        self._clock.begin_step()
        try:
            batch = self._steps.take(progress.step)
        except NotFinite as error:
            raise TrainingDiverged(
                f"training stopped at step {progress.step + 1}: {error}; {self._what_is_kept()}"
            ) from None
        progress.step += 1
        progress.loss_sum += batch.loss * batch.samples
        progress.correct += batch.correct
        progress.seen += batch.samples
        left = self._clock.end_step(progress.step, batch.samples)
        accuracy = batch.correct / batch.samples
        self.watcher.stepped(progress.step, batch.loss, accuracy, self._clock.recent_rate, left)

    def _what_is_kept(self) -> str:
        saved = int(self.processes.word(str(self._clock.saved_step)))
        return f"the checkpoint of step {saved} is kept" if saved else "no checkpoint was due yet"

    def _validation_is_due(self) -> bool:
        step = self.state.progress.step
        if step == 0:
            return self._from_start and self.state.progress.best_step is None
        regular = step % self.config.validate_every == 0 or step == self.config.steps
        return regular and step > self.state.last_validation

    def _validate(self, signals: StopSignals) -> bool:
        """Measure the validation split, note it, and say whether it is the best so far."""
        state, progress = self.state, self.state.progress
        result = self._evaluate(self.dataset.validation, signals)
        if not math.isfinite(result.loss):
            raise TrainingDiverged(
                f"training stopped after step {progress.step}: the validation loss is "
                f"{result.loss}; {self._what_is_kept()}"
            )
        self._note_metrics(result)
        best = progress.best_loss is None or result.loss < progress.best_loss
        if best:
            progress.best_loss, progress.best_step = result.loss, progress.step
            state.best = state.parameters()
        self.watcher.validated(progress.step, result, best=best)
        return best

    def _note_metrics(self, result: Evaluation) -> None:
        progress, seconds = self.state.progress, self._clock.seconds()
        if progress.seen:
            self.state.note(
                "training",
                step=progress.step,
                loss=progress.loss_sum / progress.seen,
                accuracy=progress.correct / progress.seen,
                learning_rate=learning_rate(self.config, progress.step - 1),
                rate=self._clock.rate,
                seconds=seconds,
            )
        self.state.note(
            "validation",
            step=progress.step,
            loss=result.loss,
            accuracy=result.accuracy,
            seconds=seconds,
        )
        progress.loss_sum, progress.correct, progress.seen = 0.0, 0, 0

    def _evaluate(self, split: Split, signals: StopSignals) -> Evaluation:
        return evaluate(
            self.network,
            split,
            batch_size=self.config.evaluation_batch,
            block=sample_block(self.dataset),
            check=signals.check,
            processes=self.processes,
        )

    def _finish(self, target: Path, signals: StopSignals) -> RunFile:
        """Measure the best parameters on validation and test, and write the finished run."""
        state, dataset = self.state, self.dataset
        latest = state.parameters()
        state.load(state.best)
        try:
            validation = self._evaluate(dataset.validation, signals)
            test = None if dataset.test is None else self._evaluate(dataset.test, signals)
        except StopRequested:
            state.load(latest)
            raise
        state.progress.seconds = self._clock.seconds()
        state.progress.finished = True
        results = {
            **_figures("val", validation),
            **_figures("test", test),
            "seconds": state.progress.seconds,
            "steps": state.progress.step,
            "best_step": state.progress.best_step,
            "samples_per_second": self._clock.rate,
            **_count_parameters(self.network),
        }
        confusion = None
        if dataset.task == "classification":
            confusion = (test or validation).confusion(dataset.n_classes)
        run = state.snapshot(latest, results, confusion)
        if self.processes.first:
            run.write(target)
        return run

    def _save(self, target: Path) -> None:
        self.state.progress.seconds = self._clock.seconds()
        if self.processes.first:
            self.state.snapshot().write(target)
        self._clock.saved(self.state.progress.step)


def _figures(split: str, result: Evaluation | None) -> dict[str, float | None]:
    """Loss and accuracy with the ends of its interval, under flat names."""
    low, high = result.accuracy_interval if result else (None, None)
    return {
        f"{split}_loss": result.loss if result else None,
        f"{split}_accuracy": result.accuracy if result else None,
        f"{split}_accuracy_low": low,
        f"{split}_accuracy_high": high,
    }


def _count_parameters(network: ReLaXNet) -> dict[str, int]:
    """Count the trained numbers, in all and by the part of the network they are in."""
    report = network.parameter_report()
    return {
        "parameters": sum(report.values()),
        **{f"parameters_{part}": count for part, count in report.items()},
    }
