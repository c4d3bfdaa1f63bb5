"""The check of dense_backward: the backward pass through X·W + b for a whole mini-batch."""

import numpy as np

from course.check.engine.comparison import Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint
from course.check.engine.values import is_square
from course.check.references import lesson_04_backpropagation as reference
from course.messages import _


def _cases(rng):
    yield _given([[1, 2]], [[3, 0, 1], [4, 5, -1]], [[1, -1, 2]])
    yield _given([[1, 2], [-3, 0], [2, 1]], [[1, 0], [-2, 3]], [[1, 2], [0, -1], [4, 1]])
    sizes = [(1, 1, 1), (1, 4, 3), (4, 4, 4), (3, 5, 3), (6, 6, 2), (7, 3, 3), (5, 2, 8)]
    for n, d, k in [*sizes, (10, 20, 10), rng.integers(11, 30, 3)]:
        yield _given(rng.normal(size=(n, d)), rng.normal(size=(d, k)), rng.normal(size=(n, k)))


def _given(*arrays):
    return dict(zip(("X", "W", "dZ"), (np.array(a, np.float64) for a in arrays), strict=True))


def _slack(X, W, dZ):
    """The rounding of float32, where the terms of a sum nearly cancel."""
    size = {"dX": np.abs(dZ) @ np.abs(W.T), "dW": np.abs(X.T) @ np.abs(dZ)}
    size["db"] = np.abs(dZ).sum(axis=0)
    return {name: 1e-6 * terms for name, terms in size.items()}


def _changed(change):
    """What `change` makes of the right gradients and of all arguments."""

    def answer(X, W, dZ):
        return change(*_right(X, W, dZ), X, W, dZ)

    return answer


def _divided(*places):
    """The right gradients, with those at these places divided by the number of examples."""

    def answer(X, W, dZ):
        parts = _right(X, W, dZ)
        return tuple(part / len(X) if n in places else part for n, part in enumerate(parts))

    return answer


_right = unguarded(reference.dense_backward)

