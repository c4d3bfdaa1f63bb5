"""The check of batch_norm: the batch's own values in training, the running ones outside it."""

from typing import NamedTuple

import numpy as np

from course.check.engine.comparison import Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint
from course.check.engine.values import is_square
from course.check.references import lesson_06_convolution as reference
from course.messages import _

_NAMES = ("x", "gamma", "beta", "running_mean", "running_variance", "training", "momentum")


def _cases(rng):
    cases = [
        ([[1], [3]], [1], [0], [0], [1], True),
        ([[1], [3]], [2], [10], [0], [1], True),
        ([[1], [3]], [1], [0], [1], [4], False),
        ([[1, 2], [3, 6]], [1, 1], [0, 0], [5, 5], [2, 2], True),
        ([[1, 2], [3, 6]], [1, 2], [0, 1], [5, 5], [4, 4], False),
        ([[5, 7]], [1, 2], [3, 4], [1, 1], [4, 9], True),  # a batch of one has no spread
        ([[5, 7]], [1, 2], [3, 4], [1, 1], [4, 9], False),
        ([[2, 1], [2, 3]], [1, 1], [0, 0], [0, 0], [1, 1], True),  # a neuron that never moves
        ([[1], [3]], [1], [0], [4], [8], True, 0.5),
        ([[1], [3]], [1], [0], [4], [8], True, 0.0),
        ([[1], [3]], [1], [0], [4], [8], True, 1.0),
        ([[1], [3]], [1], [0], [4], [8], True, 0.9, 3.0),
        ([[1], [3]], [1], [0], [2], [6], False, 0.9, 3.0),
    ]
    for n, d in [(4, 4), (7, 3), (3, 7), (1, 5), (60, 2), rng.integers(8, 30, 2)]:
        for training in (True, False):
            case = (
                rng.normal(rng.normal(size=d), rng.uniform(0.2, 4, d), size=(n, d)),
                rng.uniform(0.5, 2, d),
                rng.normal(size=d),
                rng.normal(size=d),
                rng.uniform(0.3, 3, d),
                training,
                float(rng.uniform(0.1, 0.95)),
                float(rng.uniform(0.01, 0.5)),
            )
            cases += [case, case[:6]]
    for case in cases:
        arrays = [np.array(part, np.float32) for part in case[:5]]
        yield dict(zip((*_NAMES, "epsilon"), [*arrays, *case[5:]], strict=False))


def _slack(x, gamma, beta, mean, variance, training, momentum=0.9, epsilon=1e-5):
    used = (x.mean(axis=0), x.var(axis=0)) if training else (mean, variance)
    size = np.abs(gamma) * (np.abs(x) + np.abs(used[0])) / np.sqrt(used[1] + epsilon)
    largest = np.abs(x).max(axis=0)
    return {
        "y": 3e-6 * (size + np.abs(beta)),
        "running_mean": 3e-6 * (np.abs(mean) + largest),
        "running_variance": 3e-6 * (np.abs(variance) + largest**2),
    }


class _Given(NamedTuple):
    """What an answer was given."""

    x: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    training: bool
    momentum: float = 0.9
    epsilon: float = 1e-5

    @property
    def used(self):
        """The mean and the variance that x is normalised with."""
        return _of_columns(self.x) if self.training else (self.mean, self.variance)

    @property
    def right(self):
        return _right(*self)


def _of(make):
    """The answer make(what it was given)."""
    return lambda *given: make(_Given(*given))


def _formula(of):
    """A mistake in the formula of y, which says nothing of the running values: of(given, m, v)."""
    return _of(lambda at: {"y": of(at, *at.used)})


def _y(
    *,
    batch=lambda x: _of_columns(x),
    used=lambda batch, running, training: batch if training else running,
    root=lambda variance, epsilon: np.sqrt(variance + epsilon),
    scaled=lambda normal, gamma, beta: gamma * normal + beta,
    epsilon_is=lambda epsilon: epsilon,
):
    """A mistake in a part of y."""

    def answer(at):
        m, v = used(batch(at.x), (at.mean, at.variance), at.training)
        return {"y": scaled((at.x - m) / root(v, epsilon_is(at.epsilon)), at.gamma, at.beta)}

    return _of(answer)


