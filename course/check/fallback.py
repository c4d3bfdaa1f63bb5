"""Let a lesson go on past an unsolved exercise, with the course's own function in its place."""

import contextlib
import importlib

from course.check.engine.failures import CheckFailed, Unsolved
from course.check.exercises import LESSON_OF
from course.messages import _


def or_reference(**answers):
    """Return each answer that passes its check, and the course's own function for each that fails.

    `or_reference(softmax=softmax)` gives one function; with several answers, a tuple of them in
    the same order. A printed sentence says what is replaced.
    """
    chosen = []
    for exercise, answer in answers.items():
        checks = importlib.import_module("course.check")
        try:
            getattr(checks, exercise).__wrapped__(answer)
        except CheckFailed as failure:
            message = (
                _("{name} is not solved yet: from here on the course's own version is used.")
                if isinstance(failure, Unsolved)
                else _(
                    "{name} does not pass its check: from here on the course's own version is used."
                )
            )
            print(message.format(name=exercise))
            answer = reference_for(exercise)
        chosen.append(answer)
    return chosen[0] if len(chosen) == 1 else tuple(chosen)


def reference_for(exercise):
    """Return the course's own function for an exercise, or None if it has none."""
    if exercise in LESSON_OF:
        with contextlib.suppress(ModuleNotFoundError):
            references = importlib.import_module(f"course.check.references.{LESSON_OF[exercise]}")
            return getattr(references, exercise, None)
    return None
