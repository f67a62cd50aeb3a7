import numpy as np
import pytest

from validation.case import chosen
from validation.verdict import judge


@pytest.mark.parametrize(
    ("error", "passed"),
    [(0.0, True), (1e-3, True), (1.001e-3, False), (np.inf, False), (np.nan, False)],
)
def test_an_error_up_to_the_tolerance_passes(own_cases, error, passed):
    own_cases("a-b", error=error)
    verdict = judge(chosen()[0])
    assert verdict.passed is passed
    assert verdict.reason == ""
    np.testing.assert_equal(verdict.error, error)
    assert verdict.seconds > 0


def test_what_raises_has_failed_and_says_why(own_cases):
    own_cases("a-b", raises=ValueError("two\n lines"))
    verdict = judge(chosen()[0])
    assert not verdict.passed
    assert verdict.measurement is None
    assert np.isnan(verdict.error)
    assert verdict.reason == "ValueError: two lines"


def test_a_ctrl_c_is_not_a_failure(own_cases):
    own_cases("a-b", raises=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        judge(chosen()[0])
