"""What learners write in the exercises that take or return Keras objects, by exercise."""

import tempfile
import types

import keras
import numpy as np
import tensorflow as tf

layers = keras.layers
cross_entropy = keras.losses.SparseCategoricalCrossentropy


# assign_step --------------------------------------------------------------------------------------


def stepping(change, pairs=lambda variables, gradients: zip(variables, gradients, strict=True)):
    """An answer that makes a change with each variable, its gradient and the rate."""

    def answer(variables, gradients, learning_rate):
        for variable, gradient in pairs(variables, gradients):
            change(variable, gradient, learning_rate)

    return answer


def subtract(variable, gradient, rate):
    variable.assign_sub(rate * gradient)


def renamed(variables, gradients, learning_rate):
    for w, dw in zip(variables, gradients, strict=True):
        w = w - learning_rate * dw


def shortened(variables, gradients, learning_rate):
    for w, dw in zip(variables, gradients, strict=True):
        w -= learning_rate * dw


def put_into_the_list(variables, gradients, learning_rate):
    for place in range(len(variables)):
        variables[place] = variables[place] - learning_rate * gradients[place]


def minus_twice(variables, gradients, learning_rate):
    for variable, gradient in zip(variables, gradients, strict=True):
        variable.assign_sub(-learning_rate * gradient)


def new_boxes(variables, gradients, learning_rate):
    for place, variable in enumerate(variables):
        variables[place] = tf.Variable(variable - learning_rate * gradients[place])
    return variables


def returns_early(variables, gradients, learning_rate):
    for variable, gradient in zip(variables, gradients, strict=True):
        variable.assign_sub(learning_rate * gradient)
        return


def behind_the_loop(variables, gradients, learning_rate):
    for place in range(len(variables)):
        step = learning_rate * gradients[place]
    variables[place].assign_sub(step)


def halved_gradients(variables, gradients, learning_rate):
    for variable, gradient in zip(variables, gradients, strict=True):
        gradient *= learning_rate
        variable.assign_sub(gradient)


def yielding(variables, gradients, learning_rate):
    for variable, gradient in zip(variables, gradients, strict=True):
        yield variable.assign_sub(learning_rate * gradient)


def by_number(variables, gradients, learning_rate):
    for place in range(len(variables)):
        variables[place].assign_sub(learning_rate * gradients[place])


def emptied(variables, gradients, learning_rate):
    for gradient in reversed(gradients):
        variables.pop().assign_sub(learning_rate * gradient)


def emptied_gradients(variables, gradients, learning_rate):
    while gradients:
        variables[len(gradients) - 1].assign_sub(learning_rate * gradients.pop())


def replaced_gradients(variables, gradients, learning_rate):
    for place, variable in enumerate(variables):
        gradients[place] = learning_rate * gradients[place]
        variable.assign_sub(gradients[place])


def by_keras(variables, gradients, learning_rate):
    keras.optimizers.SGD(learning_rate).apply(gradients, variables)


@tf.function
def stepping_in_a_graph(variables, gradients, learning_rate):
    for variable, gradient in zip(variables, gradients, strict=True):
        variable.assign_sub(learning_rate * gradient)


def subtracting_the_new_value(variables, gradients, learning_rate):
    for variable, gradient in zip(variables, gradients, strict=True):
        variable.assign_sub(variable - learning_rate * gradient)


def replacing_in_the_list(variables, gradients, learning_rate):
    for i in range(len(variables)):
        variables[i] = tf.Variable(variables[i] - learning_rate * gradients[i])


def two_written_out(variables, gradients, learning_rate):
    variables[0].assign_sub(learning_rate * gradients[0])
    variables[1].assign_sub(learning_rate * gradients[1])


def never_run(variables, gradients, learning_rate):
    pairs = zip(variables, gradients, strict=True)
    (variable.assign_sub(learning_rate * gradient) for variable, gradient in pairs)


def stepping_outside(variables, gradients, learning_rate):
    for variable, gradient in zip(variables, gradients, strict=True):
        variable.assign(variable) - learning_rate * gradient


def by_adam(variables, gradients, learning_rate):
    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.apply_gradients(zip(map(tf.constant, gradients), variables, strict=True))


WRONG_ASSIGN = {
    "W and b written out": (two_written_out, "#fixed-places"),
    "the new value subtracted from the old": (subtracting_the_new_value, "#step-to-assign-sub"),
    "others in the list": (replacing_in_the_list, "#another-in-the-list"),
    "a generator that never runs": (never_run, "#does-nothing-yet"),
    "the step outside the brackets": (stepping_outside, "#step-outside"),
    "by Adam": (by_adam, "#another-optimizer"),
    "a name given to a tensor": (renamed, "#not-moved"),
    "-= on a name": (shortened, "Use `variable.assign_sub(value)`"),
    "tensors put into the list": (put_into_the_list, "#another-in-the-list"),
    "new variables": (new_boxes, "#another-in-the-list"),
    "returned, not moved": (
        lambda v, g, rate: [w - rate * dw for w, dw in zip(v, g, strict=True)],
        "#not-moved",
    ),
    "nothing returned": (lambda *arguments: None, "#not-moved"),
    "a word": (lambda *arguments: "done", "#not-moved"),
    "a complex number": (lambda *arguments: 1j, "#not-moved"),
    "a function in a function": (lambda *arguments: lambda: 0, "#not-moved"),
    "a dictionary": (lambda *arguments: {}, "#not-moved"),
    "uphill": (stepping(lambda w, dw, rate: w.assign_add(rate * dw)), "#uphill"),
    "minus twice": (minus_twice, "#minus-twice"),
    "the rate alone": (
        stepping(lambda w, dw, rate: w.assign_sub(rate * np.sign(dw))),
        "#rate-alone",
    ),
    "the new value subtracted": (
        stepping(lambda w, dw, rate: w.assign_sub(w - rate * dw)),
        "#step-only",
    ),
    "the step assigned": (stepping(lambda w, dw, rate: w.assign(rate * dw)), "#step-only"),
    "the reversed step assigned": (
        stepping(lambda w, dw, rate: w.assign(-rate * dw)),
        "#step-only",
    ),
    "the gradient assigned": (stepping(lambda w, dw, rate: w.assign(dw)), "#gradient-only"),
    "the rate ignored": (stepping(lambda w, dw, rate: w.assign_sub(dw)), "#no-rate"),
    "a rate of its own": (stepping(lambda w, dw, rate: w.assign_sub(0.1 * dw)), "#rate-fixed"),
    "divided by the rate": (
        stepping(lambda w, dw, rate: w.assign_sub(dw / rate)),
        "#rate-divides",
    ),
    "returns after the first": (returns_early, "#first-only"),
    "behind the loop": (behind_the_loop, "#last-only"),
    "one too few": (
        stepping(subtract, lambda v, g: zip(v[:-1], g, strict=False)),
        "#last-missing",
    ),
    "from the second on": (
        stepping(subtract, lambda v, g: zip(v[1:], g[1:], strict=True)),
        "#some-forgotten",
    ),
    "weights without biases": (
        stepping(
            subtract, lambda v, g: [pair for pair in zip(v, g, strict=True) if pair[1].ndim > 1]
        ),
        "#some-forgotten",
    ),
    "two steps": (stepping(subtract, lambda v, g: list(zip(v, g, strict=True)) * 2), "#two-steps"),
    "rounded": (
        stepping(lambda w, dw, rate: w.assign(np.round(w.numpy() - rate * dw))),
        "assign_step must move",
    ),
    "clipped": (
        stepping(lambda w, dw, rate: w.assign_sub(rate * np.clip(dw, -1, 1))),
        "assign_step must move",
    ),
    "gradients overwritten": (halved_gradients, "#changed-argument"),
    "until there are no more gradients": (emptied_gradients, "#changed-list"),
    "gradients replaced": (replaced_gradients, "#changed-list"),
    "a generator": (lambda *arguments: (value for value in [1]), "#does-nothing-yet"),
    "a generator that moves": (yielding, "#does-nothing-yet"),
    "map": (
        lambda v, g, rate: map(lambda w, dw: w.assign_sub(rate * dw), v, g),
        "#does-nothing-yet",
    ),
    "not called": (lambda v, g, rate: [w.assign_sub for w in v] and None, "#not-moved"),
    "the first gradient for all": (
        stepping(subtract, lambda v, g: [(w, g[0]) for w in v]),
        "#own-gradient",
    ),
    "reversed gradients": (
        stepping(subtract, lambda v, g: zip(v, g[::-1], strict=True)),
        "#own-gradient",
    ),
    "assigned to a list": (
        lambda v, g, rate: v.assign_sub(rate * g),
        "#assigned-to-no-variable",
    ),
}

RIGHT_ASSIGN = {
    "assign_sub": stepping(subtract),
    "assign": stepping(lambda w, dw, rate: w.assign(w - rate * dw)),
    "assign_add": stepping(lambda w, dw, rate: w.assign_add(-rate * dw)),
    "by number": by_number,
    "from the last one on, until the list is empty": emptied,
    "a list that is returned": lambda v, g, rate: [
        w.assign_sub(rate * dw) for w, dw in zip(v, g, strict=True)
    ],
    "Keras's optimizer": by_keras,
    "apply_gradients": lambda v, g, rate: keras.optimizers.SGD(rate).apply_gradients(
        zip(g, v, strict=True)
    ),
    "a graph": lambda v, g, rate: stepping_in_a_graph(v, g, tf.constant(rate, tf.float32)),
    "through NumPy": stepping(lambda w, dw, rate: w.assign(w.numpy() - np.float32(rate) * dw)),
    "TensorFlow's multiplication": stepping(
        lambda w, dw, rate: w.assign_sub(tf.multiply(tf.constant(dw), rate))
    ),
}


# tape_gradients -----------------------------------------------------------------------------------


def taped(
    value=lambda loss, T, sums: tf.reduce_mean(loss(T, tf.nn.softmax(sums))),
    *,
    after=lambda dW, db, n: (dW, db),
    watched=lambda W, b: (W, b),
):
    def answer(loss, X, T, W, b):
        W, b = tf.Variable(W), tf.Variable(b)
        with tf.GradientTape() as tape:
            found = value(loss, T, X @ watched(W, b)[0] + watched(W, b)[1])
        return after(*tape.gradient(found, [W, b]), len(X))

    return answer


def unwatched(loss, X, T, W, b):
    W, b = tf.constant(W), tf.constant(b)
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W + b)))
    return tape.gradient(value, [W, b])


def unwatched_as_arrays(loss, X, T, W, b):
    W, b = tf.constant(W), tf.constant(b)
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W + b)))
    dW, db = tape.gradient(value, [W, b])
    return dW.numpy(), db.numpy()


def unwatched_and_divided(loss, X, T, W, b):
    W, b = tf.constant(W), tf.constant(b)
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(loss(T, tf.nn.softmax(X @ W + b)))
    dW, db = tape.gradient(value, [W, b])
    return dW / len(X), db / len(X)


def forward_before(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W + b)))
    with tf.GradientTape() as tape:
        pass
    return tape.gradient(value, [W, b])


def out_of_tensorflow(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W.numpy() + b.numpy())))
    return tape.gradient(value, [W, b])


def one_watched(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.constant(b)
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W + b)))
    return tape.gradient(value, [W, b])


def differences(step):
    def answer(loss, X, T, W, b):
        def value(W, b):
            sums = X @ W + b
            powers = np.exp(sums - sums.max(axis=1, keepdims=True))
            return np.mean(loss(T, powers / powers.sum(axis=1, keepdims=True)))

        found = []
        for array in (W, b):
            slopes = np.zeros_like(array)
            for place in np.ndindex(array.shape):
                was = array[place]
                array[place] = was + step
                above = value(W, b)
                array[place] = was - step
                slopes[place] = (above - value(W, b)) / (2 * step)
                array[place] = was
            found.append(slopes)
        return tuple(found)

    return answer


def by_hand(loss, X, T, W, b):
    P = np.asarray(tf.nn.softmax(X @ W + b))
    return X.T @ (P - T) / len(X), (P - T).mean(axis=0)


def watching(loss, X, T, W, b):
    X, T, W, b = map(tf.convert_to_tensor, (X, T, W, b))
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(W)
        tape.watch(b)
        value = tf.reduce_mean(loss(T, tf.nn.softmax(tf.matmul(X, W) + b)))
    dW, db = tape.gradient(value, (W, b))
    return dW.numpy(), db.numpy()


def persistent(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape(persistent=True) as tape:
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W + b)))
    return [tape.gradient(value, W), tape.gradient(value, b)]


def by_layer(loss, X, T, W, b):
    layer = layers.Dense(len(b), "softmax")
    layer.build(X.shape)
    layer.set_weights([W, b])
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(loss(T, layer(X)))
    return tape.gradient(value, layer.trainable_weights)


def one_by_one(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    total = [tf.zeros_like(W), tf.zeros_like(b)]
    for x, t in zip(X, T, strict=True):
        with tf.GradientTape() as tape:
            value = loss(t[None], tf.nn.softmax(x[None] @ W + b))
        total = [a + g for a, g in zip(total, tape.gradient(value, [W, b]), strict=True)]
    return [value / len(X) for value in total]


def without_b(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W)))
    return tape.gradient(value, [W, b])


def last_example(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    for x, t in zip(X, T, strict=True):
        with tf.GradientTape() as tape:
            value = loss(t[None], tf.nn.softmax(x[None] @ W + b))
    return tape.gradient(value, [W, b])


def not_in_a_list(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W + b)))
    return tape.gradient(value, W, b)


def other_names(loss, X, T, W, b):
    weights, biases = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W + b)))
    return tape.gradient(value, [weights, biases])


def sums_before_the_tape(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    sums = X @ W + b
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(loss(T, tf.nn.softmax(sums)))
    return tape.gradient(value, [W, b])


def asked_of_new_variables(loss, X, T, W, b):
    weights, biases = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ weights + biases)))
    return tape.gradient(value, [tf.Variable(W), tf.Variable(b)])


def moved_before(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W + b)))
    W = W - 0.0
    b = b - 0.0
    return tape.gradient(value, [W, b])


def by_argmax(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        outputs = tf.one_hot(tf.argmax(X @ W + b, axis=1), b.shape[0])
        value = tf.reduce_mean(loss(T, outputs))
    return tape.gradient(value, [W, b])


def mean_by_numpy(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        value = np.mean(loss(T, tf.nn.softmax(X @ W + b)))
    return tape.gradient(value, [W, b])


def mean_behind_the_tape(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        losses = loss(T, tf.nn.softmax(X @ W + b))
    value = tf.reduce_mean(losses)
    return tape.gradient(value, [W, b])


def mean_in_the_call(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        losses = loss(T, tf.nn.softmax(X @ W + b))
    return tape.gradient(tf.reduce_mean(losses), [W, b])


def jacobian_of_losses(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        value = loss(T, tf.nn.softmax(X @ W + b))
    return tape.jacobian(value, [W, b])


def from_random_values(loss, X, T, W, b):
    W, b = tf.Variable(tf.random.normal(W.shape)), tf.Variable(tf.random.normal(b.shape))
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W + b)))
    return tape.gradient(value, [W, b])


def not_trainable(loss, X, T, W, b):
    W, b = tf.Variable(W, trainable=False), tf.Variable(b, trainable=False)
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W + b)))
    return tape.gradient(value, [W, b])


def asked_twice(loss, X, T, W, b):
    W, b = tf.Variable(W), tf.Variable(b)
    with tf.GradientTape() as tape:
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W + b)))
    return tape.gradient(value, W), tape.gradient(value, b)


