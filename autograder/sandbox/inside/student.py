"""The student's process: runs the cells, and answers the examiner's calls, one after the other.

It knows nothing that a student may not see. Whatever the code in it does to this module, to
Python or to the channel, it can only spoil its own answers: the verdict is made by the examiner.
"""

import builtins
import fcntl
import itertools
import linecache
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import UserString
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import PurePath

import numpy as np

from autograder.sandbox.inside import recovery, shell
from autograder.sandbox.inside.shell import TimeIsUp
from autograder.sandbox.protocol import models, wire
from autograder.sandbox.protocol.channel import Channel, Closed
from course import digits
from course.check.engine import failures, guard
from course.silence import silence

_MOST_FRAMES = 40
_MOST_OBJECTS = 100_000
# Of an iterator's values that are sent together.
_LONGEST_PULL, _LARGEST_PULL = 0.05, 1_000_000  # seconds, bytes


def serve(channel: Channel, ipython) -> None:
    """Do what the examiner asks for until it closes the channel."""
    student = _Student(channel, ipython)
    # A process that the learner's code forks off must not answer in this one's place.
    os.register_at_fork(after_in_child=channel.close)
    signal.signal(signal.SIGALRM, student.alarm)
    while True:
        try:
            student.answer_one()
        except Closed:
            return


