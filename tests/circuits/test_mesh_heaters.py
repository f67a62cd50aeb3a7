from time import perf_counter

import numpy as np
import pytest

from circuits import HeaterValues, MeshFabrication
from tests import naive


def _heaters(n=4, columns=None, **fields):
    return MeshFabrication(**fields).heaters(n if columns is None else columns, n)


def _wanted(heaters, meshes=2, seed=0):
    rng = np.random.default_rng(seed)
    grid, lanes = (meshes, heaters.columns, heaters.n // 2), (meshes, heaters.n)
    return HeaterValues(*(rng.uniform(-9, 9, shape) for shape in (grid, grid, lanes, lanes)))


def _turn(phases, wanted):
    return [np.exp(1j * (one - other)) for one, other in zip(phases, wanted, strict=True)]


@pytest.mark.parametrize("n", [4, 5])
def test_warmth_of_every_heater_by_hand(n):
    fields = {"thermal_crosstalk": 0.1, "heater_spacing": 40e-6, "half_wave_power": 10e-3}
    heaters = _heaters(n, 3, **fields)
    wanted = _wanted(heaters, meshes=1)
    powers, phases = heaters.settle(wanted)
    expected = naive.warmed_mesh_phases(
        *(values[0] for values in powers), strength=0.1, decay=50e-6 / 40e-6, half_wave=10e-3
    )
    for found, reference in zip(phases, expected, strict=True):
        real = ~np.isnan(reference)
        np.testing.assert_allclose(
            np.exp(1j * found[0][real]), np.exp(1j * reference[real]), atol=1e-13
        )
    cells = np.isnan(expected[0])
    assert not np.any(powers.theta[0][cells])
    np.testing.assert_array_equal(phases.theta[0][cells], wanted.theta[0][cells])


def test_phases_stay_on_the_turn_that_was_asked_for():
    heaters = _heaters(6, thermal_crosstalk=0.02)
    wanted = _wanted(heaters)
    for found, asked in zip(heaters.settle(wanted).phases, wanted, strict=True):
        assert np.all(np.abs(found - asked) <= np.pi)


def test_powers_alone_are_those_of_the_phases_modulo_a_turn():
    heaters = _heaters(5)
    wanted = _wanted(heaters)
    powers, phases = heaters.settle(wanted)
    assert heaters.exact
    np.testing.assert_allclose(
        powers.screen, 24.77e-3 / np.pi * np.mod(wanted.screen, 2 * np.pi), rtol=1e-13
    )
    for turn in _turn(phases, wanted):
        np.testing.assert_allclose(turn, 1.0, atol=1e-14)


def test_compensation_gives_what_was_asked_for():
    heaters = _heaters(8, thermal_crosstalk=0.05, heater_spacing=40e-6, compensated=True)
    wanted = _wanted(heaters)
    powers, phases = heaters.settle(wanted)
    assert min(part.min() for part in powers) >= 0
    for turn in _turn(phases, wanted):
        np.testing.assert_allclose(turn, 1.0, atol=1e-13)


@pytest.mark.parametrize("compensated", [False, True])
def test_converters_set_levels_from_zero_to_a_turn(compensated):
    heaters = _heaters(
        6, heater_bits=4, half_wave_power=16e-3, compensated=compensated, thermal_crosstalk=0.01
    )
    wanted = _wanted(heaters, meshes=20)
    powers, phases = heaters.settle(wanted)
    level = powers.screen / 2e-3  # 2 · 16 mW in 16 steps
    np.testing.assert_allclose(level, np.round(level), atol=1e-12)
    assert level.max() == pytest.approx(15)
    assert level.min() == 0
    own = np.mod(wanted.screen, 2 * np.pi) / (np.pi / 8)
    if compensated:
        # Half a step of every heater, the last one a whole, and a few per cent from neighbours.
        deviation = np.abs(phases.screen - wanted.screen)
        assert deviation.max() < np.pi / 8 * 1.1
        assert np.max(deviation[own < 15]) < np.pi / 16 * 1.1
    else:
        # A whole turn is no more than none where nobody counts on its warmth.
        np.testing.assert_allclose(level, np.round(own) % 16, atol=1e-9)
        assert np.any(np.round(own) == 16)


def test_a_turn_is_all_that_typical_heaters_need():
    heaters = _heaters(16, thermal_crosstalk=0.02, compensated=True)
    powers, _ = heaters.settle(_wanted(heaters, meshes=8))
    hottest = max(part.max() for part in powers) / (2 * 24.77e-3)
    # Beyond a turn by at most Σx² over the neighbours, some 8 · (0.02 e^{−√2·2})² of it: 10 bits
    # are steps of 1e-3.
    assert 0.99 < hottest < 1 + 2e-4


def test_attenuators_share_a_heater_with_the_screen_in_front():
    theta, screen = np.ones((4, 3, 1)), np.full((4, 3), 2.0)
    values = HeaterValues.of_banks(theta, theta, screen, np.full((2, 3), 0.5), np.full((2, 3), 9))
    np.testing.assert_array_equal(values.screen[:, 0], [2, 11, 2, 11])
    np.testing.assert_array_equal(values.attenuators[:, 0], [np.nan, 0.5, np.nan, 0.5])


def test_attenuators_that_are_not_there_stay_cold():
    heaters = _heaters(6, thermal_crosstalk=0.05, heater_spacing=40e-6, compensated=True)
    wanted = _wanted(heaters)
    wanted.attenuators[0] = np.nan
    powers, phases = heaters.settle(wanted)
    assert np.all(powers.attenuators[0] == 0)
    assert np.all(powers.attenuators[1] > 0)
    assert np.all(np.isnan(phases.attenuators[0]))
    assert not np.any(np.isnan(phases.attenuators[1]))
    for turn in _turn(phases[:3], wanted[:3]):
        np.testing.assert_allclose(turn, 1.0, atol=1e-13)


def test_phases_of_another_mesh_are_refused():
    heaters = _heaters(4)
    wanted = _wanted(_heaters(6))
    with pytest.raises(ValueError, match=r"theta must have shape \(2, 4, 2\); got \(2, 6, 3\)"):
        heaters.settle(wanted)
    wanted = _wanted(heaters)
    wanted.phi[0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="phase must be finite"):
        _heaters(4, compensated=True).settle(wanted)


def test_four_thousand_heaters_are_programmed_in_a_moment():
    heaters = _heaters(64, thermal_crosstalk=0.02, compensated=True)
    wanted = _wanted(heaters, meshes=4)
    assert heaters.thermal.matrix.nnz < 0.1 * (64 * 65) ** 2
    start = perf_counter()
    _, phases = heaters.settle(wanted)
    # 0.2 s alone; a dense inverse takes 5.
    assert perf_counter() - start < 3
    for turn in _turn(phases, wanted):
        np.testing.assert_allclose(turn[:, :2], 1.0, atol=1e-12)
