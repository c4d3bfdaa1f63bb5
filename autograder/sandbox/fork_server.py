"""The fork server: it does the slow imports once, and forks a pair of processes per submission.

It runs no TensorFlow operation, has one thread, and holds nothing that a student must not see: the
notebook goes from the grader straight to the examiner, and `autograder.exam` is imported there.
`start.py` starts it.
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import resource
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from autograder.sandbox.examiner import examination
from autograder.sandbox.inside import isolation, linux, originals, preparation, shell, student
from autograder.sandbox.inside.visible import find_visible
from autograder.sandbox.limits import Limits
from autograder.sandbox.protocol import events, orders
from autograder.sandbox.protocol.channel import Channel
from autograder.sandbox.protocol.events import ProcessEnded, ProcessStarted, StartFailed
from autograder.sandbox.protocol.orders import Order
from course import digits
from course.silence import silence

_EXAMINER_BYTES = 3_000_000_000  # beyond the fork server's own


def main() -> None:
    """Serve the grader at the other end of a socket until it closes it."""
    os.umask(0o022)  # the user inside the walls must be able to enter the folders made here
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    server = _ForkServer(settings)
    server.warm_up()
    with contextlib.suppress(OSError):  # the grader may have ended meanwhile
        control.send(b"ready")
    while True:
        order, descriptors = orders.receive(control)
        if order is None:  # the grader has ended, and may not have tidied up
            _remove_afterwards(Path.cwd().parent)
            return
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        server.fork(order, [socket.socket(fileno=number) for number in descriptors])


class _ForkServer:
    def __init__(self, settings: dict[str, Any]):
        self.walls, self.modules = settings["walls"], settings["modules"]
        self.limits = Limits(**settings["limits"])
        self.secrets = [str(Path(__file__).parent.parent)]

    def warm_up(self) -> None:
        """Import and load what submissions need."""
        gc.disable()  # it would search all modules again and again during the imports
        with silence():
            for name in self.modules:
                module = importlib.import_module(name.removesuffix(".*"))
                if name.endswith(".*"):
                    for inner in pkgutil.iter_modules(module.__path__, f"{module.__name__}."):
                        importlib.import_module(inner.name)
            digits.load("embedded")
            if tensorflow := sys.modules.get("tensorflow"):
                # On the lessons' small graphs, optimising takes longer than it saves.
                options = {"disable_meta_optimizer": True}
                tensorflow.config.optimizer.set_experimental_options(options)
        originals.note()
        sys.path += self.limits.packages  # at the end: they take the place of nothing
        self.visible = find_visible(self.limits.packages)
        self.shell = shell.make(self.limits)
        shell.warm_up(self.shell)
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python's defaults
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if self.walls and threading.active_count() > 1:
            raise RuntimeError("The fork server has more than one thread.")
        gc.freeze()
        gc.enable()

    def fork(self, order: Order, ends: list[socket.socket]) -> None:
        """Fork a student's process, and an examiner if there are two more ends of connections."""
        students, status, *examiners = ends
        server = os.getpid()
        try:
            if examiners and not os.fork():
                _exit_after(lambda: self._examine(server, order, *examiners))
            asked, asks = socket.socketpair()
            with asked:
                with asks:
                    launcher = os.fork()
                    if not launcher:
                        _exit_after(lambda: self._launch(server, order, students, status, asks))
                if self.walls and os.geteuid() == 0:
                    _map_users(launcher, asked)
        except OSError as error:  # such as a limit of processes
            _report(status, StartFailed(f"no process can be forked: {error.strerror}"))
        for end in ends:
            end.close()

    def _examine(
        self,
        parent: int,
        order: Order,
        reports: socket.socket,
        connection: socket.socket,
    ) -> None:
        _close_all_but([reports.fileno(), connection.fileno()])
        linux.die_with_parent(parent)
        limit = isolation.data_used() + _EXAMINER_BYTES
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        examination.main(connection, reports, Path(order.base) / "copies", self.limits)

    def _launch(
        self,
        parent: int,
        order: Order,
        connection: socket.socket,
        status: socket.socket,
        asks: socket.socket,
    ) -> None:
        """Stay outside the walls: report the id of the process inside, and how it ended."""
        _close_all_but([end.fileno() for end in (connection, status, asks)])
        linux.die_with_parent(parent)
        os.setsid()
        if order.group:
            with contextlib.suppress(OSError):  # the other limits hold without it
                Path(order.group, "cgroup.procs").write_text("0")
        try:
            if self.walls:
                self._unshare(asks)
            asks.close()
            inside = os.fork()
        except OSError as error:
            _report(status, StartFailed(str(error), isinstance(error, linux.Refused)))
            return
        if not inside:
            _exit_after(lambda: self._serve_inside(order, connection, status))
        connection.close()
        _report(status, ProcessStarted(inside))
        _, code = os.waitpid(inside, 0)
        _report(status, ProcessEnded(os.waitstatus_to_exitcode(code)))

    def _unshare(self, asks: socket.socket) -> None:
        """Enter new namespaces; if this is root, the fork server is asked to map users into them.

        Another process has to do that. A fork of this one would take many milliseconds.
        """
        user, group = os.geteuid(), os.getegid()
        linux.unshare(isolation.NAMESPACES)
        if user == 0:
            asks.send(b"U")
            if not asks.recv(1):
                raise linux.Refused("no users can be mapped into the user namespace")
            return
        try:
            isolation.write_identity_maps("self", user, group)
        except OSError as error:
            raise linux.Refused(
                f"no users can be mapped into the user namespace: {error}"
            ) from error

    def _serve_inside(self, order: Order, connection: socket.socket, status: socket.socket) -> None:
        """Serve the examiner within the walls."""
        linux.die_with_parent()
        try:
            base = self._enter(order, connection, status) if self.walls else Path(order.base)
            os.setsid()
            if order.cores:
                os.sched_setaffinity(0, order.cores)
            isolation.confine(self.limits, self.walls)
            preparation.prepare(self.shell, *(str(base / name) for name in ("home", "tmp", "work")))
        except Exception as error:  # no code of the student's has run yet
            _report(status, StartFailed(str(error), isinstance(error, linux.Refused)))
            return
        status.close()  # the grader would believe what the student's code writes to it
        vars(order).clear()  # where the grader's folders are is not the student's to know
        student.serve(Channel(connection), self.shell)

    def _enter(self, order: Order, connection: socket.socket, status: socket.socket) -> Path:
        """Build the walls, as the first process inside; it stays to reap, and a child goes on.

        Returns the folder inside with the student's own ones.
        """
        files = Path(order.files) if order.files else None
        secrets = [*self.secrets, *order.secrets]
        inside = isolation.build(Path(order.base), files, self.visible, secrets, self.limits)
        linux.hide_memory()
        if child := os.fork():
            connection.close()
            _reap(child, status)
            os._exit(0)
        return inside


