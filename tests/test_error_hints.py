"""Frequent slips that end in an error, each with the hint that is told."""

import numpy as np
import pytest

from course import check
from course.backend import keras, tf
from course.check import tensors

layers = keras.layers


def unbound(x, w, b, slope):
    if w @ x + b > 1e9:
        gate = 1
    return gate * slope


def returns_only_if(x, w, b, slope):
    if b > 1e9:
        return x, w, b


def taped(target=None, source=None):
    """Ask a tape for a gradient, with something else in place of the loss or the variable."""

    def answer(x, w, b, slope):
        variable = tf.Variable(w)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(variable * x)
        return tape.gradient(target or loss, source or variable)

    return answer


SLIPS = {
    "power": [
        lambda x, w, b, slope: (x - 1) ^ 2,
        lambda x, w, b, slope: b ^ 2,
        lambda x, w, b, slope: tf.constant(x) ^ 2,
    ],
    "own-name": [unbound],
    "two-arrays": [lambda x, w, b, slope: np.maximum(x, w, x + w, x - w)],
    "shape-in-brackets": [
        lambda x, w, b, slope: np.reshape(x, 1, 2, 1),
        lambda x, w, b, slope: tf.reshape(x, 1, 2, 1),
    ],
    "loss-function": [taped(target=keras.losses.MeanSquaredError())],
    "no-tensor": [taped(target=1.5), taped(source=1.5), taped(source=[1.5])],
    "other-shapes": [lambda x, w, b, slope: np.array([x, w, b])],
    "numpy-already": [lambda x, w, b, slope: x.numpy()],
    "array-attribute": [lambda x, w, b, slope: x.append(1), lambda x, w, b, slope: x.index(1)],
    "no-array": [lambda x, w, b, slope: [1, 2].shape],
    "entry-of-dict": [lambda x, w, b, slope: {"x": x}.x],
    "argument-name": [
        lambda x, w, b, slope: x.mean(axes=0),
        lambda x, w, b, slope: tf.reduce_sum(x, dim=0),
        lambda x, w, b, slope: keras.metrics.Precision(threshold=0),
    ],
    "american-spelling": [
        lambda x, w, b, slope: layers.Dense(1, kernel_regulariser="l2"),
        lambda x, w, b, slope: layers.Dense(1, kernel_initialiser="zeros"),
    ],
    "regularizer": [lambda x, w, b, slope: layers.Dense(1, kernel_regularizer=0.1)],
    "layers-in-a-list": [
        lambda x, w, b, slope: keras.Sequential(keras.Input((2,)), layers.Dense(1)),
        lambda x, w, b, slope: keras.Sequential(keras.Input((2,)), layers.ReLU(), layers.ReLU()),
        lambda x, w, b, slope: keras.Sequential(layers.Dense(1)),
    ],
    "layer-for-tensor": [lambda x, w, b, slope: layers.Flatten()(layers.Dense(1))],
    "layer-for-output": [lambda x, w, b, slope: keras.Model(keras.Input((2,)), layers.Dense(1))],
    "add-to-functional": [
        lambda x, w, b, slope: (lambda i: keras.Model(i, i))(keras.Input((2,))).add(layers.Dense(1))
    ],
    "get-layer": [lambda x, w, b, slope: keras.Sequential([layers.Dense(1)])["dense"]],
    "third-of-convolution": [lambda x, w, b, slope: layers.Conv2D(6, 6, "relu")],
    "monitor-first": [
        lambda x, w, b, slope: keras.callbacks.EarlyStopping(3).on_epoch_end(0, {"val_loss": 1.0})
    ],
    "minimize": [lambda x, w, b, slope: keras.optimizers.Adam().minimize(x)],
    "negative-padding": [
        lambda x, w, b, slope: np.pad(x, (-1, 1)),
        lambda x, w, b, slope: tf.pad(x, [[-1, 1]]),
    ],
    "window-shape": [lambda x, w, b, slope: np.tensordot(np.ones((2, 3)), np.ones((3, 3)), 2)],
    "matrix-and-vector": [lambda x, w, b, slope: tf.matmul(x, [[1.0], [2.0]])],
    "module-in-front": [
        lambda x, w, b, slope: relu(w @ x + b),  # noqa: F821
        lambda x, w, b, slope: EarlyStopping(patience=3),  # noqa: F821
    ],
    "quotation-marks": [lambda x, w, b, slope: layers.Dense(1, relu)],  # noqa: F821
    "near-spelling": [lambda x, w, b, slope: layers.Conv2d(6, 6), lambda *given: tf.mean(given[0])],
    "no-return-here": [returns_only_if],
}


@pytest.mark.parametrize(
    ("hint_id", "answer"), [(hint_id, answer) for hint_id in SLIPS for answer in SLIPS[hint_id]]
)
def test_an_error_has_the_hint_of_its_slip(hint_id, answer):
    with pytest.raises(check.CheckFailed) as failure:
        check.neuron_gradients(answer)
    assert failure.value.hint_id == f"neuron_gradients/{hint_id}", failure.value


def test_an_error_in_a_graph_is_told_by_its_cause():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(check.CheckFailed, match="label value of 5 which is outside"):
        check.neuron_gradients(lambda *given: model.fit(np.ones((1, 2)), np.array([5]), verbose=0))


def test_numbers_rounded_down_are_told_so():
    with pytest.raises(check.CheckFailed) as failure:
        tensors.column_means(lambda X: X.sum(axis=0) // len(X))
    assert failure.value.hint_id == "column_means/whole-numbers"
