"""The checks of lesson 3: sigmoid, the loss from logits, starting weights, backpropagation, decay.

Each takes the learner's function, and a seed for the random inputs that it is tried on. The network
is examined by giving it weights of which the result is known, however it was built.
"""

import itertools
from collections.abc import Mapping

import numpy as np
import scipy.special

from course.check.engine import wording
from course.check.engine.attempt import Attempt
from course.check.engine.failures import CheckFailed
from course.check.engine.hints import hint
from course.check.engine.networks import check_own_network
from course.check.engine.properties import DEVIATIONS, generator_state
from course.check.references import lesson_03_multiple_layers as reference
from course.check.references.lesson_01_softmax import softmax
from course.check.references.lesson_03_multiple_layers import WIDTHS
from course.messages import _
from course.silence import silence

# Sigmoid ------------------------------------------------------------------------------------------


def sigmoid_and_slope(answer, seed=0):
    """x of any shape -> (value, slope), both in the shape of x, finite at ±1000."""
    attempt = Attempt(answer, "sigmoid_and_slope(x)")
    rng = np.random.default_rng([31, seed])
    cases = [
        [0, 2],
        [-2, 1, 8],
        [0],
        [[-1, 0.5], [3, -12]],
        [1000],
        [-1000],
        [[1000, 0, -1000]],
        [88, -88, 90, -90, 104, -104, 750, -750],
    ]
    for shape in ((1,), (10,), (4, 4), (3, 7), (1, 5), (2, 3, 4), (2, 1, 3, 2)):
        cases.append(rng.normal(0, 3, size=shape))
    cases.append(rng.uniform(-1000, 1000, size=(int(rng.integers(11, 40)), 6)))
    for case in cases:
        _check_sigmoid(attempt, np.array(case, np.float32))


def _check_sigmoid(attempt, x):
    result = attempt.call(x=x)
    value, slope = result.parts(_("value"), _("slope"))
    z = x.astype(np.float64)
    s, expected = reference.sigmoid_and_slope(z)
    coarse = 0.0
    for part in (value, slope):
        array = part.array(x.shape, _("an array in the shape of x"))
        if array.dtype.kind == "f":
            coarse = max(coarse, 2 * float(np.finfo(array.dtype).eps))
        if not np.isfinite(array).all():
            part.fail(
                _("sigmoid_and_slope must stay finite, even at 1000 and -1000."),
                expected=s if part is value else expected,
                got=array,
                hint=hint(
                    "overflow",
                    _(
                        "exp(1000) is too large for a computer's number, and inf / inf is not a "
                        "number. Write the formula so that a large exp appears only below the "
                        "fraction bar; the slope needs no exp of its own."
                    ),
                ),
            )
    with np.errstate(all="ignore"):
        values = {
            hint(
                "tanh", _("this is tanh, which runs from -1 to 1; sigmoid runs from 0 to 1.")
            ): np.tanh(z),
            hint("sign", _("the sign is reversed: large x must give 1, not 0.")): 1 - s,
            hint("exchanged-parts", _("value comes first, then slope.")): expected,
            hint("exp-only", _("this is exp(x); divide by 1 + exp(x).")): np.exp(z),
            hint("denominator-only", _("this is 1 + exp(-x); sigmoid is 1 divided by it.")): 1
            + np.exp(-z),
            hint("ReLU", _("this is ReLU, max(0, x).")): np.maximum(z, 0),
            hint(
                "hard-sigmoid",
                _("these straight lines are an approximation; use the formula with exp."),
            ): np.clip(0.2 * z + 0.5, 0, 1),
            hint("power-of-2", _("the base of the exponential is e = 2.718…, not 2.")): 1
            / (1 + np.exp2(-z)),
        }
        slopes = {
            hint(
                "x-for-value",
                _("x(1 - x) takes x itself; put the value of sigmoid there: value · (1 - value)."),
            ): (z * (1 - z)),
            hint("slope-of-tanh", _("this is the slope of tanh, 1 - value².")): 1 - s**2,
            hint("true-slope-of-tanh", _("this is the slope of tanh.")): 1 - np.tanh(z) ** 2,
            hint(
                "sigmoid-twice",
                _("this is sigmoid of the value; put the value itself into value · (1 - value)."),
            ): (scipy.special.expit(s) * (1 - scipy.special.expit(s))),
            hint("value-again", _("this is the value again.")): s,
            hint(
                "slope-sign",
                _("the sign is reversed: sigmoid rises everywhere, so that no slope is negative."),
            ): -expected,
            hint("one-minus-value", _("this is 1 - value; multiply it by the value.")): 1 - s,
            hint("one-plus-value", _("this is value · (1 + value).")): s * (1 + s),
            hint(
                "four-times",
                _("this is four times too large: 0.25 is the steepest that sigmoid gets."),
            ): 4 * expected,
            hint("slope-at-1", _("this is the slope at 1, whatever x is.")): np.full_like(
                z, 0.19661193
            ),
            hint("slope-of-ReLU", _("this is the slope of ReLU.")): (z > 0).astype(float),
        }
    value.equals(
        s,
        _("sigmoid_and_slope: the value must be 1 / (1 + exp(-x))."),
        values,
        meaning=_("an array in the shape of x"),
        slack=max(2e-6, coarse),
    )
    slope.equals(
        expected,
        _("sigmoid_and_slope: the slope must be the derivative of sigmoid at x."),
        slopes,
        meaning=_("an array in the shape of x"),
        slack=max(1e-5, coarse),
    )


# The loss from logits -----------------------------------------------------------------------------


def cross_entropy_from_logits(answer, seed=0):
    """logits (n, k), integer labels (n,) -> the mean cross-entropy, a number."""
    attempt = Attempt(answer, "cross_entropy_from_logits(logits, labels)")
    rng = np.random.default_rng([32, seed])
    cases = [
        ([[2, 0, 1]], [0]),
        ([[0, 0]], [1]),
        ([[2, 0, 1], [0, 1, 0]], [1, 1]),
        ([[0, 0, 0, 0]], [3]),
        ([[1000, 0]], [1]),
        ([[1000, 0]], [0]),
        ([[-1000, 0]], [0]),
        ([[0, 0], [1000, 0]], [1, 1]),
        ([[-1000, -1002]], [1]),
        ([[0, -200, 1], [900, 902, 900]], [1, 0]),
        ([[1e4, -1e4, 0], [0, 1, 0]], [2, 1]),
        ([[0, -1000, 0], [5, 5, 1005]], [1, 1]),
    ]
    for n, k in ((1, 10), (10, 10), (3, 3), (7, 4), (4, 7), (int(rng.integers(30, 200)), 10)):
        cases.append((rng.normal(0, 2, size=(n, k)), rng.integers(0, k, n)))
    shifts = rng.uniform(-5e3, 5e3, size=(6, 1))
    cases.append((rng.normal(size=(6, 5)) + shifts, rng.integers(0, 5, 6)))
    cases.append((rng.uniform(-1e3, 1e3, size=(9, 4)), rng.integers(0, 4, 9)))
    for logits, labels in cases:
        _check_loss(attempt, np.array(logits, np.float32), np.array(labels, np.int64))


