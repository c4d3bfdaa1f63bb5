"""Frequent slips that end in an error, each with the hint that is told."""

import math
import re
import warnings

import numpy as np
import pytest

from course import check
from course.backend import keras, tf
from course.check import tensors
from course.check.engine.error_hints import ERROR_HINTS

layers = keras.layers


def unbound(x, w, b, slope):
    if w @ x + b > 1e9:
        gate = 1
    return gate * slope


def returns_only_if(x, w, b, slope):
    if b > 1e9:
        return x, w, b


def in_a_branch(x, w, b, slope):
    if slope == "steep":
        gate = 1
    elif b > 1e9:
        gate = 0
    return gate * slope


def in_a_loop(x, w, b, slope):
    for row in x[:0]:
        last = row
    return last


def in_a_branch_of_a_loop(x, w, b, slope):
    for row in x:
        if row > 1e9:
            last = row
        x = last
    return x


def counted_in_a_branch(x, w, b, slope):
    if slope:
        steps += 1  # noqa: F821
    return steps


def missing_from_one_way(x, w, b, slope):
    try:
        gate = gate * 2  # noqa: F821
    finally:
        b = gate  # noqa: F841


def unpacks_a_shape(x, w, b, slope):
    n, k = x.shape
    return n * k


def unpacks_a_product(x, w, b, slope):
    n, k, c = x * w
    return n * k * c


def unpacks_each_of_two(x, w, b, slope):
    names, values = ["x", "w", "b"], [1, 2, 3]
    return [name * value for name, value in (names, values)]


def written_in_steps(x, w, b, slope):
    out = np.zeros((2, 2))
    for i in range(0, 4, 2):
        for j in range(0, 4, 2):
            out[i, j] = b


def written_to_the_diagonal(x, w, b, slope):
    out = np.zeros((2, 3))
    for i in (2, 0):
        out[i, i] = 1


def written_to_a_copy(x, w, b, slope):
    tf.Variable(1.0).numpy()[...] = 2


def opened_without_a_name(x, w, b, slope):
    w = tf.Variable(w)
    with tf.GradientTape():
        loss = tf.reduce_sum(w * x)
    return tape.gradient(loss, w)  # noqa: F821


def joined_tuples(x, w, b, slope):
    large = np.where(x > 0)
    small = np.where(x <= 9)
    return np.concatenate([large, small])


def taped_array_of_a_variable(x, w, b, slope):
    weights = tf.Variable(w)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(weights * x)
    return tape.gradient(loss, w)


def asks_for_the_loss(x, w, b, slope):
    w = tf.Variable(w)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(w * x)
    return tape.gradient([w], loss)


def asks_for_gradients(x, w, b, slope):
    with tf.GradientTape() as tape:
        pass
    return tape.gradients(x, w)


def enclosing(x, w, b, slope):
    def inner():
        return gate

    if b > 1e9:
        gate = 1
    return inner()


def uses_a_helper(x, w, b, slope):
    return hidden(w, b)


def hidden(w, b):
    return w @ x + b  # noqa: F821


def thinned(image, step=1):
    return image[::step]


def squared(x, w, b, slope):
    return tf.constant(x)^2  # fmt: skip


SIZES = (2,)


def above_zero(x):
    return 1 if x > 0 else 0


def picked(x, w):
    return x.tolist()[np.arange(2)]


def own_model():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    model.compile("sgd", "mse")
    return model


def fitted():
    return own_model().fit(np.ones((1, 2)), np.ones((1, 3)), verbose=0)


def above_zero_in_tensorflow(x):
    passed = tf.constant(x) * (tf.constant(x) > 0)
    return tf.reduce_sum(passed)


