"""What a check does besides in a notebook: it limits time, shows prints, and says when it passes.

In grading there is none of this: a check is silent when it passes.
"""

import _thread
import contextlib
import functools
import io
import threading
import time
from collections.abc import Callable, Iterator

from course import front_end
from course.check import cell_history, kernel_end
from course.check.engine import environment
from course.check.engine.environment import Environment, StillRunning
from course.check.engine.failures import CheckFailed, PartlyRight
from course.check.engine.hints import hint
from course.messages import _, sentences

MAX_SECONDS = 20.0  # of one call of an answer; each takes far less on slow machines, too
_MAX_PRINTED = 2_000  # characters that are shown

# The exercises that passed since the kernel was started, each with the key of its answer's code.
passed_here: dict[str, str] = {}
_running: list[str] = []  # the checks that are running: one may ask another


class NotebookEnvironment(Environment):
    """The answer runs in the kernel, where somebody waits for it."""

    def __init__(self, max_seconds: float):
        """Let a call of an answer take this many seconds."""
        self.printed = ""  # by the last call
        self._max_seconds = max_seconds

    @contextlib.contextmanager
    def calling(self) -> Iterator[None]:
        """Stop a call that does not end, and keep what it prints. Raises StillRunning."""
        printed = io.StringIO()
        started, limit = time.monotonic(), _Limit(self._max_seconds)
        try:
            with contextlib.redirect_stdout(printed), limit:
                yield
        except KeyboardInterrupt:
            raise StillRunning(time.monotonic() - started) from None
        finally:
            self.printed = printed.getvalue()

    @contextlib.contextmanager
    def diagnosing(self) -> Iterator[None]:
        """Keep what the call that failed has printed."""
        printed = self.printed
        try:
            yield
        finally:
            self.printed = printed


class _Limit:
    """Interrupts the main thread if the block takes too long."""

    def __init__(self, seconds: float):
        self._lock, self._is_over = threading.Lock(), False
        self._timer = threading.Timer(seconds, self._interrupt)
        self._timer.daemon = True

    def __enter__(self):
        self._timer.start()

    def __exit__(self, *_):
        with self._lock:
            self._is_over = True
        self._timer.cancel()

    def _interrupt(self):
        with self._lock:
            if not self._is_over:
                _thread.interrupt_main()


def for_notebook(check: Callable, exercise: str, lesson: tuple[str, ...]) -> Callable:
    """Return a check that says more in a notebook; elsewhere it is as before.

    `lesson` are the exercises of the lesson that it belongs to.
    """

    @functools.wraps(check)
    def checked(*arguments, **named):
        if _running or not front_end.is_in_kernel():
            return check(*arguments, **named)
        if cell_history.is_stale(exercise):
            raise _stale(exercise)
        here = NotebookEnvironment(MAX_SECONDS)
        before = environment.use(here)
        _running.append(exercise)
        try:
            with kernel_end.noted(exercise):
                value = check(*arguments, **named)
        except CheckFailed:
            passed_here.pop(exercise, None)
            _show_printed(exercise, here.printed)
            raise
        finally:
            _running.clear()
            environment.use(before)
        if isinstance(value, PartlyRight):
            passed_here.pop(exercise, None)
            facts = {"passed": False, "missing": value.missing, "share": value.share}
            front_end.print_line(value.missing, exercise=exercise, **facts)
            return None
        passed_here[exercise] = key = cell_history.key(exercise)
        if front_end.has_audience():
            line = success(exercise, lesson)
            front_end.print_line(line, exercise=exercise, passed=True, answer=key)
        return value

    return checked


def _stale(exercise):
    """The failure to raise for the function of an earlier run."""
    return CheckFailed(
        _("{name} is still the function from an earlier run of its cell.").format(name=exercise),
        exercise=exercise,
        got=_("the last run of the cell did not define {name}").format(name=exercise),
        hint=hint(
            "stale",
            _(
                "is it still called {name} there? Fix what stopped the cell, and run it again."
            ).format(name=exercise),
        ),
    )


def watch_notebook(exercises) -> None:
    """Watch the notebook's cells, and say which check was running if the kernel ended in one."""
    if not (front_end.is_in_kernel() and front_end.has_audience()):
        return
    cell_history.watch(exercises)
    if words := kernel_end.last_words():
        print(words)


def success(exercise: str, lesson: tuple[str, ...]) -> str:
    """Return the line that says that an exercise is solved, and how many of its lesson are."""
    count = sum(map(_is_solved, lesson))
    said = _("✓ {exercise} is right: {count} of {total} solved.").format(
        exercise=exercise, count=count, total=len(lesson)
    )
    return sentences(said, _("Lesson passed!")) if count == len(lesson) else said


def _is_solved(exercise):
    """Whether an exercise has passed, and its answer was not changed since."""
    same = passed_here.get(exercise) == cell_history.key(exercise)
    return same and not cell_history.is_stale(exercise)


def _show_printed(exercise, printed):
    """Show what the call that failed printed: prints are how learners look inside."""
    if not printed.strip():
        return
    print(_("{exercise} printed:").format(exercise=exercise))
    print(printed[:_MAX_PRINTED].rstrip("\n"))
    if len(printed) > _MAX_PRINTED:
        print("…")
