"""The check of weighted_sums: the pixels times their weights, plus the bias."""

import numpy as np

from course.check.engine.comparison import Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint
from course.check.references import lesson_01_softmax as reference
from course.messages import _


def _cases(rng):
    cases = [
        ([[1, 2]], [[3], [4]], [100]),
        ([[1, 0], [0, 1]], [[1, 2], [3, 4]], [10, 20]),
        ([[0, 0], [0, 0]], [[1, 2], [3, 4]], [10, 20]),
    ]
    sizes = [(1, 1, 1), (1, 5, 3), (4, 4, 4), (3, 7, 3), (2, 3, 5), (2, 784, 10)]
    for n, d, k in [*sizes, rng.integers(11, 40, 3)]:
        cases.append((rng.normal(size=(n, d)), rng.normal(size=(d, k)), rng.normal(size=k)))
    for case in cases:
        yield {name: np.array(part, np.float32) for name, part in zip("XWb", case, strict=True)}


def _if_square(wrong):
    """A mistake that runs only where all lengths are equal; elsewhere the right answer."""
    return lambda X, W, b: (wrong if len(X) == len(W) == len(b) else _right)(X, W, b)


_right = unguarded(reference.weighted_sums)

weighted_sums = Comparison(
    signature="weighted_sums(X, W, b)",
    summary="X (n, d), W (d, k), b (k,) -> (n, k).",
    right=_right,
    cases=_cases,
    meaning=_("one row for each example, one column for each neuron"),
    demand=_("weighted_sums must give X·W + b: the pixels times their weights, plus the bias."),
    slack=lambda X, W, b: 1e-5 * (np.abs(X) @ np.abs(W) + np.abs(b)),
    explains_errors=True,
    lost_steps=("no-bias",),
    mistakes={
        hint("no-bias", _("the biases b are missing: one is added to each column.")): (
            lambda X, W, b: X @ W
        ),
        hint("bias-subtracted", _("the biases are subtracted; add them.")): (
            lambda X, W, b: X @ W - b
        ),
        hint("times-bias", _("the biases are added, not multiplied.")): lambda X, W, b: X @ W * b,
        hint("one-bias", _("each neuron has a bias of its own: add b itself, not one number.")): [
            lambda X, W, b: X @ W + b[0],
            lambda X, W, b: X @ W + b[-1],
            lambda X, W, b: X @ W + b.sum(),
            lambda X, W, b: X @ W + b.mean(),
        ],
        hint(
            "bias-beside-a-pixel",
            _(
                "the column of ones must meet the row of b: put both first, before the pixels and "
                "their weights, or both last."
            ),
        ): [
            lambda X, W, b: np.hstack([X, np.ones((len(X), 1))]) @ np.vstack([b, W]),
            lambda X, W, b: np.hstack([np.ones((len(X), 1)), X]) @ np.vstack([W, b]),
        ],
        hint(
            "bias-of-every-pixel",
            _("the bias is added once for each neuron, as it is, after the sum."),
        ): [
            lambda X, W, b: X @ W + 2 * b,
            lambda X, W, b: X @ W + b / len(X),
            lambda X, W, b: X @ W + len(W) * b,
            lambda X, W, b: (X[:, :, np.newaxis] * W + b).sum(axis=1),
            lambda X, W, b: X @ (W + b),
        ],
        hint(
            "not-added-up",
            _("only the last product is left: `+=` adds each one to those before, `=` does not."),
        ): lambda X, W, b: X[:, -1:] * W[-1] + b,
        hint("one-pixel-missing", _("one pixel is left out: range(d) goes through all of them.")): [
            lambda X, W, b: X[:, :-1] @ W[:-1] + b,
            lambda X, W, b: X[:, 1:] @ W[1:] + b,
        ],
        hint(
            "bias-as-a-row", _("add b to each row, with +: here it is one more row below them.")
        ): (lambda X, W, b: np.vstack([X @ W, b])),
        hint("bias-to-pixels", _("the bias is added to the sums, not to the pixels.")): [
            lambda X, W, b: (X + b[0]) @ W,
            lambda X, W, b: (X + b) @ W,
        ],
        hint(
            "bias-down-a-column",
            _(
                "the biases are added down the columns: neuron j adds b[j] in every row. "
                "Broadcasting does this with `+ b` alone."
            ),
        ): [
            lambda X, W, b: X @ W + b[:, np.newaxis],
            lambda X, W, b: X @ W + (b[:, np.newaxis] if len(X) == len(b) else b),
            lambda X, W, b: X @ W + b[np.arange(len(X)), np.newaxis],
            lambda X, W, b: X @ W + np.broadcast_to(b[:, np.newaxis], (len(X), len(b))),
        ],
        hint(
            "bias-misplaced",
            _(
                "the biases are in the wrong places: each row gets b[0], b[1], … in this order. "
                "Broadcasting does this with `+ b` alone."
            ),
        ): [
            lambda X, W, b: X @ W + np.repeat(b, len(X)).reshape(len(X), len(b)),
            lambda X, W, b: X @ W + np.tile(b, len(X)).reshape(len(b), len(X)).T,
        ],
        hint(
            "order-of-factors",
            _(
                "multiply the matrices as X @ W: X first, and not with `*`, which multiplies entry "
                "by entry."
            ),
        ): [
            lambda X, W, b: X * W + b,
            lambda X, W, b: W @ X + b,
        ],
        hint(
            "W-transposed",
            _("W is transposed, and need not be: pixel i meets neuron j in W[i, j]."),
        ): [
            lambda X, W, b: X @ W.T + b,
            _if_square(lambda X, W, b: X @ W.T + b),
            lambda X, W, b: X @ (W.T if len(W) == len(b) else W) + b,
        ],
        hint(
            "exchanged-axes",
            _("rows and columns of the result are exchanged: one row for each example."),
        ): [
            lambda X, W, b: (X @ W + b).T,
            _if_square(lambda X, W, b: (X @ W + b).T),
            lambda X, W, b: W.T @ X.T + b,
        ],
        hint("mean", _("add the products up; do not take their mean.")): [
            lambda X, W, b: X @ W / len(W) + b,
            lambda X, W, b: X @ W / len(X) + b,
        ],
        hint("softmax-too-early", _("softmax comes later: return the sums themselves.")): (
            lambda X, W, b: reference.softmax(X @ W + b)
        ),
        hint("activation", _("no activation here: return the sums themselves.")): [
            lambda X, W, b: np.maximum(X @ W + b, 0),
            lambda X, W, b: 1 / (1 + np.exp(-(X @ W + b))),
            lambda X, W, b: np.tanh(X @ W + b),
        ],
        hint(
            "one-sum",
            _("each example has a sum for each neuron: return them all, not one number of them."),
        ): [
            lambda X, W, b: np.max(X @ W + b, axis=1),
            lambda X, W, b: np.max(X @ W + b, axis=1, keepdims=True),
            lambda X, W, b: np.argmax(X @ W + b, axis=1),
            *[lambda X, W, b, axis=axis: np.sum(X @ W + b, axis=axis) for axis in (None, 0, 1)],
            lambda X, W, b: np.sum(X @ W) + b,
        ],
        hint("first-example-only", _("this is only the first example: X @ W takes all.")): (
            lambda X, W, b: X[0] @ W + b
        ),
        hint("absolute", _("keep the signs: leave out the absolute value.")): [
            lambda X, W, b: X @ np.abs(W) + b,
            lambda X, W, b: np.abs(X @ W + b),
        ],
    },
    by_code={
        "bias-misplaced": {
            r"\brepeat\(": hint(
                "bias-repeated",
                _(
                    "`repeat` gives b[0], b[0], … before b[1]: each row gets b[0], b[1], … in this "
                    "order. Broadcasting does this with `+ b` alone."
                ),
            )
        },
        "W-transposed": {
            r"\binner\(": hint(
                "inner",
                _(
                    "np.inner takes the rows of X with the rows of W: X @ W takes them with the "
                    "columns of W."
                ),
            ),
        },
        "no-bias": {
            r"^ *\+ *b\b": hint(
                "line-of-its-own",
                _(
                    "a line that begins with `+ b` is a statement by itself, and adds b to "
                    "nothing: put the whole sum on one line, or in brackets."
                ),
            ),
        },
    },
)