dense_backward = Comparison(
    signature="dense_backward(X, W, dZ)",
    summary="X (n, d), W (d, k), dZ (n, k) -> (dX, dW, db) of the layer Z = X·W + b.",
    right=_right,
    cases=_cases,
    parts=("dX", "dW", "db"),
    meaning={
        "dX": _("an array in the shape of X"),
        "dW": _("an array in the shape of W"),
        "db": _("one number for each neuron"),
    },
    demand={
        "dX": _("dense_backward: dX must be the gradient of the loss with respect to X."),
        "dW": _("dense_backward: dW must be the gradient of the loss with respect to W."),
        "db": _("dense_backward: db must be the gradient of the loss with respect to b."),
    },
    slack=_slack,
    mistakes={
        hint(
            "divided-by-n",
            _("do not divide by n: the mean is in dZ already, as that of the loss is taken once."),
        ): [_divided(0, 1, 2), _divided(1, 2), _divided(1)],
        hint("db-mean", _("db is the sum over the examples; the mean is in dZ already.")): _divided(
            2
        ),
        hint("dX-divided", _("dX: do not divide by n, the mean is in dZ already.")): _divided(0),
        hint("summed", _("do not multiply by n: dZ says how much each sum matters.")): (
            _changed(lambda dX, dW, db, X, *others: (dX * len(X), dW * len(X), db * len(X)))
        ),
        hint(
            "db-axis",
            _("db has one number for each neuron: add up along axis=0, over the examples."),
        ): _changed(lambda dX, dW, db, X, W, dZ: (dX, dW, dZ.sum(axis=1))),
        hint("db-not-summed", _("db has the shape (k,): add dZ up over the examples.")): (
            _changed(lambda dX, dW, db, X, W, dZ: (dX, dW, dZ))
        ),
        hint("db-as-a-row", _("db has the shape (k,), a single axis: no keepdims.")): (
            _changed(lambda dX, dW, db, *given: (dX, dW, db[np.newaxis]))
        ),
        hint("db-one-number", _("each neuron has a bias of its own: axis=0.")): [
            _changed(lambda dX, dW, db, *given: (dX, dW, db.sum())),
            _changed(lambda dX, dW, db, *given: (dX, dW, np.full_like(db, db.sum()))),
        ],
        hint("db-0", _("the biases get a gradient, too: dZ, added up over the examples.")): (
            _changed(lambda dX, dW, db, *given: (dX, dW, 0 * db))
        ),
        hint("dX-transposed", _("dX has its rows and columns exchanged: dZ · Wᵀ.")): (
            _changed(lambda dX, dW, db, *given: (dX.T, dW, db))
        ),
        hint("dW-transposed", _("dW has its rows and columns exchanged: Xᵀ · dZ.")): (
            _changed(lambda dX, dW, db, *given: (dX, dW.T, db))
        ),
        hint("both-transposed", _("rows and columns are exchanged in dX and dW.")): (
            _changed(lambda dX, dW, db, *given: (dX.T, dW.T, db))
        ),
        hint("W-not-transposed", _("backwards it goes through W *transposed*: dZ · Wᵀ.")): [
            _changed(lambda dX, dW, db, X, W, dZ: (dZ @ (W if is_square(W) else W.T), dW, db)),
            _changed(
                lambda dX, dW, db, X, W, dZ: (
                    dZ @ (W if is_square(W) else W.T),
                    (X if is_square(X) else X.T) @ dZ,
                    db,
                )
            ),
        ],
        hint("X-not-transposed", _("dW needs X *transposed*: Xᵀ · dZ.")): (
            _changed(lambda dX, dW, db, X, W, dZ: (dX, (X if is_square(X) else X.T) @ dZ, db))
        ),
        hint("exchanged", _("the order is dX, dW, db.")): [
            _changed(lambda dX, dW, db, *given: (dW, dX, db)),
            _changed(lambda dX, dW, db, *given: (dW, db, dX)),
            _changed(lambda dX, dW, db, *given: (db, dW, dX)),
        ],
        hint(
            "gated",
            _("a dense layer alone has no gate: the ReLU before or behind it is another step."),
        ): [
            _changed(lambda dX, dW, db, X, *others: (dX * (X > 0), dW, db)),
            _changed(lambda dX, dW, db, X, W, dZ: _right(X, W, dZ * (X @ W > 0))),
            _changed(lambda dX, dW, db, X, W, dZ: _right(X, W, dZ * (dZ > 0))),
        ],
        hint("sign", _("the sign is reversed: no minus belongs here.")): (
            _changed(lambda dX, dW, db, *given: (-dX, -dW, -db))
        ),
        hint("no-dZ", _("the incoming gradient dZ is missing: the chain rule multiplies by it.")): (
            _changed(lambda dX, dW, db, X, W, dZ: _right(X, W, np.ones_like(dZ)))
        ),
        hint(
            "first-example-only",
            _("all examples count, not the first alone. Is there a `return` inside a loop?"),
        ): [
            _changed(lambda dX, dW, db, X, W, dZ: (dX, *_right(X[:1], W, dZ[:1])[1:])),
            _changed(lambda dX, dW, db, X, W, dZ: (dX, _right(X[:1], W, dZ[:1])[1], db)),
            _changed(lambda dX, dW, db, X, W, dZ: (dX, dW, dZ[0])),
        ],
        hint(
            "last-example-missing",
            _("the last example is not counted: range(n) goes through all n."),
        ): [
            _changed(lambda dX, dW, db, X, W, dZ: (dX, *_right(X[:-1], W, dZ[:-1])[1:])),
            _changed(lambda dX, dW, db, X, W, dZ: (dX, _right(X[:-1], W, dZ[:-1])[1], db)),
        ],
        hint(
            "last-example-only",
            _("only the last example counts here: is it `=` where `+=` should add up?"),
        ): [
            _changed(lambda dX, dW, db, X, W, dZ: (dX, *_right(X[-1:], W, dZ[-1:])[1:])),
            _changed(lambda dX, dW, db, X, W, dZ: (dX, _right(X[-1:], W, dZ[-1:])[1], db)),
            _changed(lambda dX, dW, db, X, W, dZ: (dX, dW, dZ[-1])),
        ],
        hint(
            "db-as-a-column", _("db has the shape (k,): a single row of numbers, not a column.")
        ): (_changed(lambda dX, dW, db, *given: (dX, dW, db[:, np.newaxis]))),
        hint(
            "reshaped",
            _("reshape does not transpose: .T exchanges rows and columns, or tf.transpose."),
        ): [
            _changed(lambda dX, dW, db, X, W, dZ: (dZ @ W.reshape(W.shape[::-1]), dW, db)),
            _changed(lambda dX, dW, db, X, W, dZ: (dX, X.reshape(X.shape[::-1]) @ dZ, db)),
            _changed(
                lambda dX, dW, db, X, W, dZ: (
                    dZ @ W.reshape(W.shape[::-1]),
                    X.reshape(X.shape[::-1]) @ dZ,
                    db,
                )
            ),
        ],
        hint(
            "sums-multiplied",
            _("multiply example by example, and then add up: Xᵀ · dZ does both."),
        ): _changed(lambda dX, dW, db, X, W, dZ: (dX, np.outer(X.sum(axis=0), dZ.sum(axis=0)), db)),
        hint("stepped", _("return the gradients alone, without taking a step.")): [
            _changed(lambda dX, dW, db, X, W, dZ, rate=rate: (dX, W - rate * dW, db))
            for rate in (0.01, 0.1, 0.5, 1.0)
        ],
    },
)
