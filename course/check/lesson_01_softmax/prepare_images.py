"""The check of prepare_images: one row of numbers from 0 to 1 for each image."""

import numpy as np

from course.check.engine.comparison import Comparison
from course.check.engine.hints import hint
from course.messages import _


def _cases(rng):
    dot = np.zeros((1, 28, 28), np.uint8)
    dot[0, 0, 1] = 255
    batches = [dot, np.zeros((1, 28, 28), np.uint8), np.full((2, 28, 28), 51, np.uint8)]
    batches += [rng.integers(0, 256, (n, 28, 28), np.uint8) for n in (1, 10, 28)]
    batches.append(rng.integers(0, 101, (int(rng.integers(29, 60)), 28, 28), np.uint8))
    return [{"images": images} for images in batches]


def _rows(images):
    return images.reshape(len(images), 784)


def _of_length_1(images, axis=1):
    lengths = np.linalg.norm(images, axis=axis, keepdims=True)
    return images / np.where(lengths == 0, 1, lengths)


def _of_own_range(images, least=0.0):
    """Each image by itself from its smallest value to its largest."""
    rows = _rows(images)
    lowest = rows.min(axis=1, keepdims=True)
    return (rows - lowest) / (np.ptp(rows, axis=1, keepdims=True) + least)


def _of_own_deviation(images, least=0.0):
    """Each image by itself less its mean, divided by its standard deviation."""
    rows = _rows(images)
    deviations = rows.std(axis=1, keepdims=True) + least
    return (rows - rows.mean(axis=1, keepdims=True)) / deviations


def _of_deviation_1(columns):
    return columns / np.maximum(columns.std(axis=0), 1e-7)


# What may be added to numbers from 0 to 1, or taken from them; other ones are told as such.
_SHIFTS = (0.5, 1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, *(pixels / 255 for pixels in (1, 2, 127, 128)))


def _demand(found):
    if found.size and (found > 1).any():
        return _("prepare_images must give numbers from 0 to 1.")
    return _("prepare_images must give each pixel, row by row, divided by 255.")


