"""Batch size: how well a mini-batch's gradient stands for the full one, and what it costs."""

import time
from typing import NamedTuple

import numpy as np

from course.drawing.number_format import short
from course.messages import _, ngettext, sentences
from course.playgrounds import controls, playground, softmax_layer
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.scene import Axis, Panel, Scene, dots, line, segments

SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_MAX_DIGITS = 5000  # that a full gradient is computed of
_TICKS = ((1, "1"), (10, "10"), (100, "100"), (1000, "1,000"))
_LEARNING_RATE = 0.1
_STEPS = 100  # before "later in training"


# What is computed ---------------------------------------------------------------------------------


class Draws(NamedTuple):
    """Mini-batches drawn at one place, compared with the full gradient.

    `angles` in degrees, `lengths` as shares of the full gradient's and the `losses` of the
    mini-batches are arrays (draws,). `seconds` is the time that one undisturbed step takes on one
    core, gathering the batch included.
    """

    angles: np.ndarray
    lengths: np.ndarray
    losses: np.ndarray
    seconds: float


def compare(layer, X, labels, full, size: int, count: int, rng) -> Draws:
    """Draw `count` mini-batches of a size and compare their gradients with the full one."""
    T = softmax_layer.one_hot(labels)
    batches = [rng.integers(len(X), size=size) for _draw in range(count)]
    slopes, seconds = [], []
    for batch in batches:
        begun = time.perf_counter()
        found = softmax_layer.gradient(layer, X[batch], T[batch])
        softmax_layer.step(layer, found, _LEARNING_RATE)  # timed, and thrown away
        seconds.append(time.perf_counter() - begun)
        slopes.append(found)
    true = flat(full)
    lengths = np.array([np.linalg.norm(flat(found)) for found in slopes])
    along = np.array([flat(found) @ true for found in slopes]) / np.linalg.norm(true)
    cosines = np.divide(along, lengths, out=np.zeros(count), where=lengths > 0)
    return Draws(
        np.degrees(np.arccos(np.clip(cosines, -1, 1))),
        lengths / np.linalg.norm(true),
        np.array([softmax_layer.loss(layer, X[batch], labels[batch]) for batch in batches]),
        min(seconds),
    )


def flat(layer) -> np.ndarray:
    """Return weights and biases as one vector, float64 (7850,)."""
    return np.concatenate([layer.W.ravel(), layer.b]).astype(np.float64)


