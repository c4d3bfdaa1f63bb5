"""The check of numerical_gradient: the slopes of a function, measured from both sides."""

import numpy as np

from course.check.engine.comparison import ANY, Case, Comparison
from course.check.engine.hints import hint
from course.messages import _

_H = 1e-5


def _called(formula, slopes):
    """Name a function by its formula, as a learner reads it, and give it its true slopes."""

    def named(function):
        def of_array(x):
            return function(np.asarray(x, np.float64))

        of_array.__name__, of_array.__qualname__ = formula, "f"
        of_array.slopes = slopes
        return of_array

    return named


def _places(x):
    return 1 + np.arange(x.size).reshape(x.shape)


@_called("x[0]² + x[1]² + …", lambda x: 2 * x)
def _square(x):
    return float(np.sum(x**2))


@_called("100 · (x[0]² + x[1]² + …)", lambda x: 200 * x)
def _valley(x):
    return float(100 * np.sum(x**2))


@_called("1000 · (x[0] + x[1] + …)²", lambda x: 2000 * np.sum(x) + 0 * x)
def _trough(x):
    return float(1000 * np.sum(x) ** 2)


@_called("1 · x.flat[0]² + 2 · x.flat[1]² + 3 · x.flat[2]² + …", lambda x: 2 * _places(x) * x)
def _weighted_squares(x):
    return float(np.sum(_places(x) * x**2))


@_called(
    "sum(x[0])² + sum(x[1])² + …",
    lambda x: 2 * x.sum(axis=1, keepdims=True) + 0 * x,
)
def _squared_rows(x):
    if x.ndim != 2:
        raise ValueError(f"f takes an x with two axes, not one of shape {x.shape}")
    return float(np.sum(x.sum(axis=1) ** 2))


@_called("sin(10 · x[0]) + sin(10 · x[1]) + …", lambda x: 10 * np.cos(10 * x))
def _ripples(x):
    return float(np.sum(np.sin(10 * x)))


@_called(
    "1000 + x[0] + x[1] + … + cos(x[0]) · cos(x[1]) · …",
    lambda x: 1 - np.tan(x) * np.prod(np.cos(x)),
)
def _high_hills(x):
    return float(1000 + np.sum(x) + np.prod(np.cos(x)))


def _cases(rng):
    yield {"f": _square, "x": np.array([1.0, -2.0])}
    yield {"f": _square, "x": np.array([3.0])}
    yield {"f": _weighted_squares, "x": np.array([[1.0, 2.0], [3.0, 4.0]])}
    for shape in ((1, 1), (4,), (3, 2), (2, 3, 2), (5, 1)):
        x = rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape)
        yield {"f": _weighted_squares, "x": x}
    yield {"f": _squared_rows, "x": np.array([[1.0, 2.0, 0.5], [-1.0, 3.0, 1.0]])}
    bottom = _("numerical_gradient must be 0 at the very bottom of a valley.")
    for x in (np.zeros(3), np.zeros((2, 2))):
        yield Case({"f": _valley, "x": x}, bottom, stage=1, hint=_ONE_SIDED)
    for x in ([1.0, -2.0, -1.0, 2.0], [3.0, -3.0]):
        yield Case({"f": _trough, "x": np.array(x)}, bottom, stage=2, hint=_NOT_PUT_BACK)
    waves = _("numerical_gradient must find the slopes of a curve with narrow waves.")
    for shape in ((2, 3), (4,)):  # where the waves are steepest, or nearly so
        x = np.round(rng.uniform(-3, 3, shape) * 10 / np.pi) * np.pi / 10
        x += rng.uniform(-0.02, 0.02, shape)
        yield Case({"f": _ripples, "x": x}, waves, stage=3, hint=_H_TOO_LARGE)
    high = _("numerical_gradient must find the slopes of a function as large as 1000.")
    for shape in ((3, 4), (5,)):
        x = rng.uniform(-0.4, 0.4, shape)
        yield Case({"f": _high_hills, "x": x}, high, stage=4, hint=_H_TOO_SMALL)


def _slack(f, x):
    """Less at a minimum, where central differences are exactly 0, whatever the step."""
    return 1e-8 if f in (_valley, _trough) else 1e-6


def _measured(slope_at):
    """The answer that computes the slope at one place at a time, by slope_at(f, x, step, h)."""

    def gradient(f, x, h=_H):
        slopes = [
            slope_at(f, x, h * (np.arange(x.size) == place).reshape(x.shape), h)
            for place in range(x.size)
        ]
        return np.reshape(slopes, x.shape)

    return gradient


def _with_step(answer, steps):
    return [lambda f, x, h=h: answer(f, x, h) for h in steps]


