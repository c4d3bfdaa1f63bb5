"""What learners write in lesson 2. `WRONG` says what the failure must hold."""

import collections
import copy
import functools
import itertools
import math

import keras
import numpy as np
import scipy.optimize
import scipy.special
import tensorflow as tf

from . import keras_answers

# one_hot ------------------------------------------------------------------------------------------


def loop_one_hot(labels, num_classes=10):
    return [[1 if place == label else 0 for place in range(num_classes)] for label in labels]


def indexed_one_hot(labels, num_classes=10):
    targets = np.zeros((len(labels), num_classes), np.float32)
    targets[np.arange(len(labels)), labels] = 1
    return targets


def put_one_hot(labels, num_classes=10):
    targets = np.zeros((len(labels), num_classes))
    np.put_along_axis(targets, labels[:, np.newaxis].astype(int), 1, axis=1)
    return targets


def broadcast_rows(labels, num_classes=10):
    targets = np.zeros((len(labels), num_classes))
    targets[:, labels] = 1
    return targets


def class_by_class(first, less):
    """A loop over the classes that leaves one out."""

    def one_hot(labels, num_classes=10):
        targets = np.zeros((len(labels), num_classes))
        for label in range(first, num_classes - less):
            targets[labels == label, label] = 1
        return targets

    return one_hot


def one_hot_in_the_inner_loop(labels, num_classes=10):
    rows = []
    for label in labels:
        row = []
        for place in range(num_classes):
            row.append(float(place == label))
            rows.append(row)
    return np.array(rows)


def shifted_labels(labels, num_classes=10):
    targets = np.zeros((len(labels), num_classes))
    labels += np.arange(len(labels), dtype=labels.dtype) * num_classes
    targets.ravel()[labels] = 1
    return targets


def in_a_square(labels, num_classes=10):
    targets = np.zeros((num_classes, num_classes))
    for place, label in enumerate(labels):
        targets[place, label] = 1
    return targets


def one_row(labels, num_classes=10):
    targets = np.zeros(len(labels))
    for place, label in enumerate(labels):
        targets[place][label] = 1
    return targets


def row_of_tuples(labels, num_classes=10):
    targets = [(0,) * num_classes] * len(labels)
    for place, label in enumerate(labels):
        targets[place][label] = 1
    return targets


def only_first_one_hot(labels, num_classes=10):
    targets = np.zeros((len(labels), num_classes))
    targets[0, labels[0]] = 1
    return targets


def ones_in_whole_rows(labels, num_classes=10):
    targets = np.zeros((len(labels), num_classes))
    targets[labels] = 1
    return targets


def never_cleared(labels, num_classes=10):
    row, targets = np.zeros(num_classes), []
    for label in labels:
        row[label] = 1
        targets.append(row.copy())
    return targets


def written_on_old_paper(labels, num_classes=10, papers={}):  # noqa: B006
    targets = papers.setdefault((len(labels), num_classes), np.zeros((len(labels), num_classes)))
    targets[np.arange(len(labels)), labels] = 1
    return targets


def wrapping_places(labels, num_classes=10):
    targets = np.zeros((len(labels), num_classes))
    starts = np.arange(len(labels)).astype(np.uint8) * np.uint8(num_classes)
    targets.ravel()[starts + labels.astype(np.uint8)] = 1
    return targets


def recursive_one_hot(labels, num_classes=10):
    if len(labels) == 0:
        return []
    first = [float(place == labels[0]) for place in range(num_classes)]
    return [first, *recursive_one_hot(labels[1:], num_classes)]


# cross_entropy ------------------------------------------------------------------------------------


def log(p):
    return np.log(np.maximum(p, 1e-7))


def loop_cross_entropy(probabilities, targets):
    total = 0.0
    for row, target in zip(probabilities, targets, strict=True):
        for p, t in zip(row, target, strict=True):
            if t == 1:
                total -= np.log(max(float(p), 1e-12))
    return total / len(probabilities)


def overwriting_cross_entropy(p, t):
    p += 1e-7
    return -np.mean(np.sum(t * np.log(p), axis=1))


def with_a_lost_mean(p, t):
    total = -np.sum(np.log(np.maximum(p, 1e-12))[t == 1])
    total / len(t)
    return total


def where_cross_entropy(p, t):
    return -np.mean(np.log(np.where(p > 0, p, 1e-8))[t == 1])


def focal(p, t):
    of_truth = np.sum(p * t, axis=1)
    return np.mean((1 - of_truth) ** 2 * -log(of_truth))


@tf.function
def in_a_graph(p, t):
    of_truth = tf.reduce_sum(p * t, axis=1)
    return -tf.reduce_mean(tf.math.log(tf.maximum(of_truth, 1e-20)))


# numerical_gradient -------------------------------------------------------------------------------


def central(h):
    def gradient(f, x):
        slopes = np.zeros_like(x)
        for place in np.ndindex(x.shape):
            step = np.zeros_like(x)
            step[place] = h
            slopes[place] = (f(x + step) - f(x - step)) / (2 * h)
        return slopes

    return gradient


def one_by_one(x):
    """For each place of x, an array with a 1 there."""
    return np.eye(x.size).reshape(x.size, *x.shape)


def smallest_step(f, x):
    return central(np.finfo(np.float64).tiny)(f, x)


def one_sided(h, sign=1):
    def gradient(f, x):
        slopes = np.zeros_like(x)
        for place in np.ndindex(x.shape):
            step = np.zeros_like(x)
            step[place] = h * sign
            slopes[place] = sign * (f(x + step) - f(x)) / h
        return slopes

    return gradient


def restoring(f, x, h=1e-5):
    slopes = np.zeros_like(x)
    places = np.nditer(x, flags=["multi_index"])
    while not places.finished:
        place = places.multi_index
        old = x[place]
        x[place] = old + h
        above = f(x)
        x[place] = old - h
        below = f(x)
        x[place] = old
        slopes[place] = (above - below) / (2 * h)
        places.iternext()
    return slopes


def two_names(f, x):
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        up = x
        down = x
        up[place] += 1e-5
        down[place] -= 1e-5
        slopes[place] = (f(up) - f(down)) / 2e-5
    return slopes


def tiny_step(f, x):
    slopes, start = np.zeros_like(x), x
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-20
        slopes[place] = (f(start + step) - f(start - step)) / 2e-20
    return slopes


def not_restoring(f, x, h=1e-5):
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        x[place] += h
        above = f(x)
        x[place] -= 2 * h
        slopes[place] = (above - f(x)) / (2 * h)
    return slopes


def left_above(f, x, h=1e-5):
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        below = f(
            x - h * (np.arange(x.size).reshape(x.shape) == np.ravel_multi_index(place, x.shape))
        )
        x[place] += 2 * h
        slopes[place] = (f(x) - below) / (3 * h)
        x[place] -= h
    return slopes


def copy_kept(f, x, h=1e-5):
    """Shifts a copy, but does not undo the shifts, so that they add up."""
    slopes, moved = np.zeros_like(x), x.copy()
    for place in np.ndindex(x.shape):
        below = f(x)
        moved[place] += h
        slopes[place] = (f(moved) - below) / h
    return slopes


def flat(f, x, h=1e-5):
    slopes = np.zeros(x.size)
    for place in range(x.size):
        up, down = x.ravel().copy(), x.ravel().copy()
        up[place] += h
        down[place] -= h
        slopes[place] = (f(up.reshape(x.shape)) - f(down.reshape(x.shape))) / (2 * h)
    return slopes.reshape(x.shape)


def flat_result(f, x):
    return flat(f, x).ravel()


def first_axis(f, x, h=1e-5):
    """Takes every array for a vector."""
    slopes = np.zeros_like(x)
    for i in range(len(x)):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        slopes[i] = (f(up) - f(down)) / (2 * h)
    return slopes


def five_points(f, x, h=1e-4):
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        e = np.zeros_like(x)
        e[place] = h
        slopes[place] = (8 * (f(x + e) - f(x - e)) - (f(x + 2 * e) - f(x - 2 * e))) / (12 * h)
    return slopes


def richardson(f, x):
    return (4 * central(5e-5)(f, x) - central(1e-4)(f, x)) / 3


def relative_step(f, x):
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        h = 1e-6 * max(1.0, abs(x[place]))
        up, down = x.copy(), x.copy()
        up[place] += h
        down[place] -= h
        slopes[place] = (f(up) - f(down)) / (up[place] - down[place])
    return slopes


def comprehension(f, x, h=1e-5):
    unit = np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in unit], x.shape)


def numpy_gradient(f, x, h=1e-6):
    unit = np.eye(x.size).reshape(x.size, *x.shape)
    slopes = [np.gradient([f(x - h * e), f(x), f(x + h * e)], h)[1] for e in unit]
    return np.reshape(slopes, x.shape)


def scipy_fprime(f, x):
    found = scipy.optimize.approx_fprime(x.ravel(), lambda row: f(row.reshape(x.shape)))
    return found.reshape(x.shape)


def averaged_sides(f, x):
    return (one_sided(1e-6)(f, x) + one_sided(1e-6, -1)(f, x)) / 2


def float32_steps(f, x):
    return central(1e-5)(lambda moved: np.float32(f(np.float32(moved))), x)


def flat_into_f(f, x, h=1e-5):
    row, slopes = x.ravel(), np.zeros(x.size)
    for place in range(x.size):
        step = np.zeros(x.size)
        step[place] = h
        slopes[place] = (f(row + step) - f(row - step)) / (2 * h)
    return slopes.reshape(x.shape)


def two_axes_at_most(f, x, h=1e-5):
    slopes, table = np.zeros_like(x), np.atleast_2d(x)
    for i in range(table.shape[0]):
        for j in range(table.shape[1]):
            step = np.zeros(table.shape)
            step[i, j] = h
            step = step.reshape(x.shape)
            slopes.reshape(table.shape)[i, j] = (f(x + step) - f(x - step)) / (2 * h)
    return slopes


def copy_left_below(f, x, h=1e-5):
    slopes, moved = np.zeros_like(x), x.copy()
    for place in np.ndindex(x.shape):
        moved[place] += h
        above = f(moved)
        moved[place] -= 2 * h
        slopes[place] = (above - f(moved)) / (2 * h)
    return slopes


def there_and_back(f, x, h=1e-5):
    """Ends a last digit beside the x that it was given."""
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        x[place] += h
        above = f(x)
        x[place] -= 2 * h
        below = f(x)
        x[place] += h
        slopes[place] = (above - below) / (2 * h)
    return slopes


def tensors_into_f(f, x, h=1e-5):
    moved, units = tf.constant(x), np.eye(x.size).reshape(x.size, *x.shape)
    return tf.reshape([(f(moved + h * e) - f(moved - h * e)) / (2 * h) for e in units], x.shape)


def recursive_slopes(f, x, place=0, h=1e-5):
    if place == x.size:
        return np.zeros_like(x)
    unit = np.eye(x.size)[place].reshape(x.shape)
    slope = (f(x + h * unit) - f(x - h * unit)) / (2 * h)
    return slope * unit + recursive_slopes(f, x, place + 1)


# softmax_gradients --------------------------------------------------------------------------------


def softmax(z, axis=1):
    return scipy.special.softmax(z, axis=axis)


def rows_by_len(f, x):
    slopes = np.zeros(len(x))
    for row in range(len(x)):
        step = np.zeros_like(x)
        step[row] = 1e-5
        slopes[row] = (f(x + step) - f(x - step)) / 2e-5
    return slopes


def without_brackets(f, x, h=1e-5):
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = h
        slopes[place] = f(x + step) - f(x - step) / (2 * h)
    return slopes


def from_error(change, of_X=lambda X: X.T):
    """Gradients from some `change` of Y and T into the slopes by the logits."""

    def gradients(X, T, W, b):
        error = change(softmax(X @ W + b), T)
        return of_X(X) @ error, error.sum(axis=0)

    return gradients


def exact(X, T, W, b):
    error = (softmax(X @ W + b) - T) / len(X)
    return X.T @ error, error.sum(axis=0)


def last_example_alone(X, T, W, b):
    for x, y, t in zip(X, softmax(X @ W + b), T, strict=True):
        dW, db = np.outer(x, y - t) / len(X), (y - t) / len(X)
    return dW, db


def squared_error(Y, T):
    difference = Y - T
    return 2 * Y * (difference - np.sum(difference * Y, axis=1, keepdims=True)) / len(Y)


