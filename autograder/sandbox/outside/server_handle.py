"""The grader's handle of the fork server: start it, have it fork, end it."""

import contextlib
import dataclasses
import itertools
import json
import os
import platform
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from autograder.messages import _
from autograder.sandbox.limits import Limits
from autograder.sandbox.outside import memory_use
from autograder.sandbox.outside.outcome import how_it_ended
from autograder.sandbox.protocol import events, orders
from autograder.sandbox.protocol.orders import Order
from course import files

# A fork server imports these once for all submissions; "x.*" is x and all modules in it.
WARM_MODULES = (
    *("course.backend", "course.clinic", "course.dashboard", "course.networks", "course.panels"),
    *("course.training.fused", "course.training.keras_learner"),
    *("course.check.*", "course.pictures.*", "course.playgrounds.*"),
    *("matplotlib.font_manager", "matplotlib.pyplot", "scipy.special", "PIL.PngImagePlugin"),
)
START_SECONDS = 300  # for the imports, from a slow disk
_TRY_SECONDS = 60  # for the first walls
_SEND_SECONDS = 10  # for an order: a fork server that responds takes it at once
_MAX_PATH = 2_000  # bytes: Linux allows 4,096, and the paths below the folder are longer

_PASSED_VARIABLES = [
    *("LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX"),
    *("LANG", "LC_ALL", "LC_CTYPE", "TZ"),
]


class CannotStart(OSError):
    """Nothing can be graded here: the message says why, and what to do."""


class SandboxUnavailable(CannotStart):
    """The error that this machine cannot isolate a process: the message says why."""


class ServerHandle:
    """A fork server, which starts at once; `wait` until it is ready before the first `fork`."""

    def __init__(self, walls: bool, limits: Limits):
        """Start it. Raises CannotStart, or SandboxUnavailable if walls cannot be built here."""
        if walls and platform.system() != "Linux":
            raise SandboxUnavailable(_("only Linux has user namespaces"))
        for folder in limits.packages:
            if not os.path.isdir(folder):
                said = _("There is no folder {folder} on {machine}: c.Sandbox.packages names it.")
                raise CannotStart(said.format(folder=folder, machine=platform.node()))
        self.walls = walls
        self.shared_kilobytes = 0  # that its forks share with it
        self._numbers = itertools.count(1)
        self._sending = threading.Lock()
        self.folder = _new_folder()
        self._control, theirs = socket.socketpair()
        try:
            with theirs:
                self._start(limits, theirs)
        except OSError as error:
            self._control.close()
            shutil.rmtree(self.folder, ignore_errors=True)
            raise self._no_start(error) from error

    def _start(self, limits: Limits, theirs: socket.socket) -> None:
        base = self.folder / "warm"
        self._caches = base / "home/.cache"
        for folder in (self._caches, base / "tmp"):
            folder.mkdir(parents=True)
        with contextlib.suppress(OSError, RuntimeError):  # a user may have no home
            unfinished = shutil.ignore_patterns(".*.new")  # which another grader is writing
            shutil.copytree(cache_folder(), self._caches, dirs_exist_ok=True, ignore=unfinished)
        settings = {
            "walls": self.walls,
            "limits": dataclasses.asdict(limits),
            "modules": WARM_MODULES,
        }
        arguments = ["-m", "autograder.sandbox.start", str(theirs.fileno())]
        with (self.folder / "errors.txt").open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-P", *arguments, json.dumps(settings)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd=base,
                env=_environment(self.walls, limits),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it is ready to fork. Raises CannotStart if it never is."""
        self._control.settimeout(START_SECONDS)
        try:
            ready = self._control.recv(100) == b"ready"
            reason = self.last_error()
        except OSError as error:  # it took too long, or was ended by `end`
            ready, reason = False, str(error)
        if not ready:
            raise self._no_start(reason)
        self._control.settimeout(_SEND_SECONDS)
        self.shared_kilobytes = memory_use.private_kilobytes(self.process.pid)
        keep_caches(self._caches)

    def try_walls(self) -> None:
        """Fork a student's process that does nothing. Raises CannotStart or SandboxUnavailable."""
        ours, theirs = socket.socketpair()
        ours.close()  # so that the student's process ends at once
        try:
            base, status = self.fork(None, [], [], None, theirs)
        except OSError as error:
            raise self._no_start(error) from error
        reported = _all_events(status, time.monotonic() + _TRY_SECONDS)
        shutil.rmtree(base, ignore_errors=True)
        for event in reported:
            if isinstance(event, events.StartFailed):
                refused = SandboxUnavailable(event.reason)
                raise refused if event.is_refused else self._no_start(event.reason)
        codes = [event.code for event in reported if isinstance(event, events.ProcessEnded)]
        if codes[:1] != [0]:
            said = _("the first process did not report how it ended")
            if codes:
                said = _("the first process: {reason}").format(reason=how_it_ended(codes[0]))
            raise self._no_start(said)

    def _no_start(self, reason: object) -> CannotStart:
        said = _(
            "The sandbox cannot be started ({reason}). Its files are in {folder}: if that is the "
            "cause, set TMPDIR to another folder."
        )
        return CannotStart(said.format(reason=reason, folder=self.folder.parent))

    def fork(
        self,
        files: Path | None,
        secrets: Iterable[str | Path],
        cores: list[int],
        group: Path | None,
        students: socket.socket,
        *examiners: socket.socket,
    ) -> tuple[Path, socket.socket]:
        """Have a student's process forked, and an examiner if there are two ends for it.

        The ends of connections are handed over and closed here: the student's process gets one to
        the examiner; the examiner one to the grader and one to the student's process. The student's
        process may use these cores alone; all that there are, if there are none; it is put into
        this control group, if there is one. Returns the folder of the student's process, and the
        connection over which its status comes.
        """
        status, its_status = socket.socketpair()
        theirs = [students, its_status, *examiners]
        base = self.folder / f"fork-{next(self._numbers)}"
        try:
            base.mkdir(0o700)
            (base / "root").mkdir(0o700)
            if not self.walls:
                from autograder.sandbox.inside import isolation

                isolation.make_folders(base, files)
            order = Order(
                base=str(base),
                files=str(files) if files else None,
                secrets=[str(path) for path in secrets],
                cores=cores,
                group=str(group) if group else None,
            )
            with self._sending:
                orders.send(self._control, order, [end.fileno() for end in theirs])
        except OSError:
            status.close()
            shutil.rmtree(base, ignore_errors=True)
            raise
        finally:
            for end in theirs:
                end.close()
        return base, status

    def is_lost(self) -> bool:
        """Return whether it or its folder is gone; known before its forks have ended with it."""
        if self.process.poll() is not None or not os.path.isdir(self.folder):
            return True
        poll = select.poll()
        try:
            poll.register(self._control, 0)
        except ValueError:  # closed
            return True
        return bool(poll.poll(0))

    def end(self) -> None:
        """End it and all that it forked. May be called at any time, and more than once."""
        self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self._control.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def last_error(self) -> str:
        """Return the last line that it or its forks wrote to standard error."""
        with contextlib.suppress(OSError):
            text = (self.folder / "errors.txt").read_text(errors="replace").strip()
            if text:
                return text.splitlines()[-1]
        return _("no reason given")


