"""The whole examination of each exercise: its visible check, then inputs that nobody has seen.

By default, that is the check again, on seeds that no student sees. Some exercises have cases with
real digits as well, and some have a separate examination.
"""

import importlib

from autograder.messages import _
from course.check import LESSONS, CheckFailed, Unsolved

_patients = [name for name in LESSONS["lesson_07_clinic"] if name.startswith("case_")]

# Separate examinations, each a function in a module of this package.
_module_of = {
    "train": "lesson_02_gradient_descent",
    "build_five_layers": "lesson_03_multiple_layers",
    "name_the_curve": "lesson_05_overfitting_dropout",
    "challenge": "lesson_06_convolution",
} | dict.fromkeys(_patients, "lesson_07_clinic")

# Examinations that give points in steps return them, and print the reason when some are missing.
POINTS = dict.fromkeys(_patients, 2) | {"challenge": 4}

_exercises = [exercise for names in LESSONS.values() for exercise in names]

__all__ = ["POINTS", "CheckFailed", "Unsolved", *_exercises]


def __getattr__(name):
    if name in _module_of:
        return getattr(importlib.import_module(f"autograder.exam.{_module_of[name]}"), name)
    if name in _exercises:
        return importlib.import_module("autograder.exam.hidden").examination(name)
    said = _("There is no examination {name!r}. There are: {names}.")
    raise AttributeError(said.format(name=name, names=", ".join(_exercises)))


def __dir__():
    return sorted(__all__)
