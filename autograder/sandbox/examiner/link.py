"""The examiner's side of the connection to a student's process."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from autograder.sandbox.protocol import wire
from autograder.sandbox.protocol.channel import Channel, Closed, Reply

MAX_ERROR_TEXT = 10_000  # TensorFlow first lists all the functions on the way
_MAX_CALL_BACKS = 200_000  # in one call; further ones raise an error in the answer
_MAX_FILE_SIZE = 50_000_000  # bytes of a file that a student's path leads to
_MAX_FILES = 20  # in one test


# None of these is an Exception: a check that catches an answer's errors must not catch them.
class StudentGone(BaseException):
    """The student's process has ended, or was ended."""


class OutOfTime(BaseException):
    """The time of the test is up, and the answer was interrupted."""


class Broken(BaseException):
    """A message that the student's process never sends by itself."""


class CannotBeExamined(ValueError):
    """A value that is too large or too deep to examine, or cannot be rebuilt here."""


class Remote:
    """An object of the student's that is not plain data; prints as the object does."""

    def __init__(self, link: "Link", reference: wire.Reference):
        """Stand for what this reference names, at the other end of the link."""
        self.link, self.reference = link, reference
        self.given: list = []  # of an iterator: the arguments of the call that returned it

    def __str__(self) -> str:
        """Return the text of the object."""
        return self.reference.text

    __repr__ = __str__


