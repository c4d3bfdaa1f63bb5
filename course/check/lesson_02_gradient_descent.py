"""The checks of lesson 2: one-hot, cross-entropy, gradients, the step, mini-batches, the loop.

Each takes the learner's function, and a seed for the random inputs that it is tried on.
"""

import itertools
from collections import Counter

import numpy as np
import scipy.special

from course.check.attempt import Attempt, _kind, _matches
from course.check.own import courses_own
from course.messages import _
from course.silence import silence

# The smallest probability of the truth that must be told apart from 0: one in a million.
_DOUBT = 1e-6

# What a right answer computes; the lesson goes on with these where an answer is missing.


def _one_hot(labels, num_classes=10):
    return np.eye(num_classes, dtype=np.float32)[labels]


def _cross_entropy(probabilities, targets):
    of_truth = np.sum(np.multiply(probabilities, targets), axis=1)
    return -np.log(np.maximum(of_truth, 1e-7)).mean()


def _central_differences(f, x, h=1e-5):
    units = np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([(f(x + h * unit) - f(x - h * unit)) / (2 * h) for unit in units], x.shape)


def _gradients(X, T, W, b):
    error = (scipy.special.softmax(X @ W + b, axis=1) - T) / len(X)
    return X.T @ error, error.sum(axis=0)


def _descended(parameters, gradients, learning_rate):
    return {key: parameters[key] - learning_rate * slope for key, slope in gradients.items()}


def _minibatches(X, y, batch_size, rng):
    cuts = range(batch_size, len(X), batch_size)
    for part in np.split(rng.permutation(len(X)), cuts):
        yield X[part], y[part]


def _trained(X, T, W, b, learning_rate, batch_size, epochs, rng):
    for _epoch in range(epochs):
        for X_part, T_part in _minibatches(X, T, batch_size, rng):
            dW, db = _gradients(X_part, T_part, W, b)
            W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


