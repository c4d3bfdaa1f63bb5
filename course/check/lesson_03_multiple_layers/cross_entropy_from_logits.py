"""The check of cross_entropy_from_logits: log(sum of exp) - the label's logit, on average."""

import numpy as np
import scipy.special

from course.check.engine.comparison import Case, Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint
from course.check.references import lesson_03_multiple_layers as reference
from course.messages import _


def _cases(rng):
    plain = [
        ([[2, 0, 1]], [0]),
        ([[0, 0]], [1]),
        ([[2, 0, 1], [0, 1, 0]], [1, 1]),
        ([[0, 0, 0, 0]], [3]),
    ]
    for n, k in ((1, 10), (10, 10), (3, 3), (7, 4), (4, 7), (int(rng.integers(30, 200)), 10)):
        plain.append((rng.normal(0, 2, size=(n, k)), rng.integers(0, k, n)))
    large = [
        ([[1000, 0]], [1]),
        ([[1000, 0]], [0]),
        ([[-1000, 0]], [0]),
        ([[0, 0], [1000, 0]], [1, 1]),
        ([[-1000, -1002]], [1]),
        ([[0, -200, 1], [900, 902, 900]], [1, 0]),
        ([[1e4, -1e4, 0], [0, 1, 0]], [2, 1]),
        ([[0, -1000, 0], [5, 5, 1005]], [1, 1]),
        (rng.normal(size=(6, 5)) + rng.uniform(-5e3, 5e3, size=(6, 1)), rng.integers(0, 5, 6)),
        (rng.uniform(-1e3, 1e3, size=(9, 4)), rng.integers(0, 4, 9)),
        ([[1e6, 0], [1e6, -1e6]], [1, 0]),
        ([[-1e6, -1e6]], [0]),
    ]
    exact = _("cross_entropy_from_logits must be 1000 for a logit that is 1000 too low.")
    for stage, batches in enumerate((plain, large)):
        for logits, labels in batches:
            given = {"logits": np.array(logits, np.float32), "labels": np.array(labels, np.int64)}
            loss = _right(**given) if len(labels) == 1 else 0
            yield Case(given, exact if abs(loss - 1000) < 1e-6 else "", stage)


def _picked(values, labels):
    return values[np.arange(len(labels)), labels]


def _shifted_sum(z):
    """The sum of each row's exponentials, its largest logit subtracted first."""
    return np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1)


def _shifted_loss(z, y, logarithm):
    """The mean loss with another logarithm of the sum, the largest logits subtracted first."""
    return np.mean(logarithm(_shifted_sum(z)) - _picked(z, y) + z.max(axis=1))


def _each(z, y):
    return scipy.special.logsumexp(z, axis=1) - _picked(z, y)


def _as_probabilities(z, y):
    """What Keras's loss makes of logits that it takes for probabilities."""
    kept = np.clip(z, 1e-7, 1 - 1e-7)
    return np.mean(np.log(kept.sum(axis=1)) - np.log(_picked(kept, y)))


def _of_probabilities(change, types=(np.float64,)):
    """Softmax first, then the logarithm of what `change` makes of it."""

    def loss(kind):
        return lambda z, y: (
            -np.log(change(_picked(scipy.special.softmax(z.astype(kind), axis=1), y))).mean()
        )

    return [loss(kind) for kind in types]


def _in_types(wrong, types=(np.float64, np.float32, np.longdouble)):
    """A mistake that overflows, as it comes out in all types of floats, or in some."""
    return [lambda z, y, kind=kind: wrong(z.astype(kind), y) for kind in types]


_FLOATS = (np.float64, np.float32)
_LIMITS = [getattr(np.finfo(kind), name).item() for kind in _FLOATS for name in ("tiny", "eps")]
_EPSILONS = (*(10.0**-power for power in range(2, 21)), 1e-30, 1e-38, 1e-45, 1e-300, *_LIMITS)
_right = unguarded(reference.cross_entropy_from_logits)
_OVERFLOW = hint(
    "overflow",
    _(
        "exp(1000) is infinite: subtract each row's own largest logit before exp. And do not take "
        "softmax first: where a probability has become 0, its logarithm is minus infinity."
    ),
)

