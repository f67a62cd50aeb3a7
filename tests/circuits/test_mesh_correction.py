import numpy as np
import pytest
from scipy.stats import ortho_group, unitary_group

from circuits import (
    MachZehnderMesh,
    MeshProgram,
    clements_decompose,
    correct_attenuators,
    correct_program,
    expected_residual,
    reck_decompose,
    unreachable_splits,
)
from devices import MachZehnder

DECOMPOSE = {"clements": clements_decompose, "reck": reck_decompose}


def _distance(matrix, unitary):
    return np.linalg.norm(matrix - unitary) / np.sqrt(len(unitary))


def _within_floors(n, layout, rng):
    """A program whose splits all lie between 0.1 and 0.9, and errors that leave them there."""
    program = DECOMPOSE[layout](unitary_group.rvs(n, random_state=rng))
    theta = np.where(program.theta > 0, rng.uniform(0.7, 2.4, program.theta.shape), 0.0)
    program = MeshProgram(
        theta=theta, phi=program.phi, screen=program.screen, layout=program.layout
    )
    return program, rng.uniform(-0.15, 0.15, (2, *theta.shape))


@pytest.mark.parametrize("layout", ["clements", "reck"])
@pytest.mark.parametrize("n", [2, 3, 4, 7, 16, 33])
def test_is_exact_where_nothing_is_beyond_a_floor(n, layout):
    program, (alpha, beta) = _within_floors(n, layout, np.random.default_rng(n))
    mesh = MachZehnderMesh(n=n, layout=layout, alpha=alpha, beta=beta)
    wanted = program.matrix()
    assert not unreachable_splits(program, alpha, beta).any()
    # Errors of this size undo a large mesh altogether; corrected, what is left is rounding, which
    # up to 2N columns of norm 1 collect.
    assert _distance(mesh.realise(program), wanted) > 0.02
    assert _distance(mesh.realise(mesh.correct(program)), wanted) < 20 * n * np.finfo(float).eps


def test_one_interferometer_by_hand():
    """θ' of sin²(θ'/2) = (½ − sin²0.1)/(cos²0.04 − sin²0.1) at a 50:50 split, α = .07, β = .03."""
    program = MeshProgram(
        theta=np.array([[np.pi / 2], [0.0]]), phi=np.zeros((2, 1)), screen=np.zeros(2)
    )
    corrected = correct_program(program, 0.07, 0.03)
    share = (0.5 - np.sin(0.1) ** 2) / (np.cos(0.04) ** 2 - np.sin(0.1) ** 2)
    np.testing.assert_allclose(corrected.theta, [[2 * np.arcsin(share**0.5)], [0.0]], rtol=1e-13)
    mesh = MachZehnderMesh(n=2, alpha=0.07, beta=0.03)
    np.testing.assert_allclose(mesh.realise(corrected), program.matrix(), atol=1e-15)


def test_no_errors_leave_the_program_as_it_is():
    program = clements_decompose(unitary_group.rvs(6, random_state=0))
    corrected = correct_program(program, 0.0, 0.0)
    np.testing.assert_allclose(corrected.theta, program.theta, atol=1e-15 * 100)
    for name in ("phi", "screen"):
        turn = np.exp(1j * (getattr(corrected, name) - getattr(program, name)))
        np.testing.assert_allclose(turn, 1.0, atol=1e-13)


def test_residual_beyond_the_floors_is_second_order():
    """E_c ≈ √(2/3) N σ² and N(N²−1)σ²/3 cells at a floor (PHYSICS §2), on six Haar unitaries."""
    n, sigma, rng = 48, 0.02, np.random.default_rng(3)
    residual, clamped = [], []
    for draw in range(6):
        unitary = unitary_group.rvs(n, random_state=draw)
        program = clements_decompose(unitary)
        alpha, beta = sigma * rng.normal(size=(2, *program.theta.shape))
        mesh = MachZehnderMesh(n=n, alpha=alpha, beta=beta)
        residual.append(_distance(mesh.realise(mesh.correct(program)), unitary))
        clamped.append(unreachable_splits(program, alpha, beta).sum())
    expected = n * (n**2 - 1) * sigma**2 / 3  # 14.7 a draw, 88 in all: 4 standard errors are 43 %
    assert np.mean(clamped) == pytest.approx(expected, rel=0.43)
    # The error is the root of a sum over those cells: half their relative scatter, and that of
    # what each contributes.
    assert np.mean(residual) == pytest.approx(np.sqrt(2 / 3) * n * sigma**2, rel=0.35)


