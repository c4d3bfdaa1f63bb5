"""Dropout: a small network with some of its neurons dropped, and the average of many such."""

import functools

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from course import digits
from course.check.references.lesson_01_softmax import softmax
from course.drawing.number_format import percent, round_up
from course.messages import _
from course.playgrounds import controls
from course.playgrounds import figure_playground as playground
from course.playgrounds.inputs import UnsuitableInput, digit_image
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


def draw_masks(count: int = _MAX_MASKS) -> np.ndarray:
    """Return numbers in 0..1 (count, 12): a neuron is dropped if its number is below the rate."""
    return np.random.default_rng(seed=7).random((count, _HIDDEN))


def factors(numbers, rate: float, mode: str) -> np.ndarray:
    """Return what activations are multiplied by: 0 if dropped, 1 / (1 - rate) if they survive.

    `numbers` (masks, 12) are those of `draw_masks`, `mode` is SCALED, NOT_SCALED or TEST.
    """
    if mode == TEST:
        return np.ones_like(numbers)
    kept = (numbers >= rate).astype(float)
    return kept / (1 - rate) if mode == SCALED else kept


# What is drawn ------------------------------------------------------------------------------------


class _Picture:
    """The network with its dropped neurons, and the logits of many masks with their average."""

    def __init__(self, figure, theme, image):
        self._theme = theme
        first, offsets, self._second, self._offsets = small_network()
        self._activations = np.maximum(image.ravel() @ first + offsets, 0)
        self._whole = self._activations @ self._second + self._offsets
        self._numbers = draw_masks()
        self._network, self._average = figure.subplots(1, 2, width_ratios=[1.2, 1])
        self._draw_network(self._network, image)
        self._draw_average(self._average)

    def _draw_network(self, axes, image):
        theme = self._theme
        axes.set(xlim=(-0.1, 6.9), ylim=(10.3, -1.35), xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        axes.imshow(image, cmap="gray_r", vmin=0, vmax=1, extent=(0, 1.5, 6.2, 2.8), aspect="auto")
        axes.add_patch(Rectangle((0, 2.8), 1.5, 3.4, fill=False, edgecolor=theme.quiet, lw=0.8))
        self._hidden_at = np.linspace(-0.2, 9.2, _HIDDEN)
        axes.add_collection(
            LineCollection(
                [[(1.5, 4.5), (2.7, y)] for y in self._hidden_at], colors=theme.grid, linewidths=0.8
            )
        )
        ends = [[(2.7, y), (4.3, digit)] for y in self._hidden_at for digit in range(10)]
        self._lines = axes.add_collection(LineCollection(ends, animated=True, zorder=2))
        self._neurons = axes.scatter(
            np.full(_HIDDEN, 2.7), self._hidden_at, s=120, animated=True, zorder=3
        )
        self._crosses = axes.scatter([], [], s=90, marker="x", animated=True, zorder=4)
        self._crosses.set(edgecolor=theme.test, linewidth=2)
        for digit in range(10):
            axes.text(4.55, digit, digit, ha="center", va="center", fontsize=9)
        self._bars = axes.barh(range(10), np.zeros(10), left=4.8, height=0.7, animated=True)
        self._shares = [
            axes.text(0, digit, "", va="center", fontsize=7.5, color=theme.ink, animated=True)
            for digit in range(10)
        ]
        for x, words in ((0.75, _("digit")), (2.7, _("12 hidden neurons")), (5.3, _("answer"))):
            axes.text(x, -1.1, words, ha="center", va="center", fontsize=9)
        self._dropped = axes.text(
            *(2.7, 10.1, ""), ha="center", va="center", fontsize=8, color=theme.quiet, animated=True
        )

    def _draw_average(self, axes):
        theme = self._theme
        reach = round_up(1.9 * np.abs(self._whole).max())
        axes.set(xlim=(-reach, reach), ylim=(10.3, -1.35), yticks=range(10))
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x")
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(_("logit"))
        self._clouds = axes.scatter(
            *([], []), s=7, color=theme.training, alpha=0.35, linewidths=0, animated=True
        )
        self._clouds.set_label(_("one mask"))
        self._ticks = axes.scatter(
            self._whole,
            range(10),
            s=260,
            marker="|",
            linewidths=3,
            color=theme.test,
            zorder=3,
            animated=True,
        )
        self._means = axes.scatter(
            *([], []), s=42, marker="D", color=theme.training, edgecolor=theme.paper, animated=True
        )
        self._means.set(zorder=4, label=_("average of the masks"))
        tick = axes.scatter([], [], s=90, marker="|", linewidths=3, color=theme.test)
        tick.set_label(_("test mode"))
        axes.legend(
            handles=[self._clouds, self._means, tick],
            loc="upper center",
            ncols=3,
            bbox_to_anchor=(0.5, 1.02),
            handletextpad=0.2,
            columnspacing=1,
        )
        self._off = axes.text(
            *(0.5, 0.02, ""),
            transform=axes.transAxes,
            ha="center",
            fontsize=8,
            color=theme.quiet,
            animated=True,
        )
        # The vertical place of each dot in its row means nothing: it keeps the dots apart.
        self._scatter = np.random.default_rng(seed=1).uniform(-0.3, 0.3, (_MAX_MASKS, 10))

    def __call__(self, mode, rate, masks):
        by = factors(self._numbers[:masks], rate, mode)
        logits = (self._activations * by) @ self._second + self._offsets
        self._show_network(by[-1], mode)
        probabilities = softmax(logits[-1])
        self._show_answer(probabilities)
        mean = logits.mean(axis=0)
        test = mode == TEST
        places = np.column_stack([logits.ravel(), (np.arange(10) + self._scatter[:masks]).ravel()])
        nothing = np.zeros((0, 2))
        self._clouds.set_offsets(nothing if test else places)
        self._means.set_offsets(nothing if test else np.column_stack([mean, np.arange(10)]))
        single = np.abs(logits - self._whole).mean()
        off = np.abs(mean - self._whole).mean()
        if test:
            words = _("nothing is dropped: the same answer every time")
        else:
            words = _("from test mode: a mask {single:.2f} away, the average {off:.2f}")
            words = words.format(single=single, off=off)
        self._off.set_text(words)
        return self._describe(mode, rate, masks, by[-1], probabilities, single, off)

    def _show_network(self, by, mode):
        theme, kept = self._theme, by > 0
        signals = self._activations[:, np.newaxis] * by[:, np.newaxis] * self._second
        strongest = np.abs(self._activations[:, np.newaxis] * self._second).max()
        widths = np.clip(2.5 * np.abs(signals) / max(strongest, 1e-9), 0, 6)
        colours = np.where(signals >= 0, theme.training, theme.test)
        self._lines.set(linewidths=widths.ravel(), colors=colours.ravel(), alpha=0.55)
        strength = np.clip(self._activations / max(self._activations.max(), 1e-9), 0, 1)
        self._neurons.set_facecolor(
            [
                _blend(theme.paper, theme.training, share if alive else 0)
                for share, alive in zip(strength, kept, strict=True)
            ]
        )
        self._neurons.set_edgecolor([theme.ink if alive else theme.grid for alive in kept])
        gone = self._hidden_at[~kept]
        self._crosses.set_offsets(np.column_stack([np.full(len(gone), 2.7), gone]))
        self._dropped.set_text(self._name_dropped(kept, mode))

    def _name_dropped(self, kept, mode):
        if mode == TEST:
            return _("test: all speak")
        count = int((~kept).sum())
        if count == _HIDDEN:
            return _("all dropped: only the biases answer")
        return _("training: {count} of {all} dropped").format(count=count, all=_HIDDEN)

    def _show_answer(self, probabilities):
        best = int(probabilities.argmax())
        for digit, (bar, label) in enumerate(zip(self._bars, self._shares, strict=True)):
            share = float(probabilities[digit])
            bar.set_width(1.5 * share)
            bar.set_facecolor(self._theme.training if digit == best else self._theme.quiet)
            label.set_x(4.86 + 1.5 * share)
            label.set_text(f"{100 * share:.0f}" if share >= 0.005 else "")

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
                "{share}. The logits of {masks} masks lie {single:.2f} away from those in test "
                "mode, their average {off:.2f}."
            )
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


def _blend(paper, ink, share):
    """Return the colour between two, as Matplotlib takes it; `share` 0..1 is that of the ink."""
    return tuple(np.array(to_rgb(paper)) * (1 - share) + np.array(to_rgb(ink)) * share)


# What is played with ------------------------------------------------------------------------------


def show(image=None, *, dark: bool = False, live: bool | None = None):
    """Play with dropout: the mode, the rate, and how many masks are averaged.

    `image` (28, 28) is the digit that the network looks at, uint8 or in 0..1; without one, a digit
    of the embedded sample.
    """
    texts = {
        "title": _("Dropout"),
        "question": _("Why may a network be tested whole that was trained in parts?"),
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
    return playground.show(
        lambda figure, theme: _Picture(figure, theme, image),
        {
            "mode": controls.choice(_("mode"), SCALED, modes, width=280),
            "rate": controls.slider(_("rate"), 0.5, 0.0, 0.9, 0.05, width=220),
            "masks": controls.slider(_("masks"), 40, 1, _MAX_MASKS, 1, width=280),
        },
        size=(8.6, 3.7),
        **texts,
    )
