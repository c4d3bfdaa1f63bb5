"""The course's own answers: they stand in for missing ones, and are never an answer themselves."""

import contextlib
import functools

from course.check.failures import CheckFailed
from course.messages import _

_examined = []  # the exercises whose answers are being called, in whatever thread


@contextlib.contextmanager
def examining(name):
    """While an answer to this exercise is being called: the course's own refuses to work.

    The course's own functions for other exercises may be used: a later answer builds on them.
    """
    _examined.append(name)
    try:
        yield
    finally:
        _examined.remove(name)


def courses_own(**functions) -> dict:
    """Return the functions by the names of their exercises, each unusable as an answer."""
    return {name: _refusing(name, function) for name, function in functions.items()}


def _refusing(name, function):
    @functools.wraps(function)
    def own(*arguments, **options):
        if name in _examined:
            message = _(
                "{name} must be your own: this is the function with which the course goes on "
                "where an answer is missing.\n"
                "Hint: run the cell with your answer again, then this one."
            )
            raise CheckFailed(message.format(name=name))
        return function(*arguments, **options)

    return own
