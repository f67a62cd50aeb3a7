"""Oriented gradients against a loop over pixels, and against what they promise to ignore."""

import numpy as np
import pytest

from photon_relax.datasets.gradients import CELL, ORIENTATIONS, oriented_gradients, standardise
from tests import naive


def images(seed, n=3, side=16):
    return np.random.default_rng(seed).integers(0, 256, (n, side, side, 3), dtype=np.uint8)


def test_against_a_loop_over_pixels():
    photos = images(0)
    expected = np.stack([naive.oriented_gradients(photo) for photo in photos])
    # float32 gradients of 0 … 255 against float64: 256 eps, relative to features of order one.
    np.testing.assert_allclose(oriented_gradients(photos), expected, atol=1e-4)


def test_an_image_gives_the_same_bits_in_any_company():
    photos = images(3, n=70)  # more than two chunks
    together = oriented_gradients(photos)
    alone = np.concatenate([oriented_gradients(photo[np.newaxis]) for photo in photos])
    np.testing.assert_array_equal(together, alone)
    assert oriented_gradients(photos[:0]).shape == (0, together.shape[1])


@pytest.mark.parametrize("quarter", [0, 1])
def test_a_straight_edge_fills_one_direction(quarter):
    ramp = np.repeat(np.arange(0, 160, 10, dtype=np.uint8)[np.newaxis], 16, axis=0)
    photo = np.repeat(np.rot90(ramp, quarter)[np.newaxis, ..., np.newaxis], 3, axis=-1)
    cells = oriented_gradients(photo).reshape(16 // CELL, 16 // CELL, ORIENTATIONS)
    inner = cells[1:-1, 1:-1]
    strongest = inner.argmax(axis=-1)
    # Along the rows is direction 0, across them a quarter turn: half of pi.
    assert (strongest == quarter * ORIENTATIONS // 2).all()
    others = np.delete(inner, quarter * ORIENTATIONS // 2, axis=-1)
    np.testing.assert_allclose(others, others.min(), atol=1e-5)


def test_light_on_dark_is_dark_on_light_and_contrast_is_nothing():
    photos = images(1) // 2
    plain = oriented_gradients(photos)
    # float32 rounding of luma (256 eps = 3e-5) is amplified where a gradient nearly vanishes and
    # its direction is undefined; the root magnifies it there, so a few 1e-3 remain.
    np.testing.assert_allclose(oriented_gradients(255 - photos), plain, atol=5e-3)
    np.testing.assert_allclose(oriented_gradients(photos + np.uint8(60)), plain, atol=5e-3)
    np.testing.assert_allclose(oriented_gradients(photos * np.uint8(2)), plain, atol=5e-3)


def test_a_plain_wall_gives_zeros():
    wall = np.full((2, 32, 32, 3), 137, dtype=np.uint8)
    np.testing.assert_array_equal(oriented_gradients(wall), np.zeros((2, 512), np.float32))


def test_standardised_rows_have_no_mean_and_unit_spread():
    rows = np.random.default_rng(2).normal(50.0, 9.0, (4, 300))
    scaled = standardise(rows)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled.mean(axis=1), 0.0, atol=1e-6)
    np.testing.assert_allclose(scaled.std(axis=1), 1.0, rtol=1e-6)
    np.testing.assert_array_equal(standardise(np.full((1, 9), 0.1)), np.zeros((1, 9), np.float32))
