import numpy as np
import pytest

from circuits.transient_inputs import sampled


def test_functions_are_taken_at_the_beginning_of_each_sample():
    rows = np.ones((2, 5))
    given = sampled({"in": lambda time: 3 * time + 1j, "add": rows}, dt=0.1, duration=0.5)
    np.testing.assert_allclose(given["in"], [1j, 0.3 + 1j, 0.6 + 1j, 0.9 + 1j, 1.2 + 1j])
    np.testing.assert_array_equal(given["add"], rows)
    assert sampled({"add": rows}, dt=0.1, duration=None)["add"] is rows


@pytest.mark.parametrize(
    ("inputs", "duration", "message"),
    [
        ({"in": np.cos}, None, "duration must say .* the input of port 'in' is a function"),
        ({"in": np.cos}, -1.0, "duration must be"),
        ({"in": np.cos}, 1e9, "more than 1,000,000,000 samples"),
        ({"in": np.ones(5)}, 0.4, r"'in' must have 4 samples .* got the shape \(5,\)"),
        ({"in": lambda time: 1.0}, 0.4, r"'in' must have 4 samples .* got the shape \(\)"),
    ],
)
def test_other_durations_are_refused(inputs, duration, message):
    with pytest.raises(ValueError, match=message):
        sampled(inputs, dt=0.1, duration=duration)