def one_dense_twice(x, w, b, slope):
    hidden = layers.Dense(4)
    return hidden(hidden(keras.Input((3,))))


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
        squared,
        lambda x, w, b, slope: exec("b ^= 2", {"b": b}),
    ],
    "own-name": [enclosing, counted_in_a_branch, missing_from_one_way],
    "no-branch": [unbound, in_a_branch, in_a_loop, in_a_branch_of_a_loop],
    "place-written-to": [written_in_steps],
    "index": [lambda x, *given: x[0] * x[2]],
    "argument-of-helper": [uses_a_helper],
    "two-arrays": [
        lambda x, w, b, slope: np.maximum(x, w, x + w, x - w),
        lambda x, w, b, slope: np.maximum(x, 0, 1),
    ],
    "largest-of-rows": [
        lambda x, w, b, slope: np.maximum(x),
        lambda x, w, b, slope: np.maximum(x, axis=0),
    ],
    "one-array": [lambda x, w, b, slope: np.log(x, 2)],
    "keepdims-by-name": [
        lambda x, w, b, slope: np.sum(x, 0, True),
        lambda x, w, b, slope: x.mean(0, True),
        lambda x, w, b, slope: np.max(x, 0, True),
    ],
    "one-list": [
        lambda x, w, b, slope: np.array(1, 2),
        lambda x, w, b, slope: np.array(0.5, 0.3),
        lambda x, w, b, slope: np.array(0.5, -0.3),
    ],
    "larger-of-two": [
        lambda x, w, b, slope: np.max(0, x),
        lambda x, w, b, slope: np.max(np.exp(x), 1e-7),
        lambda x, w, b, slope: np.max(0, w @ x + b),
        lambda x, w, b, slope: np.max(0, b),
        lambda x, w, b, slope: np.min(x[::1], w[:, None]),
        lambda x, w, b, slope: np.max(x[np.array([0])], w),
        lambda x, w, b, slope: np.max(0, int(w @ x + b)),
        lambda x, w, b, slope: np.max(0, [1, 2]),
        lambda x, w, b, slope: np.max(0, tf.constant(0.5)),
        lambda x, w, b, slope: tf.reduce_max(0, w @ x + b),
        lambda x, w, b, slope: tf.reduce_min(tf.constant(x), 0.0),
        lambda x, w, b, slope: tf.reduce_max(tf.constant(x), tf.constant(w)),
    ],
    "axis-second": [
        lambda x, w, b, slope: np.sum(x, np.log(w + 9)),
        lambda x, w, b, slope: np.mean(x, w),
        lambda x, w, b, slope: np.sum(x[:, None], w[:, None]),
        lambda x, w, b, slope: np.sum(b, slope),
        lambda x, w, b, slope: np.mean(b, slope),
        lambda x, w, b, slope: tf.reduce_sum(tf.constant(x), tf.constant(w)),
    ],
    "axes-in-brackets": [
        lambda x, w, b, slope: np.mean(np.eye(2), axis=[0, 1]),
        lambda x, w, b, slope: np.max(np.eye(2), [0, 1]),
    ],
    "same-place-twice": [written_to_the_diagonal],
    "backward-of-pytorch": [
        lambda x, *given: tf.constant(x).backward(),
        lambda x, *given: tf.Variable(x).grad,
        lambda *given: keras.optimizers.Adam().zero_grad(),
        lambda *given: keras.optimizers.Adam().step(),
    ],
    "parameters-of-pytorch": [
        lambda *given: own_model().parameters(),
        lambda *given: own_model().state_dict(),
    ],
    "modes-of-pytorch": [
        lambda *given: own_model().eval(),
        lambda *given: own_model().train(),
        lambda x, *given: own_model().forward(x),
    ],
    "value-of-tensor": [
        lambda x, *given: tf.reduce_sum(x).item(),
        lambda x, *given: tf.constant(x).detach(),
    ],
    "shape-of-tensor": [
        lambda x, *given: tf.constant(x).view(-1),
        lambda x, *given: tf.constant(x).unsqueeze(0),
    ],
    "array-among-variables": [taped_array_of_a_variable],
    "labels-as-one-hot": [
        lambda labels, *given: np.sum(labels * np.eye(3), axis=1),
        lambda labels, *given: np.sum(np.eye(3) * labels),
    ],
    "third-of-matmul": [
        lambda x, *given: tf.matmul(np.eye(2), np.eye(2), x),
        lambda x, *given: tf.matmul(np.eye(2), np.eye(2), x[:1]),
    ],
    "parts-of-other-shapes": [
        joined_tuples,
        lambda x, *given: np.concatenate([np.eye(2), x]),
        lambda x, *given: np.vstack([np.eye(3), x]),
    ],
    "indices-in-pairs": [lambda x, w, b, slope: np.eye(4)[np.arange(3), np.arange(2)]],
    "copy-of-variable": [written_to_a_copy],
    "name-of-tape": [opened_without_a_name],
    "no-generator": [lambda x, *given: x.permutation(3), lambda *given: (5).normal()],
    "loss-class": [lambda *given: keras.losses.mean_squared_error()],
    "argument-missing": [lambda *given: layers.Dense(), lambda x, *given: tf.one_hot(x)],
    "by-zero": [lambda x, w, b, slope: 1 / (len(x) - len(w))],
    "axis-from-0": [lambda x, *given: np.max(x, 1), lambda x, *given: tf.reduce_sum(x, 1)],
    "number-times-truth": [
        lambda x, w, b, slope: tf.eye(2) @ (tf.eye(2) * (tf.eye(2) > 0)),
        lambda x, w, b, slope: above_zero_in_tensorflow(x),
        lambda x, w, b, slope: slope * (tf.constant(x) > 0),
        lambda x, w, b, slope: tf.constant(x) / (tf.constant(x) > 0),
    ],
    "mean-of-booleans": [lambda x, *given: tf.reduce_mean(tf.constant(x) > 0)],
    "list-of-targets": [
        lambda x, *given: keras.losses.MeanSquaredError()([1.0], tf.constant([1.0])),
    ],
    "loss-alone": [
        lambda *given: own_model().evaluate(np.ones((1, 2)), np.ones((1, 3)), verbose=0)[0],
        lambda *given: own_model().train_on_batch(np.ones((1, 2)), np.ones((1, 3)))[0],
        lambda *given: (lambda loss, _accuracy: loss)(
            *own_model().test_on_batch(np.ones((1, 2)), np.ones((1, 3)))[:2]
        ),
    ],
    "number-in-brackets": [lambda x, *given: len(x)[0]],
    "weights-alone": [lambda *given: own_model().save_weights("model.keras")],
    "not-saved-yet": [lambda *given: keras.models.load_model("missing.keras")],
    "no-such-curve": [
        lambda *given: fitted().history["accuracy"],
        lambda *given: fitted().history["val_loss"],
    ],
    "unknown-key": [
        lambda *given: {"loss": 1}["accuracy"],
        lambda *given: fitted().history["lr"],
    ],
    "one-whole-number": [
        lambda x, w, b, slope: [1, 2][np.arange(2)],
        lambda x, w, b, slope: np.sum(x.tolist()[np.arange(2)], axis=0),
        lambda x, w, b, slope: (np.max(x.tolist()[np.arange(2)]), x),
        lambda x, w, b, slope: np.sum(picked(x, w)),
    ],
    "python-function": [
        lambda x, w, b, slope: sum(x, axis=0),
        lambda x, w, b, slope: max(x, axis=0, keepdims=True),
    ],
    "one-place": [
        lambda x, w, b, slope: x.tolist()[0, 1],
        lambda x, w, b, slope: np.where(x)[0, 1],
    ],
    "whole-indices": [lambda x, w, b, slope: x.tolist()[len(x) / 2]],
    "places-of-tensor": [
        lambda x, w, b, slope: tf.constant(x)[np.arange(2)],
        lambda x, w, b, slope: tf.constant(x)[range(2), range(2)],
    ],
    "no-brackets": [
        lambda x, w, b, slope: x.T(),
        lambda x, w, b, slope: x.shape(),
        lambda x, w, b, slope: x.size(),
        lambda x, w, b, slope: tf.constant(x).shape(),
    ],
    "truth-value": [lambda x, *given: [above_zero(x) for _ in np.ndindex(SIZES)]],
    "items-of-dict": [lambda *given: {}.iteritems(), lambda *given: {}.item()],
    "whole-dict": [lambda *given: {}.shape, lambda *given: {}.mean()],
    "plain-list": [
        lambda *given: "W" - 0.5,
        lambda *given: (1, 2) - 0.5,
        lambda x, w, b, slope: "W" * x,
    ],
    "inner-brackets": [lambda *given: np.eye((3, 4)), lambda *given: range((2, 3))],
    "whole-number": [lambda *given: keras.Input((784 / 2,))],
    "python-type": [
        lambda x, *given: x.astype(np.int),  # noqa: NPY001
        lambda *given: tf.cast(1, tf.int),
    ],
    "without-module": [
        lambda x, *given: np.len(x),
        lambda x, *given: math.max(x[0], 0),
        lambda x, *given: math.abs(x[0]),
        lambda x, *given: tf.len(x),
    ],
    "load-function": [lambda *given: keras.load("a.keras"), lambda *given: tf.load("a.keras")],
    "variables-of-model": [
        lambda *given: taped(source=own_model())(*given),
        lambda *given: taped(source=own_model().layers)(*given),
    ],
    "layer-used-twice": [one_dense_twice],
    "other-input": [
        lambda *given: own_model()(np.ones((3, 3))),
        lambda *given: own_model().fit(np.ones((3, 4)), np.ones((3, 3)), verbose=0),
    ],
    "training-by-name": [lambda *given: own_model()(np.ones((1, 2)), True)],
    "setting-of-the-optimizer": [
        lambda *given: own_model().compile("adam", lr=0.1),
        lambda *given: own_model().compile("adam", learning_rate=0.1),
    ],
    "shape-in-brackets": [
        lambda x, w, b, slope: keras.Input(784),
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
    "length-of-zip": [lambda x, w, b, slope: len(zip(x, w, strict=True))],
    "argument-name": [
        lambda x, w, b, slope: x.mean(axes=0),
        lambda x, w, b, slope: tf.reduce_sum(x, dim=0),
        lambda x, w, b, slope: thinned(x, stride=2),
        lambda x, w, b, slope: layers.Dense(10, rate=0.5),
        lambda x, w, b, slope: keras.initializers.RandomNormal(std=0.1),
    ],
    "keepdims-of-mean": [
        lambda x, w, b, slope: np.exp(x, axis=1),
        lambda x, w, b, slope: np.subtract(x, x.mean(), keepdims=True),
    ],
    "axis-by-number": [lambda x, w, b, slope: x.mean(axis="columns")],
    "two-at-once": [unpacks_each_of_two],
    "names-for-shape": [unpacks_a_shape],
    "number-of-names": [unpacks_a_product],
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
    "third-of-convolution": [
        lambda x, w, b, slope: layers.Conv2D(6, 6, "relu"),
        lambda x, w, b, slope: layers.MaxPooling2D(2, "same"),
    ],
    "monitor-first": [
        lambda x, w, b, slope: keras.callbacks.EarlyStopping(3).on_epoch_end(0, {"val_loss": 1.0})
    ],
    "minimize": [lambda x, w, b, slope: keras.optimizers.Adam().minimize(x)],
    "negative-padding": [
        lambda x, w, b, slope: np.pad(x, (-1, 1)),
        lambda x, w, b, slope: tf.pad(x, [[-1, 1]]),
    ],
    "factor-of-size": [lambda *given: keras.layers.RandomTranslation(2, 2)],
    "window-shape": [lambda x, w, b, slope: np.tensordot(np.ones((2, 3)), np.ones((3, 3)), 2)],
    "matrix-and-vector": [lambda x, w, b, slope: tf.matmul(x, [[1.0], [2.0]])],
    "module-in-front": [
        lambda x, w, b, slope: relu(w @ x + b),  # noqa: F821
        lambda x, w, b, slope: EarlyStopping(patience=3),  # noqa: F821
    ],
    "quotation-marks": [lambda x, w, b, slope: layers.Dense(1, relu)],  # noqa: F821
    "near-spelling": [
        lambda x, w, b, slope: layers.Conv2d(6, 6),
        lambda *given: tf.mean(given[0]),
        lambda *given: keras.metrics.Precision(threshold=0),
        lambda x, *given: x.reshap(-1),
        lambda *given: np.random.default_rng(1).permutations(3),
        asks_for_gradients,
    ],
    "method-of-number": [
        lambda x, *given: x[0].ceil(),
        lambda *given: (1 / 2).floor(),
        lambda *given: (3).sqrt(),
    ],
    "argmax-of-labels": [
        lambda labels, *given: np.argmax(labels, 1),
        lambda labels, *given: labels.argmax(axis=1),
    ],
    "unknown-name": [
        lambda x, *given: np.exp(exp),  # noqa: F821
        lambda x, *given: load(x),  # noqa: F821
        lambda x, *given: e + 1,  # noqa: F821
    ],
    "no-return-here": [returns_only_if],
    "tape-gave-none": [asks_for_the_loss],
}


