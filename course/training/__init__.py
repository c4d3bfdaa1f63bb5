"""Training with a view: many steps in one call, settings that change live, and a history."""

from course.training.history import Bands, Change, Curve, History
from course.training.ladder import start
from course.training.run import Batch, Run
from course.training.schedules import exponential_decay

__all__ = ["Bands", "Batch", "Change", "Curve", "History", "Run", "exponential_decay", "start"]