REFERENCES = courses_own(
    one_hot=_one_hot,
    cross_entropy=_cross_entropy,
    numerical_gradient=_central_differences,
    softmax_gradients=_gradients,
    descend=_descended,
    minibatches=_minibatches,
    train=_trained,
)


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
            result.fail(
                _("one_hot must return num_classes columns, whichever labels are there."),
                expected=_("an array of shape {shape}").format(shape=(n, k)),
                got=_("an array of shape {shape}").format(shape=array.shape),
                hint=_("the largest label of a batch does not tell how many classes there are."),
            )
    labels = labels.astype(np.int64)
    expected = np.eye(k)[labels]
    everywhere = np.zeros((n, k))
    everywhere[:, labels] = 1
    hints = {
        _("count from 0: the label 6 has its 1 at index 6, the seventh place."): np.eye(k)[
            (labels - 1) % k
        ],
        _("the label 6 has its 1 at index 6; this is one place too far."): np.eye(k)[
            (labels + 1) % k
        ],
        _("a 1 where the label is and 0 elsewhere; this is the other way round."): 1 - expected,
        _("write a 1 at the label's place, not the label itself."): expected
        * labels[:, np.newaxis],
        _(
            "T[:, labels] means these columns of every row; for one place in each row, give the "
            "rows too, np.arange(n) in front of labels."
        ): everywhere,
    }
    if n == k:
        hints[_("rows and columns are exchanged: one row for each example.")] = expected.T
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
        probabilities = scipy.special.softmax(rng.normal(0, 1.2, size=(n, k)), axis=1)
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
            hint=_(
                "0 · log 0 is not a number in a computer. Keep the probabilities a hair above 0 "
                "before the logarithm."
            ),
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        others = -np.log(1 - p)[t == 0].sum() / n
        hints = {
            _("divide by the number of examples n, not by n · k: sum each row first."): (
                each.mean() / k
            ),
            _("this is the sum over all examples; divide it by how many there are."): each.sum(),
            _("the minus sign is missing: logarithms of probabilities are negative."): -each.mean(),
            _("use the natural logarithm, np.log; this is that of base 2."): each.mean()
            / np.log(2),
            _("use the natural logarithm, np.log; this is that of base 10."): each.mean()
            / np.log(10),
            _("log of each probability first, then the mean; not the log of the mean."): -np.log(
                of_truth.mean()
            ),
            _("only the probability of the true class counts, not those of the others."): (
                each.mean() + others
            ),
            _("this is a squared distance; take the logarithm of the probabilities."): np.mean(
                np.sum((p - t) ** 2, axis=1)
            ),
            _("the logarithm belongs to the probabilities, not to the targets."): -np.mean(
                np.sum(p * np.log(np.maximum(t, 1e-7)), axis=1)
            ),
            _("the targets pick out the true class: they are what log p is multiplied by."): (
                -np.mean(np.sum(p * np.log(np.maximum(p, 1e-30)), axis=1))
            ),
            _("these are probabilities already: no second softmax."): -np.mean(
                scipy.special.log_softmax(p, axis=1)[t == 1]
            ),
            _("p[:, labels] means these columns of every row; you need one place in each row."): (
                -np.log(p[:, t.argmax(axis=1)]).mean()
            ),
        }
    demand = _(
        "cross_entropy must be the mean over the examples of -log(probability of the truth)."
    )
    shows = _("what keeps you from log 0 is so large that it shows: let it be 1e-7 or less.")
    for epsilon in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5):
        for changed in (of_truth + epsilon, np.clip(of_truth, epsilon, 1 - epsilon)):
            hints = shows if np.isclose(value, -np.log(changed).mean(), 1e-5) else hints
    if (of_truth == 1).all():
        demand = _("cross_entropy must be 0 for a perfect prediction.")
        hints = _("what you add before the logarithm must be tiny: 1e-7 or less.")
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
                _("cross_entropy must be large but finite for a certain mistake."),
                expected=_("a finite number above {least:.1f}").format(least=least),
                got=value,
                hint=_(
                    "log 0 is minus infinity. Keep the probabilities a hair above 0: np.maximum or "
                    "np.clip with 1e-7, say."
                ),
            )
        too_large = own > 0 and value > -np.log(own) + 0.1
        if not value >= least * (1 - 1e-3) or too_large:
            result.fail(
                _("cross_entropy must be large for a mistake that was made with certainty."),
                expected=(
                    _("about {value:.2f}").format(value=-np.log(own))
                    if own
                    else _("a finite number above {least:.1f}").format(least=least)
                ),
                got=f"{value:.6g}",
                hint=_(
                    "what keeps you from log 0 is so large that it shows: let it be 1e-7 or less."
                ),
            )


# Gradients ----------------------------------------------------------------------------------------


def numerical_gradient(answer, seed=0):
    """f: array -> number, x float64 of any shape -> the slopes of f at x, an array like x."""
    attempt = Attempt(answer, "numerical_gradient(f, x)")
    rng = np.random.default_rng([23, seed])
    hints_at_the_bottom = {
        _valley: _(
            "look to both sides, (f(x + h) - f(x - h)) / 2h: the one-sided slope "
            "(f(x + h) - f(x)) / h is off by a piece that grows with the curve."
        ),
        _trough: _("one place of x at a time: put each back before you move the next."),
    }
    for f, x, slopes in _slopes_to_find(rng):
        result = attempt.call(f=f, x=x)
        array = result.array(x.shape, _("one slope for each number in x, in the shape of x"))
        expected = slopes(x)
        if f in (_valley, _trough):
            # Symmetric: two-sided differences give exactly 0, with whatever step.
            if not np.abs(array.astype(np.float64)).max() <= 1e-8:
                result.fail(
                    _("numerical_gradient must be 0 at the very bottom of a valley."),
                    expected=expected,
                    got=array,
                    hint=hints_at_the_bottom[f],
                )
            continue
        mistakes = {
            _("one place of x at a time: shift x[i] alone, and leave the others."): np.full(
                x.shape, expected.sum()
            ),
            _("the distance between the two points is 2h: divide by 2h, not by h."): 2 * expected,
            _("the distance between the two points is 2h: divide by it once."): expected / 2,
            _("the sign is turned: f(x + h) - f(x - h), in this order."): -expected,
            _("divide the difference by the distance between the two points, 2h."): 0 * expected,
            _("f is evaluated where several places were moved: undo each shift."): np.cumsum(
                expected
            ).reshape(x.shape),
        }
        demands = {
            _ripples: _("numerical_gradient must find the slopes of a curve with narrow waves."),
            _high_hills: _(
                "numerical_gradient must find the slopes of a function as large as 1000."
            ),
        }
        hints = {
            _ripples: _("h is too large: it strides across the wave. Try 1e-5."),
            _high_hills: _(
                "h is too small: f(x + h) and f(x - h) differ in their last digits only, and these "
                "are rounded. Try 1e-5."
            ),
        }
        close = 2 * 1e-4 * np.abs(expected) + 1e-6
        hint = next(
            (
                text
                for text, value in mistakes.items()
                if _matches(array.astype(np.float64), value, close)
            ),
            hints.get(f),
        )
        if hint is None and np.allclose(array, expected, rtol=0.1):
            hint = _("the slopes are nearly right: try h = 1e-5, on both sides.")
        result.equals(
            expected,
            demands.get(f, _("numerical_gradient must give the slope of f at each place of x.")),
            hint,
            slack=1e-6,
        )


