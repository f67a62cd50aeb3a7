"""``photon-relax evaluate``: how a trained network bears deeper physics and worse hardware."""

from __future__ import annotations

from photon_relax.cli.options import (
    DataDirectory,
    Fidelities,
    HardwareChanges,
    HardwareFiles,
    Json,
    Run,
    Split,
    fidelities_of,
)
from photon_relax.config import hardware_changes

__all__ = ["evaluate"]


def evaluate(
    run: Run,
    fidelity: Fidelities = None,
    hardware: HardwareFiles = None,
    assignments: HardwareChanges = None,
    split: Split = None,
    data_dir: DataDirectory = None,
    as_json: Json = False,
) -> None:
    """Evaluate a trained network under other conditions than it was trained under.

    Every fidelity meets every hardware, the trained ones among them.
    The table shows loss and accuracy and their change against the training
    conditions, with 95 % intervals; evaluation.png in the run folder shows
    them as bars.
    """
    changes = hardware_changes(assignments or [])

    from photon_relax.cli.evaluation_session import EvaluationSession

    session = EvaluationSession(
        run=run,
        fidelities=fidelities_of(fidelity),
        hardware_files=hardware or [],
        changes=changes,
        split=split,
        data_dir=data_dir,
        as_json=as_json,
    )
    session.execute()
