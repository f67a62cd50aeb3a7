"""What the range of a bank makes of wanted weights, against decibels by hand."""

import numpy as np
import pytest

from circuits import lost_snr_db, rescale_singular_values, rescale_weights


def matrices(seed=0, shape=(2, 6, 6)):
    return np.random.default_rng(seed).normal(size=shape)


def test_the_smallest_gain_brings_every_weight_into_the_range():
    wanted = matrices()
    scaled = rescale_weights(wanted, -1.0, 0.8)
    inside = scaled.matrices / scaled.gain
    assert inside.min() >= -1.0 - 1e-15
    assert inside.max() <= 0.8 + 1e-15
    assert max(inside.max() / 0.8, -inside.min()) == pytest.approx(1.0, abs=1e-15)
    np.testing.assert_array_equal(scaled.matrices, wanted)
    assert (scaled.clipped, scaled.clipping_error) == (0, 0.0)


def test_the_lost_signal_to_noise_ratio_is_that_of_the_range():
    wanted = np.zeros((1, 3, 3))
    wanted[0, 1, 2] = 2.0
    scaled = rescale_weights(wanted, -1.0, 0.5)
    assert scaled.gain == 4.0
    assert scaled.limiting == (0, 1, 2)
    # Noise comes out twice as strong as behind a bank that reaches 1: 6.02 dB.
    assert scaled.lost_snr_db == pytest.approx(20 * np.log10(2), abs=1e-14)
    assert rescale_weights(-wanted, -1.0, 0.5).lost_snr_db == 0.0


def test_clipping_the_worst_lowers_the_gain_and_states_its_error():
    wanted = matrices(shape=(4, 50, 50))
    wanted[2, 7, 9] = -40.0
    whole, clipped = rescale_weights(wanted), rescale_weights(wanted, clip_share=1e-4)
    assert whole.limiting == (2, 7, 9)
    assert whole.gain == 40.0
    assert clipped.clipped == 1  # of 10,000
    rest = np.sort(np.abs(wanted), axis=None)[-2]
    assert clipped.gain == rest
    expected = (40.0 - rest) / np.linalg.norm(wanted)
    assert clipped.clipping_error == pytest.approx(expected, rel=1e-12)
    assert clipped.lost_snr_db == 0.0


def test_meshes_take_their_gain_from_the_largest_singular_value():
    wanted = matrices(1) + 1j * matrices(2)
    scaled = rescale_singular_values(wanted)
    norms = np.linalg.norm(wanted, 2, axis=(1, 2))
    assert scaled.gain == pytest.approx(norms.max(), rel=1e-14)
    assert scaled.limiting == (int(np.argmax(norms)), 0)
    # A unitary bank of the same norm: all singular values alike.
    mean = np.linalg.norm(wanted) / np.sqrt(12)
    assert scaled.lost_snr_db == pytest.approx(20 * np.log10(norms.max() / mean), rel=1e-12)
    np.testing.assert_array_equal(scaled.matrices, wanted)
    trained = rescale_singular_values(wanted, norms.max() / 2)
    assert trained.lost_snr_db == pytest.approx(20 * np.log10(2), rel=1e-12)


def test_clipped_singular_values_leave_the_nearest_matrix():
    wanted = matrices(3)
    scaled = rescale_singular_values(wanted, clip_share=0.2)
    values = np.linalg.svd(wanted, compute_uv=False)
    kept = np.linalg.svd(scaled.matrices, compute_uv=False)
    gain = np.sort(values, axis=None)[-1 - 2]  # two of twelve are given up
    np.testing.assert_allclose(kept, np.minimum(values, gain), atol=1e-13)
    assert scaled.clipped == 2
    left = np.sqrt(np.sum(np.maximum(values - gain, 0) ** 2)) / np.linalg.norm(values)
    assert scaled.clipping_error == pytest.approx(left, rel=1e-12)


def test_nothing_wanted_needs_no_gain():
    for scaled in (
        rescale_weights(np.zeros((1, 2, 2))), rescale_singular_values(np.zeros((1, 2, 2)))
    ):  # fmt: skip
        assert (scaled.gain, scaled.lost_snr_db, scaled.clipping_error) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rescale_weights(np.ones((2, 3))), r"shape .K, N, N. of K banks"),
        (lambda: rescale_weights(np.full((1, 2, 2), np.nan)), "wanted must be finite"),
        (lambda: rescale_weights(np.ones((1, 2, 2), complex)), "wanted must be real"),
        (lambda: rescale_weights(np.ones((1, 2, 2)), 0.0, 1.0), "both sides of 0"),
        (lambda: rescale_weights(np.ones((1, 2, 2)), clip_share=1.0), "clip_share must be within"),
        (lambda: rescale_singular_values(np.ones((1, 2, 2)), 0.0), "reference_gain must be > 0"),
        (lambda: lost_snr_db(0.0, 1.0), "gains must be > 0"),
    ],
)
def test_what_cannot_be_rescaled_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
