"""The checks of lesson 2: one-hot, cross-entropy, gradients, the step, mini-batches, the loop.

Each takes the learner's function, and a seed for the random inputs that it is tried on.
"""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import scipy.special

from course.check.engine import values, wording
from course.check.engine.attempt import Attempt
from course.check.engine.hints import hint
from course.check.engine.properties import generator_state
from course.check.references import lesson_02_gradient_descent as reference
from course.check.references.lesson_01_softmax import softmax
from course.messages import _

# The smallest probability of the true class that must not count as 0: one in a million.
_DOUBT = 1e-6


# Targets and loss ---------------------------------------------------------------------------------


def one_hot(answer, seed=0):
    """labels (n,) -> (n, num_classes): a 1 at the index of each label."""
    attempt = Attempt(answer, "one_hot(labels, num_classes=10)")
    rng = np.random.default_rng([21, seed])
    cases = [([2, 0], 3), ([6], None), ([1], 2), ([0, 1, 2], 3), ([0, 1, 2, 3], 6)]
    cases += [([0], 1), ([3, 1, 3], None), ([4, 11], 12)]
    cases.append((rng.permutation(10), None))
    for n in (27, 27, int(rng.integers(30, 300))):
        cases.append((rng.integers(0, 10, n), None))
        cases.append((rng.integers(0, 5, n), 7))
    types = ["uint8", "int64", "int32", "int8", "uint16"]
    for number, (labels, num_classes) in enumerate(cases):
        labels = np.array(labels, types[(number + seed) % len(types)])
        given = {} if num_classes is None else {"num_classes": num_classes}
        result = attempt.call(labels=labels, **given)
        _check_one_hot(result, labels, num_classes or 10)


def _check_one_hot(result, labels, k):
    n = len(labels)
    array = result.plain()
    if isinstance(array, np.ndarray) and array.ndim == 2 and array.shape[1] != k:
        guessed = int(labels.max()) + 1
        if array.shape == (n, guessed):
            result.fail_shape(
                _("one_hot must return num_classes columns, whichever labels occur."),
                (n, k),
                array.shape,
                hint(
                    "guessed-size",
                    _("the largest label of a batch does not tell how many classes there are."),
                ),
            )
    labels = labels.astype(np.int64)
    expected = np.eye(k)[labels]
    everywhere = np.zeros((n, k))
    everywhere[:, labels] = 1
    hints = {
        hint(
            "one-too-low", _("count from 0: the label 6 has its 1 at index 6, the seventh place.")
        ): np.eye(k)[(labels - 1) % k],
        hint(
            "one-too-high", _("the label 6 has its 1 at index 6; this is one place too far.")
        ): np.eye(k)[(labels + 1) % k],
        hint(
            "inverted", _("a 1 where the label is and 0 elsewhere; this is the other way round.")
        ): 1 - expected,
        hint("label-itself", _("write a 1 at the label's place, not the label itself.")): expected
        * labels[:, np.newaxis],
        hint(
            "columns-of-every-row",
            _(
                "T[:, labels] means these columns of every row; for one place in each row, give "
                "the rows too, np.arange(n) in front of labels."
            ),
        ): everywhere,
    }
    if n == k:
        hints[
            hint("exchanged-axes", _("rows and columns are exchanged: one row for each example."))
        ] = expected.T
    result.array((n, k), _("one row for each label, one column for each class"))
    result.equals(
        expected,
        _("one_hot must give each row a 1 at the index of its label, and 0 elsewhere."),
        hints,
    )


def cross_entropy(answer, seed=0):
    """probabilities (n, k), one-hot targets (n, k) -> the mean over the examples, in nats."""
    attempt = Attempt(answer, "cross_entropy(probabilities, targets)")
    rng = np.random.default_rng([22, seed])
    cases = [
        ([[0.5, 0.25, 0.25]], [0]),
        ([[0.8, 0.2], [0.4, 0.6]], [0, 0]),
        ([[0.1, 0.7, 0.2], [0.3, 0.3, 0.4]], [1, 2]),
        ([[0.99, 0.01]], [1]),
        ([[0.0, 1.0, 0.0]], [1]),
        ([[1.0, 0.0], [0.0, 1.0]], [0, 1]),
        ([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]], [1, 1]),
        (np.full((4, 10), 0.1), [3, 1, 4, 1]),
    ]
    for n, k in ((1, 10), (10, 10), (3, 3), (7, 4), (int(rng.integers(30, 200)), 10)):
        probabilities = softmax(rng.normal(0, 1.2, size=(n, k)))
        cases.append((probabilities, rng.integers(0, k, n)))
    for probabilities, labels in cases:
        _check_cross_entropy(attempt, probabilities, labels)
    _check_certain_mistakes(attempt)