def _called(formula):
    """Give a function a formula for its name, as a learner reads it in a message."""

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
        _demand_both(
            (dW, db),
            _gradients(X, T, W, b),
            (
                _("softmax_gradients: dW must be the gradient of the mean loss by W."),
                _("softmax_gradients: db must be the gradient of the mean loss by b."),
            ),
            _gradient_mistakes(X, T, W, b),
            (1e-6 * scale, 1e-6),
            nearly=_("nearly right, as measured slopes are: use the formula, which is exact."),
        )


def _demand_both(parts, expected, demands, mistakes, slacks, nearly=None):
    """Demand the values of two parts; a mistake is recognised by what it gives for both."""
    arrays = [
        part.array(np.shape(value), _("an array in the shape of {name}").format(name=name))
        for part, value, name in zip(parts, expected, ("W", "b"), strict=True)
    ]
    hint = None
    for text, values in mistakes.items():
        if hint is None and all(
            _matches(array.astype(np.float64), value, 1e-4 * np.abs(value) + slack)
            for array, value, slack in zip(arrays, values, slacks, strict=True)
        ):
            hint = text
    if hint is None and all(map(_is_near, arrays, expected)):
        hint = nearly
    for part, value, demand, slack in zip(parts, expected, demands, slacks, strict=True):
        part.equals(value, demand, hint, slack=slack)


def _is_near(array, value):
    return np.allclose(array, value, rtol=0.02, atol=1e-3)


def _check_shape_of_db(db, n, k):
    array = db.plain()
    if isinstance(array, np.ndarray) and array.shape in ((n, k), (1, k)) and array.shape != (k,):
        db.fail(
            _("softmax_gradients must return a db in the shape of b."),
            expected=_("an array of shape {shape}").format(shape=(k,)),
            got=_("an array of shape {shape}").format(shape=array.shape),
            hint=_(
                "every example moves the same b, by broadcasting: sum over the examples, axis=0, "
                "without keepdims."
            ),
        )


def _check_not_transposed(dW, shape):
    array = dW.plain()
    if isinstance(array, np.ndarray) and array.shape == shape[::-1] != shape:
        dW.fail(
            _("softmax_gradients must return a dW in the shape of W."),
            expected=_("an array of shape {shape}").format(shape=shape),
            got=_("an array of shape {shape}").format(shape=array.shape),
            hint=_("X.T has the shape (d, n); X.T @ (something of shape (n, k)) fits."),
        )


