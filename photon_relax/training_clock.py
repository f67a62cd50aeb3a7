"""Times of a training run: how long so far, how fast, how long still, and whether to save."""

from __future__ import annotations

import time
from collections import deque

from photon_relax.config import TrainingConfig

__all__ = ["TrainingClock"]

_RECENT_STEPS = 50


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
        self._earlier = seconds
        self._began = self._stepped = self._saved = time.perf_counter()
        self.saved_step = step
        """Steps that the last checkpoint holds."""
        self._second_step: float | None = None
        self._step_seconds = 0.0
        self._samples = 0
        self._recent: deque[float] = deque(maxlen=_RECENT_STEPS)

    @property
    def rate(self) -> float:
        """Samples per second of the steps of this session, without what lies between them.

        The first step compiles kernels and does not count; 0 before the second.
        """
        return self._samples / self._step_seconds if self._samples else 0.0

    @property
    def recent_rate(self) -> float:
        """The same, of the last few steps; 0 too while it is not known."""
        if not self._recent:
            return 0.0
        return self.config.batch_size * len(self._recent) / sum(self._recent)

    def seconds(self) -> float:
        """Seconds (s) spent on the run, in this session and before it."""
        return self._earlier + time.perf_counter() - self._began

    def begin_step(self) -> None:
        """Start to time a step, so that validations and checkpoints do not slow the rate."""
        self._stepped = time.perf_counter()

    def end_step(self, step: int, samples: int) -> float:
        """Note that `step` steps are done; return the seconds (s) that are probably left.

        After the first step of a session that is not known yet, and 0 as the rate is.
        """
        now = time.perf_counter()
        if self._second_step is None:
            self._second_step = now
            return 0.0
        self._recent.append(now - self._stepped)
        self._step_seconds += now - self._stepped
        self._samples += samples
        # Validations and checkpoints slow what is left as they slowed what is done, while the
        # steps themselves go on at the present speed of the machine.
        overhead = (now - self._second_step) / self._step_seconds
        return (self.config.steps - step) * overhead * sum(self._recent) / len(self._recent)

    def checkpoint_is_due(self, step: int) -> bool:
        """Say whether enough steps or seconds have passed since the last checkpoint."""
        rule = self.config.checkpoint_steps
        if rule is not None and step - self.saved_step >= rule:
            return True
        return time.perf_counter() - self._saved >= self.config.checkpoint_seconds

    def saved(self, step: int) -> None:
        """Note that a checkpoint was written after `step` steps."""
        self._saved = time.perf_counter()
        self.saved_step = step