def _check_cross_entropy(attempt, probabilities, labels):
    probabilities = np.array(probabilities, np.float32)
    n, k = probabilities.shape
    targets = np.eye(k, dtype=np.float32)[labels]
    result = attempt.call(probabilities=probabilities, targets=targets)
    value = result.array((), _("one number, the mean over the examples"))
    p, t = probabilities.astype(np.float64), targets.astype(np.float64)
    of_truth = p[t == 1]
    each = -np.log(of_truth)
    if not np.isfinite(value):
        result.fail(
            _("cross_entropy must be finite, even where a probability is exactly 0."),
            expected=f"{each.mean():.6g}",
            got=value,
            hint=hint(
                "log-of-0",
                _(
                    "0 · log 0 is not a number for a computer. Keep the probabilities a tiny bit "
                    "above 0 before the logarithm."
                ),
            ),
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        others = -np.log(1 - p)[t == 0].sum() / n
        hints = {
            hint(
                "mean-of-entries",
                _("divide by the number of examples n, not by n · k: sum each row first."),
            ): (each.mean() / k),
            hint(
                "sum", _("this is the sum over all examples; divide it by how many there are.")
            ): each.sum(),
            hint(
                "sign", _("the minus sign is missing: logarithms of probabilities are negative.")
            ): -each.mean(),
            hint(
                "base-2", _("use the natural logarithm, np.log; this one has base 2.")
            ): each.mean() / np.log(2),
            hint(
                "base-10", _("use the natural logarithm, np.log; this one has base 10.")
            ): each.mean() / np.log(10),
            hint(
                "log-of-mean",
                _(
                    "take the logarithm of each probability first, then the mean; not the "
                    "logarithm of the mean."
                ),
            ): -np.log(of_truth.mean()),
            hint(
                "other-classes",
                _("only the probability of the true class counts, not those of the others."),
            ): (each.mean() + others),
            hint(
                "squared-distance",
                _("this is a squared distance; take the logarithm of the probabilities."),
            ): np.mean(np.sum((p - t) ** 2, axis=1)),
            hint(
                "log-of-targets", _("take the logarithm of the probabilities, not of the targets.")
            ): -np.mean(np.sum(p * np.log(np.maximum(t, 1e-7)), axis=1)),
            hint(
                "no-targets",
                _("the targets pick out the true class: they are what log p is multiplied by."),
            ): (-np.mean(np.sum(p * np.log(np.maximum(p, 1e-30)), axis=1))),
            hint(
                "second-softmax",
                _("these are probabilities already: leave the second softmax out."),
            ): -np.mean(scipy.special.log_softmax(p, axis=1)[t == 1]),
            hint(
                "columns-of-every-row",
                _("p[:, labels] means these columns of every row; you need one place in each row."),
            ): (-np.log(p[:, t.argmax(axis=1)]).mean()),
        }
    demand = _(
        "cross_entropy must be the mean over the examples of -log(probability of the true class)."
    )
    for epsilon in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5):
        for changed in (of_truth + epsilon, np.clip(of_truth, epsilon, 1 - epsilon)):
            hints = _epsilon_hint() if np.isclose(value, -np.log(changed).mean(), 1e-5) else hints
    if (of_truth == 1).all():
        demand = _("cross_entropy must be 0 for a perfect prediction.")
        hints = hint(
            "epsilon-perfect", _("what you add before the logarithm must be tiny: 1e-7 or less.")
        )
    result.equals(each.mean(), demand, hints, slack=2e-6)


def _check_certain_mistakes(attempt):
    """An epsilon must not show: not in a small probability, and not in one that is 0."""
    for own, n, wrong in ((_DOUBT, 1, 1), (0.0, 1, 1), (0.0, 4, 1), (0.0, 3, 3)):
        probabilities = np.tile(np.array([[0, 1, 0]], np.float32), (n, 1))
        probabilities[:wrong] = [[own, 1 - own, 0]]
        targets = np.tile(np.array([[0, 1, 0]], np.float32), (n, 1))
        targets[:wrong] = [[1, 0, 0]]
        result = attempt.call(probabilities=probabilities, targets=targets)
        value = result.array((), _("one number, the mean over the examples"))
        least = -np.log(2 * _DOUBT) * wrong / n
        if not np.isfinite(value):
            result.fail(
                _(
                    "cross_entropy must be large but finite where a mistake was made with "
                    "certainty."
                ),
                expected=_("a finite number above {least:.1f}").format(least=least),
                got=value,
                hint=hint(
                    "log-0",
                    _(
                        "log 0 is minus infinity. Keep the probabilities a tiny bit above 0: "
                        "np.maximum or np.clip with 1e-7, say."
                    ),
                ),
            )
        too_large = own > 0 and value > -np.log(own) + 0.1
        if not value >= least * (1 - 1e-3) or too_large:
            result.fail(
                _("cross_entropy must be large where a mistake was made with certainty."),
                expected=(
                    _("about {value:.2f}").format(value=-np.log(own))
                    if own
                    else _("a finite number above {least:.1f}").format(least=least)
                ),
                got=f"{value:.6g}",
                hint=_epsilon_hint(),
            )


def _epsilon_hint():
    return hint(
        "epsilon",
        _(
            "the small number that keeps the logarithm away from 0 is so large that it changes the "
            "loss: make it 1e-7 or less."
        ),
    )


# Gradients ----------------------------------------------------------------------------------------


def numerical_gradient(answer, seed=0):
    """f: array -> number, x float64 of any shape -> the slopes of f at x, an array like x."""
    attempt = Attempt(answer, "numerical_gradient(f, x)")
    rng = np.random.default_rng([23, seed])
    hints_at_the_bottom = {
        _valley: hint(
            "one-sided",
            _(
                "look to both sides, (f(x + h) - f(x - h)) / 2h: the error of the one-sided slope "
                "(f(x + h) - f(x)) / h grows with the curvature."
            ),
        ),
        _trough: hint(
            "not-put-back",
            _("one place of x at a time: put each one back before you move the next."),
        ),
    }
    for f, x, slopes in _slopes_to_find(rng):
        result = attempt.call(f=f, x=x)
        array = result.array(x.shape, _("one slope for each number in x, in the shape of x"))
        expected = slopes(x)
        if f in (_valley, _trough):
            # Symmetric: two-sided differences give exactly 0, whatever the step.
            if not np.abs(array.astype(np.float64)).max() <= 1e-8:
                result.fail(
                    _("numerical_gradient must be 0 at the very bottom of a valley."),
                    expected=expected,
                    got=array,
                    hint=hints_at_the_bottom[f],
                )
            continue
        mistakes = {
            hint(
                "all-at-once",
                _("one place of x at a time: shift x[i] alone, and leave the others."),
            ): np.full(x.shape, expected.sum()),
            hint("by-h", _("the distance between the two points is 2h: divide by 2h, not by h.")): 2
            * expected,
            hint(
                "divided-twice", _("the distance between the two points is 2h: divide by it once.")
            ): expected / 2,
            hint("sign", _("the sign is reversed: f(x + h) - f(x - h), in this order.")): -expected,
            hint(
                "not-divided",
                _("divide the difference by the distance between the two points, 2h."),
            ): 0 * expected,
            hint(
                "shifts-pile-up",
                _("f is evaluated where several places were moved: undo each shift."),
            ): np.cumsum(expected).reshape(x.shape),
        }
        demands = {
            _ripples: _("numerical_gradient must find the slopes of a curve with narrow waves."),
            _high_hills: _(
                "numerical_gradient must find the slopes of a function as large as 1000."
            ),
        }
        hints = {
            _ripples: hint(
                "h-too-large", _("h is too large: it strides across the wave. Try 1e-5.")
            ),
            _high_hills: hint(
                "h-too-small",
                _(
                    "h is too small: f(x + h) and f(x - h) differ only in their last digits, and "
                    "these are rounded. Try 1e-5."
                ),
            ),
        }
        close = 2 * 1e-4 * np.abs(expected) + 1e-6
        found = next(
            (
                mistake
                for mistake, value in mistakes.items()
                if values.matches(array.astype(np.float64), value, close)
            ),
            hints.get(f),
        )
        if found is None and np.allclose(array, expected, rtol=0.1):
            found = hint("nearly", _("the slopes are nearly right: try h = 1e-5, on both sides."))
        result.equals(
            expected,
            demands.get(f, _("numerical_gradient must give the slope of f at each place of x.")),
            found,
            slack=1e-6,
        )


