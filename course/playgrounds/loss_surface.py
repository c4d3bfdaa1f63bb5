"""Loss surface: the loss over two real weights of a softmax layer, and the way down."""

from functools import partial

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, LogNorm

from course.drawing.axes import label_plainly
from course.drawing.number_format import short
from course.messages import _
from course.pictures.valley import Valley
from course.playgrounds import controls, softmax_layer
from course.playgrounds import figure_playground as playground
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.moves import one_move

PIXELS, DIGIT = (378, 406), 8  # two neighbours in the middle: their weights pull together
STEPS = 60
_REACH = 7.0  # from the lowest point to the edge of the map
_FROM_BOTTOM = (-4.0, 5.0)  # where the descent starts, seen from the lowest point
_MAX_DIGITS = 2000  # more would hardly change the map, but slow down every move


# What is computed ---------------------------------------------------------------------------------


def descent(gradient, start, learning_rate: float, steps: int = STEPS) -> np.ndarray:
    """Return the points (steps + 1, 2) of gradient descent from a start (2,)."""
    points = [np.asarray(start, np.float64)]
    for _step in range(steps):
        points.append(points[-1] - learning_rate * np.asarray(gradient(points[-1])))
    return np.array(points)


def regime(points, losses, lowest: float) -> str:
    """Name the kind of a descent: "crawling", "arriving", "zigzag" or "divergence".

    `points` (n, 2) and `losses` (n,) are those of its steps, `lowest` is the smallest loss that is
    possible. The descent diverges if its second half is higher than its start, or not finite; it
    zigzags if steps that turn back on the one before make up more than a fifth of its way; it has
    arrived when 95% of the height is lost.
    """
    if not np.isfinite(losses).all() or losses[len(losses) // 2 :].mean() > losses[0]:
        return "divergence"
    moves = np.diff(points, axis=0)
    lengths = np.linalg.norm(moves, axis=1)
    turns_back = (moves[1:] * moves[:-1]).sum(axis=1) < 0
    if lengths[1:][turns_back].sum() > 0.2 * lengths.sum():
        return "zigzag"
    if losses[-1] - lowest <= 0.05 * (losses[0] - lowest):
        return "arriving"
    return "crawling"


# What is drawn ------------------------------------------------------------------------------------


class _Picture:
    """A map with the way down, the same in three dimensions, and the loss step by step."""

    def __init__(self, valley, figure, theme):
        self._valley, self._theme = valley, theme
        self._bottom = self._valley.lowest()
        self._lowest = float(self._valley.loss(self._bottom))
        self._words = {
            "crawling": _("crawling: steps too small"),
            "arriving": _("arriving at the bottom"),
            "zigzag": _("zigzag: across the valley and back"),
            "divergence": _("divergence: uphill, and away"),
        }
        edges = [np.linspace(c - _REACH, c + _REACH, 45) for c in self._bottom]
        across, up = np.meshgrid(*edges)
        self._colours = LinearSegmentedColormap.from_list("", [theme.paper, theme.training])
        heights = self._valley.loss(np.stack([across, up], axis=-1))
        grid = figure.add_gridspec(1, 3, width_ratios=(1.15, 1.25, 0.8))
        self._draw_map(figure.add_subplot(grid[0], label="map"), across, up, heights)
        self._draw_valley(figure.add_subplot(grid[1], projection="3d"), across, up, heights)
        self._draw_curve(figure.add_subplot(grid[2]), heights)
        self._verdict = figure.text(
            *(0.53, 0.03, ""), ha="center", fontsize=11, weight="bold", animated=True
        )

    def _draw_map(self, axes, across, up, heights):
        theme = self._theme
        levels = np.geomspace(heights.min(), heights.max(), 16)
        axes.contourf(across, up, heights, levels, cmap=self._colours, norm=LogNorm())
        axes.plot(*self._bottom, "*", color=theme.ink, markersize=9)
        (self._path,) = axes.plot([], [], "o-", markersize=3, linewidth=1, animated=True)
        (self._begin,) = axes.plot([], [], "s", markersize=6, color=theme.ink, animated=True)
        names = [_("weight of pixel {pixel}").format(pixel=p) for p in self._valley.pixels]
        axes.set(
            title=_("from above: the bluer, the higher the loss"),
            xlabel=names[0],
            ylabel=names[1],
            xlim=across[0, [0, -1]],
            ylim=up[[0, -1], 0],
        )

    def _draw_valley(self, axes, across, up, heights):
        axes.plot_surface(
            *(across, up, heights), cmap=self._colours, norm=LogNorm(), rcount=30, ccount=30
        )
        (self._path_3d,) = axes.plot([], [], [], "-", linewidth=1.4, zorder=10, animated=True)
        for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
            axis.set_pane_color(self._theme.paper)
        axes.set(title=_("the same valley, from the side"), xticklabels=[], yticklabels=[])
        axes.set_box_aspect((1, 1, 0.8), zoom=1.25)
        axes.view_init(elev=38, azim=-115)

    def _draw_curve(self, axes, heights):
        theme = self._theme
        (self._curve,) = axes.plot([], [], animated=True)
        axes.axhline(self._lowest, color=theme.quiet, linestyle="--", linewidth=1)
        axes.set(
            title=_("the loss, step by step"),
            xlabel=_("step"),
            yscale="log",
            xlim=(0, STEPS),
            ylim=(0.9 * self._lowest, 2 * heights.max()),
        )
        label_plainly(axes.yaxis)

    def __call__(self, rate, across, up):
        start = np.array([across, up])
        if not (np.abs(start - self._bottom) <= _REACH + 1e-6).all():
            message = _(
                "The start ({across}, {up}) lies outside the map; it reaches from {low} to {high} "
                "and from {bottom} to {top}."
            )
            edges = [short(c + side * _REACH) for c in self._bottom for side in (-1, 1)]
            ends = dict(zip(("low", "high", "bottom", "top"), edges, strict=True))
            raise UnsuitableInput(message.format(across=short(across), up=short(up), **ends))
        points = descent(self._valley.gradient, start, rate)
        losses = self._valley.loss(points)
        name = regime(points, losses, self._lowest)
        states = {"arriving": "finished", "divergence": "diverged"}
        colour = self._theme.states[states.get(name, "paused")]
        self._path.set(xdata=points[:, 0], ydata=points[:, 1], color=colour)
        self._begin.set(xdata=start[:1], ydata=start[1:])
        self._path_3d.set_data_3d(*points.T, losses)
        self._path_3d.set_color(colour)
        self._curve.set(xdata=np.arange(len(losses)), ydata=losses, color=colour)
        self._verdict.set(text=self._words[name], color=colour)
        alt = _(
            "A map, a view in three dimensions and a curve of the loss over two weights of the "
            "neuron for {digit}. From ({across}, {up}), {steps} steps at learning rate {rate} "
            "lead from a loss of {first} to {last}; the lowest is {lowest}. Verdict: {verdict}."
        )
        return alt.format(
            digit=self._valley.digit,
            across=short(across),
            up=short(up),
            steps=STEPS,
            rate=short(rate),
            first=short(losses[0]),
            last=short(losses[-1]),
            lowest=short(self._lowest),
            verdict=self._words[name],
        )


def show(
    data=None,
    W=None,
    b=None,
    *,
    pixels=PIXELS,
    digit: int = DIGIT,
    dark: bool = False,
    live: bool | None = None,
):
    """Walk down the loss over two weights of a softmax layer.

    `W` (784, 10) and `b` (10,) are those of a trained network, your own for instance; without them,
    a network is trained on the spot. `data` is what `digits.load` returns, or one split of it. The
    two weights are those from the `pixels` to the neuron of `digit`.
    """
    texts = {
        "title": _("Loss surface"),
        "question": _("Which way down does gradient descent take, at which learning rate?"),
        "hint": _(
            "find the learning rate at which zigzag begins, from where you are; then click onto a "
            "steeper place and find it again. Can you arrive from everywhere with one rate?"
        ),
        "dark": dark,
        "live": live,
    }
    try:
        valley = valley_of(data, W, b, pixels, digit)
    except UnsuitableInput as error:
        return playground.refuse(error, **texts)
    across, up = np.round(valley.lowest() + _FROM_BOTTOM, 1)
    moves = {
        "rate": controls.log_slider(_("learning rate"), 25.0, -1, 3),
        "across": controls.number(_("start: across"), across),
        "up": controls.number(_("up"), up, width=120),
    }

    def begin_at(name, x, y):
        if name == "map":
            with one_move():
                moves["across"].value, moves["up"].value = round(x, 2), round(y, 2)

    return playground.show(
        partial(_Picture, valley), moves, clicked=begin_at, size=(8.8, 3.5), **texts
    )


def valley_of(data=None, W=None, b=None, pixels=PIXELS, digit: int = DIGIT) -> Valley:
    """Return the valley for the arguments of `show`. Raise UnsuitableInput if there is none."""
    X, labels = softmax_layer.read_examples(data, _MAX_DIGITS)
    if digit not in labels:
        message = _("There is no {digit} among the {count:,} digits of this sample.")
        raise UnsuitableInput(message.format(digit=digit, count=len(labels)))
    if not X[:, list(pixels)].any(axis=0).all():
        message = _("One of the pixels {pixels} is white in every digit: its weight does nothing.")
        raise UnsuitableInput(message.format(pixels=tuple(pixels)))
    if W is None or b is None:
        layer = softmax_layer.train_layer(X, labels)
    else:
        layer = softmax_layer.check_layer(W, b)
    return Valley(X, labels, layer.W, layer.b, pixels, digit)
