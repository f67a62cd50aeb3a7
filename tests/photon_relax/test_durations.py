import pytest

from photon_relax.durations import describe_duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"), (7810, "2 h 10 min")],
)
def test_durations_in_words(seconds, text):
    assert describe_duration(seconds) == text
