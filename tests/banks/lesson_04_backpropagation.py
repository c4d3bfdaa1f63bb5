"""What learners write in lesson 4. `WRONG` says what the failure must hold."""

import numpy as np
import scipy.special
import tensorflow as tf

from . import keras_answers


def softmax(z):
    return scipy.special.softmax(z, axis=1)


def naive_softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


# neuron_gradients ---------------------------------------------------------------------------------


def neuron(gate=lambda total, slope: total > 0, change=lambda dx, dw, db: (dx, dw, db)):
    """The chain rule by hand; the options make the usual mistakes."""

    def answer(x, w, b, slope):
        behind = slope * gate(x @ w + b, slope)
        return change(behind * w, behind * x, behind)

    return answer


def taped_neuron(x, w, b, slope):
    parts = [tf.Variable(part, dtype=tf.float64) for part in (x, w, b)]
    with tf.GradientTape() as tape:
        output = tf.nn.relu(tf.reduce_sum(parts[0] * parts[1]) + parts[2])
    return tape.gradient(output, parts, output_gradients=tf.constant(slope, tf.float64))


def neuron_in_tensors(x, w, b, slope):
    total = tf.tensordot(tf.constant(x), tf.constant(w), 1) + b
    behind = tf.where(total > 0, tf.constant(slope, tf.float64), 0)
    return behind * w, behind * x, behind


def looped_neuron(x, w, b, slope):
    total = b
    for one, weight in zip(x, w, strict=True):
        total += one * weight
    if total <= 0:
        return [0.0] * len(x), [0.0] * len(w), 0.0
    return [slope * weight for weight in w], [slope * one for one in x], slope


def measured_neuron(x, w, b, slope, h=1e-6):
    def loss(x, w, b):
        return slope * max(0.0, x @ w + b)

    steps = h * np.eye(len(x))
    dx = [(loss(x + s, w, b) - loss(x - s, w, b)) / (2 * h) for s in steps]
    dw = [(loss(x, w + s, b) - loss(x, w - s, b)) / (2 * h) for s in steps]
    return dx, dw, (loss(x, w, b + h) - loss(x, w, b - h)) / (2 * h)


def weights_overwritten(x, w, b, slope):
    result = neuron()(x, w, b, slope)
    w -= 0.1 * result[1]
    return result


def neuron_without_sum(x, w, b, slope):
    z = w * x + b
    if z > 0:
        return slope * w, slope * x, slope
    return 0 * w, 0 * x, 0.0


