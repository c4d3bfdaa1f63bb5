"""End what takes too long: a cell or a call, even if its code catches everything."""

import inspect
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn


class TimeIsUp(BaseException):
    """The cell or call has taken too long."""


class Timer:
    """The time limit of the cell or call that is running."""

    def __init__(self, namespace: dict[str, Any]):
        """Take the namespace of the notebook, by which its functions are known."""
        self._namespace = namespace
        self._is_timing = False
        self._has_missed_alarm = False  # it came when nothing could be interrupted
        self.interrupted = False  # by an alarm, once

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """Interrupt the block after some seconds, if it runs Python code then: raise TimeIsUp.

        So it ends also if the block caught that, and went on to its end.
        """
        self._is_timing, self._has_missed_alarm, self.interrupted = True, False, False
        if not callable(signal.getsignal(signal.SIGALRM)):  # else there is a handler of its own
            signal.signal(signal.SIGALRM, self._alarm)
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), 0.5)
        try:
            yield
        finally:
            self._is_timing = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            if sys.gettrace() is _trace_no_call:
                sys.settrace(None)
            if self.interrupted:
                raise TimeIsUp

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Interrupt nothing in the block; what was due meanwhile is interrupted after it."""
        was_timing, self._is_timing = self._is_timing, False
        try:
            yield
        finally:
            self._is_timing = was_timing
        is_main = threading.current_thread() is threading.main_thread()
        if self._has_missed_alarm and was_timing and is_main:
            self._interrupt(inspect.currentframe())

    def _alarm(self, _signal: int, frame: FrameType | None) -> None:
        self._has_missed_alarm = not self._is_timing
        if self._is_timing:
            self._interrupt(frame)

    def _interrupt(self, frame: FrameType | None) -> NoReturn:
        """Raise TimeIsUp; the second time, as the first was caught, at the next line again.

        The first time, that would keep `with` and `finally` from putting things right.
        """
        if self.interrupted:
            self._is_timing = False
            while frame is not None:
                if frame.f_globals is self._namespace:
                    frame.f_trace = _raise_at_line
                frame = frame.f_back
            sys.settrace(_trace_no_call)
        else:  # half a second from now, however late this alarm was served
            signal.setitimer(signal.ITIMER_REAL, 0.5, 0.5)
        self.interrupted = True
        raise TimeIsUp


def _raise_at_line(_frame: FrameType, event: str, _value: object) -> Callable:
    """Trace a frame: an `except:` in it that catches TimeIsUp does not go on."""
    if event == "line":
        raise TimeIsUp  # which also ends the tracing
    return _raise_at_line


def _trace_no_call(_frame: FrameType, _event: str, _value: object) -> None:
    """Trace no frame but those that have a function of their own for it."""
