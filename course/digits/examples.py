"""The digits as data: images with their labels, in three splits."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np


class DigitsError(ValueError):
    """The digits cannot be loaded; the message says what was found and what to do."""


class Examples(NamedTuple):
    """One split: images uint8 (n, 28, 28), 0 = paper and 255 = ink; labels uint8 (n,), 0..9."""

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Digits:
    """Training, validation and test digits, in read-only arrays.

    `source` is "mnist", "embedded" or the path that was given; `path` is the file or folder that
    was read. Iterating gives the three splits: `train, validation, test = digits.load()`.
    """

    train: Examples
    validation: Examples
    test: Examples
    source: str
    path: Path | None = None

    def __iter__(self) -> Iterator[Examples]:
        return iter((self.train, self.validation, self.test))
