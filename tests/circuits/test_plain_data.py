"""Plain data: copies of what a netlist may hold, counted and bounded."""

import numpy as np
import pytest

from circuits.plain_data import Budget, plain


def test_copies_are_apart_and_plain():
    shared = [1, 2.5, "x", None, True, 1j]
    copied = plain({"a": shared, "b": shared, "c": np.eye(2), "d": np.int64(3)}, "x")
    assert copied == {
        "a": shared,
        "b": shared,
        "c": [[1.0, 0.0], [0.0, 1.0]],
        "d": 3,
    }
    assert copied["a"] is not copied["b"]


def test_shared_parts_are_counted_every_time():
    bomb = [0]
    for _ in range(40):
        bomb = [bomb, bomb]
    with pytest.raises(ValueError, match="ring.yml holds more than 100,000 values once aliases"):
        plain(bomb, "ring.yml", Budget(100_000))


def test_a_budget_is_spent_once():
    budget = Budget(10)
    plain([1] * 8, "x", budget)
    with pytest.raises(ValueError, match="x holds more than 10 values"):
        plain([1], "x", budget)
    with pytest.raises(ValueError, match="x holds more than 100 values"):
        plain(np.zeros(1000), "x", Budget(100))


def test_a_structure_within_itself_is_refused():
    circle = {}
    circle["a"] = circle
    with pytest.raises(ValueError, match="nested more than 64 levels deep .perhaps it contains"):
        plain(circle, "x")


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object(), np.datetime64("2026-01-01"), print])
def test_other_objects_are_refused(value):
    with pytest.raises(ValueError, match=r"x\.a must be plain data: numbers, text"):
        plain({"a": value}, "x")


def test_keys_are_text():
    with pytest.raises(ValueError, match=r"x\.a: a key must be text \(it is a name\); got 2"):
        plain({"a": {2: 1}}, "x")
