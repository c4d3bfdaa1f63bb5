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


def demand_own_network(result, model, *names):
    """The course's networks are no answers, either: those of these names."""
    name = str(getattr(model, "name", ""))
    if name in names:
        result.fail(
            _("{exercise} must be your own: this is a network of the course's.").format(
                exercise=result.exercise
            ),
            got=_("what networks.{function}() returns").format(function=name.replace("-", "_")),
            hint=_(
                'build it from Keras\'s layers. If you did, leave out name="{name}", by which the '
                "course's is known."
            ).format(name=name),
        )


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
