"""The feature maps of a network for one digit, with all that their numbers are made of."""

from dataclasses import dataclass

import numpy as np

from course.check.references.lesson_06_convolution import zeros_around
from course.messages import _
from course.playgrounds.inputs import UnsuitableInput
from course.training.examples import SIDE


@dataclass(frozen=True)
class Field:
    """What the places of a map see of the digit, in one direction.

    The first place sees `length` pixels from `start` on, each next one begins `jump` pixels later.
    A start below 0 is among the zeros around the digit.
    """

    start: int = 0
    length: int = 1
    jump: int = 1

    def through(self, size: int, stride: int, before: int) -> "Field":
        """Return the field of a map that looks at this one through a window."""
        start = self.start - before * self.jump
        return Field(start, self.length + (size - 1) * self.jump, self.jump * stride)

    def begin(self, place: int) -> int:
        """Return the first pixel that a place sees."""
        return self.start + place * self.jump

    def nearest(self, pixel: float) -> int:
        """Return the place that looks most directly at a point of the digit."""
        return round((pixel - self.length / 2 - self.start) / self.jump)


@dataclass(frozen=True)
class ConvolutionMaps:
    """A convolution at work on a digit.

    `inputs` (h, w, in) become `maps` (rows, columns, out) by a `kernel` (kh, kw, in, out), a `bias`
    (out,) and an `activation`, by its name in Keras, in small letters. `down` and `across` tell
    what of the digit the places see.
    """

    inputs: np.ndarray
    maps: np.ndarray
    kernel: np.ndarray
    bias: np.ndarray
    activation: str
    strides: tuple[int, int]
    padding: str
    down: Field
    across: Field

    def behind(self, row: int, column: int, channel: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the window and the weights (kh, kw, in) whose products make a value."""
        size, (down, across) = self.kernel.shape[:2], self.strides
        around = _zeros(self.inputs.shape[:2], size, self.strides, self.padding)
        padded = np.pad(self.inputs, (*around, (0, 0)))
        window = padded[row * down :, column * across :][: size[0], : size[1]]
        return window, self.kernel[..., channel]


def convolutions(network, image) -> list[ConvolutionMaps]:
    """Return the convolutions of a Keras model at work on an image (28, 28) in 0..1.

    They are those ahead of the first layer that mixes all places. Raise UnsuitableInput if there is
    none, or if the layers do not follow one another.
    """
    from course.backend import keras

    network = getattr(network, "network", network)  # of a run
    try:
        found, outputs, expected = _at_work(network, image, keras)
    except Exception:  # not a Keras model, not built, not for digits, or branched
        found = []
    if not found or not np.allclose(outputs, expected, rtol=1e-3, atol=1e-4, equal_nan=True):
        message = _(
            "The network has no feature maps to show; expected a Keras model for digits of 28 x 28 "
            "pixels that begins with convolutions, one layer after the other."
        )
        raise UnsuitableInput(message)
    if not all(np.isfinite(each.maps).all() for each in found):
        message = _(
            "The network answers NaN or infinity: its weights are broken. Train it again, with a "
            "smaller learning rate."
        )
        raise UnsuitableInput(message)
    return found


def _at_work(network, image, keras):
    """Return the convolutions, what the layers give one after the other, and what the model does.

    The last two differ if the layers are connected in any other way.
    """
    layers = keras.layers
    whole = keras.Model(network.inputs[0], network.outputs[0])
    chain = [each for each in network.layers if not isinstance(each, layers.InputLayer)]
    scales = any(isinstance(each, layers.Rescaling) for each in chain)
    digit = np.float32(255 * image if scales else image).reshape(1, *network.input_shape[1:])
    values, down, across, found, is_ordered = digit, Field(), Field(), [], True
    for layer in chain:
        inputs, values = values, layer(values, training=False)
        sizes = inputs.shape[1:3], values.shape[1:3]
        is_ordered = is_ordered and _keeps_order(layer, *sizes, layers)
        if is_ordered and (hasattr(layer, "kernel_size") or hasattr(layer, "pool_size")):
            size = getattr(layer, "kernel_size", None) or layer.pool_size
            (above, _below), (left, _right) = _zeros(sizes[0], size, layer.strides, layer.padding)
            down = down.through(size[0], layer.strides[0], above)
            across = across.through(size[1], layer.strides[1], left)
        if is_ordered and isinstance(layer, layers.Conv2D):
            found.append(_convolution(layer, inputs, values, down, across))
    return found, values, whole(digit, training=False)


def _keeps_order(layer, before, after, layers):
    """Whether it is known what each place of the layer's output looks at."""
    if isinstance(layer, layers.Conv2D):
        return layer.groups == 1 and set(layer.dilation_rate) == {1}
    if isinstance(layer, layers.MaxPooling2D | layers.AveragePooling2D):
        return True
    is_other_kind = hasattr(layer, "kernel_size") or hasattr(layer, "layers")
    return before == after and not is_other_kind


def _zeros(shape, size, strides, padding):
    """Return the zeros (before, after) that are put around, down and across."""
    return [zeros_around(*each, padding) for each in zip(shape, size, strides, strict=True)]


def _convolution(layer, inputs, maps, down, across):
    kernel, inputs, maps = (
        np.asarray(each, np.float64) for each in (layer.kernel, inputs[0], maps[0])
    )
    bias = np.zeros(kernel.shape[-1]) if layer.bias is None else np.asarray(layer.bias, np.float64)
    activation = layer.activation  # a function, or a layer
    name = getattr(activation, "__name__", type(activation).__name__).lower()
    how = name, layer.strides, layer.padding
    return ConvolutionMaps(inputs, maps, kernel, bias, *how, down, across)


def edges_corners_and_bends():
    """Return a Keras model whose filters are made by hand.

    Its four edges are those where ink begins and ends from the left, and from above. Each of four
    corners is where two edges meet, and each of four bends is where there are many such corners.
    """
    from course.backend import keras

    begins = np.array([[-1, 0, 1]] * 3) / 3
    edges = np.stack([begins, -begins, begins.T, -begins.T], axis=-1)
    corners, bends = np.zeros((3, 3, 4, 4)), np.zeros((4, 4, 4, 4))
    for corner, meeting in enumerate(((0, 2), (1, 2), (0, 3), (1, 3))):
        corners[:, :, meeting, corner] = 1 / 9
        bends[:, :, corner, corner] = 1 / 8
    network = keras.Sequential([keras.Input((SIDE, SIDE, 1))])
    for size, stride in ((3, 1), (3, 2), (4, 2)):
        layer = keras.layers.Conv2D(4, size, stride, padding="same", activation="relu")
        network.add(layer)
    edges = edges[:, :, np.newaxis]
    network.set_weights([edges, np.zeros(4), corners, np.full(4, -0.3), bends, np.zeros(4)])
    return network
