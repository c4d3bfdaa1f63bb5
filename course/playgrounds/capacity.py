"""Capacity: the size of a network against the number of digits; overfitting appears and goes."""

from typing import NamedTuple

import numpy as np

from course.check.references.lesson_02_gradient_descent import one_hot
from course.check.references.lesson_03_multiple_layers import (
    cross_entropy_from_logits,
    initial_weights,
)
from course.check.references.lesson_04_backpropagation import two_layer_gradients
from course.drawing.number_format import percent, short
from course.messages import _
from course.playgrounds import controls, playground, scene, softmax_layer
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.moves import one_move
from course.playgrounds.scene import Axis, Panel, Scene, line, rect, text

NEURONS = (1, 2, 4, 8, 16, 32, 64)
COUNTS = (20, 50, 100, 200, 500, 1000, 2000)
STEPS = 200
_EVERY = 10  # steps between two evaluations
_BATCH = 50
_RATE, _MOMENTUM, _SQUARES = 0.01, 0.9, 0.99  # of Adam
_MAX_TEST = 500  # digits; of the training digits, too, no more are evaluated
_TOP = 4  # of the losses that are shown, unless there are higher ones
_SMALL_GAP, _LARGE_GAP = 0.06, 0.12  # between the two accuracies


# What is computed ---------------------------------------------------------------------------------


class Learning(NamedTuple):
    """How a network learned: loss and accuracy at some steps, (n,) each, on both sets of digits."""

    steps: np.ndarray
    train_losses: np.ndarray
    test_losses: np.ndarray
    train_accuracies: np.ndarray
    test_accuracies: np.ndarray

    @property
    def gap(self) -> float:
        """How much better the network does on the training digits than on the test digits, 0..1."""
        return float(self.train_accuracies[-1] - self.test_accuracies[-1])


def train(training, test, neurons: int, steps: int = STEPS, seed: int = 0) -> Learning:
    """Train a network 784-neurons-10 with ReLU by Adam, in mini-batches of 50.

    `training` and `test` are X (n, 784) and labels (n,).
    """
    X, labels = training
    rng = np.random.default_rng(seed)
    layers = {
        "W1": initial_weights(X.shape[1], neurons, rng).astype(np.float32),
        "b1": np.full(neurons, 0.1, np.float32),
        "W2": initial_weights(neurons, 10, rng).astype(np.float32),
        "b2": np.zeros(10, np.float32),
    }
    means = {name: np.zeros_like(values) for name, values in layers.items()}
    squares = {name: np.zeros_like(values) for name, values in layers.items()}
    T = one_hot(labels).astype(np.float32)
    found = [_measure(layers, training, test, 0)]
    for step in range(1, steps + 1):
        batch = rng.integers(len(X), size=min(_BATCH, len(X)))
        for name, slope in two_layer_gradients(layers, X[batch], T[batch]).items():
            means[name] += (1 - _MOMENTUM) * (slope - means[name])
            squares[name] += (1 - _SQUARES) * (slope**2 - squares[name])
            mean = means[name] / (1 - _MOMENTUM**step)
            size = np.sqrt(squares[name] / (1 - _SQUARES**step)) + 1e-8
            layers[name] = (layers[name] - _RATE * mean / size).astype(np.float32)
        if step % _EVERY == 0:
            found.append(_measure(layers, training, test, step))
    return Learning(*np.array(found).T)


def _measure(layers, training, test, step):
    losses, accuracies = [], []
    for X, labels in ((part[:_MAX_TEST] for part in training), test):
        hidden = np.maximum(X @ layers["W1"] + layers["b1"], 0)
        logits = hidden @ layers["W2"] + layers["b2"]
        losses.append(cross_entropy_from_logits(logits, labels))
        accuracies.append((logits.argmax(axis=1) == labels).mean())
    return step, *losses, *accuracies


# What is drawn ------------------------------------------------------------------------------------