WRONG_NEURON = {
    "ReLU of the gradients": (
        neuron(change=lambda dx, dw, db: (np.maximum(dx, 0), np.maximum(dw, 0), max(db, 0))),
        "#gradients-cut",
    ),
    "a single 0 where it is shut": (
        lambda x, w, b, slope: neuron()(x, w, b, slope) if x @ w + b > 0 else 0,
        "#one-zero-for-all",
    ),
    "as many zeros as in the example": (
        lambda x, w, b, slope: (
            neuron()(x, w, b, slope) if x @ w + b > 0 else (np.zeros(2), np.zeros(2), 0.0)
        ),
        "#one-zero-for-all",
    ),
    "no sum": (neuron_without_sum, "#sum-or-where"),
    "the slope added": (
        lambda x, w, b, slope: (
            ((w + slope) * (x @ w + b > 0), (x + slope) * (x @ w + b > 0), slope * (x @ w + b > 0))
        ),
        "#plus-slope",
    ),
    "each input its own gate": (
        lambda x, w, b, slope: (slope * w * (x > 0), slope * x * (w > 0), slope),
        "#gate-by-inputs",
    ),
    "one 0 for all": (
        lambda x, w, b, slope: (slope * w, slope * x, slope) if x @ w + b > 0 else (0, 0, 0),
        "#one-zero-for-all",
    ),
    "a gate for each product": (
        lambda x, w, b, slope: (
            slope * w * (x * w + b > 0),
            slope * x * (x * w + b > 0),
            slope * np.sum(x * w + b > 0),
        ),
        "#gate-by-inputs",
    ),
    "no gate": (neuron(gate=lambda total, slope: 1), "#no-gate"),
    "open at 0": (neuron(gate=lambda total, slope: total >= 0), "#gate-at-0"),
    "half open at 0": (measured_neuron, "#gate-at-0"),
    "reversed gate": (neuron(gate=lambda total, slope: total < 0), "#gate-reversed"),
    "gate by the slope": (neuron(gate=lambda total, slope: slope > 0), "#gate-by-slope"),
    "gate by the value": (neuron(gate=lambda total, slope: max(total, 0)), "#gate-by-value"),
    "gate without bias": (
        lambda x, w, b, slope: (
            slope * (x @ w > 0) * w,
            slope * (x @ w > 0) * x,
            slope * (x @ w > 0),
        ),
        "#gate-without-bias",
    ),
    "sigmoid": (
        neuron(gate=lambda total, slope: scipy.special.expit(total) * scipy.special.expit(-total)),
        "#sigmoid-gate",
    ),
    "leaky": (neuron(gate=lambda total, slope: 1 if total > 0 else 0.01), "#leaky-gate"),
    "dx and dw exchanged": (neuron(change=lambda dx, dw, db: (dw, dx, db)), "#exchanged"),
    "no slope": (
        lambda x, w, b, slope: neuron()(x, w, b, 1.0),
        "#no-slope",
    ),
    "minus": (neuron(change=lambda dx, dw, db: (-dx, -dw, -db)), "#sign"),
    "db is 1": (neuron(change=lambda dx, dw, db: (dx, dw, 1.0)), "#db-1"),
    "db is 0": (neuron(change=lambda dx, dw, db: (dx, dw, 0.0)), "#db-0"),
    "db without gate": (
        lambda x, w, b, slope: (*neuron()(x, w, b, slope)[:2], slope),
        "#some-no-gate",
    ),
    "dx without gate": (
        lambda x, w, b, slope: (slope * w, *neuron()(x, w, b, slope)[1:]),
        "#some-no-gate",
    ),
    "local derivatives": (lambda x, w, b, slope: (w, x, 1), "#local-derivatives"),
    "the loss of the example": (
        lambda x, w, b, slope: neuron()(x, w, b, 2 * (max(0, x @ w + b) - 3)),
        "#own-loss",
    ),
    "no db": (neuron(change=lambda dx, dw, db: (dx, dw)), "#return-parts"),
    "sums of dx and dw": (
        neuron(change=lambda dx, dw, db: (dx.sum(), dw.sum(), db)),
        "#summed-up",
    ),
    "a step": (
        lambda x, w, b, slope: tuple(
            old - 0.1 * new for old, new in zip((x, w, b), neuron()(x, w, b, slope), strict=True)
        ),
        "#stepped",
    ),
    "weights overwritten": (weights_overwritten, "#changed-argument"),
    "the output as well": (
        lambda x, w, b, slope: (max(0, x @ w + b), *neuron()(x, w, b, slope)),
        "#return-parts",
    ),
}

RIGHT_NEURON = {
    "NumPy": neuron(),
    "TensorFlow": neuron_in_tensors,
    "GradientTape": taped_neuron,
    "plain Python": looped_neuron,
    "a list of three": neuron(change=lambda dx, dw, db: [dx, dw, db]),
    "db as an array of no axes": neuron(change=lambda dx, dw, db: (dx, dw, np.array(db))),
    "float32": lambda x, w, b, slope: neuron()(
        x.astype(np.float32), w.astype(np.float32), np.float32(b), np.float32(slope)
    ),
    "heaviside": neuron(gate=lambda total, slope: np.heaviside(total, 0)),
    "gate by the output": neuron(gate=lambda total, slope: np.sign(max(total, 0))),
}


# dense_backward -----------------------------------------------------------------------------------


def dense(change=lambda dX, dW, db, X, W, dZ: (dX, dW, db)):
    """The backward pass of a dense layer; `change` makes the usual mistakes."""

    def answer(X, W, dZ):
        return change(dZ @ W.T, X.T @ dZ, dZ.sum(axis=0), X, W, dZ)

    return answer


def taped_dense(X, W, dZ):
    parts = [tf.Variable(part) for part in (X, W, np.zeros(W.shape[1]))]
    with tf.GradientTape() as tape:
        Z = parts[0] @ parts[1] + parts[2]
    return tape.gradient(Z, parts, output_gradients=dZ)


def looped_dense(X, W, dZ):
    dX, dW, db = np.zeros_like(X), np.zeros_like(W), np.zeros(W.shape[1])
    for i in range(len(X)):
        for j in range(W.shape[1]):
            dX[i] += dZ[i, j] * W[:, j]
            dW[:, j] += dZ[i, j] * X[i]
            db[j] += dZ[i, j]
    return dX, dW, db


def dZ_overwritten(X, W, dZ):
    result = dense()(X, W, dZ)
    dZ /= len(X)
    return result


def all_but_the_last(X, W, dZ):
    dX, dW, db = np.zeros_like(X), np.zeros_like(W), np.zeros(dZ.shape[1])
    for place in range(len(X) - 1):
        dX[place] = W @ dZ[place]
        dW += np.outer(X[place], dZ[place])
        db += dZ[place]
    return dX, dW, db


