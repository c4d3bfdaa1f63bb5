"""What the convolution playground shows: the digit, the sum at one place, and the feature map."""

import numpy as np

from course.check.references.lesson_06_convolution import windows, zeros_around
from course.drawing.number_format import short
from course.messages import _
from course.playgrounds import scene
from course.playgrounds.feature_maps import feature_map
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.scene import Axis, Panel, Scene, rect, text
from course.training.examples import SIDE

_MARGIN = 3  # pixels around the digit, where zeros are added
_FONT_SIZES = {1: 16, 2: 16, 3: 14, 4: 12, 5: 10, 6: 9, 7: 8}  # pixels, by the size of the filter
_ENDS = -_MARGIN - 0.6, SIDE + _MARGIN + 0.6
_ACROSS, _DOWN = Axis(*_ENDS, ticks=()), Axis(*_ENDS[::-1], ticks=())


class ConvolutionPicture:
    """The digit with the filter's frame, the sum at that place, and the feature map so far.

    `waiting()` says what the learner is waiting for as long as there is no filter.
    """

    def __init__(self, image, waiting):
        self._image, self._waiting = image, waiting

    def __call__(self, filter, step, place) -> Scene:
        """Return the scene for a filter (kh, kw), (stride, padding) and a place, counted from 0."""
        kernel = np.asarray(filter, np.float64)
        if not kernel.size:
            raise UnsuitableInput(self._waiting())
        if kernel.ndim != 2 or not np.isfinite(kernel).all():
            raise UnsuitableInput(_("The filter is not made of numbers. Choose a ready one."))
        stride, padding = step
        seen = windows(self._image, kernel.shape, stride, padding)
        rows, columns = seen.shape[:2]
        row, column = divmod(min(place, rows * columns - 1), columns)
        total = float((seen[row, column] * kernel).sum())
        panels = [
            self._digit(kernel.shape, stride, padding, row, column),
            sum_of_products(seen[row, column], kernel),
            _map(feature_map(self._image, kernel, stride, padding), row, column),
        ]
        alt = _describe(kernel, stride, padding, (row, column), total, (rows, columns))
        return Scene(panels, alt, height=290)

    def _digit(self, size, stride, padding, row, column):
        above, below = zeros_around(SIDE, size[0], stride, padding)
        left, right = zeros_around(SIDE, size[1], stride, padding)
        added = above + below + left + right
        corner = column * stride - left, row * stride - above
        marks = [
            scene.image(self._image, (0, 0, SIDE, SIDE)),
            rect(0, 0, SIDE, SIDE),
            rect(*corner, size[1], size[0], "test", stroke=3),
        ]
        if added:
            whole = SIDE + left + right, SIDE + above + below
            marks.append(rect(-left, -above, *whole, dash="dotted"))
        note = _("dotted: zeros around it") if added else _("no zeros around it")
        middle = corner[0] + size[1] / 2, corner[1] + size[0] / 2
        look = {"equal": True, "frame": False, "step": (stride, stride), "at": middle}
        return Panel("digit", _ACROSS, _DOWN, marks, _("digit"), note, **look)


def sum_of_products(window, kernel) -> Panel:
    """Draw each pixel times its weight, both (kh, kw), and their sum; a large filter is bare."""
    products = window * kernel
    size = _FONT_SIZES.get(max(kernel.shape))
    reach = np.abs(kernel).max() or 1
    rows, columns = kernel.shape
    marks = [scene.image(products / reach, (0, 0, 1, 1), scene.SIGNED, -1, 1)]
    down, across = np.linspace(0, 1, rows + 1), np.linspace(0, 1, columns + 1)
    lines = [[0, y, 1, y] for y in down] + [[x, 0, x, 1] for x in across]
    marks.append(scene.segments(lines, "grid"))
    for (row, column), product in np.ndenumerate(products if size else products[:0]):
        words = f"{round(window[row, column], 2):g}\n· {short(round(kernel[row, column], 2))}"
        colour = "paper" if abs(product) > 0.6 * reach else "ink"
        place = (column + 0.5) / columns, (row + 0.5) / rows
        marks.append(text(*place, words, colour, size))
    added = _("added up: {total}").format(total=short(round(float(products.sum()), 3)))
    marks.append(text(0.5, 1.09, added, size=14, bold=True))
    ends = Axis(-0.08, 1.08, ticks=()), Axis(1.16, 0, ticks=())
    return Panel("sum", *ends, marks, _("pixel · weight"), equal=True, frame=False)


def _map(done, row, column):
    rows, columns = done.shape
    reach = np.abs(done).max() or 1
    done.ravel()[row * columns + column + 1 :] = np.nan
    right, down = corner_of(done.shape)
    extent = (right, down, right + columns, down + rows)
    marks = [
        scene.image(done, extent, scene.SIGNED, -reach, reach, missing="grid"),
        rect(right, down, columns, rows),
        rect(right + column, down + row, 1, 1, "ink", stroke=2),
    ]
    size = _("{rows} x {columns} values").format(rows=rows, columns=columns)
    if np.isnan(done).any():
        size = _("{size}; grey: not there yet").format(size=size)
    at = right + column + 0.5, down + row + 0.5
    look = {"equal": True, "frame": False, "step": (1, 1), "at": at}
    return Panel("map", _ACROSS, _DOWN, marks, _("feature map"), size, **look)


def corner_of(size) -> tuple[float, float]:
    """Return the corner (x, y) of a feature map (rows, columns) that is drawn in the middle."""
    return (SIDE - size[1]) / 2, (SIDE - size[0]) / 2


def _describe(kernel, stride, padding, place, total, size):
    alt = _(
        "A digit of 28 x 28 pixels, on it the frame of a filter of {kh} x {kw} weights, which "
        "moves by {stride}, {around}. At row {row}, column {column} of the feature map, pixel "
        "times weight adds up to {total}. The feature map has {rows} x {columns} values."
    )
    return alt.format(
        kh=kernel.shape[0],
        kw=kernel.shape[1],
        stride=stride,
        around=_("with zeros around the digit") if padding == "same" else _("without zeros"),
        row=place[0],
        column=place[1],
        total=short(round(total, 3)),
        rows=size[0],
        columns=size[1],
    )
