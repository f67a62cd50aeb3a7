import numpy as np
import pytest

from validation import case as registry
from validation.case import CASES, Case, Measurement, case, chosen, measured


def test_the_registry_cannot_be_written_from_outside():
    with pytest.raises(TypeError, match="does not support item assignment"):
        CASES["x"] = None


def test_a_case_is_registered_with_its_facts(own_cases):
    own_cases("ring-x", tolerance=0.5)
    entry = registry.CASES["ring-x"]
    assert isinstance(entry, Case)
    assert (entry.name, entry.tolerance, entry.formula) == ("ring-x", 0.5, "y = x")
    assert isinstance(entry.measure(), Measurement)


def test_the_decorated_function_stays_what_it_was(own_cases):
    def measure():
        return "measured"

    facts = dict.fromkeys(("title", "formula", "source", "model", "why"), "")
    assert case(name="a", tolerance=1.0, **facts)(measure) is measure


def test_a_name_is_used_once(own_cases):
    own_cases("ring-x")
    with pytest.raises(ValueError, match="there are two validation cases named 'ring-x'; rename"):
        own_cases("ring-x")


def test_the_error_is_the_largest_deviation_over_the_largest_reference():
    found = measured([0, 1, 2], [1.0, -4.0, 2.0], [1.1, -4.0, 2.2], x="x", y="y")
    assert found.error == pytest.approx(0.2 / 4.0)
    assert measured([0], [1.0], [2.0], x="x", y="y", error=7).error == 7.0


def test_arrays_broadcast_and_are_flattened():
    curve = measured(np.arange(3.0), 1.0, np.ones((2, 3)), x="x / s", y="y / V").curve
    for values, expected in (
        (curve.x, [0, 1, 2, 0, 1, 2]), (curve.reference, [1] * 6), (curve.simulated, [1] * 6)
    ):  # fmt: skip
        np.testing.assert_array_equal(values, expected)
        assert values.dtype == np.float64
    assert (curve.x_label, curve.y_label) == ("x / s", "y / V")


def test_arrays_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="shape mismatch"):
        measured([0, 1], [1, 2, 3], [1, 2, 3], x="x", y="y")


def test_a_pattern_chooses_in_the_order_of_definition(own_cases):
    for name in ("ring-b", "mesh-a", "ring-a"):
        own_cases(name)
    assert [entry.name for entry in chosen()] == ["ring-b", "mesh-a", "ring-a"]
    assert [entry.name for entry in chosen("ring-*")] == ["ring-b", "ring-a"]
    with pytest.raises(ValueError, match="named 'ring'. Give a pattern .* topics are mesh, ring."):
        chosen("ring")