WRONG_DENSE = {
    "the inverse": (
        lambda X, W, dZ: (dZ @ np.linalg.pinv(W), X.T @ dZ, dZ.sum(axis=0)),
        "#inverse",
    ),
    "all but the last": (all_but_the_last, "#example-missing"),
    "in whole numbers, but for db": (
        dense(lambda dX, dW, db, *given: (dX.astype(int), dW.astype(int), db)),
        "#whole-numbers",
    ),
    "the other factor transposed": (
        lambda X, W, dZ: (
            tf.matmul(dZ, W, transpose_b=True),
            tf.matmul(X, dZ, transpose_b=True),
            tf.reduce_sum(dZ, axis=0),
        ),
        "#transpose-of-matmul",
    ),
    "a product number by number, of a transposed matrix": (
        lambda X, W, dZ: (dZ * W.T, X.T @ dZ, dZ.sum(axis=0)),
        "#element-wise",
    ),
    "without the first example": (
        lambda X, W, dZ: (dZ @ W.T, X[1:].T @ dZ[1:], dZ[1:].sum(axis=0)),
        "#example-missing",
    ),
    "Z for dZ": (
        lambda X, W, dZ: (dZ @ W.T, X.T @ (X @ W), dZ.sum(axis=0)),
        "#no-dZ",
    ),
    "db of dW": (lambda X, W, dZ: (dZ @ W.T, X.T @ dZ, (X.T @ dZ).sum(axis=0)), "#db-of-dW"),
    "db of the inputs": (lambda X, W, dZ: (dZ @ W.T, X.T @ dZ, X.sum(axis=0)), "#db-axis"),
    "a transposed step": (lambda X, W, dZ: (dZ @ W.T, W - 1 * (dZ.T @ X), dZ), "#other-sizes"),
    "number by number": (
        lambda X, W, dZ: (dZ * W.T, X.T * dZ, dZ.sum(axis=0)),
        "#element-wise",
    ),
    "dX and dW turned, and reshaped": (
        lambda X, W, dZ: ((W @ dZ.T).reshape(X.shape), (dZ.T @ X).reshape(W.shape), dZ.sum(axis=0)),
        "#by-columns",
    ),
    "reshaped, not transposed": (
        lambda X, W, dZ: (dZ @ W.reshape(W.shape[::-1]), X.T @ dZ, dZ.sum(axis=0)),
        "#reshaped",
    ),
    "return in the loop": (
        lambda X, W, dZ: (dZ @ W.T, np.outer(X[0], dZ[0]), dZ.sum(axis=0)),
        "#first-example-only",
    ),
    "divided by n": (
        dense(lambda dX, dW, db, X, W, dZ: (dX, dW / len(X), db / len(X))),
        "#divided-by-n",
    ),
    "all divided by n": (
        dense(lambda dX, dW, db, X, W, dZ: (dX / len(X), dW / len(X), db / len(X))),
        "#divided-by-n",
    ),
    "db a mean": (dense(lambda dX, dW, db, X, W, dZ: (dX, dW, dZ.mean(axis=0))), "#divided-by-n"),
    "db along the other axis": (
        dense(lambda dX, dW, db, X, W, dZ: (dX, dW, dZ.sum(axis=1))),
        "#db-axis",
    ),
    "db not summed": (dense(lambda dX, dW, db, X, W, dZ: (dX, dW, dZ)), "#db-axis"),
    "db with two axes": (
        dense(lambda dX, dW, db, X, W, dZ: (dX, dW, dZ.sum(axis=0, keepdims=True))),
        "#db-shape",
    ),
    "db one number": (
        dense(lambda dX, dW, db, X, W, dZ: (dX, dW, dZ.sum())),
        "#db-axis",
    ),
    "dW transposed": (dense(lambda dX, dW, db, X, W, dZ: (dX, dZ.T @ X, db)), "#transposed"),
    "dX transposed": (dense(lambda dX, dW, db, X, W, dZ: (W @ dZ.T, dW, db)), "#transposed"),
    "W as it is where it fits": (
        dense(lambda dX, dW, db, X, W, dZ: (dZ @ (W if len(W) == len(W.T) else W.T), dW, db)),
        "#not-transposed",
    ),
    "W as it is": (lambda X, W, dZ: (dZ @ W, X.T @ dZ, dZ.sum(axis=0)), "#is-transposed"),
    "exchanged": (dense(lambda dX, dW, db, X, W, dZ: (dW, dX, db)), "#exchanged"),
    "with a gate": (
        dense(lambda dX, dW, db, X, W, dZ: (np.where(X > 0, dX, 0), dW, db)),
        "#gated",
    ),
    "minus": (dense(lambda dX, dW, db, X, W, dZ: (-dX, -dW, -db)), "#sign"),
    "no dZ": (lambda X, W, dZ: dense()(X, W, np.ones_like(dZ)), "#no-dZ"),
    "no db": (dense(lambda dX, dW, db, X, W, dZ: (dX, dW)), "#return-parts"),
    "products number by number": (
        lambda X, W, dZ: (X[:, :1] * dZ, X.T @ dZ, dZ.sum(axis=0)),
        "#unused-argument",
    ),
    "a step": (dense(lambda dX, dW, db, X, W, dZ: (dX, W - 0.5 * dW, db)), "#stepped"),
    "dZ overwritten": (dZ_overwritten, "#changed-argument"),
}