@pytest.mark.parametrize(
    ("hint_id", "answer"), [(hint_id, answer) for hint_id in SLIPS for answer in SLIPS[hint_id]]
)
def test_an_error_has_the_hint_of_its_slip(hint_id, answer):
    with pytest.raises(check.CheckFailed) as failure:
        check.neuron_gradients(answer)
    assert failure.value.hint_id == f"neuron_gradients/{hint_id}", failure.value


@pytest.mark.parametrize(
    ("exercise", "answer", "told"),
    [
        ("compile_model", lambda model: model.compile(metrics=[accuracy]), '"accuracy"'),  # noqa: F821
        ("accuracy", lambda *given: softmax(*given), "has that cell been run"),  # noqa: F821
        ("train", lambda *given: map(softmax, given), "has that cell been run"),  # noqa: F821
        ("train_step", lambda *given: Dense(3), "keras.layers.Dense"),  # noqa: F821
        ("softmax", lambda x: np.softmax(x), None),
        ("softmax", lambda x: (x, x).train, None),  # data given as a pair: nothing of PyTorch
        ("learning_rate_at", lambda *given: dropout(0.5), "has that cell been run"),  # noqa: F821
        ("tape_gradients", lambda *given: (tf.zeros(1), square(given)), "tf.square"),  # noqa: F821
        ("convolve", lambda *given: ceil(2.5), "math.ceil"),  # noqa: F821
        ("softmax", lambda x: tf.dot(x, x), "tf.matmul"),
        ("softmax", lambda x: layers.MaxPool(2), "MaxPool2D"),
        ("softmax", lambda x: layers.MaxPooling(2), "MaxPooling2D"),
        ("softmax", lambda x: layers.MaxPoling(2), "MaxPooling2D"),
        ("softmax", lambda x: layers.GlobalAveragePooling(), "GlobalAveragePooling2D"),
        ("softmax", lambda x: keras.model(x, x), "mean Model?"),
        ("softmax", lambda x: keras.metrics.accuracy, "mean SparseCategoricalAccuracy?"),
        ("softmax", lambda x: np.random.default_rng(1).normal(std=1), "mean scale?"),
        ("softmax_gradients", lambda *given: ("dW", "db"), "leave out the quotation marks"),
        ("descend", lambda p, g, rate: {"new": {n: rate * g[n] for n in p}}, None),
        ("softmax", lambda x: keras.optimizers.Adam(momentum=0.9), "no argument `momentum`"),
        ("softmax", lambda x: x.mean(axes=0), "no argument `axes`"),
        ("softmax", lambda x: layers.Dense(10, rate=0.5), "no argument `rate`"),
        ("softmax", lambda x: [].append(), None),
        ("softmax", lambda x: x.astype(tf.float32), None),
        ("softmax", lambda x: np.array(x, tf.float32), None),
        ("softmax", lambda x: x.flatten(1), None),
        ("softmax", lambda x: x.float(), "an array has no such method"),
        ("softmax", lambda x: np.sum(x, 0, 1), None),
        ("softmax", lambda x: np.sum(np.add(x, [1, 2][np.arange(2)])), "one whole number"),
        ("softmax", lambda x: np.histogramm(x), "mean histogram?"),
        ("softmax", lambda x: layers.Dense(10)(28), None),
        ("softmax", lambda x: layers.Conv2D(6, 6, 0), None),
        ("softmax", lambda x: keras.Sequential([layers.Reshape(784)]), "this is a single number"),
        ("softmax", lambda x: tf.reduce_max(tf.constant([1]), axis=0) * 0.5, None),
    ],
)
def test_a_slip_is_told_what_is_meant_or_nothing(exercise, answer, told):
    with pytest.raises(check.CheckFailed) as failure:
        getattr(check, exercise)(answer)
    hint = failure.value.hint
    assert told in hint if told else not hint, failure.value


