import numpy as np
import pytest

from devices import ElectricalNonlinearity

NAMES = ["tanh", "hard_tanh", "sigmoid", "clipped_relu", "relu", "linear"]
Z = np.linspace(-4, 4, 81)

REFERENCES = {
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "hard_tanh": lambda z: np.where(z < -1, -1, np.where(z > 1, 1, z)),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "clipped_relu": lambda z: np.where(z < 0, 0, np.where(z > 1, 1, z)),
    "relu": lambda z: np.where(z < 0, 0, z),
    "linear": lambda z: z,
}


@pytest.mark.parametrize("name", NAMES)
def test_function_is_the_one_named(name):
    np.testing.assert_allclose(
        ElectricalNonlinearity(function=name).apply(Z), REFERENCES[name](Z), atol=4e-16
    )


@pytest.mark.parametrize("name", NAMES)
def test_derivative_is_the_slope_away_from_corners(name):
    f, step = ElectricalNonlinearity(function=name), 1e-6
    z = Z + 0.013
    numeric = (f.apply(z + step) - f.apply(z - step)) / (2 * step)
    # Central difference: step² times a third derivative of at most 2, plus 1e-15/step.
    np.testing.assert_allclose(f.derivative(z, f.apply(z)), numeric, atol=2e-9)


def test_derivative_at_corners_follows_the_clip():
    for name, corners, slopes in (
        ("hard_tanh", [-1, 1], [1, 1]),
        ("clipped_relu", [0, 1], [0, 1]),
        ("relu", [0, 0], [0, 0]),
    ):
        f = ElectricalNonlinearity(function=name)
        np.testing.assert_array_equal(f.derivative(corners, f.apply(corners)), slopes)


@pytest.mark.parametrize("name", NAMES)
def test_single_precision_stays_single(name):
    f, z = ElectricalNonlinearity(function=name), Z.astype(np.float32)
    h = f.apply(z)
    assert h.dtype == f.derivative(z, h).dtype == np.float32
    np.testing.assert_allclose(h, f.apply(Z), atol=3e-7)
    np.testing.assert_allclose(f.derivative(z, h), f.derivative(Z, f.apply(Z)), atol=6e-7)


@pytest.mark.parametrize("name", NAMES)
def test_range_holds_for_extreme_arguments(name):
    f = ElectricalNonlinearity(function=name)
    low, high = f.output_range
    got = f.apply(np.array([-1e308, -1e3, 0.0, 1e3, 1e308]))
    assert np.all(np.isfinite(got))
    assert got.min() >= low
    assert got.max() <= high


def test_only_the_functions_within_full_scale_are_bounded():
    bounded = [name for name in NAMES if ElectricalNonlinearity(function=name).bounded]
    assert bounded == ["tanh", "hard_tanh", "sigmoid", "clipped_relu"]


def test_input_is_never_written_to_nor_returned():
    for name in NAMES:
        z = Z.copy()
        h = ElectricalNonlinearity(function=name).apply(z)
        h[:] = 7
        np.testing.assert_array_equal(z, Z)


def test_an_unknown_function_names_the_known_ones():
    with pytest.raises(ValueError, match=r"function must be one of 'tanh', .*got 'gelu'"):
        ElectricalNonlinearity(function="gelu")