RIGHT_DENSE = {
    "NumPy": dense(),
    "TensorFlow": lambda X, W, dZ: (
        tf.matmul(dZ, W, transpose_b=True),
        tf.matmul(X, dZ, transpose_a=True),
        tf.reduce_sum(dZ, axis=0),
    ),
    "GradientTape": taped_dense,
    "loops": looped_dense,
    "einsum": lambda X, W, dZ: (
        np.einsum("nk,dk->nd", dZ, W),
        np.einsum("nd,nk->dk", X, dZ),
        np.einsum("nk->k", dZ),
    ),
    "a product with ones": dense(lambda dX, dW, db, X, W, dZ: (dX, dW, np.ones(len(X)) @ dZ)),
    "transposed twice": dense(lambda dX, dW, db, X, W, dZ: ((W @ dZ.T).T, (dZ.T @ X).T, list(db))),
    "float32": lambda X, W, dZ: dense()(
        X.astype(np.float32), W.astype(np.float32), dZ.astype(np.float32)
    ),
}


# two_layer_gradients ------------------------------------------------------------------------------


def gradients(
    *,
    gate=lambda sums, hidden, behind, X: sums > 0,
    error=lambda Y, T, logits: (Y - T) / len(T),
    activation=lambda sums: np.maximum(sums, 0),
    change=lambda slopes, n: slopes,
    soft=softmax,
):
    """Backpropagation by hand; the options make the usual mistakes."""

    def answer(parameters, X, T):
        W1, b1, W2, b2 = (parameters[name] for name in ("W1", "b1", "W2", "b2"))
        sums = X @ W1 + b1
        hidden = activation(sums)
        logits = hidden @ W2 + b2
        above = error(soft(logits), T, logits)
        behind = above @ W2.T
        below = behind * gate(sums, hidden, behind, X)
        slopes = {
            "W1": X.T @ below,
            "b1": below.sum(axis=0),
            "W2": hidden.T @ above,
            "b2": above.sum(axis=0),
        }
        return change(slopes, len(X))

    return answer


right_gradients = gradients()


def changed(**factors):
    """Right but for factors, functions of n, for some of the gradients."""
    return gradients(
        change=lambda slopes, n: {
            name: value * factors.get(name, lambda n: 1)(n) for name, value in slopes.items()
        }
    )


def without(*names):
    return gradients(
        change=lambda slopes, n: {name: slopes[name] for name in slopes if name not in names}
    )


def nothing_for(name):
    return changed(**{name: lambda n: 0})


def squared_error(Y, T, logits):
    d = 2 * (Y - T) / len(T)
    return Y * (d - np.sum(d * Y, axis=1, keepdims=True))


def taped_gradients(parameters, X, T):
    names = list(parameters)
    values = [tf.Variable(parameters[name]) for name in names]
    with tf.GradientTape() as tape:
        p = dict(zip(names, values, strict=True))
        hidden = tf.nn.relu(X @ p["W1"] + p["b1"])
        losses = tf.nn.softmax_cross_entropy_with_logits(T, hidden @ p["W2"] + p["b2"])
        loss = tf.reduce_mean(losses)
    return dict(zip(names, tape.gradient(loss, values), strict=True))


def tensor_gradients(parameters, X, T):
    W1, b1, W2, b2 = parameters["W1"], parameters["b1"], parameters["W2"], parameters["b2"]
    sums = tf.matmul(X, W1) + b1
    hidden = tf.nn.relu(sums)
    error = (tf.nn.softmax(tf.matmul(hidden, W2) + b2) - T) / len(X)
    below = tf.where(sums > 0, tf.matmul(error, W2, transpose_b=True), 0)
    return {
        "b2": tf.reduce_sum(error, axis=0),
        "W2": tf.matmul(hidden, error, transpose_a=True),
        "b1": tf.reduce_sum(below, axis=0),
        "W1": tf.matmul(X, below, transpose_a=True),
    }


