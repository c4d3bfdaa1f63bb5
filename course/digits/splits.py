"""Split digits evenly across all ten classes, by what the images show."""

import hashlib
from pathlib import Path

import numpy as np

from course.digits.examples import Digits, DigitsError, Examples
from course.messages import _


def with_validation(train: Examples, test: Examples, source: str, path: Path | None) -> Digits:
    """Return the digits with one sixth of the training digits set aside for validation.

    Raises DigitsError for a single training digit.
    """
    if len(train.labels) < 2:
        raise DigitsError(
            _(
                "{path} has one training image; expected at least two, one of them for "
                "validation. Give a larger file."
            ).format(path=path)
        )
    rest, validation = split_off(train, max(1, len(train.labels) // 6))
    test = Examples(_read_only(test.images), _read_only(test.labels))
    return Digits(rest, validation, test, source, path)


def split_off(examples: Examples, count: int) -> tuple[Examples, Examples]:
    """Split off `count` examples, from each class its share; return (the rest, those split off).

    Both are shuffled by a hash of each image: a random order that depends neither on the order of
    the file nor on the version of a random generator.
    """
    images, labels = examples
    hashes = (hashlib.blake2b(image.tobytes(), digest_size=8).digest() for image in images)
    keys = np.frombuffer(b"".join(hashes), ">u8")
    by_class = np.lexsort((keys, labels))
    is_picked = np.zeros(len(labels), bool)
    # Evenly spaced places in the digits sorted by class fall into each class by its share.
    is_picked[by_class[np.arange(count) * len(labels) // count]] = True
    order = np.lexsort((labels, keys))
    rest, picked = order[~is_picked[order]], order[is_picked[order]]
    return (
        Examples(_read_only(images[rest]), _read_only(labels[rest])),
        Examples(_read_only(images[picked]), _read_only(labels[picked])),
    )


def _read_only(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
