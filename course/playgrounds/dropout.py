"""Dropout: a small network with some of its neurons dropped, and the average over many masks."""

import functools

import numpy as np

from course import digits
from course.check.references.lesson_01_softmax import softmax
from course.drawing.number_format import percent, round_up
from course.front_end import shows_live
from course.messages import _, ngettext, sentences
from course.playgrounds import controls, playground, scene
from course.playgrounds.inputs import UnsuitableInput, digit_image
from course.playgrounds.scene import Axis, Panel, Scene, bars, dots, rect, segments, text
from course.training import Run

SCALED, NOT_SCALED, TEST = "scaled", "not scaled", "test"

_HIDDEN = 12
_STEPS = 150
_MAX_MASKS = 400  # that are averaged
_DIGIT = 5  # a 2


# What is computed ---------------------------------------------------------------------------------


@functools.cache
def small_network() -> tuple:
    """Return weights and biases (W1, b1, W2, b2) of a network 784-12-10, trained with dropout."""
    from course.backend import keras

    layers = keras.layers
    start = keras.initializers.HeNormal
    network = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(_HIDDEN, "relu", kernel_initializer=start(1), bias_initializer="ones"),
            layers.Dropout(0.25, seed=2),
            layers.Dense(10, kernel_initializer=start(3)),
        ],
        name="small",
    )
    run = Run(network, digits.load("embedded"), 0.005, optimizer="adam")
    run.advance(_STEPS, evaluate=False)
    return tuple(np.asarray(weights, np.float64) for weights in network.get_weights())


def draw_masks() -> np.ndarray:
    """Return numbers in 0..1 (400, 12): a neuron is dropped if its number is below the rate."""
    return np.random.default_rng(seed=7).random((_MAX_MASKS, _HIDDEN))


def factors(numbers, rate: float, mode: str) -> np.ndarray:
    """Return what activations are multiplied by: 0 if dropped, 1 / (1 - rate) if they survive.

    `numbers` (masks, 12) are those of `draw_masks`, `mode` is SCALED, NOT_SCALED or TEST.
    """
    if mode == TEST:
        return np.ones_like(numbers)
    kept = (numbers >= rate).astype(float)
    return kept / (1 - rate) if mode == SCALED else kept


# What is drawn ------------------------------------------------------------------------------------


_AT = np.linspace(-0.2, 9.2, _HIDDEN)  # where the hidden neurons stand, downwards
_SIGHT, _NEURONS, _ANSWER = 1.5, 2.7, 4.3  # from left to right: the digit's edge, neurons, answers