def _called(formula):
    """Name a function by its formula, as a learner reads it in a message."""

    def named(function):
        def of_array(x):
            return function(np.asarray(x, np.float64))

        of_array.__name__ = formula
        return of_array

    return named


@_called("x[0]² + x[1]² + …")
def _square(x):
    return float(np.sum(x**2))


@_called("100 · (x[0]² + x[1]² + …)")
def _valley(x):
    return float(100 * np.sum(x**2))


@_called("1000 · (x[0] + x[1] + …)²")
def _trough(x):
    return float(1000 * np.sum(x) ** 2)


@_called("1 · x[0]² + 2 · x[1]² + 3 · x[2]² + …, in reading order")
def _weighted_squares(x):
    return float(np.sum((1 + np.arange(x.size).reshape(x.shape)) * x**2))


@_called("(sum of row 0)² + (sum of row 1)² + …, of an x with two axes")
def _squared_rows(x):
    return float(np.sum(x.sum(axis=1) ** 2))


@_called("sin(10 · x[0]) + sin(10 · x[1]) + …")
def _ripples(x):
    return float(np.sum(np.sin(10 * x)))


@_called("1000 + x[0] + x[1] + … + cos(x[0]) · cos(x[1]) · …")
def _high_hills(x):
    return float(1000 + np.sum(x) + np.prod(np.cos(x)))


def _slopes_to_find(rng):
    """Functions, places to look at them, and their true gradients."""

    def places(shape):
        return 1 + np.arange(int(np.prod(shape))).reshape(shape)

    def of_hills(x):
        return 1 - np.tan(x) * np.prod(np.cos(x))

    def slopes(x):
        return 2 * places(x.shape) * x

    yield _square, np.array([1.0, -2.0]), lambda x: 2 * x
    yield _square, np.array([3.0]), lambda x: 2 * x
    yield _weighted_squares, np.array([[1.0, 2.0], [3.0, 4.0]]), slopes
    for shape in ((1, 1), (4,), (3, 2), (2, 3, 2), (5, 1)):
        x = rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape)
        yield _weighted_squares, x, slopes
    x = np.array([[1.0, 2.0, 0.5], [-1.0, 3.0, 1.0]])
    yield _squared_rows, x, lambda x: 2 * x.sum(axis=1, keepdims=True) + 0 * x
    yield _valley, np.zeros(3), lambda x: 0 * x
    yield _valley, np.zeros((2, 2)), lambda x: 0 * x
    yield _trough, np.array([1.0, -2.0, -1.0, 2.0]), lambda x: 0 * x
    # Where the waves are steepest, or nearly so.
    waves = np.round(rng.uniform(-3, 3, (2, 3)) * 10 / np.pi) * np.pi / 10
    yield _ripples, waves + rng.uniform(-0.02, 0.02, (2, 3)), lambda x: 10 * np.cos(10 * x)
    yield _high_hills, rng.uniform(-0.4, 0.4, (3, 4)), of_hills


def softmax_gradients(answer, seed=0):
    """X (n, d), one-hot T (n, k), W (d, k), b (k,) -> (dW, db) of the mean cross-entropy."""
    attempt = Attempt(answer, "softmax_gradients(X, T, W, b)")
    rng = np.random.default_rng([24, seed])
    cases = [
        ([[1, 2]], [1], [[0, 0, 2], [0, 0, 0]], [0, 0, 0]),
        ([[1], [4]], [0, 1], [[0, 0, 0]], [0, 0, 2]),
    ]
    sizes = [(1, 1, 3), (1, 4, 2), (4, 4, 4), (3, 5, 3), (7, 3, 4), (10, 20, 10)]
    sizes.append(tuple(int(size) for size in rng.integers(11, 30, 3)))
    for n, d, k in sizes:
        parts = rng.normal(size=(n, d)), rng.integers(0, k, n), rng.normal(size=(d, k))
        cases.append((*parts, rng.normal(size=k)))
    for X, labels, W, b in cases:
        X, W, b = (np.array(part, np.float64) for part in (X, W, b))
        T = np.eye(len(b))[labels]
        result = attempt.call(X=X, T=T, W=W, b=b)
        dW, db = result.parts("dW", "db")
        _check_shape_of_db(db, len(X), len(b))
        _check_not_transposed(dW, W.shape)
        scale = np.abs(X).mean(axis=0)[:, np.newaxis]
        _check_both(
            (dW, db),
            reference.softmax_gradients(X, T, W, b),
            (
                _("softmax_gradients: dW must be the gradient of the mean loss with respect to W."),
                _("softmax_gradients: db must be the gradient of the mean loss with respect to b."),
            ),
            _gradient_mistakes(X, T, W, b),
            (1e-6 * scale, 1e-6),
            nearly=hint(
                "measured",
                _("nearly right, as measured slopes are: use the formula, which is exact."),
            ),
        )


