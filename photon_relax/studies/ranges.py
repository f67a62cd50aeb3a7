"""What values a parameter of a study takes: a list, a range, or a distribution.

Written the same way in a study file and in Python, one word and what it needs::

    [10.0, 20.0, 30.0]                  the values themselves; also {list = [...]}
    {linear = [0.0, 1.0, 5]}            from, to, how many, evenly spaced
    {log = [1.0, 100.0, 7]}             the same, evenly spaced in the logarithm
    {integers = [1, 8]}                 whole numbers from, to; a third number is the step
    {uniform = [0.0, 1.0]}              a distribution: between two ends
    {normal = [0.02, 0.005]}            mean and standard deviation
    {lognormal = [1e9, 0.3]}            median and standard deviation of the natural logarithm

``within = [low, high]`` cuts a distribution off. A grid needs values that can be counted; a range
without a count has its two ends. The sampled designs need no count, for they ask for quantiles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

__all__ = ["KINDS", "Range", "read_range"]

_MOST_VALUES = 1_000_000


@dataclass(frozen=True)
class Range:
    """The values of one parameter, checked; made by `read_range`."""

    kind: str
    """The word: list, linear, log, integers, uniform, normal or lognormal."""
    content: tuple[Any, ...]
    """What stands behind it."""
    within: tuple[float, float] | None = None
    """Ends at which a distribution is cut off."""

    def grid(self) -> tuple[Any, ...]:
        """List the values.

        Raises
        ------
        ValueError
            The range does not say which values it has.
        """
        if self.kind == "list":
            return self.content
        if self.kind == "integers":
            return tuple(range(self.content[0], self.content[1] + 1, *self.content[2:]))
        if self.kind not in ("linear", "log"):
            raise ValueError(
                f"{self.kind} is a distribution, which a grid cannot take; name the values, or "
                'choose design = "latin-hypercube", "sobol" or "monte-carlo"'
            )
        space = np.linspace if self.kind == "linear" else np.geomspace
        return tuple(space(*self.content, *([2] if len(self.content) == 2 else [])).tolist())

    def quantile(self, probability: float) -> Any:
        """Give the value below which this share of all values lies; shares are in [0, 1)."""
        if self.kind in ("list", "integers"):
            values = self.grid()
            return values[min(int(probability * len(values)), len(values) - 1)]
        if self.within is not None:
            low, high = _shares(self)
            probability = low + (high - low) * probability
        # The ends of an unbounded distribution are infinite, and 0 can be drawn.
        probability = min(max(probability, 2.0**-53), 1.0 - 2.0**-53)
        value = float(_QUANTILES[self.kind](*self.content[:2], probability))
        return value if self.within is None else min(max(value, self.within[0]), self.within[1])

    def demand_distinct(self, name: str) -> None:
        """Refuse a list that names a value twice.

        Raises
        ------
        ValueError
            The message names the parameter.
        """
        if self.kind == "list" and len(set(self.content)) < len(self.content):
            raise ValueError(f"{name}: list names a value twice: {list(self.content)}")

    def describe(self) -> dict[str, Any]:
        """Give what `read_range` reads."""
        cut = {} if self.within is None else {"within": list(self.within)}
        return {self.kind: list(self.content), **cut}


def _shares(cut: Range) -> tuple[float, float]:
    """Probabilities that the uncut distribution gives to less than either end."""
    assert cut.within is not None
    low, high = (_PROBABILITIES[cut.kind](*cut.content, end) for end in cut.within)
    return float(low), float(high)


_Function = Callable[..., Any]
_QUANTILES: dict[str, _Function] = {
    "linear": lambda low, high, p: low + (high - low) * p,
    "uniform": lambda low, high, p: low + (high - low) * p,
    "log": lambda low, high, p: low * (high / low) ** p,
    "normal": lambda mean, deviation, p: mean + deviation * ndtri(p),
    "lognormal": lambda median, deviation, p: median * math.exp(deviation * ndtri(p)),
}
_PROBABILITIES: dict[str, _Function] = {
    "uniform": lambda low, high, x: min(max((x - low) / (high - low), 0.0), 1.0),
    "normal": lambda mean, deviation, x: ndtr((x - mean) / deviation),
    "lognormal": lambda median, deviation, x: (
        ndtr(math.log(x / median) / deviation) if x > 0 else 0.0
    ),
}
KINDS = ("list", "integers", *_QUANTILES)


def read_range(name: str, description: Any) -> Range:
    """Read what is written for one parameter.

    Raises
    ------
    ValueError
        The description is malformed; the message names the parameter and what would be right.
    """
    if isinstance(description, Sequence) and not isinstance(description, str):
        description = {"list": description}
    if not isinstance(description, Mapping):
        raise ValueError(
            f"{name} needs its values, such as [10, 20] or {{log = [1, 100, 7]}}; "
            f"got {description!r}"
        )
    kinds = [key for key in description if key != "within"]
    if len(kinds) != 1 or kinds[0] not in KINDS:
        raise ValueError(f"{name} {_explain_kinds(kinds)}")
    try:
        return _checked(kinds[0], description[kinds[0]], description.get("within"))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _explain_kinds(kinds: Sequence[Any]) -> str:
    near = [match for kind in kinds for match in get_close_matches(str(kind), KINDS, n=1)]
    if len(kinds) == 1 and near:
        return f"has the unknown kind of range {kinds[0]}; did you mean {near[0]}?"
    return f"needs one of {', '.join(KINDS)}; got {', '.join(map(str, kinds)) or 'none'}"


def _checked(kind: str, content: Any, within: Any) -> Range:
    if not isinstance(content, Sequence) or isinstance(content, str):
        raise ValueError(f"{kind} takes a list of values in brackets; got {content!r}")
    if kind == "list":
        _check_list(content)
    elif kind == "integers":
        _check_integers(content)
    else:
        _check_numbers(kind, content)
    if within is None:
        return Range(kind, tuple(content))
    if kind not in _PROBABILITIES:
        raise ValueError(
            f"within cuts off {', '.join(_PROBABILITIES)}; it says nothing about {kind}"
        )
    _demand(within, 2, "within takes two numbers, the lower and the upper end")
    _demand_rising("within", within)
    cut = Range(kind, tuple(content), (float(within[0]), float(within[1])))
    low, high = _shares(cut)
    if not high > low:
        raise ValueError(f"within {list(within)} holds nothing of {kind} {list(content)}")
    return cut


def _check_list(content: Sequence[Any]) -> None:
    if not content:
        raise ValueError("list holds no value")
    for value in content:
        if not isinstance(value, int | float | str) or value != value:
            raise ValueError(f"list takes numbers, words, true and false; got {value!r}")
    words = [isinstance(value, str) for value in content]
    if any(words) and not all(words):
        raise ValueError(f"list mixes words and numbers: {list(content)}")


def _check_integers(content: Sequence[Any]) -> None:
    whole = all(isinstance(v, int) and not isinstance(v, bool) for v in content)
    if len(content) not in (2, 3) or not whole:
        raise ValueError(f"integers takes two or three whole numbers; got {list(content)}")
    _demand_rising("integers", content)
    if len(content) == 3 and content[2] < 1:
        raise ValueError(f"integers needs a step of at least 1; got {content[2]}")
    if content[1] - content[0] >= _MOST_VALUES:
        raise ValueError(f"integers has more than {_MOST_VALUES:,} values")


def _check_numbers(kind: str, content: Sequence[Any]) -> None:
    counted = kind in ("linear", "log")
    if counted and len(content) == 3:
        count = content[2]
        if isinstance(count, bool) or not isinstance(count, int) or not 2 <= count <= _MOST_VALUES:
            raise ValueError(
                f"{kind} takes as its third number how many values it has, 2 to {_MOST_VALUES:,}; "
                f"got {count!r}"
            )
        content = content[:2]
    words = "from and to, and how many" if counted else "two numbers"
    _demand(content, 2, f"{kind} takes {words}")
    if kind not in ("normal", "lognormal"):
        _demand_rising(kind, content)
    elif content[1] <= 0:
        raise ValueError(f"{kind} needs a standard deviation > 0; got {content[1]}")
    if kind in ("log", "lognormal") and content[0] <= 0:
        raise ValueError(f"{kind} needs numbers > 0; got {content[0]}")


def _demand(content: Any, count: int, words: str) -> None:
    fits = isinstance(content, Sequence) and len(content) == count
    if not fits or not all(
        isinstance(v, int | float) and not isinstance(v, bool) and math.isfinite(v) for v in content
    ):
        raise ValueError(f"{words}; got {content!r}")


def _demand_rising(kind: str, content: Sequence[Any]) -> None:
    if not content[0] < content[1]:
        raise ValueError(f"{kind} must rise from its first number; got {list(content)}")
