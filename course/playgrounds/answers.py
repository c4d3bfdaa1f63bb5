"""What a network answers, whatever it is: ten probabilities for each image, or a calm message."""

import numpy as np

from course.messages import _
from course.playgrounds.playground import Unsuitable
from course.training.examples import CLASSES, SIDE, scale_pixels
from course.training.learner import are_probabilities

_AT_ONCE = 1000


def answers(network, images) -> np.ndarray:
    """The ten probabilities (n, 10) of a network for images (n, 28, 28), uint8 or 0..1.

    `network` is a Keras model, a run, an object with `predict(images)`, or a function of the
    images; probabilities and logits are as good, and so are images as rows of 784 pixels. Raises
    Unsuitable when it fails, or answers something else.
    """
    network = getattr(network, "network", network)  # of a run
    images = scale_pixels(np.asarray(images))
    parts = [
        _outputs(network, images[start : start + _AT_ONCE])
        for start in range(0, len(images), _AT_ONCE)
    ]
    outputs = np.concatenate(parts)
    if not np.isfinite(outputs).all():
        message = _(
            "The network answers NaN or infinity: its weights are broken. Train it anew, with a "
            "smaller learning rate."
        )
        raise Unsuitable(message)
    return outputs if are_probabilities(outputs) else _softmax(outputs)


def _outputs(network, images):
    ask = _asker(network)
    failure = None
    for shape in _shapes(network):
        try:
            outputs = np.asarray(ask(images.reshape(len(images), *shape)), np.float64)
        except Exception as error:
            failure = failure or error
            continue
        if outputs.shape == (len(images), CLASSES):
            return outputs
        failure = failure or Unsuitable(
            _("they have the shape {got}; expected {expected}").format(
                got=outputs.shape, expected=(len(images), CLASSES)
            )
        )
    message = _("The network gives no ten answers: {error}")
    raise Unsuitable(message.format(error=str(failure).strip().split("\n")[0][:200]))


def _asker(network):
    """The function to ask: without progress bars, and with dropout switched off."""
    if hasattr(network, "trainable_variables") and callable(network):
        return lambda images: network(images, training=False)
    ask = network if callable(network) else getattr(network, "predict", None)
    if ask is None:
        message = _(
            "The network is {got}; expected a Keras model, or a function that takes images and "
            "returns ten probabilities for each."
        )
        raise Unsuitable(message.format(got=f"a {type(network).__name__}"))
    return ask


def _shapes(network):
    """The shapes of an image to try, the one that a Keras model declares or the likeliest first."""
    declared = getattr(network, "input_shape", None)
    if isinstance(declared, tuple) and None not in declared[1:]:
        return [declared[1:]]
    return [(SIDE, SIDE), (SIDE * SIDE,), (SIDE, SIDE, 1)]


def _softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
