import numpy as np
import pytest
from scipy.stats import unitary_group

from circuits import clements_decompose, reck_decompose
from circuits import mesh as mesh_module
from circuits.mesh import MachZehnderMesh
from tests import naive


def phases(mesh, *banks):
    rng = np.random.default_rng(mesh.n)
    theta, phi = rng.uniform(-4, 4, (2, *banks, *mesh.shape))
    return theta, phi, rng.uniform(-4, 4, (*banks, mesh.n))


def complex_normal(rng, *shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


@pytest.mark.parametrize("layout", ["clements", "reck"])
def test_matrix_is_the_product_of_its_parts(layout):
    rng = np.random.default_rng(0)
    shape = MachZehnderMesh(n=6, layout=layout).shape
    alpha, beta = rng.uniform(-0.2, 0.2, (2, *shape))
    losses = rng.uniform(0, 1, shape)
    mesh = MachZehnderMesh(
        n=6, layout=layout, alpha=alpha, beta=beta, column_loss_db=0.3, arm_loss_db=losses
    )
    settings = phases(mesh)
    expected = naive.mesh_matrix(
        *settings, alpha, beta, 10 ** (-0.3 / 20), 10 ** (-losses / 10), layout
    )
    # Depth 6 or 9 columns of rotations, each right to a few ε.
    np.testing.assert_allclose(mesh.matrix(*settings), expected, atol=1e-14)


@pytest.mark.parametrize("decompose", [clements_decompose, reck_decompose])
def test_a_perfect_mesh_realises_what_was_programmed(decompose):
    unitary = unitary_group.rvs(9, random_state=1)
    program = decompose(unitary)
    perfect = MachZehnderMesh(n=9, layout=program.layout)
    np.testing.assert_allclose(perfect.realise(program), unitary, atol=1e-13)
    # Uniform loss scales everything: C columns of 1 dB.
    lossy = MachZehnderMesh(n=9, layout=program.layout, column_loss_db=1.0)
    scale = 10 ** (-program.depth / 20)
    np.testing.assert_allclose(lossy.realise(program), scale * unitary, atol=1e-13)


def test_loss_in_the_arms_makes_the_mesh_neither_unitary_nor_uniform():
    program = clements_decompose(unitary_group.rvs(6, random_state=2))
    matrix = MachZehnderMesh(n=6, arm_loss_db=0.5).realise(program)
    powers = np.linalg.svd(matrix, compute_uv=False) ** 2
    # Never amplified, at worst every arm on the path lost its 0.5 dB.
    assert 10 ** (-6 * 0.05) <= powers.min() < powers.max() - 0.01 < 1 - 0.01


@pytest.mark.parametrize("streamed", [False, True])
def test_light_and_gradients_agree_with_the_matrix(streamed, monkeypatch):
    monkeypatch.setattr(mesh_module, "streaming_pays", lambda *_: streamed)
    rng = np.random.default_rng(3)
    mesh = MachZehnderMesh(n=5, alpha=0.1, beta=-0.2, column_loss_db=0.2, arm_loss_db=0.4)
    settings = phases(mesh)
    x, g = complex_normal(rng, 2, 7, 5)
    matrix = mesh.matrix(*settings)
    np.testing.assert_allclose(mesh.propagate(x, *settings), x @ matrix.T, atol=1e-14)
    g_x, gradients = mesh.propagate_adjoint(x, *settings, grad_output=g)
    # Re Σ g* y with y = W x: the gradient of x is W† g, that of W is g x†.
    np.testing.assert_allclose(g_x, g @ matrix.conj(), atol=1e-14)
    expected = mesh.matrix_adjoint(*settings, matrix=matrix, grad_matrix=g.T @ x.conj())
    for one, other in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)
    # One phase by a central difference: rounding ε/step.
    step = np.zeros_like(settings[0])
    step[2, 1] = 1e-6

    def loss(theta):
        return np.vdot(g, mesh.propagate(x, theta, *settings[1:])).real

    slope = (loss(settings[0] + step) - loss(settings[0] - step)) / 2e-6
    assert gradients.theta[2, 1] == pytest.approx(slope, abs=1e-8)


def test_many_settings_share_the_errors_of_one_mesh():
    mesh = MachZehnderMesh(n=4, alpha=0.1, beta=np.full((4, 2), 0.05))
    theta, phi, screen = phases(mesh, 3)
    matrices = mesh.matrix(theta, phi, screen)
    for k in range(3):
        np.testing.assert_array_equal(matrices[k], mesh.matrix(theta[k], phi[k], screen[k]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 1}, "at least 2 modes; got 1"),
        ({"n": 2.5}, "whole number"),
        ({"n": 4, "layout": "braid"}, "'clements' or 'reck'; got 'braid'"),
        ({"n": 4, "depth": 0}, "at least 1 column"),
        ({"n": 4, "layout": "reck", "depth": 4}, r"2N − 3 = 5 columns .* got 4"),
        ({"n": 4, "alpha": np.zeros((4, 4))}, r"\(C, N//2\) = \(4, 2\); got \(4, 4\)"),
        ({"n": 4, "beta": np.nan}, "beta must be finite"),
        ({"n": 4, "column_loss_db": -0.5}, "For 0.5 dB of loss write column_loss_db=0.5"),
        ({"n": 4, "column_loss_db": np.inf}, "column_loss_db must be ≥ 0 and finite"),
        ({"n": 4, "arm_loss_db": -1.0}, "For 1 dB of loss write arm_loss_db=1"),
    ],
)
def test_what_cannot_be_made_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        MachZehnderMesh(**arguments)


def test_settings_that_do_not_fit_are_refused():
    mesh = MachZehnderMesh(n=4)
    theta, phi, screen = phases(mesh)
    with pytest.raises(ValueError, match=r"theta must have shape .*\(4, 2\).*; got \(3, 2\)"):
        mesh.matrix(theta[:3], phi, screen)
    with pytest.raises(ValueError, match=r"screen must have shape .*got \(5,\)"):
        mesh.matrix(theta, phi, np.zeros(5))
    with pytest.raises(ValueError, match="phi must be finite"):
        mesh.matrix(theta, np.full_like(phi, np.nan), screen)
    with pytest.raises(ValueError, match="for layout 'reck', not 'clements'"):
        mesh.realise(reck_decompose(np.eye(4)))
