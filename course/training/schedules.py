"""Learning rates that change by themselves: functions from the step to the rate."""

import math
from collections.abc import Callable

import numpy as np

from course.messages import _


def exponential_decay(highest: float, lowest: float, decay: float) -> Callable[[int], float]:
    """Fall from `highest` at step 0 towards `lowest`; 37% of the way is left after `decay`."""

    def rate_at(step: int) -> float:
        return lowest + (highest - lowest) * math.exp(-step / decay)

    return rate_at


def rates(schedule, first: int, count: int) -> np.ndarray:
    """Return the rates of `count` steps from step `first` on, float32 (count,).

    `schedule` is a function of the step or one of Keras's schedules. A rate that is negative or no
    finite number is a ValueError.
    """
    steps = range(first, first + count)
    if hasattr(schedule, "get_config"):  # Keras's own: asked for all steps at once, it is quick
        from course.backend import tf

        values = np.asarray(schedule(tf.range(first, first + count, dtype=tf.int64)))
        if values.shape != (count,):
            values = [schedule(step) for step in steps]
    else:
        values = [schedule(step) for step in steps]
    values = np.array([float(np.asarray(value)) for value in values])
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if wrong.size:
        message = _(
            "The learning-rate schedule gave {got} at step {step}; expected a finite number, "
            "0 or larger. Correct the schedule, or set the rate by hand."
        )
        raise ValueError(message.format(got=values[wrong[0]], step=first + wrong[0]))
    return values.astype(np.float32)