def loss_of(parameters, X, T):
    hidden = np.maximum(X @ parameters["W1"] + parameters["b1"], 0)
    logits = hidden @ parameters["W2"] + parameters["b2"]
    return -np.mean(np.sum(T * scipy.special.log_softmax(logits, axis=1), axis=1))


def differences(parameters, X, T, h=1e-6):
    slopes = {}
    for name in parameters:
        slopes[name] = np.zeros_like(parameters[name])
        for place in np.ndindex(parameters[name].shape):
            ends = []
            for sign in (1, -1):
                moved = {key: value.copy() for key, value in parameters.items()}
                moved[name][place] += sign * h
                ends.append(loss_of(moved, X, T))
            slopes[name][place] = (ends[0] - ends[1]) / (2 * h)
    return slopes


def few_differences(parameters, X, T):
    """Finite differences where they are quick, GradientTape otherwise."""
    size = sum(value.size for value in parameters.values())
    return (differences if size < 200 else taped_gradients)(parameters, X, T)


def looped_gradients(parameters, X, T):
    total = None
    for x, t in zip(X, T, strict=True):
        part = right_gradients(parameters, x[None], t[None])
        total = part if total is None else {name: total[name] + part[name] for name in part}
    return {name: value / len(X) for name, value in total.items()}


def einsum_gradients(parameters, X, T):
    W1, b1, W2, b2 = (parameters[name] for name in ("W1", "b1", "W2", "b2"))
    sums = np.einsum("nd,dh->nh", X, W1) + b1
    hidden = sums * (sums > 0)
    error = (softmax(hidden @ W2 + b2) - T) / X.shape[0]
    below = np.einsum("nk,hk->nh", error, W2) * np.heaviside(sums, 0)
    return {
        "W1": np.einsum("nd,nh->dh", X, below),
        "b1": np.einsum("nh->h", below),
        "W2": np.einsum("nh,nk->hk", hidden, error),
        "b2": np.einsum("nk->k", error),
    }


def gate_always_open(parameters, X, T):
    p, n = parameters, len(X)
    H = np.maximum(0, X @ p["W1"] + p["b1"])
    error = (softmax(H @ p["W2"] + p["b2"]) - T) / n
    behind = error @ p["W2"].T * (H >= 0)
    return {
        "W1": X.T @ behind,
        "b1": behind.sum(axis=0),
        "W2": H.T @ error,
        "b2": error.sum(axis=0),
    }


def gate_without_biases(parameters, X, T):
    p, n = parameters, len(X)
    sums = X @ p["W1"]
    H = np.maximum(0, sums + p["b1"])
    error = (softmax(H @ p["W2"] + p["b2"]) - T) / n
    behind = error @ p["W2"].T * (sums > 0)
    return {
        "W1": X.T @ behind,
        "b1": behind.sum(axis=0),
        "W2": H.T @ error,
        "b2": error.sum(axis=0),
    }


def biases_behind_ReLU(parameters, X, T):
    p, n = parameters, len(X)
    H = np.maximum(0, X @ p["W1"]) + p["b1"]
    error = (softmax(H @ p["W2"] + p["b2"]) - T) / n
    behind = error @ p["W2"].T * (H > 0)
    return {
        "W1": X.T @ behind,
        "b1": behind.sum(axis=0),
        "W2": H.T @ error,
        "b2": error.sum(axis=0),
    }


def taped_constants(parameters, X, T):
    values = {name: tf.constant(value) for name, value in parameters.items()}
    with tf.GradientTape() as tape:
        hidden = tf.nn.relu(X @ values["W1"] + values["b1"])
        logits = hidden @ values["W2"] + values["b2"]
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(T, logits))
    return tape.gradient(loss, values)


def copied_and_changed(parameters, X, T):
    slopes = right_gradients(parameters, X, T)
    for name in parameters:
        parameters[name] -= 0.1 * slopes[name]
    return slopes


def added_key(parameters, X, T):
    parameters["hidden"] = X
    return right_gradients({k: v for k, v in parameters.items() if k != "hidden"}, X, T)


def stepped(parameters, X, T):
    slopes = right_gradients(parameters, X, T)
    return {name: parameters[name] - 0.1 * slopes[name] for name in parameters}


