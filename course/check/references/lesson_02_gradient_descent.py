"""The right answers of lesson 2: targets, loss, gradients, the step, mini-batches, the loop."""

import numpy as np

from course.check.engine.guard import guarded
from course.check.references.lesson_01_softmax import softmax, weighted_sums


@guarded
def one_hot(labels, num_classes: int = 10):
    """(n,) -> float32 (n, num_classes), a 1 at the index of each label."""
    return np.eye(num_classes, dtype=np.float32)[labels]


@guarded
def cross_entropy(probabilities, targets):
    """(n, k), one-hot (n, k) -> the mean over the examples, in nats; finite where one is 0."""
    of_truth = np.sum(np.multiply(probabilities, targets), axis=1)
    return -np.log(np.maximum(of_truth, 1e-7)).mean()


@guarded
def numerical_gradient(f, x, h: float = 1e-5):
    """The slopes of f: array -> number at x, by central differences, in the shape of x."""
    units = np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([(f(x + h * unit) - f(x - h * unit)) / (2 * h) for unit in units], x.shape)


@guarded
def softmax_gradients(X, T, W, b):
    """(n, d), one-hot (n, k), (d, k), (k,) -> (dW, db) of the mean cross-entropy."""
    error = (softmax(weighted_sums(X, W, b)) - T) / len(X)
    return X.T @ error, error.sum(axis=0)


@guarded
def descend(parameters: dict, gradients: dict, learning_rate: float) -> dict:
    """Dicts of arrays with the same keys -> the dict of stepped arrays."""
    return {key: parameters[key] - learning_rate * slope for key, slope in gradients.items()}


@guarded
def minibatches(X, y, batch_size: int, rng):
    """Yield pairs (X part, y part): shuffled, each example once; the last may be smaller."""
    cuts = range(batch_size, len(X), batch_size)
    for part in np.split(rng.permutation(len(X)), cuts):
        yield X[part], y[part]


@guarded
def train(X, T, W, b, learning_rate: float, batch_size: int, epochs: int, rng):
    """Examples, a start, and settings -> (W, b) after that many epochs of mini-batches."""
    for _epoch in range(epochs):
        for X_part, T_part in minibatches(X, T, batch_size, rng):
            dW, db = softmax_gradients(X_part, T_part, W, b)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


@guarded
def assign_step(variables: list, gradients: list, learning_rate: float) -> None:
    """A list of variables, their gradients, a rate: each variable takes its step, in place."""
    for place, variable in enumerate(variables):
        variable.assign(variable - learning_rate * gradients[place])


@guarded
def tape_gradients(loss, X, T, W, b):
    """A loss object, (n, d), one-hot (n, k), (d, k), (k,) -> (dW, db) of the mean loss."""
    from course.backend import tf

    X, W, b = map(tf.convert_to_tensor, (X, W, b))
    with tf.GradientTape() as tape:
        tape.watch([W, b])
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W + b)))
    return tape.gradient(value, [W, b])
