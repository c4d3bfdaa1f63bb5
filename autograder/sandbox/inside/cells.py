"""Run the notebook's cells, each within its time."""

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from autograder.sandbox.inside import eager_execution, originals, recovery, values
from autograder.sandbox.inside.remembered_names import RememberedNames
from autograder.sandbox.inside.shell import Shell, safe_text
from autograder.sandbox.inside.timer import TimeIsUp, Timer
from autograder.sandbox.protocol.channel import Reply


class Cells:
    """The notebook's cells, each run in the shell and within its time."""

    def __init__(self, ipython: Shell, timer: Timer, remembered: RememberedNames):
        """Take the shell, and what notes its names after each cell."""
        self._shell = ipython
        self._record = ipython.record
        self._timer = timer
        self._remembered = remembered

    def run(
        self, source: str, seconds: float, number: int, keep: Iterable[str], is_new: bool
    ) -> Reply:
        """Run a cell: ("cell", status, error's name, its text, execution count, outputs).

        Its number becomes its count. One that is run once more is not new: it keeps its count.
        Names in `keep` that have a value before the cell have the same value after it.
        """
        namespace = self._shell.user_ns
        kept = {name: namespace[name] for name in keep if name in namespace}
        error: BaseException | None = TimeIsUp()
        count: int | None = None
        outputs: list[dict] = []
        try:
            if is_new:
                self._shell.execution_count = number
            with suppress(TimeIsUp), self._timer.at_most(seconds), _can_be_interrupted():
                error, count, outputs = recovery.run_cell(self._shell, source, is_new)
        except Exception as trouble:  # the code has broken what IPython needs
            error = trouble
        if self._timer.interrupted:
            error = TimeIsUp()
        originals.put_back()
        namespace.update(kept)
        self._remembered.take(namespace)
        eager_execution.switch_on()
        if error is None:
            return "cell", "ok", "", "", count, values.plain(outputs)
        name, text = type(error).__name__, safe_text(error)
        if isinstance(error, TimeIsUp):
            self._record.clear()
            return "cell", "timed_out", "", "", count, []
        return "cell", "error", name, text, count, values.plain(outputs)


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
