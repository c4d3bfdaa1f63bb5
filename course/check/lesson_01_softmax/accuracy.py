"""The check of accuracy: the share of examples whose largest probability is at the label."""

import itertools

import numpy as np

from course.check.engine.comparison import Case, Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint
from course.check.references import lesson_01_softmax as reference
from course.messages import _


def _cases(rng):
    five = [[0.05, 0.9, 0.05], [0.6, 0.3, 0.1], [0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.3, 0.6, 0.1]]
    cases = [
        (five, [1, 0, 2, 2, 0]),  # every usual slip gives a different share here
        ([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]], [0, 1, 1]),
        ([[0.1, 0.9]], [1]),
        ([[0.1, 0.9]], [0]),
        ([[0, 1], [1, 0]], [1, 1]),
        ([[0, 1], [1, 0], [0, 1]], [1, 0, 1]),
        ([[0.4, 0.3, 0.3], [0.2, 0.45, 0.35], [0.1, 0.2, 0.7]], [0, 1, 0]),
        ([[0.6, 0.4], [0.7, 0.3], [0.8, 0.2]], [1, 1, 0]),
        ([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7]], [1, 0, 1]),
    ]
    for n, k in [(1, 10), (10, 10), (7, 3), (3, 4), (900, 10), (int(rng.integers(400, 1500)), 10)]:
        probabilities = reference.softmax(rng.normal(size=(n, k)))
        labels = rng.integers(0, k, n)
        right = rng.random(n) < 0.7
        labels[right] = probabilities.argmax(axis=1)[right]
        cases.append((probabilities, labels))
    ties = [
        ([[0.5, 0.5], [0.5, 0.5], [0.5, 0.5], [0.2, 0.8]], [0, 0, 1, 1]),
        ([[0.4, 0.4, 0.2], [0.2, 0.4, 0.4], [0.1, 0.6, 0.3], [0.4, 0.4, 0.2]], [1, 2, 1, 0]),
        ([[0.25, 0.25, 0.25, 0.25], [0.1, 0.3, 0.3, 0.3], [0.1, 0.3, 0.3, 0.3]], [0, 3, 1]),
    ]
    types = itertools.cycle(rng.permutation(["uint8", "int32", "int64", "int8", "uint16"]))
    for (probabilities, labels), kind in zip([*cases, *ties], types, strict=False):
        given = {
            "probabilities": np.array(probabilities, np.float32),
            "labels": np.array(labels, kind),
        }
        yield Case(given, stage=int(any(probabilities is each for each, _labels in ties)))


def _own(p, labels):
    return p[np.arange(len(labels)), labels]


def _right_ones(p, labels):
    return p.argmax(axis=1) == labels


