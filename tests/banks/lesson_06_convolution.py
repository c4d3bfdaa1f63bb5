"""What learners write in lesson 6. `WRONG` says what the failure must hold."""

import math
import os
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from course import digits, networks

from . import keras_answers

layers = keras.layers


# convolve -----------------------------------------------------------------------------------------


def loop_convolve(image, filters, stride=1, *, flip=False, mode="constant", before=None):
    """Loops over places; the options make the usual mistakes."""
    h, w, _channels = image.shape
    kh, kw, _channels, out = filters.shape
    if flip:
        filters = filters[::-1, ::-1]
    rows, columns = math.ceil(h / stride), math.ceil(w / stride)
    down = max((rows - 1) * stride + kh - h, 0)
    right = max((columns - 1) * stride + kw - w, 0)
    top, left = (down // 2, right // 2) if before is None else before(down, right)
    padded = np.pad(image, ((top, down - top), (left, right - left), (0, 0)), mode=mode)
    result = np.zeros((rows, columns, out))
    for i in range(rows):
        for j in range(columns):
            window = padded[i * stride : i * stride + kh, j * stride : j * stride + kw]
            for o in range(out):
                result[i, j, o] = (window * filters[..., o]).sum()
    return result


def convolve_with_zeros(zeros):
    """Loops over places; `zeros` gives how many there are along an axis: h, w, kh, kw, stride."""

    def answer(image, filters, stride=1):
        (h, w, _channels), (kh, kw, _channels, out) = image.shape, filters.shape
        padded = np.pad(image, (*zeros(h, w, kh, kw, stride), (0, 0)))
        result = np.zeros((math.ceil(h / stride), math.ceil(w / stride), out), np.float32)
        for i, j in np.ndindex(result.shape[:2]):
            window = padded[i * stride : i * stride + kh, j * stride : j * stride + kw]
            result[i, j] = np.tensordot(window, filters, axes=3)
        return result

    return answer


def zeros_of_one_size(sizes_of, is_cut=False):
    """Loops over places; the zeros are those for a filter of the sizes_of(kh, kw)."""

    def answer(image, filters, stride=1):
        (h, w, _channels), (kh, kw, _channels, out) = image.shape, filters.shape
        down, across = sizes_of(kh, kw)
        padded = np.pad(image, (both_sides(h, down, stride), both_sides(w, across, stride), (0, 0)))
        result = np.zeros((math.ceil(h / stride), math.ceil(w / stride), out))
        for i, j, o in np.ndindex(result.shape):
            window = padded[i * stride : i * stride + kh, j * stride : j * stride + kw]
            rows, columns = window.shape[:2] if is_cut else (kh, kw)
            result[i, j, o] = np.sum(window * filters[:rows, :columns, :, o])
        return result

    return answer


def both_sides(length, size, stride):
    count = max((math.ceil(length / stride) - 1) * stride + size - length, 0)
    return count // 2, count - count // 2


def tf_convolve(image, filters, stride=1):
    return tf.nn.conv2d(image[np.newaxis], filters, stride, "SAME")[0]


def strided_afterwards(image, filters, stride=1):
    everywhere = tf.nn.conv2d(image[np.newaxis], filters, 1, "SAME")[0]
    return everywhere[::stride, ::stride]


def scipy_convolve(image, filters, stride=1):
    """By correlate2d, channel by channel, on an image padded by hand."""
    import scipy.signal  # it takes seconds

    h, w, channels = image.shape
    kh, kw, _channels, out = filters.shape
    down = max((math.ceil(h / stride) - 1) * stride + kh - h, 0)
    right = max((math.ceil(w / stride) - 1) * stride + kw - w, 0)
    padded = np.pad(
        image, ((down // 2, down - down // 2), (right // 2, right - right // 2), (0, 0))
    )
    maps = [
        sum(
            scipy.signal.correlate2d(padded[..., c], filters[..., c, o], mode="valid")
            for c in range(channels)
        )
        for o in range(out)
    ]
    return np.stack(maps, axis=-1)[::stride, ::stride]


def list_convolve(image, filters, stride=1):
    return np.asarray(tf_convolve(image, filters, stride)).tolist()


def patches_convolve(image, filters, stride=1):
    kh, kw, channels, out = filters.shape
    patches = tf.image.extract_patches(
        tf.cast(image[np.newaxis], tf.float32),
        (1, kh, kw, 1),
        (1, stride, stride, 1),
        (1, 1, 1, 1),
        "SAME",
    )[0]
    return patches @ filters.reshape(kh * kw * channels, out)


def keras_layer_convolve(image, filters, stride=1):
    kh, kw, _channels, out = filters.shape
    layer = layers.Conv2D(out, (kh, kw), strides=stride, padding="same", use_bias=False)
    layer.build((None, *image.shape))
    layer.set_weights([filters])
    return layer(image[np.newaxis])[0]


def shifted_convolve(image, filters, stride=1):
    """One product of tables for each place of the filter."""
    h, w, _channels = image.shape
    kh, kw, _channels, out = filters.shape
    rows, columns = -(-h // stride), -(-w // stride)
    down = max((rows - 1) * stride + kh - h, 0)
    right = max((columns - 1) * stride + kw - w, 0)
    padded = np.zeros((h + down, w + right, image.shape[2]), np.float32)
    padded[down // 2 : down // 2 + h, right // 2 : right // 2 + w] = image
    result = np.zeros((rows, columns, out), np.float32)
    for a in range(kh):
        for b in range(kw):
            part = padded[a : a + stride * rows : stride, b : b + stride * columns : stride]
            result += part[:rows, :columns] @ filters[a, b]
    return result


def gradient_convolve(image, filters, stride=1):
    """Convolution is what the transposed convolution's gradient does."""
    rows, columns = (-(-side // stride) for side in image.shape[:2])
    with tf.GradientTape() as tape:
        places = tf.zeros((1, rows, columns, filters.shape[3]))
        tape.watch(places)
        spread = tf.nn.conv2d_transpose(places, filters, (1, *image.shape), stride, "SAME")
        total = tf.reduce_sum(spread * image)
    return tape.gradient(total, places)[0]


def overwriting_convolve(image, filters, stride=1):
    result = loop_convolve(image, filters, stride)
    image[0, 0] = 0
    return result


def changing_filters(image, filters, stride=1):
    filters[:] = filters[::-1, ::-1]
    return loop_convolve(image, filters, stride, flip=True)


def no_default(image, filters, stride):
    return tf_convolve(image, filters, stride)


def valid_convolve(image, filters, stride=1):
    kh, kw = filters.shape[:2]
    if image.shape[0] < kh or image.shape[1] < kw:
        return np.zeros((1, 1, filters.shape[3]))
    return tf.nn.conv2d(image[np.newaxis], filters, stride, "VALID")[0]


def symmetric_padding(image, filters, stride=1):
    """The same number of zeros on every side, as other libraries pad."""
    kh, kw = filters.shape[:2]
    padded = np.pad(image, ((kh // 2, kh // 2), (kw // 2, kw // 2), (0, 0)))
    full = tf.nn.conv2d(padded[np.newaxis].astype(np.float32), filters, stride, "VALID")[0]
    h, w = image.shape[:2]
    return full[: math.ceil(h / stride), : math.ceil(w / stride)]


def square_only(image, filters, stride=1):
    if image.shape[0] != image.shape[1]:
        image = np.resize(image, (image.shape[0], image.shape[0], image.shape[2]))
    return tf_convolve(image, filters, stride)


def typed_as_the_image(image, filters, stride=1):
    result = np.zeros(np.shape(loop_convolve(image, filters, stride)), image.dtype)
    result[...] = loop_convolve(image, filters, stride)
    return result


def stride_for_the_padding_only(image, filters, stride=1):
    h, w, _channels = image.shape
    kh, kw, _channels, _out = filters.shape
    rows, columns = -(-h // stride), -(-w // stride)
    down = max((rows - 1) * stride + kh - h, 0)
    right = max((columns - 1) * stride + kw - w, 0)
    padded = np.pad(image, ((down // 2, kh + down), (right // 2, kw + right), (0, 0)))
    return tf.nn.conv2d(padded[None], filters, 1, "VALID")[0, :rows, :columns]


def stride_not_across(image, filters, stride=1):
    (h, w, _channels), (kh, kw, _inputs, out) = image.shape, filters.shape
    rows, columns = -(-h // stride), -(-w // stride)
    down = max((rows - 1) * stride + kh - h, 0)
    right = max((columns - 1) * stride + kw - w, 0)
    margins = (down // 2, down - down // 2), (right // 2, right - right // 2)
    padded, result = np.pad(image, (*margins, (0, 0))), np.zeros((rows, columns, out))
    for i, j in np.ndindex(rows, columns):
        window = padded[i * stride : i * stride + kh, j : j + kw]
        result[i, j] = np.tensordot(window, filters, axes=3)
    return result


def height_and_width_exchanged(image, filters, stride=1):
    kw, kh, _channels, _out = filters.shape
    h, w, _channels = image.shape
    rows, columns = -(-h // stride), -(-w // stride)
    down = max((rows - 1) * stride + kh - h, 0)
    right = max((columns - 1) * stride + kw - w, 0)
    padded = np.pad(
        image, ((down // 2, down - down // 2), (right // 2, right - right // 2), (0, 0))
    )
    result = np.zeros((rows, columns, filters.shape[3]))
    for i in range(rows):
        for j in range(columns):
            window = padded[i * stride : i * stride + kh, j * stride : j * stride + kw]
            result[i, j] = (window[..., np.newaxis] * filters).sum(axis=(0, 1, 2))
    return result


def not_padded(image, filters, stride=1):
    height, width, _channels, count = filters.shape
    out = np.zeros((-(-image.shape[0] // stride), -(-image.shape[1] // stride), count))
    for y, x, k in np.ndindex(out.shape):
        top, left = y * stride, x * stride
        patch = image[top : top + height, left : left + width]
        out[y, x, k] = np.sum(patch * filters[..., k])
    return out


def one_filter_everywhere(image, filters, stride=1):
    result = np.zeros_like(loop_convolve(image, filters, stride))
    for number in range(filters.shape[3]):
        result[...] = loop_convolve(image, filters[..., [number]], stride)
    return result


def all_filters_everywhere(image, filters, stride=1):
    result = np.zeros_like(loop_convolve(image, filters, stride))
    for number in range(filters.shape[3]):
        result += loop_convolve(image, filters[..., [number]], stride)
    return result


def a_layer_for_the_filters_alone(image, filters, stride=1):
    layer = layers.Conv2D(filters.shape[3], filters.shape[:2], strides=stride, padding="same")
    layer.build(image[None].shape)
    layer.set_weights([filters])
    return layer(image[None])[0]


def square_filters(image, filters, stride=1):
    side = len(filters)
    padded = np.pad(image, ((side // 2, side), (side // 2, side), (0, 0)))
    result = np.zeros(
        (-(-image.shape[0] // stride), -(-image.shape[1] // stride), filters.shape[3])
    )
    for row, column in np.ndindex(result.shape[:2]):
        y, x = row * stride, column * stride
        result[row, column] = np.tensordot(padded[y : y + side, x : x + side], filters, axes=3)
    return result


def square_window(image, filters, stride=1):
    k, result = len(filters), loop_convolve(image, filters, stride)
    margins = [(k // 2, k - 1 - k // 2)] * 2
    padded = np.pad(image, (*margins, (0, 0)))
    for i, j in np.ndindex(result.shape[:2]):
        window = padded[i * stride : i * stride + k, j * stride : j * stride + k]
        result[i, j] = np.tensordot(window, filters, axes=3)
    return result


def convolve_in_inner_loops(image, filters, stride=1):
    """Each place is appended again for each filter."""
    rows = []
    for found in loop_convolve(image, filters, stride):
        row = []
        for values in found:
            place = []
            for value in values:
                place.append(value)
                row.append(place)
        rows.append(row)
    return np.array(rows)


def columns_of_the_rows(image, filters, stride=1):
    found = loop_convolve(image, filters, stride)
    result = np.zeros_like(found)
    for i in range(found.shape[0]):
        for j in range(found.shape[1]):
            result[i, j] = found[i, i]
    return result


def windows_as_slices_of_slices(product):
    """Loops over places; a window is a slice of a slice, and goes to product(window, filters)."""

    def answer(image, filters, stride=1):
        (h, w, _channels), (kh, kw, _channels, out) = image.shape, filters.shape
        rows, columns = math.ceil(h / stride), math.ceil(w / stride)
        down = max((rows - 1) * stride + kh - h, 0)
        across = max((columns - 1) * stride + kw - w, 0)
        halves = [(zeros // 2, zeros - zeros // 2) for zeros in (down, across)]
        padded = np.pad(image, (*halves, (0, 0)))
        result = np.zeros((rows, columns, out))
        for i, j in np.ndindex(rows, columns):
            window = padded[i * stride : i * stride + kh][j * stride : j * stride + kw]
            result[i, j] = product(window, filters)
        return result

    return answer


WRONG_CONVOLVE = {
    "slices of slices": (
        windows_as_slices_of_slices(lambda window, filters: np.tensordot(window, filters, 3)),
        "#rows-twice",
    ),
    "slices of slices, multiplied": (
        windows_as_slices_of_slices(
            lambda window, filters: (window[..., np.newaxis] * filters).sum((0, 1, 2))
        ),
        "#rows-twice",
    ),
    "slices of slices, by einsum": (
        windows_as_slices_of_slices(
            lambda window, filters: np.einsum("abc,abco->o", window, filters)
        ),
        "#rows-twice",
    ),
    "places appended in the inner loop": (convolve_in_inner_loops, "#appended-too-often"),
    "the row's number for the column's": (columns_of_the_rows, "#rows-for-columns"),
    "the last filter left out": (
        lambda *given: np.dstack(
            [loop_convolve(*given)[..., :-1], 0 * loop_convolve(*given)[..., -1]]
        ),
        "#last-wrong",
    ),
    "not padded": (not_padded, "#smaller-patch"),
    "all zeros behind": (
        lambda x, f, s=1: loop_convolve(x, f, s, before=lambda down, right: (0, 0)),
        "#all-zeros-behind",
    ),
    "the image's own type": (typed_as_the_image, "#dtype"),
    "stride for the padding only": (stride_for_the_padding_only, "#one-pixel-steps"),
    "no stride across": (stride_not_across, "#one-pixel-steps"),
    "stride for the size only": (
        lambda x, f, s=1: tf_convolve(x, f)[: -(-x.shape[0] // s), : -(-x.shape[1] // s)],
        "#cut-off",
    ),
    "height and width exchanged": (height_and_width_exchanged, "convolve"),
    "flipped": (lambda x, f, s=1: loop_convolve(x, f, s, flip=True), "#flipped"),
    "flipped, in bfloat16": (
        lambda x, f, s=1: tf.cast(tf_convolve(x, f[::-1, ::-1], s), tf.bfloat16),
        "#flipped",
    ),
    "flipped up and down only": (lambda x, f, s=1: tf_convolve(x, f[::-1], s), "#flipped-rows"),
    "SciPy's convolution": (
        lambda x, f, s=1: tf_convolve(x, f[::-1, ::-1].copy(), s),
        "#flipped",
    ),
    "edge padding": (lambda x, f, s=1: loop_convolve(x, f, s, mode="edge"), "#edge-padding"),
    "reflected padding": (
        lambda x, f, s=1: loop_convolve(
            x, f, s, mode="reflect" if min(x.shape[:2]) > 1 else "edge"
        ),
        "convolve",
    ),
    "wrapped padding": (lambda x, f, s=1: loop_convolve(x, f, s, mode="wrap"), "#wrapped-padding"),
    "padded with ones": (
        lambda x, f, s=1: (
            tf_convolve(np.ones_like(x), -f, s) + f.sum((0, 1, 2)) + tf_convolve(x, f, s)
        ),
        "#other-number",
    ),
    "the last filter in all channels": (one_filter_everywhere, "#last-filter-everywhere"),
    "all filters in each channel": (all_filters_everywhere, "#filters-added"),
    "random weights": (
        lambda x, f, s=1: layers.Conv2D(
            f.shape[3], f.shape[:2], strides=s, padding="same", use_bias=False
        )(x[None])[0],
        "#remembers",
    ),
    "a layer with biases, without theirs": (a_layer_for_the_filters_alone, "#arrays-of-layer"),
    "square filters": (square_filters, "#square-window"),
    "stride afterwards, in a line of its own": (strided_afterwards, "#stride-to-conv2d"),
    "stride afterwards": (lambda x, f, s=1: tf_convolve(x, f)[::s, ::s], "#padding-of-stride-1"),
    "stride ignored": (lambda x, f, s=1: tf_convolve(x, f), "#no-stride"),
    "always stride 2": (lambda x, f, s=1: tf_convolve(x, f, 2), "#unused-argument"),
    "no default stride": (no_default, "#call"),
    "valid": (valid_convolve, "#shape"),
    "odd zero at the top": (
        lambda x, f, s=1: loop_convolve(x, f, s, before=lambda a, b: (a - a // 2, b - b // 2)),
        "#odd-zero-first",
    ),
    "all zeros at the top": (
        lambda x, f, s=1: loop_convolve(x, f, s, before=lambda a, b: (a, b)),
        "#all-zeros-first",
    ),
    "all zeros at the bottom": (
        lambda x, f, s=1: loop_convolve(x, f, s, before=lambda a, b: (0, 0)),
        "#all-zeros-behind",
    ),
    "symmetric padding": (symmetric_padding, "#half-a-filter-each-side"),
    "first channel only": (
        lambda x, f, s=1: tf_convolve(x[..., :1], f[:, :, :1], s),
        "#one-channel",
    ),
    "mean of the channels": (
        lambda x, f, s=1: tf_convolve(x, f, s) / x.shape[2],
        "#mean-of-channels",
    ),
    "mean of the window": (
        lambda x, f, s=1: tf_convolve(x, f, s) / (f.shape[0] * f.shape[1]),
        "#mean",
    ),
    "ReLU": (lambda x, f, s=1: tf.nn.relu(tf_convolve(x, f, s)), "#ReLU"),
    "first filter only": (lambda x, f, s=1: tf_convolve(x, f[..., :1], s), "#first-filter-only"),
    "filters added up": (
        lambda x, f, s=1: tf.reduce_sum(tf_convolve(x, f, s), 2),
        "#filters-added",
    ),
    "batch axis left": (
        lambda x, f, s=1: tf.nn.conv2d(x[np.newaxis], f, s, "SAME"),
        "#batch-axis",
    ),
    "no last axis for one filter": (
        lambda x, f, s=1: tf_convolve(x, f, s) if f.shape[3] > 1 else tf_convolve(x, f, s)[..., 0],
        "#filter-axis",
    ),
    "channels first": (
        lambda x, f, s=1: tf.transpose(tf_convolve(x, f, s), (2, 0, 1)),
        "#channels-first",
    ),
    "filter transposed": (
        lambda x, f, s=1: tf_convolve(x, f.transpose(1, 0, 2, 3), s),
        "#filter-transposed",
    ),
    "channels exchanged": (
        lambda x, f, s=1: tf_convolve(
            x, f.transpose(0, 1, 3, 2) if f.shape[2] == f.shape[3] else f, s
        ),
        "#channels-exchanged",
    ),
    "floor in place of ceil": (
        lambda x, f, s=1: tf_convolve(x, f, s)[: x.shape[0] // s, : x.shape[1] // s],
        "#rounded-down",
    ),
    "image transposed": (
        lambda x, f, s=1: tf.transpose(tf_convolve(x, f, s), (1, 0, 2)),
        "#height-and-width",
    ),
    "square images only": (square_only, "#shape"),
    "whole numbers": (
        lambda x, f, s=1: np.asarray(tf_convolve(x, f, s)).astype(int),
        "#whole-numbers",
    ),
    "overwrites the image": (overwriting_convolve, "#changed-argument"),
    "turns the filters in place": (changing_filters, "#changed-argument"),
    "depthwise": (
        lambda x, f, s=1: tf.nn.depthwise_conv2d(x[None], f, (1, s, s, 1), "SAME")[0],
        "#one-channel",
    ),
    "stride across only": (
        lambda x, f, s=1: loop_convolve(x, f, 1)[:, ::s],
        "#one-way-stride",
    ),
    "strides down only": (
        lambda x, f, s=1: tf.nn.conv2d(x[None], f, (s, 1), "SAME")[0],
        "#one-way-stride",
    ),
    "the stride as dilations": (
        lambda x, f, s=1: tf.nn.conv2d(x[None], f, 1, "SAME", dilations=s)[0],
        "#dilated",
    ),
    "channels padded": (
        lambda x, f, s=1: tf.nn.conv2d(np.pad(x, 1)[None], f, s, "VALID")[0],
        "#channels-of-filters",
    ),
    "a square window": (square_window, "#window-shape"),
    "the zeros of a square filter": (
        convolve_with_zeros(
            lambda h, w, kh, kw, s: (both_sides(h, kh, s), both_sides(w, kh, s)),
        ),
        "#zeros-of-other-axis",
    ),
    "the zeros across of a filter's height": (
        zeros_of_one_size(lambda kh, kw: (kh, kh)),
        "#zeros-of-other-axis",
    ),
    "the zeros down of a filter's width": (
        zeros_of_one_size(lambda kh, kw: (kw, kw)),
        "#zeros-of-other-axis",
    ),
    "the zeros of its height, and filters cut": (
        zeros_of_one_size(lambda kh, kw: (kh, kh), is_cut=True),
        "#zeros-of-other-axis",
    ),
    "the zeros of its width, and filters cut": (
        zeros_of_one_size(lambda kh, kw: (kw, kw), is_cut=True),
        "#zeros-of-other-axis",
    ),
    "the zeros of the other axis": (
        convolve_with_zeros(
            lambda h, w, kh, kw, s: (both_sides(w, kw, s), both_sides(h, kh, s)),
        ),
        "#zeros-of-other-axis",
    ),
    "no zeros behind": (
        convolve_with_zeros(
            lambda h, w, kh, kw, s: ((both_sides(h, kh, s)[0], 0), (both_sides(w, kw, s)[0], 0)),
        ),
        "#no-zeros-behind",
    ),
}

RIGHT_CONVOLVE = {
    "TensorFlow": tf_convolve,
    "loops": loop_convolve,
    "SciPy": scipy_convolve,
    "nested lists": list_convolve,
    "patches": patches_convolve,
    "a Keras layer": keras_layer_convolve,
    "a place of the filter at a time": shifted_convolve,
    "keras.ops": lambda x, f, stride=1: keras.ops.conv(x[None], f, stride, "same")[0],
    "tf.nn.convolution": lambda x, f, stride=1: tf.nn.convolution(
        x[None], f, strides=stride, padding="SAME"
    )[0],
    "float64": lambda x, f, stride=1: loop_convolve(
        x.astype(np.float64), f.astype(np.float64), stride
    ),
    "turned twice": lambda x, f, stride=1: loop_convolve(x, f[::-1, ::-1], stride, flip=True),
    "graph": lambda x, f, stride=1: tf.function(tf_convolve)(x, f, stride),
    "bfloat16": lambda x, f, stride=1: tf_convolve(
        tf.cast(x, tf.bfloat16), tf.cast(f, tf.bfloat16), stride
    ),
    "the gradient of the transposed convolution": gradient_convolve,
}


# layer_shape_and_parameters -----------------------------------------------------------------------


def shape(h, w, i, k, o, s, p, *, rounding=math.ceil):
    lost = 0 if p == "same" else k - 1
    return (rounding((h - lost) / s), rounding((w - lost) / s), o)


def count(i, k, o):
    return k * k * i * o + o


def by_keras(h, w, i, k, o, s, p):
    layer = layers.Conv2D(o, k, strides=s, padding=p)
    layer.build((None, h, w, i))
    return layer.compute_output_shape((None, h, w, i))[1:], layer.count_params()


def by_counting(h, w, i, k, o, s, p):
    if p == "same":
        starts = len(range(0, h, s)), len(range(0, w, s))
    else:
        starts = len(range(0, h - k + 1, s)), len(range(0, w - k + 1, s))
    return [*starts, o], sum(k * k * i + 1 for _filter in range(o))


def valid_formula(h, w, i, k, o, s, p):
    if p == "valid":
        return ((h - k) // s + 1, (w - k) // s + 1, o), count(i, k, o)
    return ((h - 1) // s + 1, (w - 1) // s + 1, o), count(i, k, o)


WRONG_LAYER = {
    "the input channels twice": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, o, s, p), count(i, k, i) - i + o),
        "#channels-twice",
    ),
    "the height twice": (
        lambda h, w, i, k, o, s, p: (shape(h, h, i, k, o, s, p), count(i, k, o)),
        "#height-twice",
    ),
    "to the nearest": (
        lambda h, w, i, k, o, s, p: (
            (round(h / s), round(w / s), o) if p == "same" else shape(h, w, i, k, o, s, p),
            count(i, k, o),
        ),
        "#to-the-nearest",
    ),
    "no biases": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, o, s, p), k * k * i * o),
        "#no-biases",
    ),
    "one bias": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, o, s, p), k * k * i * o + 1),
        "#one-bias",
    ),
    "a bias for each input": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, o, s, p), k * k * i * o + i),
        "#bias-per-input-channel",
    ),
    "a bias for each weight of a filter": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, o, s, p), k * k * (i + 1) * o),
        "#bias-per-weight",
    ),
    "neither of the paddings": (
        lambda *a: ((0, 0, a[4]), count(a[2], a[3], a[4])),
        "#neither-padding",
    ),
    "a bias for each pair": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, o, s, p), k * k * i * o + i * o),
        "#bias-per-input-channel",
    ),
    "floor for ceil": (
        lambda *a: (shape(*a, rounding=math.floor), count(a[2], a[3], a[4])),
        "#rounded-down",
    ),
    "floor with same only": (
        lambda h, w, i, k, o, s, p: (
            (h // s, w // s, o) if p == "same" else shape(h, w, i, k, o, s, p),
            count(i, k, o),
        ),
        "#rounded-down-same",
    ),
    "one too many": (
        lambda h, w, i, k, o, s, p: (
            (h // s + 1, w // s + 1, o) if p == "same" else shape(h, w, i, k, o, s, p),
            count(i, k, o),
        ),
        "#always-one-more",
    ),
    "one too few": (
        lambda h, w, i, k, o, s, p: (
            ((h - k) // s, (w - k) // s, o) if p == "valid" else shape(h, w, i, k, o, s, p),
            count(i, k, o),
        ),
        "#steps-between",
    ),
    "fractions": (
        lambda h, w, i, k, o, s, p: (
            ((h - k) / s + 1, (w - k) / s + 1, o) if p == "valid" else (h / s, w / s, o),
            count(i, k, o),
        ),
        "#rounded-down-same",
    ),
    "rounded": (
        lambda *a: (shape(*a, rounding=round), count(a[2], a[3], a[4])),
        "#to-the-nearest",
    ),
    "always same": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, o, s, "same"), count(i, k, o)),
        "#padded",
    ),
    "always valid": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, o, s, "valid"), count(i, k, o)),
        "#not-padded",
    ),
    "stride ignored": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, o, 1, p), count(i, k, o)),
        "#stride-ignored",
    ),
    "stride before the window": (
        lambda h, w, i, k, o, s, p: (
            (math.ceil(h / s), math.ceil(w / s), o)
            if p == "same"
            else (math.ceil(h / s) - k + 1, math.ceil(w / s) - k + 1, o),
            count(i, k, o),
        ),
        "#stride-first",
    ),
    "width first": (
        lambda h, w, i, k, o, s, p: (shape(w, h, i, k, o, s, p), count(i, k, o)),
        "#height-and-width",
    ),
    "channels first": (
        lambda h, w, i, k, o, s, p: (
            (o, *shape(h, w, i, k, o, s, p)[:2]),
            count(i, k, o),
        ),
        "#channels-first",
    ),
    "input channels kept": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, i, s, p), count(i, k, o)),
        "#input-channels",
    ),
    "all places counted": (
        lambda h, w, i, k, o, s, p: (
            shape(h, w, i, k, o, s, p),
            count(i, k, o) * math.prod(shape(h, w, i, k, o, s, p)[:2]),
        ),
        "#every-place",
    ),
    "a dense layer": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, o, s, p), (h * w * i + 1) * o),
        "#dense",
    ),
    "kernel not squared": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, o, s, p), k * i * o + o),
        "#flat-kernel",
    ),
    "input channels forgotten": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, o, s, p), k * k * o + o),
        "#no-input-channels",
    ),
    "one filter": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, o, s, p), k * k * i + 1),
        "#one-filter",
    ),
    "one too many parameters": (
        lambda h, w, i, k, o, s, p: (shape(h, w, i, k, o, s, p), count(i, k, o) + 1),
        "#difference",
    ),
    "the shape only": (lambda *a: shape(*a), "#return-parts"),
    "flat": (lambda *a: (*shape(*a), count(a[2], a[3], a[4])), "#return-parts"),
    "the other order": (lambda *a: (count(a[2], a[3], a[4]), shape(*a)), "#exchanged-parts"),
    "square": (
        lambda *a: ((shape(*a)[0], shape(*a)[0], a[4]), count(a[2], a[3], a[4])),
        "#height-twice",
    ),
    "with the batch": (
        lambda *a: ((None, *shape(*a)), count(a[2], a[3], a[4])),
        "#none-inside",
    ),
    "padding upside down": (
        lambda h, w, i, k, o, s, p: (
            shape(h, w, i, k, o, s, "valid" if p == "same" else "same"),
            count(i, k, o),
        ),
        "#paddings-exchanged",
    ),
}

