"""What stands in the examiner's process for a student's function, object or model."""

import builtins
import contextlib
import itertools
import shutil
import time
from pathlib import Path

from autograder.sandbox.protocol import models, wire
from autograder.sandbox.protocol.channel import Channel, Closed
from course.check.engine import environment, failures, guard

_MAX_CALL_BACKS = 200_000  # in one call; all further ones raise an error over there
_MAX_ERROR_TEXT = 2_000
_MAX_PULLED = 1_000  # values of an iterator at a time
_MAX_FILE_SIZE = 50_000_000  # bytes of a file that a student's path leads to
_MAX_FILES = 20  # in one test
_MAX_ARGUMENTS = 20  # of a call that a failure shows


# None of these is an Exception: a check that catches what an answer raised must not catch them.
class StudentGone(BaseException):
    """The student's process has ended, or was ended."""


class TooLate(BaseException):
    """The answer was interrupted, as the time of the test was up."""


class Broken(BaseException):
    """What came is nothing that a student's process sends by itself."""


class Link:
    """The examiner's side of the connection: one question at a time, each with its answer.

    Files that a student's paths lead to are copied into `folder`; what a path is called over there
    stands in `paths`, by its name here. They stay until the next test.
    """

    def __init__(self, channel: Channel, folder: Path):
        """Talk over this channel; `folder` is an empty one, for copies of files."""
        self.channel = channel
        self.folder = folder
        self.paths = {}
        self.number = 0
        self.deadline = float("inf")
        self.asking = False  # an alarm must wait: the two sides would get out of step
        self.calling_back = False
        self.broken = ""
        self.gone = ""
        self.functions = {}  # given as arguments during the test that is running, by number

    def begin_test(self):
        """Forget the functions and files of the test before."""
        for here in self.paths:
            shutil.rmtree(Path(here).parent, ignore_errors=True)
        self.functions, self.paths = {}, {}

    def ask(self, operation: str, *arguments):
        """Ask the student's process and return its answer, a tuple that starts with a word."""
        if self.broken:
            raise Broken(self.broken)
        if self.calling_back:  # the other side waits for an answer, and would not hear
            raise TypeError("a function was given what is no plain data")
        if time.monotonic() > self.deadline:
            raise TooLate
        self.number += 1
        number = self.number
        self.asking = True
        late = False
        try:
            self._send((number, operation, *arguments))
            answer, calls = self._receive(), 0
            while answer[:2] == (0, "callback"):
                calls += 1
                late |= self._call_back(*answer[2:], refuse=late or calls > _MAX_CALL_BACKS)
                answer = self._receive()
        finally:
            self.asking = False
        if answer[0] != number:
            self.break_off("an answer that nobody asked for")
        if late or answer[1] == "late":
            raise TooLate
        return answer[1:]

    def remaining(self) -> float:
        """The seconds until the time of the test is up, as an answer is given them."""
        return min(max(self.deadline - time.monotonic(), 0.001), 1e6)

    def _send(self, message):
        data = wire.encode(message, self._refer)
        try:
            self.channel.send(data)
        except Closed:
            self._gone()

    def _receive(self):
        try:
            answer = wire.decode(self.channel.receive(), self._resolve)
        except Closed:
            self._gone()
        except wire.Malformed as error:
            self.break_off(str(error))
        except MemoryError:  # much at a time is no offence
            self.channel.close()
            self._gone("more data than the examiner can hold")
        if type(answer) is not tuple or len(answer) < 2 or type(answer[0]) is not int:
            self.break_off("no answer")
        return answer

    def _gone(self, reason="it has ended"):
        self.gone = reason
        raise StudentGone(reason) from None

    def break_off(self, reason):
        """From here on nothing that this process says is listened to."""
        self.broken = wire.plain_text(reason, 200)
        self.channel.close()
        raise Broken(self.broken)

    def _refer(self, value):
        if isinstance(value, Remote):
            return value.reference
        if isinstance(value, Path):
            return str(value)
        if not callable(value):
            raise TypeError(f"a check cannot hand over {type(value).__name__} to an answer")
        number = len(self.functions)
        self.functions[number] = value
        name = getattr(value, "__name__", type(value).__name__)
        return wire.Reference("examiner", number, frozenset({"callable"}), "function", name, name)

    def _resolve(self, reference):
        if reference.side == "examiner":
            if reference.number not in self.functions:
                raise wire.Malformed("a function that was not given")
            return self.functions[reference.number]
        return _stand_in(self, reference)

    def _call_back(self, number=None, arguments=(), named=None, *_, refuse=False) -> bool:
        """Call a function for the answer; say whether the time of the test was up in it."""
        function = self.functions.get(number) if type(number) is int else None
        if function is None or type(arguments) is not list or type(named) is not dict:
            self.break_off("a call of a function that was not given")
        if not all(type(name) is str for name in named):
            self.break_off("a call with names that are none")
        late = False
        try:
            if refuse:
                raise TimeoutError("it was called too often, or for too long")
            self.asking, self.calling_back = False, True
            answer = ("value", function(*arguments, **named))
        except TooLate:
            late, answer = True, ("raised", "TimeoutError", "the time is up")
        except Exception as error:
            answer = ("raised", type(error).__name__, _text_of(error)[:_MAX_ERROR_TEXT])
        finally:
            self.asking, self.calling_back = True, False
        try:
            self._send((0, *answer))
        except (TypeError, wire.TooLarge) as error:  # such as an object of the student's own in it
            self._send((0, "raised", "TypeError", str(error)))
        return late

    def fetch(self, path: str) -> str:
        """Copy the file that a student's path leads to, if any, and return where it is here."""
        if len(self.paths) >= _MAX_FILES:
            raise TooLarge("it returns too many files")
        answer = self.ask("file", path, _MAX_FILE_SIZE)
        if len(answer) != 3 or answer[0] != "file" or type(answer[2]) is not bytes:
            self.break_off("no answer to what a file holds")
        _, size, data = answer
        folder = self.folder / f"file-{len(self.paths)}"
        folder.mkdir()
        name = wire.plain_text(Path(path).name, 100)
        here = folder / (name if name not in ("", ".", "..") else "file")
        self.paths[str(here)] = path
        if type(size) is int and 0 <= size < 2**50:
            here.write_bytes(data)
            if size != len(data):  # too large to be copied: as large, but empty
                with here.open("r+b") as file:
                    file.truncate(size)
        return str(here)


