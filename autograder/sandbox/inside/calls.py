"""A call by the examiner: its arguments, which may change, and the functions among them."""

from collections.abc import Callable
from typing import Any

from autograder.sandbox.protocol.wire import Reference


class Call:
    """A call's arguments, and whether they have changed since the examiner last knew them."""

    def __init__(self, encoded: Callable[[object], bytes], arguments: list, named: dict[str, Any]):
        """Take the arguments; `encoded` gives one as bytes, or b"" if it cannot cross."""
        self._encoded = encoded
        self.arguments, self.named = arguments, named
        self._known = [encoded(value) for value in self._values()]

    def has_changed(self) -> bool:
        """Return whether one of the arguments has changed."""
        now = map(self._encoded, self._values())
        return any(new and new != old for new, old in zip(now, self._known, strict=True))

    def changes(self) -> dict[int, Any]:
        """Return the changed arguments, by position; from now on the examiner knows them."""
        changed = {}
        for place, value in enumerate(self._values()):
            now = self._encoded(value)
            if now and now != self._known[place]:
                self._known[place] = now
                changed[place] = value
        return changed

    def _values(self) -> list:
        return [*self.arguments, *self.named.values()]


class CallBack:
    """A function of the examiner's, given to the student's function as an argument."""

    def __init__(
        self, call: Callable[[Reference, tuple, dict[str, Any]], Any], reference: Reference
    ):
        """Take a function that calls it: `call(reference, arguments, named)`."""
        self._call, self.reference = call, reference
        self.__name__ = reference.text

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call it in the examiner's process."""
        return self._call(self.reference, arguments, named)
