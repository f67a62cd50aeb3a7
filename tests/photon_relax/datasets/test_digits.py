"""The embedded digits: scaled, split once and for all, every class in proportion."""

import numpy as np
import pytest

from photon_relax.datasets import load_dataset


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def test_three_parts_share_no_image_and_miss_none(digits):
    from sklearn.datasets import load_digits

    parts = [digits.train, digits.validation, digits.test]
    assert [len(part) for part in parts] == [1257, 180, 360]
    # Every image in the bundled set is different, so rows as bytes are their identity.
    bundled = {row.tobytes() for row in (load_digits().data / 16).astype(np.float32)}
    ours = [{row.tobytes() for row in part.inputs} for part in parts]
    assert sum(map(len, ours)) == len(bundled) == 1797
    assert set.union(*ours) == bundled


def test_pixels_span_zero_to_one_and_carry_their_label(digits):
    from sklearn.datasets import load_digits

    assert digits.train.inputs.dtype == np.float32
    assert digits.train.inputs.min() == 0.0
    assert digits.train.inputs.max() == 1.0
    bundled = load_digits()
    label = {
        row.tobytes(): target
        for row, target in zip((bundled.data / 16).astype(np.float32), bundled.target, strict=True)
    }
    assert all(
        label[row.tobytes()] == target
        for row, target in zip(digits.test.inputs, digits.test.targets, strict=True)
    )


def test_every_class_has_its_share_of_every_part(digits):
    whole = np.bincount(
        np.concatenate([digits.train.targets, digits.validation.targets, digits.test.targets])
    )
    for part in (digits.train, digits.validation, digits.test):
        share = np.bincount(part.targets) / whole
        # Stratified to whole images: within one image of 174 to 183 a class.
        np.testing.assert_allclose(share, len(part) / 1797, atol=1.1 / 174)


def test_the_split_is_the_same_every_time(digits):
    again = load_dataset("digits")
    np.testing.assert_array_equal(again.train.inputs, digits.train.inputs)
    np.testing.assert_array_equal(again.test.targets, digits.test.targets)
    assert (again.n_in, again.n_classes, again.task) == (64, 10, "classification")
    assert again.vocabulary is None
