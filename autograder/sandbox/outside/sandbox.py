"""Runs submissions out of the grader's reach, each in processes forked from one fork server."""

import math
import os
import shutil
import threading
import time
from pathlib import Path

from autograder.sandbox.limits import Limits
from autograder.sandbox.outside.outcome import Outcome
from autograder.sandbox.outside.server_handle import CannotStart, ForkServer, SandboxUnavailable
from autograder.sandbox.outside.supervisor import Supervisor, longest_run
from autograder.sandbox.protocol.events import RunEnd


class Sandbox:
    """A fork server, and the submissions that run in processes forked from it.

    `run` may be called from several threads at a time. Without `walls` a submission still runs in
    a process of its own, but it can read and write what the grader's user can.
    """

    def __init__(self, *, walls: bool = True, limits: Limits | None = None):
        self.walls, self.limits = walls, limits or Limits()
        self.ready_at = -math.inf  # when it last was ready; in the future while it starts
        self._starting = threading.Lock()
        self._failed = None  # what the last start that failed has raised
        self._server = None
        self._stops = 0
        self._supervisors = {}  # by thread

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Start the fork server, if it is not running; `run` does so by itself.

        Raises CannotStart if nothing can be graded here, SandboxUnavailable if that is for want of
        walls.
        """
        self._ready()

    def stop(self):
        """End the fork server, and with it all that it forked. Waits for nobody."""
        self._stops += 1
        server, self._server = self._server, None
        if server is not None:
            server.end()

    def run(
        self, notebook, files, *, cell_timeout: float, timeout: float, secrets=(), modules=None
    ) -> Outcome:
        """Run and examine a sanitised notebook among a copy of the lesson's `files`.

        A cell gets `cell_timeout` seconds, all of them `timeout`. `modules` says which names of
        the test cells are the examiner's own, such as {"np": "numpy"}, beyond the usual ones.
        A submission whose fork server is killed meanwhile is tried once more.
        """
        started = time.monotonic()
        files = files and Path(files).resolve()
        secrets = [*secrets, os.path.expanduser("~"), *([files.parent] if files else [])]
        job = {"notebook": notebook, "cell_timeout": cell_timeout, "modules": modules or {}}
        for _ in range(2):
            outcome, is_lost = self._run(job, files, secrets, timeout)
            if not is_lost:
                break
        else:
            outcome = Outcome(trouble="The process that all others are forked from ended twice.")
        outcome.seconds = time.monotonic() - started
        return outcome

    @property
    def process_id(self) -> int | None:
        """The id of the fork server, while there is one: all that runs here is below it."""
        server = self._server
        return server.process.pid if server is not None else None

    def longest(self, timeout: float) -> float:
        """Seconds after which a `run` with this timeout is certainly over, once it is ready."""
        return longest_run(timeout)

    def abandon(self, thread: int):
        """End what this thread runs here, as the thread itself has stood still."""
        if supervisor := self._supervisors.get(thread):
            supervisor.abandon()

    def _run(self, job, files, secrets, timeout):
        """Run once: the outcome, and whether the fork server was lost meanwhile."""
        stops, server, bases = self._stops, self._ready(), []

        def fork(files, students, *examiners):
            base, status = server.fork(files, secrets, students, *examiners)
            bases.append(base)
            return status

        supervisor = Supervisor(fork, self.limits, job["cell_timeout"], timeout, server.shared)
        self._supervisors[threading.get_ident()] = supervisor
        try:
            outcome = supervisor.watch(job, files)
        finally:
            del self._supervisors[threading.get_ident()]
            for base in bases:
                shutil.rmtree(base, ignore_errors=True)
        if supervisor.is_silent:
            server.end()
        is_lost = outcome.end in (RunEnd.DIED, RunEnd.BROKEN) and server.is_lost()
        return outcome, is_lost and self._stops == stops

    def _ready(self) -> ForkServer:
        """The fork server, started if it is not running."""
        failed = self._failed
        with self._starting:
            if isinstance(self._failed, SandboxUnavailable) or self._failed is not failed:
                raise self._failed  # whoever waited for the same start is told the same
            server = self._server
            if server is not None and not server.is_lost():
                return server
            try:
                self.ready_at = math.inf
                return self._started(server)
            except CannotStart as error:
                self._failed = error
                raise
            finally:
                self.ready_at = time.monotonic()

    def _started(self, before: ForkServer | None) -> ForkServer:
        """A new fork server, in place of one that has ended."""
        if before is not None:
            before.end()
        stops = self._stops
        server = self._server = ForkServer(self.walls, self.limits)
        try:
            if self._stops != stops:
                raise CannotStart("The sandbox was stopped.")
            server.wait()
            if self.walls:
                server.try_walls()
        except BaseException:
            self._server = None
            server.end()
            raise
        return server
