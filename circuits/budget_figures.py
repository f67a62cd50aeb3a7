"""The rows of a budget: a step of the link, a noise, a share of power or area, a check."""

from dataclasses import dataclass
from math import inf, log10
from typing import Literal

from circuits.budget_assumptions import Origin

__all__ = ["Check", "Delay", "LinkStep", "Noise", "Share"]


@dataclass(frozen=True, kw_only=True)
class LinkStep:
    """One step from the source to the receiver."""

    name: str
    """What the signal passes."""

    change_db: float
    """Change of its level in dB, negative for loss."""

    level: float
    """Level behind the step, in `unit`."""

    unit: Literal["W", "A"]
    """W of light; A, where the machine is electrical."""

    source: str
    """Where the number comes from."""

    @property
    def level_db(self) -> float:
        """Level in dBm, or in dB over 1 µA."""
        if self.level == 0:
            return -inf
        return 10 * log10(self.level / 1e-3) if self.unit == "W" else 20 * log10(self.level / 1e-6)


@dataclass(frozen=True, kw_only=True)
class Noise:
    """One of the noises of the signal that a receiver reads."""

    name: str
    """What makes it."""

    variance: float
    """In the square of the signal's unit, of the z of f(z)."""

    simulated: bool
    """Whether the loop adds it as random numbers (quantisers are simulated as they are)."""

    source: str
    """Formula, and where its numbers come from."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """A number of equal parts, and what they need together."""

    name: str
    """What needs it."""

    count: float
    """How many there are."""

    each: float
    """What one of them needs, on average."""

    unit: str
    """W or m²."""

    origin: Origin
    """Where `each` comes from."""

    source: str
    """The same in words."""

    static: bool = False
    """Of a power: whether it is needed also while nothing is computed."""

    @property
    def total(self) -> float:
        """What they need together."""
        return self.count * self.each


@dataclass(frozen=True, kw_only=True)
class Delay:
    """A part of the way around the loop, and how long the signal takes."""

    name: str
    """The part."""

    time: float
    """In s."""

    origin: Origin
    """Where it comes from."""

    source: str
    """The same in words."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One condition that a machine has to meet."""

    name: str
    """What is compared."""

    passed: bool
    """Whether it is met."""

    value: float
    """What the machine has."""

    limit: float
    """What it must not exceed, or fall below."""

    unit: str
    """Unit of both; "1" for a plain number."""

    relation: Literal["≤", "≥"]
    """How the value has to stand to the limit."""

    advice: str
    """What would be right where it is not met; why it holds where it is."""