def test_an_error_in_a_graph_is_told_by_its_cause():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(check.CheckFailed, match="label value of 5 which is outside"):
        check.neuron_gradients(lambda *given: model.fit(np.ones((1, 2)), np.array([5]), verbose=0))


def test_an_error_that_quotes_an_array_is_told_to_its_end():
    def answer(x, w, b, slope):
        raise ValueError(f"Unknown: {np.ones((2, 2))}. It is of another model.")

    with pytest.raises(check.CheckFailed) as failure:
        check.neuron_gradients(answer)
    assert failure.value.error == "ValueError: Unknown: [[…]]. It is of another model."


def test_an_error_in_a_helper_tells_also_the_line_that_called_it():
    with pytest.raises(check.CheckFailed) as failure:
        check.neuron_gradients(calls_with_exchanged_arguments)
    helpers_line, calling_line = failure.value.place.splitlines()
    assert "the cell with product: return first @ second" in helpers_line
    assert calling_line.endswith("with neuron_gradients: return product(w, x[:1])")


def test_an_error_in_a_mapped_function_tells_its_own_line_and_that_of_map():
    with pytest.raises(check.CheckFailed) as failure:
        check.augmented(takes_two_numbers_apart)
    inner, calling = failure.value.place.splitlines()
    assert inner.endswith("with shifted: top, left = rng.uniform((2,), 0, 5, tf.int32)")
    assert calling.endswith("with augmented: return data.map(shifted).batch(batch_size)")
    assert failure.value.hint_id == "augmented/tensor-in-parts"


