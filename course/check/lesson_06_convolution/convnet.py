"""The network that build_convnet is to return, calculated from its weights.

With other parts it is a mistake: what it gives is then compared with what an answer's model gives.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from course.backend import tf

KERNELS = ((6, 6, 1, 6), (5, 5, 6, 12), (4, 4, 12, 24), (1176, 200), (200, 10))
OUTPUTS = ((28, 28, 6), (14, 14, 12), (7, 7, 24), (200,), (10,))
_STRIDES = (1, 2, 2)
_RELUS = (tf.nn.relu,) * 4

Weights = tuple[list[np.ndarray], list[np.ndarray]]  # kernels and biases

OTHER_CURVES = {
    "linear": lambda x: x,
    "tanh": tf.tanh,
    "sigmoid": tf.sigmoid,
    "leaky ReLU": tf.nn.leaky_relu,
    "leaky_relu": lambda x: tf.nn.leaky_relu(x, 0.3),
    "leaky ReLU of 0.01": lambda x: tf.nn.leaky_relu(x, 0.01),
    "leaky ReLU of 0.1": lambda x: tf.nn.leaky_relu(x, 0.1),
    "elu": tf.nn.elu,
    "selu": tf.nn.selu,
    "gelu": tf.nn.gelu,
    "gelu, approximately": lambda x: tf.nn.gelu(x, approximate=True),
    "swish": tf.nn.swish,
    "relu6": tf.nn.relu6,
    "softplus": tf.nn.softplus,
    "softsign": tf.nn.softsign,
    "abs": tf.abs,
    "softmax": tf.nn.softmax,
}


def logits(
    images: np.ndarray,
    weights: Weights,
    *,
    activations: tuple[Callable, ...] = _RELUS,
    dilations: tuple[int, ...] = (1, 1, 1),
) -> np.ndarray:
    """Return the ten sums of the network for these images, when it is not training."""
    kernels, biases = weights
    x = tf.constant(images)
    for kernel, bias, stride, activation, dilation in zip(
        kernels[:3], biases[:3], _STRIDES, activations[:3], dilations, strict=True
    ):
        x = activation(tf.nn.conv2d(x, kernel, stride, "SAME", dilations=dilation) + bias)
    x = activations[3](tf.reshape(x, (len(images), -1)) @ kernels[3] + biases[3])
    return np.asarray(x @ kernels[4] + biases[4], np.float64)


def with_curve(curve: Callable, places: tuple[int, ...]) -> tuple[Callable, ...]:
    """Return the activations of the hidden layers, with another one at these places, from 0 on."""
    return tuple(curve if place in places else relu for place, relu in enumerate(_RELUS))


def random_weights(rng: np.random.Generator, high: float) -> Weights:
    """Random weights; a neuron of each hidden layer is this far above 0."""
    kernels = [
        rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape).astype(np.float32)
        for shape in KERNELS
    ]
    biases = [rng.normal(0, 0.3, shape[-1:]).astype(np.float32) for shape in KERNELS]
    for bias in biases[:4]:
        bias[0] += high
    kernels[4] /= 1 + high  # so that softmax has no clear winner
    return kernels, biases


def transparent_weights() -> Weights:
    """Weights with which the outputs show what becomes of the hidden neurons.

    Each hidden neuron has the same value; output j shows neuron j alone, and the last output
    nothing, so that the others can be compared with it behind a softmax as well. The first
    convolution gives its biases alone, whatever comes before it.
    """
    kernels = [np.full(shape, 1 / np.prod(shape[:-1]), np.float32) for shape in KERNELS]
    kernels[0] *= 0
    kernels[4] = np.eye(200, 10, dtype=np.float32) * (np.arange(10) < 9)
    biases = [np.zeros(shape[-1:], np.float32) for shape in KERNELS]
    biases[0] += 1
    biases[4] += 5
    return kernels, biases


def give(model: Any, weights: Weights) -> None:
    """Give a model these weights, whatever the order of its layers."""
    by_shape = {value.shape: value for part in weights for value in part}
    model.set_weights([by_shape[tuple(weight.shape)] for weight in model.weights])