cross_entropy_from_logits = Comparison(
    signature="cross_entropy_from_logits(logits, labels)",
    summary="logits (n, k), integer labels (n,) -> the mean cross-entropy, a number.",
    right=_right,
    cases=_cases,
    meaning=_("one number, the mean over the examples"),
    demand=_(
        "cross_entropy_from_logits must be the mean over the examples of -log(softmax at the "
        "label)."
    ),
    finite=_("cross_entropy_from_logits must be finite, however large the logits are."),
    overflow=_OVERFLOW,
    slack=lambda z, y: 2e-6 + 4e-7 * np.abs(z).max(),
    lost_steps=("sum",),
    mistakes={
        hint(
            "labels-as-targets",
            _(
                "labels are the numbers of classes, not one-hot rows: take one place in each row, "
                "logits[np.arange(n), labels]."
            ),
        ): [
            lambda z, y: -np.mean(np.sum(y * scipy.special.log_softmax(z, axis=1), axis=1)),
            lambda z, y: -np.sum(y * scipy.special.log_softmax(z, axis=1)) / len(y),
        ],
        hint(
            "by-k",
            _("divide by n, the number of examples: not by the number of classes, or by n - 1."),
        ): [
            lambda z, y: _each(z, y).sum() / z.shape[1],
            lambda z, y: _each(z, y).sum() / max(1, len(y) - 1),
        ],
        hint(
            "first-example-only",
            _("only the first example is counted: is `return` inside the loop?"),
        ): lambda z, y: _each(z, y)[0] / len(y),
        hint(
            "no-logarithm-of-shifted-sum",
            _("the logarithm is missing: log(sum of exp), less the label's logit."),
        ): lambda z, y: _shifted_loss(z, y, lambda sums: sums),
        hint("log1p", _("np.log1p(s) is log(1 + s); you need log(s).")): (
            lambda z, y: _shifted_loss(z, y, np.log1p)
        ),
        hint(
            "exp-of-sum", _("it is the sum of the exponentials, not the exponential of the sum.")
        ): lambda z, y: np.mean((z - _picked(z, y)[:, np.newaxis]).sum(axis=1)),
        hint(
            "shifted-whole-batch", _("sum exp along each row: np.sum needs axis=1 here.")
        ): lambda z, y: np.log(_shifted_sum(z).sum()) - np.mean(_picked(z, y) - z.max(axis=1)),
        hint("shifted-axis", _("sum exp along each row: axis=1, not axis=0.")): [
            lambda z, y: (
                np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=0)).mean()
                - np.mean(_picked(z, y) - z.max(axis=1))
            ),
            lambda z, y: np.mean(
                np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=0))
                - (_picked(z, y) - z.max(axis=1))
            ),
        ],
        hint(
            "maximum-axis",
            _("subtract each row's own largest logit: take the maximum along axis=1, not axis=0."),
        ): lambda z, y: _each(z - z.max(axis=0), y).mean(),
        hint(
            "whole-rows",
            _(
                "this takes whole rows; one place in each row is z[np.arange(n), labels], or "
                "tf.gather(z, labels, batch_dims=1)."
            ),
        ): [
            lambda z, y: scipy.special.logsumexp(z, axis=1).mean() - z[y].mean(),
            lambda z, y: np.mean(np.log(_shifted_sum(z)) - (z - z.max(axis=1, keepdims=True))[y]),
            lambda z, y: (
                np.log(_shifted_sum(z)).mean() - (z - z.max(axis=1, keepdims=True))[y].mean()
            ),
            lambda z, y: np.mean(scipy.special.logsumexp(z, axis=1) - z[y].max(axis=1)),
        ],
        hint(
            "last-example-only",
            _("only the last example counts here: is it `=` where `+=` should add up?"),
        ): [
            lambda z, y: _each(z, y)[-1] / len(y),
            lambda z, y: _each(z, y)[-1],
        ],
        hint("divided", _("subtract each row's largest logit: do not divide by it.")): (
            lambda z, y: _each(z / z.max(axis=1, keepdims=True), y).mean()
        ),
        hint("sum", _("this is the sum over all examples; divide it by how many there are.")): (
            lambda z, y: _each(z, y).sum()
        ),
        hint("mean-of-entries", _("divide by the number of examples n, not by n · k.")): (
            lambda z, y: _each(z, y).mean() / z.shape[1]
        ),
        hint("one-for-each", _("in the end, take the mean over the examples: one number.")): _each,
        hint(
            "sign", _("the minus sign is missing: the loss is log(sum of exp) - the label's logit.")
        ): lambda z, y: -_each(z, y).mean(),
        hint("softmax-twice", _("softmax is taken twice: the loss gets the logits as they are.")): (
            lambda z, y: _each(scipy.special.softmax(z, axis=1), y).mean()
        ),
        hint("base-2", _("use the natural logarithm; this one has base 2.")): [
            lambda z, y: _each(z, y).mean() / np.log(2),
            lambda z, y: _shifted_loss(z, y, np.log2),
        ],
        hint("base-10", _("use the natural logarithm; this one has base 10.")): [
            lambda z, y: _each(z, y).mean() / np.log(10),
            lambda z, y: _shifted_loss(z, y, np.log10),
        ],
        hint("log-of-mean", _("take the logarithm of each probability first, then the mean.")): [
            lambda z, y: -np.log(np.exp(-_each(z, y)).mean()),
            lambda z, y: -np.log(np.maximum(np.exp(-_each(z, y)).mean(), 1e-300)),
        ],
        hint("median", _("take the mean over the examples, not the median.")): (
            lambda z, y: np.median(_each(z, y))
        ),
        hint("no-logarithm", _("the logarithm is missing: -log of the probability.")): [
            lambda z, y: 1 - np.exp(-_each(z, y)).mean(),
            lambda z, y: -np.exp(-_each(z, y)).mean(),
            lambda z, y: np.exp(-_each(z, y)).mean(),
        ],
        hint(
            "no-log-sum-exp",
            _("this is the mean of the logits at the labels; log(sum of exp) is missing."),
        ): [
            lambda z, y: -_picked(z, y).mean(),
            lambda z, y: _picked(z, y).mean(),
        ],
        hint("no-label", _("the label's logit is missing: subtract it from log(sum of exp).")): (
            lambda z, y: scipy.special.logsumexp(z, axis=1).mean()
        ),
        hint("label-added", _("subtract the label's logit from log(sum of exp).")): (
            lambda z, y: np.mean(scipy.special.logsumexp(z, axis=1) + _picked(z, y))
        ),
        hint("no-logarithm-of-sum", _("take the logarithm of the sum of exp.")): (
            lambda z, y: np.mean(np.exp(z).sum(axis=1) - _picked(z, y))
        ),
        hint(
            "sum-of-logs",
            _(
                "it is the logarithm of the sum of exp: a sum of logarithms of exp is a sum of "
                "logits."
            ),
        ): [
            lambda z, y: np.mean(z.sum(axis=1) - _picked(z, y)),
            lambda z, y: np.mean(
                np.sum(z - z.max(axis=1, keepdims=True), axis=1) - _picked(z, y) + z.max(axis=1)
            ),
        ],
        hint("mean-of-exp", _("add exp up along each row; do not take its mean.")): (
            lambda z, y: np.mean(_each(z, y) - np.log(z.shape[1]))
        ),
        hint("axis", _("sum exp along each row: axis=1.")): [
            lambda z, y: -_picked(scipy.special.log_softmax(z, axis=0), y).mean(),
            lambda z, y: scipy.special.logsumexp(z, axis=0).mean() - _picked(z, y).mean(),
            lambda z, y: np.mean(scipy.special.logsumexp(z, axis=0) - _picked(z, y)),
            lambda z, y: np.mean(
                scipy.special.logsumexp(z - z.max(axis=0), axis=0) - _picked(z - z.max(axis=0), y)
            ),
        ],
        hint(
            "batch-maximum",
            _(
                "subtract each row's own largest logit: where the largest of the whole batch is "
                "subtracted, all powers of another row can become 0, and log(0) is -inf."
            ),
        ): _in_types(
            lambda z, y: np.mean(np.log(np.exp(z - z.max()).sum(axis=1)) - _picked(z - z.max(), y)),
            _FLOATS,
        ),
        hint("whole-batch", _("sum exp along each row, not over the whole batch.")): (
            lambda z, y: scipy.special.logsumexp(z) - _picked(z, y).mean()
        ),
        hint("largest-logit", _("take the label's logit, not the largest one.")): (
            lambda z, y: np.mean(scipy.special.logsumexp(z, axis=1) - z.max(axis=1))
        ),
        hint("margin", _("the largest logit alone is not enough: take log(sum of exp).")): (
            lambda z, y: np.mean(z.max(axis=1) - _picked(z, y))
        ),
        hint(
            "maximum-lost",
            _(
                "add the largest logit again after the logarithm, or subtract it from the label's "
                "logit, too."
            ),
        ): lambda z, y: np.mean(_each(z, y) - z.max(axis=1)),
        hint("maximum-twice", _("the largest logit is added twice: once is enough.")): (
            lambda z, y: np.mean(_each(z, y) + z.max(axis=1))
        ),
        hint("labels-from-1", _("labels count from 0: the label 0 is column 0.")): [
            lambda z, y: _each(z, y - 1).mean(),
            lambda z, y: _each(z, (y + 1) % z.shape[1]).mean(),
        ],
        hint("all-classes", _("only the label's class counts, not the others.")): [
            lambda z, y: -scipy.special.log_softmax(z, axis=1).mean(),
            lambda z, y: -scipy.special.log_softmax(z, axis=1).sum(axis=1).mean(),
        ],
        hint(
            "columns-of-every-row",
            _(
                "z[:, labels] means these columns of every row; for one place in each row, give "
                "the rows too, np.arange(n) in front of labels."
            ),
        ): [
            lambda z, y: scipy.special.logsumexp(z, axis=1).mean() - z[:, y].mean(),
            lambda z, y: -scipy.special.log_softmax(z, axis=1)[:, y].mean(),
        ],
        hint("labels-as-numbers", _("labels are names of columns: do not calculate with them.")): [
            lambda z, y: np.mean(y * scipy.special.logsumexp(z, axis=1)),
            lambda z, y: np.mean(scipy.special.logsumexp(z, axis=1) - y),
            lambda z, y: np.mean(np.log(_shifted_sum(z)) - y),
            lambda z, y: -np.mean(y[:, np.newaxis] * scipy.special.log_softmax(z, axis=1)),
        ],
        hint("sigmoid", _("this has sigmoid in it; the classes exclude each other: softmax.")): [
            lambda z, y: np.logaddexp(0, -_picked(z, y)).mean(),
            lambda z, y: np.mean(np.sum(np.logaddexp(0, z) - z * np.eye(z.shape[1])[y], axis=1)),
            lambda z, y: np.mean(np.logaddexp(0, z) - z * np.eye(z.shape[1])[y]),
        ],
        hint("squared-distance", _("this is a squared distance; take -log of the probability.")): [
            lambda z, y: np.mean(
                np.sum((scipy.special.softmax(z, axis=1) - np.eye(z.shape[1])[y]) ** 2, axis=1)
            ),
            lambda z, y: np.mean((scipy.special.softmax(z, axis=1) - np.eye(z.shape[1])[y]) ** 2),
        ],
        hint("share-of-mistakes", _("this counts mistakes; take -log of the probability.")): (
            lambda z, y: np.mean(z.argmax(axis=1) != y)
        ),
        hint("first-only", _("this is the loss of the first example: take the mean over all.")): (
            lambda z, y: _each(z, y)[0]
        ),
        hint(
            "probabilities-expected",
            _("these are logits, not probabilities: a loss from logits, from_logits=True."),
        ): [
            lambda z, y: (
                -np.log(
                    np.clip(_picked(z / z.sum(axis=1, keepdims=True), y), 1e-7, 1 - 1e-7)
                ).mean()
            ),
            lambda z, y: -np.log(_picked(z, y)).mean(),
            _as_probabilities,
        ],
        hint(
            "clipped",
            _(
                "a probability was kept away from 0, by clipping it or by adding something, and so "
                "the loss cannot see how wrong the logits are. Work with the logits themselves: "
                "log(sum of exp) - the label's logit."
            ),
        ): [
            wrong
            for least in _EPSILONS
            for change in (
                lambda p, least=least: p + least,
                lambda p, least=least: np.clip(p, least, 1 - least),
                lambda p, least=least: np.maximum(p, least),
            )
            for wrong in _of_probabilities(
                change, [kind for kind in _FLOATS if least >= np.finfo(kind).tiny]
            )
        ],
        hint(
            "clipped-logits",
            _("clipped logits are other logits: subtract each row's largest one instead."),
        ): [
            lambda z, y, most=most: _each(np.clip(z, -most, most), y).mean()
            for most in (5, 10, 20, 30, 50, 80, 88, 100, 200, 300, 500, 600, 700, 709)
        ],
        _OVERFLOW: [
            *_in_types(lambda z, y: np.mean(np.log(np.exp(z).sum(axis=1)) - _picked(z, y))),
            *_of_probabilities(lambda p: p, _FLOATS),
        ],
    },
)
