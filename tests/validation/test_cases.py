"""The registry: every model agrees with its closed form, here as in ``photon-relax validate``."""

from collections import Counter

import numpy as np
import pytest

import validation.cases
from validation.case import CASES
from validation.verdict import judge

assert validation.cases  # it registers them


@pytest.mark.parametrize("name", CASES)
def test_model_agrees_with_its_closed_form(name):
    verdict = judge(CASES[name])
    assert verdict.reason == ""
    assert verdict.passed, f"error {verdict.error:.3g}, tolerance {CASES[name].tolerance:.3g}"
    curve = verdict.measurement.curve
    assert len(curve.x) == len(curve.reference) == len(curve.simulated) > 1
    assert np.all(np.isfinite([curve.x, curve.reference, curve.simulated]))


@pytest.mark.parametrize("name", CASES)
def test_facts_are_complete(name):
    case = CASES[name]
    assert name == name.lower().strip("-")
    assert "-" in name
    assert " " not in name
    for fact in ("title", "formula", "source", "model", "why"):
        text = getattr(case, fact)
        assert text == " ".join(text.split())
        assert text
    assert 0 <= case.tolerance < np.inf
    assert case.model.startswith(("devices.", "circuits.", "photon_relax."))


def test_models_that_are_named_exist():
    missing = [case.name for case in CASES.values() if not _exists(case.model)]
    assert missing == []


def _exists(model):
    """Whether the first dotted name of ``model`` leads somewhere."""
    first = model.split(",")[0].split()[0]
    package, *path = first.split(".")
    place = __import__(package)
    for part in path:
        if not hasattr(place, part):
            try:
                __import__(f"{place.__name__}.{part}")
            except (ImportError, AttributeError):
                return part in getattr(place, "__dataclass_fields__", {})
        place = getattr(place, part)
    return True


def test_titles_are_told_apart():
    assert [t for t, n in Counter(case.title for case in CASES.values()).items() if n > 1] == []


# The list of PHYSICS §7: number, and the cases that it has become.
SPECIFIED = {
    1: "mzi-powers", 2: "mzi-imperfect", 3: "mzi-extinction", 4: "mesh-unitarity",
    5: "mesh-round-trip", 6: "mesh-size", 7: "mesh-splitter-errors", 8: "mesh-phase-errors",
    9: "mesh-corrected", 10: "mesh-svd", 11: "mesh-reciprocity",
    12: "ring-all-pass ring-add-drop", 13: "ring-lossless", 14: "ring-critical-coupling",
    15: "ring-linewidth ring-quality-factor", 16: "ring-delay ring-delay-peak",
    17: "ring-coupled-mode", 18: "ring-down", 19: "ring-energy-balance", 20: "ring-of-delay",
    21: "loop-recirculating", 22: "ring-fabry-perot", 23: "mirror-sagnac",
    24: "ring-kramers-kronig", 25: "receiver-step",
    26: "receiver-noise-variance receiver-discrete-bandwidth", 27: "amplifier-beats",
    28: "amplifier-friis", 29: "crosstalk-extremes crosstalk-variance", 30: "crosstalk-penalty",
    31: "switch-pair-leakage", 32: "switch-gate-edges", 33: "loop-slot-memory",
    34: "converter-sine converter-bits", 35: "ring-weight-extremes", 36: "crossbar-word-line",
    37: "ring-two-photon", 38: "loop-link-budget",
    39: "loop-gradient-torch loop-gradient-differences", 40: "loop-noise-threads",
    41: "loop-ideal-square-law loop-ideal-homodyne",
}  # fmt: skip


def test_all_specified_cases_are_there_and_at_least_fifteen_more():
    assert list(SPECIFIED) == list(range(1, 42))
    named = {name for names in SPECIFIED.values() for name in names.split()}
    assert named <= CASES.keys()
    assert len(CASES) >= len(named) + 15
