import numpy as np
import pytest

from circuits import SvdProcessor
from validation import closed_forms


@pytest.mark.parametrize("shape", [(2, 2), (5, 5), (16, 16), (3, 6), (6, 3), (1, 4)])
@pytest.mark.parametrize("is_complex", [False, True])
def test_any_matrix_comes_back(shape, is_complex):
    rng = np.random.default_rng(4)
    matrix = rng.normal(size=shape) + (1j * rng.normal(size=shape) if is_complex else 0)
    processor = SvdProcessor.program(matrix)
    # PHYSICS §7, case 10.
    np.testing.assert_allclose(processor.matrix(), matrix, atol=1e-12)
    assert processor.gain == pytest.approx(np.linalg.norm(matrix, 2), rel=1e-14)
    assert np.all((processor.attenuation >= 0) & (processor.attenuation <= 1))
    assert processor.depth == 2 * max(shape) + 1


def test_attenuators_are_the_bar_ports_of_interferometers():
    processor = SvdProcessor.program(np.diag([2.0, 1.0, 0.5]))
    for t, theta, phi in zip(processor.attenuation, *processor.attenuator_phases, strict=True):
        bar = closed_forms.interferometer.mach_zehnder_matrix(theta, phi, 0.0, 0.0)[0, 0]
        assert bar == pytest.approx(t, abs=1e-15)


def test_nothing_is_realised_by_closed_attenuators():
    processor = SvdProcessor.program(np.zeros((3, 3)))
    assert processor.gain == 0
    np.testing.assert_array_equal(processor.matrix(), 0)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.ones(3), r"two axes.*got shape \(3,\)"),
        (np.ones((1, 1)), "length ≥ 2"),
        (np.full((2, 2), np.inf), "must be finite"),
    ],
)
def test_wrong_matrices_are_refused(matrix, message):
    with pytest.raises(ValueError, match=message):
        SvdProcessor.program(matrix)
