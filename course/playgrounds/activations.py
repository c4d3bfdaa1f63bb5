"""Activations and initialisation: what happens to signals and gradients in five layers."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import scipy.special

from course.check.references.lesson_01_softmax import softmax
from course.check.references.lesson_02_gradient_descent import one_hot
from course.check.references.lesson_03_multiple_layers import WIDTHS
from course.drawing.number_format import short
from course.messages import _
from course.playgrounds import controls, playground, softmax_layer
from course.playgrounds.inputs import UnsuitableInput
from course.playgrounds.scene import Axis, Panel, Scene, areas, line, text

_MAX_DIGITS = 100
_SAMPLE = 8000  # values whose distribution is drawn, or up to twice as many
_BINS = 60  # of a distribution, from its lowest value to its highest
_WIDE = 1.5  # the weight of a panel: five numbers side by side need more room than a curve
_FULL = 340  # pixels; where a panel is narrower, those numbers are smaller

ACTIVATIONS = {
    "sigmoid": (scipy.special.expit, lambda a: a * (1 - a)),
    "tanh": (np.tanh, lambda a: 1 - a**2),
    "ReLU": (lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(a.dtype)),
}


def _normal(deviation):
    return lambda inputs, outputs: deviation


# The standard deviation of the starting weights, for the inputs and outputs of a layer.
STARTS = {
    "zeros": _normal(0),
    "0.01": _normal(0.01),
    "0.1": _normal(0.1),
    "Glorot": lambda inputs, outputs: np.sqrt(2 / (inputs + outputs)),
    "He": lambda inputs, outputs: np.sqrt(2 / inputs),
    "1": _normal(1),
}


class LayerSignals(NamedTuple):
    """What flows through the five layers, as lists of one array per layer.

    `activations` (n, units) are logits in the last layer; `gradients` (inputs, units) are those of
    the mean cross-entropy with respect to the weights.
    """

    activations: list
    gradients: list


def weights(start: str, seed: int = 0) -> list:
    """Return the starting weights of the five layers, float32."""
    rng = np.random.default_rng(seed)
    return [
        np.float32(STARTS[start](*shape)) * rng.standard_normal(shape, np.float32)
        for shape in pairwise(WIDTHS)
    ]


def propagate(X, labels, layers, activation: str) -> LayerSignals:
    """Send digits forward through the layers, and gradients backward; all biases are 0.

    `X` (n, 784), `labels` (n,), and `layers` as `weights` returns them.
    """
    act, slope = ACTIVATIONS[activation]
    signals = [X]
    for number, W in enumerate(layers):
        sums = signals[-1] @ W
        signals.append(act(sums) if number < len(layers) - 1 else sums)
    error = softmax(signals[-1]) - one_hot(labels)
    error, gradients = error / len(X), []
    for number in reversed(range(len(layers))):
        gradients.append(signals[number].T @ error)
        if number:
            error = (error @ layers[number].T) * slope(signals[number])
    return LayerSignals(signals[1:], gradients[::-1])


def spreads(signals: LayerSignals) -> np.ndarray:
    """Return how differently each layer responds to different digits: mean deviations, (5,)."""
    return np.array([layer.std(axis=0).mean() for layer in signals.activations])


def sizes(signals: LayerSignals) -> np.ndarray:
    """Return the typical size of each layer's gradients: root mean squares, (5,)."""
    return np.array([np.sqrt(np.square(layer, dtype=float).mean()) for layer in signals.gradients])


def saturation(signals: LayerSignals, activation: str) -> float:
    """Return the share of hidden activations within 2% of an end of sigmoid or tanh; 0 for ReLU."""
    if activation == "ReLU":
        return 0.0
    low, high = (0, 1) if activation == "sigmoid" else (-1, 1)
    margin = 0.02 * (high - low)
    hidden = np.concatenate([layer.ravel() for layer in signals.activations[:-1]])
    return float(((hidden < low + margin) | (hidden > high - margin)).mean())


def diagnose(signals: LayerSignals, activation: str) -> str:
    """Return what happens: "still", "exploding", "saturated", "fading" or "healthy"."""
    spread, size = spreads(signals), sizes(signals)
    if not size[0]:
        return "still"
    if spread[-1] > 100 or size.max() > 1:
        return "exploding"
    if saturation(signals, activation) > 0.4:
        return "saturated"
    if spread[-2] < 0.05 * spread[0] or size[0] < 0.02 * size[-1]:
        return "fading"
    return "healthy"


# What is drawn ------------------------------------------------------------------------------------

_MIN_POWER, _MAX_POWER = -12, 3  # powers of ten of the gradients that are shown


_STATES = {"healthy": "finished", "fading": "paused", "saturated": "paused"}


