"""What learners write in lesson 3. `WRONG` says what the failure must hold."""

import copy
import functools
import itertools
import math

import keras
import numpy as np
import scipy.special
import scipy.stats
import tensorflow as tf

from course import networks

from . import keras_answers

layers = keras.layers


# sigmoid_and_slope --------------------------------------------------------------------------------


def sigmoid(x):
    return scipy.special.expit(x)


def both(value=sigmoid, slope=lambda s: s * (1 - s)):
    def answer(x):
        s = value(x)
        return s, slope(s)

    return answer


def with_slope(slope):
    """The right value, and this slope of x."""
    return lambda x: (sigmoid(x), slope(x))


def masked(x):
    value = np.empty_like(x)
    up = x >= 0
    value[up] = 1 / (1 + np.exp(-x[up]))
    small = np.exp(x[~up])
    value[~up] = small / (1 + small)
    return value, value * (1 - value)


def looped_sigmoid(x):
    value = np.array([1 / (1 + math.exp(-max(min(v, 700), -700))) for v in x.ravel().tolist()])
    value = value.reshape(x.shape)
    return value, value * (1 - value)


def taped_sigmoid(x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = tf.sigmoid(x)
    return value, tape.gradient(value, x)


def in_place_sigmoid(x):
    np.negative(x, out=x)
    with np.errstate(over="ignore"):
        value = 1 / (1 + np.exp(x))
    return value, value * (1 - value)


def by_differences(x):
    x = x.astype(np.float64)
    h = 1e-5
    return sigmoid(x), (sigmoid(x + h) - sigmoid(x - h)) / (2 * h)


def from_both_sides(x):
    z = np.exp(-np.abs(x))
    value = np.where(x >= 0, 1 / (1 + z), z / (1 + z))
    return value, z / (1 + z) ** 2


def keras_sigmoid(x):
    value = keras.activations.sigmoid(x)
    return value, value * (1 - value)


def nested_sigmoid(x):
    value = sigmoid(x)
    return value.tolist(), (value * (1 - value)).tolist()


def naive(x):
    return np.exp(x) / (1 + np.exp(x))


def rounded_on_the_way(x):
    value = np.round(sigmoid(x), 3)
    return value, np.round(value * (1 - value), 3)


WRONG_SIGMOID = {
    "rounded on the way": (rounded_on_the_way, "#rounded"),
    "if for a whole array": (
        lambda x: (sigmoid(x), sigmoid(x) * (1 - sigmoid(x))) if x >= 0 else (0 * x, 0 * x),
        "#truth-value",
    ),
    "no brackets": (lambda x: (both()(x)[0], 0 * x), "#operator-order"),
    "exp over 1 + exp": (both(naive), "#overflow"),
    "exp over 1 + exp, in TensorFlow": (
        both(lambda x: tf.exp(x) / (1 + tf.exp(x))),
        "#overflow",
    ),
    "x(1 - x)": (with_slope(lambda x: x * (1 - x)), "#x-for-value"),
    "tanh": (both(np.tanh, lambda t: 1 - t**2), "#tanh"),
    "the slope of tanh": (both(slope=lambda s: 1 - s**2), "#slope-of-tanh"),
    "half of tanh": (both(lambda x: np.tanh(x / 2)), "#half-tanh"),
    "tanh, shifted": (both(lambda x: (np.tanh(x) + 1) / 2), "#tanh-shifted"),
    "sign turned": (both(lambda x: sigmoid(-x)), "#sign"),
    "slope turned": (with_slope(lambda x: -sigmoid(x) * sigmoid(-x)), "#slope-sign"),
    "exchanged": (lambda x: both()(x)[::-1], "#exchanged-parts"),
    "value only": (sigmoid, "#return-parts"),
    "by np.gradient": (both(slope=lambda s: np.gradient(s, axis=-1)), "#between-neighbours"),
    "value twice": (lambda x: (sigmoid(x), sigmoid(x)), "#value-again"),
    "a stack on its side": (lambda x: np.stack(both()(x), axis=-1), "sigmoid_and_slope"),
    "a dict": (lambda x: dict(zip(("value", "slope"), both()(x), strict=True)), "#return-parts"),
    "three": (lambda x: (*both()(x), x), "#return-parts"),
    "naive slope": (
        with_slope(lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
        "#overflow",
    ),
    "slope from exp(x)": (with_slope(lambda x: np.exp(x) / (1 + np.exp(x)) ** 2), "#overflow"),
    "sigmoid of sigmoid": (
        with_slope(lambda x: sigmoid(sigmoid(x)) * (1 - sigmoid(sigmoid(x)))),
        "#sigmoid-twice",
    ),
    "1 - value": (both(slope=lambda s: 1 - s), "#one-minus-value"),
    "1 + value": (both(slope=lambda s: s * (1 + s)), "#one-plus-value"),
    "value squared": (both(slope=lambda s: s**2), "#value-squared"),
    "2 · value · (1 - value)": (both(slope=lambda s: 2 * s * (1 - s)), "#twice-as-steep"),
    "steepest 1": (both(slope=lambda s: 4 * s * (1 - s)), "#four-times"),
    "ReLU": (lambda x: (np.maximum(x, 0), (x > 0) * 1.0), "#ReLU"),
    "the slope of ReLU": (with_slope(lambda x: (x > 0) * 1.0), "#slope-of-ReLU"),
    "hard sigmoid": (both(lambda x: np.clip(0.2 * x + 0.5, 0, 1)), "#hard-sigmoid"),
    "another hard sigmoid": (both(lambda x: np.clip(x / 6 + 0.5, 0, 1)), "#hard-sigmoid"),
    "softsign": (both(lambda x: (x / (1 + abs(x)) + 1) / 2), "#softsign"),
    "clipped too soon": (both(lambda x: sigmoid(np.clip(x, -5, 5))), "#clipped"),
    "a power of 2": (both(lambda x: 1 / (1 + np.exp2(-x))), "#power-of-2"),
    "exp alone": (both(lambda x: np.exp(np.minimum(x, 80))), "#exp-only"),
    "the divisor": (both(lambda x: 1 + np.exp(np.clip(-x, -80, 80))), "#denominator-only"),
    "a step": (both(lambda x: (x > 0) * 1.0), "#a-step"),
    "softmax": (both(lambda x: scipy.special.softmax(x, axis=-1)), "#softmax"),
    "flattened": (lambda x: both()(x.ravel()), "#in-one-row"),
    "one number": (lambda x: both()(x.mean()), "#no-axis"),
    "the mean slope": (lambda x: (sigmoid(x), both()(x)[1].mean()), "#one-slope"),
    "only two axes": (lambda x: both()(x.reshape(len(x), -1)), "#axis-count"),
    "in place": (in_place_sigmoid, "#changed-argument"),
    "NaN made 1": (both(lambda x: np.nan_to_num(naive(x), nan=0.0)), "#nan-replaced"),
    "whole numbers": (both(lambda x: np.round(sigmoid(x)).astype(int)), "#a-step"),
    "the slope by the value": (
        with_slope(lambda x: 1 / np.maximum(both()(x)[1], 1e-30)),
        "slope must be",
    ),
    "differences, one-sided and wide": (
        with_slope(lambda x: (sigmoid(x + 0.1) - sigmoid(x)) / 0.1),
        "slope must be",
    ),
    "differences, too fine": (
        with_slope(lambda x: (sigmoid(x + np.float32(1e-7)) - sigmoid(x)) / np.float32(1e-7)),
        "slope must be",
    ),
}

RIGHT_SIGMOID = {
    "a stack": lambda x: np.stack(both()(x)),
    "a stack of TensorFlow's": lambda x: tf.stack(both()(x)),
    "SciPy": both(),
    "TensorFlow": both(tf.sigmoid),
    "TensorFlow's other name": both(tf.nn.sigmoid),
    "Keras": keras_sigmoid,
    "keras.ops": both(keras.ops.sigmoid),
    "1 / (1 + exp(-x))": both(lambda x: 1 / (1 + np.exp(-x))),
    "the same in float64": both(lambda x: 1 / (1 + np.exp(-x.astype(float)))),
    "tanh of half": both(lambda x: 0.5 * (1 + np.tanh(x / 2))),
    "masks": masked,
    "absolute values": from_both_sides,
    "clipped far out": both(lambda x: 1 / (1 + np.exp(-np.clip(x, -500, 500)))),
    "clipped at 30": both(lambda x: 1 / (1 + np.exp(-np.clip(x, -30, 30)))),
    "loops": looped_sigmoid,
    "GradientTape": taped_sigmoid,
    "differences": by_differences,
    "nested lists": nested_sigmoid,
    "a list of two": lambda x: list(both()(x)),
    "s - s²": both(slope=lambda s: s - s * s),
    "the slope by the other sign": lambda x: (sigmoid(x), sigmoid(x) * sigmoid(-x)),
    "softmax of two": both(lambda x: tf.nn.softmax(tf.stack([x, tf.zeros_like(x)], -1))[..., 0]),
    "logaddexp": both(lambda x: np.exp(-np.logaddexp(0, -x))),
    "float16": lambda x: tuple(part.astype(np.float16) for part in both()(x)),
    "vectorised": both(np.vectorize(lambda v: 1 / (1 + np.exp(-float(v))), otypes=[float])),
    "exponent below the line": both(lambda x: 1 / (1 + np.power(np.e, -x))),
}


# cross_entropy_from_logits ------------------------------------------------------------------------


def naive_softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def softmax(z):
    return scipy.special.softmax(z, axis=1)


def picked(p, y):
    return p[np.arange(len(y)), y]


def of_probabilities(change=lambda p: p, soft=softmax):
    """Softmax, something to keep it from 0, and then the logarithm."""
    return lambda z, y: -np.log(change(picked(soft(z), y))).mean()


def shifted_loss(z, y):
    z = z - z.max(axis=1, keepdims=True)
    return (np.log(np.exp(z).sum(axis=1)) - picked(z, y)).mean()


def looped_loss(z, y):
    total = 0.0
    for row, label in zip(z.astype(float).tolist(), y.tolist(), strict=True):
        largest = max(row)
        total += largest + math.log(sum(math.exp(v - largest) for v in row)) - row[label]
    return total / len(z)


def in_place_loss(z, y):
    z -= z.max(axis=1, keepdims=True)
    return (np.log(np.exp(z).sum(axis=1)) - picked(z, y)).mean()


def one_hot_loss(z, y):
    T = tf.one_hot(y, z.shape[1])
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=T, logits=z))