def zeroed(parameters, X, T):
    """As PyTorch users write it: the gradient copied, then set to 0 where the sum was not above 0.

    The bias is the mean over the examples of an error that is divided at the very end.
    """
    W1, b1, W2, b2 = (parameters[name] for name in ("W1", "b1", "W2", "b2"))
    sums = X @ W1 + b1
    hidden = np.where(sums > 0, sums, 0)
    error = softmax(hidden @ W2 + b2)
    error[np.arange(len(X)), T.argmax(axis=1)] -= 1
    below = error @ W2.T
    below[sums <= 0] = 0
    n = len(X)
    return {
        "W1": X.T @ below / n,
        "b1": below.mean(axis=0),
        "W2": hidden.T @ error / n,
        "b2": error.mean(axis=0),
    }


def updated_first(parameters, X, T):
    """W2 makes its step before the error goes back through it."""
    W1, b1, W2, b2 = (parameters[name] for name in ("W1", "b1", "W2", "b2"))
    sums = X @ W1 + b1
    hidden = np.maximum(sums, 0)
    error = (softmax(hidden @ W2 + b2) - T) / len(X)
    dW2 = hidden.T @ error
    below = (error @ (W2 - dW2).T) * (sums > 0)
    return {"W1": X.T @ below, "b1": below.sum(axis=0), "W2": dW2, "b2": error.sum(axis=0)}


def untransposed(parameters, X, T):
    """error @ W2 where the shapes allow it."""
    W2 = parameters["W2"]
    if W2.shape[0] != W2.shape[1]:
        return right_gradients(parameters, X, T)
    turned = right_gradients(parameters, X, T)
    sums = X @ parameters["W1"] + parameters["b1"]
    hidden = np.maximum(sums, 0)
    error = (softmax(hidden @ W2 + parameters["b2"]) - T) / len(X)
    below = (error @ W2) * (sums > 0)
    return turned | {"W1": X.T @ below, "b1": below.sum(axis=0)}


def biases_after_ReLU(parameters, X, T):
    W1, b1, W2, b2 = (parameters[name] for name in ("W1", "b1", "W2", "b2"))
    sums = X @ W1
    hidden = np.maximum(sums, 0) + b1
    error = (softmax(hidden @ W2 + b2) - T) / len(X)
    below = (error @ W2.T) * (sums > 0)
    dW1, db1 = X.T @ below, below.sum(axis=0)
    return {"W1": dW1, "b1": db1, "W2": hidden.T @ error, "b2": error.sum(axis=0)}


def dense_backward(X, W, dZ):
    return dZ @ W.T, X.T @ dZ, dZ.sum(axis=0)


def with_a_helper(parameters, X, T):
    W1, b1, W2, b2 = (parameters[name] for name in ("W1", "b1", "W2", "b2"))
    sums = X @ W1 + b1
    hidden = np.maximum(sums, 0)
    error = (softmax(hidden @ W2 + b2) - T) / len(X)
    dW2, dH, db2 = dense_backward(hidden, W2, error)
    dW1, _dX, db1 = dense_backward(X, W1, dH * (sums > 0))
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


def squares_turned(name):
    """The gradient of this kernel, transposed where the shape does not tell."""

    def change(slopes, n):
        value = slopes[name]
        return slopes | {name: value.T if value.shape[0] == value.shape[1] else value}

    return gradients(change=change)


def kept(name, axis=0):
    return gradients(change=lambda slopes, n: slopes | {name: slopes[name][None]})


