"""What is asked of a programming."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from photon_relax.hardware import Hardware
from photon_relax.network import BankName

__all__ = ["ProgrammingPlan"]


@dataclass(frozen=True, kw_only=True)
class ProgrammingPlan:
    """What is to be done with a trained network.

    Raises
    ------
    ValueError
        A value is out of range.
    """

    hardware: Hardware = field(default_factory=Hardware)
    """Of the machine; its seed is set aside for the chips'."""

    chips: tuple[int, ...] = (0, 1, 2)
    """Seeds of the chips."""

    bank: BankName | None = None
    """Kind of bank; None: the one of the machine."""

    stages: tuple[str, ...] | None = None
    """Ways of programming, those of `Technique.stages`; None: all."""

    fidelity: Literal["slot", "waveform"] = "slot"
    """Depth of physics at which chips are evaluated and trained."""

    fine_tune: int = 100
    """Optimiser steps with the hardware in the loop; 0: none."""

    fine_tune_on: Literal["chip", "draws"] = "chip"
    """Whether each chip is trained on by itself, or one network on ever new chips."""

    learning_rate: float = 2e-3
    """Of the fine-tuning, at its highest."""

    def __post_init__(self) -> None:
        if not self.chips or len(set(self.chips)) < len(self.chips):
            raise ValueError(f"chips must be different seeds, at least one; got {self.chips}.")
        if self.fine_tune < 0:
            raise ValueError(
                f"fine_tune must be ≥ 0 (steps; 0 leaves fine-tuning out); got {self.fine_tune}."
            )
