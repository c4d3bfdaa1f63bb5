"""Small files of random digits, and what the tests compare."""

import gzip

import numpy as np
import pytest

from course import digits

NAMES = ("x_train", "y_train", "x_test", "y_test")
IDX_NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def some_arrays(training=120, test=20, seed=0):
    """Random digits under Keras's names."""
    rng = np.random.default_rng(seed)
    arrays = []
    for count in (training, test):
        arrays.append(rng.integers(0, 256, (count, 28, 28), dtype=np.uint8))
        arrays.append((np.arange(count) % 10).astype(np.uint8))
    return dict(zip(NAMES, arrays, strict=True))


def blank_mnist():
    """As many digits as MNIST has, all blank: small once compressed."""
    return {
        "x_train": np.zeros((60_000, 28, 28), np.uint8),
        "y_train": (np.arange(60_000) % 10).astype(np.uint8),
        "x_test": np.zeros((10_000, 28, 28), np.uint8),
        "y_test": (np.arange(10_000) % 10).astype(np.uint8),
    }


def save_npz(path, **changes):
    """Save random digits, some arrays replaced, those that are None left out."""
    arrays = some_arrays() | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def idx_bytes(array):
    """The content of an IDX file of bytes."""
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.tobytes()


def save_idx(folder, arrays, *, dot=False, compress=False):
    """Save digits as MNIST's four IDX files."""
    folder.mkdir()
    for name, array in zip(IDX_NAMES, arrays.values(), strict=True):
        name = name.replace("-idx", ".idx") if dot else name
        content = idx_bytes(array)
        if compress:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)
    return folder


def rows(*splits):
    """Each example as bytes, label and image, sorted: what a set of splits holds."""
    return sorted(
        bytes([label]) + image.tobytes()
        for split in splits
        for image, label in zip(split.images, split.labels, strict=True)
    )


def assert_same(one, other):
    """The same digits in the same order, split by split."""
    for split, twin in zip(one, other, strict=True):
        np.testing.assert_array_equal(split.images, twin.images)
        np.testing.assert_array_equal(split.labels, twin.labels)


def refusal(load, source):
    """The message with which `load` refuses a source."""
    with pytest.raises(digits.DigitsError) as error:
        load(source)
    return str(error.value)
