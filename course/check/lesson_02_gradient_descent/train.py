"""The check of train: a step for each mini-batch, in a new order in each epoch."""

import numpy as np

from course.check.engine.comparison import Case, Comparison
from course.check.engine.hints import hint
from course.check.lesson_02_gradient_descent.epoch_orders import (
    check_order_of_examples,
    check_regrouping,
)
from course.check.lesson_02_gradient_descent.training_loops import (
    batches_of_labels,
    batches_of_size,
    best_kept,
    clipped,
    full_batches,
    loop,
    moved_by,
    names_taken,
    with_batches,
    with_error,
    with_momentum,
    with_rate,
    with_weight_decay,
)
from course.check.references import lesson_02_gradient_descent as reference
from course.messages import _

_DECAYS = (0.5, 0.9, 0.95, 0.99)  # of a rate
_WEIGHT_DECAYS = (0.1, 0.01, 0.001, 0.0001)

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


# The exercise -----------------------------------------------------------------------------------


def _mean(points):
    return tuple(np.mean(part, axis=0) for part in zip(*points, strict=True))


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
            r"^( *)\w+ *= *(?!.*\b(list|tuple)\()\w+\(.*\brng\)+\n(.*\n)*?"
            r"\1(for|while) .*epoch": hint(
                "used-up",
                _(
                    "only one epoch was trained: a generator gives its mini-batches once, so call "
                    "minibatches inside the loop over the epochs."
                ),
            )
        }
    },
    afterwards=(check_order_of_examples, check_regrouping),
    mistakes={
        hint(
            "not-moved",
            _("W and b have not moved: keep the new ones that each step gives, and return them."),
        ): lambda X, T, W, b, *settings: (W, b),
        hint("two-steps", _("take one step for each mini-batch here, not two.")): (
            with_batches(lambda parts: [part for part in parts for _time in range(2)])
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
            loop(batches=batches_of_labels)
        ),
        hint(
            "b-not-moved",
            _("b has not moved: it has a gradient of its own, db; keep the new b, too."),
        ): moved_by(lambda dW, db: (dW, 0 * db)),
        hint(
            "W-not-moved",
            _("W has not moved: it has a gradient of its own, dW; keep the new W, too."),
        ): moved_by(lambda dW, db: (0 * dW, db)),
        hint("uphill", _("this goes uphill: subtract the gradients, that of W and that of b.")): [
            moved_by(lambda dW, db: (-dW, -db)),
            moved_by(lambda dW, db: (-dW, db)),
            moved_by(lambda dW, db: (dW, -db)),
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
            moved_by(lambda dW, db: (db, dW))
        ),
        hint(
            "gradient-of-the-other", _("W is moved by dW, and b by db: each by its own gradient.")
        ): [
            moved_by(lambda dW, db: (dW, dW)),
            moved_by(lambda dW, db: (dW, dW.sum(axis=0))),
            moved_by(lambda dW, db: (0 * dW + db, db)),
        ],
        hint("exchanged-parts", _("W comes first, then b.")): loop(
            result=lambda path: path[-1][::-1]
        ),
        hint("epochs-fixed", _("epochs is an argument: do not use a fixed number.")): [
            loop(epochs=lambda epochs, fixed=fixed: fixed) for fixed in (2, 5, 10, 20)
        ],
        hint("batch-size-fixed", _("batch_size is an argument: do not use a fixed number.")): [
            loop(batches=batches_of_size(fixed)) for fixed in (10, 32, 64, 100, 128)
        ],
        hint(
            "one-epoch",
            _(
                "only one epoch shows in the result. Does the next one go on from the new W and b, "
                "does it get mini-batches of its own, and does `return` come after the last?"
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
            with_batches(lambda parts: parts[-1:]),
        ],
        hint(
            "step-per-example", _("batch_size is not used: this takes a step for each example.")
        ): loop(batches=batches_of_size(1)),
        hint(
            "last-batch-dropped",
            _("the last, smaller mini-batch is missing: it needs a step, too."),
        ): [
            loop(batches=full_batches),
            loop(batches=lambda *given: full_batches(*given) or reference.minibatches(*given)),
        ],
        hint(
            "one-batch-less", _("a mini-batch of each epoch is missing, the first or the last.")
        ): (with_batches(lambda parts: parts[:-1])),
        hint(
            "divided-twice", _("softmax_gradients takes the mean already: do not divide again.")
        ): with_rate(lambda step: step.rate / step.examples),
        hint(
            "divided-by-n",
            _("softmax_gradients takes the mean already: do not divide by the number of examples."),
        ): with_rate(lambda step: step.rate / step.n),
        hint(
            "divided-by-batch-size",
            _("softmax_gradients takes the mean already: do not divide by batch_size."),
        ): with_rate(lambda step: step.rate / step.batch_size),
        hint("sum", _("the gradient is a sum over the batch; take the mean.")): (
            with_rate(lambda step: step.rate * step.examples)
        ),
        hint("times-batch-size", _("do not multiply by batch_size: the mean serves as it is.")): (
            with_rate(lambda step: step.rate * step.batch_size)
        ),
        hint("by-all-examples", _("this is divided by n, the number of all examples.")): (
            with_rate(lambda step: step.rate * step.examples / step.n)
        ),
        hint(
            "by-batch-size",
            _("the mean is over the examples of the batch: the last batch may be smaller."),
        ): with_rate(lambda step: step.rate * step.examples / step.batch_size),
        hint(
            "rate-per-step",
            _("the learning rate is divided by the number of steps; leave it as it is."),
        ): [
            with_rate(lambda step: step.rate / step.steps_per_epoch),
            with_rate(lambda step: step.rate / (step.steps_per_epoch * step.epochs)),
        ],
        hint("rate-per-epoch", _("the learning rate is divided by epochs; leave it as it is.")): (
            with_rate(lambda step: step.rate / step.epochs)
        ),
        hint("no-rate", _("multiply the gradients by learning_rate, that of W and that of b.")): [
            loop(move=lambda dW, db, step: (dW / step.rate, db / step.rate)),
            loop(move=lambda dW, db, step: (dW / step.rate, db)),
            loop(move=lambda dW, db, step: (dW, db / step.rate)),
        ],
        hint("rate-fixed", _("the rate is an argument: use learning_rate, not a fixed number.")): [
            with_rate(lambda step, fixed=fixed: fixed)
            for fixed in (0.5, 0.1, 0.05, 0.01, 0.005, 0.003, 0.001)
        ],
        hint("rate-decays", _("the learning rate stays the same: leave out its decay.")): [
            with_rate(lambda step: step.rate / (1 + step.number)),
            with_rate(lambda step: step.rate / (1 + step.epoch)),
            *(with_rate(lambda step, kept=kept: step.rate * kept**step.number) for kept in _DECAYS),
            *(with_rate(lambda step, kept=kept: step.rate * kept**step.epoch) for kept in _DECAYS),
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
        ): loop(move=lambda dW, db, step: (dW, step.slopes(step.W - step.rate * dW, step.b)[1])),
        hint(
            "stale-gradients",
            _("step after each mini-batch, and compute the next gradients with the new W and b."),
        ): [
            loop(
                move=lambda dW, db, step: step.slopes(*step.path[step.epoch * step.steps_per_epoch])
            ),
            loop(move=lambda dW, db, step: step.slopes(*step.path[0])),
        ],
        hint("averaged", _("return the W and b after the last step, not a mean over the steps.")): [
            loop(result=lambda path: _mean(path[1:])),
            loop(result=_mean),
        ],
        hint(
            "winner-only", _("compare the probabilities with the targets: Y, not the winner alone.")
        ): with_error(lambda Y, T: np.eye(Y.shape[1])[Y.argmax(axis=1)] - T),
        hint("softmax-twice", _("Y - T is already the slope with respect to the logits.")): (
            with_error(lambda Y, T: Y * (1 - Y) * (Y - T))
        ),
        hint(
            "squared-distance",
            _("this is the gradient of a squared distance; you need that of the cross-entropy."),
        ): [
            with_error(
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
        ): best_kept,
        hint("clipped", _("take the whole gradient: do not shorten it.")): [
            clipped(max_norm) for max_norm in (0.5, 1, 2, 5, 10, 20)
        ],
    },
)
