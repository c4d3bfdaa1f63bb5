"""The check of steps_per_epoch: the number of mini-batches that show every example once."""

import math

from course.check.engine.comparison import Comparison
from course.check.engine.hints import hint
from course.check.references import lesson_00_first_look as reference
from course.messages import _


def _cases(rng):
    cases = [(50_000, 100), (300, 100), (100, 100), (10, 1), (250, 100), (3_500, 64), (99, 100)]
    cases += [(30, 100), (60_003, 10_000)]  # less than a mini-batch, and a few digits left over
    # A single digit left over.
    cases += [(701, 100), (1_001, 200), (60_001, 10_000), (2_000_001, 1_000_000)]
    cases += [(1_000_001, 500_000)]
    cases += zip(rng.integers(1, 9_999, 20).tolist(), range(20, 220, 10), strict=True)
    return [{"examples": examples, "batch_size": batch_size} for examples, batch_size in cases]


steps_per_epoch = Comparison(
    signature="steps_per_epoch(examples, batch_size)",
    summary="examples and batch_size -> how many steps show every example once.",
    right=reference.steps_per_epoch,
    cases=_cases,
    meaning=_("one number"),
    demand=_("steps_per_epoch must say how many steps it takes to show every digit once."),
    exact=True,
    lost_steps=("leftover",),
    mistakes={
        hint(
            "leftover",
            _(
                "the digits left over make one more, smaller mini-batch: a step, too. `//` and "
                "`int` leave them out, even inside math.ceil."
            ),
        ): [
            lambda n, b: n // b,
            lambda n, b: max(1, n // b),
            lambda n, b: int(n / b + 0.9),
            lambda n, b: int(n / b + 0.99),
            lambda n, b: int(n / b + 0.999),
            lambda n, b: int(n / b + 0.9999),
        ],
        hint("nearest", _("round up, not to the nearest: any digits left over need a step.")): [
            lambda n, b: round(n / b),
            lambda n, b: int(n / b + 0.5),
        ],
        hint(
            "half-added",
            _(
                "adding 0.5 before `round` is not rounding up: where exactly 3 steps are needed, "
                "it turns 3.5 into 4."
            ),
        ): lambda n, b: round(n / b + 0.5),
        hint(
            "less-than-a-batch",
            _("fewer digits than batch_size still need one step, with a smaller mini-batch."),
        ): lambda n, b: 0 if n < b else math.ceil(n / b),
        hint(
            "even-or-odd",
            _("% 2 asks whether a number is even: examples % batch_size are the digits left over."),
        ): lambda n, b: n // b + n % 2,
        hint("leftover-each", _("the digits left over need one step together, not one each.")): (
            lambda n, b: n // b + n % b
        ),
        hint("first-step-only", _("this counts a single step: is `return` inside the loop?")): (
            lambda n, b: 1
        ),
        hint("examples-fixed", _("examples is an argument: do not use a fixed number.")): [
            lambda n, b, fixed=fixed: math.ceil(fixed / b) for fixed in (50_000, 60_000)
        ],
        hint("one-too-many", _("one step too many where the digits divide evenly.")): (
            lambda n, b: n // b + 1
        ),
        hint(
            "always-one-too-many",
            _("this is always one step too many: count from 0, and add nothing after rounding up."),
        ): lambda n, b: math.ceil(n / b) + 1,
        hint(
            "last-digit-missing",
            _(
                "a step is missing where a single digit is left over: does a range start at 1, or "
                "end one too early? range(0, examples, batch_size) has a number for each step."
            ),
        ): lambda n, b: math.ceil((n - 1) / b),
        hint(
            "digits-taken-away",
            _("examples says how many digits are shown: do not subtract anything from it."),
        ): lambda n, b: math.ceil((n - 10_000) / b),
        hint("one-too-few", _("this is one step too few: the last one counts as well.")): (
            lambda n, b: math.ceil(n / b) - 1
        ),
        hint(
            "leftover-twice",
            _("the digits left over make one step, not two: rounding up has counted it already."),
        ): lambda n, b: math.ceil(n / b) + (n % b > 0),
        hint(
            "condition-reversed",
            _("add a step if digits are left over: the condition is the wrong way round."),
        ): lambda n, b: n // b + (n % b == 0),
        hint(
            "whole-number",
            _("the number of steps is a whole number: there is no such thing as half a step."),
        ): lambda n, b: n / b,
        hint("upside-down", _("divide the other way round: digits by the size of a mini-batch.")): [
            lambda n, b: b / n,
            lambda n, b: b // n,
            lambda n, b: math.ceil(b / n),
        ],
        hint(
            "multiplied", _("this multiplies; divide the digits into mini-batches instead.")
        ): lambda n, b: n * b,
        hint("subtracted", _("this subtracts; divide the digits into mini-batches instead.")): (
            lambda n, b: n - b
        ),
        hint(
            "remainder",
            _("the operator % gives what is left over; you need how many times batch_size fits."),
        ): [lambda n, b: n % b, lambda n, b: n % b or n // b],
        hint(
            "batch-size-fixed",
            _("batch_size is an argument: use it, not a fixed number or that of another run."),
        ): [lambda n, b, fixed=fixed: math.ceil(n / fixed) for fixed in (10, 32, 64, 100)],
    },
    by_code={
        "one-too-few": {
            r"\bexamples *- *batch_size\b": hint(
                "batch-taken-away",
                _(
                    "this is one step too few: leave out `- batch_size`, so that the last "
                    "mini-batch gets a step, too."
                ),
            )
        }
    },
)
