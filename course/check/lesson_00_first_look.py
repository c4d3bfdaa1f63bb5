"""The check of lesson 0: how many steps make an epoch."""

import numpy as np

from course.check.attempt import Attempt
from course.check.own import courses_own
from course.messages import _


def _steps(examples, batch_size):
    return -(-examples // batch_size)


REFERENCES = courses_own(steps_per_epoch=_steps)


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
            _("the digits left over make one more step, with a smaller mini-batch."): whole
            if rest
            else np.nan,
            _("one step too many: here the digits divide evenly."): np.nan if rest else whole + 1,
            _("the number of steps is a whole number: there is no half step."): examples
            / batch_size
            if rest
            else np.nan,
            _("divide the other way round."): batch_size / examples,
            _("this multiplies; divide the digits into mini-batches."): examples * batch_size,
        }
        result.equals(
            _steps(examples, batch_size),
            _("steps_per_epoch must say how many steps it takes to show every digit once."),
            hints,
            meaning=_("one number"),
        )
