"""The student's networks, their layers and variables: make Keras objects, and ask them."""

from typing import Any

from autograder.sandbox.inside.limited_runs import LimitedRuns
from autograder.sandbox.inside.objects import Objects
from autograder.sandbox.protocol import models
from autograder.sandbox.protocol.channel import Reply
from course.check.engine import keras_objects


class KerasModels:
    """Keras objects, made here, asked for their attributes, and called by their methods."""

    def __init__(self, objects: Objects, limited_runs: LimitedRuns):
        """Take where the objects are kept, and what runs that within a time limit."""
        self._objects = objects
        self._run_limited = limited_runs.run

    def make(self, descriptions: list[tuple], seconds: float) -> Reply:
        """Make the Keras objects with these descriptions; variables stay here like all others."""

        def run() -> list:
            made = keras_objects.make(descriptions)
            for value in made:
                self._objects.keep(value)
            return made

        return self._run_limited(run, seconds)

    def attribute(self, model: Any, name: str, seconds: float) -> Reply:
        """Get an attribute of a Keras object."""
        return self._run_limited(lambda: models.attribute(model, name), seconds)

    def method(self, model: Any, name: str, arguments: list, seconds: float) -> Reply:
        """Call a method of a Keras object."""
        return self._run_limited(lambda: models.method(model, name)(*arguments), seconds)

    def load(self, data: bytes, seconds: float) -> Reply:
        """Load the bytes of a saved model."""
        return self._run_limited(lambda: models.load(data), seconds)
