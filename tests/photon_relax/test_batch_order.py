import numpy as np
import pytest

from photon_relax.batch_order import BatchOrder


@pytest.mark.parametrize(("samples", "batch"), [(10, 3), (10, 10), (4, 9), (1, 1)])
def test_every_pass_holds_every_sample_once(samples, batch):
    order = BatchOrder(samples, batch, seed=3)
    passes = 6
    steps = -(-passes * samples // batch)
    drawn = np.concatenate([order.indices(step) for step in range(steps)])
    for number in range(passes):
        one_pass = drawn[number * samples : (number + 1) * samples]
        assert sorted(one_pass) == list(range(samples))


def test_a_step_depends_on_its_number_and_the_seed_alone():
    forward = [BatchOrder(50, 7, seed=1).indices(step) for step in range(30)]
    order = BatchOrder(50, 7, seed=1)
    for step in reversed(range(30)):
        np.testing.assert_array_equal(order.indices(step), forward[step])
    assert not np.array_equal(BatchOrder(50, 7, seed=2).indices(0), forward[0])


def test_passes_are_shuffled_differently():
    order = BatchOrder(100, 100, seed=0)
    assert not np.array_equal(order.indices(0), order.indices(1))


def test_an_empty_data_set_is_refused():
    with pytest.raises(ValueError, match="samples must be at least 1"):
        BatchOrder(0, 4, seed=0)