RIGHT_LAYER = {
    "formula": lambda *a: (shape(*a), count(a[2], a[3], a[4])),
    "Keras": by_keras,
    "counting": by_counting,
    "whole division": valid_formula,
    "ceil of NumPy": lambda h, w, i, k, o, s, p: (
        (
            np.ceil((h - (k - 1) * (p == "valid")) / s),
            np.ceil((w - (k - 1) * (p == "valid")) / s),
            o,
        ),
        float(count(i, k, o)),
    ),
    "an array": lambda *a: (np.array(shape(*a)), np.int64(count(a[2], a[3], a[4]))),
    "a tensor": lambda *a: [tf.constant(shape(*a)), tf.constant(count(a[2], a[3], a[4]))],
    "TensorFlow's shape": lambda *a: (tf.TensorShape(shape(*a)), count(a[2], a[3], a[4])),
    "minus minus": lambda h, w, i, k, o, s, p: (
        (
            -(-(h - (0 if p == "same" else k - 1)) // s),
            -(-(w - (0 if p == "same" else k - 1)) // s),
            o,
        ),
        o * (k**2 * i + 1),
    ),
}


# max_pool -----------------------------------------------------------------------------------------


def loop_pool(image):
    h, w, c = image.shape
    return [
        [
            [max(image[2 * i + a, 2 * j + b, k] for a in (0, 1) for b in (0, 1)) for k in range(c)]
            for j in range(w // 2)
        ]
        for i in range(h // 2)
    ]


def blocks(x):
    h, w, c = x.shape
    return x.reshape(h // 2, 2, w // 2, 2, c)


def from_zero(image):
    h, w, c = image.shape
    result = np.zeros((h // 2, w // 2, c))
    for a in (0, 1):
        for b in (0, 1):
            result = np.maximum(result, image[a::2, b::2])
    return result


def overwriting_pool(image):
    image[::2] = np.maximum(image[::2], image[1::2])
    return np.maximum(image[::2, ::2], image[::2, 1::2])


def too_short_a_slice(image):
    h, w, c = image.shape
    result = np.zeros((h // 2, w // 2, c))
    for i, j in np.ndindex(h // 2, w // 2):
        result[i, j] = image[2 * i : 2 * i + 1, 2 * j : 2 * j + 1].max(axis=(0, 1))
    return result


def indices_exchanged(image):
    h, w, c = image.shape
    result = np.zeros((h // 2, w // 2, c))
    for i in range(h // 2):
        for j in range(w // 2):
            result[j, i] = image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max(axis=(0, 1))
    return result


def pooled_in_the_inner_loop(image):
    rows = []
    for i in range(0, image.shape[0], 2):
        row = []
        for j in range(0, image.shape[1], 2):
            row.append(image[i : i + 2, j : j + 2].max(axis=(0, 1)))
            rows.append(row)
    return np.array(rows)


def as_many_blocks_across(image):
    count = image.shape[0] // 2
    result = np.zeros((count, count, image.shape[2]))
    for i in range(count):
        for j in range(count):
            result[i, j] = image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max(axis=(0, 1))
    return result


def pooled_by_slices_of_slices(image):
    top = np.maximum(image[0::2][0::2], image[0::2][1::2])
    bottom = np.maximum(image[1::2][0::2], image[1::2][1::2])
    return np.maximum(top, bottom)


def stacked_slices_of_slices(image):
    return np.max([image[::2][::2], image[::2][1::2], image[1::2][::2], image[1::2][1::2]], axis=0)


def blocks_of_slices_of_slices(image):
    h, w, c = image.shape
    result = np.zeros((h // 2, w // 2, c), image.dtype)
    for i, j in np.ndindex(h // 2, w // 2):
        result[i, j] = image[2 * i : 2 * i + 2][2 * j : 2 * j + 2].max(axis=(0, 1))
    return result


def blocks_by_tensorflow(image):
    h, w, _channels = image.shape
    rows = [
        [tf.reduce_max(image[i : i + 2][j : j + 2], axis=(0, 1)) for j in range(0, w, 2)]
        for i in range(0, h, 2)
    ]
    return tf.stack([tf.stack(row) for row in rows])


WRONG_POOL = {
    "slices of slices": (pooled_by_slices_of_slices, "#rows-twice"),
    "slices of slices, in one array": (stacked_slices_of_slices, "#rows-twice"),
    "blocks as slices of slices": (blocks_of_slices_of_slices, "#rows-twice"),
    "blocks as slices of slices, by TensorFlow": (blocks_by_tensorflow, "#rows-twice"),
    "rows appended in the inner loop": (pooled_in_the_inner_loop, "#appended-too-often"),
    "as many blocks across as down": (as_many_blocks_across, "#rows-for-columns"),
    "too short a slice": (too_short_a_slice, "#top-left-only"),
    "two indices exchanged": (indices_exchanged, "#place-written-to"),
    "mean": (lambda x: blocks(x).mean(axis=(1, 3)), "#mean"),
    "mean, in bfloat16": (lambda x: tf.cast(blocks(x).mean(axis=(1, 3)), tf.bfloat16), "#mean"),
    "sum": (lambda x: blocks(x).sum(axis=(1, 3)), "#sum"),
    "smallest": (lambda x: blocks(x).min(axis=(1, 3)), "#smallest"),
    "from zero": (from_zero, "#from-zero"),
    "ReLU first": (lambda x: blocks(np.maximum(x, 0)).max(axis=(1, 3)), "#from-zero"),
    "absolute": (lambda x: np.abs(blocks(x)).max(axis=(1, 3)), "#largest-size"),
    "stride 1": (
        lambda x: tf.nn.max_pool2d(x[None], 2, 1, "VALID")[0],
        "#overlapping",
    ),
    "across channels": (lambda x: blocks(x).max(axis=(1, 3, 4)), "#mixed-channels"),
    "across channels, kept": (
        lambda x: blocks(x).max(axis=(1, 3, 4), keepdims=True)[:, 0, :, 0],
        "#mixed-channels",
    ),
    "across channels, spread": (
        lambda x: np.repeat(blocks(x).max(axis=(1, 3, 4))[..., np.newaxis], x.shape[2], axis=2),
        "#mixed-channels",
    ),
    "top left": (lambda x: x[::2, ::2], "#top-left-only"),
    "bottom right": (lambda x: x[1::2, 1::2], "#bottom-right-only"),
    "the diagonal": (lambda x: np.maximum(x[::2, ::2], x[1::2, 1::2]), "#diagonal-only"),
    "rows only": (lambda x: np.maximum(x[::2], x[1::2]), "#rows-only"),
    "columns only": (lambda x: np.maximum(x[:, ::2], x[:, 1::2]), "#columns-only"),
    "all blocks in a row": (
        lambda x: blocks(x).max(axis=(1, 3)).reshape(-1, x.shape[2]),
        "#blocks-in-a-row",
    ),
    "halves": (
        lambda x: x.reshape(2, len(x) // 2, 2, x.shape[1] // 2, x.shape[2]).max(axis=(0, 2)),
        "#halves",
    ),
    "global": (lambda x: x.max(axis=(0, 1)), "#whole-image"),
    "everything": (lambda x: x.max(), "#whole-image"),
    "batch axis left": (lambda x: tf.nn.max_pool2d(x[None], 2, 2, "VALID"), "#batch-axis"),
    "3 by 3": (lambda x: tf.nn.max_pool2d(x[None], 3, 2, "SAME")[0], "#window-of-3"),
    "blocks of four": (lambda x: tf.nn.max_pool2d(x[None], 4, 4, "SAME")[0], "#shape"),
    "transposed": (lambda x: blocks(x).max(axis=(1, 3)).transpose(1, 0, 2), "#exchanged-axes"),
    "wrong reshape": (
        lambda x: x.reshape(x.shape[0] // 2, x.shape[1] // 2, 4, x.shape[2]).max(axis=2),
        "#four-in-a-row",
    ),
    "wrong reshape to blocks": (
        lambda x: x.reshape(x.shape[0] // 2, x.shape[1] // 2, 2, 2, -1).max(axis=(2, 3)),
        "#four-in-a-row",
    ),
    "three of four": (
        lambda x: np.maximum.reduce([x[::2, ::2], x[1::2, ::2], x[1::2, 1::2]]),
        "#no-top-right",
    ),
    "28 by 28 only": (lambda x: np.resize(x, (28, 28, x.shape[2]))[::2, ::2], "#shape"),
    "one channel only": (lambda x: blocks(x[..., :1]).max(axis=(1, 3)), "#first-channel-only"),
    "whole numbers": (lambda x: blocks(x).max(axis=(1, 3)).astype(int), "#whole-numbers"),
    "bytes": (lambda x: blocks(x.astype(np.uint8)).max(axis=(1, 3)), "max_pool must"),
    "overwrites": (overwriting_pool, "#changed-argument"),
    "diagonal": (lambda x: np.maximum(x[::2, ::2], x[1::2, 1::2]), "#diagonal-only"),
    "the other diagonal": (lambda x: np.maximum(x[::2, 1::2], x[1::2, ::2]), "#diagonal-only"),
    "sorted": (lambda x: np.sort(blocks(x), axis=1)[:, -1, :, 0], "#left-column-only"),
}

RIGHT_POOL = {
    "TensorFlow": lambda x: tf.nn.max_pool2d(x[None], 2, 2, "VALID")[0],
    "reshape": lambda x: blocks(x).max(axis=(1, 3)),
    "four slices": lambda x: np.maximum.reduce([x[a::2, b::2] for a in (0, 1) for b in (0, 1)]),
    "loops": loop_pool,
    "Keras layer": lambda x: layers.MaxPooling2D()(x[None])[0],
    "keras.ops": lambda x: keras.ops.max_pool(x[None], 2)[0],
    "tensors": lambda x: tf.reduce_max(
        tf.reshape(x, (x.shape[0] // 2, 2, x.shape[1] // 2, 2, -1)), axis=(1, 3)
    ),
    "rows, then columns": lambda x: np.maximum(
        np.maximum(x[::2], x[1::2])[:, ::2], np.maximum(x[::2], x[1::2])[:, 1::2]
    ),
    "float64": lambda x: blocks(x.astype(np.float64)).max(axis=3).max(axis=1),
    "minus the smallest of minus": lambda x: -blocks(-x).min(axis=(1, 3)),
    "half precision": lambda x: blocks(x).max(axis=(1, 3)).astype(np.float16),
    "bfloat16": lambda x: tf.cast(blocks(x).max(axis=(1, 3)), tf.bfloat16),
    "reduceat": lambda x: np.maximum.reduceat(
        np.maximum.reduceat(x, range(0, len(x), 2), axis=0), range(0, x.shape[1], 2), axis=1
    ),
}


# batch_norm ---------------------------------------------------------------------------------------


def normalise(
    x,
    gamma,
    beta,
    running_mean,
    running_variance,
    training,
    momentum=0.9,
    epsilon=1e-5,
    *,
    axis=0,
    ddof=0,
    center=True,
):
    mean, variance = running_mean, running_variance
    if training:
        mean, variance = x.mean(axis=axis), x.var(axis=axis, ddof=ddof)
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_variance = momentum * running_variance + (1 - momentum) * variance
    y = gamma * (x - mean) / np.sqrt(variance + epsilon) + beta
    return y, running_mean, running_variance


def tf_normalise(x, gamma, beta, mean, variance, training, momentum=0.9, epsilon=1e-5):
    if training:
        m, v = tf.nn.moments(x, axes=[0])
        y = tf.nn.batch_normalization(x, m, v, beta, gamma, epsilon)
        mean = momentum * mean + (1 - momentum) * m
        variance = momentum * variance + (1 - momentum) * v
        return y, mean, variance
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, epsilon), mean, variance


def keras_normalise(x, gamma, beta, mean, variance, training, momentum=0.9, epsilon=1e-5):
    layer = layers.BatchNormalization(momentum=momentum, epsilon=epsilon)
    layer.build(x.shape)
    layer.set_weights([gamma, beta, mean, variance])
    y = layer(x, training=training)
    return y, layer.moving_mean, layer.moving_variance


def loop_normalise(x, gamma, beta, mean, variance, training, momentum=0.9, epsilon=1e-5):
    n, d = x.shape
    y, means, variances = np.zeros((n, d)), list(mean), list(variance)
    for j in range(d):
        column = [float(value) for value in x[:, j]]
        m, v = float(mean[j]), float(variance[j])
        if training:
            m = sum(column) / n
            v = sum((value - m) ** 2 for value in column) / n
            means[j] = momentum * mean[j] + (1 - momentum) * m
            variances[j] = momentum * variance[j] + (1 - momentum) * v
        for i in range(n):
            y[i, j] = gamma[j] * (column[i] - m) / math.sqrt(v + epsilon) + beta[j]
    return y.tolist(), means, variances


def stepping(x, gamma, beta, mean, variance, training, momentum=0.9, epsilon=1e-5):
    """Running values as a step towards the batch's."""
    x = x.astype(np.float64)
    if not training:
        return (x - mean) * (gamma / np.sqrt(variance + epsilon)) + beta, mean, variance
    m = np.mean(x, 0)
    v = np.mean((x - m) ** 2, 0)
    scale = gamma * (v + epsilon) ** -0.5
    return [
        x * scale + (beta - m * scale),
        mean + (1 - momentum) * (m - mean),
        variance + (1 - momentum) * (v - variance),
    ]


def changed(part):
    """batch_norm with one part of the calculation replaced."""

    def answer(x, gamma, beta, mean, variance, training, momentum=0.9, epsilon=1e-5):
        m, v = (x.mean(axis=0), x.var(axis=0)) if training else (mean, variance)
        names = {
            "x": x,
            "g": gamma,
            "b": beta,
            "m": m,
            "v": v,
            "rm": mean,
            "rv": variance,
            "t": training,
            "k": momentum,
            "e": epsilon,
        }
        keep = momentum if training else 1
        result = {
            "y": gamma * (x - m) / np.sqrt(v + epsilon) + beta,
            "mean": keep * mean + (1 - keep) * m,
            "variance": keep * variance + (1 - keep) * v,
        }
        with np.errstate(all="ignore"):
            result |= part(**names)
        return result["y"], result["mean"], result["variance"]

    return answer


def in_place(x, gamma, beta, mean, variance, training, momentum=0.9, epsilon=1e-5):
    if training:
        mean *= momentum
        mean += (1 - momentum) * x.mean(axis=0)
    return normalise(x, gamma, beta, mean, variance, training, momentum, epsilon)


def centring_in_place(x, gamma, beta, mean, variance, training, momentum=0.9, epsilon=1e-5):
    result = normalise(x, gamma, beta, mean, variance, training, momentum, epsilon)
    x -= x.mean(axis=0)
    return result


def updated_first(x, gamma, beta, mean, variance, training, momentum=0.9, epsilon=1e-5):
    _y, mean, variance = normalise(x, gamma, beta, mean, variance, training, momentum, epsilon)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta, mean, variance


def deviation_throughout(x, gamma, beta, mean, variance, training, momentum=0.9, epsilon=1e-5):
    m, v = (x.mean(axis=0), x.std(axis=0)) if training else (mean, variance)
    keep = momentum if training else 1
    y = gamma * (x - m) / (v + epsilon) + beta
    return y, keep * mean + (1 - keep) * m, keep * variance + (1 - keep) * v


def around_the_new_mean(x, gamma, beta, mean, variance, training, momentum=0.9, epsilon=1e-5):
    if not training:
        return normalise(x, gamma, beta, mean, variance, training, momentum, epsilon)
    new_mean = momentum * mean + (1 - momentum) * x.mean(axis=0)
    spread = np.mean((x - new_mean) ** 2, axis=0)
    y = gamma * (x - x.mean(axis=0)) / np.sqrt(spread + epsilon) + beta
    return y, new_mean, momentum * variance + (1 - momentum) * spread


def mean_in_the_copied_line(x, gamma, beta, mean, variance, training, momentum=0.9, epsilon=1e-5):
    y, new_mean, new_variance = normalise(
        x, gamma, beta, mean, variance, training, momentum, epsilon
    )
    if training:
        new_variance = momentum * variance + (1 - momentum) * x.mean(axis=0)
    return y, new_mean, new_variance


WRONG_NORM = {
    "the mean in a copied line": (mean_in_the_copied_line, "#mean-for-variance"),
    "around the new mean": (around_the_new_mean, "#around-running-mean"),
    "a running deviation": (
        lambda *a: (lambda y, m, v: (y, m, np.sqrt(v)))(*normalise(*a)),
        "#deviation-for-variance",
    ),
    "wrong axis when square": (
        lambda x, *a: (
            normalise(x, *a) if len(x) != x.shape[1] or not a[4] else normalise(x, *a, axis=1)
        ),
        "batch_norm must",
    ),
    "wrong axis": (lambda x, *a: normalise(x, *a, axis=1), "#shape"),
    "wrong axis, kept": (
        changed(
            lambda x, g, b, e, t, m, v, **_: {
                "y": g * (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + e) + b
                if t
                else g * (x - m) / np.sqrt(v + e) + b
            }
        ),
        "#axis",
    ),
    "over everything": (
        changed(
            lambda x, g, b, e, t, m, v, **_: {
                "y": g * (x - x.mean()) / np.sqrt(x.var() + e) + b
                if t
                else g * (x - m) / np.sqrt(v + e) + b
            }
        ),
        "#no-axis",
    ),
    "epsilon outside the root": (
        changed(lambda x, g, b, e, m, v, **_: {"y": g * (x - m) / (np.sqrt(v) + e) + b}),
        "#epsilon-outside",
    ),
    "epsilon outside the brackets": (
        changed(lambda x, g, b, e, m, v, **_: {"y": g * (x - m) / np.sqrt(v) + e + b}),
        "#epsilon-outside",
    ),
    "no brackets": (
        changed(lambda x, g, b, e, m, v, **_: {"y": g * x - m / np.sqrt(v + e) + b}),
        "#no-brackets",
    ),
    "no brackets inside gamma's": (
        changed(lambda x, g, b, e, m, v, **_: {"y": g * (x - m / np.sqrt(v + e)) + b}),
        "#no-brackets",
    ),
    "the power before the division": (
        changed(lambda x, g, b, e, m, v, **_: {"y": g * (x - m) / (v + e) ** 1 / 2 + b}),
        "#half-the-power",
    ),
    "the deviation in place of the variance": (deviation_throughout, "#deviation-throughout"),
    "no epsilon": (
        changed(lambda x, g, b, m, v, **_: {"y": g * (x - m) / np.sqrt(v) + b}),
        "#epsilon-ignored",
    ),
    "fixed epsilon": (
        changed(lambda x, g, b, m, v, **_: {"y": g * (x - m) / np.sqrt(v + 1e-5) + b}),
        "#epsilon-ignored",
    ),
    "Keras's epsilon": (
        changed(lambda x, g, b, m, v, **_: {"y": g * (x - m) / np.sqrt(v + 1e-3) + b}),
        "#epsilon-ignored",
    ),
    "no root": (
        changed(lambda x, g, b, e, m, v, **_: {"y": g * (x - m) / (v + e) + b}),
        "#no-root",
    ),
    "the batch's values at test": (
        changed(lambda x, g, b, e, **_: {"y": g * (x - x.mean(0)) / np.sqrt(x.var(0) + e) + b}),
        "#batch-outside-training",
    ),
    "running values while training": (
        changed(lambda x, g, b, e, rm, rv, **_: {"y": g * (x - rm) / np.sqrt(rv + e) + b}),
        "#running-in-training",
    ),
    "training ignored": (
        lambda x, g, b, m, v, t, momentum=0.9, epsilon=1e-5: normalise(
            x, g, b, m, v, True, momentum, epsilon
        ),
        "#batch-outside-training",
    ),
    "never training": (
        lambda x, g, b, m, v, t, momentum=0.9, epsilon=1e-5: normalise(
            x, g, b, m, v, False, momentum, epsilon
        ),
        "#running-in-training",
    ),
    "training the wrong way round": (
        lambda x, g, b, m, v, t, momentum=0.9, epsilon=1e-5: normalise(
            x, g, b, m, v, not t, momentum, epsilon
        ),
        "#training-reversed",
    ),
    "momentum the wrong way round": (
        lambda x, g, b, m, v, t, momentum=0.9, epsilon=1e-5: normalise(
            x, g, b, m, v, t, 1 - momentum, epsilon
        ),
        "#momentum-reversed",
    ),
    "fixed momentum": (
        lambda x, g, b, m, v, t, momentum=0.9, epsilon=1e-5: normalise(
            x, g, b, m, v, t, 0.9, epsilon
        ),
        "#momentum-ignored",
    ),
    "other defaults": (
        lambda x, g, b, m, v, t, momentum=0.99, epsilon=1e-3: normalise(
            x, g, b, m, v, t, momentum, epsilon
        ),
        "#epsilon-of-Keras",
    ),
    "Keras's momentum": (
        lambda x, g, b, m, v, t, momentum=0.99, epsilon=1e-5: normalise(
            x, g, b, m, v, t, momentum, epsilon
        ),
        "#momentum-of-Keras",
    ),
    "no defaults": (
        lambda x, g, b, m, v, t, momentum, epsilon: normalise(x, g, b, m, v, t, momentum, epsilon),
        "#call",
    ),
    "running values not updated": (
        changed(lambda rm, rv, **_: {"mean": rm, "variance": rv}),
        "#running-not-updated",
    ),
    "running values replaced": (
        changed(lambda m, v, **_: {"mean": m, "variance": v}),
        "#batch-for-running",
    ),
    "running values updated at test": (
        changed(
            lambda x, rm, rv, k, **_: {
                "mean": k * rm + (1 - k) * x.mean(0),
                "variance": k * rv + (1 - k) * x.var(0),
            }
        ),
        "#updated-outside-training",
    ),
    "only the mean is updated": (
        changed(lambda rv, **_: {"variance": rv}),
        "#running-not-updated",
    ),
    "sample variance": (
        lambda x, *a: normalise(x, *a, ddof=1 if len(x) > 1 else 0),
        "#sample-variance",
    ),
    "sample variance for the running one": (
        changed(
            lambda x, rv, k, t, **_: {
                "variance": k * rv + (1 - k) * x.var(0, ddof=min(1, len(x) - 1)) if t else rv
            }
        ),
        "#sample-variance",
    ),
    "running deviation": (
        changed(lambda x, rv, k, t, **_: {"variance": k * rv + (1 - k) * x.std(0) if t else rv}),
        "#deviation",
    ),
    "running root": (
        changed(
            lambda x, rv, k, t, e, **_: {
                "variance": k * rv + (1 - k) * np.sqrt(x.var(0) + e) if t else rv
            }
        ),
        "#deviation",
    ),
    "epsilon in the running variance": (
        changed(
            lambda x, rv, k, t, e, **_: {"variance": k * rv + (1 - k) * (x.var(0) + e) if t else rv}
        ),
        "#epsilon-in-running",
    ),
    "normalised with the new running values": (updated_first, "#new-running-in-training"),
    "no gamma": (
        changed(lambda x, b, e, m, v, **_: {"y": (x - m) / np.sqrt(v + e) + b}),
        "#no-gamma",
    ),
    "no beta": (
        changed(lambda x, g, e, m, v, **_: {"y": g * (x - m) / np.sqrt(v + e)}),
        "#no-beta",
    ),
    "beta inside": (
        changed(lambda x, g, b, e, m, v, **_: {"y": g * ((x - m) / np.sqrt(v + e) + b)}),
        "#beta-inside",
    ),
    "gamma and beta exchanged": (
        changed(lambda x, g, b, e, m, v, **_: {"y": b * (x - m) / np.sqrt(v + e) + g}),
        "#gamma-and-beta",
    ),
    "y alone": (lambda *a: normalise(*a)[0], "#return-parts"),
    "no variance": (lambda *a: normalise(*a)[:2], "#return-parts"),
    "another order": (lambda *a: normalise(*a)[::-1], "#order"),
    "variance before mean": (
        lambda *a: (lambda y, m, v: (y, v, m))(*normalise(*a)),
        "#exchanged-running",
    ),
    "mean not subtracted": (
        changed(lambda x, g, b, e, v, **_: {"y": g * x / np.sqrt(v + e) + b}),
        "#no-mean",
    ),
    "one number for each batch": (
        changed(lambda rm, rv, m, v, **_: {"mean": rm.mean(), "variance": rv.mean()}),
        "#no-axis",
    ),
    "changes the running mean": (in_place, "#changed-argument"),
    "changes x": (centring_in_place, "#changed-argument"),
    "crash on a batch of one": (
        lambda x, *a: normalise(x, *a, ddof=1),
        "#sample-variance",
    ),
}

RIGHT_NORM = {
    "NumPy": normalise,
    "TensorFlow": tf_normalise,
    "a Keras layer": keras_normalise,
    "loops and lists": loop_normalise,
    "a step towards the batch": stepping,
    "float64": lambda x, *a: normalise(x.astype(np.float64), *a),
    "mean of the squares": changed(
        lambda x, g, b, e, t, m, v, **_: {
            "y": g * (x - m) / np.sqrt(((x - m) ** 2).mean(0) + e) + b
            if t
            else g * (x - m) / np.sqrt(v + e) + b
        }
    ),
    "kept dimensions, then squeezed": lambda x, g, b, m, v, t, k=0.9, e=1e-5: (
        normalise(x, g, b, m, v, t, k, e)
        if not t
        else (
            g * (x - x.mean(0, keepdims=True)) / (x.var(0, keepdims=True) + e) ** 0.5 + b,
            np.squeeze(k * m + (1 - k) * x.mean(0, keepdims=True), 0),
            np.squeeze(k * v + (1 - k) * x.var(0, keepdims=True), 0),
        )
    ),
    "a list": lambda *a: list(normalise(*a)),
    "an iterator": lambda *a: iter(normalise(*a)),
    "bfloat16": lambda *a: [tf.cast(part, tf.bfloat16) for part in normalise(*a)],
    "in half precision throughout": lambda x, g, b, m, v, *a: normalise(
        *(part.astype(np.float16) for part in (x, g, b, m, v)), *a
    ),
    "graph": lambda x, g, b, m, v, t, k=0.9, e=1e-5: tf.function(tf_normalise)(
        x, g, b, m, v, t, k, e
    ),
}


# build_convnet ------------------------------------------------------------------------------------


def convnet(
    *,
    shape=(28, 28, 1),
    filters=(6, 12, 24),
    kernels=(6, 5, 4),
    strides=(1, 2, 2),
    padding="same",
    activation="relu",
    hidden="relu",
    last="softmax",
    dense=200,
    rate=0.25,
    use_bias=True,
    classes=10,
    before=(),
    after=(),
    noise=None,
    **options,
):
    model = keras.Sequential([keras.Input(shape), *before])
    for number, kernel, stride in zip(filters, kernels, strides, strict=True):
        model.add(
            layers.Conv2D(
                number,
                kernel,
                strides=stride,
                padding=padding,
                activation=activation,
                use_bias=use_bias,
                **options,
            )
        )
    model.add(layers.Flatten())
    model.add(layers.Dense(dense, activation=hidden))
    if noise:
        model.add(noise)
    elif rate:
        model.add(layers.Dropout(rate))
    model.add(layers.Dense(classes, activation=last))
    for layer in after:
        model.add(layer)
    return model


def sequence(*parts):
    return keras.Sequential([keras.Input((28, 28, 1)), *parts])


def C(*arguments, **options):
    return layers.Conv2D(*arguments, **({"padding": "same", "activation": "relu"} | options))


def pooled_convnet():
    return sequence(
        C(6, 6),
        C(12, 5),
        layers.MaxPooling2D(),
        C(24, 4),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(200, "relu"),
        layers.Dropout(0.25),
        layers.Dense(10, "softmax"),
    )


def pooled_before(strides):
    return sequence(
        C(6, 6),
        layers.MaxPooling2D(),
        C(12, 5, strides=strides),
        layers.MaxPooling2D(),
        C(24, 4, strides=strides),
        layers.Flatten(),
        layers.Dense(200, "relu"),
        layers.Dropout(0.25),
        layers.Dense(10, "softmax"),
    )


def biased():
    model = convnet()
    model.set_weights([weight + 0.1 * (weight.ndim == 1) for weight in model.get_weights()])
    return model


def without_input():
    model = keras.Sequential()
    for number, kernel, stride in ((6, 6, 1), (12, 5, 2), (24, 4, 2)):
        model.add(C(number, kernel, strides=stride))
    model.add(layers.Flatten())
    model.add(layers.Dense(200, "relu"))
    model.add(layers.Dropout(0.25))
    model.add(layers.Dense(10))
    return model


def built(model):
    model.build((None, 28, 28, 1))
    return model


def functional():
    X = keras.Input((28, 28, 1))
    Y = X
    for number, kernel, stride in ((6, 6, 1), (12, 5, 2), (24, 4, 2)):
        Y = layers.Conv2D(number, kernel, strides=stride, padding="same")(Y)
        Y = layers.ReLU()(Y)
    Y = layers.Dense(200, activation="relu")(layers.Flatten()(Y))
    Y = layers.Dropout(0.25)(Y)
    return keras.Model(X, layers.Dense(10, activation="softmax")(Y))


def separate_activations():
    return sequence(
        C(6, (6, 6), activation=None),
        layers.Activation("relu"),
        C(12, (5, 5), activation=None, strides=(2, 2)),
        layers.Activation(tf.nn.relu),
        C(24, 4, activation=None, strides=2),
        layers.ReLU(),
        layers.Reshape((1176,)),
        layers.Dense(200),
        layers.ReLU(),
        layers.Dropout(0.25),
        layers.Dense(10),
        layers.Softmax(),
    )


def nested():
    eyes = sequence(C(6, 6), C(12, 5, strides=2), C(24, 4, strides=2))
    head = keras.Sequential(
        [layers.Dense(200, "relu"), layers.Dropout(0.25), layers.Dense(10, "softmax")]
    )
    return keras.Sequential([keras.Input((28, 28, 1)), eyes, layers.Flatten(), head])


def functions_between():
    """A functional model whose activations are functions, not layers."""
    X = keras.Input((28, 28, 1))
    Y = X
    for number, kernel, stride in ((6, 6, 1), (12, 5, 2), (24, 4, 2)):
        Y = keras.ops.relu(layers.Conv2D(number, kernel, strides=stride, padding="same")(Y))
    Y = keras.activations.relu(layers.Dense(200)(keras.ops.reshape(Y, (-1, 1176))))
    return keras.Model(X, layers.Dense(10)(layers.Dropout(0.25)(Y)))


class Failing(layers.Layer):
    """Has a shape, and fails for numbers."""

    def compute_output_spec(self, images):
        return keras.KerasTensor(images.shape, images.dtype)

    def call(self, images):
        raise ValueError("no such thing")


class Convnet(keras.Model):
    """A model as a class, with everything between the layers in `call`."""

    def __init__(self, activation=tf.nn.relu, neurons=200):
        super().__init__()
        self.drop = layers.Dropout(0.25)  # listed first, called last
        self.activation = activation
        sizes = ((6, 6, 1), (12, 5, 2), (24, 4, 2))
        self.eyes = [layers.Conv2D(n, k, strides=s, padding="same") for n, k, s in sizes]
        self.hidden = layers.Dense(neurons)
        self.last = layers.Dense(10)

    def call(self, x, training=False):
        for layer in self.eyes:
            x = self.activation(layer(x))
        x = self.activation(self.hidden(tf.reshape(x, (-1, 1176))))
        return self.last(self.drop(x, training=training))


class AlwaysDropping(Convnet):
    """Dropout that is told to be on, whatever the model is told."""

    def call(self, x, training=False):
        return super().call(x, training=True)


def linear_functional():
    """No activation between any two layers, and a reshape by a function."""
    X = keras.Input((28, 28, 1))
    Y = X
    for number, kernel, stride in ((6, 6, 1), (12, 5, 2), (24, 4, 2)):
        Y = layers.Conv2D(number, kernel, strides=stride, padding="same")(Y)
    Y = layers.Dense(200)(keras.ops.reshape(Y, (-1, 1176)))
    return keras.Model(X, layers.Dense(10)(layers.Dropout(0.3)(Y)))


def dilated(rate):
    return sequence(
        C(6, 6, dilation_rate=rate),
        *convnet().layers[1:],
    )


def twice_softmax():
    X = keras.Input((28, 28, 1))
    return keras.Model(X, keras.ops.softmax(convnet()(X)))


def silencing(rate):
    """The functional network with activations between the layers, and this dropout."""
    model = functions_between()
    next(layer for layer in model.layers if "Dropout" in type(layer).__name__).rate = rate
    return model


def compiled():
    model = convnet()
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def separable():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.SeparableConv2D(6, 6, padding="same", activation="relu"),
            *convnet().layers[1:],
        ]
    )


def padded_by_number():
    return keras.Sequential(
        [keras.Input((28, 28, 1)), layers.Conv2D(6, 6, padding=1, activation="relu")]
    )


def flattened_in_the_loop():
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for filters, size, stride in ((6, 6, 1), (12, 5, 2), (24, 4, 2)):
        model.add(layers.Conv2D(filters, size, stride, padding="same", activation="relu"))
        model.add(layers.Flatten())
    return model


WRONG_CONVNET = {
    "flattened in the loop": (flattened_in_the_loop, "#flat-images"),
    "padding as a number": (padded_by_number, "#padding-in-words"),
    "another dropout": (lambda: convnet(rate=0.5), "#rate"),
    "Gaussian dropout": (lambda: convnet(noise=layers.GaussianDropout(0.25)), "#kind-of-dropout"),
    "leaky ReLU": (lambda: convnet(activation="leaky_relu"), "#not-ReLU"),
    "absolute values": (lambda: convnet(activation=tf.abs), "#not-ReLU"),
    "tanh, its biases not at 0": (
        lambda: convnet(
            activation="tanh", bias_initializer=keras.initializers.Constant(0.1), last=None
        ),
        "#not-ReLU",
    ),
    "a dilated convolution": (lambda: dilated(2), "#dilation"),
    "never built": (without_input, "#not-built"),
    "a class, never built": (Convnet, "#not-built"),
    "resized inside": (
        lambda: convnet(shape=(56, 56, 1), before=[layers.Resizing(28, 28)]),
        "#input",
    ),
    "dropout after every layer": (
        lambda: convnet(before=[layers.Dropout(0.25)]),
        "#one-dropout",
    ),
    "dropout of the pixels alone": (
        lambda: convnet(rate=0, before=[layers.Dropout(0.25)]),
        "#dropout-elsewhere",
    ),
    "the course's network": (networks.convolutional_dropout, "#own"),
    "valid padding": (lambda: convnet(padding="valid"), "#padding"),
    "no strides": (lambda: convnet(strides=(1, 1, 1)), "#strides"),
    "stride in the first": (lambda: convnet(strides=(2, 2, 1)), "#strides"),
    "pooling in place of strides": (pooled_convnet, "#strides"),
    "pooling in place of strides, before each convolution": (
        lambda: pooled_before(strides=1),
        "#strides",
    ),
    "pooling beside the strides": (lambda: pooled_before(strides=2), "#strides"),
    "kernels the other way round": (lambda: convnet(kernels=(4, 5, 6)), "#kernels"),
    "filters and kernels exchanged": (
        lambda: convnet(filters=(6, 5, 4), kernels=(6, 12, 24)),
        "#filters-first",
    ),
    "the activation in fourth place": (
        lambda: sequence(layers.Conv2D(6, 6, 1, "relu", padding="same")),
        "#fourth-of-convolution",
    ),
    "the activation in fourth place, no padding": (
        lambda: sequence(layers.Conv2D(6, 6, 1, "relu")),
        "#fourth-of-convolution",
    ),
    "an input with a batch axis": (
        lambda: convnet(shape=(None, 28, 28, 1)),
        "#one-image-in",
    ),
    "all 3x3": (lambda: convnet(kernels=(3, 3, 3)), "#kernels"),
    "4, 8 and 12 filters": (lambda: convnet(filters=(4, 8, 12)), "#table"),
    "filters the other way round": (lambda: convnet(filters=(24, 12, 6)), "#table"),
    "100 neurons": (lambda: convnet(dense=100), "#table"),
    "100 neurons in a class": (lambda: built(Convnet(neurons=100)), "#summary"),
    "two convolutions": (
        lambda: convnet(filters=(6, 12), kernels=(6, 5), strides=(1, 2)),
        "#table",
    ),
    "four convolutions": (
        lambda: convnet(filters=(6, 12, 24, 24), kernels=(6, 5, 4, 4), strides=(1, 2, 2, 1)),
        "#three-convolutions",
    ),
    "no dense layer": (
        lambda: sequence(
            C(6, 6),
            C(12, 5, strides=2),
            C(24, 4, strides=2),
            layers.Flatten(),
            layers.Dense(10, "softmax"),
        ),
        "#table",
    ),
    "two dense layers": (
        lambda: convnet(after=[layers.Dense(10, "softmax")]),
        "one more",
    ),
    "no biases": (lambda: convnet(use_bias=False), "#no-biases"),
    "no activations": (lambda: convnet(activation=None, hidden=None), "#no-activation"),
    "no activation in the convolutions": (lambda: convnet(activation=None), "#no-activation"),
    "no activation in the dense layer": (lambda: convnet(hidden=None), "#no-activation"),
    "no activations in a functional model": (linear_functional, "#no-activation"),
    "no activations in a class": (lambda: built(Convnet(tf.identity)), "#no-activation"),
    "no dropout": (lambda: convnet(rate=0), "#no-dropout"),
    "dropout always on": (lambda: built(AlwaysDropping()), "#always-dropping"),
    "dropout of nothing": (
        lambda: sequence(
            C(6, 6),
            C(12, 5, strides=2),
            C(24, 4, strides=2),
            layers.Flatten(),
            layers.Dense(200, "relu"),
            layers.Dropout(0),
            layers.Dense(10, "softmax"),
        ),
        "#no-dropout",
    ),
    "dropout last": (lambda: convnet(rate=0, after=[layers.Dropout(0.25)]), "#dropout-at-end"),
    "dropout after the convolutions only": (
        lambda: sequence(
            C(6, 6),
            layers.Dropout(0.25),
            C(12, 5, strides=2),
            C(24, 4, strides=2),
            layers.Flatten(),
            layers.Dense(200, "relu"),
            layers.Dense(10, "softmax"),
        ),
        "#dropout-elsewhere",
    ),
    "softmax twice": (lambda: convnet(after=[layers.Softmax()]), "#softmax-twice"),
    "softmax twice, as a function": (twice_softmax, "#softmax-twice"),
    "sigmoid before softmax": (
        lambda: convnet(last="sigmoid", after=[layers.Softmax()]),
        "#softmax-of-sigmoid",
    ),
    "ReLU before softmax": (
        lambda: convnet(last="relu", after=[layers.Softmax()]),
        "#softmax-of-ReLU",
    ),
    "tanh at the end": (lambda: convnet(last="tanh"), "#tanh-at-end"),
    "the share that is kept": (lambda: convnet(rate=0.75), "#share-kept"),
    "the share that is kept, functional": (lambda: silencing(0.75), "#share-kept"),
    "tanh": (lambda: convnet(activation="tanh", hidden="tanh"), "#not-ReLU"),
    "tanh in the dense layer": (lambda: convnet(hidden="tanh"), "#not-ReLU"),
    "GELU": (lambda: convnet(activation="gelu"), "#not-ReLU"),
    "ReLU up to 6": (lambda: convnet(activation="relu6", hidden="relu6"), "#not-ReLU"),
    "ReLU up to 6, logits": (
        lambda: convnet(activation="relu6", hidden="relu6", last=None),
        "#not-ReLU",
    ),
    "ReLU up to 6 in the dense layer": (lambda: convnet(hidden="relu6"), "#not-ReLU"),
    "ReLU up to 10": (
        lambda: convnet(activation=layers.ReLU(max_value=10.0), hidden="relu"),
        "must return a model that computes what the table says",
    ),
    "ReLU up to 10, logits": (
        lambda: convnet(activation=layers.ReLU(max_value=10.0), hidden="relu", last=None),
        "must return a model that computes what the table says",
    ),
    "ReLU up to 6, with a rescaling": (
        lambda: convnet(activation="relu6", hidden="relu6", before=[layers.Rescaling(1 / 255)]),
        "#not-ReLU",
    ),
    "softmax in the dense layer": (lambda: convnet(hidden="softmax"), "#not-ReLU"),
    "tanh in a class": (lambda: built(Convnet(tf.tanh)), "#not-ReLU"),
    "no channel axis": (lambda: convnet(shape=(28, 28)), "#channel-axis"),
    "ReLU at the end": (lambda: convnet(last="relu"), "#ReLU-at-end"),
    "sigmoid at the end": (lambda: convnet(last="sigmoid"), "#sigmoid-at-end"),
    "nine classes": (lambda: convnet(classes=9), "#ten-outputs"),
    "one output": (lambda: convnet(classes=1), "#ten-outputs"),
    "no Flatten": (
        lambda: sequence(
            C(6, 6), C(12, 5, strides=2), C(24, 4, strides=2), layers.Dense(10, "softmax")
        ),
        "#ten-outputs",
    ),
    "global pooling": (
        lambda: sequence(
            C(6, 6),
            C(12, 5, strides=2),
            C(24, 4, strides=2),
            layers.GlobalAveragePooling2D(),
            layers.Dense(200, "relu"),
            layers.Dropout(0.25),
            layers.Dense(10, "softmax"),
        ),
        "#flattened-size",
    ),
    "batch norm": (lambda: convnet(before=[layers.BatchNormalization()]), "#batch-norm"),
    "three channels": (lambda: convnet(shape=(28, 28, 3)), "#input"),
    "an error in a layer of one's own": (
        lambda: convnet(before=[Failing()]),
        "takes images of shape (28, 28, 1)",
    ),
    "images of 32": (lambda: convnet(shape=(32, 32, 1)), "#input"),
    "a flat input": (
        lambda: keras.Sequential([keras.Input((784,)), layers.Dense(10)]),
        "#input",
    ),
    "softmax alone": (lambda: sequence(layers.Flatten(), layers.Dense(10)), "#table"),
    "a dense network of the same size": (
        lambda: sequence(layers.Flatten(), layers.Dense(307, "relu"), layers.Dense(10)),
        "#table",
    ),
    "nothing in it": (lambda: sequence(layers.Flatten()), "#ten-outputs"),
    "a layer": (lambda: layers.Dense(10), "#not-built"),
    "the class": (lambda: keras.Sequential, "#return-model"),
    "a list of layers": (lambda: convnet().layers, "#list-of-layers"),
    "compiled, returned as None": (
        lambda: convnet().compile("adam", "mse"),
        "#no-return",
    ),
    "the output": (lambda: convnet()(np.zeros((1, 28, 28, 1))), "#return-model"),
    "separable convolutions": (separable, "#kind-of-convolution"),
    "a number in quotation marks": (
        lambda: layers.Conv2D(12, 5, padding="same", strides="2", activation="relu"),
        "#number-in-quotation-marks",
    ),
    "rows and columns of other filters": (
        lambda: convnet(kernels=((4, 9), 5, 4)),
        "#kernels",
    ),
}

RIGHT_CONVNET = {
    "sequential": convnet,
    "logits": lambda: convnet(last=None),
    "functional": functional,
    "separate activations": separate_activations,
    "nested": nested,
    "functions between": functions_between,
    "a class": lambda: built(Convnet()),
    "moved while training": lambda: convnet(
        before=[layers.RandomTranslation(0.1, 0.1, fill_mode="constant")]
    ),
    "compiled": compiled,
    "without an Input layer, built": lambda: built(without_input()),
    "with a rescaling": lambda: convnet(before=[layers.Rescaling(1 / 255)]),
    "narrow starting weights": lambda: convnet(
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.01)
    ),
    "all weights start at 0": lambda: convnet(kernel_initializer="zeros"),
    "logits that start at 0": lambda: sequence(
        *convnet().layers[:-1], layers.Dense(10, kernel_initializer="zeros")
    ),
    "ReLU as Keras's function": lambda: convnet(
        activation=keras.activations.relu, hidden=tf.nn.relu
    ),
    "biases that do not start at 0": biased,
    "other starting weights": lambda: keras.models.clone_model(convnet()),
}


# challenge ----------------------------------------------------------------------------------------


@cache
def _folder():
    """A folder for saved networks, removed when the tests end."""
    return tempfile.TemporaryDirectory(prefix="challenge-")


def saved(build, name="challenge.keras"):
    """An answer to the challenge: saves what `build` gives when it is first called."""

    @cache
    def path():
        folder = Path(tempfile.mkdtemp(dir=_folder().name))
        build().save(folder / name)
        return folder / name

    return lambda: path()


def written(content, name="challenge.keras"):
    """An answer to the challenge that points to a file with this content."""

    def answer():
        path = Path(tempfile.mkdtemp(dir=_folder().name)) / name
        path.write_bytes(content)
        return str(path)

    return answer


def without_its_weights():
    path = Path(tempfile.mkdtemp(dir=_folder().name)) / "challenge.keras"
    with zipfile.ZipFile(saved(convnet)()) as whole, zipfile.ZipFile(path, "w") as part:
        for name in ("config.json", "metadata.json"):
            part.writestr(name, whole.read(name))
    return path


def _zeros_archive():
    path = Path(tempfile.mkdtemp(dir=_folder().name)) / "challenge.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", "0" * 40_000_000)
    return path


@cache
def trained(data="train", epochs=3):
    """A small network that learned from digits and their shifted copies."""
    keras.utils.set_random_seed(0)
    splits = digits.load("embedded")
    images, labels = getattr(splits, data)
    moves = [np.roll(images, step, axis) for axis in (1, 2) for step in (-1, 1)]
    X = np.concatenate([images, *moves])[..., np.newaxis].astype(np.float32) / 255
    model = sequence(
        C(12, 5, strides=2),
        C(24, 5, strides=2),
        layers.Flatten(),
        layers.Dropout(0.2),
        layers.Dense(100, "relu"),
        layers.Dense(10, "softmax"),
    )
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    model.fit(X, np.tile(labels, 5), batch_size=100, epochs=epochs, verbose=0)
    return model


def as_logits():
    model = keras.models.clone_model(trained())
    model.set_weights(trained().get_weights())
    model.layers[-1].activation = keras.activations.linear
    return model


def without_channel():
    return keras.Sequential([keras.Input((28, 28)), layers.Reshape((28, 28, 1)), trained()])


def of_any_size():
    """The same network, with convolutions in place of the dense layers."""
    model = keras.Sequential(
        [
            keras.Input((None, None, 1)),
            C(12, 5, strides=2),
            C(24, 5, strides=2),
            layers.Conv2D(100, 7, activation="relu"),
            layers.Conv2D(10, 1),
            layers.GlobalMaxPooling2D(),
        ]
    )
    known = zip(trained().get_weights(), model.get_weights(), strict=True)
    model.set_weights([value.reshape(own.shape) for value, own in known])
    return model


def own_loss(labels, logits):
    return keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)


def compiled_with_own_loss():
    model = as_logits()
    model.compile("adam", own_loss)
    return model


class OwnLayer(layers.Layer):
    """A layer that only its author has."""

    def call(self, x):
        return x * 2


WRONG_CHALLENGE = {
    "a word": (lambda: "done", "#no-file"),
    "no such file": (lambda: "missing.keras", "#no-file"),
    "another name": (
        lambda: saved(convnet, "other.keras")().with_name("mine.keras"),
        "#other-file",
    ),
    "a name with a slip": (
        lambda: [saved(convnet, name) for name in ("best.keras", "challenge.keras")][1]().with_name(
            "challange.keras"
        ),
        "#other-file",
    ),
    "a folder": (lambda: tempfile.gettempdir(), "#no-file"),
    "an empty path": (lambda: "", "#no-file"),
    "the network itself": (convnet, "#path"),
    "the bytes of the file": (
        lambda: saved(convnet)().read_bytes(),
        "#path",
    ),
    "too large": (saved(lambda: convnet(dense=300)), "#parameters"),
    "just too large": (
        saved(lambda: sequence(layers.Flatten(), layers.Dense(315), layers.Dense(10))),
        "#parameters",
    ),
    "far too large": (saved(lambda: convnet(dense=3000)), "#large-file"),
    "not a network": (written(b"accuracy: 100%"), "#not-a-network"),
    "an empty file": (written(b""), "#not-a-network"),
    "cut off": (
        lambda: written(saved(convnet)().read_bytes()[:5000])(),
        "#not-a-network",
    ),
    "a bomb": (_zeros_archive, "#not-a-network"),
    "the settings without the weights": (without_its_weights, "#safe-mode"),
    "a Lambda": (
        saved(lambda: convnet(before=[layers.Lambda(lambda x: x * 2)])),
        "#own-layers",
    ),
    "a layer of its own": (
        saved(lambda: convnet(before=[OwnLayer()])),
        "#own-layers",
    ),
    "a table of constants": (
        saved(
            lambda: keras.Sequential(
                [
                    keras.Input((28, 28, 1)),
                    layers.UpSampling2D(4),
                    layers.Flatten(),
                    layers.Normalization(mean=np.linspace(0, 1, 12_544), variance=np.ones(12_544)),
                    layers.Dense(10),
                ]
            )
        ),
        "#own-layers",
    ),
    "flat input": (
        saved(lambda: keras.Sequential([keras.Input((784,)), layers.Dense(10)])),
        "#input",
    ),
    "large images": (
        saved(lambda: convnet(shape=(32, 32, 1), dense=20)),
        "#input",
    ),
    "three channels": (
        saved(lambda: convnet(shape=(28, 28, 3), dense=20)),
        "#input",
    ),
    "never built": (
        saved(lambda: keras.Sequential([layers.Flatten(), layers.Dense(10)])),
        "#input",
    ),
    "eleven classes": (
        saved(lambda: convnet(classes=11, dense=150)),
        "#ten-numbers",
    ),
    "an answer for each pixel": (
        saved(lambda: sequence(layers.Dense(10))),
        "#ten-numbers",
    ),
    "two outputs": (
        saved(
            lambda: (lambda X, Y: keras.Model(X, [Y, Y]))(
                *(lambda X: (X, layers.Dense(10)(layers.Flatten()(X))))(keras.Input((28, 28, 1)))
            )
        ),
        "#input",
    ),
}

RIGHT_CHALLENGE = {
    "a path": saved(trained),
    "a string": lambda: str(saved(trained)()),
    "bytes": lambda: os.fsencode(saved(trained)()),
    "an entry of its folder": lambda: next(os.scandir(saved(trained)().parent)),
    "logits": saved(as_logits),
    "without a channel": saved(without_channel),
    "another name": saved(trained, "my best network.keras"),
    "for images of any size": saved(of_any_size),
    "trained with a loss of one's own": saved(compiled_with_own_loss),
}


WRONG = {
    "convolve": WRONG_CONVOLVE,
    "layer_shape_and_parameters": WRONG_LAYER,
    "max_pool": WRONG_POOL,
    "batch_norm": WRONG_NORM,
    "build_convnet": WRONG_CONVNET,
    "challenge": WRONG_CHALLENGE,
    "feature_maps": keras_answers.WRONG["feature_maps"],
    "augmented": keras_answers.WRONG["augmented"],
    "frozen_base": keras_answers.WRONG["frozen_base"],
    "save_and_load": keras_answers.WRONG["save_and_load"],
}

RIGHT = {
    "convolve": RIGHT_CONVOLVE,
    "layer_shape_and_parameters": RIGHT_LAYER,
    "max_pool": RIGHT_POOL,
    "batch_norm": RIGHT_NORM,
    "build_convnet": RIGHT_CONVNET,
    "challenge": RIGHT_CHALLENGE,
    "feature_maps": keras_answers.RIGHT["feature_maps"],
    "augmented": keras_answers.RIGHT["augmented"],
    "frozen_base": keras_answers.RIGHT["frozen_base"],
    "save_and_load": keras_answers.RIGHT["save_and_load"],
}
