"""Run a notebook's cells one after the other, each within a time limit."""

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from course.imports import skip_web_address_grammar
from course.messages import language

skip_web_address_grammar()


@dataclass(frozen=True)
class TimeLimits:
    """Seconds for a cell, for one after a cell that was stopped, and for a cell to be stopped.

    There is less time after a cell that was stopped, as the same answer may be called again.
    """

    cell: int = 120
    after_timeout: int = 30
    to_stop: int = 10

    def seconds_for(self, cell: dict, has_timed_out: bool) -> int:
        """Return the seconds for this cell; `has_timed_out` is whether a cell before it has.

        Here all cells get the same; a subclass may look at the cell.
        """
        return min(self.cell, self.after_timeout) if has_timed_out else self.cell


@dataclass
class Execution:
    """Cells with their outputs, and which of them did not finish, by place in the notebook."""

    cells: list[dict]
    setup: int | None = None  # the first code cell
    timed_out: dict[int, int] = field(default_factory=dict)  # seconds after which it was stopped
    died_in: int | None = None  # where Python ended
    exited_in: int | None = None  # where exit() or quit() was called


def execute(
    notebook: dict, folder: str, limits: TimeLimits, advance: Callable[[], object]
) -> Execution:
    """Run the cells in this folder; `advance` is called before each.

    A cell that takes too long is interrupted, and the next one is run; but if that is the first
    code cell, which holds the imports, no other is. Raises RuntimeError if no notebook can be run.
    """
    return _Runner(notebook, folder, limits, advance).run()


class _Runner:
    """One run of a notebook: nbclient sends its cells, and calls `start` and `end` for each."""

    def __init__(
        self, notebook: dict, folder: str, limits: TimeLimits, advance: Callable[[], object]
    ):
        # Outputs saved in the notebook prove nothing.
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
        self._limits = limits
        self._advance = advance
        self._execution = Execution(notebook["cells"], _first_code_cell(notebook["cells"]))
        self._running: int | None = None
        self._ended: set[int] = set()
        self._interrupted = False
        self._timers: list[asyncio.TimerHandle] = []
        self._tasks: list[asyncio.Future] = []  # kept: asyncio itself forgets tasks in progress
        self._client = _client(notebook, folder, self)

    def run(self) -> Execution:
        from nbclient.exceptions import DeadKernelError

        execution = self._execution
        try:
            with warnings.catch_warnings():
                # On Windows, of a thread more than elsewhere.
                warnings.filterwarnings("ignore", "Proactor event loop", RuntimeWarning)
                # Live training draws one picture and returns, as with nbgrader's Validate.
                marks = {"NBGRADER_EXECUTION": "validate", "COURSE_LANGUAGE": language()}
                self._client.execute(
                    env=os.environ | marks,
                    stderr=subprocess.DEVNULL,  # the kernel's own; what cells write is an output
                )
        except DeadKernelError:
            execution.died_in = self._running
        except Exception as error:
            if not self._interrupted:
                raise RuntimeError(str(error) or type(error).__name__) from error
        finally:
            self._stop_timers()
        if self._interrupted:
            raise KeyboardInterrupt
        execution.cells = self._client.nb.cells
        for place, cell in enumerate(execution.cells):
            not_finished = place not in self._ended or place in execution.timed_out
            if cell["cell_type"] == "code" and not_finished:
                cell.update(execution_count=None, outputs=[])  # it may have begun
        return execution

    def catch_interrupts(self):
        """End the kernel, then the run, upon Ctrl-C: nbclient would go on without its kernel."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(RuntimeError):  # as on Windows: Python raises KeyboardInterrupt
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self._stop_run)

    def start(self, cell, cell_index):
        """Set the time limit of a cell that is about to be run."""
        self._running = cell_index
        self._advance()
        self._stop_timers()
        if self._interrupted:
            self._kill()
            return
        seconds = self._limits.seconds_for(cell, bool(self._execution.timed_out))
        to_stop = self._limits.to_stop
        later = asyncio.get_running_loop().call_later
        self._timers = [
            later(seconds, self._time_out, cell_index, seconds),
            # Again: a kernel that has not begun with the cell yet ignores it.
            later(seconds + to_stop / 2, self._interrupt_cell),
            later(seconds + to_stop, self._kill),
        ]

    def end(self, cell, cell_index, execute_reply):
        """Note that a cell has ended, and whether it called exit() or quit()."""
        self._stop_timers()
        self._ended.add(cell_index)
        payload = execute_reply["content"].get("payload") or []
        exits = any(part.get("source") == "ask_exit" for part in payload)
        if exits and self._execution.exited_in is None:
            self._execution.exited_in = cell_index

    def _time_out(self, cell_index, seconds):
        self._execution.timed_out[cell_index] = seconds
        if cell_index == self._execution.setup:
            self._kill()
        else:
            self._interrupt_cell()

    def _stop_run(self):
        self._interrupted = True
        if self._running is not None:  # else `start` does it, once the kernel has started
            self._kill()

    def _interrupt_cell(self):
        self._tasks.append(asyncio.ensure_future(self._client.km.interrupt_kernel()))

    def _kill(self):
        self._stop_timers()
        self._tasks.append(asyncio.ensure_future(self._client.km.shutdown_kernel(now=True)))

    def _stop_timers(self):
        for timer in self._timers:
            timer.cancel()


def _client(notebook: dict, folder: str, runner: _Runner) -> Any:
    import nbformat
    from nbclient import NotebookClient

    class Client(NotebookClient):
        async def async_start_new_kernel(self, **options):
            runner.catch_interrupts()  # in the place of nbclient's own handlers
            await super().async_start_new_kernel(**options)

    return Client(
        nbformat.from_dict(notebook),
        timeout=None,  # it would end the run
        kernel_name="python3",  # this Python, whatever the notebook's kernel was called
        allow_errors=True,  # as in grading
        resources={"metadata": {"path": folder}},
        on_cell_start=runner.start,
        on_cell_executed=runner.end,
        log=logging.Logger("silent", logging.CRITICAL + 1),  # what it would log is in the Execution
    )


def _first_code_cell(cells: list[dict]) -> int | None:
    code = (place for place, cell in enumerate(cells) if cell["cell_type"] == "code")
    return next((place for place in code if cells[place]["source"].strip()), None)