WRONG_GRADIENTS = {
    "the error rounded": (
        gradients(error=lambda Y, T, logits: np.round((Y - T) / len(T), 3)),
        "#nearly",
    ),
    "a tape that watches nothing": (taped_constants, "#nothing-watched"),
    "measured with long steps": (
        lambda p, X, T: differences(p, X, T, h=0.1),
        "#measured",
    ),
    "b1 left at None": (
        gradients(change=lambda slopes, n: slopes | {"b1": None}),
        "#part-without-value",
    ),
    "no gate": (gradients(gate=lambda s, h, b, X: 1), "#no-gate"),
    "a gate that is always open": (gate_always_open, "#always-open"),
    "gate from 0 on": (gradients(gate=lambda s, h, b, X: s >= 0), "#gate-at-0"),
    "gate turned": (gradients(gate=lambda s, h, b, X: s <= 0), "#gate-reversed"),
    "gate by the error": (gradients(gate=lambda s, h, b, X: b > 0), "#gate-of-another"),
    "gate by the error's magnitude": (
        gradients(gate=lambda s, h, b, X: np.sign(b)),
        "the entry W1 (dW1)",
    ),
    "biases behind ReLU": (biases_behind_ReLU, "#bias-after-ReLU"),
    "gate without the biases": (gate_without_biases, "#gate-without-bias"),
    "gate by the hidden values": (gradients(gate=lambda s, h, b, X: h), "#other-gate"),
    "gate by the sign": (gradients(gate=lambda s, h, b, X: np.sign(s)), "#other-gate"),
    "gate of sigmoid": (
        gradients(gate=lambda s, h, b, X: scipy.special.expit(s) * (1 - scipy.special.expit(s))),
        "#other-gate",
    ),
    "gate of sigmoid, of the hidden values": (
        gradients(gate=lambda s, h, b, X: h * (1 - h)),
        "#other-gate",
    ),
    "gate of tanh": (gradients(gate=lambda s, h, b, X: 1 - h**2), "#other-gate"),
    "gate above 1": (gradients(gate=lambda s, h, b, X: s > 1), "#other-gate"),
    "a leaky gate": (
        gradients(gate=lambda s, h, b, X: np.where(s > 0, 1, 0.01)),
        "#other-gate",
    ),
    "sigmoid network": (
        gradients(activation=scipy.special.expit, gate=lambda s, h, b, X: h * (1 - h)),
        "#other-activation",
    ),
    "tanh network": (
        gradients(activation=np.tanh, gate=lambda s, h, b, X: 1 - h**2),
        "#other-activation",
    ),
    "linear network": (
        gradients(activation=lambda s: s, gate=lambda s, h, b, X: 1),
        "#logits-without-ReLU",
    ),
    "linear forwards": (gradients(activation=lambda s: s), "#logits-without-ReLU"),
    "absolute values": (
        gradients(activation=abs, gate=lambda s, h, b, X: np.sign(s)),
        "#other-activation",
    ),
    "a sum": (gradients(error=lambda Y, T, z: Y - T), "#not-divided"),
    "mean twice": (gradients(error=lambda Y, T, z: (Y - T) / len(T) ** 2), "#divided-twice"),
    "mean twice in the first layer": (
        changed(W1=lambda n: 1 / n, b1=lambda n: 1 / n),
        "#divided-twice",
    ),
    "mean twice for the biases": (
        changed(b1=lambda n: 1 / n, b2=lambda n: 1 / n),
        "#divided-twice",
    ),
    "mean twice for b1": (changed(b1=lambda n: 1 / n), "#divided-twice"),
    "mean twice for b2": (changed(b2=lambda n: 1 / n), "#divided-twice"),
    "mean for the weights only": (
        changed(b1=lambda n: n, b2=lambda n: n),
        "#not-divided",
    ),
    "mean for the biases only": (
        changed(W1=lambda n: n, W2=lambda n: n),
        "#not-divided",
    ),
    "mean over all entries": (
        gradients(error=lambda Y, T, z: (Y - T) / T.size),
        "#divided-by-another",
    ),
    "b1 forgotten": (without("b1"), "#gradients-missing"),
    "b2 forgotten": (without("b2"), "#gradients-missing"),
    "both biases forgotten": (without("b1", "b2"), "#gradients-missing"),
    "the first layer forgotten": (without("W1", "b1"), "#gradients-missing"),
    "b1 left at 0": (nothing_for("b1"), "#gradients-missing"),
    "b2 left at 0": (nothing_for("b2"), "#gradients-missing"),
    "W1 left at 0": (nothing_for("W1"), "#gradients-missing"),
    "sign turned": (gradients(error=lambda Y, T, z: (T - Y) / len(T)), "#sign"),
    "squared error": (gradients(error=squared_error), "#squared-distance"),
    "logits for probabilities": (
        gradients(error=lambda Y, T, z: (z - T) / len(T)),
        "#other-error",
    ),
    "the winner alone": (
        gradients(error=lambda Y, T, z: (np.eye(len(T[0]))[z.argmax(1)] - T) / len(T)),
        "#other-error",
    ),
    "ReLU of the logits": (gradients(soft=lambda z: softmax(np.maximum(z, 0))), "#ReLU-of-logits"),
    "b1 after ReLU": (biases_after_ReLU, "#bias-after-ReLU"),
    "b1 and b2 exchanged": (
        gradients(change=lambda s, n: s | {"b1": s["b2"], "b2": s["b1"]}),
        "#layers-exchanged",
    ),
    "W1 and W2 exchanged": (
        gradients(change=lambda s, n: s | {"W1": s["W2"], "W2": s["W1"]}),
        "#layers-exchanged",
    ),
    "dW and dX of the helper exchanged": (with_a_helper, "#order-of-helper"),
    "sigmoid outputs": (
        gradients(soft=scipy.special.expit),
        "#sigmoid-outputs",
    ),
    "softmax down": (
        gradients(soft=lambda z: scipy.special.softmax(z, axis=0)),
        "#axis",
    ),
    "through softmax twice": (
        gradients(error=lambda Y, T, z: Y * (1 - Y) * (Y - T) / len(T)),
        "#softmax-twice",
    ),
    "b1 left out of the sums": (
        lambda p, X, T: right_gradients(p | {"b1": 0 * p["b1"]}, X, T),
        "#no-bias",
    ),
    "b2 left out of the logits": (
        lambda p, X, T: right_gradients(p | {"b2": 0 * p["b2"]}, X, T),
        "#no-bias",
    ),
    "W2 moved first": (updated_first, "#W2-stepped"),
    "W2 not transposed": (untransposed, "#W2-not-transposed"),
    "W1 transposed": (squares_turned("W1"), "#dW-transposed"),
    "W2 transposed": (squares_turned("W2"), "#dW-transposed"),
    "W1 turned, and reshaped": (
        gradients(change=lambda s, n: s | {"W1": s["W1"].T.reshape(s["W1"].shape)}),
        "#by-columns",
    ),
    "all transposed": (
        gradients(change=lambda s, n: {name: value.T for name, value in s.items()}),
        "#dW-transposed",
    ),
    "b1 kept two axes": (kept("b1"), "#biases-not-summed"),
    "b2 kept two axes": (kept("b2"), "#biases-not-summed"),
    "a tuple": (lambda *a: tuple(right_gradients(*a).values()), "#return-dict"),
    "other names": (
        lambda *a: {"d" + name: value for name, value in right_gradients(*a).items()},
        "#names",
    ),
    "the loss as well": (
        lambda p, X, T: right_gradients(p, X, T) | {"loss": loss_of(p, X, T)},
        "must return a dict",
    ),
    "the stepped parameters": (stepped, "#stepped"),
    "the parameters": (lambda p, X, T: dict(p), "#parameters-returned"),
    "parameters changed": (copied_and_changed, "#changed-dict"),
    "a key added": (added_key, "#changed-entries"),
    "the first example": (
        lambda p, X, T: right_gradients(p, X[:1], T[:1]),
        "#first-example-only",
    ),
    "W2 with the sums": (
        lambda p, X, T: (
            right_gradients(p, X, T) | {"W2": (X @ p["W1"] + p["b1"]).T @ (_error(p, X, T))}
        ),
        "#inputs-of-layer",
    ),
}


