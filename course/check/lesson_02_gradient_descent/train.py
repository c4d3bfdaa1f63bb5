"""The check of train: a step for each mini-batch, in a new order in each epoch."""

import numpy as np

from course.check.engine import turns, values
from course.check.engine.comparison import Case, Comparison
from course.check.engine.hints import hint
from course.check.engine.orders import kept_neighbours
from course.check.engine.properties import generator_state, listed
from course.check.lesson_02_gradient_descent.minibatches import batches_only
from course.check.lesson_02_gradient_descent.training_loops import (
    clipped,
    loop,
    names_taken,
    with_momentum,
    with_rate,
    with_weight_decay,
)
from course.check.references import lesson_02_gradient_descent as reference
from course.check.references.lesson_01_softmax import softmax
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


# Parts of mistakes ------------------------------------------------------------------------------

_DECAYS = (0.5, 0.9, 0.95, 0.99)  # of a rate
_WEIGHT_DECAYS = (0.1, 0.01, 0.001, 0.0001)


def _best(X, T, W, b, *settings):
    def loss(point):
        return reference.cross_entropy(softmax(X @ point[0] + point[1]), T)

    return min(loop(result=lambda path: path[1:])(X, T, W, b, *settings), key=loss)


def _mean(points):
    return tuple(np.mean(part, axis=0) for part in zip(*points, strict=True))