WRONG_TAPE = {
    "not trainable": (not_trainable, "#not-trainable"),
    "a tape asked twice": (asked_twice, "#gradient-once"),
    "the mean behind the tape": (mean_behind_the_tape, "#behind-tape"),
    "the mean in the call of gradient": (mean_in_the_call, "#behind-tape"),
    "variables with other names": (other_names, "#names-of-variables"),
    "the sums before the tape": (sums_before_the_tape, "#sums-before-tape"),
    "other variables asked for": (asked_of_new_variables, "#names-of-variables"),
    "a step before the gradient": (moved_before, "#moved-before"),
    "the winner on the tape": (by_argmax, "#no-slope"),
    "the mean by NumPy": (mean_by_numpy, "#numpy-in-tape"),
    "the jacobian": (jacobian_of_losses, "#jacobian"),
    "random variables": (from_random_values, "#values-ignored"),
    "nothing watched": (unwatched, "#nothing-watched"),
    "the forward pass before the tape": (forward_before, "#sums-before-tape"),
    "NumPy inside": (out_of_tensorflow, "#numpy-in-tape"),
    "nothing watched, as arrays": (unwatched_as_arrays, "#nothing-watched"),
    "nothing watched, divided": (unwatched_and_divided, "#nothing-watched"),
    "b not watched": (one_watched, "#b-not-watched"),
    "b left out of the sums": (without_b, "#b-not-watched"),
    "the sum": (taped(lambda loss, T, sums: loss(T, tf.nn.softmax(sums))), "#sum"),
    "the sum, written out": (
        taped(lambda loss, T, sums: tf.reduce_sum(loss(T, tf.nn.softmax(sums)))),
        "#sum",
    ),
    "no softmax": (taped(lambda loss, T, sums: tf.reduce_mean(loss(T, sums))), "#no-softmax"),
    "softmax down the columns": (
        taped(lambda loss, T, sums: tf.reduce_mean(loss(T, tf.nn.softmax(sums, 0)))),
        "#softmax-down",
    ),
    "outputs before targets": (
        taped(lambda loss, T, sums: tf.reduce_mean(loss(tf.nn.softmax(sums), T))),
        "#exchanged",
    ),
    "cross-entropy by hand": (by_hand, "#own-loss"),
    "divided again": (taped(after=lambda dW, db, n: (dW / n, db / n)), "#divided-again"),
    "reversed": (taped(after=lambda dW, db, n: (-dW, -db)), "#downhill"),
    "dW alone": (taped(after=lambda dW, db, n: dW), "#return-parts"),
    "db first": (taped(after=lambda dW, db, n: (db, dW)), "#exchanged-parts"),
    "db as 0": (taped(after=lambda dW, db, n: (dW, 0 * db)), "#b-forgotten"),
    "differences": (differences(1e-3), "tape_gradients must"),
    "coarse differences": (differences(1e-1), "tape_gradients must"),
    "the last example": (last_example, "#one-example"),
    "cross-entropy by hand, its sum": (
        lambda *given: [len(given[1]) * slopes for slopes in by_hand(*given)],
        "#own-loss",
    ),
    "the variables not in a list": (not_in_a_list, "#gradient-list"),
    "the mean as a number": (
        taped(lambda loss, T, sums: float(tf.reduce_mean(loss(T, tf.nn.softmax(sums))))),
        "#no-tensor",
    ),
    "moved weights": (taped(after=lambda dW, db, n: (1 - dW, 1 - db)), "#one-minus"),
}

RIGHT_TAPE = {
    "variables": taped(),
    "watched tensors": watching,
    "a persistent tape": persistent,
    "a Dense layer": by_layer,
    "each example by itself": one_by_one,
    "the values of a dict": lambda *given: dict(zip("Wb", taped()(*given), strict=True)).values(),
    "a graph": lambda *a: [g.numpy().tolist() for g in tf.function(watching_in_graph)(*a)],
}


def watching_in_graph(loss, X, T, W, b):
    with tf.GradientTape() as tape:
        tape.watch([W, b])
        value = tf.reduce_mean(loss(T, tf.nn.softmax(X @ W + b)))
    return tape.gradient(value, [W, b])


# loss_for -----------------------------------------------------------------------------------------

losses = keras.losses


def overwriting_the_first(task):
    if task == "regression":
        loss = losses.MeanSquaredError()
    if task in ("binary", "multi-label"):
        loss = losses.BinaryCrossentropy(from_logits=True)
    else:
        loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    return loss


def losses_by_task(**others):
    """An answer with a function for each task that makes its loss; some of them other ones."""
    made = {
        "regression": losses.MeanSquaredError,
        "binary": lambda: losses.BinaryCrossentropy(from_logits=True),
        "multi_class": lambda: losses.SparseCategoricalCrossentropy(from_logits=True),
        "multi_label": lambda: losses.BinaryCrossentropy(from_logits=True),
    } | others
    return lambda task: made[task.replace("-", "_")]()


class OwnSquaredError(losses.Loss):
    def call(self, labels, outputs):
        return tf.reduce_mean((labels - outputs) ** 2, axis=-1)


class OwnBinary(losses.Loss):
    def call(self, labels, outputs):
        found = tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(labels, outputs.dtype), outputs)
        return tf.reduce_mean(found, axis=-1)


class OneHotInside(losses.CategoricalCrossentropy):
    def call(self, labels, outputs):
        return super().call(tf.one_hot(tf.cast(labels, tf.int32), outputs.shape[-1]), outputs)


def with_underscores(task):
    if task == "multi_class":
        return losses.SparseCategoricalCrossentropy(from_logits=True)
    if task in ("binary", "multi_label"):
        return losses.BinaryCrossentropy(from_logits=True)
    return losses.MeanSquaredError() if task == "regression" else None


def always_binary(task):
    if task == "regression":
        return losses.MeanSquaredError()
    if task == "binary" or "multi-label":  # noqa: SIM222
        return losses.BinaryCrossentropy(from_logits=True)
    return losses.SparseCategoricalCrossentropy(from_logits=True)


def always_a_number(task):
    if task == "regression" or "a number":  # noqa: SIM222
        return losses.MeanSquaredError()
    return losses.BinaryCrossentropy(from_logits=True)


def wrapped(function, **settings):
    """A loss object around a function, as Keras has them."""
    return lambda: losses.deserialize(
        {"class_name": function, "config": {"from_logits": True} | settings}
    )


made_once = {
    "regression": losses.MeanSquaredError(),
    "multi-class": losses.SparseCategoricalCrossentropy(from_logits=True),
}

of_one_logit = losses.BinaryCrossentropy(from_logits=True)

WRONG_LOSS_FOR = {
    "focal for yes or no": (
        losses_by_task(binary=lambda: losses.BinaryFocalCrossentropy(from_logits=True)),
        "#focal",
    ),
    "labels made softer": (
        losses_by_task(
            multi_label=lambda: losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1)
        ),
        "#smoothed",
    ),
    "a dict without one of them": (
        lambda task: {"regression": losses.MeanSquaredError(), "binary": of_one_logit}[task],
        "#missing-entry",
    ),
    "binary from probabilities": (losses_by_task(binary=losses.BinaryCrossentropy), "#from-logits"),
    "one of ten from probabilities": (
        losses_by_task(multi_class=losses.SparseCategoricalCrossentropy),
        "#from-logits",
    ),
    "any of ten from probabilities": (
        losses_by_task(multi_label=losses.BinaryCrossentropy),
        "#from-logits",
    ),
    "all from probabilities": (
        losses_by_task(
            binary=losses.BinaryCrossentropy,
            multi_class=losses.SparseCategoricalCrossentropy,
            multi_label=losses.BinaryCrossentropy,
        ),
        "#from-logits",
    ),
    "one-hot": (
        losses_by_task(multi_class=lambda: losses.CategoricalCrossentropy(from_logits=True)),
        "#sparse",
    ),
    "softmax for any of ten": (
        losses_by_task(multi_label=lambda: losses.CategoricalCrossentropy(from_logits=True)),
        "#one-of-several",
    ),
    "softmax of one logit": (
        losses_by_task(binary=lambda: losses.CategoricalCrossentropy(from_logits=True)),
        "#one-logit",
    ),
    "labels for one logit": (
        losses_by_task(binary=lambda: losses.SparseCategoricalCrossentropy(from_logits=True)),
        "#one-logit",
    ),
    "yes or no for one of ten": (
        losses_by_task(multi_class=lambda: losses.BinaryCrossentropy(from_logits=True)),
        "#yes-or-no",
    ),
    "exchanged": (
        losses_by_task(
            multi_class=lambda: losses.BinaryCrossentropy(from_logits=True),
            multi_label=lambda: losses.SparseCategoricalCrossentropy(from_logits=True),
        ),
        "#yes-or-no",
    ),
    "labels for any of ten": (
        losses_by_task(multi_label=lambda: losses.SparseCategoricalCrossentropy(from_logits=True)),
        "#one-of-several",
    ),
    "squared error for one of ten": (
        losses_by_task(multi_class=losses.MeanSquaredError),
        "#for-numbers",
    ),
    "names with underscores": (with_underscores, "#near-text"),
    "a condition that is always true": (always_binary, "#always-true"),
    "the first condition always true": (always_a_number, "#always-true"),
    "a class": (losses_by_task(regression=lambda: losses.MeanSquaredError), "#class"),
    "a name": (lambda task: "binary_crossentropy", "#by-name"),
    "a word": (lambda task: "done", "#by-name"),
    "a function": (losses_by_task(regression=lambda: losses.mean_squared_error), "#function"),
    "a function in a function": (lambda task: lambda: 0, "#function"),
    "got by its name": (losses_by_task(regression=lambda: losses.get("mse")), "#function"),
    "a complex number": (lambda task: 1j, "#unused-argument"),
    "the absolute error": (losses_by_task(regression=losses.MeanAbsoluteError), "#absolute"),
    "Huber": (losses_by_task(regression=losses.Huber), "for a regression"),
    "the sum": (
        losses_by_task(regression=lambda: losses.MeanSquaredError(reduction="sum")),
        "#sum",
    ),
    "the sum of the last": (
        losses_by_task(
            multi_label=lambda: losses.BinaryCrossentropy(from_logits=True, reduction="sum")
        ),
        "#sum",
    ),
    "no reduction": (
        losses_by_task(
            multi_class=lambda: losses.SparseCategoricalCrossentropy(
                from_logits=True, reduction="none"
            )
        ),
        "#reduction",
    ),
    "an else of the last if alone": (overwriting_the_first, "#for-classes"),
    "squared error for all": (lambda task: losses.MeanSquaredError(), "#for-numbers"),
    "squared error for any of ten": (
        losses_by_task(multi_label=losses.MeanSquaredError),
        "#for-numbers",
    ),
    "smoothed labels": (
        losses_by_task(
            binary=lambda: losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1)
        ),
        "#smoothed",
    ),
    "the last `else` for numbers too": (
        lambda task: losses_by_task()("multi-class" if task == "multi-class" else "binary"),
        "#not-for-numbers",
    ),
    "logits of a number": (
        losses_by_task(regression=lambda: losses.MeanSquaredError(from_logits=True)),
        "#no-logits",
    ),
    "hinge": (losses_by_task(binary=losses.Hinge), "#hinge"),
    "an optimizer": (lambda task: keras.optimizers.Adam(), "#unused-argument"),
    "a metric": (lambda task: keras.metrics.MeanSquaredError(), "#metric"),
    "the whole dict": (lambda task: {task: losses.MeanSquaredError()}, "#whole-dict"),
    "the dict reversed": (lambda task: {of_one_logit: "regression"}[task], "#missing-entry"),
    "the last `else` overrides": (
        lambda task: of_one_logit if task == "multi-label" else losses.MeanSquaredError(),
        "#for-numbers",
    ),
    "all four": (lambda task: [losses.MeanSquaredError()] * 4, "#unused-argument"),
    "no multi-label": (
        lambda task: {"regression": losses.MeanSquaredError()}[task],
        "#missing-entry",
    ),
}

RIGHT_LOSS_FOR = {
    "by task": losses_by_task(),
    "the same objects each time": lambda task: made_once.get(
        task, losses.BinaryCrossentropy(from_logits=True)
    ),
    "the reduction by its name": losses_by_task(
        regression=lambda: losses.MeanSquaredError(reduction="sum_over_batch_size")
    ),
    "losses of one's own": losses_by_task(regression=OwnSquaredError, binary=OwnBinary),
    "one-hot inside": losses_by_task(multi_class=lambda: OneHotInside(from_logits=True)),
    "focal without a focus": losses_by_task(
        binary=lambda: losses.BinaryFocalCrossentropy(gamma=0, from_logits=True)
    ),
    "from a configuration": losses_by_task(
        multi_class=wrapped("SparseCategoricalCrossentropy"),
        multi_label=wrapped("BinaryCrossentropy", label_smoothing=0.0),
    ),
    "a name for each": losses_by_task(
        regression=lambda: losses.MeanSquaredError(name="error"),
        multi_label=lambda: losses.BinaryCrossentropy(from_logits=True, axis=-1, name="any"),
    ),
}


# compile_model ------------------------------------------------------------------------------------


def compiling(optimizer=None, loss=None, metrics=("accuracy",), **settings):
    def answer(model):
        model.compile(
            optimizer=optimizer()
            if callable(optimizer)
            else optimizer or keras.optimizers.Adam(0.003),
            loss=loss() if isinstance(loss, type) else loss or cross_entropy(from_logits=True),
            metrics=[each() if isinstance(each, type) else each for each in metrics],
            **settings,
        )
        return model

    return answer


def usual_rate():
    return 0.003


def own_loss(labels, logits):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(
        tf.cast(tf.reshape(labels, [-1]), tf.int32), logits
    )


def own_accuracy(labels, logits):
    right = tf.argmax(logits, axis=-1) == tf.cast(tf.reshape(labels, [-1]), tf.int64)
    return tf.cast(right, tf.float32)


def with_another_compiled(model):
    keras.models.clone_model(model).compile("adam", "mse")
    return model


def cloned_and_compiled(model):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return compiling()(copy)


def compiled_with_softmax(model):
    model.add(keras.layers.Softmax())
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.Adam(0.003), loss, metrics=["accuracy"])
    return model


WRONG_COMPILE = {
    "the loss as the metric": (
        compiling(metrics=(cross_entropy(from_logits=True),)),
        "#another-metric",
    ),
    "a softmax added": (compiled_with_softmax, "#layer-added"),
    "probabilities by name": (compiling(loss="sparse_categorical_crossentropy"), "#from-logits"),
    "all by name": (compiling("adam", "sparse_categorical_crossentropy"), "#usual-rate"),
    "a loss from probabilities": (compiling(loss=cross_entropy), "#from-logits"),
    "one-hot": (
        compiling(loss=keras.losses.CategoricalCrossentropy(from_logits=True)),
        "#sparse",
    ),
    "one-hot by name": (compiling(loss="categorical_crossentropy"), "#sparse"),
    "squared error": (compiling(loss="mse"), "#for-numbers"),
    "yes or no": (
        compiling(loss=keras.losses.BinaryCrossentropy(from_logits=True)),
        "#yes-or-no",
    ),
    "Adam by name": (compiling("adam"), "#usual-rate"),
    "Adam as usual": (compiling(keras.optimizers.Adam), "#usual-rate"),
    "0.03": (compiling(lambda: keras.optimizers.Adam(0.03)), "#rate-too-high"),
    "0.0003": (compiling(lambda: keras.optimizers.Adam(3e-4)), "#rate-too-low"),
    "a hundred times too far": (compiling(lambda: keras.optimizers.Adam(0.3)), "#rate-too-high"),
    "softmax in a loss of one's own": (
        compiling(
            loss=lambda labels, outputs: cross_entropy(from_logits=True)(
                labels, tf.nn.softmax(outputs)
            )
        ),
        "#softmax-added",
    ),
    "no memory of earlier slopes": (
        compiling(lambda: keras.optimizers.Adam(0.003, beta_1=0.0)),
        "#adam-settings",
    ),
    "0.004": (compiling(lambda: keras.optimizers.Adam(0.004)), "#rate-too-high"),
    "SGD": (compiling(lambda: keras.optimizers.SGD(0.003)), "#gradient-descent"),
    "RMSprop": (compiling(lambda: keras.optimizers.RMSprop(0.003)), "#RMSprop"),
    "AdamW": (compiling(lambda: keras.optimizers.AdamW(0.003)), "#AdamW"),
    "a rate that falls": (
        compiling(
            lambda: keras.optimizers.Adam(
                keras.optimizers.schedules.ExponentialDecay(0.003, 2000, 0.9)
            )
        ),
        "must use Adam",
    ),
    "a class of optimizers": (
        lambda model: model.compile(keras.optimizers.Adam, cross_entropy(from_logits=True)),
        "#class-for-object",
    ),
    "the loss first": (
        lambda model: model.compile(cross_entropy(from_logits=True), "adam"),
        "#optimizer-first",
    ),
    "trained as well": (
        lambda model: (compiling()(model), model.train_on_batch(np.eye(3), np.arange(3)))[0],
        "#trained",
    ),
    "Adamax": (compiling(lambda: keras.optimizers.Adamax(0.003)), "must use Adam"),
    "no metric": (compiling(metrics=()), "#no-metric"),
    "an accuracy for one-hot labels": (
        compiling(metrics=[keras.metrics.CategoricalAccuracy]),
        "#metric",
    ),
    "one optimizer for all": (compiling(keras.optimizers.Adam(0.003)), "#shared-optimizer"),
    "the sum over the batch": (
        compiling(loss=cross_entropy(from_logits=True, reduction="sum")),
        "#sum",
    ),
    "the loss as metric": (
        compiling(metrics=["sparse_categorical_crossentropy"]),
        "#another-metric",
    ),
    "the metrics as third argument": (
        compiling(metrics=(), loss_weights=["accuracy"]),
        "#third-argument",
    ),
    "a metric for answers, not for logits": (
        compiling(metrics=[keras.metrics.Accuracy]),
        "#metric",
    ),
    "no return": (lambda model: model.compile("adam", "mse"), "#no-return"),
    "what compile returns": (lambda model: compiling()(model) and None, "#no-return"),
    "not compiled": (lambda model: model, "#not-compiled"),
    "another one compiled": (with_another_compiled, "#other-compiled"),
    "a copy": (cloned_and_compiled, "#another-model"),
    "the optimizer": (lambda model: compiling()(model).optimizer, "#return-model"),
}

