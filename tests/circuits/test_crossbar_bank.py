"""Crossbars against a dense nodal analysis, the ladder's closed form and finite differences."""

import numpy as np
import pytest

from circuits import CrossbarBank
from circuits import crossbar_wires_kernels as kernels
from circuits.crossbar_wires import WiredArrays
from devices import TunnelJunctionCrossbar
from tests import naive
from validation import closed_forms


def bank(**changes):
    """Wires that matter: a cell conducts a few per cent of a segment."""
    settings = {"parallel_conductance": 1e-3, "junctions": 3, "line_resistance": 10.0}
    own = {k: changes.pop(k) for k in ("quantised", "write_error") if k in changes}
    return CrossbarBank(junction=TunnelJunctionCrossbar(**(settings | changes)), **own)


def weights(banks=2, n=5, seed=0, scale=0.8):
    return np.random.default_rng(seed).uniform(-scale, scale, size=(banks, n, n))


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 6), (6, 1), (4, 7), (9, 5)])
def test_wires_are_the_nodal_analysis(m, n):
    gamma = np.random.default_rng(m).uniform(1e-3, 0.5, size=(3, m, n))
    solved = WiredArrays.solve(gamma)
    expected = [naive.crossbar_currents(cells.tolist()) for cells in gamma]
    np.testing.assert_allclose(solved.currents, expected, rtol=1e-12)


def test_more_drives_than_lanes():
    gamma = np.random.default_rng(1).uniform(1e-3, 0.1, size=(1, 37, 3))
    expected = naive.crossbar_currents(gamma[0].tolist())
    # Rounding of the largest: what comes far down a lossy line is small against it.
    np.testing.assert_allclose(
        WiredArrays.solve(gamma).currents[0], expected, rtol=1e-12, atol=1e-14 * np.max(expected)
    )


def test_a_single_word_line_is_the_ladder():
    # One word line over n bit lines whose segments are shorted: v_i of the uniform line (PHYSICS
    # §4). Each bit line ends in one segment to ground, so cell and segment are one shunt.
    n, series = 12, 3.0
    shunt = 1e-2
    cell = 1 / (1 / shunt - series)  # cell and segment in series make the shunt
    currents = WiredArrays.solve(np.full((1, 1, n), cell * series)).currents[0, 0] / series
    voltages = currents / shunt
    np.testing.assert_allclose(
        voltages, closed_forms.crossbar.ladder_voltages(n, shunt, series), rtol=1e-12
    )


def test_wires_are_reciprocal():
    # Drivers and receivers change places with word and bit lines, both numbered backwards.
    gamma = np.random.default_rng(2).uniform(1e-3, 0.3, size=(1, 6, 4))
    mirrored = gamma[:, ::-1, ::-1].swapaxes(1, 2)
    one, other = WiredArrays.solve(gamma).currents, WiredArrays.solve(mirrored).currents
    np.testing.assert_allclose(one, other.swapaxes(1, 2)[:, ::-1, ::-1], rtol=1e-12)


def test_without_wires_the_levels_are_all_that_is_left():
    exact = bank(line_resistance=0.0)
    w = weights()
    array = exact.realise(w)
    np.testing.assert_allclose(array.matrix(), np.round(w * 3) / 3, atol=1e-15)
    analogue = bank(line_resistance=0.0, quantised=False).realise(w)
    np.testing.assert_allclose(analogue.matrix(), w, atol=1e-15)
    # ΣG = Σ (2/TMR + |w|) in units of a full weight.
    expected = np.sum(2 / 1.5 + np.abs(w), axis=-1)
    np.testing.assert_allclose(analogue.conductance(), expected, rtol=1e-14)


def test_levels_pass_the_gradient_at_zero_too():
    # Most weights of a trained matrix are small: without a slope there they would never come back.
    crossbar = bank(line_resistance=0.0)
    w = np.array([[[0.0, 0.1, -0.1, 0.5, -0.9, 1.2]]])
    array = crossbar.realise(w)
    assert array.matrix()[0, 0, 1] == array.matrix()[0, 0, 2] == 0
    inside = np.abs(w) <= 1
    np.testing.assert_array_equal(array.gradients(np.ones_like(w), np.zeros((1, 1))), inside)
    # Σ (G⁺ + G⁻) grows with |w|.
    grows = np.where(w < 0, -1, 1) * inside
    np.testing.assert_array_equal(array.gradients(np.zeros_like(w), np.ones((1, 1))), grows)
    # Where a writing error decides the sign, the cell that conducts has the slope.
    noisy = bank(line_resistance=0.0, write_error=0.2)
    errors = noisy.draw(1, 6, seed=0)
    wide = np.full((1, 6, 6), 0.05)
    array = noisy.realise(wide, errors)
    gradient = array.gradients(np.zeros_like(wide), np.ones((1, 6)))
    np.testing.assert_array_equal(gradient, np.where(array.matrix() < 0, -1, 1))


