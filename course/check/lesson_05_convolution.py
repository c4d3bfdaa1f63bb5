"""The checks of lesson 5: convolution, shapes and parameters, pooling, batch norm, the network.

Each takes the learner's function, and a seed for the random inputs that it is tried on. The check
of the challenge reads a saved network and says what it is worth on the validation digits.
"""

import contextlib
import json
import math
import zipfile
from pathlib import Path

import numpy as np

from course import digits
from course.check.attempt import Attempt, _first_line, _kind
from course.check.failures import CheckFailed, Unsolved
from course.check.own import courses_own, demand_own_network
from course.messages import _
from course.silence import silence

MOST_PARAMETERS = 250_000
# The accuracy from which on the challenge earns 1, 2, 3 and 4 points.
STEPS = (0.92, 0.94, 0.96, 0.975)

_LARGEST_FILE = 8_000_000  # bytes: 250,000 parameters with an optimiser's memory fit in twice
_LARGEST_CONFIG = 100_000  # characters: no constants hidden among a network's settings
_OUTSIDE = {"Lambda", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}

# What a right answer computes; the lesson goes on with these where an answer is missing.


def _convolved(image, filters, stride=1):
    image, filters = np.asarray(image), np.asarray(filters)
    sizes = filters.shape[:2]
    margins = []
    for length, size in zip(image.shape[:2], sizes, strict=True):
        needed = max((math.ceil(length / stride) - 1) * stride + size - length, 0)
        margins.append((needed // 2, needed - needed // 2))
    padded = np.pad(image, (*margins, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, sizes, axis=(0, 1))
    return np.einsum("rcikl,klio->rco", windows[::stride, ::stride], filters, optimize=True)


def _shape_and_parameters(height, width, in_channels, kernel, out_channels, stride, padding):
    inside = [side - (kernel - 1 if padding == "valid" else 0) for side in (height, width)]
    shape = (*(-(-places // stride) for places in inside), out_channels)
    return shape, (kernel * kernel * in_channels + 1) * out_channels


def _pooled(image):
    h, w, c = np.shape(image)
    return np.reshape(image, (h // 2, 2, w // 2, 2, c)).max(axis=(1, 3))


def _normalised(
    x, gamma, beta, running_mean, running_variance, training, momentum=0.9, epsilon=1e-5
):
    running = np.stack([running_mean, running_variance])
    used = np.stack([x.mean(axis=0), x.var(axis=0)]) if training else running
    if training:
        running = momentum * running + (1 - momentum) * used
    y = gamma * (x - used[0]) / np.sqrt(used[1] + epsilon) + beta
    return y, running[0], running[1]


def _convnet():
    from course.backend import keras

    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 6, padding="same", activation="relu"),
            layers.Conv2D(12, 5, strides=2, padding="same", activation="relu"),
            layers.Conv2D(24, 4, strides=2, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(200, "relu"),
            layers.Dropout(0.25),
            layers.Dense(10),
        ]
    )


REFERENCES = courses_own(
    convolve=_convolved,
    layer_shape_and_parameters=_shape_and_parameters,
    max_pool=_pooled,
    batch_norm=_normalised,
    build_convnet=_convnet,
)


# Convolution --------------------------------------------------------------------------------------


def convolve(answer, seed=0):
    """image (h, w, in), filters (kh, kw, in, out) -> (ceil(h/stride), ceil(w/stride), out)."""
    attempt = Attempt(answer, "convolve(image, filters, stride=1)")
    rng = np.random.default_rng([1, seed])
    numbered = np.arange(1, 10).reshape(3, 3, 1, 1)
    spot = np.zeros((3, 3, 1))
    spot[1, 1] = 1
    cases = [
        (np.full((1, 1, 1), 2), np.full((1, 1, 1, 1), 3), None),
        (spot, numbered, None),
        (np.arange(1, 5).reshape(2, 2, 1), np.ones((3, 3, 1, 1)), 1),
        (np.arange(1, 5).reshape(1, 4, 1), np.ones((1, 2, 1, 1)), 1),
        (np.arange(1, 7).reshape(1, 6, 1), np.array([1, 10, 100]).reshape(1, 3, 1, 1), 2),
    ]
    sizes = [
        ((1, 1, 1), (3, 3, 4), 1),
        ((4, 4, 2), (3, 3, 1), 1),
        ((5, 7, 1), (3, 3, 2), 1),
        ((6, 5, 3), (2, 4, 3), 1),
        ((5, 6, 2), (5, 3, 4), 2),
        ((8, 8, 3), (3, 3, 3), 2),
        ((7, 9, 2), (4, 4, 3), 2),
        ((9, 4, 1), (1, 2, 2), 3),
        ((3, 2, 2), (6, 5, 2), 1),
        ((28, 28, 1), (6, 6, 2), 2),
    ]
    h, w = rng.integers(6, 14, 2)
    sizes.append(((h, w, 2), (*rng.integers(2, 6, 2), 3), int(rng.integers(1, 4))))
    for shape, (kh, kw, out), stride in sizes:
        filters = rng.normal(size=(kh, kw, shape[2], out))
        cases.append((rng.normal(size=shape), filters, stride))
    for image, filters, stride in cases:
        _check_convolution(attempt, image.astype(np.float32), filters.astype(np.float32), stride)
    _check_whole_numbers(attempt)


def _check_whole_numbers(attempt):
    """Demand fractions of an image of whole numbers, unless the answer takes no such image."""
    image = np.arange(1, 4, dtype=np.int64).reshape(1, 3, 1)
    filters = np.full((1, 1, 1, 1), 0.5, np.float32)
    try:
        result = attempt.call(image=image, filters=filters)
    except CheckFailed as failure:
        if failure.__cause__:  # an error in the answer: TensorFlow wants fractions
            return
        raise
    result.equals(
        _convolved(image, filters),
        _("convolve must give fractions for an image of whole numbers, too."),
        _("somewhere the image's own dtype cuts fractions off: calculate with float32."),
    )


def _check_convolution(attempt, image, filters, stride):
    given = {"image": image, "filters": filters}
    if stride is not None:  # otherwise the default has to serve
        given["stride"] = stride
    result = attempt.call(**given)
    stride = stride or 1
    x, f = image.astype(np.float64), filters.astype(np.float64)
    expected = _convolved(x, f, stride)
    h, w, out = expected.shape
    kh, kw = filters.shape[:2]
    uneven = next((side for side in image.shape[:2] if side % stride), stride)
    _demand_shape(
        result,
        "convolve",
        expected.shape,
        _("one value for each place and each filter"),
        {
            (*image.shape[:2], out): _("the stride is not used: step that many pixels at a time."),
            (
                -((kh - 1 - image.shape[0]) // stride),
                -((kw - 1 - image.shape[1]) // stride),
                out,
            ): _("SAME padding surrounds the image with zeros, so that no place is lost."),
            (h, w): _("keep the last axis, one entry for each filter, even if there is only one."),
            (1, h, w, out): _("one image has three axes; take the batch axis away again, with [0]"),
            (image.shape[0] // stride, image.shape[1] // stride, out): _(
                "round up: {side} / {stride} becomes {places}; a last, incomplete step of the "
                "stride still starts somewhere."
            ).format(side=uneven, stride=stride, places=-(-uneven // stride)),
        },
    )
    hints = {
        _(
            "the filter is turned around: multiply the top left pixel of the window by the top "
            "left weight, as it stands."
        ): _convolved(x, f[::-1, ::-1], stride),
        _("a filter looks at all input channels: add them up, each with its own weights."): (
            _convolved(x[:, :, :1], f[:, :, :1], stride)
        ),
        _("add the products up; do not take their mean."): expected / (kh * kw),
        _("leave negative values as they are: ReLU comes after this."): np.maximum(expected, 0),
    }
    if stride > 1:
        hints[
            _(
                "these places are shifted: with a stride there is less to pad. The padding needed "
                "is (ceil(h / stride) - 1) * stride + kh - h zeros in all."
            )
        ] = _convolved(x, f, 1)[::stride, ::stride]
        hints[_("the windows move by one pixel here: the next place is `stride` pixels on.")] = (
            _convolved_otherwise(x, f, stride, "constant", step=1)
        )
        hints[_("this is stride 1, cut off; the next place is `stride` pixels on.")] = _convolved(
            x, f, 1
        )[:h, :w]
        hints[_("the padding is right, but the steps are off: start at the first place.")] = (
            _convolved(x, f, 1)[stride - 1 :: stride, stride - 1 :: stride]
        )
    for mode in ("edge", "reflect"):
        if image.shape[0] > 1 and image.shape[1] > 1:
            hints[
                _("the padding is zeros, not a copy of the pixels near the edge ({mode}).").format(
                    mode=mode
                )
            ] = _convolved_otherwise(x, f, stride, mode)
    hints[
        _("when the zeros cannot be shared evenly, the odd one goes to the bottom and the right.")
    ] = _convolved(x[::-1, ::-1], f[::-1, ::-1], stride)[::-1, ::-1]
    hints[_("rows and columns of the filter are exchanged.")] = _convolved(
        x, f.transpose(1, 0, 2, 3), stride
    )
    if 1 in (kh, kw):  # a window of kw x kh pixels, times the filter, is stretched to fit
        hints[_("the window is kh pixels high and kw wide, not the other way round.")] = _convolved(
            x, np.broadcast_to(f.sum(axis=(0, 1)), (kw, kh, *f.shape[2:])), stride
        )
    if filters.shape[2] == filters.shape[3]:
        hints[_("filters[:, :, i, o] leads from input channel i to output channel o.")] = (
            _convolved(x, f.transpose(0, 1, 3, 2), stride)
        )
    result.equals(
        expected,
        _(
            "convolve must give, at each place, the sum of the window's pixels times the filter's "
            "weights, with zeros around the image."
        ),
        hints,
        slack=1e-5 * _convolved(np.abs(x), np.abs(f), stride),
    )


def _convolved_otherwise(x, f, stride, mode, step=None):
    """The convolution with another padding than zeros, or with steps other than the stride."""
    margins = []
    for length, size in zip(x.shape[:2], f.shape[:2], strict=True):
        needed = max((math.ceil(length / stride) - 1) * stride + size - length, 0)
        margins.append((needed // 2, needed - needed // 2))
    padded = np.pad(x, (*margins, (0, 0)), mode=mode)
    windows = np.lib.stride_tricks.sliding_window_view(padded, f.shape[:2], axis=(0, 1))
    h, w = (math.ceil(length / stride) for length in x.shape[:2])
    windows = windows[:: step or stride, :: step or stride][:h, :w]
    return np.einsum("rcikl,klio->rco", windows, f, optimize=True)


def _demand_shape(result, name, shape, meaning, hints):
    """Demand this shape; `hints` tells for another shape what it means."""
    found = result.plain()
    if isinstance(found, np.ndarray) and found.shape != shape and found.shape in hints:
        result.fail(
            _("{name} must return {meaning}.").format(name=name, meaning=meaning),
            expected=_("an array of shape {shape}").format(shape=shape),
            got=_("an array of shape {shape}").format(shape=found.shape),
            hint=hints[found.shape],
        )
    result.array(shape, meaning)


# Shapes and parameters ----------------------------------------------------------------------------


def layer_shape_and_parameters(answer, seed=0):
    """Whole numbers and "same" or "valid" -> ((height, width, channels), parameters)."""
    attempt = Attempt(
        answer,
        "layer_shape_and_parameters(height, width, in_channels, kernel, out_channels, stride, "
        "padding)",
    )
    rng = np.random.default_rng([2, seed])
    cases = [
        (1, 1, 1, 1, 1, 1, "same"),
        (5, 5, 1, 3, 1, 1, "valid"),
        (5, 5, 2, 3, 4, 1, "same"),
        (9, 9, 1, 5, 2, 2, "same"),
        (8, 8, 1, 3, 2, 2, "valid"),
        (7, 7, 1, 2, 2, 3, "valid"),
        (9, 6, 3, 2, 5, 2, "valid"),
        (6, 9, 3, 2, 5, 2, "same"),
        (3, 4, 2, 3, 2, 2, "valid"),
        (28, 28, 1, 6, 6, 1, "same"),
        (28, 28, 6, 5, 12, 2, "same"),
        (14, 14, 12, 4, 24, 2, "same"),
        (3, 2, 4, 6, 3, 2, "same"),
        (32, 50, 3, 7, 64, 4, "valid"),
        (224, 225, 48, 11, 1000, 4, "same"),
    ]
    for index in range(6):
        kernel = int(rng.integers(1, 8))
        height, width = (int(size) for size in rng.integers(kernel, 60, 2))
        channels, out, stride = (int(size) for size in rng.integers(1, 30, 3))
        cases.append(
            (height, width, channels, kernel, out, 1 + stride % 5, ("same", "valid")[index % 2])
        )
    for case in cases:
        names = ["height", "width", "in_channels", "kernel", "out_channels", "stride", "padding"]
        _check_layer(attempt, dict(zip(names, case, strict=True)))


def _check_layer(attempt, given):
    result = attempt.call(**given)
    height, width, channels, kernel, out, stride, padding = given.values()
    shape, parameters = result.parts(
        _("(height, width, channels)"),
        _("parameters"),
    )
    if np.shape(shape.plain()) == () and np.shape(parameters.plain()) == (3,):
        result.fail(
            _("layer_shape_and_parameters must return (height, width, channels), parameters."),
            got=str(tuple(result.value)),
            hint=_("the shape comes first, and then the number of parameters."),
        )
    (rows, columns, _out), count = _shape_and_parameters(**given)
    wrong = (
        _round_down(height, width, kernel, stride, padding),
        _round_down(height, width, 1, stride, "valid"),
    )
    floor, same_floor = wrong
    valid = _shape_and_parameters(**(given | {"padding": "valid"}))[0][:2]
    same = _shape_and_parameters(**(given | {"padding": "same"}))[0][:2]
    hints = {
        (columns, rows, out): _("height comes first, then width."),
        (out, rows, columns): _("the channels come last."),
        (rows, columns, channels): _("each filter makes one output channel."),
        (height, width, out): _("the stride makes the output smaller: one place per step."),
        (*floor, out): _("round up: a last, incomplete step of the stride still starts somewhere."),
        (*same_floor, out): _("round up where the stride does not divide evenly."),
        ((height - kernel) // stride, (width - kernel) // stride, out): _(
            "count the places, not the steps between them: one more."
        ),
        ((height - kernel) / stride + 1, (width - kernel) / stride + 1, out): _(
            "there is no half a place: only whole steps that still fit count."
        ),
        (height / stride, width / stride, out): _("there is no half a place: round up."),
    }
    if padding == "valid":
        hints[(*same, out)] = _('with "valid" nothing is padded: the window must fit inside.')
        hints[(height - kernel + 1, width - kernel + 1, out)] = _("the stride is not used.")
        hints[(-(-height // stride) - kernel + 1, -(-width // stride) - kernel + 1, out)] = _(
            "first find the places where the window fits, then count every stride-th of them."
        )
    else:
        hints[(*valid, out)] = _('with "same" zeros are padded, so no place is lost.')
    _demand_whole(
        shape,
        (rows, columns, out),
        _("layer_shape_and_parameters must give the height, width and channels of the output."),
        _("three numbers: height, width and channels"),
        hints,
    )
    weights = kernel * kernel * channels * out
    _demand_whole(
        parameters,
        count,
        _("layer_shape_and_parameters must count all weights and biases."),
        _("one number, how many parameters"),
        {
            weights: _("the biases are missing: one for each filter."),
            weights + 1: _("each filter has a bias of its own."),
            weights + channels: _("one bias for each filter, not for each input channel."),
            weights + channels * out: _("one bias for each filter, not for each input channel."),
            kernel * channels * out + out: _("a filter is kernel x kernel pixels large."),
            kernel * kernel * out + out: _("a filter has weights for every input channel."),
            kernel * kernel * channels + out: _("every filter has weights of its own."),
            kernel * kernel * channels + 1: _("this is one filter; there are out_channels."),
            count * rows * columns: _("all places share the same weights: count them once."),
            weights * rows * columns + out: _(
                "all places share the same weights: count them once."
            ),
            weights + rows * columns * out: _("the biases are shared by all places, too."),
            (height * width * channels + 1) * out: _(
                "this is a dense layer; here a filter sees kernel x kernel pixels."
            ),
        },
    )


def _round_down(height, width, kernel, stride, padding):
    if padding == "same":
        return height // stride, width // stride
    return (height - kernel + 1) // stride, (width - kernel + 1) // stride


def _demand_whole(result, expected, demand, meaning, hints):
    """Demand these whole numbers exactly; `hints` tells for others what they mean."""
    wanted = np.asarray(expected, np.float64)
    array = result.array(wanted.shape, meaning)
    got = array.astype(np.float64)
    if not (got == wanted).all():
        key = tuple(got.tolist()) if got.ndim else float(got)
        hint = next((text for value, text in hints.items() if value == key), None)
        shown = tuple(array.tolist()) if got.ndim else array
        result.fail(demand, expected=str(expected), got=str(shown), hint=hint)


# Pooling ------------------------------------------------------------------------------------------


def max_pool(answer, seed=0):
    """image (h, w, c) with even h and w -> (h/2, w/2, c)."""
    attempt = Attempt(answer, "max_pool(image)")
    rng = np.random.default_rng([3, seed])
    images = [
        np.array([[2, 1], [4, 3]])[:, :, np.newaxis],
        np.array([[-1, -2], [-4, -3]])[:, :, np.newaxis],
        np.arange(8).reshape(2, 4, 1),
        np.arange(8).reshape(4, 2, 1),
        np.arange(8)[::-1].reshape(2, 2, 2) - 9,
    ]
    shapes = [(2, 2, 1), (4, 4, 4), (6, 2, 3), (4, 10, 2), (2, 2, 7), (28, 28, 6)]
    shapes.append((*(2 * rng.integers(3, 9, 2)), int(rng.integers(2, 6))))
    images += [rng.normal(size=shape) for shape in shapes]
    images.append(-rng.uniform(1, 5, size=(6, 8, 2)))
    for image in images:
        image = image.astype(np.float32)
        result = attempt.call(image=image)
        h, w, c = image.shape
        x = image.astype(np.float64)
        expected = _pooled(x)
        _demand_shape(
            result,
            "max_pool",
            expected.shape,
            _("one value for each block of 2 x 2 pixels and each channel"),
            {
                (h - 1, w - 1, c): _("the blocks do not overlap: step by 2."),
                (h, w, c): _("each block of 2 x 2 becomes a single value."),
                (h // 2, w // 2): _("each channel is pooled by itself; do not mix the channels."),
                (h // 2, w // 2, 1): _(
                    "each channel is pooled by itself; do not mix the channels."
                ),
                (h // 2, w, c): _("blocks are 2 x 2: the columns are pooled, too."),
                (h, w // 2, c): _("blocks are 2 x 2: the rows are pooled, too."),
                (1, h // 2, w // 2, c): _(
                    "one image has three axes; take the batch axis away again, with [0]."
                ),
                (c,): _("not one value for the whole image: one for each block of 2 x 2."),
            },
        )
        blocks = x.reshape(h // 2, 2, w // 2, 2, c)
        hints = {
            _("take the largest value of the block, not the mean."): blocks.mean(axis=(1, 3)),
            _("take the largest value of the block, not the sum."): blocks.sum(axis=(1, 3)),
            _("take the largest value of the block, not the smallest."): blocks.min(axis=(1, 3)),
            _(
                "the values may be negative: start from the block's own first value or from minus "
                "infinity, not from zero."
            ): np.maximum(expected, 0),
            _("this is the top left value of each block; look at all four."): x[::2, ::2],
            _("take the largest value itself, with its sign."): np.abs(blocks).max(axis=(1, 3)),
            _("each channel is pooled by itself; do not mix the channels."): np.broadcast_to(
                expected.max(axis=2, keepdims=True), expected.shape
            ),
            _("a block is two neighbours: rows 0 and 1, not rows 0 and h/2."): (
                x.reshape(2, h // 2, 2, w // 2, c).max(axis=(0, 2))
            ),
            _(
                "reshape reads row by row, so these blocks are four values in a row: split the "
                "rows' axis in two, and the columns' axis in two."
            ): x.reshape(h // 2, w // 2, 4, c).max(axis=2),
        }
        four = {
            _("top left"): x[::2, ::2],
            _("top right"): x[::2, 1::2],
            _("bottom left"): x[1::2, ::2],
            _("bottom right"): x[1::2, 1::2],
        }
        for place in four:
            others = [values for name, values in four.items() if name != place]
            hint = _("look at all four values of a block; the one at the {place} is missing.")
            hints[hint.format(place=place)] = np.max(others, axis=0)
        result.equals(
            expected, _("max_pool must give the largest value of each block of 2 x 2."), hints
        )


# Batch normalisation ------------------------------------------------------------------------------


def batch_norm(answer, seed=0):
    """x (n, d), four arrays (d,), training -> (y, running_mean, running_variance)."""
    attempt = Attempt(
        answer,
        "batch_norm(x, gamma, beta, running_mean, running_variance, training, momentum=0.9, "
        "epsilon=1e-5)",
    )
    rng = np.random.default_rng([4, seed])
    cases = [
        ([[1], [3]], [1], [0], [0], [1], True),
        ([[1], [3]], [2], [10], [0], [1], True),
        ([[1], [3]], [1], [0], [1], [4], False),
        ([[1, 2], [3, 6]], [1, 1], [0, 0], [5, 5], [2, 2], True),
        ([[1, 2], [3, 6]], [1, 2], [0, 1], [5, 5], [4, 4], False),
        ([[5, 7]], [1, 2], [3, 4], [1, 1], [4, 9], True),  # a batch of one has no spread
        ([[5, 7]], [1, 2], [3, 4], [1, 1], [4, 9], False),
        ([[2, 1], [2, 3]], [1, 1], [0, 0], [0, 0], [1, 1], True),  # a neuron that never moves
        ([[1], [3]], [1], [0], [4], [8], True, 0.5),
        ([[1], [3]], [1], [0], [4], [8], True, 0.0),
        ([[1], [3]], [1], [0], [4], [8], True, 1.0),
        ([[1], [3]], [1], [0], [4], [8], True, 0.9, 3.0),
        ([[1], [3]], [1], [0], [2], [6], False, 0.9, 3.0),
    ]
    sizes = [(4, 4), (7, 3), (3, 7), (1, 5), (60, 2), tuple(rng.integers(8, 30, 2))]
    for n, d in sizes:
        for training in (True, False):
            case = (
                rng.normal(rng.normal(size=d), rng.uniform(0.2, 4, d), size=(n, d)),
                rng.uniform(0.5, 2, d),
                rng.normal(size=d),
                rng.normal(size=d),
                rng.uniform(0.3, 3, d),
                training,
                float(rng.uniform(0.1, 0.95)),
                float(rng.uniform(0.01, 0.5)),
            )
            cases += [case, case[:6]]
    names = [
        "x",
        "gamma",
        "beta",
        "running_mean",
        "running_variance",
        "training",
        "momentum",
        "epsilon",
    ]
    for case in cases:
        arrays = [np.array(part, np.float32) for part in case[:5]]
        _check_normalised(attempt, dict(zip(names, [*arrays, *case[5:]], strict=False)))


def _check_normalised(attempt, given):
    result = attempt.call(**given)
    y, mean, variance = result.parts("y", "running_mean", "running_variance")
    x, gamma, beta, old_mean, old_variance = (
        value.astype(np.float64) for value in list(given.values())[:5]
    )
    training = given["training"]
    momentum, epsilon = given.get("momentum", 0.9), given.get("epsilon", 1e-5)
    rest = (training, momentum, epsilon)
    expected = _normalised(x, gamma, beta, old_mean, old_variance, *rest)
    batch_mean, batch_variance = x.mean(axis=0), x.var(axis=0)
    used = (batch_mean, batch_variance) if training else (old_mean, old_variance)
    size = np.abs(gamma) * (np.abs(x) + np.abs(used[0])) / np.sqrt(used[1] + epsilon)
    y.equals(
        expected[0],
        _("batch_norm must give gamma times the normalised x, plus beta, while training.")
        if training
        else _("batch_norm must normalise with the running values when it is not training."),
        _normalising_mistakes(x, gamma, beta, old_mean, old_variance, training, epsilon),
        meaning=_("y, as many values as x"),
        slack=3e-6 * (size + np.abs(beta)),
    )
    for part, name, new, old, batch in (
        (mean, "running_mean", expected[1], old_mean, batch_mean),
        (variance, "running_variance", expected[2], old_variance, batch_variance),
    ):
        turned = (1 - momentum) * old + momentum * batch
        hints = {
            _("momentum belongs to the old value, 1 - momentum to the batch's."): turned,
            _("return the new one: momentum · old + (1 - momentum) · the batch's."): old,
            _("this is the batch's own; a tenth of it goes into the running value."): batch,
            _("outside training the running values stay as they are."): momentum * old
            + (1 - momentum) * batch,
        }
        if training:
            hints.popitem()
        if "momentum" not in given:
            hints[_("if momentum is not given, it is 0.9 here, not 0.99 as in Keras.")] = (
                0.99 * old + 0.01 * batch
            )
        if name == "running_variance":
            with np.errstate(all="ignore"):
                sample = batch * np.float64(len(x)) / (len(x) - 1)
            hints[_("divide by n, not by n - 1: the variance of this batch itself.")] = (
                momentum * old + (1 - momentum) * sample
            )
            hints[_("keep the variance, not its square root.")] = momentum * old + (
                1 - momentum
            ) * np.sqrt(batch)
            hints[_("epsilon belongs into the root only, not into the running value.")] = (
                momentum * old + (1 - momentum) * (batch + epsilon)
            )
        part.equals(
            new,
            _("batch_norm must return {name} as momentum · old + (1 - momentum) · batch.").format(
                name=name
            )
            if training
            else _("batch_norm must leave {name} as it is when it is not training.").format(
                name=name
            ),
            hints,
            meaning=_("{name}, one value for each column").format(name=name),
            slack=3e-6 * (np.abs(old) + np.abs(x).max(axis=0) ** (2 if "var" in name else 1)),
        )


def _normalising_mistakes(x, gamma, beta, old_mean, old_variance, training, epsilon):
    """The hint for each mistake, and what y would be."""
    batch, running = (x.mean(axis=0), x.var(axis=0)), (old_mean, old_variance)
    mean, variance = batch if training else running
    centred = x - mean
    root = np.sqrt(variance + epsilon)
    mistakes = {}
    with np.errstate(all="ignore"):
        if training:
            mistakes[_("while training, the batch's own mean and variance are used.")] = (
                gamma * (x - running[0]) / np.sqrt(running[1] + epsilon) + beta
            )
            new = [0.9 * old + 0.1 * now for old, now in zip(running, batch, strict=True)]
            mistakes[_("normalise with the batch's own values, not with the running ones.")] = (
                gamma * (x - new[0]) / np.sqrt(new[1] + epsilon) + beta
            )
        else:
            mistakes[
                _("when not training, the batch does not count: one digit alone must work.")
            ] = gamma * (x - batch[0]) / np.sqrt(batch[1] + epsilon) + beta
        mistakes |= {
            _("epsilon belongs into the root, beside the variance."): gamma
            * centred
            / (np.sqrt(variance) + epsilon)
            + beta,
            _("add the epsilon that is given to the variance, inside the root."): gamma
            * centred
            / np.sqrt(variance + (0 if epsilon == 1e-5 else 1e-5))
            + beta,
            _("if epsilon is not given, it is 1e-5 here, not 1e-3 as in Keras."): gamma
            * centred
            / np.sqrt(variance + (1e-3 if epsilon == 1e-5 else epsilon))
            + beta,
            _("divide by the square root of the variance."): gamma * centred / (variance + epsilon)
            + beta,
            _("gamma is missing."): centred / root + beta,
            _("beta is missing."): gamma * centred / root,
            _("beta is added last, after gamma: gamma does not multiply it."): gamma
            * (centred / root + beta),
            _("gamma and beta are exchanged."): beta * centred / root + gamma,
            _("gamma and beta are missing."): centred / root,
        }
        if training:
            sample = variance * np.float64(len(x)) / (len(x) - 1)
            mistakes[_("divide by n, not by n - 1: the variance of this batch itself.")] = (
                gamma * centred / np.sqrt(sample + epsilon) + beta
            )
            rows = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
            mistakes[_("average over the examples, for each column: axis=0.")] = (
                gamma * (x - rows[0]) / np.sqrt(rows[1] + epsilon) + beta
            )
            mistakes[_("each column has its own mean and variance: axis=0.")] = (
                gamma * (x - x.mean()) / np.sqrt(x.var() + epsilon) + beta
            )
    return mistakes


# The network --------------------------------------------------------------------------------------

_PARAMETERS = 244_076


def _layers():
    """Of each layer with parameters: its name, the shape of its weights, that of its output."""
    return (
        (_("convolution 1"), (6, 6, 1, 6), (28, 28, 6)),
        (_("convolution 2"), (5, 5, 6, 12), (14, 14, 12)),
        (_("convolution 3"), (4, 4, 12, 24), (7, 7, 24)),
        (_("dense layer 1"), (1176, 200), (200,)),
        (_("dense layer 2"), (200, 10), (10,)),
    )


def build_convnet(answer, seed=0):
    """Nothing -> a Keras model, (n, 28, 28, 1) in and (n, 10) out, with 244,076 parameters."""
    attempt = Attempt(answer, "build_convnet()")
    result = attempt.call()
    model = result.value
    if model is None:
        result.array((), "")  # says that nothing was returned
    if not callable(model) or not hasattr(model, "count_params"):
        result.fail(
            _("build_convnet must return a Keras model."),
            expected=_("a model such as keras.Sequential([...]), when called as build_convnet()"),
            got=_kind(model),
            hint=_("end with `return` and the model itself."),
        )
    demand_own_network(result, model, "convolutional-dropout")
    rng = np.random.default_rng([5, seed])
    images = rng.uniform(size=(40, 28, 28, 1)).astype(np.float32)
    Y = _output(result, model, images)
    if Y.shape != (40, 10):
        result.fail(
            _("build_convnet must return a model with ten outputs for each image."),
            expected=_("shape {shape} for 40 images").format(shape=(40, 10)),
            got=_("shape {shape}").format(shape=Y.shape),
            hint=_("Flatten stands before the dense layers, and the last one has 10 neurons."),
        )
    blocks = _walk(result, model, images, Y)
    count = model.count_params()
    if count != _PARAMETERS:
        result.fail(
            _("build_convnet must return a model with 244,076 parameters."),
            expected="244,076",
            got=f"{count:,}",
            hint=_("`build_convnet().summary()` shows the parameters of every layer."),
        )
    if not blocks:
        _demand_five(result, model)
    _demand_curves(result, blocks)
    _demand_dropout(result, model, images, Y, blocks)
    _demand_one_softmax(result, model, images)
    sums = Y.sum(axis=1)
    if (Y >= 0).all() and Y.max() > 0 and np.abs(sums - 1).max() > 1e-3:
        result.fail(
            _("build_convnet must end in ten probabilities, or in ten logits."),
            expected=_("rows that sum to 1, or values of both signs"),
            got=_("a row that sums to {sum:.3g}, without a negative value").format(sum=sums[0]),
            hint=_('the last layer has activation="softmax" (or none at all, for logits).'),
        )


def _demand_one_softmax(result, model, images):
    """Demand that the probabilities of a network that is shown glaring images are far apart."""
    Y = _output(result, model, 10_000 * images)
    # Of values between -1 and 1, softmax makes probabilities that differ by a factor of 8 at most.
    if (Y > 0).all() and (Y.max(axis=1) <= 8 * Y.min(axis=1)).all():
        result.fail(
            _("build_convnet must end in a single softmax."),
            expected=_("probabilities from 0 to 1"),
            got=_("however clear the image, none above {most:.2g}").format(most=Y.max()),
            hint=_("two softmax in a row make all ten nearly equal: take one of them away."),
        )


def _output(result, model, images, training=False):
    """What the model gives for the images, as an array; an error in it becomes a message."""
    try:
        with silence():
            return np.asarray(model(images, training=training))
    except Exception as error:
        result.fail(
            _("build_convnet must return a model that takes images of shape (28, 28, 1)."),
            got=f"{type(error).__name__}: {_first_line(error)}",
            hint=_("start with keras.Input((28, 28, 1))."),
        )


def _flat(model):
    """The layers of a model, one after the other, also those of models inside of it."""
    parts = getattr(model, "operations", None) or getattr(model, "layers", None) or [model]
    for layer in parts:  # a functional model's operations include plain functions
        if layer is not model and getattr(layer, "layers", None):
            yield from _flat(layer)
        elif type(layer).__name__ != "InputLayer":
            yield layer


def _walk(result, model, images, Y):
    """Send images through the layers and demand each one's shapes; return what follows them.

    A block is a list: the layer with parameters, the layers after it, and what came in. If the
    layers do not simply follow one another, so that Y does not come out, there are no blocks.
    """
    blocks, x = [], images
    try:
        with silence():
            for layer in _flat(model):
                has_weights = len(getattr(layer, "weights", ())) > 0
                if has_weights:
                    blocks.append((layer, [], x))
                elif blocks:
                    blocks[-1][1].append(layer)
                x = _through(layer, x)
                if has_weights:
                    _demand_layer(result, len(blocks), layer, tuple(x.shape[1:]))
            in_line = np.allclose(x, Y, atol=1e-4)
    except CheckFailed:
        raise
    except Exception:
        in_line = False
    if len(blocks) == len(_layers()) or not in_line:
        return blocks if in_line else []
    return result.fail(
        _("build_convnet must return a model with five layers that have parameters."),
        expected=_("3 convolutions and 2 dense layers"),
        got=", ".join(type(layer).__name__ for layer, _after, _x in blocks) or _("none"),
    )


def _through(layer, x):
    """What a layer makes of x when the network is not training."""
    kind = type(layer).__name__
    if (
        "Dropout" in kind
        or kind.startswith("Random")
        or kind in ("BatchNormalization", "GaussianNoise")
    ):
        return layer(x, training=False)
    return layer(x)


def _demand_layer(result, number, layer, shape):
    """Demand the weights and the output of the layer with this number, from 1 on."""
    got = [tuple(weight.shape) for weight in layer.weights]
    if number > len(_layers()):
        result.fail(
            _("build_convnet must return a model with five layers that have parameters."),
            got=_("one more: {kind} with {shape}").format(kind=type(layer).__name__, shape=got[0]),
        )
    name, weights, output = _layers()[number - 1]
    expected = [weights, weights[-1:]]
    if shape != output and len(shape) == len(output) == 3 and weights == got[0]:
        smaller = shape[0] < output[0]
        result.fail(
            _("build_convnet: {layer} must give the right shape.").format(layer=name),
            expected=_("an output of shape {shape}").format(shape=output),
            got=_("an output of shape {shape}").format(shape=shape),
            hint=_('padding="same" keeps the edges; the strides are 1, 2 and 2.')
            if smaller
            else _("the second and third convolution step by strides=2, without pooling."),
        )
    if got != expected:
        bias = _("; biases {shape}").format(shape=weights[-1:])
        result.fail(
            _("build_convnet: {layer} must have the right weights.").format(layer=name),
            expected=_("weights {shape}").format(shape=weights) + bias,
            got=_("{kind} with {shapes}").format(
                kind=type(layer).__name__, shapes="; ".join(map(str, got))
            ),
            hint=_weights_hint(got, expected, layer),
        )
    if shape != output:
        result.fail(
            _("build_convnet: {layer} must give the right shape.").format(layer=name),
            expected=_("an output of shape {shape}").format(shape=output),
            got=_("an output of shape {shape}").format(shape=shape),
            hint=_("is there a Flatten between the convolutions and the dense layers?"),
        )


def _weights_hint(got, expected, layer):
    if got == expected[:1]:
        return _("the biases are missing: leave use_bias as it is.")
    if type(layer).__name__ == "BatchNormalization":
        return _("this network comes without batch norm; your challenge may have it.")
    if len(expected[0]) == 2 and len(got[0]) == 4:
        return _("after three convolutions come Flatten and the dense layers.")
    if len(expected[0]) == 2 and len(got[0]) == 2 and got[0][1] == expected[0][1]:
        return _(
            "Flatten hands over 7 * 7 * 24 = 1,176 numbers: padding is 'same', the strides 1, 2, 2."
        )
    if len(got[0]) == 4 and got[0][:2] != expected[0][:2]:
        return _("the filters are 6x6, then 5x5, then 4x4 pixels.")
    return _("6, 12 and 24 filters; then 200 neurons, then 10.")


def _demand_five(result, model):
    """Demand the right weights of a model whose layers do not simply follow one another."""
    got = sorted(tuple(weight.shape) for weight in model.weights)
    expected = sorted(
        shape for _name, weights, _out in _layers() for shape in (weights, weights[-1:])
    )
    if got != expected:
        result.fail(
            _("build_convnet must return a model with the weights of the table."),
            expected="; ".join(map(str, expected)),
            got="; ".join(map(str, got)),
        )
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 4, 28, 28, 1)).astype(np.float32)

    def logits(x):
        Y = _output(result, model, x).astype(np.float64)
        are_probabilities = (Y > 0).all() and np.allclose(Y.sum(axis=1), 1, atol=1e-3)
        Y = np.log(Y) if are_probabilities else Y
        return Y - Y[:, :1]

    both, apart = logits(a + b) + logits(0 * a), logits(a) + logits(b)
    if np.abs(both - apart).max() <= 1e-3 * np.abs(both).max():
        result.fail(
            _("build_convnet: every hidden layer must be followed by an activation."),
            expected=_('activation="relu"'),
            got=_("none: all layers together are worth a single one"),
        )
    unbiased = all(not np.any(weight) for weight in model.get_weights() if weight.ndim == 1)
    if unbiased and _bends(logits(a), logits(2 * a)):
        result.fail(
            _("build_convnet: every hidden layer must be followed by ReLU."),
            expected=_('activation="relu"'),
            got=_("another curve: twice the input does not give twice the sums"),
        )


def _bends(once, twice):
    """Whether twice the input gave something else than twice the output: ReLU only has a kink."""
    return np.abs(twice - 2 * once).max() > 1e-3 * np.abs(once).max()


def _demand_curves(result, blocks):
    """Demand ReLU, or a leaky one, between layers with parameters."""
    rng = np.random.default_rng(5)
    for number, (layer, after, x) in enumerate(blocks[:-1], start=1):
        x = np.asarray(x)[:4]
        a, b = rng.normal(size=(2, *x.shape)).astype(np.float32)

        def through(value, chain=(layer, *after)):
            with silence():
                for part in chain:
                    value = _through(part, value)
            return np.asarray(value, np.float64)

        both, apart = through(a + b) + through(0 * a), through(a) + through(b)
        if np.abs(both - apart).max() <= 1e-4 * max(np.abs(both).max(), 1e-3):
            result.fail(
                _("build_convnet: {layer} must be followed by an activation.").format(
                    layer=_layers()[number - 1][0]
                ),
                expected=_('activation="relu"'),
                got=_("none: two such layers in a row are worth a single one"),
            )
        unbiased = not np.any(layer.get_weights()[1])
        if unbiased and _bends(through(a), through(2 * a)):
            curves = [getattr(part, "activation", None) for part in (layer, *after)]
            names = [getattr(curve, "__name__", "linear") for curve in curves]
            names = [name for name in names if name != "linear"]
            result.fail(
                _("build_convnet: {layer} must be followed by ReLU.").format(
                    layer=_layers()[number - 1][0]
                ),
                expected=_('activation="relu"'),
                got=", ".join(names) or _("another curve"),
            )


def _rate(layer):
    """The rate of a dropout layer; 0 if it is of the learner's own make and does not tell."""
    with contextlib.suppress(Exception):
        return float(layer.get_config()["rate"])
    return 0.0


def _demand_dropout(result, model, images, Y, blocks):
    """Demand dropout while training, not otherwise, and not on the ten outputs."""
    with silence():
        trained = [np.asarray(model(images, training=True)) for _time in range(2)]
        again = np.asarray(model(images, training=False))
    if not np.allclose(Y, again, atol=1e-6):
        result.fail(
            _("build_convnet must return a model that always gives the same when not training."),
            hint=_("do not call a dropout layer with training=True yourself."),
        )
    if not np.isfinite(trained[0]).all() or np.array_equal(trained[0], trained[1]):
        result.fail(
            _("build_convnet must return a model with dropout while it is training."),
            expected=_("with training=True, another result each time"),
            got=_("the same result twice"),
            hint=_("Dropout(0.25) stands after the dense layer of 200 neurons."),
        )
    dropouts = [layer for layer in _flat(model) if type(layer).__name__ == "Dropout"]
    rates = [_rate(layer) for layer in dropouts]
    if rates and max(rates) > 0.5:
        result.fail(
            _("build_convnet must have the dropout of the table."),
            expected=_("a rate of 0.25"),
            got=_("a rate of {rate:g}").format(rate=max(rates)),
            hint=_("the rate is the share that is silenced, not the share that is kept."),
        )
    if blocks and any("Dropout" in type(layer).__name__ for layer in blocks[-1][1]):
        result.fail(
            _("build_convnet must have its dropout before the last layer, not after it."),
            hint=_("whoever silences outputs silences the right answer, too."),
        )
    if blocks and not any("Dropout" in type(layer).__name__ for layer in blocks[-2][1]):
        result.fail(
            _("build_convnet must have dropout between the two dense layers."),
            expected=_("a Dropout layer after the 200 neurons"),
            got=_("dropout elsewhere only"),
        )


# The challenge ------------------------------------------------------------------------------------


def challenge(answer, seed=0):
    """Nothing -> the path of a saved .keras file; prints what it is worth on validation digits."""
    model = saved_network(answer)
    images, labels = digits.load("embedded").validation
    plain, shifted = accuracies(model, images, labels)
    message = _(
        "A network with {count:,} parameters. It reads {plain:.1%} of the {n} validation digits, "
        "and {shifted:.1%} of them shifted by a pixel: on such digits, about {points} of {most} "
        "points; the grader uses others."
    )
    print(
        message.format(
            count=model.count_params(),
            plain=plain,
            n=len(labels),
            shifted=shifted,
            points=points_for(min(plain, shifted)),
            most=len(STEPS),
        )
    )


def saved_network(answer):
    """The network that the answer's path leads to, or the reason why it cannot be judged."""
    attempt = Attempt(answer, "challenge()")
    result = attempt.call()
    value = result.value
    if value is None:
        result.array((), "")  # says that nothing was returned
    if not isinstance(value, str | Path):
        result.fail(
            _("challenge must return the path of a saved network."),
            expected=_('a path such as "challenge.keras", when called as challenge()'),
            got=_kind(value),
            hint=_("save the network in another cell, and return only where it lies."),
        )
    path = Path(value)
    if not path.is_file():
        raise Unsolved(
            "challenge",
            _(
                "challenge is not solved yet: there is no file where it points.\n"
                "  got:      {kind} {path!r}\n"
                "Hint: train a network in another cell, save it there with model.save, and hand "
                "the file in together with the notebook."
            ).format(kind=type(value).__name__, path=str(value)),
        )
    return _load(result, path)


def _load(result, path):
    from course.backend import keras

    refuse = result.fail
    if path.stat().st_size > _LARGEST_FILE:
        refuse(
            _("challenge must point to a file of at most 8 MB."),
            got=_("{size:.1f} MB").format(size=path.stat().st_size / 1e6),
            hint=_("250,000 parameters need 1 MB, and three times that with their optimiser."),
        )
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            config = archive.read("config.json") if unpacked < 2 * _LARGEST_FILE else b""
        settings = json.loads(config)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        refuse(
            _("challenge must point to a network that Keras saved."),
            got=_("a file that is none, or is damaged: {name}").format(name=path.name),
            hint=_("a model's save writes one; the name must end in .keras."),
        )
    foreign = _foreign(settings)
    if foreign or len(config) > _LARGEST_CONFIG:
        refuse(
            _("challenge must point to a network made of Keras's own layers alone."),
            got=foreign or _("settings with {size:,} characters").format(size=len(config)),
            hint=_("no Lambda, no classes of your own, no tables of constants."),
        )
    try:
        with silence():
            model = keras.models.load_model(path, compile=False, safe_mode=True)
            count = model.count_params()
    except Exception as error:
        refuse(
            _("challenge must point to a network that Keras can load in safe mode."),
            got=f"{type(error).__name__}: {_first_line(error)}",
            hint=_("build it from Keras's own layers, without Lambda, and save the whole model."),
        )
    if count > MOST_PARAMETERS:
        refuse(
            _("challenge must point to a network with at most 250,000 parameters."),
            expected=_("at most {count:,}").format(count=MOST_PARAMETERS),
            got=f"{count:,}",
            hint=_("most of them stand in the first dense layer: hand fewer numbers to it."),
        )
    _demand_digits(result, model)
    return model


def _foreign(settings):
    """The first thing in a saved network's settings that is not Keras's own, or None."""
    if isinstance(settings, list):
        return next((found for item in settings if (found := _foreign(item))), None)
    if not isinstance(settings, dict):
        return None
    kind = settings.get("class_name")
    if "module" in settings and "config" in settings:
        module = settings["module"] or ""
        if kind in _OUTSIDE or module.split(".")[0] != "keras":
            return f"{kind} ({settings.get('registered_name') or module})"
    if kind in ("__lambda__", "__tensor__", "__numpy__"):
        return kind.strip("_")
    return next((found for item in settings.values() if (found := _foreign(item))), None)


def _demand_digits(result, model):
    """Demand that the network takes digits and gives ten values for each."""
    expected = _("(28, 28, 1) or (28, 28) in, 10 out")
    try:
        shapes = tuple(model.input_shape[1:]), tuple(model.output_shape[1:])
    except (AttributeError, TypeError, ValueError, IndexError):
        shapes = None
    if not shapes or shapes[0] not in ((28, 28, 1), (28, 28)) or shapes[1] != (10,):
        result.fail(
            _("challenge must point to a network that reads digits."),
            expected=expected,
            got=_("{input} in, {output} out").format(input=shapes[0], output=shapes[1])
            if shapes
            else _("no shapes at all"),
            hint=_("start with keras.Input((28, 28, 1)) and end with ten neurons."),
        )


def accuracies(model, images, labels):
    """The share read rightly: of these digits, and of their copies shifted by a pixel.

    images uint8 (n, 28, 28), labels (n,). The copies are shifted up, down, left and right.
    """
    plain = _read(model, images) == labels
    copies = [np.roll(images, step, axis) for axis in (1, 2) for step in (-1, 1)]
    shifted = [_read(model, copy) == labels for copy in copies]
    return float(plain.mean()), float(np.mean(shifted))


def _read(model, images):
    """The digits that the network takes the images for."""
    X = images.reshape(-1, *model.input_shape[1:]).astype(np.float32) / 255
    with silence():
        answers = [
            np.asarray(model(X[start : start + 500], training=False))
            for start in range(0, len(X), 500)
        ]
    return np.concatenate(answers).argmax(axis=1)


def points_for(accuracy):
    """The points that this accuracy earns."""
    return sum(accuracy >= step for step in STEPS)
