"""The fork server: has imported what takes long, and forks a pair of processes per submission.

It runs no TensorFlow operation, has one thread, and never learns what a student may not know: the
notebook goes from the grader straight to the examiner, and `autograder.exam` is imported there.
Started as `python -m autograder.sandbox.fork_server DESCRIPTOR SETTINGS`.
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
from pathlib import Path

from autograder.sandbox.examiner import examine
from autograder.sandbox.inside import isolation, linux, shell, student
from autograder.sandbox.inside.visible import visible
from autograder.sandbox.limits import Limits
from autograder.sandbox.protocol import events, orders
from autograder.sandbox.protocol.channel import Channel
from autograder.sandbox.protocol.events import ProcessEnded, ProcessStarted, StartFailed
from course import digits
from course.silence import silence


def main():
    """Serve the grader at the other end of a socket, until it hangs up."""
    os.umask(0o022)  # the folders that it makes can be entered by the user inside, whoever that is
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    parent = _ForkServer(control, settings)
    parent.warm_up()
    with contextlib.suppress(OSError):  # the grader may have ended meanwhile: it sends nothing
        control.send(b"ready")
    while True:
        data, descriptors = orders.receive(control)
        if not data:  # the grader has ended, and may have had no time to tidy up
            _remove_afterwards(Path.cwd().parent)
            return
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        parent.fork(json.loads(data), [socket.socket(fileno=number) for number in descriptors])


class _ForkServer:
    def __init__(self, control, settings):
        self.control = control
        self.walls, self.modules = settings["walls"], settings["modules"]
        self.limits = Limits(**settings["limits"])
        self.secrets = [str(Path(__file__).parent.parent)]

    def warm_up(self):
        """Import and load what submissions need."""
        gc.disable()  # looking through all modules again and again while they come in takes long
        with silence():
            for name in self.modules:
                module = importlib.import_module(name.removesuffix(".*"))
                if name.endswith(".*"):
                    for inner in pkgutil.iter_modules(module.__path__, f"{module.__name__}."):
                        importlib.import_module(inner.name)
            digits.load("embedded")
            if tensorflow := sys.modules.get("tensorflow"):
                # In a lesson, it takes longer to make a graph better than this saves.
                options = {"disable_meta_optimizer": True}
                tensorflow.config.optimizer.set_experimental_options(options)
        self.visible = visible()
        self.shell = shell.make(self.limits)
        shell.practise(self.shell)
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # as Python does
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if self.walls and threading.active_count() > 1:
            raise RuntimeError("The fork server has more than one thread.")
        gc.freeze()
        gc.enable()

    def fork(self, order, ends):
        """Fork a student's process, and an examiner if there are two more ends of connections."""
        students, status, *examiners = ends
        this = os.getpid()
        try:
            if examiners and not os.fork():
                _in_child(lambda: self._examiner(this, order, *examiners))
            if not os.fork():
                _in_child(lambda: self._launcher(this, order, students, status))
        except OSError as error:  # as many processes as there may be
            _report(status, StartFailed(f"no process can be forked: {error.strerror}"))
        for end in ends:
            end.close()

    def _examiner(self, parent, order, reports, connection):
        _keep_open([reports.fileno(), connection.fileno()])
        linux.die_with_parent(parent)
        used = isolation.data_used() + 3_000_000_000
        resource.setrlimit(resource.RLIMIT_DATA, (used, used))
        examine.main(connection, reports, Path(order["base"]) / "copies", self.limits)

    def _launcher(self, parent, order, connection, status):
        """Stay outside the walls: say who is inside, and how it ended."""
        _keep_open([connection.fileno(), status.fileno()])
        linux.die_with_parent(parent)
        os.setsid()
        try:
            if self.walls:
                self._unshare()
            inside = os.fork()
        except OSError as error:
            _report(status, StartFailed(str(error), isinstance(error, linux.Refused)))
            return
        if not inside:
            _in_child(lambda: self._inside(order, connection, status))
        connection.close()
        _report(status, ProcessStarted(inside))
        _, code = os.waitpid(inside, 0)
        _report(status, ProcessEnded(os.waitstatus_to_exitcode(code)))

    def _unshare(self):
        """Enter new namespaces; a helper from outside says who this is in them, if it is root."""
        user, group = os.geteuid(), os.getegid()
        if user != 0:
            linux.unshare(isolation.NAMESPACES)
            try:
                isolation.write_identity_maps("self", user, group)
            except OSError as error:
                raise linux.Refused(f"the user namespace got no users: {error}") from error
            return
        process = os.getpid()
        ready, wait = os.pipe()
        helper = os.fork()
        if not helper:

            def write():
                os.close(wait)
                os.read(ready, 1)
                isolation.write_identity_maps(process, user, group)

            _in_child(write)
        os.close(ready)
        linux.unshare(isolation.NAMESPACES)
        os.close(wait)
        if os.waitpid(helper, 0)[1]:
            raise linux.Refused("the user namespace got no users")

    def _inside(self, order, connection, status):
        """The first process inside: build the walls, and stay to reap what is left behind."""
        linux.die_with_parent()
        base, files = Path(order["base"]), order["files"] and Path(order["files"])
        try:
            if self.walls:
                secrets = [*self.secrets, *order["secrets"]]
                base = isolation.build(base, files, self.visible, secrets, self.limits)
                linux.hide_memory()
                child = os.fork()
                if child:
                    connection.close()
                    _reap(child, status)
                    os._exit(0)
            os.setsid()
            isolation.confine(self.limits, self.walls)
            student.prepare(self.shell, *(str(base / name) for name in ("home", "tmp", "work")))
        except Exception as error:  # nothing of the student's has run
            _report(status, StartFailed(str(error), isinstance(error, linux.Refused)))
            return
        status.close()  # what the student's code says there would be believed
        student.serve(Channel(connection), self.shell)


def _report(status, event):
    """Report an event over a connection to the grader, if it still listens."""
    with contextlib.suppress(OSError):
        status.sendall(events.encode(event))


def _reap(child, status):
    """Wait for all children, those left behind too, until this one ends; report how it did."""
    while True:
        ended, code = os.wait()
        if ended == child:
            _report(status, ProcessEnded(os.waitstatus_to_exitcode(code)))
            return


def _keep_open(descriptors):
    """Close everything else but standard error; standard input and output lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    start = 3
    for number in sorted(descriptors):
        os.closerange(start, number)
        start = number + 1
    os.closerange(start, 65_536)


def _remove_afterwards(folder):
    """Remove a folder once this process has ended, and with it all that still writes there."""
    parent = os.getpid()

    def remove():
        while os.getppid() == parent:
            time.sleep(0.01)
        deadline = time.monotonic() + 10
        while folder.exists() and time.monotonic() < deadline:
            shutil.rmtree(folder, ignore_errors=True)
            time.sleep(0.05)

    if not os.fork():
        _in_child(remove)


def _in_child(work):
    """Do the work of a fork and leave, without what the fork server has to do at its end."""
    code = 1
    try:
        work()
        code = 0
    except BaseException as error:
        with contextlib.suppress(BaseException):
            print(f"{type(error).__name__}: {error}", file=sys.__stderr__, flush=True)
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
