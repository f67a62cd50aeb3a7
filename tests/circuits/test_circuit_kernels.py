"""The elimination and its adjoint: as matrices, uncompiled, and where it is in doubt."""

import numpy as np
import pytest

from circuits import Circuit, Line
from circuits import circuit_kernels as kernels
from circuits.circuit_elimination import eliminate
from circuits.circuit_lines import Lines
from circuits.circuit_pivoted import Caught, solve_pivoted
from circuits.component import LineSlope
from tests.circuits.random_netlists import random_netlist


def system(seed, n=7, n_external=3, density=0.4, frequencies=5):
    """Random entries: rows, columns, constant values, varying values, and all of M."""
    rng = np.random.default_rng(seed)
    size = n + n_external
    rows, columns = np.nonzero(rng.random((size, size)) < density)
    values = rng.normal(size=(2, len(rows), frequencies)) * 0.3
    varying = values[0] + 1j * values[1]
    half = len(rows) // 2
    varying[:half] = varying[:half, :1]
    whole = np.zeros((frequencies, size, size), dtype=complex)
    whole[:, rows, columns] = varying.T
    return rows.astype(np.int32), columns.astype(np.int32), varying[:half, 0], varying[half:], whole


def steps(plan):
    return (
        plan.n_places,
        plan.pivots,
        plan.left_start,
        plan.left,
        plan.right_start,
        plan.right,
        plan.target_start,
        plan.target,
        plan.result,
    )


def solved(whole, n):
    inner, outer = slice(0, n), slice(n, None)
    entering = np.linalg.solve(np.eye(n) - whole[:, inner, inner], whole[:, inner, outer])
    return whole[:, outer, outer] + whole[:, outer, inner] @ entering


@pytest.fixture(params=[True, False], ids=["compiled", "plain"])
def kernel(request, monkeypatch):
    """Both ways of running the kernels; uncompiled, coverage and debuggers see them."""
    if not request.param:
        for name in ("_load", "_eliminate", "_reverse", "circuit_forward", "circuit_adjoint"):
            monkeypatch.setattr(kernels, name, getattr(kernels, name).py_func)
    return kernels


@pytest.mark.parametrize("seed", range(3))
def test_forward_and_adjoint(kernel, seed):
    n, e, block = 7, 3, 2  # blocks of two, the last of one
    rows, columns, constant, varying, whole = system(seed)
    plan = eliminate(rows, columns, n, e)
    total = np.empty((5, e * e), dtype=complex)
    weakest, largest = np.empty(5), np.empty(5)
    kernel.circuit_forward(constant, varying, 5, block, *steps(plan), total, weakest, largest)
    expected = solved(whole, n)
    # The weakest pivot costs its inverse in roundings.
    np.testing.assert_allclose(
        total.reshape(5, e, e), expected, atol=1e-13 / np.min(weakest), rtol=0
    )
    assert np.all(weakest <= 1.0)
    assert np.all(largest > 0.0)

    rng = np.random.default_rng(9)
    bar = rng.normal(size=(5, e * e)) + 1j * rng.normal(size=(5, e * e))
    sums = np.empty((3, len(constant)), dtype=complex)
    varying_bar = np.empty_like(varying)
    kernel.circuit_adjoint(
        constant, varying, 5, block, *steps(plan), bar, weakest, largest, sums, varying_bar
    )
    inner = slice(0, n)
    inverse = np.linalg.inv(np.eye(n) - whole[:, inner, inner])
    entering = np.concatenate([inverse @ whole[:, inner, n:], [np.eye(e)] * 5], axis=1)
    leaving = np.concatenate([whole[:, n:, inner] @ inverse, [np.eye(e)] * 5], axis=2)
    adjoint = leaving.swapaxes(1, 2) @ bar.reshape(5, e, e) @ entering.swapaxes(1, 2)
    given = adjoint[:, rows, columns].T
    tolerance = 1e-12 * np.max(np.abs(given)) / np.min(weakest)
    np.testing.assert_allclose(varying_bar, given[len(constant) :], atol=tolerance)
    np.testing.assert_allclose(
        sums.sum(axis=0), given[: len(constant)].sum(axis=1), atol=5 * tolerance
    )