def _gradient_mistakes(X, T, W, b):
    """The hint for each mistake, and the (dW, db) that it gives."""
    n, k = T.shape
    logits = X @ W + b
    Y = scipy.special.softmax(logits, axis=1)

    def both(error):
        return X.T @ error, error.sum(axis=0)

    dW, db = both((Y - T) / n)
    winners = np.eye(k)[logits.argmax(axis=1)]
    squared = 2 * Y * ((Y - T) - np.sum((Y - T) * Y, axis=1, keepdims=True))
    mistakes = {
        _("this is the gradient of the sum; divide by the number of examples, once."): (
            n * dW,
            n * db,
        ),
        _("this is divided by n twice."): (dW / n, db / n),
        _("the sign is turned: it is Y - T."): (-dW, -db),
        _("compare the probabilities with the targets: Y, not the winner alone."): both(
            (winners - T) / n
        ),
        _("compare the probabilities with the targets: softmax of the logits, not the logits."): (
            both((logits - T) / n)
        ),
        _("this is the gradient of a squared distance; you need that of the cross-entropy."): (
            both(squared / n)
        ),
        _("this is the gradient of half a squared distance; you need that of the cross-entropy."): (
            both(squared / 2 / n)
        ),
        _("divide by n, the number of examples, not by n · k."): (dW / k, db / k),
        _("this goes through softmax twice: Y - T is the slope by the logits already."): both(
            Y * (1 - Y) * (Y - T) / n
        ),
        _("softmax runs along each row: axis=1."): both(
            (scipy.special.softmax(logits, axis=0) - T) / n
        ),
        _("the biases are missing from the logits: X @ W + b."): both(
            (scipy.special.softmax(X @ W, axis=1) - T) / n
        ),
        _("db must be divided by n, just as dW is."): (dW, n * db),
        _("dW must be divided by n, just as db is."): (n * dW, db),
        _("db is divided by n twice: sum what was divided already."): (dW, db / n),
        _("this is the derivative of binary outputs, not of softmax."): both(
            (scipy.special.expit(logits) - T) / n
        ),
    }
    if n == X.shape[1]:
        error = (Y - T) / n
        mistakes[_("X must be transposed: X.T @ (Y - T).")] = X @ error, db
    if n == k:
        error = (Y - T) / n
        mistakes[_("sum over the examples (axis=0), not over the classes.")] = (
            dW,
            error.sum(axis=1),
        )
    if X.shape[1] == k:
        mistakes[_("dW is transposed: it has a row for each input, as W has.")] = dW.T, db
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
        if isinstance(result.value, dict) and set(result.value) < set(parameters):
            result.fail(
                _("descend must return every parameter that it was given."),
                expected=_("the keys {keys}").format(keys=", ".join(parameters)),
                got=_("the keys {keys}").format(keys=", ".join(map(str, result.value))),
                hint=_("go through all keys of the dict, whatever their names are."),
            )
        # Everything at once, so that a mistake is recognised in all of its parts.
        found = result.entries(*parameters)
        norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients.values()))
        for name, part in found.items():
            old, slope = parameters[name], gradients[name]
            hints = {
                _("this goes uphill; the gradient points up, so subtract it."): old + rate * slope,
                _("the gradient must be multiplied by learning_rate."): old - slope,
                _("the learning rate is multiplied, not divided by."): old - slope / rate,
                _("this parameter has not moved."): old,
                _("return the stepped parameters, not the step alone."): rate * slope,
                _("add this step to the parameter: return where it leads."): -rate * slope,
                _("step by learning_rate · gradient: do not divide by the length of them all."): (
                    old - rate * slope / norm
                ),
                _("step by learning_rate · gradient, not only by its sign."): (
                    old - rate * np.sign(slope)
                ),
                _("step by learning_rate · gradient: it is not to be divided by its length."): (
                    old - rate * slope / max(np.linalg.norm(slope), 1e-12)
                ),
                _("only the gradient is multiplied by the rate, not the parameter."): rate
                * (old - slope),
            }
            other = _of_another_name(name, parameters, gradients, rate)
            if other is not None:
                hints[
                    _(
                        "it was stepped by the gradient of another parameter: look gradients up by "
                        "name, their order may differ."
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
    """Demand pairs that hold each example once; return the order they came in, and the result."""
    n = len(X)
    full, rest = divmod(n, batch_size)
    wanted = [batch_size] * full + [rest] * (rest > 0)
    most = len(wanted) + 3
    result = attempt.call(at_most=most, X=X, y=y, batch_size=batch_size, rng=rng)
    _drain(attempt, result, most)
    if not isinstance(result.value, list):
        result.fail(
            _("minibatches must return something to loop over: pairs (X part, y part)."),
            got=_kind(result.value),
            hint=_("`yield X[part], y[part]` in a loop, or append the pairs to a list."),
        )
    parts = [_pair(result, item) for item in result.value]
    lengths = [len(part) for part, _y in parts]
    if 0 in lengths:
        result.fail(
            _("minibatches must return no empty batch."),
            expected=_("batches of {sizes}").format(sizes=_listed(wanted)),
            got=_("batches of {sizes}").format(sizes=_listed(lengths)),
            hint=_("if batch_size divides n, there is no rest: range(0, n, batch_size)."),
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
                _("the last, smaller batch is missing: those examples want to be learned too.")
                if lengths == wanted[:-1]
                else _(
                    "start at 0, batch_size, 2·batch_size, … and go on while there are examples."
                )
            ),
        )
    row_of = {row.tobytes(): place for place, row in enumerate(_rows(X))}
    order = []
    for X_part, y_part in parts:
        _demand_shape(result, X_part, X, "X")
        _demand_shape(result, y_part, y, "y")
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
                    hint=_("draw one order, and use it for both X and y."),
                )
            order.append(place)
    if len(set(order)) < n:
        twice = Counter(order).most_common(1)[0][0]
        result.fail(
            _("minibatches must return each example exactly once."),
            got=_("X[{place}] is there twice, others are missing").format(place=twice),
            hint=_("draw without putting back: one permutation of all n, cut into batches."),
        )
    return np.array(order), result


