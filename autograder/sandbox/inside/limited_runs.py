"""Run what the examiner asks for within a time limit, in silence, and say what came of it."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

import numpy as np

from autograder.sandbox.inside import values
from autograder.sandbox.inside.calls import Call
from autograder.sandbox.inside.conversation import Conversation
from autograder.sandbox.inside.shell import Shell, safe_text
from autograder.sandbox.inside.timer import TimeIsUp, Timer
from autograder.sandbox.protocol.channel import Closed, Reply
from course.check.engine import guard
from course.silence import silence


class LimitedRuns:
    """Runs of what may fail, print, call the examiner's functions, or never end."""

    def __init__(self, ipython: Shell, conversation: Conversation, timer: Timer):
        """Take what each run needs."""
        self._record = ipython.record
        self._conversation = conversation
        self._timer = timer

    def run(
        self,
        function: Callable[[], Any],
        seconds: float,
        call: Call | None = None,
        examined: Iterable[str] = (),
    ) -> Reply:
        """Run a function: ("value", result, changed arguments of the call), or what it raised.

        `examined` are the exercises being examined: meanwhile the course's own answers to them
        refuse to work.
        """
        self._record.muted = True
        try:
            with self._conversation.answering():
                return self._outcome(function, seconds, call, examined)
        finally:
            self._record.muted = False

    def _outcome(self, function, seconds, call, examined):
        try:
            with silence(), np.errstate(all="warn"), self._timer.at_most(seconds):
                with ExitStack() as stack:
                    for name in examined:
                        stack.enter_context(guard.examining(name))
                    value = function()
                return "value", value, call.changes() if call else {}
        except (TimeIsUp, Closed):
            raise
        except BaseException as error:
            return *_raised(error), call.changes() if call else {}


def _raised(error: BaseException) -> Reply:
    """Describe an error: its types, its text, and where it was raised."""
    kinds = [kind.__name__ for kind in type(error).__mro__][:20]
    try:
        has_arguments = bool(error.args)
    except BaseException:
        has_arguments = True
    if failure := values.failure(error):
        return "failed", *failure
    return "raised", kinds, safe_text(error), has_arguments, values.frames(error)
