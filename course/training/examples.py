"""The digits as a run needs them, with clear errors for data that do not fit."""

from typing import Any, NamedTuple

import numpy as np

from course.messages import _

SIDE = 28  # pixels
CLASSES = 10


class Split(NamedTuple):
    """Images uint8 or float32 (n, 28, 28) and labels int64 (n,)."""

    images: np.ndarray
    labels: np.ndarray

    @property
    def size(self) -> int:
        """How many digits there are."""
        return len(self.labels)

    def scaled(self, which: slice | np.ndarray) -> np.ndarray:
        """Return some of the images as float32 in 0..1."""
        return scale_pixels(self.images[which])


def scale_pixels(images: np.ndarray) -> np.ndarray:
    """Return images as numbers in 0..1: uint8 becomes float32, the rest stays as it is."""
    return images.astype(np.float32) / 255 if images.dtype == np.uint8 else images


def read_splits(data: Any) -> dict[str, Split]:
    """Return the splits "train", "test" and, where there are any, "validation".

    `data` is what `course.digits.load` returns, or (train, test), or (train, validation, test),
    each a pair (images, labels). Raise ValueError for anything that does not fit.
    """
    found = _find_splits(data)
    if _is_empty(found.get("validation")):
        found.pop("validation", None)
    splits = {name: _check(name, split) for name, split in found.items()}
    if len({split.images.dtype for split in splits.values()}) > 1:
        splits = {name: Split(scale_pixels(x), y) for name, (x, y) in splits.items()}
    return splits


def _find_splits(data: Any) -> dict[str, Any]:
    if all(hasattr(data, name) for name in ("train", "test")):
        validation = getattr(data, "validation", None)
        return {"train": data.train, "test": data.test, "validation": validation}
    try:
        parts = list(data)
    except TypeError:
        parts = []
    if len(parts) == 2:
        return dict(zip(("train", "test"), parts, strict=True))
    if len(parts) == 3:
        return dict(zip(("train", "validation", "test"), parts, strict=True))
    message = _(
        "The data are of type {got}; expected digits with train, validation and test. "
        "Give what course.digits.load() returns, or (train, test)."
    )
    raise ValueError(message.format(got=type(data).__name__))


def _is_empty(split: Any) -> bool:
    return split is None or len(split) == 0 or len(split[0]) == 0


def _check(name: str, split: Any) -> Split:
    try:
        images, labels = split
    except (TypeError, ValueError):
        message = _("The {name} digits are of type {got}; expected a pair (images, labels).")
        raise ValueError(message.format(name=name, got=type(split).__name__)) from None
    images = _check_images(name, np.asarray(images))
    labels = _check_labels(name, np.asarray(labels), len(images))
    return Split(_check_pixels(name, images), labels)


def _check_images(name: str, images: np.ndarray) -> np.ndarray:
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    elif images.ndim == 2 and images.shape[1] == SIDE * SIDE:
        images = images.reshape(-1, SIDE, SIDE)
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        message = _(
            "The {name} images have the shape {got}; expected (n, 28, 28). "
            "Reshape them, one digit per row of the first axis."
        )
        raise ValueError(message.format(name=name, got=images.shape))
    if len(images) == 0:
        message = _("There are no {name} digits; expected at least one. Load some first.")
        raise ValueError(message.format(name=name))
    return images


def _check_labels(name: str, labels: np.ndarray, count: int) -> np.ndarray:
    if labels.shape != (count,):
        message = _(
            "The {name} labels have the shape {got}; expected ({count},), one integer 0..9 per "
            "image. Undo a one-hot encoding with labels.argmax(axis=1)."
        )
        raise ValueError(message.format(name=name, got=labels.shape, count=count))
    if not np.issubdtype(labels.dtype, np.number) or not np.isin(labels, range(CLASSES)).all():
        strange = next((value for value in labels.tolist() if value not in range(CLASSES)), labels)
        message = _("The {name} labels contain {got}; expected integers from 0 to 9.")
        raise ValueError(message.format(name=name, got=strange))
    return labels.astype(np.int64)


def _check_pixels(name: str, images: np.ndarray) -> np.ndarray:
    if images.dtype != np.uint8:
        images = images.astype(np.float32)
        low, high = images.min(), images.max()
        if not (low >= 0 and high <= 1):
            message = _(
                "The {name} images are {dtype} between {low:g} and {high:g}; expected uint8 in "
                "0..255, or floats in 0..1. Divide by 255."
            )
            raise ValueError(message.format(name=name, dtype=images.dtype, low=low, high=high))
    return np.ascontiguousarray(images)