# Stand-ins ----------------------------------------------------------------------------------------


class Remote:
    """Something of the student's that is no plain data; prints as it does over there."""

    def __init__(self, link, reference):
        """Stand for what this reference names, at the other end of the link."""
        self.link, self.reference = link, reference

    def __str__(self):
        """Its text over there."""
        return self.reference.text

    __repr__ = __str__


def _call(self, *arguments, **named):
    """Call the student's function: arguments and result are copied, also back."""
    link = self.link
    given = [*arguments, *named.values()]
    answer = link.ask(
        "call", self, list(arguments), named, guard.being_examined(), link.remaining()
    )
    return _located(link, result_of(link, answer, given))


def _iterate(self):
    link = self.link
    if "iterator" in self.reference.kinds:
        return self
    return result_of(link, link.ask("iterate", self, link.remaining()), [])


def _next(self):
    """The next value: several come at a time, the last one with what it changed."""
    link = self.link
    if not self._pulled and not self._ended:
        answer = link.ask("next", self, _MAX_PULLED, link.remaining())
        if answer[0] == "value" and len(answer) == 3:
            self._changes = answer[2]
            answer = ("value", answer[1], {})
        pulled = result_of(link, answer, self.given)
        if type(pulled) is not tuple or list(map(type, pulled)) != [list, bool]:
            link.break_off("no values of an iterator")
        self._pulled, self._ended = pulled[0][::-1], pulled[1]
    value = self._pulled.pop() if self._pulled else _END
    if not self._pulled:
        changes, self._changes = self._changes, {}
        _write_back(link, self.given, changes)
    if value is _END:
        raise StopIteration
    return value


_END = object()


def _attribute(name):
    def get(self):
        link = self.link
        return result_of(link, link.ask("attribute", self, name, link.remaining()), [])

    return property(get)


def _method(name):
    def call(self, *arguments, **_options):
        link = self.link
        answer = link.ask("method", self, name, list(arguments), link.remaining())
        return result_of(link, answer, list(arguments))

    return call


_OF_LAYER = {name: _attribute(name) for name in models.ATTRIBUTES if name != "layers"}
_OF_LAYER |= {name: _method(name) for name in models.METHODS}
_OF_MODEL = {
    "layers": _attribute("layers"),
    "predict": _method("predict"),
    "saved": _method("saved"),
}


def _stand_in(link, reference):
    """An object of a class of the right name, and able to do no more than the student's is."""
    kinds = reference.kinds
    if "path" in kinds:
        return _StudentPath(reference.text)
    body = {"given": [], "_pulled": [], "_ended": False, "_changes": {}}
    if kinds & {"model", "layer"}:
        body |= _OF_LAYER
    if "model" in kinds:
        body |= _OF_MODEL
    if "callable" in kinds:
        body["__call__"] = _call
    if "iterable" in kinds:
        body["__iter__"] = _iterate
    if "iterator" in kinds:
        body["__next__"] = _next
    stand_in = type(reference.type_name or "object", (Remote,), body)(link, reference)
    if reference.name:
        stand_in.__name__ = reference.name
    return stand_in


class _StudentPath(str):
    """A path over there, until the file that it leads to is here."""


def _located(link, value):
    """A result, with a path of the student's replaced by the path of a copy of the file."""
    if type(value) is _StudentPath:
        return Path(link.fetch(str(value)))
    if type(value) is str and len(value) < 1_000 and ".keras" in value.lower():
        return link.fetch(value)
    return value


