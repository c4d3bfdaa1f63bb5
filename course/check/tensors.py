"""The checks of the notebook on tensors: small exercises without points or examination."""

import numpy as np

import course.backend  # noqa: F401 (TensorFlow, which the notebook imports next, starts silently)
from course.check.engine.comparison import Comparison
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import cut_off_hint, hint
from course.check.notebook import for_notebook, watch_notebook
from course.messages import _

EXERCISES = ("column_means", "centred_rows", "as_pictures", "dot_products")


def _numbers(rng, shape):
    """Whole and half numbers: easy to read, and their sums and products are exact."""
    return np.round(rng.normal(0, 6, shape)) / 2


def _matrices(rng):
    given = [np.array([[1, 2], [3, 6]])]
    given += [_numbers(rng, shape) for shape in ((3, 2), (1, 4), (4, 4), (5, 2))]
    return [{"X": X.astype(np.float32)} for X in given]


def _flat_pictures(rng):
    sizes = [(1, 2, 3), (2, 3, 2), (4, 3, 2), (3, 3, 3), (2, 5, 4)]
    given = [np.arange(1, count * height * width + 1) for count, height, width in sizes[:2]]
    given += [rng.permutation(count * height * width) / 10 for count, height, width in sizes[2:]]
    return [
        {"X": X.reshape(count, -1).astype(np.float32), "height": height, "width": width}
        for X, (count, height, width) in zip(given, sizes, strict=True)
    ]


def _pairs_of_matrices(rng):
    sizes = [(1, 1, 2), (2, 3, 4), (3, 3, 3), (4, 2, 1)]
    return [
        {
            "A": _numbers(rng, (n, d)).astype(np.float32),
            "B": _numbers(rng, (m, d)).astype(np.float32),
        }
        for n, m, d in sizes
    ]


def _filled_as_if_square(A, B):
    """Zeros (n, m), of which a loop over as many columns as A has rows is filled."""
    if len(A) > len(B):
        raise IndexError
    return np.hstack([A @ B[: len(A)].T, np.zeros((len(A), len(B) - len(A)))])


def _dot_products_at(places):
    """Dot products whose rows of A and of B are found by the two places of each result."""

    def wrong(A, B):
        rows, others = places(*np.indices((len(A), len(B))))
        return (A[rows] * B[others]).sum(axis=2)

    return wrong


def _by_rows(X):
    """The means of as many columns as there are rows: it stops if there are fewer columns."""
    return np.array([X[:, place].mean() for place in range(len(X))])


def _filled_by_rows(X):
    """Zeros, of which the means of as many columns as there are rows are filled in."""
    means = np.zeros(X.shape[1])
    means[range(len(X))] = _by_rows(X)
    return means


def _centred_by_columns(X):
    """Zeros, of which as many rows as there are columns are filled in."""
    centred, rows = np.zeros(X.shape), range(X.shape[1])
    centred[rows] = X[rows] - X[rows].mean(axis=1, keepdims=True)
    return centred


def _mean_taken_again(X):
    """The mean of a row is taken again after each of its numbers that has changed."""
    centred = X.copy()
    for row, column in np.ndindex(X.shape):
        centred[row, column] -= centred[row].mean()
    return centred


def _halved_each_time(means, rows):
    """The mean of what there is so far and the next row, again and again."""
    for row in rows:
        means = (means + row) / 2
    return means


def _in_whole_numbers(right, X):
    """A check that the numbers of the result are fractions even if those of X are whole.

    TensorFlow itself divides whole numbers into whole ones, and takes no two types together.
    """

    def check(attempt, seed):
        try:
            result = attempt.call(X=np.array(X))
        except CheckFailed as failure:
            if "Cannot cast ufunc" in failure.error:
                raise
            return
        if isinstance(result.value, np.ndarray) and not attempt.uses("tf"):
            demand = _("{name} must give fractions for whole numbers, too.")
            result.equals(right(np.array(X)), demand.format(name=attempt.name), hint=cut_off_hint())

    return check


