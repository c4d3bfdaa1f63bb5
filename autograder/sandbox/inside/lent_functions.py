"""Lend the course's own functions where an earlier answer is missing or wrong."""

import functools
from collections.abc import Callable
from typing import Any

from autograder.sandbox.inside.names import put_back, value_of
from autograder.sandbox.inside.shell import Shell
from autograder.sandbox.protocol.channel import Reply
from course.check.fallback import reference_for


class LentFunctions:
    """The course's own functions, lent to names for a while, and which of them were called."""

    def __init__(self, ipython: Shell):
        """Take the shell with the names."""
        self._shell = ipython
        self._replaced: dict[str, list[Any]] = {}  # what the names stood for, if for anything
        self._called: dict[str, bool] = {}  # which of them were called

    def lend(self, names: list[str]) -> Reply:
        """Give these names the course's own functions until `take_back`: ("lent", names)."""
        namespace = self._shell.user_ns
        for name in names:
            if (own := reference_for(name)) is not None:
                self._replaced[name] = value_of(namespace, name)
                namespace[name] = self._noted(name, own)
        return "lent", list(self._replaced)

    def take_back(self) -> Reply:
        """Give the names that were lent their values back: ("lent", names that were called)."""
        for name, before in self._replaced.items():
            put_back(self._shell.user_ns, name, before)
        called, self._replaced, self._called = list(self._called), {}, {}
        return "lent", called

    def _noted(self, name: str, own: Callable) -> Callable:
        """The same function; that it is called is noted."""

        @functools.wraps(own)
        def lent(*arguments: Any, **named: Any) -> Any:
            self._called[name] = True
            return own(*arguments, **named)

        return lent
