"""The check of softmax: exp of each logit, divided by the sum over its row."""

import numpy as np
import scipy.special

from course.check.engine.comparison import Case, Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint
from course.check.references import lesson_01_softmax as reference
from course.messages import _


def _cases(rng):
    plain = [[[1, 3], [0, 1]], [[0, 0]], [[3, 1, 0], [1, 3, 0], [0, 0, 0]], [[5]]]
    for n, k in ((1, 10), (10, 10), (4, 3), (3, 1), rng.integers(11, 40, 2)):
        plain.append(rng.normal(0, 3, size=(n, k)))
    large = [
        [[1000, 1001]],
        [[-1000, -1002]],
        [[0, 1], [1000, 1000]],
        [[0, -60, 1]],
        [[1e4, -1e4, 0]],
        [[1e4, 9999], [-1e4, -9999]],
        rng.uniform(-1e4, 1e4, size=(6, 7)),
        rng.normal(size=(5, 4)) + rng.uniform(-9e3, 9e3, size=(5, 1)),
        [[88, 89]],  # exp of it is too large for float32, and less argmax it is not
        [[88.2, 88, 89.5]],
        [[709, 710]],  # the same for float64
        [[708.5, 709, 710.5]],
    ]
    for stage, batches in enumerate((plain, large)):
        for logits in batches:
            yield Case({"logits": np.array(logits, np.float32)}, stage=stage)


def _demand(found):
    if np.abs(found.astype(np.float64).sum(axis=1) - 1).max() > 1e-2:
        return _("softmax must give rows that sum to 1: they are probabilities.")
    return _("softmax must give exp(logit) divided by the sum of its row's exp(logits).")


def _shares(values):
    return values / values.sum(axis=1, keepdims=True)


def _of_rows(function):
    """A function applied to rows whose largest number was subtracted."""
    return lambda z: function(z - z.max(axis=1, keepdims=True))


def _both_types(wrong):
    """A mistake that overflows, computed in float64 and in float32."""
    return [wrong, lambda z: wrong(np.float32(z)).astype(np.float64)]


def _maxima(z):
    return z.max(axis=1, keepdims=True)


def _powers(z):
    return np.exp(z - _maxima(z))


def _divided_by_new_sums(powers):
    """Each number is divided by what its row adds up to after the numbers before it."""
    for row, column in np.ndindex(powers.shape):
        powers[row, column] /= powers[row].sum()
    return powers


def _crossed(z):
    return np.exp(z - z.max(axis=1))


def _winners(z):
    return 1.0 * (z == z.max(axis=1, keepdims=True))


_right = unguarded(reference.softmax)