def _check_both(parts, expected, demands, mistakes, slacks, nearly=None):
    """Check the values of two parts; a mistake is recognised by what it gives for both."""
    arrays = [
        part.array(np.shape(value), _("an array in the shape of {name}").format(name=name))
        for part, value, name in zip(parts, expected, ("W", "b"), strict=True)
    ]
    found = None
    for mistake, both in mistakes.items():
        if found is None and all(
            values.matches(array.astype(np.float64), value, 1e-4 * np.abs(value) + slack)
            for array, value, slack in zip(arrays, both, slacks, strict=True)
        ):
            found = mistake
    if found is None and all(map(_is_near, arrays, expected)):
        found = nearly
    for part, value, demand, slack in zip(parts, expected, demands, slacks, strict=True):
        part.equals(value, demand, found, slack=slack)


def _is_near(array, value):
    return np.allclose(array, value, rtol=0.02, atol=1e-3)


def _check_shape_of_db(db, n, k):
    array = db.plain()
    if isinstance(array, np.ndarray) and array.shape in ((n, k), (1, k)) and array.shape != (k,):
        db.fail_shape(
            _("softmax_gradients must return a db in the shape of b."),
            (k,),
            array.shape,
            hint(
                "db-not-summed",
                _(
                    "every example moves the same b, by broadcasting: sum over the examples, "
                    "axis=0, without keepdims."
                ),
            ),
        )


def _check_not_transposed(dW, shape):
    array = dW.plain()
    if isinstance(array, np.ndarray) and array.shape == shape[::-1] != shape:
        dW.fail_shape(
            _("softmax_gradients must return a dW in the shape of W."),
            shape,
            array.shape,
            hint(
                "dW-transposed-shape",
                _("X.T has the shape (d, n); X.T @ (something of shape (n, k)) fits."),
            ),
        )


def _gradient_mistakes(X, T, W, b):
    """The hint for each mistake, and the (dW, db) that it gives."""
    n, k = T.shape
    logits = X @ W + b
    Y = softmax(logits)

    def both(error):
        return X.T @ error, error.sum(axis=0)

    dW, db = both((Y - T) / n)
    winners = np.eye(k)[logits.argmax(axis=1)]
    squared = 2 * Y * ((Y - T) - np.sum((Y - T) * Y, axis=1, keepdims=True))
    mistakes = {
        hint(
            "sum", _("this is the gradient of the sum; divide by the number of examples, once.")
        ): (
            n * dW,
            n * db,
        ),
        hint("divided-twice", _("this is divided by n twice.")): (dW / n, db / n),
        hint("sign", _("the sign is reversed: the error is Y - T.")): (-dW, -db),
        hint(
            "winner-only", _("compare the probabilities with the targets: Y, not the winner alone.")
        ): both((winners - T) / n),
        hint(
            "logits-for-probabilities",
            _("compare the probabilities with the targets: softmax of the logits, not the logits."),
        ): (both((logits - T) / n)),
        hint(
            "squared-distance",
            _("this is the gradient of a squared distance; you need that of the cross-entropy."),
        ): (both(squared / n)),
        hint(
            "half-squared-distance",
            _(
                "this is the gradient of half a squared distance; you need that of the "
                "cross-entropy."
            ),
        ): (both(squared / 2 / n)),
        hint("by-n-k", _("divide by n, the number of examples, not by n · k.")): (dW / k, db / k),
        hint(
            "softmax-twice",
            _(
                "this goes through softmax twice: Y - T is already the slope with respect to the "
                "logits."
            ),
        ): both(Y * (1 - Y) * (Y - T) / n),
        hint("axis", _("softmax runs along each row: axis=1.")): both(
            (softmax(logits, axis=0) - T) / n
        ),
        hint("no-bias", _("the biases are missing from the logits: X @ W + b.")): both(
            (softmax(X @ W) - T) / n
        ),
        hint("db-not-divided", _("db must be divided by n, just as dW is.")): (dW, n * db),
        hint("dW-not-divided", _("dW must be divided by n, just as db is.")): (n * dW, db),
        hint("db-divided-twice", _("db is divided by n twice: add up what was already divided.")): (
            dW,
            db / n,
        ),
        hint("sigmoid", _("this is the derivative of binary outputs, not of softmax.")): both(
            (scipy.special.expit(logits) - T) / n
        ),
    }
    if n == X.shape[1]:
        error = (Y - T) / n
        mistakes[hint("X-not-transposed", _("X must be transposed: X.T @ (Y - T)."))] = (
            X @ error,
            db,
        )
    if n == k:
        error = (Y - T) / n
        mistakes[hint("db-axis", _("sum over the examples (axis=0), not over the classes."))] = (
            dW,
            error.sum(axis=1),
        )
    if X.shape[1] == k:
        mistakes[
            hint("dW-transposed", _("dW is transposed: it has a row for each input, as W has."))
        ] = dW.T, db
    return mistakes


# Steps --------------------------------------------------------------------------------------------