RIGHT_COMPILE = {
    "objects": compiling(),
    "acc": compiling(metrics=["acc"]),
    "the metric by its full name": compiling(metrics=["sparse_categorical_accuracy"]),
    "a metric object": compiling(metrics=[keras.metrics.SparseCategoricalAccuracy]),
    "a metric of another name": compiling(
        metrics=[type("Hits", (keras.metrics.SparseCategoricalAccuracy,), {})]
    ),
    "functions of one's own": compiling(loss=own_loss, metrics=[own_accuracy]),
    "more metrics": compiling(metrics=["accuracy", "sparse_top_k_categorical_accuracy"]),
    "eager": compiling(run_eagerly=True),
    "without XLA": compiling(jit_compile=False),
    "a schedule that stays": compiling(
        lambda: keras.optimizers.Adam(
            keras.optimizers.schedules.PiecewiseConstantDecay([9], [0.003, 0.003])
        )
    ),
    "the rate from a function": compiling(lambda: keras.optimizers.Adam(usual_rate)),
    "the rate from a lambda": compiling(lambda: keras.optimizers.Adam(lambda: 0.003)),
    "keyword by keyword": lambda model: (
        model.compile(
            loss=cross_entropy(from_logits=True),
            optimizer=keras.optimizers.Adam(learning_rate=3e-3),
            weighted_metrics=["accuracy"],
        )
        or model
    ),
}


# fit_model ----------------------------------------------------------------------------------------


def fitting(batch_size=100, *, after=lambda history: history, **settings):
    """`settings` may be functions of train, validation and epochs."""

    def answer(model, train, validation, epochs):
        chosen = {"epochs": epochs, "validation_data": validation} | {
            name: value(train, validation, epochs) if callable(value) else value
            for name, value in settings.items()
        }
        x, y = chosen.pop("train", train)
        return after(model.fit(x, y, batch_size=batch_size, verbose=0, **chosen))

    return answer


def joined(train, validation, epochs):
    return [np.concatenate(parts) for parts in zip(train, validation, strict=True)]


def data_set(model, train, validation, epochs):
    data = tf.data.Dataset.from_tensor_slices(train).shuffle(len(train[1])).batch(100)
    return model.fit(data, epochs=epochs, validation_data=validation, verbose=0)


def tail_dropped(model, train, validation, epochs):
    data = tf.data.Dataset.from_tensor_slices(train).batch(100, drop_remainder=True)
    return model.fit(data, epochs=epochs, validation_data=validation, verbose=0)


def compiled_again(model, train, validation, epochs):
    model.compile("adam", cross_entropy(from_logits=True), metrics=["accuracy"])
    return fitting()(model, train, validation, epochs)


def invented(model, train, validation, epochs):
    """A History that tells of a fit that has never been."""
    history = keras.callbacks.History()
    history.history = {
        name: [0.1] * epochs for name in ("loss", "accuracy", "val_loss", "val_accuracy")
    }
    return history


def embellished(model, train, validation, epochs):
    """A History that tells of another loss than was measured."""
    history = fitting()(model, train, validation, epochs)
    history.history["val_loss"] = [value / 2 for value in history.history["val_loss"]]
    return history


def looped(model, train, validation, epochs):
    for _epoch in range(epochs):
        history = model.fit(*train, batch_size=100, validation_data=validation, verbose=0)
    return history


def looped_over_all(model, train, validation, epochs):
    for _epoch in range(epochs):
        history = model.fit(
            *train, batch_size=100, epochs=epochs, validation_data=validation, verbose=0
        )
    return history


def gathered(model, train, validation, epochs):
    """Epoch by epoch, by hand, in one History."""
    history = keras.callbacks.History()
    for _epoch in range(epochs):
        found = model.fit(*train, batch_size=100, validation_data=validation, verbose=0)
        for name, values in found.history.items():
            history.history = getattr(history, "history", {})
            history.history.setdefault(name, []).extend(values)
    return history


