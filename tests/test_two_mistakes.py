"""Two mistakes in one answer: the hint names that behind the numbers shown, or there is none."""

import math

import numpy as np
import pytest

from course import check
from course.check.references import lesson_02_gradient_descent as lesson_2


def normalised(x, gamma, beta, mean, variance, training, momentum, *, root, moved):
    """batch_norm with its own root(variance, epsilon) and moved(old, batch's, momentum)."""
    used = (x.mean(axis=0), x.var(axis=0)) if training else (mean, variance)
    if training:
        mean, variance = (
            moved(*pair, momentum) for pair in zip((mean, variance), used, strict=True)
        )
    return gamma * (x - used[0]) / root(used[1]) + beta, mean, variance


def reversed_momentum(old, batch, momentum):
    return (1 - momentum) * old + momentum * batch


def batch_norm_with_root(root):
    def answer(x, gamma, beta, mean, variance, training, momentum=0.9, epsilon=1e-5):
        given = (x, gamma, beta, mean, variance, training, momentum)
        return normalised(*given, root=lambda v: root(v, epsilon), moved=reversed_momentum)

    return answer


def batch_norm_unfinished(x, gamma, beta, mean, variance, training, momentum=0.9, epsilon=1e-5):
    used = (x.mean(axis=0), x.var(axis=0))
    mean, variance = (
        reversed_momentum(*each, 0.8) for each in zip((mean, variance), used, strict=True)
    )
    return gamma * (x - used[0]) / (used[1] + 3 * epsilon) + beta, mean, variance


def shape_and_parameters(side, count):
    """layer_shape_and_parameters by side(length, kernel, stride, padding) and count(k, c, out)."""

    def answer(height, width, in_channels, kernel, out_channels, stride, padding):
        sides = (side(length, kernel, stride, padding) for length in (height, width))
        return (*sides, out_channels), count(kernel, in_channels, out_channels)

    return answer


def rounded_down(length, kernel, stride, padding):
    return (length if padding == "same" else length - kernel + 1) // stride


def always_same(length, kernel, stride, padding):
    return math.ceil(length / stride) if padding == "same" or "SAME" else 0  # noqa: SIM222


def unpadded(image, filters, step):
    """convolve in loops over the places where the whole window fits, `step` pixels apart."""
    kh, kw, _channels, out = filters.shape
    h, w = image.shape[0] - kh + 1, image.shape[1] - kw + 1
    result = np.zeros((math.ceil(h / step), math.ceil(w / step), out))
    for i, j in np.ndindex(result.shape[:2]):
        window = image[i * step : i * step + kh, j * step : j * step + kw]
        result[i, j] = np.tensordot(window, filters, 3)
    return result


def no_padding_no_stride(image, filters, stride=1):
    return unpadded(image, filters, 1)


def no_padding_turned_filter(image, filters, stride=1):
    return unpadded(image, filters[::-1, ::-1], stride)


def overlapping_of_all_channels(image):
    h, w, c = image.shape
    result = np.zeros((h // 2, w // 2, c))
    for i, j in np.ndindex(h // 2, w // 2):
        result[i, j] = image[i : i + 2, j : j + 2].max()
    return result


def softmax_of_all(x):
    return np.exp(x) / np.exp(x).sum()


def softmax_of_columns(x):
    return np.round(np.exp(x) / np.exp(x).sum(axis=0), 3)


def softmax_gradients(dW, db):
    def answer(X, T, W, b):
        logits = X @ W + b
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        difference = powers / powers.sum(axis=1, keepdims=True) - T
        return dW(X, difference), db(difference)

    return answer


def trained(step, epochs=lambda epochs: epochs, result=lambda W, b: (W, b)):
    """train by step(parameter, its gradient, learning_rate)."""

    def answer(X, T, W, b, learning_rate, epochs_given, batch_size, rng):
        for _epoch in range(epochs(epochs_given)):
            for x, t in lesson_2.minibatches(X, T, batch_size, rng):
                dW, db = lesson_2.softmax_gradients(x, t, W, b)
                W, b = step(W, dW, learning_rate), step(b, db, learning_rate)
        return result(W, b)

    return answer


def up(parameter, gradient, rate):
    return parameter + rate * gradient


# The answer, and the ids of the hints that name one of its two mistakes, and explain the number.
TWO = {
    "batch_norm: momentum reversed, epsilon outside": (
        batch_norm_with_root(lambda v, epsilon: np.sqrt(v) + epsilon),
        {"momentum-reversed"},
    ),
    "batch_norm: momentum reversed, no root": (
        batch_norm_with_root(lambda v, epsilon: v + epsilon),
        {"no-root", "momentum-reversed"},
    ),
    "batch_norm: training not used yet, other weights": (batch_norm_unfinished, {""}),
    "layer_shape_and_parameters: rounded down, one channel": (
        shape_and_parameters(rounded_down, lambda k, c, out: (k * k + 1) * out),
        {"no-input-channels"},
    ),
    "layer_shape_and_parameters: rounded down, one bias": (
        shape_and_parameters(rounded_down, lambda k, c, out: k * k * c * out + 1),
        {"one-bias"},
    ),
    "layer_shape_and_parameters: always the same padding, no biases": (
        shape_and_parameters(always_same, lambda k, c, out: k * k * c * out),
        {"no-biases"},
    ),
    "convolve: no padding, stride not used yet": (no_padding_no_stride, {"no-padding"}),
    "convolve: no padding, the filter flipped": (no_padding_turned_filter, {"shape"}),
    "max_pool: overlapping, all channels": (overlapping_of_all_channels, {"overlapping"}),
    "softmax: over all, plain exp": (softmax_of_all, {"whole-batch"}),
    "softmax: over columns, rounded": (softmax_of_columns, {""}),
    "softmax_gradients: W not divided, b a mean": (
        softmax_gradients(lambda X, d: X.T @ d, lambda d: d.mean()),
        {"no-axis"},
    ),
    "softmax_gradients: the sign of dW, b not divided": (
        softmax_gradients(lambda X, d: -X.T @ d / len(X), lambda d: d.sum(axis=0)),
        {"dW-sign"},
    ),
    "train: uphill, b first": (trained(up, result=lambda W, b: (b, W)), {"axis-count"}),
    "train: uphill, an epoch less": (trained(up, epochs=lambda epochs: epochs - 1), {""}),
}


@pytest.mark.parametrize("name", TWO)
def test_the_hint_explains_what_is_shown(name):
    exercise, (answer, told) = name.partition(":")[0], TWO[name]
    with pytest.raises(check.CheckFailed) as failure:
        getattr(check, exercise)(answer)
    assert failure.value.hint_id.partition("/")[2] in told, failure.value
