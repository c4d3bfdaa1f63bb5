"""Learning rate: find it by a sweep, let it decay, and see what that does to a run."""

from functools import partial
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from course import digits
from course.drawing.axes import label_plainly
from course.drawing.number_format import percent, short
from course.messages import _
from course.playgrounds import controls, softmax_layer
from course.playgrounds import figure_playground as playground
from course.playgrounds.inputs import UnsuitableInput
from course.training import exponential_decay

STEPS = 300
_EVERY = 10  # steps between two evaluations
_BATCH = 32  # small enough for NumPy to stay on one core, which is quicker here
_SWEEP = np.geomspace(1e-3, 1e3, 180)  # learning rates
_MAX_DIGITS = 5000, 500  # for training and for validation


# What is computed ---------------------------------------------------------------------------------


def decayed(steps, lowest: float, highest: float, decay: float) -> np.ndarray:
    """The rate at each step: from `highest` towards `lowest`; 37% of the way left at `decay`."""
    rate_at = exponential_decay(highest, lowest, decay)
    return np.array([rate_at(step) for step in np.ravel(steps)]).reshape(np.shape(steps))


class ValidationCurve(NamedTuple):
    """Loss and accuracy on the validation digits at some steps of a run, each (n,)."""

    steps: np.ndarray
    losses: np.ndarray
    accuracies: np.ndarray


def train(training, validation, rates) -> ValidationCurve:
    """Train a softmax layer from zero, with one mini-batch per rate, always the same ones."""
    layer, layers = softmax_layer.zero_layer(), []
    for number, (rate, X, T) in enumerate(_steps(training, rates)):
        layer = softmax_layer.step(layer, softmax_layer.gradient(layer, X, T), rate)
        if (number + 1) % _EVERY == 0:
            layers.append(layer)
    steps = _EVERY * (np.arange(len(layers)) + 1)
    return ValidationCurve(steps, *_evaluate(layers, *validation))


def sweep(training, rates=_SWEEP) -> np.ndarray:
    """Return the loss of each mini-batch while the rate grows from step to step, (rates,).

    It is the mean of three runs, smoothed over nine steps.
    """
    X, labels = training
    found = []
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(X))
        layer, losses = softmax_layer.zero_layer(), []
        for rate, part, T in _steps((X[order], labels[order]), rates):
            losses.append(softmax_layer.loss(layer, part, T.argmax(axis=1)))
            layer = softmax_layer.step(layer, softmax_layer.gradient(layer, part, T), rate)
        found.append(losses)
    mean = np.mean(found, axis=0)
    return np.convolve(np.pad(mean, 4, "edge"), np.ones(9) / 9, "valid")


def _steps(training, rates):
    """Yield a rate, images and one-hot labels for each step, in the order of the digits."""
    X, labels = training
    T, size = softmax_layer.one_hot(labels), min(_BATCH, len(X))
    begin = 0
    for rate in np.asarray(rates, np.float32):
        yield rate, X[begin : begin + size], T[begin : begin + size]
        begin = begin + size if begin + 2 * size <= len(X) else 0


def _evaluate(layers, X, labels):
    """Return the loss and the accuracy of each layer, computed at once: each (layers,)."""
    W = np.concatenate([layer.W for layer in layers], axis=1)
    b = np.concatenate([layer.b for layer in layers])
    logits = (X @ W + b).reshape(len(X), len(layers), -1)
    logits -= logits.max(axis=2, keepdims=True)
    of_truth = np.take_along_axis(logits, labels[:, None, None].astype(int), axis=2)[..., 0]
    losses = np.log(np.exp(logits).sum(axis=2)) - of_truth
    right = logits.argmax(axis=2) == labels[:, None]
    return losses.mean(axis=0), right.mean(axis=0)


# What is drawn ------------------------------------------------------------------------------------