def test_units_are_those_of_the_device():
    device = TunnelJunctionCrossbar(line_resistance=0.0)
    w = weights(banks=1, n=4)[0]
    array = CrossbarBank(junction=device, quantised=False).realise(w[None])
    volts = np.array([0.1, -0.05, 0.02, 0.07])
    small = 1e-6 * volts
    span = device.weight_conductance()
    np.testing.assert_allclose(
        array.matrix()[0] @ small * span, device.column_current(w, small), rtol=1e-10
    )
    np.testing.assert_allclose(
        array.conductance()[0] * span, device.column_conductance(w), rtol=1e-13
    )
    density = CrossbarBank(junction=device).thermal_density * array.conductance()[0]
    np.testing.assert_allclose(density, device.noise_density(w), rtol=1e-13)


def test_drive_bends_as_the_junctions_do():
    device = TunnelJunctionCrossbar(read_voltage=0.4)
    crossbar = CrossbarBank(junction=device)
    h = np.linspace(-1, 1, 41)
    current = device.drive_current(0.4 * h)
    np.testing.assert_allclose(
        crossbar.drive(h) * crossbar.full_scale_current, current, atol=1e-18, rtol=1e-13
    )
    beyond = np.array([-1.5, 2.0])
    np.testing.assert_array_equal(crossbar.drive(beyond), crossbar.drive(np.sign(beyond)))
    np.testing.assert_array_equal(crossbar.drive_slope(beyond), 0.0)
    step = 1e-6
    inner = h[1:-1]
    slope = (crossbar.drive(inner + step) - crossbar.drive(inner - step)) / (2 * step)
    np.testing.assert_allclose(crossbar.drive_slope(inner), slope, atol=1e-9)
    assert crossbar.drive(h.astype(np.float32)).dtype == np.float32
    straight = CrossbarBank(junction=TunnelJunctionCrossbar(half_voltage=np.inf))
    np.testing.assert_array_equal(straight.drive(h), h)


@pytest.mark.parametrize(
    "changes",
    [{}, {"line_resistance": 0.0}, {"conductance_spread": 0.2, "write_error": 0.05}],
    ids=["wires", "no wires", "scattered"],
)
def test_gradients_are_finite_differences(changes):
    crossbar = bank(quantised=False, **changes)
    w = weights(n=4)
    errors = None if crossbar.exact else crossbar.draw(2, 4, seed=3)
    rng = np.random.default_rng(5)
    g_matrix, g_sum = rng.normal(size=w.shape), rng.normal(size=w.shape[:2])

    def loss(values):
        array = crossbar.realise(values, errors)
        return np.sum(g_matrix * array.matrix()) + np.sum(g_sum * array.conductance())

    gradient = crossbar.realise(w, errors).gradients(g_matrix, g_sum)
    step = 1e-6
    for index in [(0, 0, 0), (0, 3, 1), (1, 2, 3), (1, 0, 2), (1, 3, 3)]:
        up, down = w.copy(), w.copy()
        up[index] += step
        down[index] -= step
        # Truncation of second order in 1e-6, rounding 1e-16/1e-6.
        expected = (loss(up) - loss(down)) / (2 * step)
        assert gradient[index] == pytest.approx(expected, rel=1e-7, abs=1e-8)


def test_gradients_pass_the_levels_and_stop_at_the_ends():
    crossbar = bank(line_resistance=0.0)
    w = np.array([[[0.4, -1.2], [1.3, -0.7]]])
    g = np.ones_like(w)
    np.testing.assert_array_equal(
        crossbar.realise(w).gradients(g, np.zeros((1, 2))), [[[1.0, 0.0], [0.0, 1.0]]]
    )


def test_gradients_stop_where_writing_errors_reach_the_ends():
    crossbar = bank(line_resistance=0.0, quantised=False, write_error=0.3)
    errors, w, step = crossbar.draw(1, 6, seed=3), np.full((1, 6, 6), 0.8), 1e-6
    up, down = (crossbar.realise(w + s, errors).matrix() for s in (step, -step))
    gradient = crossbar.realise(w, errors).gradients(np.ones_like(w))
    assert set(np.unique(gradient)) == {0.0, 1.0}
    np.testing.assert_allclose(gradient, (up - down) / (2 * step), atol=1e-9)


