"""Feature maps in NumPy, and the filters of a network."""

import numpy as np

from course.check.references.lesson_06_convolution import windows
from course.messages import _
from course.playgrounds.inputs import UnsuitableInput

MAX_SIZE = 7  # pixels of a filter: there is no room to write out a larger one


def feature_map(image, kernel, stride: int = 1, padding: str = "same") -> np.ndarray:
    """Return the sum of pixel times weight at each place: (h, w), (kh, kw) -> (rows, columns)."""
    kernel = np.asarray(kernel, np.float64)
    return np.einsum("rcij,ij->rc", windows(image, kernel.shape, stride, padding), kernel)


def first_filters(network) -> np.ndarray:
    """Return the filters (count, kh, kw) of the first convolution of a Keras model.

    Raise UnsuitableInput if there is none with one input channel, or its filters are too large.
    """
    network = getattr(network, "network", network)  # of a run
    for layer in getattr(network, "layers", ()):
        for weight in layer.get_weights():
            if weight.ndim == 4 and weight.shape[2] == 1 and max(weight.shape[:2]) <= MAX_SIZE:
                return np.moveaxis(weight[:, :, 0], -1, 0)
    message = _(
        "The network has no filters to show; expected a Keras model whose first convolution looks "
        "at one channel, through filters of at most {most} x {most}."
    )
    raise UnsuitableInput(message.format(most=MAX_SIZE))
