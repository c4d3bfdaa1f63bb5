"""The check of lesson 0: how many steps make an epoch."""

from course.check.lesson_00_first_look.steps_per_epoch import steps_per_epoch

__all__ = ["steps_per_epoch"]