def _of_length_1(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


_CHECKS = (
    Comparison(
        signature="column_means(X)",
        explains_errors=True,
        summary="X (n, d) -> the mean of each column (d,).",
        right=lambda X: X.mean(axis=0),
        cases=_matrices,
        meaning=_("one mean for each column"),
        demand=_("column_means must return the mean of each column."),
        afterwards=(_in_whole_numbers(lambda X: X.mean(axis=0), [[1, 2], [4, 6]]),),
        lost_steps=("sum",),
        mistakes={
            hint(
                "range-of-rows",
                _("len(X) is the number of rows: the number of columns is X.shape[1]."),
            ): [_by_rows, _filled_by_rows],
            hint("rows", _("axis=1 goes along a row; to go down a column, take axis=0.")): (
                lambda X: X.mean(axis=1)
            ),
            hint("all", _("without an axis, mean takes all the numbers together.")): np.mean,
            hint("first-only", _("this is only the first: is `return` inside the loop?")): (
                lambda X: X.mean(axis=0)[:1]
            ),
            hint("sum", _("this adds up; the mean is the sum divided by how many there are.")): (
                lambda X: X.sum(axis=0)
            ),
            hint(
                "by-columns",
                _(
                    "this divides by the number of columns; a column has as many numbers as there "
                    "are rows."
                ),
            ): lambda X: X.sum(axis=0) / X.shape[1],
            hint("whole-numbers-first", _("keep the decimals of X: do not convert its type.")): [
                lambda X: X.astype(int).mean(axis=0),
                lambda X: np.trunc(np.trunc(X).sum(axis=0) / len(X)),
            ],
            hint("by-n-minus-1", _("divide by n, the number of rows, not by n - 1.")): (
                lambda X: X.sum(axis=0) / (len(X) - 1)
            ),
            hint("row-missing", _("a row is left out: all the numbers of a column count.")): [
                lambda X: X[1:].mean(axis=0),
                lambda X: X[:-1].mean(axis=0),
                lambda X: X[1:].sum(axis=0) / len(X),
                lambda X: X[:-1].sum(axis=0) / len(X),
            ],
            hint(
                "another-number",
                _(
                    "this is another number of each column, such as its median or its largest: the "
                    "mean is the sum of all its numbers, signs included, divided by how many there "
                    "are."
                ),
            ): [
                lambda X: X.max(axis=0),
                lambda X: X.min(axis=0),
                lambda X: np.median(X, axis=0),
                lambda X: (X[0] + X[-1]) / 2,
                lambda X: (X.max(axis=0) + X.min(axis=0)) / 2,
                lambda X: np.abs(X).mean(axis=0),
            ],
            hint(
                "halved-each-time",
                _(
                    "halving after each row makes the last ones count more than the first: add up "
                    "all rows, and then divide once, by their number."
                ),
            ): [
                lambda X: _halved_each_time(X[0], X[1:]),
                lambda X: _halved_each_time(0 * X[0], X),
            ],
            hint("in-each-row", _("return the means alone: one row of them, not a matrix.")): (
                lambda X: np.ones_like(X) * X.mean(axis=0)
            ),
            hint(
                "kept", _("keepdims=True leaves an axis of length 1, which is not wanted here.")
            ): (lambda X: X.mean(axis=0, keepdims=True)),
        },
        by_code={
            "rows": {
                r"\.T\b|transpose": hint(
                    "transposed-first",
                    _("`.T` exchanges rows and columns: after it, axis=0 goes along rows of X."),
                )
            }
        },
    ),
    Comparison(
        signature="centred_rows(X)",
        explains_errors=True,
        summary="X (n, d) -> the same shape, with each row's own mean subtracted.",
        right=lambda X: X - X.mean(axis=1, keepdims=True),
        cases=_matrices,
        meaning=_("X with each row's mean subtracted"),
        demand=_("centred_rows must return X with each row's own mean subtracted."),
        afterwards=(
            _in_whole_numbers(lambda X: X - X.mean(axis=1, keepdims=True), [[1, 2], [3, 6]]),
        ),
        lost_steps=("unchanged",),
        mistakes={
            hint(
                "range-of-columns",
                _("X.shape[1] is the number of columns: the number of rows is len(X)."),
            ): (_centred_by_columns),
            hint("columns", _("this subtracts the means of the columns, not those of the rows.")): (
                lambda X: X - X.mean(axis=0)
            ),
            hint("one-mean", _("this subtracts one mean from all rows; each row has its own.")): [
                lambda X: X - X.mean(),
                lambda X: X - X[0].mean(),
                lambda X: X - X[-1].mean(),
            ],
            hint(
                "keepdims",
                _(
                    "means of the shape (n,) or (1, n) are laid along the columns: keepdims=True "
                    "gives them the shape (n, 1)."
                ),
            ): lambda X: X - X.mean(axis=1),
            hint(
                "filled-up",
                _(
                    "np.resize writes one mean after the other into each row, but a row needs its "
                    "own mean in all places: with keepdims=True the means have the shape (n, 1), "
                    "and broadcasting does the rest."
                ),
            ): lambda X: X - np.resize(X.mean(axis=1), X.shape),
            hint(
                "mean-taken-again",
                _(
                    "the mean is taken again after the row has begun to change: compute it once, "
                    "before you change the row."
                ),
            ): _mean_taken_again,
            hint("turned", _("rows and columns are still exchanged: turn them back with .T.")): (
                lambda X: X.T - X.mean(axis=1)
            ),
            hint("sums", _("this subtracts the sum of each row: take its mean.")): (
                lambda X: X - X.sum(axis=1, keepdims=True)
            ),
            hint("sign", _("subtract the mean from X: X - mean.")): [
                lambda X: X + X.mean(axis=1, keepdims=True),
                lambda X: X.mean(axis=1, keepdims=True) - X,
            ],
            hint("scaled", _("subtract the mean of each row, and do not divide.")): [
                lambda X: (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True),
                lambda X: X / X.mean(axis=1, keepdims=True),
            ],
            hint(
                "another-number",
                _("subtract the mean of each row, not its largest, smallest or middle number."),
            ): [
                lambda X: X - X.max(axis=1, keepdims=True),
                lambda X: X - X.min(axis=1, keepdims=True),
                lambda X: X - np.median(X, axis=1, keepdims=True),
            ],
            hint("columns-as-well", _("centre the rows alone: the columns need no mean of 0.")): (
                lambda X: X - X.mean(axis=0) - (X - X.mean(axis=0)).mean(axis=1, keepdims=True)
            ),
            hint(
                "unchanged",
                _(
                    "this is X as it was: `row = …` in a loop gives the name `row` to something "
                    "else, and X stays the same. Return what the subtraction gives."
                ),
            ): lambda X: X,
            hint("means-only", _("return X after the subtraction, not the means.")): [
                lambda X: X.mean(axis=1),
                lambda X: X.mean(axis=1, keepdims=True),
            ],
        },
    ),
    Comparison(
        signature="as_pictures(X, height, width)",
        summary="X (n, height * width) -> pictures (n, height, width), row by row.",
        right=lambda X, height, width: X.reshape(-1, height, width),
        cases=_flat_pictures,
        meaning=_("pictures of the shape (n, height, width)"),
        demand=_("as_pictures must lay each row of X out as a picture, line by line."),
        mistakes={
            hint("axes", _("the height comes before the width: (n, height, width).")): [
                lambda X, height, width: X.reshape(-1, width, height),
                lambda X, height, width: X.reshape(-1, height, width).transpose(0, 2, 1),
            ],
            hint("count-last", _("the number of pictures comes first: (n, height, width).")): [
                lambda X, height, width: X.reshape(height, width, -1),
                lambda X, height, width: X.reshape(-1, height, width).transpose(1, 2, 0),
            ],
            hint("one-picture", _("this is one picture; X holds n of them, one in each row.")): [
                lambda X, height, width: X.reshape(height, width),
                lambda X, height, width: X[0].reshape(height, width),
            ],
            hint("columns-first", _("fill the pictures line by line, not column by column.")): (
                lambda X, height, width: X[
                    :, np.add.outer(range(height), height * np.arange(width))
                ]
            ),
            hint(
                "picture-missing",
                _("a picture is left out: range(len(X)) goes through them all."),
            ): [
                lambda X, height, width: np.array([x.reshape(height, width) for x in X[:-1]]),
                lambda X, height, width: np.array([x.reshape(height, width) for x in X[1:]]),
            ],
            hint(
                "flat",
                _(
                    "this is still flat: give reshape three lengths, and go on with what it "
                    "returns; the old array stays as it is."
                ),
            ): [
                lambda X, height, width: X,
                lambda X, height, width: X.reshape(-1),
            ],
            hint(
                "transposed-first",
                _("each row of X is a whole picture already: reshape X itself, not X.T."),
            ): lambda X, height, width: X.T.reshape(-1, height, width),
            hint(
                "several-rows-mixed",
                _(
                    "reshape keeps the order of the numbers, so that a picture gets numbers of "
                    "several rows: ask for (n, height, width) at once, without a transpose."
                ),
            ): [
                lambda X, height, width: X.reshape(height, width, -1).transpose(2, 0, 1),
                lambda X, height, width: X.reshape(width, height, -1).transpose(2, 1, 0),
                lambda X, height, width: X.reshape(height, width, -1).transpose(2, 1, 0),
                lambda X, height, width: X.reshape(height, -1, width).transpose(1, 0, 2),
            ],
            hint("line-length", _("a line has as many numbers as the picture is wide.")): (
                lambda X, height, width: X[:, height * np.arange(height)[:, None] + range(width)]
            ),
            hint("numbers-changed", _("lay the numbers out as they are: do not change them.")): [
                lambda X, height, width: X.reshape(-1, height, width) / 255,
                lambda X, height, width: X.reshape(-1, height, width).astype(np.uint8),
            ],
            hint("shape-alone", _("this is the shape; return the pictures, with X.reshape.")): (
                lambda X, height, width: np.array([len(X), height, width])
            ),
        },
        by_code={
            "columns-first": {
                r"\b(transpose|swapaxes|moveaxis|permute_dims|einsum)\(|\.T\b": hint(
                    "transposed-after",
                    _(
                        "reshape to (n, height, width) fills the pictures line by line: leave out "
                        "the transpose, which makes it column by column."
                    ),
                ),
                r"\border *= *.F": hint(
                    "order-of-columns",
                    _('`order="F"` fills the pictures column by column: leave it out.'),
                ),
            }
        },
    ),
    Comparison(
        signature="dot_products(A, B)",
        explains_errors=True,
        summary="A (n, d), B (m, d) -> the dot product of each row of A with each row of B (n, m).",
        right=lambda A, B: A @ B.T,
        cases=_pairs_of_matrices,
        meaning=_("a matrix of the shape (n, m)"),
        demand=_("dot_products must hold, in row i and column j, row i of A times row j of B."),
        mistakes={
            hint("other-way", _("A comes first: its rows give the rows of the result.")): (
                lambda A, B: B @ A.T
            ),
            hint(
                "element-wise",
                _("this multiplies number by number; a dot product also adds up, row with row."),
            ): [
                lambda A, B: A * B,
                lambda A, B: A[:, np.newaxis] * B,
                lambda A, B: A * B.T,
            ],
            hint(
                "outer",
                _(
                    "np.outer multiplies every number of A by every number of B: a dot product "
                    "takes a row with a row, and adds up."
                ),
            ): np.outer,
            hint(
                "first-transposed",
                _("the product of rows with rows is A @ B.T: transpose the second, not the first."),
            ): [
                lambda A, B: A.T @ B,
                lambda A, B: B.T @ A,
            ],
            hint("axis", _("add up along a row, the last axis: each pair of rows has one sum.")): [
                lambda A, B: (A[:, np.newaxis] * B).sum(axis=1),
                lambda A, B: (A[:, np.newaxis] * B).sum(axis=0),
            ],
            hint(
                "not-added-up",
                _(
                    "only the last product is left: `+=` adds each one to those before, `=` does "
                    "not."
                ),
            ): lambda A, B: A[:, -1:] @ B[:, -1:].T,
            hint("one-number-missing", _("one number of each row is left out of the sum.")): [
                lambda A, B: A[:, :-1] @ B[:, :-1].T,
                lambda A, B: A[:, 1:] @ B[:, 1:].T,
            ],
            hint(
                "another-measure",
                _(
                    "a dot product multiplies the numbers in pairs and adds up the products: do "
                    "nothing more."
                ),
            ): [
                lambda A, B: (A[:, np.newaxis] + B).sum(axis=2),
                lambda A, B: _of_length_1(A) @ _of_length_1(B).T,
            ],
            hint("distance", _("these are distances: add up the products, not the differences.")): [
                lambda A, B: ((A[:, np.newaxis] - B) ** 2).sum(axis=2),
                lambda A, B: np.sqrt(((A[:, np.newaxis] - B) ** 2).sum(axis=2)),
            ],
            hint(
                "one-for-all",
                _("this is one number for both matrices: each row of A has one with each of B."),
            ): [np.vdot, lambda A, B: np.sum(A @ B.T)],
            hint("mean", _("a dot product is a sum: do not divide it by anything.")): (
                lambda A, B: A @ B.T / A.shape[1]
            ),
            hint("only-pairs", _("each row of A meets each row of B, not only its own.")): [
                lambda A, B: (A * B).sum(axis=1),
                lambda A, B: np.array([a @ b for a, b in zip(A, B, strict=False)]),
            ],
            hint(
                "one-index-for-both",
                _(
                    "each row of A meets each row of B: two indices, i for the row of A and j for "
                    "that of B."
                ),
            ): [
                _dot_products_at(lambda i, j: (i, i)),
                _dot_products_at(lambda i, j: (j, j)),
            ],
            hint("in-a-row", _("each row of A gives a row of the result: one list for each.")): (
                lambda A, B: np.ravel(A @ B.T)
            ),
            hint("square", _("B need not have as many rows as A: take m from B.")): [
                lambda A, B: np.array([[a @ B[j] for j in range(len(A))] for a in A]),
                _filled_as_if_square,
            ],
            hint("reshaped", _("reshape does not transpose: .T exchanges rows and columns.")): (
                lambda A, B: A @ B.reshape(B.shape[::-1])
            ),
        },
    ),
)
column_means, centred_rows, as_pictures, dot_products = (
    for_notebook(check, check.name, EXERCISES) for check in _CHECKS
)

watch_notebook(EXERCISES)