def clone_fitted(model, train, validation, epochs):
    clone = keras.models.clone_model(model)
    clone.compile(
        "sgd",
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return fitting()(clone, train, validation, epochs)


def verbose_for_validation(model, train, validation, epochs):
    images, labels = train
    return model.fit(images, labels, 100, epochs, validation)


WRONG_FIT = {
    "validation as the fifth argument": (verbose_for_validation, "#fifth-of-fit"),
    "validation behind a pair": (
        lambda model, train, validation, epochs: model.fit(*train, 100, epochs, validation),
        "#fifth-of-fit",
    ),
    "100 batches": (
        lambda model, train, *others: fitting(len(train[0]) // 100)(model, train, *others),
        "#hundred-batches",
    ),
    "a copy": (clone_fitted, "#another-trained"),
    "stopped early": (
        fitting(callbacks=lambda *_given: [keras.callbacks.EarlyStopping(baseline=1e-9)]),
        "#stopped-early",
    ),
    "measured at the end alone": (
        fitting(validation_freq=lambda _train, _validation, epochs: epochs),
        "#validation-freq",
    ),
    "usual batches": (fitting(None), "#usual-batches"),
    "batches of 64": (fitting(64), "#another-size"),
    "batches of 150": (fitting(150), "#another-size"),
    "batches of 22": (fitting(22), "#another-size"),
    "one batch": (fitting(10_000), "#one-batch"),
    "no validation": (fitting(validation_data=None), "#no-validation"),
    "validation split off": (
        fitting(validation_data=None, validation_split=0.2),
        "#part-of-train",
    ),
    "a part left out": (
        fitting(train=lambda train, v, epochs: [part[: len(part) * 3 // 4] for part in train]),
        "#part-of-train",
    ),
    "batches of 128": (fitting(128), "#another-size"),
    "one by one": (fitting(1), "#another-size"),
    "three epochs": (fitting(epochs=3), "#fixed-epochs"),
    "ten epochs": (fitting(epochs=10), "#fixed-epochs"),
    "six epochs": (fitting(epochs=6), "#fixed-epochs"),
    "epochs third": (
        lambda model, t, v, epochs: model.fit(*t, epochs, 100, validation_data=v),
        "#third-and-fourth",
    ),
    "trained on validation": (fitting(train=joined), "#trained-on-validation"),
    "exchanged": (
        lambda model, train, validation, epochs: fitting()(model, validation, train, epochs),
        "#trained-on-validation-alone",
    ),
    "validated on train": (
        fitting(validation_data=lambda train, validation, epochs: train),
        "#measured-on-train",
    ),
    "one epoch": (fitting(epochs=1), "#one-epoch"),
    "an epoch more": (fitting(epochs=lambda t, v, epochs: epochs + 1), "#another-epoch"),
    "from epoch 1 on": (
        lambda model, t, v, e: model.fit(
            *t, batch_size=100, initial_epoch=1, epochs=e, validation_data=v
        ),
        "#initial-epoch",
    ),
    "from epoch 2 on": (
        lambda model, t, v, e: model.fit(
            *t, batch_size=100, initial_epoch=2, epochs=e, validation_data=v
        ),
        "#initial-epoch",
    ),
    "from the last epoch on": (
        lambda model, t, v, e: model.fit(
            *t, batch_size=100, initial_epoch=e, epochs=e, validation_data=v
        ),
        "#initial-epoch",
    ),
    "two epochs less": (fitting(epochs=lambda t, v, epochs: epochs - 2), "#epochs-less"),
    "an epoch less": (fitting(epochs=lambda t, v, epochs: epochs - 1), "#one-epoch-less"),
    "the tail dropped": (tail_dropped, "#tail-dropped"),
    "compiled again": (compiled_again, "#compiled-again"),
    "divided by 255 again": (
        fitting(train=lambda train, v, e: (train[0] / 255, train[1])),
        "#scaled-again",
    ),
    "both divided by 255 again": (
        fitting(
            train=lambda train, v, e: (train[0] / 255, train[1]),
            validation_data=lambda t, validation, e: (validation[0] / 255, validation[1]),
        ),
        "#scaled-again",
    ),
    "100 steps per epoch": (fitting(None, steps_per_epoch=100), "#hundred-batches"),
    "twice": (
        lambda *given: (fitting(validation_data=None)(*given), fitting()(*given))[1],
        "#loop-around-fit",
    ),
    "twenty epochs": (fitting(epochs=20), "#fixed-epochs"),
    "the pair of validation in two": (
        lambda model, t, validation, e: model.fit(*t, *validation, epochs=e),
        "#third-of-fit",
    ),
    "the dict": (fitting(after=lambda history: history.history), "#curves-alone"),
    "the model": (fitting(after=lambda history: history.model), "#return-history"),
    "the last History of several": (looped, "#last-of-several"),
    "all epochs in each of several": (looped_over_all, "#loop-around-fit"),
    "a pair to fit": (lambda model, t, v, e: model.fit(t, validation_data=v), "#pair-to-fit"),
    "epochs as the batch size": (
        lambda model, t, v, epochs: model.fit(*t, epochs, batch_size=100),
        "#third-of-fit",
    ),
    "a step in each epoch": (fitting(steps_per_epoch=1), "#one-batch"),
    "not trained": (invented, "#another-trained"),
    "embellished": (embellished, "#factor"),
}

RIGHT_FIT = {
    "arrays": fitting(),
    "in order": fitting(shuffle=False),
    "counted from 1": fitting(initial_epoch=1, epochs=lambda t, v, epochs: epochs + 1),
    "a data set": data_set,
    "with a callback": fitting(callbacks=lambda t, v, e: [keras.callbacks.TerminateOnNaN()]),
    "validation as lists": fitting(validation_data=lambda t, validation, e: list(validation)),
    "validated in one batch": fitting(validation_batch_size=1000),
    "tensors": fitting(train=lambda train, v, e: [tf.constant(part) for part in train]),
}


# train_step ---------------------------------------------------------------------------------------


def stepping(
    *,
    training=True,
    variables=lambda model: model.trainable_variables,
    change=lambda slopes: slopes,
    value=lambda value, labels: value,
    steps=1,
    own=None,
    outputs=lambda outputs: outputs,
    result=lambda value, after: value,
    apply=lambda optimizer, slopes, variables: optimizer.apply(slopes, variables),
):
    def answer(model, loss, optimizer, images, labels):
        def measure():
            given = model(images) if training is None else model(images, training=training)
            return value((own or loss)(labels, outputs(given)), labels)

        with tf.GradientTape() as tape:
            found = measure()
        slopes = change(tape.gradient(found, variables(model)))
        for _step in range(steps):
            apply(optimizer, slopes, variables(model))
        return result(found, measure)

    return answer


def pairs(optimizer, slopes, variables):
    optimizer.apply_gradients(zip(slopes, variables, strict=True))


def by_descent(optimizer, slopes, variables):
    for slope, variable in zip(slopes, variables, strict=True):
        variable.assign_sub(0.1 * slope)


def own_optimizer(optimizer, slopes, variables):
    keras.optimizers.Adam(0.003).apply(slopes, variables)


def zipped(optimizer, slopes, variables):
    optimizer.apply(zip(slopes, variables, strict=True))


def stepping_by_a_copy(model, loss, optimizer, images, labels):
    optimizer = type(optimizer).from_config(optimizer.get_config())
    return stepping()(model, loss, optimizer, images, labels)


def outside(model, loss, optimizer, images, labels):
    outputs = model(images, training=True)
    with tf.GradientTape() as tape:
        value = loss(labels, outputs)
    optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
    return value


def on_batch(model, loss, optimizer, images, labels):
    return model.train_on_batch(images, labels)


@tf.function
def in_a_graph(model, loss, optimizer, images, labels):
    with tf.GradientTape() as tape:
        value = loss(labels, model(images, training=True))
    slopes = tape.gradient(value, model.trainable_variables)
    optimizer.apply(slopes, model.trainable_variables)
    return value


def compiled_for_one_batch(model, loss, optimizer, images, labels):
    model.compile(optimizer, loss)
    return model.train_on_batch(images, labels)


def measured_before(model, loss, optimizer, images, labels):
    before = loss(labels, model.predict(images, verbose=0))
    stepping()(model, loss, optimizer, images, labels)
    return before


def measured_after(model, loss, optimizer, images, labels):
    stepping()(model, loss, optimizer, images, labels)
    return loss(labels, model(images))


def copies(model, loss, optimizer, images, labels):
    with tf.GradientTape() as tape:
        value = loss(labels, model(images, training=True))
    optimizer.apply(tape.gradient(value, model.get_weights()), model.get_weights())
    return value


def another_tape(model, loss, optimizer, images, labels):
    tape = tf.GradientTape()
    with tf.GradientTape():
        value = loss(labels, model(images, training=True))
    optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
    return value


def compiled_and_fitted(model, loss, optimizer, images, labels):
    model.compile(optimizer, loss)
    return model.fit(images, labels, verbose=0).history["loss"][0]


def nothing_returned_of_the_step(model, loss, optimizer, images, labels):
    stepping()(model, loss, optimizer, images, labels)


def fitted(model, loss, optimizer, images, labels):
    model.compile(optimizer, loss)
    return model.fit(images, labels, epochs=1, verbose=0)


def variables_copied(model, loss, optimizer, images, labels):
    copies = [tf.Variable(value) for value in model.trainable_variables]
    with tf.GradientTape() as tape:
        value = loss(labels, model(images, training=True))
    optimizer.apply(tape.gradient(value, copies), copies)
    return value


def built_first(model, loss, optimizer, images, labels):
    weights = model.trainable_variables
    with tf.GradientTape() as tape:
        value = loss(labels, model(images, training=True))
    optimizer.build(weights)
    optimizer.apply(tape.gradient(value, weights))
    return value


def tape_reversed(model, loss, optimizer, images, labels):
    with tf.GradientTape() as tape:
        value = loss(labels, model(images, training=True))
    slopes = tape.gradient(model.trainable_variables, value)
    optimizer.apply(slopes, model.trainable_variables)
    return value


def two_lists(optimizer, slopes, variables):
    optimizer.apply_gradients([slopes, variables])


def called_twice(model, loss, optimizer, images, labels):
    before = loss(labels, model(images, training=True))
    with tf.GradientTape() as tape:
        value = loss(labels, model(images, training=True))
    optimizer.apply(tape.gradient(value, model.trainable_variables), model.trainable_variables)
    return before


def step_for_each_image(model, loss, optimizer, images, labels):
    for image, label in zip(images, labels, strict=True):
        value = stepping()(model, loss, optimizer, image[None], label[None])
    return value


def clipped(model, loss, optimizer, images, labels):
    with tf.GradientTape() as tape:
        value = loss(labels, model(images, training=True))
    slopes = tape.gradient(value, model.trainable_variables)
    slopes, _length = tf.clip_by_global_norm(slopes, 0.5)
    optimizer.apply(slopes, model.trainable_variables)
    return value


WRONG_STEP = {
    "clipped to a length": (clipped, "#clipped"),
    "all variables, frozen ones as well": (
        stepping(variables=lambda model: model.variables),
        "#frozen-moved",
    ),
    "what fit returns": (fitted, "#fit"),
    "no variables": (
        stepping(apply=lambda optimizer, slopes, variables: optimizer.apply(slopes)),
        "#apply",
    ),
    "copies as variables": (variables_copied, "#copied-variables"),
    "the tape asked the wrong way round": (tape_reversed, "#tape-gave-none"),
    "the gradients divided again": (
        lambda model, loss, optimizer, images, labels: stepping(
            change=lambda slopes: [slope / len(images) for slope in slopes]
        )(model, loss, optimizer, images, labels),
        "#divided-again",
    ),
    "in the shape of digits": (
        lambda model, loss, optimizer, images, labels: stepping()(
            model, loss, optimizer, tf.reshape(images, (-1, 784)), labels
        ),
        "#size-of-digits",
    ),
    "called twice": (called_twice, "#called-twice"),
    "the model's own loss": (
        lambda model, loss, optimizer, images, labels: model.loss(labels, model(images)),
        "#uncompiled",
    ),
    "fit, in batches of 32": (compiled_and_fitted, "#several-steps"),
    "the variables of the last layer": (
        stepping(variables=lambda model: model.layers[-1].trainable_variables),
        "#some-variables",
    ),
    "not applied": (stepping(steps=0), "#not-applied"),
    "twice": (stepping(steps=2), "#several-steps"),
    "a step for each image": (step_for_each_image, "#step-for-each"),
    "divided by 255 again": (
        lambda model, loss, optimizer, images, labels: stepping()(
            model, loss, optimizer, images / 255, labels
        ),
        "#scaled-again",
    ),
    "the gradients as well": (
        stepping(result=lambda value, after: (value, [value, value])),
        "#others",
    ),
    "as after training": (stepping(training=False), "#not-training"),
    "training not said": (stepping(training=None), "#not-training"),
    "the loss after": (stepping(result=lambda value, after: after()), "#loss-afterwards"),
    "the last layer": (
        stepping(variables=lambda model: model.trainable_variables[-2:]),
        "#some-variables",
    ),
    "kernels alone": (
        stepping(
            variables=lambda model: [v for v in model.trainable_variables if v.name == "kernel"]
        ),
        "#some-variables",
    ),
    "uphill": (stepping(change=lambda slopes: [-slope for slope in slopes]), "#uphill"),
    "the sum": (stepping(value=lambda value, labels: value * len(labels)), "#sum"),
    "divided again": (stepping(value=lambda value, labels: value / len(labels)), "#divided-again"),
    "a loss of one's own": (stepping(own=cross_entropy(from_logits=True)), "#own-loss"),
    "an optimizer of one's own": (stepping(apply=own_optimizer), "#by-hand"),
    "a copy of the optimizer": (stepping_by_a_copy, "#another-optimizer"),
    "zipped for apply": (stepping(apply=zipped), "#zip"),
    "by hand": (stepping(apply=by_descent), "#by-hand"),
    "the model outside of the tape": (outside, "#no-gradients"),
    "not compiled": (on_batch, "stopped with an error"),
    "the loss before, outside training": (measured_before, "#loss-outside-training"),
    "the loss object, and not what it gave": (
        lambda model, loss, *others: (stepping()(model, loss, *others), loss)[1],
        "#argument-itself",
    ),
    "the loss after, outside training": (measured_after, "#loss-afterwards"),
    "softmax in between": (stepping(outputs=tf.nn.softmax), "#softmax-added"),
    "the winner alone": (
        stepping(outputs=lambda outputs: tf.argmax(outputs, axis=1)),
        "#winner-only",
    ),
    "copies of the weights": (copies, "#get-weights"),
    "another tape": (another_tape, "#another-tape"),
    "no pairs": (stepping(apply=two_lists), "#apply"),
    "no loss returned": (nothing_returned_of_the_step, "#no-return"),
    "the outputs": (stepping(result=lambda value, after: [value, value]), "#one-number"),
    "clipped": (
        stepping(change=lambda slopes: [tf.clip_by_value(s, -0.01, 0.01) for s in slopes]),
        "must move the weights",
    ),
}

RIGHT_STEP = {
    "an optimiser that is built first": built_first,
    "apply": stepping(),
    "pairs": stepping(apply=pairs),
    "a number": stepping(result=lambda value, after: float(value)),
    "NumPy": stepping(result=lambda value, after: value.numpy()),
    "a graph": in_a_graph,
    "weights": stepping(variables=lambda model: model.trainable_weights),
    "reduced again": stepping(value=lambda value, labels: tf.reduce_mean(value)),
    "a tensor with one": stepping(result=lambda value, after: tf.reshape(value, (1,))),
    "compiled inside": compiled_for_one_batch,
}


# input_gradients ----------------------------------------------------------------------------------


def by_pixels(
    value=lambda loss, labels, logits: loss(labels, logits),
    *,
    training=False,
    after=lambda gradient: gradient,
):
    """An answer with another value, or that does more with the gradient."""

    def answer(model, loss, images, labels):
        pixels = tf.constant(images)
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            found = value(loss, labels, model(pixels, training=training))
        return after(tape.gradient(found, pixels))

    return answer


def pixels_unwatched(model, loss, images, labels):
    pixels = tf.constant(images)
    with tf.GradientTape() as tape:
        value = loss(labels, model(pixels, training=False))
    return tape.gradient(value, pixels)


def pixels_unwatched_as_array(model, loss, images, labels):
    pixels = tf.constant(images)
    with tf.GradientTape() as tape:
        value = loss(labels, model(pixels, training=False))
    return tape.gradient(value, pixels).numpy()


def pixels_watched_afterwards(model, loss, images, labels):
    pixels = tf.constant(images)
    with tf.GradientTape() as tape:
        value = loss(labels, model(pixels, training=False))
        tape.watch(pixels)
    return tape.gradient(value, pixels)


def another_tensor_watched(model, loss, images, labels):
    pixels = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        value = loss(labels, model(images, training=False))
    return tape.gradient(value, pixels)


def pixels_as_an_array(model, loss, images, labels):
    with tf.GradientTape() as tape:
        value = loss(labels, model(images, training=False))
    return tape.gradient(value, images)


def pixels_predicted(model, loss, images, labels):
    pixels = tf.Variable(images)
    with tf.GradientTape() as tape:
        value = loss(labels, model.predict(pixels, verbose=0))
    return tape.gradient(value, [pixels])


def pixels_of_the_untrainable(model, loss, images, labels):
    model.trainable = False
    return by_pixels()(model, loss, images, labels)


def pixels_in_rows(model, loss, images, labels):
    pixels = tf.reshape(tf.constant(images), (len(images), -1))
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        value = loss(labels, model(pixels, training=False))
    return tf.reshape(tape.gradient(value, pixels), images.shape)


def pixels_by_the_array(model, loss, images, labels):
    pixels = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        value = loss(labels, model(pixels, training=False))
    return tape.gradient(value, images)


def pixels_with_the_loss_behind(model, loss, images, labels):
    pixels = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        outputs = model(pixels, training=False)
    value = loss(labels, outputs)
    return tape.gradient(value, pixels)


def pixels_by_numpy(model, loss, images, labels):
    pixels = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        value = loss(labels, model(pixels, training=False).numpy())
    return tape.gradient(value, pixels)


def pixels_watched_outside(model, loss, images, labels):
    pixels = tf.constant(images)
    tf.GradientTape().watch(pixels)
    with tf.GradientTape() as tape:
        value = loss(labels, model(pixels, training=False))
    return tape.gradient(value, pixels)


def array_watched(model, loss, images, labels):
    with tf.GradientTape() as tape:
        tape.watch(images)
        value = loss(labels, model(images, training=False))
    return tape.gradient(value, images)


def by_weights(model, loss, images, labels):
    with tf.GradientTape() as tape:
        value = loss(labels, model(images, training=False))
    return tape.gradient(value, model.trainable_variables)


def by_all_and_pixels(model, loss, images, labels):
    pixels = tf.Variable(images)
    with tf.GradientTape() as tape:
        value = loss(labels, model(pixels, training=False))
    return tape.gradient(value, [*model.trainable_variables, pixels])


def stepping_as_well(model, loss, images, labels):
    pixels = tf.Variable(images)
    with tf.GradientTape() as tape:
        value = loss(labels, model(pixels, training=False))
    *slopes, found = tape.gradient(value, [*model.trainable_variables, pixels])
    keras.optimizers.SGD(0.1).apply(slopes, model.trainable_variables)
    return found


def by_a_weight(model, loss, images, labels):
    with tf.GradientTape() as tape:
        value = loss(labels, model(images, training=False))
    return tape.gradient(value, model.trainable_variables[0])


def image_by_image(share):
    """The gradients of single images, each divided by a `share` of their number."""

    def answer(model, loss, images, labels):
        found = []
        for image, label in zip(images, labels, strict=True):
            pixels = tf.constant(image[np.newaxis])
            with tf.GradientTape() as tape:
                tape.watch(pixels)
                value = loss(label[np.newaxis], model(pixels, training=False))
            found.append(tape.gradient(value, pixels)[0] / share(len(images)))
        return found

    return answer


def overwritten_images(model, loss, images, labels):
    images[...] = by_pixels()(model, loss, images, labels)
    return images


def as_a_variable(model, loss, images, labels):
    pixels = tf.Variable(images)
    with tf.GradientTape() as tape:
        value = loss(labels, model(pixels))
    return tape.gradient(value, pixels).numpy()


def watching_pixels_alone(model, loss, images, labels):
    with tf.GradientTape(watch_accessed_variables=False, persistent=True) as tape:
        pixels = tf.convert_to_tensor(images)
        tape.watch(pixels)
        logits = model(pixels, training=False)
        value = loss(labels, logits)
    return tape.gradient(logits, pixels, output_gradients=tape.gradient(value, logits))


def in_a_function(model, loss, images, labels):
    @tf.function
    def slopes(pixels):
        return tf.gradients(loss(labels, model(pixels, training=False)), pixels)[0]

    return slopes(tf.constant(images)).numpy().tolist()


def layer_by_layer(model, loss, images, labels):
    pixels = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        x = pixels
        for layer in model.layers:
            x = layer(x, training=False) if "Norm" in type(layer).__name__ else layer(x)
        value = loss(labels, x)
    return tape.gradient(value, pixels)


def jacobian_of_losses(model, loss, images, labels):
    pixels = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        logits = model(pixels, training=False)
        losses = tf.stack([loss(labels[i : i + 1], logits[i : i + 1]) for i in range(len(images))])
    return tf.reduce_mean(tape.jacobian(losses, pixels), axis=0)


def reshaped_at_once(model, loss, images, labels):
    x = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = loss(labels, model(x, training=False))
    return tf.reshape(tape.gradient(value, x), (-1, 28, 28))


own_entropy = cross_entropy(from_logits=True)

WRONG_PIXELS = {
    "the loss behind the tape": (pixels_with_the_loss_behind, "#behind-tape"),
    "NumPy inside": (pixels_by_numpy, "#numpy-in-tape"),
    "the model made untrainable": (pixels_of_the_untrainable, "#untrainable"),
    "rounded": (by_pixels(after=lambda gradient: np.round(gradient, 3)), "#nearly"),
    "the loss as well": (by_pixels(after=lambda gradient: (1.0, gradient)), "#others"),
    "in rows": (pixels_in_rows, "#reshaped-input"),
    "by the array": (pixels_by_the_array, "#watched-tensor"),
    "the array alone": (pixels_as_an_array, "#images-as-tensor"),
    "watched outside": (pixels_watched_outside, "#watch-inside"),
    "nothing watched, as an array": (pixels_unwatched_as_array, "#nothing-watched"),
    "in the shape of digits": (
        by_pixels(after=lambda gradient: tf.reshape(gradient, (-1, 28, 28))),
        "#size-of-digits",
    ),
    "reshaped on the tape's line": (reshaped_at_once, "#size-of-digits"),
    "softmax in between": (
        by_pixels(lambda loss, labels, logits: loss(labels, tf.nn.softmax(logits))),
        "#softmax-added",
    ),
    "nothing watched": (pixels_unwatched, "#nothing-watched"),
    "watched too late": (pixels_watched_afterwards, "#nothing-watched"),
    "another tensor watched": (another_tensor_watched, "#array-into-model"),
    "predict": (pixels_predicted, "#nothing-watched"),
    "an array watched": (array_watched, "#watched-array"),
    "by the weights": (by_weights, "#by-weights"),
    "by weights and pixels": (by_all_and_pixels, "one number for each pixel"),
    "training": (by_pixels(training=True), "#training"),
    "image by image": (image_by_image(lambda n: 1), "#sum"),
    "the sum": (by_pixels(lambda loss, y, z: loss(y, z) * len(y)), "#sum"),
    "divided again": (by_pixels(lambda loss, y, z: loss(y, z) / len(y)), "#divided-again"),
    "reversed": (by_pixels(after=lambda gradient: -gradient), "#downhill"),
    "absolute values": (by_pixels(after=np.abs), "#absolute"),
    "signs": (by_pixels(after=np.sign), "#sign-only"),
    "by the largest": (by_pixels(after=lambda g: g / np.abs(g).max()), "#normalised"),
    "the outputs": (by_pixels(lambda loss, y, z: z), "#no-loss"),
    "the right output": (
        by_pixels(lambda loss, y, z: tf.gather(z, y, batch_dims=1)),
        "#right-output",
    ),
    "a loss of its own": (by_pixels(lambda loss, y, z: own_entropy(y, z)), "#own-loss"),
    "weights moved": (stepping_as_well, "#weights-moved"),
    "one image": (by_pixels(after=lambda gradient: gradient[0]), "#for-each-image"),
    "the mean over the images": (
        by_pixels(after=lambda gradient: tf.reduce_mean(gradient, axis=0)),
        "#for-each-image",
    ),
    "rows of pixels": (
        by_pixels(after=lambda gradient: tf.reshape(gradient, (len(gradient), -1))),
        "#in-rows",
    ),
    "the gradient of a weight": (by_a_weight, "#by-weights"),
    "a single image": (
        lambda model, loss, images, labels: model(images[0], training=False),
        "#single-image",
    ),
    "a step": (by_pixels(after=lambda gradient: 1 - gradient), "#one-minus"),
    "the images after a step": (
        lambda model, loss, images, labels: images + by_pixels()(model, loss, images, labels),
        "#stepped",
    ),
    "images overwritten": (overwritten_images, "#changed-argument"),
}

RIGHT_PIXELS = {
    "a tensor that is watched": by_pixels(),
    "a variable": as_a_variable,
    "nothing else watched": watching_pixels_alone,
    "a graph": in_a_function,
    "layer by layer": layer_by_layer,
    "image by image, then divided": image_by_image(lambda n: n),
    "the Jacobian of the losses": jacobian_of_losses,
    "a list of arrays": by_pixels(after=lambda gradient: list(gradient.numpy())),
    "float64": by_pixels(after=lambda gradient: np.float64(gradient)),
}


# build_regularised --------------------------------------------------------------------------------


def regularised(
    *,
    rate=lambda rate: rate,
    places=(1, 2),
    penalty=keras.regularizers.L2,
    penalised=(1, 2, 3),
    units=(200, 100, 10),
    activation="relu",
    ending=None,
    shape=(28, 28),
    kind=layers.Dropout,
    **settings,
):
    def answer(given, weight_decay):
        x = images = keras.Input(shape)
        x = layers.Flatten()(x)
        if 0 in places:
            x = kind(rate(given))(x)
        for number, count in enumerate(units, start=1):
            last = number == len(units)
            x = layers.Dense(
                count,
                ending if last else activation,
                kernel_regularizer=penalty(weight_decay) if number in penalised else None,
                **{name: value(weight_decay) for name, value in settings.items()},
            )(x)
            if number in places:
                x = kind(rate(given))(x)
        return keras.Model(images, x)

    return answer


def sequential(rate, weight_decay):
    def dense(units, activation=None):
        return layers.Dense(
            units, activation, kernel_regularizer=keras.regularizers.l2(weight_decay)
        )

    return keras.Sequential(
        [
            *(keras.Input((28, 28)), layers.Flatten()),
            *(dense(200), layers.ReLU(), layers.Dropout(rate)),
            *(dense(100), layers.Activation("relu"), layers.Dropout(rate), dense(10)),
        ]
    )


def unbuilt(rate, weight_decay):
    return keras.Sequential([layers.Flatten(), *sequential(rate, weight_decay).layers[1:]])


def built(rate, weight_decay):
    model = unbuilt(rate, weight_decay)
    model.build((None, 28, 28))
    return model


def half_linear(rate, weight_decay):
    model = sequential(rate, weight_decay)
    return keras.Sequential([keras.Input((28, 28)), *model.layers[:5], *model.layers[6:]])


def always_dropping(rate, weight_decay):
    x = images = keras.Input((28, 28))
    for layer in sequential(rate, weight_decay).layers:
        x = layer(x, training=True) if isinstance(layer, layers.Dropout) else layer(x)
    return keras.Model(images, x)


def before_activation(rate, weight_decay):
    """Dropout and ReLU exchange places: the result is the same."""
    found = sequential(rate, weight_decay).layers
    order = [0, 1, 3, 2, 4, 6, 5, 7]
    return keras.Sequential([keras.Input((28, 28)), *(found[place] for place in order)])


def compiled_too(rate, weight_decay):
    return compiling()(sequential(rate, weight_decay))


def own_penalty(weight_decay):
    return lambda kernel: weight_decay * tf.reduce_sum(kernel**2)


def hidden_biases_too(rate, weight_decay):
    def dense(units, activation=None):
        penalty = keras.regularizers.L2(weight_decay)
        of_biases = penalty if activation else None
        return layers.Dense(
            units, activation, kernel_regularizer=penalty, bias_regularizer=of_biases
        )

    hidden = [dense(200, "relu"), layers.Dropout(rate), dense(100, "relu"), layers.Dropout(rate)]
    return keras.Sequential([keras.Input((28, 28)), layers.Flatten(), *hidden, dense(10)])


def penalised_too_late(rate, weight_decay):
    model = regularised(penalty=lambda decay: None)(rate, weight_decay)
    for layer in model.layers:
        if isinstance(layer, layers.Dense):
            layer.kernel_regularizer = keras.regularizers.L2(weight_decay)
    return model


WRONG_REGULARISED = {
    "penalised after it was built": (penalised_too_late, "#set-too-late"),
    "the class L2": (regularised(penalty=lambda decay: keras.regularizers.L2), "#usual-penalty"),
    "no dropout": (regularised(places=()), "#no-dropout"),
    "dropout at the end": (regularised(places=(1, 2, 3)), "#dropout-at-end"),
    "dropout at the end for the second": (regularised(places=(1, 3)), "#dropout-at-end"),
    "only the pixels dropped": (regularised(places=(0,)), "#dropout-of-pixels"),
    "a regulariser as a layer": (
        lambda rate, weight_decay: keras.Sequential(
            [keras.Input((28, 28)), layers.Dense(10), keras.regularizers.L2(weight_decay)]
        ),
        "#regularizer-for-layer",
    ),
    "biases of the hidden layers too": (hidden_biases_too, "#biases"),
    "pixels dropped": (regularised(places=(0, 1, 2)), "#dropout-of-pixels"),
    "the first alone": (regularised(places=(1,)), "#one-dropout"),
    "the second alone": (regularised(places=(2,)), "#one-dropout"),
    "share kept": (regularised(rate=lambda rate: 1 - rate), "#share-kept"),
    "rate ignored": (regularised(rate=lambda rate: 0.5), "#rate-fixed"),
    "half the rate": (regularised(rate=lambda rate: rate / 2), "the share `rate`"),
    "noise": (
        regularised(kind=lambda rate: layers.GaussianDropout(rate)),
        "#noise",
    ),
    "biases too": (regularised(bias_regularizer=keras.regularizers.L2), "#biases"),
    "biases instead": (
        regularised(penalised=(), bias_regularizer=keras.regularizers.L2),
        "#biases-only",
    ),
    "activities": (
        regularised(penalised=(), activity_regularizer=keras.regularizers.L2),
        "#activities",
    ),
    "no penalty": (regularised(penalised=()), "#no-penalty"),
    "not the last": (regularised(penalised=(1, 2)), "#some-kernels"),
    "the first kernel alone": (regularised(penalised=(1,)), "#some-kernels"),
    "the last kernel alone": (regularised(penalised=(3,)), "#some-kernels"),
    "a fixed penalty": (
        regularised(penalty=lambda decay: keras.regularizers.L2(1e-3)),
        "#penalty-fixed",
    ),
    "L1": (regularised(penalty=keras.regularizers.L1), "#L1"),
    "half of L1": (regularised(penalty=lambda decay: keras.regularizers.L1(decay / 2)), "#L1"),
    "by name": (regularised(penalty=lambda decay: "l2"), "#usual-penalty"),
    "L1 as well": (
        regularised(penalty=lambda decay: keras.regularizers.L1L2(decay, decay)),
        "#L1",
    ),
    "halved": (
        regularised(penalty=lambda decay: keras.regularizers.L2(decay / 2)),
        "#other-factor",
    ),
    "doubled": (
        regularised(penalty=lambda decay: keras.regularizers.L2(2 * decay)),
        "#other-factor",
    ),
    "both numbers fixed": (lambda *given: regularised()(0.3, 1e-4), "#penalty-fixed"),
    "a rate in percent": (regularised(rate=lambda rate: rate / 100), "#hardly-any-dropout"),
    "softmax": (regularised(ending="softmax"), "#activation-at-end"),
    "linear": (regularised(activation=None), "#not-ReLU"),
    "tanh": (regularised(activation="tanh"), "#not-ReLU"),
    "one layer linear": (half_linear, "#not-ReLU"),
    "ReLU at the end": (regularised(ending="relu"), "#activation-at-end"),
    "exchanged": (lambda rate, weight_decay: sequential(weight_decay, rate), "#exchanged"),
    "dropout always": (always_dropping, "#always-dropping"),
    "other widths": (regularised(units=(100, 200, 10)), "#layers"),
    "a layer more": (regularised(units=(200, 100, 50, 10)), "#layers"),
    "rows": (regularised(shape=(784,)), "#input"),
    "not built": (unbuilt, "#not-built"),
    "layers": (lambda *a: sequential(*a).layers, "#list-of-layers"),
}

RIGHT_REGULARISED = {
    "functional": regularised(),
    "sequential": sequential,
    "built later": built,
    "dropout before ReLU": before_activation,
    "compiled": compiled_too,
    "a penalty of one's own": regularised(penalty=own_penalty),
    "L1L2": regularised(penalty=lambda decay: keras.regularizers.L1L2(l2=decay)),
    "other starts": regularised(kernel_initializer=lambda decay: "he_normal"),
    "cloned": lambda *a: keras.models.clone_model(sequential(*a)),
}


# fit_with_early_stopping --------------------------------------------------------------------------


def stopping(
    *,
    patience=lambda patience: patience,
    monitor="val_loss",
    restore=True,
    epochs=50,
    callbacks=True,
    after=lambda history: history,
    measured=lambda train, validation: validation,
    **settings,
):
    def answer(model, train, validation, given):
        stop = keras.callbacks.EarlyStopping(
            monitor=monitor, patience=patience(given), restore_best_weights=restore, **settings
        )
        return after(
            model.fit(
                *train,
                epochs=epochs,
                validation_data=measured(train, validation),
                callbacks=[stop] if callbacks else None,
                verbose=0,
            )
        )

    return answer


STOP_OF_A_CELL = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)


def stopped_by_that_of_a_cell(model, train, validation, patience):
    return model.fit(
        *train, epochs=50, validation_data=validation, callbacks=[STOP_OF_A_CELL], verbose=0
    )


def stopping_by_accuracy(model, train, validation, patience):
    stop = keras.callbacks.EarlyStopping(
        monitor="val_accuracy", mode="max", patience=patience, restore_best_weights=True
    )
    return model.fit(*train, epochs=50, validation_data=validation, callbacks=[stop], verbose=0)


class Remembering(keras.callbacks.Callback):
    """Early stopping of one's own."""

    def __init__(self, patience):
        super().__init__()
        self.patience, self.best, self.waited = patience, np.inf, 0

    def on_epoch_end(self, epoch, logs=None):
        if logs["val_loss"] < self.best:
            self.best, self.waited, self.weights = logs["val_loss"], 0, self.model.get_weights()
            return
        self.waited += 1
        self.model.stop_training = self.waited >= self.patience

    def on_train_end(self, logs=None):
        self.model.set_weights(self.weights)


def in_one_epoch(model, images, labels, steps):
    batch = tf.data.Dataset.from_tensors((images, labels)).repeat()
    return model.fit(batch, epochs=1, steps_per_epoch=steps, verbose=0).history["loss"]


def remembering(model, train, validation, patience):
    return model.fit(
        *train,
        epochs=50,
        validation_data=validation,
        callbacks=[Remembering(patience)],
        verbose=0,
    )


def to_the_first(model, train, validation, patience):
    """The weights of the start given back."""
    start = model.get_weights()
    history = stopping()(model, train, validation, patience)
    model.set_weights(start)
    return history


def called_for_each_epoch(model, train, validation, patience):
    for _epoch in range(3):
        history = stopping(epochs=1)(model, train, validation, patience)
    return history


def called_with_the_callback(model, train, validation, patience):
    for _epoch in range(3):
        history = with_callbacks(
            model, train, validation, keras.callbacks.EarlyStopping(patience=patience)
        )
    return history


def stopped_by_hand(model, train, validation, patience):
    """One epoch at a time: it stops in time, with the best weights."""
    best, waited = np.inf, 0
    for _epoch in range(50):
        history = model.fit(*train, validation_data=validation, verbose=0)
        if history.history["val_loss"][0] < best:
            best, waited, weights = history.history["val_loss"][0], 0, model.get_weights()
        else:
            waited += 1
        if waited == patience:
            break
    model.set_weights(weights)
    return history


def with_callbacks(model, train, validation, *callbacks):
    return model.fit(*train, epochs=50, validation_data=validation, callbacks=callbacks, verbose=0)


def loading_the_last(model, train, validation, patience):
    path = f"{tempfile.mkdtemp()}/best.weights.h5"
    stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    saved = keras.callbacks.ModelCheckpoint(path, save_weights_only=True)
    history = with_callbacks(model, train, validation, stop, saved)
    model.load_weights(path)
    return history


def loading_the_last_model(model, train, validation, patience):
    path = f"{tempfile.mkdtemp()}/best.keras"
    stop = keras.callbacks.EarlyStopping(patience=patience)
    saved = keras.callbacks.ModelCheckpoint(path)
    history = with_callbacks(model, train, validation, stop, saved)
    model.set_weights(keras.models.load_model(path).get_weights())
    return history


def loading_nothing(model, train, validation, patience):
    path = f"{tempfile.mkdtemp()}/best.keras"
    stop = keras.callbacks.EarlyStopping(patience=patience)
    saved = keras.callbacks.ModelCheckpoint(path, save_best_only=True)
    return with_callbacks(model, train, validation, stop, saved)


def loading_another_model(model, train, validation, patience):
    path = f"{tempfile.mkdtemp()}/best.keras"
    stop = keras.callbacks.EarlyStopping(patience=patience)
    saved = keras.callbacks.ModelCheckpoint(path, save_best_only=True)
    history = with_callbacks(model, train, validation, stop, saved)
    model = keras.models.load_model(path)
    return history


def loading_the_least_training_loss(model, train, validation, patience):
    path = f"{tempfile.mkdtemp()}/best.weights.h5"
    stop = keras.callbacks.EarlyStopping(patience=patience)
    saved = keras.callbacks.ModelCheckpoint(
        path, monitor="loss", save_best_only=True, save_weights_only=True
    )
    history = with_callbacks(model, train, validation, stop, saved)
    model.load_weights(path)
    return history


def loading_the_largest(model, train, validation, patience):
    path = f"{tempfile.mkdtemp()}/best.weights.h5"
    stop = keras.callbacks.EarlyStopping(patience=patience)
    saved = keras.callbacks.ModelCheckpoint(
        path, mode="max", save_best_only=True, save_weights_only=True
    )
    history = with_callbacks(model, train, validation, stop, saved)
    model.load_weights(path)
    return history


def loading_the_best(model, train, validation, patience):
    path = f"{tempfile.mkdtemp()}/best.weights.h5"
    stop = keras.callbacks.EarlyStopping(patience=patience)
    saved = keras.callbacks.ModelCheckpoint(path, save_best_only=True, save_weights_only=True)
    history = with_callbacks(model, train, validation, stop, saved)
    model.load_weights(path)
    return history


def compiled_anew(model, train, validation, patience):
    model.compile("adam", cross_entropy(from_logits=True))
    return stopping()(model, train, validation, patience)


def keeping_variables(model, train, validation, patience):
    class Keeping(Remembering):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            self.variables = list(self.model.weights)

        def on_train_end(self, logs=None):
            for variable, value in zip(self.model.weights, self.variables, strict=True):
                variable.assign(value)

    return model.fit(
        *train, epochs=50, validation_data=validation, callbacks=[Keeping(patience)], verbose=0
    )


WRONG_STOPPING = {
    "variables kept in place of values": (keeping_variables, "#variables-kept"),
    "labels of the other pair": (
        lambda model, train, validation, patience: stopping()(
            model, train, (validation[0], train[1]), patience
        ),
        "#as-many-labels",
    ),
    "last weights": (stopping(restore=False), "#last-weights"),
    "never stops": (stopping(callbacks=False), "#never-stops"),
    "no callbacks": (
        lambda model, train, validation, patience: model.fit(
            *train, epochs=50, validation_data=validation, verbose=0
        ),
        "#no-callbacks",
    ),
    "the training loss watched": (stopping(monitor="loss"), "#never-stops"),
    "the training loss watched, in a line": (
        lambda model, t, v, p: model.fit(
            *t,
            epochs=50,
            validation_data=v,
            callbacks=[keras.callbacks.EarlyStopping(monitor="loss", patience=p)],
            verbose=0,
        ),
        "#monitor",
    ),
    "the class": (
        lambda model, t, v, p: model.fit(*t, callbacks=[keras.callbacks.EarlyStopping]),
        "#class-for-object",
    ),
    "the accuracy watched": (stopping(monitor="val_accuracy"), "#monitor"),
    "the callback of another cell": (stopped_by_that_of_a_cell, "#callback-of-another-cell"),
    "the accuracy watched, in its own direction": (
        stopping_by_accuracy,
        "#monitor",
    ),
    "patience ignored": (stopping(patience=lambda patience: 0), "#no-patience"),
    "patience of 1": (stopping(patience=lambda patience: 1), "#no-patience"),
    "an epoch more": (stopping(patience=lambda patience: patience + 1), "#patience-too-long"),
    "an epoch less": (stopping(patience=lambda patience: patience - 1), "#patience-too-short"),
    "patience of 5": (stopping(patience=lambda patience: 5), "#patience-fixed"),
    "patience of 3": (stopping(patience=lambda patience: 3), "#patience-fixed"),
    "train and validation exchanged": (
        lambda model, train, validation, patience: stopping()(model, validation, train, patience),
        "#exchanged-pairs",
    ),
    "a late start": (stopping(start_from_epoch=5), "#late-start"),
    "patience of 20": (stopping(patience=lambda patience: 20), "#never-stops"),
    "the patience as min_delta": (
        lambda model, train, validation, patience: stopping(
            patience=lambda _patience: 0, min_delta=patience
        )(model, train, validation, patience),
        "#min-delta",
    ),
    "a minimal improvement": (stopping(min_delta=0.001), "#small-improvements"),
    "a larger minimal improvement": (stopping(min_delta=0.01), "#small-improvements"),
    "a tiny minimal improvement": (
        stopping(min_delta=1e-4, restore=False),
        "#small-improvements",
    ),
    "the largest": (stopping(mode="max"), "#largest-loss"),
    "the largest, not restored": (stopping(mode="max", restore=False), "#largest-loss"),
    "a call for each epoch": (called_for_each_epoch, "#new-history"),
    "a call for each epoch, with the callback": (
        called_with_the_callback,
        "#fit-in-a-loop",
    ),
    "a call for each epoch, stopped by hand": (stopped_by_hand, "#new-history"),
    "a checkpoint of the last weights": (loading_the_last, "#checkpoint-of-last"),
    "a checkpoint of the last model": (loading_the_last_model, "#checkpoint-of-last"),
    "a checkpoint that is not loaded": (loading_nothing, "#checkpoint-not-loaded"),
    "a checkpoint loaded as another model": (loading_another_model, "#another-model"),
    "a checkpoint by the training loss": (loading_the_least_training_loss, "#checkpoint-by-loss"),
    "a checkpoint of the largest loss": (loading_the_largest, "#largest-loss"),
    "compiled anew": (compiled_anew, "#label-out-of-range"),
    "30 epochs": (stopping(epochs=30), "50 epochs"),
    "no number of epochs": (stopping(epochs=1), "#one-epoch"),
    "measured on train": (
        stopping(measured=lambda train, validation: train, epochs=50, patience=lambda patience: 1),
        "#measured-on-train",
    ),
    "no validation": (
        stopping(measured=lambda train, validation: None, monitor="loss"),
        "#no-validation",
    ),
    "weights of the start": (to_the_first, "must leave the model with its best weights"),
    "validation split off": (
        lambda model, train, validation, patience: model.fit(*train, validation_split=0.2),
        "#validation-data",
    ),
    "the dict": (stopping(after=lambda history: history.history), "#curves-alone"),
    "the model": (stopping(after=lambda history: history.model), "#return-history"),
    "the best epoch": (
        stopping(after=lambda history: int(np.argmin(history.history["val_loss"]))),
        "#return-history",
    ),
}

RIGHT_STOPPING = {
    "EarlyStopping": stopping(),
    "said in full": stopping(mode="min", min_delta=0, verbose=0),
    "a callback of one's own": remembering,
    "a checkpoint": loading_the_best,
    "lists": stopping(measured=lambda train, validation: list(validation)),
    "one example at a time": lambda model, train, validation, patience: model.fit(
        *train,
        batch_size=1,
        epochs=50,
        validation_data=validation,
        verbose=0,
        callbacks=[keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)],
    ),
}


# compile_detector ---------------------------------------------------------------------------------


def rates(threshold=0.0):
    return [keras.metrics.Precision(threshold), keras.metrics.Recall(threshold)]


def detecting(
    *,
    optimizer=lambda: keras.optimizers.Adam(0.003),
    loss=lambda: keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=rates,
    **settings,
):
    def answer(model):
        model.compile(optimizer(), loss(), metrics=metrics(), **settings)
        return model

    return answer


def own_binary_loss(labels, logits):
    labels = tf.reshape(tf.cast(labels, tf.float32), tf.shape(logits))
    return tf.nn.sigmoid_cross_entropy_with_logits(labels, logits)


class OwnPrecision(keras.metrics.Precision):
    def update_state(self, labels, logits, sample_weight=None):
        return super().update_state(labels, tf.sigmoid(logits), sample_weight)


class OwnAdam(keras.optimizers.Adam):
    """Adam under another name."""


class OwnRecall(keras.metrics.Recall):
    def update_state(self, labels, logits, sample_weight=None):
        return super().update_state(labels, tf.sigmoid(logits), sample_weight)


def with_sigmoid(model):
    new = keras.Sequential([model, layers.Activation("sigmoid")])
    return detecting(loss=keras.losses.BinaryCrossentropy, metrics=lambda: rates(0.5))(new)


def detector_with_sigmoid(model):
    model.add(keras.layers.Activation("sigmoid"))
    metrics = [keras.metrics.Precision(), keras.metrics.Recall()]
    model.compile(keras.optimizers.Adam(0.003), "binary_crossentropy", metrics=metrics)
    return model


WRONG_DETECTOR = {
    "the loss as the metric": (
        detecting(metrics=lambda: [keras.losses.BinaryCrossentropy(from_logits=True)]),
        "#loss-as-metric",
    ),
    "precision of class 1": (
        detecting(
            metrics=lambda: [
                keras.metrics.Precision(thresholds=0, class_id=1),
                keras.metrics.Recall(thresholds=0),
            ]
        ),
        "#class-id",
    ),
    "a sigmoid added": (detector_with_sigmoid, "#layer-added"),
    "what compile returns": (
        lambda model: model.compile("adam", "binary_crossentropy"),
        "#no-return",
    ),
    "a loss from probabilities": (detecting(loss=keras.losses.BinaryCrossentropy), "#from-logits"),
    "the loss by name": (
        detecting(loss=lambda: "binary_crossentropy", metrics=lambda: rates(0.5)),
        "#from-logits",
    ),
    "absolute error": (detecting(loss=lambda: "mae"), "#for-numbers"),
    "ten classes": (detecting(loss=cross_entropy), "#two-classes"),
    "ten classes, from logits": (
        detecting(loss=lambda: cross_entropy(from_logits=True)),
        "#two-classes",
    ),
    "squared error": (detecting(loss=lambda: "mse"), "#for-numbers"),
    "softmax of one logit": (
        detecting(loss=lambda: keras.losses.CategoricalCrossentropy(from_logits=True)),
        "#one-logit",
    ),
    "trained as well": (
        lambda model: (detecting()(model), model.train_on_batch(np.eye(3), np.ones(3)))[0],
        "leave the weights of the model",
    ),
    "all by name": (
        detecting(
            optimizer=lambda: "adam",
            loss=lambda: "binary_crossentropy",
            metrics=lambda: ["Precision", "Recall"],
        ),
        "#from-logits",
    ),
    "Adam and metrics by name": (
        detecting(optimizer=lambda: "adam", metrics=lambda: ["Precision", "Recall"]),
        "#usual-threshold",
    ),
    "usual thresholds": (
        detecting(metrics=lambda: [keras.metrics.Precision(), keras.metrics.Recall()]),
        "#usual-threshold",
    ),
    "metrics by name": (detecting(metrics=lambda: ["Precision", "Recall"]), "#usual-threshold"),
    "one usual threshold": (
        detecting(metrics=lambda: [keras.metrics.Precision(0), keras.metrics.Recall()]),
        "#usual-threshold",
    ),
    "accuracy": (detecting(metrics=lambda: ["accuracy"]), "#accuracy"),
    "accuracy, Adam by name": (
        detecting(optimizer=lambda: "adam", metrics=lambda: ["accuracy"]),
        "#accuracy",
    ),
    "precision alone": (detecting(metrics=lambda: rates()[:1]), "#one-alone"),
    "recall alone": (detecting(metrics=lambda: rates()[1:]), "#one-alone"),
    "the metrics as third argument": (
        detecting(metrics=lambda: None, loss_weights=rates()),
        "#third-argument",
    ),
    "F1": (detecting(metrics=lambda: [keras.metrics.F1Score()]), "#metrics"),
    "accuracy for precision": (
        detecting(metrics=lambda: ["accuracy", keras.metrics.Recall(0)]),
        "#accuracy",
    ),
    "a threshold of 1": (detecting(metrics=lambda: rates(1)), "#other-setting"),
    "two thresholds": (detecting(metrics=lambda: rates([0, 0.5])), "#one-threshold"),
    "the largest alone": (
        detecting(metrics=lambda: [keras.metrics.Precision(top_k=1), keras.metrics.Recall(0)]),
        "#other-setting",
    ),
    "focal": (
        detecting(loss=lambda: keras.losses.BinaryFocalCrossentropy(from_logits=True)),
        "#plain-loss",
    ),
    "smoothed labels": (
        detecting(loss=lambda: keras.losses.BinaryCrossentropy(True, label_smoothing=0.1)),
        "#plain-loss",
    ),
    "the logits told to Adam": (
        detecting(optimizer=lambda: keras.optimizers.Adam(0.003, from_logits=True)),
        "#setting-of-the-loss",
    ),
    "AdamW": (detecting(optimizer=lambda: keras.optimizers.AdamW(0.003)), "#other-optimizer"),
    "RMSprop by name": (detecting(optimizer=lambda: "rmsprop"), "#other-optimizer"),
    "no metric": (detecting(metrics=list), "#no-metric"),
    "Adam by name": (detecting(optimizer=lambda: "adam"), "#usual-rate"),
    "0.03": (detecting(optimizer=lambda: keras.optimizers.Adam(0.03)), "#rate-too-high"),
    "0.0003": (detecting(optimizer=lambda: keras.optimizers.Adam(0.0003)), "#rate-too-low"),
    "SGD": (detecting(optimizer=lambda: keras.optimizers.SGD(0.003)), "#gradient-descent"),
    "a rate that falls": (
        detecting(
            optimizer=lambda: keras.optimizers.Adam(
                keras.optimizers.schedules.ExponentialDecay(0.003, 1000, 0.9)
            )
        ),
        "must use Adam",
    ),
    "with a sigmoid": (with_sigmoid, "#another-model"),
    "no return": (lambda model: detecting()(model) and None, "#no-return"),
    "not compiled": (lambda model: model, "#not-compiled"),
}

RIGHT_DETECTOR = {
    "objects": detecting(),
    "recall first": detecting(metrics=lambda: rates()[::-1]),
    "with accuracy": detecting(metrics=lambda: ["accuracy", *rates()]),
    "named": detecting(
        metrics=lambda: [
            keras.metrics.Precision(name="p", thresholds=[0]),
            keras.metrics.Recall(name="r", thresholds=[0]),
        ]
    ),
    "metrics of one's own": detecting(metrics=lambda: [OwnPrecision(), OwnRecall()]),
    "a loss of one's own": detecting(loss=lambda: own_binary_loss),
    "an optimiser of one's own": detecting(optimizer=lambda: OwnAdam(0.003)),
    "eager": detecting(run_eagerly=True),
    "weighted": lambda model: (
        model.compile(
            loss=keras.losses.BinaryCrossentropy(from_logits=True),
            optimizer=keras.optimizers.Adam(learning_rate=3e-3),
            weighted_metrics=rates(),
        )
        or model
    ),
}


# feature_maps -------------------------------------------------------------------------------------


def maps(output=lambda model, name: model.get_layer(name).output, inputs=None):
    return lambda model, name: keras.Model(
        inputs(model, name) if inputs else model.inputs, output(model, name)
    )


def place(model, name):
    return [layer.name for layer in model.layers].index(name)


def copied(model, name, weights=True):
    copy = keras.models.clone_model(model)
    if weights:
        copy.set_weights(model.get_weights())
    return maps()(copy, name)


def cut(model, name):
    model = model if hasattr(model, "pop") else keras.Sequential(model.layers)
    while model.layers[-1].name != name:
        model.pop()
    return model


def popped(model, name):
    while model.layers[-1].name != name:
        model.pop()
    return model


def without_the_layer(model, name):
    new = keras.Sequential()
    for layer in model.layers[: place(model, name)]:
        new.add(layer)
    return new


def truncated(model, name):
    return keras.Sequential(model.layers[: place(model, name) + 1])


def first_layers(model, name):
    """The layers one after the other, on an input of its own."""
    x = images = keras.Input(model.input_shape[1:])
    for layer in model.layers:
        x = x if isinstance(layer, layers.InputLayer) else layer(x)
        if layer.name == name:
            return keras.Model(images, x)
    raise ValueError(name)


def through_all(model, name):
    x = images = keras.Input((8, 8, 1))
    for layer in model.layers[: place(model, name) + 1]:
        x = layer(x)
    return keras.Model(images, x)


class Maps(keras.Model):
    def __init__(self, model, name):
        super().__init__()
        self.inside = model.layers[: place(model, name) + 1]

    def call(self, x, training=False):
        for layer in self.inside:
            if not isinstance(layer, layers.InputLayer):
                x = (
                    layer(x, training=training)
                    if "drop" in type(layer).__name__.lower()
                    else layer(x)
                )
        return x


def frozen_maps(model, layer_name):
    model.trainable = False
    return keras.Model(model.inputs, model.get_layer(layer_name).output)


def predicting(model, name):
    part = maps()(model, name)
    return part.predict(np.zeros((1, 28, 28, 1)), verbose=0)


def maps_of_another(model, name):
    another = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(3, 3)])
    return keras.Model(another.inputs, another.get_layer(name).output)


def wanted_alone(model, layer_name):
    inputs = model.inputs[0]
    layer = model.get_layer(layer_name)
    return keras.Model(inputs, layer(inputs))


def each_on_the_input(model, layer_name):
    inputs = model.inputs[0]
    for layer in model.layers:
        outputs = layer(inputs)
        if layer.name == layer_name:
            break
    return keras.Model(inputs, outputs)


def on_an_input_of_its_own(model, layer_name):
    images = keras.Input((8, 8, 2))
    x = images
    for layer in model.layers:
        x = layer(x)
    return keras.Model(images, x)


def widened_twice(model, layer_name):
    widen = layers.Dense(4)
    x = widen(model.inputs[0])
    return keras.Model(model.inputs, widen(x))


WRONG_MAPS = {
    "the wanted layer on the input": (wanted_alone, "#layer-of-model"),
    "each layer on the input": (each_on_the_input, "#layer-of-model"),
    "an input with more channels": (on_an_input_of_its_own, "#layer-of-model"),
    "a layer of its own, twice": (widened_twice, "#layer-used-twice"),
    "another model": (maps_of_another, "#unused-argument"),
    "frozen": (frozen_maps, "#frozen"),
    "a name of its own": (
        lambda model, name: keras.Model(model.inputs, model.get_layer("conv2d_1").output),
        "#fixed-name",
    ),
    "the layer after": (
        maps(
            lambda model, name: (
                model.layers[min(place(model, name) + 1, len(model.layers) - 1)].output
            )
        ),
        "#layer-after",
    ),
    "the input of the layer": (
        maps(lambda model, name: model.get_layer(name).input),
        "#layer-before",
    ),
    "the whole model": (maps(lambda model, name: model.outputs), "#whole-model"),
    "the model itself": (lambda model, name: model, "#whole-model"),
    "the first layer": (maps(lambda model, name: model.layers[1].output), "feature_maps must"),
    "from the layer's input": (
        lambda model, name: (
            keras.Model(model.get_layer("corners_1").output, model.get_layer("row").output)
            if name == "corners_1"
            else maps()(model, name)
        ),
        "#same-input",
    ),
    "the layer's input and output": (
        maps(inputs=lambda model, name: model.get_layer(name).input),
        "#same-input",
    ),
    "copied weights": (copied, "#copied"),
    "new weights": (lambda model, name: copied(model, name, weights=False), "#new-weights"),
    "the model cut": (cut, "feature_maps must"),
    "layers taken off": (popped, "#cut-off"),
    "the layer itself left out": (without_the_layer, "#no-layers"),
    "by number, with the name": (
        lambda model, name: keras.Model(model.inputs, model.get_layer(index=name).output),
        "#get-layer",
    ),
    "a list with the name": (
        lambda model, name: keras.Model(model.inputs, model.layers[name].output),
        "#get-layer",
    ),
    "the last layer whose name begins so": (
        maps(
            lambda model, name: [
                layer.output for layer in model.layers if layer.name.startswith(name)
            ][-1]
        ),
        "#part-of-a-name",
    ),
    "the layer": (lambda model, name: model.get_layer(name), "#return-model"),
    "the output": (lambda model, name: model.get_layer(name).output, "#return-model"),
    "a function": (lambda model, name: maps()(model, name).predict, "#return-model"),
    "all outputs": (
        maps(lambda model, name: [layer.output for layer in model.layers]),
        "with one output",
    ),
    "the name in quotation marks": (
        lambda model, layer_name: keras.Model(model.inputs, model.get_layer("layer_name").output),
        "#quoted-argument",
    ),
    "the InputLayer called": (through_all, "#input-layer"),
    "called on the images": (
        lambda model, name: keras.Model(model.inputs, model.get_layer(name)(model.inputs[0])),
        "#layer-without-those-before",
    ),
    "the model's output": (
        lambda model, name: keras.Model(model.inputs, model.output),
        "#output-of-the-whole",
    ),
    "what it predicts": (predicting, "#model-without-images"),
    "the InputLayer behind another": (
        lambda model, name: keras.Sequential(
            [keras.Input((8, 8, 1)), *model.layers[: place(model, name) + 1]]
        ),
        "#input-layer",
    ),
    "the weights": (lambda model, name: model.get_layer(name).get_weights(), "#return-model"),
}

RIGHT_MAPS = {
    "functional": maps(),
    "a list of one output": maps(lambda model, name: [model.get_layer(name).output]),
    "a list of inputs": maps(inputs=lambda model, name: [model.inputs[0]]),
    "a Sequential of the same layers": truncated,
    "the layers called anew": first_layers,
    "by number": maps(lambda model, name: model.layers[place(model, name)].output),
    "by a loop": maps(
        lambda model, name: next(layer.output for layer in model.layers if layer.name == name)
    ),
    "a class": Maps,
    "a name": lambda model, name: keras.Model(
        model.inputs, model.get_layer(name).output, name="maps"
    ),
}


# augmented ----------------------------------------------------------------------------------------


def shifts(seed, low=-2, high=3):
    rng = tf.random.Generator.from_seed(seed)
    return lambda: tf.unstack(rng.uniform((2,), low, high, tf.int32))


def chosen_shifts(seed, steps):
    rng = tf.random.Generator.from_seed(seed)
    return lambda: tf.unstack(
        tf.gather(tf.constant(steps), rng.uniform((2,), 0, len(steps), tf.int32))
    )


def padded(image, down, across, mode="CONSTANT", most=2):
    image = tf.pad(image, [[most, most], [most, most], [0, 0]], mode)
    height, width = image.shape[0] - 2 * most, image.shape[1] - 2 * most
    return tf.image.crop_to_bounding_box(image, most - down, most - across, height, width)


def rolled(image, down, across):
    return tf.roll(image, [down, across], [0, 1])


def augmenting(
    *,
    move=padded,
    draw=shifts,
    shuffled=lambda data, n, seed: data.shuffle(n, seed=seed),
    batched=lambda data, size: data.batch(size),
    labelled=lambda label: label,
    after=lambda data: data,
    prepared=lambda images, labels: (images, labels),
):
    def answer(images, labels, batch_size, seed):
        drawn = draw(seed)

        def moved(image, label):
            return move(image, *drawn()), labelled(label)

        data = tf.data.Dataset.from_tensor_slices(prepared(images, labels))
        return after(batched(shuffled(data, len(images), seed).map(moved), batch_size))

    return answer


def mapped(move):
    """Moves each image by move(image, two drawn numbers)."""

    def answer(images, labels, batch_size, seed):
        rng = tf.random.Generator.from_seed(seed)

        def shifted(image, label):
            begin = rng.uniform((2,), 0, 5, tf.int32)
            return move(image, begin), label

        return tf.data.Dataset.from_tensor_slices((images, labels)).map(shifted).batch(batch_size)

    return answer


def one_shift_a_batch(images, labels, batch_size, seed):
    drawn = shifts(seed)
    return (
        tf.data.Dataset.from_tensor_slices((images, labels))
        .shuffle(len(images), seed=seed)
        .batch(batch_size)
        .map(lambda x, y: (move_batch(x, *drawn()), y))
    )


def move_batch(x, down, across):
    x = tf.pad(x, [[0, 0], [2, 2], [2, 2], [0, 0]])
    return x[:, 2 - down : 30 - down, 2 - across : 30 - across]


def moved_beforehand(images, labels, batch_size, seed):
    rng = np.random.default_rng(seed)
    copies = np.zeros_like(images)
    for copy, image in zip(copies, images, strict=True):
        down, across = rng.integers(-2, 3, 2)
        copy[:] = np.pad(image, ((2, 2), (2, 2), (0, 0)))[
            2 - down : 30 - down, 2 - across : 30 - across
        ]
    data = tf.data.Dataset.from_tensor_slices((copies, labels))
    return data.shuffle(len(images), seed=seed).batch(batch_size)


def shuffled_apart(images, labels, batch_size, seed):
    drawn = shifts(seed)
    of_images = tf.data.Dataset.from_tensor_slices(images).shuffle(len(images), seed=seed)
    of_labels = tf.data.Dataset.from_tensor_slices(labels).shuffle(len(labels), seed=seed + 1)
    data = tf.data.Dataset.zip((of_images.map(lambda x: padded(x, *drawn())), of_labels))
    return data.batch(batch_size)


def as_generator(images, labels, batch_size, seed):
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(images))
    for start in range(0, len(images), batch_size):
        part = order[start : start + batch_size]
        yield images[part], labels[part]


