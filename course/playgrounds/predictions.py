"""The predictions of any network: ten probabilities for each image, or a calm message."""

import numpy as np

from course.check.references.lesson_01_softmax import softmax
from course.messages import _
from course.playgrounds.inputs import UnsuitableInput
from course.training.examples import CLASSES, SIDE, scale_pixels
from course.training.learner import are_probabilities

_BATCH_SIZE = 1000


def predict_probabilities(network, images) -> np.ndarray:
    """Return the probabilities (n, 10) of a network for images (n, 28, 28), uint8 or in 0..1.

    `network` is a Keras model, a run, an object with `predict(images)`, or a function of the
    images. It may take images as rows of 784 pixels, and give logits. Raise UnsuitableInput if it
    fails or gives anything else.
    """
    network = getattr(network, "network", network)  # of a run
    images = scale_pixels(np.asarray(images))
    parts = [
        _outputs(network, images[start : start + _BATCH_SIZE])
        for start in range(0, len(images), _BATCH_SIZE)
    ]
    outputs = np.concatenate(parts)
    if not np.isfinite(outputs).all():
        message = _(
            "The network answers NaN or infinity: its weights are broken. Train it again, with a "
            "smaller learning rate."
        )
        raise UnsuitableInput(message)
    return outputs if are_probabilities(outputs) else softmax(outputs)


def name_of(network) -> str:
    """Return what a network is called: by its own name, or by that of its function or class."""
    names = (getattr(network, attribute, None) for attribute in ("name", "__name__"))
    name = next((name for name in names if isinstance(name, str)), type(network).__name__)
    return _("this function") if name == "<lambda>" else name


def _outputs(network, images):
    predict = _predictor(network)
    failure = None
    for shape in _shapes(network):
        try:
            outputs = np.asarray(predict(images.reshape(len(images), *shape)), np.float64)
        except Exception as error:
            failure = failure or error
            continue
        if outputs.shape == (len(images), CLASSES):
            return outputs
        failure = failure or UnsuitableInput(
            _("they have the shape {got}; expected {expected}").format(
                got=outputs.shape, expected=(len(images), CLASSES)
            )
        )
    message = _("The network does not give ten answers: {error}")
    raise UnsuitableInput(message.format(error=str(failure).strip().split("\n")[0][:200]))


def _predictor(network):
    """Return the function to call: without progress bars, and with dropout switched off."""
    if hasattr(network, "trainable_variables") and callable(network):
        return lambda images: network(images, training=False)
    predict = network if callable(network) else getattr(network, "predict", None)
    if predict is None:
        message = _(
            "The network is of type {got}; expected a Keras model, or a function that takes images "
            "and returns ten probabilities for each."
        )
        raise UnsuitableInput(message.format(got=type(network).__name__))
    return predict


def _shapes(network):
    """Return the shapes of an image to try: what a Keras model declares, or the likeliest first."""
    declared = getattr(network, "input_shape", None)
    if isinstance(declared, tuple) and None not in declared[1:]:
        return [declared[1:]]
    return [(SIDE, SIDE), (SIDE * SIDE,), (SIDE, SIDE, 1)]