def _new_folder() -> Path:
    try:
        parent = Path(tempfile.gettempdir()).resolve()
        if len(os.fsencode(parent)) > _MAX_PATH:
            said = _("the path of {folder} is longer than {count:,} bytes")
            raise OSError(said.format(folder=parent, count=_MAX_PATH))
        return Path(tempfile.mkdtemp(prefix="grade-", dir=parent))
    except OSError as error:
        said = _(
            "The grader cannot write its own files: {reason}. Set TMPDIR to a folder that can be "
            "written to."
        )
        raise CannotStart(said.format(reason=error)) from error


def _all_events(status: socket.socket, deadline: float) -> list[events.Event]:
    """The events that come over a connection until it closes, or until the deadline."""
    data = bytearray()
    with status, contextlib.suppress(OSError):
        while (left := deadline - time.monotonic()) > 0:
            status.settimeout(left)
            part = status.recv(1 << 16)
            if not part:
                break
            data += part
    return [events.decode(line) for line in data.splitlines()]


def cache_folder() -> Path:
    """Return the user's folder of what fork servers parse at their start: digits, fonts."""
    return files.cache_folder() / "sandbox"


def keep_caches(folder: Path) -> None:
    """Copy to `cache_folder()` those of a fork server's caches that are not yet there, or older.

    Not every fork server fills all of them: one of a course of its own may need no picture. One
    that was damaged is replaced.
    """
    with contextlib.suppress(OSError, RuntimeError):  # a user may have no home
        caches = cache_folder()
        if not caches.is_absolute():
            return
        for path in folder.rglob("*"):
            kept = caches / path.relative_to(folder)
            if not path.is_file():
                continue
            if not kept.exists() or kept.stat().st_mtime < path.stat().st_mtime:
                files.write_atomically(kept, path.read_bytes())


def _visible_part(path: str) -> str:
    """The folders in a search path that are visible within the walls."""
    from autograder.sandbox.inside.visible import find_visible

    places = find_visible().places
    folders = dict.fromkeys(map(os.path.realpath, path.split(os.pathsep)))
    return os.pathsep.join(
        folder
        for folder in folders
        if any(f"{folder}/".startswith(f"{place}/") for place in places)
    )


def _environment(walls: bool, limits: Limits) -> dict[str, str]:
    """The environment variables of a fork server: none leads to the grader's own folders."""
    environment = {name: os.environ[name] for name in _PASSED_VARIABLES if name in os.environ}
    path = os.environ.get("PATH", os.defpath)
    environment |= {
        "PATH": _visible_part(path) if walls else path,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "NBGRADER_EXECUTION": "autograde",
        "COURSE_PICTURES": "words",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",  # macOS would end forked processes
    }
    for library in ("OMP", "OPENBLAS", "MKL", "TF_NUM_INTRAOP", "TF_NUM_INTEROP"):
        name = f"{library}_THREADS" if library.startswith("TF") else f"{library}_NUM_THREADS"
        environment[name] = str(limits.threads)
    return environment
