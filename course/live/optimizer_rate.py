"""The learning rate of a compiled model: read, and changed between two steps of `fit`."""

from typing import Any

import numpy as np

from course.backend import keras, tf
from course.training.keras_model import schedule_of


class _Overridable(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule that the slider may override: from then on the slider's rate counts."""

    def __init__(self, schedule: Any):
        self.schedule = schedule
        self.override = tf.Variable(-1.0, trainable=False)

    def __call__(self, step):
        scheduled = tf.cast(self.schedule(step), tf.float32)
        return tf.where(self.override > 0, self.override, scheduled)

    def get_config(self):
        return self.schedule.get_config()


def _overridable(schedule: Any) -> _Overridable:
    """Return a schedule like this one that may be overridden.

    It takes over the other's names, so that a model saved in the middle of `fit` is loaded with
    the schedule that it was given. (`schedules.serialize` knows them, but asks for a configuration,
    which a learner's own schedule need not have.)
    """
    kind, schedules = type(schedule), keras.optimizers.schedules
    is_of_keras = getattr(schedules, kind.__name__, None) is kind
    module = "keras.optimizers.schedules" if is_of_keras else kind.__module__
    name = keras.saving.get_registered_name(kind)
    return type(name, (_Overridable,), {"__module__": module})(schedule)


class RateControl:
    """The learning rate of a model's optimiser, to read and set, even if it has a schedule."""

    def __init__(self, model: Any):
        optimizer = model.optimizer
        self._optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # of a loss scale
        self.is_known = optimizer is not None  # if not, the model's own `train_step` has one
        schedule = schedule_of(self._optimizer) if self.is_known else None
        self._schedule = None
        if schedule is not None:
            self._schedule = self._optimizer.learning_rate = _overridable(schedule)
            model.make_train_function(force=True)  # an earlier graph knows the old schedule

    @property
    def is_settable(self) -> bool:
        """Whether the rate can be set: not if it is a function that the learner wrote."""
        rate = getattr(self._optimizer, "learning_rate", None)
        return self._schedule is not None or isinstance(rate, keras.Variable)

    @property
    def follows_schedule(self) -> bool:
        """Whether a schedule drives the rate, and the slider has not overridden it."""
        return self._schedule is not None and float(self._schedule.override) <= 0

    @property
    def rate(self) -> float:
        """The learning rate of the next step; 0 if it is not known."""
        if not self.is_known:
            return 0.0
        # 0.001, not 0.0010000000475. Of a variable, NumPy itself would ask for an array: slowly.
        return float(str(np.float32(float(self._optimizer.learning_rate))))

    @rate.setter
    def rate(self, value: float) -> None:
        if self._schedule is None:
            self._optimizer.learning_rate = value
        else:
            self._schedule.override.assign(value)

    def release(self) -> None:
        """Give the optimiser back the schedule that it came with."""
        if self._schedule is not None:
            self._schedule.override.assign(-1.0)  # the graph still holds it
            self._optimizer.learning_rate = self._schedule.schedule
