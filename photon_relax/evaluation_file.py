"""The last evaluation of a run, kept beside it as ``evaluation.json``: what a report draws."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from photon_relax.atomic_file import write_atomically

__all__ = ["EVALUATION_NAME", "ConditionRecord", "EvaluationRecord"]

EVALUATION_NAME = "evaluation.json"


class ConditionRecord(BaseModel):
    """The figures of one condition with their 95 % intervals; changes are against the first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    condition: str
    fidelity: Literal["ideal", "slot", "waveform"]
    loss: float
    loss_low: float
    loss_high: float
    loss_change: float
    loss_change_low: float
    loss_change_high: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    accuracy_change: float
    accuracy_change_low: float
    accuracy_change_high: float


class EvaluationRecord(BaseModel):
    """One evaluation, and how it was asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    split: Literal["test", "validation"]
    samples: int
    step: int
    """Of the parameters that were evaluated."""
    picture: str
    options: list[str]
    """Words behind ``photon-relax evaluate RUN``, without the folder of the data."""
    conditions: list[ConditionRecord] = Field(min_length=1)

    def write(self, folder: Path) -> None:
        """Keep it in the folder of its run, in place of an older one."""
        write_atomically(folder / EVALUATION_NAME, json.dumps(self.as_json()).encode())

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return self.model_dump()

    @classmethod
    def read(cls, folder: Path) -> EvaluationRecord | None:
        """Read the last evaluation of a run, or None where there is none.

        Raises
        ------
        ValueError
            The file is damaged.
        OSError
            It cannot be read.
        """
        path = folder / EVALUATION_NAME
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the whole"
            raise ValueError(
                f"{path} is damaged ({where}: {first['msg']}); evaluate the run again"
            ) from None
