"""The kernels of meshes: their arithmetic, and the same functions run as plain Python."""

import numpy as np
import pytest

from circuits import (
    mesh_adjoint_kernels,
    mesh_fold_kernels,
    mesh_functions,
    mesh_kernels,
    mesh_light_kernels,
    mesh_walk_kernels,
)
from circuits.mesh_fold_kernels import sine_cosine


def test_sine_and_cosine():
    x = np.concatenate([np.linspace(-30, 30, 4001), np.arange(-40, 40) * np.pi / 4, [0.0, 9e4]])
    found = np.array([sine_cosine(value) for value in x])
    # Two units in the last place of one, and an argument off by one in its own last place.
    allowed = np.finfo(float).eps * (2 + np.abs(x))
    assert np.all(np.abs(found[:, 0] - np.sin(x)) <= allowed)
    assert np.all(np.abs(found[:, 1] - np.cos(x)) <= allowed)


@pytest.fixture
def uncompiled(monkeypatch):
    """Every kernel of a mesh as the Python function that it was written as."""
    count = 0
    builders = (mesh_fold_kernels, mesh_kernels, mesh_light_kernels)
    for module in (*builders, mesh_walk_kernels, mesh_adjoint_kernels, mesh_functions):
        for name, value in list(vars(module).items()):
            if hasattr(value, "py_func"):
                monkeypatch.setattr(module, name, value.py_func)
                count += 1
    assert count > 20


def results(n, layout, splitter_error, arm):
    rng = np.random.default_rng(n)
    depth = n if layout == "clements" else 2 * n - 3
    theta, phi, errors = rng.uniform(-4, 4, (3, 2, depth, n // 2))
    screen = rng.uniform(-4, 4, (2, n))
    alpha = 0.0 if splitter_error is None else splitter_error * errors
    meshes = mesh_functions.fold_meshes(theta, phi, screen, alpha, 0.0, arm, layout=layout)
    cross = rng.normal(size=(2, n, n)) + 1j * rng.normal(size=(2, n, n))
    one = mesh_functions.fold_meshes(theta[0], phi[0], screen[0], 0.0, 0.0, arm, layout=layout)
    x, g = rng.normal(size=(2, 3, n)) + 1j * rng.normal(size=(2, 3, n))
    y = one.propagate(x, 0.9)
    g_x, gradients = one.propagate_adjoint(y, g, 0.9)
    return meshes.matrix(0.9), *meshes.gradients(cross), y, g_x, *gradients


CASES = [(3, "reck", None, 1.0), (4, "clements", 0.2, 1.0), (5, "clements", 0.2, 0.8)]
COMPILED = {case: results(*case) for case in CASES}


@pytest.mark.parametrize("threads_pay", [False, True])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.usefixtures("uncompiled")
def test_plain_python_gives_the_same(case, threads_pay, monkeypatch):
    for work in ("_BUILD_WORTH_THREADS", "_WALK_WORTH_THREADS"):
        monkeypatch.setattr(mesh_functions, work, 0.0 if threads_pay else np.inf)
    for plain, compiled in zip(results(*case), COMPILED[case], strict=True):
        # Fused multiplications round once where Python rounds twice.
        np.testing.assert_allclose(plain, compiled, atol=1e-14)


def test_a_panel_of_python_reaches_the_next_one(uncompiled):
    # 34 modes are two panels of mode pairs; three columns keep plain Python quick.
    rng = np.random.default_rng(1)
    theta, phi = rng.uniform(-4, 4, (2, 3, 17))
    meshes = mesh_functions.fold_meshes(theta, phi, np.zeros(34))
    matrix = meshes.matrix()
    np.testing.assert_allclose(matrix.conj().T @ matrix, np.eye(34), atol=1e-14)
    # The norm of the output is the norm of the input, whatever the phases: no gradient.
    for gradient in meshes.gradients(matrix @ matrix.conj().T):
        np.testing.assert_allclose(gradient, 0, atol=1e-14)
