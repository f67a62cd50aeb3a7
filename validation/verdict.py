"""What became of a case: it passed, it was off by too much, or it broke."""

from __future__ import annotations

import time
from dataclasses import dataclass

from validation.case import Case, Measurement

__all__ = ["Verdict", "judge"]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The outcome of one case."""

    case: Case
    """What was judged."""

    measurement: Measurement | None
    """What was measured; None where the measurement itself broke."""

    reason: str
    """Why there is no measurement; empty where there is one."""

    seconds: float
    """Time that it took."""

    @property
    def error(self) -> float:
        """Distance of model and reference; NaN where there is no measurement."""
        return float("nan") if self.measurement is None else self.measurement.error

    @property
    def passed(self) -> bool:
        """Whether the error is within the tolerance. A NaN is not."""
        return self.error <= self.case.tolerance


def judge(case: Case) -> Verdict:
    """Measure a case. Whatever it raises counts as a failure and is told, not passed on."""
    began = time.perf_counter()
    measurement, reason = None, ""
    try:
        measurement = case.measure()
    except Exception as error:  # a model may break in any way, and the other cases still count
        reason = " ".join(f"{type(error).__name__}: {error}".split())
    return Verdict(
        case=case,
        measurement=measurement,
        reason=reason,
        seconds=time.perf_counter() - began,
    )
