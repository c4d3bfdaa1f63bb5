"""Objects that stay in the student's process: the examiner knows them only by their numbers."""

import itertools
from typing import Any

from autograder.sandbox.inside import values
from autograder.sandbox.inside.calls import CallBack
from autograder.sandbox.protocol import wire

_MAX_OBJECTS = 100_000  # that the examiner holds references to


class Objects:
    """The objects that the examiner has heard of in the current test, each with its number."""

    def __init__(self) -> None:
        """Hold none; the first test is still to begin."""
        self._counter = itertools.count(1)
        self.test_number = 0
        self._objects: dict[int, Any] = {}  # by number
        self._numbers: dict[int, int] = {}  # the number of each, by id

    def begin_test(self) -> None:
        """Forget the objects of the test before, which no longer asks for them."""
        self.test_number += 1
        self._objects, self._numbers = {}, {}

    def with_number(self, number: int) -> Any:
        """Return the object with this number; None if there is none."""
        return self._objects.get(number)

    def number_of(self, value: Any) -> int:
        """Return the number of an object; 0 if it has none."""
        return self._numbers.get(id(value), 0)

    def keep(self, value: Any) -> int:
        """Keep an object for the test, and return its number."""
        number = self._numbers.get(id(value))
        if number is None:
            if len(self._objects) >= _MAX_OBJECTS:
                raise wire.MessageTooLarge("too many objects")
            number = next(self._counter)
            self._objects[number] = value
            self._numbers[id(value)] = number
        return number

    def refer(self, value: Any) -> Any:
        """Return the reference for an object that stays here, or the plain data it stands for."""
        if isinstance(value, CallBack):
            return value.reference
        if id(value) not in self._numbers and not isinstance(value, type):
            try:
                plain = values.as_plain(value)
            except Exception:  # a symbolic tensor, or an object that only looks like an array
                plain = None
            if plain is not None:
                return plain
        return values.reference(value, self.keep(value))

    def encoded(self, value: object) -> bytes:
        """Return the value as bytes; b"" if it cannot cross."""
        try:
            return wire.encode(value, self.refer)
        except Exception:
            return b""