def _left_below(f, x, h=_H, put_back=0):
    """Moves x itself up and down, and leaves it there, or moves it back by `put_back` times h."""
    moved, slopes = x.copy(), np.zeros(x.size)
    for place in range(x.size):
        moved.flat[place] += h
        above = f(moved)
        moved.flat[place] -= 2 * h
        slopes[place] = (above - f(moved)) / (2 * h)
        moved.flat[place] += put_back * h
    return slopes.reshape(x.shape)


def _in_place(f, x, h=_H):
    """Moves x itself up, down and up again, which rounding may not undo."""
    return _left_below(f, x, h, put_back=1)


def _never_undone(f, x, h=_H):
    moved, slopes = x.copy(), np.zeros(x.size)
    for place in range(x.size):
        moved.flat[place] += h
        slopes[place] = (f(moved) - f(x)) / h
    return slopes.reshape(x.shape)


def _both_never_undone(f, x, h=_H):
    up, down, slopes = x.copy(), x.copy(), np.zeros(x.size)
    for place in range(x.size):
        up.flat[place] += h
        down.flat[place] -= h
        slopes[place] = (f(up) - f(down)) / (2 * h)
    return slopes.reshape(x.shape)


def _by_rows(f, x, h=_H):
    slopes = np.zeros_like(x)
    for row in range(len(x)):
        step = np.zeros_like(x)
        step[row] = h
        slopes[row] = (f(x + step) - f(x - step)) / (2 * h)
    return slopes


def _put_there(f, x, h=_H):
    slopes = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index], down[index] = h, -h
        slopes[index] = (f(up) - f(down)) / (2 * h)
    return slopes


def _of_each_alone(f, x, h=_H):
    return np.reshape([(f(part + h) - f(part - h)) / (2 * h) for part in x.flat], x.shape)


def _in_float32(f, x, h=_H):
    return _central(lambda moved: np.float32(f(np.float32(moved))), x, h)


_central = _measured(lambda f, x, step, h: (f(x + step) - f(x - step)) / (2 * h))
_by_share = _measured(
    lambda f, x, step, h: (
        (f(x + step * x) - f(x - step * x)) / (2 * h * np.abs(x[step != 0]).item())
    )
)
_by_share_of_0 = _measured(
    lambda f, x, step, h: np.divide(f(x + step * x) - f(x - step * x), 2 * h * x[step != 0]).item()
)
_by_spacing = _measured(
    lambda f, x, step, h: (
        np.divide(f(x + step / h * np.spacing(x)) - f(x - step / h * np.spacing(x)), 2)
        / np.spacing(x[step != 0]).item()
    )
)
_from_above = _measured(lambda f, x, step, h: (f(x + step) - f(x)) / h)
_from_below = _measured(lambda f, x, step, h: (f(x) - f(x - step)) / h)
_MEASURES = [_central, _from_above, _from_below, _in_place, _by_share_of_0]
_STEPS = [10.0**-power for power in range(3, 9)]
_WIDE_STEPS = [10.0, 5.0, 3.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005]
_TINY_STEPS = [10.0**-power for power in range(12, 17)]
_TINY_STEPS += [times * np.finfo(np.float64).eps for times in (0.5, 1, 2, 10, 100)]

_ONE_SIDED = hint(
    "one-sided",
    _(
        "look at both sides, (f(x + h) - f(x - h)) / 2h: the error of the one-sided slope (f(x + "
        "h) - f(x)) / h grows with the curvature."
    ),
)
_NOT_PUT_BACK = hint(
    "not-put-back",
    _("one place of x at a time: put each one back before you move the next."),
)
_H_TOO_LARGE = hint("h-too-large", _("h is too large: it strides across the wave. Try 1e-5."))
_H_TOO_SMALL = hint(
    "h-too-small",
    _(
        "h is too small: f(x + h) and f(x - h) differ only in their last digits, and these are "
        "rounded. Try 1e-5."
    ),
)
_STEP_LOST = hint(
    "step-lost", _("h is so small that x + h is rounded, and hardly differs from x. Try 1e-5.")
)