accuracy = Comparison(
    signature="accuracy(probabilities, labels)",
    summary="probabilities (n, k), labels (n,) of any integer type -> the share of right answers.",
    right=unguarded(reference.accuracy),
    cases=_cases,
    meaning=_("one number"),
    demand=_("accuracy must be the share of examples whose largest probability is at the label."),
    exact=True,
    lost_steps=("count",),
    mistakes={
        hint(
            "one-example-only",
            _("only one example is counted: is `return` inside the loop?"),
        ): [
            lambda p, labels: _right_ones(p, labels)[0] / len(labels),
            lambda p, labels: 1 / len(labels) if _right_ones(p, labels).any() else None,
        ],
        hint("counted-once", _("each hit adds one to the count: `+= 1`, not `= 1`.")): (
            lambda p, labels: _right_ones(p, labels).any() / len(labels)
        ),
        hint(
            "count-reset",
            _(
                "the count is reset in each round: it starts at 0 once, before the loop, and "
                "grows in it, by `+= 1`."
            ),
        ): (lambda p, labels: _right_ones(p, labels)[-1] / len(labels)),
        hint("count-from-1", _("one hit too many is counted: the count starts at 0.")): (
            lambda p, labels: (_right_ones(p, labels).sum() + 1) / len(labels)
        ),
        hint("first-example-missing", _("the first example is left out: count from 0.")): (
            lambda p, labels: _right_ones(p, labels)[1:].sum() / len(labels)
        ),
        hint(
            "last-example-missing",
            _("the last example is left out: range(n) goes through all n, and ends with n - 1."),
        ): lambda p, labels: _right_ones(p, labels)[:-1].sum() / len(labels),
        hint("percentage", _("this is a percentage; return a share between 0 and 1.")): (
            lambda p, labels: 100 * np.mean(_right_ones(p, labels))
        ),
        hint("count", _("this is how many are right; divide by how many there are.")): (
            lambda p, labels: np.sum(_right_ones(p, labels))
        ),
        hint("share-of-wrong", _("this is the share of wrong answers.")): (
            lambda p, labels: 1 - np.mean(_right_ones(p, labels))
        ),
        hint("one-for-each", _("in the end, take the mean: one number for all examples.")): (
            _right_ones
        ),
        hint(
            "threshold",
            _("the largest probability decides, even if it is below 0.5: argmax along each row."),
        ): [
            lambda p, labels: np.mean(_own(p, labels) > 0.5),
            lambda p, labels: np.mean(_own(p, labels) >= 0.5),
            lambda p, labels: np.mean(_right_ones(p, labels) & (p.max(axis=1) > 0.5)),
            lambda p, labels: np.mean(_right_ones(p, labels) & (p.max(axis=1) >= 0.5)),
            lambda p, labels: np.mean(np.round(p).argmax(axis=1) == labels),
            lambda p, labels: np.mean((p > 0.5) == np.eye(p.shape[1])[labels]),
            lambda p, labels: np.mean((p[:, 1] > 0.5) == labels),
        ],
        hint(
            "no-labels",
            _("the labels are not used: compare the place of each row's largest with its label."),
        ): [
            lambda p, labels: np.mean(p > 0.5),
            lambda p, labels: np.mean(p.max(axis=1) > 0.5),
            lambda p, labels: np.mean(np.round(p)),
        ],
        hint(
            "anywhere",
            _(
                "`in` asks whether a number occurs anywhere in the other list: compare each "
                "prediction with the label at its own place."
            ),
        ): [
            lambda p, labels: np.mean(np.isin(p.argmax(axis=1), labels)),
            lambda p, labels: np.mean(np.isin(labels, p.argmax(axis=1))),
        ],
        hint(
            "no-axis",
            _(
                "argmax without an axis gives one place in the whole matrix; with axis=1 it gives "
                "one for each row."
            ),
        ): lambda p, labels: np.mean(p.argmax() == labels),
        hint("axis", _("take the largest probability of each row: axis=1.")): [
            lambda p, labels: np.mean(p.argmax(axis=0)[:, np.newaxis] == labels),
            lambda p, labels: np.mean(np.resize(p.argmax(axis=0), len(labels)) == labels),
        ],
        hint(
            "broadcast",
            _(
                "every answer was compared with every label: shapes (n, 1) and (n,) broadcast to "
                "(n, n). Compare (n,) with (n,)."
            ),
        ): lambda p, labels: np.mean(p.argmax(axis=1)[:, np.newaxis] == labels),
        hint(
            "mean-probability",
            _(
                "the mean probability of the right class is something else: count how many are "
                "right."
            ),
        ): [
            lambda p, labels: np.mean(_own(p, labels)),
            lambda p, labels: np.mean(p[:, labels]),
            lambda p, labels: np.mean(p.max(axis=1) * _right_ones(p, labels)),
        ],
        hint(
            "never-right",
            _(
                "this is 0 even if all are right: is it compared with ==, not with `is`, is argmax "
                "called with brackets, and is each hit counted?"
            ),
        ): (lambda p, labels: 0.0),
        hint("mean-largest", _("compare where the largest probability is with the label.")): [
            lambda p, labels: np.mean(p.max(axis=1)),
            lambda p, labels: np.mean(p.max(axis=1) == labels),
        ],
        hint("smallest", _("take the largest probability of each row, not the smallest.")): (
            lambda p, labels: np.mean(p.argmin(axis=1) == labels)
        ),
        hint(
            "difference",
            _("classes are names: 3 for a 4 is no better than 3 for a 9. Ask whether they agree."),
        ): [
            lambda p, labels: 1 - np.mean(np.abs(p.argmax(axis=1) - labels.astype(int))),
            lambda p, labels: np.mean(np.abs(p.argmax(axis=1) - labels.astype(int))),
            lambda p, labels: 1 - np.mean((p.argmax(axis=1) - labels.astype(int)) ** 2),
        ],
        hint("by-n-k", _("divide by the number of examples n, not by n · k.")): (
            lambda p, labels: np.sum(_right_ones(p, labels)) / p.size
        ),
        hint(
            "labels-argmax",
            _(
                "labels are the numbers of classes already, not one-hot rows: argmax is only for "
                "the probabilities, and Keras's metric is the sparse one."
            ),
        ): lambda p, labels: np.mean(p.argmax(axis=1) == labels.argmax()),
        hint("by-wrong", _("divide by all the examples, not by the wrong ones.")): [
            lambda p, labels: np.sum(_right_ones(p, labels)) / np.sum(~_right_ones(p, labels)),
            lambda p, labels: (
                np.sum(_right_ones(p, labels)) / max(1, np.sum(~_right_ones(p, labels)))
            ),
        ],
        hint("by-k", _("divide by the number of examples, not by the number of classes.")): (
            lambda p, labels: np.sum(_right_ones(p, labels)) / p.shape[1]
        ),
        hint("by-100", _("divide by the number of examples, which is not always the same.")): [
            lambda p, labels, n=n: np.sum(_right_ones(p, labels)) / n for n in (3, 10, 100, 1000)
        ],
        hint("by-n-minus-1", _("divide by n, the number of examples, not by n - 1.")): [
            lambda p, labels: np.sum(_right_ones(p, labels)) / max(len(labels) - 1, 1),
            lambda p, labels: np.sum(_right_ones(p, labels)) / (len(labels) - 1),
            lambda p, labels: int(np.sum(_right_ones(p, labels))) / (len(labels) - 1),
        ],
        hint(
            "whole-numbers",
            _(
                "it is 1 only if all are right, and otherwise 0: is the share cut off, or are two "
                "lists compared as a whole? In arrays, == compares number by number."
            ),
        ): lambda p, labels: 1.0 * _right_ones(p, labels).all(),
        hint("tie", _("in a tie the first one counts, and no other: argmax takes it.")): [
            lambda p, labels: np.mean(p.shape[1] - 1 - p[:, ::-1].argmax(axis=1) == labels),
            lambda p, labels: np.mean(_own(p, labels) == p.max(axis=1)),
            lambda p, labels: np.mean(
                _right_ones(p, labels) & ((p == p.max(axis=1)[:, None]).sum(axis=1) == 1)
            ),
        ],
        hint(
            "all-counted",
            _("it is 1 even if answers are wrong: count an example only where the two agree."),
        ): lambda p, labels: 1.0,
        hint("class-0-missing", _("right answers for the class 0 count as well: only compare.")): (
            lambda p, labels: np.mean(_right_ones(p, labels) & (labels != 0))
        ),
        hint("any", _("this asks whether any is right: take the mean, not `any`.")): (
            lambda p, labels: 1.0 * _right_ones(p, labels).any()
        ),
        hint("first-only", _("only the first example counts here: take the mean over all.")): (
            lambda p, labels: 1.0 * _right_ones(p, labels)[0]
        ),
        hint("runner-up", _("only the largest probability counts, not the second as well.")): [
            lambda p, labels, count=count: np.mean(
                (np.argsort(p, axis=1)[:, -count:] == labels[:, np.newaxis]).any(axis=1)
            )
            for count in (2, 3)
        ],
        hint("by-class", _("count the examples, not the classes: one mean over all of them.")): (
            lambda p, labels: np.mean(
                [_right_ones(p, labels)[labels == label].mean() for label in np.unique(labels)]
            )
        ),
        hint("count-wraps", _("a count in uint8 wraps around at 256: use a wider type.")): (
            lambda p, labels: np.sum(_right_ones(p, labels), dtype=np.uint8) / len(labels)
        ),
        hint("labels-from-1", _("labels count from 0, as argmax does.")): [
            lambda p, labels: np.mean(p.argmax(axis=1) + 1 == labels),
            lambda p, labels: np.mean(p.argmax(axis=1) == labels.astype(int) + 1),
        ],
    },
    by_code={
        "whole-numbers": {
            "//": hint("rounded-down", _("// rounds the share down to 0: divide with /.")),
            "reduce_mean": hint(
                "mean-of-whole-numbers",
                _(
                    "TensorFlow's mean of whole numbers is a whole number: cast them to floats "
                    "first, with tf.cast."
                ),
            ),
        }
    },
)
