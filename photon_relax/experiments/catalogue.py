"""Which experiments ship; light, for the command line lists them in its help."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

__all__ = ["experiment_names", "experiment_summaries", "read_shipped"]

_FIRST = ("figure-5", "equal-budget", "balance-map", "shakespeare-depth", "hardware")
"""In the order of the paper; others follow by name."""


def _texts() -> dict[str, str]:
    found = {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in files("photon_relax.experiments").iterdir()
        if entry.name.endswith(".toml")
    }
    first = [name for name in _FIRST if name in found]
    return {name: found[name] for name in (*first, *sorted(found.keys() - set(first)))}


def experiment_names() -> tuple[str, ...]:
    """Name the experiments."""
    return tuple(_texts())


def experiment_summaries() -> dict[str, str]:
    """Say what each experiment is, in a line."""
    return {name: str(tomllib.loads(text)["summary"]) for name, text in _texts().items()}


def read_shipped(name: str) -> dict[str, Any]:
    """Return the content of an experiment's file.

    Raises
    ------
    ValueError
        There is none of this name; the message lists those that are there.
    """
    texts = _texts()
    if name not in texts:
        raise ValueError(f"there is no experiment {name!r}; known: {', '.join(texts)}")
    return tomllib.loads(texts[name])