def takes_two_numbers_apart(images, labels, batch_size, seed):
    rng = tf.random.Generator.from_seed(seed)

    def shifted(image, label):
        padded = tf.pad(image, [[2, 2], [2, 2], [0, 0]])
        top, left = rng.uniform((2,), 0, 5, tf.int32)
        return padded[top : top + 28, left : left + 28], label

    data = tf.data.Dataset.from_tensor_slices((images, labels))
    return data.map(shifted).batch(batch_size)


def product(first, second):
    return first @ second


def calls_with_exchanged_arguments(x, w, b, slope):
    return product(w, x[:1])


def test_an_argument_that_maximum_writes_into_is_told_so():
    with pytest.raises(check.CheckFailed) as failure:
        check.max_pool(lambda image: np.maximum(image[::2, ::2], 0, image[1::2, 1::2]))
    assert failure.value.hint_id == "max_pool/changed-by-maximum"


def test_one_name_for_all_curves_is_told_so():
    with pytest.raises(check.CheckFailed) as failure:
        check.name_the_curve(lambda picture: "overfitting" if picture == "A" or "B" else "good fit")  # noqa: SIM222
    assert failure.value.hint_id == "name_the_curve/always-true"


def saves_text(model, path):
    with open(path, "w") as file:
        file.write(model.to_json())
    return keras.models.model_from_json(model.to_json())


