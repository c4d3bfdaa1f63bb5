"""Digits side by side in one picture: white when recognised, tinted and labelled when mistaken."""

import functools

import numpy as np

from course.drawing.centring import SIDE
from course.drawing.palette import ANSWER_RGB, MISTAKE_RGB, TRUTH_RGB
from course.messages import _

TILE = (32, 30)  # height and width in pixels: 28 x 28 for the digit, the rest for the small print

_CLASSES = 10
_MIN_LABELLED = 17  # pixels of a tile: smaller ones have no room for the small print

_GLYPH_ROWS = """
.##.  ..#.  .##.  ###.  #..#  ####  .##.  ####  .##.  .##.
#..#  .##.  #..#  ...#  #..#  #...  #...  ...#  #..#  #..#
#..#  ..#.  ...#  .##.  ####  ###.  ###.  ..#.  .##.  #..#
#..#  ..#.  ..#.  ...#  ...#  ...#  #..#  ..#.  #..#  .###
#..#  ..#.  .#..  ...#  ...#  ...#  #..#  .#..  #..#  ...#
.##.  .###  ####  ###.  ...#  ###.  .##.  .#..  .##.  .##.
"""
# The small print: (10, 6, 4), True where there is ink.
GLYPHS = np.array([[list(part) for part in row.split()] for row in _GLYPH_ROWS.split("\n") if row])
GLYPHS = (GLYPHS == "#").transpose(1, 0, 2)
_NO_GLYPH = len(GLYPHS)  # for class numbers with more than one digit, which do not fit


def draw_mosaic(images, labels, predictions=None, *, columns: int) -> np.ndarray:
    """Draw digits row by row, with the truth at the bottom left and a wrong answer at the right.

    `images` (n, 28, 28), uint8 or float in 0..1, 0 = paper; `labels` and `predictions` (n,), 0..9.
    Without predictions no digit counts as wrong. Return uint8 (rows * 32, columns * 30, 3).
    Raise ValueError for arguments that do not fit.
    """
    images, labels, predictions = _checked(images, labels, predictions, columns)
    ink = scale_ink(images, digit_side(TILE))
    return paint_tiles(ink, labels, predictions, columns=columns)


def order_wrong_first(labels, predictions) -> np.ndarray:
    """Return the indices (n,) that put the mistakes first and otherwise keep the order."""
    return np.argsort(np.asarray(labels) == np.asarray(predictions), kind="stable")


def digit_side(tile) -> int:
    """Return how many pixels wide and high a digit is in a tile of (height, width) pixels."""
    height, width = tile
    return min(width - 2, height - 4) if min(tile) >= _MIN_LABELLED else min(tile)


def scale_ink(images, side: int) -> np.ndarray:
    """Scale images (n, 28, 28) to uint8 (n, side, side), 0 = paper and 255 = ink."""
    images = np.asarray(images)
    if side == SIDE:
        return images if images.dtype == np.uint8 else _bytes(images * 255.0)
    weights = _averages(side)
    scaled = weights @ images.astype(np.float32) @ weights.T
    if images.dtype != np.uint8:
        scaled *= 255
    # Averaging makes thin strokes pale, so small digits get more contrast.
    return _bytes(scaled * np.clip(SIDE / side, 1, 1.7))


