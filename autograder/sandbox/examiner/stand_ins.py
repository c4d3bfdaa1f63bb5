"""Stand-ins in the examiner's process for a student's functions, and for Keras objects."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.sandbox.examiner.answers import result_of, write_back
from autograder.sandbox.examiner.link import Link, Remote
from autograder.sandbox.protocol import models, wire
from course.check.engine import guard

_MAX_PULLED = 1_000  # values of an iterator at a time
_MAX_PATH = 1_000  # characters of a text that may be a path


def stand_in(link: Link, reference: wire.Reference) -> object:
    """Return an object whose class has the right name, and the abilities of the student's."""
    kinds = reference.kinds
    if "path" in kinds:
        return _StudentPath(reference.text)
    members: dict[str, Any] = {}
    for kind in kinds:
        members |= _MEMBERS.get(kind, {})
    if "callable" in kinds:
        members["__call__"] = _call
    if "iterable" in kinds:
        members["__iter__"] = _iterate
    base = _Iterator if "iterator" in kinds else Remote
    made = type(reference.type_name or "object", (base,), members)(link, reference)
    if reference.name:
        made.__name__ = reference.name
    return made


class _StudentPath(str):
    """A path of the student's; `_with_local_file` replaces it by the path of a copy."""


def _call(self: Remote, *arguments: Any, **named: Any) -> Any:
    """Call the student's function; changes of the arguments come back with the result."""
    link = self.link
    given = [*arguments, *named.values()]
    answer = link.ask(
        "call", self, list(arguments), named, guard.being_examined(), link.remaining()
    )
    return _with_local_file(link, result_of(link, answer, given))


def _with_local_file(link: Link, value: Any) -> Any:
    """A result; if it is a path of the student's, the path of a copy of the file."""
    if type(value) is _StudentPath:
        return Path(link.fetch(str(value), anywhere=True))
    if type(value) in (str, bytes) and len(value) < _MAX_PATH:
        path = os.fsdecode(value)
        if ".keras" in path.lower():
            return link.fetch(path, anywhere=True)
    return value


# Iterators ----------------------------------------------------------------------------------------


def _iterate(self: Remote) -> Any:
    if isinstance(self, _Iterator):
        return self
    link = self.link
    answer = link.ask("iterate", self, guard.being_examined(), link.remaining())
    return result_of(link, answer, [])


class _Iterator(Remote):
    """An iterator of the student's; pulls several values at a time."""

    def __init__(self, link: Link, reference: wire.Reference):
        super().__init__(link, reference)
        self._pulled: list = []  # the next value is the last one
        self._changes: object = {}  # of arguments, by the last of the pulled values
        self._has_ended = False

    def __next__(self) -> Any:
        if not self._pulled and not self._has_ended:
            self._pull()
        has_value = bool(self._pulled)
        value = self._pulled.pop() if has_value else None
        if not self._pulled:
            changes, self._changes = self._changes, {}
            write_back(self.link, self.given, changes)
        if not has_value:
            raise StopIteration
        return value

    def _pull(self) -> None:
        link = self.link
        examined = guard.being_examined()
        answer = link.ask("next", self, _MAX_PULLED, examined, link.remaining())
        if answer[0] == "value" and len(answer) == 3:
            self._changes = answer[2]
            answer = ("value", answer[1], {})
        pulled = result_of(link, answer, self.given)
        if type(pulled) is not tuple or list(map(type, pulled)) != [list, bool]:
            link.break_off("an invalid answer to a request for an iterator's values")
        self._pulled, self._has_ended = pulled[0][::-1], pulled[1]


# Keras objects ------------------------------------------------------------------------------------


def _attribute(name: str) -> property:
    def get(self: Remote) -> Any:
        link = self.link
        return result_of(link, link.ask("attribute", self, name, link.remaining()), [])

    return property(get)


def _method(name: str) -> Callable[..., Any]:
    def call(self: Remote, *arguments: Any, **_options: Any) -> Any:
        link = self.link
        answer = link.ask("method", self, name, list(arguments), link.remaining())
        return result_of(link, answer, list(arguments))

    return call


_MEMBERS = {
    kind: {name: _attribute(name) for name in attributes}
    | {name: _method(name) for name in models.METHODS.get(kind, ())}
    for kind, attributes in models.ATTRIBUTES.items()
}
