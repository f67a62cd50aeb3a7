"""Numbers as a page shows them: few digits, powers of ten raised, units with their prefixes."""

from __future__ import annotations

import math

__all__ = ["figures", "percent", "plain_with_unit", "scale_of", "with_unit"]

_PREFIXES = {
    -18: "a", -15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T",
}  # fmt: skip
_SCALED = ("W", "A", "V", "s", "Hz", "m", "J", "F", "C", "Ω", "S", "rad")
"""Units that take a prefix; dB, K and the composed ones stand as they are."""


def figures(value: float, digits: int = 2) -> str:
    """Return a few digits as HTML, as 3.2·10⁻¹⁵ where the number is very small or large."""
    if not math.isfinite(value) or value == 0 or 1e-3 <= abs(value) < 1e4:
        # Rounded first, and then written out: 1234 with two digits is 1200.
        return f"{float(f'{value:.{digits}g}'):.9g}"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = str(int(exponent)).replace("-", "−")
    return f"{float(mantissa):g}·10<sup>{power}</sup>"


def with_unit(value: float, unit: str) -> str:
    """Return a value with its unit and a prefix, 1e-10 s as 100 ps, at four digits as HTML."""
    if not math.isfinite(value):
        return f"{'−' if value < 0 else ''}∞ {unit}".rstrip()
    if value == 0 or unit not in _SCALED:
        return f"{figures(value, 4)} {unit}".rstrip()
    # Rounded first, so that 999.99 ps is 1 ns.
    factor, scaled = scale_of(float(f"{abs(value):.4g}"), unit)
    return f"{value / factor:.4g} {scaled}"


def plain_with_unit(value: float, unit: str) -> str:
    """Return the same as plain text, for figures."""
    if math.isfinite(value) and value and unit in _SCALED:
        return with_unit(value, unit)
    return f"{value:.4g} {unit}".rstrip()


def scale_of(size: float, unit: str) -> tuple[float, str]:
    """Return the prefix that fits a size > 0, as its factor and the unit with it: (1e-6, "µA")."""
    # log10(1e-6)/3 may fall just below −2.
    exponent = 3 * math.floor(math.log10(size) / 3 + 1e-12)
    exponent = min(max(exponent, min(_PREFIXES)), max(_PREFIXES))
    return 10.0**exponent, f"{_PREFIXES[exponent]}{unit}"


def percent(value: float, digits: int = 1) -> str:
    """Return a share as 96.4 %."""
    return f"{100 * value:.{digits}f} %"
