"""Read the answers of a student's process: values, changed arguments, and errors."""

import builtins
import contextlib
import itertools
from pathlib import Path
from typing import Any

from autograder.sandbox.examiner.link import MAX_ERROR_TEXT, CannotBeExamined, Link, Remote, Reply
from autograder.sandbox.protocol import wire
from course.check.engine import environment, failures

MAX_SHOWN_ARGUMENTS = 20  # of the call that a failure shows
_MAX_FIELD_TEXT = 2_000  # of each of a failure's fields
_MAX_FRAMES = 50
_GRADER = str(Path(__file__).parents[2])  # its files are never shown to a learner

_FAILURES: dict[str, type[failures.CheckFailed]] = {
    kind.__name__: kind for kind in (failures.CheckFailed, failures.Unsolved, failures.OutOfMemory)
}


def result_of(link: Link, answer: Reply, given: list) -> Any:
    """Return what a call returned, or raise what it raised; first change the changed arguments."""
    kind, *rest = answer
    if kind == "value" and len(rest) == 2:
        value, changes = rest
        write_back(link, given, changes)
        if isinstance(value, Remote) and "iterator" in value.reference.kinds:
            value.given = given
        return value
    if kind == "raised" and len(rest) == 5:
        kinds, text, has_arguments, frames, changes = rest
        write_back(link, given, changes)
        raise _error(link, kinds, text, has_arguments, frames)
    if kind == "failed" and len(rest) == 3:
        name, fields, changes = rest
        write_back(link, given, changes)
        raise _failure(link, name, fields)
    if kind == "unfit" and len(rest) == 1:
        why = wire.plain_text(rest[0], 200)
        raise CannotBeExamined(f"what it returns cannot be examined ({why})")
    link.break_off(f"an unknown answer {wire.plain_text(kind, 50)}")


def write_back(link: Link, given: list, changes: object) -> None:
    """Change the arguments as the call has changed its copies of them."""
    if type(changes) is not dict:
        link.break_off("invalid changes of arguments")
    for place, value in changes.items():
        if type(place) is not int or not 0 <= place < len(given):
            link.break_off("a changed argument that was not given")
        try:
            wire.write_back(given[place], value)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise CannotBeExamined("an argument was changed into what it cannot be here") from error


# Errors -------------------------------------------------------------------------------------------


def remote_frames(error: BaseException) -> list[environment.Frame]:
    """Return the frames of an error in a student's process; none of one that was raised here."""
    return getattr(error, "remote_frames", [])


def _error(
    link: Link, kinds: object, text: object, has_arguments: object, frames: object
) -> BaseException:
    """An exception of the same name, kind and text, with its remote frames."""
    if type(kinds) is not list or not kinds or not all(type(kind) is str for kind in kinds):
        link.break_off("an error without a name")
    message = wire.plain_text(text, MAX_ERROR_TEXT)
    if not _FAILURES.keys().isdisjoint(kinds):  # a class of the student's own, by that name
        return failures.CheckFailed(message)
    base = next((known for kind in kinds if (known := _known_error(kind))), Exception)
    name = wire.plain_text(kinds[0], 100) or "Exception"
    body = {
        "__str__": lambda self: message,
        "__module__": "builtins",
        "remote_frames": _frames(frames),
    }
    made: Any = type(name, (base,), body)
    error = made.__new__(made)  # not all kinds can be made from a message alone
    error.args = (message,) if has_arguments else ()
    return error


def _known_error(name: str) -> type[BaseException] | None:
    """The exception of this name that is the same here and there, or None."""
    known = getattr(builtins, name, None)
    if not isinstance(known, type) or not issubclass(known, BaseException):
        return None
    return None if issubclass(known, BaseExceptionGroup) else known


def _failure(link: Link, name: object, fields: object) -> failures.CheckFailed:
    """The failure that one of the course's own functions raised in the answer, with its fields."""
    kind = _FAILURES.get(name) if type(name) is str else None
    arguments = fields.get("arguments", {}) if type(fields) is dict else None
    if kind is None or type(fields) is not dict or type(arguments) is not dict:
        link.break_off("a failure without its fields")
    texts = {
        name: wire.plain_text(fields.get(name, ""), _MAX_FIELD_TEXT) for name in failures.TEXTS
    }
    shown = {
        wire.plain_text(name, 100): wire.plain_text(text, _MAX_FIELD_TEXT)
        for name, text in itertools.islice(arguments.items(), MAX_SHOWN_ARGUMENTS)
    }
    return kind.from_fields(texts | {"arguments": shown})


def _frames(frames: object) -> list[environment.Frame]:
    """The frames of a remote error; each brings its line, as no file is read here."""
    found = []
    if type(frames) is list:
        for frame in frames[-_MAX_FRAMES:]:
            with contextlib.suppress(TypeError, ValueError, OverflowError):
                file, number, function, line, kinds = frame
                found.append(
                    environment.Frame(
                        wire.plain_text(function, 100),
                        int(number) % 10**6,
                        wire.plain_text(line, 300),
                        not environment.is_library(str(file)) and not str(file).startswith(_GRADER),
                        _kinds(kinds),
                    )
                )
    return found


def _kinds(kinds: object) -> dict[str, str]:
    """What the names in the line of a frame stand for, as the student's process says."""
    if type(kinds) is not dict:
        return {}
    return {
        wire.plain_text(name, 100): wire.plain_text(kind, 100)
        for name, kind in itertools.islice(kinds.items(), MAX_SHOWN_ARGUMENTS)
    }
