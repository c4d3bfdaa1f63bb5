"""The softmax layer of lesson 2 in NumPy: small enough to train while a playground opens."""

from typing import NamedTuple

import numpy as np
import scipy.special

from course import digits
from course.check.references.lesson_01_softmax import softmax
from course.check.references.lesson_02_gradient_descent import one_hot, softmax_gradients
from course.messages import _, ngettext, sentences
from course.playgrounds.inputs import UnsuitableInput


class Layer(NamedTuple):
    """Weights (784, 10) and biases (10,)."""

    W: np.ndarray
    b: np.ndarray


def read_examples(data=None, most: int | None = None):
    """Return X float32 (n, 784) in 0..1 and labels (n,), at most `most` of them.

    `data` is one split, images (n, 28, 28) in 0..255 and labels, or what `digits.load` returns:
    then its training digits are taken. None stands for the embedded sample. Raise UnsuitableInput
    for shapes that do not fit, and for fewer than two kinds of digits.
    """
    if data is None:
        data = digits.load("embedded")
    images, labels = getattr(data, "train", data)
    images, labels = np.asarray(images)[:most], np.asarray(labels)[:most]
    if len(images) != len(labels) or images[:1].size != 784 * len(images[:1]):
        message = _(
            "The images have the shape {images} and the labels {labels}; expected (n, 28, 28) and "
            "(n,)."
        )
        raise UnsuitableInput(message.format(images=images.shape, labels=labels.shape))
    found = np.unique(labels)
    if len(found) < 2:
        said = _("There are no digits here.")
        if len(found):
            said = ngettext(
                "There is {count} digit here, a {digit}: nothing to distinguish.",
                "There are {count} digits here, all of them {digit}s: nothing to distinguish.",
                len(labels),
            ).format(count=len(labels), digit=found[0])
        to_do = _("Give a sample with at least two kinds of digits.")
        raise UnsuitableInput(sentences(said, to_do))
    return (images.reshape(len(images), -1) / np.float32(255)).astype(np.float32), labels


def read_training_and(data, other: str, most: int, most_of_other: int):
    """Return X and labels of the training split, and of another one, as `read_examples` does.

    Raise UnsuitableInput for one split alone.
    """
    data = digits.load("embedded") if data is None else data
    if not (hasattr(data, "train") and hasattr(data, other)):
        raise UnsuitableInput(_("Give all splits, as digits.load returns them, not one alone."))
    return read_examples(data.train, most), read_examples(getattr(data, other), most_of_other)


def check_layer(W, b) -> Layer:
    """Return the layer, or raise UnsuitableInput if its numbers cannot be used."""
    W, b = np.asarray(W, np.float32), np.asarray(b, np.float32)
    if W.shape != (784, 10) or b.shape != (10,):
        message = _("W has the shape {W} and b {b}; expected (784, 10) and (10,).")
        raise UnsuitableInput(message.format(W=W.shape, b=b.shape))
    bad = np.count_nonzero(~np.isfinite(W)) + np.count_nonzero(~np.isfinite(b))
    if bad:
        message = ngettext(
            "{count:,} of the {all:,} weights and biases is not a finite number: this network has "
            "diverged. Train it again with a smaller learning rate.",
            "{count:,} of the {all:,} weights and biases are not finite numbers: this network has "
            "diverged. Train it again with a smaller learning rate.",
            bad,
        )
        raise UnsuitableInput(message.format(count=bad, all=W.size + b.size))
    return Layer(W, b)


def zero_layer() -> Layer:
    """Return the layer before its first step: all zeros."""
    return Layer(np.zeros((784, 10), np.float32), np.zeros(10, np.float32))


def train_layer(X, labels, steps: int = 500) -> Layer:
    """Return a layer after some steps with mini-batches of 100 and the learning rate 0.5."""
    layer, T, rng = zero_layer(), one_hot(labels), np.random.default_rng(seed=0)
    for _step in range(steps):
        batch = rng.integers(len(X), size=min(100, len(X)))
        layer = step(layer, gradient(layer, X[batch], T[batch]), learning_rate=0.5)
    return layer


def probabilities(layer: Layer, X) -> np.ndarray:
    """Return what the layer thinks of each example, (n, 10)."""
    return softmax(X @ layer.W + layer.b)


def loss(layer: Layer, X, labels) -> float:
    """Return the mean cross-entropy in nats."""
    return float(losses(layer, X, labels).mean())


def losses(layer: Layer, X, labels) -> np.ndarray:
    """Return the cross-entropy of each example in nats, (n,)."""
    logits = X @ layer.W + layer.b
    of_truth = logits[np.arange(len(logits)), labels]
    return scipy.special.logsumexp(logits, axis=1) - of_truth


def gradient(layer: Layer, X, T) -> Layer:
    """Return the slopes of the mean cross-entropy with respect to W and b; T is one-hot (n, 10)."""
    return Layer(*softmax_gradients(X, T, layer.W, layer.b))


def step(layer: Layer, slopes: Layer, learning_rate: float) -> Layer:
    """Return the layer after one step of gradient descent."""
    return Layer(layer.W - learning_rate * slopes.W, layer.b - learning_rate * slopes.b)