def descend(answer, seed=0):
    """parameters and gradients: dicts of arrays with the same keys, a rate -> the stepped dict."""
    attempt = Attempt(answer, "descend(parameters, gradients, learning_rate)")
    rng = np.random.default_rng([25, seed])
    cases = [
        ({"W": [1, 2], "b": [3]}, {"W": [10, -10], "b": [4]}, 0.1),
        ({"W": [[1, 2], [3, 4]], "b": [0, 0]}, {"W": [[0, 1], [0, 1]], "b": [1, 1]}, 0.5),
        ({"only": [5]}, {"only": [2]}, 1.0),
        ({"W": [1], "b": [2]}, {"b": [100], "W": [1000]}, 0.01),
    ]
    shapes = {"filters": (2, 3, 1, 2), "W1": (3, 4), "b1": (4,), "W2": (4, 2), "scale": (1,)}
    for rate in (0.003, 0.5, 3.0, float(rng.uniform(0.01, 0.9))):
        parameters = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        gradients = {name: rng.normal(0, 3, size=shape) for name, shape in shapes.items()}
        cases.append((parameters, gradients, rate))
    for parameters, gradients, rate in cases:
        parameters, gradients = (
            {name: np.array(value, np.float64) for name, value in part.items()}
            for part in (parameters, gradients)
        )
        result = attempt.call(parameters=parameters, gradients=gradients, learning_rate=rate)
        if isinstance(result.value, Mapping) and set(result.value) < set(parameters):
            result.fail(
                _("descend must return every parameter that it was given."),
                expected=_("the keys {keys}").format(keys=", ".join(parameters)),
                got=_("the keys {keys}").format(keys=", ".join(map(str, result.value))),
                hint=hint(
                    "forgotten-key", _("go through all keys of the dict, whatever their names are.")
                ),
            )
        # Everything at once, so that a mistake is recognised in all of its parts.
        found = result.entries(*parameters)
        norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients.values()))
        for name, part in found.items():
            old, slope = parameters[name], gradients[name]
            hints = {
                hint("uphill", _("this goes uphill; the gradient points up, so subtract it.")): old
                + rate * slope,
                hint("no-rate", _("the gradient must be multiplied by learning_rate.")): old
                - slope,
                hint("rate-divides", _("multiply by the learning rate; do not divide by it.")): old
                - slope / rate,
                hint("not-moved", _("this parameter has not moved.")): old,
                hint("step-only", _("return the stepped parameters, not the step alone.")): rate
                * slope,
                hint(
                    "step-only-downhill",
                    _("add this step to the parameter: return where it leads."),
                ): -rate * slope,
                hint(
                    "total-norm",
                    _(
                        "step by learning_rate · gradient: do not divide by the length of all "
                        "gradients together."
                    ),
                ): (old - rate * slope / norm),
                hint("sign-only", _("step by learning_rate · gradient, not only by its sign.")): (
                    old - rate * np.sign(slope)
                ),
                hint(
                    "own-norm",
                    _(
                        "step by learning_rate · gradient: do not divide the gradient by its "
                        "length."
                    ),
                ): (old - rate * slope / max(np.linalg.norm(slope), 1e-12)),
                hint(
                    "rate-times-parameter",
                    _("only the gradient is multiplied by the rate, not the parameter."),
                ): rate * (old - slope),
            }
            other = _of_another_name(name, parameters, gradients, rate)
            if other is not None:
                hints[
                    hint(
                        "other-parameter",
                        _(
                            "it was stepped by the gradient of another parameter: look gradients "
                            "up by name, their order may differ."
                        ),
                    )
                ] = other
            part.array(old.shape, _("parameter {name} in its shape").format(name=name))
            part.equals(
                old - rate * slope,
                _(
                    "descend must move parameter {name} by learning_rate times its gradient, "
                    "downhill."
                ).format(name=name),
                hints,
                slack=1e-6 * (np.abs(old) + np.abs(rate * slope)),
            )


def _of_another_name(name, parameters, gradients, rate):
    """What stepping by the gradient at the same place of the dict would give, if it is another."""
    at = list(gradients)[list(parameters).index(name)]
    if at == name or gradients[at].shape != parameters[name].shape:
        return None
    return parameters[name] - rate * gradients[at]


def minibatches(answer, seed=0):
    """X (n, …), y (n, …), batch_size, rng -> pairs of parts: shuffled, each example once."""
    attempt = Attempt(answer, "minibatches(X, y, batch_size, rng)")
    sizes = np.random.default_rng([26, seed])
    cases = [(5, 2), (4, 2), (1, 1), (3, 10), (6, 6), (7, 1), (10, 3), (100, 10), (23, 22)]
    cases.append((int(sizes.integers(40, 90)), int(sizes.integers(6, 13))))
    for number, (n, batch_size) in enumerate(cases):
        rng = np.random.default_rng([27, seed, number])
        numbers = sizes.permutation(n)
        if number % 3 == 0:  # labels; one-hot targets; images and labels
            X, y = np.float32([[i, 10 * i] for i in numbers]), 100 + numbers
        elif number % 3 == 1:
            X, y = np.float32([[i, 1, 0] for i in numbers]), np.float32([[i, 0] for i in numbers])
        else:
            X = np.zeros((n, 28, 28), np.uint8)
            X[:, 0, 0] = numbers
            y = numbers.astype(np.uint8)
        _batched(attempt, X, y, batch_size, rng)
    _check_shuffling(attempt, seed)


