import numpy as np
import pytest
from scipy.stats import ortho_group, unitary_group

from circuits import clements_decompose, reck_decompose
from circuits.mesh_decomposition import MeshProgram
from validation import closed_forms

EPSILON = np.finfo(float).eps
DECOMPOSE = [clements_decompose, reck_decompose]


def by_parts(program: MeshProgram):
    """The product of the interferometers one by one, from the independent closed form."""
    n = program.n
    matrix = np.eye(n, dtype=complex)
    for column in range(program.depth):
        for k in range(n // 2):
            m = 2 * k + column % 2
            last = n - 2 if program.layout == "clements" else min(column, 2 * n - 4 - column)
            if m <= last:
                cell = closed_forms.interferometer.mach_zehnder_matrix(
                    program.theta[column, k], program.phi[column, k], 0.0, 0.0
                )
                matrix[m : m + 2] = cell @ matrix[m : m + 2]
    return np.exp(1j * program.screen)[:, None] * matrix


@pytest.mark.parametrize("decompose", DECOMPOSE)
@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 13, 16, 32, 64])
def test_round_trip_of_haar_unitaries(decompose, n):
    unitary = unitary_group.rvs(n, random_state=n)
    program = decompose(unitary)
    # PHYSICS §7, case 5: ten times N roundings.
    assert np.linalg.norm(program.matrix() - unitary, 2) < 10 * n * EPSILON
    assert np.linalg.norm(by_parts(program) - unitary, 2) < 10 * n * EPSILON
    assert program.theta.shape == program.phi.shape == (program.depth, n // 2)
    assert np.all((program.theta >= 0) & (program.theta <= np.pi))
    assert np.all((program.phi >= 0) & (program.phi < 2 * np.pi))


@pytest.mark.parametrize("decompose", DECOMPOSE)
@pytest.mark.parametrize(
    "unitary",
    [
        np.eye(6),
        np.eye(6)[::-1],
        np.eye(6)[[1, 2, 0, 5, 3, 4]],
        np.fft.fft(np.eye(7)) / np.sqrt(7),
        ortho_group.rvs(9, random_state=1),
        -1j * np.eye(3),
        np.array([[0, 1], [1, 0]]),
    ],
    ids=["identity", "reversal", "permutation", "DFT", "orthogonal", "phase", "swap"],
)
def test_round_trip_of_special_unitaries(decompose, unitary):
    error = decompose(unitary).matrix() - unitary
    assert np.linalg.norm(error, 2) < 10 * len(unitary) * EPSILON


@pytest.mark.parametrize("n", [2, 3, 8, 15])
def test_depth_and_count(n):
    unitary = unitary_group.rvs(n, random_state=n)
    rectangle, triangle = clements_decompose(unitary), reck_decompose(unitary)
    assert (rectangle.depth, triangle.depth) == (n, 2 * n - 3)
    assert rectangle.n_interferometers == triangle.n_interferometers == n * (n - 1) // 2


def test_a_permutation_needs_only_bars_and_crosses():
    # θ = 0 is cross, θ = π is bar (PHYSICS §2).
    theta = clements_decompose(np.eye(6)[[3, 0, 5, 1, 4, 2]]).theta
    assert set(np.round(theta.ravel(), 12)) <= {0.0, round(np.pi, 12)}


def test_reversed_mesh_is_the_transpose():
    # PHYSICS §7, case 11: light sent backwards through reciprocal parts sees Uᵀ.
    program = clements_decompose(unitary_group.rvs(6, random_state=3))
    n, matrix = program.n, np.diag(np.exp(1j * program.screen))
    for column in reversed(range(program.depth)):
        for k in range((n - column % 2) // 2):
            m = 2 * k + column % 2
            backwards = closed_forms.interferometer.mach_zehnder_matrix(
                program.theta[column, k], program.phi[column, k], 0.0, 0.0
            ).T
            cell = np.eye(n, dtype=complex)
            cell[m : m + 2, m : m + 2] = backwards
            matrix = cell @ matrix
    np.testing.assert_allclose(matrix, program.matrix().T, atol=1e-13)


def test_rounding_is_removed_and_more_is_refused():
    unitary = unitary_group.rvs(5, random_state=2)
    rough = unitary.astype(np.complex64)
    assert np.linalg.norm(clements_decompose(rough).matrix() - unitary, 2) < 1e-6
    with pytest.raises(ValueError, match=r"U†U = I .*‖U†U − I‖₂ = 0\.21\. For any other"):
        clements_decompose(1.1 * np.eye(4))


@pytest.mark.parametrize("decompose", DECOMPOSE)
@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.ones((2, 3)), r"square matrix .* got shape \(2, 3\)"),
        (np.ones(4), r"got shape \(4,\)"),
        (np.eye(1), "at least 2×2"),
        (np.full((2, 2), np.nan), "must be finite"),
    ],
)
def test_wrong_matrices_are_refused(decompose, matrix, message):
    with pytest.raises(ValueError, match=message):
        decompose(matrix)