numerical_gradient = Comparison(
    signature="numerical_gradient(f, x)",
    summary="f: array -> number, x float64 of any shape -> the slopes of f at x, an array like x.",
    right=lambda f, x: f.slopes(x),
    cases=_cases,
    meaning=_("one slope for each number in x, in the shape of x"),
    demand=_("numerical_gradient must give the slope of f at each place of x."),
    slack=_slack,
    nearly=hint(
        "nearly", _("the slopes are nearly right: take float64, and h = 1e-5 on both sides.")
    ),
    lost_steps=("not-divided",),
    mistakes={
        _ONE_SIDED: [
            *_with_step(_from_above, [*_WIDE_STEPS, *_STEPS]),
            *_with_step(_from_below, [*_WIDE_STEPS, *_STEPS]),
        ],
        hint(
            "all-at-once",
            _("one slope for each place of x: shift x[i] alone, and add no slopes up."),
        ): [
            lambda f, x: np.full(x.shape, f.slopes(x).sum()),
            lambda f, x: f.slopes(x).sum(),
        ],
        hint(
            "whole-rows", _("one number of x at a time: x[i] is a whole row if x has two axes.")
        ): [
            _by_rows,
            lambda f, x: f.slopes(x).sum(axis=tuple(range(1, x.ndim))),
        ],
        hint("f-of-a-part", _("f takes the whole of x: shift one place, and give it all of x.")): (
            _of_each_alone
        ),
        hint("by-h", _("the distance between the two points is 2h: divide by 2h, not by h.")): (
            lambda f, x: 2 * f.slopes(x)
        ),
        hint(
            "half",
            _("this is half the slope: move x by h to each side, and divide once, by 2h."),
        ): lambda f, x: f.slopes(x) / 2,
        hint(
            "divided-twice",
            _("divide f(x + h) - f(x - h) by 2h, and by nothing else."),
        ): [
            lambda f, x: f.slopes(x) / x.size,
            lambda f, x: f.slopes(x) / np.linalg.norm(f.slopes(x)),
            *[lambda f, x, h=h: f.slopes(x) / (2 * h) for h in _STEPS],
        ],
        hint("added", _("subtract the second from the first: f(x + h) - f(x - h).")): [
            lambda f, x, h=h: np.full(x.shape, f(x) / h) for h in _STEPS
        ],
        hint(
            "operator-order",
            _("a / 2 * h is a / 2 times h: put the 2 * h below the fraction bar in brackets."),
        ): [lambda f, x, h=h: h**2 * f.slopes(x) for h in _STEPS],
        hint("sign", _("the sign is reversed: f(x + h) - f(x - h), in this order.")): (
            lambda f, x: -f.slopes(x)
        ),
        hint(
            "added-to-x",
            _(
                "this is x plus the slope: begin with zeros, not with a copy of x, and return the "
                "slopes alone."
            ),
        ): lambda f, x: x + f.slopes(x),
        hint("absolute", _("slopes have a sign: leave out the absolute value.")): (
            lambda f, x: np.abs(f.slopes(x))
        ),
        hint(
            "not-divided",
            _("divide the difference by the distance between the two points, 2h."),
        ): [lambda f, x, h=h: 2 * h * f.slopes(x) for h in (0.01, *_STEPS[:-1])],
        hint(
            "same-point",
            _(
                "f gave the same at both points. Is one moved up and the other down, each in an "
                "x.copy() of its own, and does f get these? Or is h so small that it is lost in "
                "rounding?"
            ),
        ): lambda f, x: 0 * x,
        _NOT_PUT_BACK: [
            _never_undone,
            _both_never_undone,
            _left_below,
        ],
        hint(
            "relative-step",
            _("h is a share of x here, and so it is 0 where x is 0: take a fixed h, 1e-5."),
        ): [
            *_with_step(_by_share, _STEPS),
            *_with_step(_by_share_of_0, _STEPS),
            lambda f, x: x * f.slopes(x),
        ],
        hint(
            "value-of-f",
            _(
                "this is f at a point: the whole difference, in brackets, is divided by 2h, "
                "(f(x + h) - f(x - h)) / (2 * h)."
            ),
        ): [
            lambda f, x: np.full(x.shape, f(x)),
            *[lambda f, x, h=h: np.full(x.shape, f(x) - f(x) / (2 * h)) for h in _STEPS],
        ],
        hint(
            "in-float32", _("float32 has only 7 digits: the difference is lost; keep x as it is.")
        ): _with_step(_in_float32, _STEPS),
        hint("put-there", _("move x[i] by h, x[i] + h and x[i] - h; do not put h in its place.")): (
            _with_step(_put_there, _STEPS)
        ),
        _STEP_LOST: [
            *(wrong for answer in _MEASURES for wrong in _with_step(answer, _TINY_STEPS)),
            _by_spacing,
        ],
        _H_TOO_LARGE: _with_step(_central, _WIDE_STEPS),
    },
    by_code={
        ANY: {
            "GradientTape": hint(
                "tape",
                _(
                    "f may be any function of Python or NumPy, which no tape can follow: measure "
                    "the slopes, by calling f at x + h and at x - h."
                ),
            )
        },
        "same-point": {
            r"\b1e-(1[6-9]|[2-9]\d|\d{3})\b|\.(tiny|smallest_\w+)\b|float_info\.min\b": (
                _STEP_LOST
            ),
            r"^ *\w+ *(, *\w+ *)?= *(\w+ *= *)?x *(, *x *)?$": hint(
                "no-copy",
                _(
                    "`up = x` copies nothing: it is one array under two names, and moving it up "
                    "and then down leaves it where it was. Give each point an x.copy() of its own."
                ),
            ),
        },
    },
)