class _Student:
    def __init__(self, channel, ipython):
        self.channel = channel
        self.shell = ipython
        self.objects = {}  # what cannot cross, by number
        self.numbers = {}  # the number of each, by id
        self.calls = {}  # of an iterator, by number: the call that made it
        self.errors = {}  # of an iterator, by number: what it raised after the last value
        self.counter = itertools.count(1)
        self.timing = False
        self.missed = False  # an alarm that came when nothing could be interrupted
        self.answering = False
        self.one_at_a_time = threading.Lock()

    # Talking --------------------------------------------------------------------------------------

    def answer_one(self):
        number, operation, *rest = self.receive()
        try:
            answer = getattr(self, f"do_{operation}")(*rest)
        except Closed:
            raise
        except TimeIsUp:
            answer = ("late",)
        self.send((number, *answer))

    def receive(self):
        return wire.decode(self.channel.receive(), self.resolve)

    def send(self, message):
        try:
            data = wire.encode(message, self.refer)
        except Closed:
            raise
        except BaseException as error:  # the learner's objects may fail in any way
            data = wire.encode((message[0], "unfit", _reason(error)), self.refer)
        self.channel.send(data)

    def resolve(self, reference):
        if reference.side == "student":
            return self.objects.get(reference.number)
        return _CallBack(self, reference)

    def refer(self, value):
        """The reference for an object that stays here, or the plain data that it means."""
        if isinstance(value, _CallBack):
            return value.reference
        if not isinstance(value, type):
            try:
                plain = _as_plain(value)
            except Exception:  # a symbolic tensor, or an object that only looks like an array
                plain = None
            if plain is not None:
                return plain
        number = self.numbers.get(id(value))
        if number is None:
            if len(self.objects) >= _MOST_OBJECTS:
                raise wire.TooLarge("too many objects")
            number = next(self.counter)
            self.objects[number] = value
            self.numbers[id(value)] = number
        kinds = frozenset(_kinds(value))
        name = getattr(value, "__name__", "") if "callable" in kinds else ""
        name = name if isinstance(name, str) else ""
        kind = type(value).__name__
        return wire.Reference("student", number, kinds, kind, _first_line(value), name)

    # Time -----------------------------------------------------------------------------------------

    def alarm(self, *_):
        self.missed = not self.timing
        if self.timing:
            self.timing = False
            raise TimeIsUp

    @contextmanager
    def at_most(self, seconds):
        """Interrupt what is done inside after some seconds, if it is Python."""
        self.timing, self.missed = True, False
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), 0.5)
        try:
            yield
        finally:
            self.timing = False
            signal.setitimer(signal.ITIMER_REAL, 0)

    # What the examiner can ask for ----------------------------------------------------------------

    def do_cell(self, source, seconds, keep=()):
        """Run a cell: ("cell", status, error's name, its text, execution count, outputs).

        Of the names in `keep`, those that have a value have the same one afterwards.
        """
        started = time.monotonic()
        namespace = self.shell.user_ns
        kept = {name: namespace[name] for name in keep if name in namespace}
        error, count, outputs = TimeIsUp(), None, []
        with suppress(TimeIsUp), self.at_most(seconds):  # it may come between two parts of the cell
            error, count, outputs = recovery.run_cell(self.shell, source)
        namespace.update(kept)
        if error is None:
            return "cell", "ok", "", "", count, _plain_outputs(outputs)
        name, text = type(error).__name__, shell.safe_text(error)
        if isinstance(error, TimeIsUp):
            return "cell", "late", "", f"{time.monotonic() - started:.0f}", count, []
        return "cell", "error", name, text, count, _plain_outputs(outputs)

    def do_missing(self, names):
        """Those of some names that have no value: ("missing", names)."""
        return "missing", [name for name in names if name not in self.shell.user_ns]

    def do_look(self, names):
        """The values of those names that are defined: ("values", {name: value})."""
        # Those of the test before this one are no longer asked for.
        self.objects, self.numbers, self.calls, self.errors = {}, {}, {}, {}
        namespace = self.shell.user_ns
        found = {}
        for name in names:
            if name in namespace:
                try:
                    wire.encode(namespace[name], self.refer)
                    found[name] = namespace[name]
                except Exception as error:
                    kind = type(namespace[name]).__name__
                    found[name] = wire.Reference("student", 0, frozenset(), kind, _reason(error))
        return "values", found

    def do_call(self, function, arguments, named, examined, seconds):
        """Call an object: ("value", result, changed arguments), or what it raised.

        `examined` are the exercises that are being examined: the course's own answers to these
        do not work meanwhile.
        """
        call = _Call(self, arguments, named)

        def run():
            with ExitStack() as stack:
                for name in examined:
                    stack.enter_context(guard.examining(name))
                return function(*call.arguments, **call.named)

        return self.attempt(run, call, seconds)

    def do_next(self, iterator, most, seconds):
        """The next values of an iterator, and whether it has ended: at most so many.

        Only as many as leave the arguments of the call that made it as they are, and the last one
        of these.
        """
        number = self.numbers.get(id(iterator))
        call = self.calls.get(number) or _Call(self, [], {})

        def pull():
            if number in self.errors:
                raise self.errors.pop(number)
            values, size, end = [], 0, time.monotonic() + _LONGEST_PULL
            while len(values) < most:
                try:
                    values.append(next(iterator))
                except StopIteration:
                    return values, True
                except Exception as error:
                    if not values:
                        raise
                    self.errors[number] = error
                    break
                size += len(self.encoded(values[-1]))
                if call.has_changed() or size > _LARGEST_PULL or time.monotonic() > end:
                    break
            return values, False

        return self.attempt(pull, call, seconds)

    def encoded(self, value):
        """A value as bytes; one that cannot cross as none."""
        try:
            return wire.encode(value, self.refer)
        except Exception:
            return b""

    def do_iterate(self, iterable, seconds):
        """An iterator over an object."""
        return self.attempt(lambda: iter(iterable), _Call(self, [], {}), seconds)

    def do_attribute(self, model, name, seconds):
        """An attribute of a model or layer."""
        return self.attempt(lambda: models.attribute(model, name), _Call(self, [], {}), seconds)

    def do_method(self, model, name, arguments, seconds):
        """Call a method of a model or layer."""
        call = _Call(self, [], {})
        return self.attempt(lambda: models.method(model, name)(*arguments), call, seconds)

    def do_load(self, data, seconds):
        """Load the bytes of a saved model."""
        return self.attempt(lambda: models.load(data), _Call(self, [], {}), seconds)

    def do_file(self, path, most):
        """A file's size, and its bytes if they are not too many: ("file", None, b"") if none."""
        try:
            if not os.path.isfile(path):
                return "file", None, b""
            size = os.path.getsize(path)
            with open(path, "rb") as file:
                return "file", size, file.read() if size <= most else b""
        except (OSError, ValueError):
            return "file", None, b""

    def attempt(self, run, call, seconds):
        self.shell.record.muted = True
        self.answering = True
        try:
            with silence(), self.at_most(seconds):
                value = run()
                if isinstance(value, Iterator):
                    wire.encode(value, self.refer)
                    self.calls[self.numbers.get(id(value))] = call
                return "value", value, call.changes()
        except TimeIsUp:
            raise
        except Closed:
            raise
        except BaseException as error:
            return self.raised(error, call)
        finally:
            self.shell.record.muted = False
            with self.one_at_a_time:
                self.answering = False

    def raised(self, error, call):
        """What an error comes down to: its types, its text, and where it was raised."""
        kinds = [kind.__name__ for kind in type(error).__mro__][:20]
        try:
            has_arguments = bool(error.args)
        except BaseException:
            has_arguments = True
        if failure := _failure(error):
            return "failed", *failure, call.changes()
        frames = _frames(error)
        return "raised", kinds, shell.safe_text(error), has_arguments, frames, call.changes()

    def call_back(self, reference, arguments, named):
        """Call a function of the examiner's, in the middle of answering its call."""
        with self.one_at_a_time:  # the answer may call from several threads
            if not self.answering:
                raise RuntimeError("The call that this function was given for is over.")
            question = (0, "callback", reference.number, list(arguments), named)
            data = wire.encode(question, self.refer)
            timing, self.timing = self.timing, False
            try:
                self.channel.send(data)
                _, operation, *rest = self.receive()
            finally:
                self.timing = timing
            if self.missed and timing and threading.current_thread() is threading.main_thread():
                self.timing = False
                raise TimeIsUp
        if operation == "value":
            return rest[0]
        name, text = rest[:2]
        kind = getattr(builtins, name, None) or getattr(np.exceptions, name, None)
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            kind = RuntimeError
        raise kind(text)


