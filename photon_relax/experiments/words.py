"""Parameters and figures of experiments as a reader sees them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from photon_relax.studies.answer import Estimate

__all__ = [
    "change_text",
    "estimate_text",
    "figure_name",
    "is_share",
    "margin_text",
    "name_text",
    "network_kind",
    "place_text",
    "scale_of",
]

_SYMBOLS = {
    "weight_sets": "L_W",
    "repetitions": "L_T",
    "width": "N",
    "hardware.order": "order",
}
_PLAIN = ("fidelity", "dataset", "features", "start")
"""Parameters whose values say which they are."""


_OFF = {"slot_gain": False, "skip": 0.0, "normalise": 0.0}
"""Values that say that something is not there, and that need not be said."""


def name_text(name: str) -> str:
    """Return a parameter as it is written in the paper."""
    return _SYMBOLS.get(name, name.replace("_", " "))


def place_text(point: Mapping[str, Any]) -> str:
    """Return where a point lies: ``L_W = 4, L_T = 12, slot``."""
    return ", ".join(
        str(value) if name in _PLAIN else f"{name_text(name)} = {_value(value)}"
        for name, value in point.items()
        if name not in _OFF or value != _OFF[name]
    )


def network_kind(point: Mapping[str, Any]) -> str:
    """Name what a network is by its weight sets and its depth, where both are told."""
    weight_sets, repetitions = point.get("weight_sets"), point.get("repetitions")
    if weight_sets is None or repetitions is None:
        return ""
    if weight_sets == repetitions:
        return "DNN"
    return "RNN" if weight_sets == 1 else "ReLaX-Net"


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value).lower()


def is_share(figure: str) -> bool:
    """Say whether a figure is a share, which is written in per cent."""
    return figure.endswith(("_error", "_accuracy"))


def figure_name(figure: str) -> str:
    """Return a figure as words with its unit."""
    if figure.endswith("_decades"):
        when = "before training" if figure.startswith("start_") else "after training"
        return f"log₁₀ of first over last gradient, {when}"
    words = figure.replace("val_", "validation ").replace("_", " ")
    if is_share(figure):
        return f"{words} (%)"
    return f"{words} (nats)" if figure.endswith("loss") else words


def scale_of(figure: str) -> float:
    """Return by what a figure is multiplied to be written in its unit."""
    return 100.0 if is_share(figure) else 1.0


def estimate_text(figure: str, found: Estimate) -> str:
    """Write a mean with its interval, in the unit of `figure_name`."""
    return _with_interval(figure, found, "")


def margin_text(figure: str, margin: float) -> str:
    """Write how much a change may be."""
    return f"{100 * margin:g} points" if is_share(figure) else f"{margin:g}"


def change_text(figure: str, found: Estimate) -> str:
    """Write a difference with its sign and its interval."""
    return _with_interval(figure, found, "+")


def _with_interval(figure: str, found: Estimate, sign: str) -> str:
    if math.isnan(found.value):
        return "not measured"
    factor, digits = (100.0, 2) if is_share(figure) else (1.0, 3)
    value, low, high = (
        f"{factor * end:{sign}.{digits}f}".replace("-", "−")
        for end in (found.value, found.low, found.high)
    )
    return value if math.isnan(found.low) else f"{value} ({low} … {high})"
