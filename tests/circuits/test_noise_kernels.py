import numpy as np

from circuits.noise_kernels import fill_normals, mix
from circuits.noise_kernels import noise_key as compiled_noise_key
from tests import naive


def noise_key(*keys):
    return np.uint64(compiled_noise_key(*keys))


def test_normals_equal_the_oracle():
    out = np.empty(7)
    for keys in [(0, 0, 0, 0, 0), (1, 2, 3, 4, 5), (2**40 + 3, 10**6, 123456, 11, 16)]:
        fill_normals(noise_key(*keys), out)
        expected = [naive.normal(keys, lane) for lane in range(7)]
        # log, sqrt, cos and sin of two libraries: a few ulp each.
        np.testing.assert_allclose(out, expected, rtol=1e-13, atol=1e-15)


def test_uncompiled_kernels_do_the_same():
    with np.errstate(over="ignore"):
        state = mix.py_func(np.uint64(5), np.uint64(9))
        assert int(state) == naive.splitmix(5, 9) == mix(np.uint64(5), np.uint64(9))
        out = np.empty(3)
        fill_normals.py_func(np.uint64(77), out)
    again = np.empty(3)
    fill_normals(np.uint64(77), again)
    np.testing.assert_allclose(out, again, rtol=1e-13)


def test_moments_are_those_of_a_standard_normal():
    n = 200_000
    out = np.empty(n)
    fill_normals(noise_key(3, 1, 0, 0, 0), out)
    # 4 standard errors: of the mean 1/√n, of the variance √(2/n), of the 4th moment √(96/n).
    assert abs(out.mean()) < 4 / np.sqrt(n)
    assert abs(out.var() - 1) < 4 * np.sqrt(2 / n)
    assert abs(np.mean(out**4) - 3) < 4 * np.sqrt(96 / n)


def test_neighbouring_keys_are_uncorrelated():
    n = 4000
    base = (3, 1, 4, 1, 5)
    first, second = np.empty(n), np.empty(n)
    fill_normals(noise_key(*base), first)
    for position in range(5):
        keys = list(base)
        keys[position] += 1
        fill_normals(noise_key(*keys), second)
        # The correlation of independent sequences has standard error 1/√n.
        assert abs(np.mean(first * second)) < 4 / np.sqrt(n)
    assert abs(np.mean(first[:-1] * first[1:])) < 4 / np.sqrt(n)