def _check_loss(attempt, logits, labels):
    result = attempt.call(logits=logits, labels=labels)
    value = result.array((), _("one number, the mean over the examples"))
    z = logits.astype(np.float64)
    each = -scipy.special.log_softmax(z, axis=1)[np.arange(len(z)), labels]
    if not np.isfinite(value):
        result.fail(
            _("cross_entropy_from_logits must be finite, however large the logits are."),
            expected=f"{each.mean():.6g}",
            got=value,
            hint=hint(
                "overflow",
                _(
                    "exp(1000) is infinite: subtract each row's own largest logit before exp. And "
                    "do not take softmax first: where a probability has become 0, its logarithm is "
                    "minus infinity."
                ),
            ),
        )
    with np.errstate(all="ignore"):
        hints = _loss_mistakes(z, labels, each)
    demand = _(
        "cross_entropy_from_logits must be the mean over the examples of -log(softmax at the "
        "label)."
    )
    exact = labels.size == 1 and abs(each[0] - 1000) < 1e-6
    if exact:
        demand = _("cross_entropy_from_logits must be 1000 for a logit that is 1000 too low.")
    if _cut_short(float(value), each):
        hints = hint(
            "clipped",
            _(
                "a probability was kept away from 0, by clipping it or by adding something, and so "
                "the loss cannot see how wrong the logits are. Work with the logits themselves: "
                "log(sum of exp) - the label's logit."
            ),
        )
    result.equals(each.mean(), demand, hints, slack=2e-6 + 4e-7 * np.abs(z).max())


def _loss_mistakes(z, labels, each):
    """The hint for each mistake, and what that mistake gives."""
    n, k = z.shape
    rows = np.arange(n)
    p = softmax(z)
    of_truth = p[rows, labels]
    twice = scipy.special.log_softmax(p, axis=1)[rows, labels]
    return {
        hint(
            "sum", _("this is the sum over all examples; divide it by how many there are.")
        ): each.sum(),
        hint("mean-of-entries", _("divide by the number of examples n, not by n · k.")): each.mean()
        / k,
        hint(
            "sign", _("the minus sign is missing: the loss is log(sum of exp) - the label's logit.")
        ): -(each.mean()),
        hint(
            "softmax-twice", _("softmax is taken twice: the loss gets the logits as they are.")
        ): -twice.mean(),
        hint("base-2", _("use the natural logarithm; this one has base 2.")): each.mean()
        / np.log(2),
        hint(
            "log-of-mean", _("take the logarithm of each probability first, then the mean.")
        ): -np.log(of_truth.mean()),
        hint(
            "no-log-sum-exp",
            _("this is the mean of the logits at the labels; log(sum of exp) is missing."),
        ): -z[rows, labels].mean(),
        hint("no-label", _("the label's logit is missing: subtract it from log(sum of exp).")): (
            scipy.special.logsumexp(z, axis=1).mean()
        ),
        hint("axis", _("sum exp along each row: axis=1.")): -scipy.special.log_softmax(z, axis=0)[
            rows, labels
        ].mean(),
        hint("whole-batch", _("sum exp along each row, not over the whole batch.")): (
            scipy.special.logsumexp(z) - z[rows, labels].mean()
        ),
        hint("largest-logit", _("take the label's logit, not the largest one.")): -np.log(
            p.max(axis=1)
        ).mean(),
        hint(
            "maximum-lost",
            _(
                "add the largest logit again after the logarithm, or subtract it from the label's "
                "logit, too."
            ),
        ): (each.mean() - z.max(axis=1).mean()),
        hint("labels-from-1", _("labels count from 0: the label 0 is column 0.")): -np.log(
            p[rows, labels - 1]
        ).mean(),
        hint("all-classes", _("only the label's class counts, not the others.")): -np.log(p).mean(),
        hint(
            "columns-of-every-row",
            _(
                "z[:, labels] means these columns of every row; for one place in each row, give "
                "the rows too, np.arange(n) in front of labels."
            ),
        ): (scipy.special.logsumexp(z, axis=1).mean() - z[:, labels].mean()),
    }


def _cut_short(value, each):
    """Whether a loss is what comes out when probabilities are kept away from 0 by some epsilon."""
    p = np.exp(-each)
    for power in (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 20, 30, 38):
        epsilon = 10.0**-power
        for changed in (p + epsilon, np.clip(p, epsilon, 1 - epsilon)):
            loss = -np.log(changed).mean()
            if np.isclose(value, loss, 1e-3) and not np.isclose(loss, each.mean(), 1e-3):
                return True
    # Keras's own epsilon and the smallest numbers of float32 are odd numbers.
    return len(each) == 1 and each[0] > 100 and 5 < value < 110


# Starting weights ---------------------------------------------------------------------------------


def initial_weights(answer, seed=0):
    """fan_in, fan_out, rng -> (fan_in, fan_out) random numbers of mean 0 and variance 2/fan_in."""
    attempt = Attempt(answer, "initial_weights(fan_in, fan_out, rng)")
    sizes = [(2, 3), (3, 2), (1, 1), (400, 60), (30, 400), (400, 30), (100, 100), (1, 9000)]
    sizes += [(9000, 1), tuple(np.random.default_rng([33, seed]).integers(90, 200, 2))]
    for number, (fan_in, fan_out) in enumerate(sizes):
        rng = np.random.default_rng([33, seed, number])
        result = attempt.call(fan_in=int(fan_in), fan_out=int(fan_out), rng=rng)
        array = result.array(
            (fan_in, fan_out),
            _("one row for each input, one column for each neuron"),
            "fraction",
        )
        weights = array.astype(np.float64)
        if not np.isfinite(weights).all():
            result.fail(_("initial_weights must give finite numbers."), got=array)
        if weights.size >= 4000:
            _check_spread(result, weights)
            _check_scatter(result, weights)
    _check_generator(attempt, seed)