def _batched(attempt, X, y, batch_size, rng):
    """Check pairs that must hold each example once; return their order, and the result."""
    n = len(X)
    full, rest = divmod(n, batch_size)
    wanted = [batch_size] * full + [rest] * (rest > 0)
    most = len(wanted) + 3
    result = attempt.call(at_most=most, X=X, y=y, batch_size=batch_size, rng=rng)
    if not isinstance(result.value, list):
        result.fail(
            _("minibatches must return something to loop over: pairs (X part, y part)."),
            got=wording.kind_text(result.value),
            hint=hint(
                "yield-pairs",
                _("`yield X[part], y[part]` in a loop, or append the pairs to a list."),
            ),
        )
    parts = [_pair(result, item) for item in result.value]
    lengths = [len(part) for part, _y in parts]
    if 0 in lengths:
        result.fail(
            _("minibatches must not return an empty batch."),
            expected=_("batches of {sizes}").format(sizes=_listed(wanted)),
            got=_("batches of {sizes}").format(sizes=_listed(lengths)),
            hint=hint(
                "empty-batch",
                _("if batch_size divides n, nothing is left over: range(0, n, batch_size)."),
            ),
        )
    if lengths != wanted:
        result.fail(
            _(
                "minibatches must return batches of batch_size examples; only the last may be "
                "smaller."
            ),
            expected=_("batches of {sizes}").format(sizes=_listed(wanted)),
            got=_("batches of {sizes}").format(sizes=_listed(lengths)),
            hint=(
                hint(
                    "last-batch-dropped",
                    _(
                        "the last, smaller batch is missing: those examples should be learned "
                        "from, too."
                    ),
                )
                if lengths == wanted[:-1]
                else hint(
                    "batch-sizes",
                    _(
                        "start at 0, batch_size, 2·batch_size, … and go on while there are "
                        "examples left."
                    ),
                )
            ),
        )
    row_of = {row.tobytes(): place for place, row in enumerate(_rows(X))}
    order = []
    for X_part, y_part in parts:
        _check_shape_of_part(result, X_part, X, "X")
        _check_shape_of_part(result, y_part, y, "y")
        for row, target in zip(_rows(X_part), _rows(y_part), strict=False):
            place = row_of.get(row.tobytes())
            if place is None:
                result.fail(
                    _("minibatches must return the examples as they are."),
                    got=_("an example that is not in X"),
                )
            if target.tobytes() != _rows(y)[place].tobytes():
                result.fail(
                    _("minibatches must keep each example together with its own label."),
                    got=_("X[{place}] came with the label of another example").format(place=place),
                    hint=hint("two-orders", _("draw one order, and use it for both X and y.")),
                )
            order.append(place)
    if len(set(order)) < n:
        twice = Counter(order).most_common(1)[0][0]
        result.fail(
            _("minibatches must return each example exactly once."),
            got=_("X[{place}] comes twice, and others are missing").format(place=twice),
            hint=hint(
                "with-replacement",
                _("draw without replacement: one permutation of all n, cut into batches."),
            ),
        )
    return np.array(order), result


def _pair(result, item):
    """One batch as two arrays."""
    if not values.is_sequence(item) or len(item) != 2:
        result.fail(
            _("minibatches must return pairs: an X part and a y part."),
            got=wording.kind_text(item),
            hint=hint("yield-pair", _("`yield X[part], y[part]`.")),
        )
    arrays = []
    for part, name in zip(item, ("X", "y"), strict=True):
        array = result.part(part).plain()
        if not isinstance(array, np.ndarray) or array.ndim == 0:
            result.fail(
                _("minibatches must return pairs of arrays: an X part and a y part."),
                got=_("{kind} as the {name} part").format(kind=wording.kind_text(part), name=name),
                hint=hint(
                    "one-index",
                    _("`chosen` must be several indices (a slice or an array), not one."),
                ),
            )
        arrays.append(array)
    if len(arrays[0]) != len(arrays[1]):
        result.fail(
            _("minibatches must return as many labels as examples in each pair."),
            got=_("{X} examples with {y} labels").format(X=len(arrays[0]), y=len(arrays[1])),
            hint=hint("same-indices", _("use the same indices for X and y.")),
        )
    return arrays


def _check_shape_of_part(result, part, whole, name):
    wanted = (len(part), *whole.shape[1:])
    if part.shape != wanted:
        demand = _("minibatches must return each {name} part as rows of {name}.")
        result.fail_shape(demand.format(name=name), wanted, part.shape)


def _rows(array):
    return np.ascontiguousarray(array.reshape(len(array), -1).astype(np.float64))


def _listed(sizes):
    """Sizes of batches as a learner reads them: not more than eight."""
    shown = [str(size) for size in sizes[:8]] + ["…"] * (len(sizes) > 8)
    return ", ".join(shown) if sizes else _("none")