def _drain(attempt, result, most):
    """Make a list of an object that can be looped over by its __getitem__ alone."""
    if not isinstance(result.value, list) and hasattr(type(result.value), "__getitem__"):
        try:
            with silence():
                result.value = list(itertools.islice(iter(result.value), most))
        except Exception as error:
            raise attempt._crash(result, error) from error


def _pair(result, item):
    """One batch as two arrays."""
    pair = item if isinstance(item, tuple | list) else None
    if pair is None or len(pair) != 2:
        result.fail(
            _("minibatches must return pairs: an X part and a y part."),
            got=_kind(item),
            hint=_("`yield X[part], y[part]`."),
        )
    arrays = []
    for part, name in zip(pair, ("X", "y"), strict=True):
        array = type(result)(result._attempt, result._arguments, part).plain()
        if not isinstance(array, np.ndarray) or array.ndim == 0:
            result.fail(
                _("minibatches must return pairs of arrays: an X part and a y part."),
                got=_("{kind} as the {name} part").format(kind=_kind(part), name=name),
                hint=_("`chosen` must be several indices (a slice or an array), not one."),
            )
        arrays.append(array)
    if len(arrays[0]) != len(arrays[1]):
        result.fail(
            _("minibatches must return as many labels as examples in each pair."),
            got=_("{X} examples with {y} labels").format(X=len(arrays[0]), y=len(arrays[1])),
            hint=_("use the same indices for X and y."),
        )
    return arrays


def _demand_shape(result, part, whole, name):
    wanted = (len(part), *whole.shape[1:])
    if part.shape != wanted:
        result.fail(
            _("minibatches must return each {name} part as rows of {name}.").format(name=name),
            expected=_("an array of shape {shape}").format(shape=wanted),
            got=_("an array of shape {shape}").format(shape=part.shape),
        )


def _rows(array):
    return np.ascontiguousarray(array.reshape(len(array), -1).astype(np.float64))


def _listed(sizes):
    """Sizes of batches as a learner reads them: not more than eight."""
    shown = [str(size) for size in sizes[:8]] + ["…"] * (len(sizes) > 8)
    return ", ".join(shown) if sizes else _("none")