class _Picture:
    """The sweep, the decay curve, and a run with decay beside one without."""

    def __init__(self, training, validation, figure, theme):
        self._training, self._validation, self._theme = training, validation, theme
        self._constant = {}
        finder, curve, run = figure.subplots(1, 3)
        self._draw_sweep(finder)
        self._draw_decay(curve)
        self._draw_run(run)

    def _draw_sweep(self, axes):
        theme = self._theme
        losses = sweep(self._training)
        self._best = float(_SWEEP[losses.argmin()])
        axes.plot(_SWEEP, losses, color=theme.training)
        self._range = axes.axvspan(0.1, 1, color=theme.validation, alpha=0.3, animated=True)
        axes.axvline(self._best, color=theme.quiet, linestyle=":", linewidth=1)
        axes.set(
            title=_("1  sweep: loss while the rate grows"),
            xlabel=_("learning rate; lowest at {rate}").format(rate=f"{self._best:.1g}"),
            xscale="log",
            yscale="log",
            xlim=_SWEEP[[0, -1]],
            ylim=(0.8 * losses.min(), 100),
        )
        label_plainly(axes.yaxis)
        axes.xaxis.set_major_locator(LogLocator(base=100))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda rate, _position: short(rate)))
        axes.xaxis.set_minor_locator(NullLocator())

    def _draw_decay(self, axes):
        theme = self._theme
        (self._rates,) = axes.plot([], [], color=theme.validation, linewidth=2, animated=True)
        (self._marks,) = axes.plot(
            *([], []), linestyle=":", linewidth=1, color=theme.quiet, animated=True
        )
        self._three = [axes.text(0, 0, "", fontsize=8, animated=True) for _number in range(3)]
        self._three[0].set(ha="right", va="bottom", x=STEPS)
        self._three[1].set(ha="right", va="top", x=STEPS)
        axes.set(
            title=_("2  the rate, step by step"),
            xlabel=_("step"),
            xlim=(0, STEPS),
            yscale="log",
            ylim=(1e-3, 100),
        )
        label_plainly(axes.yaxis, subs=(1,))

    def _draw_run(self, axes):
        theme = self._theme
        (self._without,) = axes.plot([], [], color=theme.quiet, linewidth=1, animated=True)
        (self._with,) = axes.plot([], [], color=theme.validation, linewidth=2, animated=True)
        self._ends = [
            axes.text(
                *(0.97, height, ""), transform=axes.transAxes, ha="right", animated=True, color=ink
            )
            for height, ink in ((0.93, theme.quiet), (0.85, theme.validation))
        ]
        axes.set(
            title=_("3  validation loss: constant, decaying"),
            xlabel=_("step"),
            xlim=(0, STEPS),
            yscale="log",
            ylim=(0.2, 20),
        )
        label_plainly(axes.yaxis)

    def __call__(self, lowest, highest, decay):
        if lowest > highest:
            message = _(
                "The lowest rate, {lowest}, is above the highest, {highest}: that would be growth, "
                "not decay. Move one of them."
            )
            raise UnsuitableInput(message.format(lowest=short(lowest), highest=short(highest)))
        steps = np.arange(STEPS)
        rates = decayed(steps, lowest, highest, decay)
        found = train(self._training, self._validation, rates)
        if highest not in self._constant:
            constant = np.full(STEPS, highest)
            self._constant = {highest: train(self._training, self._validation, constant)}
        without = self._constant[highest]
        self._range.set_x(lowest)
        self._range.set_width(max(highest - lowest, 0.05 * lowest))
        self._rates.set_data(steps, rates)
        at = decayed(decay, lowest, highest, decay)
        self._marks.set_data(
            [0, STEPS, np.nan, 0, STEPS, np.nan, decay, decay],
            [highest, highest, np.nan, lowest, lowest, np.nan, 1e-3, at],
        )
        self._three[0].set(text=_("highest {rate}").format(rate=short(highest)), y=1.1 * highest)
        self._three[1].set(text=_("lowest {rate}").format(rate=short(lowest)), y=0.8 * lowest)
        self._three[2].set(
            text=_("  37% left after {decay:.0f}").format(decay=decay),
            x=min(decay, 0.4 * STEPS),
            y=1.15 * at if decay < 0.4 * STEPS else 2e-3,
        )
        self._without.set_data(without.steps, without.losses)
        self._with.set_data(found.steps, found.losses)
        words = _("constant: {constant} right"), _("decaying: {decaying} right")
        ends = [float(run.accuracies[-10:].mean()) for run in (without, found)]
        self._ends[0].set_text(words[0].format(constant=percent(ends[0])))
        self._ends[1].set_text(words[1].format(decaying=percent(ends[1])))
        alt = _(
            "Three graphs. In the sweep the loss is lowest at a learning rate of {best}. The rate "
            "falls from {highest} towards {lowest}, with 37% of the way left at step {decay}. Over "
            "the last {count} steps the validation loss moves between {low} and {high}, and "
            "{with_decay} of the digits are right; at the constant rate {highest} it moves between "
            "{low_without} and {high_without}, and {without} are right."
        )
        tail, tail_without = found.losses[-10:], without.losses[-10:]
        return alt.format(
            best=f"{self._best:.1g}",
            highest=short(highest),
            lowest=short(lowest),
            decay=short(decay),
            count=10 * _EVERY,
            low=short(tail.min()),
            high=short(tail.max()),
            with_decay=percent(ends[1]),
            low_without=short(tail_without.min()),
            high_without=short(tail_without.max()),
            without=percent(ends[0]),
        )


def show(data=None, *, dark: bool = False, live: bool | None = None):
    """Find a learning rate for a softmax layer, and let it decay.

    `data` is what `digits.load` returns; without it, the embedded sample is used.
    """
    texts = {
        "title": _("Learning rate"),
        "question": _("Which rate learns quickly, and how does decay calm it down?"),
        "hint": _(
            "start with a highest rate where the sweep already turns up, such as 3: it learns "
            "fast, but never comes to rest. Then find a lowest rate and a decay that end with a "
            "smaller loss than any constant rate does."
        ),
        "dark": dark,
        "live": live,
    }
    if data is None:
        data = digits.load("embedded")
    try:
        if not hasattr(data, "validation"):
            raise UnsuitableInput(_("Give all splits, as digits.load returns them, not one alone."))
        training = softmax_layer.read_examples(data.train, _MAX_DIGITS[0])
        validation = softmax_layer.read_examples(data.validation, _MAX_DIGITS[1])
    except UnsuitableInput as error:
        return playground.refuse(error, **texts)
    moves = {
        "lowest": controls.log_slider(_("lowest rate"), 0.03, -3, 1, width=265),
        "highest": controls.log_slider(_("highest rate"), 3.0, -2, 2, width=265),
        "decay": controls.log_slider(
            _("decay, in steps"), 60, 0.5, 3.5, width=265, readout_format=".0f"
        ),
    }
    picture = partial(_Picture, training, validation)
    return playground.show(picture, moves, size=(8.8, 3.1), **texts)