def from_generator(images, labels, batch_size, seed):
    """NumPy inside of a data set."""
    rng = np.random.default_rng(seed)

    def epoch():
        for place in rng.permutation(len(images)):
            down, across = rng.integers(-2, 3, 2)
            image = np.pad(images[place], ((2, 2), (2, 2), (0, 0)))
            yield image[2 - down : 30 - down, 2 - across : 30 - across], labels[place]

    signature = (
        tf.TensorSpec(images.shape[1:], images.dtype),
        tf.TensorSpec((), labels.dtype),
    )
    return tf.data.Dataset.from_generator(epoch, output_signature=signature).batch(batch_size)


def generator_inside(images, labels, batch_size, seed):
    def moved(image, label):
        rng = tf.random.Generator.from_seed(seed)
        return padded(image, *tf.unstack(rng.uniform((2,), -2, 3, tf.int32))), label

    return tf.data.Dataset.from_tensor_slices((images, labels)).map(moved).batch(batch_size)


def numpy_inside(images, labels, batch_size, seed):
    def moved(image, label):
        return padded(image, *np.random.default_rng(seed).integers(-2, 3, 2)), label

    data = tf.data.Dataset.from_tensor_slices((images, labels))
    return data.shuffle(len(images), seed=seed).map(moved).batch(batch_size)