def draw_count(size: int) -> int:
    """Return how many mini-batches of a size can be drawn within a move."""
    return int(np.clip(10_000 // size, 10, 60))


# What is drawn ------------------------------------------------------------------------------------


class _Picture:
    """Gradients of mini-batches as arrows next to the full one, their losses, and epoch times."""

    def __init__(self, X, labels, layers):
        self._X, self._labels, self._layers = X, labels, layers
        T = softmax_layer.one_hot(labels)
        self._full = {n: softmax_layer.gradient(layer, X, T) for n, layer in layers.items()}
        self._loss = {n: softmax_layer.loss(layer, X, labels) for n, layer in layers.items()}
        self._seconds = {}
        rng = np.random.default_rng(0)
        layer, full = next(iter(layers.values())), next(iter(self._full.values()))
        for size in SIZES:
            self._note(size, compare(layer, X, labels, full, size, 8, rng).seconds)
        epochs = np.array([*self._seconds.values()])
        self._ends = epochs.min() / 4, epochs.max() * 4

    def _note(self, size, seconds):
        epoch = seconds * len(self._X) / size
        self._seconds[size] = min(epoch, self._seconds.get(size, epoch))

    def __call__(self, size, place, again) -> Scene:
        layer, full = self._layers[place], self._full[place]
        rng = np.random.default_rng([size, again])
        draws = compare(layer, self._X, self._labels, full, size, draw_count(size), rng)
        self._note(size, draws.seconds)
        speed = len(self._X) / size / self._seconds[size]
        panels = [
            _arrows(draws),
            _losses(draws, self._loss[place]),
            self._times(size, speed),
        ]
        drawn = ngettext(
            "Three graphs. {count} mini-batches of {size:,} digit: their gradients are {low} "
            "to {high} degrees off the full one, {angle} on average, and are {length} times as "
            "long; their loss spreads by {spread} around {loss}.",
            "Three graphs. {count} mini-batches of {size:,} digits: their gradients are {low} "
            "to {high} degrees off the full one, {angle} on average, and are {length} times as "
            "long; their loss spreads by {spread} around {loss}.",
            size,
        )
        took = _("Here it is {speed:,.0f} steps per second, and an epoch takes {seconds} seconds.")
        alt = sentences(drawn, took).format(
            count=len(draws.angles),
            size=size,
            low=round(draws.angles.min()),
            high=round(draws.angles.max()),
            angle=round(draws.angles.mean()),
            length=short(round(float(draws.lengths.mean()), 2)),
            spread=short(float(draws.losses.std())),
            loss=short(self._loss[place]),
            speed=speed,
            seconds=short(self._seconds[size]),
        )
        return Scene(panels, alt)

    def _times(self, size, speed):
        sizes, seconds = [*self._seconds], [*self._seconds.values()]
        marks = [
            line(sizes, seconds, "quiet", dots=5),
            dots([size], [self._seconds[size]], "training", 12),
        ]
        low, high = self._ends  # a busy machine may have been far slower when they were measured
        ends = Axis(min(low, min(seconds) / 1.5), high, log=True)
        across = Axis(0.7, 1.5 * SIZES[-1], _("batch size"), _TICKS, log=True)
        title = _("seconds for an epoch of {count:,} digits").format(count=len(self._X))
        note = _("{speed:,.0f} steps per second").format(speed=speed)
        return Panel("times", across, ends, marks, title, note, grid=True)


def _arrows(draws):
    turned = np.radians(draws.angles) * np.where(np.arange(len(draws.angles)) % 2, -1, 1)
    tips = draws.lengths[:, None] * np.column_stack([np.cos(turned), np.sin(turned)])
    reach = max(1, np.abs(tips).max())  # the longest arrow just fits
    ends = np.column_stack([np.zeros_like(tips), tips / reach])
    marks = [
        segments(ends, "training", 1.3, alpha=0.7),
        segments([[0, 0, 1 / reach, 0]], "test", 4),
    ]
    words = _("{angle}° off, {length} times as long").format(
        angle=round(draws.angles.mean()), length=short(round(draws.lengths.mean(), 2))
    )
    left = min(-0.7, (tips / reach).min() - 0.1)
    axes = Axis(left, 1.1, ticks=()), Axis(-1.1, 1.1, ticks=())
    title = _("gradients; the full one thick")
    return Panel("arrows", *axes, marks, title, words, equal=True, frame=False)


def _losses(draws, loss):
    low, high = 0.01, 20
    shown = np.clip(draws.losses, low, high)
    ticks = (low, f"≤ {low}"), 0.1, 1, 10, (high, f"≥ {high}")
    marks = [
        dots(np.arange(len(shown)) + 1, shown, "training", 5),
        line([0, 61], [loss, loss], "test", 2.5),
    ]
    title = _("loss of each mini-batch; of all, thick")
    up = Axis(low, high, ticks=ticks, log=True)
    return Panel("losses", Axis(0, 61, _("draw")), up, marks, title)


def show(data=None, W=None, b=None, *, dark: bool = False, live: bool | None = None):
    """Compare mini-batches of every size with the whole training set.

    `data` is what `digits.load` returns, or one split of it. `W` (784, 10) and `b` (10,) are those
    of a trained layer, your own for instance; without them, a layer is trained on the spot.
    """
    texts = {
        "title": _("Batch size"),
        "question": _("How well do a few digits stand for all of them, and what does it cost?"),
        "hint": _(
            "at the start, find the smallest batch whose gradients are less than 45 degrees off; "
            "how far off is the same batch later in training? Then find the size from which on "
            "larger batches save no time."
        ),
        "dark": dark,
        "live": live,
    }
    try:
        X, labels = softmax_layer.read_examples(data, _MAX_DIGITS)
        if W is None or b is None:
            layer = softmax_layer.train_layer(X, labels, steps=_STEPS)
        else:
            layer = softmax_layer.check_layer(W, b)
    except UnsuitableInput as error:
        return playground.refuse(error, **texts)
    layers = {"start": softmax_layer.zero_layer(), "trained": layer}
    places = [(_("at the start, all 0"), "start"), (_("later in training"), "trained")]
    moves = {
        "size": controls.steps(_("batch size"), 10, SIZES),
        "place": controls.choice(_("weights"), "trained", places),
        "again": controls.button(_("draw again")),
    }
    return playground.show(lambda: _Picture(X, labels, layers), moves, **texts)
