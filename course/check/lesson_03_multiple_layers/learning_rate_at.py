"""The check of learning_rate_at: exponential decay from the highest rate to the lowest."""

import math

import numpy as np

from course.check.engine.comparison import Case, Comparison
from course.check.engine.guard import unguarded
from course.check.engine.hints import hint
from course.check.references import lesson_03_multiple_layers as reference
from course.messages import _


def _cases(rng):
    start = _("learning_rate_at must be the highest rate at step 0.")
    end = _("learning_rate_at must come down to the lowest rate in the end.")
    cases = [(0,), (1000,), (2000,), (12_000,), (1,), (100_000,), (500, 0.0, 1.0, 250)]
    cases += [(0, 0.002), (2000, 0.001), (0, 0.01, 0.5, 100), (37, 0.01, 0.5, 100)]
    # At most 600 times decay, so that not even exp(step / decay) overflows.
    cases += [(100, 0.01, 0.5, 100), (60_000, 0.01, 0.5, 100), (3, 0.1, 0.9, 2)]
    cases += [(1500, 1e-4, 3e-3, 1000), (2500, 1e-4, 3e-3, 700), (10, 0.02, 0.02, 10)]
    cases += [(1000, 1e-4, 0.02), (300, 1e-4, 0.5)]
    for _draw in range(5):
        low, high = sorted((10 ** rng.uniform(-5, 0, 2)).tolist())
        decay = int(rng.integers(10, 5000))
        cases += [(int(decay * rng.uniform(0.05, 3)), low, high, decay)]
        cases += [(int(rng.integers(1, 6000)),)]
    for case in cases:
        given = dict(zip(("step", "lowest", "highest", "decay"), case, strict=False))
        late = given["step"] > 28 * given.get("decay", 2000)
        yield Case(given, start if given["step"] == 0 else end if late else "")


def _falling(curve):
    """The mistake of another curve, from 1 at step 0 down to 0, of step / decay."""
    return lambda step, low=1e-4, high=3e-3, decay=2000: low + (high - low) * curve(step / decay)


def _formula(function):
    """A formula of step, lowest, highest, decay with their usual values."""
    return lambda step, low=1e-4, high=3e-3, decay=2000: function(step, low, high, decay)


def _left(step, decay):
    return math.exp(-step / decay)


_right = unguarded(reference.learning_rate_at)

