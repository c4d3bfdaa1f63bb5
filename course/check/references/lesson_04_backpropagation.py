"""The right answers of lesson 4: gradients by the chain rule, layer by layer."""

import numpy as np

from course.check.engine.guard import guarded
from course.check.references.lesson_01_softmax import softmax


@guarded
def neuron_gradients(x, w, b: float, slope: float):
    """(d,), (d,), number, slope at the output -> (dx, dw, db) of a neuron with ReLU."""
    behind_gate = slope * float(np.dot(x, w) + b > 0)
    return np.multiply(w, behind_gate), np.multiply(x, behind_gate), behind_gate


@guarded
def dense_backward(X, W, dZ):
    """(n, d), (d, k), (n, k) -> (dX, dW, db) of the layer Z = X·W + b."""
    return dZ @ np.transpose(W), np.transpose(X) @ dZ, np.sum(dZ, axis=0)


@guarded
def two_layer_gradients(parameters: dict, X, T) -> dict:
    """W1, b1, W2, b2, (n, d), one-hot (n, k) -> the gradients of the mean cross-entropy."""
    W1, b1, W2, b2 = (np.asarray(parameters[name]) for name in ("W1", "b1", "W2", "b2"))
    sums = X @ W1 + b1
    hidden = np.maximum(sums, 0)
    error = (softmax(hidden @ W2 + b2) - T) / len(T)
    hidden_error = np.where(sums > 0, error @ W2.T, 0)
    return {
        "W1": X.T @ hidden_error,
        "b1": hidden_error.sum(axis=0),
        "W2": hidden.T @ error,
        "b2": error.sum(axis=0),
    }


@guarded
def train_step(model, loss, optimizer, images, labels):
    """One step of training, by `optimizer`; returns the loss before it, a number."""
    from course.backend import tf

    with tf.GradientTape() as tape:
        before = loss(labels, model(images, training=True))
    weights = model.trainable_variables
    optimizer.apply(tape.gradient(before, weights), weights)
    return before


@guarded
def input_gradients(model, loss, images, labels):
    """A model, a loss, images (n, …), labels (n,) -> the gradient of the loss for the images."""
    from course.backend import tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        pixels = tf.Variable(images)
        tape.watch(pixels)
        outputs = model(pixels, training=False)
        mean_loss = loss(labels, outputs)
    return tape.gradient(mean_loss, pixels)
