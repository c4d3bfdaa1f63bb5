"""The check of sigmoid_and_slope: 1 / (1 + exp(-x)) and its derivative, for any shape."""

import numpy as np
from scipy.special import expit

from course.check.engine.comparison import Case, Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint
from course.check.references import lesson_03_multiple_layers as reference
from course.messages import _


def _cases(rng):
    plain = [[0, 2], [-2, 1, 8], [0], [[-1, 0.5], [3, -12]], [13, -11, 9]]
    for shape in ((1,), (10,), (4, 4), (3, 7), (1, 5), (2, 3, 4), (2, 1, 3, 2)):
        plain.append(rng.normal(0, 3, size=shape))
    large = [
        [1000],
        [-1000],
        [[1000, 0, -1000]],
        [88, -88, 90, -90, 104, -104, 750, -750],
        rng.uniform(-1000, 1000, size=(int(rng.integers(11, 40)), 6)),
    ]
    for stage, arrays in enumerate((plain, large)):
        for x in arrays:
            yield Case({"x": np.array(x, np.float32)}, stage=stage)


def _value(function):
    """A mistake in the value; it says nothing of the slope."""
    return lambda x: {"value": function(x)}


def _slope(function):
    """The right value with a slope that is made of x and of the value."""
    return lambda x: (expit(x), function(x, expit(x)))


def _in_types(wrong):
    """A mistake that overflows, as it comes out in float64 and in float32."""
    return [wrong, lambda x: wrong(np.float32(x))]


_right = unguarded(reference.sigmoid_and_slope)
_OVERFLOW = hint(
    "overflow",
    _(
        "exp(1000) is too large for a computer's number, and inf / inf is not a number. Write the "
        "formula so that a large exp appears only below the fraction bar; the slope needs no exp "
        "of its own."
    ),
)

