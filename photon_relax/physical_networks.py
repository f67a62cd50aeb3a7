"""Physical networks that others have built, by year and by what they hold.

The chart of the paper's figure 1 (arXiv 2511.00044), with those points only whose count the
abstract of a publication states: few, so that a design can be placed among them and no more.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

__all__ = ["PhysicalNetwork", "describe_place", "physical_networks"]


@dataclass(frozen=True, kw_only=True)
class PhysicalNetwork:
    """One published network."""

    name: str
    """Short name for the chart."""

    year: int
    """Of its publication."""

    kind: Literal["photonic", "electronic", "digital"]
    """What computes: light, analogue electronics, or, for comparison, a digital computer."""

    count: int
    """What it holds."""

    counted: str
    """What is counted: not every publication counts parameters."""

    source: str
    """The publication that states it."""


def physical_networks() -> tuple[PhysicalNetwork, ...]:
    """Return the networks of the chart, smallest first."""
    text = (files(__package__) / "physical_networks.toml").read_text(encoding="utf-8")
    found = (PhysicalNetwork(**entry) for entry in tomllib.loads(text)["network"])
    return tuple(sorted(found, key=lambda network: network.count))


def describe_place(parameters: int) -> str:
    """Say between which physical networks a design of so many parameters stands."""
    built = [network for network in physical_networks() if network.kind != "digital"]
    below = [network for network in built if network.count <= parameters]
    above = [network for network in built if network.count > parameters]
    words = [
        f"{side} {network.name} {network.year} ({network.count:,} {network.counted})"
        for side, network in (
            *(("above", network) for network in below[-1:]),
            *(("below", network) for network in above[:1]),
        )
    ]
    return f"{parameters:,} parameters: {', '.join(words)}"