def test_a_circuit_without_feedback_keeps_its_paths_only():
    # A row of ten: each wave needs the one before it.
    rows = np.arange(1, 11, dtype=np.int32)
    columns = np.arange(10, dtype=np.int32)
    # Unknowns 1 … 9 are renamed 0 … 8, the outside is 9 (in) and 10 (out).
    names = np.array([9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 10], dtype=np.int32)
    plan = eliminate(names[rows], names[columns], 9, 2)
    assert plan.n_operations == 9
    assert plan.n_places == 19
    assert np.all(plan.pivots == -1)
    np.testing.assert_array_equal(plan.result >= 0, [False, False, True, False])


def test_order_takes_the_cheapest_first():
    # A star: the hub touches all others; taken first it would fill the matrix.
    n = 12
    spokes = np.arange(1, n, dtype=np.int32)
    hub = np.zeros_like(spokes)
    rows = np.concatenate([hub, spokes, [n, 0]]).astype(np.int32)
    columns = np.concatenate([spokes, hub, [0, n]]).astype(np.int32)
    plan = eliminate(rows, columns, n, 1)
    assert plan.unknowns[-1] == 0
    assert plan.n_operations == n  # one for each spoke, one for the hub


def test_pivoting_takes_what_a_fixed_order_cannot():
    # x0 = x0 + x1 + in, x1 = x0: the first pivot is zero, the system is not singular.
    rows = np.array([0, 0, 0, 1, 2], dtype=np.int32)
    columns = np.array([0, 1, 2, 0, 1], dtype=np.int32)
    solution = solve_pivoted(np.ones(5, dtype=complex), rows, columns, 2, 1)
    np.testing.assert_allclose(solution.total, [[-1.0]], atol=1e-15)
    np.testing.assert_allclose(solution.entering[:, 0], [-1.0, -1.0, 1.0], atol=1e-15)
    for first in (1.0, 1.0 - 1e-15):
        values = np.array([first, 0.0, 1.0, 0.0, 1.0], dtype=complex)
        with pytest.raises(Caught) as caught:
            solve_pivoted(values, rows, columns, 2, 1)
        assert caught.value.unknown == 0


def test_nothing_joined():
    solution = solve_pivoted(
        np.array([0.5 + 0j]), np.array([1], dtype=np.int32), np.array([0], dtype=np.int32), 0, 2
    )
    np.testing.assert_array_equal(solution.total, [[0, 0], [0.5, 0]])


def test_lines_together_are_the_lines():
    light = np.linspace(193.0e12, 193.2e12, 6)
    lines = [
        Line(
            ("a", "b"),
            attenuation=0.1 * i,
            phase=0.5 * i,
            delay=i * 1e-12,
            bend=i * 1e-25,
            reference_frequency=193.1e12 + i * 1e9,
            slopes={name: LineSlope(**{name: 1.0}) for name in LineSlope._fields},
        )
        for i in range(4)
    ]
    together = Lines(lines)
    weight = np.exp(1j * np.arange(24)).reshape(4, 6)
    slopes = together.slopes(light, weight * together.transfer(light))
    for i, line in enumerate(lines):
        np.testing.assert_allclose(together.transfer(light)[i], line.transfer(light), rtol=1e-12)
        np.testing.assert_allclose(
            together.dispersion(light)[i] * line.transfer(light),
            line.dispersion(light)[:, 1, 0],
            rtol=1e-12,
        )
        for name, slope in zip(LineSlope._fields, slopes[i], strict=True):
            expected = np.sum((weight[i] * line.derivatives(light)[name][:, 1, 0]).real)
            size = np.max(np.abs(line.derivatives(light)[name]))
            assert slope == pytest.approx(expected, abs=1e-11 * size)
    assert Lines([]).transfer(light).shape == (0, 6)


def test_new_parameters_of_one_part_leave_the_others():
    built = Circuit(random_netlist(3, 12))
    name = next(it for it, of in built.parameters.items() if "length" in of)
    changed = built.with_parameters({name: {"length": built.parameters[name]["length"] * 1.1}})
    again = Circuit(changed.netlist)
    light = np.linspace(193.0e12, 193.2e12, 6)
    np.testing.assert_array_equal(
        changed.scattering(frequency=light), again.scattering(frequency=light)
    )
    twice = changed.with_parameters({name: {"length": built.parameters[name]["length"]}})
    np.testing.assert_array_equal(
        twice.scattering(frequency=light), built.scattering(frequency=light)
    )
    assert twice.parameters == built.parameters