def _check_spread(result, weights):
    """Check for the mean 0 and the variance 2 / fan_in, within sampling error."""
    n, (fan_in, fan_out) = weights.size, weights.shape
    variance = 2 / fan_in
    mean, spread = weights.mean(), weights.var()
    if spread < 1e-12 * variance:
        result.fail(
            _("initial_weights must draw numbers that differ from one another."),
            got=_("{value:.4g} everywhere").format(value=mean),
            hint=hint(
                "constant",
                _(
                    "if all neurons of a layer start alike, they get the same gradient, and stay "
                    "alike for ever."
                ),
            ),
        )
    if not abs(mean) <= DEVIATIONS * np.sqrt(max(spread, variance) / n):
        one_sign = (weights >= 0).all() or (weights <= 0).all()
        result.fail(
            _("initial_weights must have the mean 0."),
            expected=_("a mean of about 0, among {count:,} weights").format(count=n),
            got=f"{mean:.4g}",
            hint=hint(
                "one-sign", _("all weights have the same sign: half of them should be negative.")
            )
            if one_sign
            else hint("mean", _("rng.normal(0, …) and rng.standard_normal(…) have the mean 0.")),
        )
    squares = (weights - mean) ** 2
    kurtosis = (squares**2).mean() / spread**2
    luck = DEVIATIONS * max(np.sqrt(max(kurtosis - 1, 0.8) / n), 1e-3)
    if not abs(spread / variance - 1) <= luck:
        result.fail(
            _("initial_weights must have the variance 2 / fan_in."),
            expected=_("{variance:.4g} (a standard deviation of {deviation:.4g})").format(
                variance=variance, deviation=np.sqrt(variance)
            ),
            got=_("{variance:.4g} (a standard deviation of {deviation:.4g})").format(
                variance=spread, deviation=np.sqrt(spread)
            ),
            hint=_spread_hint(spread, fan_in, fan_out, luck),
        )


def _spread_hint(spread, fan_in, fan_out, luck):
    """The likely cause of a wrong variance."""
    variance = 2 / fan_in
    for text, wrong in {
        hint(
            "no-root", _("2 / fan_in is the variance; the standard deviation is its square root.")
        ): variance**2,
        hint(
            "truncated", _("cutting off the tails has made the spread smaller: scale it up again.")
        ): 0.7737 * variance,
        hint("fan-out", _("divide by fan_in, the number of inputs of a neuron, not by fan_out.")): 2
        / fan_out,
        hint(
            "no-root-fan-out",
            _(
                "2 / fan_in is the variance; the standard deviation is its square root, and fan_in "
                "belongs there, not fan_out."
            ),
        ): (2 / fan_out) ** 2,
        hint(
            "one-over-fan-in",
            _("this is 1 / fan_in: ReLU lets half of the signal through, hence the 2."),
        ): 1 / fan_in,
        hint(
            "Glorot", _("only the number of inputs counts: 2 / fan_in, not 2 / (fan_in + fan_out).")
        ): 2 / (fan_in + fan_out),
        hint("both-fans", _("only the number of inputs counts: divide by fan_in alone.")): 2
        / (fan_in * fan_out),
        hint(
            "variance-1",
            _("divide by the number of inputs: the more there are, the larger the sum gets."),
        ): 1.0,
        hint("variance-2", _("divide the 2 by the number of inputs.")): 2.0,
        hint(
            "two-roots", _("this is the square root of the standard deviation; take one root only.")
        ): np.sqrt(variance),
        hint("deviation-one-over-fan-in", _("this has 1 / fan_in as the standard deviation.")): 1
        / fan_in**2,
        hint(
            "uniform",
            _("numbers drawn evenly from -a to a have the variance a² / 3: a must be larger."),
        ): variance / 3,
        hint(
            "uniform-no-root",
            _("numbers drawn evenly from -a to a have the variance a² / 3, not a."),
        ): variance**2 / 3,
        hint(
            "fixed-spread", _("a small fixed spread does not know how many inputs there are.")
        ): 0.01,
    }.items():
        if abs(spread / wrong - 1) <= max(luck, 0.03):
            return text
    return hint("scale", _("multiply standard normal numbers by the square root of 2 / fan_in."))


def _check_scatter(result, weights):
    """Check that every number was drawn by itself: rows and columns are independent."""
    fan_in = len(weights)
    for axis, name in ((0, _("column")), (1, _("row"))):
        count, size = weights.shape[1 - axis], weights.shape[axis]
        if count < 20 or size < 2:
            continue
        means = weights.mean(axis=axis)
        # Of independent numbers this is 1, with a deviation of the square root of 2 / count.
        ratio = (means**2).mean() * size / (2 / fan_in)
        if ratio > 1 + DEVIATIONS * 1.5 * np.sqrt(2 / count):
            result.fail(
                _("initial_weights must draw every weight by itself."),
                got=_("a {name} tends to hold numbers of one size or sign").format(name=name),
                hint=hint(
                    "repeated",
                    _("draw fan_in · fan_out numbers in one go: size=(fan_in, fan_out)."),
                ),
            )
    pairs = [(weights[:-1], weights[1:]), (weights[:, :-1], weights[:, 1:])]
    alike = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in pairs if a.size > 1]
    if max(map(abs, alike)) > DEVIATIONS * 1.2 / np.sqrt(weights.size):
        result.fail(
            _("initial_weights must draw every weight by itself."),
            got=_("neighbouring weights that resemble each other"),
            hint=hint(
                "neighbours",
                _("neurons that start alike stay alike: size=(fan_in, fan_out) draws them all."),
            ),
        )


def _check_generator(attempt, seed):
    rng = np.random.default_rng([34, seed])
    before = generator_state(rng)
    first = attempt.call(fan_in=4, fan_out=3, rng=rng)
    advanced = first.afterwards["rng"]
    second = attempt.call(fan_in=4, fan_out=3, rng=advanced)
    one, other = first.plain(), second.plain()
    same = bool(np.array_equal(one, other))
    if same or generator_state(advanced) == before:
        second.fail(
            _("initial_weights must draw from the rng that it is given."),
            got=_("the same weights twice") if same else _("a generator that was not used"),
            hint=hint(
                "own-generator",
                _("use rng itself: neither a new generator with its own seed nor np.random."),
            ),
        )


