"""The check of cross_entropy: the mean over the examples of -ln p, p of the true class."""

import numpy as np
import scipy.special

from course.check.engine.comparison import Case, Comparison
from course.check.engine.hints import hint, translated
from course.check.references import lesson_02_gradient_descent as reference
from course.check.references.lesson_01_softmax import softmax
from course.messages import _

# The smallest probability whose loss a guard against log 0 must leave unchanged.
_DOUBT = 1e-6
_VISIBLE = 0.2  # log(p + 1e-7) is off by 0.1 there, log(p + 1e-6) by 0.7
_LARGEST = 1e38  # nearly the largest number of float32
_EPSILONS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
_BOUNDS = (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-20, 1e-30)  # usual ones against log 0


def _cases(rng):
    cases = [
        ([[0.5, 0.25, 0.25]], [0]),
        ([[0.8, 0.2], [0.4, 0.6]], [0, 0]),
        ([[0.1, 0.7, 0.2], [0.3, 0.3, 0.4]], [1, 2]),
        ([[0.99, 0.01]], [1]),
        (np.full((4, 10), 0.1), [3, 1, 4, 1]),
    ]
    for n, k in ((1, 10), (10, 10), (3, 3), (7, 4), (int(rng.integers(30, 200)), 10)):
        cases.append((softmax(rng.normal(0, 1.2, size=(n, k))), rng.integers(0, k, n)))
    for probabilities, labels in cases:
        yield _given(probabilities, labels)
    perfect = _("cross_entropy must be 0 for a perfect prediction.")
    for probabilities, labels, demand in (
        ([[0.0, 1.0, 0.0]], [1], perfect),
        ([[1.0, 0.0], [0.0, 1.0]], [0, 1], perfect),
        ([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]], [1, 1], ""),
        ([[0.0, 0.25, 0.75], [0.25, 0.75, 0.0], [0.5, 0.5, 0.0]], [1, 0, 0], ""),
    ):
        yield Case(_given(probabilities, labels), demand, stage=1)


def _given(probabilities, labels):
    probabilities = np.array(probabilities, np.float32)
    targets = np.eye(probabilities.shape[1], dtype=np.float32)[labels]
    return {"probabilities": probabilities, "targets": targets}


def _log(p):
    return np.log(np.maximum(p, 1e-30))


def _of_truth(p, t):
    return p[t == 1]


def _with_epsilon(epsilon):
    """The ways to put an epsilon into the loss."""

    def loss(change):
        return lambda p, t: -np.log(change(_of_truth(p, t))).mean()

    return [
        loss(lambda p: p + epsilon),
        loss(lambda p: np.maximum(p, epsilon)),
        loss(lambda p: np.clip(p, epsilon, 1 - epsilon)),
    ]


def _check_certain_mistakes(attempt, seed):
    """Check that a guard against log 0 changes neither small probabilities nor 0 too much."""
    calls = []
    for own, n, wrong in ((_DOUBT, 1, 1), (0.0, 1, 1), (0.0, 4, 1), (0.0, 3, 3)):
        probabilities = np.tile([[0.0, 1.0, 0.0]], (n, 1))
        probabilities[:wrong] = [own, 1 - own, 0]
        result = attempt.call(**_given(probabilities, [0] * wrong + [1] * (n - wrong)))
        calls.append((result, own, wrong / n, float(result.array((), _MEANING))))
    hint_of_all = _hint_of_losses([(own, value / share) for _r, own, share, value in calls])
    for result, own, share, value in calls:
        least = -np.log(2 * _DOUBT) * share
        above = _("a finite number above {least:.1f}").format(least=least)
        if not np.isfinite(value):
            result.fail(
                _(
                    "cross_entropy must be large but finite where a mistake was made with "
                    "certainty."
                ),
                expected=above,
                got=value,
                hint=hint_of_all,
            )
        visible = abs(value + np.log(own)) > _VISIBLE if own else value < least * (1 - 1e-3)
        if visible:
            about = _("about {value:.2f}").format(value=-np.log(own)) if own else above
            result.fail(
                _("cross_entropy must be large where a mistake was made with certainty."),
                expected=about,
                got=f"{value + 0.0:.6g}",  # no minus before a zero
                hint=hint_of_all,
            )
        alone = calls[1][-1]  # the loss of a single mistake made with certainty
        if not own and abs(value - alone * share) > 0.01 * alone * share:
            result.fail(
                translated(_DEMAND),
                expected=_("about {value:.2f}").format(value=alone * share),
                got=f"{value:.6g}",
                hint=hint(
                    "guard-of-all",
                    _("guard each probability by itself: the other examples keep their losses."),
                ),
            )


