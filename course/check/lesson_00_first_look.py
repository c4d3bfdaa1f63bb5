"""The check of lesson 0: how many steps make an epoch."""

import numpy as np

from course.check.engine.attempt import Attempt
from course.check.engine.hints import hint
from course.check.references import lesson_00_first_look as reference
from course.messages import _


def steps_per_epoch(answer, seed=0):
    """Two whole numbers, examples and batch_size -> how many steps show every example once."""
    attempt = Attempt(answer, "steps_per_epoch(examples, batch_size)")
    rng = np.random.default_rng([0, seed])
    cases = [(50_000, 100), (300, 100), (100, 100), (10, 1), (250, 100), (3_500, 64), (99, 100)]
    cases += [(1_001, 200), (60_001, 10_000), (2_000_001, 1_000_000)]  # a single digit left over
    cases += [
        (int(n), int(b)) for n, b in zip(rng.integers(1, 9_999, 20), range(1, 200, 10), strict=True)
    ]
    for examples, batch_size in cases:
        result = attempt.call(examples=examples, batch_size=batch_size)
        whole = examples // batch_size
        rest = examples - whole * batch_size
        hints = {
            hint(
                "leftover", _("the digits left over make one more step, with a smaller mini-batch.")
            ): whole if rest else np.nan,
            hint("one-too-many", _("one step too many: here the digits divide evenly.")): np.nan
            if rest
            else whole + 1,
            hint(
                "whole-number",
                _("the number of steps is a whole number: there is no such thing as half a step."),
            ): examples / batch_size if rest else np.nan,
            hint(
                "upside-down", _("divide the other way round: digits by the size of a mini-batch.")
            ): batch_size / examples,
            hint(
                "multiplied", _("this multiplies; divide the digits into mini-batches instead.")
            ): examples * batch_size,
        }
        result.equals(
            reference.steps_per_epoch(examples, batch_size),
            _("steps_per_epoch must say how many steps it takes to show every digit once."),
            hints,
            meaning=_("one number"),
        )
