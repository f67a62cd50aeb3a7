import numpy as np
import pytest

from devices import DirectionalCoupler
from validation import closed_forms

# Products and sums of a few sines: a handful of roundings of 1.1e-16.
ROUNDING = 1e-15


def test_the_ideal_splitter_halves_power_and_crosses_with_plus_i():
    matrix = DirectionalCoupler().transfer_matrix()
    np.testing.assert_allclose(
        matrix, np.array([[1, 1j], [1j, 1]]) / np.sqrt(2), rtol=0, atol=ROUNDING
    )


def test_a_lossless_splitter_is_unitary_for_any_error():
    matrix = DirectionalCoupler(error_angle=np.linspace(-0.7, 0.7, 9)).transfer_matrix()
    assert matrix.shape == (9, 2, 2)
    product = matrix.conj().swapaxes(-1, -2) @ matrix
    np.testing.assert_allclose(product, np.broadcast_to(np.eye(2), (9, 2, 2)), atol=ROUNDING)


def test_power_ratio_comes_back():
    ratio = np.array([0.0, 0.1, 0.5, 0.9, 1.0])
    coupler = DirectionalCoupler.from_power_ratio(ratio)
    np.testing.assert_allclose(coupler.power_ratio, ratio, atol=ROUNDING)
    crossed = np.abs(coupler.transfer_matrix()[..., 1, 0]) ** 2
    np.testing.assert_allclose(crossed, ratio, atol=ROUNDING)


def test_half_is_no_error():
    assert DirectionalCoupler.from_power_ratio(0.5).error_angle == pytest.approx(0, abs=ROUNDING)


def test_loss_takes_its_share_of_power_from_both_outputs():
    coupler = DirectionalCoupler(error_angle=0.1, insertion_loss_db=[0.0, 3.0, 10.0])
    total = np.sum(np.abs(coupler.transfer_matrix()[..., 0]) ** 2, axis=-1)
    np.testing.assert_allclose(total, [1.0, 10**-0.3, 0.1], rtol=ROUNDING * 4)


def test_fields_broadcast_to_the_leading_axes():
    coupler = DirectionalCoupler(error_angle=np.zeros((4, 1)), insertion_loss_db=[0.0, 1.0, 2.0])
    assert coupler.transfer_matrix().shape == (4, 3, 2, 2)


def test_a_negative_loss_says_what_to_write():
    with pytest.raises(
        ValueError,
        match=r"insertion_loss_db must be ≥ 0 .*got -0\.3\. .*write insertion_loss_db=0\.3",
    ):
        DirectionalCoupler(insertion_loss_db=-0.3)


@pytest.mark.parametrize("ratio", [-0.1, 1.1, np.nan])
def test_a_ratio_outside_its_range_is_refused(ratio):
    with pytest.raises(ValueError, match="ratio must be between 0 and 1"):
        DirectionalCoupler.from_power_ratio(ratio)


def test_an_infinite_error_is_refused():
    with pytest.raises(ValueError, match="error_angle must be finite"):
        DirectionalCoupler(error_angle=np.inf)


def test_coupler_with_joined_outputs_is_a_mirror():
    """Light goes through, round the loop and back: outputs swap, the way back is the transpose."""
    cross = np.array([0.0, 0.1, 0.5, 0.8])
    splitter = DirectionalCoupler.from_power_ratio(cross).transfer_matrix()
    there_and_back = splitter.swapaxes(-1, -2) @ np.array([[0, 1], [1, 0]]) @ splitter
    reflected, transmitted = closed_forms.ring.sagnac_powers(cross)
    np.testing.assert_allclose(np.abs(there_and_back[:, 0, 0]) ** 2, reflected, atol=1e-14)
    np.testing.assert_allclose(np.abs(there_and_back[:, 1, 0]) ** 2, transmitted, atol=1e-14)
