"""The check of train: a step for each mini-batch, in a new order in each epoch."""

import itertools

import numpy as np
import scipy.special

from course.check.engine import values
from course.check.engine.comparison import Case, Comparison
from course.check.engine.hints import hint
from course.check.engine.properties import generator_state, kept_neighbours, listed
from course.check.references import lesson_02_gradient_descent as reference
from course.messages import _

# Cases in which the order does not matter: the result is known exactly -------------------------


def _cases(rng):
    """All examples in one batch, or examples that are equal; then steps not to be left out."""
    demand = _("train must take one step of gradient descent for each mini-batch, from W and b on.")
    for n, d, k, batch_size, epochs in ((1, 2, 3, 1, 1), (3, 3, 3, 3, 2), (7, 5, 4, 12, 3)):
        X, T = rng.normal(size=(n, d)), np.eye(k)[rng.integers(0, k, n)]
        start = rng.normal(size=(d, k)), rng.normal(size=k)
        yield Case(_given(X, T, *start, 0.5, batch_size, epochs), demand)
    for n, batch_size, epochs in (
        (7, 3, 2),
        (6, 2, 3),
        (5, 1, 1),
        (8, 3, 4),
        (130, 40, 1),
        (150, 60, 2),
    ):
        X, T = np.tile(rng.uniform(0.3, 1, 2), (n, 1)), np.tile(np.eye(3)[1], (n, 1))
        start = rng.normal(size=(2, 3)), rng.normal(size=3)
        steps = -(-n // batch_size)
        text = _(
            "train must take {count} equal steps here: {epochs} epochs of {steps} mini-batches."
        ).format(count=steps * epochs, epochs=epochs, steps=steps)
        yield Case(_given(X, T, *start, 0.25, batch_size, epochs), text)
    demand = _("train must take every step as it is, and return where the last one leads.")
    for X, labels, weight, epochs in (  # a long step, and last ones that go uphill
        ([[40], [24]], [0, 0], 0, 1),
        ([[30], [60]], [0, 0], 0, 1),
        ([[3], [2]], [0, 1], 2, 3),
        ([[4], [3]], [0, 1], 2, 3),
    ):
        start = np.array([[weight, -weight]]), np.zeros(2)
        yield Case(_given(np.array(X), np.eye(2)[labels], *start, 1.0, 2, epochs), demand, stage=1)


def _given(X, T, W, b, learning_rate, batch_size, epochs):
    arrays = {"X": X, "T": T, "W": W, "b": b}
    return {name: np.round(value, 1).astype(np.float32) for name, value in arrays.items()} | {
        "learning_rate": learning_rate,
        "batch_size": batch_size,
        "epochs": epochs,
        "rng": np.random.default_rng(3),
    }


# Mistakes ---------------------------------------------------------------------------------------


def _loop(
    *,
    batches=reference.minibatches,
    slopes=reference.softmax_gradients,
    rate=lambda rate, n, size, number: rate,
    epochs=lambda epochs: epochs,
    start=lambda W, b: (W, b),
    result=lambda path: path[-1],
):
    """An answer to train with other parts: `rate` of (rate, examples, batch, step) is a step's."""

    def train(X, T, W, b, learning_rate, batch_size, count, rng):
        W, b = start(W, b)
        path = [(W, b)]
        number = itertools.count()
        for _epoch in range(epochs(count)):
            for X_part, T_part in batches(X, T, batch_size, rng):
                dW, db = slopes(X_part, T_part, W, b)
                step = rate(learning_rate, len(X), len(X_part), next(number))
                W, b = W - step * dW, b - step * db
                path.append((W, b))
        return result(path)

    return train


def _of_settings(make):
    """An answer to train that depends on batch_size and epochs: make(n, batch_size, epochs)."""
    return lambda X, T, W, b, rate, batch_size, epochs, rng: make(len(X), batch_size, epochs)(
        X, T, W, b, rate, batch_size, epochs, rng
    )


def _decaying_by_epoch(share_of):
    return _of_settings(
        lambda n, batch_size, epochs: _loop(
            rate=lambda rate, n, size, number: rate * share_of(number // -(-n // batch_size))
        )
    )


def _full_batches(X, y, batch_size, rng):
    return [(X[:batch_size], y[:batch_size])] * (len(X) // batch_size)


def _one_by_one(X, y, batch_size, rng):
    return reference.minibatches(X, y, 1, rng)


def _of_size(fixed):
    return lambda X, y, batch_size, rng: reference.minibatches(X, y, fixed, rng)


def _all_at_once(X, y, batch_size, rng):
    return [(X, y)]


def _but_the_last(X, y, batch_size, rng):
    return list(reference.minibatches(X, y, batch_size, rng))[:-1]


def _momentum(kept, kept_at_end=1.0):
    """Steps along what is kept of earlier gradients, too; less after the end of an epoch."""

    def train(X, T, W, b, learning_rate, batch_size, epochs, rng):
        speed_W, speed_b = 0 * W, 0 * b
        for _epoch in range(epochs):
            speed_W, speed_b = kept_at_end * speed_W, kept_at_end * speed_b
            for X_part, T_part in reference.minibatches(X, T, batch_size, rng):
                dW, db = reference.softmax_gradients(X_part, T_part, W, b)
                speed_W, speed_b = kept * speed_W + dW, kept * speed_b + db
                W, b = W - learning_rate * speed_W, b - learning_rate * speed_b
        return W, b

    return train


def _bias_later(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _epoch in range(epochs):
        for X_part, T_part in reference.minibatches(X, T, batch_size, rng):
            W = W - learning_rate * reference.softmax_gradients(X_part, T_part, W, b)[0]
            b = b - learning_rate * reference.softmax_gradients(X_part, T_part, W, b)[1]
    return W, b


def _stale(each):
    """Gradients taken at the start of each epoch, or at the very start."""

    def train(X, T, W, b, learning_rate, batch_size, epochs, rng):
        old = W, b
        for _epoch in range(epochs):
            old = (W, b) if each == "epoch" else old
            for X_part, T_part in reference.minibatches(X, T, batch_size, rng):
                dW, db = reference.softmax_gradients(X_part, T_part, *old)
                W, b = W - learning_rate * dW, b - learning_rate * db
        return W, b

    return train


def _shadowed(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _epoch in range(epochs):
        for part in list(reference.minibatches(X, T, batch_size, rng)):
            X, T = part
            dW, db = reference.softmax_gradients(X, T, W, b)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


def _best(X, T, W, b, *settings):
    def loss(point):
        return reference.cross_entropy(_probabilities(X, *point), T)

    path = _loop(result=lambda path: path)(X, T, W, b, *settings)
    return min(path[1:], key=loss)


def _probabilities(X, W, b):
    return scipy.special.softmax(X @ W + b, axis=1)


def _with_error(error_of):
    def slopes(X, T, W, b):
        error = error_of(_probabilities(X, W, b), T) / len(X)
        return X.T @ error, error.sum(axis=0)

    return _loop(slopes=slopes)


def _clipped(most):
    def slopes(X, T, W, b):
        dW, db = reference.softmax_gradients(X, T, W, b)
        factor = min(1, most / np.sqrt(np.sum(dW**2) + np.sum(db**2) + 1e-12))
        return factor * dW, factor * db

    return _loop(slopes=slopes)


def _times(of_W, of_b):
    """An answer that multiplies both gradients by functions of the learning rate."""

    def train(X, T, W, b, rate, *settings):
        def slopes(*given):
            dW, db = reference.softmax_gradients(*given)
            return dW * of_W(rate), db * of_b(rate)

        return _loop(slopes=slopes)(X, T, W, b, rate, *settings)

    return train


def _decayed(of_W, of_b):
    def slopes(X, T, W, b):
        dW, db = reference.softmax_gradients(X, T, W, b)
        return dW + of_W * W, db + of_b * b

    return _loop(slopes=slopes)


def _with_slopes(change, *given):
    return change(*reference.softmax_gradients(*given))


def _each_twice(*given):
    return [part for part in reference.minibatches(*given) for _time in range(2)]


def _of_labels(X, T, batch_size, rng):
    return reference.minibatches(X, T.argmax(axis=1), batch_size, rng)


_MISTAKES = {
    hint(
        "not-moved",
        _("W and b have not moved: keep the new ones that each step gives, and return them."),
    ): (lambda X, T, W, b, *settings: (W, b)),
    hint("two-steps", _("each mini-batch makes one step here, not two.")): (
        _loop(batches=_each_twice)
    ),
    hint("exchanged-settings", _("epochs and batch_size are exchanged: what is each for?")): (
        lambda X, T, W, b, rate, batch_size, epochs, rng: _loop()(
            X, T, W, b, rate, epochs, batch_size, rng
        )
    ),
    hint("shrunk", _("step by learning_rate · gradient alone, without a decay of the weights.")): [
        wrong
        for decay in (0.1, 0.01, 0.001, 0.0001)
        for wrong in (_decayed(decay, decay), _decayed(decay, 0))
    ],
    hint("labels", _("softmax_gradients takes the one-hot targets, T, not their argmax.")): (
        _loop(batches=_of_labels)
    ),
    hint(
        "b-not-moved", _("b has not moved: it has a gradient of its own, db; keep the new b, too.")
    ): (_times(lambda rate: 1, lambda rate: 0)),
    hint(
        "W-not-moved", _("W has not moved: it has a gradient of its own, dW; keep the new W, too.")
    ): (_times(lambda rate: 0, lambda rate: 1)),
    hint("uphill", _("this goes uphill: subtract the gradients, that of W and that of b.")): [
        _times(lambda rate: -1, lambda rate: -1),
        _times(lambda rate: -1, lambda rate: 1),
        _times(lambda rate: 1, lambda rate: -1),
    ],
    hint("from-zero", _("start from the W and b that you are given, not from zeros.")): [
        _loop(start=lambda W, b: (0 * W, 0 * b)),
        _loop(start=lambda W, b: (0 * W, 0 * b), epochs=lambda epochs: 1),
    ],
    hint(
        "one-step",
        _(
            "only one step is left of them all. Is `return` inside the inner loop? Does each step "
            "start from the W and b of the step before?"
        ),
    ): _loop(result=lambda path: path[1]),
    hint("exchanged-gradients", _("softmax_gradients gives dW first, then db.")): (
        _loop(slopes=lambda *given: reference.softmax_gradients(*given)[::-1])
    ),
    hint("gradient-of-the-other", _("W is moved by dW, and b by db: each by its own gradient.")): [
        _loop(slopes=lambda *given: _with_slopes(lambda dW, db: (dW, dW.sum(axis=0)), *given)),
        _loop(slopes=lambda *given: _with_slopes(lambda dW, db: (0 * dW + db, db), *given)),
    ],
    hint("exchanged-parts", _("W comes first, then b.")): (
        _loop(result=lambda path: path[-1][::-1])
    ),
    hint("epochs-fixed", _("epochs is an argument: do not use a fixed number.")): [
        _loop(epochs=lambda epochs, fixed=fixed: fixed) for fixed in (2, 5, 10, 20)
    ],
    hint("batch-size-fixed", _("batch_size is an argument: do not use a fixed number.")): [
        _loop(batches=_of_size(fixed)) for fixed in (10, 32, 64, 100, 128)
    ],
    hint(
        "one-epoch",
        _(
            "only one epoch is left of them all: does the next one go on from the new W and b, and "
            "does `return` come after the last?"
        ),
    ): _loop(epochs=lambda epochs: 1),
    hint(
        "names-taken",
        _(
            "from the second epoch on, only the last mini-batch is left: give its parts names of "
            "their own, not X and T, which hold all examples."
        ),
    ): _shadowed,
    hint(
        "one-epoch-more", _("there is one epoch too many: range(epochs) has exactly that many.")
    ): _loop(epochs=lambda epochs: epochs + 1),
    hint("one-epoch-less", _("the last epoch is missing: range(epochs) has them all.")): (
        _loop(epochs=lambda epochs: epochs - 1)
    ),
    hint("step-per-epoch", _("one step for each mini-batch, not one for each epoch.")): [
        _loop(batches=_all_at_once),
        _loop(batches=lambda *given: list(reference.minibatches(*given))[-1:]),
    ],
    hint(
        "step-per-example",
        _("batch_size is not used: each example makes a step by itself."),
    ): _loop(batches=_one_by_one),
    hint(
        "last-batch-dropped",
        _("the last, smaller mini-batch is missing: it makes a step, too."),
    ): [
        _loop(batches=_full_batches),
        _loop(batches=lambda *given: _full_batches(*given) or reference.minibatches(*given)),
    ],
    hint("one-batch-less", _("a mini-batch of each epoch is missing, the first or the last.")): (
        _loop(batches=_but_the_last)
    ),
    hint("divided-twice", _("softmax_gradients takes the mean already: do not divide again.")): (
        _loop(rate=lambda rate, n, size, number: rate / size)
    ),
    hint(
        "divided-by-n",
        _("softmax_gradients takes the mean already: do not divide by the number of examples."),
    ): _loop(rate=lambda rate, n, size, number: rate / n),
    hint(
        "divided-by-batch-size",
        _("softmax_gradients takes the mean already: do not divide by batch_size."),
    ): _of_settings(
        lambda n, batch_size, epochs: _loop(rate=lambda rate, n, size, number: rate / batch_size)
    ),
    hint("sum", _("the gradient is a sum over the batch; take the mean.")): (
        _loop(rate=lambda rate, n, size, number: rate * size)
    ),
    hint("times-batch-size", _("do not multiply by batch_size: the mean serves as it is.")): (
        _of_settings(
            lambda n, batch_size, epochs: _loop(
                rate=lambda rate, n, size, number: rate * batch_size
            )
        )
    ),
    hint("by-all-examples", _("this is divided by n, the number of all examples.")): (
        _loop(rate=lambda rate, n, size, number: rate * size / n)
    ),
    hint(
        "by-batch-size",
        _("the mean is over the examples of the batch: the last batch may be smaller."),
    ): _of_settings(
        lambda n, batch_size, epochs: _loop(
            rate=lambda rate, n, size, number: rate * size / batch_size
        )
    ),
    hint(
        "rate-per-step",
        _("the learning rate is divided by the number of steps; leave it as it is."),
    ): [
        _of_settings(
            lambda n, batch_size, epochs: _loop(
                rate=lambda rate, n, size, number: rate / -(-n // batch_size)
            )
        ),
        _of_settings(
            lambda n, batch_size, epochs: _loop(
                rate=lambda rate, n, size, number: rate / (-(-n // batch_size) * epochs)
            )
        ),
    ],
    hint("rate-per-epoch", _("the learning rate is divided by epochs; leave it as it is.")): (
        _of_settings(
            lambda n, batch_size, epochs: _loop(rate=lambda rate, n, size, number: rate / epochs)
        )
    ),
    hint("no-rate", _("multiply the gradients by learning_rate, that of W and that of b.")): [
        _times(lambda rate: 1 / rate, lambda rate: 1 / rate),
        _times(lambda rate: 1 / rate, lambda rate: 1),
        _times(lambda rate: 1, lambda rate: 1 / rate),
    ],
    hint("rate-fixed", _("the rate is an argument: use learning_rate, not a fixed number.")): [
        _loop(rate=lambda rate, n, size, number, fixed=fixed: fixed)
        for fixed in (0.5, 0.1, 0.05, 0.01, 0.005, 0.003, 0.001)
    ],
    hint("rate-decays", _("the learning rate stays the same: leave out its decay.")): [
        _loop(rate=lambda rate, n, size, number: rate / (1 + number)),
        *[
            _loop(rate=lambda rate, n, size, number, kept=kept: rate * kept**number)
            for kept in (0.5, 0.9, 0.95, 0.99)
        ],
        *[
            _decaying_by_epoch(lambda epoch, kept=kept: kept**epoch)
            for kept in (0.5, 0.9, 0.95, 0.99)
        ],
        _decaying_by_epoch(lambda epoch: 1 / (1 + epoch)),
    ],
    hint(
        "momentum",
        _(
            "each step follows the gradient of its own batch alone: leave out momentum, and sums "
            "of earlier gradients."
        ),
    ): [_momentum(0.9), _momentum(0.5), _momentum(1.0), _momentum(1.0, kept_at_end=0.0)],
    hint(
        "b-later",
        _("both gradients are taken at the same place: compute dW and db before you move W."),
    ): _bias_later,
    hint(
        "stale-gradients",
        _("step after each mini-batch, and compute the next gradients with the new W and b."),
    ): [
        _stale("epoch"),
        _stale("run"),
    ],
    hint("averaged", _("return the W and b after the last step, not a mean over the steps.")): [
        _loop(
            result=lambda path: tuple(np.mean(part, axis=0) for part in zip(*path[1:], strict=True))
        ),
        _loop(result=lambda path: tuple(np.mean(part, axis=0) for part in zip(*path, strict=True))),
    ],
    hint(
        "winner-only", _("compare the probabilities with the targets: Y, not the winner alone.")
    ): (_with_error(lambda Y, T: np.eye(Y.shape[1])[Y.argmax(axis=1)] - T)),
    hint("softmax-twice", _("Y - T is already the slope with respect to the logits.")): (
        _with_error(lambda Y, T: Y * (1 - Y) * (Y - T))
    ),
    hint(
        "squared-distance",
        _("this is the gradient of a squared distance; you need that of the cross-entropy."),
    ): [
        _with_error(lambda Y, T: 2 * Y * ((Y - T) - np.sum((Y - T) * Y, axis=1, keepdims=True))),
        _with_error(lambda Y, T: Y * ((Y - T) - np.sum((Y - T) * Y, axis=1, keepdims=True))),
    ],
    hint(
        "best-kept",
        _("take every step, even if the loss rises, and return the last W and b, not the best."),
    ): _best,
    hint("clipped", _("take the whole gradient: do not shorten it.")): [
        _clipped(most) for most in (0.5, 1, 2, 5, 10, 20)
    ],
}


# The order of the examples ----------------------------------------------------------------------


def _check_order_of_examples(attempt, seed, n=20):
    """Find out when each example had its turn.

    Each example has an input of its own, so that its weights move in its own step alone. All belong
    to class 0, whose bias grows from step to step: the later an example comes, the less is left to
    learn, and the less its weights move.
    """
    X, W = np.eye(n, dtype=np.float32), np.zeros((n, 2), np.float32)
    T, b = np.tile(np.float32([1, 0]), (n, 1)), np.zeros(2, np.float32)
    orders, results = [], []
    for draw, epochs in ((1, 1), (2, 1), (1, 2)):
        rng = np.random.default_rng([30, seed, draw])
        before = generator_state(rng)
        settings = {"learning_rate": 1.0, "batch_size": 1, "epochs": epochs}
        result = attempt.call(X=X, T=T, W=W, b=b, **settings, rng=rng)
        got_W, _got_b = result.parts("W", "b")
        moved = got_W.array(W.shape, _("the trained weights")).astype(np.float64)[:, 0]
        unused = generator_state(result.afterwards["rng"]) == before
        results.append((result, moved))
        if epochs == 2:
            break
        if np.ptp(moved) < 1e-6 and moved.any():
            result.fail(
                _("train must compute each step from the examples of its mini-batch alone."),
                got=_("the same step for all examples"),
                hint=hint(
                    "all-examples",
                    _(
                        "compute the gradient from the mini-batch, its part of X and T, not from "
                        "all examples."
                    ),
                ),
            )
        order = np.argsort(-moved, kind="stable")
        if not np.allclose(moved, _moves(X, T, W, b, order), rtol=1e-3, atol=1e-5):
            left_out = np.flatnonzero(moved == 0)
            result.fail(
                _("train must use every example exactly once in each epoch."),
                got=(
                    _("examples {list} were never used").format(list=listed(left_out.tolist()))
                    if left_out.size
                    else None
                ),
                hint=hint(
                    "pass-through-batches",
                    _("one epoch is one pass through minibatches(X, T, batch_size, rng)."),
                ),
            )
        orders.append(order)
    result = results[0][0]
    if all((order == np.arange(n)).all() for order in orders):
        result.fail(
            _("train must shuffle the examples in each epoch."),
            got=_("the examples in the order in which they were given"),
            hint=hint(
                "not-shuffled",
                _("sorted digits teach one class after the other; minibatches shuffles them."),
            ),
        )
    if (orders[0] == orders[1]).all() or unused:
        result.fail(
            _("train must shuffle with the rng that it is given."),
            got=_("an order that does not depend on rng"),
            hint=hint(
                "own-generator", _("pass rng on to minibatches; do not make a new generator.")
            ),
        )
    if any(kept_neighbours(order, np.arange(n)) > n // 2 for order in orders):
        result.fail(
            _("train must shuffle all examples in each epoch."),
            got=_("an order in which many neighbours are still together"),
            hint=hint(
                "batches-only", _("first shuffle all n indices, then cut them into batches.")
            ),
        )
    _check_second_epoch(*results[2], orders[0], lambda order: _moves(X, T, W, b, order))


def _check_second_epoch(result, moved, first, moves):
    """Check how far two epochs moved each example; the order of the first is known.

    `moves` of an order is how far it moves each of them.
    """
    if np.allclose(moved, moves([*first, *first]), rtol=1e-4, atol=1e-6):
        result.fail(
            _("train must shuffle the examples again in each epoch."),
            got=_("the same order in both epochs"),
            hint=hint(
                "same-order",
                _("call minibatches inside the loop over the epochs, with the same rng."),
            ),
        )
    if np.allclose(moved, moves([*first, *range(len(first))]), rtol=1e-4, atol=1e-6):
        result.fail(
            _("train must shuffle the examples again in each epoch."),
            got=_("the second epoch in the order in which the examples were given"),
            hint=hint(
                "second-in-order",
                _("call minibatches inside the loop over the epochs, with the same rng."),
            ),
        )
    if np.allclose(moved, moves(np.repeat(first, 2)), rtol=1e-3, atol=1e-5):
        result.fail(
            _("train must go through all examples before any of them comes again."),
            got=_("each mini-batch several times in a row"),
            hint=hint(
                "loops-exchanged",
                _("the loop over the epochs is the outer one, that over mini-batches the inner."),
            ),
        )
    order = _second_order(moved, moves(first))
    known = np.allclose(moved, moves([*first, *order]), rtol=1e-3, atol=1e-5)
    if not known and values.step_of_floats(result.value) <= values.TOLERANCE:
        result.fail(_("train must use every example exactly once in each epoch."))
    if known and kept_neighbours(order, first) > len(first) // 2:
        result.fail(
            _("train must shuffle the examples again in each epoch."),
            got=_("a second epoch in which most neighbours of the first are still together"),
            hint=hint(
                "order-rotated",
                _("draw a new permutation for each epoch; do not rotate or reverse the old one."),
            ),
        )


def _check_batches(attempt, seed, n=40, batch_size=4):
    """Find out which examples share a mini-batch: they move equally far, and no others do.

    So the mini-batches of an epoch can be read from how far it moves each of them. Two epochs leave
    as many distances as there are pairs of mini-batches, one of each epoch, with examples in both:
    some 33 of 100 at random, but only ten if the mini-batches stay the same.
    """
    X, W = np.eye(n, dtype=np.float32), np.zeros((n, 2), np.float32)
    T, b = np.tile(np.float32([1, 0]), (n, 1)), np.zeros(2, np.float32)
    steps, batches = n // batch_size, []
    for draw, epochs in ((1, 1), (2, 1), (1, 2)):
        settings = {"learning_rate": 1.0, "batch_size": batch_size, "epochs": epochs}
        rng = np.random.default_rng([31, seed, draw])
        result = attempt.call(X=X, T=T, W=W, b=b, **settings, rng=rng)
        got_W, _got_b = result.parts("W", "b")
        moved = got_W.array(W.shape, _("the trained weights")).astype(np.float64)[:, 0]
        if values.step_of_floats(result.value) > values.TOLERANCE:
            return  # too coarse to tell the distances apart
        order = np.argsort(moved)
        ends = np.flatnonzero(np.diff(moved[order]) > 1e-3 * moved[order[:-1]]) + 1
        batches.append({tuple(sorted(part.tolist())) for part in np.split(order, ends)})
    are_kept = batches[0] == batches[1] or len(batches[2]) <= 1.5 * steps
    if are_kept or any(_neighbours_within(epoch) > n // 2 for epoch in batches[:2]):
        result.fail(
            _("train must shuffle the examples themselves, not whole mini-batches."),
            got=_("the same examples together in a mini-batch in each epoch")
            if are_kept
            else _("mini-batches of examples that were given one after the other"),
            hint=hint(
                "batches-only", _("first shuffle all n indices, then cut them into batches.")
            ),
        )


def _neighbours_within(batches):
    """How many examples have the next one in their own mini-batch: three or so at random."""
    return sum(int(np.count_nonzero(np.diff(batch) == 1)) for batch in batches)


def _second_order(moved, first):
    """The order of the second epoch: how far both epochs moved each example, and the first alone.

    An example at which the weights w and the bias b stand moves by 1 - p, where p is the softmax of
    the logits ±(w + b). This gives b, which grows from step to step.
    """
    left = np.clip(moved - first, 1e-9, 1 - 1e-9)
    return np.argsort(scipy.special.logit(1 - left) / 2 - first, kind="stable")


def _moves(X, T, W, b, order):
    """How far a step for each index in this order moves the weights of each, in float64."""
    X, T, W, b = (np.asarray(part, np.float64) for part in (X, T, W, b))
    for place in order:
        dW, db = reference.softmax_gradients(X[[place]], T[[place]], W, b)
        W, b = W - dW, b - db
    return W[:, 0]


train = Comparison(
    signature="train(X, T, W, b, learning_rate, batch_size, epochs, rng)",
    summary="examples, start, rate, batch size, epochs, rng -> (W, b) after all those steps.",
    right=reference.train,
    cases=_cases,
    parts=("W", "b"),
    meaning=_("an array of the same shape as before"),
    demand=_("train must take one step of gradient descent for each mini-batch, from W and b on."),
    slack=lambda *given: 2e-6,
    mistakes=_MISTAKES,
    by_code={
        "one-epoch": {
            r"^( *)\w+ *= *(?!list\b|tuple\b)\w+\(.*\brng\)\n(.*\n)*?\1for .*epochs": hint(
                "used-up",
                _("a generator is used up after one epoch: call minibatches again in each."),
            )
        }
    },
    afterwards=(_check_order_of_examples, _check_batches),
)
