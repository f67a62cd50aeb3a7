"""Elimination of nodes against numpy's solution of the same networks."""

import numpy as np
import pytest

from circuits.crossbar_elimination_kernels import (
    add_product,
    correlate,
    factorise,
    overlap,
    respond,
)


def network(nodes, ports, seed=0):
    """[C | S] of random conductances, C and S."""
    rng = np.random.default_rng(seed)
    c = rng.uniform(0.1, 1.0, (nodes, ports))
    between = np.triu(rng.uniform(0.0, 1.0, (nodes, nodes)), 1)
    between = between + between.T
    s = np.diag(between.sum(axis=1) + c.sum(axis=1)) - between
    return np.hstack([c, s]), c, s


# Rows in fours, and what is left over.
@pytest.mark.parametrize(("nodes", "ports"), [(1, 1), (4, 4), (5, 7), (8, 3), (11, 14)])
@pytest.mark.parametrize("compiled", [True, False])
def test_nodes_are_eliminated_and_respond(nodes, ports, compiled):
    run = (lambda kernel: kernel) if compiled else (lambda kernel: kernel.py_func)
    ur, c, s = network(nodes, ports)
    q = np.full((4, 4), np.nan)
    run(factorise)(ur, q)
    upper = np.triu(ur[:, ports:])
    np.testing.assert_allclose(upper.T @ upper, s, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(upper.T @ ur[:, :ports], c, rtol=1e-12)

    out = np.ones((ports, ports))
    run(add_product)(ur, out, q)
    expected = 1.0 + c.T @ np.linalg.solve(s, c)
    np.testing.assert_allclose(np.tril(out), np.tril(expected), rtol=1e-12)

    v = np.empty((nodes, ports))
    run(respond)(ur, v, q)
    np.testing.assert_allclose(v, np.linalg.solve(s, c), rtol=1e-12)

    h = np.random.default_rng(1).normal(size=(ports, ports))
    z = np.empty_like(v)
    run(correlate)(v, h, z, q)
    np.testing.assert_allclose(z, v @ h, rtol=1e-11, atol=1e-13)
    found = [[run(overlap)(z, x, v, y) for y in range(nodes)] for x in range(nodes)]
    np.testing.assert_allclose(found, z @ v.T, rtol=1e-11, atol=1e-13)


def test_nothing_is_subtracted():
    # A node held by conductances that span 12 decades passes each on to its last digit.
    ports = np.array([1e-12, 1.0, 1e-6])
    ur = np.array([[*ports, ports.sum()]])
    out, q = np.zeros((3, 3)), np.empty((4, 4))
    factorise(ur, q)
    add_product(ur, out, q)
    assert out[2, 0] == pytest.approx(1e-18 / ports.sum(), rel=1e-15)
    assert out[1, 0] == pytest.approx(1e-12 / ports.sum(), rel=1e-15)