class _Picture:
    """Loss and accuracy over the steps, and a table of what was tried so far."""

    def __init__(self, training, test):
        self._training, self._test = training, test
        self._counts = counts_for(len(training[1]))
        self._tried: dict[tuple[int, int], Learning] = {}

    def takes_long(self, neurons, count) -> bool:
        """Return whether a network has to be trained first."""
        return (neurons, count) not in self._tried

    def __call__(self, neurons, count) -> Scene:
        if self.takes_long(neurons, count):
            some = tuple(part[:count] for part in self._training)
            self._tried[neurons, count] = train(some, self._test, neurons)
        found = self._tried[neurons, count]
        name, state = diagnose(found)
        panels = [
            _curves("loss", found.steps, found.train_losses, found.test_losses),
            _curves("accuracy", found.steps, found.train_accuracies, found.test_accuracies),
            self._table(neurons, count),
        ]
        alt = _(
            "Loss and accuracy over {steps} steps of a network with {neurons} hidden neurons, "
            "{parameters:,} parameters in all, trained on {count:,} digits. At the end it knows "
            "{train} of the training digits and {test} of the test digits; the losses are "
            "{train_loss} and {test_loss}, the lowest test loss was {best}. Verdict: {verdict}."
        )
        alt = alt.format(
            steps=STEPS,
            neurons=neurons,
            parameters=795 * neurons + 10,
            count=count,
            train=percent(found.train_accuracies[-1]),
            test=percent(found.test_accuracies[-1]),
            train_loss=short(float(found.train_losses[-1])),
            test_loss=short(float(found.test_losses[-1])),
            best=short(float(found.test_losses.min())),
            verdict=name,
        )
        return Scene(panels, alt, height=290, verdict=name, colour=state)

    def _table(self, neurons, count):
        """Return the test accuracy of all that was tried, the redder the larger the gap."""
        counts = self._counts
        gaps, marks = np.full((len(counts), len(NEURONS)), np.nan), []
        for (tried_neurons, tried_count), found in self._tried.items():
            column, row = NEURONS.index(tried_neurons), counts.index(tried_count)
            gaps[row, column] = found.gap
            colour = "paper" if found.gap > 0.3 else "ink"
            marks.append(text(column, row, f"{100 * found.test_accuracies[-1]:.0f}", colour))
        extent = (-0.5, -0.5, len(NEURONS) - 0.5, len(counts) - 0.5)
        marks.insert(0, scene.image(gaps, extent, ("paper", "test"), 0, 0.5, missing="grid"))
        at = NEURONS.index(neurons), counts.index(count)
        marks.append(rect(at[0] - 0.5, at[1] - 0.5, 1, 1, "ink", stroke=3))
        across = [(place, str(size)) for place, size in enumerate(NEURONS)]
        up = [(place, f"{size:,}") for place, size in enumerate(counts)]
        return Panel(
            "table",
            Axis(-0.5, len(NEURONS) - 0.5, _("neurons"), across),
            Axis(-0.5, len(counts) - 0.5, _("digits"), up),
            marks,
            _("test accuracy in %; red: the gap"),
            _("grey: not tried yet") if np.isnan(gaps).any() else "",
            frame=False,
            step=(1, 1),
            at=at,
        )


def _curves(name, steps, train_values, test_values):
    is_loss = name == "loss"
    title = _("loss") if is_loss else _("accuracy")
    up = Axis(0, 1.03, ticks=[(share / 100, f"{share}%") for share in range(0, 101, 25)])
    if is_loss:
        up = Axis(0, max(_TOP, 1.05 * max(*train_values, *test_values)))
    marks = [line(steps, train_values, "training", 1.5), line(steps, test_values, "test", 3)]
    note = _("training thin, test thick")
    return Panel(name, Axis(0, STEPS, _("step")), up, marks, title, note, grid=True)


def diagnose(found: Learning) -> tuple[str, str]:
    """Return a diagnosis in words, and the state whose colour suits it."""
    if found.train_accuracies[-1] < 0.8:
        return _("too small: it does not even learn its training digits"), "diverged"
    if found.gap > _LARGE_GAP:
        return _("overfitting: it knows its training digits far better than new ones"), "paused"
    if found.gap > _SMALL_GAP:
        points = round(100 * found.gap)
        said = _(
            "a gap of {points} percentage points in accuracy: it knows its training digits better "
            "than new ones"
        )
        return said.format(points=points), "paused"
    return _("it knows digits that it has never seen nearly as well"), "finished"


def counts_for(available: int) -> list[int]:
    """Return the numbers of training digits to choose from, none above what is available."""
    return sorted({min(count, available) for count in COUNTS})


def show(data=None, *, dark: bool = False, live: bool | None = None):
    """Choose the size of a network and the number of its training digits.

    `data` is what `digits.load` returns; without it, the embedded sample is used.
    """
    texts = {
        "title": _("Capacity"),
        "question": _("How large may a network be for the digits that we have?"),
        "hint": _(
            "start with 64 neurons and 20 digits, and give it more and more digits: when is the "
            "gap between training and test gone? Then find the smallest network that is good "
            "enough. Click on the table to fill it in."
        ),
        "dark": dark,
        "live": live,
    }
    try:
        training, test = softmax_layer.read_training_and(data, "test", COUNTS[-1], _MAX_TEST)
    except UnsuitableInput as error:
        return playground.refuse(error, **texts)
    counts = counts_for(len(training[1]))
    neurons = controls.steps(_("hidden neurons"), NEURONS[-1], NEURONS)
    count = controls.steps(_("training digits"), counts[0], counts)

    def pointed(name, x, y):
        if name == "table":
            places = np.clip(np.round([x, y]), 0, [len(NEURONS) - 1, len(counts) - 1]).astype(int)
            with one_move():
                neurons.value, count.value = NEURONS[places[0]], counts[places[1]]

    return playground.show(
        lambda: _Picture(training, test),
        {"neurons": neurons, "count": count},
        pointed=pointed,
        waiting=_("training…"),
        **texts,
    )