learning_rate_at = Comparison(
    signature="learning_rate_at(step, lowest=1e-4, highest=3e-3, decay=2000)",
    summary="step -> lowest + (highest - lowest) · exp(-step / decay).",
    right=_right,
    cases=_cases,
    meaning=_("one number, the learning rate"),
    demand=_("learning_rate_at must be lowest + (highest - lowest) · exp(-step / decay)."),
    mistakes={
        hint(
            "floor-on-top", _("the floor is added on top here: what falls is highest - lowest.")
        ): _formula(lambda s, low, high, d: low + high * _left(s, d)),
        hint("sum-falls", _("what falls is highest - lowest, not highest + lowest.")): (
            _formula(lambda s, low, high, d: low + (high + low) * _left(s, d))
        ),
        hint(
            "no-floor",
            _(
                "the floor is missing: the rate falls towards lowest, not towards 0. `lowest +` "
                "is outside of what exp(-step / decay) multiplies."
            ),
        ): _formula(lambda s, low, high, d: high * _left(s, d)),
        hint(
            "floor-as-a-limit",
            _(
                "this cuts the curve off at lowest: what shrinks is the distance to lowest, "
                "highest - lowest, and lowest is added to it."
            ),
        ): [
            _formula(lambda s, low, high, d: max(low, high * _left(s, d))),
            _formula(lambda s, low, high, d: max(low, (high - low) * _left(s, d))),
        ],
        hint("floor-not-added", _("add lowest: this is only what lies above the floor.")): (
            _formula(lambda s, low, high, d: (high - low) * _left(s, d))
        ),
        hint(
            "staircase",
            _("this is a staircase: do not cut step / decay down to a whole number (//, int)."),
        ): (_formula(lambda s, low, high, d: low + (high - low) * math.exp(-(s // d)))),
        hint(
            "whole-epochs", _("the rate falls with every step: do not round down to whole epochs.")
        ): _formula(lambda s, low, high, d: _right(s // 35 * 35, low, high, d)),
        hint(
            "negative-staircase",
            _("-step // decay is a whole number, and makes a staircase; divide with /."),
        ): _formula(lambda s, low, high, d: low + (high - low) * math.exp(-s // d)),
        hint("rounded-quotient", _("do not round step / decay: that makes a staircase.")): (
            _formula(lambda s, low, high, d: low + (high - low) * math.exp(-round(s / d)))
        ),
        hint("power-of-2", _("the base of the exponential is e = 2.718…, not 2.")): (
            _falling(lambda t: 0.5**t)
        ),
        hint("power-of-10", _("the base of the exponential is e = 2.718…, not 10.")): (
            _falling(lambda t: 0.1**t)
        ),
        hint("other-base", _("the base of the exponential is e = 2.718…: exp(-step / decay).")): [
            wrong
            for base in (0.9, 0.95, 0.96, 0.99)
            for wrong in (
                _falling(lambda t, base=base: base**t),
                _formula(lambda s, low, high, d, base=base: high * base ** (s / d)),
            )
        ],
        hint("exchanged", _("this grows from lowest to highest: are the two exchanged?")): (
            _formula(lambda s, low, high, d: high + (low - high) * _left(s, d))
        ),
        hint("order-of-arguments", _("the order is step, lowest, highest, decay.")): (
            lambda s, high=3e-3, low=1e-4, d=2000: low + (high - low) * _left(s, d)
        ),
        hint("sign", _("the minus sign is missing: exp(-step / decay) falls.")): [
            _falling(math.exp),
            _falling(np.exp),
            *[_falling(lambda t, most=most: math.exp(min(t, most))) for most in (50, 100, 700)],
        ],
        hint("straight-line", _("this is a straight line; use exp(-step / decay).")): [
            _falling(lambda t: max(1 - t, 0)),
            _falling(lambda t: 1 - t),
            _formula(lambda s, low, high, d: max(low, high - (high - low) * s / d)),
            _formula(lambda s, low, high, d: max(low, high - s / d)),
            *[_falling(lambda t, by=by: 1 - by * t) for by in (0.6, 0.63, 0.632, 0.37, 0.368)],
        ],
        hint("hyperbola", _("this falls as 1 / (1 + step / decay); use exp(-step / decay).")): [
            _falling(lambda t: 1 / (1 + t)),
            _falling(lambda t: 1 / math.sqrt(1 + t)),
        ],
        hint("cosine", _("this falls as a cosine; use exp(-step / decay).")): [
            _falling(lambda t: (1 + math.cos(math.pi * min(t, 1))) / 2),
            _falling(lambda t: (1 + math.cos(math.pi * t)) / 2),
            _falling(lambda t: math.cos(math.pi / 2 * min(t, 1))),
        ],
        hint("bell", _("step / decay is not squared.")): _falling(lambda t: math.exp(-(t**2))),
        hint(
            "brackets",
            _("put highest - lowest in brackets: all of it is multiplied by exp(-step / decay)."),
        ): [
            _formula(lambda s, low, high, d: low + high - low * _left(s, d)),
            _formula(lambda s, low, high, d: low - high * _left(s, d)),
        ],
        hint("difference-reversed", _("what falls is highest - lowest, not lowest - highest.")): (
            _formula(lambda s, low, high, d: low + (low - high) * _left(s, d))
        ),
        hint("outside-exp", _("the division belongs inside: exp(-step / decay).")): (
            _formula(lambda s, low, high, d: low + (high - low) * math.exp(-s) / d)
        ),
        hint("times-e", _("e is raised to a power, not multiplied: exp(-step / decay).")): [
            _falling(lambda t: -math.e * t),
            _falling(lambda t: math.e * t),
        ],
        hint("no-distance", _("exp(-step / decay) is multiplied by highest - lowest.")): [
            _formula(lambda s, low, high, d: low + _left(s, d)),
            _formula(lambda s, low, high, d: _left(s, d)),
        ],
        hint("rounded-base", _("0.37 is only about 1 / e: use exp(-step / decay) itself.")): [
            _falling(lambda t, base=base: base**t) for base in (0.37, 0.368, 0.3679)
        ],
        hint("halved", _("it is exp(-step / decay), without another factor.")): [
            _falling(lambda t, by=by: math.exp(-t * by)) for by in (0.5, 2, 0.1, 10, 35, 0.001)
        ],
        hint(
            "geometric",
            _(
                "this falls geometrically from highest to lowest; only highest - lowest is "
                "multiplied by exp(-step / decay)."
            ),
        ): [
            _formula(lambda s, low, high, d: low * (high / low) ** _left(s, d)),
            _formula(
                lambda s, low, high, d: max(low, 1e-12) * (high / max(low, 1e-12)) ** _left(s, d)
            ),
            _formula(lambda s, low, high, d: high * (low / high) ** (s / d)),
            _formula(lambda s, low, high, d: high * (low / high) ** min(s / d, 1)),
            _formula(lambda s, low, high, d: high * (max(low, 1e-12) / high) ** min(s / d, 1)),
        ],
        hint("constant", _("the rate must fall with step: exp(-step / decay).")): [
            _formula(lambda s, low, high, d: high),
            _formula(lambda s, low, high, d: low),
            _formula(lambda s, low, high, d: (low + high) / 2),
        ],
        hint("steps-from-1", _("count steps from 0: at step 0 the rate is the highest.")): [
            _formula(lambda s, low, high, d: _right(s + 1, low, high, d)),
            _formula(lambda s, low, high, d: _right(max(s - 1, 0), low, high, d)),
            _formula(lambda s, low, high, d: _right(s - 1, low, high, d)),
        ],
        hint("rounded", _("do not round: return the number with all its digits.")): [
            _formula(lambda s, low, high, d, places=places: round(_right(s, low, high, d), places))
            for places in (5, 6)
        ],
        hint("multiplied", _("divide the step by decay; do not multiply.")): [
            _formula(lambda s, low, high, d: low + (high - low) * math.exp(-min(s * d, 1e6))),
        ],
        hint("upside-down", _("divide the step by decay, not decay by the step.")): [
            _formula(lambda s, low, high, d: low + (high - low) * math.exp(-d / max(s, 1))),
        ],
        hint("stops-at-decay", _("the rate goes on falling after `decay` steps.")): [
            _falling(lambda t: math.exp(-min(t, 1))),
            _falling(lambda t: math.exp(-t) if t < 1 else 0),
            _falling(lambda t: math.exp(-t) if t <= 1 else 0),
        ],
        hint("decay-ignored", _("decay is not used: its usual value is used instead.")): (
            _formula(lambda s, low, high, d: _right(s, low, high))
        ),
        hint("highest-ignored", _("highest is not used: its usual value is used instead.")): (
            _formula(lambda s, low, high, d: _right(s, low, 3e-3, d))
        ),
        hint("lowest-ignored", _("lowest is not used: its usual value is used instead.")): (
            _formula(lambda s, low, high, d: _right(s, 1e-4, high, d))
        ),
        hint(
            "arguments-ignored",
            _("lowest, highest and decay are arguments: use what is given."),
        ): [
            _formula(lambda s, low, high, d: _right(s)),
            _formula(lambda s, low, high, d: _right(s, decay=d)),
        ],
        hint(
            "other-defaults", _("if they are not given: lowest 1e-4, highest 3e-3, decay 2000.")
        ): [
            lambda s, low=0, high=1, d=10: _right(s, low, high, d),
            lambda s, low=1e-5, high=3e-3, d=2000: _right(s, low, high, d),
            lambda s, low=1e-3, high=3e-3, d=2000: _right(s, low, high, d),
            lambda s, low=1e-4, high=1e-2, d=2000: _right(s, low, high, d),
            lambda s, low=1e-4, high=1e-3, d=2000: _right(s, low, high, d),
            lambda s, low=1e-4, high=3e-2, d=2000: _right(s, low, high, d),
            lambda s, low=1e-4, high=3e-3, d=1000: _right(s, low, high, d),
            lambda s, low=1e-4, high=3e-3, d=200: _right(s, low, high, d),
        ],
    },
)
