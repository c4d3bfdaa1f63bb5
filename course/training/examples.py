"""The digits as a run needs them, and clear errors for what does not fit."""

from typing import NamedTuple

import numpy as np

from course.messages import _

SIDE = 28
CLASSES = 10


class Split(NamedTuple):
    """Images uint8 or float32 (n, 28, 28) and labels int64 (n,)."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self):
        return len(self.labels)

    def scaled(self, which) -> np.ndarray:
        """Return some of the images as float32 in 0..1."""
        return scaled(self.images[which])


def scaled(images: np.ndarray) -> np.ndarray:
    """Return images as float32 in 0..1."""
    return images.astype(np.float32) / 255 if images.dtype == np.uint8 else images


def splits(data) -> dict[str, Split]:
    """Return the splits "train", "test" and, where there are any, "validation".

    `data` is what `course.digits.load` gives, or (train, test), or (train, validation, test), each
    a pair (images, labels). A ValueError says what does not fit.
    """
    if all(hasattr(data, name) for name in ("train", "test")):
        found = {"train": data.train, "test": data.test}
        found["validation"] = getattr(data, "validation", None)
    else:
        try:
            parts = list(data)
        except TypeError:
            parts = []
        if len(parts) == 2:
            found = dict(zip(("train", "test"), parts, strict=True))
        elif len(parts) == 3:
            found = dict(zip(("train", "validation", "test"), parts, strict=True))
        else:
            message = _(
                "The data are {got}; expected digits with train, validation and test. "
                "Give what course.digits.load() returns, or (train, test)."
            )
            raise ValueError(message.format(got=type(data).__name__))
    if _empty(found.get("validation")):
        found.pop("validation", None)
    checked = {name: _checked(name, split) for name, split in found.items()}
    if len({split.images.dtype for split in checked.values()}) > 1:
        checked = {name: Split(scaled(x), y) for name, (x, y) in checked.items()}
    return checked


def _empty(split):
    return split is None or len(split) == 0 or len(split[0]) == 0


def _checked(name, split):
    try:
        images, labels = split
    except (TypeError, ValueError):
        message = _("The {name} digits are {got}; expected a pair (images, labels).")
        raise ValueError(message.format(name=name, got=type(split).__name__)) from None
    images, labels = np.asarray(images), np.asarray(labels)
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
    if labels.shape != (len(images),):
        message = _(
            "The {name} labels have the shape {got}; expected ({count},), one integer 0..9 per "
            "image. Undo a one-hot encoding with labels.argmax(axis=1)."
        )
        raise ValueError(message.format(name=name, got=labels.shape, count=len(images)))
    if not np.issubdtype(labels.dtype, np.number) or not np.isin(labels, range(CLASSES)).all():
        strange = next((value for value in labels.tolist() if value not in range(CLASSES)), labels)
        message = _("The {name} labels contain {got}; expected integers from 0 to 9.")
        raise ValueError(message.format(name=name, got=strange))
    if images.dtype != np.uint8:
        images = images.astype(np.float32)
        low, high = images.min(), images.max()
        if not (low >= 0 and high <= 1):
            message = _(
                "The {name} images are {dtype} between {low:g} and {high:g}; expected uint8 in "
                "0..255, or floats in 0..1. Divide by 255."
            )
            raise ValueError(message.format(name=name, dtype=images.dtype, low=low, high=high))
    return Split(np.ascontiguousarray(images), labels.astype(np.int64))
