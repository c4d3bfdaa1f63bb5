"""The student's process: runs cells and answers the examiner's calls, one after the other.

It holds nothing that a student must not see. Whatever the student's code does to this module, to
Python or to the channel, it can only spoil its own answers: the examiner makes the verdict.
"""

import builtins
import functools
import gc
import importlib
import inspect
import itertools
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from autograder.sandbox.inside import originals, recovery, settings, shell, values
from autograder.sandbox.inside.calls import Call, CallBack
from autograder.sandbox.inside.remembered_names import RememberedNames, is_used
from autograder.sandbox.inside.shell import Shell, TimeIsUp
from autograder.sandbox.protocol import models, wire
from autograder.sandbox.protocol.channel import Answer, Channel, Closed
from autograder.sandbox.protocol.settings import DEFAULTS
from course.check.engine import guard, keras_objects, own_code
from course.check.fallback import reference_for
from course.silence import silence

_MAX_OBJECTS = 100_000  # that the examiner holds references to
_MAX_NAMES = 500_000  # in an answer
_MAX_FOLDERS = 1_000  # that are searched for a file
_MAX_LOST = 10_000  # names: an answer may hold only a limited number
# For the values of an iterator that are sent together.
_MAX_PULL_SECONDS, _MAX_PULL_BYTES = 0.05, 1_000_000

_RECURSION_LIMIT = sys.getrecursionlimit()

_NOT_EAGER = (
    "TensorFlow's eager execution is switched off, so tensors have no values: take the line "
    "`tf.compat.v1.disable_eager_execution()` out of the notebook, and restart the kernel."
)


def serve(channel: Channel, ipython: Shell) -> None:
    """Do what the examiner asks for until it closes the channel."""
    student = _Student(channel, ipython)
    # A process that the student's code forks must not answer in this one's place.
    os.register_at_fork(after_in_child=channel.close)
    while True:
        try:
            student.answer_one()
        except Closed:
            return


def _put_right() -> None:
    """Give Python back what it needs, and a cell may have taken away."""
    originals.put_back()
    if sys.getrecursionlimit() < _RECURSION_LIMIT:
        sys.setrecursionlimit(_RECURSION_LIMIT)
    gc.enable()


def _is_eager() -> bool:
    """Whether TensorFlow, if it is imported, executes eagerly."""
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is None or tensorflow.executing_eagerly()


def _make_eager() -> None:
    """Switch TensorFlow's eager execution on again, if the student's code has switched it off."""
    with suppress(Exception):  # which is said when an answer is called
        if not _is_eager():
            ops = importlib.import_module("tensorflow.python.framework.ops")
            ops._default_graph_stack.reset()  # noqa: SLF001 - a graph may have been left open
            sys.modules["tensorflow"].compat.v1.enable_v2_behavior()
            ops.enable_eager_execution_internal()
            context = importlib.import_module("tensorflow.python.eager.context").context()
            del context.context_switches.stack[1:]


