"""The check of softmax_gradients: the gradient of the mean cross-entropy, by the formula."""

import numpy as np
import scipy.special

from course.check.engine.comparison import Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint
from course.check.references import lesson_02_gradient_descent as reference
from course.check.references.lesson_01_softmax import softmax
from course.messages import _

_right = unguarded(reference.softmax_gradients)


def _cases(rng):
    cases = [
        ([[1, 2]], [1], [[0, 0, 2], [0, 0, 0]], [0, 0, 0]),
        ([[1], [4]], [0, 1], [[0, 0, 0]], [0, 0, 2]),
    ]
    sizes = [(1, 1, 3), (1, 4, 2), (4, 4, 4), (3, 5, 3), (7, 3, 4), (10, 20, 10)]
    for n, d, k in [*sizes, rng.integers(11, 30, 3)]:
        X, labels = rng.normal(size=(n, d)), rng.integers(0, k, n)
        W = rng.normal(size=(d, k)) / np.sqrt(d)  # no logits for which Keras clips probabilities
        cases.append((X, labels, W, rng.normal(size=k)))
    for X, labels, W, b in cases:
        X, W, b = (np.array(part, np.float64) for part in (X, W, b))
        yield {"X": X, "T": np.eye(len(b))[labels], "W": W, "b": b}


def _gradients(error_of):
    """The answer whose slopes with respect to the logits are this of the logits and targets."""

    def gradients(X, T, W, b):
        error = error_of(X @ W + b, T)
        return X.T @ error, error.sum(axis=0)

    return gradients


def _changed(change):
    """What `change` makes of the right gradients and of all arguments."""

    def gradients(X, T, W, b):
        return change(*_right(X, T, W, b), X, T, W, b)

    return gradients


def _error(logits, T):
    return (softmax(logits) - T) / len(T)


def _squared(logits, T):
    Y = softmax(logits)
    return 2 * Y * ((Y - T) - np.sum((Y - T) * Y, axis=1, keepdims=True)) / len(T)


def _winner(logits):
    return np.eye(logits.shape[1])[logits.argmax(axis=1)]


def _measured(h):
    """One-sided slopes of the mean cross-entropy, with a step that shows."""

    def gradients(X, T, W, b):
        def loss(W, b):
            return -np.mean(scipy.special.log_softmax(X @ W + b, axis=1)[T == 1])

        dW, db = np.zeros_like(W), np.zeros_like(b)
        for slopes, moved in ((dW, lambda step: (W + step, b)), (db, lambda step: (W, b + step))):
            for place in range(slopes.size):
                step = h * (np.arange(slopes.size) == place).reshape(slopes.shape)
                slopes.flat[place] = (loss(*moved(step)) - loss(W, b)) / h
        return dW, db

    return gradients


