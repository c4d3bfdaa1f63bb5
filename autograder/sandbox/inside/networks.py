"""The student's networks, their layers and variables: make Keras objects, and ask them."""

from typing import Any

from autograder.sandbox.inside.attempts import Attempts
from autograder.sandbox.inside.objects import Objects
from autograder.sandbox.protocol import models
from autograder.sandbox.protocol.channel import Answer
from course.check.engine import keras_objects


class Networks:
    """Keras objects, made here, asked for their attributes, and called by their methods."""

    def __init__(self, objects: Objects, attempts: Attempts):
        """Take where the objects are kept, and what asks them."""
        self._objects = objects
        self._attempt = attempts.attempt

    def make(self, descriptions: list[tuple], seconds: float) -> Answer:
        """Make the Keras objects with these descriptions; variables stay here like all others."""

        def run() -> list:
            made = keras_objects.make(descriptions)
            for value in made:
                self._objects.keep(value)
            return made

        return self._attempt(run, seconds)

    def attribute(self, model: Any, name: str, seconds: float) -> Answer:
        """Get an attribute of a Keras object."""
        return self._attempt(lambda: models.attribute(model, name), seconds)

    def method(self, model: Any, name: str, arguments: list, seconds: float) -> Answer:
        """Call a method of a Keras object."""
        return self._attempt(lambda: models.method(model, name)(*arguments), seconds)

    def load(self, data: bytes, seconds: float) -> Answer:
        """Load the bytes of a saved model."""
        return self._attempt(lambda: models.load(data), seconds)
