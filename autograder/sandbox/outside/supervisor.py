"""Supervise one submission: its reports, its time and its memory; and end it."""

import contextlib
import json
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import psutil

from autograder.messages import _
from autograder.sandbox.limits import Limits
from autograder.sandbox.outside import cgroup, memory_use
from autograder.sandbox.outside.outcome import Outcome, how_it_ended
from autograder.sandbox.protocol import events
from autograder.sandbox.protocol.events import CellEnded, CellStatus, Event, RunEnd
from autograder.sandbox.protocol.orders import Job

# For building the walls and beginning the first cell, which takes a fraction of a second.
BEGIN_SECONDS = 60.0
CLOSE_SECONDS = 15.0  # for the examiner to notice that the student's process was ended
_EXIT_REPORT_SECONDS = 10  # for the report of how a process ended
_CHECK_SECONDS = 0.05  # between two checks of the time
_MAX_LOADERS = 2  # at the same time: a test may compare the models in two files
_MAX_REPORTED = 300_000_000  # bytes, by one examiner


def longest_run(timeout: float) -> float:
    """Return the seconds after which a run with this timeout is surely over, once begun."""
    return BEGIN_SECONDS + timeout + CLOSE_SECONDS + 2 * _EXIT_REPORT_SECONDS


class Fork(Protocol):
    """Forks a student's process, and an examiner if there are two ends for it."""

    def __call__(
        self, files: Path | None, students: socket.socket, *examiners: socket.socket
    ) -> socket.socket:
        """Return the connection over which the status of the student's process comes."""