@contextmanager
def _can_be_interrupted() -> Iterator[None]:
    """Let an interrupt stop the block, but nothing after it: a cell's timer may be left over."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, _go_on)


def _go_on(_signal: int, _frame: FrameType | None) -> None:
    """Handle a signal by doing nothing; unlike SIG_IGN, commands do not inherit it."""


def _raise_at_line(_frame: FrameType, event: str, _value: object) -> Callable:
    """Trace a frame: an `except:` in it that catches TimeIsUp does not go on."""
    if event == "line":
        raise TimeIsUp  # which also ends the tracing
    return _raise_at_line


def _trace_no_call(_frame: FrameType, _event: str, _value: object) -> None:
    """Trace no frame but those that have a function of their own for it."""


class _Student:
    """Answers the examiner's requests: `do_cell` is what is done when it asks for "cell".

    It keeps the objects that the examiner knows only by their numbers, until the next test; the
    time limit of what is running; and what names and settings stood for before they were changed.
    """

    def __init__(self, channel: Channel, ipython: Shell):
        self.channel = channel
        self.shell = ipython
        self.work = os.getcwd()
        self.test = 0  # the number of the test whose calls are answered
        self.begin_test()
        self.replaced: dict[str, list] = {}  # what the names of lent functions stood for, if at all
        self.called: dict[str, bool] = {}  # which of them were called
        self.remembered = RememberedNames(ipython.user_ns)
        ipython.before_statement = partial(self.remembered.take_own, ipython.user_ns)
        self.restored: dict[str, Any] = {}  # what names stand for again, for now
        self.before_restore: dict[str, list[Any]] = {}  # what they stood for before that, if at all
        self.changed_settings: dict[str, Any] = {}  # the student's, while there are the defaults
        self.counter = itertools.count(1)
        self.timing = False
        self.has_missed_alarm = False  # it came when nothing could be interrupted
        self.interrupted = False  # by an alarm, once
        self.answering = False
        self.one_at_a_time = threading.Lock()

    def begin_test(self) -> None:
        """Forget the objects and functions of the test before, which no longer asks for them."""
        self.test += 1
        self.objects: dict[int, Any] = {}  # those that cannot cross, by number
        self.numbers: dict[int, int] = {}  # the number of each, by id
        self.calls: dict[int, Call] = {}  # by the number of an iterator: the call that made it
        self.errors: dict[int, Exception] = {}  # likewise: raised after its last value

    # Messages -------------------------------------------------------------------------------------

    def answer_one(self) -> None:
        number, operation, *rest = self.receive()
        try:
            answer = getattr(self, f"do_{operation}")(*rest)
        except Closed:
            raise
        except TimeIsUp:
            answer = ("timed_out",)
        self.send((number, *answer))

    def receive(self) -> Any:
        return wire.decode(self.channel.receive(), self.resolve)

    def send(self, message: Answer) -> None:
        try:
            with warnings.catch_warnings(action="ignore"):  # none becomes an error here
                data = wire.encode(message, self.refer)
        except Closed:
            raise
        except BaseException as error:  # the student's objects may fail in any way
            data = wire.encode((message[0], "unfit", values.reason(error)), self.refer)
        self.channel.send(data)

    def resolve(self, reference: wire.Reference) -> Any:
        if reference.side == "student":
            return self.objects.get(reference.number)
        return CallBack(partial(self.call_back, self.test), reference)

    def refer(self, value: Any) -> Any:
        """The reference for an object that stays here, or the plain data that it stands for."""
        if isinstance(value, CallBack):
            return value.reference
        if id(value) not in self.numbers and not isinstance(value, type):
            try:
                plain = values.as_plain(value)
            except Exception:  # a symbolic tensor, or an object that only looks like an array
                plain = None
            if plain is not None:
                return plain
        return values.reference(value, self.number_of(value))

    def number_of(self, value: Any) -> int:
        """The number of an object that stays here."""
        number = self.numbers.get(id(value))
        if number is None:
            if len(self.objects) >= _MAX_OBJECTS:
                raise wire.MessageTooLarge("too many objects")
            number = next(self.counter)
            self.objects[number] = value
            self.numbers[id(value)] = number
        return number

    def encoded(self, value: object) -> bytes:
        """The value as bytes; b"" if it cannot cross."""
        try:
            return wire.encode(value, self.refer)
        except Exception:
            return b""

    # Time -----------------------------------------------------------------------------------------

    def alarm(self, _signal: int, frame: FrameType | None) -> None:
        self.has_missed_alarm = not self.timing
        if self.timing:
            self.interrupt(frame)

    def interrupt(self, frame: FrameType | None) -> NoReturn:
        """Raise TimeIsUp; the second time, as the first was caught, at the next line again.

        The first time, that would keep `with` and `finally` from putting things right.
        """
        if self.interrupted:
            self.timing = False
            while frame is not None:
                if frame.f_globals is self.shell.user_ns:
                    frame.f_trace = _raise_at_line
                frame = frame.f_back
            sys.settrace(_trace_no_call)
        else:  # half a second from now, however late this alarm was served
            signal.setitimer(signal.ITIMER_REAL, 0.5, 0.5)
        self.interrupted = True
        raise TimeIsUp

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """Interrupt the block after some seconds, if it runs Python code then: raise TimeIsUp.

        So it ends also if the block caught that, and went on to its end.
        """
        self.timing, self.has_missed_alarm, self.interrupted = True, False, False
        if not callable(signal.getsignal(signal.SIGALRM)):  # else there is a handler of its own
            signal.signal(signal.SIGALRM, self.alarm)
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), 0.5)
        try:
            yield
        finally:
            self.timing = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            if sys.gettrace() is _trace_no_call:
                sys.settrace(None)
            if self.interrupted:
                raise TimeIsUp

    # What the examiner can ask for ----------------------------------------------------------------

    def do_cell(
        self, source: str, seconds: float, number: int, keep: Iterable[str], is_new: bool
    ) -> Answer:
        """Run a cell: ("cell", status, error's name, its text, execution count, outputs).

        Its number becomes its count. One that is run once more is not new: it keeps its count.
        Names in `keep` that have a value before the cell have the same value after it.
        """
        namespace = self.shell.user_ns
        kept = {name: namespace[name] for name in keep if name in namespace}
        error: BaseException | None = TimeIsUp()
        count: int | None = None
        outputs: list[dict] = []
        try:
            if is_new:
                self.shell.execution_count = number
            with suppress(TimeIsUp), self.at_most(seconds), _can_be_interrupted():
                error, count, outputs = recovery.run_cell(self.shell, source, is_new)
        except Exception as trouble:  # the code has broken what IPython needs
            error = trouble
        if self.interrupted:
            error = TimeIsUp()
        _put_right()
        namespace.update(kept)
        self.remembered.take(namespace)
        _make_eager()
        if error is None:
            return "cell", "ok", "", "", count, values.plain(outputs)
        name, text = type(error).__name__, shell.safe_text(error)
        if isinstance(error, TimeIsUp):
            self.shell.record.clear()
            return "cell", "timed_out", "", "", count, []
        return "cell", "error", name, text, count, values.plain(outputs)

    def do_names(self) -> Answer:
        """Say which names there are: ("names", names)."""
        names = [name for name in list(self.shell.user_ns) if type(name) is str]
        return "names", names[:_MAX_NAMES]

    def do_missing(self, names: list[str]) -> Answer:
        """Say which of these names have no value: ("missing", names)."""
        return "missing", [name for name in names if name not in self.shell.user_ns]

    def do_lost(self) -> Answer:
        """Say which names have lost what they stood for: ("lost", names).

        They are gone, stand for neither a function nor a module any more, for a function that was
        imported in place of the notebook's own, or is still to be written, or for something else
        than the well-known library.
        """
        return "lost", self.remembered.lost(self.shell.user_ns)[:_MAX_LOST]

    def do_restore(self, names: list[str]) -> Answer:
        """Restore what these names stood for until `undo_restore`: ("restored",)."""
        namespace = self.shell.user_ns
        self.restored = {name: self.remembered.value(name) for name in names}
        self.before_restore = {
            name: [namespace[name]] if name in namespace else [] for name in names
        }
        namespace.update(self.restored)
        return ("restored",)

    def do_undo_restore(self, is_all: bool) -> Answer:
        """Give names back their values from before, unless they changed since: ("restored",).

        If not all, then those that stood for another function or module, which cells below may use.
        """
        namespace = self.shell.user_ns
        for name, values_before in self.before_restore.items():
            if not is_all and not any(map(is_used, values_before)):
                continue
            if name in namespace and namespace[name] is self.restored[name]:
                del namespace[name]
                for value in values_before:
                    namespace[name] = value
        self.before_restore, self.restored = {}, {}
        return ("restored",)

    def do_use_defaults(self) -> Answer:
        """Give settings their defaults until `undo_defaults`: ("defaults", changed)."""
        self.changed_settings = {}
        with suppress(Exception):  # the code may have changed Keras itself
            self.changed_settings = settings.changed()
            settings.use({name: DEFAULTS[name] for name in self.changed_settings})
        return "defaults", list(self.changed_settings)

    def do_undo_defaults(self) -> Answer:
        """Set again what the student's code had set: ("defaults", changed)."""
        with suppress(Exception):
            settings.use(self.changed_settings)
        return "defaults", list(self.changed_settings)

    def do_lend(self, names: list[str]) -> Answer:
        """Give these names the course's own functions until `take_back`: ("lent", names)."""
        namespace = self.shell.user_ns
        for name in names:
            if (own := reference_for(name)) is not None:
                self.replaced[name] = [namespace[name]] if name in namespace else []
                namespace[name] = self.noted(name, own)
        return "lent", list(self.replaced)

    def do_take_back(self) -> Answer:
        """Give the names that were lent their values back: ("lent", names that were called)."""
        for name, values_before in self.replaced.items():
            self.shell.user_ns.pop(name, None)
            for value in values_before:
                self.shell.user_ns[name] = value
        called, self.replaced, self.called = list(self.called), {}, {}
        return "lent", called

    def do_retire(self, name: str) -> Answer:
        """Never again call a function that does not end: it would use up the time once more."""

        def retired(*_arguments: Any, **_named: Any) -> Any:
            raise TimeoutError(f"{name} did not end when it was examined: it is not called again")

        if callable(function := self.shell.user_ns.get(name)) and not isinstance(function, type):
            self.shell.user_ns[name] = functools.update_wrapper(retired, function)
            self.remembered.take(self.shell.user_ns)
        return ("retired",)

    def noted(self, name: str, own: Callable) -> Callable:
        """The same function; that it is called is noted."""

        @functools.wraps(own)
        def lent(*arguments: Any, **named: Any) -> Any:
            self.called[name] = True
            return own(*arguments, **named)

        return lent

    def do_look_up(self, names: list[str]) -> Answer:
        """Look up the names that are defined: ("values", {name: value})."""
        self.begin_test()
        originals.put_back()
        namespace = self.shell.user_ns
        found = {}
        for name in names:
            if name in namespace:
                try:
                    wire.encode(namespace[name], self.refer)
                    found[name] = namespace[name]
                except Exception as error:
                    kind, reason = type(namespace[name]).__name__, values.reason(error)
                    found[name] = wire.Reference("student", 0, frozenset(), kind, reason)
        return "values", found

    def do_call(
        self,
        function: Callable,
        arguments: list,
        named: dict[str, Any],
        examined: list[str],
        seconds: float,
    ) -> Answer:
        """Call an object: ("value", result, changed arguments), or what it raised.

        `examined` are the exercises being examined: meanwhile the course's own answers to them
        refuse to work.
        """
        call = Call(self.encoded, arguments, named)

        def run() -> Any:
            value = function(*call.arguments, **call.named)
            if not _is_eager():
                raise RuntimeError(_NOT_EAGER)
            return value

        return self.attempt(run, call, seconds, examined)

    def do_next(
        self, iterator: Iterator, limit: int, examined: list[str], seconds: float
    ) -> Answer:
        """Pull at most `limit` values of an iterator, and say whether it has ended.

        It stops after the first value that changes an argument of the call that made the iterator.
        `examined` as for `do_call`: a generator does its work here.
        """
        number = self.numbers.get(id(iterator), 0)
        call = self.calls.get(number) or self.plain_call()

        def pull() -> tuple[list, bool]:
            if number in self.errors:
                raise self.errors.pop(number)
            pulled: list = []
            size, end = 0, time.monotonic() + _MAX_PULL_SECONDS
            while len(pulled) < limit:
                try:
                    pulled.append(next(iterator))
                except StopIteration:
                    return pulled, True
                except Exception as error:
                    if not pulled:
                        raise
                    self.errors[number] = error
                    break
                size += len(self.encoded(pulled[-1]))
                if call.has_changed() or size > _MAX_PULL_BYTES or time.monotonic() > end:
                    break
            return pulled, False

        return self.attempt(pull, call, seconds, examined)

    def do_iterate(self, iterable: Iterable, examined: list[str], seconds: float) -> Answer:
        """Make an iterator over an object."""
        return self.attempt(lambda: iter(iterable), self.plain_call(), seconds, examined)

    def do_make(self, descriptions: list[tuple], seconds: float) -> Answer:
        """Make the Keras objects with these descriptions; variables stay here like all others."""

        def make() -> list:
            made = keras_objects.make(descriptions)
            for value in made:
                self.number_of(value)
            return made

        return self.attempt(make, self.plain_call(), seconds)

    def do_attribute(self, model: Any, name: str, seconds: float) -> Answer:
        """Get an attribute of a Keras object."""
        return self.attempt(lambda: models.attribute(model, name), self.plain_call(), seconds)

    def do_method(self, model: Any, name: str, arguments: list, seconds: float) -> Answer:
        """Call a method of a Keras object."""
        call = self.plain_call()
        return self.attempt(lambda: models.method(model, name)(*arguments), call, seconds)

    def do_load(self, data: bytes, seconds: float) -> Answer:
        """Load the bytes of a saved model."""
        return self.attempt(lambda: models.load(data), self.plain_call(), seconds)

    def do_about_code(self, question: str, function: Any, details: list, seconds: float) -> Answer:
        """Answer one of the QUESTIONS about a function's own code."""
        return self.attempt(
            lambda: own_code.QUESTIONS[question](function, *details), self.plain_call(), seconds
        )

    def do_file(self, path: str, limit: int, anywhere: bool) -> Answer:
        """Read a file of at most `limit` bytes: ("file", size, bytes).

        The bytes are b"" if there are more; the size is None if there is no such file. `anywhere`
        means that a path of the student's own machine leads to what was handed in under that name,
        if it is one file.
        """
        try:
            if anywhere and not os.path.isfile(path):
                name = path.replace("\\", "/").rpartition("/")[2]
                found = [*itertools.islice(self.found_below(name), 2)]
                path = found[0] if len(found) == 1 else path
            if not os.path.isfile(path):
                return "file", None, b""
            size = os.path.getsize(path)
            with open(path, "rb") as file:
                return "file", size, file.read() if size <= limit else b""
        except (OSError, ValueError):
            return "file", None, b""

    def found_below(self, name: str) -> Iterator[str]:
        """Yield the files with this name in the notebook's folder: the one at its top, or all.

        Capitals make no difference, as on Windows and Macs.
        """
        top = os.path.join(self.work, name)
        if os.path.isfile(top):
            yield top
            return
        for folder, _folders, names in itertools.islice(os.walk(self.work), _MAX_FOLDERS):
            for one in names:
                if one.casefold() == name.casefold():
                    yield os.path.join(folder, one)

    # Answering ------------------------------------------------------------------------------------

    def plain_call(self) -> Call:
        """A call without arguments that could change."""
        return Call(self.encoded, [], {})

    def attempt(
        self, run: Callable[[], Any], call: Call, seconds: float, examined: Iterable[str] = ()
    ) -> Answer:
        self.shell.record.muted = True
        self.answering = True
        try:
            with silence(), np.errstate(all="warn"), self.at_most(seconds):
                with ExitStack() as stack:
                    for name in examined:
                        stack.enter_context(guard.examining(name))
                    value = run()
                if isinstance(value, Iterator):
                    wire.encode(value, self.refer)
                    self.calls[self.numbers.get(id(value), 0)] = call
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

    def raised(self, error: BaseException, call: Call) -> Answer:
        """Describe an error: its types, its text, and where it was raised."""
        kinds = [kind.__name__ for kind in type(error).__mro__][:20]
        try:
            has_arguments = bool(error.args)
        except BaseException:
            has_arguments = True
        if failure := values.failure(error):
            return "failed", *failure, call.changes()
        frames = values.frames(error)
        return "raised", kinds, shell.safe_text(error), has_arguments, frames, call.changes()

    def call_back(
        self, test: int, reference: wire.Reference, arguments: tuple, named: dict[str, Any]
    ) -> Any:
        """Call a function that the examiner gave in a test, while answering a call of that test."""
        with self.one_at_a_time:  # the student's function may call it from several threads
            if not self.answering or test != self.test:
                raise RuntimeError("The call that this function was given for is over.")
            question = (0, "callback", reference.number, list(arguments), named)
            data = wire.encode(question, self.refer)
            timing, self.timing = self.timing, False
            try:
                self.channel.send(data)
                _, operation, *rest = self.receive()
            finally:
                self.timing = timing
            is_main = threading.current_thread() is threading.main_thread()
            if self.has_missed_alarm and timing and is_main:
                self.interrupt(inspect.currentframe())
        if operation == "value":
            return rest[0]
        name, text = rest[:2]
        kind = getattr(builtins, name, None) or getattr(np.exceptions, name, None)
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            kind = RuntimeError
        raise kind(text)
