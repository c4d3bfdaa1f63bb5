"""The whole examination of each exercise: its visible check, then inputs that nobody has seen."""

import importlib

from course.check import LESSONS, CheckFailed, Unsolved

_module_of = {exercise: module for module, names in LESSONS.items() for exercise in names}

# Examinations that give points in steps return them, and print the reason when some are missing.
POINTS = dict.fromkeys(LESSONS["lesson_06_clinic"], 2) | {"challenge": 4}

__all__ = ["POINTS", "CheckFailed", "Unsolved", *_module_of]


def __getattr__(name):
    if name in _module_of:
        return getattr(importlib.import_module(f"autograder.exam.{_module_of[name]}"), name)
    raise AttributeError(f"There is no examination {name!r}. There are: {', '.join(_module_of)}.")


def __dir__():
    return sorted(__all__)
