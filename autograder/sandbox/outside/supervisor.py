"""Watches over one submission: what is reported of it, its time, its memory; and ends it."""

import contextlib
import json
import selectors
import signal
import socket
import time

import psutil

from autograder.sandbox.outside import memory
from autograder.sandbox.outside.outcome import Outcome, how_it_ended
from autograder.sandbox.protocol import events
from autograder.sandbox.protocol.events import CellStatus, RunEnd

BEGIN_SECONDS = (
    60  # in which walls are built and the first cell is begun; a fraction of one will do
)
CLOSE_SECONDS = 15  # in which the examiner has to see that the student's process was ended
_HEAR_SECONDS = 10  # in which it is heard how a process ended
_LOOK_EVERY = 0.05  # seconds between two looks at the time
_MAX_REPORTED = 300_000_000  # bytes, by one examiner


def longest_run(timeout: float) -> float:
    """Seconds after which a watch is certainly over, if a notebook has `timeout` of them."""
    return BEGIN_SECONDS + timeout + CLOSE_SECONDS + 2 * _HEAR_SECONDS


class Supervisor:
    """The grader's view of one submission: an examiner, and students' processes."""

    def __init__(self, fork, limits, cell_timeout: float, timeout: float, shared: int):
        """`fork(files, students, *examiners)` has processes forked, and gives their status."""
        self._fork, self._limits, self._shared = fork, limits, shared
        self._cell_timeout, self._timeout = cell_timeout, timeout
        self._deadline = time.monotonic() + BEGIN_SECONDS
        self._cell_deadline = None
        self._next_look = 0.0  # at the memory
        self._outcome = Outcome()
        self._reported = 0  # bytes
        self._has_begun = False  # a cell: until then, all trouble is the grader's
        self._is_over = False
        self._failed = ""  # why a process could not be started
        self._reason = None  # why the student's process was ended from here
        self._was_heard = False  # anything at all
        self._examiner = None
        self._insides = {}  # by the connection over which their status comes
        self._buffers = {}

    @property
    def is_silent(self) -> bool:
        """Whether time ran out without a word: what forks for all stands still."""
        return self._reason == "not_begun" and not self._was_heard

    def watch(self, job: dict, files) -> Outcome:
        """Have a job examined, among a copy of these files, and say what came of it."""
        self._unsent = memoryview(json.dumps(job).encode() + b"\n")
        self._reports, its_reports = socket.socketpair()
        examiners, students = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        try:
            self._listen_to(self._reports, selectors.EVENT_WRITE)
            self._fork_inside(files, students, its_reports, examiners)
            while not self._is_over:
                for key, ready in self._selector.select(_LOOK_EVERY):
                    if ready & selectors.EVENT_WRITE:
                        self._send()
                    if ready & selectors.EVENT_READ:
                        self._receive(key.fileobj)
                self._look()
        except (OSError, ValueError) as error:
            self._outcome.trouble = f"{error}."
        finally:
            self._close()
        return self._finished()

    def abandon(self):
        """End all that is watched here, from another thread: its own has stood still."""
        self._kill()

    # What is forked, sent and heard ---------------------------------------------------------------

    def _listen_to(self, connection, also=0):
        connection.setblocking(False)
        self._buffers[connection] = bytearray()
        self._selector.register(connection, selectors.EVENT_READ | also)

    def _fork_inside(self, files, students, *examiners):
        status = self._fork(files, students, *examiners)
        self._insides[status] = _Inside()
        self._listen_to(status)

    def _send(self):
        """Send on what the examiner takes of the job."""
        try:
            self._unsent = self._unsent[self._reports.send(self._unsent) :]
        except BlockingIOError:
            return
        except OSError:  # it has ended; why, it may have said
            self._unsent = b""
        if not self._unsent:
            self._selector.modify(self._reports, selectors.EVENT_READ)

    def _receive(self, connection):
        data = connection.recv(1 << 20)
        if not data:
            self._selector.unregister(connection)
            self._is_over |= connection is self._reports
            return
        self._was_heard = True
        for line in self._lines(connection, data):
            if connection is self._reports:
                self._reported += len(line)
                self._hear_examiner(events.decode(line))
            else:
                self._hear_inside(self._insides[connection], events.decode(line))
        if self._reported > _MAX_REPORTED:
            raise ValueError(f"The examiner reported more than {_MAX_REPORTED / 1e6:.0f} MB")

    def _lines(self, connection, data):
        """The lines that are complete now."""
        self._buffers[connection] += data
        if b"\n" not in data:
            return []
        *lines, self._buffers[connection] = self._buffers[connection].split(b"\n")
        return lines

    def _hear_examiner(self, event):
        if isinstance(event, events.ExaminerReady):
            with contextlib.suppress(psutil.Error):
                self._examiner = psutil.Process(event.pid)
        elif isinstance(event, events.CellBegun):
            now = time.monotonic()
            if not self._has_begun:
                self._has_begun, self._deadline = True, now + self._timeout
            self._cell_deadline = now + self._cell_timeout + self._limits.grace
        elif isinstance(event, events.CellEnded):
            self._cell_deadline = None
            self._outcome.cells[event.index] = event
        elif isinstance(event, events.RunEnded):
            self._outcome.end, self._outcome.trouble = event.end, event.trouble
            self._is_over = True
        elif isinstance(event, events.LoaderWanted):
            its, loaders = socket.socketpair()
            with its:
                self._fork_inside(None, loaders)
                socket.send_fds(self._reports, [b"L"], [its.fileno()])

    def _hear_inside(self, inside, event):
        if isinstance(event, events.StartFailed):
            self._failed = self._failed or event.reason
        inside.hear(event)

    # Time and memory ------------------------------------------------------------------------------

    def _look(self):
        """End the student's process if it has used up its time or memory."""
        now = time.monotonic()
        if self._reason is not None:  # the examiner sees that its partner has gone
            self._is_over |= now > self._ended_at + CLOSE_SECONDS
        elif now > self._deadline:
            self._end("late" if self._has_begun else "not_begun")
        elif self._cell_deadline is not None and now > self._cell_deadline:
            self._end("stuck")
        elif now > self._next_look:
            most = self._limits.memory
            running = [inside.process for inside in self._insides.values() if inside.process]
            if any(memory.takes_more(process.pid, most, self._shared) for process in running):
                self._end("out_of_memory")
            took = time.monotonic() - now
            self._next_look = now + min(20 * took, 1.0)  # many processes take long to look at

    def _end(self, reason):
        self._reason, self._ended_at = reason, time.monotonic()
        for inside in self._insides.values():
            inside.end()

    # The end --------------------------------------------------------------------------------------

    def _close(self):
        if self._outcome.end == RunEnd.DIED and self._reason is None:
            status, first = next(iter(self._insides.items()))
            self._hear_out([(status, first)], lambda: first.exit_code is not None)
        self._kill()
        self._hear_out(self._insides.items())
        for connection in (self._reports, *self._insides):
            connection.close()
        self._selector.close()

    def _kill(self):
        for inside in list(self._insides.values()):
            inside.end()
        if self._examiner is not None:
            with contextlib.suppress(psutil.Error):
                self._examiner.kill()

    def _hear_out(self, insides, is_enough=lambda: False):
        """Hear how students' processes end, until that is enough or nothing is left of them."""
        deadline = time.monotonic() + _HEAR_SECONDS
        for status, inside in insides:
            with contextlib.suppress(OSError, ValueError):
                while not is_enough() and (left := deadline - time.monotonic()) > 0:
                    status.settimeout(left)
                    if not (data := status.recv(1 << 16)):
                        break
                    for line in self._lines(status, data):
                        self._hear_inside(inside, events.decode(line))

    def _finished(self):
        outcome = self._outcome
        if outcome.end == RunEnd.DONE:
            return outcome
        last = outcome.cells[max(outcome.cells)] if outcome.cells else None
        last = last if last is not None and last.status == CellStatus.DIED else None
        if trouble := self._trouble():
            outcome.end, outcome.trouble = RunEnd.BROKEN, trouble
            if last is not None:
                del outcome.cells[last.index]
        elif self._reason is not None:
            outcome.end = RunEnd(self._reason)
            if last is not None:
                is_memory = outcome.end == RunEnd.OUT_OF_MEMORY
                last.status = CellStatus.OUT_OF_MEMORY if is_memory else CellStatus.TIMED_OUT
                last.error_name, last.error_text = "", self._why()
        elif outcome.end == RunEnd.DIED and self._exit_code() == -signal.SIGSYS:
            # By the filter of system calls.
            outcome.end, last.status = RunEnd.TAMPERED, CellStatus.TAMPERED
            last.error_text = "it made a system call that no notebook needs"
        elif outcome.end == RunEnd.DIED:
            last.error_text = how_it_ended(self._exit_code())
        return outcome

    def _exit_code(self):
        return next((inside.exit_code for inside in self._insides.values()), None)

    def _trouble(self) -> str:
        """Why the grader itself failed, as a sentence; nothing if it did not."""
        outcome, code = self._outcome, self._exit_code()
        if self._failed:
            return f"Its process could not be started: {self._failed}."
        if self._reason == "not_begun":
            return f"No cell was begun within {BEGIN_SECONDS:g} s."
        if self._reason is not None and not self._has_begun:
            return f"It took {self._why()} before its first cell."
        if self._reason is not None:
            return "" if outcome.end != RunEnd.BROKEN else "The examiner did not end with it."
        if outcome.end == RunEnd.DIED and code is None:
            return "Its process was ended from outside."
        if outcome.end == RunEnd.DIED and not self._has_begun:
            return f"Its process ended before its first cell ({how_it_ended(code)})."
        if outcome.end == RunEnd.BROKEN:
            return outcome.trouble or "The examiner ended without a word."
        return ""

    def _why(self):
        if self._reason == "out_of_memory":
            return f"more than {self._limits.memory / 1e9:g} GB of memory"
        if self._reason == "late":
            return "the time for the whole notebook was up"
        return f"no end within {self._cell_timeout:g} s, and it could not be interrupted"


class _Inside:
    """A student's process, as it is seen from here: the first process of its namespaces."""

    def __init__(self):
        self.process = None
        self.exit_code = None
        self.is_over = False

    def hear(self, event):
        if isinstance(event, events.ProcessStarted):
            with contextlib.suppress(psutil.Error):
                self.process = psutil.Process(event.pid)
            if self.is_over:
                self.end()
        elif isinstance(event, events.ProcessEnded) and self.exit_code is None:
            self.exit_code = event.code  # the first who says so is the closest

    def end(self):
        """End it and all that it started."""
        self.is_over = True
        if self.process is None:
            return
        with contextlib.suppress(psutil.Error):
            family = self.process.children(recursive=True)
            self.process.kill()  # with it go all in its namespace
            for process in family:
                with contextlib.suppress(psutil.Error):
                    process.kill()