def _error(p, X, T):
    hidden = np.maximum(X @ p["W1"] + p["b1"], 0)
    return (softmax(hidden @ p["W2"] + p["b2"]) - T) / len(X)


RIGHT_GRADIENTS = {
    "NumPy": right_gradients,
    "TensorFlow": tensor_gradients,
    "GradientTape": taped_gradients,
    "finite differences": few_differences,
    "loops": looped_gradients,
    "einsum": einsum_gradients,
    "zeroed in place": zeroed,
    "at the end": gradients(
        error=lambda Y, T, z: Y - T,
        change=lambda slopes, n: {name: value / n for name, value in slopes.items()},
    ),
    "gate by hidden > 0": gradients(gate=lambda s, h, b, X: h > 0),
    "gate by heaviside": gradients(gate=lambda s, h, b, X: np.heaviside(s, 0)),
    "lists": lambda *a: {name: value.tolist() for name, value in right_gradients(*a).items()},
    "float32": lambda p, X, T: right_gradients(
        {name: value.astype(np.float32) for name, value in p.items()},
        X.astype(np.float32),
        T.astype(np.float32),
    ),
    "another order": lambda *a: dict(sorted(right_gradients(*a).items(), reverse=True)),
    "variables": lambda *a: {n: tf.Variable(value) for n, value in right_gradients(*a).items()},
    "minus the other way": gradients(
        error=lambda Y, T, z: (T - Y) / len(T),
        change=lambda slopes, n: {name: -value for name, value in slopes.items()},
    ),
    "log_softmax": gradients(soft=lambda z: np.exp(scipy.special.log_softmax(z, axis=1))),
    "naive softmax": gradients(soft=naive_softmax),
}


WRONG = {
    "neuron_gradients": WRONG_NEURON,
    "dense_backward": WRONG_DENSE,
    "two_layer_gradients": WRONG_GRADIENTS,
    "train_step": keras_answers.WRONG["train_step"],
    "input_gradients": keras_answers.WRONG["input_gradients"],
}

RIGHT = {
    "neuron_gradients": RIGHT_NEURON,
    "dense_backward": RIGHT_DENSE,
    "two_layer_gradients": RIGHT_GRADIENTS,
    "train_step": keras_answers.RIGHT["train_step"],
    "input_gradients": keras_answers.RIGHT["input_gradients"],
}
