"""Convolution: a filter slides over a digit, and its feature map grows."""

import ipywidgets as widgets
import numpy as np
import traitlets
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from course.drawing.number_format import short
from course.messages import _
from course.playgrounds import controls, playground, rungs
from course.playgrounds.filter import Filter
from course.playgrounds.one_digit import one_digit
from course.playgrounds.playground import Unsuitable
from course.training.examples import SIDE

_LADDERS = "convolutional"  # the network of the ladder whose first filters are shown
_COUNT = 4  # so many has it
_MOST = 12  # so many of a learner's own are offered
_DIGIT = 34  # a 2
_START = 17 * SIDE + 7  # a place at the left edge of a stroke
_LARGEST = 7  # a filter of more pixels has no room to be written out
_MARGIN = 3  # pixels around the digit, where zeros are added

READY = {
    _("left and right edges"): [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
    _("upper and lower edges"): [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
    _("outline"): [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    _("blur"): [[0.11, 0.11, 0.11], [0.11, 0.11, 0.11], [0.11, 0.11, 0.11]],
    _("sharpen"): [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
}


# What is computed ---------------------------------------------------------------------------------


def zeros_around(length: int, size: int, stride: int, padding: str) -> tuple[int, int]:
    """How many zeros stand before and after a row of pixels: TensorFlow's "same" and "valid"."""
    if padding == "valid":
        return 0, 0
    needed = max((-(-length // stride) - 1) * stride + size - length, 0)
    return needed // 2, needed - needed // 2


def windows(image, size, stride: int = 1, padding: str = "same") -> np.ndarray:
    """All that a filter of size (kh, kw) sees of an image (h, w): (rows, columns, kh, kw)."""
    around = [
        zeros_around(length, extent, stride, padding)
        for length, extent in zip(image.shape, size, strict=True)
    ]
    padded = np.pad(image, around)
    return np.lib.stride_tricks.sliding_window_view(padded, size)[::stride, ::stride]


def feature_map(image, kernel, stride: int = 1, padding: str = "same") -> np.ndarray:
    """The sum of pixel times weight at every place: (h, w), (kh, kw) -> (rows, columns)."""
    kernel = np.asarray(kernel, np.float64)
    return np.einsum("rcij,ij->rc", windows(image, kernel.shape, stride, padding), kernel)


def first_filters(network) -> np.ndarray:
    """The filters (count, kh, kw) of the first convolution of a Keras model, or Unsuitable."""
    network = getattr(network, "network", network)  # of a run
    for layer in getattr(network, "layers", ()):
        for weight in layer.get_weights():
            if weight.ndim == 4 and weight.shape[2] == 1 and max(weight.shape[:2]) <= _LARGEST:
                return np.moveaxis(weight[:, :, 0], -1, 0)
    message = _(
        "The network has no filters to show; expected a Keras model whose first convolution looks "
        "at one channel, through filters of at most {most} x {most}."
    )
    raise Unsuitable(message.format(most=_LARGEST))


# What is drawn ------------------------------------------------------------------------------------


class _Picture:
    """The digit with the filter's frame, the sum at that place, and the feature map so far."""

    def __init__(self, figure, theme, image, learned):
        self._image, self._theme, self._learned = image, theme, learned
        colours = [theme.test, theme.paper, theme.training]
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
        self._around = axes.text(
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
            for _index in range(_LARGEST**2)
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
        self._size = axes.text(
            *(SIDE / 2, SIDE + _MARGIN + 0.4, ""),
            fontsize=8,
            ha="center",
            va="top",
            color=self._theme.quiet,
            animated=True,
        )

    def __call__(self, filter, step, place):
        kernel = np.asarray(filter, np.float64)
        if not kernel.size:
            raise Unsuitable(self._learned.words())
        if kernel.ndim != 2 or not np.isfinite(kernel).all():
            raise Unsuitable(_("The filter is not made of numbers. Choose a ready one."))
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
        right, down = _corner((rows, columns))
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
        size = {1: 12, 2: 12, 3: 11, 4: 9, 5: 7.5, 6: 6.5, 7: 5.5}[max(kernel.shape)]
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


def _corner(size):
    """Where a feature map (rows, columns) begins, so that its middle is the picture's: (x, y)."""
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


# What is played with ------------------------------------------------------------------------------


class _Walk(widgets.HBox):
    """A slider over the places of the filter, and a button that walks over all of them."""

    value = traitlets.Int(1)

    def __init__(self, places, place):
        self.slider = controls.slider(_("place"), place, 1, places, 1, width=300)
        self.play = widgets.Play(value=place, min=1, max=places, interval=80)
        self.play.show_repeat = False
        super().__init__([self.play, self.slider])
        traitlets.link((self.play, "value"), (self.slider, "value"))
        traitlets.link((self.slider, "value"), (self, "value"))
        self.reach(places)

    def reach(self, places):
        """Let there be this many places; a place beyond becomes the last."""
        self.play.step = max(1, places // 196)
        self.play.max = self.slider.max = places


def show(image=None, network=None, *, dark: bool = False, live: bool | None = None):
    """Let a filter slide over a digit; change its weights, its stride and the zeros around.

    `image` (28, 28) is uint8 or in 0..1; without one, a digit of the embedded sample. The learned
    filters are those of `network`, a Keras model, or of a small convolutional network that is
    trained for some seconds when they are first chosen.
    """
    words = {
        "title": _("Convolution"),
        "question": _("What does a filter look for?"),
        "hint": _(
            "press play, or click the digit or the map. Predict the sign of the sum on the left "
            "and on the right side of a stroke; then choose stride 2, and change single weights."
        ),
        "dark": dark,
        "live": live,
    }
    try:
        image = one_digit(image, otherwise=_DIGIT)
        learned = _Learned(network)
    except Unsuitable as error:
        return playground.refuse(error, **words)
    filters = Filter(READY | learned.ready())
    step = controls.choice(_("stride and padding"), (1, "same"), _steps(), width=360)
    walk = _Walk(SIDE * SIDE, _START)

    def places(_change=None):
        size = np.shape(filters.value)
        if len(size) == 2:
            rows, columns = windows(image, size, *step.value).shape[:2]
            walk.reach(rows * columns)

    def clicked(name, x, y):
        size, (stride, padding) = np.shape(filters.value), step.value
        rows, columns = windows(image, size, stride, padding).shape[:2]
        if name == "digit":  # the frame's middle comes to where the click was
            above, left = (zeros_around(SIDE, extent, stride, padding)[0] for extent in size)
            y = (y + above - size[0] / 2) / stride + 0.5
            x = (x + left - size[1] / 2) / stride + 0.5
        elif name == "map":
            right, down = _corner((rows, columns))
            x, y = x - right, y - down
        if name != "sum":
            row, column = np.clip(np.floor([y, x]), 0, [rows - 1, columns - 1]).astype(int)
            walk.value = int(row * columns + column + 1)

    # They come before the playground, which draws when the places are counted.
    filters.observe(places, "value")
    step.observe(places, "value")
    left = widgets.VBox([step, walk])
    shown = playground.show(
        lambda figure, theme: _Picture(figure, theme, image, learned),
        {"filter": filters, "step": step, "place": walk},
        arranged=widgets.HBox([filters, left], layout={"flex_flow": "row wrap"}),
        clicked=clicked,
        closing=learned.stop,
        size=(8.6, 3.3),
        **words,
    )
    learned.arrived = playground.in_time(lambda: (filters.refresh(), shown.redraw()))
    return shown


def _steps():
    return [
        (_("stride 1, zeros around (same)"), (1, "same")),
        (_("stride 2, zeros around (same)"), (2, "same")),
        (_("stride 1, no zeros (valid)"), (1, "valid")),
        (_("stride 2, no zeros (valid)"), (2, "valid")),
    ]


class _Learned:
    """The filters of a trained network: of the learner's, or of the ladder's when asked for."""

    def __init__(self, network):
        self.arrived = None
        self._filters = first_filters(network) if network is not None else None
        self._training = rungs.Training([_LADDERS])

    def ready(self) -> dict:
        """Name -> a function that returns the weights, or None as long as they are in training."""
        count = _COUNT if self._filters is None else min(len(self._filters), _MOST)
        return {
            _("learned, filter {number}").format(number=number + 1): lambda at=number: self._one(at)
            for number in range(count)
        }

    def _one(self, number):
        if self._filters is None:
            network = rungs.known(_LADDERS)
            if network is None:
                if self.arrived is not None:
                    self._training.start(self.arrived)
                return None
            self._filters = first_filters(network)
        return self._filters[number]

    def words(self) -> str:
        """How far the training is."""
        if self._training.error is not None:
            return _("The network could not be trained: {error}").format(error=self._training.error)
        share = self._training.share(_LADDERS)
        message = _("The network is in training: {share:.0%}. Its filters come in a moment.")
        return message.format(share=share)

    def stop(self):
        """End the training."""
        self._training.stop()