class _Call:
    """A call's arguments, and whether they have changed since the examiner last knew them."""

    def __init__(self, student, arguments, named):
        self.student, self.arguments, self.named = student, arguments, named
        self.known = [student.encoded(value) for value in (*arguments, *named.values())]

    def has_changed(self) -> bool:
        """Whether one of the arguments is no longer what it was."""
        values = (*self.arguments, *self.named.values())
        now = (self.student.encoded(value) for value in values)
        return any(new and new != old for new, old in zip(now, self.known, strict=True))

    def changes(self):
        """The arguments that are no longer what they were, by their place."""
        changed = {}
        for place, value in enumerate((*self.arguments, *self.named.values())):
            now = self.student.encoded(value)
            if now and now != self.known[place]:
                self.known[place] = now
                changed[place] = value
        return changed


class _CallBack:
    """A function of the examiner's that the answer was given as an argument."""

    def __init__(self, student, reference):
        self._student, self.reference = student, reference
        self.__name__ = reference.text

    def __call__(self, *arguments, **named):
        return self._student.call_back(self.reference, arguments, named)


# Values -------------------------------------------------------------------------------------------


def _kinds(value):
    """What can be done with an object that stays here."""
    if isinstance(value, PurePath):
        return ["path"]
    kinds = [models.kind_of(value)] if models.kind_of(value) else []
    if callable(value):
        kinds.append("callable")
    asked_by_place = not isinstance(value, type) and hasattr(type(value), "__getitem__")
    if (isinstance(value, Iterable) or asked_by_place) and kinds[:1] != ["model"]:
        kinds.append("iterable")
    if isinstance(value, Iterator):
        kinds.append("iterator")
    return kinds


def _as_plain(value):
    """The plain data that an object means, or None: what the checks in a notebook take for data.

    A tensor, a variable, a data frame are arrays; a shape, a deque, a UserList are lists; any
    mapping is a dict; what can be made a float is one.
    """
    if isinstance(value, list | dict | np.ndarray | np.generic | UserString):
        return None
    if callable(getattr(value, "numpy", None)):
        found = value.numpy()
        return found if isinstance(found, np.ndarray | np.generic | int | float | list) else None
    if hasattr(value, "__array__"):
        return np.asarray(value)
    if callable(value):
        return None
    if callable(getattr(value, "as_list", None)):
        return value.as_list()
    if isinstance(value, Sequence):
        return list(itertools.islice(value, wire.MAX_VALUES + 1))
    if isinstance(value, Mapping):
        return dict(itertools.islice(value.items(), wire.MAX_VALUES + 1))
    return float(value) if hasattr(type(value), "__float__") else None


def _first_line(value):
    text = shell.safe_text(value) if not isinstance(value, PurePath) else str(value)
    lines = text.strip().splitlines() or [""]
    return lines[0][:300]


def _reason(error):
    text = str(error) if isinstance(error, wire.TooLarge) else type(error).__name__
    return wire.plain_text(text, 200)


def _failure(error):
    """The kind and the fields of a failure that one of the course's own functions raised."""
    for kind in (failures.Unsolved, failures.OutOfMemory, failures.CheckFailed):
        if isinstance(error, kind):
            try:
                return kind.__name__, failures.CheckFailed.fields(error)
            except BaseException:  # it is of the learner's own make
                return None
    return None


def _frames(error):
    """The frames below this module's own: (file, number, function, line), at most so many."""
    frames = []
    place = error.__traceback__
    while place is not None:
        name = place.tb_frame.f_code.co_filename
        if frames or name != __file__:
            name = "<frozen examiner>" if name == __file__ else name
            frames.append((name, place.tb_lineno, place.tb_frame.f_code.co_name))
            del frames[:-_MOST_FRAMES]
        place = place.tb_next
    return [
        (name[:300], number, function[:100], linecache.getline(name, number).strip()[:300])
        for name, number, function in frames
    ]


def _plain_outputs(outputs):
    """Outputs as nothing but dicts, lists, texts and numbers."""
    return [_plain(output) for output in outputs]


def _plain(value, depth=0):
    if depth > 20:
        return None
    if isinstance(value, dict):
        return {str(key)[:1_000]: _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return shell.safe_text(value)


# Starting -----------------------------------------------------------------------------------------


def prepare(ipython, home: str, temporary: str, work: str):
    """Become the student's process in this fork: private folders and seeds."""
    os.chdir(work)
    os.environ.update(HOME=home, TMPDIR=temporary, NBGRADER_EXECUTION="autograde")
    tempfile.tempdir = temporary
    random.seed()
    np.random.seed()  # noqa: NPY002
    digits.announce_again()
    sys.path.insert(0, work)
    files = []
    for _ in range(2):
        descriptor, path = tempfile.mkstemp(dir=temporary)
        os.unlink(path)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_APPEND)
        files.append(descriptor)
    shell.capture(ipython, *files)
    for module in (os, np, digits):
        if not os.access(module.__file__, os.R_OK):
            raise PermissionError(
                f"{module.__file__} cannot be read by the user that submissions run as: open what "
                "was installed to all by `chmod -R a+rX`"
            )