def _hint_of_losses(losses):
    """What is behind the losses of single mistakes: of probabilities 0 and of very small ones."""
    of_zero = np.array([loss for own, loss in losses if not own])
    if np.isposinf(of_zero).all():
        return hint(
            "log-0",
            _(
                "log 0 is minus infinity. Keep the probabilities a tiny bit above 0: np.maximum or "
                "np.clip with 1e-7, say; in float32, 1e-50 is 0."
            ),
        )
    if (np.abs(of_zero) < 0.01)[~np.isnan(of_zero)].all():
        return hint(
            "mistake-dropped",
            _(
                "a mistake made with certainty is left out, or counts as 0: keep its probability a "
                "tiny bit above 0 instead."
            ),
        )
    if (of_zero[np.isfinite(of_zero)] > _LARGEST).any():
        return hint(
            "nan-replaced",
            _(
                "minus infinity has become the largest number there is, as nan_to_num makes it, "
                "and two of these add up to infinity: keep the probabilities a tiny bit above 0 "
                "before the logarithm instead."
            ),
        )
    if not np.isfinite(of_zero).all() or np.ptp(of_zero) > 0.01:
        return None
    epsilon = np.exp(-of_zero[0])
    ((own, loss),) = [(own, loss) for own, loss in losses if own]
    kept_away = [-np.log(max(own, epsilon)), -np.log(own + epsilon)]
    return _EPSILON if np.abs(np.subtract(kept_away, loss)).min() < 0.01 else None


_MEANING = _("one number, the mean over the examples")
_DEMAND = _(
    "cross_entropy must be the mean over the examples of -log(probability of the true class)."
)
_EPSILON = hint(
    "epsilon",
    _(
        "the small number that keeps the logarithm away from 0 is so large that it changes the "
        "loss: make it 1e-7 or less."
    ),
)