def differences_loss(z, y):
    """As log of the sum of exp(z - z[label]), with a largest taken off."""
    d = (z - picked(z, y)[:, None]).astype(np.float64)
    top = d.max(axis=1)
    return np.mean(top + np.log(np.exp(d - top[:, None]).sum(axis=1)))


def columns_of_labels(logits, labels):
    return (scipy.special.logsumexp(logits, axis=1) - logits[:, labels]).mean()


def taken_without_an_axis(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - np.take(shifted, labels))


def last_one_left(logits, labels):
    total = 0.0
    for z, label in zip(logits, labels, strict=True):
        z = z - z.max()
        total = np.log(np.exp(z).sum()) - z[label]
    return total / len(labels)


WRONG_LOSS = {
    "taken without an axis": (taken_without_an_axis, "#flat-take"),
    "a tensor indexed with a range": (
        lambda z, y: -np.log(tf.nn.softmax(z)[range(len(y)), y]).mean(),
        "#places-of-tensor",
    ),
    "the last loss alone": (last_one_left, "#last-example-only"),
    "labels as if one-hot": (
        lambda z, y: -np.mean(np.sum(y * scipy.special.log_softmax(z, axis=1), axis=1)),
        "#labels-as-targets",
    ),
    "shifted, without a logarithm": (
        lambda z, y: np.mean(
            np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1)
            - (z - z.max(axis=1, keepdims=True))[np.arange(len(y)), y]
        ),
        "#no-logarithm-of-shifted-sum",
    ),
    "Keras's loss from probabilities": (
        lambda z, y: keras.losses.SparseCategoricalCrossentropy()(y, z),
        "#probabilities-expected",
    ),
    "a Keras loss, outputs first": (
        lambda z, y: keras.losses.SparseCategoricalCrossentropy(from_logits=True)(z, y),
        "#targets-first",
    ),
    "all labels of every row": (columns_of_labels, "#columns-of-every-row"),
    "softmax, then log": (of_probabilities(), "#overflow"),
    "naive softmax, then log": (of_probabilities(soft=naive_softmax), "#overflow"),
    "clipped at 1e-7": (of_probabilities(lambda p: np.clip(p, 1e-7, 1)), "#clipped"),
    "clipped at 1e-12": (of_probabilities(lambda p: np.clip(p, 1e-12, 1)), "#clipped"),
    "clipped at 1e-10": (of_probabilities(lambda p: np.maximum(p, 1e-10)), "#clipped"),
    "clipped at the smallest": (
        of_probabilities(lambda p: np.maximum(p, np.finfo(np.float32).tiny)),
        "#clipped",
    ),
    "an epsilon": (of_probabilities(lambda p: p + 1e-8), "#clipped"),
    "a large epsilon": (of_probabilities(lambda p: p + 1e-3), "#clipped"),
    "Keras from probabilities": (
        lambda z, y: keras.losses.SparseCategoricalCrossentropy()(y, tf.nn.softmax(z)),
        "#clipped",
    ),
    "Keras without from_logits": (
        lambda z, y: keras.losses.SparseCategoricalCrossentropy()(y, z),
        "#probabilities-expected",
    ),
    "Keras, softmax and from_logits": (
        lambda z, y: keras.losses.SparseCategoricalCrossentropy(from_logits=True)(
            y, tf.nn.softmax(z)
        ),
        "#softmax-twice",
    ),
    "TensorFlow, softmax twice": (
        lambda z, y: tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(y, tf.nn.softmax(z))
        ),
        "#softmax-twice",
    ),
    "naive log of the sum": (
        lambda z, y: np.mean(np.log(np.exp(z).sum(axis=1)) - picked(z, y)),
        "#overflow",
    ),
    "naive in float64": (
        lambda z, y: np.mean(np.log(np.exp(z.astype(float)).sum(axis=1)) - picked(z, y)),
        "#overflow",
    ),
    "the batch's largest": (
        lambda z, y: shifted_loss(z - z.max(), y) if len(z) == 1 else _batch_largest(z, y),
        "#overflow",
    ),
    "NaN made 0": (
        lambda z, y: np.nan_to_num(of_probabilities()(z, y), posinf=100.0),
        "cross_entropy_from_logits must",
    ),
    "infinity made large": (
        lambda z, y: np.nan_to_num(of_probabilities()(z, y)),
        "cross_entropy_from_logits must",
    ),
    "logits clipped": (
        lambda z, y: shifted_loss(np.clip(z, -50, 50), y),
        "#clipped-logits",
    ),
    "logits clipped at 700": (
        lambda z, y: shifted_loss(np.clip(z, -700, 700), y),
        "#clipped-logits",
    ),
    "each one": (
        lambda z, y: tf.nn.sparse_softmax_cross_entropy_with_logits(y, z),
        "#one-for-each",
    ),
    "the sum": (lambda z, y: shifted_loss(z, y) * len(z), "#sum"),
    "over all entries": (lambda z, y: shifted_loss(z, y) / z.shape[1], "#mean-of-entries"),
    "no minus": (lambda z, y: -shifted_loss(z, y), "#sign"),
    "base 2": (lambda z, y: shifted_loss(z, y) / np.log(2), "#base-2"),
    "base 10": (lambda z, y: shifted_loss(z, y) / np.log(10), "#base-10"),
    "log of the mean": (
        lambda z, y: -np.log(np.maximum(picked(softmax(z), y).mean(), 1e-300)),
        "#log-of-mean",
    ),
    "down the columns": (
        lambda z, y: np.mean(scipy.special.logsumexp(z, axis=0).mean() - picked(z, y)),
        "#axis",
    ),
    "softmax down the columns": (
        lambda z, y: -picked(scipy.special.log_softmax(z, axis=0), y).mean(),
        "#axis",
    ),
    "over the whole batch": (
        lambda z, y: np.mean(scipy.special.logsumexp(z) - picked(z, y)),
        "#whole-batch",
    ),
    "the label's logit forgotten": (
        lambda z, y: scipy.special.logsumexp(z, axis=1).mean(),
        "#no-label",
    ),
    "the largest logit's loss": (
        lambda z, y: (scipy.special.logsumexp(z, axis=1) - z.max(axis=1)).mean(),
        "#largest-logit",
    ),
    "largest not added again": (
        lambda z, y: np.mean(np.log(np.exp(z - z.max(axis=1)[:, None]).sum(axis=1)) - picked(z, y)),
        "#maximum-lost",
    ),
    "all classes": (
        lambda z, y: -scipy.special.log_softmax(z, axis=1).sum(axis=1).mean(),
        "#all-classes",
    ),
    "labels from 1": (
        lambda z, y: shifted_loss(z, (y - 1) % z.shape[1]),
        "#labels-from-1",
    ),
    "the margin": (
        lambda z, y: np.mean(z.max(axis=1) - picked(z, y)),
        "#margin",
    ),
    "sigmoid": (
        lambda z, y: np.logaddexp(0, -picked(z, y)).mean(),
        "#sigmoid",
    ),
    "sigmoids of all": (
        lambda z, y: tf.reduce_mean(
            tf.reduce_sum(
                tf.nn.sigmoid_cross_entropy_with_logits(tf.one_hot(y, z.shape[1]), z), axis=1
            )
        ),
        "#sigmoid",
    ),
    "a squared distance": (
        lambda z, y: np.mean(np.sum((softmax(z) - np.eye(z.shape[1])[y]) ** 2, axis=1)),
        "#squared-distance",
    ),
    "the share of mistakes": (
        lambda z, y: np.mean(z.argmax(axis=1) != y),
        "#share-of-mistakes",
    ),
    "the median": (
        lambda z, y: np.median(scipy.special.logsumexp(z, axis=1) - picked(z, y)),
        "#median",
    ),
    "all labels at once": (
        lambda z, y: -scipy.special.log_softmax(z, axis=1)[:, y].mean(),
        "#columns-of-every-row",
    ),
    "the first example": (lambda z, y: shifted_loss(z[:1], y[:1]), "#first-only"),
    "in place": (in_place_loss, "#changed-argument"),
    "labels as numbers": (
        lambda z, y: np.mean(y * scipy.special.logsumexp(z, axis=1)),
        "#labels-as-numbers",
    ),
}


