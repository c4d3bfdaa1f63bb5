"""What the callback remembers of successive fits, and a snapshot of it."""

import math
import weakref

import numpy as np

from course.live.running_means import RunningMean
from course.panels.snapshot import PredictedDigits, Snapshot, of_history
from course.training.history import Change, History
from course.training.run import State

_NO_DIGITS = PredictedDigits(np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.int64), None)

_latest: "weakref.ref[FitRecord] | None" = None  # one at a time: a fit keeps the kernel busy


def is_fitting() -> bool:
    """Return whether a `fit` with `Live` is training, for work that can wait a little."""
    record = _latest and _latest()
    return record is not None and record.state == "running"


class FitRecord:
    """The history of a model in training, written by the callback at every mini-batch."""

    def __init__(self, name: str):
        self.name = name
        self.shows_activations = False
        self.history = History()
        self.state: State = "ready"
        self.steps = 0
        self.total_steps: int | None = None
        self.epochs = 0.0
        self.rate = 0.0
        self.follows_schedule = False
        self.loss_is_cross_entropy = True
        self.batch_size = 0  # not known
        self.shows_settings = True
        self.loss_is_mean = self.accuracy_is_mean = True  # what Keras reports: of an epoch so far
        self.diverged_at: int | None = None
        self.sample = self.test_digits = _NO_DIGITS
        self._new: list[tuple[int, float, float]] = []  # steps, losses, accuracies
        self.begin_epoch()

    def begin_fit(self) -> None:
        """Note that a fit begins; how long it will be is not known yet."""
        global _latest
        _latest = weakref.ref(self)
        self.state, self.total_steps, self.diverged_at = "running", None, None
        self.loss_is_mean = self.accuracy_is_mean = True

    def begin_epoch(self) -> None:
        """Note that Keras's running means start again."""
        self._loss, self._accuracy = RunningMean(), RunningMean()

    def add_batches(
        self, new: int, done: int, loss: float | None, accuracy: float | None, last_share: float
    ) -> None:
        """Add `new` mini-batches: the running means are those of all `done` ones of the epoch.

        What is None is not reported.
        """
        self.steps += new
        diverges = loss is not None and not math.isfinite(loss)
        loss = math.nan if loss is None else loss
        accuracy = math.nan if accuracy is None else accuracy
        if self.loss_is_mean:
            loss = self._loss.latest(loss, done, last_share)
        if self.accuracy_is_mean:
            accuracy = self._accuracy.latest(accuracy, done, last_share)
        self._new.append((self.steps, loss, 1.0 if accuracy > 1 else accuracy))
        if self.diverged_at is None and diverges:
            self.diverged_at = self.steps

    def set_rate(self, rate: float, follows_schedule: bool, mark: bool) -> None:
        """Note the learning rate of the next step, and mark a change on the curves."""
        if mark and self.steps and np.float32(rate) != np.float32(self.rate):
            self.history.changes.append(Change(self.steps, "learning_rate", self.rate, rate))
        self.rate, self.follows_schedule = rate, follows_schedule

    def add_test(self, loss: float, accuracy: float) -> None:
        """Add an evaluation on the test examples, in place of another one at this step."""
        history = self.history
        history.test.extend([self.steps], [loss], [accuracy])
        history.best_test_accuracy = max(accuracy, history.best_test_accuracy or 0.0)

    def snapshot(self) -> Snapshot:
        """Return the record as it is now."""
        history = self.history
        if self._new:
            history.training.extend(*zip(*self._new, strict=True))
            self._new.clear()
        return Snapshot(
            name=self.name,
            state=self.state if self.diverged_at is None else "diverged",
            steps=self.steps,
            total_steps=self.total_steps,
            epoch=self.epochs,
            steps_per_second=None,
            learning_rate=self.rate,
            follows_schedule=self.follows_schedule,
            batch_size=self.batch_size,
            diverged_at=self.diverged_at,
            loss_is_cross_entropy=self.loss_is_cross_entropy,
            **of_history(history),
            shows_activations=self.shows_activations,
            batch=self.sample,
            test_digits=self.test_digits,
            shows_settings=self.shows_settings,
        )
