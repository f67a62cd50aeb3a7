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
