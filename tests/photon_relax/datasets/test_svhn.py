"""House numbers: found where they lie, split by position, kept as uint8, made vectors on demand."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from scipy.io import savemat

from photon_relax.datasets import DataError, load_dataset
from photon_relax.datasets.gradients import oriented_gradients
from photon_relax.datasets.svhn import pooled_pixels


@pytest.fixture
def folder(tmp_path, write_mat):
    write_mat(tmp_path / "train_32x32.mat", 40, seed=1)
    write_mat(tmp_path / "test_32x32.mat", 7, seed=2)
    return tmp_path


def test_the_last_tenth_of_the_training_file_validates(folder, write_mat):
    images, labels = write_mat(folder / "train_32x32.mat", 49, seed=1)
    dataset = load_dataset("svhn", folder)
    assert [len(s) for s in (dataset.train, dataset.validation, dataset.test)] == [45, 4, 7]
    np.testing.assert_array_equal(dataset.train.targets, labels[:45] % 10)
    np.testing.assert_array_equal(dataset.validation.targets, labels[45:] % 10)
    np.testing.assert_array_equal(dataset.validation.inputs, oriented_gradients(images[45:]))


@pytest.mark.parametrize(
    ("features", "make", "n_in"),
    [("gradients", oriented_gradients, 512), ("pixels", pooled_pixels, 256)],
)
def test_batches_and_all_inputs_are_the_same_vectors(folder, features, make, n_in):
    dataset = load_dataset("svhn", folder, features=features)
    everything = dataset.train.inputs
    np.testing.assert_array_equal(everything, make(dataset.train.parts[0]))
    x, y = dataset.train.batch([5, 35, 5, -1])
    x[0], y[0] = 0.0, 0  # copies
    x, y = dataset.train.batch([5, 35, 5, -1])
    assert (x.dtype, x.shape, dataset.n_in) == (np.float32, (4, n_in), n_in)
    np.testing.assert_array_equal(x, everything[[5, 35, 5, -1]])
    np.testing.assert_array_equal(y, dataset.train.targets[[5, 35, 5, -1]])
    with pytest.raises(IndexError, match="out of bounds"):
        dataset.train.batch([36])


def test_extra_images_train_only_when_asked_for(folder, write_mat):
    images, labels = write_mat(folder / "extra_32x32.mat", 9, seed=3)
    plain, more = load_dataset("svhn", folder), load_dataset("svhn", folder, extra=True)
    assert len(more.train) == len(plain.train) + 9
    np.testing.assert_array_equal(more.train.targets[-9:], labels % 10)
    np.testing.assert_array_equal(more.validation.inputs, plain.validation.inputs)
    mixed = [44, 0, 36, 20]  # both files, out of order
    x, y = more.train.batch(mixed)
    own = np.concatenate([plain.train.inputs, oriented_gradients(images)])
    np.testing.assert_array_equal(x, own[mixed])
    np.testing.assert_array_equal(y, np.concatenate([plain.train.targets, labels % 10])[mixed])


@pytest.mark.parametrize("subfolder", ["svhn", "svhn_subset"])
def test_the_files_may_lie_in_a_subfolder(tmp_path, write_mat, subfolder):
    for name in ("train_32x32.mat", "test_32x32.mat"):
        write_mat(tmp_path / subfolder / name, 10)
    assert load_dataset("svhn", tmp_path).source == str(tmp_path / subfolder)


def test_a_whole_set_wins_over_an_incomplete_one(tmp_path, write_mat):
    write_mat(tmp_path / "svhn" / "train_32x32.mat", 10)
    for name in ("train_32x32.mat", "test_32x32.mat"):
        write_mat(tmp_path / "svhn_subset" / name, 10)
    assert load_dataset("svhn", tmp_path).source == str(tmp_path / "svhn_subset")


def test_missing_files_are_named_with_what_to_do(folder):
    with pytest.raises(DataError, match=r"extra_32x32\.mat missing\. .*fetch svhn --extra'"):
        load_dataset("svhn", folder, extra=True)
    (folder / "test_32x32.mat").unlink()
    with pytest.raises(DataError, match=r": test_32x32\.mat missing\. .*'photon-relax data fetch"):
        load_dataset("svhn", folder)
    with pytest.raises(DataError, match=r"train_32x32\.mat and test_32x32\.mat missing"):
        load_dataset("svhn", folder / "nowhere")


def test_unknown_features_and_too_few_images_are_refused(folder, write_mat):
    with pytest.raises(DataError, match="one of gradients, pixels; got 'colour'"):
        load_dataset("svhn", folder, features="colour")
    write_mat(folder / "train_32x32.mat", 1)
    with pytest.raises(DataError, match="has 1 images: none to validate on"):
        load_dataset("svhn", folder)


@pytest.mark.parametrize("compressed", [True, False])
def test_loading_takes_little_more_memory_than_the_images(tmp_path, compressed):
    n = 4000
    # Random bytes, as hard to compress as photos: zlib unpacks a block of the file at a time, and
    # a file of zeros would unpack in one.
    images = np.random.default_rng(0).integers(0, 256, (32, 32, 3, n), dtype=np.uint8)
    contents = {"X": images, "y": np.full((n, 1), 10, dtype=np.uint8)}
    savemat(tmp_path / "train_32x32.mat", contents, do_compression=compressed)
    contents = {"X": images[..., :4], "y": contents["y"][:4]}
    savemat(tmp_path / "test_32x32.mat", contents, do_compression=compressed)

    tracemalloc.start()
    try:
        dataset = load_dataset("svhn", tmp_path)
        kept, peak = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        dataset.train.batch(np.arange(64))
        batch_peak = tracemalloc.get_traced_memory()[1] - kept
    finally:
        tracemalloc.stop()
    # One copy of the array; the remainder is zlib's buffers, the labels and one image's vector.
    assert kept < 1.1 * images.nbytes
    assert peak < 1.5 * images.nbytes
    # Room for the vectors, which only those of a batch fill, and for 64 images of 3 kB: grey,
    # gradients and directions, some twenty float or index planes.
    assert batch_peak < len(dataset.train) * 513 * 4 + 64 * 32 * 32 * 8 * 20


def test_an_image_becomes_a_vector_once(folder):
    made = []
    train = load_dataset("svhn", folder).train
    counted = replace(
        train, features=lambda images: made.append(len(images)) or train.features(images)
    )
    assert counted.n_in == 512
    counted.batch([3, 4, 3])
    counted.batch([4, 7, 3])
    np.testing.assert_array_equal(counted.inputs, train.inputs)
    # One image for the length of a vector, 3 and 4, then 7, then the other 33 of 36.
    assert made == [1, 2, 1, 33]


def test_the_real_subset(data_dir):
    dataset = load_dataset("svhn", data_dir)
    if dataset.source.endswith("svhn_subset"):
        assert len(dataset.train) + len(dataset.validation) == 853
        assert len(dataset.test) == 230
        assert round(100 * np.mean(dataset.test.targets == 1)) == 25
    x, y = dataset.test.batch(np.arange(100))
    assert set(y) == set(range(10))
    np.testing.assert_allclose(x.mean(axis=1), 0.0, atol=1e-5)
    np.testing.assert_allclose(x.std(axis=1), 1.0, atol=1e-4)


def test_gradients_tell_real_digits_apart(data_dir):
    """A nearest-centroid rule, no training at all, must beat the majority line by far."""
    dataset = load_dataset("svhn", data_dir)
    x, y = dataset.train.inputs, dataset.train.targets
    centroids = np.stack([x[y == digit].mean(axis=0) for digit in range(10)])
    guesses = (dataset.test.inputs @ centroids.T).argmax(axis=1)
    # Majority: 25 %. This rule was measured at 46.5 % on the subset.
    assert np.mean(guesses == dataset.test.targets) > 0.4