def _running(of, outside=lambda old, batch, momentum: old):
    """Mistakes in both running values or in one: of (old, batch's, momentum), in training."""

    def answer(at, places):
        change = of if at.training else outside
        pairs = zip((at.mean, at.variance), _of_columns(at.x), strict=True)
        new = [change(*pair, at.momentum) for pair in pairs]
        return at.right[0], *(new[i] if i in places else at.right[1 + i] for i in (0, 1))

    return [_of(lambda at, places=places: answer(at, places)) for places in ((0, 1), (0,), (1,))]


def _variance(of=lambda at: at.x.var(axis=0), old=lambda at: at.variance):
    """A mistake in the running variance alone: another one of the batch, or another old one."""

    def answer(at):
        y, new_mean, new_variance = at.right
        moved = _moved(old(at), of(at), at.momentum)
        return y, new_mean, moved if at.training else new_variance

    return _of(answer)


def _moved(old, batch, momentum):
    return momentum * old + (1 - momentum) * batch


def _with_statistics_of(values_of):
    """The right y, and running values that follow those of other values than x."""
    return _of(lambda at: (at.right[0], *at._replace(x=values_of(at)).right[1:]))


def _without_mean(batch, running, training):
    return 0, (batch if training else running)[1]


def _spread_around(at, mean):
    return np.square(at.x - mean).mean(axis=0)


def _sample_variance(x):
    return x.var(axis=0) * len(x) / max(len(x) - 1, 1)


def _of_columns(x):
    return x.mean(axis=0), x.var(axis=0)


def _of_rows(x):
    return x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)


_right = unguarded(reference.batch_norm)
_SAMPLE = hint(
    "sample-variance", _("divide by n, not by n - 1: the variance of this batch itself.")
)