def one_seed(images, labels, batch_size, seed):
    def moved(image, label):
        shift = tf.random.stateless_uniform((2,), (seed, 0), -2, 3, tf.int32)
        return padded(image, *tf.unstack(shift)), label

    data = tf.data.Dataset.from_tensor_slices((images, labels))
    return data.shuffle(len(images), seed=seed).map(moved).batch(batch_size)


def translation(fill="constant", interpolation="bilinear", most=2 / 28, kept=tf.cast):
    """Keras's layer: fractions of a pixel, and float32 whatever comes in."""

    def answer(images, labels, batch_size, seed):
        layer = layers.RandomTranslation(
            most, most, fill_mode=fill, interpolation=interpolation, seed=seed
        )
        data = tf.data.Dataset.from_tensor_slices((images, labels))
        data = data.shuffle(len(images), seed=seed).batch(batch_size)
        return data.map(lambda x, y: (kept(layer(x, training=True), images.dtype), y))

    return answer


def by_crop(images, labels, batch_size, seed):
    """Padded, and cropped at random, with a counter as the second half of the seed."""
    data = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images), seed=seed)
    rng = tf.random.Generator.from_seed(seed)

    def moved(image, label):
        image = tf.pad(image, [[2, 2], [2, 2], [0, 0]])
        seeds = rng.make_seeds(1)[:, 0]
        return tf.image.stateless_random_crop(image, (28, 28, 1), seeds), label

    return data.map(moved).batch(batch_size)


