"""Numbers with a unit, as one writes them on a command line: 1550nm, 2ns, 10GHz, 1mW."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["UNITS", "quantity"]

_PREFIXES = {
    "f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "": 1.0,
    "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
}  # fmt: skip


def _with_prefixes(*units: str) -> Mapping[str, float]:
    table = {prefix + unit: scale for unit in units for prefix, scale in _PREFIXES.items()}
    return MappingProxyType({"": 1.0, **table})


UNITS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "m": _with_prefixes("m"),
        "s": _with_prefixes("s"),
        "Hz": _with_prefixes("Hz"),
        "W": _with_prefixes("W"),
        "rad": MappingProxyType({"": 1.0, "rad": 1.0, "deg": math.pi / 180}),
        "": _with_prefixes("V", "A"),
    }
)
"""What may follow a number of each unit, and its size; nothing always may. An electrical signal is
a plain number, a voltage or a current."""


def quantity(text: str, unit: str) -> float:
    """Return a finite number in SI units.

    Parameters
    ----------
    text
        A number, and perhaps one of the `UNITS` of ``unit`` behind it.
    unit
        A key of `UNITS`.

    Raises
    ------
    ValueError
        The text is something else.
    """
    found = re.fullmatch(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-zµμ]*)\s*", text)
    value = math.nan if found is None else float(found[1]) * UNITS[unit].get(found[2], math.nan)
    if not math.isfinite(value):
        raise ValueError(f"{text.strip()!r} is no number in {unit or 'V or A, or without a unit'}")
    return value
