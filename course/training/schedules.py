"""Learning rates that change by themselves: functions from the step to the rate."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course.messages import _


def exponential_decay(highest: float, lowest: float, decay: float) -> Callable[[float], float]:
    """Decay from `highest` at step 0 towards `lowest`; 37% of the way is left after `decay` steps.

    The rate at a step is lowest + (highest - lowest) * exp(-step / decay).
    """

    def rate_at(step: float) -> float:
        return lowest + (highest - lowest) * math.exp(-step / decay)

    return rate_at


def rates_of(schedule: Callable[[int], Any], first: int, count: int) -> np.ndarray:
    """Return the rates of `count` steps from step `first` on, float32 (count,).

    `schedule` is a function of the step or one of Keras's schedules. Raise ValueError for a rate
    that is negative or not finite.
    """
    values: Any = ()
    if hasattr(schedule, "get_config"):  # Keras's own are quick if asked for all steps at once
        from course.backend import tf

        values = np.asarray(schedule(tf.range(first, first + count, dtype=tf.int64)))
    if np.shape(values) != (count,):
        values = [schedule(step) for step in range(first, first + count)]
    rates = np.array([float(np.asarray(value)) for value in values])
    wrong = np.flatnonzero(~(np.isfinite(rates) & (rates >= 0)))
    if wrong.size:
        message = _(
            "The learning-rate schedule gave {got} at step {step}; expected a finite number, "
            "0 or larger. Correct the schedule, or set the rate by hand."
        )
        raise ValueError(message.format(got=rates[wrong[0]], step=first + wrong[0]))
    return rates.astype(np.float32)
