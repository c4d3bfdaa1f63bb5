"""Loss surface: the loss over two real weights of a softmax layer, and the way down."""

import ipywidgets as widgets
import numpy as np

from course.drawing.number_format import short
from course.messages import _
from course.pictures.valley import Valley
from course.playgrounds import controls, playground, scene, softmax_layer
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.moves import one_move
from course.playgrounds.scene import Axis, Panel, Scene, dots, line

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
    arrived when 95% of the height is lost, or if it never leaves the bottom.
    """
    if np.isfinite(losses).all() and losses.max() - lowest <= 0.001 * abs(lowest):
        return "arriving"
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


_CELLS = 44  # of the map, across and up
_FACES = 30  # of the valley seen from the side, across and up
_TURN, _TILT = np.radians(65), np.radians(38)  # from where it is seen


class _Picture:
    """A map with the way down, the same in three dimensions, and the loss step by step."""

    def __init__(self, valley):
        self._valley = valley
        self._bottom = valley.lowest()
        self._lowest = float(valley.loss(self._bottom))
        self._words = {
            "crawling": _("crawling: steps too small"),
            "arriving": _("arriving at the bottom"),
            "zigzag": _("zigzag: across the valley and back"),
            "divergence": _("divergence: uphill, and away"),
        }
        self._heights = self._loss_over(_CELLS)
        self._low, self._high = np.log(self._heights.min()), np.log(self._heights.max())
        self._side = self._from_the_side()

    def _loss_over(self, cells):
        edges = [np.linspace(c - _REACH, c + _REACH, cells) for c in self._bottom]
        return self._valley.loss(np.stack(np.meshgrid(*edges), axis=-1))

    def _shades(self, losses):
        """Return where each loss lies between the lowest and the highest, by its logarithm."""
        return (np.log(losses) - self._low) / (self._high - self._low)

    def _seen(self, points, losses):
        """Return where points (…, 2) of the map at these heights are seen from the side, (…, 2)."""
        x, y = np.moveaxis((np.asarray(points) - self._bottom) / _REACH, -1, 0)
        away = x * np.sin(_TURN) + y * np.cos(_TURN)
        across = x * np.cos(_TURN) - y * np.sin(_TURN)
        height = losses / self._heights.max()
        return np.stack([across, away * np.sin(_TILT) + 1.3 * height * np.cos(_TILT)], axis=-1)

    def _from_the_side(self):
        """Return the valley as faces, the farthest first, for they lie behind the others."""
        edges = [np.linspace(c - _REACH, c + _REACH, _FACES) for c in self._bottom]
        points = np.stack(np.meshgrid(*edges), axis=-1)
        losses = self._valley.loss(points)
        seen = self._seen(points, losses)
        corners = np.stack([seen[:-1, :-1], seen[:-1, 1:], seen[1:, 1:], seen[1:, :-1]], axis=2)
        middle = (points[:-1, :-1] + points[1:, 1:]) / 2 - self._bottom
        away = middle[..., 0] * np.sin(_TURN) + middle[..., 1] * np.cos(_TURN)
        shades = self._shades(losses[:-1, :-1])
        order = np.argsort(-away.ravel())
        corners, shades = corners.reshape(-1, 4, 2)[order], shades.ravel()[order]
        return scene.areas(corners, scene.SHARE, shades, seamless=True)

    def __call__(self, rate, across, up) -> Scene:
        start = np.array([across, up])
        self._check(across, up)
        points = descent(self._valley.gradient, start, rate)
        losses = self._valley.loss(points)
        name = regime(points, losses, self._lowest)
        states = {"arriving": "finished", "divergence": "diverged"}
        colour = states.get(name, "paused")
        panels = [
            self._map(points, colour),
            self._valley_from_the_side(points, losses, colour),
            self._curve(losses, colour),
        ]
        alt = self._describe(start, rate, losses, name)
        return Scene(panels, alt, height=300, verdict=self._words[name], colour=colour)

    def _check(self, across, up):
        if (np.abs([across, up] - self._bottom) <= _REACH + 1e-6).all():
            return
        message = _(
            "The start ({across}, {up}) lies outside the map; it reaches from {low} to {high} "
            "and from {bottom} to {top}."
        )
        edges = [short(c + side * _REACH) for c in self._bottom for side in (-1, 1)]
        ends = dict(zip(("low", "high", "bottom", "top"), edges, strict=True))
        raise UnsuitableInput(message.format(across=short(across), up=short(up), **ends))

    def _map(self, points, colour):
        (left, bottom), (right, top) = self._bottom - _REACH, self._bottom + _REACH
        names = [_("weight of pixel {pixel}").format(pixel=p) for p in self._valley.pixels]
        marks = [
            scene.image(self._shades(self._heights), (left, bottom, right, top), scene.SHARE),
            dots(*self._bottom[:, np.newaxis], "ink", 15, "star"),
            line(*points.T, colour, width=1.5, dots=4),
            dots(*points[:1].T, "ink", 9, "square"),
        ]
        ends = Axis(left, right, names[0]), Axis(bottom, top, names[1])
        title = _("from above: the bluer, the higher")
        look = {"weight": 1.15, "step": (0.25, 0.25), "at": tuple(points[0])}
        return Panel("map", *ends, marks, title, **look)

    def _valley_from_the_side(self, points, losses, colour):
        inside = np.maximum.accumulate(np.abs(points - self._bottom).max(axis=1)) <= _REACH
        way = self._seen(points[inside], losses[inside])
        marks = [self._side, line(*way.T, colour, width=2)]
        ends = Axis(-1.4, 1.4, ticks=()), Axis(-0.9, 1.75, ticks=())
        title = _("the same valley, from the side")
        return Panel("side", *ends, marks, title, frame=False)

    def _curve(self, losses, colour):
        steps = np.arange(len(losses))
        marks = [
            line([0, STEPS], [self._lowest] * 2, "quiet", 1, "dashed"),
            line(steps, losses, colour),
        ]
        finite = losses[np.isfinite(losses)]
        high = max(1.3 * finite.max(), 2 * self._lowest)
        ends = Axis(0.9 * self._lowest, float(high), log=True)
        return Panel("curve", Axis(0, STEPS, _("step")), ends, marks, _("the loss, step by step"))

    def _describe(self, start, rate, losses, name):
        alt = _(
            "A map, a view in three dimensions and a curve of the loss over two weights of the "
            "neuron for {digit}. From ({across}, {up}), {steps} steps at learning rate {rate} "
            "lead from a loss of {first} to {last}; the lowest is {lowest}. Verdict: {verdict}."
        )
        return alt.format(
            digit=self._valley.digit,
            across=short(start[0]),
            up=short(start[1]),
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
            "find the learning rate at which zigzag begins, from where you are; then click on a "
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

    start = widgets.HBox([moves["across"], moves["up"]], layout={"max_width": "100%"})
    arranged = widgets.HBox([moves["rate"], start], layout={"flex_flow": "row wrap"})
    return playground.show(
        lambda: _Picture(valley), moves, pointed=begin_at, arranged=arranged, **texts
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
