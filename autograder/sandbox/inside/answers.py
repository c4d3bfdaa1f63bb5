"""The student's answers: look them up, call them, and pull the values of what they return."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from autograder.sandbox.inside import eager_execution, originals, values
from autograder.sandbox.inside.calls import Call
from autograder.sandbox.inside.limited_runs import LimitedRuns
from autograder.sandbox.inside.objects import Objects
from autograder.sandbox.inside.shell import Shell
from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.channel import Reply
from course.check.engine import own_code

# For the values of an iterator that are sent together.
_MAX_PULL_SECONDS, _MAX_PULL_BYTES = 0.05, 1_000_000


class Answers:
    """What a test asks the student's functions, and the iterators that they return."""

    def __init__(self, ipython: Shell, objects: Objects, limited_runs: LimitedRuns):
        """Take the shell with the answers in its namespace."""
        self._shell = ipython
        self._objects = objects
        self._run_limited = limited_runs.run
        self._calls: dict[int, Call] = {}  # by the number of an iterator: the call that made it
        self._errors: dict[int, Exception] = {}  # likewise: raised after its last value

    def look_up(self, names: list[str]) -> Reply:
        """Look up the names that are defined, for a new test: ("values", {name: value})."""
        self._objects.begin_test()
        self._calls, self._errors = {}, {}
        originals.put_back()
        namespace = self._shell.user_ns
        found = {}
        for name in names:
            if name in namespace:
                try:
                    wire.encode(namespace[name], self._objects.refer)
                    found[name] = namespace[name]
                except Exception as error:
                    kind, reason = type(namespace[name]).__name__, values.reason(error)
                    found[name] = wire.Reference("student", 0, frozenset(), kind, reason)
        return "values", found

    def call(
        self,
        function: Callable,
        arguments: list,
        named: dict[str, Any],
        examined: list[str],
        seconds: float,
    ) -> Reply:
        """Call an object."""
        call = Call(self._objects.encoded, arguments, named)

        def run() -> Any:
            with originals.replacements.in_place():
                value = function(*call.arguments, **call.named)
            if not eager_execution.is_on():
                raise RuntimeError(eager_execution.IS_OFF)
            if isinstance(value, Iterator):
                wire.encode(value, self._objects.refer)
                self._calls[self._objects.number_of(value)] = call
            return value

        return self._run_limited(run, seconds, call, examined)

    def iterate(self, iterable: Iterable, examined: list[str], seconds: float) -> Reply:
        """Make an iterator over an object."""

        def run(made: Callable[[Iterable], Iterator] = iter) -> Iterator:
            with originals.replacements.in_place():
                return made(iterable)

        return self._run_limited(run, seconds, examined=examined)

    def pull(self, iterator: Iterator, limit: int, examined: list[str], seconds: float) -> Reply:
        """Pull at most `limit` values of an iterator, and say whether it has ended.

        It stops after the first value that changes an argument of the call that made the iterator;
        an iterator that no call returned has no arguments to change.
        A generator does its work here.
        """
        number = self._objects.number_of(iterator)
        call = self._calls.get(number)

        def run() -> tuple[list, bool]:
            if number in self._errors:
                raise self._errors.pop(number)
            pulled: list = []
            size, end = 0, time.monotonic() + _MAX_PULL_SECONDS
            while len(pulled) < limit:
                try:
                    pulled.append(_next(iterator))
                except StopIteration:
                    return pulled, True
                except Exception as error:
                    if not pulled:
                        raise
                    self._errors[number] = error
                    break
                size += len(self._objects.encoded(pulled[-1]))
                has_changed = call is not None and call.has_changed()
                if has_changed or size > _MAX_PULL_BYTES or time.monotonic() > end:
                    break
            return pulled, False

        return self._run_limited(run, seconds, call, examined)

    def about_code(self, question: str, function: Any, details: list, seconds: float) -> Reply:
        """Answer one of the QUESTIONS about a function's own code."""
        return self._run_limited(lambda: own_code.QUESTIONS[question](function, *details), seconds)


def _next(iterator: Iterator, following: Callable[[Iterator], Any] = next) -> Any:
    with originals.replacements.in_place():
        return following(iterator)