def test_scatter_is_that_of_single_junctions():
    crossbar = bank(line_resistance=0.0, conductance_spread=0.1, quantised=False)
    w = np.full((1, 200, 200), 0.5)
    array = crossbar.realise(w, crossbar.draw(1, 200, seed=1))
    device = crossbar.junction
    high, low = device.parallel_conductance, device.antiparallel_conductance()
    span = device.weight_conductance()
    shares = {0: 0.5, 1: 0.0}
    for sign, share in shares.items():
        spread = 0.1 * np.sqrt(3 * (share * high**2 + (1 - share) * low**2)) / span
        # 4σ of a standard deviation from 40,000 cells.
        assert np.std(array.cells[sign]) == pytest.approx(spread, rel=4 / np.sqrt(2 * 40_000))


def test_write_errors_stay_within_the_range():
    crossbar = bank(line_resistance=0.0, write_error=0.1, quantised=False)
    errors = crossbar.draw(1, 100, seed=2)
    error = crossbar.realise(np.full((1, 100, 100), 0.2), errors).matrix() - 0.2
    assert np.std(error) == pytest.approx(0.1, rel=4 / np.sqrt(2 * 10_000))
    full = crossbar.realise(np.ones((1, 100, 100)), errors).matrix()
    assert full.max() == pytest.approx(1.0, abs=1e-15)
    assert not crossbar.exact


def test_single_precision_follows_double():
    crossbar = bank()
    w = weights(n=20)
    g, g_sum = np.ones_like(w), np.ones(w.shape[:2])
    double, single = crossbar.realise(w), crossbar.realise(w.astype(np.float32))
    assert single.matrix().dtype == np.float32
    # Conjugate gradients to 1e-7 and rounding of differences of cells.
    np.testing.assert_allclose(single.matrix(), double.matrix(), atol=2e-6)
    short = single.gradients(g.astype(np.float32), g_sum.astype(np.float32))
    assert short.dtype == np.float32
    np.testing.assert_allclose(short, double.gradients(g, g_sum), atol=2e-5)


def test_kernels_run_uncompiled_to_the_same_result(monkeypatch):
    gamma = np.random.default_rng(4).uniform(0.01, 0.3, size=(1, 3, 2))
    expected = WiredArrays.solve(gamma)
    helpers = (
        "_solve_word", "_direct", "_apply", "_move", "_conjugate_gradients", "_drive_response",
        "_solve_driven",
    )  # fmt: skip
    for name in helpers:
        monkeypatch.setattr(kernels, name, getattr(kernels, name).py_func)
    word, bit = np.empty((2, 1, 3, 2))
    kernels.factorise.py_func(gamma[0], word[0], bit[0])
    scratch = np.empty((1, kernels.FIELDS, 3, 2, 3)), np.empty((1, 2, 3)), np.empty((1, 4, 3))
    drops, currents = np.empty((1, 1, 3, 2, 3)), np.empty((1, 3, 2))
    kernels.solve_drives.py_func(gamma, word, bit, 1e-14, *scratch, drops, currents)
    np.testing.assert_allclose(currents, expected.currents, rtol=1e-12)
    partial = np.empty((1, 1, 3, 2))
    g = np.ones((1, 3, 2))
    kernels.solve_adjoint.py_func(gamma, word, bit, 1e-14, *scratch, drops, g, partial)
    np.testing.assert_allclose(partial[0], expected.gradients(g), rtol=1e-12)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"junction": 3.0}, "junction must be a TunnelJunctionCrossbar"),
        ({"quantised": 1}, "quantised must be true or false"),
        ({"write_error": -0.1}, "write_error must be a number ≥ 0"),
        ({"write_error": "little"}, "write_error must be a number"),
        (
            {"junction": TunnelJunctionCrossbar(line_resistance=np.array([1.0, 2.0]))},
            "junction must be one device.*got arrays in line_resistance",
        ),
    ],
)
def test_impossible_banks_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        CrossbarBank(**settings)


def test_weights_of_another_shape_are_refused():
    crossbar = bank(write_error=0.1)
    with pytest.raises(ValueError, match=r"weights must have shape \(K, outputs, inputs\)"):
        crossbar.realise(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="weights must be float32 or float64; got int64"):
        crossbar.realise(np.zeros((1, 3, 3), dtype=np.int64))
    with pytest.raises(ValueError, match=r"errors must be drawn for weights of shape \(2, 5, 5\)"):
        crossbar.realise(weights(), crossbar.draw(1, 5, seed=0))
