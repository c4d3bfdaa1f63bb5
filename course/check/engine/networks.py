"""What several checks ask of a Keras model that an answer returns."""

from typing import Any

from course.check.engine.hints import hint
from course.check.engine.result import Result
from course.messages import _


def check_own_network(result: Result, model: Any, *names: str) -> None:
    """Check that a model is none of the course's own networks, which have these names."""
    name = str(getattr(model, "name", ""))
    if name not in names:
        return
    result.fail(
        _("{exercise} must be your own: this is one of the course's networks.").format(
            exercise=result.exercise
        ),
        got=_("what networks.{function}() returns").format(function=name.replace("-", "_")),
        hint=hint(
            "own",
            _(
                'build it from Keras\'s layers. If you did, leave out name="{name}": one of the '
                "course's networks has that name."
            ).format(name=name),
        ),
    )