def paint_tiles(ink, labels, predictions=None, *, columns: int, tile=TILE) -> np.ndarray:
    """Paint scaled digits as tiles of (height, width) pixels, without checking any argument.

    `ink` (n, s, s), with s = `digit_side(tile)`, is what `scale_ink` returns. Return
    uint8 (rows * height, columns * width, 3).
    """
    count, inside = len(ink), ink.shape[1]
    height, width = tile
    rows = -(-count // columns)
    grey = np.full((rows * columns, height, width), 255, np.uint8)
    left = (width - inside) // 2
    np.subtract(255, ink, out=grey[:count, :inside, left : left + inside])
    tiles = np.repeat(grey[..., np.newaxis], 3, axis=3)
    wrong = np.zeros(0, int)
    if predictions is not None:
        wrong = np.flatnonzero(np.asarray(labels) != np.asarray(predictions))
        # The last row and column stay white: a fine line between two wrong digits.
        tiles[wrong, :-1, :-1] = _tints()[grey[wrong, :-1, :-1]]
    if min(tile) >= _MIN_LABELLED:
        glyphs = _glyphs(max(1, min(tile) // 28))
        down, across = glyphs.shape[1:]
        bottom = slice(height - 1 - down, height - 1)
        tiles[:count, bottom, 2 : 2 + across][glyphs[np.minimum(labels, _NO_GLYPH)]] = TRUTH_RGB
        right = slice(width - 4 - across, width - 4)
        corners = tiles[wrong, bottom, right]
        if len(wrong):
            corners[glyphs[np.minimum(predictions[wrong], _NO_GLYPH)]] = ANSWER_RGB
            tiles[wrong, bottom, right] = corners
    picture = tiles.reshape(rows, columns, height, width, 3).swapaxes(1, 2)
    return picture.reshape(rows * height, columns * width, 3)


@functools.cache
def _glyphs(scale):
    glyphs = np.concatenate([GLYPHS, np.zeros_like(GLYPHS[:1])])
    return glyphs.repeat(scale, axis=1).repeat(scale, axis=2)


@functools.cache
def _tints():
    """Return the colour of every grey on the red tint, uint8 (256, 3)."""
    greys = np.arange(256)[:, np.newaxis]
    return (greys * np.array(MISTAKE_RGB) // 255).astype(np.uint8)


@functools.cache
def _averages(side):
    """Return weights (side, 28) that average 28 pixels into `side`, or interpolate between them."""
    edges = np.linspace(0, SIDE, side + 1)
    pixels = np.arange(SIDE)
    if side > SIDE:
        centres = (edges[:-1, np.newaxis] + edges[1:, np.newaxis]) / 2 - 0.5
        weights = np.maximum(0, 1 - np.abs(np.clip(centres, 0, SIDE - 1) - pixels))
    else:
        low = np.maximum(edges[:-1, np.newaxis], pixels)
        high = np.minimum(edges[1:, np.newaxis], pixels + 1)
        weights = np.maximum(0, high - low)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _bytes(values):
    return np.clip(values, 0, 255).astype(np.uint8)


def _checked(images, labels, predictions, columns):
    images, labels = np.asarray(images), np.asarray(labels)
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE) or not len(images):
        message = _("The images have the shape {got}; expected (n, 28, 28) with at least one.")
        raise ValueError(message.format(got=images.shape))
    if images.dtype != np.uint8:
        images = images.astype(np.float32)
        low, high = float(images.min()), float(images.max())
        if not (low >= 0 and high <= 1):
            message = _(
                "The images are between {low:g} and {high:g}; expected uint8 in 0..255, or floats "
                "in 0..1. Divide by 255."
            )
            raise ValueError(message.format(low=low, high=high))
    labels = _digits(labels, len(images), _("labels"))
    if predictions is not None:
        predictions = _digits(np.asarray(predictions), len(images), _("predictions"))
    if isinstance(columns, bool) or not isinstance(columns, int | np.integer) or columns < 1:
        message = _("The number of columns is {got!r}; expected a whole number, 1 or larger.")
        raise ValueError(message.format(got=columns))
    return images, labels, predictions


def _digits(values, count, what):
    if values.shape != (count,):
        message = _(
            "The {what} have the shape {got}; expected ({count},), one digit for every image. "
            "Undo a one-hot encoding with argmax(axis=1)."
        )
        raise ValueError(message.format(what=what, got=values.shape, count=count))
    good = np.isin(values, range(_CLASSES))
    if not good.all():
        message = _("The {what} contain {got}; expected whole numbers from 0 to 9.")
        raise ValueError(message.format(what=what, got=values[~good].tolist()[0]))
    return values.astype(np.intp)
