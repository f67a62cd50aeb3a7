"""A trained network under other conditions: deeper physics, or worse hardware.

Every fidelity that is asked for meets every hardware, the trained ones always among them, so that
each change is seen by itself as well as with the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photon_relax.config import FidelityName
from photon_relax.datasets import Split
from photon_relax.evaluation import Evaluation, evaluate
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet

__all__ = ["Condition", "compare", "conditions", "hardware_variants"]


@dataclass(frozen=True)
class Condition:
    """What a trained network is evaluated with."""

    fidelity: FidelityName
    """Depth of physics."""
    hardware: Hardware
    """The devices."""
    label: str
    """What differs from the training, in a few words."""


def hardware_variants(
    trained: Hardware, files: Sequence[str | Path], changes: Mapping[str, Any]
) -> list[tuple[str, Hardware]]:
    """Name and make every other hardware that is asked for.

    Each file is one; `changes` apply to each of them, or, without files, to the hardware that the
    network was trained on.

    Raises
    ------
    ValueError
        A key or a value is wrong, in a file or in the changes.
    OSError
        A file cannot be read.
    """
    told = ", ".join(f"{key} = {value}" for key, value in changes.items())
    if not files:
        return [(told, trained.with_values(changes))] if changes else []
    return [
        (", ".join(filter(None, [str(file), told])), Hardware.from_toml(file).with_values(changes))
        for file in files
    ]


def conditions(
    trained_fidelity: FidelityName,
    trained_hardware: Hardware,
    fidelities: Sequence[FidelityName],
    variants: Sequence[tuple[str, Hardware]],
) -> list[Condition]:
    """Combine fidelities and hardware, the conditions of the training first.

    The ideal network has no devices, so it is evaluated once.

    Raises
    ------
    ValueError
        Other hardware, but no fidelity at which it would matter.
    """
    if variants and {trained_fidelity, *fidelities} == {"ideal"}:
        raise ValueError(
            "the fidelity ideal has no devices, so other hardware changes nothing; "
            "add --fidelity slot or --fidelity waveform"
        )
    listed = []
    for name, hardware in [("", trained_hardware), *variants]:
        for fidelity in dict.fromkeys([trained_fidelity, *fidelities]):
            if fidelity == "ideal" and name:
                continue
            label = ", ".join(filter(None, [fidelity, name]))
            listed.append(Condition(fidelity, hardware, label))
    first = listed[0]
    listed[0] = Condition(first.fidelity, first.hardware, f"{first.label} (as trained)")
    return listed


def compare(
    network: ReLaXNet,
    split: Split,
    listed: Sequence[Condition],
    *,
    batch_size: int,
    block: int,
    announce: Callable[[Condition], None],
    check: Callable[[], None] | None = None,
) -> list[Evaluation]:
    """Evaluate one trained network under each condition; `announce` hears of each before.

    `check` is called between batches and may raise to give up.
    """
    # Hardware that does not fit the network is refused before any time is spent.
    networks = [network.at(condition.fidelity, condition.hardware) for condition in listed]
    results = []
    for condition, changed in zip(listed, networks, strict=True):
        announce(condition)
        results.append(evaluate(changed, split, batch_size=batch_size, block=block, check=check))
    return results
