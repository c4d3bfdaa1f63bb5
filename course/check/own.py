"""The course's own answers: they stand in for missing ones, and are never an answer themselves."""

import contextlib
import functools

from course.check.failures import CheckFailed
from course.messages import _

_depth = 0  # of calls of learners' answers that are going on, in whatever thread


@contextlib.contextmanager
def examining():
    """While a learner's answer is being called: the course's own functions refuse to work."""
    global _depth
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1


def courses_own(**functions) -> dict:
    """Return the functions by the names of their exercises, each unusable as an answer."""
    return {name: _refusing(name, function) for name, function in functions.items()}


def _refusing(name, function):
    @functools.wraps(function)
    def own(*arguments, **options):
        if _depth:
            message = _(
                "{name} must be your own: this is the function with which the course goes on "
                "where an answer is missing.\n"
                "Hint: run the cell with your answer again, then this one."
            )
            raise CheckFailed(message.format(name=name))
        return function(*arguments, **options)

    return own
