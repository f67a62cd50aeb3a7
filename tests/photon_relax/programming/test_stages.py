import numpy as np
import pytest

from photon_relax.programming.stages import BankRecord, Elements, mean_interval, overlap


def test_overlap_does_not_see_a_factor_but_any_other_difference():
    rng = np.random.default_rng(3)
    wanted = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    assert overlap(wanted, 0.3j * wanted) == pytest.approx(1.0, abs=1e-15)
    other = rng.normal(size=(4, 4))
    by_hand = abs(np.trace(wanted.conj().T @ other)) ** 2 / (
        np.trace(wanted.conj().T @ wanted).real * np.trace(other.T @ other)
    )
    assert overlap(wanted, other) == pytest.approx(by_hand, rel=1e-12)


def test_powers_are_those_of_the_heaters_that_there_are():
    heated = Elements(
        mesh="left", element="theta", unit="rad", dimensions=("lane",),
        values=np.array([1.0, np.nan, 2.0]), power=np.array([0.25, np.nan, 0.5]),
    )  # fmt: skip
    cold = Elements(mesh="", element="w", unit="1", dimensions=("lane",), values=np.ones(2))
    record = BankRecord(
        wanted=np.diag([3.0, 4.0]), realised=np.diag([3.0, 4.5]), elements=(heated, cold)
    )
    assert (record.heater_power, record.heaters) == (0.75, 2)
    assert record.error == pytest.approx(0.1)


def test_an_interval_knows_chips_and_samples():
    rng = np.random.default_rng(8)
    alike = np.tile(rng.integers(0, 2, 400), (5, 1))
    mean, low, high = mean_interval(list(alike))
    # One chip's sampling error, ±1.96 √(p(1 − p)/n), to a tenth: a bootstrap of 2,000.
    half = 1.96 * np.sqrt(mean * (1 - mean) / 400)
    assert mean == alike.mean()
    assert (high - low) / 2 == pytest.approx(half, rel=0.1)
    # Chips that differ, each the same for all samples: the error of a mean of five chips.
    spread = np.repeat(np.arange(5.0)[:, None], 400, axis=1)
    mean, low, high = mean_interval(list(spread))
    assert (mean, high - mean) == (2.0, pytest.approx(1.96 * np.sqrt(2 / 5), rel=0.1))


def test_a_change_is_taken_sample_by_sample():
    rng = np.random.default_rng(9)
    hard = rng.normal(size=200)
    before, after = [hard, hard + 1], [hard + 2.0, hard + 3.0]
    assert mean_interval(after, 1, before) == (
        pytest.approx(2.0), pytest.approx(2.0), pytest.approx(2.0),
    )  # fmt: skip
    # One result stands for all chips where it has no chip.
    mean, low, high = mean_interval(after, 1, [hard])
    assert (low, mean, high) == (pytest.approx(2.0), pytest.approx(2.5), pytest.approx(3.0))
