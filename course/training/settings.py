"""The two settings of a run, learning rate and batch size: checked, and changed at any time."""

import numbers
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from course.messages import _
from course.training.history import Change
from course.training.schedules import rates_of

DEFAULT_RATE = 0.5  # for softmax with plain gradient descent on a mean loss

Schedule = Callable[[int], Any]  # from the step to the learning rate


class SettingValues(NamedTuple):
    """Both settings at one moment; with a schedule, `rate` is only what it would be without."""

    rate: float
    batch_size: int
    schedule: Schedule | None

    def rates(self, first: int, count: int) -> np.ndarray:
        """Return the learning rates of `count` steps from step `first` on, float32 (count,)."""
        if self.schedule is None:
            return np.full(count, self.rate, np.float32)
        return rates_of(self.schedule, first, count)


class Settings:
    """Learning rate and batch size; any thread may set them, and the next steps take them over."""

    def __init__(self, max_batch_size: int):
        self._max_batch_size = max_batch_size
        self._values = SettingValues(DEFAULT_RATE, 1, None)
        self._lock = threading.Lock()  # held for a moment only: sliders never wait for steps

    @property
    def values(self) -> SettingValues:
        """Both settings as they are now."""
        return self._values

    def set_learning_rate(self, value: Any) -> None:
        """Set a number, which ends a schedule, or a schedule. Raise ValueError for all else."""
        if callable(value):
            rates_of(value, 0, 1)  # better to refuse a schedule that fails here than in training
            with self._lock:
                self._values = self._values._replace(schedule=value)
            return
        is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not is_number or not np.isfinite(value) or value <= 0:
            message = _(
                "The learning rate is {got}; expected a number above 0, such as 0.5 for softmax "
                "or 0.003 with Adam."
            )
            raise ValueError(message.format(got=repr(value)))
        with self._lock:
            self._values = self._values._replace(rate=float(value), schedule=None)

    def set_batch_size(self, value: Any) -> None:
        """Set how many digits a mini-batch holds. Raise ValueError for more than there are."""
        value = whole_number(value, _("The batch size"), at_least=1)
        if value > self._max_batch_size:
            message = _(
                "The batch size is {got}; expected at most {most}, the number of training digits. "
                "Choose a smaller batch, or load more digits."
            )
            raise ValueError(message.format(got=value, most=self._max_batch_size))
        with self._lock:
            self._values = self._values._replace(batch_size=value)


def changes_between(old: SettingValues, new: SettingValues, step: int) -> list[Change]:
    """Return what was changed before `step`; what a schedule does by itself is not a change.

    `rate` of both must be the one that acted or will act.
    """
    changes = []
    is_driven = new.schedule is not None and new.schedule is old.schedule
    if np.float32(new.rate) != np.float32(old.rate) and not is_driven:
        changes.append(Change(step, "learning_rate", old.rate, new.rate))
    if new.batch_size != old.batch_size:
        changes.append(Change(step, "batch_size", old.batch_size, new.batch_size))
    return changes


def whole_number(value: Any, what: str, at_least: int) -> int:
    """Return the value as an int. Raise ValueError unless it is whole and at least this large."""
    is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not is_whole or value < at_least:
        message = _("{what} is {got}; expected a whole number, {least} or larger.")
        raise ValueError(message.format(what=what, got=repr(value), least=at_least))
    return int(value)
