"""Call a learner's answer as a check needs it: silently, with copies, trusting nothing."""

import copy
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from course.check.engine import environment, formatting, values
from course.check.engine.code_hints import changed_argument_hint, parts_of
from course.check.engine.environment import StillRunning
from course.check.engine.failures import CheckFailed
from course.check.engine.guard import examining
from course.check.engine.hints import Hint, hint
from course.check.engine.keras_objects import KerasObject
from course.check.engine.raised_errors import error_failure
from course.check.engine.result import Result
from course.messages import _, again
from course.silence import silence

_MAX_DRAINED = 10_000  # values of an iterator


class Attempt:
    """A learner's answer to one exercise: `signature` is how it is called, "softmax(logits)"."""

    def __init__(self, function: Any, signature: str, right: Any = None):
        """Take the answer, and the right one if it is known; CheckFailed if it cannot be called."""
        self.signature = signature
        self.name = signature.split("(")[0]
        self.function, self._right = function, right
        if not callable(function):
            raise CheckFailed(
                _("{name} must be a function, called as {signature}.").format(
                    name=self.name, signature=signature
                ),
                exercise=self.name,
                got=formatting.kind_text(function),
                hint=hint(
                    "no-function",
                    _("run the cell that defines it again; was its name given to something else?"),
                ),
            )

    def call(self, *, at_most: int | None = None, **arguments: Any) -> Result:
        """Call the answer with copies of the arguments, in order; they must come back as given.

        Arrays and dicts or lists of arrays are compared afterwards; a random generator may have
        advanced. A description of a Keras object, by itself or in a list, is replaced by the
        object, made on the answer's side. Of a list, an answer gets a copy, to change as it
        likes, unless it holds arrays alone.
        An iterator is drained into a list; with `at_most`, any other iterable as well.
        """
        given = _given(arguments)
        result = Result(self, arguments, afterwards=given)
        parts = {name: parts_of(part) for name, part in given.items()}
        try:
            quiet = np.errstate(all="warn", under="ignore")  # NumPy's own, whatever a learner set
            with silence(), quiet, examining(self.name), environment.calling():
                value = self.function(*map(_own_list, given.values()))
                if isinstance(value, Iterator) or (
                    at_most is not None and values.is_iterable(value)
                ):
                    result.came_as = type(value).__name__ if at_most is None else ""
                    value = list(itertools.islice(iter(value), at_most or _MAX_DRAINED))
                result.value = value
        except CheckFailed:  # it called one of the course's own functions
            raise
        except StillRunning as stopped:
            result.fail(
                _("{name} is still running after {seconds:.0f} s.").format(
                    name=self.name, seconds=stopped.seconds
                ),
                hint=hint("endless", _("is there an endless loop?")),
            )
        except (Exception, SystemExit) as error:
            raise error_failure(self, result.shown_arguments(), error) from error
        for name, before in arguments.items():
            if not values.is_unchanged(before, given[name]):
                result.fail(
                    _("{name} must not change its argument {argument}.").format(
                        name=self.name, argument=name
                    ),
                    got=formatting.change_text(name, before, given[name]),
                    hint=changed_argument_hint(
                        self, list(arguments).index(name), parts[name], given[name]
                    ),
                )
        return result

    def about_code(self, question: str, *details: object) -> bool | str:
        """Return the answer to one of the QUESTIONS of `own_code` about the answer's own code."""
        return environment.about_code(question, self.function, *details)

    def uses(self, name: str) -> bool:
        """Return whether the answer's own code names something, such as GradientTape."""
        return bool(self.about_code("uses", name))

    def uses_tensorflow(self) -> bool:
        """Return whether its code uses TensorFlow or Keras, by itself or in a function it calls."""
        return bool(self.about_code("uses_tensorflow"))

    def says(self, pattern: str) -> bool:
        """Return whether its own code has a place that fits a regular expression."""
        return bool(self.about_code("says", pattern))

    def by_code(self, others: Mapping[str, Hint], usual: Hint | None = None) -> Hint | None:
        """Return the first declared hint whose pattern fits its own code; else the usual one."""
        found = next((its_hint for code, its_hint in others.items() if self.says(code)), None)
        return hint(found.id, again(found)) if found else usual

    def only_prints(self) -> bool:
        """Return whether its own code prints something, and returns nothing in any case."""
        return self.uses("print") and self.returns_nothing() and not self.returns_something()

    def skips(self, name: str, number: int) -> bool:
        """Return whether a name gets its value only in an `if` or loop above line `number`."""
        return bool(self.about_code("skips", name, number))

    def returns_something(self) -> bool:
        """Return whether its own code returns something other than None in some place."""
        return bool(self.about_code("returns_something"))

    def returns_nothing(self) -> bool:
        """Return whether its own code ends without a result in some place."""
        return bool(self.about_code("returns_nothing"))

    def has_text(self, text: str) -> bool:
        """Return whether its own code has this text, or names an argument so in a call."""
        return bool(self.about_code("has_text", text))

    def unused_argument(self) -> str:
        """Return the first argument that its own code never uses, and the right answer does."""
        found = self.unused_arguments().items()
        return next((name for place, name in found if self.needs(place)), "")

    def needs(self, place: int) -> bool:
        """Return whether the right answer, if it is known, uses its argument at this place."""
        return self._right is not None and not self._unused(self._right, place)

    def unused_arguments(self) -> dict[int, str]:
        """Return the arguments that its own code never uses, by their places."""
        places = range(self.signature.count(",") + 1)
        unused = {place: self._unused(self.function, place) for place in places}
        return {place: name for place, name in unused.items() if name}

    @staticmethod
    def _unused(function, place):
        return environment.about_code("unused_argument", function, place)

    def values_for_places(self, name: str) -> str:
        """Return the array whose values a loop of its own code calls by this name, or ""."""
        return str(self.about_code("values_for_places", name) or "")


def _given(arguments):
    """Copies of the arguments, and the Keras objects that are described among them."""
    given = copy.deepcopy(arguments)
    described = [
        value
        for argument in given.values()
        for value in (argument if isinstance(argument, list) else [argument])
        if isinstance(value, KerasObject)
    ]
    if not described:
        return given
    with silence():
        made = iter(environment.make([value.plain() for value in described]))
    return {name: _with_made(value, made) for name, value in given.items()}


def _with_made(value, made):
    """An argument with the next of the objects in place of each description."""
    if isinstance(value, list):
        return [_with_made(item, made) for item in value]
    return next(made) if isinstance(value, KerasObject) else value


def _own_list(value):
    """A list with the same items; a list of arrays, or anything else, as it is."""
    is_list = isinstance(value, list) and not all(isinstance(item, np.ndarray) for item in value)
    return list(value) if is_list else value