def _check_shuffling(attempt, seed, n=500, batch_size=7):
    """Demand orders that look random, that come from `rng`, and that are never the same again."""
    X, y = np.arange(n, dtype=np.float32)[:, np.newaxis] * [1, 2], np.arange(n)
    rng = np.random.default_rng([28, seed])
    before = _state(rng)
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
            hint=_("rng.permutation(n) gives 0, 1, …, n - 1 in a random order."),
        )
    if same or _state(rng) == before:
        result.fail(
            _("minibatches must draw a new order from rng each time that it is called."),
            got=_("the same order twice") if same else _("a generator that was not used"),
            hint=_("use the rng that you are given: no new generator, no np.random.shuffle."),
        )
    for order in orders:
        places = np.arange(n)
        step = Counter(np.diff(order).tolist()).most_common(1)[0][1]
        own_batch = np.count_nonzero(order // batch_size == places // batch_size)
        moved = np.abs(order - places).mean()
        # Of random orders: at most 8 or so, about 7 ± 2.7, and 167 ± 5.3; five deviations allowed.
        if step > 20 or own_batch > 24 or abs(moved - n / 3) > 30:
            result.fail(
                _("minibatches must shuffle all examples, not only the batches or within them."),
                got=_("an order in which many neighbours are still together"),
                hint=_("first shuffle all n indices, then cut them into batches."),
            )

    stays = np.flatnonzero(np.all(np.array(orders) == np.arange(n), axis=0))
    if stays.size:
        result.fail(
            _("minibatches must shuffle all examples."),
            got=_("X[{place}] in its own place, every time").format(place=stays[0]),
            hint=_("rng.permutation(n) mixes all n indices, the first and the last as well."),
        )


def _state(rng):
    """Where a generator stands; drawing from it and spawning from it both move it on."""
    spawned = getattr(rng.bit_generator.seed_seq, "n_children_spawned", 0)
    return str(rng.bit_generator.state), spawned


# The loop -----------------------------------------------------------------------------------------

_ONE_EPOCH = _(
    "only one of {epochs} epochs is left. Go on from where you are, not from the start again; and "
    "call minibatches anew in every epoch, for a generator is used up after one."
)
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
            _("W and b have not moved: return the new ones."): after(0),
            _("b has not moved: it has a gradient of its own, db."): (after(1)[0], case["b"]),
            _("W has not moved: it has a gradient of its own, dW."): (case["W"], after(1)[1]),
            _("this goes uphill; subtract the gradient."): after(epochs, -1),
            _("start from the W and b that you are given, not from zeros."): after(
                epochs, from_zero=True
            ),
        }
        if epochs > 1:
            mistakes[_ONE_EPOCH] = after(1)
            mistakes[_("there is one step too many or an epoch is counted twice.")] = after(
                epochs + 1
            )
            mistakes[_("the last epoch is missing: range(epochs) has them all.")] = after(
                epochs - 1
            )
        if n > 1:
            mistakes[_("softmax_gradients divides by n already: this is divided twice.")] = after(
                epochs, 1 / n
            )
            mistakes[_("the gradient is a sum over the batch; take the mean.")] = after(epochs, n)
        mistakes = {text.format(epochs=epochs): value for text, value in mistakes.items()}
        _demand(
            result,
            after(epochs),
            _("train must take one step of gradient descent for each mini-batch, from W and b on."),
            mistakes,
        )