class Supervisor:
    """The grader's view of one submission: an examiner, and students' processes."""

    def __init__(
        self,
        fork: Fork,
        limits: Limits,
        job: Job,
        shared_kilobytes: int,
        group: Path | None = None,
    ):
        """Take a job and its limits.

        A forked process shares `shared_kilobytes` with the fork server. `group` is the folder of
        the students' processes' control group, if there is one.
        """
        self._fork, self._limits, self._job, self._group = fork, limits, job, group
        self._shared_kilobytes = shared_kilobytes
        self._deadline = time.monotonic() + BEGIN_SECONDS
        self._cell_deadline: float | None = None
        self._look: Future[bool] | None = None  # at the memory, which goes on
        self._look_began = self._next_look = 0.0
        self._place: int | None = None  # of the cell that was begun last, unless it is run again
        # The examiner waits until the memory has been looked at; whether this look is the one.
        self._is_awaited = self._is_look_awaited = False
        self._took_memory: int | None = None  # the cell that took too much of it
        self._outcome = Outcome()
        self._reported = 0  # bytes
        self._has_begun = False  # with a cell: until then, all trouble is the grader's
        self._is_over = False
        self._start_failure = ""  # why a process could not be started
        # How the student's process was ended from here, and when.
        self._reason: RunEnd | None = None
        self._ended_at = 0.0
        self._has_any_report = False
        self._examiner: psutil.Process | None = None
        self._students: dict[socket.socket, _StudentProcess] = {}  # by their status connections
        self._buffers: dict[socket.socket, bytearray] = {}
        self._unsent = memoryview(b"")  # of the job

    @property
    def is_silent(self) -> bool:
        """Whether time ran out without any report: the fork server itself does not respond."""
        return self._never_began and not self._has_any_report

    @property
    def _never_began(self) -> bool:
        """Whether time ran out before the first cell."""
        return self._reason == RunEnd.TIMED_OUT and not self._has_begun

    def watch(self, files: Path | None) -> Outcome:
        """Have the job done, among a copy of these files; return the outcome."""
        self._unsent = memoryview(json.dumps(vars(self._job)).encode() + b"\n")
        self._reports, its_reports = socket.socketpair()
        examiners, students = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        # A thread: with many processes on a busy core a look takes long, and no deadline waits.
        self._looks = ThreadPoolExecutor(1, "memory")
        self._woken, self._wake = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ)
        try:
            self._listen_to(self._reports, selectors.EVENT_WRITE)
            self._fork_student(files, students, its_reports, examiners)
            while not self._is_over:
                for key, ready in self._selector.select(_CHECK_SECONDS):
                    if key.fileobj is self._woken:
                        self._woken.recv(1)
                    elif ready & selectors.EVENT_WRITE:
                        self._send()
                    if key.data and ready & selectors.EVENT_READ:
                        self._receive(key.data)
                self._check_limits()
        except (OSError, ValueError) as error:
            self._outcome.trouble = f"{error}."
        finally:
            self._close()
        return self._finished()

    def abandon(self) -> None:
        """End all that is watched here, from another thread: its own does not respond."""
        self._kill()

    # Forking, sending and receiving ---------------------------------------------------------------

    def _listen_to(self, connection: socket.socket, more_events: int = 0) -> None:
        connection.setblocking(False)
        self._buffers[connection] = bytearray()
        self._selector.register(connection, selectors.EVENT_READ | more_events, connection)

    def _fork_student(
        self, files: Path | None, students: socket.socket, *examiners: socket.socket
    ) -> None:
        status = self._fork(files, students, *examiners)
        self._students[status] = _StudentProcess()
        self._listen_to(status)

    def _send(self) -> None:
        """Send as much of the job as the examiner takes now."""
        try:
            self._unsent = self._unsent[self._reports.send(self._unsent) :]
        except BlockingIOError:
            return
        except OSError:  # it has ended, and may have reported why
            self._unsent = memoryview(b"")
        if not self._unsent:
            self._unsent = memoryview(b"")  # nor does the job's text take any memory
            self._selector.modify(self._reports, selectors.EVENT_READ, self._reports)

    def _receive(self, connection: socket.socket) -> None:
        data = connection.recv(1 << 20)
        if not data:
            self._selector.unregister(connection)
            self._is_over |= connection is self._reports
            return
        self._has_any_report = True
        for line in self._lines(connection, data):
            if connection is self._reports:
                self._reported += len(line)
                self._take_examiner_event(events.decode(line))
            else:
                self._take_process_event(self._students[connection], events.decode(line))
        if self._reported > _MAX_REPORTED:
            raise ValueError(f"The examiner reported more than {_MAX_REPORTED / 1e6:.0f} MB")

    def _read_on(self) -> None:
        """Take all that the examiner has reported by now."""
        with contextlib.suppress(BlockingIOError):
            while not self._is_over:
                self._receive(self._reports)

    def _lines(self, connection: socket.socket, data: bytes) -> list[bytearray]:
        """The lines that are complete with this data."""
        self._buffers[connection] += data
        if b"\n" not in data:
            return []
        *lines, self._buffers[connection] = self._buffers[connection].split(b"\n")
        return lines

    def _take_examiner_event(self, event: Event) -> None:
        if isinstance(event, events.ExaminerReady):
            with contextlib.suppress(psutil.Error):
                self._examiner = psutil.Process(event.pid)
        elif isinstance(event, events.StudentReady):
            self._is_awaited = True
        elif isinstance(event, events.CellBegun):
            now = time.monotonic()
            if not self._has_begun and self._reason is None:
                self._has_begun, self._deadline = True, now + self._job.timeout
            self._cell_deadline = now + self._job.cell_timeout + self._limits.grace
            self._place = event.index if event.index not in self._outcome.cells else None
        elif isinstance(event, events.CellEnded):
            self._cell_deadline = None
            self._is_awaited = event.is_waiting
            self._outcome.cells[event.index] = event
        elif isinstance(event, events.RunEnded):
            self._outcome.end, self._outcome.trouble = event.end, event.trouble
            self._is_over = True
        elif isinstance(event, events.LoaderWanted):
            for loader in list(self._students.values())[1 : 1 - _MAX_LOADERS]:
                loader.end()
            its, loaders = socket.socketpair()
            with its:
                self._fork_student(None, loaders)
                socket.send_fds(self._reports, [b"L"], [its.fileno()])

    def _take_process_event(self, student: "_StudentProcess", event: Event) -> None:
        if isinstance(event, events.StartFailed):
            self._start_failure = self._start_failure or event.reason
        student.take_event(event)

    # Time and memory ------------------------------------------------------------------------------

    def _check_limits(self) -> None:
        """End the student's process if it has used up its time or memory."""
        now = time.monotonic()
        if self._reason is None and self._look is not None and self._look.done():
            self._take_look(self._look.result())
        if self._reason is not None:  # the examiner will notice that its partner has gone
            self._is_over |= now > self._ended_at + CLOSE_SECONDS
        elif now > self._deadline:
            self._end(RunEnd.TIMED_OUT)
        elif self._cell_deadline is not None and now > self._cell_deadline:
            self._end(RunEnd.STUCK)
        elif self._look is None and (now > self._next_look or self._is_awaited):
            self._begin_look(now)
        if self._reason is not None and (self._is_awaited or self._is_look_awaited):
            self._release_examiner()

    def _begin_look(self, now: float) -> None:
        """Look at the memory that is taken, in the background."""
        self._look_began = now
        running = [student.process.pid for student in self._students.values() if student.process]
        # Its process may answer before it is known which one it is.
        self._is_look_awaited = self._is_awaited and bool(running)
        self._is_awaited = self._is_awaited and not running
        examiner = [self._examiner.pid] if self._examiner else []
        self._look = self._looks.submit(self._takes_too_much, running, examiner)
        self._look.add_done_callback(lambda _look: self._wake_up())

    def _take_look(self, takes_too_much: bool) -> None:
        now, self._look = time.monotonic(), None
        self._next_look = now + min(40 * (now - self._look_began), 1.0)
        if takes_too_much:
            self._read_on()  # another cell may have begun since
            self._took_memory = self._place
            self._end(RunEnd.OUT_OF_MEMORY)
        elif self._is_look_awaited:
            self._release_examiner()

    def _release_examiner(self) -> None:
        """Let the examiner go on, which has waited for a look at the memory."""
        self._is_awaited = self._is_look_awaited = False
        with contextlib.suppress(OSError):  # it may have ended
            self._reports.send(b"M")

    def _wake_up(self) -> None:
        with contextlib.suppress(OSError):  # the submission may be over
            self._wake.send(b"L")

    def _takes_too_much(self, running: list[int], examiner: list[int]) -> bool:
        """Whether the student's processes take too much memory together, or the examiner does."""
        limits = self._limits
        return cgroup.ran_out_of_memory(self._group) or any(
            memory_use.takes_more(together, limits.memory, self._shared_kilobytes, limits.files)
            for together in (running, examiner)
        )

    def _end(self, reason: RunEnd) -> None:
        self._reason, self._ended_at = reason, time.monotonic()
        for student in self._students.values():
            student.end()

    # The end --------------------------------------------------------------------------------------

    def _close(self) -> None:
        if self._outcome.end == RunEnd.DIED and self._reason is None:
            if cgroup.ran_out_of_memory(self._group):
                self._end(RunEnd.OUT_OF_MEMORY)
            status, first = next(iter(self._students.items()))
            self._await_exits([(status, first)], lambda: first.exit_code is not None)
        self._kill()
        self._await_exits(self._students.items())
        self._looks.shutdown(wait=False)
        for connection in (self._reports, *self._students, self._woken, self._wake):
            connection.close()
        self._selector.close()

    def _kill(self) -> None:
        for student in list(self._students.values()):
            student.end()
        if self._examiner is not None:
            with contextlib.suppress(psutil.Error):
                self._examiner.kill()

    def _await_exits(
        self,
        students: Iterable[tuple[socket.socket, "_StudentProcess"]],
        is_enough: Callable[[], bool] = lambda: False,
    ) -> None:
        """Read how students' processes end, until it is enough or nothing is left of them."""
        deadline = time.monotonic() + _EXIT_REPORT_SECONDS
        for status, student in students:
            with contextlib.suppress(OSError, ValueError):
                while not is_enough() and (left := deadline - time.monotonic()) > 0:
                    status.settimeout(left)
                    if not (data := status.recv(1 << 16)):
                        break
                    for line in self._lines(status, data):
                        self._take_process_event(student, events.decode(line))

    def _finished(self) -> Outcome:
        """The outcome, completed by the reason why the student's process ended."""
        outcome = self._outcome
        was_killed = any(student.was_killed for student in self._students.values())
        if outcome.end == RunEnd.DONE:
            outcome.was_killed = was_killed  # a process in which a test loads a model
            return outcome
        if (place := self._took_memory) is not None:  # what ran since then is not to blame
            outcome.cells = {index: cell for index, cell in outcome.cells.items() if index <= place}
            if place in outcome.cells:
                outcome.cells[place].status = CellStatus.DIED
        last = outcome.cells[max(outcome.cells)] if outcome.cells else None
        last = last if last is not None and last.status == CellStatus.DIED else None
        if trouble := self._trouble():
            outcome.end, outcome.trouble = RunEnd.BROKEN, trouble
            if last is not None:
                del outcome.cells[last.index]
        elif self._reason is not None:
            outcome.end = self._reason
            if last is not None:
                is_memory = outcome.end == RunEnd.OUT_OF_MEMORY
                last.status = CellStatus.OUT_OF_MEMORY if is_memory else CellStatus.TIMED_OUT
                last.error_name, last.error_text = "", self._why()
        elif outcome.end == RunEnd.DIED:
            outcome.was_killed = was_killed
            if last is not None:
                self._explain_death(last)
        return outcome

    def _explain_death(self, last: CellEnded) -> None:
        code = self._exit_code()
        if code == -signal.SIGSYS:  # by the filter of system calls
            self._outcome.end, last.status = RunEnd.TAMPERED, CellStatus.TAMPERED
            last.error_text = _("it made a system call that no notebook needs")
        else:
            last.error_text = how_it_ended(code)

    def _exit_code(self) -> int | None:
        return next((student.exit_code for student in self._students.values()), None)

    def _trouble(self) -> str:
        """Why the grader itself failed, as a sentence; "" if it did not."""
        outcome, code = self._outcome, self._exit_code()
        if self._start_failure:
            said = _("Its process could not be started: {reason}.")
            return said.format(reason=self._start_failure)
        if self._never_began:
            return _("No cell was started within {seconds:g} s.").format(seconds=BEGIN_SECONDS)
        if self._reason is not None and not self._has_begun:
            return _("It was stopped before its first cell: {reason}.").format(reason=self._why())
        if self._reason is not None:
            return "" if outcome.end != RunEnd.BROKEN else _("The examiner did not end with it.")
        if outcome.end == RunEnd.DIED and code is None:
            return _("Its process was ended from outside.")
        if outcome.end == RunEnd.DIED and not self._has_begun:
            said = _("Its process ended before its first cell ({reason}).")
            return said.format(reason=how_it_ended(code))
        if outcome.end == RunEnd.BROKEN:
            return outcome.trouble or _("The examiner ended without saying why.")
        return ""

    def _why(self) -> str:
        if self._reason == RunEnd.OUT_OF_MEMORY:
            said = _("more than {size:g} GB of memory")
            return said.format(size=self._limits.memory / 1e9)
        if self._reason == RunEnd.TIMED_OUT:
            return _("the time for the whole notebook was up")
        said = _("it did not finish within {seconds:g} s, and could not be interrupted")
        return said.format(seconds=self._job.cell_timeout)


class _StudentProcess:
    """A student's process as seen from outside: the first process of its namespaces."""

    def __init__(self) -> None:
        self.process: psutil.Process | None = None
        self.exit_code: int | None = None
        self.is_over = False
        self._is_ended_here = False
        self.was_killed = False  # by SIGKILL, and not from here

    def take_event(self, event: Event) -> None:
        """Note that it has started, or how it has ended."""
        if isinstance(event, events.ProcessStarted):
            with contextlib.suppress(psutil.Error):
                self.process = psutil.Process(event.pid)
            if self.is_over:
                self.end()
        elif isinstance(event, events.ProcessEnded) and self.exit_code is None:
            self.exit_code = event.code  # the first report comes from closest to the process
            self.was_killed = event.code == -signal.SIGKILL and not self._is_ended_here

    def end(self) -> None:
        """End it and all that it started."""
        # Its end may not have been reported yet.
        self._is_ended_here |= self.process is None or not memory_use.has_ended(self.process.pid)
        self.is_over = True
        if self.process is None:
            return
        with contextlib.suppress(psutil.Error):
            family = self.process.children(recursive=True)
            self.process.kill()  # with it goes all that is in its namespace
            for process in family:
                with contextlib.suppress(psutil.Error):
                    process.kill()
