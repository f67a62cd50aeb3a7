import pytest

from photon_relax import training_clock
from photon_relax.training_clock import TrainingClock


@pytest.fixture
def time(monkeypatch):
    """Return a hand that moves the clock's time forward."""
    now = [100.0]
    monkeypatch.setattr(training_clock.time, "perf_counter", lambda: now[0])

    def forward(seconds):
        now[0] += seconds

    return forward


def test_rate_counts_steps_only_and_leaves_out_the_first(time, small_config):
    clock = TrainingClock(small_config(steps=10), step=4, seconds=50.0)
    assert clock.rate == 0.0
    for step, seconds in ((5, 30.0), (6, 1.0), (7, 3.0)):
        clock.begin_step()
        time(seconds)
        left = clock.end_step(step, 16)
        time(2.0)  # a validation
    assert clock.rate == pytest.approx(32 / 4.0, rel=1e-12)
    # Two steps took 1 + 3 s and a validation of 2 s lay between; one more comes before the end.
    # Steps 6 and 7: 2 + 1 + 2 + 3 = 8 s, so 4 s each; three are left.
    assert left == pytest.approx(12.0, rel=1e-12)
    assert clock.seconds() == pytest.approx(50.0 + 30 + 1 + 3 + 6, rel=1e-12)


def test_checkpoints_are_due_by_seconds_or_by_steps(time, small_config):
    clock = TrainingClock(small_config(checkpoint_seconds=10.0, checkpoint_steps=5))
    assert not clock.checkpoint_is_due(4)
    assert clock.checkpoint_is_due(5)
    time(9.9)
    assert not clock.checkpoint_is_due(1)
    time(0.1)
    assert clock.checkpoint_is_due(1)
    clock.saved(1)
    assert not clock.checkpoint_is_due(5)
    assert clock.checkpoint_is_due(6)