softmax_gradients = Comparison(
    signature="softmax_gradients(X, T, W, b)",
    summary="X (n, d), one-hot T (n, k), W (d, k), b (k,) -> (dW, db) of the mean cross-entropy.",
    right=_right,
    cases=_cases,
    parts=("dW", "db"),
    meaning={"dW": _("an array in the shape of W"), "db": _("an array in the shape of b")},
    demand={
        "dW": _("softmax_gradients: dW must be the gradient of the mean loss with respect to W."),
        "db": _("softmax_gradients: db must be the gradient of the mean loss with respect to b."),
    },
    slack=lambda X, T, W, b: {"dW": 1e-6 * np.abs(X).mean(axis=0)[:, np.newaxis], "db": 1e-6},
    lost_steps=("sum", "dW-not-divided", "db-not-divided", "no-bias"),
    mistakes={
        hint(
            "sum", _("this is the gradient of the sum; divide by the number of examples, once.")
        ): _changed(lambda dW, db, X, *others: (len(X) * dW, len(X) * db)),
        hint("doubled", _("this is twice the gradient: the error is Y - T, without a 2.")): (
            _changed(lambda dW, db, *others: (2 * dW, 2 * db))
        ),
        hint("error-changed", _("the error is Y - T as it is: no square, no absolute value.")): [
            _gradients(lambda logits, T: (softmax(logits) - T) ** 2 / len(T)),
            _gradients(lambda logits, T: np.abs(softmax(logits) - T) / len(T)),
        ],
        hint("error-in-brackets", _("divide the whole error by n, in brackets: (Y - T) / n.")): (
            _gradients(lambda logits, T: softmax(logits) - T / len(T))
        ),
        hint("divided-twice", _("this is divided by n twice.")): (
            _changed(lambda dW, db, X, *others: (dW / len(X), db / len(X)))
        ),
        hint("by-n-k", _("divide by n, the number of examples, not by n · k.")): (
            _changed(lambda dW, db, X, T, *others: (dW / T.shape[1], db / T.shape[1]))
        ),
        hint("by-a-fixed-number", _("divide by n, which is not always the same.")): [
            _gradients(lambda logits, T, fixed=fixed: (softmax(logits) - T) / fixed)
            for fixed in (10, 32, 64, 100, 1000)
        ],
        hint("stepped", _("return the gradients alone, without taking a step.")): [
            lambda X, T, W, b, rate=rate: tuple(
                old - rate * slope for old, slope in zip((W, b), _right(X, T, W, b), strict=True)
            )
            for rate in (1.0, 0.5, 0.1)
        ],
        hint("not-shares", _("exp alone is not softmax: divide by the sum of the row.")): (
            _gradients(lambda logits, T: (np.exp(logits) - T) / len(T))
        ),
        hint("by-k", _("divide by n, the number of examples, not by the number of classes.")): (
            _gradients(lambda logits, T: (softmax(logits) - T) / T.shape[1])
        ),
        hint("by-d", _("divide by n, the number of examples, not by the number of inputs.")): [
            _changed(
                lambda dW, db, X, *others: (
                    len(X) * dW / X.shape[1],
                    len(X) * db / X.shape[1],
                )
            ),
            _changed(lambda dW, db, X, *others: (len(X) * dW / X.shape[1], db)),
        ],
        hint("sign", _("the sign is reversed: the error is Y - T.")): (
            _changed(lambda dW, db, *others: (-dW, -db))
        ),
        hint("db-sign", _("the sign of db is reversed: the error is Y - T in both.")): (
            _changed(lambda dW, db, *others: (dW, -db))
        ),
        hint("dW-sign", _("the sign of dW is reversed: the error is Y - T in both.")): (
            _changed(lambda dW, db, *others: (-dW, db))
        ),
        hint(
            "winner-only", _("compare the probabilities with the targets: Y, not the winner alone.")
        ): _gradients(lambda logits, T: (_winner(logits) - T) / len(T)),
        hint(
            "logits-for-probabilities",
            _("compare the probabilities with the targets: softmax of the logits, not the logits."),
        ): _gradients(lambda logits, T: (logits - T) / len(T)),
        hint(
            "no-targets", _("the targets are missing: the error is Y - T, not Y alone.")
        ): _gradients(lambda logits, T: softmax(logits) / len(T)),
        hint(
            "truth-only",
            _("the error Y - T counts for all examples and all classes: keep all of it."),
        ): [
            _gradients(lambda logits, T: _error(logits, T) * T),
            _gradients(
                lambda logits, T: _error(logits, T) * (_winner(logits) != T).any(axis=1)[:, None]
            ),
        ],
        hint(
            "slope-of-the-loss",
            _("-T / Y is the slope with respect to Y; with respect to the logits it is Y - T."),
        ): _gradients(lambda logits, T: -T / softmax(logits) / len(T)),
        hint(
            "squared-distance",
            _("this is the gradient of a squared distance; you need that of the cross-entropy."),
        ): [
            _gradients(_squared),
            _gradients(lambda logits, T: _squared(logits, T) / 2),
            _gradients(lambda logits, T: _squared(logits, T) / T.shape[1]),
        ],
        hint(
            "softmax-twice",
            _(
                "this goes through softmax twice: Y - T is already the slope with respect to the "
                "logits."
            ),
        ): _gradients(
            lambda logits, T: softmax(logits) * (1 - softmax(logits)) * _error(logits, T)
        ),
        hint("second-softmax", _("softmax is taken twice here: once is enough.")): _gradients(
            lambda logits, T: _error(softmax(logits), T)
        ),
        hint("axis", _("softmax runs along each row: axis=1.")): (
            _gradients(lambda logits, T: (softmax(logits, axis=0) - T) / len(T))
        ),
        hint("whole-batch", _("softmax is taken of each row by itself, not of the batch.")): (
            _gradients(
                lambda logits, T: (softmax(logits.ravel()).reshape(logits.shape) - T) / len(T)
            )
        ),
        hint("no-bias", _("the biases are missing from the logits: X @ W + b.")): (
            lambda X, T, W, b: _right(X, T, W, 0 * b)
        ),
        hint("bias-subtracted", _("the biases are added to the logits: X @ W + b.")): (
            lambda X, T, W, b: _right(X, T, W, -b)
        ),
        hint("labels-for-targets", _("the error is Y - T, with the one-hot rows, not labels.")): (
            _gradients(lambda logits, T: (softmax(logits) - T.argmax(axis=1)) / len(T))
        ),
        hint("logarithm", _("this is the logarithm of softmax: Y holds the probabilities.")): (
            _gradients(lambda logits, T: (scipy.special.log_softmax(logits, axis=1) - T) / len(T))
        ),
        hint("sigmoid", _("this is the error of sigmoid, not of softmax.")): (
            _gradients(lambda logits, T: (scipy.special.expit(logits) - T) / len(T))
        ),
        hint("db-not-divided", _("db must be divided by n, just as dW is.")): (
            _changed(lambda dW, db, X, *others: (dW, len(X) * db))
        ),
        hint("dW-not-divided", _("dW must be divided by n, just as db is.")): (
            _changed(lambda dW, db, X, *others: (len(X) * dW, db))
        ),
        hint(
            "db-divided-twice", _("db is divided by n twice: add up what was already divided.")
        ): _changed(lambda dW, db, X, *others: (dW, db / len(X))),
        hint(
            "dW-divided-twice", _("dW is divided by n twice: the error was divided already.")
        ): _changed(lambda dW, db, X, *others: (dW / len(X), db)),
        hint("db-of-dW", _("db is the sum of the error over the examples, not that of dW.")): [
            _changed(lambda dW, db, *others: (dW, dW.sum(axis=0))),
            _changed(lambda dW, db, *others: (dW, dW.mean(axis=0))),
        ],
        hint("db-zero", _("b has a slope, too: the sum of the error over the examples.")): (
            _changed(lambda dW, db, *others: (dW, 0 * db))
        ),
        hint("one-example", _("add up what all examples give, with `+=`: this is one of them.")): [
            lambda X, T, W, b, at=at, share=share: (
                np.outer(X[at], share(X) * _error(X @ W + b, T)[at]),
                share(X) * _error(X @ W + b, T)[at],
            )
            for at in (0, -1)
            for share in (len, lambda X: 1)
        ],
        hint("db-one-example", _("db adds up the error of all examples, not of one.")): [
            lambda X, T, W, b, at=at: (
                _right(X, T, W, b)[0],
                _error(X @ W + b, T)[at],
            )
            for at in (0, -1)
        ],
        hint("db-one-number", _("each class has a bias of its own: sum along axis=0 only.")): [
            _changed(lambda dW, db, *others: (dW, db.sum())),
            _changed(lambda dW, db, *others: (dW, db.mean())),
        ],
        hint(
            "db-not-summed",
            _(
                "every example moves the same b, by broadcasting: sum over the examples, axis=0, "
                "without keepdims."
            ),
        ): [
            lambda X, T, W, b: (
                _right(X, T, W, b)[0],
                softmax(X @ W + b) - T,
            ),
            lambda X, T, W, b: (
                _right(X, T, W, b)[0],
                _error(X @ W + b, T),
            ),
            _changed(lambda dW, db, *others: (dW, db[np.newaxis])),
        ],
        hint("db-axis", _("sum over the examples (axis=0), not over the classes.")): (
            _changed(lambda dW, db, X, *others: (dW, np.zeros(len(X))))  # Y and T both add up to 1
        ),
        hint("reshaped", _("reshape does not transpose: .T exchanges rows and columns.")): (
            lambda X, T, W, b: (
                X.reshape(X.shape[::-1]) @ _error(X @ W + b, T),
                _right(X, T, W, b)[1],
            )
        ),
        hint("dW-transposed", _("dW is transposed: it has a row for each input, as W has.")): [
            _changed(lambda dW, db, *others: (dW.T, db)),
        ],
        hint("exchanged-parts", _("dW comes first, then db.")): (
            _changed(lambda dW, db, *others: (db, dW))
        ),
        hint(
            "measured",
            _("nearly right, as measured slopes are: use the formula, which is exact."),
        ): [_measured(h) for h in (1e-2, 1e-3, 1e-4)],
    },
)