WRONG_AUGMENTED = {
    "without the last image": (
        lambda images, labels, batch_size, seed: by_crop(
            images[:-1] if len(images) > 1 else images,
            labels[: len(images) - 1 or 1],
            batch_size,
            seed,
        ),
        "in batches of batch_size",
    ),
    "rolled": (augmenting(move=rolled), "#wraps"),
    "edges repeated": (
        augmenting(move=lambda x, d, a: padded(x, d, a, "SYMMETRIC")),
        "#not-zeros",
    ),
    "mirrored": (augmenting(move=lambda x, d, a: padded(x, d, a, "REFLECT")), "#not-zeros"),
    "the edge itself repeated": (translation("nearest"), "#not-zeros"),
    "one shift for a batch, as if it were an image": (
        lambda images, labels, batch_size, seed: (
            tf.data.Dataset.from_tensor_slices((images, labels))
            .batch(batch_size)
            .map(lambda x, y: (padded(x, *shifts(seed)()), y))
        ),
        "#whole-batch",
    ),
    "one shift a batch": (one_shift_a_batch, "#one-shift"),
    "the same shifts every epoch": (moved_beforehand, "#same-shifts"),
    "cached": (augmenting(after=lambda data: data.cache()), "#same-shifts"),
    "a generator in the function": (generator_inside, "#made-inside"),
    "NumPy in the function": (numpy_inside, "#drawn-once"),
    "one seed again and again": (one_seed, "#drawn-once"),
    "labels apart": (shuffled_apart, "#labels-apart"),
    "not shuffled": (augmenting(shuffled=lambda data, n, seed: data), "#not-shuffled"),
    "a small buffer": (
        augmenting(shuffled=lambda data, n, seed: data.shuffle(5, seed=seed)),
        "#small-buffer",
    ),
    "batches shuffled": (
        augmenting(
            shuffled=lambda data, n, seed: data,
            batched=lambda data, size: data.batch(size).shuffle(100, seed=1),
        ),
        "#whole-batches",
    ),
    "the tail dropped": (
        augmenting(batched=lambda data, size: data.batch(size, drop_remainder=True)),
        "#tail-dropped",
    ),
    "repeated": (augmenting(after=lambda data: data.repeat()), "#repeated"),
    "copies added": (
        augmenting(batched=lambda data, size: data.concatenate(data).batch(size)),
        "#repeated",
    ),
    "a fixed size": (augmenting(batched=lambda data, size: data.batch(32)), "#other-size"),
    "a smaller piece": (
        augmenting(move=lambda x, d, a: padded(x, d, a)[1:]),
        "#too-small",
    ),
    "divided": (
        augmenting(move=lambda x, d, a: tf.cast(padded(x, d, a) / 255, x.dtype)),
        "#darker",
    ),
    "not batched": (augmenting(batched=lambda data, size: data), "#not-batched"),
    "a window that starts too early": (
        augmenting(move=lambda x, d, a: tf.pad(x, [[2, 2], [2, 2], [0, 0]])[d : d + 28, 0:28]),
        "#too-small",
    ),
    "floats": (
        augmenting(move=lambda x, d, a: tf.cast(padded(x, d, a), tf.float32)),
        "#fractions",
    ),
    "divided, as floats": (
        augmenting(move=lambda x, d, a: tf.cast(padded(x, d, a), tf.float32) / 255),
        "#darker",
    ),
    "padded with ones": (
        augmenting(move=lambda x, d, a: 1 - padded(1 - x, d, a)),
        "#other-number",
    ),
    "turned over": (
        augmenting(move=lambda x, d, a: tf.image.random_flip_left_right(padded(x, d, a))),
        "#mirrored",
    ),
    "upside down": (
        augmenting(move=lambda x, d, a: tf.image.random_flip_up_down(padded(x, d, a))),
        "#mirrored",
    ),
    "turned by a right angle": (
        augmenting(move=lambda x, d, a: tf.image.rot90(padded(x, d, a))),
        "#mirrored",
    ),
    "the channels padded": (
        augmenting(move=lambda x, d, a: tf.pad(padded(x, d, a), [[0, 0], [0, 0], [2, 2]])),
        "#channels-padded",
    ),
    "not cut out": (
        augmenting(move=lambda x, d, a: tf.pad(x, [[2, 2], [2, 2], [0, 0]])),
        "#not-cropped",
    ),
    "images and labels in a list": (
        augmenting(prepared=lambda images, labels: [images, labels]),
        "#pair-of-arrays",
    ),
    "fractions as shifts": (
        augmenting(
            move=lambda x, d, a: tf.slice(tf.pad(x, [[2, 2], [2, 2], [0, 0]]), [d, a, 0], x.shape),
            draw=lambda seed: lambda: tf.unstack(tf.random.uniform((2,), 0, 5)),
        ),
        "#whole-shifts",
    ),
    "without the channel": (
        augmenting(move=lambda x, d, a: padded(x, d, a)[:, :, 0]),
        "#shape-kept",
    ),
    "never 2": (augmenting(draw=lambda seed: shifts(seed, -2, 2)), "#upper-end"),
    "never -2": (augmenting(draw=lambda seed: shifts(seed, -1, 3)), "#upper-end"),
    "one-hot labels": (
        augmenting(after=lambda data: data.map(lambda x, y: (x, tf.one_hot(y, 10)))),
        "one number for each image",
    ),
    "up to 3": (
        augmenting(move=lambda x, d, a: padded(x, d, a, most=3), draw=lambda s: shifts(s, -3, 4)),
        "#too-far",
    ),
    "NumPy inside map": (
        augmenting(move=lambda x, d, a: np.roll(x.numpy(), (d, a), (0, 1))),
        "#no-numbers-yet",
    ),
    "a NumPy array inside map": (
        augmenting(move=lambda x, d, a: tf.constant(np.roll(np.asarray(x), (1, 1), (0, 1)))),
        "#no-numbers-yet",
    ),
    "two numbers taken apart": (
        mapped(lambda image, begin: image[next(iter(begin)) :]),
        "#tensor-in-parts",
    ),
    "two numbers for three axes": (
        mapped(lambda image, begin: tf.slice(image, begin, (28, 28))),
        "#slice-of-all-axes",
    ),
    "one number to pad with": (mapped(lambda image, _: tf.pad(image, 2)), "#pair-for-each-axis"),
    "pairs for two axes": (
        mapped(lambda image, _: tf.pad(image, [[2, 2], [2, 2]])),
        "#pair-for-each-axis",
    ),
    "even steps": (augmenting(draw=lambda seed: chosen_shifts(seed, [-2, 0, 2])), "#left-out"),
    "both ends alone": (augmenting(draw=lambda seed: chosen_shifts(seed, [-2, 2])), "#left-out"),
    "never left as it is": (
        augmenting(draw=lambda seed: chosen_shifts(seed, [-2, -1, 1, 2])),
        "#left-out",
    ),
    "fractions of a pixel": (translation(), "#fractions-of-a-pixel"),
    "fractions of a pixel, as floats": (
        translation(kept=lambda x, kind: x),
        "#fractions-of-a-pixel",
    ),
    "up to 1": (augmenting(draw=lambda seed: shifts(seed, -1, 2)), "augmented must"),
    "the same both ways": (
        augmenting(draw=lambda seed: lambda: [tf.random.uniform((), -2, 3, tf.int32)] * 2),
        "#two-draws",
    ),
    "down alone": (augmenting(move=lambda x, d, a: padded(x, d, 0)), "augmented must"),
    "not moved": (augmenting(move=lambda x, d, a: x), "#not-moved"),
    "the seed ignored": (
        augmenting(shuffled=lambda data, n, seed: data.shuffle(n)),
        "#seed",
    ),
    "another seed": (
        lambda images, labels, size, seed: augmenting()(images, labels, size, 7),
        "#fixed-seed",
    ),
    "a generator": (as_generator, "#return-data-set"),
    "arrays": (lambda images, labels, size, seed: (images, labels), "#return-data-set"),
    "images alone": (
        augmenting(after=lambda data: data.map(lambda x, y: x)),
        "#both",
    ),
}

RIGHT_AUGMENTED = {
    "padded and cropped": augmenting(),
    "NumPy inside": from_generator,
    "cropped at random": by_crop,
    "fetched ahead": augmenting(after=lambda data: data.prefetch(1)),
    "whole pixels by the layer": translation(interpolation="nearest"),
}


# frozen_base --------------------------------------------------------------------------------------


def transferred(
    *,
    output=lambda base: base.output,
    freeze=lambda base: setattr(base, "trainable", False),
    head=lambda num_classes: [layers.Dense(num_classes)],
    after=lambda new: new,
):
    def answer(base, num_classes):
        freeze(base)
        x = output(base)
        for layer in head(num_classes):
            x = layer(x)
        return after(keras.Model(base.inputs, x))

    return answer


def frozen(new):
    new.trainable = False
    return new


def cloned(weights):
    def answer(base, num_classes):
        copy = keras.models.clone_model(base)
        if weights:
            copy.set_weights(base.get_weights())
        return transferred()(copy, num_classes)

    return answer


def each_layer(chosen):
    def freeze(base):
        for layer in chosen(base.layers):
            layer.trainable = False

    return freeze


def stacked(base, num_classes):
    return keras.Sequential([frozen(base), layers.Dense(num_classes)])


