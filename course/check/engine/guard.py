"""Keep the course's own functions from being handed in as answers.

They stand in for answers that are missing, so a learner can get hold of them. While an answer to an
exercise is being called, the course's own function for that exercise refuses to work.
"""

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator

from course.check.engine.failures import CheckFailed
from course.check.engine.hints import hint
from course.messages import _

_examined: list[str] = []  # the exercises whose answers are being called, in whatever thread
_unguarded: dict[str, Callable] = {}  # the course's own functions, by module and name


@contextlib.contextmanager
def examining(exercise: str) -> Iterator[None]:
    """Let the course's own function for this exercise refuse to work while an answer is called.

    The course's own functions for other exercises may be used: a later answer builds on them.
    """
    _examined.append(exercise)
    try:
        yield
    finally:
        _examined.remove(exercise)


def being_examined() -> list[str]:
    """Return the exercises whose answers are being called right now."""
    return list(_examined)


def guarded(function):
    """Make the course's own function for the exercise of its name unusable as an answer to it.

    What is returned has no attribute that holds the function itself.
    """
    exercise, place = function.__name__, f"{function.__module__}.{function.__name__}"
    _unguarded[place] = function

    @functools.wraps(function)
    def own(*arguments, **options):
        if exercise in _examined:
            raise CheckFailed(
                _(
                    "{name} must be your own: this is the function that the course uses where an "
                    "answer is missing."
                ).format(name=exercise),
                exercise=exercise,
                hint=hint("own", _("run the cell with your answer again, then its check.")),
            )
        return _unguarded[place](*arguments, **options)

    attributes = vars(own)
    attributes["__signature__"] = inspect.signature(function)
    del attributes["__wrapped__"]
    return own


def unguarded(function):
    """Return the course's own function without its guard: mistakes are made from it."""
    return _unguarded.get(f"{function.__module__}.{function.__name__}", function)