softmax = Comparison(
    signature="softmax(logits)",
    summary="logits (n, k) -> probabilities (n, k), finite for logits of ±1e4.",
    right=_right,
    cases=_cases,
    meaning=_("one probability for each logit"),
    demand=_demand,
    finite=_("softmax must stay finite, however large the logits are."),
    # Float32 keeps only three decimals of a logit of 10,000: that much may be lost on the way.
    slack=lambda z: _right(z) * 4e-7 * np.abs(z).max(),
    overflow=hint(
        "not-finite",
        _(
            "exp gave infinity somewhere, or only zeros for a whole row: subtract each row's own "
            "largest logit before exp."
        ),
    ),
    lost_steps=("not-divided", "plain-exp", "overflow"),
    mistakes={
        hint(
            "sum-taken-again",
            _(
                "the sum is taken again after the row has begun to change: compute it once, before "
                "you change the row."
            ),
        ): [
            lambda z: _divided_by_new_sums(_powers(z)),
            *_both_types(lambda z: _divided_by_new_sums(np.exp(z))),
        ],
        hint(
            "sum-of-logits",
            _("first exp of each logit, then the sum: divide by the sum of the exponentials."),
        ): [
            lambda z: _powers(z) / z.sum(axis=1, keepdims=True),
            lambda z: _powers(z) / np.exp((z - _maxima(z)).sum(axis=1, keepdims=True)),
            lambda z: np.exp(z) / np.exp(z.sum(axis=1, keepdims=True)),
            lambda z: _powers(z) / (z - _maxima(z)).sum(axis=1, keepdims=True),
            lambda z: np.exp(z) / z.sum(axis=1, keepdims=True),
        ],
        hint(
            "sum-too-early",
            _(
                "first add up the whole row, then divide: while you are still adding, the sum is "
                "not complete."
            ),
        ): [
            lambda z: _powers(z) / np.cumsum(_powers(z), axis=1),
            lambda z: np.exp(z) / np.cumsum(np.exp(z), axis=1),
        ],
        hint("sum-of-earlier-rows", _("each row has a sum of its own: start at 0 for each row.")): [
            lambda z: _powers(z) / np.cumsum(_powers(z).sum(axis=1))[:, np.newaxis],
            lambda z: np.exp(z) / np.cumsum(np.exp(z).sum(axis=1))[:, np.newaxis],
        ],
        hint("one-for-each-row", _("each logit gets a probability: return whole rows.")): [
            lambda z: _right(z).max(axis=1),
            lambda z: np.exp(z).sum(axis=1),
            lambda z: _powers(z).sum(axis=1),
            lambda z: z.argmax(axis=1),
        ],
        hint("exp-last", _("first exp, then divide by the sum: not the other way round.")): (
            _both_types(lambda z: np.exp(_shares(z)))
        ),
        hint(
            "shifted-above-only",
            _("subtract the largest logit above and below the fraction bar, or the sum is not 1."),
        ): [
            lambda z: _powers(z) / np.exp(z).sum(axis=1, keepdims=True),
            lambda z: np.exp(z) / _powers(z).sum(axis=1, keepdims=True),
        ],
        hint("keepdims", _("keepdims=True is missing: each row has its own maximum and sum.")): (
            lambda z: _crossed(z) / _crossed(z).sum(axis=1)
        ),
        hint(
            "keepdims-sum",
            _("keepdims=True is missing in the sum: row i must be divided by its own sum."),
        ): [
            lambda z: _powers(z) / _powers(z).sum(axis=1),
            *_both_types(lambda z: np.exp(z) / np.exp(z).sum(axis=1)),
        ],
        hint(
            "keepdims-maximum",
            _("keepdims=True is missing in the maximum: row i must lose its own maximum."),
        ): lambda z: _shares(_crossed(z)),
        hint(
            "axis", _("these sums run down the columns; sum along each row: axis=1, keepdims=True.")
        ): [
            lambda z: _right(z, axis=0),
            lambda z: _powers(z) / _powers(z).sum(axis=0),
        ],
        hint(
            "axis-of-maximum",
            _("the maximum runs down the columns; take each row's own: axis=1, keepdims=True."),
        ): _both_types(lambda z: _shares(np.exp(z - z.max(axis=0)))),
        hint(
            "whole-batch", _("sum each row by itself (axis=1, keepdims=True), not the whole batch.")
        ): lambda z: _right(z, axis=None),
        hint(
            "whole-batch-sum",
            _("sum each row by itself, too: axis=1, keepdims=True in the sum as in the maximum."),
        ): lambda z: _powers(z) / _powers(z).sum(),
        hint("exchanged-axes", _("rows and columns are exchanged: one row for each example.")): (
            lambda z: _right(z).T
        ),
        hint("first-row-only", _("this is only the first row: return one row for each.")): [
            lambda z: _right(z)[0],
            lambda z: _right(z)[:1],
        ],
        hint("not-divided", _("in the end, divide the exponentials by the sum of their row.")): [
            _powers,
            lambda z: _powers(z) / _powers(z).max(axis=1, keepdims=True),
        ],
        hint("plain-exp", _("divide the exponentials by the sum of their row.")): np.exp,
        hint("percentage", _("this is a percentage; return a share between 0 and 1.")): (
            lambda z: 100 * _right(z)
        ),
        hint("mean-for-sum", _("divide by the sum of the row, not by its mean.")): (
            lambda z: _powers(z) / _powers(z).mean(axis=1, keepdims=True)
        ),
        hint(
            "other-norm", _("divide by the plain sum, without squares and without a square root.")
        ): [
            lambda z: _powers(z) / np.linalg.norm(_powers(z), axis=1, keepdims=True),
            lambda z: _powers(z) / (_powers(z) ** 2).sum(axis=1, keepdims=True),
        ],
        hint("one-left-out", _("one logit is left out of the sum: add up the whole row.")): [
            lambda z: _powers(z) / _powers(z)[:, 1:].sum(axis=1, keepdims=True),
            lambda z: _powers(z) / _powers(z)[:, :-1].sum(axis=1, keepdims=True),
            lambda z: np.exp(z) / np.exp(z)[:, 1:].sum(axis=1, keepdims=True),
            lambda z: np.exp(z) / np.exp(z)[:, :-1].sum(axis=1, keepdims=True),
        ],
        hint(
            "subtracted-too-late",
            _("subtract the largest logit before exp; afterwards nothing is subtracted."),
        ): [
            *_both_types(lambda z: _shares(np.exp(z) - _maxima(np.exp(z)))),
            lambda z: _right(z) - _maxima(_right(z)),
            lambda z: _right(z) - _right(z).min(axis=1, keepdims=True),
        ],
        hint("no-exp", _("the exponential is missing: first exp, then divide by the sum.")): [
            _shares,
            lambda z: z / (z.sum(axis=1, keepdims=True) + 1e-9),
            _of_rows(_shares),
            _of_rows(lambda z: _shares(z**2)),
            _of_rows(lambda z: z / np.exp(z).sum(axis=1, keepdims=True)),
            lambda z: z / np.exp(z).sum(axis=1, keepdims=True),
            lambda z: _shares(np.abs(z)),
            lambda z: _shares(z**2),
            lambda z: _shares(z - z.min(axis=1, keepdims=True)),
        ],
        hint(
            "no-exp-by-maximum",
            _("the exponential is missing; and divide by the sum, not by the largest."),
        ): lambda z: z / z.max(axis=1, keepdims=True),
        hint("other-base", _("the base of the exponential is e = 2.718…: np.exp.")): [
            _of_rows(lambda z: _shares(np.exp2(z))),
            _of_rows(lambda z: _shares(10**z)),
        ],
        hint(
            "logarithm", _("this is the logarithm of softmax; return the probabilities.")
        ): lambda z: scipy.special.log_softmax(z, axis=1),
        hint(
            "sign", _("the signs are reversed: the largest logit gets the largest probability.")
        ): lambda z: _right(-z),
        hint("twice", _("softmax is taken twice: once is enough.")): lambda z: _right(_right(z)),
        hint("sigmoid", _("sigmoid looks at each logit alone; softmax compares those of a row.")): [
            scipy.special.expit,
            lambda z: _shares(scipy.special.expit(z)),
        ],
        hint(
            "scaled-logits",
            _("do not scale the logits: you may subtract a number from them, not divide by one."),
        ): [
            *[
                lambda z, by=by: _right(z / by)
                for by in (0.1, 0.25, 0.5, 2, 3, 4, 5, 10, 100, 1000)
            ],
            lambda z: _right(z / np.sqrt(z.shape[1])),
            lambda z: _right(z / z.max(axis=1, keepdims=True)),
            lambda z: _right(z / np.abs(z).max()),
            lambda z: _right(z / np.abs(z).max(axis=1, keepdims=True)),
            lambda z: _right(z / np.linalg.norm(z, axis=1, keepdims=True)),
        ],
        hint("standardised", _("subtract the row's largest logit only: do not divide.")): (
            lambda z: _right((z - z.mean(axis=1, keepdims=True)) / z.std(axis=1, keepdims=True))
        ),
        hint(
            "winner-only",
            _("this is only the winner: softmax is soft, the others keep their share."),
        ): [
            _winners,
            lambda z: _shares(_winners(z)),
            lambda z: np.eye(z.shape[1])[z.argmax(axis=1)],
        ],
        hint("epsilon", _("add nothing to the sum: it is at least 1 as it is.")): [
            lambda z, small=small: _powers(z) / (_powers(z).sum(axis=1, keepdims=True) + small)
            for small in (1.0, 1e-1, 1e-2, 1e-3)
        ],
        hint(
            "batch-maximum",
            _(
                "subtract each row's own largest logit before exp; the largest of the whole batch "
                "leaves 0/0 in other rows."
            ),
        ): _both_types(lambda z: _shares(np.exp(z - z.max()))),
        hint(
            "place-for-maximum",
            _("argmax says where the largest logit is; subtract the logit itself: max."),
        ): _both_types(
            lambda z: _shares(np.exp(z - z.argmax(axis=1, keepdims=True).astype(z.dtype)))
        ),
        hint(
            "absolute-maximum",
            _("subtract the row's largest logit itself, not the largest absolute value."),
        ): _both_types(lambda z: _shares(np.exp(z - _maxima(np.abs(z))))),
        hint(
            "mean-for-maximum",
            _(
                "subtract the row's largest logit, not its mean: after that, exp can still be too "
                "large."
            ),
        ): _both_types(lambda z: _shares(np.exp(z - z.mean(axis=1, keepdims=True)))),
        hint(
            "overflow",
            _(
                "exp of a large number is too large for a computer's number. Subtracting the row's "
                "largest logit from all its logits does not change the result: it divides top and "
                "bottom by the same number."
            ),
        ): _both_types(lambda z: _shares(np.exp(z))),
        hint(
            "nan-replaced",
            _(
                "replacing nan hides its cause: exp was too large, or gave only zeros for a whole "
                "row. Subtract each row's own largest logit before exp."
            ),
        ): [
            *_both_types(lambda z: np.nan_to_num(_shares(np.exp(z)))),
            *_both_types(lambda z: np.nan_to_num(_shares(np.exp(z - z.max())))),
        ],
        hint(
            "clipped-logits",
            _("clipped logits are other logits: subtract the row's largest one instead."),
        ): [
            lambda z, most=most: _right(np.clip(z, -most, most))
            for most in (5, 10, 20, 30, 50, 80, 88, 100, 200, 300, 500, 600, 700, 709)
        ],
        hint(
            "clipped-above",
            _("a minimum makes large logits alike: subtract the row's largest one instead."),
        ): [
            *[
                wrong
                for most in (50, 80, 88)
                for wrong in _both_types(lambda z, most=most: _shares(np.exp(np.minimum(z, most))))
            ],
        ],
        hint("clipped", _("no clipping is needed: small probabilities may be 0.")): [
            *[
                lambda z, least=least: _shares(np.clip(_powers(z), least, 1))
                for least in (1e-7, 1e-8, 1e-10, 1e-12)
            ],
            *[
                lambda z, least=least: np.clip(_right(z), least, 1 - least)
                for least in (1e-3, 1e-5, 1e-7, 1e-8, 1e-10, 1e-12)
            ],
            *[
                lambda z, least=least: np.maximum(_right(z), least)
                for least in (1e-3, 1e-5, 1e-7, 1e-8, 1e-10, 1e-12)
            ],
        ],
    },
    by_code={
        "overflow": {
            r"\b(max|amax|reduce_max)\(": hint(
                "difference-unused",
                _(
                    "the largest logit is found, but exp still gets the logits as they were: "
                    "subtract it from them first, and take exp of the differences."
                ),
            )
        }
    },
)
