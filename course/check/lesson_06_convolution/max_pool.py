"""The check of max_pool: the largest value of each block of 2 x 2 pixels, in each channel."""

import functools

import numpy as np

from course.check.engine.comparison import Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import SLICED_TWICE, hint, rows_for_columns, rows_twice
from course.check.lesson_06_convolution.rows_for_columns import (
    as_many_columns_as_rows,
    windows_of_rows,
)
from course.check.references import lesson_06_convolution as reference
from course.messages import _


def _cases(rng):
    images = [
        np.array([[2, 1], [4, 3]])[:, :, np.newaxis],
        np.array([[-1, -2], [-4, -3]])[:, :, np.newaxis],
        np.arange(8).reshape(2, 4, 1),
        np.arange(8).reshape(4, 2, 1),
        np.arange(8)[::-1].reshape(2, 2, 2) - 9,
    ]
    shapes = [(2, 2, 1), (4, 4, 4), (6, 2, 3), (4, 10, 2), (2, 2, 7), (28, 28, 6)]
    shapes.append((*(2 * rng.integers(3, 9, 2)), int(rng.integers(2, 6))))
    images += [rng.normal(size=shape) for shape in shapes]
    images += [-rng.uniform(1, 5, size=(6, 8, 2)), -rng.uniform(1, 5, size=(4, 4, 3))]
    return [{"image": image.astype(np.float32)} for image in images]