def called(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    return keras.Model(inputs, layers.Dense(num_classes)(base(inputs, training=False)))


def trained_before(base, num_classes):
    base.set_weights([value + 0.1 for value in base.get_weights()])
    return transferred()(base, num_classes)


class Transfer(keras.Model):
    def __init__(self, base, num_classes):
        super().__init__()
        self.base = frozen(base)
        self.head = layers.Dense(num_classes)

    def call(self, x):
        return self.head(self.base(x, training=False))


def misspelt(base, num_classes):
    base.trainabel = False
    return keras.Model(base.inputs, layers.Dense(num_classes)(base.output))


def frozen_by_a_text(base, num_classes):
    base.trainable = "False"
    return keras.Model(base.inputs, layers.Dense(num_classes)(base.output))


def layers_on_the_input(base, num_classes):
    base.trainable = False
    for layer in base.layers[1:]:
        x = layer(base.inputs[0])
    return keras.Model(base.inputs, layers.Dense(num_classes)(x))


WRONG_FROZEN = {
    "each layer on the input": (layers_on_the_input, "#layer-of-model"),
    "a misspelt attribute": (misspelt, "#misspelt-attribute"),
    "a text for False": (frozen_by_a_text, "#truth-as-text"),
    "not frozen": (transferred(freeze=lambda base: None), "#not-frozen"),
    "all frozen": (transferred(after=frozen), "#all-frozen"),
    "the last layer frozen": (
        transferred(freeze=each_layer(lambda found: found[-1:])),
        "#partly-frozen",
    ),
    "all but batch normalisation frozen": (
        transferred(
            freeze=each_layer(
                lambda found: [x for x in found if not isinstance(x, layers.BatchNormalization)]
            )
        ),
        "must freeze the base",
    ),
    "the gradient stopped": (
        transferred(freeze=bool, output=lambda base: keras.ops.stop_gradient(base.output)),
        "#running-statistics",
    ),
    "softmax": (
        transferred(head=lambda num_classes: [layers.Dense(num_classes, "softmax")]),
        "#softmax-at-end",
    ),
    "a layer of softmax": (
        transferred(head=lambda num_classes: [layers.Dense(num_classes), layers.Softmax()]),
        "#softmax-at-end",
    ),
    "ReLU": (
        transferred(head=lambda num_classes: [layers.Dense(num_classes, "relu")]),
        "#activation-at-end",
    ),
    "a copy": (cloned(weights=True), "#copied"),
    "a clone that starts anew": (cloned(weights=False), "#new-weights"),
    "the base cut": (transferred(output=lambda base: base.layers[-2].output), "#base-cut"),
    "ten classes": (transferred(head=lambda num_classes: [layers.Dense(10)]), "#ten-classes"),
    "a class more": (
        transferred(head=lambda num_classes: [layers.Dense(num_classes + 1)]),
        "#number-of-logits",
    ),
    "a class less": (
        transferred(head=lambda num_classes: [layers.Dense(num_classes - 1)]),
        "#number-of-logits",
    ),
    "the head frozen instead": (
        transferred(
            freeze=lambda base: None,
            head=lambda num_classes: [layers.Dense(num_classes, trainable=False)],
        ),
        "#wrong-one-frozen",
    ),
    "a list emptied": (
        lambda base, num_classes: setattr(base, "trainable_variables", []),
        "#trainable-itself",
    ),
    "an old head below": (
        transferred(head=lambda num_classes: [layers.Dense(10), layers.Dense(num_classes)]),
        "#several-layers",
    ),
    "no bias": (
        transferred(head=lambda num_classes: [layers.Dense(num_classes, use_bias=False)]),
        "#no-biases",
    ),
    "on the images": (
        transferred(output=lambda base: layers.Flatten()(base.inputs[0])),
        "#base-unused",
    ),
    "no head": (transferred(head=lambda num_classes: []), "#no-head"),
    "the base": (lambda base, num_classes: base, "#no-head"),
    "the base changed": (trained_before, "leave what `base` computes"),
    "the head": (lambda base, num_classes: layers.Dense(num_classes), "#return-model"),
    "the output": (
        lambda base, num_classes: layers.Dense(num_classes)(base.output),
        "#return-model",
    ),
    "the head as a model": (
        lambda base, num_classes: keras.Sequential(
            [keras.Input(base.output_shape[1:]), layers.Dense(num_classes)]
        ),
        "#same-input",
    ),
}

RIGHT_FROZEN = {
    "functional": transferred(),
    "layer by layer": transferred(freeze=each_layer(lambda found: found)),
    "stacked": stacked,
    "flat": lambda base, num_classes: keras.Sequential(
        [*frozen(base).layers, layers.Dense(num_classes)]
    ),
    "called without training": called,
    "a class": Transfer,
    "frozen at the end": lambda base, num_classes: (
        setattr(model := transferred(freeze=bool)(base, num_classes), "trainable", True)
        or setattr(base, "trainable", False)
        or model
    ),
    "compiled": transferred(after=lambda new: new.compile("adam", "mse") or new),
    "dropout in the head": transferred(
        head=lambda num_classes: [layers.Flatten(), layers.Dropout(0.2), layers.Dense(num_classes)]
    ),
    "another start": transferred(
        head=lambda num_classes: [layers.Dense(num_classes, kernel_initializer="zeros")]
    ),
}


# save_and_load ------------------------------------------------------------------------------------


def loaded(*, save=lambda model, path: model.save(path), load=keras.models.load_model):
    def answer(model, path):
        save(model, path)
        return load(path)

    return answer


def weights_only(model, path):
    model.save_weights(path)
    return keras.models.load_model(path)


def weights_beside(model, path):
    model.save_weights(path.replace(".keras", ".weights.h5"))
    copy = keras.models.clone_model(model)
    copy.load_weights(path.replace(".keras", ".weights.h5"))
    return copy


def without_optimizer(path):
    return keras.models.load_model(path, compile=False)


def compiled_anew(model, path):
    model.save(path)
    found = keras.models.load_model(path, compile=False)
    found.compile(type(model.optimizer)(), cross_entropy(from_logits=True), metrics=["accuracy"])
    return found


def same_settings(model, path):
    model.save(path)
    found = without_optimizer(path)
    found.compile_from_config(model.get_compile_config())
    return found


def elsewhere(model, path):
    beside = path.replace(".keras", "_2.keras")
    model.save(beside)
    return keras.models.load_model(beside)


def copied_whole(model, path):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    copy.compile_from_config(model.get_compile_config())
    return copy


def trained_on(model, path):
    model.train_on_batch(np.ones((2, 3)), np.zeros(2))
    return loaded()(model, path)


def saved_untrained(model, path):
    copy = keras.models.clone_model(model)
    copy.compile_from_config(model.get_compile_config())
    copy.save(path)
    return keras.models.load_model(path)


def copied_beside(model, path):
    model.save(path)
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    copy.compile(model.optimizer, model.loss)
    return copy


def weights_assigned(model, path):
    model.save(path)
    loaded = model.load_weights(path)
    return loaded


def saved_and_given_back(model, path):
    new = model.save(path)  # None
    print(new)
    return new


WRONG_SAVED = {
    "what load_weights returns, by a name": (weights_assigned, "#no-return"),
    "what save returns, by a name": (saved_and_given_back, "#no-return"),
    "a copy with the same optimizer": (copied_beside, "#optimizer-of-model"),
    "under another path, in quotation marks": (
        lambda model, path: model.save("path"),
        "#quoted-argument",
    ),
    "without its optimizer": (loaded(load=without_optimizer), "#not-compiled"),
    "compiled anew": (compiled_anew, "#new-optimizer"),
    "loaded before it is saved": (
        lambda model, path: (keras.models.load_model(path), model.save(path))[0],
        "#not-saved-yet",
    ),
    "loaded by the model": (
        lambda model, path: model.save(path) or model.load_model(path),
        "#load-function",
    ),
    "compiled with the same settings": (same_settings, "#new-optimizer"),
    "weights only": (weights_only, "#weights-alone"),
    "weights beside": (weights_beside, "#weights-only"),
    "the given one": (lambda model, path: model.save(path) or model, "#not-loaded"),
    "saved alone": (lambda model, path: model.save(path), "#no-return"),
    "not saved": (lambda model, path: model, "#not-loaded"),
    "copied": (copied_whole, "#unused-argument"),
    "saved elsewhere": (elsewhere, "#no-file"),
    "loaded from what save returns": (
        lambda model, path: keras.models.load_model(model.save(path)),
        "#save-gives-none",
    ),
    "a clone": (
        lambda model, path: model.save(path) or keras.models.clone_model(model),
        "#new-weights",
    ),
    "frozen": (loaded(save=lambda model, path: frozen(model).save(path)), "#frozen"),
    "the path first": (
        loaded(save=lambda model, path: keras.models.save_model(path, model)),
        "#model-first",
    ),
    "saved by a function": (
        loaded(save=lambda model, path: keras.models.save(model, path)),
        "#save-method",
    ),
    "loaded by TensorFlow": (
        loaded(load=lambda path: tf.saved_model.load(path)),
        "#other-loader",
    ),
    "what load_weights returns": (
        lambda model, path: model.save(path) or model.load_weights(path),
        "#no-return",
    ),
    "the path": (lambda model, path: model.save(path) or "model.keras", "#return-model"),
    "trained a step more": (trained_on, "save_and_load must"),
    "saved before training": (saved_untrained, "save_and_load must"),
    "only its weights loaded": (
        lambda model, path: model.save(path) or model.load_weights(path) or model,
        "#not-loaded",
    ),
}

RIGHT_SAVED = {
    "save and load_model": loaded(),
    "keras.saving": loaded(
        save=lambda model, path: keras.saving.save_model(model, path), load=keras.saving.load_model
    ),
    "overwriting": loaded(save=lambda model, path: model.save(path, overwrite=True)),
    "not in safe mode": loaded(load=lambda path: keras.models.load_model(path, safe_mode=False)),
    "saved twice": loaded(save=lambda model, path: [model.save(path), model.save(path)]),
}

# overfit_one_batch --------------------------------------------------------------------------------


def overfitting(
    *,
    size=len,
    epochs=lambda steps: steps,
    part=lambda batch: batch,
    after=lambda history: history.history["loss"],
    **settings,
):
    def answer(model, images, labels, steps):
        images, labels = part(images), part(labels)
        return after(
            model.fit(
                images,
                labels,
                batch_size=size(labels),
                epochs=epochs(steps),
                verbose=0,
                **settings,
            )
        )

    return answer


def on_one_batch(
    *,
    train=lambda model, *batch: model.train_on_batch(*batch, return_dict=True)["loss"],
    chosen=lambda step, steps: slice(None),
    after=lambda losses: losses,
):
    def answer(model, images, labels, steps):
        found = []
        for step in range(steps):
            place = chosen(step, steps)
            found.append(train(model, images[place], labels[place]))
        return after(found)

    return answer


def by_tape(model, images, labels):
    with tf.GradientTape() as tape:
        value = model.compute_loss(y=labels, y_pred=model(images, training=True))
    slopes = tape.gradient(value, model.trainable_variables)
    model.optimizer.apply(slopes, model.trainable_variables)
    return value


def trained_then_measured(model, images, labels):
    model.train_on_batch(images, labels)
    return model.test_on_batch(images, labels, return_dict=True)["loss"]


def by_tape_as_after_training(model, images, labels):
    with tf.GradientTape() as tape:
        value = model.compute_loss(y=labels, y_pred=model(images, training=False))
    slopes = tape.gradient(value, model.trainable_variables)
    model.optimizer.apply(slopes, model.trainable_variables)
    return value


def by_tape_without_penalties(model, images, labels):
    with tf.GradientTape() as tape:
        value = model.loss(labels, model(images, training=True))
    slopes = tape.gradient(value, model.trainable_variables)
    model.optimizer.apply(slopes, model.trainable_variables)
    return value


def stopped_early(model, images, labels, steps):
    losses = []
    for _step in range(steps):
        losses.append(model.train_on_batch(images, labels, return_dict=True)["loss"])
        if len(losses) == steps - 1:
            break
    return losses


def of_a_new_model(model, images, labels, steps):
    copy = keras.models.clone_model(model)
    copy.compile("sgd", cross_entropy(from_logits=True))
    return overfitting()(copy, images, labels, steps)


def of_a_copy(model, images, labels, steps):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    copy.compile_from_config(model.get_compile_config())
    return overfitting()(copy, images, labels, steps)


def of_a_copy_compiled_anew(model, images, labels, steps):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    copy.compile(keras.optimizers.SGD(0.2), cross_entropy(from_logits=True))
    return overfitting()(copy, images, labels, steps)


def remembering(model, images, labels, steps, losses=[]):  # noqa: B006
    losses += on_one_batch()(model, images, labels, steps)
    return list(losses)


def with_another_optimizer(model, images, labels, steps):
    model.compile("adam", cross_entropy(from_logits=True))
    return overfitting()(model, images, labels, steps)


def by_an_optimizer_of_its_own(model, images, labels, steps):
    optimizer, loss, losses = keras.optimizers.SGD(0.2), cross_entropy(from_logits=True), []
    for _step in range(steps):
        with tf.GradientTape() as tape:
            losses.append(loss(labels, model(images, training=True)))
        optimizer.apply(
            tape.gradient(losses[-1], model.trainable_variables), model.trainable_variables
        )
    return losses


def by_its_copy(model, images, labels, steps):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    copy.compile(model.optimizer, model.loss)
    return overfitting()(copy, images, labels, steps)


def measured_first(model, images, labels, steps):
    first = model.evaluate(images, labels, verbose=0, return_dict=True)["loss"]
    return [first, *overfitting()(model, images, labels, steps)]


def measured_at_the_end(model, images, labels, steps):
    losses = overfitting()(model, images, labels, steps)
    return [*losses, model.evaluate(images, labels, verbose=0, return_dict=True)["loss"]]


def with_another_rate(model, images, labels, steps):
    model.optimizer.learning_rate = 0.2
    return overfitting()(model, images, labels, steps)


WRONG_OVERFIT = {
    "a list for each step": (
        lambda model, images, labels, steps: [
            overfitting()(model, images, labels, 1) for _step in range(steps)
        ],
        "#list-each",
    ),
    "as after training": (on_one_batch(train=by_tape_as_after_training), "#as-in-training"),
    "without the penalties": (on_one_batch(train=by_tape_without_penalties), "#as-in-training"),
    "usual batches": (overfitting(size=lambda labels: None), "#usual-batches"),
    "batches of 32": (overfitting(size=lambda labels: 32), "#usual-batches"),
    "one by one": (overfitting(size=lambda labels: 1, shuffle=False), "#one-example-a-step"),
    "an example a step": (
        on_one_batch(chosen=lambda step, steps: slice(step, step + 1)),
        "#one-example-a-step",
    ),
    "another part each step": (
        on_one_batch(chosen=lambda step, steps: slice(step, None, steps)),
        "#another-batch",
    ),
    "ten digits": (overfitting(part=lambda batch: batch[:10]), "#part-of-the-batch"),
    "32 digits": (overfitting(part=lambda batch: batch[:32]), "#part-of-the-batch"),
    "a hundred digits": (overfitting(part=lambda batch: batch[:100]), "#part-of-the-batch"),
    "all but the last digit": (overfitting(part=lambda batch: batch[:-1]), "on the whole batch"),
    "validation split off": (overfitting(validation_split=0.2), "#part-of-the-batch"),
    "evaluated": (
        on_one_batch(
            train=lambda model, *batch: model.evaluate(*batch, verbose=0, return_dict=True)["loss"]
        ),
        "#not-trained",
    ),
    "a step less": (overfitting(epochs=lambda steps: steps - 1), "#one-step-less"),
    "a break": (stopped_early, "#one-step-less"),
    "the accuracies": (
        overfitting(after=lambda history: history.history["accuracy"]),
        "#no-such-curve",
    ),
    "a step more": (overfitting(epochs=lambda steps: steps + 1), "#one-step-more"),
    "one epoch": (overfitting(epochs=lambda steps: 1), "#one-step"),
    "a hundred": (overfitting(epochs=lambda steps: 100), "#fixed-steps"),
    "batches of 64": (overfitting(size=lambda labels: 64), "#batches-of-a-size"),
    "a new model": (of_a_new_model, "#another-model"),
    "a copy": (of_a_copy, "#another-model"),
    "a copy with another optimizer": (of_a_copy_compiled_anew, "#another-model"),
    "the images scaled": (
        lambda model, images, *given: overfitting()(model, images / 255, *given),
        "#other-images",
    ),
    "the mean so far": (
        on_one_batch(after=lambda losses: np.cumsum(losses) / np.arange(1, len(losses) + 1)),
        "#running-mean",
    ),
    "the losses of all calls": (remembering, "#kept-losses"),
    "all steps in one epoch": (in_one_epoch, "#one-epoch"),
    "measured first": (measured_first, "#one-loss-more"),
    "measured at the end": (measured_at_the_end, "#one-loss-more"),
    "measured before each step": (
        on_one_batch(
            train=lambda model, *batch: (
                model.test_on_batch(*batch, return_dict=True)["loss"],
                model.train_on_batch(*batch),
            )[0]
        ),
        "#measured-apart",
    ),
    "all steps in each round": (
        lambda model, images, labels, steps: [
            overfitting()(model, images, labels, steps)[0] for _step in range(steps)
        ],
        "#steps-times-steps",
    ),
    "the size of a batch from the steps": (
        lambda model, images, labels, steps: overfitting(
            size=lambda labels: steps, epochs=lambda steps: 1
        )(model, images, labels, steps),
        "#steps-as-size",
    ),
    "steps of one epoch": (
        lambda model, images, labels, steps: overfitting(
            size=lambda labels: len(labels) // steps + 1, epochs=lambda steps: 1
        )(model, images, labels, steps),
        "#batch-shared-out",
    ),
    "a share of the batch in each step": (
        lambda model, images, labels, steps: overfitting(
            size=lambda labels: -(-len(labels) // steps)
        )(model, images, labels, steps),
        "#batch-shared-out",
    ),
    "another optimizer": (with_another_optimizer, "#compiled-anew"),
    "another rate": (with_another_rate, "a learning rate of 0.2#compiled-anew"),
    "an optimizer of its own": (by_an_optimizer_of_its_own, "#own-optimizer"),
    "the optimizer of another model": (by_its_copy, "#optimizer-of-another"),
    "the losses afterwards": (on_one_batch(train=trained_then_measured), "#loss-afterwards"),
    "the last loss": (on_one_batch(after=lambda losses: losses[-1]), "#one-loss"),
    "the last loss in a list": (
        on_one_batch(after=lambda losses: losses[-1:]),
        "the loss of each step",
    ),
    "reversed": (on_one_batch(after=lambda losses: losses[::-1]), "#order-reversed"),
    "metrics too": (
        on_one_batch(train=lambda model, *batch: model.train_on_batch(*batch)),
        "#with-metrics",
    ),
    "dicts": (
        on_one_batch(train=lambda model, *batch: model.train_on_batch(*batch, return_dict=True)),
        "#dicts",
    ),
    "the History": (overfitting(after=lambda history: history), "#history"),
    "its dict": (overfitting(after=lambda history: history.history), "#history"),
    "no return": (lambda *given: overfitting()(*given) and None, "#no-return"),
}

RIGHT_OVERFIT = {
    "fit": overfitting(),
    "train_on_batch": on_one_batch(),
    "a tape": on_one_batch(train=by_tape),
    "a large batch size": overfitting(size=lambda labels: 10_000),
    "steps of one epoch": overfitting(steps_per_epoch=1),
    "an array": on_one_batch(after=np.array),
    "fit again and again": on_one_batch(
        train=lambda model, *batch: overfitting()(model, *batch, 1)[0]
    ),
}

WRONG = types.MappingProxyType(
    {
        "assign_step": WRONG_ASSIGN,
        "tape_gradients": WRONG_TAPE,
        "loss_for": WRONG_LOSS_FOR,
        "compile_model": WRONG_COMPILE,
        "fit_model": WRONG_FIT,
        "train_step": WRONG_STEP,
        "input_gradients": WRONG_PIXELS,
        "build_regularised": WRONG_REGULARISED,
        "fit_with_early_stopping": WRONG_STOPPING,
        "compile_detector": WRONG_DETECTOR,
        "feature_maps": WRONG_MAPS,
        "augmented": WRONG_AUGMENTED,
        "frozen_base": WRONG_FROZEN,
        "save_and_load": WRONG_SAVED,
        "overfit_one_batch": WRONG_OVERFIT,
    }
)

RIGHT = types.MappingProxyType(
    {
        "assign_step": RIGHT_ASSIGN,
        "tape_gradients": RIGHT_TAPE,
        "loss_for": RIGHT_LOSS_FOR,
        "compile_model": RIGHT_COMPILE,
        "fit_model": RIGHT_FIT,
        "train_step": RIGHT_STEP,
        "input_gradients": RIGHT_PIXELS,
        "build_regularised": RIGHT_REGULARISED,
        "fit_with_early_stopping": RIGHT_STOPPING,
        "compile_detector": RIGHT_DETECTOR,
        "feature_maps": RIGHT_MAPS,
        "augmented": RIGHT_AUGMENTED,
        "frozen_base": RIGHT_FROZEN,
        "save_and_load": RIGHT_SAVED,
        "overfit_one_batch": RIGHT_OVERFIT,
    }
)
