from itertools import product

import numpy as np
import pytest

from circuits import ThermalCrosstalk, thermal_crosstalk


def _line(n, **fields):
    return ThermalCrosstalk(positions=30e-6 * np.arange(n)[:, None], **fields)


def _grid(rows, columns, **fields):
    places = list(product(30e-6 * np.arange(columns), 80e-6 * np.arange(rows)))
    return ThermalCrosstalk(positions=np.array(places), **fields)


def test_matrix_falls_off_with_the_distance():
    heaters = ThermalCrosstalk(
        positions=np.array([[0.0, 0.0], [3e-5, 4e-5], [0.0, 1e-4]]),
        strength=0.04,
        decay_length=50e-6,
    )
    near, far, rest = 0.04 * np.exp(-1), 0.04 * np.exp(-2), 0.04 * np.exp(-np.sqrt(45) / 5)
    expected = [[1, near, far], [near, 1, rest], [far, rest, 1]]
    np.testing.assert_allclose(heaters.matrix.toarray(), expected, rtol=1e-14)


def test_phases_by_hand():
    heaters = _line(2, strength=0.5, decay_length=30e-6, half_wave_power=10e-3)
    x = 0.5 * np.exp(-1)
    phases = heaters.phases([[10e-3, 0.0], [5e-3, 20e-3]])
    expected = np.pi * np.array([[1, x], [0.5 + 2 * x, 2 + 0.5 * x]])
    np.testing.assert_allclose(phases, expected, rtol=1e-14)


@pytest.mark.parametrize(
    "heaters", [_line(2, strength=0.3), _line(64, strength=0.3), _grid(12, 12, strength=0.05)]
)
def test_powers_give_the_phases_modulo_turns(heaters):
    phase = np.random.default_rng(0).uniform(-20, 20, (40, len(heaters.positions)))
    power = heaters.heater_powers(phase)
    assert power.min() >= 0
    # Conditioned better than (1+s)/(1−s) = 7: rounding of 10 turns times that.
    turns = np.exp(1j * (heaters.phases(power) - phase))
    np.testing.assert_allclose(turns, 1.0, atol=1e-13)


def test_turns_are_as_few_as_possible():
    """Against all choices of 0, 1 or 2 turns for each of five heaters."""
    heaters = _line(5, strength=0.3, half_wave_power=np.pi)
    rng = np.random.default_rng(1)
    choices = 2 * np.pi * np.array(list(product(range(3), repeat=5)))
    turned = 0
    for phase in rng.uniform(0, 2 * np.pi, (200, 5)) * rng.choice([0.02, 1.0], (200, 5)):
        powers = np.linalg.solve(heaters.matrix.toarray(), (phase + choices).T).T
        allowed = np.all(powers >= 0, axis=1)
        fewest = choices[allowed].sum(axis=1).min()
        found = heaters.phases(heaters.heater_powers(phase)) - phase
        np.testing.assert_allclose(found.sum(), fewest, atol=1e-12)
        turned += fewest > 0
    assert turned > 50  # so that the test sees turns at all


def test_heaters_that_are_not_used_stay_cold():
    heaters = _line(5, strength=0.3)
    used = np.array([True, False, True, True, False])
    phase = np.random.default_rng(2).uniform(0, 6, (20, 5))
    power = heaters.heater_powers(phase, used)
    assert not np.any(power[:, ~used])
    assert power.min() >= 0
    turns = np.exp(1j * (heaters.phases(power) - phase))[:, used]
    np.testing.assert_allclose(turns, 1.0, atol=1e-13)


def test_heaters_that_do_not_couple_stand_alone():
    heaters = _line(3, strength=0.0, half_wave_power=20e-3)
    np.testing.assert_allclose(
        heaters.heater_powers([np.pi, -np.pi / 2, 0.0]), [20e-3, 30e-3, 0.0], rtol=1e-14
    )
    # A phase just below zero is no whole turn.
    np.testing.assert_allclose(heaters.heater_powers([-1e-17, 0.0, 0.0]), 0.0, atol=1e-17)


def test_what_is_not_a_chip_is_refused():
    with pytest.raises(ValueError, match=r"positions must be .* \(n, axes\); got \(3,\)"):
        ThermalCrosstalk(positions=np.arange(3.0))
    with pytest.raises(ValueError, match="strength must be in 0 … 1 .* got 1.5"):
        _line(3, strength=1.5)
    with pytest.raises(ValueError, match="decay_length must be > 0 and finite; got -5"):
        _line(3, decay_length=-5.0)
    with pytest.raises(ValueError, match="half_wave_power must be > 0 and finite; got inf"):
        _line(3, half_wave_power=np.inf)
    with pytest.raises(ValueError, match="they add 1.22 of it. Take a smaller strength"):
        _line(64, strength=0.5)
    with pytest.raises(ValueError, match="power must be ≥ 0 .* got -0.01"):
        _line(2).phases([0.0, -0.01])
    with pytest.raises(ValueError, match=r"phase must have shape .* n = 2; got \(3,\)"):
        _line(2).heater_powers(np.zeros(3))
    with pytest.raises(ValueError, match="phase must be finite"):
        _line(2).heater_powers([np.nan, 0.0])


def test_the_search_for_turns_ends(monkeypatch):
    monkeypatch.setattr(thermal_crosstalk, "_ROUNDS", 1)
    with pytest.raises(ValueError, match="no heater powers ≥ 0 were found within 1 turns"):
        _line(2, strength=0.3).heater_powers([0.0, 3.0])
