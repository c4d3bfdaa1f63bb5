"""Activations and initialisation: what happens to signals and gradients in five layers."""

from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import scipy.special
from matplotlib.collections import PolyCollection

from course.check.references.lesson_01_softmax import softmax
from course.check.references.lesson_02_gradient_descent import one_hot
from course.drawing.number_format import short
from course.messages import _
from course.playgrounds import controls, softmax_layer
from course.playgrounds import figure_playground as playground
from course.playgrounds.inputs import UnsuitableInput

UNITS = (784, 200, 100, 60, 30, 10)
_MAX_DIGITS = 100

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
        for shape in pairwise(UNITS)
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


class _Picture:
    """Violin plots of the activations of the five layers, and of their gradients."""

    def __init__(self, X, labels, figure, theme):
        self._X, self._labels, self._theme = X, labels, theme
        self._words = {
            "still": _("no gradient reaches the first layer: it will never learn"),
            "exploding": _("exploding: every layer makes the numbers larger"),
            "saturated": _("saturated: most neurons are stuck at their ends"),
            "fading": _("fading: little is left at the other end"),
            "healthy": _("healthy: all layers see and learn about equally much"),
        }
        signals, gradients = figure.subplots(1, 2)
        self._signals, self._spreads = self._violins(signals, theme.training)
        self._gradients, self._sizes = self._violins(gradients, theme.validation)
        signals.axhline(0, color=theme.quiet, linewidth=0.8)
        signals.set(
            title=_("activations; below, how differently digits are seen"), ylim=(-1.08, 1.08)
        )
        signals.set_yticks([])
        self._top = signals.text(
            *(0.99, 0.97, ""), transform=signals.transAxes, ha="right", va="top", fontsize=8
        )
        self._top.set_animated(True)
        gradients.set(title=_("gradients of the weights; below, their typical size"))
        ticks = np.arange(_MIN_POWER, _MAX_POWER + 1, 3)
        gradients.set(ylim=(_MIN_POWER - 1, _MAX_POWER))
        gradients.set_yticks(ticks, [short(10.0**power) for power in ticks])
        gradients.grid(True, axis="y")
        self._verdict = figure.text(
            *(0.5, 0.02, ""), ha="center", fontsize=11, weight="bold", animated=True
        )

    def _violins(self, axes, colour):
        bodies = PolyCollection([], facecolors=colour, edgecolors="none", animated=True)
        axes.add_collection(bodies, autolim=False)
        labels = [_("layer {number}").format(number=number) for number in range(1, 6)]
        axes.set_xticks(range(5), labels)
        axes.tick_params(axis="x", length=0)
        axes.set_xlim(-0.5, 4.5)
        numbers = [
            axes.text(
                *(layer, -0.12, ""),
                transform=axes.get_xaxis_transform(),
                ha="center",
                va="top",
                fontsize=8,
                animated=True,
            )
            for layer in range(5)
        ]
        # An empty line below the ticks keeps room for the numbers and for the verdict.
        axes.set_xlabel("\n\n")
        return bodies, numbers

    def __call__(self, start, activation, again):
        signals = propagate(self._X, self._labels, weights(start, again), activation)
        reach = max(float(np.abs(layer).max()) for layer in signals.activations) or 1.0
        activations = [_sample(layer) / reach for layer in signals.activations]
        powers = [np.log10(np.abs(_sample(layer))) for layer in signals.gradients]
        self._signals.set_verts([_violin(n, a, -1, 1) for n, a in enumerate(activations)])
        self._gradients.set_verts(
            [_violin(n, layer, _MIN_POWER - 1, _MAX_POWER) for n, layer in enumerate(powers)]
        )
        self._top.set_text(_("full height: {reach}").format(reach=short(reach)))
        spread, size, name = spreads(signals), sizes(signals), diagnose(signals, activation)
        for texts, values in ((self._spreads, spread), (self._sizes, size)):
            for text, value in zip(texts, values, strict=True):
                text.set_text(short(float(f"{value:.1e}")))
        states = {"healthy": "finished", "fading": "paused", "saturated": "paused"}
        self._verdict.set_text(self._words[name])
        self._verdict.set_color(self._theme.states[states.get(name, "diverged")])
        alt = _(
            "Distributions of activations and gradients in five layers with {activation}, weights "
            "started as {start}. How differently the layers see the digits: {spreads}, from the "
            "first to the last. Typical gradients of their weights: {sizes}. Verdict: {verdict}."
        )
        return alt.format(
            activation=activation,
            start={value: label for label, value in _starts()}[start],
            spreads=", ".join(short(float(f"{value:.1e}")) for value in spread),
            sizes=", ".join(short(float(f"{value:.1e}")) for value in size),
            verdict=self._words[name],
        )


def _sample(values, most=8000):
    """Return at most this many of the values, without zeros: enough to see the distribution."""
    values = values.ravel()[:: max(1, values.size // most)]
    return values[values != 0]


def _violin(middle, values, low, high, bins=60):
    """Return the outline of a distribution (points, 2), with a width that fits a layer's place."""
    counts, edges = np.histogram(np.clip(values, low, high), bins=bins, range=(low, high))
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
            "find a start for sigmoid with which the first layer's gradients are as large as with "
            "ReLU and He. There is none: that is why deep networks left sigmoid behind. Which "
            "start suits tanh?"
        ),
        "dark": dark,
        "live": live,
    }
    try:
        X, labels = softmax_layer.read_examples(data, _MAX_DIGITS)
    except UnsuitableInput as error:
        return playground.refuse(error, **texts)
    moves = {
        "start": controls.choice(_("start"), "0.1", _starts(), width=290),
        "activation": controls.choice(_("activation"), "sigmoid", [*ACTIVATIONS], width=180),
        "again": controls.button(_("draw again")),
    }
    return playground.show(partial(_Picture, X, labels), moves, size=(8.6, 3.4), **texts)