def test_a_split_beyond_a_floor_is_set_to_the_floor():
    program = MeshProgram(theta=np.array([[0.01], [0.0]]), phi=np.zeros((2, 1)), screen=np.zeros(2))
    assert unreachable_splits(program, 0.1, 0.1).tolist() == [[True], [False]]
    corrected = correct_program(program, 0.1, 0.1)
    assert corrected.theta[0, 0] == 0.0
    bar = np.abs(MachZehnderMesh(n=2, alpha=0.1, beta=0.1).realise(corrected)[0, 0]) ** 2
    assert bar == pytest.approx(np.sin(0.2) ** 2, rel=1e-13)


def test_an_attenuator_passes_what_is_wanted_or_its_floor():
    wanted = np.array([0.3, -0.9, 0.05, 1.0])
    alpha, beta = np.array([0.1, 0.05, 0.08, 0.07]), np.array([0.04, -0.02, 0.06, 0.0])
    theta, phi = correct_attenuators(wanted, alpha, beta)
    passed = [
        MachZehnder(theta=a, phi=b, alpha=c, beta=d).transfer_matrix()[0, 0]
        for a, b, c, d in zip(theta, phi, alpha, beta, strict=True)
    ]
    # Floors |sin(α + β)| … cos(α − β); rounding of a few operations.
    expected = [0.3, -0.9, np.sin(0.14), np.cos(0.07)]
    np.testing.assert_allclose(passed, expected, atol=1e-14)


def test_losses_are_left_as_they_are():
    program, (alpha, beta) = _within_floors(5, "clements", np.random.default_rng(0))
    mesh = MachZehnderMesh(n=5, alpha=alpha, beta=beta, column_loss_db=0.4)
    expected = 10 ** (-5 * 0.4 / 20) * program.matrix()
    np.testing.assert_allclose(mesh.realise(mesh.correct(program)), expected, atol=1e-14)


def test_what_cannot_be_corrected_is_refused():
    program = clements_decompose(np.eye(4))
    with pytest.raises(ValueError, match=r"alpha must be one number or .* \(4, 2\); got \(3, 2\)"):
        correct_program(program, np.zeros((3, 2)), 0.0)
    with pytest.raises(ValueError, match="beta must be within ±π/4 .* does not split.; got 0.8"):
        correct_program(program, 0.0, 0.8)
    with pytest.raises(ValueError, match="alpha must be within ±π/4 .* got nan"):
        unreachable_splits(program, np.full((4, 2), np.nan), 0.0)
    outside = MeshProgram(theta=program.theta + 4, phi=program.phi, screen=program.screen)
    with pytest.raises(ValueError, match="theta must be within 0 … π, as clements_decompose"):
        correct_program(outside, 0.0, 0.0)
    with pytest.raises(ValueError, match="the program is for layout 'clements', not 'reck'"):
        MachZehnderMesh(n=4, layout="reck").correct(program)


@pytest.mark.parametrize(("group", "n"), [(unitary_group, 16), (ortho_group, 16), (ortho_group, 5)])
def test_the_residual_is_what_the_splits_beyond_the_floors_let_expect(group, n):
    rng = np.random.default_rng(11)
    sigma, squares, expected = 0.04, [], []
    for _ in range(150):
        program = clements_decompose(group.rvs(n, random_state=rng))
        alpha, beta = sigma * rng.normal(size=(2, *program.theta.shape))
        mesh = MachZehnderMesh(n=n, alpha=alpha, beta=beta)
        squares.append(_distance(mesh.realise(mesh.correct(program)), program.matrix()) ** 2)
        expected.append(expected_residual(program, sigma) ** 2)
    # Four standard errors of the mean, and 5 % that the leading order of σ may be off.
    error = np.std(squares) / np.sqrt(len(squares))
    assert abs(np.mean(squares) - np.mean(expected)) < 4 * error + 0.05 * np.mean(expected)


def test_the_residual_of_random_unitaries_is_the_closed_form():
    rng = np.random.default_rng(12)
    n, sigma = 32, 0.01
    squares = [
        expected_residual(clements_decompose(unitary_group.rvs(n, random_state=rng)), sigma) ** 2
        for _ in range(40)
    ]
    # √(2/3) N σ² for N² ≫ 1; few interferometers have such splits, so the mean scatters by 8 %.
    assert np.sqrt(np.mean(squares)) == pytest.approx(np.sqrt(2 / 3) * n * sigma**2, rel=0.1)


def test_no_residual_is_expected_without_errors_and_none_of_bad_ones():
    program = clements_decompose(np.eye(3))
    assert expected_residual(program, 0.0) == 0.0
    with pytest.raises(ValueError, match="splitter_error must be ≥ 0 and finite .* got -0.1"):
        expected_residual(program, -0.1)
