"""One check per exercise: `check.softmax(softmax)` is silent when the answer is right.

Otherwise it raises CheckFailed, whose message names the property that failed, shows the smallest
example of it and gives a hint. A folder per lesson, a file per exercise and its parts; the
checks are found here by their names.
"""

import difflib
import functools
import importlib

from course.check.engine.failures import CheckFailed, Unsolved
from course.check.exercises import LESSON_OF, LESSONS
from course.check.fallback import or_reference
from course.check.notebook import for_notebook, watch_notebook
from course.messages import _

__all__ = ["LESSONS", "CheckFailed", "Unsolved", "or_reference", *LESSON_OF]

watch_notebook(LESSON_OF)


@functools.cache
def _check_of(exercise):
    lesson = LESSON_OF[exercise]
    check = getattr(importlib.import_module(f"course.check.{lesson}"), exercise)
    return for_notebook(check, exercise, LESSONS[lesson])


def __getattr__(name):
    if name in LESSON_OF:
        return _check_of(name)
    near = difflib.get_close_matches(name, LESSON_OF, n=3)
    if near:
        said = _("There is no check called {name!r}. Did you mean {names}?")
    else:
        said = _("There is no check called {name!r}. There are: {names}.")
    raise AttributeError(said.format(name=name, names=", ".join(near or LESSON_OF)))


def __dir__():
    return sorted(__all__)