# Backpropagation ----------------------------------------------------------------------------------

_NAMES = ("W1", "b1", "W2", "b2")


def two_layer_gradients(answer, seed=0):
    """dict W1, b1, W2, b2, X (n, d), one-hot T (n, k) -> dict of gradients of the mean loss."""
    attempt = Attempt(answer, "two_layer_gradients(parameters, X, T)")
    rng = np.random.default_rng([35, seed])
    small = {"W1": [[1, -1]], "b1": [0.5, 0.5], "W2": [[1, 0], [0, 1]], "b2": [0, 0]}
    _check_gradients(attempt, small, [[2]], [1])
    small |= {"W1": [[1, -1], [0, 2]], "b1": [0, 0.5]}
    _check_gradients(attempt, small, [[2, 1], [-1, 1]], [1, 0])
    sizes = [(1, 1, 1, 2), (1, 4, 3, 2), (4, 4, 4, 4), (3, 2, 5, 3), (7, 3, 4, 5), (5, 8, 7, 5)]
    sizes += [(10, 20, 12, 10), tuple(int(size) for size in rng.integers(11, 30, 4))]
    for n, d, h, k in sizes:
        parameters = {
            "W1": rng.normal(size=(d, h)),
            "b1": rng.normal(size=h),
            "W2": rng.normal(size=(h, k)),
            "b2": rng.normal(size=k),
        }
        _check_gradients(attempt, parameters, rng.normal(size=(n, d)), rng.integers(0, k, n))
    # A hidden layer that is all silent, and one that is all open.
    for bias in (-40.0, 40.0):
        silent = parameters | {"b1": np.full_like(parameters["b1"], bias)}
        X = rng.uniform(-1, 1, size=(6, len(parameters["W1"])))
        k = len(parameters["b2"])
        _check_gradients(attempt, silent, X, rng.integers(0, k, 6))


def _check_gradients(attempt, parameters, X, labels):
    parameters = {name: np.array(value, np.float64) for name, value in parameters.items()}
    X = np.array(X, np.float64)
    T = np.eye(len(parameters["b2"]))[labels]
    result = attempt.call(parameters=parameters, X=X, T=T)
    returned = result.value
    if isinstance(returned, Mapping) and set(returned) < set(_NAMES):
        missing = [name for name in _NAMES if name not in returned]
        result.fail(
            _("two_layer_gradients must return a gradient for each of W1, b1, W2 and b2."),
            got=_("none for {names}").format(names=", ".join(missing)),
        )
    entries = result.entries(*_NAMES)
    entry_must = _("two_layer_gradients: the entry {name} (d{name}) must have the shape of {name}.")
    n = len(X)
    arrays = {}
    for name, entry in entries.items():
        shape = parameters[name].shape
        array = entry.plain()
        transposed = isinstance(array, np.ndarray) and array.shape == shape[::-1] != shape
        if name[0] == "b" and isinstance(array, np.ndarray) and array.shape in ((n, *shape),):
            entry.fail_shape(
                entry_must.format(name=name),
                shape,
                array.shape,
                hint(
                    "bias-not-summed",
                    _("every example moves the same biases: sum over the examples, axis=0."),
                ),
            )
        if transposed:
            entry.fail_shape(
                entry_must.format(name=name),
                shape,
                array.shape,
                hint(
                    "transposed-shape",
                    _("the inputs of the layer, transposed, come first: inputs.T @ error."),
                ),
            )
        arrays[name] = entry.array(shape, _("the slopes by {name}, in its shape").format(name=name))
    expected = reference.two_layer_gradients(parameters, X, T)
    found = _gradient_hint(arrays, expected, parameters, X, T)
    hidden = np.maximum(X @ parameters["W1"] + parameters["b1"], 0)
    sizes = {"W1": np.abs(X).mean(axis=0)[:, None], "W2": hidden.mean(axis=0)[:, None]}
    for name in ("W2", "b2", "W1", "b1"):
        entries[name].equals(
            expected[name],
            _(
                "two_layer_gradients: the entry {name} (d{name}) must be the gradient of the mean "
                "loss with respect to {name}."
            ).format(name=name),
            found,
            slack=1e-6 * (1 + sizes.get(name, 0)),
        )


def _gradient_hint(arrays, expected, parameters, X, T):
    """The hint for the first mistake that gives just these gradients, or None."""
    for text, mistake in _gradient_mistakes(expected, parameters, X, T).items():
        if all(
            np.allclose(arrays[name], value, rtol=1e-4, atol=1e-6 * (1 + len(X)))
            for name, value in mistake.items()
        ) and not all(np.allclose(mistake[name], expected[name], atol=1e-6) for name in mistake):
            return text
    if all(np.allclose(arrays[name], expected[name], rtol=0.02, atol=1e-3) for name in _NAMES):
        return hint(
            "measured",
            _("nearly right, as measured slopes are: use the formulas, which are exact."),
        )
    return None