def _map_users(process: int, asked: socket.socket) -> None:
    """Map root's users into a process's new user namespace, once it asks for that."""
    with contextlib.suppress(OSError):  # it ended, or reports that none are mapped
        if asked.recv(1):
            isolation.write_identity_maps(process, os.geteuid(), os.getegid())
            asked.send(b"M")


def _report(status: socket.socket, event: events.Event) -> None:
    """Report an event to the grader, if it still listens."""
    with contextlib.suppress(OSError):
        status.sendall(events.encode(event))


def _reap(child: int, status: socket.socket) -> None:
    """Wait for children, orphans too, until this child ends; report how it ended."""
    while True:
        ended, code = os.wait()
        if ended == child:
            _report(status, ProcessEnded(os.waitstatus_to_exitcode(code)))
            return


def _close_all_but(descriptors: list[int]) -> None:
    """Close all descriptors but these and standard error; 0 and 1 become /dev/null."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    start = 3
    for number in sorted(descriptors):
        os.closerange(start, number)
        start = number + 1
    os.closerange(start, 65_536)


def _remove_afterwards(folder: Path) -> None:
    """Remove a folder once this process, and thus everything that writes there, has ended."""
    parent = os.getpid()

    def remove() -> None:
        while os.getppid() == parent:
            time.sleep(0.01)
        deadline = time.monotonic() + 10
        while folder.exists() and time.monotonic() < deadline:
            shutil.rmtree(folder, ignore_errors=True)
            time.sleep(0.05)

    if not os.fork():
        _exit_after(remove)


def _exit_after(work: Callable[[], None]) -> NoReturn:
    """Do the work of a forked process and exit, without the exit handlers of the fork server."""
    code = 1
    try:
        work()
        code = 0
    except BaseException as error:
        with contextlib.suppress(BaseException):
            print(f"{type(error).__name__}: {error}", file=sys.__stderr__, flush=True)
    finally:
        os._exit(code)
