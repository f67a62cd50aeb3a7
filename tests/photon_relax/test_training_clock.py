import pytest

from photon_relax import training_clock
from photon_relax.training_clock import TrainingClock


@pytest.fixture
def forward(monkeypatch):
    """Return a function that moves the clock's time forward."""
    now = [100.0]
    monkeypatch.setattr(training_clock.time, "perf_counter", lambda: now[0])

    def move(seconds):
        now[0] += seconds

    return move


def test_rate_counts_steps_only_and_leaves_out_the_first(forward, small_config):
    clock = TrainingClock(small_config(steps=10, batch_size=16), step=4, seconds=50.0)
    assert clock.rate == clock.recent_rate == 0.0
    left = []
    for step, seconds in ((5, 30.0), (6, 1.0), (7, 3.0)):
        clock.begin_step()
        forward(seconds)
        left.append(clock.end_step(step, 16))
        forward(2.0)  # a validation
        clock.begin_step()
    assert clock.rate == clock.recent_rate == pytest.approx(32 / 4.0, rel=1e-12)
    # Before step 7: 4 s of steps within 2 + 1 + 2 + 3 = 8 s, so twice 2 s for each of three steps.
    assert left == pytest.approx([0.0, 4 * 3.0, 3 * 2 * 2.0], rel=1e-12)
    assert clock.seconds() == pytest.approx(50.0 + 30 + 1 + 3 + 6, rel=1e-12)


def test_the_estimate_follows_the_present_speed(forward, small_config):
    clock = TrainingClock(small_config(steps=1000, batch_size=16))
    for step in range(1, 201):
        clock.begin_step()
        forward(5.0 if step < 100 else 1.0)
        left = clock.end_step(step, 16)
    assert clock.recent_rate == pytest.approx(16.0, rel=1e-12)
    assert left == pytest.approx(800.0, rel=1e-12)
    assert clock.rate == pytest.approx(16 * 199 / (98 * 5 + 101), rel=1e-12)


def test_checkpoints_are_due_by_seconds_or_by_steps(forward, small_config):
    clock = TrainingClock(small_config(checkpoint_seconds=10.0, checkpoint_steps=5))
    assert not clock.checkpoint_is_due(4)
    assert clock.checkpoint_is_due(5)
    forward(9.9)
    assert not clock.checkpoint_is_due(1)
    forward(0.1)
    assert clock.checkpoint_is_due(1)
    clock.saved(1)
    assert not clock.checkpoint_is_due(5)
    assert clock.checkpoint_is_due(6)