def _gradient_mistakes(expected, parameters, X, T):
    """The hint for each mistake, and the gradients that it gives."""
    n, k = T.shape
    W1, b1, W2, b2 = (parameters[name] for name in _NAMES)
    sums = X @ W1 + b1
    hidden = np.maximum(sums, 0)
    logits = hidden @ W2 + b2
    Y = softmax(logits)

    def chain(error, hidden=hidden, gate=sums > 0, W2=W2):
        behind = (error @ W2.T) * gate
        slopes = {"W1": X.T @ behind, "b1": behind.sum(axis=0)}
        return slopes | {"W2": hidden.T @ error, "b2": error.sum(axis=0)}

    error = (Y - T) / n
    without_gate = chain(error, gate=np.ones_like(sums))
    nothing = {name: 0 * value for name, value in expected.items()}
    squared = 2 * Y * ((Y - T) - np.sum((Y - T) * Y, axis=1, keepdims=True)) / n
    slope = scipy.special.expit(sums) * (1 - scipy.special.expit(sums))
    gateless = np.maximum(error @ W2.T, 0)
    mistakes = {
        hint(
            "no-gate",
            _(
                "the gate of ReLU is missing: where a neuron was silent (its sum was not above 0), "
                "no error goes back through it."
            ),
        ): without_gate,
        hint(
            "gate-reversed",
            _("the gate is the wrong way round: the error goes back where the sum was above 0."),
        ): chain(error, gate=sums <= 0),
        hint(
            "gate-by-error", _("the sign of the *sum* opens the gate, not the sign of the error.")
        ): chain(error) | {"W1": X.T @ gateless, "b1": gateless.sum(axis=0)},
        hint(
            "gate-by-inputs",
            _("the inputs X do not open the gate; the sums of the hidden layer do."),
        ): chain(error, gate=(X.mean(axis=1, keepdims=True) > 0)),
        hint(
            "logits-without-ReLU", _("the logits need the hidden layer after ReLU: max(0, sums).")
        ): chain((softmax(sums @ W2 + b2) - T) / n, hidden=sums),
        hint(
            "gate-by-values",
            _("the gate is either open or shut: multiply by 1 or 0, not by the hidden values."),
        ): chain(error, gate=hidden),
        hint("sigmoid-gate", _("this is the gate of sigmoid; the hidden layer has ReLU.")): chain(
            error, gate=slope
        ),
        hint(
            "sum", _("this is the gradient of the sum; divide by the number of examples, once.")
        ): {name: n * value for name, value in expected.items()},
        hint("mean-twice", _("the mean is taken twice: divide by n once, at the error.")): {
            name: value / n for name, value in expected.items()
        },
        hint(
            "no-b1",
            _("b1 gets a gradient too: the hidden layer's error, summed over the examples."),
        ): expected | {"b1": nothing["b1"]},
        hint(
            "no-b2", _("b2 gets a gradient too: the sum of the error over the examples.")
        ): expected | {"b2": nothing["b2"]},
        hint("no-W1", _("W1 gets a gradient too: X.T times the hidden layer's error.")): expected
        | {"W1": nothing["W1"]},
        hint("sign", _("the sign is reversed: the error is Y - T.")): {
            name: -value for name, value in expected.items()
        },
        hint(
            "b1-not-divided",
            _(
                "b1 is summed over the examples and divided by n, as W1 is: it is a mean, taken "
                "once."
            ),
        ): (expected | {"b1": n * expected["b1"]}),
        hint(
            "b1-divided-twice",
            _("b1: the error is already divided by n; add it up, without a second mean."),
        ): expected | {"b1": expected["b1"] / n},
        hint(
            "b2-divided-twice",
            _("b2: the error is already divided by n; add it up, without a second mean."),
        ): expected | {"b2": expected["b2"] / n},
        hint(
            "biases-divided-twice",
            _("both biases: the error is already divided by n; add it up, without a second mean."),
        ): (expected | {"b1": expected["b1"] / n, "b2": expected["b2"] / n}),
        hint(
            "biases-not-divided", _("both biases must be divided by n, just as the weights are.")
        ): expected | {"b1": n * expected["b1"], "b2": n * expected["b2"]},
        hint(
            "weights-not-divided", _("both weights must be divided by n, just as the biases are.")
        ): expected | {"W1": n * expected["W1"], "W2": n * expected["W2"]},
        hint(
            "first-layer-mean-twice", _("the mean is taken twice on the way to the first layer.")
        ): expected | {name: expected[name] / n for name in ("W1", "b1")},
        hint(
            "first-layer-sum",
            _("the mean is missing in the first layer: its error must be divided by n, too."),
        ): expected | {name: n * expected[name] for name in ("W1", "b1")},
        hint("by-n-k", _("divide by n, the number of examples, not by n · k.")): {
            name: value / k for name, value in expected.items()
        },
        hint(
            "squared-distance",
            _("this is the gradient of a squared distance; you need that of the cross-entropy."),
        ): chain(squared),
        hint(
            "logits-for-probabilities",
            _("compare the probabilities with the targets: Y, not the logits."),
        ): chain((logits - T) / n),
        hint(
            "winner-only", _("compare the probabilities with the targets: Y, not the winner alone.")
        ): chain((np.eye(k)[logits.argmax(axis=1)] - T) / n),
        hint("axis", _("softmax runs along each row: axis=1.")): chain(
            (softmax(logits, axis=0) - T) / n
        ),
        hint(
            "softmax-twice",
            _(
                "this goes through softmax twice: Y - T is already the slope with respect to the "
                "logits."
            ),
        ): chain(Y * (1 - Y) * error),
        hint("W2-inputs", _("the inputs of W2 are the hidden values, after ReLU.")): expected
        | {"W2": sums.T @ error},
        hint(
            "no-bias-b1", _("the biases b1 are missing from the hidden sums: X @ W1 + b1.")
        ): reference.two_layer_gradients(parameters | {"b1": 0 * b1}, X, T),
        hint(
            "no-bias-b2", _("the biases b2 are missing from the logits: hidden @ W2 + b2.")
        ): reference.two_layer_gradients(parameters | {"b2": 0 * b2}, X, T),
        hint("W2-stepped", _("the error goes back through W2 as it was before its step.")): chain(
            error, W2=W2 - expected["W2"]
        ),
    }
    if W2.shape[0] == W2.shape[1]:
        mistakes[
            hint("W2-not-transposed", _("the error goes back through W2 transposed: error @ W2.T."))
        ] = chain(error, W2=W2.T) | {"W2": expected["W2"]}
        mistakes[
            hint("dW2-transposed", _("W2: the inputs, transposed, come first: hidden.T @ error."))
        ] = expected | {"W2": expected["W2"].T}
    if X.shape[1] == W1.shape[1]:
        mistakes[
            hint("dW1-transposed", _("W1: the inputs, transposed, come first: X.T @ error."))
        ] = expected | {"W1": expected["W1"].T}
    return mistakes


# The learning rate --------------------------------------------------------------------------------


def learning_rate_at(answer, seed=0):
    """step -> lowest + (highest - lowest) · exp(-step / decay)."""
    attempt = Attempt(answer, "learning_rate_at(step, lowest=1e-4, highest=3e-3, decay=2000)")
    rng = np.random.default_rng([36, seed])
    cases = [
        (0,),
        (1000,),
        (2000,),
        (12_000,),
        (1,),
        (10_000_000,),
        (500, 0.0, 1.0, 250),
        (0, 0.25),
        (2000, 0.001),
        (0, 0.01, 0.5, 100),
        (37, 0.01, 0.5, 100),
        (100, 0.01, 0.5, 100),
        (100_000, 0.01, 0.5, 100),
        (3, 0.1, 0.9, 2),
        (1500, 1e-4, 3e-3, 1000),
        (10, 0.02, 0.02, 10),
    ]
    for __ in range(5):
        low, high = sorted(float(value) for value in 10 ** rng.uniform(-5, 0, 2))
        decay = int(rng.integers(10, 5000))
        cases.append((int(decay * rng.uniform(0.05, 3)), low, high, decay))
        cases.append((int(rng.integers(1, 6000)),))
    names = ("step", "lowest", "highest", "decay")
    for case in cases:
        _check_rate(attempt, dict(zip(names, case, strict=False)))