def _of_blocks(function):
    """What a function makes of the blocks, along the axes 1 and 3."""

    def pooled(image):
        h, w, c = image.shape
        return function(image.reshape(h // 2, 2, w // 2, 2, c))

    return pooled


def _windows(image, size):
    """The largest value of the window of size x size pixels that starts at each pixel."""
    space = ((0, size - 1), (0, size - 1), (0, 0))
    padded = np.pad(image, space, constant_values=-np.inf)
    return np.lib.stride_tricks.sliding_window_view(padded, (size, size), (0, 1)).max(axis=(3, 4))


def _of_corners(chosen):
    """The largest of some corners of each block: (row, column) pairs."""
    return lambda image: np.max([image[row::2, column::2] for row, column in chosen], axis=0)


def _rows_sliced_twice(image):
    """The largest of image[::2][::2] and its neighbours, each of which leaves out rows twice."""
    corners = [image[first::2][second::2] for first in (0, 1) for second in (0, 1)]
    return functools.reduce(np.maximum, corners)


_CORNERS = {
    "top-left": (0, 0),
    "top-right": (0, 1),
    "bottom-left": (1, 0),
    "bottom-right": (1, 1),
}
_right = unguarded(reference.max_pool)
_MIXED = hint("mixed-channels", _("each channel is pooled by itself; do not mix the channels."))


def _without(corner):
    """The hint for blocks without this corner."""
    texts = {
        "top-left": _("look at all four values of a block: the one at the top left is missing."),
        "top-right": _("look at all four values of a block: the one at the top right is missing."),
        "bottom-left": _("look at all four values: the one at the bottom left is missing."),
        "bottom-right": _("look at all four values: the one at the bottom right is missing."),
    }
    return hint(f"no-{corner}", texts[corner])


max_pool = Comparison(
    signature="max_pool(image)",
    summary="image (h, w, c) with even h and w -> (h/2, w/2, c).",
    right=_right,
    cases=_cases,
    meaning=_("one value for each block of 2 x 2 pixels and each channel"),
    demand=_("max_pool must give the largest value of each block of 2 x 2."),
    exact=True,
    by_code={"": {SLICED_TWICE: rows_twice()}},
    mistakes={
        rows_twice(): _rows_sliced_twice,
        hint("mean", _("take the largest value of the block, not the mean.")): (
            _of_blocks(lambda blocks: blocks.mean(axis=(1, 3)))
        ),
        hint("sum", _("take the largest value of the block, not the sum.")): (
            _of_blocks(lambda blocks: blocks.sum(axis=(1, 3)))
        ),
        hint("smallest", _("take the largest value of the block, not the smallest.")): (
            _of_blocks(lambda blocks: blocks.min(axis=(1, 3)))
        ),
        hint("median", _("take the largest value of the block, not the median.")): (
            _of_blocks(lambda blocks: np.median(blocks, axis=(1, 3)))
        ),
        hint(
            "from-zero",
            _(
                "the largest value of a block may be negative: start from minus infinity, not from "
                "zero, and apply no ReLU."
            ),
        ): lambda image: np.maximum(_right(image), 0),
        hint("largest-size", _("take the largest value itself: -4 is not larger than -1.")): [
            _of_blocks(lambda blocks: np.abs(blocks).max(axis=(1, 3))),
            lambda image: np.abs(_right(image)),
            _of_blocks(
                lambda blocks: np.where(
                    -blocks.min(axis=(1, 3)) > blocks.max(axis=(1, 3)),
                    blocks.min(axis=(1, 3)),
                    blocks.max(axis=(1, 3)),
                )
            ),
        ],
        **{
            hint(f"{name}-only", text): _of_corners([_CORNERS[name]])
            for name, text in (
                (
                    "top-left",
                    _(
                        "this is the top left value of each block: look at all four. A slice ends "
                        "before its end: 0:1 is one row, 0:2 are two."
                    ),
                ),
                ("bottom-right", _("this is the bottom right value of each block: look at four.")),
            )
        },
        **{
            _without(name): _of_corners([_CORNERS[other] for other in _CORNERS if other != name])
            for name in _CORNERS
        },
        hint("top-row-only", _("a block has two rows: look at the lower one, too.")): (
            _of_corners([(0, 0), (0, 1)])
        ),
        hint("left-column-only", _("a block has two columns: look at the right one, too.")): (
            _of_corners([(0, 0), (1, 0)])
        ),
        hint(
            "diagonal-only",
            _("these are two corners of each block, across from each other: look at all four."),
        ): [_of_corners([(0, 0), (1, 1)]), _of_corners([(0, 1), (1, 0)])],
        _MIXED: [
            lambda image: np.broadcast_to(
                _right(image).max(axis=2, keepdims=True), _right(image).shape
            ),
            lambda image: _right(image).max(axis=2),
            lambda image: _right(image).max(axis=2, keepdims=True),
        ],
        hint("first-channel-only", _("every channel is pooled, not only the first.")): [
            lambda image: _right(image)[:, :, 0],
            lambda image: _right(image)[:, :, :1],
        ],
        hint("halves", _("a block is two neighbours: rows 0 and 1, not rows 0 and h/2.")): (
            lambda image: image.reshape(
                2, len(image) // 2, 2, image.shape[1] // 2, image.shape[2]
            ).max(axis=(0, 2))
        ),
        hint(
            "four-in-a-row",
            _(
                "reshape reads row by row, so these blocks are four values in a row: split the "
                "rows' axis in two, and the columns' axis in two."
            ),
        ): lambda image: image.reshape(len(image) // 2, image.shape[1] // 2, 4, image.shape[2]).max(
            axis=2
        ),
        hint("overlapping", _("the blocks do not overlap: step by 2.")): [
            lambda image: _windows(image, 2)[:-1, :-1],
            lambda image: _windows(image, 2),
            lambda image: _windows(image, 2)[: len(image) // 2, : image.shape[1] // 2],
        ],
        hint("window-of-3", _("a block has 2 rows and 2 columns; these have 3.")): (
            lambda image: _windows(image, 3)[::2, ::2]
        ),
        hint(
            "other-axes",
            _(
                "after reshape(h/2, 2, w/2, 2, c), a block lies along the axes 1 and 3: take the "
                "maximum over these two."
            ),
        ): [
            _of_blocks(lambda blocks, axes=axes: blocks.max(axis=axes))
            for axes in ((0, 1), (0, 2), (0, 3), (1, 2), (2, 3), (2, 4), (1,), (3,))
        ],
        hint("not-pooled", _("each block of 2 x 2 becomes a single value.")): [
            lambda image: image,
            lambda image: _right(image).repeat(2, axis=0).repeat(2, axis=1),
        ],
        rows_for_columns(): [
            lambda image: as_many_columns_as_rows(_right(image)),
            lambda image: windows_of_rows(_right(image)),
        ],
        hint("rows-only", _("blocks are 2 x 2: the columns are pooled, too.")): (
            lambda image: np.maximum(image[::2], image[1::2])
        ),
        hint("columns-only", _("blocks are 2 x 2: the rows are pooled, too.")): (
            lambda image: np.maximum(image[:, ::2], image[:, 1::2])
        ),
        hint(
            "batch-axis", _("one image has three axes; take the batch axis away again, with [0].")
        ): lambda image: _right(image)[np.newaxis],
        hint("whole-image", _("not one value for the whole image: one for each block of 2 x 2.")): [
            lambda image: image.max(axis=(0, 1)),
            lambda image: image.max(axis=(0, 1), keepdims=True),
            lambda image: image.max(),
        ],
        hint("rows-first", _("rows come first in image.shape: height, width, channels.")): (
            lambda image: image.reshape(
                image.shape[1] // 2, 2, len(image) // 2, 2, image.shape[2]
            ).max(axis=(1, 3))
        ),
        hint("exchanged-axes", _("rows and columns are exchanged.")): (
            lambda image: _right(image).transpose(1, 0, 2)
        ),
        hint(
            "blocks-in-a-row",
            _(
                "the values are right, but all blocks are in one row: give it the shape (h/2, "
                "w/2, c) with reshape, or start a list for each row of blocks."
            ),
        ): lambda image: _right(image).reshape(-1, image.shape[2]),
        hint("channels-first", _("the channels come last: (h/2, w/2, c).")): (
            lambda image: _right(image).transpose(2, 0, 1)
        ),
    },
)