class _Picture:
    """The network with its dropped neurons, and the logits of many masks with their average."""

    def __init__(self, image):
        first, offsets, self._second, self._offsets = small_network()
        self._image = image
        self._activations = np.maximum(image.ravel() @ first + offsets, 0)
        self._whole = self._activations @ self._second + self._offsets
        self._numbers = draw_masks()
        # The vertical place of each dot in its row means nothing: it keeps the dots apart.
        self._scatter = np.random.default_rng(seed=1).uniform(-0.3, 0.3, (_MAX_MASKS, 10))

    def __call__(self, mode, rate, masks) -> Scene:
        by = factors(self._numbers[:masks], rate, mode)
        logits = (self._activations * by) @ self._second + self._offsets
        probabilities = softmax(logits[-1])
        single = np.abs(logits - self._whole).mean()
        off = np.abs(logits.mean(axis=0) - self._whole).mean()
        panels = [
            self._network(by[-1], mode, probabilities),
            self._average(logits, mode, single, off),
        ]
        alt = self._describe(mode, rate, masks, by[-1], probabilities, single, off)
        return Scene(panels, alt, height=360)

    def _network(self, by, mode, probabilities):
        kept = by > 0
        signals = self._activations[:, np.newaxis] * by[:, np.newaxis] * self._second
        strongest = np.abs(self._activations[:, np.newaxis] * self._second).max()
        widths = np.clip(3.5 * np.abs(signals) / max(strongest, 1e-9), 0, 8).ravel()
        colours = np.where(signals.ravel() >= 0, "training", "test").tolist()
        ends = [[_NEURONS, y, _ANSWER, digit] for y in _AT for digit in range(10)]
        strength = np.clip(self._activations / max(self._activations.max(), 1e-9), 0, 1) * kept
        neurons = [("training", float(share)) for share in strength]
        edges = ["ink" if alive else "grid" for alive in kept]
        marks = [
            scene.image(self._image, (0, 2.8, _SIGHT, 6.2)),
            rect(0, 2.8, _SIGHT, 3.4),
            segments([[_SIGHT, 4.5, _NEURONS, y] for y in _AT], "grid"),
            segments(ends, colours, widths, alpha=0.55),
            dots(np.full(_HIDDEN, _NEURONS), _AT, neurons, 15, edge=edges),
            dots(np.full((~kept).sum(), _NEURONS), _AT[~kept], "test", 14, "cross"),
            *self._answer(probabilities),
            text(0.75, -1.1, _("digit")),
            text(_NEURONS, -1.1, _("12 hidden neurons")),
            text(5.3, -1.1, _("answer")),
        ]
        ends = Axis(-0.1, 6.9, ticks=()), Axis(9.9, -1.4, ticks=())
        note = self._name_dropped(kept, mode)
        look = {"weight": 1.2, "full_width": 260, "frame": False}
        return Panel("network", *ends, marks, note=note, **look)

    def _name_dropped(self, kept, mode):
        if mode == TEST:
            return _("test: all active")
        count = int((~kept).sum())
        if count == _HIDDEN:
            return _("all dropped: only the biases answer")
        return _("training: {count} of {all} dropped").format(count=count, all=_HIDDEN)

    def _answer(self, probabilities):
        best = int(probabilities.argmax())
        colours = ["training" if digit == best else "quiet" for digit in range(10)]
        marks = [bars(range(10), 1.5 * probabilities, colours, 0.7, base=4.8, across=True)]
        for digit, share in enumerate(probabilities):
            marks.append(text(4.55, digit, digit, size=12))
            if share >= 0.005:
                place = 4.87 + 1.5 * share, digit
                marks.append(text(*place, f"{100 * share:.0f}", size=11, align="left"))
        return marks

    def _average(self, logits, mode, single, off):
        test = mode == TEST
        reach = 1.9 * np.abs(self._whole).max()
        reach = round_up(reach if test else max(reach, 1.05 * np.abs(logits).max()))
        marks = []
        if not test:
            rows = np.arange(10) + self._scatter[: len(logits)]
            marks.append(dots(logits.ravel(), rows.ravel(), "training", 4, alpha=0.35))
        marks.append(dots(self._whole, range(10), "test", 20, "bar"))
        if not test:
            mean = logits.mean(axis=0)
            marks.append(dots(mean, range(10), "training", 10, "diamond", edge="paper"))
        legend = (
            (-0.95, "training", "circle", 5, _("one mask")),
            (-0.46, "training", "diamond", 10, _("average of the masks")),
            (0.52, "test", "bar", 16, _("test mode")),
        )
        for share, colour, shape, size, words in legend:
            marks.append(dots([share * reach], [-0.95], colour, size, shape))
            marks.append(text((share + 0.05) * reach, -0.95, words, size=11, align="left"))
        if test:
            words = _("nothing is dropped: the same answer every time")
        else:
            words = _("from test mode: a mask {single:.2f} away, the average {off:.2f}")
            words = words.format(single=single, off=off)
        down = Axis(9.9, -1.4, ticks=range(10))
        across = Axis(-reach, reach, _("logit"))
        return Panel("average", across, down, marks, note=words, full_width=340, grid=True)

    def _describe(self, mode, rate, masks, by, probabilities, single, off):
        best = int(probabilities.argmax())
        if mode == TEST:
            alt = _(
                "A small network in test mode: all {all} hidden neurons speak. It takes the digit "
                "for a {best}, with {share}."
            )
        else:
            alt = _(
                "A small network in training, {count} of {all} hidden neurons dropped at rate "
                "{rate:.2f}, {scaled}. This masked network takes the digit for a {best}, with "
                "{share}."
            )
            distance = ngettext(
                "Its logits lie {single:.2f} away from those in test mode.",
                "The logits of {masks} masks lie {single:.2f} away from those in test mode, their "
                "average {off:.2f}.",
                masks,
            )
            alt = sentences(alt, distance)
        return alt.format(
            all=_HIDDEN,
            count=int((by == 0).sum()),
            rate=rate,
            scaled=_("survivors scaled up") if mode == SCALED else _("survivors not scaled"),
            best=best,
            share=percent(probabilities[best]),
            masks=masks,
            single=single,
            off=off,
        )


# What is played with ------------------------------------------------------------------------------


def show(image=None, *, dark: bool = False, live: bool | None = None):
    """Play with dropout: the mode, the rate, and how many masks are averaged.

    `image` (28, 28) is the digit that the network looks at, uint8 or in 0..1; without one, a digit
    of the embedded sample.
    """
    texts = {
        "title": _("Dropout"),
        "question": _("Why may a network that was trained in parts be tested as a whole?"),
        "hint": _(
            "move “masks”: every mask is another network, with another answer. Their average "
            "comes to the red marks, where the whole network is. Then do not scale the "
            "survivors: now the average falls short, however many masks there are."
        ),
        "dark": dark,
        "live": live,
    }
    try:
        image = digit_image(image, otherwise=_DIGIT)
    except UnsuitableInput as error:
        return playground.refuse(error, **texts)
    modes = [
        (_("training, survivors scaled up"), SCALED),
        (_("training, not scaled"), NOT_SCALED),
        (_("test, nothing dropped"), TEST),
    ]
    first = 1 if shows_live(live) else 40  # a reader who can move it predicts the average
    return playground.show(
        lambda: _Picture(image),
        {
            "mode": controls.choice(_("mode"), SCALED, modes, width=280),
            "rate": controls.slider(_("rate"), 0.5, 0.0, 0.9, 0.05, width=220),
            "masks": controls.slider(_("masks"), first, 1, _MAX_MASKS, 1, width=280),
        },
        waiting=_("Training a small network…"),
        **texts,
    )
