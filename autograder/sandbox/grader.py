"""The grader's side: starts the warm parent, and watches over each pair of processes."""

import contextlib
import dataclasses
import json
import os
import platform
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import platformdirs
import psutil

from autograder.sandbox import orders, portable_memory
from autograder.sandbox.limits import Limits
from autograder.sandbox.outcome import Outcome

_PASSED_ON = [
    *("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX"),
    *("LANG", "LC_ALL", "LC_CTYPE", "TZ"),
]
_LOOK_EVERY = 0.05  # seconds between two looks at the memory
_MOST_REPORTED = 300_000_000  # bytes, by one examiner
_START_SECONDS = 300
_HAS_PROC = platform.system() == "Linux"


class NoWalls(OSError):
    """This machine cannot wall a process in: says why."""


class Sandbox:
    """A warm parent, and the submissions that run in processes forked from it.

    `run` may be called from several threads at a time. Without `walls` a submission still runs in
    a process of its own, but it can read and write what the grader's user can.
    """

    def __init__(self, *, walls: bool = True, limits: Limits | None = None):
        self.walls, self.limits = walls, limits or Limits()
        self._starting, self._lock = threading.Lock(), threading.Lock()
        self._no_walls = ""  # or why there are none
        self._shared = 0  # kilobytes of the warm parent's, which all that it forks share
        self._process = None
        self._folder = None
        self._number = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Start the warm parent, if it is not running; `run` does so by itself."""
        with self._starting:  # whoever comes second waits, and is told the same
            with self._lock:
                is_new = self._started()
            if is_new and self.walls:
                self._no_walls = self._try_walls()
        if self._no_walls:
            raise NoWalls(self._no_walls)

    def _try_walls(self):
        """Why walls cannot be built here, or nothing."""
        ours, theirs = socket.socketpair()
        base, status = self._fork(None, [], [theirs])
        ours.close()  # so that the student's process ends at once
        with status, status.makefile("r", encoding="utf-8") as lines:
            status.settimeout(_START_SECONDS)
            events = [json.loads(line) for line in lines]
        shutil.rmtree(base, ignore_errors=True)
        return next((event["failed"] for event in events if "failed" in event), "")

    def stop(self):
        """End the warm parent, and with it all that it forked."""
        starting = self._process
        if starting is not None:  # whoever holds the lock waits for it
            starting.kill()
        with self._lock:
            process, self._process = self._process, None
            if process is not None:
                self._control.close()
                process.kill()
                process.wait()
                self._errors.close()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None

    def _started(self) -> bool:
        """Start the warm parent if it is not running; say whether it was not."""
        if self._process is not None and self._process.poll() is None:
            return False
        if self.walls and (platform.system() != "Linux"):
            raise NoWalls("only Linux has user namespaces")
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="grade-")).resolve()
        base = self._folder / "warm"
        for name in ("home/.cache", "tmp"):
            (base / name).mkdir(parents=True, exist_ok=True)
        caches = base / "home/.cache"
        with contextlib.suppress(OSError):
            shutil.copytree(_caches(), caches, dirs_exist_ok=True)
        ours, theirs = socket.socketpair()
        settings = {"walls": self.walls, "limits": dataclasses.asdict(self.limits)}
        self._errors = (self._folder / "errors.txt").open("a+")
        arguments = ["-m", "autograder.sandbox.warm_parent", str(theirs.fileno())]
        self._process = subprocess.Popen(
            [sys.executable, "-P", *arguments, json.dumps(settings)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            cwd=base,
            env=_environment(base, self.limits),
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self._control = ours
        ours.settimeout(_START_SECONDS)
        try:
            ready = ours.recv(100)
        except TimeoutError:
            ready = b""
        if ready != b"ready":
            self._process.kill()
            self._process.wait()
            self._process = None
            raise OSError(f"The warm parent did not start: {self._last_error()}")
        if _HAS_PROC:
            self._shared = _kilobytes(f"/proc/{self._process.pid}/status", ("RssAnon:",))
        else:
            self._shared = portable_memory.resident(self._process.pid)
        if not _caches().exists():
            _keep(caches)
        return True

    def _last_error(self):
        self._errors.flush()
        text = (self._folder / "errors.txt").read_text(errors="replace").strip()
        return text.splitlines()[-1] if text else "no reason given"

    def _fork(self, files, secrets, theirs):
        """Have a student's process forked, with an examiner if `theirs` has two more ends.

        `theirs` are the ends of connections that the new processes get. Returns the folder of the
        student's process, and the connection over which its status comes.
        """
        status, its_status = socket.socketpair()
        theirs.insert(1, its_status)
        try:
            with self._lock:
                self._number += 1
                base = self._folder / f"fork-{self._number}"
            (base / "root").mkdir(parents=True)
            if not self.walls:
                _make_folders(base, files)
            order = {
                "base": str(base),
                "files": files and str(files),
                "secrets": [str(path) for path in secrets],
            }
            with self._lock:
                self._started()
                data = json.dumps(order).encode()
                orders.send(self._control, data, [end.fileno() for end in theirs])
        except OSError:
            status.close()
            raise
        finally:
            for end in theirs:
                end.close()
        return base, status

    def run(
        self, notebook, files, *, cell_timeout: float, timeout: float, secrets=(), modules=None
    ) -> Outcome:
        """Run and examine a sanitised notebook among a copy of the lesson's `files`.

        A cell gets `cell_timeout` seconds, all of them `timeout`. `modules` says which names of
        the test cells are the examiner's own, such as {"np": "numpy"}, beyond the usual ones.
        """
        started = time.monotonic()
        self.start()
        files = files and Path(files).resolve()
        secrets = [*secrets, *([files.parent] if files else [])]
        bases = []

        def fork(files, theirs):
            base, status = self._fork(files, secrets, theirs)
            bases.append(base)
            return status

        job = {"notebook": notebook, "cell_timeout": cell_timeout, "modules": modules or {}}
        try:
            watch = _Watch(fork, self.limits, cell_timeout, timeout, self._shared)
            outcome = watch.watch(job, files)
        finally:
            for base in bases:
                shutil.rmtree(base, ignore_errors=True)
        if outcome.end == "broken" and not outcome.trouble:
            outcome.trouble = self._last_error()
        outcome.seconds = time.monotonic() - started
        return outcome


def _caches() -> Path:
    """What warm parents read and parsed at their start, for the next one: digits, and fonts."""
    return platformdirs.user_cache_path("deep-learning-live", appauthor=False) / "sandbox"


def _keep(caches: Path):
    """Put a copy there, as a whole or not at all."""
    with contextlib.suppress(OSError):
        _caches().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_caches().parent) as folder:
            new = Path(shutil.copytree(caches, Path(folder) / "new"))
            new.rename(_caches())


def _make_folders(base, files):
    from autograder.sandbox import walls

    walls.make_folders(base, files)


def _environment(base: Path, limits: Limits) -> dict:
    """An environment that shares nothing with the grader's home folder."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    home = base / "home"
    environment |= {
        "HOME": str(home),
        "TMPDIR": str(base / "tmp"),
        "IPYTHONDIR": str(home / ".ipython"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_CONFIG_DIR": str(home / ".jupyter"),
        "JUPYTER_DATA_DIR": str(home / "jupyter"),
        "KERAS_HOME": str(home / ".keras"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "NBGRADER_EXECUTION": "autograde",
        "COURSE_PICTURES": "words",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",  # macOS would end what the warm parent forks
    }
    for library in ("OMP", "OPENBLAS", "MKL", "TF_NUM_INTRAOP", "TF_NUM_INTEROP"):
        name = f"{library}_THREADS" if library.startswith("TF") else f"{library}_NUM_THREADS"
        environment[name] = str(limits.threads)
    return environment


class _Inside:
    """A student's process, as it is seen from here: the first process of its namespaces."""

    def __init__(self):
        self.process = None
        self.exit_code = None
        self.over = False

    def hear(self, event):
        if "pid" in event:
            with contextlib.suppress(psutil.Error):
                self.process = psutil.Process(event["pid"])
            if self.over:
                self.end()
        if self.exit_code is None:  # the first who says so is the closest
            self.exit_code = event.get("ended")

    def end(self):
        """End it and all that it started."""
        self.over = True
        if self.process is None:
            return
        with contextlib.suppress(psutil.Error):
            family = self.process.children(recursive=True)
            self.process.kill()  # with it go all in its namespace
            for process in family:
                with contextlib.suppress(psutil.Error):
                    process.kill()


class _Watch:
    """Watches one pair: its reports, its time, its memory; and ends it."""

    def __init__(self, fork, limits, cell_timeout, timeout, shared):
        self.fork, self.limits, self.shared = fork, limits, shared
        self.cell_timeout = cell_timeout
        self.deadline = time.monotonic() + timeout
        self.cell_deadline = None
        self.outcome = Outcome()
        self.next_look = 0.0  # at the memory
        self.reason = None  # why the student's process was ended from here
        self.examiner = None
        self.failed = ""  # why there are no walls
        self.insides = {}  # by the connection over which their status comes
        self.buffers = {}

    def watch(self, job, files) -> Outcome:
        self.reports, its_reports = socket.socketpair()
        examiners, students = socket.socketpair()
        self.buffers[self.reports] = bytearray()
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.reports, selectors.EVENT_READ)
        try:
            self._fork_inside(files, [students, its_reports, examiners])
            threading.Thread(target=self._send, args=(job,), daemon=True).start()
            self._listen()
        except (OSError, ValueError) as error:
            self.outcome.trouble = str(error)
            if self.outcome.end == "died" and self.reason is None:
                status, inside = next(iter(self.insides.items()))
                self._hear(status, inside, lambda: inside.exit_code is not None)
        finally:
            for inside in self.insides.values():
                inside.end()
            for status, inside in self.insides.items():
                self._hear(status, inside)
                status.close()
            self.reports.close()
            self.selector.close()
            if self.examiner is not None:
                with contextlib.suppress(psutil.Error):
                    self.examiner.kill()
        return self._finished()

    def _fork_inside(self, files, theirs):
        try:
            status = self.fork(files, theirs)
        finally:
            for end in theirs:
                end.close()
        self.insides[status] = _Inside()
        self.buffers[status] = bytearray()
        self.selector.register(status, selectors.EVENT_READ)

    def _send(self, job):
        with contextlib.suppress(OSError):
            self.reports.sendall(json.dumps(job).encode() + b"\n")

    def _listen(self):
        """Hear what comes in, until the examiner has gone."""
        reported = 0
        while reported < _MOST_REPORTED and self.reason != "hopeless":
            for key, _ in self.selector.select(_LOOK_EVERY):
                data = key.fileobj.recv(1 << 20)
                if not data and key.fileobj is self.reports:
                    return
                if not data:
                    self.selector.unregister(key.fileobj)
                    continue
                *lines, rest = (self.buffers[key.fileobj] + data).split(b"\n")
                self.buffers[key.fileobj] = rest
                for line in lines:
                    event = json.loads(line)
                    if key.fileobj is self.reports:
                        reported += len(line)
                        self._reported(event)
                    elif "failed" in event:
                        self.failed = event["failed"]
                    else:
                        self.insides[key.fileobj].hear(event)
            self._look()

    def _reported(self, event):
        if event["event"] == "ready":
            with contextlib.suppress(psutil.Error):
                self.examiner = psutil.Process(event["pid"])
        elif event["event"] == "begin":
            self.cell_deadline = time.monotonic() + self.cell_timeout + self.limits.grace
        elif event["event"] == "cell":
            self.cell_deadline = None
            self.outcome.cells[event["index"]] = event
        elif event["event"] == "end":
            self.outcome.end = event["reason"]
            self.outcome.trouble = event.get("trouble", self.outcome.trouble)
        elif event["event"] == "loader":
            its, loaders = socket.socketpair()
            self._fork_inside(None, [loaders])
            socket.send_fds(self.reports, [b"L"], [its.fileno()])
            its.close()

    def _look(self):
        """End the student's process if it has used up its time or memory."""
        now = time.monotonic()
        if self.reason is not None:
            # The examiner sees that its partner has gone; if not, it hangs itself.
            if now > self.ended_at + 30:
                self.reason = "hopeless"
            return
        if now > self.deadline:
            self._end("late")
        elif self.cell_deadline is not None and now > self.cell_deadline:
            self._end("stuck")
        elif now > self.next_look:
            for inside in self.insides.values():
                process = inside.process
                most = self.limits.memory
                if process is not None and _memory(process.pid, most, self.shared):
                    self._end("out_of_memory")
                    break
            took = time.monotonic() - now
            self.next_look = now + min(20 * took, 1.0)  # many processes take long to look at

    def _end(self, reason):
        self.reason, self.ended_at = reason, time.monotonic()
        for inside in self.insides.values():
            inside.end()

    def _hear(self, status, inside, enough=lambda: False):
        """Hear how a student's process ends, until that is enough or nothing is left of it."""
        status.settimeout(10)
        with contextlib.suppress(OSError, ValueError):
            while not enough() and (data := status.recv(1 << 16)):
                *lines, self.buffers[status] = (self.buffers[status] + data).split(b"\n")
                for line in lines:
                    inside.hear(json.loads(line))

    def _finished(self):
        outcome = self.outcome
        if self.failed:
            return Outcome(trouble=f"no walls: {self.failed}")
        last = outcome.cells[max(outcome.cells)] if outcome.cells else None
        if self.reason is not None and outcome.end != "done":
            outcome.end = self.reason if self.reason != "hopeless" else "broken"
            status = {"stuck": "timed_out", "late": "timed_out"}.get(self.reason, self.reason)
            if last is not None and last["status"] == "died":
                last["status"] = status
                last["ename"], last["evalue"] = "", self._why()
        elif outcome.end == "died" and last is not None and last["status"] == "died":
            first = next(iter(self.insides.values()))
            if first.exit_code == -signal.SIGSYS:  # by the filter of system calls
                outcome.end = last["status"] = "tampered"
                last["evalue"] = "it asked the system for what no notebook needs"
            else:
                last["evalue"] = _how_it_ended(first.exit_code)
        return outcome

    def _why(self):
        if self.reason == "out_of_memory":
            return f"more than {self.limits.memory / 1e9:g} GB of memory"
        if self.reason == "late":
            return "the time for the whole notebook was up"
        return f"no end within {self.cell_timeout:g} s, and it could not be interrupted"


def _how_it_ended(code):
    """A sentence from an exit code; a signal is a negative one."""
    if code is None:
        return ""
    with contextlib.suppress(ValueError):
        if code < 0:
            return f"ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def _memory(process, most, shared) -> bool:
    """Whether a process and all below it take more memory than this, shared pages counted once.

    Of one that hides, `shared` kilobytes are taken for the warm parent's.
    """
    if not _HAS_PROC:
        return portable_memory.takes_more(process, most, shared)
    family = _family(process)
    rough = [_kilobytes(f"/proc/{one}/status", ("RssAnon:", "RssShmem:")) for one in family]
    if sum(rough) * 1024 <= most:
        return False
    exact = 0
    for one, its_rough in zip(family, rough, strict=True):
        try:
            exact += _kilobytes(f"/proc/{one}/smaps_rollup", ("Pss_Anon:", "Pss_Shmem:"))
        except PermissionError:
            exact += max(its_rough - shared, 0)
    return exact * 1024 > most


def _family(process):
    """The ids of a process and of all below it."""
    found, waiting = [], [process]
    while waiting and len(found) < 2_000:
        one = waiting.pop()
        found.append(one)
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{thread}/children") as file:
                    waiting += file.read().split()
    return found


def _kilobytes(path, names):
    """The sum of some lines of a file about a process; 0 if it has ended."""
    total = 0
    with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(path) as file:
        for line in file:
            if line.startswith(names):
                total += int(line.split()[1])
    return total