class Link:
    """The connection that asks one question at a time, and receives its answer.

    Files that a student's paths lead to are copied into `folder` and kept until the next test;
    `paths` has the student's path of each, by its path here.
    """

    def __init__(
        self,
        channel: Channel,
        folder: Path,
        stand_in: Callable[["Link", wire.Reference], object],
    ):
        """Talk over this channel; `folder` is empty; `stand_in` makes one for each reference."""
        self.channel = channel
        self.folder = folder
        self.paths: dict[str, str] = {}
        self.deadline = float("inf")
        self.asking = False  # an alarm must wait: question and answer would get out of step
        self.broken = ""
        self.gone = ""
        self._stand_in = stand_in
        self._number = 0
        self._calling_back = False
        self._functions: dict[int, Callable] = {}  # arguments in this test, by number
        self._made: dict[int, Remote] = {}  # Keras objects made for this test, by number

    def begin_test(self) -> None:
        """Forget the functions and files of the test before."""
        for here in self.paths:
            shutil.rmtree(Path(here).parent, ignore_errors=True)
        self._functions, self.paths, self._made = {}, {}, {}

    def ask(self, operation: str, *arguments: object) -> Reply:
        """Ask the student's process; return its answer, a tuple that starts with its kind."""
        if self.broken:
            raise Broken(self.broken)
        if self._calling_back:  # the other side waits for an answer, and would not respond
            raise TypeError("a function was called with an argument that is not plain data")
        if time.monotonic() > self.deadline:
            raise OutOfTime
        self._number += 1
        number = self._number
        self.asking = True
        is_over = False
        try:
            self._send((number, operation, *arguments))
            answer, calls = self._receive(), 0
            while answer[:2] == (0, "callback"):
                calls += 1
                refuse = is_over or calls > _MAX_CALL_BACKS
                is_over |= self._call_back(*answer[2:], refuse=refuse)
                answer = self._receive()
        finally:
            self.asking = False
        if answer[0] != number:
            self.break_off("an unexpected answer")
        if is_over or answer[1] == "timed_out":
            raise OutOfTime
        return answer[1:]

    def names(self, operation: str, *arguments: object, kind: str = "") -> list[str]:
        """Ask for names, and return them; none if the answer cannot be sent.

        `kind` is that of the answer, if it is not called like the operation.
        """
        answer, kind = self.ask(operation, *arguments), kind or operation
        if answer[0] == "unfit":  # the code has broken what that needs
            return []
        if len(answer) != 2 or answer[0] != kind or type(answer[1]) is not list:
            self.break_off(f"no answer about names: {kind}")
        return [name for name in answer[1] if type(name) is str]

    def remaining(self) -> float:
        """Return the seconds until the time of the test is up, for the answer to use."""
        return min(max(self.deadline - time.monotonic(), 0.001), 1e6)

    def break_off(self, reason: str) -> NoReturn:
        """Listen to nothing more from this process. Raises Broken."""
        self.broken = wire.plain_text(reason, 200)
        self.channel.close()
        raise Broken(self.broken)

    def raise_if_over(self) -> None:
        """Raise StudentGone or Broken again, in case a check has caught it."""
        if self.broken:
            raise Broken(self.broken)
        if self.gone:
            raise StudentGone(self.gone)

    def fetch(self, path: str, anywhere: bool = False) -> str:
        """Copy the file at a student's path, if any, and return the path of the copy.

        If nothing is there, the only one of its name `anywhere` in the notebook's folder will do.
        """
        if len(self.paths) >= _MAX_FILES:
            raise CannotBeExamined("it returns too many files")
        answer = self.ask("file", path, _MAX_FILE_SIZE, anywhere)
        if len(answer) != 3 or answer[0] != "file" or type(answer[2]) is not bytes:
            self.break_off("no answer to a request for a file")
        _, size, data = answer
        folder = self.folder / f"file-{len(self.paths)}"
        folder.mkdir()
        name = wire.plain_text(Path(path).name, 100)
        here = folder / (name if name not in ("", ".", "..") else "file")
        self.paths[str(here)] = path
        if type(size) is int and 0 <= size < 2**50:
            here.write_bytes(data)
            if size != len(data):  # too large to be copied: a file of the same size, but empty
                with here.open("r+b") as file:
                    file.truncate(size)
        return str(here)

    def with_student_paths(self, text: str) -> str:
        """Return text with the student's own paths in place of those of copies."""
        for here, there in self.paths.items():
            text = text.replace(here, there)
        return text

    def keep(self, made: list) -> None:
        """Know these stand-ins again, when an answer returns what they stand for."""
        self._made |= {value.reference.number: value for value in made}

    # Messages -------------------------------------------------------------------------------------

    def _send(self, message: Reply) -> None:
        data = wire.encode(message, self._refer)
        try:
            self.channel.send(data)
        except Closed:
            self._lose()

    def _receive(self) -> Reply:
        try:
            answer = wire.decode(self.channel.receive(), self._resolve)
        except Closed:
            self._lose()
        except wire.Malformed as error:
            self.break_off(str(error))
        except MemoryError:  # sending much is not an attack
            self.channel.close()
            self._lose("more data than the examiner can hold")
        if type(answer) is not tuple or list(map(type, answer[:2])) != [int, str]:
            self.break_off("a message that is not an answer")
        return answer

    def _lose(self, reason: str = "it has ended") -> NoReturn:
        self.gone = reason
        raise StudentGone(reason) from None

    def _refer(self, value: object) -> object:
        if isinstance(value, Remote):
            return value.reference
        if isinstance(value, Path):
            return str(value)
        if not callable(value):
            raise TypeError(f"a check cannot hand over {type(value).__name__} to an answer")
        number = len(self._functions)
        self._functions[number] = value
        name = getattr(value, "__name__", type(value).__name__)
        return wire.Reference("examiner", number, frozenset({"callable"}), "function", name, name)

    def _resolve(self, reference: wire.Reference) -> object:
        if reference.side == "examiner":
            if reference.number not in self._functions:
                raise wire.Malformed("a function that was not given")
            return self._functions[reference.number]
        return self._made.get(reference.number) or self._stand_in(self, reference)

    def _call_back(
        self,
        number: object = None,
        arguments: object = (),
        named: object = None,
        *_: object,
        refuse: bool = False,
    ) -> bool:
        """Call a function for the answer; return whether the test ran out of time in it."""
        function = self._functions.get(number) if type(number) is int else None
        if function is None or type(arguments) is not list or type(named) is not dict:
            self.break_off("a call of a function that was not given")
        if not all(type(name) is str for name in named):
            self.break_off("a call with invalid argument names")
        is_over = False
        answer: Reply
        try:
            if refuse:
                raise TimeoutError("it was called too often, or for too long")
            self.asking, self._calling_back = False, True
            answer = ("value", function(*arguments, **named))
        except OutOfTime:
            is_over, answer = True, ("raised", "TimeoutError", "the time is up")
        except Exception as error:
            answer = ("raised", type(error).__name__, text_of(error, MAX_ERROR_TEXT))
        finally:
            self.asking, self._calling_back = True, False
        try:
            self._send((0, *answer))
        except (TypeError, wire.MessageTooLarge) as error:  # an object of the student's own, say
            self._send((0, "raised", "TypeError", str(error)))
        return is_over


def text_of(error: BaseException, limit: int) -> str:
    """Return the text of an error, cut to `limit` characters; "" if `str` fails on it.

    What ends the examination, such as OutOfTime, is no failure of `str`.
    """
    try:
        return str(error)[:limit]
    except Exception:
        return ""
