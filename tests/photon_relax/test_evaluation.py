import math

import numpy as np
import pytest
import torch

from photon_relax.datasets import ArraySplit
from photon_relax.evaluation import Evaluation, bootstrap_interval, evaluate, sample_block
from photon_relax.hardware import Hardware


def _loop_evaluation(network, split):
    """Loss and predictions sample by sample, with a softmax written out."""
    losses, predictions = [], []
    network.eval()
    for i in range(len(split)):
        x, y = split.batch(np.array([i]))
        logits = network(torch.from_numpy(x), first_sample=i)[0].tolist()
        largest = max(logits)
        total = sum(math.exp(z - largest) for z in logits)
        losses.append(largest + math.log(total) - logits[int(y[0])])
        predictions.append(logits.index(largest))
    return losses, predictions


@pytest.mark.parametrize("fidelity", ["ideal", "slot", "waveform"])
def test_figures_equal_a_loop_over_samples_whatever_the_batch(
    small_config, small_network, small_dataset, fidelity
):
    network = small_network(small_config(fidelity=fidelity))
    losses, predictions = _loop_evaluation(network, small_dataset.test)
    for batch_size in (1, 7, 50, 1000):
        result = evaluate(network, small_dataset.test, batch_size=batch_size)
        # float32 logits of order 1, in batches of other shapes: a few units of rounding.
        np.testing.assert_allclose(result.losses, losses, rtol=0, atol=2e-6)
        np.testing.assert_array_equal(result.predictions, predictions)
        assert result.loss == pytest.approx(np.mean(losses), abs=2e-6)
        assert result.accuracy == np.mean(predictions == small_dataset.test.targets)


@pytest.mark.parametrize("fidelity", ["slot", "waveform"])
def test_interleaved_inferences_are_never_cut_apart(
    small_config, small_network, small_dataset, fidelity
):
    """Three inferences share the loop, and a slow receiver mixes neighbours into each other."""
    hardware = Hardware().with_values({"interleaved_inferences": 3, "detector.bandwidth": 3e8})
    network = small_network(small_config(fidelity=fidelity), hardware)
    whole = evaluate(network, small_dataset.test, batch_size=1000)
    alone = evaluate(small_network(small_config(fidelity=fidelity)), small_dataset.test)
    assert np.abs(whole.losses - alone.losses).max() > 0.01
    for batch_size in (1, 7, 9):
        result = evaluate(network, small_dataset.test, batch_size=batch_size)
        # float32 logits of order 1, in batches of other shapes: a few units of rounding.
        np.testing.assert_allclose(result.losses, whole.losses, rtol=0, atol=2e-6)


def test_the_mode_of_the_network_is_left_as_it_was(small_config, small_network, small_dataset):
    network = small_network(small_config())
    for mode in (True, False):
        network.train(mode)
        evaluate(network, small_dataset.test)
        assert network.training is mode


def test_a_check_can_give_up(small_config, small_network, small_dataset):
    def stop():
        raise KeyboardInterrupt

    network = small_network(small_config())
    with pytest.raises(KeyboardInterrupt):
        evaluate(network, small_dataset.test, check=stop)
    assert network.training


def test_an_empty_split_is_refused(small_config, small_network):
    empty = ArraySplit(np.empty((0, 5)), np.empty(0, dtype=np.int64))
    with pytest.raises(ValueError, match="empty split"):
        evaluate(small_network(small_config()), empty)


def test_confusion_counts_true_by_named():
    result = Evaluation(np.zeros(5), np.array([0, 1, 1, 2, 0]), np.array([0, 1, 0, 2, 2]))
    assert result.confusion(3).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 1]]


def test_bootstrap_interval_of_independent_samples_is_that_of_the_binomial():
    """The bootstrap of a fraction draws Binomial(n, p)/n, whose quantiles are known exactly."""
    from scipy.stats import binom

    n, right = 400, 300
    values = np.zeros(n)
    values[:right] = 1
    low, high = bootstrap_interval(values, resamples=20_000)
    # A quantile from 20,000 draws is good to about one step of 1/n here.
    assert low == pytest.approx(binom.ppf(0.025, n, right / n) / n, abs=1.5 / n)
    assert high == pytest.approx(binom.ppf(0.975, n, right / n) / n, abs=1.5 / n)


def test_blocks_widen_the_interval_of_neighbours_that_agree():
    """In runs of 10 equal values there are only n/10 independent ones: √10 wider."""
    rng = np.random.default_rng(2)
    values = np.repeat(rng.integers(2, size=400), 10)
    alone = np.diff(bootstrap_interval(values))[0]
    together = np.diff(bootstrap_interval(values, block=10))[0]
    # Each width carries about 3 % of statistical error from 2000 resamples.
    assert together / alone == pytest.approx(math.sqrt(10), rel=0.12)


def test_a_short_last_block_is_weighed_by_its_size():
    """The mean over resamples is the mean of the values also when blocks differ in length."""
    low, high = bootstrap_interval(np.full(23, 0.25), block=10)
    assert (low, high) == (0.25, 0.25)


def test_paired_change_is_sharper_than_the_two_intervals():
    rng = np.random.default_rng(0)
    targets = np.zeros(1000, dtype=np.int64)
    first = (rng.random(1000) < 0.3).astype(np.int64)
    second = first.copy()
    second[:10] = 1 - first[:10]
    before, after = (Evaluation(np.zeros(1000), p, targets) for p in (first, second))
    low, high = after.accuracy_change_interval(before)
    exact = after.accuracy - before.accuracy
    assert low <= exact <= high
    assert high - low < 0.02 < np.diff(before.accuracy_interval)[0]


def test_a_common_shift_of_all_losses_is_known_exactly():
    targets = np.zeros(100, dtype=np.int64)
    losses = np.random.default_rng(0).random(100)
    before, after = (Evaluation(x, targets, targets) for x in (losses, losses + 0.125))
    # Sums of 100 numbers of order 1 round in the last places.
    assert after.loss_change_interval(before) == pytest.approx((0.125, 0.125), rel=1e-12)
    assert np.diff(after.loss_interval)[0] > 0.05


def test_a_change_needs_the_same_samples():
    one = Evaluation(np.zeros(2), np.zeros(2, int), np.array([0, 1]))
    other = Evaluation(np.zeros(2), np.zeros(2, int), np.array([1, 1]))
    for change in (one.accuracy_change_interval, one.loss_change_interval):
        with pytest.raises(ValueError, match="same samples"):
            change(other)


def test_only_text_is_drawn_in_passages(small_dataset):
    assert sample_block(small_dataset) == 1
