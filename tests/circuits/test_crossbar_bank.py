"""Crossbars against a dense nodal analysis, the ladder's closed form and finite differences."""

from dataclasses import replace

import numba
import numpy as np
import pytest

from circuits import CrossbarBank, crossbar_wires
from circuits import crossbar_elimination_kernels as elimination
from circuits import crossbar_wires_kernels as kernels
from circuits.crossbar_wires import WiredArrays
from circuits.crossbar_writing import conductances, nearest_pattern
from devices import TunnelJunctionCrossbar
from tests import naive
from validation import closed_forms


def bank(**changes):
    """Wires that matter: a cell conducts a few per cent of a segment."""
    settings = {"parallel_conductance": 1e-3, "junctions": 3, "line_resistance": 10.0}
    own = {k: changes.pop(k) for k in ("quantised", "write_error") if k in changes}
    return CrossbarBank(junction=TunnelJunctionCrossbar(**(settings | changes)), **own)


SPAN = bank().junction.weight_conductance()


def weights(banks=2, n=5, seed=0, scale=0.8):
    return np.random.default_rng(seed).uniform(-scale, scale, size=(banks, n, n))


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 6), (6, 1), (4, 7), (9, 5)])
def test_wires_are_the_nodal_analysis(m, n):
    gamma = np.random.default_rng(m).uniform(1e-3, 0.5, size=(3, m, n))
    solved = WiredArrays.solve(gamma)
    expected = [naive.crossbar_currents(cells.tolist()) for cells in gamma]
    np.testing.assert_allclose(solved.currents, expected, rtol=1e-12)


def nodal(gamma, g):
    """Currents, and the gradient of Σ g·currents, from the inverse of the whole nodal matrix."""
    m, n = gamma.shape
    nodes = np.arange(2 * m * n).reshape(2, m, n)
    matrix = np.zeros((2 * m * n, 2 * m * n))

    def join(one, other, conductance):
        for x, y in ((one, other), (other, one)):
            np.add.at(matrix, (x, x), conductance)
            np.add.at(matrix, (x, y), -conductance)

    word, bit = nodes
    join(word.ravel(), bit.ravel(), gamma.ravel())
    join(word[:, 1:].ravel(), word[:, :-1].ravel(), 1.0)
    join(bit[1:].ravel(), bit[:-1].ravel(), 1.0)
    for held in (word[:, 0], bit[-1]):  # by a segment: drivers, and virtual grounds
        matrix[held, held] += 1.0
    driven = np.linalg.inv(matrix)[word[:, 0]]  # voltages by drive, (m, nodes)
    pulled = np.linalg.solve(matrix, np.eye(2 * m * n)[bit[-1]].T @ g.T)  # by drive, (nodes, m)
    across = driven[:, word.ravel()] - driven[:, bit.ravel()]
    pull = pulled[word.ravel()] - pulled[bit.ravel()]
    return driven[:, bit[-1]], -np.sum(across.T * pull, axis=1).reshape(m, n)


@pytest.mark.parametrize(("m", "n"), [(1, 1), (2, 9), (9, 2), (37, 3), (13, 16), (21, 19)])
def test_wires_and_their_gradients_are_those_of_the_whole_matrix(m, n):
    # Odd and even halves of blocks, several deep; lines so lossy that currents span 15 decades.
    rng = np.random.default_rng(m)
    gamma, g = rng.uniform(1e-3, 0.3, size=(m, n)), rng.normal(size=(m, n))
    currents, gradient = nodal(gamma, g)
    solved = WiredArrays.solve(gamma[None])
    # Of the largest: what comes far down a lossy line is small, and the inverse rounds.
    scale = np.max(currents)
    np.testing.assert_allclose(solved.currents[0], currents, rtol=1e-9, atol=1e-13 * scale)
    ours = solved.gradients(g[None])[0]
    np.testing.assert_allclose(ours, gradient, rtol=1e-9, atol=1e-12 * np.max(np.abs(gradient)))


def test_cells_that_do_not_conduct_are_no_cells():
    gamma = np.random.default_rng(6).uniform(0.01, 0.3, size=(1, 6, 5))
    gamma[0, 2, :], gamma[0, :, 3] = 0.0, 0.0
    currents = WiredArrays.solve(gamma).currents[0]
    assert np.all(currents[2] == 0)
    assert np.all(currents[:, 3] == 0)
    expected = naive.crossbar_currents(gamma[0].tolist())
    np.testing.assert_allclose(currents, expected, rtol=1e-12)


def test_single_precision_keeps_the_last_digits():
    # Nothing is subtracted: small currents through cells 1e-4 of a segment round as large ones do.
    gamma = np.random.default_rng(7).uniform(1e-4, 7e-4, size=(1, 48, 48))
    double, single = (WiredArrays.solve(gamma.astype(kind)) for kind in (float, np.float32))
    assert single.currents.dtype == np.float32
    # Some two hundred roundings of 6e-8 one after the other, at most.
    np.testing.assert_allclose(single.currents, double.currents, rtol=1e-5)