cross_entropy = Comparison(
    signature="cross_entropy(probabilities, targets)",
    summary="probabilities (n, k), one-hot targets (n, k) -> the mean over the examples, in nats.",
    right=reference.cross_entropy,
    cases=_cases,
    meaning=_MEANING,
    demand=_DEMAND,
    finite=_("cross_entropy must be finite, even where a probability is exactly 0."),
    slack=lambda p, t: 2e-6,
    afterwards=(_check_certain_mistakes,),
    lost_steps=("sum", "log-of-0"),
    mistakes={
        hint(
            "first-example-only",
            _("only the first example is counted: is `return` inside the loop?"),
        ): [
            lambda p, t: -_log(_of_truth(p, t))[0] / len(p),
            lambda p, t: -_log(_of_truth(p, t))[0],
        ],
        hint("first-example-missing", _("the first example is left out: count from 0.")): (
            lambda p, t: -_log(_of_truth(p, t))[1:].sum() / len(p)
        ),
        hint(
            "last-example-missing",
            _("the last example is left out: range(n) goes through all n, and ends with n - 1."),
        ): lambda p, t: -_log(_of_truth(p, t))[:-1].sum() / len(p),
        hint(
            "last-example-only",
            _("only the last example is left: `+=` adds each one to those before, `=` does not."),
        ): [
            lambda p, t: -_log(_of_truth(p, t))[-1] / len(p),
            lambda p, t: -_log(_of_truth(p, t))[-1],
        ],
        hint(
            "smaller-of-the-two",
            _("np.minimum keeps p *below* the bound: np.maximum takes the larger of the two."),
        ): [
            lambda p, t, bound=10.0**-power: -np.log(np.minimum(_of_truth(p, t), bound)).mean()
            for power in range(7, 31)
        ],
        hint("perplexity", _("leave out the exponential at the end: return the mean of -ln p.")): (
            lambda p, t: np.exp(-_log(_of_truth(p, t)).mean())
        ),
        hint(
            "mean-of-entries",
            _("divide by the number of examples n, not by n · k: sum each row first."),
        ): lambda p, t: -np.mean(t * _log(p)),
        hint("sum", _("this is the sum over all examples; divide it by how many there are.")): (
            lambda p, t: -np.sum(t * _log(p))
        ),
        hint(
            "sign", _("the minus sign is missing: logarithms of probabilities are negative.")
        ): lambda p, t: np.sum(t * _log(p)) / len(p),
        hint("other-base", _("use the natural logarithm, np.log, not np.log2 or np.log10.")): [
            lambda p, t: -np.log2(_of_truth(p, t)).mean(),
            lambda p, t: -np.log10(_of_truth(p, t)).mean(),
        ],
        hint("log1p", _("np.log1p(p) is log(1 + p); you need log(p).")): [
            lambda p, t: -np.log1p(_of_truth(p, t)).mean(),
            lambda p, t: np.log1p(_of_truth(p, t)).mean(),
        ],
        hint("no-logarithm", _("the logarithm is missing: -log(p), not 1 - p or -p.")): [
            lambda p, t: 1 - _of_truth(p, t).mean(),
            lambda p, t: -_of_truth(p, t).mean(),
        ],
        hint(
            "log-of-mean",
            _(
                "take the logarithm of each probability first, then the mean; not the logarithm of "
                "the mean."
            ),
        ): lambda p, t: -np.log(_of_truth(p, t).mean()),
        hint("median", _("take the mean over the examples: not the median, nor the largest.")): [
            lambda p, t: -np.median(np.log(_of_truth(p, t))),
            lambda p, t: -np.log(_of_truth(p, t)).min(),
        ],
        hint("by-n-minus-1", _("divide by n, the number of examples, not by n - 1.")): [
            lambda p, t: -np.log(_of_truth(p, t)).sum() / max(len(p) - 1, 1),
            lambda p, t: -np.log(_of_truth(p, t)).sum() / (len(p) - 1),
        ],
        hint(
            "always-by-10",
            _("divide by n, the number of examples, which is not always the same."),
        ): lambda p, t: -np.log(_of_truth(p, t)).sum() / 10,
        hint(
            "largest-probability",
            _("take the probability of the true class, not the largest one."),
        ): lambda p, t: -np.log(p.max(axis=1)).mean(),
        hint(
            "other-classes",
            _("only the probability of the true class counts, not those of the others."),
        ): [
            lambda p, t: -np.mean(np.sum(t * _log(p) + (1 - t) * _log(1 - p), axis=1)),
            lambda p, t: -np.mean(t * _log(p) + (1 - t) * _log(1 - p)),
            lambda p, t: -np.mean(np.sum((1 - t) * _log(p), axis=1)),
            lambda p, t: -np.mean(np.sum((0.9 * t + 0.1 / t.shape[1]) * _log(p), axis=1)),
        ],
        hint(
            "distance",
            _("this is a distance; take the logarithm of the probability of the true class."),
        ): [
            lambda p, t: np.mean(np.sum((p - t) ** 2, axis=1)),
            lambda p, t: np.mean((p - t) ** 2),
            lambda p, t: np.mean(np.abs(p - t)),
            lambda p, t: np.mean(np.sum(np.abs(p - t), axis=1)),
            lambda p, t: np.mean(np.linalg.norm(p - t, axis=1)),
        ],
        hint(
            "log-of-targets",
            _(
                "take the logarithm of the probabilities, not of the targets; a loss of Keras "
                "takes the targets first."
            ),
        ): [
            lambda p, t, least=least: -np.mean(np.sum(p * np.log(np.maximum(t, least)), axis=1))
            for least in _BOUNDS
        ],
        hint(
            "no-targets",
            _("the targets pick out the true class: they are what log p is multiplied by."),
        ): [
            lambda p, t: -np.mean(np.sum(p * _log(p), axis=1)),
            lambda p, t: -np.mean(np.sum(_log(p), axis=1)),
            lambda p, t: -np.mean(_log(p)),
        ],
        hint(
            "second-softmax",
            _(
                "these are probabilities already: leave out the second softmax. from_logits=True "
                "applies one, too."
            ),
        ): lambda p, t: -np.mean(scipy.special.log_softmax(p, axis=1)[t == 1]),
        hint(
            "columns-of-every-row",
            _(
                "every row meets the labels of all rows, as in p[:, labels] or a matrix product; "
                "you need one place in each row."
            ),
        ): lambda p, t: -np.mean(_log(p)[:, t.argmax(axis=1)]),
        hint(
            "axis",
            _(
                "this is divided by the number of classes: sum each row, axis=1, and then take the "
                "mean over the examples."
            ),
        ): (lambda p, t: -np.mean(np.sum(t * _log(p), axis=0))),
        hint(
            "whole-rows",
            _("p[labels] takes whole rows; one place in each row is p[np.arange(n), labels]."),
        ): [
            lambda p, t: -_log(p[t.argmax(axis=1)]).mean(),
            lambda p, t: -_log(p[t.argmax(axis=1)].max(axis=1)).mean(),
            lambda p, t: -_log(p[t.argmax(axis=1)].mean(axis=1)).mean(),
        ],
        hint("no-axis", _("sum each row by itself, axis=1, not all examples together.")): (
            lambda p, t: -_log(np.sum(t * p))
        ),
        hint(
            "summed-down",
            _("these are sums down the columns, over all examples: sum each row, axis=1."),
        ): [
            lambda p, t, least=least, keep=keep: -np.log(keep(np.sum(t * p, axis=0), least)).mean()
            for least in _BOUNDS
            for keep in (np.add, np.maximum)
        ],
        hint(
            "targets-inside",
            _("the targets multiply log p, not p: or else log 0 of the other classes counts, too."),
        ): [
            lambda p, t, least=least, keep=keep: (
                -np.mean(np.sum(np.log(keep(t * p, least)), axis=1))
            )
            for least in _BOUNDS
            for keep in (np.add, np.maximum)
        ],
        hint("one-for-each", _("in the end, take the mean over the examples: one number.")): (
            lambda p, t: -np.sum(t * _log(p), axis=1)
        ),
        hint(
            "log-of-0",
            _(
                "0 · log 0 is not a number for a computer. Keep the probabilities a tiny bit above "
                "0 before the logarithm."
            ),
        ): [
            lambda p, t: -np.mean(np.sum(t * np.log(p), axis=1)),
            lambda p, t: -np.mean(np.sum(t * np.log(p) + 1e-7, axis=1)),
        ],
        _EPSILON: [loss for epsilon in _EPSILONS for loss in _with_epsilon(epsilon)],
    },
)
