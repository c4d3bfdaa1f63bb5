"""What the convolution playground draws: the digit, the sum at one place, and the feature map."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from course.check.references.lesson_06_convolution import windows, zeros_around
from course.drawing.number_format import short
from course.drawing.palette import ORANGE
from course.messages import _
from course.playgrounds.feature_maps import MAX_SIZE, feature_map
from course.playgrounds.inputs import UnsuitableInput
from course.training.examples import SIDE

_MARGIN = 3  # pixels around the digit, where zeros are added
_FONT_SIZES = {1: 12, 2: 12, 3: 11, 4: 9, 5: 7.5, 6: 6.5, 7: 5.5}  # by the size of the filter


class ConvolutionPicture:
    """The digit with the filter's frame, the sum at that place, and the feature map so far.

    `waiting()` says what is waited for as long as there is no filter.
    """

    def __init__(self, figure, theme, image, waiting):
        self._image, self._theme, self._waiting = image, theme, waiting
        colours = [ORANGE, theme.paper, theme.training]  # as in the pictures of the lesson
        signed = LinearSegmentedColormap.from_list("signed", colours)
        self._signed = signed.with_extremes(bad=theme.grid)
        columns = figure.subplots(1, 3, width_ratios=[1, 1, 1])
        for axes, label in zip(columns, ("digit", "sum", "map"), strict=True):
            axes.set(xticks=[], yticks=[], label=label)
            axes.spines[:].set_visible(False)
        self._draw_digit(columns[0])
        self._draw_sum(columns[1])
        self._draw_map(columns[2])

    def _draw_digit(self, axes):
        ends = -_MARGIN - 0.6, SIDE + _MARGIN + 0.6
        axes.imshow(self._image, cmap="gray_r", vmin=0, vmax=1, extent=(0, SIDE, SIDE, 0), zorder=1)
        axes.set(xlim=ends, ylim=ends[::-1], facecolor=self._theme.paper)
        axes.set_title(_("digit"))
        quiet = {"fill": False, "edgecolor": self._theme.quiet}
        axes.add_patch(Rectangle((0, 0), SIDE, SIDE, linewidth=0.8, zorder=2, **quiet))
        self._zeros = axes.add_patch(
            Rectangle((0, 0), 1, 1, linewidth=0.8, linestyle=":", animated=True, **quiet)
        )
        self._frame = axes.add_patch(
            Rectangle((0, 0), 1, 1, fill=False, linewidth=2.2, animated=True, zorder=4)
        )
        self._frame.set_edgecolor(self._theme.test)
        self._around = self._note_below(axes)

    def _note_below(self, axes):
        return axes.text(
            *(SIDE / 2, SIDE + _MARGIN + 0.4, ""),
            fontsize=8,
            ha="center",
            va="top",
            color=self._theme.quiet,
            animated=True,
        )

    def _draw_sum(self, axes):
        axes.set(xlim=(-0.05, 1.05), ylim=(1.05, -0.05), aspect="equal")
        axes.set_title(_("pixel · weight"))
        self._products = axes.imshow(
            np.zeros((1, 1)),
            cmap=self._signed,
            vmin=-1,
            vmax=1,
            extent=(0, 1, 1, 0),
            interpolation="nearest",
            animated=True,
        )
        self._between = axes.add_collection(
            LineCollection([], colors=self._theme.grid, linewidths=0.8, animated=True, zorder=1)
        )
        self._terms = [
            axes.text(0, 0, "", ha="center", va="center", animated=True)
            for _index in range(MAX_SIZE**2)
        ]
        self._sum = axes.text(
            *(0.5, 1.04, ""),
            ha="center",
            va="top",
            fontsize=10,
            fontweight="bold",
            color=self._theme.ink,
            animated=True,
        )

    def _draw_map(self, axes):
        axes.set(xlim=(-_MARGIN - 0.6, SIDE + _MARGIN + 0.6))
        axes.set(ylim=(SIDE + _MARGIN + 0.6, -_MARGIN - 0.6), aspect="equal")
        axes.set_title(_("feature map"))
        self._map = axes.imshow(
            np.zeros((1, 1)),
            cmap=self._signed,
            extent=(0, SIDE, SIDE, 0),
            interpolation="nearest",
            animated=True,
        )
        axes.set(xlim=(-_MARGIN - 0.6, SIDE + _MARGIN + 0.6))
        axes.set(ylim=(SIDE + _MARGIN + 0.6, -_MARGIN - 0.6))
        self._edge = axes.add_patch(
            Rectangle((0, 0), 1, 1, fill=False, linewidth=0.8, animated=True, zorder=3)
        )
        self._edge.set_edgecolor(self._theme.quiet)
        self._here = axes.add_patch(
            Rectangle((0, 0), 1, 1, fill=False, linewidth=1.6, animated=True, zorder=4)
        )
        self._here.set_edgecolor(self._theme.ink)
        self._size = self._note_below(axes)

    def __call__(self, filter, step, place) -> str:
        """Draw for a filter (kh, kw), (stride, padding) and a place, and return the alternative."""
        kernel = np.asarray(filter, np.float64)
        if not kernel.size:
            raise UnsuitableInput(self._waiting())
        if kernel.ndim != 2 or not np.isfinite(kernel).all():
            raise UnsuitableInput(_("The filter is not made of numbers. Choose a ready one."))
        stride, padding = step
        seen = windows(self._image, kernel.shape, stride, padding)
        rows, columns = seen.shape[:2]
        row, column = divmod(min(place, rows * columns) - 1, columns)
        products = seen[row, column] * kernel
        total = float(products.sum())
        self._move_frames(kernel.shape, stride, padding, row, column)
        self._write_sum(seen[row, column], kernel, total)
        done = feature_map(self._image, kernel, stride, padding)
        reach = np.abs(done).max() or 1
        done.ravel()[row * columns + column + 1 :] = np.nan
        right, down = corner_of((rows, columns))
        extent = (right, right + columns, down + rows, down)
        self._map.set(data=done, extent=extent, clim=(-reach, reach))
        self._edge.set_bounds(right, down, columns, rows)
        self._here.set_bounds(right + column, down + row, 1, 1)
        self._size.set_text(_("{rows} x {columns} values").format(rows=rows, columns=columns))
        return _describe(kernel, stride, padding, (row, column), total, (rows, columns))

    def _move_frames(self, size, stride, padding, row, column):
        above, below = zeros_around(SIDE, size[0], stride, padding)
        left, right = zeros_around(SIDE, size[1], stride, padding)
        self._frame.set_bounds(column * stride - left, row * stride - above, size[1], size[0])
        self._zeros.set_bounds(-left, -above, SIDE + left + right, SIDE + above + below)
        added = above + below + left + right
        self._zeros.set_visible(added > 0)
        self._around.set_text(_("dotted: zeros around it") if added else _("no zeros around it"))

    def _write_sum(self, window, kernel, total):
        products = window * kernel
        reach = np.abs(kernel).max() or 1
        self._products.set(data=products / reach)
        rows, columns = kernel.shape
        down, across = np.linspace(0, 1, rows + 1), np.linspace(0, 1, columns + 1)
        lines = [[(0, y), (1, y)] for y in down] + [[(x, 0), (x, 1)] for x in across]
        self._between.set_segments(lines)
        size = _FONT_SIZES[max(kernel.shape)]
        for index, text in enumerate(self._terms):
            text.set_visible(index < kernel.size)
            if index < kernel.size:
                row, column = divmod(index, columns)
                text.set_position(((column + 0.5) / columns, (row + 0.5) / rows))
                text.set_text(f"{round(window[row, column], 2):g}\n· {short(kernel[row, column])}")
                deep = abs(products[row, column]) > 0.6 * reach
                text.set_color(self._theme.paper if deep else self._theme.ink)
                text.set_fontsize(size)
        self._sum.set_text(_("added up: {total}").format(total=short(round(total, 3))))


def corner_of(size) -> tuple[float, float]:
    """Return where a feature map (rows, columns) begins that stands in the middle: (x, y)."""
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
