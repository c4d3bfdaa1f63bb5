"""Learning rate: find it by a sweep, let it decay, and see what that does to a run."""

from functools import partial
from typing import NamedTuple

import numpy as np

from course.drawing.number_format import percent, short
from course.messages import _
from course.playgrounds import controls, playground, softmax_layer
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.scene import Axis, Panel, Scene, line, rect, text
from course.training import exponential_decay

STEPS = 300
_EVERY = 10  # steps between two evaluations
_BATCH = 32  # small enough for NumPy to stay on one core, which is quicker here
_SWEEP = np.geomspace(1e-3, 1e3, 180)  # learning rates
_MAX_DIGITS = 5000, 500  # for training and for validation


# What is computed ---------------------------------------------------------------------------------


def decayed(steps, lowest: float, highest: float, decay: float) -> np.ndarray:
    """Return the rate at each step, from `highest` to `lowest`, 37% of the way left at `decay`."""
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


def sweep(training) -> np.ndarray:
    """Return the loss of each mini-batch while the rate grows from step to step, (rates,).

    It is the mean of three runs, smoothed over nine steps.
    """
    X, labels = training
    found = []
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(X))
        layer, losses = softmax_layer.zero_layer(), []
        for rate, part, T in _steps((X[order], labels[order]), _SWEEP):
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
    """The sweep, the decay curve, and a run with decay next to one without."""

    def __init__(self, training, validation):
        self._training, self._validation = training, validation
        self._constant = {}
        self._sweep = sweep(training)
        self._best = float(_SWEEP[self._sweep.argmin()])

    def __call__(self, lowest, highest, decay) -> Scene:
        if lowest > highest:
            message = _(
                "The lowest rate, {lowest}, is above the highest, {highest}: that would be growth, "
                "not decay. Move one of them."
            )
            raise UnsuitableInput(message.format(lowest=short(lowest), highest=short(highest)))
        rates = decayed(np.arange(STEPS), lowest, highest, decay)
        found = train(self._training, self._validation, rates)
        if highest not in self._constant:
            constant = np.full(STEPS, highest)
            self._constant = {highest: train(self._training, self._validation, constant)}
        without = self._constant[highest]
        panels = [
            self._finder(lowest, highest),
            _decay(rates, lowest, highest, decay),
            _runs(found, without),
        ]
        return Scene(panels, self._describe(found, without, lowest, highest, decay))

    def _finder(self, lowest, highest):
        ends = Axis(0.8 * self._sweep.min(), 100, log=True)
        title = _("1  sweep: loss while the rate grows")
        label = _("learning rate; lowest at {rate}").format(rate=f"{self._best:.1g}")
        across = Axis(_SWEEP[0], _SWEEP[-1], label, log=True)
        width = max(highest - lowest, 0.05 * lowest)
        marks = [
            rect(lowest, ends.low, width, ends.high - ends.low, None, ("validation", 0.3)),
            line([self._best] * 2, [ends.low, ends.high], "quiet", 1, "dotted"),
            line(_SWEEP, self._sweep, "training"),
        ]
        return Panel("sweep", across, ends, marks, title)

    def _describe(self, found, without, lowest, highest, decay):
        alt = _(
            "Three graphs. In the sweep the loss is lowest at a learning rate of {best}. The rate "
            "goes from {highest} towards {lowest}, with 37% of the way left at step {decay}. Over "
            "the last {count} steps the validation loss moves between {low} and {high}, and "
            "{with_decay} of the digits are right; at the constant rate {highest} it moves between "
            "{low_without} and {high_without}, and {without} are right."
        )
        ends = [float(run.accuracies[-10:].mean()) for run in (without, found)]
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


def _decay(rates, lowest, highest, decay):
    at = decayed(decay, lowest, highest, decay)
    marks = [
        line([0, STEPS], [highest, highest], "quiet", 1, "dotted"),
        line([0, STEPS], [lowest, lowest], "quiet", 1, "dotted"),
        line([decay, decay], [3e-4, at], "quiet", 1, "dotted"),
        line(np.arange(STEPS), rates, "validation", 2.5),
    ]
    for name, rate, away, base in (
        (_("highest {rate}"), highest, 1.1, "bottom"),
        (_("lowest {rate}"), lowest, 0.8, "top"),
    ):
        words = name.format(rate=short(rate))
        marks.append(text(STEPS, away * rate, words, align="right", base=base))
    note = _("37% of the way left after {decay} steps").format(decay=short(decay))
    # From the least rate to the largest, with room for their labels.
    across, up = Axis(0, STEPS, _("step")), Axis(3e-4, 400, log=True)
    return Panel("decay", across, up, marks, _("2  the rate, step by step"), note)


def _runs(found, without):
    marks = [
        line(without.steps, without.losses, "quiet", 1.3),
        line(found.steps, found.losses, "validation", 2.5),
    ]
    losses = np.concatenate([without.losses, found.losses])
    top = max(20, 4 * losses.max())  # room for the labels above the curves
    for run, words, colour, share_of_top in (
        (without, _("constant: {share} right"), "quiet", 0.8),
        (found, _("decaying: {share} right"), "validation", 0.4),
    ):
        share = percent(float(run.accuracies[-10:].mean()))
        place = 0.97 * STEPS, share_of_top * top
        marks.append(text(*place, words.format(share=share), colour, align="right"))
    low = max(1e-4, min(0.2, losses.min()))
    across, up = Axis(0, STEPS, _("step")), Axis(low, top, log=True)
    return Panel("runs", across, up, marks, _("3  validation loss of both runs"))


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
    try:
        training, validation = softmax_layer.read_training_and(data, "validation", *_MAX_DIGITS)
    except UnsuitableInput as error:
        return playground.refuse(error, **texts)
    moves = {
        "lowest": controls.log_slider(_("lowest rate"), 0.03, -3, 1, width=265),
        "highest": controls.log_slider(_("highest rate"), 3.0, -2, 2, width=265),
        "decay": controls.log_slider(_("decay, in steps"), 60.0, 0.5, 3.5, width=265),
    }
    waiting = _("Sweeping over the rates…")
    make = partial(_Picture, training, validation)
    return playground.show(make, moves, waiting=waiting, **texts)
