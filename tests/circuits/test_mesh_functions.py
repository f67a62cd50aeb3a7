"""Meshes as matrices, and their gradients, against loops and against autograd of plain products."""

import numba
import numpy as np
import pytest
import torch
from scipy.stats import unitary_group

from circuits import clements_decompose, reck_decompose
from circuits.mesh_functions import (
    cells_per_column,
    fold_meshes,
    mesh_matrix,
    mesh_matrix_adjoint,
)
from tests import naive
from validation import closed_forms

EPSILON = np.finfo(float).eps
SINGLE = float(np.finfo(np.float32).eps)

# layout, N, depth: odd and even, one panel of 16 pairs and its edges, too shallow and too deep.
MESHES = [
    ("clements", 2, 2),
    ("clements", 3, 3),
    ("clements", 6, 6),
    ("clements", 7, 3),
    ("clements", 5, 12),
    ("clements", 33, 9),
    ("reck", 2, 1),
    ("reck", 6, 9),
    ("reck", 7, 11),
]
# splitter errors (rad), amplitude of a column, power of the θ arms
IMPERFECTIONS = {
    "perfect": (0.0, 1.0, 1.0),
    "splitters": (0.3, 1.0, 1.0),
    "uniform loss": (0.1, 0.9, 1.0),
    "lossy arms": (0.3, 0.95, 0.7),
    "wild": (2.0, 0.95, 0.7),
}