def _batch_largest(z, y):
    with np.errstate(all="ignore"):
        e = np.exp(z - z.max())
        return -np.log(picked(e / e.sum(axis=1, keepdims=True), y)).mean()


RIGHT_LOSS = {
    "shifted": shifted_loss,
    "TensorFlow": lambda z, y: tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=z)
    ),
    "TensorFlow, one-hot": one_hot_loss,
    "log_softmax": lambda z, y: -np.mean(picked(np.asarray(tf.nn.log_softmax(z)), y)),
    "log_softmax, gathered": lambda z, y: (
        -tf.reduce_mean(tf.gather(tf.nn.log_softmax(z), y, batch_dims=1))
    ),
    "reduce_logsumexp": lambda z, y: tf.reduce_mean(
        tf.reduce_logsumexp(z, axis=1) - tf.gather(z, y, batch_dims=1)
    ),
    "Keras": lambda z, y: keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, z),
    "Keras's function": lambda z, y: tf.reduce_mean(
        keras.losses.sparse_categorical_crossentropy(y, z, from_logits=True)
    ),
    "Keras, one-hot": lambda z, y: keras.losses.CategoricalCrossentropy(from_logits=True)(
        tf.one_hot(y, z.shape[1]), z
    ),
    "SciPy": lambda z, y: np.mean(scipy.special.logsumexp(z, axis=1) - picked(z, y)),
    "SciPy, log_softmax": lambda z, y: -picked(scipy.special.log_softmax(z, axis=1), y).mean(),
    "loops": looped_loss,
    "logaddexp": lambda z, y: np.mean(np.logaddexp.reduce(z, axis=1) - picked(z, y)),
    "differences": differences_loss,
    "float64": lambda z, y: shifted_loss(z.astype(np.float64), y),
    "a product with one-hot": lambda z, y: (
        -(np.eye(z.shape[1])[y] * scipy.special.log_softmax(z, axis=1)).sum() / len(z)
    ),
    "take_along_axis": lambda z, y: (
        -np.mean(np.take_along_axis(scipy.special.log_softmax(z, axis=1), y[:, None], axis=1))
    ),
    "a Python number": lambda z, y: float(shifted_loss(z, y)),
    "an average": lambda z, y: np.average([shifted_loss(a[None], [b]) for a, b in zip(z, y)]),  # noqa: B905
    "the smallest taken off twice": lambda z, y: shifted_loss(z - z.mean(axis=1)[:, None], y),
}


# initial_weights ----------------------------------------------------------------------------------


def drawn(deviation, draw=lambda rng, *shape: rng.standard_normal(shape)):
    """Numbers from `draw`, times a deviation that may depend on fan_in and fan_out."""
    return lambda i, o, rng: deviation(i, o) * draw(rng, i, o)


class KeptAndShuffled:
    """The first numbers of each shape, shuffled on at every call."""

    def __init__(self):
        self.kept = {}

    def __call__(self, i, o, rng):
        if (i, o) in self.kept:
            self.kept[i, o] = rng.permuted(self.kept[i, o])
        else:
            self.kept[i, o] = rng.normal(0, he(i), (i, o))
        return self.kept[i, o]


def he(i, o=None):
    return np.sqrt(2 / i)


def resampled(i, o, rng):
    """A normal distribution cut at two deviations, scaled up to the right spread."""
    values = rng.standard_normal(i * o)
    while (outside := np.abs(values) > 2).any():
        values[outside] = rng.standard_normal(outside.sum())
    return (he(i) / 0.87962566 * values).reshape(i, o)


def cut_short(i, o, rng):
    return np.asarray(tf.random.truncated_normal((i, o), stddev=he(i))) + 0 * rng.random()


def row_by_row(i, o, rng):
    return [tuple(rng.normal(0, he(i), o).tolist()) for _row in range(i)]


def by_polar(i, o, rng):
    """Box and Muller's way."""
    u, v = rng.random((2, i, o))
    return he(i) * np.sqrt(-2 * np.log(1 - u)) * np.cos(2 * np.pi * v)


def one_column(i, o, rng):
    return np.tile(rng.normal(0, he(i), (i, 1)), (1, o))


def one_row(i, o, rng):
    return np.tile(rng.normal(0, he(i), (1, o)), (i, 1))