def test_arrays_are_the_same_for_one_and_two_threads():
    gamma = np.random.default_rng(8).uniform(1e-3, 0.1, size=(3, 9, 7))
    g = np.random.default_rng(9).normal(size=gamma.shape)
    before, found = numba.get_num_threads(), []
    try:
        for threads in (1, min(2, before)):
            numba.set_num_threads(threads)
            solved = WiredArrays.solve(gamma)
            found.append((solved.currents, solved.gradients(g)))
    finally:
        numba.set_num_threads(before)
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


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


def test_verified_cells_are_those_of_junctions_read_one_by_one():
    crossbar = replace(bank(conductance_spread=0.1, write_error=0.1), verified=True)
    errors, w = crossbar.draw(2, 5, seed=1), weights()
    np.testing.assert_array_equal(
        errors.scatter, replace(crossbar, verified=False).draw(2, 5, 1).scatter
    )
    array = crossbar.realise(w, errors)
    pattern = nearest_pattern(crossbar.junction, w, errors.read)
    cells = conductances(crossbar.junction, pattern, errors.junctions)
    np.testing.assert_array_equal(array.cells, cells)
    # 300 readings of 1e-3: the standard deviation to 4 % (one sigma).
    assert np.std(errors.read / errors.junctions) == pytest.approx(1e-3, rel=0.16)
    # Gradients are those of levels, straight through the choice.
    ideal = bank(line_resistance=0.0).realise(w)
    dry = replace(crossbar, junction=replace(crossbar.junction, line_resistance=0.0))
    g = np.ones_like(w)
    np.testing.assert_array_equal(dry.realise(w, errors).gradients(g), ideal.gradients(g))


def test_verified_chips_are_exact_where_nothing_scatters_or_nothing_steps():
    scattered = {"conductance_spread": 0.1, "write_error": 0.1, "line_resistance": 0.0}
    assert not replace(bank(**scattered), verified=True).exact
    assert replace(bank(write_error=0.1), verified=True).exact
    analogue = replace(bank(quantised=False, **scattered), verified=True)
    assert analogue.exact
    found = analogue.realise(weights(), analogue.draw(2, 5, seed=0)).matrix()
    np.testing.assert_allclose(found, weights(), atol=1e-15)


def test_a_chip_that_was_not_read_cannot_be_verified():
    crossbar = bank(conductance_spread=0.1)
    with pytest.raises(ValueError, match="errors must hold the junctions of a chip"):
        replace(crossbar, verified=True).realise(weights(), crossbar.draw(2, 5, seed=0))


def test_wires_leave_a_share_of_every_cells_current():
    crossbar = bank()
    array = crossbar.realise(weights())
    seen = [naive.crossbar_currents(cells.T.tolist()) for cells in array.cells[:, 0] * 10 * SPAN]
    expected = np.sum(seen, axis=0).T / (10 * SPAN) / array.cells[:, 0].sum(axis=0)
    np.testing.assert_allclose(array.transmission()[0], expected, rtol=1e-12)
    assert 0.1 < expected.min() < expected.max() < 1.0
    np.testing.assert_array_equal(bank(line_resistance=0.0).realise(weights()).transmission(), 1.0)


def test_single_precision_follows_double():
    crossbar = bank()
    w = weights(n=20)
    g, g_sum = np.ones_like(w), np.ones(w.shape[:2])
    double, single = crossbar.realise(w), crossbar.realise(w.astype(np.float32))
    assert single.matrix().dtype == np.float32
    # Rounding of differences of cells.
    np.testing.assert_allclose(single.matrix(), double.matrix(), atol=2e-6)
    short = single.gradients(g.astype(np.float32), g_sum.astype(np.float32))
    assert short.dtype == np.float32
    np.testing.assert_allclose(short, double.gradients(g, g_sum), atol=2e-5)


def test_kernels_run_uncompiled_to_the_same_result(monkeypatch):
    gamma = np.random.default_rng(4).uniform(0.01, 0.3, size=(1, 7, 6))
    expected = WiredArrays.solve(gamma)
    g = np.random.default_rng(5).normal(size=gamma.shape)
    gradient = expected.gradients(g)
    for module in (kernels, elimination):
        for name, value in list(vars(module).items()):
            if hasattr(value, "py_func"):
                monkeypatch.setattr(module, name, value.py_func)
    monkeypatch.setattr(crossbar_wires, "solve", kernels.solve)
    monkeypatch.setattr(crossbar_wires, "solve_adjoint", kernels.solve_adjoint)
    monkeypatch.setattr(numba, "prange", range)
    solved = WiredArrays.solve(gamma)
    np.testing.assert_allclose(solved.currents, expected.currents, rtol=1e-12)
    np.testing.assert_allclose(solved.gradients(g), gradient, rtol=1e-10)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"junction": 3.0}, "junction must be a TunnelJunctionCrossbar"),
        ({"quantised": 1}, "quantised must be true or false"),
        ({"verified": "yes"}, "verified must be true or false .read junctions"),
        ({"reading_error": -0.1}, "reading_error must be a number ≥ 0 and < 1 .a share of a"),
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
