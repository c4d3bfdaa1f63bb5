"""Run submissions in processes of their own, all forked from one fork server."""

import math
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from autograder.messages import _
from autograder.sandbox.limits import Limits
from autograder.sandbox.outside.cgroup import Groups
from autograder.sandbox.outside.cores import Cores
from autograder.sandbox.outside.outcome import Outcome
from autograder.sandbox.outside.server_handle import CannotStart, SandboxUnavailable, ServerHandle
from autograder.sandbox.outside.supervisor import Supervisor
from autograder.sandbox.protocol.events import RunEnd
from autograder.sandbox.protocol.orders import Job


class Sandbox:
    """A fork server, and the submissions that run in processes forked from it.

    `run` may be called from several threads at the same time. Without `walls` a submission
    still runs in a process of its own, but it can read and write what the grader's user can.
    """

    def __init__(
        self, *, walls: bool = True, limits: Limits | None = None, groups: Groups | None = None
    ):
        """Start nothing yet; `start` or the first `run` does."""
        self.walls, self.limits = walls, limits or Limits()
        self.ready_at = -math.inf  # when it was last ready; infinity while it starts
        self._starting = threading.Lock()
        self._failed: CannotStart | None = None  # raised by the last start that failed
        self._server: ServerHandle | None = None
        self._stops = 0
        self._cores, self._groups = Cores(), groups or Groups()
        self._supervisors: dict[int, Supervisor] = {}  # by thread

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the fork server unless it is running; `run` does so by itself.

        Raises CannotStart if nothing can be graded here: SandboxUnavailable if the walls cannot be
        built.
        """
        self._ready()

    def stop(self) -> None:
        """End the fork server and all that it forked, without waiting for running submissions."""
        self._stops += 1
        server, self._server = self._server, None
        if server is not None:
            server.end()

    def run(
        self,
        notebook: dict,
        files: str | Path | None,
        *,
        cell_timeout: float,
        timeout: float,
        secrets: Iterable[str | Path] = (),
    ) -> Outcome:
        """Run and examine a placed notebook among a copy of the lesson's `files`.

        Each cell has `cell_timeout` seconds, all of them together `timeout`. The files and folders
        in `secrets` are hidden. A submission whose fork server is killed meanwhile is tried once
        more.
        """
        started = time.monotonic()
        folder = Path(files).resolve() if files else None
        hidden = [*secrets, os.path.expanduser("~"), *([folder.parent] if folder else [])]
        job = Job(notebook, cell_timeout, timeout)
        for _attempt in range(2):
            with (
                self._cores.taken(self.limits.threads) as cores,
                self._groups.made(self.limits) as group,
            ):
                outcome, is_lost = self._run(job, folder, hidden, cores, group)
            if not is_lost:
                break
        else:
            outcome = Outcome(trouble=_("The process that all others are forked from ended twice."))
        outcome.seconds = time.monotonic() - started
        return outcome

    def abandon(self, thread: int) -> None:
        """End what this thread runs here, because the thread itself does not respond."""
        if supervisor := self._supervisors.get(thread):
            supervisor.abandon()

    def _run(
        self,
        job: Job,
        files: Path | None,
        secrets: list[str | Path],
        cores: list[int],
        group: Path | None,
    ) -> tuple[Outcome, bool]:
        """Run once: the outcome, and whether the fork server was lost meanwhile."""
        stops, server = self._stops, self._ready()
        bases: list[Path] = []

        def fork(
            files: Path | None, students: socket.socket, *examiners: socket.socket
        ) -> socket.socket:
            base, status = server.fork(files, secrets, cores, group, students, *examiners)
            bases.append(base)
            return status

        supervisor = Supervisor(fork, self.limits, job, server.shared_kilobytes, group)
        self._supervisors[threading.get_ident()] = supervisor
        try:
            outcome = supervisor.watch(files)
        finally:
            del self._supervisors[threading.get_ident()]
            for base in bases:
                shutil.rmtree(base, ignore_errors=True)
        if supervisor.is_silent:
            server.end()
        outcome.was_killed &= self._stops == stops  # else it was killed by `stop`
        is_lost = outcome.end in (RunEnd.DIED, RunEnd.BROKEN) and server.is_lost()
        return outcome, is_lost and self._stops == stops

    def _ready(self) -> ServerHandle:
        """The fork server, started if it is not running."""
        failed = self._failed
        with self._starting:
            has_failed_since = self._failed is not failed  # the start that this thread waited for
            if self._failed and (has_failed_since or isinstance(self._failed, SandboxUnavailable)):
                raise self._failed
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

    def _started(self, before: ServerHandle | None) -> ServerHandle:
        """A new fork server, in place of one that has ended."""
        if before is not None:
            before.end()
        stops = self._stops
        server = self._server = ServerHandle(self.walls, self.limits)
        try:
            if self._stops != stops:
                raise CannotStart(_("The sandbox was stopped."))
            server.wait()
            if self.walls:
                server.try_walls()
        except BaseException:
            self._server = None
            server.end()
            raise
        return server