def keras_cross_entropy(X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        loss = keras.losses.CategoricalCrossentropy()(T, tf.nn.softmax(X @ W + b))
    return tape.gradient(loss, [W, b])


def keras_squared_error(X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        Y = tf.nn.softmax(X @ W + b)
        loss = tf.reduce_mean((Y - T) ** 2)
    return tape.gradient(loss, [W, b])


def taped(X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        logits = tf.matmul(X, W) + b
        losses = tf.nn.softmax_cross_entropy_with_logits(T, logits)
        loss = tf.reduce_mean(losses)
    return tape.gradient(loss, [W, b])


def taped_without_variables(X, T, W, b):
    with tf.GradientTape() as tape:
        logits = tf.matmul(X, W) + b
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(T, logits))
    return tape.gradient(loss, [tf.constant(W), tf.constant(b)])


def taped_sum(X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        losses = tf.nn.softmax_cross_entropy_with_logits(T, tf.matmul(X, W) + b)
    return tape.gradient(losses, [W, b])


def looped_gradients(X, T, W, b):
    dW, db = np.zeros_like(W), np.zeros_like(b)
    for x, t in zip(X, T, strict=True):
        y = scipy.special.softmax(x @ W + b)
        dW += np.outer(x, y - t) / len(X)
        db += (y - t) / len(X)
    return dW, db


def numerical_gradients(X, T, W, b):
    def loss(W, b):
        return -np.mean(scipy.special.log_softmax(X @ W + b, axis=1)[T == 1])

    return flat(lambda moved: loss(moved, b), W), flat(lambda moved: loss(W, moved), b)


def one_sided_gradients(X, T, W, b, h=1e-3):
    def loss(W, b):
        return -np.mean(scipy.special.log_softmax(X @ W + b, axis=1)[T == 1])

    dW, db = np.zeros_like(W), np.zeros_like(b)
    for slopes, moved in ((dW, lambda unit: (W + unit, b)), (db, lambda unit: (W, b + unit))):
        for place in np.ndindex(slopes.shape):
            unit = np.zeros_like(slopes)
            unit[place] = h
            slopes[place] = (loss(*moved(unit)) - loss(W, b)) / h
    return dW, db


def tensorflow_gradients(X, T, W, b):
    error = (tf.nn.softmax(tf.matmul(X, W) + b) - T) / len(X)
    return tf.matmul(X, error, transpose_a=True), tf.reduce_sum(error, axis=0)


def naive_gradients(X, T, W, b):
    e = np.exp(X @ W + b)
    error = e / e.sum(axis=1, keepdims=True) - T
    return [X.T @ error / len(X), error.mean(axis=0)]


def float32_gradients(X, T, W, b):
    return tensorflow_gradients(*(tf.cast(part, tf.float32) for part in (X, T, W, b)))


def overwriting_gradients(X, T, W, b):
    Y = softmax(X @ W + b)
    Y[T == 1] -= 1
    T -= Y
    return X.T @ Y / len(X), Y.mean(axis=0)


def with_a_lost_division(X, T, W, b):
    error = softmax(X @ W + b) - T
    error / len(X)
    return X.T @ error, error.sum(axis=0)


def with_a_lost_step(parameters, gradients, learning_rate):
    for name, old in parameters.items():
        old - learning_rate * gradients[name]
    return parameters


def labels_subtracted(X, T, W, b):
    Y = softmax(X @ W + b)
    Y[np.arange(len(X)), T.argmax(axis=1)] -= 1
    Y /= len(X)
    return X.T @ Y, Y.sum(axis=0)


def by_jacobian(X, T, W, b):
    dW, db = np.zeros_like(W), np.zeros_like(b)
    for x, t, y in zip(X, T, softmax(X @ W + b), strict=True):
        slope = (np.diag(y) - np.outer(y, y)) @ (-t / y)
        dW += np.outer(x, slope) / len(X)
        db += slope / len(X)
    return dW, db


def dense_layer(X, T, W, b):
    layer = keras.layers.Dense(len(b), dtype="float64")
    layer.build(X.shape)
    layer.set_weights([W, b])
    with tf.GradientTape() as tape:
        losses = keras.losses.categorical_crossentropy(tf.constant(T), layer(X), from_logits=True)
        loss = tf.reduce_mean(losses)
    return tape.gradient(loss, layer.trainable_variables)


class Slopes(collections.namedtuple("Slopes", "dW db")):
    """A pair with names."""


# descend ------------------------------------------------------------------------------------------


def descended(step):
    """Each parameter moved by some `step` of old value, gradient and rate."""
    return lambda p, g, rate: {name: step(p[name], g[name], rate) for name in p}


def in_place(p, g, rate):
    for name in p:
        p[name] -= rate * g[name]
    return p


def in_place_entry(p, g, rate):
    for name in p:
        p[name] = p[name] - rate * g[name]
    return p


def shallow_copy(p, g, rate):
    result = p.copy()
    for name in result:
        result[name] -= rate * g[name]
    return result


def by_position(p, g, rate):
    return {
        name: value - rate * slope
        for (name, value), slope in zip(p.items(), g.values(), strict=True)
    }


def only_first(p, g, rate):
    result = dict(p)
    name = next(iter(p))
    result[name] = p[name] - rate * g[name]
    return result


def returns_early(p, g, rate):
    result = {}
    for name in p:
        result[name] = p[name] - rate * g[name]
        return result


def weights_only(p, g, rate):
    return {n: p[n] - rate * g[n] if p[n].ndim > 1 else p[n] for n in p}


def by_global_norm(p, g, rate):
    norm = np.sqrt(sum(np.sum(slope**2) for slope in g.values()))
    return {name: p[name] - rate * g[name] / norm for name in p}


def clipped_norm(p, g, rate):
    return {n: p[n] - rate * g[n] / max(1, np.linalg.norm(g[n])) for n in p}


def keras_sgd(p, g, rate):
    optimizer = keras.optimizers.SGD(rate)
    variables = {name: tf.Variable(value) for name, value in p.items()}
    optimizer.apply_gradients([(g[name], variables[name]) for name in p])
    return variables


def keras_adam(p, g, rate):
    variables = {name: tf.Variable(value) for name, value in p.items()}
    keras.optimizers.Adam(rate).apply_gradients([(g[n], variables[n]) for n in p])
    return variables


def copied(p, g, rate):
    result = {name: np.array(value) for name, value in p.items()}
    for name, slope in g.items():
        result[name] -= rate * slope
    return result


def nested_lists(p, g, rate):
    return {n: [v - rate * s for v, s in zip(p[n].ravel(), g[n].ravel(), strict=True)] for n in p}


class Momentum:
    """Remembers the last call."""

    def __init__(self):
        self.speed = {}

    def __call__(self, p, g, rate):
        for name in p:
            old = self.speed.get(name)
            known = old is not None and old.shape == g[name].shape
            self.speed[name] = g[name] + (0.9 * old if known else 0)
        return {name: p[name] - rate * self.speed[name] for name in p}


def scaled_gradients(p, g, rate):
    for name in g:
        g[name] *= rate
    return {name: p[name] - g[name] for name in p}


def deep_copy(p, g, rate):
    result = copy.deepcopy(p)
    for name in result:
        result[name] -= rate * g[name]
    return result


# minibatches --------------------------------------------------------------------------------------


def batches_of(order_of, stop=None, size_of=lambda n, size: size):
    """Mini-batches in the order that `order_of(n, rng)` gives."""

    def minibatches(X, y, batch_size, rng):
        order = order_of(len(X), rng)
        size = size_of(len(X), batch_size)
        for start in range(0, len(X) if stop is None else stop(len(X), size), size):
            yield X[order[start : start + size]], y[order[start : start + size]]

    return minibatches


def two_permutations(X, y, batch_size, rng):
    X, y = rng.permutation(X), rng.permutation(y)
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]


def empty_last(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for number in range(len(X) // batch_size + 1):
        chosen = order[number * batch_size : (number + 1) * batch_size]
        yield X[chosen], y[chosen]


def in_place_shuffle(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    X[:], y[:] = X[order], y[order]
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size], y[start : start + batch_size]


def shuffled_alike(X, y, batch_size, rng):
    state = rng.bit_generator.state
    rng.shuffle(X)
    rng.bit_generator.state = state
    rng.shuffle(y)
    return [(X[s : s + batch_size], y[s : s + batch_size]) for s in range(0, len(X), batch_size)]


def with_replacement(X, y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        chosen = rng.choice(len(X), min(batch_size, len(X) - start))
        yield X[chosen], y[chosen]


def fresh_draw_each(X, y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        chosen = rng.choice(len(X), min(batch_size, len(X) - start), replace=False)
        yield X[chosen], y[chosen]


def forever(X, y, batch_size, rng):
    while True:
        yield from permuted(X, y, batch_size, rng)


permuted = batches_of(lambda n, rng: rng.permutation(n))


def only_batches_shuffled(X, y, batch_size, rng):
    starts = np.arange(0, len(X) - len(X) % batch_size, batch_size)
    for start in rng.permutation(starts):
        yield X[start : start + batch_size], y[start : start + batch_size]
    rest = len(X) % batch_size
    if rest:
        yield X[-rest:], y[-rest:]


def within_batches(X, y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        chosen = start + rng.permutation(min(batch_size, len(X) - start))
        yield X[chosen], y[chosen]


def rotated(X, y, batch_size, rng):
    order = np.roll(np.arange(len(X)), rng.integers(len(X)))
    for start in range(0, len(X), batch_size):
        yield X[order[start : start + batch_size]], y[order[start : start + batch_size]]


def equal_parts(X, y, batch_size, rng):
    for chosen in np.array_split(rng.permutation(len(X)), -(-len(X) // batch_size)):
        yield X[chosen], y[chosen]


def only_X(X, y, batch_size, rng):
    for X_part, _y in permuted(X, y, batch_size, rng):
        yield X_part


def two_lists(X, y, batch_size, rng):
    pairs = list(permuted(X, y, batch_size, rng))
    return [X_part for X_part, _y in pairs], [y_part for _X, y_part in pairs]


def slices(more, of_labels=None):
    """Slices that are too long by this much; those of the labels by as much, or by another."""

    def answer(X, y, batch_size, rng):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            end = start + batch_size
            labels = order[start : end + (more if of_labels is None else of_labels)]
            yield X[order[start : end + more]], y[labels]

    return answer


def fixed_batches(X, y, batch_size, rng):
    """The same batches each time, in another order; the smaller one stays the last."""
    order = np.random.default_rng(0).permutation(len(X))
    *parts, last = np.split(order, range(batch_size, len(X), batch_size))
    return [(X[part], y[part]) for part in [*(parts[i] for i in rng.permutation(len(parts))), last]]


def first_only(X, y, batch_size, rng):
    return next(iter(permuted(X, y, batch_size, rng)))


def list_of_first(X, y, batch_size, rng):
    for pair in permuted(X, y, batch_size, rng):
        return [pair]


def swapped(X, y, batch_size, rng):
    for X_part, y_part in permuted(X, y, batch_size, rng):
        yield y_part, X_part


def wrapped_around(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        chosen = np.take(order, range(start, start + batch_size), mode="wrap")
        yield X[chosen], y[chosen]


def singles(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for i in order:
        yield X[i], y[i]


def labels_left(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        yield X[order[start : start + batch_size]], y[start : start + batch_size]


def overlapping(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        chosen = order[max(start - 1, 0) : start + batch_size]
        yield X[chosen], y[chosen]


def dataset(X, y, batch_size, rng):
    data = tf.data.Dataset.from_tensor_slices((X, y))
    return data.shuffle(len(X), seed=int(rng.integers(2**31))).batch(batch_size)


def small_buffer(X, y, batch_size, rng):
    data = tf.data.Dataset.from_tensor_slices((X, y))
    return data.shuffle(10, seed=int(rng.integers(2**31))).batch(batch_size)


def gathered(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        chosen = order[start : start + batch_size]
        yield tf.gather(X, chosen), tf.gather(y, chosen)


def split_at(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    cuts = np.arange(batch_size, len(X), batch_size)
    return [(X[chosen], y[chosen]) for chosen in np.split(order, cuts)]


def zipped(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    cuts = range(batch_size, len(X), batch_size)
    return zip(np.split(X[order], cuts), np.split(y[order], cuts), strict=True)


def popped(X, y, batch_size, rng):
    left = list(range(len(X)))
    while left:
        chosen = [left.pop(rng.integers(len(left))) for _ in range(min(batch_size, len(left)))]
        yield np.array([X[i] for i in chosen]), np.array([y[i] for i in chosen])


def lists_of_rows(X, y, batch_size, rng):
    order = [int(i) for i in rng.permutation(len(X))]
    while order:
        chosen, order = order[:batch_size], order[batch_size:]
        yield [X[i] for i in chosen], [y[i] for i in chosen]


def index_shuffled(X, y, batch_size, rng):
    order = np.arange(len(X))
    rng.shuffle(order)
    return (
        [X[order[s : s + batch_size]], y[order[s : s + batch_size]]]
        for s in range(0, len(X), batch_size)
    )


class Batches:
    """An iterable object of a learner who likes classes."""

    def __init__(self, X, y, batch_size, rng):
        order = rng.permutation(len(X))
        self.pairs = [
            (X[order[s : s + batch_size]], y[order[s : s + batch_size]])
            for s in range(0, len(X), batch_size)
        ]

    def __iter__(self):
        return iter(self.pairs)


class OldSequence:
    """An object that a loop asks for one item after the other, until there is none."""

    def __init__(self, X, y, batch_size, rng):
        self.X, self.y, self.batch_size, self.order = X, y, batch_size, rng.permutation(len(X))

    def __getitem__(self, number):
        chosen = self.order[number * self.batch_size : (number + 1) * self.batch_size]
        if len(chosen) == 0:
            raise IndexError
        return self.X[chosen], self.y[chosen]


class KerasSequence(OldSequence, keras.utils.PyDataset):
    """As Keras wants it."""

    def __init__(self, *arguments):
        keras.utils.PyDataset.__init__(self)
        OldSequence.__init__(self, *arguments)

    def __len__(self):
        return -(-len(self.X) // self.batch_size)


def masked(X, y, batch_size, rng):
    batch_of = rng.permutation(np.arange(len(X)) // batch_size)
    for number in range(batch_of.max() + 1):
        yield X[batch_of == number], y[batch_of == number]


def sliced_iterator(X, y, batch_size, rng):
    order = iter(rng.permutation(len(X)))
    while chosen := list(itertools.islice(order, batch_size)):
        yield X[chosen], y[chosen]


def fisher_yates(n, rng):
    order = np.arange(n)
    for last in range(n - 1, 0, -1):
        other = rng.integers(last + 1)
        order[last], order[other] = order[other], order[last]
    return order


def first_stays(n, rng):
    return np.concatenate([[0], 1 + rng.permutation(n - 1)])


def first_half(n, rng):
    return np.concatenate([rng.permutation(n // 2), np.arange(n // 2, n)])


def some_swaps(n, rng):
    order = np.arange(n)
    for _ in range(n // 4):
        one, other = rng.integers(n, size=2)
        order[[one, other]] = order[[other, one]]
    return order


def blocks_of(size):
    def order(n, rng):
        blocks = [np.arange(start, min(start + size, n)) for start in range(0, n, size)]
        return np.concatenate([blocks[i] for i in rng.permutation(len(blocks))])

    return order


def by_a_fraction(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for step in range(len(X) / batch_size):
        chosen = order[step * batch_size : (step + 1) * batch_size]
        yield X[chosen], y[chosen]


def filled_up(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        part = order[start : start + batch_size]
        part = np.concatenate([part, order[: batch_size - len(part)]])
        yield X[part], y[part]


def never_emptied(X, y, batch_size, rng):
    part = []
    for place in rng.permutation(len(X)):
        part.append(place)
        if len(part) % batch_size == 0:
            yield X[part], y[part]


def rest_merged(X, y, batch_size, rng):
    *pairs, last = permuted(X, y, batch_size, rng)
    if pairs and len(last[0]) < batch_size:
        pairs[-1] = tuple(map(np.concatenate, zip(pairs[-1], last, strict=True)))
        return pairs
    return [*pairs, last]


# train --------------------------------------------------------------------------------------------


def batch_at_every_place(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(len(X)):
        part = order[start : start + batch_size]
        yield X[part], y[part]


def starts_shuffled(X, y, batch_size, rng):
    for start in rng.permutation(np.arange(0, len(X), batch_size)):
        yield X[start : start + batch_size], y[start : start + batch_size]


def every_tenth(X, y, batch_size, rng):
    count = -(-len(X) // batch_size)
    for start in rng.permutation(count):
        yield X[start::count], y[start::count]


def starts_shuffled_in_rotated_rows(X, y, batch_size, rng):
    start = int(rng.integers(len(X)))
    X, y = np.roll(X, start, axis=0), np.roll(y, start, axis=0)
    return starts_shuffled(X, y, batch_size, rng)


def batches_reordered(X, T, W, b, learning_rate, batch_size, epochs, rng):
    batches = list(permuted(X, T, batch_size, rng))
    for _ in range(epochs):
        for place in rng.permutation(len(batches)):
            dW, db = exact(*batches[place], W, b)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


def yielded_in_the_inner_loop(X, y, batch_size, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        part = []
        for place in order[start : start + batch_size]:
            part.append(place)
            yield X[part], y[part]


def drawn_without_end(X, y, batch_size, rng):
    while True:
        part = rng.permutation(len(X))[:batch_size]
        yield X[part], y[part]


def trained(
    batches=permuted, gradients=exact, step=lambda value, slope, rate: value - rate * slope
):
    """The loop, with parts to exchange."""

    def train(X, T, W, b, learning_rate, batch_size, epochs, rng):
        for _ in range(epochs):
            for X_part, T_part in batches(X, T, batch_size, rng):
                dW, db = gradients(X_part, T_part, W, b)
                W, b = step(W, dW, learning_rate), step(b, db, learning_rate)
        return W, b

    return train


right_loop = trained()


def one_step_per_epoch(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs):
        dW, db = exact(X, T, W, b)
        W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


def first_batch_per_epoch(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs):
        X_part, T_part = next(iter(permuted(X, T, batch_size, rng)))
        dW, db = exact(X_part, T_part, W, b)
        W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


def batches_once(X, T, W, b, learning_rate, batch_size, epochs, rng):
    batches = list(permuted(X, T, batch_size, rng))
    for _ in range(epochs):
        for X_part, T_part in batches:
            dW, db = exact(X_part, T_part, W, b)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


def used_up(X, T, W, b, learning_rate, batch_size, epochs, rng):
    batches = permuted(X, T, batch_size, rng)
    for _ in range(epochs):
        for X_part, T_part in batches:
            dW, db = exact(X_part, T_part, W, b)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


def shuffled_once(X, T, W, b, learning_rate, batch_size, epochs, rng):
    order = rng.permutation(len(X))
    plain = batches_of(lambda n, rng: np.arange(n))
    return trained(plain)(X[order], T[order], W, b, learning_rate, batch_size, epochs, rng)


def starts_over(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs):
        new_W, new_b = right_loop(X, T, W, b, learning_rate, batch_size, 1, rng)
    return new_W, new_b


def from_zeros(X, T, W, b, learning_rate, batch_size, epochs, rng):
    return right_loop(X, T, 0 * W, 0 * b, learning_rate, batch_size, epochs, rng)


def zeros_each_epoch(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs):
        W, b = from_zeros(X, T, W, b, learning_rate, batch_size, 1, rng)
    return W, b


def inner_return(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs):
        for X_part, T_part in permuted(X, T, batch_size, rng):
            dW, db = exact(X_part, T_part, W, b)
            W, b = W - learning_rate * dW, b - learning_rate * db
        return W, b


def innermost_return(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for X_part, T_part in permuted(X, T, batch_size, rng):
        dW, db = exact(X_part, T_part, W, b)
        return W - learning_rate * dW, b - learning_rate * db


def not_kept(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs):
        for X_part, T_part in permuted(X, T, batch_size, rng):
            dW, db = exact(X_part, T_part, W, b)
            W - learning_rate * dW
            b - learning_rate * db
    return W, b


def bias_forgotten(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs):
        for X_part, T_part in permuted(X, T, batch_size, rng):
            W = W - learning_rate * exact(X_part, T_part, W, b)[0]
    return W, b


def updates_in_place(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs):
        for X_part, T_part in permuted(X, T, batch_size, rng):
            dW, db = exact(X_part, T_part, W, b)
            W -= (learning_rate * dW).astype(W.dtype)
            b -= (learning_rate * db).astype(b.dtype)
    return W, b


def own_rng(X, T, W, b, learning_rate, batch_size, epochs, rng):
    return right_loop(X, T, W, b, learning_rate, batch_size, epochs, np.random.default_rng(0))


def own_rng_each(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs):
        seed = np.random.default_rng(int(rng.integers(1)))
        W, b = right_loop(X, T, W, b, learning_rate, batch_size, 1, seed)
    return W, b


def bias_with_new_weights(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs):
        for X_part, T_part in permuted(X, T, batch_size, rng):
            W = W - learning_rate * exact(X_part, T_part, W, b)[0]
            b = b - learning_rate * exact(X_part, T_part, W, b)[1]
    return W, b


def one_epoch_more(X, T, W, b, learning_rate, batch_size, epochs, rng):
    return right_loop(X, T, W, b, learning_rate, batch_size, epochs + 1, rng)


def one_epoch_less(X, T, W, b, learning_rate, batch_size, epochs, rng):
    return right_loop(X, T, W, b, learning_rate, batch_size, epochs - 1, rng)


def decaying(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for epoch in range(epochs):
        W, b = right_loop(X, T, W, b, learning_rate / (1 + epoch), batch_size, 1, rng)
    return W, b


def summed_over_epoch(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs):
        parts = [exact(*part, W, b) for part in permuted(X, T, batch_size, rng)]
        W = W - learning_rate * sum(dW for dW, db in parts)
        b = b - learning_rate * sum(db for dW, db in parts)
    return W, b


def summed(X, T, W, b):
    dW, db = exact(X, T, W, b)
    return len(X) * dW, len(X) * db


def halved_again(X, T, W, b):
    dW, db = exact(X, T, W, b)
    return dW / len(X), db / len(X)


def by_all_examples(X, T, W, b, learning_rate, batch_size, epochs, rng):
    n = len(X)

    def gradients(X, T, W, b):
        dW, db = exact(X, T, W, b)
        return dW * len(X) / n, db * len(X) / n

    arguments = X, T, W, b, learning_rate, batch_size, epochs, rng
    return trained(gradients=gradients)(*arguments)


def by_batch_size(X, T, W, b, learning_rate, batch_size, epochs, rng):
    def gradients(X, T, W, b):
        dW, db = exact(X, T, W, b)
        return dW * len(X) / batch_size, db * len(X) / batch_size

    arguments = X, T, W, b, learning_rate, batch_size, epochs, rng
    return trained(gradients=gradients)(*arguments)


def random_steps(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs * -(-len(X) // batch_size)):
        chosen = rng.choice(len(X), min(batch_size, len(X)), replace=False)
        dW, db = exact(X[chosen], T[chosen], W, b)
        W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


class OrderKept:
    """An order that is shuffled on at every call."""

    def __init__(self):
        self.orders = {}

    def __call__(self, n, rng):
        order = self.orders.setdefault(n, np.arange(n))
        rng.shuffle(order)
        return order.copy()


class OrderOnce:
    """An order that is drawn once for each number of examples."""

    def __init__(self):
        self.orders = {}

    def __call__(self, n, rng):
        return self.orders.setdefault(n, rng.permutation(n))


def global_shuffle(n, rng):
    return np.random.default_rng().permutation(n)


def momentum(X, T, W, b, learning_rate, batch_size, epochs, rng):
    speed_W, speed_b = 0 * W, 0 * b
    for _ in range(epochs):
        for X_part, T_part in permuted(X, T, batch_size, rng):
            dW, db = exact(X_part, T_part, W, b)
            speed_W, speed_b = 0.9 * speed_W + dW, 0.9 * speed_b + db
            W, b = W - learning_rate * speed_W, b - learning_rate * speed_b
    return W, b


def variables_loop(X, T, W, b, learning_rate, batch_size, epochs, rng):
    W, b = tf.Variable(W), tf.Variable(b)
    for _ in range(epochs):
        for X_part, T_part in permuted(X, T, batch_size, rng):
            with tf.GradientTape() as tape:
                losses = tf.nn.softmax_cross_entropy_with_logits(T_part, X_part @ W + b)
                loss = tf.reduce_mean(losses)
            dW, db = tape.gradient(loss, [W, b])
            W.assign_sub(learning_rate * dW)
            b.assign_sub(learning_rate * db)
    return W, b


def dict_loop(X, T, W, b, learning_rate, batch_size, epochs, rng):
    parameters = {"W": W, "b": b}
    for _ in range(epochs):
        for X_part, T_part in permuted(X, T, batch_size, rng):
            dW, db = exact(X_part, T_part, **parameters)
            parameters = copied(parameters, {"W": dW, "b": db}, learning_rate)
    return parameters["W"], parameters["b"]


def copies_in_place(X, T, W, b, learning_rate, batch_size, epochs, rng):
    return updates_in_place(X, T, W.copy(), b.copy(), learning_rate, batch_size, epochs, rng)


def counted_steps(X, T, W, b, learning_rate, batch_size, epochs, rng):
    epoch = 0
    while epoch < epochs:
        order = rng.permutation(len(X))
        start = 0
        while start < len(X):
            chosen = order[start : start + batch_size]
            dW, db = exact(X[chosen], T[chosen], W, b)
            W = W - learning_rate * dW
            b = b - learning_rate * db
            start += batch_size
        epoch += 1
    return [W, b]


def all_orders_first(X, T, W, b, learning_rate, batch_size, epochs, rng):
    orders = [rng.permutation(len(X)) for _ in range(epochs)]
    for order in orders:
        for start in range(0, len(X), batch_size):
            chosen = order[start : start + batch_size]
            dW, db = exact(X[chosen], T[chosen], W, b)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


def spawned(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for child in rng.spawn(epochs):
        W, b = right_loop(X, T, W, b, learning_rate, batch_size, 1, child)
    return W, b


def recursive(X, T, W, b, learning_rate, batch_size, epochs, rng):
    if epochs == 0:
        return W, b
    W, b = right_loop(X, T, W, b, learning_rate, batch_size, 1, rng)
    return recursive(X, T, W, b, learning_rate, batch_size, epochs - 1, rng)


def shuffled_copies(X, T, W, b, learning_rate, batch_size, epochs, rng):
    plain = batches_of(lambda n, rng: np.arange(n))
    for _ in range(epochs):
        order = rng.permutation(len(X))
        X, T = X[order], T[order]
        W, b = trained(plain)(X, T, W, b, learning_rate, batch_size, 1, rng)
    return W, b


def keras_layer(X, T, W, b, learning_rate, batch_size, epochs, rng):
    W, b = tf.Variable(W), tf.Variable(b)
    optimizer = keras.optimizers.SGD(learning_rate)
    for _ in range(epochs):
        for X_part, T_part in permuted(X, T, batch_size, rng):
            dW, db = taped(X_part, T_part, W.numpy(), b.numpy())
            optimizer.apply_gradients([(dW, W), (db, b)])
    return W, b


def turned_epochs(turn):
    """One order for all epochs, turned a little each time."""

    def train(X, T, W, b, learning_rate, batch_size, epochs, rng):
        order = rng.permutation(len(X))
        for epoch in range(epochs):
            batches = batches_of(lambda n, rng, epoch=epoch: turn(order, epoch))
            W, b = trained(batches)(X, T, W, b, learning_rate, batch_size, 1, rng)
        return W, b

    return train


def same_state_each(X, T, W, b, learning_rate, batch_size, epochs, rng):
    state = rng.bit_generator.state
    for _ in range(epochs):
        rng.bit_generator.state = state
        W, b = right_loop(X, T, W, b, learning_rate, batch_size, 1, rng)
    return W, b


def b_moved_by_dW(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs):
        for some, targets in permuted(X, T, batch_size, rng):
            dW, _db = exact(some, targets, W, b)
            W, b = W - learning_rate * dW, b - learning_rate * dW
    return W, b


def slopes_of_all(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs):
        for _X_part, _T_part in permuted(X, T, batch_size, rng):
            dW, db = exact(X, T, W, b)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


def stale_gradients(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _ in range(epochs):
        old_W, old_b = W, b
        for X_part, T_part in permuted(X, T, batch_size, rng):
            dW, db = exact(X_part, T_part, old_W, old_b)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


def averaged_weights(X, T, W, b, learning_rate, batch_size, epochs, rng):
    path = []
    for _ in range(epochs):
        for X_part, T_part in permuted(X, T, batch_size, rng):
            dW, db = exact(X_part, T_part, W, b)
            W, b = W - learning_rate * dW, b - learning_rate * db
            path.append((W, b))
    return tuple(np.mean(part, axis=0) for part in zip(*path, strict=True))


def best_weights(X, T, W, b, learning_rate, batch_size, epochs, rng):
    found = []
    for _ in range(epochs):
        for X_part, T_part in permuted(X, T, batch_size, rng):
            dW, db = exact(X_part, T_part, W, b)
            W, b = W - learning_rate * dW, b - learning_rate * db
            loss = -np.mean(scipy.special.log_softmax(X @ W + b, axis=1)[T == 1])
            found.append((loss, len(found), W, b))
    return min(found)[2:]


def clipped_gradients(X, T, W, b):
    dW, db = exact(X, T, W, b)
    shorter = min(1, 5 / np.sqrt(np.sum(dW**2) + np.sum(db**2) + 1e-9))
    return shorter * dW, shorter * db


def shuffling_in_place(X, T, W, b, learning_rate, batch_size, epochs, rng):
    plain = batches_of(lambda n, rng: np.arange(n))
    for _ in range(epochs):
        order = rng.permutation(len(X))
        X[:], T[:] = X[order], T[order]
        W, b = trained(plain)(X, T, W, b, learning_rate, batch_size, 1, rng)
    return W, b


def stacked_weights(X, T, W, b, learning_rate, batch_size, epochs, rng):
    V, X = np.vstack([W, b]), np.c_[X, np.ones(len(X))]
    for _ in range(epochs):
        for x, t in permuted(X, T, batch_size, rng):
            V = V - learning_rate * x.T @ (softmax(x @ V) - t) / len(x)
    return V[:-1], V[-1]


def reduced(X, T, W, b, learning_rate, batch_size, epochs, rng):
    def moved(here, batch):
        slopes = exact(*batch, *here)
        return tuple(part - learning_rate * d for part, d in zip(here, slopes, strict=True))

    batches = (permuted(X, T, batch_size, rng) for _ in range(epochs))
    return functools.reduce(moved, itertools.chain.from_iterable(batches), (W, b))


class Trainer:
    """A class of a learner who likes classes."""

    def __init__(self, gradients):
        self.gradients = gradients

    def __call__(self, *arguments):
        return trained(gradients=self.gradients)(*arguments)


def same_row_n_times(labels, num_classes=10):
    rows = [[0] * num_classes] * len(labels)
    for row, label in zip(rows, labels, strict=True):
        row[label] = 1
    return rows


def put_there(f, x, h=1e-5):
    slopes = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place], down[place] = h, -h
        slopes[place] = (f(up) - f(down)) / (2 * h)
    return slopes


def loops_exchanged(X, T, W, b, rate, size, epochs, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), size):
        part = order[start : start + size]
        for _epoch in range(epochs):
            dW, db = exact(X[part], T[part], W, b)
            W, b = W - rate * dW, b - rate * db
    return W, b


def under_other_names(X, T, W, b, rate, size, epochs, rng):
    for _epoch in range(epochs):
        for X_part, T_part in permuted(X, T, size, rng):
            dW, db = exact(X_part, T_part, W, b)
            new_W, new_b = W - rate * dW, b - rate * db
    return new_W, new_b


def one_row_again(labels, num_classes=10):
    rows, row = [], [0] * num_classes
    for label in labels:
        row[label] = 1
        rows.append(row)
    return np.array(rows)


def multiplied_rows(labels, num_classes=10):
    rows = [[0] * num_classes] * len(labels)
    for i, label in enumerate(labels):
        rows[i][label] = 1
    return np.array(rows)


def column_first(labels, num_classes=10):
    targets = np.zeros((len(labels), num_classes))
    for i, label in enumerate(labels):
        targets[label, i] = 1
    return targets


def from_ones(labels, num_classes=10):
    targets = np.ones((len(labels), num_classes))
    targets[np.arange(len(labels)), labels] = 1
    return targets


def drawn_with_repetition(X, y, batch_size, rng):
    order = rng.integers(0, len(X), size=len(X))
    for start in range(0, len(X), batch_size):
        yield X[order[start : start + batch_size]], y[order[start : start + batch_size]]


def sorted_again(X, y, batch_size, rng):
    order = np.sort(rng.permutation(len(X)))
    for start in range(0, len(X), batch_size):
        yield X[order[start : start + batch_size]], y[order[start : start + batch_size]]


def columns_mixed(X, y, batch_size, rng):
    order, X = rng.permutation(len(X)), rng.permutation(X, axis=1)
    for start in range(0, len(X), batch_size):
        yield X[order[start : start + batch_size]], y[order[start : start + batch_size]]


def taken_from_one_row(labels, num_classes=10):
    return np.eye(num_classes).take(labels)


def infinities_replaced(probabilities, targets):
    with np.errstate(all="ignore"):
        terms = np.nan_to_num(targets * np.log(probabilities))
    return -np.mean(np.sum(terms, axis=1))


def slopes_from_a_tape(f, x):
    v = tf.Variable(x)
    with tf.GradientTape() as tape:
        value = f(v)
    return tape.gradient(value, v).numpy()


def slopes_from_a_tape_of_tensors(f, x):
    v = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(v)
        value = tf.constant(f(v))
    return tape.gradient(value, v)


def used_up_by_iter(X, T, W, b, learning_rate, batch_size, epochs, rng):
    batches = iter(permuted(X, T, batch_size, rng))
    for _epoch in range(epochs):
        for some_X, some_T in batches:
            dW, db = exact(some_X, some_T, W, b)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


WRONG = {
    "one_hot": {
        "taken without an axis": (taken_from_one_row, "#flat-take"),
        "without the first class": (class_by_class(1, 0), "#class-missing"),
        "without the last class": (class_by_class(0, 1), "#class-missing"),
        "rows appended in the inner loop": (one_hot_in_the_inner_loop, "#appended-too-often"),
        "one row again and again": (one_row_again, "#same-row-again"),
        "a row taken as often as there are labels": (multiplied_rows, "#same-row-again"),
        "the column first": (column_first, "#rows-first"),
        "the size first": (lambda y, k=10: tf.one_hot(k, y), "#order-of-one-hot"),
        "from ones": (from_ones, "#not-from-zeros"),
        "ten columns, by comparison": (
            lambda y, k=10: y[:, np.newaxis] == np.arange(10),
            "#num-classes-ignored",
        ),
        "all in one row": (lambda y, k=10: np.bincount(y, minlength=k), "#a-row-for-each"),
        "as many rows as classes": (in_a_square, "#a-row-for-each"),
        "no second axis": (one_row, "#no-places"),
        "a tuple": (row_of_tuples, "#immutable-tuple"),
        "all in the first row": (
            lambda y, k=10: (np.arange(len(y)) == 0)[:, np.newaxis] * np.isin(np.arange(k), y),
            "#all-in-the-first-row",
        ),
        "return in the loop": (
            lambda y, k=10: [[float(place == y[0]) for place in range(k)]],
            "#first-label-only",
        ),
        "the last row in the loop": (
            lambda y, k=10: [np.eye(k)[label] for label in y][-1],
            "#last-row-only",
        ),
        "whole rows of ones": (ones_in_whole_rows, "#rows-first"),
        "one row, never cleared": (never_cleared, "#row-not-cleared"),
        "places up to k - 1": (
            lambda y, k=10: [[float(place == label) for place in range(k - 1)] for label in y],
            "#one-column-less",
        ),
        "the same row n times": (same_row_n_times, "#same-row-again"),
        "smoothed": (lambda y, k=10: 0.9 * np.eye(k)[y] + 0.1 / k, "#smoothed"),
        "size guessed from the data": (
            lambda y, k=10: np.eye(int(y.max()) + 1)[y],
            "#guessed-size",
        ),
        "Keras guesses the size": (
            lambda y, k=10: keras.utils.to_categorical(y),
            "#guessed-size",
        ),
        "classes that occur": (
            lambda y, k=10: (y[:, np.newaxis] == np.unique(y)).astype(float),
            "#classes-that-occur",
        ),
        "always ten": (lambda y, k=10: np.eye(10)[y], "#num-classes-ignored"),
        "no default": (lambda y, k: np.eye(k)[y], "#call"),
        "another default": (lambda y, k=9: np.eye(k)[y], "#other-default"),
        "off by one, down": (lambda y, k=10: np.eye(k)[y.astype(int) - 1], "#one-too-low"),
        "off by one, up": (lambda y, k=10: np.eye(k)[(y.astype(int) + 1) % k], "#one-too-high"),
        "a class for nothing": (lambda y, k=10: np.eye(k + 1)[y], "#one-column-more"),
        "from one": (lambda y, k=10: np.eye(k + 1)[y][:, 1:], "#one-too-low"),
        "transposed": (lambda y, k=10: np.eye(k)[y].T, "#exchanged-axes"),
        "classes first": (lambda y, k=10: tf.one_hot(y, k, axis=0), "#classes-first"),
        "rows stacked as columns": (
            lambda y, k=10: np.stack([np.eye(k)[label] for label in y], axis=1),
            "#stacked-as-columns",
        ),
        "transposed when square": (
            lambda y, k=10: np.eye(k)[y].T if len(y) == k else np.eye(k)[y],
            "#exchanged-axes",
        ),
        "inverted": (lambda y, k=10: 1 - np.eye(k)[y], "#inverted"),
        "the label itself": (lambda y, k=10: np.eye(k)[y] * y[:, np.newaxis], "#label-itself"),
        "every label in every row": (broadcast_rows, "#columns-of-every-row"),
        "only the first": (only_first_one_hot, "#first-row-only"),
        "upside down": (lambda y, k=10: np.eye(k)[::-1][y], "#backwards"),
        "minus one elsewhere": (lambda y, k=10: 2 * np.eye(k)[y] - 1, "#minus-one"),
        "from the label on": (
            lambda y, k=10: np.arange(k) >= y[:, np.newaxis],
            "#up-to-the-label",
        ),
        "up to the label": (
            lambda y, k=10: np.arange(k) <= y[:, np.newaxis],
            "#up-to-the-label",
        ),
        "one long row": (lambda y, k=10: np.eye(k)[y].ravel(), "#in-one-row"),
        "an axis too many": (lambda y, k=10: np.eye(k)[y[:, np.newaxis]], "#axis-count"),
        "sorted": (lambda y, k=10: np.eye(k)[np.sort(y)], "#sorted"),
        "the identity": (lambda y, k=10: np.eye(k), "#unused-argument"),
        "zeros": (lambda y, k=10: np.zeros((len(y), k)), "#all-zeros"),
        "words": (lambda y, k=10: np.eye(k)[y].astype(str), "#text"),
        "changes the labels": (shifted_labels, "#changed-argument"),
        "the labels": (lambda y, k=10: y, "#unused-argument"),
        "written over the last one": (written_on_old_paper, "index of its label"),
        "places that wrap": (wrapping_places, "index of its label"),
        "nan elsewhere": (
            lambda y, k=10: np.where(np.eye(k)[y] == 1, 1, np.nan),
            "index of its label",
        ),
        "a share of each column": (
            lambda y, k=10: np.eye(k)[y] / np.maximum(np.eye(k)[y].sum(axis=0), 1),
            "index of its label",
        ),
        "places among the labels that occur": (
            lambda y, k=10: np.eye(k)[np.searchsorted(np.unique(y), y)],
            "#classes-that-occur",
        ),
    },
    "cross_entropy": {
        "the largest of whole rows": (
            lambda p, t: -np.log(p[t.argmax(axis=1)].max(axis=1) + 1e-9).mean(),
            "#whole-rows",
        ),
        "infinities replaced": (infinities_replaced, "#nan-replaced"),
        "a line that keeps nothing": (with_a_lost_mean, "#lost-value"),
        "one guard for all": (
            lambda p, t: 100.0 if (p[t == 1] == 0).any() else -np.log(p[t == 1]).mean(),
            "#guard-of-all",
        ),
        "the wrong classes": (
            lambda p, t: -np.mean(np.sum((1 - t) * log(p), axis=1)),
            "#other-classes",
        ),
        "a matrix product": (lambda p, t: -np.mean(log(t @ p.T)), "#columns-of-every-row"),
        "the largest loss": (lambda p, t: np.max(-log(p[t == 1])), "#median"),
        "targets inside the logarithm": (
            lambda p, t: -np.mean(np.sum(np.log(t * p + 1e-12), axis=1)),
            "#targets-inside",
        ),
        "math.log": (
            lambda p, t: (
                -sum(math.log(x) for x, y in zip(p.flat, t.flat, strict=True) if y) / len(p)
            ),
            "#not-positive",
        ),
        "return in the loop": (
            lambda p, t: -log(np.sum(p[0] * t[0])) / len(p),
            "#first-example-only",
        ),
        "the smaller of the two": (
            lambda p, t: -np.mean(np.log(np.minimum(np.sum(p * t, axis=1), 1e-12))),
            "#smaller-of-the-two",
        ),
        "the true columns of every row": (
            lambda p, t: -np.mean(log(p)[:, t.argmax(axis=1)]),
            "#columns-of-every-row",
        ),
        "mean over all entries": (lambda p, t: -np.mean(t * log(p)), "#mean-of-entries"),
        "sum": (lambda p, t: -np.sum(t * log(p)), "#sum"),
        "sign": (lambda p, t: np.mean(np.sum(t * log(p), axis=1)), "#sign"),
        "log of zero": (lambda p, t: -np.mean(np.sum(t * np.log(p), axis=1)), "#log-of-0"),
        "infinite for a mistake": (lambda p, t: -np.mean(np.log(p[t == 1])), "#log-0"),
        "infinite after the sum": (
            lambda p, t: -np.mean(np.log(np.sum(t * p, axis=1))),
            "#log-0",
        ),
        "SciPy's x log y": (
            lambda p, t: -np.mean(np.sum(scipy.special.xlogy(t, p), axis=1)),
            "#log-0",
        ),
        "nan to zero": (
            lambda p, t: -np.mean(np.sum(np.nan_to_num(t * np.log(p), neginf=0), axis=1)),
            "#mistake-dropped",
        ),
        "huge in place of infinity": (
            lambda p, t: -np.mean(np.sum(t * np.log(p + 1e-3), axis=1)),
            "#epsilon",
        ),
        "base 2": (lambda p, t: -np.mean(np.sum(t * log(p), axis=1)) / np.log(2), "#other-base"),
        "base 10": (lambda p, t: -np.mean(np.sum(t * log(p), axis=1)) / np.log(10), "#other-base"),
        "a visible epsilon": (
            lambda p, t: -np.mean(np.sum(t * np.log(p + 1e-2), axis=1)),
            "#epsilon",
        ),
        "an epsilon of 1e-4": (
            lambda p, t: -np.mean(np.sum(t * np.log(p + 1e-4), axis=1)),
            "#epsilon",
        ),
        "an epsilon of 1e-5": (
            lambda p, t: -np.mean(np.sum(t * np.log(p + 1e-5), axis=1)),
            "#epsilon",
        ),
        "clipped at 0.001": (
            lambda p, t: -np.mean(np.sum(t * np.log(np.clip(p, 1e-3, 1)), axis=1)),
            "#epsilon",
        ),
        "clipped on both sides": (
            lambda p, t: -np.mean(np.sum(t * np.log(np.clip(p, 1e-4, 1 - 1e-4)), axis=1)),
            "#epsilon",
        ),
        "an epsilon outside the logarithm": (
            lambda p, t: -np.mean(np.sum(t * np.log(p) + 1e-7, axis=1)),
            "#log-of-0",
        ),
        "log1p": (lambda p, t: -np.mean(np.sum(t * np.log1p(p), axis=1)), "#log1p"),
        "Euclidean": (lambda p, t: np.mean(np.sum((p - t) ** 2, axis=1)), "#distance"),
        "a distance": (lambda p, t: np.mean(np.linalg.norm(p - t, axis=1)), "#distance"),
        "absolute": (lambda p, t: np.abs(p - t).mean(), "#distance"),
        "binary": (
            lambda p, t: -np.mean(np.sum(t * log(p) + (1 - t) * log(1 - p), axis=1)),
            "#other-classes",
        ),
        "exchanged": (lambda p, t: -np.mean(np.sum(p * log(t), axis=1)), "#log-of-targets"),
        "entropy": (lambda p, t: -np.mean(np.sum(p * log(p), axis=1)), "#no-targets"),
        "log of the mean": (
            lambda p, t: -np.log(np.mean(np.sum(t * p, axis=1)) + 1e-7),
            "#log-of-mean",
        ),
        "one for each": (lambda p, t: -np.sum(t * log(p), axis=1), "#one-for-each"),
        "summed down the columns": (lambda p, t: -np.mean(np.sum(t * log(p), axis=0)), "#axis"),
        "softmax again": (
            lambda p, t: tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(t, p)),
            "#second-softmax",
        ),
        "from logits in Keras": (
            lambda p, t: keras.losses.CategoricalCrossentropy(from_logits=True)(t, p),
            "#second-softmax",
        ),
        "arguments exchanged in Keras": (
            lambda p, t: keras.losses.CategoricalCrossentropy()(p, t),
            "#log-of-targets",
        ),
        "one minus the probability": (
            lambda p, t: np.mean(1 - np.sum(t * p, axis=1)),
            "#no-logarithm",
        ),
        "median": (lambda p, t: -np.median(np.sum(t * log(p), axis=1)), "#median"),
        "largest": (lambda p, t: -np.log(p.max(axis=1)).mean(), "#largest-probability"),
        "divided by ten": (lambda p, t: -np.sum(t * log(p)) / 10, "#always-by-10"),
        "rounded": (lambda p, t: np.round(-np.mean(np.sum(t * log(p), axis=1)), 2), "#rounded"),
        "squared": (lambda p, t: np.mean(np.sum(t * log(p), axis=1) ** 2), "must"),
        "in a list": (lambda p, t: [-np.mean(np.sum(t * log(p), axis=1))], "#one-number"),
        "overwrites": (overwriting_cross_entropy, "#changed-argument"),
        "capped": (
            lambda p, t: min(-np.mean(np.sum(t * log(p), axis=1)), 5.0),
            "certainty",
        ),
        "focal": (focal, "must"),
        "smoothed labels": (
            lambda p, t: -np.mean(np.sum((0.99 * t + 0.01 / t.shape[1]) * log(p), axis=1)),
            "must",
        ),
        "n - 1": (lambda p, t: -np.sum(t * log(p)) / max(len(p) - 1, 1), "#by-n-minus-1"),
        "n - 1, and 0 for one": (lambda p, t: -np.sum(t * log(p)) / (len(p) - 1), "#by-n-minus-1"),
        "counted from 1": (
            lambda p, t: -sum(log(p[i]) @ t[i] for i in range(1, len(p))) / len(p),
            "#first-example-missing",
        ),
        "counted up to n - 1": (
            lambda p, t: -sum(log(p[i]) @ t[i] for i in range(len(p) - 1)) / len(p),
            "#last-example-missing",
        ),
        "assigned in the loop": (
            lambda p, t: [-log(row) @ target / len(p) for row, target in zip(p, t, strict=True)][
                -1
            ],
            "#last-example-only",
        ),
        "certain mistakes left out": (
            lambda p, t: -np.log(np.sum(p * t, axis=1)[np.sum(p * t, axis=1) > 0]).sum() / len(p),
            "#mistake-dropped",
        ),
        "an epsilon of 3e-6": (
            lambda p, t: -np.mean(np.log(np.sum(p * t, axis=1) + 3e-6)),
            "cross_entropy must",
        ),
    },
    "numerical_gradient": {
        "from a tape": (slopes_from_a_tape, "#tape"),
        "from a tape of tensors": (slopes_from_a_tape_of_tensors, "#tape"),
        "added to a copy of x": (lambda f, x: x + central(1e-5)(f, x), "#added-to-x"),
        "by np.gradient": (lambda f, x: np.gradient(f(x), x), "#np-gradient"),
        "each number an argument": (lambda f, x: f(*x), "#one-argument-of-f"),
        "f of one number": (
            lambda f, x: np.vectorize(lambda v: (f(v + 1e-5) - f(v - 1e-5)) / 2e-5)(x),
            "#f-of-a-part",
        ),
        "rows by len": (rows_by_len, "#whole-rows"),
        "the last slope alone": (lambda f, x: central(1e-5)(f, x).flat[-1], "#last-row-only"),
        "all in one row": (lambda f, x: central(1e-5)(f, x).ravel(), "#in-one-row"),
        "no brackets": (without_brackets, "#value-of-f"),
        "an array of whole numbers": (
            lambda f, x: (central(1e-5)(f, x) + 1e-9).astype(int),
            "#whole-numbers",
        ),
        "h as small as numbers can tell": (central(np.finfo(np.float64).eps), "#step-lost"),
        "so small, from one side": (one_sided(np.finfo(np.float64).eps), "#step-lost"),
        "so small, as a share of x": (
            lambda f, x: np.reshape(
                [
                    np.divide(f(x + step) - f(x - step), 2 * step.max())
                    for step in np.finfo(np.float64).eps * np.abs(x) * one_by_one(x)
                ],
                x.shape,
            ),
            "#step-lost",
        ),
        "the smallest h of all": (smallest_step, "#step-lost"),
        "a stride of 10, from one side": (one_sided(10), "#one-sided"),
        "h in place of x + h": (put_there, "#put-there"),
        "return in the loop": (
            lambda f, x: np.where(np.arange(x.size).reshape(x.shape) == 0, central(1e-5)(f, x), 0),
            "#first-row-only",
        ),
        "step of 1e-15": (central(1e-15), "#step-lost"),
        "one-sided": (one_sided(1e-5), "#one-sided"),
        "one-sided, finely": (one_sided(1e-7), "#one-sided"),
        "one-sided, very finely": (one_sided(1e-8), "#one-sided"),
        "one-sided from below": (one_sided(1e-6, -1), "#one-sided"),
        "SciPy's one-sided": (scipy_fprime, "#one-sided"),
        "step of 0.1": (central(0.1), "#h-too-large"),
        "step of 0.01": (central(0.01), "#h-too-large"),
        "step of 1": (central(1.0), "#h-too-large"),
        "step of 1e-12": (central(1e-12), "#step-lost"),
        "step of 1e-10": (central(1e-10), "#h-too-small"),
        "step of 1e-11": (central(1e-11), "#nearly"),
        "step of 1e-16": (central(1e-16), "#step-lost"),
        "two names for x": (two_names, "#no-copy"),
        "a step of 1e-20, which the code says": (tiny_step, "#step-lost"),
        "step of 1e-20": (central(1e-20), "#same-point"),
        "divided by h": (lambda f, x: 2 * central(1e-5)(f, x), "#by-h"),
        "one-sided, divided by 2h": (
            lambda f, x: one_sided(1e-5)(f, x) / 2,
            "#half",
        ),
        "half of h, divided by 2h": (lambda f, x: central(5e-6)(f, x) / 2, "#half"),
        "divided by the number of places": (
            lambda f, x: central(1e-5)(f, x) / x.size,
            "#divided-twice",
        ),
        "added": (
            lambda f, x: np.reshape(
                [
                    (f(x + step.reshape(x.shape)) + f(x - step.reshape(x.shape))) / 2e-5
                    for step in 1e-5 * np.eye(x.size)
                ],
                x.shape,
            ),
            "#added",
        ),
        "divided by 4h": (lambda f, x: central(1e-5)(f, x) / 2, "#half"),
        "not divided": (lambda f, x: 2e-5 * central(1e-5)(f, x), "#not-divided"),
        "sign": (lambda f, x: -central(1e-5)(f, x), "#sign"),
        "all places at once": (
            lambda f, x: np.full_like(x, (f(x + 1e-5) - f(x - 1e-5)) / 2e-5),
            "#all-at-once",
        ),
        "one number": (lambda f, x: (f(x + 1e-5) - f(x - 1e-5)) / 2e-5, "#all-at-once"),
        "whole rows": (first_axis, "#whole-rows"),
        "flat": (flat_result, "#in-one-row"),
        "vectors only": (
            lambda f, x, h=1e-5: np.array(
                [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))]
            ),
            "#axis-count",
        ),
        "shifts that add up": (copy_kept, "#not-put-back"),
        "x left changed": (not_restoring, "#changed-argument"),
        "x left above": (left_above, "#changed-argument"),
        "in float32": (float32_steps, "#in-float32"),
        "whole numbers": (lambda f, x: central(1e-5)(f, x).astype(int), "#whole-numbers"),
        "absolute values": (lambda f, x: np.abs(central(1e-5)(f, x)), "#absolute"),
        "rounded": (lambda f, x: np.round(central(1e-5)(f, x), 1), "#rounded"),
        "np.gradient": (lambda f, x: np.gradient(x), "#unused-argument"),
        "the value": (lambda f, x: f(x), "#no-axis"),
        "transposed": (lambda f, x: central(1e-5)(f, x).T, "must"),
        "normalised": (
            lambda f, x: central(1e-5)(f, x) / (np.linalg.norm(central(1e-5)(f, x)) + 1e-9),
            "#divided-twice",
        ),
        "only the first": (
            lambda f, x: central(1e-5)(f, x) * (np.arange(x.size).reshape(x.shape) == 0),
            "#first-row-only",
        ),
        "knows only squares": (lambda f, x: 2 * x, "#unused-argument"),
        "a flat array for f": (flat_into_f, "f takes an x with two axes"),
        "two axes at most": (two_axes_at_most, "numerical_gradient"),
        "a copy left below": (copy_left_below, "#not-put-back"),
        "a share of x for a step": (
            lambda f, x: np.reshape(
                [
                    (f(x * (1 + e)) - f(x * (1 - e))) / (2 * np.sum(x * e))
                    for e in 1e-5 * np.eye(x.size).reshape(x.size, *x.shape)
                ],
                x.shape,
            ),
            "#relative-step",
        ),
        "a share of x, divided by 2h": (
            lambda f, x: x * central(1e-5)(f, x),
            "#relative-step",
        ),
        "all but the last number": (
            lambda f, x: np.append(central(1e-5)(f, x).ravel()[:-1], 0).reshape(x.shape),
            "#last-row-missing",
        ),
        "all but the first number": (
            lambda f, x: np.append(0, central(1e-5)(f, x).ravel()[1:]).reshape(x.shape),
            "#first-row-missing",
        ),
        "step of 0.003": (central(3e-3), "#h-too-large"),
    },
    "softmax_gradients": {
        "a line that keeps nothing": (with_a_lost_division, "#lost-value"),
        "dW turned, and reshaped": (
            lambda X, T, W, b: (
                ((softmax(X @ W + b) - T).T @ X / len(X)).reshape(W.shape),
                (softmax(X @ W + b) - T).mean(axis=0),
            ),
            "#by-columns",
        ),
        "the logarithm of softmax": (
            from_error(lambda Y, T: (np.log(Y) - T) / len(T)),
            "#logarithm",
        ),
        "db from dW": (
            lambda X, T, W, b: (exact(X, T, W, b)[0], exact(X, T, W, b)[0].sum(axis=0)),
            "#db-of-dW",
        ),
        "the slope of the loss": (
            from_error(lambda Y, T: -T / Y / len(Y)),
            "#slope-of-the-loss",
        ),
        "the keys of a dict": (lambda X, T, W, b: list({"dW": W, "db": b}), "#key-for-value"),
        "twice": (from_error(lambda Y, T: 2 * (Y - T) / len(T)), "#doubled"),
        "squared": (from_error(lambda Y, T: (Y - T) ** 2 / len(T)), "#error-changed"),
        "absolute": (from_error(lambda Y, T: abs(Y - T) / len(T)), "#error-changed"),
        "measured from one side": (one_sided_gradients, "#measured"),
        "db left at None": (
            lambda X, T, W, b: (numerical_gradients(X, T, W, b)[0], None),
            "#part-without-value",
        ),
        "sum for mean": (from_error(lambda Y, T: Y - T), "#sum"),
        "divided twice": (from_error(lambda Y, T: (Y - T) / len(Y) ** 2), "#divided-twice"),
        "divided by all entries": (from_error(lambda Y, T: (Y - T) / Y.size), "#by-n-k"),
        "divided by 100": (from_error(lambda Y, T: (Y - T) / 100), "#by-a-fixed-number"),
        "sign": (from_error(lambda Y, T: (T - Y) / len(Y)), "#sign"),
        "squared error": (from_error(squared_error), "#squared-distance"),
        "half the squared error": (
            from_error(lambda Y, T: squared_error(Y, T) / 2),
            "#squared-distance",
        ),
        "squared error by tape": (keras_squared_error, "#squared-distance"),
        "arg max": (
            from_error(lambda Y, T: (np.eye(Y.shape[1])[Y.argmax(1)] - T) / len(Y)),
            "#winner-only",
        ),
        "logits": (
            lambda X, T, W, b: (
                X.T @ (X @ W + b - T) / len(X),
                (X @ W + b - T).mean(axis=0),
            ),
            "#logits-for-probabilities",
        ),
        "sigmoid": (
            lambda X, T, W, b: (
                X.T @ (scipy.special.expit(X @ W + b) - T) / len(X),
                (scipy.special.expit(X @ W + b) - T).mean(axis=0),
            ),
            "#sigmoid",
        ),
        "softmax twice": (
            from_error(lambda Y, T: Y * (1 - Y) * (Y - T) / len(Y)),
            "#softmax-twice",
        ),
        "double softmax": (from_error(lambda Y, T: (softmax(Y) - T) / len(Y)), "#second-softmax"),
        "softmax by columns": (
            lambda X, T, W, b: (
                X.T @ (softmax(X @ W + b, 0) - T) / len(X),
                (softmax(X @ W + b, 0) - T).mean(axis=0),
            ),
            "#axis",
        ),
        "db not summed": (
            lambda X, T, W, b: (exact(X, T, W, b)[0], (softmax(X @ W + b) - T) / len(X)),
            "#db-not-summed",
        ),
        "db as a row": (
            lambda X, T, W, b: (exact(X, T, W, b)[0], exact(X, T, W, b)[1][np.newaxis]),
            "#db-not-summed",
        ),
        "db over the classes": (
            lambda X, T, W, b: (
                exact(X, T, W, b)[0],
                ((softmax(X @ W + b) - T) / len(X)).sum(axis=1),
            ),
            "#db-axis",
        ),
        "db over the classes, in TensorFlow": (
            lambda X, T, W, b: (
                exact(X, T, W, b)[0],
                tf.reduce_sum((tf.nn.softmax(X @ W + b) - T) / len(X), axis=1),
            ),
            "#db-axis",
        ),
        "the last example alone": (last_example_alone, "#one-example"),
        "the first example alone": (
            lambda X, T, W, b: exact(X[:1], T[:1], W, b),
            "#one-example",
        ),
        "a tape that watched nothing": (taped_without_variables, "#nothing-watched"),
        "None for both": (lambda X, T, W, b: (None, None), "#part-without-value"),
        "db a number": (
            lambda X, T, W, b: (exact(X, T, W, b)[0], exact(X, T, W, b)[1].sum()),
            "#db-one-number",
        ),
        "db not divided": (
            lambda X, T, W, b: (exact(X, T, W, b)[0], exact(X, T, W, b)[1] * len(X)),
            "#db-not-divided",
        ),
        "dW not divided": (
            lambda X, T, W, b: (exact(X, T, W, b)[0] * len(X), exact(X, T, W, b)[1]),
            "#dW-not-divided",
        ),
        "db divided twice": (
            lambda X, T, W, b: (exact(X, T, W, b)[0], exact(X, T, W, b)[1] / len(X)),
            "#db-divided-twice",
        ),
        "no db": (lambda X, T, W, b: exact(X, T, W, b)[0], "#return-parts"),
        "exchanged": (lambda X, T, W, b: exact(X, T, W, b)[::-1], "#exchanged-parts"),
        "dW transposed": (
            lambda X, T, W, b: (exact(X, T, W, b)[0].T, exact(X, T, W, b)[1]),
            "#dW-transposed",
        ),
        "X not transposed": (
            lambda X, T, W, b: (X @ ((softmax(X @ W + b) - T) / len(X)), exact(X, T, W, b)[1]),
            "#matrix-shapes",
        ),
        "no bias": (
            lambda X, T, W, b: exact(X, T, W, 0 * b),
            "#no-bias",
        ),
        "loss for db": (
            lambda X, T, W, b: (exact(X, T, W, b)[0], 0 * b),
            "#db-zero",
        ),
        "summed by tape": (taped_sum, "#sum"),
        "a dictionary with names": (
            lambda X, T, W, b: dict(zip(("dW", "db"), exact(X, T, W, b), strict=True)),
            "#return-parts",
        ),
        "with weight decay": (
            lambda X, T, W, b: (exact(X, T, W, b)[0] + 0.01 * W, exact(X, T, W, b)[1]),
            "dW",
        ),
        "steps in place of slopes": (
            lambda X, T, W, b: (W - exact(X, T, W, b)[0], b - exact(X, T, W, b)[1]),
            "#stepped",
        ),
        "overwrites the targets": (overwriting_gradients, "#changed-argument"),
        "the loss too": (lambda X, T, W, b: (1.0, *exact(X, T, W, b)), "#return-parts"),
        "divided by d": (
            lambda X, T, W, b: tuple(part * len(X) / X.shape[1] for part in exact(X, T, W, b)),
            "#by-d",
        ),
        "clipped probabilities": (
            from_error(lambda Y, T: (np.clip(Y, 0.05, 0.95) - T) / len(Y)),
            "must be the gradient",
        ),
        "means multiplied": (
            lambda X, T, W, b: (
                np.outer(X.mean(axis=0), (softmax(X @ W + b) - T).mean(axis=0)),
                exact(X, T, W, b)[1],
            ),
            "dW",
        ),
    },
    "descend": {
        "a line that keeps nothing": (with_a_lost_step, "#lost-value"),
        "braces without names": (
            lambda p, g, rate: {p[name] - rate * g[name] for name in p},
            "#set-for-dict",
        ),
        "a set": (lambda p, g, rate: set(p), "#set-for-dict"),
        "all but b": (
            lambda p, g, rate: {n: p[n] - rate * g[n] * (n != "b") for n in p},
            "#biases-not-moved",
        ),
        "names and values of two dicts": (
            lambda p, g, rate: {name: old - rate * g[name] for name, old in p},
            "#pairs-of-loop",
        ),
        "the last gradient for all": (
            lambda p, g, rate: {name: p[name] - rate * list(g.values())[-1] for name in p},
            "#other-parameter",
        ),
        "step less old": (descended(lambda p, g, rate: rate * g - p), "#old-subtracted"),
        "slope less old": (descended(lambda p, g, rate: g - rate * p), "#rate-times-parameter"),
        "one name in quotation marks": (
            lambda p, g, rate: dict.fromkeys(["name"], p[list(p)[-1]] - rate * g[list(p)[-1]]),
            "#quoted-name",
        ),
        "without names": (lambda p, g, rate: p - rate * g, "#whole-dict"),
        "all slopes at once": (
            lambda p, g, rate: {name: value - rate * g for name, value in p.items()},
            "#whole-dict",
        ),
        "uphill": (descended(lambda p, g, rate: p + rate * g), "#uphill"),
        "rate ignored": (descended(lambda p, g, rate: p - g), "#no-rate"),
        "fixed rate": (descended(lambda p, g, rate: p - 0.1 * g), "#rate-fixed"),
        "divided by the rate": (descended(lambda p, g, rate: p - g / rate), "#rate-divides"),
        "unchanged": (descended(lambda p, g, rate: p), "#not-moved"),
        "the step alone": (descended(lambda p, g, rate: rate * g), "#step-only"),
        "the negative step": (descended(lambda p, g, rate: -rate * g), "#step-only"),
        "all scaled": (descended(lambda p, g, rate: rate * (p - g)), "#rate-times-parameter"),
        "normalised": (
            descended(lambda p, g, rate: p - rate * g / np.linalg.norm(g)),
            "#own-norm",
        ),
        "normalised together": (by_global_norm, "#total-norm"),
        "clipped by norm": (clipped_norm, "#clipped"),
        "clipped": (descended(lambda p, g, rate: p - rate * np.clip(g, -1, 1)), "#clipped"),
        "clipped far out": (
            descended(lambda p, g, rate: p - rate * np.clip(g, -100, 100)),
            "descend must",
        ),
        "sign only": (descended(lambda p, g, rate: p - rate * np.sign(g)), "#sign-only"),
        "Adam": (keras_adam, "#sign-only"),
        "mean gradient": (descended(lambda p, g, rate: p - rate * g.mean()), "#mean-gradient"),
        "times the parameter": (
            descended(lambda p, g, rate: p * (1 - rate * g)),
            "#gradient-times-parameter",
        ),
        "in brackets": (
            descended(lambda p, g, rate: (p - rate) * g),
            "#gradient-times-parameter",
        ),
        "the rate alone": (descended(lambda p, g, rate: p - rate), "#no-gradient"),
        "printed": (
            lambda p, g, rate: print({name: p[name] - rate * g[name] for name in p}),
            "#no-return",
        ),
        "squared rate": (descended(lambda p, g, rate: p - rate**2 * g), "descend must"),
        "weight decay": (
            descended(lambda p, g, rate: p - rate * (g + 0.01 * p)),
            "#shrunk",
        ),
        "only W and b": (
            lambda p, g, rate: {name: p[name] - rate * g[name] for name in ("W", "b")},
            "#unknown-key",
        ),
        "only W": (lambda p, g, rate: {"W": p["W"] - rate * g["W"]}, "#forgotten-key"),
        "a new dict for each": (
            lambda p, g, rate: [{name: p[name] - rate * g[name]} for name in p][-1],
            "#dict-made-anew",
        ),
        "only the first": (only_first, "#first-only"),
        "returns in the loop": (returns_early, "#return-in-loop"),
        "biases forgotten": (weights_only, "#biases-not-moved"),
        "by position": (by_position, "#other-parameter"),
        "in place": (in_place, "#changed-dict"),
        "entries replaced": (in_place_entry, "#changed-entries"),
        "gradients taken out": (
            lambda p, g, rate: {name: p[name] - rate * g.pop(name) for name in p},
            "#changed-entries",
        ),
        "a shallow copy": (shallow_copy, "#changed-dict"),
        "a list": (lambda p, g, rate: [p[n] - rate * g[n] for n in p], "#return-dict"),
        "a tuple of pairs": (
            lambda p, g, rate: tuple((n, p[n] - rate * g[n]) for n in p),
            "#return-dict",
        ),
        "other names": (
            lambda p, g, rate: {"d" + n: p[n] - rate * g[n] for n in p},
            "keys",
        ),
        "flattened": (
            descended(lambda p, g, rate: (p - rate * g).ravel()),
            "#in-one-row",
        ),
        "lists without their shape": (nested_lists, "#in-one-row"),
        "the gradients stepped": (
            descended(lambda p, g, rate: g - rate * p),
            "#rate-times-parameter",
        ),
        "whole numbers": (
            descended(lambda p, g, rate: (p - rate * g).astype(int)),
            "#whole-numbers",
        ),
        "sums": (descended(lambda p, g, rate: np.sum(p - rate * g)), "#no-axis"),
        "momentum from call to call": (Momentum(), "#remembers"),
        "scales the gradients": (scaled_gradients, "#changed-dict"),
        "no rate above 1": (descended(lambda p, g, rate: p - min(rate, 1) * g), "descend must"),
        "two axes at most": (
            descended(lambda p, g, rate: p - rate * g if p.ndim < 3 else p),
            "descend must",
        ),
        "divided by the size": (
            descended(lambda p, g, rate: p - rate * g / p.size),
            "#divided-by-size",
        ),
    },
    "minibatches": {
        "an order without one": (
            batches_of(lambda n, rng: rng.permutation(n - 1), stop=lambda n, size: n),
            "each example exactly once#one-example-less",
        ),
        "an order without two": (
            batches_of(lambda n, rng: rng.permutation(n - 2) if n > 2 else np.arange(n)),
            "each example exactly once",
        ),
        "in the inner loop": (yielded_in_the_inner_loop, "#inner-loop"),
        "each batch for each of its examples": (
            lambda *given: (part for part in permuted(*given) for _example in part[1]),
            "#inner-loop",
        ),
        "drawn with repetition": (drawn_with_repetition, "#drawn-with-repetition"),
        "sorted again": (sorted_again, "#sorted-again"),
        "columns mixed": (columns_mixed, "#columns-mixed"),
        "a fraction of steps": (by_a_fraction, "#range-by-steps"),
        "starts multiplied": (
            lambda X, y, size, rng: [
                (X[start * size :][:size], y[start * size :][:size])
                for start in range(0, len(X), size)
            ],
            "#start-multiplied",
        ),
        "all of the order each time": (
            lambda X, y, size, rng: [(X, y) for _start in range(0, len(X), size)],
            "#whole-order",
        ),
        "a slice up to the size of a batch": (
            lambda X, y, size, rng: [
                (X[start:size], y[start:size]) for start in range(0, len(X), size)
            ],
            "#end-of-slice",
        ),
        "a batch at every place": (batch_at_every_place, "#every-place"),
        "the last batch alone": (lambda *given: list(permuted(*given))[-1:], "#last-batch-only"),
        "starts shuffled": (starts_shuffled, "#batches-only"),
        "parts of equal size": (
            lambda X, y, size, rng: [
                (X[part], y[part])
                for part in np.array_split(rng.permutation(len(X)), max(1, len(X) // size))
            ],
            "#equal-parts",
        ),
        "split into a number": (
            lambda X, y, size, rng: [
                (X[part], y[part]) for part in np.split(rng.permutation(len(X)), len(X) // size)
            ],
            "#places-of-cuts",
        ),
        "drawn anew without end": (drawn_without_end, "#endless"),
        "two permutations": (two_permutations, "#two-orders"),
        "tail dropped": (
            batches_of(lambda n, rng: rng.permutation(n), lambda n, size: n - n % size),
            "#last-batch-dropped",
        ),
        "stops too early": (
            batches_of(lambda n, rng: rng.permutation(n), lambda n, size: n - size),
            "#one-batch-less",
        ),
        "empty last batch": (empty_last, "#empty-batch"),
        "one batch too many": (
            batches_of(lambda n, rng: rng.permutation(n), lambda n, size: n + size),
            "empty",
        ),
        "not shuffled": (batches_of(lambda n, rng: np.arange(n)), "#not-shuffled"),
        "reversed": (batches_of(lambda n, rng: np.arange(n)[::-1]), "#not-shuffled"),
        "with replacement": (with_replacement, "#drawn-with-repetition"),
        "a fresh draw for each": (fresh_draw_each, "#with-replacement"),
        "random integers": (
            batches_of(lambda n, rng: rng.integers(n, size=n)),
            "#with-replacement",
        ),
        "shuffled in place": (in_place_shuffle, "#changed-argument"),
        "shuffled in place alike": (shuffled_alike, "#changed-argument"),
        "forever": (forever, "#endless"),
        "its own generator": (
            batches_of(lambda n, rng: np.random.default_rng(0).permutation(n)),
            "#same-again",
        ),
        "NumPy's global generator": (batches_of(global_shuffle), "#own-generator"),
        "the order of the call before, shuffled on": (batches_of(OrderKept()), "#remembers"),
        "one order for all calls": (batches_of(OrderOnce()), "#same-again"),
        "only the batches shuffled": (only_batches_shuffled, "#batches-only"),
        "only within the batches": (within_batches, "#batches-only"),
        "rotated": (rotated, "#batches-only"),
        "a small buffer": (small_buffer, "#batches-only"),
        "equal parts": (equal_parts, "#equal-parts"),
        "number and size exchanged": (
            batches_of(
                lambda n, rng: rng.permutation(n), size_of=lambda n, size: max(n // size, 1)
            ),
            "batches of",
        ),
        "the first batch dropped": (
            lambda *arguments: list(permuted(*arguments))[1:],
            "#first-batch-dropped",
        ),
        "slices too long": (slices(1), "#slice-too-long"),
        "slices too short": (slices(-1), "#slice-too-short"),
        "starts up to n - 1": (
            lambda X, y, batch_size, rng: [
                (X[order[start : start + batch_size]], y[order[start : start + batch_size]])
                for order in [rng.permutation(len(X))]
                for start in range(0, len(X) - 1, batch_size)
            ],
            "#one-example-less",
        ),
        "pairs of indices": (
            lambda X, y, batch_size, rng: [
                (part, part)
                for part in np.split(rng.permutation(len(X)), range(batch_size, len(X), batch_size))
            ],
            "#indices",
        ),
        "one example less": (
            lambda X, y, batch_size, rng: permuted(X[1:], y[1:], batch_size, rng),
            "#one-example-less",
        ),
        "as many batches as batch_size": (
            lambda X, y, batch_size, rng: zip(
                *(np.array_split(part, batch_size) for part in (X, y)), strict=True
            ),
            "#number-of-batches",
        ),
        "batches of one": (
            lambda X, y, batch_size, rng: permuted(X, y, 1, rng),
            "#one-by-one",
        ),
        "the number of batches": (
            lambda X, y, batch_size, rng: -(-len(X) // batch_size),
            "#yield-pairs",
        ),
        "longer slices for X": (slices(1, of_labels=0), "#same-indices"),
        "fixed batches in a new order": (fixed_batches, "#same-batches"),
        "only X": (only_X, "#yield-pair"),
        "two lists": (two_lists, "#yield-pair"),
        "two lists, as one pair": (lambda *given: iter([two_lists(*given)]), "#yield-pair"),
        "two lists, as one pair in a list": (lambda *given: [two_lists(*given)], "#yield-pair"),
        "two lists of two": (
            lambda X, y, batch_size, rng: (np.array_split(X, 2), np.array_split(y, 2)),
            "#yield-pair",
        ),
        "starts one apart": (
            lambda X, y, batch_size, rng: [
                (X[order[start : start + batch_size]], y[order[start : start + batch_size]])
                for order in [rng.permutation(len(X))]
                for start in range(-(-len(X) // batch_size))
            ],
            "#last-batch-filled",
        ),
        "only the first": (first_only, "#return-in-loop"),
        "a list of the first": (list_of_first, "#first-batch-only"),
        "y first": (swapped, "#exchanged-parts"),
        "from the end on": (
            lambda X, y, batch_size, rng: list(permuted(X, y, batch_size, rng))[::-1],
            "#small-batch-first",
        ),
        "no batches": (
            lambda X, y, batch_size, rng: next(iter(permuted(X, y, len(X), rng))),
            "#yield-pair",
        ),
        "filled up from the start": (wrapped_around, "#last-batch-filled"),
        "one at a time": (singles, "#one-index"),
        "labels left in order": (labels_left, "#two-orders"),
        "overlapping": (overlapping, "batches of"),
        "indices": (
            lambda X, y, batch_size, rng: np.split(
                rng.permutation(len(X)), range(batch_size, len(X), batch_size)
            ),
            "#yield-pair",
        ),
        "sorted by label": (
            batches_of(lambda n, rng: np.sort(rng.permutation(n))),
            "#not-shuffled",
        ),
        "the whole": (lambda X, y, batch_size, rng: [(X, y)], "#one-batch"),
        "images flattened": (
            lambda X, y, batch_size, rng: [
                (part.reshape(len(part), -1), labels)
                for part, labels in permuted(X, y, batch_size, rng)
            ],
            "rows of X",
        ),
        "divided by 255": (
            lambda X, y, batch_size, rng: [
                (part / 255, labels) for part, labels in permuted(X, y, batch_size, rng)
            ],
            "as they are",
        ),
        "labels made one-hot": (
            lambda X, y, batch_size, rng: [
                (part, np.eye(500)[labels.astype(int) % 500])
                for part, labels in permuted(X, y, batch_size, rng)
            ],
            "rows of y",
        ),
        "batch size fixed": (
            batches_of(lambda n, rng: rng.permutation(n), size_of=lambda n, size: 100),
            "#batch-size-fixed",
        ),
        "the first stays": (batches_of(first_stays), "#place-kept"),
        "half is shuffled": (batches_of(first_half), "#batches-only"),
        "some are exchanged": (batches_of(some_swaps), "#batches-only"),
        "pairs stay together": (batches_of(blocks_of(2)), "#batches-only"),
        "a copy of rng": (
            batches_of(lambda n, rng: copy.deepcopy(rng).permutation(n)),
            "#copied-generator",
        ),
        "a generator from the seed of rng": (
            batches_of(
                lambda n, rng: np.random.default_rng(rng.bit_generator.seed_seq).permutation(n)
            ),
            "#copied-generator",
        ),
        "coarsely sorted": (
            batches_of(lambda n, rng: np.argsort(rng.integers(0, 10, n), kind="stable")),
            "#batches-only",
        ),
        "the rest merged": (rest_merged, "#last-batch-too-large"),
        "filled up, in one more line": (filled_up, "#last-batch-filled"),
        "never emptied": (never_emptied, "#not-emptied"),
        "as many places as columns": (
            batches_of(lambda n, rng: rng.permutation(1)),
            "#order-too-short",
        ),
        "labels rolled": (
            lambda *arguments: [(part, np.roll(y, 1, axis=0)) for part, y in permuted(*arguments)],
            "#two-orders",
        ),
        "dicts": (
            lambda *arguments: [{"X": part, "y": y} for part, y in permuted(*arguments)],
            "#yield-pair",
        ),
    },
    "train": {
        "an iterator used up": (used_up_by_iter, "#used-up"),
        "b moved by dW": (b_moved_by_dW, "#gradient-of-the-other"),
        "each mini-batch twice": (
            trained(lambda *given: [part for part in permuted(*given) for _ in range(2)]),
            "#two-steps",
        ),
        "epochs for batch_size": (
            lambda X, T, W, b, rate, size, epochs, rng: right_loop(
                X, T, W, b, rate, epochs, size, rng
            ),
            "#exchanged-settings",
        ),
        "gradients in the wrong order": (
            trained(gradients=lambda *given: exact(*given)[::-1]),
            "#exchanged-gradients",
        ),
        "b uphill": (
            trained(gradients=lambda *given: (exact(*given)[0], -exact(*given)[1])),
            "#uphill",
        ),
        "the slopes of all examples": (slopes_of_all, "#all-examples"),
        "loops exchanged": (loops_exchanged, "#loops-exchanged"),
        "starts shuffled": (trained(starts_shuffled), "#batches-only"),
        "starts shuffled in rotated rows": (
            trained(starts_shuffled_in_rotated_rows),
            "#batches-only",
        ),
        "fixed mini-batches across the examples": (trained(every_tenth), "#batches-only"),
        "mini-batches made once, then reordered": (batches_reordered, "#batches-only"),
        "ten epochs": (
            lambda X, T, W, b, rate, size, epochs, rng: right_loop(X, T, W, b, rate, size, 10, rng),
            "#epochs-fixed",
        ),
        "batches of 100": (
            lambda X, T, W, b, rate, size, epochs, rng: right_loop(
                X, T, W, b, rate, 100, epochs, rng
            ),
            "#batch-size-fixed",
        ),
        "kept under other names": (under_other_names, "#one-step"),
        "one step per epoch": (one_step_per_epoch, "#step-per-epoch"),
        "first batch of each epoch": (first_batch_per_epoch, "#step-per-epoch"),
        "the same batches each epoch": (batches_once, "#same-order"),
        "shuffled once": (shuffled_once, "#same-order"),
        "a generator used up": (used_up, "#used-up"),
        "not shuffled": (trained(batches_of(lambda n, rng: np.arange(n))), "#not-shuffled"),
        "starting over each epoch": (starts_over, "#one-epoch"),
        "from zeros": (from_zeros, "#from-zero"),
        "from zeros each epoch": (zeros_each_epoch, "#from-zero"),
        "returns after one epoch": (inner_return, "#one-epoch"),
        "returns after one step": (innermost_return, "#one-step"),
        "steps not kept": (not_kept, "#not-moved"),
        "biases forgotten": (bias_forgotten, "#b-not-moved"),
        "in place": (updates_in_place, "#changed-argument"),
        "its own generator": (own_rng, "#own-generator"),
        "the same generator each time": (own_rng_each, "#own-generator"),
        "NumPy's global generator": (trained(batches_of(global_shuffle)), "#own-generator"),
        "one epoch more": (one_epoch_more, "#one-epoch-more"),
        "one epoch less": (one_epoch_less, "#one-epoch-less"),
        "a sum over the batch": (trained(gradients=summed), "#sum"),
        "divided twice": (trained(gradients=halved_again), "#divided-twice"),
        "divided by all examples": (by_all_examples, "#by-all-examples"),
        "divided by the batch size": (by_batch_size, "#by-batch-size"),
        "random batches": (random_steps, "#pass-through-batches"),
        "with replacement": (trained(with_replacement), "train must"),
        "the tail dropped": (
            trained(
                batches_of(lambda n, rng: rng.permutation(n), lambda n, size: n - n % size),
            ),
            "#last-batch-dropped",
        ),
        "only the tail dropped": (
            trained(
                batches_of(
                    lambda n, rng: rng.permutation(n),
                    lambda n, size: n if n <= size else n - n % size,
                ),
            ),
            "#last-batch-dropped",
        ),
        "uphill": (
            trained(step=lambda value, slope, rate: value + rate * slope),
            "#uphill",
        ),
        "rate ignored": (trained(step=lambda value, slope, rate: value - slope), "#no-rate"),
        "rate fixed": (
            trained(step=lambda value, slope, rate: value - 0.5 * slope),
            "#rate-fixed",
        ),
        "without the first batch": (
            trained(lambda *given: list(permuted(*given))[1:]),
            "#one-batch-less",
        ),
        "a decaying rate": (decaying, "#rate-decays"),
        "one step for the sum of an epoch": (summed_over_epoch, "#stale-gradients"),
        "momentum": (momentum, "#momentum"),
        "labels shuffled apart": (trained(two_permutations), "train must"),
        "squared error": (trained(gradients=from_error(squared_error)), "#squared-distance"),
        "arg max": (
            trained(
                gradients=from_error(lambda Y, T: (np.eye(Y.shape[1])[Y.argmax(1)] - T) / len(Y))
            ),
            "#winner-only",
        ),
        "b after the new W": (bias_with_new_weights, "#b-later"),
        "one example at a time": (
            trained(
                batches_of(lambda n, rng: rng.permutation(n), size_of=lambda n, size: 1),
            ),
            "#step-per-example",
        ),
        "only within the batches": (trained(within_batches), "#not-shuffled"),
        "W alone": (lambda *arguments: right_loop(*arguments)[0], "#return-parts"),
        "a dict": (
            lambda *arguments: dict(zip("Wb", right_loop(*arguments), strict=True)),
            "#return-parts",
        ),
        "exchanged": (lambda *arguments: right_loop(*arguments)[::-1], "#exchanged-parts"),
        "the start": (lambda X, T, W, b, *rest: (W, b), "#not-moved"),
        "back and forth": (
            turned_epochs(lambda order, epoch: order[:: (-1) ** epoch]),
            "#order-rotated",
        ),
        "turned a little": (
            turned_epochs(lambda order, epoch: np.roll(order, 3 * epoch)),
            "#order-rotated",
        ),
        "the second epoch in order": (
            turned_epochs(lambda order, epoch: np.arange(len(order)) if epoch else order),
            "#second-in-order",
        ),
        "half is shuffled": (trained(batches_of(first_half)), "#batches-only"),
        "the same state each time": (same_state_each, "#same-order"),
        "stale gradients": (stale_gradients, "#stale-gradients"),
        "averaged weights": (averaged_weights, "#averaged"),
        "the best weights": (best_weights, "#best-kept"),
        "long gradients clipped": (trained(gradients=clipped_gradients), "#clipped"),
        "shuffles the examples in place": (shuffling_in_place, "#changed-argument"),
        "a copy of rng": (
            lambda *arguments: right_loop(*arguments[:-1], copy.deepcopy(arguments[-1])),
            "#copied-generator",
        ),
        "a copy of rng in each epoch": (
            trained(batches_of(lambda n, rng: copy.deepcopy(rng).permutation(n))),
            "#copied-generator",
        ),
    },
    "assign_step": keras_answers.WRONG["assign_step"],
    "tape_gradients": keras_answers.WRONG["tape_gradients"],
}

RIGHT = {
    "one_hot": {
        "TensorFlow": lambda labels, num_classes=10: tf.one_hot(labels, num_classes),
        "identity": lambda labels, num_classes=10: np.eye(num_classes)[labels],
        "Keras": lambda labels, num_classes=10: keras.utils.to_categorical(labels, num_classes),
        "keras.ops": lambda y, k=10: keras.ops.one_hot(y.astype(int), k),
        "comparison": lambda y, k=10: (y[:, np.newaxis] == np.arange(k)).astype(np.float32),
        "True and False": lambda y, k=10: y[:, np.newaxis] == np.arange(k),
        "loops": loop_one_hot,
        "indices": indexed_one_hot,
        "put along axis": put_one_hot,
        "whole numbers": lambda y, k=10: np.eye(k, dtype=int)[y],
        "bytes": lambda y, k=10: np.eye(k, dtype=np.uint8)[y],
        "a tuple of rows": lambda y, k=10: tuple(np.eye(k)[label] for label in y),
        "SciPy sparse": lambda y, k=10: np.squeeze(np.eye(k)[y.reshape(-1, 1)], axis=1),
        "float16": lambda y, k=10: np.identity(k, np.float16)[y],
        "take": lambda y, k=10: np.take(np.eye(k), y, axis=0),
        "transposed twice": lambda y, k=10: (np.arange(k)[:, np.newaxis] == y).T * 1.0,
        "recursion": recursive_one_hot,
        "bfloat16": lambda y, k=10: tf.one_hot(y, k, dtype=tf.bfloat16),
        "a masked array": lambda y, k=10: np.ma.array(np.eye(k)[y]),
        "a difference": lambda y, k=10: np.diff(np.arange(-1, k) >= y[:, np.newaxis]).astype(int),
    },
    "cross_entropy": {
        "TensorFlow": lambda p, t: (
            -tf.reduce_mean(tf.reduce_sum(t * tf.math.log(tf.maximum(p, 1e-7)), axis=1))
        ),
        "clipped": lambda p, t: -np.mean(np.sum(t * np.log(np.clip(p, 1e-7, 1)), axis=1)),
        "clipped on both sides": lambda p, t: (
            -np.mean(np.sum(t * np.log(np.clip(p, 1e-7, 1 - 1e-7)), axis=1))
        ),
        "a tiny epsilon": lambda p, t: -np.mean(np.sum(t * np.log(p + 1e-7), axis=1)),
        "a tinier epsilon": lambda p, t: -np.mean(np.sum(t * np.log(p + 1e-12), axis=1)),
        "an epsilon of 1e-8": lambda p, t: -np.sum(t * np.log(p + 1e-8)) / len(p),
        "the smallest float": lambda p, t: (
            -np.mean(np.log(np.maximum(p, np.finfo(np.float32).tiny))[t == 1])
        ),
        "float64": lambda p, t: (
            -np.mean(np.log(np.maximum(p.astype(float), 1e-300))[t.astype(bool)])
        ),
        "Keras": lambda p, t: tf.reduce_mean(keras.losses.categorical_crossentropy(t, p)),
        "Keras's class": lambda p, t: keras.losses.CategoricalCrossentropy()(t, p),
        "Keras, sparse": lambda p, t: keras.losses.SparseCategoricalCrossentropy()(
            t.argmax(axis=1), p
        ),
        "loops": loop_cross_entropy,
        "einsum": lambda p, t: -np.einsum("nk,nk->", t, log(p)) / len(t),
        "product first": lambda p, t: -np.mean(np.log(np.sum(p * t, axis=1) + 1e-9)),
        "largest of the product": lambda p, t: np.mean(-log((p * t).max(axis=1))),
        "indexed": lambda p, t: float(-log(p[np.arange(len(p)), t.argmax(1)]).mean()),
        "one over": lambda p, t: np.log(1 / np.maximum(p[t == 1], 1e-7)).mean(),
        "where": where_cross_entropy,
        "average": lambda p, t: np.average([-log(a @ b) for a, b in zip(p, t, strict=True)]),
        "half the epsilon of float32": lambda p, t: (
            -np.mean(np.sum(t * np.log(p + np.finfo(np.float32).eps), axis=1))
        ),
        "trace": lambda p, t: -np.trace(t @ log(p).T) / len(p),
        "a graph": in_a_graph,
        "clipped at one in a million": lambda p, t: (
            -np.mean(np.log(np.maximum(np.sum(p * t, axis=1), 1e-6)))
        ),
        "relative entropy": lambda p, t: (
            scipy.special.rel_entr(t, np.maximum(p, 1e-12)).sum() / len(p)
        ),
        "from logarithms as logits": lambda p, t: tf.reduce_mean(
            tf.nn.softmax_cross_entropy_with_logits(t, tf.math.log(tf.maximum(p, 1e-12)))
        ),
        "an array without axes": lambda p, t: np.array(-np.mean(log(np.sum(p * t, axis=1)))),
    },
    "numerical_gradient": {
        "central": central(1e-5),
        "finer": central(1e-6),
        "very fine": central(1e-7),
        "coarser": central(1e-4),
        "a thousandth": central(1e-3),
        "restoring": restoring,
        "flat": flat,
        "five points": five_points,
        "Richardson": richardson,
        "relative steps": relative_step,
        "a comprehension": comprehension,
        "NumPy's gradient": numpy_gradient,
        "both sides averaged": averaged_sides,
        "in TensorFlow": lambda f, x: tf.constant(central(1e-5)(f, x)),
        "float32 at the end": lambda f, x: central(1e-5)(f, x).astype(np.float32),
        "nested lists": lambda f, x: central(1e-5)(f, x).tolist(),
        "the cube root of epsilon": central(np.cbrt(np.finfo(float).eps)),
        "there and back": there_and_back,
        "tensors for f": tensors_into_f,
        "lists for f": lambda f, x: central(1e-5)(lambda moved: f(moved.tolist()), x),
        "recursion": recursive_slopes,
        "a power of two": central(2.0**-17),
        "long doubles": lambda f, x: central(1e-5)(f, x.astype(np.longdouble)),
        "a partial function": functools.partial(lambda h, f, x: central(h)(f, x), 1e-6),
    },
    "softmax_gradients": {
        "Keras's loss by tape": keras_cross_entropy,
        "NumPy": exact,
        "TensorFlow": tensorflow_gradients,
        "GradientTape": taped,
        "loops": looped_gradients,
        "finite differences": numerical_gradients,
        "a list": naive_gradients,
        "float32": float32_gradients,
        "labels subtracted": labels_subtracted,
        "divided in the end": lambda X, T, W, b: (
            X.T @ (softmax(X @ W + b) - T) / X.shape[0],
            np.mean(softmax(X @ W + b) - T, axis=0),
        ),
        "einsum": lambda X, T, W, b: (
            np.einsum("nd,nk->dk", X, softmax(X @ W + b) - T) / len(X),
            np.einsum("nk->k", softmax(X @ W + b) - T) / len(X),
        ),
        "ones as an input": lambda X, T, W, b: tuple(
            np.split(np.c_[X, np.ones(len(X))].T @ (softmax(X @ W + b) - T) / len(X), [X.shape[1]])[
                i
            ].reshape((W, b)[i].shape)
            for i in range(2)
        ),
        "transposed twice": lambda X, T, W, b: (
            (((softmax(X @ W + b) - T) / len(X)).T @ X).T,
            exact(X, T, W, b)[1],
        ),
        "minus the other way": lambda X, T, W, b: tuple(
            -part
            for part in (
                X.T @ (T - softmax(X @ W + b)) / len(X),
                (T - softmax(X @ W + b)).mean(axis=0),
            )
        ),
        "tensors in a list": lambda X, T, W, b: list(map(tf.constant, exact(X, T, W, b))),
        "the Jacobian of softmax": by_jacobian,
        "a dense layer": dense_layer,
        "a pair with names": lambda *arguments: Slopes(*exact(*arguments)),
        "divided by the sum of targets": from_error(lambda Y, T: (Y - T) / T.sum()),
    },
    "descend": {
        "comprehension": descended(lambda p, g, rate: p - rate * g),
        "TensorFlow": descended(lambda p, g, rate: tf.subtract(p, rate * g)),
        "Keras": keras_sgd,
        "copies": copied,
        "lists": descended(lambda p, g, rate: (p - rate * g).tolist()),
        "float32": descended(lambda p, g, rate: (p - rate * g).astype(np.float32)),
        "variables": descended(lambda p, g, rate: tf.Variable(p - rate * g)),
        "dict of pairs": lambda p, g, rate: dict((n, p[n] - rate * g[n]) for n in p),  # noqa: C402
        "keys of the gradients": lambda p, g, rate: {n: p[n] - rate * g[n] for n in g},
        "a negative rate added": descended(lambda p, g, rate: p + (-rate) * g),
        "sorted names": lambda p, g, rate: {n: p[n] - rate * g[n] for n in sorted(p)},
        "NumPy functions": descended(lambda p, g, rate: np.subtract(p, np.multiply(rate, g))),
        "fused": lambda p, g, rate: dict(zip(p, (p[n] - rate * g[n] for n in p), strict=True)),
        "assign_sub": descended(lambda p, g, rate: tf.Variable(p).assign_sub(rate * g)),
        "a deep copy": deep_copy,
        "a tree of arrays": lambda p, g, rate: tf.nest.map_structure(
            lambda value, slope: value - rate * slope, p, g
        ),
        "an ordered dict": lambda p, g, rate: collections.OrderedDict(
            (name, p[name] - rate * g[name]) for name in reversed(list(p))
        ),
        "two dicts merged": lambda p, g, rate: p | {name: p[name] - rate * g[name] for name in g},
    },
    "minibatches": {
        "a generator": permuted,
        "a list": lambda *arguments: list(permuted(*arguments)),
        "a tuple": lambda *arguments: tuple(permuted(*arguments)),
        "an iterator": lambda *arguments: iter(permuted(*arguments)),
        "tf.data": dataset,
        "TensorFlow, seeded": batches_of(
            lambda n, rng: np.asarray(tf.random.shuffle(range(n), int(rng.integers(2**31))))
        ),
        "gathered tensors": gathered,
        "np.split": split_at,
        "zip": zipped,
        "drawn one by one": popped,
        "lists of rows": lists_of_rows,
        "indices shuffled": index_shuffled,
        "a class": Batches,
        "argsort of random numbers": batches_of(lambda n, rng: np.argsort(rng.random(n))),
        "choice without replacement": batches_of(lambda n, rng: rng.choice(n, n, replace=False)),
        "permuted": batches_of(lambda n, rng: rng.permuted(np.arange(n))),
        "a new generator from rng": batches_of(
            lambda n, rng: np.random.default_rng(rng.integers(2**32)).permutation(n)
        ),
        "a spawned generator": batches_of(lambda n, rng: rng.spawn(1)[0].permutation(n)),
        "as float64": lambda X, y, batch_size, rng: [
            (part.astype(float), labels.astype(float))
            for part, labels in permuted(X, y, batch_size, rng)
        ],
        "an old sequence": OldSequence,
        "Keras's sequence": KerasSequence,
        "masks": masked,
        "slices of an iterator": sliced_iterator,
        "Fisher and Yates": batches_of(fisher_yates),
        "map": lambda *arguments: map(list, permuted(*arguments)),
        "a deque": lambda *arguments: collections.deque(permuted(*arguments)),
        "the values of a dict": lambda *arguments: dict(enumerate(permuted(*arguments))).values(),
    },
    "train": {
        "NumPy": right_loop,
        "TensorFlow": trained(gradients=tensorflow_gradients),
        "GradientTape": variables_loop,
        "a dict of parameters": dict_loop,
        "copies changed in place": copies_in_place,
        "counted steps": counted_steps,
        "all orders first": all_orders_first,
        "spawned generators": spawned,
        "recursive": recursive,
        "shuffling copies again": shuffled_copies,
        "Keras's optimiser": keras_layer,
        "tensors": lambda *arguments: tuple(map(tf.constant, right_loop(*arguments))),
        "lists": lambda *arguments: [part.tolist() for part in right_loop(*arguments)],
        "float64": lambda X, T, W, b, *rest: right_loop(
            X.astype(float), T.astype(float), W.astype(float), b.astype(float), *rest
        ),
        "weights and biases stacked": stacked_weights,
        "reduced": reduced,
        "a class": Trainer(exact),
        "the Jacobian of softmax": Trainer(by_jacobian),
        "masks": trained(masked),
        "Fisher and Yates": trained(batches_of(fisher_yates)),
    },
    "assign_step": keras_answers.RIGHT["assign_step"],
    "tape_gradients": keras_answers.RIGHT["tape_gradients"],
}