def _full_batches(X, y, batch_size, rng):
    return [(X[:batch_size], y[:batch_size])] * (len(X) // batch_size)


def _of_labels(X, T, batch_size, rng):
    return reference.minibatches(X, T.argmax(axis=1), batch_size, rng)


def _of_size(size):
    return lambda X, y, batch_size, rng: reference.minibatches(X, y, size, rng)


def _batches(change):
    """A loop over change(the list of mini-batches)."""
    return loop(batches=lambda *given: change(list(reference.minibatches(*given))))


def _moved_by(move):
    """A loop whose steps go by move(dW, db)."""
    return loop(move=lambda dW, db, at: move(dW, db))


def _with_error(error_of):
    """A loop in which error_of(Y, T) goes back from the logits."""
    return loop(move=lambda dW, db, at: at.along(error_of))


# The order of the examples ----------------------------------------------------------------------

# In a random order of 20 examples, two neighbours or so are still together; by bad luck, more than
# ten are in one of 200,000.
_ONE_BY_ONE = 20
# Two epochs have some 33 of 100 pairs of mini-batches with examples in both, at random, but only
# ten if the mini-batches stay the same; and at random, three examples or so have the next one in
# their own mini-batch.
_IN_BATCHES, _BATCH_SIZE = 40, 4


def _moved(attempt, key, n, batch_size, epochs):
    """A call on examples that stand apart, and how far it moved the weights of each."""
    result = attempt.call(
        **turns.examples_apart(n),
        learning_rate=1.0,
        batch_size=batch_size,
        epochs=epochs,
        rng=np.random.default_rng(key),
    )
    W, _b = result.parts("W", "b")
    return result, W.array((n, 2), _("the trained weights")).astype(np.float64)[:, 0]


def _check_order_of_examples(attempt, seed):
    """Check the order of one example after another: two first epochs, and a second one."""
    results, orders = [], []
    for draw in (1, 2):
        result, moved = _moved(attempt, [30, seed, draw], _ONE_BY_ONE, batch_size=1, epochs=1)
        results.append(result)
        orders.append(_order_of_all(result, moved))
    result, moved = _moved(attempt, [30, seed, 1], _ONE_BY_ONE, batch_size=1, epochs=2)
    is_unused = generator_state(result.afterwards["rng"]) == generator_state(result.given("rng"))
    _check_shuffled(results[0], orders, is_unused)
    _check_second_epoch(result, moved, orders[0])


def _order_of_all(result, moved):
    """The order of the only epoch; each example must have had one step of its own."""
    if np.ptp(moved) < 1e-6 and moved.any():
        result.fail(
            _("train must compute each step from the examples of its mini-batch alone."),
            got=_("the same step for all examples"),
            hint=hint(
                "all-examples",
                _(
                    "compute the gradient from the mini-batch, its part of X and T, not from all "
                    "examples."
                ),
            ),
        )
    order = turns.order_of(moved)
    if not np.allclose(moved, turns.moves(order), rtol=1e-3, atol=1e-5):
        left_out = np.flatnonzero(moved == 0).tolist()
        result.fail(
            _("train must use every example exactly once in each epoch."),
            got=_("examples {list} were never used").format(list=listed(left_out))
            if left_out
            else None,
            hint=hint(
                "pass-through-batches",
                _("one epoch is one pass through minibatches(X, T, batch_size, rng)."),
            ),
        )
    return order


def _check_shuffled(result, orders, is_unused):
    """Check that these orders are random, and come from rng."""
    given = np.arange(len(orders[0]))
    if all(np.array_equal(order, given) for order in orders):
        result.fail(
            _("train must shuffle the examples in each epoch."),
            got=_("the examples in the order in which they were given"),
            hint=hint(
                "not-shuffled",
                _("sorted digits teach one class after the other; minibatches shuffles them."),
            ),
        )
    if np.array_equal(*orders) or is_unused:
        result.fail(
            _("train must shuffle with the rng that it is given."),
            got=_("an order that does not depend on rng"),
            hint=hint(
                "own-generator", _("pass rng on to minibatches; do not make a new generator.")
            ),
        )
    if any(kept_neighbours(order, given) > len(given) // 2 for order in orders):
        result.fail(
            _("train must shuffle all examples in each epoch."),
            got=_("an order in which many neighbours are still together"),
            hint=batches_only(),
        )


def _check_second_epoch(result, moved, first):
    """Check how far two epochs moved each example; the order of the first is known."""

    def are_turns(order, rtol=1e-3, atol=1e-5):
        return np.allclose(moved, turns.moves(order), rtol, atol)

    its_demand = _("train must shuffle the examples again in each epoch.")
    if are_turns([*first, *first], 1e-4, 1e-6):
        result.fail(
            its_demand,
            got=_("the same order in both epochs"),
            hint=hint(
                "same-order",
                _("call minibatches inside the loop over the epochs, with the same rng."),
            ),
        )
    if are_turns([*first, *range(len(first))], 1e-4, 1e-6):
        result.fail(
            its_demand,
            got=_("the second epoch in the order in which the examples were given"),
            hint=hint(
                "second-in-order",
                _("call minibatches inside the loop over the epochs, with the same rng."),
            ),
        )
    if are_turns(np.repeat(first, 2)):
        result.fail(
            _("train must go through all examples before any of them comes again."),
            got=_("each mini-batch several times in a row"),
            hint=hint(
                "loops-exchanged",
                _("the loop over the epochs is the outer one, that over mini-batches the inner."),
            ),
        )
    order = turns.second_order(moved, turns.moves(first))
    is_known = are_turns([*first, *order])
    if not is_known and values.step_of_floats(result.value) <= values.TOLERANCE:
        result.fail(_("train must use every example exactly once in each epoch."))
    if is_known and kept_neighbours(order, first) > len(first) // 2:
        result.fail(
            its_demand,
            got=_("a second epoch in which most neighbours of the first are still together"),
            hint=hint(
                "order-rotated",
                _("draw a new permutation for each epoch; do not rotate or reverse the old one."),
            ),
        )


def _check_batches(attempt, seed):
    """Check that a mini-batch is neither one of another epoch nor a row of neighbours."""
    batches = []
    for draw, epochs in ((1, 1), (2, 1), (1, 2)):
        result, moved = _moved(attempt, [31, seed, draw], _IN_BATCHES, _BATCH_SIZE, epochs)
        if values.step_of_floats(result.value) > values.TOLERANCE:
            return  # too coarse to tell the distances apart
        batches.append(turns.batches_of(moved))
    are_kept = batches[0] == batches[1] or len(batches[2]) <= 1.5 * (_IN_BATCHES // _BATCH_SIZE)
    if are_kept or any(turns.neighbours_within(epoch) > _IN_BATCHES // 2 for epoch in batches[:2]):
        result.fail(
            _("train must shuffle the examples themselves, not whole mini-batches."),
            got=_("the same examples together in a mini-batch in each epoch")
            if are_kept
            else _("mini-batches of examples that were given one after the other"),
            hint=batches_only(),
        )


# The exercise -----------------------------------------------------------------------------------


train = Comparison(
    signature="train(X, T, W, b, learning_rate, batch_size, epochs, rng)",
    summary="examples, start, rate, batch size, epochs, rng -> (W, b) after all those steps.",
    right=reference.train,
    cases=_cases,
    parts=("W", "b"),
    meaning=_("an array of the same shape as before"),
    demand=_("train must take one step of gradient descent for each mini-batch, from W and b on."),
    slack=lambda *given: 2e-6,
    by_code={
        "one-epoch": {
            r"^( *)\w+ *= *(?!list\b|tuple\b)\w+\(.*\brng\)\n(.*\n)*?\1for .*epochs": hint(
                "used-up",
                _("a generator is used up after one epoch: call minibatches again in each."),
            )
        }
    },
    afterwards=(_check_order_of_examples, _check_batches),
    mistakes={
        hint(
            "not-moved",
            _("W and b have not moved: keep the new ones that each step gives, and return them."),
        ): lambda X, T, W, b, *settings: (W, b),
        hint("two-steps", _("take one step for each mini-batch here, not two.")): (
            _batches(lambda parts: [part for part in parts for _time in range(2)])
        ),
        hint("exchanged-settings", _("epochs and batch_size are exchanged: what is each for?")): (
            lambda X, T, W, b, rate, batch_size, epochs, rng: loop()(
                X, T, W, b, rate, epochs, batch_size, rng
            )
        ),
        hint(
            "shrunk", _("step by learning_rate · gradient alone, without a decay of the weights.")
        ): [with_weight_decay(decay, of_b) for decay in _WEIGHT_DECAYS for of_b in (decay, 0)],
        hint("labels", _("softmax_gradients takes the one-hot targets, T, not their argmax.")): (
            loop(batches=_of_labels)
        ),
        hint(
            "b-not-moved",
            _("b has not moved: it has a gradient of its own, db; keep the new b, too."),
        ): _moved_by(lambda dW, db: (dW, 0 * db)),
        hint(
            "W-not-moved",
            _("W has not moved: it has a gradient of its own, dW; keep the new W, too."),
        ): _moved_by(lambda dW, db: (0 * dW, db)),
        hint("uphill", _("this goes uphill: subtract the gradients, that of W and that of b.")): [
            _moved_by(lambda dW, db: (-dW, -db)),
            _moved_by(lambda dW, db: (-dW, db)),
            _moved_by(lambda dW, db: (dW, -db)),
        ],
        hint("from-zero", _("start from the W and b that you are given, not from zeros.")): [
            loop(start=lambda W, b: (0 * W, 0 * b)),
            loop(start=lambda W, b: (0 * W, 0 * b), epochs=lambda epochs: 1),
        ],
        hint(
            "one-step",
            _(
                "only one step is left of them all. Is `return` inside the inner loop? Does each "
                "step start from the W and b of the step before?"
            ),
        ): loop(result=lambda path: path[1]),
        hint("exchanged-gradients", _("softmax_gradients gives dW first, then db.")): (
            _moved_by(lambda dW, db: (db, dW))
        ),
        hint(
            "gradient-of-the-other", _("W is moved by dW, and b by db: each by its own gradient.")
        ): [
            _moved_by(lambda dW, db: (dW, dW)),
            _moved_by(lambda dW, db: (dW, dW.sum(axis=0))),
            _moved_by(lambda dW, db: (0 * dW + db, db)),
        ],
        hint("exchanged-parts", _("W comes first, then b.")): loop(
            result=lambda path: path[-1][::-1]
        ),
        hint("epochs-fixed", _("epochs is an argument: do not use a fixed number.")): [
            loop(epochs=lambda epochs, fixed=fixed: fixed) for fixed in (2, 5, 10, 20)
        ],
        hint("batch-size-fixed", _("batch_size is an argument: do not use a fixed number.")): [
            loop(batches=_of_size(fixed)) for fixed in (10, 32, 64, 100, 128)
        ],
        hint(
            "one-epoch",
            _(
                "only one epoch is left of them all: does the next one go on from the new W and b, "
                "and does `return` come after the last?"
            ),
        ): loop(epochs=lambda epochs: 1),
        hint(
            "names-taken",
            _(
                "from the second epoch on, only the last mini-batch is left: give its parts names "
                "of their own, not X and T, which hold all examples."
            ),
        ): names_taken,
        hint(
            "one-epoch-more", _("there is one epoch too many: range(epochs) has exactly that many.")
        ): loop(epochs=lambda epochs: epochs + 1),
        hint("one-epoch-less", _("the last epoch is missing: range(epochs) has them all.")): (
            loop(epochs=lambda epochs: epochs - 1)
        ),
        hint("step-per-epoch", _("one step for each mini-batch, not one for each epoch.")): [
            loop(batches=lambda X, T, batch_size, rng: [(X, T)]),
            _batches(lambda parts: parts[-1:]),
        ],
        hint(
            "step-per-example", _("batch_size is not used: this takes a step for each example.")
        ): loop(batches=_of_size(1)),
        hint(
            "last-batch-dropped",
            _("the last, smaller mini-batch is missing: it needs a step, too."),
        ): [
            loop(batches=_full_batches),
            loop(batches=lambda *given: _full_batches(*given) or reference.minibatches(*given)),
        ],
        hint(
            "one-batch-less", _("a mini-batch of each epoch is missing, the first or the last.")
        ): (_batches(lambda parts: parts[:-1])),
        hint(
            "divided-twice", _("softmax_gradients takes the mean already: do not divide again.")
        ): with_rate(lambda at: at.rate / at.size),
        hint(
            "divided-by-n",
            _("softmax_gradients takes the mean already: do not divide by the number of examples."),
        ): with_rate(lambda at: at.rate / at.n),
        hint(
            "divided-by-batch-size",
            _("softmax_gradients takes the mean already: do not divide by batch_size."),
        ): with_rate(lambda at: at.rate / at.batch_size),
        hint("sum", _("the gradient is a sum over the batch; take the mean.")): (
            with_rate(lambda at: at.rate * at.size)
        ),
        hint("times-batch-size", _("do not multiply by batch_size: the mean serves as it is.")): (
            with_rate(lambda at: at.rate * at.batch_size)
        ),
        hint("by-all-examples", _("this is divided by n, the number of all examples.")): (
            with_rate(lambda at: at.rate * at.size / at.n)
        ),
        hint(
            "by-batch-size",
            _("the mean is over the examples of the batch: the last batch may be smaller."),
        ): with_rate(lambda at: at.rate * at.size / at.batch_size),
        hint(
            "rate-per-step",
            _("the learning rate is divided by the number of steps; leave it as it is."),
        ): [
            with_rate(lambda at: at.rate / at.steps),
            with_rate(lambda at: at.rate / (at.steps * at.epochs)),
        ],
        hint("rate-per-epoch", _("the learning rate is divided by epochs; leave it as it is.")): (
            with_rate(lambda at: at.rate / at.epochs)
        ),
        hint("no-rate", _("multiply the gradients by learning_rate, that of W and that of b.")): [
            loop(move=lambda dW, db, at: (dW / at.rate, db / at.rate)),
            loop(move=lambda dW, db, at: (dW / at.rate, db)),
            loop(move=lambda dW, db, at: (dW, db / at.rate)),
        ],
        hint("rate-fixed", _("the rate is an argument: use learning_rate, not a fixed number.")): [
            with_rate(lambda at, fixed=fixed: fixed)
            for fixed in (0.5, 0.1, 0.05, 0.01, 0.005, 0.003, 0.001)
        ],
        hint("rate-decays", _("the learning rate stays the same: leave out its decay.")): [
            with_rate(lambda at: at.rate / (1 + at.number)),
            with_rate(lambda at: at.rate / (1 + at.epoch)),
            *(with_rate(lambda at, kept=kept: at.rate * kept**at.number) for kept in _DECAYS),
            *(with_rate(lambda at, kept=kept: at.rate * kept**at.epoch) for kept in _DECAYS),
        ],
        hint(
            "momentum",
            _(
                "each step follows the gradient of its own batch alone: leave out momentum, and "
                "sums of earlier gradients."
            ),
        ): [
            *(with_momentum(kept) for kept in (0.9, 0.5, 1.0)),
            with_momentum(1.0, kept_at_end=0.0),
        ],
        hint(
            "b-later",
            _("both gradients are taken at the same place: compute dW and db before you move W."),
        ): loop(move=lambda dW, db, at: (dW, at.slopes(at.W - at.rate * dW, at.b)[1])),
        hint(
            "stale-gradients",
            _("step after each mini-batch, and compute the next gradients with the new W and b."),
        ): [
            loop(move=lambda dW, db, at: at.slopes(*at.path[at.epoch * at.steps])),
            loop(move=lambda dW, db, at: at.slopes(*at.path[0])),
        ],
        hint("averaged", _("return the W and b after the last step, not a mean over the steps.")): [
            loop(result=lambda path: _mean(path[1:])),
            loop(result=_mean),
        ],
        hint(
            "winner-only", _("compare the probabilities with the targets: Y, not the winner alone.")
        ): _with_error(lambda Y, T: np.eye(Y.shape[1])[Y.argmax(axis=1)] - T),
        hint("softmax-twice", _("Y - T is already the slope with respect to the logits.")): (
            _with_error(lambda Y, T: Y * (1 - Y) * (Y - T))
        ),
        hint(
            "squared-distance",
            _("this is the gradient of a squared distance; you need that of the cross-entropy."),
        ): [
            _with_error(
                lambda Y, T, by=by: by * Y * (Y - T - np.sum((Y - T) * Y, axis=1, keepdims=True))
            )
            for by in (2, 1)
        ],
        hint(
            "best-kept",
            _(
                "take every step, even if the loss rises, and return the last W and b, not the "
                "best."
            ),
        ): _best,
        hint("clipped", _("take the whole gradient: do not shorten it.")): [
            clipped(longest) for longest in (0.5, 1, 2, 5, 10, 20)
        ],
    },
)
