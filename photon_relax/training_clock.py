"""Times of a training run: how long so far, how fast, how long still, and whether to save."""

from __future__ import annotations

import time

from photon_relax.config import TrainingConfig

__all__ = ["TrainingClock"]


class TrainingClock:
    """Counts the seconds of a run over all its sessions, and the speed of the present one.

    Parameters
    ----------
    config
        The number of steps and the rules for checkpoints.
    step
        Steps taken before this session.
    seconds
        Seconds (s) spent before this session.
    """

    def __init__(self, config: TrainingConfig, step: int = 0, seconds: float = 0.0) -> None:
        self.config = config
        self.rate = 0.0
        """Samples per second, averaged over the last few dozen steps; 0 before the second."""
        self._first_step = step
        self._earlier = seconds
        self._began = self._stepped = self._saved = time.perf_counter()
        self._saved_step = step

    def seconds(self) -> float:
        """Seconds (s) spent on the run, in this session and before it."""
        return self._earlier + time.perf_counter() - self._began

    def begin_step(self) -> None:
        """Start to time a step, so that validations and checkpoints do not slow the rate."""
        self._stepped = time.perf_counter()

    def end_step(self, step: int, samples: int) -> float:
        """Note that `step` steps are done; return the seconds (s) that are probably left.

        The first step of a session compiles kernels and says nothing about the speed.
        """
        now = time.perf_counter()
        done = step - self._first_step
        if done == 1:
            self._began_second = now
        else:
            speed = samples / max(now - self._stepped, 1e-9)
            # An average over all steps so far, then over about the last fifty.
            weight = max(1.0 / (done - 1), 0.02)
            self.rate += weight * (speed - self.rate)
        left = self.config.steps - step
        if done < 2:
            return 0.0
        return left * (now - self._began_second) / (done - 1)

    def checkpoint_is_due(self, step: int) -> bool:
        """Say whether enough steps or seconds have passed since the last checkpoint."""
        rule = self.config.checkpoint_steps
        if rule is not None and step - self._saved_step >= rule:
            return True
        return time.perf_counter() - self._saved >= self.config.checkpoint_seconds

    def saved(self, step: int) -> None:
        """Note that a checkpoint was written after `step` steps."""
        self._saved = time.perf_counter()
        self._saved_step = step