sigmoid_and_slope = Comparison(
    signature="sigmoid_and_slope(x)",
    summary="x of any shape -> (value, slope), both in the shape of x, finite at ±1000.",
    right=_right,
    cases=_cases,
    parts=(_("value"), _("slope")),
    meaning=_("an array in the shape of x"),
    demand={
        "value": _("sigmoid_and_slope: the value must be 1 / (1 + exp(-x))."),
        "slope": _("sigmoid_and_slope: the slope must be the derivative of sigmoid at x."),
    },
    finite=_("sigmoid_and_slope must stay finite, even at 1000 and -1000."),
    overflow=_OVERFLOW,
    slack=lambda x: {"value": 2e-6, "slope": 1e-5},
    mistakes={
        hint(
            "operator-order",
            _("value * 1 - value is value - value, 0: put 1 - value in brackets."),
        ): _slope(lambda x, s: s * 1 - s),
        hint(
            "x-below-1",
            _("this is value · (1 - x): it takes 1 - value, with the value of sigmoid."),
        ): _slope(lambda x, s: s * (1 - x)),
        hint("exchanged-parts", _("value comes first, then slope.")): lambda x: _right(x)[::-1],
        hint(
            "overwritten",
            _("value is the slope here: make a new array for it, or it is written over."),
        ): lambda x: _right(x)[1:] * 2,
        hint("tanh", _("this is tanh, which runs from -1 to 1; sigmoid runs from 0 to 1.")): (
            _value(np.tanh)
        ),
        hint("half-tanh", _("tanh(x / 2) runs from -1 to 1; sigmoid runs from 0 to 1.")): (
            _value(lambda x: np.tanh(x / 2))
        ),
        hint("tanh-shifted", _("tanh is twice as steep: take tanh(x / 2), or the formula.")): (
            _value(lambda x: (np.tanh(x) + 1) / 2)
        ),
        hint("sign", _("the sign is reversed: large x must give 1, not 0.")): (
            _value(lambda x: expit(-x))
        ),
        hint("exp-only", _("this is exp(x); divide by 1 + exp(x).")): _value(np.exp),
        hint("exp-minus-only", _("this is exp(-x); sigmoid is 1 divided by 1 + exp(-x).")): (
            _value(lambda x: np.exp(-x))
        ),
        hint(
            "denominator-only",
            _("this is 1 + exp(-x): all of it belongs below the fraction bar, in brackets."),
        ): (_value(lambda x: 1 + np.exp(-x))),
        hint("one-minus", _("it is 1 + exp(-x) below the fraction bar, not 1 - exp(-x).")): (
            _value(lambda x: 1 / (1 - np.exp(-x)))
        ),
        hint("ReLU", _("this is ReLU, max(0, x).")): _value(lambda x: np.maximum(x, 0)),
        hint("identity", _("this is x itself.")): _value(lambda x: x),
        hint("a-step", _("this is a step from 0 to 1; sigmoid rises smoothly.")): [
            _value(lambda x: 1.0 * (x > 0)),
            _value(lambda x: 1.0 * (x >= 0)),
        ],
        hint(
            "hard-sigmoid",
            _("these straight lines are an approximation; use the formula with exp."),
        ): [
            _value(lambda x: np.clip(0.2 * x + 0.5, 0, 1)),
            _value(lambda x: np.clip(x / 6 + 0.5, 0, 1)),
        ],
        hint("softsign", _("x / (1 + |x|) is another curve; use the formula with exp.")): [
            _value(lambda x: x / (1 + np.abs(x))),
            _value(lambda x: (x / (1 + np.abs(x)) + 1) / 2),
        ],
        hint("softmax", _("softmax compares numbers; sigmoid looks at each one alone.")): [
            _value(lambda x: np.exp(x) / np.exp(x).sum()),
            _value(lambda x: np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)),
        ],
        hint("power-of-2", _("the base of the exponential is e = 2.718…, not 2.")): (
            _value(lambda x: 1 / (1 + np.exp2(-x)))
        ),
        hint("power-of-10", _("the base of the exponential is e = 2.718…, not 10.")): (
            _value(lambda x: 1 / (1 + 10.0**-x))
        ),
        hint("clipped", _("do not clip x: only the formula must not overflow.")): [
            *[
                _value(lambda x, most=most: expit(np.clip(x, -most, most)))
                for most in (1, 2, 3, 4, 5, 6, 8, 10, 12)
            ],
        ],
        hint(
            "x-for-value",
            _("x(1 - x) takes x itself; put the value of sigmoid there: value · (1 - value)."),
        ): _slope(lambda x, s: x * (1 - x)),
        hint(
            "slope-of-tanh",
            _("this is 1 - value², the slope of tanh. That of sigmoid is value · (1 - value)."),
        ): [
            _slope(lambda x, s: 1 - s**2),
            _slope(lambda x, s: 1 - np.tanh(x) ** 2),
        ],
        hint(
            "sigmoid-twice",
            _("this is sigmoid of the value; put the value itself into value · (1 - value)."),
        ): _slope(lambda x, s: expit(s) * (1 - expit(s))),
        hint("value-again", _("this is the value again.")): _slope(lambda x, s: s),
        hint(
            "slope-sign",
            _("the sign is reversed: sigmoid rises everywhere, so that no slope is negative."),
        ): _slope(lambda x, s: -s * (1 - s)),
        hint("one-minus-value", _("this is 1 - value; multiply it by the value.")): (
            _slope(lambda x, s: 1 - s)
        ),
        hint("one-plus-value", _("this is value · (1 + value): the slope has a minus.")): (
            _slope(lambda x, s: s * (1 + s))
        ),
        hint("value-squared", _("this is value²: the slope is value · (1 - value).")): (
            _slope(lambda x, s: s**2)
        ),
        hint("one-minus-squared", _("this is (1 - value)²: the slope is value · (1 - value).")): (
            _slope(lambda x, s: (1 - s) ** 2)
        ),
        hint("slope-squared", _("this is the square of the slope, value · (1 - value).")): (
            _slope(lambda x, s: (s * (1 - s)) ** 2)
        ),
        hint("twice-as-steep", _("this is twice too large: 0.25 is the steepest it gets.")): (
            _slope(lambda x, s: 2 * s * (1 - s))
        ),
        hint(
            "four-times",
            _("this is four times too large: 0.25 is the steepest that sigmoid gets."),
        ): _slope(lambda x, s: 4 * s * (1 - s)),
        hint("exp-minus-x", _("this is exp(-x): the slope is value · (1 - value).")): (
            _slope(lambda x, s: np.exp(-x))
        ),
        hint("one-slope", _("each x has a slope of its own: value · (1 - value).")): [
            _slope(lambda x, s: np.full_like(x, 0.25)),
            _slope(lambda x, s: np.full_like(x, expit(1) * expit(-1))),
            _slope(lambda x, s: (s * (1 - s)).mean()),
            _slope(lambda x, s: (s * (1 - s)).max()),
        ],
        hint(
            "between-neighbours",
            _(
                "this is the slope between one x and the next, as if they were points of a curve: "
                "each x has a slope of its own, value · (1 - value)."
            ),
        ): [
            _slope(lambda x, s: np.diff(s) / np.diff(x)),
            _slope(lambda x, s: np.diff(s)),
            _slope(lambda x, s: np.diff(s.ravel())),
            _slope(lambda x, s: np.gradient(s)),
            _slope(lambda x, s: np.gradient(s, x)),
            _slope(lambda x, s: np.gradient(s.ravel()).reshape(x.shape)),
            _slope(lambda x, s: np.gradient(s.ravel(), x.ravel()).reshape(x.shape)),
            *(
                _slope(lambda x, s, axis=axis, by=by: np.gradient(s, axis=axis) / by(x, axis))
                for axis in (-1, 0)
                for by in (lambda x, axis: 1, lambda x, axis: np.gradient(x, axis=axis))
            ),
            *(
                _slope(lambda x, s, axis=axis, put=put: np.diff(s, axis=axis, **put(s, axis)))
                for axis in (-1, 0)
                for put in (
                    lambda s, axis: {"prepend": 0},
                    lambda s, axis: {"append": 0},
                    lambda s, axis: {"prepend": s.take([0], axis)},
                    lambda s, axis: {"append": s.take([-1], axis)},
                )
            ),
        ],
        hint("slope-of-ReLU", _("this is the slope of ReLU.")): _slope(lambda x, s: 1.0 * (x > 0)),
        hint(
            "measured",
            _("nearly right, as measured slopes are: use the formula, which is exact."),
        ): [
            *[_slope(lambda x, s, h=h: (expit(x + h) - s) / h) for h in (0.1, 0.01, 1e-3)],
            _slope(lambda x, s: (expit(x + 0.1) - expit(x - 0.1)) / 0.2),
        ],
        _OVERFLOW: [
            *_in_types(_value(lambda x: np.exp(x) / (1 + np.exp(x)))),
            *_in_types(_slope(lambda x, s: np.exp(-x) / (1 + np.exp(-x)) ** 2)),
            *_in_types(_slope(lambda x, s: np.exp(x) / (1 + np.exp(x)) ** 2)),
        ],
        hint(
            "nan-replaced",
            _("replacing nan hides that exp was too large: sigmoid of a large x is 1."),
        ): _in_types(_value(lambda x: np.nan_to_num(np.exp(x) / (1 + np.exp(x))))),
    },
)