def _check_shuffling(attempt, seed, n=500, batch_size=7):
    """Check that orders look random, that they come from `rng`, and that they never repeat."""
    X, y = np.arange(n, dtype=np.float32)[:, np.newaxis] * [1, 2], np.arange(n)
    rng = np.random.default_rng([28, seed])
    before = generator_state(rng)
    orders = []
    for _pass in range(3):
        order, result = _batched(attempt, X, y, batch_size, rng)
        rng = result.afterwards["rng"]
        orders.append(order)
    same = (orders[0] == orders[1]).all() or (orders[1] == orders[2]).all()
    if (orders[0] == np.arange(n)).all():
        result.fail(
            _("minibatches must shuffle the examples."),
            got=_("the examples in the order in which they were given"),
            hint=hint(
                "not-shuffled", _("rng.permutation(n) gives 0, 1, …, n - 1 in a random order.")
            ),
        )
    if same or generator_state(rng) == before:
        result.fail(
            _("minibatches must draw a new order from rng each time it is called."),
            got=_("the same order twice") if same else _("a generator that was not used"),
            hint=hint(
                "own-generator",
                _("use the rng that you are given: neither a new generator nor np.random.shuffle."),
            ),
        )
    for order in orders:
        places = np.arange(n)
        step = Counter(np.diff(order).tolist()).most_common(1)[0][1]
        own_batch = np.count_nonzero(order // batch_size == places // batch_size)
        moved = np.abs(order - places).mean()
        # Of random orders: at most 8 or so, about 7 ± 2.7, and 167 ± 5.3; five deviations allowed.
        if step > 20 or own_batch > 24 or abs(moved - n / 3) > 30:
            result.fail(
                _(
                    "minibatches must shuffle all examples, not only the batches, or only within "
                    "them."
                ),
                got=_("an order in which many neighbours are still together"),
                hint=hint(
                    "batches-only", _("first shuffle all n indices, then cut them into batches.")
                ),
            )

    stays = np.flatnonzero(np.all(np.array(orders) == np.arange(n), axis=0))
    if stays.size:
        result.fail(
            _("minibatches must shuffle all examples."),
            got=_("X[{place}] in its own place, every time").format(place=stays[0]),
            hint=hint(
                "place-kept",
                _("rng.permutation(n) mixes all n indices, the first and the last as well."),
            ),
        )


# The loop -----------------------------------------------------------------------------------------

_TRAIN = "train(X, T, W, b, learning_rate, batch_size, epochs, rng)"


def train(answer, seed=0):
    """Examples, start, rate, batch size, epochs, rng -> (W, b) after all those steps."""
    attempt = Attempt(answer, _TRAIN)
    rng = np.random.default_rng([29, seed])
    _check_one_batch(attempt, rng)
    _check_every_step_is_taken(attempt)
    _check_number_of_steps(attempt, rng)
    _check_order_of_examples(attempt, seed)


def _check_one_batch(attempt, rng):
    """With all examples in one batch the order does not matter: the result is known exactly."""
    for n, d, k, batch_size, epochs in ((1, 2, 3, 1, 1), (3, 3, 3, 3, 2), (7, 5, 4, 12, 3)):
        case = {
            "X": rng.normal(size=(n, d)).round(1),
            "T": np.eye(k)[rng.integers(0, k, n)],
            "W": rng.normal(size=(d, k)).round(1),
            "b": rng.normal(size=k).round(1),
        }
        case = {name: value.astype(np.float32) for name, value in case.items()}
        settings = {"learning_rate": 0.5, "batch_size": batch_size, "epochs": epochs}
        result = attempt.call(**case, **settings, rng=np.random.default_rng(3))

        def after(steps, factor=1.0, case=case, from_zero=False):
            start = (0 * case["W"], 0 * case["b"]) if from_zero else (case["W"], case["b"])
            everything = [np.arange(len(case["X"]))] * steps
            return _steps(case["X"], case["T"], *start, 0.5 * factor, everything)

        mistakes = {
            hint("not-moved", _("W and b have not moved: return the new ones.")): after(0),
            hint("b-not-moved", _("b has not moved: it has a gradient of its own, db.")): (
                after(1)[0],
                case["b"],
            ),
            hint("W-not-moved", _("W has not moved: it has a gradient of its own, dW.")): (
                case["W"],
                after(1)[1],
            ),
            hint("uphill", _("this goes uphill; subtract the gradient.")): after(epochs, -1),
            hint(
                "from-zero", _("start from the W and b that you are given, not from zeros.")
            ): after(epochs, from_zero=True),
        }
        if epochs > 1:
            mistakes[_one_epoch_hint(epochs)] = after(1)
            mistakes[
                hint(
                    "one-epoch-more", _("there is one step too many, or an epoch is counted twice.")
                )
            ] = after(epochs + 1)
            mistakes[
                hint("one-epoch-less", _("the last epoch is missing: range(epochs) has them all."))
            ] = after(epochs - 1)
        if n > 1:
            mistakes[
                hint(
                    "divided-twice",
                    _("softmax_gradients divides by n already: this is divided twice."),
                )
            ] = after(epochs, 1 / n)
            mistakes[hint("sum", _("the gradient is a sum over the batch; take the mean."))] = (
                after(epochs, n)
            )
        _check_W_and_b(
            result,
            after(epochs),
            _("train must take one step of gradient descent for each mini-batch, from W and b on."),
            mistakes,
        )


def _one_epoch_hint(epochs):
    text = _(
        "only one of {epochs} epochs is left. Go on from where you are, not from the start again; "
        "and call minibatches again in every epoch: a generator is used up after one."
    )
    return hint("one-epoch", text.format(epochs=epochs))


def _check_every_step_is_taken(attempt):
    """A long step, and a last one that goes uphill: neither is a reason not to take it."""
    for X, labels, weight, epochs in (([[40], [24]], [0, 0], 0, 1), ([[3], [2]], [0, 1], 2, 3)):
        X, T = np.array(X, np.float32), np.eye(2, dtype=np.float32)[labels]
        W, b = np.array([[weight, -weight]], np.float32), np.zeros(2, np.float32)
        settings = {"learning_rate": 1.0, "batch_size": 2, "epochs": epochs}
        result = attempt.call(X=X, T=T, W=W, b=b, **settings, rng=np.random.default_rng(5))
        after = [_steps(X, T, W, b, 1.0, [np.arange(2)] * steps) for steps in range(epochs + 1)]
        mistakes = {
            hint(
                "best-kept", _("return the last W and b, not those with the smallest loss.")
            ): after[-2]
        }
        _check_W_and_b(
            result,
            after[-1],
            _("train must take every step as it is, and return where the last one leads."),
            mistakes if epochs > 1 else {},
        )


def _check_number_of_steps(attempt, rng):
    """Equal examples have equal gradients: only the number of steps and their length show."""
    for n, batch_size, epochs in ((7, 3, 2), (6, 2, 3), (5, 1, 1)):
        d, k = 2, 3
        case = {
            "X": np.tile(rng.uniform(0.3, 1, d).round(1), (n, 1)),
            "T": np.tile(np.eye(k)[1], (n, 1)),
            "W": rng.normal(size=(d, k)).round(1),
            "b": rng.normal(size=k).round(1),
        }
        case = {name: value.astype(np.float32) for name, value in case.items()}
        rate = 0.25
        settings = {"learning_rate": rate, "batch_size": batch_size, "epochs": epochs}
        result = attempt.call(**case, **settings, rng=np.random.default_rng(4))
        per_epoch = -(-n // batch_size)

        def after(lengths, case=case, rate=rate):
            X, T, W, b = case.values()
            for length in lengths:
                W, b = _steps(X, T, W, b, rate * length, [np.arange(1)])
            return W, b

        rest = n - batch_size * (n // batch_size) or batch_size
        one_epoch = [batch_size] * (per_epoch - 1) + [rest]
        all_sizes = np.array(one_epoch * epochs)
        ones = np.ones(len(all_sizes))
        mistakes = {
            hint(
                "step-per-epoch", _("one step for each mini-batch, not one for each epoch.")
            ): after(ones[:epochs]),
            _one_epoch_hint(epochs): after(ones[:per_epoch]),
            hint(
                "step-per-example",
                _("batch_size is not used: each example makes a step by itself."),
            ): after(np.ones(n * epochs)),
            hint("last-batch-dropped", _("the last, smaller mini-batch is missing.")): after(
                np.ones(n // batch_size * epochs)
            ),
            hint("by-all-examples", _("this is divided by n, the number of all examples.")): after(
                all_sizes / n
            ),
            hint(
                "by-batch-size",
                _("the mean is over the examples of the batch: the last batch may be smaller."),
            ): after(all_sizes / batch_size),
            hint(
                "divided-twice",
                _("softmax_gradients takes the mean already: this is divided twice."),
            ): after(1 / all_sizes),
            hint(
                "divided-by-batch-size",
                _("softmax_gradients takes the mean already: do not divide by batch_size."),
            ): after(ones / batch_size),
            hint("sum", _("the gradient is a sum over the batch; take the mean.")): after(
                all_sizes
            ),
            hint(
                "times-batch-size",
                _("the gradient is multiplied by the size of the batch; keep the mean as it is."),
            ): after(ones * batch_size),
            hint(
                "rate-per-step",
                _("the learning rate is divided by the number of steps; leave it as it is."),
            ): after(ones / per_epoch),
            hint(
                "one-step", _("this takes one step and returns: is `return` inside the loop?")
            ): after(ones[:1]),
        }
        _check_W_and_b(
            result,
            after(ones),
            _(
                "train must take {count} equal steps here: {epochs} epochs of {steps} mini-batches."
            ).format(count=len(ones), epochs=epochs, steps=per_epoch),
            mistakes,
        )


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
        order = np.argsort(-moved, kind="stable")
        visits = _steps(X, T, W, b, 1.0, order[:, np.newaxis])[0][:, 0]
        if not np.allclose(moved, visits, rtol=1e-3, atol=1e-5):
            left_out = np.flatnonzero(moved == 0)
            result.fail(
                _("train must use every example exactly once in each epoch."),
                got=(
                    _("examples {list} were never used").format(list=_listed(left_out.tolist()))
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
    if any(_neighbours_kept(order, np.arange(n)) > n // 2 for order in orders):
        result.fail(
            _("train must shuffle all examples in each epoch."),
            got=_("an order in which many neighbours are still together"),
            hint=hint(
                "batches-only", _("first shuffle all n indices, then cut them into batches.")
            ),
        )
    twice = np.concatenate([orders[0], orders[0]])[:, np.newaxis]
    result, moved = results[2]
    if np.allclose(moved, _steps(X, T, W, b, 1.0, twice)[0][:, 0], rtol=1e-4, atol=1e-6):
        result.fail(
            _("train must shuffle the examples again in each epoch."),
            got=_("the same order in both epochs"),
            hint=hint(
                "same-order",
                _("call minibatches inside the loop over the epochs, with the same rng."),
            ),
        )
    second = np.concatenate([orders[0], np.arange(n)])[:, np.newaxis]
    if np.allclose(moved, _steps(X, T, W, b, 1.0, second)[0][:, 0], rtol=1e-4, atol=1e-6):
        result.fail(
            _("train must shuffle the examples again in each epoch."),
            got=_("the second epoch in the order in which the examples were given"),
            hint=hint(
                "second-in-order",
                _("call minibatches inside the loop over the epochs, with the same rng."),
            ),
        )
    order = _second_order(moved, _steps(X, T, W, b, 1.0, orders[0][:, np.newaxis])[0][:, 0])
    visits = np.concatenate([orders[0], order])[:, np.newaxis]
    known = np.allclose(moved, _steps(X, T, W, b, 1.0, visits)[0][:, 0], rtol=1e-3, atol=1e-5)
    if known and _neighbours_kept(order, orders[0]) > n // 2:
        result.fail(
            _("train must shuffle the examples again in each epoch."),
            got=_("a second epoch in which most neighbours of the first are still together"),
            hint=hint(
                "order-rotated",
                _("draw a new permutation for each epoch; do not rotate or reverse the old one."),
            ),
        )


def _second_order(moved, first):
    """The order of the second epoch: how far both epochs moved each example, and the first alone.

    An example at which the weights w and the bias b stand moves by 1 - p, where p is the softmax of
    the logits ±(w + b). This gives b, which grows from step to step.
    """
    left = np.clip(moved - first, 1e-9, 1 - 1e-9)
    return np.argsort(scipy.special.logit(1 - left) / 2 - first, kind="stable")


def _neighbours_kept(order, other):
    """How many neighbours in one order are neighbours in the other; 2 or so if both are random."""
    return np.count_nonzero(np.abs(np.diff(np.argsort(other)[order])) == 1)


def _steps(X, T, W, b, learning_rate, batches):
    """W and b after a step for each batch of indices, in float64."""
    X, T, W, b = (np.asarray(part, np.float64) for part in (X, T, W, b))
    for chosen in batches:
        dW, db = reference.softmax_gradients(X[chosen], T[chosen], W, b)
        W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


def _check_W_and_b(result, expected, demand, mistakes):
    """Check that the result is this (W, b)."""
    parts = result.parts("W", "b")
    _check_both(parts, expected, (demand, demand), mistakes, (2e-6, 2e-6))