def settings(n, depth, seed=0, errors=0.0):
    """θ, φ, screen (beyond one turn, both signs) and splitter errors α, β."""
    rng = np.random.default_rng([seed, n, depth])
    theta, phi = rng.uniform(-7, 7, (2, depth, n // 2))
    alpha, beta = errors * rng.uniform(-1, 1, (2, depth, n // 2))
    return theta, phi, rng.uniform(-7, 7, n), alpha, beta


def complex_normal(rng, *shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def torch_matrix(theta, phi, screen, alpha, beta, arm_transmission, layout):
    """The plain product of 2×2 matrices on rows, differentiable in everything."""

    def splitter(error):
        c, s = torch.cos(torch.pi / 4 + error), torch.sin(torch.pi / 4 + error)
        return torch.complex(
            torch.stack([torch.stack([c, 0 * c]), torch.stack([0 * c, c])]),
            torch.stack([torch.stack([0 * s, s]), torch.stack([s, 0 * s])]),
        )

    def on_top(factor):
        return torch.diag(torch.stack([factor, torch.ones_like(factor)]))

    n = len(screen)
    matrix = torch.eye(n, dtype=torch.complex128)
    for column, k, m in naive.mesh_cells(n, len(theta), layout):
        arm = arm_transmission**0.5 * torch.exp(1j * theta[column, k])
        cell = (
            splitter(beta[column, k])
            @ on_top(arm)
            @ splitter(alpha[column, k])
            @ on_top(torch.exp(1j * phi[column, k]))
        )
        matrix = torch.cat([matrix[:m], cell @ matrix[m : m + 2], matrix[m + 2 :]])
    return torch.exp(1j * screen)[:, None] * matrix


@pytest.mark.parametrize("imperfection", IMPERFECTIONS)
@pytest.mark.parametrize(("layout", "n", "depth"), MESHES)
def test_matrix_is_the_product_of_its_parts(layout, n, depth, imperfection):
    errors, column, arm = IMPERFECTIONS[imperfection]
    theta, phi, screen, alpha, beta = settings(n, depth, errors=errors)
    arms = np.full_like(theta, arm)
    found = mesh_matrix(theta, phi, screen, alpha, beta, column, arms, layout=layout)
    expected = naive.mesh_matrix(theta, phi, screen, alpha, beta, column, arms, layout)
    # A path collects at most 2·depth rotations, each right to a few ε.
    np.testing.assert_allclose(found, expected, atol=10 * (depth + n) * EPSILON)


@pytest.mark.parametrize("layout", ["clements", "reck"])
@pytest.mark.parametrize("n", [2, 3, 4, 9, 31, 64])
def test_cells_per_column(layout, n):
    depth = n if layout == "clements" else 2 * n - 3
    columns = [column for column, _, _ in naive.mesh_cells(n, depth, layout)]
    np.testing.assert_array_equal(
        cells_per_column(n, depth, layout), np.bincount(columns, minlength=depth)
    )


@pytest.mark.parametrize("n", [2, 7, 32, 34, 64, 100])
@pytest.mark.parametrize("errors", [0.0, 0.2])
def test_lossless_mesh_is_unitary(n, errors):
    u = mesh_matrix(*settings(n, n, errors=errors))
    # PHYSICS §7, case 4.
    assert np.linalg.norm(u.conj().T @ u - np.eye(n), 2) < 10 * n * EPSILON


@pytest.mark.parametrize("n", [8, 33])
def test_a_reversed_column_is_the_transpose(n):
    # PHYSICS §7, case 11, for imperfect splitters: backwards, light meets the screen first, then
    # β before α, and φ on the arm where it leaves.
    theta, phi, screen, alpha, beta = settings(n, 1, errors=0.2)
    forwards = mesh_matrix(theta, phi, screen, alpha, beta)
    backwards = mesh_matrix(theta, 0 * phi, 0 * screen, beta, alpha)
    leaving = np.ones(n, dtype=complex)
    leaving[0 : 2 * (n // 2) : 2] = np.exp(1j * phi[0])
    np.testing.assert_allclose(
        leaving[:, None] * backwards * np.exp(1j * screen), forwards.T, atol=1e-13
    )


@pytest.mark.parametrize("imperfection", IMPERFECTIONS)
@pytest.mark.parametrize(
    ("layout", "n", "depth"),
    [*MESHES, ("clements", 34, 34), ("clements", 65, 5), ("clements", 66, 4), ("reck", 34, 65)],
)
def test_gradients_equal_autograd_of_the_plain_product(layout, n, depth, imperfection):
    errors, column, arm = IMPERFECTIONS[imperfection]
    values = settings(n, depth, errors=errors)
    inputs = [torch.tensor(value, requires_grad=True) for value in values]
    reference = column**depth * torch_matrix(*inputs, arm, layout)
    g = complex_normal(np.random.default_rng(1), n, n)
    expected = torch.autograd.grad(reference, inputs, torch.from_numpy(g), allow_unused=True)
    matrix = mesh_matrix(*values, column, arm, layout=layout)
    found = mesh_matrix_adjoint(*values, arm, matrix=matrix, grad_matrix=g, layout=layout)
    # Lossy arms: what a path has lost is amplified on the way back, by √0.7 a column at most.
    amplified = min(arm**-0.5, 2.0) ** min(depth, 20)
    for one, other in zip(found, expected, strict=True):
        other = torch.zeros(one.shape) if other is None else other
        scale = np.linalg.norm(g) * column**depth
        np.testing.assert_allclose(one, other.numpy(), atol=20 * EPSILON * scale * amplified)


@pytest.mark.parametrize("imperfection", ["splitters", "lossy arms"])
def test_gradients_equal_finite_differences(imperfection):
    errors, column, arm = IMPERFECTIONS[imperfection]
    values = settings(5, 5, errors=errors)
    g = complex_normal(np.random.default_rng(2), 5, 5)

    def loss(changed):
        return np.vdot(g, mesh_matrix(*changed, column, arm)).real

    matrix = mesh_matrix(*values, column, arm)
    gradients = mesh_matrix_adjoint(*values, arm, matrix=matrix, grad_matrix=g)
    step = 1e-6
    for position, (value, gradient) in enumerate(zip(values, gradients, strict=True)):
        for index in np.ndindex(value.shape):
            moved = [[v.copy() for v in values] for _ in range(2)]
            moved[0][position][index] += step
            moved[1][position][index] -= step
            slope = (loss(moved[0]) - loss(moved[1])) / (2 * step)
            # Central differences: rounding ε/step and truncation step² of a loss near ten.
            assert gradient[index] == pytest.approx(slope, abs=2e-8)


@pytest.mark.parametrize("banks", [1, 3])
@pytest.mark.parametrize("arm", [1.0, 0.8])
def test_many_meshes_at_once_are_each_alone(banks, arm):
    rng = np.random.default_rng(5)
    n = 10
    theta, phi, alpha, beta = rng.uniform(-3, 3, (4, banks, n, n // 2))
    screen, arms = rng.uniform(-3, 3, (banks, n)), np.full((banks, n, n // 2), arm)
    g = complex_normal(rng, banks, n, n)
    # Errors of each mesh's own, beside errors that all share.
    for errors in [(alpha, beta), (alpha[0], beta), (0.1, beta), (0.0, 0.2), (alpha, 0.0)]:
        found = mesh_matrix(theta, phi, screen, *errors, 0.9, arms)
        gradients = mesh_matrix_adjoint(
            theta, phi, screen, *errors, arms, matrix=found, grad_matrix=g
        )
        assert found.shape == (banks, n, n)
        for bank in range(banks):
            own = [e[bank] if np.ndim(e) == 3 else e for e in errors]
            one = (theta[bank], phi[bank], screen[bank], *own)
            matrix = mesh_matrix(*one, 0.9, arms[bank])
            alone = mesh_matrix_adjoint(*one, arms[bank], matrix=matrix, grad_matrix=g[bank])
            np.testing.assert_array_equal(found[bank], matrix)
            for together, single in zip(gradients, alone, strict=True):
                # The product G W† may be rounded differently for one and for many.
                np.testing.assert_allclose(together[bank], single, atol=1e-13)


@pytest.mark.parametrize(("n", "arm"), [(16, 1.0), (64, 1.0), (100, 1.0), (64, 0.98)])
def test_single_precision_follows_double(n, arm):
    values = settings(n, n, errors=0.05)
    single = [value.astype(np.float32) for value in values]
    double = [value.astype(np.float64) for value in single]
    g = complex_normal(np.random.default_rng(3), n, n)
    matrix, rough = mesh_matrix(*double, 0.99, arm), mesh_matrix(*single, 0.99, arm)
    assert rough.dtype == np.complex64
    # Roundings of N columns add up at random: each column turns every mode once (PHYSICS §1).
    assert np.linalg.norm(rough - matrix, 2) < 10 * np.sqrt(n) * SINGLE
    exact = mesh_matrix_adjoint(*double, arm, matrix=matrix, grad_matrix=g)
    found = mesh_matrix_adjoint(*single, arm, matrix=rough, grad_matrix=g.astype(np.complex64))
    # Lossy arms amplify rounding by the spread of the losses, 0.98^(−N/2) at most.
    spread = arm ** (-n / 2)
    for one, other in zip(found, exact, strict=True):
        assert one.dtype == np.float32
        assert np.linalg.norm(one - other) < 10 * np.sqrt(n) * SINGLE * spread * np.linalg.norm(
            other
        )


@pytest.mark.parametrize("arm", [1.0, 0.9])
def test_threads_change_no_bit(arm):
    rng = np.random.default_rng(6)
    theta, phi = rng.uniform(-3, 3, (2, 2, 130, 65)).astype(np.float32)
    screen = rng.uniform(-3, 3, (2, 130)).astype(np.float32)
    g = complex_normal(rng, 2, 130, 130).astype(np.complex64)
    results = []
    available = numba.get_num_threads()
    for threads in (1, 2):
        numba.set_num_threads(min(threads, available))
        try:
            meshes = fold_meshes(theta, phi, screen, 0.01, 0.02, arm)
            results.append((meshes.matrix(0.9), *meshes.gradients(g)))
        finally:
            numba.set_num_threads(available)
    for one, two in zip(*results, strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(("n", "batch"), [(12, 20), (33, 32), (34, 75)])
@pytest.mark.parametrize("arm", [1.0, 0.8])
def test_light_streamed_through_the_columns_meets_the_matrix(n, batch, arm):
    rng = np.random.default_rng(7)
    meshes = fold_meshes(*settings(n, n, errors=0.1), arm)
    x, g = complex_normal(rng, 2, batch, n)
    matrix = meshes.matrix(0.98)
    y = meshes.propagate(x, 0.98)
    np.testing.assert_allclose(y, x @ matrix.T, atol=1e-13)
    g_x, gradients = meshes.propagate_adjoint(y, g, 0.98)
    np.testing.assert_allclose(g_x, g @ matrix.conj(), atol=1e-13)
    # Sums over the batch of products of order one.
    for one, other in zip(gradients, meshes.gradients(g.T @ y.conj()), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-11)


def test_light_and_its_gradients_equal_autograd_of_the_plain_product():
    rng = np.random.default_rng(8)
    values = settings(6, 6, errors=0.1)
    x, g = complex_normal(rng, 2, 20, 6)
    meshes = fold_meshes(*values)
    g_x, gradients = meshes.propagate_adjoint(meshes.propagate(x), g)
    inputs = [torch.tensor(value, requires_grad=True) for value in (x, *values)]
    reference = inputs[0] @ torch_matrix(*inputs[1:], 1.0, "clements").T
    expected = torch.autograd.grad(reference, inputs, torch.from_numpy(g))
    for one, other in zip((g_x, *gradients), expected, strict=True):
        # Sums of 20·6 products of order one.
        np.testing.assert_allclose(one, other.numpy(), atol=1e-12)


@pytest.mark.parametrize("batch", [1, 40])
def test_streamed_light_in_single_precision(batch):
    values = [value.astype(np.float32) for value in settings(48, 48)]
    rng = np.random.default_rng(9)
    x, g = complex_normal(rng, 2, batch, 48).astype(np.complex64)
    rough, exact = fold_meshes(*values), fold_meshes(*(v.astype(float) for v in values))
    y, reference = rough.propagate(x), exact.propagate(x)
    assert y.dtype == np.complex64
    # Roundings of 48 columns add up at random.
    assert np.linalg.norm(y - reference) < 10 * np.sqrt(48) * SINGLE * np.linalg.norm(reference)
    found = rough.propagate_adjoint(y, g)
    expected = exact.propagate_adjoint(reference, g)
    for one, other in zip((found[0], *found[1]), (expected[0], *expected[1]), strict=True):
        assert np.linalg.norm(one - other) < 10 * np.sqrt(48) * SINGLE * np.linalg.norm(other)


@pytest.mark.parametrize("decompose", [clements_decompose, reck_decompose])
def test_errors_of_splitters_and_phases_grow_as_predicted(decompose):
    # PHYSICS §7, cases 7 and 8: leading order of 24 Haar unitaries, tolerance 8 %.
    n, sigma, draws = 32, 1e-3, 24
    rng = np.random.default_rng(8)
    splitters, phases = [], []
    for draw in range(draws):
        program = decompose(unitary_group.rvs(n, random_state=draw))
        values = (program.theta, program.phi, program.screen)
        ideal = mesh_matrix(*values, layout=program.layout)
        alpha, beta = sigma * rng.normal(size=(2, *program.theta.shape))
        wrong = mesh_matrix(*values, alpha, beta, layout=program.layout)
        splitters.append(np.linalg.norm(wrong - ideal) / np.sqrt(n))
        moved = [value + sigma * rng.normal(size=value.shape) for value in values]
        wrong = mesh_matrix(*moved, layout=program.layout)
        phases.append(np.linalg.norm(wrong - ideal) / np.sqrt(n))
    assert np.mean(splitters) == pytest.approx(
        closed_forms.interferometer.splitter_error_of_mesh(n, sigma), rel=0.08
    )
    assert np.mean(phases) == pytest.approx(
        closed_forms.interferometer.phase_error_of_mesh(n, sigma), rel=0.08
    )


def test_dark_ports_have_gradients_too():
    # θ = 0 and π: one port of every interferometer is dark and has no phase of its own.
    n = 6
    values = [np.zeros((n, 3)), np.zeros((n, 3)), np.zeros(n), np.zeros((n, 3)), np.zeros((n, 3))]
    values[0][::2] = np.pi
    g = complex_normal(np.random.default_rng(9), n, n)
    inputs = [torch.tensor(value, requires_grad=True) for value in values]
    expected = torch.autograd.grad(
        torch_matrix(*inputs, 1.0, "clements"), inputs, torch.from_numpy(g)
    )
    found = mesh_matrix_adjoint(*values, matrix=mesh_matrix(*values), grad_matrix=g)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other.numpy(), atol=1e-13)