batch_norm = Comparison(
    signature=f"batch_norm({', '.join(_NAMES[:6])}, momentum=0.9, epsilon=1e-5)",
    summary="x (n, d), four arrays (d,), training -> (y, running_mean, running_variance).",
    right=_right,
    cases=_cases,
    parts=("y", "running_mean", "running_variance"),
    meaning={
        "y": _("as many values as x"),
        "running_mean": _("one value for each column"),
        "running_variance": _("one value for each column"),
    },
    demand={
        "y": _(
            "batch_norm must give gamma · normalised x + beta, with the mean and variance of the "
            "batch while training, else with the running ones."
        ),
        "running_mean": _(
            "batch_norm must return running_mean as momentum · old + (1 - momentum) · batch while "
            "training, else as it is."
        ),
        "running_variance": _(
            "batch_norm must return running_variance as momentum · old + (1 - momentum) · batch "
            "while training, else as it is."
        ),
    },
    slack=_slack,
    lost_steps=("no-gamma", "no-beta", "no-gamma-no-beta"),
    mistakes={
        hint(
            "running-in-training", _("while training, the batch's own mean and variance are used.")
        ): _y(used=lambda batch, running, training: running),
        hint(
            "new-running-in-training",
            _("normalise with the batch's own values, not with the running ones."),
        ): _of(lambda at: {"y": _right(*at[:3], *at.right[1:], False, *at[6:])[0]}),
        hint(
            "batch-outside-training",
            _("when not training, the batch does not count: one digit alone must work."),
        ): _y(used=lambda batch, running, training: batch),
        hint("training-reversed", _("training is the wrong way round.")): (
            _y(used=lambda batch, running, training: running if training else batch)
        ),
        _SAMPLE: [
            _y(batch=lambda x: (x.mean(axis=0), x.var(axis=0, ddof=1))),
            _y(batch=lambda x: (x.mean(axis=0), _sample_variance(x))),
            _variance(lambda at: at.x.var(axis=0, ddof=1)),
            _variance(lambda at: _sample_variance(at.x)),
        ],
        hint(
            "mean-of-squares",
            _("the variance is the mean squared distance from the mean: subtract it, then square."),
        ): [
            _y(batch=lambda x: (x.mean(axis=0), np.abs(x - x.mean(axis=0)).mean(axis=0))),
            _y(batch=lambda x: (x.mean(axis=0), np.square(x).mean(axis=0))),
            _variance(lambda at: np.square(at.x).mean(axis=0)),
        ],
        hint(
            "around-running-mean",
            _("the variance of the batch is around the batch's own mean, not the running one."),
        ): [
            _of(lambda at: _y(batch=lambda x: (x.mean(axis=0), _spread_around(at, at.mean)))(*at)),
            _of(
                lambda at: _y(batch=lambda x: (x.mean(axis=0), _spread_around(at, at.right[1])))(
                    *at
                )
            ),
            _variance(lambda at: _spread_around(at, at.mean)),
            _variance(lambda at: _spread_around(at, at.right[1])),
        ],
        hint(
            "alone",
            _("while training, one example alone has its own mean, too: y is beta then."),
        ): _of(lambda at: at._replace(training=at.training and len(at.x) > 1).right),
        hint("sum-of-squares", _("the variance is a mean: divide the sum by n.")): [
            _y(batch=lambda x: (x.mean(axis=0), len(x) * x.var(axis=0))),
            _variance(lambda at: len(at.x) * at.x.var(axis=0)),
        ],
        hint("axis", _("average over the examples, for each column: axis=0.")): [
            _y(batch=_of_rows),
            _y(batch=lambda x: _of_rows(x) if is_square(x) else _of_columns(x)),
        ],
        hint("no-axis", _("each column has its own mean and variance: axis=0.")): (
            _y(batch=lambda x: (x.mean(), x.var()))
        ),
        hint("no-mean", _("subtract the mean first.")): [
            _y(batch=lambda x: (0, x.var(axis=0))),
            _y(used=_without_mean),
        ],
        hint(
            "no-brackets",
            _("subtract the mean from x first, in brackets: (x - mean) / root, then gamma, beta."),
        ): [
            _formula(lambda at, m, v: at.gamma * at.x - m / np.sqrt(v + at.epsilon) + at.beta),
            _formula(lambda at, m, v: at.gamma * (at.x - m / np.sqrt(v + at.epsilon)) + at.beta),
            _formula(lambda at, m, v: (at.gamma * at.x - m) / np.sqrt(v + at.epsilon) + at.beta),
        ],
        hint(
            "half-the-power",
            _("x ** 1/2 is x ** 1, halved: the root is np.sqrt(x), or x ** 0.5."),
        ): _y(root=lambda variance, epsilon: 2 * (variance + epsilon)),
        hint("epsilon-outside", _("epsilon belongs inside the root, beside the variance.")): [
            _y(root=lambda variance, epsilon: np.sqrt(variance) + epsilon),
            _formula(lambda at, m, v: at.gamma * (at.x - m) / np.sqrt(v) + at.epsilon + at.beta),
        ],
        hint("epsilon-ignored", _("add the epsilon that is given to the variance, in the root.")): [
            *(_y(epsilon_is=lambda _epsilon, own=own: own) for own in (1e-5, 0, 1e-8, 1e-3)),
            _of(lambda at: {"y": (at if at.training else at._replace(epsilon=0)).right[0]}),
        ],
        hint(
            "not-normalised-outside-training",
            _("outside training x is normalised as well: with the running mean and variance."),
        ): [
            _of(lambda at: {"y": at.right[0] if at.training else at.gamma * at.x + at.beta}),
            _of(lambda at: {"y": at.right[0] if at.training else at.x}),
        ],
        hint(
            "epsilon-of-Keras", _("if epsilon is not given, it is 1e-5 here, not 1e-3 as in Keras.")
        ): _y(epsilon_is=lambda epsilon: 1e-3 if epsilon == 1e-5 else epsilon),
        hint("epsilon-squared", _("epsilon is not squared.")): (
            _y(epsilon_is=lambda epsilon: epsilon**2)
        ),
        hint("no-root", _("divide by the square root of the variance.")): (
            _y(root=lambda variance, epsilon: variance + epsilon)
        ),
        hint(
            "two-roots", _("np.std is the root of the variance already; np.var is the variance.")
        ): (_y(batch=lambda x: (x.mean(axis=0), x.std(axis=0)))),
        hint(
            "deviation-throughout",
            _(
                "running_variance holds variances, not their roots: keep np.var, and take the root "
                "where you divide."
            ),
        ): _y(
            batch=lambda x: (x.mean(axis=0), x.std(axis=0)),
            root=lambda deviation, epsilon: deviation + epsilon,
        ),
        hint("multiplied", _("divide by the root of the variance; do not multiply.")): (
            _y(root=lambda variance, epsilon: 1 / np.sqrt(variance + epsilon))
        ),
        hint("no-gamma", _("gamma is missing.")): (
            _y(scaled=lambda normal, gamma, beta: normal + beta)
        ),
        hint("no-beta", _("beta is missing.")): (
            _y(scaled=lambda normal, gamma, beta: gamma * normal)
        ),
        hint("no-gamma-no-beta", _("gamma and beta are missing.")): (
            _y(scaled=lambda normal, gamma, beta: normal)
        ),
        hint("beta-inside", _("beta is added last, after gamma: gamma does not multiply it.")): (
            _y(scaled=lambda normal, gamma, beta: gamma * (normal + beta))
        ),
        hint("beta-subtracted", _("beta is added, not subtracted.")): (
            _y(scaled=lambda normal, gamma, beta: gamma * normal - beta)
        ),
        hint("gamma-divides", _("multiply by gamma; do not divide by it.")): (
            _y(scaled=lambda normal, gamma, beta: normal / gamma + beta)
        ),
        hint("gamma-and-beta", _("gamma and beta are exchanged.")): (
            _y(scaled=lambda normal, gamma, beta: beta * normal + gamma)
        ),
        hint(
            "momentum-reversed",
            _("momentum belongs to the old value, 1 - momentum to the batch's."),
        ): _running(lambda old, batch, momentum: _moved(old, batch, 1 - momentum)),
        hint("momentum-ignored", _("momentum is an argument: 0.9 is only its default.")): _running(
            lambda old, batch, momentum: _moved(old, batch, 0.9)
        ),
        hint(
            "momentum-of-Keras",
            _("if momentum is not given, it is 0.9 here, not 0.99 as in Keras."),
        ): lambda *given: _right(*given) if len(given) > 6 else _right(*given, 0.99),
        hint(
            "running-not-updated",
            _("return the new one: momentum · old + (1 - momentum) · the batch's."),
        ): _running(lambda old, batch, momentum: old),
        hint(
            "batch-for-running",
            _("this is the batch's own; only 1 - momentum of it goes into the running value."),
        ): _running(lambda old, batch, momentum: batch),
        hint(
            "updated-outside-training",
            _("outside training the running values stay as they are."),
        ): _running(_moved, outside=_moved),
        hint(
            "variance-of-mean",
            _("running_variance goes on from its own old value, not from running_mean."),
        ): [
            _variance(old=lambda at: at.right[1]),
            _variance(old=lambda at: at.mean),
        ],
        hint(
            "mean-for-variance",
            _(
                "there is a mean where a variance belongs: was a line copied, and one name in it "
                "not changed?"
            ),
        ): [
            _variance(lambda at: at.x.mean(axis=0)),
            _of(lambda at: (*at.right[:2], at.right[1])),
            _y(batch=lambda x: (x.mean(axis=0), x.mean(axis=0))),
            _y(
                used=lambda batch, running, training: (
                    batch if training else (running[0], running[0])
                )
            ),
        ],
        hint(
            "statistics-of-y",
            _("the running values follow the mean and the variance of x, not those of y."),
        ): [
            _with_statistics_of(lambda at: at.right[0]),
            _with_statistics_of(lambda at: (at.right[0] - at.beta) / at.gamma),
        ],
        hint(
            "running-added", _("momentum weighs both: momentum · old + (1 - momentum) · batch.")
        ): _running(lambda old, batch, momentum: momentum * old + batch),
        hint("deviation", _("keep the variance, not its square root.")): [
            _variance(lambda at: at.x.std(axis=0)),
            _variance(lambda at: np.sqrt(at.x.var(axis=0) + at.epsilon)),
        ],
        hint(
            "running-shape",
            _("the running values have the shape (d,): take their means without keepdims=True."),
        ): [
            _of(lambda at: (at.right[0], *(value[np.newaxis] for value in at.right[1:]))),
            _of(
                lambda at: (
                    at.right[0],
                    *(value[np.newaxis] if at.training else value for value in at.right[1:]),
                )
            ),
        ],
        hint(
            "epsilon-in-running",
            _("epsilon belongs only inside the root, not in the running value."),
        ): _variance(lambda at: at.x.var(axis=0) + at.epsilon),
        hint("order", _("the order is y, running_mean, running_variance.")): [
            _of(lambda at: [at.right[place] for place in (1, 2, 0)]),
            _of(lambda at: [at.right[place] for place in (2, 1, 0)]),
        ],
        hint(
            "deviation-for-variance", _("running_variance is a variance: do not take its root.")
        ): _of(lambda at: (*at.right[:2], np.sqrt(at.right[2]))),
        hint("exchanged-running", _("running_mean comes before running_variance.")): (
            _of(lambda at: [at.right[place] for place in (0, 2, 1)])
        ),
    },
)