def _check_every_step_is_taken(attempt):
    """A long step, and a last one that goes uphill: neither is a reason not to take it."""
    for X, labels, weight, epochs in (([[40], [24]], [0, 0], 0, 1), ([[3], [2]], [0, 1], 2, 3)):
        X, T = np.array(X, np.float32), np.eye(2, dtype=np.float32)[labels]
        W, b = np.array([[weight, -weight]], np.float32), np.zeros(2, np.float32)
        settings = {"learning_rate": 1.0, "batch_size": 2, "epochs": epochs}
        result = attempt.call(X=X, T=T, W=W, b=b, **settings, rng=np.random.default_rng(5))
        after = [_steps(X, T, W, b, 1.0, [np.arange(2)] * steps) for steps in range(epochs + 1)]
        mistakes = {_("return the last W and b, not those with the smallest loss."): after[-2]}
        _demand(
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
            _("one step for each mini-batch, not one for each epoch."): after(ones[:epochs]),
            _ONE_EPOCH: after(ones[:per_epoch]),
            _("batch_size is not used: each example makes a step by itself."): after(
                np.ones(n * epochs)
            ),
            _("the last, smaller mini-batch is missing."): after(np.ones(n // batch_size * epochs)),
            _("this is divided by n, the number of all examples."): after(all_sizes / n),
            _("the mean is over the examples of the batch: the last batch may be smaller."): after(
                all_sizes / batch_size
            ),
            _("softmax_gradients takes the mean already: this is divided twice."): after(
                1 / all_sizes
            ),
            _("softmax_gradients takes the mean already: do not divide by batch_size."): after(
                ones / batch_size
            ),
            _("the gradient is a sum over the batch; take the mean."): after(all_sizes),
            _("the gradient is multiplied by the size of the batch; leave the mean."): after(
                ones * batch_size
            ),
            _("the learning rate is divided by the number of steps; leave it as it is."): after(
                ones / per_epoch
            ),
            _("this takes one step and returns: is `return` inside the loop?"): after(ones[:1]),
        }
        mistakes = {text.format(epochs=epochs): value for text, value in mistakes.items()}
        _demand(
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
        before = _state(rng)
        settings = {"learning_rate": 1.0, "batch_size": 1, "epochs": epochs}
        result = attempt.call(X=X, T=T, W=W, b=b, **settings, rng=rng)
        got_W, _got_b = result.parts("W", "b")
        moved = got_W.array(W.shape, _("the trained weights")).astype(np.float64)[:, 0]
        unused = _state(result.afterwards["rng"]) == before
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
                hint=_("one epoch is one pass through minibatches(X, T, batch_size, rng)."),
            )
        orders.append(order)
    result = results[0][0]
    if all((order == np.arange(n)).all() for order in orders):
        result.fail(
            _("train must shuffle the examples in each epoch."),
            got=_("the examples in the order in which they were given"),
            hint=_("sorted digits teach one class after the other; minibatches shuffles."),
        )
    if (orders[0] == orders[1]).all() or unused:
        result.fail(
            _("train must shuffle with the rng that it is given."),
            got=_("an order that does not depend on rng"),
            hint=_("pass rng on to minibatches; make no new generator."),
        )
    if any(_neighbours_kept(order, np.arange(n)) > n // 2 for order in orders):
        result.fail(
            _("train must shuffle all examples in each epoch."),
            got=_("an order in which many neighbours are still together"),
            hint=_("first shuffle all n indices, then cut them into batches."),
        )
    twice = np.concatenate([orders[0], orders[0]])[:, np.newaxis]
    result, moved = results[2]
    if np.allclose(moved, _steps(X, T, W, b, 1.0, twice)[0][:, 0], rtol=1e-4, atol=1e-6):
        result.fail(
            _("train must shuffle the examples anew in each epoch."),
            got=_("the same order in both epochs"),
            hint=_("call minibatches inside the loop over the epochs, with the same rng."),
        )
    second = np.concatenate([orders[0], np.arange(n)])[:, np.newaxis]
    if np.allclose(moved, _steps(X, T, W, b, 1.0, second)[0][:, 0], rtol=1e-4, atol=1e-6):
        result.fail(
            _("train must shuffle the examples anew in each epoch."),
            got=_("the second epoch in the order in which the examples were given"),
            hint=_("call minibatches inside the loop over the epochs, with the same rng."),
        )
    order = _second_order(moved, _steps(X, T, W, b, 1.0, orders[0][:, np.newaxis])[0][:, 0])
    visits = np.concatenate([orders[0], order])[:, np.newaxis]
    known = np.allclose(moved, _steps(X, T, W, b, 1.0, visits)[0][:, 0], rtol=1e-3, atol=1e-5)
    if known and _neighbours_kept(order, orders[0]) > n // 2:
        result.fail(
            _("train must shuffle the examples anew in each epoch."),
            got=_("a second epoch in which most neighbours of the first are still together"),
            hint=_("draw a new permutation for each epoch; do not turn the old one."),
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
        dW, db = _gradients(X[chosen], T[chosen], W, b)
        W, b = W - learning_rate * dW, b - learning_rate * db
    return W, b


def _demand(result, expected, demand, mistakes):
    """Demand this (W, b)."""
    parts = result.parts("W", "b")
    _demand_both(parts, expected, (demand, demand), mistakes, (2e-6, 2e-6))
