"""Trained weights onto imperfect chips: programming, correction, fine-tuning, and what is left."""

from photon_relax.programming.pipeline import ProgrammingWatcher
from photon_relax.programming.plan import ProgrammingPlan
from photon_relax.programming.result import Programming
from photon_relax.programming.stages import BankRecord, Elements, StageResult
from photon_relax.programming.work import ProgrammingInterrupted, program_run

__all__ = [
    "BankRecord",
    "Elements",
    "Programming",
    "ProgrammingInterrupted",
    "ProgrammingPlan",
    "ProgrammingWatcher",
    "StageResult",
    "program_run",
]