class _Picture:
    """Violin plots of the activations of the five layers, and of their gradients."""

    def __init__(self, X, labels):
        self._X, self._labels = X, labels
        self._words = {
            "still": _("no gradient reaches the first layer: nothing there moves"),
            "exploding": _("exploding: every layer makes the numbers larger"),
            "saturated": _("saturated: most neurons are stuck at their ends"),
            "fading": _("fading: little is left at the other end"),
            "healthy": _("healthy: all layers see and learn about equally much"),
        }

    def __call__(self, start, activation, again) -> Scene:
        signals = propagate(self._X, self._labels, weights(start, again), activation)
        spread, size, name = spreads(signals), sizes(signals), diagnose(signals, activation)
        alt = _(
            "Distributions of activations and gradients in five layers with {activation}, weights "
            "started as {start}. How differently the layers see the digits: {spreads}, from the "
            "first to the last. Typical gradients of their weights: {sizes}. Verdict: {verdict}."
        )
        alt = alt.format(
            activation=activation,
            start={value: label for label, value in _starts()}[start],
            spreads=", ".join(map(_two_digits, spread)),
            sizes=", ".join(map(_two_digits, size)),
            verdict=self._words[name],
        )
        panels = [_signals(signals, spread), _gradients(signals, size)]
        verdict = {"verdict": self._words[name], "colour": _STATES.get(name, "diverged")}
        return Scene(panels, alt, height=300, **verdict)


def _signals(signals, spread):
    reach = max(float(np.abs(layer).max()) for layer in signals.activations) or 1.0
    samples = [_sample(layer) / reach for layer in signals.activations]
    marks = [
        line([-0.5, 4.5], [0, 0], "quiet", 1),
        _violins(samples, -1, 1, "training"),
        *(text(n, -1.2, _two_digits(value), size=12) for n, value in enumerate(spread)),
    ]
    ends = {"low": short(-reach), "high": short(reach)}
    note = _("from {low} at the bottom to {high} at the top").format(**ends)
    title = _("activations; below, how differently digits are seen")
    up = Axis(-1.33, 1.08, ticks=())
    shape = {"weight": _WIDE, "full_width": _FULL}
    return Panel("signals", _layers(), up, marks, title, note, **shape)


def _gradients(signals, size):
    powers = [np.log10(np.abs(_sample(layer))) for layer in signals.gradients]
    low, high = _MIN_POWER - 1, _MAX_POWER
    marks = [
        _violins(powers, low, high, "validation"),
        *(text(n, low - 1, _two_digits(value), size=12) for n, value in enumerate(size)),
    ]
    ticks = [(power, short(10.0**power)) for power in range(_MIN_POWER, _MAX_POWER + 1, 3)]
    title = _("gradients of the weights; below, their typical size")
    up = Axis(low - 2, high, ticks=ticks)
    shape = {"weight": _WIDE, "full_width": _FULL}
    return Panel("gradients", _layers(), up, marks, title, grid=True, **shape)


def _layers():
    names = [_("layer {number}").format(number=number) for number in range(1, 6)]
    return Axis(-0.5, 4.5, ticks=list(enumerate(names)))


def _violins(samples, low, high, colour):
    outlines = [_violin(number, values, low, high) for number, values in enumerate(samples)]
    return areas(np.stack(outlines), ("paper", colour))


def _two_digits(value):
    return short(float(f"{value:.1e}"))


def _sample(values):
    """Return some of the values, without zeros: enough to see the distribution."""
    values = values.ravel()[:: max(1, values.size // _SAMPLE)]
    return values[values != 0]


def _violin(middle, values, low, high):
    """Return the outline of a distribution (points, 2), with a width that fits a layer's place."""
    counts, edges = np.histogram(np.clip(values, low, high), bins=_BINS, range=(low, high))
    widths = 0.42 * counts / max(counts.max(), 1)
    right = np.column_stack([middle + np.repeat(widths, 2), np.repeat(edges, 2)[1:-1]])
    left = np.column_stack([middle - np.repeat(widths, 2), np.repeat(edges, 2)[1:-1]])
    return np.concatenate([right, left[::-1]])


def _starts():
    return [
        (_("all zeros"), "zeros"),
        (_("normal, deviation 0.01"), "0.01"),
        (_("normal, deviation 0.1"), "0.1"),
        (_("normal, deviation 1"), "1"),
        (_("Glorot: 2 / (inputs + outputs)"), "Glorot"),
        (_("He: 2 / inputs"), "He"),
    ]


def show(data=None, *, dark: bool = False, live: bool | None = None):
    """Show what a start and an activation do to signals and gradients, before any training.

    `data` is what `digits.load` returns, or one split of it.
    """
    texts = {
        "title": _("Activations and initialisation"),
        "question": _("How much of a signal gets through five layers, and of a gradient back?"),
        "hint": _(
            "is there a start for sigmoid with which the first layer's gradients are as large as "
            "with ReLU and He? And which start suits tanh?"
        ),
        "dark": dark,
        "live": live,
    }
    try:
        X, labels = softmax_layer.read_examples(data, _MAX_DIGITS)
    except UnsuitableInput as error:
        return playground.refuse(error, **texts)
    moves = {
        "start": controls.choice(_("starting weights"), "0.1", _starts(), width=370),
        "activation": controls.choice(_("activation"), "sigmoid", [*ACTIVATIONS], width=180),
        "again": controls.button(_("draw again")),
    }
    return playground.show(lambda: _Picture(X, labels), moves, **texts)
