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


def _partly(wrong, *choices):
    """Answers with the parts of a wrong one at some places, and right ones elsewhere."""

    def answer(places):
        return lambda *given: tuple(
            (wrong(*given) if place in places else _right(*given))[place] for place in range(3)
        )

    return [answer(places) for places in choices]


def _of_examples(part):
    """Answers in which only this part of the examples counts in dW, in db, or in several."""

    def wrong(X, W, dZ):
        some = np.zeros_like(dZ)
        some[part] = dZ[part]
        return _right(X, W, some)

    return _partly(wrong, (1,), (2,), (1, 2), (0, 1, 2), (0, 1), (0,))


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
        ): _partly(
            lambda X, W, dZ: [part / len(X) for part in _right(X, W, dZ)],
            *((0, 1, 2), (1, 2), (0,), (1,), (2,)),
        ),
        hint("summed", _("do not multiply by n: dZ says how much each sum matters.")): (
            _changed(lambda dX, dW, db, X, *others: (dX * len(X), dW * len(X), db * len(X)))
        ),
        hint(
            "db-axis",
            _("db has one number for each neuron: dZ, added up along axis=0, over the examples."),
        ): [
            _changed(lambda dX, dW, db, X, W, dZ, made=made: (dX, dW, made(X, dZ)))
            for made in (
                lambda X, dZ: dZ,
                lambda X, dZ: dZ.sum(axis=1),
                lambda X, dZ: dZ.sum(),
                lambda X, dZ: np.full(dZ.shape[1], dZ.sum()),
                lambda X, dZ: np.zeros(dZ.shape[1]),
                lambda X, dZ: X.sum(axis=0),
            )
        ],
        hint("db-of-dW", _("db is the sum of dZ alone: X has no part in it.")): (
            _changed(lambda dX, dW, db, *given: (dX, dW, dW.sum(axis=0)))
        ),
        hint("db-shape", _("db has the shape (k,), a single axis: neither a row nor a column.")): [
            _changed(lambda dX, dW, db, *given: (dX, dW, db[np.newaxis])),
            _changed(lambda dX, dW, db, *given: (dX, dW, db[:, np.newaxis])),
        ],
        hint(
            "transposed",
            _("rows and columns are exchanged in a result: dX is dZ · Wᵀ, and dW is Xᵀ · dZ."),
        ): [
            _changed(lambda dX, dW, db, *given: (dX.T, dW, db)),
            _changed(lambda dX, dW, db, *given: (dX, dW.T, db)),
            _changed(lambda dX, dW, db, *given: (dX.T, dW.T, db)),
        ],
        hint(
            "not-transposed",
            _("one factor goes in *transposed*: dX is dZ · Wᵀ, and dW is Xᵀ · dZ."),
        ): _partly(
            lambda X, W, dZ: (
                dZ @ (W if is_square(W) else W.T),
                (X if is_square(X) else X.T) @ dZ,
                0,
            ),
            *((0,), (1,), (0, 1)),
        ),
        hint("exchanged", _("the order is dX, dW, db.")): [
            _changed(lambda dX, dW, db, *given: (dW, dX, db)),
            _changed(lambda dX, dW, db, *given: (dW, db, dX)),
            _changed(lambda dX, dW, db, *given: (db, dW, dX)),
        ],
        hint(
            "gated",
            _("a dense layer alone has no gate: the ReLU before or after it is another step."),
        ): [
            _changed(lambda dX, dW, db, X, *others: (dX * (X > 0), dW, db)),
            _changed(lambda dX, dW, db, X, W, dZ: _right(X, W, dZ * (X @ W > 0))),
            _changed(lambda dX, dW, db, X, W, dZ: _right(X, W, dZ * (dZ > 0))),
        ],
        hint("sign", _("the sign is reversed: leave out the minus.")): (
            _changed(lambda dX, dW, db, *given: (-dX, -dW, -db))
        ),
        hint("no-dZ", _("the incoming gradient dZ is missing: the chain rule multiplies by it.")): [
            *_partly(
                lambda X, W, dZ: _right(X, W, np.ones_like(dZ)), *((0, 1, 2), (0, 1), (0,), (1,))
            ),
            *_partly(lambda X, W, dZ: _right(X, W, X @ W), *((0, 1, 2), (0, 1), (0,), (1,))),
        ],
        hint(
            "first-example-only",
            _("all examples count, not only the first. Is there a `return` inside a loop?"),
        ): _of_examples(slice(1)),
        hint(
            "example-missing",
            _("one example is not counted, the first or the last: range(n) goes through all n."),
        ): [*_of_examples(slice(-1)), *_of_examples(slice(1, None))],
        hint(
            "last-example-only",
            _("only the last example counts here: is it `=` where `+=` should add up?"),
        ): _of_examples(slice(-1, None)),
        hint(
            "inverse",
            _("the way back multiplies by the transpose, Wᵀ or Xᵀ, not by an inverse."),
        ): _partly(
            lambda X, W, dZ: (dZ @ np.linalg.pinv(W), np.linalg.pinv(X) @ dZ, 0),
            *((0,), (1,), (0, 1)),
        ),
        hint(
            "reshaped",
            _("reshape does not transpose: .T exchanges rows and columns, or tf.transpose."),
        ): _partly(
            lambda X, W, dZ: (
                dZ @ W.reshape(W.shape[::-1]),
                X.reshape(X.shape[::-1]) @ dZ,
                0,
            ),
            *((0,), (1,), (0, 1)),
        ),
        hint(
            "sums-multiplied",
            _("multiply example by example, and then add up: Xᵀ · dZ does both."),
        ): _changed(lambda dX, dW, db, X, W, dZ: (dX, np.outer(X.sum(axis=0), dZ.sum(axis=0)), db)),
        hint("stepped", _("return the gradients alone, without taking a step.")): [
            _changed(lambda dX, dW, db, X, W, dZ, rate=rate: (dX, W - rate * dW, db))
            for rate in (0.01, 0.1, 0.2, 0.5, 1.0)
        ]
        + [
            lambda X, W, dZ, rate=rate: _right(X, W - rate * X.T @ dZ, dZ)
            for rate in (0.01, 0.1, 0.2, 0.5, 1.0)
        ],
        hint("dX-summed", _("each example has a row of its own in dX: do not add them up.")): (
            _changed(lambda dX, dW, db, *given: (dX.sum(axis=0) + 0 * dX, dW, db))
        ),
    },
)