def pairs_alike(i, o, rng):
    return np.repeat(rng.normal(0, he(i), (i, (o + 1) // 2)), 2, axis=1)[:, :o]


def mirrored_halves(i, o, rng):
    half = rng.normal(0, he(i), ((i + 1) // 2, o))
    return np.concatenate([half, -half])[:i]


def sorted_weights(i, o, rng):
    return np.sort(rng.normal(0, he(i), i * o)).reshape(i, o)


def seeded_by(rng):
    return int(rng.integers(2**31))


def standardised(fan_in, fan_out, rng):
    drawn = rng.normal(size=(fan_in, fan_out))
    return (drawn - drawn.mean()) / drawn.std() * he(fan_in)


WRONG_WEIGHTS = {
    "1 / 2 for a root": (drawn(lambda i, o: (2 / i) ** 1 / 2), "#deviation-one-over-fan-in"),
    "evenly, 1 / 2 for a root": (
        lambda i, o, rng: rng.uniform(-3 / i, 3 / i, (i, o)),
        "#uniform-halved",
    ),
    "the size before the deviation": (
        lambda i, o, rng: rng.normal(0, (i, o), np.sqrt(2 / i)),
        "#size-last",
    ),
    "clipped": (
        lambda i, o, rng: np.clip(rng.normal(0, he(i), (i, o)), -he(i), he(i)),
        "#clipped",
    ),
    "rounded": (lambda i, o, rng: np.round(rng.normal(0, he(i), (i, o)), 1), "#rounded"),
    "standardised": (standardised, "#own-deviation"),
    "one neuron, again and again": (
        lambda i, o, rng: np.repeat(rng.normal(0, he(i), (i, 1)), o, axis=1),
        "#repeated",
    ),
    "squared": (lambda m, n, rng: rng.normal(0, (2 / m) ** 2, (m, n)), "#squared"),
    "evenly, without the root": (
        lambda m, n, rng: rng.uniform(-6 / m, 6 / m, (m, n)),
        "#uniform-square",
    ),
    "the biases, too": (lambda i, o, rng: (rng.normal(0, he(i), (i, o)), np.zeros(o)), "#others"),
    "randn": (lambda i, o, rng: rng.randn(i, o) * he(i), "#old-generator"),
    "the root of fan_in": (drawn(lambda i, o: 2 / np.sqrt(i)), "#root-of-fan-in-only"),
    "the last row alone is 0": (
        lambda i, o, rng: np.vstack([rng.normal(0, he(i), (i - 1, o)), np.zeros((1, o))]),
        "#part-not-drawn",
    ),
    "several sizes": (lambda i, o, rng: rng.normal(0, he(i), i, o), "#size-in-brackets"),
    "upside down": (drawn(lambda i, o: np.sqrt(i / 2)), "#upside-down"),
    "zeros": (lambda i, o, rng: np.zeros((i, o)), "#zeros"),
    "ones": (lambda i, o, rng: np.ones((i, o)), "#constant"),
    "a constant": (lambda i, o, rng: np.full((i, o), he(i)), "#constant"),
    "the deviation as the mean": (lambda i, o, rng: rng.normal(he(i), 0, (i, o)), "#mean-first"),
    "one number drawn": (
        lambda i, o, rng: np.full((i, o), rng.normal(0, he(i))),
        "#constant",
    ),
    "the variance as the deviation": (drawn(lambda i, o: 2 / i), "#no-root"),
    "the variance as the deviation, by NumPy": (
        lambda i, o, rng: rng.normal(0, 2 / i, (i, o)),
        "#no-root",
    ),
    "fan_out": (drawn(lambda i, o: np.sqrt(2 / o)), "#fan-out"),
    "fan_out as the deviation": (drawn(lambda i, o: 2 / o), "#no-root-fan-out"),
    "both fans": (drawn(lambda i, o: np.sqrt(2 / (i + o))), "#Glorot"),
    "both multiplied": (drawn(lambda i, o: np.sqrt(2 / (i * o))), "#both-fans"),
    "Xavier": (drawn(lambda i, o: np.sqrt(1 / i)), "#one-over-fan-in"),
    "Xavier by Keras": (
        lambda i, o, rng: keras.initializers.GlorotNormal(seed=seeded_by(rng))((i, o)),
        "#Glorot",
    ),
    "LeCun by Keras": (
        lambda i, o, rng: keras.initializers.LecunNormal(seed=seeded_by(rng))((i, o)),
        "#one-over-fan-in",
    ),
    "all positive": (lambda i, o, rng: abs(rng.normal(0, he(i), (i, o))), "#one-sign"),
    "random numbers from 0 to 1": (lambda i, o, rng: rng.random((i, o)), "#one-sign"),
    "from 0 to 1, scaled": (lambda i, o, rng: rng.random((i, o)) * he(i), "#one-sign"),
    "all negative": (lambda i, o, rng: -rng.random((i, o)) * he(i), "#one-sign"),
    "around 0.1": (lambda i, o, rng: rng.normal(0.1, he(i), (i, o)), "#mean"),
    "shifted": (lambda i, o, rng: (rng.random((i, o)) - 0.4) * np.sqrt(24 / i), "#mean"),
    "standard normal": (lambda i, o, rng: rng.standard_normal((i, o)), "#variance-1"),
    "variance 2": (drawn(lambda i, o: np.sqrt(2)), "#variance-2"),
    "a fixed spread": (drawn(lambda i, o: 0.1), "#fixed-spread"),
    "a fixed small spread": (drawn(lambda i, o: 0.01), "#fixed-spread"),
    "evenly between -0.05 and 0.05": (
        lambda i, o, rng: rng.uniform(-0.05, 0.05, (i, o)),
        "#fixed-spread",
    ),
    "the root of 2 alone": (drawn(lambda i, o: np.sqrt(2) / i), "#root-of-2-only"),
    "times fan_in": (drawn(lambda i, o: np.sqrt(2 * i)), "#times-fan-in"),
    "half the spread": (drawn(lambda i, o: he(i) / 2), "#halved"),
    "twice the spread": (drawn(lambda i, o: he(i) * 2), "#doubled"),
    "uniform, limit he": (
        lambda i, o, rng: rng.uniform(-he(i), he(i), (i, o)),
        "#uniform",
    ),
    "uniform, limit 2 / fan_in": (
        lambda i, o, rng: rng.uniform(-2 / i, 2 / i, (i, o)),
        "#uniform-no-root",
    ),
    "uniform, Glorot": (
        lambda i, o, rng: rng.uniform(-1, 1, (i, o)) * np.sqrt(6 / (i + o)),
        "#Glorot",
    ),
    "uniform times he": (
        lambda i, o, rng: (rng.random((i, o)) * 2 - 1) * he(i),
        "#uniform",
    ),
    "tails cut off": (cut_short, "#truncated"),
    "tails clipped": (
        lambda i, o, rng: np.clip(rng.normal(0, he(i), (i, o)), -he(i), he(i)),
        "#clipped",
    ),
    "transposed": (lambda i, o, rng: rng.normal(0, he(i), (o, i)), "#size"),
    "flat": (lambda i, o, rng: rng.normal(0, he(i), i * o), "#size"),
    "one number": (lambda i, o, rng: rng.normal(0, he(i)), "#size"),
    "one column for all": (one_column, "#repeated"),
    "one row for all": (one_row, "#repeated"),
    "pairs alike": (pairs_alike, "#repeated"),
    "sorted": (sorted_weights, "#repeated"),
    "halves mirrored": (mirrored_halves, "#repeated"),
    "an identity": (lambda i, o, rng: np.eye(i, o) * he(i), "#part-not-drawn"),
    "its own generator": (
        lambda i, o, rng: np.random.default_rng(0).normal(0, he(i), (i, o)),
        "#same-again",
    ),
    "a copy of rng": (
        lambda i, o, rng: copy.deepcopy(rng).normal(0, he(i), (i, o)),
        "#copied-generator",
    ),
    "a new generator": (
        lambda i, o, rng: np.random.default_rng().normal(0, he(i), (i, o)),
        "#own-generator",
    ),
    "NumPy's global generator": (
        lambda i, o, rng: np.random.randn(i, o) * he(i),  # noqa: NPY002
        "#own-generator",
    ),
    "TensorFlow's generator": (
        lambda i, o, rng: tf.random.normal((i, o), stddev=he(i)),
        "#own-generator",
    ),
    "the numbers of the call before, shuffled on": (KeptAndShuffled(), "#remembers"),
    "whole numbers": (lambda i, o, rng: rng.integers(-1, 2, (i, o)), "#fractions"),
    "with a bias": (lambda i, o, rng: (drawn(he)(i, o, rng), np.zeros(o)), "#others"),
    "integer division": (drawn(lambda i, o: np.sqrt(2 // i)), "#zeros"),
    "the fourth root": (drawn(lambda i, o: he(i) ** 0.5), "#two-roots"),
    "without the root, 1 / fan_in": (drawn(lambda i, o: 1 / i), "#deviation-one-over-fan-in"),
}

RIGHT_WEIGHTS = {
    "normal": lambda i, o, rng: rng.normal(0, he(i), (i, o)),
    "standard normal, scaled": drawn(he),
    "float32": lambda i, o, rng: rng.standard_normal((i, o), np.float32) * np.float32(he(i)),
    "uniform": lambda i, o, rng: rng.uniform(-1, 1, (i, o)) * np.sqrt(6 / i),
    "uniform from 0 to 1, shifted": lambda i, o, rng: (rng.random((i, o)) - 0.5) * np.sqrt(24 / i),
    "truncated, scaled up": resampled,
    "truncated by SciPy": lambda i, o, rng: (
        scipy.stats.truncnorm.rvs(-2, 2, size=(i, o), random_state=rng) * he(i) / 0.87962566
    ),
    "Keras": lambda i, o, rng: keras.initializers.HeNormal(seed=seeded_by(rng))((i, o)),
    "Keras, uniform": lambda i, o, rng: keras.initializers.HeUniform(seed=seeded_by(rng))((i, o)),
    "Keras, scaling": lambda i, o, rng: keras.initializers.VarianceScaling(
        2.0, "fan_in", "untruncated_normal", seed=seeded_by(rng)
    )((i, o)),
    "TensorFlow, seeded": lambda i, o, rng: tf.random.normal(
        (i, o), stddev=he(i), seed=seeded_by(rng)
    ),
    "TensorFlow, stateless": lambda i, o, rng: tf.random.stateless_normal(
        (i, o), seed=rng.integers(2**31, size=2), stddev=he(i)
    ),
    "a tensor": lambda i, o, rng: tf.constant(rng.normal(0, he(i), (i, o)), tf.float32),
    "a variable": lambda i, o, rng: tf.Variable(rng.normal(0, he(i), (i, o))),
    "lists": row_by_row,
    "the other way round": lambda i, o, rng: rng.normal(0, he(i), (o, i)).T,
    "reshaped": lambda i, o, rng: rng.normal(0, he(i), i * o).reshape(i, o),
    "polar": by_polar,
    "a new generator from rng": lambda i, o, rng: np.random.default_rng(rng.integers(2**32)).normal(
        0, he(i), (i, o)
    ),
    "a spawned generator": lambda i, o, rng: rng.spawn(1)[0].normal(0, he(i), (i, o)),
    "a column at a time": lambda i, o, rng: np.stack(
        [rng.normal(0, he(i), i) for _neuron in range(o)], axis=1
    ),
    "plus or minus": lambda i, o, rng: rng.choice([-1.0, 1.0], (i, o)) * he(i),
    "shuffled quantiles": lambda i, o, rng: rng.permutation(
        scipy.stats.norm.ppf((np.arange(i * o) + 0.5) / (i * o)) * he(i)
    ).reshape(i, o),
}


# learning_rate_at ---------------------------------------------------------------------------------


def rate(step, lowest=1e-4, highest=3e-3, decay=2000):
    return lowest + (highest - lowest) * math.exp(-step / decay)


def formula(of):
    """An answer with the usual values, from a formula of step, lowest, highest and decay."""

    def answer(step, lowest=1e-4, highest=3e-3, decay=2000):
        return of(step, lowest, highest, decay)

    return answer


def keras_rate(step, lowest=1e-4, highest=3e-3, decay=2000):
    schedule = keras.optimizers.schedules.ExponentialDecay(highest - lowest, decay, math.exp(-1))
    return schedule(step) + lowest


def other_defaults(step, lowest=1e-5, highest=3e-3, decay=2000):
    return rate(step, lowest, highest, decay)


def exchanged_arguments(step, highest=3e-3, lowest=1e-4, decay=2000):
    return rate(step, lowest, highest, decay)


def no_defaults(step, lowest, highest, decay):
    return rate(step, lowest, highest, decay)


def step_alone(step):
    return rate(step)


def stepwise(step, lowest=1e-4, highest=3e-3, decay=2000):
    value = highest
    for _step in range(min(step, 20_000)):
        value = lowest + (value - lowest) * (1 - 1 / decay)
    return value


def powers(step, lowest=1e-4, highest=3e-3, decay=2000):
    return lowest + (highest - lowest) * math.e ** (-step / decay)


WRONG_RATE = {
    "cut down by int": (
        formula(lambda s, low, h, d: low + (h - low) * np.exp(-int(s / d))),
        "#staircase",
    ),
    "a list up to this step": (
        formula(lambda s, low, h, d: [low + (h - low) * math.exp(-i / d) for i in range(s)]),
        "#one-number",
    ),
    "a * missing": (
        formula(lambda s, low, h, d: low + (h - low)(math.exp(-s / d))),
        "#missing-times",
    ),
    "no brackets": (formula(lambda s, low, h, d: low + h - low * np.exp(-s / d)), "#brackets"),
    "divided outside": (
        formula(lambda s, low, h, d: low + (h - low) * np.exp(-s) / d),
        "#outside-exp",
    ),
    "floor added": (formula(lambda s, low, h, d: low + h * math.exp(-s / d)), "#floor-on-top"),
    "no floor": (formula(lambda s, low, h, d: h * math.exp(-s / d)), "#no-floor"),
    "what is above the floor": (
        formula(lambda s, low, h, d: (h - low) * math.exp(-s / d)),
        "#floor-not-added",
    ),
    "staircase": (formula(lambda s, low, h, d: rate(s // d * d, low, h, d)), "#staircase"),
    "whole quotient": (
        formula(lambda s, low, h, d: low + (h - low) * math.exp(-(s // d))),
        "#staircase",
    ),
    "minus floor": (
        formula(lambda s, low, h, d: low + (h - low) * math.exp(-s // d)),
        "#negative-staircase",
    ),
    "rounded": (
        formula(lambda s, low, h, d: low + (h - low) * math.exp(-round(s / d))),
        "#rounded-quotient",
    ),
    "half-life": (formula(lambda s, low, h, d: low + (h - low) * 0.5 ** (s / d)), "#power-of-2"),
    "tenths": (formula(lambda s, low, h, d: low + (h - low) * 0.1 ** (s / d)), "#power-of-10"),
    "another base": (
        formula(lambda s, low, h, d: low + (h - low) * 0.96 ** (s / d)),
        "#other-base",
    ),
    "exchanged": (formula(lambda s, low, h, d: rate(s, h, low, d)), "#exchanged"),
    "order of the arguments": (exchanged_arguments, "#order-of-arguments"),
    "no minus": (
        formula(lambda s, low, h, d: low + (h - low) * math.exp(min(s / d, 50))),
        "#sign",
    ),
    "cut off": (formula(lambda s, low, h, d: max(low, h * math.exp(-s / d))), "#floor-as-a-limit"),
    "linear": (formula(lambda s, low, h, d: max(low, h - (h - low) * s / d)), "#straight-line"),
    "linear without an end": (
        formula(lambda s, low, h, d: h - (h - low) * s / d),
        "#straight-line",
    ),
    "one over": (formula(lambda s, low, h, d: low + (h - low) / (1 + s / d)), "#hyperbola"),
    "square root": (
        formula(lambda s, low, h, d: low + (h - low) / math.sqrt(1 + s / d)),
        "#hyperbola",
    ),
    "cosine": (
        formula(
            lambda s, low, h, d: low + (h - low) * (1 + math.cos(math.pi * min(s / d, 1))) / 2,
        ),
        "#cosine",
    ),
    "geometric": (
        formula(lambda s, low, h, d: h * (max(low, 1e-12) / h) ** min(s / d, 1)),
        "#geometric",
    ),
    "powers between": (
        formula(lambda s, low, h, d: max(low, 1e-12) * (h / max(low, 1e-12)) ** math.exp(-s / d)),
        "#geometric",
    ),
    "growing": (
        formula(lambda s, low, h, d: low + (h - low) * (1 - math.exp(-s / d))),
        "#exchanged",
    ),
    "constant": (formula(lambda s, low, h, d: h), "#constant"),
    "the lowest": (formula(lambda s, low, h, d: low), "#constant"),
    "arguments ignored": (formula(lambda s, low, h, d: rate(s)), "#arguments-ignored"),
    "step alone": (step_alone, "#call"),
    "no usual values": (no_defaults, "#call"),
    "other usual values": (other_defaults, "#other-defaults"),
    "decay ignored": (formula(lambda s, low, h, d: rate(s, low, h)), "#decay-ignored"),
    "lowest ignored": (formula(lambda s, low, h, d: rate(s, 1e-4, h, d)), "#lowest-ignored"),
    "highest ignored": (formula(lambda s, low, h, d: rate(s, low, 3e-3, d)), "#highest-ignored"),
    "from step 1": (formula(lambda s, low, h, d: rate(s + 1, low, h, d)), "#steps-from-1"),
    "one step late": (
        formula(lambda s, low, h, d: rate(max(s - 1, 0), low, h, d)),
        "#steps-from-1",
    ),
    "per thousand": (
        formula(lambda s, low, h, d: rate(s / 1000, low, h, d)),
        "#halved",
    ),
    "multiplied": (
        formula(lambda s, low, h, d: low + (h - low) * math.exp(-s * d)),
        "#multiplied",
    ),
    "squared": (
        formula(lambda s, low, h, d: low + (h - low) * math.exp(-((s / d) ** 2))),
        "#bell",
    ),
    "the sum above": (
        formula(lambda s, low, h, d: low + (h + low) * math.exp(-s / d)),
        "#sum-falls",
    ),
    "halved": (
        formula(lambda s, low, h, d: low + (h - low) * math.exp(-s / (2 * d))),
        "#halved",
    ),
    "three rates": (
        formula(lambda s, low, h, d: np.array([rate(s, low, h, d)] * 3)),
        "#one-number",
    ),
    "a list": (formula(lambda s, low, h, d: [rate(s, low, h, d)]), "#one-number"),
    "stops at decay": (
        formula(lambda s, low, h, d: rate(s, low, h, d) if s < d else low),
        "#stops-at-decay",
    ),
    "rounded to four": (
        formula(lambda s, low, h, d: round(rate(s, low, h, d), 4)),
        "#rounded",
    ),
    "Keras without a floor": (
        formula(
            lambda s, low, h, d: keras.optimizers.schedules.ExponentialDecay(h, d, math.exp(-1))(s)
        ),
        "#no-floor",
    ),
    "Keras with 0.96": (
        formula(
            lambda s, low, h, d: (
                keras.optimizers.schedules.ExponentialDecay(h - low, d, 0.96)(s) + low
            )
        ),
        "#other-base",
    ),
}

RIGHT_RATE = {
    "step by step": formula(
        lambda s, low, h, d: (
            low + functools.reduce(lambda above, _: above * math.exp(-1 / d), range(s), h - low)
        )
    ),
    "by logarithms": formula(lambda s, low, h, d: low + np.exp(np.log(h - low) - s / d)),
    "math": rate,
    "NumPy": formula(lambda s, low, h, d: low + (h - low) * np.exp(-s / d)),
    "TensorFlow": formula(lambda s, low, h, d: low + (h - low) * tf.exp(-s / d)),
    "Keras": keras_rate,
    "a mixture": formula(
        lambda s, low, h, d: (1 - math.exp(-s / d)) * low + math.exp(-s / d) * h,
    ),
    "from the top": formula(lambda s, low, h, d: h - (h - low) * (1 - math.exp(-s / d))),
    "powers": powers,
    "a power of exp(-1)": formula(lambda s, low, h, d: low + (h - low) * math.exp(-1) ** (s / d)),
    "expm1": formula(lambda s, low, h, d: h + (h - low) * math.expm1(-s / d)),
    "one over exp": formula(
        lambda s, low, h, d: low + (h - low) / math.exp(min(s / d, 700)),
    ),
    "a power of 2": formula(lambda s, low, h, d: low + (h - low) * 2 ** (-s / d / math.log(2))),
    "float32": formula(lambda s, low, h, d: np.float32(rate(s, low, h, d))),
    "a 0-d array": formula(lambda s, low, h, d: np.array(rate(s, low, h, d))),
    "a tensor": formula(lambda s, low, h, d: tf.constant(rate(s, low, h, d))),
    "cast": formula(lambda s, low, h, d: low + (h - low) * tf.exp(-tf.cast(s, tf.float32) / d)),
    "a class": type("Schedule", (), {"__call__": lambda self, *a: rate(*a)})(),
    "any arguments": lambda *a, **named: rate(*a, **named),
    "float64 numbers": formula(lambda s, low, h, d: rate(*map(np.float64, (s, low, h, d)))),
}


# build_five_layers --------------------------------------------------------------------------------

HIDDEN = (200, 100, 60, 30)


def beside_the_way():
    """The second layer takes what the first one takes."""
    images = keras.Input((28, 28))
    x = pixels = layers.Flatten()(images)
    layers.Dense(HIDDEN[0], "relu")(pixels)
    for units in HIDDEN[1:]:
        x = layers.Dense(units, "relu")(x)
    return keras.Model(images, layers.Dense(10)(x))


def five(
    *,
    shape=(28, 28),
    activation="relu",
    units=(*HIDDEN, 10),
    last=None,
    name=None,
    flatten=True,
    between=lambda number: (),
    **options,
):
    """A Sequential with these layers; `activation` may be one for each hidden layer."""
    model = keras.Sequential([keras.Input(shape)])
    if flatten:
        model.add(layers.Flatten())
    activations = (
        [activation] * (len(units) - 1) if not isinstance(activation, list) else activation
    )
    for number, (count, chosen) in enumerate(zip(units[:-1], activations, strict=True), start=1):
        model.add(layers.Dense(count, chosen, **options))
        for layer in between(number):
            model.add(layer)
    model.add(layers.Dense(units[-1], last, name=name, **options))
    return model


def compiled(model, loss, optimizer="adam"):
    model.compile(optimizer, loss)
    return model


def from_logits(kind=keras.losses.SparseCategoricalCrossentropy):
    return kind(from_logits=True)


def functional(last=None, name=None, shape=(28, 28)):
    inputs = keras.Input(shape)
    x = layers.Reshape((784,))(inputs)
    for count in HIDDEN:
        x = layers.Dense(count, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(10, activation=last, name=name)(x))


def all_from_pixels():
    inputs = keras.Input((28, 28))
    flat = layers.Flatten()(inputs)
    for count in HIDDEN:
        x = layers.Dense(count, activation="relu")(flat)
    return keras.Model(inputs, layers.Dense(10)(x))


@functools.cache
def layers_of_before():
    return [layers.Dense(count, activation="relu") for count in HIDDEN]


def with_layers_of_before():
    return keras.Sequential(
        [keras.Input((28, 28)), layers.Flatten(), *layers_of_before(), layers.Dense(10)]
    )


def functions_between():
    inputs = keras.Input((28, 28))
    x = keras.ops.reshape(inputs, (-1, 784))
    for count in HIDDEN:
        x = keras.ops.relu(layers.Dense(count)(x))
    return keras.Model(inputs, layers.Dense(10)(x))


class Five(keras.Model):
    def __init__(self, last=None, name=None):
        super().__init__()
        self.flatten = layers.Flatten()
        self.hidden = [layers.Dense(count, "relu") for count in HIDDEN]
        self.out = layers.Dense(10, last, name=name)

    def call(self, images):
        x = self.flatten(images)
        for layer in self.hidden:
            x = layer(x)
        return self.out(x)


class WithoutFlatten(keras.Model):
    """Takes rows of 784 pixels only."""

    def __init__(self):
        super().__init__()
        self.stack = [layers.Dense(count, tf.nn.relu) for count in HIDDEN]
        self.logits = layers.Dense(10)

    def call(self, x, training=False):
        for layer in self.stack:
            x = layer(x)
        return self.logits(x)


class ByHand(keras.Model):
    """Weights of its own, and matrices that stand the other way round."""

    def __init__(self):
        super().__init__()
        sizes = (784, *HIDDEN, 10)
        self.kernels = [
            self.add_weight(shape=(units, inputs), initializer="he_normal", name=f"W{units}")
            for inputs, units in itertools.pairwise(sizes)
        ]
        self.biases = [
            self.add_weight(shape=(units,), initializer="zeros", name=f"b{units}")
            for units in sizes[1:]
        ]

    def call(self, images):
        x = tf.reshape(images, (-1, 784))
        for W, b in zip(self.kernels[:-1], self.biases[:-1], strict=True):
            x = tf.nn.relu(x @ tf.transpose(W) + b)
        return x @ tf.transpose(self.kernels[-1]) + self.biases[-1]


class Linear(Five):
    def call(self, images):
        x = self.flatten(images)
        for layer in self.hidden:
            x = x @ layer.kernel + layer.bias if layer.built else layer(x)
        return self.out(x)


class EndsInSigmoid(WithoutFlatten):
    def call(self, x):
        for layer in self.stack:
            x = layer(x)
        return tf.sigmoid(self.logits(x))


def nested():
    body = keras.Sequential([layers.Dense(count, "relu") for count in HIDDEN])
    return keras.Sequential([keras.Input((28, 28)), layers.Flatten(), body, layers.Dense(10)])


def separate():
    return five(activation=None, between=lambda number: (layers.Activation("relu"),))


def relu_layers():
    return five(activation=None, between=lambda number: (layers.ReLU(),))


def unbuilt(flatten=True):
    first = [layers.Flatten()] if flatten else []
    return keras.Sequential(
        [*first, *(layers.Dense(count, "relu") for count in HIDDEN), layers.Dense(10)]
    )


def built(model, shape=(1, 28, 28)):
    """A model that has seen a digit, and so has its weights."""
    model(np.zeros(shape, np.float32))
    return model


def only_loss(labels, logits):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)


def one_linear(number):
    chosen = ["relu"] * 4
    chosen[number - 1] = None
    return lambda: five(activation=chosen)


def one_softmax(number):
    chosen = ["relu"] * 4
    chosen[number - 1] = "softmax"
    return lambda: five(activation=chosen)


def then(*more, **options):
    model = five(**options)
    for layer in more:
        model.add(layer)
    return model


def constant_start(value):
    return lambda: five(kernel_initializer=keras.initializers.Constant(value))


CACHED = five()

WRONG_FIVE = {
    "the last layer in the loop": (
        lambda: five(between=lambda number: [layers.Dense(10)]),
        "#layers-too-many",
    ),
    "the course's network": (lambda: networks.five_layers_relu(), "#own"),
    "the course's, with sigmoid": (networks.five_layers_sigmoid, "#own"),
    "an activation that is not there": (lambda: five(activation="Relu"), "#activation-name"),
    "a long text": (lambda: "layers\n" * 20, "#return-model"),
    "no activations": (lambda: five(activation=None), "#no-activation"),
    "no activations, functional": (
        lambda: keras.models.clone_model(five(activation=None)),
        "#no-activation",
    ),
    "linear by name": (lambda: five(activation="linear"), "#no-activation"),
    "a linear class": (lambda: built(Linear()), "#no-activation"),
    "layer 1 linear": (one_linear(1), "#no-activation"),
    "layer 2 linear": (one_linear(2), "#no-activation"),
    "layer 3 linear": (one_linear(3), "#no-activation"),
    "layer 4 linear": (one_linear(4), "#no-activation"),
    "sigmoid, layer 4 linear": (
        lambda: five(activation=["sigmoid"] * 3 + [None]),
        "#no-activation",
    ),
    "tanh, layer 1 linear": (
        lambda: five(activation=[None] + ["tanh"] * 3),
        "#no-activation",
    ),
    "softmax inside": (lambda: five(activation="softmax"), "#softmax-inside"),
    "softmax in layer 1": (one_softmax(1), "#softmax-inside"),
    "softmax in layer 2": (one_softmax(2), "#softmax-inside"),
    "softmax in layer 3": (one_softmax(3), "#softmax-inside"),
    "softmax in layer 4": (one_softmax(4), "#softmax-inside"),
    "log-softmax inside": (lambda: five(activation="log_softmax"), "#softmax-inside"),
    "softmax after sigmoid": (
        lambda: five(activation="sigmoid", between=lambda n: (layers.Softmax(),)),
        "#softmax-inside",
    ),
    "softmax at the end": (lambda: five(last="softmax"), "#softmax-at-end"),
    "softmax at the end, functional": (lambda: functional("softmax"), "#softmax-at-end"),
    "softmax at the end of a class": (lambda: built(Five("softmax")), "#softmax-at-end"),
    "a Softmax layer at the end": (lambda: then(layers.Softmax()), "#softmax-at-end"),
    "TensorFlow's softmax at the end": (lambda: five(last=tf.nn.softmax), "#softmax-at-end"),
    "softmax, called logits": (
        lambda: five(last="softmax", name="logits"),
        "#softmax-at-end",
    ),
    "softmax, and a loss from probabilities": (
        lambda: compiled(five(last="softmax"), "sparse_categorical_crossentropy"),
        "#softmax-at-end",
    ),
    "softmax, and a loss from logits": (
        lambda: compiled(five(last="softmax"), from_logits()),
        "#softmax-at-end",
    ),
    "softmax at the end, its weights at 0": (
        lambda: keras.Sequential(
            [
                *(keras.Input((28, 28)), *five().layers[:-1]),
                layers.Dense(10, "softmax", kernel_initializer="zeros"),
            ]
        ),
        "#softmax-at-end",
    ),
    "sigmoid at the end": (lambda: five(last="sigmoid"), "#sigmoid-at-end"),
    "dropout at the end": (lambda: then(layers.Dropout(0.2)), "#dropout-at-end"),
    "sigmoid everywhere": (
        lambda: five(activation="sigmoid", last="sigmoid"),
        "#sigmoid-at-end",
    ),
    "sigmoid at the end of a class": (
        lambda: built(EndsInSigmoid(), (1, 784)),
        "#sigmoid-at-end",
    ),
    "ReLU at the end": (lambda: five(last="relu"), "#ReLU-at-end"),
    "tanh at the end": (lambda: five(last="tanh"), "#tanh-at-end"),
    "softplus at the end": (lambda: five(last="softplus"), "must end in ten logits"),
    "exponentials at the end": (lambda: five(last="exponential"), "must end in ten logits"),
    "logits cut off at 3": (
        lambda: five(last=lambda logits: tf.clip_by_value(logits, -3, 3)),
        "must end in ten logits",
    ),
    "softmax twice": (lambda: then(layers.Softmax(), last="softmax"), "#softmax-twice"),
    "softmax of sigmoid": (
        lambda: then(layers.Softmax(), last="sigmoid"),
        "#softmax-of-sigmoid",
    ),
    "softmax of ReLU": (lambda: then(layers.Softmax(), last="relu"), "#softmax-of-ReLU"),
    "softmax along the batch": (lambda: then(layers.Softmax(axis=0)), "#softmax-along-batch"),
    "sigmoid called logits": (
        lambda: five(last="sigmoid", name="logits"),
        "#sigmoid-at-end",
    ),
    "logits, and a loss from probabilities": (
        lambda: compiled(five(), "sparse_categorical_crossentropy"),
        "#loss-from-logits",
    ),
    "called logits, and a loss from probabilities": (
        lambda: compiled(five(name="logits"), keras.losses.SparseCategoricalCrossentropy()),
        "#loss-from-logits",
    ),
    "no biases": (lambda: five(use_bias=False), "#no-biases"),
    "biases at the end alone": (
        lambda: keras.Sequential(
            [
                *(keras.Input((28, 28)), layers.Flatten()),
                *(layers.Dense(units, "relu", use_bias=False) for units in (200, 100, 60, 30)),
                layers.Dense(10),
            ]
        ),
        "#no-biases",
    ),
    "a layer that nothing follows": (beside_the_way, "#layer-missing"),
    "a layer too few": (lambda: five(units=(200, 100, 60, 10)), "#layer-missing"),
    "without the 100": (lambda: five(units=(200, 60, 30, 10)), "#layer-missing"),
    "a layer too many": (lambda: five(units=(*HIDDEN, 20, 10)), "#layers-too-many"),
    "the other order": (lambda: five(units=(30, 60, 100, 200, 10)), "#order-of-layers"),
    "the single layer": (lambda: five(units=(10,)), "#single-layer"),
    "all 200": (lambda: five(units=(200, 200, 200, 200, 10)), "#parameters"),
    "ten classes less one": (lambda: five(units=(*HIDDEN, 9)), "#ten-outputs"),
    "one output": (lambda: five(units=(*HIDDEN, 1)), "#ten-outputs"),
    "without the last": (lambda: five(units=HIDDEN), "#ten-outputs"),
    "batch norm": (
        lambda: five(between=lambda n: (layers.BatchNormalization(),)),
        "#parameters",
    ),
    "PReLU": (lambda: five(activation=None, between=lambda n: (layers.PReLU(),)), "#parameters"),
    "the same number, other layers": (
        lambda: five(units=(215, 45, 50, 76, 10)),
        "#parameters",
    ),
    "no Flatten": (lambda: five(flatten=False), "#flatten-first"),
    "layers made once": (with_layers_of_before, "#shared-layers"),
    "each layer takes the pixels": (all_from_pixels, "#layers-bypassed"),
    "other images": (lambda: five(shape=(32, 32)), "#input"),
    "colour": (lambda: five(shape=(28, 28, 3)), "#input"),
    "zeros": (lambda: five(kernel_initializer="zeros"), "#constant-start"),
    "ones": (lambda: five(kernel_initializer="ones"), "#constant-start"),
    "a constant": (constant_start(0.1), "#constant-start"),
    "the class": (lambda: Five, "#return-model"),
    "a list": (lambda: five().layers, "#list-of-layers"),
    "a layer": (lambda: layers.Dense(10), "#not-built"),
    "without an Input": (unbuilt, "#not-built"),
    "without an Input and Flatten": (lambda: unbuilt(flatten=False), "#not-built"),
    "a class that has seen no digit": (Five, "#not-built"),
    "compiled, returned as None": (
        lambda: five().compile("adam", "mse"),
        "#no-return",
    ),
    "the output": (lambda: five()(np.zeros((1, 28, 28))), "#return-model"),
    "nothing in it": (lambda: keras.Sequential([keras.Input((28, 28))]), "#not-built"),
    "an argument": (lambda images: five(), "#call"),
    "a function": (lambda: lambda images: five()(images), "#return-model"),
    "the same every time": (lambda: CACHED, "#shared-layers"),
    "more layers on a model that is there": (
        lambda: keras.Sequential(
            [
                keras.Input((28, 28)),
                layers.Flatten(),
                layers.Dense(10),
                five(shape=(10,), flatten=False),
            ]
        ),
        "#new-model",
    ),
    "log-softmax": (lambda: five(last="log_softmax"), "#log-softmax-at-end"),
    "None in quotation marks": (lambda: five(last="None"), "#none-as-text"),
    "an activation that is called": (
        lambda: five(activation=keras.activations.relu()),
        "#activation-called",
    ),
    "rescaled by a tensor": (
        lambda: keras.Sequential(
            [keras.Input((28, 28)), layers.Rescaling(tf.constant(1 / 255)), five()]
        ),
        "#scaled-again",
    ),
    "rescaled by an array": (
        lambda: keras.Sequential(
            [keras.Input((28, 28)), layers.Rescaling(np.array([1 / 255])), five()]
        ),
        "#scaled-again",
    ),
    "rescaled again": (
        lambda: keras.Sequential([keras.Input((28, 28)), layers.Rescaling(1 / 255), five()]),
        "#scaled-again",
    ),
    "the input as a layer": (lambda: five(units=(784, *HIDDEN, 10)), "#input-as-layer"),
    "pooled": (
        lambda: keras.Sequential(
            [
                keras.Input((28, 28)),
                layers.GlobalAveragePooling1D(),
                five(shape=(28,), flatten=False),
            ]
        ),
        "#not-flat",
    ),
    "two scales": (lambda: then(layers.Rescaling(0.5)), "must end in ten logits"),
    "dropout at the end, always on": (
        lambda: then(layers.Lambda(lambda p: tf.nn.dropout(p, 0.9))),
        "#dropout-at-end",
    ),
}

RIGHT_FIVE = {
    "sequential": five,
    "functional": functional,
    "a class": lambda: built(Five()),
    "a class without Flatten": lambda: built(WithoutFlatten(), (1, 784)),
    "a class with weights of its own": lambda: built(ByHand()),
    "nested": nested,
    "functions between": functions_between,
    "activation layers": separate,
    "ReLU layers": relu_layers,
    "rows of pixels": lambda: five(shape=(784,), flatten=False),
    "a grey channel": lambda: five(shape=(28, 28, 1)),
    "Reshape": lambda: functional(shape=(28, 28, 1)),
    "without an Input, built": lambda: built(unbuilt()),
    "without an Input and Flatten, built": lambda: built(unbuilt(flatten=False), (1, 784)),
    "sigmoid": lambda: five(activation="sigmoid"),
    "sigmoid, narrow start": lambda: five(
        activation="sigmoid", kernel_initializer=keras.initializers.TruncatedNormal(stddev=0.1)
    ),
    "tanh": lambda: five(activation="tanh"),
    "GELU": lambda: five(activation="gelu"),
    "swish": lambda: five(activation="swish"),
    "SELU": lambda: five(activation="selu", kernel_initializer="lecun_normal"),
    "ELU": lambda: five(activation="elu"),
    "softplus": lambda: five(activation="softplus"),
    "softsign": lambda: five(activation="softsign"),
    "ReLU up to 6": lambda: five(activation="relu6"),
    "hard sigmoid": lambda: five(activation="hard_sigmoid"),
    "leaky ReLU": lambda: five(activation=None, between=lambda n: (layers.LeakyReLU(),)),
    "TensorFlow's ReLU": lambda: five(activation=tf.nn.relu),
    "mixed activations": lambda: five(activation=["relu", "tanh", "sigmoid", "elu"]),
    "a ReLU of one's own": lambda: five(activation=lambda x: tf.maximum(x, 0.0)),
    "positive biases": lambda: five(bias_initializer=keras.initializers.Constant(0.1)),
    "dropout": lambda: five(between=lambda n: (layers.Dropout(0.25),)),
    "with a rescaling": lambda: keras.Sequential(
        [keras.Input((28, 28)), layers.Rescaling(2, offset=-1), five()]
    ),
    "logits by name": lambda: five(name="logits"),
    "logits by name, a class": lambda: built(Five(None, "logits")),
    "linear by name at the end": lambda: five(last="linear"),
    "compiled": lambda: compiled(five(), from_logits()),
    "compiled with one-hot targets": lambda: compiled(
        five(), from_logits(keras.losses.CategoricalCrossentropy)
    ),
    "compiled with a loss of one's own": lambda: compiled(five(), only_loss),
    "compiled with mse": lambda: compiled(five(), "mse"),
    "last weights at 0": lambda: keras.Sequential(
        [
            *(keras.Input((28, 28)), *five().layers[:-1]),
            layers.Dense(10, kernel_initializer="zeros"),
        ]
    ),
    "cloned": lambda: keras.models.clone_model(five()),
}

WRONG = {
    "sigmoid_and_slope": WRONG_SIGMOID,
    "cross_entropy_from_logits": WRONG_LOSS,
    "initial_weights": WRONG_WEIGHTS,
    "learning_rate_at": WRONG_RATE,
    "build_five_layers": WRONG_FIVE,
    "loss_for": keras_answers.WRONG["loss_for"],
    "compile_model": keras_answers.WRONG["compile_model"],
    "fit_model": keras_answers.WRONG["fit_model"],
}

RIGHT = {
    "sigmoid_and_slope": RIGHT_SIGMOID,
    "cross_entropy_from_logits": RIGHT_LOSS,
    "initial_weights": RIGHT_WEIGHTS,
    "learning_rate_at": RIGHT_RATE,
    "build_five_layers": RIGHT_FIVE,
    "loss_for": keras_answers.RIGHT["loss_for"],
    "compile_model": keras_answers.RIGHT["compile_model"],
    "fit_model": keras_answers.RIGHT["fit_model"],
}