def _check_rate(attempt, given):
    result = attempt.call(**given)
    step, low, high, decay = (
        given["step"],
        given.get("lowest", 1e-4),
        given.get("highest", 3e-3),
        given.get("decay", 2000),
    )
    value = result.array((), _("one number, the learning rate"))
    left = np.exp(-step / decay)
    hints = {
        hint(
            "floor-on-top", _("the floor is added on top here: what falls is highest - lowest.")
        ): low + high * left,
        hint(
            "no-floor", _("the floor is missing: the rate falls towards lowest, not towards 0.")
        ): high * left,
        hint("floor-not-added", _("add lowest: this is only what lies above the floor.")): (
            high - low
        )
        * left,
        hint("staircase", _("these are steps of a staircase; divide with /, not with //.")): low
        + (high - low) * np.exp(-(step // decay)),
        hint(
            "negative-staircase",
            _("-step // decay is a whole number, and makes a staircase; divide with /."),
        ): low + (high - low) * np.exp(-step // decay),
        hint("power-of-2", _("the base of the exponential is e = 2.718…, not 2.")): low
        + (high - low) * 0.5 ** (step / decay),
        hint("power-of-10", _("the base of the exponential is e = 2.718…, not 10.")): low
        + (high - low) * 0.1 ** (step / decay),
        hint("exchanged", _("lowest and highest are exchanged.")): high + (low - high) * left,
        hint("sign", _("the minus sign is missing: exp(-step / decay) falls.")): low
        + (high - low) * np.exp(min(step / decay, 700)),
        hint("straight-line", _("this is a straight line; use exp(-step / decay).")): low
        + (high - low) * max(1 - step / decay, 0),
        hint("hyperbola", _("this falls as 1 / (1 + step / decay); use exp(-step / decay).")): low
        + (high - low) / (1 + step / decay),
        hint(
            "geometric",
            _(
                "this falls geometrically from highest to lowest; only highest - lowest is "
                "multiplied by exp(-step / decay)."
            ),
        ): low * (high / low) ** left if low else 0.0,
        hint(
            "grows",
            _("the rate grows from lowest to highest; it should fall from highest to lowest."),
        ): low + (high - low) * (1 - left),
        hint("steps-from-1", _("count steps from 0: at step 0 the rate is the highest.")): low
        + (high - low) * np.exp(-(step + 1) / decay),
        hint("multiplied", _("divide the step by decay; do not multiply.")): low
        + (high - low) * np.exp(-min(step * decay, 1e6)),
    }
    usual = {"step": step}
    for name, meant in (("decay", 2000), ("highest", 3e-3), ("lowest", 1e-4)):
        if given.get(name, meant) != meant:
            usual = {key: value for key, value in given.items() if key != name}
            hints[
                hint(
                    "argument-ignored",
                    _("{name} is not used: its default value is used instead.").format(name=name),
                )
            ] = reference.learning_rate_at(**usual)
    if len(given) > 1:
        hints[
            hint(
                "arguments-ignored",
                _("lowest, highest and decay are arguments: use what is given."),
            )
        ] = reference.learning_rate_at(step)
    demand = _("learning_rate_at must be lowest + (highest - lowest) · exp(-step / decay).")
    if step == 0:
        demand = _("learning_rate_at must be the highest rate at step 0.")
        if np.isclose(float(value), low + high, 1e-4) and low:
            hints = hint(
                "floor-on-top", _("the floor is added on top here: what falls is highest - lowest.")
            )
    elif left < 1e-12:
        demand = _("learning_rate_at must come down to the lowest rate in the end.")
    result.equals(low + (high - low) * left, demand, hints)


# The network --------------------------------------------------------------------------------------

_PARAMETERS = sum((inputs + 1) * units for inputs, units in itertools.pairwise(WIDTHS))
_SHAPES = ((784,), (28, 28), (28, 28, 1))
_PROBES = np.array([-6.0, -4.0, -2.5, -1.0, -0.3, 0.3, 1.0, 2.5, 4.0, 6.0])


def build_five_layers(answer, seed=0):
    """Nothing -> a Keras model, digits in and ten logits out, with 185,300 parameters."""
    attempt = Attempt(answer, "build_five_layers()")
    rng = np.random.default_rng([37, seed])
    result, network = _network(attempt, rng)
    check_own_network(
        result, network.model, *(f"five-layers-{kind}" for kind in ("sigmoid", "relu", "dropout"))
    )
    count = network.model.count_params()
    if count != _PARAMETERS:
        result.fail(
            _("build_five_layers must return a model with 185,300 parameters."),
            expected="185,300",
            got=f"{count:,}",
            hint=_parameters_hint(count),
        )
    start = network.weights()
    places = _places(result, start)
    for number in range(1, len(WIDTHS) - 1):
        kernel = start[places[0][number - 1]]
        if np.ptp(kernel) == 0:
            result.fail(
                _("build_five_layers: the weights of layer {number} must start at random.").format(
                    number=number
                ),
                got=_("{value:g} everywhere").format(value=float(kernel.flat[0])),
                hint=_("neurons that start alike stay alike; leave kernel_initializer as it is."),
            )
    try:
        with silence():
            probe = _Probe(network, start, places)
            _check_ending(result, probe, rng)
            for number in range(1, len(WIDTHS) - 1):
                _check_neurons_apart(result, probe, number)
            for number in range(1, len(WIDTHS) - 1):
                _check_bend(result, probe, number)
            network.model.set_weights(start)
    except CheckFailed:
        raise
    except Exception as error:
        result.fail(
            _("build_five_layers must return a model that can be asked again and again."),
            got=f"{type(error).__name__}: {wording.first_line(error)}",
        )
    _check_loss_takes_logits(result, network.model)


class _Network:
    """A model, and the shape of the images that it takes."""

    def __init__(self, model, shape):
        self.model, self.shape = model, shape

    def __call__(self, X):
        """What it gives for X (n, 784) when it is not training."""
        images = X.reshape(len(X), *self.shape).astype(np.float32)
        with silence():
            return np.asarray(self.model(images, training=False), np.float64)

    def weights(self):
        with silence():
            return [np.array(value) for value in self.model.get_weights()]


def _network(attempt, rng):
    """The model that the answer returns, with images of a shape that it takes."""
    X = rng.uniform(size=(7, 784))
    failures = []
    shapes = None
    for number in range(len(_SHAPES)):
        if shapes and number >= len(shapes):
            break
        result = attempt.call()
        model = result.value
        if model is None:
            result.array((), "")  # says that nothing was returned
        if not callable(model) or not hasattr(model, "get_weights") or isinstance(model, type):
            result.fail(
                _("build_five_layers must return a Keras model."),
                expected=_(
                    "keras.Sequential([...]) or the like, when called as build_five_layers()"
                ),
                got=wording.kind_text(model),
                hint=_("end with `return` and the model itself."),
            )
        _check_built(result, model)
        shapes = shapes or _shapes(result, model)
        network = _Network(model, shapes[number])
        try:
            Y = network(X)
        except Exception as error:
            failures.append((result, network, error))
            continue
        if Y.shape == (7, 10):
            return result, network
        failures.append((result, network, Y.shape))
    result, network, wrong = next(
        (item for item in failures if isinstance(item[2], tuple)), failures[0]
    )
    if isinstance(wrong, Exception):
        result.fail(
            _("build_five_layers must return a model that takes digits of shape (28, 28)."),
            got=f"{type(wrong).__name__}: {wording.first_line(wrong)}",
            hint=_("start with keras.Input((28, 28)) and Flatten."),
        )
    return result.fail(
        _("build_five_layers must return a model with ten outputs for each digit."),
        expected=_("shape {shape} for 7 digits").format(shape=(7, 10)),
        got=_("shape {shape}").format(shape=wrong),
        hint=_("Flatten stands before the dense layers, and the last one has 10 neurons."),
    )


def _check_built(result, model):
    """Check that the model has its weights before it has seen a digit."""
    try:
        model.count_params()
    except Exception as error:
        result.fail(
            _("build_five_layers must return a model that has its weights: a built one."),
            expected=_("`build_five_layers().count_params()` gives 185300"),
            got=f"{type(error).__name__}: {wording.first_line(error)}",
            hint=_("start with keras.Input((28, 28)); then Keras knows how large each layer is."),
        )


def _shapes(result, model):
    """The shapes of images to try: the one that the model declares, or all."""
    try:
        declared = model.input_shape
    except Exception:
        return _SHAPES
    if declared is None:
        return _SHAPES
    if isinstance(declared, list | tuple) and len(declared) == 1:
        declared = declared[0]
    declared = tuple(declared)[1:] if isinstance(declared, list | tuple) else declared
    if declared in _SHAPES:
        return (declared,)
    if isinstance(declared, tuple) and None in declared:
        return _SHAPES
    return result.fail(
        _("build_five_layers must return a model that takes digits of shape (28, 28)."),
        expected=_("(28, 28) in; or (784,), or (28, 28, 1)"),
        got=_("{shape} in").format(shape=declared),
        hint=_("start with keras.Input((28, 28)) and Flatten."),
    )


def _parameters_hint(count):
    sizes = list(itertools.pairwise(WIDTHS))
    if count == sum(inputs * units for inputs, units in sizes):
        return _("the biases are missing: leave use_bias as it is.")
    for number, (inputs, units) in enumerate(sizes[:-1], start=2):
        after = WIDTHS[number]
        without = _PARAMETERS - (inputs + 1) * units - (units + 1) * after + (inputs + 1) * after
        if count == without:
            return _("the layer of {units} neurons is missing.").format(units=units)
    if count == 7850:
        return _("this is the single layer; four hidden layers come before it.")
    return _(
        "five Dense layers, with 200, 100, 60, 30 and 10 neurons; `build_five_layers().summary()` "
        "shows the parameters of each."
    )


def _places(result, weights):
    """Where each layer's kernel and biases stand in the list of weights: two lists, in order."""
    sizes = [value.size for value in weights]
    kernels, biases = [], []
    for inputs, units in itertools.pairwise(WIDTHS):
        kernel = [i for i, value in enumerate(weights) if sorted(value.shape) == [units, inputs]]
        bias = [i for i, size in enumerate(sizes) if size == units]
        kernels += kernel[:1]
        biases += bias[:1]
        if len(kernel) != 1 or len(bias) != 1:
            break
    if len(weights) != 10 or len(kernels) != 5 or len(biases) != 5:
        result.fail(
            _("build_five_layers must return a model with layers of 200, 100, 60, 30, 10 neurons."),
            expected="; ".join(
                f"({inputs}, {units})" for inputs, units in itertools.pairwise(WIDTHS)
            ),
            got="; ".join(str(tuple(value.shape)) for value in weights if value.ndim > 1)
            or _("none"),
            hint=_("five Dense layers, in this order, with their biases."),
        )
    return kernels, biases


class _Probe:
    """A network that is given weights made up for a question; all others are 0."""

    def __init__(self, network, start, places):
        self._network, self._start, self._places = network, start, places

    def ask(self, X, kernels=(), biases=()):
        """The outputs for X (n, 784) with these kernels and biases, dicts by layer, 1 to 5."""
        weights = [np.zeros_like(value) for value in self._start]
        for kind, given in enumerate((dict(kernels), dict(biases))):
            for number, value in given.items():
                place = self._places[kind][number - 1]
                shape = weights[place].shape
                value = np.asarray(value, np.float32)
                if kind == 0 and shape != value.shape:  # a kernel of one's own, the other way round
                    value = value.T
                weights[place] = value.reshape(shape).astype(weights[place].dtype)
        self._network.model.set_weights(weights)
        return self._network(X)


def _diagonal(number, size, value=1.0):
    """A kernel of this layer that hands the first neurons on to the first neurons."""
    kernel = np.zeros((WIDTHS[number - 1], WIDTHS[number]))
    kernel[np.arange(size), np.arange(size)] = value
    return kernel


def _onwards(number, size, calm, first, more):
    """Kernels and biases that carry small changes behind this layer on to the outputs."""
    kernels = {
        later: _diagonal(later, size, first if later == number + 1 else more)
        for later in range(number + 1, 6)
    }
    biases = {later: np.full(WIDTHS[later], calm) for later in range(number + 1, 5)}
    return kernels, biases


def _softmax(sums):
    return scipy.special.softmax(sums, axis=-1)


def _check_ending(result, probe, rng):
    """Check that the last ten sums come out as they are; the same for all added does no harm."""
    asked = [np.round(rng.normal(0, scale, 10), 2) for scale in (1.0, 4.0)]
    answers = [probe.ask(np.zeros((3, 784)), biases={5: sums}) for sums in asked]

    def all_are(ending):
        pairs = zip(answers, map(ending, asked), strict=True)
        return all(np.allclose(Y, value, 2e-3, 2e-4) for Y, value in pairs)

    if all(
        np.allclose(Y - Y[:, :1], sums - sums[0], 2e-3, 2e-4)
        for Y, sums in zip(answers, asked, strict=True)
    ):
        return
    wrong = {
        _("softmax is at the end: leave it out, as in Dense(10). The loss computes softmax itself, "
          "with from_logits=True."): _softmax,
        _("softmax is taken twice, and logits need none at all: the last layer is Dense(10)."): (
            lambda sums: _softmax(_softmax(sums))
        ),
        _("softmax runs along the batch here; leave it out, the last layer is Dense(10)."): (
            lambda sums: np.full(10, 1 / 3)
        ),
        _("sigmoid is at the end: leave it out, as in Dense(10)."): scipy.special.expit,
        _("ReLU at the end loses every negative sum; leave it out, as in Dense(10)."): (
            lambda sums: np.maximum(sums, 0)
        ),
        _("tanh at the end keeps every logit between -1 and 1; leave it out, as in Dense(10)."): (
            np.tanh
        ),
        _("softmax of ReLU is at the end: leave both out, as in Dense(10)."): (
            lambda sums: _softmax(np.maximum(sums, 0))
        ),
        _("softmax of sigmoid is at the end: leave both out, as in Dense(10)."): (
            lambda sums: _softmax(scipy.special.expit(sums))
        ),
    }  # fmt: skip
    told = next((text for text, ending in wrong.items() if all_are(ending)), None)
    result.fail(
        _("build_five_layers must end in ten logits: the sums of the last layer as they are."),
        expected=_("for the last sums {sums}: the same").format(sums=_short(asked[0])),
        got=_short(answers[0][0]),
        hint=told or _("the last layer is Dense(10), without an activation, and nothing follows."),
    )


def _short(values):
    return ", ".join(f"{value:.2g}" for value in values[:4]) + ", …"


def _check_neurons_apart(result, probe, number):
    """Demand that a neuron of this hidden layer does not hear of what its neighbours sum up."""
    levels = np.linspace(0, 1, 5)
    X = np.zeros((len(levels), 784))
    X[:, 0] = levels
    for more in (20.0, 0.3):
        kernels, biases = _onwards(number, 1, calm=0.6, first=20.0, more=more)
        for earlier in range(1, number):
            kernels[earlier] = _diagonal(earlier, 1)
            biases[earlier] = np.full(WIDTHS[earlier], 0.3)
        kernels[number] = np.zeros((WIDTHS[number - 1], WIDTHS[number]))
        kernels[number][0, 1:] = -4.0
        biases[number] = np.full(WIDTHS[number], 0.5)
        Y = probe.ask(X, kernels, biases)
        heard = Y[:, 0] - Y[:, 1]
        if not np.ptp(heard) > 1e-6 * max(1.0, np.abs(heard).max()):
            continue
        result.fail(
            _("build_five_layers: the neurons of layer {number} must act by themselves.").format(
                number=number
            ),
            got=_("the activation of one neuron depends on the sums of the others"),
            hint=_(
                "softmax makes neurons compete for a sum of 1, and hardly anything gets through. A "
                'hidden layer has an activation such as "relu".'
            ),
        )


def _check_bend(result, probe, number):
    """Demand that what a neuron of this hidden layer makes of its sum is no straight line."""
    # Sums at which the usual activations are open, not saturated: each kind has its own.
    for calm, more in ((0.6, 0.3), (0.6, 1.0), (0.0, 2.0), (-1.0, 0.3)):
        kernels, biases = _onwards(number, 10, calm, first=0.005, more=more)
        biases[number] = np.zeros(WIDTHS[number])
        biases[number][:10] = _PROBES
        answers = probe.ask(np.zeros((1, 784)), kernels, biases)[0]
        answers = answers - answers.mean()
        if not np.isfinite(answers).all() or np.ptp(answers) < 2e-5:
            continue
        line = np.polyval(np.polyfit(_PROBES, answers, 1), _PROBES)
        if np.abs(answers - line).max() > 0.05 * np.ptp(answers):
            return
        result.fail(
            _("build_five_layers: layer {number} must be followed by an activation.").format(
                number=number
            ),
            expected=_('activation="relu", or another that bends'),
            got=_("none: two such layers in a row are worth a single one"),
            hint=_("Dense has no activation unless you ask for one."),
        )
    result.fail(
        _("build_five_layers: what layer {number} says must reach the outputs.").format(
            number=number
        ),
        got=_("the same outputs, whatever the sums of its neurons are"),
    )


def _check_loss_takes_logits(result, model):
    """Check that a model that comes compiled has a loss that takes its outputs for logits."""
    if _from_logits(_compiled_loss(model)) is False:
        result.fail(
            _("build_five_layers must not be compiled with a loss that wants probabilities."),
            got=_("logits at the end, and a loss that takes them for probabilities"),
            hint=_(
                "compile it with keras.losses.SparseCategoricalCrossentropy(from_logits=True), or "
                "return it without compiling."
            ),
        )


def _compiled_loss(model):
    """The loss that a model was compiled with, as Keras writes it down, or None."""
    try:
        with silence():
            settings = model.get_compile_config()
    except Exception:
        return None
    return settings.get("loss") if isinstance(settings, dict) else None


def _from_logits(loss):
    """True for a loss from logits, False for one from probabilities, None if that is not known."""
    if isinstance(loss, list | tuple):
        loss = loss[0] if len(loss) == 1 else None
    if isinstance(loss, str):
        if "logits" in loss:
            return True
        return False if "crossentropy" in loss.lower() else None
    if not isinstance(loss, dict):
        return None
    settings = loss.get("config")
    if isinstance(settings, dict) and "from_logits" in settings:
        return bool(settings["from_logits"])
    name = settings if isinstance(settings, str) else str(loss.get("class_name"))
    if str(loss.get("module")).split(".")[0] == "keras":
        return None
    if "logit" in name.lower() or name == "__lambda__":
        return True
    return not name.lower().endswith("categorical_crossentropy")