# Answers ------------------------------------------------------------------------------------------


def result_of(link, answer, given):
    """What a call returned, or raise what it raised; changed arguments are changed here too."""
    kind, *rest = answer
    if kind == "value" and len(rest) == 2:
        value, changes = rest
        _write_back(link, given, changes)
        if isinstance(value, Remote) and "iterator" in value.reference.kinds:
            value.given = given
        return value
    if kind == "raised" and len(rest) == 5:
        kinds, text, has_arguments, frames, changes = rest
        _write_back(link, given, changes)
        raise _error(link, kinds, text, has_arguments, frames)
    if kind == "failed" and len(rest) == 3:
        name, fields, changes = rest
        _write_back(link, given, changes)
        raise _failure(link, name, fields)
    if kind == "unfit" and len(rest) == 1:
        raise TooLarge(f"what it returns cannot be examined ({wire.plain_text(rest[0], 200)})")
    link.break_off(f"an unknown answer {wire.plain_text(kind, 50)}")


class TooLarge(ValueError):
    """What came back is too large, too deep, failed when it was read, or cannot be taken over."""


def _write_back(link, given, changes):
    if type(changes) is not dict:
        link.break_off("changes that are none")
    for place, value in changes.items():
        if type(place) is not int or not 0 <= place < len(given):
            link.break_off("a changed argument that was not given")
        try:
            wire.write_back(given[place], value)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise TooLarge("an argument was changed into what it cannot be here") from error


def _text_of(error):
    try:
        return str(error)
    except Exception:
        return ""


def _error(link, kinds, text, has_arguments, frames):
    """An exception of the same name, kind and text, that knows where it was raised over there."""
    if type(kinds) is not list or not kinds or not all(type(kind) is str for kind in kinds):
        link.break_off("an error without a name")
    if not _FAILURES.keys().isdisjoint(kinds):  # a class of the student's own, by that name
        return failures.CheckFailed(wire.plain_text(text, _MAX_ERROR_TEXT))
    base = next((known for kind in kinds if (known := _known_error(kind))), Exception)
    text = wire.plain_text(text, _MAX_ERROR_TEXT)
    name = wire.plain_text(kinds[0], 100) or "Exception"
    kind = type(name, (base,), {"__str__": lambda self: text, "__module__": "builtins"})
    error = kind.__new__(kind)
    error.args = (text,) if has_arguments else ()
    error.frames_over_there = _frames(frames)
    return error


_FAILURES = {
    kind.__name__: kind for kind in (failures.CheckFailed, failures.Unsolved, failures.OutOfMemory)
}


def _failure(link, name, fields):
    """What one of the course's own functions raised over there, with its fields."""
    kind = _FAILURES.get(name) if type(name) is str else None
    arguments = fields.get("arguments", {}) if type(fields) is dict else None
    if kind is None or type(arguments) is not dict:
        link.break_off("a failure without its fields")
    texts = {
        name: wire.plain_text(fields.get(name, ""), _MAX_ERROR_TEXT) for name in failures.TEXTS
    }
    shown = {
        wire.plain_text(name, 100): wire.plain_text(text, _MAX_ERROR_TEXT)
        for name, text in itertools.islice(arguments.items(), _MAX_ARGUMENTS)
    }
    return kind.from_fields(texts | {"arguments": shown})


def _known_error(name):
    """The exception of this name that is the same here and there, or None."""
    known = getattr(builtins, name, None)
    if not isinstance(known, type) or not issubclass(known, BaseException):
        return None
    return None if issubclass(known, BaseExceptionGroup) else known


def _frames(frames):
    """The frames of an error over there; the line is never empty: no file is read."""
    found = []
    if type(frames) is list:
        for frame in frames[-50:]:
            with contextlib.suppress(TypeError, ValueError, OverflowError):
                file, number, function, line = frame
                found.append(
                    environment.Frame(
                        wire.plain_text(function, 100),
                        int(number) % 10**6,
                        wire.plain_text(line, 300),
                        not environment.is_library(str(file)) and not str(file).startswith(_OWN),
                    )
                )
    return found


# Where the checks find what is over there ---------------------------------------------------------

_OWN = str(Path(__file__).parents[2])  # of the grader: nothing of it is shown to a learner


class Elsewhere(environment.Environment):
    """Answers run in a student's process, and what they saved is loaded in a fresh one."""

    def __init__(self, folder: Path, load):
        """Take the folder of the files that were fetched, and what loads one, given its bytes."""
        self._folder, self._load = folder.resolve(), load

    def load_model(self, path: Path):
        """A stand-in for the model in a file that was fetched; no other file is read."""
        path = Path(path).resolve()
        if not path.is_relative_to(self._folder):
            raise ValueError("This is not a file that was handed in.")
        return self._load(path.read_bytes())

    def frames_of(self, error: BaseException) -> list[environment.Frame]:
        """The frames over there; none of an error that was raised here, by the examiner."""
        return getattr(error, "frames_over_there", [])
