import numpy as np
import pytest

from photon_relax.studies.indices import draw_saltelli, sobol_indices

NAMES = ("a", "b", "c")


def _ishigami(shares):
    """Ishigami and Homma (1990), whose indices are known: with a = 7, b = 0.1."""
    x = np.pi * (2 * shares - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_the_indices_are_those_of_ishigamis_function():
    shares = draw_saltelli(NAMES, 1024, seed=1)
    assert shares.shape == (1024 * 5, 3)
    assert ((shares >= 0) & (shares < 1)).all()
    found = sobol_indices(NAMES, _ishigami(shares))
    a, b = 7.0, 0.1
    first = np.array([0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, 0.0])
    both = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    total = first + np.array([both, 0.0, both])
    variance = first.sum() + both
    for i, name in enumerate(NAMES):
        (s1, s1_half), (st, st_half) = found[name]
        # Half widths are 95 %; 1.6 times as wide holds 99.8 % of the six estimates.
        assert s1 == pytest.approx(first[i] / variance, abs=1.6 * s1_half)
        assert st == pytest.approx(total[i] / variance, abs=1.6 * st_half)
        assert 0 < s1_half < 0.12
        assert 0 < st_half < 0.12


def test_blocks_that_are_not_whole_are_left_out():
    shares = draw_saltelli(NAMES, 64, seed=1)
    values = _ishigami(shares)
    holes = values.copy()
    holes[[3, 5 * 40 + 2]] = np.nan
    whole = np.delete(values.reshape(64, 5), [0, 40], axis=0).ravel()
    for name, table in sobol_indices(NAMES, holes).items():
        assert table == pytest.approx(sobol_indices(NAMES, whole)[name])


@pytest.mark.parametrize("values", [np.ones(20), np.full(20, np.nan)])
def test_where_nothing_varies_there_are_no_indices(values):
    assert sobol_indices(NAMES, values) == {}