prepare_images = Comparison(
    signature="prepare_images(images)",
    summary="uint8 (n, 28, 28) -> float (n, 784) in 0..1, row by row.",
    right=lambda images: _rows(images) / 255,
    cases=_cases,
    meaning=_("one row of 784 numbers for each image"),
    kind="fraction",
    demand=_demand,
    slack=lambda images: 1e-6,
    exact=True,
    lost_steps=("not-divided",),
    mistakes={
        hint(
            "pixels-of-several-images",
            _(
                "reshape(784, n) keeps the order of the numbers, so that a row gets pixels of "
                "several images: reshape to (n, 784)."
            ),
        ): [
            lambda images: images.reshape(784, -1).T / 255,
            lambda images: images.reshape(784, -1) / 255,
        ],
        hint(
            "images-last",
            _(
                "with the axis of the images at the end, where `.T` puts it, reshape mixes their "
                "pixels: reshape the images as they come."
            ),
        ): [
            lambda images: images.T.reshape(len(images), 784) / 255,
            lambda images: images.transpose(1, 2, 0).reshape(len(images), 784) / 255,
        ],
        hint("not-divided", _("divide by 255: the values are still those of the pixels.")): _rows,
        hint(
            "shape-kept",
            _(
                "reshape to (n, 784), one row for each image. `reshape` gives a new array, and "
                "leaves the old one as it is: go on with what it returns."
            ),
        ): lambda images: images / 255,
        hint(
            "lines",
            _("these are the lines of the images: join the 28 lines of an image into one row."),
        ): lambda images: images.reshape(-1, 28) / 255,
        hint("not-rows", _("each image becomes one row: reshape it to (n, 784).")): [
            lambda images: images[..., np.newaxis] / 255,
            lambda images: _rows(images)[..., np.newaxis] / 255,
            lambda images: images.reshape(784) / 255,
        ],
        hint(
            "column-order",
            _(
                "read row by row: the pixel in row 0, column 1 belongs at place 1, not 28; reshape "
                'does that by itself, without a transpose or order="F".'
            ),
        ): [
            lambda images: _rows(images.transpose(0, 2, 1)) / 255,
            lambda images: images.reshape(len(images), 784, order="F") / 255,
        ],
        hint("exchanged-axes", _("rows and columns are exchanged: one row for each image.")): (
            lambda images: _rows(images).T / 255
        ),
        hint("first-image-only", _("this is only the first image: reshape the whole batch.")): (
            [lambda images: _rows(images)[:1] / 255, lambda images: _rows(images)[0] / 255]
        ),
        hint("multiplied", _("this multiplies by 255: divide by it.")): [
            lambda images: _rows(images) * 255.0,
            lambda images: _rows(images) * np.uint8(255),
        ],
        hint("another-divisor", _("divide by 255, the darkest ink, not by another number.")): [
            lambda images, by=by: _rows(images) / by
            for by in (10, 28, 100, 127, 127.5, 128, 225, 250, 254, 256, 784, 1000)
        ],
        hint("fraction-reversed", _("divide the pixels by 255, not 255 by the pixels.")): [
            lambda images: 255 / _rows(images),
            lambda images: 255 / np.maximum(_rows(images), 1),
        ],
        hint(
            "int8",
            _("int8 ends at 127, and darker pixels became negative: divide them as they are."),
        ): lambda images: _rows(images).astype(np.int8) / 255,
        hint("divided-twice", _("this divides by 255 twice.")): (
            lambda images: _rows(images) / 255 / 255
        ),
        hint(
            "by-maximum",
            _(
                "divide by 255, the darkest ink that a pixel can hold, not by the largest value in "
                "these images: a batch of faint digits would come out too dark."
            ),
        ): [
            lambda images: _rows(images) / images.max(),
            lambda images: _rows(images) / max(images.max(), 1),
            lambda images: _rows(images) / _rows(images).max(axis=1, keepdims=True),
            lambda images: _rows(images) / np.maximum(_rows(images).max(axis=1, keepdims=True), 1),
            lambda images: (_rows(images) - images.min()) / np.ptp(images),
            lambda images: (_rows(images) - images.min()) / (np.ptp(images) + 1e-8),
            _of_own_range,
            lambda images: _of_own_range(images, 1e-8),
        ],
        hint(
            "by-length",
            _(
                "only divide by 255: this divides by a length, as keras.utils.normalize does, or "
                "by a sum."
            ),
        ): [
            lambda images: _rows(images) / np.maximum(_rows(images).sum(axis=1)[:, None], 1),
            lambda images: _rows(images) / _rows(images).sum(axis=1)[:, None],
            lambda images: _of_length_1(_rows(images)),
            lambda images: _rows(_of_length_1(images)),
            lambda images: _rows(_of_length_1(images, axis=2)),
        ],
        hint(
            "inverted",
            _("empty paper stays 0 and the darkest ink becomes 1; this is the other way round."),
        ): lambda images: 1 - _rows(images) / 255,
        hint("black-and-white", _("keep the shades of grey: do not compare or round.")): [
            lambda images: 1.0 * (_rows(images) > 127),
            lambda images: 1.0 * (_rows(images) > 128),
            lambda images: 1.0 * (_rows(images) > 0),
        ],
        hint("minus-one-to-one", _("the numbers run from 0 to 1, not from -1 to 1.")): (
            lambda images: _rows(images) / 127.5 - 1
        ),
        hint("standardised", _("leave out the mean and the spread: only divide by 255.")): [
            lambda images: _rows(images) - images.mean(),
            lambda images: _rows(images) / 255 - (images / 255).mean(),
            lambda images: (_rows(images) - images.mean()) / images.std(),
            lambda images: (_rows(images) - images.mean()) / (images.std() + 1e-9),
            lambda images: _rows(images) - _rows(images).mean(axis=0),
            lambda images: _rows(images) - _rows(images).mean(axis=1, keepdims=True),
            _of_own_deviation,
            lambda images: _of_own_deviation(images, 1e-8),
            lambda images: _of_deviation_1(_rows(images) - _rows(images).mean(axis=0)),
        ],
        hint("shifted", _("only divide by 255: add nothing, and subtract nothing.")): [
            *(lambda images, by=by: _rows(images) / 255 + by for by in (-0.1307, *_SHIFTS)),
            *(lambda images, by=by: _rows(images) / 255 - by for by in _SHIFTS),
            lambda images: (_rows(images) + 1.0) / 256,
            lambda images: (_rows(images) / 255 - 0.1307) / 0.3081,
            lambda images: (_rows(images) / 255 - 0.5) / 0.25,
        ],
        hint("upside-down", _("the rows come from the top down: do not turn the images.")): (
            lambda images: _rows(images[:, ::-1]) / 255
        ),
        hint("mirrored", _("each row runs from left to right: do not mirror the images.")): [
            lambda images: _rows(images[:, :, ::-1]) / 255,
            lambda images: _rows(images[:, ::-1, ::-1]) / 255,
        ],
        hint("sorted", _("each pixel keeps its place: do not sort.")): (
            lambda images: np.sort(_rows(images), axis=1) / 255
        ),
    },
    by_code={
        "first-image-only": {
            r"^( *)for .*:\n(\1 .*\n|\n)*\1 +return\b": hint(
                "return-in-loop", _("this is only the first image: is `return` inside the loop?")
            )
        }
    },
)