def test_a_file_in_another_format_is_told_so():
    with pytest.raises(check.CheckFailed) as failure:
        check.save_and_load(saves_text)
    assert failure.value.hint_id == "save_and_load/other-format"
    assert "not found" not in failure.value.got


@pytest.mark.parametrize(
    ("below", "hint_id"),
    [
        (lambda dH, S: tf.cast(dH * (S > 0), dH.dtype), "number-times-truth"),
        (lambda dH, S: 0 * dH, "gradients-missing"),
    ],
)
def test_a_product_with_a_comparison_in_tensorflow_is_no_missing_layer(below, hint_id):
    def answer(parameters, X, T):
        W1, b1, W2, b2 = map(tf.constant, map(parameters.get, ("W1", "b1", "W2", "b2")))
        S = X @ W1 + b1
        H = tf.nn.relu(S)
        dZ = (tf.nn.softmax(H @ W2 + b2) - T) / len(X)
        dS = below(dZ @ tf.transpose(W2), S)
        first = {"W1": tf.transpose(X) @ dS, "b1": tf.reduce_sum(dS, 0)}
        return first | {"W2": tf.transpose(H) @ dZ, "b2": tf.reduce_sum(dZ, 0)}

    with pytest.raises(check.CheckFailed) as failure:
        check.two_layer_gradients(answer)
    assert failure.value.hint_id == f"two_layer_gradients/{hint_id}"


def test_numbers_rounded_down_are_told_so():
    with pytest.raises(check.CheckFailed) as failure:
        tensors.column_means(lambda X: X.sum(axis=0) // len(X))
    assert failure.value.hint_id == "column_means/whole-numbers"


def test_the_patterns_are_compiled_without_a_warning():
    re.purge()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert all(map(re.compile, ERROR_HINTS))


def test_an_error_in_a_helper_asks_about_what_it_was_given():
    def weighted_sums(X, W, b):
        return X @ W + b

    def softmax(logits):
        return weighted_sums(np.zeros(3), logits, np.zeros(2))

    with pytest.raises(check.CheckFailed) as failure:
        check.softmax(softmax)
    assert failure.value.hint_id == "softmax/given-to-helper"
    assert "inside weighted_sums" in failure.value.hint
    assert "weighted_sums(np.zeros(3)" in failure.value.place
